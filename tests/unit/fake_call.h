/* SPDX-License-Identifier: MIT
 *
 * A RECORD_CALL with captures, as the collector hands it to the emitter.
 */
#ifndef RENACER_TESTS_FAKE_CALL_H
#define RENACER_TESTS_FAKE_CALL_H

#include "capture.h"
#include "record.h"
#include "unit.h"

#include <string.h>

enum {
    FAKE_CALL_CAPTURES = 1 << 18,
};

struct fake_call {
    struct record record;
    uint64_t captures[FAKE_CALL_CAPTURES / 8]; /* behind the record, as record_captures() wants them */
};

_Static_assert(offsetof(struct fake_call, captures) == sizeof(struct record), "captures follow the record");

#define ARGS(...) ((const uint64_t[SYSCALL_MAX_ARGS]){__VA_ARGS__})

/* A call that returned, of which nothing was captured yet. */
static inline void fake_call_init(struct fake_call *call, enum arch arch, int number, const uint64_t *args,
                                  int64_t result) {
    memset(call, 0, sizeof(*call));
    call->record = (struct record){
        .kind = RECORD_CALL,
        .arch = (uint8_t)arch,
        .pid = 100,
        .tid = 101,
        .time_ns = 1000,
        .call = {.number = number, .flags = CALL_HAS_ARGS | CALL_HAS_RESULT | CALL_HAS_DURATION, .result = result}};
    memcpy(call->record.call.args, args, sizeof(call->record.call.args));
}

static inline void fake_call_capture(struct fake_call *call, unsigned arg, unsigned element, enum capture_state state,
                                     const void *bytes, size_t size, uint64_t full_length) {
    struct capture capture = {.arg = (uint8_t)arg,
                              .state = (uint8_t)state,
                              .element = (uint16_t)element,
                              .size = (uint32_t)size,
                              .full_length = full_length};
    size_t padded = (size + 7) & ~(size_t)7;
    assert_in_range(call->record.call.captures_size + sizeof(capture) + padded, 0, FAKE_CALL_CAPTURES);
    uint8_t *end = (uint8_t *)call->captures + call->record.call.captures_size;
    memcpy(end, &capture, sizeof(capture));
    memcpy(end + sizeof(capture), bytes, size);
    call->record.call.captures_size += (uint32_t)(sizeof(capture) + padded);
}

static inline void fake_call_whole(struct fake_call *call, unsigned arg, const void *bytes, size_t size) {
    fake_call_capture(call, arg, 0, CAPTURE_WHOLE, bytes, size, size);
}

static inline void fake_call_string(struct fake_call *call, unsigned arg, const char *string) {
    fake_call_whole(call, arg, string, strlen(string));
}

#endif
