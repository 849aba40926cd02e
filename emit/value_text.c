/* SPDX-License-Identifier: MIT */
#include "value.h"

#include "descriptor.h"
#include "kernel_event.h"

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

/* ----------------------------------------------------------------- constants */

static void separate(struct text *text, size_t start) {
    if (text->length > start) {
        text_add_char(text, '|');
    }
}

/* Where a request's number means two things, strace has both names ("A or B"); the last is the usual one. */
static void name_to_text(const char *name, enum notation notation, struct text *text) {
    static const char separator[] = " or ";
    const char *last = notation == NOTATION_STRACE ? NULL : strstr(name, separator);
    text_add_string(text, last ? last + sizeof(separator) - 1 : name);
}

static void comment_to_text(const char *comment, enum notation notation, struct text *text) {
    if (notation == NOTATION_STRACE && comment) {
        text_add_string(text, " /* ");
        text_add_string(text, comment);
        text_add_string(text, " */");
    }
}

static void hex_to_text(uint64_t number, struct text *text) {
    if (number) {
        text_add_hex(text, number);
    } else {
        text_add_char(text, '0');
    }
}

/* A number that the set has no name for, as strace comments on it. */
static void unknown_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                            struct text *text) {
    if (set->is_decimal) {
        text_add_signed(text, set->is_wide ? (int64_t)number : (int32_t)number);
    } else {
        hex_to_text(number, text);
    }
    comment_to_text(set->unknown, notation, text);
}

/* Whether the constant stands for the whole number, not for bits of it. */
static bool is_whole(const struct constant *constant) {
    return constant->mask == UINT64_MAX;
}

/* Whether the constant is in `number`, of which `rest` has not been named yet. */
static bool applies(const struct constant *constant, uint64_t number, uint64_t rest) {
    if (is_whole(constant)) {
        return number == constant->value;
    }
    if (!constant->value) { /* a member of a group: none of its other members applies */
        return constant->mask && !(number & constant->mask);
    }
    return (rest & constant->mask) == constant->value;
}

/* Append the names of what is in `rest` of the number, joined with '|' since
 * `start`; returns the bits that have none. */
static uint64_t names_to_text(const struct constant_set *set, uint64_t number, uint64_t rest, size_t start,
                              enum notation notation, struct text *text) {
    if (set->is_enumeration) {
        const struct constant *constant = constant_find(set, number);
        if (constant) {
            name_to_text(constant->name, notation, text);
        }
        return constant ? 0 : rest;
    }
    for (unsigned i = 0; i < set->count; i++) {
        const struct constant *constant = &set->constants[i];
        if (applies(constant, number, rest)) {
            separate(text, start);
            name_to_text(constant->name, notation, text);
            rest &= is_whole(constant) ? 0 : ~constant->mask;
        }
    }
    return rest;
}

/* The number in the bits of the set's group, if that has no name; else 0. */
static uint64_t unnamed_in_group(const struct constant_set *set, uint64_t number) {
    uint64_t grouped = number & set->group;
    for (unsigned i = 0; i < set->count; i++) {
        if (set->constants[i].mask == set->group && set->constants[i].value == grouped) {
            return 0;
        }
    }
    return grouped;
}

static void shifted_to_text(const struct constant_set *set, uint64_t shifted, size_t start, struct text *text) {
    if (shifted) {
        separate(text, start);
        text_add_unsigned(text, shifted);
        text_add_string(text, "<<");
        text_add_string(text, set->shift_name);
    }
}

/* A number that has a file's mode in it; all of it in octal if it is of a type that has no name. */
static void mode_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t shifted = set->shift ? number >> set->shift : 0;
    uint64_t flags = (number & ~(uint64_t)set->octal) - (shifted << set->shift);
    uint64_t rest = names_to_text(set, flags, flags, start, notation, text);
    if (rest & set->group) {
        text->length = start;
        text_add_octal(text, number);
        return;
    }
    if (rest) {
        separate(text, start);
        text_add_hex(text, rest);
    }
    shifted_to_text(set, shifted, start, text);
    separate(text, start);
    text_add_octal(text, number & set->octal);
}

/* Whether the set's group is what it begins with. */
static bool begins_with_group(const struct constant_set *set) {
    const struct constant *first = set->constants;
    while (first < set->constants + set->count && is_whole(first)) {
        first++;
    }
    return first < set->constants + set->count && first->mask == set->group;
}

static void bits_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t shifted = set->shift ? number >> set->shift : 0;
    uint64_t rest = (number & ~(uint64_t)set->signal) - (shifted << set->shift);
    uint64_t unnamed = unnamed_in_group(set, rest);
    bool is_first = begins_with_group(set);
    if (unnamed && is_first) {
        unknown_to_text(set, unnamed, notation, text);
    }
    rest = names_to_text(set, number, rest - unnamed, start, notation, text);
    if (unnamed && !is_first) {
        separate(text, start);
        unknown_to_text(set, unnamed, notation, text);
    }
    bool is_nameless = text->length == start;
    if (is_nameless && (rest || set->is_enumeration)) {
        unknown_to_text(set, rest, notation, text);
    } else if (rest) {
        bool is_commented = set->apart && !(number & ~rest & ~(uint64_t)set->apart);
        separate(text, start);
        hex_to_text(rest, text);
        comment_to_text(is_commented ? set->unknown : NULL, notation, text);
    } else if (is_nameless && !shifted && !(number & set->signal)) {
        text_add_char(text, '0');
    }
    shifted_to_text(set, shifted, start, text);
    if (number & set->signal) {
        separate(text, start);
        signal_to_text(number & set->signal, text);
    }
}

/* Flags with what stands before and behind them, each written as if it were alone; flags that are not there are not
 * written where something else is. */
static void flags_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t flags = number & ~((uint64_t)set->first_bits | set->number);
    if (set->first_bits) {
        bits_to_text(constant_set(set->first), number & set->first_bits, notation, text);
    }
    if (flags || (!set->first_bits && !set->number)) {
        separate(text, start);
        bits_to_text(set, flags, notation, text);
    }
    if (set->number) {
        separate(text, start);
        text_add_unsigned(text, number & set->number);
    }
}

bool constants_have_name(const struct constant_set *set, uint64_t number) {
    if (set->is_enumeration) {
        return constant_find(set, number) != NULL;
    }
    for (unsigned i = 0; i < set->count; i++) {
        if (applies(&set->constants[i], number, number)) {
            return true;
        }
    }
    return false;
}

/* A number of which strace has the name in a comment behind it. */
static void commented_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                              struct text *text) {
    const struct constant *constant = constant_find(set, number);
    if (!constant || notation != NOTATION_STRACE) {
        flags_to_text(set, number, notation, text);
        return;
    }
    if (set->is_decimal) {
        text_add_signed(text, (int32_t)number);
    } else {
        hex_to_text(number, text);
    }
    comment_to_text(constant->name, notation, text);
}

static void part_to_text(const struct packed_part *part, uint64_t number, enum notation notation, struct text *text) {
    uint64_t bits = (part->is_inverted ? ~number : number) >> part->first & ((UINT64_C(1) << part->bits) - 1);
    const struct constant_set *set = part->type < A_FIRST_SET ? NULL : constant_set(part->type);
    const struct constant *constant = set ? constant_find(set, bits) : NULL;
    text_add_string(text, part->before);
    if (constant) {
        text_add_string(text, constant->name);
    } else if (part->type == A_UINT) {
        text_add_unsigned(text, bits);
    } else {
        hex_to_text(bits, text);
    }
    text_add_string(text, part->suffix);
    if (set && !constant) {
        comment_to_text(set->unknown, notation, text);
    }
}

/* False if the number has none of the forms. */
static bool packed_to_text(const struct packed *packed, uint64_t number, enum notation notation, struct text *text) {
    for (unsigned i = 0; i < packed->count; i++) {
        const struct packed_form *form = &packed->forms[i];
        if ((number & form->mask) == form->value) {
            for (unsigned part = 0; part < form->count; part++) {
                part_to_text(&form->parts[part], number, notation, text);
            }
            text_add_string(text, form->after);
            return true;
        }
    }
    return false;
}

/* A number without a name that is made of parts. */
static bool otherwise_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                              struct text *text) {
    return set->otherwise != A_NONE && !constant_find(set, number) &&
           packed_to_text(packed_number(set->otherwise), number, notation, text);
}

static void constants_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                              struct text *text) {
    if (set == constant_set(A_SIGNO)) {
        signal_to_text(number, text);
    } else if (set->octal) {
        mode_to_text(set, number, notation, text);
    } else if (set->is_commented) {
        commented_to_text(set, number, notation, text);
    } else if (set->is_htons) {
        text_add_string(text, "htons(");
        flags_to_text(set, number, notation, text);
        text_add_char(text, ')');
    } else if (!otherwise_to_text(set, number, notation, text)) {
        flags_to_text(set, number, notation, text);
    }
}

/* ------------------------------------------------------------------- strings */

void string_to_text(const struct capture *capture, bool hides_nul, struct text *text) {
    const uint8_t *bytes = capture_bytes(capture);
    bool ends_in_nul = capture->size && !bytes[capture->size - 1];
    bool is_hidden = hides_nul && ends_in_nul && capture->state == CAPTURE_WHOLE;
    text_add_char(text, '"');
    text_add_escaped(text, bytes, capture->size - is_hidden, true);
    text_add_char(text, '"');
    if (capture->state != CAPTURE_WHOLE) {
        text_add_string(text, "...");
    }
}

static void hex_string_to_text(const struct capture *capture, struct text *text) {
    static const char digits[] = "0123456789abcdef";
    text_add_char(text, '"');
    for (uint32_t i = 0; i < capture->size; i++) {
        uint8_t byte = capture_bytes(capture)[i];
        const char escape[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        text_add(text, escape, sizeof(escape));
    }
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
    text_add_escaped(text, path, length, true);
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
    hex_to_text(address->svm_cid, text);
    text_add_string(text, ", svm_port=");
    hex_to_text(address->svm_port, text);
    text_add_string(text, ", svm_flags=");
    hex_to_text(address->svm_flags, text);
}

static void netlink_to_text(const struct sockaddr_nl *address, struct text *text) {
    static const char digits[] = "0123456789abcdef";
    text_add_string(text, ", nl_pid=");
    text_add_unsigned(text, address->nl_pid);
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
        text_add_hex(text, value->number);
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
        flags_to_text(constant_set(A_SIGNO), number, NOTATION_CONTENT, text);
    } else {
        text_add_signed(text, (int32_t)number);
    }
}

static void address_to_text(uint64_t address, struct text *text) {
    if (address) {
        text_add_hex(text, address);
    } else {
        text_add_string(text, "NULL");
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
    hex_to_text(major(device), text);
    text_add_string(text, ", ");
    hex_to_text(minor(device), text);
    text_add_char(text, ')');
}

void value_to_text(const struct value *value, enum notation notation, struct text *text) {
    switch (value->kind) {
    case VALUE_UNKNOWN:
        text_add_char(text, '?');
        break;
    case VALUE_SIGNED:
        text_add_signed(text, (int64_t)value->number);
        break;
    case VALUE_UNSIGNED:
        text_add_unsigned(text, value->number);
        break;
    case VALUE_HEX:
        hex_to_text(value->number, text);
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
    case VALUE_PACKED:
        if (!packed_to_text(value->packed, value->number, notation, text)) {
            hex_to_text(value->number, text);
        }
        break;
    case VALUE_ERROR:
        error_number_to_text(value->number, text);
        break;
    case VALUE_STRING:
        if (notation == NOTATION_STRACE && value->in_hex) {
            hex_string_to_text(value->capture, text);
        } else if (notation == NOTATION_STRACE) {
            string_to_text(value->capture, value->hides_nul, text);
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
    default:
        output_to_text(value, text);
        break;
    }
    if (notation == NOTATION_STRACE && value->descriptor) {
        descriptor_to_text((const char *)capture_bytes(value->descriptor), value->descriptor->size, text);
    }
}
