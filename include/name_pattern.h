/* SPDX-License-Identifier: MIT
 *
 * A regular expression (PCRE2) that names of calls, and paths of programs,
 * are held against.
 */
#ifndef RENACER_NAME_PATTERN_H
#define RENACER_NAME_PATTERN_H

#include <stddef.h>

struct name_pattern;

/* Compile the first `length` bytes of `text`: *result, and 0; -ENOMEM, or -EINVAL with what is
 * wrong and where in `problem`. */
int name_pattern_create(struct name_pattern **result, const char *text, size_t length, char *problem, size_t size);
void name_pattern_destroy(struct name_pattern *pattern);

/* The expression as it was written; it lives as long as the pattern. */
const char *name_pattern_text(const struct name_pattern *pattern);

/* Whether it matches anywhere in the name: 1 or 0; -ELOOP if that takes more steps
 * than any sensible expression does. */
int name_pattern_matches(struct name_pattern *pattern, const char *name);

#endif
