/* SPDX-License-Identifier: MIT */
#include "observations.h"

#include "cleanup.h"
#include "hash64.h"
#include "interest.h"
#include "task_parts.h"

#include <errno.h>
#include <fnmatch.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_CHUNK = 65536,
    NAMES_FIRST = 256, /* room of the table of names to begin with */
};

struct chunk {
    struct chunk *next;
    size_t used;
    size_t room;
    char bytes[];
};

/* A name that something has or had. */
struct name {
    const char *text;
    uint32_t hash;
    uint32_t object;    /* that has it now, or NO_OBJECT */
    uint32_t shown;     /* the name that it is shown and compared as: itself, if nothing in it was drawn at random */
    uint32_t made : 24; /* objects that were met first under this name */
    uint32_t subject : 8;
};

struct content {
    struct sha256_ctx sha;
};

struct observations {
    const char *const *ignore;
    size_t ignore_count;
    struct watcher *watcher;
    struct chunk *arena; /* the newest first */
    struct name *names;
    uint32_t name_count;
    bool has_masked; /* some names are shown otherwise than they are */
    uint32_t *table; /* of indices into `names`, open addressing; a power of two, at most half full */
    uint32_t table_size;
    struct object *objects;
    uint32_t object_count;
    uint32_t object_room;
    struct task_parts *parts;
    /* The sums of those that are `several`, in the order of their numbers. */
    struct summed {
        uint32_t object;
        struct task_sums sums;
    } * sums;
    size_t sum_count;
};

/* ---------------------------------------------------------------------- names */

/* The text with its NUL, kept as long as the observations are. */
static const char *keep(struct observations *o, const char *text, size_t size) {
    struct chunk *chunk = o->arena;
    if (!chunk || chunk->room - chunk->used < size + 1) {
        size_t room = size + 1 > ARENA_CHUNK ? size + 1 : ARENA_CHUNK;
        chunk = malloc(sizeof(*chunk) + room);
        if (!chunk) {
            return NULL;
        }
        *chunk = (struct chunk){.next = o->arena, .room = room};
        o->arena = chunk;
    }
    char *kept = chunk->bytes + chunk->used;
    memcpy(kept, text, size);
    kept[size] = 0;
    chunk->used += size + 1;
    return kept;
}

static void insert(struct observations *o, uint32_t index) {
    uint32_t slot = o->names[index].hash & (o->table_size - 1);
    while (o->table[slot] != NO_OBJECT) {
        slot = (slot + 1) & (o->table_size - 1);
    }
    o->table[slot] = index;
}

/* Room for one more name. */
static int reserve_name(struct observations *o) {
    if (o->name_count < o->table_size / 2) {
        return 0;
    }
    uint32_t size = o->table_size ? o->table_size * 2 : NAMES_FIRST;
    uint32_t *table = size ? malloc(size * sizeof(*table)) : NULL;
    if (!table) {
        return -ENOMEM;
    }
    free(o->table);
    o->table = table;
    o->table_size = size;
    memset(table, 0xff, size * sizeof(*table));
    for (uint32_t i = 0; i < o->name_count; i++) {
        insert(o, i);
    }
    struct name *names = realloc(o->names, size / 2 * sizeof(*names));
    if (!names) {
        return -ENOMEM;
    }
    o->names = names;
    return 0;
}

static uint32_t hash_name(enum subject subject, const char *text, size_t size) {
    return (uint32_t)hash64_bytes(hash64_mix(0, subject), text, size);
}

static uint32_t look_up(const struct observations *o, enum subject subject, const char *text, uint32_t hash) {
    if (!o->table_size) {
        return NO_OBJECT;
    }
    for (uint32_t slot = hash & (o->table_size - 1);; slot = (slot + 1) & (o->table_size - 1)) {
        uint32_t index = o->table[slot];
        if (index == NO_OBJECT || (o->names[index].hash == hash && o->names[index].subject == subject &&
                                   strcmp(o->names[index].text, text) == 0)) {
            return index;
        }
    }
}

static int find_name(struct observations *o, enum subject subject, const char *text, uint32_t *index);

/* A file is in a directory whose name was drawn at random: it is shown in that as it is shown. */
static int show_in_directory(struct observations *o, uint32_t index) {
    const char *text = o->names[index].text;
    size_t size = strlen(text);
    const char *slash = memrchr(text, '/', size);
    auto_free char *shown = NULL;
    while (slash && slash > text) {
        char *directory = strndup(text, (size_t)(slash - text));
        if (!directory) {
            return -ENOMEM;
        }
        uint32_t above =
            look_up(o, SUBJECT_FILE, directory, hash_name(SUBJECT_FILE, directory, (size_t)(slash - text)));
        free(directory);
        if (above != NO_OBJECT && o->names[above].shown != above) {
            if (asprintf(&shown, "%s%s", o->names[o->names[above].shown].text, slash) < 0) {
                shown = NULL;
                return -ENOMEM;
            }
            break;
        }
        slash = memrchr(text, '/', (size_t)(slash - text));
    }
    uint32_t other;
    int status = shown ? find_name(o, SUBJECT_FILE, shown, &other) : 0;
    if (shown && status == 0) {
        o->names[index].shown = other;
    }
    return status;
}

static int find_name(struct observations *o, enum subject subject, const char *text, uint32_t *index) {
    size_t size = strlen(text);
    uint32_t hash = hash_name(subject, text, size);
    *index = look_up(o, subject, text, hash);
    if (*index != NO_OBJECT) {
        return 0;
    }
    int status = reserve_name(o);
    const char *kept = status == 0 ? keep(o, text, size) : NULL;
    if (!kept) {
        return -ENOMEM;
    }
    *index = o->name_count++;
    o->names[*index] =
        (struct name){.text = kept, .hash = hash, .object = NO_OBJECT, .shown = *index, .subject = (uint8_t)subject};
    insert(o, *index);
    return o->has_masked && subject == SUBJECT_FILE ? show_in_directory(o, *index) : 0;
}

/* Whether the user does not want to hear of it. */
static bool is_ignored(const struct observations *o, const char *text) {
    for (size_t i = 0; i < o->ignore_count; i++) {
        if (fnmatch(o->ignore[i], text, 0) == 0) {
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------------- objects */

static int add_object(struct observations *o, uint32_t shown, uint32_t *object) {
    if (o->object_count == o->object_room) {
        uint64_t room = o->object_room ? (uint64_t)o->object_room * 2 : 64;
        struct object *grown = room < NO_OBJECT ? realloc(o->objects, room * sizeof(*grown)) : NULL;
        if (!grown) {
            return -ENOMEM;
        }
        o->objects = grown;
        o->object_room = (uint32_t)room;
    }
    struct name *name = &o->names[shown];
    *object = o->object_count++;
    o->objects[*object] = (struct object){
        .name = name->text,
        .subject = name->subject,
        .ordinal = name->made,
        .current = NO_OBJECT,
        .next = POSITION_UNKNOWN,
        .ignored = is_ignored(o, name->text),
    };
    name->made++;
    return 0;
}

int observations_add(struct observations *o, enum subject subject, const char *name, uint32_t *object) {
    uint32_t index;
    int status = find_name(o, subject, name, &index);
    status = status < 0 ? status : add_object(o, index, object);
    if (status == 0) {
        o->names[index].object = *object;
    }
    return status;
}

int observations_find(struct observations *o, enum subject subject, const char *name, uint32_t *object) {
    uint32_t index;
    int status = find_name(o, subject, name, &index);
    if (status < 0) {
        return status;
    }
    *object = o->names[index].object;
    return *object != NO_OBJECT ? 0 : observations_add(o, subject, name, object);
}

static bool counts_as_name(const struct observations *o, const char *path) {
    return interest_in_changing(path) && !is_ignored(o, path);
}

static int mask_name(struct observations *o, uint32_t index, enum made made) {
    char *masked = strdup(o->names[o->names[index].shown].text);
    int status = masked ? 0 : -ENOMEM;
    uint32_t shown;
    if (status == 0 && interest_mask_random(masked, made == MADE_PRIVATE)) {
        status = find_name(o, SUBJECT_FILE, masked, &shown);
        if (status == 0) {
            o->names[index].shown = shown;
            o->has_masked = true;
        }
    }
    free(masked);
    return status;
}

int observations_file(struct observations *o, const char *path, enum made made, uint32_t *object) {
    uint32_t index;
    int status = find_name(o, SUBJECT_FILE, path, &index);
    if (status == 0 && made != MADE_NOT) {
        o->names[index].object = NO_OBJECT;
        status = mask_name(o, index, made);
    }
    if (status < 0) {
        return status;
    }
    *object = o->names[index].object;
    if (*object != NO_OBJECT) {
        return 0;
    }
    status = add_object(o, o->names[index].shown, object);
    if (status == 0) {
        o->names[index].object = *object;
        o->objects[*object].current = index;
        o->objects[*object].ignored |= !counts_as_name(o, path);
    }
    return status;
}

uint32_t observations_known(const struct observations *o, const char *path) {
    uint32_t index = look_up(o, SUBJECT_FILE, path, hash_name(SUBJECT_FILE, path, strlen(path)));
    return index == NO_OBJECT ? NO_OBJECT : o->names[index].object;
}

int observations_name(struct observations *o, uint32_t object, const char *path) {
    uint32_t index;
    int status = find_name(o, SUBJECT_FILE, path, &index);
    if (status == 0) {
        o->names[index].object = object;
        o->objects[object].current = index;
        o->objects[object].ignored |= !counts_as_name(o, path);
    }
    return status;
}

void observations_forget(struct observations *o, const char *path) {
    uint32_t index = look_up(o, SUBJECT_FILE, path, hash_name(SUBJECT_FILE, path, strlen(path)));
    if (index != NO_OBJECT) {
        o->names[index].object = NO_OBJECT;
    }
}

const char *observations_shown(const struct observations *o, const char *path) {
    uint32_t index = look_up(o, SUBJECT_FILE, path, hash_name(SUBJECT_FILE, path, strlen(path)));
    return index == NO_OBJECT ? path : o->names[o->names[index].shown].text;
}

const char *observations_path(const struct observations *o, uint32_t object) {
    const struct object *known = &o->objects[object];
    return known->current == NO_OBJECT ? known->name : o->names[known->current].text;
}

/* --------------------------------------------------------------- what happens */

static struct part **list_of(void *context, uint32_t object) {
    struct observations *o = context;
    return &o->objects[object].parts;
}

/* The task is about to do something to the object: from the second task on, each has its part. */
static int touch(struct observations *o, uint32_t number, const struct occasion *occasion) {
    struct object *object = &o->objects[number];
    int status = 0;
    object->line = object->line ? object->line : occasion->line;
    if (!object->changed) {
        object->changed = true;
        object->owner = occasion->task;
    }
    if (!object->several && object->owner != occasion->task && !o->watcher) {
        status = task_parts_begin(o->parts, number, &object->parts, object->owner,
                                  object->content ? &object->content->sha : NULL, object);
        object->several = status == 0;
    }
    return status;
}

static int happened(struct observations *o, uint32_t number, const struct occasion *occasion, const char *what,
                    uint64_t hash) {
    int status = touch(o, number, occasion);
    struct object *object = &o->objects[number];
    if (status == 0 && object->several) {
        status = task_parts_happened(o->parts, number, &object->parts, occasion, hash);
    }
    object->history = hash64_mix(hash64_mix(object->history, hash), object->length);
    if (status == 0 && o->watcher) {
        status = o->watcher->happened(o->watcher, number, what, occasion->line);
    }
    return status;
}

int observations_happened(struct observations *o, uint32_t object, const struct occasion *occasion, const char *what) {
    return happened(o, object, occasion, what, hash64_bytes(0, what, strlen(what)));
}

int observations_emptied(struct observations *o, uint32_t number, const struct occasion *occasion) {
    struct object *object = &o->objects[number];
    if (object->emptied && object->size == 0) {
        return 0; /* nothing changes by it */
    }
    object->emptied = true;
    object->at_end = false;
    object->next = 0;
    object->size = 0;
    return observations_happened(o, number, occasion, "created or emptied");
}

int observations_truncated(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t size) {
    struct object *object = &o->objects[number];
    if (size == 0) {
        return observations_emptied(o, number, occasion);
    }
    if (object->emptied && object->size == size) {
        return 0;
    }
    object->size = size;
    char what[48];
    snprintf(what, sizeof(what), "cut or filled to %llu bytes", (unsigned long long)size);
    return observations_happened(o, number, occasion, what);
}

/* Where in a file bytes are written is told where they do not go on where the last ones ended. */
static int position(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t position,
                    uint64_t length) {
    struct object *object = &o->objects[number];
    if (position == POSITION_END && object->emptied) {
        position = object->size;
    }
    int status = 0;
    if (position == POSITION_END) {
        if (!object->at_end) {
            status = observations_happened(o, number, occasion, "goes on at the end");
        }
        object = &o->objects[number];
        object->at_end = true;
        object->next = POSITION_UNKNOWN;
        return status;
    }
    if (position == POSITION_UNKNOWN) {
        position = object->next;
    } else if (position != object->next) {
        char what[48];
        snprintf(what, sizeof(what), "goes on at byte %llu", (unsigned long long)position);
        status = observations_happened(o, number, occasion, what);
        object->at_end = false;
    }
    if (position != POSITION_UNKNOWN) {
        object->next = position + length;
        object->size = object->next > object->size ? object->next : object->size;
    }
    return status;
}

int observations_wrote(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t at,
                       const struct written *written) {
    int status = 0;
    if (o->objects[number].subject == SUBJECT_FILE) {
        status = position(o, number, occasion, at, written->length);
    }
    status = status < 0 ? status : touch(o, number, occasion);
    struct object *object = &o->objects[number];
    if (status == 0 && object->several) {
        status = task_parts_wrote(o->parts, number, &object->parts, occasion, written);
    }
    object->length += written->length;
    object->seen += written->seen;
    if (status < 0) {
        return status;
    }
    if (o->watcher) {
        return o->watcher->wrote(o->watcher, number, written->bytes, written->seen, written->length, occasion->line);
    }
    if (written->seen && !object->content) {
        object->content = malloc(sizeof(*object->content));
        if (!object->content) {
            return -ENOMEM;
        }
        sha256_init(&object->content->sha);
    }
    if (written->seen) {
        sha256_update(&object->content->sha, written->seen, written->bytes);
    }
    return status;
}

void observations_met(struct observations *o, uint32_t number, const struct occasion *occasion) {
    struct object *object = &o->objects[number];
    object->met = true;
    object->line = object->line ? object->line : occasion->line;
}

__extension__ typedef unsigned __int128 wide;

/* A polynomial modulo 2^61 - 1, in which it does not matter how the bytes come. */
static uint64_t add_bytes(uint64_t hash, const uint8_t *bytes, uint64_t size) {
    static const uint64_t prime = ((uint64_t)1 << 61) - 1;
    for (uint64_t i = 0; i < size; i++) {
        wide product = (wide)hash * 0x0b873593cc9e2d51U + bytes[i] + 1;
        hash = (uint64_t)(product & prime) + (uint64_t)(product >> 61);
        hash = hash >= prime ? hash - prime : hash;
    }
    return hash;
}

void observations_was_read(struct observations *o, uint32_t number, const struct occasion *occasion, uint64_t at,
                           const uint8_t *bytes, uint64_t length) {
    struct object *object = &o->objects[number];
    object->is_read = true;
    object->line = object->line ? object->line : occasion->line;
    if (length == 0) {
        object->read_seen = at == object->read_length && !object->read_broken;
        return;
    }
    if (!bytes || object->read_broken || object->read_seen || at != object->read_length) {
        /* Reading once more what was read changes nothing. */
        object->read_broken |= !object->read_seen;
        return;
    }
    object->read_length += length;
    object->read_hash = add_bytes(object->read_hash, bytes, length);
}

int observations_counted(struct observations *o, enum subject subject, const char *name,
                         const struct occasion *occasion) {
    uint32_t number;
    int status = observations_find(o, subject, name, &number);
    if (status == 0) {
        o->objects[number].length++;
        observations_met(o, number, occasion);
    }
    return status;
}

void observations_forget_search(struct observations *o) {
    for (uint32_t i = 0; i < o->object_count; i++) {
        struct object *object = &o->objects[i];
        if (object->subject == SUBJECT_PROGRAM) {
            object->met = false;
            object->length = 0;
            object->line = 0;
        } else if (object->is_read && !object->changed) {
            object->is_read = false;
            object->read_seen = false;
            object->read_broken = false;
            object->read_length = 0;
            object->read_hash = 0;
            object->line = 0;
        }
    }
}

int observations_task(struct observations *o, uint32_t task, uint32_t process) {
    return task_parts_task(o->parts, task, process);
}

int observations_process_began(struct observations *o, uint32_t parent) {
    return task_parts_process_began(o->parts, parent);
}

int observations_process_ended(struct observations *o, uint32_t process, uint32_t parent) {
    return task_parts_process_ended(o->parts, process, parent, list_of, o);
}

/* ------------------------------------------------------------------ interface */

struct observations *observations_create(const char *const *ignore, size_t ignore_count, struct watcher *watcher) {
    struct observations *o = calloc(1, sizeof(*o));
    if (!o) {
        return NULL;
    }
    *o = (struct observations){.ignore = ignore, .ignore_count = ignore_count, .watcher = watcher};
    o->parts = task_parts_create();
    if (!o->parts) {
        observations_destroy(o);
        return NULL;
    }
    return o;
}

/* Room for the sums of those objects that several tasks wrote to. */
static int reserve_sums(struct observations *o) {
    size_t count = 0;
    for (uint32_t i = 0; i < o->object_count; i++) {
        count += o->objects[i].several;
    }
    o->sums = count ? calloc(count, sizeof(*o->sums)) : NULL;
    return count && !o->sums ? -ENOMEM : 0;
}

int observations_finish_contents(struct observations *o) {
    if (!o->parts) {
        return 0;
    }
    int status = reserve_sums(o);
    for (uint32_t i = 0; i < o->object_count; i++) {
        struct object *object = &o->objects[i];
        struct content *content = object->content;
        struct task_sums sums = task_parts_finish(&object->parts);
        if (object->several && o->sums) {
            o->sums[o->sum_count++] = (struct summed){i, sums};
        }
        memset(object->digest, 0, sizeof(object->digest));
        if (content) {
            uint8_t digest[SHA256_DIGEST_SIZE];
            sha256_digest(&content->sha, sizeof(digest), digest);
            memcpy(object->digest, digest, sizeof(object->digest));
            free(content);
        }
    }
    task_parts_destroy(o->parts);
    o->parts = NULL;
    return status;
}

void observations_destroy(struct observations *o) {
    if (!o) {
        return;
    }
    if (o->parts) {
        observations_finish_contents(o);
    }
    free(o->sums);
    free(o->objects);
    free(o->names);
    free(o->table);
    while (o->arena) {
        struct chunk *chunk = o->arena;
        o->arena = chunk->next;
        free(chunk);
    }
    free(o);
}

uint32_t observations_count(const struct observations *o) {
    return o->object_count;
}

struct object *observations_at(const struct observations *o, uint32_t object) {
    return &o->objects[object];
}

struct task_sums observations_sums(const struct observations *o, uint32_t object) {
    size_t low = 0;
    size_t high = o->sum_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->sums[middle].object < object) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < o->sum_count && o->sums[low].object == object ? o->sums[low].sums : (struct task_sums){0};
}
