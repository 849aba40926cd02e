/* SPDX-License-Identifier: MIT */
#include "trace_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool trace_number(const struct trace_call *call, unsigned index, uint64_t *number) {
    if (index >= call->argument_count) {
        return false;
    }
    const struct trace_bytes *text = &call->arguments[index].text;
    if (!text->bytes || call->arguments[index].quoted || strlen(text->bytes) != text->size) {
        return false;
    }
    if (strcmp(text->bytes, "NULL") == 0) {
        *number = 0;
        return true;
    }
    const char *digits = text->bytes + (text->bytes[0] == '-');
    if (digits[0] < '0' || digits[0] > '9') {
        return false;
    }
    char *end;
    errno = 0;
    uint64_t value = strtoull(digits, &end, 0);
    bool is_negative = digits != text->bytes;
    if (*end || errno || (is_negative && value > UINT64_C(1) << 63)) {
        return false;
    }
    *number = is_negative ? 0 - value : value;
    return true;
}

bool trace_in_registers(const struct trace_call *call) {
    for (unsigned i = 0; i < call->argument_count; i++) {
        const struct trace_argument *argument = &call->arguments[i];
        if (!argument->quoted && (argument->text.size < 3 || memcmp(argument->text.bytes, "0x", 2) != 0)) {
            return false;
        }
    }
    return call->argument_count > 0;
}
