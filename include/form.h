/* SPDX-License-Identifier: MIT
 *
 * What a form of the trace has to do: one table of functions each. The writer
 * filters, counts, and decides where the bytes go.
 */
#ifndef RENACER_FORM_H
#define RENACER_FORM_H

#include "place_tally.h"
#include "sink.h"
#include "stack_tally.h"
#include "text.h"
#include "writer.h"

#include <stddef.h>

/* What the writer has counted. */
struct trace_totals {
    const struct trace_summary *summary;
    uint64_t calls;
    uint64_t time_ns;
    /* With a summary (-c, -C) a row for each call, in the order asked for; else NULL. */
    const struct tally_row *rows;
    size_t row_count;
    /* With -s beside these a row for each place, else NULL. */
    const struct place_row *places;
    size_t place_count;
    struct stack_tally *stacks; /* of a summary that is made of them, else NULL */
};

struct form {
    /* Make the state of one trace, which writes to output->main and keeps its progress in `output`, neither of which is
     * looked at yet. 0 or -ENOMEM. */
    int (*create)(void **state, const struct writer_options *options, struct output *output);
    /* NULL is fine. */
    void (*destroy)(void *state);
    void (*record)(void *state, const struct record *record);
    /* One that is not shown, for forms that have to know all; else NULL. */
    void (*unseen)(void *state, const struct record *record);
    void (*end)(void *state, const struct trace_totals *totals);
    /* errno of the first failure beside that of a sink, or 0. */
    int (*error)(const void *state);
};

extern const struct form form_text;
extern const struct form form_json; /* JSON Lines as well */
extern const struct form form_csv;
extern const struct form form_folded; /* text, for --folded */
extern const struct form form_golden; /* both of JSON, for --golden */

/* Write the summary in JSON: an object. */
void json_summary(const struct writer_options *options, const struct trace_totals *totals, struct sink *sink);

/* Append the table of -c, as strace draws it. `measured`: whether anything measured results and times. */
void summary_to_text(const struct tally_row *rows, size_t count, bool measured, struct text *text);

/* The same by place. */
void places_to_text(const struct place_row *rows, size_t count, bool measured, struct text *text);
/* How it names the place of a row. */
void place_to_text(const struct place_row *row, struct text *text);

#endif
