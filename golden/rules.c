/* SPDX-License-Identifier: MIT */
#include "golden_rules.h"

#include "nearest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const rule_names[RULE_COUNT] = {[RULE_ADDRESSES] = "addresses",
                                                   [RULE_IDS] = "ids",
                                                   [RULE_TIMES] = "times",
                                                   [RULE_RANDOM] = "random",
                                                   [RULE_INODES] = "inodes",
                                                   [RULE_TEMPORARY_FILES] = "temporary-files",
                                                   [RULE_CHILDREN] = "children",
                                                   [RULE_ENVIRONMENT] = "environment",
                                                   [RULE_FREE_SPACE] = "free-space",
                                                   [RULE_PROCESSOR] = "processor",
                                                   [RULE_LOADER_CACHE] = "loader-cache"};

const char *golden_rule_name(size_t index) {
    return index < RULE_COUNT ? rule_names[index] : NULL;
}

/* ------------------------------------------------------------------ --normalize */

/* The rules that a name stands for; 0, with a sentence in `problem`, for one that is none. */
static golden_rules rules_named(const char *name, size_t length, char *problem, size_t problem_size) {
    char word[64];
    snprintf(word, sizeof(word), "%.*s", (int)length, name);
    if (strcmp(word, "all") == 0) {
        return GOLDEN_ALL_RULES;
    }
    struct nearest nearest = {.word = word};
    nearest_offer(&nearest, "all");
    nearest_offer(&nearest, "none");
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        if (strcmp(word, rule_names[i]) == 0) {
            return 1U << i;
        }
        nearest_offer(&nearest, rule_names[i]);
    }
    if (nearest.best) {
        snprintf(problem, problem_size, "unknown rule '%s' of --normalize; did you mean '%s'?", word, nearest.best);
    } else {
        snprintf(problem, problem_size, "unknown rule '%s' of --normalize; renacer-sv(1) lists the rules", word);
    }
    return 0;
}

int golden_rules_parse(golden_rules *rules, const char *list, char *problem, size_t problem_size) {
    golden_rules chosen = list[0] == '-' || list[0] == '!' ? GOLDEN_ALL_RULES : 0;
    for (const char *item = list;; item++) {
        size_t length = strcspn(item, ",");
        bool takes_out = item[0] == '-' || item[0] == '!';
        bool is_none = length == 4 && memcmp(item, "none", length) == 0;
        golden_rules named =
            is_none ? GOLDEN_ALL_RULES : rules_named(item + takes_out, length - takes_out, problem, problem_size);
        if (!named) {
            return -EINVAL;
        }
        chosen = takes_out || is_none ? chosen & ~named : chosen | named;
        item += length;
        if (!*item) {
            break;
        }
    }
    *rules = chosen;
    return 0;
}

/* ------------------------------------------------------- what is left out of calls */

static bool is_time(enum arg_type type) {
    switch (type) {
    case A_FUTEX_TIMEOUT:
    case A_FUTEX_TIMEOUT64:
    case A_TIME_LEFT:
    case A_TIME_LEFT64:
    case A_TO_EPOLL_TIMEOUT:
    case A_TO_ITIMERSPEC:
    case A_TO_ITIMERSPEC64:
    case A_TO_ITIMERVAL:
    case A_OUT_REMAINDER:
    case A_OUT_REMAINDER64:
    case A_TO_RUSAGE:
    case A_TO_RUSAGE_CHILD:
    case A_TO_SYSINFO:
    case A_TO_TIME:
    case A_TO_TIMESPEC:
    case A_TO_TIMESPEC64:
    case A_TO_TIMESPECS:
    case A_TO_TIMESPECS64:
    case A_TO_TIMEVAL:
    case A_TO_TIMEVALS:
    case A_TO_TIMEX:
    case A_TO_TIMEX64:
    case A_TO_TMS:
    case A_TO_UTIMBUF:
    case A_TO_WAIT_TIMESPEC:
    case A_TO_WAIT_TIMESPEC64:
    case A_TO_WAIT_TIMEVAL:
        return true;
    default:
        return false;
    }
}

/* Calls of those types that say how fine a clock is: the same every time. */
static bool tells_resolution(const char *name) {
    return strncmp(name, "clock_getres", strlen("clock_getres")) == 0 ||
           strncmp(name, "sched_rr_get_interval", strlen("sched_rr_get_interval")) == 0;
}

/* Whether the argument is how long something is to take, from when it is called: the program has chosen that. What it
 * is given as the end of a wait is often what is left of one, or a point in time. */
static bool is_chosen_span(const struct decoded_call *call, const struct value *value) {
    enum {
        FLAGS = 1,    /* argument of the calls that have them */
        ABSOLUTE = 1, /* TIMER_ABSTIME, TFD_TIMER_ABSTIME */
    };
    if (value->direction != DIRECTION_IN) {
        return false;
    }
    if (strcmp(call->name, "nanosleep") == 0 || strcmp(call->name, "setitimer") == 0) {
        return true;
    }
    static const char *const with_flags[] = {"clock_nanosleep", "timer_settime", "timerfd_settime"};
    for (size_t i = 0; i < sizeof(with_flags) / sizeof(with_flags[0]); i++) {
        if (strncmp(call->name, with_flags[i], strlen(with_flags[i])) == 0) {
            return !(call->values[FLAGS].number & ABSOLUTE);
        }
    }
    return false;
}

static bool is_free_space(enum arg_type type) {
    return type == A_TO_STATFS || type == A_TO_STATFS64;
}

/* Whether the descriptor was this file, as far as anybody looked. */
static bool is_file(const struct capture *descriptor, const char *path) {
    size_t length = strlen(path);
    const uint8_t *bytes = descriptor ? capture_bytes(descriptor) : NULL;
    return bytes && descriptor->size >= length && memcmp(bytes, path, length) == 0 &&
           (descriptor->size == length || !bytes[length]);
}

static bool is_random_device(const struct capture *descriptor) {
    return is_file(descriptor, "/dev/random") || is_file(descriptor, "/dev/urandom");
}

const char golden_cache_size[] = "size";

/* Whether it says how large the loader's cache is, by its descriptor. */
static bool is_of_cache(const struct decoded_call *call, unsigned index) {
    static const char path[] = "/etc/ld.so.cache";
    enum {
        LENGTH = 1,
        MAPPED = 4, /* descriptor of mmap */
    };
    if (index == LENGTH && strncmp(call->name, "mmap", strlen("mmap")) == 0 && call->count > MAPPED) {
        return is_file(call->values[MAPPED].descriptor, path);
    }
    return call->values[index].kind == VALUE_STRUCTURE && is_file(call->values[0].descriptor, path);
}

/* Whether the value is bytes that nobody knew before, and that are shown. */
static bool is_random(const struct decoded_call *call, const struct value *value) {
    if (value->kind != VALUE_STRING && !(value->kind == VALUE_DECODED && value->delivered)) {
        return false;
    }
    return value->type == A_OUT_RANDOM_ ||
           ((value->type == A_OUT_BUF_ || value->type == A_OUT_IOVEC_) && is_random_device(call->values[0].descriptor));
}

const char *golden_instead(golden_rules rules, const struct decoded_call *call, unsigned index) {
    const struct value *value = &call->values[index];
    enum arg_type type = (enum arg_type)value->type;
    if (type == A_ENVP && value->number && golden_has_rule(rules, RULE_ENVIRONMENT)) {
        return "environment";
    }
    if (golden_has_rule(rules, RULE_RANDOM) && is_random(call, value)) {
        return "random";
    }
    bool is_cache = golden_has_rule(rules, RULE_LOADER_CACHE) && is_of_cache(call, index);
    if (value->kind != VALUE_STRUCTURE && value->kind != VALUE_DECODED) {
        return is_cache ? golden_cache_size : NULL;
    }
    bool is_volatile = (golden_has_rule(rules, RULE_TIMES) && is_time(type) && !tells_resolution(call->name) &&
                        !is_chosen_span(call, value)) ||
                       (golden_has_rule(rules, RULE_FREE_SPACE) && is_free_space(type)) ||
                       (golden_has_rule(rules, RULE_PROCESSOR) && strcmp(call->name, "getcpu") == 0);
    return is_volatile || is_cache ? "{...}" : NULL;
}
