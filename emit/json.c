/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "descriptor.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <string.h>
#include <unistr.h>

enum {
    NUMBER_BYTES = 24, /* a 64-bit integer in decimal */
    ITEM_BYTES = 48,   /* more than any key with its punctuation */
    MEMBERS_MAX = 16,
    ESCAPED = 6, /* bytes that one byte can become: a \u sequence */
};

/* An object or array in the making. The items are the caller's, on its stack;
 * cJSON only ever reads them. */
struct list {
    cJSON *parent;
    cJSON *last;
    size_t bound; /* bytes that it prints at most */
};

static void append(struct list *list, cJSON *item, const char *key) {
    item->string = (char *)key;
    item->prev = list->last;
    if (list->last) {
        list->last->next = item;
    } else {
        list->parent->child = item;
    }
    list->last = item;
    list->bound += ITEM_BYTES;
}

static void append_string(struct list *list, cJSON *item, const char *key, const char *string, size_t length) {
    *item = (cJSON){.type = cJSON_String | cJSON_IsReference, .valuestring = (char *)string};
    append(list, item, key);
    list->bound += ESCAPED * length;
}

static void append_raw(struct list *list, cJSON *item, const char *key, const char *raw) {
    *item = (cJSON){.type = cJSON_Raw | cJSON_IsReference, .valuestring = (char *)raw};
    append(list, item, key);
    list->bound += NUMBER_BYTES;
}

static void append_list(struct list *list, struct list *nested, cJSON *item, const char *key, int type) {
    *item = (cJSON){.type = type | cJSON_IsReference};
    append(list, item, key);
    nested->parent = item;
    nested->last = NULL;
    nested->bound = 0;
}

static void print_list(const struct list *list, struct text *text) {
    text_clear(text);
    /* cJSON wants some bytes to spare. */
    size_t bound = list->bound + ITEM_BYTES;
    char *to = text_reserve(text, bound);
    if (to && cJSON_PrintPreallocated(list->parent, to, (int)bound, false)) {
        text->length = strlen(to);
    } else {
        text->failed = true;
    }
}

void json_line_finish(struct json_line *line) {
    text_finish(&line->text);
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        text_finish(&line->values[i]);
        text_finish(&line->exact[i]);
    }
    for (unsigned i = 0; i <= SYSCALL_MAX_ARGS; i++) {
        text_finish(&line->descriptors[i]);
    }
}

/* ------------------------------------------------------------------- strings */

/* How many of the bytes are whole UTF-8 characters without NUL: all of them if
 * they are text. A character that the limit cut in two does not count against it. */
static size_t text_bytes(const uint8_t *bytes, size_t size, bool cut, bool *is_text) {
    *is_text = memchr(bytes, 0, size) == NULL;
    const uint8_t *bad = u8_check(bytes, size);
    if (!bad) {
        return size;
    }
    ucs4_t character;
    size_t good = (size_t)(bad - bytes);
    if (!cut || u8_mbtoucr(&character, bad, size - good) != -2) {
        *is_text = false;
        return size;
    }
    return good;
}

/* A string argument: its text, or escapes and the exact bytes beside them. */
static void string_argument(const struct value *value, struct text *shown, struct text *exact) {
    const uint8_t *bytes = capture_bytes(value->capture);
    size_t size = value->capture->size;
    bool is_text;
    size_t whole = text_bytes(bytes, size, value->capture->state == CAPTURE_CUT, &is_text);
    if (is_text) {
        text_add(shown, (const char *)bytes, whole);
        return;
    }
    value_to_text(value, NOTATION_CONTENT, shown);
    size_t length = BASE64_ENCODE_RAW_LENGTH(size);
    char *to = text_reserve(exact, length);
    if (to) {
        base64_encode_raw(to, size, bytes);
        to[length] = 0;
        exact->length = length;
    }
}

static bool is_cut(const struct value *value) {
    return value->kind == VALUE_STRING && value->capture->state != CAPTURE_WHOLE;
}

static void full_length(const struct capture *capture, char number[NUMBER_BYTES]) {
    if (capture->full_length == CAPTURE_LENGTH_UNKNOWN) {
        strcpy(number, "null");
    } else {
        snprintf(number, NUMBER_BYTES, "%llu", (unsigned long long)capture->full_length);
    }
}

/* --------------------------------------------------------------------- calls */

/* The arguments, and what has to be said beside them, item by item on the
 * caller's stack. */
struct argument_items {
    cJSON arguments;
    cJSON argument[SYSCALL_MAX_ARGS];
    cJSON exact;
    cJSON exact_argument[SYSCALL_MAX_ARGS];
    cJSON cut;
    cJSON cut_argument[SYSCALL_MAX_ARGS];
    char cut_length[SYSCALL_MAX_ARGS][NUMBER_BYTES];
};

static const char *const indices[SYSCALL_MAX_ARGS + 1] = {"0", "1", "2", "3", "4", "5", "result"};

static void append_arguments(struct list *object, struct json_line *line, const struct decoded_call *call,
                             struct argument_items *items) {
    struct list list;
    append_list(object, &list, &items->arguments, "args", cJSON_Array);
    for (unsigned i = 0; i < call->count; i++) {
        const struct value *value = &call->values[i];
        text_clear(&line->values[i]);
        text_clear(&line->exact[i]);
        if (value->kind == VALUE_STRING) {
            string_argument(value, &line->values[i], &line->exact[i]);
        } else {
            value_to_text(value, NOTATION_CONTENT, &line->values[i]);
        }
        append_string(&list, &items->argument[i], NULL, line->values[i].bytes ? line->values[i].bytes : "",
                      line->values[i].length);
    }
    object->bound += list.bound;
}

static void append_exact_bytes(struct list *object, const struct json_line *line, const struct decoded_call *call,
                               struct argument_items *items) {
    struct list list = {0};
    for (unsigned i = 0; i < call->count; i++) {
        if (line->exact[i].length) {
            if (!list.parent) {
                append_list(object, &list, &items->exact, "args_b64", cJSON_Object);
            }
            append_string(&list, &items->exact_argument[i], indices[i], line->exact[i].bytes, line->exact[i].length);
        }
    }
    object->bound += list.bound;
}

static void append_cuts(struct list *object, const struct decoded_call *call, struct argument_items *items) {
    struct list list = {0};
    for (unsigned i = 0; i < call->count; i++) {
        if (is_cut(&call->values[i])) {
            if (!list.parent) {
                append_list(object, &list, &items->cut, "cut", cJSON_Object);
            }
            full_length(call->values[i].capture, items->cut_length[i]);
            append_raw(&list, &items->cut_argument[i], indices[i], items->cut_length[i]);
        }
    }
    object->bound += list.bound;
}

/* A descriptor without brackets: the path as it is, if it is text, and its details (include/descriptor.h). */
static void descriptor_to_content(const struct capture *capture, struct text *shown) {
    const uint8_t *bytes = capture_bytes(capture);
    size_t path = strnlen((const char *)bytes, capture->size);
    bool is_text;
    text_bytes(bytes, path, false, &is_text);
    if (is_text) {
        text_add(shown, (const char *)bytes, path);
    } else {
        text_add_escaped(shown, bytes, path, false);
    }
    for (size_t i = path; i < capture->size; i++) {
        if (bytes[i]) {
            text_add_char(shown, (char)bytes[i]);
        }
    }
}

/* What descriptors were at the call, where somebody looked: "fds". */
struct descriptor_items {
    cJSON list;
    cJSON descriptor[SYSCALL_MAX_ARGS + 1];
};

static void append_descriptors(struct list *object, struct json_line *line, const struct decoded_call *call,
                               struct descriptor_items *items) {
    struct list list = {0};
    for (unsigned i = 0; i <= SYSCALL_MAX_ARGS; i++) {
        const struct capture *capture = i == SYSCALL_MAX_ARGS ? call->result_descriptor
                                        : i < call->count     ? call->values[i].descriptor
                                                              : NULL;
        if (!capture) {
            continue;
        }
        if (!list.parent) {
            append_list(object, &list, &items->list, "fds", cJSON_Object);
        }
        struct text *shown = &line->descriptors[i];
        text_clear(shown);
        descriptor_to_content(capture, shown);
        append_string(&list, &items->descriptor[i], indices[i], shown->bytes, shown->length);
    }
    object->bound += list.bound;
}

/* When it happened, in nanoseconds since 1970. */
static cJSON *append_stamp(struct list *object, cJSON *next, const struct record *record,
                           const struct json_options *options, char number[NUMBER_BYTES]) {
    if (options->stamp) {
        snprintf(number, NUMBER_BYTES, "%" PRIu64, options->epoch_ns + record->time_ns);
        append_raw(object, next++, "timestamp_ns", number);
    }
    return next;
}

void json_call(struct json_line *line, const struct record *record, const struct json_options *options) {
    const struct call_record *call = &record->call;
    struct decoded_call decoded;
    decode_call(record, &decoded);

    cJSON root = {.type = cJSON_Object};
    struct list object = {.parent = &root};
    cJSON members[MEMBERS_MAX];
    cJSON *next = members;
    struct argument_items items;
    struct descriptor_items descriptors;
    char numbers[6][NUMBER_BYTES];

    append_string(&object, next++, "name", decoded.name, strlen(decoded.name));
    append_arguments(&object, line, &decoded, &items);
    bool has_result = call->flags & CALL_HAS_RESULT;
    snprintf(numbers[0], NUMBER_BYTES, "%lld", (long long)call->result);
    append_raw(&object, next++, "result", has_result ? numbers[0] : "null");
    if (call_failed(call)) {
        const char *name = errno_name(-call->result);
        if (name) {
            append_string(&object, next++, "error", name, strlen(name));
        }
    }
    append_exact_bytes(&object, line, &decoded, &items);
    append_cuts(&object, &decoded, &items);
    if (options->descriptors) {
        append_descriptors(&object, line, &decoded, &descriptors);
    }
    next = append_stamp(&object, next, record, options, numbers[5]);
    if (options->timing) {
        bool measured = call->flags & CALL_HAS_DURATION;
        snprintf(numbers[1], NUMBER_BYTES, "%llu", (unsigned long long)(call->duration_ns / 1000));
        snprintf(numbers[2], NUMBER_BYTES, "%llu", (unsigned long long)call->duration_ns);
        append_raw(&object, next++, "duration_us", measured ? numbers[1] : "null");
        append_raw(&object, next++, "duration_ns", measured ? numbers[2] : "null");
    }
    if (options->process) {
        snprintf(numbers[3], NUMBER_BYTES, "%d", record->pid);
        append_raw(&object, next++, "pid", record->pid ? numbers[3] : "null");
    }
    if (options->thread) {
        snprintf(numbers[4], NUMBER_BYTES, "%d", record->tid);
        append_raw(&object, next++, "tid", numbers[4]);
    }
    if (options->source) {
        append_raw(&object, next++, "source", "null");
    }
    print_list(&object, &line->text);
}

/* -------------------------------------------------------------------- events */

void json_event(struct json_line *line, const struct record *record, const struct json_options *options) {
    static const char *const kinds[] = {[RECORD_SIGNAL] = "signal", [RECORD_EXEC] = "exec", [RECORD_END] = "end"};
    cJSON root = {.type = cJSON_Object};
    struct list object = {.parent = &root};
    cJSON members[MEMBERS_MAX];
    cJSON *next = members;
    char numbers[5][NUMBER_BYTES];
    append_string(&object, next++, "event", kinds[record->kind], strlen(kinds[record->kind]));
    next = append_stamp(&object, next, record, options, numbers[4]);
    snprintf(numbers[0], NUMBER_BYTES, "%d", record->pid);
    snprintf(numbers[1], NUMBER_BYTES, "%d", record->tid);
    append_raw(&object, next++, "pid", numbers[0]);
    append_raw(&object, next++, "tid", numbers[1]);
    if (record->kind == RECORD_SIGNAL) {
        struct text *name = &line->values[0];
        text_clear(name);
        signal_to_text((uint64_t)record->signal.number, name);
        append_string(&object, next++, "signal", name->bytes, name->length);
        snprintf(numbers[2], NUMBER_BYTES, "%d", record->signal.code);
        append_raw(&object, next++, "code", numbers[2]);
        if (record->signal.sender) {
            snprintf(numbers[3], NUMBER_BYTES, "%d", record->signal.sender);
            append_raw(&object, next++, "sender_pid", numbers[3]);
        }
    } else if (record->kind == RECORD_EXEC && record->exec.former_tid != record->tid) {
        snprintf(numbers[3], NUMBER_BYTES, "%d", record->exec.former_tid);
        append_raw(&object, next++, "former_tid", numbers[3]);
    } else if (record->kind == RECORD_END && record->end.manner == END_EXITED) {
        snprintf(numbers[2], NUMBER_BYTES, "%d", record->end.code);
        append_raw(&object, next++, "exit_code", numbers[2]);
    } else if (record->kind == RECORD_END && record->end.manner == END_KILLED) {
        struct text *name = &line->values[0];
        text_clear(name);
        signal_to_text((uint64_t)record->end.code, name);
        if (record->end.code) {
            append_string(&object, next++, "signal", name->bytes, name->length);
        } else {
            append_raw(&object, next++, "signal", "null");
        }
    }
    print_list(&object, &line->text);
}
