/* SPDX-License-Identifier: MIT
 *
 * select(2) and pselect6(2), and how long such calls and ppoll(2) wait: what is waited for, and behind the result what
 * happened and how much time is left.
 */
#include "decode_waiting.h"

enum {
    FIRST_SET = 1, /* argument: readable, writable, exceptional descriptors, and then the time */
    SETS = 3,
    SET_MAX = 4096, /* bytes of a set; the kernel takes no more than the process may have descriptors */
    SIGSET_SIZE = 8,
};

/* What select(2) is given, in arguments or, on i386, in a structure. */
struct selection {
    int32_t limit; /* descriptors below this one */
    uint64_t sets[SETS];
    uint64_t time;
};

/* ------------------------------------------------------------------- descriptors */

/* Whole words that hold the first `limit` bits; 0: nobody looks at the set. */
static size_t set_bytes(const struct decoding *decoding, int32_t limit) {
    size_t word = word_bytes(decoding);
    return limit > 0 ? ((size_t)limit + 8 * word - 1) / (8 * word) * word : 0;
}

static const uint8_t *set_at(struct decoding *decoding, uint64_t address, int32_t limit) {
    size_t size = set_bytes(decoding, limit);
    return size && size <= SET_MAX ? memory_at(decoding, address, size) : NULL;
}

static bool holds(const uint8_t *set, int32_t fd) {
    return set[fd / 8] >> fd % 8 & 1;
}

static void show_fd_set(struct decoding *decoding, uint64_t address, int32_t limit) {
    const uint8_t *set = set_at(decoding, address, limit);
    if (!set) {
        show_address(decoding, NULL, address);
        return;
    }
    const char *before = "";
    show_open(decoding, NULL, "[");
    for (int32_t fd = 0; fd < limit; fd++) {
        if (holds(set, fd)) {
            show_joint(decoding, before);
            show_descriptor(decoding, NULL, fd);
            before = " ";
        }
    }
    show_close(decoding, "]");
}

void decode_fd_set(struct decoding *decoding, uint64_t address) {
    int32_t limit = (int32_t)argument_of(decoding, 0);
    if (is_read_at_exit(decoding)) {
        set_at(decoding, address, limit);
        return;
    }
    look_back(decoding, true);
    show_fd_set(decoding, address, limit);
    look_back(decoding, false);
}

/* -------------------------------------------------------------------------- time */

static void decode_time(struct decoding *decoding, enum arg_type type, uint64_t address) {
    look_back(decoding, !is_read_at_exit(decoding));
    show_structure_at(decoding, NULL, type, address);
    look_back(decoding, false);
}

void decode_wait_timeval(struct decoding *decoding, uint64_t address) {
    decode_time(decoding, A_TO_TIMEVAL, address);
}

void decode_wait_timespec(struct decoding *decoding, uint64_t address) {
    decode_time(decoding, A_TO_TIMESPEC, address);
}

void decode_wait_timespec64(struct decoding *decoding, uint64_t address) {
    decode_time(decoding, A_TO_TIMESPEC64, address);
}

/* Of epoll_pwait(2) and epoll_pwait2(2), as strace does: not of a call that failed. */
static bool is_refused(const struct decoding *decoding) {
    return decoding->result < 0;
}

void decode_epoll_signals(struct decoding *decoding, uint64_t address) {
    const uint8_t *signals = referenced(decoding) == SIGSET_SIZE ? memory_at(decoding, address, SIGSET_SIZE) : NULL;
    if (signals && !is_refused(decoding)) {
        show_signals(decoding, NULL, number_in(signals, SIGSET_SIZE));
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_epoll_timeout(struct decoding *decoding, uint64_t address) {
    if (is_refused(decoding)) {
        show_address(decoding, NULL, address);
    } else {
        show_structure_at(decoding, NULL, A_TO_TIMESPEC64, address);
    }
}

/* The set of signals of pselect6(2) and io_pgetevents(2), which is two arguments in one. */
void decode_sigmask(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, 2 * (size_t)word_bytes(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint64_t mask = take_word(&members);
    uint64_t size = take_word(&members);
    const uint8_t *signals = size == SIGSET_SIZE ? memory_at(decoding, mask, SIGSET_SIZE) : NULL;
    show_open(decoding, NULL, "{");
    if (signals) {
        show_signals(decoding, "sigmask", number_in(signals, SIGSET_SIZE));
    } else {
        show_address(decoding, "sigmask", mask);
    }
    show_unsigned(decoding, "sigsetsize", size);
    show_close(decoding, "}");
}

/* --------------------------------------------------------------------- the result */

/* "in [3 4]", of which no more are shown than the call has found. Returns how many are left. */
static uint64_t show_found_set(struct decoding *decoding, const char *name, const uint8_t *set, int32_t limit,
                               uint64_t left) {
    const char *before = " [";
    for (int32_t fd = 0; fd < limit && left; fd++) {
        if (!holds(set, fd)) {
            continue;
        }
        if (before[1]) {
            show_words(decoding, NULL, "%s", name);
        }
        show_joint(decoding, before);
        show_signed(decoding, NULL, fd);
        before = " ";
        left--;
    }
    if (!before[1]) {
        show_close(decoding, "]");
    }
    return left;
}

/* The three sets as the call has left them, each in the captures of its argument. */
static void show_found_sets(struct decoding *decoding, const struct selection *selection, bool in_arguments) {
    static const char *const names[SETS] = {"in", "out", "except"};
    uint64_t left = (uint64_t)decoding->result;
    uint8_t index = decoding->index;
    for (unsigned i = 0; i < SETS && left; i++) {
        decoding->index = in_arguments ? (uint8_t)(FIRST_SET + i) : index;
        const uint8_t *set = set_at(decoding, selection->sets[i], selection->limit);
        if (set) {
            left = show_found_set(decoding, names[i], set, selection->limit, left);
        }
    }
    decoding->index = index;
}

static struct selection selection_of(const struct decoding *decoding) {
    struct selection selection = {.limit = (int32_t)argument_of(decoding, 0),
                                  .time = argument_of(decoding, FIRST_SET + SETS)};
    for (unsigned i = 0; i < SETS; i++) {
        selection.sets[i] = argument_of(decoding, FIRST_SET + i);
    }
    return selection;
}

/* Of several sets the first tells of all. */
void found_fd_set(struct decoding *decoding, uint64_t address) {
    (void)address;
    for (unsigned i = FIRST_SET; i < decoding->index; i++) {
        if (argument_of(decoding, i)) {
            return;
        }
    }
    struct selection selection = selection_of(decoding);
    show_open(decoding, NULL, " (");
    show_found_sets(decoding, &selection, true);
    if (!selection.time) {
        show_close(decoding, ")");
    }
}

static void show_left(struct decoding *decoding, enum arg_type type, uint64_t address) {
    show_words(decoding, NULL, "left");
    show_joint(decoding, " ");
    show_structure_at(decoding, NULL, type, address);
    show_close(decoding, ")");
}

/* The time goes on where what was found ends: that of the sets or of ppoll(2). */
static void found_time(struct decoding *decoding, enum arg_type type, uint64_t address) {
    bool is_poll = decoding->index == 2;
    bool has_before = is_poll && argument_of(decoding, 0);
    bool has_found = has_before;
    for (unsigned i = 0; i < SETS && !is_poll; i++) {
        has_before = has_before || argument_of(decoding, FIRST_SET + i);
    }
    if (has_before && !is_poll) {
        /* Whether anything was found in them, without showing it again. */
        struct decoding silent = *decoding;
        struct text text = {0};
        struct selection selection = selection_of(decoding);
        silent.text = &text;
        silent.needs_comma = false;
        show_found_sets(&silent, &selection, true);
        has_found = silent.needs_comma;
        text_finish(&text);
    }
    if (!has_before) {
        show_open(decoding, NULL, " (");
    }
    decoding->needs_comma = has_found;
    show_left(decoding, type, address);
}

void found_wait_timeval(struct decoding *decoding, uint64_t address) {
    found_time(decoding, A_TO_TIMEVAL, address);
}

void found_wait_timespec(struct decoding *decoding, uint64_t address) {
    found_time(decoding, A_TO_TIMESPEC, address);
}

void found_wait_timespec64(struct decoding *decoding, uint64_t address) {
    found_time(decoding, A_TO_TIMESPEC64, address);
}

/* --------------------------------------------------------------- the old call of i386 */

static bool selection_at(struct decoding *decoding, uint64_t address, struct selection *selection) {
    const uint8_t *bytes = memory_at(decoding, address, 5 * sizeof(uint32_t));
    if (!bytes) {
        return false;
    }
    struct members members = members_of(decoding, bytes);
    selection->limit = take_i32(&members);
    for (unsigned i = 0; i < SETS; i++) {
        selection->sets[i] = take_u32(&members);
    }
    selection->time = take_u32(&members);
    return true;
}

/* All of its arguments are in one structure, which it leaves as it is. */
void decode_select_arguments(struct decoding *decoding, uint64_t address) {
    struct selection selection;
    bool at_exit = is_read_at_exit(decoding);
    look_back(decoding, !at_exit);
    if (selection_at(decoding, address, &selection)) {
        show_signed(decoding, NULL, selection.limit);
        for (unsigned i = 0; i < SETS; i++) {
            show_fd_set(decoding, selection.sets[i], selection.limit);
        }
        show_structure_at(decoding, NULL, A_TO_TIMEVAL, selection.time);
    } else {
        show_address(decoding, NULL, address);
    }
    look_back(decoding, false);
}

void found_select_arguments(struct decoding *decoding, uint64_t address) {
    struct selection selection;
    if (!selection_at(decoding, address, &selection)) {
        return;
    }
    show_open(decoding, NULL, " (");
    show_found_sets(decoding, &selection, false);
    if (selection.time) {
        show_left(decoding, A_TO_TIMEVAL, selection.time);
    } else {
        show_close(decoding, ")");
    }
}
