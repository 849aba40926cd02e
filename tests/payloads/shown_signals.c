/* SPDX-License-Identifier: MIT
 *
 * Signals, as they are shown: see shown.h.
 */
#include "shown.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>

enum {
    NOBODY = 0x7ffffff0,
    SET_SIZE = 8,
};

/* The kernel's own. */
struct action {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

static void actions(void) {
    struct action action = {.handler = 0x1000, .flags = SA_SIGINFO | SA_RESTART, .mask = 1ULL << 33 | 1};
    struct action before;
    shown(syscall(SYS_rt_sigaction, SIGUSR1, &action, &before, SET_SIZE),
          "rt_sigaction(SIGUSR1, {sa_handler=0x1000, sa_mask=[HUP RT_2], sa_flags=SA_RESTART|SA_SIGINFO}, "
          "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8)");
    action = (struct action){.handler = 1, .flags = 0x04000000, .restorer = 0x2000, .mask = UINT64_MAX};
    shown(syscall(SYS_rt_sigaction, SIGUSR1, &action, &before, SET_SIZE),
          "rt_sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=~[], sa_flags=SA_RESTORER, sa_restorer=0x2000}, "
          "{sa_handler=0x1000, sa_mask=[HUP RT_2], sa_flags=SA_RESTART|SA_SIGINFO}, 8)");
    action = (struct action){.handler = UINT64_MAX, .flags = 1ULL << 40};
    shown(syscall(SYS_rt_sigaction, 99, &action, &before, SET_SIZE),
          "rt_sigaction(99, {sa_handler=SIG_ERR, sa_mask=[], sa_flags=0x10000000000 /* SA_??? */}, %p, 8)",
          (void *)&before);
    shown(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, SET_SIZE), "rt_sigaction(SIGUSR1, 0x8, NULL, 8)");
}

static void stacks(void) {
    stack_t stack = {.ss_sp = (void *)0x5000, .ss_size = 1 << 16};
    stack_t before;
    shown(syscall(SYS_sigaltstack, &stack, &before),
          "sigaltstack({ss_sp=0x5000, ss_flags=0, ss_size=65536}, {ss_sp=%s, "
          "ss_flags=SS_DISABLE, ss_size=0})",
          "NULL");
    stack = (stack_t){.ss_flags = SS_DISABLE};
    shown(syscall(SYS_sigaltstack, &stack, &before), "sigaltstack({ss_sp=NULL, ss_flags=SS_DISABLE, ss_size=0}, "
                                                     "{ss_sp=0x5000, ss_flags=0, ss_size=65536})");
    shown(syscall(SYS_sigaltstack, 8, NULL), "sigaltstack(0x8, NULL)");
}

/* A signal to nobody: words of 4 bytes behind the first three members. */
static void queue(int signal, int code, const uint32_t rest[8], const char *expected) {
    struct {
        int32_t head[4];
        uint32_t rest[28];
    } info = {.head = {signal, 0, code, 0}};
    memcpy(info.rest, rest, 8 * sizeof(*rest));
    shown(syscall(SYS_rt_sigqueueinfo, NOBODY, SIGUSR1, &info), "rt_sigqueueinfo(%d, SIGUSR1, {%s})", NOBODY, expected);
}

#define REST(...) ((const uint32_t[8]){__VA_ARGS__})

static void information(void) {
    queue(0, 0, REST(1, 2, 3), "");
    queue(SIGUSR1, SI_USER, REST(5, UINT32_MAX), "si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=-1");
    queue(64, SI_QUEUE, REST(5, 6, 7, 8),
          "si_signo=SIGRT_32, si_code=SI_QUEUE, si_pid=5, si_uid=6, si_int=7, si_ptr=0x800000007");
    queue(SIGALRM, SI_TIMER, REST(5, 6),
          "si_signo=SIGALRM, si_code=SI_TIMER, si_timerid=0x5, si_overrun=6, si_int=0, si_ptr=NULL");
    queue(SIGHUP, SI_SIGIO, REST(5, 0, UINT32_MAX), "si_signo=SIGHUP, si_code=SI_SIGIO, si_band=5, si_fd=-1");
    queue(SIGCHLD, CLD_EXITED, REST(5, 6, 7, 0, 8),
          "si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5, si_uid=6, si_status=7, si_utime=8 /* 0.08 s */, si_stime=0");
    queue(SIGCHLD, CLD_STOPPED, REST(5, 6, SIGTSTP),
          "si_signo=SIGCHLD, si_code=CLD_STOPPED, si_pid=5, si_uid=6, si_status=SIGTSTP, si_utime=0, si_stime=0");
    queue(SIGSEGV, SEGV_MAPERR, REST(16), "si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10");
    queue(SIGSEGV, SEGV_BNDERR, REST(16, 0, 0, 0, 1, 0, 2, 0),
          "si_signo=SIGSEGV, si_code=SEGV_BNDERR, si_addr=0x10, si_lower=0x1, si_upper=0x2");
    queue(SIGSEGV, SEGV_PKUERR, REST(16, 0, 0, 0, 3), "si_signo=SIGSEGV, si_code=SEGV_PKUERR, si_addr=0x10, si_pkey=3");
    queue(SIGBUS, BUS_MCEERR_AR, REST(16, 0, 12),
          "si_signo=SIGBUS, si_code=BUS_MCEERR_AR, si_addr=0x10, si_addr_lsb=0xc");
    queue(SIGPOLL, POLL_HUP, REST(1, 0, UINT32_MAX), "si_signo=SIGIO, si_code=POLL_HUP, si_band=1, si_fd=-1");
    queue(SIGSYS, 1, REST(16, 0, 59, 0xc000003e),
          "si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, si_syscall=__NR_execve, si_arch=AUDIT_ARCH_X86_64");
    queue(SIGSYS, 1, REST(16, 0, 5, 0x40000003),
          "si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, si_syscall=5 /* open */, si_arch=AUDIT_ARCH_I386");
    queue(SIGSYS, 1, REST(16, 0, 5, 5),
          "si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, si_syscall=5, si_arch=0x5 /* AUDIT_ARCH_??? */");
    queue(SIGWINCH, SI_KERNEL, REST(0), "si_signo=SIGWINCH, si_code=SI_KERNEL");
    queue(99, 77, REST(5, 0, 7), "si_signo=99, si_code=0x4d, si_pid=5, si_uid=0, si_int=7, si_ptr=0x7");
    shown(syscall(SYS_rt_sigqueueinfo, NOBODY, SIGUSR1, 8), "rt_sigqueueinfo(%d, SIGUSR1, 0x8)", NOBODY);
    shown(syscall(SYS_rt_tgsigqueueinfo, NOBODY, NOBODY, SIGUSR1, NULL), "rt_tgsigqueueinfo(%d, %d, SIGUSR1, NULL)",
          NOBODY, NOBODY);
}

/* The time that a child took, in ticks, as strace shows it. */
static const char *ticks(long count) {
    static char texts[2][64];
    static unsigned next;
    char *text = texts[next++ % 2];
    snprintf(text, 64, count ? "%ld /* %ld.%02ld s */" : "0", count, count / 100, count % 100);
    return text;
}

static void children(void) {
    siginfo_t info;
    pid_t child = fork();
    if (child == 0) {
        _exit(3);
    }
    long result = syscall(SYS_waitid, P_PID, child, &info, WEXITED, NULL);
    shown(result,
          "waitid(P_PID, %d, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=%d, si_uid=%d, si_status=3, si_utime=%s, "
          "si_stime=%s}, WEXITED, NULL)",
          child, child, (int)getuid(), ticks(info.si_utime), ticks(info.si_stime));
    shown(syscall(SYS_waitid, P_PID, child, &info, WEXITED, NULL), "waitid(P_PID, %d, %p, WEXITED, NULL)", child,
          (void *)&info);
}

static void waiting(void) {
    uint64_t set = 1ULL << (SIGUSR2 - 1);
    struct timespec second = {1, 0};
    struct timespec nothing = {0, 0};
    siginfo_t info;
    sigprocmask(SIG_BLOCK, &(sigset_t){{set}}, NULL);
    kill(getpid(), SIGUSR2);
    shown(syscall(SYS_rt_sigtimedwait, &set, &info, &second, SET_SIZE),
          "rt_sigtimedwait([USR2], {si_signo=SIGUSR2, si_code=SI_USER, si_pid=%d, si_uid=%d}, {tv_sec=1, tv_nsec=0}, "
          "8) = "
          "%d (SIGUSR2)",
          (int)getpid(), (int)getuid(), SIGUSR2);
    shown(syscall(SYS_rt_sigtimedwait, &set, &info, &nothing, SET_SIZE),
          "rt_sigtimedwait([USR2], %p, {tv_sec=0, tv_nsec=0}, 8)", (void *)&info);
    shown(syscall(SYS_rt_sigtimedwait, &set, NULL, 8, SET_SIZE), "rt_sigtimedwait([USR2], NULL, 0x8, 8)");
}

int main(void) {
    shown_calls("rt_sigaction,sigaltstack,rt_sigqueueinfo,rt_tgsigqueueinfo,waitid,rt_sigtimedwait");
    actions();
    stacks();
    information();
    children();
    waiting();
    return 0;
}
