/* SPDX-License-Identifier: MIT
 * Marked calls (marks.h) of a program whose file is gone:
 *
 *     deleted FOLDER    copies itself there, executes the copy and removes it */
#define _GNU_SOURCE
#include "marks.h"

#include <fcntl.h>
#include <limits.h>

APART static void deleted(void) {
    MARK_IN(1, "deleted program", "main", CLOSE(1));
}

APART static void copy(const char *target) {
    static char block[65536];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    ssize_t length;
    while ((length = read(from, block, sizeof(block))) > 0) {
        if (write(to, block, (size_t)length) != length) {
            abort();
        }
    }
    if (length < 0 || close(from) || close(to)) {
        abort();
    }
}

int main(int argc, char *argv[]) {
    char target[PATH_MAX];
    if (argc == 3) {
        if (unlink(argv[0])) {
            return 2;
        }
        deleted();
        MARK(2, "deleted program, main", CLOSE(2));
        return 0;
    }
    if (argc != 2) {
        return 2;
    }
    snprintf(target, sizeof(target), "%s/copy", argv[1]);
    copy(target);
    char *const arguments[] = {target, argv[1], "copied", NULL};
    execv(target, arguments);
    return 3;
}
