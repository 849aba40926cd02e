/* SPDX-License-Identifier: MIT
 *
 * How many threads there are, and whether they run side by side.
 */
#include "fake_collector.h"

#include <signal.h>
#include <sys/syscall.h>

/* ------------------------------------------------------------------- several at once */

static void test_records_say_when_several_threads_are_traced(void **state) {
    struct world *world = *state;
    assert_int_equal(gets_pid(world, ROOT, 1000)->several, 0);
    is_created(world, THREAD, 1100, ROOT);
    assert_int_equal(gets_pid(world, ROOT, 1200)->several, 1);
    assert_int_equal(gets_pid(world, THREAD, 1300)->several, 1);
    ends(world, THREAD, 1400);
    assert_int_equal(next_record(world, RECORD_END, THREAD, 1400)->several, 1);
    assert_int_equal(gets_pid(world, ROOT, 1500)->several, 0);
    ends(world, ROOT, 1600);
    assert_int_equal(next_record(world, RECORD_END, ROOT, 1600)->several, 0);
}

/* As in strace, which writes the beginning of a line when the call begins. */
static void test_what_counts_is_how_many_there_were_when_the_call_began(void **state) {
    struct world *world = *state;
    enters(world, ROOT, 1000, SYS_clone);
    is_created(world, CHILD, 1005, ROOT);
    exits(world, ROOT, 1010, SYS_clone, CHILD);
    assert_int_equal(next_call(world, ROOT, 1000, SYS_clone, RETURNED, CHILD)->several, 0);
    enters(world, ROOT, 1100, SYS_wait4);
    ends(world, CHILD, 1105);
    assert_int_equal(next_record(world, RECORD_END, CHILD, 1105)->several, 1);
    gets_signal(world, ROOT, 1106, SIGCHLD);
    assert_int_equal(next_record(world, RECORD_SIGNAL, ROOT, 1106)->several, 0);
    exits(world, ROOT, 1110, SYS_wait4, CHILD);
    assert_int_equal(next_call(world, ROOT, 1100, SYS_wait4, RETURNED, CHILD)->several, 1);
}

static void test_processes_that_are_not_followed_do_not_count(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start(world);
    is_created(world, CHILD, 900, ROOT);
    assert_int_equal(gets_pid(world, ROOT, 1000)->several, 0);
}

/* A receiver does not know whose thread it is. */
static void test_neither_do_those_that_are_noted_before_they_are_born(void **state) {
    struct world *world = *state;
    world->options.follow = false;
    start(world);
    is_noted(world, CHILD, 890, SYS_write, "");
    is_created(world, CHILD, 900, ROOT);
    assert_int_equal(gets_pid(world, ROOT, 1000)->several, 0);
}

/* ---------------------------------------------------------------------- parallelism */

static void make_noted_call(struct world *world, int32_t tid, uint64_t time) {
    is_noted(world, tid, time, SYS_write, "");
    enters(world, tid, time + 1, SYS_write);
    exits(world, tid, time + 2, SYS_write, 0);
}

static void test_threads_that_compute_between_their_calls_are_parallel(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 32; i++) {
        make_noted_call(world, i % 2 ? THREAD : ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 1);
    assert_int_equal(collector_parallelism(world->collector), -1); /* counted anew */
    world->read = world->emitted;
}

static void test_threads_that_wait_for_each_other_are_not_parallel(void **state) {
    struct world *world = *state;
    enters(world, THREAD, 900, SYS_read);
    for (unsigned i = 0; i < 32; i++) {
        int32_t writer = i % 2 ? THREAD : ROOT;
        int32_t reader = i % 2 ? ROOT : THREAD;
        uint64_t time = 1000 + 10 * i;
        make_noted_call(world, writer, time);
        enters(world, writer, time + 3, SYS_read);
        exits(world, reader, time + 4, SYS_read, 1); /* woken by the write */
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_one_thread_alone_is_not_parallel(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_few_calls_say_nothing_about_parallelism(void **state) {
    struct world *world = *state;
    assert_int_equal(collector_parallelism(world->collector), -1);
    for (unsigned i = 0; i < 15; i++) {
        make_noted_call(world, i % 2 ? THREAD : ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), -1);
    make_noted_call(world, ROOT, 2000);
    assert_int_equal(collector_parallelism(world->collector), 1);
    world->read = world->emitted;
}

static void test_what_the_others_do_counts_even_if_one_thread_makes_all_calls(void **state) {
    struct world *world = *state;
    make_noted_call(world, THREAD, 1000); /* and computes from then on */
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 1);
    make_noted_call(world, THREAD, 2000);
    enters(world, THREAD, 2005, SYS_read); /* and waits */
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 2000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

static void test_a_thread_that_ended_is_no_witness_of_parallelism(void **state) {
    struct world *world = *state;
    make_noted_call(world, THREAD, 1000);
    ends(world, THREAD, 1005);
    for (unsigned i = 1; i < 32; i++) {
        make_noted_call(world, ROOT, 1000 + 10 * i);
    }
    assert_int_equal(collector_parallelism(world->collector), 0);
    world->read = world->emitted;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_records_say_when_several_threads_are_traced),
        TEST(test_what_counts_is_how_many_there_were_when_the_call_began),
        TEST(test_processes_that_are_not_followed_do_not_count),
        TEST(test_neither_do_those_that_are_noted_before_they_are_born),
        TEST(test_threads_that_compute_between_their_calls_are_parallel),
        TEST(test_threads_that_wait_for_each_other_are_not_parallel),
        TEST(test_one_thread_alone_is_not_parallel),
        TEST(test_few_calls_say_nothing_about_parallelism),
        TEST(test_what_the_others_do_counts_even_if_one_thread_makes_all_calls),
        TEST(test_a_thread_that_ended_is_no_witness_of_parallelism),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
