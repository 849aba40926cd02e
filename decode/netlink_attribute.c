/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink: attributes, and messages that are a structure with attributes.
 */
#include "netlink_message.h"

#include <linux/netlink.h>
#include <string.h>

/* As the kernel aligns attributes and messages. */
static uint32_t aligned(uint32_t size) {
    return (size + NLA_ALIGNTO - 1) & ~(uint32_t)(NLA_ALIGNTO - 1);
}

static const struct payload *payload_of(const struct attributes *attributes, uint16_t type) {
    static const struct payload bytes = {.kind = PAYLOAD_BYTES};
    type = attributes->is_exact ? type : type & NLA_TYPE_MASK;
    return type < attributes->count ? &attributes->payloads[type] : &bytes;
}

static void show_type(struct decoding *decoding, enum arg_type names, uint16_t type) {
    bool is_nested = type & NLA_F_NESTED;
    bool is_network = type & NLA_F_NET_BYTEORDER;
    const char *name = "nla_type";
    if (is_nested || is_network) {
        show_words(decoding, name, "%s%s", is_nested ? "NLA_F_NESTED|" : "", is_network ? "NLA_F_NET_BYTEORDER|" : "");
        show_joined(decoding);
        name = NULL;
    }
    if (names) {
        show_set(decoding, name, names, type & NLA_TYPE_MASK);
    } else {
        show_hex(decoding, name, type & NLA_TYPE_MASK);
    }
}

/* One attribute that begins a piece, and ends in it. */
static void show_attribute(struct netlink *netlink, const struct attributes *attributes, const struct nlattr *attribute,
                           struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    uint32_t size = attribute->nla_len < piece.size ? attribute->nla_len : piece.size;
    bool has_payload = size > NLA_HDRLEN;
    if (has_payload) {
        show_open(decoding, NULL, "[");
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "nla_len", attribute->nla_len);
    show_type(decoding, attributes->names, attribute->nla_type);
    show_close(decoding, "}");
    if (has_payload) {
        struct piece payload = {piece.at + NLA_HDRLEN, size - NLA_HDRLEN};
        if (!show_payload(netlink, NULL, payload_of(attributes, attribute->nla_type), payload)) {
            show_raw(netlink, NULL, payload);
        }
        show_close(decoding, "]");
    }
}

/* The header of an attribute; false: there is none, and what there is was shown. */
static bool take_attribute(struct netlink *netlink, struct piece piece, bool is_list, struct nlattr *attribute) {
    if (piece.size < sizeof(*attribute)) {
        show_raw(netlink, NULL, piece);
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, sizeof(*attribute));
    if (bytes) {
        memcpy(attribute, bytes, sizeof(*attribute));
    } else if (is_list) {
        show_dots(netlink->decoding);
        if (!netlink->is_cut) {
            show_comment(netlink->decoding, "0x%llx", (unsigned long long)netlink->address + piece.at);
        }
    } else {
        show_missing(netlink, NULL, piece.at);
    }
    return bytes;
}

static void show_each(struct netlink *netlink, const struct attributes *attributes, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    struct nlattr attribute;
    bool is_list = false;
    for (uint32_t i = 0; take_attribute(netlink, piece, is_list, &attribute); i++) {
        if (i == netlink->most) {
            show_dots(decoding);
            break;
        }
        uint32_t length = aligned(attribute.nla_len);
        bool has_next = attribute.nla_len >= NLA_HDRLEN && piece.size > length;
        if (has_next && !is_list) {
            show_open(decoding, NULL, "[");
            is_list = true;
        }
        show_attribute(netlink, attributes, &attribute, piece);
        if (!has_next) {
            break;
        }
        piece.at += length;
        piece.size -= length;
    }
    if (is_list) {
        show_close(decoding, "]");
    }
}

void show_attributes(struct netlink *netlink, const struct attributes *attributes, struct piece piece) {
    if (netlink->depth == NETLINK_DEPTH_MAX) {
        show_raw(netlink, NULL, piece);
        return;
    }
    netlink->depth++;
    show_each(netlink, attributes, piece);
    netlink->depth--;
}

void show_netlink_form(struct netlink *netlink, const struct message_form *form, struct piece piece) {
    const struct layout *header = form->header;
    struct decoding *decoding = netlink->decoding;
    bool is_whole = piece.size >= header->size;
    bool is_here = netlink_bytes(netlink, piece.at, header->size);
    bool is_single = header->count == 1;
    show_open(decoding, NULL, "{");
    show_payload(netlink, header->members[0].name, &header->members[0].payload,
                 (struct piece){piece.at, header->members[0].payload.size});
    if (!is_single && !is_whole) {
        show_dots(decoding);
    } else if (!is_single && !is_here) {
        show_missing(netlink, NULL, piece.at + header->members[0].payload.size);
    } else if (!is_single) {
        show_netlink_members(netlink, header, 1, header->size, piece.at);
    }
    show_close(decoding, "}");
    uint32_t start = aligned(header->size);
    if (form->attributes && piece.size > start && (is_single || is_here)) {
        show_attributes(netlink, form->attributes, (struct piece){piece.at + start, piece.size - start});
    }
}
