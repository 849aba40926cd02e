/* SPDX-License-Identifier: MIT
 *
 * The manifest of golden traces: how each is recorded and compared
 * (docs/golden.md). Written by us, and by hand as well: what is
 * changed is changed in its own lines.
 */
#ifndef RENACER_MANIFEST_H
#define RENACER_MANIFEST_H

#include "compare_paths.h"
#include "files.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GOLDEN_NAME_MAX = 200,
    GOLDEN_TIMEOUT_MAX = INT32_MAX / 1000, /* seconds */
};

/* A vector of strings, NULL-terminated; zero-initialised is empty, and its `each` NULL. */
struct strings {
    char **each;
    size_t count;
};

struct golden {
    char *name;
    unsigned line;              /* of its table; 0: it is in no manifest */
    struct strings command;     /* the program and its arguments */
    struct strings options;     /* of the tracer, without --golden and -o */
    char *directory;            /* it runs there; NULL: where we are */
    char *input;                /* the file that is its standard input; NULL: /dev/null */
    struct strings pass;        /* the variables that it gets from our environment */
    struct strings environment; /* NAME=VALUE: those that are set */
    enum compare_mode mode;
    struct strings ignore; /* COMPARE_SEMANTIC */
    char *tolerance;       /* COMPARE_COUNTS; NULL: none */
    unsigned timeout;      /* seconds that it may run; 0: not said */
};

struct manifest {
    char *path;
    bool is_there;       /* its file */
    struct golden *each; /* in the order of the file */
    size_t count;
};

/* Append a copy. 0 or -ENOMEM. */
int strings_add(struct strings *strings, const char *string);
void strings_finish(struct strings *strings);

void golden_finish(struct golden *golden); /* zero-initialised is fine */

/* 0, or -EINVAL with a sentence in `problem`: letters, digits, "-", "_" and ".", not a dot first, and not too many: a
 * file is called so, with more behind it. */
int golden_check_name(const char *name, char *problem, size_t size);

/* What its traces are compared by: points into `golden`, released with tolerances_finish(&options->tolerances).
 * 0, -ENOMEM, or -EINVAL with a sentence in `problem`. */
int golden_compare_options(const struct golden *golden, struct compare_options *options, char *problem, size_t size);

/* Read it. One that is not there is empty. Unknown keys are warned of through `warn`, a sentence each, which begins
 * with file, line and column. 0, or -errno with such a sentence in `problem`. manifest_finish() in any case. */
int manifest_read(struct manifest *manifest, const char *path, void (*warn)(const char *sentence), char *problem,
                  size_t size);
void manifest_finish(struct manifest *manifest);

/* NULL: there is none of this name. */
const struct golden *manifest_find(const struct manifest *manifest, const char *name);

/* traces/NAME.json beside the manifest; malloc'd, NULL without memory. */
char *manifest_trace_path(const struct manifest *manifest, const char *name);

/* Write the entry of this name, in place of the one that is there or behind all others, and leave every other line of
 * the file as it is. The file is replaced as a whole, or not at all. 0, or -errno with a sentence in `problem`: -EINVAL
 * if the file cannot be changed so, or has strings that TOML cannot. */
int manifest_put(const char *path, const struct golden *golden, char *problem, size_t size);

/* The same, but for the last step. file_stage_finish() in any case. */
int manifest_stage(struct staged_file *staged, const char *path, const struct golden *golden, char *problem,
                   size_t size);

/* The text with the entry in it: what manifest_put() writes, malloc'd, *length bytes with a NUL behind them. `name` is
 * what the file is called in `problem`. As above. */
int manifest_edit(const char *text, size_t text_size, const char *name, const struct golden *golden, char **result,
                  size_t *length, char *problem, size_t size);

#endif
