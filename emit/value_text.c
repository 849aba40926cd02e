/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "decoding.h"
#include "descriptor.h"
#include "kernel_event.h"
#include "namer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

/* errno.h has no names for what the kernel keeps to itself (include/linux/errno.h). */
const char *errno_name(int64_t error) {
    switch (error) {
    case KERNEL_ERESTARTSYS:
        return "ERESTARTSYS";
    case KERNEL_ERESTARTNOINTR:
        return "ERESTARTNOINTR";
    case KERNEL_ERESTARTNOHAND:
        return "ERESTARTNOHAND";
    case KERNEL_ERESTART_RESTARTBLOCK:
        return "ERESTART_RESTARTBLOCK";
    case 515:
        return "ENOIOCTLCMD";
    case 524:
        return "ENOTSUPP";
    default:
        return error > 0 && error < 4096 ? strerrorname_np((int)error) : NULL;
    }
}

/* ----------------------------------------------------------------- with names */

bool named_address(uint64_t address, struct text *text) {
    return text->namer && address && text->namer->address(text->namer->context, address, text);
}

void address_to_text(uint64_t address, struct text *text) {
    if (!address) {
        text_add_string(text, "NULL");
    } else if (!named_address(address, text)) {
        text_add_hex(text, address);
    }
}

void id_to_text(int64_t id, struct text *text) {
    bool is_special = id == 0 || id == -1;
    if (!text->namer || is_special) {
        text_add_signed(text, id);
        return;
    }
    text_add_string(text, id < 0 ? "-" : "");
    id = id < 0 ? -id : id;
    if (text->namer->id(text->namer->context, id, text) == NAMED_NOT) {
        text_add_signed(text, id);
    }
}

void content_to_text(const uint8_t *bytes, size_t size, bool quote, struct text *text) {
    struct named_part part;
    while (text->namer && text->namer->find(text->namer->context, bytes, size, &part)) {
        text_add_escaped(text, bytes, part.start, quote);
        text_add_string(text, part.name);
        bytes += part.start + part.length;
        size -= part.start + part.length;
    }
    text_add_escaped(text, bytes, size, quote);
}

/* ------------------------------------------------------------------- strings */

void string_to_text(const struct capture *capture, bool hides_nul, struct text *text) {
    const uint8_t *bytes = capture_bytes(capture);
    bool ends_in_nul = capture->size && !bytes[capture->size - 1];
    bool is_hidden = hides_nul && ends_in_nul && capture->state == CAPTURE_WHOLE;
    text_add_char(text, '"');
    content_to_text(bytes, capture->size - is_hidden, true, text);
    text_add_char(text, '"');
    if (capture->state != CAPTURE_WHOLE) {
        text_add_string(text, "...");
    }
}

static void hex_string_to_text(const struct capture *capture, struct text *text) {
    text_add_char(text, '"');
    text_add_hex_bytes(text, capture_bytes(capture), capture->size);
    text_add_string(text, capture->state == CAPTURE_WHOLE ? "\"" : "\"...");
}

static const struct capture *element_of(const struct value *value, unsigned index) {
    return capture_find(value->captures, value->captures_size, value->arg, index + 1);
}

static void strings_to_text(const struct value *value, struct text *text) {
    text_add_char(text, '[');
    const struct capture *element;
    unsigned index = 0;
    for (; (element = element_of(value, index)); index++) {
        text_add_string(text, index ? ", " : "");
        string_to_text(element, false, text);
    }
    if (value->capture->state != CAPTURE_WHOLE) {
        text_add_string(text, index ? ", ..." : "...");
    }
    text_add_char(text, ']');
}

static void buffers_to_text(const struct value *value, struct text *text) {
    text_add_char(text, '[');
    const struct capture *element;
    unsigned index = 0;
    for (; (element = element_of(value, index)); index++) {
        text_add_string(text, index ? ", {iov_base=" : "{iov_base=");
        string_to_text(element, false, text);
        text_add_string(text, ", iov_len=");
        text_add_unsigned(text, element->full_length);
        text_add_char(text, '}');
    }
    if (value->capture->state != CAPTURE_WHOLE) {
        text_add_string(text, index ? ", ..." : "...");
    }
    text_add_char(text, ']');
}

/* ----------------------------------------------------------- socket addresses */

static void unix_to_text(const uint8_t *bytes, size_t size, struct text *text) {
    const uint8_t *path = bytes + offsetof(struct sockaddr_un, sun_path);
    size = size < sizeof(struct sockaddr_un) ? size : sizeof(struct sockaddr_un);
    size_t length = size - offsetof(struct sockaddr_un, sun_path);
    if (length == 0) {
        return;
    }
    text_add_string(text, ", sun_path=");
    if (path[0]) {
        length = strnlen((const char *)path, length);
        text_add_char(text, '"');
    } else {
        /* The abstract name space: every byte behind the NUL counts. */
        text_add_string(text, "@\"");
        path++;
        length--;
    }
    content_to_text(path, length, true, text);
    text_add_char(text, '"');
}

static void port_to_text(const char *name, in_port_t port, struct text *text) {
    text_add_string(text, name);
    text_add_string(text, "=htons(");
    text_add_unsigned(text, ntohs(port));
    text_add_char(text, ')');
}

static void inet_to_text(const struct sockaddr_in *address, struct text *text) {
    char printed[INET_ADDRSTRLEN];
    port_to_text(", sin_port", address->sin_port, text);
    text_add_string(text, ", sin_addr=inet_addr(\"");
    text_add_string(text, inet_ntop(AF_INET, &address->sin_addr, printed, sizeof(printed)));
    text_add_string(text, "\")");
}

/* The scope of a link-local address is an interface, by its name as we see it. */
static void scope_to_text(const struct sockaddr_in6 *address, struct text *text) {
    char name[IF_NAMESIZE];
    bool is_local = IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&address->sin6_addr);
    if (is_local && if_indextoname(address->sin6_scope_id, name)) {
        text_add_string(text, "if_nametoindex(\"");
        text_add_string(text, name);
        text_add_string(text, "\")");
    } else {
        text_add_unsigned(text, address->sin6_scope_id);
    }
}

static void inet6_to_text(const struct sockaddr_in6 *address, struct text *text) {
    char printed[INET6_ADDRSTRLEN];
    port_to_text(", sin6_port", address->sin6_port, text);
    text_add_string(text, ", sin6_flowinfo=htonl(");
    text_add_unsigned(text, ntohl(address->sin6_flowinfo));
    text_add_string(text, "), inet_pton(AF_INET6, \"");
    text_add_string(text, inet_ntop(AF_INET6, &address->sin6_addr, printed, sizeof(printed)));
    text_add_string(text, "\", &sin6_addr), sin6_scope_id=");
    scope_to_text(address, text);
}

static void vsock_to_text(const struct sockaddr_vm *address, struct text *text) {
    text_add_string(text, ", svm_cid=");
    text_add_hex_number(text, address->svm_cid);
    text_add_string(text, ", svm_port=");
    text_add_hex_number(text, address->svm_port);
    text_add_string(text, ", svm_flags=");
    text_add_hex_number(text, address->svm_flags);
}

static void netlink_to_text(const struct sockaddr_nl *address, struct text *text) {
    static const char digits[] = "0123456789abcdef";
    text_add_string(text, ", nl_pid=");
    id_to_text(address->nl_pid, text);
    text_add_string(text, ", nl_groups=");
    if (address->nl_groups) {
        text_add_string(text, "0x");
    }
    for (int shift = 28; shift >= 0; shift -= 4) {
        text_add_char(text, digits[address->nl_groups >> shift & 15]);
    }
}

static void sockaddr_to_text(const struct value *value, struct text *text) {
    struct sockaddr_storage storage = {0};
    const uint8_t *bytes = capture_bytes(value->capture);
    size_t size = value->capture->size < sizeof(storage) ? value->capture->size : sizeof(storage);
    if (size < sizeof(sa_family_t)) {
        address_to_text(value->number, text);
        return;
    }
    memcpy(&storage, bytes, size);
    text_add_string(text, "{sa_family=");
    constants_to_text(constant_set(A_SOCK_DOMAIN), storage.ss_family, NOTATION_STRACE, text);
    if (storage.ss_family == AF_UNIX) {
        unix_to_text(bytes, size, text);
    } else if (storage.ss_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        inet_to_text((const struct sockaddr_in *)(const void *)&storage, text);
    } else if (storage.ss_family == AF_INET6 && size >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
        inet6_to_text((const struct sockaddr_in6 *)(const void *)&storage, text);
    } else if (storage.ss_family == AF_NETLINK && size >= sizeof(struct sockaddr_nl)) {
        netlink_to_text((const struct sockaddr_nl *)(const void *)&storage, text);
    } else if (storage.ss_family == AF_VSOCK && size >= sizeof(struct sockaddr_vm)) {
        vsock_to_text((const struct sockaddr_vm *)(const void *)&storage, text);
    } else if (size > sizeof(sa_family_t)) {
        text_add_string(text, ", sa_data=\"");
        text_add_escaped(text, bytes + sizeof(sa_family_t), size - sizeof(sa_family_t), true);
        text_add_char(text, '"');
    }
    text_add_char(text, '}');
}

/* -------------------------------------------------------------------- any value */

void signal_to_text(uint64_t number, struct text *text) {
    /* The kernel's real-time signals begin at 32 (uapi/asm/signal.h). */
    enum {
        FIRST_REALTIME = 32,
        LAST_REALTIME = 64,
    };
    if (number == FIRST_REALTIME) {
        text_add_string(text, "SIGRTMIN");
    } else if (number > FIRST_REALTIME && number <= LAST_REALTIME) {
        text_add_string(text, "SIGRT_");
        text_add_unsigned(text, number - FIRST_REALTIME);
    } else if (number && number < FIRST_REALTIME) {
        text_add_string(text, constant_find(constant_set(A_SIGNO), number)->name);
    } else {
        text_add_signed(text, (int32_t)number);
    }
}

static void error_number_to_text(uint64_t number, struct text *text) {
    const char *name = errno_name((int64_t)number);
    if (name) {
        text_add_string(text, name);
    } else {
        text_add_unsigned(text, number);
    }
}

static void device_to_text(uint64_t device, struct text *text) {
    text_add_string(text, "makedev(");
    text_add_hex_number(text, major(device));
    text_add_string(text, ", ");
    text_add_hex_number(text, minor(device));
    text_add_char(text, ')');
}

/* A number that can be that of something which has a name. */
static void named_number_to_text(const struct value *value, struct text *text) {
    const struct namer *namer = text->namer;
    int64_t number = (int64_t)value->number;
    if (value->kind == VALUE_ID) {
        id_to_text(number, text);
    } else if (value->kind == VALUE_WORD && !named_address(value->number, text)) {
        text_add_hex_number(text, value->number);
    } else if (value->kind == VALUE_THREAD && !(namer && namer->thread(namer->context, value->number, text))) {
        text_add_unsigned(text, value->number);
    } else if (value->kind == VALUE_MOMENT) {
        const char *instead = namer ? namer->result(namer->context, RESULT_TIME) : NULL;
        if (instead) {
            text_add_string(text, instead);
        } else {
            text_add_unsigned(text, value->number);
        }
    } else if (value->kind == VALUE_IPC && !(namer && namer->ipc(namer->context, number, text))) {
        text_add_signed(text, number);
    }
}

void value_to_text(const struct value *value, enum notation notation, struct text *text) {
    switch (value->kind) {
    case VALUE_UNKNOWN:
        text_add_char(text, '?');
        break;
    case VALUE_SIGNED:
        text_add_signed(text, (int64_t)value->number);
        break;
    case VALUE_THREAD:
    case VALUE_IPC:
    case VALUE_ID:
    case VALUE_MOMENT:
    case VALUE_WORD:
        named_number_to_text(value, text);
        break;
    case VALUE_UNSIGNED:
        text_add_unsigned(text, value->number);
        break;
    case VALUE_HEX:
        text_add_hex_number(text, value->number);
        break;
    case VALUE_DEVICE:
        device_to_text(value->number, text);
        break;
    case VALUE_OCTAL:
        text_add_octal(text, value->number);
        break;
    case VALUE_ADDRESS:
        address_to_text(value->number, text);
        break;
    case VALUE_CONSTANTS:
        constants_to_text(value->set, value->number, notation, text);
        break;
    case VALUE_OLD_MASK:
        old_signals_to_text((uint32_t)value->number, text);
        break;
    case VALUE_PACKED:
        if (!packed_to_text(value->packed, value->number, notation, text)) {
            text_add_hex_number(text, value->number);
        }
        break;
    case VALUE_ERROR:
        error_number_to_text(value->number, text);
        break;
    case VALUE_STRING:
        if (notation == NOTATION_STRACE && value->capture->state == CAPTURE_UNREADABLE) {
            /* strace shows a string that it can read as a whole, or none of it. */
            address_to_text(value->number, text);
        } else if (notation == NOTATION_STRACE && value->in_hex) {
            hex_string_to_text(value->capture, text);
        } else if (notation == NOTATION_STRACE) {
            string_to_text(value->capture, value->hides_nul, text);
            text_add_string(text, value->looks_cut && value->capture->state == CAPTURE_WHOLE ? "..." : "");
        } else {
            text_add_escaped(text, capture_bytes(value->capture), value->capture->size, false);
        }
        break;
    case VALUE_STRINGS:
        strings_to_text(value, text);
        break;
    case VALUE_BUFFERS:
        buffers_to_text(value, text);
        break;
    case VALUE_COUNTED:
        address_to_text(value->number, text);
        text_add_string(text, " /* ");
        text_add_unsigned(text, value->capture->full_length);
        text_add_string(text, value->capture->full_length == 1 ? " var" : " vars");
        text_add_string(text, value->capture->state == CAPTURE_UNREADABLE ? ", unterminated */" : " */");
        break;
    case VALUE_SOCKADDR:
        sockaddr_to_text(value, text);
        break;
    case VALUE_DECODED:
        decoded_to_text(value, notation, text);
        break;
    default:
        output_to_text(value, text);
        break;
    }
    if (notation == NOTATION_STRACE && value->descriptor) {
        descriptor_to_text((const char *)capture_bytes(value->descriptor), value->descriptor->size, text);
    }
}
