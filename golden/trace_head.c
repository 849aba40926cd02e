/* SPDX-License-Identifier: MIT */
#include "trace_head.h"

#include <errno.h>
#include <yajl/yajl_parse.h>

/* What the parser is in; others are passed over. */
enum head_member {
    HEAD_MEMBER_OTHER,
    HEAD_MEMBER_VERSION,
    HEAD_MEMBER_FORMAT,
    HEAD_MEMBER_PRODUCER,
    HEAD_MEMBER_GOLDEN,
    HEAD_MEMBER_CONTENT,
};

static const struct head_key {
    const char *name;
    size_t size;
    enum head_member member;
} head_keys[] = {
    {"version", 7, HEAD_MEMBER_VERSION}, {"format", 6, HEAD_MEMBER_FORMAT},    {"producer", 8, HEAD_MEMBER_PRODUCER},
    {"golden", 6, HEAD_MEMBER_GOLDEN},   {"syscalls", 8, HEAD_MEMBER_CONTENT}, {"events", 6, HEAD_MEMBER_CONTENT},
    {"summary", 7, HEAD_MEMBER_CONTENT},
};

static const struct head_key *find_key(const char *name, size_t size) {
    for (size_t i = 0; i < sizeof(head_keys) / sizeof(head_keys[0]); i++) {
        if (head_keys[i].size == size && memcmp(head_keys[i].name, name, size) == 0) {
            return &head_keys[i];
        }
    }
    return NULL;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool trace_head_may_begin(const char *bytes, size_t size) {
    size_t i = 1;
    while (i < size && is_space(bytes[i])) {
        i++;
    }
    if (i == size) {
        return true; /* cut: nothing says that it is not */
    }
    if (bytes[i] != '"') {
        return false;
    }
    const char *name = bytes + i + 1;
    const char *end = memchr(name, '"', size - i - 1);
    return !end || find_key(name, (size_t)(end - name));
}

/* ------------------------------------------------------------------- callbacks */

enum {
    HEAD_DEPTH_MAX = 64,
};

/* One look. `depth` counts the open objects and lists, `name` is the key at depth 2 ("name", "rules"...). */
struct head_look {
    struct head_probe *probe;
    unsigned depth;
    enum head_member member;
    char name[8];
    bool failed; /* no memory */
};

static void keep(struct head_look *look, struct trace_bytes *to, const unsigned char *bytes, size_t size) {
    char *copy = trace_arena_take(&look->probe->strings, size + 1);
    if (!copy) {
        look->failed = true;
        return;
    }
    memcpy(copy, bytes, size);
    copy[size] = 0;
    *to = (struct trace_bytes){copy, size};
}

static void add_to_list(struct text *list, const char *separator, const unsigned char *bytes, size_t size) {
    text_add_string(list, list->length ? separator : "");
    text_add(list, (const char *)bytes, size);
}

/* Whether it says how the trace was recorded. */
static bool is_about_recording(enum head_member member) {
    return member == HEAD_MEMBER_PRODUCER || member == HEAD_MEMBER_GOLDEN;
}

static int head_string(void *context, const unsigned char *bytes, size_t size) {
    struct head_look *look = context;
    struct head_probe *probe = look->probe;
    if (look->depth == 1 && look->member == HEAD_MEMBER_VERSION) {
        keep(look, &probe->head.version, bytes, size);
    } else if (look->depth == 1 && look->member == HEAD_MEMBER_FORMAT) {
        keep(look, &probe->format, bytes, size);
    } else if (look->depth == 2 && look->member == HEAD_MEMBER_PRODUCER) {
        if (strcmp(look->name, "name") == 0) {
            keep(look, &probe->head.producer, bytes, size);
        } else if (strcmp(look->name, "engine") == 0) {
            keep(look, &probe->head.engine, bytes, size);
        } else if (strcmp(look->name, "time") == 0) {
            keep(look, &probe->head.time, bytes, size);
        }
    } else if (look->depth == 3 && look->member == HEAD_MEMBER_GOLDEN && strcmp(look->name, "rules") == 0) {
        add_to_list(&probe->rules, ",", bytes, size);
    } else if (look->depth == 3 && is_about_recording(look->member) && strcmp(look->name, "filter") == 0) {
        add_to_list(&probe->filter, "; ", bytes, size);
    }
    return !look->failed;
}

static int head_begin(void *context) {
    struct head_look *look = context;
    look->depth++;
    if (look->depth == 2 && look->member == HEAD_MEMBER_GOLDEN) {
        look->probe->head.is_golden = true;
    }
    return look->depth <= HEAD_DEPTH_MAX;
}

static int head_end(void *context) {
    struct head_look *look = context;
    look->depth--;
    if (look->depth == 0) {
        look->probe->is_whole = true;
    }
    return 1;
}

static int head_key(void *context, const unsigned char *bytes, size_t size) {
    struct head_look *look = context;
    if (look->depth == 1) {
        const struct head_key *key = find_key((const char *)bytes, size);
        look->member = key ? key->member : HEAD_MEMBER_OTHER;
        look->name[0] = 0;
        look->probe->has_content |= look->member == HEAD_MEMBER_CONTENT;
    } else if (look->depth == 2) {
        bool fits = size < sizeof(look->name);
        memcpy(look->name, bytes, fits ? size : 0);
        look->name[fits ? size : 0] = 0;
    }
    return 1;
}

static const yajl_callbacks head_callbacks = {
    .yajl_string = head_string,
    .yajl_start_map = head_begin,
    .yajl_map_key = head_key,
    .yajl_end_map = head_end,
    .yajl_start_array = head_begin,
    .yajl_end_array = head_end,
};

int trace_head_probe(struct head_probe *probe, const char *bytes, size_t size) {
    trace_arena_reset(&probe->strings);
    text_clear(&probe->rules);
    text_clear(&probe->filter);
    *probe = (struct head_probe){.strings = probe->strings, .rules = probe->rules, .filter = probe->filter};
    struct head_look look = {.probe = probe};
    yajl_handle handle = yajl_alloc(&head_callbacks, NULL, &look);
    if (!handle) {
        return -ENOMEM;
    }
    yajl_config(handle, yajl_dont_validate_strings, 1);
    yajl_config(handle, yajl_allow_trailing_garbage, 1);
    yajl_status status = yajl_parse(handle, (const unsigned char *)bytes, size);
    probe->size = probe->is_whole ? yajl_get_bytes_consumed(handle) : 0;
    yajl_free(handle);
    if (look.failed || probe->rules.failed || probe->filter.failed) {
        return -ENOMEM;
    }
    if (probe->rules.length) {
        probe->head.rules = (struct trace_bytes){probe->rules.bytes, probe->rules.length};
    }
    if (probe->filter.length) {
        probe->head.filter = (struct trace_bytes){probe->filter.bytes, probe->filter.length};
    }
    if (probe->format.bytes) {
        bool is_ours = probe->format.size == sizeof(TRACE_FORMAT) - 1 &&
                       memcmp(probe->format.bytes, TRACE_FORMAT, probe->format.size) == 0;
        return is_ours ? HEAD_FOUND : HEAD_OTHER;
    }
    return status == yajl_status_ok && !probe->is_whole ? HEAD_CUT : HEAD_NONE;
}

void head_probe_finish(struct head_probe *probe) {
    trace_arena_finish(&probe->strings);
    text_finish(&probe->rules);
    text_finish(&probe->filter);
}
