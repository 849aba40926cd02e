/* SPDX-License-Identifier: MIT */
#include "trace_head.h"
#include "trace_parsing.h"

#include <nettle/base64.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

int parse_out_of_memory(struct trace_parser *parser) {
    parser->no_memory = true;
    return 0;
}

/* Remember what is wrong. What a callback returns then: an object of JSON Lines is read to its end nevertheless, for
 * it may be something else. */
__attribute__((format(printf, 4, 5))) int parse_problem_at(struct trace_parser *parser, uint64_t offset, bool is_before,
                                                           const char *format, ...) {
    if (!parser->has_problem) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(parser->problem, sizeof(parser->problem), format, arguments);
        va_end(arguments);
        parser->has_problem = true;
        parser->problem_offset = offset;
        parser->problem_is_before = is_before;
    }
    return parse_is_line_object(parser) && parser->depth > 0;
}

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

struct trace_bytes parse_keep(struct trace_parser *parser, const char *bytes, size_t size) {
    return keep_in(parser, &parser->arenas[parser->item_arena], bytes, size);
}

int parse_argument(struct trace_parser *parser, const char *bytes, size_t size, bool is_string) {
    struct trace_call *call = &parser->item.call;
    if (call->argument_count == TRACE_ARGUMENTS_MAX) {
        return parse_problem(parser, "a call has at most %d arguments", TRACE_ARGUMENTS_MAX);
    }
    bool quoted = is_string && parser->unquote && size >= 2 && bytes[0] == '"' && bytes[size - 1] == '"';
    struct trace_argument *argument = &call->arguments[call->argument_count++];
    memset(argument, 0, sizeof(*argument));
    argument->text = quoted ? parse_keep(parser, bytes + 1, size - 2) : parse_keep(parser, bytes, size);
    argument->content = argument->text;
    argument->full_length = argument->text.size;
    argument->quoted = quoted;
    return !parser->no_memory;
}

/* -1: it is none, -2: it has more than 64 bits. */
int parse_integer(const char *text, size_t size, int64_t *number) {
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
    case MEMBER_MAX_RSS_KB:
        closing->max_rss_kb = number;
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
            return parse_problem(parser, "\"time_us\" must be an integer of 64 bits in nanoseconds");
        }
        break;
    default:
        break;
    }
    return 1;
}

int parse_set_number(struct trace_parser *parser, int64_t number) {
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

static int set_content(struct trace_parser *parser, const char *text, size_t size) {
    char *bytes = trace_arena_take(&parser->arenas[parser->item_arena], BASE64_DECODE_LENGTH(size) + 1);
    if (!bytes) {
        return parse_out_of_memory(parser);
    }
    struct base64_decode_ctx decoder;
    size_t decoded = 0;
    base64_decode_init(&decoder);
    if (!base64_decode_update(&decoder, &decoded, (uint8_t *)bytes, size, text) || !base64_decode_final(&decoder)) {
        return parse_problem(parser, "\"args_b64\" must be Base64");
    }
    bytes[decoded] = 0;
    parser->content[parser->index] = (struct trace_bytes){bytes, decoded};
    return 1;
}

static int set_file(struct trace_parser *parser, const char *bytes, size_t size) {
    struct trace_bytes file = parse_keep(parser, bytes, size);
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
        call->name = parse_keep(parser, bytes, size);
        break;
    case MEMBER_ERROR:
        call->error = parse_keep(parser, bytes, size);
        break;
    case MEMBER_RESULT_REF:
        call->result_ref = parse_keep(parser, bytes, size);
        break;
    case MEMBER_EVENT: /* of a line that is an event */
        parser->event.kind = parse_keep(parser, bytes, size);
        break;
    case MEMBER_SIGNAL:
        parser->event.signal = parse_keep(parser, bytes, size);
        break;
    case MEMBER_FORMAT:
        parser->is_second_head = size == strlen(TRACE_FORMAT) && memcmp(bytes, TRACE_FORMAT, size) == 0;
        break;
    default:
        break;
    }
    return !parser->no_memory;
}

int parse_set_string(struct trace_parser *parser, const char *bytes, size_t size) {
    switch (parser->place) {
    case PLACE_ARGS:
        return parse_argument(parser, bytes, size, true);
    case PLACE_CONTENT:
        return set_content(parser, bytes, size);
    case PLACE_FILES:
        return set_file(parser, bytes, size);
    case PLACE_CALL:
    case PLACE_LINE:
        return set_call_string(parser, bytes, size);
    case PLACE_EVENT:
        if (parser->member == MEMBER_EVENT) {
            parser->item.event.kind = parse_keep(parser, bytes, size);
        } else if (parser->member == MEMBER_SIGNAL) {
            parser->item.event.signal = parse_keep(parser, bytes, size);
        }
        return !parser->no_memory;
    case PLACE_SUMMARY:
        if (parser->member == MEMBER_INCOMPLETE) {
            parser->closing.closing.incomplete = keep_in(parser, &parser->closing_strings, bytes, size);
        } else {
            parser->closing.closing.signal = keep_in(parser, &parser->closing_strings, bytes, size);
        }
        return !parser->no_memory;
    default:
        return 1;
    }
}

/* UTF-8? Most strings are ASCII: eight bytes at a time. */
bool parse_is_text(const unsigned char *bytes, size_t size) {
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
