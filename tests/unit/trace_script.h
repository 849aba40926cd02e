/* SPDX-License-Identifier: MIT
 *
 * Traces for tests, written shorter than as JSON. A call a line:
 *
 *     12 openat(AT_FDCWD;out;O_WRONLY|O_CREAT;0644) = 3 # "cut":{"1":9}
 *
 * "$" is a newline. The process may be left out, or be "12/13" for one of its threads, and so may members of the object
 * behind #. A result of "?" is null, a negative one an error. "!status 3" is the exit status (0 if there is no such
 * line), "!event {...}" an event as it is.
 */
#ifndef RENACER_TESTS_TRACE_SCRIPT_H
#define RENACER_TESTS_TRACE_SCRIPT_H

#include "text.h"
#include "trace_reader.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct script_state {
    struct text calls;
    struct text events;
    long status;
};

static void script_argument(struct text *json, const char *from, size_t size) {
    text_add_char(json, '"');
    for (size_t i = 0; i < size; i++) {
        if (from[i] == '"' || from[i] == '\\') {
            text_add_char(json, '\\');
        }
        if (from[i] == '$') {
            text_add_string(json, "\\n");
        } else {
            text_add_char(json, from[i]);
        }
    }
    text_add_char(json, '"');
}

static void script_call(struct text *json, const char *line, size_t size) {
    const char *end = line + size;
    long pid = strtol(line, (char **)&line, 10);
    long tid = *line == '/' ? strtol(line + 1, (char **)&line, 10) : pid;
    line += *line == ' ';
    const char *bracket = memchr(line, '(', (size_t)(end - line));
    if (!bracket) {
        fail_msg("no bracket: %.*s", (int)size, line);
        abort();
    }
    text_add_string(json, json->length ? ",\n{\"name\":" : "{\"name\":");
    script_argument(json, line, (size_t)(bracket - line));
    text_add_string(json, ",\"args\":[");
    const char *close = NULL;
    for (const char *at = bracket; at + 4 < end; at++) {
        close = memcmp(at, ") = ", 4) == 0 ? at : close;
    }
    if (!close) {
        fail_msg("no result: %.*s", (int)size, line);
        abort();
    }
    for (const char *at = bracket + 1; at < close;) {
        const char *semicolon = memchr(at, ';', (size_t)(close - at));
        const char *stop = semicolon ? semicolon : close;
        text_add_string(json, at > bracket + 1 ? "," : "");
        script_argument(json, at, (size_t)(stop - at));
        at = stop + 1;
    }
    text_add_string(json, "],\"result\":");
    const char *more = memmem(close, (size_t)(end - close), " # ", 3);
    const char *result = close + 4;
    const char *result_end = more ? more : end;
    if (*result == '?') {
        text_add_string(json, "null");
    } else {
        text_add(json, result, (size_t)(result_end - result));
    }
    if (*result == '-') {
        text_add_string(json, ",\"error\":\"ENOENT\"");
    }
    if (pid) {
        text_add_string(json, ",\"pid\":");
        text_add_signed(json, pid);
    }
    if (tid) {
        text_add_string(json, ",\"tid\":");
        text_add_signed(json, tid);
    }
    if (more) {
        text_add_char(json, ',');
        text_add(json, more + 3, (size_t)(end - more - 3));
    }
    text_add_char(json, '}');
}

static void script_line(struct script_state *state, const char *line, size_t size) {
    if (strncmp(line, "!status ", 8) == 0) {
        state->status = strtol(line + 8, NULL, 10);
    } else if (strncmp(line, "!event ", 7) == 0) {
        text_add_string(&state->events, state->events.length ? ",\n" : "");
        text_add(&state->events, line + 7, size - 7);
    } else if (size) {
        script_call(&state->calls, line, size);
    }
}

enum script_style {
    SCRIPT_PLAIN,
    SCRIPT_GOLDEN,
    SCRIPT_OLD, /* renacer 0.6 */
};

/* The document; the caller's. */
static char *script_document(const char *script, enum script_style style) {
    struct script_state state = {0};
    for (const char *line = script; *line;) {
        size_t size = strcspn(line, "\n");
        script_line(&state, line, size);
        line += size + (line[size] == '\n');
    }
    static const char *const heads[] = {
        /* clang-format off */
        "\"producer\": {\"name\": \"renacer-sv\", \"version\": \"0.1.0\", \"engine\": \"ptrace\", \"time\": \"stop\"},\n",
        /* clang-format on */
        "\"golden\": {\"rules\": [\"addresses\"]},\n",
        "",
    };
    char *document;
    assert_true(asprintf(&document,
                         "{\n  \"version\": \"0.6.2\",\n  \"format\": \"renacer-json-v1\",\n%s\"syscalls\": [\n%s\n],\n"
                         "%s%s%s\"summary\": {\"total_syscalls\": 1, \"exit_code\": %ld}\n}\n",
                         heads[style], state.calls.bytes ? state.calls.bytes : "",
                         state.events.length ? "\"events\": [" : "", state.events.length ? state.events.bytes : "",
                         state.events.length ? "],\n" : "", state.status) > 0);
    text_finish(&state.calls);
    text_finish(&state.events);
    return document;
}

/* A reader of such a document. */
static struct trace_reader *open_document(const char *document) {
    char path[] = "/tmp/trace_script_XXXXXX";
    char problem[256] = "";
    struct trace_reader *reader = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, document, strlen(document)), (ssize_t)strlen(document));
    close(fd);
    int status = trace_reader_open(&reader, path, problem, sizeof(problem));
    unlink(path);
    if (status < 0) {
        print_error("%s\n%s\n", problem, document);
    }
    assert_int_equal(status, 0);
    return reader;
}

#endif
