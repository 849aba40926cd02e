/* SPDX-License-Identifier: MIT
 *
 * Reading strace's notation back.
 */
#include "notation.h"

#include "unit.h"

#include <stdlib.h>

static void assert_string(const char *text, const char *expected, size_t size, bool cut) {
    struct notation notation = {text, text + strlen(text)};
    struct text bytes = {0};
    bool is_cut = !cut;
    assert_true(notation_string(&notation, &bytes, &is_cut));
    assert_int_equal(bytes.length, size);
    assert_memory_equal(bytes.length ? bytes.bytes : "", expected, size);
    assert_int_equal(is_cut, cut);
    assert_true(notation.at == notation.end);
    text_finish(&bytes);
}

static void test_strings(void **state) {
    (void)state;
    assert_string("\"\"", "", 0, false);
    assert_string("\"a\\n\\t\\\"\\\\b\"", "a\n\t\"\\b", 6, false);
    assert_string("\"\\0\\377\\0121\\7x\"", "\0\377\n1\7x", 6, false);
    assert_string("\"\\x41\\x4\\e\"", "A\4e", 3, false);
    assert_string("\"ab\"...", "ab", 2, true);
    static const char *const bad[] = {"", "a", "\"", "\"a", "\"a\\", "\"a\\\"", "\"\\1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct notation notation = {bad[i], bad[i] + strlen(bad[i])};
        struct text bytes = {0};
        bool is_cut;
        assert_false(notation_string(&notation, &bytes, &is_cut));
        assert_true(notation.at == bad[i]);
        text_finish(&bytes);
    }
}

static void test_members(void **state) {
    (void)state;
    static const char text[] = "{a=1, b={c=2, d=\"},\\\"\"}, name=[x, y], last=f(1, 2)}";
    static const char *const expected[][2] = {
        {"a", "1"}, {"b", "{c=2, d=\"},\\\"\"}"}, {"name", "[x, y]"}, {"last", "f(1, 2)"}};
    struct notation value;
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(notation_member(text, sizeof(text) - 1, expected[i][0], &value));
        assert_int_equal(value.end - value.at, strlen(expected[i][1]));
        assert_memory_equal(value.at, expected[i][1], strlen(expected[i][1]));
    }
    assert_false(notation_member(text, sizeof(text) - 1, "c", &value));
    assert_false(notation_member(text, sizeof(text) - 1, "nam", &value));
    assert_false(notation_member("{a=[", 4, "a", &value));
    assert_false(notation_member("a=1", 3, "a", &value));
}

static void test_vectors(void **state) {
    (void)state;
    static const char text[] = "[{iov_base=\"ab\\n\", iov_len=3}, {iov_base=\"xy\"..., iov_len=100}, "
                               "{iov_base=0x7f, iov_len=4}, ...]";
    static const struct {
        uint64_t length;
        bool seen;
        const char *bytes;
    } expected[] = {{3, true, "ab\n"}, {100, true, "xy"}, {4, false, ""}};
    struct notation notation = {text, text + sizeof(text) - 1};
    struct notation_piece piece;
    struct text bytes = {0};
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(notation_piece(&notation, &piece, &bytes));
        assert_int_equal(piece.length, expected[i].length);
        assert_int_equal(piece.seen, expected[i].seen);
        assert_int_equal(bytes.length, strlen(expected[i].bytes));
        assert_memory_equal(bytes.bytes, expected[i].bytes, bytes.length);
    }
    assert_false(notation_piece(&notation, &piece, &bytes));
    static const char *const bad[] = {"",    "[", "[]", "[{", "[{iov_base=\"a\"}]", "[{iov_len=x}]", "[{iov_len=}]",
                                      "0x7f"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct notation none = {bad[i], bad[i] + strlen(bad[i])};
        assert_false(notation_piece(&none, &piece, &bytes));
    }
    static const char large[] = "[{iov_base=0x1, iov_len=99999999999999999999999}]";
    notation = (struct notation){large, large + sizeof(large) - 1};
    assert_true(notation_piece(&notation, &piece, &bytes));
    assert_true(piece.length == UINT64_MAX);
    text_finish(&bytes);
}

static void test_addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *name;
        enum notation_family family;
    } addresses[] = {
        {"{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}", "127.0.0.1:80", FAMILY_INET},
        {"{sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
         "sin6_scope_id=0}",
         "[::1]:443", FAMILY_INET},
        {"{sa_family=AF_UNIX, sun_path=\"/run/a b\"}", "unix:/run/a b", FAMILY_UNIX},
        {"{sa_family=AF_UNIX, sun_path=@\"name\"}", "unix:@name", FAMILY_UNIX},
        {"{sa_family=AF_UNIX}", "unix:", FAMILY_UNIX},
        {"{sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}", "{sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}",
         FAMILY_NETLINK},
        {"{sa_family=AF_INET, sin_port=htons(80", NULL, FAMILY_OTHER},
        {"{sa_family=AF_INET, sin_port=80}", "{sa_family=AF_INET, sin_port=80}", FAMILY_INET},
        {"0x7ffd00", NULL, FAMILY_OTHER},
        {"NULL", NULL, FAMILY_OTHER},
    };
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct text name = {0};
        enum notation_family family;
        bool is_address = notation_address(addresses[i].text, strlen(addresses[i].text), &family, &name);
        if (addresses[i].name) {
            assert_true(is_address);
            assert_string_equal(name.bytes, addresses[i].name);
            assert_int_equal(family, addresses[i].family);
        } else if (is_address) {
            /* A text that ends too early is taken as it is. */
            assert_string_equal(name.bytes, addresses[i].text);
        }
        text_finish(&name);
    }
}

static void test_elements(void **state) {
    (void)state;
    static const char text[] = "[\"a\", \"b, \\\"c\\\"\", \"d\"]";
    struct text bytes = {0};
    assert_true(notation_element(text, sizeof(text) - 1, 1, &bytes));
    assert_string_equal(bytes.bytes, "b, \"c\"");
    assert_false(notation_element(text, sizeof(text) - 1, 3, &bytes));
    assert_false(notation_element("[]", 2, 0, &bytes));
    assert_false(notation_element("NULL", 4, 0, &bytes));
    text_finish(&bytes);
}

static void test_compatible(void **state) {
    (void)state;
    static const struct {
        const char *left;
        const char *right;
        bool compatible;
    } pairs[] = {
        {"/bin/ls [\"ls\", \"-l\"]", "/bin/ls [\"ls\", \"-l\"]", true},
        {"/bin/ls [\"ls\", \"-l\"]", "/bin/ls [\"ls\", \"-a\"]", false},
        {"/bin/ls [\"ls\", \"-long\"]", "/bin/ls [\"ls\", \"-l\"...]", true},
        {"/bin/ls [\"ls\", \"-long\", \"x\"]", "/bin/ls [\"ls\", \"-l\"..., \"y\"]", false},
        {"/bin/ls [\"ls\", \"-\\\"ong\", \"x\"]", "/bin/ls [\"ls\", \"-\"..., \"x\"]", true},
        {"/bin/ls [\"ls\", \"a\", \"b\"]", "/bin/ls [\"ls\", \"a\", ...]", true},
        {"/bin/ls [\"ls\"]", "/bin/ls [\"ls\", \"a\"]", false},
        {"\"ab\"...", "\"abc\"...", true},
        {"\"", "\"...", false},
        {"\"\\", "\"\\", true},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_int_equal(notation_compatible(pairs[i].left, pairs[i].right), pairs[i].compatible);
        assert_int_equal(notation_compatible(pairs[i].right, pairs[i].left), pairs[i].compatible);
    }
}

/* Every piece of a text, each in memory of just its size, so that a step beyond its end is found. */
static void test_no_text_is_read_beyond_its_end(void **state) {
    (void)state;
    static const char *const texts[] = {
        "[{iov_base=\"a\\377b\"..., iov_len=3}, {iov_base=0x7f, iov_len=4}, ...]",
        "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}",
        "{sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, \"::1\", &sin6_addr)}",
        "{sa_family=AF_UNIX, sun_path=@\"name\\x41\"}",
        "[\"a\", \"b\\\\\", {[(({{\"}]",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        size_t whole = strlen(texts[i]);
        for (size_t from = 0; from <= whole; from++) {
            for (size_t size = 0; from + size <= whole; size++) {
                char *copy = malloc(size + !size);
                assert_non_null(copy);
                memcpy(copy, texts[i] + from, size);
                struct notation notation = {copy, copy + size};
                struct notation_piece piece;
                struct text bytes = {0};
                enum notation_family family;
                while (notation_piece(&notation, &piece, &bytes)) {
                    assert_true(notation.at <= notation.end);
                }
                notation_address(copy, size, &family, &bytes);
                notation_element(copy, size, 1, &bytes);
                text_finish(&bytes);
                free(copy);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_compatible),
        cmocka_unit_test(test_no_text_is_read_beyond_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
