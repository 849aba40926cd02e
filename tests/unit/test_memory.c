/* SPDX-License-Identifier: MIT
 *
 * Memory of a real tracee, read by process_vm_readv(2), and word by word where
 * a filter refuses that: what comes out must not depend on the way.
 */
#include "memory.h"

#include "traced_child.h"

#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PAGE = 4096,
};

/* Two pages with a hole behind them, in test and tracee. */
static uint8_t *pages;
static pid_t tid;

static uint8_t byte_at(size_t offset) {
    return (uint8_t)(offset * 7 + offset / PAGE + 1);
}

static int wait_for_ever(void) {
    while (pause() < 0) {
    }
    return 0;
}

static int set_up(void **state) {
    (void)state;
    pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || munmap(pages + 2 * PAGE, PAGE) < 0) {
        return -1;
    }
    for (size_t i = 0; i < 2 * PAGE; i++) {
        pages[i] = byte_at(i);
    }
    tid = traced_start(wait_for_ever, 0);
    /* Nothing that the test reads may be its own. */
    memset(pages, 0xee, 2 * PAGE);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    traced_kill(tid);
    munmap(pages, 2 * PAGE);
    return 0;
}

/* Read `size` bytes at `offset` of the pages, of which `expected` are there; or an error. */
static void assert_reads(size_t offset, size_t size, ssize_t expected) {
    uint8_t buffer[2 * PAGE + 16];
    assert_in_range(size, 0, sizeof(buffer) - 8);
    memset(buffer, 0x55, sizeof(buffer));
    struct iovec local = {.iov_base = buffer, .iov_len = size};
    struct iovec remote = {.iov_base = pages + offset, .iov_len = size};
    assert_int_equal(tracee_memory.read(&tracee_memory, tid, &local, &remote, 1), expected);
    size_t there = expected < 0 ? 0 : (size_t)expected;
    for (size_t i = 0; i < there; i++) {
        assert_int_equal(buffer[i], byte_at(offset + i));
    }
    for (size_t i = there; i < sizeof(buffer); i++) {
        assert_int_equal(buffer[i], 0x55);
    }
}

static void test_whole_words(void **state) {
    (void)state;
    assert_reads(0, 8, 8);
    assert_reads(64, 64, 64);
}

static void test_every_alignment_and_every_small_size(void **state) {
    (void)state;
    for (size_t offset = 100; offset < 108; offset++) {
        for (size_t size = 0; size <= 18; size++) {
            assert_reads(offset, size, (ssize_t)size);
        }
    }
}

static void test_across_pages(void **state) {
    (void)state;
    assert_reads(PAGE - 3, 6, 6);
    assert_reads(PAGE - 1, 2, 2);
    assert_reads(1, 2 * PAGE - 1, 2 * PAGE - 1);
}

static void test_up_to_the_end_of_what_is_mapped(void **state) {
    (void)state;
    assert_reads(2 * PAGE - 1, 1, 1);
    assert_reads(2 * PAGE - 11, 11, 11);
}

static void test_into_a_hole_what_is_there_is_read(void **state) {
    (void)state;
    assert_reads(2 * PAGE - 1, 2, 1);
    assert_reads(2 * PAGE - 5, 100, 5);
    assert_reads(2 * PAGE - 8, 9, 8);
    assert_reads(PAGE - 5, 2 * PAGE, PAGE + 5);
}

/* Nothing at all is an error, whichever the way calls it. */
static void test_a_hole_is_an_error(void **state) {
    (void)state;
    uint8_t buffer[8];
    struct iovec local = {.iov_base = buffer, .iov_len = sizeof(buffer)};
    struct iovec remote = {.iov_base = pages + 2 * PAGE, .iov_len = sizeof(buffer)};
    assert_true(tracee_memory.read(&tracee_memory, tid, &local, &remote, 1) < 0);
    remote.iov_base = NULL;
    assert_true(tracee_memory.read(&tracee_memory, tid, &local, &remote, 1) < 0);
}

/* Three ranges at these offsets, 10 bytes each. */
static ssize_t read_three(size_t first, size_t second, size_t third, uint8_t *buffer) {
    struct iovec local[3];
    struct iovec remote[3];
    size_t offsets[3] = {first, second, third};
    memset(buffer, 0x55, 30);
    for (size_t i = 0; i < 3; i++) {
        local[i] = (struct iovec){.iov_base = buffer + 10 * i, .iov_len = 10};
        remote[i] = (struct iovec){.iov_base = pages + offsets[i], .iov_len = 10};
    }
    return tracee_memory.read(&tracee_memory, tid, local, remote, 3);
}

static void assert_bytes(const uint8_t *buffer, size_t offset, size_t size) {
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(buffer[i], byte_at(offset + i));
    }
}

static void test_several_ranges(void **state) {
    (void)state;
    uint8_t buffer[30];
    assert_int_equal(read_three(3, PAGE - 5, 1000, buffer), 30);
    assert_bytes(buffer, 3, 10);
    assert_bytes(buffer + 10, PAGE - 5, 10);
    assert_bytes(buffer + 20, 1000, 10);
}

static void test_ranges_behind_a_hole_are_not_read(void **state) {
    (void)state;
    uint8_t buffer[30];
    assert_int_equal(read_three(3, 2 * PAGE - 4, 1000, buffer), 14);
    assert_bytes(buffer, 3, 10);
    assert_bytes(buffer + 10, 2 * PAGE - 4, 4);
    assert_int_equal(buffer[20], 0x55);
    assert_int_equal(read_three(3, 2 * PAGE, 1000, buffer), 10);
    assert_bytes(buffer, 3, 10);
    assert_int_equal(buffer[20], 0x55);
    assert_true(read_three(2 * PAGE, 3, 1000, buffer) < 0);
}

static void test_exact_reads(void **state) {
    (void)state;
    uint8_t buffer[16];
    uint64_t address = (uint64_t)(uintptr_t)pages;
    assert_int_equal(memory_read_exact(&tracee_memory, tid, address + 5, buffer, sizeof(buffer)), 0);
    assert_bytes(buffer, 5, sizeof(buffer));
    /* A part is as bad as nothing. */
    assert_int_equal(memory_read_exact(&tracee_memory, tid, address + 2 * PAGE - 15, buffer, sizeof(buffer)), -EFAULT);
    assert_true(memory_read_exact(&tracee_memory, tid, address + 2 * PAGE, buffer, sizeof(buffer)) < 0);
}

static void test_a_thread_that_is_gone_is_an_error(void **state) {
    (void)state;
    uint8_t buffer[8];
    pid_t gone = fork();
    if (gone == 0) {
        _exit(0);
    }
    waitpid(gone, NULL, 0);
    uint64_t address = (uint64_t)(uintptr_t)pages;
    assert_int_equal(memory_read_exact(&tracee_memory, gone, address, buffer, sizeof(buffer)), -ESRCH);
}

static void test_tracees_are_not_written(void **state) {
    (void)state;
    uint8_t byte = 0;
    struct iovec local = {.iov_base = &byte, .iov_len = 1};
    struct iovec remote = {.iov_base = pages, .iov_len = 1};
    assert_int_equal(tracee_memory.write(&tracee_memory, tid, &local, &remote, 1), -ENOTSUP);
    assert_reads(0, 1, 1);
}

/* ------------------------------------------------------------- threads that are live */

static void test_live_memory_is_written(void **state) {
    (void)state;
    char word[] = "word";
    struct iovec local = {.iov_base = word, .iov_len = 4};
    struct iovec remote = {.iov_base = pages + PAGE - 2, .iov_len = 4};
    assert_int_equal(live_memory.write(&live_memory, tid, &local, &remote, 1), 4);
    char back[8] = "";
    assert_int_equal(memory_read_exact(&live_memory, tid, (uint64_t)(uintptr_t)pages + PAGE - 2, back, 4), 0);
    assert_string_equal(back, "word");
    remote.iov_base = pages + 2 * PAGE;
    assert_int_equal(live_memory.write(&live_memory, tid, &local, &remote, 1), -EFAULT);
}

static void test_live_memory_says_what_refuses_it(void **state) {
    (void)state;
    char byte;
    uint64_t address = (uint64_t)(uintptr_t)pages;
    assert_int_equal(memory_read_exact(&live_memory, tid, address, &byte, 1), -EPERM);
}

/* ---------------------------------------------------------------------- both ways */

/* From now on process_vm_readv() fails with this error, in place of an earlier one. */
static void refuse_reading(int error) {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter || seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)error), SCMP_SYS(process_vm_readv), 0) < 0 ||
        seccomp_load(filter) < 0) {
        perror("a filter is needed");
        _exit(1);
    }
    seccomp_release(filter);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define BOTH_WAYS                                                                                                      \
    TEST(test_whole_words), TEST(test_every_alignment_and_every_small_size), TEST(test_across_pages),                  \
        TEST(test_up_to_the_end_of_what_is_mapped), TEST(test_into_a_hole_what_is_there_is_read),                      \
        TEST(test_a_hole_is_an_error), TEST(test_several_ranges), TEST(test_ranges_behind_a_hole_are_not_read),        \
        TEST(test_exact_reads), TEST(test_a_thread_that_is_gone_is_an_error), TEST(test_tracees_are_not_written)

int main(void) {
    const struct CMUnitTest by_ranges[] = {
        BOTH_WAYS,
        TEST(test_live_memory_is_written),
    };
    const struct CMUnitTest by_words[] = {
        BOTH_WAYS,
    };
    const struct CMUnitTest refused[] = {
        TEST(test_live_memory_says_what_refuses_it),
    };
    static const int errors[] = {ENOSYS, EACCES, EPERM};
    int failed = cmocka_run_group_tests(by_ranges, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        refuse_reading(errors[i]);
        failed += cmocka_run_group_tests(by_words, NULL, NULL);
    }
    return failed + cmocka_run_group_tests(refused, NULL, NULL);
}
