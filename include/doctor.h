/* SPDX-License-Identifier: MIT
 *
 * `renacer-sv doctor`: what this machine lets us do, which engine runs, and what
 * would help.
 */
#ifndef RENACER_DOCTOR_H
#define RENACER_DOCTOR_H

#include "probe.h"

#include <stdbool.h>
#include <stdio.h>

/* Do what the words behind `doctor` say: the exit status, 0 if an engine works, 1 if
 * none does, 125 for words that are not understood or a report that cannot be written. */
int doctor_run(int argc, char *argv[]);

void doctor_print_text(const struct probe_report *report, FILE *stream);
/* False without memory. */
bool doctor_print_json(const struct probe_report *report, FILE *stream);

#endif
