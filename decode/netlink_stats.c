/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about what is counted of links.
 */
#include "netlink_message.h"

#include <linux/if_bonding.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/mpls.h>
#include <sys/socket.h>

enum {
    FAMILY_MPLS = 28, /* AF_MPLS */
};

/* --------------------------------------------------------------------------- bridges */

static const struct member vlan_members[] = {
    NUMBER(struct bridge_vlan_xstats, rx_bytes), NUMBER(struct bridge_vlan_xstats, rx_packets),
    NUMBER(struct bridge_vlan_xstats, tx_bytes), NUMBER(struct bridge_vlan_xstats, tx_packets),
    NUMBER(struct bridge_vlan_xstats, vid),      NAMES(struct bridge_vlan_xstats, flags, A_NL_BRIDGE_VLAN_FLAGS),
    RARE(struct bridge_vlan_xstats, pad2),
};
static const struct layout vlan_layout =
    LAYOUT_WITH(vlan_members, sizeof(struct bridge_vlan_xstats), .shows_rest = true);

static const struct list direction_list = {.size = 8, .set = A_NL_STATS_MCAST, .element = UNSIGNED(8)};
#define DIRECTIONS(name) MEMBER(struct br_mcast_stats, name, PAYLOAD_LIST, .list = &direction_list)
static const struct member multicast_members[] = {
    DIRECTIONS(igmp_v1queries), DIRECTIONS(igmp_v2queries),
    DIRECTIONS(igmp_v3queries), DIRECTIONS(igmp_leaves),
    DIRECTIONS(igmp_v1reports), DIRECTIONS(igmp_v2reports),
    DIRECTIONS(igmp_v3reports), NUMBER(struct br_mcast_stats, igmp_parse_errors),
    DIRECTIONS(mld_v1queries),  DIRECTIONS(mld_v2queries),
    DIRECTIONS(mld_leaves),     DIRECTIONS(mld_v1reports),
    DIRECTIONS(mld_v2reports),  NUMBER(struct br_mcast_stats, mld_parse_errors),
    DIRECTIONS(mcast_bytes),    DIRECTIONS(mcast_packets),
};
static const struct layout multicast_layout =
    LAYOUT_WITH(multicast_members, sizeof(struct br_mcast_stats), .shows_rest = true);

static const struct member tree_members[] = {
    NUMBER(struct bridge_stp_xstats, transition_blk), NUMBER(struct bridge_stp_xstats, transition_fwd),
    NUMBER(struct bridge_stp_xstats, rx_bpdu),        NUMBER(struct bridge_stp_xstats, tx_bpdu),
    NUMBER(struct bridge_stp_xstats, rx_tcn),         NUMBER(struct bridge_stp_xstats, tx_tcn),
};
static const struct layout tree_layout =
    LAYOUT_WITH(tree_members, sizeof(struct bridge_stp_xstats), .shows_rest = true);

static const struct payload bridge_payloads[] = {
    [BRIDGE_XSTATS_VLAN] = STRUCTURED(vlan_layout),
    [BRIDGE_XSTATS_MCAST] = STRUCTURED(multicast_layout),
    [BRIDGE_XSTATS_STP] = STRUCTURED(tree_layout),
};
static const struct attributes bridge_attributes = ATTRIBUTES(A_NL_STATS_BRIDGE_ATTR, bridge_payloads);

/* --------------------------------------------------------------------- bonds and others */

static const struct payload aggregation_payloads[] = {
    [BOND_3AD_STAT_LACPDU_RX] = UNSIGNED(8),         [BOND_3AD_STAT_LACPDU_TX] = UNSIGNED(8),
    [BOND_3AD_STAT_LACPDU_UNKNOWN_RX] = UNSIGNED(8), [BOND_3AD_STAT_LACPDU_ILLEGAL_RX] = UNSIGNED(8),
    [BOND_3AD_STAT_MARKER_RX] = UNSIGNED(8),         [BOND_3AD_STAT_MARKER_TX] = UNSIGNED(8),
    [BOND_3AD_STAT_MARKER_RESP_RX] = UNSIGNED(8),    [BOND_3AD_STAT_MARKER_RESP_TX] = UNSIGNED(8),
    [BOND_3AD_STAT_MARKER_UNKNOWN_RX] = UNSIGNED(8),
};
static const struct attributes aggregation_attributes = ATTRIBUTES(A_NL_STATS_BOND_3AD_ATTR, aggregation_payloads);
static const struct payload bond_payloads[] = {[BOND_XSTATS_3AD] = NESTED_IN(aggregation_attributes)};
static const struct attributes bond_attributes = ATTRIBUTES(A_NL_STATS_BOND_ATTR, bond_payloads);

static const struct payload kind_payloads[] = {
    [LINK_XSTATS_TYPE_BRIDGE] = NESTED_IN(bridge_attributes),
    [LINK_XSTATS_TYPE_BOND] = NESTED_IN(bond_attributes),
};
static const struct attributes kind_attributes = ATTRIBUTES(A_NL_STATS_XSTATS_ATTR, kind_payloads);

static bool show_counters64(struct netlink *netlink, const char *name, struct piece piece) {
    return show_payload(netlink, name, &link_stats64_payload, piece);
}

static const struct payload offload_payloads[] = {[IFLA_OFFLOAD_XSTATS_CPU_HIT] = SHOWN_BY(show_counters64)};
static const struct attributes offload_attributes = ATTRIBUTES(A_NL_STATS_OFFLOAD_ATTR, offload_payloads);

static const struct member label_members[] = {
    NUMBER(struct mpls_link_stats, rx_packets), NUMBER(struct mpls_link_stats, tx_packets),
    NUMBER(struct mpls_link_stats, rx_bytes),   NUMBER(struct mpls_link_stats, tx_bytes),
    NUMBER(struct mpls_link_stats, rx_errors),  NUMBER(struct mpls_link_stats, tx_errors),
    NUMBER(struct mpls_link_stats, rx_dropped), NUMBER(struct mpls_link_stats, tx_dropped),
    NUMBER(struct mpls_link_stats, rx_noroute),
};
static const struct layout label_layout =
    LAYOUT_WITH(label_members, sizeof(struct mpls_link_stats), .shows_rest = true);
static const struct payload labels_payloads[] = {[MPLS_STATS_LINK] = STRUCTURED(label_layout)};
static const struct attributes labels_attributes = ATTRIBUTES(A_NL_STATS_MPLS_ATTR, labels_payloads);

static const struct payload family_payloads[] = {[FAMILY_MPLS] = NESTED_IN(labels_attributes)};
static const struct attributes family_attributes = {
    .names = A_SOCK_DOMAIN, .count = NETLINK_COUNT(family_payloads), .payloads = family_payloads, .is_exact = true};

/* ------------------------------------------------------------------------ the message */

static const struct payload stats_payloads[] = {
    [IFLA_STATS_LINK_64] = SHOWN_BY(show_counters64),
    [IFLA_STATS_LINK_XSTATS] = NESTED_IN(kind_attributes),
    [IFLA_STATS_LINK_XSTATS_SLAVE] = NESTED_IN(kind_attributes),
    [IFLA_STATS_LINK_OFFLOAD_XSTATS] = NESTED_IN(offload_attributes),
    [IFLA_STATS_AF_SPEC] = NESTED_IN(family_attributes),
};
static const struct attributes stats_attributes = ATTRIBUTES(A_NL_STATS_ATTR, stats_payloads);

static const struct member stats_members[] = {
    NAMES(struct if_stats_msg, family, A_SOCK_DOMAIN),
    RARE(struct if_stats_msg, pad1),
    RARE(struct if_stats_msg, pad2),
    MEMBER(struct if_stats_msg, ifindex, PAYLOAD_INTERFACE, 0),
    NAMES(struct if_stats_msg, filter_mask, A_NL_STATS_FILTER),
};
static const struct layout stats_header = LAYOUT(stats_members, sizeof(struct if_stats_msg));
const struct message_form stats_form = {&stats_header, &stats_attributes};
