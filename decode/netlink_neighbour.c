/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about neighbours, and about groups that a bridge's ports belong to.
 */
#include "netlink_message.h"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

/* ----------------------------------------------------------------------- neighbours */

static const struct member times_members[] = {
    NUMBER(struct nda_cacheinfo, ndm_confirmed),
    NUMBER(struct nda_cacheinfo, ndm_used),
    NUMBER(struct nda_cacheinfo, ndm_updated),
    NUMBER(struct nda_cacheinfo, ndm_refcnt),
};
static const struct layout times_layout = LAYOUT(times_members, sizeof(struct nda_cacheinfo));

static const struct payload bridge_payloads[] = {[NFEA_ACTIVITY_NOTIFY] = NAMED(1, A_NL_NEIGH_FDB_NOTIFY)};
static const struct attributes bridge_attributes = ATTRIBUTES(A_NL_NEIGH_FDB_ATTR, bridge_payloads);

static const struct payload neighbour_payloads[] = {
    [NDA_DST] = PLAIN(PAYLOAD_ADDRESS),
    [NDA_LLADDR] = PLAIN(PAYLOAD_HARDWARE),
    [NDA_CACHEINFO] = STRUCTURED(times_layout),
    [NDA_PROBES] = UNSIGNED(4),
    [NDA_VLAN] = UNSIGNED(2),
    [NDA_PORT] = NETWORK(2),
    [NDA_VNI] = UNSIGNED(4),
    [NDA_IFINDEX] = INTERFACE,
    [NDA_MASTER] = INTERFACE,
    [NDA_LINK_NETNSID] = UNSIGNED(4),
    [NDA_SRC_VNI] = UNSIGNED(4),
    [NDA_PROTOCOL] = NAMED(0, A_PROTOCOL_INET),
    [NDA_NH_ID] = UNSIGNED(4),
    [NDA_FDB_EXT_ATTRS] = NESTED_IN(bridge_attributes),
    [NDA_FLAGS_EXT] = NAMED(4, A_NL_NEIGH_EXT_FLAGS),
    [NDA_NDM_STATE_MASK] = NAMED(2, A_NL_NEIGH_STATE),
    [NDA_NDM_FLAGS_MASK] = NAMED(1, A_NL_NEIGH_FLAGS),
};
static const struct attributes neighbour_attributes = ATTRIBUTES(A_NL_NEIGH_ATTR, neighbour_payloads);

static const struct member neighbour_members[] = {
    NAMES(struct ndmsg, ndm_family, A_SOCK_DOMAIN),   MEMBER(struct ndmsg, ndm_ifindex, PAYLOAD_INTERFACE, 0),
    NAMES(struct ndmsg, ndm_state, A_NL_NEIGH_STATE), NAMES(struct ndmsg, ndm_flags, A_NL_NEIGH_FLAGS),
    NAMES(struct ndmsg, ndm_type, A_NL_ROUTE_TYPE),
};
static const struct layout neighbour_header = LAYOUT(neighbour_members, sizeof(struct ndmsg));
const struct message_form neighbour_form = {&neighbour_header, &neighbour_attributes};

/* ------------------------------------------------------------------ their whole table */

static const struct member setting_members[] = {
    NUMBER(struct ndt_config, ndtc_key_len),
    NUMBER(struct ndt_config, ndtc_entry_size),
    NUMBER(struct ndt_config, ndtc_entries),
    NUMBER(struct ndt_config, ndtc_last_flush),
    NUMBER(struct ndt_config, ndtc_last_rand),
    NUMBER(struct ndt_config, ndtc_hash_rnd),
    MEMBER(struct ndt_config, ndtc_hash_mask, PAYLOAD_PADDED_HEX, 0),
    NUMBER(struct ndt_config, ndtc_hash_chain_gc),
    NUMBER(struct ndt_config, ndtc_proxy_qlen),
};
static const struct layout setting_layout = LAYOUT(setting_members, sizeof(struct ndt_config));

static const struct member counts_members[] = {
    NUMBER(struct ndt_stats, ndts_allocs),           NUMBER(struct ndt_stats, ndts_destroys),
    NUMBER(struct ndt_stats, ndts_hash_grows),       NUMBER(struct ndt_stats, ndts_res_failed),
    NUMBER(struct ndt_stats, ndts_lookups),          NUMBER(struct ndt_stats, ndts_hits),
    NUMBER(struct ndt_stats, ndts_rcv_probes_mcast), NUMBER(struct ndt_stats, ndts_rcv_probes_ucast),
    NUMBER(struct ndt_stats, ndts_periodic_gc_runs), NUMBER(struct ndt_stats, ndts_forced_gc_runs),
    NUMBER(struct ndt_stats, ndts_table_fulls),
};
static const struct layout counts_layout = LAYOUT_WITH(counts_members, sizeof(struct ndt_stats),
                                                       .short_sizes = {offsetof(struct ndt_stats, ndts_table_fulls)});

static const struct payload parameter_payloads[] = {
    [NDTPA_IFINDEX] = INTERFACE,
    [NDTPA_REFCNT] = UNSIGNED(4),
    [NDTPA_REACHABLE_TIME] = UNSIGNED(8),
    [NDTPA_BASE_REACHABLE_TIME] = UNSIGNED(8),
    [NDTPA_RETRANS_TIME] = UNSIGNED(8),
    [NDTPA_GC_STALETIME] = UNSIGNED(8),
    [NDTPA_DELAY_PROBE_TIME] = UNSIGNED(8),
    [NDTPA_QUEUE_LEN] = UNSIGNED(4),
    [NDTPA_APP_PROBES] = UNSIGNED(4),
    [NDTPA_UCAST_PROBES] = UNSIGNED(4),
    [NDTPA_MCAST_PROBES] = UNSIGNED(4),
    [NDTPA_ANYCAST_DELAY] = UNSIGNED(8),
    [NDTPA_PROXY_DELAY] = UNSIGNED(8),
    [NDTPA_PROXY_QLEN] = UNSIGNED(4),
    [NDTPA_LOCKTIME] = UNSIGNED(8),
    [NDTPA_QUEUE_LENBYTES] = UNSIGNED(4),
    [NDTPA_MCAST_REPROBES] = UNSIGNED(4),
    [NDTPA_INTERVAL_PROBE_TIME_MS] = UNSIGNED(8),
};
static const struct attributes parameter_attributes = ATTRIBUTES(A_NL_NEIGHTBL_PARMS_ATTR, parameter_payloads);

static const struct payload neighbours_payloads[] = {
    [NDTA_NAME] = STRING,
    [NDTA_THRESH1] = UNSIGNED(4),
    [NDTA_THRESH2] = UNSIGNED(4),
    [NDTA_THRESH3] = UNSIGNED(4),
    [NDTA_CONFIG] = STRUCTURED(setting_layout),
    [NDTA_PARMS] = NESTED_IN(parameter_attributes),
    [NDTA_STATS] = STRUCTURED(counts_layout),
    [NDTA_GC_INTERVAL] = UNSIGNED(8),
};
static const struct attributes neighbours_attributes = ATTRIBUTES(A_NL_NEIGHTBL_ATTR, neighbours_payloads);
static const struct member neighbours_members[] = {NAMES(struct ndtmsg, ndtm_family, A_SOCK_DOMAIN)};
static const struct layout neighbours_header = LAYOUT(neighbours_members, sizeof(struct ndtmsg));
const struct message_form neighbours_form = {&neighbours_header, &neighbours_attributes};

/* --------------------------------------------------------------- groups of a bridge */

static const struct payload timer_payloads[] = {
    [MDBA_MDB_EATTR_TIMER] = PLAIN(PAYLOAD_TICKS),
};
static const struct attributes timer_attributes = ATTRIBUTES(A_NL_MDB_EATTR, timer_payloads);

static void show_group_address(struct netlink *netlink, uint32_t at, uint16_t family) {
    struct decoding *decoding = netlink->decoding;
    struct piece address = {at, sizeof(((struct br_mdb_entry *)0)->addr.u)};
    show_open(decoding, "addr", "{");
    if (family > UINT8_MAX || !show_address_piece(netlink, "u", (uint8_t)family, address)) {
        show_raw(netlink, "u", address);
    }
    show_htons(decoding, "proto", A_SOCK_DOMAIN, family);
    show_close(decoding, "}");
}

static bool show_group(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct member members[] = {
        MEMBER(struct br_mdb_entry, ifindex, PAYLOAD_INTERFACE, 0),
        NAMES(struct br_mdb_entry, state, A_NL_MDB_STATE),
        NAMES(struct br_mdb_entry, flags, A_NL_MDB_FLAGS),
        NUMBER(struct br_mdb_entry, vid),
    };
    static const struct layout layout = LAYOUT(members, sizeof(struct br_mdb_entry));
    const uint32_t size = sizeof(struct br_mdb_entry);
    if (piece.size < size) {
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (bytes) {
        show_open(netlink->decoding, name, "{");
        show_netlink_members(netlink, &layout, 0, size, piece.at);
        uint16_t family = (uint16_t)number_in(bytes + offsetof(struct br_mdb_entry, addr.proto), sizeof(family));
        show_group_address(netlink, piece.at + (uint32_t)offsetof(struct br_mdb_entry, addr.u), ntohs(family));
        show_close(netlink->decoding, "}");
    } else {
        show_missing(netlink, name, piece.at);
    }
    if (piece.size > size) {
        show_attributes(netlink, &timer_attributes, (struct piece){piece.at + size, piece.size - size});
    }
    return true;
}

static const struct payload entry_payloads[] = {[MDBA_MDB_ENTRY_INFO] = SHOWN_BY(show_group)};
static const struct attributes entry_attributes = ATTRIBUTES(A_NL_MDB_ENTRY_ATTR, entry_payloads);
static const struct payload groups_payloads[] = {[MDBA_MDB_ENTRY] = NESTED_IN(entry_attributes)};
static const struct attributes groups_attributes = ATTRIBUTES(A_NL_MDB_MDB_ATTR, groups_payloads);

static const struct payload port_payloads[] = {
    [MDBA_ROUTER_PATTR_TIMER] = PLAIN(PAYLOAD_TICKS),
    [MDBA_ROUTER_PATTR_TYPE] = NAMED_OF_ANY_LENGTH(1, A_NL_MDB_ROUTER_TYPE),
    [MDBA_ROUTER_PATTR_INET_TIMER] = PLAIN(PAYLOAD_TICKS),
    [MDBA_ROUTER_PATTR_INET6_TIMER] = PLAIN(PAYLOAD_TICKS),
};
static const struct attributes port_attributes = ATTRIBUTES(A_NL_MDB_ROUTER_PATTR, port_payloads);

static bool show_port_piece(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct payload link = INTERFACE;
    if (!show_payload(netlink, name, &link, piece)) {
        return false;
    }
    if (piece.size > link.size) {
        show_attributes(netlink, &port_attributes, (struct piece){piece.at + link.size, piece.size - link.size});
    }
    return true;
}

static const struct payload router_payloads[] = {[MDBA_ROUTER_PORT] = SHOWN_BY(show_port_piece)};
static const struct attributes router_attributes = ATTRIBUTES(A_NL_MDB_ROUTER_ATTR, router_payloads);

static const struct payload bridge_group_payloads[] = {
    [MDBA_MDB] = NESTED_IN(groups_attributes),
    [MDBA_ROUTER] = NESTED_IN(router_attributes),
};
static const struct attributes bridge_group_attributes = ATTRIBUTES(A_NL_MDB_ATTR, bridge_group_payloads);
static const struct member bridge_group_members[] = {
    NAMES(struct br_port_msg, family, A_SOCK_DOMAIN),
    MEMBER(struct br_port_msg, ifindex, PAYLOAD_INTERFACE, 0),
};
static const struct layout bridge_group_header = LAYOUT(bridge_group_members, sizeof(struct br_port_msg));
const struct message_form bridge_group_form = {&bridge_group_header, &bridge_group_attributes};
