/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink in the buffers of sockets: their headers, by protocol.
 */
#include "decode_netlink.h"

#include "cleanup.h"
#include "descriptor.h"
#include "netlink_message.h"
#include "redact.h"
#include "value.h"

#include <linux/genetlink.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_acct.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_cthelper.h>
#include <linux/netfilter/nfnetlink_cttimeout.h>
#include <linux/netfilter/nfnetlink_hook.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/cryptouser.h>

enum {
    BUFFER_MAX = 1 << 30, /* bytes that are thought of */
};

/* ---------------------------------------------------------------------------- types */

/* The names of a subsystem's messages. */
static const uint16_t netfilter_names[] = {
    [NFNL_SUBSYS_CTNETLINK] = A_NL_NF_CONNTRACK,
    [NFNL_SUBSYS_CTNETLINK_EXP] = A_NL_NF_EXPECT,
    [NFNL_SUBSYS_QUEUE] = A_NL_NF_QUEUE,
    [NFNL_SUBSYS_ULOG] = A_NL_NF_LOG,
    [NFNL_SUBSYS_OSF] = A_NL_NF_OSF,
    [NFNL_SUBSYS_IPSET] = A_NL_NF_IPSET,
    [NFNL_SUBSYS_ACCT] = A_NL_NF_ACCOUNT,
    [NFNL_SUBSYS_CTNETLINK_TIMEOUT] = A_NL_NF_TIMEOUT,
    [NFNL_SUBSYS_CTHELPER] = A_NL_NF_HELPER,
    [NFNL_SUBSYS_NFTABLES] = A_NL_NF_TABLES,
    [NFNL_SUBSYS_NFT_COMPAT] = A_NL_NF_COMPAT,
    [NFNL_SUBSYS_HOOK] = A_NL_NF_HOOK,
};

static void show_netfilter_type(struct decoding *decoding, uint16_t type) {
    uint8_t subsystem = (uint8_t)(type >> 8);
    if (constant_find(constant_set(A_NL_NETFILTER_CONTROL), type)) {
        show_set(decoding, "nlmsg_type", A_NL_NETFILTER_CONTROL, type);
        return;
    }
    show_set(decoding, "nlmsg_type", A_NL_NETFILTER_SUBSYS, subsystem);
    show_more(decoding, "<<8|");
    show_joined(decoding);
    if (subsystem < NETLINK_COUNT(netfilter_names) && netfilter_names[subsystem]) {
        show_set(decoding, NULL, netfilter_names[subsystem], (uint8_t)type);
    } else {
        show_hex(decoding, NULL, (uint8_t)type);
    }
}

/* Ask the kernel for the name of a generic family; false: it has none. The answer is made before the request's send
 * returns (net/netlink/genetlink.c). */
static bool generic_family_name(uint16_t type, char name[GENL_NAMSIZ]) {
    struct {
        struct nlmsghdr message;
        struct genlmsghdr command;
        struct nlattr attribute;
        uint16_t family;
        uint16_t padding;
    } request = {
        .message = {.nlmsg_len = sizeof(request), .nlmsg_type = GENL_ID_CTRL, .nlmsg_flags = NLM_F_REQUEST},
        .command = {.cmd = CTRL_CMD_GETFAMILY, .version = 1},
        .attribute = {.nla_len = NLA_HDRLEN + sizeof(uint16_t), .nla_type = CTRL_ATTR_FAMILY_ID},
        .family = type,
    };
    uint8_t answer[4096];
    auto_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
    if (fd < 0 || send(fd, &request, sizeof(request), MSG_DONTWAIT) < 0) {
        return false;
    }
    ssize_t size = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
    struct nlmsghdr message;
    size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
    if (size < (ssize_t)at || (memcpy(&message, answer, sizeof(message)), message.nlmsg_type != GENL_ID_CTRL)) {
        return false;
    }
    struct nlattr attribute;
    while (at + sizeof(attribute) <= (size_t)size) {
        memcpy(&attribute, answer + at, sizeof(attribute));
        if (attribute.nla_len < NLA_HDRLEN || at + attribute.nla_len > (size_t)size) {
            return false;
        }
        if (attribute.nla_type == CTRL_ATTR_FAMILY_NAME) {
            size_t length = strnlen((const char *)answer + at + NLA_HDRLEN, attribute.nla_len - NLA_HDRLEN);
            length = length < GENL_NAMSIZ - 1 ? length : GENL_NAMSIZ - 1;
            memcpy(name, answer + at + NLA_HDRLEN, length);
            name[length] = 0;
            return length > 0;
        }
        at += NLA_ALIGN(attribute.nla_len);
    }
    return false;
}

static void show_generic_type(struct decoding *decoding, uint16_t type) {
    char name[GENL_NAMSIZ];
    if (decoding->text && generic_family_name(type, name)) {
        show_words(decoding, "nlmsg_type", "%s", name);
    } else {
        show_hex(decoding, "nlmsg_type", type);
        show_comment(decoding, "GENERIC_FAMILY_???");
    }
}

static void show_message_type(struct netlink *netlink, uint16_t type) {
    static const uint16_t names[] = {
        [NETLINK_ROUTE] = A_NL_ROUTE,     [NETLINK_SOCK_DIAG] = A_NL_SOCK_DIAG, [NETLINK_XFRM] = A_NL_XFRM,
        [NETLINK_SELINUX] = A_NL_SELINUX, [NETLINK_AUDIT] = A_NL_AUDIT,         [NETLINK_CRYPTO] = A_NL_CRYPTO,
    };
    size_t protocol = (size_t)netlink->protocol;
    enum arg_type set = A_NL_CONTROL;
    if (type >= NLMSG_MIN_TYPE && protocol == NETLINK_GENERIC) {
        show_generic_type(netlink->decoding, type);
        return;
    }
    if (type >= NLMSG_MIN_TYPE && protocol == NETLINK_NETFILTER) {
        show_netfilter_type(netlink->decoding, type);
        return;
    }
    if (type >= NLMSG_MIN_TYPE && protocol < NETLINK_COUNT(names) && names[protocol]) {
        set = names[protocol];
    }
    show_set(netlink->decoding, "nlmsg_type", set, type);
}

/* ---------------------------------------------------------------------------- flags */

static enum arg_type route_flags(uint16_t type) {
    static const uint16_t names[] = {A_NL_FLAGS_NEW, A_NL_FLAGS_DELETE, A_NL_FLAGS_GET, A_NL_FLAGS};
    return type == RTM_DELACTION ? A_NL_FLAGS_GET : names[type & 3];
}

static enum arg_type crypto_flags(uint16_t type) {
    switch (type) {
    case CRYPTO_MSG_NEWALG:
        return A_NL_FLAGS_NEW;
    case CRYPTO_MSG_DELALG:
    case CRYPTO_MSG_DELRNG:
        return A_NL_FLAGS_DELETE;
    case CRYPTO_MSG_GETALG:
        return A_NL_FLAGS_GET;
    default:
        return A_NL_FLAGS;
    }
}

static enum arg_type xfrm_flags(uint16_t type) {
    switch (type) {
    case XFRM_MSG_NEWSA:
    case XFRM_MSG_NEWPOLICY:
    case XFRM_MSG_NEWAE:
    case XFRM_MSG_NEWSADINFO:
    case XFRM_MSG_NEWSPDINFO:
        return A_NL_FLAGS_NEW;
    case XFRM_MSG_DELSA:
    case XFRM_MSG_DELPOLICY:
        return A_NL_FLAGS_DELETE;
    case XFRM_MSG_GETSA:
    case XFRM_MSG_GETPOLICY:
    case XFRM_MSG_GETAE:
    case XFRM_MSG_GETSADINFO:
    case XFRM_MSG_GETSPDINFO:
        return A_NL_FLAGS_GET;
    default:
        return A_NL_FLAGS;
    }
}

/* The messages of a subsystem that make something, take it away, and ask for it, as bits of their numbers. */
struct netfilter_flags {
    uint32_t make;
    uint32_t take;
    uint32_t ask;
};

#define BIT(number) (1U << (number))

static const struct netfilter_flags netfilter_flags[] = {
    [NFNL_SUBSYS_CTNETLINK] = {BIT(IPCTNL_MSG_CT_NEW), BIT(IPCTNL_MSG_CT_DELETE),
                               BIT(IPCTNL_MSG_CT_GET) | BIT(IPCTNL_MSG_CT_GET_CTRZERO) |
                                   BIT(IPCTNL_MSG_CT_GET_STATS_CPU) | BIT(IPCTNL_MSG_CT_GET_STATS) |
                                   BIT(IPCTNL_MSG_CT_GET_DYING) | BIT(IPCTNL_MSG_CT_GET_UNCONFIRMED)},
    [NFNL_SUBSYS_CTNETLINK_EXP] = {BIT(IPCTNL_MSG_EXP_NEW), BIT(IPCTNL_MSG_EXP_DELETE),
                                   BIT(IPCTNL_MSG_EXP_GET) | BIT(IPCTNL_MSG_EXP_GET_STATS_CPU)},
    [NFNL_SUBSYS_ACCT] = {BIT(NFNL_MSG_ACCT_NEW), BIT(NFNL_MSG_ACCT_DEL),
                          BIT(NFNL_MSG_ACCT_GET) | BIT(NFNL_MSG_ACCT_GET_CTRZERO)},
    [NFNL_SUBSYS_CTNETLINK_TIMEOUT] = {BIT(IPCTNL_MSG_TIMEOUT_NEW), BIT(IPCTNL_MSG_TIMEOUT_DELETE),
                                       BIT(IPCTNL_MSG_TIMEOUT_GET)},
    [NFNL_SUBSYS_CTHELPER] = {BIT(NFNL_MSG_CTHELPER_NEW), BIT(NFNL_MSG_CTHELPER_DEL), BIT(NFNL_MSG_CTHELPER_GET)},
    [NFNL_SUBSYS_NFTABLES] = {BIT(NFT_MSG_NEWTABLE) | BIT(NFT_MSG_NEWCHAIN) | BIT(NFT_MSG_NEWRULE) |
                                  BIT(NFT_MSG_NEWSET) | BIT(NFT_MSG_NEWSETELEM) | BIT(NFT_MSG_NEWGEN) |
                                  BIT(NFT_MSG_NEWOBJ) | BIT(NFT_MSG_NEWFLOWTABLE),
                              BIT(NFT_MSG_DELTABLE) | BIT(NFT_MSG_DELCHAIN) | BIT(NFT_MSG_DELRULE) |
                                  BIT(NFT_MSG_DELSET) | BIT(NFT_MSG_DELSETELEM) | BIT(NFT_MSG_DELOBJ) |
                                  BIT(NFT_MSG_DELFLOWTABLE),
                              BIT(NFT_MSG_GETTABLE) | BIT(NFT_MSG_GETCHAIN) | BIT(NFT_MSG_GETRULE) |
                                  BIT(NFT_MSG_GETSET) | BIT(NFT_MSG_GETSETELEM) | BIT(NFT_MSG_GETGEN) |
                                  BIT(NFT_MSG_GETOBJ) | BIT(NFT_MSG_GETOBJ_RESET) | BIT(NFT_MSG_GETFLOWTABLE)},
    [NFNL_SUBSYS_NFT_COMPAT] = {.ask = BIT(NFNL_MSG_COMPAT_GET)},
    [NFNL_SUBSYS_HOOK] = {.ask = BIT(NFNL_MSG_HOOK_GET)},
};

static enum arg_type netfilter_flags_of(uint16_t type) {
    uint8_t subsystem = (uint8_t)(type >> 8);
    uint8_t message = (uint8_t)type;
    if (subsystem >= NETLINK_COUNT(netfilter_flags) || message >= 32) {
        return A_NL_FLAGS;
    }
    const struct netfilter_flags *flags = &netfilter_flags[subsystem];
    if (flags->make & BIT(message)) {
        return A_NL_FLAGS_NEW;
    }
    if (flags->take & BIT(message)) {
        return A_NL_FLAGS_DELETE;
    }
    return flags->ask & BIT(message) ? A_NL_FLAGS_GET : A_NL_FLAGS;
}

/* The names of a message's flags. */
static enum arg_type flags_of(int32_t protocol, uint16_t type) {
    if (type < NLMSG_MIN_TYPE) {
        return type == NLMSG_ERROR ? A_NL_FLAGS_ERROR : A_NL_FLAGS;
    }
    switch (protocol) {
    case NETLINK_ROUTE:
        return route_flags(type);
    case NETLINK_SOCK_DIAG:
        return A_NL_FLAGS_GET;
    case NETLINK_XFRM:
        return xfrm_flags(type);
    case NETLINK_NETFILTER:
        return netfilter_flags_of(type);
    case NETLINK_CRYPTO:
        return crypto_flags(type);
    default:
        return A_NL_FLAGS;
    }
}

/* ------------------------------------------------------------------------- messages */

static void show_message(struct netlink *netlink, const struct nlmsghdr *message, struct piece piece);

/* The header of a message; false: there is none, and what there is was shown. */
static bool take_message(struct netlink *netlink, const char *name, struct piece piece, bool is_list,
                         struct nlmsghdr *message) {
    if (piece.size < sizeof(*message)) {
        show_raw(netlink, name, piece);
        return false;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, sizeof(*message));
    if (bytes) {
        memcpy(message, bytes, sizeof(*message));
    } else if (is_list) {
        show_dots(netlink->decoding);
        if (!netlink->is_cut) {
            show_comment(netlink->decoding, "0x%llx", (unsigned long long)netlink->address + piece.at);
        }
    } else {
        show_missing(netlink, name, piece.at);
    }
    return bytes;
}

static void show_error_number(struct decoding *decoding, int64_t error) {
    if (error < 0 && errno_name(-error)) {
        show_words(decoding, "error", "-");
        show_joined(decoding);
        show_error(decoding, NULL, (uint64_t)-error);
    } else {
        show_signed(decoding, "error", error);
    }
}

/* An error, the message that the kernel did not like, all of it or its header, and what else it says of that. */
static void show_failure(struct netlink *netlink, bool is_capped, struct piece piece) {
    static const struct list cookie = {.size = 1, .element = UNSIGNED(1)};
    static const struct payload payloads[] = {
        [NLMSGERR_ATTR_MSG] = STRING, [NLMSGERR_ATTR_OFFS] = UNSIGNED(4), [NLMSGERR_ATTR_COOKIE] = LISTED(cookie)};
    static const struct attributes attributes = ATTRIBUTES(A_NL_ERROR_ATTR, payloads);
    const uint32_t number = offsetof(struct nlmsgerr, msg);
    struct decoding *decoding = netlink->decoding;
    struct nlmsgerr failure;
    if (piece.size < sizeof(failure) || netlink->depth == NETLINK_DEPTH_MAX) {
        show_raw(netlink, NULL, piece);
        return;
    }
    const uint8_t *bytes = netlink_bytes(netlink, piece.at, sizeof(failure));
    if (!bytes) {
        show_missing(netlink, NULL, piece.at);
        return;
    }
    memcpy(&failure, bytes, sizeof(failure));
    uint32_t size = is_capped ? sizeof(failure.msg) : failure.msg.nlmsg_len;
    size = size < piece.size - number ? size : piece.size - number;
    struct piece rest = {piece.at + number + size, piece.size - number - size};
    if (rest.size) {
        show_open(decoding, NULL, "[");
    }
    show_open(decoding, NULL, "{");
    show_error_number(decoding, failure.error);
    show_open(decoding, "msg", "");
    netlink->depth++;
    show_message(netlink, &failure.msg, (struct piece){piece.at + number, size});
    netlink->depth--;
    show_close(decoding, "}");
    if (rest.size) {
        show_attributes(netlink, &attributes, rest);
        show_close(decoding, "]");
    }
}

static bool show_by_protocol(struct netlink *netlink, struct piece piece) {
    switch (netlink->protocol) {
    case NETLINK_ROUTE:
        return show_route_message(netlink, piece);
    case NETLINK_SOCK_DIAG:
        return show_diag_message(netlink, piece);
    case NETLINK_CRYPTO:
        return show_crypto_message(netlink, piece);
    case NETLINK_NETFILTER:
        return show_netfilter_message(netlink, piece);
    case NETLINK_SELINUX:
        return show_selinux_message(netlink, piece);
    default:
        return false;
    }
}

static void show_message_payload(struct netlink *netlink, const struct nlmsghdr *message, struct piece piece) {
    static const struct payload number = SIGNED(4);
    if (message->nlmsg_type == NLMSG_ERROR) {
        show_failure(netlink, message->nlmsg_flags & NLM_F_CAPPED, piece);
        return;
    }
    netlink->type = message->nlmsg_type;
    netlink->flags = message->nlmsg_flags;
    netlink->kind[0] = 0;
    bool is_known = (message->nlmsg_type >= NLMSG_MIN_TYPE || message->nlmsg_type == NLMSG_DONE) &&
                    show_by_protocol(netlink, piece);
    bool is_done = message->nlmsg_type == NLMSG_DONE && piece.size == number.size;
    if (!is_known && !(is_done && show_payload(netlink, NULL, &number, piece))) {
        show_raw(netlink, NULL, piece);
    }
}

/* A message whose header is there: the piece begins with it. */
static void show_message(struct netlink *netlink, const struct nlmsghdr *message, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    uint32_t size = message->nlmsg_len < piece.size ? message->nlmsg_len : piece.size;
    if (size > NLMSG_HDRLEN) {
        show_open(decoding, NULL, "[");
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "nlmsg_len", message->nlmsg_len);
    show_message_type(netlink, message->nlmsg_type);
    show_set(decoding, "nlmsg_flags", flags_of(netlink->protocol, message->nlmsg_type), message->nlmsg_flags);
    show_moment(decoding, "nlmsg_seq", message->nlmsg_seq); /* often begins with the time */
    show_process(decoding, "nlmsg_pid", (int32_t)message->nlmsg_pid);
    show_close(decoding, "}");
    if (size > NLMSG_HDRLEN) {
        show_message_payload(netlink, message, (struct piece){piece.at + NLMSG_HDRLEN, size - NLMSG_HDRLEN});
        show_close(decoding, "]");
    }
}

/* Messages behind each other. */
static void show_messages(struct netlink *netlink, const char *name, struct piece piece) {
    struct decoding *decoding = netlink->decoding;
    struct nlmsghdr message;
    bool is_list = false;
    for (uint32_t i = 0; take_message(netlink, i ? NULL : name, piece, is_list, &message); i++) {
        if (i == netlink->most) {
            show_dots(decoding);
            break;
        }
        uint64_t length = ((uint64_t)message.nlmsg_len + NLMSG_ALIGNTO - 1) & ~(uint64_t)(NLMSG_ALIGNTO - 1);
        bool has_next = message.nlmsg_len >= NLMSG_HDRLEN && piece.size > length;
        if (i == 0) {
            show_open(decoding, name, "");
        }
        if (has_next && !is_list) {
            show_open(decoding, NULL, "[");
            is_list = true;
        }
        show_message(netlink, &message, piece);
        if (!has_next) {
            break;
        }
        piece.at += (uint32_t)length;
        piece.size -= (uint32_t)length;
    }
    if (is_list) {
        show_close(decoding, "]");
    }
}

/* -------------------------------------------------------------------------- buffers */

static void show_buffer(struct decoding *decoding, const struct netlink_socket *socket, const char *name,
                        uint64_t address, uint64_t length) {
    struct netlink netlink = {.decoding = decoding,
                              .address = address,
                              .limit = socket->limit,
                              .most = decoding->verbose ? UINT32_MAX : socket->limit,
                              .protocol = socket->protocol};
    struct piece piece = {0, length < BUFFER_MAX ? (uint32_t)length : BUFFER_MAX};
    if (piece.size) {
        netlink.bytes = memory_some(decoding, address, piece.size, CAPTURE_DECODED_MAX, &netlink.have, &netlink.is_cut);
    }
    /* Nothing else is asked for. */
    if (decoding->fetch && !decoding->shows_descriptors) {
        return;
    }
    if (decoding->text && redaction_hides_contents(decoding->text->redaction)) {
        show_words(decoding, name, "\"" REDACTED_MARK "\"");
    } else if (socket->protocol == NETLINK_KOBJECT_UEVENT) {
        show_device_event(&netlink, name, piece);
    } else {
        show_messages(&netlink, name, piece);
    }
}

void show_netlink_messages(struct decoding *decoding, const char *name, uint64_t address, uint64_t length) {
    struct netlink_socket socket = {.protocol = NETLINK_PROTOCOL_UNKNOWN};
    if (address && netlink_socket_of(decoding, (int32_t)argument_of(decoding, 0), &socket)) {
        show_buffer(decoding, &socket, name, address, length);
    } else {
        show_address(decoding, name, address);
    }
}

void decode_netlink_messages(struct decoding *decoding, uint64_t address) {
    uint64_t length = argument_of(decoding, 2);
    if (decoding->delivered && decoding->result >= 0 && (uint64_t)decoding->result < length) {
        length = (uint64_t)decoding->result;
    }
    show_netlink_messages(decoding, NULL, address, length);
}
