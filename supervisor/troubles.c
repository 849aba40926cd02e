/* SPDX-License-Identifier: MIT */
#include "troubles.h"

#include "cleanup.h"
#include "diag.h"
#include "proc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Whether the namespace of the process knows an id of ours; what stands in MAP ("uid_map", "gid_map") for us,
 * user_namespaces(7): its second number is an id as we see it, but the first one if the namespace is ours. */
static bool is_mapped(pid_t pid, const char *map, bool is_ours, unsigned id) {
    char path[48];
    unsigned inside;
    unsigned outside;
    unsigned count;
    bool mapped = false;
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, map);
    auto_file FILE *file = fopen(path, "re");
    while (file && !mapped && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3) {
        mapped = id - (is_ours ? inside : outside) < count;
    }
    return mapped;
}

/* The kernel passes the bits over if the owner is not known where the program runs. */
static bool bits_have_a_meaning(pid_t pid, const struct stat *program) {
    char path[48];
    struct stat its;
    struct stat ours;
    snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
    bool is_ours = stat(path, &its) < 0 || stat("/proc/self/ns/user", &ours) < 0 ||
                   (its.st_dev == ours.st_dev && its.st_ino == ours.st_ino);
    return is_mapped(pid, "uid_map", is_ours, program->st_uid) && is_mapped(pid, "gid_map", is_ours, program->st_gid);
}

void troubles_look_at(struct troubles *troubles, pid_t pid) {
    char path[48];
    struct stat program;
    snprintf(path, sizeof(path), "/proc/%d/exe", pid);
    if (stat(path, &program) < 0) {
        if (errno == EACCES || errno == EPERM) {
            atomic_fetch_add(&troubles->unreadable, 1);
        }
        return;
    }
    if (geteuid() == 0) {
        /* Root's tracees get their rights. */
        return;
    }
    struct statvfs filesystem;
    struct proc_identity identity;
    bool by_user = program.st_mode & S_ISUID;
    /* Without the group's right to execute, it stands for something else. */
    bool by_group = program.st_mode & S_ISGID && program.st_mode & S_IXGRP;
    if ((by_user || by_group) && statvfs(path, &filesystem) == 0 && !(filesystem.f_flag & ST_NOSUID) &&
        proc_identity(pid, &identity) == 0 &&
        ((by_user && identity.uid != program.st_uid) || (by_group && identity.gid != program.st_gid)) &&
        bits_have_a_meaning(pid, &program)) {
        atomic_fetch_add(&troubles->privileges, 1);
    }
}

void troubles_say(const struct troubles *troubles) {
    unsigned listeners = atomic_load(&troubles->listeners);
    unsigned strict = atomic_load(&troubles->strict);
    unsigned ptracers = atomic_load(&troubles->ptracers);
    unsigned privileges = atomic_load(&troubles->privileges);
    unsigned unreadable = atomic_load(&troubles->unreadable);
    if (listeners) {
        diag("the program asked for a seccomp listener of its own and was refused (EBUSY), for the kernel allows one "
             "and it is ours; --engine ptrace needs none");
    }
    if (strict) {
        diag("the program asked for seccomp's strict mode and was refused (EINVAL), for a process that has a filter, "
             "which is ours, cannot have it; --engine ptrace for all calls needs none");
    }
    if (ptracers) {
        diag("the program wanted to use ptrace itself and was refused (EPERM), for a process can have one ptracer; "
             "--engine notify without --decode=full leaves that to it");
    }
    if (privileges) {
        diag("%u set-user-ID or set-group-ID program%s ran without the rights of that bit, which a user who traces "
             "does not get; trace as root, with -u USER",
             privileges, privileges == 1 ? "" : "s");
    }
    if (unreadable) {
        diag("%u program%s this user must not read: what the arguments of calls point to is not recorded; "
             "trace as root, with -u USER",
             unreadable, unreadable == 1 ? " was run that" : "s were run that");
    }
}
