/* SPDX-License-Identifier: MIT
 *
 * Ending a process with all that it has started.
 */
#ifndef RENACER_PROCESS_TREE_H
#define RENACER_PROCESS_TREE_H

#include <sys/types.h>

/* Kill `root`, which leads a process group and is a child of ours that was not waited for, with its descendants and the
 * rest of its group. What has left both, as daemons do, lives on. */
void process_tree_kill(pid_t root);

#endif
