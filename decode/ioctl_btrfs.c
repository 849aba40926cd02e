/* SPDX-License-Identifier: MIT
 *
 * Requests of btrfs: volumes, devices, balancing and quotas (linux/btrfs.h); decode/ioctl_btrfs_search.c has those that
 * look for something.
 */
#include "decode_btrfs.h"

#include <linux/btrfs.h>

/* UINT64_MAX by name, as it means that there is no limit. */
void show_btrfs_limit(struct decoding *decoding, const char *name, uint64_t number) {
    if (number == UINT64_MAX) {
        show_words(decoding, name, "UINT64_MAX");
    } else {
        show_unsigned(decoding, name, number);
    }
}

#define LIMIT(name)                                                                                                    \
    { name, MEMBER_NUMBER, 8, .show_number = show_btrfs_limit }

/* A number and a name. */
static const struct member volume[] = {
    {"fd", MEMBER_DESCRIPTOR, 8},
    {"name", MEMBER_NAME, .count = BTRFS_PATH_NAME_MAX + 1},
};
static const struct layout volume_layout = LAYOUT(volume);

/* ----------------------------------------------------------------------------- balance */

static const struct member balance_part[] = {
    {"profiles", MEMBER_SET, 8, .set = A_BTRFS_BLOCK_GROUP},
    LIMIT("usage"),
    {"devid", MEMBER_DEVICE, 8},
    LIMIT("pstart"),
    LIMIT("pend"),
    LIMIT("vstart"),
    LIMIT("vend"),
    LIMIT("target"),
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_BALANCE_ARGS},
    {NULL, MEMBER_HIDDEN, 8, .count = 8},
};
static const struct layout balance_part_layout = {
    .members = balance_part, .count = COUNT_OF(balance_part), .is_packed = true};

static const struct member balance[] = {
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_BALANCE},
    {"state", MEMBER_SET, 8, .set = A_BTRFS_BALANCE_STATE, .when = AT_EXIT},
};
static const struct layout balance_layout = {
    .members = balance, .count = COUNT_OF(balance), .size = sizeof(struct btrfs_ioctl_balance_args)};

static void show_balance_parts(struct decoding *decoding, const uint8_t *bytes) {
    static const struct {
        const char *name;
        uint64_t flag;
        size_t at;
    } parts[] = {
        {"data", BTRFS_BALANCE_DATA, offsetof(struct btrfs_ioctl_balance_args, data)},
        {"meta", BTRFS_BALANCE_METADATA, offsetof(struct btrfs_ioctl_balance_args, meta)},
        {"sys", BTRFS_BALANCE_SYSTEM, offsetof(struct btrfs_ioctl_balance_args, sys)},
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (number_in(bytes, 8) & parts[i].flag) {
            show_layout(decoding, parts[i].name, &balance_part_layout, bytes + parts[i].at);
        }
    }
    show_close(decoding, "}");
}

static void show_balance(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &balance_layout, address);
    if (!before) {
        /* strace looks there again, even so. */
        if (decoding->delivered) {
            show_arrow(decoding);
            show_address(decoding, NULL, address);
        }
        return;
    }
    show_balance_parts(decoding, before);
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &balance_layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_members(decoding, &balance_layout, after, 0);
        show_balance_parts(decoding, after);
    }
}

static void show_progress(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, layout_size(decoding, &balance_layout));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_members(decoding, &balance_layout, bytes, 0);
    show_balance_parts(decoding, bytes);
}

/* ----------------------------------------------------------------------------- devices */

static void show_uuid_member(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    show_uuid(decoding, name, bytes);
}

static const struct member device_info[] = {
    {"devid", MEMBER_DEVICE, 8, .when = AT_ENTRY},
    {"uuid", MEMBER_LAYOUT, BTRFS_UUID_SIZE, .show = show_uuid_member, .when = IF_SET},
    {"bytes_used", MEMBER_UNSIGNED, 8, .when = AT_EXIT},
    {"total_bytes", MEMBER_UNSIGNED, 8, .when = AT_EXIT},
    {NULL, MEMBER_HIDDEN, 8, .count = 379},
    {"path", MEMBER_NAME, .count = BTRFS_DEVICE_PATH_NAME_MAX, .when = AT_EXIT},
};
static const struct layout device_info_layout = LAYOUT(device_info);

static const struct member statistics[] = {
    {"devid", MEMBER_DEVICE, 8, .when = AT_ENTRY},
    {"nr_items", MEMBER_UNSIGNED, 8},
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_STATS_FLAGS},
    {NULL, MEMBER_HIDDEN, 8, .count = BTRFS_DEV_STAT_VALUES_MAX},
};
static const struct layout statistics_layout = LAYOUT(statistics);

static void show_statistics(struct decoding *decoding, uint64_t address) {
    enum {
        VALUES = 24,
    };
    const uint8_t *after = answer_begins(decoding, &statistics_layout, address);
    if (!after) {
        return;
    }
    uint64_t count = number_in(after + 8, 8);
    show_members(decoding, &statistics_layout, after, AT_EXIT);
    show_open(decoding, NULL, "[");
    for (unsigned i = 0; i < count && i < BTRFS_DEV_STAT_VALUES_MAX; i++) {
        const struct constant *name = constant_find(constant_set(A_BTRFS_STATS), i);
        show_words(decoding, NULL, "[%s]=%llu", name ? name->name : "",
                   (unsigned long long)number_in(after + VALUES + (size_t)i * 8, 8));
    }
    if (count > BTRFS_DEV_STAT_VALUES_MAX) {
        show_dots(decoding);
    }
    show_close(decoding, "]");
    show_close(decoding, "}");
}

enum {
    REPLACED_NAME = BTRFS_DEVICE_PATH_NAME_MAX + 1,
};

static const struct member replacement_start[] = {
    {"srcdevid", MEMBER_DEVICE, 8},
    {"cont_reading_from_srcdev_mode", MEMBER_SET, 8, .set = A_BTRFS_READ_SOURCE},
    {"srcdev_name", MEMBER_NAME, .count = REPLACED_NAME},
    {"tgtdev_name", MEMBER_NAME, .count = REPLACED_NAME},
};
static const struct layout replacement_start_layout = LAYOUT(replacement_start);

static void show_thousandth(struct decoding *decoding, const char *name, uint64_t number) {
    show_unsigned(decoding, name, number);
    if (number <= 1000) {
        show_comment(decoding, "%u.%u%%", (unsigned)number / 10, (unsigned)number % 10);
    }
}

static void show_seconds(struct decoding *decoding, const char *name, uint64_t number) {
    show_unsigned(decoding, name, number);
    show_when(decoding, (int64_t)number, 0);
}

static const struct member replacement_status[] = {
    {"replace_state", MEMBER_SET, 8, .set = A_BTRFS_REPLACE_STATE},
    {"progress_1000", MEMBER_NUMBER, 8, .show_number = show_thousandth},
    {"time_started", MEMBER_NUMBER, 8, .show_number = show_seconds},
    {"time_stopped", MEMBER_NUMBER, 8, .show_number = show_seconds},
    {"num_write_errors", MEMBER_UNSIGNED, 8},
    {"num_uncorrectable_read_errors", MEMBER_UNSIGNED, 8},
};
static const struct layout replacement_status_layout = LAYOUT(replacement_status);

static const struct member replacement[] = {
    {"cmd", MEMBER_SET, 8, .set = A_BTRFS_REPLACE_CMD, .when = AT_ENTRY},
    {"result", MEMBER_SET, 8, .set = A_BTRFS_REPLACE_RESULT, .when = AT_EXIT},
};

static void show_replacement(struct decoding *decoding, uint64_t address) {
    enum {
        BODY = 16,
    };
    static const struct layout layout = {
        .members = replacement, .count = COUNT_OF(replacement), .size = sizeof(struct btrfs_ioctl_dev_replace_args)};
    const uint8_t *before = entry_begins(decoding, &layout, address);
    if (!before) {
        return;
    }
    if (number_in(before, 8) == BTRFS_IOCTL_DEV_REPLACE_CMD_START) {
        show_layout(decoding, "start", &replacement_start_layout, before + BODY);
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_members(decoding, &layout, after, AT_EXIT);
        if (number_in(after, 8) == BTRFS_IOCTL_DEV_REPLACE_CMD_STATUS) {
            show_layout(decoding, "status", &replacement_status_layout, after + BODY);
        }
        show_close(decoding, "}");
    }
}

static const struct member scrub_progress[] = {
    {"data_extents_scrubbed", MEMBER_UNSIGNED, 8}, {"tree_extents_scrubbed", MEMBER_UNSIGNED, 8},
    {"data_bytes_scrubbed", MEMBER_UNSIGNED, 8},   {"tree_bytes_scrubbed", MEMBER_UNSIGNED, 8},
    {"read_errors", MEMBER_UNSIGNED, 8},           {"csum_errors", MEMBER_UNSIGNED, 8},
    {"verify_errors", MEMBER_UNSIGNED, 8},         {"no_csum", MEMBER_UNSIGNED, 8},
    {"csum_discards", MEMBER_UNSIGNED, 8},         {"super_errors", MEMBER_UNSIGNED, 8},
    {"malloc_errors", MEMBER_UNSIGNED, 8},         {"uncorrectable_errors", MEMBER_UNSIGNED, 8},
    {"corrected_errors", MEMBER_UNSIGNED, 8},      {"last_physical", MEMBER_UNSIGNED, 8},
    {"unverified_errors", MEMBER_UNSIGNED, 8},
};
static const struct layout scrub_progress_layout = LAYOUT(scrub_progress);

static const struct member scrub[] = {
    {"devid", MEMBER_DEVICE, 8, .when = AT_ENTRY},
    {"start", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"end", MEMBER_NUMBER, 8, .show_number = show_btrfs_limit, .when = AT_ENTRY},
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_SCRUB, .when = AT_ENTRY},
    {"progress", MEMBER_LAYOUT, .layout = &scrub_progress_layout, .when = AT_EXIT},
};
static const struct layout scrub_layout = {
    .members = scrub, .count = COUNT_OF(scrub), .size = sizeof(struct btrfs_ioctl_scrub_args)};

static const struct member scrub_state[] = {
    {"devid", MEMBER_DEVICE, 8, .when = AT_ENTRY},
    {NULL, MEMBER_HIDDEN, 8, .count = 3},
    {"progress", MEMBER_LAYOUT, .layout = &scrub_progress_layout, .when = AT_EXIT},
};
static const struct layout scrub_state_layout = {
    .members = scrub_state, .count = COUNT_OF(scrub_state), .size = sizeof(struct btrfs_ioctl_scrub_args)};

/* ------------------------------------------------------------------------ file systems */

/* None of these has a name yet. */
static void show_compatible(struct decoding *decoding, const char *name, uint64_t number) {
    show_hex(decoding, name, number);
    if (number) {
        show_comment(decoding, "BTRFS_FEATURE_COMPAT_???");
    }
}

static const struct member features[] = {
    {"compat_flags", MEMBER_NUMBER, 8, .show_number = show_compatible},
    {"compat_ro_flags", MEMBER_SET, 8, .set = A_BTRFS_COMPAT_RO},
    {"incompat_flags", MEMBER_SET, 8, .set = A_BTRFS_INCOMPAT},
};
static const struct layout features_layout = LAYOUT(features);

static const struct member change[] = {
    {NULL, MEMBER_LAYOUT, .layout = &features_layout},
    {NULL, MEMBER_LAYOUT, .layout = &features_layout},
};
static const struct layout change_layout = BARE_LAYOUT(change);

static void show_supported(struct decoding *decoding, uint64_t address) {
    static const char *const comments[] = {"supported", "safe to set", "safe to clear"};
    unsigned size = layout_size(decoding, &features_layout);
    const uint8_t *bytes = memory_at(decoding, address, (size_t)size * COUNT_OF(comments));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "[");
    for (unsigned i = 0; i < COUNT_OF(comments); i++) {
        show_layout(decoding, NULL, &features_layout, bytes + (size_t)i * size);
        show_comment(decoding, "%s", comments[i]);
    }
    show_close(decoding, "]");
}

static void show_filesystem(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct btrfs_ioctl_fs_info_args));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "max_id", take_u64(&members));
    show_unsigned(decoding, "num_devices", take_u64(&members));
    show_uuid(decoding, "fsid", take_bytes(&members, BTRFS_FSID_SIZE));
    show_unsigned(decoding, "nodesize", take_u32(&members));
    show_unsigned(decoding, "sectorsize", take_u32(&members));
    show_unsigned(decoding, "clone_alignment", take_u32(&members));
    uint16_t type = take_u16(&members);
    uint16_t size = take_u16(&members);
    uint64_t flags = take_u64(&members);
    if (flags & BTRFS_FS_INFO_FLAG_CSUM_INFO) {
        show_set(decoding, "csum_type", A_BTRFS_CSUM, type);
        show_unsigned(decoding, "csum_size", size);
    }
    show_set(decoding, "flags", A_BTRFS_FS_INFO, flags);
    uint64_t generation = take_u64(&members);
    if (flags & BTRFS_FS_INFO_FLAG_GENERATION) {
        show_unsigned(decoding, "generation", generation);
    }
    const uint8_t *uuid = take_bytes(&members, BTRFS_FSID_SIZE);
    if (flags & BTRFS_FS_INFO_FLAG_METADATA_UUID) {
        show_uuid(decoding, "metadata_uuid", uuid);
    }
    show_close(decoding, "}");
}

static const struct member defragmentation[] = {
    {"start", MEMBER_UNSIGNED, 8},
    LIMIT("len"),
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_DEFRAG},
    {"extent_thresh", MEMBER_UNSIGNED, 4},
    {"compress_type", MEMBER_SET, 4, .set = A_BTRFS_COMPRESS},
    {NULL, MEMBER_HIDDEN, 4, .count = 4},
};
static const struct layout defragmentation_layout = LAYOUT(defragmentation);

/* ----------------------------------------------------------------------- volumes, quotas */

static const struct member quota_limit[] = {
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_QGROUP_LIMIT},
    {"max_rfer", MEMBER_UNSIGNED, 8},
    {"max_excl", MEMBER_UNSIGNED, 8},
    {"rsv_rfer", MEMBER_UNSIGNED, 8},
    {"rsv_excl", MEMBER_UNSIGNED, 8},
};
static const struct layout quota_limit_layout = LAYOUT(quota_limit);

static const struct member limiting[] = {
    {"qgroupid", MEMBER_UNSIGNED, 8},
    {"lim", MEMBER_LAYOUT, .layout = &quota_limit_layout},
};
static const struct layout limiting_layout = LAYOUT(limiting);

static const struct member inheritance[] = {
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_QGROUP_INHERIT},
    {"num_qgroups", MEMBER_UNSIGNED, 8},
    {"num_ref_copies", MEMBER_UNSIGNED, 8},
    {"num_excl_copies", MEMBER_UNSIGNED, 8},
    {"lim", MEMBER_LAYOUT, .layout = &quota_limit_layout},
};
static const struct layout inheritance_layout = LAYOUT(inheritance);

static void show_quota_group(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, number_in(element, 8));
}

static void show_inheritance(struct decoding *decoding, uint64_t address) {
    unsigned size = layout_size(decoding, &inheritance_layout);
    const uint8_t *bytes = memory_at(decoding, address, size);
    if (!bytes) {
        show_address(decoding, "qgroup_inherit", address);
        return;
    }
    show_open(decoding, "qgroup_inherit", "{");
    show_members(decoding, &inheritance_layout, bytes, 0);
    if (decoding->verbose) {
        show_vector(decoding, "qgroups", address + size, number_in(bytes + 8, 8), 8, show_quota_group, NULL);
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static const struct member volume_creation[] = {
    {"fd", MEMBER_DESCRIPTOR, 8, .when = AT_ENTRY},
    {"transid", MEMBER_UNSIGNED, 8, .when = AT_EXIT},
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_SUBVOL, .when = AT_ENTRY},
};
static const struct layout volume_creation_layout = {
    .members = volume_creation, .count = COUNT_OF(volume_creation), .size = sizeof(struct btrfs_ioctl_vol_args_v2)};

static void show_volume_creation(struct decoding *decoding, uint64_t address) {
    enum {
        NAME = 56,
    };
    const uint8_t *before = entry_begins(decoding, &volume_creation_layout, address);
    if (!before) {
        return;
    }
    if (number_in(before + 16, 8) & BTRFS_SUBVOL_QGROUP_INHERIT) {
        show_unsigned(decoding, "size", number_in(before + 24, 8));
        show_inheritance(decoding, number_in(before + 32, word_bytes(decoding)));
    }
    show_name(decoding, "name", before + NAME, BTRFS_SUBVOL_NAME_MAX + 1);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &volume_creation_layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_members(decoding, &volume_creation_layout, after, AT_EXIT);
        show_close(decoding, "}");
    }
}

static void show_point(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    uint64_t seconds = number_in(bytes, 8);
    uint32_t nanoseconds = (uint32_t)number_in(bytes + 8, 4);
    show_open(decoding, name, "{");
    show_unsigned(decoding, "sec", seconds);
    show_unsigned(decoding, "nsec", nanoseconds);
    show_close(decoding, "}");
    show_when(decoding, (int64_t)seconds, nanoseconds);
}

/* struct btrfs_ioctl_received_subvol_args, whose times end in a hole on x86-64. */
static void show_received(struct decoding *decoding, uint64_t address) {
    static const struct member moment[] = {
        {NULL, MEMBER_HIDDEN, 8},
        {NULL, MEMBER_HIDDEN, 4},
    };
    static const struct layout moment_layout = LAYOUT(moment);
    unsigned moment_size = layout_size(decoding, &moment_layout);
    unsigned stime = BTRFS_UUID_SIZE + 16;
    unsigned flags = stime + 2 * moment_size;
    const struct layout layout = {.size = flags + 8 + 16 * 8, .members = moment, .count = 0};
    const uint8_t *before = entry_begins(decoding, &layout, address);
    if (!before) {
        return;
    }
    show_uuid(decoding, "uuid", before);
    show_unsigned(decoding, "stransid", number_in(before + BTRFS_UUID_SIZE, 8));
    show_point(decoding, "stime", before + stime);
    show_unsigned(decoding, "flags", number_in(before + flags, 8));
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "rtransid", number_in(after + BTRFS_UUID_SIZE + 8, 8));
        show_point(decoding, "rtime", after + stime + moment_size);
        show_close(decoding, "}");
    }
}

static const struct member assignment[] = {
    {"assign", MEMBER_UNSIGNED, 8},
    {"src", MEMBER_UNSIGNED, 8},
    {"dst", MEMBER_UNSIGNED, 8},
};
static const struct layout assignment_layout = LAYOUT(assignment);
static const struct member group_creation[] = {
    {"create", MEMBER_UNSIGNED, 8},
    {"qgroupid", MEMBER_UNSIGNED, 8},
};
static const struct layout group_creation_layout = LAYOUT(group_creation);
static const struct member quota_control[] = {
    {"cmd", MEMBER_SET, 8, .set = A_BTRFS_QUOTA_CTL},
    {NULL, MEMBER_HIDDEN, 8},
};
static const struct layout quota_control_layout = LAYOUT(quota_control);
static const struct member rescan[] = {
    {"flags", MEMBER_UNSIGNED, 8},
    {NULL, MEMBER_HIDDEN, 8, .count = 7},
};
static const struct layout rescan_layout = LAYOUT(rescan);
static const struct member rescan_status[] = {
    {"flags", MEMBER_UNSIGNED, 8},
    {"progress", MEMBER_NUMBER, 8, .show_number = show_btrfs_object},
    {NULL, MEMBER_HIDDEN, 8, .count = 6},
};
static const struct layout rescan_status_layout = LAYOUT(rescan_status);

static const struct member volume_flags[] = {{NULL, MEMBER_SET, 8, .set = A_BTRFS_SUBVOL}};
static const struct layout volume_flags_layout = NAKED_LAYOUT(volume_flags);

static const struct ioctl_form forms[] = {
    {BTRFS_IOC_ADD_DEV, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_BALANCE_PROGRESS, FORM_OWN, .show = show_progress},
    {BTRFS_IOC_BALANCE_V2, FORM_OWN, .show = show_balance},
    {BTRFS_IOC_DEFRAG_RANGE, FORM_ONE_WAY, &defragmentation_layout},
    {BTRFS_IOC_DEVICES_READY, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_DEV_INFO, FORM_ARROW, &device_info_layout},
    {BTRFS_IOC_DEV_REPLACE, FORM_OWN, .show = show_replacement},
    {BTRFS_IOC_FORGET_DEV, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_FS_INFO, FORM_OWN, .show = show_filesystem},
    {BTRFS_IOC_GET_DEV_STATS, FORM_OWN, .show = show_statistics},
    {BTRFS_IOC_GET_FEATURES, FORM_ONE_WAY, &features_layout},
    {BTRFS_IOC_GET_SUPPORTED_FEATURES, FORM_OWN, .show = show_supported},
    {BTRFS_IOC_INO_LOOKUP, FORM_OWN, .show = show_btrfs_lookup},
    {BTRFS_IOC_INO_PATHS, FORM_OWN, .show = show_btrfs_paths},
    {BTRFS_IOC_LOGICAL_INO, FORM_OWN, .show = show_btrfs_owners},
    {BTRFS_IOC_QGROUP_ASSIGN, FORM_ONE_WAY, &assignment_layout},
    {BTRFS_IOC_QGROUP_CREATE, FORM_ONE_WAY, &group_creation_layout},
    {BTRFS_IOC_QGROUP_LIMIT, FORM_ONE_WAY, &limiting_layout},
    {BTRFS_IOC_QUOTA_CTL, FORM_ONE_WAY, &quota_control_layout},
    {BTRFS_IOC_QUOTA_RESCAN, FORM_ONE_WAY, &rescan_layout},
    {BTRFS_IOC_QUOTA_RESCAN_STATUS, FORM_ONE_WAY, &rescan_status_layout},
    {BTRFS_IOC_RESIZE, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_RM_DEV, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_SCAN_DEV, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_SCRUB, FORM_ARROW, &scrub_layout},
    {BTRFS_IOC_SCRUB_PROGRESS, FORM_ARROW, &scrub_state_layout},
    {BTRFS_IOC_SEND, FORM_OWN, .show = show_btrfs_sending},
    {BTRFS_IOC_SET_FEATURES, FORM_ONE_WAY, &change_layout},
    {BTRFS_IOC_SET_RECEIVED_SUBVOL, FORM_OWN, .show = show_received},
    {BTRFS_IOC_SNAP_CREATE, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_SNAP_CREATE_V2, FORM_OWN, .show = show_volume_creation},
    {BTRFS_IOC_SNAP_DESTROY, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_SPACE_INFO, FORM_OWN, .show = show_btrfs_space},
    {BTRFS_IOC_SUBVOL_CREATE, FORM_ONE_WAY, &volume_layout},
    {BTRFS_IOC_SUBVOL_CREATE_V2, FORM_OWN, .show = show_volume_creation},
    {BTRFS_IOC_SUBVOL_GETFLAGS, FORM_ONE_WAY, &volume_flags_layout},
    {BTRFS_IOC_SUBVOL_SETFLAGS, FORM_ONE_WAY, &volume_flags_layout},
    {BTRFS_IOC_TREE_SEARCH, FORM_OWN, .show = show_btrfs_search},
    {BTRFS_IOC_TREE_SEARCH_V2, FORM_OWN, .show = show_btrfs_search},
};

void decode_btrfs(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, forms, COUNT_OF(forms));
}
