/* SPDX-License-Identifier: MIT
 *
 * Every system call with every kind of argument, none of which is ever made: a
 * filter answers them all. What tracers see is the same in every run, so that
 * two runs under two tracers can be compared line by line.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    ARGUMENTS = 6,
    LAST_CALL = 469,
    LAST_SMALL = 80,  /* no set of numbers that are not bits goes further, but for those of `selectors` */
    LEAVE = 0x7e5700, /* exit_group with this status is the one call that is made */
    CONTENT = 0x23450000,
    CONTENT_SIZE = 0x2000,
    TEXT = CONTENT + 0x100,
    NUMBERS = CONTENT + 0x800,
    AT_THE_END = CONTENT + CONTENT_SIZE - 8,
    NOWHERE = 0x1234567,
    URETPROBE = 335,
    UPROBE = 336,
};

static void call(long number, const long *a) {
    syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void all_the_same(long number) {
    static const long values[] = {
        0,      1,          2,          3,           7,           8,           0x77,        0x100,
        0x1234, 0x12345678, 0x7fffffff, 0x80000000L, 0xdeadbeefL, 0xffffff9cL, 0xffffffffL, 0x123456789abcdefL,
        -1,     -2,         -100,       TEXT,        NUMBERS,     AT_THE_END,  NOWHERE};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        long arguments[ARGUMENTS];
        for (int place = 0; place < ARGUMENTS; place++) {
            arguments[place] = values[i];
        }
        call(number, arguments);
    }
}

/* One argument at a time: every bit, and every small number. */
static void one_by_one(long number) {
    for (int place = 0; place < ARGUMENTS; place++) {
        long arguments[ARGUMENTS] = {0};
        for (int bit = 0; bit < 64; bit += bit < 32 ? 1 : 31) {
            arguments[place] = (long)(1UL << bit);
            call(number, arguments);
        }
        for (long value = 3; value <= LAST_SMALL; value++) {
            arguments[place] = value;
            call(number, arguments);
        }
    }
}

/* Calls of which one argument says what another one is. */
struct selector {
    uint16_t number;
    uint8_t place;
    uint8_t others; /* places of the others, as bits */
    uint16_t first, last;
    uint8_t values; /* how many small numbers the others get */
};

enum {
    SECOND = 1 << 1,
    THIRD = 1 << 2,
    FOURTH = 1 << 3,
    LATER = 0x3e,
    ALL = 0x3f,
};

static const struct selector selectors[] = {
    {SYS_fcntl, 1, THIRD, 0, 16, 8},
    {SYS_fcntl, 1, THIRD, 1024, 1042, 8},
    {SYS_prctl, 0, LATER, 0, 80, 42},
    {SYS_futex, 1, ALL, 0, 14, 4},
    {SYS_futex, 1, ALL, 128, 142, 4},
    {SYS_ptrace, 0, LATER, 0, 32, 8},
    {SYS_ptrace, 0, LATER, 0x4200, 0x4212, 8},
    {SYS_keyctl, 0, LATER, 0, 34, 8},
    {SYS_bpf, 0, LATER, 0, 40, 4},
    {SYS_socket, 0, SECOND | THIRD, 0, 46, 80},
    {SYS_setsockopt, 1, THIRD, 0, 300, 90},
    {SYS_getsockopt, 1, THIRD, 0, 300, 90},
    {SYS_semctl, 2, ALL, 0, 24, 4},
    {SYS_shmctl, 1, ALL, 0, 24, 4},
    {SYS_msgctl, 1, ALL, 0, 24, 4},
    {SYS_seccomp, 0, SECOND, 0, 4, 8},
    {SYS_arch_prctl, 0, SECOND, 0x1000, 0x1040, 8},
    {SYS_arch_prctl, 0, SECOND, 0x2000, 0x2003, 4},
    {SYS_arch_prctl, 0, SECOND, 0x4000, 0x4003, 4},
    {SYS_arch_prctl, 0, SECOND, 0x5000, 0x5005, 4},
    {SYS_ioctl, 1, THIRD, 0x5400, 0x54ff, 1},
    {SYS_ioctl, 1, THIRD, 0x8900, 0x89ff, 1},
};

static void selected(const struct selector *selector) {
    long arguments[ARGUMENTS] = {0};
    for (long value = selector->first; value <= selector->last; value++) {
        arguments[selector->place] = value;
        for (int place = 0; place < ARGUMENTS; place++) {
            if (place == selector->place || !(selector->others & 1 << place)) {
                continue;
            }
            for (arguments[place] = 0; arguments[place] < selector->values; arguments[place]++) {
                call(selector->number, arguments);
            }
            for (int bit = 0; bit <= 32; bit++) {
                arguments[place] = 1L << bit;
                call(selector->number, arguments);
            }
            arguments[place] = 0;
        }
    }
}

static int refuse_everything(void) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LEAVE, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EDOM),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

int main(void) {
    char *content = mmap((void *)CONTENT, CONTENT_SIZE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (content == MAP_FAILED) {
        return EXIT_FAILURE;
    }
    strcpy(content + (TEXT - CONTENT),
           "a text of some \"words\", with a \t and a \n, which is longer than the 32 bytes that are shown");
    for (uint32_t i = 0; i < 200; i++) {
        ((uint32_t *)(void *)(content + (NUMBERS - CONTENT)))[i] = i;
    }
    memset(content + CONTENT_SIZE - 8, 'x', 8);
    if (refuse_everything() != 0) {
        return EXIT_FAILURE;
    }
    for (long number = 0; number <= LAST_CALL; number++) {
        if (number == URETPROBE || number == UPROBE) {
            continue; /* no filter is asked for them */
        }
        all_the_same(number);
        one_by_one(number);
    }
    for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++) {
        selected(&selectors[i]);
    }
    syscall(SYS_exit_group, LEAVE);
    return EXIT_FAILURE;
}
