/* SPDX-License-Identifier: MIT
 *
 * Control messages of sockets: what stands in msg_control.
 */
#include "decode_sockaddr.h"
#include "structure.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    CONTROL_MAX = 1 << 12, /* bytes that are looked at */
    /* Beside those of sys/socket.h, whose numbers depend on how wide time_t is: asm-generic/socket.h. */
    TIMESTAMP_OLD = 29,
    TIMESTAMPNS_OLD = 35,
    TIMESTAMPING_OLD = 37,
    TIMESTAMP_NEW = 63,
    TIMESTAMPNS_NEW = 64,
    TIMESTAMPING_NEW = 65,
    SECURITY = 3,  /* SCM_SECURITY */
    CHECKSUM = 23, /* IP_CHECKSUM */
};

/* The data of one control message. */
struct control_data {
    const uint8_t *bytes;
    size_t size;
    uint64_t address;
};

/* ---------------------------------------------------------------------------- arrays */

static void show_right(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_descriptor(decoding, NULL, (int32_t)signed_in(element, sizeof(int32_t)));
}

static void show_uint(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, number_in(element, sizeof(uint32_t)));
}

static void show_octet(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_hex(decoding, NULL, *element);
}

/* As many elements as a vector shows: its limit is known where that is read. */
static void show_array(struct decoding *decoding, const struct control_data *data, unsigned size,
                       void (*show)(struct decoding *decoding, const uint8_t *element, void *context)) {
    show_vector(decoding, "cmsg_data", data->address, data->size / size, size, show, NULL);
}

static void show_rights(struct decoding *decoding, const struct control_data *data) {
    show_array(decoding, data, sizeof(int32_t), show_right);
}

static void show_uints(struct decoding *decoding, const struct control_data *data) {
    show_array(decoding, data, sizeof(uint32_t), show_uint);
}

static void show_octets(struct decoding *decoding, const struct control_data *data) {
    show_array(decoding, data, 1, show_octet);
}

/* ---------------------------------------------------------------------------- others */

static void show_credentials(struct decoding *decoding, const struct control_data *data) {
    show_structure(decoding, "cmsg_data", A_UCRED, data->bytes);
}

static void show_security(struct decoding *decoding, const struct control_data *data) {
    show_bytes(decoding, "cmsg_data", data->bytes, data->size);
}

/* `count` times in a row, in brackets if they are several. */
static void show_times(struct decoding *decoding, const struct control_data *data, enum arg_type type, unsigned count) {
    unsigned size = structure_of(type)->size[decoding->arch];
    if (data->size < (size_t)count * size) {
        show_words(decoding, "cmsg_data", "???");
        return;
    }
    if (count == 1) {
        show_structure(decoding, "cmsg_data", type, data->bytes);
        return;
    }
    show_open(decoding, "cmsg_data", "[");
    for (unsigned i = 0; i < count; i++) {
        show_structure(decoding, NULL, type, data->bytes + (size_t)i * size);
    }
    show_close(decoding, "]");
}

static void show_timestamp(struct decoding *decoding, const struct control_data *data) {
    show_times(decoding, data, A_TO_TIMEVAL, 1);
}

static void show_timestampns(struct decoding *decoding, const struct control_data *data) {
    show_times(decoding, data, A_TO_TIMESPEC, 1);
}

static void show_timestamping(struct decoding *decoding, const struct control_data *data) {
    show_times(decoding, data, A_TO_TIMESPEC, 3);
}

/* struct __kernel_sock_timeval: 64 bits everywhere. */
static void show_timestamp_new(struct decoding *decoding, const struct control_data *data) {
    if (data->size < 2 * sizeof(uint64_t)) {
        show_words(decoding, "cmsg_data", "???");
        return;
    }
    show_open(decoding, "cmsg_data", "{");
    show_signed(decoding, "tv_sec", signed_in(data->bytes, sizeof(uint64_t)));
    show_unsigned(decoding, "tv_usec", number_in(data->bytes + sizeof(uint64_t), sizeof(uint64_t)));
    show_close(decoding, "}");
}

static void show_timestampns_new(struct decoding *decoding, const struct control_data *data) {
    show_times(decoding, data, A_TO_TIMESPEC64, 1);
}

static void show_timestamping_new(struct decoding *decoding, const struct control_data *data) {
    show_times(decoding, data, A_TO_TIMESPEC64, 3);
}

static void show_packet_info(struct decoding *decoding, const struct control_data *data) {
    struct members members = members_of(decoding, data->bytes);
    show_open(decoding, "cmsg_data", "{");
    show_interface(decoding, "ipi_ifindex", take_u32(&members));
    show_internet_address(decoding, "ipi_spec_dst", AF_INET, take_bytes(&members, sizeof(struct in_addr)));
    show_internet_address(decoding, "ipi_addr", AF_INET, take_bytes(&members, sizeof(struct in_addr)));
    show_close(decoding, "}");
}

enum {
    ERROR_SIZE = 16 + sizeof(struct sockaddr_in), /* struct sock_extended_err of linux/errqueue.h, and who it is from */
};

static void show_error_of_socket(struct decoding *decoding, const struct control_data *data) {
    struct members members = members_of(decoding, data->bytes);
    show_open(decoding, "cmsg_data", "{");
    show_unsigned(decoding, "ee_errno", take_u32(&members));
    show_unsigned(decoding, "ee_origin", take_u8(&members));
    show_unsigned(decoding, "ee_type", take_u8(&members));
    show_unsigned(decoding, "ee_code", take_u8(&members));
    take_u8(&members);
    show_unsigned(decoding, "ee_info", take_u32(&members));
    show_unsigned(decoding, "ee_data", take_u32(&members));
    show_sockaddr(decoding, "offender", take_bytes(&members, sizeof(struct sockaddr_in)), sizeof(struct sockaddr_in));
    show_close(decoding, "}");
}

static void show_destination(struct decoding *decoding, const struct control_data *data) {
    show_sockaddr(decoding, "cmsg_data", data->bytes, data->size);
}

/* ----------------------------------------------------------------------- one message */

/* What stands in a message of this type, if it has as many bytes. */
struct control_type {
    size_t least;
    void (*show)(struct decoding *decoding, const struct control_data *data);
};

static const struct control_type socket_types[] = {
    [SCM_RIGHTS] = {sizeof(int32_t), show_rights},
    [SCM_CREDENTIALS] = {sizeof(struct ucred), show_credentials},
    [SECURITY] = {1, show_security},
    [TIMESTAMP_OLD] = {1, show_timestamp},
    [TIMESTAMPNS_OLD] = {1, show_timestampns},
    [TIMESTAMPING_OLD] = {1, show_timestamping},
    [TIMESTAMP_NEW] = {1, show_timestamp_new},
    [TIMESTAMPNS_NEW] = {1, show_timestampns_new},
    [TIMESTAMPING_NEW] = {1, show_timestamping_new},
};

static const struct control_type ip_types[] = {
    [IP_PKTINFO] = {sizeof(struct in_pktinfo), show_packet_info},
    [IP_TTL] = {sizeof(uint32_t), show_uints},
    [IP_TOS] = {1, show_octets},
    [IP_RECVOPTS] = {1, show_octets},
    [IP_RETOPTS] = {1, show_octets},
    [IP_RECVERR] = {ERROR_SIZE, show_error_of_socket},
    [IP_ORIGDSTADDR] = {sizeof(struct sockaddr_in), show_destination},
    [CHECKSUM] = {sizeof(uint32_t), show_uints},
    [SECURITY] = {1, show_security},
};

static void show_data(struct decoding *decoding, int32_t level, uint32_t type, const struct control_data *data) {
    const struct control_type *known = NULL;
    if (level == SOL_SOCKET) {
        show_set(decoding, "cmsg_type", A_SCM, type);
        known = type < COUNT(socket_types) ? &socket_types[type] : NULL;
    } else if (level == SOL_IP) {
        show_set(decoding, "cmsg_type", A_IP_CMSG, type);
        known = type < COUNT(ip_types) ? &ip_types[type] : NULL;
    } else {
        show_hex(decoding, "cmsg_type", type);
    }
    if (known && known->show && data->size >= known->least) {
        known->show(decoding, data);
    }
}

static unsigned header_size(const struct decoding *decoding) {
    return word_bytes(decoding) + 2 * (unsigned)sizeof(int32_t);
}

/* The message at the beginning of `size` bytes; returns how long it says it is. */
static uint64_t show_control_message(struct decoding *decoding, const uint8_t *bytes, uint32_t size, uint64_t address) {
    unsigned header = header_size(decoding);
    struct members members = members_of(decoding, bytes);
    uint64_t length = take_word(&members);
    int32_t level = take_i32(&members);
    uint32_t type = take_u32(&members);
    uint64_t there = length < size ? length : size;
    struct control_data data = {
        .bytes = bytes + header, .size = there > header ? there - header : 0, .address = address + header};
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "cmsg_len", length);
    show_set(decoding, "cmsg_level", A_CMSG_LEVEL, (uint32_t)level);
    show_data(decoding, level, type, &data);
    show_close(decoding, "}");
    return length;
}

/* ----------------------------------------------------------------------- all of them */

/* Up to where messages were shown. */
static uint32_t show_list(struct decoding *decoding, const uint8_t *bytes, uint32_t size, uint64_t address) {
    unsigned header = header_size(decoding);
    unsigned word = word_bytes(decoding);
    uint32_t at = 0;
    while (size - at >= header) {
        uint64_t length = show_control_message(decoding, bytes + at, size - at, address + at);
        if (length < header) {
            return at + header;
        }
        /* No program has one as long as its memory. */
        uint64_t next = length > size ? size : (length + word - 1) / word * word;
        if (next >= size - at) {
            return size;
        }
        at += (uint32_t)next;
    }
    return at;
}

void show_control_messages(struct decoding *decoding, uint64_t address, uint64_t length) {
    if (!length) {
        return;
    }
    uint32_t have;
    bool cut;
    const uint8_t *bytes =
        length < header_size(decoding) ? NULL : memory_some(decoding, address, length, CONTROL_MAX, &have, &cut);
    if (!bytes || (!cut && have < length) || have < header_size(decoding)) {
        show_address(decoding, "msg_control", address);
        return;
    }
    show_open(decoding, "msg_control", "[");
    uint32_t end = show_list(decoding, bytes, have, address);
    if (end < have) {
        show_dots(decoding);
        show_comment(decoding, "%#" PRIx64, address + end);
    } else if (cut) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
}
