/* SPDX-License-Identifier: MIT
 * Runs a command under a seccomp filter that refuses some calls, as the profiles of containers do:
 *
 *     deny NAME[,NAME...] [--errno N] [--] COMMAND [ARGUMENT...]
 *
 * Without --errno the calls fail with EPERM. Root keeps its privileges: no_new_privs
 * is set only where the filter could not be loaded otherwise. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what, int error) {
    fprintf(stderr, "deny: %s: %s\n", what, strerror(error));
    exit(125);
}

static void refuse(scmp_filter_ctx filter, char *names, unsigned error) {
    char *rest = NULL;
    for (char *name = strtok_r(names, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        int number = seccomp_syscall_resolve_name(name);
        if (number == __NR_SCMP_ERROR) {
            fail(name, ENOSYS);
        }
        int status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), number, 0);
        if (status != 0) {
            fail(name, -status);
        }
    }
}

int main(int argc, char *argv[]) {
    if (argc < 3) {
        fail("NAME[,NAME...] [--errno N] [--] COMMAND", EINVAL);
    }
    int next = 2;
    unsigned error = EPERM;
    if (argc > next + 1 && strcmp(argv[next], "--errno") == 0) {
        error = (unsigned)atoi(argv[next + 1]);
        next += 2;
    }
    if (argc > next && strcmp(argv[next], "--") == 0) {
        next++;
    }
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter || next >= argc) {
        fail("no command", EINVAL);
    }
    /* Other architectures are left alone, and seccomp(2) itself may be among the calls. */
    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
    refuse(filter, argv[1], error);
    int status = seccomp_load(filter);
    if (status == -EACCES || status == -EPERM || status == -ECANCELED) {
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 1);
        status = seccomp_load(filter);
    }
    if (status != 0) {
        fail("cannot load the filter", -status);
    }
    execvp(argv[next], argv + next);
    fail(argv[next], errno);
}
