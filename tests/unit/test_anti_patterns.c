/* SPDX-License-Identifier: MIT */
#include "measured.h"

#include <math.h>

static struct budget loops = {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_TIGHT_LOOP};
static struct budget shares = {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_GOD_PROCESS};

static void add_times(struct text *script, const char *lines, unsigned times) {
    while (times--) {
        text_add_string(script, lines);
    }
}

static double score_of(const struct measured *measured) {
    assert_true(measured->spendings[0].measured[QUANTITY_SCORE]);
    return measured->spendings[0].amount[QUANTITY_SCORE];
}

static void measure_loops(struct measured *measured, struct text *script) {
    measure(measured, script->bytes, SCRIPT_PLAIN, &loops, 1);
    text_finish(script);
}

static void test_a_thousand_in_a_row(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "getuid() = 0\n", 1);
    add_times(&script, "read(3;0x1;1) = 1\n", 1000);
    measure_loops(&measured, &script);
    assert_true(fabs(score_of(&measured) - 1000.0 / 1001) < 1e-12);
    expect_spender(&measured.spendings[0], QUANTITY_SCORE, 0, "read 3 (loop of 1 call, 1000 times)", 1000,
                   1000.0 / 1001, 7, 1006);
    assert_string_equal(measured.spendings[0].from,
                        "1000 of 1001 calls of the only thread that is known in loops, the longest of 1000 calls");
    measured_finish(&measured);
    /* Half as long: half the score. */
    add_times(&script, "read(3;0x1;1) = 1\n", 500);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0.5);
    measured_finish(&measured);
}

static void test_ninety_nine_are_no_loop(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "read(3;0x1;1) = 1\n", 99);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    assert_int_equal(measured.spendings[0].spender_count[QUANTITY_SCORE], 0);
    assert_string_equal(measured.spendings[0].from, "no loop of 100 calls or more in 1 thread");
    measured_finish(&measured);
    add_times(&script, "read(3;0x1;1) = 1\n", 100);
    measure_loops(&measured, &script);
    assert_true(fabs(score_of(&measured) - 0.1) < 1e-12);
    measured_finish(&measured);
}

static void test_blocks_of_several_calls(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "close(9) = 0\n", 1);
    add_times(&script, "lseek(3;0;SEEK_SET) = 0\nread(3;0x1;1) = 1\nwrite(4;a;1) = 1\n", 400);
    measure_loops(&measured, &script);
    assert_true(fabs(score_of(&measured) - 1200.0 / 1201) < 1e-12);
    expect_spender(&measured.spendings[0], QUANTITY_SCORE, 0, "lseek 3, read 3, write 4 (loop of 3 calls, 400 times)",
                   1200, 1200.0 / 1201, 7, 1206);
    measured_finish(&measured);
    /* Five are too many. */
    add_times(&script, "a() = 0\nb() = 0\nc() = 0\nd() = 0\ne() = 0\n", 200);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    add_times(&script, "a() = 0\nb() = 0\nc() = 0\nd() = 0\n", 250);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    assert_string_equal(measured.spendings[0].spenders[QUANTITY_SCORE][0].what,
                        "a, b, c, d (loop of 4 calls, 250 times)");
    measured_finish(&measured);
}

static void test_other_descriptors_are_other_calls(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    for (unsigned i = 3; i < 1003; i++) {
        text_add_string(&script, "close(");
        text_add_unsigned(&script, i);
        text_add_string(&script, ") = 0\n");
    }
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    /* Other arguments do not count. */
    for (unsigned i = 3; i < 1003; i++) {
        text_add_string(&script, "lseek(3;");
        text_add_unsigned(&script, i);
        text_add_string(&script, ";SEEK_SET) = 0\n");
    }
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    measured_finish(&measured);
}

static void test_progress_breaks_a_loop(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "read(3;0x1;4096) = 4096\n", 2000);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    add_times(&script, "read(3;0x1;4096) = 4095\n", 2000);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    measured_finish(&measured);
    add_times(&script, "poll([];0;1) = 0 # \"duration_ns\":1000000\n", 2000);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    add_times(&script, "poll([];0;1) = 0 # \"duration_ns\":999999\n", 2000);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    measured_finish(&measured);
    /* One that took long among many is the machine's doing; one in ten is waiting. */
    for (int i = 0; i < 20; i++) {
        add_times(&script, "read(3;0x1;4096) = 1 # \"duration_ns\":1000\n", 99);
        add_times(&script, "read(3;0x1;4096) = 1 # \"duration_ns\":2000000\n", 1);
    }
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    measured_finish(&measured);
    for (int i = 0; i < 200; i++) {
        add_times(&script, "read(3;0x1;4096) = 1 # \"duration_ns\":1000\n", 9);
        add_times(&script, "read(3;0x1;4096) = 1 # \"duration_ns\":2000000\n", 1);
    }
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    /* Two loops of 150 calls with progress between them: 300 of 301. */
    add_times(&script, "read(3;0x1;4096) = 1\n", 150);
    add_times(&script, "read(3;0x1;4096) = 4096\n", 1);
    add_times(&script, "read(3;0x1;4096) = 1\n", 150);
    measure_loops(&measured, &script);
    assert_true(fabs(score_of(&measured) - 300.0 / 301 * 0.15) < 1e-12);
    expect_spender(&measured.spendings[0], QUANTITY_SCORE, 0, "read 3 (loop of 1 call, 300 times)", 300, 300.0 / 301, 6,
                   306);
    measured_finish(&measured);
}

static void test_several_loops(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "read(3;0x1;1) = 1\n", 200);
    add_times(&script, "write(4;a;1) = 1\nread(3;0x1;1) = 1\n", 300);
    add_times(&script, "getuid() = 0\n", 200);
    measure_loops(&measured, &script);
    const struct spending *spending = &measured.spendings[0];
    assert_true(fabs(score_of(&measured) - 0.601) < 0.002); /* the loops share a call */
    assert_int_equal(spending->spender_count[QUANTITY_SCORE], 3);
    double all = spending->spenders_left_out[QUANTITY_SCORE];
    for (size_t i = 0; i < 3; i++) {
        all += spending->spenders[QUANTITY_SCORE][i].count;
    }
    assert_true(all == 1000);
    measured_finish(&measured);
    /* Calls without a name of their own need not be the same. */
    struct text unknown = {0};
    add_times(&unknown, "unknown(0x1;0x2;0x3) = 0\n", 2000);
    measure_loops(&measured, &unknown);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
}

static void test_threads_are_looked_at_one_by_one(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    /* Each of them alternates on its own; the trace has them mixed. */
    add_times(&script, "10 read(3;0x1;1) = 1\n10/11 getuid() = 0\n10/11 getgid() = 0\n", 1000);
    measure_loops(&measured, &script);
    assert_true(score_of(&measured) == 1);
    assert_string_equal(measured.spendings[0].whose, "thread 10");
    measured_finish(&measured);
    add_times(&script, "10 getpid() = 1\n", 500);
    add_times(&script, "10/11 read(3;0x1;1) = 1\n", 1000);
    measure_loops(&measured, &script);
    assert_string_equal(measured.spendings[0].whose, "thread 11");
    measured_finish(&measured);
}

static void test_golden_and_old_traces_have_loops(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "1 read(3;x;1) = 1\n", 1000);
    measure(&measured, script.bytes, SCRIPT_GOLDEN, &loops, 1);
    assert_true(score_of(&measured) == 1);
    measured_finish(&measured);
    text_clear(&script);
    add_times(&script, "read(0x3;0x7ffd1;0x1) = 1\nread(0x3;0x7ffd2;0x1) = 1\n", 500);
    measure(&measured, script.bytes, SCRIPT_OLD, &loops, 1);
    assert_true(score_of(&measured) == 1);
    assert_string_equal(measured.spendings[0].spenders[QUANTITY_SCORE][0].what, "read 3 (loop of 1 call, 1000 times)");
    measured_finish(&measured);
    text_finish(&script);
}

static void test_who_makes_the_calls(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    add_times(&script, "10 execve(/usr/bin/make;[];0x1) = 0\n", 1);
    add_times(&script, "10 getpid() = 10\n", 90);
    add_times(&script, "10 fork() = 11\n11 execve(/bin/sh;[];0x1) = 0\n", 1);
    add_times(&script, "11 getpid() = 11\n", 6);
    add_times(&script, "10 wait4(-1;NULL;0;NULL) = 11\n11 exit_group(0) = ?\n", 1);
    measure(&measured, script.bytes, SCRIPT_PLAIN, &shares, 1);
    assert_true(score_of(&measured) == 93.0 / 101);
    const struct spending *spending = &measured.spendings[0];
    assert_string_equal(spending->from, "93 of 101 calls of 2 processes are those of process 10");
    expect_spender(spending, QUANTITY_SCORE, 0, "process 10 (/usr/bin/make)", 93, 93.0 / 101, 6, 105);
    expect_spender(spending, QUANTITY_SCORE, 1, "process 11 (/bin/sh)", 8, 8.0 / 101, 98, 106);
    measured_finish(&measured);
    /* Only those that execute a shell: one. */
    struct budget shell = shares;
    shell.process_pattern = pattern_of("/sh$");
    measure(&measured, script.bytes, SCRIPT_PLAIN, &shell, 1);
    assert_true(measured.spendings[0].applies);
    assert_true(score_of(&measured) == 0);
    assert_string_equal(measured.spendings[0].from, "one process made all calls: the score is 0 with less than two");
    measured_finish(&measured);
    name_pattern_destroy(shell.process_pattern);
    shell.process_pattern = pattern_of("/bash$");
    measure(&measured, script.bytes, SCRIPT_PLAIN, &shell, 1);
    assert_false(measured.spendings[0].applies);
    measured_finish(&measured);
    name_pattern_destroy(shell.process_pattern);
    text_finish(&script);
}

static void test_one_process_is_no_god(void **state) {
    (void)state;
    struct measured measured;
    measure(&measured, "getpid() = 1\n", SCRIPT_PLAIN, &shares, 1);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
    measure(&measured, "", SCRIPT_PLAIN, &shares, 1);
    assert_true(score_of(&measured) == 0);
    measured_finish(&measured);
}

static void test_many_processes(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    for (unsigned i = 1; i <= 20; i++) {
        for (unsigned j = 0; j < i; j++) {
            text_add_unsigned(&script, 100 + i);
            text_add_string(&script, " getpid() = 1\n");
        }
    }
    measure(&measured, script.bytes, SCRIPT_PLAIN, &shares, 1);
    const struct spending *spending = &measured.spendings[0];
    assert_true(score_of(&measured) == 20.0 / 210);
    assert_int_equal(spending->spender_count[QUANTITY_SCORE], 8);
    assert_string_equal(spending->spenders[QUANTITY_SCORE][7].what, "process 113");
    assert_true(fabs(spending->spenders_left_out[QUANTITY_SCORE] - 78.0 / 210) < 1e-12);
    measured_finish(&measured);
    text_finish(&script);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_in_a_row),
        cmocka_unit_test(test_ninety_nine_are_no_loop),
        cmocka_unit_test(test_blocks_of_several_calls),
        cmocka_unit_test(test_other_descriptors_are_other_calls),
        cmocka_unit_test(test_progress_breaks_a_loop),
        cmocka_unit_test(test_several_loops),
        cmocka_unit_test(test_threads_are_looked_at_one_by_one),
        cmocka_unit_test(test_golden_and_old_traces_have_loops),
        cmocka_unit_test(test_who_makes_the_calls),
        cmocka_unit_test(test_one_process_is_no_god),
        cmocka_unit_test(test_many_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
