/* SPDX-License-Identifier: MIT */
#include "lockstep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AHEAD_MAX = 4 << 20, /* bytes of a side that are kept, of all objects together */
    AROUND = 40,         /* bytes that are shown from the first difference on */
    STORY_MAX = 600,
};

/* Bytes of the side that is ahead; the first `seen` of them are known. */
struct ahead {
    struct ahead *next;
    uint64_t length;
    uint64_t seen;
    uint64_t used; /* that have been compared */
    uint8_t bytes[];
};

struct lockstep;

/* The watcher of one side. */
struct listening {
    struct watcher watcher; /* first, so that it can be told from it whose it is */
    struct lockstep *lockstep;
    enum side side;
    uint32_t *examined_of; /* by object; NO_OBJECT: not looked at */
    uint32_t room;
    uint64_t ahead; /* bytes that are kept for it */
};

struct lockstep {
    struct examined *examined;
    struct listening sides[SIDES];
};

static struct examined *find(struct listening *listening, uint32_t object) {
    uint32_t index = object < listening->room ? listening->examined_of[object] : NO_OBJECT;
    return index == NO_OBJECT ? NULL : &listening->lockstep->examined[index];
}

/* -------------------------------------------------------------------- stories */

static void tell(struct text *story, const char *what) {
    if (story->length > STORY_MAX) {
        return;
    }
    text_add_string(story, story->length ? ", " : "");
    text_add_escaped(story, (const uint8_t *)what, strlen(what), false);
    if (story->length > STORY_MAX) {
        text_add_string(story, ", ...");
    }
}

static void tell_bytes(struct tale *tale, enum side side) {
    uint64_t bytes = tale->written[side] - tale->told[side];
    char what[48];
    if (bytes) {
        snprintf(what, sizeof(what), "%llu byte%s written", (unsigned long long)bytes, bytes == 1 ? "" : "s");
        tell(&tale->story[side], what);
        tale->told[side] = tale->written[side];
    }
}

static int happened(struct watcher *watcher, uint32_t object, const char *what, uint64_t line) {
    (void)line;
    struct listening *listening = (struct listening *)watcher;
    struct examined *examined = find(listening, object);
    struct tale *tale = examined ? examined->tale : NULL;
    if (!tale) {
        return 0;
    }
    tell_bytes(tale, listening->side);
    tell(&tale->story[listening->side], what);
    return tale->story[listening->side].failed ? -ENOMEM : 0;
}

/* ------------------------------------------------------------------- contents */

static void drop_first(struct lockstep *lockstep, struct examined *examined) {
    struct ahead *first = examined->ahead;
    examined->ahead = first->next;
    lockstep->sides[examined->ahead_side].ahead -= sizeof(*first) + first->seen;
    free(first);
}

static void drop_all(struct lockstep *lockstep, struct examined *examined) {
    while (examined->ahead) {
        drop_first(lockstep, examined);
    }
}

static int keep_ahead(struct lockstep *lockstep, struct examined *examined, enum side side,
                      const struct written *written) {
    struct listening *listening = &lockstep->sides[side];
    if (listening->ahead + written->seen + sizeof(struct ahead) > AHEAD_MAX) {
        drop_all(lockstep, examined);
        examined->lost = true;
        return 0;
    }
    struct ahead *ahead = malloc(sizeof(*ahead) + written->seen);
    if (!ahead) {
        return -ENOMEM;
    }
    *ahead = (struct ahead){.length = written->length, .seen = written->seen};
    if (written->seen) {
        memcpy(ahead->bytes, written->bytes, written->seen);
    }
    listening->ahead += sizeof(*ahead) + written->seen;
    if (examined->ahead) {
        examined->ahead_last->next = ahead;
    } else {
        examined->ahead = ahead;
        examined->ahead_side = side;
    }
    examined->ahead_last = ahead;
    return 0;
}

static void remember(struct tale *tale, const uint8_t *bytes, uint64_t size) {
    unsigned room = sizeof(tale->before);
    if (size >= room) {
        memcpy(tale->before, bytes + size - room, room);
        tale->before_size = room;
        return;
    }
    unsigned keep = tale->before_size + (unsigned)size > room ? room - (unsigned)size : tale->before_size;
    memmove(tale->before, tale->before + tale->before_size - keep, keep);
    memcpy(tale->before + keep, bytes, size);
    tale->before_size = keep + (unsigned)size;
}

static void show(struct tale *tale, enum side side, const uint8_t *bytes, uint64_t size) {
    struct text *around = &tale->around[side];
    text_clear(around);
    text_add_char(around, '"');
    text_add_escaped(around, tale->before, tale->before_size, true);
    text_add_escaped(around, bytes, size < AROUND ? size : AROUND, true);
    text_add_string(around, size > AROUND ? "\"..." : "\"");
}

/* Compare what one side has written now with what the other had written before, as far as that goes. */
static void compare_ahead(struct lockstep *lockstep, struct examined *examined, enum side side,
                          struct written *written) {
    while (examined->ahead && written->length && !examined->differs) {
        struct ahead *first = examined->ahead;
        uint64_t length = first->length - first->used;
        length = length < written->length ? length : written->length;
        uint64_t theirs = first->seen > first->used ? first->seen - first->used : 0;
        uint64_t both = theirs < written->seen ? theirs : written->seen;
        both = !written->bytes ? 0 : both < length ? both : length;
        const uint8_t *old = first->bytes + first->used;
        uint64_t same = 0;
        while (same < both && old[same] == written->bytes[same]) {
            same++;
        }
        if (same && examined->tale) {
            remember(examined->tale, old, same);
        }
        examined->same += same;
        if (same < both) {
            examined->differs = true;
            examined->offset = examined->done + same;
            if (examined->tale) {
                show(examined->tale, side, written->bytes + same, written->seen - same);
                show(examined->tale, !side, old + same, theirs - same);
            }
            break;
        }
        if (both < length && examined->tale) {
            examined->tale->before_size = 0; /* what stands before was not seen */
        }
        examined->done += length;
        first->used += length;
        written->length -= length;
        written->bytes = written->bytes ? written->bytes + (written->seen < length ? written->seen : length) : NULL;
        written->seen -= written->seen < length ? written->seen : length;
        if (first->used == first->length) {
            drop_first(lockstep, examined);
        }
    }
}

static int wrote(struct watcher *watcher, uint32_t object, const uint8_t *bytes, uint64_t seen, uint64_t length,
                 uint64_t line) {
    (void)line;
    struct listening *listening = (struct listening *)watcher;
    struct lockstep *lockstep = listening->lockstep;
    struct examined *examined = find(listening, object);
    if (!examined) {
        return 0;
    }
    enum side side = listening->side;
    if (examined->tale) {
        examined->tale->written[side] += length;
    }
    if (examined->differs || examined->lost || examined->object[!side] == NO_OBJECT) {
        return 0;
    }
    struct written written = {bytes, seen, length};
    if (examined->ahead && examined->ahead_side != side) {
        compare_ahead(lockstep, examined, side, &written);
    }
    if (examined->differs) {
        drop_all(lockstep, examined);
        return 0;
    }
    return written.length ? keep_ahead(lockstep, examined, side, &written) : 0;
}

/* What is left of one side at the end: it goes on where the other one has ended. */
static void end(struct lockstep *lockstep, struct examined *examined) {
    if (examined->ahead && !examined->differs) {
        const struct ahead *first = examined->ahead;
        enum side side = examined->ahead_side;
        examined->differs = true;
        examined->offset = examined->done;
        uint64_t seen = first->seen > first->used ? first->seen - first->used : 0;
        if (examined->tale) {
            show(examined->tale, side, first->bytes + first->used, seen);
            text_add_string(&examined->tale->around[!side], "it ends there");
        }
    }
    drop_all(lockstep, examined);
}

/* ------------------------------------------------------------------------ runs */

/* Which of the objects are looked at. */
static int index_objects(struct lockstep *lockstep, size_t count) {
    for (enum side side = 0; side < SIDES; side++) {
        struct listening *listening = &lockstep->sides[side];
        for (size_t i = 0; i < count; i++) {
            uint32_t object = lockstep->examined[i].object[side];
            if (object != NO_OBJECT && object >= listening->room) {
                listening->room = object + 1;
            }
        }
        listening->examined_of = malloc(((size_t)listening->room + 1) * sizeof(uint32_t));
        if (!listening->examined_of) {
            return -ENOMEM;
        }
        memset(listening->examined_of, 0xff, listening->room * sizeof(uint32_t));
        for (size_t i = 0; i < count; i++) {
            uint32_t object = lockstep->examined[i].object[side];
            if (object != NO_OBJECT) {
                listening->examined_of[object] = (uint32_t)i;
            }
        }
    }
    return 0;
}

/* The side that has less of its own waiting for the other goes on; at the same, they take turns. */
static enum side next_side(const struct lockstep *lockstep, const bool ended[SIDES], enum side last) {
    if (ended[SIDE_GOLDEN] || ended[SIDE_NEW]) {
        return ended[SIDE_GOLDEN] ? SIDE_NEW : SIDE_GOLDEN;
    }
    uint64_t golden = lockstep->sides[SIDE_GOLDEN].ahead;
    uint64_t new = lockstep->sides[SIDE_NEW].ahead;
    return golden == new ? !last : golden < new ? SIDE_GOLDEN : SIDE_NEW;
}

static int run(struct lockstep *lockstep, struct observer *const observers[SIDES], char *problem, size_t size) {
    bool ended[SIDES] = {false, false};
    enum side side = SIDE_NEW;
    while (!ended[SIDE_GOLDEN] || !ended[SIDE_NEW]) {
        side = next_side(lockstep, ended, side);
        int status = observer_step(observers[side], problem, size);
        if (status < 0) {
            return status;
        }
        ended[side] = status == 0;
    }
    return 0;
}

/* What is told of the objects besides. */
static int tell_objects(struct examined *examined, size_t count, struct observer *const observers[SIDES]) {
    for (size_t i = 0; i < count; i++) {
        struct tale *tale = examined[i].tale;
        for (enum side side = 0; side < SIDES && tale; side++) {
            struct observations *observations = observer_observations(observers[side]);
            if (examined[i].object[side] >= observations_count(observations)) {
                continue;
            }
            const struct object *object = observations_at(observations, examined[i].object[side]);
            tell_bytes(tale, side);
            tale->subject = object->subject;
            tale->line[side] = object->line;
            tale->is_read[side] = object->is_read && !object->is_code;
            tale->changed[side] = object->changed;
            tale->length[side] = object->length;
            tale->name = tale->name ? tale->name : strdup(object->name);
            if (!tale->name) {
                return -ENOMEM;
            }
        }
    }
    return 0;
}

int lockstep_run(struct trace_reader *const readers[SIDES], const struct observer_setup setups[SIDES],
                 struct examined *examined, size_t count, char *problem, size_t size) {
    struct lockstep lockstep = {.examined = examined};
    struct observer *observers[SIDES] = {NULL, NULL};
    int status = index_objects(&lockstep, count);
    for (enum side side = 0; side < SIDES && status == 0; side++) {
        struct listening *listening = &lockstep.sides[side];
        listening->watcher = (struct watcher){wrote, happened};
        listening->lockstep = &lockstep;
        listening->side = side;
        struct observer_setup setup = setups[side];
        setup.watcher = &listening->watcher;
        status = observer_create(&observers[side], readers[side], &setup);
    }
    if (status < 0) {
        snprintf(problem, size, "%s", strerror(-status));
    }
    status = status < 0 ? status : run(&lockstep, observers, problem, size);
    for (size_t i = 0; i < count; i++) {
        if (status == 0) {
            end(&lockstep, &examined[i]);
        } else {
            drop_all(&lockstep, &examined[i]);
        }
    }
    if (status == 0) {
        status = tell_objects(examined, count, observers);
    }
    for (enum side side = 0; side < SIDES; side++) {
        observer_destroy(observers[side]);
        free(lockstep.sides[side].examined_of);
    }
    return status;
}

void tale_finish(struct tale *tale) {
    free(tale->name);
    for (enum side side = 0; side < SIDES; side++) {
        text_finish(&tale->story[side]);
        text_finish(&tale->around[side]);
    }
}
