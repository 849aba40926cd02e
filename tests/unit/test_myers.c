/* SPDX-License-Identifier: MIT
 *
 * The alignment of two sequences, against a table of longest common
 * subsequences, and on inputs that are made to take long.
 */
#include "unit.h"

#include "myers.h"

#include <errno.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SHORT = 64,
};

/* The same in every run. */
static uint64_t next_random(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Symbol number `n`, spread as a hash is. */
static uint64_t symbol(uint64_t n) {
    uint64_t state = n * 977;
    return next_random(&state);
}

struct script {
    uint64_t *deleted;
    uint64_t *inserted;
    size_t deletions;
    size_t insertions;
};

static size_t count_bits(const uint64_t *set, size_t length) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += myers_has(set, i);
    }
    return count;
}

/* Compare with this budget, and hold that the script makes one of the other. */
static struct script compare(const uint64_t *a, size_t a_length, const uint64_t *b, size_t b_length, uint64_t budget) {
    struct script script = {.deleted = calloc(myers_words(a_length) + 1, sizeof(uint64_t)),
                            .inserted = calloc(myers_words(b_length) + 1, sizeof(uint64_t))};
    assert_true(script.deleted && script.inserted);
    assert_int_equal(myers_compare(a, a_length, b, b_length, script.deleted, script.inserted, &budget), 0);
    script.deletions = count_bits(script.deleted, a_length);
    script.insertions = count_bits(script.inserted, b_length);
    assert_int_equal(a_length - script.deletions, b_length - script.insertions);
    size_t j = 0;
    for (size_t i = 0; i < a_length; i++) {
        if (myers_has(script.deleted, i)) {
            continue;
        }
        while (myers_has(script.inserted, j)) {
            j++;
        }
        assert_true(a[i] == b[j]);
        j++;
    }
    return script;
}

static size_t edits(const uint64_t *a, size_t a_length, const uint64_t *b, size_t b_length, uint64_t budget) {
    struct script script = compare(a, a_length, b, b_length, budget);
    free(script.deleted);
    free(script.inserted);
    return script.deletions + script.insertions;
}

/* The length of the longest common subsequence, by the book. */
static size_t common(const uint64_t *a, size_t a_length, const uint64_t *b, size_t b_length) {
    static size_t table[SHORT + 1][SHORT + 1];
    for (size_t i = 0; i <= a_length; i++) {
        for (size_t j = 0; j <= b_length; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = 0;
            } else if (a[i - 1] == b[j - 1]) {
                table[i][j] = table[i - 1][j - 1] + 1;
            } else {
                table[i][j] = table[i - 1][j] > table[i][j - 1] ? table[i - 1][j] : table[i][j - 1];
            }
        }
    }
    return table[a_length][b_length];
}

static void test_random_short_sequences_have_shortest_scripts(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (unsigned run = 0; run < 20000; run++) {
        uint64_t a[SHORT];
        uint64_t b[SHORT];
        size_t most = 1 + next_random(&seed) % SHORT;
        size_t a_length = next_random(&seed) % (most + 1);
        size_t b_length = next_random(&seed) % (most + 1);
        uint64_t alphabet = 1 + next_random(&seed) % (1 + run % 40);
        for (size_t i = 0; i < a_length; i++) {
            a[i] = symbol(next_random(&seed) % alphabet);
        }
        for (size_t i = 0; i < b_length; i++) {
            /* Often like the other one. */
            bool copy = i < a_length && next_random(&seed) % 4;
            b[i] = copy ? a[i] : symbol(next_random(&seed) % (alphabet + 3));
        }
        size_t shortest = a_length + b_length - 2 * common(a, a_length, b, b_length);
        assert_int_equal(edits(a, a_length, b, b_length, myers_budget(a_length + b_length)), shortest);
        assert_int_equal(edits(b, b_length, a, a_length, myers_budget(a_length + b_length)), shortest);
    }
}

static void test_ends(void **state) {
    (void)state;
    uint64_t a[] = {symbol(1), symbol(2), symbol(3)};
    assert_int_equal(edits(a, 0, a, 0, 0), 0);
    assert_int_equal(edits(a, 3, a, 0, 0), 3);
    assert_int_equal(edits(a, 0, a, 3, 0), 3);
    assert_int_equal(edits(a, 3, a, 3, 0), 0);
    struct script script = compare(a, 3, a + 1, 1, 0);
    assert_int_equal(script.deleted[0], 5);
    assert_int_equal(script.insertions, 0);
    free(script.deleted);
    free(script.inserted);
}

/* Two sequences of `length` elements, made by `fill`, within a time that only a bounded search keeps. */
static size_t long_edits(size_t length, void (*fill)(uint64_t *a, uint64_t *b, size_t length)) {
    enum {
        SECONDS = 40, /* under sanitizers, on a machine that has other things to do */
    };
    uint64_t *a = malloc(length * sizeof(*a));
    uint64_t *b = malloc(length * sizeof(*b));
    assert_true(a && b);
    fill(a, b, length);
    clock_t before = clock();
    size_t count = edits(a, length, b, length, myers_budget(2 * length));
    assert_true((clock() - before) / CLOCKS_PER_SEC < SECONDS);
    free(a);
    free(b);
    return count;
}

static void fill_numbers(uint64_t *a, uint64_t *b, size_t length) {
    for (size_t i = 0; i < length; i++) {
        a[i] = symbol(i);
        b[i] = symbol(i);
    }
}

static void change_some(uint64_t *a, uint64_t *b, size_t length) {
    fill_numbers(a, b, length);
    for (size_t i = 50; i < length; i += 100) {
        b[i] = symbol(length + i);
    }
}

static void share_nothing(uint64_t *a, uint64_t *b, size_t length) {
    for (size_t i = 0; i < length; i++) {
        a[i] = symbol(2 * i);
        b[i] = symbol(2 * i + 1);
    }
}

/* All elements of one are in the other, in no order. */
static void shuffle(uint64_t *a, uint64_t *b, size_t length) {
    uint64_t seed = 5;
    fill_numbers(a, b, length);
    for (size_t i = length - 1; i > 0; i--) {
        size_t other = next_random(&seed) % (i + 1);
        uint64_t kept = b[i];
        b[i] = b[other];
        b[other] = kept;
    }
}

static void turn_round(uint64_t *a, uint64_t *b, size_t length) {
    fill_numbers(a, b, length);
    for (size_t i = 0; i < length; i++) {
        b[i] = a[length - 1 - i];
    }
}

static void toss(uint64_t *a, uint64_t *b, size_t length) {
    uint64_t seed = 6;
    for (size_t i = 0; i < length; i++) {
        a[i] = symbol(next_random(&seed) % 2);
        b[i] = symbol(next_random(&seed) % 3);
    }
}

/* Many diagonals on which equal elements go on for long, behind what has to be edited before. */
static void long_diagonals(uint64_t *a, uint64_t *b, size_t length) {
    shuffle(a, b, length / 8);
    for (size_t i = length / 8; i < length; i++) {
        a[i] = symbol(0);
        b[i] = symbol(i % 5000 ? 0 : 1);
    }
}

static void move_a_block(uint64_t *a, uint64_t *b, size_t length) {
    fill_numbers(a, b, length);
    memmove(b, b + length / 4, (length - length / 4) * sizeof(*b));
    memcpy(b + length - length / 4, a, length / 4 * sizeof(*b));
}

static void test_long_sequences(void **state) {
    (void)state;
    enum {
        LENGTH = 100000,
    };
    assert_int_equal(long_edits(LENGTH, fill_numbers), 0);
    assert_int_equal(long_edits(LENGTH, change_some), 2 * LENGTH / 100);
    assert_int_equal(long_edits(LENGTH, share_nothing), 2 * LENGTH);
    assert_true(long_edits(LENGTH, move_a_block) <= LENGTH);
    assert_true(long_edits(LENGTH, shuffle) <= 2 * LENGTH);
    assert_true(long_edits(LENGTH, turn_round) <= 2 * LENGTH);
    assert_true(long_edits(LENGTH, toss) < LENGTH);
    assert_true(long_edits(LENGTH, long_diagonals) < LENGTH);
}

static void test_without_a_budget_the_script_is_valid(void **state) {
    (void)state;
    uint64_t seed = 9;
    for (unsigned run = 0; run < 40; run++) {
        uint64_t a[4000];
        uint64_t b[COUNT_OF(a)];
        uint64_t alphabet = 2 + run * run;
        for (size_t i = 0; i < COUNT_OF(a); i++) {
            a[i] = symbol(next_random(&seed) % alphabet);
            b[i] = symbol(next_random(&seed) % alphabet);
        }
        size_t with = edits(a, COUNT_OF(a), b, COUNT_OF(b), UINT64_MAX / 2);
        size_t without = edits(a, COUNT_OF(a), b, COUNT_OF(b), 0);
        assert_true(with <= without);
        assert_true(without <= 2 * COUNT_OF(a));
    }
}

static void test_too_long(void **state) {
    (void)state;
    uint64_t budget = 1;
    assert_int_equal(myers_compare(NULL, (size_t)MYERS_LENGTH_MAX + 1, NULL, 0, NULL, NULL, &budget), -E2BIG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_random_short_sequences_have_shortest_scripts),
        cmocka_unit_test(test_without_a_budget_the_script_is_valid),
        cmocka_unit_test(test_long_sequences),
        cmocka_unit_test(test_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
