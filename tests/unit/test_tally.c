/* SPDX-License-Identifier: MIT
 *
 * What is counted, and the order of the rows.
 */
#include "tally.h"

#include "fake_call.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum {
    I386_WRITE = 4,
    I386_SOCKETCALL = 102, /* getuid on x86-64 */
    I386_SIGNAL = 48,      /* shutdown on x86-64: the class of this name is no concern of a tally */
    STRANGERS = 256,       /* that are told apart */
};

struct world {
    struct tally *tally;
    struct tally_row *rows;
    int count;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    *state = world;
    if (!world) {
        return -1;
    }
    world->tally = calloc(1, sizeof(*world->tally));
    return world->tally ? 0 : -1;
}

static int tear_down(void **state) {
    struct world *world = *state;
    free(world->tally);
    free(world->rows);
    free(world);
    return 0;
}

static void add(struct world *world, enum arch arch, int number, uint32_t flags, int64_t result, uint64_t duration) {
    struct record record = {.kind = RECORD_CALL,
                            .arch = (uint8_t)arch,
                            .call = {.number = number, .flags = flags, .result = result, .duration_ns = duration}};
    struct tally_change change = tally_count(world->tally, &record);
    tally_apply(world->tally, &change);
}

/* A call of x86-64 that returned. */
static void returns(struct world *world, int number, int64_t result, uint64_t duration) {
    add(world, ARCH_X86_64, number, CALL_HAS_ARGS | CALL_HAS_RESULT | CALL_HAS_DURATION, result, duration);
}

static void sort(struct world *world, enum tally_order order) {
    free(world->rows);
    world->rows = NULL;
    world->count = tally_rows(world->tally, order, &world->rows);
    assert_true(world->count >= 0);
    assert_non_null(world->rows);
}

static void assert_row(const struct world *world, int index, const char *name, uint64_t calls, uint64_t errors,
                       uint64_t time) {
    assert_in_range(index, 0, world->count - 1);
    const struct tally_row *row = &world->rows[index];
    assert_string_equal(row->name, name);
    assert_int_equal(row->calls, calls);
    assert_int_equal(row->errors, errors);
    assert_int_equal(row->time_ns, time);
}

/* ----------------------------------------------------------------------- counting */

static void test_nothing_is_no_row(void **state) {
    struct world *world = *state;
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 0);
    struct tally_row total = tally_total(world->rows, 0);
    assert_string_equal(total.name, "total");
    assert_int_equal(total.calls, 0);
    assert_int_equal(total.errors, 0);
    assert_int_equal(total.time_ns, 0);
}

static void test_calls_errors_and_times_are_added(void **state) {
    struct world *world = *state;
    returns(world, SYS_read, 10, 100);
    returns(world, SYS_read, 0, 30);
    returns(world, SYS_read, -EAGAIN, 7);
    returns(world, SYS_close, 0, 5);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 2);
    assert_row(world, 0, "read", 3, 1, 137);
    assert_row(world, 1, "close", 1, 0, 5);
}

static void test_the_total_is_the_sum(void **state) {
    struct world *world = *state;
    returns(world, SYS_read, -EAGAIN, 100);
    returns(world, SYS_close, -EBADF, 20);
    returns(world, SYS_close, 0, 3);
    sort(world, TALLY_BY_CALLS);
    struct tally_row total = tally_total(world->rows, 2);
    assert_string_equal(total.name, "total");
    assert_int_equal(total.calls, 3);
    assert_int_equal(total.errors, 2);
    assert_int_equal(total.time_ns, 123);
}

static void test_only_results_from_minus_4095_on_are_errors(void **state) {
    struct world *world = *state;
    returns(world, SYS_lseek, -1, 1);
    returns(world, SYS_lseek, -4095, 1);
    returns(world, SYS_lseek, -4096, 1); /* an address, or an offset */
    returns(world, SYS_lseek, INT64_MIN, 1);
    returns(world, SYS_lseek, 0, 1);
    sort(world, TALLY_BY_CALLS);
    assert_row(world, 0, "lseek", 5, 2, 5);
}

static void test_an_interrupted_call_is_an_error(void **state) {
    struct world *world = *state;
    returns(world, SYS_read, -512, 1);
    sort(world, TALLY_BY_CALLS);
    assert_row(world, 0, "read", 1, 1, 1);
}

static void test_calls_that_do_not_return_do_not_count(void **state) {
    struct world *world = *state;
    add(world, ARCH_X86_64, SYS_exit_group, CALL_HAS_ARGS | CALL_UNRETURNED, 0, 0);
    add(world, ARCH_X86_64, 9999, CALL_HAS_ARGS | CALL_UNRETURNED, 0, 0);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 0);
    returns(world, SYS_read, 0, 1);
    add(world, ARCH_X86_64, SYS_read, CALL_HAS_ARGS | CALL_UNRETURNED, 0, 0);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 1);
    assert_row(world, 0, "read", 1, 0, 1);
}

static void test_what_was_not_measured_adds_nothing(void **state) {
    struct world *world = *state;
    add(world, ARCH_X86_64, SYS_read, CALL_HAS_ARGS, -EBADF, 1000000);
    add(world, ARCH_X86_64, SYS_read, CALL_HAS_ARGS | CALL_HAS_RESULT, -EBADF, 1000000);
    sort(world, TALLY_BY_CALLS);
    assert_row(world, 0, "read", 2, 1, 0);
}

/* ------------------------------------------------------------------------- names */

static void test_one_name_is_one_row_on_every_architecture(void **state) {
    struct world *world = *state;
    returns(world, SYS_write, 1, 10);
    add(world, ARCH_I386, I386_WRITE, CALL_HAS_RESULT, -EBADF, 0);
    returns(world, SYS_write, 1, 10);
    add(world, ARCH_I386, I386_WRITE, CALL_HAS_RESULT, 1, 0);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 1);
    assert_row(world, 0, "write", 4, 1, 20);
}

static void test_one_number_is_two_rows_if_the_names_differ(void **state) {
    struct world *world = *state;
    returns(world, I386_SOCKETCALL, 0, 1);
    add(world, ARCH_I386, I386_SOCKETCALL, CALL_HAS_RESULT, 0, 0);
    returns(world, I386_SIGNAL, 0, 1);
    add(world, ARCH_I386, I386_SIGNAL, CALL_HAS_RESULT, 0, 0);
    sort(world, TALLY_BY_NAME);
    assert_int_equal(world->count, 4);
    assert_row(world, 0, "getuid", 1, 0, 1);
    assert_row(world, 1, "shutdown", 1, 0, 1);
    assert_row(world, 2, "signal", 1, 0, 0);
    assert_row(world, 3, "socketcall", 1, 0, 0);
}

static void test_unknown_numbers_have_rows_of_their_own(void **state) {
    struct world *world = *state;
    returns(world, 9999, -ENOSYS, 4);
    returns(world, 511, -ENOSYS, 1); /* the last with a place of its own */
    returns(world, 512, -ENOSYS, 1); /* the first without */
    returns(world, -1, -ENOSYS, 1);
    returns(world, 9999, -ENOSYS, 4);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 4);
    assert_row(world, 0, "syscall_0x270f", 2, 2, 8);
    assert_row(world, 1, "syscall_0x1ff", 1, 1, 1);
    assert_row(world, 2, "syscall_0x200", 1, 1, 1);
    assert_row(world, 3, "syscall_0xffffffffffffffff", 1, 1, 1);
}

static void test_a_program_that_invents_numbers_gets_one_row_for_the_rest(void **state) {
    struct world *world = *state;
    for (int i = 0; i < STRANGERS + 100; i++) {
        returns(world, 10000 + i, -ENOSYS, 2);
    }
    returns(world, SYS_read, 0, 1);             /* calls that have a name are not concerned */
    returns(world, 10000, -ENOSYS, 2);          /* nor are strangers that have their row */
    returns(world, 10000 + 300, -ENOSYS, 2);    /* one that came too late */
    returns(world, 10000 + 100000, -ENOSYS, 2); /* one that comes even later */
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, STRANGERS + 2);
    assert_row(world, 0, "syscall_other", 102, 102, 204);
    assert_row(world, 1, "syscall_0x2710", 2, 2, 4);
    struct tally_row total = tally_total(world->rows, (size_t)world->count);
    assert_int_equal(total.calls, STRANGERS + 100 + 4);
    assert_int_equal(total.time_ns, 2 * (STRANGERS + 100) + 7);
}

/* ------------------------------------------------------------------------- order */

/* calls: c b=d a; time: a c=d b; errors: d a=b=c */
static void add_four(struct world *world) {
    for (int i = 0; i < 3; i++) {
        returns(world, SYS_mprotect, 0, 2);
    }
    for (int i = 0; i < 2; i++) {
        returns(world, SYS_dup, 0, 1);
        returns(world, SYS_openat, -ENOENT, 3);
    }
    returns(world, SYS_access, 0, 100);
}

static void assert_order(struct world *world, enum tally_order order, const char *const names[4]) {
    sort(world, order);
    assert_int_equal(world->count, 4);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(world->rows[i].name, names[i]);
    }
}

static void test_orders(void **state) {
    struct world *world = *state;
    add_four(world);
    assert_order(world, TALLY_BY_CALLS, (const char *const[]){"mprotect", "dup", "openat", "access"});
    assert_order(world, TALLY_BY_TIME, (const char *const[]){"access", "mprotect", "openat", "dup"});
    assert_order(world, TALLY_BY_ERRORS, (const char *const[]){"openat", "access", "dup", "mprotect"});
    assert_order(world, TALLY_BY_NAME, (const char *const[]){"access", "dup", "mprotect", "openat"});
}

static void test_figures_are_compared_as_wide_as_they_are(void **state) {
    struct world *world = *state;
    returns(world, SYS_access, 0, 1);
    returns(world, SYS_dup, 0, 1ULL << 32);
    returns(world, SYS_brk, 0, 1ULL << 63);
    sort(world, TALLY_BY_TIME);
    assert_row(world, 0, "brk", 1, 0, 1ULL << 63);
    assert_row(world, 1, "dup", 1, 0, 1ULL << 32);
    assert_row(world, 2, "access", 1, 0, 1);
}

static void test_rows_may_be_read_in_between(void **state) {
    struct world *world = *state;
    returns(world, SYS_read, 0, 1);
    sort(world, TALLY_BY_CALLS);
    assert_row(world, 0, "read", 1, 0, 1);
    returns(world, SYS_read, 0, 1);
    returns(world, SYS_write, 0, 1);
    sort(world, TALLY_BY_CALLS);
    assert_int_equal(world->count, 2);
    assert_row(world, 0, "read", 2, 0, 2);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_nothing_is_no_row),
        TEST(test_calls_errors_and_times_are_added),
        TEST(test_the_total_is_the_sum),
        TEST(test_only_results_from_minus_4095_on_are_errors),
        TEST(test_an_interrupted_call_is_an_error),
        TEST(test_calls_that_do_not_return_do_not_count),
        TEST(test_what_was_not_measured_adds_nothing),
        TEST(test_one_name_is_one_row_on_every_architecture),
        TEST(test_one_number_is_two_rows_if_the_names_differ),
        TEST(test_unknown_numbers_have_rows_of_their_own),
        TEST(test_a_program_that_invents_numbers_gets_one_row_for_the_rest),
        TEST(test_orders),
        TEST(test_figures_are_compared_as_wide_as_they_are),
        TEST(test_rows_may_be_read_in_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
