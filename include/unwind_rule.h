/* SPDX-License-Identifier: MIT
 *
 * How to find the caller's registers from a place in the code: what the CFI (DWARF 5, section 6.4) of that place comes
 * to, in a form that is evaluated in no time.
 */
#ifndef RENACER_UNWIND_RULE_H
#define RENACER_UNWIND_RULE_H

#include "stack_sample.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

enum register_rule_kind {
    REGISTER_AT_CFA,     /* stored at CFA + offset */
    REGISTER_CFA,        /* is CFA + offset */
    REGISTER_OF,         /* is register `from` + offset */
    REGISTER_EXPRESSION, /* stored at what the expression gives */
    REGISTER_VALUE,      /* is what the expression gives */
};

/* An operation of an expression: of those that compilers and glibc use in CFI. */
struct unwind_operation {
    uint8_t atom; /* DW_OP_* */
    uint64_t number;
    uint64_t number2;
};

enum {
    UNWIND_OPERATIONS = 16, /* of one expression; longer ones are not understood */
};

struct register_rule {
    uint8_t number; /* of the register that it is about */
    uint8_t kind;   /* enum register_rule_kind */
    uint8_t from;
    uint8_t length; /* how many operations the expression has */
    int32_t offset; /* of an expression: where in unwind_rule.operations it begins */
};

/* A register that is neither listed nor undefined has not changed. */
struct unwind_rule {
    bool signal_frame;        /* the caller was interrupted: its ip is not a return address */
    uint8_t count;            /* of `registers` */
    uint32_t undefined;       /* bits by number: not to be recovered. The return address: this is the outermost frame */
    struct register_rule cfa; /* REGISTER_OF or REGISTER_VALUE */
    struct register_rule registers[STACK_REGISTERS];
    struct unwind_operation *operations; /* owned; NULL without expressions */
    uint32_t operation_count;
};

/* The registers of a frame. */
struct unwind_registers {
    uint64_t values[STACK_REGISTERS];
    uint32_t known; /* bits by number */
};

enum unwind_step {
    UNWIND_STEP_DONE,
    UNWIND_STEP_OUTERMOST, /* there is no caller: the return address is undefined, or below all code */
    UNWIND_STEP_ABOVE,     /* something is above the part of the stack that was copied */
    UNWIND_STEP_BROKEN,    /* it leads nowhere */
};

/* All registers of the caller that this unwinder knows, of a frame that libdw found. False: nonsense, or something that
 * is not understood; the rule then owns nothing. */
bool unwind_rule_compile(struct unwind_rule *rule, Dwarf_Frame *frame);
/* Frees what it owns. */
void unwind_rule_finish(struct unwind_rule *rule);

/* From a frame's registers to those of its caller, which are only valid with UNWIND_STEP_DONE. Reads nothing but the
 * sample. */
enum unwind_step unwind_rule_apply(const struct unwind_rule *rule, const struct stack_sample *sample,
                                   struct unwind_registers *registers);

#endif
