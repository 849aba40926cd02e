/* SPDX-License-Identifier: MIT
 *
 * States as runtimes send them, and what nobody should send.
 */
#include "unit.h"

#include "cleanup.h"
#include "container_state.h"
#include "object_end.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

static char problem[256];

/* crun 1.8.1 */
static const char crun[] = "{\n    \"ociVersion\": \"0.2.0\",\n    \"fds\": [\n        \"seccompFd\"\n    ],\n"
                           "    \"pid\": 18968,\n    \"metadata\": \"-e 'read'\",\n    \"state\": {\n"
                           "        \"ociVersion\": \"0.2.0\",\n        \"id\": \"box-crun\",\n"
                           "        \"status\": \"creating\",\n        \"pid\": 18968,\n"
                           "        \"bundle\": \"/srv/box\",\n        \"annotations\": {\n"
                           "            \"org.example.note\": \"a \\\"note\\\"\"\n        }\n    }\n}\n";

/* runc 1.1.5 */
static const char runc[] =
    "{\"ociVersion\":\"1.0.2-dev\",\"fds\":[\"seccompFd\"],\"pid\":18981,\"metadata\":\"-e 'read'\",\"state\":"
    "{\"ociVersion\":\"1.0.2-dev\",\"id\":\"box-runc\",\"status\":\"creating\",\"pid\":18980,\"bundle\":\"/srv/box\","
    "\"annotations\":{\"org.example.note\":\"a \\\"note\\\"\"}}}";

/* The least. */
static const char least[] = "{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}}";

/* In memory of exactly its size, so that a sanitizer sees whoever reads beyond. */
static int parse_bytes(struct container_state *state, const char *bytes, size_t size) {
    auto_free char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memset(state, 0xee, sizeof(*state));
    problem[0] = 0;
    return container_state_parse(state, copy, size, problem, sizeof(problem));
}

static int parse(struct container_state *state, const char *json) {
    return parse_bytes(state, json, strlen(json));
}

/* It is refused, and the sentence has these words in it. */
static void assert_refused_bytes(const char *bytes, size_t size, const char *words) {
    struct container_state state;
    if (parse_bytes(&state, bytes, size) != -EINVAL || !strstr(problem, words)) {
        fail_msg("'%.*s': '%s' has no '%s'", (int)size, bytes, problem, words);
    }
    for (const char *each = problem; *each; each++) {
        assert_in_range(*each, ' ', '~');
    }
    assert_null(state.id);
    assert_null(state.bundle);
    assert_null(state.metadata);
    assert_null(state.version);
    assert_int_equal(state.fd_count, 0);
}

static void assert_refused(const char *json, const char *words) {
    assert_refused_bytes(json, strlen(json), words);
}

static void test_real_runtimes(void **unused) {
    (void)unused;
    struct container_state state;
    assert_int_equal(parse(&state, crun), 0);
    assert_string_equal(state.id, "box-crun");
    assert_int_equal(state.pid, 18968);
    assert_int_equal(state.process_pid, 18968);
    assert_string_equal(state.bundle, "/srv/box");
    assert_string_equal(state.metadata, "-e 'read'");
    assert_string_equal(state.version, "0.2.0");
    assert_int_equal(state.fd_count, 1);
    assert_int_equal(state.listener, 0);
    container_state_finish(&state);
    assert_null(state.id);
    assert_int_equal(parse(&state, runc), 0);
    assert_string_equal(state.id, "box-runc");
    assert_int_equal(state.pid, 18980);
    assert_int_equal(state.process_pid, 18981);
    assert_string_equal(state.version, "1.0.2-dev");
    container_state_finish(&state);
}

/* crun does not know the process that it has started in a running container. */
static void test_crun_exec(void **unused) {
    (void)unused;
    struct container_state state;
    assert_int_equal(
        parse(&state, "{\"ociVersion\":\"0.2.0\",\"fds\":[\"seccompFd\"],\"pid\":0,\"metadata\":\"\",\"state\":{"
                      "\"ociVersion\":\"0.2.0\",\"id\":\"box\",\"status\":\"running\",\"pid\":0,\"bundle\":\".\"}}"),
        0);
    assert_string_equal(state.id, "box");
    assert_int_equal(state.pid, 0);
    assert_int_equal(state.process_pid, 0);
    container_state_finish(&state);
}

static void test_the_least(void **unused) {
    (void)unused;
    static const char *const same[] = {
        least,
        " \n{\"state\":{\"pid\":0,\"id\":\"a\"},\"pid\":1,\"fds\":[\"seccompFd\"]}\r\n\t ",
        "{\"metadata\":null,\"ociVersion\":null,\"fds\":[\"seccompFd\"],\"pid\":1,"
        "\"state\":{\"bundle\":null,\"pid\":null,\"id\":\"\\u0061\"}}",
    };
    for (size_t i = 0; i < COUNT_OF(same); i++) {
        struct container_state state;
        assert_int_equal(parse(&state, same[i]), 0);
        assert_string_equal(state.id, "a");
        assert_int_equal(state.pid, 0);
        assert_int_equal(state.process_pid, 1);
        assert_null(state.bundle);
        assert_null(state.metadata);
        assert_null(state.version);
        assert_int_equal(state.fd_count, 1);
        container_state_finish(&state);
    }
}

/* Members that are not known, of any kind, and known names where they mean nothing. */
static void test_unknown_members(void **unused) {
    (void)unused;
    struct container_state state;
    assert_int_equal(
        parse(&state,
              "{\"x\":{\"fds\":[1],\"pid\":-1,\"state\":{\"id\":7}},\"id\":[{}],\"bundle\":1e999,\"y\":[[\"a\",{}]],"
              "\"fds\":[\"a\",\"seccompFd\",\"\"],\"huge\":99999999999999999999999,\"no\":false,\"none\":null,"
              "\"pid\":2147483647,\"x\":1,\"state\":{\"annotations\":{\"id\":\"wrong\",\"pid\":3},\"metadata\":4,"
              "\"state\":{\"id\":\"wrong\"},\"fds\":1,\"id\":\"A-z_0+9.\",\"pid\":7,\"hooks\":[]},\"nul\\u0000\":"
              "\"\\u0000\"}"),
        0);
    assert_string_equal(state.id, "A-z_0+9.");
    assert_int_equal(state.pid, 7);
    assert_int_equal(state.process_pid, 2147483647);
    assert_int_equal(state.fd_count, 3);
    assert_int_equal(state.listener, 1);
    assert_null(state.bundle);
    container_state_finish(&state);
}

static void test_refused(void **unused) {
    (void)unused;
    static const struct {
        const char *json;
        const char *words;
    } cases[] = {
        {"", "not one JSON object"},
        {" \n", "not one JSON object"},
        {"[]", "a list, not an object"},
        {"\"x\"", "a string, not an object"},
        {"17", "a number, not an object"},
        {"null", "null, not an object"},
        {"true", "true or false, not an object"},
        {"hello", "not one JSON object"},
        {"{}", "\"fds\" is missing"},
        {"{\"pid\":1,\"state\":{\"id\":\"a\"}}", "\"fds\" is missing"},
        {"{\"fds\":[\"seccompFd\"],\"state\":{\"id\":\"a\"}}", "\"pid\" is missing"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1}", "\"state\" is missing"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{}}", "\"id\" in \"state\" is missing"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"id\":\"a\",\"state\":{\"pid\":1}}", "\"id\" in \"state\" is missing"},
        {"{\"fds\":[],\"pid\":1,\"state\":{\"id\":\"a\"}}", "does not name \"seccompFd\""},
        {"{\"fds\":[\"seccompfd\"],\"pid\":1,\"state\":{\"id\":\"a\"}}", "does not name \"seccompFd\""},
        {"{\"fds\":[\"seccompFd\\u0000\"],\"pid\":1,\"state\":{\"id\":\"a\"}}", "does not name \"seccompFd\""},
        {"{\"fds\":[\"seccompFd\",\"seccompFd\"]}", "twice"},
        {"{\"fds\":null}", "\"fds\" is null, not a list"},
        {"{\"fds\":\"seccompFd\"}", "\"fds\" is a string, not a list"},
        {"{\"fds\":{\"seccompFd\":0}}", "\"fds\" is an object, not a list"},
        {"{\"fds\":[0]}", "a number among the names"},
        {"{\"fds\":[[\"seccompFd\"]]}", "a list among the names"},
        {"{\"fds\":[{}]}", "an object among the names"},
        {"{\"fds\":[null]}", "null among the names"},
        {"{\"fds\":[true]}", "true or false among the names"},
        {"{\"pid\":\"1\"}", "\"pid\" is a string, not a number"},
        {"{\"pid\":null}", "\"pid\" is null, not a number"},
        {"{\"pid\":-1}", "\"pid\" is no number of a process"},
        {"{\"pid\":1.0}", "\"pid\" is no number of a process"},
        {"{\"pid\":1e3}", "\"pid\" is no number of a process"},
        {"{\"pid\":2147483648}", "\"pid\" is no number of a process"},
        {"{\"pid\":4294967297}", "\"pid\" is no number of a process"},
        {"{\"pid\":18446744073709551617}", "\"pid\" is no number of a process"},
        {"{\"state\":{\"pid\":-1}}", "\"pid\" in \"state\" is no number of a process"},
        {"{\"state\":{\"pid\":[]}}", "\"pid\" in \"state\" is a list, not a number"},
        {"{\"state\":[]}", "\"state\" is a list, not an object"},
        {"{\"state\":\"{}\"}", "\"state\" is a string, not an object"},
        {"{\"state\":{\"id\":1}}", "\"id\" in \"state\" is a number, not a string"},
        {"{\"state\":{\"id\":null}}", "\"id\" in \"state\" is null, not a string"},
        {"{\"state\":{\"id\":{}}}", "\"id\" in \"state\" is an object, not a string"},
        {"{\"state\":{\"bundle\":true}}", "\"bundle\" in \"state\" is true or false, not a string"},
        {"{\"metadata\":{}}", "\"metadata\" is an object, not a string"},
        {"{\"ociVersion\":1}", "\"ociVersion\" is a number, not a string"},
        {"{\"pid\":1,\"pid\":1}", "\"pid\" is there twice"},
        {"{\"metadata\":null,\"metadata\":\"-q\"}", "\"metadata\" is there twice"},
        {"{\"fds\":[\"seccompFd\"],\"\\u0066ds\":[]}", "\"fds\" is there twice"},
        {"{\"state\":{\"id\":\"a\",\"id\":\"b\"}}", "\"id\" in \"state\" is there twice"},
        {"{\"state\":{},\"state\":{}}", "\"state\" is there twice"},
        {"{\"metadata\":\"a\\u0000b\"}", "NUL"},
        {"{\"state\":{\"id\":\"a\\u0000\"}}", "NUL"},
        {"{\"state\":{\"bundle\":\"\\u0000\"}}", "NUL"},
        {"{\"metadata\":\"\xff\"}", "not one JSON object"},
        {"{\"metadata\":\"\xc3\"}", "not one JSON object"},
        {"{\"metadata\":\"\xed\xa0\x80\"}", "not"},
        {"{\"metadata\":\"\xc0\x80\"}", "not"},
        {"{\"metadata\":\"a\nb\"}", "not one JSON object"},
        {"{\"metadata\":'a'}", "not one JSON object"},
        {"{\"metadata\":\"a\",}", "not one JSON object"},
        {"{\"metadata\":\"\\x\"}", "not one JSON object"},
        {"/* */{}", "not one JSON object"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}}}", "not one JSON object"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}} {}", "not one JSON object"},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}} 1", "not one JSON object"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_refused(cases[i].json, cases[i].words);
    }
    static const char nul_behind[] = "{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}}";
    assert_refused_bytes(nul_behind, sizeof(nul_behind), "not one JSON object"); /* with its NUL */
}

/* Half a surrogate pair is no character: whatever becomes of it, what is kept is UTF-8. */
static void test_half_a_surrogate_pair(void **unused) {
    (void)unused;
    static const char *const halves[] = {"\\ud800", "\\udc00", "\\ud800\\ud800", "\\ud800x", "\\ud800\\u0041"};
    for (size_t i = 0; i < COUNT_OF(halves); i++) {
        char json[128];
        struct container_state state;
        snprintf(json, sizeof(json), "{\"metadata\":\"%s\",\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"}}",
                 halves[i]);
        if (parse(&state, json) == 0) {
            assert_null(u8_check((const uint8_t *)state.metadata, strlen(state.metadata)));
            container_state_finish(&state);
        } else {
            assert_non_null(strstr(problem, "\"metadata\""));
        }
    }
}

static void test_ids(void **unused) {
    (void)unused;
    static const char *const wrong[] = {"",    ".",    "..",      ".hidden", "a/b", "/",
                                        "a b", "a\\n", "\\u00e4", "a:b",     "*",   "a\\\\"};
    char json[512];
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        snprintf(json, sizeof(json), "{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"%s\"}}", wrong[i]);
        assert_refused(json, "the container's id ");
    }
    static const char *const right[] = {"a", "-", "+", "_", "a..", "0", "Box-1_2+3.4"};
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        struct container_state state;
        snprintf(json, sizeof(json), "{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"%s\"}}", right[i]);
        assert_int_equal(parse(&state, json), 0);
        assert_string_equal(state.id, right[i]);
        container_state_finish(&state);
    }
}

/* A state with an id or metadata of this length; the caller frees it. */
static char *with_length(const char *begin, const char *behind, size_t length) {
    char *json = NULL;
    auto_free char *filler = malloc(length + 1);
    assert_non_null(filler);
    memset(filler, 'x', length);
    filler[length] = 0;
    assert_true(asprintf(&json, "%s%s%s", begin, filler, behind) > 0);
    return json;
}

static void test_lengths(void **unused) {
    (void)unused;
    static const struct {
        const char *begin;
        const char *behind;
        size_t most;
    } cases[] = {
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"", "\"}}", CONTAINER_ID_MAX},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"},\"metadata\":\"", "\"}", CONTAINER_METADATA_MAX},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\",\"bundle\":\"", "\"}}", 4096},
        {"{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"},\"ociVersion\":\"", "\"}", 4096},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct container_state state;
        auto_free char *json = with_length(cases[i].begin, cases[i].behind, cases[i].most);
        assert_int_equal(parse(&state, json), 0);
        container_state_finish(&state);
        auto_free char *longer = with_length(cases[i].begin, cases[i].behind, cases[i].most + 1);
        assert_refused(longer, "is longer than ");
    }
}

static void test_numbers_of_descriptors(void **unused) {
    (void)unused;
    for (size_t count = CONTAINER_FDS_MAX; count <= CONTAINER_FDS_MAX + 1; count++) {
        char json[4096] = "{\"pid\":1,\"state\":{\"id\":\"a\"},\"fds\":[";
        for (size_t i = 1; i < count; i++) {
            strcat(json, "\"other\",");
        }
        strcat(json, "\"seccompFd\"]}");
        struct container_state state;
        if (count > CONTAINER_FDS_MAX) {
            assert_refused(json, "more than 253 descriptors");
        } else {
            assert_int_equal(parse(&state, json), 0);
            assert_int_equal(state.fd_count, count);
            assert_int_equal(state.listener, count - 1);
            container_state_finish(&state);
        }
    }
}

/* A million brackets cost neither the stack nor much time. */
static void test_depth(void **unused) {
    (void)unused;
    enum {
        DEPTH = 500000,
    };
    static const char begin[] = "{\"fds\":[\"seccompFd\"],\"pid\":1,\"state\":{\"id\":\"a\"},\"x\":";
    size_t length = strlen(begin);
    size_t size = length + 2 * (size_t)DEPTH + 1;
    auto_free char *json = malloc(size);
    assert_non_null(json);
    memcpy(json, begin, length);
    memset(json + length, '[', DEPTH);
    memset(json + length + DEPTH, ']', DEPTH);
    json[size - 1] = '}';
    struct container_state state;
    assert_int_equal(parse_bytes(&state, json, size), 0);
    container_state_finish(&state);
    assert_refused_bytes(json, size - 1, "not one JSON object");
    struct object_end end = {0};
    assert_int_equal(object_end_feed(&end, json, size - 1), OBJECT_OPEN);
    assert_int_equal(object_end_feed(&end, json + size - 1, 1), OBJECT_ENDED);
}

/* What is cut off anywhere is no state, and its end is not taken for seen; fed bytewise as in one piece. */
static void test_cut_off(void **unused) {
    (void)unused;
    static const char *const wholes[] = {crun, runc, least};
    for (size_t i = 0; i < COUNT_OF(wholes); i++) {
        size_t size = (size_t)(strrchr(wholes[i], '}') - wholes[i]) + 1;
        struct object_end bytewise = {0};
        for (size_t cut = 0; cut < size; cut++) {
            struct object_end end = {0};
            assert_refused_bytes(wholes[i], cut, "not one JSON object");
            assert_int_equal(object_end_feed(&end, wholes[i], cut), cut ? OBJECT_OPEN : OBJECT_AHEAD);
            assert_int_equal(object_end_feed(&bytewise, wholes[i] + cut, 1),
                             cut + 1 < size ? OBJECT_OPEN : OBJECT_ENDED);
        }
        struct object_end end = {0};
        assert_int_equal(object_end_feed(&end, wholes[i], strlen(wholes[i])), OBJECT_ENDED);
        assert_int_equal(object_end_feed(&end, "{", 1), OBJECT_ENDED);
    }
}

static void test_ends_of_objects(void **unused) {
    (void)unused;
    static const struct {
        const char *bytes;
        enum object_state state;
    } cases[] = {
        {"", OBJECT_AHEAD},           {" \t\r\n", OBJECT_AHEAD},
        {"x", OBJECT_NONE},           {"  [", OBJECT_NONE},
        {"\"{}\"", OBJECT_NONE},      {"\xef\xbb\xbf{}", OBJECT_NONE},
        {"{", OBJECT_OPEN},           {" {}", OBJECT_ENDED},
        {"{{}", OBJECT_OPEN},         {"{\"}\"", OBJECT_OPEN},
        {"{\"}\"}", OBJECT_ENDED},    {"{\"\\\"}\"", OBJECT_OPEN},
        {"{\"\\\\\"}", OBJECT_ENDED}, {"{\"\\\\\\\"}", OBJECT_OPEN},
        {"{[}]", OBJECT_ENDED}, /* what the parser refuses */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct object_end end = {0};
        assert_int_equal(object_end_feed(&end, cases[i].bytes, strlen(cases[i].bytes)), cases[i].state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_runtimes),
        cmocka_unit_test(test_crun_exec),
        cmocka_unit_test(test_the_least),
        cmocka_unit_test(test_unknown_members),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_half_a_surrogate_pair),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_numbers_of_descriptors),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_ends_of_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
