/* SPDX-License-Identifier: MIT
 * Shared libraries that make marked calls (marks.h): PREFIX is in the names of their functions, LATER puts the
 * same code into other lines. */
#include "marks.h"

#define JOIN(prefix, name) prefix##_##name
#define NAMED(prefix, name) JOIN(prefix, name)

void NAMED(PREFIX, says)(int number);
void NAMED(PREFIX, closes)(int number);
void NAMED(PREFIX, calls)(void (*function)(void));

#ifdef LATER
APART void NAMED(PREFIX, says)(int number) {
    MARK_IN(number, "in a library, later line", "main", CLOSE(number));
}
#else
APART void NAMED(PREFIX, says)(int number) {
    MARK_IN(number, "in a library", "main", CLOSE(number));
}
#endif

/* Whoever calls it knows the place. */
APART void NAMED(PREFIX, closes)(int number) {
    CLOSE(number);
    STAYS();
}

APART void NAMED(PREFIX, calls)(void (*function)(void)) {
    function();
    STAYS();
}
