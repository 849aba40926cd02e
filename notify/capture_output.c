/* SPDX-License-Identifier: MIT
 *
 * Capture at the exit of a call: what its output arguments point to by then.
 */
#include "capturer.h"

#include "align.h"
#include "decoding.h"
#include "kernel_event.h"
#include "structure.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum {
    PAGE = CAPTURER_PAGE,
    FIXED_MAX = 1024,            /* bytes of an argument whose size neither program nor user chooses */
    ENTRIES_MAX = 1 << 20,       /* bytes of directory entries that are counted */
    ENTRIES_SHOWN_MAX = 1 << 16, /* and that are captured with -v */
};

/* A call that is about to return. */
struct exit {
    struct capturer *capturer;
    const uint64_t *args;
    int64_t result;
    const void *kept; /* of its entry */
    size_t kept_size;
    const void *captures; /* where those of the exit begin */
};

bool capture_is_changed(enum arg_type type) {
    return type == A_MOVED_OFFSET || type == A_MOVED_OFFSET64;
}

bool capture_has_outputs(const struct syscall_row *row, const struct capture_options *options) {
    return options->memory && options->outputs && row_has_any(row, argument_is_output);
}

size_t capture_outputs_bound(const struct capture_options *options) {
    size_t limit = options->string_limit > PAGE ? options->string_limit : PAGE;
    limit = options->verbose && limit < ENTRIES_SHOWN_MAX ? ENTRIES_SHOWN_MAX : limit;
    /* Of every argument something that is fixed, before and after the call; one buffer; and what functions ask for. */
    return (size_t)2 * SYSCALL_MAX_ARGS * (sizeof(struct capture) + FIXED_MAX) + sizeof(struct capture) +
           padded(limit) + capturer_decoded_bound(options);
}

/* The argument as wide as the architecture has it. */
static uint64_t argument(enum arch arch, const uint64_t *args, unsigned index) {
    uint64_t value = args[index % SYSCALL_MAX_ARGS];
    return arch == ARCH_I386 ? (uint32_t)value : value;
}

/* ----------------------------------------------------- input and output at once */

static unsigned offset_size(enum arch arch, enum arg_type type) {
    return arch == ARCH_I386 && type == A_MOVED_OFFSET ? 4 : 8;
}

/* Capture an argument that is input and output, as element `element`. */
static void capture_changed(struct capturer *capturer, const struct shown_argument *shown, const uint64_t *args,
                            unsigned element) {
    uint64_t address = argument(capturer->arch, args, shown->index);
    if (address) {
        capturer_add_bytes(capturer, shown->index, element, address, offset_size(capturer->arch, shown->type),
                           sizeof(uint64_t));
    }
}

void capturer_add_inputs(struct capturer *capturer, const struct syscall_row *row, const uint64_t *args) {
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    unsigned count = row_arguments(row, args, shown);
    for (unsigned i = 0; i < count; i++) {
        if (capture_is_changed(shown[i].type)) {
            capture_changed(capturer, &shown[i], args, 0);
        }
    }
}

/* ------------------------------------------------------------ bytes and vectors */

/* As many bytes as the call says that it wrote, but no more than there was room for. */
static void capture_written(const struct exit *exit, const struct shown_argument *shown, uint64_t room,
                            uint32_t limit) {
    uint64_t address = argument(exit->capturer->arch, exit->args, shown->index);
    if (room == 0 && shown->type == A_OUT_NAMES_) {
        return;
    }
    if (room == 0 && shown->type == A_OUT_ATTRIBUTE_) {
        room = UINT64_MAX; /* strace looks at as many bytes as there would have been */
    }
    uint64_t length = (uint64_t)exit->result < room ? (uint64_t)exit->result : room;
    capturer_add_bytes(exit->capturer, shown->index, CAPTURE_OUTPUT, address, length, limit);
}

static void capture_path(const struct exit *exit, const struct shown_argument *shown) {
    uint64_t address = argument(exit->capturer->arch, exit->args, shown->index);
    if (exit->result > 0) {
        capturer_add_bytes(exit->capturer, shown->index, CAPTURE_OUTPUT, address, (uint64_t)exit->result - 1, PAGE - 1);
    }
}

/* As many structures as the call says that it wrote. */
static void capture_vector(const struct exit *exit, const struct shown_argument *shown, enum arg_type element) {
    const struct capturer *capturer = exit->capturer;
    uint32_t size = structure_of(element)->size[capturer->arch];
    uint32_t room = (uint32_t)argument(capturer->arch, exit->args, shown->reference);
    uint64_t count = (uint64_t)exit->result < room ? (uint64_t)exit->result : room;
    capturer_add_bytes(exit->capturer, shown->index, CAPTURE_OUTPUT, argument(capturer->arch, exit->args, shown->index),
                       count * size, capturer->elements * size);
}

/* How many entries of a directory stand in `size` bytes. Each says its own
 * length in 16 bits at `at`. UINT64_MAX: they could not be read. */
static uint64_t count_entries(const struct capturer *capturer, uint64_t address, uint32_t size, unsigned at) {
    uint8_t piece[PAGE];
    uint32_t begin = 0;
    uint32_t end = 0;
    uint64_t count = 0;
    uint32_t position = 0;
    uint16_t length;
    while (position + at + sizeof(length) <= size) {
        if (position + at + sizeof(length) > end) {
            begin = position;
            end = begin + capturer_smaller(size - begin, sizeof(piece));
            if (memory_read_exact(capturer->memory, capturer->tid, address + begin, piece, end - begin) < 0) {
                return UINT64_MAX;
            }
        }
        memcpy(&length, piece + (position - begin) + at, sizeof(length));
        if (length == 0) {
            break;
        }
        position += length;
        count++;
    }
    return count;
}

/* Of a directory how many entries there are; with -v the entries as well. */
static void capture_entries(const struct exit *exit, const struct shown_argument *shown) {
    enum {
        RECLEN = 16, /* offsetof(struct linux_dirent64, d_reclen), as that of a 64-bit linux_dirent */
        RECLEN_I386 = 8,
    };
    bool is_old = exit->capturer->arch == ARCH_I386 && shown->type == A_OUT_DIRENTS;
    uint64_t address = argument(exit->capturer->arch, exit->args, shown->index);
    uint32_t size = capturer_smaller((uint64_t)exit->result, ENTRIES_MAX);
    uint64_t count = count_entries(exit->capturer, address, size, is_old ? RECLEN_I386 : RECLEN);
    if (count == UINT64_MAX) {
        return;
    }
    struct capture *entries = capturer_open(exit->capturer, shown->index, CAPTURE_OUTPUT);
    entries->full_length = count;
    if (exit->capturer->verbose) {
        capturer_append(exit->capturer, entries, address, capturer_smaller(size, ENTRIES_SHOWN_MAX));
        entries->state = size > ENTRIES_SHOWN_MAX ? CAPTURE_CUT : CAPTURE_WHOLE;
    }
    capturer_close(exit->capturer, entries);
}

/* ------------------------------------------------------------------- structures */

static void capture_structure(const struct exit *exit, const struct shown_argument *shown, enum arg_type type) {
    const struct structure *structure = structure_of(type);
    enum arch arch = exit->capturer->arch;
    if (structure->needs_positive && exit->result <= 0) {
        return;
    }
    capturer_add_bytes(exit->capturer, shown->index, CAPTURE_OUTPUT, argument(arch, exit->args, shown->index),
                       structure->size[arch], structure->size[arch]);
}

/* What is left of a sleep: only if a signal interrupted it, and not for one until a point in time. */
static void capture_remainder(const struct exit *exit, const struct shown_argument *shown) {
    bool has_flags = shown->index == 3; /* clock_nanosleep */
    if (kernel_restarts(exit->result) && !(has_flags && exit->args[1] & TIMER_ABSTIME)) {
        capture_structure(exit, shown, shown->type == A_OUT_REMAINDER ? A_TO_TIMESPEC : A_TO_TIMESPEC64);
    }
}

/* --------------------------------------------------------------- every argument */

/* An argument of a call that succeeded. */
static void capture_success(const struct exit *exit, const struct shown_argument *shown) {
    uint64_t reference = argument(exit->capturer->arch, exit->args, shown->reference);
    switch ((enum arg_type)shown->type) {
    case A_OUT_BUF_:
    case A_OUT_RANDOM_:
    case A_OUT_ATTRIBUTE_:
    case A_OUT_NAMES_:
        capture_written(exit, shown, reference, exit->capturer->limit);
        break;
    case A_OUT_CPUS:
        capture_written(exit, shown, FIXED_MAX, FIXED_MAX);
        break;
    case A_OUT_PATH_:
        capture_path(exit, shown);
        break;
    case A_OUT_DIRENTS:
    case A_OUT_DIRENTS64:
        capture_entries(exit, shown);
        break;
    case A_OUT_EPOLL_:
        capture_vector(exit, shown, A_EPOLL_EVENT);
        break;
    default:
        if (structure_of(shown->type)) {
            capture_structure(exit, shown, shown->type);
        }
        break;
    }
}

static void capture_output(const struct exit *exit, const struct shown_argument *shown) {
    if (!argument_is_output(shown) || !argument(exit->capturer->arch, exit->args, shown->index)) {
        return;
    }
    if (capture_is_changed(shown->type)) {
        capture_changed(exit->capturer, shown, exit->args, CAPTURE_OUTPUT);
    } else if (shown->type == A_OUT_REMAINDER || shown->type == A_OUT_REMAINDER64) {
        capture_remainder(exit, shown);
    } else if (decoded_type_of(shown->type) && (exit->result >= 0 || decoded_at_failure(shown->type, exit->result))) {
        struct capturer_exit known = {.result = exit->result, .kept = exit->kept, .kept_size = exit->kept_size};
        capturer_add_decoded(exit->capturer, shown, exit->args, &known, exit->captures);
    } else if (exit->result >= 0) {
        capture_success(exit, shown);
    }
}

size_t capture_outputs(const struct syscall_row *row, enum arch arch, const uint64_t args[SYSCALL_MAX_ARGS],
                       int64_t result, const struct memory *memory, pid_t tid, const struct capture_options *options,
                       const void *kept, size_t kept_size, void *captures, size_t size) {
    if (!capture_has_outputs(row, options)) {
        return size;
    }
    struct capturer capturer;
    capturer_init(&capturer, memory, tid, arch, options, (uint8_t *)captures + size);
    struct exit exit = {.capturer = &capturer,
                        .args = args,
                        .result = result,
                        .kept = kept,
                        .kept_size = kept_size,
                        .captures = capturer.end};
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    unsigned count = row_arguments(row, args, shown);
    for (unsigned i = 0; i < count; i++) {
        capture_output(&exit, &shown[i]);
    }
    struct capturer_exit known = {.result = result, .kept = kept, .kept_size = kept_size};
    for (unsigned i = 0; i < count; i++) {
        capturer_add_messages(&capturer, row, &shown[i], args, &known, exit.captures);
    }
    return (size_t)(capturer.end - (uint8_t *)captures);
}

/* Whether the exit of a call needs this capture of its entry. */
static bool is_kept(const struct shown_argument *shown, const struct capture *capture) {
    bool is_both = shown->direction == DIRECTION_BOTH || shown->direction == DIRECTION_CHANGED;
    return is_both && capture->element == CAPTURE_AT;
}

size_t capture_keep(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS], const void *captures,
                    size_t size, void *kept) {
    struct shown_argument shown[SYSCALL_MAX_ARGS];
    unsigned count = row_arguments(row, args, shown);
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        const struct capture *capture = (const struct capture *)(const void *)((const uint8_t *)captures + at);
        size_t bytes = sizeof(*capture) + padded(capture->size);
        for (unsigned i = 0; i < count; i++) {
            if (shown[i].index == capture->arg && is_kept(&shown[i], capture) && used + bytes <= CAPTURE_KEPT_MAX) {
                memcpy((uint8_t *)kept + used, capture, bytes);
                used += bytes;
            }
        }
        at += bytes;
    }
    return used;
}
