/* SPDX-License-Identifier: MIT
 * Calls of x32 out of a 64-bit program without a C library: their numbers have bit 30. Most
 * kernels do not have them and say ENOSYS; everything lies below 4 GB, as in an x32 program. */

enum {
    X32 = 0x40000000,
    NR_WRITE = 1,
    NR_CLOSE = 3,
    NR_MMAP = 9,
    NR_ACCESS = 21,
    NR_GETPID = 39,
    NR_GETPPID = 110,
    NR_EXIT_GROUP = 231,
    NR_OPENAT = 257,
    OWN_RT_SIGACTION = 512,
    OWN_IOCTL = 514,
    OWN_READV = 515,
    OWN_WRITEV = 516,
    OWN_RECVFROM = 517,
    OWN_EXECVE = 520,
    OWN_WAITID = 529,
    OWN_PWRITEV = 535,
    OWN_GETSOCKOPT = 542,
    OWN_EXECVEAT = 545,
    OWN_PWRITEV2 = 547,
    OWN_END = 548,
    CALLER = 0x1000,
};

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static long low(const void *pointer) {
    return (long)pointer;
}

void _start(void);

void _start(void) {
    static const char text[] = "hello from x32\n";
    static const char path[] = "/nonexistent";
    static char buffer[64];
    static struct {
        unsigned address;
        unsigned length;
    } vector[2];
    static unsigned arguments[3];
    vector[0].address = (unsigned)low(text);
    vector[0].length = 5;
    vector[1].address = (unsigned)low(text + 6);
    vector[1].length = 9;
    arguments[0] = (unsigned)low(path);
    arguments[1] = (unsigned)low(text);
    call(X32 + NR_GETPID, 0, 0, 0, 0, 0, 0);
    call(X32 + NR_ACCESS, low(path), 4, 0, 0, 0, 0);
    call(X32 + NR_OPENAT, -100, low("/dev/null"), 02000001, 0, 0, 0);
    call(X32 + NR_WRITE, 1, low(text), 15, 0, 0, 0);
    call(X32 + NR_MMAP, 0, 4096, 3, 0x22, -1, 0);
    call(X32 + NR_CLOSE, 77, 0, 0, 0, 0, 0);
    call(X32 + OWN_RT_SIGACTION, 2, 0, 0, 8, 0, 0);
    call(X32 + OWN_IOCTL, 77, 0x5401, low(buffer), 0, 0, 0);
    call(X32 + OWN_READV, 77, 0, 2, 0, 0, 0);
    call(X32 + OWN_WRITEV, 77, low(vector), 2, 0, 0, 0);
    call(X32 + OWN_RECVFROM, 77, low(buffer), 64, 1, 0, 0);
    call(X32 + OWN_EXECVE, low(path), low(arguments), low(arguments), 0, 0, 0);
    call(X32 + OWN_EXECVEAT, -100, low(path), low(arguments), low(arguments), 0x100, 0);
    call(X32 + OWN_WAITID, 1, CALLER, 0, 4, 0, 0);
    call(X32 + OWN_PWRITEV, 77, low(vector), 2, 5L << 33, 0, 0);
    call(X32 + OWN_PWRITEV2, 77, low(vector), 2, 5L << 33, 1, 0);
    call(X32 + OWN_GETSOCKOPT, 77, 1, 4, 0, 0, 0);
    call(X32 + OWN_END, 1, 2, 3, 4, 5, 6);
    call(NR_GETPPID, 0, 0, 0, 0, 0, 0);
    call(X32 + NR_GETPPID, 0, 0, 0, 0, 0, 0);
    call(NR_EXIT_GROUP, 3, 0, 0, 0, 0, 0);
    for (;;) {
    }
}
