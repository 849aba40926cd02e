/* SPDX-License-Identifier: MIT
 *
 * Flash memory: raw (mtd/mtd-abi.h), and volumes on it (mtd/ubi-user.h).
 */
#include "decode_ioctl.h"

#include <linux/ioctl.h>
#include <mtd/mtd-abi.h>
#include <mtd/ubi-user.h>

/* ----------------------------------------------------------------------------- memory */

static const struct member info[] = {
    {"type", MEMBER_SET, 1, .set = A_MTD_TYPE},
    {"flags", MEMBER_SET, 4, .set = A_MTD_FLAGS},
    {"size", MEMBER_HEX, 4},
    {"erasesize", MEMBER_HEX, 4},
    {"writesize", MEMBER_HEX, 4},
    {"oobsize", MEMBER_HEX, 4},
    {"padding", MEMBER_HEX, 8},
};
static const struct layout info_layout = LAYOUT(info);

static const struct member region[] = {
    {"start", MEMBER_HEX, 4},
    {"length", MEMBER_HEX, 4},
};
static const struct layout region_layout = LAYOUT(region);

static const struct member region64[] = {
    {"start", MEMBER_HEX, 8},
    {"length", MEMBER_HEX, 8},
};
static const struct layout region64_layout = LAYOUT(region64);

static const struct member protected_region[] = {
    {"start", MEMBER_HEX, 4},
    {"length", MEMBER_HEX, 4},
    {"locked", MEMBER_UNSIGNED, 4},
};
static const struct layout protected_region_layout = LAYOUT(protected_region);

static const struct member out_of_band[] = {
    {"start", MEMBER_HEX, 4},
    {"length", MEMBER_HEX, 4},
    {"ptr", MEMBER_ADDRESS},
};
static const struct layout out_of_band_layout = LAYOUT(out_of_band);

static const struct member out_of_band64[] = {
    {"start", MEMBER_HEX, 8},
    {NULL, MEMBER_HIDDEN, 4},
    {"length", MEMBER_HEX, 4},
    {"usr_ptr", MEMBER_ADDRESS, 8},
};
static const struct layout out_of_band64_layout = LAYOUT(out_of_band64);

static const struct member writing[] = {
    {"start", MEMBER_HEX, 8},
    {"len", MEMBER_HEX, 8},
    {"ooblen", MEMBER_HEX, 8},
    {"usr_data", MEMBER_ADDRESS, 8},
    {"usr_oob", MEMBER_ADDRESS, 8},
    {"mode", MEMBER_SET, 1, .set = A_MTD_OPS},
    {NULL, MEMBER_HIDDEN, 1, .count = 7},
};
static const struct layout writing_layout = LAYOUT(writing);

static const struct member erase_region[] = {
    {"offset", MEMBER_HEX, 4, .when = AT_EXIT},
    {"erasesize", MEMBER_HEX, 4, .when = AT_EXIT},
    {"numblocks", MEMBER_HEX, 4, .when = AT_EXIT},
    {"regionindex", MEMBER_HEX, 4, .when = AT_ENTRY},
};
static const struct layout erase_region_layout = LAYOUT(erase_region);

static const struct member pair[] = {
    {NULL, MEMBER_HEX, 4},
    {NULL, MEMBER_HEX, 4},
};
static const struct layout pair_layout = BARE_LAYOUT(pair);

static const struct member old_layout[] = {
    {"useecc", MEMBER_SET, 4, .set = A_MTD_NANDECC},
    {"eccbytes", MEMBER_HEX, 4},
    {"oobfree", MEMBER_LAYOUT, .layout = &pair_layout, .count = 8},
    {"eccpos", MEMBER_HEX, 4, .count = 32},
};
static const struct layout old_layout_layout = LAYOUT(old_layout);

static const struct member free_bytes[] = {
    {"offset", MEMBER_HEX, 4},
    {"length", MEMBER_HEX, 4},
};
static const struct layout free_bytes_layout = LAYOUT(free_bytes);

static const struct member correction[] = {
    {"eccbytes", MEMBER_HEX, 4},
    {"eccpos", MEMBER_HEX, 4, .count = MTD_MAX_ECCPOS_ENTRIES},
    {"oobavail", MEMBER_HEX, 4},
    {"oobfree", MEMBER_LAYOUT, .layout = &free_bytes_layout, .count = MTD_MAX_OOBFREE_ENTRIES},
};
static const struct layout correction_layout = LAYOUT(correction);

static const struct member statistics[] = {
    {"corrected", MEMBER_HEX, 4},
    {"failed", MEMBER_HEX, 4},
    {"badblocks", MEMBER_HEX, 4},
    {"bbtblocks", MEMBER_HEX, 4},
};
static const struct layout statistics_layout = LAYOUT(statistics);

static const struct member once[] = {{NULL, MEMBER_SET, 4, .set = A_MTD_OTP}};
static const struct layout once_layout = BARE_LAYOUT(once);
static const struct member offset[] = {{NULL, MEMBER_SIGNED, 8}};
static const struct layout offset_layout = BARE_LAYOUT(offset);

static const struct ioctl_form memory_forms[] = {
    {ECCGETLAYOUT, FORM_ONE_WAY, &correction_layout},
    {ECCGETSTATS, FORM_ONE_WAY, &statistics_layout},
    {MEMERASE, FORM_ONE_WAY, &region_layout},
    {MEMERASE64, FORM_ONE_WAY, &region64_layout},
    {MEMGETINFO, FORM_ONE_WAY, &info_layout},
    {MEMGETOOBSEL, FORM_ONE_WAY, &old_layout_layout},
    {MEMGETREGIONINFO, FORM_JOINED, &erase_region_layout},
    {MEMISLOCKED, FORM_ONE_WAY, &region_layout},
    {MEMLOCK, FORM_ONE_WAY, &region_layout},
    {MEMREADOOB, FORM_ONE_WAY, &out_of_band_layout},
    {MEMREADOOB64, FORM_ONE_WAY, &out_of_band64_layout},
    {MEMUNLOCK, FORM_ONE_WAY, &region_layout},
    {MEMWRITE, FORM_ONE_WAY, &writing_layout},
    {MEMWRITEOOB, FORM_ONE_WAY, &out_of_band_layout},
    {MEMWRITEOOB64, FORM_ONE_WAY, &out_of_band64_layout},
    {OTPGETREGIONINFO, FORM_ONE_WAY, &protected_region_layout},
    {OTPLOCK, FORM_ONE_WAY, &protected_region_layout},
    {OTPSELECT, FORM_ONE_WAY, &once_layout},
};

void decode_mtd(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, memory_forms, COUNT_OF(memory_forms));
}

/* ---------------------------------------------------------------------------- volumes */

enum {
    VOLUME_NAME = UBI_MAX_VOLUME_NAME + 1,
    AT_RENAMED = 16, /* behind their count */
};

/* A name with the length that another member says, which may be any number. */
static void show_sized_name(struct decoding *decoding, const uint8_t *bytes, int16_t length) {
    int most = length < 0 ? 0 : length > UBI_MAX_VOLUME_NAME ? UBI_MAX_VOLUME_NAME : length;
    show_signed(decoding, "name_len", length);
    show_name(decoding, "name", bytes, (size_t)most + 1);
}

/* Requests that put the number of a volume or device in place of what they read. */
static void show_number_got(struct decoding *decoding, uint64_t address) {
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = decoding->delivered ? memory_at(decoding, address, sizeof(int32_t)) : NULL;
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "[");
        show_signed(decoding, NULL, signed_in(after, sizeof(int32_t)));
        show_close(decoding, "]");
    }
}

static const struct member creation[] = {
    {"vol_id", MEMBER_SIGNED, 4},
    {"alignment", MEMBER_SIGNED, 4},
    {"bytes", MEMBER_SIGNED, 8},
    {"vol_type", MEMBER_SET, 1, .set = A_UBI_VOLUME},
    {"flags", MEMBER_SET, 1, .set = A_UBI_VOL_FLAGS},
    {NULL, MEMBER_HIDDEN, 2},
    {NULL, MEMBER_HIDDEN, 1, .count = 4},
    {NULL, MEMBER_HIDDEN, 1, .count = VOLUME_NAME},
};
static const struct layout creation_layout = {.members = creation, .count = COUNT_OF(creation), .is_packed = true};

static void show_creation(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &creation_layout, address);
    if (before) {
        show_sized_name(decoding, before + layout_offset(decoding, &creation_layout, 7),
                        (int16_t)number_in(before + layout_offset(decoding, &creation_layout, 5), 2));
        show_number_got(decoding, address);
    }
}

static const struct member attachment[] = {
    {"ubi_num", MEMBER_SIGNED, 4},         {"mtd_num", MEMBER_SIGNED, 4},         {"vid_hdr_offset", MEMBER_SIGNED, 4},
    {"max_beb_per1024", MEMBER_SIGNED, 2}, {NULL, MEMBER_HIDDEN, 1, .count = 10},
};
static const struct layout attachment_layout = LAYOUT(attachment);

static void show_attachment(struct decoding *decoding, uint64_t address) {
    if (entry_begins(decoding, &attachment_layout, address)) {
        show_number_got(decoding, address);
    }
}

static const struct member resizing[] = {
    {"bytes", MEMBER_SIGNED, 8},
    {"vol_id", MEMBER_SIGNED, 4},
};
static const struct layout resizing_layout = {.members = resizing, .count = COUNT_OF(resizing), .is_packed = true};

static void show_renaming(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct ubi_rnvol_req));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    int32_t count = (int32_t)number_in(bytes, sizeof(int32_t));
    unsigned shown = count < 0 ? 0 : count > UBI_MAX_RNVOL ? UBI_MAX_RNVOL : (unsigned)count;
    show_open(decoding, NULL, "{");
    show_signed(decoding, "count", count);
    show_open(decoding, "ents", "[");
    for (unsigned i = 0; i < shown; i++) {
        const uint8_t *one = bytes + AT_RENAMED + i * sizeof(((struct ubi_rnvol_req *)NULL)->ents[0]);
        show_open(decoding, NULL, "{");
        show_signed(decoding, "vol_id", signed_in(one, 4));
        show_sized_name(decoding, one + 8, (int16_t)number_in(one + 4, 2));
        show_close(decoding, "}");
    }
    show_close(decoding, "]");
    show_close(decoding, "}");
}

static const struct member change[] = {
    {"lnum", MEMBER_SIGNED, 4},
    {"bytes", MEMBER_SIGNED, 4},
    {"dtype", MEMBER_SET, 1, .set = A_UBI_DTYPE},
    {NULL, MEMBER_HIDDEN, 1, .count = 7},
};
static const struct layout change_layout = LAYOUT(change);

static const struct member mapping[] = {
    {"lnum", MEMBER_SIGNED, 4},
    {"dtype", MEMBER_SET, 1, .set = A_UBI_DTYPE},
    {NULL, MEMBER_HIDDEN, 1, .count = 3},
};
static const struct layout mapping_layout = LAYOUT(mapping);

static const struct member property[] = {
    {"property", MEMBER_SET, 1, .set = A_UBI_VOL_PROP},
    {NULL, MEMBER_HIDDEN, 1, .count = 7},
    {"value", MEMBER_HEX, 8},
};
static const struct layout property_layout = LAYOUT(property);

static const struct ioctl_form volume_forms[] = {
    {UBI_IOCATT, FORM_OWN, .show = show_attachment},     {UBI_IOCEBCH, FORM_ONE_WAY, &change_layout},
    {UBI_IOCEBMAP, FORM_ONE_WAY, &mapping_layout},       {UBI_IOCMKVOL, FORM_OWN, .show = show_creation},
    {UBI_IOCRNVOL, FORM_OWN, .show = show_renaming},     {UBI_IOCRSVOL, FORM_ONE_WAY, &resizing_layout},
    {UBI_IOCSETVOLPROP, FORM_ONE_WAY, &property_layout}, {UBI_IOCVOLUP, FORM_ONE_WAY, &offset_layout},
};

void decode_ubi(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, volume_forms, COUNT_OF(volume_forms));
}
