/* SPDX-License-Identifier: MIT
 *
 * Structures of calls about files: locks, handles, attributes of mounts, how a file is opened, Landlock; files and
 * directories with -v.
 */
#include "decoding_world.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
    NR_LANDLOCK_CREATE_RULESET = 444,
    NR_LANDLOCK_ADD_RULE = 445,
    NR_MOUNT_SETATTR = 442,
    NR_OPENAT2 = 437,
    NR_STATMOUNT = 457,
    NR_LISTMOUNT = 458,
    NR_LSM_GET_SELF_ATTR = 459,
    NR_LSM_SET_SELF_ATTR = 460,
    NR_LSM_LIST_MODULES = 461,
    NR_SETXATTRAT = 463,
    NR_GETXATTRAT = 464,
    NR_FILE_GETATTR = 468,
    NR_FILE_SETATTR = 469,
    I386_OLDSTAT = 18,
    I386_FCNTL = 55,
    I386_READDIR = 89,
    I386_STAT = 106,
    I386_LLSEEK = 140,
    I386_GETDENTS = 141,
    I386_STAT64 = 195,
    I386_GETDENTS64 = 220,
    I386_FCNTL64 = 221,
};

#define GOES_ON " = ? <unavailable>"

/* --------------------------------------------------------------------------- fcntl */

static void test_locks(void **state) {
    struct decoding_world *world = *state;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = 5, .l_pid = 7};
    world_put(world, WORLD_BASE, &lock, sizeof(lock));
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, F_SETLK, WORLD_BASE));
    world_shows(world, "fcntl(3, F_SETLK, {l_type=F_WRLCK, l_whence=SEEK_END, l_start=-1, l_len=5})" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, F_GETLK, WORLD_BASE));
    world_shows(world, "fcntl(3, F_GETLK, 0x10000)" GOES_ON);
    world_return(world, 0);
    world_shows(world, "fcntl(3, F_GETLK, {l_type=F_WRLCK, l_whence=SEEK_END, l_start=-1, l_len=5, l_pid=7}) = 0");
    world_return(world, -EINVAL);
    world_shows(world, "fcntl(3, F_GETLK, 0x10000) = -1 EINVAL (Invalid argument)");
    lock = (struct flock){.l_type = -1, .l_whence = 77};
    world_put(world, WORLD_HOLE - sizeof(lock), &lock, sizeof(lock));
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, F_OFD_SETLKW, WORLD_HOLE - sizeof(lock)));
    world_shows(world, "fcntl(3, F_OFD_SETLKW, {l_type=0xffff /* F_??? */, l_whence=0x4d /* SEEK_??? */, l_start=0, "
                       "l_len=0})" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, F_SETLKW, WORLD_HOLE - sizeof(lock) + 1));
    world_shows(world, "fcntl(3, F_SETLKW, 0x11fe1)" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, F_SETLKW, 0));
    world_shows(world, "fcntl(3, F_SETLKW, NULL)" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, 13, WORLD_BASE));
    world_shows(world, "fcntl(3, F_SETLK64, 0x10000)" GOES_ON);
}

static void test_locks_of_i386(void **state) {
    struct decoding_world *world = *state;
    static const int32_t narrow[] = {F_RDLCK | SEEK_CUR << 16, -1, 5, 7};
    static const int32_t wide[] = {F_RDLCK | SEEK_CUR << 16, -1, -1, 5, 1, 7};
    world_put(world, WORLD_BASE, narrow, sizeof(narrow));
    world_put(world, WORLD_OTHER, wide, sizeof(wide));
    world_enter(world, ARCH_I386, I386_FCNTL, ARGS(3, 6, WORLD_BASE));
    world_shows(world, "fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_CUR, l_start=-1, l_len=5})" GOES_ON);
    world_enter(world, ARCH_I386, I386_FCNTL64, ARGS(3, 13, WORLD_OTHER));
    world_shows(world,
                "fcntl64(3, F_SETLK64, {l_type=F_RDLCK, l_whence=SEEK_CUR, l_start=-1, l_len=4294967301})" GOES_ON);
    world_enter(world, ARCH_I386, I386_FCNTL64, ARGS(3, 36, WORLD_OTHER));
    world_return(world, 0);
    world_shows(world, "fcntl64(3, F_OFD_GETLK, {l_type=F_RDLCK, l_whence=SEEK_CUR, l_start=-1, l_len=4294967301, "
                       "l_pid=7}) = 0");
}

static void test_owners_and_hints(void **state) {
    struct decoding_world *world = *state;
    static const int32_t owner[] = {2, -5};
    static const uint64_t hint = 3;
    world_put(world, WORLD_BASE, owner, sizeof(owner));
    world_put(world, WORLD_OTHER, &hint, sizeof(hint));
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, 15, WORLD_BASE));
    world_shows(world, "fcntl(3, F_SETOWN_EX, {type=F_OWNER_PGRP, pid=-5})" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, 16, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "fcntl(3, F_GETOWN_EX, {type=F_OWNER_PGRP, pid=-5}) = 0");
    world_enter(world, ARCH_X86_64, SYS_fcntl, ARGS(3, 0x40c, WORLD_OTHER));
    world_shows(world, "fcntl(3, F_SET_RW_HINT, [RWH_WRITE_LIFE_MEDIUM])" GOES_ON);
}

/* --------------------------------------------------------------------- descriptors */

static void test_two_descriptors(void **state) {
    struct decoding_world *world = *state;
    static const int32_t ends[] = {3, -4};
    world_put(world, WORLD_BASE, ends, sizeof(ends));
    world_enter(world, ARCH_X86_64, SYS_pipe, ARGS(WORLD_BASE));
    world_shows(world, "pipe(0x10000)" GOES_ON);
    world_return(world, 0);
    world_shows(world, "pipe([3, -4]) = 0");
    world_return(world, -EMFILE);
    world_shows(world, "pipe(0x10000) = -1 EMFILE (Too many open files)");
    world->options.vector_limit = 1;
    world_enter(world, ARCH_I386, 331, ARGS(WORLD_BASE, O_CLOEXEC));
    world_return(world, 0);
    world_shows(world, "pipe2([3, ...], O_CLOEXEC) = 0");
}

/* ------------------------------------------------------------------------- offsets */

static void test_offsets(void **state) {
    struct decoding_world *world = *state;
    static const int64_t offset = -5;
    world_put(world, WORLD_BASE, &offset, sizeof(offset));
    world_enter(world, ARCH_X86_64, SYS_splice, ARGS(3, WORLD_BASE, 4, 0, 5, 1));
    world_return(world, 5);
    world_shows(world, "splice(3, [-5], 4, NULL, 5, SPLICE_F_MOVE) = 5");
    world_enter(world, ARCH_X86_64, SYS_copy_file_range, ARGS(3, WORLD_HOLE - 4, 4, WORLD_BASE, 5, 0));
    world_shows(world, "copy_file_range(3, 0x11ffc, 4, [-5], 5, 0)" GOES_ON);
    world_enter(world, ARCH_I386, I386_LLSEEK, ARGS(3, 0, 5, WORLD_BASE, 0));
    world_return(world, 0);
    world_shows(world, "_llseek(3, 5, [-5], SEEK_SET) = 0");
}

/* ------------------------------------------------------------------------- handles */

static void put_handle(struct decoding_world *world, uint64_t address, uint32_t length, int32_t type) {
    world_put(world, address, &length, sizeof(length));
    world_put(world, address + 4, &type, sizeof(type));
}

static void test_a_handle_is_found(void **state) {
    struct decoding_world *world = *state;
    static const int32_t mount = 27;
    world_put_string(world, WORLD_OTHER, "f");
    put_handle(world, WORLD_BASE, 128, 5);
    world_enter(world, ARCH_X86_64, SYS_name_to_handle_at, ARGS(3, WORLD_OTHER, WORLD_BASE, WORLD_OTHER + 8, 0));
    world_shows(world, "name_to_handle_at(3, \"f\", {handle_bytes=128}, 0x50008, 0)" GOES_ON);
    put_handle(world, WORLD_BASE, 4, -1);
    world_put(world, WORLD_BASE + 8, "\1\2\xff", 4);
    world_put(world, WORLD_OTHER + 8, &mount, sizeof(mount));
    world_return(world, 0);
    world_shows(world, "name_to_handle_at(3, \"f\", {handle_bytes=128 => 4, handle_type=-1, "
                       "f_handle=\"\\x01\\x02\\xff\\x00\"}, [27], 0) = 0");
    world_return(world, -EOVERFLOW);
    world_shows(world, "name_to_handle_at(3, \"f\", {handle_bytes=128 => 4}, 0x50008, 0) = -1 EOVERFLOW (Value too "
                       "large for defined data type)");
    world_return(world, -EINVAL);
    world_shows(world, "name_to_handle_at(3, \"f\", {handle_bytes=128}, 0x50008, 0) = -1 EINVAL (Invalid argument)");
}

static void test_odd_handles(void **state) {
    struct decoding_world *world = *state;
    uint64_t end = WORLD_HOLE - 8;
    put_handle(world, end, 20, 512);
    world_enter(world, ARCH_X86_64, SYS_open_by_handle_at, ARGS(3, end, 0));
    world_shows(world, "open_by_handle_at(3, {handle_bytes=20, handle_type=512, f_handle=???}, O_RDONLY)" GOES_ON);
    world_enter(world, ARCH_X86_64, SYS_open_by_handle_at, ARGS(3, end + 1, 0));
    world_shows(world, "open_by_handle_at(3, 0x11ff9, O_RDONLY)" GOES_ON);
    put_handle(world, end, 0, 1);
    world_enter(world, ARCH_X86_64, SYS_open_by_handle_at, ARGS(3, end, 0));
    world_shows(world, "open_by_handle_at(3, {handle_bytes=0, handle_type=1, f_handle=\"\"}, O_RDONLY)" GOES_ON);
    put_handle(world, end - 200, 4, 1);
    world_put_string(world, WORLD_OTHER, "f");
    world_enter(world, ARCH_X86_64, SYS_name_to_handle_at, ARGS(3, WORLD_OTHER, end - 200, 0, 0));
    put_handle(world, end - 200, UINT32_MAX, 1);
    world_return(world, 0);
    const struct capture *handle = NULL;
    const uint8_t *at = (const uint8_t *)world->call.captures;
    for (const uint8_t *stop = at + world->call.record.call.captures_size; at < stop; at = capture_end(handle)) {
        handle = (const struct capture *)(const void *)at;
        assert_in_range(handle->size, 0, 128);
    }
}

/* ------------------------------------------------------- structures that tell their size */

static void opens(struct decoding_world *world, uint64_t address, uint64_t size) {
    world_enter(world, ARCH_X86_64, NR_OPENAT2, ARGS((uint64_t)AT_FDCWD, 0, address, size));
}

static void test_how_a_file_is_opened(void **state) {
    struct decoding_world *world = *state;
    uint64_t how[] = {O_RDWR | O_CREAT, 0600, 0x28, 0, UINT64_C(5) << 56};
    world_put(world, WORLD_BASE, how, sizeof(how));
    opens(world, WORLD_BASE, 24);
    world_shows(world, "openat2(AT_FDCWD, NULL, {flags=O_RDWR|O_CREAT, mode=0600, "
                       "resolve=RESOLVE_BENEATH|RESOLVE_CACHED}, 24)" GOES_ON);
    opens(world, WORLD_BASE, 23);
    world_shows(world, "openat2(AT_FDCWD, NULL, 0x10000, 23)" GOES_ON);
    opens(world, WORLD_BASE, 32);
    world_shows(world, "openat2(AT_FDCWD, NULL, {flags=O_RDWR|O_CREAT, mode=0600, "
                       "resolve=RESOLVE_BENEATH|RESOLVE_CACHED}, 32)" GOES_ON);
    world->options.string_limit = 15;
    opens(world, WORLD_BASE, 40);
    world_shows(world,
                "openat2(AT_FDCWD, NULL, {flags=O_RDWR|O_CREAT, mode=0600, resolve=RESOLVE_BENEATH|RESOLVE_CACHED, "
                "/* bytes 24..39 */ \"\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\""
                "...}, 40)" GOES_ON);
    how[0] = O_PATH;
    how[1] = 0;
    how[2] = 0x40;
    world_put(world, WORLD_HOLE - 24, how, 24);
    opens(world, WORLD_HOLE - 24, 24);
    world_shows(world, "openat2(AT_FDCWD, NULL, {flags=O_RDONLY|O_PATH, resolve=0x40 /* RESOLVE_??? */}, 24)" GOES_ON);
    opens(world, WORLD_HOLE - 24, 25);
    world_shows(world, "openat2(AT_FDCWD, NULL, {flags=O_RDONLY|O_PATH, resolve=0x40 /* RESOLVE_??? */, ???}, "
                       "25)" GOES_ON);
    opens(world, WORLD_HOLE - 23, 24);
    world_shows(world, "openat2(AT_FDCWD, NULL, 0x11fe9, 24)" GOES_ON);
    world_put(world, WORLD_BASE, how, 24);
    world->options.string_limit = 1;
    opens(world, WORLD_BASE, UINT64_MAX);
    world_shows(world, "openat2(AT_FDCWD, NULL, {flags=O_RDONLY|O_PATH, resolve=0x40 /* RESOLVE_??? */, /* bytes "
                       "24..4095 */ \"\\x00\"...}, 18446744073709551615)" GOES_ON);
}

static void test_attributes_of_a_mount(void **state) {
    struct decoding_world *world = *state;
    uint64_t attr[] = {1, 0x70, 0x40000, 3};
    world_put(world, WORLD_BASE, attr, sizeof(attr));
    world_enter(world, ARCH_X86_64, NR_MOUNT_SETATTR, ARGS(3, 0, 0, WORLD_BASE, 32));
    world_shows(world, "mount_setattr(3, NULL, 0, {attr_set=MOUNT_ATTR_RDONLY, "
                       "attr_clr=MOUNT_ATTR_NOATIME|MOUNT_ATTR_STRICTATIME|0x40, propagation=MS_PRIVATE, "
                       "userns_fd=3}, 32)" GOES_ON);
    attr[2] = 0;
    attr[3] = UINT64_C(1) << 31;
    world_put(world, WORLD_BASE, attr, sizeof(attr));
    world_enter(world, ARCH_X86_64, NR_MOUNT_SETATTR, ARGS(3, 0, 0, WORLD_BASE, 32));
    world_shows(world, "mount_setattr(3, NULL, 0, {attr_set=MOUNT_ATTR_RDONLY, "
                       "attr_clr=MOUNT_ATTR_NOATIME|MOUNT_ATTR_STRICTATIME|0x40, propagation=0 /* MS_??? */, "
                       "userns_fd=2147483648}, 32)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_MOUNT_SETATTR, ARGS(3, 0, 0, WORLD_BASE, 31));
    world_shows(world, "mount_setattr(3, NULL, 0, 0x10000, 31)" GOES_ON);
}

static void test_landlock(void **state) {
    struct decoding_world *world = *state;
    static const uint64_t words[] = {0x2001, 443};
    world_put(world, WORLD_HOLE - 16, words, sizeof(words));
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_CREATE_RULESET, ARGS(WORLD_HOLE - 16, 8, 0));
    world_shows(world, "landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|"
                       "LANDLOCK_ACCESS_FS_REFER}, 8, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_CREATE_RULESET, ARGS(WORLD_HOLE - 16, UINT64_MAX, 0));
    world_shows(world, "landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|"
                       "LANDLOCK_ACCESS_FS_REFER, ...}, 18446744073709551615, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_CREATE_RULESET, ARGS(WORLD_HOLE - 7, 8, 0));
    world_shows(world, "landlock_create_ruleset(0x11ff9, 8, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_ADD_RULE, ARGS(3, 1, WORLD_HOLE - 16, 0));
    world_shows(world,
                "landlock_add_rule(3, LANDLOCK_RULE_PATH_BENEATH, "
                "{allowed_access=LANDLOCK_ACCESS_FS_EXECUTE|LANDLOCK_ACCESS_FS_REFER, parent_fd=443}, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_ADD_RULE, ARGS(3, 2, WORLD_HOLE - 16, 0));
    world_shows(world, "landlock_add_rule(3, LANDLOCK_RULE_NET_PORT, "
                       "{allowed_access=LANDLOCK_ACCESS_NET_BIND_TCP|0x2000, port=443}, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_ADD_RULE, ARGS(3, 9, WORLD_HOLE - 16, 0));
    world_shows(world, "landlock_add_rule(3, 0x9 /* LANDLOCK_RULE_??? */, 0x11ff0, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LANDLOCK_ADD_RULE, ARGS(3, 1, WORLD_HOLE - 8, 0));
    world_shows(world, "landlock_add_rule(3, LANDLOCK_RULE_PATH_BENEATH, 0x11ff8, 0)" GOES_ON);
}

/* ---------------------------------------------------------------- all members of files */

static void test_stat_with_v(void **state) {
    struct decoding_world *world = *state;
    struct stat file = {.st_dev = 0xfe00,
                        .st_ino = 7,
                        .st_mode = S_IFREG | 0644,
                        .st_nlink = 2,
                        .st_uid = UINT32_MAX,
                        .st_blksize = 4096,
                        .st_blocks = 8,
                        .st_size = 5,
                        .st_atim = {-1, 5},
                        .st_ctim = {1700000000, 0}};
    world->options.verbose = true;
    world_put(world, WORLD_BASE, &file, sizeof(file));
    world_enter(world, ARCH_X86_64, SYS_fstat, ARGS(3, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "fstat(3, {st_dev=makedev(0xfe, 0), st_ino=7, st_mode=S_IFREG|0644, st_nlink=2, "
                       "st_uid=4294967295, st_gid=0, st_blksize=4096, st_blocks=8, st_size=5, st_atime=-1 /* "
                       "1969-12-31T23:59:59.000000005+0000 */, st_atime_nsec=5, st_mtime=0, st_mtime_nsec=0, "
                       "st_ctime=1700000000 /* 2023-11-14T22:13:20+0000 */, st_ctime_nsec=0}) = 0");
    file.st_mode = S_IFCHR | 0666;
    file.st_rdev = 0x103;
    file.st_atim.tv_nsec = 1000000000;
    file.st_ctim.tv_sec = INT64_MAX;
    world_put(world, WORLD_BASE, &file, sizeof(file));
    world_enter(world, ARCH_X86_64, SYS_fstat, ARGS(3, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "fstat(3, {st_dev=makedev(0xfe, 0), st_ino=7, st_mode=S_IFCHR|0666, st_nlink=2, "
                       "st_uid=4294967295, st_gid=0, st_blksize=4096, st_blocks=8, st_rdev=makedev(0x1, 0x3), "
                       "st_atime=-1, st_atime_nsec=1000000000, st_mtime=0, st_mtime_nsec=0, "
                       "st_ctime=9223372036854775807, st_ctime_nsec=0}) = 0");
}

/* Bytes of 1, 2, 3, ..., so that each member has a number of its own. */
static void put_numbered(struct decoding_world *world) {
    uint8_t bytes[96];
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i + 1);
    }
    world_put(world, WORLD_BASE, bytes, sizeof(bytes));
    world->options.verbose = true;
}

static void test_stat_of_i386(void **state) {
    struct decoding_world *world = *state;
    put_numbered(world);
    world_enter(world, ARCH_I386, I386_STAT, ARGS(0, WORLD_BASE));
    world_return(world, 0);
    world_shows(
        world, "stat(NULL, {st_dev=makedev(0x302, 0x4001), st_ino=134678021, st_mode=S_ISUID|S_ISVTX|011, "
               "st_nlink=3083, st_uid=3597, st_gid=4111, st_blksize=471538201, st_blocks=538910237, st_size=404166165, "
               "st_atime=606282273 /* 1989-03-19T03:44:33.673654309+0000 */, st_atime_nsec=673654309, "
               "st_mtime=741026345 /* 1993-06-25T16:39:05.808398381+0000 */, st_mtime_nsec=808398381, "
               "st_ctime=875770417 /* 1997-10-02T05:33:37.943142453+0000 */, st_ctime_nsec=943142453}) = 0");
    world_enter(world, ARCH_I386, I386_OLDSTAT, ARGS(0, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "oldstat(NULL, {st_dev=makedev(0x2, 0x1), st_ino=1027, st_mode=S_ISGID|S_ISVTX|005, "
                       "st_nlink=2055, st_uid=2569, st_gid=3083, st_blksize=0, st_blocks=0, st_size=336794129, "
                       "st_atime=404166165 /* 1982-10-22T20:22:45+0000 */, st_mtime=471538201 /* "
                       "1984-12-10T14:50:01+0000 */, st_ctime=538910237 /* 1987-01-29T09:17:17+0000 */}) = 0");
    static const uint32_t mode = S_IFREG | 0644;
    world_put(world, WORLD_BASE + 16, &mode, sizeof(mode));
    world_enter(world, ARCH_I386, I386_STAT64, ARGS(0, WORLD_BASE));
    world_return(world, 0);
    world_shows(
        world,
        "stat64(NULL, {st_dev=makedev(0x8070302, 0x60504001), st_ino=6944372905503054425, st_mode=S_IFREG|0644, "
        "st_nlink=404166165, st_uid=471538201, st_gid=538910237, st_blksize=943142453, st_blocks=4629487374684600889, "
        "st_size=3761405300627680813, st_atime=1145258561, st_atime_nsec=1212630597, st_mtime=1280002633, "
        "st_mtime_nsec=1347374669, st_ctime=1414746705, st_ctime_nsec=1482118741}) = 0");
}

static void test_statx_shows_what_its_mask_says(void **state) {
    struct decoding_world *world = *state;
    struct statx file = {.stx_mask = STATX_MODE | STATX_MTIME | STATX_MNT_ID,
                         .stx_blksize = 4096,
                         .stx_uid = UINT32_MAX,
                         .stx_mode = S_IFREG | 0600,
                         .stx_mtime = {1700000000, 7, 0},
                         .stx_dev_major = 254,
                         .stx_mnt_id = 27};
    world_put(world, WORLD_BASE, &file, sizeof(file));
    world_enter(world, ARCH_X86_64, SYS_statx, ARGS(3, 0, 0, 0, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "statx(3, NULL, AT_STATX_SYNC_AS_STAT, 0, {stx_mask=STATX_MODE|STATX_MTIME|STATX_MNT_ID, "
                       "stx_attributes=0, stx_mode=S_IFREG|0600, ...}) = 0");
    world->options.verbose = true;
    world_shows(world,
                "statx(3, NULL, AT_STATX_SYNC_AS_STAT, 0, {stx_mask=STATX_MODE|STATX_MTIME|STATX_MNT_ID, "
                "stx_blksize=4096, stx_attributes=0, stx_mode=S_IFREG|0600, stx_attributes_mask=0, "
                "stx_mtime={tv_sec=1700000000, tv_nsec=7} /* 2023-11-14T22:13:20.000000007+0000 */, stx_rdev_major=0, "
                "stx_rdev_minor=0, stx_dev_major=254, stx_dev_minor=0, stx_mnt_id=0x1b}) = 0");
}

/* --------------------------------------------------------------------- directories */

/* An entry with words of `width` bytes, and its type before the name or behind all; returns where the next is. */
static uint64_t put_entry(struct decoding_world *world, uint64_t address, unsigned width, bool is_64, uint16_t length,
                          const char *name) {
    static const uint64_t inode = 5;
    static const uint64_t next = 6;
    static const uint8_t type = 8;
    world_put(world, address, &inode, width);
    world_put(world, address + width, &next, width);
    world_put(world, address + 2 * width, &length, sizeof(length));
    world_put(world, is_64 ? address + 2 * width + 2 : address + length - 1, &type, sizeof(type));
    world_put_string(world, address + 2 * width + 2 + is_64, name);
    return address + length;
}

static void lists(struct decoding_world *world, enum arch arch, int number, uint64_t end) {
    world_enter(world, arch, number, ARGS(3, WORLD_BASE, 4096));
    world_return(world, (int64_t)(end - WORLD_BASE));
}

static void test_directories_with_v(void **state) {
    struct decoding_world *world = *state;
    world->options.verbose = true;
    uint64_t end = put_entry(world, put_entry(world, WORLD_BASE, 8, true, 24, "."), 8, true, 32, "name\n");
    lists(world, ARCH_X86_64, SYS_getdents64, end);
    world_shows(world,
                "getdents64(3, [{d_ino=5, d_off=6, d_reclen=24, d_type=DT_REG, d_name=\".\"}, {d_ino=5, d_off=6, "
                "d_reclen=32, d_type=DT_REG, d_name=\"name\\n\"}], 4096) = 56");
    lists(world, ARCH_I386, I386_GETDENTS64, end - 32);
    world_shows(world, "getdents64(3, [{d_ino=5, d_off=6, d_reclen=24, d_type=DT_REG, d_name=\".\"}], 4096) = 24");
    lists(world, ARCH_X86_64, SYS_getdents64, WORLD_BASE);
    world_shows(world, "getdents64(3, [], 4096) = 0");
    lists(world, ARCH_X86_64, SYS_getdents, put_entry(world, WORLD_BASE, 8, false, 24, "."));
    world_shows(world, "getdents(3, [{d_ino=5, d_off=6, d_reclen=24, d_name=\".\", d_type=DT_REG}], 4096) = 24");
    lists(world, ARCH_I386, I386_GETDENTS, put_entry(world, WORLD_BASE, 4, false, 16, "."));
    world_shows(world, "getdents(3, [{d_ino=5, d_off=6, d_reclen=16, d_name=\".\", d_type=DT_REG}], 4096) = 16");
}

static void test_hostile_directories(void **state) {
    struct decoding_world *world = *state;
    world->options.verbose = true;
    put_entry(world, WORLD_BASE, 8, true, 24, "unterminated");
    lists(world, ARCH_X86_64, SYS_getdents64, WORLD_BASE + 24);
    world_shows(world,
                "getdents64(3, [{d_ino=5, d_off=6, d_reclen=24, d_type=DT_REG, d_name=\"unte\"...}], 4096) = 24");
    for (unsigned length = 0; length < 64; length++) {
        put_entry(world, WORLD_BASE, 8, true, (uint16_t)length, "");
        for (unsigned size = 0; size < 64; size++) {
            lists(world, ARCH_X86_64, SYS_getdents64, WORLD_BASE + size);
            struct text text = {.verbose = true};
            struct decoded_call decoded;
            decode_call(&world->call.record, &decoded);
            arguments_to_text(&decoded, &text);
            assert_false(text.failed);
            text_finish(&text);
        }
    }
}

static void test_readdir(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t words[] = {5, 6};
    static const uint16_t length = 3;
    world_put(world, WORLD_BASE, words, sizeof(words));
    world_put(world, WORLD_BASE + 8, &length, sizeof(length));
    world_put(world, WORLD_BASE + 10, "abcdef", 6);
    world_enter(world, ARCH_I386, I386_READDIR, ARGS(3, WORLD_BASE, 1));
    world_return(world, 1);
    world_shows(world, "readdir(3, {d_ino=5, d_off=6, d_reclen=3, d_name=\"abc\"}) = 1");
    world_return(world, 0);
    world_shows(world, "readdir(3, 0x10000) = 0");
    world_put(world, WORLD_HOLE - 12, words, sizeof(words));
    world_put(world, WORLD_HOLE - 4, &length, sizeof(length));
    world_enter(world, ARCH_I386, I386_READDIR, ARGS(3, WORLD_HOLE - 12, 2));
    world_return(world, 1);
    world_shows(world, "readdir(3, {d_ino=5, d_off=6, d_reclen=3, d_name=0x11ffe}, 2) = 1");
}

/* ---------------------------------------------------------------------- attributes */

static void test_extended_attributes(void **state) {
    struct decoding_world *world = *state;
    world->options.string_limit = 4;
    world_put(world, WORLD_BASE, "abc\0\0fgh", 8);
    static const struct {
        uint64_t length;
        const char *shown;
    } values[] = {{0, "\"\""}, {1, "\"a\""}, {3, "\"abc\""}, {4, "\"abc\""}, {5, "\"abc\""}, {65537, "0x10000"}};
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char expected[128];
        snprintf(expected, sizeof(expected), "fsetxattr(3, NULL, %s, %u, 0)" GOES_ON, values[i].shown,
                 (unsigned)values[i].length);
        world_enter(world, ARCH_X86_64, SYS_fsetxattr, ARGS(3, 0, WORLD_BASE, values[i].length, 0));
        world_shows(world, expected);
    }
    world_enter(world, ARCH_X86_64, SYS_fgetxattr, ARGS(3, 0, WORLD_BASE, 0));
    world_return(world, 4);
    world_shows(world, "fgetxattr(3, NULL, \"abc\", 0) = 4");
}

static void test_attributes_of_calls_with_at(void **state) {
    struct decoding_world *world = *state;
    struct {
        uint64_t value;
        uint32_t size;
        uint32_t flags;
    } args = {WORLD_BASE, 4, 1};
    world_put(world, WORLD_BASE, "abc", 4);
    world_put(world, WORLD_OTHER, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, NR_SETXATTRAT, ARGS(3, 0, 0, 0, WORLD_OTHER, 16));
    world_shows(world, "setxattrat(3, NULL, 0, NULL, {value=\"abc\", size=4, flags=XATTR_CREATE}, 16)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_SETXATTRAT, ARGS(3, 0, 0, 0, WORLD_OTHER, 15));
    world_shows(world, "setxattrat(3, NULL, 0, NULL, 0x50000, 15)" GOES_ON);
    args.size = UINT32_MAX;
    world_put(world, WORLD_OTHER, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, NR_SETXATTRAT, ARGS(3, 0, 0, 0, WORLD_OTHER, 16));
    world_shows(world,
                "setxattrat(3, NULL, 0, NULL, {value=0x10000, size=4294967295, flags=XATTR_CREATE}, 16)" GOES_ON);
    args.size = 100;
    world_put(world, WORLD_OTHER, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, NR_GETXATTRAT, ARGS(3, 0, 0, 0, WORLD_OTHER, 16));
    world_return(world, 3);
    world_shows(world, "getxattrat(3, NULL, 0, NULL, {value=\"abc\", size=100, flags=XATTR_CREATE}, 16) = 3");
    world_return(world, -ENODATA);
    world_shows(world, "getxattrat(3, NULL, 0, NULL, {value=0x10000, size=100, flags=XATTR_CREATE}, 16) = -1 ENODATA "
                       "(No data available)");
}

static void test_attributes_of_files(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t attr[] = {0x12, 0, 5, 6, 7, 8};
    world_put(world, WORLD_BASE, attr, sizeof(attr));
    world_enter(world, ARCH_X86_64, NR_FILE_SETATTR, ARGS(3, 0, WORLD_BASE, 24, 0));
    world_shows(world, "file_setattr(3, NULL, {fa_xflags=FS_XFLAG_PREALLOC|FS_XFLAG_APPEND, fa_extsize=5, "
                       "fa_projid=0x7, fa_cowextsize=8}, 24, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_FILE_GETATTR, ARGS(3, 0, WORLD_BASE, 24, 0));
    world_return(world, 0);
    world_shows(world, "file_getattr(3, NULL, {fa_xflags=FS_XFLAG_PREALLOC|FS_XFLAG_APPEND, fa_extsize=5, "
                       "fa_nextents=6, fa_projid=0x7, fa_cowextsize=8}, 24, 0) = 0");
    world_enter(world, ARCH_X86_64, NR_FILE_SETATTR, ARGS(3, 0, WORLD_BASE, 4097, 0));
    world_shows(world, "file_setattr(3, NULL, 0x10000, 4097, 0)" GOES_ON);
}

/* -------------------------------------------------------------------------- mounts */

static void test_what_is_known_of_a_mount(void **state) {
    struct decoding_world *world = *state;
    static const uint64_t request[] = {24, 27, 0x38};
    uint8_t known[512 + 8] = "";
    memcpy(known, &(uint32_t){512 + 8}, 4);
    memcpy(known + 8, &(uint64_t){0x38}, 8);
    memcpy(known + 36, &(uint32_t){2}, 4);  /* fs_type */
    memcpy(known + 108, &(uint32_t){8}, 4); /* mnt_point */
    memcpy(known + 512, "/\0proc\0x", 8);
    world_put(world, WORLD_OTHER, request, sizeof(request));
    world_put(world, WORLD_BASE, known, sizeof(known));
    world_enter(world, ARCH_X86_64, NR_STATMOUNT, ARGS(WORLD_OTHER, WORLD_BASE, 4096, 0));
    world_return(world, 0);
    world_shows(world, "statmount({size=24, mnt_id=0x1b, param=STATMOUNT_MNT_ROOT|STATMOUNT_MNT_POINT|"
                       "STATMOUNT_FS_TYPE}, {size=520, mask=STATMOUNT_MNT_ROOT|STATMOUNT_MNT_POINT|STATMOUNT_FS_TYPE, "
                       "fs_type=\"proc\", mnt_root=\"/\", mnt_point=0x8}, 4096, 0) = 0");
    world_enter(world, ARCH_X86_64, NR_STATMOUNT, ARGS(WORLD_OTHER, WORLD_BASE, 16, 0));
    world_return(world, 0);
    world_shows(world, "statmount({size=24, mnt_id=0x1b, param=STATMOUNT_MNT_ROOT|STATMOUNT_MNT_POINT|"
                       "STATMOUNT_FS_TYPE}, {size=520, mask=STATMOUNT_MNT_ROOT|STATMOUNT_MNT_POINT|STATMOUNT_FS_TYPE, "
                       "fs_type=0, mnt_root=0, mnt_point=0}, 16, 0) = 0");
    static const uint32_t sizes[] = {23, 24};
    world_put(world, WORLD_HOLE - 8, sizes, sizeof(sizes));
    world_enter(world, ARCH_X86_64, NR_STATMOUNT, ARGS(WORLD_HOLE - 8, 0, 0, 0));
    world_shows(world, "statmount({size=23}, NULL, 0, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_STATMOUNT, ARGS(WORLD_HOLE - 4, 0, 0, 0));
    world_shows(world, "statmount({size=24, ???}, NULL, 0, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_STATMOUNT, ARGS(WORLD_HOLE - 3, 0, 0, 0));
    world_shows(world, "statmount(0x11ffd, NULL, 0, 0)" GOES_ON);
}

static void test_mounts_are_listed(void **state) {
    struct decoding_world *world = *state;
    static const uint64_t request[] = {32, UINT64_MAX, 5, 6};
    static const uint64_t ids[] = {0x17, 0x18, 0x19};
    world_put(world, WORLD_OTHER, request, sizeof(request));
    world_put(world, WORLD_BASE, ids, sizeof(ids));
    world_enter(world, ARCH_X86_64, NR_LISTMOUNT, ARGS(WORLD_OTHER, WORLD_BASE, 2, 0));
    world_return(world, 3);
    world_shows(world, "listmount({size=32, mnt_id=LSMT_ROOT, param=0x5, mnt_ns_id=0x6}, [0x17, 0x18], 2, 0) = 3");
    world_return(world, 0);
    world_shows(world, "listmount({size=32, mnt_id=LSMT_ROOT, param=0x5, mnt_ns_id=0x6}, [], 2, 0) = 0");
}

/* ---------------------------------------------------------------- security modules */

static void test_security_modules(void **state) {
    struct decoding_world *world = *state;
    uint64_t context[] = {104, 0, 40, 3, 0x010203, 9, 1, UINT64_MAX, 0};
    static const uint64_t ids[] = {100, 7};
    static const uint32_t size = 64;
    world_put(world, WORLD_OTHER, &size, sizeof(size));
    world_put(world, WORLD_BASE, ids, sizeof(ids));
    world_enter(world, ARCH_X86_64, NR_LSM_LIST_MODULES, ARGS(WORLD_BASE, WORLD_OTHER, 0));
    world_return(world, 2);
    world_shows(world, "lsm_list_modules([LSM_ID_CAPABILITY, 0x7 /* LSM_ID_??? */], [64], 0) = 2");
    world_put(world, WORLD_BASE, context, sizeof(context));
    world_enter(world, ARCH_X86_64, NR_LSM_SET_SELF_ATTR, ARGS(100, WORLD_BASE, 40, 0));
    world_shows(world, "lsm_set_self_attr(LSM_ATTR_CURRENT, {id=LSM_ID_APPARMOR, flags=0, len=40, ctx_len=3, "
                       "ctx=\"\\x03\\x02\\x01\"}, 40, 0)" GOES_ON);
    world_enter(world, ARCH_X86_64, NR_LSM_GET_SELF_ATTR, ARGS(100, WORLD_BASE, WORLD_OTHER, 0));
    world_return(world, 2);
    world_shows(world, "lsm_get_self_attr(LSM_ATTR_CURRENT, [{id=LSM_ID_APPARMOR, flags=0, len=40, ctx_len=3, "
                       "ctx=\"\\x03\\x02\\x01\"}, {id=0x9 /* LSM_ID_??? */, flags=0x1, "
                       "len=18446744073709551615, ctx_len=0, ctx=\"\"}], [64], 0) = 2");
}

/* ------------------------------------------------------------------------ any bytes */

static uint64_t next_random(uint64_t *random) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *random >> 11;
}

/* Whatever memory holds and arguments say, a call becomes a line. */
static void test_any_bytes(void **state) {
    struct decoding_world *world = *state;
    static const uint64_t edges[] = {0, 1, 8, 24, 32, UINT32_MAX, UINT64_MAX, INT64_MAX, WORLD_HOLE - 9, WORLD_BASE};
    uint64_t random = 1;
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 2 * FAKE_PAGE; i += 8) {
            uint64_t pick = next_random(&random);
            uint64_t word = pick % 3 ? edges[pick % 10] : pick % 64;
            world_put(world, WORLD_BASE + i, &word, 8);
        }
        world->options.verbose = round % 2;
        const struct syscall_row *row;
        for (size_t i = 0; (row = syscall_row_at(i)); i++) {
            enum arch arch =
                (enum arch)(row->number[ARCH_X86_64] < 0 || (round % 3 == 0 && row->number[ARCH_I386] >= 0));
            uint64_t args[SYSCALL_MAX_ARGS];
            for (unsigned arg = 0; arg < SYSCALL_MAX_ARGS; arg++) {
                uint64_t pick = next_random(&random);
                args[arg] = pick % 4 ? WORLD_BASE + pick % (2 * FAKE_PAGE) : edges[pick / 4 % 10];
            }
            world_enter(world, arch, row->number[arch], args);
            world_return(world, (int64_t)edges[next_random(&random) % 8]);
            struct text text = {.verbose = world->options.verbose};
            struct decoded_call decoded;
            decode_call(&world->call.record, &decoded);
            arguments_to_text(&decoded, &text);
            assert_false(text.failed);
            text_finish(&text);
        }
    }
}

int main(void) {
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_locks),
        WORLD_TEST(test_locks_of_i386),
        WORLD_TEST(test_owners_and_hints),
        WORLD_TEST(test_two_descriptors),
        WORLD_TEST(test_offsets),
        WORLD_TEST(test_a_handle_is_found),
        WORLD_TEST(test_odd_handles),
        WORLD_TEST(test_how_a_file_is_opened),
        WORLD_TEST(test_attributes_of_a_mount),
        WORLD_TEST(test_landlock),
        WORLD_TEST(test_stat_with_v),
        WORLD_TEST(test_stat_of_i386),
        WORLD_TEST(test_statx_shows_what_its_mask_says),
        WORLD_TEST(test_directories_with_v),
        WORLD_TEST(test_hostile_directories),
        WORLD_TEST(test_readdir),
        WORLD_TEST(test_extended_attributes),
        WORLD_TEST(test_attributes_of_calls_with_at),
        WORLD_TEST(test_attributes_of_files),
        WORLD_TEST(test_what_is_known_of_a_mount),
        WORLD_TEST(test_mounts_are_listed),
        WORLD_TEST(test_security_modules),
        WORLD_TEST(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
