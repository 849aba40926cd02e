/* SPDX-License-Identifier: MIT
 *
 * renacer-sv agent: from the command line to a socket and a folder.
 */
#include "agent_command.h"

#include "activation.h"
#include "agent.h"
#include "agent_options.h"
#include "agent_socket.h"
#include "cleanup.h"
#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    EXIT_OURS = 125,
    PROBLEM_BYTES = 512,
};

/* The folder for documents, made if it is not there; with its whole path, malloc'd. Or -1, and the reason was said. */
static int open_folder(const char *folder, char **where) {
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        diag_errno(errno, "cannot make folder '%s'", folder);
        return -1;
    }
    auto_fd fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0) {
        diag_errno(errno, "cannot write to folder '%s'", folder);
        return -1;
    }
    *where = realpath(folder, NULL);
    if (!*where) {
        diag_errno(errno, "cannot find folder '%s'", folder);
        return -1;
    }
    return steal_fd(&fd);
}

/* Others than our user, and root, can only come when the socket lets them. */
static bool admits_others(const struct agent_options *options) {
    for (size_t i = 0; i < options->uid_count; i++) {
        if (options->uids[i] != geteuid() && options->uids[i] != 0) {
            return true;
        }
    }
    return false;
}

/* The socket from systemd, or one of our own at *path, malloc'd then. Or -1, and the reason was said. */
static int open_socket(const struct agent_options *options, char **path) {
    char problem[PROBLEM_BYTES];
    int fd = activation_socket(problem, sizeof(problem));
    if (fd >= 0 && options->socket) {
        diag("--listen does not go with a socket that systemd hands over");
        close_fd(&fd);
        return -1;
    }
    if (fd >= 0) {
        return fd;
    }
    if (fd != -ENOENT) {
        diag("%s", problem);
        return -1;
    }
    *path = options->socket ? strdup(options->socket) : agent_socket_default();
    if (!*path) {
        diag(errno == ENOENT ? "XDG_RUNTIME_DIR is not set: say where to listen with --listen SOCKET"
                             : "out of memory");
        return -1;
    }
    int status = options->socket ? 0 : agent_socket_make_folder(*path);
    snprintf(problem, sizeof(problem), "cannot make a folder for '%s'", *path);
    fd = status < 0 ? status : agent_socket_listen(*path, admits_others(options), problem, sizeof(problem));
    if (fd < 0) {
        diag_errno(-fd, "%s", problem);
        return -1;
    }
    return fd;
}

/* Each connection may bring many descriptors. */
static void raise_limit(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int serve(const struct agent_options *options, int argc, char *argv[]) {
    if (!options->tracing.file) {
        diag("no folder for documents: renacer-sv agent -o DIR");
        return EXIT_OURS;
    }
    auto_free char *where = NULL;
    auto_fd folder = open_folder(options->tracing.file, &where);
    if (folder < 0) {
        return EXIT_OURS;
    }
    auto_free char *listen = NULL;
    auto_fd socket = open_socket(options, &listen);
    if (socket < 0) {
        return EXIT_OURS;
    }
    raise_limit();
    struct agent_setup setup = {.options = options,
                                .argc = argc,
                                .argv = argv,
                                .socket = socket,
                                .listen = listen,
                                .folder = folder,
                                .where = where};
    int status = agent_run(&setup);
    if (status < 0) {
        diag_errno(-status, "the agent ends");
    }
    return status < 0 ? EXIT_OURS : 0;
}

int agent_command_run(int argc, char *argv[]) {
    struct agent_options options;
    int status = EXIT_OURS;
    switch (agent_options_parse(&options, argc - 1, argv + 1, NULL, 0)) {
    case OPTIONS_RUN:
        status = serve(&options, argc - 1, argv + 1);
        break;
    case OPTIONS_DONE:
        status = fflush(stdout) == 0 ? 0 : EXIT_OURS;
        break;
    case OPTIONS_BAD:
        break;
    }
    agent_options_finish(&options);
    return status;
}
