/* SPDX-License-Identifier: MIT */
#include "trace_parser.h"

#include "trace_head.h"
#include "trace_members.h"

#include <errno.h>
#include <nettle/base64.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>
#include <yajl/yajl_parse.h>

enum {
    DEPTH_MAX = 64,
    PROBLEM_BYTES = 256,
    FIRST_QUEUE = 64, /* items */
    NO_INDEX = -1,
};

struct trace_parser {
    yajl_handle handle;
    enum parse_mode mode;
    bool unquote;

    /* The bytes that are being fed. */
    const char *piece;
    size_t piece_size;
    uint64_t piece_offset;
    size_t consumed;
    uint64_t token_end; /* where the last token ended */
    uint64_t line;      /* in which the byte at `line_offset` stands */
    uint64_t line_offset;

    /* Where it is in the JSON. */
    enum place place;
    enum member member;   /* the last key, if the place is an object with members */
    int index;            /* the last key of an object that has indices: NO_INDEX is "result" */
    unsigned depth;       /* of open objects and lists */
    unsigned passed_over; /* of which so many belong to a value that nobody asked for */
    uint32_t seen[PLACES];

    /* The call, event or row in the making. */
    struct trace_item item;
    struct trace_event event; /* JSON Lines: it is not known yet whether it is one */
    bool in_item;
    unsigned item_arena;  /* where its strings are */
    unsigned next_arena;  /* where those of the next one will be */
    unsigned content_set; /* bits: arguments that these were said of */
    unsigned cut_set;
    unsigned file_set;
    struct trace_bytes content[TRACE_ARGUMENTS_MAX];
    struct trace_bytes file[TRACE_ARGUMENTS_MAX];
    uint64_t cut_length[TRACE_ARGUMENTS_MAX]; /* 0: not known */
    uint64_t duration_us;                     /* UINT64_MAX: not said */
    bool is_second_head;                      /* JSON Lines: the object is the head of another trace */
    uint64_t objects;
    uint64_t object_end; /* of the last of them */
    uint64_t object_end_line;

    struct trace_item closing;
    bool has_closing;
    bool is_done;
    struct trace_arena closing_strings;

    struct trace_arena arenas[2];
    struct trace_item *queue;
    size_t queue_capacity;
    size_t queue_begin;
    size_t queue_end;

    /* The first thing that is wrong; of an object of JSON Lines it only counts if that turns out to be of a trace. */
    bool has_problem;
    bool no_memory;
    bool problem_is_before;
    uint64_t problem_offset;
    char problem[PROBLEM_BYTES];
};

/* -------------------------------------------------------------------- problems */

static bool is_line_object(const struct trace_parser *parser) {
    return parser->mode == PARSE_LINES;
}

static int out_of_memory(struct trace_parser *parser) {
    parser->no_memory = true;
    return 0;
}

/* Remember what is wrong. What a callback returns then: an object of JSON Lines is read to its end nevertheless, for
 * it may be something else. */
__attribute__((format(printf, 4, 5))) static int problem_at(struct trace_parser *parser, uint64_t offset,
                                                            bool is_before, const char *format, ...) {
    if (!parser->has_problem) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(parser->problem, sizeof(parser->problem), format, arguments);
        va_end(arguments);
        parser->has_problem = true;
        parser->problem_offset = offset;
        parser->problem_is_before = is_before;
    }
    return is_line_object(parser) && parser->depth > 0;
}

#define problem(parser, ...) problem_at(parser, (parser)->token_end, true, __VA_ARGS__)

/* ------------------------------------------------------------------------ items */

static struct trace_bytes keep_in(struct trace_parser *parser, struct trace_arena *arena, const char *bytes,
                                  size_t size) {
    char *copy = trace_arena_take(arena, size + 1);
    if (!copy) {
        parser->no_memory = true;
        return (struct trace_bytes){0};
    }
    memcpy(copy, bytes, size);
    copy[size] = 0;
    return (struct trace_bytes){copy, size};
}

static struct trace_bytes keep(struct trace_parser *parser, const char *bytes, size_t size) {
    return keep_in(parser, &parser->arenas[parser->item_arena], bytes, size);
}

static uint64_t count_lines(struct trace_parser *parser, uint64_t offset) {
    if (parser->line_offset < parser->piece_offset) {
        parser->line_offset = parser->piece_offset;
    }
    const char *at = parser->piece + (parser->line_offset - parser->piece_offset);
    const char *end = parser->piece + (offset - parser->piece_offset);
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        parser->line++;
        at++;
    }
    parser->line_offset = offset;
    return parser->line;
}

static void begin_item(struct trace_parser *parser, enum trace_item_kind kind) {
    memset(&parser->item, 0, offsetof(struct trace_item, call.arguments));
    parser->item.kind = kind;
    parser->item.offset = parser->token_end;
    parser->in_item = true;
    parser->item_arena = parser->next_arena;
    parser->duration_us = UINT64_MAX;
    parser->content_set = 0;
    parser->cut_set = 0;
    parser->file_set = 0;
}

/* The item is where the '{' is that has just been read. */
static void place_item(struct trace_parser *parser) {
    parser->item.offset = parser->token_end - 1;
    parser->item.line = count_lines(parser, parser->item.offset);
}

/* Calls have many arguments behind them that are not set. */
static void copy_item(struct trace_item *to, const struct trace_item *from) {
    size_t size = sizeof(*from);
    if (from->kind == TRACE_CALL) {
        size =
            offsetof(struct trace_item, call.arguments) + from->call.argument_count * sizeof(from->call.arguments[0]);
    }
    memcpy(to, from, size);
}

static int push_item(struct trace_parser *parser) {
    if (parser->queue_end == parser->queue_capacity) {
        size_t capacity = parser->queue_capacity ? 2 * parser->queue_capacity : FIRST_QUEUE;
        struct trace_item *queue = realloc(parser->queue, capacity * sizeof(*queue));
        if (!queue) {
            return out_of_memory(parser);
        }
        parser->queue = queue;
        parser->queue_capacity = capacity;
    }
    copy_item(&parser->queue[parser->queue_end++], &parser->item);
    parser->in_item = false;
    return 1;
}

bool trace_parser_take(struct trace_parser *parser, struct trace_item *item) {
    if (parser->queue_begin == parser->queue_end) {
        return false;
    }
    copy_item(item, &parser->queue[parser->queue_begin++]);
    return true;
}

bool trace_parser_closing(const struct trace_parser *parser, struct trace_item *item) {
    if (parser->has_closing) {
        *item = parser->closing;
    }
    return parser->has_closing;
}

/* ------------------------------------------------------------ what has been read */

static int end_call(struct trace_parser *parser) {
    struct trace_call *call = &parser->item.call;
    uint64_t offset = parser->item.offset;
    if (!call->name.bytes) {
        return problem_at(parser, offset, false, "a call must have a \"name\"");
    }
    unsigned said = parser->content_set | parser->cut_set | parser->file_set;
    if (said >> call->argument_count) {
        const char *member = parser->content_set >> call->argument_count ? "args_b64"
                             : parser->cut_set >> call->argument_count   ? "cut"
                                                                         : "fds";
        return problem_at(parser, offset, false, "\"%s\" speaks of an argument that the call does not have", member);
    }
    for (unsigned i = 0; said && i < call->argument_count; i++) {
        struct trace_argument *argument = &call->arguments[i];
        unsigned bit = 1U << i;
        if (parser->content_set & bit) {
            argument->content = parser->content[i];
            argument->full_length = argument->content.size;
        }
        if (parser->cut_set & bit) {
            argument->is_cut = true;
            if (parser->cut_length[i] > argument->content.size) {
                argument->full_length = parser->cut_length[i];
            }
        }
        if (parser->file_set & bit) {
            argument->file = parser->file[i];
        }
    }
    if (!call->has_duration && parser->duration_us != UINT64_MAX) {
        if (__builtin_mul_overflow(parser->duration_us, 1000, &call->duration_ns)) {
            return problem_at(parser, offset, false, "\"duration_us\" must be an integer of 64 bits in nanoseconds");
        }
        call->has_duration = true;
    }
    return push_item(parser);
}

static int end_event(struct trace_parser *parser) {
    if (!parser->item.event.kind.bytes) {
        return problem_at(parser, parser->item.offset, false, "an event must have a member \"event\"");
    }
    return push_item(parser);
}

static int end_count(struct trace_parser *parser) {
    uint32_t seen = parser->seen[PLACE_COUNT];
    if (!(seen & BIT(MEMBER_CALLS))) {
        return problem_at(parser, parser->item.offset, false, "a row of \"by_call\" must have \"calls\"");
    }
    return push_item(parser);
}

bool trace_parser_is_recognised(const struct trace_parser *parser) {
    uint32_t seen = parser->seen[PLACE_LINE];
    if (parser->is_second_head) {
        return true;
    }
    if (seen & BIT(MEMBER_SUMMARY)) {
        return parser->seen[PLACE_SUMMARY] & BIT(MEMBER_TOTAL_SYSCALLS);
    }
    if (seen & BIT(MEMBER_EVENT)) {
        return seen & (BIT(MEMBER_PID) | BIT(MEMBER_TID));
    }
    return seen & BIT(MEMBER_NAME) && seen & (BIT(MEMBER_ARGS) | BIT(MEMBER_RESULT));
}

/* The end of an object of JSON Lines. */
static int end_line(struct trace_parser *parser) {
    uint32_t seen = parser->seen[PLACE_LINE];
    bool is_recognised = trace_parser_is_recognised(parser);
    if (!is_recognised) {
        parser->has_problem = false;
        parser->in_item = false;
        parser->has_closing = false;
        parser->seen[PLACE_LINE] = 0;
        return 1;
    }
    if (parser->has_problem) {
        return 0;
    }
    if (parser->is_second_head) {
        return problem_at(parser, parser->item.offset, false, "a second trace begins here");
    }
    if (seen & BIT(MEMBER_SUMMARY)) {
        parser->is_done = true;
        return 0;
    }
    int pushed;
    if (seen & BIT(MEMBER_EVENT)) {
        parser->event.pid = parser->item.call.pid;
        parser->event.tid = parser->item.call.tid;
        parser->item.kind = TRACE_EVENT;
        parser->item.event = parser->event;
        pushed = end_event(parser);
    } else {
        pushed = end_call(parser);
    }
    if (pushed) {
        parser->objects++;
        parser->object_end = parser->token_end;
        parser->object_end_line = count_lines(parser, parser->token_end);
        parser->seen[PLACE_LINE] = 0; /* what is wrong behind it is not of it */
    }
    return pushed;
}

/* ---------------------------------------------------------------- values arriving */

/* Whether the value may stand here: 1, 0 if it is passed over, or -1 if it may not, which has been remembered. */
static int admit(struct trace_parser *parser, unsigned type) {
    if (parser->passed_over || parser->has_problem) {
        return 0;
    }
    unsigned types;
    const char *what;
    enum place place = parser->place;
    if (place_has_members(place)) {
        if (parser->member == MEMBER_OTHER) {
            return 0;
        }
        types = member_types(parser->member);
        what = member_name(parser->member);
    } else {
        types = place_types(place);
        what = place_value(place);
    }
    if (types & type) {
        return 1;
    }
    bool is_member = place_has_members(place);
    problem(parser, "%s%s%s must be %s", is_member ? "\"" : "", what, is_member ? "\"" : "", types_text(types));
    return -1;
}

static void take_token(struct trace_parser *parser) {
    parser->token_end = parser->piece_offset + yajl_get_bytes_consumed(parser->handle);
}

/* What a callback returns for a value that admit() did not admit. */
static int refused(struct trace_parser *parser, int admitted) {
    int go_on = admitted == 0 || (is_line_object(parser) && parser->depth > 0);
    take_token(parser);
    return go_on && !parser->no_memory;
}

static int on_null(void *context) {
    struct trace_parser *parser = context;
    int admitted = admit(parser, TYPE_NULL);
    if (admitted <= 0) {
        return refused(parser, admitted);
    }
    if (parser->place == PLACE_CUT) {
        parser->cut_length[parser->index] = 0;
    }
    take_token(parser);
    return 1;
}

static int on_boolean(void *context, int value) {
    (void)value;
    struct trace_parser *parser = context;
    int admitted = admit(parser, TYPE_BOOLEAN);
    return refused(parser, admitted);
}

static int add_argument(struct trace_parser *parser, const char *bytes, size_t size, bool is_string) {
    struct trace_call *call = &parser->item.call;
    if (call->argument_count == TRACE_ARGUMENTS_MAX) {
        return problem(parser, "a call has at most %d arguments", TRACE_ARGUMENTS_MAX);
    }
    bool quoted = is_string && parser->unquote && size >= 2 && bytes[0] == '"' && bytes[size - 1] == '"';
    struct trace_argument *argument = &call->arguments[call->argument_count++];
    memset(argument, 0, sizeof(*argument));
    argument->text = quoted ? keep(parser, bytes + 1, size - 2) : keep(parser, bytes, size);
    argument->content = argument->text;
    argument->full_length = argument->text.size;
    argument->quoted = quoted;
    return !parser->no_memory;
}

/* -1: it is none, -2: it has more than 64 bits. */
static int integer_of(const char *text, size_t size, int64_t *number) {
    size_t i = size && text[0] == '-';
    bool negative = i;
    uint64_t value = 0;
    for (; i < size; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value)) {
            value = UINT64_MAX; /* the rest may still show that it is no integer */
        }
    }
    if (value > (uint64_t)INT64_MAX + negative) {
        return -2;
    }
    *number = (int64_t)(negative ? 0 - value : value);
    return 0;
}

static void set_call_number(struct trace_parser *parser, int64_t number) {
    struct trace_call *call = &parser->item.call;
    switch (parser->member) {
    case MEMBER_RESULT:
        call->has_result = true;
        call->result = number;
        break;
    case MEMBER_PID:
        call->pid = number;
        break;
    case MEMBER_TID:
        call->tid = number;
        break;
    case MEMBER_TIMESTAMP_NS:
        call->has_time_stamp = true;
        call->timestamp_ns = (uint64_t)number;
        break;
    case MEMBER_DURATION_NS:
        call->has_duration = true;
        call->duration_ns = (uint64_t)number;
        break;
    case MEMBER_DURATION_US:
        parser->duration_us = (uint64_t)number;
        break;
    case MEMBER_EXIT_CODE: /* of a line that is an event */
        parser->event.has_exit_code = true;
        parser->event.exit_code = number;
        break;
    default:
        break;
    }
}

static void set_event_number(struct trace_event *event, enum member member, int64_t number) {
    if (member == MEMBER_PID) {
        event->pid = number;
    } else if (member == MEMBER_TID) {
        event->tid = number;
    } else if (member == MEMBER_EXIT_CODE) {
        event->has_exit_code = true;
        event->exit_code = number;
    }
}

static void set_closing_number(struct trace_closing *closing, enum member member, int64_t number) {
    switch (member) {
    case MEMBER_TOTAL_SYSCALLS:
        closing->total_syscalls = number;
        break;
    case MEMBER_EXIT_CODE:
        closing->exit_code = number;
        break;
    case MEMBER_LOST:
        closing->lost = number;
        break;
    case MEMBER_TOTAL_TIME_US:
        closing->total_time_us = number;
        break;
    case MEMBER_WALL_TIME_US:
        closing->wall_time_us = number;
        break;
    default:
        break;
    }
}

static int set_count_number(struct trace_parser *parser, int64_t number) {
    struct trace_count *count = &parser->item.count;
    switch (parser->member) {
    case MEMBER_CALLS:
        count->calls = (uint64_t)number;
        break;
    case MEMBER_ERRORS:
        count->errors = number;
        break;
    case MEMBER_TIME_NS:
        count->time_ns = number;
        break;
    case MEMBER_TIME_US:
        if (!(parser->seen[PLACE_COUNT] & BIT(MEMBER_TIME_NS)) &&
            __builtin_mul_overflow(number, 1000, &count->time_ns)) {
            return problem(parser, "\"time_us\" must be an integer of 64 bits in nanoseconds");
        }
        break;
    default:
        break;
    }
    return 1;
}

static int set_number(struct trace_parser *parser, int64_t number) {
    switch (parser->place) {
    case PLACE_CUT:
        parser->cut_length[parser->index] = (uint64_t)number;
        return 1;
    case PLACE_CALL:
    case PLACE_LINE:
        set_call_number(parser, number);
        return 1;
    case PLACE_EVENT:
        set_event_number(&parser->item.event, parser->member, number);
        return 1;
    case PLACE_SUMMARY:
        set_closing_number(&parser->closing.closing, parser->member, number);
        return 1;
    case PLACE_COUNT:
        return set_count_number(parser, number);
    default:
        return 1;
    }
}

static int on_number(void *context, const char *text, size_t size) {
    struct trace_parser *parser = context;
    int64_t number = 0;
    int status = integer_of(text, size, &number);
    /* An argument is its text, whatever number it is. */
    int admitted = admit(parser, status == -1 && parser->place != PLACE_ARGS ? TYPE_REAL : TYPE_INTEGER);
    if (admitted <= 0) {
        return refused(parser, admitted);
    }
    int go_on;
    if (parser->place == PLACE_ARGS) {
        go_on = add_argument(parser, text, size, false);
    } else {
        const char *name = place_has_members(parser->place) ? member_name(parser->member) : "cut";
        bool natural = !place_has_members(parser->place) || member_is_natural(parser->member);
        if (status == -2) {
            go_on = problem(parser, "\"%s\" must be an integer of 64 bits", name);
        } else if (natural && number < 0) {
            go_on = problem(parser, "\"%s\" must not be negative", name);
        } else {
            go_on = set_number(parser, number);
        }
    }
    take_token(parser);
    return go_on;
}

static int set_content(struct trace_parser *parser, const char *text, size_t size) {
    char *bytes = trace_arena_take(&parser->arenas[parser->item_arena], BASE64_DECODE_LENGTH(size) + 1);
    if (!bytes) {
        return out_of_memory(parser);
    }
    struct base64_decode_ctx decoder;
    size_t decoded = 0;
    base64_decode_init(&decoder);
    if (!base64_decode_update(&decoder, &decoded, (uint8_t *)bytes, size, text) || !base64_decode_final(&decoder)) {
        return problem(parser, "\"args_b64\" must be Base64");
    }
    bytes[decoded] = 0;
    parser->content[parser->index] = (struct trace_bytes){bytes, decoded};
    return 1;
}

static int set_file(struct trace_parser *parser, const char *bytes, size_t size) {
    struct trace_bytes file = keep(parser, bytes, size);
    if (parser->index == NO_INDEX) {
        parser->item.call.result_file = file;
    } else {
        parser->file[parser->index] = file;
    }
    return !parser->no_memory;
}

static int set_call_string(struct trace_parser *parser, const char *bytes, size_t size) {
    struct trace_call *call = &parser->item.call;
    switch (parser->member) {
    case MEMBER_NAME:
        call->name = keep(parser, bytes, size);
        break;
    case MEMBER_ERROR:
        call->error = keep(parser, bytes, size);
        break;
    case MEMBER_RESULT_REF:
        call->result_ref = keep(parser, bytes, size);
        break;
    case MEMBER_EVENT: /* of a line that is an event */
        parser->event.kind = keep(parser, bytes, size);
        break;
    case MEMBER_SIGNAL:
        parser->event.signal = keep(parser, bytes, size);
        break;
    case MEMBER_FORMAT:
        parser->is_second_head = size == strlen(TRACE_FORMAT) && memcmp(bytes, TRACE_FORMAT, size) == 0;
        break;
    default:
        break;
    }
    return !parser->no_memory;
}

static int set_string(struct trace_parser *parser, const char *bytes, size_t size) {
    switch (parser->place) {
    case PLACE_ARGS:
        return add_argument(parser, bytes, size, true);
    case PLACE_CONTENT:
        return set_content(parser, bytes, size);
    case PLACE_FILES:
        return set_file(parser, bytes, size);
    case PLACE_CALL:
    case PLACE_LINE:
        return set_call_string(parser, bytes, size);
    case PLACE_EVENT:
        if (parser->member == MEMBER_EVENT) {
            parser->item.event.kind = keep(parser, bytes, size);
        } else if (parser->member == MEMBER_SIGNAL) {
            parser->item.event.signal = keep(parser, bytes, size);
        }
        return !parser->no_memory;
    case PLACE_SUMMARY:
        parser->closing.closing.signal = keep_in(parser, &parser->closing_strings, bytes, size);
        return !parser->no_memory;
    default:
        return 1;
    }
}

/* UTF-8? Most strings are ASCII: eight bytes at a time. */
static bool is_text(const unsigned char *bytes, size_t size) {
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        if (word & 0x8080808080808080) {
            break;
        }
    }
    return u8_check(bytes + i, size - i) == NULL;
}

static int on_string(void *context, const unsigned char *bytes, size_t size) {
    struct trace_parser *parser = context;
    int admitted = admit(parser, TYPE_STRING);
    if (admitted <= 0) {
        return refused(parser, admitted);
    }
    int go_on = is_text(bytes, size) ? set_string(parser, (const char *)bytes, size)
                                     : problem(parser, "a string must be UTF-8");
    take_token(parser);
    return go_on;
}

/* ------------------------------------------------------------ objects and lists */

static enum place place_inside(const struct trace_parser *parser) {
    switch (parser->place) {
    case PLACE_TOP:
        return parser->mode == PARSE_DOCUMENT ? PLACE_ROOT : parser->mode == PARSE_CALL ? PLACE_CALL : PLACE_LINE;
    case PLACE_SYSCALLS:
        return PLACE_CALL;
    case PLACE_EVENTS:
        return PLACE_EVENT;
    case PLACE_COUNTS:
        return PLACE_COUNT;
    default:
        return member_inside(parser->member);
    }
}

/* The place in which this one is. */
static enum place place_outside(const struct trace_parser *parser) {
    switch (parser->place) {
    case PLACE_SYSCALLS:
    case PLACE_EVENTS:
        return PLACE_ROOT;
    case PLACE_CALL:
        return parser->mode == PARSE_DOCUMENT ? PLACE_SYSCALLS : PLACE_TOP;
    case PLACE_EVENT:
        return PLACE_EVENTS;
    case PLACE_ARGS:
    case PLACE_CONTENT:
    case PLACE_CUT:
    case PLACE_FILES:
        return parser->mode == PARSE_LINES ? PLACE_LINE : PLACE_CALL;
    case PLACE_SUMMARY:
        return parser->mode == PARSE_LINES ? PLACE_LINE : PLACE_ROOT;
    case PLACE_COUNTS:
        return PLACE_SUMMARY;
    case PLACE_COUNT:
        return PLACE_COUNTS;
    default:
        return PLACE_TOP;
    }
}

static void enter(struct trace_parser *parser, enum place place) {
    uint64_t offset = parser->token_end - 1;
    parser->place = place;
    parser->seen[place] = 0;
    switch (place) {
    case PLACE_LINE:
        parser->event = (struct trace_event){0};
        parser->is_second_head = false;
        parser->seen[PLACE_SUMMARY] = 0;
        begin_item(parser, TRACE_CALL);
        place_item(parser);
        break;
    case PLACE_CALL:
        begin_item(parser, TRACE_CALL);
        place_item(parser);
        break;
    case PLACE_EVENT:
        begin_item(parser, TRACE_EVENT);
        place_item(parser);
        break;
    case PLACE_COUNT: /* begun with its key */
        place_item(parser);
        break;
    case PLACE_SUMMARY:
        trace_arena_reset(&parser->closing_strings);
        parser->closing = (struct trace_item){
            .kind = TRACE_CLOSING,
            .line = count_lines(parser, offset),
            .offset = offset,
            .closing = {.total_syscalls = -1, .exit_code = -1, .lost = -1, .total_time_us = -1, .wall_time_us = -1}};
        break;
    case PLACE_COUNTS:
        parser->closing.closing.has_counts = true;
        break;
    default:
        break;
    }
}

static int begin_container(struct trace_parser *parser, unsigned type) {
    int admitted = admit(parser, type);
    if (admitted < 0 && !(is_line_object(parser) && parser->depth > 0)) {
        return 0;
    }
    take_token(parser);
    if (parser->depth++ == DEPTH_MAX) {
        problem_at(parser, parser->token_end - 1, false, "objects and lists stand in each other more than %d deep",
                   DEPTH_MAX);
        return 0; /* JSON Lines as well: its end is of no use */
    }
    enum place inside = admitted > 0 ? place_inside(parser) : PLACE_NOWHERE;
    if (inside == PLACE_NOWHERE) {
        parser->passed_over++;
    } else {
        enter(parser, inside);
    }
    return 1;
}

static int end_container(struct trace_parser *parser) {
    take_token(parser);
    parser->depth--;
    if (parser->passed_over) {
        parser->passed_over--;
        return 1;
    }
    enum place ended = parser->place;
    int go_on = 1;
    switch (ended) {
    case PLACE_CALL:
        go_on = parser->has_problem || end_call(parser);
        break;
    case PLACE_EVENT:
        go_on = end_event(parser);
        break;
    case PLACE_COUNT:
        go_on = parser->has_problem || end_count(parser);
        break;
    case PLACE_SUMMARY:
        parser->has_closing = true;
        break;
    case PLACE_LINE:
        go_on = end_line(parser);
        break;
    default:
        break;
    }
    parser->place = place_outside(parser);
    if (parser->depth == 0 && !is_line_object(parser)) {
        parser->is_done = true;
    }
    return go_on;
}

static int on_begin_object(void *context) {
    return begin_container(context, TYPE_OBJECT);
}

static int on_begin_list(void *context) {
    return begin_container(context, TYPE_LIST);
}

static int on_end(void *context) {
    return end_container(context);
}

/* A key of "args_b64", "cut" or "fds". */
static int take_index(struct trace_parser *parser, const char *bytes, size_t size) {
    static const struct {
        const char *name;
        size_t set;
    } maps[PLACES] = {
        [PLACE_CONTENT] = {"args_b64", offsetof(struct trace_parser, content_set)},
        [PLACE_CUT] = {"cut", offsetof(struct trace_parser, cut_set)},
        [PLACE_FILES] = {"fds", offsetof(struct trace_parser, file_set)},
    };
    const char *name = maps[parser->place].name;
    if (parser->place == PLACE_FILES && size == 6 && memcmp(bytes, "result", 6) == 0) {
        parser->index = NO_INDEX;
        return 1;
    }
    if (size != 1 || bytes[0] < '0' || bytes[0] >= '0' + TRACE_ARGUMENTS_MAX) {
        return problem(parser, "the keys of \"%s\" must be indices into \"args\"", name);
    }
    unsigned *set = (unsigned *)((char *)parser + maps[parser->place].set);
    parser->index = bytes[0] - '0';
    if (*set & 1U << parser->index) {
        return problem(parser, "\"%s\" says the same argument twice", name);
    }
    *set |= 1U << parser->index;
    return 1;
}

static int take_member(struct trace_parser *parser, const char *bytes, size_t size) {
    parser->member = member_of(parser->place, bytes, size);
    if (parser->member == MEMBER_OTHER) {
        return 1;
    }
    uint32_t bit = BIT(parser->member);
    if (parser->seen[parser->place] & bit) {
        return problem(parser, "\"%s\" stands here twice", member_name(parser->member));
    }
    parser->seen[parser->place] |= bit;
    return 1;
}

static int on_key(void *context, const unsigned char *key, size_t size) {
    struct trace_parser *parser = context;
    const char *bytes = (const char *)key;
    int go_on = 1;
    if (parser->passed_over) {
        go_on = 1;
    } else if (place_has_members(parser->place)) {
        /* Even after a problem: what the members are tells whether the object is one of a trace. */
        go_on = take_member(parser, bytes, size);
    } else if (parser->has_problem) {
        go_on = 1;
    } else if (parser->place == PLACE_COUNTS) {
        begin_item(parser, TRACE_COUNT);
        parser->item.count.name = keep(parser, bytes, size);
        parser->item.count.errors = -1;
        parser->item.count.time_ns = -1;
        go_on = is_text(key, size) ? !parser->no_memory : problem(parser, "a string must be UTF-8");
    } else {
        go_on = take_index(parser, bytes, size);
    }
    take_token(parser);
    return go_on;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_begin_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_end,
    .yajl_start_array = on_begin_list,
    .yajl_end_array = on_end,
};

/* ------------------------------------------------------------------- from outside */

int trace_parser_restart(struct trace_parser *parser) {
    if (parser->handle) {
        yajl_free(parser->handle);
    }
    parser->place = PLACE_TOP;
    parser->depth = 0;
    parser->passed_over = 0;
    parser->in_item = false;
    parser->has_closing = false;
    parser->has_problem = false;
    parser->is_done = false;
    parser->handle = yajl_alloc(&callbacks, NULL, parser);
    if (!parser->handle) {
        return -ENOMEM;
    }
    yajl_config(parser->handle, yajl_dont_validate_strings, 1);
    yajl_config(parser->handle, parser->mode == PARSE_LINES ? yajl_allow_multiple_values : yajl_allow_trailing_garbage,
                1);
    return 0;
}

struct trace_parser *trace_parser_create(enum parse_mode mode, bool unquote) {
    struct trace_parser *parser = calloc(1, sizeof(*parser));
    if (!parser) {
        return NULL;
    }
    parser->mode = mode;
    parser->unquote = unquote;
    parser->line = 1;
    if (trace_parser_restart(parser) < 0) {
        trace_parser_destroy(parser);
        return NULL;
    }
    return parser;
}

void trace_parser_set_line(struct trace_parser *parser, uint64_t offset, uint64_t line) {
    parser->line_offset = offset;
    parser->line = line;
}

/* The queue has been emptied: only the item in the making still needs its strings. Those of others go where they are
 * not. */
static void recycle(struct trace_parser *parser) {
    parser->queue_begin = 0;
    parser->queue_end = 0;
    if (parser->in_item) {
        parser->next_arena = !parser->item_arena;
    }
    trace_arena_reset(&parser->arenas[parser->next_arena]);
}

int trace_parser_feed(struct trace_parser *parser, const char *bytes, size_t size, uint64_t offset) {
    recycle(parser);
    parser->piece = bytes;
    parser->piece_size = size;
    parser->piece_offset = offset;
    if (parser->depth == 0) {
        parser->token_end = offset;
    }
    uint64_t begin = parser->in_item ? parser->item.offset : parser->token_end;
    if (offset + size - begin > TRACE_VALUE_BYTES) {
        parser->has_problem = false;
        problem_at(parser, begin, false, "a call or string is longer than %d MiB", TRACE_VALUE_BYTES >> 20);
        return -EINVAL;
    }
    yajl_status status = yajl_parse(parser->handle, (const unsigned char *)bytes, size);
    parser->consumed = yajl_get_bytes_consumed(parser->handle);
    if (parser->no_memory) {
        return -ENOMEM;
    }
    count_lines(parser, offset + (parser->consumed < size ? parser->consumed : size));
    if (parser->is_done) {
        return PARSE_END;
    }
    if (status == yajl_status_ok) {
        return PARSE_MORE;
    }
    problem(parser, "this is not JSON");
    return -EINVAL;
}

size_t trace_parser_consumed(const struct trace_parser *parser) {
    return parser->consumed;
}

const char *trace_parser_problem(const struct trace_parser *parser, uint64_t *offset, bool *is_before) {
    *offset = parser->problem_offset;
    *is_before = parser->problem_is_before;
    return parser->problem;
}

bool trace_parser_is_inside(const struct trace_parser *parser) {
    return parser->depth > 0;
}

uint64_t trace_parser_objects(const struct trace_parser *parser) {
    return parser->objects;
}

uint64_t trace_parser_object_end(const struct trace_parser *parser) {
    return parser->object_end;
}

uint64_t trace_parser_object_end_line(const struct trace_parser *parser) {
    return parser->object_end_line;
}

uint64_t trace_parser_line(const struct trace_parser *parser) {
    return parser->line;
}

size_t trace_parser_pending(const struct trace_parser *parser) {
    return (size_t)(parser->piece_offset + parser->piece_size - parser->token_end);
}

void trace_parser_destroy(struct trace_parser *parser) {
    if (!parser) {
        return;
    }
    if (parser->handle) {
        yajl_free(parser->handle);
    }
    trace_arena_finish(&parser->arenas[0]);
    trace_arena_finish(&parser->arenas[1]);
    trace_arena_finish(&parser->closing_strings);
    free(parser->queue);
    free(parser);
}
