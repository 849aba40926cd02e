/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_SOCK_DIAG about sockets of the Internet.
 */
#include "netlink_message.h"

#include <linux/inet_diag.h>
#include <linux/mptcp.h>
#include <linux/sock_diag.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

enum {
    OPTION_BYTES = 2, /* of struct inet_diag_sockopt */
    OPTIONS = 11,     /* of its bits */
};

/* ------------------------------------------------------------------------- a socket */

static const struct list cookie_list = {.size = 4, .element = UNSIGNED(4)};

static bool show_own_address(struct netlink *netlink, const char *name, struct piece piece) {
    return show_address_piece(netlink, name, netlink->family, piece);
}

static const struct member id_members[] = {
    MEMBER(struct inet_diag_sockid, idiag_sport, PAYLOAD_NETWORK, 0),
    MEMBER(struct inet_diag_sockid, idiag_dport, PAYLOAD_NETWORK, 0),
    MEMBER(struct inet_diag_sockid, idiag_src, PAYLOAD_OTHER, .show = show_own_address),
    MEMBER(struct inet_diag_sockid, idiag_dst, PAYLOAD_OTHER, .show = show_own_address),
    MEMBER(struct inet_diag_sockid, idiag_if, PAYLOAD_INTERFACE, 0),
    MEMBER(struct inet_diag_sockid, idiag_cookie, PAYLOAD_LIST, .list = &cookie_list),
};
const struct layout inet_id_layout = LAYOUT(id_members, sizeof(struct inet_diag_sockid));
#define SOCKET_ID(type) MEMBER(type, id, PAYLOAD_LAYOUT, .layout = &inet_id_layout)

/* ------------------------------------------------------------------------ conditions */

static const struct member operation_members[] = {
    NAMES(struct inet_diag_bc_op, code, A_NL_INET_BYTECODE),
    NUMBER(struct inet_diag_bc_op, yes),
    NUMBER(struct inet_diag_bc_op, no),
};
static const struct layout operation_layout = LAYOUT(operation_members, sizeof(struct inet_diag_bc_op));
static const struct payload operation_payload = STRUCTURED(operation_layout);

static const struct member mark_members[] = {
    NUMBER(struct inet_diag_markcond, mark),
    NUMBER(struct inet_diag_markcond, mask),
};
static const struct layout mark_layout = LAYOUT(mark_members, sizeof(struct inet_diag_markcond));
static const struct payload mark_payload = STRUCTURED(mark_layout);

static bool show_host(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct member members[] = {
        NAMES(struct inet_diag_hostcond, family, A_SOCK_DOMAIN),
        NUMBER(struct inet_diag_hostcond, prefix_len),
        MEMBER(struct inet_diag_hostcond, port, PAYLOAD_UNSIGNED, 0),
    };
    static const struct layout layout = LAYOUT(members, sizeof(struct inet_diag_hostcond));
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, layout.size);
    if (piece.size < layout.size) {
        return false;
    }
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    struct piece address = {piece.at + layout.size, piece.size - layout.size};
    show_open(netlink->decoding, name, "{");
    show_netlink_members(netlink, &layout, 0, layout.size, piece.at);
    if (address.size && !show_address_piece(netlink, "addr", bytes[0], address)) {
        show_raw(netlink, "addr", address);
    }
    show_close(netlink->decoding, "}");
    return true;
}

static bool show_condition(struct netlink *netlink, uint8_t code, struct piece piece) {
    static const struct payload link = INTERFACE;
    switch (code) {
    case INET_DIAG_BC_S_COND:
    case INET_DIAG_BC_D_COND:
        return show_host(netlink, NULL, piece);
    case INET_DIAG_BC_DEV_COND:
        return show_payload(netlink, NULL, &link, piece);
    case INET_DIAG_BC_S_GE:
    case INET_DIAG_BC_S_LE:
    case INET_DIAG_BC_D_GE:
    case INET_DIAG_BC_D_LE:
        return show_payload(netlink, NULL, &operation_payload, piece);
    case INET_DIAG_BC_MARK_COND:
        return show_payload(netlink, NULL, &mark_payload, piece);
    default:
        return false;
    }
}

static bool show_operation(struct netlink *netlink, const char *name, struct piece piece) {
    const uint32_t size = operation_layout.size;
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!show_payload(netlink, name, &operation_payload, piece)) {
        return false;
    }
    struct piece condition = {piece.at + size, piece.size - size};
    if (bytes && condition.size && !show_condition(netlink, bytes[0], condition)) {
        show_raw(netlink, NULL, condition);
    }
    return true;
}

static const struct payload request_payloads[] = {
    [INET_DIAG_REQ_BYTECODE] = SHOWN_BY(show_operation),
    [INET_DIAG_REQ_PROTOCOL] = NAMED(0, A_PROTOCOL_INET),
};
static const struct attributes request_attributes = ATTRIBUTES(A_NL_INET_REQUEST_ATTR, request_payloads);

/* -------------------------------------------------------------------------- requests */

static const struct member old_request_members[] = {
    NAMES(struct inet_diag_req, idiag_family, A_SOCK_DOMAIN),
    NUMBER(struct inet_diag_req, idiag_src_len),
    NUMBER(struct inet_diag_req, idiag_dst_len),
    NAMES(struct inet_diag_req, idiag_ext, A_NL_INET_EXTENSIONS),
    SOCKET_ID(struct inet_diag_req),
    NAMES(struct inet_diag_req, idiag_states, A_NL_TCP_STATES),
    NUMBER(struct inet_diag_req, idiag_dbs),
};
static const struct layout old_request = LAYOUT(old_request_members, sizeof(struct inet_diag_req));
const struct message_form inet_old_request_form = {&old_request, &request_attributes};

static const struct member request_members[] = {
    NAMES(struct inet_diag_req_v2, sdiag_family, A_SOCK_DOMAIN),
    NAMES(struct inet_diag_req_v2, sdiag_protocol, A_PROTOCOL_INET),
    NAMES(struct inet_diag_req_v2, idiag_ext, A_NL_INET_EXTENSIONS),
    NAMES(struct inet_diag_req_v2, idiag_states, A_NL_TCP_STATES),
    SOCKET_ID(struct inet_diag_req_v2),
};
static const struct layout request_layout = LAYOUT(request_members, sizeof(struct inet_diag_req_v2));
const struct message_form inet_request_form = {&request_layout, &request_attributes};

/* --------------------------------------------------------------- parts of an answer */

static const struct member memory_members[] = {
    NUMBER(struct inet_diag_meminfo, idiag_rmem),
    NUMBER(struct inet_diag_meminfo, idiag_wmem),
    NUMBER(struct inet_diag_meminfo, idiag_fmem),
    NUMBER(struct inet_diag_meminfo, idiag_tmem),
};
static const struct layout memory_layout = LAYOUT(memory_members, sizeof(struct inet_diag_meminfo));

static const struct member vegas_members[] = {
    NUMBER(struct tcpvegas_info, tcpv_enabled),
    NUMBER(struct tcpvegas_info, tcpv_rttcnt),
    NUMBER(struct tcpvegas_info, tcpv_rtt),
    NUMBER(struct tcpvegas_info, tcpv_minrtt),
};
static const struct layout vegas_layout = LAYOUT(vegas_members, sizeof(struct tcpvegas_info));

static const struct member dctcp_members[] = {
    NUMBER(struct tcp_dctcp_info, dctcp_enabled), NUMBER(struct tcp_dctcp_info, dctcp_ce_state),
    NUMBER(struct tcp_dctcp_info, dctcp_alpha),   NUMBER(struct tcp_dctcp_info, dctcp_ab_ecn),
    NUMBER(struct tcp_dctcp_info, dctcp_ab_tot),
};
static const struct layout dctcp_layout = LAYOUT(dctcp_members, sizeof(struct tcp_dctcp_info));

static const struct member bbr_members[] = {
    MEMBER(struct tcp_bbr_info, bbr_bw_lo, PAYLOAD_HEX, 0),
    MEMBER(struct tcp_bbr_info, bbr_bw_hi, PAYLOAD_HEX, 0),
    NUMBER(struct tcp_bbr_info, bbr_min_rtt),
    NUMBER(struct tcp_bbr_info, bbr_pacing_gain),
    NUMBER(struct tcp_bbr_info, bbr_cwnd_gain),
};
static const struct layout bbr_layout = LAYOUT(bbr_members, sizeof(struct tcp_bbr_info));

/* struct tcp_diag_md5sig of linux/tcp.h, which does not go together with netinet/tcp.h. */
struct signature {
    uint8_t tcpm_family;
    uint8_t tcpm_prefixlen;
    uint16_t tcpm_keylen;
    uint32_t tcpm_addr[4];
    uint8_t tcpm_key[TCP_MD5SIG_MAXKEYLEN];
};

static bool show_signature(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct member members[] = {
        NAMES(struct signature, tcpm_family, A_SOCK_DOMAIN),
        NUMBER(struct signature, tcpm_prefixlen),
        NUMBER(struct signature, tcpm_keylen),
    };
    static const struct layout layout = LAYOUT(members, sizeof(struct signature));
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, layout.size);
    uint32_t length = (uint32_t)number_in(bytes + offsetof(struct signature, tcpm_keylen), sizeof(uint16_t));
    struct piece address = {piece.at + (uint32_t)offsetof(struct signature, tcpm_addr),
                            MEMBER_BYTES(struct signature, tcpm_addr)};
    show_open(netlink->decoding, name, "{");
    show_netlink_members(netlink, &layout, 0, layout.size, piece.at);
    if (!show_address_piece(netlink, "tcpm_addr", bytes[0], address)) {
        show_raw(netlink, "tcpm_addr", address);
    }
    show_bytes_in_hex(netlink->decoding, "tcpm_key", bytes + offsetof(struct signature, tcpm_key),
                      length < TCP_MD5SIG_MAXKEYLEN ? length : TCP_MD5SIG_MAXKEYLEN);
    show_close(netlink->decoding, "}");
    return true;
}

static const struct list signature_list = {.size = sizeof(struct signature), .element = SHOWN_BY(show_signature)};

static bool show_memory(struct netlink *netlink, const char *name, struct piece piece) {
    return show_payload(netlink, name, &socket_memory_payload, piece);
}

/* The kernel's own flags, whose names no header has. */
static bool show_shutdown(struct netlink *netlink, const char *name, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, 1);
    if (!bytes || piece.size > sizeof(uint64_t)) {
        return false;
    }
    if (!constants_have_name(constant_set(A_NL_SHUTDOWN), bytes[0])) {
        show_set(decoding, name, A_NL_SHUTDOWN, bytes[0]);
        return true;
    }
    show_hex(decoding, name, bytes[0]);
    show_more(decoding, " /* ");
    show_joined(decoding);
    show_set(decoding, NULL, A_NL_SHUTDOWN, bytes[0]);
    show_more(decoding, " */");
    return true;
}

/* Those of the options' bits that are set, by their names. */
static bool show_options(struct netlink *netlink, const char *name, struct piece piece) {
    static const char *const names[OPTIONS] = {
        "recverr",         "is_icsk",       "freebind",
        "hdrincl",         "mc_loop",       "transparent",
        "mc_all",          "nodefrag",      "bind_address_no_port",
        "recverr_rfc4884", "defer_connect",
    };
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, OPTION_BYTES);
    if (piece.size < OPTION_BYTES) {
        return false;
    }
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    uint64_t bits = number_in(bytes, OPTION_BYTES);
    show_open(netlink->decoding, name, "{");
    bool is_verbose = netlink->decoding->verbose;
    for (unsigned i = 0; i < OPTIONS; i++) {
        if (is_verbose || bits >> i & 1) {
            show_unsigned(netlink->decoding, names[i], bits >> i & 1);
        }
    }
    if (is_verbose || bits >> OPTIONS) {
        show_hex(netlink->decoding, "unused", bits >> OPTIONS);
        show_comment(netlink->decoding, "bits 3..8");
    }
    show_close(netlink->decoding, "}");
    struct piece rest = {piece.at + OPTION_BYTES, piece.size - OPTION_BYTES};
    if (rest.size && !is_zero(netlink_bytes(netlink, rest.at, rest.size), rest.size)) {
        show_words(netlink->decoding, NULL, "/* bytes %u..%u */ ", OPTION_BYTES, piece.size - 1);
        show_joined(netlink->decoding);
        show_raw(netlink, NULL, rest);
    }
    return true;
}

/* ------------------------------------------------------------ protocols on top of TCP */

static const struct payload tls_payloads[] = {
    [TLS_INFO_VERSION] = NAMED(2, A_NL_TLS_VERSION),
    [TLS_INFO_CIPHER] = NAMED(2, A_NL_TLS_CIPHER),
    [TLS_INFO_TXCONF] = NAMED(2, A_NL_TLS_CONFIG),
    [TLS_INFO_RXCONF] = NAMED(2, A_NL_TLS_CONFIG),
};
static const struct attributes tls_attributes = ATTRIBUTES(A_NL_TLS_ATTR, tls_payloads);

static const struct payload mptcp_payloads[] = {
    [MPTCP_SUBFLOW_ATTR_TOKEN_REM] = HEX(4),         [MPTCP_SUBFLOW_ATTR_TOKEN_LOC] = HEX(4),
    [MPTCP_SUBFLOW_ATTR_RELWRITE_SEQ] = UNSIGNED(4), [MPTCP_SUBFLOW_ATTR_MAP_SEQ] = UNSIGNED(8),
    [MPTCP_SUBFLOW_ATTR_MAP_SFSEQ] = UNSIGNED(4),    [MPTCP_SUBFLOW_ATTR_SSN_OFFSET] = UNSIGNED(4),
    [MPTCP_SUBFLOW_ATTR_MAP_DATALEN] = UNSIGNED(2),  [MPTCP_SUBFLOW_ATTR_FLAGS] = NAMED(4, A_NL_MPTCP_FLAGS),
    [MPTCP_SUBFLOW_ATTR_ID_REM] = UNSIGNED(1),       [MPTCP_SUBFLOW_ATTR_ID_LOC] = UNSIGNED(1),
};
static const struct attributes mptcp_attributes = ATTRIBUTES(A_NL_MPTCP_ATTR, mptcp_payloads);

static const struct payload upper_payloads[] = {
    [INET_ULP_INFO_NAME] = STRING,
    [INET_ULP_INFO_TLS] = NESTED_IN(tls_attributes),
    [INET_ULP_INFO_MPTCP] = NESTED_IN(mptcp_attributes),
};
static const struct attributes upper_attributes = ATTRIBUTES(A_NL_INET_ULP_ATTR, upper_payloads);

/* A number, if it has the size of one. */
static bool show_map_value(struct netlink *netlink, const char *name, struct piece piece) {
    struct payload number = HEX((uint8_t)piece.size);
    bool is_number = piece.size == 1 || piece.size == 2 || piece.size == 4 || piece.size == 8;
    return is_number && show_payload(netlink, name, &number, piece);
}

static const struct payload map_payloads[] = {
    [SK_DIAG_BPF_STORAGE_MAP_ID] = UNSIGNED(4),
    [SK_DIAG_BPF_STORAGE_MAP_VALUE] = SHOWN_BY(show_map_value),
};
static const struct attributes map_attributes = ATTRIBUTES(A_NL_BPF_STORAGE_ATTR, map_payloads);
static const struct payload maps_payloads[] = {[SK_DIAG_BPF_STORAGE] = NESTED_IN(map_attributes)};
static const struct attributes maps_attributes = ATTRIBUTES(A_NL_BPF_STORAGE_REPLY_ATTR, maps_payloads);

/* -------------------------------------------------------------------------- answers */

static const struct payload answer_payloads[] = {
    [INET_DIAG_MEMINFO] = STRUCTURED(memory_layout),
    [INET_DIAG_VEGASINFO] = STRUCTURED(vegas_layout),
    [INET_DIAG_CONG] = STRING,
    [INET_DIAG_TOS] = UNSIGNED(1),
    [INET_DIAG_TCLASS] = UNSIGNED(1),
    [INET_DIAG_SKMEMINFO] = SHOWN_BY(show_memory),
    [INET_DIAG_SHUTDOWN] = SHOWN_BY(show_shutdown),
    [INET_DIAG_DCTCPINFO] = STRUCTURED(dctcp_layout),
    [INET_DIAG_PROTOCOL] = NAMED(0, A_PROTOCOL_INET),
    [INET_DIAG_SKV6ONLY] = UNSIGNED(1),
    [INET_DIAG_MARK] = UNSIGNED(4),
    [INET_DIAG_BBRINFO] = STRUCTURED(bbr_layout),
    [INET_DIAG_CLASS_ID] = UNSIGNED(4),
    [INET_DIAG_MD5SIG] = LISTED(signature_list),
    [INET_DIAG_ULP_INFO] = NESTED_IN(upper_attributes),
    [INET_DIAG_SK_BPF_STORAGES] = NESTED_IN(maps_attributes),
    [INET_DIAG_CGROUP_ID] = UNSIGNED(8),
    [INET_DIAG_SOCKOPT] = SHOWN_BY(show_options),
};
static const struct attributes answer_attributes = ATTRIBUTES(A_NL_INET_ATTR, answer_payloads);

static const struct member answer_members[] = {
    NAMES(struct inet_diag_msg, idiag_family, A_SOCK_DOMAIN),
    NAMES(struct inet_diag_msg, idiag_state, A_NL_TCP_STATE),
    NUMBER(struct inet_diag_msg, idiag_timer),
    NUMBER(struct inet_diag_msg, idiag_retrans),
    SOCKET_ID(struct inet_diag_msg),
    NUMBER(struct inet_diag_msg, idiag_expires),
    NUMBER(struct inet_diag_msg, idiag_rqueue),
    NUMBER(struct inet_diag_msg, idiag_wqueue),
    NUMBER(struct inet_diag_msg, idiag_uid),
    NUMBER(struct inet_diag_msg, idiag_inode),
};
static const struct layout answer_layout = LAYOUT(answer_members, sizeof(struct inet_diag_msg));
const struct message_form inet_answer_form = {&answer_layout, &answer_attributes};
