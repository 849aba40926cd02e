/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about links: what only some kinds of links have.
 */
#include "netlink_message.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <string.h>

/* --------------------------------------------------------------------------- bridges */

static const struct list priority_list = {.size = 1, .element = UNSIGNED(1)};
static const struct member identity_members[] = {
    MEMBER(struct ifla_bridge_id, prio, PAYLOAD_LIST, .list = &priority_list),
    MEMBER(struct ifla_bridge_id, addr, PAYLOAD_HARDWARE, 0),
};
static const struct layout identity_layout = LAYOUT(identity_members, sizeof(struct ifla_bridge_id));

static const struct member options_members[] = {
    NAMES(struct br_boolopt_multi, optval, A_NL_BRIDGE_OPTIONS),
    NAMES(struct br_boolopt_multi, optmask, A_NL_BRIDGE_OPTIONS),
};
static const struct layout options_layout = LAYOUT(options_members, sizeof(struct br_boolopt_multi));

static const struct payload querier_payloads[] = {
    [BRIDGE_QUERIER_IP_ADDRESS] = PLAIN(PAYLOAD_INET),
    [BRIDGE_QUERIER_IP_PORT] = INTERFACE,
    [BRIDGE_QUERIER_IP_OTHER_TIMER] = PLAIN(PAYLOAD_TICKS),
    [BRIDGE_QUERIER_IPV6_ADDRESS] = PLAIN(PAYLOAD_INET6),
    [BRIDGE_QUERIER_IPV6_PORT] = INTERFACE,
    [BRIDGE_QUERIER_IPV6_OTHER_TIMER] = PLAIN(PAYLOAD_TICKS),
};
static const struct attributes querier_attributes = ATTRIBUTES(A_NL_BRIDGE_QUERIER_ATTR, querier_payloads);

static const struct payload bridge_payloads[] = {
    [IFLA_BR_FORWARD_DELAY] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_HELLO_TIME] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MAX_AGE] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_AGEING_TIME] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_STP_STATE] = UNSIGNED(4),
    [IFLA_BR_PRIORITY] = UNSIGNED(2),
    [IFLA_BR_VLAN_FILTERING] = UNSIGNED(1),
    [IFLA_BR_VLAN_PROTOCOL] = {.kind = PAYLOAD_HTONS_SET, .size = 2, .set = A_NL_ETHER},
    [IFLA_BR_GROUP_FWD_MASK] = HEX(2),
    [IFLA_BR_ROOT_ID] = STRUCTURED(identity_layout),
    [IFLA_BR_BRIDGE_ID] = STRUCTURED(identity_layout),
    [IFLA_BR_ROOT_PORT] = UNSIGNED(2),
    [IFLA_BR_ROOT_PATH_COST] = UNSIGNED(4),
    [IFLA_BR_TOPOLOGY_CHANGE] = UNSIGNED(1),
    [IFLA_BR_TOPOLOGY_CHANGE_DETECTED] = UNSIGNED(1),
    [IFLA_BR_HELLO_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_TCN_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_TOPOLOGY_CHANGE_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_GC_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_GROUP_ADDR] = PLAIN(PAYLOAD_HARDWARE),
    [IFLA_BR_MCAST_ROUTER] = UNSIGNED(1),
    [IFLA_BR_MCAST_SNOOPING] = UNSIGNED(1),
    [IFLA_BR_MCAST_QUERY_USE_IFADDR] = UNSIGNED(1),
    [IFLA_BR_MCAST_QUERIER] = UNSIGNED(1),
    [IFLA_BR_MCAST_HASH_ELASTICITY] = UNSIGNED(4),
    [IFLA_BR_MCAST_HASH_MAX] = UNSIGNED(4),
    [IFLA_BR_MCAST_LAST_MEMBER_CNT] = UNSIGNED(4),
    [IFLA_BR_MCAST_STARTUP_QUERY_CNT] = UNSIGNED(4),
    [IFLA_BR_MCAST_LAST_MEMBER_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MCAST_MEMBERSHIP_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MCAST_QUERIER_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MCAST_QUERY_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MCAST_QUERY_RESPONSE_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_MCAST_STARTUP_QUERY_INTVL] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BR_NF_CALL_IPTABLES] = UNSIGNED(1),
    [IFLA_BR_NF_CALL_IP6TABLES] = UNSIGNED(1),
    [IFLA_BR_NF_CALL_ARPTABLES] = UNSIGNED(1),
    [IFLA_BR_VLAN_DEFAULT_PVID] = UNSIGNED(2),
    [IFLA_BR_VLAN_STATS_ENABLED] = UNSIGNED(1),
    [IFLA_BR_MCAST_STATS_ENABLED] = UNSIGNED(1),
    [IFLA_BR_MCAST_IGMP_VERSION] = UNSIGNED(1),
    [IFLA_BR_MCAST_MLD_VERSION] = UNSIGNED(1),
    [IFLA_BR_VLAN_STATS_PER_PORT] = UNSIGNED(1),
    [IFLA_BR_MULTI_BOOLOPT] = STRUCTURED(options_layout),
    [IFLA_BR_MCAST_QUERIER_STATE] = NESTED_IN(querier_attributes),
};
static const struct attributes bridge_attributes = ATTRIBUTES(A_NL_BRIDGE_ATTR, bridge_payloads);

static const struct payload bridge_port_payloads[] = {
    [IFLA_BRPORT_STATE] = UNSIGNED(1),
    [IFLA_BRPORT_PRIORITY] = UNSIGNED(2),
    [IFLA_BRPORT_COST] = UNSIGNED(4),
    [IFLA_BRPORT_MODE] = UNSIGNED(1),
    [IFLA_BRPORT_GUARD] = UNSIGNED(1),
    [IFLA_BRPORT_PROTECT] = UNSIGNED(1),
    [IFLA_BRPORT_FAST_LEAVE] = UNSIGNED(1),
    [IFLA_BRPORT_LEARNING] = UNSIGNED(1),
    [IFLA_BRPORT_UNICAST_FLOOD] = UNSIGNED(1),
    [IFLA_BRPORT_PROXYARP] = UNSIGNED(1),
    [IFLA_BRPORT_LEARNING_SYNC] = UNSIGNED(1),
    [IFLA_BRPORT_PROXYARP_WIFI] = UNSIGNED(1),
    [IFLA_BRPORT_ROOT_ID] = STRUCTURED(identity_layout),
    [IFLA_BRPORT_BRIDGE_ID] = STRUCTURED(identity_layout),
    [IFLA_BRPORT_DESIGNATED_PORT] = UNSIGNED(2),
    [IFLA_BRPORT_DESIGNATED_COST] = UNSIGNED(2),
    [IFLA_BRPORT_ID] = UNSIGNED(2),
    [IFLA_BRPORT_NO] = UNSIGNED(2),
    [IFLA_BRPORT_TOPOLOGY_CHANGE_ACK] = UNSIGNED(1),
    [IFLA_BRPORT_CONFIG_PENDING] = UNSIGNED(1),
    [IFLA_BRPORT_MESSAGE_AGE_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BRPORT_FORWARD_DELAY_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BRPORT_HOLD_TIMER] = PLAIN(PAYLOAD_TICKS),
    [IFLA_BRPORT_MULTICAST_ROUTER] = UNSIGNED(1),
    [IFLA_BRPORT_MCAST_FLOOD] = UNSIGNED(1),
    [IFLA_BRPORT_MCAST_TO_UCAST] = UNSIGNED(1),
    [IFLA_BRPORT_VLAN_TUNNEL] = UNSIGNED(1),
    [IFLA_BRPORT_BCAST_FLOOD] = UNSIGNED(1),
    [IFLA_BRPORT_GROUP_FWD_MASK] = HEX(2),
    [IFLA_BRPORT_NEIGH_SUPPRESS] = UNSIGNED(1),
    [IFLA_BRPORT_ISOLATED] = UNSIGNED(1),
    [IFLA_BRPORT_BACKUP_PORT] = INTERFACE,
    [IFLA_BRPORT_MRP_RING_OPEN] = UNSIGNED(1),
    [IFLA_BRPORT_MRP_IN_OPEN] = UNSIGNED(1),
    [IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT] = UNSIGNED(4),
    [IFLA_BRPORT_MCAST_EHT_HOSTS_CNT] = UNSIGNED(4),
    [IFLA_BRPORT_LOCKED] = UNSIGNED(1),
};
const struct attributes bridge_port_attributes = ATTRIBUTES(A_NL_BRIDGE_PORT_ATTR, bridge_port_payloads);

/* ------------------------------------------------------------------------- other kinds */

static const struct payload tunnel_payloads[] = {
    [IFLA_TUN_OWNER] = {.kind = PAYLOAD_ID, .size = 4},
    [IFLA_TUN_GROUP] = {.kind = PAYLOAD_ID, .size = 4},
    [IFLA_TUN_TYPE] = NAMED(1, A_NL_TUN_TYPE),
    [IFLA_TUN_PI] = UNSIGNED(1),
    [IFLA_TUN_VNET_HDR] = UNSIGNED(1),
    [IFLA_TUN_PERSIST] = UNSIGNED(1),
    [IFLA_TUN_MULTI_QUEUE] = UNSIGNED(1),
    [IFLA_TUN_NUM_QUEUES] = UNSIGNED(4),
    [IFLA_TUN_NUM_DISABLED_QUEUES] = UNSIGNED(4),
};
static const struct attributes tunnel_attributes = ATTRIBUTES(A_NL_TUN_ATTR, tunnel_payloads);

/* struct can_device_stats of linux/can/netlink.h. */
#define CAN_COUNTER(name_, index)                                                                                      \
    { .name = #name_, .offset = 4 * (index), .payload = UNSIGNED(4) }
static const struct member can_members[] = {
    CAN_COUNTER(bus_error, 0), CAN_COUNTER(error_warning, 1),    CAN_COUNTER(error_passive, 2),
    CAN_COUNTER(bus_off, 3),   CAN_COUNTER(arbitration_lost, 4), CAN_COUNTER(restarts, 5),
};
static const struct layout can_layout = LAYOUT(can_members, 6 * 4);

static bool is_kind(const struct netlink *netlink, const char *kind) {
    return strcmp(netlink->kind, kind) == 0;
}

/* The kind of a link says how the attributes behind it look. */
static void remember_kind(struct netlink *netlink, uint32_t at) {
    memset(netlink->kind, 0, sizeof(netlink->kind));
    for (uint32_t i = 0; i < sizeof(netlink->kind); i++) {
        const uint8_t *byte = netlink_bytes(netlink, at + i, 1);
        if (!byte || !*byte) {
            memcpy(netlink->kind, byte ? netlink->bytes + at : netlink->bytes, byte ? i : 0);
            return;
        }
    }
}

static bool show_kind(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct payload terminated = PLAIN(PAYLOAD_TERMINATED);
    remember_kind(netlink, piece.at);
    return show_payload(netlink, name, &terminated, piece);
}

static bool show_data(struct netlink *netlink, const char *name, struct piece piece) {
    (void)name;
    if (is_kind(netlink, "bridge")) {
        show_attributes(netlink, &bridge_attributes, piece);
        return true;
    }
    if (is_kind(netlink, "tun")) {
        show_attributes(netlink, &tunnel_attributes, piece);
        return true;
    }
    return false;
}

static bool show_counters(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct payload can = STRUCTURED(can_layout);
    return is_kind(netlink, "can") && show_payload(netlink, name, &can, piece);
}

static bool show_port_data(struct netlink *netlink, const char *name, struct piece piece) {
    (void)name;
    if (is_kind(netlink, "bridge")) {
        show_attributes(netlink, &bridge_port_attributes, piece);
        return true;
    }
    return false;
}

static const struct payload info_payloads[] = {
    [IFLA_INFO_KIND] = SHOWN_BY(show_kind),
    [IFLA_INFO_DATA] = SHOWN_BY(show_data),
    [IFLA_INFO_XSTATS] = SHOWN_BY(show_counters),
    [IFLA_INFO_SLAVE_KIND] = SHOWN_BY(show_kind),
    [IFLA_INFO_SLAVE_DATA] = SHOWN_BY(show_port_data),
};
static const struct attributes info_attributes = ATTRIBUTES(A_NL_LINK_INFO_ATTR, info_payloads);

bool show_link_info(struct netlink *netlink, const char *name, struct piece piece) {
    (void)name;
    netlink->kind[0] = 0;
    show_attributes(netlink, &info_attributes, piece);
    return true;
}
