/* SPDX-License-Identifier: MIT */
#include "unwind_rule.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_MAX = 16, /* of the stack of an expression */
    /* Nothing is ever mapped below (vm.mmap_min_addr). Mostly it is 0; where Go's runtime starts it is argc. */
    FIRST_CODE = 4096,
};

/* -- Compiling -- */

static bool fits(uint64_t number) {
    return (int64_t)number >= INT32_MIN && (int64_t)number <= INT32_MAX;
}

/* Those that evaluate() knows. Branches are not among them, so every expression ends. */
static bool is_understood(const Dwarf_Op *op) {
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
        return true;
    }
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
        return op->atom - DW_OP_breg0 < STACK_REGISTERS;
    }
    switch (op->atom) {
    case DW_OP_bregx:
        return op->number < STACK_REGISTERS;
    case DW_OP_deref_size:
        return op->number == 1 || op->number == 2 || op->number == 4 || op->number == 8;
    case DW_OP_const1u:
    case DW_OP_const1s:
    case DW_OP_const2u:
    case DW_OP_const2s:
    case DW_OP_const4u:
    case DW_OP_const4s:
    case DW_OP_const8u:
    case DW_OP_const8s:
    case DW_OP_constu:
    case DW_OP_consts:
    case DW_OP_call_frame_cfa:
    case DW_OP_deref:
    case DW_OP_dup:
    case DW_OP_drop:
    case DW_OP_over:
    case DW_OP_swap:
    case DW_OP_neg:
    case DW_OP_not:
    case DW_OP_plus_uconst:
    case DW_OP_and:
    case DW_OP_or:
    case DW_OP_xor:
    case DW_OP_plus:
    case DW_OP_minus:
    case DW_OP_mul:
    case DW_OP_shl:
    case DW_OP_shr:
    case DW_OP_shra:
    case DW_OP_eq:
    case DW_OP_ne:
    case DW_OP_lt:
    case DW_OP_le:
    case DW_OP_gt:
    case DW_OP_ge:
    case DW_OP_nop:
        return true;
    default:
        return false;
    }
}

static bool compile_expression(struct unwind_rule *rule, struct register_rule *to, const Dwarf_Op *ops, size_t count) {
    if (count == 0 || count > UNWIND_OPERATIONS) {
        return false;
    }
    size_t all = rule->operation_count + count;
    struct unwind_operation *operations = realloc(rule->operations, all * sizeof(*operations));
    if (!operations) {
        return false;
    }
    rule->operations = operations;
    for (size_t i = 0; i < count; i++) {
        if (!is_understood(&ops[i])) {
            return false;
        }
        operations[rule->operation_count + i] = (struct unwind_operation){ops[i].atom, ops[i].number, ops[i].number2};
    }
    to->offset = (int32_t)rule->operation_count;
    to->length = (uint8_t)count;
    rule->operation_count = (uint32_t)all;
    return true;
}

static bool compile_cfa(struct unwind_rule *rule, Dwarf_Frame *frame) {
    Dwarf_Op *ops;
    size_t count;
    if (dwarf_frame_cfa(frame, &ops, &count) != 0 || count == 0) {
        return false;
    }
    rule->cfa.kind = REGISTER_OF;
    if (count == 1 && ops->atom == DW_OP_bregx && ops->number < STACK_REGISTERS && fits(ops->number2)) {
        rule->cfa.from = (uint8_t)ops->number;
        rule->cfa.offset = (int32_t)ops->number2;
        return true;
    }
    if (count == 1 && ops->atom >= DW_OP_breg0 && ops->atom < DW_OP_breg0 + STACK_REGISTERS && fits(ops->number)) {
        rule->cfa.from = (uint8_t)(ops->atom - DW_OP_breg0);
        rule->cfa.offset = (int32_t)ops->number;
        return true;
    }
    rule->cfa.kind = REGISTER_VALUE;
    return compile_expression(rule, &rule->cfa, ops, count);
}

/* CFA + offset as libdw says it, which is nearly everything. */
static bool is_from_cfa(const Dwarf_Op *ops, size_t count, int32_t *offset) {
    if (count == 0 || count > 2 || ops[0].atom != DW_OP_call_frame_cfa ||
        (count == 2 && (ops[1].atom != DW_OP_plus_uconst || !fits(ops[1].number)))) {
        return false;
    }
    *offset = count == 2 ? (int32_t)ops[1].number : 0;
    return true;
}

static bool compile_register(struct unwind_rule *rule, Dwarf_Frame *frame, uint8_t number) {
    Dwarf_Op memory[3];
    Dwarf_Op *ops;
    size_t count;
    if (dwarf_frame_register(frame, number, memory, &ops, &count) != 0) {
        return false;
    }
    if (count == 0) {
        rule->undefined |= ops ? UINT32_C(1) << number : 0;
        return true;
    }
    struct register_rule *to = &rule->registers[rule->count++];
    *to = (struct register_rule){.number = number};
    bool is_value = ops[count - 1].atom == DW_OP_stack_value;
    size_t length = count - (is_value ? 1 : 0);
    if (is_from_cfa(ops, length, &to->offset)) {
        to->kind = is_value ? REGISTER_CFA : REGISTER_AT_CFA;
        return true;
    }
    if (count == 1 && (ops->atom == DW_OP_regx || (ops->atom >= DW_OP_reg0 && ops->atom <= DW_OP_reg31))) {
        uint64_t from = ops->atom == DW_OP_regx ? ops->number : (uint64_t)(ops->atom - DW_OP_reg0);
        to->kind = REGISTER_OF;
        to->from = (uint8_t)from;
        return from < STACK_REGISTERS;
    }
    to->kind = is_value ? REGISTER_VALUE : REGISTER_EXPRESSION;
    return compile_expression(rule, to, ops, length);
}

bool unwind_rule_compile(struct unwind_rule *rule, Dwarf_Frame *frame) {
    *rule = (struct unwind_rule){0};
    bool right =
        dwarf_frame_info(frame, NULL, NULL, &rule->signal_frame) == STACK_REGISTER_IP && compile_cfa(rule, frame);
    for (uint8_t i = 0; right && i < STACK_REGISTERS; i++) {
        right = compile_register(rule, frame, i);
    }
    uint32_t found = rule->undefined;
    for (uint8_t i = 0; i < rule->count; i++) {
        found |= UINT32_C(1) << rule->registers[i].number;
    }
    if (!right || !(found >> STACK_REGISTER_IP & 1)) {
        unwind_rule_finish(rule);
        return false;
    }
    if (!(found >> STACK_REGISTER_SP & 1) || rule->undefined >> STACK_REGISTER_SP & 1) {
        /* By the ABI. */
        rule->undefined &= ~(UINT32_C(1) << STACK_REGISTER_SP);
        rule->registers[rule->count++] = (struct register_rule){STACK_REGISTER_SP, REGISTER_CFA, 0, 0, 0};
    }
    return true;
}

void unwind_rule_finish(struct unwind_rule *rule) {
    free(rule->operations);
    *rule = (struct unwind_rule){0};
}

/* -- Evaluating -- */

struct evaluation {
    const struct unwind_rule *rule;
    const struct stack_sample *sample;
    const struct unwind_registers *registers;
    uint64_t cfa;
    bool has_cfa;
};

static enum unwind_step read_stack(const struct stack_sample *sample, uint64_t address, size_t size, uint64_t *value) {
    uint64_t start = sample->registers[STACK_REGISTER_SP];
    uint64_t at = address - start;
    if (address < start) {
        return UNWIND_STEP_BROKEN;
    }
    if (sample->size < size || at > sample->size - size) {
        return UNWIND_STEP_ABOVE;
    }
    *value = 0;
    memcpy(value, stack_sample_bytes(sample) + at, size); /* x86 has the low bytes first */
    return UNWIND_STEP_DONE;
}

static bool known_register(const struct unwind_registers *registers, uint64_t number, uint64_t *value) {
    *value = registers->values[number];
    return registers->known >> number & 1;
}

static uint64_t binary(uint8_t atom, uint64_t a, uint64_t b) {
    switch (atom) {
    case DW_OP_and:
        return a & b;
    case DW_OP_or:
        return a | b;
    case DW_OP_xor:
        return a ^ b;
    case DW_OP_plus:
        return a + b;
    case DW_OP_minus:
        return a - b;
    case DW_OP_mul:
        return a * b;
    case DW_OP_shl:
        return b < 64 ? a << b : 0;
    case DW_OP_shr:
        return b < 64 ? a >> b : 0;
    case DW_OP_shra:
        return (uint64_t)((int64_t)a >> (b < 64 ? b : 63));
    case DW_OP_eq:
        return a == b;
    case DW_OP_ne:
        return a != b;
    case DW_OP_lt:
        return (int64_t)a < (int64_t)b;
    case DW_OP_le:
        return (int64_t)a <= (int64_t)b;
    case DW_OP_gt:
        return (int64_t)a > (int64_t)b;
    default:
        return (int64_t)a >= (int64_t)b;
    }
}

struct values {
    uint64_t of[DEPTH_MAX + 2];
    size_t depth;
};

/* What puts one value on top without taking any. False: it is none of these. */
static bool push(const struct evaluation *evaluation, const struct unwind_operation *op, struct values *values,
                 enum unwind_step *step) {
    uint64_t value = op->number;
    bool known = true;
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
        value = op->atom - DW_OP_lit0;
    } else if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
        known = known_register(evaluation->registers, op->atom - DW_OP_breg0, &value);
        value += op->number;
    } else if (op->atom == DW_OP_bregx) {
        known = known_register(evaluation->registers, op->number, &value);
        value += op->number2;
    } else if (op->atom == DW_OP_call_frame_cfa) {
        known = evaluation->has_cfa;
        value = evaluation->cfa;
    } else if (op->atom < DW_OP_const1u || op->atom > DW_OP_consts) {
        return false;
    }
    if (!known || values->depth == DEPTH_MAX) {
        *step = UNWIND_STEP_BROKEN;
    } else {
        values->of[values->depth++] = value;
    }
    return true;
}

static enum unwind_step change_top(const struct evaluation *evaluation, const struct unwind_operation *op,
                                   struct values *values) {
    if (op->atom == DW_OP_nop) {
        return UNWIND_STEP_DONE;
    }
    if (values->depth < 1) {
        return UNWIND_STEP_BROKEN;
    }
    uint64_t *top = &values->of[values->depth - 1];
    switch (op->atom) {
    case DW_OP_deref:
        return read_stack(evaluation->sample, *top, 8, top);
    case DW_OP_deref_size:
        return read_stack(evaluation->sample, *top, op->number, top);
    case DW_OP_plus_uconst:
        *top += op->number;
        return UNWIND_STEP_DONE;
    case DW_OP_neg:
        *top = -*top;
        return UNWIND_STEP_DONE;
    case DW_OP_not:
        *top = ~*top;
        return UNWIND_STEP_DONE;
    case DW_OP_drop:
        values->depth--;
        return UNWIND_STEP_DONE;
    case DW_OP_dup:
        top[1] = *top;
        return ++values->depth > DEPTH_MAX ? UNWIND_STEP_BROKEN : UNWIND_STEP_DONE;
    default:
        break;
    }
    if (values->depth < 2) {
        return UNWIND_STEP_BROKEN;
    }
    if (op->atom == DW_OP_over) {
        top[1] = top[-1];
        return ++values->depth > DEPTH_MAX ? UNWIND_STEP_BROKEN : UNWIND_STEP_DONE;
    }
    if (op->atom == DW_OP_swap) {
        uint64_t other = top[-1];
        top[-1] = *top;
        *top = other;
        return UNWIND_STEP_DONE;
    }
    top[-1] = binary(op->atom, top[-1], *top);
    values->depth--;
    return UNWIND_STEP_DONE;
}

static enum unwind_step evaluate(const struct evaluation *evaluation, const struct register_rule *rule,
                                 uint64_t *value) {
    struct values values = {.depth = 0};
    const struct unwind_operation *op = evaluation->rule->operations + rule->offset;
    for (const struct unwind_operation *end = op + rule->length; op < end; op++) {
        enum unwind_step step = UNWIND_STEP_DONE;
        if (!push(evaluation, op, &values, &step)) {
            step = change_top(evaluation, op, &values);
        }
        if (step != UNWIND_STEP_DONE) {
            return step;
        }
    }
    if (values.depth == 0) {
        return UNWIND_STEP_BROKEN;
    }
    *value = values.of[values.depth - 1];
    return UNWIND_STEP_DONE;
}

static enum unwind_step find_register(const struct evaluation *evaluation, const struct register_rule *rule,
                                      uint64_t *value) {
    enum unwind_step step = UNWIND_STEP_DONE;
    switch (rule->kind) {
    case REGISTER_AT_CFA:
        return read_stack(evaluation->sample, evaluation->cfa + (uint64_t)(int64_t)rule->offset, 8, value);
    case REGISTER_CFA:
        *value = evaluation->cfa + (uint64_t)(int64_t)rule->offset;
        return UNWIND_STEP_DONE;
    case REGISTER_OF:
        if (!known_register(evaluation->registers, rule->from, value)) {
            return UNWIND_STEP_BROKEN;
        }
        *value += (uint64_t)(int64_t)rule->offset;
        return UNWIND_STEP_DONE;
    default:
        step = evaluate(evaluation, rule, value);
        return step == UNWIND_STEP_DONE && rule->kind == REGISTER_EXPRESSION
                   ? read_stack(evaluation->sample, *value, 8, value)
                   : step;
    }
}

/* Whether the return address is not on the stack. */
static bool has_ip_elsewhere(const struct unwind_rule *rule) {
    for (unsigned i = 0; i < rule->count; i++) {
        if (rule->registers[i].number == STACK_REGISTER_IP) {
            return rule->registers[i].kind == REGISTER_OF && rule->registers[i].from != STACK_REGISTER_IP;
        }
    }
    return false;
}

enum unwind_step unwind_rule_apply(const struct unwind_rule *rule, const struct stack_sample *sample,
                                   struct unwind_registers *registers) {
    struct evaluation evaluation = {.rule = rule, .sample = sample, .registers = registers};
    if (rule->undefined >> STACK_REGISTER_IP & 1) {
        return UNWIND_STEP_OUTERMOST;
    }
    enum unwind_step step = find_register(&evaluation, &rule->cfa, &evaluation.cfa);
    if (step != UNWIND_STEP_DONE) {
        return step;
    }
    /* A handler on a stack of its own has interrupted something on another one. vfork() has its return address in a
     * register, and its stack is that of the caller. */
    uint64_t sp = registers->values[STACK_REGISTER_SP];
    if (!rule->signal_frame && (evaluation.cfa < sp || (evaluation.cfa == sp && !has_ip_elsewhere(rule)))) {
        return UNWIND_STEP_BROKEN;
    }
    evaluation.has_cfa = true;
    /* All rules see the registers as they are now. */
    uint64_t found[STACK_REGISTERS];
    uint32_t known = registers->known & ~rule->undefined;
    for (unsigned i = 0; i < rule->count; i++) {
        uint8_t number = rule->registers[i].number;
        step = find_register(&evaluation, &rule->registers[i], &found[i]);
        if (step == UNWIND_STEP_DONE) {
            known |= UINT32_C(1) << number;
        } else if (number == STACK_REGISTER_IP || number == STACK_REGISTER_SP) {
            return step;
        } else {
            /* Perhaps nobody needs it. */
            known &= ~(UINT32_C(1) << number);
            found[i] = 0;
        }
        if (number == STACK_REGISTER_IP && found[i] < FIRST_CODE) {
            return UNWIND_STEP_OUTERMOST;
        }
    }
    for (unsigned i = 0; i < rule->count; i++) {
        registers->values[rule->registers[i].number] = found[i];
    }
    registers->known = known;
    return UNWIND_STEP_DONE;
}
