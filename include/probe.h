/* SPDX-License-Identifier: MIT
 *
 * What this machine lets us do: each probe really does what tracing does, on a
 * process of its own. It runs in a child, because a seccomp filter may answer with
 * death, under a limit of time; nothing of it is left behind.
 *
 * What would help is told from what was found, not from versions.
 */
#ifndef RENACER_PROBE_H
#define RENACER_PROBE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe {
    PROBE_LISTENER,      /* a seccomp filter with a listener, one notification received and answered */
    PROBE_WAIT_KILLABLE, /* WAIT_KILLABLE_RECV */
    PROBE_SYNC_WAKE_UP,
    PROBE_PIDFD_GETFD,
    PROBE_MEMORY, /* process_vm_readv */
    PROBE_PTRACE, /* PTRACE_SEIZE, a call seen at its entry and its exit */
    PROBE_TRACEFS,
    PROBE_PERF,  /* a call seen in the rings */
    PROBE_RINGS, /* their size */
    PROBE_IO_URING,
    PROBE_PROC, /* /proc/TID/syscall and /proc/PID/fd */
    PROBES,
};

enum probe_state {
    PROBE_OK,
    PROBE_LIMITED, /* tracing makes do without it, at a price that `detail` tells */
    PROBE_MISSING,
};

struct probe_result {
    enum probe_state state;
    int error;         /* errno of what failed; 0 if nothing did, or for another reason */
    bool killed;       /* the attempt was answered with a signal */
    bool follows;      /* only because of what PROBE_TRACEFS lacks */
    char detail[256];  /* what was found, a sentence without its full stop */
    char remedy[1024]; /* what would help; empty if nothing has to */
};

/* Of a setting that cannot be read. */
#define SETTING_UNKNOWN INT_MIN

/* The circumstances that remedies depend on. */
struct probe_setting {
    uint32_t user;
    uint32_t group;
    uint64_t capabilities; /* that we have or may raise, a bit each */
    bool user_namespace;   /* capabilities count only inside of it */
    bool no_new_privs;
    int seccomp;             /* 2: we are under a filter */
    int perf_event_paranoid; /* these are in /proc/sys/kernel */
    int perf_event_mlock_kb;
    int ptrace_scope; /* of Yama; unknown: there is no Yama */
    int io_uring_disabled;
    char tracefs[64];  /* where it is mounted; empty: nowhere */
    char program[256]; /* our file */
};

struct probe_report {
    struct probe_setting setting;
    struct probe_result results[PROBES];
    size_t rings;             /* one for each CPU, */
    size_t ring_bytes;        /* of this size; 0: unknown */
    size_t ring_bytes_wanted; /* if the kernel lets us lock as much */
};

/* A word, as in the report. */
const char *probe_name(enum probe probe);
const char *probe_state_name(enum probe_state state);

/* Make all attempts and fill in the remedies. Takes up to some hundred milliseconds;
 * to be called before there are threads. */
void probe_run(struct probe_report *report);

/* The circumstances alone. */
void probe_setting_read(struct probe_setting *setting);

/* Fill in the remedies from results and setting. Pure. */
void probe_advise(struct probe_report *report);

/* Whether the engine of this name can run, by the report; `reason` gets what it lacks,
 * or is emptied. Pure, as are the next two. */
bool probe_engine_works(const struct probe_report *report, const char *engine, char *reason, size_t size);

/* Whether this engine uses what the probe tries: what an engine does without counts too. */
bool probe_concerns(enum probe probe, const char *engine);

/* The name of the engine that `auto` takes, with the reason: what the better ones lack.
 * NULL: none works. */
const char *probe_engine(const struct probe_report *report, char *reason, size_t size);

/* Say on standard error what this engine lacks, a line each with what would help. For
 * somebody who wanted this engine and no other. Whether there was anything to say. */
bool probe_explain_engine(const char *engine);

#endif
