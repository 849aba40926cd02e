/* SPDX-License-Identifier: MIT
 *
 * A seccomp profile as container runtimes take it: the object linux.seccomp of
 * the OCI runtime specification, which podman, containerd and CRI-O read as well.
 */
#ifndef RENACER_SECCOMP_PROFILE_H
#define RENACER_SECCOMP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    PROFILE_ARGUMENTS = 6,      /* of a system call */
    PROFILE_CONDITIONS_MAX = 64 /* of one rule */
};

enum profile_action {
    PROFILE_ALLOW,
    PROFILE_LOG, /* allows too, and writes to the audit log */
    PROFILE_NOTIFY,
    PROFILE_ERRNO,
    PROFILE_TRACE,
    PROFILE_TRAP,
    PROFILE_KILL,
    PROFILE_KILL_THREAD,
    PROFILE_KILL_PROCESS,
};

/* Their names, in that order, NULL-terminated: "SCMP_ACT_ALLOW". */
extern const char *const profile_action_names[];

enum profile_comparison {
    PROFILE_NE,
    PROFILE_LT,
    PROFILE_LE,
    PROFILE_EQ,
    PROFILE_GE,
    PROFILE_GT,
    PROFILE_MASKED_EQ, /* argument & value == value_two */
};

/* The same of these: "SCMP_CMP_NE". */
extern const char *const profile_comparison_names[];

struct profile_condition {
    unsigned index; /* of the argument */
    enum profile_comparison comparison;
    uint64_t value;
    uint64_t value_two;
};

/* Strings that the list owns. Zero-initialised is empty. */
struct name_list {
    char **names;
    size_t count;
};

/* Append a copy: 0 or -ENOMEM. */
int name_list_add(struct name_list *list, const char *name);
bool name_list_has(const struct name_list *list, const char *name);
void name_list_finish(struct name_list *list);

/* What happens to some calls where all conditions hold; but where two are of the same argument, each is a rule of its
 * own: so do runc and crun. */
struct profile_rule {
    struct name_list names;
    enum profile_action action;
    bool has_errno;
    uint32_t errno_value;                 /* of PROFILE_ERRNO; of PROFILE_TRACE what the tracer is told */
    struct profile_condition *conditions; /* owned */
    size_t condition_count;
};

/* Zero-initialised is empty: it allows everything. */
struct seccomp_profile {
    enum profile_action default_action;
    bool has_default_errno;
    uint32_t default_errno;
    struct name_list architectures; /* beside the native one: "SCMP_ARCH_X86" */
    bool has_flags;                 /* without, the runtime takes what it likes */
    struct name_list flags;
    char *listener_path;        /* owned; NULL: none */
    char *listener_metadata;    /* the same */
    struct profile_rule *rules; /* owned */
    size_t rule_count;
};

/* A new rule at the end, without names and conditions; NULL: no memory. Pointers to others are void then. */
struct profile_rule *seccomp_profile_add_rule(struct seccomp_profile *profile, enum profile_action action);

/* Remove the last rule. */
void seccomp_profile_drop_rule(struct seccomp_profile *profile);

/* Append a copy of a condition: 0 or -ENOMEM. */
int profile_rule_add_condition(struct profile_rule *rule, const struct profile_condition *condition);

void seccomp_profile_finish(struct seccomp_profile *profile);

/* Write it as JSON. 0 or -ENOMEM; whether it could be written is the stream's error. */
int seccomp_profile_write(const struct seccomp_profile *profile, FILE *stream);

#endif
