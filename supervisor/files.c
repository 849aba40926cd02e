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

enum {
    PIECE_BYTES = 64 << 10,
};

/* The problem that errno has, as "cannot VERB 'PATH': ..."; -errno. */
static int fail(const char *verb, const char *path, char *problem, size_t size) {
    int error = errno;
    snprintf(problem, size, "cannot %s '%s': %s", verb, path, strerrordesc_np(error));
    return -error;
}

int file_read(const char *path, char **bytes, size_t *length, char *problem, size_t size) {
    auto_fd file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
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

int file_write_all(int file, const char *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t count = write(file, bytes + done, length - done);
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        done += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

/* The bytes of a file into one that is open for writing and called `to`. */
static int copy_into(int target, const char *from, const char *to, char *problem, size_t size) {
    auto_fd source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0) {
        return fail("read", from, problem, size);
    }
    auto_free char *piece = malloc(PIECE_BYTES);
    if (!piece) {
        return fail("write", to, problem, size);
    }
    ssize_t count;
    while ((count = read(source, piece, PIECE_BYTES)) != 0) {
        if (count < 0 && errno != EINTR) {
            return fail("read", from, problem, size);
        }
        if (count > 0 && file_write_all(target, piece, (size_t)count) < 0) {
            return fail("write", to, problem, size);
        }
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

/* Where a path leads to, malloc'd: a symbolic link stays one, and what it names is replaced. NULL with errno; a link
 * that leads nowhere is an error. */
static char *find_target(const char *path) {
    struct stat info;
    char *target = realpath(path, NULL);
    bool is_new = !target && errno == ENOENT && lstat(path, &info) < 0;
    return is_new ? strdup(path) : target;
}

/* The descriptor of the new file beside the one that it will replace, or -errno with a sentence. */
static int begin_stage(struct staged_file *staged, const char *path, char *problem, size_t size) {
    struct stat info;
    *staged = (struct staged_file){.target = find_target(path)};
    if (!staged->target) {
        return fail("write", path, problem, size);
    }
    staged->is_new = stat(staged->target, &info) < 0;
    if (!staged->is_new && !S_ISREG(info.st_mode)) {
        snprintf(problem, size, "'%s' is no file that can be replaced", path);
        return -EINVAL;
    }
    if (asprintf(&staged->temporary, "%s.XXXXXX", staged->target) < 0) {
        staged->temporary = NULL;
        return fail("write", path, problem, size);
    }
    int file = mkostemp(staged->temporary, O_CLOEXEC);
    if (file < 0) {
        int status = fail("write", path, problem, size);
        free_pointer(&staged->temporary);
        staged->temporary = NULL;
        return status;
    }
    return file;
}

static int end_stage(const struct staged_file *staged, int file, const char *path, char *problem, size_t size) {
    bool done = fchmod(file, mode_for(staged->target)) == 0 && fsync(file) == 0;
    return done ? 0 : fail("write", path, problem, size);
}

int file_stage(struct staged_file *staged, const char *path, const char *bytes, size_t length, char *problem,
               size_t size) {
    auto_fd file = begin_stage(staged, path, problem, size);
    if (file < 0) {
        return file;
    }
    if (file_write_all(file, bytes, length) < 0) {
        return fail("write", path, problem, size);
    }
    return end_stage(staged, file, path, problem, size);
}

int file_stage_copy(struct staged_file *staged, const char *path, const char *from, char *problem, size_t size) {
    auto_fd file = begin_stage(staged, path, problem, size);
    if (file < 0) {
        return file;
    }
    int status = copy_into(file, from, path, problem, size);
    return status < 0 ? status : end_stage(staged, file, path, problem, size);
}

int file_commit(struct staged_file *staged, char *problem, size_t size) {
    if (rename(staged->temporary, staged->target) < 0) {
        return fail("write", staged->target, problem, size);
    }
    free(staged->temporary);
    staged->temporary = NULL;
    sync_folder(staged->target);
    return 0;
}

void file_take_back(const struct staged_file *staged) {
    if (!staged->temporary && staged->is_new) {
        unlink(staged->target);
    }
}

void file_stage_finish(struct staged_file *staged) {
    if (staged->temporary) {
        unlink(staged->temporary);
    }
    free(staged->temporary);
    free(staged->target);
    *staged = (struct staged_file){0};
}

/* -------------------------------------------------------------------- two files */

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
    auto_fd target = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    return target < 0 ? fail("write", to, problem, size) : copy_into(target, from, to, problem, size);
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

int folder_prepare(const char *path, char *problem, size_t size) {
    int status = folder_make(path, problem, size);
    if (status == 0 && faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) < 0) {
        status = fail("write in the folder", path, problem, size);
    }
    return status;
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
