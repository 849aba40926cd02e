/* SPDX-License-Identifier: MIT */
#include "line_ranges.h"

#include "unit.h"

enum {
    ROOM = 40,
};

/* All that are there, in no order. */
struct plain {
    struct line_range ranges[ROOM];
    size_t count;
};

static unsigned draw(unsigned *seed, unsigned below) {
    *seed = *seed * 1103515245 + 12345;
    return (*seed >> 16) % below;
}

static void expect_rest(const struct line_ranges *ranges, const struct plain *plain, size_t left_out) {
    struct line_edges edges;
    struct line_range rest;
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    for (size_t i = left_out; i < plain->count; i++) {
        const struct line_range *range = &plain->ranges[i];
        first = range->first_line < first ? range->first_line : first;
        last = range->last_line > last ? range->last_line : last;
    }
    line_ranges_edges(ranges, &edges);
    assert_int_equal(line_edges_rest(&edges, plain->ranges, left_out, &rest), last > 0);
    if (last) {
        assert_int_equal(rest.first_line, first);
        assert_int_equal(rest.last_line, last);
    }
}

static void test_like_a_plain_list(void **state) {
    (void)state;
    struct line_ranges ranges = {0};
    struct plain plain = {0};
    unsigned seed = 7;
    assert_int_equal(line_ranges_reserve(&ranges, ROOM / 2), 0);
    assert_int_equal(line_ranges_reserve(&ranges, ROOM), 0);
    expect_rest(&ranges, &plain, 0);
    for (uint64_t step = 1; step <= 5000; step++) {
        if (plain.count < ROOM && (plain.count == 0 || draw(&seed, 5) < 3)) {
            /* Several of one line, as a piece that was cut has left them; and one that is older than others. */
            uint64_t line = draw(&seed, 4) ? step / 3 + 1 : draw(&seed, 100) + 1;
            struct line_range range = {.start = step, .first_line = line, .last_line = line};
            line_ranges_add(&ranges, &range);
            plain.ranges[plain.count++] = range;
        } else {
            size_t index = draw(&seed, (unsigned)plain.count);
            line_ranges_remove(&ranges, &plain.ranges[index]);
            plain.ranges[index] = plain.ranges[--plain.count];
        }
        assert_int_equal(ranges.count, plain.count);
        size_t most = plain.count < LINES_LEFT_OUT_MAX ? plain.count : LINES_LEFT_OUT_MAX;
        for (size_t left_out = 0; left_out <= most; left_out++) {
            expect_rest(&ranges, &plain, left_out);
        }
    }
    const struct line_range none = {.start = 1, .first_line = UINT64_MAX};
    size_t count = ranges.count;
    line_ranges_remove(&ranges, &none);
    assert_int_equal(ranges.count, count);
    line_ranges_finish(&ranges);
    assert_int_equal(ranges.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_like_a_plain_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
