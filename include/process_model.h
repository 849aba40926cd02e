/* SPDX-License-Identifier: MIT
 *
 * What the calls of a trace say of its processes: which files their
 * descriptors stand for, where they are, which program they run. Nothing is
 * asked of the system; what the trace does not tell stays unknown.
 */
#ifndef RENACER_PROCESS_MODEL_H
#define RENACER_PROCESS_MODEL_H

#include "interest.h"
#include "observations.h"

#include <stdbool.h>
#include <stdint.h>

enum open_kind {
    OPEN_FILE,   /* a file or directory with a path */
    OPEN_STREAM, /* a standard stream of the program that was started */
    OPEN_SOCKET,
    OPEN_PIPE,    /* within the trace: what goes through it shows elsewhere */
    OPEN_NOTHING, /* timers, events, memory: nobody else sees what is written there */
    OPEN_UNKNOWN, /* the trace does not say */
};

/* What dup() and fork() share. */
struct open_file {
    uint32_t references;
    uint32_t object; /* that is observed, or NO_OBJECT */
    enum open_kind kind : 8;
    bool appends : 1;
    bool is_datagram : 1;
    bool is_dull : 1;  /* a socket that the system talks to itself with */
    bool is_code : 1;  /* mapped to be executed, or read by the loader */
    bool is_read : 1;  /* it has been */
    uint64_t position; /* or POSITION_UNKNOWN */
    char *name;        /* of a socket: its own address or its peer's; owned */
};

struct files;

struct process {
    int64_t id;      /* pid, or tid where each thread is followed by itself */
    uint32_t number; /* from 0, in the order in which they were met */
    uint32_t task;   /* its first thread */
    uint32_t parent; /* number; its own: none */
    uint32_t owner;  /* number of the process that it is a thread of; mostly its own */
    struct files *files;
    char *directory; /* current one; "": the one in which the program was started */
    interpreters running;
    uint64_t own_files[2]; /* hashes of the paths of its program and its script */
    bool executed;         /* some program, in this trace */
    bool read_script;      /* it runs a script: it has read one of them */
    bool has_ended;
    bool is_early;    /* met before the call that made it had returned */
    bool is_pending;  /* made by a call, and has made none itself yet */
    bool hides_pipes; /* there are pipes whose descriptors were not recorded */
};

/* A call that has made a process. */
struct birth {
    int64_t child;
    int64_t parent;
};

struct process_model;

/* `births`: those that the trace has, in the order of the children; NULL: not looked for. They must live as long as the
 * model. `by_thread`: each thread's calls stand together. NULL: no memory. */
struct process_model *process_model_create(struct observations *observations, const struct birth *births,
                                           size_t birth_count, bool by_thread);
void process_model_destroy(struct process_model *model); /* NULL is fine */

/* The process of a call, and its task; made if it was not met before. 0 or -ENOMEM; -ENOENT, and nothing made, if
 * there should be a birth and no births were given. */
int process_model_find(struct process_model *model, int64_t pid, int64_t tid, struct process **process, uint32_t *task);
/* The one with this id, or NULL. */
struct process *process_model_with_id(struct process_model *model, int64_t id);
struct process *process_model_number(struct process_model *model, uint32_t number);

/* A call of `parent` has made a process with this id, or maybe a thread: that shows in its calls. 0 or -ENOMEM. */
int process_model_fork(struct process_model *model, struct process *parent, int64_t id, bool shares_files);
/* The process is gone, and `waiter` has been told. */
int process_model_ended(struct process_model *model, struct process *process, struct process *waiter);
/* It executes another program: what is closed then is closed. */
int process_model_exec(struct process_model *model, struct process *process);
int process_model_change_directory(struct process *process, const char *path);

/* ------------------------------------------------------------------ descriptors */

/* What it stands for; NULL if that is not known. A number that was closed is what it last was: calls that used it may
 * stand behind the one that closed it. */
struct open_file *process_model_file(struct process_model *model, struct process *process, int descriptor);
/* The descriptor is this file from now on; `name` of it is taken over. The file, or NULL: no memory. */
struct open_file *process_model_open(struct process_model *model, struct process *process, int descriptor,
                                     const struct open_file *file, bool closes_on_exec);
int process_model_close(struct process_model *model, struct process *process, int descriptor);
/* Close from `first` to `last`, or have them closed on exec. */
int process_model_close_range(struct process_model *model, struct process *process, uint64_t first, uint64_t last,
                              bool on_exec);
int process_model_duplicate(struct process_model *model, struct process *process, int from, int to,
                            bool closes_on_exec);
int process_model_on_exec(struct process_model *model, struct process *process, int descriptor, bool closes);
/* The lowest number from `from` on that is free. */
int process_model_free_descriptor(const struct process *process, int from);
/* Its table is its own from now on. */
int process_model_unshare(struct process_model *model, struct process *process);

#endif
