/* SPDX-License-Identifier: MIT */
#include "unwinder.h"

#include "hash64.h"

#include <errno.h>
#include <stdlib.h>

enum {
    RULES_SLOTS = 8192, /* a power of two; some 1.5 MB, of which only what is used becomes real */
    RULES_MAX = RULES_SLOTS / 2,
    SIGNAL_FRAME_MOST = 16384, /* bytes from a signal's frame to what it interrupted: the registers, 11 KB with AMX */
};

struct kept_rule {
    uint64_t address;
    uint32_t module; /* its number + 1; 0: the slot is free */
    bool right;      /* there is a rule */
    struct unwind_rule rule;
};

struct unwinder {
    struct mapped_modules *modules;
    const struct stack_sample *sample;
    struct unwind_registers registers;
    bool interrupted;               /* the current frame was */
    bool elsewhere;                 /* its stack is not the one of which a part was copied */
    const struct unwind_rule *rule; /* how to leave the current frame; NULL: there is no current frame */
    unsigned count;                 /* of frames that were given */
    enum stack_end end;
    bool ended;
    struct kept_rule *kept;
    unsigned kept_count;
};

int unwinder_create(struct unwinder **result) {
    struct unwinder *unwinder = calloc(1, sizeof(*unwinder));
    struct kept_rule *kept = calloc(RULES_SLOTS, sizeof(*kept));
    if (!unwinder || !kept) {
        free(unwinder);
        free(kept);
        return -ENOMEM;
    }
    unwinder->kept = kept;
    unwinder->ended = true;
    *result = unwinder;
    return 0;
}

/* -- Rules that are kept -- */

static void forget_rules(struct unwinder *unwinder) {
    for (struct kept_rule *kept = unwinder->kept; unwinder->kept_count; kept++) {
        if (kept->module) {
            unwind_rule_finish(&kept->rule);
            *kept = (struct kept_rule){0};
            unwinder->kept_count--;
        }
    }
}

void unwinder_destroy(struct unwinder *unwinder) {
    if (!unwinder) {
        return;
    }
    forget_rules(unwinder);
    free(unwinder->kept);
    free(unwinder);
}

static struct kept_rule *find_slot(struct unwinder *unwinder, uint32_t module, uint64_t address) {
    size_t at = hash64_mix(module, address) % RULES_SLOTS;
    struct kept_rule *kept = &unwinder->kept[at];
    while (kept->module && (kept->module != module || kept->address != address)) {
        at = (at + 1) % RULES_SLOTS;
        kept = &unwinder->kept[at];
    }
    return kept;
}

/* The rule of a place; NULL: there is none, and *end says why. */
static const struct unwind_rule *find_rule(struct unwinder *unwinder, struct mapped_module *mapped, uint64_t address,
                                           enum stack_end *end) {
    struct kept_rule *kept = find_slot(unwinder, mapped->number + 1, address);
    *end = STACK_END_NO_UNWIND;
    if (!kept->module) {
        struct module *module = mapped_module_open(mapped);
        if (!module) {
            /* Not ELF: somebody keeps code of his own making in a file. */
            *end = mapped->error == ENOEXEC ? STACK_END_UNKNOWN : STACK_END_NO_UNWIND;
            return NULL;
        }
        if (unwinder->kept_count == RULES_MAX) {
            forget_rules(unwinder);
            kept = find_slot(unwinder, mapped->number + 1, address);
        }
        kept->right = module_unwind_rule(module, address, &kept->rule);
        kept->address = address;
        kept->module = mapped->number + 1;
        unwinder->kept_count++;
    }
    return kept->right ? &kept->rule : NULL;
}

/* -- Unwinding -- */

static bool finish(struct unwinder *unwinder, enum stack_end end) {
    unwinder->end = end;
    unwinder->ended = true;
    return false;
}

bool unwinder_begin(struct unwinder *unwinder, struct mapped_modules *modules, const struct stack_sample *sample) {
    unwinder->modules = modules;
    unwinder->sample = sample;
    unwinder->count = 0;
    unwinder->rule = NULL;
    unwinder->interrupted = false;
    unwinder->elsewhere = false;
    unwinder->ended = false;
    unwinder->end = STACK_END_NONE;
    if (!sample || !modules) {
        return finish(unwinder, STACK_END_NONE);
    }
    if (sample->is_32_bit) {
        return finish(unwinder, STACK_END_FOREIGN);
    }
    for (unsigned i = 0; i < STACK_REGISTERS; i++) {
        unwinder->registers.values[i] = sample->registers[i];
    }
    unwinder->registers.known = (UINT32_C(1) << STACK_REGISTERS) - 1;
    return true;
}

static enum stack_end end_of_step(const struct unwinder *unwinder, enum unwind_step step) {
    if (step == UNWIND_STEP_OUTERMOST) {
        return STACK_END_OUTERMOST;
    }
    if (unwinder->elsewhere) {
        return STACK_END_ELSEWHERE;
    }
    const struct stack_sample *sample = unwinder->sample;
    return step == UNWIND_STEP_ABOVE && (sample->cut || sample->partial) ? STACK_END_CUT : STACK_END_BROKEN;
}

/* Whether what a signal interrupted has another stack than its handler, whose frame begins at `frame`: handlers may
 * have one of their own (sigaltstack(2)). Else the kernel has put its frame right below what was interrupted. */
static bool is_on_another_stack(const struct unwinder *unwinder, uint64_t frame) {
    const struct stack_sample *sample = unwinder->sample;
    uint64_t interrupted = unwinder->registers.values[STACK_REGISTER_SP];
    if (interrupted - sample->registers[STACK_REGISTER_SP] <= sample->size) {
        return false;
    }
    return !(sample->cut || sample->partial) || interrupted - frame > SIGNAL_FRAME_MOST;
}

/* From the current frame to its caller. */
static bool step_out(struct unwinder *unwinder) {
    uint64_t frame = unwinder->registers.values[STACK_REGISTER_SP];
    enum unwind_step step = unwind_rule_apply(unwinder->rule, unwinder->sample, &unwinder->registers);
    if (step != UNWIND_STEP_DONE) {
        return finish(unwinder, end_of_step(unwinder, step));
    }
    unwinder->interrupted = unwinder->rule->signal_frame;
    if (unwinder->interrupted) {
        unwinder->elsewhere = is_on_another_stack(unwinder, frame);
    }
    return true;
}

bool unwinder_next(struct unwinder *unwinder, struct unwound_frame *frame) {
    enum stack_end end = STACK_END_UNKNOWN;
    if (unwinder->ended) {
        return false;
    }
    if (unwinder->count > 0 && !unwinder->rule) {
        return finish(unwinder, unwinder->end);
    }
    if (unwinder->count > 0 && !step_out(unwinder)) {
        return false;
    }
    if (unwinder->count == UNWIND_FRAMES_MAX) {
        return finish(unwinder, STACK_END_TOO_DEEP);
    }
    uint64_t ip = unwinder->registers.values[STACK_REGISTER_IP];
    /* A return address may be behind the end of the function that called, and ip behind that of the call. */
    uint64_t before = unwinder->interrupted ? 0 : 1;
    uint64_t address = 0;
    struct mapped_module *module = mapped_modules_find(unwinder->modules, ip - before, &address);
    unwinder->rule = module ? find_rule(unwinder, module, address, &end) : NULL;
    unwinder->end = unwinder->rule ? STACK_END_NONE : end;
    unwinder->count++;
    *frame = (struct unwound_frame){.ip = ip,
                                    .module = module,
                                    .address = module ? address + before : 0,
                                    .interrupted = unwinder->interrupted,
                                    .trampoline = unwinder->rule && unwinder->rule->signal_frame};
    return true;
}

enum stack_end unwinder_end(const struct unwinder *unwinder) {
    return unwinder->end;
}
