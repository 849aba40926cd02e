/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink as data: what the header of a message holds, and the payload of
 * each of its attributes, in the way that strace shows them.
 */
#ifndef RENACER_NETLINK_MESSAGE_H
#define RENACER_NETLINK_MESSAGE_H

#include "decode_network.h"

#include <stddef.h>

enum {
    NETLINK_KIND_MAX = 16,   /* bytes of the name of a kind of links */
    NETLINK_DEPTH_MAX = 100, /* of attributes and messages in each other */
};

/* A buffer of messages, as far as it is here. */
struct netlink {
    struct decoding *decoding;
    uint64_t address;
    const uint8_t *bytes;
    uint32_t have;
    bool is_cut;    /* the rest was not asked for */
    uint32_t limit; /* bytes of a string */
    uint32_t most;  /* elements of a list */
    int32_t protocol;
    unsigned depth;
    /* Of the message that is being shown. */
    uint16_t type;
    uint16_t flags;
    uint8_t family;
    char kind[NETLINK_KIND_MAX]; /* of the link; empty: it has not been told */
};

/* Bytes of the buffer, which need not be there. */
struct piece {
    uint32_t at;
    uint32_t size;
};

enum payload_kind {
    PAYLOAD_BYTES, /* in hex */
    PAYLOAD_UNSIGNED,
    PAYLOAD_SIGNED,
    PAYLOAD_HEX,        /* 0x..., or 0 */
    PAYLOAD_PADDED_HEX, /* 0x... with zeros in front, as wide as all its digits */
    PAYLOAD_SET,        /* constants */
    PAYLOAD_SHORT_SET,  /* the same, if there are no more than 8 bytes; of all of these, if it has no size */
    PAYLOAD_HTONS_SET,  /* the same in network order: htons(ETH_P_IP) */
    PAYLOAD_NETWORK,    /* a number in network order: htons(80) */
    PAYLOAD_INTERFACE,  /* the index of a link, by its name */
    PAYLOAD_ID,         /* of a user or group */
    PAYLOAD_DESCRIPTOR,
    PAYLOAD_DEVICE,
    PAYLOAD_TICKS,        /* a time in ticks of the clock, of up to 8 bytes */
    PAYLOAD_STRING,       /* which ends in a NUL, or looks cut */
    PAYLOAD_TERMINATED,   /* up to its NUL */
    PAYLOAD_NAME,         /* the same, of a fixed size */
    PAYLOAD_HARDWARE,     /* 00:11:22:33:44:55 */
    PAYLOAD_LINK_ADDRESS, /* the same, as long as the message's family says */
    PAYLOAD_INET,
    PAYLOAD_INET6,
    PAYLOAD_ADDRESS,    /* of the message's family */
    PAYLOAD_LAYOUT,     /* a structure */
    PAYLOAD_LIST,       /* numbers or structures behind each other */
    PAYLOAD_ATTRIBUTES, /* others */
    PAYLOAD_OTHER,      /* a function shows it */
};

struct layout;
struct list;
struct attributes;

/* How a member of a structure or the payload of an attribute is shown. */
struct payload {
    uint8_t kind;
    uint8_t size; /* bytes of a number */
    uint16_t set; /* enum arg_type: its names */
    union {
        const struct layout *layout;
        const struct list *list;
        const struct attributes *attributes;
        /* False: it is not of its shape, and its bytes are shown. */
        bool (*show)(struct netlink *netlink, const char *name, struct piece piece);
    };
};

struct member {
    const char *name;
    uint16_t offset;
    bool is_rare; /* shown if it is not 0 */
    struct payload payload;
};

/* A structure; of another size than these it is bytes. */
struct layout {
    const struct member *members;
    uint8_t count;
    uint16_t size;
    uint16_t short_sizes[2]; /* other sizes that it may have had before members were added; 0: none */
    bool shows_rest;         /* bytes behind it are shown */
};

struct list {
    uint16_t size; /* bytes of an element */
    uint16_t set;  /* enum arg_type: the names of indices; A_NONE: they have none */
    struct payload element;
};

/* The attributes that a message or another attribute can have, by their type. */
struct attributes {
    uint16_t names; /* enum arg_type; A_NONE: they have none */
    uint16_t count;
    const struct payload *payloads;
    bool is_exact; /* flags of a type make it another one */
};

/* What a message of one type holds: a structure, which begins with the family, and attributes. */
struct message_form {
    const struct layout *header;
    const struct attributes *attributes; /* NULL: none */
};

#define NETLINK_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Payloads of attributes. */
#define UNSIGNED(bytes)                                                                                                \
    { .kind = PAYLOAD_UNSIGNED, .size = (bytes) }
#define SIGNED(bytes)                                                                                                  \
    { .kind = PAYLOAD_SIGNED, .size = (bytes) }
#define HEX(bytes)                                                                                                     \
    { .kind = PAYLOAD_HEX, .size = (bytes) }
#define NAMED(bytes, names)                                                                                            \
    { .kind = PAYLOAD_SHORT_SET, .size = (bytes), .set = (names) }
#define NAMED_OF_ANY_LENGTH(bytes, names)                                                                              \
    { .kind = PAYLOAD_SET, .size = (bytes), .set = (names) }
#define NETWORK(bytes)                                                                                                 \
    { .kind = PAYLOAD_NETWORK, .size = (bytes) }
#define PLAIN(of_kind)                                                                                                 \
    { .kind = (of_kind) }
#define STRING                                                                                                         \
    { .kind = PAYLOAD_STRING }
#define INTERFACE                                                                                                      \
    { .kind = PAYLOAD_INTERFACE, .size = 4 }
#define STRUCTURED(of_layout)                                                                                          \
    { .kind = PAYLOAD_LAYOUT, .layout = &(of_layout) }
#define LISTED(of_list)                                                                                                \
    { .kind = PAYLOAD_LIST, .list = &(of_list) }
#define NESTED_IN(of_attributes)                                                                                       \
    { .kind = PAYLOAD_ATTRIBUTES, .attributes = &(of_attributes) }
#define SHOWN_BY(function)                                                                                             \
    { .kind = PAYLOAD_OTHER, .show = (function) }

/* Members of structures. */
#define MEMBER_BYTES(type, member) sizeof(((type *)0)->member)
#define MEMBER(type, member, of_kind, ...)                                                                             \
    {                                                                                                                  \
        .name = #member, .offset = offsetof(type, member), .payload = {                                                \
            .kind = (of_kind),                                                                                         \
            .size = MEMBER_BYTES(type, member),                                                                        \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define NUMBER(type, member) MEMBER(type, member, PAYLOAD_UNSIGNED, 0)
#define NAMES(type, member, names) MEMBER(type, member, PAYLOAD_SET, names)
#define RARE(type, member_name)                                                                                        \
    {                                                                                                                  \
        .name = #member_name, .offset = offsetof(type, member_name), .is_rare = true, .payload = {                     \
            .kind = PAYLOAD_HEX,                                                                                       \
            .size = MEMBER_BYTES(type, member_name)                                                                    \
        }                                                                                                              \
    }
#define LAYOUT(of_members, bytes)                                                                                      \
    { .members = (of_members), .count = NETLINK_COUNT(of_members), .size = (bytes) }
/* With members of struct layout that say more. */
#define LAYOUT_WITH(of_members, bytes, ...)                                                                            \
    { .members = (of_members), .count = NETLINK_COUNT(of_members), .size = (bytes), __VA_ARGS__ }
#define ATTRIBUTES(of_names, of_payloads)                                                                              \
    { .names = (of_names), .count = NETLINK_COUNT(of_payloads), .payloads = (of_payloads) }

/* `size` bytes of the buffer, or NULL: they are not there. */
const uint8_t *netlink_bytes(const struct netlink *netlink, uint32_t at, uint32_t size);

/* In place of what is not there: its address. */
void show_missing(struct netlink *netlink, const char *name, uint32_t at);

/* Whether there are only zeros, or no bytes. */
bool is_zero(const uint8_t *bytes, uint32_t size);

/* Bytes in hex, up to the limit. */
void show_raw(struct netlink *netlink, const char *name, struct piece piece);
/* The same as a string. */
void show_text(struct netlink *netlink, const char *name, struct piece piece);
/* An address of a family of the Internet; false: it is of none, or too short. */
bool show_address_piece(struct netlink *netlink, const char *name, uint8_t family, struct piece piece);
/* A number with names in network order. */
void show_htons(struct decoding *decoding, const char *name, enum arg_type set, uint16_t number);

/* False: it is not of its shape, and nothing is shown. */
bool show_payload(struct netlink *netlink, const char *name, const struct payload *payload, struct piece piece);
/* The members of a structure that is there, without brackets. */
void show_netlink_members(struct netlink *netlink, const struct layout *layout, unsigned first, uint32_t size,
                          uint32_t at);

void show_attributes(struct netlink *netlink, const struct attributes *attributes, struct piece piece);
/* A message by its form. */
void show_netlink_form(struct netlink *netlink, const struct message_form *form, struct piece piece);

/* The payload of a message of each protocol; false: they do not know it. */
bool show_route_message(struct netlink *netlink, struct piece piece);
bool show_diag_message(struct netlink *netlink, struct piece piece);
bool show_crypto_message(struct netlink *netlink, struct piece piece);
bool show_netfilter_message(struct netlink *netlink, struct piece piece);
bool show_selinux_message(struct netlink *netlink, struct piece piece);
/* A whole buffer of events of devices. */
void show_device_event(struct netlink *netlink, const char *name, struct piece piece);

/* Forms of single messages, and parts that several have. */
extern const struct message_form link_form;
extern const struct message_form stats_form;
extern const struct message_form bridge_group_form;
extern const struct message_form neighbour_form;
extern const struct message_form neighbours_form;
extern const struct message_form traffic_form;
extern const struct message_form traffic_action_form;
extern const struct message_form inet_request_form;
extern const struct message_form inet_old_request_form;
extern const struct message_form inet_answer_form;
extern const struct payload link_stats64_payload;
extern const struct payload socket_memory_payload;
extern const struct layout inet_id_layout;
extern const struct attributes bridge_port_attributes;
bool show_link_info(struct netlink *netlink, const char *name, struct piece piece);
bool show_link_families(struct netlink *netlink, const char *name, struct piece piece);
bool show_link_protocol(struct netlink *netlink, const char *name, struct piece piece);

#endif
