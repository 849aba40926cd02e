/* SPDX-License-Identifier: MIT */
#include "profile_program.h"

#include "cleanup.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------------- as runtimes make it */

/* What an action is to libseccomp; ERRNO and TRACE without a value have EPERM. */
static uint32_t action_of(enum profile_action action, bool has_errno, uint32_t value) {
    uint32_t number = has_errno ? value : EPERM;
    switch (action) {
    case PROFILE_ALLOW:
        return SCMP_ACT_ALLOW;
    case PROFILE_LOG:
        return SCMP_ACT_LOG;
    case PROFILE_NOTIFY:
        return SCMP_ACT_NOTIFY;
    case PROFILE_ERRNO:
        return SCMP_ACT_ERRNO(number);
    case PROFILE_TRACE:
        return SCMP_ACT_TRACE(number);
    case PROFILE_TRAP:
        return SCMP_ACT_TRAP;
    case PROFILE_KILL:
    case PROFILE_KILL_THREAD:
        return SCMP_ACT_KILL_THREAD;
    case PROFILE_KILL_PROCESS:
        break;
    }
    return SCMP_ACT_KILL_PROCESS;
}

/* libseccomp's number for "SCMP_ARCH_X86_64"; 0: it does not know it. */
static uint32_t architecture_of(const char *name) {
    static const char prefix[] = "SCMP_ARCH_";
    char small[32] = "";
    name += strncmp(name, prefix, sizeof(prefix) - 1) == 0 ? sizeof(prefix) - 1 : 0;
    for (size_t i = 0; name[i] && i + 1 < sizeof(small); i++) {
        small[i] = (char)tolower((unsigned char)name[i]);
    }
    return seccomp_arch_resolve_name(small);
}

static struct scmp_arg_cmp comparison_of(const struct profile_condition *condition) {
    static const enum scmp_compare comparisons[] = {[PROFILE_NE] = SCMP_CMP_NE,
                                                    [PROFILE_LT] = SCMP_CMP_LT,
                                                    [PROFILE_LE] = SCMP_CMP_LE,
                                                    [PROFILE_EQ] = SCMP_CMP_EQ,
                                                    [PROFILE_GE] = SCMP_CMP_GE,
                                                    [PROFILE_GT] = SCMP_CMP_GT,
                                                    [PROFILE_MASKED_EQ] = SCMP_CMP_MASKED_EQ};
    return (struct scmp_arg_cmp){condition->index, comparisons[condition->comparison], condition->value,
                                 condition->value_two};
}

static bool has_twice(const struct profile_rule *rule) {
    unsigned seen = 0;
    for (size_t i = 0; i < rule->condition_count; i++) {
        unsigned bit = 1U << rule->conditions[i].index;
        if (seen & bit) {
            return true;
        }
        seen |= bit;
    }
    return false;
}

/* One call of a rule: one rule, or one for each condition where two are of the same argument. */
static int add_call(scmp_filter_ctx filter, const struct profile_rule *rule, uint32_t action, int number) {
    struct scmp_arg_cmp all[PROFILE_ARGUMENTS];
    int status = 0;
    if (!has_twice(rule)) {
        for (size_t i = 0; i < rule->condition_count; i++) {
            all[i] = comparison_of(&rule->conditions[i]);
        }
        return seccomp_rule_add_array(filter, action, number, (unsigned)rule->condition_count, all);
    }
    for (size_t i = 0; i < rule->condition_count && status == 0; i++) {
        all[0] = comparison_of(&rule->conditions[i]);
        status = seccomp_rule_add_array(filter, action, number, 1, all);
    }
    return status;
}

static int add_rules(const struct seccomp_profile *profile, scmp_filter_ctx filter, char *problem, size_t size) {
    uint32_t others = action_of(profile->default_action, profile->has_default_errno, profile->default_errno);
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        uint32_t action = action_of(rule->action, rule->has_errno, rule->errno_value);
        for (size_t j = 0; j < rule->names.count && action != others; j++) {
            int number = seccomp_syscall_resolve_name(rule->names.names[j]);
            int status = number == __NR_SCMP_ERROR ? 0 : add_call(filter, rule, action, number);
            if (status < 0 && status != -ENOMEM) {
                snprintf(problem, size, "libseccomp does not take a rule for %s%s", rule->names.names[j],
                         status == -EEXIST ? ", which contradicts another one" : "");
                return -EINVAL;
            }
            if (status < 0) {
                return status;
            }
        }
    }
    return 0;
}

static int add_architectures(const struct seccomp_profile *profile, scmp_filter_ctx filter, char *problem,
                             size_t size) {
    for (size_t i = 0; i < profile->architectures.count; i++) {
        uint32_t token = architecture_of(profile->architectures.names[i]);
        int status = token ? seccomp_arch_add(filter, token) : -EINVAL;
        if (status < 0 && status != -EEXIST) {
            snprintf(problem, size, "libseccomp does not take the architecture '%s'%s", profile->architectures.names[i],
                     token ? "" : ", which it does not know");
            return -EINVAL;
        }
    }
    return 0;
}

/* A pipe takes what the library writes: it holds twice as many bytes as a filter may have. */
static int export_program(scmp_filter_ctx filter, struct profile_program *program, char *problem, size_t size) {
    enum {
        BYTES_MAX = BPF_MAXINSNS * sizeof(struct sock_filter),
    };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        return -errno;
    }
    auto_fd from = ends[0];
    auto_fd to = ends[1];
    int status = seccomp_export_bpf(filter, to);
    program->instructions = malloc(BYTES_MAX);
    if (!program->instructions) {
        return -ENOMEM;
    }
    ssize_t bytes = status < 0 ? -1 : read(from, program->instructions, BYTES_MAX);
    char rest;
    if (bytes <= 0 || read(from, &rest, 1) == 1) {
        snprintf(problem, size, "its filter has more than %d instructions, which no kernel takes", BPF_MAXINSNS);
        return -EINVAL;
    }
    program->length = (size_t)bytes / sizeof(struct sock_filter);
    return 0;
}

int profile_program_make(struct profile_program *program, const struct seccomp_profile *profile, char *problem,
                         size_t problem_size) {
    *program = (struct profile_program){0};
    scmp_filter_ctx filter =
        seccomp_init(action_of(profile->default_action, profile->has_default_errno, profile->default_errno));
    if (!filter) {
        return -ENOMEM;
    }
    int status = add_architectures(profile, filter, problem, problem_size);
    status = status < 0 ? status : add_rules(profile, filter, problem, problem_size);
    status = status < 0 ? status : export_program(filter, program, problem, problem_size);
    seccomp_release(filter);
    return status;
}

void profile_program_finish(struct profile_program *program) {
    free(program->instructions);
    *program = (struct profile_program){0};
}

/* ---------------------------------------------------------------- as the kernel runs it */

static bool jumps(uint16_t operation, uint32_t accumulator, uint32_t k) {
    switch (operation) {
    case BPF_JEQ:
        return accumulator == k;
    case BPF_JGT:
        return accumulator > k;
    case BPF_JGE:
        return accumulator >= k;
    default: /* BPF_JSET; libseccomp makes no others */
        return (accumulator & k) != 0;
    }
}

uint32_t profile_program_run(const struct profile_program *program, const struct seccomp_data *call) {
    uint32_t accumulator = 0;
    /* All jumps go forward; what leaves the program, which the kernel would not load, denies. */
    for (size_t at = 0; at < program->length;) {
        const struct sock_filter *instruction = &program->instructions[at++];
        switch (BPF_CLASS(instruction->code)) {
        case BPF_LD:
            if (instruction->k <= sizeof(*call) - sizeof(accumulator)) {
                memcpy(&accumulator, (const char *)call + instruction->k, sizeof(accumulator));
            }
            break;
        case BPF_ALU: /* libseccomp makes BPF_AND alone */
            accumulator &= instruction->k;
            break;
        case BPF_JMP:
            if (BPF_OP(instruction->code) == BPF_JA) {
                at += instruction->k;
            } else {
                bool is_true = jumps(BPF_OP(instruction->code), accumulator, instruction->k);
                at += is_true ? instruction->jt : instruction->jf;
            }
            break;
        default: /* BPF_RET */
            return instruction->k;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/* ------------------------------------------------------------------- two of them compared */

enum {
    VALUES_MAX = 24, /* of one argument */
    POINTS_MAX = 1 << 16,
};

/* Values of each argument of a call between which its conditions may tell. */
struct grid {
    uint64_t values[PROFILE_ARGUMENTS][VALUES_MAX];
    size_t counts[PROFILE_ARGUMENTS];
};

static void add_value(struct grid *grid, unsigned index, uint64_t value) {
    size_t *count = &grid->counts[index];
    for (size_t i = 0; i < *count; i++) {
        if (grid->values[index][i] == value) {
            return;
        }
    }
    if (*count < VALUES_MAX) {
        grid->values[index][(*count)++] = value;
    }
}

/* What a condition tells apart: the value and its neighbours, also in one half alone, for halves are compared. */
static void add_values(struct grid *grid, const struct profile_condition *condition) {
    const uint64_t high = (uint64_t)1 << 32;
    uint64_t value = condition->comparison == PROFILE_MASKED_EQ ? condition->value_two : condition->value;
    const uint64_t all[] = {value, value + 1, value - 1, value + high, value - high, value & UINT32_MAX};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        add_value(grid, condition->index, all[i]);
    }
    if (condition->comparison == PROFILE_MASKED_EQ) {
        uint64_t lowest = condition->value & -condition->value;
        add_value(grid, condition->index, value ^ lowest);
        add_value(grid, condition->index, value ^ condition->value);
        add_value(grid, condition->index, value | ~condition->value);
    }
}

static void make_grid(struct grid *grid, const struct seccomp_profile *profile, const char *name) {
    *grid = (struct grid){0};
    for (unsigned index = 0; index < PROFILE_ARGUMENTS; index++) {
        add_value(grid, index, 0);
    }
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        if (rule->condition_count && name_list_has(&rule->names, name)) {
            for (size_t j = 0; j < rule->condition_count; j++) {
                add_values(grid, &rule->conditions[j]);
            }
        }
    }
    for (unsigned index = 0; index < PROFILE_ARGUMENTS; index++) {
        if (grid->counts[index] > 1) {
            add_value(grid, index, UINT64_MAX);
        }
    }
}

static bool is_weaker(uint32_t before, uint32_t after) {
    return before != SECCOMP_RET_ALLOW && before != after;
}

/* One call of one architecture, at all points of the grid, or as many as there is time for. */
static bool is_weaker_on(const struct profile_program *before, const struct profile_program *after,
                         const struct grid *grid, struct seccomp_data *call) {
    size_t places[PROFILE_ARGUMENTS] = {0};
    for (size_t points = 0; points < POINTS_MAX; points++) {
        for (unsigned index = 0; index < PROFILE_ARGUMENTS; index++) {
            call->args[index] = grid->values[index][places[index]];
        }
        if (is_weaker(profile_program_run(before, call), profile_program_run(after, call))) {
            return true;
        }
        unsigned index = 0;
        while (index < PROFILE_ARGUMENTS && ++places[index] == grid->counts[index]) {
            places[index++] = 0;
        }
        if (index == PROFILE_ARGUMENTS) {
            break;
        }
    }
    return false;
}

static bool is_weaker_for(const struct profile_program *before, const struct profile_program *after,
                          const struct seccomp_profile *profile, const char *name) {
    static const struct {
        uint32_t token; /* libseccomp's */
        uint32_t audit;
    } architectures[] = {
        {SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64}, {SCMP_ARCH_X86, AUDIT_ARCH_I386}, {SCMP_ARCH_X32, AUDIT_ARCH_X86_64}};
    struct grid grid;
    make_grid(&grid, profile, name);
    for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++) {
        int number = seccomp_syscall_resolve_name_rewrite(architectures[i].token, name);
        struct seccomp_data call = {.nr = number, .arch = architectures[i].audit};
        if (number >= 0 && is_weaker_on(before, after, &grid, &call)) {
            return true;
        }
    }
    return false;
}

const char *profile_program_find_weaker(const struct profile_program *before, const struct profile_program *after,
                                        const struct seccomp_profile *profile) {
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct name_list *names = &profile->rules[i].names;
        for (size_t j = 0; j < names->count; j++) {
            if (is_weaker_for(before, after, profile, names->names[j])) {
                return names->names[j];
            }
        }
    }
    return NULL;
}
