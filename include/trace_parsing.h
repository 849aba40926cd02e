/* SPDX-License-Identifier: MIT
 *
 * The inside of the parser of traces: trace_parser.c follows the JSON and knows
 * where it is, trace_fields.c puts the values where they belong.
 */
#ifndef RENACER_TRACE_PARSING_H
#define RENACER_TRACE_PARSING_H

#include "trace_members.h"
#include "trace_parser.h"

#include <yajl/yajl_parse.h>

enum {
    PARSE_PROBLEM_BYTES = 256,
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
    uint64_t seen[PLACES];

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
    char problem[PARSE_PROBLEM_BYTES];
};

/* An object of JSON Lines is read to its end also if it is wrong: it may be none of a trace. */
static inline bool parse_is_line_object(const struct trace_parser *parser) {
    return parser->mode == PARSE_LINES;
}

/* Functions that return int here return what a callback of the JSON parser returns: 0 stops it. */

/* No memory: 0. */
int parse_out_of_memory(struct trace_parser *parser);
/* Remember what is wrong, if it is the first thing. `is_before`: at the next value behind `offset`. */
__attribute__((format(printf, 4, 5))) int parse_problem_at(struct trace_parser *parser, uint64_t offset, bool is_before,
                                                           const char *format, ...);
#define parse_problem(parser, ...) parse_problem_at(parser, (parser)->token_end, true, __VA_ARGS__)

/* A copy for the item in the making; NULL and no_memory if there is none. */
struct trace_bytes parse_keep(struct trace_parser *parser, const char *bytes, size_t size);
/* The integer that the text of a JSON number is: 0; -1: it is none, -2: it has more than 64 bits. */
int parse_integer(const char *text, size_t size, int64_t *number);
/* Whether it is UTF-8. */
bool parse_is_text(const unsigned char *bytes, size_t size);

/* The value of what has been named last, which may have one of this type. */
int parse_argument(struct trace_parser *parser, const char *bytes, size_t size, bool is_string);
int parse_set_number(struct trace_parser *parser, int64_t number);
int parse_set_string(struct trace_parser *parser, const char *bytes, size_t size);

#endif
