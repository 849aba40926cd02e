/* SPDX-License-Identifier: MIT */
#include "source_map.h"

#include "mapped_modules.h"
#include "place_cache.h"
#include "syscall_table.h"
#include "unwinder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INLINED_MAX =
        32, /* functions at one address that are told apart; of more, the outermost inlined ones are left out */
};

/* Calls for which a frame stood of a module that has no debug information. */
struct lack {
    uint64_t calls;
    char *module;  /* owned: the one of more than half of them, if there is one, else any; NULL: there were none */
    uint64_t lead; /* of its calls over those of others */
};

struct source_map {
    const struct user_rule *rule;
    struct module_table *modules;
    struct unwinder *unwinder;
    struct place_cache *cache;
    struct source_map_counts counts;
    struct lack lines;
    struct lack names;  /* of them, those without a function */
    bool places_wanted; /* not only stacks */
    uint32_t copied;    /* bytes of the stacks in counts.cut */
    bool exhausted;     /* there was no memory for some debug information */
    const struct record *current;
    bool counted;              /* the current record is among counts.calls, */
    bool cut;                  /* and among counts.cut */
    const struct chain *chain; /* of the current record, once it is known */
    bool has_place;            /* so is its place */
    const struct frame *place;
    struct places *passing; /* owned: a frame that is not remembered */
    uint8_t *passed_over;   /* owned: what is_passed_over() knows of each module, by number */
    size_t passed_over_room;
    struct chain scratch; /* a stack that is not kept; its frames are in */
    struct frame *frames; /* owned */
    size_t frames_room;
    struct unwound_frame physical[UNWIND_FRAMES_MAX];
};

int source_map_create(struct source_map **result, const struct user_rule *rule) {
    *result = NULL;
    struct source_map *map = calloc(1, sizeof(*map));
    if (!map) {
        return -ENOMEM;
    }
    map->rule = rule;
    map->cache = place_cache_create();
    map->passing = calloc(1, sizeof(*map->passing) + sizeof(struct frame));
    int status = map->cache && map->passing ? module_table_create(&map->modules) : -ENOMEM;
    if (status == 0) {
        status = unwinder_create(&map->unwinder);
    }
    if (status < 0) {
        source_map_destroy(map);
        return status;
    }
    *result = map;
    return 0;
}

void source_map_destroy(struct source_map *map) {
    if (!map) {
        return;
    }
    unwinder_destroy(map->unwinder);
    if (map->modules) {
        module_table_destroy(map->modules);
    }
    place_cache_destroy(map->cache);
    free(map->lines.module);
    free(map->names.module);
    free(map->passing);
    free(map->passed_over);
    free(map->frames);
    free(map);
}

/* ------------------------------------------------------------------ records */

static void take_start(struct source_map *map, const struct record *record) {
    pid_t parent = record->start.parent_pid;
    if (parent && parent != record->pid) {
        module_table_fork(map->modules, record->pid, parent);
    }
}

void source_map_take(struct source_map *map, const struct record *record) {
    place_cache_trim(map->cache);
    module_table_trim(map->modules);
    map->current = record;
    map->counted = false;
    map->cut = false;
    map->chain = NULL;
    map->has_place = false;
    map->place = NULL;
    switch (record->kind) {
    case RECORD_MAPPING:
        module_table_map(map->modules, record->pid, record_captures(record));
        break;
    case RECORD_START:
        take_start(map, record);
        break;
    case RECORD_EXEC:
        module_table_exec(map->modules, record->pid);
        break;
    case RECORD_END:
        if (record->tid == record->pid) {
            module_table_end(map->modules, record->pid);
        }
        break;
    default:
        break;
    }
}

/* What its process had mapped when the current call was made. */
static struct mapped_modules *modules_of_current(const struct source_map *map) {
    const struct record *record = map->current;
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    bool executed = row && row_is_exec(row) && record->call.flags & CALL_HAS_RESULT && record->call.result == 0;
    return executed ? module_table_former(map->modules, record->pid) : module_table_of(map->modules, record->pid);
}

/* From here on the unwinder gives the frames of the current record: none, if nothing is known. */
static void begin(struct source_map *map) {
    const struct stack_sample *sample = map->current->kind == RECORD_CALL ? record_stack(map->current) : NULL;
    if (!map->counted) {
        map->counted = true;
        map->counts.calls++;
    }
    unwinder_begin(map->unwinder, sample ? modules_of_current(map) : NULL, sample);
}

/* ------------------------------------------------------------------- places */

/* Whether a function of Go's runtime goes on with another stack: what stands on that at the end is not its caller's. */
static bool leaves_stack(const struct frame *frame) {
    static const char *const functions[] = {"runtime.systemstack", "runtime.mcall", "runtime.asmcgocall",
                                            "runtime.systemstack_switch"};
    for (size_t i = 0; frame->function && i < sizeof(functions) / sizeof(functions[0]); i++) {
        size_t length = strlen(functions[i]);
        if (strncmp(frame->function, functions[i], length) == 0 && strchr(".", frame->function[length])) {
            return true;
        }
    }
    return false;
}

/* The frames of one physical frame, looked up anew: how many. */
static size_t look_up(struct source_map *map, const struct unwound_frame *physical, struct frame *frames) {
    struct mapped_module *mapped = physical->module;
    struct module *module = mapped_module_open(mapped);
    struct debug_info *info = module ? module_debug_info(module) : NULL;
    struct debug_place places[INLINED_MAX];
    /* A return address may already belong to what stands behind the call. */
    uint64_t back = physical->interrupted || physical->trampoline ? 0 : 1;
    size_t count = info ? debug_info_places(info, physical->address - back, places, INLINED_MAX) : 0;
    for (size_t i = 0; i < count; i++) {
        frames[i] = (struct frame){.module = mapped->path,
                                   .function = places[i].function,
                                   .file = places[i].has_debug ? places[i].file : NULL,
                                   .line = places[i].line,
                                   .offset = places[i].function ? places[i].offset + back : 0,
                                   .address = physical->address,
                                   .inlined = places[i].inlined};
        frames[i].user = user_rule_has(map->rule, &frames[i], places[i].of_library);
    }
    if (count == 0) {
        frames[0] = (struct frame){.module = mapped->path, .address = physical->address};
        count = 1;
    }
    map->exhausted |= info && debug_info_is_exhausted(info);
    for (size_t i = 0; i < count; i++) {
        frames[i].stand_in = user_rule_lets_stand_in(map->rule, &frames[i]);
        frames[i].bare = frames[i].stand_in && info && !debug_info_has_lines(info);
    }
    return count;
}

/* A frame of which nothing is known but where it is; until the next one. */
static const struct places *passing_place(struct source_map *map, const char *module, uint64_t address) {
    map->passing->count = 1;
    map->passing->frames[0] = (struct frame){.module = module, .address = address};
    return map->passing;
}

/* What is known of one physical frame, until the next one is asked about; NULL without memory. */
static const struct places *places_of(struct source_map *map, const struct unwound_frame *physical) {
    struct mapped_module *mapped = physical->module;
    if (!mapped) {
        return passing_place(map, NULL, physical->ip);
    }
    const struct places *places = place_cache_find(map->cache, physical);
    if (!places && !mapped_module_open(mapped) && !mapped->error) {
        /* For the moment its file cannot be opened: what is not known now is not to be remembered. */
        return passing_place(map, mapped->path, physical->address);
    }
    if (!places) {
        struct frame found[INLINED_MAX];
        size_t count = look_up(map, physical, found);
        places = place_cache_add(map->cache, physical, found, count, leaves_stack(&found[count - 1]));
    }
    return places;
}

/* Whether no place can be in this module. That is known without looking into it, which can take long. */
static bool is_passed_over(struct source_map *map, const struct mapped_module *mapped) {
    enum {
        NOT_ASKED,
        PASSED,
        LOOKED_AT,
        MORE = 64,
    };
    if (mapped->number >= map->passed_over_room) {
        size_t room = mapped->number + MORE;
        uint8_t *larger = realloc(map->passed_over, room);
        if (!larger) {
            return false;
        }
        memset(larger + map->passed_over_room, NOT_ASKED, room - map->passed_over_room);
        map->passed_over = larger;
        map->passed_over_room = room;
    }
    uint8_t *known = &map->passed_over[mapped->number];
    if (*known == NOT_ASKED) {
        *known = user_rule_passes_over(map->rule, mapped->path) ? PASSED : LOOKED_AT;
    }
    return *known == PASSED;
}

/* The first of these frames that is the user's, or NULL; *other becomes the first one that could stand for it. */
static const struct frame *choose(const struct frame *frames, size_t count, const struct frame **other) {
    for (size_t i = 0; i < count; i++) {
        if (frames[i].user) {
            return &frames[i];
        }
        if (!*other && frames[i].stand_in) {
            *other = &frames[i];
        }
    }
    return NULL;
}

/* The stack of the current record ends so, as far as it was looked at. */
static void count_end(struct source_map *map, enum stack_end end) {
    const struct stack_sample *sample = record_stack(map->current);
    bool can_be_longer = sample && sample->cut && sample->size < STACK_SAMPLE_MOST;
    if (end == STACK_END_CUT && can_be_longer && !map->cut) {
        map->cut = true;
        map->copied = sample->size;
        map->counts.cut++;
    }
}

static void count_lack(struct lack *lack, const char *module) {
    lack->calls++;
    if (lack->lead && strcmp(lack->module, module) != 0) {
        lack->lead--;
        return;
    }
    if (!lack->lead) {
        free(lack->module);
        lack->module = strdup(module);
    }
    lack->lead += lack->module != NULL;
}

static void count_place(struct source_map *map, const struct frame *place) {
    if (place->user) {
        map->counts.placed++;
    } else if (place->bare) {
        count_lack(&map->lines, place->module);
        if (!place->function) {
            count_lack(&map->names, place->module);
        }
    }
}

static void set_place(struct source_map *map, const struct frame *place) {
    if (place && !map->has_place) {
        count_place(map, place);
    }
    map->has_place = true;
    map->place = place;
}

/* The nearest frame of the user's in the stack of the current call, as far as that has to be unwound for it; *other as
 * for choose(). */
static const struct frame *search(struct source_map *map, const struct frame **other) {
    struct unwound_frame physical;
    while (unwinder_next(map->unwinder, &physical)) {
        if (physical.module && is_passed_over(map, physical.module)) {
            continue;
        }
        const struct places *places = places_of(map, &physical);
        const struct frame *user = places ? choose(places->frames, places->count, other) : NULL;
        if (user) {
            return user;
        }
        if (places && places->last) {
            return NULL;
        }
    }
    count_end(map, unwinder_end(map->unwinder));
    return NULL;
}

const struct frame *source_map_place(struct source_map *map) {
    map->places_wanted = true;
    if (!map->has_place) {
        const struct frame *other = NULL;
        begin(map);
        const struct frame *user = search(map, &other);
        set_place(map, user ? user : other);
    }
    return map->place;
}

/* ------------------------------------------------------------------- stacks */

static bool add_frames(struct source_map *map, size_t at, const struct places *places) {
    if (at + places->count > map->frames_room) {
        size_t room = 2 * (at + places->count);
        struct frame *larger = reallocarray(map->frames, room, sizeof(*larger));
        if (!larger) {
            return false;
        }
        map->frames = larger;
        map->frames_room = room;
    }
    memcpy(map->frames + at, places->frames, places->count * sizeof(places->frames[0]));
    return true;
}

/* Make the stack of these physical frames in map->scratch: whether it will be the same the next time. */
static bool assemble(struct source_map *map, size_t count, enum stack_end end) {
    bool lasting = true;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct places *places = places_of(map, &map->physical[i]);
        if (!places || !add_frames(map, total, places)) {
            end = STACK_END_TOO_DEEP;
            lasting = false;
            break;
        }
        lasting &= places != map->passing || !map->physical[i].module;
        total += places->count;
        if (places->last) {
            end = STACK_END_ELSEWHERE;
            break;
        }
    }
    const struct frame *other = NULL;
    const struct frame *user = choose(map->frames, total, &other);
    map->scratch = (struct chain){.stack = {.frames = map->frames, .count = total, .end = end}};
    map->scratch.place = user ? user : other;
    return lasting;
}

const struct call_stack *source_map_stack(struct source_map *map) {
    if (map->chain) {
        return &map->chain->stack;
    }
    size_t count = 0;
    begin(map);
    /* Never more than UNWIND_FRAMES_MAX. */
    while (unwinder_next(map->unwinder, &map->physical[count])) {
        count++;
    }
    enum stack_end end = unwinder_end(map->unwinder);
    map->chain = place_cache_find_chain(map->cache, map->physical, count, end);
    if (!map->chain) {
        map->counts.unwound++;
        if (assemble(map, count, end)) {
            map->chain = place_cache_add_chain(map->cache, map->physical, count, end, &map->scratch);
        }
    }
    if (!map->chain) {
        map->chain = &map->scratch;
    }
    count_end(map, map->chain->stack.end);
    set_place(map, map->chain->place);
    return &map->chain->stack;
}

/* ------------------------------------------------------------ what is missing */

const struct source_map_counts *source_map_counts(const struct source_map *map) {
    return &map->counts;
}

/* What most calls lacked that could have been known, or NULL if it is not worth a word. */
static const struct lack *worst_lack(const struct source_map *map) {
    if (map->places_wanted) {
        return map->lines.calls > map->counts.placed ? &map->lines : NULL;
    }
    /* Nearly every library has a few functions without a name. */
    return map->names.calls > map->counts.calls / 10 ? &map->names : NULL;
}

bool source_map_hint(const struct source_map *map, char *hint, size_t size) {
    const struct source_map_counts *counts = &map->counts;
    if (map->exhausted) {
        snprintf(hint, size, "there was not enough memory for all debug information: some places are missing");
        return true;
    }
    const struct lack *lack = worst_lack(map);
    if (lack && lack->module) {
        snprintf(hint, size,
                 "%s has no debug information: no lines are known, and functions by their symbols alone; build it with "
                 "-g, or install its debug symbols",
                 lack->module);
        return true;
    }
    if (counts->cut) {
        bool one = counts->cut == 1;
        snprintf(hint, size, "the %s of %" PRIu64 " %s cut after %" PRIu32 " bytes; --stack-limit copies up to %d",
                 one ? "stack" : "stacks", counts->cut, one ? "call was" : "calls were", map->copied,
                 STACK_SAMPLE_MOST);
        return true;
    }
    return false;
}
