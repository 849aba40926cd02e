/* SPDX-License-Identifier: MIT
 *
 * Names of capabilities, as containers are given them.
 */
#ifndef RENACER_CAPABILITY_NAMES_H
#define RENACER_CAPABILITY_NAMES_H

#include "seccomp_profile.h"

/* Append what podman gives a container that says nothing else: 0 or -ENOMEM. */
int capability_names_add_standard(struct name_list *list);

/* Append those of a list joined by commas, in any case and with or without "CAP_": "SYS_ADMIN,cap_bpf"; "all", or
 * "none" for none. 0; -EINVAL with a sentence in `problem`; -ENOMEM. */
int capability_names_add(struct name_list *list, const char *words, char *problem, size_t size);

#endif
