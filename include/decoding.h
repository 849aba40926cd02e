/* SPDX-License-Identifier: MIT
 *
 * Decoding what an argument points to, where that is more than one flat
 * structure (emit/structures.c): pointers to follow, unions, lists, sizes that
 * another member says. There is a function for each such type of argument, by
 * family in decode/, with a row in that family's table (decode/types.def).
 *
 * One function says both what is read and what is shown, so that these cannot
 * differ. It runs up to three times:
 *
 *   - while the caller waits at the entry of its call, and again when the call
 *     is about to return (OUT, BOTH): nothing is shown, and every piece of
 *     memory that it asks for is fetched and captured;
 *   - when the record is written: the same questions are answered from the
 *     captures, and what is told by the show_...() functions becomes text.
 *
 * So it must ask for the same memory in the same order each time, which it does by
 * itself if it depends on nothing but the call and the memory that it has asked for.
 *
 * Whatever the memory holds: nothing is read beyond what was asked for, and a
 * call's captures are bounded (CAPTURE_DECODED_MAX). What lies beyond that, or
 * cannot be read, is shown as its address, as strace does.
 */
#ifndef RENACER_DECODING_H
#define RENACER_DECODING_H

#include "capture.h"
#include "constants.h"
#include "syscall_table.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct value;

/* One argument that is being decoded. */
struct decoding {
    /* The call. */
    const uint64_t *args; /* as registers have them: see argument_of() */
    int64_t result;       /* 0 until it has returned */
    enum arch arch;       /* how its structures look */
    /* The argument. */
    uint8_t index;
    uint8_t reference; /* the argument that it refers to: A_REFER() */
    uint16_t type;     /* enum arg_type */
    bool delivered;    /* what memory_at() gives is what the call has left there; else what stood there at its entry */
    bool verbose;      /* -v: nothing is abbreviated */
    /* For the functions below alone. */
    struct text *text; /* where it is shown; NULL: it is being captured */
    bool needs_comma;  /* something stands before the next member */
    bool looks_back;
    bool shows_descriptors;
    const void *captures;
    size_t captures_size;
    const void *before; /* while it is being captured at the exit of the call: what was kept of its entry */
    size_t before_size;
    size_t cursor; /* behind the capture that was found last: what comes next is asked for next */
    /* Read memory that has not been captured yet; NULL: what is not there cannot be had. */
    const struct capture *(*fetch)(struct decoding *decoding, unsigned element, uint64_t address, uint64_t length,
                                   uint32_t most);
    void *context; /* of fetch */
};

/* How a type is decoded. */
struct decoded_type {
    /* Bytes at the argument's address that are read in any case, together with those of all other arguments: the fixed
     * part of the structure. 0: there is none. */
    uint16_t size[ARCH_COUNT];
    bool is_flat; /* it asks for nothing else: capture need not run it */
    /* Show what stands at `address`, which is not 0. */
    void (*decode)(struct decoding *decoding, uint64_t address);
};

/* NULL: it is not of these types. */
const struct decoded_type *decoded_type_of(enum arg_type type);

/* Whether a call that fails with this result leaves something at an argument of this type that is shown. */
bool decoded_at_failure(enum arg_type type, int64_t result);

/* Append the value of kind VALUE_DECODED. */
void decoded_to_text(const struct value *value, enum notation notation, struct text *text);

/* Append what strace tells of it behind the result of the call, nothing for most types. (decode/found.c) */
void decoded_found_to_text(const struct value *value, struct text *text);

/* The decoding of a value that is to be shown. */
struct decoding decoding_of(const struct value *value, struct text *text);

/* ------------------------------------------------------------------------- the call */

/* Argument `index` as wide as the architecture has it. */
uint64_t argument_of(const struct decoding *decoding, unsigned index);

/* The argument that this one refers to. */
static inline uint64_t referenced(const struct decoding *decoding) {
    return argument_of(decoding, decoding->reference);
}

/* --------------------------------------------------------------------------- memory */

/* `size` bytes at `address`, or NULL: not all of them can be read. They are aligned to 8 and live as long as the
 * captures. */
const uint8_t *memory_at(struct decoding *decoding, uint64_t address, size_t size);

/* The same as it stood at the entry of the call, for arguments that are input and output; NULL as well
 * if that was not kept. */
const uint8_t *memory_before(struct decoding *decoding, uint64_t address, size_t size);

/* Whether it is being captured at the exit of the call: what the entry has already captured need not be asked for
 * again, and nothing is shown. */
bool is_read_at_exit(const struct decoding *decoding);

/* Of an argument that is input and output: from here on, memory_at() and everything below gives what stood there at
 * the entry of the call; or no longer. */
void look_back(struct decoding *decoding, bool looks_back);

/* A socket of netlink, and how much of its messages is shown. */
struct netlink_socket {
    int32_t protocol; /* descriptor_netlink_protocol() */
    uint32_t limit;   /* bytes of a string, and elements of a list unless with -v */
};

/* What socket `fd` is; false: that cannot be had. */
bool netlink_socket_of(struct decoding *decoding, int32_t fd, struct netlink_socket *socket);

/* Up to `length` bytes there, of which *have could be read; NULL if not one. No more than `most` are
 * asked for. *cut: there are more, which nobody asked for. */
const uint8_t *memory_some(struct decoding *decoding, uint64_t address, uint64_t length, uint32_t most, uint32_t *have,
                           bool *cut);

/* The members of a structure in their order, each where a C compiler would put it on the call's architecture. */
struct members {
    const uint8_t *bytes;
    unsigned at;
    enum arch arch;
};

static inline struct members members_of(const struct decoding *decoding, const uint8_t *bytes) {
    return (struct members){.bytes = bytes, .arch = decoding->arch};
}

uint8_t take_u8(struct members *members);
uint16_t take_u16(struct members *members);
uint32_t take_u32(struct members *members);
int32_t take_i32(struct members *members);
uint64_t take_u64(struct members *members); /* aligned to 4 on i386 */
int64_t take_i64(struct members *members);
uint64_t take_word(struct members *members); /* unsigned long, size_t, a pointer */
int64_t take_long(struct members *members);
/* An array of bytes, or a structure of which only bytes are looked at. */
const uint8_t *take_bytes(struct members *members, unsigned size);

/* Bytes of an unsigned long and of a pointer. */
static inline unsigned word_bytes(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? 4 : 8;
}

/* The number that stands there, of 1 to 8 bytes. */
uint64_t number_in(const uint8_t *bytes, unsigned size);
int64_t signed_in(const uint8_t *bytes, unsigned size);

/* -------------------------------------------------------------------------- showing */

/* Everywhere: `name` is that of a member, "name=" before the value; NULL: only the value is shown. Commas between
 * members are put by themselves. */

void show_open(struct decoding *decoding, const char *name, const char *bracket);
void show_close(struct decoding *decoding, const char *bracket);

void show_signed(struct decoding *decoding, const char *name, int64_t number);
void show_unsigned(struct decoding *decoding, const char *name, uint64_t number);
void show_hex(struct decoding *decoding, const char *name, uint64_t number);   /* 0x..., or 0 */
void show_octal(struct decoding *decoding, const char *name, uint64_t number); /* 0..., at least three digits */
void show_address(struct decoding *decoding, const char *name, uint64_t address);
/* Constants of a set, or a packed number. */
void show_set(struct decoding *decoding, const char *name, enum arg_type set, uint64_t number);
void show_id(struct decoding *decoding, const char *name, uint32_t id); /* of a user or group: -1 has a sign */
void show_process(struct decoding *decoding, const char *name, int64_t id);
/* A number that tells a time, or is made of one, unsigned: another one in every run. */
void show_moment(struct decoding *decoding, const char *name, uint64_t moment);
/* Whether it is shown as it is, and not as something that stands for any moment. */
bool shows_moments(const struct decoding *decoding);
void show_device(struct decoding *decoding, const char *name, uint64_t device);
void show_error(struct decoding *decoding, const char *name, uint64_t error);
void show_signal(struct decoding *decoding, const char *name, uint64_t number);
void show_signals(struct decoding *decoding, const char *name, uint64_t set); /* [INT CHLD] */
/* A descriptor, with what it is where that was asked for. */
void show_descriptor(struct decoding *decoding, const char *name, int32_t fd);

/* A flat structure of emit/structures.c, whose bytes are there; and one that has to be read: its address if it cannot
 * be. */
void show_structure(struct decoding *decoding, const char *name, enum arg_type type, const uint8_t *bytes);
void show_structure_at(struct decoding *decoding, const char *name, enum arg_type type, uint64_t address);

/* The string at `address`, up to its NUL or the limit; a path is not cut. */
void show_string_at(struct decoding *decoding, const char *name, uint64_t address);
void show_path_at(struct decoding *decoding, const char *name, uint64_t address);
/* `length` bytes at `address`, up to the limit. */
void show_buffer_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t length);
/* Bytes that are there: up to their NUL, or all of them. */
void show_characters(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);
void show_bytes(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);
/* Whether strings are shown in hexadecimal, with the NUL at their end (-x). */
bool shows_hex_strings(const struct decoding *decoding);
/* All of them as \x... */
void show_bytes_in_hex(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);

/* A value of any kind. */
void show_value(struct decoding *decoding, const char *name, const struct value *value);
/* Words that strace has for a value, such as htons(80); what stands behind them is up to the caller. */
void show_words(struct decoding *decoding, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The next value stands directly behind what was shown last, without a comma. */
void show_joined(struct decoding *decoding);
/* Append to what was shown last, without a comma: " => ", "|". */
void show_more(struct decoding *decoding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is shown next stands behind this instead of a comma: "|". */
void show_joint(struct decoding *decoding, const char *joint);
/* Append a comment to what was shown last. */
void show_comment(struct decoding *decoding, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Append " => ": what is shown next is what it has become. */
void show_change(struct decoding *decoding);
/* ", ...": members that are left out. */
void show_dots(struct decoding *decoding);

/* `count` elements of `size` bytes at `address`, in brackets, as strace shows an array: its address if the first
 * cannot be read, "..." behind those that are shown, with the address of the first that cannot be read. `show` shows an
 * element whose bytes are there; `context` is for it. Returns how many were shown. */
unsigned show_vector(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, unsigned size,
                     void (*show)(struct decoding *decoding, const uint8_t *element, void *context), void *context);

/* struct iovec[] of which only the addresses are of interest. */
void show_ranges_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count);

/* struct iovec[] with the bytes of each, of which no more than `written` are shown together (UINT64_MAX: all). */
void show_iovec_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, uint64_t written);

/* The same with bytes that are shown in another way than show_buffer_at(). */
typedef void show_content(struct decoding *decoding, const char *name, uint64_t address, uint64_t length);
void show_pieces_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, uint64_t written,
                    show_content *show);

#endif
