/* SPDX-License-Identifier: MIT
 *
 * What the two halves of capture share: reading at the entry of a call
 * (notify/capture.c) and at its exit (notify/capture_output.c).
 */
#ifndef RENACER_CAPTURER_H
#define RENACER_CAPTURER_H

#include "capture.h"

enum {
    CAPTURER_PAGE = 4096,
};

/* Where the captures of one call go, and where they come from. */
struct capturer {
    const struct memory *memory;
    pid_t tid;
    enum arch arch;
    uint32_t limit;
    uint32_t elements; /* the most of a vector */
    enum descriptor_detail detail;
    bool verbose;
    bool outputs;          /* the exit of the call will be captured, too */
    uint32_t decoded_left; /* bytes that may still be captured of what functions decode */
    uint8_t *end;          /* where the next capture starts */
};

static inline uint32_t capturer_smaller(uint64_t a, uint64_t b) {
    return (uint32_t)(a < b ? a : b);
}

/* The options are no longer needed afterwards. */
void capturer_init(struct capturer *capturer, const struct memory *memory, pid_t tid, enum arch arch,
                   const struct capture_options *options, void *end);

/* Begin a capture, empty and whole. */
struct capture *capturer_open(struct capturer *capturer, unsigned arg, unsigned element);

/* The capture's size is final: the next one goes behind it. */
void capturer_close(struct capturer *capturer, const struct capture *capture);

/* Append to `capture` up to `size` bytes at `address`, page by page, as far as they can be read; whether they all
 * could. */
bool capturer_append(struct capturer *capturer, struct capture *capture, uint64_t address, uint32_t size);

/* Read the string at `address`, of which the capture already holds the first
 * bytes, until its NUL, the limit, or memory that is not there. */
void capturer_read_string(struct capturer *capturer, struct capture *capture, uint64_t address, uint32_t limit);

/* Capture `length` bytes at `address`, of which `limit` are kept. */
void capturer_add_bytes(struct capturer *capturer, unsigned arg, unsigned element, uint64_t address, uint64_t length,
                        uint32_t limit);

/* Read up to `max` words at `address`, stopping behind a NULL if `to_null`;
 * returns how many could be read, without the NULL, and whether it ended well. */
unsigned capturer_read_words(struct capturer *capturer, uint64_t address, uint64_t *words, unsigned max, bool to_null,
                             enum capture_state *state);

/* Capture what the arguments that are input and output point to before the call. */
void capturer_add_inputs(struct capturer *capturer, const struct syscall_row *row, const uint64_t *args);

/* Whether an argument of this type is input and output. */
bool capture_is_changed(enum arg_type type);

/* The most bytes that outputs take, and the inputs that belong to them. */
size_t capture_outputs_bound(const struct capture_options *options);

/* What is known of a call that is about to return. */
struct capturer_exit {
    int64_t result;
    const void *kept; /* of its entry: capture_keep() */
    size_t kept_size;
};

/* Capture what the function of the argument's type asks for; `exit` is NULL at the entry of the call. `captures` is
 * where those of the call begin. (notify/capture_decoded.c) */
void capturer_add_decoded(struct capturer *capturer, const struct shown_argument *shown, const uint64_t *args,
                          const struct capturer_exit *exit, const void *captures);

/* Of a socket's buffer that may hold messages of netlink: capture these, if it is a socket of netlink.
 * (notify/capture_decoded.c) */
void capturer_add_messages(struct capturer *capturer, const struct syscall_row *row, const struct shown_argument *shown,
                           const uint64_t *args, const struct capturer_exit *exit, const void *captures);

/* The most bytes that these are of one call. */
size_t capturer_decoded_bound(const struct capture_options *options);

#endif
