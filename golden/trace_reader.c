/* SPDX-License-Identifier: MIT */
#include "trace_reader.h"

#include "cleanup.h"
#include "text.h"
#include "trace_head.h"
#include "trace_parser.h"
#include "trace_source.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef TRACE_PIECE_BYTES
#define TRACE_PIECE_BYTES 8192
#endif

enum {
    PIECE_BYTES = TRACE_PIECE_BYTES, /* fed at once */
    WINDOW_BYTES = 131072,           /* at first; a head and what stands before it have room */
    LOOK_BYTES = 256,                /* behind a '{' of JSON Lines, to see what it is */
    CHECKPOINT_BYTES = 1 << 20,      /* from one place whose line is remembered to the next */
    FORMAT_BYTES = 64,               /* of a foreign format's name that is shown */
    PROBLEM_BYTES = 512,
};

enum reader_state {
    STATE_SEARCH,   /* for the beginning of a trace */
    STATE_DOCUMENT, /* in one */
    STATE_LINES,    /* in JSON Lines */
    STATE_CLOSING,  /* the summary is to be given */
    STATE_BEHIND,   /* the trace has ended */
    STATE_END,
    STATE_FAILED,
};

/* The byte at `offset` stands in `line`. */
struct checkpoint {
    uint64_t offset;
    uint64_t line;
};

/* A part of the file. */
struct window {
    char *bytes;
    size_t capacity;
    size_t begin; /* of what has not been used */
    size_t end;
    uint64_t offset; /* of bytes[0] */
    bool is_last;    /* the file ends where it ends */
};

struct trace_reader {
    struct trace_source source;
    struct window window;
    enum reader_state state;
    uint64_t line;        /* of the first byte that has not been used */
    bool line_is_foreign; /* it has been counted as such */
    uint64_t foreign_lines;
    struct head_probe probe;
    bool unquote;
    bool spans_lines; /* the head of JSON Lines did: so may other objects */
    struct trace_parser *parser;

    /* JSON Lines: the object that is being read. */
    bool in_object;
    uint64_t object_offset;
    uint64_t object_line;
    uint64_t objects_before;

    bool was_cut;
    uint64_t lost;                   /* as the summary says */
    char other_format[FORMAT_BYTES]; /* of an object that could have been a trace */
    uint64_t other_line;
    uint64_t cut_head_line;
    int error;
    char problem[PROBLEM_BYTES];

    struct checkpoint *checkpoints;
    size_t checkpoint_count;
    size_t checkpoint_capacity;

    /* For calls that are read again. */
    struct trace_parser *call_parser;
    struct window call_window;
};

/* -------------------------------------------------------------------- problems */

/* A sentence without a place. Returns `error`, which is kept. */
__attribute__((format(printf, 3, 4))) static int fail(struct trace_reader *reader, int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof(reader->problem), format, arguments);
    va_end(arguments);
    reader->error = error;
    reader->state = STATE_FAILED;
    return error;
}

static int fail_errno(struct trace_reader *reader, int error) {
    return fail(reader, error, "cannot read %s: %s", reader->source.name, strerror(-error));
}

/* Where the next value begins. */
static uint64_t next_value(const struct trace_reader *reader, uint64_t offset) {
    char bytes[PIECE_BYTES];
    ssize_t count = trace_source_read(&reader->source, offset, bytes, sizeof(bytes));
    ssize_t i = 0;
    while (i < count && strchr(" \t\r\n,:", bytes[i]) && bytes[i]) {
        i++;
    }
    return offset + (uint64_t)(i < count ? i : 0);
}

static void describe(const struct trace_reader *reader, uint64_t offset, const char *what, char *problem, size_t size) {
    uint64_t line;
    uint64_t column;
    trace_source_locate(&reader->source, offset, &line, &column);
    snprintf(problem, size, "%s:%llu:%llu: %s", reader->source.name, (unsigned long long)line,
             (unsigned long long)column, what);
}

static int fail_at(struct trace_reader *reader, uint64_t offset, const char *what) {
    describe(reader, offset, what, reader->problem, sizeof(reader->problem));
    reader->error = -EINVAL;
    reader->state = STATE_FAILED;
    return -EINVAL;
}

static uint64_t problem_offset(const struct trace_reader *reader, const struct trace_parser *parser,
                               const char **what) {
    uint64_t offset;
    bool is_before;
    *what = trace_parser_problem(parser, &offset, &is_before);
    return is_before ? next_value(reader, offset) : offset;
}

static int fail_parse(struct trace_reader *reader, int status) {
    if (status != -EINVAL) {
        return fail_errno(reader, status);
    }
    const char *what;
    uint64_t offset = problem_offset(reader, reader->parser, &what);
    return fail_at(reader, offset, what);
}

/* ----------------------------------------------------------------------- window */

static size_t window_size(const struct window *window) {
    return window->end - window->begin;
}

static uint64_t window_offset(const struct window *window) {
    return window->offset + window->begin;
}

/* Have `size` unused bytes there, fewer only at the end of the file. 0 or -errno. */
static int window_fill(struct window *window, const struct trace_source *source, size_t size) {
    if (window_size(window) >= size || window->is_last) {
        return 0;
    }
    if (window->begin) {
        memmove(window->bytes, window->bytes + window->begin, window_size(window));
        window->offset += window->begin;
        window->end -= window->begin;
        window->begin = 0;
    }
    size_t capacity = window->capacity ? window->capacity : WINDOW_BYTES;
    while (capacity < size) {
        capacity *= 2;
    }
    if (capacity != window->capacity) {
        char *bytes = realloc(window->bytes, capacity);
        if (!bytes) {
            return -ENOMEM;
        }
        window->bytes = bytes;
        window->capacity = capacity;
    }
    size_t room = window->capacity - window->end;
    ssize_t count = trace_source_read(source, window->offset + window->end, window->bytes + window->end, room);
    if (count < 0) {
        return (int)count;
    }
    window->end += (size_t)count;
    window->is_last = (size_t)count < room;
    return 0;
}

/* Go to another place. */
static void window_seek(struct window *window, uint64_t offset) {
    if (offset >= window->offset && offset <= window->offset + window->end) {
        window->begin = (size_t)(offset - window->offset);
    } else {
        window->offset = offset;
        window->begin = 0;
        window->end = 0;
        window->is_last = false;
    }
}

/* ----------------------------------------------------------------- other output */

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void count_foreign_line(struct trace_reader *reader) {
    reader->foreign_lines += !reader->line_is_foreign;
    reader->line_is_foreign = true;
}

/* Leave `size` bytes behind that are no part of a trace. */
static void skip_foreign(struct trace_reader *reader, size_t size) {
    const char *at = reader->window.bytes + reader->window.begin;
    const char *end = at + size;
    reader->window.begin += size;
    while (at < end) {
        if (*at == '\n') {
            reader->line++;
            reader->line_is_foreign = false;
            at++;
        } else if (is_space(*at)) {
            at++;
        } else {
            count_foreign_line(reader);
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            at = newline ? newline : end;
        }
    }
}

static void remember_other(struct trace_reader *reader, int kind) {
    if (kind == HEAD_OTHER && !reader->other_line) {
        struct text text = {0};
        text_add_escaped(&text, (const uint8_t *)reader->probe.format.bytes, reader->probe.format.size, true);
        snprintf(reader->other_format, sizeof(reader->other_format), "%s", text.bytes ? text.bytes : "");
        text_finish(&text);
        reader->other_line = reader->line;
    } else if (kind == HEAD_CUT && reader->window.is_last && !reader->cut_head_line) {
        reader->cut_head_line = reader->line;
    }
}

/* Let the window begin with the next brace, and have `needed` bytes, or all that there are. 1, 0 at the end of the
 * file, or -errno. */
static int find_brace(struct trace_reader *reader, size_t needed) {
    struct window *window = &reader->window;
    for (;;) {
        int status = window_fill(window, &reader->source, needed);
        if (status < 0) {
            return fail_errno(reader, status);
        }
        if (!window_size(window)) {
            return 0;
        }
        const char *begin = window->bytes + window->begin;
        const char *brace = memchr(begin, '{', window_size(window));
        skip_foreign(reader, brace ? (size_t)(brace - begin) : window_size(window));
        if (!brace || (window_size(window) < needed && !window->is_last)) {
            continue; /* once more, with all that is needed behind it */
        }
        return 1;
    }
}

/* Go to the next object that is a trace, and look at its head. 1, 0 if there is none, or -errno. */
static int find_trace(struct trace_reader *reader) {
    struct window *window = &reader->window;
    for (;;) {
        int status = find_brace(reader, TRACE_HEAD_BYTES);
        if (status <= 0) {
            return status;
        }
        const char *brace = window->bytes + window->begin;
        if (!trace_head_may_begin(brace, window_size(window))) {
            skip_foreign(reader, 1);
            continue;
        }
        size_t size = window_size(window) < TRACE_HEAD_BYTES ? window_size(window) : TRACE_HEAD_BYTES;
        int kind = trace_head_probe(&reader->probe, brace, size);
        if (kind < 0) {
            return fail_errno(reader, kind);
        }
        if (kind == HEAD_FOUND) {
            return 1;
        }
        remember_other(reader, kind);
        skip_foreign(reader, reader->probe.is_whole ? reader->probe.size : 1);
    }
}

static int fail_without_trace(struct trace_reader *reader) {
    const char *name = reader->source.name;
    char first[2] = {0};
    ssize_t count = trace_source_read(&reader->source, 0, first, sizeof(first));
    if (count == 0) {
        return fail(reader, -EINVAL, "%s: no trace in it: it is empty", name);
    }
    if (memcmp(first, "\xff\xfe", 2) == 0 || memcmp(first, "\xfe\xff", 2) == 0) {
        return fail(reader, -EINVAL, "%s: no trace in it: it seems to be UTF-16, a trace is UTF-8", name);
    }
    if (reader->cut_head_line) {
        return fail(reader, -EINVAL, "%s: no trace in it: what begins in line %llu ends before its \"format\"", name,
                    (unsigned long long)reader->cut_head_line);
    }
    if (reader->other_line) {
        return fail(reader, -EINVAL, "%s: no trace in it: the format of the object in line %llu is \"%s\", not \"%s\"",
                    name, (unsigned long long)reader->other_line, reader->other_format, TRACE_FORMAT);
    }
    return fail(reader, -EINVAL,
                "%s: no trace in it: there is no JSON object with \"format\": \"%s\" (as written with --format json)",
                name, TRACE_FORMAT);
}

/* ------------------------------------------------------------------------- head */

/* The head of JSON Lines has to be right as that of a document has: 0 or -errno. */
static int check_head(struct trace_reader *reader, const char *bytes, size_t size) {
    struct trace_parser *lines = reader->parser;
    reader->parser = trace_parser_create(PARSE_DOCUMENT, false);
    int status = -ENOMEM;
    if (reader->parser) {
        status = trace_parser_feed(reader->parser, bytes, size, window_offset(&reader->window));
    }
    status = status < 0 ? fail_parse(reader, status) : 0;
    trace_parser_destroy(reader->parser);
    reader->parser = lines;
    return status;
}

/* Find the trace, and give its head. */
static int read_head(struct trace_reader *reader, struct trace_item *item) {
    struct window *window = &reader->window;
    int status = window_fill(window, &reader->source, TRACE_HEAD_BYTES);
    if (status < 0) {
        return fail_errno(reader, status);
    }
    if (window_size(window) >= 3 && memcmp(window->bytes, "\xef\xbb\xbf", 3) == 0) {
        window->begin = 3;
    }
    status = find_trace(reader);
    if (status <= 0) {
        return status < 0 ? status : fail_without_trace(reader);
    }
    const struct head_probe *probe = &reader->probe;
    *item = (struct trace_item){
        .kind = TRACE_HEAD, .line = reader->line, .offset = window_offset(window), .head = probe->head};
    /* Who writes no producer writes paths in quotation marks. */
    reader->unquote = !probe->head.producer.bytes && !probe->head.is_golden;
    bool is_lines = probe->is_whole && !probe->has_content;
    reader->parser = trace_parser_create(is_lines ? PARSE_LINES : PARSE_DOCUMENT, reader->unquote);
    if (!reader->parser) {
        return fail_errno(reader, -ENOMEM);
    }
    if (is_lines) {
        const char *head = window->bytes + window->begin;
        status = check_head(reader, head, probe->size);
        if (status < 0) {
            return status;
        }
        reader->spans_lines = memchr(head, '\n', probe->size) != NULL;
        for (size_t i = 0; i < probe->size; i++) {
            reader->line += head[i] == '\n';
        }
        window->begin += probe->size;
    }
    trace_parser_set_line(reader->parser, window_offset(window), reader->line);
    reader->line_is_foreign = false;
    reader->state = is_lines ? STATE_LINES : STATE_DOCUMENT;
    return 1;
}

/* --------------------------------------------------------------------- document */

static int remember_line(struct trace_reader *reader) {
    uint64_t offset = window_offset(&reader->window);
    size_t count = reader->checkpoint_count;
    if (offset < (count ? reader->checkpoints[count - 1].offset : 0) + CHECKPOINT_BYTES) {
        return 0;
    }
    if (count == reader->checkpoint_capacity) {
        size_t capacity = count ? 2 * count : 64;
        struct checkpoint *checkpoints = realloc(reader->checkpoints, capacity * sizeof(*checkpoints));
        if (!checkpoints) {
            return -ENOMEM;
        }
        reader->checkpoints = checkpoints;
        reader->checkpoint_capacity = capacity;
    }
    reader->checkpoints[reader->checkpoint_count++] = (struct checkpoint){offset, reader->line};
    return 0;
}

/* Feed the parser at most `size` bytes of the window, and leave behind what it has used. */
static int feed(struct trace_reader *reader, size_t size) {
    struct window *window = &reader->window;
    int status = trace_parser_feed(reader->parser, window->bytes + window->begin, size, window_offset(window));
    size_t consumed = trace_parser_consumed(reader->parser);
    window->begin += consumed < size ? consumed : size;
    reader->line = trace_parser_line(reader->parser);
    int remembered = status >= 0 ? remember_line(reader) : 0;
    return remembered < 0 ? remembered : status;
}

/* How much is fed next: more than usual if a long string is not complete yet. */
static size_t piece_size(const struct trace_parser *parser) {
    size_t pending = trace_parser_is_inside(parser) ? trace_parser_pending(parser) : 0;
    return pending < PIECE_BYTES ? PIECE_BYTES : pending;
}

static void end_early(struct trace_reader *reader) {
    reader->was_cut = true;
    reader->state = STATE_CLOSING;
}

/* A step further in a document: 0 or -errno. */
static int read_document(struct trace_reader *reader) {
    struct window *window = &reader->window;
    size_t size = piece_size(reader->parser);
    int status = window_fill(window, &reader->source, size);
    if (status < 0) {
        return fail_errno(reader, status);
    }
    if (!window_size(window)) {
        end_early(reader);
        return 0;
    }
    status = feed(reader, window_size(window) < size ? window_size(window) : size);
    if (status < 0) {
        return fail_parse(reader, status);
    }
    if (status == PARSE_END) {
        reader->state = STATE_CLOSING;
    }
    return 0;
}

/* ------------------------------------------------------------------- JSON Lines */

/* Whether an object may begin here: a '{', and a key. */
static bool object_may_begin(const char *bytes, size_t size) {
    size_t i = 1;
    while (i < size && is_space(bytes[i])) {
        i++;
    }
    return i == size || bytes[i] == '"';
}

/* Go to the next object. 1, 0 at the end of the file, or -errno. */
static int find_object(struct trace_reader *reader) {
    struct window *window = &reader->window;
    for (;;) {
        int status = find_brace(reader, LOOK_BYTES);
        if (status <= 0) {
            return status;
        }
        const char *brace = window->bytes + window->begin;
        if (object_may_begin(brace, window_size(window) < LOOK_BYTES ? window_size(window) : LOOK_BYTES)) {
            return 1;
        }
        skip_foreign(reader, 1);
    }
}

/* The object is none of a trace, or something else stands behind one: go on looking. 0 or -errno. */
static int leave_object(struct trace_reader *reader) {
    bool any = trace_parser_objects(reader->parser) != reader->objects_before;
    uint64_t offset = any ? trace_parser_object_end(reader->parser) : reader->object_offset;
    reader->in_object = false;
    window_seek(&reader->window, offset);
    reader->line = any ? trace_parser_object_end_line(reader->parser) : reader->object_line;
    int status = trace_parser_restart(reader->parser);
    if (status == 0 && !any) {
        status = window_fill(&reader->window, &reader->source, 1);
        skip_foreign(reader, window_size(&reader->window) ? 1 : 0);
    }
    return status < 0 ? fail_errno(reader, status) : 0;
}

/* What comes of a piece that was fed: 0 or -errno. `is_line`: it ended with the line. */
static int end_piece(struct trace_reader *reader, int status, bool is_line) {
    struct trace_parser *parser = reader->parser;
    if (status == PARSE_END) {
        reader->state = STATE_CLOSING;
        return 0;
    }
    if (status < 0 && status != -EINVAL) {
        return fail_errno(reader, status);
    }
    if (status == -EINVAL) {
        return trace_parser_is_recognised(parser) ? fail_parse(reader, status) : leave_object(reader);
    }
    if (!trace_parser_is_inside(parser)) {
        if (trace_parser_objects(parser) == reader->objects_before) {
            count_foreign_line(reader);
        }
        reader->line_is_foreign = false;
        reader->in_object = false;
        return 0;
    }
    if (is_line && !reader->spans_lines) {
        if (trace_parser_is_recognised(parser)) {
            return fail_at(reader, window_offset(&reader->window) - 1, "the line ends within an object");
        }
        return leave_object(reader);
    }
    return 0;
}

/* A step further in JSON Lines: 0 or -errno. */
static int read_lines(struct trace_reader *reader) {
    struct window *window = &reader->window;
    if (!reader->in_object) {
        int status = find_object(reader);
        if (status <= 0) {
            end_early(reader);
            return status;
        }
        reader->in_object = true;
        reader->object_offset = window_offset(window);
        reader->object_line = reader->line;
        reader->objects_before = trace_parser_objects(reader->parser);
        trace_parser_set_line(reader->parser, reader->object_offset, reader->line);
    }
    size_t size = piece_size(reader->parser);
    int status = window_fill(window, &reader->source, size);
    if (status < 0) {
        return fail_errno(reader, status);
    }
    if (!window_size(window)) {
        end_early(reader);
        return 0;
    }
    size = window_size(window) < size ? window_size(window) : size;
    const char *begin = window->bytes + window->begin;
    const char *newline = memchr(begin, '\n', size);
    size = newline ? (size_t)(newline - begin) + 1 : size;
    return end_piece(reader, feed(reader, size), newline != NULL);
}

/* ------------------------------------------------------------------------ public */

int trace_reader_open(struct trace_reader **result, const char *path, char *problem, size_t size) {
    struct trace_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        snprintf(problem, size, "cannot read %s: %s", path, strerror(ENOMEM));
        return -ENOMEM;
    }
    reader->line = 1;
    int status = trace_source_open(&reader->source, path, problem, size);
    if (status < 0) {
        trace_reader_close(reader);
        return status;
    }
    *result = reader;
    return 0;
}

/* Behind the trace: there may be other output, but no second one. */
static int read_behind(struct trace_reader *reader) {
    int status = find_trace(reader);
    if (status > 0) {
        return fail_at(reader, window_offset(&reader->window), "a second trace begins here");
    }
    reader->state = STATE_END;
    return status;
}

/* One step: 1 with an item, 0 without one, or -errno. */
static int step(struct trace_reader *reader, struct trace_item *item) {
    switch (reader->state) {
    case STATE_SEARCH:
        return read_head(reader, item);
    case STATE_DOCUMENT:
        return read_document(reader);
    case STATE_LINES:
        return read_lines(reader);
    case STATE_CLOSING:
        reader->state = reader->was_cut ? STATE_END : STATE_BEHIND;
        if (!trace_parser_closing(reader->parser, item)) {
            return 0;
        }
        reader->lost = item->closing.lost > 0 ? (uint64_t)item->closing.lost : 0;
        return 1;
    case STATE_BEHIND:
        return read_behind(reader);
    case STATE_END:
    case STATE_FAILED:
        break;
    }
    return 0;
}

int trace_reader_next(struct trace_reader *reader, struct trace_item *item, char *problem, size_t size) {
    for (;;) {
        /* What was complete before something went wrong comes first. */
        if (reader->parser && trace_parser_take(reader->parser, item)) {
            return 1;
        }
        if (reader->state == STATE_FAILED) {
            snprintf(problem, size, "%s", reader->problem);
            return reader->error;
        }
        if (reader->state == STATE_END) {
            return 0;
        }
        if (step(reader, item) > 0) {
            return 1;
        }
    }
}

int trace_reader_rewind(struct trace_reader *reader) {
    trace_parser_destroy(reader->parser);
    reader->parser = NULL;
    window_seek(&reader->window, 0);
    reader->state = STATE_SEARCH;
    reader->line = 1;
    reader->line_is_foreign = false;
    reader->foreign_lines = 0;
    reader->in_object = false;
    reader->was_cut = false;
    reader->lost = 0;
    reader->other_line = 0;
    reader->cut_head_line = 0;
    reader->error = 0;
    return 0;
}

/* The line in which the byte at `offset` stands. 0 if it cannot be read. */
static uint64_t line_of(const struct trace_reader *reader, uint64_t offset) {
    struct checkpoint from = {0, 1};
    size_t low = 0;
    size_t high = reader->checkpoint_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (reader->checkpoints[middle].offset <= offset) {
            from = reader->checkpoints[middle];
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    char bytes[PIECE_BYTES];
    while (from.offset < offset) {
        size_t size = offset - from.offset < sizeof(bytes) ? (size_t)(offset - from.offset) : sizeof(bytes);
        ssize_t count = trace_source_read(&reader->source, from.offset, bytes, size);
        if (count <= 0) {
            return 0;
        }
        for (ssize_t i = 0; i < count; i++) {
            from.line += bytes[i] == '\n';
        }
        from.offset += (uint64_t)count;
    }
    return from.line;
}

/* As trace_parser_feed(), of the whole call; -ENODATA if the file ends in it. */
static int parse_call(struct trace_reader *reader, uint64_t offset) {
    struct window *window = &reader->call_window;
    int status = trace_parser_restart(reader->call_parser);
    window_seek(window, offset);
    while (status == 0) {
        size_t size = piece_size(reader->call_parser);
        status = window_fill(window, &reader->source, size);
        size = window_size(window) < size ? window_size(window) : size;
        if (status == 0 && size == 0) {
            return -ENODATA;
        }
        if (status == 0) {
            status = trace_parser_feed(reader->call_parser, window->bytes + window->begin, size, window_offset(window));
            window->begin += size;
        }
    }
    return status;
}

int trace_reader_call_at(struct trace_reader *reader, uint64_t offset, struct trace_item *item, char *problem,
                         size_t size) {
    if (!reader->call_parser) {
        reader->call_parser = trace_parser_create(PARSE_CALL, reader->unquote);
    }
    int status = reader->call_parser ? parse_call(reader, offset) : -ENOMEM;
    if (status == -EINVAL || status == -ENODATA) {
        const char *what = "no whole call begins here";
        describe(reader, status == -EINVAL ? problem_offset(reader, reader->call_parser, &what) : offset, what, problem,
                 size);
        return -EINVAL;
    }
    if (status < 0) {
        snprintf(problem, size, "cannot read %s: %s", reader->source.name, strerror(-status));
        return status;
    }
    if (!trace_parser_take(reader->call_parser, item)) {
        describe(reader, offset, "no call begins here", problem, size);
        return -EINVAL;
    }
    item->line = line_of(reader, item->offset);
    return 1;
}

const struct trace_head *trace_reader_head(const struct trace_reader *reader) {
    return &reader->probe.head;
}

bool trace_reader_was_cut(const struct trace_reader *reader) {
    struct trace_item closing;
    return reader->was_cut || (trace_parser_closing(reader->parser, &closing) && closing.closing.incomplete.bytes);
}

uint64_t trace_reader_lost(const struct trace_reader *reader) {
    return reader->lost;
}

uint64_t trace_reader_foreign_lines(const struct trace_reader *reader) {
    return reader->foreign_lines;
}

void trace_reader_close(struct trace_reader *reader) {
    if (!reader) {
        return;
    }
    trace_parser_destroy(reader->parser);
    trace_parser_destroy(reader->call_parser);
    head_probe_finish(&reader->probe);
    trace_source_finish(&reader->source);
    free(reader->window.bytes);
    free(reader->call_window.bytes);
    free(reader->checkpoints);
    free(reader);
}
