/* SPDX-License-Identifier: MIT
 *
 * What one side of a comparison has been seen to do, object by object: files,
 * standard streams, peers, and what is only counted (programs executed,
 * signals). Bytes go into running digests as they come: how they were cut into
 * calls leaves no trace, and memory does not depend on how many there were.
 */
#ifndef RENACER_OBSERVATIONS_H
#define RENACER_OBSERVATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum subject {
    SUBJECT_OUTPUT, /* standard output of the program that was started */
    SUBJECT_ERROR,
    SUBJECT_INPUT, /* written to: a terminal or a socket */
    SUBJECT_FILE,
    SUBJECT_UNNAMED,     /* all files whose names were not recorded */
    SUBJECT_UNEXPLAINED, /* all descriptors of which the trace does not say what they are */
    SUBJECT_PEER,        /* a connection to it */
    SUBJECT_LISTENER,
    SUBJECT_ACCEPTED, /* a connection from outside */
    SUBJECT_PROGRAM,  /* executed; counted */
    SUBJECT_SIGNAL,   /* counted */
    SUBJECT_KILLED,   /* a process by a signal; counted */
    SUBJECT_EXIT,
};

enum {
    DIGEST_BYTES = 16,
};

#define NO_OBJECT UINT32_MAX

#define POSITION_UNKNOWN UINT64_MAX   /* goes on where the last write ended */
#define POSITION_END (UINT64_MAX - 1) /* at the end, wherever that is */

struct content;
struct part;

struct object {
    const char *name; /* of a file the one under which it was first met */
    unsigned subject : 8;
    bool met : 1;         /* counts for being there */
    bool is_read : 1;     /* counts as read */
    bool is_code : 1;     /* was executed: reading it counts for nothing */
    bool changed : 1;     /* something was done to it, or written */
    bool emptied : 1;     /* all of its content is known: it was created or emptied in this trace */
    bool at_end : 1;      /* the last write was to its end, wherever that is */
    bool ignored : 1;     /* has or had a name that does not count */
    bool several : 1;     /* written by several tasks: the sums below say what each did */
    bool read_seen : 1;   /* every byte that was read was seen, in order, up to the end of the file */
    bool read_broken : 1; /* that cannot be so any more */
    uint32_t ordinal;     /* of the objects of this name, from 0 */
    uint32_t current;     /* index of the path that it has now; NO_OBJECT: none */
    uint32_t owner;       /* the task that did something to it first */
    uint64_t line;        /* where it was first observed */
    uint64_t length;      /* bytes written; of what is counted: how often */
    uint64_t seen;        /* of which the trace has the content */
    uint64_t next;        /* where the last write ended in the file, or POSITION_UNKNOWN */
    uint64_t size;        /* of the file, if it is `emptied` */
    uint64_t history;     /* hash of what was done to it, and after how many bytes */
    uint64_t read_length; /* bytes that were read and seen */
    uint64_t read_hash;   /* of them */
    union {
        struct {
            struct content *content; /* while it is being observed */
            struct part *parts;      /* task by task, if there are several */
        };
        uint8_t digest[DIGEST_BYTES]; /* of the bytes written, after observations_finish_contents() */
    };
};

/* What the tasks did to an object that several wrote to, each in its own order: sums over them. */
struct task_sums {
    uint64_t by_content; /* of digests */
    uint64_t by_length;  /* of what is known without content */
    bool has_holes;      /* content that was not seen is part of it */
};

/* Is told what comes, in a second pass. */
struct watcher {
    /* `length` bytes, of which the first `seen` are at `bytes`. 0 or -errno. */
    int (*wrote)(struct watcher *watcher, uint32_t object, const uint8_t *bytes, uint64_t seen, uint64_t length,
                 uint64_t line);
    int (*happened)(struct watcher *watcher, uint32_t object, const char *what, uint64_t line);
};

/* Who does something, and where. */
struct occasion {
    uint32_t task;    /* the thread; 0: the first one of the trace */
    uint32_t process; /* whose thread it is; 0: the first one */
    uint64_t line;
};

struct observations;

/* `ignore`: patterns of fnmatch(3) for names that do not count. `watcher` may be NULL; with one, no digests are made.
 * All of them must live as long. NULL: no memory. */
struct observations *observations_create(const char *const *ignore, size_t ignore_count, struct watcher *watcher);
void observations_destroy(struct observations *o); /* NULL is fine */

/* Objects have numbers from 0 on, in the order in which they were met: the same in every pass over a trace. */
uint32_t observations_count(const struct observations *o);
/* Valid until the next one is made. */
struct object *observations_at(const struct observations *o, uint32_t object);
/* All zero for one that has a single writer. */
struct task_sums observations_sums(const struct observations *o, uint32_t object);

/* ------------------------------------------------------------------ objects; all return 0 or -ENOMEM */

/* What has this name and is no file; made if there is none. */
int observations_find(struct observations *o, enum subject subject, const char *name, uint32_t *object);
/* A new one of this name. */
int observations_add(struct observations *o, enum subject subject, const char *name, uint32_t *object);

/* How a file is opened, as far as its name is concerned. */
enum made {
    MADE_NOT,       /* it may have been there */
    MADE_EXCLUSIVE, /* it was not: O_EXCL */
    MADE_PRIVATE,   /* nor is it for others: mode 0600 */
};

/* The file that has this path now; made if none is known. */
int observations_file(struct observations *o, const char *path, enum made made, uint32_t *object);
/* The file that is known under the path, or NO_OBJECT. */
uint32_t observations_known(const struct observations *o, const char *path);
/* The file is known under this path from now on (as well); what was known under it is not any more. */
int observations_name(struct observations *o, uint32_t object, const char *path);
/* No file is known under the path. */
void observations_forget(struct observations *o, const char *path);
/* How the path is shown: as it is, or with "*" for what was drawn at random. */
const char *observations_shown(const struct observations *o, const char *path);
/* The path that the file has now, or had first. */
const char *observations_path(const struct observations *o, uint32_t object);

/* ------------------------------------------------------------------ what happens; 0 or -errno */

/* Something was done to the object, in words, which are compared. */
int observations_happened(struct observations *o, uint32_t object, const struct occasion *occasion, const char *what);
/* It was created or emptied: its content is known from now on. */
int observations_emptied(struct observations *o, uint32_t number, const struct occasion *occasion);
int observations_truncated(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t size);

/* Bytes written, of which the first `seen` are known. */
struct written {
    const uint8_t *bytes;
    uint64_t seen;
    uint64_t length;
};

/* `at`: position in a file, or one of the above; of no account elsewhere. */
int observations_wrote(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t at,
                       const struct written *written);
/* It is there, which counts. */
void observations_met(struct observations *o, uint32_t number, const struct occasion *occasion);
/* It was read, from position `at` on; `bytes` NULL: not seen. */
void observations_was_read(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t at,
                           const uint8_t *bytes, uint64_t length);
/* Once more of what is counted. */
int observations_counted(struct observations *o, enum subject subject, const char *name,
                         const struct occasion *occasion);

/* What was read and executed until now does not count. */
void observations_forget_search(struct observations *o);

/* Which process a task belongs to: told once for each, before it does anything. */
int observations_task(struct observations *o, uint32_t task, uint32_t process);
/* A process has begun another one; a process has ended and its parent has waited for it. */
int observations_process_began(struct observations *o, uint32_t parent);
int observations_process_ended(struct observations *o, uint32_t process, uint32_t parent);

/* The end: digests are made, and what was needed for them is freed. */
int observations_finish_contents(struct observations *o);

#endif
