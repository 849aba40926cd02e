/* SPDX-License-Identifier: MIT
 *
 * Seccomp profiles that notify: never weaker than what they were made from. Both
 * become filters as runtimes make them, which run on many calls: what is denied stays so, in
 * the same way, and what is allowed may notify instead.
 */
#include "profile_notify.h"

#include "profile_program.h"
#include "profile_reader.h"
#include "unit.h"

#include <errno.h>
#include <linux/audit.h>
#include <seccomp.h>

enum {
    PROBLEM_BYTES = 512,
    RANDOM_PROFILES = 200,
};

/* For LeakSanitizer, where there is one: libseccomp 2.5 loses memory when it refuses a rule. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libseccomp.so";
}

static const struct capture_options entries = {.memory = true, .string_limit = 32};

/* One profile, and what became of it. */
struct subject {
    struct seccomp_profile profile;
    struct unnotified unnotified;
    struct profile_program before;
    struct profile_program after;
    int status; /* of profile_notify() */
};

static void find_calls(struct profile_calls *calls, const char *expression, bool all) {
    struct selection selection;
    char problem[PROBLEM_BYTES];
    selection_init(&selection);
    if (expression && selection_parse(&selection, expression, problem, sizeof(problem)) < 0) {
        fail_msg("%s", problem);
    }
    const struct filter_options options = {.selection = &selection, .capture = &entries, .notify_all = all};
    assert_int_equal(profile_calls_find(calls, &options), 0);
}

/* False: libseccomp does not take the profile, before anything was done. */
static bool change(struct subject *subject, const struct profile_calls *calls, enum profile_runtime runtime) {
    char problem[PROBLEM_BYTES] = "";
    int status = profile_program_make(&subject->before, &subject->profile, problem, sizeof(problem));
    if (status < 0) {
        assert_true(status == -EINVAL && problem[0]);
        return false;
    }
    subject->status = profile_notify(&subject->profile, calls, runtime, &subject->unnotified, problem, sizeof(problem));
    assert_true(subject->status == 0 || (subject->status == -ENOTSUP && problem[0]));
    if (subject->status == 0 &&
        profile_program_make(&subject->after, &subject->profile, problem, sizeof(problem)) < 0) {
        seccomp_profile_write(&subject->profile, stderr);
        fail_msg("libseccomp takes the profile, but not what became of it: %s", problem);
    }
    return true;
}

static void finish(struct subject *subject) {
    seccomp_profile_finish(&subject->profile);
    unnotified_finish(&subject->unnotified);
    profile_program_finish(&subject->before);
    profile_program_finish(&subject->after);
}

static const struct name_list no_capabilities = {0};

static void read_profile(struct subject *subject, const char *text) {
    char problem[PROBLEM_BYTES] = "";
    struct profile_dependence dependence;
    const struct profile_target target = {.capabilities = &no_capabilities, .kernel = {6, 1}};
    *subject = (struct subject){0};
    if (profile_read(&subject->profile, text, strlen(text), &target, &dependence, problem, sizeof(problem)) < 0) {
        fail_msg("%s", problem);
    }
}

/* -------------------------------------------------------------------------- the points */

static const uint64_t values[] = {0,           1,           2,          5,          6,          7,
                                  8,           9,           16,         17,         40,         0xff,
                                  0x10000000,  0x10000001,  0x7e020000, 0x80000000, 0xffffffff, 0x100000000,
                                  0x100000001, 0x100000008, UINT64_MAX};

/* Which of them other arguments have. */
static const size_t seconds[] = {0, 1, 3, 5, 11, 12, 17, 20};
static const size_t thirds[] = {0, 7, 17};

static const struct {
    uint32_t audit;
    uint32_t token;
    const char *name; /* in profiles */
} machines[] = {
    {AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, NULL},
    {AUDIT_ARCH_I386, SCMP_ARCH_X86, "SCMP_ARCH_X86"},
    {AUDIT_ARCH_X86_64, SCMP_ARCH_X32, "SCMP_ARCH_X32"},
};

static const char *const names[] = {"clone",  "personality", "mkdir", "socket", "bind",   "socketcall",  "ipc",
                                    "shmat",  "ioctl",       "write", "execve", "futex",  "prctl",       "mount",
                                    "openat", "close",       "uname", "semctl", "getpid", "rt_sigreturn"};

static bool is_unnotified(const struct subject *subject, const char *name) {
    bool found = false;
    for (unsigned i = 0; i < UNNOTIFIED_REASONS; i++) {
        found |= name_list_has(&subject->unnotified.calls[i], name);
    }
    return found;
}

/* Calls of these two share rules on i386, where all that counts is that no denial is lost. */
static bool shares_rules(const char *name, uint32_t token) {
    static const char *const sharing[] = {"socketcall", "ipc", "socket", "bind", "shmat", "semctl"};
    bool shares = false;
    for (size_t i = 0; i < COUNT_OF(sharing) && token == SCMP_ARCH_X86; i++) {
        shares |= strcmp(sharing[i], name) == 0;
    }
    return shares;
}

static void assert_point(const struct subject *subject, const struct seccomp_data *call, const char *name,
                         bool notified, bool exactly) {
    uint32_t before = profile_program_run(&subject->before, call);
    uint32_t after = profile_program_run(&subject->after, call);
    bool passes = after == SECCOMP_RET_ALLOW || after == SECCOMP_RET_USER_NOTIF;
    /* By a flaw of libseccomp 2.5 a filter may allow what its profile denies, and another one of the same rules not. */
    bool fits = before == SECCOMP_RET_ALLOW ? passes || !exactly : after == before;
    bool expected = notified && before == SECCOMP_RET_ALLOW && passes;
    if (!fits || (exactly && expected != (after == SECCOMP_RET_USER_NOTIF))) {
        seccomp_profile_write(&subject->profile, stderr);
        fail_msg("%s %#x (%#llx, %#llx, %#llx), arch %#x: %#x became %#x", name, call->nr, call->args[0], call->args[1],
                 call->args[2], call->arch, before, after);
    }
}

/* Every call of `names` with every three values, on every architecture: `wanted` says which are to be notified. */
static void assert_never_weaker(const struct subject *subject, const struct profile_calls *calls, bool exact) {
    for (size_t i = 0; i < COUNT_OF(machines) * COUNT_OF(names); i++) {
        size_t m = i % COUNT_OF(machines);
        const char *name = names[i / COUNT_OF(machines)];
        bool wanted = false;
        for (size_t j = 0; j < calls->count; j++) {
            wanted |= calls->calls[j].name && calls->calls[j].chosen && strcmp(calls->calls[j].name, name) == 0;
        }
        int number = seccomp_syscall_resolve_name_rewrite(machines[m].token, name);
        if (number < 0) {
            continue;
        }
        struct seccomp_data call = {.nr = number, .arch = machines[m].audit};
        bool notified = wanted && !is_unnotified(subject, name);
        bool exactly = exact && !shares_rules(name, machines[m].token) && (wanted || is_unnotified(subject, name));
        for (size_t at = 0; at < COUNT_OF(values) * COUNT_OF(seconds) * COUNT_OF(thirds); at++) {
            call.args[0] = values[at % COUNT_OF(values)];
            call.args[1] = values[seconds[at / COUNT_OF(values) % COUNT_OF(seconds)]];
            call.args[2] = values[thirds[at / COUNT_OF(values) / COUNT_OF(seconds)]];
            assert_point(subject, &call, name, notified, exactly);
        }
    }
}

/* --------------------------------------------------------------- profiles by hand */

#define ALLOW                                                                                                          \
    "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":["
#define DENY                                                                                                           \
    "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],\"syscalls\":["     \
    "{\"names\":[\"execve\",\"write\",\"openat\",\"close\",\"rt_sigreturn\"],\"action\":\"SCMP_ACT_ALLOW\"},"
#define RULE(names, action, args)                                                                                      \
    "{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\",\"errnoRet\":13,\"args\":[" args "]}"
#define ARG(index, op, value) "{\"index\":" #index ",\"value\":" #value ",\"op\":\"SCMP_CMP_" op "\"}"
#define MASKED(index, mask, value)                                                                                     \
    "{\"index\":" #index ",\"value\":" #mask ",\"valueTwo\":" #value ",\"op\":\"SCMP_CMP_MASKED_EQ\"}"
#define END "]}"

struct expectation {
    const char *text;
    const char *unnotified; /* a call that is not, with its reason; NULL: none of those that the rules name */
    enum unnotified_reason reason;
};

static const struct expectation expectations[] = {
    {ALLOW RULE("\"mount\"", "ERRNO", "") END, "mount", UNNOTIFIED_DENIED},
    {ALLOW RULE("\"mount\"", "KILL", "") END, "mount", UNNOTIFIED_DENIED},
    {ALLOW RULE("\"uname\"", "LOG", "") END, "uname", UNNOTIFIED_LOGGED},
    {ALLOW RULE("\"personality\"", "ERRNO", ARG(0, "EQ", 8)) END, NULL, 0},
    {ALLOW RULE("\"personality\"", "TRAP", ARG(0, "NE", 8)) END, NULL, 0},
    {ALLOW RULE("\"personality\"", "ERRNO", ARG(0, "LT", 8)) END, NULL, 0},
    {ALLOW RULE("\"personality\"", "ERRNO", ARG(0, "LE", 8)) END, NULL, 0},
    {ALLOW RULE("\"personality\"", "KILL_PROCESS", ARG(0, "GE", 8)) END, NULL, 0},
    {ALLOW RULE("\"personality\"", "TRACE", ARG(0, "GT", 8)) END, NULL, 0},
    {ALLOW RULE("\"clone\"", "ERRNO", MASKED(0, 268435456, 268435456)) END, NULL, 0},
    {ALLOW RULE("\"clone\"", "ERRNO", MASKED(0, 268435457, 1)) END, "clone", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"clone\"", "ERRNO", MASKED(0, 1, 3)) END, "clone", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 5) "," ARG(1, "EQ", 7)) END, "mkdir", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 5)) "," RULE("\"mkdir\"", "ERRNO", ARG(1, "EQ", 7)) END, "mkdir",
     UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 5)) "," RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 7)) END, "mkdir",
     UNNOTIFIED_CONDITIONS},
    /* Runtimes make two rules of it. */
    {ALLOW RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 5) "," ARG(0, "EQ", 7)) END, "mkdir", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"mkdir\"", "ERRNO", ARG(0, "EQ", 4294967296)) END, "mkdir", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"socket\"", "ERRNO", ARG(0, "EQ", 16)) END, "socket", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"socket\"", "ERRNO", "") END, "socketcall", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"socketcall\"", "ERRNO", "") END, "bind", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"ipc\"", "ERRNO", ARG(0, "EQ", 5)) END, "shmat", UNNOTIFIED_CONDITIONS},
    {ALLOW RULE("\"mount\",\"uname\"", "ALLOW", ARG(0, "EQ", 5)) END, NULL, 0},
    {DENY RULE("\"personality\"", "ALLOW", ARG(0, "EQ", 8)) "," RULE("\"personality\"", "ALLOW", ARG(0, "EQ", 16)) END,
     NULL, 0},
    {DENY RULE("\"clone\"", "ALLOW", MASKED(0, 2114060288, 0)) "," RULE("\"clone\"", "LOG", MASKED(0, 1, 1)) END, NULL,
     0},
    {DENY RULE("\"socket\"", "ALLOW", ARG(0, "NE", 40)) "," RULE("\"bind\",\"socketcall\"", "ALLOW", "") END, NULL, 0},
    {DENY RULE("\"mkdir\"", "ALLOW", ARG(0, "EQ", 5) "," ARG(0, "EQ", 7)) END, "mount", UNNOTIFIED_DENIED},
    {DENY RULE("\"uname\"", "LOG", "") END, "uname", UNNOTIFIED_LOGGED},
    {DENY RULE("\"futex\"", "ERRNO", "") END, "futex", UNNOTIFIED_DENIED},
};

static void test_denials_stay_and_the_rest_notifies(void **state) {
    (void)state;
    struct profile_calls calls;
    find_calls(&calls, NULL, true);
    for (size_t i = 0; i < COUNT_OF(expectations); i++) {
        const struct expectation *expected = &expectations[i];
        struct subject subject;
        read_profile(&subject, expected->text);
        assert_true(change(&subject, &calls, RUNTIME_CRUN));
        assert_int_equal(subject.status, 0);
        assert_null(profile_program_find_weaker(&subject.before, &subject.after, &subject.profile));
        assert_never_weaker(&subject, &calls, true);
        for (unsigned reason = 0; reason < UNNOTIFIED_REASONS; reason++) {
            const struct name_list *list = &subject.unnotified.calls[reason];
            bool has = expected->unnotified && name_list_has(list, expected->unnotified);
            if (has != (expected->unnotified && reason == expected->reason) ||
                (!expected->unnotified && reason == UNNOTIFIED_CONDITIONS && list->count)) {
                fail_msg("profile %zu, reason %u: %s", i, reason, list->count ? list->names[0] : "none");
            }
        }
        finish(&subject);
    }
    profile_calls_finish(&calls);
}

static void test_of_a_few_calls_the_others_pass(void **state) {
    (void)state;
    struct profile_calls calls;
    struct subject subject;
    struct seccomp_data call = {.arch = AUDIT_ARCH_X86_64};
    read_profile(&subject, ALLOW END);
    find_calls(&calls, "trace=openat", true);
    assert_true(change(&subject, &calls, RUNTIME_ANY));
    static const struct {
        const char *name;
        uint64_t argument;
        bool notifies;
    } points[] = {{"openat", 0, true}, {"execve", 0, true},  {"rt_sigreturn", 0, false},
                  {"mount", 0, true},  {"getpid", 0, false}, {"write", 0, false},
                  {"prctl", 1, false}, {"ioctl", 1, false},  {"ioctl", 0xaa00, true}};
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        call.nr = seccomp_syscall_resolve_name(points[i].name);
        call.args[0] = points[i].argument;
        call.args[1] = points[i].argument;
        bool notifies = profile_program_run(&subject.after, &call) == SECCOMP_RET_USER_NOTIF;
        if (notifies != points[i].notifies) {
            fail_msg("%s: %d", points[i].name, notifies);
        }
    }
    assert_false(is_unnotified(&subject, "write"));
    finish(&subject);
    profile_calls_finish(&calls);
}

/* It hangs where any of them waits for an agent that does not have the listener yet, or never gets it. */
static void test_what_runc_calls_itself(void **state) {
    (void)state;
    static const char *const own[] = {"write",        "read",  "close", "exit_group",
                                      "rt_sigreturn", "futex", "mmap",  "nanosleep"};
    struct profile_calls calls;
    find_calls(&calls, NULL, true);
    static const enum profile_runtime runtimes[] = {RUNTIME_ANY, RUNTIME_RUNC, RUNTIME_CRUN};
    for (size_t i = 0; i < COUNT_OF(runtimes); i++) {
        struct subject subject;
        read_profile(&subject, ALLOW END);
        assert_true(change(&subject, &calls, runtimes[i]));
        for (size_t k = 0; k < COUNT_OF(own); k++) {
            struct seccomp_data call = {.arch = AUDIT_ARCH_X86_64, .nr = seccomp_syscall_resolve_name(own[k])};
            bool notifies = profile_program_run(&subject.after, &call) == SECCOMP_RET_USER_NOTIF;
            assert_int_equal(notifies, runtimes[i] == RUNTIME_CRUN);
            assert_int_equal(name_list_has(&subject.unnotified.calls[UNNOTIFIED_RUNTIME], own[k]), !notifies);
        }
        finish(&subject);
    }
    profile_calls_finish(&calls);
}

static void test_what_an_engine_sees_need_not_notify(void **state) {
    (void)state;
    struct profile_calls calls;
    struct subject subject;
    read_profile(&subject, ALLOW END);
    find_calls(&calls, NULL, false);
    assert_true(change(&subject, &calls, RUNTIME_ANY));
    struct seccomp_data call = {.arch = AUDIT_ARCH_X86_64, .nr = seccomp_syscall_resolve_name("getuid")};
    assert_int_equal(profile_program_run(&subject.after, &call), SECCOMP_RET_ALLOW);
    call.nr = seccomp_syscall_resolve_name("openat");
    assert_int_equal(profile_program_run(&subject.after, &call), SECCOMP_RET_USER_NOTIF);
    assert_true(name_list_has(&subject.unnotified.calls[UNNOTIFIED_SEEN], "getuid"));
    assert_true(name_list_has(&subject.unnotified.calls[UNNOTIFIED_RUNTIME], "write"));
    assert_false(is_unnotified(&subject, "openat"));
    finish(&subject);
    profile_calls_finish(&calls);
}

static void test_without_execve_there_is_no_trace(void **state) {
    (void)state;
    static const char *const profiles[] = {
        ALLOW RULE("\"execve\"", "LOG", "") END, ALLOW RULE("\"execve\"", "ERRNO", "") END,
        ALLOW RULE("\"execve\"", "ERRNO", ARG(0, "EQ", 1) "," ARG(0, "EQ", 2)) END,
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\"}", "{\"defaultAction\":\"SCMP_ACT_LOG\"}"};
    struct profile_calls calls;
    find_calls(&calls, NULL, true);
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct subject subject;
        read_profile(&subject, profiles[i]);
        assert_true(change(&subject, &calls, RUNTIME_ANY));
        assert_int_equal(subject.status, -ENOTSUP);
        finish(&subject);
    }
    profile_calls_finish(&calls);
}

static void test_flags_are_those_that_runtimes_take(void **state) {
    (void)state;
    struct profile_calls calls;
    struct subject subject;
    find_calls(&calls, NULL, true);
    read_profile(&subject, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assert_true(change(&subject, &calls, RUNTIME_ANY));
    assert_false(subject.profile.has_flags);
    finish(&subject);
    read_profile(&subject, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assert_true(change(&subject, &calls, RUNTIME_CRUN));
    assert_true(subject.profile.has_flags && subject.profile.flags.count == 2);
    assert_true(name_list_has(&subject.profile.flags, "SECCOMP_FILTER_FLAG_SPEC_ALLOW"));
    assert_true(name_list_has(&subject.profile.flags, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"));
    finish(&subject);
    read_profile(&subject, "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"SECCOMP_FILTER_FLAG_TSYNC\","
                           "\"SECCOMP_FILTER_FLAG_LOG\"]}");
    assert_true(change(&subject, &calls, RUNTIME_CRUN));
    /* The mitigations of speculation that the base has stay. */
    assert_int_equal(subject.profile.flags.count, 2);
    assert_true(name_list_has(&subject.profile.flags, "SECCOMP_FILTER_FLAG_LOG"));
    assert_true(subject.unnotified.no_tsync);
    finish(&subject);
    profile_calls_finish(&calls);
}

/* -------------------------------------------------------------- profiles by chance */

static uint64_t next(uint64_t *random) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

static void add_random_rule(struct seccomp_profile *profile, uint64_t *random) {
    static const enum profile_action actions[] = {PROFILE_ALLOW, PROFILE_ALLOW, PROFILE_ALLOW, PROFILE_ERRNO,
                                                  PROFILE_ERRNO, PROFILE_LOG,   PROFILE_TRAP,  PROFILE_KILL_PROCESS};
    struct profile_rule *rule = seccomp_profile_add_rule(profile, actions[next(random) % COUNT_OF(actions)]);
    assert_non_null(rule);
    rule->has_errno = rule->action == PROFILE_ERRNO && next(random) % 2;
    rule->errno_value = 1 + next(random) % 2;
    for (size_t count = 1 + next(random) % 3; count; count--) {
        const char *name = names[next(random) % COUNT_OF(names)];
        if (!name_list_has(&rule->names, name) && (strcmp(name, "execve") != 0 || next(random) % 8 == 0)) {
            assert_int_equal(name_list_add(&rule->names, name), 0);
        }
    }
    /* Of two inequalities libseccomp 2.5 makes filters that do not do what it says of them itself (its "pseudo filter
     * code"), in some surroundings and not in others. */
    bool unequal = false;
    for (size_t count = next(random) % 4; count; count--) {
        struct profile_condition condition = {.index = next(random) % 3,
                                              .comparison = (enum profile_comparison)(next(random) % 7),
                                              .value = values[next(random) % COUNT_OF(values)]};
        if (condition.comparison != PROFILE_EQ && condition.comparison != PROFILE_NE && unequal) {
            condition.comparison = PROFILE_EQ;
        }
        unequal |= condition.comparison != PROFILE_EQ && condition.comparison != PROFILE_NE;
        if (condition.comparison == PROFILE_MASKED_EQ) {
            condition.value_two = next(random) % 4 ? condition.value & next(random) : values[next(random) % 4];
        }
        assert_int_equal(profile_rule_add_condition(rule, &condition), 0);
    }
}

static void make_random(struct seccomp_profile *profile, uint64_t *random) {
    static const enum profile_action actions[] = {PROFILE_ALLOW, PROFILE_ALLOW, PROFILE_ERRNO,
                                                  PROFILE_ERRNO, PROFILE_LOG,   PROFILE_KILL};
    profile->default_action = actions[next(random) % COUNT_OF(actions)];
    profile->has_default_errno = profile->default_action == PROFILE_ERRNO && next(random) % 2;
    profile->default_errno = 1 + next(random) % 2;
    for (size_t i = 0; i < COUNT_OF(machines); i++) {
        if (machines[i].name && next(random) % 3) {
            assert_int_equal(name_list_add(&profile->architectures, machines[i].name), 0);
        }
    }
    if (profile->default_action != PROFILE_ALLOW) {
        struct profile_rule *rule = seccomp_profile_add_rule(profile, PROFILE_ALLOW);
        assert_non_null(rule);
        assert_int_equal(name_list_add(&rule->names, "execve"), 0);
    }
    for (size_t count = next(random) % 6; count; count--) {
        add_random_rule(profile, random);
    }
}

static void test_random_profiles_are_never_weakened(void **state) {
    (void)state;
    uint64_t random = 0x9e3779b97f4a7c15;
    unsigned changed = 0;
    unsigned refused = 0;
    unsigned flawed = 0;
    struct profile_calls all;
    struct profile_calls few;
    find_calls(&all, NULL, true);
    find_calls(&few, "trace=personality,mkdir,socket,clone,shmat", true);
    for (unsigned i = 0; i < RANDOM_PROFILES; i++) {
        const struct profile_calls *calls = next(&random) % 2 ? &all : &few;
        struct subject subject = {0};
        make_random(&subject.profile, &random);
        if (!change(&subject, calls, next(&random) % 2 ? RUNTIME_ANY : RUNTIME_CRUN)) {
            refused++;
        } else if (subject.status == 0 &&
                   profile_program_find_weaker(&subject.before, &subject.after, &subject.profile)) {
            flawed++;
        } else if (subject.status == 0) {
            changed++;
            assert_never_weaker(&subject, calls, false);
        }
        finish(&subject);
    }
    print_message("%u profiles changed, %u that libseccomp does not take, %u of which it makes weaker filters\n",
                  changed, refused, flawed);
    assert_in_range(flawed, 0, RANDOM_PROFILES / 20);
    assert_in_range(changed, RANDOM_PROFILES / 2, RANDOM_PROFILES);
    profile_calls_finish(&all);
    profile_calls_finish(&few);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_denials_stay_and_the_rest_notifies),
        cmocka_unit_test(test_of_a_few_calls_the_others_pass),
        cmocka_unit_test(test_what_runc_calls_itself),
        cmocka_unit_test(test_what_an_engine_sees_need_not_notify),
        cmocka_unit_test(test_without_execve_there_is_no_trace),
        cmocka_unit_test(test_flags_are_those_that_runtimes_take),
        cmocka_unit_test(test_random_profiles_are_never_weakened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
