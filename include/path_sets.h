/* SPDX-License-Identifier: MIT
 *
 * Which budgets a path of a trace is one for. Most paths are of none, and many
 * of the same ones: each such set of budgets is kept once.
 */
#ifndef RENACER_PATH_SETS_H
#define RENACER_PATH_SETS_H

#include <stdbool.h>
#include <stddef.h>

struct path_sets;
struct path_set;

/* For `slots` budgets with paths. NULL: no memory. */
struct path_sets *path_sets_create(size_t slots);
void path_sets_destroy(struct path_sets *sets); /* NULL is fine */

/* The budget of this slot has this pattern (path_matches()), which has to live as long as the sets. 0 or -ENOMEM. */
int path_sets_add(struct path_sets *sets, size_t slot, const char *pattern);

/* The set of a path, which lives as long as the sets; ask once for each path. NULL and 0 if there are too many sets:
 * then path_matches() says it. Otherwise NULL and -ENOMEM. */
int path_sets_find(struct path_sets *sets, const char *path, const struct path_set **set);

/* Whether the budget is in the set. */
bool path_set_has(const struct path_set *set, size_t slot);

/* Whether any path that was asked for is one for the budget. */
bool path_sets_have_met(const struct path_sets *sets, size_t slot);

/* Whether the path is the one of the pattern, letter by letter ("[::1]:80"), or matches it: fnmatch(3), in which '*'
 * passes over '/' and leading dots; a pattern that ends in '/' has everything below it. */
bool path_matches(const char *pattern, const char *path);

#endif
