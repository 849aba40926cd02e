/* SPDX-License-Identifier: MIT */
#include "agent_socket.h"

#include "cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

char *agent_socket_default(void) {
    const char *runtime = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");
    char *path = NULL;
    if (!runtime || runtime[0] != '/') {
        errno = ENOENT;
    } else if (asprintf(&path, "%s/renacer-sv/agent.sock", runtime) < 0) {
        errno = ENOMEM;
        path = NULL;
    }
    return path;
}

int agent_socket_make_folder(const char *path) {
    auto_free char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (!folder) {
        return -ENOMEM;
    }
    if (!slash || slash == folder) {
        return 0;
    }
    *slash = 0;
    return mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* Whether nobody listens at the address any more. */
static bool is_stale(const struct sockaddr_un *address) {
    auto_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED;
}

/* What stands in the way: 0 if it is gone now, or -errno. */
static int clear(const struct sockaddr_un *address, char *problem, size_t size) {
    struct stat info;
    if (lstat(address->sun_path, &info) == 0 && !S_ISSOCK(info.st_mode)) {
        snprintf(problem, size, "'%s' is there already, and is no socket", address->sun_path);
        return -EEXIST;
    }
    if (!is_stale(address)) {
        snprintf(problem, size, "another agent listens at '%s'", address->sun_path);
        return -EADDRINUSE;
    }
    return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int bind_to(int fd, const struct sockaddr_un *address) {
    return bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
}

int agent_socket_listen(const char *path, bool open_to_all, char *problem, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(problem, size, "cannot listen at '%s'", path);
    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(problem, size, "'%s' is too long for a socket, whose path may have %zu bytes", path,
                 sizeof(address.sun_path) - 1);
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    auto_fd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* Before there is a name for it: the file gets this mode at once (net/unix/af_unix.c, unix_bind_bsd()), less the
     * umask. */
    if (fd < 0 || fchmod(fd, 0600) < 0) {
        return -errno;
    }
    int status = bind_to(fd, &address);
    if (status == -EADDRINUSE) {
        status = clear(&address, problem, size);
        status = status == 0 ? bind_to(fd, &address) : status;
    }
    if (status == 0 && open_to_all && chmod(path, 0666) < 0) {
        status = -errno;
    }
    if (status == 0 && listen(fd, SOMAXCONN) < 0) {
        status = -errno;
    }
    return status < 0 ? status : steal_fd(&fd);
}
