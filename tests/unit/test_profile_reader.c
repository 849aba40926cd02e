/* SPDX-License-Identifier: MIT
 *
 * Seccomp profiles from JSON: what docker and podman mean with theirs, and what is
 * refused because runtimes could mean something else; capabilities by name; and what is written
 * is read again as the same.
 */
#include "profile_reader.h"

#include "capability_names.h"
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROBLEM_BYTES = 256,
};

static int read_text(struct seccomp_profile *profile, const char *text, const char *capabilities,
                     struct profile_dependence *dependence, char problem[PROBLEM_BYTES]) {
    struct name_list list = {0};
    problem[0] = 0;
    assert_int_equal(capability_names_add(&list, capabilities, problem, PROBLEM_BYTES), 0);
    const struct profile_target target = {.capabilities = &list, .kernel = {5, 10}};
    *profile = (struct seccomp_profile){0};
    int status = profile_read(profile, text, strlen(text), &target, dependence, problem, PROBLEM_BYTES);
    name_list_finish(&list);
    return status;
}

static void read_good(struct seccomp_profile *profile, const char *text, const char *capabilities,
                      struct profile_dependence *dependence) {
    char problem[PROBLEM_BYTES];
    if (read_text(profile, text, capabilities, dependence, problem) != 0) {
        fail_msg("%s: %s", text, problem);
    }
}

/* ------------------------------------------------------------------------- what is taken */

static void test_a_profile_of_a_bundle(void **state) {
    (void)state;
    static const char text[] =
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86\"],"
        "\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"comment\":1,\"syscalls\":[{\"names\":[\"read\",\"clone\"],"
        "\"action\":\"SCMP_ACT_KILL_PROCESS\",\"errnoRet\":5,\"args\":[{\"index\":2,\"value\":18446744073709551615,"
        "\"valueTwo\":9007199254740993,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
        "{\"names\":[\"open\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":7}]}";
    struct seccomp_profile profile;
    struct profile_dependence dependence;
    read_good(&profile, text, "none", &dependence);
    assert_int_equal(profile.default_action, PROFILE_ERRNO);
    assert_true(profile.has_default_errno && profile.default_errno == 38);
    assert_true(profile.architectures.count == 1 && name_list_has(&profile.architectures, "SCMP_ARCH_X86"));
    assert_true(profile.has_flags && name_list_has(&profile.flags, "SECCOMP_FILTER_FLAG_LOG"));
    assert_int_equal(profile.rule_count, 2);
    const struct profile_rule *rule = &profile.rules[0];
    assert_int_equal(rule->action, PROFILE_KILL_PROCESS);
    assert_false(rule->has_errno); /* crun would refuse it */
    assert_true(rule->names.count == 2 && name_list_has(&rule->names, "clone"));
    assert_int_equal(rule->condition_count, 1);
    /* No double has these. */
    assert_true(rule->conditions[0].value == UINT64_MAX && rule->conditions[0].value_two == 9007199254740993);
    assert_true(rule->conditions[0].index == 2 && rule->conditions[0].comparison == PROFILE_MASKED_EQ);
    assert_true(profile.rules[1].has_errno && profile.rules[1].errno_value == 7);
    assert_false(dependence.capabilities || dependence.kernel);
    seccomp_profile_finish(&profile);
}

#define RULES(rules) "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" rules "]}"
#define RULE(more) RULES("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\"," more "}")

static void test_rules_are_for_one_container(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *capabilities;
        bool taken;
    } rows[] = {
        {RULE("\"includes\":{\"caps\":[\"CAP_BPF\"]}"), "none", false},
        {RULE("\"includes\":{\"caps\":[\"CAP_BPF\"]}"), "BPF", true},
        {RULE("\"includes\":{\"caps\":[\"CAP_BPF\",\"CAP_KILL\"]}"), "bpf", false},
        {RULE("\"includes\":{\"caps\":[\"CAP_BPF\",\"CAP_KILL\"]}"), "all", true},
        {RULE("\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_KILL\"]}"), "cap_kill", false},
        {RULE("\"excludes\":{\"caps\":[\"CAP_BPF\",\"CAP_KILL\"]}"), "CAP_CHOWN", true},
        {RULE("\"includes\":{\"arches\":[\"amd64\",\"s390\"]}"), "none", true},
        {RULE("\"includes\":{\"arches\":[\"s390\"]}"), "none", false},
        {RULE("\"excludes\":{\"arches\":[\"s390\"]}"), "none", true},
        {RULE("\"excludes\":{\"arches\":[\"s390\",\"amd64\"]}"), "none", false},
        {RULE("\"includes\":{\"minKernel\":\"4.8\"}"), "none", true},
        {RULE("\"includes\":{\"minKernel\":\"5.10\"}"), "none", true},
        {RULE("\"includes\":{\"minKernel\":\"5.11\"}"), "none", false},
        {RULE("\"includes\":{\"minKernel\":\"6.0\"}"), "none", false},
        {RULE("\"excludes\":{\"minKernel\":\"4.8\"}"), "none", false},
        {RULE("\"includes\":{\"arches\":[\"s390\"],\"minKernel\":\"4.8\"}"), "none", false},
        {RULE("\"includes\":{},\"excludes\":null"), "none", true},
        {RULES("{\"names\":[],\"action\":\"SCMP_ACT_ERRNO\"}"), "none", false},
        {RULES("{\"name\":\"read\",\"action\":\"SCMP_ACT_ERRNO\",\"args\":null}"), "none", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct seccomp_profile profile;
        struct profile_dependence dependence;
        read_good(&profile, rows[i].text, rows[i].capabilities, &dependence);
        if (profile.rule_count != rows[i].taken) {
            fail_msg("row %zu: %zu rules", i, profile.rule_count);
        }
        assert_int_equal(dependence.capabilities, strstr(rows[i].text, "\"caps\"") != NULL);
        assert_int_equal(dependence.kernel, strstr(rows[i].text, "\"minKernel\"") != NULL);
        seccomp_profile_finish(&profile);
    }
}

static void test_podmans_errors_and_architectures(void **state) {
    (void)state;
    static const char text[] =
        "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"defaultErrnoRet\":1,\"archMap\":["
        "{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},"
        "{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"]}],"
        "\"syscalls\":[{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EINVAL\"}]}";
    struct seccomp_profile profile;
    struct profile_dependence dependence;
    read_good(&profile, text, "none", &dependence);
    assert_int_equal(profile.default_errno, ENOSYS);
    assert_true(profile.rules[0].has_errno && profile.rules[0].errno_value == EINVAL);
    assert_int_equal(profile.architectures.count, 3);
    assert_string_equal(profile.architectures.names[0], "SCMP_ARCH_X86_64");
    assert_string_equal(profile.architectures.names[2], "SCMP_ARCH_X32");
    seccomp_profile_finish(&profile);
}

/* ------------------------------------------------------------------------ what is refused */

static void test_what_runtimes_could_read_in_another_way_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *problem; /* a part of it */
        int status;
    } rows[] = {
        {"", "not JSON", -EINVAL},
        {"{", "not JSON", -EINVAL},
        {"[]", "an object with 'defaultAction'", -EINVAL},
        {"{}", "'defaultAction' is missing", -EINVAL},
        {"{\"defaultAction\":null}", "'defaultAction' is missing", -EINVAL},
        {"{\"defaultAction\":3}", "'defaultAction' has to be a string", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_ALOW\"}", "did you mean 'SCMP_ACT_ALLOW'?", -EINVAL},
        {"{\"defaultaction\":\"SCMP_ACT_ALLOW\"}", "'defaultaction' is to be written 'defaultAction'", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultAction\":\"SCMP_ACT_KILL\"}", "stands there twice", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", "one listener", -ENOTSUP},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}", "one listener", -ENOTSUP},
        {RULES("{\"names\":[\"read\"],\"action\":\"SCMP_ACT_NOTIFY\"}"), "syscalls[0]: the profile notifies", -ENOTSUP},
        {RULES("{\"names\":[\"read\"]}"), "syscalls[0]: 'action' is missing", -EINVAL},
        {RULES("{\"names\":\"read\",\"action\":\"SCMP_ACT_KILL\"}"), "'names' has to be an array", -EINVAL},
        {RULES("{\"names\":[7],\"action\":\"SCMP_ACT_KILL\"}"), "an array of names", -EINVAL},
        {RULES("7"), "syscalls[0]: it has to be an object", -EINVAL},
        {RULE("\"name\":\"open\""), "both 'name' and 'names'", -EINVAL},
        {RULE("\"errnoRet\":-1"), "'errnoRet' has to be a number from 0 to 4095", -EINVAL},
        {RULE("\"errnoRet\":1.5"), "'errnoRet' has to be", -EINVAL},
        {RULE("\"errnoRet\":1e3"), "'errnoRet' has to be", -EINVAL},
        {RULE("\"errno\":\"EWHAT\""), "no name of an error: 'EWHAT'", -EINVAL},
        {RULE("\"args\":[7]"), "'args' has to be an array of objects", -EINVAL},
        {RULE("\"args\":[{\"index\":6,\"op\":\"SCMP_CMP_EQ\"}]"), "'index' has to be a number from 0 to 5", -EINVAL},
        {RULE("\"args\":[{\"index\":0,\"value\":18446744073709551616,\"op\":\"SCMP_CMP_EQ\"}]"), "'value' has",
         -EINVAL},
        {RULE("\"args\":[{\"index\":0}]"), "'op' is missing", -EINVAL},
        {RULE("\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_GTE\"}]"), "did you mean 'SCMP_CMP_G", -EINVAL},
        {RULE("\"includes\":[]"), "'includes' has to be an object", -EINVAL},
        {RULE("\"includes\":{\"minKernel\":\"new\"}"), "'minKernel'", -EINVAL},
        {RULE("\"includes\":{\"minKernel\":\"4\"}"), "'minKernel'", -EINVAL},
        {RULE("\"excludes\":{\"minKernel\":\"4.8.1\"}"), "'minKernel'", -EINVAL},
        {RULE("\"args\":[],\"Args\":[]"), "'Args' is to be written 'args'", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],\"archMap\":[{\"architecture\":"
         "\"SCMP_ARCH_X86_64\"}]}",
         "both 'architectures' and 'archMap'", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\"} /* no */", "comment", -EINVAL},
        {"{\"defaultAction\":\"SCMP_ACT_ALLOW\"} {}", "not JSON", -EINVAL},
        {RULES("{\"names\":[\"read\\u0000x\"],\"action\":\"SCMP_ACT_KILL\"}"), "a NUL", -EINVAL},
        {"{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "too deeply", -EINVAL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct seccomp_profile profile;
        struct profile_dependence dependence;
        char problem[PROBLEM_BYTES];
        int status = read_text(&profile, rows[i].text, "none", &dependence, problem);
        if (status != rows[i].status || !strstr(problem, rows[i].problem)) {
            fail_msg("row %zu: %d, '%s'", i, status, problem);
        }
        seccomp_profile_finish(&profile);
    }
    struct seccomp_profile profile = {0};
    struct profile_dependence dependence;
    const struct name_list none = {0};
    const struct profile_target target = {.capabilities = &none};
    char problem[PROBLEM_BYTES];
    static const char with_nul[] = "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}\0{}";
    assert_int_equal(
        profile_read(&profile, with_nul, sizeof(with_nul) - 1, &target, &dependence, problem, sizeof(problem)),
        -EINVAL);
    seccomp_profile_finish(&profile);
}

/* ------------------------------------------------------------------------------ the others */

static void test_what_is_written_is_read_as_the_same(void **state) {
    (void)state;
    static const char text[] =
        "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"architectures\":[\"SCMP_ARCH_X86\"],\"flags\":[],\"syscalls\":["
        "{\"names\":[\"a\",\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0,\"args\":["
        "{\"index\":5,\"value\":18446744073709551615,\"op\":\"SCMP_CMP_LE\"},"
        "{\"index\":0,\"value\":3,\"valueTwo\":18446744073709551614,\"op\":\"SCMP_CMP_MASKED_EQ\"}]},"
        "{\"names\":[\"c\"],\"action\":\"SCMP_ACT_LOG\"}]}";
    struct seccomp_profile profile;
    struct profile_dependence dependence;
    char *written[2] = {NULL, NULL};
    const char *from = text;
    for (unsigned i = 0; i < 2; i++) {
        size_t size;
        read_good(&profile, from, "none", &dependence);
        FILE *stream = open_memstream(&written[i], &size);
        assert_non_null(stream);
        assert_int_equal(seccomp_profile_write(&profile, stream), 0);
        assert_int_equal(fclose(stream), 0);
        seccomp_profile_finish(&profile);
        from = written[i];
    }
    assert_string_equal(written[0], written[1]);
    assert_non_null(strstr(written[0], "18446744073709551615"));
    assert_non_null(strstr(written[0], "18446744073709551614"));
    assert_non_null(strstr(written[0], "\"errnoRet\":\t0"));
    assert_non_null(strstr(written[0], "\"flags\":\t[]"));
    free(written[0]);
    free(written[1]);
}

static void test_capabilities_have_names(void **state) {
    (void)state;
    struct name_list list = {0};
    char problem[PROBLEM_BYTES];
    assert_int_equal(capability_names_add(&list, "sys_admin,CAP_BPF,cap_bpf", problem, sizeof(problem)), 0);
    assert_true(list.count == 2 && name_list_has(&list, "CAP_SYS_ADMIN") && name_list_has(&list, "CAP_BPF"));
    assert_int_equal(capability_names_add(&list, "none", problem, sizeof(problem)), 0);
    assert_int_equal(list.count, 2);
    assert_int_equal(capability_names_add(&list, "ALL", problem, sizeof(problem)), 0);
    assert_int_equal(list.count, 41);
    assert_int_equal(capability_names_add(&list, "SYS_ADMINN", problem, sizeof(problem)), -EINVAL);
    assert_non_null(strstr(problem, "did you mean 'CAP_SYS_ADMIN'?"));
    assert_int_equal(capability_names_add(&list, "", problem, sizeof(problem)), -EINVAL);
    name_list_finish(&list);
    assert_int_equal(capability_names_add_standard(&list), 0);
    assert_true(name_list_has(&list, "CAP_SYS_CHROOT") && !name_list_has(&list, "CAP_SYS_ADMIN"));
    name_list_finish(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_profile_of_a_bundle),
        cmocka_unit_test(test_rules_are_for_one_container),
        cmocka_unit_test(test_podmans_errors_and_architectures),
        cmocka_unit_test(test_what_runtimes_could_read_in_another_way_is_refused),
        cmocka_unit_test(test_what_is_written_is_read_as_the_same),
        cmocka_unit_test(test_capabilities_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
