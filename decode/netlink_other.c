/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink's smaller protocols: NETLINK_CRYPTO, NETLINK_NETFILTER, NETLINK_SELINUX,
 * NETLINK_KOBJECT_UEVENT.
 */
#include "netlink_message.h"

#include <arpa/inet.h>
#include <linux/cryptouser.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/selinux_netlink.h>
#include <string.h>

/* ---------------------------------------------------------------------------- crypto */

static bool show_generic(struct netlink *netlink, const char *name, struct piece piece) {
    static const struct payload terminated = PLAIN(PAYLOAD_TERMINATED);
    show_open(netlink->decoding, name, "{");
    show_payload(netlink, "type", &terminated, piece);
    show_close(netlink->decoding, "}");
    return true;
}

/* What is too short is shown as a string. */
static bool show_report(struct netlink *netlink, const char *name, const struct layout *layout, struct piece piece) {
    struct payload payload = {.kind = PAYLOAD_LAYOUT, .layout = layout};
    if (!show_payload(netlink, name, &payload, piece)) {
        show_text(netlink, name, piece);
    }
    return true;
}

#define REPORT(what, ...)                                                                                              \
    static const struct member what##_members[] = {__VA_ARGS__};                                                       \
    static const struct layout what##_layout = LAYOUT(what##_members, sizeof(struct crypto_report_##what));            \
    static bool show_##what(struct netlink *netlink, const char *name, struct piece piece) {                           \
        return show_report(netlink, name, &what##_layout, piece);                                                      \
    }

#define NAME(type, member) MEMBER(type, member, PAYLOAD_NAME, 0)

REPORT(hash, NAME(struct crypto_report_hash, type), NUMBER(struct crypto_report_hash, blocksize),
       NUMBER(struct crypto_report_hash, digestsize))
REPORT(blkcipher, NAME(struct crypto_report_blkcipher, type), NAME(struct crypto_report_blkcipher, geniv),
       NUMBER(struct crypto_report_blkcipher, blocksize), NUMBER(struct crypto_report_blkcipher, min_keysize),
       NUMBER(struct crypto_report_blkcipher, max_keysize), NUMBER(struct crypto_report_blkcipher, ivsize))
REPORT(aead, NAME(struct crypto_report_aead, type), NAME(struct crypto_report_aead, geniv),
       NUMBER(struct crypto_report_aead, blocksize), NUMBER(struct crypto_report_aead, maxauthsize),
       NUMBER(struct crypto_report_aead, ivsize))
REPORT(rng, NAME(struct crypto_report_rng, type), NUMBER(struct crypto_report_rng, seedsize))
REPORT(cipher, NAME(struct crypto_report_cipher, type), NUMBER(struct crypto_report_cipher, blocksize),
       NUMBER(struct crypto_report_cipher, min_keysize), NUMBER(struct crypto_report_cipher, max_keysize))

static const struct payload crypto_payloads[] = {
    [CRYPTOCFGA_PRIORITY_VAL] = UNSIGNED(4),
    [CRYPTOCFGA_REPORT_LARVAL] = SHOWN_BY(show_generic),
    [CRYPTOCFGA_REPORT_HASH] = SHOWN_BY(show_hash),
    [CRYPTOCFGA_REPORT_BLKCIPHER] = SHOWN_BY(show_blkcipher),
    [CRYPTOCFGA_REPORT_AEAD] = SHOWN_BY(show_aead),
    [CRYPTOCFGA_REPORT_COMPRESS] = SHOWN_BY(show_generic),
    [CRYPTOCFGA_REPORT_RNG] = SHOWN_BY(show_rng),
    [CRYPTOCFGA_REPORT_CIPHER] = SHOWN_BY(show_cipher),
    [CRYPTOCFGA_REPORT_AKCIPHER] = SHOWN_BY(show_generic),
    [CRYPTOCFGA_REPORT_KPP] = SHOWN_BY(show_generic),
    [CRYPTOCFGA_REPORT_ACOMP] = SHOWN_BY(show_generic),
};
static const struct attributes crypto_attributes = ATTRIBUTES(A_NL_CRYPTO_ATTR, crypto_payloads);

static const struct member algorithm_members[] = {
    NAME(struct crypto_user_alg, cru_name),
    NAME(struct crypto_user_alg, cru_driver_name),
    NAME(struct crypto_user_alg, cru_module_name),
    MEMBER(struct crypto_user_alg, cru_type, PAYLOAD_HEX, 0),
    MEMBER(struct crypto_user_alg, cru_mask, PAYLOAD_HEX, 0),
    NUMBER(struct crypto_user_alg, cru_refcnt),
    MEMBER(struct crypto_user_alg, cru_flags, PAYLOAD_HEX, 0),
};
static const struct layout algorithm_layout = LAYOUT(algorithm_members, sizeof(struct crypto_user_alg));

bool show_crypto_message(struct netlink *netlink, struct piece piece) {
    if (netlink->type < CRYPTO_MSG_NEWALG || netlink->type > CRYPTO_MSG_GETALG) {
        return false;
    }
    const uint32_t size = sizeof(struct crypto_user_alg);
    show_report(netlink, NULL, &algorithm_layout, piece);
    if (piece.size > size && netlink_bytes(netlink, piece.at, size)) {
        show_attributes(netlink, &crypto_attributes, (struct piece){piece.at + size, piece.size - size});
    }
    return true;
}

/* ------------------------------------------------------------------------- netfilter */

/* Programs have written the number of a subsystem in both orders. */
static void show_resource(struct decoding *decoding, uint8_t subsystem, uint16_t number) {
    uint16_t in_order = ntohs(number);
    if (subsystem == NFNL_SUBSYS_NFTABLES && in_order == NFNL_SUBSYS_NFTABLES) {
        show_words(decoding, "res_id", "htons(NFNL_SUBSYS_NFTABLES)");
    } else if (subsystem == NFNL_SUBSYS_NFTABLES && number == NFNL_SUBSYS_NFTABLES) {
        show_words(decoding, "res_id", "NFNL_SUBSYS_NFTABLES");
    } else {
        show_words(decoding, "res_id", "htons(%u)", in_order);
    }
}

bool show_netfilter_message(struct netlink *netlink, struct piece piece) {
    static const struct payload payloads[] = {PLAIN(PAYLOAD_BYTES)};
    static const struct attributes attributes = ATTRIBUTES(A_NONE, payloads);
    const uint32_t size = sizeof(struct nfgenmsg);
    if (netlink->type == NLMSG_DONE || piece.size < size) {
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, size);
    if (!bytes) {
        show_missing(netlink, NULL, piece.at);
        return true;
    }
    struct nfgenmsg message;
    memcpy(&message, bytes, size);
    show_open(netlink->decoding, NULL, "{");
    show_set(netlink->decoding, "nfgen_family", A_SOCK_DOMAIN, message.nfgen_family);
    show_set(netlink->decoding, "version", A_NL_NF_VERSION, message.version);
    show_resource(netlink->decoding, (uint8_t)(netlink->type >> 8), message.res_id);
    show_close(netlink->decoding, "}");
    struct piece rest = {piece.at + size, piece.size - size};
    bool is_batch = netlink->type >= NFNL_MSG_BATCH_BEGIN && netlink->type <= NFNL_MSG_BATCH_END;
    if (rest.size && is_batch) {
        show_raw(netlink, NULL, rest);
    } else if (rest.size) {
        show_attributes(netlink, &attributes, rest);
    }
    return true;
}

/* --------------------------------------------------------------------------- SELinux */

bool show_selinux_message(struct netlink *netlink, struct piece piece) {
    static const struct member mode_members[] = {MEMBER(struct selnl_msg_setenforce, val, PAYLOAD_SIGNED, 0)};
    static const struct layout mode_layout = LAYOUT(mode_members, sizeof(struct selnl_msg_setenforce));
    static const struct payload mode = STRUCTURED(mode_layout);
    static const struct member policy_members[] = {NUMBER(struct selnl_msg_policyload, seqno)};
    static const struct layout policy_layout = LAYOUT(policy_members, sizeof(struct selnl_msg_policyload));
    static const struct payload policy = STRUCTURED(policy_layout);
    switch (netlink->type) {
    case SELNL_MSG_SETENFORCE:
        return show_payload(netlink, NULL, &mode, piece);
    case SELNL_MSG_POLICYLOAD:
        return show_payload(netlink, NULL, &policy, piece);
    default:
        return false;
    }
}

/* ------------------------------------------------------------------------- device events */

/* How udev begins what it tells other programs (systemd, src/libsystemd/sd-device/device-monitor.c). */
struct udev_header {
    char prefix[8];
    uint32_t magic;
    uint32_t header_size;
    uint32_t properties_off;
    uint32_t properties_len;
    uint32_t filter_subsystem_hash;
    uint32_t filter_devtype_hash;
    uint32_t filter_tag_bloom_hi;
    uint32_t filter_tag_bloom_lo;
};

static void show_network_hex(struct decoding *decoding, const char *name, uint32_t number) {
    show_words(decoding, name, "htonl(");
    show_joined(decoding);
    show_hex(decoding, NULL, ntohl(number));
    show_more(decoding, ")");
}

void show_device_event(struct netlink *netlink, const char *name, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    struct udev_header header;
    const uint8_t *bytes = piece.size < sizeof(header) ? NULL : netlink_bytes(netlink, piece.at, sizeof(header));
    if (!bytes || memcmp(bytes, "libudev", sizeof(header.prefix)) != 0) {
        show_text(netlink, name, piece);
        return;
    }
    memcpy(&header, bytes, sizeof(header));
    struct piece rest = {piece.at + (uint32_t)sizeof(header), piece.size - (uint32_t)sizeof(header)};
    show_open(decoding, name, rest.size ? "[{" : "{");
    show_characters(decoding, "prefix", bytes, sizeof(header.prefix));
    show_network_hex(decoding, "magic", header.magic);
    show_unsigned(decoding, "header_size", header.header_size);
    show_unsigned(decoding, "properties_off", header.properties_off);
    show_unsigned(decoding, "properties_len", header.properties_len);
    show_network_hex(decoding, "filter_subsystem_hash", header.filter_subsystem_hash);
    show_network_hex(decoding, "filter_devtype_hash", header.filter_devtype_hash);
    show_network_hex(decoding, "filter_tag_bloom_hi", header.filter_tag_bloom_hi);
    show_network_hex(decoding, "filter_tag_bloom_lo", header.filter_tag_bloom_lo);
    show_close(decoding, "}");
    if (rest.size) {
        show_text(netlink, NULL, rest);
        show_close(decoding, "]");
    }
}
