/* SPDX-License-Identifier: MIT
 *
 * Numbers out of the files in /proc that hold a "Key: value" on each line
 * (proc_pid_status(5), proc_pid_fdinfo(5)).
 */
#ifndef RENACER_PROC_H
#define RENACER_PROC_H

#include <stdint.h>
#include <sys/types.h>

/* The number behind "KEY:" at the start of a line; 0 if there is none, or no file. */
pid_t proc_number(const char *path, const char *key);

/* What a thread does with signals, a bit each: number 1 in the lowest. */
struct proc_signals {
    uint64_t ignored;
    uint64_t caught;
    uint64_t blocked;
    uint64_t pending; /* for the thread or its process */
};

/* 0, or -ESRCH (also if /proc is not there). */
int proc_signals(pid_t tid, struct proc_signals *signals);

/* Signals that would do nothing: those that are ignored, and those that are neither
 * caught nor do anything by default (signal(7)). Without a ptracer they are not even sent. */
uint64_t proc_signals_without_effect(const struct proc_signals *signals);

/* The effective user and group of a process. */
struct proc_identity {
    uid_t uid;
    gid_t gid;
};

/* 0, or -ESRCH (also if /proc is not there). */
int proc_identity(pid_t pid, struct proc_identity *identity);

/* The threads of a process: how many, with *tids malloc'd for the caller; or -errno. */
ssize_t proc_threads(pid_t pid, pid_t **tids);

/* The process of thread `tid`; 0 if it is gone. */
pid_t proc_process_of(pid_t tid);

#endif
