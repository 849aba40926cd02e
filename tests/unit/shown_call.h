/* SPDX-License-Identifier: MIT
 *
 * What a call looks like when it has been decoded.
 */
#ifndef RENACER_TESTS_SHOWN_CALL_H
#define RENACER_TESTS_SHOWN_CALL_H

#include "fake_call.h"
#include "value.h"

/* Fail unless the call is this "name(arg, arg)". */
static inline void assert_call_shown(const struct fake_call *call, enum notation notation, const char *expected) {
    struct decoded_call decoded;
    struct text text = {0};
    decode_call(&call->record, &decoded);
    text_add_string(&text, decoded.name);
    text_add_char(&text, '(');
    for (unsigned i = 0; i < decoded.count; i++) {
        text_add_string(&text, i ? ", " : "");
        value_to_text(&decoded.values[i], notation, &text);
    }
    text_add_char(&text, ')');
    assert_false(text.failed);
    if (strcmp(text.bytes, expected) != 0) {
        fail_msg("shown    %s\nexpected %s", text.bytes, expected);
    }
    text_finish(&text);
}

/* Fail unless the call and its result are this line of text, "name(arg, arg) = result". */
static inline void assert_line_shown(const struct fake_call *call, const char *expected) {
    struct decoded_call decoded;
    struct text text = {0};
    decode_call(&call->record, &decoded);
    text_add_string(&text, decoded.name);
    text_add_char(&text, '(');
    arguments_to_text(&decoded, &text);
    text_add_string(&text, ") = ");
    result_to_text(&call->record, &decoded, &text);
    assert_false(text.failed);
    if (strcmp(text.bytes, expected) != 0) {
        fail_msg("shown    %s\nexpected %s", text.bytes, expected);
    }
    text_finish(&text);
}

#endif
