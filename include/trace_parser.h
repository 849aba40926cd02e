/* SPDX-License-Identifier: MIT
 *
 * From the JSON of a trace to its items: fed piece by piece, it leaves what is
 * complete in a queue.
 */
#ifndef RENACER_TRACE_PARSER_H
#define RENACER_TRACE_PARSER_H

#include "trace_arena.h"
#include "trace_reader.h"

enum parse_mode {
    PARSE_DOCUMENT, /* one object with all in it */
    PARSE_LINES,    /* an object for each call, event, and the summary, among which others may be that are none of it */
    PARSE_CALL,     /* one call */
};

enum {
    TRACE_VALUE_BYTES = 64 << 20, /* more is refused of a call, and of a string */
};

enum parse_status {
    PARSE_MORE, /* all that was fed is used up */
    PARSE_END,  /* the document, the call, or the summary of JSON Lines is complete */
};

struct trace_parser;

/* `unquote`: paths stand in quotation marks, as renacer 0.6 writes them. NULL if there is no memory. */
struct trace_parser *trace_parser_create(enum parse_mode mode, bool unquote);

/* Go on with bytes that stand at `offset` of the file. All items have to be taken out of the queue before. An enum
 * parse_status; -EINVAL with what trace_parser_problem() says; -ENOMEM. */
int trace_parser_feed(struct trace_parser *parser, const char *bytes, size_t size, uint64_t offset);

/* Where line numbers count from: the byte at `offset` stands in `line`. */
void trace_parser_set_line(struct trace_parser *parser, uint64_t offset, uint64_t line);

/* How much of what was fed last is used up. */
size_t trace_parser_consumed(const struct trace_parser *parser);

/* The next item, valid until bytes are fed: false if there is none. */
bool trace_parser_take(struct trace_parser *parser, struct trace_item *item);

/* The summary, as soon as it has been read: false if it has not. */
bool trace_parser_closing(const struct trace_parser *parser, struct trace_item *item);

/* What is wrong, without the place. The place is `*offset`, or, if `*is_before`, the next value behind it. */
const char *trace_parser_problem(const struct trace_parser *parser, uint64_t *offset, bool *is_before);

/* The line in which what is used up ends. */
uint64_t trace_parser_line(const struct trace_parser *parser);

/* The bytes behind the last whole string, number or sign of what was fed. The next piece should be as long: the JSON
 * parser looks at an incomplete string from its beginning with each piece. */
size_t trace_parser_pending(const struct trace_parser *parser);

/* Whether something has begun that has not ended. */
bool trace_parser_is_inside(const struct trace_parser *parser);

/* JSON Lines: whether the object in which it is, or in which it failed, is one of a trace, as far as it was seen. */
bool trace_parser_is_recognised(const struct trace_parser *parser);

/* JSON Lines: how many objects of a trace there were so far. */
uint64_t trace_parser_objects(const struct trace_parser *parser);
/* Where the last of them ended. */
uint64_t trace_parser_object_end(const struct trace_parser *parser);
uint64_t trace_parser_object_end_line(const struct trace_parser *parser);

/* JSON Lines: forget the object in which it is, and be ready for another one. 0 or -ENOMEM. */
int trace_parser_restart(struct trace_parser *parser);

void trace_parser_destroy(struct trace_parser *parser);

#endif
