/* SPDX-License-Identifier: MIT
 * Loses memory, and is built with a sanitizer that finds that out by ptrace(2) when it ends. */
#include <stdlib.h>

static void *volatile kept;

int main(void) {
    kept = malloc(100);
    kept = NULL;
    return 0;
}
