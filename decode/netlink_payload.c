/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink: members of structures and payloads of attributes.
 */
#include "netlink_message.h"

#include "value.h"

#include <endian.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum {
    TICKS_IN_SECOND = 100, /* USER_HZ */
    HARDWARE_MAX = 32,     /* MAX_ADDR_LEN of linux/netdevice.h */
};

/* --------------------------------------------------------------------------- bytes */

const uint8_t *netlink_bytes(const struct netlink *netlink, uint32_t at, uint32_t size) {
    static const uint8_t nothing[1];
    if (!size) {
        return nothing;
    }
    return size <= netlink->have && at <= netlink->have - size ? netlink->bytes + at : NULL;
}

void show_missing(struct netlink *netlink, const char *name, uint32_t at) {
    if (netlink->is_cut) {
        show_words(netlink->decoding, name, "...");
    } else {
        show_address(netlink->decoding, name, netlink->address + at);
    }
}

static uint32_t smaller(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

void show_raw(struct netlink *netlink, const char *name, struct piece piece) {
    uint32_t size = smaller(piece.size, netlink->limit);
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return;
    }
    show_bytes_in_hex(netlink->decoding, name, bytes, size);
    if (size < piece.size) {
        show_more(netlink->decoding, "...");
    }
}

void show_text(struct netlink *netlink, const char *name, struct piece piece) {
    uint32_t size = smaller(piece.size, netlink->limit);
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return;
    }
    show_bytes(netlink->decoding, name, bytes, size);
    if (size < piece.size) {
        show_more(netlink->decoding, "...");
    }
}

/* A NUL that is the last byte is not shown; it looks cut if there is none, even where it is cut. */
static void show_string(struct netlink *netlink, const char *name, struct piece piece) {
    uint32_t size = smaller(piece.size, netlink->limit);
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return;
    }
    bool has_nul = size && !bytes[size - 1] && !shows_hex_strings(netlink->decoding);
    show_bytes(netlink->decoding, name, bytes, size - has_nul);
    if (!has_nul) {
        show_more(netlink->decoding, "...");
    }
}

static void show_terminated(struct netlink *netlink, const char *name, struct piece piece) {
    uint32_t size = smaller(piece.size, netlink->limit == UINT32_MAX ? UINT32_MAX : netlink->limit + 1);
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!bytes) {
        show_missing(netlink, name, piece.at);
        return;
    }
    uint32_t length = (uint32_t)strnlen((const char *)bytes, size);
    show_bytes(netlink->decoding, name, bytes, smaller(length, netlink->limit));
    if (length == size) {
        show_more(netlink->decoding, "...");
    }
}

/* A string in an array of its own: the last byte is its NUL. */
static void show_name(struct netlink *netlink, const char *name, const uint8_t *bytes, uint32_t size) {
    uint32_t length = (uint32_t)strnlen((const char *)bytes, size);
    show_bytes(netlink->decoding, name, bytes, length < size ? length : size - 1);
    if (length == size) {
        show_more(netlink->decoding, "...");
    }
}

/* ----------------------------------------------------------------------- addresses */

/* How long an address is: strace takes the family for a type of hardware (linux/if_arp.h). */
static uint32_t link_address_size(uint8_t family) {
    static const uint8_t sizes[] = {
        [0] = 7, [1] = 6, [3] = 7, [6] = 6, [7] = 1, [15] = 2, [24] = 16, [27] = 8, [32] = 20};
    return family < sizeof(sizes) && sizes[family] ? sizes[family] : HARDWARE_MAX;
}

static bool show_link_address(struct netlink *netlink, const char *name, struct piece piece, uint32_t most) {
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, piece.size);
    if (piece.size > HARDWARE_MAX) {
        return false;
    }
    if (bytes) {
        show_mac(netlink->decoding, name, bytes, smaller(piece.size, most));
    } else {
        show_missing(netlink, name, piece.at);
    }
    return true;
}

bool show_address_piece(struct netlink *netlink, const char *name, uint8_t family, struct piece piece) {
    uint32_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    if ((family != AF_INET && family != AF_INET6) || piece.size < size) {
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (bytes) {
        show_internet_address(netlink->decoding, name, family, bytes);
    } else {
        show_missing(netlink, name, piece.at);
    }
    return true;
}

/* ------------------------------------------------------------------------- numbers */

void show_htons(struct decoding *decoding, const char *name, enum arg_type set, uint16_t number) {
    show_words(decoding, name, "htons(");
    show_joined(decoding);
    show_set(decoding, NULL, set, number);
    show_more(decoding, ")");
}

static void show_network(struct decoding *decoding, const char *name, const uint8_t *bytes, unsigned size) {
    uint64_t number = number_in(bytes, size);
    switch (size) {
    case sizeof(uint16_t):
        show_words(decoding, name, "htons(%u)", be16toh((uint16_t)number));
        break;
    case sizeof(uint32_t):
        show_words(decoding, name, "htonl(%u)", be32toh((uint32_t)number));
        break;
    default:
        show_words(decoding, name, "htobe64(%llu)", (unsigned long long)be64toh(number));
        break;
    }
}

static void show_ticks(struct decoding *decoding, const char *name, uint64_t ticks) {
    show_unsigned(decoding, name, ticks);
    if (ticks) {
        show_comment(decoding, "%llu.%02llu s", (unsigned long long)(ticks / TICKS_IN_SECOND),
                     (unsigned long long)(ticks % TICKS_IN_SECOND));
    }
}

static void show_number(struct decoding *decoding, const char *name, const struct payload *payload,
                        const uint8_t *bytes, unsigned size) {
    uint64_t number = number_in(bytes, size);
    switch ((enum payload_kind)payload->kind) {
    case PAYLOAD_SIGNED:
        show_signed(decoding, name, signed_in(bytes, size));
        break;
    case PAYLOAD_HEX:
        show_hex(decoding, name, number);
        break;
    case PAYLOAD_PADDED_HEX:
        show_words(decoding, name, "%#0*llx", (int)(2 * size), (unsigned long long)number);
        break;
    case PAYLOAD_SET:
    case PAYLOAD_SHORT_SET:
        show_set(decoding, name, payload->set, number);
        break;
    case PAYLOAD_HTONS_SET:
        show_htons(decoding, name, payload->set, ntohs((uint16_t)number));
        break;
    case PAYLOAD_NETWORK:
        show_network(decoding, name, bytes, size);
        break;
    case PAYLOAD_INTERFACE:
        show_interface(decoding, name, (uint32_t)number);
        break;
    case PAYLOAD_ID:
        show_id(decoding, name, (uint32_t)number);
        break;
    case PAYLOAD_DESCRIPTOR:
        show_descriptor(decoding, name, (int32_t)number);
        break;
    case PAYLOAD_DEVICE:
        show_device(decoding, name, number);
        break;
    case PAYLOAD_TICKS:
        show_ticks(decoding, name, number);
        break;
    default:
        show_unsigned(decoding, name, number);
        break;
    }
}

/* A number of its size, or of all bytes that there are. */
static bool show_sized(struct netlink *netlink, const char *name, const struct payload *payload, struct piece piece) {
    bool is_short =
        payload->kind == PAYLOAD_SHORT_SET || payload->kind == PAYLOAD_HTONS_SET || payload->kind == PAYLOAD_TICKS;
    if (piece.size < payload->size || (is_short && piece.size > sizeof(uint64_t))) {
        return false;
    }
    unsigned size = payload->size ? payload->size : piece.size;
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (bytes) {
        show_number(netlink->decoding, name, payload, bytes, size);
    } else {
        show_missing(netlink, name, piece.at);
    }
    return true;
}

/* ----------------------------------------------------------------- lists, structures */

static bool show_list(struct netlink *netlink, const char *name, const struct list *list, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    uint32_t count = piece.size / list->size;
    if (!count) {
        return false;
    }
    if (!netlink_bytes(netlink, piece.at, list->size)) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    show_open(decoding, name, "[");
    for (uint32_t i = 0; i < count; i++) {
        struct piece element = {piece.at + i * list->size, list->size};
        if (i == netlink->most || !netlink_bytes(netlink, element.at, element.size)) {
            show_dots(decoding);
            if (i < netlink->most && !netlink->is_cut) {
                show_comment(decoding, "0x%llx", (unsigned long long)netlink->address + element.at);
            }
            break;
        }
        if (list->set) {
            show_words(decoding, NULL, "[");
            show_joined(decoding);
            show_set(decoding, NULL, list->set, i);
            show_more(decoding, "]=");
            show_joined(decoding);
        }
        show_payload(netlink, NULL, &list->element, element);
    }
    show_close(decoding, "]");
    return true;
}

bool is_zero(const uint8_t *bytes, uint32_t size) {
    for (uint32_t i = 0; bytes && i < size; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

static void show_member(struct netlink *netlink, const struct member *member, const uint8_t *bytes, uint32_t at) {
    const struct payload *payload = &member->payload;
    struct piece piece = {at + member->offset, payload->size};
    if (member->is_rare && is_zero(bytes + member->offset, payload->size)) {
        return;
    }
    if (!show_payload(netlink, member->name, payload, piece)) {
        show_raw(netlink, member->name, piece);
    }
}

void show_netlink_members(struct netlink *netlink, const struct layout *layout, unsigned first, uint32_t size,
                          uint32_t at) {
    const uint8_t *bytes = netlink_bytes(netlink, at, size);
    for (unsigned i = first; bytes && i < layout->count; i++) {
        const struct member *member = &layout->members[i];
        if (member->offset < size) {
            show_member(netlink, member, bytes, at);
        }
    }
}

/* Bytes of a structure that are shown; 0: it is of none of its sizes. */
static uint32_t layout_size(const struct layout *layout, uint32_t size) {
    if (size >= layout->size) {
        return layout->size;
    }
    return size && (size == layout->short_sizes[0] || size == layout->short_sizes[1]) ? size : 0;
}

static bool show_layout(struct netlink *netlink, const char *name, const struct layout *layout, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    uint32_t size = layout_size(layout, piece.size);
    if (!size) {
        return false;
    }
    if (!netlink_bytes(netlink, piece.at, size)) {
        show_missing(netlink, name, piece.at);
        return true;
    }
    show_open(decoding, name, "{");
    show_netlink_members(netlink, layout, 0, size, piece.at);
    show_close(decoding, "}");
    if (layout->shows_rest && piece.size > size) {
        show_raw(netlink, NULL, (struct piece){piece.at + size, piece.size - size});
    }
    return true;
}

/* ---------------------------------------------------------------------- any payload */

static bool show_fixed(struct netlink *netlink, const char *name, const struct payload *payload, struct piece piece) {
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, piece.size);
    if (!bytes || !piece.size) {
        return false;
    }
    if (payload->kind == PAYLOAD_NAME) {
        show_name(netlink, name, bytes, piece.size);
    } else {
        show_mac(netlink->decoding, name, bytes, piece.size);
    }
    return true;
}

bool show_payload(struct netlink *netlink, const char *name, const struct payload *payload, struct piece piece) {
    switch ((enum payload_kind)payload->kind) {
    case PAYLOAD_BYTES:
        return false;
    case PAYLOAD_STRING:
        show_string(netlink, name, piece);
        return true;
    case PAYLOAD_TERMINATED:
        show_terminated(netlink, name, piece);
        return true;
    case PAYLOAD_NAME:
        return show_fixed(netlink, name, payload, piece);
    case PAYLOAD_HARDWARE:
        return show_link_address(netlink, name, piece, HARDWARE_MAX);
    case PAYLOAD_LINK_ADDRESS:
        return show_link_address(netlink, name, piece, link_address_size(netlink->family));
    case PAYLOAD_INET:
        return show_address_piece(netlink, name, AF_INET, piece);
    case PAYLOAD_INET6:
        return show_address_piece(netlink, name, AF_INET6, piece);
    case PAYLOAD_ADDRESS:
        return show_address_piece(netlink, name, netlink->family, piece);
    case PAYLOAD_LAYOUT:
        return show_layout(netlink, name, payload->layout, piece);
    case PAYLOAD_LIST:
        return show_list(netlink, name, payload->list, piece);
    case PAYLOAD_ATTRIBUTES:
        show_attributes(netlink, payload->attributes, piece);
        return true;
    case PAYLOAD_OTHER:
        return payload->show(netlink, name, piece);
    default:
        return show_sized(netlink, name, payload, piece);
    }
}
