/* SPDX-License-Identifier: MIT */
#include "call_paths.h"

#include "trace_value.h"

#include <string.h>

/* Of no use as a path: where it could not be read, an address stands in its place. */
static bool is_path(const struct trace_argument *argument) {
    const struct trace_bytes *text = &argument->content;
    if (!text->bytes || text->size == 0 || strcmp(text->bytes, "NULL") == 0) {
        return false;
    }
    bool is_address =
        strncmp(text->bytes, "0x", 2) == 0 && strspn(text->bytes + 2, "0123456789abcdef") == text->size - 2;
    return argument->quoted || !is_address;
}

static int add_path(struct call_paths *found, struct trace_words *words, const char *text, size_t size) {
    struct trace_word *word;
    int status = trace_words_find(words, text, strnlen(text, size), &word);
    if (word && found->count < CALL_PATHS_MAX) {
        found->paths[found->count++] = word;
    }
    return status;
}

/* What -y says of a descriptor: a path, with a remark where it is gone. */
static int add_file(struct call_paths *found, struct trace_words *words, const struct trace_bytes *file) {
    static const char deleted[] = " (deleted)";
    size_t tail = sizeof(deleted) - 1;
    size_t size = file->size;
    size -= size > tail && memcmp(file->bytes + size - tail, deleted, tail) == 0 ? tail : 0;
    return add_path(found, words, file->bytes, size);
}

static int add_descriptor(struct call_paths *found, const struct trace_call *call, unsigned index,
                          struct trace_words *words, const struct descriptor_paths *descriptors) {
    const struct trace_bytes *file = &call->arguments[index].file;
    uint64_t number;
    if (file->bytes) {
        found->says_files = true;
        return add_file(found, words, file);
    }
    struct trace_word *word = descriptors && trace_number(call, index, &number)
                                  ? descriptor_paths_find(descriptors, (int32_t)(uint32_t)number)
                                  : NULL;
    if (word && found->count < CALL_PATHS_MAX) {
        found->paths[found->count++] = word;
    }
    return 0;
}

int call_paths_find(struct call_paths *found, const struct trace_call *call, const struct call_traits *traits,
                    struct trace_words *words, const struct descriptor_paths *descriptors) {
    int status = 0;
    *found = (struct call_paths){0};
    for (unsigned i = 0; i < call->argument_count && status == 0; i++) {
        const struct trace_argument *argument = &call->arguments[i];
        if ((traits->roles[i] == ROLE_PATH || argument->quoted) && is_path(argument)) {
            status = add_path(found, words, argument->content.bytes, argument->content.size);
        }
    }
    unsigned written = found->count;
    for (unsigned i = 0; i < call->argument_count && status == 0; i++) {
        if (traits->roles[i] == ROLE_DESCRIPTOR) {
            status = add_descriptor(found, call, i, words, descriptors);
        }
    }
    unsigned without_result = found->count;
    if (status == 0 && call->result_file.bytes) {
        status = add_file(found, words, &call->result_file);
    }
    if (found->count > without_result) {
        found->opened = found->paths[without_result];
    } else if (traits->effect == EFFECT_OPEN && written) {
        found->opened = found->paths[0];
    }
    return status;
}
