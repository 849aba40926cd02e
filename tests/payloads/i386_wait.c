/* SPDX-License-Identifier: MIT
 * A 32-bit program that waits in epoll_wait while its child sends it signals that it
 * ignores, and then ends: says what the wait returned. Without a C library, as i386.c. */

static int call(int number, int a, int b, int c, int d) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
    return result;
}

enum {
    NR_EXIT = 1,
    NR_FORK = 2,
    NR_WRITE = 4,
    NR_KILL = 37,
    NR_PIPE = 42,
    NR_GETPPID = 64,
    NR_NANOSLEEP = 162,
    NR_EPOLL_CTL = 255,
    NR_EPOLL_WAIT = 256,
    NR_EPOLL_CREATE1 = 329,
    CTL_ADD = 1,
    IN = 1,
    SIGNAL_WINCH = 28,
    TIMES = 5,
};

void _start(void);

void _start(void) {
    static int ends[2];
    static int moment[2] = {0, 20000000};
    static int event[3] = {IN};
    call(NR_PIPE, (int)ends, 0, 0, 0);
    int set = call(NR_EPOLL_CREATE1, 0, 0, 0, 0);
    call(NR_EPOLL_CTL, set, CTL_ADD, ends[0], (int)event);
    if (call(NR_FORK, 0, 0, 0, 0) == 0) {
        for (int i = 0; i < TIMES; i++) {
            call(NR_NANOSLEEP, (int)moment, 0, 0, 0);
            call(NR_KILL, call(NR_GETPPID, 0, 0, 0, 0), SIGNAL_WINCH, 0, 0);
        }
        call(NR_NANOSLEEP, (int)moment, 0, 0, 0);
        call(NR_WRITE, ends[1], (int)ends, 1, 0);
        call(NR_EXIT, 0, 0, 0, 0);
    }
    int result = call(NR_EPOLL_WAIT, set, (int)event, 1, -1);
    call(NR_WRITE, 1, (int)(result == 1 ? "an event\n" : "no event\n"), 9, 0);
    call(NR_EXIT, 0, 0, 0, 0);
    for (;;) {
    }
}
