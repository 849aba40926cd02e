/* SPDX-License-Identifier: MIT
 *
 * Values of socket options, set and asked for.
 */
#include "decoding_world.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum {
    I386_SETSOCKOPT = 366,
};

/* `name` is that of level and option. */
static void sets(struct decoding_world *world, uint64_t level, uint64_t option, const void *bytes, size_t size,
                 const char *name, const char *expected) {
    char line[512];
    world_put(world, WORLD_BASE, bytes, size);
    world_enter(world, ARCH_X86_64, SYS_setsockopt, ARGS(3, level, option, WORLD_BASE, size));
    snprintf(line, sizeof(line), "setsockopt(3, %s, %s, %zu) = ? <unavailable>", name, expected, size);
    world_shows(world, line);
}

static void test_numbers(void **state) {
    struct decoding_world *world = *state;
    int32_t numbers[] = {-7, 9};
    sets(world, SOL_SOCKET, SO_REUSEADDR, numbers, 4, "SOL_SOCKET, SO_REUSEADDR", "[-7]");
    sets(world, SOL_SOCKET, SO_REUSEADDR, numbers, 8, "SOL_SOCKET, SO_REUSEADDR", "[-7]");
    sets(world, SOL_SOCKET, SO_REUSEADDR, numbers, 3, "SOL_SOCKET, SO_REUSEADDR", "0x10000");
    sets(world, IPPROTO_TCP, 1, numbers, 4, "SOL_TCP, TCP_NODELAY", "[-7]");
    sets(world, IPPROTO_TCP, 1, numbers, 2, "SOL_TCP, TCP_NODELAY", "\"\\371\\377\"");
    sets(world, 270, 1, numbers, 8, "SOL_NETLINK, NETLINK_ADD_MEMBERSHIP", "[-7]");
    sets(world, 270, 1, numbers, 3, "SOL_NETLINK, NETLINK_ADD_MEMBERSHIP", "0x10000");
    sets(world, SOL_SOCKET, 25, "eth0", 5, "SOL_SOCKET, SO_BINDTODEVICE", "\"eth0\\0\"");
    numbers[0] = 1;
    sets(world, SOL_SOCKET, 74, numbers, 4, "SOL_SOCKET, SO_TXREHASH", "[SOCK_TXREHASH_ENABLED]");
}

static void test_structures(void **state) {
    struct decoding_world *world = *state;
    struct linger linger = {1, 5};
    struct ip_mreq group = {{htonl(0xe0000001)}, {htonl(INADDR_LOOPBACK)}};
    struct ipv6_mreq group6 = {IN6ADDR_LOOPBACK_INIT, 1};
    struct tpacket_req ring = {4096, 2, 2048, 4};
    struct packet_mreq packet = {1, PACKET_MR_MULTICAST, 3, {1, 2, 3}};
    sets(world, SOL_SOCKET, SO_LINGER, &linger, 8, "SOL_SOCKET, SO_LINGER", "{l_onoff=1, l_linger=5}");
    sets(world, SOL_SOCKET, SO_LINGER, &linger, 7, "SOL_SOCKET, SO_LINGER", "0x10000");
    sets(world, SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group), "SOL_IP, IP_ADD_MEMBERSHIP",
         "{imr_multiaddr=inet_addr(\"224.0.0.1\"), imr_interface=inet_addr(\"127.0.0.1\")}");
    sets(world, SOL_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6), "SOL_IPV6, IPV6_ADD_MEMBERSHIP",
         "{inet_pton(AF_INET6, \"::1\", &ipv6mr_multiaddr), ipv6mr_interface=if_nametoindex(\"lo\")}");
    sets(world, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring), "SOL_PACKET, PACKET_RX_RING",
         "{tp_block_size=4096, tp_block_nr=2, tp_frame_size=2048, tp_frame_nr=4}");
    sets(world, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &packet, sizeof(packet), "SOL_PACKET, PACKET_ADD_MEMBERSHIP",
         "{mr_ifindex=if_nametoindex(\"lo\"), mr_type=PACKET_MR_MULTICAST, mr_alen=3, mr_address=01:02:03}");
    packet.mr_alen = 999;
    sets(world, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &packet, sizeof(packet), "SOL_PACKET, PACKET_ADD_MEMBERSHIP",
         "{mr_ifindex=if_nametoindex(\"lo\"), mr_type=PACKET_MR_MULTICAST, mr_alen=999, "
         "mr_address=01:02:03:00:00:00:00:00}");
}

/* It is aligned to a word. */
static void test_groups(void **state) {
    struct decoding_world *world = *state;
    struct group_req group = {.gr_interface = 1};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(0xe0000001)}};
    memcpy(&group.gr_group, &address, sizeof(address));
    sets(world, SOL_IP, MCAST_JOIN_GROUP, &group, sizeof(group), "SOL_IP, MCAST_JOIN_GROUP",
         "{gr_interface=if_nametoindex(\"lo\"), gr_group={sa_family=AF_INET, sin_port=htons(0), "
         "sin_addr=inet_addr(\"224.0.0.1\")}}");
    sets(world, SOL_IPV6, MCAST_LEAVE_GROUP, &group, sizeof(group) - 1, "SOL_IPV6, MCAST_LEAVE_GROUP", "0x10000");
    world_put(world, WORLD_BASE + 4, &address, sizeof(address));
    world_enter(world, ARCH_I386, I386_SETSOCKOPT, ARGS(3, SOL_IP, MCAST_JOIN_GROUP, WORLD_BASE, 132));
    world_shows(world, "setsockopt(3, SOL_IP, MCAST_JOIN_GROUP, {gr_interface=if_nametoindex(\"lo\"), "
                       "gr_group={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"224.0.0.1\")}}, 132) = ? "
                       "<unavailable>");
}

static void test_filter(void **state) {
    struct decoding_world *world = *state;
    uint32_t filter = ~(1U << 0 | 1U << 2);
    sets(world, 255, 1, &filter, 4, "SOL_RAW, ICMP_FILTER", "~[ICMP_ECHOREPLY 0x2 /* ICMP_??? */]");
    filter = 1 << 3 | 1 << 8;
    sets(world, 255, 1, &filter, 4, "SOL_RAW, ICMP_FILTER", "[ICMP_DEST_UNREACH ICMP_ECHO]");
    filter = 0xff;
    sets(world, 255, 1, &filter, 1, "SOL_RAW, ICMP_FILTER", "~[]");
    sets(world, 255, 1, &filter, 0, "SOL_RAW, ICMP_FILTER", "0x10000");
}

static void test_odd_memory(void **state) {
    struct decoding_world *world = *state;
    world_enter(world, ARCH_X86_64, SYS_setsockopt, ARGS(3, SOL_SOCKET, SO_LINGER, WORLD_HOLE - 4, 8));
    world_shows(world, "setsockopt(3, SOL_SOCKET, SO_LINGER, 0x11ffc, 8) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_setsockopt, ARGS(3, SOL_IP, 99, WORLD_HOLE - 4, UINT32_MAX));
    world_shows(world, "setsockopt(3, SOL_IP, 0x63 /* IP_??? */, 0x11ffc, -1) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_setsockopt, ARGS(3, SOL_IP, 99, 0, 4));
    world_shows(world, "setsockopt(3, SOL_IP, 0x63 /* IP_??? */, NULL, 4) = ? <unavailable>");
}

/* ------------------------------------------------------------------------------- got */

static void gets(struct decoding_world *world, uint64_t level, uint64_t option, const void *bytes, int32_t size,
                 const char *name, const char *expected) {
    char line[512];
    int32_t room = 100;
    world_put(world, WORLD_OTHER, &room, sizeof(room));
    world_enter(world, ARCH_X86_64, SYS_getsockopt, ARGS(3, level, option, WORLD_BASE, WORLD_OTHER));
    world_put(world, WORLD_BASE, bytes, size > 0 ? (size_t)size : 0);
    world_put(world, WORLD_OTHER, &size, sizeof(size));
    world_return(world, 0);
    snprintf(line, sizeof(line), "getsockopt(3, %s, %s, [100 => %d]) = 0", name, expected, size);
    world_shows(world, line);
}

static void test_got(void **state) {
    struct decoding_world *world = *state;
    int32_t number = 131072;
    uint32_t numbers[] = {1, 5, UINT32_MAX};
    gets(world, SOL_SOCKET, SO_RCVBUF, &number, 4, "SOL_SOCKET, SO_RCVBUF", "[131072]");
    gets(world, SOL_SOCKET, SO_RCVBUF, &number, 3, "SOL_SOCKET, SO_RCVBUF", "\"\\x00\\x00\\x02\"");
    number = 111;
    gets(world, SOL_SOCKET, SO_ERROR, &number, 4, "SOL_SOCKET, SO_ERROR", "[ECONNREFUSED]");
    number = 0;
    gets(world, SOL_SOCKET, SO_ERROR, &number, 4, "SOL_SOCKET, SO_ERROR", "[0]");
    gets(world, SOL_SOCKET, SO_LINGER, numbers, 8, "SOL_SOCKET, SO_LINGER", "{l_onoff=1, l_linger=5}");
    gets(world, SOL_SOCKET, SO_LINGER, numbers, 6, "SOL_SOCKET, SO_LINGER", "{l_onoff=1, l_linger=\"\\x05\\x00\"}");
    gets(world, SOL_SOCKET, SO_PEERCRED, numbers, 12, "SOL_SOCKET, SO_PEERCRED", "{pid=1, uid=5, gid=-1}");
    gets(world, SOL_SOCKET, SO_PEERCRED, numbers, 4, "SOL_SOCKET, SO_PEERCRED", "{pid=1}");
    gets(world, SOL_PACKET, PACKET_STATISTICS, numbers, 8, "SOL_PACKET, PACKET_STATISTICS",
         "{tp_packets=1, tp_drops=5}");
    gets(world, 270, 9, numbers, 8, "SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS", "[1, 5]");
    gets(world, 270, 1, numbers, 8, "SOL_NETLINK, NETLINK_ADD_MEMBERSHIP", "[1]");
    gets(world, IPPROTO_TCP, 13, "bbr\0\0\0\0\0", 8, "SOL_TCP, TCP_CONGESTION", "\"bbr\\0\\0\\0\\0\\0\"");
    gets(world, SOL_SOCKET, SO_LINGER, "", 0, "SOL_SOCKET, SO_LINGER", "0x10000");
}

static void test_not_got(void **state) {
    struct decoding_world *world = *state;
    int32_t room = -1;
    world_put(world, WORLD_OTHER, &room, sizeof(room));
    world_enter(world, ARCH_X86_64, SYS_getsockopt, ARGS(3, SOL_SOCKET, SO_TYPE, WORLD_BASE, WORLD_OTHER));
    world_return(world, -EINVAL);
    world_shows(world, "getsockopt(3, SOL_SOCKET, SO_TYPE, 0x10000, [-1]) = -1 EINVAL (Invalid argument)");
    world_enter(world, ARCH_X86_64, SYS_getsockopt, ARGS(3, SOL_SOCKET, SO_TYPE, WORLD_BASE, WORLD_NOWHERE));
    world_return(world, -EFAULT);
    world_shows(world, "getsockopt(3, SOL_SOCKET, SO_TYPE, 0x10000, 0x900000) = -1 EFAULT (Bad address)");
    room = 4;
    world_put(world, WORLD_OTHER, &room, sizeof(room));
    world_enter(world, ARCH_X86_64, SYS_getsockopt, ARGS(3, SOL_SOCKET, SO_TYPE, 0, WORLD_OTHER));
    world_return(world, 0);
    world_shows(world, "getsockopt(3, SOL_SOCKET, SO_TYPE, NULL, [4]) = 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_numbers),    WORLD_TEST(test_structures), WORLD_TEST(test_groups),  WORLD_TEST(test_filter),
        WORLD_TEST(test_odd_memory), WORLD_TEST(test_got),        WORLD_TEST(test_not_got),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
