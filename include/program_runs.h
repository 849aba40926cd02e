/* SPDX-License-Identifier: MIT
 *
 * A program is run and traced several times, for budgets.
 */
#ifndef RENACER_PROGRAM_RUNS_H
#define RENACER_PROGRAM_RUNS_H

#include "ending_signals.h"

#include <stdbool.h>
#include <stddef.h>

struct program_runs {
    char **traces; /* paths */
    size_t count;
    int *wait_statuses; /* of each run, as wait(2) has it */
    char *folder;
    bool is_kept; /* else it is removed with the traces */
};

/* Run the program `runs` times, one after the other, each traced with its children and with times, and `by_path` with
 * what descriptors and sockets refer to. Its outputs go to
 * our standard error. The traces are NAME-1.json and so on in the folder `keep`, which is made if it is not there, or,
 * if that is NULL, in one that program_runs_finish() removes. 0; -EINTR if a signal told us to end; or -errno with a
 * sentence in `problem`. program_runs_finish() in any case. */
int program_runs_record(struct program_runs *program, char *const *command, bool by_path, unsigned runs,
                        const char *keep, struct ending_signals *signals, char *problem, size_t size);
void program_runs_finish(struct program_runs *program);

#endif
