/* SPDX-License-Identifier: MIT
 *
 * Whom a program runs as: user, group and supplementary groups of an account.
 */
#ifndef RENACER_IDENTITY_H
#define RENACER_IDENTITY_H

#include <stddef.h>
#include <sys/types.h>

struct identity {
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* owned */
    size_t group_count;
};

/* Look up account `name`. 0; -ENOENT if there is none; another -errno. */
int identity_find(struct identity *identity, const char *name);
void identity_finish(struct identity *identity);

/* Become it; needs CAP_SETUID and CAP_SETGID. 0 or -errno. Makes system calls
 * only, of this thread alone: for a child between fork and exec. */
int identity_assume(const struct identity *identity);

#endif
