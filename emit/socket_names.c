/* SPDX-License-Identifier: MIT */
#include "socket_names.h"

#include "value.h"

#include "constant_commands.inc"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The names of a level's options. Some numbers mean one thing to setsockopt(2) and
 * another to getsockopt(2), and the names of those come first. A_NONE (0): there are none. */
struct level {
    uint16_t options;
    uint16_t set_only;
    uint16_t get_only;
};

static const struct level levels[] = {
    [COMMAND_SOL_IP] = {A_OPTION_IP, A_OPTION_IP_SET, A_OPTION_IP_GET},
    [COMMAND_SOL_SOCKET] = {A_OPTION_SOCKET, .get_only = A_OPTION_SOCKET_GET},
    [COMMAND_SOL_TCP] = {A_OPTION_TCP},
    [COMMAND_SOL_UDP] = {A_OPTION_UDP},
    [COMMAND_SOL_RFCOMM] = {A_OPTION_RFCOMM},
    [COMMAND_AF_VSOCK] = {A_OPTION_VSOCK},
    [COMMAND_SOL_IPV6] = {A_OPTION_IPV6, A_OPTION_IPV6_SET, A_OPTION_IPV6_GET},
    [COMMAND_SOL_ICMPV6] = {A_OPTION_ICMPV6},
    [COMMAND_SOL_CAN_RAW] = {A_OPTION_CAN_RAW},
    [COMMAND_SOL_CAN_ISOTP] = {A_OPTION_CAN_ISOTP},
    [COMMAND_SOL_CAN_J1939] = {A_OPTION_CAN_J1939},
    [COMMAND_SOL_SCTP] = {A_OPTION_SCTP},
    [COMMAND_SOL_UDPLITE] = {A_OPTION_UDPLITE},
    [COMMAND_SOL_RAW] = {A_OPTION_RAW},
    [COMMAND_SOL_IPX] = {A_OPTION_IPX},
    [COMMAND_SOL_AX25] = {A_OPTION_AX25},
    [COMMAND_SOL_NETROM] = {A_OPTION_NETROM},
    [COMMAND_SOL_ROSE] = {A_OPTION_ROSE},
    [COMMAND_SOL_X25] = {A_OPTION_X25},
    [COMMAND_SOL_PACKET] = {A_OPTION_PACKET},
    [COMMAND_SOL_ATM] = {A_OPTION_ATM},
    [COMMAND_SOL_AAL] = {A_OPTION_ATM},
    [COMMAND_SOL_IRDA] = {A_OPTION_IRDA},
    [COMMAND_SOL_LLC] = {A_OPTION_LLC},
    [COMMAND_SOL_DCCP] = {A_OPTION_DCCP},
    [COMMAND_SOL_NETLINK] = {A_OPTION_NETLINK},
    [COMMAND_SOL_TIPC] = {A_OPTION_TIPC},
    [COMMAND_SOL_RXRPC] = {A_OPTION_RXRPC},
    [COMMAND_SOL_PPPOL2TP] = {A_OPTION_PPPOL2TP},
    [COMMAND_SOL_BLUETOOTH] = {A_OPTION_BLUETOOTH},
    [COMMAND_SOL_PNPIPE] = {A_OPTION_PNPIPE},
    [COMMAND_SOL_RDS] = {A_OPTION_RDS},
    [COMMAND_SOL_IUCV] = {A_OPTION_IUCV},
    [COMMAND_SOL_CAIF] = {A_OPTION_CAIF},
    [COMMAND_SOL_ALG] = {A_OPTION_ALG},
    [COMMAND_SOL_NFC] = {A_OPTION_NFC},
    [COMMAND_SOL_KCM] = {A_OPTION_KCM},
    [COMMAND_SOL_TLS] = {A_OPTION_TLS},
    [COMMAND_SOL_XDP] = {A_OPTION_XDP},
    [COMMAND_SOL_MPTCP] = {A_OPTION_MPTCP},
    [COMMAND_SOL_MCTP] = {A_OPTION_MCTP},
    [COMMAND_SOL_SMC] = {A_OPTION_SMC},
};

static const uint16_t protocols[] = {
    [COMMAND_AF_INET] = A_PROTOCOL_INET,     [COMMAND_AF_AX25] = A_PROTOCOL_AX25,
    [COMMAND_AF_INET6] = A_PROTOCOL_INET,    [COMMAND_AF_NETLINK] = A_PROTOCOL_NETLINK,
    [COMMAND_AF_PACKET] = A_PROTOCOL_PACKET, [COMMAND_AF_IRDA] = A_PROTOCOL_IRDA,
    [COMMAND_AF_CAN] = A_PROTOCOL_CAN,       [COMMAND_AF_BLUETOOTH] = A_PROTOCOL_BLUETOOTH,
    [COMMAND_AF_RXRPC] = A_SOCK_DOMAIN, /* that of the addresses below it */
    [COMMAND_AF_ISDN] = A_PROTOCOL_ISDN,     [COMMAND_AF_PHONET] = A_PROTOCOL_PHONET,
    [COMMAND_AF_CAIF] = A_PROTOCOL_CAIF,     [COMMAND_AF_NFC] = A_PROTOCOL_NFC,
    [COMMAND_AF_KCM] = A_PROTOCOL_KCM,       [COMMAND_AF_SMC] = A_PROTOCOL_SMC,
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
