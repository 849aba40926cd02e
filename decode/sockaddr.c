/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets, of the families that most programs have.
 */
#include "decode_sockaddr.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
    FAMILY_SIZE = sizeof(sa_family_t),
};

/* -------------------------------------------------------------------- parts of them */

void show_terminated(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    size_t length = strnlen((const char *)bytes, size);
    bool is_cut = length == size;
    show_characters(decoding, name, bytes, length - is_cut);
    if (is_cut) {
        show_more(decoding, "...");
    }
}

void show_padded_hex(struct decoding *decoding, const char *name, uint64_t number, unsigned size) {
    show_words(decoding, name, "%#0*" PRIx64, (int)(2 * size), number);
}

void show_port_number(struct decoding *decoding, const char *name, uint16_t port) {
    show_words(decoding, name, "htons(%u)", ntohs(port));
}

/* What was shown last ends in a bracket: a string in it, and what stands behind that. */
static void show_inside(struct decoding *decoding, const char *string, const char *separator, const char *behind) {
    show_joined(decoding);
    show_characters(decoding, NULL, (const uint8_t *)string, strlen(string));
    show_more(decoding, "%s%s)", separator, behind);
}

void show_internet_address(struct decoding *decoding, const char *name, int family, const uint8_t *bytes) {
    char printed[INET6_ADDRSTRLEN];
    inet_ntop(family, bytes, printed, sizeof(printed));
    if (family == AF_INET) {
        show_words(decoding, name, "inet_addr(");
        show_inside(decoding, printed, "", "");
        return;
    }
    show_words(decoding, NULL, "inet_pton(AF_INET6, ");
    show_inside(decoding, printed, name ? ", &" : "", name ? name : "");
}

/* By its name as we see it. */
void show_interface(struct decoding *decoding, const char *name, uint32_t index) {
    char interface[IF_NAMESIZE];
    if (decoding->text && index && if_indextoname(index, interface)) {
        show_words(decoding, name, "if_nametoindex(");
        show_inside(decoding, interface, "", "");
    } else {
        show_unsigned(decoding, name, index);
    }
}

void show_mac(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    show_words(decoding, name, "%s", "");
    for (size_t i = 0; i < size; i++) {
        show_more(decoding, i ? ":%02x" : "%02x", bytes[i]);
    }
}

/* ------------------------------------------------------------------------- families */

static void show_unix(struct decoding *decoding, const struct sockaddr_bytes *address) {
    size_t size = address->size < sizeof(struct sockaddr_un) ? address->size : sizeof(struct sockaddr_un);
    const uint8_t *path = address->bytes + FAMILY_SIZE;
    if (path[0]) {
        show_characters(decoding, "sun_path", path, size - FAMILY_SIZE);
    } else {
        /* The abstract name space: every byte behind the NUL counts. */
        show_words(decoding, "sun_path", "@");
        decoding->needs_comma = false;
        show_bytes(decoding, NULL, path + 1, size - FAMILY_SIZE - 1);
    }
}

void show_inet_data(struct decoding *decoding, const uint8_t *bytes) {
    struct members members = {.bytes = bytes, .at = FAMILY_SIZE, .arch = decoding->arch};
    show_port_number(decoding, "sin_port", take_u16(&members));
    show_internet_address(decoding, "sin_addr", AF_INET, take_bytes(&members, sizeof(struct in_addr)));
}

void show_inet6_data(struct decoding *decoding, const uint8_t *bytes, size_t size) {
    struct members members = {.bytes = bytes, .at = FAMILY_SIZE, .arch = decoding->arch};
    show_port_number(decoding, "sin6_port", take_u16(&members));
    show_words(decoding, "sin6_flowinfo", "htonl(%u)", ntohl(take_u32(&members)));
    struct in6_addr host;
    memcpy(&host, take_bytes(&members, sizeof(host)), sizeof(host));
    show_internet_address(decoding, "sin6_addr", AF_INET6, host.s6_addr);
    if (size <= offsetof(struct sockaddr_in6, sin6_scope_id)) {
        return;
    }
    /* The scope of a link-local address is an interface. */
    uint32_t scope = take_u32(&members);
    if (IN6_IS_ADDR_LINKLOCAL(&host) || IN6_IS_ADDR_MC_LINKLOCAL(&host)) {
        show_interface(decoding, "sin6_scope_id", scope);
    } else {
        show_unsigned(decoding, "sin6_scope_id", scope);
    }
}

static void show_inet(struct decoding *decoding, const struct sockaddr_bytes *address) {
    show_inet_data(decoding, address->bytes);
}

static void show_inet6(struct decoding *decoding, const struct sockaddr_bytes *address) {
    show_inet6_data(decoding, address->bytes, address->size);
}

static void show_netlink(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, FAMILY_SIZE);
    uint16_t padding = take_u16(&members);
    if (padding) {
        show_hex(decoding, "nl_pad", padding);
    }
    show_process(decoding, "nl_pid", (int32_t)take_u32(&members));
    show_padded_hex(decoding, "nl_groups", take_u32(&members), 4);
}

static void show_packet(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, FAMILY_SIZE);
    show_set(decoding, "sll_protocol", A_PROTOCOL_PACKET, ntohs(take_u16(&members)));
    show_interface(decoding, "sll_ifindex", take_u32(&members));
    show_set(decoding, "sll_hatype", A_NL_LINK_TYPE, take_u16(&members));
    show_set(decoding, "sll_pkttype", A_PACKET_TYPE, take_u8(&members));
    unsigned length = take_u8(&members);
    show_unsigned(decoding, "sll_halen", length);
    if (!length) {
        return;
    }
    show_open(decoding, "sll_addr", "[");
    for (; length && members.at < address->size; length--) {
        show_padded_hex(decoding, NULL, take_u8(&members), 1);
    }
    if (length) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
}

static void show_vsock(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, FAMILY_SIZE);
    uint16_t reserved = take_u16(&members);
    uint32_t port = take_u32(&members);
    uint32_t cid = take_u32(&members);
    uint8_t flags = take_u8(&members);
    const uint8_t *zero = take_bytes(&members, 3);
    if (reserved) {
        show_hex(decoding, "svm_reserved1", reserved);
    }
    show_set(decoding, "svm_cid", A_VSOCK_CID, cid);
    show_set(decoding, "svm_port", A_VSOCK_PORT, port);
    show_set(decoding, "svm_flags", A_VSOCK_FLAGS, flags);
    if (zero[0] || zero[1] || zero[2]) {
        show_bytes_in_hex(decoding, "svm_zero", zero, 3);
    }
}

static const struct sockaddr_family families[] = {
    [AF_UNIX] = {FAMILY_SIZE + 1, show_unix},
    [AF_INET] = {sizeof(struct sockaddr_in), show_inet},
    [AF_INET6] = {offsetof(struct sockaddr_in6, sin6_scope_id), show_inet6},
    [AF_NETLINK] = {sizeof(struct sockaddr_nl), show_netlink},
    [AF_PACKET] = {sizeof(struct sockaddr_ll), show_packet},
    [AF_VSOCK] = {sizeof(struct sockaddr_vm), show_vsock},
};

static const struct sockaddr_family *find_family(unsigned family) {
    if (family < COUNT(families) && families[family].show) {
        return &families[family];
    }
    const struct sockaddr_family *found = sockaddr_radio_family(family);
    return found ? found : sockaddr_other_family(family);
}

/* ---------------------------------------------------------------------- any of them */

void show_sockaddr_data(struct decoding *decoding, const struct sockaddr_bytes *address) {
    show_bytes(decoding, "sa_data", address->bytes + FAMILY_SIZE, address->size - FAMILY_SIZE);
}

void show_sockaddr(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    struct sockaddr_bytes address = {.size = size < SOCKADDR_MAX ? size : SOCKADDR_MAX};
    memcpy(address.bytes, bytes, address.size);
    unsigned family = (unsigned)number_in(address.bytes, FAMILY_SIZE);
    show_open(decoding, name, "{");
    show_set(decoding, "sa_family", A_SOCK_DOMAIN, family);
    const struct sockaddr_family *known = find_family(family);
    if (known && address.size >= known->least) {
        known->show(decoding, &address);
    } else if (address.size > FAMILY_SIZE) {
        show_sockaddr_data(decoding, &address);
    }
    show_close(decoding, "}");
}

int show_sockaddr_at(struct decoding *decoding, const char *name, uint64_t address, int32_t length) {
    size_t size = length < SOCKADDR_MAX ? (size_t)length : SOCKADDR_MAX;
    const uint8_t *bytes = length < FAMILY_SIZE ? NULL : memory_at(decoding, address, size);
    if (!bytes) {
        show_address(decoding, name, address);
        return -1;
    }
    show_sockaddr(decoding, name, bytes, size);
    return (int)number_in(bytes, FAMILY_SIZE);
}

/* ------------------------------------------------------------------------ arguments */

/* The number that socklen_t has there: before the call, or what it has left. */
static bool length_in(const uint8_t *bytes, int32_t *length) {
    *length = bytes ? (int32_t)number_in(bytes, sizeof(*length)) : 0;
    return bytes != NULL;
}

void decode_sockaddr(struct decoding *decoding, uint64_t address) {
    int32_t length = (int32_t)referenced(decoding);
    if (decoding->delivered) {
        int32_t room = 0;
        if (!length_in(memory_before(decoding, referenced(decoding), sizeof(room)), &room) ||
            !length_in(memory_at(decoding, referenced(decoding), sizeof(length)), &length)) {
            length = 0;
        }
        length = room < length ? room : length;
    }
    show_sockaddr_at(decoding, NULL, address, length);
}

/* "[16]", or both lengths where the call has changed it. */
void decode_length(struct decoding *decoding, uint64_t address) {
    int32_t before;
    int32_t now;
    const uint8_t *left = decoding->delivered ? memory_at(decoding, address, sizeof(now)) : NULL;
    if (!length_in(memory_before(decoding, address, sizeof(before)), &before)) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    show_signed(decoding, NULL, before);
    if (length_in(left, &now) && now != before) {
        show_more(decoding, " => %d", now);
    }
    show_close(decoding, "]");
}

void decode_socklen(struct decoding *decoding, uint64_t address) {
    if (referenced(decoding)) {
        decode_length(decoding, address);
    } else {
        show_address(decoding, NULL, address);
    }
}
