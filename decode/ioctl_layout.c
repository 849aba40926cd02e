/* SPDX-License-Identifier: MIT
 *
 * Structures of ioctl(2) as data: where their members stand, and how they are shown.
 */
#include "decode_ioctl.h"

#include <string.h>
#include <time.h>

enum {
    /* Longer arrays are read for themselves, so that no more than the limit is shown of them. */
    SHORT_ARRAY = 16,
    HIGHEST_ALIGNMENT = 8,
};

uint32_t request_of(const struct decoding *decoding) {
    return (uint32_t)argument_of(decoding, 1);
}

/* -------------------------------------------------------------------------- places */

static unsigned alignment_of(const struct decoding *decoding, const struct layout *layout);

static unsigned element_size(const struct decoding *decoding, const struct member *member) {
    switch (member->kind) {
    case MEMBER_DOTS:
        return 0;
    case MEMBER_NAME:
    case MEMBER_BYTES:
        return 1;
    case MEMBER_LAYOUT:
        return member->layout ? layout_size(decoding, member->layout) : member->size;
    default:
        return member->size ? member->size : word_bytes(decoding);
    }
}

static unsigned element_alignment(const struct decoding *decoding, const struct member *member) {
    unsigned size = element_size(decoding, member);
    if (member->layout) {
        return alignment_of(decoding, member->layout);
    }
    if (member->kind == MEMBER_LAYOUT) {
        return size % sizeof(uint32_t) ? 1 : sizeof(uint32_t); /* what a function shows is made of these */
    }
    if (!size || size > HIGHEST_ALIGNMENT || size & (size - 1)) {
        return 1;
    }
    return size > word_bytes(decoding) ? word_bytes(decoding) : size;
}

static unsigned alignment_of(const struct decoding *decoding, const struct layout *layout) {
    unsigned most = 1;
    for (unsigned i = 0; i < layout->count && !layout->is_packed; i++) {
        unsigned one = element_alignment(decoding, &layout->members[i]);
        most = one > most ? one : most;
    }
    return most;
}

static unsigned rounded(unsigned offset, unsigned alignment) {
    return (offset + alignment - 1) / alignment * alignment;
}

unsigned layout_offset(const struct decoding *decoding, const struct layout *layout, unsigned index) {
    unsigned at = 0;
    for (unsigned i = 0; i <= index && i < layout->count; i++) {
        const struct member *member = &layout->members[i];
        at = rounded(at, layout->is_packed ? 1 : element_alignment(decoding, member));
        if (i < index) {
            at += element_size(decoding, member) * (member->count ? member->count : 1);
        }
    }
    return at;
}

unsigned layout_size(const struct decoding *decoding, const struct layout *layout) {
    unsigned size = rounded(layout_offset(decoding, layout, layout->count), alignment_of(decoding, layout));
    return size < layout->size ? layout->size : size;
}

/* ------------------------------------------------------------------------- numbers */

void show_name(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size) {
    size_t length = strnlen((const char *)bytes, size);
    bool is_cut = length == size && size;
    show_bytes(decoding, name, bytes, length - is_cut);
    if (is_cut) {
        show_more(decoding, "...");
    }
}

void show_hex_buffer_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t length) {
    uint32_t have = 0;
    bool cut = false;
    const uint8_t *bytes = length ? memory_some(decoding, address, length, CAPTURE_TO_LIMIT, &have, &cut) : NULL;
    if ((length || !address) && (!bytes || (have < length && !cut))) {
        show_address(decoding, name, address);
        return;
    }
    show_bytes_in_hex(decoding, name, bytes, have);
    show_more(decoding, "%s", cut ? "..." : "");
}

void show_uuid(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    show_words(decoding, name, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0],
               bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10],
               bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
}

void show_when(struct decoding *decoding, int64_t seconds, uint32_t nanoseconds) {
    enum {
        SECOND = 1000000000,
    };
    struct tm date;
    char day[32];
    char zone[8];
    time_t time = seconds;
    if (!(seconds || nanoseconds) || nanoseconds >= SECOND || !decoding->text || !localtime_r(&time, &date) ||
        !strftime(day, sizeof(day), "%FT%T", &date) || !strftime(zone, sizeof(zone), "%z", &date)) {
        return;
    }
    if (nanoseconds) {
        show_comment(decoding, "%s.%09u%s", day, nanoseconds, zone);
    } else {
        show_comment(decoding, "%s%s", day, zone);
    }
}

/* ------------------------------------------------------------------------- members */

static void show_element(struct decoding *decoding, const char *name, const struct member *member,
                         const uint8_t *bytes) {
    unsigned size = element_size(decoding, member);
    switch (member->kind) {
    case MEMBER_SIGNED:
        show_signed(decoding, name, signed_in(bytes, size));
        break;
    case MEMBER_UNSIGNED:
        show_unsigned(decoding, name, number_in(bytes, size));
        break;
    case MEMBER_HEX:
        show_hex(decoding, name, number_in(bytes, size));
        break;
    case MEMBER_ADDRESS:
        show_address(decoding, name, number_in(bytes, size));
        break;
    case MEMBER_SET:
        show_set(decoding, name, member->set, number_in(bytes, size));
        break;
    case MEMBER_DEVICE:
        show_device(decoding, name, number_in(bytes, size));
        break;
    case MEMBER_DESCRIPTOR:
        show_descriptor(decoding, name, (int32_t)number_in(bytes, size));
        break;
    case MEMBER_NUMBER:
        member->show_number(decoding, name, number_in(bytes, size));
        break;
    case MEMBER_LAYOUT:
        if (member->show) {
            member->show(decoding, name, bytes);
        } else {
            show_layout(decoding, name, member->layout, bytes);
        }
        break;
    case MEMBER_NAME:
    case MEMBER_BYTES:
    case MEMBER_HIDDEN:
    case MEMBER_DOTS:
        break;
    }
}

static void show_one_of(struct decoding *decoding, const uint8_t *element, void *context) {
    show_element(decoding, NULL, context, element);
}

static void show_array(struct decoding *decoding, const struct member *member, const uint8_t *bytes, uint64_t address) {
    unsigned size = element_size(decoding, member);
    if (member->count > SHORT_ARRAY && address) {
        struct member element = *member;
        show_vector(decoding, member->name, address, member->count, size, show_one_of, &element);
        return;
    }
    show_open(decoding, member->name, "[");
    for (unsigned i = 0; i < member->count; i++) {
        show_element(decoding, NULL, member, bytes + (size_t)i * size);
    }
    show_close(decoding, "]");
}

bool is_filled_with_zeros(const uint8_t *bytes, size_t size) {
    while (size && !*bytes) {
        bytes++;
        size--;
    }
    return !size;
}

/* Whether a member whose bytes are there is shown; `when`: AT_ENTRY or AT_EXIT, or 0: everything. */
static bool is_shown(const struct decoding *decoding, const struct member *member, const uint8_t *bytes,
                     unsigned when) {
    unsigned sides = member->when & (AT_ENTRY | AT_EXIT);
    unsigned size = element_size(decoding, member) * (member->count ? member->count : 1);
    if (member->kind == MEMBER_HIDDEN || (when && sides && !(sides & when))) {
        return false;
    }
    if (member->kind == MEMBER_DOTS) {
        return !decoding->verbose;
    }
    return (decoding->verbose || !(member->when & IN_DETAIL)) &&
           !(member->when & IF_SET && is_filled_with_zeros(bytes, size));
}

static void show_member(struct decoding *decoding, const struct member *member, const uint8_t *bytes,
                        uint64_t address) {
    switch (member->kind) {
    case MEMBER_NAME:
        show_name(decoding, member->name, bytes, member->count);
        break;
    case MEMBER_BYTES:
        show_bytes(decoding, member->name, bytes, member->count);
        break;
    case MEMBER_DOTS:
        show_dots(decoding);
        break;
    default:
        if (member->count) {
            show_array(decoding, member, bytes, address);
        } else {
            show_element(decoding, member->name, member, bytes);
        }
        break;
    }
}

/* `address`: where the bytes are from; 0 where that does not matter. */
static void show_all(struct decoding *decoding, const struct layout *layout, const uint8_t *bytes, uint64_t address,
                     unsigned when) {
    for (unsigned i = 0; i < layout->count; i++) {
        unsigned offset = layout_offset(decoding, layout, i);
        if (is_shown(decoding, &layout->members[i], bytes + offset, when)) {
            show_member(decoding, &layout->members[i], bytes + offset, address ? address + offset : 0);
        }
    }
}

static void open_layout(struct decoding *decoding, const char *name, const struct layout *layout) {
    show_open(decoding, name, layout->open ? layout->open : "{");
}

static void close_layout(struct decoding *decoding, const struct layout *layout) {
    show_close(decoding, layout->close ? layout->close : "}");
}

void show_layout(struct decoding *decoding, const char *name, const struct layout *layout, const uint8_t *bytes) {
    open_layout(decoding, name, layout);
    show_all(decoding, layout, bytes, 0, 0);
    close_layout(decoding, layout);
}

bool show_layout_at(struct decoding *decoding, const char *name, const struct layout *layout, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, layout_size(decoding, layout));
    if (!bytes) {
        show_address(decoding, name, address);
        return false;
    }
    open_layout(decoding, name, layout);
    show_all(decoding, layout, bytes, address, 0);
    close_layout(decoding, layout);
    return true;
}

void show_members(struct decoding *decoding, const struct layout *layout, const uint8_t *bytes, unsigned when) {
    show_all(decoding, layout, bytes, 0, when);
}

static void show_layout_element(struct decoding *decoding, const uint8_t *element, void *context) {
    const struct layout *layout = *(const struct layout *const *)context;
    show_layout(decoding, NULL, layout, element);
}

unsigned show_layouts_at(struct decoding *decoding, const char *name, uint64_t address, uint64_t count,
                         const struct layout *layout) {
    return show_vector(decoding, name, address, count, layout_size(decoding, layout), show_layout_element, &layout);
}

/* ------------------------------------------------------------------ in and out */

const uint8_t *entry_bytes(struct decoding *decoding, uint64_t address, size_t size) {
    const uint8_t *before = memory_before(decoding, address, size);
    return !before && is_read_at_exit(decoding) ? memory_at(decoding, address, size) : before;
}

const uint8_t *entry_begins(struct decoding *decoding, const struct layout *layout, uint64_t address) {
    const uint8_t *before = entry_bytes(decoding, address, layout_size(decoding, layout));
    if (!before) {
        show_address(decoding, NULL, address);
        return NULL;
    }
    look_back(decoding, true);
    open_layout(decoding, NULL, layout);
    show_all(decoding, layout, before, address, AT_ENTRY);
    return before;
}

void entry_ends(struct decoding *decoding) {
    look_back(decoding, false);
}

bool shows_failure(const struct decoding *decoding) {
    return !decoding->delivered && (decoding->result < 0 || decoding->fetch);
}

const uint8_t *exit_bytes(struct decoding *decoding, const struct layout *layout, uint64_t address) {
    return decoding->delivered ? memory_at(decoding, address, layout_size(decoding, layout)) : NULL;
}

void show_arrow(struct decoding *decoding) {
    show_more(decoding, " => ");
    decoding->needs_comma = false;
}

const uint8_t *answer_begins(struct decoding *decoding, const struct layout *layout, uint64_t address) {
    if (!entry_begins(decoding, layout, address)) {
        return NULL;
    }
    close_layout(decoding, layout);
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, layout, address);
    if (after) {
        show_arrow(decoding);
        open_layout(decoding, NULL, layout);
    }
    return after;
}

static void show_answer(struct decoding *decoding, const struct layout *layout, uint64_t address) {
    const uint8_t *after = answer_begins(decoding, layout, address);
    if (after) {
        show_all(decoding, layout, after, address, AT_EXIT);
        close_layout(decoding, layout);
    }
}

void show_joined_layout(struct decoding *decoding, const struct layout *layout, uint64_t address) {
    if (!entry_begins(decoding, layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, layout, address);
    if (after) {
        show_all(decoding, layout, after, address, AT_EXIT);
    }
    close_layout(decoding, layout);
}

static const struct ioctl_form *form_of(const struct decoding *decoding, const struct ioctl_form *forms,
                                        unsigned count) {
    uint32_t request = request_of(decoding);
    for (unsigned i = 0; i < count; i++) {
        if (forms[i].request == request) {
            return &forms[i];
        }
    }
    return NULL;
}

void show_form(struct decoding *decoding, uint64_t address, const struct ioctl_form *forms, unsigned count) {
    const struct ioctl_form *form = form_of(decoding, forms, count);
    if (!form) {
        show_address(decoding, NULL, address);
    } else if (form->style == FORM_OWN) {
        form->show(decoding, address);
    } else if (form->style == FORM_ONE_WAY) {
        show_layout_at(decoding, NULL, form->layout, address);
    } else if (form->style == FORM_ARROW) {
        show_answer(decoding, form->layout, address);
    } else {
        show_joined_layout(decoding, form->layout, address);
    }
}
