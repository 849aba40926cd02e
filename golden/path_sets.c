/* SPDX-License-Identifier: MIT */
#include "path_sets.h"

#include "hash64.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
    SETS_MAX = 1 << 14,
    BITS = 64,
};

struct path_set {
    UT_hash_handle hh;
    uint64_t bits[]; /* by slot */
};

/* A path, or with a slash at its end and without wildcards all below it. */
struct plain_pattern {
    UT_hash_handle hh;
    struct plain_pattern *next; /* the same of another budget */
    size_t slot;
    const char *text;
    size_t size;
};

/* What it begins and ends with stands for itself: most paths are told apart by that. */
struct wild_pattern {
    const char *text;
    size_t slot;
    size_t begin;
    const char *end;
    size_t end_size;
};

struct path_sets {
    size_t words; /* of a set */
    struct plain_pattern *plain;
    struct wild_pattern *wild;
    size_t wild_count;
    struct path_set *table;
    struct path_set *scratch;
    uint64_t *met;
};

static const char wildcards[] = "*?[\\";

static bool has_wildcards(const char *pattern) {
    return strpbrk(pattern, wildcards) != NULL;
}

static bool is_folder(const char *pattern) {
    size_t size = strlen(pattern);
    return size && pattern[size - 1] == '/';
}

bool path_matches(const char *pattern, const char *path) {
    if (has_wildcards(pattern)) {
        return fnmatch(pattern, path, 0) == 0 || (!is_folder(pattern) && strcmp(pattern, path) == 0);
    }
    size_t size = strlen(pattern);
    return is_folder(pattern) ? strncmp(path, pattern, size) == 0 && path[size] : strcmp(pattern, path) == 0;
}

static struct path_set *new_set(const struct path_sets *sets) {
    return calloc(1, sizeof(struct path_set) + sets->words * sizeof(uint64_t));
}

struct path_sets *path_sets_create(size_t slots) {
    struct path_sets *sets = calloc(1, sizeof(*sets));
    if (!sets) {
        return NULL;
    }
    sets->words = slots / BITS + 1;
    sets->scratch = new_set(sets);
    sets->met = calloc(sets->words, sizeof(*sets->met));
    if (!sets->scratch || !sets->met) {
        path_sets_destroy(sets);
        return NULL;
    }
    return sets;
}

void path_sets_destroy(struct path_sets *sets) {
    struct plain_pattern *pattern;
    struct plain_pattern *next_pattern;
    struct path_set *set;
    struct path_set *next_set;
    if (!sets) {
        return;
    }
    HASH_ITER(hh, sets->plain, pattern, next_pattern) {
        HASH_DEL(sets->plain, pattern);
        while (pattern) {
            struct plain_pattern *next = pattern->next;
            free(pattern);
            pattern = next;
        }
    }
    HASH_ITER(hh, sets->table, set, next_set) {
        HASH_DEL(sets->table, set);
        free(set);
    }
    free(sets->wild);
    free(sets->scratch);
    free(sets->met);
    free(sets);
}

/* ------------------------------------------------------------------- patterns */

/* Of the beginnings of a path the hashes follow from each other. */
static uint64_t hash_on(uint64_t hash, char character) {
    return (hash ^ (unsigned char)character) * 0x100000001b3U;
}

static unsigned hash_end(uint64_t hash) {
    return (unsigned)(hash ^ hash >> 32);
}

static unsigned hash_of(const char *text) {
    uint64_t hash = 1;
    for (; *text; text++) {
        hash = hash_on(hash, *text);
    }
    return hash_end(hash);
}

static int add_plain(struct path_sets *sets, size_t slot, const char *text) {
    struct plain_pattern *pattern = calloc(1, sizeof(*pattern));
    struct plain_pattern *first;
    if (!pattern) {
        return -ENOMEM;
    }
    pattern->slot = slot;
    pattern->text = text;
    pattern->size = strlen(text);
    unsigned hash = hash_of(text);
    HASH_FIND_BYHASHVALUE(hh, sets->plain, text, pattern->size, hash, first);
    if (first) {
        pattern->next = first->next;
        first->next = pattern;
    } else {
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, sets->plain, pattern->text, pattern->size, hash, pattern);
    }
    return 0;
}

int path_sets_add(struct path_sets *sets, size_t slot, const char *pattern) {
    bool is_plain = !has_wildcards(pattern);
    int status = is_plain || !is_folder(pattern) ? add_plain(sets, slot, pattern) : 0;
    if (is_plain || status < 0) {
        return status;
    }
    struct wild_pattern *wild = reallocarray(sets->wild, sets->wild_count + 1, sizeof(*wild));
    if (!wild) {
        return -ENOMEM;
    }
    sets->wild = wild;
    const char *end = pattern;
    for (const char *at = pattern; *at; at++) {
        end = strchr(wildcards, *at) || *at == ']' ? at + 1 : end;
    }
    wild[sets->wild_count++] = (struct wild_pattern){
        .text = pattern, .slot = slot, .begin = strcspn(pattern, wildcards), .end = end, .end_size = strlen(end)};
    return 0;
}

/* ----------------------------------------------------------------------- paths */

static void choose(struct path_sets *sets, size_t slot) {
    sets->scratch->bits[slot / BITS] |= UINT64_C(1) << slot % BITS;
}

static bool is_chosen(const uint64_t *bits, size_t slot) {
    return bits[slot / BITS] >> slot % BITS & 1;
}

static void choose_plain(struct path_sets *sets, const char *text, size_t size, uint64_t hash) {
    struct plain_pattern *pattern;
    HASH_FIND_BYHASHVALUE(hh, sets->plain, text, size, hash_end(hash), pattern);
    for (; pattern; pattern = pattern->next) {
        choose(sets, pattern->slot);
    }
}

static bool wild_matches(const struct wild_pattern *wild, const char *path, size_t size) {
    return size >= wild->begin + wild->end_size && memcmp(path, wild->text, wild->begin) == 0 &&
           memcmp(path + size - wild->end_size, wild->end, wild->end_size) == 0 && fnmatch(wild->text, path, 0) == 0;
}

/* All patterns that match are in `scratch` then. */
static void match(struct path_sets *sets, const char *path) {
    uint64_t hash = 1;
    memset(sets->scratch->bits, 0, sets->words * sizeof(uint64_t));
    size_t size = strlen(path);
    for (size_t i = 0; sets->plain && i < size; i++) {
        hash = hash_on(hash, path[i]);
        /* Each folder that it is below, then itself. */
        if ((path[i] == '/') == (i + 1 < size)) {
            choose_plain(sets, path, i + 1, hash);
        }
    }
    for (size_t i = 0; i < sets->wild_count; i++) {
        const struct wild_pattern *wild = &sets->wild[i];
        if (!is_chosen(sets->scratch->bits, wild->slot) && wild_matches(wild, path, size)) {
            choose(sets, wild->slot);
        }
    }
}

int path_sets_find(struct path_sets *sets, const char *path, const struct path_set **set) {
    size_t size = sets->words * sizeof(uint64_t);
    struct path_set *found;
    match(sets, path);
    for (size_t i = 0; i < sets->words; i++) {
        sets->met[i] |= sets->scratch->bits[i];
    }
    unsigned hash = (unsigned)hash64_bytes(1, sets->scratch->bits, size);
    HASH_FIND_BYHASHVALUE(hh, sets->table, sets->scratch->bits, size, hash, found);
    *set = found;
    if (found || HASH_COUNT(sets->table) == SETS_MAX) {
        return 0;
    }
    struct path_set *next = new_set(sets);
    if (!next) {
        return -ENOMEM;
    }
    found = sets->scratch;
    sets->scratch = next;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, sets->table, found->bits, size, hash, found);
    *set = found;
    return 0;
}

bool path_set_has(const struct path_set *set, size_t slot) {
    return is_chosen(set->bits, slot);
}

bool path_sets_have_met(const struct path_sets *sets, size_t slot) {
    return is_chosen(sets->met, slot);
}
