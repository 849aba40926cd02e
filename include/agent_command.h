/* SPDX-License-Identifier: MIT
 *
 * renacer-sv agent.
 */
#ifndef RENACER_AGENT_COMMAND_H
#define RENACER_AGENT_COMMAND_H

/* Run it; argv[1] is the verb. The exit status: 0 when it was told to end, 125 if it cannot serve. */
int agent_command_run(int argc, char *argv[]);

#endif
