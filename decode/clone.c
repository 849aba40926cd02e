/* SPDX-License-Identifier: MIT
 *
 * clone(2) and clone3(2): what is asked for, and the ids that the kernel leaves behind.
 */
#include "decode_processes.h"

#include <limits.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>

enum {
    LEAST_SIZE = CLONE_ARGS_SIZE_VER0,
    KNOWN_SIZE = CLONE_ARGS_SIZE_VER2,
    SET_TID_MAX = 32, /* MAX_PID_NS_LEVEL of the kernel */
    PAGE_SIZE = 4096,
};

/* The structure has no pointers of the architecture's width: it is the same on all. What the program's own, older one
 * does not have is 0. False if it cannot be read. */
static bool read_args(struct decoding *decoding, uint64_t address, uint64_t size, struct clone_args *args) {
    size_t have = size < KNOWN_SIZE ? (size_t)size : KNOWN_SIZE;
    const uint8_t *bytes = memory_at(decoding, address, have);
    memset(args, 0, sizeof(*args));
    if (bytes) {
        memcpy(args, bytes, have);
    }
    return bytes;
}

/* ------------------------------------------------------------------------- the entry */

static void show_thread(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_signed(decoding, NULL, signed_in(element, 4));
}

static void show_set_tid(struct decoding *decoding, const struct clone_args *args) {
    if (!args->set_tid && !args->set_tid_size) {
        return;
    }
    if (!args->set_tid || !args->set_tid_size || args->set_tid_size > SET_TID_MAX) {
        show_address(decoding, "set_tid", args->set_tid);
    } else {
        show_vector(decoding, "set_tid", args->set_tid, args->set_tid_size, sizeof(int32_t), show_thread, NULL);
    }
    show_unsigned(decoding, "set_tid_size", args->set_tid_size);
}

static bool all_zero(const uint8_t *bytes, size_t size) {
    return !size || (!bytes[0] && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* What stands behind the members that are known, unless all of it is 0. */
static void show_rest(struct decoding *decoding, uint64_t address, uint64_t size) {
    uint64_t end = size < PAGE_SIZE ? size : PAGE_SIZE;
    size_t length = (size_t)end - KNOWN_SIZE;
    uint64_t start = address + KNOWN_SIZE;
    uint32_t have;
    bool cut;
    const uint8_t *shown = memory_some(decoding, start, length, CAPTURE_TO_LIMIT, &have, &cut);
    const uint8_t *hidden = cut ? memory_at(decoding, start + have, length - have) : NULL;
    if (cut ? !hidden : have < length) {
        show_words(decoding, NULL, "???");
        return;
    }
    if (all_zero(shown, have) && (!cut || all_zero(hidden, length - have))) {
        return;
    }
    char place[64];
    snprintf(place, sizeof(place), "/* bytes %u..%llu */ ", KNOWN_SIZE, (unsigned long long)end - 1);
    show_open(decoding, NULL, place);
    show_bytes_in_hex(decoding, NULL, shown, have);
    show_close(decoding, cut ? "..." : "");
}

static void show_tls(struct decoding *decoding, uint64_t tls) {
    if (decoding->arch == ARCH_I386) {
        show_user_desc_at(decoding, "tls", tls);
    } else {
        show_address(decoding, "tls", tls);
    }
}

static void show_asked(struct decoding *decoding, uint64_t address, uint64_t size, const struct clone_args *args) {
    show_open(decoding, NULL, "{");
    show_set(decoding, "flags", A_CLONE3_FLAGS, args->flags);
    if (args->flags & CLONE_PIDFD) {
        show_address(decoding, "pidfd", args->pidfd);
    }
    if (args->flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
        show_address(decoding, "child_tid", args->child_tid);
    }
    if (args->flags & CLONE_PARENT_SETTID) {
        show_address(decoding, "parent_tid", args->parent_tid);
    }
    if (args->exit_signal < INT_MAX) {
        show_signal(decoding, "exit_signal", args->exit_signal);
    } else {
        show_unsigned(decoding, "exit_signal", args->exit_signal);
    }
    show_address(decoding, "stack", args->stack);
    show_hex(decoding, "stack_size", args->stack_size);
    if (args->flags & CLONE_SETTLS) {
        show_tls(decoding, args->tls);
    }
    show_set_tid(decoding, args);
    if (size > CLONE_ARGS_SIZE_VER1 && (args->cgroup || args->flags & CLONE_INTO_CGROUP)) {
        show_unsigned(decoding, "cgroup", args->cgroup);
    }
    if (size > KNOWN_SIZE) {
        show_rest(decoding, address, size);
    }
    show_close(decoding, "}");
}

/* -------------------------------------------------------------------------- the exit */

/* The id that stands there now, in brackets. */
static void show_left(struct decoding *decoding, const char *name, uint64_t address, bool is_descriptor) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(int32_t));
    if (!bytes) {
        show_address(decoding, name, address);
        return;
    }
    show_open(decoding, name, "[");
    if (is_descriptor) {
        show_descriptor(decoding, NULL, (int32_t)signed_in(bytes, 4));
    } else {
        /* The kernel has written there what the call returns. A thread that has ended since may have cleared it, for
         * the C library has one place for this and for CLONE_CHILD_CLEARTID. */
        int64_t id = signed_in(bytes, 4);
        show_process(decoding, NULL, id ? id : decoding->result);
    }
    show_close(decoding, "]");
}

static void show_results(struct decoding *decoding, uint64_t address, uint64_t size) {
    struct clone_args args;
    if (!read_args(decoding, address, size, &args)) {
        show_change(decoding);
        show_address(decoding, NULL, address);
        return;
    }
    if (!(args.flags & (CLONE_PIDFD | CLONE_PARENT_SETTID))) {
        return;
    }
    show_change(decoding);
    show_open(decoding, NULL, "{");
    if (args.flags & CLONE_PIDFD) {
        show_left(decoding, "pidfd", args.pidfd, true);
    }
    if (args.flags & CLONE_PARENT_SETTID) {
        show_left(decoding, "parent_tid", args.parent_tid, false);
    }
    show_close(decoding, "}");
}

void decode_clone_args(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    if (size < LEAST_SIZE) {
        show_address(decoding, NULL, address);
        return;
    }
    if (!is_read_at_exit(decoding)) {
        struct clone_args args;
        look_back(decoding, true);
        bool is_there = read_args(decoding, address, size, &args);
        if (is_there) {
            show_asked(decoding, address, size, &args);
        } else {
            show_address(decoding, NULL, address);
        }
        look_back(decoding, false);
        /* Of what asks for no ids nothing is told, whatever stands there now. */
        if (!is_there || !(args.flags & (CLONE_PIDFD | CLONE_PARENT_SETTID))) {
            return;
        }
    }
    if (decoding->delivered) {
        show_results(decoding, address, size);
    }
}

void decode_clone_parent(struct decoding *decoding, uint64_t address) {
    uint64_t flags = argument_of(decoding, 0);
    if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
        show_left(decoding, NULL, address, !(flags & CLONE_PARENT_SETTID));
    }
}
