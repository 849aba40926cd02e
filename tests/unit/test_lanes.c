/* SPDX-License-Identifier: MIT
 *
 * Lanes: what goes in comes out, lane by lane, from memory and from the file.
 */
#include "lanes.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    LANES = 100,
};

struct world {
    struct lanes lanes;
    struct lane lane[LANES];
    struct lane_reader reader;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    lanes_init(&world->lanes);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < LANES; i++) {
        lane_finish(&world->lane[i]);
    }
    lane_reader_finish(&world->reader);
    lanes_finish(&world->lanes);
    free(world);
    return 0;
}

static void add_number(struct world *world, unsigned lane, unsigned number) {
    char line[64];
    int length = snprintf(line, sizeof(line), "lane %u line %08u %030d\n", lane, number, 0);
    lane_add(&world->lanes, &world->lane[lane], line, (size_t)length);
}

/* All lines of a lane, in order, each in one piece. */
static void assert_numbers(struct world *world, unsigned lane, unsigned count) {
    struct lane_place place = {0};
    const char *bytes;
    size_t size;
    unsigned number = 0;
    while ((size = lane_read(&world->lanes, &world->lane[lane], &place, &world->reader, &bytes)) > 0) {
        const char *newline = memchr(bytes, '\n', size);
        assert_non_null(newline);
        char expected[64];
        snprintf(expected, sizeof(expected), "lane %u line %08u %030d\n", lane, number++, 0);
        assert_memory_equal(bytes, expected, strlen(expected));
        place.offset += (size_t)(newline + 1 - bytes);
    }
    assert_int_equal(number, count);
    assert_int_equal(world->lanes.error, 0);
}

static void test_an_empty_lane(void **state) {
    assert_numbers(*state, 0, 0);
}

static void test_little_stays_in_memory(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 10; i++) {
        add_number(world, i % 2, i / 2);
    }
    assert_int_equal(world->lanes.fd, -1);
    assert_numbers(world, 0, 5);
    assert_numbers(world, 1, 5);
}

static void test_much_goes_to_the_file(void **state) {
    struct world *world = *state;
    enum {
        LINES = 2000000 / LANES
    };
    for (unsigned i = 0; i < LINES; i++) {
        for (unsigned lane = 0; lane < LANES; lane++) {
            add_number(world, lane, i);
        }
    }
    assert_true(world->lanes.fd >= 0);
    assert_in_range(world->lanes.held, 0, 5 << 20);
    for (unsigned lane = 0; lane < LANES; lane++) {
        assert_numbers(world, lane, LINES);
    }
}

static void test_a_piece_larger_than_a_block(void **state) {
    struct world *world = *state;
    size_t size = 300000;
    char *large = malloc(size);
    assert_non_null(large);
    memset(large, 'x', size);
    add_number(world, 0, 0);
    lane_add(&world->lanes, &world->lane[0], large, size);
    add_number(world, 0, 1);
    struct lane_place place = {0};
    const char *bytes;
    size_t got = lane_read(&world->lanes, &world->lane[0], &place, &world->reader, &bytes);
    size_t line = (size_t)((const char *)memchr(bytes, '\n', got) + 1 - bytes);
    assert_int_equal(got, line + size);
    assert_memory_equal(bytes + line, large, size);
    place.offset += got;
    got = lane_read(&world->lanes, &world->lane[0], &place, &world->reader, &bytes);
    assert_int_equal(got, line);
    free(large);
}

static void test_a_place_is_found_again(void **state) {
    struct world *world = *state;
    for (unsigned i = 0; i < 20000; i++) {
        add_number(world, 0, i);
        add_number(world, 1, i);
    }
    /* Read the first lane in the middle of the second one. */
    struct lane_place place = {0};
    const char *bytes;
    size_t size = lane_read(&world->lanes, &world->lane[1], &place, &world->reader, &bytes);
    char *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    assert_numbers(world, 0, 20000);
    assert_int_equal(lane_read(&world->lanes, &world->lane[1], &place, &world->reader, &bytes), size);
    assert_memory_equal(bytes, copy, size);
    free(copy);
}

static void test_a_full_disk_is_reported(void **state) {
    struct world *world = *state;
    struct rlimit before;
    getrlimit(RLIMIT_FSIZE, &before);
    struct rlimit small = {.rlim_cur = 1 << 17, .rlim_max = before.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    for (unsigned i = 0; i < 20000; i++) {
        add_number(world, 0, i);
    }
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    assert_int_equal(world->lanes.error, EFBIG);
    struct lane_place place = {0};
    const char *bytes;
    assert_int_equal(lane_read(&world->lanes, &world->lane[0], &place, &world->reader, &bytes), 0);
}

static void test_no_folder_for_the_file_is_reported(void **state) {
    struct world *world = *state;
    setenv("TMPDIR", "/nonexistent", 1);
    for (unsigned i = 0; i < 20000; i++) {
        add_number(world, 0, i);
    }
    unsetenv("TMPDIR");
    assert_int_equal(world->lanes.error, ENOENT);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_an_empty_lane),
        TEST(test_little_stays_in_memory),
        TEST(test_much_goes_to_the_file),
        TEST(test_a_piece_larger_than_a_block),
        TEST(test_a_place_is_found_again),
        TEST(test_a_full_disk_is_reported),
        TEST(test_no_folder_for_the_file_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
