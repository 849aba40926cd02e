/* SPDX-License-Identifier: MIT
 *
 * The table of -c as text, of calls or of places. Its last line is the output's
 * last line: scripts read the seconds and the calls there.
 */
#include "form.h"
#include "printable.h"

#include <inttypes.h>
#include <stdio.h>

static const char RULE[] = "------ ----------- ----------- --------- --------- ----------------\n";

/* What a line counts. */
struct counts {
    uint64_t calls;
    uint64_t errors;
    uint64_t time_ns;
};

/* A line up to the blank before its name; "-" stands for what nothing measured. */
static void add_counts(struct counts counts, double share, bool measured, struct text *text) {
    char percent[16] = "-";
    char seconds[32] = "-";
    char each[32] = "-";
    char errors[32] = "-";
    if (measured) {
        snprintf(percent, sizeof(percent), "%.2f", share);
        snprintf(seconds, sizeof(seconds), "%.6f", (double)counts.time_ns / 1e9);
        snprintf(each, sizeof(each), "%" PRIu64, counts.calls ? counts.time_ns / 1000 / counts.calls : 0);
        errors[0] = 0;
    }
    if (measured && counts.errors) {
        snprintf(errors, sizeof(errors), "%" PRIu64, counts.errors);
    }
    char line[192];
    snprintf(line, sizeof(line), "%6s %11s %11s %9" PRIu64 " %9s ", percent, seconds, each, counts.calls, errors);
    text_add_string(text, line);
}

static double share_of(uint64_t time_ns, uint64_t total_ns) {
    return total_ns ? 100.0 * (double)time_ns / (double)total_ns : 0.0;
}

static void begin_table(const char *heading, struct text *text) {
    text_add_string(text, "% time     seconds  usecs/call     calls    errors ");
    text_add_string(text, heading);
    text_add_char(text, '\n');
    text_add_string(text, RULE);
}

static void end_table(struct counts total, bool measured, struct text *text) {
    text_add_string(text, RULE);
    add_counts(total, 100.0, measured, text);
    text_add_string(text, "total\n");
}

void summary_to_text(const struct tally_row *rows, size_t count, bool measured, struct text *text) {
    struct tally_row total = tally_total(rows, count);
    begin_table("syscall", text);
    for (size_t i = 0; i < count; i++) {
        struct counts counts = {.calls = rows[i].calls, .errors = rows[i].errors, .time_ns = rows[i].time_ns};
        add_counts(counts, share_of(counts.time_ns, total.time_ns), measured, text);
        text_add_string(text, rows[i].name);
        text_add_char(text, '\n');
    }
    end_table((struct counts){.calls = total.calls, .errors = total.errors, .time_ns = total.time_ns}, measured, text);
}

/* ----------------------------------------------------------------------- places */

/* Names stand in foreign files: what they hold must not break a line. */
static void add_name(struct text *text, const char *name) {
    printable_add(text, name, strlen(name), false);
}

/* Behind what is there already. */
static void add_in_brackets(struct text *text, const char *name) {
    if (name) {
        text_add_string(text, " (");
        add_name(text, name);
        text_add_char(text, ')');
    }
}

void place_to_text(const struct place_row *row, struct text *text) {
    switch (row->kind) {
    case PLACE_IN_SOURCE:
        add_name(text, row->file);
        if (row->line) {
            text_add_char(text, ':');
            text_add_unsigned(text, row->line);
        }
        add_in_brackets(text, row->function);
        break;
    case PLACE_IN_FUNCTION:
        add_name(text, row->function ? row->function : "?");
        add_in_brackets(text, row->module);
        break;
    case PLACE_NOT_KNOWN:
        text_add_string(text, "[unknown]");
        break;
    case PLACE_OTHERS:
        text_add_string(text, "[other]");
        break;
    case PLACE_LOST:
        text_add_string(text, "[lost]");
        break;
    }
}

void places_to_text(const struct place_row *rows, size_t count, bool measured, struct text *text) {
    struct counts total = {0};
    for (size_t i = 0; i < count; i++) {
        total.calls += rows[i].calls;
        total.errors += rows[i].errors;
        total.time_ns += rows[i].time_ns;
    }
    begin_table("source", text);
    for (size_t i = 0; i < count; i++) {
        struct counts counts = {.calls = rows[i].calls, .errors = rows[i].errors, .time_ns = rows[i].time_ns};
        add_counts(counts, share_of(counts.time_ns, total.time_ns), measured, text);
        place_to_text(&rows[i], text);
        text_add_char(text, '\n');
    }
    end_table(total, measured, text);
}
