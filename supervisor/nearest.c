/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <limits.h>
#include <string.h>

enum {
    NAME_MAX_LENGTH = 40,
};

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

static unsigned distance_between(const char *a, const char *b) {
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);
    if (a_length > NAME_MAX_LENGTH || b_length > NAME_MAX_LENGTH) {
        return UINT_MAX;
    }
    unsigned rows[3][NAME_MAX_LENGTH + 1];
    unsigned *before = rows[0];
    unsigned *above = rows[1];
    unsigned *here = rows[2];
    for (size_t j = 0; j <= b_length; j++) {
        above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        here[0] = (unsigned)i;
        for (size_t j = 1; j <= b_length; j++) {
            here[j] = least(least(above[j], here[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                here[j] = least(here[j], before[j - 2] + 1);
            }
        }
        unsigned *oldest = before;
        before = above;
        above = here;
        here = oldest;
    }
    return above[b_length];
}

void nearest_offer(struct nearest *nearest, const char *name) {
    unsigned distance = distance_between(nearest->word, name);
    unsigned tolerance = (unsigned)strlen(nearest->word) / 3 + 1;
    if (distance <= tolerance && (!nearest->best || distance < nearest->distance)) {
        nearest->best = name;
        nearest->distance = distance;
    }
}
