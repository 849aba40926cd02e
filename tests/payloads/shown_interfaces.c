/* SPDX-License-Identifier: MIT
 *
 * Requests about network interfaces, as they are shown: see shown.h.
 */
#include "shown.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct ifreq request_of(const char *name) {
    struct ifreq request;
    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, name, strlen(name));
    return request;
}

/* No such socket: the inputs are shown all the same. */
static void set(void) {
    struct ifreq request = request_of("eth9");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    shown(syscall(SYS_ioctl, -1, SIOCSIFFLAGS, &request),
          "ioctl(-1, SIOCSIFFLAGS, {ifr_name=\"eth9\", ifr_flags=IFF_UP|IFF_RUNNING})");
    memcpy(&request.ifr_hwaddr, "\1\0\2\3\4\5\6\7", 8);
    shown(syscall(SYS_ioctl, -1, SIOCSIFHWADDR, &request),
          "ioctl(-1, SIOCSIFHWADDR, {ifr_name=\"eth9\", ifr_hwaddr={sa_family=ARPHRD_ETHER, "
          "sa_data=02:03:04:05:06:07}})");
    memset(request.ifr_newname, 'x', IFNAMSIZ);
    shown(syscall(SYS_ioctl, -1, SIOCSIFNAME, &request),
          "ioctl(-1, SIOCSIFNAME, {ifr_name=\"eth9\", ifr_newname=\"xxxxxxxxxxxxxxx\"...})");
    shown(syscall(SYS_ioctl, -1, SIOCSIFMTU, 1), "ioctl(-1, SIOCSIFMTU, 0x1)");
    shown(syscall(SYS_ioctl, -1, SIOCBRADDBR, "br9"), "ioctl(-1, SIOCBRADDBR, \"br9\")");
    int owner = 7;
    shown(syscall(SYS_ioctl, -1, SIOCSPGRP, &owner), "ioctl(-1, SIOCSPGRP, [7])");
}

/* Every name space has this interface, under this number. */
static void got(int fd) {
    struct ifreq request = request_of("lo");
    shown(syscall(SYS_ioctl, fd, SIOCGIFINDEX, &request), "ioctl(%d, SIOCGIFINDEX, {ifr_name=\"lo\", ifr_ifindex=1})",
          fd);
    shown(syscall(SYS_ioctl, fd, SIOCGIFHWADDR, &request),
          "ioctl(%d, SIOCGIFHWADDR, {ifr_name=\"lo\", ifr_hwaddr={sa_family=ARPHRD_LOOPBACK, "
          "sa_data=00:00:00:00:00:00}})",
          fd);
    request = request_of("no such thing");
    shown(syscall(SYS_ioctl, fd, SIOCGIFMTU, &request), "ioctl(%d, SIOCGIFMTU, {ifr_name=\"no such thing\"})", fd);
    request = request_of("");
    request.ifr_ifindex = 1;
    shown(syscall(SYS_ioctl, fd, SIOCGIFNAME, &request), "ioctl(%d, SIOCGIFNAME, {ifr_ifindex=1, ifr_name=\"lo\"})",
          fd);
    char room[sizeof(struct ifreq) - 1];
    struct ifconf list = {.ifc_len = sizeof(room), .ifc_buf = room};
    shown(syscall(SYS_ioctl, fd, SIOCGIFCONF, &list), "ioctl(%d, SIOCGIFCONF, {ifc_len=39 => 0, ifc_buf=[]})", fd);
    shown(syscall(SYS_ioctl, fd, SIOCGIFCONF, 1), "ioctl(%d, SIOCGIFCONF, 0x1)", fd);
}

int main(void) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    shown_calls("ioctl");
    set();
    got(fd);
    return 0;
}
