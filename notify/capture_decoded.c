/* SPDX-License-Identifier: MIT
 *
 * Capture of what functions decode (include/decoding.h): they run, show nothing, and
 * whatever memory they ask for is read.
 */
#include "capturer.h"

#include "align.h"
#include "decoding.h"

#include <string.h>

size_t capturer_decoded_bound(const struct capture_options *options) {
    return CAPTURE_DECODED_MAX + padded(options->string_limit > CAPTURER_PAGE ? options->string_limit : CAPTURER_PAGE);
}

/* Bytes that may still be captured behind a header. */
static uint32_t room(const struct capturer *capturer) {
    return capturer->decoded_left > sizeof(struct capture) ? capturer->decoded_left - (uint32_t)sizeof(struct capture)
                                                           : 0;
}

static const struct capture *keep(struct decoding *decoding, struct capturer *capturer, struct capture *capture) {
    capturer_close(capturer, capture);
    capturer->decoded_left -= capturer_smaller(capturer->decoded_left, sizeof(*capture) + padded(capture->size));
    decoding->captures_size = (size_t)(capturer->end - (const uint8_t *)decoding->captures);
    return capture;
}

static const struct capture *fetch_string(struct decoding *decoding, struct capturer *capturer, unsigned element,
                                          uint64_t address, uint32_t most) {
    uint32_t limit = most == CAPTURE_PATH && capturer->limit < CAPTURER_PAGE - 1 ? CAPTURER_PAGE - 1 : capturer->limit;
    struct capture *capture = capturer_open(capturer, decoding->index, element);
    capture->address = address;
    capturer_read_string(capturer, capture, address, capturer_smaller(limit, room(capturer) - 1));
    return keep(decoding, capturer, capture);
}

static const struct capture *fetch_descriptor(struct decoding *decoding, struct capturer *capturer, uint64_t fd) {
    char text[DESCRIPTOR_TEXT_MAX];
    size_t length = descriptor_describe(capturer->tid, (int)fd, capturer->detail, text, sizeof(text));
    if (length > room(capturer)) {
        return NULL;
    }
    struct capture *capture = capturer_open(capturer, decoding->index, CAPTURE_DESCRIPTOR_AT);
    memcpy(capture + 1, text, length);
    capture->size = (uint32_t)length;
    capture->full_length = length;
    capture->address = fd;
    return keep(decoding, capturer, capture);
}

/* How many of `length` bytes are read. */
static uint64_t wanted(const struct capturer *capturer, uint64_t length, uint32_t most) {
    uint64_t limit = most;
    if (most == CAPTURE_TO_LIMIT) {
        limit = capturer->limit;
    } else if (most > CAPTURE_ELEMENTS(UINT16_MAX)) {
        limit = (uint64_t)(CAPTURE_ELEMENTS(0) - most) * capturer->elements;
    }
    return most == UINT32_MAX || length < limit ? length : limit;
}

static const struct capture *fetch_bytes(struct decoding *decoding, struct capturer *capturer, unsigned element,
                                         uint64_t address, uint64_t length, uint32_t most) {
    struct capture *capture = capturer_open(capturer, decoding->index, element);
    capture->address = address;
    capture->full_length = length;
    uint32_t asked = capturer_smaller(wanted(capturer, length, most), room(capturer));
    if (!capturer_append(capturer, capture, address, asked)) {
        capture->state = CAPTURE_UNREADABLE;
    } else if (length > asked) {
        capture->state = CAPTURE_CUT;
    }
    return keep(decoding, capturer, capture);
}

static const struct capture *fetch(struct decoding *decoding, unsigned element, uint64_t address, uint64_t length,
                                   uint32_t most) {
    struct capturer *capturer = decoding->context;
    if (room(capturer) < sizeof(uint64_t)) {
        return NULL;
    }
    /* What stood there at the entry cannot be read any more when the call has returned. */
    if (decoding->delivered && (element == CAPTURE_AT || element == CAPTURE_STRING_AT)) {
        return NULL;
    }
    switch (element) {
    case CAPTURE_STRING_AT:
    case CAPTURE_STRING_AT_EXIT:
        return fetch_string(decoding, capturer, element, address, most);
    case CAPTURE_DESCRIPTOR_AT:
        return fetch_descriptor(decoding, capturer, address);
    default:
        return fetch_bytes(decoding, capturer, element, address, length, most);
    }
}

void capturer_add_decoded(struct capturer *capturer, const struct shown_argument *shown, const uint64_t *args,
                          const struct capturer_exit *exit, const void *captures) {
    struct decoding decoding = {.args = args,
                                .result = exit ? exit->result : 0,
                                .arch = capturer->arch,
                                .index = shown->index,
                                .reference = shown->reference,
                                .type = shown->type,
                                .delivered = exit != NULL,
                                .verbose = capturer->verbose,
                                .shows_descriptors = capturer->detail != DESCRIPTOR_NONE,
                                .captures = captures,
                                .captures_size = (size_t)(capturer->end - (const uint8_t *)captures),
                                .before = exit ? exit->kept : NULL,
                                .before_size = exit ? exit->kept_size : 0,
                                .fetch = fetch,
                                .context = capturer};
    const struct decoded_type *decoded = decoded_type_of((enum arg_type)shown->type);
    const uint8_t *start = capturer->end;
    uint64_t address = argument_of(&decoding, shown->index);
    if (address) {
        decoded->decode(&decoding, address);
    }
    if (address && capturer->end == start) {
        /* It has asked for nothing, as of a vector without elements: that it was run is known by its captures. */
        capturer_close(capturer, capturer_open(capturer, shown->index, exit ? CAPTURE_AT_EXIT : CAPTURE_AT));
    }
}
