/* SPDX-License-Identifier: MIT
 *
 * Offsets, locks, handles and how files are opened, as they are shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    FD_NOWHERE = 900,
    NR_OPENAT2 = 437,
    NR_MOUNT_SETATTR = 442,
    NR_LANDLOCK_CREATE_RULESET = 444,
    NR_LANDLOCK_ADD_RULE = 445,
};

/* Memory that ends: put these bytes right before its end. */
static char *end_of_memory;

static void *at_the_end(const void *bytes, size_t size) {
    return memcpy(end_of_memory - size, bytes, size);
}

static int make_end(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    end_of_memory = pages + page;
    return pages == MAP_FAILED ? -1 : munmap(end_of_memory, page);
}

static void show_offsets(int file, int to, const int *ends) {
    int64_t from = 2;
    int64_t put = 3;
    shown(syscall(SYS_copy_file_range, file, &from, to, &put, 4, 0L), "copy_file_range(%d, [2], %d, [3], 4, 0)", file,
          to);
    from = -5;
    shown(syscall(SYS_copy_file_range, file, &from, to, NULL, 4, 1L), "copy_file_range(%d, [-5], %d, NULL, 4, 1)", file,
          to);
    void *cut = at_the_end(&from, 4);
    shown(syscall(SYS_copy_file_range, file, cut, to, 8, 4, 0L), "copy_file_range(%d, %p, %d, 0x8, 4, 0)", file, cut,
          to);
    from = 1;
    shown(syscall(SYS_splice, file, &from, ends[1], NULL, 3, (long)SPLICE_F_MOVE),
          "splice(%d, [1], %d, NULL, 3, SPLICE_F_MOVE)", file, ends[1]);
    put = 7;
    shown(syscall(SYS_splice, ends[0], NULL, to, &put, 3, 0L), "splice(%d, NULL, %d, [7], 3, 0)", ends[0], to);
    from = 1;
    shown(syscall(SYS_sendfile, to, file, &from, 3), "sendfile(%d, %d, [1] => [4], 3)", to, file);
    from = -7;
    shown(syscall(SYS_sendfile, to, file, &from, 3), "sendfile(%d, %d, [18446744073709551609], 3)", to, file);
    shown(syscall(SYS_sendfile, to, file, 8, 3), "sendfile(%d, %d, 0x8, 3)", to, file);
}

static void show_locks(int file) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 2, .l_pid = 77};
    shown(syscall(SYS_fcntl, file, F_SETLK, &lock),
          "fcntl(%d, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1, l_len=2})", file);
    shown(syscall(SYS_fcntl, file, F_GETLK, &lock),
          "fcntl(%d, F_GETLK, {l_type=F_UNLCK, l_whence=SEEK_SET, l_start=1, l_len=2, l_pid=77})", file);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -1, .l_len = -2};
    shown(syscall(SYS_fcntl, file, F_OFD_SETLKW, &lock),
          "fcntl(%d, F_OFD_SETLKW, {l_type=F_WRLCK, l_whence=SEEK_END, l_start=-1, l_len=-2})", file);
    lock = (struct flock){.l_type = -1, .l_whence = 9};
    shown(syscall(SYS_fcntl, file, F_SETLKW, &lock),
          "fcntl(%d, F_SETLKW, {l_type=0xffff /* F_??? */, l_whence=0x9 /* SEEK_??? */, l_start=0, l_len=0})", file);
    shown(syscall(SYS_fcntl, file, F_GETLK, &lock), "fcntl(%d, F_GETLK, %p)", file, (void *)&lock);
    shown(syscall(SYS_fcntl, file, F_SETLK, NULL), "fcntl(%d, F_SETLK, NULL)", file);
    void *cut = at_the_end(&lock, sizeof(lock) - 1);
    shown(syscall(SYS_fcntl, file, F_SETLK, cut), "fcntl(%d, F_SETLK, %p)", file, cut);
    struct f_owner_ex owner = {F_OWNER_PID, getpid()};
    shown(syscall(SYS_fcntl, file, F_SETOWN_EX, &owner), "fcntl(%d, F_SETOWN_EX, {type=F_OWNER_PID, pid=%d})", file,
          owner.pid);
    shown(syscall(SYS_fcntl, file, F_GETOWN_EX, &owner), "fcntl(%d, F_GETOWN_EX, {type=F_OWNER_PID, pid=%d})", file,
          owner.pid);
    owner = (struct f_owner_ex){9, -3};
    shown(syscall(SYS_fcntl, file, F_SETOWN_EX, &owner), "fcntl(%d, F_SETOWN_EX, {type=0x9 /* F_OWNER_??? */, pid=-3})",
          file);
}

static void show_opening(void) {
    struct {
        struct open_how how;
        char more[8];
    } known = {{O_RDONLY, 0, 0}, ""};
    struct open_how how = {O_RDWR | O_CREAT | O_EXCL, 0600, RESOLVE_NO_SYMLINKS | 0x1000};
    shown(syscall(NR_OPENAT2, -1, "/", &how, sizeof(how)),
          "openat2(-1, \"/\", {flags=O_RDWR|O_CREAT|O_EXCL, mode=0600, resolve=RESOLVE_NO_SYMLINKS|0x1000}, 24)");
    how = (struct open_how){O_PATH, 0, 0};
    shown(syscall(NR_OPENAT2, -1, "", &how, sizeof(how)), "openat2(-1, \"\", {flags=O_RDONLY|O_PATH, resolve=0}, 24)");
    shown(syscall(NR_OPENAT2, -1, "", &how, 23), "openat2(-1, \"\", %p, 23)", (void *)&how);
    shown(syscall(NR_OPENAT2, -1, "", &known, sizeof(known)), "openat2(-1, \"\", {flags=O_RDONLY, resolve=0}, 32)");
    known.more[3] = 5;
    shown(syscall(NR_OPENAT2, -1, "", &known, sizeof(known)),
          "openat2(-1, \"\", {flags=O_RDONLY, resolve=0, /* bytes 24..31 */ "
          "\"\\x00\\x00\\x00\\x05\\x00\\x00\\x00\\x00\"}, 32)");
    shown(syscall(NR_OPENAT2, -1, "", at_the_end(&known, sizeof(known)), 33),
          "openat2(-1, \"\", {flags=O_RDONLY, resolve=0, ???}, 33)");
}

/* A handle of the root of file systems, if that has handles. */
static void show_handles(void) {
    struct {
        struct file_handle handle;
        unsigned char bytes[MAX_HANDLE_SZ];
    } found = {.handle.handle_bytes = MAX_HANDLE_SZ};
    int mount;
    long result = syscall(SYS_name_to_handle_at, AT_FDCWD, "/proc/self", &found, &mount, 0x4000);
    shown(result, "name_to_handle_at(AT_FDCWD, \"/proc/self\", {handle_bytes=128}, %p, 0x4000 /* AT_??? */)",
          (void *)&mount);
    result = syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &found, &mount, 0);
    int error = errno;
    if (result < 0) {
        printf("name_to_handle_at(AT_FDCWD, \"/\", {handle_bytes=128}, %p, 0) = -1 %s (%s)\n", (void *)&mount,
               strerrorname_np(error), strerrordesc_np(error));
    } else {
        printf("name_to_handle_at(AT_FDCWD, \"/\", {handle_bytes=128 => %u, handle_type=%d, f_handle=\"",
               found.handle.handle_bytes, found.handle.handle_type);
        for (unsigned i = 0; i < found.handle.handle_bytes; i++) {
            printf("\\x%02x", found.bytes[i]);
        }
        printf("\"}, [%d], 0) = 0\n", mount);
        unsigned needed = found.handle.handle_bytes;
        found.handle.handle_bytes = 1;
        shown(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &found, &mount, 0),
              "name_to_handle_at(AT_FDCWD, \"/\", {handle_bytes=1 => %u}, %p, 0)", needed, (void *)&mount);
    }
    found.handle = (struct file_handle){.handle_bytes = 2, .handle_type = -1};
    memcpy(found.bytes, "\x7f\xff", 2);
    shown(syscall(SYS_open_by_handle_at, FD_NOWHERE, &found, O_RDONLY),
          "open_by_handle_at(%d, {handle_bytes=2, handle_type=-1, f_handle=\"\\x7f\\xff\"}, O_RDONLY)", FD_NOWHERE);
    shown(syscall(SYS_open_by_handle_at, FD_NOWHERE, at_the_end(&found, 9), O_RDONLY),
          "open_by_handle_at(%d, {handle_bytes=2, handle_type=-1, f_handle=???}, O_RDONLY)", FD_NOWHERE);
}

static void show_mounts_and_rules(void) {
    uint64_t attr[5] = {0x100001, 0x70, 1 << 18, 1};
    shown(syscall(NR_MOUNT_SETATTR, -1, "nowhere", 0x8000, attr, 32),
          "mount_setattr(-1, \"nowhere\", AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_IDMAP, "
          "attr_clr=MOUNT_ATTR_NOATIME|MOUNT_ATTR_STRICTATIME|0x40, propagation=MS_PRIVATE, userns_fd=1}, 32)");
    attr[2] = 0;
    attr[3] = UINT32_MAX;
    shown(syscall(NR_MOUNT_SETATTR, -1, "nowhere", 0, attr, 40),
          "mount_setattr(-1, \"nowhere\", 0, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_IDMAP, "
          "attr_clr=MOUNT_ATTR_NOATIME|MOUNT_ATTR_STRICTATIME|0x40, propagation=0 /* MS_??? */, "
          "userns_fd=4294967295}, 40)");
    uint64_t handled[2] = {0x2001, 0};
    shown(syscall(NR_LANDLOCK_CREATE_RULESET, handled, 8, 1 << 30),
          "landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|LANDLOCK_ACCESS_FS_REFER}, 8, "
          "0x40000000 /* LANDLOCK_CREATE_RULESET_??? */)");
    shown(syscall(NR_LANDLOCK_CREATE_RULESET, handled, 16, 1 << 30),
          "landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|LANDLOCK_ACCESS_FS_REFER, ...}, 16, "
          "0x40000000 /* LANDLOCK_CREATE_RULESET_??? */)");
    struct {
        uint64_t access;
        int32_t fd;
    } rule = {4, -5};
    shown(syscall(NR_LANDLOCK_ADD_RULE, FD_NOWHERE, 1, at_the_end(&rule, 12), 0),
          "landlock_add_rule(%d, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_READ_FILE, "
          "parent_fd=-5}, 0)",
          FD_NOWHERE);
    shown(syscall(NR_LANDLOCK_ADD_RULE, FD_NOWHERE, 77, &rule, 0),
          "landlock_add_rule(%d, 0x4d /* LANDLOCK_RULE_??? */, %p, 0)", FD_NOWHERE, (void *)&rule);
}

static void show_attributes(void) {
    char value[50];
    memset(value, 'v', sizeof(value));
    shown(syscall(SYS_fsetxattr, FD_NOWHERE, "user.a", "value", 6, 0), "fsetxattr(%d, \"user.a\", \"value\", 6, 0)",
          FD_NOWHERE);
    shown(syscall(SYS_fsetxattr, FD_NOWHERE, "user.a", "\0", 2, 0), "fsetxattr(%d, \"user.a\", \"\\0\", 2, 0)",
          FD_NOWHERE);
    value[31] = 0;
    shown(syscall(SYS_fsetxattr, FD_NOWHERE, "user.a", value, 40, 0), "fsetxattr(%d, \"user.a\", \"%.31s\", 40, 0)",
          FD_NOWHERE, value);
    value[31] = 'v';
    shown(syscall(SYS_fsetxattr, FD_NOWHERE, "user.a", value, 33, 0), "fsetxattr(%d, \"user.a\", \"%.32s\"..., 33, 0)",
          FD_NOWHERE, value);
    shown(syscall(SYS_fsetxattr, FD_NOWHERE, "user.a", value, 65537, 0), "fsetxattr(%d, \"user.a\", %p, 65537, 0)",
          FD_NOWHERE, (void *)value);
}

int main(void) {
    int ends[2];
    int file = memfd_create("from", 0);
    int to = memfd_create("to", 0);
    if (file < 0 || to < 0 || pipe(ends) < 0 || write(file, "0123456789", 10) != 10 || make_end() < 0) {
        return 1;
    }
    shown_calls("copy_file_range,splice,sendfile,fcntl,openat2,name_to_handle_at,open_by_handle_at,mount_setattr,"
                "landlock_create_ruleset,landlock_add_rule,fsetxattr");
    show_offsets(file, to, ends);
    show_locks(file);
    show_opening();
    show_handles();
    show_mounts_and_rules();
    show_attributes();
    return 0;
}
