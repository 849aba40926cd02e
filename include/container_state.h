/* SPDX-License-Identifier: MIT
 *
 * What a container runtime tells a seccomp agent: the ContainerProcessState of
 * the OCI runtime specification (config-linux.md), as JSON. Nothing of it is
 * believed before it is checked.
 */
#ifndef RENACER_CONTAINER_STATE_H
#define RENACER_CONTAINER_STATE_H

#include <stddef.h>
#include <sys/types.h>

enum {
    CONTAINER_ID_MAX = 200,        /* bytes: it becomes a file's name, with something behind it */
    CONTAINER_METADATA_MAX = 4096, /* bytes */
    CONTAINER_FDS_MAX = 253,       /* the kernel's SCM_MAX_FD: more do not come with one message */
};

/* Strings are UTF-8 without NUL. */
struct container_state {
    char *id;          /* [A-Za-z0-9_+.-]+, does not begin with '.' */
    pid_t pid;         /* "pid" of "state": the container's first process; 0: not told */
    pid_t process_pid; /* "pid": the process under the filter, as the runtime's pid namespace numbers it; 0: not told,
                        * as by crun's exec */
    char *bundle;      /* or NULL */
    char *metadata;    /* listenerMetadata; or NULL */
    char *version;     /* "ociVersion" as it was sent, for the log: crun sends "0.2.0"; or NULL */
    size_t fd_count;   /* how many descriptors "fds" names; those that came are matched with it by index */
    size_t listener;   /* the index of "seccompFd", below fd_count */
};

/* Read a whole state; what it has beyond what is known here is ignored. 0, and *state is the caller's to finish.
 * -EINVAL: this is none, or something that is needed is missing, wrong or said twice; -ENOMEM. Then *state is empty
 * and `problem` says what is wrong, in printable ASCII whatever was sent. */
int container_state_parse(struct container_state *state, const char *bytes, size_t size, char *problem,
                          size_t problem_size);

/* Free what it holds. */
void container_state_finish(struct container_state *state);

#endif
