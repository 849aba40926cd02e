/* SPDX-License-Identifier: MIT */
#include "process_memory.h"

#include "address_space.h"
#include "cleanup.h"
#include "syscall_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistr.h>

/* Below what the kernel gives a stack at first it grows by itself: nothing else is mapped there by default
 * (mmap_base() in arch/x86/mm/mmap.c leaves at least 128 MiB). */
#define STACK_ROOM ((uint64_t)64 << 20)

enum {
    PAGE = 4096,
};

/* A brk that asks for more is a mistake. */
#define HEAP_MAX ((uint64_t)1 << 40)

struct process_memory {
    struct address_space *space;
    bool has_heap;
    uint64_t heap;     /* where it begins: what the first brk returned */
    uint64_t heap_end; /* as far as it was ever asked for */
};

struct process_memory *process_memory_create(void) {
    struct process_memory *memory = calloc(1, sizeof(*memory));
    if (memory) {
        memory->space = address_space_create();
    }
    if (memory && !memory->space) {
        free(memory);
        memory = NULL;
    }
    return memory;
}

struct process_memory *process_memory_copy(const struct process_memory *memory) {
    struct process_memory *copy = malloc(sizeof(*copy));
    if (!copy) {
        return NULL;
    }
    *copy = *memory;
    copy->space = address_space_copy(memory->space);
    if (!copy->space) {
        free(copy);
        return NULL;
    }
    return copy;
}

void process_memory_destroy(struct process_memory *memory) {
    if (memory) {
        address_space_destroy(memory->space);
        free(memory);
    }
}

const char *process_memory_area(const struct process_memory *memory, uint64_t address) {
    return address_space_area(memory->space, address);
}

bool process_memory_name(const struct process_memory *memory, uint64_t address, struct text *text) {
    return address_space_name(memory->space, address, text);
}

/* ------------------------------------------------------------------------ names */

const char *mapped_name(const char *path, size_t size, size_t *length) {
    static const char deleted[] = " (deleted)";
    size_t tail = sizeof(deleted) - 1;
    if (size > tail && memcmp(path + size - tail, deleted, tail) == 0) {
        size -= tail;
    }
    const char *slash = memrchr(path, '/', size);
    const char *name = slash && slash + 1 < path + size ? slash + 1 : path;
    *length = (size_t)(path + size - name);
    return name;
}

void mapped_name_to_text(const char *name, size_t length, struct text *text) {
    const uint8_t *bytes = (const uint8_t *)name;
    bool is_plain = !u8_check(bytes, length);
    for (size_t i = 0; i < length; i++) {
        is_plain = is_plain && bytes[i] >= ' ';
    }
    if (is_plain) {
        text_add(text, name, length);
    } else {
        text_add_escaped(text, bytes, length, false);
    }
}

/* ---------------------------------------------------------- what a program starts with */

/* A line of /proc/PID/maps. */
struct maps_line {
    uint64_t start;
    uint64_t end;
    const char *path; /* "" if it has none */
    size_t path_length;
};

static bool parse_line(const char *line, size_t length, struct maps_line *parsed) {
    char copy[128]; /* up to the path */
    int path = -1;
    snprintf(copy, sizeof(copy), "%.*s", (int)(length < sizeof(copy) ? length : sizeof(copy) - 1), line);
    if (sscanf(copy, "%" SCNx64 "-%" SCNx64 " %*4s %*x %*x:%*x %*u%n", &parsed->start, &parsed->end, &path) != 2 ||
        path < 0 || parsed->end <= parsed->start) {
        return false;
    }
    size_t at = (size_t)path;
    while (at < length && line[at] == ' ') {
        at++;
    }
    parsed->path = line + at;
    parsed->path_length = length - at;
    return true;
}

static bool is_path(const struct maps_line *line, const char *path) {
    return line->path_length == strlen(path) && memcmp(line->path, path, line->path_length) == 0;
}

/* What the lines so far say about the next one. */
struct maps_reading {
    struct process_memory *memory;
    uint64_t stack;
    struct text name; /* of the file that was mapped last */
    struct maps_line last;
    uint64_t base; /* where that file's first mapping begins */
    uint64_t end;  /* of the line before */
};

static int add_stack(struct maps_reading *reading, const struct maps_line *line) {
    uint64_t low = line->start > STACK_ROOM ? line->start - STACK_ROOM : 0;
    uint64_t base = reading->stack >= line->start && reading->stack < line->end ? reading->stack : line->end;
    return address_space_map_stack(reading->memory->space, low, line->end - low, base, "stack", "args");
}

/* Memory without a file directly behind a file's is what is zero in that program. The kernel calls that of a program
 * [heap] where the heap begins in its last page. */
static int add_area(struct maps_reading *reading, const struct maps_line *line) {
    struct address_space *space = reading->memory->space;
    bool has_file = line->path_length && !is_path(line, "[heap]");
    bool continues =
        reading->name.length && (has_file ? line->path_length == reading->last.path_length &&
                                                memcmp(line->path, reading->last.path, line->path_length) == 0
                                          : line->start == reading->end);
    reading->end = line->end;
    if (!has_file && !continues) {
        const char *name = line->path_length ? "heap" : "memory";
        return address_space_map(space, line->start, line->end - line->start, name, line->start);
    }
    if (!continues) {
        size_t length;
        const char *name = mapped_name(line->path, line->path_length, &length);
        text_clear(&reading->name);
        mapped_name_to_text(name, length, &reading->name);
        reading->last = *line;
        reading->base = line->start;
    }
    if (reading->name.failed) {
        return -ENOMEM;
    }
    return address_space_map(space, line->start, line->end - line->start, reading->name.bytes, reading->base);
}

/* The stack's lines alone, or all others: those of the room that a stack may take are mapped over it. */
static int read_maps(struct maps_reading *reading, const char *maps, size_t size, bool stacks) {
    int status = 0;
    while (size && status == 0) {
        const char *newline = memchr(maps, '\n', size);
        size_t length = newline ? (size_t)(newline - maps) : size;
        struct maps_line line;
        if (parse_line(maps, length, &line) && is_path(&line, "[stack]") == stacks) {
            status = stacks ? add_stack(reading, &line) : add_area(reading, &line);
        }
        length += newline ? 1 : 0;
        maps += length;
        size -= length;
    }
    return status;
}

struct process_memory *process_memory_start(uint64_t stack, const char *maps, size_t size) {
    struct maps_reading reading = {.memory = process_memory_create(), .stack = stack};
    if (!reading.memory) {
        return NULL;
    }
    int status = read_maps(&reading, maps, size, true);
    if (status == 0) {
        status = read_maps(&reading, maps, size, false);
    }
    text_finish(&reading.name);
    if (status < 0) {
        process_memory_destroy(reading.memory);
        return NULL;
    }
    return reading.memory;
}

/* ------------------------------------------------------------------------- calls */

enum memory_call {
    CALL_NONE,
    CALL_BRK,
    CALL_MMAP,
    CALL_MREMAP,
    CALL_SHMAT,
};

static enum memory_call memory_call_of(const struct record *record) {
    static const struct {
        const char *name;
        enum memory_call call;
    } calls[] = {
        {"brk", CALL_BRK}, {"mmap", CALL_MMAP}, {"mmap2", CALL_MMAP}, {"mremap", CALL_MREMAP}, {"shmat", CALL_SHMAT}};
    const struct syscall_row *row = syscall_row(record->arch, record->call.number);
    if (!row || !(row->classes & C_MEMORY) || !(record->call.flags & CALL_HAS_ARGS)) {
        return CALL_NONE;
    }
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (strcmp(row->name, calls[i].name) == 0) {
            /* The old mmap of i386 has its arguments in memory. */
            bool is_old = calls[i].call == CALL_MMAP && row_arg_count(row) == 1;
            return is_old ? CALL_NONE : calls[i].call;
        }
    }
    return CALL_NONE;
}

static uint64_t as_wide(const struct record *record, uint64_t number) {
    return record->arch == ARCH_I386 ? (uint32_t)number : number;
}

static int grow_heap(struct process_memory *memory, uint64_t to) {
    if (!memory->has_heap || to < memory->heap_end || to - memory->heap > HEAP_MAX) {
        return 0;
    }
    uint64_t from = memory->heap_end;
    memory->heap_end = to;
    /* With its end, which is what brk returns. */
    return address_space_map(memory->space, from, to - from + 1, "heap", memory->heap);
}

void process_memory_ask(struct process_memory *memory, const struct record *call) {
    if (memory_call_of(call) == CALL_BRK) {
        grow_heap(memory, as_wide(call, call->call.args[0]));
    }
}

static int take_brk(struct process_memory *memory, uint64_t result) {
    if (!memory->has_heap) {
        memory->has_heap = true;
        memory->heap = result;
        memory->heap_end = result;
    }
    return grow_heap(memory, result);
}

/* A mapping put at a place of somebody's choice, within an area: it stays a part of that, unless it is of another file.
 */
static bool stays(const struct process_memory *memory, uint64_t start, uint64_t length, const char *file) {
    const char *first = address_space_area(memory->space, start);
    const char *last = address_space_area(memory->space, start + length - 1);
    return first && last && strcmp(first, last) == 0 && (!file || strcmp(first, file) == 0);
}

static int take_mmap(struct process_memory *memory, const struct record *record, const struct mapping_names *names) {
    uint64_t start = as_wide(record, (uint64_t)record->call.result);
    uint64_t length = (as_wide(record, record->call.args[1]) + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    uint64_t flags = record->call.args[3];
    const char *file = flags & MAP_ANONYMOUS ? NULL : names->file;
    if (length == 0 || (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && stays(memory, start, length, file))) {
        return 0;
    }
    int status = address_space_map(memory->space, start, length, file ? file : names->anonymous, start);
    return status < 0 ? status : !file;
}

int process_memory_take(struct process_memory *memory, const struct record *call, const struct mapping_names *names) {
    uint64_t result = as_wide(call, (uint64_t)call->call.result);
    const uint64_t *args = call->call.args;
    switch (memory_call_of(call)) {
    case CALL_BRK:
        return take_brk(memory, result);
    case CALL_MMAP:
        return take_mmap(memory, call, names);
    case CALL_MREMAP:
        return address_space_move(memory->space, as_wide(call, args[0]), as_wide(call, args[1]), result,
                                  as_wide(call, args[2]));
    case CALL_SHMAT:
        /* Its size is not among the arguments: what is behind its first page has no name. */
        return address_space_map(memory->space, result, PAGE, names->shared, result);
    default:
        return 0;
    }
}
