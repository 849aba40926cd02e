/* SPDX-License-Identifier: MIT
 *
 * `renacer-sv compare GOLDEN NEW`: whether two traces are of programs that do the same.
 */
#ifndef RENACER_COMPARE_COMMAND_H
#define RENACER_COMPARE_COMMAND_H

/* Do what the words behind `compare` say: the exit status, 0 if the traces are equivalent, 1 if they
 * are not, 2 if that cannot be told: a mistake in the command, a trace that cannot be read, a report that cannot be
 * written; the reason was said. */
int compare_run(int argc, char *argv[]);

#endif
