/* SPDX-License-Identifier: MIT
 *
 * The table of --function-time as text. The fields in front are those of -c: scripts
 * read the seconds and the calls there.
 */
#include "function_time.h"
#include "plain_path.h"
#include "printable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH_LEAST = 16,
    WIDTH_MOST = 40, /* of the functions' column; a longer name stands out */
    CALLERS_MOST = 3,
};

static void add_name(struct text *text, const char *name) {
    printable_add(text, name, strlen(name), false);
}

void function_to_text(const struct stack_part *part, struct text *text) {
    if (part->name) {
        add_name(text, part->name);
        return;
    }
    text_add_char(text, '[');
    add_name(text, part->module ? path_base(part->module) : "unknown");
    text_add_char(text, ']');
}

/* Two functions of the same name are told apart by where they are. */
static void add_function(const struct function_row *row, struct text *text) {
    function_to_text(&row->part, text);
    if (row->same_name && row->part.module) {
        text_add_string(text, " (");
        add_name(text, path_base(row->part.module));
        text_add_char(text, ')');
    }
}

/* How many columns it takes: characters, not bytes. */
static size_t width_of(const char *text, size_t size) {
    size_t width = 0;
    for (size_t i = 0; i < size; i++) {
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return width;
}

static size_t column_width(const struct function_table *table) {
    size_t most = WIDTH_LEAST;
    struct text name = {0};
    for (size_t i = 0; i < table->count && most < WIDTH_MOST; i++) {
        text_clear(&name);
        add_function(&table->rows[i], &name);
        size_t width = width_of(name.bytes, name.length);
        most = width > most ? width : most;
    }
    text_finish(&name);
    return most < WIDTH_MOST ? most : WIDTH_MOST;
}

/* The figures of a line, up to the blank before its name; "-" stands for what nothing measured. */
static void add_figures(const struct function_row *row, double share, bool measured, struct text *text) {
    char percent[16] = "-";
    char seconds[32] = "-";
    char each[32] = "-";
    char self[32] = "-";
    if (measured) {
        snprintf(percent, sizeof(percent), "%.2f", share);
        snprintf(seconds, sizeof(seconds), "%.6f", (double)row->time_ns / 1e9);
        snprintf(each, sizeof(each), "%" PRIu64, row->calls ? row->time_ns / 1000 / row->calls : 0);
        snprintf(self, sizeof(self), "%.6f", (double)row->self_ns / 1e9);
    }
    char line[192];
    snprintf(line, sizeof(line), "%6s %11s %11s %9" PRIu64 " %11s ", percent, seconds, each, row->calls, self);
    text_add_string(text, line);
}

static void add_callers(const struct function_row *row, struct text *text) {
    for (size_t i = 0; i < row->caller_count && i < CALLERS_MOST; i++) {
        text_add_string(text, i ? ", " : "");
        function_to_text(&row->callers[i].part, text);
        text_add_string(text, " (");
        text_add_unsigned(text, row->callers[i].calls);
        text_add_char(text, ')');
    }
    text_add_string(text, row->caller_count > CALLERS_MOST ? ", ..." : "");
}

static void add_row(const struct function_row *row, double share, bool measured, size_t width, struct text *text) {
    add_figures(row, share, measured, text);
    size_t start = text->length;
    add_function(row, text);
    if (row->caller_count && !text->failed) {
        size_t taken = width_of(text->bytes + start, text->length - start);
        text_add_spaces(text, 1 + (taken < width ? width - taken : 0));
        add_callers(row, text);
    }
    text_add_char(text, '\n');
}

static void add_rule(size_t width, struct text *text) {
    text_add_string(text, "------ ----------- ----------- --------- ----------- ");
    for (size_t i = 0; i < width; i++) {
        text_add_char(text, '-');
    }
    text_add_string(text, " ----------------\n");
}

void functions_to_text(const struct stack_tally *stacks, bool measured, struct text *text) {
    struct function_table table;
    if (function_table_create(&table, stacks) < 0) {
        text->failed = true;
        return;
    }
    size_t width = column_width(&table);
    text_add_string(text, "% time     seconds  usecs/call     calls        self function");
    text_add_spaces(text, width - strlen("function") + 1);
    text_add_string(text, "callers\n");
    add_rule(width, text);
    struct function_row total = {
        .part = {.kind = PART_MARK, .name = "total"}, .calls = table.calls, .time_ns = table.time_ns};
    for (size_t i = 0; i < table.count; i++) {
        const struct function_row *row = &table.rows[i];
        total.self_ns += row->self_ns;
        double share = table.time_ns ? 100.0 * (double)row->time_ns / (double)table.time_ns : 0.0;
        add_row(row, share, measured, width, text);
    }
    add_rule(width, text);
    add_row(&total, 100.0, measured, width, text);
    function_table_finish(&table);
}
