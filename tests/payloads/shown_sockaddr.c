/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets, as they are shown: see shown.h.
 */
#include "shown.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

/* No such socket: the address is shown all the same. */
static void binds(const void *address, size_t size, const char *expected) {
    shown(syscall(SYS_bind, -1, address, size), "bind(-1, %s, %zu)", expected, size);
}

static void of_the_usual_families(void) {
    const size_t path = offsetof(struct sockaddr_un, sun_path);
    struct sockaddr_un file = {.sun_family = AF_UNIX, .sun_path = "/no\"where"};
    binds(&file, sizeof(file), "{sa_family=AF_UNIX, sun_path=\"/no\\\"where\"}");
    binds(&file, path + 3, "{sa_family=AF_UNIX, sun_path=\"/no\"}");
    binds(&file, path, "{sa_family=AF_UNIX}");
    memcpy(file.sun_path, "\0a\0b", 4);
    binds(&file, path + 4, "{sa_family=AF_UNIX, sun_path=@\"a\\0b\"}");
    struct sockaddr_in inet = {AF_INET, htons(80), {htonl(INADDR_LOOPBACK)}, {0}};
    binds(&inet, sizeof(inet), "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"127.0.0.1\")}");
    binds(&inet, 4, "{sa_family=AF_INET, sa_data=\"\\0P\"}");
    struct sockaddr_in6 inet6 = {AF_INET6, htons(80), 0, IN6ADDR_LOOPBACK_INIT, 5};
    binds(&inet6, sizeof(inet6),
          "{sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr), "
          "sin6_scope_id=5}");
    struct sockaddr_nl netlink = {AF_NETLINK, 0, 0, 1};
    binds(&netlink, sizeof(netlink), "{sa_family=AF_NETLINK, nl_pid=0, nl_groups=0x000001}");
    struct sockaddr_vm vsock = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = 1024};
    binds(&vsock, sizeof(vsock), "{sa_family=AF_VSOCK, svm_cid=VMADDR_CID_ANY, svm_port=0x400, svm_flags=0}");
}

static void of_rare_families(void) {
    static const uint8_t ax25[16] = {AF_AX25, 0, 'L' << 1, 'Z' << 1, '1' << 1, ' ' << 1, ' ' << 1, ' ' << 1, 24};
    static const uint8_t bluetooth[14] = {AF_BLUETOOTH, 0, 3, 0, 1, 2, 3, 4, 5, 6, 0x41, 0, 1};
    static const uint8_t alg[88] = {AF_ALG, 0, 'h', 'a', 's', 'h', [24] = 's', 'h', 'a', '1'};
    static const uint8_t packet[20] = {AF_PACKET, 0, 0, 3, 0, 0, 0, 0, 1, 0, 4, 9, 2, 0xab};
    binds(ax25, sizeof(ax25), "{sa_family=AF_AX25, sax25_call=LZ1-12, sax25_ndigis=0}");
    binds(bluetooth, 14,
          "{sa_family=AF_BLUETOOTH, l2_psm=htobs(L2CAP_PSM_RFCOMM), l2_bdaddr=01:02:03:04:05:06, "
          "l2_cid=htobs(L2CAP_CID_DYN_START+1), l2_bdaddr_type=BDADDR_LE_PUBLIC}");
    binds(bluetooth, 10, "{sa_family=AF_BLUETOOTH, rc_bdaddr=03:00:01:02:03:04, rc_channel=5}");
    binds(bluetooth, 7, "{sa_family=AF_BLUETOOTH, sa_data=\"\\3\\0\\1\\2\\3\"}");
    binds(alg, sizeof(alg), "{sa_family=AF_ALG, salg_type=\"hash\", salg_feat=0, salg_mask=0, salg_name=\"sha1\"}");
    binds(packet, sizeof(packet),
          "{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=0, sll_hatype=ARPHRD_ETHER, "
          "sll_pkttype=PACKET_OUTGOING, sll_halen=9, sll_addr=[0x2, 0xab, 00, 00, 00, 00, 00, 00, ...]}");
    binds("\1\1ab", 4, "{sa_family=0x101 /* AF_??? */, sa_data=\"ab\"}");
}

static void that_cannot_be_read(void) {
    long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, (size_t)page);
    struct sockaddr_in *last = (void *)(pages + page - sizeof(*last));
    last->sin_family = AF_INET;
    binds(last, 16, "{sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"0.0.0.0\")}");
    shown(syscall(SYS_bind, -1, last, 17), "bind(-1, %p, 17)", (void *)last);
    shown(syscall(SYS_bind, -1, last, 1), "bind(-1, %p, 1)", (void *)last);
    shown(syscall(SYS_bind, -1, last, -1), "bind(-1, %p, -1)", (void *)last);
    shown(syscall(SYS_bind, -1, NULL, 16), "bind(-1, NULL, 16)");
}

static void with_lengths(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    shown(syscall(SYS_bind, fd, &address, sizeof(address)),
          "bind(%d, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr(\"127.0.0.1\")}, 16)", fd);
    socklen_t length = 100;
    long result = syscall(SYS_getsockname, fd, &address, &length);
    shown(result,
          "getsockname(%d, {sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"127.0.0.1\")}, [100 => 16])",
          fd, ntohs(address.sin_port));
    result = syscall(SYS_getsockname, fd, &address, &length);
    shown(result, "getsockname(%d, {sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"127.0.0.1\")}, [16])",
          fd, ntohs(address.sin_port));
    length = 0;
    shown(syscall(SYS_getsockname, fd, &address, &length), "getsockname(%d, %p, [0 => 16])", fd, (void *)&address);
    shown(syscall(SYS_getsockname, fd, NULL, NULL), "getsockname(%d, NULL, NULL)", fd);
    shown(syscall(SYS_getpeername, fd, &address, &length), "getpeername(%d, %p, [16])", fd, (void *)&address);
    close(fd);
}

int main(void) {
    shown_calls("bind,getsockname,getpeername");
    of_the_usual_families();
    of_rare_families();
    that_cannot_be_read();
    with_lengths();
    return 0;
}
