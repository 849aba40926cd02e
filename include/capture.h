/* SPDX-License-Identifier: MIT
 *
 * Capture: copying what a call's arguments point to while the caller waits in
 * its notification. The plan comes from the syscall table. All that the
 * arguments themselves point to is fetched by one process_vm_readv(2); only
 * long strings and nested pointers (argv, iovec) take another.
 *
 * The result is a run of captures, each a header followed by its bytes, padded
 * to 8. It travels with the record; the decoder finds a capture by argument.
 */
#ifndef RENACER_CAPTURE_H
#define RENACER_CAPTURE_H

#include "descriptor.h"
#include "memory.h"
#include "syscall_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capture_state {
    CAPTURE_WHOLE,      /* all bytes are here */
    CAPTURE_CUT,        /* longer than the limit: the first bytes are here */
    CAPTURE_UNREADABLE, /* the bytes here are followed by memory that cannot be read */
};

/* The full length is not known: a string that was cut. */
#define CAPTURE_LENGTH_UNKNOWN UINT64_MAX

struct capture {
    uint8_t arg;          /* index of the argument, from 0 */
    uint8_t state;        /* enum capture_state */
    uint16_t element;     /* 0: the argument itself; n: element n-1 of the vector it points to; CAPTURE_... */
    uint32_t size;        /* bytes that follow this header */
    uint64_t full_length; /* bytes that there are at the caller, or CAPTURE_LENGTH_UNKNOWN */
    uint64_t address;     /* of those that have one (CAPTURE_AT and the like, vectors of strings): where it stood */
};

enum {
    CAPTURE_VECTOR_MAX = 64,    /* elements of argv or iovec that are followed */
    CAPTURE_ENVP_MAX = 1 << 12, /* elements of envp that are counted */
    CAPTURE_LIMIT_MAX = 1 << 20,
    CAPTURE_COMM_MAX = 15,           /* bytes of a thread's name: the kernel's TASK_COMM_LEN without the NUL */
    CAPTURE_DESCRIPTOR = UINT16_MAX, /* element: what the descriptor is, as include/descriptor.h writes it */
    CAPTURE_OUTPUT = UINT16_MAX - 1, /* element: what the argument itself points to when the call has returned */
    /* elements: what include/decoding.h has asked for, at the entry of the call and at its exit */
    CAPTURE_AT = UINT16_MAX - 2,
    CAPTURE_AT_EXIT = UINT16_MAX - 3,
    CAPTURE_STRING_AT = UINT16_MAX - 4,
    CAPTURE_STRING_AT_EXIT = UINT16_MAX - 5,
    CAPTURE_DESCRIPTOR_AT = UINT16_MAX - 6, /* `address` is the descriptor */
    CAPTURE_NETLINK = UINT16_MAX - 7,       /* struct netlink_socket; `address` is the descriptor */
    CAPTURE_KEPT_MAX = 1024,                /* bytes of the entry that are kept for the exit */
    CAPTURE_DECODED_MAX = 40 << 10,         /* bytes of what is asked for, beside one string or buffer of the limit */
    CAPTURE_RESULT = SYSCALL_MAX_ARGS,      /* arg: not an argument but the result */
};

/* How much of what is asked for is read at most: beside a number of bytes, these. */
#define CAPTURE_TO_LIMIT (UINT32_MAX - 1)                          /* as much as of a string */
#define CAPTURE_PATH (UINT32_MAX - 2)                              /* as much as of a path */
#define CAPTURE_ELEMENTS(size) (UINT32_MAX - 2 - (uint32_t)(size)) /* as many elements of this size as of a vector */

/* What is captured. */
struct capture_options {
    bool memory;                   /* what arguments point to */
    bool outputs;                  /* output arguments too, once the call has returned */
    bool verbose;                  /* also what is shown with -v alone */
    enum descriptor_detail detail; /* what descriptors are, where not DESCRIPTOR_NONE */
    uint32_t string_limit;         /* the most bytes of a string or buffer, at most CAPTURE_LIMIT_MAX */
    uint32_t vector_limit;         /* the most elements of a vector, at most CAPTURE_VECTOR_MAX; 0: these */
};

/* Whether a call of `row` has to stop for it; others are taken from the tracepoints alone. */
bool capture_needed(const struct syscall_row *row, const struct capture_options *options);

/* Which calls of such a row have to stop. */
struct capture_trigger {
    uint8_t arguments; /* a bit each: those of which one is at least `least`; 0: all calls */
    uint64_t least;
};

/* What is read of futex(2), for example, is its timeout: only a call that has one has to stop for it. */
struct capture_trigger capture_trigger_of(const struct syscall_row *row, const struct capture_options *options);

/* Whether a call of `row` has output arguments that are captured once it has returned. */
bool capture_has_outputs(const struct syscall_row *row, const struct capture_options *options);

/* Whether what the call's result is has to be found out once it has returned. */
bool capture_needs_result(const struct syscall_row *row, const struct capture_options *options);

/* The most bytes that capture_call() can write, and one capture_add_descriptor() and
 * one capture_outputs() behind it. */
size_t capture_bound(const struct capture_options *options);

/* Capture the arguments of one call of `row` made by the stopped thread `tid`.
 *   output  at least capture_bound(options) bytes, aligned to 8
 * Returns the bytes written. What cannot be read is marked as such in its
 * capture; there is no error. */
size_t capture_call(const struct syscall_row *row, enum arch arch, const uint64_t args[SYSCALL_MAX_ARGS],
                    const struct memory *memory, pid_t tid, const struct capture_options *options, void *output);

/* Append to the `size` bytes at `captures` what descriptor `fd` of `tid` is, as a
 * capture of `arg` (CAPTURE_RESULT for a result); AT_FDCWD is the current
 * directory. Returns the new size. */
size_t capture_add_descriptor(void *captures, size_t size, unsigned arg, pid_t tid, int fd,
                              enum descriptor_detail detail);

/* Append to the `size` bytes at `captures` what the output arguments of a call point to now
 * that it is about to return `result` (the kernel's value); the `kept_size` bytes at
 * `kept` are what capture_keep() kept of its entry, or what capture_call() wrote then. Of a failed call that is
 * nothing, but for lengths and the like, which are an input as well. Returns the new size. */
size_t capture_outputs(const struct syscall_row *row, enum arch arch, const uint64_t args[SYSCALL_MAX_ARGS],
                       int64_t result, const struct memory *memory, pid_t tid, const struct capture_options *options,
                       const void *kept, size_t kept_size, void *captures, size_t size);

/* Of the `size` bytes that capture_call() wrote at `captures`, keep what capture_outputs() has to know of
 * the entry: how much room the caller had for a socket's answer. `kept` has CAPTURE_KEPT_MAX bytes; returns
 * how many are used. */
size_t capture_keep(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS], const void *captures,
                    size_t size, void *kept);

/* The capture of element `element` of argument `arg` among the `size` bytes at `captures`, or NULL. */
const struct capture *capture_find(const void *captures, size_t size, unsigned arg, unsigned element);

static inline const uint8_t *capture_bytes(const struct capture *capture) {
    return (const uint8_t *)(capture + 1);
}

/* Where the next one begins. */
static inline const uint8_t *capture_end(const struct capture *capture) {
    return capture_bytes(capture) + ((capture->size + 7) & ~7U);
}

#endif
