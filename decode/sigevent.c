/* SPDX-License-Identifier: MIT
 *
 * How timers and message queues notify a process.
 */
#include "decode_signals.h"

#include <signal.h>

/* What is there, besides the signal, with some ways to notify. */
static void show_receiver(struct decoding *decoding, struct members *members, uint32_t way) {
    if (way == SIGEV_THREAD_ID) {
        show_process(decoding, "sigev_notify_thread_id", take_i32(members));
    } else if (way == SIGEV_THREAD) {
        show_address(decoding, "sigev_notify_function", take_word(members));
        show_address(decoding, "sigev_notify_attributes", take_word(members));
    }
}

void decode_sigevent(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, decoding->arch == ARCH_I386 ? 20 : 32);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    uint64_t value = take_word(&members);
    uint32_t signal = take_u32(&members);
    uint32_t way = take_u32(&members);
    show_open(decoding, NULL, "{");
    if (value) {
        show_open(decoding, "sigev_value", "{");
        show_signed(decoding, "sival_int", (int32_t)value);
        show_address(decoding, "sival_ptr", value);
        show_close(decoding, "}");
    }
    if (way == SIGEV_SIGNAL || way == SIGEV_THREAD || way == SIGEV_THREAD_ID) {
        show_signal(decoding, "sigev_signo", signal);
    } else {
        show_unsigned(decoding, "sigev_signo", signal);
    }
    show_set(decoding, "sigev_notify", A_SIGEV, way);
    show_receiver(decoding, &members, way);
    show_close(decoding, "}");
}
