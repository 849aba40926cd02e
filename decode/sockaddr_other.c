/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets of rare families: IPX, X.25, RxRPC, algorithms, XDP, Qualcomm's router, MCTP.
 */
#include "decode_sockaddr.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

enum {
    /* Bytes of each: linux/ipx.h, linux/x25.h, linux/rxrpc.h, linux/if_alg.h, linux/if_xdp.h, linux/qrtr.h,
     * linux/mctp.h */
    IPX_SIZE = 16,
    IPX_NODE_SIZE = 6,
    X25_SIZE = 18,
    X25_NAME_SIZE = 16,
    RXRPC_SIZE = 36,
    RXRPC_TRANSPORT = 8, /* where it stands */
    ALG_TYPE_SIZE = 14,
    ALG_NAME = 24,       /* where it stands */
    ALG_KNOWN = 1 << 12, /* all flags of addresses that have names */
    XDP_SIZE = 16,
    XDP_SHARED = 1 << 0, /* XDP_SHARED_UMEM */
    QRTR_SIZE = 12,
    MCTP_SIZE = 12,
};

static void show_ipx(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_port_number(decoding, "sipx_port", take_u16(&members));
    show_words(decoding, "sipx_network", "htonl(%#x)", ntohl(take_u32(&members)));
    show_open(decoding, "sipx_node", "[");
    for (unsigned i = 0; i < IPX_NODE_SIZE; i++) {
        show_padded_hex(decoding, NULL, take_u8(&members), 1);
    }
    show_close(decoding, "]");
    show_padded_hex(decoding, "sipx_type", take_u8(&members), 1);
    uint8_t zero = take_u8(&members);
    if (zero) {
        show_hex(decoding, "sipx_zero", zero);
    }
}

static void show_x25(struct decoding *decoding, const struct sockaddr_bytes *address) {
    show_open(decoding, "sx25_addr", "{");
    show_terminated(decoding, "x25_addr", address->bytes + sizeof(sa_family_t), X25_NAME_SIZE);
    show_close(decoding, "}");
}

/* The address below, of which `length` bytes count; it says that it has `said`. */
static void show_transport(struct decoding *decoding, const uint8_t *bytes, size_t length, size_t said) {
    unsigned family = (unsigned)number_in(bytes, sizeof(sa_family_t));
    const char *name = family == AF_INET ? "sin" : "sin6";
    bool is_inet = family == AF_INET || family == AF_INET6;
    size_t least = family == AF_INET ? 16 : 24; /* of what an address has to have */
    if (is_inet) {
        show_open(decoding, name, "{");
    }
    show_set(decoding, !is_inet ? "family" : family == AF_INET ? "sin_family" : "sin6_family", A_SOCK_DOMAIN, family);
    if (is_inet && said >= least) {
        if (family == AF_INET) {
            show_inet_data(decoding, bytes);
        } else {
            show_inet6_data(decoding, bytes, length);
        }
    } else if (length > sizeof(sa_family_t)) {
        show_bytes(decoding, NULL, bytes + sizeof(sa_family_t), length - sizeof(sa_family_t));
    }
    if (is_inet) {
        show_close(decoding, "}");
    }
}

static void show_rxrpc(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_set(decoding, "srx_service", A_RXRPC_SERVICE, take_u16(&members));
    show_set(decoding, "transport_type", A_SOCK_KIND, take_u16(&members));
    uint16_t said = take_u16(&members);
    size_t there = address->size - RXRPC_TRANSPORT;
    show_unsigned(decoding, "transport_len", said);
    show_open(decoding, "transport", "{");
    show_transport(decoding, address->bytes + RXRPC_TRANSPORT, said < there ? said : there, said);
    show_close(decoding, "}");
}

/* A number, and what it means in a comment. */
static void show_alg_flags(struct decoding *decoding, const char *name, uint32_t flags) {
    show_hex(decoding, name, flags);
    if (flags & ALG_KNOWN) {
        show_more(decoding, " /* ");
        decoding->needs_comma = false;
        show_set(decoding, NULL, A_CRYPTO_ALG, flags);
        show_more(decoding, " */");
    } else if (flags) {
        show_comment(decoding, "CRYPTO_ALG_???");
    }
}

static void show_alg(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_terminated(decoding, "salg_type", take_bytes(&members, ALG_TYPE_SIZE), ALG_TYPE_SIZE);
    show_alg_flags(decoding, "salg_feat", take_u32(&members));
    show_alg_flags(decoding, "salg_mask", take_u32(&members));
    show_terminated(decoding, "salg_name", address->bytes + ALG_NAME, address->size - ALG_NAME);
}

static void show_xdp(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    uint16_t flags = take_u16(&members);
    show_set(decoding, "sxdp_flags", A_XDP_FLAGS, flags);
    show_interface(decoding, "sxdp_ifindex", take_u32(&members));
    show_unsigned(decoding, "sxdp_queue_id", take_u32(&members));
    uint32_t shared = take_u32(&members);
    if (flags & XDP_SHARED) {
        show_descriptor(decoding, "sxdp_shared_umem_fd", (int32_t)shared);
    } else if (shared) {
        show_hex(decoding, "sxdp_shared_umem_fd", shared);
    }
}

static void show_qrtr(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_set(decoding, "sq_node", A_QRTR_NODE, take_u32(&members));
    show_set(decoding, "sq_port", A_QRTR_PORT, take_u32(&members));
}

static void show_mctp(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    uint16_t padding = take_u16(&members);
    if (padding) {
        show_hex(decoding, "__smctp_pad0", padding);
    }
    show_set(decoding, "smctp_network", A_MCTP_NET, take_u32(&members));
    show_open(decoding, "smctp_addr", "{");
    show_set(decoding, "s_addr", A_MCTP_ADDRESS, take_u8(&members));
    show_close(decoding, "}");
    show_hex(decoding, "smctp_type", take_u8(&members));
    show_hex(decoding, "smctp_tag", take_u8(&members));
    uint8_t last = take_u8(&members);
    if (last) {
        show_hex(decoding, "__smctp_pad1", last);
    }
}

const struct sockaddr_family *sockaddr_other_family(unsigned family) {
    static const struct sockaddr_family ipx = {IPX_SIZE, show_ipx};
    static const struct sockaddr_family x25 = {X25_SIZE, show_x25};
    static const struct sockaddr_family rxrpc = {RXRPC_SIZE, show_rxrpc};
    static const struct sockaddr_family alg = {ALG_NAME + 1, show_alg};
    static const struct sockaddr_family xdp = {XDP_SIZE, show_xdp};
    static const struct sockaddr_family qrtr = {QRTR_SIZE, show_qrtr};
    static const struct sockaddr_family mctp = {MCTP_SIZE, show_mctp};
    switch (family) {
    case AF_IPX:
        return &ipx;
    case AF_X25:
        return &x25;
    case AF_RXRPC:
        return &rxrpc;
    case AF_ALG:
        return &alg;
    case AF_XDP:
        return &xdp;
    case AF_QIPCRTR:
        return &qrtr;
    case AF_MCTP:
        return &mctp;
    default:
        return NULL;
    }
}
