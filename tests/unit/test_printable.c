/* SPDX-License-Identifier: MIT
 *
 * Bytes of a trace as text for people.
 */
#include "unit.h"

#include "printable.h"

#include <unistr.h>

static void assert_printed(const char *bytes, size_t size, bool quote, const char *expected) {
    struct text text = {0};
    printable_add(&text, bytes, size, quote);
    assert_false(text.failed);
    assert_string_equal(text.bytes ? text.bytes : "", expected);
    text_finish(&text);
}

#define ASSERT_PRINTED(bytes, quote, expected) assert_printed((bytes), sizeof(bytes) - 1, (quote), (expected))

static void test_characters(void **state) {
    (void)state;
    ASSERT_PRINTED("plain", true, "plain");
    ASSERT_PRINTED("", true, "");
    ASSERT_PRINTED("a\nb\tc\rd\0e", true, "a\\nb\\tc\\rd\\000e");
    ASSERT_PRINTED("\033[31m\a\177", false, "\\033[31m\\007\\177");
    ASSERT_PRINTED("\"\\", true, "\\\"\\\\");
    ASSERT_PRINTED("\"\\", false, "\"\\");
    ASSERT_PRINTED("\303\251\342\202\254\360\237\230\200", true, "\303\251\342\202\254\360\237\230\200");
}

static void test_what_would_act_on_a_terminal(void **state) {
    (void)state;
    ASSERT_PRINTED("\302\233" /* CSI */, true, "\\302\\233");
    ASSERT_PRINTED("\342\200\256" /* right-to-left override */, true, "\\342\\200\\256");
    ASSERT_PRINTED("\342\200\250" /* line separator */, true, "\\342\\200\\250");
    ASSERT_PRINTED("\342\201\246" /* isolate */, true, "\\342\\201\\246");
    ASSERT_PRINTED("\357\273\277" /* byte order mark */, true, "\\357\\273\\277");
    ASSERT_PRINTED("\357\277\276" /* no character */, true, "\\357\\277\\276");
    ASSERT_PRINTED("\364\217\277\277" /* nor the last one */, true, "\\364\\217\\277\\277");
    ASSERT_PRINTED("\357\277\275" /* but this is */, true, "\357\277\275");
}

static void test_lines(void **state) {
    (void)state;
    static const char *const lines[][2] = {
        {"", ""}, {"a", "a"}, {"a\n", "a\n"}, {"\n\na\tb\r\n\"\377", "\n\na\\tb\\r\n\"\\377"}};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct text text = {0};
        printable_add_lines(&text, lines[i][0]);
        assert_false(text.failed);
        assert_string_equal(text.bytes ? text.bytes : "", lines[i][1]);
        text_finish(&text);
    }
}

static void test_what_is_not_utf8(void **state) {
    (void)state;
    ASSERT_PRINTED("\377a", true, "\\377a");
    ASSERT_PRINTED("a\303", true, "a\\303");
    ASSERT_PRINTED("\303(", true, "\\303(");
    ASSERT_PRINTED("\300\257" /* overlong */, true, "\\300\\257");
    ASSERT_PRINTED("\355\240\200" /* surrogate */, true, "\\355\\240\\200");
    ASSERT_PRINTED("\364\220\200\200" /* beyond the last */, true, "\\364\\220\\200\\200");
}

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Undo the escapes: the bytes that were printed. */
static size_t unescape(const char *text, char *bytes) {
    size_t size = 0;
    while (*text) {
        if (*text != '\\') {
            bytes[size++] = *text++;
        } else if (text[1] >= '0' && text[1] <= '3') {
            bytes[size++] = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
            text += 4;
        } else {
            bytes[size++] = text[1] == 'n' ? '\n' : text[1] == 't' ? '\t' : text[1] == 'r' ? '\r' : text[1];
            text += 2;
        }
    }
    return size;
}

/* Different bytes give different text, for the bytes can be had back; it is UTF-8 without controls. */
static void test_random_bytes(void **state) {
    (void)state;
    uint32_t seed = 7;
    for (unsigned run = 0; run < 20000; run++) {
        char bytes[24];
        char back[sizeof(bytes)];
        struct text text = {0};
        size_t size = next_random(&seed) % sizeof(bytes);
        for (size_t i = 0; i < size; i++) {
            uint32_t drawn = next_random(&seed);
            bytes[i] = drawn % 3 ? (char)(drawn >> 4) : "\\\"\n0\302\233\342\200\256n"[drawn / 3 % 10];
        }
        printable_add(&text, bytes, size, true);
        const char *shown = text.bytes ? text.bytes : "";
        assert_int_equal(unescape(shown, back), size);
        assert_memory_equal(back, bytes, size);
        assert_null(u8_check((const uint8_t *)shown, text.length));
        for (size_t i = 0; i < text.length; i++) {
            assert_true((uint8_t)shown[i] >= 0x20 && shown[i] != 0x7f);
        }
        text_finish(&text);
    }
}

static void test_cutting(void **state) {
    (void)state;
    assert_int_equal(printable_cut("abc", 3, 5), 3);
    assert_int_equal(printable_cut("abc", 3, 2), 2);
    assert_int_equal(printable_cut("a\303\251b", 4, 2), 1);
    assert_int_equal(printable_cut("a\303\251b", 4, 3), 3);
    assert_int_equal(printable_cut("\360\237\230\200", 4, 3), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),   cmocka_unit_test(test_what_would_act_on_a_terminal),
        cmocka_unit_test(test_lines),        cmocka_unit_test(test_what_is_not_utf8),
        cmocka_unit_test(test_random_bytes), cmocka_unit_test(test_cutting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
