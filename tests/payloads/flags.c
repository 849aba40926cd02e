/* SPDX-License-Identifier: MIT
 *
 * Calls with every kind of number that has a name, known and unknown: nearly
 * all of them fail, and none does anything to the machine. Raw calls, so that
 * the C library neither changes nor refuses anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <linux/futex.h>
#include <linux/hdreg.h>
#include <linux/hidraw.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/kvm.h>
#include <linux/loop.h>
#include <linux/nbd.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <linux/rtc.h>
#include <linux/seccomp.h>
#include <linux/uinput.h>
#include <linux/usbdevice_fs.h>
#include <linux/userfaultfd.h>
#include <linux/videodev2.h>
#include <mtd/mtd-abi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <sound/asound.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CALL(name, ...) syscall(SYS_##name, __VA_ARGS__)

/* Each value for the last argument of the call in turn. */
#define EACH(values, name, ...)                                                                                        \
    for (size_t each_ = 0; each_ < sizeof(values) / sizeof((values)[0]); each_++) {                                    \
        CALL(name, __VA_ARGS__, (values)[each_]);                                                                      \
    }

static const char bad[] = "/nonexistent/file";
/* Whatever bits they are, and nothing sane. */
static const long odd[] = {0, 1, 2, 3, 4, 7, 8, 0x10, 0x77, 0x100, 0x1234, 0x40000000, 0x7fffffff, 0xdeadbeefL, -1};

enum {
    NOWHERE = 1,  /* an address that nothing is at */
    NO_FD = 9999, /* a descriptor that is not open */
};

static void paths(void) {
    char longer[64];
    memset(longer, 'x', sizeof(longer));
    longer[63] = 0;
    CALL(unlink, longer);
    CALL(unlink, longer + 31);
    CALL(unlink, longer + 30);
    CALL(unlink, "\1\0017\33[0m\t\n\v\f\r\"\\\177\200\377\3778");
    CALL(unlink, "");
    CALL(unlink, NULL);
    CALL(unlink, NOWHERE);
    CALL(rename, bad, NULL);
    CALL(symlink, longer, bad);
    CALL(link, bad, NOWHERE);
    CALL(chdir, -1L);
    CALL(readlink, bad, NULL, -1L);
    CALL(readlinkat, -100, bad, NOWHERE, 0x80000000L);
    CALL(truncate, bad, -1L);
    CALL(truncate, bad, 0x123456789L);
    CALL(write, NO_FD, longer, 63L);
    CALL(write, NO_FD, longer, 32L);
    CALL(write, NO_FD, longer, 33L);
    CALL(write, NO_FD, "a\0b\00012", 7L);
    CALL(write, NO_FD, NULL, 10L);
    CALL(write, NO_FD, NOWHERE, 10L);
    CALL(write, NO_FD, "", 0L);
    CALL(pwrite64, NO_FD, "abc", 3L, -5L);
    CALL(setxattr, bad, "user.x", "value", 5L, 1L);
    CALL(setxattr, bad, longer, longer, 63L, 3L);
    CALL(fsetxattr, NO_FD, "user.y", NULL, 0L, 0x10L);
    CALL(getxattr, bad, "user.x", NULL, 0L);
    CALL(removexattr, bad, "user.\xff");
    CALL(memfd_create, longer, 0x10000L);
    CALL(chroot, bad);
    CALL(acct, bad);
    CALL(statfs, bad, NULL);
    CALL(utime, bad, NULL);
}

static void open_flags(void) {
    static const long flags[] = {O_RDONLY,          O_WRONLY | O_TRUNC, O_RDWR | O_APPEND, O_ACCMODE,
                                 O_RDONLY | 010000, O_PATH | O_CLOEXEC, O_DIRECTORY,       O_DSYNC,
                                 O_SYNC | O_WRONLY, __O_TMPFILE,        0100000,           O_NOATIME | O_NOFOLLOW,
                                 O_ASYNC | O_EXCL,  O_NOCTTY | 0x80,    0x40000000,        O_DIRECT | O_NONBLOCK};
    EACH(flags, open, bad);
    EACH(flags, openat, AT_FDCWD, bad);
    EACH(odd, openat, NO_FD, bad);
    CALL(open, bad, O_CREAT | O_WRONLY, 0644L);
    CALL(open, bad, O_CREAT | O_EXCL | O_RDWR, 07777L);
    CALL(openat, -100, bad, O_CREAT | O_RDWR, 0177777L);
    CALL(openat, -2, bad, O_TMPFILE | O_RDWR, 0L);
    CALL(openat, 3, bad, O_CREAT, -1L);
    CALL(creat, bad, 0600L);
    CALL(openat2, AT_FDCWD, bad, NULL, 24L);
    EACH(odd, pipe2, NULL);
    EACH(odd, dup3, NO_FD, 5);
    EACH(odd, memfd_create, NULL);
    EACH(odd, eventfd2, 3);
    EACH(odd, timerfd_create, CLOCK_MONOTONIC);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        CALL(inotify_init1, odd[i]);
        CALL(epoll_create1, odd[i]);
        CALL(userfaultfd, odd[i]);
    }
    EACH(odd, signalfd4, NO_FD, NULL, 8L);
    EACH(odd, accept4, NO_FD, NULL, NULL);
    EACH(odd, pidfd_open, 0);
    CALL(mq_open, "queue", O_RDONLY);
    CALL(mq_open, "queue/", O_CREAT | O_RDWR, 0600L, NULL);
}

static void modes(void) {
    static const long values[] = {0,       0644,        07777,   0100644, S_IFIFO | 0600, S_IFSOCK, S_IFDIR | 0755,
                                  0160000, 01000000000, 0xffffL, -1,      010000L << 16};
    EACH(values, chmod, bad);
    EACH(values, fchmod, NO_FD);
    EACH(values, mkdir, bad);
    EACH(values, fchmodat, AT_FDCWD, bad);
    EACH(values, mkdirat, NO_FD, bad);
    EACH(values, mknod, bad);
    CALL(mknod, bad, S_IFCHR | 0600, makedev(1, 3));
    CALL(mknod, bad, S_IFBLK | 0600, 0L);
    CALL(mknod, bad, S_IFIFO | 0600, 5L);
    CALL(mknod, bad, 0600, 5L);
    CALL(mknodat, AT_FDCWD, bad, S_IFCHR | 04600, makedev(4095, 0xfffff));
    CALL(mknodat, AT_FDCWD, bad, S_IFREG | 0600, 0L);
    CALL(umask, 022L);
    CALL(umask, 0777L);
    CALL(umask, 07L);
    CALL(umask, 0L);
    CALL(umask, 0177777L);
    CALL(umask, -1L);
    CALL(umask, 022L);
}

static void ids(void) {
    static const long values[] = {0, 1000, 65535, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, -1, -2};
    EACH(values, chown, bad, 0);
    EACH(values, fchown, NO_FD, -1);
    EACH(values, lchown, bad, 0xffffffffL);
    EACH(odd, fchownat, AT_FDCWD, bad, 0, -1);
    CALL(setreuid, -1L, -1L);
    CALL(setresuid, -1L, -1L, -1L);
    CALL(setresgid, -1L, 0xffffffffL, -1L);
    CALL(setfsuid, -1L);
    CALL(setfsgid, 0xffffffffL);
    CALL(getresuid, NULL, NULL, NOWHERE);
    CALL(setgroups, -1L, NULL);
    CALL(setgroups, 3L, NOWHERE);
    CALL(getgroups, 0L, NULL);
    CALL(getgroups, -1L, NOWHERE);
    CALL(getpgid, -1L);
    CALL(getsid, 0x7fffffffL);
    CALL(setpgid, -1L, 5L);
    CALL(getpriority, 0L, 0L);
    CALL(getpriority, 3L, -1L);
    CALL(setpriority, 7L, 1L, -20L);
    CALL(capget, NULL, NULL);
}

static void at_flags(void) {
    EACH(odd, newfstatat, AT_FDCWD, bad, NULL);
    EACH(odd, unlinkat, AT_FDCWD, bad);
    EACH(odd, faccessat2, AT_FDCWD, bad, R_OK);
    EACH(odd, faccessat, NO_FD, bad);
    EACH(odd, access, bad);
    EACH(odd, linkat, AT_FDCWD, bad, NO_FD, bad);
    EACH(odd, renameat2, AT_FDCWD, bad, NO_FD, bad);
    EACH(odd, utimensat, AT_FDCWD, bad, NULL);
    EACH(odd, execveat, NO_FD, bad, NULL, NULL);
    EACH(odd, name_to_handle_at, NO_FD, bad, NULL, NULL);
    CALL(statx, AT_FDCWD, bad, 0L, 0L, NULL);
    CALL(statx, AT_FDCWD, bad, AT_STATX_FORCE_SYNC | AT_EMPTY_PATH, STATX_ALL, NULL);
    CALL(statx, AT_FDCWD, bad, AT_STATX_DONT_SYNC, STATX_BASIC_STATS | 0x40000000L, NULL);
    CALL(statx, AT_FDCWD, bad, 0x6000, STATX_BASIC_STATS | STATX_BTIME, NULL);
    CALL(statx, NO_FD, NULL, 0x80000001L, 0x8000001fL, NOWHERE);
    EACH(odd, statx, NO_FD, "", 0);
    CALL(newfstatat, NO_FD, "", NULL, AT_EMPTY_PATH | AT_NO_AUTOMOUNT);
    CALL(renameat, -100L, bad, 0xffffff9cL, bad);
    CALL(symlinkat, "target", AT_FDCWD, bad);
    CALL(futimesat, AT_FDCWD, bad, NULL);
}

static void descriptors(void) {
    static const long whences[] = {0, 1, 2, 3, 4, 5, -1};
    int fds[2];
    if (pipe(fds) < 0) {
        exit(2);
    }
    EACH(whences, lseek, fds[0], -5L);
    EACH(whences, lseek, 0, 0x7fffffffffffffffL);
    CALL(close, -1L);
    CALL(close, 0x7fffffffL);
    CALL(dup2, 0xffffffffL, 0);
    CALL(read, NO_FD, NULL, -1L);
    CALL(read, fds[1], NOWHERE, 0x80000000L);
    CALL(pread64, fds[0], NOWHERE, 5L, -1L);
    CALL(preadv, NO_FD, NULL, -1L, -1L, -1L);
    CALL(preadv, NO_FD, NULL, 3L, 0x100000000L, 0L);
    EACH(odd, preadv2, NO_FD, NULL, 3L, 5L, 0L);
    CALL(preadv2, NO_FD, NULL, 3L, -1L, -1L, 0L);
    EACH(odd, pwritev2, NO_FD, NULL, 0L, 5L, 0L);
    CALL(readv, NO_FD, NULL, 5L);
    CALL(writev, NO_FD, NOWHERE, -1L);
    EACH(odd, fallocate, NO_FD);
    CALL(fallocate, NO_FD, 3L, -5L, 0x100000000L);
    EACH(odd, fadvise64, NO_FD, -1L, -1L);
    EACH(odd, flock, NO_FD);
    EACH(odd, sync_file_range, NO_FD, -1L, 5L);
    EACH(odd, splice, NO_FD, NULL, fds[0], NULL, 5L);
    EACH(odd, tee, NO_FD, NO_FD, 5L);
    EACH(odd, vmsplice, NO_FD, NULL, 0L);
    EACH(odd, copy_file_range, NO_FD, NULL, fds[0], NULL, 5L);
    EACH(odd, close_range, 5000, 0xffffffffL);
    CALL(sendfile, NO_FD, fds[0], NULL, 5L);
    CALL(ftruncate, NO_FD, -1L);
    CALL(getdents64, NO_FD, NULL, -1L);
    CALL(readahead, NO_FD, -1L, 5L);
    CALL(epoll_ctl, NO_FD, 7L, -1L, NULL);
    CALL(epoll_ctl, NO_FD, EPOLL_CTL_DEL, fds[0], NULL);
    CALL(epoll_wait, NO_FD, NULL, 0, -1);
    CALL(epoll_pwait, NO_FD, NULL, 1, 0, NULL, 8L);
    CALL(poll, NULL, 0L, 0L);
    CALL(poll, NOWHERE, -1L, 5L);
    CALL(ppoll, NULL, 3L, NOWHERE, NULL, 8L);
    CALL(select, -1, NULL, NULL, NULL, NULL);
    CALL(select, 0, NULL, NULL, NULL, NOWHERE);
    CALL(pselect6, -1, NULL, NULL, NULL, NULL, NULL);
    CALL(inotify_add_watch, NO_FD, bad, 0x1000fffL);
    EACH(odd, inotify_add_watch, NO_FD, bad);
    CALL(inotify_rm_watch, NO_FD, -1L);
    CALL(timerfd_settime, NO_FD, 3L, NULL, NULL);
    CALL(timerfd_settime, NO_FD, 0x70L, NULL, NULL);
    CALL(pidfd_send_signal, NO_FD, 9, NULL, 5L);
    CALL(pidfd_getfd, NO_FD, 5, 7L);
    CALL(syncfs, NO_FD);
}

static void mounts(void) {
    static const long attributes[] = {0, 1, 3, 0x10, 0x20, 0x80, 0xbf, 0x40, 0x8000000, 0x77777740};
    static const long flags[] = {0,
                                 MS_RDONLY | MS_NOSUID,
                                 MS_BIND | MS_REC,
                                 MS_REMOUNT | MS_NODEV,
                                 MS_REMOUNT | MS_BIND,
                                 MS_PRIVATE,
                                 MS_MOVE,
                                 0xc0ed0000,
                                 0xc0ed0000 | MS_NOEXEC,
                                 0xc0ed0000 | MS_BIND,
                                 0x200,
                                 0x7c000000,
                                 0x100000200};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        CALL(mount, "source", bad, "type", flags[i], "data");
        CALL(mount, NULL, bad, NOWHERE, flags[i], NOWHERE);
    }
    EACH(odd, umount2, bad);
    EACH(odd, open_tree, NO_FD, bad);
    EACH(attributes, move_mount, NO_FD, bad, NO_FD, bad);
    EACH(odd, fsopen, NULL);
    EACH(attributes, fsmount, NO_FD, 0L);
    EACH(odd, fsmount, NO_FD, 1L);
    EACH(odd, fspick, NO_FD, bad);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        CALL(mount_setattr, NO_FD, bad, odd[i], NULL, 5L);
    }
    for (long command = -1; command < 8; command++) {
        CALL(fsconfig, NO_FD, command, "key", "value", 0L);
        CALL(fsconfig, NO_FD, command, "key", "value", 3L);
        CALL(fsconfig, NO_FD, command, NULL, NOWHERE, AT_FDCWD);
        CALL(fsconfig, NO_FD, command, NOWHERE, NULL, NO_FD);
    }
    CALL(fsconfig, NO_FD, FSCONFIG_SET_BINARY, "key", "value", 0x100001L);
    CALL(pivot_root, bad, bad);
    CALL(swapon, bad, 0L);
    CALL(swapon, bad, 0x8005L);
    CALL(swapon, bad, 0x7fff8L);
    CALL(swapon, bad, 0xf0010005L);
}

static void watchers(void) {
    static const long classes[] = {0, 1, 4, 6, 8, 0xb, 0x10, 0x1ff0, 0x80000, 0xf0000002};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        CALL(fanotify_init, classes[i], O_RDWR | O_WRONLY | 0x800000L);
    }
    EACH(odd, fanotify_init, 0xfL);
    CALL(fanotify_mark, NO_FD, 1L, 0xffffL, AT_FDCWD, bad);
    CALL(fanotify_mark, NO_FD, 2L, 0x580f0000L, NO_FD, bad);
    CALL(fanotify_mark, NO_FD, 0x6ecL, 0x4000000100000001L, -1L, NULL);
    CALL(fanotify_mark, NO_FD, 0xf800L, 0L, 0xffffff9cL, NOWHERE);
    CALL(landlock_create_ruleset, NULL, 0L, 0L);
    CALL(landlock_create_ruleset, NOWHERE, 5L, 1L);
    CALL(landlock_create_ruleset, NULL, -1L, 0x70L);
    CALL(landlock_add_rule, NO_FD, 1L, NULL, 0xf00000001L);
    CALL(landlock_add_rule, NO_FD, 77L, NOWHERE, -1L);
    CALL(landlock_restrict_self, NO_FD, 0xf00000000L);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        CALL(perf_event_open, NULL, -1L, -1L, -1L, odd[i]);
        CALL(io_uring_enter, NO_FD, 1L, 2L, odd[i] & ~0xe0L, NULL, 8L);
        CALL(bpf, odd[i], NULL, 0L);
    }
    for (long operation = 0; operation < 24; operation++) {
        CALL(io_uring_register, NO_FD, operation, NULL, -1L);
    }
    CALL(io_destroy, 0L);
    CALL(io_getevents, 0L, -1L, 5L, NULL, NULL);
    CALL(io_submit, NOWHERE, -1L, NULL);
}

static void policies(void) {
    static const long modes[] = {0, 1, 2, 3, 4, 5, 7, 0x8002, 0xc003, 0x2000, 0xe000, 0x8007, 0x77, 0x1fff, 0xffff0001};
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        CALL(mbind, NOWHERE, 5L, modes[i], NULL, 0L, modes[i]);
        CALL(set_mempolicy, modes[i], NOWHERE, -1L);
    }
    EACH(odd, get_mempolicy, NOWHERE, NULL, 0L, NULL);
    EACH(odd, move_pages, 0x7ffffffeL, 0L, NULL, NULL, NULL);
    EACH(odd, pkey_alloc, 5L);
    EACH(odd, process_madvise, NO_FD, NULL, 0L, 4L);
    EACH(odd, process_mrelease, NO_FD);
    CALL(migrate_pages, 0x7ffffffeL, -1L, NULL, NULL);
    CALL(set_mempolicy_home_node, NOWHERE, 5L, 77L, 7L);
    CALL(memfd_secret, 5L);
    CALL(memfd_secret, 0x80005L);
}

/* Nothing here gets as far as a magic number that is right, or to a descriptor that is open. */
static void machine(void) {
    static const long machines[] = {0, 1, 3, 0x3e0001, 0xf0000, 0x10002, 0x77770003, 0xb70000, 0x1fff0000f0};
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        CALL(kexec_load, 0L, 99L, NULL, machines[i]);
    }
    CALL(kexec_file_load, NO_FD, NO_FD, 5L, "line", 0x40L);
    CALL(kexec_file_load, NO_FD, NO_FD, -1L, NULL, 0x47L);
    CALL(reboot, 0xfee1deadL, 5L, 0xa1b2c3d4L, "now");
    CALL(reboot, 0xfee1deadL, 5L, 0x4321fedcL, NULL);
    CALL(reboot, 5L, 0x20112000L, 77L, NULL);
    EACH(odd, finit_module, NO_FD, "options");
    EACH(odd, delete_module, "nothing");
    CALL(ustat, makedev(4095, 77L), NULL);
    CALL(lookup_dcookie, -1L, NULL, 5L);
}

static void fcntls(void) {
    static const long getters[] = {F_GETFD,    F_GETFL,      F_GETOWN,    F_GETSIG,
                                   F_GETLEASE, F_GETPIPE_SZ, F_GET_SEALS, F_GETOWN_EX};
    static const long settings[] = {0, 1, 2, 5, 0x800, 0x8c02, -1};
    for (size_t i = 0; i < sizeof(getters) / sizeof(getters[0]); i++) {
        CALL(fcntl, 0, getters[i], 0L);
        CALL(fcntl, 0, getters[i], NOWHERE);
    }
    EACH(settings, fcntl, NO_FD, F_SETFD);
    EACH(settings, fcntl, NO_FD, F_SETFL);
    EACH(settings, fcntl, NO_FD, F_DUPFD);
    EACH(settings, fcntl, NO_FD, F_DUPFD_CLOEXEC);
    EACH(settings, fcntl, NO_FD, F_SETOWN);
    EACH(settings, fcntl, NO_FD, F_SETSIG);
    EACH(settings, fcntl, NO_FD, F_SETLEASE);
    EACH(settings, fcntl, NO_FD, F_NOTIFY);
    EACH(settings, fcntl, NO_FD, F_SETPIPE_SZ);
    EACH(settings, fcntl, NO_FD, F_ADD_SEALS);
    EACH(settings, fcntl, NO_FD, 1033); /* F_ADD_SEALS by number */
    EACH(settings, fcntl, NO_FD, F_GETLK);
    EACH(settings, fcntl, NO_FD, F_OFD_SETLKW);
    EACH(settings, fcntl, NO_FD, F_SETOWN_EX);
    CALL(fcntl, NO_FD, F_GET_RW_HINT, NOWHERE);
    CALL(fcntl, NO_FD, F_SET_FILE_RW_HINT, -1L);
    EACH(settings, fcntl, NO_FD, 0x1234);
    EACH(settings, fcntl, NO_FD, -1L);
}

static void ioctls(void) {
    static const long requests[] = {TCGETS,
                                    TCSETSW,
                                    TCSBRK,
                                    TCXONC,
                                    TCFLSH,
                                    TIOCGPGRP,
                                    TIOCGWINSZ,
                                    TIOCSCTTY,
                                    TIOCNOTTY,
                                    TIOCSTI,
                                    FIONREAD,
                                    FIONBIO,
                                    FIOCLEX,
                                    FIONCLEX,
                                    FIOASYNC,
                                    TIOCGPTN,
                                    TIOCSPTLCK,
                                    TIOCGPTPEER,
                                    TIOCGSID,
                                    TIOCOUTQ,
                                    TIOCEXCL,
                                    TIOCNXCL,
                                    FICLONE,
                                    FICLONERANGE,
                                    BLKROGET,
                                    BLKSSZGET,
                                    BLKGETSIZE64,
                                    FS_IOC_GETFLAGS,
                                    FS_IOC_SETFLAGS,
                                    0,
                                    1,
                                    0x5678,
                                    0x12345678,
                                    (long)0xffffffff,
                                    -1,
                                    _IO('V', 0x70),
                                    _IOR('V', 'x', int),
                                    _IOW(1, 2, char[0x1234]),
                                    _IOWR(0, 0, long)};
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        CALL(ioctl, NO_FD, requests[i], 0L);
        CALL(ioctl, NO_FD, requests[i], NOWHERE);
        CALL(ioctl, NO_FD, requests[i], 0x12345678L);
    }
    CALL(ioctl, NO_FD, TCFLSH, TCIOFLUSH);
    /* One of each kind: no argument, an address, numbers, a descriptor, names. */
    static const long kinds[] = {BLKRRPART,
                                 LOOP_SET_FD,
                                 LOOP_SET_BLOCK_SIZE,
                                 HDIO_GETGEO,
                                 HDIO_SET_DMA,
                                 HDIO_SET_BUSSTATE,
                                 KDSETMODE,

                                 KDSKBMETA,
                                 FIGETBSZ,
                                 NBD_SET_SOCK,
                                 NBD_SET_FLAGS,
                                 NBD_DO_IT,
                                 NS_GET_USERNS,
                                 NS_GET_OWNER_UID,
                                 RTC_AIE_ON,
                                 RTC_IRQP_SET,
                                 PERF_EVENT_IOC_ENABLE,
                                 KVM_CREATE_VM,
                                 KVM_CREATE_VCPU,
                                 KVM_CHECK_EXTENSION,
                                 KVM_RUN,
                                 BTRFS_IOC_BALANCE_CTL,
                                 FITRIM,
                                 FIFREEZE,
                                 SIOCGIFCONF,
                                 SIOCGIFNAME,
                                 TUNSETIFF,
                                 UFFDIO_API,
                                 VIDIOC_QUERYCAP,
                                 SNDRV_PCM_IOCTL_DROP,
                                 SNDRV_CTL_IOCTL_CARD_INFO,
                                 USBDEVFS_RESET,
                                 DM_VERSION,
                                 FUSE_DEV_IOC_CLONE,
                                 EVIOCGRAB,
                                 EVIOCGID,
                                 SECCOMP_IOCTL_NOTIF_ID_VALID,
                                 MEMGETINFO,
                                 OTPSELECT};
    static const long sized[] = {EVIOCGNAME(7),    EVIOCGBIT(0, 8),      EVIOCGBIT(EV_KEY, 96), EVIOCGBIT(9, 1),
                                 EVIOCGABS(ABS_X), EVIOCSABS(ABS_WHEEL), UI_GET_SYSNAME(64),    HIDIOCGRAWNAME(260)};
    for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
        CALL(ioctl, NO_FD, sized[i], NOWHERE);
    }
    static const long values[] = {0, 1, 3, 0x77, -1};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        EACH(values, ioctl, NO_FD, kinds[i]);
    }
}

static void memory(void) {
    static const long prots[] = {0, 1, 3, 7, 8, 0x10, 0x01000000, 0x02000003, 0x7fff0000, -1};
    static const long maps[] = {0,
                                1,
                                2,
                                3,
                                4,
                                MAP_PRIVATE | MAP_FIXED,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB,
                                MAP_PRIVATE | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT),
                                MAP_PRIVATE | MAP_STACK | MAP_NORESERVE | MAP_GROWSDOWN,
                                MAP_PRIVATE | MAP_32BIT | 0x8000000,
                                MAP_SHARED_VALIDATE | MAP_SYNC,
                                -1};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        CALL(mmap, 0x10000L, 0L, PROT_READ, maps[i], -1L, 0L);
    }
    CALL(mmap, NULL, 0L, 8, MAP_PRIVATE, 0xffffffffL, 0x1000L);
    CALL(mmap, NULL, -1L, 0, MAP_PRIVATE, NO_FD, -4096L);
    EACH(prots, mprotect, 1L, 0L);
    EACH(prots, pkey_mprotect, 1L, 0L, 0);
    CALL(pkey_mprotect, 1L, 0L, PROT_READ, -1L);
    EACH(odd, madvise, 1L, 0L);
    EACH(odd, msync, 1L, 0L);
    EACH(odd, mremap, 1L, 0L, 0L);
    CALL(mremap, 1L, 0L, 0L, MREMAP_FIXED | MREMAP_MAYMOVE, 0x4000L);
    CALL(mremap, 1L, 0L, 0L, MREMAP_MAYMOVE, 0x4000L);
    CALL(mremap, 1L, 0L, 0L, MREMAP_DONTUNMAP, 0x4000L);
    EACH(odd, mlock2, 1L, 0L);
    CALL(mlockall, 0L);
    CALL(mlockall, 0x18L);
    CALL(mincore, 1L, 0L, NULL);
    CALL(munmap, 1L, -1L);
    CALL(brk, 1L);
    CALL(remap_file_pages, 1L, 0L, 0L, 0L, 0x10000L);
    CALL(mbind, 1L, 0L, 3L, NULL, 0L, 1L);
    CALL(set_mempolicy, 0x8003L, NULL, 0L);
    CALL(get_mempolicy, NULL, NULL, 0L, NULL, 7L);
    CALL(process_madvise, NO_FD, NULL, 0L, MADV_COLD, 0L);
    CALL(membarrier, 0L, 0L, 0L);
    CALL(membarrier, 3L, 1L, 2L);
    CALL(membarrier, 0x77777L, 0L, 0L);
    CALL(getrandom, NULL, 0L, 0L);
    CALL(getrandom, NOWHERE, 1L, 7L);
    CALL(getrandom, NULL, -1L, 0x18L);
    CALL(pkey_alloc, 1L, 2L);
    CALL(pkey_free, -1L);
    CALL(shmget, 0L, 0L, 0L);
    CALL(shmget, 0x1234L, 0L, 0x1ffL);
    CALL(shmat, -1L, NULL, 0x7000L);
    CALL(shmat, -1L, 0x1000L, 0x12345L);
    CALL(shmctl, -1L, 0L, NULL);
    CALL(shmctl, -1L, 11L, NULL);
    CALL(shmctl, -1L, 77L, NULL);
    CALL(shmdt, 1L);
    CALL(semget, 0L, -1L, 0600L);
    CALL(semget, 0x99L, -1L, 03600L);
    CALL(semop, -1L, NULL, 0L);
    CALL(semctl, -1L, 0L, 12L, NULL);
    CALL(semctl, -1L, 0L, 16L, 5L);
    CALL(msgget, 0x77L, 0L);
    CALL(msgget, 0x77L, 0666L);
    CALL(msgsnd, -1L, NULL, 5L, 04000L);
    CALL(msgrcv, -1L, NULL, 5L, -3L, 014000L);
    CALL(msgctl, -1L, 2L, NULL);
}

static void futexes(void) {
    for (long op = 0; op < 14; op++) {
        CALL(futex, NOWHERE, op, 5L, NOWHERE, NOWHERE, 7L);
        CALL(futex, NOWHERE, op | FUTEX_PRIVATE_FLAG, -1L, 0L, 0L, -1L);
        CALL(futex, NOWHERE, op | FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME, 0x7fffffffL, NOWHERE, NULL, 0xffffffffL);
        CALL(futex, NOWHERE, op | FUTEX_CLOCK_REALTIME | 0x1000, 0x80000000L, 3L, NULL, 0xffffffffL);
    }
    CALL(futex, NOWHERE, 0x7fL, 1L, 2L, 3L, 4L);
    CALL(futex, NULL, -1L, 1L, 2L, 3L, 4L);
    CALL(set_robust_list, NULL, -1L);
    CALL(get_robust_list, -1L, NULL, NULL);
    CALL(rseq, NOWHERE, 0L, 5L, 6L);
    CALL(rseq, NULL, 32L, 1L, 0x53053053L);
}

static void signals(void) {
    static const long numbers[] = {0, 1, 9, 16, 31, 32, 33, 34, 63, 64, 65, 128, 0x7fffffff, -1};
    EACH(numbers, kill, 0x7ffffffe);
    EACH(numbers, tkill, 0x7ffffffe);
    EACH(numbers, tgkill, 0x7ffffffe, 0x7ffffffd);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        CALL(rt_sigaction, numbers[i], NOWHERE, NULL, 8L);
        CALL(rt_sigqueueinfo, 0x7ffffffe, numbers[i], NULL);
    }
    CALL(rt_sigaction, 1L, NULL, NULL, 4L);
    CALL(rt_sigprocmask, 0L, NULL, NULL, 8L);
    CALL(rt_sigprocmask, 7L, NULL, NULL, -1L);
    CALL(rt_sigprocmask, -1L, NOWHERE, NULL, 8L);
    CALL(rt_sigpending, NULL, 99L);
    CALL(rt_sigsuspend, NULL, 99L);
    CALL(rt_sigtimedwait, NULL, NULL, NULL, 99L);
    CALL(sigaltstack, NULL, NULL);
    CALL(kill, -0x7ffffff0L, SIGTERM);
    CALL(kill, 0x7ffffff0L, SIGTERM);
    CALL(tkill, -1L, 0L);
}

static void processes(void) {
    static const long rlimits[] = {0, 1, 7, 15, 16, -1};
    EACH(odd, wait4, 0x7ffffffe, NULL);
    CALL(wait4, -1L, NULL, WNOHANG | __WALL, NULL);
    CALL(waitid, 0L, 0L, NULL, 0L, NULL);
    CALL(waitid, 1L, 0x7ffffffeL, NULL, WEXITED | WNOHANG, NULL);
    CALL(waitid, 77L, -1L, NULL, 0x77L, NULL);
    for (size_t i = 0; i < sizeof(rlimits) / sizeof(rlimits[0]); i++) {
        CALL(getrlimit, rlimits[i], NULL);
        CALL(prlimit64, 0L, rlimits[i], NULL, NULL);
        CALL(getrusage, rlimits[i], NULL);
        CALL(getitimer, rlimits[i], NULL);
        CALL(sched_get_priority_max, rlimits[i]);
        CALL(clock_gettime, rlimits[i], NOWHERE);
        CALL(clock_nanosleep, rlimits[i], 0x5L, NOWHERE, NULL);
        CALL(timer_create, rlimits[i], NULL, NULL);
    }
    CALL(clock_getres, -6L, NULL);  /* a process's clock */
    CALL(clock_getres, -22L, NULL); /* a thread's */
    CALL(clock_getres, 0xfffffff3L, NULL);
    CALL(clock_gettime, 12L, NOWHERE);
    CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, NOWHERE, NULL);
    CALL(setrlimit, 99L, NULL);
    CALL(prlimit64, -1L, 7L, NOWHERE, NULL);
    CALL(sched_setscheduler, 0L, 0x40000001L, NULL);
    CALL(sched_setscheduler, 0L, 77L, NULL);
    CALL(sched_getscheduler, 0L);
    CALL(sched_setaffinity, 0L, 0L, NULL);
    CALL(sched_getaffinity, -1L, 128L, NULL);
    CALL(sched_getparam, -1L, NULL);
    CALL(unshare, 0x8000L);
    CALL(unshare, 0x100L);
    CALL(setns, NO_FD, CLONE_NEWNS);
    CALL(setns, NO_FD, 0L);
    CALL(setns, NO_FD, 0x77L);
    CALL(clone, CLONE_NEWUSER | CLONE_THREAD, NULL, NULL, NULL, NULL);
    CALL(clone, CLONE_THREAD | SIGCHLD, NOWHERE, NULL, NULL, NULL);
    CALL(clone, CLONE_THREAD | CLONE_PARENT_SETTID, NULL, NULL, 6L, 7L);
    CALL(clone, CLONE_THREAD | CLONE_CHILD_CLEARTID | CLONE_SETTLS, NULL, NULL, 6L, 7L);
    CALL(clone3, NULL, 0L);
    CALL(clone3, NOWHERE, 64L);
    CALL(ptrace, 77L, 1L, 2L, 3L);
    CALL(ptrace, PTRACE_ATTACH, -1L, 0L, 0L);
    CALL(ptrace, PTRACE_PEEKDATA, -1L, 8L, NULL);
    CALL(alarm, 0L);
    CALL(nanosleep, NULL, NULL);
    CALL(getcpu, NULL, NULL, NULL);
    CALL(times, NULL);
    CALL(time, NULL);
    CALL(set_tid_address, NULL);
    CALL(personality, 0xffffffffL);
    CALL(seccomp, 77L, 0L, NULL);
    CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0x77L, NULL);
    CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 0L, NULL);
    CALL(arch_prctl, 0x1234L, 5L);
    CALL(arch_prctl, 0x1011L, 0L);
    CALL(arch_prctl, 0x1003L, NOWHERE);
    CALL(keyctl, 77L, 1L, 2L, 3L, 4L);
    CALL(iopl, 77L);
    CALL(ioprio_get, 1L, 0L);
    CALL(bpf, 5L, NULL, 0L);
    CALL(syslog, 77L, NULL, 0L);
    CALL(io_setup, 0L, NULL);
    CALL(io_destroy, 5L);
    CALL(io_uring_setup, 0L, NULL);
    CALL(io_uring_enter, NO_FD, 1L, 2L, 3L, NULL, 8L);
    CALL(io_uring_register, NO_FD, 2L, NULL, 1L);
    CALL(perf_event_open, NULL, -1L, -1L, -1L, 9L);
    CALL(process_vm_readv, 0x7ffffffeL, NULL, 0L, NULL, 0L, 5L);
    CALL(mount, NULL, bad, NULL, MS_BIND | MS_REC, NULL);
    CALL(umount2, bad, 0x77L);
    CALL(swapon, bad, 0x8001L);
    CALL(sysfs, 77L, 0L, 0L);
    CALL(fsopen, NULL, 1L);
    CALL(fsmount, NO_FD, 1L, 1L);
    CALL(open_tree, NO_FD, bad, 0x80001L);
    CALL(move_mount, NO_FD, bad, NO_FD, bad, 0x44L);
    CALL(fanotify_init, 0x77777L, 0L);
    CALL(fanotify_mark, NO_FD, 0x55L, 0x20L, -100L, bad);
    CALL(init_module, NULL, 0L, NULL);
    CALL(delete_module, "nothing", 0x800L);
    CALL(kexec_load, 0L, 99L, NULL, 0x55L);
    CALL(add_key, "none", "x", NULL, 0L, -3L);
}

static void prctls(void) {
    static const long harmless[] = {PR_GET_PDEATHSIG,
                                    PR_GET_DUMPABLE,
                                    PR_GET_UNALIGN,
                                    PR_GET_KEEPCAPS,
                                    PR_GET_TIMING,
                                    PR_GET_ENDIAN,
                                    PR_GET_SECCOMP,
                                    PR_GET_TSC,
                                    PR_GET_SECUREBITS,
                                    PR_GET_TIMERSLACK,
                                    PR_MCE_KILL_GET,
                                    PR_GET_CHILD_SUBREAPER,
                                    PR_GET_NO_NEW_PRIVS,
                                    PR_GET_TID_ADDRESS,
                                    PR_GET_THP_DISABLE,
                                    PR_GET_IO_FLUSHER,
                                    77777,
                                    PR_TASK_PERF_EVENTS_ENABLE,
                                    PR_SET_TIMING,
                                    -1};
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        CALL(prctl, harmless[i], NOWHERE, 2L, 3L, 4L);
        CALL(prctl, harmless[i], 0L, 0L, 0L, 0L);
    }
    CALL(prctl, PR_SET_NAME, NOWHERE);
    CALL(prctl, PR_GET_NAME, NOWHERE);
    CALL(prctl, PR_SET_PDEATHSIG, 99L);
    CALL(prctl, PR_SET_PDEATHSIG, SIGCHLD);
    CALL(prctl, PR_SET_DUMPABLE, 99L);
    CALL(prctl, PR_SET_DUMPABLE, 1L);
    CALL(prctl, PR_SET_KEEPCAPS, 99L);
    CALL(prctl, PR_SET_TIMERSLACK, 50000L);
    CALL(prctl, PR_SET_CHILD_SUBREAPER, 0L);
    CALL(prctl, PR_SET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
    CALL(prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
    CALL(prctl, PR_SET_THP_DISABLE, 0L, 0L, 0L, 0L);
    CALL(prctl, PR_SET_PTRACER, 0L);
    CALL(prctl, PR_SET_PTRACER, -1L);
    CALL(prctl, PR_CAPBSET_READ, 0L);
    CALL(prctl, PR_CAPBSET_READ, 40L);
    CALL(prctl, PR_CAPBSET_READ, 99L);
    CALL(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1L, 0L, 0L);
    CALL(prctl, PR_SET_TSC, 99L);
    CALL(prctl, PR_SET_SECUREBITS, 0L);
    CALL(prctl, PR_MCE_KILL, 99L, 0L, 0L, 0L);
    CALL(prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, NOWHERE, 0L, NULL);
    CALL(prctl, PR_SET_IO_FLUSHER, 99L, 0L, 0L, 0L);
}

static void sockets(void) {
    static const long types[] = {SOCK_STREAM, SOCK_DGRAM | SOCK_CLOEXEC,
                                 SOCK_RAW,    SOCK_SEQPACKET | SOCK_NONBLOCK,
                                 10,          11,
                                 0,           0x1000,
                                 0x1003,      0x1803,
                                 -1};
    static const long protocols[] = {0, 1, 2, 6, 17, 58, 132, 255, 262, 0x1234, -1};
    static const long options[] = {0, 1, 2, 3, 5, 9, 13, 20, 25, 26, 36, 64, 65, 66, 68, 98, 128, 1152, -1};
    /* Those whose options strace knows as well. */
    static const long levels[] = {SOL_SOCKET, SOL_IP, SOL_TCP, SOL_UDP, 40,  SOL_IPV6, 101, 132, 255,   256,
                                  257,        263,    266,     268,     269, 270,      271, 272, 273,   274,
                                  275,        276,    277,     278,     279, 280,      281, 283, 77777, -1};
    /* Not AF_IRDA: strace has the names of AF_CAN there. */
    static const long families[] = {AF_AX25, AF_PACKET, AF_CAN, AF_BLUETOOTH, AF_RXRPC, AF_ISDN, AF_PHONET,
                                    AF_CAIF, AF_NFC,    AF_KCM, AF_SMC,       AF_VSOCK, 45,      77};
    static const long kinds[] = {0, 1, 2, 3, 6, 7, 16, 0x300, 0x608, 0x800, 0xcf, 0xdd86, 0x10300, 0x1234, -1};
    EACH(types, socket, 99);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        CALL(socket, -1L, types[i], 0L);
        CALL(socket, 9999L, types[i], 5L);
    }
    EACH(protocols, socket, AF_INET, 0);
    EACH(protocols, socket, AF_INET6, 0);
    EACH(protocols, socket, AF_NETLINK, 0);
    EACH(protocols, socket, AF_UNIX, 0);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        EACH(kinds, socket, families[i], 99);
    }
    EACH(protocols, socketpair, AF_INET, 0);
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        for (size_t j = 0; j < sizeof(options) / sizeof(options[0]); j++) {
            CALL(setsockopt, NO_FD, levels[i], options[j], NULL, 0L);
            CALL(getsockopt, NO_FD, levels[i], options[j], NULL, NULL);
        }
    }
    EACH(odd, shutdown, NO_FD);
    EACH(odd, listen, NO_FD);
    EACH(odd, accept4, NO_FD, NULL, NULL);
    EACH(odd, sendto, NO_FD, "message", 7L);
    EACH(odd, recvfrom, NO_FD, NULL, 5L);
    EACH(odd, sendmsg, NO_FD, NULL);
    EACH(odd, recvmsg, NO_FD, NULL);
    CALL(sendto, NO_FD, NULL, -1L, 0x4000L, NULL, -1L);
    CALL(accept, NO_FD, NULL, NULL);
    CALL(getsockname, NO_FD, NULL, NULL);
    CALL(recvmmsg, NO_FD, NULL, 5L, 0x10040L, NULL);
    CALL(sendmmsg, NO_FD, NULL, 5L, 0x4000L);
}

static void address(const void *bytes, long size) {
    CALL(connect, NO_FD, bytes, size);
    CALL(bind, NO_FD, bytes, size);
    CALL(sendto, NO_FD, "x", 1L, 0L, bytes, size);
}

static void addresses(void) {
    static const char *const families[] = {
        "\1\0/tmp/socket",
        "\1\0/tmp/sock\"et\n\377\0rest of it",
        "\1\0\0abstract\0name",
        "\1\0\0",
        "\2\0\0\120\177\0\0\1\0\0\0\0\0\0\0\0",
        "\12\0\37\220\0\1\2\3\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\2\0\0\0",
        "\12\0\37\220\0\0\0\0\0\0\0\0\0\0\0\0\0\0\377\377\1\2\3\4\1\0\0\0",
        "\12\0\37\220\0\0\0\0\376\200\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\0\0\0",
        "\20\0\0\0\1\2\0\0\1\0\0\200",
        "\20\0\0\0\0\0\0\0\0\0\0\0",
        "\0\0abcdefghijklmn",
        "\377\377abcdefghijklmn",
        "\50\0\0\0\1\2\3\4\5\6\7\10\0\0\0\0",
    };
    static const long sizes[] = {16, 16, 15, 3, 16, 28, 28, 28, 12, 12, 16, 16, 16};
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        struct sockaddr_storage storage = {0};
        memcpy(&storage, families[i], (size_t)sizes[i]);
        address(&storage, sizes[i]);
        address(&storage, 2);
        address(&storage, sizes[i] - 1);
        address(&storage, 110);
        address(&storage, sizeof(storage));
        address(&storage, 8);
    }
    address(NULL, 0);
    address(NULL, 16);
    address((void *)NOWHERE, 16);
    address("", 0);
    address("\2", 1);
    address("\2\0", -1);
    address("\2\0", 4096);
}

static void execs(void) {
    char *many[80];
    char text[64];
    memset(text, 'y', sizeof(text));
    text[63] = 0;
    for (int i = 0; i < 79; i++) {
        many[i] = text + 60 - i % 40;
    }
    many[79] = NULL;
    many[40] = NULL;
    CALL(execve, bad, many, NULL);
    many[40] = text;
    many[33] = NULL;
    CALL(execve, bad, many, many);
    many[33] = text;
    many[32] = NULL;
    CALL(execve, bad, many, many);
    many[31] = NULL;
    CALL(execve, bad, many, many + 31);
    CALL(execve, bad, NULL, NULL);
    CALL(execve, bad, NOWHERE, NOWHERE);
    CALL(execve, NULL, many + 31, many + 30);
    CALL(execveat, AT_FDCWD, bad, many, many, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
}

static void unknown_calls(void) {
    syscall(1000, 1L, 2L, 3L, 4L, 5L, 6L);
    syscall(500, -1L, 0L, 0x7fffffffL, 0xffffffffL, 0L, 0L);
    syscall(-1L, 1L, 2L, 3L, 4L, 5L, 6L);
    syscall(0x7fffffffL, 0L, 0L, 0L, 0L, 0L, 0L);
    syscall(183, 1L, 2L, 3L, 4L, 5L);
    syscall(156, NULL);
}

int main(void) {
    paths();
    open_flags();
    modes();
    ids();
    at_flags();
    descriptors();
    fcntls();
    ioctls();
    memory();
    futexes();
    signals();
    processes();
    prctls();
    sockets();
    addresses();
    execs();
    mounts();
    watchers();
    policies();
    machine();
    unknown_calls();
    return 0;
}
