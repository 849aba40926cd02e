/* SPDX-License-Identifier: MIT
 *
 * What an observer does with the calls that open files and change them by
 * name.
 */
#include "observer_call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------ open */

/* How it is opened. Where the flags are not recorded, none is set. */
struct opening {
    bool writes;
    bool creates;
    bool exclusive;
    bool empties;
    bool appends;
    bool unnamed;
    bool closes_on_exec;
};

static struct opening how_opened(const struct observed_call *o) {
    int flags = o->rule->value;
    if (flags == NO_ARGUMENT) {
        return (struct opening){.writes = true, .creates = true, .empties = true}; /* creat() */
    }
    return (struct opening){
        .writes = call_has_flag(o, flags, "O_WRONLY", O_WRONLY) || call_has_flag(o, flags, "O_RDWR", O_RDWR),
        .creates = call_has_flag(o, flags, "O_CREAT", O_CREAT),
        .exclusive = call_has_flag(o, flags, "O_EXCL", O_EXCL),
        .empties = call_has_flag(o, flags, "O_TRUNC", O_TRUNC),
        .appends = call_has_flag(o, flags, "O_APPEND", O_APPEND),
        .unnamed = call_has_flag(o, flags, "O_TMPFILE", O_TMPFILE),
        .closes_on_exec = call_has_flag(o, flags, "O_CLOEXEC", O_CLOEXEC),
    };
}

static enum made made_how(const struct observed_call *o, const struct opening *opening) {
    if (!opening->creates || !opening->exclusive) {
        return MADE_NOT;
    }
    uint64_t mode;
    bool is_private = call_number(o, o->rule->extra, &mode) && mode == 0600;
    return is_private ? MADE_PRIVATE : MADE_EXCLUSIVE;
}

/* The file by its path, and what opening has done to it. */
static int open_path(const struct observed_call *o, const struct opening *opening, uint32_t *object) {
    if (opening->unnamed) {
        text_add_string(o->path, "/(a file without a name)");
        int added = o->path->failed ? -ENOMEM : observations_add(o->observations, SUBJECT_FILE, o->path->bytes, object);
        return added < 0 ? added : observations_emptied(o->observations, *object, &o->occasion);
    }
    int status = observations_file(o->observations, o->path->bytes, made_how(o, opening), object);
    if (status < 0) {
        return status;
    }
    const struct object *file = observations_at(o->observations, *object);
    if ((opening->empties && opening->writes) || (opening->creates && opening->exclusive)) {
        status = observations_emptied(o->observations, *object, &o->occasion);
    } else if (opening->creates && !file->changed) {
        status = observations_happened(o->observations, *object, &o->occasion, "created if it was not there");
    }
    return status;
}

/* The file that a path like /dev/fd/1 stands for is the one that is open. */
static bool is_alias(const struct observed_call *o, struct open_file *file) {
    int descriptor = call_descriptor_path(o->path->bytes);
    struct open_file *meant = descriptor >= 0 ? process_model_file(o->model, o->process, descriptor) : NULL;
    if (!meant || meant->kind == OPEN_SOCKET) {
        return false;
    }
    *file = *meant;
    file->name = NULL;
    return true;
}

/* `value`: flags, none for creat(); `extra`: mode. */
static int observe_open(const struct observed_call *o) {
    uint64_t descriptor;
    if (!call_result(o, &descriptor) || descriptor > INT32_MAX) {
        return 0;
    }
    struct opening opening = how_opened(o);
    struct open_file file = {.kind = OPEN_FILE, .object = NO_OBJECT, .appends = opening.appends};
    bool is_known = call_path(o, o->rule->directory, o->rule->place, o->path);
    if (!is_known && o->call->result_file.bytes && o->call->result_file.bytes[0] == '/') {
        is_known = call_path_of(o, HERE, o->call->result_file.bytes, o->call->result_file.size, o->path);
    }
    int status = 0;
    if (!is_known) {
        file.kind = OPEN_UNKNOWN;
        status =
            observations_find(o->observations, SUBJECT_UNNAMED, "files whose names were not recorded", &file.object);
    } else if (!is_alias(o, &file)) {
        status = open_path(o, &opening, &file.object);
        o->process->running |= status == 0 ? interpreters_shown_by(o->path->bytes) : 0;
    }
    if (status < 0) {
        return status;
    }
    o->state->has_begun |= opening.writes && (!is_known || interest_in_changing(o->path->bytes));
    return process_model_open(o->model, o->process, (int)descriptor, &file, opening.closes_on_exec) ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------------ names */

/* The file that the descriptor `place` stands for; NO_OBJECT: none that is known. */
static int open_file_of(const struct observed_call *o, uint32_t *object) {
    int descriptor;
    *object = NO_OBJECT;
    if (!call_open_descriptor(o, o->rule->place, &descriptor)) {
        return 0;
    }
    const struct open_file *file = call_open_file(o, o->rule->place, descriptor);
    if (file && file->kind == OPEN_FILE) {
        *object = file->object;
    }
    return file ? 0 : -ENOMEM;
}

/* The file that the rule's argument names or, where it is a descriptor or an empty path, stands for; NO_OBJECT: not
 * known. */
static int named_file(const struct observed_call *o, uint32_t *object) {
    int directory = o->rule->directory;
    int place = o->rule->place;
    *object = NO_OBJECT;
    text_clear(o->path); /* stays empty where the file is not given by a path */
    text_add(o->path, "", 0);
    if (directory == BY_DESCRIPTOR) {
        return open_file_of(o, object);
    }
    const struct trace_bytes *text = call_text(o, place);
    int descriptor;
    bool is_empty = text && (text->size == 0 || strcmp(text->bytes, "NULL") == 0);
    if (directory >= 0 && is_empty && call_open_descriptor(o, directory, &descriptor)) {
        const struct open_file *file = call_open_file(o, directory, descriptor);
        *object = file && file->kind == OPEN_FILE ? file->object : NO_OBJECT;
        return file ? 0 : -ENOMEM;
    }
    if (!call_path(o, directory, place, o->path)) {
        return 0;
    }
    int alias = call_descriptor_path(o->path->bytes);
    const struct open_file *meant = alias >= 0 ? process_model_file(o->model, o->process, alias) : NULL;
    if (meant) {
        *object = meant->object;
        return 0;
    }
    return observations_file(o->observations, o->path->bytes, MADE_NOT, object);
}

static int happened(const struct observed_call *o, uint32_t object, const char *what) {
    o->state->has_begun = true;
    return object == NO_OBJECT ? 0 : observations_happened(o->observations, object, &o->occasion, what);
}

/* `what`, and the values behind it. */
static int observe_change(const struct observed_call *o) {
    uint32_t object;
    int status = named_file(o, &object);
    return status < 0 ? status : happened(o, object, o->rule->what);
}

static int observe_remove(const struct observed_call *o) {
    uint32_t object;
    int status = named_file(o, &object);
    status = status < 0 ? status : happened(o, object, "removed");
    if (status == 0 && o->path->length) {
        observations_forget(o->observations, o->path->bytes);
    }
    return status;
}

/* A new name, whatever was known under it before. */
static int new_file(const struct observed_call *o, bool is_private, uint32_t *object) {
    *object = NO_OBJECT;
    if (!call_path(o, o->rule->directory, o->rule->place, o->path)) {
        return 0;
    }
    return observations_file(o->observations, o->path->bytes, is_private ? MADE_PRIVATE : MADE_EXCLUSIVE, object);
}

/* `value`: mode. */
static int observe_mkdir(const struct observed_call *o) {
    uint64_t mode;
    uint32_t object;
    bool is_private = call_number(o, o->rule->value, &mode) && mode == 0700;
    int status = new_file(o, is_private, &object);
    return status < 0 ? status : happened(o, object, o->rule->what);
}

/* `value`: what it points to. */
static int observe_symlink(const struct observed_call *o) {
    uint32_t object;
    const struct trace_bytes *target = call_text(o, o->rule->value);
    int status = new_file(o, false, &object);
    text_clear(o->bytes);
    text_add_string(o->bytes, "made as a symbolic link to ");
    text_add_string(o->bytes, target ? target->bytes : "what was not recorded");
    return status < 0 || o->bytes->failed ? -ENOMEM : happened(o, object, o->bytes->bytes);
}

/* Something that says another name of the file. */
static int happened_with_name(const struct observed_call *o, uint32_t object, const char *what, const char *path) {
    text_clear(o->bytes);
    text_add_string(o->bytes, what);
    text_add_string(o->bytes, observations_shown(o->observations, path));
    return o->bytes->failed ? -ENOMEM : happened(o, object, o->bytes->bytes);
}

/* The old name is `directory` and `place`; the new one `value` (directory, or none) and `extra`. */
static int both_names(const struct observed_call *o, uint32_t *object) {
    int status = named_file(o, object);
    if (status < 0 || *object == NO_OBJECT) {
        return status;
    }
    return call_path(o, o->rule->value, o->rule->extra, o->other) ? 1 : 0;
}

static int observe_rename(const struct observed_call *o) {
    uint32_t object;
    int status = both_names(o, &object);
    if (status <= 0) {
        return status;
    }
    uint32_t replaced = observations_known(o->observations, o->other->bytes);
    bool exchanges = call_has_flag(o, 4, "RENAME_EXCHANGE", RENAME_EXCHANGE);
    if (replaced == object) {
        return 0;
    }
    status = happened_with_name(o, object, exchanges ? "exchanged with " : "renamed to ", o->other->bytes);
    if (status == 0 && replaced != NO_OBJECT) {
        status = exchanges ? happened_with_name(o, replaced, "exchanged with ", o->path->bytes)
                           : happened(o, replaced, "replaced by another file");
    }
    observations_forget(o->observations, o->path->bytes);
    status = status < 0 ? status : observations_name(o->observations, object, o->other->bytes);
    if (status == 0 && exchanges && replaced != NO_OBJECT && o->path->length) {
        status = observations_name(o->observations, replaced, o->path->bytes);
    }
    return status;
}

static int observe_link(const struct observed_call *o) {
    uint32_t object;
    int status = both_names(o, &object);
    if (status <= 0) {
        return status;
    }
    status = happened_with_name(o, object, "linked as ", o->other->bytes);
    return status < 0 ? status : observations_name(o->observations, object, o->other->bytes);
}

/* ------------------------------------------------------------------ attributes */

/* `value`: the mode. */
static int observe_chmod(const struct observed_call *o) {
    uint32_t object;
    uint64_t mode;
    char what[32] = "mode changed";
    int status = named_file(o, &object);
    if (call_number(o, o->rule->value, &mode)) {
        snprintf(what, sizeof(what), "mode changed to 0%o", (unsigned)mode);
    }
    return status < 0 ? status : happened(o, object, what);
}

/* `value`: user; the group stands behind it. */
static int observe_chown(const struct observed_call *o) {
    uint32_t object;
    uint64_t user = 0;
    uint64_t group = 0;
    char what[64];
    int status = named_file(o, &object);
    call_number(o, o->rule->value, &user);
    call_number(o, o->rule->value + 1, &group);
    snprintf(what, sizeof(what), "given to user %d and group %d", (int)user, (int)group);
    return status < 0 ? status : happened(o, object, what);
}

/* `value`: the attribute's name; its value, if it has one, stands behind it. */
static int observe_attribute(const struct observed_call *o) {
    uint32_t object;
    int status = named_file(o, &object);
    const struct trace_bytes *name = call_text(o, o->rule->value);
    const struct trace_bytes *value = o->rule->extra == NO_ARGUMENT ? NULL : call_text(o, o->rule->extra);
    text_clear(o->bytes);
    text_add_string(o->bytes, o->rule->what);
    text_add_string(o->bytes, name ? name->bytes : "");
    if (value) {
        text_add_string(o->bytes, " = ");
        text_add(o->bytes, value->bytes, value->size);
    }
    return status < 0 || o->bytes->failed ? -ENOMEM : happened(o, object, o->bytes->bytes);
}

/* `value`: the size. */
static int observe_truncate(const struct observed_call *o) {
    uint32_t object;
    uint64_t size;
    int status = named_file(o, &object);
    if (status < 0 || object == NO_OBJECT || !call_number(o, o->rule->value, &size)) {
        return status;
    }
    o->state->has_begun = true;
    return observations_truncated(o->observations, object, &o->occasion, size);
}

/* `value`: what to do, where and how much of it behind that. Making room beforehand is no change that anyone sees. */
static int observe_fallocate(const struct observed_call *o) {
    uint32_t object;
    uint64_t mode = 0;
    uint64_t offset;
    uint64_t length;
    int status = named_file(o, &object);
    bool is_plain = call_number(o, o->rule->value, &mode) && mode == 0;
    if (status < 0 || object == NO_OBJECT || !call_number(o, 2, &offset) || !call_number(o, 3, &length)) {
        return status;
    }
    const struct object *file = observations_at(o->observations, object);
    if (is_plain) {
        bool grows = !file->emptied || offset + length > file->size;
        return grows ? observations_truncated(o->observations, object, &o->occasion, offset + length) : 0;
    }
    char what[80];
    const struct trace_bytes *how = call_text(o, o->rule->value);
    if (how && strcmp(how->bytes, "FALLOC_FL_KEEP_SIZE") == 0) {
        return 0;
    }
    snprintf(what, sizeof(what), "%.30s from byte %llu, %llu bytes", how ? how->bytes : "fallocate",
             (unsigned long long)offset, (unsigned long long)length);
    return happened(o, object, what);
}

enum {
    NO = NO_ARGUMENT,
    FD = BY_DESCRIPTOR,
};

const struct call_rule file_rules[] = {
    {"open", observe_open, NO, 0, 1, 2, NULL},
    {"openat", observe_open, 0, 1, 2, 3, NULL},
    {"openat2", observe_open, 0, 1, 2, NO, NULL},
    {"creat", observe_open, NO, 0, NO, NO, NULL},
    {"unlink", observe_remove, NO, 0, NO, NO, NULL},
    {"rmdir", observe_remove, NO, 0, NO, NO, NULL},
    {"unlinkat", observe_remove, 0, 1, NO, NO, NULL},
    {"mkdir", observe_mkdir, NO, 0, 1, NO, "made as a directory"},
    {"mkdirat", observe_mkdir, 0, 1, 2, NO, "made as a directory"},
    {"mknod", observe_mkdir, NO, 0, 1, NO, "made as a node"},
    {"mknodat", observe_mkdir, 0, 1, 2, NO, "made as a node"},
    {"symlink", observe_symlink, NO, 1, 0, NO, NULL},
    {"symlinkat", observe_symlink, 1, 2, 0, NO, NULL},
    {"rename", observe_rename, NO, 0, NO, 1, NULL},
    {"renameat", observe_rename, 0, 1, 2, 3, NULL},
    {"renameat2", observe_rename, 0, 1, 2, 3, NULL},
    {"link", observe_link, NO, 0, NO, 1, NULL},
    {"linkat", observe_link, 0, 1, 2, 3, NULL},
    {"chmod", observe_chmod, NO, 0, 1, NO, NULL},
    {"fchmodat", observe_chmod, 0, 1, 2, NO, NULL},
    {"fchmodat2", observe_chmod, 0, 1, 2, NO, NULL},
    {"chown", observe_chown, NO, 0, 1, NO, NULL},
    {"chown32", observe_chown, NO, 0, 1, NO, NULL},
    {"lchown", observe_chown, NO, 0, 1, NO, NULL},
    {"lchown32", observe_chown, NO, 0, 1, NO, NULL},
    {"fchownat", observe_chown, 0, 1, 2, NO, NULL},
    {"utime", observe_change, NO, 0, NO, NO, "times set"},
    {"utimes", observe_change, NO, 0, NO, NO, "times set"},
    {"futimesat", observe_change, 0, 1, NO, NO, "times set"},
    {"utimensat", observe_change, 0, 1, NO, NO, "times set"},
    {"utimensat_time64", observe_change, 0, 1, NO, NO, "times set"},
    {"setxattr", observe_attribute, NO, 0, 1, 2, "attribute set: "},
    {"lsetxattr", observe_attribute, NO, 0, 1, 2, "attribute set: "},
    {"removexattr", observe_attribute, NO, 0, 1, NO, "attribute removed: "},
    {"lremovexattr", observe_attribute, NO, 0, 1, NO, "attribute removed: "},
    {"truncate", observe_truncate, NO, 0, 1, NO, NULL},
    {"truncate64", observe_truncate, NO, 0, 1, NO, NULL},
    {"ftruncate", observe_truncate, FD, 0, 1, NO, NULL},
    {"ftruncate64", observe_truncate, FD, 0, 1, NO, NULL},
    {"fchmod", observe_chmod, FD, 0, 1, NO, NULL},
    {"fchown", observe_chown, FD, 0, 1, NO, NULL},
    {"fchown32", observe_chown, FD, 0, 1, NO, NULL},
    {"fsetxattr", observe_attribute, FD, 0, 1, 2, "attribute set: "},
    {"fremovexattr", observe_attribute, FD, 0, 1, NO, "attribute removed: "},
    {"fallocate", observe_fallocate, FD, 0, 1, NO, NULL},
};
const size_t file_rule_count = sizeof(file_rules) / sizeof(file_rules[0]);
