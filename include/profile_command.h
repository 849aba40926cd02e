/* SPDX-License-Identifier: MIT
 *
 * `renacer-sv profile`: the seccomp profile that a container needs to be traced by
 * `renacer-sv agent`.
 */
#ifndef RENACER_PROFILE_COMMAND_H
#define RENACER_PROFILE_COMMAND_H

/* Print it: the exit status, 0, or 125 if there is none; the reason was said. */
int profile_run(int argc, char *argv[]);

#endif
