/* SPDX-License-Identifier: MIT
 *
 * A whole call in strace's notation: its arguments as one list, and its result.
 */
#include "decoding.h"
#include "kernel_event.h"
#include "value.h"

#include <inttypes.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ----------------------------------------------------------------- arguments */

static bool is_clone(const struct decoded_call *call) {
    return call->row && strcmp(call->row->name, "clone") == 0;
}

static void labelled(const char *label, const struct value *value, struct text *text) {
    text_add_string(text, label);
    value_to_text(value, NOTATION_STRACE, text);
}

/* clone(2): strace names the arguments, and shows those that the flags make the kernel look at. */
static void clone_to_text(const struct decoded_call *call, struct text *text) {
    uint64_t flags = call->values[0].number;
    bool is_i386 = call->row->number[ARCH_X86_64] < 0;
    const struct value *tls = &call->values[is_i386 ? 3 : 4];
    const struct value *child_tid = &call->values[is_i386 ? 4 : 3];
    labelled("child_stack=", &call->values[1], text);
    labelled(", flags=", &call->values[0], text);
    if (flags & (CLONE_PARENT_SETTID | CLONE_PIDFD)) {
        labelled(", parent_tid=", &call->values[2], text);
    }
    if (flags & CLONE_SETTLS) {
        labelled(", tls=", tls, text);
    }
    if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)) {
        labelled(", child_tidptr=", child_tid, text);
    }
}

void arguments_to_text(const struct decoded_call *call, struct text *text) {
    if (is_clone(call) && call->values[0].kind != VALUE_UNKNOWN) {
        clone_to_text(call, text);
        return;
    }
    for (unsigned i = 0; i < call->count; i++) {
        labelled(i ? ", " : "", &call->values[i], text);
    }
}

/* -------------------------------------------------------------------- results */

/* Results that the kernel keeps to itself: the call was interrupted and may be made again. */
static const char *restart_meaning(int64_t error) {
    switch (error) {
    case KERNEL_ERESTARTSYS:
        return "To be restarted if SA_RESTART is set";
    case KERNEL_ERESTARTNOINTR:
        return "To be restarted";
    case KERNEL_ERESTARTNOHAND:
        return "To be restarted if no handler";
    case KERNEL_ERESTART_RESTARTBLOCK:
        return "Interrupted by signal";
    default:
        return NULL;
    }
}

static void error_to_text(int64_t error, struct text *text) {
    const char *name = errno_name(error);
    const char *meaning = restart_meaning(error);
    text_add_string(text, meaning ? "? " : "-1 ");
    if (!name) {
        text_add_string(text, "(errno ");
        text_add_signed(text, error);
        text_add_char(text, ')');
        return;
    }
    if (!meaning) {
        meaning = strerrordesc_np((int)error);
    }
    text_add_string(text, name);
    if (meaning) {
        text_add_string(text, " (");
        text_add_string(text, meaning);
        text_add_char(text, ')');
    }
}

/* A result that has names: "0x8000 (flags O_RDONLY|O_LARGEFILE)"; the number alone if it has none. */
static void named_to_text(enum value_kind kind, uint64_t number, const char *label, enum arg_type type,
                          struct text *text) {
    struct value value = {.kind = kind, .number = number};
    value_to_text(&value, NOTATION_STRACE, text);
    if (type >= A_FIRST_PACKED) {
        value = (struct value){.kind = VALUE_PACKED, .number = number, .packed = packed_number(type)};
    } else if (constants_have_name(constant_set(type), number)) {
        value = (struct value){.kind = VALUE_CONSTANTS, .number = number, .set = constant_set(type)};
    } else {
        return;
    }
    labelled(label, &value, text);
    text_add_char(text, ')');
}

/* Behind the result: what poll(2) found, for example. */
static void found_to_text(const struct decoded_call *call, struct text *text) {
    for (unsigned i = 0; i < call->count; i++) {
        if (call->values[i].kind == VALUE_DECODED) {
            decoded_found_to_text(&call->values[i], text);
        }
    }
}

bool moment_to_characters(int64_t seconds, uint64_t fraction, unsigned digits, char moment[MOMENT_MAX]) {
    struct tm parts;
    uint64_t second = 1;
    for (unsigned i = 0; i < digits; i++) {
        second *= 10;
    }
    if (fraction >= second || !localtime_r(&(time_t){seconds}, &parts)) {
        return false;
    }
    size_t length = strftime(moment, MOMENT_MAX, "%FT%T", &parts);
    if (fraction) {
        length += (size_t)snprintf(moment + length, MOMENT_MAX - length, ".%0*" PRIu64, (int)digits, fraction);
    }
    return length && strftime(moment + length, MOMENT_MAX - length, "%z", &parts);
}

/* "1700000000 (2023-11-14T22:13:20+0000)". */
static void time_to_text(int64_t seconds, struct text *text) {
    text_add_unsigned(text, (uint64_t)seconds);
    date_to_text(seconds, 0, " (", ")", text);
}

void date_to_text(int64_t seconds, uint64_t nanoseconds, const char *before, const char *behind, struct text *text) {
    char when[MOMENT_MAX];
    if (moment_to_characters(seconds, nanoseconds, 9, when)) {
        text_add_string(text, before);
        text_add_string(text, when);
        text_add_string(text, behind);
    }
}

/* "0x200 (mask [USR1])" */
static void mask_to_text(uint32_t mask, const char *label, struct text *text) {
    struct value value = {.kind = VALUE_HEX, .number = mask};
    value_to_text(&value, NOTATION_STRACE, text);
    text_add_string(text, label);
    old_signals_to_text(mask, text);
    text_add_char(text, ')');
}

uint32_t call_result_type(const struct record *record, const struct decoded_call *call) {
    if (!call->row) {
        return R_INT;
    }
    return record->call.flags & CALL_HAS_ARGS ? row_result(call->row, record->call.args) : call->row->types[0];
}

/* modify_ldt(2) returns 32 bits of an error, which makes it a number above 0: "4294967274 EINVAL (Invalid argument)".
 */
static void clipped_to_text(uint64_t number, struct text *text) {
    enum {
        ERRORS = 4096,
    };
    int64_t error = -(int64_t)(int32_t)number;
    text_add_unsigned(text, number);
    if (number <= UINT32_MAX && error > 0 && error < ERRORS && errno_name(error)) {
        text_add_char(text, ' ');
        text_add_string(text, errno_name(error));
        text_add_string(text, " (");
        text_add_string(text, strerrordesc_np((int)error));
        text_add_char(text, ')');
    }
}

static void success_to_text(const struct record *record, const struct decoded_call *call, struct text *text) {
    uint64_t number = (uint64_t)record->call.result;
    struct value value = {.kind = VALUE_UNSIGNED, .number = record->arch == ARCH_I386 ? (uint32_t)number : number};
    uint32_t type = call_result_type(record, call);
    enum arg_type set = (enum arg_type)(type >> R_SET_SHIFT);
    value.descriptor = call->result_descriptor;
    switch ((enum result_type)(type & R_TYPE_MASK)) {
    case R_ADDR:
    case R_HEX:
        value.kind = VALUE_HEX;
        break;
    case R_MODE:
        value.kind = VALUE_OCTAL;
        break;
    case R_NAMED_:
        named_to_text(VALUE_UNSIGNED, value.number, " (", set, text);
        return;
    case R_FLAGS_:
        named_to_text(VALUE_HEX, value.number, " (", set, text);
        return;
    case R_FILE_FLAGS_:
        named_to_text(VALUE_HEX, value.number, " (flags ", set, text);
        return;
    case R_SEALS:
        named_to_text(VALUE_HEX, value.number, " (seals ", A_SEALS, text);
        return;
    case R_TIME:
        time_to_text((int64_t)number, text);
        return;
    case R_SIGNAL:
        text_add_unsigned(text, number);
        text_add_string(text, " (");
        signal_to_text(number, text);
        text_add_char(text, ')');
        return;
    case R_HANDLER:
        named_to_text(VALUE_HEX, value.number, " (", A_SIG_HANDLER, text);
        return;
    case R_MASK:
        mask_to_text((uint32_t)number, " (mask ", text);
        return;
    case R_OLD_MASK:
        mask_to_text((uint32_t)number, " (old mask ", text);
        return;
    case R_CLIPPED:
        clipped_to_text(number, text);
        return;
    case R_WAIT:
        if (!number) {
            text_add_string(text, "0 (Timeout)");
            return;
        }
        break;
    default:
        break;
    }
    value_to_text(&value, NOTATION_STRACE, text);
    found_to_text(call, text);
}

void result_to_text(const struct record *record, const struct decoded_call *call, struct text *text) {
    if (!(record->call.flags & CALL_HAS_RESULT)) {
        text_add_string(text, record->call.flags & CALL_UNRETURNED ? "?" : "? <unavailable>");
    } else if (call_failed(&record->call)) {
        error_to_text(-record->call.result, text);
    } else {
        success_to_text(record, call, text);
    }
}
