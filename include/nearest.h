/* SPDX-License-Identifier: MIT
 *
 * "Did you mean": the most similar of many names.
 */
#ifndef RENACER_NEAREST_H
#define RENACER_NEAREST_H

struct nearest {
    const char *word;
    const char *best; /* NULL: nothing is similar enough */
    unsigned distance;
};

/* Offer one more name. The distance is Damerau-Levenshtein's restricted one. */
void nearest_offer(struct nearest *nearest, const char *name);

#endif
