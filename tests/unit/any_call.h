/* SPDX-License-Identifier: MIT
 *
 * A call of any kind from memory of any content to every form in which it is written, and what
 * has to hold of it whatever that is. For the fuzzer and for the test of hostile memory.
 */
#ifndef RENACER_TESTS_ANY_CALL_H
#define RENACER_TESTS_ANY_CALL_H

#include "capture.h"
#include "form.h"
#include "json.h"
#include "record.h"
#include "redact.h"
#include "value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

enum {
    ANY_PAGE = 4096,
    ANY_PAGES = 3,
    ANY_BASE = 0x10000, /* two pages, and nothing behind them */
    ANY_HOLE = ANY_BASE + 2 * ANY_PAGE,
    ANY_OTHER = 0x50000, /* one */
    ANY_NOWHERE = 0x900000,
    ANY_GUARD = 64,
    ANY_TEXT_MAX = 1 << 22, /* no line is longer */
};

struct any_memory {
    struct memory functions;             /* first, so that a struct memory pointer is one of these */
    uint8_t bytes[ANY_PAGES * ANY_PAGE]; /* in the order of the addresses */
};

struct any_call {
    enum arch arch;
    int number;
    uint64_t args[SYSCALL_MAX_ARGS];
    int64_t result;
    struct capture_options options;
    const struct any_memory *entry;
    const struct any_memory *exit;
};

/* Where the page of an address begins in the bytes; NULL: it is not mapped. */
static inline const uint8_t *any_page(const struct any_memory *memory, uint64_t address) {
    switch (address / ANY_PAGE) {
    case ANY_BASE / ANY_PAGE:
        return memory->bytes;
    case ANY_BASE / ANY_PAGE + 1:
        return memory->bytes + ANY_PAGE;
    case ANY_OTHER / ANY_PAGE:
        return memory->bytes + 2 * (size_t)ANY_PAGE;
    default:
        return NULL;
    }
}

/* As process_vm_readv(2) does it. */
static inline ssize_t any_read(const struct memory *functions, pid_t tid, const struct iovec *local,
                               const struct iovec *remote, unsigned count) {
    const struct any_memory *memory = (const struct any_memory *)(const void *)functions;
    ssize_t copied = 0;
    (void)tid;
    for (unsigned i = 0; i < count; i++) {
        for (size_t done = 0; done < remote[i].iov_len;) {
            uint64_t address = (uint64_t)(uintptr_t)remote[i].iov_base + done;
            const uint8_t *page = any_page(memory, address);
            size_t piece = ANY_PAGE - address % ANY_PAGE;
            if (!page) {
                return copied ? copied : -EFAULT;
            }
            piece = piece < remote[i].iov_len - done ? piece : remote[i].iov_len - done;
            memcpy((uint8_t *)local[i].iov_base + done, page + address % ANY_PAGE, piece);
            done += piece;
            copied += (ssize_t)piece;
        }
    }
    return copied;
}

/* What is wrong; NULL: nothing. */
typedef const char *any_problem;

#define ANY_TEXT_OF_(line) #line
#define ANY_TEXT_OF(line) ANY_TEXT_OF_(line)
#define ANY_HOLDS(condition)                                                                                           \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            return "line " ANY_TEXT_OF(__LINE__) ", this does not hold: " #condition;                                  \
        }                                                                                                              \
    } while (0)

/* Captures fill their room to the last byte, each within it. */
static inline any_problem any_captures_problem(const void *captures, size_t size) {
    const uint8_t *at = captures;
    const uint8_t *end = at + size;
    while (at < end) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        ANY_HOLDS((size_t)(end - at) >= sizeof(*capture) && capture->size <= (size_t)(end - at) - sizeof(*capture));
        ANY_HOLDS(capture->arg <= CAPTURE_RESULT && capture->state <= CAPTURE_UNREADABLE);
        at = capture_end(capture);
    }
    ANY_HOLDS(at == end);
    return NULL;
}

/* Capture the call as an engine does, in room of which every byte was `fill`. The record, and behind it
 * no more than its captures, is to be freed. */
static inline any_problem any_record(const struct any_call *call, uint8_t fill, struct record **result) {
    const struct syscall_row *row = syscall_row(call->arch, call->number);
    enum arch layout = syscall_layout(call->arch, call->number);
    size_t bound = row ? capture_bound(&call->options) : 0;
    size_t room = sizeof(struct record) + bound;
    uint64_t kept[CAPTURE_KEPT_MAX / sizeof(uint64_t)];
    struct record *record = malloc(room + ANY_GUARD);
    *result = record;
    ANY_HOLDS(record);
    memset(record, fill, room + ANY_GUARD);
    void *captures = record + 1;
    size_t size = 0;
    if (row) {
        size = capture_call(row, layout, call->args, &call->entry->functions, 0, &call->options, captures);
        size_t kept_size = capture_keep(row, call->args, captures, size, kept);
        ANY_HOLDS(size <= bound && kept_size <= sizeof(kept));
        size = call->options.outputs ? capture_outputs(row, layout, call->args, call->result, &call->exit->functions, 0,
                                                       &call->options, kept, kept_size, captures, size)
                                     : size;
    }
    ANY_HOLDS(size <= bound);
    for (size_t i = 0; i < ANY_GUARD; i++) {
        ANY_HOLDS(((const uint8_t *)record)[room + i] == fill);
    }
    *record = (struct record){.kind = RECORD_CALL,
                              .arch = (uint8_t)call->arch,
                              .pid = 1,
                              .tid = 1,
                              .call = {.number = call->number,
                                       .flags = CALL_HAS_ARGS | CALL_HAS_RESULT,
                                       .result = call->result,
                                       .captures_size = (uint32_t)size}};
    memcpy(record->call.args, call->args, sizeof(call->args));
    *result = realloc(record, sizeof(*record) + size);
    ANY_HOLDS(*result);
    return any_captures_problem(*result + 1, size);
}

/* Append the call as text, JSON and CSV; each a line, JSON the first. */
static inline any_problem any_show(const struct any_call *call, const struct record *record, struct text *lines) {
    struct decoded_call decoded;
    struct json_line json = {0};
    const struct json_options json_options = {.verbose = call->options.verbose};
    struct writer_options options = {.output = {.format = FORMAT_CSV, .verbose = call->options.verbose}};
    void *csv = NULL;
    json_call(&json, record, &json_options);
    ANY_HOLDS(!json.text.failed && !json.scratch.failed);
    text_add(lines, json.text.bytes, json.text.length);
    json_line_finish(&json);
    text_add_char(lines, '\n');
    lines->verbose = call->options.verbose;
    decode_call(record, &decoded);
    arguments_to_text(&decoded, lines);
    result_to_text(record, &decoded, lines);
    ANY_HOLDS(!lines->failed && lines->length < ANY_TEXT_MAX && strlen(lines->bytes) == lines->length);
    struct output *output = calloc(1, sizeof(*output));
    ANY_HOLDS(output);
    output_init(output, -1, false, true, &options.watcher);
    ANY_HOLDS(form_csv.create(&csv, &options, output) == 0);
    form_csv.record(csv, record);
    text_add(lines, output->held.buffer, output->held.fd < 0 ? sink_used(&output->held) : 0);
    ANY_HOLDS(form_csv.error(csv) == 0);
    form_csv.destroy(csv);
    output_finish(output);
    free(output);
    return NULL;
}

/* Nothing that a terminal would obey: control characters of ASCII, but for the ends of lines, and of Unicode. */
static inline any_problem any_control_problem(const char *lines) {
    for (const uint8_t *at = (const uint8_t *)lines; *at; at++) {
        ANY_HOLDS((*at >= ' ' || *at == '\n') && *at != 0x7f);
        ANY_HOLDS(!(at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0));
    }
    return NULL;
}

/* The first line is JSON, in UTF-8. */
static inline any_problem any_json_problem(const struct text *lines) {
    size_t length = (size_t)(strchr(lines->bytes, '\n') - lines->bytes);
    yajl_handle parser = yajl_alloc(NULL, NULL, NULL);
    bool is_good = parser && yajl_parse(parser, (const unsigned char *)lines->bytes, length) == yajl_status_ok &&
                   yajl_complete_parse(parser) == yajl_status_ok;
    yajl_free(parser);
    ANY_HOLDS(is_good);
    return NULL;
}

/* Every string in this notation is empty, or nothing but marks. Characters that are numbers, as codes of keys are,
 * stand in other quotation marks. */
static inline any_problem any_quoted_problem(const char *line, const char *quote) {
    size_t mark = strlen(REDACTED_MARK);
    for (const char *at = line; (at = strstr(at, quote));) {
        bool is_number = at > line && at[-1] == '\'' && at[strlen(quote)] == '\'';
        at += strlen(quote);
        if (is_number) {
            continue;
        }
        while (strncmp(at, REDACTED_MARK, mark) == 0) {
            at += mark;
        }
        ANY_HOLDS(strncmp(at, quote, strlen(quote)) == 0);
        at += strlen(quote);
    }
    return NULL;
}

/* Where a rule hides every byte, no form shows one. */
static inline any_problem any_redacted_problem(const struct any_call *call, const struct record *record) {
    static const char rule[] = "/[\\s\\S]+/";
    static struct redaction *redaction; /* made once: calls are many */
    struct redact_problem problem;
    struct decoded_call decoded;
    struct json_line json = {0};
    struct text line = {.verbose = call->options.verbose, .hex = HEX_STRINGS_ALL};
    ANY_HOLDS(redaction ||
              (redaction_create(&redaction) == 0 && redaction_add(redaction, rule, strlen(rule), &problem) == 0));
    const struct json_options json_options = {.verbose = call->options.verbose, .redaction = redaction};
    line.redaction = redaction;
    redaction_begin(redaction, record);
    decode_call(record, &decoded);
    arguments_to_text(&decoded, &line);
    result_to_text(record, &decoded, &line);
    json_call(&json, record, &json_options);
    any_problem wrong = any_quoted_problem(line.bytes, "\"");
    wrong = wrong ? wrong : any_quoted_problem(json.text.bytes, "\\\"");
    wrong = wrong ? wrong : strstr(json.text.bytes, "args_b64") ? "bytes in base64" : NULL;
    unsigned strings = 0;
    unsigned marks = 0;
    for (unsigned i = 0; i < decoded.count; i++) {
        strings += decoded.values[i].kind == VALUE_STRING && decoded.values[i].capture->size;
    }
    for (const char *at = json.text.bytes; (at = strstr(at, "\"" REDACTED_MARK "\"")); at++) {
        marks += at[-1] != '\\';
    }
    wrong = wrong ? wrong : marks < strings ? "a string that is not redacted" : NULL;
    json_line_finish(&json);
    text_finish(&line);
    return wrong;
}

/* What does not hold of the call; NULL: everything does. What room held before, padding included, is seen in no form.
 */
static inline any_problem any_call_problem(const struct any_call *call) {
    struct record *records[2] = {NULL, NULL};
    struct text lines[2] = {{0}, {0}};
    any_problem problem = NULL;
    for (unsigned i = 0; i < 2 && !problem; i++) {
        problem = any_record(call, i ? 0x5a : 0xa5, &records[i]);
        problem = problem ? problem : any_show(call, records[i], &lines[i]);
    }
    problem = problem ? problem : any_json_problem(&lines[0]);
    problem = problem ? problem : any_control_problem(lines[0].bytes);
    if (!problem && strcmp(lines[0].bytes, lines[1].bytes) != 0) {
        problem = "two captures of the same memory are shown differently";
    }
    problem = problem ? problem : any_redacted_problem(call, records[0]);
    for (unsigned i = 0; i < 2; i++) {
        free(records[i]);
        text_finish(&lines[i]);
    }
    return problem;
}

#endif
