/* SPDX-License-Identifier: MIT
 *
 * Messages of sockets: struct msghdr of sendmsg(2) and recvmsg(2), and vectors of them.
 */
#include "decode_netlink.h"
#include "decode_network.h"

#include <sys/socket.h>

/* struct msghdr, as wide as the architecture has it; the kernel's msg_namelen is an int. */
struct message {
    uint64_t name;
    int32_t name_length;
    uint64_t iov;
    uint64_t iov_count;
    uint64_t control;
    uint64_t control_length;
    uint32_t flags;
    uint32_t length; /* struct mmsghdr has it behind the message */
};

static unsigned message_size(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? 28 : 56;
}

static unsigned element_size(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? 32 : 64;
}

static struct message message_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    struct message message = {0};
    message.name = take_word(&members);
    message.name_length = take_i32(&members);
    message.iov = take_word(&members);
    message.iov_count = take_word(&members);
    message.control = take_word(&members);
    message.control_length = take_word(&members);
    message.flags = take_u32(&members);
    return message;
}

/* The element of a vector. */
static struct message element_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct message message = message_in(decoding, bytes);
    message.length = (uint32_t)number_in(bytes + message_size(decoding), sizeof(message.length));
    return message;
}

/* `room`: how long the name could be before the call, NULL if it was not changed by that; `filled`: how many bytes
 * the call has left or taken, UINT64_MAX: all. */
static void show_message(struct decoding *decoding, const char *name, const struct message *message,
                         const int32_t *room, uint64_t filled) {
    int32_t name_length = room && *room < message->name_length ? *room : message->name_length;
    show_open(decoding, name, "{");
    int family = show_sockaddr_at(decoding, "msg_name", message->name, name_length);
    if (room && *room != message->name_length) {
        show_signed(decoding, "msg_namelen", *room);
        show_more(decoding, " => %d", message->name_length);
    } else {
        show_signed(decoding, "msg_namelen", message->name_length);
    }
    show_pieces_at(decoding, "msg_iov", message->iov, message->iov_count, filled,
                   family == AF_NETLINK ? show_netlink_messages : show_buffer_at);
    show_unsigned(decoding, "msg_iovlen", message->iov_count);
    show_control_messages(decoding, message->control, message->control_length);
    show_unsigned(decoding, "msg_controllen", message->control_length);
    show_set(decoding, "msg_flags", A_MSG_FLAGS, message->flags);
    show_close(decoding, "}");
}

/* --------------------------------------------------------------------- one message */

void decode_sent_message(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, message_size(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct message message = message_in(decoding, bytes);
    show_message(decoding, NULL, &message, NULL, UINT64_MAX);
}

void decode_received_message(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = memory_before(decoding, address, message_size(decoding));
    const uint8_t *now = decoding->delivered ? memory_at(decoding, address, message_size(decoding)) : NULL;
    if (!before || (decoding->delivered && !now)) {
        show_address(decoding, NULL, address);
        return;
    }
    int32_t room = message_in(decoding, before).name_length;
    if (now) {
        struct message message = message_in(decoding, now);
        show_message(decoding, NULL, &message, &room, (uint64_t)decoding->result);
        return;
    }
    show_open(decoding, NULL, "{");
    show_signed(decoding, "msg_namelen", room);
    show_close(decoding, "}");
}

/* ---------------------------------------------------------------------- many of them */

/* What is known of a vector beside its elements. */
struct vector {
    const uint8_t *other; /* the elements at the exit, of a vector that is shown as it stood before; or the reverse */
    uint32_t count;       /* of those */
    uint32_t index;       /* of the element that is shown next */
};

static void show_sent(struct decoding *decoding, const uint8_t *element, void *context) {
    struct vector *vector = context;
    struct message message = element_in(decoding, element);
    show_open(decoding, NULL, "{");
    show_message(decoding, "msg_hdr", &message, NULL, UINT64_MAX);
    if (vector->index < vector->count) {
        struct message sent = element_in(decoding, vector->other + (size_t)vector->index * element_size(decoding));
        show_unsigned(decoding, "msg_len", sent.length);
    }
    show_close(decoding, "}");
    vector->index++;
}

/* The first `count` elements that stand there now, no more than are shown of a vector. */
static struct vector elements_at(struct decoding *decoding, uint64_t address, uint64_t count) {
    unsigned size = element_size(decoding);
    bool cut;
    struct vector vector = {0};
    vector.other =
        memory_some(decoding, address, count * size,
                    decoding->verbose ? CAPTURE_DECODED_MAX / 2 : CAPTURE_ELEMENTS(size), &vector.count, &cut);
    vector.count /= size;
    return vector;
}

/* Shown as they stood at the entry, with what was sent of each that was sent. */
void decode_sent_messages(struct decoding *decoding, uint64_t address) {
    uint32_t count = (uint32_t)argument_of(decoding, decoding->index + 1U);
    struct vector sent = {0};
    if (decoding->delivered) {
        uint64_t result = (uint64_t)decoding->result;
        sent = elements_at(decoding, address, result < count ? result : count);
    }
    if (is_read_at_exit(decoding)) {
        return;
    }
    look_back(decoding, true);
    show_vector(decoding, NULL, address, count, element_size(decoding), show_sent, &sent);
    look_back(decoding, false);
}

static void show_received(struct decoding *decoding, const uint8_t *element, void *context) {
    struct vector *vector = context;
    struct message message = element_in(decoding, element);
    int32_t room = message.name_length;
    if (vector->index < vector->count) {
        room = element_in(decoding, vector->other + (size_t)vector->index * element_size(decoding)).name_length;
    }
    show_open(decoding, NULL, "{");
    show_message(decoding, "msg_hdr", &message, &room, message.length);
    show_unsigned(decoding, "msg_len", message.length);
    show_close(decoding, "}");
    vector->index++;
}

void decode_received_messages(struct decoding *decoding, uint64_t address) {
    struct vector before = {0};
    if (!is_read_at_exit(decoding)) {
        look_back(decoding, true);
        before = elements_at(decoding, address, (uint32_t)argument_of(decoding, decoding->index + 1U));
        look_back(decoding, false);
    }
    if (decoding->delivered) {
        show_vector(decoding, NULL, address, (uint64_t)decoding->result, element_size(decoding), show_received,
                    &before);
    } else {
        show_address(decoding, NULL, address);
    }
}

/* -------------------------------------------------------------------------- timeouts */

static enum arg_type time_type(const struct decoding *decoding) {
    return decoding->type == A_TIME_LEFT64 ? A_TO_TIMESPEC64 : A_TO_TIMESPEC;
}

void decode_time_left(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        show_structure_at(decoding, NULL, time_type(decoding), address);
        return;
    }
    look_back(decoding, true);
    show_structure_at(decoding, NULL, time_type(decoding), address);
    look_back(decoding, false);
}

void found_time_left(struct decoding *decoding, uint64_t address) {
    if (decoding->result > 0) {
        show_more(decoding, " (left ");
        show_structure_at(decoding, NULL, time_type(decoding), address);
        show_more(decoding, ")");
    }
}
