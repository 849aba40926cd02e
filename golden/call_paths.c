/* SPDX-License-Identifier: MIT */
#include "call_paths.h"

#include "notation.h"
#include "text.h"
#include "trace_value.h"

#include <errno.h>
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

/* "/run/x", "@name", "127.0.0.1:80", "[::1]:80": other addresses are no paths. */
static int add_address(struct call_paths *found, struct trace_words *words, const char *text, size_t size) {
    static const char prefix[] = "unix:";
    struct text name = {0};
    enum notation_family family;
    int status = 0;
    if (text && notation_address(text, size, &family, &name) && !name.failed) {
        size_t skipped = family == FAMILY_UNIX ? sizeof(prefix) - 1 : 0;
        bool is_name = (family == FAMILY_UNIX || family == FAMILY_INET) && name.length > skipped;
        /* What could not be taken apart is there as it was. */
        if (is_name && name.bytes[0] != '{') {
            status = add_path(found, words, name.bytes + skipped, name.length - skipped);
        }
    }
    status = name.failed ? -ENOMEM : status;
    text_finish(&name);
    return status;
}

/* The peer of a message, where it names one: {msg_name={sa_family=...}, ...}. */
static int add_peer(struct call_paths *found, struct trace_words *words, const struct trace_bytes *message) {
    struct notation address;
    if (!message->bytes || !notation_member(message->bytes, message->size, "msg_name", &address)) {
        return 0;
    }
    return add_address(found, words, address.at, (size_t)(address.end - address.at));
}

static struct trace_word *follow(const struct trace_call *call, unsigned index,
                                 const struct descriptor_paths *descriptors) {
    uint64_t number;
    return descriptors && trace_number(call, index, &number)
               ? descriptor_paths_find(descriptors, (int32_t)(uint32_t)number)
               : NULL;
}

static int add_descriptor(struct call_paths *found, const struct trace_call *call, unsigned index,
                          struct trace_words *words, const struct descriptor_paths *descriptors) {
    const struct trace_bytes *file = &call->arguments[index].file;
    int status = 0;
    if (file->bytes) {
        found->says_files = true;
        status = add_file(found, words, file);
        if (file->bytes[0] == '/') {
            return status;
        }
        /* "socket:[4711]" does not have its address. */
    }
    struct trace_word *word = follow(call, index, descriptors);
    if (word && found->count < CALL_PATHS_MAX) {
        found->paths[found->count++] = word;
    }
    return status;
}

/* What the descriptor that the call is about refers to from now on. */
static struct trace_word *find_opened(const struct call_paths *found, const struct trace_call *call,
                                      enum call_effect effect, unsigned written, unsigned without_result,
                                      const struct descriptor_paths *descriptors) {
    bool is_socket = effect == EFFECT_ADDRESS || effect == EFFECT_ACCEPT;
    if (is_socket && written) {
        return found->paths[0];
    }
    if (found->count > without_result) {
        return found->paths[without_result];
    }
    if (effect == EFFECT_ACCEPT) {
        return follow(call, 0, descriptors); /* a peer without a name: what it has connected to */
    }
    return effect == EFFECT_OPEN && written ? found->paths[0] : NULL;
}

int call_paths_find(struct call_paths *found, const struct trace_call *call, const struct call_traits *traits,
                    struct trace_words *words, const struct descriptor_paths *descriptors) {
    int status = 0;
    *found = (struct call_paths){0};
    for (unsigned i = 0; i < call->argument_count && status == 0; i++) {
        const struct trace_argument *argument = &call->arguments[i];
        if ((traits->roles[i] == ROLE_PATH || argument->quoted) && is_path(argument)) {
            status = add_path(found, words, argument->content.bytes, argument->content.size);
        } else if (traits->roles[i] == ROLE_ADDRESS) {
            status = add_address(found, words, argument->text.bytes, argument->text.size);
        } else if (traits->roles[i] == ROLE_MESSAGE) {
            status = add_peer(found, words, &argument->text);
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
    found->opened = find_opened(found, call, traits->effect, written, without_result, descriptors);
    return status;
}
