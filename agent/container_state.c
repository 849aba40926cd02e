/* SPDX-License-Identifier: MIT
 *
 * By yajl, which is stricter than what else is there: it refuses bytes that are
 * not UTF-8, it hands over strings with their lengths, so that a NUL in them is
 * seen, it does not recurse, and a member that is there twice is seen twice.
 */
#include "container_state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <yajl/yajl_parse.h>

enum {
    STRING_MAX = 4096, /* bytes of one that is kept: no path is longer */
};

/* Of what is read, the place. */
enum place {
    PLACE_BEFORE, /* the object has not begun */
    PLACE_TOP,
    PLACE_STATE, /* in "state" */
    PLACE_FDS,   /* in "fds" */
    PLACE_BEHIND,
};

enum member {
    MEMBER_OTHER, /* which is passed over */
    MEMBER_VERSION,
    MEMBER_FDS,
    MEMBER_PROCESS_PID,
    MEMBER_METADATA,
    MEMBER_STATE,
    MEMBER_ID,
    MEMBER_PID,
    MEMBER_BUNDLE,
    MEMBER_COUNT,
};

enum kind {
    KIND_STRING,
    KIND_NUMBER,
    KIND_OBJECT,
    KIND_LIST,
    KIND_NULL,
    KIND_BOOLEAN,
};

static const struct {
    const char *key;
    const char *shown; /* in a sentence */
    enum place place;
    enum kind kind;
    bool is_optional; /* then null is no value */
} members[MEMBER_COUNT] = {
    [MEMBER_VERSION] = {"ociVersion", "\"ociVersion\"", PLACE_TOP, KIND_STRING, true},
    [MEMBER_FDS] = {"fds", "\"fds\"", PLACE_TOP, KIND_LIST, false},
    [MEMBER_PROCESS_PID] = {"pid", "\"pid\"", PLACE_TOP, KIND_NUMBER, false},
    [MEMBER_METADATA] = {"metadata", "\"metadata\"", PLACE_TOP, KIND_STRING, true},
    [MEMBER_STATE] = {"state", "\"state\"", PLACE_TOP, KIND_OBJECT, false},
    [MEMBER_ID] = {"id", "\"id\" in \"state\"", PLACE_STATE, KIND_STRING, false},
    [MEMBER_PID] = {"pid", "\"pid\" in \"state\"", PLACE_STATE, KIND_NUMBER, true},
    [MEMBER_BUNDLE] = {"bundle", "\"bundle\" in \"state\"", PLACE_STATE, KIND_STRING, true},
};

static const char *const kind_names[] = {
    [KIND_STRING] = "a string", [KIND_NUMBER] = "a number", [KIND_OBJECT] = "an object",
    [KIND_LIST] = "a list",     [KIND_NULL] = "null",       [KIND_BOOLEAN] = "true or false",
};

struct parser {
    struct container_state *state;
    enum place place;
    enum member member;     /* whose value comes next */
    bool has[MEMBER_COUNT]; /* which were there */
    bool has_listener;      /* "seccompFd" was */
    size_t passed_over;     /* how many brackets are open of a value that is passed over */
    int status;             /* why it was broken off: -EINVAL with a problem, -ENOMEM */
    char *problem;
    size_t problem_size;
};

enum {
    go_on = 1, /* what yajl wants from a callback */
    stop = 0,
};

static int fail(struct parser *parser, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct parser *parser, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->problem, parser->problem_size, format, arguments);
    va_end(arguments);
    parser->status = -EINVAL;
    return stop;
}

/* ------------------------------------------------------------------------ values */

/* Whether a value of this kind is one that is kept; if it is not, *result is what the callback returns. */
static bool is_wanted(struct parser *parser, enum kind kind, int *result) {
    *result = go_on;
    if (parser->passed_over) {
        return false;
    }
    if (parser->place == PLACE_BEFORE) {
        *result = fail(parser, "it is %s, not an object", kind_names[kind]);
        return false;
    }
    if (parser->place == PLACE_FDS) {
        if (kind != KIND_STRING) {
            *result = fail(parser, "\"fds\" has %s among the names", kind_names[kind]);
        }
        return kind == KIND_STRING;
    }
    enum member member = parser->member;
    if (member == MEMBER_OTHER || (kind == KIND_NULL && members[member].is_optional)) {
        return false;
    }
    if (kind != members[member].kind) {
        *result =
            fail(parser, "%s is %s, not %s", members[member].shown, kind_names[kind], kind_names[members[member].kind]);
        return false;
    }
    return true;
}

static int keep_string(struct parser *parser, char **to, const unsigned char *bytes, size_t size, size_t limit) {
    const char *shown = members[parser->member].shown;
    if (size > limit) {
        return fail(parser, "%s is longer than %zu bytes", shown, limit);
    }
    if (memchr(bytes, 0, size)) {
        return fail(parser, "%s has a NUL in it", shown);
    }
    /* yajl lets pass what no character is encoded as, half a surrogate pair among it. */
    if (u8_check(bytes, size)) {
        return fail(parser, "%s is not UTF-8", shown);
    }
    *to = strndup((const char *)bytes, size);
    if (!*to) {
        parser->status = -ENOMEM;
        return stop;
    }
    return go_on;
}

/* It becomes the name of a file. */
static int check_id(struct parser *parser) {
    const char *id = parser->state->id;
    size_t length = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-");
    if (!id[0]) {
        return fail(parser, "the container's id is empty");
    }
    if (id[0] == '.' || id[length]) {
        return fail(parser,
                    "the container's id may have letters, digits, '_', '+', '.' and '-', and not begin with '.'");
    }
    return go_on;
}

static int keep_name(struct parser *parser, const unsigned char *bytes, size_t size) {
    static const char listener[] = "seccompFd";
    struct container_state *state = parser->state;
    if (state->fd_count == CONTAINER_FDS_MAX) {
        return fail(parser, "\"fds\" names more than %d descriptors", CONTAINER_FDS_MAX);
    }
    if (size == sizeof(listener) - 1 && memcmp(bytes, listener, size) == 0) {
        if (parser->has_listener) {
            return fail(parser, "\"fds\" names \"seccompFd\" twice");
        }
        parser->has_listener = true;
        state->listener = state->fd_count;
    }
    state->fd_count++;
    return go_on;
}

/* ------------------------------------------------------------------------ what yajl calls */

static int on_null(void *context) {
    int result;
    is_wanted(context, KIND_NULL, &result);
    return result;
}

static int on_boolean(void *context, int value) {
    (void)value;
    int result;
    is_wanted(context, KIND_BOOLEAN, &result);
    return result;
}

static int on_number(void *context, const char *digits, size_t size) {
    struct parser *parser = context;
    int result;
    if (!is_wanted(parser, KIND_NUMBER, &result)) {
        return result;
    }
    int64_t number = 0;
    for (size_t i = 0; i < size; i++) {
        bool is_digit = digits[i] >= '0' && digits[i] <= '9';
        number = is_digit ? 10 * number + digits[i] - '0' : INT64_MAX;
        if (number > INT32_MAX) {
            break;
        }
    }
    if (number > INT32_MAX) {
        return fail(parser, "%s is no number of a process", members[parser->member].shown);
    }
    *(parser->member == MEMBER_PROCESS_PID ? &parser->state->process_pid : &parser->state->pid) = (pid_t)number;
    return go_on;
}

static int on_string(void *context, const unsigned char *bytes, size_t size) {
    struct parser *parser = context;
    struct container_state *state = parser->state;
    int result;
    if (!is_wanted(parser, KIND_STRING, &result)) {
        return result;
    }
    if (parser->place == PLACE_FDS) {
        return keep_name(parser, bytes, size);
    }
    switch (parser->member) {
    case MEMBER_ID:
        result = keep_string(parser, &state->id, bytes, size, CONTAINER_ID_MAX);
        return result == go_on ? check_id(parser) : result;
    case MEMBER_METADATA:
        return keep_string(parser, &state->metadata, bytes, size, CONTAINER_METADATA_MAX);
    case MEMBER_BUNDLE:
        return keep_string(parser, &state->bundle, bytes, size, STRING_MAX);
    default:
        return keep_string(parser, &state->version, bytes, size, STRING_MAX);
    }
}

/* The same member twice is refused: programs do not agree on which counts, and so the runtime and its user may have
 * looked at another one. */
static int on_key(void *context, const unsigned char *bytes, size_t size) {
    struct parser *parser = context;
    if (parser->passed_over) {
        return go_on;
    }
    parser->member = MEMBER_OTHER;
    for (enum member i = MEMBER_OTHER + 1; i < MEMBER_COUNT; i++) {
        if (members[i].place == parser->place && strlen(members[i].key) == size &&
            memcmp(members[i].key, bytes, size) == 0) {
            parser->member = i;
        }
    }
    if (parser->member != MEMBER_OTHER && parser->has[parser->member]) {
        return fail(parser, "%s is there twice", members[parser->member].shown);
    }
    parser->has[parser->member] = true;
    return go_on;
}

static int begin(struct parser *parser, enum kind kind) {
    int result;
    if (parser->place == PLACE_BEFORE && kind == KIND_OBJECT) {
        parser->place = PLACE_TOP;
    } else if (is_wanted(parser, kind, &result)) {
        parser->place = kind == KIND_OBJECT ? PLACE_STATE : PLACE_FDS;
    } else {
        parser->passed_over++;
        return result;
    }
    return go_on;
}

static int on_begin_object(void *context) {
    return begin(context, KIND_OBJECT);
}

static int on_begin_list(void *context) {
    return begin(context, KIND_LIST);
}

static int on_end(void *context) {
    struct parser *parser = context;
    if (parser->passed_over) {
        parser->passed_over--;
    } else {
        parser->place = parser->place == PLACE_TOP ? PLACE_BEHIND : PLACE_TOP;
    }
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

/* ------------------------------------------------------------------------ from outside */

static void check_whole(struct parser *parser) {
    for (enum member i = MEMBER_OTHER + 1; i < MEMBER_COUNT; i++) {
        if (!members[i].is_optional && !parser->has[i]) {
            fail(parser, "%s is missing", members[i].shown);
            return;
        }
    }
    if (!parser->has_listener) {
        fail(parser, "\"fds\" does not name \"seccompFd\"");
    }
}

static int parse(struct parser *parser, const char *bytes, size_t size) {
    yajl_handle handle = yajl_alloc(&callbacks, NULL, parser);
    if (!handle) {
        return -ENOMEM;
    }
    yajl_status status = yajl_parse(handle, (const unsigned char *)bytes, size);
    if (status == yajl_status_ok) {
        status = yajl_complete_parse(handle);
    }
    if (status == yajl_status_ok) {
        check_whole(parser);
    } else if (parser->status == 0) {
        size_t at = yajl_get_bytes_consumed(handle);
        unsigned char *what = yajl_get_error(handle, 0, (const unsigned char *)bytes, size);
        fail(parser, "it is not one JSON object: %.*s at byte %zu", what ? (int)strcspn((char *)what, "\n") : 0,
             what ? (char *)what : "", at);
        if (what) {
            yajl_free_error(handle, what);
        }
    }
    yajl_free(handle);
    return parser->status;
}

int container_state_parse(struct container_state *state, const char *bytes, size_t size, char *problem,
                          size_t problem_size) {
    *state = (struct container_state){0};
    struct parser parser = {.state = state, .problem = problem, .problem_size = problem_size};
    int status = parse(&parser, bytes, size);
    if (status == -ENOMEM) {
        snprintf(problem, problem_size, "there is no memory for it");
    }
    if (status < 0) {
        container_state_finish(state);
    }
    return status;
}

void container_state_finish(struct container_state *state) {
    free(state->id);
    free(state->bundle);
    free(state->metadata);
    free(state->version);
    *state = (struct container_state){0};
}
