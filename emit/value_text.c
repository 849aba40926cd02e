/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "decoding.h"
#include "descriptor.h"
#include "kernel_event.h"
#include "namer.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

/* errno.h has no names for what the kernel keeps to itself (include/linux/errno.h). */
const char *errno_name(int64_t error) {
    switch (error) {
    case KERNEL_ERESTARTSYS:
        return "ERESTARTSYS";
    case KERNEL_ERESTARTNOINTR:
        return "ERESTARTNOINTR";
    case KERNEL_ERESTARTNOHAND:
        return "ERESTARTNOHAND";
    case KERNEL_ERESTART_RESTARTBLOCK:
        return "ERESTART_RESTARTBLOCK";
    case 515:
        return "ENOIOCTLCMD";
    case 524:
        return "ENOTSUPP";
    default:
        return error > 0 && error < 4096 ? strerrorname_np((int)error) : NULL;
    }
}

/* ----------------------------------------------------------------- with names */

/* Replace what was appended from `start` on, if anything in it is to be hidden: a file that is mapped has a name. */
static void redact_name(struct text *text, size_t start) {
    struct shown_bytes shown = {(const uint8_t *)text->bytes + start, text->length - start, BYTES_NAME, false};
    size_t count;
    redaction_find(text->redaction, &shown, &count);
    if (count) {
        text->length = start;
        text_add_string(text, REDACTED_MARK);
    }
}

bool named_address(uint64_t address, struct text *text) {
    size_t start = text->length;
    bool is_named = text->namer && address && text->namer->address(text->namer->context, address, text);
    if (is_named && text->redaction && text->bytes) {
        redact_name(text, start);
    }
    return is_named;
}

void address_to_text(uint64_t address, struct text *text) {
    if (!address) {
        text_add_string(text, "NULL");
    } else if (!named_address(address, text)) {
        text_add_hex(text, address);
    }
}

void id_to_text(int64_t id, struct text *text) {
    bool is_special = id == 0 || id == -1;
    if (!text->namer || is_special) {
        text_add_signed(text, id);
        return;
    }
    text_add_string(text, id < 0 ? "-" : "");
    id = id < 0 ? -id : id;
    if (text->namer->id(text->namer->context, id, text) == NAMED_NOT) {
        text_add_signed(text, id);
    }
}

static void named_to_text(const uint8_t *bytes, size_t size, bool quote, struct text *text) {
    struct named_part part;
    while (text->namer && text->namer->find(text->namer->context, bytes, size, &part)) {
        text_add_escaped(text, bytes, part.start, quote);
        text_add_string(text, part.name);
        bytes += part.start + part.length;
        size -= part.start + part.length;
    }
    text_add_escaped(text, bytes, size, quote);
}

static void redacted_to_text(const struct shown_bytes *shown, bool quote, struct text *text) {
    size_t count;
    const struct redact_range *ranges = redaction_find(text->redaction, shown, &count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        named_to_text(shown->bytes + at, ranges[i].start - at, quote, text);
        text_add_string(text, REDACTED_MARK);
        at = ranges[i].end;
    }
    named_to_text(shown->bytes + at, shown->size - at, quote, text);
}

void content_to_text(const struct shown_bytes *shown, bool quote, struct text *text) {
    if (text->redaction) {
        redacted_to_text(shown, quote, text);
    } else {
        named_to_text(shown->bytes, shown->size, quote, text);
    }
}

void content_to_hex(const struct shown_bytes *shown, struct text *text) {
    size_t count;
    const struct redact_range *ranges = redaction_find(text->redaction, shown, &count);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        text_add_hex_bytes(text, shown->bytes + at, ranges[i].start - at);
        text_add_string(text, REDACTED_MARK);
        at = ranges[i].end;
    }
    text_add_hex_bytes(text, shown->bytes + at, shown->size - at);
}

/* ------------------------------------------------------------------- strings */

struct shown_bytes shown_capture(const struct capture *capture, enum bytes_kind kind) {
    return (struct shown_bytes){.bytes = capture_bytes(capture),
                                .size = capture->size,
                                .kind = kind,
                                .is_cut = capture->state != CAPTURE_WHOLE};
}

void string_to_text(const struct capture *capture, enum bytes_kind kind, bool hides_nul, struct text *text) {
    const uint8_t *bytes = capture_bytes(capture);
    struct shown_bytes shown = shown_capture(capture, kind);
    bool ends_in_nul = capture->size && !bytes[capture->size - 1];
    bool is_hidden = hides_nul && ends_in_nul && capture->state != CAPTURE_UNREADABLE && text->hex == HEX_STRINGS_NONE;
    text_add_char(text, '"');
    shown.size -= is_hidden;
    content_to_text(&shown, true, text);
    text_add_char(text, '"');
    if (capture->state != CAPTURE_WHOLE && !is_hidden) {
        text_add_string(text, "...");
    }
}

static void hex_string_to_text(const struct capture *capture, enum bytes_kind kind, struct text *text) {
    struct shown_bytes shown = shown_capture(capture, kind);
    text_add_char(text, '"');
    content_to_hex(&shown, text);
    text_add_string(text, capture->state == CAPTURE_WHOLE ? "\"" : "\"...");
}

static const struct capture *element_of(const struct value *value, unsigned index) {
    return capture_find(value->captures, value->captures_size, value->arg, index + 1);
}

/* Why a vector ends before its NULL: there are more, or memory ends, at `address`. */
static void end_to_text(const struct capture *vector, bool is_first, uint64_t address, struct text *text) {
    if (vector->state == CAPTURE_WHOLE) {
        return;
    }
    text_add_string(text, is_first ? "..." : ", ...");
    if (vector->state == CAPTURE_UNREADABLE) {
        text_add_string(text, " /* ");
        text_add_hex(text, address);
        text_add_string(text, " */");
    }
}

static void strings_to_text(const struct value *value, struct text *text) {
    unsigned word = value->arch == ARCH_I386 ? 4 : 8;
    text_add_char(text, '[');
    const struct capture *element;
    bool is_hidden = false;
    unsigned index = 0;
    for (; (element = element_of(value, index)); index++) {
        text_add_string(text, index ? ", " : "");
        if (element->state == CAPTURE_UNREADABLE) {
            address_to_text(element->address, text);
        } else if (is_hidden) {
            text_add_string(text, "\"" REDACTED_MARK "\"");
        } else {
            string_to_text(element, BYTES_VARIABLE, false, text);
        }
        is_hidden = redaction_hides_next(text->redaction, capture_bytes(element), element->size);
    }
    end_to_text(value->capture, index == 0, value->number + (uint64_t)index * word, text);
    text_add_char(text, ']');
}

/* -------------------------------------------------------------------- any value */

void signal_to_text(uint64_t number, struct text *text) {
    /* The kernel's real-time signals begin at 32 (uapi/asm/signal.h). */
    enum {
        FIRST_REALTIME = 32,
        LAST_REALTIME = 64,
    };
    if (number == FIRST_REALTIME) {
        text_add_string(text, "SIGRTMIN");
    } else if (number > FIRST_REALTIME && number <= LAST_REALTIME) {
        text_add_string(text, "SIGRT_");
        text_add_unsigned(text, number - FIRST_REALTIME);
    } else if (number && number < FIRST_REALTIME) {
        text_add_string(text, constant_find(constant_set(A_SIGNO), number)->name);
    } else {
        text_add_signed(text, (int32_t)number);
    }
}

static void error_number_to_text(uint64_t number, struct text *text) {
    const char *name = errno_name((int64_t)number);
    if (name) {
        text_add_string(text, name);
    } else {
        text_add_unsigned(text, number);
    }
}

static void device_to_text(uint64_t device, struct text *text) {
    text_add_string(text, "makedev(");
    text_add_hex_number(text, major(device));
    text_add_string(text, ", ");
    text_add_hex_number(text, minor(device));
    text_add_char(text, ')');
}

/* A number that can be that of something which has a name. */
static void named_number_to_text(const struct value *value, struct text *text) {
    const struct namer *namer = text->namer;
    int64_t number = (int64_t)value->number;
    if (value->kind == VALUE_ID) {
        id_to_text(number, text);
    } else if (value->kind == VALUE_WORD && !named_address(value->number, text)) {
        text_add_hex_number(text, value->number);
    } else if (value->kind == VALUE_THREAD && !(namer && namer->thread(namer->context, value->number, text))) {
        text_add_unsigned(text, value->number);
    } else if (value->kind == VALUE_MOMENT) {
        const char *instead = namer ? namer->result(namer->context, RESULT_TIME) : NULL;
        if (instead) {
            text_add_string(text, instead);
        } else {
            text_add_unsigned(text, value->number);
        }
    } else if (value->kind == VALUE_IPC && !(namer && namer->ipc(namer->context, number, text))) {
        text_add_signed(text, number);
    }
}

void value_to_text(const struct value *value, enum notation notation, struct text *text) {
    switch (value->kind) {
    case VALUE_UNKNOWN:
        text_add_char(text, '?');
        break;
    case VALUE_SIGNED:
        text_add_signed(text, (int64_t)value->number);
        break;
    case VALUE_THREAD:
    case VALUE_IPC:
    case VALUE_ID:
    case VALUE_MOMENT:
    case VALUE_WORD:
        named_number_to_text(value, text);
        break;
    case VALUE_UNSIGNED:
        text_add_unsigned(text, value->number);
        break;
    case VALUE_HEX:
        text_add_hex_number(text, value->number);
        break;
    case VALUE_DEVICE:
        device_to_text(value->number, text);
        break;
    case VALUE_OCTAL:
        text_add_octal(text, value->number);
        break;
    case VALUE_ADDRESS:
        address_to_text(value->number, text);
        break;
    case VALUE_CONSTANTS:
        constants_to_text(value->set, value->number, notation, text);
        break;
    case VALUE_OLD_MASK:
        old_signals_to_text((uint32_t)value->number, text);
        break;
    case VALUE_PACKED:
        if (!packed_to_text(value->packed, value->number, notation, text)) {
            text_add_hex_number(text, value->number);
        }
        break;
    case VALUE_ERROR:
        error_number_to_text(value->number, text);
        break;
    case VALUE_STRING:
        if (notation == NOTATION_STRACE && value->capture->state == CAPTURE_UNREADABLE) {
            /* strace shows a string that it can read as a whole, or none of it. */
            address_to_text(value->number, text);
        } else if (notation == NOTATION_STRACE && value->in_hex) {
            hex_string_to_text(value->capture, bytes_kind_of(value->type), text);
        } else if (notation == NOTATION_STRACE) {
            string_to_text(value->capture, bytes_kind_of(value->type), value->hides_nul, text);
            text_add_string(text, value->looks_cut && value->capture->state == CAPTURE_WHOLE ? "..." : "");
        } else {
            struct shown_bytes shown = shown_capture(value->capture, bytes_kind_of(value->type));
            content_to_text(&shown, false, text);
        }
        break;
    case VALUE_STRINGS:
        strings_to_text(value, text);
        break;
    case VALUE_COUNTED:
        address_to_text(value->number, text);
        text_add_string(text, " /* ");
        text_add_unsigned(text, value->capture->full_length);
        text_add_string(text, value->capture->full_length == 1 ? " var" : " vars");
        text_add_string(text, value->capture->state == CAPTURE_UNREADABLE ? ", unterminated */" : " */");
        break;
    case VALUE_DECODED:
        decoded_to_text(value, notation, text);
        break;
    default:
        output_to_text(value, text);
        break;
    }
    if (notation == NOTATION_STRACE && value->descriptor) {
        descriptor_to_text((const char *)capture_bytes(value->descriptor), value->descriptor->size, text);
    }
}
