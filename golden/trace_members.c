/* SPDX-License-Identifier: MIT */
#include "trace_members.h"

#include <string.h>

enum {
    INTEGER_OR_NULL = TYPE_INTEGER | TYPE_NULL,
    STRING_OR_NULL = TYPE_STRING | TYPE_NULL,
    OBJECT_OR_NULL = TYPE_OBJECT | TYPE_NULL,
    LONGEST_KEY = 14,
};

static const struct member_row {
    const char *name;
    uint8_t types;
    bool is_natural;
    enum place inside;
} rows[] = {
    [MEMBER_PID] = {"pid", INTEGER_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_TID] = {"tid", INTEGER_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_CUT] = {"cut", TYPE_OBJECT, .inside = PLACE_CUT},
    [MEMBER_FDS] = {"fds", TYPE_OBJECT, .inside = PLACE_FILES},
    [MEMBER_NAME] = {"name", TYPE_STRING, .inside = PLACE_NOWHERE},
    [MEMBER_ARGS] = {"args", TYPE_LIST, .inside = PLACE_ARGS},
    [MEMBER_LOST] = {"lost", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_ERROR] = {"error", STRING_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_EVENT] = {"event", TYPE_STRING, .inside = PLACE_NOWHERE},
    [MEMBER_CALLS] = {"calls", TYPE_INTEGER, true, PLACE_NOWHERE},
    [MEMBER_RESULT] = {"result", INTEGER_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_SIGNAL] = {"signal", STRING_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_FORMAT] = {"format", TYPE_STRING, .inside = PLACE_NOWHERE},
    [MEMBER_GOLDEN] = {"golden", OBJECT_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_EVENTS] = {"events", TYPE_LIST, .inside = PLACE_EVENTS},
    [MEMBER_ERRORS] = {"errors", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_SUMMARY] = {"summary", TYPE_OBJECT, .inside = PLACE_SUMMARY},
    [MEMBER_VERSION] = {"version", TYPE_STRING, .inside = PLACE_NOWHERE},
    [MEMBER_BY_CALL] = {"by_call", TYPE_OBJECT, .inside = PLACE_COUNTS},
    [MEMBER_TIME_US] = {"time_us", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_TIME_NS] = {"time_ns", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_ARGS_B64] = {"args_b64", TYPE_OBJECT, .inside = PLACE_CONTENT},
    [MEMBER_PRODUCER] = {"producer", OBJECT_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_SYSCALLS] = {"syscalls", TYPE_LIST, .inside = PLACE_SYSCALLS},
    [MEMBER_EXIT_CODE] = {"exit_code", INTEGER_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_RESULT_REF] = {"result_ref", STRING_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_INCOMPLETE] = {"incomplete", STRING_OR_NULL, .inside = PLACE_NOWHERE},
    [MEMBER_MAX_RSS_KB] = {"max_rss_kb", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_DURATION_US] = {"duration_us", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_DURATION_NS] = {"duration_ns", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_TIMESTAMP_NS] = {"timestamp_ns", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_WALL_TIME_US] = {"wall_time_us", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_TOTAL_TIME_US] = {"total_time_us", INTEGER_OR_NULL, true, PLACE_NOWHERE},
    [MEMBER_TOTAL_SYSCALLS] = {"total_syscalls", INTEGER_OR_NULL, true, PLACE_NOWHERE},
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) == MEMBER_OTHER, "a row for each member");
_Static_assert(MEMBER_OTHER <= 64, "sets of members have 64 bits");

/* The first member with a key of each length, and the one behind the last. */
static const uint8_t first_of_size[LONGEST_KEY + 2] = {
    [3] = MEMBER_PID,          [4] = MEMBER_NAME,          [5] = MEMBER_ERROR,          [6] = MEMBER_RESULT,
    [7] = MEMBER_SUMMARY,      [8] = MEMBER_ARGS_B64,      [9] = MEMBER_EXIT_CODE,      [10] = MEMBER_RESULT_REF,
    [11] = MEMBER_DURATION_US, [12] = MEMBER_TIMESTAMP_NS, [13] = MEMBER_TOTAL_TIME_US, [14] = MEMBER_TOTAL_SYSCALLS,
    [15] = MEMBER_OTHER,
};

#define OF_CALL                                                                                                        \
    (BIT(MEMBER_NAME) | BIT(MEMBER_ARGS) | BIT(MEMBER_RESULT) | BIT(MEMBER_RESULT_REF) | BIT(MEMBER_ERROR) |           \
     BIT(MEMBER_ARGS_B64) | BIT(MEMBER_CUT) | BIT(MEMBER_FDS) | BIT(MEMBER_TIMESTAMP_NS) | BIT(MEMBER_DURATION_US) |   \
     BIT(MEMBER_DURATION_NS) | BIT(MEMBER_PID) | BIT(MEMBER_TID))
#define OF_EVENT (BIT(MEMBER_EVENT) | BIT(MEMBER_PID) | BIT(MEMBER_TID) | BIT(MEMBER_SIGNAL) | BIT(MEMBER_EXIT_CODE))

/* The members of the objects in each place. */
static const uint64_t members_of[PLACES] = {
    [PLACE_ROOT] = BIT(MEMBER_VERSION) | BIT(MEMBER_FORMAT) | BIT(MEMBER_PRODUCER) | BIT(MEMBER_GOLDEN) |
                   BIT(MEMBER_SYSCALLS) | BIT(MEMBER_EVENTS) | BIT(MEMBER_SUMMARY),
    [PLACE_CALL] = OF_CALL,
    [PLACE_EVENT] = OF_EVENT,
    [PLACE_LINE] = OF_CALL | OF_EVENT | BIT(MEMBER_SUMMARY) | BIT(MEMBER_FORMAT),
    [PLACE_SUMMARY] = BIT(MEMBER_TOTAL_SYSCALLS) | BIT(MEMBER_EXIT_CODE) | BIT(MEMBER_SIGNAL) | BIT(MEMBER_LOST) |
                      BIT(MEMBER_TOTAL_TIME_US) | BIT(MEMBER_WALL_TIME_US) | BIT(MEMBER_MAX_RSS_KB) |
                      BIT(MEMBER_BY_CALL) | BIT(MEMBER_INCOMPLETE),
    [PLACE_COUNT] = BIT(MEMBER_CALLS) | BIT(MEMBER_ERRORS) | BIT(MEMBER_TIME_US) | BIT(MEMBER_TIME_NS),
};

/* The values in the other places. */
static const struct value_row {
    uint8_t types;
    const char *name;
} values[PLACES] = {
    [PLACE_TOP] = {TYPE_OBJECT, "a trace"},
    [PLACE_SYSCALLS] = {TYPE_OBJECT, "a call"},
    [PLACE_EVENTS] = {TYPE_OBJECT, "an event"},
    [PLACE_ARGS] = {TYPE_STRING | TYPE_INTEGER, "an argument"},
    [PLACE_CONTENT] = {TYPE_STRING, "a value in \"args_b64\""},
    [PLACE_CUT] = {INTEGER_OR_NULL, "a value in \"cut\""},
    [PLACE_FILES] = {STRING_OR_NULL, "a value in \"fds\""},
    [PLACE_COUNTS] = {TYPE_OBJECT, "a row of \"by_call\""},
};

enum member member_of(enum place place, const char *key, size_t size) {
    if (size < 3 || size > LONGEST_KEY) {
        return MEMBER_OTHER;
    }
    for (unsigned i = first_of_size[size]; i < first_of_size[size + 1]; i++) {
        if (memcmp(rows[i].name, key, size) == 0) {
            return members_of[place] & BIT(i) ? (enum member)i : MEMBER_OTHER;
        }
    }
    return MEMBER_OTHER;
}

const char *member_name(enum member member) {
    return rows[member].name;
}

unsigned member_types(enum member member) {
    return rows[member].types;
}

bool member_is_natural(enum member member) {
    return rows[member].is_natural;
}

enum place member_inside(enum member member) {
    return rows[member].inside;
}

bool place_has_members(enum place place) {
    return members_of[place] != 0;
}

unsigned place_types(enum place place) {
    return values[place].types;
}

const char *place_value(enum place place) {
    return values[place].name;
}

const char *types_text(unsigned types) {
    switch (types) {
    case TYPE_STRING:
        return "a string";
    case TYPE_INTEGER:
        return "an integer";
    case TYPE_OBJECT:
        return "an object";
    case TYPE_LIST:
        return "a list";
    case INTEGER_OR_NULL:
        return "an integer or null";
    case STRING_OR_NULL:
        return "a string or null";
    case OBJECT_OR_NULL:
        return "an object or null";
    default:
        return "a string or a number";
    }
}
