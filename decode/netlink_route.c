/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE: which form each type has, and those of addresses, routes and rules.
 */
#include "netlink_message.h"

#include <linux/dcbnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_addrlabel.h>
#include <linux/mroute.h>
#include <linux/mroute6.h>
#include <linux/net_namespace.h>
#include <linux/netconf.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* ------------------------------------------------------------------------ addresses */

static const struct member address_lifetime_members[] = {
    NUMBER(struct ifa_cacheinfo, ifa_prefered),
    NUMBER(struct ifa_cacheinfo, ifa_valid),
    NUMBER(struct ifa_cacheinfo, cstamp),
    NUMBER(struct ifa_cacheinfo, tstamp),
};
static const struct layout address_lifetime = LAYOUT(address_lifetime_members, sizeof(struct ifa_cacheinfo));

static const struct payload address_payloads[] = {
    [IFA_ADDRESS] = PLAIN(PAYLOAD_ADDRESS),
    [IFA_LOCAL] = PLAIN(PAYLOAD_ADDRESS),
    [IFA_LABEL] = STRING,
    [IFA_BROADCAST] = PLAIN(PAYLOAD_ADDRESS),
    [IFA_ANYCAST] = PLAIN(PAYLOAD_ADDRESS),
    [IFA_CACHEINFO] = STRUCTURED(address_lifetime),
    [IFA_MULTICAST] = PLAIN(PAYLOAD_ADDRESS),
    [IFA_FLAGS] = NAMED_OF_ANY_LENGTH(4, A_NL_ADDR_FLAGS),
    [IFA_RT_PRIORITY] = UNSIGNED(4),
    [IFA_TARGET_NETNSID] = SIGNED(4),
};
static const struct attributes address_attributes = ATTRIBUTES(A_NL_ADDR_ATTR, address_payloads);

static const struct member address_members[] = {
    NAMES(struct ifaddrmsg, ifa_family, A_SOCK_DOMAIN),        NUMBER(struct ifaddrmsg, ifa_prefixlen),
    NAMES(struct ifaddrmsg, ifa_flags, A_NL_ADDR_FLAGS),       NAMES(struct ifaddrmsg, ifa_scope, A_NL_ROUTE_SCOPE),
    MEMBER(struct ifaddrmsg, ifa_index, PAYLOAD_INTERFACE, 0),
};
static const struct layout address_header = LAYOUT(address_members, sizeof(struct ifaddrmsg));
static const struct message_form address_form = {&address_header, &address_attributes};

static const struct payload label_payloads[] = {
    [IFAL_ADDRESS] = PLAIN(PAYLOAD_ADDRESS),
    [IFAL_LABEL] = UNSIGNED(4),
};
static const struct attributes label_attributes = ATTRIBUTES(A_NL_ADDRLABEL_ATTR, label_payloads);

static const struct member label_members[] = {
    NAMES(struct ifaddrlblmsg, ifal_family, A_SOCK_DOMAIN),
    NUMBER(struct ifaddrlblmsg, ifal_prefixlen),
    NUMBER(struct ifaddrlblmsg, ifal_flags),
    MEMBER(struct ifaddrlblmsg, ifal_index, PAYLOAD_INTERFACE, 0),
    NUMBER(struct ifaddrlblmsg, ifal_seq),
};
static const struct layout label_header = LAYOUT(label_members, sizeof(struct ifaddrlblmsg));
static const struct message_form label_form = {&label_header, &label_attributes};

/* --------------------------------------------------------------------------- routes */

static const struct payload metric_payloads[] = {
    [RTAX_LOCK] = UNSIGNED(4),     [RTAX_MTU] = UNSIGNED(4),      [RTAX_WINDOW] = UNSIGNED(4),
    [RTAX_RTT] = UNSIGNED(4),      [RTAX_RTTVAR] = UNSIGNED(4),   [RTAX_SSTHRESH] = UNSIGNED(4),
    [RTAX_CWND] = UNSIGNED(4),     [RTAX_ADVMSS] = UNSIGNED(4),   [RTAX_REORDERING] = UNSIGNED(4),
    [RTAX_HOPLIMIT] = UNSIGNED(4), [RTAX_INITCWND] = UNSIGNED(4), [RTAX_FEATURES] = UNSIGNED(4),
    [RTAX_RTO_MIN] = UNSIGNED(4),  [RTAX_INITRWND] = UNSIGNED(4), [RTAX_QUICKACK] = UNSIGNED(4),
    [RTAX_CC_ALGO] = STRING,
};
static const struct attributes metric_attributes = ATTRIBUTES(A_NL_ROUTE_METRIC_ATTR, metric_payloads);

static const struct member route_times_members[] = {
    NUMBER(struct rta_cacheinfo, rta_clntref), NUMBER(struct rta_cacheinfo, rta_lastuse),
    NUMBER(struct rta_cacheinfo, rta_expires), NUMBER(struct rta_cacheinfo, rta_error),
    NUMBER(struct rta_cacheinfo, rta_used),    MEMBER(struct rta_cacheinfo, rta_id, PAYLOAD_HEX, 0),
    NUMBER(struct rta_cacheinfo, rta_ts),      NUMBER(struct rta_cacheinfo, rta_tsage),
};
static const struct layout route_times = LAYOUT(route_times_members, sizeof(struct rta_cacheinfo));

static const struct member multicast_members[] = {
    NUMBER(struct rta_mfc_stats, mfcs_packets),
    NUMBER(struct rta_mfc_stats, mfcs_bytes),
    NUMBER(struct rta_mfc_stats, mfcs_wrong_if),
};
static const struct layout multicast_counts = LAYOUT(multicast_members, sizeof(struct rta_mfc_stats));

static bool show_via(struct netlink *netlink, const char *name, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    const uint32_t start = offsetof(struct rtvia, rtvia_addr);
    if (piece.size < sizeof(struct rtvia)) {
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, sizeof(struct rtvia));
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    uint16_t family = (uint16_t)number_in(bytes, sizeof(family));
    struct piece address = {piece.at + start, piece.size - start};
    show_open(decoding, name, "{");
    show_set(decoding, "rtvia_family", A_SOCK_DOMAIN, family);
    if (address.size && !(family <= UINT8_MAX && show_address_piece(netlink, "rtvia_addr", (uint8_t)family, address))) {
        show_raw(netlink, "rtvia_addr", address);
    }
    show_close(decoding, "}");
    return true;
}

static bool show_next_hops(struct netlink *netlink, const char *name, struct piece piece);

static const struct payload route_payloads[] = {
    [RTA_DST] = PLAIN(PAYLOAD_ADDRESS),
    [RTA_SRC] = PLAIN(PAYLOAD_ADDRESS),
    [RTA_IIF] = INTERFACE,
    [RTA_OIF] = INTERFACE,
    [RTA_GATEWAY] = PLAIN(PAYLOAD_ADDRESS),
    [RTA_PRIORITY] = UNSIGNED(4),
    [RTA_PREFSRC] = PLAIN(PAYLOAD_ADDRESS),
    [RTA_METRICS] = NESTED_IN(metric_attributes),
    [RTA_MULTIPATH] = SHOWN_BY(show_next_hops),
    [RTA_PROTOINFO] = UNSIGNED(4),
    [RTA_FLOW] = UNSIGNED(4),
    [RTA_CACHEINFO] = STRUCTURED(route_times),
    [RTA_MP_ALGO] = UNSIGNED(4),
    [RTA_TABLE] = NAMED_OF_ANY_LENGTH(4, A_NL_ROUTE_TABLE),
    [RTA_MARK] = UNSIGNED(4),
    [RTA_MFC_STATS] = STRUCTURED(multicast_counts),
    [RTA_VIA] = SHOWN_BY(show_via),
    [RTA_NEWDST] = PLAIN(PAYLOAD_ADDRESS),
    [RTA_PREF] = UNSIGNED(1),
    [RTA_ENCAP_TYPE] = NAMED_OF_ANY_LENGTH(2, A_NL_ENCAP_TYPE),
    [RTA_EXPIRES] = UNSIGNED(8),
    [RTA_UID] = UNSIGNED(4),
    [RTA_TTL_PROPAGATE] = UNSIGNED(1),
    [RTA_IP_PROTO] = UNSIGNED(1),
    [RTA_SPORT] = UNSIGNED(2),
    [RTA_DPORT] = UNSIGNED(2),
};
static const struct attributes route_attributes = ATTRIBUTES(A_NL_ROUTE_ATTR, route_payloads);

static const struct member next_hop_members[] = {
    NUMBER(struct rtnexthop, rtnh_len),
    NAMES(struct rtnexthop, rtnh_flags, A_NL_NEXTHOP_FLAGS),
    NUMBER(struct rtnexthop, rtnh_hops),
    MEMBER(struct rtnexthop, rtnh_ifindex, PAYLOAD_INTERFACE, 0),
};
static const struct layout next_hop = LAYOUT(next_hop_members, sizeof(struct rtnexthop));

/* One of several next hops, with attributes of a route: it begins the piece and is `size` bytes long. */
static void show_next_hop(struct netlink *netlink, uint32_t at, uint32_t size) {
    struct decoding *decoding = netlink->decoding;
    bool has_attributes = size > sizeof(struct rtnexthop);
    if (has_attributes) {
        show_open(decoding, NULL, "[");
    }
    show_open(decoding, NULL, "{");
    show_netlink_members(netlink, &next_hop, 0, sizeof(struct rtnexthop), at);
    show_close(decoding, "}");
    if (has_attributes) {
        show_attributes(netlink, &route_attributes,
                        (struct piece){at + sizeof(struct rtnexthop), size - (uint32_t)sizeof(struct rtnexthop)});
        show_close(decoding, "]");
    }
}

static bool show_next_hops(struct netlink *netlink, const char *name, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    const uint32_t header = sizeof(struct rtnexthop);
    if (piece.size < header) {
        return false;
    }
    (void)name;
    bool is_list = false;
    for (bool is_first = true;; is_first = false) {
        const uint8_t *bytes = netlink_bytes(netlink, piece.at, header);
        if (!bytes) {
            show_missing(netlink, NULL, piece.at);
            break;
        }
        uint32_t size = (uint32_t)number_in(bytes, sizeof(uint16_t));
        if (is_first && size < piece.size) {
            show_open(decoding, NULL, "[");
            is_list = true;
        }
        size = size < piece.size ? size : piece.size;
        show_next_hop(netlink, piece.at, size);
        uint32_t length = RTNH_ALIGN(size);
        /* strace goes on for ever where a next hop has no length; its list ends at the limit of ours. */
        if (length >= piece.size || !length) {
            break;
        }
        piece.at += length;
        piece.size -= length;
    }
    if (is_list) {
        show_close(decoding, "]");
    }
    return true;
}

static const struct member route_members[] = {
    NAMES(struct rtmsg, rtm_family, A_SOCK_DOMAIN),
    NUMBER(struct rtmsg, rtm_dst_len),
    NUMBER(struct rtmsg, rtm_src_len),
    NAMES(struct rtmsg, rtm_tos, A_NL_TOS),
    NAMES(struct rtmsg, rtm_table, A_NL_ROUTE_TABLE),
    NAMES(struct rtmsg, rtm_protocol, A_NL_ROUTE_PROTOCOL),
    NAMES(struct rtmsg, rtm_scope, A_NL_ROUTE_SCOPE),
    NAMES(struct rtmsg, rtm_type, A_NL_ROUTE_TYPE),
    NAMES(struct rtmsg, rtm_flags, A_NL_ROUTE_FLAGS),
};
static const struct layout route_header = LAYOUT(route_members, sizeof(struct rtmsg));
static const struct message_form route_form = {&route_header, &route_attributes};

/* ------------------------------------------------------------------------ next hops */

static const struct member group_members[] = {
    NUMBER(struct nexthop_grp, id),
    NUMBER(struct nexthop_grp, weight),
    RARE(struct nexthop_grp, resvd1),
    RARE(struct nexthop_grp, resvd2),
};
static const struct layout group_layout = LAYOUT(group_members, sizeof(struct nexthop_grp));
static const struct list group_list = {.size = sizeof(struct nexthop_grp), .element = STRUCTURED(group_layout)};

static const struct payload group_payloads[] = {
    [NHA_RES_GROUP_BUCKETS] = UNSIGNED(2),
    [NHA_RES_GROUP_IDLE_TIMER] = PLAIN(PAYLOAD_TICKS),
    [NHA_RES_GROUP_UNBALANCED_TIMER] = PLAIN(PAYLOAD_TICKS),
    [NHA_RES_GROUP_UNBALANCED_TIME] = PLAIN(PAYLOAD_TICKS),
};
static const struct attributes group_attributes = ATTRIBUTES(A_NL_NEXTHOP_GROUP_ATTR, group_payloads);

static const struct payload bucket_payloads[] = {
    [NHA_RES_BUCKET_INDEX] = UNSIGNED(2),
    [NHA_RES_BUCKET_IDLE_TIME] = PLAIN(PAYLOAD_TICKS),
    [NHA_RES_BUCKET_NH_ID] = UNSIGNED(4),
};
static const struct attributes bucket_attributes = ATTRIBUTES(A_NL_NEXTHOP_BUCKET_ATTR, bucket_payloads);

static const struct payload nexthop_payloads[] = {
    [NHA_ID] = UNSIGNED(4),
    [NHA_GROUP] = LISTED(group_list),
    [NHA_GROUP_TYPE] = NAMED(2, A_NL_NEXTHOP_GROUP_TYPE),
    [NHA_BLACKHOLE] = UNSIGNED(4),
    [NHA_OIF] = INTERFACE,
    [NHA_GATEWAY] = PLAIN(PAYLOAD_ADDRESS),
    [NHA_ENCAP_TYPE] = NAMED_OF_ANY_LENGTH(2, A_NL_ENCAP_TYPE),
    [NHA_GROUPS] = UNSIGNED(4),
    [NHA_MASTER] = INTERFACE,
    [NHA_FDB] = UNSIGNED(4),
    [NHA_RES_GROUP] = NESTED_IN(group_attributes),
    [NHA_RES_BUCKET] = NESTED_IN(bucket_attributes),
};
static const struct attributes nexthop_attributes = ATTRIBUTES(A_NL_NEXTHOP_ATTR, nexthop_payloads);

static const struct member nexthop_members[] = {
    NAMES(struct nhmsg, nh_family, A_SOCK_DOMAIN),         NAMES(struct nhmsg, nh_scope, A_NL_ROUTE_SCOPE),
    NAMES(struct nhmsg, nh_protocol, A_NL_ROUTE_PROTOCOL), RARE(struct nhmsg, resvd),
    NAMES(struct nhmsg, nh_flags, A_NL_NEXTHOP_FLAGS),
};
static const struct layout nexthop_header = LAYOUT(nexthop_members, sizeof(struct nhmsg));
static const struct message_form nexthop_form = {&nexthop_header, &nexthop_attributes};

/* ---------------------------------------------------------------------------- rules */

static const struct member ids_members[] = {
    NUMBER(struct fib_rule_uid_range, start),
    NUMBER(struct fib_rule_uid_range, end),
};
static const struct layout ids_layout = LAYOUT(ids_members, sizeof(struct fib_rule_uid_range));

static const struct member ports_members[] = {
    NUMBER(struct fib_rule_port_range, start),
    NUMBER(struct fib_rule_port_range, end),
};
static const struct layout ports_layout = LAYOUT(ports_members, sizeof(struct fib_rule_port_range));

static const struct payload rule_payloads[] = {
    [FRA_DST] = PLAIN(PAYLOAD_ADDRESS),
    [FRA_SRC] = PLAIN(PAYLOAD_ADDRESS),
    [FRA_IIFNAME] = STRING,
    [FRA_GOTO] = UNSIGNED(4),
    [FRA_PRIORITY] = UNSIGNED(4),
    [FRA_FWMARK] = UNSIGNED(4),
    [FRA_FLOW] = UNSIGNED(4),
    [FRA_TUN_ID] = NETWORK(8),
    [FRA_SUPPRESS_IFGROUP] = UNSIGNED(4),
    [FRA_SUPPRESS_PREFIXLEN] = UNSIGNED(4),
    [FRA_TABLE] = NAMED_OF_ANY_LENGTH(4, A_NL_ROUTE_TABLE),
    [FRA_FWMASK] = UNSIGNED(4),
    [FRA_OIFNAME] = STRING,
    [FRA_L3MDEV] = UNSIGNED(1),
    [FRA_UID_RANGE] = STRUCTURED(ids_layout),
    [FRA_PROTOCOL] = NAMED_OF_ANY_LENGTH(1, A_NL_ROUTE_PROTOCOL),
    [FRA_IP_PROTO] = NAMED(0, A_PROTOCOL_INET),
    [FRA_SPORT_RANGE] = STRUCTURED(ports_layout),
    [FRA_DPORT_RANGE] = STRUCTURED(ports_layout),
};
static const struct attributes rule_attributes = ATTRIBUTES(A_NL_RULE_ATTR, rule_payloads);

static const struct member rule_members[] = {
    NAMES(struct fib_rule_hdr, family, A_SOCK_DOMAIN),
    NUMBER(struct fib_rule_hdr, dst_len),
    NUMBER(struct fib_rule_hdr, src_len),
    NAMES(struct fib_rule_hdr, tos, A_NL_TOS),
    NAMES(struct fib_rule_hdr, table, A_NL_RULE_TABLE),
    NAMES(struct fib_rule_hdr, action, A_NL_RULE_ACTION),
    NAMES(struct fib_rule_hdr, flags, A_NL_RULE_FLAGS),
};
static const struct layout rule_header = LAYOUT(rule_members, sizeof(struct fib_rule_hdr));
static const struct message_form rule_form = {&rule_header, &rule_attributes};

/* ------------------------------------------------------------------ of other families */

static const struct payload dcb_payloads[] = {PLAIN(PAYLOAD_BYTES)};
static const struct attributes dcb_attributes = ATTRIBUTES(A_NL_DCB_ATTR, dcb_payloads);
static const struct member dcb_members[] = {
    NAMES(struct dcbmsg, dcb_family, A_SOCK_DOMAIN),
    NAMES(struct dcbmsg, cmd, A_NL_DCB_COMMAND),
};
static const struct layout dcb_header = LAYOUT(dcb_members, sizeof(struct dcbmsg));
static const struct message_form dcb_form = {&dcb_header, &dcb_attributes};

static const struct payload netconf_payloads[] = {
    [NETCONFA_IFINDEX] = INTERFACE,     [NETCONFA_FORWARDING] = SIGNED(4),
    [NETCONFA_RP_FILTER] = SIGNED(4),   [NETCONFA_MC_FORWARDING] = SIGNED(4),
    [NETCONFA_PROXY_NEIGH] = SIGNED(4), [NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN] = SIGNED(4),
    [NETCONFA_INPUT] = SIGNED(4),       [NETCONFA_BC_FORWARDING] = SIGNED(4),
};
static const struct attributes netconf_attributes = ATTRIBUTES(A_NL_NETCONF_ATTR, netconf_payloads);
static const struct member netconf_members[] = {NAMES(struct netconfmsg, ncm_family, A_SOCK_DOMAIN)};
static const struct layout netconf_header = LAYOUT(netconf_members, sizeof(struct netconfmsg));
static const struct message_form netconf_form = {&netconf_header, &netconf_attributes};

static const struct payload space_payloads[] = {
    [NETNSA_NSID] = SIGNED(4),
    [NETNSA_PID] = UNSIGNED(4),
    [NETNSA_FD] = {.kind = PAYLOAD_DESCRIPTOR, .size = 4},
    [NETNSA_TARGET_NSID] = SIGNED(4),
    [NETNSA_CURRENT_NSID] = SIGNED(4),
};
static const struct attributes space_attributes = ATTRIBUTES(A_NL_NSID_ATTR, space_payloads);
static const struct member space_members[] = {NAMES(struct rtgenmsg, rtgen_family, A_SOCK_DOMAIN)};
static const struct layout space_header = LAYOUT(space_members, sizeof(struct rtgenmsg));
static const struct message_form space_form = {&space_header, &space_attributes};

static const struct payload multicast_payloads[] = {
    [IPMRA_CREPORT_MSGTYPE] = NAMED(1, A_NL_MROUTE_MESSAGE),
    [IPMRA_CREPORT_VIF_ID] = UNSIGNED(4),
    [IPMRA_CREPORT_SRC_ADDR] = PLAIN(PAYLOAD_INET),
    [IPMRA_CREPORT_DST_ADDR] = PLAIN(PAYLOAD_INET),
    [IPMRA_CREPORT_TABLE] = UNSIGNED(4),
};
static const struct attributes multicast_attributes = ATTRIBUTES(A_NL_MROUTE_ATTR, multicast_payloads);

static const struct payload multicast6_payloads[] = {
    [IP6MRA_CREPORT_MSGTYPE] = NAMED(1, A_NL_MROUTE6_MESSAGE),
    [IP6MRA_CREPORT_MIF_ID] = UNSIGNED(4),
    [IP6MRA_CREPORT_SRC_ADDR] = PLAIN(PAYLOAD_INET6),
    [IP6MRA_CREPORT_DST_ADDR] = PLAIN(PAYLOAD_INET6),
};
static const struct attributes multicast6_attributes = ATTRIBUTES(A_NL_MROUTE6_ATTR, multicast6_payloads);

/* What a router of multicast could not send on. */
static void show_multicast_report(struct netlink *netlink, struct piece piece) {
    const uint32_t start = RTNH_ALIGN(sizeof(struct rtgenmsg));
    bool is_named = constant_find(constant_set(A_NL_MROUTE_FAMILY), netlink->family);
    bool is_family = constant_find(constant_set(A_SOCK_DOMAIN), netlink->family);
    show_open(netlink->decoding, NULL, "{");
    show_set(netlink->decoding, "rtgen_family", is_family && !is_named ? A_SOCK_DOMAIN : A_NL_MROUTE_FAMILY,
             netlink->family);
    show_close(netlink->decoding, "}");
    if (piece.size <= start) {
        return;
    }
    piece = (struct piece){piece.at + start, piece.size - start};
    switch (netlink->family) {
    case RTNL_FAMILY_IPMR:
        show_attributes(netlink, &multicast_attributes, piece);
        break;
    case RTNL_FAMILY_IP6MR:
        show_attributes(netlink, &multicast6_attributes, piece);
        break;
    default:
        show_raw(netlink, NULL, piece);
        break;
    }
}

/* ---------------------------------------------------------------------- any message */

/* Messages come in fours: to make, take away, ask for and change something. */
#define OF(first) (((first)-RTM_BASE) / 4)

static const struct message_form *const forms[] = {
    [OF(RTM_NEWLINK)] = &link_form,
    [OF(RTM_NEWADDR)] = &address_form,
    [OF(RTM_NEWROUTE)] = &route_form,
    [OF(RTM_NEWNEIGH)] = &neighbour_form,
    [OF(RTM_NEWRULE)] = &rule_form,
    [OF(RTM_NEWQDISC)] = &traffic_form,
    [OF(RTM_NEWTCLASS)] = &traffic_form,
    [OF(RTM_NEWTFILTER)] = &traffic_form,
    [OF(RTM_NEWACTION)] = &traffic_action_form,
    [OF(RTM_GETMULTICAST)] = &address_form,
    [OF(RTM_GETANYCAST)] = &address_form,
    [OF(RTM_NEWNEIGHTBL)] = &neighbours_form,
    [OF(RTM_NEWADDRLABEL)] = &label_form,
    [OF(RTM_GETDCB)] = &dcb_form,
    [OF(RTM_NEWNETCONF)] = &netconf_form,
    [OF(RTM_NEWMDB)] = &bridge_group_form,
    [OF(RTM_NEWNSID)] = &space_form,
    [OF(RTM_NEWSTATS)] = &stats_form,
    [OF(RTM_NEWCHAIN)] = &traffic_form,
    [OF(RTM_NEWNEXTHOP)] = &nexthop_form,
};

/* Types of these fours that do not exist. */
static bool has_form(uint16_t type) {
    return type == RTM_SETLINK || constant_find(constant_set(A_NL_ROUTE), type);
}

static const struct message_form *form_of(const struct netlink *netlink) {
    unsigned index = netlink->type >= RTM_BASE ? OF(netlink->type) : UINT16_MAX;
    if (netlink->type == RTM_GETNEIGH && netlink->family == AF_BRIDGE) {
        return &link_form;
    }
    return index < NETLINK_COUNT(forms) && has_form(netlink->type) ? forms[index] : NULL;
}

bool show_route_message(struct netlink *netlink, struct piece piece) {
    const uint8_t *family = netlink_bytes(netlink, piece.at, 1);
    if (netlink->type < RTM_BASE) {
        return false;
    }
    if (!family) {
        show_missing(netlink, NULL, piece.at);
        return true;
    }
    netlink->family = *family;
    const struct message_form *form = form_of(netlink);
    if (netlink->type == RTM_NEWCACHEREPORT) {
        show_multicast_report(netlink, piece);
    } else if (form) {
        show_netlink_form(netlink, form, piece);
    } else {
        show_open(netlink->decoding, NULL, "{");
        show_set(netlink->decoding, "family", A_SOCK_DOMAIN, *family);
        if (piece.size > 1) {
            show_raw(netlink, "data", (struct piece){piece.at + 1, piece.size - 1});
        }
        show_close(netlink->decoding, "}");
    }
    return true;
}
