/* SPDX-License-Identifier: MIT
 *
 * Calls that have other arguments with each command, with every command, known
 * and unknown: about processes that do not exist, keys without a number and
 * files that are not there, so that nothing happens.
 */
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)

static const char bad[] = "/nonexistent/file";

enum {
    NOWHERE = 1,         /* an address that nothing is at */
    NO_FD = 9999,        /* a descriptor that is not open */
    NOBODY = 0x7ffffffe, /* a process that cannot be */
    NO_KEY = 0,          /* a key that cannot be */
    LAST_KEYCTL = 31,    /* the last operation that strace 6.1 knows */
    QUOTA_COMMANDS = 9,  /* of each of the two families */
};

/* A number and its inverse in all arguments: their signs and widths. */
static void keys(void) {
    for (long operation = 2; operation <= LAST_KEYCTL; operation++) {
        if (operation == 14 || operation == 16 || operation == 18 || operation == 22) {
            continue; /* these ask for no key, and can succeed */
        }
        CALL(keyctl, operation, NO_KEY, NOWHERE, 2L, 3L);
        CALL(keyctl, operation, -99L, -1L, -2L, -3L);
    }
    for (long bit = 0; bit < 32; bit++) {
        CALL(keyctl, 5L, NO_KEY, 1L << bit);
    }
    for (long special = 0; special > -12; special--) {
        CALL(request_key, NULL, NULL, NULL, special);
        CALL(add_key, NULL, NULL, NULL, 0L, special);
    }
    CALL(keyctl, 40L, 1L, 2L, 3L, 4L);
    CALL(keyctl, 2L, NO_KEY, "payload\n", 8L);
    CALL(keyctl, 10L, NO_KEY, "user", "a description", 0L);
    CALL(keyctl, 12L, NO_KEY, "payload", 7L, NO_KEY);
    CALL(keyctl, 29L, NO_KEY, "asymmetric", NULL);
}

static void quotas(void) {
    for (long i = 0; i <= QUOTA_COMMANDS; i++) {
        CALL(quotactl, (0x800000 + i) << 8 | i % 3, bad, 5L, NOWHERE);
        CALL(quotactl, (0x5800 + i) << 8 | i, bad, -1L, NULL);
        CALL(quotactl_fd, NO_FD, (0x800000 + i) << 8, 3L, NOWHERE);
    }
    CALL(quotactl, -1L, bad, 0L, NULL);
}

static void requests(void) {
    for (long request = 1; request < 0x24; request++) {
        /* What the registers are called in struct user is not decoded. */
        if (request != 3 && request != 6) {
            CALL(ptrace, request, NOBODY, 2L, 11L);
            CALL(ptrace, request, NOBODY, -1L, -1L);
        }
    }
    for (long request = 0x4200; request < 0x4210; request++) {
        CALL(ptrace, request, NOBODY, 2L, 11L);
        CALL(ptrace, request, NOBODY, -1L, -1L);
    }
    for (long set = 0; set < 0x40d; set++) {
        if (set < 0x111 || set > 0x112) {
            CALL(ptrace, set == 0x203 || set == 0x204 ? 0L : 0x4204L, NOBODY, set, NOWHERE);
        }
    }
}

static void comparisons(void) {
    for (long type = 0; type < 10; type++) {
        CALL(kcmp, NOBODY, NOBODY, type, 3L, 4L);
        CALL(kcmp, NOBODY, NOBODY, type, -1L, -1L);
    }
}

static void priorities(void) {
    static const long values[] = {0, 4, 0x2000, 0x4004, 0x6007, 0x8000, 0xffff, 0x10000, -1};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        CALL(ioprio_set, 1L, NOBODY, values[i]);
    }
    for (long who = 0; who < 5; who++) {
        CALL(ioprio_get, who, NOBODY);
        CALL(setpriority, who, NOBODY, -20L);
    }
    CALL(ioprio_get, 1L, 0L);
}

static void prctls(void) {
    static const long odd[] = {0, 1, 2, 3, 4, 5, 0x40, 0x100, -1};
    /* Options of other architectures, and one that is never given so many arguments. */
    static const long harmless[] = {6, 10, 12, 14, 20, 33, 35, 45, 47, 54};
    for (size_t i = 0; i < COUNT_OF(harmless); i++) {
        for (size_t j = 0; j < COUNT_OF(odd); j++) {
            CALL(prctl, harmless[i], odd[j], 77L, 3L, 4L);
        }
    }
    for (size_t j = 0; j < COUNT_OF(odd); j++) {
        CALL(prctl, 52L, odd[j], 77L, 3L, 4L);
        CALL(prctl, 62L, odd[j], NOBODY, odd[j], 5L);
    }
    CALL(prctl, PR_SET_NAME, "abc");
    CALL(prctl, PR_SET_NAME, "fifteen letters");
    CALL(prctl, PR_SET_NAME, "more than fifteen letters");
    CALL(prctl, PR_SET_NAME, NOWHERE);
    CALL(prctl, PR_SET_VMA, 0L, 0L, 4096L, "a name");
    CALL(prctl, 3L);
    CALL(prctl, 27L);
    CALL(prctl, 34L, 0L, 0L, 0L, 0L);
    CALL(prctl, 43L, 0L, 0L, 0L, 0L);
}

static void waking(void) {
    static const long values[] = {0, 0x10000000, 0x40000000, 0x80000000, 0x5000000, 0x6000000, 0x12345678, -1};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        CALL(futex, NOWHERE, 5L, 1L, 2L, NOWHERE, values[i]);
    }
}

static void others(void) {
    for (long operation = 0; operation < 5; operation++) {
        CALL(seccomp, operation, 0x77L, NOWHERE);
    }
    for (long size = 9; size < 13; size++) {
        CALL(syslog, size, NULL, 0L);
    }
    for (long code = 0x1021; code < 0x1026; code++) {
        CALL(arch_prctl, code, 40L);
    }
    for (long command = 0; command < 24; command++) {
        CALL(semctl, -1L, 0L, command, NOWHERE);
        CALL(shmctl, -1L, command | 0x100, NOWHERE);
        CALL(msgctl, -1L, command, NULL);
    }
    CALL(sched_setattr, NOBODY, NULL, -1L);
    CALL(sched_getattr, NOBODY, NULL, -1L, -2L);
    CALL(sched_setaffinity, NOBODY, -1L, NULL);
    CALL(sethostname, NULL, -1L);
    CALL(semop, -1L, NULL, -1L);
    CALL(pidfd_getfd, NO_FD, -1L, -1L);
    CALL(process_mrelease, NO_FD, -1L);
    CALL(personality, 0xffffffffL);
    CALL(membarrier, 1L << 4, 3L, 2L);
}

int main(void) {
    keys();
    quotas();
    requests();
    comparisons();
    priorities();
    prctls();
    waking();
    others();
    return 0;
}
