/* SPDX-License-Identifier: MIT */
#include "profile_notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------- what a profile says of one call */

struct verdict {
    bool allows;        /* by a rule of its own */
    bool denies;        /* the same, on conditions or without; or logs */
    bool always_denies; /* without conditions */
    bool always_logs;   /* the same */
};

static uint32_t errno_of(bool has_errno, uint32_t value) {
    return has_errno ? value : EPERM;
}

/* A rule whose action is that of all other calls is left out by runtimes. */
static bool is_redundant(const struct seccomp_profile *profile, const struct profile_rule *rule) {
    return rule->action == profile->default_action &&
           errno_of(rule->has_errno, rule->errno_value) == errno_of(profile->has_default_errno, profile->default_errno);
}

static struct verdict judge(const struct seccomp_profile *profile, const char *name) {
    struct verdict verdict = {0};
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        if (is_redundant(profile, rule) || !name_list_has(&rule->names, name)) {
            continue;
        }
        if (rule->action == PROFILE_ALLOW) {
            verdict.allows = true;
            continue;
        }
        verdict.denies = true;
        if (!rule->condition_count) {
            verdict.always_logs |= rule->action == PROFILE_LOG;
            verdict.always_denies |= rule->action != PROFILE_LOG;
        }
    }
    return verdict;
}

/* Calls that i386 can make through others as well, for which libseccomp makes rules on an argument of those. */
static const struct multiplexer {
    const char *name;
    const char *parts; /* with spaces around */
} multiplexers[] = {
    {"socketcall", " accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg "
                   "recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socket socketpair "},
    {"ipc", " msgctl msgget msgrcv msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget "},
};

static bool is_part(const struct multiplexer *multiplexer, const char *name) {
    size_t length = strlen(name);
    const char *at = multiplexer->parts;
    while ((at = strstr(at, name))) {
        if (at[-1] == ' ' && at[length] == ' ') {
            return true;
        }
        at += length;
    }
    return false;
}

static bool denies_part(const struct seccomp_profile *profile, const struct multiplexer *multiplexer) {
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        for (size_t j = 0; j < rule->names.count && rule->action != PROFILE_ALLOW; j++) {
            if (is_part(multiplexer, rule->names.names[j])) {
                return true;
            }
        }
    }
    return false;
}

/* Whether the profile denies something of a call that shares its rules with this one on i386: a rule for the one would
 * be one for the other there, without its conditions. */
static bool is_entangled(const struct seccomp_profile *profile, const char *name) {
    if (!name_list_has(&profile->architectures, "SCMP_ARCH_X86")) {
        return false;
    }
    for (size_t i = 0; i < sizeof(multiplexers) / sizeof(multiplexers[0]); i++) {
        const struct multiplexer *multiplexer = &multiplexers[i];
        bool is_whole = strcmp(name, multiplexer->name) == 0;
        if (is_whole ? denies_part(profile, multiplexer) : is_part(multiplexer, name)) {
            return is_whole || judge(profile, name).denies || judge(profile, multiplexer->name).denies;
        }
    }
    return false;
}

/* ---------------------------------------------------------- what a denial leaves over */

/* On 32-bit architectures libseccomp cuts values, and another condition may come of it. */
static bool is_cut(const struct seccomp_profile *profile, const struct profile_condition *condition) {
    bool beside = name_list_has(&profile->architectures, "SCMP_ARCH_X86") ||
                  name_list_has(&profile->architectures, "SCMP_ARCH_X32");
    return (condition->value > UINT32_MAX || condition->value_two > UINT32_MAX) && beside;
}

/* The contrary of a condition, as one condition. False: there is none. */
static bool find_contrary(const struct profile_condition *condition, struct profile_condition *contrary) {
    static const enum profile_comparison contraries[] = {
        [PROFILE_NE] = PROFILE_EQ, [PROFILE_LT] = PROFILE_GE, [PROFILE_LE] = PROFILE_GT,
        [PROFILE_EQ] = PROFILE_NE, [PROFILE_GE] = PROFILE_LT, [PROFILE_GT] = PROFILE_LE};
    *contrary = *condition;
    if (condition->comparison != PROFILE_MASKED_EQ) {
        contrary->comparison = contraries[condition->comparison];
        return true;
    }
    uint64_t bits = condition->value;
    bool is_one_bit = bits && !(bits & (bits - 1));
    contrary->value_two = condition->value_two ^ bits;
    return is_one_bit && !(condition->value_two & ~bits);
}

/* What is left of a call that is allowed but for some conditions. False: no rule says that. Of two denials, or one on
 * two arguments, the rest could be said in several rules; but of such, which exclude each other, libseccomp (2.5) makes
 * filters that do something else: its tree of comparisons does not go back to an alternative. */
static bool find_rest(const struct seccomp_profile *profile, const char *name, struct profile_condition *rest) {
    bool found = false;
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        if (rule->action == PROFILE_ALLOW || !name_list_has(&rule->names, name)) {
            continue;
        }
        if (found || rule->condition_count != 1 || is_cut(profile, &rule->conditions[0])) {
            return false;
        }
        found = find_contrary(&rule->conditions[0], rest);
        if (!found) {
            return false;
        }
    }
    return found;
}

/* ------------------------------------------------------------- the change of a profile */

struct change {
    struct seccomp_profile *profile;
    struct unnotified *unnotified;
    struct name_list whole;       /* of a profile that allows: to be notified whatever the arguments */
    struct name_list renamed;     /* of one that denies: what its rules allow is to be notified */
    struct seccomp_profile added; /* new rules, for some arguments */
};

static int note(struct change *change, const struct profile_call *call, enum unnotified_reason reason) {
    struct name_list *list = &change->unnotified->calls[reason];
    return !call->chosen || name_list_has(list, call->row_name) ? 0 : name_list_add(list, call->row_name);
}

/* A rule that notifies one call on this condition. */
static int add_rule(struct change *change, const char *name, const struct profile_condition *condition) {
    struct profile_rule *rule = seccomp_profile_add_rule(&change->added, PROFILE_NOTIFY);
    int status = rule ? name_list_add(&rule->names, name) : -ENOMEM;
    return status < 0 ? status : profile_rule_add_condition(rule, condition);
}

/* Of a profile that allows what it does not name. */
static int notify_allowed(struct change *change, const struct profile_call *call) {
    const struct seccomp_profile *profile = change->profile;
    struct verdict verdict = judge(profile, call->name);
    if (verdict.always_denies || verdict.always_logs) {
        return note(change, call, verdict.always_denies ? UNNOTIFIED_DENIED : UNNOTIFIED_LOGGED);
    }
    if (is_entangled(profile, call->name)) {
        return note(change, call, UNNOTIFIED_CONDITIONS);
    }
    if (!verdict.denies && call->notified) {
        return name_list_add(&change->whole, call->name);
    }
    if (!verdict.denies) {
        int status = note(change, call, UNNOTIFIED_SEEN);
        return status < 0 ? status : add_rule(change, call->name, &call->value);
    }
    struct profile_condition rest;
    return find_rest(profile, call->name, &rest) ? add_rule(change, call->name, &rest)
                                                 : note(change, call, UNNOTIFIED_CONDITIONS);
}

/* Of one that denies it, or logs it. */
static int notify_denied(struct change *change, const struct profile_call *call) {
    struct verdict verdict = judge(change->profile, call->name);
    if (verdict.allows) {
        return name_list_add(&change->renamed, call->name);
    }
    bool logs =
        verdict.denies ? verdict.always_logs && !verdict.always_denies : change->profile->default_action == PROFILE_LOG;
    return note(change, call, logs ? UNNOTIFIED_LOGGED : UNNOTIFIED_DENIED);
}

/* What runc's init calls by itself under the filter, before the agent has the listener. It has the listener then, so
 * that nothing ends a call of these that is notified: both would wait for ever. crun has a process for that which is
 * not under the filter. */
static bool is_of_runc(const char *name) {
    static const char *const calls[] = {
        /* It tells its parent the listener's number: runc refuses a rule for this one. */
        "write",
        /* If its parent finds no agent: it hears of that, and ends. */
        "read", "close", "exit_group",
        /* Go's, whenever it likes: a signal that preempts (SIGURG), locks and memory. Seen once in a dozen starts of a
         * busy machine. */
        "rt_sigreturn", "rt_sigprocmask", "futex", "sched_yield", "nanosleep", "getpid", "tgkill", "mmap", "munmap",
        "madvise"};
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(name, calls[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int decide(struct change *change, const struct profile_call *call, enum profile_runtime runtime) {
    if (!call->name) {
        return note(change, call, UNNOTIFIED_UNKNOWN);
    }
    if (!call->notified && !call->notified_for_one) {
        return note(change, call, UNNOTIFIED_SEEN);
    }
    if (runtime != RUNTIME_CRUN && is_of_runc(call->name)) {
        return note(change, call, UNNOTIFIED_RUNTIME);
    }
    return change->profile->default_action == PROFILE_ALLOW ? notify_allowed(change, call)
                                                            : notify_denied(change, call);
}

/* Append a copy of `rule` for those of its names that are renamed, or for the others. */
static int copy_part(const struct change *change, const struct profile_rule *rule, struct seccomp_profile *to,
                     bool renamed) {
    bool is_any = false;
    for (size_t i = 0; i < rule->names.count; i++) {
        is_any |= name_list_has(&change->renamed, rule->names.names[i]) == renamed;
    }
    if (!is_any) {
        return 0;
    }
    struct profile_rule *copy = seccomp_profile_add_rule(to, renamed ? PROFILE_NOTIFY : PROFILE_ALLOW);
    int status = copy ? 0 : -ENOMEM;
    for (size_t i = 0; i < rule->names.count && status == 0; i++) {
        if (name_list_has(&change->renamed, rule->names.names[i]) == renamed) {
            status = name_list_add(&copy->names, rule->names.names[i]);
        }
    }
    for (size_t i = 0; i < rule->condition_count && status == 0; i++) {
        status = profile_rule_add_condition(copy, &rule->conditions[i]);
    }
    return status;
}

/* Append the rule itself, which is empty then. */
static int move_rule(struct profile_rule *rule, struct seccomp_profile *to) {
    struct profile_rule *moved = seccomp_profile_add_rule(to, rule->action);
    if (!moved) {
        return -ENOMEM;
    }
    *moved = *rule;
    *rule = (struct profile_rule){0};
    return 0;
}

/* The rules, in their order: that matters to libseccomp. */
static int rebuild(struct change *change) {
    struct seccomp_profile *profile = change->profile;
    struct seccomp_profile result = {0};
    int status = 0;
    for (size_t i = 0; i < profile->rule_count && status == 0; i++) {
        struct profile_rule *rule = &profile->rules[i];
        if (rule->action != PROFILE_ALLOW) {
            status = move_rule(rule, &result);
            continue;
        }
        status = copy_part(change, rule, &result, true);
        status = status < 0 ? status : copy_part(change, rule, &result, false);
    }
    for (size_t i = 0; i < change->added.rule_count && status == 0; i++) {
        status = move_rule(&change->added.rules[i], &result);
    }
    if (status == 0 && change->whole.count) {
        struct profile_rule *rule = seccomp_profile_add_rule(&result, PROFILE_NOTIFY);
        status = rule ? 0 : -ENOMEM;
        if (rule) {
            rule->names = change->whole;
            change->whole = (struct name_list){0};
        }
    }
    if (status == 0) {
        struct seccomp_profile old = {.rules = profile->rules, .rule_count = profile->rule_count};
        profile->rules = result.rules;
        profile->rule_count = result.rule_count;
        result = old;
    }
    seccomp_profile_finish(&result);
    return status;
}

/* ------------------------------------------------------------------------- the flags */

static int set_flags(struct seccomp_profile *profile, enum profile_runtime runtime, struct unnotified *unnotified) {
    static const char tsync[] = "SECCOMP_FILTER_FLAG_TSYNC";
    static const char killable[] = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
    struct name_list flags = {0};
    int status = 0;
    for (size_t i = 0; i < profile->flags.count && status == 0; i++) {
        if (strcmp(profile->flags.names[i], tsync) == 0) {
            unnotified->no_tsync = true;
        } else {
            status = name_list_add(&flags, profile->flags.names[i]);
        }
    }
    if (status == 0 && runtime == RUNTIME_CRUN && !profile->has_flags) {
        status = name_list_add(&flags, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"); /* what crun takes without flags */
    }
    if (status == 0 && runtime == RUNTIME_CRUN && !name_list_has(&flags, killable)) {
        /* Once its notification is received, a call is interrupted no more. */
        status = name_list_add(&flags, killable);
        profile->has_flags = true;
    }
    name_list_finish(status == 0 ? &profile->flags : &flags);
    if (status == 0) {
        profile->flags = flags;
    }
    return status;
}

/* -------------------------------------------------------------------------- the whole */

/* A container's trace begins with its execve, and without it no program would be known. */
static int check_exec(const struct change *change, char *problem, size_t size) {
    static const char name[] = "execve";
    if (name_list_has(&change->whole, name) || name_list_has(&change->renamed, name)) {
        return 0;
    }
    for (size_t i = 0; i < change->added.rule_count; i++) {
        if (name_list_has(&change->added.rules[i].names, name)) {
            return 0;
        }
    }
    snprintf(
        problem, size,
        "execve is denied there, or logged, or denied on conditions that cannot be kept apart from others; without "
        "its notification no container is traced, so let the profile allow it");
    return -ENOTSUP;
}

int profile_notify(struct seccomp_profile *profile, const struct profile_calls *calls, enum profile_runtime runtime,
                   struct unnotified *unnotified, char *problem, size_t problem_size) {
    *unnotified = (struct unnotified){0};
    struct change change = {.profile = profile, .unnotified = unnotified};
    int status = 0;
    for (size_t i = 0; i < calls->count && status == 0; i++) {
        status = decide(&change, &calls->calls[i], runtime);
    }
    status = status < 0 ? status : check_exec(&change, problem, problem_size);
    status = status < 0 ? status : rebuild(&change);
    status = status < 0 ? status : set_flags(profile, runtime, unnotified);
    name_list_finish(&change.whole);
    name_list_finish(&change.renamed);
    seccomp_profile_finish(&change.added);
    return status;
}

void unnotified_finish(struct unnotified *unnotified) {
    for (size_t i = 0; i < UNNOTIFIED_REASONS; i++) {
        name_list_finish(&unnotified->calls[i]);
    }
}
