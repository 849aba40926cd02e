/* SPDX-License-Identifier: MIT */
#include "address_space.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The names live as long as the space: areas of one name share it, and a copy of the space has its own. */
struct area {
    uint64_t start;
    uint64_t end; /* behind it */
    uint64_t base;
    const char *name;
    bool counts_down; /* offsets grow towards lower addresses */
};

struct name {
    struct name *next;
    char text[];
};

struct address_space {
    struct area *areas; /* in the order of their addresses; none overlaps another */
    size_t count;
    size_t capacity;
    struct name *names; /* the newest first */
};

struct address_space *address_space_create(void) {
    return calloc(1, sizeof(struct address_space));
}

void address_space_destroy(struct address_space *space) {
    if (!space) {
        return;
    }
    while (space->names) {
        struct name *name = space->names;
        space->names = name->next;
        free(name);
    }
    free(space->areas);
    free(space);
}

static const char *keep_name(struct address_space *space, const char *text) {
    if (space->names && strcmp(space->names->text, text) == 0) {
        return space->names->text;
    }
    size_t size = strlen(text) + 1;
    struct name *name = malloc(sizeof(*name) + size);
    if (!name) {
        return NULL;
    }
    memcpy(name->text, text, size);
    name->next = space->names;
    space->names = name;
    return name->text;
}

/* The first area that ends behind the address, or the count. */
static size_t find(const struct address_space *space, uint64_t address) {
    size_t low = 0;
    size_t high = space->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (space->areas[middle].end > address) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static int reserve(struct address_space *space, size_t count) {
    if (count <= space->capacity) {
        return 0;
    }
    size_t capacity = 2 * count;
    struct area *areas = realloc(space->areas, capacity * sizeof(*areas));
    if (!areas) {
        return -ENOMEM;
    }
    space->areas = areas;
    space->capacity = capacity;
    return 0;
}

/* Put an area where it belongs; what it covers of others is theirs no more. */
static int put(struct address_space *space, const struct area *area) {
    if (area->start >= area->end) {
        return 0;
    }
    int status = reserve(space, space->count + 2);
    if (status < 0) {
        return status;
    }
    size_t first = find(space, area->start);
    size_t behind = first;
    while (behind < space->count && space->areas[behind].start < area->end) {
        behind++;
    }
    /* At most the beginning of the first one and the end of the last one are left. */
    struct area kept[3];
    size_t count = 0;
    if (first < behind && space->areas[first].start < area->start) {
        kept[count] = space->areas[first];
        kept[count++].end = area->start;
    }
    kept[count++] = *area;
    if (first < behind && space->areas[behind - 1].end > area->end) {
        kept[count] = space->areas[behind - 1];
        kept[count++].start = area->end;
    }
    memmove(space->areas + first + count, space->areas + behind, (space->count - behind) * sizeof(*area));
    memcpy(space->areas + first, kept, count * sizeof(*area));
    space->count += count - (behind - first);
    return 0;
}

/* Addresses behind the end of all are the end. */
static uint64_t end_of(uint64_t start, uint64_t length) {
    return length > UINT64_MAX - start ? UINT64_MAX : start + length;
}

static int put_named(struct address_space *space, const struct area *area, const char *name) {
    struct area named = *area;
    named.name = keep_name(space, name);
    return named.name ? put(space, &named) : -ENOMEM;
}

int address_space_map(struct address_space *space, uint64_t start, uint64_t length, const char *name, uint64_t base) {
    struct area area = {.start = start, .end = end_of(start, length), .base = base};
    return put_named(space, &area, name);
}

int address_space_map_stack(struct address_space *space, uint64_t start, uint64_t length, uint64_t base,
                            const char *name, const char *above) {
    uint64_t end = end_of(start, length);
    struct area below = {.start = start, .end = base < end ? base : end, .base = base, .counts_down = true};
    struct area rest = {.start = base > start ? base : start, .end = end, .base = base};
    int status = put_named(space, &below, name);
    return status < 0 ? status : put_named(space, &rest, above);
}

struct address_space *address_space_copy(const struct address_space *space) {
    struct address_space *copy = address_space_create();
    if (!copy || reserve(copy, space->count) < 0) {
        address_space_destroy(copy);
        return NULL;
    }
    for (size_t i = 0; i < space->count; i++) {
        if (put_named(copy, &space->areas[i], space->areas[i].name) < 0) {
            address_space_destroy(copy);
            return NULL;
        }
    }
    return copy;
}

int address_space_move(struct address_space *space, uint64_t from, uint64_t length, uint64_t to, uint64_t new_length) {
    size_t index = find(space, from);
    if (index == space->count || space->areas[index].start > from) {
        return 0;
    }
    struct area area = space->areas[index];
    if (to == from && new_length <= length) {
        return 0;
    }
    area.base += to - from;
    area.start = to;
    area.end = end_of(to, new_length);
    return put(space, &area);
}

const char *address_space_area(const struct address_space *space, uint64_t address) {
    size_t index = find(space, address);
    return index == space->count || space->areas[index].start > address ? NULL : space->areas[index].name;
}

bool address_space_name(const struct address_space *space, uint64_t address, struct text *text) {
    size_t index = find(space, address);
    if (index == space->count || space->areas[index].start > address) {
        return false;
    }
    const struct area *area = &space->areas[index];
    uint64_t offset = area->counts_down ? area->base - address : address - area->base;
    text_add_string(text, area->name);
    if (offset) {
        text_add_char(text, '+');
        text_add_hex(text, offset);
    }
    return true;
}
