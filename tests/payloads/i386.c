/* SPDX-License-Identifier: MIT
 * A 32-bit program without a C library: int $0x80 and nothing else. */

static int call(int number, int a, int b, int c) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

enum {
    NR_EXIT = 1,
    NR_READ = 3,
    NR_WRITE = 4,
    NR_OPEN = 5,
    NR_CLOSE = 6,
    NR_GETPID = 20,
    NR_ACCESS = 33,
    NR_FSTATAT64 = 300,
    NR_GETUID32 = 199,
};

void _start(void);

void _start(void) {
    static char buffer[16];
    call(NR_GETPID, 0, 0, 0);
    call(NR_ACCESS, (int)"/nonexistent", 0, 0);
    int fd = call(NR_OPEN, (int)"/dev/zero", 0, 0);
    call(NR_READ, fd, (int)buffer, sizeof(buffer));
    call(NR_CLOSE, fd, 0, 0);
    call(NR_CLOSE, fd, 0, 0);
    call(NR_GETUID32, 0, 0, 0);
    call(NR_FSTATAT64, -100, (int)"/nonexistent", (int)buffer);
    call(NR_WRITE, 1, (int)"32 bits\n", 8);
    call(NR_EXIT, 5, 0, 0);
    for (;;) {
    }
}
