/* SPDX-License-Identifier: MIT
 *
 * How a golden trace shows what differs from run to run: names in place of the
 * numbers. Whoever writes values into a text finds the namer there (struct
 * text); without one, which is the rule, numbers are shown as they are.
 *
 * A name can hold marks: what stands for a number that is known only when the
 * trace has ended (golden/marks.c). A mark is MARK_BEGIN, a letter, a decimal
 * number, MARK_END; these two bytes occur in no other place of a line.
 */
#ifndef RENACER_NAMER_H
#define RENACER_NAMER_H

#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARK_BEGIN '\001'
#define MARK_END '\002'
/* In a text that will be escaped: the control character of that number, which would look like part of a mark. */
#define MARK_LITERAL 'l'

enum {
    NAMED_PART_MAX = 64, /* bytes of a name of a part of a string, with its NUL */
};

/* What became of an id. */
enum named {
    NAMED_NOT,    /* nothing was appended: the number is shown */
    NAMED_NUMBER, /* another number */
    NAMED_TEXT,   /* words */
};

/* A part of a string that is shown by another name. */
struct named_part {
    size_t start; /* in the string */
    size_t length;
    char name[NAMED_PART_MAX];
};

/* What stands in place of a result. */
enum volatile_result {
    RESULT_TIME,
};

struct decoded_call;
struct record;

struct namer {
    void *context;
    /* Append what the address, which is not 0, points to; false, and nothing, if that has no name. */
    bool (*address)(void *context, uint64_t address, struct text *text);
    /* Append what the id of a process or thread is called. It is above 0. */
    enum named (*id)(void *context, int64_t id, struct text *text);
    /* Append what the number is called if it is another thread of the process; else false, and nothing. */
    bool (*thread)(void *context, uint64_t number, struct text *text);
    /* The same for the number of what the call is about, a thing of System V's. */
    bool (*ipc)(void *context, int64_t number, struct text *text);
    /* Find the first part of the string that has another name. */
    bool (*find)(void *context, const uint8_t *bytes, size_t size, struct named_part *part);
    /* What is shown in place of argument `index`, which changes from run to run; NULL: the argument. */
    const char *(*instead)(void *context, const struct decoded_call *call, unsigned index);
    /* The arguments of the call have been shown, and its result is next. */
    void (*returned)(void *context, const struct record *call);
    /* Append what the number is called if it is the id that the thread's last call to return one returned; else false,
     * and nothing. */
    bool (*again)(void *context, int64_t number, struct text *text);
    /* What is shown in place of such a result, or NULL. */
    const char *(*result)(void *context, enum volatile_result result);
    /* Append the members of a call's line that say who made it, each with a comma in front. */
    void (*caller)(void *context, const struct record *record, struct text *text);
};

/* Append a mark. */
void namer_add_mark(struct text *text, char letter, uint64_t number);

/* Append bytes of a string that are text, by themselves, as a text with names in it has them. */
void namer_add_content(const struct namer *namer, const uint8_t *bytes, size_t size, struct text *text);

#endif
