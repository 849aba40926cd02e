/* SPDX-License-Identifier: MIT */
#include "toml_document.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All bytes of a file, at most TOML_BYTES_MAX: how many, or -errno. */
static ssize_t read_all(int fd, char **bytes) {
    enum {
        PIECE = 64 << 10,
    };
    size_t size = 0;
    size_t room = 0;
    for (;;) {
        if (size > TOML_BYTES_MAX) {
            return -EFBIG;
        }
        if (room - size < PIECE) {
            room = 2 * room + PIECE;
            char *grown = realloc(*bytes, room);
            if (!grown) {
                return -ENOMEM;
            }
            *bytes = grown;
        }
        ssize_t count = read(fd, *bytes + size, PIECE);
        if (count == 0) {
            return (ssize_t)size;
        }
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        size += count > 0 ? (size_t)count : 0;
    }
}

int toml_document_read(struct toml_document **result, const char *path, char *problem, size_t problem_size) {
    bool is_standard = strcmp(path, "-") == 0;
    const char *name = is_standard ? "standard input" : path;
    auto_fd file = is_standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    auto_free char *bytes = NULL;
    ssize_t size = file < 0 ? -errno : read_all(file, &bytes);
    if (size == -EFBIG) {
        snprintf(problem, problem_size, "'%s' has more than %d MiB, which no such file needs", name,
                 TOML_BYTES_MAX >> 20);
    } else if (size < 0) {
        snprintf(problem, problem_size, "cannot read '%s': %s", name, strerror((int)-size));
    }
    return size < 0 ? (int)size : toml_document_parse(result, bytes, (size_t)size, name, problem, problem_size);
}

const struct toml_node *toml_member(const struct toml_node *table, const char *key) {
    for (size_t i = 0; table && table->kind == TOML_TABLE && i < table->count; i++) {
        if (strcmp(table->children[i].key, key) == 0) {
            return &table->children[i];
        }
    }
    return NULL;
}

const char *toml_kind_name(enum toml_kind kind) {
    static const char *const names[] = {
        [TOML_TABLE] = "a table",      [TOML_ARRAY] = "an array", [TOML_STRING] = "a string",
        [TOML_INTEGER] = "an integer", [TOML_FLOAT] = "a number", [TOML_BOOLEAN] = "true or false",
        [TOML_DATE] = "a date or time"};
    return names[kind];
}
