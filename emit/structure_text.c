/* SPDX-License-Identifier: MIT
 *
 * Structures in strace's notation.
 */
#include "structure.h"

#include "value.h"

#include <string.h>
#include <sys/wait.h>

static uint64_t number_at(const uint8_t *bytes, unsigned size) {
    uint64_t number = 0;
    memcpy(&number, bytes, size < sizeof(number) ? size : sizeof(number));
    return number;
}

static int64_t signed_at(const uint8_t *bytes, unsigned size) {
    unsigned shift = 64 - 8 * size;
    return (int64_t)(number_at(bytes, size) << shift) >> shift;
}

static void add_value(enum value_kind kind, uint64_t number, struct text *text) {
    struct value value = {.kind = kind, .number = number};
    value_to_text(&value, NOTATION_STRACE, text);
}

static void set_to_text(enum arg_type type, uint64_t number, struct text *text) {
    struct value value = {.kind = VALUE_CONSTANTS, .number = number, .set = constant_set(type)};
    value_to_text(&value, NOTATION_STRACE, text);
}

static void name_to_text(const uint8_t *bytes, unsigned size, struct text *text) {
    struct shown_bytes shown = {bytes, strnlen((const char *)bytes, size), BYTES_NAME, false};
    text_add_char(text, '"');
    content_to_text(&shown, true, text);
    text_add_char(text, '"');
}

/* "8192*1024", or that there is no limit. Limits are as wide as they are stored. */
static void limit_to_text(uint64_t limit, unsigned size, struct text *text) {
    if (size == 8 && limit == UINT64_MAX) {
        text_add_string(text, "RLIM64_INFINITY");
    } else if (size == 4 && limit == UINT32_MAX) {
        text_add_string(text, "RLIM_INFINITY");
    } else if (limit > 1024 && limit % 1024 == 0) {
        text_add_unsigned(text, limit / 1024);
        text_add_string(text, "*1024");
    } else {
        text_add_unsigned(text, limit);
    }
}

static void errno_to_text(int32_t error, struct text *text) {
    const char *name = errno_name(error);
    if (name) {
        text_add_string(text, name);
    } else {
        text_add_signed(text, error);
    }
}

static void handler_to_text(uint64_t handler, struct text *text) {
    static const char *const names[] = {"SIG_DFL", "SIG_IGN"};
    if (handler == UINT64_MAX) {
        text_add_string(text, "SIG_ERR");
    } else if (handler < sizeof(names) / sizeof(names[0])) {
        text_add_string(text, names[handler]);
    } else {
        address_to_text(handler, text);
    }
}

/* "[INT CHLD]", or what is not in it where that is shorter: "~[KILL STOP]". */
static void signals_of_to_text(uint64_t set, unsigned signals, struct text *text) {
    uint64_t all = UINT64_MAX >> (64 - signals);
    bool is_inverted = (unsigned)__builtin_popcountll(set & all) >= signals * 2 / 3;
    set = (is_inverted ? ~set : set) & all;
    text_add_string(text, is_inverted ? "~[" : "[");
    for (unsigned number = 1; set; number++, set >>= 1) {
        if (set & 1) {
            struct text name = {0};
            signal_to_text(number, &name);
            text_add_string(text, name.bytes ? name.bytes + strlen("SIG") : "");
            text_add_string(text, set >> 1 ? " " : "");
            text_finish(&name);
        }
    }
    text_add_char(text, ']');
}

void signals_to_text(uint64_t set, struct text *text) {
    signals_of_to_text(set, 64, text);
}

void old_signals_to_text(uint32_t set, struct text *text) {
    signals_of_to_text(set, 32, text);
}

static void condition_to_text(const char *is, const char *what, uint64_t number, bool is_signal, struct text *text) {
    text_add_string(text, is);
    text_add_string(text, "(s) && ");
    text_add_string(text, what);
    text_add_string(text, "(s) == ");
    if (is_signal) {
        signal_to_text(number, text);
    } else {
        text_add_unsigned(text, number);
    }
}

/* 115, and in a comment 1.15 s: the clock has 100 ticks a second for programs, whatever the kernel has. */
static void ticks_to_text(uint64_t ticks, struct text *text) {
    enum {
        SECOND = 100, /* USER_HZ */
    };
    text_add_unsigned(text, ticks);
    if (ticks) {
        text_add_string(text, " /* ");
        text_add_unsigned(text, ticks / SECOND);
        text_add_string(text, ticks % SECOND < SECOND / 10 ? ".0" : ".");
        text_add_unsigned(text, ticks % SECOND);
        text_add_string(text, " s */");
    }
}

/* The signal, and the bit that tells a stop at a call: PTRACE_O_TRACESYSGOOD. */
static void stop_to_text(unsigned signal, struct text *text) {
    enum {
        AT_CALL = 0x80,
    };
    condition_to_text("WIFSTOPPED", "WSTOPSIG", signal & ~AT_CALL, true, text);
    text_add_string(text, signal & AT_CALL ? " | 0x80" : "");
}

/* What the macros of wait(2) say about it. */
static void status_to_text(int status, struct text *text) {
    enum {
        ALL = 0xffff, /* the bits that the macros know */
        EVENT_SHIFT = 16,
    };
    uint32_t event = (uint32_t)status >> EVENT_SHIFT;
    text_add_char(text, '{');
    if (WIFCONTINUED(status & ALL)) {
        text_add_string(text, "WIFCONTINUED(s)");
    } else if (WIFSTOPPED(status)) {
        stop_to_text((unsigned)WSTOPSIG(status), text);
    } else if (WIFSIGNALED(status)) {
        condition_to_text("WIFSIGNALED", "WTERMSIG", (uint64_t)WTERMSIG(status), true, text);
        text_add_string(text, WCOREDUMP(status) ? " && WCOREDUMP(s)" : "");
    } else {
        condition_to_text("WIFEXITED", "WEXITSTATUS", (uint64_t)WEXITSTATUS(status), false, text);
    }
    text_add_char(text, '}');
    if (event) {
        text_add_char(text, '|');
        set_to_text(A_PTRACE_EVENT, event, text);
        text_add_string(text, "<<16");
    }
}

/* When that is; strace is silent about the beginning of 1970. */
static void date_comment(int64_t seconds, uint64_t nanoseconds, struct text *text) {
    if (seconds || nanoseconds) {
        date_to_text(seconds, nanoseconds, " /* ", " */", text);
    }
}

static void timestamp_to_text(const uint8_t *bytes, struct text *text) {
    int64_t seconds = signed_at(bytes, 8);
    uint64_t nanoseconds = number_at(bytes + 8, 4);
    text_add_string(text, "{tv_sec=");
    text_add_signed(text, seconds);
    text_add_string(text, ", tv_nsec=");
    text_add_unsigned(text, nanoseconds);
    text_add_char(text, '}');
    date_comment(seconds, nanoseconds, text);
}

static void element_to_text(const struct field *field, enum arch arch, const uint8_t *bytes, unsigned size,
                            struct text *text) {
    uint64_t number = number_at(bytes, size);
    switch (field->kind) {
    case FIELD_SIGNED:
        text_add_signed(text, signed_at(bytes, size));
        break;
    case FIELD_UNSIGNED:
        text_add_unsigned(text, number);
        break;
    case FIELD_HEX:
        add_value(VALUE_HEX, number, text);
        break;
    case FIELD_ABSENT:
        text_add_char(text, '0');
        break;
    case FIELD_ADDRESS:
        add_value(VALUE_ADDRESS, number, text);
        break;
    case FIELD_DATE:
        text_add_signed(text, signed_at(bytes, size / 2));
        date_comment(signed_at(bytes, size / 2), number_at(bytes + size / 2, size / 2), text);
        break;
    case FIELD_DATE_ALONE:
        text_add_signed(text, signed_at(bytes, size));
        date_comment(signed_at(bytes, size), 0, text);
        break;
    case FIELD_DEVICE:
        add_value(VALUE_DEVICE, number, text);
        break;
    case FIELD_ERROR:
        errno_to_text((int32_t)number, text);
        break;
    case FIELD_HANDLER:
        handler_to_text(number, text);
        break;
    case FIELD_ID:
        text_add_signed(text, size == 4 && number == UINT32_MAX ? -1 : (int64_t)number);
        break;
    case FIELD_LIMIT:
        limit_to_text(number, size, text);
        break;
    case FIELD_NAME:
        name_to_text(bytes, size, text);
        break;
    case FIELD_SET:
        set_to_text(field->type, number, text);
        break;
    case FIELD_PROCESS:
        id_to_text(signed_at(bytes, size), text);
        break;
    case FIELD_WORD:
        if (!named_address(number, text)) {
            text_add_unsigned(text, number);
        }
        break;
    case FIELD_SIGNALS:
        signals_of_to_text(number, 8 * size, text);
        break;
    case FIELD_TICKS:
        ticks_to_text(number, text);
        break;
    case FIELD_STATUS:
        status_to_text((int)number, text);
        break;
    case FIELD_STRUCTURE:
        structure_to_text(structure_of(field->type), arch, bytes, text);
        break;
    case FIELD_TIMESTAMP:
        timestamp_to_text(bytes, text);
        break;
    }
}

static void field_to_text(const struct field *field, enum arch arch, const uint8_t *bytes, struct text *text) {
    const struct field_place *place = &field->at[arch];
    if (field->name) {
        text_add_string(text, field->name);
        text_add_char(text, '=');
    }
    if (!field->count) {
        element_to_text(field, arch, bytes + place->offset, place->size, text);
        return;
    }
    text_add_char(text, '[');
    for (unsigned i = 0; i < field->count; i++) {
        text_add_string(text, i ? ", " : "");
        element_to_text(field, arch, bytes + place->offset + (size_t)i * place->size, place->size, text);
    }
    text_add_char(text, ']');
}

void structure_to_text(const struct structure *structure, enum arch arch, const uint8_t *bytes, struct text *text) {
    text_add_string(text, structure->before);
    bool is_first = true;
    for (unsigned i = 0; i < structure->count; i++) {
        const struct field *field = &structure->fields[i];
        if ((!field->shown || field->shown(bytes, arch)) && (text->verbose || !field->is_detail)) {
            text_add_string(text, is_first ? "" : ", ");
            field_to_text(field, arch, bytes, text);
            is_first = false;
        }
    }
    text_add_string(text, text->verbose && structure->is_abbreviated ? "}" : structure->behind);
}
