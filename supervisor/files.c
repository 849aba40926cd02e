/* SPDX-License-Identifier: MIT */
#include "files.h"

#include "cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The problem that errno has, as "cannot VERB 'PATH': ..."; -errno. */
static int fail(const char *verb, const char *path, char *problem, size_t size) {
    int error = errno;
    snprintf(problem, size, "cannot %s '%s': %s", verb, path, strerrordesc_np(error));
    return -error;
}

int file_read(const char *path, char **bytes, size_t *length, char *problem, size_t size) {
    auto_fd file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat info;
    if (file < 0 || fstat(file, &info) < 0) {
        return fail("read", path, problem, size);
    }
    if (!S_ISREG(info.st_mode)) {
        snprintf(problem, size, "'%s' is no file", path);
        return -EINVAL;
    }
    auto_free char *buffer = malloc((size_t)info.st_size + 1);
    if (!buffer) {
        return fail("read", path, problem, size);
    }
    size_t done = 0;
    while (done < (size_t)info.st_size) {
        ssize_t count = read(file, buffer + done, (size_t)info.st_size - done);
        if (count < 0 && errno != EINTR) {
            return fail("read", path, problem, size);
        }
        if (count == 0) {
            break;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    buffer[done] = 0;
    *length = done;
    *bytes = buffer;
    buffer = NULL;
    return 0;
}

static int write_all(int file, const char *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = write(file, bytes + done, length - done);
        if (count < 0 && errno != EINTR) {
            return -1;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* The mode of the file that is there, or that of a new one. */
static mode_t mode_for(const char *path) {
    struct stat info;
    if (stat(path, &info) == 0) {
        return info.st_mode & 07777;
    }
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* A new name is in its folder for good only when the folder has been written. */
static void sync_folder(const char *path) {
    auto_free char *copy = strdup(path);
    auto_fd folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (folder >= 0) {
        fsync(folder);
    }
}

int file_move(const char *from, const char *path, char *problem, size_t size) {
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        snprintf(problem, size, "'%s' is no file that can be replaced", path);
        return -EINVAL;
    }
    auto_fd file = open(from, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fchmod(file, mode_for(path)) < 0 || fsync(file) < 0 || rename(from, path) < 0) {
        return fail("write", path, problem, size);
    }
    sync_folder(path);
    return 0;
}

int file_replace(const char *path, const char *bytes, size_t length, char *problem, size_t size) {
    auto_free char *target = realpath(path, NULL);
    auto_free char *temporary = NULL;
    if (!target && !(target = strdup(path))) {
        return fail("write", path, problem, size);
    }
    if (asprintf(&temporary, "%s.XXXXXX", target) < 0) {
        temporary = NULL;
        return fail("write", path, problem, size);
    }
    auto_fd file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0) {
        return fail("write", path, problem, size);
    }
    int status = write_all(file, bytes, length) < 0 ? fail("write", path, problem, size) : 0;
    if (status == 0) {
        status = file_move(temporary, target, problem, size);
    }
    if (status < 0) {
        unlink(temporary);
    }
    return status;
}

/* -------------------------------------------------------------------- two files */

enum {
    PIECE_BYTES = 64 << 10,
};

int file_is_same(const char *a, const char *b, char *problem, size_t size) {
    auto_file FILE *first = fopen(a, "re");
    if (!first) {
        return fail("read", a, problem, size);
    }
    auto_file FILE *second = fopen(b, "re");
    if (!second) {
        return fail("read", b, problem, size);
    }
    auto_free char *pieces = malloc(2 * (size_t)PIECE_BYTES);
    if (!pieces) {
        return fail("read", a, problem, size);
    }
    for (;;) {
        size_t count = fread(pieces, 1, PIECE_BYTES, first);
        size_t other = fread(pieces + PIECE_BYTES, 1, PIECE_BYTES, second);
        if (ferror(first)) {
            return fail("read", a, problem, size);
        }
        if (ferror(second)) {
            return fail("read", b, problem, size);
        }
        if (count != other || memcmp(pieces, pieces + PIECE_BYTES, count) != 0) {
            return 0;
        }
        if (count == 0) {
            return 1;
        }
    }
}

int file_copy(const char *from, const char *to, char *problem, size_t size) {
    auto_fd source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0) {
        return fail("read", from, problem, size);
    }
    auto_fd target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    auto_free char *piece = malloc(PIECE_BYTES);
    if (target < 0 || !piece) {
        return fail("write", to, problem, size);
    }
    ssize_t count;
    while ((count = read(source, piece, PIECE_BYTES)) != 0) {
        if (count < 0 && errno != EINTR) {
            return fail("read", from, problem, size);
        }
        if (count > 0 && write_all(target, piece, (size_t)count) < 0) {
            return fail("write", to, problem, size);
        }
    }
    return 0;
}

/* ---------------------------------------------------------------------- folders */

int folder_make(const char *path, char *problem, size_t size) {
    auto_free char *copy = strdup(path);
    if (!copy) {
        return fail("make the folder", path, problem, size);
    }
    for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
        *slash = 0;
        if (mkdir(copy, 0777) < 0 && errno != EEXIST) {
            return fail("make the folder", copy, problem, size);
        }
        *slash = '/';
    }
    struct stat info;
    bool is_made = mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &info) == 0 && S_ISDIR(info.st_mode));
    return is_made ? 0 : fail("make the folder", path, problem, size);
}

char *folder_make_temporary(const char *parent, const char *begin, char *problem, size_t size) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s.XXXXXX", parent, begin) < 0) {
        path = NULL;
    }
    if (!path || !mkdtemp(path)) {
        fail("make a temporary folder in", parent, problem, size);
        free(path);
        return NULL;
    }
    return path;
}

void folder_remove(const char *path) {
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder) {
        closedir(folder);
    }
    rmdir(path);
}
