/* SPDX-License-Identifier: MIT */
#include "decoding.h"

#include "namer.h"
#include "value.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------------- the table */

#define FLAT true
#define NESTED false
#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/types.def"
#undef DECODED

static const struct decoded_type types[A_BEHIND_DECODED - A_FIRST_DECODED + 1] = {
#define DECODED(type, x86_64, i386, flatness, function) [(type)-A_FIRST_DECODED] = {{x86_64, i386}, flatness, function},
#include "decode/types.def"
#undef DECODED
};

const struct decoded_type *decoded_type_of(enum arg_type type) {
    return type >= A_FIRST_DECODED && type < A_BEHIND_DECODED ? &types[type - A_FIRST_DECODED] : NULL;
}

bool decoded_at_failure(enum arg_type type, int64_t result) {
    return type == A_OUT_IOVEC_ || type == A_TO_XATTR_ARGS       /* where it would have read to */
           || (type == A_TO_FILE_HANDLE && result == -EOVERFLOW) /* how much room it would have needed */
           || ((type == A_TO_SCHED_ATTR || type == A_TO_PERF_ATTRIBUTES) &&
               result == -E2BIG); /* the size that the kernel knows */
}

/* -------------------------------------------------------------------------- the call */

uint64_t argument_of(const struct decoding *decoding, unsigned index) {
    uint64_t value = decoding->args[index % SYSCALL_MAX_ARGS];
    return decoding->arch == ARCH_I386 ? (uint32_t)value : value;
}

/* --------------------------------------------------------------------------- memory */

/* What a capture has to be. */
struct wish {
    unsigned element;
    uint64_t address;
    uint64_t asked; /* its full_length, unless that is not known before */
    uint64_t least; /* bytes */
    bool of_any_length;
};

/* Bytes that were captured for another argument are the same. */
static bool is_for_any(const struct wish *wish) {
    return wish->least && wish->of_any_length;
}

static bool fulfils(const struct capture *capture, const struct decoding *decoding, const struct wish *wish) {
    bool is_for = capture->arg == decoding->index || is_for_any(wish);
    return is_for && capture->element == wish->element && capture->address == wish->address &&
           capture->size >= wish->least && (wish->of_any_length || capture->full_length == wish->asked);
}

/* The first capture between two offsets that fulfils the wish. */
static const struct capture *find_between(struct decoding *decoding, const struct wish *wish, size_t from, size_t to) {
    const uint8_t *captures = decoding->captures;
    while (from < to) {
        const struct capture *capture = (const struct capture *)(const void *)(captures + from);
        from = (size_t)(capture_end(capture) - captures);
        if (fulfils(capture, decoding, wish)) {
            decoding->cursor = from;
            return capture;
        }
    }
    return NULL;
}

static const struct capture *find(struct decoding *decoding, const struct wish *wish) {
    size_t cursor = decoding->cursor;
    const struct capture *found = find_between(decoding, wish, cursor, decoding->captures_size);
    return found ? found : find_between(decoding, wish, 0, cursor);
}

static const struct capture *find_or_fetch(struct decoding *decoding, const struct wish *wish, uint32_t most) {
    const struct capture *found = find(decoding, wish);
    if (!found && decoding->fetch) {
        found = decoding->fetch(decoding, wish->element, wish->address, wish->asked, most);
    }
    return found;
}

bool is_read_at_exit(const struct decoding *decoding) {
    return decoding->fetch && decoding->delivered;
}

void look_back(struct decoding *decoding, bool looks_back) {
    decoding->looks_back = looks_back;
}

static bool is_of_exit(const struct decoding *decoding) {
    return decoding->delivered && !decoding->looks_back;
}

static unsigned memory_element(const struct decoding *decoding) {
    return is_of_exit(decoding) ? CAPTURE_AT_EXIT : CAPTURE_AT;
}

static const uint8_t *memory_in(struct decoding *decoding, unsigned element, uint64_t address, size_t size) {
    struct wish wish = {.element = element, .address = address, .asked = size, .least = size, .of_any_length = true};
    const struct capture *capture = address ? find_or_fetch(decoding, &wish, UINT32_MAX) : NULL;
    return capture && capture->size >= size ? capture_bytes(capture) : NULL;
}

const uint8_t *memory_at(struct decoding *decoding, uint64_t address, size_t size) {
    return memory_in(decoding, memory_element(decoding), address, size);
}

const uint8_t *memory_before(struct decoding *decoding, uint64_t address, size_t size) {
    if (!decoding->before) {
        return memory_in(decoding, CAPTURE_AT, address, size);
    }
    struct decoding entry = *decoding;
    entry.captures = decoding->before;
    entry.captures_size = decoding->before_size;
    entry.cursor = 0;
    entry.fetch = NULL;
    return memory_in(&entry, CAPTURE_AT, address, size);
}

const uint8_t *memory_some(struct decoding *decoding, uint64_t address, uint64_t length, uint32_t most, uint32_t *have,
                           bool *cut) {
    struct wish wish = {.element = memory_element(decoding), .address = address, .asked = length};
    const struct capture *capture = address ? find_or_fetch(decoding, &wish, most) : NULL;
    *have = capture ? capture->size : 0;
    *cut = capture && capture->state == CAPTURE_CUT;
    return *have ? capture_bytes(capture) : NULL;
}

bool netlink_socket_of(struct decoding *decoding, int32_t fd, struct netlink_socket *socket) {
    struct wish wish = {
        .element = CAPTURE_NETLINK, .address = (uint32_t)fd, .least = sizeof(*socket), .of_any_length = true};
    const struct capture *capture = find_or_fetch(decoding, &wish, UINT32_MAX);
    if (capture) {
        memcpy(socket, capture_bytes(capture), sizeof(*socket));
    }
    return capture;
}

/* -------------------------------------------------------------------------- members */

uint64_t number_in(const uint8_t *bytes, unsigned size) {
    uint64_t number = 0;
    memcpy(&number, bytes, size < sizeof(number) ? size : sizeof(number));
    return number;
}

int64_t signed_in(const uint8_t *bytes, unsigned size) {
    unsigned shift = 64 - 8 * size;
    return (int64_t)(number_in(bytes, size) << shift) >> shift;
}

static const uint8_t *take(struct members *members, unsigned size, unsigned alignment) {
    unsigned at = (members->at + alignment - 1) / alignment * alignment;
    members->at = at + size;
    return members->bytes + at;
}

uint8_t take_u8(struct members *members) {
    return *take(members, 1, 1);
}

uint16_t take_u16(struct members *members) {
    return (uint16_t)number_in(take(members, 2, 2), 2);
}

uint32_t take_u32(struct members *members) {
    return (uint32_t)number_in(take(members, 4, 4), 4);
}

int32_t take_i32(struct members *members) {
    return (int32_t)take_u32(members);
}

uint64_t take_u64(struct members *members) {
    return number_in(take(members, 8, members->arch == ARCH_I386 ? 4 : 8), 8);
}

int64_t take_i64(struct members *members) {
    return (int64_t)take_u64(members);
}

uint64_t take_word(struct members *members) {
    unsigned size = members->arch == ARCH_I386 ? 4 : 8;
    return number_in(take(members, size, size), size);
}

int64_t take_long(struct members *members) {
    unsigned size = members->arch == ARCH_I386 ? 4 : 8;
    return signed_in(take(members, size, size), size);
}

const uint8_t *take_bytes(struct members *members, unsigned size) {
    return take(members, size, 1);
}

/* -------------------------------------------------------------------------- showing */

/* Whether it is shown at all; then what stands before its value is. */
static bool begins(struct decoding *decoding, const char *name) {
    if (!decoding->text) {
        return false;
    }
    text_add_string(decoding->text, decoding->needs_comma ? ", " : "");
    if (name) {
        text_add_string(decoding->text, name);
        text_add_char(decoding->text, '=');
    }
    decoding->needs_comma = true;
    return true;
}

void show_open(struct decoding *decoding, const char *name, const char *bracket) {
    if (begins(decoding, name)) {
        text_add_string(decoding->text, bracket);
        decoding->needs_comma = false;
    }
}

void show_close(struct decoding *decoding, const char *bracket) {
    if (decoding->text) {
        text_add_string(decoding->text, bracket);
        decoding->needs_comma = true;
    }
}

void show_value(struct decoding *decoding, const char *name, const struct value *value) {
    if (begins(decoding, name)) {
        value_to_text(value, NOTATION_STRACE, decoding->text);
    }
}

static void show_kind(struct decoding *decoding, const char *name, enum value_kind kind, uint64_t number) {
    struct value value = {.kind = kind, .number = number};
    show_value(decoding, name, &value);
}

void show_signed(struct decoding *decoding, const char *name, int64_t number) {
    show_kind(decoding, name, VALUE_SIGNED, (uint64_t)number);
}

void show_unsigned(struct decoding *decoding, const char *name, uint64_t number) {
    show_kind(decoding, name, VALUE_UNSIGNED, number);
}

void show_hex(struct decoding *decoding, const char *name, uint64_t number) {
    show_kind(decoding, name, VALUE_HEX, number);
}

void show_octal(struct decoding *decoding, const char *name, uint64_t number) {
    show_kind(decoding, name, VALUE_OCTAL, number);
}

void show_address(struct decoding *decoding, const char *name, uint64_t address) {
    show_kind(decoding, name, VALUE_ADDRESS, address);
}

void show_set(struct decoding *decoding, const char *name, enum arg_type set, uint64_t number) {
    struct value value = {.kind = VALUE_CONSTANTS, .number = number};
    if (set >= A_FIRST_PACKED) {
        value.kind = VALUE_PACKED;
        value.packed = packed_number(set);
    } else {
        value.set = constant_set(set);
    }
    show_value(decoding, name, &value);
}

void show_id(struct decoding *decoding, const char *name, uint32_t id) {
    show_signed(decoding, name, id == UINT32_MAX ? -1 : (int64_t)id);
}

void show_process(struct decoding *decoding, const char *name, int64_t id) {
    show_kind(decoding, name, VALUE_ID, (uint64_t)id);
}

void show_moment(struct decoding *decoding, const char *name, uint64_t moment) {
    show_kind(decoding, name, VALUE_MOMENT, moment);
}

bool shows_moments(const struct decoding *decoding) {
    const struct namer *namer = decoding->text ? decoding->text->namer : NULL;
    return !(namer && namer->result(namer->context, RESULT_TIME));
}

void show_device(struct decoding *decoding, const char *name, uint64_t device) {
    show_kind(decoding, name, VALUE_DEVICE, device);
}

void show_error(struct decoding *decoding, const char *name, uint64_t error) {
    show_kind(decoding, name, VALUE_ERROR, error);
}

void show_signal(struct decoding *decoding, const char *name, uint64_t number) {
    if (begins(decoding, name)) {
        signal_to_text(number, decoding->text);
    }
}

void show_signals(struct decoding *decoding, const char *name, uint64_t set) {
    if (begins(decoding, name)) {
        signals_to_text(set, decoding->text);
    }
}

void show_descriptor(struct decoding *decoding, const char *name, int32_t fd) {
    struct value value = {.kind = VALUE_SIGNED, .number = (uint64_t)(int64_t)fd};
    if (decoding->shows_descriptors) {
        struct wish wish = {.element = CAPTURE_DESCRIPTOR_AT, .address = (uint32_t)fd, .of_any_length = true};
        const struct capture *capture = find_or_fetch(decoding, &wish, UINT32_MAX);
        value.descriptor = capture && capture->size ? capture : NULL;
    }
    show_value(decoding, name, &value);
}

void show_structure(struct decoding *decoding, const char *name, enum arg_type type, const uint8_t *bytes) {
    if (begins(decoding, name)) {
        structure_to_text(structure_of(type), decoding->arch, bytes, decoding->text);
    }
}

void show_structure_at(struct decoding *decoding, const char *name, enum arg_type type, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, structure_of(type)->size[decoding->arch]);
    if (bytes) {
        show_structure(decoding, name, type, bytes);
    } else {
        show_address(decoding, name, address);
    }
}

static void show_string(struct decoding *decoding, const char *name, uint64_t address, uint32_t most) {
    struct wish wish = {.element = is_of_exit(decoding) ? CAPTURE_STRING_AT_EXIT : CAPTURE_STRING_AT,
                        .address = address,
                        .of_any_length = true};
    const struct capture *capture = address ? find_or_fetch(decoding, &wish, most) : NULL;
    if (!capture || capture->state == CAPTURE_UNREADABLE) {
        show_address(decoding, name, address);
    } else if (begins(decoding, name)) {
        string_to_text(capture, BYTES_NAME, false, decoding->text);
    }
}

void show_string_at(struct decoding *decoding, const char *name, uint64_t address) {
    show_string(decoding, name, address, CAPTURE_TO_LIMIT);
}

void show_path_at(struct decoding *decoding, const char *name, uint64_t address) {
    show_string(decoding, name, address, CAPTURE_PATH);
}

void show_buffer_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t length) {
    struct wish wish = {.element = memory_element(decoding), .address = address, .asked = length};
    const struct capture *capture = address ? find_or_fetch(decoding, &wish, CAPTURE_TO_LIMIT) : NULL;
    if (!capture || capture->state == CAPTURE_UNREADABLE) {
        show_address(decoding, name, address);
    } else if (begins(decoding, name)) {
        string_to_text(capture, BYTES_CONTENT, false, decoding->text);
    }
}

/* Whether these are the last bytes of a capture behind which there are more. */
static bool are_cut(const struct decoding *decoding, const uint8_t *bytes, size_t size) {
    const uint8_t *at = decoding->captures;
    const uint8_t *end = at ? at + decoding->captures_size : at;
    while (at < end) {
        const struct capture *capture = (const struct capture *)(const void *)at;
        if (capture_bytes(capture) <= bytes && bytes < capture_end(capture)) {
            return capture->state != CAPTURE_WHOLE && bytes + size >= capture_bytes(capture) + capture->size;
        }
        at = capture_end(capture);
    }
    return false;
}

static struct shown_bytes shown_of(const struct decoding *decoding, const uint8_t *bytes, size_t size,
                                   enum bytes_kind kind) {
    bool is_cut = decoding->text->redaction && are_cut(decoding, bytes, size);
    return (struct shown_bytes){.bytes = bytes, .size = size, .kind = kind, .is_cut = is_cut};
}

static void show_quoted(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size,
                        enum bytes_kind kind) {
    if (begins(decoding, name)) {
        struct shown_bytes shown = shown_of(decoding, bytes, size, kind);
        text_add_char(decoding->text, '"');
        content_to_text(&shown, true, decoding->text);
        text_add_char(decoding->text, '"');
    }
}

void show_characters(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    show_quoted(decoding, name, bytes, strnlen((const char *)bytes, size), BYTES_NAME);
}

void show_bytes(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    show_quoted(decoding, name, bytes, size, BYTES_CONTENT);
}

bool shows_hex_strings(const struct decoding *decoding) {
    return decoding->text && decoding->text->hex != HEX_STRINGS_NONE;
}

void show_bytes_in_hex(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    if (begins(decoding, name)) {
        struct shown_bytes shown = shown_of(decoding, bytes, size, BYTES_CONTENT);
        text_add_char(decoding->text, '"');
        content_to_hex(&shown, decoding->text);
        text_add_char(decoding->text, '"');
    }
}

__attribute__((format(printf, 2, 0))) static void add_words(struct text *text, const char *format, va_list arguments) {
    char words[256];
    int length = vsnprintf(words, sizeof(words), format, arguments);
    text_add(text, words, length < (int)sizeof(words) ? (size_t)length : sizeof(words) - 1);
}

void show_words(struct decoding *decoding, const char *name, const char *format, ...) {
    if (begins(decoding, name)) {
        va_list arguments;
        va_start(arguments, format);
        add_words(decoding->text, format, arguments);
        va_end(arguments);
    }
}

void show_joined(struct decoding *decoding) {
    decoding->needs_comma = false;
}

void show_more(struct decoding *decoding, const char *format, ...) {
    if (decoding->text) {
        va_list arguments;
        va_start(arguments, format);
        add_words(decoding->text, format, arguments);
        va_end(arguments);
    }
}

void show_joint(struct decoding *decoding, const char *joint) {
    if (decoding->text) {
        text_add_string(decoding->text, joint);
        decoding->needs_comma = false;
    }
}

void show_comment(struct decoding *decoding, const char *format, ...) {
    if (decoding->text) {
        va_list arguments;
        va_start(arguments, format);
        text_add_string(decoding->text, " /* ");
        add_words(decoding->text, format, arguments);
        text_add_string(decoding->text, " */");
        va_end(arguments);
    }
}

void show_change(struct decoding *decoding) {
    if (decoding->text) {
        text_add_string(decoding->text, " => ");
        decoding->needs_comma = false;
    }
}

void show_dots(struct decoding *decoding) {
    if (begins(decoding, NULL)) {
        text_add_string(decoding->text, "...");
    }
}

/* -------------------------------------------------------------------------- vectors */

/* How many elements there are; false: no program can have so many. */
static bool spans(uint64_t address, uint64_t count, unsigned size, uint64_t *length) {
    return !__builtin_mul_overflow(count, size, length) && address + *length > address;
}

unsigned show_vector(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, unsigned size,
                     void (*show)(struct decoding *decoding, const uint8_t *element, void *context), void *context) {
    uint64_t length;
    uint32_t have = 0;
    bool cut = false;
    if (address && !count) {
        show_open(decoding, name, "[");
        show_close(decoding, "]");
        return 0;
    }
    const uint8_t *bytes = NULL;
    if (address && spans(address, count, size, &length)) {
        uint32_t most = decoding->verbose ? UINT32_MAX : CAPTURE_ELEMENTS(size);
        bytes = memory_some(decoding, address, length, most, &have, &cut);
    }
    unsigned shown = have / size;
    if (!bytes || !(shown || cut)) {
        show_address(decoding, name, address);
        return 0;
    }
    show_open(decoding, name, "[");
    for (unsigned i = 0; i < shown; i++) {
        show(decoding, bytes + (size_t)i * size, context);
    }
    if (cut) {
        show_dots(decoding);
    } else if (shown < count) {
        show_dots(decoding);
        show_comment(decoding, "0x%" PRIx64, address + (uint64_t)shown * size);
    }
    show_close(decoding, "]");
    return shown;
}

/* The pieces of a vector. */
struct pieces {
    uint64_t left; /* bytes that were written of those that come */
    show_content *show;
};

static void show_piece(struct decoding *decoding, const uint8_t *element, void *context) {
    struct pieces *pieces = context;
    struct members members = members_of(decoding, element);
    uint64_t base = take_word(&members);
    uint64_t length = take_word(&members);
    uint64_t filled = length < pieces->left ? length : pieces->left;
    show_open(decoding, NULL, "{");
    pieces->show(decoding, "iov_base", base, filled);
    show_unsigned(decoding, "iov_len", length);
    show_close(decoding, "}");
    pieces->left -= pieces->left == UINT64_MAX ? 0 : filled;
}

void show_pieces_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, uint64_t written,
                    show_content *show) {
    struct pieces pieces = {.left = written, .show = show};
    show_vector(decoding, name, address, count, 2 * word_bytes(decoding), show_piece, &pieces);
}

static void show_range(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct members members = members_of(decoding, element);
    show_open(decoding, NULL, "{");
    show_address(decoding, "iov_base", take_word(&members));
    show_unsigned(decoding, "iov_len", take_word(&members));
    show_close(decoding, "}");
}

void show_ranges_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count) {
    show_vector(decoding, name, address, count, 2 * word_bytes(decoding), show_range, NULL);
}

void show_iovec_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, uint64_t written) {
    show_pieces_at(decoding, name, address, count, written, show_buffer_at);
}

/* ---------------------------------------------------------------------- one argument */

struct decoding decoding_of(const struct value *value, struct text *text) {
    const struct record *record = value->record;
    return (struct decoding){.args = record->call.args,
                             .result = record->call.flags & CALL_HAS_RESULT ? record->call.result : 0,
                             .arch = (enum arch)value->arch,
                             .index = value->arg,
                             .reference = value->reference,
                             .type = value->type,
                             .delivered = value->delivered,
                             .verbose = text->verbose,
                             .text = text,
                             .shows_descriptors = value->shows_descriptors,
                             .captures = value->captures,
                             .captures_size = value->captures_size};
}

void decoded_to_text(const struct value *value, enum notation notation, struct text *text) {
    struct decoding decoding = decoding_of(value, text);
    /* JSON has what descriptors are in members of their own. */
    decoding.shows_descriptors = decoding.shows_descriptors && notation == NOTATION_STRACE;
    decoded_type_of((enum arg_type)value->type)->decode(&decoding, value->number);
}
