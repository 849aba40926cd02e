/* SPDX-License-Identifier: MIT */
#include "name_table.h"

#include "hash64.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BYTES_FIRST = 4096,
    NAMES_FIRST = 128,
};

void name_table_finish(struct name_table *table) {
    free(table->bytes);
    free(table->starts);
    number_index_finish(&table->index);
    *table = (struct name_table){0};
}

/* Eight bytes at a time: every frame of every call is looked up. */
static uint64_t hash_of(const char *name, size_t size) {
    uint64_t hash = size;
    uint64_t word;
    for (; size >= sizeof(word); size -= sizeof(word), name += sizeof(word)) {
        memcpy(&word, name, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, name, size);
    return hash64_mix(hash, word);
}

/* Room for one more name of `size` bytes. */
static int reserve(struct name_table *table, size_t size) {
    if (size > NAME_TABLE_BYTES - table->size) {
        return -ENOMEM;
    }
    size_t capacity = table->capacity ? table->capacity : BYTES_FIRST;
    while (capacity < table->size + size) {
        capacity *= 2;
    }
    if (capacity != table->capacity) {
        char *bytes = realloc(table->bytes, capacity);
        if (!bytes) {
            return -ENOMEM;
        }
        table->bytes = bytes;
        table->capacity = capacity;
    }
    if (table->count == table->room) {
        uint32_t room = table->room ? 2 * table->room : NAMES_FIRST;
        uint32_t *starts = realloc(table->starts, room * sizeof(*starts));
        if (!starts) {
            return -ENOMEM;
        }
        table->starts = starts;
        table->room = room;
    }
    return 0;
}

int name_table_add(struct name_table *table, const char *name, uint32_t *number) {
    *number = NAME_NONE;
    if (!name) {
        return 0;
    }
    size_t size = strlen(name) + 1;
    uint64_t hash = hash_of(name, size);
    for (size_t at = number_index_first(&table->index, hash); number_index_at(&table->index, &at, hash, number);) {
        if (strcmp(name_table_get(table, *number), name) == 0) {
            return 0;
        }
    }
    *number = NAME_NONE;
    if (reserve(table, size) < 0 || number_index_add(&table->index, hash, table->count) < 0) {
        return -ENOMEM;
    }
    memcpy(table->bytes + table->size, name, size);
    table->starts[table->count] = (uint32_t)table->size;
    table->size += size;
    *number = table->count++;
    return 0;
}
