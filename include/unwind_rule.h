/* SPDX-License-Identifier: MIT
 *
 * How to find the caller's registers from a place in the code: what the CFI (DWARF 5, section 6.4) of that place comes
 * to, in a form that is evaluated in no time.
 */
#ifndef RENACER_UNWIND_RULE_H
#define RENACER_UNWIND_RULE_H

#include "stack_sample.h"

#include <stdbool.h>
#include <stdint.h>

enum register_rule_kind {
    REGISTER_SAME,       /* not changed */
    REGISTER_UNDEFINED,  /* not to be recovered; the return address: this is the outermost frame */
    REGISTER_AT_CFA,     /* stored at CFA + offset */
    REGISTER_CFA,        /* is CFA + offset */
    REGISTER_OF,         /* is register `number` + offset */
    REGISTER_EXPRESSION, /* stored at, or (is_value) is what the expression gives */
};

/* An operation of an expression: of those that compilers and glibc use in CFI. */
struct unwind_operation {
    uint8_t atom; /* DW_OP_* */
    uint64_t number;
    uint64_t number2;
};

enum {
    UNWIND_OPERATIONS = 16, /* of one expression; longer ones are not understood */
    UNWIND_EXPRESSIONS = STACK_REGISTERS + 1,
};

struct register_rule {
    uint8_t kind; /* enum register_rule_kind */
    uint8_t number;
    bool is_value;
    int32_t offset;
    int32_t expression; /* where in unwind_rule.operations it begins */
    uint8_t length;     /* how many they are */
};

struct unwind_rule {
    bool signal_frame;        /* the caller was interrupted: its ip is not a return address */
    struct register_rule cfa; /* REGISTER_OF, or REGISTER_EXPRESSION with is_value */
    struct register_rule registers[STACK_REGISTERS];
    struct unwind_operation *operations; /* owned; NULL without expressions */
    uint32_t operation_count;
};

/* Frees what it owns. */
void unwind_rule_finish(struct unwind_rule *rule);

#endif
