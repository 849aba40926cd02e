/* SPDX-License-Identifier: MIT
 *
 * Requests of ioctl(2) to sockets and network interfaces.
 */
#include "decode_sockaddr.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>

enum {
    REQUEST = 1,                          /* the argument */
    UNION_SIZE = sizeof(struct sockaddr), /* of struct ifreq, as far as addresses and names go */
};

static unsigned ifreq_size(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? 32 : 40;
}

/* ---------------------------------------------------------------------- struct ifreq */

static void show_hardware(struct decoding *decoding, const uint8_t *bytes) {
    uint32_t type = (uint32_t)number_in(bytes, sizeof(uint16_t));
    show_open(decoding, "ifr_hwaddr", "{");
    show_set(decoding, "sa_family", A_NL_LINK_TYPE, type);
    show_hardware_address(decoding, "sa_data", bytes + sizeof(uint16_t), UNION_SIZE - sizeof(uint16_t), type);
    show_close(decoding, "}");
}

static void show_map(struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    show_open(decoding, "ifr_map", "{");
    show_hex(decoding, "mem_start", take_word(&members));
    show_hex(decoding, "mem_end", take_word(&members));
    show_hex(decoding, "base_addr", take_u16(&members));
    show_hex(decoding, "irq", take_u8(&members));
    show_hex(decoding, "dma", take_u8(&members));
    show_hex(decoding, "port", take_u8(&members));
    show_close(decoding, "}");
}

/* What stands behind the name. */
static void show_union(struct decoding *decoding, uint32_t request, const uint8_t *bytes) {
    int64_t number = signed_in(bytes, sizeof(int32_t));
    switch (request) {
    case SIOCSIFADDR:
    case SIOCGIFADDR:
        show_sockaddr(decoding, "ifr_addr", bytes, UNION_SIZE);
        break;
    case SIOCSIFDSTADDR:
    case SIOCGIFDSTADDR:
        show_sockaddr(decoding, "ifr_dstaddr", bytes, UNION_SIZE);
        break;
    case SIOCSIFBRDADDR:
    case SIOCGIFBRDADDR:
        show_sockaddr(decoding, "ifr_broadaddr", bytes, UNION_SIZE);
        break;
    case SIOCSIFNETMASK:
    case SIOCGIFNETMASK:
        show_sockaddr(decoding, "ifr_netmask", bytes, UNION_SIZE);
        break;
    case SIOCSIFFLAGS:
    case SIOCGIFFLAGS:
        show_set(decoding, "ifr_flags", A_NL_LINK_FLAGS, number_in(bytes, sizeof(uint16_t)));
        break;
    case SIOCGIFINDEX:
        show_signed(decoding, "ifr_ifindex", number);
        break;
    case SIOCSIFMETRIC:
    case SIOCGIFMETRIC:
        show_signed(decoding, "ifr_metric", number);
        break;
    case SIOCSIFMTU:
    case SIOCGIFMTU:
        show_signed(decoding, "ifr_mtu", number);
        break;
    case SIOCSIFTXQLEN:
    case SIOCGIFTXQLEN:
        show_signed(decoding, "ifr_qlen", number);
        break;
    case SIOCSIFSLAVE:
    case SIOCGIFSLAVE:
        show_terminated(decoding, "ifr_slave", bytes, IFNAMSIZ);
        break;
    case SIOCSIFNAME:
        show_terminated(decoding, "ifr_newname", bytes, IFNAMSIZ);
        break;
    case SIOCSIFMAP:
    case SIOCGIFMAP:
        show_map(decoding, bytes);
        break;
    default:
        show_hardware(decoding, bytes);
        break;
    }
}

static bool is_read_only_input(uint32_t request) {
    switch (request) {
    case SIOCADDMULTI:
    case SIOCDELMULTI:
    case SIOCSIFADDR:
    case SIOCSIFBRDADDR:
    case SIOCSIFDSTADDR:
    case SIOCSIFFLAGS:
    case SIOCSIFHWADDR:
    case SIOCSIFHWBROADCAST:
    case SIOCSIFMAP:
    case SIOCSIFMETRIC:
    case SIOCSIFMTU:
    case SIOCSIFNAME:
    case SIOCSIFNETMASK:
    case SIOCSIFSLAVE:
    case SIOCSIFTXQLEN:
        return true;
    default:
        return false;
    }
}

/* The name is an input, and the rest an input or what the call has left; the other way round where a name is asked for.
 */
void decode_ifreq(struct decoding *decoding, uint64_t address) {
    unsigned size = ifreq_size(decoding);
    uint32_t request = (uint32_t)argument_of(decoding, REQUEST);
    const uint8_t *now = decoding->delivered ? memory_at(decoding, address, size) : NULL;
    const uint8_t *before = memory_before(decoding, address, size);
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    if (request == SIOCGIFNAME) {
        show_signed(decoding, "ifr_ifindex", signed_in(before + IFNAMSIZ, sizeof(int32_t)));
        if (now) {
            show_terminated(decoding, "ifr_name", now, IFNAMSIZ);
        }
    } else {
        show_terminated(decoding, "ifr_name", before, IFNAMSIZ);
        if (is_read_only_input(request)) {
            show_union(decoding, request, before + IFNAMSIZ);
        } else if (now) {
            show_union(decoding, request, now + IFNAMSIZ);
        }
    }
    show_close(decoding, "}");
}

/* --------------------------------------------------------------------- struct ifconf */

static void show_interface_address(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_open(decoding, NULL, "{");
    show_terminated(decoding, "ifr_name", element, IFNAMSIZ);
    show_sockaddr(decoding, "ifr_addr", element + IFNAMSIZ, UNION_SIZE);
    show_close(decoding, "}");
}

static void show_count(struct decoding *decoding, int32_t length) {
    unsigned size = ifreq_size(decoding);
    show_more(decoding, "%d", length);
    if (length > 0 && (unsigned)length % size == 0) {
        show_comment(decoding, "%u * sizeof(struct ifreq)", (unsigned)length / size);
    }
}

/* Without a buffer the call says how long one has to be. */
void decode_ifconf(struct decoding *decoding, uint64_t address) {
    unsigned size = 2 * word_bytes(decoding);
    const uint8_t *now = decoding->delivered ? memory_at(decoding, address, size) : NULL;
    const uint8_t *entry = memory_before(decoding, address, size);
    if (!entry) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members before = members_of(decoding, entry);
    struct members behind = members_of(decoding, now ? now : entry);
    int32_t room = take_i32(&before);
    int32_t length = take_i32(&behind);
    uint64_t buffer = take_word(&before);
    uint64_t filled = take_word(&behind);
    show_open(decoding, NULL, "{");
    show_words(decoding, "ifc_len", "%s", "");
    if (buffer) {
        show_count(decoding, room);
        show_more(decoding, "%s", length != room ? " => " : "");
    }
    if (!buffer || length != room) {
        show_count(decoding, length);
    }
    if (buffer && now) {
        show_vector(decoding, "ifc_buf", filled, (uint64_t)length / ifreq_size(decoding), ifreq_size(decoding),
                    show_interface_address, NULL);
    } else {
        show_address(decoding, "ifc_buf", buffer);
        if (filled != buffer) {
            show_more(decoding, " => ");
            decoding->needs_comma = false;
            show_address(decoding, NULL, filled);
        }
    }
    show_close(decoding, "}");
}

/* ---------------------------------------------------------------------------- bridges */

void decode_bridge_name(struct decoding *decoding, uint64_t address) {
    const uint8_t *name = memory_at(decoding, address, IFNAMSIZ);
    if (name) {
        show_characters(decoding, NULL, name, IFNAMSIZ);
        show_more(decoding, "%s", strnlen((const char *)name, IFNAMSIZ) == IFNAMSIZ ? "..." : "");
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_bridge_port(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, ifreq_size(decoding));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_interface(decoding, "ifr_ifindex", (uint32_t)number_in(bytes + IFNAMSIZ, sizeof(uint32_t)));
    show_close(decoding, "}");
}
