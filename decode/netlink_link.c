/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about links.
 */
#include "netlink_message.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* --------------------------------------------------------------------- what is counted */

#define COUNTERS(type)                                                                                                 \
    NUMBER(type, rx_packets), NUMBER(type, tx_packets), NUMBER(type, rx_bytes), NUMBER(type, tx_bytes),                \
        NUMBER(type, rx_errors), NUMBER(type, tx_errors), NUMBER(type, rx_dropped), NUMBER(type, tx_dropped),          \
        NUMBER(type, multicast), NUMBER(type, collisions), NUMBER(type, rx_length_errors),                             \
        NUMBER(type, rx_over_errors), NUMBER(type, rx_crc_errors), NUMBER(type, rx_frame_errors),                      \
        NUMBER(type, rx_fifo_errors), NUMBER(type, rx_missed_errors), NUMBER(type, tx_aborted_errors),                 \
        NUMBER(type, tx_carrier_errors), NUMBER(type, tx_fifo_errors), NUMBER(type, tx_heartbeat_errors),              \
        NUMBER(type, tx_window_errors), NUMBER(type, rx_compressed), NUMBER(type, tx_compressed),                      \
        NUMBER(type, rx_nohandler)

static const struct member counters_members[] = {COUNTERS(struct rtnl_link_stats)};
static const struct layout counters_layout = LAYOUT_WITH(
    counters_members, sizeof(struct rtnl_link_stats), .short_sizes = {offsetof(struct rtnl_link_stats, rx_nohandler)});

/* Linux 5.19 has one more than Debian's headers may know. */
enum {
    OTHERHOST_AT = offsetof(struct rtnl_link_stats64, rx_nohandler) + sizeof(uint64_t),
};

static const struct member counters64_members[] = {
    COUNTERS(struct rtnl_link_stats64),
    {.name = "rx_otherhost_dropped", .offset = OTHERHOST_AT, .payload = UNSIGNED(8)},
};
static const struct layout counters64_layout =
    LAYOUT_WITH(counters64_members, OTHERHOST_AT + sizeof(uint64_t),
                .short_sizes = {offsetof(struct rtnl_link_stats64, rx_nohandler), OTHERHOST_AT});
const struct payload link_stats64_payload = STRUCTURED(counters64_layout);

/* ----------------------------------------------------------------------- single parts */

static const struct member map_members[] = {
    MEMBER(struct rtnl_link_ifmap, mem_start, PAYLOAD_HEX, 0),
    MEMBER(struct rtnl_link_ifmap, mem_end, PAYLOAD_HEX, 0),
    MEMBER(struct rtnl_link_ifmap, base_addr, PAYLOAD_HEX, 0),
    NUMBER(struct rtnl_link_ifmap, irq),
    NUMBER(struct rtnl_link_ifmap, dma),
    NUMBER(struct rtnl_link_ifmap, port),
};
static const struct layout map_layout =
    LAYOUT(map_members, offsetof(struct rtnl_link_ifmap, port) + MEMBER_BYTES(struct rtnl_link_ifmap, port));

static const struct payload program_payloads[] = {
    [IFLA_XDP_FD] = {.kind = PAYLOAD_DESCRIPTOR, .size = 4},
    [IFLA_XDP_ATTACHED] = NAMED(1, A_NL_LINK_XDP_ATTACHED),
    [IFLA_XDP_FLAGS] = NAMED_OF_ANY_LENGTH(4, A_NL_LINK_XDP_FLAGS),
    [IFLA_XDP_PROG_ID] = UNSIGNED(4),
    [IFLA_XDP_DRV_PROG_ID] = UNSIGNED(4),
    [IFLA_XDP_SKB_PROG_ID] = UNSIGNED(4),
    [IFLA_XDP_HW_PROG_ID] = UNSIGNED(4),
    [IFLA_XDP_EXPECTED_FD] = {.kind = PAYLOAD_DESCRIPTOR, .size = 4},
};
static const struct attributes program_attributes = ATTRIBUTES(A_NL_LINK_XDP_ATTR, program_payloads);

static const struct payload reason_payloads[] = {
    [IFLA_PROTO_DOWN_REASON_MASK] = HEX(4),
    [IFLA_PROTO_DOWN_REASON_VALUE] = HEX(4),
};
static const struct attributes reason_attributes = ATTRIBUTES(A_NL_LINK_DOWN_ATTR, reason_payloads);

static const struct payload property_payloads[] = {[IFLA_ALT_IFNAME] = STRING};
static const struct attributes property_attributes = {.names = A_NL_LINK_ATTR,
                                                      .count = NETLINK_COUNT(property_payloads),
                                                      .payloads = property_payloads,
                                                      .is_exact = true};

/* ------------------------------------------------------------------ ports of functions */

static const struct member station_members[] = {
    NUMBER(struct ifla_port_vsi, vsi_mgr_id),
    MEMBER(struct ifla_port_vsi, vsi_type_id, PAYLOAD_BYTES, 0),
    NUMBER(struct ifla_port_vsi, vsi_type_version),
    {.name = "pad",
     .offset = offsetof(struct ifla_port_vsi, pad),
     .is_rare = true,
     .payload = {.kind = PAYLOAD_BYTES, .size = MEMBER_BYTES(struct ifla_port_vsi, pad)}},
};
static const struct layout station_layout = LAYOUT(station_members, sizeof(struct ifla_port_vsi));

static const struct payload port_payloads[] = {
    [IFLA_PORT_VF] = UNSIGNED(4),
    [IFLA_PORT_PROFILE] = STRING,
    [IFLA_PORT_VSI_TYPE] = STRUCTURED(station_layout),
    [IFLA_PORT_REQUEST] = UNSIGNED(1),
    [IFLA_PORT_RESPONSE] = UNSIGNED(2),
};
static const struct attributes port_attributes = ATTRIBUTES(A_NL_LINK_PORT_ATTR, port_payloads);
static const struct payload ports_payloads[] = {[IFLA_VF_PORT] = NESTED_IN(port_attributes)};
static const struct attributes ports_attributes = ATTRIBUTES(A_NL_LINK_VF_PORT_ATTR, ports_payloads);

/* ------------------------------------------------------------------ virtual functions */

static const struct member function_address_members[] = {
    NUMBER(struct ifla_vf_mac, vf),
    MEMBER(struct ifla_vf_mac, mac, PAYLOAD_HARDWARE, 0),
};
static const struct layout function_address = LAYOUT(function_address_members, sizeof(struct ifla_vf_mac));

static const struct member function_broadcast_members[] = {
    MEMBER(struct ifla_vf_broadcast, broadcast, PAYLOAD_HARDWARE, 0)};
static const struct layout function_broadcast = LAYOUT(function_broadcast_members, sizeof(struct ifla_vf_broadcast));

static const struct member function_vlan_members[] = {
    NUMBER(struct ifla_vf_vlan, vf),
    NUMBER(struct ifla_vf_vlan, vlan),
    NUMBER(struct ifla_vf_vlan, qos),
};
static const struct layout function_vlan = LAYOUT(function_vlan_members, sizeof(struct ifla_vf_vlan));

static const struct member function_vlan_info_members[] = {
    NUMBER(struct ifla_vf_vlan_info, vf),
    NUMBER(struct ifla_vf_vlan_info, vlan),
    NUMBER(struct ifla_vf_vlan_info, qos),
    MEMBER(struct ifla_vf_vlan_info, vlan_proto, PAYLOAD_HTONS_SET, A_NL_ETHERNET),
};
static const struct layout function_vlan_info = LAYOUT(function_vlan_info_members, sizeof(struct ifla_vf_vlan_info));
static const struct payload function_vlans_payloads[] = {[IFLA_VF_VLAN_INFO] = STRUCTURED(function_vlan_info)};
static const struct attributes function_vlans = ATTRIBUTES(A_NL_LINK_VF_VLAN_ATTR, function_vlans_payloads);

static const struct member function_speed_members[] = {
    NUMBER(struct ifla_vf_tx_rate, vf),
    NUMBER(struct ifla_vf_tx_rate, rate),
};
static const struct layout function_speed = LAYOUT(function_speed_members, sizeof(struct ifla_vf_tx_rate));

static const struct member function_speeds_members[] = {
    NUMBER(struct ifla_vf_rate, vf),
    NUMBER(struct ifla_vf_rate, min_tx_rate),
    NUMBER(struct ifla_vf_rate, max_tx_rate),
};
static const struct layout function_speeds = LAYOUT(function_speeds_members, sizeof(struct ifla_vf_rate));

/* Several settings look alike. */
static const struct member function_setting_members[] = {
    NUMBER(struct ifla_vf_spoofchk, vf),
    NUMBER(struct ifla_vf_spoofchk, setting),
};
static const struct layout function_setting = LAYOUT(function_setting_members, sizeof(struct ifla_vf_spoofchk));

static const struct member function_state_members[] = {
    NUMBER(struct ifla_vf_link_state, vf),
    NAMES(struct ifla_vf_link_state, link_state, A_NL_LINK_VF_STATE),
};
static const struct layout function_state = LAYOUT(function_state_members, sizeof(struct ifla_vf_link_state));

/* The number of the function is followed by 8 bytes, before which i386 has no padding. */
static bool show_function_guid(struct netlink *netlink, const char *name, struct piece piece) {
    const uint32_t number = sizeof(uint32_t);
    const uint32_t guid = sizeof(uint64_t);
    if (piece.size != number + guid && piece.size != sizeof(struct ifla_vf_guid)) {
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, piece.size);
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    show_open(netlink->decoding, name, "{");
    show_unsigned(netlink->decoding, "vf", number_in(bytes, number));
    show_hex(netlink->decoding, "guid", number_in(bytes + piece.size - guid, guid));
    show_close(netlink->decoding, "}");
    return true;
}

static const struct payload function_stats_payloads[] = {
    [IFLA_VF_STATS_RX_PACKETS] = UNSIGNED(8), [IFLA_VF_STATS_TX_PACKETS] = UNSIGNED(8),
    [IFLA_VF_STATS_RX_BYTES] = UNSIGNED(8),   [IFLA_VF_STATS_TX_BYTES] = UNSIGNED(8),
    [IFLA_VF_STATS_BROADCAST] = UNSIGNED(8),  [IFLA_VF_STATS_MULTICAST] = UNSIGNED(8),
    [IFLA_VF_STATS_RX_DROPPED] = UNSIGNED(8), [IFLA_VF_STATS_TX_DROPPED] = UNSIGNED(8),
};
static const struct attributes function_stats = ATTRIBUTES(A_NL_LINK_VF_STATS_ATTR, function_stats_payloads);

static const struct payload function_payloads[] = {
    [IFLA_VF_MAC] = STRUCTURED(function_address),          [IFLA_VF_VLAN] = STRUCTURED(function_vlan),
    [IFLA_VF_TX_RATE] = STRUCTURED(function_speed),        [IFLA_VF_SPOOFCHK] = STRUCTURED(function_setting),
    [IFLA_VF_LINK_STATE] = STRUCTURED(function_state),     [IFLA_VF_RATE] = STRUCTURED(function_speeds),
    [IFLA_VF_RSS_QUERY_EN] = STRUCTURED(function_setting), [IFLA_VF_STATS] = NESTED_IN(function_stats),
    [IFLA_VF_TRUST] = STRUCTURED(function_setting),        [IFLA_VF_IB_NODE_GUID] = SHOWN_BY(show_function_guid),
    [IFLA_VF_IB_PORT_GUID] = SHOWN_BY(show_function_guid), [IFLA_VF_VLAN_LIST] = NESTED_IN(function_vlans),
    [IFLA_VF_BROADCAST] = STRUCTURED(function_broadcast),
};
static const struct attributes function_attributes = ATTRIBUTES(A_NL_LINK_VF_ATTR, function_payloads);
static const struct payload functions_payloads[] = {[IFLA_VF_INFO] = NESTED_IN(function_attributes)};
static const struct attributes functions_attributes = ATTRIBUTES(A_NL_LINK_VFINFO_ATTR, functions_payloads);

/* ----------------------------------------------------------------------------- a link */

static const struct payload link_payloads[] = {
    [IFLA_ADDRESS] = PLAIN(PAYLOAD_LINK_ADDRESS),
    [IFLA_BROADCAST] = PLAIN(PAYLOAD_LINK_ADDRESS),
    [IFLA_IFNAME] = STRING,
    [IFLA_MTU] = UNSIGNED(4),
    [IFLA_LINK] = UNSIGNED(4),
    [IFLA_QDISC] = STRING,
    [IFLA_STATS] = STRUCTURED(counters_layout),
    [IFLA_MASTER] = UNSIGNED(4),
    [IFLA_PROTINFO] = SHOWN_BY(show_link_protocol),
    [IFLA_TXQLEN] = UNSIGNED(4),
    [IFLA_MAP] = STRUCTURED(map_layout),
    [IFLA_WEIGHT] = UNSIGNED(4),
    [IFLA_OPERSTATE] = UNSIGNED(1),
    [IFLA_LINKMODE] = UNSIGNED(1),
    [IFLA_LINKINFO] = SHOWN_BY(show_link_info),
    [IFLA_NET_NS_PID] = UNSIGNED(4),
    [IFLA_IFALIAS] = STRING,
    [IFLA_NUM_VF] = UNSIGNED(4),
    [IFLA_VFINFO_LIST] = NESTED_IN(functions_attributes),
    [IFLA_STATS64] = STRUCTURED(counters64_layout),
    [IFLA_VF_PORTS] = NESTED_IN(ports_attributes),
    [IFLA_PORT_SELF] = NESTED_IN(port_attributes),
    [IFLA_AF_SPEC] = SHOWN_BY(show_link_families),
    [IFLA_GROUP] = UNSIGNED(4),
    [IFLA_NET_NS_FD] = {.kind = PAYLOAD_DESCRIPTOR, .size = 4},
    [IFLA_EXT_MASK] = NAMED(4, A_NL_LINK_FILTER),
    [IFLA_PROMISCUITY] = UNSIGNED(4),
    [IFLA_NUM_TX_QUEUES] = UNSIGNED(4),
    [IFLA_NUM_RX_QUEUES] = UNSIGNED(4),
    [IFLA_CARRIER] = UNSIGNED(1),
    [IFLA_CARRIER_CHANGES] = UNSIGNED(4),
    [IFLA_LINK_NETNSID] = SIGNED(4),
    [IFLA_PHYS_PORT_NAME] = STRING,
    [IFLA_PROTO_DOWN] = UNSIGNED(1),
    [IFLA_GSO_MAX_SEGS] = UNSIGNED(4),
    [IFLA_GSO_MAX_SIZE] = UNSIGNED(4),
    [IFLA_XDP] = NESTED_IN(program_attributes),
    [IFLA_EVENT] = NAMED_OF_ANY_LENGTH(4, A_NL_LINK_EVENT),
    [IFLA_NEW_NETNSID] = SIGNED(4),
    [IFLA_IF_NETNSID] = SIGNED(4),
    [IFLA_CARRIER_UP_COUNT] = UNSIGNED(4),
    [IFLA_CARRIER_DOWN_COUNT] = UNSIGNED(4),
    [IFLA_NEW_IFINDEX] = INTERFACE,
    [IFLA_MIN_MTU] = UNSIGNED(4),
    [IFLA_MAX_MTU] = UNSIGNED(4),
    [IFLA_PROP_LIST] = NESTED_IN(property_attributes),
    [IFLA_ALT_IFNAME] = STRING,
    [IFLA_PERM_ADDRESS] = PLAIN(PAYLOAD_LINK_ADDRESS),
    [IFLA_PROTO_DOWN_REASON] = NESTED_IN(reason_attributes),
    [IFLA_PARENT_DEV_NAME] = STRING,
    [IFLA_PARENT_DEV_BUS_NAME] = STRING,
    [IFLA_GRO_MAX_SIZE] = UNSIGNED(4),
    [IFLA_TSO_MAX_SIZE] = UNSIGNED(4),
    [IFLA_TSO_MAX_SEGS] = UNSIGNED(4),
    [IFLA_ALLMULTI] = UNSIGNED(4),
};
static const struct attributes link_attributes = ATTRIBUTES(A_NL_LINK_ATTR, link_payloads);

static const struct member link_members[] = {
    NAMES(struct ifinfomsg, ifi_family, A_SOCK_DOMAIN),        NAMES(struct ifinfomsg, ifi_type, A_NL_LINK_TYPE),
    MEMBER(struct ifinfomsg, ifi_index, PAYLOAD_INTERFACE, 0), NAMES(struct ifinfomsg, ifi_flags, A_NL_LINK_FLAGS),
    MEMBER(struct ifinfomsg, ifi_change, PAYLOAD_HEX, 0),
};
static const struct layout link_header = LAYOUT(link_members, sizeof(struct ifinfomsg));
const struct message_form link_form = {&link_header, &link_attributes};
