/* SPDX-License-Identifier: MIT
 *
 * Tasks: their numbers do not depend on the order in which they are heard of.
 */
#include "task_tree.h"

#include "unit.h"

#include <stdlib.h>

static int set_up(void **state) {
    struct task_tree *tree = calloc(1, sizeof(*tree));
    if (!tree) {
        return -1;
    }
    task_tree_init(tree);
    *state = tree;
    return 0;
}

static int tear_down(void **state) {
    task_tree_finish(*state);
    free(*state);
    return 0;
}

static uint32_t number_of(struct task_tree *tree, int32_t tid) {
    struct golden_task *task = task_tree_find(tree, tid);
    assert_non_null(task);
    return task->number;
}

static void test_the_order_of_calls_counts_not_that_of_births(void **state) {
    struct task_tree *tree = *state;
    struct golden_task *root = task_tree_get(tree, 100, 100);
    struct golden_task *first = task_tree_start(tree, 101, 101, 100);
    task_tree_start(tree, 103, 103, 101); /* a grandchild, heard of before the second child */
    task_tree_start(tree, 102, 102, 100);
    task_tree_created(tree, root, 101);
    task_tree_created(tree, root, 102);
    task_tree_created(tree, first, 103);
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(number_of(tree, 100), 1);
    assert_int_equal(number_of(tree, 101), 2);
    assert_int_equal(number_of(tree, 103), 3);
    assert_int_equal(number_of(tree, 102), 4);
}

static void test_births_may_come_in_another_order(void **state) {
    struct task_tree *tree = *state;
    struct golden_task *root = task_tree_get(tree, 100, 100);
    struct golden_task *announced = task_tree_created(tree, root, 101); /* the call is heard of first */
    task_tree_start(tree, 103, 103, 101);
    assert_ptr_equal(task_tree_start(tree, 101, 101, 100), announced);
    task_tree_start(tree, 102, 102, 100);
    task_tree_created(tree, root, 102);
    task_tree_created(tree, announced, 103);
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(number_of(tree, 101), 2);
    assert_int_equal(number_of(tree, 103), 3);
    assert_int_equal(number_of(tree, 102), 4);
}

static void test_ids_are_used_again(void **state) {
    struct task_tree *tree = *state;
    struct golden_task *root = task_tree_get(tree, 100, 100);
    struct golden_task *one = task_tree_start(tree, 101, 101, 100);
    one->ended = true;
    assert_ptr_equal(task_tree_created(tree, root, 101), one); /* it has ended before its creator's call returned */
    struct golden_task *other = task_tree_created(tree, root, 101);
    assert_ptr_not_equal(other, one);
    assert_ptr_equal(task_tree_start(tree, 101, 101, 100), other);
    assert_ptr_equal(task_tree_find(tree, 101), other);
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(one->number, 2);
    assert_int_equal(other->number, 3);
}

static void test_children_that_are_not_traced_have_numbers(void **state) {
    struct task_tree *tree = *state;
    struct golden_task *root = task_tree_get(tree, 100, 100);
    task_tree_created(tree, root, 101);
    task_tree_start(tree, 100, 102, 100);
    task_tree_created(tree, root, 102);
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(number_of(tree, 101), 2);
    assert_int_equal(number_of(tree, 102), 3);
    assert_false(task_tree_find(tree, 101)->started);
}

static void test_of_several_waits_the_last_one_counts(void **state) {
    struct task_tree *tree = *state;
    task_tree_get(tree, 100, 100);
    struct golden_task *child = task_tree_start(tree, 101, 101, 100);
    uint64_t stopped = task_tree_join(tree, 101);
    uint64_t ended = task_tree_join(tree, 101);
    assert_int_not_equal(stopped, 0);
    assert_int_not_equal(stopped, ended);
    assert_null(task_tree_joined(tree, stopped));
    assert_ptr_equal(task_tree_joined(tree, ended), child);
    assert_int_equal(task_tree_join(tree, 999), 0);
    assert_null(task_tree_joined(tree, UINT64_MAX));
}

static void test_orphans_come_last(void **state) {
    struct task_tree *tree = *state;
    struct golden_task *root = task_tree_get(tree, 100, 100);
    task_tree_start(tree, 200, 200, 777); /* nobody knows its creator */
    task_tree_start(tree, 101, 101, 100);
    task_tree_created(tree, root, 101);
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(number_of(tree, 101), 2);
    assert_int_equal(number_of(tree, 200), 3);
}

static void test_deep_trees(void **state) {
    struct task_tree *tree = *state;
    enum {
        DEPTH = 100000
    };
    struct golden_task *task = task_tree_get(tree, 1, 1);
    for (int32_t i = 2; i <= DEPTH; i++) {
        struct golden_task *child = task_tree_start(tree, i, i, i - 1);
        assert_ptr_equal(task_tree_created(tree, task, i), child);
        task = child;
    }
    assert_int_equal(task_tree_number(tree), 0);
    assert_int_equal(task->number, DEPTH);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_the_order_of_calls_counts_not_that_of_births),
        TEST(test_births_may_come_in_another_order),
        TEST(test_ids_are_used_again),
        TEST(test_children_that_are_not_traced_have_numbers),
        TEST(test_of_several_waits_the_last_one_counts),
        TEST(test_orphans_come_last),
        TEST(test_deep_trees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
