/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink from what was captured of them to their text; and what is not captured as messages.
 */
#include "decoding_world.h"

#include "decoding.h"
#include "descriptor.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    ADDRESS = WORLD_BASE,
    SOCKET = 3,
    MESSAGE_MAX = 16384,
};

/* A message that is being made. */
struct draft {
    uint8_t bytes[MESSAGE_MAX];
    uint32_t size;
};

static void add(struct draft *draft, const void *bytes, size_t size) {
    assert_in_range(draft->size + size, 0, sizeof(draft->bytes));
    memcpy(draft->bytes + draft->size, bytes, size);
    draft->size += (uint32_t)size;
}

static void begin(struct draft *draft, uint16_t type, uint16_t flags) {
    draft->size = 0;
    add(draft, &(struct nlmsghdr){.nlmsg_type = type, .nlmsg_flags = flags, .nlmsg_seq = 1}, sizeof(struct nlmsghdr));
}

static void add_attribute(struct draft *draft, uint16_t type, const void *bytes, uint16_t size) {
    static const uint8_t padding[4];
    add(draft, &(struct nlattr){(uint16_t)(NLA_HDRLEN + size), type}, NLA_HDRLEN);
    add(draft, bytes, size);
    add(draft, padding, (4 - size % 4) % 4);
}

static void end(struct draft *draft) {
    memcpy(draft->bytes, &draft->size, sizeof(draft->size));
}

static void capture_at(struct fake_call *call, unsigned element, uint64_t address, enum capture_state state,
                       const void *bytes, size_t size, uint64_t full_length) {
    size_t offset = call->record.call.captures_size;
    fake_call_capture(call, 1, element, state, bytes, size, full_length);
    ((struct capture *)(void *)((uint8_t *)call->captures + offset))->address = address;
}

/* sendto(2) of `length` bytes, the first of which were captured. */
static void send_some(struct fake_call *call, enum arch arch, int protocol, const void *bytes, size_t size,
                      uint64_t length, enum capture_state state) {
    struct netlink_socket socket = {.protocol = protocol, .limit = 32};
    int number = arch == ARCH_I386 ? 369 : SYS_sendto;
    fake_call_init(call, arch, number, ARGS(SOCKET, ADDRESS, length, 0, 0, 0), (int64_t)length);
    capture_at(call, 0, 0, CAPTURE_WHOLE, bytes, size < 32 ? size : 32, length);
    capture_at(call, CAPTURE_NETLINK, SOCKET, CAPTURE_WHOLE, &socket, sizeof(socket), sizeof(socket));
    capture_at(call, CAPTURE_AT, ADDRESS, state, bytes, size, length);
}

static void send_draft(struct fake_call *call, int protocol, const struct draft *draft) {
    send_some(call, ARCH_X86_64, protocol, draft->bytes, draft->size, draft->size, CAPTURE_WHOLE);
}

static struct text text_of(const struct fake_call *call, bool verbose) {
    struct decoded_call decoded;
    struct text text = {.verbose = verbose};
    decode_call(&call->record, &decoded);
    arguments_to_text(&decoded, &text);
    assert_false(text.failed);
    return text;
}

/* Fail unless the message is shown so. */
static void shows(const struct fake_call *call, const char *expected) {
    struct text text = text_of(call, false);
    const char *start = "3, ";
    assert_memory_equal(text.bytes, start, strlen(start));
    if (strncmp(text.bytes + strlen(start), expected, strlen(expected)) != 0) {
        fail_msg("shown    %s\nexpected %s", text.bytes + strlen(start), expected);
    }
    text_finish(&text);
}

static int set_up(void **state) {
    struct fake_call *call = calloc(1, sizeof(*call));
    *state = call;
    return call ? 0 : -1;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

/* ----------------------------------------------------------------------------- values */

static void begin_link(struct draft *draft) {
    begin(draft, RTM_NEWLINK, 0);
    add(draft, &(struct ifinfomsg){.ifi_type = 1, .ifi_flags = 1}, sizeof(struct ifinfomsg));
}

#define LINK "{ifi_family=AF_UNSPEC, ifi_type=ARPHRD_ETHER, ifi_index=0, ifi_flags=IFF_UP, ifi_change=0}"
#define HEADER_REST "nlmsg_flags=0, nlmsg_seq=1, nlmsg_pid=0}"

static void test_link(void **state) {
    struct draft draft;
    begin_link(&draft);
    add_attribute(&draft, IFLA_IFNAME, "lo", 3);
    add_attribute(&draft, IFLA_MTU, &(uint32_t){1500}, 4);
    add_attribute(&draft, IFLA_MTU, "a", 1);
    add_attribute(&draft, IFLA_MTU | NLA_F_NESTED, &(uint32_t){7}, 4);
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    shows(*state, "[{nlmsg_len=64, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [[{nla_len=7, nla_type=IFLA_IFNAME}, \"lo\"], [{nla_len=8, nla_type=IFLA_MTU}, 1500], "
                  "[{nla_len=5, nla_type=IFLA_MTU}, \"\\x61\"], [{nla_len=8, nla_type=NLA_F_NESTED|IFLA_MTU}, 7]]]");
}

static void test_kinds(void **state) {
    struct draft kind = {.size = 0};
    struct draft draft;
    add_attribute(&kind, IFLA_INFO_KIND, "bridge", 7);
    uint32_t inner[] = {8 | IFLA_BR_FORWARD_DELAY << 16, 1500};
    add_attribute(&kind, IFLA_INFO_DATA, inner, sizeof(inner));
    begin_link(&draft);
    add_attribute(&draft, IFLA_LINKINFO, kind.bytes, (uint16_t)kind.size);
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    shows(*state, "[{nlmsg_len=60, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [{nla_len=28, nla_type=IFLA_LINKINFO}, [[{nla_len=11, nla_type=IFLA_INFO_KIND}, \"bridge\"], "
                  "[{nla_len=12, nla_type=IFLA_INFO_DATA}, [{nla_len=8, nla_type=IFLA_BR_FORWARD_DELAY}, "
                  "1500 /* 15.00 s */]]]]]");
}

static void test_protocols(void **state) {
    struct draft draft;
    begin(&draft, 16, 0);
    end(&draft);
    static const struct {
        int protocol;
        const char *type;
    } cases[] = {
        {NETLINK_ROUTE, "RTM_NEWLINK"},
        {NETLINK_SOCK_DIAG, "0x10 /* SOCK_DIAG_??? */"},
        {NETLINK_XFRM, "XFRM_MSG_NEWSA"},
        {NETLINK_SELINUX, "SELNL_MSG_SETENFORCE"},
        {NETLINK_AUDIT, "0x10 /* AUDIT_??? */"},
        {NETLINK_NETFILTER, "NFNL_MSG_BATCH_BEGIN"},
        {NETLINK_CRYPTO, "CRYPTO_MSG_NEWALG"},
        {NETLINK_USERSOCK, "0x10 /* NLMSG_??? */"},
        {NETLINK_PROTOCOL_UNKNOWN, "0x10 /* NLMSG_??? */"},
        {NETLINK_PROTOCOL_NONE, "0x10 /* NLMSG_??? */"},
        {1000, "0x10 /* NLMSG_??? */"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[128];
        snprintf(expected, sizeof(expected), "{nlmsg_len=16, nlmsg_type=%s, " HEADER_REST, cases[i].type);
        send_draft(*state, cases[i].protocol, &draft);
        shows(*state, expected);
    }
    send_draft(*state, NETLINK_KOBJECT_UEVENT, &draft);
    shows(*state, "\"\\20\\0\\0\\0\\20\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\", 16");
}

static void test_failure(void **state) {
    struct draft draft;
    begin(&draft, NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS);
    add(&draft, &(struct nlmsgerr){.error = -2, .msg = {100, RTM_GETLINK, 0, 1, 0}}, sizeof(struct nlmsgerr));
    add_attribute(&draft, NLMSGERR_ATTR_MSG, "no", 3);
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    shows(*state, "[{nlmsg_len=44, nlmsg_type=NLMSG_ERROR, nlmsg_flags=NLM_F_CAPPED|NLM_F_ACK_TLVS, nlmsg_seq=1, "
                  "nlmsg_pid=0}, [{error=-ENOENT, msg={nlmsg_len=100, nlmsg_type=RTM_GETLINK, " HEADER_REST
                  "}, [{nla_len=7, nla_type=NLMSGERR_ATTR_MSG}, \"no\"]]], 44");
}

/* ------------------------------------------------------------------- memory that ends */

static void test_memory_that_ends(void **state) {
    struct draft draft;
    begin_link(&draft);
    add_attribute(&draft, IFLA_IFNAME, "lo", 3);
    draft.bytes[0] = 100;
    /* Behind the header of the attribute; in it; in the header of the message; behind the first message. */
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 36, 100, CAPTURE_UNREADABLE);
    shows(*state, "[{nlmsg_len=100, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [[{nla_len=7, nla_type=IFLA_IFNAME}, 0x10024], ... /* 0x10028 */]], 100");
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 34, 100, CAPTURE_UNREADABLE);
    shows(*state, "[{nlmsg_len=100, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK ", 0x10020], 100");
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 20, 100, CAPTURE_UNREADABLE);
    shows(*state, "[{nlmsg_len=100, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", {ifi_family=AF_UNSPEC, 0x10011}], 100");
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 10, 100, CAPTURE_UNREADABLE);
    shows(*state, "0x10000, 100");
    /* It was not asked for. */
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 36, 100, CAPTURE_CUT);
    shows(*state, "[{nlmsg_len=100, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [[{nla_len=7, nla_type=IFLA_IFNAME}, ...], ...]], 100");
}

static void test_odd_lengths(void **state) {
    struct draft draft;
    begin_link(&draft);
    add_attribute(&draft, IFLA_IFNAME, "lo", 3);
    end(&draft);
    memset(draft.bytes, 0xff, 4);
    send_draft(*state, NETLINK_ROUTE, &draft);
    shows(*state, "[{nlmsg_len=4294967295, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [{nla_len=7, nla_type=IFLA_IFNAME}, \"lo\"]], 40");
    memset(draft.bytes + 32, 0xff, 2);
    send_draft(*state, NETLINK_ROUTE, &draft);
    shows(*state, "[{nlmsg_len=4294967295, nlmsg_type=RTM_NEWLINK, " HEADER_REST ", " LINK
                  ", [{nla_len=65535, nla_type=IFLA_IFNAME}, \"lo\\0\"]], 40");
    send_some(*state, ARCH_X86_64, NETLINK_ROUTE, draft.bytes, 40, UINT64_MAX, CAPTURE_UNREADABLE);
    send_some(*state, ARCH_I386, NETLINK_ROUTE, draft.bytes, 15, 15, CAPTURE_WHOLE);
    shows(*state, "\"\\xff\\xff\\xff\\xff\\x10\\x00\\x00\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00\", 15");
}

/* ------------------------------------------------------------------------------ limits */

static void test_limits(void **state) {
    struct draft draft;
    begin_link(&draft);
    for (unsigned i = 0; i < 40; i++) {
        add_attribute(&draft, IFLA_GROUP, &i, sizeof(i));
    }
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    struct text text = text_of(*state, false);
    assert_non_null(strstr(text.bytes, "IFLA_GROUP}, 31], ...]]"));
    text_finish(&text);
    text = text_of(*state, true);
    assert_non_null(strstr(text.bytes, "IFLA_GROUP}, 39]]]"));
    text_finish(&text);
}

/* Next hops with next hops in them, as deep as a message can be, and one without a length. */
static void test_depth(void **state) {
    struct draft draft;
    begin(&draft, RTM_NEWROUTE, 0);
    add(&draft, &(struct rtmsg){.rtm_family = AF_INET}, sizeof(struct rtmsg));
    while (draft.size + 12 <= sizeof(draft.bytes)) {
        uint16_t left = (uint16_t)(sizeof(draft.bytes) - draft.size);
        add(&draft, &(struct nlattr){left, RTA_MULTIPATH}, NLA_HDRLEN);
        add(&draft, &(struct rtnexthop){.rtnh_len = (uint16_t)(left - NLA_HDRLEN)}, sizeof(struct rtnexthop));
    }
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    struct text text = text_of(*state, true);
    assert_non_null(strstr(text.bytes, "RTA_MULTIPATH}, [{rtnh_len="));
    text_finish(&text);
    begin(&draft, RTM_NEWROUTE, 0);
    add(&draft, &(struct rtmsg){.rtm_family = AF_INET}, sizeof(struct rtmsg));
    add_attribute(&draft, RTA_MULTIPATH, &(struct rtnexthop[2]){{0}}, 2 * sizeof(struct rtnexthop));
    end(&draft);
    send_draft(*state, NETLINK_ROUTE, &draft);
    text = text_of(*state, true);
    assert_non_null(strstr(text.bytes, "[{rtnh_len=0, rtnh_flags=0, rtnh_hops=0, rtnh_ifindex=0}]"));
    text_finish(&text);
}

/* Whatever they hold: every protocol, every type, every attribute. */
static void test_any_bytes(void **state) {
    static const int protocols[] = {NETLINK_ROUTE,   NETLINK_SOCK_DIAG,      NETLINK_NETFILTER, NETLINK_CRYPTO,
                                    NETLINK_SELINUX, NETLINK_KOBJECT_UEVENT, NETLINK_USERSOCK,  NETLINK_XFRM};
    struct draft draft;
    srand(1);
    for (unsigned i = 0; i < 20000; i++) {
        begin(&draft, (uint16_t)(rand() % 130), (uint16_t)rand());
        uint8_t bytes[300];
        for (size_t at = 0; at < sizeof(bytes); at++) {
            bytes[at] = (uint8_t)(rand() % 3 ? rand() % 16 : rand());
        }
        add(&draft, bytes, (size_t)rand() % 80);
        add_attribute(&draft, (uint16_t)(rand() % 64), bytes, (uint16_t)(rand() % 200));
        end(&draft);
        uint32_t have = rand() % 4 ? draft.size : (uint32_t)rand() % draft.size;
        send_some(*state, i % 8 ? ARCH_X86_64 : ARCH_I386, protocols[i % 8], draft.bytes, have, draft.size,
                  have == draft.size ? CAPTURE_WHOLE : CAPTURE_UNREADABLE);
        struct text text = text_of(*state, i % 2);
        text_finish(&text);
    }
}

/* ----------------------------------------------------------------------------- capture */

/* No socket of netlink: the thread that these tests speak of has none. */
static void test_other_sockets(void **state) {
    struct decoding_world *world = *state;
    static const struct nlmsghdr message = {sizeof(message), NLMSG_NOOP, 0, 1, 0};
    world_put(world, WORLD_BASE, &message, sizeof(message));
    world_enter(world, ARCH_X86_64, SYS_sendto, ARGS(SOCKET, WORLD_BASE, sizeof(message), 0, 0, 0));
    world_return(world, sizeof(message));
    world_shows(world, "sendto(3, \"\\20\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\", 16, 0, NULL, 0) = 16");
    world_enter(world, ARCH_X86_64, SYS_recvfrom, ARGS(SOCKET, WORLD_BASE, 100, 0, 0, 0));
    world_return(world, sizeof(message));
    world_shows(world, "recvfrom(3, \"\\20\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0\\0\", 100, 0, NULL, NULL) = 16");
}

static void test_protocol(void **state) {
    (void)state;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    int other = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0 && other >= 0);
    assert_int_equal(descriptor_netlink_protocol(getpid(), other), NETLINK_PROTOCOL_NONE);
    assert_int_equal(descriptor_netlink_protocol(getpid(), -1), NETLINK_PROTOCOL_NONE);
    assert_int_equal(descriptor_netlink_protocol(getpid(), fd), NETLINK_PROTOCOL_UNKNOWN);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(descriptor_netlink_protocol(getpid(), fd), NETLINK_ROUTE);
    close(fd);
    close(other);
}

#define NETLINK_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        NETLINK_TEST(test_link),
        NETLINK_TEST(test_kinds),
        NETLINK_TEST(test_protocols),
        NETLINK_TEST(test_failure),
        NETLINK_TEST(test_memory_that_ends),
        NETLINK_TEST(test_odd_lengths),
        NETLINK_TEST(test_limits),
        NETLINK_TEST(test_depth),
        NETLINK_TEST(test_any_bytes),
        WORLD_TEST(test_other_sockets),
        cmocka_unit_test(test_protocol),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
