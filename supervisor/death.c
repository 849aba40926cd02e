/* SPDX-License-Identifier: MIT */
#include "death.h"

#include "cleanup.h"
#include "text.h"
#include "value.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>

/* include/uapi/linux/pidfd.h: struct pidfd_info as of Linux 6.15, which added the exit code. */
struct exit_info {
    uint64_t mask;
    uint64_t cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};
#define EXIT_INFO_MASK (1UL << 3)
#define EXIT_INFO_REQUEST _IOWR(0xFF, 11, struct exit_info)

static bool ask_pidfd(int pidfd, int *status) {
    struct exit_info info = {.mask = EXIT_INFO_MASK};
    if (pidfd < 0 || ioctl(pidfd, EXIT_INFO_REQUEST, &info) < 0 || !(info.mask & EXIT_INFO_MASK)) {
        return false;
    }
    *status = info.exit_code;
    return true;
}

/* The state is the field behind the name, which stands in parentheses, and the wait status the last of all (proc(5)).
 */
static bool ask_zombie(pid_t pid, int *status) {
    char path[32];
    char line[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    auto_file FILE *file = fopen(path, "re");
    if (!file || !fgets(line, sizeof(line), file)) {
        return false;
    }
    const char *name_end = strrchr(line, ')');
    const char *last = strrchr(line, ' ');
    if (!name_end || name_end[1] != ' ' || name_end[2] != 'Z' || !last) {
        return false;
    }
    *status = (int)strtol(last, NULL, 10);
    /* 0 is also what is told to those who may not know, such as a guardian of an ordinary user. */
    return *status != 0;
}

void death_describe(int pidfd, pid_t pid, char *text, size_t size) {
    enum {
        ATTEMPTS = 20,
    };
    static const struct timespec moment = {.tv_nsec = 5000000};
    int status = 0;
    bool known = false;
    for (int i = 0; i < ATTEMPTS && !known; i++) {
        known = ask_zombie(pid, &status) || ask_pidfd(pidfd, &status);
        if (!known) {
            nanosleep(&moment, NULL);
        }
    }
    if (known && WIFSIGNALED(status)) {
        struct text name = {0};
        signal_to_text((uint64_t)WTERMSIG(status), &name);
        snprintf(text, size, "renacer-sv was killed by %s", name.bytes ? name.bytes : "a signal");
        text_finish(&name);
    } else if (known) {
        snprintf(text, size, "renacer-sv ended early with status %d", WEXITSTATUS(status));
    } else {
        snprintf(text, size, "renacer-sv died");
    }
}
