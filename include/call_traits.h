/* SPDX-License-Identifier: MIT
 *
 * What the spending of a call depends on, by its name: which of its arguments
 * are paths and descriptors, whether its result is bytes that were
 * transferred, and what it does to processes, memory and descriptors.
 */
#ifndef RENACER_CALL_TRAITS_H
#define RENACER_CALL_TRAITS_H

#include "trace_reader.h"

#include <stdbool.h>
#include <stdint.h>

enum argument_role {
    ROLE_NONE,
    ROLE_PATH,
    ROLE_DESCRIPTOR,
    ROLE_ADDRESS, /* of a socket */
    ROLE_MESSAGE, /* that may have one: struct msghdr */
};

enum call_effect {
    EFFECT_NONE,
    /* memory */
    EFFECT_MMAP,
    EFFECT_MUNMAP,
    EFFECT_MREMAP,
    EFFECT_MPROTECT,
    EFFECT_BRK,
    /* descriptors */
    EFFECT_OPEN, /* whatever makes a descriptor of a path */
    EFFECT_DUPLICATE,
    EFFECT_CONTROL, /* fcntl, which may be a dup */
    EFFECT_CLOSE,
    EFFECT_CLOSE_RANGE,
    EFFECT_NEW_DESCRIPTOR, /* of something without a path */
    EFFECT_ADDRESS,        /* a socket gets the address of its own or of its peer */
    EFFECT_ACCEPT,
    /* processes */
    EFFECT_FORK,
    EFFECT_EXEC,
    EFFECT_WAIT,
};

struct call_traits {
    enum argument_role roles[TRACE_ARGUMENTS_MAX];
    enum call_effect effect;
    bool transfers;   /* its result is a number of bytes that went in or out */
    bool is_nameless; /* "unknown": calls of this name need not be the same */
};

void call_traits_of(struct call_traits *traits, const char *name);

/* Whether the call failed: it has an error, or a result that is one. */
bool call_has_failed(const struct trace_call *call);

/* Whether a flag is among those of an argument: by its name or, where they are a number, by its bits. */
bool call_argument_has(const struct trace_call *call, unsigned index, const char *name, uint64_t bits);

#endif
