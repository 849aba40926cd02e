/* SPDX-License-Identifier: MIT
 * Makes calls with arguments that cannot work, and prints how each fails:
 *
 *     attempt NAME...
 *
 * What a filter refuses fails with the filter's errno instead. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    for (int i = 1; i < argc; i++) {
        int number = seccomp_syscall_resolve_name(argv[i]);
        long result = number < 0 ? (errno = ENOSYS, -1) : syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
        printf("%s %s\n", argv[i], result < 0 ? strerrorname_np(errno) : "worked");
    }
    return 0;
}
