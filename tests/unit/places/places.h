/* SPDX-License-Identifier: MIT
 *
 * A function in a header, which is inlined.
 */
#ifndef RENACER_TESTS_PLACES_H
#define RENACER_TESTS_PLACES_H

#include "mark.h"

static inline __attribute__((always_inline)) int of_header(int count) {
    MARK("of_header");
    return count;
}

#endif
