/* SPDX-License-Identifier: MIT
 *
 * Block devices (linux/blkpg.h, linux/blktrace_api.h), IDE disks (linux/hdreg.h) and loop devices (linux/loop.h).
 */
#include "decode_ioctl.h"

#include <linux/blkpg.h>
#include <linux/blktrace_api.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/loop.h>

/* ---------------------------------------------------------------------- block devices */

static const struct member partition[] = {
    {"start", MEMBER_SIGNED, 8},
    {"length", MEMBER_SIGNED, 8},
    {"pno", MEMBER_SIGNED, 4},
    {"devname", MEMBER_NAME, .count = BLKPG_DEVNAMELTH},
    {"volname", MEMBER_NAME, .count = BLKPG_VOLNAMELTH},
};
static const struct layout partition_layout = LAYOUT(partition);

static const struct member partitioning[] = {
    {"op", MEMBER_SET, 4, .set = A_BLKPG},
    {"flags", MEMBER_SIGNED, 4},
    {"datalen", MEMBER_SIGNED, 4},
    {NULL, MEMBER_HIDDEN},
};
static const struct layout partitioning_layout = LAYOUT(partitioning);

static void show_partitioning(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = entry_begins(decoding, &partitioning_layout, address);
    if (!bytes) {
        return;
    }
    uint64_t data = number_in(bytes + layout_offset(decoding, &partitioning_layout, 3), word_bytes(decoding));
    show_layout_at(decoding, "data", &partition_layout, data);
    show_close(decoding, "}");
    entry_ends(decoding);
}

static const struct member sectors[] = {
    {NULL, MEMBER_UNSIGNED, 8},
    {NULL, MEMBER_UNSIGNED, 8},
};
static const struct layout sectors_layout = BARE_LAYOUT(sectors);

static const struct member trace_setup[] = {
    {"name", MEMBER_HIDDEN, 1, .count = BLKTRACE_BDEV_SIZE},
    {"act_mask", MEMBER_UNSIGNED, 2, .when = AT_ENTRY},
    {"buf_size", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"buf_nr", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"start_lba", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"end_lba", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
    {"pid", MEMBER_SIGNED, 4, .when = AT_ENTRY},
};
static const struct layout trace_setup_layout = LAYOUT(trace_setup);

static void show_trace_setup(struct decoding *decoding, uint64_t address) {
    if (!entry_begins(decoding, &trace_setup_layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &trace_setup_layout, address);
    if (after) {
        show_name(decoding, "name", after, BLKTRACE_BDEV_SIZE);
    }
    show_close(decoding, "}");
}

static const struct member long_number[] = {{NULL, MEMBER_SIGNED}};
static const struct layout long_layout = BARE_LAYOUT(long_number);

static const struct ioctl_form block_forms[] = {
    {BLKDISCARD, FORM_ONE_WAY, &sectors_layout},    {BLKFRAGET, FORM_ONE_WAY, &long_layout},
    {BLKPG, FORM_OWN, .show = show_partitioning},   {BLKRAGET, FORM_ONE_WAY, &long_layout},
    {BLKSECDISCARD, FORM_ONE_WAY, &sectors_layout}, {BLKTRACESETUP, FORM_OWN, .show = show_trace_setup},
    {BLKZEROOUT, FORM_ONE_WAY, &sectors_layout},
};

void decode_block(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, block_forms, COUNT_OF(block_forms));
}

/* ------------------------------------------------------------------------------ disks */

static const struct member geometry[] = {
    {"heads", MEMBER_UNSIGNED, 1},
    {"sectors", MEMBER_UNSIGNED, 1},
    {"cylinders", MEMBER_UNSIGNED, 2},
    {"start", MEMBER_UNSIGNED},
};
static const struct layout geometry_layout = LAYOUT(geometry);

static const struct member drive_command[] = {
    {"command", MEMBER_SET, 1, .set = A_ATA_CMD},
    {"sector_number", MEMBER_UNSIGNED, 1},
    {"feature", MEMBER_UNSIGNED, 1},
    {"sector_count", MEMBER_UNSIGNED, 1},
};
static const struct layout drive_command_layout = LAYOUT(drive_command);

static void show_drive_command(struct decoding *decoding, uint64_t address) {
    enum {
        SECTOR = 512,
    };
    if (!entry_begins(decoding, &drive_command_layout, address)) {
        return;
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &drive_command_layout, address);
    if (!after) {
        return;
    }
    show_arrow(decoding);
    show_open(decoding, NULL, "{");
    show_hex(decoding, "status", after[0]);
    show_unsigned(decoding, "error", after[1]);
    show_unsigned(decoding, "nsector", after[2]);
    if (after[3]) {
        show_hex_buffer_at(decoding, "buf", address + 4, (uint64_t)after[3] * SECTOR);
    }
    show_close(decoding, "}");
}

/* Of 32-bit programs the kernel takes none of these requests but two, and strace shows no more. */
static void show_disk_numbers(struct decoding *decoding, uint64_t address) {
    static const struct member port[] = {{NULL, MEMBER_HEX, 4}};
    static const struct layout layout = NAKED_LAYOUT(port);
    if (decoding->arch == ARCH_I386) {
        show_address(decoding, NULL, address);
    } else {
        show_layouts_at(decoding, NULL, address, 3, &layout);
    }
}

static void show_identity(struct decoding *decoding, uint64_t address) {
    bool is_old = request_of(decoding) == HDIO_OBSOLETE_IDENTITY;
    if (decoding->arch == ARCH_I386) {
        show_address(decoding, NULL, address);
    } else {
        show_buffer_at(decoding, NULL, address, is_old ? 142 : 512);
    }
}

static const struct member nice[] = {{NULL, MEMBER_SET, 0, .set = A_IDE_NICE}};
static const struct layout nice_layout = BARE_LAYOUT(nice);
static const struct member bus_state[] = {{NULL, MEMBER_SET, 0, .set = A_BUSSTATE}};
static const struct layout bus_state_layout = BARE_LAYOUT(bus_state);
static const struct member setting[] = {{NULL, MEMBER_UNSIGNED}};
static const struct layout setting_layout = BARE_LAYOUT(setting);

static void show_setting(struct decoding *decoding, uint64_t address) {
    uint32_t request = request_of(decoding);
    if (decoding->arch == ARCH_I386) {
        show_address(decoding, NULL, address);
    } else {
        show_layout_at(decoding, NULL,
                       request == HDIO_GET_NICE       ? &nice_layout
                       : request == HDIO_GET_BUSSTATE ? &bus_state_layout
                                                      : &setting_layout,
                       address);
    }
}

static const struct ioctl_form disk_forms[] = {
    {HDIO_DRIVE_CMD, FORM_OWN, .show = show_drive_command}, {HDIO_DRIVE_RESET, FORM_OWN, .show = show_disk_numbers},
    {HDIO_GETGEO, FORM_ONE_WAY, &geometry_layout},          {HDIO_GET_32BIT, FORM_OWN, .show = show_setting},
    {HDIO_GET_ACOUSTIC, FORM_OWN, .show = show_setting},    {HDIO_GET_ADDRESS, FORM_OWN, .show = show_setting},
    {HDIO_GET_BUSSTATE, FORM_OWN, .show = show_setting},    {HDIO_GET_DMA, FORM_OWN, .show = show_setting},
    {HDIO_GET_IDENTITY, FORM_OWN, .show = show_identity},   {HDIO_GET_KEEPSETTINGS, FORM_OWN, .show = show_setting},
    {HDIO_GET_MULTCOUNT, FORM_OWN, .show = show_setting},   {HDIO_GET_NICE, FORM_OWN, .show = show_setting},
    {HDIO_GET_NOWERR, FORM_OWN, .show = show_setting},      {HDIO_GET_UNMASKINTR, FORM_OWN, .show = show_setting},
    {HDIO_GET_WCACHE, FORM_OWN, .show = show_setting},      {HDIO_OBSOLETE_IDENTITY, FORM_OWN, .show = show_identity},
    {HDIO_SCAN_HWIF, FORM_OWN, .show = show_disk_numbers},
};

void decode_disk(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, disk_forms, COUNT_OF(disk_forms));
}

/* ------------------------------------------------------------------------------- loop */

/* As many bytes of the key as the structure says. */
static void show_key(struct decoding *decoding, const uint8_t *key, uint32_t size) {
    if (size > LO_KEY_SIZE) {
        size = LO_KEY_SIZE;
    }
    show_bytes(decoding, "lo_encrypt_key", key, size);
}

static void show_old_info(struct decoding *decoding, uint64_t address) {
    bool is_i386 = decoding->arch == ARCH_I386;
    const uint8_t *bytes = memory_at(decoding, address, is_i386 ? 140 : 168);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    /* __kernel_old_dev_t has 16 bits on i386. */
    struct members members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    show_signed(decoding, "lo_number", take_i32(&members));
    uint64_t device = is_i386 ? take_u16(&members) : take_u64(&members);
    uint64_t inode = take_word(&members);
    uint64_t real_device = is_i386 ? take_u16(&members) : take_u64(&members);
    if (decoding->verbose) {
        show_device(decoding, "lo_device", device);
        show_unsigned(decoding, "lo_inode", inode);
        show_device(decoding, "lo_rdevice", real_device);
    }
    show_hex(decoding, "lo_offset", take_u32(&members));
    uint32_t type = take_u32(&members);
    uint32_t key_size = take_u32(&members);
    bool shows_encryption = decoding->verbose || type != LO_CRYPT_NONE;
    if (shows_encryption) {
        show_set(decoding, "lo_encrypt_type", A_LO_CRYPT, type);
        show_unsigned(decoding, "lo_encrypt_key_size", key_size);
    }
    show_set(decoding, "lo_flags", A_LO_FLAGS, take_u32(&members));
    show_name(decoding, "lo_name", take_bytes(&members, LO_NAME_SIZE), LO_NAME_SIZE);
    const uint8_t *key = take_bytes(&members, LO_KEY_SIZE);
    if (shows_encryption) {
        show_key(decoding, key, key_size);
    }
    if (decoding->verbose) {
        uint64_t first = take_word(&members);
        show_open(decoding, "lo_init", "[");
        show_hex(decoding, NULL, first);
        show_hex(decoding, NULL, take_word(&members));
        show_close(decoding, "]");
        show_open(decoding, "reserved", "[");
        for (unsigned i = 0; i < 4; i++) {
            show_hex(decoding, NULL, take_u8(&members));
        }
        show_close(decoding, "]");
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

enum {
    INFO_SIZE = 232,
    RESERVED = 8, /* numbers behind it in struct loop_config */
};

/* struct loop_info64, which is the same on all architectures. */
static void show_info(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    show_open(decoding, name, "{");
    uint64_t device = take_u64(&members);
    uint64_t inode = take_u64(&members);
    uint64_t real_device = take_u64(&members);
    if (decoding->verbose) {
        show_device(decoding, "lo_device", device);
        show_unsigned(decoding, "lo_inode", inode);
        show_device(decoding, "lo_rdevice", real_device);
    }
    show_hex(decoding, "lo_offset", take_u64(&members));
    uint64_t limit = take_u64(&members);
    if (decoding->verbose) {
        show_unsigned(decoding, "lo_sizelimit", limit);
    }
    show_unsigned(decoding, "lo_number", take_u32(&members));
    uint32_t type = take_u32(&members);
    uint32_t key_size = take_u32(&members);
    bool shows_encryption = decoding->verbose || type != LO_CRYPT_NONE;
    if (shows_encryption) {
        show_set(decoding, "lo_encrypt_type", A_LO_CRYPT, type);
        show_unsigned(decoding, "lo_encrypt_key_size", key_size);
    }
    show_set(decoding, "lo_flags", A_LO_FLAGS, take_u32(&members));
    show_name(decoding, "lo_file_name", take_bytes(&members, LO_NAME_SIZE), LO_NAME_SIZE);
    const uint8_t *crypt_name = take_bytes(&members, LO_NAME_SIZE);
    const uint8_t *key = take_bytes(&members, LO_KEY_SIZE);
    if (shows_encryption) {
        show_name(decoding, "lo_crypt_name", crypt_name, LO_NAME_SIZE);
        show_key(decoding, key, key_size);
    }
    if (decoding->verbose) {
        uint64_t first = take_u64(&members);
        show_open(decoding, "lo_init", "[");
        show_hex(decoding, NULL, first);
        show_hex(decoding, NULL, take_u64(&members));
        show_close(decoding, "]");
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static const struct member info[] = {{NULL, MEMBER_LAYOUT, INFO_SIZE, .show = show_info}};
static const struct layout info_layout = NAKED_LAYOUT(info);

static const struct member configuration[] = {
    {"fd", MEMBER_DESCRIPTOR, 4},
    {"block_size", MEMBER_UNSIGNED, 4},
    {"info", MEMBER_LAYOUT, INFO_SIZE, .show = show_info},
    {"__reserved", MEMBER_HEX, 8, .count = RESERVED, .when = IF_SET},
};
static const struct layout configuration_layout = LAYOUT(configuration);

static const struct ioctl_form loop_forms[] = {
    {LOOP_CONFIGURE, FORM_ONE_WAY, &configuration_layout}, {LOOP_GET_STATUS, FORM_OWN, .show = show_old_info},
    {LOOP_GET_STATUS64, FORM_ONE_WAY, &info_layout},       {LOOP_SET_STATUS, FORM_OWN, .show = show_old_info},
    {LOOP_SET_STATUS64, FORM_ONE_WAY, &info_layout},
};

void decode_loop(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, loop_forms, COUNT_OF(loop_forms));
}
