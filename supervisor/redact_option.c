/* SPDX-License-Identifier: MIT */
#include "redact_option.h"

#include "cleanup.h"
#include "diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool begin(struct redaction **redaction) {
    if (!*redaction && redaction_create(redaction) < 0) {
        diag_errno(ENOMEM, "--redact");
        return false;
    }
    return true;
}

/* A rule may be the secret itself, and what we say may be kept in the log of a CI system: it is not repeated. */
bool redact_option(struct redaction **redaction, const char *rule) {
    struct redact_problem problem;
    if (!begin(redaction)) {
        return false;
    }
    if (redaction_add(*redaction, rule, strlen(rule), &problem) == 0) {
        return true;
    }
    if (problem.column) {
        diag("--redact, column %u: %s", problem.column, problem.words);
    } else {
        diag("--redact: %s", problem.words);
    }
    return false;
}

/* All of a file, which may be a pipe: <(pass show rules). Its length, or -errno. */
static ssize_t read_rules(const char *path, char *bytes, size_t room) {
    auto_fd file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    size_t length = 0;
    if (file < 0) {
        return -errno;
    }
    while (length < room) {
        ssize_t count = read(file, bytes + length, room - length);
        if (count == 0) {
            return (ssize_t)length;
        }
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        length += count > 0 ? (size_t)count : 0;
    }
    return -EFBIG;
}

bool redact_option_file(struct redaction **redaction, const char *path) {
    enum {
        ROOM = 1 << 20,
    };
    auto_free char *bytes = malloc(ROOM);
    struct redact_problem problem;
    if (!bytes || !begin(redaction)) {
        return false;
    }
    ssize_t length = read_rules(path, bytes, ROOM);
    if (length < 0) {
        diag_errno((int)-length, "cannot read rules from '%s'", path);
        return false;
    }
    if (redaction_add_lines(*redaction, bytes, (size_t)length, &problem) == 0) {
        return true;
    }
    if (problem.column) {
        diag("%s:%u:%u: %s", path, problem.line, problem.column, problem.words);
    } else {
        diag("%s:%u: %s", path, problem.line, problem.words);
    }
    return false;
}
