/* SPDX-License-Identifier: MIT
 *
 * What systemd gives to a service and wants to hear from it: sd_listen_fds(3)
 * and sd_notify(3). The protocols are a few lines, and without libsystemd no
 * trace has to load it.
 */
#ifndef RENACER_ACTIVATION_H
#define RENACER_ACTIVATION_H

#include <stddef.h>

/* The listening Unix stream socket that systemd opened for this process, close-on-exec; it is the caller's. -ENOENT:
 * none was given. -EINVAL: what was given is not one such socket. Only the first call finds it: the variables are
 * taken out of the environment, so that no child believes that it is meant. Not for when there are threads. */
int activation_socket(char *problem, size_t size);

/* Tell systemd, as "READY=1" or "STOPPING=1"; several are separated by newlines. Silent where nobody wants to know or
 * cannot hear. errno is kept. */
void activation_notify(const char *state);

#endif
