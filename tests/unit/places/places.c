/* SPDX-License-Identifier: MIT
 *
 * Functions in C whose places are known: inlined into each other, in blocks, in
 * a header, moved out of the way, and static.
 */
#include "places.h"
#include "mark.h"

#include <stdlib.h>

static int keep;

static inline __attribute__((always_inline)) void innermost(int count) {
    for (int i = 0; i < count; i++) {
        int twice = i * 2;
        MARK("innermost");
        keep += twice;
    }
}

static inline __attribute__((always_inline)) void middle(int count) {
    if (count > 2) {
        innermost(count);
    }
    MARK("middle");
    of_header(count);
    innermost(1);
}

static __attribute__((noinline)) void of_static(int count) {
    MARK("of_static");
    middle(count);
}

static __attribute__((cold, noinline)) void unlikely(void) {
    MARK("unlikely");
    abort();
}

__attribute__((noinline)) int outermost(int count);

int outermost(int count) {
    if (__builtin_expect(count > 1000, 0)) {
        MARK("outermost");
        unlikely();
    }
    middle(count);
    of_static(count + 1);
    return keep;
}

int main(int count, char **arguments) {
    (void)arguments;
    MARK("main");
    return outermost(count) < 0;
}
