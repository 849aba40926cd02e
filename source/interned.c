/* SPDX-License-Identifier: MIT */
#include "interned.h"

#include "hash64.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_FIRST = 256,
};

static char **slot_of(char **slots, size_t room, const char *text, size_t size) {
    size_t at = (size_t)hash64_bytes(0, text, size) & (room - 1);
    while (slots[at] && (strncmp(slots[at], text, size) != 0 || slots[at][size])) {
        at = (at + 1) & (room - 1);
    }
    return &slots[at];
}

/* At most half of the slots are taken. */
static bool grow(struct interned *pool) {
    size_t room = pool->room ? pool->room * 2 : ROOM_FIRST;
    char **slots = calloc(room, sizeof(*slots));
    if (!slots) {
        return false;
    }
    for (size_t i = 0; i < pool->room; i++) {
        if (pool->slots[i]) {
            *slot_of(slots, room, pool->slots[i], strlen(pool->slots[i])) = pool->slots[i];
        }
    }
    free(pool->slots);
    pool->slots = slots;
    pool->room = room;
    return true;
}

const char *interned_text(struct interned *pool, const char *text, size_t size) {
    if (pool->count * 2 >= pool->room && !grow(pool)) {
        return NULL;
    }
    char **slot = slot_of(pool->slots, pool->room, text, size);
    if (*slot) {
        return *slot;
    }
    if (size >= INTERNED_BYTES_MAX - pool->bytes) {
        return NULL;
    }
    *slot = strndup(text, size);
    if (*slot) {
        pool->count++;
        pool->bytes += size + 1;
    }
    return *slot;
}

void interned_finish(struct interned *pool) {
    for (size_t i = 0; i < pool->room; i++) {
        free(pool->slots[i]);
    }
    free(pool->slots);
    *pool = (struct interned){0};
}
