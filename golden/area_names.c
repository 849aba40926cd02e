/* SPDX-License-Identifier: MIT */
#include "area_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum {
    NAME_SHIFT = 40, /* each area has so many bits of addresses */
};

struct area_name {
    UT_hash_handle hh;
    uint64_t base;
    char text[];
};

static int base_of(struct area_names *names, const char *name, size_t size, uint64_t *base) {
    struct area_name *found;
    HASH_FIND(hh, names->table, name, size, found);
    if (!found) {
        if (HASH_COUNT(names->table) == AREA_NAMES_MAX) {
            return -E2BIG;
        }
        found = calloc(1, sizeof(*found) + size + 1);
        if (!found) {
            return -ENOMEM;
        }
        memcpy(found->text, name, size);
        found->base = AREA_ADDRESSES + ((uint64_t)HASH_COUNT(names->table) << NAME_SHIFT);
        HASH_ADD_KEYPTR(hh, names->table, found->text, size, found);
    }
    *base = found->base;
    return 1;
}

int area_names_parse(struct area_names *names, const struct trace_bytes *text, uint64_t *address) {
    if (!text->bytes || text->size == 0) {
        return 0;
    }
    uint64_t offset = 0;
    size_t size = text->size;
    const char *plus = memrchr(text->bytes, '+', text->size);
    if (plus && strncmp(plus, "+0x", 3) == 0) {
        char *end;
        errno = 0;
        offset = strtoull(plus + 1, &end, 16);
        if (errno || end != text->bytes + text->size || offset >> NAME_SHIFT) {
            return 0;
        }
        size = (size_t)(plus - text->bytes);
    }
    int status = base_of(names, text->bytes, size, address);
    *address += status > 0 ? offset : 0;
    return status;
}

void area_names_finish(struct area_names *names) {
    struct area_name *name;
    struct area_name *next;
    HASH_ITER(hh, names->table, name, next) {
        HASH_DEL(names->table, name);
        free(name);
    }
}
