/* SPDX-License-Identifier: MIT
 * Prints what a program can see of how it was started. Traced or not, it has
 * to be the same. */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void print_descriptors(FILE *out) {
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd != dirfd(folder) && fd != fileno(out)) {
            fprintf(out, "fd %d\n", fd);
        }
    }
    closedir(folder);
}

static void print_status(FILE *out) {
    static const char *const wanted[] = {"SigBlk", "SigIgn",  "SigCgt",     "SigPnd",
                                         "ShdPnd", "Umask",   "NoNewPrivs", "Cpus_allowed_list",
                                         "CapEff", "Threads", "Groups"};
    FILE *status = fopen("/proc/self/status", "r");
    char line[512];
    while (status && fgets(line, sizeof(line), status)) {
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
            if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) {
                fputs(line, out);
            }
        }
    }
    if (status) {
        fclose(status);
    }
}

int main(int argc, char *argv[]) {
    FILE *out = argc > 1 ? fopen(argv[1], "w") : stdout;
    if (!out) {
        return 1;
    }
    print_descriptors(out);
    print_status(out);
    for (char **variable = environ; *variable; variable++) {
        fprintf(out, "env %s\n", *variable);
    }
    char folder[4096];
    fprintf(out, "cwd %s\n", getcwd(folder, sizeof(folder)));
    fprintf(out, "pgrp is the parent's: %d\n", getpgrp() == getpgid(getppid()));
    fprintf(out, "session is the parent's: %d\n", getsid(0) == getsid(getppid()));
    fprintf(out, "nice %d, policy %d\n", getpriority(PRIO_PROCESS, 0), sched_getscheduler(0));
    int death = -1;
    prctl(PR_GET_PDEATHSIG, &death);
    fprintf(out, "death signal %d, dumpable %d, slack %d\n", death, prctl(PR_GET_DUMPABLE), prctl(PR_GET_TIMERSLACK));
    for (int i = 0; i < RLIMIT_NLIMITS; i++) {
        struct rlimit limit;
        getrlimit(i, &limit);
        fprintf(out, "limit %d: %llu %llu\n", i, (unsigned long long)limit.rlim_cur,
                (unsigned long long)limit.rlim_max);
    }
    for (int i = 0; i < argc; i++) {
        fprintf(out, "argument %s\n", argv[i]);
    }
    return fclose(out) == 0 ? 0 : 1;
}
