/* SPDX-License-Identifier: MIT */
#include "place_cache.h"

#include "hash64.h"

#include <stdlib.h>
#include <string.h>

/* Out of memory must not end the supervisor: uthash then leaves the table as it was. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* An address in a module, as it was looked up. Without padding, for it is hashed byte by byte. */
struct place_key {
    uint64_t address;
    uint32_t module;
    uint32_t interrupted;
};

struct place_entry {
    struct place_key key;
    UT_hash_handle hh;
    struct places *places; /* behind the entry, with its frames and their strings */
};

struct chain_entry {
    struct chain chain;
    UT_hash_handle hh;
    size_t key_size;
    uint64_t *key; /* behind the frames */
};

struct place_cache {
    struct place_entry *places;
    struct chain_entry *chains;
    size_t bytes;
    uint64_t numbered; /* stacks; goes on when they are forgotten */
    uint64_t *key;     /* of the chain that is looked for */
};

enum {
    /* Of an entry in a table, with what the allocator needs. */
    ENTRY_OVERHEAD = 32,
    KEY_WORDS_MAX = 2 * UNWIND_FRAMES_MAX + 1,
};

struct place_cache *place_cache_create(void) {
    struct place_cache *cache = calloc(1, sizeof(*cache));
    uint64_t *key = malloc(KEY_WORDS_MAX * sizeof(*key));
    if (!cache || !key) {
        free(cache);
        free(key);
        return NULL;
    }
    cache->key = key;
    return cache;
}

static void forget_all(struct place_cache *cache) {
    struct chain_entry *chain;
    struct chain_entry *next_chain;
    HASH_ITER(hh, cache->chains, chain, next_chain) {
        HASH_DEL(cache->chains, chain);
        free(chain);
    }
    struct place_entry *place;
    struct place_entry *next_place;
    HASH_ITER(hh, cache->places, place, next_place) {
        HASH_DEL(cache->places, place);
        free(place);
    }
    cache->bytes = 0;
}

void place_cache_destroy(struct place_cache *cache) {
    if (cache) {
        forget_all(cache);
        free(cache->key);
        free(cache);
    }
}

void place_cache_trim(struct place_cache *cache) {
    if (cache->bytes > PLACE_CACHE_BYTES) {
        forget_all(cache);
    }
}

static struct place_key key_of(const struct unwound_frame *frame) {
    return (struct place_key){
        .address = frame->address, .module = frame->module->number, .interrupted = frame->interrupted};
}

const struct places *place_cache_find(const struct place_cache *cache, const struct unwound_frame *frame) {
    if (!frame->module) {
        return NULL;
    }
    struct place_key key = key_of(frame);
    struct place_entry *entry;
    HASH_FIND(hh, cache->places, &key, sizeof(key), entry);
    return entry ? entry->places : NULL;
}

static size_t string_size(const char *string) {
    return string ? strlen(string) + 1 : 0;
}

/* Copy a string to *to, and move that behind it. */
static const char *put_string(char **to, const char *string) {
    if (!string) {
        return NULL;
    }
    char *copy = *to;
    size_t size = strlen(string) + 1;
    memcpy(copy, string, size);
    *to += size;
    return copy;
}

const struct places *place_cache_add(struct place_cache *cache, const struct unwound_frame *frame,
                                     const struct frame *frames, size_t count, bool last) {
    size_t size = sizeof(struct place_entry) + sizeof(struct places) + count * sizeof(*frames);
    size_t strings = size;
    for (size_t i = 0; i < count; i++) {
        size += string_size(frames[i].module) + string_size(frames[i].function) + string_size(frames[i].file);
    }
    struct place_entry *entry = calloc(1, size);
    if (!entry) {
        return NULL;
    }
    entry->key = key_of(frame);
    entry->places = (struct places *)(entry + 1);
    entry->places->count = (uint32_t)count;
    entry->places->last = last;
    char *to = (char *)entry + strings;
    for (size_t i = 0; i < count; i++) {
        struct frame *copy = &entry->places->frames[i];
        *copy = frames[i];
        copy->module = put_string(&to, frames[i].module);
        copy->function = put_string(&to, frames[i].function);
        copy->file = put_string(&to, frames[i].file);
    }
    HASH_ADD(hh, cache->places, key, sizeof(entry->key), entry);
    if (!entry->hh.tbl) {
        free(entry);
        return NULL;
    }
    cache->bytes += size + ENTRY_OVERHEAD;
    return entry->places;
}

/* Two words for each frame, and one for the end: how many bytes. */
static size_t make_key(uint64_t *key, const struct unwound_frame *frames, size_t count, enum stack_end end) {
    uint64_t *to = key;
    for (size_t i = 0; i < count; i++) {
        *to++ = frames[i].address;
        *to++ = frames[i].module ? 2 * ((uint64_t)frames[i].module->number + 1) + frames[i].interrupted : 0;
    }
    *to++ = end;
    return (size_t)(to - key) * sizeof(*key);
}

/* A key is long, so each word only gets one multiplication. Of 64 bits the upper ones are the better ones then. */
static unsigned hash_key(const uint64_t *key, size_t size) {
    uint64_t hash = 0;
    for (size_t i = 0; i < size / sizeof(*key); i++) {
        hash = (hash ^ key[i]) * 0x9e3779b97f4a7c15U;
    }
    return (unsigned)hash64_mix(hash, size);
}

const struct chain *place_cache_find_chain(const struct place_cache *cache, const struct unwound_frame *frames,
                                           size_t count, enum stack_end end) {
    size_t size = make_key(cache->key, frames, count, end);
    struct chain_entry *entry;
    HASH_FIND_BYHASHVALUE(hh, cache->chains, cache->key, size, hash_key(cache->key, size), entry);
    return entry ? &entry->chain : NULL;
}

const struct chain *place_cache_add_chain(struct place_cache *cache, const struct unwound_frame *physical,
                                          size_t physical_count, enum stack_end end, const struct chain *chain) {
    size_t frames_size = chain->stack.count * sizeof(struct frame);
    size_t key_size = make_key(cache->key, physical, physical_count, end);
    size_t size = sizeof(struct chain_entry) + frames_size + key_size;
    struct chain_entry *entry = calloc(1, size);
    if (!entry) {
        return NULL;
    }
    struct frame *frames = (struct frame *)(entry + 1);
    if (frames_size) {
        memcpy(frames, chain->stack.frames, frames_size);
    }
    entry->chain = *chain;
    entry->chain.stack.frames = frames;
    entry->chain.stack.number = ++cache->numbered;
    entry->chain.place = chain->place ? frames + (chain->place - chain->stack.frames) : NULL;
    entry->key = (uint64_t *)(frames + chain->stack.count);
    entry->key_size = key_size;
    memcpy(entry->key, cache->key, key_size);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, cache->chains, entry->key, entry->key_size, hash_key(entry->key, key_size), entry);
    if (!entry->hh.tbl) {
        free(entry);
        return NULL;
    }
    cache->bytes += size + ENTRY_OVERHEAD;
    return &entry->chain;
}
