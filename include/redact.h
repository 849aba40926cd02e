/* SPDX-License-Identifier: MIT
 *
 * Redaction (--redact): what a trace must not hold. Rules say which bytes of the
 * program are replaced by REDACTED_MARK before anything is written. They see the
 * bytes themselves, whatever notation these are shown in.
 *
 * Everything that shows bytes of a program asks here: content_to_text() and
 * content_to_hex() (emit/value_text.c), which text, CSV and decoded structures use;
 * descriptor_to_text(); and json for strings that stand there as they are. Numbers
 * are not looked at: addresses of the network, ids, sizes.
 *
 * If matching goes wrong, for want of memory or because it takes too many steps,
 * all of the string is replaced.
 */
#ifndef RENACER_REDACT_H
#define RENACER_REDACT_H

#include "record.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REDACTED_MARK "<redacted>"

enum bytes_kind {
    BYTES_NAME,     /* of a file, a thread, an attribute, ... */
    BYTES_CONTENT,  /* what is written, read, sent, stored */
    BYTES_VARIABLE, /* NAME=VALUE of an environment, or an argument of a program, which may be one */
};

/* Bytes that are shown as a string. */
struct shown_bytes {
    const uint8_t *bytes;
    size_t size;
    enum bytes_kind kind;
    bool is_cut; /* the program has more behind them */
};

struct redact_range {
    size_t start;
    size_t end;
};

struct redaction;

enum {
    REDACT_RULE_MAX = 4096,  /* bytes of a rule */
    REDACT_RULES_MAX = 1024, /* rules */
};

/* Without rules. 0 or -ENOMEM. */
int redaction_create(struct redaction **result);
void redaction_destroy(struct redaction *redaction);

/* Where a rule is wrong, and why. */
struct redact_problem {
    unsigned line;   /* of a file, from 1; 0: there is no file */
    unsigned column; /* byte of the rule, or of the line, from 1; 0: none in particular */
    char words[192];
};

/* Add a rule: "secrets", "buffers", "env:GLOB", "path:GLOB", "fd:N", "/REGEX/" or "/REGEX/i".
 * 0; -EINVAL with *problem, or -ENOMEM with it. */
int redaction_add(struct redaction *redaction, const char *rule, size_t length, struct redact_problem *problem);

/* Add the rules of a text with one in each line; empty lines and those that begin with '#' hold none. */
int redaction_add_lines(struct redaction *redaction, const char *text, size_t length, struct redact_problem *problem);

/* How many rules were added. */
unsigned redaction_count(const struct redaction *redaction);

/* Whether rules ask what descriptors are. */
bool redaction_needs_descriptors(const struct redaction *redaction);

/* What follows is of this record. */
void redaction_begin(struct redaction *redaction, const struct record *record);

/* Whether all contents of this record are replaced, also those that would be shown as something else than strings. */
bool redaction_hides_contents(const struct redaction *redaction);

/* What is replaced in these bytes, in their order and apart from each other; valid until the next question. */
const struct redact_range *redaction_find(struct redaction *redaction, const struct shown_bytes *shown, size_t *count);

/* Append the bytes to `result`, which has no redaction of its own, with the mark in place of what is replaced. */
void redaction_splice(struct redaction *redaction, const struct shown_bytes *shown, struct text *result);

/* Whether the argument of a program behind this one is replaced as a whole: "--password", "hunter2". */
bool redaction_hides_next(struct redaction *redaction, const uint8_t *argument, size_t size);

/* Append the member of a head, behind another one, that says how many rules there are; nothing for NULL. */
void redaction_to_json(const struct redaction *redaction, bool spaced, struct text *text);

/* The kind of what an argument of this type is, shown as a string. */
enum bytes_kind bytes_kind_of(unsigned type);

#endif
