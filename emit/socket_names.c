/* SPDX-License-Identifier: MIT */
#include "socket_names.h"

#include "value.h"

#include "constant_numbers.inc"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The names of a level's options. Some numbers mean one thing to setsockopt(2) and
 * another to getsockopt(2), and the names of those come first. A_NONE (0): there are none. */
struct level {
    uint16_t options;
    uint16_t set_only;
    uint16_t get_only;
};

static const struct level levels[] = {
    [NUMBER_SOL_IP] = {A_OPTION_IP, A_OPTION_IP_SET, A_OPTION_IP_GET},
    [NUMBER_SOL_SOCKET] = {A_OPTION_SOCKET, .get_only = A_OPTION_SOCKET_GET},
    [NUMBER_SOL_TCP] = {A_OPTION_TCP},
    [NUMBER_SOL_UDP] = {A_OPTION_UDP},
    [NUMBER_SOL_RFCOMM] = {A_OPTION_RFCOMM},
    [NUMBER_AF_VSOCK] = {A_OPTION_VSOCK},
    [NUMBER_SOL_IPV6] = {A_OPTION_IPV6, A_OPTION_IPV6_SET, A_OPTION_IPV6_GET},
    [NUMBER_SOL_ICMPV6] = {A_OPTION_ICMPV6},
    [NUMBER_SOL_CAN_RAW] = {A_OPTION_CAN_RAW},
    [NUMBER_SOL_CAN_ISOTP] = {A_OPTION_CAN_ISOTP},
    [NUMBER_SOL_CAN_J1939] = {A_OPTION_CAN_J1939},
    [NUMBER_SOL_SCTP] = {A_OPTION_SCTP},
    [NUMBER_SOL_UDPLITE] = {A_OPTION_UDPLITE},
    [NUMBER_SOL_RAW] = {A_OPTION_RAW},
    [NUMBER_SOL_IPX] = {A_OPTION_IPX},
    [NUMBER_SOL_AX25] = {A_OPTION_AX25},
    [NUMBER_SOL_NETROM] = {A_OPTION_NETROM},
    [NUMBER_SOL_ROSE] = {A_OPTION_ROSE},
    [NUMBER_SOL_X25] = {A_OPTION_X25},
    [NUMBER_SOL_PACKET] = {A_OPTION_PACKET},
    [NUMBER_SOL_ATM] = {A_OPTION_ATM},
    [NUMBER_SOL_AAL] = {A_OPTION_ATM},
    [NUMBER_SOL_IRDA] = {A_OPTION_IRDA},
    [NUMBER_SOL_LLC] = {A_OPTION_LLC},
    [NUMBER_SOL_DCCP] = {A_OPTION_DCCP},
    [NUMBER_SOL_NETLINK] = {A_OPTION_NETLINK},
    [NUMBER_SOL_TIPC] = {A_OPTION_TIPC},
    [NUMBER_SOL_RXRPC] = {A_OPTION_RXRPC},
    [NUMBER_SOL_PPPOL2TP] = {A_OPTION_PPPOL2TP},
    [NUMBER_SOL_BLUETOOTH] = {A_OPTION_BLUETOOTH},
    [NUMBER_SOL_PNPIPE] = {A_OPTION_PNPIPE},
    [NUMBER_SOL_RDS] = {A_OPTION_RDS},
    [NUMBER_SOL_IUCV] = {A_OPTION_IUCV},
    [NUMBER_SOL_CAIF] = {A_OPTION_CAIF},
    [NUMBER_SOL_ALG] = {A_OPTION_ALG},
    [NUMBER_SOL_NFC] = {A_OPTION_NFC},
    [NUMBER_SOL_KCM] = {A_OPTION_KCM},
    [NUMBER_SOL_TLS] = {A_OPTION_TLS},
    [NUMBER_SOL_XDP] = {A_OPTION_XDP},
    [NUMBER_SOL_MPTCP] = {A_OPTION_MPTCP},
    [NUMBER_SOL_MCTP] = {A_OPTION_MCTP},
    [NUMBER_SOL_SMC] = {A_OPTION_SMC},
};

static const uint16_t protocols[] = {
    [NUMBER_AF_INET] = A_PROTOCOL_INET,     [NUMBER_AF_AX25] = A_PROTOCOL_AX25,
    [NUMBER_AF_INET6] = A_PROTOCOL_INET,    [NUMBER_AF_NETLINK] = A_PROTOCOL_NETLINK,
    [NUMBER_AF_PACKET] = A_PROTOCOL_PACKET, [NUMBER_AF_IRDA] = A_PROTOCOL_IRDA,
    [NUMBER_AF_CAN] = A_PROTOCOL_CAN,       [NUMBER_AF_BLUETOOTH] = A_PROTOCOL_BLUETOOTH,
    [NUMBER_AF_RXRPC] = A_SOCK_DOMAIN, /* that of the addresses below it */
    [NUMBER_AF_ISDN] = A_PROTOCOL_ISDN,     [NUMBER_AF_PHONET] = A_PROTOCOL_PHONET,
    [NUMBER_AF_CAIF] = A_PROTOCOL_CAIF,     [NUMBER_AF_NFC] = A_PROTOCOL_NFC,
    [NUMBER_AF_KCM] = A_PROTOCOL_KCM,       [NUMBER_AF_SMC] = A_PROTOCOL_SMC,
};

enum arg_type socket_option_set(uint64_t level, uint64_t option, bool is_set) {
    uint32_t number = (uint32_t)level;
    if (number >= COUNT(levels)) {
        return A_NONE;
    }
    enum arg_type first = is_set ? levels[number].set_only : levels[number].get_only;
    if (first != A_NONE && constant_find(constant_set(first), (uint32_t)option)) {
        return first;
    }
    return levels[number].options;
}

enum arg_type socket_protocol_set(uint64_t family) {
    uint32_t number = (uint32_t)family;
    return number < COUNT(protocols) ? protocols[number] : A_NONE;
}
