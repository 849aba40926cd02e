/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include "cleanup.h"
#include "printable.h"

#include <inttypes.h>
#include <mxml.h>
#include <string.h>

/* What a testsuite says of its cases. */
struct tally {
    size_t tests;
    size_t failures;
    size_t errors;
    size_t skipped;
    bool has_time;
    double seconds;
};

static void count(struct tally *tally, const struct findings *suite) {
    tally->tests += suite->count;
    for (size_t i = 0; i < suite->count; i++) {
        const struct finding *finding = &suite->each[i];
        tally->failures += finding->status == FINDING_FAILED;
        tally->errors += finding->status == FINDING_BROKEN;
        tally->skipped += finding->status == FINDING_SKIPPED;
        if (finding->seconds >= 0) {
            tally->has_time = true;
            tally->seconds += finding->seconds;
        }
    }
}

/* The library makes nodes without their text where there is no memory for it, and does not say so. */

/* NULL without memory. */
static mxml_node_t *add_element(mxml_node_t *parent, const char *name) {
    mxml_node_t *element = mxmlNewElement(parent, name);
    return element && mxmlGetElement(element) ? element : NULL;
}

/* All of these: false without memory. */

static bool add_text(mxml_node_t *parent, const char *text) {
    mxml_node_t *node = mxmlNewOpaque(parent, text);
    return node && mxmlGetOpaque(node);
}

static bool set(mxml_node_t *element, const char *name, const char *value) {
    mxmlElementSetAttr(element, name, value);
    return mxmlElementGetAttr(element, name) != NULL;
}

/* One line, whatever it is: readers turn line breaks in attributes into blanks. */
static bool set_text(mxml_node_t *element, const char *name, const char *value) {
    struct text text = {0};
    printable_add(&text, value, strlen(value), false);
    bool made = !text.failed && set(element, name, text.bytes ? text.bytes : "");
    text_finish(&text);
    return made;
}

static bool set_number(mxml_node_t *element, const char *name, size_t number) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%zu", number);
    return set(element, name, digits);
}

static bool set_seconds(mxml_node_t *element, double seconds) {
    char digits[400]; /* the largest double has 309 */
    snprintf(digits, sizeof(digits), "%.6f", seconds);
    return set(element, "time", digits);
}

/* The last dot of a class name ends that of its package in Jenkins. */
static bool set_class(mxml_node_t *element, const char *suite) {
    auto_free char *name = strdup(suite);
    for (char *at = name; at && *at; at++) {
        *at = *at == '.' ? '_' : *at;
    }
    return name && set_text(element, "classname", name);
}

/* Where to look, why, and the details: a case has no attribute for a file, and some readers show nothing but this. */
static bool add_story(mxml_node_t *element, const struct finding *finding) {
    struct text text = {0};
    bool is_warning = finding->status == FINDING_WARNED;
    if (finding->file) {
        printable_add(&text, finding->file, strlen(finding->file), false);
        if (finding->line) {
            text_add_char(&text, ':');
            text_add_unsigned(&text, finding->line);
        }
        text_add_string(&text, finding->reason || is_warning ? ": " : "\n");
    }
    if (is_warning) {
        text_add_string(&text, finding->reason ? "warning: " : "warning\n");
    }
    if (finding->reason) {
        printable_add_lines(&text, finding->reason);
        text_add_char(&text, '\n');
    }
    if (finding->details && finding->details[0]) {
        printable_add_lines(&text, finding->details);
        text_add_string(&text, text.length && text.bytes[text.length - 1] == '\n' ? "" : "\n");
    }
    bool made = !text.failed && (!text.length || add_text(element, text.bytes));
    text_finish(&text);
    return made;
}

static bool add_outcome(mxml_node_t *test, const struct finding *finding) {
    static const struct {
        const char *element;
        const char *type;
        const char *reason; /* if the finding has none */
    } outcomes[] = {
        [FINDING_PASSED] = {"system-out", NULL, NULL},
        [FINDING_FAILED] = {"failure", "failed", "failed"},
        [FINDING_WARNED] = {"system-out", NULL, NULL},
        [FINDING_SKIPPED] = {"skipped", NULL, NULL},
        [FINDING_BROKEN] = {"error", "broken", "it cannot be told"},
    };
    if (finding->status == FINDING_PASSED && !finding->reason && !finding->details) {
        return true;
    }
    mxml_node_t *outcome = add_element(test, outcomes[finding->status].element);
    const char *type = outcomes[finding->status].type;
    const char *reason = finding->reason ? finding->reason : outcomes[finding->status].reason;
    if (!outcome || (type && !set(outcome, "type", type))) {
        return false;
    }
    if (finding->status == FINDING_SKIPPED) {
        return !reason || set_text(outcome, "message", reason);
    }
    return (!type || set_text(outcome, "message", reason)) && add_story(outcome, finding);
}

static bool add_case(mxml_node_t *parent, const struct finding *finding, const char *suite) {
    mxml_node_t *test = add_element(parent, "testcase");
    return test && set_text(test, "name", finding->name) && set_class(test, suite) &&
           (finding->seconds < 0 || set_seconds(test, finding->seconds)) && add_outcome(test, finding);
}

/* The counts as attributes; Jenkins' schema has none for skipped cases on all suites together. */
static bool set_tally(mxml_node_t *element, const struct tally *tally, bool is_suite) {
    return set_number(element, "tests", tally->tests) && set_number(element, "failures", tally->failures) &&
           set_number(element, "errors", tally->errors) &&
           (!is_suite || set_number(element, "skipped", tally->skipped)) &&
           (!tally->has_time || set_seconds(element, tally->seconds));
}

static bool add_suite(mxml_node_t *parent, const struct findings *findings) {
    struct tally tally = {0};
    count(&tally, findings);
    mxml_node_t *suite = add_element(parent, "testsuite");
    bool made = suite && set_text(suite, "name", findings->suite) && set_tally(suite, &tally, true);
    for (size_t i = 0; i < findings->count && made; i++) {
        made = add_case(suite, &findings->each[i], findings->suite);
    }
    return made;
}

static bool add_suites(mxml_node_t *document, const struct findings *suites, size_t suite_count) {
    struct tally tally = {0};
    for (size_t i = 0; i < suite_count; i++) {
        count(&tally, &suites[i]);
    }
    mxml_node_t *all = add_element(document, "testsuites");
    bool made = all && set(all, "name", "renacer-sv") && set_tally(all, &tally, false);
    for (size_t i = 0; i < suite_count && made; i++) {
        made = add_suite(all, &suites[i]);
    }
    return made;
}

/* A line for each element; in those that have text none is added. */
static const char *line_breaks(mxml_node_t *node, int where) {
    const char *name = mxmlGetElement(node);
    if (where == MXML_WS_BEFORE_OPEN) {
        return name[0] == '?' ? NULL : "\n";
    }
    return where == MXML_WS_BEFORE_CLOSE && strncmp(name, "test", 4) == 0 ? "\n" : NULL;
}

bool report_junit(const struct findings *suites, size_t suite_count, FILE *stream) {
    mxml_node_t *document = mxmlNewXML("1.0");
    bool made = document && mxmlGetElement(document) && add_suites(document, suites, suite_count);
    if (made) {
        mxmlSetWrapMargin(0);
        mxmlSaveFile(document, stream, line_breaks);
    }
    mxmlDelete(document);
    return made;
}
