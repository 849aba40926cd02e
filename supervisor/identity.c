/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int identity_find(struct identity *identity, const char *name) {
    *identity = (struct identity){0};
    errno = 0;
    const struct passwd *account = getpwnam(name);
    if (!account) {
        /* getpwnam(3): several errors say no more than that there is none. */
        return errno && errno != ESRCH && errno != EBADF && errno != EPERM ? -errno : -ENOENT;
    }
    identity->uid = account->pw_uid;
    identity->gid = account->pw_gid;
    int count = 0;
    getgrouplist(name, account->pw_gid, NULL, &count);
    identity->groups = calloc((size_t)count + 1, sizeof(gid_t));
    if (!identity->groups) {
        return -ENOMEM;
    }
    if (getgrouplist(name, account->pw_gid, identity->groups, &count) < 0) {
        identity_finish(identity);
        return -EAGAIN;
    }
    identity->group_count = (size_t)count;
    return 0;
}

void identity_finish(struct identity *identity) {
    free(identity->groups);
    identity->groups = NULL;
}

int identity_assume(const struct identity *identity) {
    /* The C library's functions would change all threads, with a signal to each. */
    if (syscall(SYS_setgroups, identity->group_count, identity->groups) < 0 ||
        syscall(SYS_setresgid, identity->gid, identity->gid, identity->gid) < 0 ||
        syscall(SYS_setresuid, identity->uid, identity->uid, identity->uid) < 0) {
        return -errno;
    }
    return 0;
}
