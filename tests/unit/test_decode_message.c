/* SPDX-License-Identifier: MIT
 *
 * Messages of sockets and their control messages.
 */
#include "decoding_world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum {
    I386_SENDMSG = 370,
    I386_RECVMMSG = 337,
    NAME = WORLD_BASE + 0x400,
    VECTOR = WORLD_BASE + 0x500,
    CONTROL = WORLD_BASE + 0x600,
    TEXT = WORLD_BASE + 0x800,
    TIMEOUT = WORLD_BASE + 0x900,
};

static struct msghdr message_of(size_t name_size, size_t count, size_t control_size) {
    return (struct msghdr){.msg_name = name_size ? (void *)NAME : NULL,
                           .msg_namelen = (socklen_t)name_size,
                           .msg_iov = (struct iovec *)VECTOR,
                           .msg_iovlen = count,
                           .msg_control = control_size ? (void *)CONTROL : NULL,
                           .msg_controllen = control_size};
}

static void put_message(struct decoding_world *world, size_t name_size, size_t count, size_t control_size) {
    struct msghdr message = message_of(name_size, count, control_size);
    world_put(world, WORLD_BASE, &message, sizeof(message));
}

static void put_parts(struct decoding_world *world) {
    static const struct iovec vector[] = {{(void *)TEXT, 3}, {(void *)(TEXT + 3), 5}};
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(53), .sin_addr.s_addr = htonl(1)};
    world_put(world, VECTOR, vector, sizeof(vector));
    world_put_string(world, TEXT, "abcdefgh");
    world_put(world, NAME, &name, sizeof(name));
}

static void test_sent(void **state) {
    struct decoding_world *world = *state;
    put_parts(world);
    put_message(world, 16, 2, 0);
    world_enter(world, ARCH_X86_64, SYS_sendmsg, ARGS(3, WORLD_BASE, 0));
    world_shows(world, "sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"0.0.0.1\")}, "
                       "msg_namelen=16, msg_iov=[{iov_base=\"abc\", iov_len=3}, {iov_base=\"defgh\", iov_len=5}], "
                       "msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_sendmsg, ARGS(3, WORLD_HOLE - 8, 0));
    world_shows(world, "sendmsg(3, 0x11ff8, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_sendmsg, ARGS(3, 0, 0));
    world_shows(world, "sendmsg(3, NULL, 0) = ? <unavailable>");
}

static void test_sent_on_i386(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t message[] = {NAME, 16, VECTOR, 1, 0, 0, 0};
    static const uint32_t vector[] = {TEXT, 2};
    put_parts(world);
    world_put(world, WORLD_BASE, message, sizeof(message));
    world_put(world, VECTOR, vector, sizeof(vector));
    world_enter(world, ARCH_I386, I386_SENDMSG, ARGS(3, WORLD_BASE, 0));
    world_shows(world, "sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"0.0.0.1\")}, "
                       "msg_namelen=16, msg_iov=[{iov_base=\"ab\", iov_len=2}], msg_iovlen=1, msg_controllen=0, "
                       "msg_flags=0}, 0) = ? <unavailable>");
}

static void test_sent_from_odd_memory(void **state) {
    struct decoding_world *world = *state;
    struct msghdr message = {.msg_name = (void *)WORLD_NOWHERE,
                             .msg_namelen = UINT32_MAX,
                             .msg_iov = (void *)WORLD_NOWHERE,
                             .msg_iovlen = SIZE_MAX,
                             .msg_control = (void *)WORLD_NOWHERE,
                             .msg_controllen = SIZE_MAX};
    world_put(world, WORLD_BASE, &message, sizeof(message));
    world_enter(world, ARCH_X86_64, SYS_sendmsg, ARGS(3, WORLD_BASE, 0));
    world_shows(world, "sendmsg(3, {msg_name=0x900000, msg_namelen=-1, msg_iov=0x900000, "
                       "msg_iovlen=18446744073709551615, msg_control=0x900000, msg_controllen=18446744073709551615, "
                       "msg_flags=0}, 0) = ? <unavailable>");
}

static void test_received(void **state) {
    struct decoding_world *world = *state;
    put_message(world, 100, 2, 0);
    world_enter(world, ARCH_X86_64, SYS_recvmsg, ARGS(3, WORLD_BASE, 0));
    world_shows(world, "recvmsg(3, {msg_namelen=100}, 0) = ? <unavailable>");
    world_return(world, -EAGAIN);
    world_shows(world, "recvmsg(3, {msg_namelen=100}, 0) = -1 EAGAIN (Resource temporarily unavailable)");
    put_parts(world);
    put_message(world, 16, 2, 0);
    world_return(world, 4);
    world_shows(world, "recvmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"0.0.0.1\")}, "
                       "msg_namelen=100 => 16, msg_iov=[{iov_base=\"abc\", iov_len=3}, {iov_base=\"d\", iov_len=5}], "
                       "msg_iovlen=2, msg_controllen=0, msg_flags=0}, 0) = 4");
    world->options.outputs = false;
    world_enter(world, ARCH_X86_64, SYS_recvmsg, ARGS(3, WORLD_BASE, 0));
    world_shows(world, "recvmsg(3, 0x10000, 0) = ? <unavailable>");
    assert_false(capture_needed(syscall_row(ARCH_X86_64, SYS_recvmsg), &world->options));
}

/* Less room than the name that came: what was cut off is not shown. */
static void test_received_without_room(void **state) {
    struct decoding_world *world = *state;
    put_message(world, 4, 0, 0);
    world_enter(world, ARCH_X86_64, SYS_recvmsg, ARGS(3, WORLD_BASE, 0));
    put_parts(world);
    put_message(world, 16, 0, 0);
    world_return(world, 0);
    world_shows(world, "recvmsg(3, {msg_name={sa_family=AF_INET, sa_data=\"\\0005\"}, msg_namelen=4 => 16, msg_iov=[], "
                       "msg_iovlen=0, msg_controllen=0, msg_flags=0}, 0) = 0");
}

/* ---------------------------------------------------------------- control messages */

static void controls(struct decoding_world *world, const void *bytes, size_t size, const char *expected) {
    char line[1024];
    put_message(world, 0, 0, size);
    world_put(world, CONTROL, bytes, size);
    world_enter(world, ARCH_X86_64, SYS_sendmsg, ARGS(3, WORLD_BASE, 0));
    snprintf(line, sizeof(line),
             "sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0, msg_control=%s, msg_controllen=%zu, "
             "msg_flags=0}, 0) = ? <unavailable>",
             expected, size);
    world_shows(world, line);
}

/* struct cmsghdr and its data. */
struct control {
    struct {
        uint64_t cmsg_len;
        int32_t cmsg_level;
        int32_t cmsg_type;
    } header;
    uint32_t data[16];
};

static void test_control(void **state) {
    struct decoding_world *world = *state;
    struct control rights = {{24, SOL_SOCKET, SCM_RIGHTS}, {3, 4}};
    struct control credentials = {{28, SOL_SOCKET, SCM_CREDENTIALS}, {7, 1000, UINT32_MAX}};
    struct control time = {{32, SOL_SOCKET, 29}, {1, 0, 2, 0}};
    struct control three = {{64, SOL_SOCKET, 65}, {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6}};
    struct control info = {{28, SOL_IP, IP_PKTINFO}, {1, 0x0100007f, 0x0200007f}};
    struct control octets = {{18, SOL_IP, IP_TOS}, {0x10}};
    struct control error = {{48, SOL_IP, IP_RECVERR}, {111, 0x00030302, 0, 0, AF_INET}};
    struct control other = {{20, SOL_IPV6, 50}, {0}};
    controls(world, &rights, 24, "[{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[3, 4]}]");
    controls(world, &credentials, 28,
             "[{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=7, uid=1000, gid=-1}}]");
    controls(world, &time, 32,
             "[{cmsg_len=32, cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMP_OLD, cmsg_data={tv_sec=1, tv_usec=2}}]");
    time.header.cmsg_len = 30;
    controls(world, &time, 30, "[{cmsg_len=30, cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMP_OLD, cmsg_data=???}]");
    controls(world, &three, 64,
             "[{cmsg_len=64, cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMPING_NEW, cmsg_data=[{tv_sec=1, tv_nsec=2}, "
             "{tv_sec=3, tv_nsec=4}, {tv_sec=5, tv_nsec=6}]}]");
    controls(world, &info, 28,
             "[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=if_nametoindex(\"lo\"), "
             "ipi_spec_dst=inet_addr(\"127.0.0.1\"), ipi_addr=inet_addr(\"127.0.0.2\")}}]");
    controls(world, &octets, 18, "[{cmsg_len=18, cmsg_level=SOL_IP, cmsg_type=IP_TOS, cmsg_data=[0x10, 0]}]");
    controls(world, &error, 48,
             "[{cmsg_len=48, cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=111, ee_origin=2, ee_type=3, "
             "ee_code=3, ee_info=0, ee_data=0, offender={sa_family=AF_INET, sin_port=htons(0), "
             "sin_addr=inet_addr(\"0.0.0.0\")}}}]");
    controls(world, &other, 20, "[{cmsg_len=20, cmsg_level=SOL_IPV6, cmsg_type=0x32}]");
}

static void test_odd_control(void **state) {
    struct decoding_world *world = *state;
    struct control two[] = {{{80, SOL_SOCKET, 77}, {0}}, {{16, 999, 1}, {0}}};
    controls(world, two, 96,
             "[{cmsg_len=80, cmsg_level=SOL_SOCKET, cmsg_type=0x4d /* SCM_??? */}, {cmsg_len=16, cmsg_level=0x3e7 /* "
             "SOL_??? */, cmsg_type=0x1}]");
    controls(world, two, 90, "[{cmsg_len=80, cmsg_level=SOL_SOCKET, cmsg_type=0x4d /* SCM_??? */}, ... /* 0x10650 */]");
    two[0].header.cmsg_len = 5;
    controls(world, two, 30, "[{cmsg_len=5, cmsg_level=SOL_SOCKET, cmsg_type=0x4d /* SCM_??? */}, ... /* 0x10610 */]");
    controls(world, two, 9, "0x10600");
    two[0].header.cmsg_len = SIZE_MAX;
    controls(world, two, 30, "[{cmsg_len=18446744073709551615, cmsg_level=SOL_SOCKET, cmsg_type=0x4d /* SCM_??? */}]");
}

/* ---------------------------------------------------------------------- many of them */

static void put_vector(struct decoding_world *world, size_t name_size, uint32_t length) {
    struct mmsghdr vector[2] = {{message_of(name_size, 1, 0), length}, {message_of(0, 1, 0), length + 1}};
    world_put(world, WORLD_BASE, vector, sizeof(vector));
}

static void test_vectors_sent(void **state) {
    struct decoding_world *world = *state;
    put_parts(world);
    put_vector(world, 0, 0);
    world_enter(world, ARCH_X86_64, SYS_sendmmsg, ARGS(3, WORLD_BASE, 2, 0));
    world_return(world, -EPIPE);
    world_shows(world, "sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", iov_len=3}], "
                       "msg_iovlen=1, msg_controllen=0, msg_flags=0}}, {msg_hdr={msg_name=NULL, msg_namelen=0, "
                       "msg_iov=[{iov_base=\"abc\", iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=0}}], 2, 0) "
                       "= -1 EPIPE (Broken pipe)");
    put_vector(world, 0, 3);
    world_return(world, 1);
    world_shows(world, "sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"abc\", iov_len=3}], "
                       "msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=3}, {msg_hdr={msg_name=NULL, "
                       "msg_namelen=0, msg_iov=[{iov_base=\"abc\", iov_len=3}], msg_iovlen=1, msg_controllen=0, "
                       "msg_flags=0}}], 2, 0) = 1");
    world_enter(world, ARCH_X86_64, SYS_sendmmsg, ARGS(3, WORLD_NOWHERE, UINT32_MAX, 0));
    world_return(world, 5);
    world_shows(world, "sendmmsg(3, 0x900000, 4294967295, 0) = 5");
}

static void test_vectors_received(void **state) {
    struct decoding_world *world = *state;
    world_put(world, TIMEOUT, &(struct timespec){5, 7}, sizeof(struct timespec));
    put_vector(world, 100, 0);
    world_enter(world, ARCH_X86_64, SYS_recvmmsg, ARGS(3, WORLD_BASE, 2, 0, TIMEOUT));
    world_return(world, -EAGAIN);
    world_shows(world, "recvmmsg(3, 0x10000, 2, 0, {tv_sec=5, tv_nsec=7}) = -1 EAGAIN (Resource temporarily "
                       "unavailable)");
    put_parts(world);
    put_vector(world, 16, 2);
    world_put(world, TIMEOUT, &(struct timespec){4, 9}, sizeof(struct timespec));
    world_return(world, 1);
    world_shows(world, "recvmmsg(3, [{msg_hdr={msg_name={sa_family=AF_INET, sin_port=htons(53), "
                       "sin_addr=inet_addr(\"0.0.0.1\")}, msg_namelen=100 => 16, msg_iov=[{iov_base=\"ab\", "
                       "iov_len=3}], msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=2}], 2, 0, {tv_sec=5, "
                       "tv_nsec=7}) = 1 (left {tv_sec=4, tv_nsec=9})");
    world_return(world, 0);
    world_shows(world, "recvmmsg(3, [], 2, 0, {tv_sec=5, tv_nsec=7}) = 0 (Timeout)");
}

static void test_vectors_received_on_i386(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t vector[] = {0, 0, VECTOR, 1, 0, 0, 0, 2};
    static const uint32_t piece[] = {TEXT, 4};
    static const uint32_t timeout[] = {1, 2};
    put_parts(world);
    world_put(world, WORLD_BASE, vector, sizeof(vector));
    world_put(world, VECTOR, piece, sizeof(piece));
    world_put(world, TIMEOUT, timeout, sizeof(timeout));
    world_enter(world, ARCH_I386, I386_RECVMMSG, ARGS(3, WORLD_BASE, 1, 0, TIMEOUT));
    world_return(world, 1);
    world_shows(world, "recvmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base=\"ab\", iov_len=4}], "
                       "msg_iovlen=1, msg_controllen=0, msg_flags=0}, msg_len=2}], 1, 0, {tv_sec=1, tv_nsec=2}) = 1 "
                       "(left {tv_sec=1, tv_nsec=2})");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_sent),
        WORLD_TEST(test_sent_on_i386),
        WORLD_TEST(test_sent_from_odd_memory),
        WORLD_TEST(test_received),
        WORLD_TEST(test_received_without_room),
        WORLD_TEST(test_control),
        WORLD_TEST(test_odd_control),
        WORLD_TEST(test_vectors_sent),
        WORLD_TEST(test_vectors_received),
        WORLD_TEST(test_vectors_received_on_i386),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
