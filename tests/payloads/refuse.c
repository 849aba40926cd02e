/* SPDX-License-Identifier: MIT
 *
 * Runs a program where some calls are refused, as in a container or a service:
 *
 *   refuse ERRNO|kill CALL... -- PROGRAM [ARGUMENT]...
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (argc < 3 || !filter) {
        return 99;
    }
    uint32_t action =
        strcmp(argv[1], "kill") == 0 ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO((uint32_t)strtoul(argv[1], NULL, 10));
    int i = 2;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (seccomp_rule_add(filter, action, seccomp_syscall_resolve_name(argv[i]), 0) < 0) {
            fprintf(stderr, "refuse: %s\n", argv[i]);
            return 99;
        }
    }
    /* 32-bit programs run as they do elsewhere. */
    seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
    /* Without no_new_privs where that can be done, as containers do it. */
    seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, geteuid() != 0);
    if (i + 1 >= argc || seccomp_load(filter) < 0) {
        return 99;
    }
    execvp(argv[i + 1], argv + i + 1);
    return 98;
}
