/* SPDX-License-Identifier: MIT
 *
 * What is shown of two sequences: moved blocks, folded repetitions, hunks.
 * Elements are letters.
 */
#include "unit.h"

#include "hunks.h"
#include "moves.h"
#include "myers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONG = 4000,
};

/* Two aligned sequences, and what was found of them. */
struct world {
    uint64_t *elements[SIDES];
    struct alignment alignment;
    struct hunks hunks;
};

/* A letter, spread as a hash is. */
static uint64_t spread(unsigned letter) {
    return (letter + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void align(struct world *world, const uint8_t *golden, size_t golden_length, const uint8_t *new,
                  size_t new_length) {
    const uint8_t *letters[SIDES] = {golden, new};
    size_t lengths[SIDES] = {golden_length, new_length};
    uint64_t budget = myers_budget(golden_length + new_length);
    *world = (struct world){0};
    for (enum side side = 0; side < SIDES; side++) {
        world->elements[side] = calloc(lengths[side] + 1, sizeof(uint64_t));
        world->alignment.edited[side] = calloc(myers_words(lengths[side]) + 1, sizeof(uint64_t));
        assert_true(world->elements[side] && world->alignment.edited[side]);
        for (size_t i = 0; i < lengths[side]; i++) {
            world->elements[side][i] = spread(letters[side][i]);
        }
        world->alignment.elements[side] = world->elements[side];
        world->alignment.length[side] = lengths[side];
    }
    assert_int_equal(myers_compare(world->elements[SIDE_GOLDEN], golden_length, world->elements[SIDE_NEW], new_length,
                                   world->alignment.edited[SIDE_GOLDEN], world->alignment.edited[SIDE_NEW], &budget),
                     0);
}

static void finish(struct world *world) {
    for (enum side side = 0; side < SIDES; side++) {
        free(world->elements[side]);
        free(world->alignment.edited[side]);
    }
    hunks_finish(&world->hunks);
}

/* The hunks as text: " a", "-b", "+c" in a row, "*2x5" for repetitions, "~7" for more, ">3" for a move. */
static void assert_hunks(const char *golden, const char *new, unsigned context, const char *expected) {
    struct world world;
    char shown[1024] = "";
    size_t length = 0;
    align(&world, (const uint8_t *)golden, strlen(golden), (const uint8_t *)new, strlen(new));
    assert_int_equal(hunks_add(&world.hunks, 0, &world.alignment, context), 0);
    for (size_t i = 0; i < world.hunks.count; i++) {
        const struct hunk *hunk = &world.hunks.hunks[i];
        length += (size_t)snprintf(shown + length, sizeof(shown) - length, "[%u,%u %u,%u]", hunk->start[SIDE_GOLDEN],
                                   hunk->length[SIDE_GOLDEN], hunk->start[SIDE_NEW], hunk->length[SIDE_NEW]);
        for (size_t j = 0; j < hunk->count; j++) {
            const struct hunk_line *line = &hunk->lines[j];
            const char *letters = line->side == SIDE_GOLDEN ? golden : new;
            char sign = line->side == SIDE_GOLDEN ? '-' : '+';
            char *at = shown + length;
            size_t room = sizeof(shown) - length;
            if (line->kind == HUNK_CONTEXT) {
                assert_int_equal(golden[line->index[SIDE_GOLDEN]], new[line->index[SIDE_NEW]]);
                length += (size_t)snprintf(at, room, " %c", golden[line->index[SIDE_GOLDEN]]);
            } else if (line->kind == HUNK_EDITED) {
                length += (size_t)snprintf(at, room, "%c%c", sign, letters[line->index[line->side]]);
            } else if (line->kind == HUNK_REPEATS) {
                length += (size_t)snprintf(at, room, "*%ux%u", line->count, line->times);
            } else {
                length += (size_t)snprintf(at, room, "%c%u", line->kind == HUNK_MORE ? '~' : '>', line->count);
            }
        }
    }
    assert_string_equal(shown, expected);
    finish(&world);
}

static void test_hunks(void **state) {
    (void)state;
    assert_hunks("abcdef", "abcdef", 3, "");
    assert_hunks("", "", 3, "");
    assert_hunks("abc", "", 3, "[0,3 0,0]-a-b-c");
    assert_hunks("", "abc", 3, "[0,0 0,3]+a+b+c");
    assert_hunks("abcdefg", "abcXefg", 1, "[2,3 2,3] c-d+X e");
    assert_hunks("abcdefg", "abcXefg", 0, "[3,1 3,1]-d+X");
    assert_hunks("abcdefg", "abcXefg", 100, "[0,7 0,7] a b c-d+X e f g");
    assert_hunks("Xabcdefg", "abcdefgY", 2, "[0,3 0,2]-X a b[6,2 5,3] f g+Y");
}

static void test_context_does_not_overlap(void **state) {
    (void)state;
    /* As much as both need: one hunk; one more between them: two. */
    assert_hunks("1abcd2", "3abcd4", 2, "[0,6 0,6]-1+3 a b c d-2+4");
    assert_hunks("1abcde2", "3abcde4", 2, "[0,3 0,3]-1+3 a b[4,3 4,3] d e-2+4");
}

static void test_repetitions(void **state) {
    (void)state;
    assert_hunks("xy", "xaaaaaay", 0, "[1,0 1,6]+a*1x5");
    assert_hunks("xabababababy", "xy", 0, "[1,10 1,0]-a-b*2x4");
    /* What folding would not spare is shown. */
    assert_hunks("xy", "xaaay", 0, "[1,0 1,3]+a+a+a");
    assert_hunks("xy", "xababy", 0, "[1,0 1,4]+a+b+a+b");
    assert_hunks("xy", "x1aaaaa2y", 0, "[1,0 1,7]+1+a*1x4+2");
}

static void test_long_runs_are_cut(void **state) {
    (void)state;
    assert_hunks("", "abcdefghijklmnopqrstuvwxyz0123456789", 0,
                 "[0,0 0,36]+a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t+u+v+w+x~12");
}

static void test_moves(void **state) {
    (void)state;
    assert_hunks("xabcyzwv", "xyzwvabc", 0, "[1,3 1,0]-a>3[8,0 5,3]+a>3");
    /* A single one, if it stands alone. */
    assert_hunks("xaywv", "xywva", 0, "[1,1 1,0]-a>1[5,0 4,1]+a>1");
    assert_hunks("xabywv", "xywvac", 0, "[1,2 1,0]-a-b[6,0 4,2]+a+c");
    /* What is beside a moved block was not moved. */
    assert_hunks("xabcQyzwv", "xyzwvRabc", 0, "[1,4 1,0]-a>3-Q[9,0 5,4]+R+a>3");
}

/* --------------------------------------------------------------------- properties */

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Random sequences, of which the second is often the first with parts changed, moved and repeated. */
static size_t draw(uint32_t *seed, uint8_t *golden, uint8_t *new, size_t length) {
    unsigned alphabet = 2 + next_random(seed) % 100;
    for (size_t i = 0; i < length; i++) {
        golden[i] = (uint8_t)(next_random(seed) % alphabet);
    }
    size_t count = 0;
    while (count < length) {
        size_t from = next_random(seed) % 3 ? count : next_random(seed) % length;
        size_t part = 1 + next_random(seed) % 60;
        for (size_t i = 0; i < part && from + i < length && count < length; i++) {
            new[count++] = next_random(seed) % 50 ? golden[from + i] : (uint8_t)(next_random(seed) % alphabet);
        }
    }
    return count;
}

static size_t count_edited(const struct alignment *alignment, enum side side) {
    size_t count = 0;
    for (size_t i = 0; i < alignment->length[side]; i++) {
        count += myers_has(alignment->edited[side], i);
    }
    return count;
}

static void check_moves(const struct alignment *alignment) {
    struct move *moves = NULL;
    size_t count = 0;
    uint8_t used[LONG] = {0};
    uint64_t behind = 0;
    assert_int_equal(moves_find(&moves, &count, alignment), 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(moves[i].from >= behind && moves[i].length > 0);
        behind = (uint64_t)moves[i].from + moves[i].length;
        for (size_t j = 0; j < moves[i].length; j++) {
            size_t from = moves[i].from + j;
            size_t to = moves[i].to + j;
            assert_true(from < alignment->length[0] && to < alignment->length[1]);
            assert_true(myers_has(alignment->edited[0], from) && myers_has(alignment->edited[1], to));
            assert_true(alignment->elements[0][from] == alignment->elements[1][to]);
            assert_false(used[to]++);
        }
    }
    free(moves);
}

/* Every edited element is in one line of one hunk, and hunks follow one another. */
static void check_hunks(const struct world *world) {
    size_t shown[SIDES] = {0, 0};
    uint32_t behind[SIDES] = {0, 0};
    for (size_t i = 0; i < world->hunks.count; i++) {
        const struct hunk *hunk = &world->hunks.hunks[i];
        size_t covered[SIDES] = {0, 0};
        for (size_t j = 0; j < hunk->count; j++) {
            const struct hunk_line *line = &hunk->lines[j];
            size_t stands_for = line->kind == HUNK_REPEATS ? (size_t)line->count * line->times : line->count;
            stands_for = line->kind == HUNK_MOVED ? stands_for - 1 : stands_for;
            stands_for = line->kind == HUNK_EDITED ? 1 : stands_for;
            if (line->kind == HUNK_CONTEXT) {
                covered[SIDE_GOLDEN]++;
                covered[SIDE_NEW]++;
            } else {
                covered[line->side] += stands_for;
                shown[line->side] += stands_for;
            }
        }
        for (enum side side = 0; side < SIDES; side++) {
            assert_true(hunk->start[side] >= behind[side]);
            assert_int_equal(covered[side], hunk->length[side]);
            behind[side] = hunk->start[side] + hunk->length[side];
            assert_true(behind[side] <= world->alignment.length[side]);
        }
    }
    if (world->hunks.left_out == 0) {
        assert_int_equal(shown[SIDE_GOLDEN], count_edited(&world->alignment, SIDE_GOLDEN));
        assert_int_equal(shown[SIDE_NEW], count_edited(&world->alignment, SIDE_NEW));
    } else {
        assert_int_equal(world->hunks.count, DIFFERENCES_MAX);
    }
}

static void test_random_sequences(void **state) {
    (void)state;
    uint32_t seed = 3;
    size_t whole = 0;
    for (unsigned run = 0; run < 600; run++) {
        uint8_t golden[LONG];
        uint8_t new[LONG];
        struct world world;
        size_t length = 1 + next_random(&seed) % (run % 10 ? 300 : LONG);
        size_t new_length = draw(&seed, golden, new, length);
        align(&world, golden, length, new, new_length);
        check_moves(&world.alignment);
        assert_int_equal(hunks_add(&world.hunks, 0, &world.alignment, run % 8), 0);
        check_hunks(&world);
        whole += world.hunks.left_out == 0;
        finish(&world);
    }
    assert_true(whole > 300);
}

/* Hunks that are too many are counted, and do not take memory. */
static void test_many_hunks(void **state) {
    (void)state;
    uint8_t golden[LONG];
    uint8_t new[LONG];
    struct world world;
    for (size_t i = 0; i < LONG; i++) {
        golden[i] = (uint8_t)(i % 10);
        new[i] = i % 10 == 5 ? (uint8_t)(100 + i / 10 % 100) : golden[i];
    }
    align(&world, golden, LONG, new, LONG);
    assert_int_equal(hunks_add(&world.hunks, 0, &world.alignment, 1), 0);
    assert_int_equal(world.hunks.count, DIFFERENCES_MAX);
    assert_int_equal(world.hunks.left_out, LONG / 10 - DIFFERENCES_MAX);
    check_hunks(&world);
    finish(&world);
    /* With so much around them that they are one, that one is divided. */
    align(&world, golden, LONG, new, LONG);
    assert_int_equal(hunks_add(&world.hunks, 0, &world.alignment, HUNK_CONTEXT_MAX), 0);
    assert_true(world.hunks.count > 1 && world.hunks.left_out == 0);
    check_hunks(&world);
    finish(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hunks),       cmocka_unit_test(test_context_does_not_overlap),
        cmocka_unit_test(test_repetitions), cmocka_unit_test(test_long_runs_are_cut),
        cmocka_unit_test(test_moves),       cmocka_unit_test(test_random_sequences),
        cmocka_unit_test(test_many_hunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
