/* SPDX-License-Identifier: MIT
 *
 * Requests of file systems (linux/fs.h, linux/fiemap.h), of userfaultfd(2), of the generator of random numbers, of
 * seccomp's notifications.
 */
#include "decode_ioctl.h"
#include "value.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <string.h>

/* --------------------------------------------------------------------- file systems */

/* The numbers of these requests say that it is a long, but it never was. */
static const struct member flags[] = {{NULL, MEMBER_SET, 4, .set = A_FS_FLAGS}};
static const struct layout flags_layout = BARE_LAYOUT(flags);

static const struct member attributes[] = {
    {"fsx_xflags", MEMBER_SET, 4, .set = A_FS_XFLAGS},
    {"fsx_extsize", MEMBER_UNSIGNED, 4},
    {"fsx_nextents", MEMBER_UNSIGNED, 4, .when = AT_EXIT},
    {"fsx_projid", MEMBER_HEX, 4},
    {"fsx_cowextsize", MEMBER_UNSIGNED, 4},
    {NULL, MEMBER_HIDDEN, 1, .count = 8},
};
static const struct layout attributes_layout = LAYOUT(attributes);

static void show_attributes_set(struct decoding *decoding, uint64_t address) {
    if (entry_begins(decoding, &attributes_layout, address)) {
        show_close(decoding, "}");
    }
    entry_ends(decoding);
}

static void show_label(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, FSLABEL_MAX);
    if (bytes) {
        show_name(decoding, NULL, bytes, FSLABEL_MAX);
    } else {
        show_address(decoding, NULL, address);
    }
}

static const struct member clone_range[] = {
    {"src_fd", MEMBER_DESCRIPTOR, 8},
    {"src_offset", MEMBER_UNSIGNED, 8},
    {"src_length", MEMBER_UNSIGNED, 8},
    {"dest_offset", MEMBER_UNSIGNED, 8},
};
static const struct layout clone_range_layout = LAYOUT(clone_range);

static const struct member trim_range[] = {
    {"start", MEMBER_HEX, 8},
    {"len", MEMBER_UNSIGNED, 8},
    {"minlen", MEMBER_UNSIGNED, 8},
};
static const struct layout trim_range_layout = LAYOUT(trim_range);

static const struct member dedupe_range[] = {
    {"src_offset", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"src_length", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"dest_count", MEMBER_UNSIGNED, 2, .when = AT_ENTRY},
    {NULL, MEMBER_HIDDEN, 2},
    {NULL, MEMBER_HIDDEN, 4},
};
static const struct layout dedupe_range_layout = LAYOUT(dedupe_range);

enum {
    DEDUPE_COUNT = 16, /* where that is */
    DEDUPE_TARGET = 32,
    DEDUPE_SHOWN = 2, /* without -v */
};

static void show_dedupe_target(struct decoding *decoding, const uint8_t *element, void *context) {
    struct members members = members_of(decoding, element);
    int64_t fd = take_i64(&members);
    uint64_t offset = take_u64(&members);
    uint64_t done = take_u64(&members);
    int32_t status = take_i32(&members);
    show_open(decoding, NULL, "{");
    if (context) {
        show_unsigned(decoding, "bytes_deduped", done);
        show_signed(decoding, "status", status);
    } else {
        show_descriptor(decoding, "dest_fd", (int32_t)fd);
        show_unsigned(decoding, "dest_offset", offset);
    }
    show_close(decoding, "}");
}

static void show_dedupe_targets(struct decoding *decoding, const uint8_t *bytes, uint64_t address, bool is_exit) {
    uint64_t count = number_in(bytes + DEDUPE_COUNT, sizeof(uint16_t));
    uint64_t targets = address + layout_size(decoding, &dedupe_range_layout);
    void *context = is_exit ? decoding : NULL;
    bool is_cut = !decoding->verbose && count > DEDUPE_SHOWN;
    const uint8_t *first = is_cut ? memory_at(decoding, targets, (size_t)DEDUPE_SHOWN * DEDUPE_TARGET) : NULL;
    if (!first) {
        show_vector(decoding, "info", targets, count, DEDUPE_TARGET, show_dedupe_target, context);
        return;
    }
    show_open(decoding, "info", "[");
    for (unsigned i = 0; i < DEDUPE_SHOWN; i++) {
        show_dedupe_target(decoding, first + (size_t)i * DEDUPE_TARGET, context);
    }
    show_dots(decoding);
    show_close(decoding, "]");
}

static void show_dedupe(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &dedupe_range_layout, address);
    if (!before) {
        return;
    }
    bool has_targets = number_in(before + DEDUPE_COUNT, sizeof(uint16_t)) != 0;
    show_dedupe_targets(decoding, before, address, false);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = !has_targets ? NULL : exit_bytes(decoding, &dedupe_range_layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_dedupe_targets(decoding, after, address, true);
        show_close(decoding, "}");
    }
}

static const struct member extent[] = {
    {"fe_logical", MEMBER_UNSIGNED, 8},
    {"fe_physical", MEMBER_UNSIGNED, 8},
    {"fe_length", MEMBER_UNSIGNED, 8},
    {NULL, MEMBER_HIDDEN, 8, .count = 2},
    {"fe_flags", MEMBER_SET, 4, .set = A_FIEMAP_EXTENT},
    {NULL, MEMBER_HIDDEN, 4, .count = 3},
};
static const struct layout extent_layout = LAYOUT(extent);

static const struct member extent_map[] = {
    {"fm_start", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"fm_length", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"fm_flags", MEMBER_SET, 4, .set = A_FIEMAP_FLAGS},
    {"fm_mapped_extents", MEMBER_UNSIGNED, 4, .when = AT_EXIT},
    {"fm_extent_count", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {NULL, MEMBER_HIDDEN, 4},
};
static const struct layout extent_map_layout = LAYOUT(extent_map);

static void show_extents(struct decoding *decoding, uint64_t address) {
    if (!entry_begins(decoding, &extent_map_layout, address)) {
        return;
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &extent_map_layout, address);
    if (!after) {
        return;
    }
    show_arrow(decoding);
    show_open(decoding, NULL, "{");
    show_members(decoding, &extent_map_layout, after, AT_EXIT);
    if (decoding->verbose) {
        show_layouts_at(decoding, "fm_extents", address + layout_size(decoding, &extent_map_layout),
                        number_in(after + 20, 4), &extent_layout);
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static const struct ioctl_form file_forms[] = {
    {FICLONERANGE, FORM_ONE_WAY, &clone_range_layout},
    {FIDEDUPERANGE, FORM_OWN, .show = show_dedupe},
    {FITRIM, FORM_ONE_WAY, &trim_range_layout},
    {FS_IOC32_GETFLAGS, FORM_ONE_WAY, &flags_layout},
    {FS_IOC32_SETFLAGS, FORM_ONE_WAY, &flags_layout},
    {FS_IOC_FIEMAP, FORM_OWN, .show = show_extents},
    {FS_IOC_FSGETXATTR, FORM_ONE_WAY, &attributes_layout},
    {FS_IOC_FSSETXATTR, FORM_OWN, .show = show_attributes_set},
    {FS_IOC_GETFLAGS, FORM_ONE_WAY, &flags_layout},
    {FS_IOC_GETFSLABEL, FORM_OWN, .show = show_label},
    {FS_IOC_SETFLAGS, FORM_ONE_WAY, &flags_layout},
    {FS_IOC_SETFSLABEL, FORM_OWN, .show = show_label},
};

void decode_file_request(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, file_forms, COUNT_OF(file_forms));
}

/* ------------------------------------------------------------------------ userfaultfd */

static const struct member range[] = {
    {"start", MEMBER_HEX, 8},
    {"len", MEMBER_HEX, 8},
};
static const struct layout range_layout = LAYOUT(range);

static const struct member api[] = {
    {"api", MEMBER_HEX, 8, .when = AT_ENTRY},
    {"features", MEMBER_SET, 8, .set = A_UFFD_FEATURES, .when = AT_ENTRY},
    {"ioctls", MEMBER_SET, 8, .set = A_UFFDIO_OF_API, .when = AT_EXIT},
};
static const struct layout api_layout = LAYOUT(api);

static void show_api(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &api_layout, address);
    if (!before) {
        return;
    }
    uint64_t features = number_in(before + 8, 8);
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &api_layout, address);
    if (after) {
        if (number_in(after + 8, 8) != features) {
            show_arrow(decoding);
            show_set(decoding, "features", A_UFFD_FEATURES, number_in(after + 8, 8));
        }
        show_members(decoding, &api_layout, after, AT_EXIT);
    }
    show_close(decoding, "}");
}

static const struct member registration[] = {
    {"range", MEMBER_LAYOUT, .layout = &range_layout, .when = AT_ENTRY},
    {"mode", MEMBER_SET, 8, .set = A_UFFDIO_REGISTER_MODE, .when = AT_ENTRY},
    {"ioctls", MEMBER_SET, 8, .set = A_UFFDIO_OF_RANGE, .when = AT_EXIT},
};
static const struct layout registration_layout = LAYOUT(registration);

static const struct member copying[] = {
    {"dst", MEMBER_HEX, 8, .when = AT_ENTRY}, {"src", MEMBER_HEX, 8, .when = AT_ENTRY},
    {"len", MEMBER_HEX, 8, .when = AT_ENTRY}, {"mode", MEMBER_SET, 8, .set = A_UFFDIO_COPY_MODE, .when = AT_ENTRY},
    {"copy", MEMBER_HEX, 8, .when = AT_EXIT},
};
static const struct layout copying_layout = LAYOUT(copying);

static const struct member zeroing[] = {
    {"range", MEMBER_LAYOUT, .layout = &range_layout, .when = AT_ENTRY},
    {"mode", MEMBER_SET, 8, .set = A_UFFDIO_ZEROPAGE_MODE, .when = AT_ENTRY},
    {"zeropage", MEMBER_HEX, 8, .when = AT_EXIT},
};
static const struct layout zeroing_layout = LAYOUT(zeroing);

static const struct ioctl_form fault_forms[] = {
    {UFFDIO_API, FORM_OWN, .show = show_api},
    {UFFDIO_COPY, FORM_JOINED, &copying_layout},
    {UFFDIO_REGISTER, FORM_JOINED, &registration_layout},
    {UFFDIO_UNREGISTER, FORM_ONE_WAY, &range_layout},
    {UFFDIO_WAKE, FORM_ONE_WAY, &range_layout},
    {UFFDIO_ZEROPAGE, FORM_JOINED, &zeroing_layout},
};

void decode_userfault(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, fault_forms, COUNT_OF(fault_forms));
}

/* ---------------------------------------------------------------------- random numbers */

static void show_entropy(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, 2 * sizeof(int32_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    int32_t bits = take_i32(&members);
    int32_t size = take_i32(&members);
    show_open(decoding, NULL, "{");
    show_signed(decoding, "entropy_count", bits);
    show_signed(decoding, "buf_size", size);
    show_buffer_at(decoding, "buf", address + 2 * sizeof(int32_t), (uint64_t)(int64_t)size);
    show_close(decoding, "}");
}

static const struct ioctl_form random_forms[] = {
    {RNDADDENTROPY, FORM_OWN, .show = show_entropy},
};

void decode_random(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, random_forms, COUNT_OF(random_forms));
}

/* ------------------------------------------------------------------------------ seccomp */

static const struct member filtered_call[] = {
    {"nr", MEMBER_UNSIGNED, 4},
    {"arch", MEMBER_SET, 4, .set = A_AUDIT_ARCH},
    {"instruction_pointer", MEMBER_ADDRESS, 8},
    {"args", MEMBER_HEX, 8, .count = 6},
};
static const struct layout filtered_call_layout = LAYOUT(filtered_call);

static void show_process_id(struct decoding *decoding, const char *name, uint64_t id) {
    show_process(decoding, name, (int32_t)id);
}

/* As the kernel returns it: -EPERM. */
static void show_negative_error(struct decoding *decoding, const char *name, uint64_t number) {
    int32_t error = (int32_t)number;
    const char *word = error < 0 ? errno_name(-(int64_t)error) : NULL;
    if (word) {
        show_words(decoding, name, "-%s", word);
    } else {
        show_signed(decoding, name, error);
    }
}

static const struct member notification[] = {
    {"id", MEMBER_HEX, 8},
    {"pid", MEMBER_NUMBER, 4, .show_number = show_process_id},
    {"flags", MEMBER_HEX, 4},
    {"data", MEMBER_LAYOUT, .layout = &filtered_call_layout},
};
static const struct layout notification_layout = LAYOUT(notification);

/* strace shows what is there before the call if it is not zeros, as it has to be. */
static void show_notification(struct decoding *decoding, uint64_t address) {
    unsigned size = layout_size(decoding, &notification_layout);
    const uint8_t *before = entry_bytes(decoding, address, size);
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    bool is_zero = !memcmp(before, (const uint8_t[sizeof(struct seccomp_notif)]){0}, size);
    if (!is_zero) {
        show_layout(decoding, NULL, &notification_layout, before);
    }
    const uint8_t *after = exit_bytes(decoding, &notification_layout, address);
    if (after) {
        if (!is_zero) {
            show_arrow(decoding);
        }
        show_layout(decoding, NULL, &notification_layout, after);
    } else if (is_zero) {
        show_address(decoding, NULL, address);
    } else if (decoding->result < 0) {
        show_arrow(decoding);
        show_address(decoding, NULL, address);
    }
}

static const struct member answer[] = {
    {"id", MEMBER_HEX, 8},
    {"val", MEMBER_SIGNED, 8},
    {"error", MEMBER_NUMBER, 4, .show_number = show_negative_error},
    {"flags", MEMBER_SET, 4, .set = A_NOTIF_FLAGS},
};
static const struct layout answer_layout = LAYOUT(answer);

static const struct member addition[] = {
    {"id", MEMBER_HEX, 8},
    {"flags", MEMBER_SET, 4, .set = A_ADDFD_FLAGS},
    {"srcfd", MEMBER_DESCRIPTOR, 4},
    {"newfd", MEMBER_SIGNED, 4},
    {"newfd_flags", MEMBER_SET, 4, .set = A_OPEN_FLAGS_ONLY},
};
static const struct layout addition_layout = LAYOUT(addition);

static const struct member notification_id[] = {{NULL, MEMBER_HEX, 8}};
static const struct layout notification_id_layout = BARE_LAYOUT(notification_id);

static const struct ioctl_form notifier_forms[] = {
    {SECCOMP_IOCTL_NOTIF_ADDFD, FORM_ONE_WAY, &addition_layout},
    {SECCOMP_IOCTL_NOTIF_ID_VALID, FORM_ONE_WAY, &notification_id_layout},
    {SECCOMP_IOCTL_NOTIF_RECV, FORM_OWN, .show = show_notification},
    {SECCOMP_IOCTL_NOTIF_SEND, FORM_ONE_WAY, &answer_layout},
};

void decode_notifier(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, notifier_forms, COUNT_OF(notifier_forms));
}
