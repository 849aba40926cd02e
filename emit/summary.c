/* SPDX-License-Identifier: MIT
 *
 * The table of -c as text. Its last line is the output's last line: scripts
 * read the seconds and the calls there.
 */
#include "form.h"

#include <inttypes.h>
#include <stdio.h>

static const char RULE[] = "------ ----------- ----------- --------- --------- ----------------\n";

/* One line; "-" stands for what nothing measured. */
static void row_to_text(const struct tally_row *row, double share, bool measured, struct text *text) {
    char percent[16] = "-";
    char seconds[32] = "-";
    char each[32] = "-";
    char errors[32] = "-";
    if (measured) {
        snprintf(percent, sizeof(percent), "%.2f", share);
        snprintf(seconds, sizeof(seconds), "%.6f", (double)row->time_ns / 1e9);
        snprintf(each, sizeof(each), "%" PRIu64, row->calls ? row->time_ns / 1000 / row->calls : 0);
        errors[0] = 0;
    }
    if (measured && row->errors) {
        snprintf(errors, sizeof(errors), "%" PRIu64, row->errors);
    }
    char line[192];
    snprintf(line, sizeof(line), "%6s %11s %11s %9" PRIu64 " %9s %s\n", percent, seconds, each, row->calls, errors,
             row->name);
    text_add_string(text, line);
}

void summary_to_text(const struct tally_row *rows, size_t count, bool measured, struct text *text) {
    struct tally_row total = tally_total(rows, count);
    text_add_string(text, "% time     seconds  usecs/call     calls    errors syscall\n");
    text_add_string(text, RULE);
    for (size_t i = 0; i < count; i++) {
        double share = total.time_ns ? 100.0 * (double)rows[i].time_ns / (double)total.time_ns : 0.0;
        row_to_text(&rows[i], share, measured, text);
    }
    text_add_string(text, RULE);
    row_to_text(&total, 100.0, measured, text);
}
