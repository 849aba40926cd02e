/* SPDX-License-Identifier: MIT
 *
 * Which frames are the user's own code: the rule of --source, which the manual page
 * has in words. A frame is the user's if DWARF knows its line, unless
 *
 * - its module is the C library, the dynamic loader, the vDSO, or a shared library of a language's runtime (by its
 * name), or
 * - its source file belongs to a language's library or runtime: installed headers (/usr/include, with C++'s library),
 * those of compilers, Rust's std, Go's standard packages, and the C library's own source in a static program.
 *
 * --source-skip adds patterns of what is not the user's, and exceptions from both.
 */
#ifndef RENACER_USER_FRAME_H
#define RENACER_USER_FRAME_H

#include "call_stack.h"
#include "debug_info.h"

#include <stdbool.h>
#include <stddef.h>

struct user_rule;

/* A rule without patterns. NULL without memory. */
struct user_rule *user_rule_create(void);
void user_rule_destroy(struct user_rule *rule);

/* Add the patterns of one --source-skip: PATTERN[,PATTERN...], as fnmatch(3) has them without flags (so `*` matches
 * slashes; "\," is a comma), each matched against the whole of a frame's module, source file and function; one without
 * a slash also against the last part of both paths, and "*" followed by a slash in front may stand for nothing.
 * "!PATTERN": what it matches is the user's if it has a line, whatever else says. The last pattern that matches
 * decides. 0, or -errno with a sentence in `problem` and nothing added. */
int user_rule_add(struct user_rule *rule, const char *patterns, char *problem, size_t size);

/* Whether the frame is the user's. `of_library`: see struct debug_place. */
bool user_rule_has(const struct user_rule *rule, const struct frame *frame, bool of_library);

/* Whether a frame without a known line may stand for the user's where there is none: it is in no system module, and no
 * pattern says that it is not the user's. */
bool user_rule_lets_stand_in(const struct user_rule *rule, const struct frame *frame);

/* Whether no frame of the module can be either, whatever is known of it: nothing has to be looked up. */
bool user_rule_passes_over(const struct user_rule *rule, const char *module);

/* Whether the module of this path is one of those that never are the user's, by its name. */
bool user_rule_is_system_module(const char *path);

/* Whether a source file belongs to a language's library or runtime. `file`: absolute if its folder is known, without
 * "..", NULL: not known; `function`: as it is shown, NULL: not known; `language`: DW_LANG_*, 0: not known. */
bool user_rule_is_library_source(const char *file, const char *function, unsigned language);

#endif
