/* SPDX-License-Identifier: MIT
 *
 * Names of constants, one set for each argument type that has them. Values
 * come from the C library's and the kernel's headers.
 */
#include "value.h"

#include <asm/prctl.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/ipc.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <linux/xattr.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

/* Newer than the headers of Debian 12; from the kernel's include/uapi. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#define MFD_EXEC 0x0010U
#endif
#ifndef ARCH_SHSTK_ENABLE
#define ARCH_SHSTK_ENABLE 0x5001
#define ARCH_SHSTK_DISABLE 0x5002
#define ARCH_SHSTK_LOCK 0x5003
#define ARCH_SHSTK_UNLOCK 0x5004
#define ARCH_SHSTK_STATUS 0x5005
#endif
/* linux/pidfd.h does not go together with fcntl.h. */
#define PIDFD_NONBLOCK O_NONBLOCK
/* 0 in the C library of a 64-bit program, but 32-bit programs set it. */
#define KERNEL_O_LARGEFILE 0100000

#define ENUM(name)                                                                                                     \
    { #name, (uint32_t)(name), UINT32_MAX }
#define BITS(name)                                                                                                     \
    { #name, name, name }
#define SET(array, unknown)                                                                                            \
    { array, sizeof(array) / sizeof((array)[0]), unknown }

static const struct constant access_set[] = {
    ENUM(F_OK),
    BITS(R_OK),
    BITS(W_OK),
    BITS(X_OK),
};

static const struct constant arch_prctl_set[] = {
    ENUM(ARCH_SET_GS),         ENUM(ARCH_SET_FS),       ENUM(ARCH_GET_FS),         ENUM(ARCH_GET_GS),
    ENUM(ARCH_GET_CPUID),      ENUM(ARCH_SET_CPUID),    ENUM(ARCH_GET_XCOMP_SUPP), ENUM(ARCH_GET_XCOMP_PERM),
    ENUM(ARCH_REQ_XCOMP_PERM), ENUM(ARCH_SHSTK_ENABLE), ENUM(ARCH_SHSTK_DISABLE),  ENUM(ARCH_SHSTK_LOCK),
    ENUM(ARCH_SHSTK_UNLOCK),   ENUM(ARCH_SHSTK_STATUS),
};

static const struct constant at_fdcwd_set[] = {
    ENUM(AT_FDCWD),
};

static const struct constant at_flags_set[] = {
    BITS(AT_SYMLINK_NOFOLLOW), BITS(AT_EACCESS),          BITS(AT_SYMLINK_FOLLOW),  BITS(AT_NO_AUTOMOUNT),
    BITS(AT_EMPTY_PATH),       BITS(AT_STATX_FORCE_SYNC), BITS(AT_STATX_DONT_SYNC), BITS(AT_RECURSIVE),
};

static const struct constant bpf_cmd_set[] = {
    ENUM(BPF_MAP_CREATE),       ENUM(BPF_MAP_LOOKUP_ELEM),
    ENUM(BPF_MAP_UPDATE_ELEM),  ENUM(BPF_MAP_DELETE_ELEM),
    ENUM(BPF_MAP_GET_NEXT_KEY), ENUM(BPF_PROG_LOAD),
    ENUM(BPF_OBJ_PIN),          ENUM(BPF_OBJ_GET),
    ENUM(BPF_PROG_ATTACH),      ENUM(BPF_PROG_DETACH),
    ENUM(BPF_PROG_TEST_RUN),    ENUM(BPF_PROG_GET_NEXT_ID),
    ENUM(BPF_MAP_GET_NEXT_ID),  ENUM(BPF_PROG_GET_FD_BY_ID),
    ENUM(BPF_MAP_GET_FD_BY_ID), ENUM(BPF_OBJ_GET_INFO_BY_FD),
    ENUM(BPF_PROG_QUERY),       ENUM(BPF_RAW_TRACEPOINT_OPEN),
    ENUM(BPF_BTF_LOAD),         ENUM(BPF_BTF_GET_FD_BY_ID),
    ENUM(BPF_TASK_FD_QUERY),    ENUM(BPF_MAP_LOOKUP_AND_DELETE_ELEM),
    ENUM(BPF_MAP_FREEZE),       ENUM(BPF_BTF_GET_NEXT_ID),
};

static const struct constant clock_set[] = {
    ENUM(CLOCK_REALTIME),          ENUM(CLOCK_MONOTONIC),     ENUM(CLOCK_PROCESS_CPUTIME_ID),
    ENUM(CLOCK_THREAD_CPUTIME_ID), ENUM(CLOCK_MONOTONIC_RAW), ENUM(CLOCK_REALTIME_COARSE),
    ENUM(CLOCK_MONOTONIC_COARSE),  ENUM(CLOCK_BOOTTIME),      ENUM(CLOCK_REALTIME_ALARM),
    ENUM(CLOCK_BOOTTIME_ALARM),    ENUM(CLOCK_TAI),
};

static const struct constant clone_flags_set[] = {
    BITS(CLONE_VM),
    BITS(CLONE_FS),
    BITS(CLONE_FILES),
    BITS(CLONE_SIGHAND),
    BITS(CLONE_PIDFD),
    BITS(CLONE_PTRACE),
    BITS(CLONE_VFORK),
    BITS(CLONE_PARENT),
    BITS(CLONE_THREAD),
    BITS(CLONE_NEWNS),
    BITS(CLONE_SYSVSEM),
    BITS(CLONE_SETTLS),
    BITS(CLONE_PARENT_SETTID),
    BITS(CLONE_CHILD_CLEARTID),
    BITS(CLONE_DETACHED),
    BITS(CLONE_UNTRACED),
    BITS(CLONE_CHILD_SETTID),
    BITS(CLONE_NEWCGROUP),
    BITS(CLONE_NEWUTS),
    BITS(CLONE_NEWIPC),
    BITS(CLONE_NEWUSER),
    BITS(CLONE_NEWPID),
    BITS(CLONE_NEWNET),
    BITS(CLONE_IO),
    {"SIGHUP", SIGHUP, 0xff},
    {"SIGINT", SIGINT, 0xff},
    {"SIGQUIT", SIGQUIT, 0xff},
    {"SIGILL", SIGILL, 0xff},
    {"SIGTRAP", SIGTRAP, 0xff},
    {"SIGABRT", SIGABRT, 0xff},
    {"SIGBUS", SIGBUS, 0xff},
    {"SIGFPE", SIGFPE, 0xff},
    {"SIGKILL", SIGKILL, 0xff},
    {"SIGUSR1", SIGUSR1, 0xff},
    {"SIGSEGV", SIGSEGV, 0xff},
    {"SIGUSR2", SIGUSR2, 0xff},
    {"SIGPIPE", SIGPIPE, 0xff},
    {"SIGALRM", SIGALRM, 0xff},
    {"SIGTERM", SIGTERM, 0xff},
    {"SIGSTKFLT", SIGSTKFLT, 0xff},
    {"SIGCHLD", SIGCHLD, 0xff},
    {"SIGCONT", SIGCONT, 0xff},
    {"SIGSTOP", SIGSTOP, 0xff},
    {"SIGTSTP", SIGTSTP, 0xff},
    {"SIGTTIN", SIGTTIN, 0xff},
    {"SIGTTOU", SIGTTOU, 0xff},
    {"SIGURG", SIGURG, 0xff},
    {"SIGXCPU", SIGXCPU, 0xff},
    {"SIGXFSZ", SIGXFSZ, 0xff},
    {"SIGVTALRM", SIGVTALRM, 0xff},
    {"SIGPROF", SIGPROF, 0xff},
    {"SIGWINCH", SIGWINCH, 0xff},
    {"SIGIO", SIGIO, 0xff},
    {"SIGPWR", SIGPWR, 0xff},
    {"SIGSYS", SIGSYS, 0xff},
};

static const struct constant close_range_set[] = {
    BITS(CLOSE_RANGE_UNSHARE),
    BITS(CLOSE_RANGE_CLOEXEC),
};

static const struct constant efd_flags_set[] = {
    BITS(EFD_SEMAPHORE),
    BITS(EFD_CLOEXEC),
    BITS(EFD_NONBLOCK),
};

static const struct constant epoll_flags_set[] = {
    BITS(EPOLL_CLOEXEC),
};

static const struct constant epoll_op_set[] = {
    ENUM(EPOLL_CTL_ADD),
    ENUM(EPOLL_CTL_DEL),
    ENUM(EPOLL_CTL_MOD),
};

static const struct constant fadvise_set[] = {
    ENUM(POSIX_FADV_NORMAL),   ENUM(POSIX_FADV_RANDOM),   ENUM(POSIX_FADV_SEQUENTIAL),
    ENUM(POSIX_FADV_WILLNEED), ENUM(POSIX_FADV_DONTNEED), ENUM(POSIX_FADV_NOREUSE),
};

static const struct constant falloc_set[] = {
    BITS(FALLOC_FL_KEEP_SIZE),      BITS(FALLOC_FL_PUNCH_HOLE), BITS(FALLOC_FL_NO_HIDE_STALE),
    BITS(FALLOC_FL_COLLAPSE_RANGE), BITS(FALLOC_FL_ZERO_RANGE), BITS(FALLOC_FL_INSERT_RANGE),
    BITS(FALLOC_FL_UNSHARE_RANGE),
};

static const struct constant fcntl_set[] = {
    ENUM(F_DUPFD),
    ENUM(F_GETFD),
    ENUM(F_SETFD),
    ENUM(F_GETFL),
    ENUM(F_SETFL),
    ENUM(F_GETLK),
    ENUM(F_SETLK),
    ENUM(F_SETLKW),
    ENUM(F_SETOWN),
    ENUM(F_GETOWN),
    ENUM(F_SETSIG),
    ENUM(F_GETSIG),
    ENUM(F_SETOWN_EX),
    ENUM(F_GETOWN_EX),
    ENUM(F_OFD_GETLK),
    ENUM(F_OFD_SETLK),
    ENUM(F_OFD_SETLKW),
    ENUM(F_SETLEASE),
    ENUM(F_GETLEASE),
    ENUM(F_NOTIFY),
    ENUM(F_DUPFD_CLOEXEC),
    ENUM(F_SETPIPE_SZ),
    ENUM(F_GETPIPE_SZ),
    ENUM(F_ADD_SEALS),
    ENUM(F_GET_SEALS),
    ENUM(F_GET_RW_HINT),
    ENUM(F_SET_RW_HINT),
    ENUM(F_GET_FILE_RW_HINT),
    ENUM(F_SET_FILE_RW_HINT),
};

static const struct constant fd_flags_set[] = {
    BITS(FD_CLOEXEC),
};

static const struct constant flock_set[] = {
    {"LOCK_SH", LOCK_SH, ~(uint64_t)LOCK_NB},
    {"LOCK_EX", LOCK_EX, ~(uint64_t)LOCK_NB},
    {"LOCK_UN", LOCK_UN, ~(uint64_t)LOCK_NB},
    BITS(LOCK_NB),
};

static const struct constant futex_set[] = {
    {"FUTEX_WAIT", FUTEX_WAIT, 0xff},
    {"FUTEX_WAKE", FUTEX_WAKE, 0xff},
    {"FUTEX_FD", FUTEX_FD, 0xff},
    {"FUTEX_REQUEUE", FUTEX_REQUEUE, 0xff},
    {"FUTEX_CMP_REQUEUE", FUTEX_CMP_REQUEUE, 0xff},
    {"FUTEX_WAKE_OP", FUTEX_WAKE_OP, 0xff},
    {"FUTEX_LOCK_PI", FUTEX_LOCK_PI, 0xff},
    {"FUTEX_UNLOCK_PI", FUTEX_UNLOCK_PI, 0xff},
    {"FUTEX_TRYLOCK_PI", FUTEX_TRYLOCK_PI, 0xff},
    {"FUTEX_WAIT_BITSET", FUTEX_WAIT_BITSET, 0xff},
    {"FUTEX_WAKE_BITSET", FUTEX_WAKE_BITSET, 0xff},
    {"FUTEX_WAIT_REQUEUE_PI", FUTEX_WAIT_REQUEUE_PI, 0xff},
    {"FUTEX_CMP_REQUEUE_PI", FUTEX_CMP_REQUEUE_PI, 0xff},
    {"FUTEX_LOCK_PI2", FUTEX_LOCK_PI2, 0xff},
    {"FUTEX_WAIT_PRIVATE", FUTEX_WAIT_PRIVATE, 0xff},
    {"FUTEX_WAKE_PRIVATE", FUTEX_WAKE_PRIVATE, 0xff},
    {"FUTEX_REQUEUE_PRIVATE", FUTEX_REQUEUE_PRIVATE, 0xff},
    {"FUTEX_CMP_REQUEUE_PRIVATE", FUTEX_CMP_REQUEUE_PRIVATE, 0xff},
    {"FUTEX_WAKE_OP_PRIVATE", FUTEX_WAKE_OP_PRIVATE, 0xff},
    {"FUTEX_LOCK_PI_PRIVATE", FUTEX_LOCK_PI_PRIVATE, 0xff},
    {"FUTEX_UNLOCK_PI_PRIVATE", FUTEX_UNLOCK_PI_PRIVATE, 0xff},
    {"FUTEX_TRYLOCK_PI_PRIVATE", FUTEX_TRYLOCK_PI_PRIVATE, 0xff},
    {"FUTEX_WAIT_BITSET_PRIVATE", FUTEX_WAIT_BITSET_PRIVATE, 0xff},
    {"FUTEX_WAKE_BITSET_PRIVATE", FUTEX_WAKE_BITSET_PRIVATE, 0xff},
    {"FUTEX_WAIT_REQUEUE_PI_PRIVATE", FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0xff},
    {"FUTEX_CMP_REQUEUE_PI_PRIVATE", FUTEX_CMP_REQUEUE_PI_PRIVATE, 0xff},
    BITS(FUTEX_CLOCK_REALTIME),
};

static const struct constant grnd_flags_set[] = {
    BITS(GRND_NONBLOCK),
    BITS(GRND_RANDOM),
    BITS(GRND_INSECURE),
};

static const struct constant idtype_set[] = {
    ENUM(P_ALL),
    ENUM(P_PID),
    ENUM(P_PGID),
    ENUM(P_PIDFD),
};

static const struct constant in_flags_set[] = {
    BITS(IN_CLOEXEC),
    BITS(IN_NONBLOCK),
};

static const struct constant inotify_mask_set[] = {
    BITS(IN_ACCESS),      BITS(IN_MODIFY),     BITS(IN_ATTRIB),   BITS(IN_CLOSE_WRITE), BITS(IN_CLOSE_NOWRITE),
    BITS(IN_OPEN),        BITS(IN_MOVED_FROM), BITS(IN_MOVED_TO), BITS(IN_CREATE),      BITS(IN_DELETE),
    BITS(IN_DELETE_SELF), BITS(IN_MOVE_SELF),  BITS(IN_ONLYDIR),  BITS(IN_DONT_FOLLOW), BITS(IN_EXCL_UNLINK),
    BITS(IN_MASK_CREATE), BITS(IN_MASK_ADD),   BITS(IN_ISDIR),    BITS(IN_ONESHOT),
};

static const struct constant ioctl_set[] = {
    ENUM(TCGETS),          ENUM(TCSETS),        ENUM(TCSETSW),      ENUM(TCSETSF),       ENUM(TCSBRK),
    ENUM(TCXONC),          ENUM(TCFLSH),        ENUM(TIOCGPGRP),    ENUM(TIOCSPGRP),     ENUM(TIOCGWINSZ),
    ENUM(TIOCSWINSZ),      ENUM(TIOCSCTTY),     ENUM(TIOCNOTTY),    ENUM(TIOCGPTN),      ENUM(TIOCSPTLCK),
    ENUM(TIOCGPTPEER),     ENUM(TIOCGSID),      ENUM(TIOCOUTQ),     ENUM(TIOCEXCL),      ENUM(TIOCNXCL),
    ENUM(TIOCSTI),         ENUM(FIONREAD),      ENUM(FIONBIO),      ENUM(FIOASYNC),      ENUM(FIOCLEX),
    ENUM(FIONCLEX),        ENUM(FICLONE),       ENUM(FICLONERANGE), ENUM(FIDEDUPERANGE), ENUM(FS_IOC_GETFLAGS),
    ENUM(FS_IOC_SETFLAGS), ENUM(FS_IOC_FIEMAP), ENUM(BLKGETSIZE64), ENUM(BLKSSZGET),     ENUM(BLKROGET),
    ENUM(BLKFLSBUF),       ENUM(SIOCGIFNAME),   ENUM(SIOCGIFCONF),  ENUM(SIOCGIFFLAGS),  ENUM(SIOCGIFADDR),
    ENUM(SIOCGIFMTU),      ENUM(SIOCGIFHWADDR), ENUM(SIOCGIFINDEX), ENUM(SIOCATMARK),
};

static const struct constant ipc_cmd_set[] = {
    {"IPC_RMID", IPC_RMID, ~(uint64_t)0x100},
    {"IPC_SET", IPC_SET, ~(uint64_t)0x100},
    {"IPC_STAT", IPC_STAT, ~(uint64_t)0x100},
    {"IPC_INFO", IPC_INFO, ~(uint64_t)0x100},
    BITS(IPC_64),
};

static const struct constant ipc_flags_set[] = {
    BITS(IPC_CREAT),
    BITS(IPC_EXCL),
    BITS(IPC_NOWAIT),
};

static const struct constant itimer_set[] = {
    ENUM(ITIMER_REAL),
    ENUM(ITIMER_VIRTUAL),
    ENUM(ITIMER_PROF),
};

static const struct constant madvise_set[] = {
    ENUM(MADV_NORMAL),         ENUM(MADV_RANDOM),          ENUM(MADV_SEQUENTIAL),
    ENUM(MADV_WILLNEED),       ENUM(MADV_DONTNEED),        ENUM(MADV_FREE),
    ENUM(MADV_REMOVE),         ENUM(MADV_DONTFORK),        ENUM(MADV_DOFORK),
    ENUM(MADV_HWPOISON),       ENUM(MADV_MERGEABLE),       ENUM(MADV_UNMERGEABLE),
    ENUM(MADV_HUGEPAGE),       ENUM(MADV_NOHUGEPAGE),      ENUM(MADV_DONTDUMP),
    ENUM(MADV_DODUMP),         ENUM(MADV_WIPEONFORK),      ENUM(MADV_KEEPONFORK),
    ENUM(MADV_COLD),           ENUM(MADV_PAGEOUT),         ENUM(MADV_POPULATE_READ),
    ENUM(MADV_POPULATE_WRITE), ENUM(MADV_DONTNEED_LOCKED), ENUM(MADV_COLLAPSE),
};

static const struct constant map_flags_set[] = {
    {"MAP_SHARED", MAP_SHARED, 0xf},
    {"MAP_PRIVATE", MAP_PRIVATE, 0xf},
    {"MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE, 0xf},
    BITS(MAP_FIXED),
    BITS(MAP_ANONYMOUS),
    BITS(MAP_32BIT),
    BITS(MAP_GROWSDOWN),
    BITS(MAP_DENYWRITE),
    BITS(MAP_EXECUTABLE),
    BITS(MAP_LOCKED),
    BITS(MAP_NORESERVE),
    BITS(MAP_POPULATE),
    BITS(MAP_NONBLOCK),
    BITS(MAP_STACK),
    BITS(MAP_HUGETLB),
    BITS(MAP_SYNC),
    BITS(MAP_FIXED_NOREPLACE),
};

static const struct constant membarrier_set[] = {
    ENUM(MEMBARRIER_CMD_QUERY),
    ENUM(MEMBARRIER_CMD_GLOBAL),
    ENUM(MEMBARRIER_CMD_GLOBAL_EXPEDITED),
    ENUM(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED),
    ENUM(MEMBARRIER_CMD_PRIVATE_EXPEDITED),
    ENUM(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED),
    ENUM(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE),
    ENUM(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE),
    ENUM(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ),
    ENUM(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ),
};

static const struct constant mfd_flags_set[] = {
    BITS(MFD_CLOEXEC), BITS(MFD_ALLOW_SEALING), BITS(MFD_HUGETLB), BITS(MFD_NOEXEC_SEAL), BITS(MFD_EXEC),
};

static const struct constant mlockall_set[] = {
    BITS(MCL_CURRENT),
    BITS(MCL_FUTURE),
    BITS(MCL_ONFAULT),
};

static const struct constant mount_flags_set[] = {
    BITS(MS_RDONLY),     BITS(MS_NOSUID),     BITS(MS_NODEV),     BITS(MS_NOEXEC),      BITS(MS_SYNCHRONOUS),
    BITS(MS_REMOUNT),    BITS(MS_MANDLOCK),   BITS(MS_DIRSYNC),   BITS(MS_NOSYMFOLLOW), BITS(MS_NOATIME),
    BITS(MS_NODIRATIME), BITS(MS_BIND),       BITS(MS_MOVE),      BITS(MS_REC),         BITS(MS_SILENT),
    BITS(MS_POSIXACL),   BITS(MS_UNBINDABLE), BITS(MS_PRIVATE),   BITS(MS_SLAVE),       BITS(MS_SHARED),
    BITS(MS_RELATIME),   BITS(MS_KERNMOUNT),  BITS(MS_I_VERSION), BITS(MS_STRICTATIME), BITS(MS_LAZYTIME),
};

static const struct constant mremap_set[] = {
    BITS(MREMAP_MAYMOVE),
    BITS(MREMAP_FIXED),
    BITS(MREMAP_DONTUNMAP),
};

static const struct constant msg_flags_set[] = {
    BITS(MSG_OOB),          BITS(MSG_PEEK),       BITS(MSG_DONTROUTE), BITS(MSG_CTRUNC),   BITS(MSG_PROXY),
    BITS(MSG_TRUNC),        BITS(MSG_DONTWAIT),   BITS(MSG_EOR),       BITS(MSG_WAITALL),  BITS(MSG_FIN),
    BITS(MSG_SYN),          BITS(MSG_CONFIRM),    BITS(MSG_RST),       BITS(MSG_ERRQUEUE), BITS(MSG_NOSIGNAL),
    BITS(MSG_MORE),         BITS(MSG_WAITFORONE), BITS(MSG_BATCH),     BITS(MSG_ZEROCOPY), BITS(MSG_FASTOPEN),
    BITS(MSG_CMSG_CLOEXEC),
};

static const struct constant msync_set[] = {
    BITS(MS_ASYNC),
    BITS(MS_INVALIDATE),
    BITS(MS_SYNC),
};

static const struct constant open_flags_set[] = {
    {"O_RDONLY", O_RDONLY, O_ACCMODE},
    {"O_WRONLY", O_WRONLY, O_ACCMODE},
    {"O_RDWR", O_RDWR, O_ACCMODE},
    {"O_CREAT", O_CREAT, O_CREAT},
    {"O_EXCL", O_EXCL, O_EXCL},
    {"O_NOCTTY", O_NOCTTY, O_NOCTTY},
    {"O_TRUNC", O_TRUNC, O_TRUNC},
    {"O_APPEND", O_APPEND, O_APPEND},
    {"O_NONBLOCK", O_NONBLOCK, O_NONBLOCK},
    {"O_SYNC", O_SYNC, O_SYNC},
    {"O_DSYNC", O_DSYNC, O_DSYNC},
    {"O_ASYNC", O_ASYNC, O_ASYNC},
    {"O_DIRECT", O_DIRECT, O_DIRECT},
    {"O_LARGEFILE", KERNEL_O_LARGEFILE, KERNEL_O_LARGEFILE},
    {"O_NOFOLLOW", O_NOFOLLOW, O_NOFOLLOW},
    {"O_NOATIME", O_NOATIME, O_NOATIME},
    {"O_CLOEXEC", O_CLOEXEC, O_CLOEXEC},
    {"O_PATH", O_PATH, O_PATH},
    {"O_TMPFILE", O_TMPFILE, O_TMPFILE},
    {"O_DIRECTORY", O_DIRECTORY, O_DIRECTORY},
};

static const struct constant open_flags_only_set[] = {
    BITS(O_DIRECT),
    BITS(O_NONBLOCK),
    BITS(O_CLOEXEC),
};

static const struct constant pidfd_flags_set[] = {
    BITS(PIDFD_NONBLOCK),
    {"PIDFD_THREAD", O_EXCL, O_EXCL},
};

static const struct constant prctl_set[] = {
    ENUM(PR_SET_PDEATHSIG),
    ENUM(PR_GET_PDEATHSIG),
    ENUM(PR_GET_DUMPABLE),
    ENUM(PR_SET_DUMPABLE),
    ENUM(PR_GET_UNALIGN),
    ENUM(PR_SET_UNALIGN),
    ENUM(PR_GET_KEEPCAPS),
    ENUM(PR_SET_KEEPCAPS),
    ENUM(PR_GET_TIMING),
    ENUM(PR_SET_TIMING),
    ENUM(PR_SET_NAME),
    ENUM(PR_GET_NAME),
    ENUM(PR_GET_ENDIAN),
    ENUM(PR_SET_ENDIAN),
    ENUM(PR_GET_SECCOMP),
    ENUM(PR_SET_SECCOMP),
    ENUM(PR_CAPBSET_READ),
    ENUM(PR_CAPBSET_DROP),
    ENUM(PR_GET_TSC),
    ENUM(PR_SET_TSC),
    ENUM(PR_GET_SECUREBITS),
    ENUM(PR_SET_SECUREBITS),
    ENUM(PR_SET_TIMERSLACK),
    ENUM(PR_GET_TIMERSLACK),
    ENUM(PR_TASK_PERF_EVENTS_DISABLE),
    ENUM(PR_TASK_PERF_EVENTS_ENABLE),
    ENUM(PR_MCE_KILL),
    ENUM(PR_MCE_KILL_GET),
    ENUM(PR_SET_MM),
    ENUM(PR_SET_PTRACER),
    ENUM(PR_SET_CHILD_SUBREAPER),
    ENUM(PR_GET_CHILD_SUBREAPER),
    ENUM(PR_SET_NO_NEW_PRIVS),
    ENUM(PR_GET_NO_NEW_PRIVS),
    ENUM(PR_GET_TID_ADDRESS),
    ENUM(PR_SET_THP_DISABLE),
    ENUM(PR_GET_THP_DISABLE),
    ENUM(PR_CAP_AMBIENT),
    ENUM(PR_GET_SPECULATION_CTRL),
    ENUM(PR_SET_SPECULATION_CTRL),
    ENUM(PR_SET_IO_FLUSHER),
    ENUM(PR_GET_IO_FLUSHER),
    ENUM(PR_SET_SYSCALL_USER_DISPATCH),
    ENUM(PR_SCHED_CORE),
    ENUM(PR_SET_VMA),
};

static const struct constant prio_which_set[] = {
    ENUM(PRIO_PROCESS),
    ENUM(PRIO_PGRP),
    ENUM(PRIO_USER),
};

static const struct constant prot_set[] = {
    ENUM(PROT_NONE), BITS(PROT_READ), BITS(PROT_WRITE), BITS(PROT_EXEC), BITS(PROT_GROWSDOWN), BITS(PROT_GROWSUP),
};

static const struct constant ptrace_set[] = {
    ENUM(PTRACE_TRACEME),
    ENUM(PTRACE_PEEKTEXT),
    ENUM(PTRACE_PEEKDATA),
    ENUM(PTRACE_POKETEXT),
    ENUM(PTRACE_POKEDATA),
    ENUM(PTRACE_CONT),
    ENUM(PTRACE_KILL),
    ENUM(PTRACE_SINGLESTEP),
    ENUM(PTRACE_GETREGS),
    ENUM(PTRACE_SETREGS),
    ENUM(PTRACE_GETFPREGS),
    ENUM(PTRACE_SETFPREGS),
    ENUM(PTRACE_ATTACH),
    ENUM(PTRACE_DETACH),
    ENUM(PTRACE_SYSCALL),
    ENUM(PTRACE_SETOPTIONS),
    ENUM(PTRACE_GETEVENTMSG),
    ENUM(PTRACE_GETSIGINFO),
    ENUM(PTRACE_SETSIGINFO),
    ENUM(PTRACE_GETREGSET),
    ENUM(PTRACE_SETREGSET),
    ENUM(PTRACE_SEIZE),
    ENUM(PTRACE_INTERRUPT),
    ENUM(PTRACE_LISTEN),
    ENUM(PTRACE_PEEKSIGINFO),
    ENUM(PTRACE_GETSIGMASK),
    ENUM(PTRACE_SETSIGMASK),
    ENUM(PTRACE_SECCOMP_GET_FILTER),
    ENUM(PTRACE_GET_SYSCALL_INFO),
    {"PTRACE_PEEKUSER", PTRACE_PEEKUSR, UINT32_MAX},
    {"PTRACE_POKEUSER", PTRACE_POKEUSR, UINT32_MAX},
};

static const struct constant rename_flags_set[] = {
    BITS(RENAME_NOREPLACE),
    BITS(RENAME_EXCHANGE),
    BITS(RENAME_WHITEOUT),
};

static const struct constant rlimit_set[] = {
    ENUM(RLIMIT_CPU),      ENUM(RLIMIT_FSIZE), ENUM(RLIMIT_DATA),   ENUM(RLIMIT_STACK),
    ENUM(RLIMIT_CORE),     ENUM(RLIMIT_RSS),   ENUM(RLIMIT_NPROC),  ENUM(RLIMIT_NOFILE),
    ENUM(RLIMIT_MEMLOCK),  ENUM(RLIMIT_AS),    ENUM(RLIMIT_LOCKS),  ENUM(RLIMIT_SIGPENDING),
    ENUM(RLIMIT_MSGQUEUE), ENUM(RLIMIT_NICE),  ENUM(RLIMIT_RTPRIO), ENUM(RLIMIT_RTTIME),
};

static const struct constant rusage_set[] = {
    ENUM(RUSAGE_SELF),
    ENUM(RUSAGE_CHILDREN),
    ENUM(RUSAGE_THREAD),
};

static const struct constant rwf_flags_set[] = {
    BITS(RWF_HIPRI), BITS(RWF_DSYNC), BITS(RWF_SYNC), BITS(RWF_NOWAIT), BITS(RWF_APPEND),
};

static const struct constant sched_set[] = {
    {"SCHED_OTHER", SCHED_OTHER, ~(uint64_t)SCHED_RESET_ON_FORK},
    {"SCHED_FIFO", SCHED_FIFO, ~(uint64_t)SCHED_RESET_ON_FORK},
    {"SCHED_RR", SCHED_RR, ~(uint64_t)SCHED_RESET_ON_FORK},
    {"SCHED_BATCH", SCHED_BATCH, ~(uint64_t)SCHED_RESET_ON_FORK},
    {"SCHED_IDLE", SCHED_IDLE, ~(uint64_t)SCHED_RESET_ON_FORK},
    {"SCHED_DEADLINE", SCHED_DEADLINE, ~(uint64_t)SCHED_RESET_ON_FORK},
    BITS(SCHED_RESET_ON_FORK),
};

static const struct constant seccomp_op_set[] = {
    ENUM(SECCOMP_SET_MODE_STRICT),
    ENUM(SECCOMP_SET_MODE_FILTER),
    ENUM(SECCOMP_GET_ACTION_AVAIL),
    ENUM(SECCOMP_GET_NOTIF_SIZES),
};

static const struct constant sfd_flags_set[] = {
    BITS(SFD_CLOEXEC),
    BITS(SFD_NONBLOCK),
};

static const struct constant shut_set[] = {
    ENUM(SHUT_RD),
    ENUM(SHUT_WR),
    ENUM(SHUT_RDWR),
};

static const struct constant signo_set[] = {
    ENUM(SIGHUP),  ENUM(SIGINT),    ENUM(SIGQUIT), ENUM(SIGILL),  ENUM(SIGTRAP),   ENUM(SIGABRT), ENUM(SIGBUS),
    ENUM(SIGFPE),  ENUM(SIGKILL),   ENUM(SIGUSR1), ENUM(SIGSEGV), ENUM(SIGUSR2),   ENUM(SIGPIPE), ENUM(SIGALRM),
    ENUM(SIGTERM), ENUM(SIGSTKFLT), ENUM(SIGCHLD), ENUM(SIGCONT), ENUM(SIGSTOP),   ENUM(SIGTSTP), ENUM(SIGTTIN),
    ENUM(SIGTTOU), ENUM(SIGURG),    ENUM(SIGXCPU), ENUM(SIGXFSZ), ENUM(SIGVTALRM), ENUM(SIGPROF), ENUM(SIGWINCH),
    ENUM(SIGIO),   ENUM(SIGPWR),    ENUM(SIGSYS),
};

static const struct constant sig_how_set[] = {
    ENUM(SIG_BLOCK),
    ENUM(SIG_UNBLOCK),
    ENUM(SIG_SETMASK),
};

static const struct constant sock_domain_set[] = {
    ENUM(AF_UNSPEC),  ENUM(AF_UNIX), ENUM(AF_INET),      ENUM(AF_AX25),   ENUM(AF_IPX),   ENUM(AF_APPLETALK),
    ENUM(AF_INET6),   ENUM(AF_KEY),  ENUM(AF_NETLINK),   ENUM(AF_PACKET), ENUM(AF_RDS),   ENUM(AF_LLC),
    ENUM(AF_CAN),     ENUM(AF_TIPC), ENUM(AF_BLUETOOTH), ENUM(AF_ALG),    ENUM(AF_VSOCK), ENUM(AF_KCM),
    ENUM(AF_QIPCRTR), ENUM(AF_SMC),  ENUM(AF_XDP),
};

static const struct constant sock_flags_set[] = {
    BITS(SOCK_CLOEXEC),
    BITS(SOCK_NONBLOCK),
};

static const struct constant sock_opt_set[] = {
    ENUM(SO_DEBUG),     ENUM(SO_REUSEADDR),    ENUM(SO_TYPE),          ENUM(SO_ERROR),         ENUM(SO_DONTROUTE),
    ENUM(SO_BROADCAST), ENUM(SO_SNDBUF),       ENUM(SO_RCVBUF),        ENUM(SO_KEEPALIVE),     ENUM(SO_OOBINLINE),
    ENUM(SO_NO_CHECK),  ENUM(SO_PRIORITY),     ENUM(SO_LINGER),        ENUM(SO_BSDCOMPAT),     ENUM(SO_REUSEPORT),
    ENUM(SO_PASSCRED),  ENUM(SO_PEERCRED),     ENUM(SO_RCVLOWAT),      ENUM(SO_SNDLOWAT),      ENUM(SO_RCVTIMEO),
    ENUM(SO_SNDTIMEO),  ENUM(SO_BINDTODEVICE), ENUM(SO_ATTACH_FILTER), ENUM(SO_DETACH_FILTER), ENUM(SO_PEERNAME),
    ENUM(SO_TIMESTAMP), ENUM(SO_ACCEPTCONN),   ENUM(SO_PEERSEC),       ENUM(SO_SNDBUFFORCE),   ENUM(SO_RCVBUFFORCE),
    ENUM(SO_PASSSEC),   ENUM(SO_MARK),         ENUM(SO_PROTOCOL),      ENUM(SO_DOMAIN),        ENUM(SO_RXQ_OVFL),
    ENUM(SO_PEEK_OFF),  ENUM(SO_NOFCS),        ENUM(SO_LOCK_FILTER),   ENUM(SO_BUSY_POLL),     ENUM(SO_INCOMING_CPU),
    ENUM(SO_COOKIE),    ENUM(SO_PEERGROUPS),   ENUM(SO_ZEROCOPY),      ENUM(SO_TXTIME),        ENUM(SO_BINDTOIFINDEX),
};

static const struct constant sock_type_set[] = {
    {"SOCK_STREAM", SOCK_STREAM, 0xf},
    {"SOCK_DGRAM", SOCK_DGRAM, 0xf},
    {"SOCK_RAW", SOCK_RAW, 0xf},
    {"SOCK_RDM", SOCK_RDM, 0xf},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET, 0xf},
    {"SOCK_DCCP", SOCK_DCCP, 0xf},
    {"SOCK_PACKET", SOCK_PACKET, 0xf},
    BITS(SOCK_CLOEXEC),
    BITS(SOCK_NONBLOCK),
};

static const struct constant sol_set[] = {
    ENUM(SOL_SOCKET), ENUM(SOL_IP),  ENUM(SOL_TCP),    ENUM(SOL_UDP),     ENUM(SOL_IPV6),
    ENUM(SOL_ICMPV6), ENUM(SOL_RAW), ENUM(SOL_PACKET), ENUM(SOL_NETLINK),
};

static const struct constant splice_flags_set[] = {
    BITS(SPLICE_F_MOVE),
    BITS(SPLICE_F_NONBLOCK),
    BITS(SPLICE_F_MORE),
    BITS(SPLICE_F_GIFT),
};

static const struct constant statx_mask_set[] = {
    BITS(STATX_ALL),    BITS(STATX_BASIC_STATS), BITS(STATX_TYPE),   BITS(STATX_MODE),
    BITS(STATX_NLINK),  BITS(STATX_UID),         BITS(STATX_GID),    BITS(STATX_ATIME),
    BITS(STATX_MTIME),  BITS(STATX_CTIME),       BITS(STATX_INO),    BITS(STATX_SIZE),
    BITS(STATX_BLOCKS), BITS(STATX_BTIME),       BITS(STATX_MNT_ID), BITS(STATX_DIOALIGN),
};

static const struct constant tfd_flags_set[] = {
    BITS(TFD_CLOEXEC),
    BITS(TFD_NONBLOCK),
};

static const struct constant tfd_timer_flags_set[] = {
    BITS(TFD_TIMER_ABSTIME),
    BITS(TFD_TIMER_CANCEL_ON_SET),
};

static const struct constant timer_flags_set[] = {
    BITS(TIMER_ABSTIME),
};

static const struct constant umount_set[] = {
    BITS(MNT_FORCE),
    BITS(MNT_DETACH),
    BITS(MNT_EXPIRE),
    BITS(UMOUNT_NOFOLLOW),
};

static const struct constant unlinkat_flags_set[] = {
    BITS(AT_REMOVEDIR),
};

static const struct constant unshare_flags_set[] = {
    BITS(CLONE_VM),      BITS(CLONE_FS),      BITS(CLONE_FILES),   BITS(CLONE_SIGHAND),   BITS(CLONE_THREAD),
    BITS(CLONE_NEWTIME), BITS(CLONE_NEWNS),   BITS(CLONE_SYSVSEM), BITS(CLONE_NEWCGROUP), BITS(CLONE_NEWUTS),
    BITS(CLONE_NEWIPC),  BITS(CLONE_NEWUSER), BITS(CLONE_NEWPID),  BITS(CLONE_NEWNET),
};

static const struct constant wait_flags_set[] = {
    BITS(WNOHANG), BITS(WSTOPPED),    BITS(WEXITED), BITS(WCONTINUED),
    BITS(WNOWAIT), BITS(__WNOTHREAD), BITS(__WALL),  BITS(__WCLONE),
};

static const struct constant whence_set[] = {
    ENUM(SEEK_SET), ENUM(SEEK_CUR), ENUM(SEEK_END), ENUM(SEEK_DATA), ENUM(SEEK_HOLE),
};

static const struct constant xattr_flags_set[] = {
    BITS(XATTR_CREATE),
    BITS(XATTR_REPLACE),
};

static const struct constant_set sets[] = {
    [A_ACCESS - A_FIRST_SET] = SET(access_set, "?_OK"),
    [A_ARCH_PRCTL - A_FIRST_SET] = SET(arch_prctl_set, "ARCH_???"),
    [A_AT_FDCWD - A_FIRST_SET] = SET(at_fdcwd_set, NULL),
    [A_AT_FLAGS - A_FIRST_SET] = SET(at_flags_set, "AT_???"),
    [A_BPF_CMD - A_FIRST_SET] = SET(bpf_cmd_set, "BPF_???"),
    [A_CLOCK - A_FIRST_SET] = SET(clock_set, "CLOCK_???"),
    [A_CLONE_FLAGS - A_FIRST_SET] = SET(clone_flags_set, "CLONE_???"),
    [A_CLOSE_RANGE - A_FIRST_SET] = SET(close_range_set, "CLOSE_RANGE_???"),
    [A_EFD_FLAGS - A_FIRST_SET] = SET(efd_flags_set, "EFD_???"),
    [A_EPOLL_FLAGS - A_FIRST_SET] = SET(epoll_flags_set, "EPOLL_???"),
    [A_EPOLL_OP - A_FIRST_SET] = SET(epoll_op_set, "EPOLL_CTL_???"),
    [A_FADVISE - A_FIRST_SET] = SET(fadvise_set, "POSIX_FADV_???"),
    [A_FALLOC - A_FIRST_SET] = SET(falloc_set, "FALLOC_FL_???"),
    [A_FCNTL - A_FIRST_SET] = SET(fcntl_set, "F_???"),
    [A_FD_FLAGS - A_FIRST_SET] = SET(fd_flags_set, "FD_???"),
    [A_FLOCK - A_FIRST_SET] = SET(flock_set, "LOCK_???"),
    [A_FUTEX - A_FIRST_SET] = SET(futex_set, "FUTEX_???"),
    [A_GRND_FLAGS - A_FIRST_SET] = SET(grnd_flags_set, "GRND_???"),
    [A_IDTYPE - A_FIRST_SET] = SET(idtype_set, "P_???"),
    [A_IN_FLAGS - A_FIRST_SET] = SET(in_flags_set, "IN_???"),
    [A_INOTIFY_MASK - A_FIRST_SET] = SET(inotify_mask_set, "IN_???"),
    [A_IOCTL - A_FIRST_SET] = SET(ioctl_set, NULL),
    [A_IPC_CMD - A_FIRST_SET] = SET(ipc_cmd_set, "IPC_???"),
    [A_IPC_FLAGS - A_FIRST_SET] = SET(ipc_flags_set, "IPC_???"),
    [A_ITIMER - A_FIRST_SET] = SET(itimer_set, "ITIMER_???"),
    [A_MADVISE - A_FIRST_SET] = SET(madvise_set, "MADV_???"),
    [A_MAP_FLAGS - A_FIRST_SET] = SET(map_flags_set, "MAP_???"),
    [A_MEMBARRIER - A_FIRST_SET] = SET(membarrier_set, "MEMBARRIER_CMD_???"),
    [A_MFD_FLAGS - A_FIRST_SET] = SET(mfd_flags_set, "MFD_???"),
    [A_MLOCKALL - A_FIRST_SET] = SET(mlockall_set, "MCL_???"),
    [A_MOUNT_FLAGS - A_FIRST_SET] = SET(mount_flags_set, "MS_???"),
    [A_MREMAP - A_FIRST_SET] = SET(mremap_set, "MREMAP_???"),
    [A_MSG_FLAGS - A_FIRST_SET] = SET(msg_flags_set, "MSG_???"),
    [A_MSYNC - A_FIRST_SET] = SET(msync_set, "MS_???"),
    [A_OPEN_FLAGS - A_FIRST_SET] = SET(open_flags_set, "O_???"),
    [A_OPEN_FLAGS_ONLY - A_FIRST_SET] = SET(open_flags_only_set, "O_???"),
    [A_PIDFD_FLAGS - A_FIRST_SET] = SET(pidfd_flags_set, "PIDFD_???"),
    [A_PRCTL - A_FIRST_SET] = SET(prctl_set, "PR_???"),
    [A_PRIO_WHICH - A_FIRST_SET] = SET(prio_which_set, "PRIO_???"),
    [A_PROT - A_FIRST_SET] = SET(prot_set, "PROT_???"),
    [A_PTRACE - A_FIRST_SET] = SET(ptrace_set, "PTRACE_???"),
    [A_RENAME_FLAGS - A_FIRST_SET] = SET(rename_flags_set, "RENAME_???"),
    [A_RLIMIT - A_FIRST_SET] = SET(rlimit_set, "RLIMIT_???"),
    [A_RUSAGE - A_FIRST_SET] = SET(rusage_set, "RUSAGE_???"),
    [A_RWF_FLAGS - A_FIRST_SET] = SET(rwf_flags_set, "RWF_???"),
    [A_SCHED - A_FIRST_SET] = SET(sched_set, "SCHED_???"),
    [A_SECCOMP_OP - A_FIRST_SET] = SET(seccomp_op_set, "SECCOMP_SET_MODE_???"),
    [A_SFD_FLAGS - A_FIRST_SET] = SET(sfd_flags_set, "SFD_???"),
    [A_SHUT - A_FIRST_SET] = SET(shut_set, "SHUT_???"),
    [A_SIGNO - A_FIRST_SET] = SET(signo_set, NULL),
    [A_SIG_HOW - A_FIRST_SET] = SET(sig_how_set, "SIG_???"),
    [A_SOCK_DOMAIN - A_FIRST_SET] = SET(sock_domain_set, "AF_???"),
    [A_SOCK_FLAGS - A_FIRST_SET] = SET(sock_flags_set, "SOCK_???"),
    [A_SOCK_OPT_ - A_FIRST_SET] = SET(sock_opt_set, "SO_???"),
    [A_SOCK_TYPE - A_FIRST_SET] = SET(sock_type_set, "SOCK_???"),
    [A_SOL - A_FIRST_SET] = SET(sol_set, "SOL_??"),
    [A_SPLICE_FLAGS - A_FIRST_SET] = SET(splice_flags_set, "SPLICE_F_???"),
    [A_STATX_MASK - A_FIRST_SET] = SET(statx_mask_set, "STATX_???"),
    [A_TFD_FLAGS - A_FIRST_SET] = SET(tfd_flags_set, "TFD_???"),
    [A_TFD_TIMER_FLAGS - A_FIRST_SET] = SET(tfd_timer_flags_set, "TFD_???"),
    [A_TIMER_FLAGS - A_FIRST_SET] = SET(timer_flags_set, "TIMER_???"),
    [A_UMOUNT - A_FIRST_SET] = SET(umount_set, "MNT_???"),
    [A_UNLINKAT_FLAGS - A_FIRST_SET] = SET(unlinkat_flags_set, "AT_???"),
    [A_UNSHARE_FLAGS - A_FIRST_SET] = SET(unshare_flags_set, "CLONE_???"),
    [A_WAIT_FLAGS - A_FIRST_SET] = SET(wait_flags_set, "W???"),
    [A_WHENCE - A_FIRST_SET] = SET(whence_set, "SEEK_???"),
    [A_XATTR_FLAGS - A_FIRST_SET] = SET(xattr_flags_set, "XATTR_???"),
};

const struct constant_set *constant_set(enum arg_type type) {
    return &sets[type - A_FIRST_SET];
}
