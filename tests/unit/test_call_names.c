/* SPDX-License-Identifier: MIT */
#include "call_names.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct call_names chosen_by(const char *expression) {
    struct call_names names;
    char problem[256] = "";
    if (call_names_parse(&names, expression, problem, sizeof(problem)) != 0) {
        fail_msg("%s: %s", expression, problem);
    }
    return names;
}

/* Both are lists of names with spaces between them; NULL: none. */
static void assert_chosen(const char *expression, const char *inside, const char *outside) {
    struct call_names names = chosen_by(expression);
    const char *lists[] = {outside, inside};
    for (size_t is_inside = 0; is_inside < COUNT_OF(lists); is_inside++) {
        if (!lists[is_inside]) {
            continue;
        }
        char *list = strdup(lists[is_inside]);
        char *rest = list;
        char *name;
        assert_non_null(list);
        while ((name = strsep(&rest, " "))) {
            if (call_names_have(&names, name) != (is_inside != 0)) {
                fail_msg("%s is %sin %s", name, is_inside ? "not " : "", expression);
            }
        }
        free(list);
    }
    call_names_finish(&names);
}

static void test_without_an_expression_all_are_chosen(void **state) {
    (void)state;
    struct call_names names = {0};
    assert_true(call_names_have(&names, "read"));
    assert_true(call_names_have(&names, "socketcall"));
    assert_true(call_names_have(&names, "unknown"));
    assert_true(call_names_have(&names, "syscall_600"));
    assert_true(call_names_have(&names, ""));
    call_names_finish(&names);
    call_names_finish(&names);
}

static void test_names_classes_and_regular_expressions(void **state) {
    (void)state;
    assert_chosen("openat,close", "openat close", "open openat2 close_range read unknown syscall_600");
    assert_chosen("trace=openat", "openat", "open");
    assert_chosen("%file", "openat stat execve", "read unknown");
    assert_chosen("file,!stat", "openat", "stat read");
    assert_chosen("/^open/", "open openat openat2 open_by_handle_at", "mq_open close");
    assert_chosen("/^open/,read", "open read", "close");
    assert_chosen("%memory", "brk mmap munmap mremap", "read");
    assert_chosen("none", NULL, "read unknown");
}

static void test_calls_of_i386_alone(void **state) {
    (void)state;
    assert_chosen("socketcall", "socketcall", "socket getuid32");
    assert_chosen("/32$/", "getuid32 chown32", "getuid chown");
    assert_chosen("!socketcall", "socket getuid32 mmap2", "socketcall");
    /* The number of one is that of another name elsewhere. */
    assert_chosen("mmap2", "mmap2", "mmap getpgid");
    assert_chosen("rename", "rename", "getpriority");
}

static void test_names_that_no_table_has(void **state) {
    (void)state;
    assert_chosen("!mmap", "read unknown syscall_600 syscall_9", "mmap");
    assert_chosen("!%file", "read unknown", "open");
    assert_chosen("all", "read unknown syscall_600", NULL);
    assert_chosen("all,!read", "write unknown", "read");
    assert_chosen("read", "read", "unknown syscall_0 syscall_600");
    assert_chosen("%file,!open", "stat", "unknown");
}

static void assert_refused(const char *expression, const char *sentence) {
    struct call_names names;
    char problem[256] = "";
    assert_int_equal(call_names_parse(&names, expression, problem, sizeof(problem)), -EINVAL);
    assert_string_equal(problem, sentence);
    call_names_finish(&names);
}

static void test_what_is_wrong_is_said_of_calls(void **state) {
    (void)state;
    assert_refused("opne", "unknown system call 'opne' in calls; did you mean 'open'?");
    assert_refused("%fiel", "unknown class '%fiel' in calls; did you mean '%file'?");
    assert_refused("read,", "empty name in calls read,");
    assert_refused("status=failed", "unknown qualifier 'status' in calls; use trace=NAME,...");
    assert_refused("/nothing_of_this/", "no system call matches 'nothing_of_this' in calls");
    assert_refused("/(/", "wrong regular expression in calls: missing closing parenthesis at offset 1 of '('");
    assert_refused("?!read", "'!' stands in front of '?', not behind it, in calls ?!read");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_an_expression_all_are_chosen),
        cmocka_unit_test(test_names_classes_and_regular_expressions),
        cmocka_unit_test(test_calls_of_i386_alone),
        cmocka_unit_test(test_names_that_no_table_has),
        cmocka_unit_test(test_what_is_wrong_is_said_of_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
