/* SPDX-License-Identifier: MIT
 *
 * Decoding: names in calls about sockets.
 */
#include "shown_call.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum {
    I386_SOCKETCALL = 102,
    I386_SETSOCKOPT = 366,
};

static struct fake_call call;

/* What the call is in strace's notation. */
static void assert_call(enum arch arch, int number, const uint64_t *args, const char *expected) {
    fake_call_init(&call, arch, number, args, 0);
    assert_call_shown(&call, NOTATION_STRACE, expected);
}

static void assert_option(int number, uint64_t level, uint64_t option, const char *expected) {
    struct decoded_call decoded;
    struct text text = {0};
    fake_call_init(&call, ARCH_X86_64, number, ARGS(3, level, option), 0);
    decode_call(&call.record, &decoded);
    value_to_text(&decoded.values[1], NOTATION_STRACE, &text);
    text_add_char(&text, ' ');
    value_to_text(&decoded.values[2], NOTATION_STRACE, &text);
    assert_string_equal(text.bytes, expected);
    text_finish(&text);
}

static void assert_protocol(uint64_t family, uint64_t protocol, const char *expected) {
    struct decoded_call decoded;
    struct text text = {0};
    fake_call_init(&call, ARCH_X86_64, SYS_socket, ARGS(family, SOCK_RAW, protocol), 0);
    decode_call(&call.record, &decoded);
    value_to_text(&decoded.values[2], NOTATION_STRACE, &text);
    assert_string_equal(text.bytes, expected);
    text_finish(&text);
}

static void test_options_depend_on_the_level(void **state) {
    (void)state;
    assert_option(SYS_setsockopt, 0, 2, "SOL_IP IP_TTL");
    assert_option(SYS_setsockopt, 1, 2, "SOL_SOCKET SO_REUSEADDR");
    assert_option(SYS_setsockopt, 6, 2, "SOL_TCP TCP_MAXSEG");
    assert_option(SYS_setsockopt, 40, 2, "AF_VSOCK SO_VM_SOCKETS_BUFFER_MAX_SIZE");
    assert_option(SYS_setsockopt, 132, 2, "SOL_SCTP SCTP_INITMSG");
    assert_option(SYS_setsockopt, 283, 2, "SOL_XDP XDP_RX_RING");
    assert_option(SYS_setsockopt, 284, 2, "SOL_MPTCP MPTCP_TCPINFO");
    assert_option(SYS_setsockopt, 286, 2, "SOL_SMC 0x2 /* SMC_??? */");
    assert_option(SYS_setsockopt, UINT64_C(0x500000006), UINT64_C(0x500000002), "SOL_TCP TCP_MAXSEG");
}

static void test_a_level_without_options_has_plain_numbers(void **state) {
    (void)state;
    assert_option(SYS_setsockopt, 267, 2, "SOL_NETBEUI 2");
    assert_option(SYS_setsockopt, 287, UINT64_MAX, "SOL_VSOCK 4294967295");
    assert_option(SYS_getsockopt, 288, 7, "0x120 /* SOL_?? */ 7");
    assert_option(SYS_getsockopt, UINT32_MAX, 7, "0xffffffff /* SOL_?? */ 7");
}

static void test_some_options_depend_on_the_direction(void **state) {
    (void)state;
    assert_option(SYS_setsockopt, SOL_SOCKET, 26, "SOL_SOCKET SO_ATTACH_FILTER");
    assert_option(SYS_getsockopt, SOL_SOCKET, 26, "SOL_SOCKET SO_GET_FILTER");
    assert_option(SYS_setsockopt, 0, 64, "SOL_IP IPT_SO_SET_REPLACE");
    assert_option(SYS_getsockopt, 0, 64, "SOL_IP IPT_SO_GET_INFO");
    assert_option(SYS_setsockopt, 0, 80, "SOL_IP 0x50 /* IP_??? */");
    assert_option(SYS_getsockopt, 0, 80, "SOL_IP SO_ORIGINAL_DST");
    assert_option(SYS_setsockopt, 41, 65, "SOL_IPV6 IP6T_SO_SET_ADD_COUNTERS");
    assert_option(SYS_getsockopt, 41, 65, "SOL_IPV6 IP6T_SO_GET_ENTRIES");
    assert_option(SYS_getsockopt, 41, 66, "SOL_IPV6 IPV6_RECVTCLASS");
    assert_option(SYS_getsockopt, 41, 68, "SOL_IPV6 IP6T_SO_GET_REVISION_MATCH");
    assert_option(SYS_setsockopt, 41, 68, "SOL_IPV6 0x44 /* IPV6_??? */");
}

static void test_protocols_depend_on_the_family(void **state) {
    (void)state;
    assert_protocol(AF_UNIX, 1, "1");
    assert_protocol(AF_INET, 1, "IPPROTO_ICMP");
    assert_protocol(AF_INET6, 262, "IPPROTO_MPTCP");
    assert_protocol(AF_CAN, 1, "CAN_RAW");
    assert_protocol(AF_BLUETOOTH, 1, "BTPROTO_HCI");
    assert_protocol(AF_RXRPC, AF_INET6, "AF_INET6");
    assert_protocol(AF_SMC, 1, "SMCPROTO_SMC6");
    assert_protocol(AF_SMC, UINT64_MAX, "0xffffffff /* SMCPROTO_??? */");
    assert_protocol(77, UINT64_MAX, "18446744073709551615");
    assert_protocol(UINT64_C(0x500000000) + AF_INET, 1, "IPPROTO_ICMP");
}

static void test_a_packet_socket_has_its_protocol_in_network_order(void **state) {
    (void)state;
    assert_protocol(AF_PACKET, htons(3), "htons(ETH_P_ALL)");
    assert_protocol(AF_PACKET, htons(0x800), "htons(ETH_P_IP)");
    assert_protocol(AF_PACKET, 0, "htons(0 /* ETH_P_??? */)");
    assert_protocol(AF_PACKET, UINT64_MAX, "htons(0xffff /* ETH_P_??? */)");
    assert_protocol(AF_PACKET, 0x10000 + htons(3), "htons(ETH_P_ALL)"); /* the kernel takes 16 bits */
    fake_call_init(&call, ARCH_X86_64, SYS_socket, ARGS(AF_PACKET, SOCK_RAW, htons(4)), 0);
    assert_call_shown(&call, NOTATION_CONTENT, "socket(AF_PACKET, SOCK_RAW, htons(ETH_P_802_2))");
}

static void test_names_in_a_comment(void **state) {
    (void)state;
    assert_protocol(AF_AX25, 0xcf, "0xcf /* AX25_P_NETROM */");
    assert_protocol(AF_AX25, 0, "0 /* AX25_P_??? */");
    fake_call_init(&call, ARCH_X86_64, SYS_socket, ARGS(AF_AX25, SOCK_RAW, 0xcf), 0);
    assert_call_shown(&call, NOTATION_CONTENT, "socket(AF_AX25, SOCK_RAW, AX25_P_NETROM)");
    fake_call_init(&call, ARCH_X86_64, SYS_socket, ARGS(AF_AX25, SOCK_RAW, 0xff), 0);
    assert_call_shown(&call, NOTATION_CONTENT, "socket(AF_AX25, SOCK_RAW, 0xff)");
}

static void test_the_type_stands_apart_from_its_flags(void **state) {
    (void)state;
    assert_call(ARCH_X86_64, SYS_socket, ARGS(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC, 0),
                "socket(AF_UNIX, SOCK_RAW|SOCK_CLOEXEC, 0)");
    assert_call(ARCH_X86_64, SYS_socket, ARGS(AF_UNIX, SOCK_RAW | 0x10, 0),
                "socket(AF_UNIX, SOCK_RAW|0x10 /* SOCK_??? */, 0)");
    assert_call(ARCH_X86_64, SYS_socket, ARGS(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC | 0x10, 0),
                "socket(AF_UNIX, SOCK_RAW|SOCK_CLOEXEC|0x10, 0)");
    assert_call(ARCH_X86_64, SYS_socket, ARGS(AF_UNIX, 0x1b, 0), "socket(AF_UNIX, 0x1b /* SOCK_??? */, 0)");
    assert_call(ARCH_X86_64, SYS_socket, ARGS(AF_UNIX, SOCK_CLOEXEC | 0xb, 0), "socket(AF_UNIX, SOCK_CLOEXEC|0xb, 0)");
}

static void test_calls_of_a_socketcall(void **state) {
    (void)state;
    assert_call(ARCH_I386, I386_SOCKETCALL, ARGS(1, 0x1000), "socketcall(SYS_SOCKET, 0x1000)");
    assert_call(ARCH_I386, I386_SOCKETCALL, ARGS(20, 0x1000), "socketcall(SYS_SENDMMSG, 0x1000)");
    assert_call(ARCH_I386, I386_SOCKETCALL, ARGS(21, 0x1000), "socketcall(0x15 /* SYS_??? */, 0x1000)");
    assert_call(ARCH_I386, I386_SETSOCKOPT, ARGS(3, 0, 64, 0x1000, 4),
                "setsockopt(3, SOL_IP, IPT_SO_SET_REPLACE, 0x1000, 4)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_depend_on_the_level),
        cmocka_unit_test(test_a_level_without_options_has_plain_numbers),
        cmocka_unit_test(test_some_options_depend_on_the_direction),
        cmocka_unit_test(test_protocols_depend_on_the_family),
        cmocka_unit_test(test_a_packet_socket_has_its_protocol_in_network_order),
        cmocka_unit_test(test_names_in_a_comment),
        cmocka_unit_test(test_the_type_stands_apart_from_its_flags),
        cmocka_unit_test(test_calls_of_a_socketcall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
