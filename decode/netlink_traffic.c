/* SPDX-License-Identifier: MIT
 *
 * Messages of NETLINK_ROUTE about the control of traffic: queueing disciplines, classes, filters, actions.
 */
#include "netlink_message.h"

#include <linux/gen_stats.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

/* --------------------------------------------------------------------- what is counted */

static const struct member old_members[] = {
    NUMBER(struct tc_stats, bytes),      NUMBER(struct tc_stats, packets), NUMBER(struct tc_stats, drops),
    NUMBER(struct tc_stats, overlimits), NUMBER(struct tc_stats, bps),     NUMBER(struct tc_stats, pps),
    NUMBER(struct tc_stats, qlen),       NUMBER(struct tc_stats, backlog),
};
static const struct layout old_layout =
    LAYOUT(old_members, offsetof(struct tc_stats, backlog) + MEMBER_BYTES(struct tc_stats, backlog));

static const struct member estimator_members[] = {
    MEMBER(struct tc_estimator, interval, PAYLOAD_SIGNED, 0),
    NUMBER(struct tc_estimator, ewma_log),
};
static const struct layout estimator_layout = LAYOUT(estimator_members, sizeof(struct tc_estimator));

static const struct member basic_members[] = {
    NUMBER(struct gnet_stats_basic, bytes),
    NUMBER(struct gnet_stats_basic, packets),
};
static const struct layout basic_layout =
    LAYOUT(basic_members, offsetof(struct gnet_stats_basic, packets) + MEMBER_BYTES(struct gnet_stats_basic, packets));

static const struct member rate_members[] = {
    NUMBER(struct gnet_stats_rate_est, bps),
    NUMBER(struct gnet_stats_rate_est, pps),
};
static const struct layout rate_layout = LAYOUT(rate_members, sizeof(struct gnet_stats_rate_est));

static const struct member rate64_members[] = {
    NUMBER(struct gnet_stats_rate_est64, bps),
    NUMBER(struct gnet_stats_rate_est64, pps),
};
static const struct layout rate64_layout = LAYOUT(rate64_members, sizeof(struct gnet_stats_rate_est64));

static const struct member queue_members[] = {
    NUMBER(struct gnet_stats_queue, qlen),       NUMBER(struct gnet_stats_queue, backlog),
    NUMBER(struct gnet_stats_queue, drops),      NUMBER(struct gnet_stats_queue, requeues),
    NUMBER(struct gnet_stats_queue, overlimits),
};
static const struct layout queue_layout = LAYOUT(queue_members, sizeof(struct gnet_stats_queue));

static const struct payload counted_payloads[] = {
    [TCA_STATS_BASIC] = STRUCTURED(basic_layout),    [TCA_STATS_RATE_EST] = STRUCTURED(rate_layout),
    [TCA_STATS_QUEUE] = STRUCTURED(queue_layout),    [TCA_STATS_RATE_EST64] = STRUCTURED(rate64_layout),
    [TCA_STATS_BASIC_HW] = STRUCTURED(basic_layout), [TCA_STATS_PKT64] = UNSIGNED(8),
};
static const struct attributes counted_attributes = ATTRIBUTES(A_NL_TC_STATS_ATTR, counted_payloads);

/* ---------------------------------------------------------------- queues and the like */

static const struct member sizes_members[] = {
    NUMBER(struct tc_sizespec, cell_log),
    NUMBER(struct tc_sizespec, size_log),
    MEMBER(struct tc_sizespec, cell_align, PAYLOAD_SIGNED, 0),
    MEMBER(struct tc_sizespec, overhead, PAYLOAD_SIGNED, 0),
    NUMBER(struct tc_sizespec, linklayer),
    NUMBER(struct tc_sizespec, mpu),
    NUMBER(struct tc_sizespec, mtu),
    NUMBER(struct tc_sizespec, tsize),
};
static const struct layout sizes_layout = LAYOUT(sizes_members, sizeof(struct tc_sizespec));
static const struct list table_list = {.size = sizeof(uint16_t), .element = UNSIGNED(2)};

static const struct payload table_payloads[] = {
    [TCA_STAB_BASE] = STRUCTURED(sizes_layout),
    [TCA_STAB_DATA] = LISTED(table_list),
};
static const struct attributes table_attributes = ATTRIBUTES(A_NL_TC_STAB_ATTR, table_payloads);

static const struct payload traffic_payloads[] = {
    [TCA_KIND] = STRING,
    [TCA_STATS] = STRUCTURED(old_layout),
    [TCA_RATE] = STRUCTURED(estimator_layout),
    [TCA_FCNT] = UNSIGNED(4),
    [TCA_STATS2] = NESTED_IN(counted_attributes),
    [TCA_STAB] = NESTED_IN(table_attributes),
    [TCA_CHAIN] = UNSIGNED(4),
    [TCA_HW_OFFLOAD] = UNSIGNED(1),
    [TCA_INGRESS_BLOCK] = UNSIGNED(4),
    [TCA_EGRESS_BLOCK] = UNSIGNED(4),
    [TCA_DUMP_FLAGS] = UNSIGNED(4),
};
static const struct attributes traffic_attributes = ATTRIBUTES(A_NL_TC_ATTR, traffic_payloads);

static const struct member traffic_members[] = {
    NAMES(struct tcmsg, tcm_family, A_SOCK_DOMAIN),
    MEMBER(struct tcmsg, tcm_ifindex, PAYLOAD_INTERFACE, 0),
    NUMBER(struct tcmsg, tcm_handle),
    NUMBER(struct tcmsg, tcm_parent),
    NUMBER(struct tcmsg, tcm_info),
};
static const struct layout traffic_header = LAYOUT(traffic_members, sizeof(struct tcmsg));
const struct message_form traffic_form = {&traffic_header, &traffic_attributes};

/* -------------------------------------------------------------------------- actions */

static const struct payload action_payloads[] = {
    [TCA_ACT_KIND] = STRING,
    [TCA_ACT_INDEX] = UNSIGNED(4),
    [TCA_ACT_STATS] = NESTED_IN(counted_attributes),
    [TCA_ACT_FLAGS] = NAMED(4, A_NL_TC_ACTION_FLAGS),
    [TCA_ACT_HW_STATS] = NAMED(4, A_NL_TC_ACTION_HW_STATS),
    [TCA_ACT_USED_HW_STATS] = NAMED(4, A_NL_TC_ACTION_HW_STATS),
    [TCA_ACT_IN_HW_COUNT] = UNSIGNED(4),
};
static const struct attributes action_attributes = ATTRIBUTES(A_NL_TC_ACTION_ATTR, action_payloads);
static const struct member action_members[] = {NAMES(struct tcamsg, tca_family, A_SOCK_DOMAIN)};
static const struct layout action_header = LAYOUT(action_members, sizeof(struct tcamsg));
const struct message_form traffic_action_form = {&action_header, &action_attributes};
