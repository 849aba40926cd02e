/* SPDX-License-Identifier: MIT
 *
 * The socket on which an agent waits for container runtimes.
 */
#ifndef RENACER_AGENT_SOCKET_H
#define RENACER_AGENT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* Where runtimes and agents of our user find each other unless they are told: /run/renacer-sv/agent.sock, or
 * renacer-sv/agent.sock in $XDG_RUNTIME_DIR for others than root. malloc'd; NULL with errno: ENOENT, that is not set.
 */
char *agent_socket_default(void);

/* Make the folder of such a path, if it is not there. 0 or -errno. */
int agent_socket_make_folder(const char *path);

/* Listen at `path`, on a socket that only our user may connect to, or everybody (`open_to_all`: whoever accepts looks
 * at who it is). One that a dead agent has left is replaced. Its descriptor, not blocking, owned by the caller, or
 * -errno with a sentence in `problem`. */
int agent_socket_listen(const char *path, bool open_to_all, char *problem, size_t size);

#endif
