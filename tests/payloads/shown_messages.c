/* SPDX-License-Identifier: MIT
 *
 * Messages of sockets and their control messages, as they are shown: see shown.h.
 */
#include "shown.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>

static char text[] = "abcdefgh";
static char room[8];

static struct iovec pieces[] = {{text, 3}, {text + 3, 5}};
static struct iovec places[] = {{room, 2}, {room + 2, 6}};

#define SENT "msg_iov=[{iov_base=\"abc\", iov_len=3}, {iov_base=\"defgh\", iov_len=5}], msg_iovlen=2"
#define CAME "msg_iov=[{iov_base=\"ab\", iov_len=2}, {iov_base=\"cdefgh\", iov_len=6}], msg_iovlen=2"

/* Of a pair of sockets, without names. */
static void between(const int *ends) {
    struct msghdr sent = {.msg_iov = pieces, .msg_iovlen = 2};
    struct msghdr came = {.msg_iov = places, .msg_iovlen = 2};
    shown(syscall(SYS_sendmsg, ends[0], &sent, 0),
          "sendmsg(%d, {msg_name=NULL, msg_namelen=0, " SENT ", msg_controllen=0, msg_flags=0}, 0)", ends[0]);
    shown(syscall(SYS_recvmsg, ends[1], &came, 0),
          "recvmsg(%d, {msg_name=NULL, msg_namelen=0, " CAME ", msg_controllen=0, msg_flags=0}, 0)", ends[1]);
    came.msg_namelen = 7;
    shown(syscall(SYS_recvmsg, ends[1], &came, MSG_DONTWAIT), "recvmsg(%d, {msg_namelen=7}, MSG_DONTWAIT)", ends[1]);
    shown(syscall(SYS_recvmsg, ends[1], NULL, MSG_DONTWAIT), "recvmsg(%d, NULL, MSG_DONTWAIT)", ends[1]);
    shown(syscall(SYS_sendmsg, ends[0], 1, 0), "sendmsg(%d, 0x1, 0)", ends[0]);
}

/* A descriptor goes through. */
static void rights(const int *ends) {
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct cmsghdr *header = (struct cmsghdr *)(void *)control;
    struct msghdr sent = {
        .msg_iov = pieces, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    struct msghdr came = {
        .msg_iov = places, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
    header->cmsg_len = CMSG_LEN(sizeof(int));
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
    shown(
        syscall(SYS_sendmsg, ends[0], &sent, 0),
        "sendmsg(%d, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", iov_len=3}], msg_iovlen=1, "
        "msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[%d]}], msg_controllen=24, "
        "msg_flags=0}, 0)",
        ends[0], ends[1]);
    long result = syscall(SYS_recvmsg, ends[1], &came, 0);
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    shown(
        result,
        "recvmsg(%d, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", iov_len=2}], msg_iovlen=1, "
        "msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[%d]}], msg_controllen=24, "
        "msg_flags=MSG_TRUNC}, 0)",
        ends[1], fd);
    close(fd);
}

/* Nobody takes these. */
static void controls(void *bytes, size_t size, const char *expected) {
    struct msghdr message = {.msg_control = bytes, .msg_controllen = size};
    shown(syscall(SYS_sendmsg, -1, &message, 0),
          "sendmsg(-1, {msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_control=%s, msg_controllen=%zu, "
          "msg_flags=0}, 0)",
          expected, size);
}

static void odd_controls(void) {
    struct {
        size_t length;
        int level;
        int type;
        unsigned data[12];
    } control = {28, SOL_SOCKET, SCM_CREDENTIALS, {7, 1000, UINT32_MAX}};
    controls(&control, 28,
             "[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=7, uid=1000, gid=-1}}]");
    control.length = 5;
    char expected[128];
    snprintf(expected, sizeof(expected),
             "[{cmsg_len=5, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS}, ... /* %p */]", (void *)control.data);
    controls(&control, 28, expected);
    control.length = 48;
    control.level = SOL_IP;
    control.type = IP_RECVERR;
    memcpy(control.data, (unsigned[]){111, 0x30302, 0, 0, AF_INET, 0, 0, 0}, 32);
    controls(&control, 48,
             "[{cmsg_len=48, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=111, ee_origin=2, ee_type=3, "
             "ee_code=3, ee_info=0, ee_data=0, offender={sa_family=AF_INET, sin_port=htons(0), "
             "sin_addr=inet_addr(\"0.0.0.0\")}}}]");
    control.length = 18;
    control.type = IP_TOS;
    controls(&control, 18, "[{cmsg_len=18, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x6f, 0]}]");
    control.type = 99;
    controls(&control, 18, "[{cmsg_len=18, cmsg_level=SOL_IP, cmsg_type=0x63 /* IP_??? */}]");
    controls((void *)1, 40, "0x1");
}

/* A datagram with the name of its sender. */
static void named(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_in from;
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(fd, (struct sockaddr *)&address, length) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        return;
    }
    char name[128];
    snprintf(name, sizeof(name), "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"127.0.0.1\")}",
             ntohs(address.sin_port));
    struct msghdr sent = {.msg_name = &address, .msg_namelen = 16, .msg_iov = pieces, .msg_iovlen = 2};
    struct msghdr came = {.msg_name = &from, .msg_namelen = 100, .msg_iov = places, .msg_iovlen = 1};
    shown(syscall(SYS_sendmsg, fd, &sent, 0),
          "sendmsg(%d, {msg_name=%s, msg_namelen=16, " SENT ", msg_controllen=0, msg_flags=0}, 0)", fd, name);
    shown(syscall(SYS_recvmsg, fd, &came, MSG_TRUNC),
          "recvmsg(%d, {msg_name=%s, msg_namelen=100 => 16, msg_iov=[{iov_base=\"ab\", iov_len=2}], msg_iovlen=1, "
          "msg_controllen=0, msg_flags=MSG_TRUNC}, MSG_TRUNC)",
          fd, name);
    shown(syscall(SYS_sendto, fd, text, 3, 0, &address, 16L), "sendto(%d, \"abc\", 3, 0, %s, 16)", fd, name);
    length = 128;
    shown(syscall(SYS_recvfrom, fd, room, 8, 0, &from, &length), "recvfrom(%d, \"abc\", 8, 0, %s, [128 => 16])", fd,
          name);
    close(fd);
}

static void vectors(const int *ends) {
    struct mmsghdr sent[2] = {{.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 1}}};
    struct mmsghdr came[2] = {{.msg_hdr = {.msg_iov = places + 1, .msg_iovlen = 1}}};
#define ONE                                                                                                            \
    "{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", iov_len=%d}], msg_iovlen=1, "                 \
    "msg_controllen=0, msg_flags=0}"
    shown(syscall(SYS_sendmmsg, -1, sent, 2, 0), "sendmmsg(-1, [" ONE "}, " ONE "}], 2, 0)", 3, 3);
    shown(syscall(SYS_sendmmsg, ends[0], sent, 2, 0), "sendmmsg(%d, [" ONE ", msg_len=3}, " ONE ", msg_len=3}], 2, 0)",
          ends[0], 3, 3);
    shown(syscall(SYS_recvmmsg, ends[1], came, 1, 0, NULL), "recvmmsg(%d, [" ONE ", msg_len=3}], 1, 0, NULL)", ends[1],
          6);
    struct timespec timeout = {5, 0};
    long result = syscall(SYS_recvmmsg, ends[1], came, 1, 0, &timeout);
    shown(result,
          "recvmmsg(%d, [" ONE ", msg_len=3}], 1, 0, {tv_sec=5, tv_nsec=0}) = 1 (left {tv_sec=%ld, tv_nsec=%ld})",
          ends[1], 6, timeout.tv_sec, timeout.tv_nsec);
    shown(syscall(SYS_recvmmsg, ends[1], came, 0, 0, NULL), "recvmmsg(%d, [], 0, 0, NULL) = 0 (Timeout)", ends[1]);
    shown(syscall(SYS_recvmmsg, ends[1], came, 1, MSG_DONTWAIT, NULL), "recvmmsg(%d, %p, 1, MSG_DONTWAIT, NULL)",
          ends[1], (void *)came);
}

int main(void) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) < 0) {
        return 1;
    }
    shown_calls("sendmsg,recvmsg,sendmmsg,recvmmsg,sendto,recvfrom");
    between(ends);
    rights(ends);
    odd_controls();
    named();
    vectors(ends);
    return 0;
}
