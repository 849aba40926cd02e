/* SPDX-License-Identifier: MIT
 *
 * Values of socket options, as they are shown: see shown.h.
 */
#include "shown.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/socket.h>

/* No such socket: the value is shown all the same. */
static void sets(int level, int option, const void *value, int size, const char *name, const char *expected) {
    shown(syscall(SYS_setsockopt, -1, level, option, value, size), "setsockopt(-1, %s, %s, %d)", name, expected, size);
}

static void set(void) {
    int numbers[] = {1, 5};
    struct ip_mreq group = {{htonl(0xe0000001)}, {htonl(INADDR_LOOPBACK)}};
    struct ipv6_mreq group6 = {IN6ADDR_LOOPBACK_INIT, 0};
    struct tpacket_req ring = {4096, 2, 2048, 4};
    struct packet_mreq packet = {0, PACKET_MR_MULTICAST, 3, {1, 2, 3}};
    unsigned filter = ~5U;
    sets(SOL_SOCKET, SO_REUSEADDR, numbers, 4, "SOL_SOCKET, SO_REUSEADDR", "[1]");
    sets(SOL_SOCKET, SO_REUSEADDR, numbers, 8, "SOL_SOCKET, SO_REUSEADDR", "[1]");
    sets(SOL_SOCKET, SO_LINGER, numbers, 8, "SOL_SOCKET, SO_LINGER", "{l_onoff=1, l_linger=5}");
    sets(SOL_SOCKET, SO_BINDTODEVICE, "lo", 3, "SOL_SOCKET, SO_BINDTODEVICE", "\"lo\\0\"");
    sets(IPPROTO_TCP, TCP_NODELAY, numbers, 4, "SOL_TCP, TCP_NODELAY", "[1]");
    sets(IPPROTO_TCP, TCP_NODELAY, numbers, 2, "SOL_TCP, TCP_NODELAY", "\"\\1\\0\"");
    sets(SOL_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group), "SOL_IP, IP_ADD_MEMBERSHIP",
         "{imr_multiaddr=inet_addr(\"224.0.0.1\"), imr_interface=inet_addr(\"127.0.0.1\")}");
    sets(SOL_IPV6, IPV6_ADD_MEMBERSHIP, &group6, sizeof(group6), "SOL_IPV6, IPV6_ADD_MEMBERSHIP",
         "{inet_pton(AF_INET6, \"::1\", &ipv6mr_multiaddr), ipv6mr_interface=0}");
    sets(SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring), "SOL_PACKET, PACKET_RX_RING",
         "{tp_block_size=4096, tp_block_nr=2, tp_frame_size=2048, tp_frame_nr=4}");
    sets(SOL_PACKET, PACKET_ADD_MEMBERSHIP, &packet, sizeof(packet), "SOL_PACKET, PACKET_ADD_MEMBERSHIP",
         "{mr_ifindex=0, mr_type=PACKET_MR_MULTICAST, mr_alen=3, mr_address=01:02:03}");
    sets(SOL_RAW, 1, &filter, 4, "SOL_RAW, ICMP_FILTER", "~[ICMP_ECHOREPLY 0x2 /* ICMP_??? */]");
    sets(270, 1, numbers, 4, "SOL_NETLINK, NETLINK_ADD_MEMBERSHIP", "[1]");
    shown(syscall(SYS_setsockopt, -1, SOL_SOCKET, SO_LINGER, numbers, 7),
          "setsockopt(-1, SOL_SOCKET, SO_LINGER, %p, 7)", (void *)numbers);
    shown(syscall(SYS_setsockopt, -1, SOL_SOCKET, SO_LINGER, NULL, 8),
          "setsockopt(-1, SOL_SOCKET, SO_LINGER, NULL, 8)");
}

static void got(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
        return;
    }
    int numbers[4] = {0};
    socklen_t length = 4;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_TYPE, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_TYPE, [1], [4])", ends[0]);
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_ERROR, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_ERROR, [0], [4])", ends[0]);
    length = 3;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_KEEPALIVE, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_KEEPALIVE, \"\\x00\\x00\\x00\", [3])", ends[0]);
    length = 16;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_LINGER, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_LINGER, {l_onoff=0, l_linger=0}, [16 => 8])", ends[0]);
    length = 100;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_PEERCRED, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_PEERCRED, {pid=%d, uid=%u, gid=%u}, [100 => 12])", ends[0], getpid(), getuid(),
          getgid());
    length = 6;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_PEERCRED, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_PEERCRED, {pid=%d, uid=\"\\x%02x\\x%02x\"}, [6])", ends[0], getpid(),
          getuid() & 0xff, getuid() >> 8 & 0xff);
    length = UINT32_MAX;
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_TYPE, numbers, &length),
          "getsockopt(%d, SOL_SOCKET, SO_TYPE, %p, [-1])", ends[0], (void *)numbers);
    shown(syscall(SYS_getsockopt, ends[0], SOL_SOCKET, SO_TYPE, numbers, NULL),
          "getsockopt(%d, SOL_SOCKET, SO_TYPE, %p, NULL)", ends[0], (void *)numbers);
}

int main(void) {
    shown_calls("setsockopt,getsockopt");
    set();
    got();
    return 0;
}
