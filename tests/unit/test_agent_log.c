/* SPDX-License-Identifier: MIT
 *
 * Whatever is said, each line of the log is one JSON object by one write.
 */
#include "unit.h"

#include "agent_log.h"
#include "cleanup.h"
#include "diag.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Standard error is a pipe in packet mode (O_DIRECT), which keeps writes apart. */
struct world {
    int read_end;
    int standard_error;
    char line[2 * PIPE_BUF];
};

static int begin(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    int ends[2];
    if (!world || pipe2(ends, O_DIRECT | O_CLOEXEC | O_NONBLOCK) < 0) {
        free(world);
        return -1;
    }
    world->read_end = ends[0];
    world->standard_error = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    *state = world;
    return 0;
}

static int finish(void **state) {
    struct world *world = *state;
    diag_redirect(NULL);
    dup2(world->standard_error, STDERR_FILENO);
    close(world->standard_error);
    close(world->read_end);
    free(world);
    return 0;
}

/* The next write, as a string; its length. */
static size_t next_write(struct world *world) {
    ssize_t size = read(world->read_end, world->line, sizeof(world->line) - 1);
    assert_true(size >= 0);
    world->line[size] = 0;
    return (size_t)size;
}

static void assert_no_more(struct world *world) {
    assert_int_equal(read(world->read_end, world->line, sizeof(world->line)), -1);
    assert_int_equal(errno, EAGAIN);
}

/* The next line, which is all of a write; the caller deletes it. */
static cJSON *next_line(struct world *world) {
    size_t size = next_write(world);
    assert_in_range(size, 2, PIPE_BUF);
    assert_int_equal(world->line[size - 1], '\n');
    assert_ptr_equal(memchr(world->line, '\n', size), world->line + size - 1);
    cJSON *line = cJSON_ParseWithOpts(world->line, NULL, true);
    if (!line) {
        fail_msg("this is not JSON: %s", world->line);
    }
    assert_true(cJSON_IsObject(line));
    return line;
}

static const char *text_of(const cJSON *line, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(line, name));
    assert_non_null(text);
    return text;
}

static void test_a_line(void **state) {
    struct world *world = *state;
    static const struct log_member members[] = {
        {"container", "box", 0}, {"pid", NULL, 17}, {"least", NULL, INT64_MIN}, {"most", NULL, INT64_MAX}};
    struct tm parts = {0};
    time_t before = time(NULL);
    errno = EXDEV;
    agent_log(LOG_LEVEL_INFO, "tracing", members, COUNT_OF(members), "container '%s' is %s", "box", "traced");
    assert_int_equal(errno, EXDEV);
    cJSON *line = next_line(world);
    assert_no_more(world);
    assert_string_equal(text_of(line, "level"), "info");
    assert_string_equal(text_of(line, "event"), "tracing");
    assert_string_equal(text_of(line, "message"), "container 'box' is traced");
    assert_string_equal(text_of(line, "container"), "box");
    assert_int_equal(cJSON_GetObjectItem(line, "pid")->valueint, 17);
    assert_null(cJSON_GetObjectItem(line, "cut"));
    const char *now = text_of(line, "time");
    const char *end = strptime(now, "%Y-%m-%dT%H:%M:%S.", &parts);
    assert_non_null(end);
    assert_int_equal(strspn(end, "0123456789"), 3);
    assert_string_equal(end + 3, "Z");
    assert_in_range(timegm(&parts), before, time(NULL));
    cJSON_Delete(line);
}

static void test_exact_bytes(void **state) {
    struct world *world = *state;
    static const struct log_member members[] = {{"least", NULL, INT64_MIN}, {"most", NULL, INT64_MAX}};
    agent_log(LOG_LEVEL_ERROR, "stopping", members, COUNT_OF(members), "bye");
    next_write(world);
    const char *behind = strstr(world->line, "\",\"level\"");
    assert_non_null(behind);
    assert_int_equal(behind - world->line, strlen("{\"time\":\"2026-01-01T00:00:00.000Z"));
    assert_string_equal(behind, "\",\"level\":\"error\",\"event\":\"stopping\",\"message\":\"bye\","
                                "\"least\":-9223372036854775808,\"most\":9223372036854775807}\n");
}

static void test_strange_bytes(void **state) {
    struct world *world = *state;
    struct log_member member = {"text", "\"\\\n\r\t\001\033[31m\177\302\233 gr\303\274n \342\202\254 \360\237\230\200",
                                0};
    agent_log(LOG_LEVEL_WARNING, "refused", &member, 1, "%s", member.text);
    cJSON *line = next_line(world);
    assert_string_equal(text_of(line, "text"), member.text);
    assert_string_equal(text_of(line, "message"), member.text);
    assert_string_equal(text_of(line, "level"), "warning");
    for (const char *each = world->line; *each != '\n'; each++) {
        assert_true((unsigned char)*each >= ' ' && *each != 0x7f);
    }
    cJSON_Delete(line);
    /* What is not UTF-8 is still shown. */
    member.text = "a\xff\xc3(\xed\xa0\x80\"";
    agent_log(LOG_LEVEL_WARNING, "refused", &member, 1, "%s", "\x80");
    line = next_line(world);
    assert_string_equal(text_of(line, "text"), "a\\377\\303(\\355\\240\\200\"");
    assert_string_equal(text_of(line, "message"), "\\200");
    cJSON_Delete(line);
}

/* `count` times the same bytes; the caller frees it. */
static char *repeat(const char *bytes, size_t count) {
    size_t size = strlen(bytes);
    char *all = malloc(size * count + 1);
    assert_non_null(all);
    for (size_t i = 0; i < count; i++) {
        memcpy(all + i * size, bytes, size);
    }
    all[size * count] = 0;
    return all;
}

static void test_long_texts(void **state) {
    struct world *world = *state;
    static const char *const pieces[] = {
        "a", "\"", "\033", "\303\274", "\342\202\254", "\360\237\230\200", "\xff", "\x80", "a\033\303\274", "\302\205"};
    static const size_t sizes[] = {300,  940,  990,  995,  998,  999,  1000, 1500,
                                   1990, 1997, 1998, 1999, 2000, 3990, 5000, 70000};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        for (size_t j = 0; j < COUNT_OF(sizes); j++) {
            auto_free char *text = repeat(pieces[i], sizes[j] / strlen(pieces[i]));
            struct log_member members[] = {
                {"a", text, 0}, {"b", text, 0}, {"c", text, 0}, {"d", text, 0}, {"e", NULL, 5}};
            size_t count = j % (COUNT_OF(members) + 1);
            agent_log(LOG_LEVEL_INFO, "tracing", members, count, "%s", text);
            cJSON *line = next_line(world);
            const char *shown = text_of(line, "message");
            size_t length = strlen(shown);
            if (strcmp(shown, text) != 0 && !strchr("\x80\xff", pieces[i][0])) {
                /* Cut, between characters, and not without need: an escape takes up to six bytes. */
                assert_string_equal(shown + length - 3, "...");
                assert_memory_equal(shown, text, length - 3);
                assert_int_equal((length - 3) % strlen(pieces[i]) && pieces[i][1] != '\033', 0);
                assert_in_range(length, 300, 2000);
            }
            assert_no_more(world);
            cJSON_Delete(line);
        }
    }
}

static void test_too_many_members(void **state) {
    struct world *world = *state;
    auto_free char *text = repeat("x", 900);
    struct log_member members[20];
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        members[i] = (struct log_member){"member", i % 2 ? text : NULL, INT64_MIN};
    }
    agent_log(LOG_LEVEL_INFO, "tracing", members, COUNT_OF(members), "%s", text);
    cJSON *line = next_line(world);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(line, "cut")));
    assert_int_equal(strlen(text_of(line, "message")), 900);
    /* One of 900 bytes fits whole, three times; numbers are left out where there is no room for them as well. */
    assert_int_equal(cJSON_GetObjectItem(line, "member")->type, cJSON_Number);
    assert_int_equal(strlen(cJSON_GetArrayItem(line, 5)->valuestring), 900);
    assert_in_range(cJSON_GetArraySize(line), 4 + 6 + 1, 4 + COUNT_OF(members));
    cJSON_Delete(line);
}

static void test_diagnostics(void **state) {
    struct world *world = *state;
    struct diagnostic_log box;
    struct diagnostic_log none;
    diag("as ever: %d", 1);
    next_write(world);
    assert_string_equal(world->line, "renacer-sv: as ever: 1\n");
    agent_log_diagnostics(&box, "box");
    errno = EXDEV;
    diag_errno(ENOENT, "cannot open '%s'", "a\nb");
    assert_int_equal(errno, EXDEV);
    cJSON *line = next_line(world);
    assert_string_equal(text_of(line, "event"), "diagnostic");
    assert_string_equal(text_of(line, "level"), "warning");
    assert_string_equal(text_of(line, "container"), "box");
    assert_string_equal(text_of(line, "message"), "cannot open 'a\nb': No such file or directory");
    cJSON_Delete(line);
    agent_log_diagnostics(&none, NULL);
    diag("of the agent");
    line = next_line(world);
    assert_null(cJSON_GetObjectItem(line, "container"));
    assert_string_equal(text_of(line, "message"), "of the agent");
    cJSON_Delete(line);
    assert_no_more(world);
    diag_redirect(NULL);
    diag_errno(EPERM, "again");
    next_write(world);
    assert_string_equal(world->line, "renacer-sv: again: Operation not permitted\n");
}

static void test_long_diagnostics(void **state) {
    struct world *world = *state;
    auto_free char *text = repeat("x", 5000);
    diag("%s", text);
    assert_int_equal(next_write(world), 2047);
    assert_int_equal(world->line[2046], '\n');
    diag_errno(EPERM, "%s", text);
    assert_int_equal(next_write(world), 2047);
    struct diagnostic_log box;
    agent_log_diagnostics(&box, "box");
    diag("%s", text);
    cJSON *line = next_line(world);
    assert_in_range(strlen(text_of(line, "message")), 1900, 2000);
    assert_string_equal(text_of(line, "container"), "box");
    cJSON_Delete(line);
}

/* Nobody reads the log any more: nobody waits for that either. */
static void test_a_full_pipe(void **state) {
    (void)state;
    while (write(STDERR_FILENO, "x", 1) == 1) {
    }
    errno = EXDEV;
    agent_log(LOG_LEVEL_INFO, "stopping", NULL, 0, "bye");
    assert_int_equal(errno, EXDEV);
    diag("bye");
    assert_int_equal(errno, EXDEV);
}

/* What a session forks (its guardian) speaks as it does. */
static void test_a_forked_process(void **state) {
    struct world *world = *state;
    struct diagnostic_log box;
    int status = -1;
    agent_log_diagnostics(&box, "box");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        diag("from the child");
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    cJSON *line = next_line(world);
    assert_string_equal(text_of(line, "container"), "box");
    assert_string_equal(text_of(line, "message"), "from the child");
    cJSON_Delete(line);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line, begin, finish),
        cmocka_unit_test_setup_teardown(test_exact_bytes, begin, finish),
        cmocka_unit_test_setup_teardown(test_strange_bytes, begin, finish),
        cmocka_unit_test_setup_teardown(test_long_texts, begin, finish),
        cmocka_unit_test_setup_teardown(test_too_many_members, begin, finish),
        cmocka_unit_test_setup_teardown(test_diagnostics, begin, finish),
        cmocka_unit_test_setup_teardown(test_long_diagnostics, begin, finish),
        cmocka_unit_test_setup_teardown(test_a_full_pipe, begin, finish),
        cmocka_unit_test_setup_teardown(test_a_forked_process, begin, finish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
