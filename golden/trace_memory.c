/* SPDX-License-Identifier: MIT */
#include "trace_memory.h"

#include "address_space.h"
#include "cleanup.h"
#include "trace_value.h"

#include <limits.h>
#include <stdio.h>

enum {
    DESCRIPTORS_MAX = 1024, /* of which the files are known; those above are "file" */
    ERRNO_MAX = 4095,
    PAGE = 4096,
    NAME_BYTES = NAME_MAX + 1,
};

struct trace_memory {
    struct address_space *space;
    char *files[DESCRIPTORS_MAX]; /* the last part of the path that each was opened with */
    uint64_t heap;                /* where it begins; 0: not known */
    unsigned mappings;
    bool forgotten;
};

struct trace_memory *trace_memory_create(void) {
    struct trace_memory *memory = calloc(1, sizeof(*memory));
    if (memory) {
        memory->space = address_space_create();
    }
    if (memory && !memory->space) {
        free(memory);
        return NULL;
    }
    return memory;
}

static void forget_files(struct trace_memory *memory) {
    for (size_t i = 0; i < DESCRIPTORS_MAX; i++) {
        free(memory->files[i]);
        memory->files[i] = NULL;
    }
}

struct trace_memory *trace_memory_copy(const struct trace_memory *memory) {
    struct trace_memory *copy = calloc(1, sizeof(*copy));
    if (!copy) {
        return NULL;
    }
    copy->space = memory->forgotten ? NULL : address_space_copy(memory->space);
    copy->heap = memory->heap;
    copy->mappings = memory->mappings;
    copy->forgotten = memory->forgotten;
    bool failed = !copy->space && !memory->forgotten;
    for (size_t i = 0; i < DESCRIPTORS_MAX; i++) {
        copy->files[i] = memory->files[i] ? strdup(memory->files[i]) : NULL;
        failed |= memory->files[i] && !copy->files[i];
    }
    if (failed) {
        trace_memory_destroy(copy);
        return NULL;
    }
    return copy;
}

void trace_memory_destroy(struct trace_memory *memory) {
    if (memory) {
        forget_files(memory);
        address_space_destroy(memory->space);
        free(memory);
    }
}

unsigned trace_memory_size(const struct trace_memory *memory) {
    return memory->mappings;
}

void trace_memory_forget(struct trace_memory *memory) {
    address_space_destroy(memory->space);
    memory->space = NULL;
    memory->heap = 0;
    memory->mappings = 0;
    memory->forgotten = true;
    forget_files(memory);
}

static bool is_named(const struct trace_call *call, const char *name) {
    return strcmp(call->name.bytes, name) == 0;
}

static bool contains(const struct trace_call *call, unsigned index, const char *word) {
    return index < call->argument_count && strstr(call->arguments[index].text.bytes, word);
}

/* The last part of a path, as a name: no more of it than a file's name can be. */
static char *last_part(const struct trace_bytes *path) {
    const char *slash = strrchr(path->bytes, '/');
    const char *name = slash && slash[1] ? slash + 1 : path->bytes;
    return strndup(name, NAME_MAX);
}

/* The result is a descriptor of a file that was opened by this path. */
static int remember_file(struct trace_memory *memory, const struct trace_call *call, unsigned path) {
    if (call->result >= DESCRIPTORS_MAX || path >= call->argument_count) {
        return 0;
    }
    char *name = last_part(&call->arguments[path].text);
    free(memory->files[call->result]);
    memory->files[call->result] = name;
    return name ? 0 : -ENOMEM;
}

static int copy_file(struct trace_memory *memory, uint64_t from, int64_t to) {
    if (to >= DESCRIPTORS_MAX || from == (uint64_t)to) {
        return 0;
    }
    const char *name = from < DESCRIPTORS_MAX ? memory->files[from] : NULL;
    char *copy = name ? strdup(name) : NULL;
    free(memory->files[to]);
    memory->files[to] = copy;
    return name && !copy ? -ENOMEM : 0;
}

/* The file that is mapped; empty if it is memory. */
static void name_of_mapping(const struct trace_memory *memory, const struct trace_call *call, char name[NAME_BYTES]) {
    uint64_t fd;
    enum {
        FLAGS = 3,
        FD = 4,
    };
    name[0] = 0;
    if (contains(call, FLAGS, "MAP_ANON") || !trace_number(call, FD, &fd) || fd > INT32_MAX) {
        return;
    }
    const char *file = fd < DESCRIPTORS_MAX ? memory->files[fd] : NULL;
    snprintf(name, NAME_BYTES, "%s", file ? file : "file");
}

/* A mapping put at a place of somebody's choice, within an area: it stays a part of that, unless it is of another file
 * (golden traces have the same rule). */
static bool stays(const struct trace_memory *memory, const struct trace_call *call, uint64_t length, const char *file) {
    enum {
        FLAGS = 3,
    };
    uint64_t start = (uint64_t)call->result;
    if (length == 0 || !contains(call, FLAGS, "MAP_FIXED")) {
        return length == 0;
    }
    const char *first = address_space_area(memory->space, start);
    const char *last = address_space_area(memory->space, start + length - 1);
    return first && last && strcmp(first, last) == 0 && (!file[0] || strcmp(first, file) == 0);
}

static int remember_mapping(struct trace_memory *memory, const struct trace_call *call, int64_t task,
                            uint64_t *mapped) {
    char name[NAME_BYTES];
    uint64_t length;
    uint64_t start = (uint64_t)call->result;
    if (!trace_number(call, 1, &length)) {
        return 0;
    }
    name_of_mapping(memory, call, name);
    length = (length + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (stays(memory, call, length, name)) {
        return 0;
    }
    bool is_file = name[0] != 0;
    if (!is_file && task == 1) {
        snprintf(name, sizeof(name), "mmap#%llu", (unsigned long long)++*mapped);
    } else if (!is_file) {
        snprintf(name, sizeof(name), "mmap#%lld.%llu", (long long)task, (unsigned long long)++*mapped);
    }
    if (++memory->mappings > PROCESS_MAPPINGS_MAX) {
        trace_memory_forget(memory);
        return 0;
    }
    return address_space_map(memory->space, start, length, name, start);
}

static int move_mapping(struct trace_memory *memory, const struct trace_call *call) {
    uint64_t from;
    uint64_t length;
    uint64_t new_length;
    if (!trace_number(call, 0, &from) || !trace_number(call, 1, &length) || !trace_number(call, 2, &new_length)) {
        return 0;
    }
    if (++memory->mappings > PROCESS_MAPPINGS_MAX) {
        trace_memory_forget(memory);
        return 0;
    }
    return address_space_move(memory->space, from, length, (uint64_t)call->result, new_length);
}

static int move_break(struct trace_memory *memory, uint64_t end) {
    if (memory->heap == 0) {
        memory->heap = end;
    }
    return end > memory->heap ? address_space_map(memory->space, memory->heap, end - memory->heap, "heap", memory->heap)
                              : 0;
}

/* A new program: nothing of the old one's memory is there; its descriptors are. */
static int replace(struct trace_memory *memory) {
    address_space_destroy(memory->space);
    memory->space = address_space_create();
    memory->heap = 0;
    memory->mappings = 0;
    memory->forgotten = memory->space == NULL;
    return memory->space ? 0 : -ENOMEM;
}

int trace_memory_call(struct trace_memory *memory, const struct trace_call *call, int64_t task, uint64_t *mapped) {
    uint64_t number;
    bool failed = !call->has_result || (call->result < 0 && call->result >= -ERRNO_MAX);
    if (failed) {
        return 0;
    }
    if (is_named(call, "execve") || is_named(call, "execveat")) {
        return replace(memory);
    }
    if (memory->forgotten) {
        return 0;
    }
    if (is_named(call, "mmap")) {
        return remember_mapping(memory, call, task, mapped);
    }
    if (is_named(call, "brk")) {
        return move_break(memory, (uint64_t)call->result);
    }
    if (is_named(call, "mremap")) {
        return move_mapping(memory, call);
    }
    if (call->result < 0) {
        return 0;
    }
    if (is_named(call, "openat") || is_named(call, "openat2")) {
        return remember_file(memory, call, 1);
    }
    if (is_named(call, "open") || is_named(call, "creat") || is_named(call, "memfd_create")) {
        return remember_file(memory, call, 0);
    }
    bool is_copy =
        strncmp(call->name.bytes, "dup", 3) == 0 || (is_named(call, "fcntl") && contains(call, 1, "F_DUPFD"));
    if (is_copy && trace_number(call, 0, &number)) {
        return copy_file(memory, number, call->result);
    }
    if (is_named(call, "close") && trace_number(call, 0, &number) && number < DESCRIPTORS_MAX) {
        free(memory->files[number]);
        memory->files[number] = NULL;
    }
    return 0;
}

bool trace_memory_name(const struct trace_memory *memory, uint64_t address, bool is_break, struct text *text) {
    if (memory->forgotten) {
        return false;
    }
    if (is_break && memory->heap && address >= memory->heap) {
        text_add_string(text, address == memory->heap ? "heap" : "heap+");
        if (address != memory->heap) {
            text_add_hex(text, address - memory->heap);
        }
        return true;
    }
    return address_space_name(memory->space, address, text);
}
