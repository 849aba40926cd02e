/* SPDX-License-Identifier: MIT
 *
 * What a process has died of that is not our child: zombies tell it in /proc, and
 * those that were waited for by their pidfd (Linux 6.15).
 */
#ifndef RENACER_DEATH_H
#define RENACER_DEATH_H

#include <stddef.h>
#include <sys/types.h>

/* Say it in a few words: "renacer-sv was killed by SIGKILL", or as much as can be found out. `pidfd` was opened while
 * the process lived; -1: none. Waits some milliseconds for its parent to wait for it, if that helps. */
void death_describe(int pidfd, pid_t pid, char *text, size_t size);

#endif
