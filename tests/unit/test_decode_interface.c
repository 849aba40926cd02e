/* SPDX-License-Identifier: MIT
 *
 * Requests of ioctl(2) about network interfaces.
 */
#include "decoding_world.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
    I386_IOCTL = 54,
};

static struct ifreq request_of(const char *name) {
    struct ifreq request = {0};
    memcpy(request.ifr_name, name, strlen(name));
    return request;
}

static void sets(struct decoding_world *world, uint64_t code, const struct ifreq *request, const char *expected) {
    char line[256];
    snprintf(line, sizeof(line), "ioctl(3, %s) = ? <unavailable>", expected);
    world_put(world, WORLD_BASE, request, sizeof(*request));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, code, WORLD_BASE));
    world_shows(world, line);
}

static void test_set(void **state) {
    struct decoding_world *world = *state;
    struct ifreq request = request_of("eth0");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    sets(world, SIOCSIFFLAGS, &request, "SIOCSIFFLAGS, {ifr_name=\"eth0\", ifr_flags=IFF_UP|IFF_RUNNING}");
    request.ifr_mtu = 1500;
    sets(world, SIOCSIFMTU, &request, "SIOCSIFMTU, {ifr_name=\"eth0\", ifr_mtu=1500}");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    memcpy(&request.ifr_addr, &address, sizeof(address));
    sets(world, SIOCSIFNETMASK, &request,
         "SIOCSIFNETMASK, {ifr_name=\"eth0\", ifr_netmask={sa_family=AF_INET, sin_port=htons(0), "
         "sin_addr=inet_addr(\"127.0.0.1\")}}");
    memcpy(&request.ifr_hwaddr, "\1\0\2\3\4\5\6\7", 8);
    sets(world, SIOCSIFHWADDR, &request,
         "SIOCSIFHWADDR, {ifr_name=\"eth0\", ifr_hwaddr={sa_family=ARPHRD_ETHER, sa_data=02:03:04:05:06:07}}");
    memset(request.ifr_newname, 'x', IFNAMSIZ);
    sets(world, SIOCSIFNAME, &request, "SIOCSIFNAME, {ifr_name=\"eth0\", ifr_newname=\"xxxxxxxxxxxxxxx\"...}");
}

static void test_get(void **state) {
    struct decoding_world *world = *state;
    struct ifreq request = request_of("lo");
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFINDEX, WORLD_BASE));
    world_return(world, -ENODEV);
    world_shows(world, "ioctl(3, SIOCGIFINDEX, {ifr_name=\"lo\"}) = -1 ENODEV (No such device)");
    request.ifr_ifindex = 7;
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFINDEX, {ifr_name=\"lo\", ifr_ifindex=7}) = 0");
    request = request_of("");
    request.ifr_ifindex = 1;
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFNAME, WORLD_BASE));
    world_put_string(world, WORLD_BASE, "lo");
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFNAME, {ifr_ifindex=1, ifr_name=\"lo\"}) = 0");
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFNAME, WORLD_HOLE - 39));
    world_return(world, -EFAULT);
    world_shows(world, "ioctl(3, SIOCGIFNAME, 0x11fd9) = -1 EFAULT (Bad address)");
}

static void test_map(void **state) {
    struct decoding_world *world = *state;
    struct ifreq request = request_of("e");
    request.ifr_map = (struct ifmap){1, 2, 3, 4, 5, 6};
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFMAP, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFMAP, {ifr_name=\"e\", ifr_map={mem_start=0x1, mem_end=0x2, base_addr=0x3, "
                       "irq=0x4, dma=0x5, port=0x6}}) = 0");
    static const uint8_t map[] = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 4, 5, 6};
    world_put(world, WORLD_BASE + IFNAMSIZ, map, sizeof(map));
    world_enter(world, ARCH_I386, I386_IOCTL, ARGS(3, SIOCGIFMAP, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFMAP, {ifr_name=\"e\", ifr_map={mem_start=0x1, mem_end=0x2, base_addr=0x3, "
                       "irq=0x4, dma=0x5, port=0x6}}) = 0");
}

static void test_configuration(void **state) {
    struct decoding_world *world = *state;
    struct ifreq request = request_of("lo");
    struct ifconf list = {.ifc_len = 80, .ifc_buf = (char *)WORLD_OTHER};
    request.ifr_addr.sa_family = AF_INET;
    world_put(world, WORLD_OTHER, &request, sizeof(request));
    world_put(world, WORLD_BASE, &list, sizeof(list));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFCONF, WORLD_BASE));
    world_return(world, -EFAULT);
    world_shows(world,
                "ioctl(3, SIOCGIFCONF, {ifc_len=80 /* 2 * sizeof(struct ifreq) */, ifc_buf=0x50000}) = -1 EFAULT "
                "(Bad address)");
    list.ifc_len = 40;
    world_put(world, WORLD_BASE, &list, sizeof(list));
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFCONF, {ifc_len=80 /* 2 * sizeof(struct ifreq) */ => 40 /* 1 * sizeof(struct "
                       "ifreq) */, ifc_buf=[{ifr_name=\"lo\", ifr_addr={sa_family=AF_INET, sin_port=htons(0), "
                       "sin_addr=inet_addr(\"0.0.0.0\")}}]}) = 0");
    list = (struct ifconf){0};
    world_put(world, WORLD_BASE, &list, sizeof(list));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCGIFCONF, WORLD_BASE));
    list.ifc_len = 41;
    world_put(world, WORLD_BASE, &list, sizeof(list));
    world_return(world, 0);
    world_shows(world, "ioctl(3, SIOCGIFCONF, {ifc_len=41, ifc_buf=NULL}) = 0");
}

static void test_bridges(void **state) {
    struct decoding_world *world = *state;
    world_put_string(world, WORLD_BASE, "br0");
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCBRADDBR, WORLD_BASE));
    world_shows(world, "ioctl(3, SIOCBRADDBR, \"br0\") = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCBRADDBR, WORLD_NOWHERE));
    world_shows(world, "ioctl(3, SIOCBRADDBR, 0x900000) = ? <unavailable>");
    struct ifreq request = request_of("br0");
    request.ifr_ifindex = 1;
    world_put(world, WORLD_BASE, &request, sizeof(request));
    world_enter(world, ARCH_X86_64, SYS_ioctl, ARGS(3, SIOCBRADDIF, WORLD_BASE));
    world_shows(world, "ioctl(3, SIOCBRADDIF, {ifr_ifindex=if_nametoindex(\"lo\")}) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_set),           WORLD_TEST(test_get),     WORLD_TEST(test_map),
        WORLD_TEST(test_configuration), WORLD_TEST(test_bridges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
