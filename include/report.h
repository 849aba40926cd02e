/* SPDX-License-Identifier: MIT
 *
 * What a comparison has found, as text for people and as JSON
 * (renacer-comparison-v1). Both are described in docs/compare.md.
 */
#ifndef RENACER_REPORT_H
#define RENACER_REPORT_H

#include "comparison.h"
#include "json_object.h"

#include <stdbool.h>
#include <stdio.h>

/* The word for a mode, as --mode takes it. */
const char *compare_mode_name(enum compare_mode mode);

/* Write the report. `colour`: with the escapes of a terminal. Whether it could be written is the stream's error. */
void report_text(const struct comparison *comparison, bool colour, FILE *stream);

/* Parts of it, for other reports: never coloured. */

/* The sentence of the verdict, without a line break. */
void report_verdict(const struct comparison *comparison, FILE *stream);
/* What differs, and what the verdict rests on. */
void report_differences(const struct comparison *comparison, FILE *stream);
/* What both sides have of one difference. */
void report_details(const struct difference *difference, FILE *stream);

/* Put the members of the JSON report into an object. */
void report_json_fill(struct json_node object, const struct comparison *comparison);

/* The report as one JSON object; false without memory. */
bool report_json(const struct comparison *comparison, FILE *stream);

#endif
