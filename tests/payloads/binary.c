/* SPDX-License-Identifier: MIT
 * Writes content that is not text, and content that is long. */
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int main(void) {
    static char large[70000];
    memset(large, 'x', sizeof(large));
    static char first[] = "ab";
    static char second[] = "cde";
    struct iovec parts[2] = {{first, 2}, {second, 3}};
    syscall(SYS_write, 1, "\0\1\377A", 4);
    syscall(SYS_write, 1, "gr\303\274n", 5);
    syscall(SYS_write, 1, large, sizeof(large));
    syscall(SYS_writev, 1, parts, 2);
    syscall(SYS_write, 1, (void *)16, 5);
    syscall(SYS_lseek, 100, 1L << 62, 0);
    return 0;
}
