/* SPDX-License-Identifier: MIT
 *
 * Sets of constants: the names that numbers have. They are the tables of
 * emit/constants, made into C by the generator there, which describes what a set can say of itself.
 */
#ifndef RENACER_CONSTANTS_H
#define RENACER_CONSTANTS_H

#include "syscall_table.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* How values are written. */
enum notation {
    NOTATION_CONTENT, /* an element of renacer-json-v1's "args": strings are their content */
    NOTATION_STRACE,  /* as strace does: strings in quotation marks, comments on unknown numbers */
};

/* One name of a constant: it stands for `value` in the bits of `mask`. */
struct constant {
    const char *name;
    uint64_t value;
    uint64_t mask;
};

struct constant_set {
    const struct constant *constants;
    unsigned count;
    bool is_enumeration; /* each constant is the whole number, and they ascend */
    const char *unknown; /* what strace calls a number that none of them covers; NULL: it says nothing */
    bool is_decimal;     /* such a number is written in decimal */
    bool is_htons;       /* 16 bits in network order: a value has its number in that of the host */
    bool is_commented;   /* strace has the name in a comment behind the number */
    bool is_stepped;     /* a number between two names is what it is more than the first: 8*R15+4 */
    bool is_wide;        /* as wide as the architecture; else 32 bits */
    uint32_t group;      /* bits that are one number, shown where its names stand, even if it has none */
    uint32_t apart;      /* bits whose name stands apart: if no other bit has one, the rest is commented on */
    uint32_t first_bits; /* bits that are a number of the set `first`, shown first and always */
    enum arg_type first;
    uint32_t number; /* bits that are a number, shown last and always: SWAP_FLAG_PREFER|5 */
    uint32_t signal; /* bits that are a signal, shown last */
    uint32_t octal;  /* bits that are a file's mode, shown last and always: S_IFIFO|0600 */
    uint8_t shift;   /* where a number begins that fills the rest: 21<<MAP_HUGE_SHIFT; 0: there is none */
    const char *shift_name;
    enum arg_type otherwise; /* the packed number that one without a name is shown as; A_NONE: there is none */
};

/* The set of an argument type from A_FIRST_SET on. */
const struct constant_set *constant_set(enum arg_type type);

/* A number in the bits of a packed number. */
struct packed_part {
    const char *before; /* text */
    const char *suffix; /* text behind the name or number, and before a comment on it */
    enum arg_type type; /* an enumeration, A_UINT or A_HEX */
    uint8_t first;      /* its lowest bit */
    uint8_t bits;       /* how many there are */
    bool is_inverted;
};

/* What a packed number looks like that has `value` in the bits of `mask`: "QCMD(Q_SYNC, USRQUOTA)". */
struct packed_form {
    uint32_t value;
    uint32_t mask;
    const struct packed_part *parts;
    unsigned count;
    const char *after; /* text behind the last part */
};

/* The first of the forms whose bits are there is taken. */
struct packed {
    const struct packed_form *forms;
    unsigned count;
};

/* The packed number of an argument type from A_FIRST_PACKED on. */
const struct packed *packed_number(enum arg_type type);

/* The constant of an enumeration that is this number; NULL: it has no name. */
const struct constant *constant_find(const struct constant_set *set, uint64_t number);

/* Whether any of the set's names is in the number. */
bool constants_have_name(const struct constant_set *set, uint64_t number);

/* Append the number by its names. */
void constants_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text);

/* Append a packed number; false, and nothing, if it has none of the forms. */
bool packed_to_text(const struct packed *packed, uint64_t number, enum notation notation, struct text *text);

#endif
