/* SPDX-License-Identifier: MIT
 *
 * Processes, credentials, limits and scheduling, as they are shown: see shown.h.
 */
#include "shown.h"

#include <asm/ldt.h>
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/quota.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* A copy that ends where memory ends. */
static void *at_end(const void *bytes, size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, page);
    return memcpy(pages + page - size, bytes, size);
}

static void clones(void) {
    struct {
        struct clone_args args;
        uint64_t more[2];
    } asked = {.args = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .exit_signal = SIGCHLD}};
    int pidfd = -1;
    pid_t parent_tid = 0;
    asked.args.pidfd = (uintptr_t)&pidfd;
    asked.args.parent_tid = (uintptr_t)&parent_tid;
    for (unsigned size = sizeof(asked.args); size <= sizeof(asked); size += sizeof(asked.more)) {
        long child = syscall(SYS_clone3, &asked, size);
        if (child == 0) {
            _exit(3);
        }
        shown(
            child,
            "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=%p, parent_tid=%p, exit_signal=SIGCHLD, stack=NULL, "
            "stack_size=0} => {pidfd=[%d], parent_tid=[%ld]}, %u)",
            (void *)&pidfd, (void *)&parent_tid, pidfd, child, size);
        close(pidfd);
        int status;
        struct rusage usage;
        long waited = syscall(SYS_wait4, child, &status, 0, &usage);
        shown(waited,
              "wait4(%ld, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, {ru_utime={tv_sec=%ld, tv_usec=%ld}, "
              "ru_stime={tv_sec=%ld, tv_usec=%ld}, ...})",
              child, usage.ru_utime.tv_sec, usage.ru_utime.tv_usec, usage.ru_stime.tv_sec, usage.ru_stime.tv_usec);
    }
    asked.more[0] = 5;
    shown(syscall(SYS_clone3, &asked, sizeof(asked)),
          "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=%p, parent_tid=%p, exit_signal=SIGCHLD, stack=NULL, "
          "stack_size=0, /* bytes 88..103 */ "
          "\"\\x05\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"}, 104)",
          (void *)&pidfd, (void *)&parent_tid);
    shown(syscall(SYS_clone3, &asked, 63), "clone3(%p, 63)", (void *)&asked);
    shown(syscall(SYS_clone3, 1, sizeof(asked.args)), "clone3(0x1, 88)");
    pid_t *tids = at_end((pid_t[]){1, 2}, 2 * sizeof(pid_t));
    asked.args = (struct clone_args){.flags = 0x80 | 1ULL << 40 | CLONE_SETTLS,
                                     .exit_signal = 1ULL << 31,
                                     .tls = 0x77,
                                     .stack = 0x1000,
                                     .set_tid = (uintptr_t)tids,
                                     .set_tid_size = 3};
    shown(syscall(SYS_clone3, &asked, CLONE_ARGS_SIZE_VER1),
          "clone3({flags=CLONE_SETTLS|CLONE_NEWTIME|0x10000000000, exit_signal=2147483648, stack=0x1000, stack_size=0, "
          "tls=0x77, set_tid=[1, 2, ... /* %p */], set_tid_size=3}, 80)",
          (void *)(tids + 2));
    asked.args.set_tid_size = 33;
    asked.args.cgroup = 5;
    shown(syscall(SYS_clone3, &asked, CLONE_ARGS_SIZE_VER2),
          "clone3({flags=CLONE_SETTLS|CLONE_NEWTIME|0x10000000000, exit_signal=2147483648, stack=0x1000, stack_size=0, "
          "tls=0x77, set_tid=%p, set_tid_size=33, cgroup=5}, 88)",
          (void *)tids);
    long child = syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, &parent_tid, 0, 0);
    if (child == 0) {
        _exit(0);
    }
    shown(child, "clone(child_stack=NULL, flags=CLONE_PARENT_SETTID|SIGCHLD, parent_tid=[%ld])", child);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED);
}

static void programs(void) {
    const char *strings[] = {"x", (const char *)1, "0123456789012345678901234567890123456789", NULL};
    void *unterminated = at_end(strings, 2 * sizeof(strings[0]));
    shown(syscall(SYS_execveat, -1, "/nowhere", strings, strings + 3, 0),
          "execveat(-1, \"/nowhere\", [\"x\", 0x1, \"01234567890123456789012345678901\"...], %p /* 0 vars */, 0)",
          (void *)(strings + 3));
    shown(syscall(SYS_execveat, -1, "/nowhere", unterminated, unterminated, 0),
          "execveat(-1, \"/nowhere\", [\"x\", 0x1, ... /* %p */], %p /* 2 vars, unterminated */, 0)",
          (void *)((char **)unterminated + 2), unterminated);
    shown(syscall(SYS_execveat, -1, "/nowhere", 1, 1, 0), "execveat(-1, \"/nowhere\", 0x1, 0x1, 0)");
}

static void credentials(void) {
    gid_t groups[] = {1, (gid_t)-1, 3};
    shown(syscall(SYS_setgroups, 3, groups), "setgroups(3, [1, -1, 3])");
    shown(syscall(SYS_setgroups, -1, groups), "setgroups(-1, %p)", (void *)groups);
    shown(syscall(SYS_setgroups, 0, groups), "setgroups(0, [])");
    struct __user_cap_header_struct header = {5, -1};
    struct __user_cap_data_struct data[2] = {{0, 0x80000001, 2}, {0x1ff, 0, 0x80000000}};
    shown(syscall(SYS_capset, &header, data),
          "capset({version=0x5 /* _LINUX_CAPABILITY_VERSION_??? */, pid=-1}, {effective=0, "
          "permitted=1<<CAP_CHOWN|1<<CAP_SETFCAP, inheritable=1<<CAP_DAC_OVERRIDE})");
    header.version = _LINUX_CAPABILITY_VERSION_3;
    shown(syscall(SYS_capset, &header, data),
          "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=-1}, "
          "{effective=1<<CAP_MAC_OVERRIDE|1<<CAP_MAC_ADMIN|1<<CAP_SYSLOG|1<<CAP_WAKE_ALARM|1<<CAP_BLOCK_SUSPEND|"
          "1<<CAP_AUDIT_READ|1<<CAP_PERFMON|1<<CAP_BPF|1<<CAP_CHECKPOINT_RESTORE, "
          "permitted=1<<CAP_CHOWN|1<<CAP_SETFCAP, inheritable=1<<CAP_DAC_OVERRIDE|0x80000000 /* CAP_??? */})");
    shown(syscall(SYS_capset, 1, data), "capset(0x1, %p)", (void *)data);
    void *cut = at_end(data, sizeof(data[0]));
    shown(syscall(SYS_capset, &header, cut), "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=-1}, %p)", cut);
    shown(syscall(SYS_capget, &header, 0), "capget({version=_LINUX_CAPABILITY_VERSION_3, pid=-1}, NULL)");
}

static void limits(void) {
    struct rlimit limit = {7168, 7168};
    shown(syscall(SYS_setrlimit, RLIMIT_CORE, &limit), "setrlimit(RLIMIT_CORE, {rlim_cur=7*1024, rlim_max=7*1024})");
    shown(syscall(SYS_getrlimit, RLIMIT_CORE, &limit), "getrlimit(RLIMIT_CORE, {rlim_cur=7*1024, "
                                                       "rlim_max=7*1024})");
    shown(syscall(SYS_setrlimit, RLIMIT_CORE, 1), "setrlimit(RLIMIT_CORE, 0x1)");
}

/* struct sched_attr, and what may come behind it. */
struct attributes {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t times[3];
    uint32_t clamps[2];
    uint64_t more;
};

#define PARAMETERS "sched_nice=0, sched_priority=0, sched_runtime=0, sched_deadline=0, sched_period=0"

static void scheduling(void) {
    struct attributes asked = {.size = 48, .policy = 99};
    shown(syscall(SYS_sched_setattr, -1, &asked, 0),
          "sched_setattr(-1, {size=48, sched_policy=0x63 /* SCHED_??? */, sched_flags=0, " PARAMETERS "}, 0)");
    asked = (struct attributes){.size = 64, .flags = 0x10 | 1 << 20};
    shown(
        syscall(SYS_sched_setattr, -1, &asked, 0),
        "sched_setattr(-1, {size=64, sched_flags=SCHED_FLAG_KEEP_PARAMS|0x100000, sched_util_min=0, sched_util_max=0, "
        "...}, 0)");
    asked = (struct attributes){.size = 4};
    long result = syscall(SYS_sched_setattr, 0, &asked, 0);
    shown(result, "sched_setattr(0, {size=4} => {size=%u}, 0)", asked.size);
    shown(syscall(SYS_sched_setattr, 0, 1, 0), "sched_setattr(0, 0x1, 0)");
    void *cut = at_end(&(struct attributes){.size = 56}, 50);
    shown(syscall(SYS_sched_setattr, 0, cut, 0), "sched_setattr(0, %p, 0)", cut);
    result = syscall(SYS_sched_getattr, 0, &asked, 48, 0);
    shown(result,
          "sched_getattr(0, {size=48, sched_policy=SCHED_OTHER, sched_flags=0, sched_nice=0, sched_priority=0, "
          "sched_runtime=%llu, sched_deadline=0, sched_period=0}, 48, 0)",
          (unsigned long long)asked.times[0]);
    shown(syscall(SYS_sched_getattr, 0, &asked, 4, 0), "sched_getattr(0, %p, 4, 0)", (void *)&asked);
    int parameter = -5;
    shown(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &parameter), "sched_setscheduler(0, SCHED_FIFO, [-5])");
    shown(syscall(SYS_sched_setparam, 0, 1), "sched_setparam(0, 0x1)");
    unsigned char mask[300] = {0x81, 2};
    shown(syscall(SYS_sched_setaffinity, -1, 3, mask), "sched_setaffinity(-1, 3, [0 7 9])");
    shown(syscall(SYS_sched_setaffinity, -1, sizeof(mask), mask), "sched_setaffinity(-1, 300, [0 7 9 ...])");
    shown(syscall(SYS_sched_setaffinity, -1, sizeof(mask), mask + 2), "sched_setaffinity(-1, 300, [...])");
    shown(syscall(SYS_sched_setaffinity, -1, 0, mask), "sched_setaffinity(-1, 0, [])");
    shown(syscall(SYS_sched_setaffinity, -1, 8, 1), "sched_setaffinity(-1, 8, 0x1)");
    struct kcmp_epoll_slot slot = {3, 4, 5};
    shown(syscall(SYS_kcmp, 0, 0, KCMP_EPOLL_TFD, 1, &slot), "kcmp(0, 0, KCMP_EPOLL_TFD, 1, {efd=3, tfd=4, toff=5})");
}

static void settings(void) {
    int number;
    shown(syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGUSR1), "prctl(PR_SET_PDEATHSIG, SIGUSR1)");
    shown(syscall(SYS_prctl, PR_GET_PDEATHSIG, &number), "prctl(PR_GET_PDEATHSIG, [SIGUSR1])");
    shown(syscall(SYS_prctl, PR_GET_TSC, &number), "prctl(PR_GET_TSC, [PR_TSC_ENABLE])");
    shown(syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &number), "prctl(PR_GET_CHILD_SUBREAPER, [0])");
    shown(syscall(SYS_prctl, PR_GET_TSC, 1), "prctl(PR_GET_TSC, 0x1)");
    struct user_desc entry = {.entry_number = 1, .base_addr = 0x1000, .seg_32bit = 1, .contents = 2, .useable = 1};
    /* Function 5 does not exist. */
    shown(syscall(SYS_modify_ldt, 5, &entry, sizeof(entry)),
          "modify_ldt(5, {entry_number=1, base_addr=0x001000, limit=00000000, seg_32bit=1, contents=2, "
          "read_exec_only=0, limit_in_pages=0, seg_not_present=0, useable=1, lm=0}, 16) = 4294967258 ENOSYS (Function "
          "not implemented)");
    shown(syscall(SYS_modify_ldt, 5, 1, 5), "modify_ldt(5, 0x1, 5) = 4294967258 ENOSYS (Function not implemented)");
    shown(syscall(SYS_get_thread_area, &entry), "get_thread_area({entry_number=1, ...})");
}

static void quotas(void) {
    uint64_t numbers[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    shown(syscall(SYS_quotactl, QCMD(Q_SETQUOTA, USRQUOTA), "/nowhere", 5, numbers),
          "quotactl(QCMD(Q_SETQUOTA, USRQUOTA), \"/nowhere\", 5, {dqb_bhardlimit=1, dqb_bsoftlimit=2, dqb_curspace=3, "
          "dqb_ihardlimit=4, dqb_isoftlimit=5, dqb_curinodes=6, ...})");
    shown(
        syscall(SYS_quotactl, QCMD(Q_SETINFO, GRPQUOTA), "/nowhere", 5, numbers),
        "quotactl(QCMD(Q_SETINFO, GRPQUOTA), \"/nowhere\", {dqi_bgrace=1, dqi_igrace=2, dqi_flags=DQF_ROOT_SQUASH|0x2, "
        "dqi_valid=0})");
    shown(syscall(SYS_quotactl, QCMD(Q_GETQUOTA, USRQUOTA), "/nowhere", 5, numbers),
          "quotactl(QCMD(Q_GETQUOTA, USRQUOTA), \"/nowhere\", 5, %p)", (void *)numbers);
}

int main(void) {
    shown_calls("clone3,clone,wait4,execveat,setgroups,capset,capget,getrlimit,setrlimit,sched_setattr,sched_getattr,"
                "sched_setscheduler,sched_setparam,sched_setaffinity,kcmp,prctl,modify_ldt,get_thread_area,quotactl");
    clones();
    programs();
    credentials();
    limits();
    scheduling();
    settings();
    quotas();
    return 0;
}
