/* SPDX-License-Identifier: MIT
 *
 * The requests of ioctl(2) whose numbers come from standard input, none of which is ever made: a filter
 * answers them all. So tracers see what is in memory before each call, and behind one that has succeeded.
 *
 *     every_ioctl ANSWER MEMORY [i386] < NUMBERS
 *
 * ANSWER: the error that each call fails with, 0 for none. MEMORY: what the argument points to (fill()), or
 * "null", "nowhere", "end" (8 bytes before memory ends). i386: the calls are those of 32-bit programs.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    LEAVE = 0x7e5700, /* exit_group with this status is the one call that is made */
    MEMORY = 0x23450000,
    SIZE = 0x10000,
    NOWHERE = 0x1234567,
    MOST = 8192,
    I386_IOCTL = 54,
};

static bool fill(const char *how) {
    uint8_t *bytes = (void *)MEMORY;
    uint32_t *words = (void *)MEMORY;
    if (!strcmp(how, "ones")) {
        memset(bytes, 0xff, SIZE);
    } else if (!strcmp(how, "text")) {
        for (unsigned i = 0; i < SIZE; i++) {
            bytes[i] = (uint8_t)('a' + i % 26);
        }
    } else if (!strcmp(how, "count")) {
        for (unsigned i = 0; i < SIZE / sizeof(*words); i++) {
            words[i] = i + 1;
        }
    } else if (how[0] >= '0' && how[0] <= '9') {
        for (unsigned i = 0; i < SIZE / sizeof(*words); i++) {
            words[i] = (uint32_t)strtoul(how, NULL, 0);
        }
    } else {
        return false;
    }
    return true;
}

static unsigned long argument_for(const char *how) {
    if (!strcmp(how, "null")) {
        return 0;
    }
    if (!strcmp(how, "nowhere")) {
        return NOWHERE;
    }
    memset((void *)MEMORY, 1, SIZE);
    return MEMORY + SIZE - 8;
}

static int answer_everything(unsigned answer) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LEAVE, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer),
    };
    struct sock_fprog program = {sizeof(code) / sizeof(code[0]), code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

static void call_of_i386(unsigned request, unsigned long argument) {
    long number = I386_IOCTL;
    __asm__ volatile("int $0x80"
                     : "+a"(number)
                     : "b"(-1L), "c"((long)request), "d"(argument)
                     : "memory", "r8", "r9", "r10", "r11");
}

int main(int count, char **words) {
    static unsigned requests[MOST];
    unsigned known = 0;
    if (count < 3) {
        return EXIT_FAILURE;
    }
    while (known < MOST && scanf("%x", &requests[known]) == 1) {
        known++;
    }
    void *memory =
        mmap((void *)MEMORY, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory == MAP_FAILED) {
        return EXIT_FAILURE;
    }
    unsigned long argument = fill(words[2]) ? MEMORY : argument_for(words[2]);
    bool is_i386 = count > 3;
    if (answer_everything((unsigned)strtoul(words[1], NULL, 0)) != 0) {
        return EXIT_FAILURE;
    }
    for (unsigned i = 0; i < known; i++) {
        if (is_i386) {
            call_of_i386(requests[i], argument);
        } else {
            syscall(SYS_ioctl, -1, requests[i], argument);
        }
    }
    syscall(SYS_exit_group, LEAVE);
    return EXIT_FAILURE;
}
