/* SPDX-License-Identifier: MIT
 *
 * Findings as JUnit XML and as GitHub's annotations, with what must not get through to either.
 */
#include "unit.h"

#include "findings.h"

#include <stdlib.h>
#include <string.h>

enum {
    HUGE_BYTES = 3 << 20,
};

static void add(struct findings *suite, enum finding_status status, const char *name, const char *reason,
                const char *details) {
    const struct finding finding = {
        .status = status, .name = name, .reason = reason, .details = details, .seconds = -1};
    assert_int_equal(findings_add(suite, &finding), 0);
}

static char *written(bool (*report)(const struct findings *, size_t, FILE *), const struct findings *suites,
                     size_t count) {
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_true(report(suites, count, stream));
    assert_int_equal(fclose(stream), 0);
    return text;
}

/* Whether xmllint takes the document, with Jenkins' schema and with ours, which is narrower. */
static void assert_valid(const char *document) {
    static const char *const schemas[] = {"junit-10.xsd", "junit.xsd"};
    const char *folder = getenv("TRACE_DATA");
    assert_non_null(folder);
    for (size_t i = 0; i < COUNT_OF(schemas); i++) {
        char command[4096];
        int length = snprintf(command, sizeof(command), "xmllint --huge --noout --schema '%s/%s' - >/dev/null 2>&1",
                              folder, schemas[i]);
        assert_in_range(length, 1, sizeof(command) - 1);
        FILE *reader = popen(command, "w");
        assert_non_null(reader);
        assert_int_equal(fwrite(document, 1, strlen(document), reader), strlen(document));
        int status = pclose(reader);
        if (status) {
            print_error("%s has failed for:\n%.4000s\n", command, document);
        }
        assert_int_equal(status, 0);
    }
}

static char *junit(const struct findings *suites, size_t count) {
    char *document = written(report_junit, suites, count);
    assert_valid(document);
    return document;
}

static void assert_holds(const char *text, const char *part) {
    if (!strstr(text, part)) {
        print_error("not found: %s\nin:\n%.4000s\n", part, text);
    }
    assert_non_null(strstr(text, part));
}

/* ------------------------------------------------------------------------ findings */

static void test_strings_are_copied(void **state) {
    (void)state;
    struct findings suite;
    char name[] = "calls";
    char file[] = "budgets.toml";
    assert_int_equal(findings_begin(&suite, name), 0);
    for (int i = 0; i < 100; i++) {
        const struct finding finding = {.status = FINDING_FAILED, .name = name, .file = file, .line = 7, .seconds = 2};
        assert_int_equal(findings_add(&suite, &finding), 0);
    }
    assert_int_equal(findings_conclude(&suite, name), 0);
    assert_int_equal(findings_conclude(&suite, "the second one counts"), 0);
    memset(name, 'x', sizeof(name) - 1);
    memset(file, 'x', sizeof(file) - 1);
    assert_string_equal(suite.suite, "calls");
    assert_string_equal(suite.conclusion, "the second one counts");
    assert_int_equal(suite.count, 100);
    for (size_t i = 0; i < suite.count; i++) {
        assert_string_equal(suite.each[i].name, "calls");
        assert_string_equal(suite.each[i].file, "budgets.toml");
        assert_null(suite.each[i].reason);
        assert_null(suite.each[i].details);
        assert_int_equal(suite.each[i].line, 7);
    }
    findings_finish(&suite);
    assert_int_equal(suite.count, 0);
    findings_finish(&suite);
}

/* One of each status, in two suites. */
static void fill(struct findings suites[2]) {
    assert_int_equal(findings_begin(&suites[0], "check a.json"), 0);
    const struct finding failed = {.status = FINDING_FAILED,
                                   .name = "calls of write",
                                   .reason = "12 calls, at most 10",
                                   .details = "write(1): 8\nwrite(2): 4\n",
                                   .file = "renacer.toml",
                                   .line = 12,
                                   .seconds = 0.25};
    assert_int_equal(findings_add(&suites[0], &failed), 0);
    struct finding warned = failed;
    warned.status = FINDING_WARNED;
    warned.name = "TightLoop";
    warned.details = NULL;
    warned.seconds = 1.5;
    assert_int_equal(findings_add(&suites[0], &warned), 0);
    add(&suites[0], FINDING_PASSED, "errors", NULL, NULL);
    add(&suites[0], FINDING_PASSED, "bytes", "10 bytes", NULL);
    assert_int_equal(findings_begin(&suites[1], "b"), 0);
    add(&suites[1], FINDING_SKIPPED, "PcieBottleneck", "not applicable", NULL);
    add(&suites[1], FINDING_BROKEN, "critical_path", "the trace has no times", NULL);
}

static void test_junit(void **state) {
    (void)state;
    struct findings suites[2];
    fill(suites);
    char *document = junit(suites, 2);
    assert_string_equal(
        document,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<testsuites name=\"renacer-sv\" tests=\"6\" failures=\"1\" errors=\"1\" time=\"1.750000\">\n"
        "<testsuite name=\"check a.json\" tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"1.750000\">\n"
        "<testcase name=\"calls of write\" classname=\"check a_json\" time=\"0.250000\">\n"
        "<failure type=\"failed\" message=\"12 calls, at most 10\">renacer.toml:12: 12 calls, at most 10\n"
        "write(1): 8\n"
        "write(2): 4\n"
        "</failure>\n"
        "</testcase>\n"
        "<testcase name=\"TightLoop\" classname=\"check a_json\" time=\"1.500000\">\n"
        "<system-out>renacer.toml:12: warning: 12 calls, at most 10\n"
        "</system-out>\n"
        "</testcase>\n"
        "<testcase name=\"errors\" classname=\"check a_json\" />\n"
        "<testcase name=\"bytes\" classname=\"check a_json\">\n"
        "<system-out>10 bytes\n"
        "</system-out>\n"
        "</testcase>\n"
        "</testsuite>\n"
        "<testsuite name=\"b\" tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"1\">\n"
        "<testcase name=\"PcieBottleneck\" classname=\"b\">\n"
        "<skipped message=\"not applicable\" />\n"
        "</testcase>\n"
        "<testcase name=\"critical_path\" classname=\"b\">\n"
        "<error type=\"broken\" message=\"the trace has no times\">the trace has no times\n"
        "</error>\n"
        "</testcase>\n"
        "</testsuite>\n"
        "</testsuites>\n");
    free(document);
    findings_finish(&suites[0]);
    findings_finish(&suites[1]);
}

static void test_github(void **state) {
    (void)state;
    struct findings suites[2];
    fill(suites);
    assert_int_equal(findings_conclude(&suites[1], "100 %\nof it"), 0);
    char *lines = written(report_github, suites, 2);
    assert_string_equal(
        lines,
        "::error file=renacer.toml,line=12,title=calls of write::12 calls, at most 10%0Awrite(1): 8%0Awrite(2): 4\n"
        "::warning file=renacer.toml,line=12,title=TightLoop::12 calls, at most 10\n"
        "::error title=critical_path::the trace has no times\n"
        "::notice title=check a.json::2 passed, 1 failed, 1 warning\n"
        "::notice title=b::100 %25%0Aof it\n");
    free(lines);
    findings_finish(&suites[0]);
    findings_finish(&suites[1]);
}

static void test_nothing_to_say(void **state) {
    (void)state;
    struct findings suite;
    assert_int_equal(findings_begin(&suite, ""), 0);
    char *lines = written(report_github, &suite, 1);
    assert_string_equal(lines, "::notice title=::nothing was checked\n");
    free(lines);
    free(junit(&suite, 0));
    free(junit(&suite, 1));
    add(&suite, FINDING_FAILED, "", NULL, "");
    add(&suite, FINDING_BROKEN, "", NULL, NULL);
    add(&suite, FINDING_WARNED, "", NULL, NULL);
    add(&suite, FINDING_SKIPPED, "", NULL, NULL);
    add(&suite, FINDING_PASSED, "", "", "");
    lines = written(report_github, &suite, 1);
    assert_string_equal(lines, "::error title=::failed\n"
                               "::error title=::it cannot be told\n"
                               "::warning title=::failed, which does not count\n"
                               "::notice title=::1 passed, 1 failed, 1 warning, 1 cannot be told, 1 skipped\n");
    free(lines);
    char *document = junit(&suite, 1);
    assert_holds(document, "<failure type=\"failed\" message=\"failed\" />");
    assert_holds(document, "<system-out>warning\n</system-out>");
    free(document);
    findings_finish(&suite);
}

/* ------------------------------------------------------------------- hostile strings */

static const char hostile[] =
    "a\"b'c<d>&amp;]]>\r\t\001\033[31m\177%41::error::,:\n"
    "::error file=/etc/passwd::line \377\303( \357\277\277 \355\240\200 \342\200\256 \303\244\n"
    "<![CDATA[ <!-- -->\n";

/* What of it may be left in a line. */
#define HOSTILE_LINE "\\r\\t\\001\\033[31m\\177"

static void add_hostile(struct findings *suite) {
    assert_int_equal(findings_begin(suite, hostile), 0);
    static const enum finding_status statuses[] = {FINDING_PASSED, FINDING_FAILED, FINDING_WARNED, FINDING_SKIPPED,
                                                   FINDING_BROKEN};
    for (size_t i = 0; i < COUNT_OF(statuses); i++) {
        const struct finding finding = {.status = statuses[i],
                                        .name = hostile,
                                        .reason = hostile,
                                        .details = hostile,
                                        .file = hostile,
                                        .line = UINT64_MAX,
                                        .seconds = i == 1 ? 1e300 : -1};
        assert_int_equal(findings_add(suite, &finding), 0);
    }
}

static void test_hostile_junit(void **state) {
    (void)state;
    struct findings suite;
    add_hostile(&suite);
    char *document = junit(&suite, 1);
    for (const char *at = document; *at; at++) {
        assert_true((uint8_t)*at >= 0x20 || *at == '\n');
    }
    assert_null(strchr(document, '\377'));
    assert_null(strstr(document, "\357\277\277"));
    assert_null(strstr(document, "\342\200\256"));
    assert_null(strstr(document, "]]>"));
    assert_null(strstr(document, "<!"));
    assert_holds(document, "name=\"a&quot;b'c&lt;d&gt;&amp;amp;]]&gt;" HOSTILE_LINE "%41::error::,:\\n::error");
    /* In text the lines stay. */
    assert_holds(document, HOSTILE_LINE "%41::error::,:\n::error file=/etc/passwd::line \\377\\303( "
                                        "\\357\\277\\277 \\355\\240\\200 \\342\\200\\256 \303\244\n"
                                        "&lt;![CDATA[ &lt;!-- --&gt;\n");
    free(document);
    findings_finish(&suite);
}

static void test_hostile_github(void **state) {
    (void)state;
    struct findings suite;
    add_hostile(&suite);
    assert_int_equal(findings_conclude(&suite, hostile), 0);
    char *lines = written(report_github, &suite, 1);
    size_t count = 0;
    for (char *line = lines; *line; line = strchr(line, '\n') + 1, count++) {
        static const char *const commands[] = {"::error ", "::warning ", "::error ", "::notice "};
        assert_in_range(count, 0, COUNT_OF(commands) - 1);
        assert_int_equal(strncmp(line, commands[count], strlen(commands[count])), 0);
        const char *end = strchr(line, '\n');
        const char *properties = strchr(line, ' ');
        const char *message = strstr(line + 2, "::");
        assert_true(message && message < end);
        size_t commas = 0;
        size_t equals = 0;
        for (const char *at = properties; at < message; at++) {
            commas += *at == ',';
            equals += *at == '=' && (at[-1] == 'e') &&
                      (strncmp(at - 4, "file", 4) == 0 || strncmp(at - 4, "line", 4) == 0 ||
                       strncmp(at - 5, "title", 5) == 0);
            assert_true(*at != ':');
        }
        /* Those that we write; what looks like one in a value is in one. */
        assert_int_equal(commas, count == COUNT_OF(commands) - 1 ? 0 : 2);
        assert_true(equals >= commas + 1);
    }
    assert_int_equal(count, 4);
    assert_holds(lines,
                 "line=18446744073709551615,title=a\"b'c<d>&amp;]]>" HOSTILE_LINE "%2541%3A%3Aerror%3A%3A%2C%3A\\n");
    assert_holds(lines, HOSTILE_LINE "%2541::error::,:%0A::error file=/etc/passwd::line \\377\\303(");
    free(lines);
    findings_finish(&suite);
}

static void test_huge(void **state) {
    (void)state;
    char *huge = malloc(HUGE_BYTES + 1);
    assert_non_null(huge);
    memset(huge, 'x', HUGE_BYTES);
    memcpy(huge + 4095 - 7, "\342\202\254", 3); /* goes over the limit, with "reason\n" before it */
    huge[HUGE_BYTES] = 0;
    struct findings suite;
    assert_int_equal(findings_begin(&suite, "suite"), 0);
    add(&suite, FINDING_FAILED, "one line", "reason", huge);
    for (size_t i = 0; i < HUGE_BYTES; i += 2) {
        huge[i] = '\n';
    }
    add(&suite, FINDING_FAILED, "many lines", "reason", huge);
    char *lines = written(report_github, &suite, 1);
    assert_in_range(strlen(lines), 4096, 3 * 4096);
    assert_holds(lines, "xxx...%0A... 3141640 more bytes\n");
    assert_holds(lines, "x%0A... 1572850 more lines\n");
    free(lines);
    char *document = junit(&suite, 1);
    assert_in_range(strlen(document), 2 * HUGE_BYTES, 2 * HUGE_BYTES + 4096);
    free(document);
    free(huge);
    findings_finish(&suite);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings_are_copied),
        cmocka_unit_test(test_junit),
        cmocka_unit_test(test_github),
        cmocka_unit_test(test_nothing_to_say),
        cmocka_unit_test(test_hostile_junit),
        cmocka_unit_test(test_hostile_github),
        cmocka_unit_test(test_huge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
