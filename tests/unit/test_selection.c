/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum {
    I386_OPEN = 5,
    I386_CLOSE = 6,
    I386_SOCKETCALL = 102,
    I386_FCNTL64 = 221,
};

/* What an expression chooses; fails the test if it is refused. */
static struct selection chosen_by(const char *expression) {
    struct selection selection;
    char problem[128] = "";
    selection_init(&selection);
    if (selection_parse(&selection, expression, problem, sizeof(problem)) != 0) {
        fail_msg("%s: %s", expression, problem);
    }
    return selection;
}

static void assert_refused(const char *expression, const char *sentence) {
    struct selection selection;
    char problem[256] = "";
    selection_init(&selection);
    assert_int_equal(selection_parse(&selection, expression, problem, sizeof(problem)), -EINVAL);
    assert_string_equal(problem, sentence);
}

static bool has(const struct selection *selection, int64_t number) {
    return selection_has(selection, ARCH_X86_64, number);
}

static unsigned count_chosen(const struct selection *selection, enum arch arch) {
    unsigned count = 0;
    for (int64_t number = 0; number < SELECTION_NUMBERS; number++) {
        count += selection_has(selection, arch, number);
    }
    return count;
}

static void assert_same(const char *one, const char *other) {
    struct selection a = chosen_by(one);
    struct selection b = chosen_by(other);
    assert_memory_equal(a.chosen, b.chosen, sizeof(a.chosen));
    assert_int_equal(a.all, b.all);
}

/* ----------------------------------------------------------------------- expressions */

static void test_without_an_expression_everything_is_chosen(void **state) {
    (void)state;
    struct selection selection;
    selection_init(&selection);
    assert_true(selection.all);
    assert_true(has(&selection, SYS_write));
    assert_true(has(&selection, 511));
    assert_true(has(&selection, 100000));
    assert_true(selection_has(&selection, ARCH_I386, -1));
}

static void test_names(void **state) {
    (void)state;
    struct selection selection = chosen_by("trace=write,openat");
    assert_false(selection.all);
    assert_true(has(&selection, SYS_write));
    assert_true(has(&selection, SYS_openat));
    assert_int_equal(count_chosen(&selection, ARCH_X86_64), 2);
    assert_int_equal(count_chosen(&selection, ARCH_I386), 2);
    assert_false(has(&selection, -1));
    assert_false(has(&selection, SELECTION_NUMBERS));
    assert_false(has(&selection, INT64_MAX));
    assert_same("trace=write,openat", "write,openat");
    assert_same("trace=write,openat", "t=openat,write");
    assert_same("trace=write,openat", "write,write,openat");
}

static void test_a_name_stands_for_the_call_of_each_architecture(void **state) {
    (void)state;
    struct selection selection = chosen_by("open,close");
    assert_true(selection_has(&selection, ARCH_X86_64, SYS_open));
    assert_true(selection_has(&selection, ARCH_I386, I386_OPEN));
    assert_true(selection_has(&selection, ARCH_I386, I386_CLOSE));
    assert_false(selection_has(&selection, ARCH_I386, SYS_open)); /* fork there */
    assert_false(selection_has(&selection, ARCH_X86_64, I386_OPEN));

    struct selection only_i386 = chosen_by("fcntl64,socketcall");
    assert_int_equal(count_chosen(&only_i386, ARCH_X86_64), 0);
    assert_int_equal(count_chosen(&only_i386, ARCH_I386), 2);
    assert_true(selection_has(&only_i386, ARCH_I386, I386_FCNTL64));
    assert_true(selection_has(&only_i386, ARCH_I386, I386_SOCKETCALL));
}

static void test_a_name_with_a_row_for_each_architecture(void **state) {
    (void)state;
    struct selection selection = chosen_by("clone");
    assert_true(selection_has(&selection, ARCH_X86_64, SYS_clone));
    assert_true(selection_has(&selection, ARCH_I386, 120));
}

static void test_classes(void **state) {
    (void)state;
    struct selection selection = chosen_by("%file");
    assert_true(has(&selection, SYS_openat));
    assert_true(has(&selection, SYS_rename));
    assert_true(selection_has(&selection, ARCH_I386, I386_OPEN));
    assert_false(has(&selection, SYS_close));
    assert_false(has(&selection, SYS_getpid));
    static const char *const classes[] = {"file",   "desc", "memory", "process", "network", "net",
                                          "signal", "ipc",  "creds",  "clock",   "pure"};
    for (unsigned i = 0; i < COUNT_OF(classes); i++) {
        char with_percent[16];
        snprintf(with_percent, sizeof(with_percent), "%%%s", classes[i]);
        assert_same(classes[i], with_percent);
        struct selection class = chosen_by(classes[i]);
        assert_in_range(count_chosen(&class, ARCH_X86_64), 2, 200);
    }
}

/* Without '%' they are calls. */
static void test_classes_of_stat(void **state) {
    (void)state;
    assert_same("%stat", "stat,stat64,oldstat");
    assert_same("%lstat", "lstat,lstat64,oldlstat");
    assert_same("%fstat", "fstat,fstat64,oldfstat,newfstatat,fstatat64,statx");
    assert_same("%%stat", "%stat,%lstat,%fstat");
    assert_same("%statfs", "/^statfs/");
    assert_same("%fstatfs", "/^fstatfs/");
    assert_same("%%statfs", "%statfs,%fstatfs,ustat");
    struct selection selection = chosen_by("stat,lstat,fstat,statfs,fstatfs");
    assert_int_equal(count_chosen(&selection, ARCH_X86_64), 5);
}

/* Both are calls of i386, and classes for strace. */
static void test_ipc_and_signal_are_classes(void **state) {
    (void)state;
    assert_same("ipc", "%ipc");
    assert_same("signal", "%signal");
    struct selection selection = chosen_by("/^(ipc|signal)$/");
    assert_int_equal(count_chosen(&selection, ARCH_X86_64), 0);
    assert_int_equal(count_chosen(&selection, ARCH_I386), 2);
}

static void test_classes_and_names_together(void **state) {
    (void)state;
    struct selection file = chosen_by("file");
    struct selection both = chosen_by("file,close");
    assert_true(has(&both, SYS_close));
    assert_int_equal(count_chosen(&both, ARCH_X86_64), count_chosen(&file, ARCH_X86_64) + 1);
}

static void test_an_item_can_be_taken_out(void **state) {
    (void)state;
    struct selection desc = chosen_by("desc");
    struct selection selection = chosen_by("desc,!close,write");
    assert_true(has(&desc, SYS_close));
    assert_false(has(&selection, SYS_close));
    assert_true(has(&selection, SYS_write));
    assert_int_equal(count_chosen(&selection, ARCH_X86_64), count_chosen(&desc, ARCH_X86_64) - 1);
    assert_same("file,!close", "file"); /* close is not in it */
    struct selection nothing = chosen_by("write,!desc");
    assert_int_equal(count_chosen(&nothing, ARCH_X86_64), 0);
}

static void test_a_leading_exclamation_mark_excludes_the_whole_list(void **state) {
    (void)state;
    struct selection selection = chosen_by("!write,close");
    assert_false(has(&selection, SYS_write));
    assert_false(has(&selection, SYS_close));
    assert_true(has(&selection, SYS_getpid));
    assert_int_equal(count_chosen(&selection, ARCH_X86_64), SELECTION_NUMBERS - 2);
    assert_true(has(&selection, 511)); /* a call without a name */
    assert_same("!write,close", "!write,!close");
    assert_same("trace=!write,close", "!write,close");
    assert_same("!!write,close", "write,close");
    assert_same("!!!write,close", "!write,close");
    assert_same("write,close,!!read", "write,close,read");
    struct selection class = chosen_by("!%desc");
    assert_false(has(&class, SYS_close));
    assert_true(has(&class, SYS_getpid));
}

static void test_all_and_none(void **state) {
    (void)state;
    struct selection all = chosen_by("all");
    assert_int_equal(count_chosen(&all, ARCH_X86_64), SELECTION_NUMBERS);
    struct selection none = chosen_by("none");
    assert_int_equal(count_chosen(&none, ARCH_X86_64), 0);
    struct selection but = chosen_by("all,!write");
    assert_false(has(&but, SYS_write));
    assert_int_equal(count_chosen(&but, ARCH_X86_64), SELECTION_NUMBERS - 1);
    assert_same("!none", "all");
    assert_same("!all", "none");
    assert_same("all,!write", "!write");
    struct selection back = chosen_by("all,!file,openat"); /* the last word on a call counts */
    assert_true(has(&back, SYS_openat));
    assert_true(has(&back, SYS_read));
    assert_false(has(&back, SYS_open));
    assert_same("!file,close", "all,!file,!close");
}

static void test_the_last_expression_counts(void **state) {
    (void)state;
    struct selection selection;
    char problem[128];
    selection_init(&selection);
    assert_int_equal(selection_parse(&selection, "trace=write", problem, sizeof(problem)), 0);
    assert_int_equal(selection_parse(&selection, "trace=close", problem, sizeof(problem)), 0);
    assert_false(has(&selection, SYS_write));
    assert_true(has(&selection, SYS_close));
}

/* --------------------------------------------------------------- regular expressions */

static void test_a_regular_expression_matches_anywhere_in_a_name(void **state) {
    (void)state;
    struct selection selection = chosen_by("trace=/^open/");
    assert_true(has(&selection, SYS_open));
    assert_true(has(&selection, SYS_openat));
    assert_true(has(&selection, SYS_open_by_handle_at));
    assert_true(selection_has(&selection, ARCH_I386, I386_OPEN));
    assert_false(has(&selection, SYS_mq_open));
    assert_false(has(&selection, SYS_close));
    struct selection unanchored = chosen_by("/open/");
    assert_true(has(&unanchored, SYS_mq_open));
    assert_same("/^openat$/", "openat");
    assert_same("/^openat$/,close", "openat,close");
    assert_same("close,/^openat$/", "openat,close");
    assert_same("/./", "/.");
}

static void test_as_in_strace_it_needs_no_slash_at_its_end(void **state) {
    (void)state;
    assert_same("/^open", "/^open/");
    assert_same("/^open,close", "/^open/,close");
    assert_same("/^open,/^close", "/^open/,/^close/");
    assert_same("/^open,/^close/", "/^open/,/^close/");
    assert_same("!/^open", "!/^open/");
}

static void test_a_list_is_not_split_inside_a_regular_expression(void **state) {
    (void)state;
    assert_same("/^(open|close){1,2}$/", "open,close");
    assert_same("/^(open|close){1,2}$", "open,close");
    assert_same("/^(open|close){1,2}$/,!close", "open");
    assert_same("trace=/^(?=open)(?!openat).*$/,!/_/", "open");
    assert_same("/^(?=open)(?!openat).*$/,!/_/", "open"); /* not a qualifier */
    assert_same("/[,=!]|^open$/", "open");
    assert_same("/\\/|^open$/", "open"); /* a slash in it, which no name has */
    assert_same("/\\,|^open$", "open");
}

static void test_regular_expressions_mix_with_all_else(void **state) {
    (void)state;
    struct selection selection = chosen_by("/^open.*/,!/openat/");
    assert_true(has(&selection, SYS_open));
    assert_true(has(&selection, SYS_open_by_handle_at));
    assert_false(has(&selection, SYS_openat));
    assert_false(has(&selection, SYS_openat2));
    assert_same("file,!/./", "none");
    assert_same("!/./", "!/./,!file");
    struct selection rest = chosen_by("!/^[a-z]/");
    assert_false(has(&rest, SYS_read));
    assert_true(has(&rest, SYS__sysctl));
    assert_true(has(&rest, 511)); /* a call without a name */
}

static void test_wrong_regular_expressions(void **state) {
    (void)state;
    assert_refused("/ab(c/", "wrong regular expression in -e: missing closing parenthesis at offset 4 of 'ab(c'");
    assert_refused("read,/[/",
                   "wrong regular expression in -e: missing terminating ] for character class at offset 1 of '['");
    assert_refused("/^no_such_call/", "no system call matches '^no_such_call' in -e");
    assert_refused("read,!/^no_such_call", "no system call matches '^no_such_call' in -e");
    assert_refused("/^(([a-z0-9_]+)*)*[^a-z0-9_]$/",
                   "regular expression '^(([a-z0-9_]+)*)*[^a-z0-9_]$' in -e takes too long");
}

/* ------------------------------------------------------------------- if there is one */

static void test_a_question_mark_forgives_what_does_not_exist(void **state) {
    (void)state;
    assert_same("?no_such_call", "none");
    assert_same("read,?no_such_call,?/no_such_call/,?%no_such_class", "read");
    assert_same("?read,?/^writ/,?%memory", "read,/^writ/,%memory");
    assert_same("!?no_such_call", "all");
    assert_same("read,write,!?no_such_call,!?write", "read");
    assert_same("!?read,??no_such_call", "!read");
    assert_refused("?no_such_call,no_such_call", "unknown system call 'no_such_call' in -e");
    assert_refused("?/(/", "wrong regular expression in -e: missing closing parenthesis at offset 1 of '('");
    assert_refused("?", "empty name in -e ?");
    assert_refused("read,!?", "empty name in -e read,!?");
    assert_refused("read,?!write", "'!' stands in front of '?', not behind it, in -e read,?!write");
}

/* -------------------------------------------------------------------------- refusals */

static void test_unknown_names(void **state) {
    (void)state;
    assert_refused("wirte", "unknown system call 'wirte' in -e; did you mean 'write'?");
    assert_refused("trace=write,opneat", "unknown system call 'opneat' in -e; did you mean 'openat'?");
    assert_refused("!clsoe", "unknown system call 'clsoe' in -e; did you mean 'close'?");
    assert_refused("xyzzyxyzzyxyzzy_which_is_no_call_and_longer_than_any",
                   "unknown system call 'xyzzyxyzzyxyzzy_which_is_no_call_and_longer_than_any' in -e");
    assert_refused("opena", "unknown system call 'opena' in -e; did you mean 'open'?");
    assert_refused("openatt", "unknown system call 'openatt' in -e; did you mean 'openat'?");
    assert_refused("netwrok", "unknown system call 'netwrok' in -e; did you mean 'network'?");
    assert_refused("trace=%fil", "unknown class '%fil' in -e; did you mean '%file'?");
    assert_refused("%%sta", "unknown class '%%sta' in -e; did you mean '%%stat'?");
    assert_refused("%xyzzyxyzzy", "unknown class '%xyzzyxyzzy' in -e");
}

static void test_empty_items(void **state) {
    (void)state;
    assert_refused("", "empty name in -e ");
    assert_refused("trace=", "empty name in -e trace=");
    assert_refused("write,", "empty name in -e write,");
    assert_refused("write,,close", "empty name in -e write,,close");
    assert_refused(",write", "empty name in -e ,write");
    assert_refused("!", "empty name in -e !");
    assert_refused("write,!", "empty name in -e write,!");
    assert_refused("!!", "empty name in -e !!");
}

static void test_unknown_qualifiers(void **state) {
    (void)state;
    assert_refused("signal=none", "unknown qualifier 'signal' in -e; use trace=NAME,...");
    assert_refused("trac=write", "unknown qualifier 'trac' in -e; use trace=NAME,...");
}

static void test_a_long_sentence_is_cut(void **state) {
    (void)state;
    struct selection selection;
    char problem[16];
    selection_init(&selection);
    assert_int_equal(selection_parse(&selection, "wirte", problem, sizeof(problem)), -EINVAL);
    assert_string_equal(problem, "unknown system ");
}

/* --------------------------------------------------------------------- kernel filter */

/* The kernel's expressions: comparisons of `id`, joined by && and || in brackets. */

static bool evaluate(const char **at, int64_t id);

static bool take_word(const char **at, const char *word) {
    if (strncmp(*at, word, strlen(word)) != 0) {
        return false;
    }
    *at += strlen(word);
    return true;
}

static bool evaluate_comparison(const char **at, int64_t id) {
    if (take_word(at, "(")) {
        bool value = evaluate(at, id);
        assert_true(take_word(at, ")"));
        return value;
    }
    char comparison[3];
    long long number;
    int length = 0;
    assert_int_equal(sscanf(*at, "id %2[=<>] %lld%n", comparison, &number, &length), 2);
    *at += length;
    return strcmp(comparison, "==") == 0   ? id == number
           : strcmp(comparison, ">=") == 0 ? id >= number
           : strcmp(comparison, "<=") == 0 ? id <= number
                                           : id < number;
}

static bool evaluate(const char **at, int64_t id) {
    bool any = false;
    do {
        bool all = true;
        do {
            all = evaluate_comparison(at, id) && all;
        } while (take_word(at, " && "));
        any = any || all;
    } while (take_word(at, " || "));
    return any;
}

static bool expression_passes(const char *filter, int64_t id) {
    bool passes = !filter[0] || evaluate(&filter, id);
    assert_string_equal(filter, "");
    return passes;
}

static void test_the_kernel_filter_lets_the_chosen_calls_through(void **state) {
    (void)state;
    static const char *const expressions[] = {"read,write",
                                              "none",
                                              "file",
                                              "desc",
                                              "network",
                                              "signal",
                                              "open,fcntl64",
                                              "!write",
                                              "memory",
                                              "all",
                                              "ipc,creds",
                                              "execve",
                                              "process",
                                              "desc,file,network",
                                              "rt_sigreturn",
                                              "/^open/,!/at/",
                                              "/[aeiou]$/",
                                              "/[a-m]$/",
                                              "/a/,/b/,!/c/,/d/,!/e/,/f/",
                                              "/^...[a-m]/"};
    unsigned narrow = 0;
    for (unsigned i = 0; i < COUNT_OF(expressions); i++) {
        struct selection selection = chosen_by(expressions[i]);
        char filter[4096];
        selection_kernel_filter(&selection, filter, sizeof(filter));
        narrow += filter[0] != 0;
        bool ids[SELECTION_NUMBERS];
        selection_kernel_ids(&selection, ids);
        for (int64_t id = 0; id < SELECTION_NUMBERS; id++) {
            bool passes = ids[id];
            if (passes != expression_passes(filter, id)) {
                fail_msg("-e %s: call %d", expressions[i], (int)id);
            }
            if (!passes && (selection_has(&selection, ARCH_X86_64, id) || selection_has(&selection, ARCH_I386, id))) {
                fail_msg("-e %s misses call %d", expressions[i], (int)id);
            }
        }
    }
    assert_int_equal(narrow, COUNT_OF(expressions));
}

static void test_x32_calls_are_chosen_with_those_of_x86_64(void **state) {
    (void)state;
    struct selection selection = chosen_by("getpid,execve");
    assert_true(has(&selection, X32_BIT + SYS_getpid));
    assert_true(has(&selection, X32_BIT + 520)); /* execve */
    assert_false(has(&selection, X32_BIT + SYS_getppid));
    assert_false(has(&selection, X32_BIT + SYS_execve));
    assert_false(selection_has(&selection, ARCH_I386, X32_BIT + I386_CLOSE));
    /* The tracepoints have their numbers as they are. */
    char filter[4096];
    selection_kernel_filter(&selection, filter, sizeof(filter));
    assert_true(expression_passes(filter, X32_BIT + SYS_getpid));
    assert_true(expression_passes(filter, X32_BIT + 520));
    assert_false(expression_passes(filter, SYS_getppid));
}

static void test_the_kernel_filter_lets_through_what_tracing_needs(void **state) {
    (void)state;
    struct selection selection = chosen_by("write");
    char filter[4096];
    bool ids[SELECTION_NUMBERS];
    selection_kernel_filter(&selection, filter, sizeof(filter));
    selection_kernel_ids(&selection, ids);
    assert_true(expression_passes(filter, -1)); /* the exit of rt_sigreturn */
    static const int64_t needed[] = {SYS_write, 4, SYS_execve, SYS_execveat, SYS_rt_sigreturn, 11, 358, 119, 173};
    for (unsigned i = 0; i < COUNT_OF(needed); i++) {
        assert_true(ids[needed[i]]);
    }
    assert_false(ids[SYS_read]);
    assert_false(ids[SYS_getpid]);
}

/* As many runs as there can be: the expression is as short as the kernel wants it, and nearly all
 * that is not wanted is kept away. */
static void test_a_kernel_filter_always_fits(void **state) {
    (void)state;
    static const char *const words[] = {"[aeiou]$", "[a-m]$", "^.{4,8}$", "^...[a-m]", "s", "^[^e]*$", "_", "t.*t"};
    unsigned long longest = 0;
    for (unsigned i = 0; i < COUNT_OF(words); i++) {
        for (unsigned j = 0; j < COUNT_OF(words); j++) {
            char expression[64];
            char filter[SELECTION_FILTER_BYTES];
            bool ids[SELECTION_NUMBERS];
            snprintf(expression, sizeof(expression), "/%s/,!/%s/", words[i], words[j]);
            struct selection selection = chosen_by(expression);
            selection_kernel_filter(&selection, filter, sizeof(filter));
            assert_int_not_equal(filter[0], 0);
            selection_kernel_ids(&selection, ids);
            unsigned superfluous = 0;
            for (int64_t id = 0; id < SELECTION_NUMBERS; id++) {
                bool wanted = has(&selection, id) || selection_has(&selection, ARCH_I386, id);
                assert_true(ids[id] || !wanted);
                superfluous += ids[id] && !wanted;
            }
            assert_in_range(superfluous, 0, 50);
            longest = strlen(filter) > longest ? strlen(filter) : longest;
        }
    }
    assert_in_range(longest, 3500, SELECTION_FILTER_BYTES - 1);
}

static void test_no_selection_needs_no_kernel_filter(void **state) {
    (void)state;
    struct selection selection;
    char filter[64] = "old";
    selection_init(&selection);
    selection_kernel_filter(&selection, filter, sizeof(filter));
    assert_string_equal(filter, "");
    bool ids[SELECTION_NUMBERS];
    selection_kernel_ids(&selection, ids);
    assert_null(memchr(ids, false, sizeof(ids)));
}

static void test_a_kernel_filter_that_does_not_fit_is_none(void **state) {
    (void)state;
    struct selection selection = chosen_by("write");
    char filter[20];
    selection_kernel_filter(&selection, filter, sizeof(filter));
    assert_string_equal(filter, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_an_expression_everything_is_chosen),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_a_name_stands_for_the_call_of_each_architecture),
        cmocka_unit_test(test_a_name_with_a_row_for_each_architecture),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_classes_of_stat),
        cmocka_unit_test(test_ipc_and_signal_are_classes),
        cmocka_unit_test(test_classes_and_names_together),
        cmocka_unit_test(test_an_item_can_be_taken_out),
        cmocka_unit_test(test_a_leading_exclamation_mark_excludes_the_whole_list),
        cmocka_unit_test(test_all_and_none),
        cmocka_unit_test(test_the_last_expression_counts),
        cmocka_unit_test(test_a_regular_expression_matches_anywhere_in_a_name),
        cmocka_unit_test(test_as_in_strace_it_needs_no_slash_at_its_end),
        cmocka_unit_test(test_a_list_is_not_split_inside_a_regular_expression),
        cmocka_unit_test(test_regular_expressions_mix_with_all_else),
        cmocka_unit_test(test_wrong_regular_expressions),
        cmocka_unit_test(test_a_question_mark_forgives_what_does_not_exist),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_empty_items),
        cmocka_unit_test(test_unknown_qualifiers),
        cmocka_unit_test(test_a_long_sentence_is_cut),
        cmocka_unit_test(test_the_kernel_filter_lets_the_chosen_calls_through),
        cmocka_unit_test(test_x32_calls_are_chosen_with_those_of_x86_64),
        cmocka_unit_test(test_the_kernel_filter_lets_through_what_tracing_needs),
        cmocka_unit_test(test_a_kernel_filter_always_fits),
        cmocka_unit_test(test_no_selection_needs_no_kernel_filter),
        cmocka_unit_test(test_a_kernel_filter_that_does_not_fit_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
