/* SPDX-License-Identifier: MIT
 *
 * Structures of the kernel's interface, as data: where each member is on both
 * architectures, and how strace writes it (emit/structures.c). Numbers and
 * pairs that a call leaves behind are structures without names: [1000], [3, 4].
 */
#ifndef RENACER_STRUCTURE_H
#define RENACER_STRUCTURE_H

#include "syscall_table.h"
#include "text.h"

enum field_kind {
    FIELD_SIGNED,
    FIELD_UNSIGNED,
    FIELD_HEX,
    FIELD_ABSENT, /* strace shows a member that this structure does not have: 0 */
    FIELD_ADDRESS,
    FIELD_DATE, /* a time in seconds, and when that is; nanoseconds stand behind it, as large and shown by themselves */
    FIELD_DATE_ALONE, /* the same without nanoseconds */
    FIELD_DEVICE,     /* makedev(major, minor) */
    FIELD_ERROR,      /* a number of errno, by name */
    FIELD_HANDLER,    /* of a signal */
    FIELD_ID,         /* of a user or group: -1 has a sign */
    FIELD_LIMIT,      /* of a resource */
    FIELD_PROCESS,    /* id of a process or a group */
    FIELD_NAME,       /* bytes up to a NUL */
    FIELD_SET,        /* constants of `type` */
    FIELD_SIGNALS,    /* a set of signals */
    FIELD_STATUS,     /* of a child, as wait(2) has it */
    FIELD_STRUCTURE,  /* that of `type` */
    FIELD_TICKS,      /* a time in ticks of the clock, and how many seconds that is */
    FIELD_TIMESTAMP,  /* struct statx_timestamp, and when that is */
    FIELD_WORD,       /* a number that can be an address */
};

struct field_place {
    uint16_t offset;
    uint16_t size;
};

struct field {
    const char *name; /* NULL: only its value is shown */
    enum field_kind kind;
    enum arg_type type;
    unsigned count; /* elements of an array; 0: it is none */
    struct field_place at[ARCH_COUNT];
    /* Whether it is shown in this structure, whose bytes are given; NULL: always. */
    bool (*shown)(const uint8_t *bytes, enum arch arch);
    bool is_detail; /* shown with -v alone */
};

struct structure {
    const struct field *fields;
    unsigned count;
    uint16_t size[ARCH_COUNT]; /* bytes that are captured */
    const char *before;        /* the bracket */
    const char *behind;
    bool is_abbreviated; /* `behind` says that members are left out, unless all are shown */
    bool needs_positive; /* there only if the call returns a number above 0 */
};

enum {
    STRUCTURE_SIZE_MAX = 512,
};

/* The structure of an argument type; NULL: it is none. */
const struct structure *structure_of(enum arg_type type);

/* Append the structure whose structure->size[arch] bytes these are. */
void structure_to_text(const struct structure *structure, enum arch arch, const uint8_t *bytes, struct text *text);

#endif
