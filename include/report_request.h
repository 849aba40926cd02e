/* SPDX-License-Identifier: MIT
 *
 * A report of one of our verbs: in which form, whether coloured, and where to.
 */
#ifndef RENACER_REPORT_REQUEST_H
#define RENACER_REPORT_REQUEST_H

#include "colour.h"
#include "findings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In the order of --format's words. */
enum report_format {
    REPORT_TEXT,
    REPORT_JSON,
    REPORT_JUNIT,
    REPORT_GITHUB,
};

/* What --format, --color and -o say. Zero-initialised: text to standard output. */
struct report_request {
    enum report_format format;
    enum colour colour;
    const char *output; /* path, or NULL */
};

/* Take the argument of --format, or of --color. 0, or -EINVAL and the reason was said. */
int report_take_format(struct report_request *request, const char *word);
int report_take_colour(struct report_request *request, const char *word);

/* Whether it can go where it is to go: not with --quiet (`quiet`), nor in place of one of the files that it is about,
 * some of which may be NULL. 0, or -EINVAL and the reason was said. */
int report_check_output(const struct report_request *request, bool quiet, const char *const *inputs, size_t count);

/* What a verb has to tell, in each form. `of` is what report_put() was given. */
struct report_forms {
    void (*text)(const void *of, bool colour, FILE *stream);
    bool (*json)(const void *of, FILE *stream); /* false without memory */
    /* Fill in that many suites, which are all zero: 0 or -ENOMEM. They are finished in either case. */
    int (*findings)(const void *of, enum report_format format, struct findings *suites);
};

/* Write the report, with `suites` suites of findings. 0; or -errno, and that was said: then a file that was there is as
 * it was. */
int report_put(const struct report_request *request, const struct report_forms *forms, const void *of, size_t suites);

#endif
