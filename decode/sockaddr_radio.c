/* SPDX-License-Identifier: MIT
 *
 * Addresses of sockets of radio: AX.25, Bluetooth, IEEE 802.15.4, near-field communication.
 */
#include "decode_sockaddr.h"

#include <linux/if_arp.h>
#include <string.h>
#include <sys/socket.h>

/* ---------------------------------------------------------------------------- AX.25 */

enum {
    CALL_SIZE = 7, /* linux/ax25.h: six characters and a number, each shifted by one bit */
    AX25_SIZE = 16,
    DIGIPEATERS = 8,
};

enum call_style {
    CALL_READABLE,
    CALL_ODD,    /* no station has it: its bytes, and the name in a comment */
    CALL_BINARY, /* its bytes alone */
};

static enum call_style call_style(const uint8_t *call) {
    enum call_style style = CALL_READABLE;
    bool has_space = false;
    bool has_character = false;
    for (unsigned i = 0; i < CALL_SIZE - 1; i++) {
        unsigned char character = call[i] >> 1;
        /* The last two would end a comment. */
        if (character < ' ' || character > '~' || character == '*' || character == '/') {
            return CALL_BINARY;
        }
        bool is_space = character == ' ';
        bool is_usual = (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') || is_space;
        has_space = has_space || is_space;
        has_character = has_character || !is_space;
        if (call[i] & 1 || !is_usual || (has_space && !is_space)) {
            style = CALL_ODD;
        }
    }
    uint8_t number = call[CALL_SIZE - 1];
    return number & ~0x1e || (!has_character && number) ? CALL_ODD : style;
}

static void show_call(struct decoding *decoding, const char *name, const uint8_t *call) {
    char printed[CALL_SIZE];
    size_t length = 0;
    for (unsigned i = 0; i < CALL_SIZE - 1; i++) {
        printed[i] = (char)(call[i] >> 1);
        length = printed[i] == ' ' ? length : i + 1;
    }
    unsigned number = call[CALL_SIZE - 1] >> 1 & 0xf;
    enum call_style style = call_style(call);
    bool is_nobody = length == 0 && number == 0;
    if (style == CALL_READABLE) {
        show_words(decoding, name, is_nobody ? "*" : "%.*s-%u", (int)length, printed, number);
        return;
    }
    show_open(decoding, name, "{");
    show_bytes_in_hex(decoding, "ax25_call", call, CALL_SIZE);
    show_close(decoding, "}");
    if (style == CALL_ODD) {
        show_comment(decoding, is_nobody ? "*" : "%.*s-%u", (int)length, printed, number);
    }
}

static void show_ax25(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    const uint8_t *call = take_bytes(&members, CALL_SIZE);
    int32_t count = take_i32(&members);
    bool is_full = count || address->size > AX25_SIZE;
    if (is_full) {
        show_open(decoding, "fsa_ax25", "{");
    }
    show_call(decoding, "sax25_call", call);
    show_signed(decoding, "sax25_ndigis", count);
    if (!is_full) {
        return;
    }
    show_close(decoding, "}");
    size_t there = (address->size - AX25_SIZE) / CALL_SIZE;
    there = there < DIGIPEATERS ? there : DIGIPEATERS;
    size_t wanted = count < 0 ? 0 : (size_t)count;
    wanted = wanted < DIGIPEATERS ? wanted : DIGIPEATERS;
    if (wanted) {
        show_open(decoding, "fsa_digipeater", "[");
        for (size_t i = 0; i < wanted && i < there; i++) {
            show_call(decoding, NULL, take_bytes(&members, CALL_SIZE));
        }
        if (wanted > there) {
            show_dots(decoding);
        }
        show_close(decoding, "]");
    }
    if (address->size > AX25_SIZE + there * CALL_SIZE) {
        show_dots(decoding);
    }
}

/* ------------------------------------------------------------------------ Bluetooth */

enum {
    BDADDR_SIZE = 6,
    /* The size says which protocol it is of: include/net/bluetooth. */
    HCI_OLD_SIZE = 4,
    HCI_SIZE = 6,
    SCO_SIZE = 8,
    RFCOMM_SIZE = 10,
    L2CAP_OLD_SIZE = 12,
    L2CAP_SIZE = 14,
};

/* A number of a range that begins at a number with a name. */
struct dynamic {
    const char *name;
    uint16_t first;
    uint16_t last;
};

/* htobs(...) of a number with a name, in a range, or of neither. */
static void show_htobs(struct decoding *decoding, const char *name, enum arg_type set, uint16_t number,
                       const struct dynamic *ranges, unsigned count) {
    const struct dynamic *in = NULL;
    for (unsigned i = 0; i < count && !constant_find(constant_set(set), number); i++) {
        if (number >= ranges[i].first && number <= ranges[i].last) {
            in = &ranges[i];
        }
    }
    show_words(decoding, name, "htobs(");
    decoding->needs_comma = false;
    if (in) {
        show_words(decoding, NULL, "%s+%u", in->name, number - in->first);
    } else {
        show_set(decoding, NULL, set, number);
    }
    show_more(decoding, ")");
}

static void show_l2cap(struct decoding *decoding, const struct sockaddr_bytes *address) {
    static const struct dynamic psms[] = {
        {"L2CAP_PSM_LE_DYN_START", 0x80, 0xff},
        {"L2CAP_PSM_DYN_START", 0x1001, UINT16_MAX},
    };
    static const struct dynamic cids[] = {{"L2CAP_CID_DYN_START", 0x40, UINT16_MAX}};
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_htobs(decoding, "l2_psm", A_L2CAP_PSM, take_u16(&members), psms, 2);
    show_mac(decoding, "l2_bdaddr", take_bytes(&members, BDADDR_SIZE), BDADDR_SIZE);
    show_htobs(decoding, "l2_cid", A_L2CAP_CID, take_u16(&members), cids, 1);
    if (address->size == L2CAP_SIZE) {
        show_set(decoding, "l2_bdaddr_type", A_BDADDR, take_u8(&members));
    }
}

static void show_bluetooth(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    switch (address->size) {
    case HCI_OLD_SIZE:
    case HCI_SIZE:
        show_words(decoding, "hci_dev", "htobs(%u)", take_u16(&members));
        if (address->size == HCI_SIZE) {
            show_set(decoding, "hci_channel", A_HCI_CHANNEL, take_u16(&members));
        }
        break;
    case SCO_SIZE:
        show_mac(decoding, "sco_bdaddr", take_bytes(&members, BDADDR_SIZE), BDADDR_SIZE);
        break;
    case RFCOMM_SIZE:
        show_mac(decoding, "rc_bdaddr", take_bytes(&members, BDADDR_SIZE), BDADDR_SIZE);
        show_unsigned(decoding, "rc_channel", take_u8(&members));
        break;
    case L2CAP_OLD_SIZE:
    case L2CAP_SIZE:
        show_l2cap(decoding, address);
        break;
    default:
        show_sockaddr_data(decoding, address);
        break;
    }
}

/* ------------------------------------------------------------- IEEE 802.15.4 and NFC */

enum {
    IEEE802154_SIZE = 20,
    IEEE802154_NONE = 0,
    IEEE802154_SHORT = 2,
    IEEE802154_LONG_SIZE = 8,
};

static void show_ieee802154(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    uint32_t type = take_u32(&members);
    show_open(decoding, "addr", "{");
    show_set(decoding, "addr_type", A_IEEE802154_ADDRESS_TYPE, type);
    show_set(decoding, "pan_id", A_IEEE802154_PAN, take_u16(&members));
    if (type == IEEE802154_SHORT) {
        show_set(decoding, "short_addr", A_IEEE802154_ADDRESS, take_u16(&members));
    } else if (type != IEEE802154_NONE) {
        show_hardware_address(decoding, "hwaddr", take_bytes(&members, IEEE802154_LONG_SIZE), IEEE802154_LONG_SIZE,
                              ARPHRD_IEEE802154);
    }
    show_close(decoding, "}");
}

enum {
    NFC_SIZE = 16,
    NFC_NAME_SIZE = 63, /* of linux/nfc.h */
};

static void show_nfc(struct decoding *decoding, const struct sockaddr_bytes *address) {
    struct members members = sockaddr_members(decoding, address, sizeof(sa_family_t));
    show_interface(decoding, "dev_idx", take_u32(&members));
    show_hex(decoding, "target_idx", take_u32(&members));
    show_set(decoding, "nfc_protocol", A_NFC_PROTOCOL, take_u32(&members));
    uint8_t destination = take_u8(&members);
    uint8_t source = take_u8(&members);
    const uint8_t *name = take_bytes(&members, NFC_NAME_SIZE);
    uint64_t length = take_word(&members);
    if (address->size < members.at) {
        if (address->size > NFC_SIZE) {
            show_dots(decoding);
        }
        return;
    }
    show_set(decoding, "dsap", A_NFC_SAP, destination);
    show_set(decoding, "ssap", A_NFC_SAP, source);
    show_bytes(decoding, "service_name", name, length < NFC_NAME_SIZE ? length : NFC_NAME_SIZE);
    show_unsigned(decoding, "service_name_len", length);
}

const struct sockaddr_family *sockaddr_radio_family(unsigned family) {
    static const struct sockaddr_family ax25 = {AX25_SIZE, show_ax25};
    static const struct sockaddr_family bluetooth = {sizeof(sa_family_t) + 1, show_bluetooth};
    static const struct sockaddr_family ieee802154 = {IEEE802154_SIZE, show_ieee802154};
    static const struct sockaddr_family nfc = {NFC_SIZE, show_nfc};
    switch (family) {
    case AF_AX25:
        return &ax25;
    case AF_BLUETOOTH:
        return &bluetooth;
    case AF_IEEE802154:
        return &ieee802154;
    case AF_NFC:
        return &nfc;
    default:
        return NULL;
    }
}
