/* SPDX-License-Identifier: MIT */
#include "mappings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct mappings {
    unsigned owners;
    size_t count;
    size_t room;
    struct area *areas;
};

struct mappings *mappings_create(void) {
    struct mappings *mappings = calloc(1, sizeof(*mappings));
    if (mappings) {
        mappings->owners = 1;
    }
    return mappings;
}

struct mappings *mappings_share(struct mappings *mappings) {
    mappings->owners++;
    return mappings;
}

void mappings_release(struct mappings *mappings) {
    if (mappings && --mappings->owners == 0) {
        free(mappings->areas);
        free(mappings);
    }
}

/* The first one that ends behind an address. */
static size_t first_behind(const struct mappings *mappings, uint64_t address) {
    size_t from = 0;
    size_t to = mappings->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (mappings->areas[middle].end > address) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

/* One that is not shared, with room for two more. */
static struct mappings *changeable(struct mappings *mappings) {
    bool shared = mappings->owners > 1;
    if (!shared && mappings->count + 2 <= mappings->room) {
        return mappings;
    }
    size_t room = mappings->count + 2 + mappings->count / 2;
    if (!shared) {
        struct area *areas = realloc(mappings->areas, room * sizeof(*areas));
        if (!areas) {
            return NULL;
        }
        mappings->areas = areas;
        mappings->room = room;
        return mappings;
    }
    struct mappings *copy = mappings_create();
    struct area *areas = malloc(room * sizeof(*areas));
    if (!copy || !areas) {
        free(copy);
        free(areas);
        return NULL;
    }
    if (mappings->count) {
        memcpy(areas, mappings->areas, mappings->count * sizeof(*areas));
    }
    copy->areas = areas;
    copy->count = mappings->count;
    copy->room = room;
    mappings_release(mappings);
    return copy;
}

int mappings_set(struct mappings **mappings, const struct area *area) {
    if (area->start >= area->end) {
        return -EINVAL;
    }
    if (area->of && (*mappings)->count + 2 > MAPPINGS_MAX) {
        return -ENOSPC;
    }
    size_t from = first_behind(*mappings, area->start);
    if (!area->of && (from == (*mappings)->count || (*mappings)->areas[from].start >= area->end)) {
        return 0; /* nothing was there */
    }
    struct mappings *changed = changeable(*mappings);
    if (!changed) {
        return -ENOMEM;
    }
    *mappings = changed;
    size_t to = from;
    while (to < changed->count && changed->areas[to].start < area->end) {
        to++;
    }
    /* At most three take the place of those from `from` to `to`: what is left of the first one, the new one, and what
     * is left of the last one. */
    struct area parts[3];
    size_t count = 0;
    if (to > from && changed->areas[from].start < area->start) {
        parts[count] = changed->areas[from];
        parts[count++].end = area->start;
    }
    if (area->of) {
        parts[count++] = *area;
    }
    if (to > from && changed->areas[to - 1].end > area->end) {
        parts[count] = changed->areas[to - 1];
        parts[count].offset += area->end - parts[count].start;
        parts[count++].start = area->end;
    }
    memmove(changed->areas + from + count, changed->areas + to, (changed->count - to) * sizeof(*changed->areas));
    memcpy(changed->areas + from, parts, count * sizeof(*parts));
    changed->count += count - (to - from);
    return 0;
}

const struct area *mappings_find(const struct mappings *mappings, uint64_t address) {
    size_t at = first_behind(mappings, address);
    return at < mappings->count && mappings->areas[at].start <= address ? &mappings->areas[at] : NULL;
}

size_t mappings_count(const struct mappings *mappings) {
    return mappings->count;
}
