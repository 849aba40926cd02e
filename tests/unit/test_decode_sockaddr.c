/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets: of every family, cut off, and with their lengths before and behind a call.
 */
#include "decoding_world.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum {
    I386_CONNECT = 362,
};

static void assert_address(struct decoding_world *world, const void *address, size_t size, const char *expected) {
    char line[512];
    world_put(world, WORLD_BASE, address, size);
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_BASE, size));
    snprintf(line, sizeof(line), "connect(3, %s, %zu) = ? <unavailable>", expected, size);
    world_shows(world, line);
    world_enter(world, ARCH_I386, I386_CONNECT, ARGS(3, WORLD_BASE, size));
    world_shows(world, line);
}

static void test_unix(void **state) {
    struct decoding_world *world = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/run/x\"y"};
    const size_t path = offsetof(struct sockaddr_un, sun_path);
    assert_address(world, &address, sizeof(address), "{sa_family=AF_UNIX, sun_path=\"/run/x\\\"y\"}");
    assert_address(world, &address, path + 4, "{sa_family=AF_UNIX, sun_path=\"/run\"}"); /* no NUL is needed */
    assert_address(world, &address, path, "{sa_family=AF_UNIX}");
    memcpy(address.sun_path, "\0bus\0x", 6);
    assert_address(world, &address, path + 6, "{sa_family=AF_UNIX, sun_path=@\"bus\\0x\"}");
    assert_address(world, &address, path + 1, "{sa_family=AF_UNIX, sun_path=@\"\"}");
}

static void test_internet(void **state) {
    struct decoding_world *world = *state;
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(8080), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_address(world, &address, sizeof(address),
                   "{sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr(\"127.0.0.1\")}");
    struct sockaddr_in6 six = {.sin6_family = AF_INET6,
                               .sin6_port = htons(53),
                               .sin6_flowinfo = htonl(7),
                               .sin6_addr = IN6ADDR_LOOPBACK_INIT,
                               .sin6_scope_id = 2};
    assert_address(world, &six, sizeof(six),
                   "{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(7), inet_pton(AF_INET6, \"::1\", "
                   "&sin6_addr), sin6_scope_id=2}");
    assert_address(world, &six, 24,
                   "{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(7), inet_pton(AF_INET6, \"::1\", "
                   "&sin6_addr)}");
    six.sin6_addr = (struct in6_addr){{{0xfe, 0x80, [15] = 1}}};
    six.sin6_scope_id = 1;
    assert_address(world, &six, sizeof(six),
                   "{sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(7), inet_pton(AF_INET6, "
                   "\"fe80::1\", &sin6_addr), sin6_scope_id=if_nametoindex(\"lo\")}");
}

static void test_of_the_kernel(void **state) {
    struct decoding_world *world = *state;
    struct sockaddr_nl netlink = {.nl_family = AF_NETLINK, .nl_pid = 12, .nl_groups = 0x11};
    assert_address(world, &netlink, sizeof(netlink), "{sa_family=AF_NETLINK, nl_pid=12, nl_groups=0x000011}");
    netlink.nl_groups = 0;
    netlink.nl_pad = 3;
    assert_address(world, &netlink, sizeof(netlink),
                   "{sa_family=AF_NETLINK, nl_pad=0x3, nl_pid=12, nl_groups=00000000}");
    struct sockaddr_ll packet = {.sll_family = AF_PACKET,
                                 .sll_protocol = htons(3),
                                 .sll_ifindex = 1,
                                 .sll_hatype = 1,
                                 .sll_pkttype = 4,
                                 .sll_halen = 2,
                                 .sll_addr = {2, 0xab}};
    assert_address(world, &packet, sizeof(packet),
                   "{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=if_nametoindex(\"lo\"), "
                   "sll_hatype=ARPHRD_ETHER, sll_pkttype=PACKET_OUTGOING, sll_halen=2, sll_addr=[0x2, 0xab]}");
    packet.sll_halen = 9; /* more than there are */
    assert_address(world, &packet, sizeof(packet),
                   "{sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=if_nametoindex(\"lo\"), "
                   "sll_hatype=ARPHRD_ETHER, sll_pkttype=PACKET_OUTGOING, sll_halen=9, sll_addr=[0x2, 0xab, 00, 00, "
                   "00, 00, 00, 00, ...]}");
    struct sockaddr_vm vsock = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = VMADDR_PORT_ANY};
    assert_address(world, &vsock, sizeof(vsock),
                   "{sa_family=AF_VSOCK, svm_cid=VMADDR_CID_HOST, svm_port=VMADDR_PORT_ANY, svm_flags=0}");
    vsock.svm_reserved1 = 1;
    ((uint8_t *)&vsock)[15] = 5;
    assert_address(world, &vsock, sizeof(vsock),
                   "{sa_family=AF_VSOCK, svm_reserved1=0x1, svm_cid=VMADDR_CID_HOST, svm_port=VMADDR_PORT_ANY, "
                   "svm_flags=0, svm_zero=\"\\x00\\x00\\x05\"}");
}

static void test_radio(void **state) {
    struct decoding_world *world = *state;
    uint8_t ax25[72] = {AF_AX25, 0, 'L' << 1, 'Z' << 1, '1' << 1, ' ' << 1, ' ' << 1, ' ' << 1, 12 << 1};
    assert_address(world, ax25, 16, "{sa_family=AF_AX25, sax25_call=LZ1-12, sax25_ndigis=0}");
    ax25[2] = 'l' << 1;
    ax25[12] = 2;
    assert_address(world, ax25, 24,
                   "{sa_family=AF_AX25, fsa_ax25={sax25_call={ax25_call=\"\\xd8\\xb4\\x62\\x40\\x40\\x40\\x18\"} /* "
                   "lZ1-12 */, sax25_ndigis=2}, fsa_digipeater=[{ax25_call=\"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"}, "
                   "...], ...}");
    ax25[2] = '\033' << 1;
    ax25[3] = 0x7f << 1;
    ax25[12] = 0;
    assert_address(world, ax25, 16,
                   "{sa_family=AF_AX25, sax25_call={ax25_call=\"\\x36\\xfe\\x62\\x40\\x40\\x40\\x18\"}, "
                   "sax25_ndigis=0}");
    uint8_t bluetooth[14] = {AF_BLUETOOTH, 0, 3, 0, 1, 2, 3, 4, 5, 6, 0x41, 0, 1};
    assert_address(world, bluetooth, 4, "{sa_family=AF_BLUETOOTH, hci_dev=htobs(3)}");
    assert_address(world, bluetooth, 6,
                   "{sa_family=AF_BLUETOOTH, hci_dev=htobs(3), hci_channel=0x201 /* "
                   "HCI_CHANNEL_??? */}");
    assert_address(world, bluetooth, 8, "{sa_family=AF_BLUETOOTH, sco_bdaddr=03:00:01:02:03:04}");
    assert_address(world, bluetooth, 10, "{sa_family=AF_BLUETOOTH, rc_bdaddr=03:00:01:02:03:04, rc_channel=5}");
    assert_address(world, bluetooth, 14,
                   "{sa_family=AF_BLUETOOTH, l2_psm=htobs(L2CAP_PSM_RFCOMM), l2_bdaddr=01:02:03:04:05:06, "
                   "l2_cid=htobs(L2CAP_CID_DYN_START+1), l2_bdaddr_type=BDADDR_LE_PUBLIC}");
    assert_address(world, bluetooth, 7, "{sa_family=AF_BLUETOOTH, sa_data=\"\\3\\0\\1\\2\\3\"}");
    uint8_t ieee[20] = {AF_IEEE802154, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 0xfe, 0xff};
    assert_address(world, ieee, 20,
                   "{sa_family=AF_IEEE802154, addr={addr_type=0x2 /* IEEE802154_ADDR_SHORT */, pan_id=0xffff /* "
                   "IEEE802154_PANID_BROADCAST */, short_addr=0xfffe /* IEEE802154_ADDR_UNDEF */}}");
}

static void test_near_field(void **state) {
    struct decoding_world *world = *state;
    uint8_t nfc[96] = {AF_NFC, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 1, 9, 'u', 'r', 'n'};
    nfc[88] = 3;
    world_put(world, WORLD_BASE, nfc, sizeof(nfc));
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_BASE, 96));
    world_shows(world, "connect(3, {sa_family=AF_NFC, dev_idx=0, target_idx=0x2, nfc_protocol=NFC_PROTO_NFC_DEP, "
                       "dsap=0x1 /* LLCP_SAP_SDP */, ssap=0x9, service_name=\"urn\", service_name_len=3}, 96) = ? "
                       "<unavailable>");
    nfc[84] = 2;
    world_put(world, WORLD_BASE, nfc, sizeof(nfc));
    world_enter(world, ARCH_I386, I386_CONNECT, ARGS(3, WORLD_BASE, 88));
    world_shows(world, "connect(3, {sa_family=AF_NFC, dev_idx=0, target_idx=0x2, nfc_protocol=NFC_PROTO_NFC_DEP, "
                       "dsap=0x1 /* LLCP_SAP_SDP */, ssap=0x9, service_name=\"ur\", service_name_len=2}, 88) = ? "
                       "<unavailable>");
    assert_address(world, nfc, 17,
                   "{sa_family=AF_NFC, dev_idx=0, target_idx=0x2, nfc_protocol=NFC_PROTO_NFC_DEP, ...}");
}

static void test_rare(void **state) {
    struct decoding_world *world = *state;
    uint8_t ipx[16] = {AF_IPX, 0, 4, 0x51, 0, 0, 0, 1, 0, 0xa, 0, 0, 0, 0, 17};
    assert_address(world, ipx, 16,
                   "{sa_family=AF_IPX, sipx_port=htons(1105), sipx_network=htonl(0x1), sipx_node=[00, 0xa, 00, 00, "
                   "00, 00], sipx_type=0x11}");
    assert_address(world, "\x09\0001234567890123456", 18,
                   "{sa_family=AF_X25, sx25_addr={x25_addr=\"123456789012345\"...}}");
    uint8_t rxrpc[36] = {AF_RXRPC, 0, 1, 0, SOCK_DGRAM, 0, 16, 0, AF_INET, 0, 0x1b, 0x59, 127, 0, 0, 1};
    assert_address(world, rxrpc, 36,
                   "{sa_family=AF_RXRPC, srx_service=0x1 /* CM_SERVICE */, transport_type=SOCK_DGRAM, "
                   "transport_len=16, transport={sin={sin_family=AF_INET, sin_port=htons(7001), "
                   "sin_addr=inet_addr(\"127.0.0.1\")}}}");
    rxrpc[6] = 6;
    assert_address(world, rxrpc, 36,
                   "{sa_family=AF_RXRPC, srx_service=0x1 /* CM_SERVICE */, transport_type=SOCK_DGRAM, "
                   "transport_len=6, transport={sin={sin_family=AF_INET, \"\\33Y\\177\\0\"}}}");
    uint8_t alg[88] = {AF_ALG, 0, 'h', 'a', 's', 'h', [24] = 's', 'h', 'a', '1'};
    alg[17] = 0x10;
    alg[20] = 1;
    assert_address(world, alg, 88,
                   "{sa_family=AF_ALG, salg_type=\"hash\", salg_feat=0x1000 /* CRYPTO_ALG_KERN_DRIVER_ONLY */, "
                   "salg_mask=0x1 /* CRYPTO_ALG_??? */, salg_name=\"sha1\"}");
    uint8_t xdp[16] = {AF_XDP, 0, 1, 0, 1, 0, 0, 0, 2, 0, 0, 0, 7};
    assert_address(world, xdp, 16,
                   "{sa_family=AF_XDP, sxdp_flags=XDP_SHARED_UMEM, sxdp_ifindex=if_nametoindex(\"lo\"), "
                   "sxdp_queue_id=2, sxdp_shared_umem_fd=7}");
    xdp[2] = 2;
    assert_address(world, xdp, 16,
                   "{sa_family=AF_XDP, sxdp_flags=XDP_COPY, sxdp_ifindex=if_nametoindex(\"lo\"), sxdp_queue_id=2, "
                   "sxdp_shared_umem_fd=0x7}");
    assert_address(world, "\x2a\0\0\0\1\0\0\0\xfe\xff\xff\xff", 12,
                   "{sa_family=AF_QIPCRTR, sq_node=0x1, sq_port=QRTR_PORT_CTRL}");
    assert_address(world, "\x2d\0\1\0\0\0\0\0\xff\1\2\3", 12,
                   "{sa_family=AF_MCTP, __smctp_pad0=0x1, smctp_network=MCTP_NET_ANY, "
                   "smctp_addr={s_addr=MCTP_ADDR_ANY}, smctp_type=0x1, smctp_tag=0x2, __smctp_pad1=0x3}");
}

static void test_odd(void **state) {
    struct decoding_world *world = *state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8080)};
    assert_address(world, &address, 4, "{sa_family=AF_INET, sa_data=\"\\37\\220\"}");
    assert_address(world,
                   "\xff\x7f"
                   "ab",
                   4, "{sa_family=0x7fff /* AF_??? */, sa_data=\"ab\"}");
    assert_address(world, &address, 1, "0x10000");
    assert_address(world, &address, 0, "0x10000");
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, 0, 16));
    world_shows(world, "connect(3, NULL, 16) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_NOWHERE, 16));
    world_shows(world, "connect(3, 0x900000, 16) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_HOLE - 8, 16));
    world_shows(world, "connect(3, 0x11ff8, 16) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_BASE, UINT32_MAX));
    world_shows(world, "connect(3, 0x10000, -1) = ? <unavailable>");
    world_put(world, WORLD_BASE + FAKE_PAGE - 6, &address, sizeof(address));
    world_enter(world, ARCH_X86_64, SYS_connect, ARGS(3, WORLD_BASE + FAKE_PAGE - 6, 1 << 30));
    world_shows(world, "connect(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr(\"0.0.0.0\")}, "
                       "1073741824) = ? <unavailable>");
}

static void test_is_read_with_the_buffer(void **state) {
    struct decoding_world *world = *state;
    world_put_string(world, WORLD_OTHER, "hello");
    world_put(world, WORLD_BASE, &(struct sockaddr_in){.sin_family = AF_INET}, sizeof(struct sockaddr_in));
    world->memory.reads = 0;
    world_enter(world, ARCH_X86_64, SYS_sendto, ARGS(3, WORLD_OTHER, 5, 0, WORLD_BASE, 16));
    assert_int_equal(world->memory.reads, 1);
    world_shows(world, "sendto(3, \"hello\", 5, 0, {sa_family=AF_INET, sin_port=htons(0), "
                       "sin_addr=inet_addr(\"0.0.0.0\")}, 16) = ? <unavailable>");
}

/* -------------------------------------------------------------------------- lengths */

/* accept(2) with so much room has left an address of so many bytes. */
static void accepted(struct decoding_world *world, int32_t room, int32_t length, const char *expected) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(1)};
    world_put(world, WORLD_OTHER, &room, sizeof(room));
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, WORLD_BASE, WORLD_OTHER));
    world_put(world, WORLD_BASE, &address, sizeof(address));
    world_put(world, WORLD_OTHER, &length, sizeof(length));
    world_return(world, 4);
    world_shows(world, expected);
}

static void test_lengths(void **state) {
    struct decoding_world *world = *state;
    accepted(world, 128, 16,
             "accept(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.1\")}, [128 "
             "=> 16]) = 4");
    accepted(world, 16, 16,
             "accept(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"0.0.0.1\")}, "
             "[16]) = 4");
    accepted(world, 4, 16, "accept(3, {sa_family=AF_INET, sa_data=\"\\0P\"}, [4 => 16]) = 4");
    accepted(world, 0, 16, "accept(3, 0x10000, [0 => 16]) = 4");
    accepted(world, -1, 16, "accept(3, 0x10000, [-1 => 16]) = 4");
    accepted(world, 16, -1, "accept(3, 0x10000, [16 => -1]) = 4");
}

static void test_lengths_of_no_address(void **state) {
    struct decoding_world *world = *state;
    int32_t room = 16;
    world_put(world, WORLD_OTHER, &room, sizeof(room));
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, 0, WORLD_OTHER));
    world_return(world, 4);
    world_shows(world, "accept(3, NULL, 0x50000) = 4");
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, WORLD_BASE, WORLD_OTHER));
    world_return(world, -EAGAIN);
    world_shows(world, "accept(3, 0x10000, [16]) = -1 EAGAIN (Resource temporarily unavailable)");
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, WORLD_BASE, WORLD_NOWHERE));
    world_return(world, 4);
    world_shows(world, "accept(3, 0x10000, 0x900000) = 4");
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, WORLD_BASE, 0));
    world_return(world, 4);
    world_shows(world, "accept(3, 0x10000, NULL) = 4");
    world->options.outputs = false;
    world_enter(world, ARCH_X86_64, SYS_accept, ARGS(3, WORLD_BASE, WORLD_OTHER));
    world_shows(world, "accept(3, 0x10000, [16]) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_unix),          WORLD_TEST(test_internet),
        WORLD_TEST(test_of_the_kernel), WORLD_TEST(test_radio),
        WORLD_TEST(test_near_field),    WORLD_TEST(test_rare),
        WORLD_TEST(test_odd),           WORLD_TEST(test_is_read_with_the_buffer),
        WORLD_TEST(test_lengths),       WORLD_TEST(test_lengths_of_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
