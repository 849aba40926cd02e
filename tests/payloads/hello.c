/* SPDX-License-Identifier: MIT
 * What the tests compile. */
#include <stdio.h>

int main(void) {
    puts("hello");
    return 0;
}
