/* SPDX-License-Identifier: MIT
 *
 * Descriptors in memory and what they are (-y), as they are shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    NR_MOUNT_SETATTR = 442,
    NR_LANDLOCK_ADD_RULE = 445,
    FD_NOWHERE = 900,
};

/* What the descriptor is; it lives for one more call. */
static const char *name_of(int fd) {
    static char names[2][PATH_MAX + 1];
    static unsigned next;
    char *name = names[next++ % 2];
    char link[32];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, PATH_MAX);
    name[length < 0 ? 0 : length] = 0;
    return name;
}

int main(void) {
    int null = open("/dev/null", O_RDWR);
    int ends[2];
    if (null < 0) {
        return 1;
    }
    shown_options("-y");
    shown_calls("pipe,pipe2,socketpair,mount_setattr,landlock_add_rule");
    long result = syscall(SYS_pipe2, ends, O_CLOEXEC);
    shown(result, "pipe2([%d<%s>, %d<%s>], O_CLOEXEC)", ends[0], name_of(ends[0]), ends[1], name_of(ends[1]));
    result = syscall(SYS_pipe, ends);
    shown(result, "pipe([%d<%s>, %d<%s>])", ends[0], name_of(ends[0]), ends[1], name_of(ends[1]));
    shown(syscall(SYS_pipe2, ends, 1), "pipe2(%p, 0x1 /* O_??? */)", (void *)ends);
    result = syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, ends);
    shown(result, "socketpair(AF_UNIX, SOCK_STREAM, 0, [%d<%s>, %d<%s>])", ends[0], name_of(ends[0]), ends[1],
          name_of(ends[1]));
    uint64_t attr[4] = {0x100000, 0, 1 << 18, (uint64_t)null};
    shown(syscall(NR_MOUNT_SETATTR, -1, "nowhere", 0, attr, 32),
          "mount_setattr(-1, \"nowhere\", 0, {attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=MS_PRIVATE, "
          "userns_fd=%d</dev/null>}, 32)",
          null);
    attr[0] = 1;
    shown(syscall(NR_MOUNT_SETATTR, -1, "nowhere", 0, attr, 32),
          "mount_setattr(-1, \"nowhere\", 0, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=MS_PRIVATE, "
          "userns_fd=%d}, 32)",
          null);
    struct {
        uint64_t access;
        int32_t fd;
    } rule = {4, null};
    shown(syscall(NR_LANDLOCK_ADD_RULE, FD_NOWHERE, 1, &rule, 0),
          "landlock_add_rule(%d, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_READ_FILE, "
          "parent_fd=%d</dev/null>}, 0)",
          FD_NOWHERE, null);
    return 0;
}
