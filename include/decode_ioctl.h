/* SPDX-License-Identifier: MIT
 *
 * What the third argument of ioctl(2) points to (decode/ioctl.def): requests in a table of each family, and the
 * members of their structures as data, in the order of memory.
 *
 *     static const struct member pll[] = {
 *         {"pll_ctrl", MEMBER_SIGNED, 4},
 *         {"pll_clock", MEMBER_SIGNED},              // no size: as wide as a long
 *         {"flags", MEMBER_SET, 4, .set = A_FLAGS},
 *         {"rsv", MEMBER_HEX, 4, .count = 12},       // an array
 *     };
 *     static const struct layout pll_layout = LAYOUT(pll);
 *
 * Each member stands where a C compiler puts it on the call's architecture.
 */
#ifndef RENACER_DECODE_IOCTL_H
#define RENACER_DECODE_IOCTL_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/ioctl.def"
#undef DECODED

enum member_kind {
    MEMBER_HIDDEN, /* bytes that are never shown */
    MEMBER_SIGNED,
    MEMBER_UNSIGNED,
    MEMBER_HEX,
    MEMBER_ADDRESS,
    MEMBER_SET, /* constants of `set` */
    MEMBER_DEVICE,
    MEMBER_DESCRIPTOR,
    MEMBER_NAME,   /* `count` bytes up to a NUL, with dots behind them if there is none */
    MEMBER_BYTES,  /* `count` bytes, all of them */
    MEMBER_LAYOUT, /* a structure of its own, or, with `show`, anything of its size */
    MEMBER_NUMBER, /* a number that `show_number` shows */
    MEMBER_DOTS,   /* takes no room: "..." where the members before it or behind it are left out */
};

/* When a member is shown: always, unless one of these says something else. */
enum {
    AT_ENTRY = 1 << 0, /* of a request that is input and output: there alone */
    AT_EXIT = 1 << 1,
    IN_DETAIL = 1 << 2, /* with -v alone */
    IF_SET = 1 << 3,    /* if it is not 0 */
};

struct layout;

struct member {
    const char *name; /* NULL: its value alone */
    enum member_kind kind;
    uint16_t size; /* of a number; 0: as wide as a long */
    enum arg_type set;
    uint16_t count; /* elements of an array; 0: it is none */
    uint8_t when;
    const struct layout *layout;
    void (*show)(struct decoding *decoding, const char *name, const uint8_t *bytes);
    void (*show_number)(struct decoding *decoding, const char *name, uint64_t number);
};

struct layout {
    const struct member *members;
    unsigned count;
    unsigned size; /* bytes, if there are more than those of its members */
    bool is_packed;
    const char *open; /* "{" where nothing is said */
    const char *close;
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define LAYOUT(list)                                                                                                   \
    { .members = (list), .count = COUNT_OF(list) }
/* One number. */
#define BARE_LAYOUT(list)                                                                                              \
    { .members = (list), .count = COUNT_OF(list), .open = "[", .close = "]" }
/* A value without anything around it. */
#define NAKED_LAYOUT(list)                                                                                             \
    { .members = (list), .count = COUNT_OF(list), .open = "", .close = "" }

/* What a request does with its structure. */
enum form_style {
    FORM_ONE_WAY, /* it is read, or it is written: as the request's row says (emit/commands.def) */
    FORM_JOINED,  /* both: {index=1, name="..."}; what comes out stands behind what went in */
    FORM_ARROW,   /* both: {index=1} => {name="..."} */
    FORM_OWN,     /* `show` shows it all */
};

struct ioctl_form {
    uint32_t request;
    enum form_style style;
    const struct layout *layout;
    void (*show)(struct decoding *decoding, uint64_t address);
};

/* The request of the call. */
uint32_t request_of(const struct decoding *decoding);

/* Show what stands at `address` as the request's form says; as an address, if there is none. */
void show_form(struct decoding *decoding, uint64_t address, const struct ioctl_form *forms, unsigned count);

/* Bytes of a structure. */
unsigned layout_size(const struct decoding *decoding, const struct layout *layout);

/* Where member `index` stands in it. */
unsigned layout_offset(const struct decoding *decoding, const struct layout *layout, unsigned index);

/* A structure whose bytes are there. */
void show_layout(struct decoding *decoding, const char *name, const struct layout *layout, const uint8_t *bytes);

/* One that has to be read: its address if it cannot be. False: so it is. */
bool show_layout_at(struct decoding *decoding, const char *name, const struct layout *layout, uint64_t address);

/* Members alone, of a structure that is input and output: `when` is AT_ENTRY or AT_EXIT. */
void show_members(struct decoding *decoding, const struct layout *layout, const uint8_t *bytes, unsigned when);

/* What stood at `address` at the entry of the call, from which it can be shown: begins with "{" and the members of
 * AT_ENTRY. NULL: it is shown as an address, and there is nothing more to be said. Whatever is asked for then is of the
 * entry, too, until entry_ends(). */
const uint8_t *entry_begins(struct decoding *decoding, const struct layout *layout, uint64_t address);
void entry_ends(struct decoding *decoding);

/* `size` bytes that stood at `address` at the entry of the call; NULL: they could not be read. Where a long structure
 * was not kept until its exit, it is what stands there now, by which capture finds its way. */
const uint8_t *entry_bytes(struct decoding *decoding, uint64_t address, size_t size);

/* Whether what stood there at the entry is shown once more, because the call has failed, and strace looks there again;
 * or may be, and has to be captured. */
bool shows_failure(const struct decoding *decoding);

/* What the call has left there, if it did; else NULL. */
const uint8_t *exit_bytes(struct decoding *decoding, const struct layout *layout, uint64_t address);

/* " => " between what went in and what came out, each in brackets of its own. */
void show_arrow(struct decoding *decoding);

/* FORM_ARROW as far as the bracket of what came out, whose bytes are returned: the caller shows them and closes it.
 * NULL: nothing came out, and all is shown. */
const uint8_t *answer_begins(struct decoding *decoding, const struct layout *layout, uint64_t address);

/* FORM_JOINED, for a layout that only the call tells. */
void show_joined_layout(struct decoding *decoding, const struct layout *layout, uint64_t address);

/* `count` structures at `address`, as show_vector(). */
unsigned show_layouts_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count,
                         const struct layout *layout);

/* Bytes up to a NUL; with dots behind them if they do not end in one. */
void show_name(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);

/* `length` bytes at `address` as \x.., up to the limit. */
void show_hex_buffer_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t length);

bool is_filled_with_zeros(const uint8_t *bytes, size_t size);

/* 00112233-4455-6677-8899-aabbccddeeff */
void show_uuid(struct decoding *decoding, const char *name, const uint8_t *bytes);

/* A comment that says when that is: " / * 1970-01-01T00:00:01.000000002+0000 * /". */
void show_when(struct decoding *decoding, int64_t seconds, uint32_t nanoseconds);

#endif
