/* SPDX-License-Identifier: MIT
 *
 * What stands where in renacer-json-v1, as the reader knows it: the members of
 * each object, and of what type they are.
 */
#ifndef RENACER_TRACE_MEMBERS_H
#define RENACER_TRACE_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(number) (UINT64_C(1) << (number))

enum place {
    PLACE_TOP,      /* outside of everything */
    PLACE_ROOT,     /* the document */
    PLACE_SYSCALLS, /* the list of calls */
    PLACE_EVENTS,
    PLACE_CALL,
    PLACE_EVENT,
    PLACE_LINE, /* an object of JSON Lines: a call, an event or what has the summary */
    PLACE_ARGS,
    PLACE_CONTENT, /* "args_b64" */
    PLACE_CUT,
    PLACE_FILES, /* "fds" */
    PLACE_SUMMARY,
    PLACE_COUNTS, /* "by_call" */
    PLACE_COUNT,  /* a row of it */
    PLACE_NOWHERE,
    PLACES,
};

enum value_type {
    TYPE_STRING = 1,
    TYPE_INTEGER = 2,
    TYPE_NULL = 4,
    TYPE_OBJECT = 8,
    TYPE_LIST = 16,
    TYPE_BOOLEAN = 32, /* of no member that is known, as the next one */
    TYPE_REAL = 64,
};

/* In the order of their length, as the table is. */
enum member {
    MEMBER_PID,
    MEMBER_TID,
    MEMBER_CUT,
    MEMBER_FDS,
    MEMBER_NAME,
    MEMBER_ARGS,
    MEMBER_LOST,
    MEMBER_ERROR,
    MEMBER_EVENT,
    MEMBER_CALLS,
    MEMBER_RESULT,
    MEMBER_SIGNAL,
    MEMBER_FORMAT,
    MEMBER_GOLDEN,
    MEMBER_EVENTS,
    MEMBER_ERRORS,
    MEMBER_SUMMARY,
    MEMBER_VERSION,
    MEMBER_BY_CALL,
    MEMBER_TIME_US,
    MEMBER_TIME_NS,
    MEMBER_ARGS_B64,
    MEMBER_PRODUCER,
    MEMBER_SYSCALLS,
    MEMBER_EXIT_CODE,
    MEMBER_RESULT_REF,
    MEMBER_INCOMPLETE,
    MEMBER_MAX_RSS_KB,
    MEMBER_DURATION_US,
    MEMBER_DURATION_NS,
    MEMBER_TIMESTAMP_NS,
    MEMBER_WALL_TIME_US,
    MEMBER_TOTAL_TIME_US,
    MEMBER_TOTAL_SYSCALLS,
    MEMBER_OTHER, /* unknown, or known elsewhere alone */
};

/* Which member of an object in this place has that key. */
enum member member_of(enum place place, const char *key, size_t size);

const char *member_name(enum member member);
/* Of bits of enum value_type. */
unsigned member_types(enum member member);
/* Its integer is not negative. */
bool member_is_natural(enum member member);
/* Where one is in the object or list that is its value; PLACE_NOWHERE: it is passed over. */
enum place member_inside(enum member member);

/* Whether it is an object of members; else it has values of one kind. */
bool place_has_members(enum place place);
/* Of these values: bits of enum value_type, and what they are called. */
unsigned place_types(enum place place);
const char *place_value(enum place place);

/* "a string or null" */
const char *types_text(unsigned types);

#endif
