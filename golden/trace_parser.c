/* SPDX-License-Identifier: MIT */
#include "trace_parser.h"

#include "trace_parsing.h"

#include <errno.h>
#include <string.h>

enum {
    DEPTH_MAX = 64,
    FIRST_QUEUE = 64, /* items */
};

/* ------------------------------------------------------------------------ items */

/* The line of the byte at `offset`, which is one of the piece. */
static uint64_t count_lines(struct trace_parser *parser, uint64_t offset) {
    if (offset <= parser->line_offset) {
        return parser->line;
    }
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
            return parse_out_of_memory(parser);
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
        return parse_problem_at(parser, offset, false, "a call must have a \"name\"");
    }
    unsigned said = parser->content_set | parser->cut_set | parser->file_set;
    if (said >> call->argument_count) {
        const char *member = parser->content_set >> call->argument_count ? "args_b64"
                             : parser->cut_set >> call->argument_count   ? "cut"
                                                                         : "fds";
        return parse_problem_at(parser, offset, false, "\"%s\" speaks of an argument that the call does not have",
                                member);
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
            return parse_problem_at(parser, offset, false,
                                    "\"duration_us\" must be an integer of 64 bits in nanoseconds");
        }
        call->has_duration = true;
    }
    return push_item(parser);
}

static int end_event(struct trace_parser *parser) {
    if (!parser->item.event.kind.bytes) {
        return parse_problem_at(parser, parser->item.offset, false, "an event must have a member \"event\"");
    }
    return push_item(parser);
}

static int end_count(struct trace_parser *parser) {
    uint64_t seen = parser->seen[PLACE_COUNT];
    if (!(seen & BIT(MEMBER_CALLS))) {
        return parse_problem_at(parser, parser->item.offset, false, "a row of \"by_call\" must have \"calls\"");
    }
    return push_item(parser);
}

bool trace_parser_is_recognised(const struct trace_parser *parser) {
    uint64_t seen = parser->seen[PLACE_LINE];
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
    uint64_t seen = parser->seen[PLACE_LINE];
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
        return parse_problem_at(parser, parser->item.offset, false, "a second trace begins here");
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
    parse_problem(parser, "%s%s%s must be %s", is_member ? "\"" : "", what, is_member ? "\"" : "", types_text(types));
    return -1;
}

static void take_token(struct trace_parser *parser) {
    parser->token_end = parser->piece_offset + yajl_get_bytes_consumed(parser->handle);
}

/* What a callback returns for a value that admit() did not admit. */
static int refused(struct trace_parser *parser, int admitted) {
    int go_on = admitted == 0 || (parse_is_line_object(parser) && parser->depth > 0);
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

static int on_number(void *context, const char *text, size_t size) {
    struct trace_parser *parser = context;
    int64_t number = 0;
    int status = parse_integer(text, size, &number);
    /* An argument is its text, whatever number it is. */
    int admitted = admit(parser, status == -1 && parser->place != PLACE_ARGS ? TYPE_REAL : TYPE_INTEGER);
    if (admitted <= 0) {
        return refused(parser, admitted);
    }
    int go_on;
    if (parser->place == PLACE_ARGS) {
        go_on = parse_argument(parser, text, size, false);
    } else {
        const char *name = place_has_members(parser->place) ? member_name(parser->member) : "cut";
        bool natural = !place_has_members(parser->place) || member_is_natural(parser->member);
        if (status == -2) {
            go_on = parse_problem(parser, "\"%s\" must be an integer of 64 bits", name);
        } else if (natural && number < 0) {
            go_on = parse_problem(parser, "\"%s\" must not be negative", name);
        } else {
            go_on = parse_set_number(parser, number);
        }
    }
    take_token(parser);
    return go_on;
}

static int on_string(void *context, const unsigned char *bytes, size_t size) {
    struct trace_parser *parser = context;
    int admitted = admit(parser, TYPE_STRING);
    if (admitted <= 0) {
        return refused(parser, admitted);
    }
    int go_on = parse_is_text(bytes, size) ? parse_set_string(parser, (const char *)bytes, size)
                                           : parse_problem(parser, "a string must be UTF-8");
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
        parser->closing = (struct trace_item){.kind = TRACE_CLOSING,
                                              .line = count_lines(parser, offset),
                                              .offset = offset,
                                              .closing = {.total_syscalls = -1,
                                                          .exit_code = -1,
                                                          .lost = -1,
                                                          .total_time_us = -1,
                                                          .wall_time_us = -1,
                                                          .max_rss_kb = -1}};
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
    if (admitted < 0 && !(parse_is_line_object(parser) && parser->depth > 0)) {
        return 0;
    }
    take_token(parser);
    if (parser->depth++ == DEPTH_MAX) {
        parse_problem_at(parser, parser->token_end - 1, false,
                         "objects and lists stand in each other more than %d deep", DEPTH_MAX);
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
    if (parser->depth == 0 && !parse_is_line_object(parser)) {
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
        return parse_problem(parser, "the keys of \"%s\" must be indices into \"args\"", name);
    }
    unsigned *set = (unsigned *)((char *)parser + maps[parser->place].set);
    parser->index = bytes[0] - '0';
    if (*set & 1U << parser->index) {
        return parse_problem(parser, "\"%s\" says the same argument twice", name);
    }
    *set |= 1U << parser->index;
    return 1;
}

static int take_member(struct trace_parser *parser, const char *bytes, size_t size) {
    parser->member = member_of(parser->place, bytes, size);
    if (parser->member == MEMBER_OTHER) {
        return 1;
    }
    uint64_t bit = BIT(parser->member);
    if (parser->seen[parser->place] & bit) {
        return parse_problem(parser, "\"%s\" stands here twice", member_name(parser->member));
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
        parser->item.count.name = parse_keep(parser, bytes, size);
        parser->item.count.errors = -1;
        parser->item.count.time_ns = -1;
        go_on = parse_is_text(key, size) ? !parser->no_memory : parse_problem(parser, "a string must be UTF-8");
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
        parse_problem_at(parser, begin, false, "a call or string is longer than %d MiB", TRACE_VALUE_BYTES >> 20);
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
    parse_problem(parser, "this is not JSON");
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
