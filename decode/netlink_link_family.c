/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about links: what each family of addresses says of them.
 */
#include "netlink_message.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <sys/socket.h>

enum {
    FAMILY_MCTP = 45, /* AF_MCTP, since Linux 5.15 */
    FAMILIES = FAMILY_MCTP + 1,
};

/* -------------------------------------------------------------------------- Internet */

static const struct list setting_list = {.size = 4, .set = A_NL_LINK_INET_CONF, .element = SIGNED(4)};
static const struct payload inet_payloads[] = {[IFLA_INET_CONF] = LISTED(setting_list)};
static const struct attributes inet_attributes = ATTRIBUTES(A_NL_LINK_INET_ATTR, inet_payloads);

static const struct list setting6_list = {.size = 4, .set = A_NL_LINK_INET6_CONF, .element = SIGNED(4)};
static const struct list counters6_list = {.size = 8, .set = A_NL_LINK_INET6_STATS, .element = UNSIGNED(8)};
static const struct list icmp6_list = {.size = 8, .set = A_NL_LINK_ICMP6_STATS, .element = UNSIGNED(8)};

static const struct member times_members[] = {
    NUMBER(struct ifla_cacheinfo, max_reasm_len),
    NUMBER(struct ifla_cacheinfo, tstamp),
    NUMBER(struct ifla_cacheinfo, reachable_time),
    NUMBER(struct ifla_cacheinfo, retrans_time),
};
static const struct layout times_layout = LAYOUT(times_members, sizeof(struct ifla_cacheinfo));

static const struct payload inet6_payloads[] = {
    [IFLA_INET6_FLAGS] = NAMED(4, A_NL_LINK_INET6_FLAGS),
    [IFLA_INET6_CONF] = LISTED(setting6_list),
    [IFLA_INET6_STATS] = LISTED(counters6_list),
    [IFLA_INET6_CACHEINFO] = STRUCTURED(times_layout),
    [IFLA_INET6_ICMP6STATS] = LISTED(icmp6_list),
    [IFLA_INET6_TOKEN] = PLAIN(PAYLOAD_INET6),
    [IFLA_INET6_ADDR_GEN_MODE] = NAMED(1, A_NL_LINK_ADDR_MODE),
    [IFLA_INET6_RA_MTU] = UNSIGNED(4),
};
static const struct attributes inet6_attributes = ATTRIBUTES(A_NL_LINK_INET6_ATTR, inet6_payloads);

/* --------------------------------------------------------------------- other families */

static const struct payload mctp_payloads[] = {[IFLA_MCTP_NET] = UNSIGNED(4)};
static const struct attributes mctp_attributes = ATTRIBUTES(A_NL_LINK_MCTP_ATTR, mctp_payloads);

static const struct payload family_payloads[FAMILIES] = {
    [AF_INET] = NESTED_IN(inet_attributes),
    [AF_INET6] = NESTED_IN(inet6_attributes),
    [FAMILY_MCTP] = NESTED_IN(mctp_attributes),
};
static const struct attributes family_attributes = ATTRIBUTES(A_SOCK_DOMAIN, family_payloads);

static const struct member vlan_members[] = {
    NAMES(struct bridge_vlan_info, flags, A_NL_BRIDGE_VLAN_FLAGS),
    NUMBER(struct bridge_vlan_info, vid),
};
static const struct layout vlan_layout = LAYOUT_WITH(vlan_members, sizeof(struct bridge_vlan_info), .shows_rest = true);

static const struct payload tunnel_payloads[] = {
    [IFLA_BRIDGE_VLAN_TUNNEL_ID] = UNSIGNED(4),
    [IFLA_BRIDGE_VLAN_TUNNEL_VID] = UNSIGNED(2),
    [IFLA_BRIDGE_VLAN_TUNNEL_FLAGS] = NAMED(2, A_NL_BRIDGE_VLAN_FLAGS),
};
static const struct attributes tunnel_attributes = ATTRIBUTES(A_NL_BRIDGE_TUNNEL_ATTR, tunnel_payloads);

static const struct payload bridge_payloads[] = {
    [IFLA_BRIDGE_FLAGS] = NAMED(2, A_NL_BRIDGE_FLAGS),
    [IFLA_BRIDGE_MODE] = NAMED(2, A_NL_BRIDGE_MODE),
    [IFLA_BRIDGE_VLAN_INFO] = STRUCTURED(vlan_layout),
    [IFLA_BRIDGE_VLAN_TUNNEL_INFO] = NESTED_IN(tunnel_attributes),
};
static const struct attributes bridge_attributes = ATTRIBUTES(A_NL_BRIDGE_SPEC_ATTR, bridge_payloads);

bool show_link_families(struct netlink *netlink, const char *name, struct piece piece) {
    (void)name;
    show_attributes(netlink, netlink->family == AF_BRIDGE ? &bridge_attributes : &family_attributes, piece);
    return true;
}

bool show_link_protocol(struct netlink *netlink, const char *name, struct piece piece) {
    (void)name;
    switch (netlink->family) {
    case AF_BRIDGE:
        show_attributes(netlink, &bridge_port_attributes, piece);
        return true;
    case AF_INET6:
        show_attributes(netlink, &inet6_attributes, piece);
        return true;
    default:
        return false;
    }
}
