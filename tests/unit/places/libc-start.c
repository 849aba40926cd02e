/* SPDX-License-Identifier: MIT
 *
 * A file that is called as the one by which a C library in a program is known, when
 * it stands in a folder csu.
 */
#include "mark.h"

__attribute__((noinline)) int of_libc(int count);

int of_libc(int count) {
    MARK("of_libc");
    return count;
}
