/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink in buffers of sockets, as they are shown: see shown.h. None of them asks the kernel for anything,
 * but for the name of the loopback link.
 */
#include "shown.h"

#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define HEADER "nlmsg_seq=1, nlmsg_pid=0}"

/* A socket that has an address, so that its protocol is known. */
static int netlink_socket(int protocol) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int fd = socket(AF_NETLINK, SOCK_RAW, protocol);
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

static long sends(int fd, const void *bytes, size_t size) {
    return syscall(SYS_sendto, fd, bytes, size, 0, NULL, 0);
}

static void show_links(int fd) {
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
        struct nlattr name;
        char name_bytes[4];
        struct nlattr mtu;
        uint32_t mtu_number;
        struct nlattr unknown;
        uint8_t unknown_bytes[4];
    } message = {{sizeof(message), RTM_NEWLINK, 0, 1, 0},
                 {.ifi_index = 1, .ifi_flags = 1},
                 {7, IFLA_IFNAME},
                 "lo",
                 {8, IFLA_MTU},
                 1500,
                 {6, 500},
                 {1, 2}};
    shown(sends(fd, &message, sizeof(message)),
          "sendto(%d, [{nlmsg_len=%zu, nlmsg_type=RTM_NEWLINK, nlmsg_flags=0, " HEADER
          ", {ifi_family=AF_UNSPEC, ifi_type=ARPHRD_NETROM, ifi_index=if_nametoindex(\"lo\"), ifi_flags=IFF_UP, "
          "ifi_change=0}, [[{nla_len=7, nla_type=IFLA_IFNAME}, \"lo\"], [{nla_len=8, nla_type=IFLA_MTU}, 1500], "
          "[{nla_len=6, nla_type=0x1f4 /* IFLA_??? */}, \"\\x01\\x02\"]]], %zu, 0, NULL, 0)",
          fd, sizeof(message), sizeof(message));
    shown(sends(fd, &message, NLMSG_HDRLEN + 1),
          "sendto(%d, [{nlmsg_len=%zu, nlmsg_type=RTM_NEWLINK, nlmsg_flags=0, " HEADER
          ", {ifi_family=AF_UNSPEC, ...}], 17, 0, NULL, 0)",
          fd, sizeof(message));
}

static void show_routes(int fd) {
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
        struct nlattr to;
        uint8_t address[4];
        struct nlattr over;
        uint32_t link;
    } message = {{sizeof(message), RTM_DELROUTE, NLM_F_ECHO, 1, 0},
                 {.rtm_family = AF_INET, .rtm_dst_len = 8, .rtm_table = RT_TABLE_MAIN, .rtm_type = RTN_UNICAST},
                 {8, RTA_DST},
                 {127, 0, 0, 0},
                 {8, RTA_OIF},
                 1};
    shown(sends(fd, &message, sizeof(message)),
          "sendto(%d, [{nlmsg_len=%zu, nlmsg_type=RTM_DELROUTE, nlmsg_flags=NLM_F_ECHO, " HEADER
          ", {rtm_family=AF_INET, rtm_dst_len=8, rtm_src_len=0, rtm_tos=0, rtm_table=RT_TABLE_MAIN, "
          "rtm_protocol=RTPROT_UNSPEC, rtm_scope=RT_SCOPE_UNIVERSE, rtm_type=RTN_UNICAST, rtm_flags=0}, "
          "[[{nla_len=8, nla_type=RTA_DST}, inet_addr(\"127.0.0.0\")], [{nla_len=8, nla_type=RTA_OIF}, "
          "if_nametoindex(\"lo\")]]], %zu, 0, NULL, 0)",
          fd, sizeof(message), sizeof(message));
}

/* Several messages behind each other, some that end too early, and lengths that cannot be. */
static void show_odd_lengths(int fd) {
    struct {
        struct nlmsghdr first;
        struct nlmsghdr second;
    } messages = {{sizeof(struct nlmsghdr), NLMSG_NOOP, 0, 1, 0}, {5, NLMSG_DONE, NLM_F_MULTI, 1, 0}};
    shown(sends(fd, &messages, sizeof(messages)),
          "sendto(%d, [{nlmsg_len=16, nlmsg_type=NLMSG_NOOP, nlmsg_flags=0, " HEADER
          ", {nlmsg_len=5, nlmsg_type=NLMSG_DONE, nlmsg_flags=NLM_F_MULTI, " HEADER "], 32, 0, NULL, 0)",
          fd);
    shown(sends(fd, &messages, sizeof(struct nlmsghdr) + 3),
          "sendto(%d, [{nlmsg_len=16, nlmsg_type=NLMSG_NOOP, nlmsg_flags=0, " HEADER ", \"\\x05\\x00\\x00\"], 19, 0, "
          "NULL, 0)",
          fd);
    messages.first.nlmsg_len = 0;
    shown(sends(fd, &messages, sizeof(messages)),
          "sendto(%d, {nlmsg_len=0, nlmsg_type=NLMSG_NOOP, nlmsg_flags=0, " HEADER ", 32, 0, NULL, 0)", fd);
    shown(sends(fd, (const void *)1, 20), "sendto(%d, 0x1, 20, 0, NULL, 0)", fd);
    shown(sends(fd, NULL, 20), "sendto(%d, NULL, 20, 0, NULL, 0)", fd);
    /* The attributes are behind the end of memory. */
    long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, (size_t)page);
    struct {
        struct nlmsghdr header;
        struct rtgenmsg family;
    } message = {{100, RTM_GETNSID, 0, 1, 0}, {0}};
    char *last = pages + page - sizeof(message);
    memcpy(last, &message, sizeof(message));
    shown(sends(fd, last, 100),
          "sendto(%d, [{nlmsg_len=100, nlmsg_type=RTM_GETNSID, nlmsg_flags=0, " HEADER
          ", {rtgen_family=AF_UNSPEC}, %p], 100, 0, NULL, 0)",
          fd, (void *)(pages + page));
}

static void show_sockets(int fd) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } message = {{sizeof(message), SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, 1, 0},
                 {.sdiag_family = AF_UNIX, .udiag_states = 1 << 10, .udiag_show = UDIAG_SHOW_PEER}};
    message.header.nlmsg_type = SOCK_DESTROY + 1; /* which nobody knows */
    shown(sends(fd, &message, sizeof(message)),
          "sendto(%d, [{nlmsg_len=%zu, nlmsg_type=0x16 /* SOCK_DIAG_??? */, nlmsg_flags=NLM_F_DUMP, " HEADER
          ", {udiag_family=AF_UNIX, udiag_type=0 /* SOCK_??? */, udiag_state=0 /* TCP_??? */, udiag_ino=1024, "
          "udiag_cookie=[0, 4]}, {nla_len=0, nla_type=UNIX_DIAG_NAME}], %zu, 0, NULL, 0)",
          fd, sizeof(message), sizeof(message));
}

/* The kernel's answer to what it does not know. */
static void show_failure(int fd) {
    struct {
        struct nlmsghdr header;
        struct rtgenmsg family;
        unsigned char padding[3]; /* which is sent, and shown */
    } message = {{sizeof(message), RTM_BASE + 3 + 4 * 60, NLM_F_REQUEST, 7, 0}, {AF_UNSPEC}, {0}};
    struct sockaddr_nl own = {0};
    socklen_t length = sizeof(own);
    char answer[1024];
    getsockname(fd, (struct sockaddr *)&own, &length);
    shown(sends(fd, &message, sizeof(message)),
          "sendto(%d, [{nlmsg_len=20, nlmsg_type=0x103 /* RTM_??? */, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=7, "
          "nlmsg_pid=0}, {family=AF_UNSPEC, data=\"\\x00\\x00\\x00\"}], 20, 0, NULL, 0)",
          fd);
    shown(syscall(SYS_recvfrom, fd, answer, sizeof(answer), 0, NULL, NULL),
          "recvfrom(%d, [{nlmsg_len=40, nlmsg_type=NLMSG_ERROR, nlmsg_flags=0, nlmsg_seq=7, nlmsg_pid=%d}, "
          "{error=-EOPNOTSUPP, msg=[{nlmsg_len=20, nlmsg_type=0x103 /* RTM_??? */, nlmsg_flags=NLM_F_REQUEST, "
          "nlmsg_seq=7, nlmsg_pid=0}, {family=AF_UNSPEC, data=\"\\x00\\x00\\x00\"}]}], 1024, 0, NULL, NULL)",
          fd, (int)own.nl_pid);
}

/* Other sockets' bytes stay bytes, whatever they look like. */
static void show_other_sockets(void) {
    struct nlmsghdr message = {sizeof(message), NLMSG_NOOP, 0, 1, 0};
    char answer[sizeof(message)];
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0) {
        return;
    }
    shown(sends(ends[0], &message, sizeof(message)),
          "sendto(%d, \"\\20\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\", 16, 0, NULL, 0)", ends[0]);
    shown(syscall(SYS_recvfrom, ends[1], answer, sizeof(answer), 0, NULL, NULL),
          "recvfrom(%d, \"\\20\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\", 16, 0, NULL, NULL)", ends[1]);
}

int main(void) {
    shown_calls("sendto,recvfrom");
    int route = netlink_socket(NETLINK_ROUTE);
    int diag = netlink_socket(NETLINK_SOCK_DIAG);
    if (route < 0 || diag < 0) {
        return 1;
    }
    show_links(route);
    show_routes(route);
    show_odd_lengths(route);
    show_sockets(diag);
    show_failure(route);
    show_other_sockets();
    return 0;
}
