/* SPDX-License-Identifier: MIT */
#include "json.h"

#include "descriptor.h"
#include "namer.h"
#include "source_text.h"

#include <nettle/base64.h>
#include <string.h>
#include <unistr.h>

/* ---------------------------------------------------------------- punctuation */

static const char hex_digits[] = "0123456789abcdef";

/* What stands behind the backslash for this byte; 0: it has no letter. */
static char escape_letter(uint8_t byte) {
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void add_escape(struct text *text, uint8_t byte) {
    char letter = escape_letter(byte);
    if (letter) {
        const char escape[] = {'\\', letter};
        text_add(text, escape, sizeof(escape));
    } else {
        const char escape[] = {'\\', 'u', '0', '0', hex_digits[byte >> 4], hex_digits[byte & 15]};
        text_add(text, escape, sizeof(escape));
    }
}

/* The first byte of a control character of Unicode, U+0080 to U+009F: terminals obey them as they do ESC. */
static bool is_control(const char *bytes, size_t size) {
    return (uint8_t)bytes[0] == 0xc2 && size > 1 && (uint8_t)bytes[1] < 0xa0;
}

/* Bytes of a string, which are UTF-8. */
static void add_content(struct text *text, const char *bytes, size_t size) {
    /* A bit for each byte that may have to be escaped: those below the space, '"', '\\', DEL, and what begins U+0080.
     */
    static const uint64_t special[4] = {0x4ffffffff, UINT64_C(1) << 63 | 1 << ('\\' - 64), 0, 1 << (0xc2 - 192)};
    size_t start = 0; /* of the bytes that stand for themselves and have not been added yet */
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)bytes[i];
        if (!(special[byte / 64] >> (byte % 64) & 1)) {
            continue;
        }
        bool is_c1 = is_control(bytes + i, size - i);
        if (byte < 0x80 || is_c1) {
            text_add(text, bytes + start, i - start);
            i += is_c1;
            add_escape(text, (uint8_t)bytes[i]);
            start = i + 1;
        }
    }
    text_add(text, bytes + start, size - start);
}

static void add_string(struct text *text, const char *bytes, size_t size) {
    text_add_char(text, '"');
    add_content(text, bytes, size);
    text_add_char(text, '"');
}

void json_add_quoted(struct text *text, const char *bytes, size_t size) {
    if (!u8_check((const uint8_t *)bytes, size)) {
        add_string(text, bytes, size);
        return;
    }
    struct text escaped = {0};
    text_add_escaped(&escaped, (const uint8_t *)bytes, size, false);
    add_string(text, escaped.bytes ? escaped.bytes : "", escaped.length);
    text->failed = text->failed || escaped.failed;
    text_finish(&escaped);
}

/* Bytes of a string with marks in it. */
static void add_marked(struct text *text, const char *bytes, size_t size) {
    const char *mark;
    while ((mark = memchr(bytes, MARK_BEGIN, size))) {
        const char *end = memchr(mark, MARK_END, size - (size_t)(mark - bytes));
        if (!end) {
            break;
        }
        add_content(text, bytes, (size_t)(mark - bytes));
        if (mark[1] == MARK_LITERAL) {
            add_escape(text, (uint8_t)(mark[2] - '0'));
        } else {
            text_add(text, mark, (size_t)(end + 1 - mark));
        }
        size -= (size_t)(end + 1 - bytes);
        bytes = end + 1;
    }
    add_content(text, bytes, size);
}

/* What was put together in the line's scratch, as a string. */
static void add_scratch(struct json_line *line) {
    text_add_char(&line->text, '"');
    if (line->scratch.length && line->scratch.namer) {
        add_marked(&line->text, line->scratch.bytes, line->scratch.length);
    } else if (line->scratch.length) {
        add_content(&line->text, line->scratch.bytes, line->scratch.length);
    }
    text_add_char(&line->text, '"');
}

void namer_add_mark(struct text *text, char letter, uint64_t number) {
    const char begin[] = {MARK_BEGIN, letter};
    text_add(text, begin, sizeof(begin));
    text_add_unsigned(text, number);
    text_add_char(text, MARK_END);
}

/* Text in which the bytes of marks are marked themselves. */
static void add_literal(struct text *text, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == MARK_BEGIN || bytes[i] == MARK_END) {
            namer_add_mark(text, MARK_LITERAL, bytes[i]);
        } else {
            text_add_char(text, (char)bytes[i]);
        }
    }
}

void namer_add_content(const struct namer *namer, const uint8_t *bytes, size_t size, struct text *text) {
    struct named_part part;
    while (namer->find(namer->context, bytes, size, &part)) {
        add_literal(text, bytes, part.start);
        text_add_string(text, part.name);
        bytes += part.start + part.length;
        size -= part.start + part.length;
    }
    add_literal(text, bytes, size);
}

/* The key of another member than the first one of its object. */
static void add_key(struct text *text, const char *key) {
    text_add_string(text, ",\"");
    text_add_string(text, key);
    text_add_string(text, "\":");
}

static void add_string_member(struct text *text, const char *key, const char *string) {
    add_key(text, key);
    add_string(text, string, strlen(string));
}

static void add_signed_member(struct text *text, const char *key, int64_t number) {
    add_key(text, key);
    text_add_signed(text, number);
}

static void add_unsigned_member(struct text *text, const char *key, uint64_t number) {
    add_key(text, key);
    text_add_unsigned(text, number);
}

static void add_null_member(struct text *text, const char *key) {
    add_key(text, key);
    text_add_string(text, "null");
}

/* An object that is only there if it has members: its key is written with the first one. */
struct sparse {
    struct text *text;
    const char *key;
    bool begun;
};

static void add_sparse_key(struct sparse *object, const char *key) {
    if (!object->begun) {
        add_key(object->text, object->key);
    }
    text_add_string(object->text, object->begun ? ",\"" : "{\"");
    object->begun = true;
    text_add_string(object->text, key);
    text_add_string(object->text, "\":");
}

static void end_sparse(const struct sparse *object) {
    text_add_string(object->text, object->begun ? "}" : "");
}

void json_line_finish(struct json_line *line) {
    text_finish(&line->text);
    text_finish(&line->scratch);
    text_finish(&line->redacted);
    written_stacks_finish(&line->stacks);
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

static void add_base64(struct text *text, const uint8_t *bytes, size_t size) {
    size_t length = BASE64_ENCODE_RAW_LENGTH(size);
    text_add_char(text, '"');
    char *to = text_reserve(text, length);
    if (to) {
        base64_encode_raw(to, size, bytes);
        text->length += length;
    }
    text_add_char(text, '"');
}

static bool is_cut(const struct value *value) {
    return value->kind == VALUE_STRING && value->capture->state != CAPTURE_WHOLE;
}

/* ------------------------------------------------------------------ members of calls */

static const char *const indices[SYSCALL_MAX_ARGS + 1] = {"0", "1", "2", "3", "4", "5", "result"};

/* The bytes of a string as they may be shown; valid until the next are asked for. */
static const uint8_t *bytes_to_show(struct json_line *line, const struct value *value, size_t *size) {
    struct redaction *redaction = line->scratch.redaction;
    struct shown_bytes shown = shown_capture(value->capture, bytes_kind_of(value->type));
    *size = shown.size;
    if (!redaction) {
        return shown.bytes;
    }
    text_clear(&line->redacted);
    redaction_splice(redaction, &shown, &line->redacted);
    *size = line->redacted.length;
    return (const uint8_t *)(line->redacted.bytes ? line->redacted.bytes : "");
}

/* A value as a string: text as it is, everything else as it is shown. Returns whether it is bytes that are not text. */
static bool add_value(struct json_line *line, const struct value *value) {
    const struct namer *namer = line->scratch.namer;
    bool is_text = false;
    if (value->kind == VALUE_STRING) {
        size_t size;
        const uint8_t *bytes = bytes_to_show(line, value, &size);
        size_t whole = text_bytes(bytes, size, value->capture->state == CAPTURE_CUT, &is_text);
        if (is_text && namer) {
            text_clear(&line->scratch);
            namer_add_content(namer, bytes, whole, &line->scratch);
            add_scratch(line);
            return false;
        }
        if (is_text) {
            add_string(&line->text, (const char *)bytes, whole);
            return false;
        }
    }
    text_clear(&line->scratch);
    value_to_text(value, NOTATION_CONTENT, &line->scratch);
    add_scratch(line);
    return value->kind == VALUE_STRING;
}

/* "args"; returns which of them are bytes that are not text, a bit each. */
static unsigned add_arguments(struct json_line *line, const struct decoded_call *call) {
    const struct namer *namer = line->scratch.namer;
    unsigned binary = 0;
    add_key(&line->text, "args");
    text_add_char(&line->text, '[');
    for (unsigned i = 0; i < call->count; i++) {
        const char *instead = namer ? namer->instead(namer->context, call, i) : NULL;
        text_add_string(&line->text, i ? "," : "");
        if (instead) {
            add_string(&line->text, instead, strlen(instead));
        } else {
            binary |= (unsigned)add_value(line, &call->values[i]) << i;
        }
    }
    text_add_char(&line->text, ']');
    return binary;
}

/* "args_b64": the exact bytes of those. */
static void add_exact_bytes(struct json_line *line, const struct decoded_call *call, unsigned binary) {
    struct sparse object = {.text = &line->text, .key = "args_b64"};
    for (unsigned i = 0; i < call->count; i++) {
        if (binary >> i & 1) {
            size_t size;
            const uint8_t *bytes = bytes_to_show(line, &call->values[i], &size);
            add_sparse_key(&object, indices[i]);
            add_base64(&line->text, bytes, size);
        }
    }
    end_sparse(&object);
}

/* "cut": how long those are of which only a part was captured. */
static void add_cuts(struct text *text, const struct decoded_call *call) {
    struct sparse object = {.text = text, .key = "cut"};
    for (unsigned i = 0; i < call->count; i++) {
        if (!is_cut(&call->values[i])) {
            continue;
        }
        uint64_t length = call->values[i].capture->full_length;
        add_sparse_key(&object, indices[i]);
        if (length == CAPTURE_LENGTH_UNKNOWN) {
            text_add_string(text, "null");
        } else {
            text_add_unsigned(text, length);
        }
    }
    end_sparse(&object);
}

/* A descriptor without brackets: the path as it is, if it is text, and its details (include/descriptor.h). */
static void descriptor_to_content(const uint8_t *bytes, size_t size, struct text *shown) {
    size_t path = strnlen((const char *)bytes, size);
    bool is_text;
    text_bytes(bytes, path, false, &is_text);
    if (is_text && shown->namer) {
        namer_add_content(shown->namer, bytes, path, shown);
    } else if (is_text) {
        text_add(shown, (const char *)bytes, path);
    } else {
        text_add_escaped(shown, bytes, path, false);
    }
    for (size_t i = path; i < size; i++) {
        size_t length = strnlen((const char *)bytes + i, size - i);
        if (length && shown->namer) {
            namer_add_content(shown->namer, bytes + i, length, shown);
        } else {
            text_add(shown, (const char *)bytes + i, length);
        }
        i += length;
    }
}

/* "fds": what descriptors were at the call, where somebody looked. */
static void add_descriptors(struct json_line *line, const struct decoded_call *call) {
    struct sparse object = {.text = &line->text, .key = "fds"};
    for (unsigned i = 0; i <= SYSCALL_MAX_ARGS; i++) {
        const struct capture *capture = i == SYSCALL_MAX_ARGS ? call->result_descriptor
                                        : i < call->count     ? call->values[i].descriptor
                                                              : NULL;
        if (!capture) {
            continue;
        }
        const uint8_t *bytes = capture_bytes(capture);
        size_t size = capture->size;
        if (line->scratch.redaction) {
            text_clear(&line->redacted);
            descriptor_redact(line->scratch.redaction, bytes, size, &line->redacted);
            bytes = (const uint8_t *)(line->redacted.bytes ? line->redacted.bytes : "");
            size = line->redacted.length;
        }
        text_clear(&line->scratch);
        descriptor_to_content(bytes, size, &line->scratch);
        add_sparse_key(&object, indices[i]);
        add_scratch(line);
    }
    end_sparse(&object);
}

/* When it happened, in nanoseconds since 1970. */
static void add_stamp(struct text *text, const struct record *record, const struct json_options *options) {
    if (options->stamp) {
        add_unsigned_member(text, "timestamp_ns", options->epoch_ns + record->time_ns);
    }
}

static void add_result(struct text *text, const struct call_record *call) {
    if (!(call->flags & CALL_HAS_RESULT)) {
        add_null_member(text, "result");
        return;
    }
    add_signed_member(text, "result", call->result);
    const char *error = call_failed(call) ? errno_name(-call->result) : NULL;
    if (error) {
        add_string_member(text, "error", error);
    }
}

/* A result by its name, which stands in "result_ref"; false, and nothing, if it is shown as it is. */
static bool add_named_result(struct json_line *line, const struct record *record, const struct decoded_call *decoded) {
    const struct namer *namer = line->scratch.namer;
    uint64_t number = (uint64_t)record->call.result;
    enum named named = NAMED_NOT;
    const char *instead = NULL;
    text_clear(&line->scratch);
    switch ((enum result_type)(call_result_type(record, decoded) & R_TYPE_MASK)) {
    case R_ADDR:
        number = record->arch == ARCH_I386 ? (uint32_t)number : number;
        named = named_address(number, &line->scratch) ? NAMED_TEXT : NAMED_NOT;
        break;
    case R_PID:
        named = record->call.result > 0 ? namer->id(namer->context, record->call.result, &line->scratch) : NAMED_NOT;
        break;
    case R_IPC:
        named = namer->ipc(namer->context, record->call.result, &line->scratch) ? NAMED_NUMBER : NAMED_NOT;
        break;
    case R_RESTORED:
        named = namer->again(namer->context, record->call.result, &line->scratch) ? NAMED_NUMBER : NAMED_NOT;
        break;
    case R_TIME:
    case R_TICKS:
        instead = namer->result(namer->context, RESULT_TIME);
        text_add_string(&line->scratch, instead ? instead : "");
        named = instead ? NAMED_TEXT : NAMED_NOT;
        break;
    default:
        break;
    }
    if (named == NAMED_TEXT) {
        add_null_member(&line->text, "result");
        add_key(&line->text, "result_ref");
        add_scratch(line);
    } else if (named == NAMED_NUMBER) {
        add_key(&line->text, "result");
        text_add(&line->text, line->scratch.bytes, line->scratch.length);
    }
    return named != NAMED_NOT;
}

static void add_duration(struct text *text, const struct call_record *call) {
    if (call->flags & CALL_HAS_DURATION) {
        add_unsigned_member(text, "duration_us", call->duration_ns / 1000);
        add_unsigned_member(text, "duration_ns", call->duration_ns);
    } else {
        add_null_member(text, "duration_us");
        add_null_member(text, "duration_ns");
    }
}

/* Who made the call; the process is not always known. */
static void add_caller(struct text *text, const struct record *record, const struct json_options *options) {
    if (options->process && record->pid) {
        add_signed_member(text, "pid", record->pid);
    } else if (options->process) {
        add_null_member(text, "pid");
    }
    if (options->thread) {
        add_signed_member(text, "tid", record->tid);
    }
}

/* "source" and "stack". The stack is asked for first: it tells the place as well. */
static void add_origin(struct json_line *line, const struct json_options *options) {
    struct source_map *sources = options->sources;
    struct text *text = &line->text;
    const struct call_stack *stack = options->stack && sources ? source_map_stack(sources) : NULL;
    if (stack && written_stacks_add(&line->stacks, stack->number, text)) {
        return;
    }
    size_t start = text->length;
    if (options->source) {
        add_key(text, "source");
        source_to_json(sources ? source_map_place(sources) : NULL, text);
    }
    if (options->stack) {
        stack_to_json(stack, options->source, text);
    }
    if (stack) {
        written_stacks_keep(&line->stacks, stack->number, text, start);
    }
}

void json_call(struct json_line *line, const struct record *record, const struct json_options *options) {
    const struct namer *namer = options->namer;
    struct text *text = &line->text;
    struct decoded_call decoded;
    line->scratch.namer = namer;
    line->scratch.verbose = options->verbose;
    line->scratch.redaction = options->redaction;
    decode_call(record, &decoded);
    text_clear(text);
    text_add_string(text, "{\"name\":");
    add_string(text, decoded.name, strlen(decoded.name));
    unsigned binary = add_arguments(line, &decoded);
    bool succeeded = record->call.flags & CALL_HAS_RESULT && !call_failed(&record->call);
    if (namer) {
        namer->returned(namer->context, record);
    }
    if (!namer || !succeeded || !add_named_result(line, record, &decoded)) {
        add_result(text, &record->call);
    }
    add_exact_bytes(line, &decoded, binary);
    add_cuts(text, &decoded);
    if (options->descriptors) {
        add_descriptors(line, &decoded);
    }
    add_stamp(text, record, options);
    if (options->timing) {
        add_duration(text, &record->call);
    }
    if (namer) {
        namer->caller(namer->context, record, text);
    } else {
        add_caller(text, record, options);
    }
    add_origin(line, options);
    text_add_char(text, '}');
}

/* -------------------------------------------------------------------- events */

static void add_signal(struct json_line *line, int number) {
    text_clear(&line->scratch);
    signal_to_text((uint64_t)number, &line->scratch);
    add_key(&line->text, "signal");
    add_scratch(line);
}

static void add_end(struct json_line *line, const struct end_record *end) {
    if (end->manner == END_EXITED) {
        add_signed_member(&line->text, "exit_code", end->code);
    } else if (end->manner == END_KILLED && end->code) {
        add_signal(line, end->code);
    } else if (end->manner == END_KILLED) {
        add_null_member(&line->text, "signal");
    }
}

/* The id of a process or thread. */
static void add_id_member(struct json_line *line, const char *key, int32_t id) {
    const struct namer *namer = line->scratch.namer;
    text_clear(&line->scratch);
    enum named named = namer && id > 0 ? namer->id(namer->context, id, &line->scratch) : NAMED_NOT;
    if (named == NAMED_NUMBER) {
        add_key(&line->text, key);
        text_add(&line->text, line->scratch.bytes, line->scratch.length);
    } else if (named == NAMED_TEXT) {
        add_key(&line->text, key);
        add_scratch(line);
    } else {
        add_signed_member(&line->text, key, id);
    }
}

void json_event(struct json_line *line, const struct record *record, const struct json_options *options) {
    static const char *const kinds[] = {[RECORD_SIGNAL] = "signal", [RECORD_EXEC] = "exec", [RECORD_END] = "end"};
    struct text *text = &line->text;
    line->scratch.namer = options->namer;
    text_clear(text);
    text_add_string(text, "{\"event\":");
    add_string(text, kinds[record->kind], strlen(kinds[record->kind]));
    add_stamp(text, record, options);
    add_id_member(line, "pid", record->pid);
    add_id_member(line, "tid", record->tid);
    if (record->kind == RECORD_SIGNAL) {
        add_signal(line, record->signal.number);
        add_signed_member(text, "code", record->signal.code);
        if (record->signal.sender) {
            add_id_member(line, "sender_pid", record->signal.sender);
        }
    } else if (record->kind == RECORD_EXEC && record->exec.former_tid != record->tid) {
        add_id_member(line, "former_tid", record->exec.former_tid);
    } else if (record->kind == RECORD_END) {
        add_end(line, &record->end);
    }
    text_add_char(text, '}');
}
