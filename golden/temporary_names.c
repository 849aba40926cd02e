/* SPDX-License-Identifier: MIT
 *
 * There is no telling a random name by its letters, so what counts is how the
 * file was made: exclusively, and for its owner alone (as mkstemp(3), mkdtemp(3)
 * and their likes in other languages do) or in a place or under a name that is
 * for temporary files.
 */
#include "temporary_names.h"

#include "capture.h"
#include "syscall_table.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

struct temporary_name {
    UT_hash_handle hh;
    uint64_t number;
    uint8_t bytes[];
};

enum {
    RANDOM_MIN = 6, /* letters and digits that mkstemp(3) makes up */
    OWNER_FILE = 0600,
    OWNER_FOLDER = 0700,
};

void temporary_names_finish(struct temporary_names *names) {
    struct temporary_name *name;
    struct temporary_name *next;
    HASH_ITER(hh, names->names, name, next) {
        HASH_DEL(names->names, name);
        free(name);
    }
}

bool temporary_name_byte(uint8_t byte) {
    return isalnum(byte) || byte >= 0x80 || (byte && strchr("_-.+~@#%=", byte));
}

uint64_t temporary_names_find(const struct temporary_names *names, const uint8_t *bytes, size_t size) {
    struct temporary_name *name = NULL;
    if (names->names && size >= RANDOM_MIN) {
        HASH_FIND(hh, names->names, bytes, size, name);
    }
    return name ? name->number : 0;
}

static bool contains(const char *bytes, size_t size, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (strncasecmp(bytes + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether so many letters and digits stand together that they can be made up; *is_mixed: they are of several kinds, as
 * words are not. */
static bool can_be_random(const char *name, size_t size, bool *is_mixed) {
    size_t run = 0;
    bool is_long = false;
    unsigned kinds = 0;
    *is_mixed = false;
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)name[i];
        bool is_part = isalnum(byte) || byte == '_';
        run = is_part ? run + 1 : 0;
        kinds = is_part ? kinds | (isdigit(byte) ? 1U : isupper(byte) ? 2U : 4U) : 0;
        is_long = is_long || run >= RANDOM_MIN;
        *is_mixed = *is_mixed || (run >= RANDOM_MIN && (kinds & (kinds - 1)));
    }
    return is_long;
}

static bool is_for_temporary_files(const char *path, size_t size, const char *name) {
    static const char *const folders[] = {"/tmp/", "/var/tmp/"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (size > strlen(folders[i]) && memcmp(path, folders[i], strlen(folders[i])) == 0) {
            return true;
        }
    }
    size_t length = (size_t)(path + size - name);
    return contains(name, length, "tmp") || contains(name, length, "temp");
}

/* How a call makes a file. */
struct creation {
    unsigned path; /* its argument; the next ones are flags, where it has any, and the mode */
    bool is_folder;
};

static bool creates(const struct record *record, struct creation *creation) {
    static const struct {
        const char *name;
        struct creation creation;
    } calls[] = {{"open", {0, false}}, {"openat", {1, false}}, {"mkdir", {0, true}}, {"mkdirat", {1, true}}};
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    if (!row || !(row->classes & C_FILE) || !(record->call.flags & CALL_HAS_ARGS) ||
        !(record->call.flags & CALL_HAS_RESULT) || call_failed(&record->call)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(row->name, calls[i].name) == 0) {
            *creation = calls[i].creation;
            return true;
        }
    }
    return false;
}

/* Whether the owner alone has rights; *exclusive: whether there was nothing of that name. */
static bool is_private(const struct record *record, const struct creation *creation, bool *exclusive) {
    const uint64_t *args = record->call.args + creation->path;
    *exclusive = creation->is_folder || (args[1] & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
    return creation->is_folder ? (args[1] & 07777) == OWNER_FOLDER : (args[2] & 07777) == OWNER_FILE;
}

static int add(struct temporary_names *names, const char *bytes, size_t size) {
    if (temporary_names_find(names, (const uint8_t *)bytes, size)) {
        return 0;
    }
    struct temporary_name *name = calloc(1, sizeof(*name) + size);
    if (!name) {
        return -ENOMEM;
    }
    memcpy(name->bytes, bytes, size);
    name->number = ++names->count;
    unsigned before = HASH_COUNT(names->names);
    HASH_ADD_KEYPTR(hh, names->names, name->bytes, size, name);
    if (HASH_COUNT(names->names) == before) {
        free(name);
        return -ENOMEM;
    }
    return 0;
}

int temporary_names_call(struct temporary_names *names, const struct record *call) {
    struct creation creation;
    bool is_exclusive;
    if (!creates(call, &creation)) {
        return 0;
    }
    bool is_owners = is_private(call, &creation, &is_exclusive);
    const struct capture *capture = capture_find(record_captures(call), call->call.captures_size, creation.path, 0);
    if (!is_exclusive || !capture || capture->state != CAPTURE_WHOLE) {
        return 0;
    }
    const char *path = (const char *)capture_bytes(capture);
    size_t size = capture->size;
    while (size && path[size - 1] == '/') {
        size--;
    }
    const char *slash = size ? memrchr(path, '/', size) : NULL;
    const char *name = slash ? slash + 1 : path;
    size_t length = (size_t)(path + size - name);
    bool is_mixed;
    bool is_temporary = can_be_random(name, length, &is_mixed);
    if (!is_owners || (creation.is_folder && !is_mixed)) {
        /* Folders for the owner alone have names of their own more often than not. */
        is_temporary = is_temporary && (is_owners || !creation.is_folder) && is_for_temporary_files(path, size, name);
    }
    return is_temporary ? add(names, name, length) : 0;
}
