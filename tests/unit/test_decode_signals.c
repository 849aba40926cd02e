/* SPDX-License-Identifier: MIT
 *
 * Signals: what is known of them, how they are handled, what timers send, and where handlers return to.
 */
#include "decoding_world.h"

#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
    I386_SIGNAL = 48,
    I386_SIGACTION = 67,
    I386_SGETMASK = 68,
    I386_SSETMASK = 69,
    I386_SIGRETURN = 119,
    I386_SIGPROCMASK = 126,
    I386_RT_SIGRETURN = 173,
    I386_RT_SIGQUEUEINFO = 178,
    I386_TIMER_CREATE = 259,
    NOBODY = 1 << 20,
};

/* A siginfo_t as the architecture has it: the members behind the first three are words of 4 bytes. */
static void put_siginfo(struct decoding_world *world, enum arch arch, int32_t signal, int32_t code, size_t count,
                        const uint32_t *rest) {
    int32_t head[4] = {signal, 0, code, 0};
    size_t size = arch == ARCH_I386 ? 12 : 16;
    static const uint8_t nothing[128];
    world_put(world, WORLD_BASE, nothing, sizeof(nothing));
    world_put(world, WORLD_BASE, head, size);
    world_put(world, WORLD_BASE + size, rest, count * sizeof(*rest));
}

#define REST(...)                                                                                                      \
    sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (const uint32_t[]) {                                         \
        __VA_ARGS__                                                                                                    \
    }

static void shows_siginfo(struct decoding_world *world, enum arch arch, const char *expected) {
    char line[256];
    int number = arch == ARCH_I386 ? I386_RT_SIGQUEUEINFO : SYS_rt_sigqueueinfo;
    snprintf(line, sizeof(line), "rt_sigqueueinfo(1048576, SIGUSR1, %s) = ? <unavailable>", expected);
    world_enter(world, arch, number, ARGS(NOBODY, SIGUSR1, WORLD_BASE));
    world_shows(world, line);
}

static void test_of_programs(void **state) {
    struct decoding_world *world = *state;
    enum arch both[] = {ARCH_X86_64, ARCH_I386};
    for (unsigned i = 0; i < 2; i++) {
        put_siginfo(world, both[i], 0, 5, REST(1, 2, 3));
        shows_siginfo(world, both[i], "{}");
        put_siginfo(world, both[i], SIGUSR1, SI_USER, REST(5, UINT32_MAX, 7));
        shows_siginfo(world, both[i], "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=5, si_uid=-1}");
        put_siginfo(world, both[i], SIGUSR1, SI_QUEUE, REST(5, 6, 7));
        shows_siginfo(world, both[i], "{si_signo=SIGUSR1, si_code=SI_QUEUE, si_pid=5, si_uid=6, si_int=7, si_ptr=0x7}");
        put_siginfo(world, both[i], 64, SI_TIMER, REST(5, UINT32_MAX, 0));
        shows_siginfo(world, both[i],
                      "{si_signo=SIGRT_32, si_code=SI_TIMER, si_timerid=0x5, si_overrun=-1, si_int=0, "
                      "si_ptr=NULL}");
        put_siginfo(world, both[i], 99, -8, REST(0, 0, 0));
        shows_siginfo(world, both[i], "{si_signo=99, si_code=0xfffffff8, si_pid=0, si_uid=0}");
    }
    put_siginfo(world, ARCH_X86_64, SIGHUP, SI_SIGIO, REST(UINT32_MAX, UINT32_MAX, 4));
    shows_siginfo(world, ARCH_X86_64, "{si_signo=SIGHUP, si_code=SI_SIGIO, si_band=-1, si_fd=4}");
    put_siginfo(world, ARCH_I386, SIGHUP, SI_SIGIO, REST(UINT32_MAX, 4));
    shows_siginfo(world, ARCH_I386, "{si_signo=SIGHUP, si_code=SI_SIGIO, si_band=-1, si_fd=4}");
    world_put(world, WORLD_BASE + 4, &(int){ENOENT}, sizeof(int));
    shows_siginfo(world, ARCH_I386, "{si_signo=SIGHUP, si_code=SI_SIGIO, si_errno=ENOENT, si_band=-1, si_fd=4}");
}

static void test_of_the_kernel(void **state) {
    struct decoding_world *world = *state;
    put_siginfo(world, ARCH_X86_64, SIGCHLD, CLD_EXITED, REST(5, 6, 7, 0, 8, 0, 0, 0));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5, si_uid=6, si_status=7, "
                  "si_utime=8 /* 0.08 s */, si_stime=0}");
    put_siginfo(world, ARCH_I386, SIGCHLD, CLD_KILLED, REST(5, 6, SIGKILL, 0, 123));
    shows_siginfo(world, ARCH_I386,
                  "{si_signo=SIGCHLD, si_code=CLD_KILLED, si_pid=5, si_uid=6, si_status=SIGKILL, "
                  "si_utime=0, si_stime=123 /* 1.23 s */}");
    put_siginfo(world, ARCH_X86_64, SIGSEGV, SEGV_BNDERR, REST(1, 0, 0, 0, 2, 0, 3, 0));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGSEGV, si_code=SEGV_BNDERR, si_addr=0x1, si_lower=0x2, si_upper=0x3}");
    put_siginfo(world, ARCH_I386, SIGSEGV, SEGV_PKUERR, REST(1, 0, 2));
    shows_siginfo(world, ARCH_I386, "{si_signo=SIGSEGV, si_code=SEGV_PKUERR, si_addr=0x1, si_pkey=2}");
    put_siginfo(world, ARCH_X86_64, SIGBUS, BUS_MCEERR_AO, REST(1, 0, 12));
    shows_siginfo(world, ARCH_X86_64, "{si_signo=SIGBUS, si_code=BUS_MCEERR_AO, si_addr=0x1, si_addr_lsb=0xc}");
    put_siginfo(world, ARCH_X86_64, SIGPOLL, POLL_IN, REST(1, 0, 12));
    shows_siginfo(world, ARCH_X86_64, "{si_signo=SIGIO, si_code=POLL_IN, si_band=1, si_fd=12}");
    put_siginfo(world, ARCH_X86_64, SIGPOLL, SI_KERNEL, REST(1, 0, 12));
    shows_siginfo(world, ARCH_X86_64, "{si_signo=SIGIO, si_code=SI_KERNEL}");
    put_siginfo(world, ARCH_X86_64, SIGALRM, SI_KERNEL, REST(0, 0, 0));
    shows_siginfo(world, ARCH_X86_64, "{si_signo=SIGALRM, si_code=SI_KERNEL}");
}

static void test_forbidden_calls(void **state) {
    struct decoding_world *world = *state;
    put_siginfo(world, ARCH_X86_64, SIGSYS, 1, REST(16, 0, SYS_execve, AUDIT_ARCH_X86_64));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, "
                  "si_syscall=__NR_execve, si_arch=AUDIT_ARCH_X86_64}");
    put_siginfo(world, ARCH_X86_64, SIGSYS, 1, REST(16, 0, 5, AUDIT_ARCH_I386));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, si_syscall=5 /* open "
                  "*/, si_arch=AUDIT_ARCH_I386}");
    put_siginfo(world, ARCH_I386, SIGSYS, 2, REST(16, 5, AUDIT_ARCH_I386));
    shows_siginfo(world, ARCH_I386,
                  "{si_signo=SIGSYS, si_code=SYS_USER_DISPATCH, si_call_addr=0x10, "
                  "si_syscall=__NR_open, si_arch=AUDIT_ARCH_I386}");
    put_siginfo(world, ARCH_X86_64, SIGSYS, 1, REST(16, 0, X32_BIT + 5, AUDIT_ARCH_X86_64));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, "
                  "si_syscall=1073741829 /* fstat */, si_arch=AUDIT_ARCH_X86_64}");
    put_siginfo(world, ARCH_X86_64, SIGSYS, 1, REST(16, 0, UINT32_MAX, 77));
    shows_siginfo(world, ARCH_X86_64,
                  "{si_signo=SIGSYS, si_code=SYS_SECCOMP, si_call_addr=0x10, "
                  "si_syscall=4294967295, si_arch=0x4d /* AUDIT_ARCH_??? */}");
}

static void test_siginfo_memory(void **state) {
    struct decoding_world *world = *state;
    world_enter(world, ARCH_X86_64, SYS_rt_sigqueueinfo, ARGS(NOBODY, SIGUSR1, WORLD_HOLE - 64));
    world_shows(world, "rt_sigqueueinfo(1048576, SIGUSR1, 0x11fc0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_rt_sigqueueinfo, ARGS(NOBODY, SIGUSR1, 0));
    world_shows(world, "rt_sigqueueinfo(1048576, SIGUSR1, NULL) = ? <unavailable>");
    /* It is an output elsewhere. */
    world_enter(world, ARCH_X86_64, SYS_waitid, ARGS(1, NOBODY, WORLD_BASE, 4, 0));
    put_siginfo(world, ARCH_X86_64, SIGCHLD, CLD_EXITED, REST(5, 6, 7));
    world_return(world, 0);
    world_shows(world, "waitid(P_PID, 1048576, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=5, si_uid=6, si_status=7, "
                       "si_utime=0, si_stime=0}, WEXITED, NULL) = 0");
    world_return(world, -ECHILD);
    world_shows(world, "waitid(P_PID, 1048576, 0x10000, WEXITED, NULL) = -1 ECHILD (No child processes)");
    uint64_t set = 1U << (SIGUSR1 - 1);
    uint64_t timeout[2] = {1, 2};
    world_put(world, WORLD_OTHER, &set, sizeof(set));
    world_put(world, WORLD_OTHER + 8, timeout, sizeof(timeout));
    world_enter(world, ARCH_X86_64, SYS_rt_sigtimedwait, ARGS(WORLD_OTHER, WORLD_BASE, WORLD_OTHER + 8, 8));
    put_siginfo(world, ARCH_X86_64, 34, SI_TKILL, REST(5, 6));
    world_return(world, 34);
    world_shows(world, "rt_sigtimedwait([USR1], {si_signo=SIGRT_2, si_code=SI_TKILL, si_pid=5, si_uid=6}, {tv_sec=1, "
                       "tv_nsec=2}, 8) = 34 (SIGRT_2)");
}

static void test_actions(void **state) {
    struct decoding_world *world = *state;
    uint64_t action[] = {0x1000, 0x04000000 | SA_SIGINFO, 0x2000, 1};
    world_put(world, WORLD_BASE, action, sizeof(action));
    world_enter(world, ARCH_X86_64, SYS_rt_sigaction, ARGS(SIGUSR1, WORLD_BASE, WORLD_HOLE - 8, 8));
    world_shows(world, "rt_sigaction(SIGUSR1, {sa_handler=0x1000, sa_mask=[HUP], sa_flags=SA_RESTORER|SA_SIGINFO, "
                       "sa_restorer=0x2000}, 0x11ff8, 8) = ? <unavailable>");
    action[0] = UINT64_MAX;
    action[1] = 1ULL << 40;
    world_put(world, WORLD_BASE, action, sizeof(action));
    world_enter(world, ARCH_X86_64, SYS_rt_sigaction, ARGS(SIGUSR1, WORLD_BASE, 0, 8));
    world_shows(world,
                "rt_sigaction(SIGUSR1, {sa_handler=SIG_ERR, sa_mask=[HUP], sa_flags=0x10000000000 /* SA_??? */}, "
                "NULL, 8) = ? <unavailable>");
    uint32_t old[] = {1, 2, SA_RESTART, 0x2000};
    world_put(world, WORLD_BASE, old, sizeof(old));
    world_enter(world, ARCH_I386, I386_SIGACTION, ARGS(SIGUSR1, WORLD_BASE, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "sigaction(SIGUSR1, {sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTART}, "
                       "{sa_handler=SIG_IGN, sa_mask=[INT], sa_flags=SA_RESTART}) = 0");
    world_enter(world, ARCH_I386, I386_SIGNAL, ARGS(SIGUSR1, SIGUSR1));
    world_return(world, 1);
    world_shows(world, "signal(SIGUSR1, 0xa) = 0x1 (SIG_IGN)");
}

static void test_old_masks(void **state) {
    struct decoding_world *world = *state;
    uint32_t set = ~(1U << (SIGKILL - 1));
    world_put(world, WORLD_BASE, &set, sizeof(set));
    world_enter(world, ARCH_I386, I386_SIGPROCMASK, ARGS(SIG_SETMASK, WORLD_BASE, WORLD_HOLE - 2));
    world_shows(world, "sigprocmask(SIG_SETMASK, ~[KILL], 0x11ffe) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_SSETMASK, ARGS(0x200));
    world_return(world, 1);
    world_shows(world, "ssetmask([USR1]) = 0x1 (old mask [HUP])");
    world_enter(world, ARCH_I386, I386_SGETMASK, ARGS(0));
    world_return(world, 0);
    world_shows(world, "sgetmask() = 0 (mask [])");
}

static void test_events(void **state) {
    struct decoding_world *world = *state;
    struct sigevent event = {.sigev_value.sival_ptr = (void *)0x700000005, .sigev_signo = SIGUSR1};
    world_put(world, WORLD_BASE, &event, sizeof(event));
    world_enter(world, ARCH_X86_64, SYS_timer_create, ARGS(0, WORLD_BASE, WORLD_OTHER));
    world_put(world, WORLD_OTHER, &(int){3}, sizeof(int));
    world_return(world, 0);
    world_shows(world, "timer_create(CLOCK_REALTIME, {sigev_value={sival_int=5, sival_ptr=0x700000005}, "
                       "sigev_signo=SIGUSR1, sigev_notify=SIGEV_SIGNAL}, [3]) = 0");
    uint32_t i386[] = {0, 64, SIGEV_THREAD_ID, 77, 0};
    world_put(world, WORLD_BASE, i386, sizeof(i386));
    world_enter(world, ARCH_I386, I386_TIMER_CREATE, ARGS(0, WORLD_BASE, 0));
    world_shows(world, "timer_create(CLOCK_REALTIME, {sigev_signo=SIGRT_32, sigev_notify=SIGEV_THREAD_ID, "
                       "sigev_notify_thread_id=77}, NULL) = ? <unavailable>");
    uint64_t thread[] = {0, SIGEV_THREAD * (1ULL << 32), 0x777, 0x888};
    world_put(world, WORLD_BASE, thread, sizeof(thread));
    world_enter(world, ARCH_X86_64, SYS_mq_notify, ARGS(5, WORLD_BASE));
    world_shows(world, "mq_notify(5, {sigev_signo=0, sigev_notify=SIGEV_THREAD, sigev_notify_function=0x777, "
                       "sigev_notify_attributes=0x888}) = ? <unavailable>");
    uint64_t unknown[] = {0, 3 * (1ULL << 32) + 10, 0, 0};
    world_put(world, WORLD_BASE, unknown, sizeof(unknown));
    world_enter(world, ARCH_X86_64, SYS_mq_notify, ARGS(5, WORLD_BASE));
    world_shows(world, "mq_notify(5, {sigev_signo=10, sigev_notify=0x3 /* SIGEV_??? */}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mq_notify, ARGS(5, WORLD_HOLE - 16));
    world_shows(world, "mq_notify(5, 0x11ff0) = ? <unavailable>");
}

static void test_frames(void **state) {
    struct decoding_world *world = *state;
    uint64_t set = 1ULL << 33 | 1;
    world_put(world, WORLD_BASE + 296, &set, sizeof(set));
    world_enter(world, ARCH_X86_64, SYS_rt_sigreturn, ARGS(WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "rt_sigreturn({mask=[HUP RT_2]}) = 0");
    world_put(world, WORLD_BASE + 248, &set, sizeof(set));
    world_enter(world, ARCH_I386, I386_RT_SIGRETURN, ARGS(WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "rt_sigreturn({mask=[HUP RT_2]}) = 0");
    world_put(world, WORLD_BASE + 80, &set, 4);
    world_put(world, WORLD_BASE + 712, (uint8_t *)&set + 4, 4);
    world_enter(world, ARCH_I386, I386_SIGRETURN, ARGS(WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "sigreturn({mask=[HUP RT_2]}) = 0");
    world_enter(world, ARCH_I386, I386_SIGRETURN, ARGS(WORLD_HOLE - 100));
    world_return(world, 0);
    world_shows(world, "sigreturn({mask=0x11fec}) = 0");
    world_enter(world, ARCH_X86_64, SYS_rt_sigreturn, ARGS(WORLD_NOWHERE));
    world_return(world, 0);
    world_shows(world, "rt_sigreturn({mask=0x900128}) = 0");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_of_programs),    WORLD_TEST(test_of_the_kernel), WORLD_TEST(test_forbidden_calls),
        WORLD_TEST(test_siginfo_memory), WORLD_TEST(test_actions),       WORLD_TEST(test_old_masks),
        WORLD_TEST(test_events),         WORLD_TEST(test_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
