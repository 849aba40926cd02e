/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include "printable.h"

#include <inttypes.h>
#include <string.h>

enum {
    MESSAGE_BYTES = 4096,
    MESSAGE_LINES = 16,
};

/* As the runner takes them apart again: in properties a colon and a comma have a meaning as well. */
static void print_escaped(FILE *stream, const char *bytes, size_t size, bool is_property) {
    const char *special = is_property ? "%\r\n:," : "%\r\n";
    for (size_t i = 0; i < size; i++) {
        if (strchr(special, bytes[i])) {
            fprintf(stream, "%%%02X", (unsigned)bytes[i]);
        } else {
            fputc(bytes[i], stream);
        }
    }
}

/* False without memory. */
static bool print_property(FILE *stream, const char *name, const char *value) {
    struct text text = {0};
    printable_add(&text, value, strlen(value), false);
    fprintf(stream, "%s=", name);
    print_escaped(stream, text.bytes, text.length, true);
    bool printed = !text.failed;
    text_finish(&text);
    return printed;
}

/* How many bytes of it are shown: a few lines, and no part of a character. */
static size_t shown(const struct text *message) {
    size_t most = printable_cut(message->bytes, message->length, MESSAGE_BYTES);
    size_t size = 0;
    for (unsigned lines = 0; lines < MESSAGE_LINES && size < most; lines++) {
        const char *end = memchr(message->bytes + size, '\n', most - size);
        size = end ? (size_t)(end + 1 - message->bytes) : most;
    }
    return size;
}

static void print_message(FILE *stream, const struct text *message) {
    size_t size = shown(message);
    print_escaped(stream, message->bytes, size, false);
    if (size == message->length) {
        return;
    }
    size_t lines = 1; /* that is left out, and is not empty: messages do not end with a line break */
    for (size_t i = size; i < message->length; i++) {
        lines += message->bytes[i] == '\n';
    }
    bool is_whole = message->bytes[size - 1] == '\n';
    if (is_whole) {
        fprintf(stream, "... %zu more line%s", lines, lines == 1 ? "" : "s");
    } else {
        fprintf(stream, "...%%0A... %zu more bytes", message->length - size);
    }
}

static void add_message(struct text *message, const struct finding *finding) {
    static const char *const reasons[] = {[FINDING_FAILED] = "failed",
                                          [FINDING_WARNED] = "failed, which does not count",
                                          [FINDING_BROKEN] = "it cannot be told"};
    printable_add_lines(message, finding->reason ? finding->reason : reasons[finding->status]);
    if (finding->details && finding->details[0]) {
        text_add_char(message, '\n');
        printable_add_lines(message, finding->details);
    }
    while (message->length && message->bytes[message->length - 1] == '\n') {
        message->bytes[--message->length] = 0;
    }
}

static bool annotate(FILE *stream, const struct finding *finding) {
    if (finding->status == FINDING_PASSED || finding->status == FINDING_SKIPPED) {
        return true;
    }
    struct text message = {0};
    add_message(&message, finding);
    bool printed = !message.failed;
    fprintf(stream, "::%s ", finding->status == FINDING_WARNED ? "warning" : "error");
    if (finding->file) {
        printed = print_property(stream, "file", finding->file) && printed;
        fputc(',', stream);
    }
    if (finding->file && finding->line) {
        fprintf(stream, "line=%" PRIu64 ",", finding->line);
    }
    printed = print_property(stream, "title", finding->name) && printed;
    fputs("::", stream);
    if (!message.failed) {
        print_message(stream, &message);
    }
    fputc('\n', stream);
    text_finish(&message);
    return printed;
}

static void print_counts(FILE *stream, const struct findings *suite) {
    static const struct {
        enum finding_status status;
        const char *words[2];
    } kinds[] = {{FINDING_PASSED, {"passed", "passed"}},
                 {FINDING_FAILED, {"failed", "failed"}},
                 {FINDING_WARNED, {"warning", "warnings"}},
                 {FINDING_BROKEN, {"cannot be told", "cannot be told"}},
                 {FINDING_SKIPPED, {"skipped", "skipped"}}};
    const char *comma = "";
    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        size_t count = 0;
        for (size_t i = 0; i < suite->count; i++) {
            count += suite->each[i].status == kinds[kind].status;
        }
        if (count) {
            fprintf(stream, "%s%zu %s", comma, count, kinds[kind].words[count != 1]);
            comma = ", ";
        }
    }
    fputs(*comma ? "" : "nothing was checked", stream);
}

static bool notice(FILE *stream, const struct findings *suite) {
    struct text conclusion = {0};
    fputs("::notice ", stream);
    bool printed = print_property(stream, "title", suite->suite);
    fputs("::", stream);
    if (suite->conclusion) {
        printable_add_lines(&conclusion, suite->conclusion);
        print_escaped(stream, conclusion.bytes, conclusion.length, false);
    } else {
        print_counts(stream, suite);
    }
    fputc('\n', stream);
    printed = printed && !conclusion.failed;
    text_finish(&conclusion);
    return printed;
}

bool report_github(const struct findings *suites, size_t count, FILE *stream) {
    bool printed = true;
    for (size_t suite = 0; suite < count; suite++) {
        for (size_t i = 0; i < suites[suite].count; i++) {
            printed = annotate(stream, &suites[suite].each[i]) && printed;
        }
    }
    for (size_t suite = 0; suite < count; suite++) {
        printed = notice(stream, &suites[suite]) && printed;
    }
    return printed;
}
