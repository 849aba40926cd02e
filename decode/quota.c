/* SPDX-License-Identifier: MIT
 *
 * quotactl(2): structures of the generic quotas and of those of XFS.
 */
#include "decode_processes.h"

enum {
    INFO_SIZE = 24,
    BLOCK_SIZE = 68, /* without the padding that only x86-64 has */
    NEXT_SIZE = 72,
    XFS_SIZE = 112,
    STAT_SIZE = 80,
    STAT_SIZE_I386 = 68,
    STATV_SIZE = 96, /* as far as it is shown */
};

void decode_quota_format(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_QUOTA_FORMAT);
}

void decode_xfs_quota_flags(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_XFS_QUOTA_FLAGS);
}

void decode_xfs_quota_types(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_XFS_QUOTA_TYPES);
}

/* The members of a structure of this size, behind its bracket; or its address, and false. */
static bool opens(struct decoding *decoding, uint64_t address, size_t size, struct members *members) {
    const uint8_t *bytes = memory_at(decoding, address, size);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return false;
    }
    *members = members_of(decoding, bytes);
    show_open(decoding, NULL, "{");
    return true;
}

/* The rest is left out: false; or is shown. */
static bool goes_on(struct decoding *decoding) {
    if (!decoding->verbose) {
        show_dots(decoding);
        show_close(decoding, "}");
    }
    return decoding->verbose;
}

void decode_quota_info(struct decoding *decoding, uint64_t address) {
    struct members members;
    if (opens(decoding, address, INFO_SIZE, &members)) {
        show_unsigned(decoding, "dqi_bgrace", take_u64(&members));
        show_unsigned(decoding, "dqi_igrace", take_u64(&members));
        show_set(decoding, "dqi_flags", A_QUOTA_FLAGS, take_u32(&members));
        show_set(decoding, "dqi_valid", A_QUOTA_INFO_VALID, take_u32(&members));
        show_close(decoding, "}");
    }
}

static void show_limits(struct decoding *decoding, struct members *members) {
    show_unsigned(decoding, "dqb_bhardlimit", take_u64(members));
    show_unsigned(decoding, "dqb_bsoftlimit", take_u64(members));
    show_unsigned(decoding, "dqb_curspace", take_u64(members));
    show_unsigned(decoding, "dqb_ihardlimit", take_u64(members));
    show_unsigned(decoding, "dqb_isoftlimit", take_u64(members));
    show_unsigned(decoding, "dqb_curinodes", take_u64(members));
}

static void show_times(struct decoding *decoding, struct members *members) {
    show_unsigned(decoding, "dqb_btime", take_u64(members));
    show_unsigned(decoding, "dqb_itime", take_u64(members));
    show_set(decoding, "dqb_valid", A_QUOTA_VALID, take_u32(members));
}

void decode_quota_block(struct decoding *decoding, uint64_t address) {
    struct members members;
    if (opens(decoding, address, BLOCK_SIZE, &members)) {
        show_limits(decoding, &members);
        if (goes_on(decoding)) {
            show_times(decoding, &members);
            show_close(decoding, "}");
        }
    }
}

void decode_next_quota_block(struct decoding *decoding, uint64_t address) {
    struct members members;
    if (!opens(decoding, address, NEXT_SIZE, &members)) {
        return;
    }
    show_limits(decoding, &members);
    if (decoding->verbose) {
        show_times(decoding, &members);
    }
    show_unsigned(decoding, "dqb_id", number_in(members.bytes + BLOCK_SIZE, sizeof(uint32_t)));
    if (!decoding->verbose) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

/* ------------------------------------------------------------------------------- XFS */

static void show_xfs_limits(struct decoding *decoding, struct members *members) {
    show_signed(decoding, "d_version", (int8_t)take_u8(members));
    show_set(decoding, "d_flags", A_XFS_QUOTA_TYPES, take_u8(members));
    show_hex(decoding, "d_fieldmask", take_u16(members));
    show_unsigned(decoding, "d_id", take_u32(members));
    show_unsigned(decoding, "d_blk_hardlimit", take_u64(members));
    show_unsigned(decoding, "d_blk_softlimit", take_u64(members));
    show_unsigned(decoding, "d_ino_hardlimit", take_u64(members));
    show_unsigned(decoding, "d_ino_softlimit", take_u64(members));
    show_unsigned(decoding, "d_bcount", take_u64(members));
    show_unsigned(decoding, "d_icount", take_u64(members));
}

void decode_xfs_quota(struct decoding *decoding, uint64_t address) {
    struct members members;
    if (!opens(decoding, address, XFS_SIZE, &members)) {
        return;
    }
    show_xfs_limits(decoding, &members);
    if (!goes_on(decoding)) {
        return;
    }
    show_signed(decoding, "d_itimer", take_i32(&members));
    show_signed(decoding, "d_btimer", take_i32(&members));
    show_unsigned(decoding, "d_iwarns", take_u16(&members));
    show_unsigned(decoding, "d_bwarns", take_u16(&members));
    take_u32(&members); /* upper bits of the timers */
    show_unsigned(decoding, "d_rtb_hardlimit", take_u64(&members));
    show_unsigned(decoding, "d_rtb_softlimit", take_u64(&members));
    show_unsigned(decoding, "d_rtbcount", take_u64(&members));
    show_signed(decoding, "d_rtbtimer", take_i32(&members));
    show_unsigned(decoding, "d_rtbwarns", take_u16(&members));
    show_close(decoding, "}");
}

/* Of a file that quotas are kept in. */
static void show_file(struct decoding *decoding, const char *name, struct members *members, bool is_padded) {
    show_open(decoding, name, "{");
    show_unsigned(decoding, "qfs_ino", take_u64(members));
    show_unsigned(decoding, "qfs_nblks", take_u64(members));
    show_unsigned(decoding, "qfs_nextents", take_u32(members));
    show_close(decoding, "}");
    if (is_padded) {
        take_u32(members);
    }
}

static void show_time_limits(struct decoding *decoding, struct members *members) {
    show_signed(decoding, "qs_btimelimit", take_i32(members));
    show_signed(decoding, "qs_itimelimit", take_i32(members));
    show_signed(decoding, "qs_rtbtimelimit", take_i32(members));
    show_unsigned(decoding, "qs_bwarnlimit", take_u16(members));
    show_unsigned(decoding, "qs_iwarnlimit", take_u16(members));
}

void decode_xfs_quota_stat(struct decoding *decoding, uint64_t address) {
    struct members members;
    bool is_i386 = decoding->arch == ARCH_I386;
    if (!opens(decoding, address, is_i386 ? STAT_SIZE_I386 : STAT_SIZE, &members)) {
        return;
    }
    show_signed(decoding, "qs_version", (int8_t)take_u8(&members));
    if (!goes_on(decoding)) {
        return;
    }
    show_set(decoding, "qs_flags", A_XFS_QUOTA_FLAGS, take_u16(&members));
    take_u8(&members);
    show_file(decoding, "qs_uquota", &members, !is_i386);
    show_file(decoding, "qs_gquota", &members, !is_i386);
    show_unsigned(decoding, "qs_incoredqs", take_u32(&members));
    show_time_limits(decoding, &members);
    show_close(decoding, "}");
}

void decode_xfs_quota_statv(struct decoding *decoding, uint64_t address) {
    struct members members;
    if (!opens(decoding, address, STATV_SIZE, &members)) {
        return;
    }
    show_signed(decoding, "qs_version", (int8_t)take_u8(&members));
    if (!goes_on(decoding)) {
        return;
    }
    take_u8(&members);
    show_set(decoding, "qs_flags", A_XFS_QUOTA_FLAGS, take_u16(&members));
    show_unsigned(decoding, "qs_incoredqs", take_u32(&members));
    show_file(decoding, "qs_uquota", &members, true);
    show_file(decoding, "qs_gquota", &members, true);
    show_file(decoding, "qs_pquota", &members, true);
    show_time_limits(decoding, &members);
    show_close(decoding, "}");
}
