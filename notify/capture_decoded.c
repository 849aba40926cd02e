/* SPDX-License-Identifier: MIT
 *
 * Capture of what functions decode (include/decoding.h): they run, show nothing, and
 * whatever memory they ask for is read.
 */
#include "capturer.h"

#include "align.h"
#include "decoding.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

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

static const struct capture *fetch_netlink(struct decoding *decoding, struct capturer *capturer, uint64_t fd) {
    struct netlink_socket socket = {.protocol = descriptor_netlink_protocol(capturer->tid, (int)fd),
                                    .limit = capturer->limit};
    if (room(capturer) < sizeof(socket)) {
        return NULL;
    }
    struct capture *capture = capturer_open(capturer, decoding->index, CAPTURE_NETLINK);
    memcpy(capture + 1, &socket, sizeof(socket));
    capture->size = sizeof(socket);
    capture->full_length = sizeof(socket);
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
    /* One byte more than the limit has to be there, as of a string. */
    bool is_more = most == CAPTURE_TO_LIMIT && length > asked && asked < room(capturer);
    if (!capturer_append(capturer, capture, address, asked + is_more)) {
        capture->state = CAPTURE_UNREADABLE;
    } else if (length > asked) {
        capture->size = asked;
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
    case CAPTURE_NETLINK:
        return fetch_netlink(decoding, capturer, address);
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
    unsigned element = exit ? CAPTURE_AT_EXIT : CAPTURE_AT;
    size_t size = (size_t)(start - (const uint8_t *)captures);
    if (address && capturer->end == start && !capture_find(captures, size, shown->index, element)) {
        /* It has asked for nothing, as of a vector without elements: that it was run is known by its captures. */
        capturer_close(capturer, capturer_open(capturer, shown->index, element));
    }
}

/* Whether the bytes that a buffer begins with may be messages of netlink. Others are not asked about, for buffers of
 * ordinary sockets come often: the length that a message begins with is below 64 KiB, as it is in no text. */
static bool may_be_messages(const uint8_t *bytes) {
    static const uint8_t from_udev[8] = "libudev";
    uint32_t length;
    memcpy(&length, bytes, sizeof(length));
    return length <= UINT16_MAX || memcmp(bytes, from_udev, sizeof(from_udev)) == 0;
}

/* The same of `length` bytes at `address`, the first of which may have been captured. */
static bool hold_messages(const struct capturer *capturer, const struct capture *buffer, uint64_t address,
                          uint64_t length) {
    uint8_t start[sizeof(struct nlmsghdr)];
    if (length < sizeof(start)) {
        return false;
    }
    if (buffer && buffer->size >= sizeof(start)) {
        return may_be_messages(capture_bytes(buffer));
    }
    return memory_read_exact(capturer->memory, capturer->tid, address, start, sizeof(start)) == 0 &&
           may_be_messages(start);
}

/* Whether the call has an address of a socket of netlink, behind the buffer's length and the flags. */
static bool has_netlink_address(const struct shown_argument *buffer, const void *captures, size_t size) {
    unsigned arg = buffer->index + 3U;
    const struct capture *address = capture_find(captures, size, arg, 0);
    address = address ? address : capture_find(captures, size, arg, CAPTURE_OUTPUT);
    uint16_t family;
    if (!address || address->size < sizeof(family)) {
        return false;
    }
    memcpy(&family, capture_bytes(address), sizeof(family));
    return family == AF_NETLINK;
}

void capturer_add_messages(struct capturer *capturer, const struct syscall_row *row, const struct shown_argument *shown,
                           const uint64_t *args, const struct capturer_exit *exit, const void *captures) {
    bool is_sent = shown->type == A_BUF_ && !exit;
    bool is_received = shown->type == A_OUT_BUF_ && exit && exit->result > 0;
    if (!(row->classes & C_NETWORK) || shown->index != 1 || !(is_sent || is_received)) {
        return;
    }
    size_t size = (size_t)(capturer->end - (const uint8_t *)captures);
    uint64_t address = capturer->arch == ARCH_I386 ? (uint32_t)args[1] : args[1];
    uint64_t length = is_sent ? args[2] : (uint64_t)exit->result;
    const struct capture *buffer = capture_find(captures, size, shown->index, exit ? CAPTURE_OUTPUT : 0);
    if (address && (has_netlink_address(shown, captures, size) || hold_messages(capturer, buffer, address, length)) &&
        descriptor_netlink_protocol(capturer->tid, (int)args[0]) != NETLINK_PROTOCOL_NONE) {
        struct shown_argument messages = *shown;
        messages.type = A_NETLINK_MESSAGES;
        capturer_add_decoded(capturer, &messages, args, exit, captures);
    }
}
