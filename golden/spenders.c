/* SPDX-License-Identifier: MIT */
#include "spenders.h"

#include "hash64.h"
#include "printable.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct spender_key {
    const struct trace_word *name;
    const struct trace_word *path;
};

struct spender_group {
    UT_hash_handle hh;
    struct spender_key key;
    double amounts[QUANTITIES];
    uint64_t first_line, last_line;
};

static unsigned hash_of(const struct spender_key *key) {
    return (unsigned)hash64_mix(hash64_mix(1, (uintptr_t)key->name), (uintptr_t)key->path);
}

static bool is_full(const struct spender_sums *sums) {
    return HASH_COUNT(sums->groups) >= SPENDER_GROUPS_MAX || (sums->all && *sums->all >= sums->all_max);
}

int spender_sums_add(struct spender_sums *sums, const struct trace_word *name, const struct trace_word *path,
                     const double amounts[QUANTITIES], uint64_t line) {
    struct spender_key key = {name, path};
    unsigned hash = hash_of(&key);
    struct spender_group *group;
    HASH_FIND_BYHASHVALUE(hh, sums->groups, &key, sizeof(key), hash, group);
    if (!group && !is_full(sums)) {
        group = calloc(1, sizeof(*group));
        if (!group) {
            return -ENOMEM;
        }
        group->key = key;
        group->first_line = line;
        HASH_ADD_BYHASHVALUE(hh, sums->groups, key, sizeof(key), hash, group);
        if (sums->all) {
            ++*sums->all;
        }
    }
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        sums->total[quantity] += amounts[quantity];
        if (group) {
            group->amounts[quantity] += amounts[quantity];
        }
    }
    if (group) {
        group->last_line = line;
    }
    return 0;
}

void spender_sums_finish(struct spender_sums *sums) {
    struct spender_group *group;
    struct spender_group *next;
    if (sums->all) {
        *sums->all -= HASH_COUNT(sums->groups);
    }
    HASH_ITER(hh, sums->groups, group, next) {
        HASH_DEL(sums->groups, group);
        free(group);
    }
}

/* Whether it goes before the other: more spent, then the one that was there first. */
static bool goes_before(const struct spender_group *a, const struct spender_group *b, enum quantity quantity) {
    if (a->amounts[quantity] != b->amounts[quantity]) {
        return a->amounts[quantity] > b->amounts[quantity];
    }
    return a->first_line < b->first_line;
}

static char *describe(const struct spender_group *group) {
    struct text text = {0};
    printable_add(&text, group->key.name->text, group->key.name->size, false);
    if (group->key.path) {
        text_add_char(&text, ' ');
        printable_add(&text, group->key.path->text, group->key.path->size, false);
    }
    if (text.failed) {
        text_finish(&text);
        return NULL;
    }
    return text.bytes;
}

int spending_add_spender(struct spending *spending, enum quantity quantity, const struct spender *spender) {
    if (!spender->what) {
        return -ENOMEM;
    }
    spending->spenders[quantity][spending->spender_count[quantity]++] = *spender;
    return 0;
}

int spender_sums_report(const struct spender_sums *sums, enum quantity quantity, struct spending *spending) {
    const struct spender_group *best[SPENDERS_MAX];
    size_t count = 0;
    for (const struct spender_group *group = sums->groups; group; group = group->hh.next) {
        if (group->amounts[quantity] <= 0) {
            continue;
        }
        size_t at = count;
        while (at > 0 && goes_before(group, best[at - 1], quantity)) {
            at--;
        }
        if (at < SPENDERS_MAX) {
            count += count < SPENDERS_MAX;
            memmove(&best[at + 1], &best[at], (count - at - 1) * sizeof(struct spender_group *));
            best[at] = group;
        }
    }
    double named = 0;
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        struct spender spender = {.what = describe(best[i]),
                                  .count = best[i]->amounts[QUANTITY_COUNT],
                                  .spent = best[i]->amounts[quantity],
                                  .first_line = best[i]->first_line,
                                  .last_line = best[i]->last_line};
        status = spending_add_spender(spending, quantity, &spender);
        named += spender.spent;
    }
    double left = sums->total[quantity] - named;
    spending->spenders_left_out[quantity] = left > 0 ? left : 0;
    return status;
}
