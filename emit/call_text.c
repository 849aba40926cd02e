/* SPDX-License-Identifier: MIT
 *
 * A whole call in strace's notation: its arguments as one list, and its result.
 */
#include "kernel_event.h"
#include "value.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>

/* ----------------------------------------------------------------- arguments */

static bool is_row(const struct decoded_call *call, const char *name) {
    return call->row && strcmp(call->row->name, name) == 0;
}

static void labelled(const char *label, const struct value *value, struct text *text) {
    text_add_string(text, label);
    value_to_text(value, NOTATION_STRACE, text);
}

/* clone(2): strace names the arguments, and shows those that the flags make the kernel look at. */
static void clone_to_text(const struct decoded_call *call, struct text *text) {
    uint64_t flags = call->values[0].number;
    bool is_i386 = row_arg_type(call->row, 3) != A_PTR;
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
    if (is_row(call, "clone") && call->values[0].kind != VALUE_UNKNOWN) {
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

/* A result that has names: "0x8000 (flags O_RDONLY|O_LARGEFILE)". */
static void named_to_text(enum value_kind kind, uint64_t number, const char *label, enum arg_type set,
                          struct text *text) {
    struct value value = {.kind = kind, .number = number};
    value_to_text(&value, NOTATION_STRACE, text);
    value.kind = VALUE_CONSTANTS;
    value.set = constant_set(set);
    labelled(label, &value, text);
    text_add_char(text, ')');
}

/* A number, and its name where there is one. */
static void signal_result_to_text(uint64_t result, struct text *text) {
    if (result) {
        named_to_text(VALUE_SIGNED, result, " (", A_SIGNO, text);
    } else {
        text_add_char(text, '0');
    }
}

/* fcntl(2) with a command whose result has names; false for others. */
static bool fcntl_result_to_text(uint64_t command, uint64_t result, struct text *text) {
    switch (command) {
    case F_GETFL:
        named_to_text(VALUE_HEX, result, " (flags ", A_OPEN_FLAGS, text);
        return true;
    case F_GETFD:
        if (result) {
            named_to_text(VALUE_HEX, result, " (flags ", A_FD_FLAGS, text);
        }
        return result != 0;
    case F_GET_SEALS:
        if (result) {
            named_to_text(VALUE_HEX, result, " (seals ", A_SEALS, text);
        }
        return result != 0;
    case F_GETSIG:
        signal_result_to_text(result, text);
        return true;
    case F_GETLEASE:
        named_to_text(VALUE_HEX, result, " (", A_LEASE, text);
        return true;
    default:
        return false;
    }
}

/* Whether the call waits for events on descriptors, and returns 0 when none came in time. */
static bool is_wait_for_events(const struct decoded_call *call) {
    static const char *const names[] = {"poll",       "ppoll",    "ppoll_time64",    "select",
                                        "_newselect", "pselect6", "pselect6_time64", NULL};
    for (const char *const *name = names; *name; name++) {
        if (is_row(call, *name)) {
            return true;
        }
    }
    return false;
}

/* Results that say more than a number; false if this one does not. */
static bool special_result(const struct record *record, const struct decoded_call *call, struct text *text) {
    uint64_t result = (uint64_t)record->call.result;
    if (!(record->call.flags & CALL_HAS_ARGS)) {
        return false;
    }
    if (is_row(call, "fcntl") || is_row(call, "fcntl64")) {
        return fcntl_result_to_text((uint32_t)record->call.args[1], result, text);
    }
    if (is_row(call, "sched_getscheduler")) {
        named_to_text(VALUE_SIGNED, result, " (", A_SCHED, text);
        return true;
    }
    if (result == 0 && is_wait_for_events(call)) {
        text_add_string(text, "0 (Timeout)");
        return true;
    }
    return false;
}

/* Behind the result: what poll(2) found. */
static void found_to_text(const struct decoded_call *call, struct text *text) {
    if (call->count && call->values[0].kind == VALUE_POLLFDS) {
        revents_to_text(&call->values[0], text);
    }
}

static void success_to_text(const struct record *record, const struct decoded_call *call, struct text *text) {
    struct value value = {.kind = VALUE_SIGNED, .number = (uint64_t)record->call.result};
    value.descriptor = call->result_descriptor;
    switch (call->row ? call->row->types[0] : R_INT) {
    case R_ADDR:
        value.kind = VALUE_HEX;
        value.number = record->arch == ARCH_I386 ? (uint32_t)value.number : value.number;
        break;
    case R_MODE:
        value.kind = VALUE_OCTAL;
        break;
    default:
        if (special_result(record, call, text)) {
            return;
        }
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
