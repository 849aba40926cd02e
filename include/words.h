/* SPDX-License-Identifier: MIT
 *
 * Words out of a short list, as options take them.
 */
#ifndef RENACER_WORDS_H
#define RENACER_WORDS_H

#include <stddef.h>

/* The place of the word among `words`, which end with NULL; or -EINVAL with a sentence in `problem` that says
 * what `name`, an option or a key, takes. */
int word_parse(const char *name, const char *const *words, const char *word, char *problem, size_t size);

#endif
