/* SPDX-License-Identifier: MIT
 *
 * The structures that calls take and leave behind: members in strace's order. Places on x86-64 come from the headers;
 * those on i386 are written as numbers, from the kernel's arch/x86/include (asm/compat.h, uapi/asm/stat.h,
 * uapi/asm/statfs.h) and include/linux/compat.h.
 */
#include "structure.h"

#include <asm/termbits.h>
#include <linux/aio_abi.h>
#include <linux/mqueue.h>
#include <linux/seccomp.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <linux/utsname.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/vfs.h>

/* The kernel's own, where the C library's differs (include/linux/signal_types.h). */
struct kernel_sigaction {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

/* uapi/asm-generic/termios.h, which does not go together with the C library's. */
struct kernel_winsize {
    uint16_t ws_row;
    uint16_t ws_col;
    uint16_t ws_xpixel;
    uint16_t ws_ypixel;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PLACE(type, member)                                                                                            \
    { offsetof(type, member), sizeof(((type *)NULL)->member) }
/* A place on x86-64, and as offset and size on i386. */
#define AT(type, member, ...) .at = {PLACE(type, member), {__VA_ARGS__}}
/* The same place on both. */
#define SAME(type, member) .at = {PLACE(type, member), PLACE(type, member)}
/* A value that is the whole structure. */
#define ALONE(size_x86_64, size_i386) .at = {{0, size_x86_64}, {0, size_i386}}
/* Between brackets; "..." stands for the members that are left out. */
#define STRUCTURE(members, open, close, size_x86_64, size_i386)                                                        \
    {                                                                                                                  \
        .fields = (members), .count = COUNT(members), .size = {size_x86_64, size_i386}, .before = (open),              \
        .behind = (close)                                                                                              \
    }
#define WHOLE(members, size_x86_64, size_i386) STRUCTURE(members, "{", "}", size_x86_64, size_i386)
#define ABBREVIATED(members, size_x86_64, size_i386)                                                                   \
    {                                                                                                                  \
        .fields = (members), .count = COUNT(members), .size = {size_x86_64, size_i386}, .before = "{",                 \
        .behind = ", ...}", .is_abbreviated = true                                                                     \
    }
#define BARE(members, size_x86_64, size_i386) STRUCTURE(members, "[", "]", size_x86_64, size_i386)

/* -------------------------------------------------------------- what is shown when */

static uint64_t number_at(const uint8_t *bytes, struct field_place place) {
    uint64_t number = 0;
    memcpy(&number, bytes + place.offset, place.size);
    return number;
}

/* The modes of both kinds of struct stat that i386 has, and of x86-64's. */
static const struct field_place stat_mode[ARCH_COUNT] = {PLACE(struct stat, st_mode), {8, 2}};
static const struct field_place stat64_mode[ARCH_COUNT] = {PLACE(struct stat, st_mode), {16, 4}};

static bool is_device(uint64_t mode) {
    return S_ISCHR(mode) || S_ISBLK(mode);
}

static bool stat_is_device(const uint8_t *bytes, enum arch arch) {
    return is_device(number_at(bytes, stat_mode[arch]));
}

static bool stat_is_file(const uint8_t *bytes, enum arch arch) {
    return !stat_is_device(bytes, arch);
}

static bool stat64_is_device(const uint8_t *bytes, enum arch arch) {
    return is_device(number_at(bytes, stat64_mode[arch]));
}

static bool stat64_is_file(const uint8_t *bytes, enum arch arch) {
    return !stat64_is_device(bytes, arch);
}

static bool oldstat_is_device(const uint8_t *bytes, enum arch arch) {
    (void)arch;
    return is_device(number_at(bytes, (struct field_place){4, 2}));
}

static bool oldstat_is_file(const uint8_t *bytes, enum arch arch) {
    return !oldstat_is_device(bytes, arch);
}

/* Members of struct statx are there if the kernel says so. */
#define STATX_HAS(name, bits)                                                                                          \
    static bool statx_has_##name(const uint8_t *bytes, enum arch arch) {                                               \
        (void)arch;                                                                                                    \
        return number_at(bytes, (struct field_place)PLACE(struct statx, stx_mask)) & (bits);                           \
    }

STATX_HAS(mode, STATX_TYPE | STATX_MODE)
STATX_HAS(nlink, STATX_NLINK)
STATX_HAS(uid, STATX_UID)
STATX_HAS(gid, STATX_GID)
STATX_HAS(atime, STATX_ATIME)
STATX_HAS(mtime, STATX_MTIME)
STATX_HAS(ctime, STATX_CTIME)
STATX_HAS(ino, STATX_INO)
STATX_HAS(size, STATX_SIZE)
STATX_HAS(blocks, STATX_BLOCKS)
STATX_HAS(btime, STATX_BTIME)
STATX_HAS(mount, STATX_MNT_ID)
STATX_HAS(alignment, STATX_DIOALIGN)

static const struct field_place sigaction_flags[ARCH_COUNT] = {PLACE(struct kernel_sigaction, flags), {4, 4}};

enum {
    SA_RESTORER_BIT = 0x04000000, /* uapi/asm/signal.h */
};

static bool has_restorer(const uint8_t *bytes, enum arch arch) {
    return number_at(bytes, sigaction_flags[arch]) & SA_RESTORER_BIT;
}

static bool has_old_restorer(const uint8_t *bytes, enum arch arch) {
    (void)arch;
    return number_at(bytes, (struct field_place){8, 4}) & SA_RESTORER_BIT;
}

/* ------------------------------------------------------------------------- numbers */

static const struct field comm[] = {{.kind = FIELD_NAME, ALONE(16, 16)}};
/* Calls without "32" in their name have 16 bits on i386. */
static const struct field id[] = {{.kind = FIELD_ID, ALONE(4, 2)}};
static const struct field id32[] = {{.kind = FIELD_ID, ALONE(4, 4)}};
static const struct field int_number[] = {{.kind = FIELD_SIGNED, ALONE(4, 4)}};
static const struct field process[] = {{.kind = FIELD_PROCESS, ALONE(4, 4)}};
static const struct field uint_number[] = {{.kind = FIELD_UNSIGNED, ALONE(4, 4)}};
static const struct field u64_number[] = {{.kind = FIELD_UNSIGNED, ALONE(8, 8)}};
static const struct field size_number[] = {{.kind = FIELD_UNSIGNED, ALONE(8, 4)}};
static const struct field word[] = {{.kind = FIELD_ADDRESS, ALONE(8, 4)}};
static const struct field signals[] = {{.kind = FIELD_SIGNALS, ALONE(8, 8)}};
static const struct field old_signals[] = {{.kind = FIELD_SIGNALS, ALONE(4, 4)}};
static const struct field offset_number[] = {{.kind = FIELD_SIGNED, ALONE(8, 8)}};
static const struct field rw_hint[] = {{.kind = FIELD_SET, .type = A_RW_HINT, ALONE(8, 8)}};
static const struct field status[] = {{.kind = FIELD_STATUS, ALONE(4, 4)}};

/* ---------------------------------------------------------------------------- time */

static const struct field timespec[] = {
    {"tv_sec", FIELD_SIGNED, AT(struct __kernel_timespec, tv_sec, 0, 4)},
    {"tv_nsec", FIELD_UNSIGNED, AT(struct __kernel_timespec, tv_nsec, 4, 4)},
};

static const struct field timespec64[] = {
    {"tv_sec", FIELD_SIGNED, SAME(struct __kernel_timespec, tv_sec)},
    {"tv_nsec", FIELD_UNSIGNED, SAME(struct __kernel_timespec, tv_nsec)},
};

static const struct field timeval[] = {
    {"tv_sec", FIELD_SIGNED, AT(struct timeval, tv_sec, 0, 4)},
    {"tv_usec", FIELD_UNSIGNED, AT(struct timeval, tv_usec, 4, 4)},
};

static const struct field timezone_fields[] = {
    {"tz_minuteswest", FIELD_SIGNED, SAME(struct timezone, tz_minuteswest)},
    {"tz_dsttime", FIELD_SIGNED, SAME(struct timezone, tz_dsttime)},
};

static const struct field itimerval[] = {
    {"it_interval", FIELD_STRUCTURE, A_TO_TIMEVAL, AT(struct itimerval, it_interval, 0, 8)},
    {"it_value", FIELD_STRUCTURE, A_TO_TIMEVAL, AT(struct itimerval, it_value, 8, 8)},
};

static const struct field itimerspec[] = {
    {"it_interval", FIELD_STRUCTURE, A_TO_TIMESPEC, AT(struct __kernel_itimerspec, it_interval, 0, 8)},
    {"it_value", FIELD_STRUCTURE, A_TO_TIMESPEC, AT(struct __kernel_itimerspec, it_value, 8, 8)},
};

static const struct field itimerspec64[] = {
    {"it_interval", FIELD_STRUCTURE, A_TO_TIMESPEC64, SAME(struct __kernel_itimerspec, it_interval)},
    {"it_value", FIELD_STRUCTURE, A_TO_TIMESPEC64, SAME(struct __kernel_itimerspec, it_value)},
};

static const struct field tms[] = {
    {"tms_utime", FIELD_TICKS, AT(struct tms, tms_utime, 0, 4)},
    {"tms_stime", FIELD_TICKS, AT(struct tms, tms_stime, 4, 4)},
    {"tms_cutime", FIELD_TICKS, AT(struct tms, tms_cutime, 8, 4)},
    {"tms_cstime", FIELD_TICKS, AT(struct tms, tms_cstime, 12, 4)},
};

/* --------------------------------------------------------------------------- files */

#define STAT_DETAIL(name, kind, part, ...)                                                                             \
    { name, kind, AT(struct stat, part, __VA_ARGS__), .is_detail = true }
/* Three times in seconds, each with nanoseconds behind it. */
#define STAT_TIMES(at_i386)                                                                                            \
    STAT_DETAIL("st_atime", FIELD_DATE, st_atim, (at_i386), 8),                                                        \
        STAT_DETAIL("st_atime_nsec", FIELD_UNSIGNED, st_atim.tv_nsec, (at_i386) + 4, 4),                               \
        STAT_DETAIL("st_mtime", FIELD_DATE, st_mtim, (at_i386) + 8, 8),                                                \
        STAT_DETAIL("st_mtime_nsec", FIELD_UNSIGNED, st_mtim.tv_nsec, (at_i386) + 12, 4),                              \
        STAT_DETAIL("st_ctime", FIELD_DATE, st_ctim, (at_i386) + 16, 8),                                               \
        STAT_DETAIL("st_ctime_nsec", FIELD_UNSIGNED, st_ctim.tv_nsec, (at_i386) + 20, 4)

static const struct field stat_fields[] = {
    {"st_dev", FIELD_DEVICE, AT(struct stat, st_dev, 0, 4), .is_detail = true},
    {"st_ino", FIELD_UNSIGNED, AT(struct stat, st_ino, 4, 4), .is_detail = true},
    {"st_mode", FIELD_SET, A_STAT_MODE, AT(struct stat, st_mode, 8, 2)},
    {"st_nlink", FIELD_UNSIGNED, AT(struct stat, st_nlink, 10, 2), .is_detail = true},
    {"st_uid", FIELD_UNSIGNED, AT(struct stat, st_uid, 12, 2), .is_detail = true},
    {"st_gid", FIELD_UNSIGNED, AT(struct stat, st_gid, 14, 2), .is_detail = true},
    {"st_blksize", FIELD_UNSIGNED, AT(struct stat, st_blksize, 24, 4), .is_detail = true},
    {"st_blocks", FIELD_UNSIGNED, AT(struct stat, st_blocks, 28, 4), .is_detail = true},
    {"st_rdev", FIELD_DEVICE, AT(struct stat, st_rdev, 16, 4), .shown = stat_is_device},
    {"st_size", FIELD_UNSIGNED, AT(struct stat, st_size, 20, 4), .shown = stat_is_file},
    STAT_TIMES(32),
};

static const struct field stat64_fields[] = {
    {"st_dev", FIELD_DEVICE, AT(struct stat, st_dev, 0, 8), .is_detail = true},
    {"st_ino", FIELD_UNSIGNED, AT(struct stat, st_ino, 88, 8), .is_detail = true},
    {"st_mode", FIELD_SET, A_STAT_MODE, AT(struct stat, st_mode, 16, 4)},
    {"st_nlink", FIELD_UNSIGNED, AT(struct stat, st_nlink, 20, 4), .is_detail = true},
    {"st_uid", FIELD_UNSIGNED, AT(struct stat, st_uid, 24, 4), .is_detail = true},
    {"st_gid", FIELD_UNSIGNED, AT(struct stat, st_gid, 28, 4), .is_detail = true},
    {"st_blksize", FIELD_UNSIGNED, AT(struct stat, st_blksize, 52, 4), .is_detail = true},
    {"st_blocks", FIELD_UNSIGNED, AT(struct stat, st_blocks, 56, 8), .is_detail = true},
    {"st_rdev", FIELD_DEVICE, AT(struct stat, st_rdev, 32, 8), .shown = stat64_is_device},
    {"st_size", FIELD_UNSIGNED, AT(struct stat, st_size, 44, 8), .shown = stat64_is_file},
    STAT_TIMES(64),
};

/* struct __old_kernel_stat, which i386 alone has. */
#define OLD_PLACE(offset, size) .at = {{offset, size}, {offset, size}}

static const struct field oldstat_fields[] = {
    {"st_dev", FIELD_DEVICE, OLD_PLACE(0, 2), .is_detail = true},
    {"st_ino", FIELD_UNSIGNED, OLD_PLACE(2, 2), .is_detail = true},
    {"st_mode", FIELD_SET, A_STAT_MODE, OLD_PLACE(4, 2)},
    {"st_nlink", FIELD_UNSIGNED, OLD_PLACE(6, 2), .is_detail = true},
    {"st_uid", FIELD_UNSIGNED, OLD_PLACE(8, 2), .is_detail = true},
    {"st_gid", FIELD_UNSIGNED, OLD_PLACE(10, 2), .is_detail = true},
    {"st_blksize", FIELD_ABSENT, OLD_PLACE(0, 4), .is_detail = true},
    {"st_blocks", FIELD_ABSENT, OLD_PLACE(0, 4), .is_detail = true},
    {"st_rdev", FIELD_DEVICE, OLD_PLACE(12, 2), .shown = oldstat_is_device},
    {"st_size", FIELD_UNSIGNED, OLD_PLACE(16, 4), .shown = oldstat_is_file},
    {"st_atime", FIELD_DATE_ALONE, OLD_PLACE(20, 4), .is_detail = true},
    {"st_mtime", FIELD_DATE_ALONE, OLD_PLACE(24, 4), .is_detail = true},
    {"st_ctime", FIELD_DATE_ALONE, OLD_PLACE(28, 4), .is_detail = true},
};

#define STATX(name, kind, set, ...)                                                                                    \
    { #name, kind, set, SAME(struct statx, name), __VA_ARGS__ }

static const struct field statx_fields[] = {
    STATX(stx_mask, FIELD_SET, A_STATX_MASK, ),
    STATX(stx_blksize, FIELD_UNSIGNED, 0, .is_detail = true),
    STATX(stx_attributes, FIELD_SET, A_STATX_ATTRIBUTES, ),
    STATX(stx_nlink, FIELD_UNSIGNED, 0, .shown = statx_has_nlink, .is_detail = true),
    STATX(stx_uid, FIELD_ID, 0, .shown = statx_has_uid, .is_detail = true),
    STATX(stx_gid, FIELD_ID, 0, .shown = statx_has_gid, .is_detail = true),
    STATX(stx_mode, FIELD_SET, A_STAT_MODE, .shown = statx_has_mode),
    STATX(stx_ino, FIELD_UNSIGNED, 0, .shown = statx_has_ino, .is_detail = true),
    STATX(stx_size, FIELD_UNSIGNED, 0, .shown = statx_has_size),
    STATX(stx_blocks, FIELD_UNSIGNED, 0, .shown = statx_has_blocks, .is_detail = true),
    STATX(stx_attributes_mask, FIELD_SET, A_STATX_ATTRIBUTES, .is_detail = true),
    STATX(stx_atime, FIELD_TIMESTAMP, 0, .shown = statx_has_atime, .is_detail = true),
    STATX(stx_btime, FIELD_TIMESTAMP, 0, .shown = statx_has_btime, .is_detail = true),
    STATX(stx_ctime, FIELD_TIMESTAMP, 0, .shown = statx_has_ctime, .is_detail = true),
    STATX(stx_mtime, FIELD_TIMESTAMP, 0, .shown = statx_has_mtime, .is_detail = true),
    STATX(stx_rdev_major, FIELD_UNSIGNED, 0, .is_detail = true),
    STATX(stx_rdev_minor, FIELD_UNSIGNED, 0, .is_detail = true),
    STATX(stx_dev_major, FIELD_UNSIGNED, 0, .is_detail = true),
    STATX(stx_dev_minor, FIELD_UNSIGNED, 0, .is_detail = true),
    STATX(stx_mnt_id, FIELD_HEX, 0, .shown = statx_has_mount, .is_detail = true),
    STATX(stx_dio_mem_align, FIELD_UNSIGNED, 0, .shown = statx_has_alignment, .is_detail = true),
    STATX(stx_dio_offset_align, FIELD_UNSIGNED, 0, .shown = statx_has_alignment, .is_detail = true),
};

#define STATFS_PLACES(name, kind, set, elements, ...)                                                                  \
    { #name, kind, set, elements, AT(struct statfs, name, __VA_ARGS__) }

static const struct field statfs_fields[] = {
    STATFS_PLACES(f_type, FIELD_SET, A_FS_MAGIC, 0, 0, 4),
    STATFS_PLACES(f_bsize, FIELD_UNSIGNED, 0, 0, 4, 4),
    STATFS_PLACES(f_blocks, FIELD_UNSIGNED, 0, 0, 8, 4),
    STATFS_PLACES(f_bfree, FIELD_UNSIGNED, 0, 0, 12, 4),
    STATFS_PLACES(f_bavail, FIELD_UNSIGNED, 0, 0, 16, 4),
    STATFS_PLACES(f_files, FIELD_UNSIGNED, 0, 0, 20, 4),
    STATFS_PLACES(f_ffree, FIELD_UNSIGNED, 0, 0, 24, 4),
    {"f_fsid", FIELD_STRUCTURE, A_FSID, AT(struct statfs, f_fsid, 28, 8)},
    STATFS_PLACES(f_namelen, FIELD_UNSIGNED, 0, 0, 36, 4),
    STATFS_PLACES(f_frsize, FIELD_UNSIGNED, 0, 0, 40, 4),
    STATFS_PLACES(f_flags, FIELD_SET, A_ST_FLAGS, 0, 44, 4),
};

static const struct field statfs64_fields[] = {
    STATFS_PLACES(f_type, FIELD_SET, A_FS_MAGIC, 0, 0, 4),
    STATFS_PLACES(f_bsize, FIELD_UNSIGNED, 0, 0, 4, 4),
    STATFS_PLACES(f_blocks, FIELD_UNSIGNED, 0, 0, 8, 8),
    STATFS_PLACES(f_bfree, FIELD_UNSIGNED, 0, 0, 16, 8),
    STATFS_PLACES(f_bavail, FIELD_UNSIGNED, 0, 0, 24, 8),
    STATFS_PLACES(f_files, FIELD_UNSIGNED, 0, 0, 32, 8),
    STATFS_PLACES(f_ffree, FIELD_UNSIGNED, 0, 0, 40, 8),
    {"f_fsid", FIELD_STRUCTURE, A_FSID, AT(struct statfs, f_fsid, 48, 8)},
    STATFS_PLACES(f_namelen, FIELD_UNSIGNED, 0, 0, 56, 4),
    STATFS_PLACES(f_frsize, FIELD_UNSIGNED, 0, 0, 60, 4),
    STATFS_PLACES(f_flags, FIELD_SET, A_ST_FLAGS, 0, 64, 4),
};

static const struct field owner_fields[] = {
    {"type", FIELD_SET, A_OWNER, .at = {{0, 4}, {0, 4}}},
    {"pid", FIELD_PROCESS, .at = {{4, 4}, {4, 4}}},
};

static const struct field fsid[] = {{"val", FIELD_HEX, 0, 2, .at = {{0, 4}, {0, 4}}}};

/* ----------------------------------------------------------------- system, process */

static const struct field sysinfo_fields[] = {
    {"uptime", FIELD_SIGNED, AT(struct sysinfo, uptime, 0, 4)},
    {"loads", FIELD_UNSIGNED, 0, 3, .at = {{offsetof(struct sysinfo, loads), 8}, {4, 4}}},
    {"totalram", FIELD_UNSIGNED, AT(struct sysinfo, totalram, 16, 4)},
    {"freeram", FIELD_UNSIGNED, AT(struct sysinfo, freeram, 20, 4)},
    {"sharedram", FIELD_UNSIGNED, AT(struct sysinfo, sharedram, 24, 4)},
    {"bufferram", FIELD_UNSIGNED, AT(struct sysinfo, bufferram, 28, 4)},
    {"totalswap", FIELD_UNSIGNED, AT(struct sysinfo, totalswap, 32, 4)},
    {"freeswap", FIELD_UNSIGNED, AT(struct sysinfo, freeswap, 36, 4)},
    {"procs", FIELD_UNSIGNED, AT(struct sysinfo, procs, 40, 2)},
    {"totalhigh", FIELD_UNSIGNED, AT(struct sysinfo, totalhigh, 44, 4)},
    {"freehigh", FIELD_UNSIGNED, AT(struct sysinfo, freehigh, 48, 4)},
    {"mem_unit", FIELD_UNSIGNED, AT(struct sysinfo, mem_unit, 52, 4)},
};

static const struct field utsname[] = {
    {"sysname", FIELD_NAME, SAME(struct new_utsname, sysname)},
    {"nodename", FIELD_NAME, SAME(struct new_utsname, nodename)},
    {"release", FIELD_NAME, SAME(struct new_utsname, release), .is_detail = true},
    {"version", FIELD_NAME, SAME(struct new_utsname, version), .is_detail = true},
    {"machine", FIELD_NAME, SAME(struct new_utsname, machine), .is_detail = true},
    {"domainname", FIELD_NAME, SAME(struct new_utsname, domainname), .is_detail = true},
};

static const struct field rlimit_fields[] = {
    {"rlim_cur", FIELD_LIMIT, AT(struct rlimit, rlim_cur, 0, 4)},
    {"rlim_max", FIELD_LIMIT, AT(struct rlimit, rlim_max, 4, 4)},
};

static const struct field rlimit64_fields[] = {
    {"rlim_cur", FIELD_LIMIT, SAME(struct rlimit, rlim_cur)},
    {"rlim_max", FIELD_LIMIT, SAME(struct rlimit, rlim_max)},
};

#define USAGE(name, offset)                                                                                            \
    { #name, FIELD_UNSIGNED, AT(struct rusage, name, offset, 4), .is_detail = true }

static const struct field rusage_fields[] = {
    {"ru_utime", FIELD_STRUCTURE, A_TO_TIMEVAL, AT(struct rusage, ru_utime, 0, 8)},
    {"ru_stime", FIELD_STRUCTURE, A_TO_TIMEVAL, AT(struct rusage, ru_stime, 8, 8)},
    USAGE(ru_maxrss, 16),
    USAGE(ru_ixrss, 20),
    USAGE(ru_idrss, 24),
    USAGE(ru_isrss, 28),
    USAGE(ru_minflt, 32),
    USAGE(ru_majflt, 36),
    USAGE(ru_nswap, 40),
    USAGE(ru_inblock, 44),
    USAGE(ru_oublock, 48),
    USAGE(ru_msgsnd, 52),
    USAGE(ru_msgrcv, 56),
    USAGE(ru_nsignals, 60),
    USAGE(ru_nvcsw, 64),
    USAGE(ru_nivcsw, 68),
};

static const struct field seccomp_action[] = {{.kind = FIELD_SET, .type = A_SECCOMP_RET, ALONE(4, 4)}};

static const struct field notif_sizes_fields[] = {
    {"seccomp_notif", FIELD_UNSIGNED, SAME(struct seccomp_notif_sizes, seccomp_notif)},
    {"seccomp_notif_resp", FIELD_UNSIGNED, SAME(struct seccomp_notif_sizes, seccomp_notif_resp)},
    {"seccomp_data", FIELD_UNSIGNED, SAME(struct seccomp_notif_sizes, seccomp_data)},
};

/* ------------------------------------------------------------------------- signals */

static const struct field sigaction_fields[] = {
    {"sa_handler", FIELD_HANDLER, AT(struct kernel_sigaction, handler, 0, 4)},
    {"sa_mask", FIELD_SIGNALS, AT(struct kernel_sigaction, mask, 12, 8)},
    {"sa_flags", FIELD_SET, A_SA_FLAGS, AT(struct kernel_sigaction, flags, 4, 4)},
    {"sa_restorer", FIELD_ADDRESS, AT(struct kernel_sigaction, restorer, 8, 4), .shown = has_restorer},
};

/* uapi/asm/signal.h: struct old_sigaction, which i386 alone has. */
static const struct field old_sigaction_fields[] = {
    {"sa_handler", FIELD_HANDLER, .at = {{0, 4}, {0, 4}}},
    {"sa_mask", FIELD_SIGNALS, .at = {{4, 4}, {4, 4}}},
    {"sa_flags", FIELD_SET, A_SA_FLAGS, .at = {{8, 4}, {8, 4}}},
    {"sa_restorer", FIELD_ADDRESS, .at = {{12, 4}, {12, 4}}, .shown = has_old_restorer},
};

static const struct field stack_fields[] = {
    {"ss_sp", FIELD_ADDRESS, AT(stack_t, ss_sp, 0, 4)},
    {"ss_flags", FIELD_SET, A_SS_FLAGS, AT(stack_t, ss_flags, 4, 4)},
    {"ss_size", FIELD_UNSIGNED, AT(stack_t, ss_size, 8, 4)},
};

/* ------------------------------------------------------------------ message queues */

#define MQ_ATTR_FIELDS(kind, set)                                                                                      \
    {"mq_flags", kind, set, AT(struct mq_attr, mq_flags, 0, 4)},                                                       \
        {"mq_maxmsg", FIELD_SIGNED, AT(struct mq_attr, mq_maxmsg, 4, 4)},                                              \
        {"mq_msgsize", FIELD_SIGNED, AT(struct mq_attr, mq_msgsize, 8, 4)}, {                                          \
        "mq_curmsgs", FIELD_SIGNED, AT(struct mq_attr, mq_curmsgs, 12, 4)                                              \
    }

static const struct field new_mq_attr[] = {MQ_ATTR_FIELDS(FIELD_HEX, 0)};
static const struct field mq_attr_fields[] = {MQ_ATTR_FIELDS(FIELD_SET, A_MQ_FLAGS)};

/* --------------------------------------------------------------- devices, sockets */

static const struct field winsize_fields[] = {
    {"ws_row", FIELD_UNSIGNED, SAME(struct kernel_winsize, ws_row)},
    {"ws_col", FIELD_UNSIGNED, SAME(struct kernel_winsize, ws_col)},
    {"ws_xpixel", FIELD_UNSIGNED, SAME(struct kernel_winsize, ws_xpixel)},
    {"ws_ypixel", FIELD_UNSIGNED, SAME(struct kernel_winsize, ws_ypixel)},
};

static const struct field linger_fields[] = {
    {"l_onoff", FIELD_SIGNED, SAME(struct linger, l_onoff)},
    {"l_linger", FIELD_SIGNED, SAME(struct linger, l_linger)},
};

static const struct field ucred_fields[] = {
    {"pid", FIELD_PROCESS, SAME(struct ucred, pid)},
    {"uid", FIELD_ID, SAME(struct ucred, uid)},
    {"gid", FIELD_ID, SAME(struct ucred, gid)},
};

static const struct field io_event_fields[] = {
    {"data", FIELD_HEX, SAME(struct io_event, data)},
    {"obj", FIELD_HEX, SAME(struct io_event, obj)},
    {"res", FIELD_SIGNED, SAME(struct io_event, res)},
    {"res2", FIELD_SIGNED, SAME(struct io_event, res2)},
};

static const struct field epoll_data_fields[] = {
    {"u32", FIELD_UNSIGNED, .at = {{0, 4}, {0, 4}}},
    {"u64", FIELD_WORD, .at = {{0, 8}, {0, 8}}},
};

static const struct field epoll_event_fields[] = {
    {"events", FIELD_SET, A_EPOLL_EVENTS, SAME(struct epoll_event, events)},
    {"data", FIELD_STRUCTURE, A_EPOLL_DATA, SAME(struct epoll_event, data)},
};

/* ----------------------------------------------------------------------- the table */

static const struct structure structures[] = {
    [A_TO_COMM - A_FIRST_STRUCTURE] = STRUCTURE(comm, "", "", 16, 16),
    [A_TO_ID - A_FIRST_STRUCTURE] = BARE(id, 4, 2),
    [A_TO_ID32 - A_FIRST_STRUCTURE] = BARE(id32, 4, 4),
    [A_TO_INT - A_FIRST_STRUCTURE] = BARE(int_number, 4, 4),
    [A_TO_IO_EVENT - A_FIRST_STRUCTURE] = WHOLE(io_event_fields, sizeof(struct io_event), sizeof(struct io_event)),
    [A_TO_ITIMERSPEC - A_FIRST_STRUCTURE] = WHOLE(itimerspec, sizeof(struct __kernel_itimerspec), 16),
    [A_TO_ITIMERSPEC64 - A_FIRST_STRUCTURE] =
        WHOLE(itimerspec64, sizeof(struct __kernel_itimerspec), sizeof(struct __kernel_itimerspec)),
    [A_TO_ITIMERVAL - A_FIRST_STRUCTURE] = WHOLE(itimerval, sizeof(struct itimerval), 16),
    [A_TO_NOTIF_SIZES - A_FIRST_STRUCTURE] =
        WHOLE(notif_sizes_fields, sizeof(struct seccomp_notif_sizes), sizeof(struct seccomp_notif_sizes)),
    [A_MQ_ATTR - A_FIRST_STRUCTURE] = WHOLE(new_mq_attr, sizeof(struct mq_attr), 32),
    [A_TO_MQ_ATTR - A_FIRST_STRUCTURE] = WHOLE(mq_attr_fields, sizeof(struct mq_attr), 32),
    [A_TO_OLD_SIGACTION - A_FIRST_STRUCTURE] = WHOLE(old_sigaction_fields, 16, 16),
    [A_TO_OLD_SIGSET - A_FIRST_STRUCTURE] = STRUCTURE(old_signals, "", "", 4, 4),
    [A_TO_OFFSET - A_FIRST_STRUCTURE] = BARE(offset_number, 8, 8),
    [A_TO_OLDSTAT - A_FIRST_STRUCTURE] = ABBREVIATED(oldstat_fields, 32, 32),
    [A_TO_OWNER - A_FIRST_STRUCTURE] = WHOLE(owner_fields, 8, 8),
    [A_TO_PID - A_FIRST_STRUCTURE] = BARE(process, 4, 4),
    [A_TO_RLIMIT - A_FIRST_STRUCTURE] = WHOLE(rlimit_fields, sizeof(struct rlimit), 8),
    [A_TO_RLIMIT64 - A_FIRST_STRUCTURE] = WHOLE(rlimit64_fields, sizeof(struct rlimit), sizeof(struct rlimit)),
    [A_TO_RUSAGE - A_FIRST_STRUCTURE] = ABBREVIATED(rusage_fields, sizeof(struct rusage), 72),
    [A_TO_RUSAGE_CHILD - A_FIRST_STRUCTURE] = {.fields = rusage_fields,
                                               .count = COUNT(rusage_fields),
                                               .size = {sizeof(struct rusage), 72},
                                               .before = "{",
                                               .behind = ", ...}",
                                               .is_abbreviated = true,
                                               .needs_positive = true},
    [A_TO_SECCOMP_ACTION - A_FIRST_STRUCTURE] = BARE(seccomp_action, 4, 4),
    [A_TO_RW_HINT - A_FIRST_STRUCTURE] = BARE(rw_hint, 8, 8),
    [A_TO_SIGACTION - A_FIRST_STRUCTURE] = WHOLE(sigaction_fields, sizeof(struct kernel_sigaction), 20),
    [A_TO_SIGSET - A_FIRST_STRUCTURE] = STRUCTURE(signals, "", "", 8, 8),
    [A_TO_SIZE - A_FIRST_STRUCTURE] = BARE(size_number, 8, 4),
    [A_TO_STACK - A_FIRST_STRUCTURE] = WHOLE(stack_fields, sizeof(stack_t), 12),
    [A_TO_STAT - A_FIRST_STRUCTURE] = ABBREVIATED(stat_fields, sizeof(struct stat), 64),
    [A_TO_STAT64 - A_FIRST_STRUCTURE] = ABBREVIATED(stat64_fields, sizeof(struct stat), 96),
    [A_TO_STATFS - A_FIRST_STRUCTURE] = WHOLE(statfs_fields, sizeof(struct statfs), 64),
    [A_TO_STATFS64 - A_FIRST_STRUCTURE] = WHOLE(statfs64_fields, sizeof(struct statfs), 84),
    [A_TO_STATUS - A_FIRST_STRUCTURE] = {.fields = status,
                                         .count = COUNT(status),
                                         .size = {4, 4},
                                         .before = "[",
                                         .behind = "]",
                                         .needs_positive = true},
    [A_TO_STATX - A_FIRST_STRUCTURE] = ABBREVIATED(statx_fields, sizeof(struct statx), sizeof(struct statx)),
    [A_TO_SYSINFO - A_FIRST_STRUCTURE] = WHOLE(sysinfo_fields, sizeof(struct sysinfo), 64),
    [A_TO_TIMESPEC - A_FIRST_STRUCTURE] = WHOLE(timespec, sizeof(struct __kernel_timespec), 8),
    [A_TO_TIMESPEC64 - A_FIRST_STRUCTURE] =
        WHOLE(timespec64, sizeof(struct __kernel_timespec), sizeof(struct __kernel_timespec)),
    [A_TO_TIMEVAL - A_FIRST_STRUCTURE] = WHOLE(timeval, sizeof(struct timeval), 8),
    [A_TO_TIMEZONE - A_FIRST_STRUCTURE] = WHOLE(timezone_fields, sizeof(struct timezone), sizeof(struct timezone)),
    [A_TO_TMS - A_FIRST_STRUCTURE] = WHOLE(tms, sizeof(struct tms), 16),
    [A_TO_U64 - A_FIRST_STRUCTURE] = BARE(u64_number, 8, 8),
    [A_TO_UINT - A_FIRST_STRUCTURE] = BARE(uint_number, 4, 4),
    [A_TO_UTSNAME - A_FIRST_STRUCTURE] = ABBREVIATED(utsname, sizeof(struct new_utsname), sizeof(struct new_utsname)),
    [A_TO_WINSIZE - A_FIRST_STRUCTURE] =
        WHOLE(winsize_fields, sizeof(struct kernel_winsize), sizeof(struct kernel_winsize)),
    [A_TO_WORD - A_FIRST_STRUCTURE] = BARE(word, 8, 4),
    [A_LINGER - A_FIRST_STRUCTURE] = WHOLE(linger_fields, sizeof(struct linger), sizeof(struct linger)),
    [A_UCRED - A_FIRST_STRUCTURE] = WHOLE(ucred_fields, sizeof(struct ucred), sizeof(struct ucred)),
    [A_EPOLL_DATA - A_FIRST_STRUCTURE] = WHOLE(epoll_data_fields, 8, 8),
    [A_EPOLL_EVENT - A_FIRST_STRUCTURE] =
        WHOLE(epoll_event_fields, sizeof(struct epoll_event), sizeof(struct epoll_event)),
    [A_FSID - A_FIRST_STRUCTURE] = WHOLE(fsid, 8, 8),
};

const struct structure *structure_of(enum arg_type type) {
    return type >= A_FIRST_STRUCTURE && type <= A_LAST_STRUCTURE ? &structures[type - A_FIRST_STRUCTURE] : NULL;
}
