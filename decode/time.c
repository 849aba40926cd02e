/* SPDX-License-Identifier: MIT
 *
 * Times as numbers of seconds, of files and of futexes.
 */
#include "decode_time.h"

#include "value.h"

#include <linux/futex.h>
#include <sys/stat.h>

enum {
    DIGITS_MICRO = 6,
    DIGITS_NANO = 9,
};

/* When it is, in a comment; nothing of the beginning of time, nor of what is no time. */
static void show_date(struct decoding *decoding, int64_t seconds, uint64_t fraction, unsigned digits) {
    char when[MOMENT_MAX];
    if ((seconds || fraction) && moment_to_characters(seconds, fraction, digits, when)) {
        show_comment(decoding, "%s", when);
    }
}

static void show_seconds(struct decoding *decoding, const char *name, int64_t seconds) {
    show_signed(decoding, name, seconds);
    show_date(decoding, seconds, 0, 0);
}

void decode_time(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, word_bytes(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_seconds(decoding, NULL, signed_in(bytes, word_bytes(decoding)));
    show_close(decoding, "]");
}

void decode_utimbuf(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, (size_t)2 * word_bytes(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_seconds(decoding, "actime", take_long(&members));
    show_seconds(decoding, "modtime", take_long(&members));
    show_close(decoding, "}");
}

/* One time of a file. */
static void show_file_time(struct decoding *decoding, struct members *members, unsigned digits) {
    int64_t seconds = take_long(members);
    uint64_t fraction = take_word(members);
    if (digits == DIGITS_NANO && (fraction == UTIME_NOW || fraction == UTIME_OMIT)) {
        show_words(decoding, NULL, fraction == UTIME_NOW ? "UTIME_NOW" : "UTIME_OMIT");
        return;
    }
    show_open(decoding, NULL, "{");
    show_signed(decoding, "tv_sec", seconds);
    show_unsigned(decoding, digits == DIGITS_NANO ? "tv_nsec" : "tv_usec", fraction);
    show_close(decoding, "}");
    show_date(decoding, seconds, fraction, digits);
}

/* The two times of a file; `arch` says how long their members are. */
static void show_file_times(struct decoding *decoding, uint64_t address, enum arch arch, unsigned digits) {
    const uint8_t *bytes = memory_at(decoding, address, arch == ARCH_I386 ? 16 : 32);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = {.bytes = bytes, .arch = arch};
    show_open(decoding, NULL, "[");
    show_file_time(decoding, &members, digits);
    show_file_time(decoding, &members, digits);
    show_close(decoding, "]");
}

void decode_timespecs(struct decoding *decoding, uint64_t address) {
    show_file_times(decoding, address, decoding->arch, DIGITS_NANO);
}

void decode_timespecs64(struct decoding *decoding, uint64_t address) {
    show_file_times(decoding, address, ARCH_X86_64, DIGITS_NANO);
}

void decode_timevals(struct decoding *decoding, uint64_t address) {
    show_file_times(decoding, address, decoding->arch, DIGITS_MICRO);
}

/* -------------------------------------------------------------------------- futexes */

/* Whether the operation takes a timeout there, and not a number. */
static bool operation_waits(uint64_t operation) {
    switch ((uint32_t)operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
        return true;
    default:
        return false;
    }
}

static void show_timeout(struct decoding *decoding, uint64_t address, enum arg_type type) {
    if (operation_waits(argument_of(decoding, 1))) {
        show_structure_at(decoding, NULL, type, address);
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_futex_timeout(struct decoding *decoding, uint64_t address) {
    show_timeout(decoding, address, A_TO_TIMESPEC);
}

void decode_futex_timeout64(struct decoding *decoding, uint64_t address) {
    show_timeout(decoding, address, A_TO_TIMESPEC64);
}
