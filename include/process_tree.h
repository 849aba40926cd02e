/* SPDX-License-Identifier: MIT
 *
 * Ending a process with all that it has started.
 */
#ifndef RENACER_PROCESS_TREE_H
#define RENACER_PROCESS_TREE_H

#include <sys/types.h>

/* Kill `root`, which leads a process group and is a child of ours that was not waited for, or ourselves, with its
 * descendants and the rest of its group. Daemons, which have left both, are descendants of a `root` that is their
 * subreaper (PR_SET_CHILD_SUBREAPER); others live on. */
void process_tree_kill(pid_t root);

#endif
