/* SPDX-License-Identifier: MIT
 *
 * poll(2) and ppoll(2): what is waited for, and what happened.
 */
#include "decode_waiting.h"

#include <poll.h>

static struct pollfd pollfd_in(const uint8_t *bytes) {
    struct members members = {.bytes = bytes};
    return (struct pollfd){
        .fd = take_i32(&members), .events = (short)take_u16(&members), .revents = (short)take_u16(&members)};
}

static void show_asked(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    struct pollfd pollfd = pollfd_in(element);
    show_open(decoding, NULL, "{");
    show_descriptor(decoding, "fd", pollfd.fd);
    if (pollfd.fd >= 0) {
        show_set(decoding, "events", A_POLL_EVENTS, (uint16_t)pollfd.events);
    }
    show_close(decoding, "}");
}

/* The vector as the call has left it. */
static const uint8_t *vector_now(struct decoding *decoding, uint64_t address, uint32_t *count, bool *cut) {
    uint64_t length = (uint32_t)referenced(decoding) * sizeof(struct pollfd);
    const uint8_t *bytes = memory_some(decoding, address, length, CAPTURE_DECODED_MAX / 2, count, cut);
    *count /= sizeof(struct pollfd);
    return bytes;
}

void decode_pollfds(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        uint32_t count;
        bool cut;
        vector_now(decoding, address, &count, &cut);
        return;
    }
    look_back(decoding, true);
    show_vector(decoding, NULL, address, (uint32_t)referenced(decoding), sizeof(struct pollfd), show_asked, NULL);
    look_back(decoding, false);
}

/* How many elements were shown of what was waited for, if that was cut. */
static unsigned shown_before(struct decoding *decoding, uint64_t address) {
    uint32_t have;
    bool cut;
    uint64_t length = (uint32_t)referenced(decoding) * sizeof(struct pollfd);
    look_back(decoding, true);
    memory_some(decoding, address, length, 0, &have, &cut);
    look_back(decoding, false);
    return cut ? have / (unsigned)sizeof(struct pollfd) : UINT32_MAX;
}

void found_pollfds(struct decoding *decoding, uint64_t address) {
    uint32_t count;
    bool cut;
    unsigned most = shown_before(decoding, address);
    unsigned shown = 0;
    const uint8_t *bytes = vector_now(decoding, address, &count, &cut);
    show_open(decoding, NULL, " ([");
    for (unsigned i = 0; i < count; i++) {
        struct pollfd pollfd = pollfd_in(bytes + (size_t)i * sizeof(pollfd));
        if (!pollfd.revents) {
            continue;
        }
        if (shown++ == most) {
            show_dots(decoding);
            break;
        }
        show_open(decoding, NULL, "{");
        show_signed(decoding, "fd", pollfd.fd);
        show_set(decoding, "revents", A_POLL_EVENTS, (uint16_t)pollfd.revents);
        show_close(decoding, "}");
    }
    show_close(decoding, "]");
    bool has_time = decoding->type == A_TO_PPOLLFDS && argument_of(decoding, 2);
    if (!has_time) {
        show_close(decoding, ")");
    }
}
