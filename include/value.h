/* SPDX-License-Identifier: MIT
 *
 * Typed values: what decoding makes of a call. Emitters turn values into text;
 * decoding never prints.
 */
#ifndef RENACER_VALUE_H
#define RENACER_VALUE_H

#include "capture.h"
#include "constants.h"
#include "record.h"
#include "redact.h"
#include "structure.h"
#include "syscall_table.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

enum value_kind {
    VALUE_UNKNOWN, /* nobody saw it */
    VALUE_SIGNED,
    VALUE_UNSIGNED,
    VALUE_HEX,
    VALUE_OCTAL,
    VALUE_DEVICE,    /* makedev(major, minor) */
    VALUE_ADDRESS,   /* NULL or 0x... */
    VALUE_WORD,      /* bits that can be an address: as VALUE_HEX */
    VALUE_THREAD,    /* a number that can be the id of a thread: as VALUE_UNSIGNED */
    VALUE_IPC,       /* a number of System V's: as VALUE_SIGNED */
    VALUE_ID,        /* of a process or thread, or of a group if it is negative: as VALUE_SIGNED */
    VALUE_MOMENT,    /* a number that tells a time, or is made of one: as VALUE_UNSIGNED */
    VALUE_CONSTANTS, /* number and set */
    VALUE_OLD_MASK,  /* a set of 32 signals */
    VALUE_PACKED,    /* several numbers in the bits of one */
    VALUE_ERROR,     /* an errno by name, or the number */
    VALUE_STRING,    /* bytes of a string or buffer */
    VALUE_STRINGS,   /* a vector of strings */
    VALUE_COUNTED,   /* an address, and how many elements stand there */
    VALUE_DECODED,   /* what a function decodes (include/decoding.h) */
    /* Outputs. */
    VALUE_STRUCTURE,  /* one structure */
    VALUE_STRUCTURES, /* a vector of structures */
    VALUE_MOVED,      /* an offset, before the call and behind it */
    VALUE_ENTRIES,    /* an address, and how many directory entries stand there; or these */
    VALUE_CPUS,       /* a mask of processors */
};

/* Small: a call has six, which are made and copied for each of millions. */
struct value {
    enum value_kind kind;
    uint32_t captures_size;
    uint64_t number;
    union {
        const struct constant_set *set;    /* of VALUE_CONSTANTS */
        const struct packed *packed;       /* of VALUE_PACKED */
        const struct structure *structure; /* of VALUE_STRUCTURE, or of the elements of a vector */
        const struct record *record;       /* of VALUE_DECODED */
    };
    /* The capture it was read from, and all captures of the call for those
     * kinds that have elements. They belong to the record. */
    const struct capture *capture;
    const void *captures;
    const struct capture *before; /* what stood there before the call, or NULL: `capture` is what stands there now */
    const struct capture *descriptor; /* what the descriptor was at the call, if that was asked for; else NULL */
    uint16_t type;                    /* enum arg_type: of the argument that it is */
    uint8_t arg;
    uint8_t direction;      /* enum direction: of the argument that it is */
    uint8_t reference;      /* the argument that it refers to */
    uint8_t arch;           /* enum arch: of a structure */
    bool delivered;         /* of VALUE_DECODED: it was captured when the call returned */
    bool shows_descriptors; /* of VALUE_DECODED: also what descriptors in it are */
    bool hides_nul;         /* of a string: a NUL at its end is not shown */
    bool in_hex;            /* of a string: strace shows all its bytes as \x.. */
    bool looks_cut;         /* of a string: strace looks at no more bytes, and says that there are more */
};

enum {
    CALL_NAME_MAX = 32, /* bytes of the name of a call without a row */
};

struct decoded_call {
    const char *name; /* of the call; in `unknown_name` for one without a row */
    char unknown_name[CALL_NAME_MAX];
    unsigned count;
    struct value values[SYSCALL_MAX_ARGS];
    const struct syscall_row *row;           /* NULL: unknown */
    const struct capture *result_descriptor; /* what the result is, if it is a descriptor and somebody looked */
};

/* Decode a RECORD_CALL. The values refer to the record and to tables. */
void decode_call(const struct record *record, struct decoded_call *call);

/* Show descriptors as numbers alone. */
void decoded_call_hide_descriptors(struct decoded_call *call);

/* The name of a RECORD_CALL's call alone; `unknown` is where that of one without a row is made. */
const char *call_name(const struct record *record, char unknown[CALL_NAME_MAX]);

/* What the result of a call is: an enum result_type with its set. */
uint32_t call_result_type(const struct record *record, const struct decoded_call *call);

/* When it is, in our own time zone: "2023-11-14T22:13:20.000001+0000", a fraction only if it is not 0. False: that is
 * no time. `digits` are those of the fraction. */
enum {
    MOMENT_MAX = sizeof("-2147481748-01-01T00:00:00.000000000+0000"),
};
bool moment_to_characters(int64_t seconds, uint64_t fraction, unsigned digits, char moment[MOMENT_MAX]);

/* Append the value. */
void value_to_text(const struct value *value, enum notation notation, struct text *text);

/* Append an output, of a kind from VALUE_STRUCTURE on, in strace's notation. */
void output_to_text(const struct value *value, struct text *text);

/* Append the entries of a directory, or how many there are. (emit/entries_text.c) */
void entries_to_text(const struct value *value, struct text *text);

/* Append an address, "NULL" for 0. */
void address_to_text(uint64_t address, struct text *text);

/* Append the name of an address if it has one; else nothing, and false. */
bool named_address(uint64_t address, struct text *text);

/* Append the id of a process or thread, of a group if it is negative. */
void id_to_text(int64_t id, struct text *text);

/* Append bytes of a string as text_add_escaped() does, parts of it by their names, or redacted. */
void content_to_text(const struct shown_bytes *shown, bool quote, struct text *text);

/* Each as \x.., or redacted. */
void content_to_hex(const struct shown_bytes *shown, struct text *text);

/* What a capture holds as a string. */
struct shown_bytes shown_capture(const struct capture *capture, enum bytes_kind kind);

/* Append a string in quotation marks, with dots if it is cut. */
void string_to_text(const struct capture *capture, enum bytes_kind kind, bool hides_nul, struct text *text);

/* Append all arguments in strace's notation, joined by ", ". */
void arguments_to_text(const struct decoded_call *call, struct text *text);

/* Append what stands behind "= " in strace's notation. */
void result_to_text(const struct record *record, const struct decoded_call *call, struct text *text);

/* Append "2023-11-14T22:13:20.000000005+0000" between these two, in our own time zone, without a fraction if it is 0;
 * nothing if there is no such time. */
void date_to_text(int64_t seconds, uint64_t nanoseconds, const char *before, const char *behind, struct text *text);

/* The name of an errno (positive), of the restart codes that the kernel keeps
 * to itself as well; NULL for none. */
const char *errno_name(int64_t error);

/* Append "SIGSEGV" and the like; "SIGRT_5" for the real-time ones. */
void signal_to_text(uint64_t number, struct text *text);

/* Append a set of signals: "[INT CHLD]". */
void signals_to_text(uint64_t set, struct text *text);

/* The same of a set of 32 signals, as calls of i386 had it first. */
void old_signals_to_text(uint32_t set, struct text *text);

/* The name of the si_code of a signal, or NULL. */
const char *signal_code_name(int signal, int code);

/* Append the si_code of a signal by name: "SI_USER", "SEGV_MAPERR"; else in hexadecimal. */
void signal_code_to_text(int signal, int code, struct text *text);

#endif
