/* SPDX-License-Identifier: MIT
 *
 * The rules by which a golden trace names or leaves out what differs from run
 * to run (--normalize). Each has a name, under which the manual describes it.
 */
#ifndef RENACER_GOLDEN_RULES_H
#define RENACER_GOLDEN_RULES_H

#include "value.h"

#include <stdbool.h>
#include <stddef.h>

enum golden_rule {
    RULE_ADDRESSES,       /* addresses by what they point to */
    RULE_IDS,             /* processes and threads by numbers of their own */
    RULE_TIMES,           /* clocks, times that were used or are left, load of the machine */
    RULE_RANDOM,          /* random bytes */
    RULE_INODES,          /* numbers of pipes and sockets */
    RULE_TEMPORARY_FILES, /* names that were made up */
    RULE_CHILDREN,        /* how children end that run at once: SIGCHLD, and the order of waits for any of them */
    RULE_ENVIRONMENT,     /* size of the environment */
    RULE_FREE_SPACE,      /* what is free in a file system */
    RULE_PROCESSOR,       /* where a thread runs */
    RULE_LOADER_CACHE,    /* size of the loader's list of all libraries that are installed */
    RULE_COUNT,
};

/* A set of rules: bit n is rule n. */
typedef unsigned golden_rules;

#define GOLDEN_ALL_RULES ((1U << RULE_COUNT) - 1)

static inline bool golden_has_rule(golden_rules rules, enum golden_rule rule) {
    return rules >> rule & 1;
}

/* The name of rule `index`, or NULL past the last. */
const char *golden_rule_name(size_t index);

/* Rules by names joined by commas: "all", "none", a rule, or one with '-' or '!' in front, which takes it out; the
 * first item decides whether it starts from nothing or from all. 0, or -EINVAL with a sentence in `problem`. */
int golden_rules_parse(golden_rules *rules, const char *list, char *problem, size_t problem_size);

/* What is shown in place of argument `index` of a call under these rules; NULL: the argument. */
const char *golden_instead(golden_rules rules, const struct decoded_call *call, unsigned index);

/* What is shown in place of the size of the loader's cache, which is another number after any library was installed. */
extern const char golden_cache_size[];

#endif
