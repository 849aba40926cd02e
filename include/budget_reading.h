/* SPDX-License-Identifier: MIT
 *
 * What the parts of the reader of budgets share (golden/budget_*.c): values of
 * the file with their checks, and what is said about it.
 */
#ifndef RENACER_BUDGET_READING_H
#define RENACER_BUDGET_READING_H

#include "budgets.h"
#include "nearest.h"
#include "text.h"
#include "toml_document.h"

/* The most that a quantity can be: what a double holds exactly. */
#define BUDGET_AMOUNT_MAX 9007199254740992.0

struct budget_reading {
    struct budget_file *file;
    const char *name; /* of the file, in messages */
    char *problem;
    size_t size;
};

/* ---------------------------------------------------------------- what is said */

/* A mistake at this place of the file: -EINVAL, with name, line, column and the sentence in `problem`. */
int budget_mistake(const struct budget_reading *reading, const struct toml_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Keep a note. 0 or -ENOMEM. */
int budget_note_add(const struct budget_reading *reading, bool is_warning, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Warn of a key that is not known; `where` is what it stands in, and `nearest` has been offered what could be meant. */
int budget_unknown_key(const struct budget_reading *reading, const struct toml_node *node, const char *where,
                       const struct nearest *nearest);

/* ---------------------------------------------------------------------- values
 * `key` is what messages call the value, which may be an element of an array. 0; -ENOMEM; -EINVAL with a problem. */

int budget_truth(const struct budget_reading *reading, const struct toml_node *node, const char *key, bool *truth);

/* A string that is not empty and has no NUL in it, of which a copy is made. *string is NULL. */
int budget_string(const struct budget_reading *reading, const struct toml_node *node, const char *key, char **string);

/* A string or an array of at least one: append them, with commas between them. */
int budget_list(const struct budget_reading *reading, const struct toml_node *node, struct text *list);

/* A regular expression. *pattern is NULL. */
int budget_pattern(const struct budget_reading *reading, const struct toml_node *node, struct name_pattern **pattern);

/* One of the words, up to a NULL: its index. */
int budget_word(const struct budget_reading *reading, const struct toml_node *node, const char *const *words,
                size_t *index);

/* A number from 0 on, times `unit`; `whole`: without a fraction. */
int budget_amount(const struct budget_reading *reading, const struct toml_node *node, double unit, bool whole,
                  double *amount);

/* "10%", or a number as above. */
int budget_increase(const struct budget_reading *reading, const struct toml_node *node, double unit, bool whole,
                    struct increase *increase);

/* A number from 0 on that has no unit. */
int budget_ratio(const struct budget_reading *reading, const struct toml_node *node, double *ratio);

/* A number from 0 to 1. */
int budget_share(const struct budget_reading *reading, const struct toml_node *node, double *share);

/* -------------------------------------------------------------- parts of the file */

/* Fill in a budget, which is all zero, from its table. `kind` is BUDGET_CRITICAL_PATH for every [[assertion]], else the
 * kind of the table. */
int budget_read(const struct budget_reading *reading, struct budget *budget, enum budget_kind kind,
                const struct toml_node *table);
void budget_finish(struct budget *budget);

/* What stands beside the budgets, if this is one of those tables: 1; 0 if it is not. */
int budget_settings_read(const struct budget_reading *reading, const struct toml_node *node);
/* Offer the names of these tables. */
void budget_settings_offer(struct nearest *nearest);

#endif
