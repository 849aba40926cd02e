/* SPDX-License-Identifier: MIT
 *
 * `renacer-sv check`: whether traces keep the budgets of a file.
 */
#ifndef RENACER_CHECK_COMMAND_H
#define RENACER_CHECK_COMMAND_H

/* Do what the words behind `check` say: the exit status, 0 if all budgets are kept, 1 if one is violated, 2 if that
 * cannot be told: a mistake in the command or the budgets, a trace that cannot be read or does not tell, a report that
 * cannot be written; the reason was said. */
int check_run(int argc, char *argv[]);

#endif
