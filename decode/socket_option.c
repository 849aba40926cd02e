/* SPDX-License-Identifier: MIT
 *
 * Values of socket options: setsockopt(2) and getsockopt(2).
 */
#include "decode_bpf.h"
#include "decode_network.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
    LEVEL = 1, /* the arguments */
    OPTION = 2,
    ICMP_FILTER_OPTION = 1,  /* ICMP_FILTER of linux/icmp.h */
    LIST_MEMBERSHIPS = 9,    /* NETLINK_LIST_MEMBERSHIPS */
    SO_TXREHASH_OPTION = 74, /* SO_TXREHASH, since Linux 5.18 */
};

static uint32_t level_of(const struct decoding *decoding) {
    return (uint32_t)argument_of(decoding, LEVEL);
}

static uint32_t option_of(const struct decoding *decoding) {
    return (uint32_t)argument_of(decoding, OPTION);
}

/* ------------------------------------------------------------------ of any option */

static void show_int(struct decoding *decoding, uint64_t address) {
    show_structure_at(decoding, NULL, A_TO_INT, address);
}

static void show_any(struct decoding *decoding, uint64_t address, int32_t length) {
    if (length == sizeof(int32_t)) {
        show_int(decoding, address);
    } else {
        show_buffer_at(decoding, NULL, address, (uint64_t)(int64_t)length);
    }
}

/* Options of level SOL_SOCKET whose value is an int, whatever its length says: numbers of asm-generic/socket.h. */
static bool is_int_of_socket(uint32_t option) {
    static const uint8_t options[] = {1,
                                      2,
                                      5,
                                      6,
                                      7,
                                      8,
                                      9,
                                      10,
                                      11,
                                      12,
                                      14,
                                      15,
                                      16,
                                      18,
                                      19,
                                      27,
                                      29,
                                      30,
                                      32,
                                      33,
                                      34,
                                      35,
                                      36,
                                      37,
                                      40,
                                      41,
                                      42,
                                      43,
                                      44,
                                      45,
                                      46,
                                      49,
                                      53,
                                      56,
                                      60,
                                      63,
                                      64,
                                      65,
                                      68,
                                      69,
                                      70,
                                      73,
                                      SO_TXREHASH_OPTION,
                                      75};
    return option < UINT8_MAX && memchr(options, (int)option, sizeof(options));
}

/* One of those, whose value is there. */
static void show_int_of_socket(struct decoding *decoding, uint64_t address, uint32_t option) {
    const uint8_t *bytes = option == SO_TXREHASH_OPTION ? memory_at(decoding, address, sizeof(int32_t)) : NULL;
    if (!bytes) {
        show_int(decoding, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_set(decoding, NULL, A_TXREHASH, number_in(bytes, sizeof(int32_t)));
    show_close(decoding, "]");
}

/* `size` bytes if the value has as many, else NULL: its address was shown. */
static const uint8_t *value_at(struct decoding *decoding, uint64_t address, bool is_there, size_t size) {
    const uint8_t *bytes = is_there ? memory_at(decoding, address, size) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
    }
    return bytes;
}

/* The types of ICMP that are filtered out, or those that are not, where they are fewer. Bits that are not there are
 * set. */
static void show_icmp_filter(struct decoding *decoding, uint64_t address, int32_t length) {
    enum {
        BITS = 32,
        MANY = BITS / 2,
    };
    size_t size = length > (int32_t)sizeof(uint32_t) ? sizeof(uint32_t) : (size_t)length;
    const uint8_t *bytes = value_at(decoding, address, length > 0, size);
    if (!bytes) {
        return;
    }
    uint32_t filter = UINT32_MAX;
    memcpy(&filter, bytes, size);
    bool is_inverted = __builtin_popcount(filter) > MANY;
    const char *separator = "";
    show_open(decoding, NULL, is_inverted ? "~[" : "[");
    for (unsigned bit = 0; bit < BITS; bit++) {
        if ((filter >> bit & 1) != is_inverted) {
            show_more(decoding, "%s", separator);
            decoding->needs_comma = false;
            show_set(decoding, NULL, A_ICMP_TYPE, bit);
            separator = " ";
        }
    }
    show_close(decoding, "]");
}

/* ---------------------------------------------------------------------------- set */

static void show_mreq(struct decoding *decoding, uint64_t address, int32_t length) {
    const uint8_t *bytes =
        value_at(decoding, address, length >= (int32_t)sizeof(struct ip_mreq), sizeof(struct ip_mreq));
    if (bytes) {
        show_open(decoding, NULL, "{");
        show_internet_address(decoding, "imr_multiaddr", AF_INET, bytes);
        show_internet_address(decoding, "imr_interface", AF_INET, bytes + sizeof(struct in_addr));
        show_close(decoding, "}");
    }
}

static void show_mreq6(struct decoding *decoding, uint64_t address, int32_t length) {
    const uint8_t *bytes =
        value_at(decoding, address, length >= (int32_t)sizeof(struct ipv6_mreq), sizeof(struct ipv6_mreq));
    if (bytes) {
        show_open(decoding, NULL, "{");
        show_internet_address(decoding, "ipv6mr_multiaddr", AF_INET6, bytes);
        show_interface(decoding, "ipv6mr_interface", (uint32_t)number_in(bytes + sizeof(struct in6_addr), 4));
        show_close(decoding, "}");
    }
}

/* struct group_req: an address of 128 bytes, aligned as a word is. */
static void show_group_request(struct decoding *decoding, uint64_t address, int32_t length) {
    enum {
        GROUP_SIZE = sizeof(struct sockaddr_storage),
    };
    unsigned at = word_bytes(decoding);
    const uint8_t *bytes = value_at(decoding, address, length >= (int32_t)(at + GROUP_SIZE), at + GROUP_SIZE);
    if (bytes) {
        show_open(decoding, NULL, "{");
        show_interface(decoding, "gr_interface", (uint32_t)number_in(bytes, sizeof(uint32_t)));
        show_sockaddr(decoding, "gr_group", bytes + at, GROUP_SIZE);
        show_close(decoding, "}");
    }
}

static void show_ring(struct decoding *decoding, uint64_t address, int32_t length) {
    const uint8_t *bytes =
        value_at(decoding, address, length == (int32_t)sizeof(struct tpacket_req), sizeof(struct tpacket_req));
    if (bytes) {
        struct members members = members_of(decoding, bytes);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "tp_block_size", take_u32(&members));
        show_unsigned(decoding, "tp_block_nr", take_u32(&members));
        show_unsigned(decoding, "tp_frame_size", take_u32(&members));
        show_unsigned(decoding, "tp_frame_nr", take_u32(&members));
        show_close(decoding, "}");
    }
}

static void show_packet_mreq(struct decoding *decoding, uint64_t address, int32_t length) {
    const uint8_t *bytes =
        value_at(decoding, address, length == (int32_t)sizeof(struct packet_mreq), sizeof(struct packet_mreq));
    if (bytes) {
        enum {
            ADDRESS_SIZE = 8,
        };
        struct members members = members_of(decoding, bytes);
        show_open(decoding, NULL, "{");
        show_interface(decoding, "mr_ifindex", take_u32(&members));
        show_set(decoding, "mr_type", A_PACKET_MR, take_u16(&members));
        unsigned size = take_u16(&members);
        show_unsigned(decoding, "mr_alen", size);
        show_mac(decoding, "mr_address", take_bytes(&members, ADDRESS_SIZE), size < ADDRESS_SIZE ? size : ADDRESS_SIZE);
        show_close(decoding, "}");
    }
}

static void show_linger(struct decoding *decoding, uint64_t address, int32_t length) {
    if (length < (int32_t)sizeof(struct linger)) {
        show_address(decoding, NULL, address);
    } else {
        show_structure_at(decoding, NULL, A_LINGER, address);
    }
}

/* struct sock_fprog: a count and a pointer. */
static void show_program(struct decoding *decoding, uint64_t address, int32_t length) {
    if (length == (int32_t)(2 * word_bytes(decoding))) {
        show_sock_fprog(decoding, NULL, address, FILTER_OF_SOCKET);
    } else {
        show_address(decoding, NULL, address);
    }
}

/* NULL: an option that is like any other. */
static void (*setter(uint32_t level, uint32_t option))(struct decoding *decoding, uint64_t address, int32_t length) {
    switch (level) {
    case SOL_SOCKET:
        if (option == SO_ATTACH_FILTER || option == SO_ATTACH_REUSEPORT_CBPF) {
            return show_program;
        }
        return option == SO_LINGER ? show_linger : NULL;
    case SOL_IP:
        if (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP) {
            return show_mreq;
        }
        return option == MCAST_JOIN_GROUP || option == MCAST_LEAVE_GROUP ? show_group_request : NULL;
    case SOL_IPV6:
        if (option == IPV6_ADD_MEMBERSHIP || option == IPV6_DROP_MEMBERSHIP || option == IPV6_JOIN_ANYCAST ||
            option == IPV6_LEAVE_ANYCAST) {
            return show_mreq6;
        }
        return option == MCAST_JOIN_GROUP || option == MCAST_LEAVE_GROUP ? show_group_request : NULL;
    case SOL_PACKET:
        if (option == PACKET_RX_RING || option == PACKET_TX_RING) {
            return show_ring;
        }
        return option == PACKET_ADD_MEMBERSHIP || option == PACKET_DROP_MEMBERSHIP ? show_packet_mreq : NULL;
    case SOL_RAW:
        return option == ICMP_FILTER_OPTION ? show_icmp_filter : NULL;
    default:
        return NULL;
    }
}

static void show_set_value(struct decoding *decoding, uint64_t address) {
    int32_t length = (int32_t)referenced(decoding);
    uint32_t level = level_of(decoding);
    uint32_t option = option_of(decoding);
    void (*show)(struct decoding *, uint64_t, int32_t) = setter(level, option);
    bool is_int = level == SOL_NETLINK || (level == SOL_SOCKET && is_int_of_socket(option));
    if (show) {
        show(decoding, address, length);
    } else if (!is_int) {
        show_any(decoding, address, length);
    } else if (length < (int32_t)sizeof(int32_t)) {
        show_address(decoding, NULL, address);
    } else if (level == SOL_SOCKET) {
        show_int_of_socket(decoding, address, option);
    } else {
        show_int(decoding, address);
    }
}

/* ---------------------------------------------------------------------------- get */

/* Numbers of a structure of which the kernel has given a part. */
struct part {
    const char *name;
    void (*show)(struct decoding *decoding, const char *name, uint32_t number);
};

static void show_part_signed(struct decoding *decoding, const char *name, uint32_t number) {
    show_signed(decoding, name, (int32_t)number);
}

static void show_part_unsigned(struct decoding *decoding, const char *name, uint32_t number) {
    show_unsigned(decoding, name, number);
}

static void show_part_process(struct decoding *decoding, const char *name, uint32_t number) {
    show_process(decoding, name, (int32_t)number);
}

/* The members that are there, in hexadecimal where one is there in part. */
static void show_parts(struct decoding *decoding, uint64_t address, uint32_t length, const struct part *parts,
                       unsigned count) {
    uint32_t size = length < count * sizeof(uint32_t) ? length : count * (uint32_t)sizeof(uint32_t);
    const uint8_t *bytes = value_at(decoding, address, true, size);
    if (!bytes) {
        return;
    }
    show_open(decoding, NULL, "{");
    for (unsigned i = 0; i < count && i * sizeof(uint32_t) < size; i++) {
        uint32_t at = i * (uint32_t)sizeof(uint32_t);
        if (size - at < sizeof(uint32_t)) {
            show_bytes_in_hex(decoding, parts[i].name, bytes + at, size - at);
        } else {
            parts[i].show(decoding, parts[i].name, (uint32_t)number_in(bytes + at, sizeof(uint32_t)));
        }
    }
    show_close(decoding, "}");
}

/* Of a number that is there in part only its bytes are shown. */
static bool show_short_number(struct decoding *decoding, uint64_t address, uint32_t length) {
    if (length >= sizeof(int32_t)) {
        return false;
    }
    const uint8_t *bytes = value_at(decoding, address, true, length);
    if (bytes) {
        show_bytes_in_hex(decoding, NULL, bytes, length);
    }
    return true;
}

static void show_socket_error(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = value_at(decoding, address, true, sizeof(uint32_t));
    if (bytes) {
        show_open(decoding, NULL, "[");
        show_error(decoding, NULL, number_in(bytes, sizeof(uint32_t)));
        show_close(decoding, "]");
    }
}

static void show_group(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, number_in(element, sizeof(uint32_t)));
}

static bool show_of_socket(struct decoding *decoding, uint64_t address, uint32_t length) {
    static const struct part linger[] = {{"l_onoff", show_part_signed}, {"l_linger", show_part_signed}};
    static const struct part credentials[] = {{"pid", show_part_process}, {"uid", show_id}, {"gid", show_id}};
    uint32_t option = option_of(decoding);
    switch (option) {
    case SO_LINGER:
        show_parts(decoding, address, length, linger, 2);
        return true;
    case SO_PEERCRED:
        show_parts(decoding, address, length, credentials, 3);
        return true;
    case SO_GET_FILTER:
        /* The length is how many instructions there are, in 16 bits. */
        if (length <= UINT16_MAX) {
            show_sock_filters(decoding, NULL, address, length, FILTER_OF_SOCKET);
        } else {
            show_address(decoding, NULL, address);
        }
        return true;
    case SO_ERROR:
        if (!show_short_number(decoding, address, length)) {
            show_socket_error(decoding, address);
        }
        return true;
    default:
        break;
    }
    if (!is_int_of_socket(option)) {
        return false;
    }
    if (!show_short_number(decoding, address, length)) {
        show_int_of_socket(decoding, address, option);
    }
    return true;
}

static bool show_of_level(struct decoding *decoding, uint64_t address, int32_t room, int32_t length) {
    static const struct part statistics[] = {
        {"tp_packets", show_part_unsigned}, {"tp_drops", show_part_unsigned}, {"tp_freeze_q_cnt", show_part_unsigned}};
    uint32_t option = option_of(decoding);
    switch (level_of(decoding)) {
    case SOL_SOCKET:
        return show_of_socket(decoding, address, (uint32_t)length);
    case SOL_PACKET:
        if (option == PACKET_STATISTICS) {
            show_parts(decoding, address, (uint32_t)length, statistics, 3);
            return true;
        }
        return false;
    case SOL_RAW:
        if (option == ICMP_FILTER_OPTION) {
            show_icmp_filter(decoding, address, length);
            return true;
        }
        return false;
    case SOL_NETLINK:
        if (option == LIST_MEMBERSHIPS) {
            uint32_t size = (uint32_t)(room < length ? room : length);
            show_vector(decoding, NULL, address, size / sizeof(uint32_t), sizeof(uint32_t), show_group, NULL);
        } else {
            show_int(decoding, address);
        }
        return true;
    default:
        return false;
    }
}

/* What the call has left, of as many bytes as the next argument says. */
static void show_got_value(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = memory_before(decoding, referenced(decoding), sizeof(int32_t));
    const uint8_t *now = memory_at(decoding, referenced(decoding), sizeof(int32_t));
    /* When it is captured, how much room there was may not be known any more: then more than needed is captured. */
    int32_t length = now ? (int32_t)number_in(now, sizeof(length)) : 0;
    int32_t room = before ? (int32_t)number_in(before, sizeof(room)) : 0;
    if (room <= 0 || length <= 0) {
        show_address(decoding, NULL, address);
    } else if (!show_of_level(decoding, address, room, length)) {
        show_any(decoding, address, length);
    }
}

void decode_sock_value(struct decoding *decoding, uint64_t address) {
    if (decoding->delivered) {
        show_got_value(decoding, address);
    } else {
        show_set_value(decoding, address);
    }
}
