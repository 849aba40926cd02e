/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_SOCK_DIAG: questions for sockets of each family, and the answers.
 */
#include "netlink_message.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/smc_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

static const struct list cookie_list = {.size = 4, .element = UNSIGNED(4)};
#define COOKIE(type, name) MEMBER(type, name, PAYLOAD_LIST, .list = &cookie_list)

static const struct list memory_list = {.size = 4, .set = A_NL_SK_MEMINFO, .element = UNSIGNED(4)};
const struct payload socket_memory_payload = LISTED(memory_list);

static bool show_memory(struct netlink *netlink, const char *name, struct piece piece) {
    return show_payload(netlink, name, &socket_memory_payload, piece);
}

/* ----------------------------------------------------------------------------- Unix */

static const struct member unix_request_members[] = {
    NAMES(struct unix_diag_req, sdiag_family, A_SOCK_DOMAIN),   NUMBER(struct unix_diag_req, sdiag_protocol),
    NAMES(struct unix_diag_req, udiag_states, A_NL_TCP_STATES), NUMBER(struct unix_diag_req, udiag_ino),
    NAMES(struct unix_diag_req, udiag_show, A_NL_UNIX_SHOW),    COOKIE(struct unix_diag_req, udiag_cookie),
};
static const struct layout unix_request = LAYOUT(unix_request_members, sizeof(struct unix_diag_req));
static const struct message_form unix_request_form = {.header = &unix_request};

static const struct member unix_file_members[] = {
    MEMBER(struct unix_diag_vfs, udiag_vfs_dev, PAYLOAD_DEVICE, 0),
    NUMBER(struct unix_diag_vfs, udiag_vfs_ino),
};
static const struct layout unix_file = LAYOUT(unix_file_members, sizeof(struct unix_diag_vfs));
static const struct list inode_list = {.size = 4, .element = UNSIGNED(4)};
static const struct member unix_queue_members[] = {
    NUMBER(struct unix_diag_rqlen, udiag_rqueue),
    NUMBER(struct unix_diag_rqlen, udiag_wqueue),
};
static const struct layout unix_queue = LAYOUT(unix_queue_members, sizeof(struct unix_diag_rqlen));

static const struct payload unix_payloads[] = {
    [UNIX_DIAG_NAME] = STRING,
    [UNIX_DIAG_VFS] = STRUCTURED(unix_file),
    [UNIX_DIAG_PEER] = UNSIGNED(4),
    [UNIX_DIAG_ICONS] = LISTED(inode_list),
    [UNIX_DIAG_RQLEN] = STRUCTURED(unix_queue),
    [UNIX_DIAG_MEMINFO] = SHOWN_BY(show_memory),
    [UNIX_DIAG_SHUTDOWN] = UNSIGNED(1),
    [UNIX_DIAG_UID] = {.kind = PAYLOAD_ID, .size = 4},
};
static const struct attributes unix_attributes = ATTRIBUTES(A_NL_UNIX_ATTR, unix_payloads);

static const struct member unix_answer_members[] = {
    NAMES(struct unix_diag_msg, udiag_family, A_SOCK_DOMAIN),
    NAMES(struct unix_diag_msg, udiag_type, A_NL_SOCK_TYPE),
    NAMES(struct unix_diag_msg, udiag_state, A_NL_TCP_STATE),
    NUMBER(struct unix_diag_msg, udiag_ino),
    COOKIE(struct unix_diag_msg, udiag_cookie),
};
static const struct layout unix_answer = LAYOUT(unix_answer_members, sizeof(struct unix_diag_msg));
static const struct message_form unix_answer_form = {&unix_answer, &unix_attributes};

/* --------------------------------------------------------------------------- netlink */

static const struct member netlink_request_members[] = {
    NAMES(struct netlink_diag_req, sdiag_family, A_SOCK_DOMAIN),
    NAMES(struct netlink_diag_req, sdiag_protocol, A_NL_DIAG_PROTOCOL),
    NUMBER(struct netlink_diag_req, ndiag_ino),
    NAMES(struct netlink_diag_req, ndiag_show, A_NL_NETLINK_SHOW),
    COOKIE(struct netlink_diag_req, ndiag_cookie),
};
static const struct layout netlink_request = LAYOUT(netlink_request_members, sizeof(struct netlink_diag_req));
static const struct message_form netlink_request_form = {.header = &netlink_request};

/* Words of a mask, as wide as those of the caller. */
static bool show_groups(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct list lists[] = {
        [ARCH_X86_64] = {.size = 8, .element = {.kind = PAYLOAD_PADDED_HEX, .size = 8}},
        [ARCH_I386] = {.size = 4, .element = {.kind = PAYLOAD_PADDED_HEX, .size = 4}},
    };
    struct payload payload = LISTED(lists[netlink->decoding->arch]);
    return show_payload(netlink, name, &payload, piece);
}

static const struct member netlink_ring_members[] = {
    NUMBER(struct netlink_diag_ring, ndr_block_size),
    NUMBER(struct netlink_diag_ring, ndr_block_nr),
    NUMBER(struct netlink_diag_ring, ndr_frame_size),
    NUMBER(struct netlink_diag_ring, ndr_frame_nr),
};
static const struct layout netlink_ring = LAYOUT(netlink_ring_members, sizeof(struct netlink_diag_ring));

static const struct payload netlink_payloads[] = {
    [NETLINK_DIAG_MEMINFO] = SHOWN_BY(show_memory),
    [NETLINK_DIAG_GROUPS] = SHOWN_BY(show_groups),
    [NETLINK_DIAG_RX_RING] = STRUCTURED(netlink_ring),
    [NETLINK_DIAG_TX_RING] = STRUCTURED(netlink_ring),
    [NETLINK_DIAG_FLAGS] = NAMED_OF_ANY_LENGTH(4, A_NL_NETLINK_FLAGS),
};
static const struct attributes netlink_attributes = ATTRIBUTES(A_NL_NETLINK_ATTR, netlink_payloads);

static const struct member netlink_answer_members[] = {
    NAMES(struct netlink_diag_msg, ndiag_family, A_SOCK_DOMAIN),
    NAMES(struct netlink_diag_msg, ndiag_type, A_NL_SOCK_TYPE),
    NAMES(struct netlink_diag_msg, ndiag_protocol, A_PROTOCOL_NETLINK),
    NAMES(struct netlink_diag_msg, ndiag_state, A_NL_NETLINK_STATE),
    NUMBER(struct netlink_diag_msg, ndiag_portid),
    NUMBER(struct netlink_diag_msg, ndiag_dst_portid),
    NUMBER(struct netlink_diag_msg, ndiag_dst_group),
    NUMBER(struct netlink_diag_msg, ndiag_ino),
    COOKIE(struct netlink_diag_msg, ndiag_cookie),
};
static const struct layout netlink_answer = LAYOUT(netlink_answer_members, sizeof(struct netlink_diag_msg));
static const struct message_form netlink_answer_form = {&netlink_answer, &netlink_attributes};

/* --------------------------------------------------------------------------- packets */

static const struct member packet_request_members[] = {
    NAMES(struct packet_diag_req, sdiag_family, A_SOCK_DOMAIN),
    MEMBER(struct packet_diag_req, sdiag_protocol, PAYLOAD_HEX, 0),
    NUMBER(struct packet_diag_req, pdiag_ino),
    NAMES(struct packet_diag_req, pdiag_show, A_NL_PACKET_SHOW),
    COOKIE(struct packet_diag_req, pdiag_cookie),
};
static const struct layout packet_request = LAYOUT(packet_request_members, sizeof(struct packet_diag_req));
static const struct message_form packet_request_form = {.header = &packet_request};

static const struct member packet_info_members[] = {
    MEMBER(struct packet_diag_info, pdi_index, PAYLOAD_INTERFACE, 0),
    NAMES(struct packet_diag_info, pdi_version, A_NL_PACKET_VERSION),
    NUMBER(struct packet_diag_info, pdi_reserve),
    NUMBER(struct packet_diag_info, pdi_copy_thresh),
    NUMBER(struct packet_diag_info, pdi_tstamp),
    NAMES(struct packet_diag_info, pdi_flags, A_NL_PACKET_FLAGS),
};
static const struct layout packet_info = LAYOUT(packet_info_members, sizeof(struct packet_diag_info));

static bool show_membership(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct member members[] = {
        MEMBER(struct packet_diag_mclist, pdmc_index, PAYLOAD_INTERFACE, 0),
        NUMBER(struct packet_diag_mclist, pdmc_count),
        NUMBER(struct packet_diag_mclist, pdmc_type),
        NUMBER(struct packet_diag_mclist, pdmc_alen),
    };
    static const struct layout layout = LAYOUT(members, sizeof(struct packet_diag_mclist));
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, sizeof(struct packet_diag_mclist));
    uint32_t most = MEMBER_BYTES(struct packet_diag_mclist, pdmc_addr);
    uint32_t length = (uint32_t)number_in(bytes + offsetof(struct packet_diag_mclist, pdmc_alen), sizeof(uint16_t));
    show_open(netlink->decoding, name, "{");
    show_netlink_members(netlink, &layout, 0, layout.size, piece.at);
    show_raw(netlink, "pdmc_addr",
             (struct piece){piece.at + (uint32_t)offsetof(struct packet_diag_mclist, pdmc_addr),
                            length < most ? length : most});
    show_close(netlink->decoding, "}");
    return true;
}

static const struct list membership_list = {.size = sizeof(struct packet_diag_mclist),
                                            .element = SHOWN_BY(show_membership)};

static const struct member packet_ring_members[] = {
    NUMBER(struct packet_diag_ring, pdr_block_size), NUMBER(struct packet_diag_ring, pdr_block_nr),
    NUMBER(struct packet_diag_ring, pdr_frame_size), NUMBER(struct packet_diag_ring, pdr_frame_nr),
    NUMBER(struct packet_diag_ring, pdr_retire_tmo), NUMBER(struct packet_diag_ring, pdr_sizeof_priv),
    NUMBER(struct packet_diag_ring, pdr_features),
};
static const struct layout packet_ring = LAYOUT(packet_ring_members, sizeof(struct packet_diag_ring));

/* Programs of packet filters are not shown: where it is. */
static bool show_filter(struct netlink *netlink, const char *name, struct piece piece) {
    if (piece.size < sizeof(struct sock_filter)) {
        return false;
    }
    show_address(netlink->decoding, name, netlink->address + piece.at);
    return true;
}

static const struct payload packet_payloads[] = {
    [PACKET_DIAG_INFO] = STRUCTURED(packet_info),
    [PACKET_DIAG_MCLIST] = LISTED(membership_list),
    [PACKET_DIAG_RX_RING] = STRUCTURED(packet_ring),
    [PACKET_DIAG_TX_RING] = STRUCTURED(packet_ring),
    [PACKET_DIAG_FANOUT] = UNSIGNED(4),
    [PACKET_DIAG_UID] = {.kind = PAYLOAD_ID, .size = 4},
    [PACKET_DIAG_MEMINFO] = SHOWN_BY(show_memory),
    [PACKET_DIAG_FILTER] = SHOWN_BY(show_filter),
};
static const struct attributes packet_attributes = ATTRIBUTES(A_NL_PACKET_ATTR, packet_payloads);

static const struct member packet_answer_members[] = {
    NAMES(struct packet_diag_msg, pdiag_family, A_SOCK_DOMAIN),
    NAMES(struct packet_diag_msg, pdiag_type, A_NL_SOCK_TYPE),
    NAMES(struct packet_diag_msg, pdiag_num, A_NL_ETHERNET),
    NUMBER(struct packet_diag_msg, pdiag_ino),
    COOKIE(struct packet_diag_msg, pdiag_cookie),
};
static const struct layout packet_answer = LAYOUT(packet_answer_members, sizeof(struct packet_diag_msg));
static const struct message_form packet_answer_form = {&packet_answer, &packet_attributes};

/* ------------------------------------------------------------------------------- SMC */

static bool show_smc_id(struct netlink *netlink, const char *name, struct piece piece) {
    struct payload payload = STRUCTURED(inet_id_layout);
    uint8_t family = netlink->family;
    netlink->family = AF_INET; /* whatever the family of the sockets */
    bool is_shown = show_payload(netlink, name, &payload, piece);
    netlink->family = family;
    return is_shown;
}

static const struct member smc_request_members[] = {
    NAMES(struct smc_diag_req, diag_family, A_SOCK_DOMAIN),
    NAMES(struct smc_diag_req, diag_ext, A_NL_SMC_EXTENSIONS),
    MEMBER(struct smc_diag_req, id, PAYLOAD_OTHER, .show = show_smc_id),
};
static const struct layout smc_request = LAYOUT(smc_request_members, sizeof(struct smc_diag_req));
static const struct message_form smc_request_form = {.header = &smc_request};

static const struct member smc_cursor_members[] = {
    NUMBER(struct smc_diag_cursor, reserved),
    NUMBER(struct smc_diag_cursor, wrap),
    NUMBER(struct smc_diag_cursor, count),
};
static const struct layout smc_cursor = LAYOUT(smc_cursor_members, sizeof(struct smc_diag_cursor));
#define CURSOR(name) MEMBER(struct smc_diag_conninfo, name, PAYLOAD_LAYOUT, .layout = &smc_cursor)
#define PADDED(name) MEMBER(struct smc_diag_conninfo, name, PAYLOAD_PADDED_HEX, 0)
static const struct member smc_connection_members[] = {
    NUMBER(struct smc_diag_conninfo, token),
    NUMBER(struct smc_diag_conninfo, sndbuf_size),
    NUMBER(struct smc_diag_conninfo, rmbe_size),
    NUMBER(struct smc_diag_conninfo, peer_rmbe_size),
    CURSOR(rx_prod),
    CURSOR(rx_cons),
    CURSOR(tx_prod),
    CURSOR(tx_cons),
    PADDED(rx_prod_flags),
    PADDED(rx_conn_state_flags),
    PADDED(tx_prod_flags),
    PADDED(tx_conn_state_flags),
    CURSOR(tx_prep),
    CURSOR(tx_sent),
    CURSOR(tx_fin),
};
static const struct layout smc_connection = LAYOUT(smc_connection_members, sizeof(struct smc_diag_conninfo));

static const struct member smc_link_members[] = {
    NUMBER(struct smc_diag_linkinfo, link_id),
    MEMBER(struct smc_diag_linkinfo, ibname, PAYLOAD_NAME, 0),
    NUMBER(struct smc_diag_linkinfo, ibport),
    MEMBER(struct smc_diag_linkinfo, gid, PAYLOAD_NAME, 0),
    MEMBER(struct smc_diag_linkinfo, peer_gid, PAYLOAD_NAME, 0),
};
static const struct layout smc_link = LAYOUT(smc_link_members, sizeof(struct smc_diag_linkinfo));
static const struct list smc_links = {.size = sizeof(struct smc_diag_linkinfo), .element = STRUCTURED(smc_link)};
static const struct member smc_group_members[] = {
    MEMBER(struct smc_diag_lgrinfo, lnk, PAYLOAD_LIST, .list = &smc_links),
    NAMES(struct smc_diag_lgrinfo, role, A_NL_SMC_ROLE),
};
static const struct layout smc_group = LAYOUT(smc_group_members, sizeof(struct smc_diag_lgrinfo));

static const struct member smc_buffer_members[] = {
    NUMBER(struct smcd_diag_dmbinfo, linkid),
    MEMBER(struct smcd_diag_dmbinfo, peer_gid, PAYLOAD_HEX, 0),
    MEMBER(struct smcd_diag_dmbinfo, my_gid, PAYLOAD_HEX, 0),
    MEMBER(struct smcd_diag_dmbinfo, token, PAYLOAD_HEX, 0),
    MEMBER(struct smcd_diag_dmbinfo, peer_token, PAYLOAD_HEX, 0),
};
static const struct layout smc_buffer = LAYOUT(smc_buffer_members, sizeof(struct smcd_diag_dmbinfo));

static const struct member smc_fallback_members[] = {
    NAMES(struct smc_diag_fallback, reason, A_NL_SMC_DECLINE),
    NAMES(struct smc_diag_fallback, peer_diagnosis, A_NL_SMC_DECLINE),
};
static const struct layout smc_fallback = LAYOUT(smc_fallback_members, sizeof(struct smc_diag_fallback));

static const struct payload smc_payloads[] = {
    [SMC_DIAG_CONNINFO] = STRUCTURED(smc_connection), [SMC_DIAG_LGRINFO] = STRUCTURED(smc_group),
    [SMC_DIAG_SHUTDOWN] = NAMED(1, A_NL_SHUTDOWN),    [SMC_DIAG_DMBINFO] = STRUCTURED(smc_buffer),
    [SMC_DIAG_FALLBACK] = STRUCTURED(smc_fallback),
};
static const struct attributes smc_attributes = ATTRIBUTES(A_NL_SMC_ATTR, smc_payloads);

static const struct member smc_answer_members[] = {
    NAMES(struct smc_diag_msg, diag_family, A_SOCK_DOMAIN),
    NAMES(struct smc_diag_msg, diag_state, A_NL_SMC_STATE),
    NAMES(struct smc_diag_msg, diag_fallback, A_NL_SMC_MODE),
    NUMBER(struct smc_diag_msg, diag_shutdown),
    MEMBER(struct smc_diag_msg, id, PAYLOAD_OTHER, .show = show_smc_id),
    NUMBER(struct smc_diag_msg, diag_uid),
    NUMBER(struct smc_diag_msg, diag_inode),
};
static const struct layout smc_answer = LAYOUT(smc_answer_members, sizeof(struct smc_diag_msg));
static const struct message_form smc_answer_form = {&smc_answer, &smc_attributes};

/* ---------------------------------------------------------------------- any message */

static const struct message_form *request_form(const struct netlink *netlink) {
    switch (netlink->family) {
    case AF_UNIX:
        return &unix_request_form;
    case AF_INET:
    case AF_INET6:
        return netlink->type == TCPDIAG_GETSOCK || netlink->type == DCCPDIAG_GETSOCK ? &inet_old_request_form
                                                                                     : &inet_request_form;
    case AF_NETLINK:
        return &netlink_request_form;
    case AF_PACKET:
        return &packet_request_form;
    case AF_SMC:
        return &smc_request_form;
    default:
        return NULL;
    }
}

static const struct message_form *answer_form(const struct netlink *netlink) {
    switch (netlink->family) {
    case AF_UNIX:
        return &unix_answer_form;
    case AF_INET:
    case AF_INET6:
        return &inet_answer_form;
    case AF_NETLINK:
        return &netlink_answer_form;
    case AF_PACKET:
        return &packet_answer_form;
    case AF_SMC:
        return &smc_answer_form;
    default:
        return NULL;
    }
}

bool show_diag_message(struct netlink *netlink, struct piece piece) {
    const uint8_t *family = netlink_bytes(netlink, piece.at, 1);
    if (netlink->type == NLMSG_DONE) {
        return false;
    }
    if (!family) {
        show_missing(netlink, NULL, piece.at);
        return true;
    }
    netlink->family = *family;
    const struct message_form *form = netlink->flags & NLM_F_REQUEST ? request_form(netlink) : answer_form(netlink);
    if (form && piece.size > 1) {
        show_netlink_form(netlink, form, piece);
        return true;
    }
    show_open(netlink->decoding, NULL, "{");
    show_set(netlink->decoding, "family", A_SOCK_DOMAIN, *family);
    if (piece.size > 1) {
        show_raw(netlink, "data", (struct piece){piece.at + 1, piece.size - 1});
    }
    show_close(netlink->decoding, "}");
    return true;
}
