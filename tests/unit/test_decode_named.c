/* SPDX-License-Identifier: MIT
 *
 * Decoding of calls whose arguments and results depend on a command: processes,
 * signals, clocks, keys, quotas. Whole calls in strace's notation.
 */
#include "shown_call.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <linux/quota.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>

enum {
    I386_IPC = 117,
    I386_CLONE = 120,
    NO_SUCH = 77, /* a command that no call has */
};

/* Numbers of calls that the headers may be too old for. */
enum {
    CALL_FUTEX_WAKE = 454,
    CALL_LSM_GET_SELF_ATTR = 459,
};

/* As QCMD(), which shifts into the sign. */
#define QUOTA_COMMAND(operation, type) ((uint32_t)(operation) << SUBCMDSHIFT | (type))

static struct fake_call call;

static void assert_line(enum arch arch, int number, const uint64_t *args, int64_t result, const char *expected) {
    fake_call_init(&call, arch, number, args, result);
    assert_line_shown(&call, expected);
}

static void assert_shown(int number, const uint64_t *args, int64_t result, const char *expected) {
    assert_line(ARCH_X86_64, number, args, result, expected);
}

/* ------------------------------------------------------------ numbers made of parts */

static void test_quotas(void **state) {
    (void)state;
    assert_shown(SYS_quotactl, ARGS(QUOTA_COMMAND(Q_GETQUOTA, GRPQUOTA), 0, 1000, 0x10), 0,
                 "quotactl(QCMD(Q_GETQUOTA, GRPQUOTA), NULL, 1000, 0x10) = 0");
    assert_shown(SYS_quotactl, ARGS(QUOTA_COMMAND(Q_SYNC, USRQUOTA), 0, 1000, 0x10), 0,
                 "quotactl(QCMD(Q_SYNC, USRQUOTA), NULL) = 0");
    assert_shown(SYS_quotactl, ARGS(QUOTA_COMMAND(Q_QUOTAON, USRQUOTA), 0, QFMT_VFS_V1, 0x10), 0,
                 "quotactl(QCMD(Q_QUOTAON, USRQUOTA), NULL, QFMT_VFS_V1, 0x10) = 0");
    assert_shown(SYS_quotactl_fd, ARGS(3, QUOTA_COMMAND(Q_GETINFO, PRJQUOTA), 5, 0x10), 0,
                 "quotactl_fd(3, QCMD(Q_GETINFO, PRJQUOTA), 0x10) = 0");
    assert_shown(SYS_quotactl_fd, ARGS(3, 0x1203, UINT32_MAX, 0x10), 0,
                 "quotactl_fd(3, QCMD(0x12 /* Q_??? */, 0x3 /* ???QUOTA */), -1, 0x10) = 0");
}

static void test_priorities_of_io(void **state) {
    (void)state;
    assert_shown(SYS_ioprio_set, ARGS(1, 7, 2 << 13 | 4), 0,
                 "ioprio_set(IOPRIO_WHO_PROCESS, 7, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)) = 0");
    assert_shown(SYS_ioprio_get, ARGS(3, 0), 0x8001,
                 "ioprio_get(IOPRIO_WHO_USER, 0) = 32769 (IOPRIO_PRIO_VALUE(0x4 /* IOPRIO_CLASS_??? */, 1))");
}

static void test_the_operation_of_a_waking_futex(void **state) {
    (void)state;
    assert_shown(SYS_futex, ARGS(0x10, FUTEX_WAKE_OP, 1, 2, 0x20, 0x12345678), 1,
                 "futex(0x10, FUTEX_WAKE_OP, 1, 2, 0x20, FUTEX_OP_ADD<<28|0x345<<12|FUTEX_OP_CMP_LT<<24|0x678) = 1");
    assert_shown(SYS_futex, ARGS(0x10, FUTEX_WAKE_OP, 1, 2, 0x20, 0xf6000001), 1,
                 "futex(0x10, FUTEX_WAKE_OP, 1, 2, 0x20, FUTEX_OP_OPARG_SHIFT<<28|0x7<<28 /* FUTEX_OP_??? */"
                 "|0<<12|0x6<<24 /* FUTEX_OP_CMP_??? */|0x1) = 1");
}

static void test_clocks_of_processes_and_devices(void **state) {
    (void)state;
    uint32_t process = ~UINT32_C(1234) << 3;
    assert_shown(SYS_clock_getres, ARGS(CLOCK_TAI, 0), 0, "clock_getres(CLOCK_TAI, NULL) = 0");
    assert_shown(SYS_clock_getres, ARGS(process | 2, 0), 0,
                 "clock_getres(MAKE_PROCESS_CPUCLOCK(1234, CPUCLOCK_SCHED), NULL) = 0");
    assert_shown(SYS_clock_getres, ARGS(process | 4 | 1, 0), 0,
                 "clock_getres(MAKE_THREAD_CPUCLOCK(1234, CPUCLOCK_VIRT), NULL) = 0");
    assert_shown(SYS_clock_getres, ARGS(~UINT32_C(5) << 3 | 3, 0), 0, "clock_getres(FD_TO_CLOCKID(5), NULL) = 0");
    assert_shown(SYS_clock_getres, ARGS(99, 0), 0, "clock_getres(0x63 /* CLOCK_??? */, NULL) = 0");
}

/* ------------------------------------------------------------ commands */

static void test_keys(void **state) {
    (void)state;
    assert_shown(SYS_keyctl, ARGS(KEYCTL_GET_KEYRING_ID, (uint32_t)KEY_SPEC_SESSION_KEYRING, UINT64_MAX, 3, 4), 5,
                 "keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, -1) = 5");
    assert_shown(SYS_keyctl, ARGS(KEYCTL_REJECT, 10, 20, EKEYREJECTED, 30), 0,
                 "keyctl(KEYCTL_REJECT, 10, 20, EKEYREJECTED, 30) = 0");
    assert_shown(SYS_keyctl, ARGS(KEYCTL_SETPERM, (uint32_t)-100, 0x3f010000), 0,
                 "keyctl(KEYCTL_SETPERM, -100, KEY_POS_VIEW|KEY_POS_READ|KEY_POS_WRITE|KEY_POS_SEARCH|KEY_POS_LINK"
                 "|KEY_POS_SETATTR|KEY_USR_VIEW) = 0");
    assert_shown(SYS_keyctl, ARGS(NO_SUCH, 1, 2, 3, 4), 0, "keyctl(0x4d /* KEYCTL_??? */, 0x1, 0x2, 0x3, 0x4) = 0");
}

static void test_a_command_has_commands_of_its_own(void **state) {
    (void)state;
    assert_shown(SYS_prctl, ARGS(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 1, 0, 0), 0,
                 "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) = 0");
    assert_shown(SYS_prctl, ARGS(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0), 0,
                 "prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0x1, 0, 0) = 0");
    assert_shown(SYS_prctl, ARGS(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 1, 2, 3), 0,
                 "prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) = 0");
    assert_shown(SYS_prctl, ARGS(PR_SET_SECCOMP, NO_SUCH, 1, 2, 3), 0,
                 "prctl(PR_SET_SECCOMP, 0x4d /* SECCOMP_MODE_??? */, 0x1, 0x2, 0x3) = 0");
}

static void test_the_type_of_a_comparison_is_the_third_argument(void **state) {
    (void)state;
    assert_shown(SYS_kcmp, ARGS(1, 2, 0, 3, 4), 0, "kcmp(1, 2, KCMP_FILE, 3, 4) = 0");
    assert_shown(SYS_kcmp, ARGS(1, 2, 1, 3, 4), 1, "kcmp(1, 2, KCMP_VM) = 1");
    assert_shown(SYS_kcmp, ARGS(1, 2, NO_SUCH, 3, 4), 2, "kcmp(1, 2, 0x4d /* KCMP_??? */, 0x3, 0x4) = 2");
}

static void test_requests_of_ptrace(void **state) {
    (void)state;
    assert_shown(SYS_ptrace, ARGS(PTRACE_CONT, 7, 0, 11), 0, "ptrace(PTRACE_CONT, 7, NULL, SIGSEGV) = 0");
    assert_shown(SYS_ptrace, ARGS(PTRACE_SETOPTIONS, 7, 0, 0x100009), 0,
                 "ptrace(PTRACE_SETOPTIONS, 7, NULL, PTRACE_O_TRACESYSGOOD|PTRACE_O_TRACECLONE|PTRACE_O_EXITKILL) = 0");
    assert_shown(SYS_ptrace, ARGS(PTRACE_GETREGSET, 7, 0x202, 0x10), 0,
                 "ptrace(PTRACE_GETREGSET, 7, NT_X86_XSTATE, 0x10) = 0");
    assert_shown(SYS_ptrace, ARGS(0x420e, 7, 88, 0x10), 88, "ptrace(PTRACE_GET_SYSCALL_INFO, 7, 88, 0x10) = 88");
}

static void test_numbers_with_their_name_as_a_comment(void **state) {
    (void)state;
    assert_shown(SYS_syslog, ARGS(10, 1, 2), 5, "syslog(10 /* SYSLOG_ACTION_SIZE_BUFFER */) = 5");
    assert_shown(SYS_syslog, ARGS(8, 0, 3), 0,
                 "syslog(8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, NULL, 3 /* LOGLEVEL_ERR */) = 0");
    assert_shown(SYS_syslog, ARGS(NO_SUCH, 0, 3), 0, "syslog(77 /* SYSLOG_ACTION_??? */, NULL, 3) = 0");
    assert_shown(SYS_prctl, ARGS(62, 1, 7, 1, 0), 0,
                 "prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 7, 0x1 /* PIDTYPE_TGID */, NULL) = 0");
}

static void test_ipc_is_many_calls_in_one(void **state) {
    (void)state;
    assert_line(ARCH_I386, I386_IPC, ARGS(23, 0, 4096, 01600, 5, 6), 3,
                "ipc(SHMGET, IPC_PRIVATE, 4096, IPC_CREAT|0600) = 3");
    assert_line(ARCH_I386, I386_IPC, ARGS(12 | 1 << 16, 1, 8, 04000, 0x20, 9), 8,
                "ipc(MSGRCV|0x10000, 1, 0x20, 8, 9, IPC_NOWAIT) = 8");
}

static void test_flags_of_newer_calls(void **state) {
    (void)state;
    assert_shown(CALL_FUTEX_WAKE, ARGS(0x10, 0xf, 1, 0x82), 0,
                 "futex_wake(0x10, 0xf, 1, FUTEX2_SIZE_U32|FUTEX2_PRIVATE) = 0");
    assert_shown(CALL_LSM_GET_SELF_ATTR, ARGS(100, 0, 0x10, 1), 0,
                 "lsm_get_self_attr(LSM_ATTR_CURRENT, NULL, 0x10, LSM_FLAG_SINGLE) = 0");
    assert_shown(SYS_pidfd_send_signal, ARGS((uint32_t)-10000, 15, 0, 4), 0,
                 "pidfd_send_signal(PIDFD_SELF_THREAD, SIGTERM, NULL, PIDFD_SIGNAL_PROCESS_GROUP) = 0");
    assert_shown(SYS_pidfd_send_signal, ARGS(5, 15, 0, 0), 0, "pidfd_send_signal(5, SIGTERM, NULL, 0) = 0");
}

static void test_a_clone_ends_with_a_signal(void **state) {
    (void)state;
    assert_shown(SYS_clone, ARGS(CLONE_VM | 17, 0, 0, 0, 0), 5, "clone(child_stack=NULL, flags=CLONE_VM|SIGCHLD) = 5");
    assert_shown(SYS_clone, ARGS(34, 0, 0, 0, 0), 5, "clone(child_stack=NULL, flags=SIGRT_2) = 5");
    assert_shown(SYS_clone, ARGS(CLONE_SETTLS, 0, 0, 7, 0), 5,
                 "clone(child_stack=NULL, flags=CLONE_SETTLS, tls=NULL) = 5");
    assert_line(ARCH_I386, I386_CLONE, ARGS(CLONE_SETTLS, 0, 0, 7, 0), 5,
                "clone(child_stack=NULL, flags=CLONE_SETTLS, tls=0x7) = 5");
    assert_shown(SYS_unshare, ARGS(UINT64_C(1) << 40 | 0x180), 0, "unshare(CLONE_NEWTIME|CLONE_VM|0x10000000000) = 0");
    assert_shown(SYS_clone, ARGS(0, 0, 0, 0, 0), 5, "clone(child_stack=NULL, flags=0) = 5");
}

static void test_modes_with_other_bits(void **state) {
    (void)state;
    assert_shown(SYS_msgget, ARGS(0, 011644), 1, "msgget(IPC_PRIVATE, IPC_CREAT|0x1000|0644) = 1");
    assert_shown(SYS_shmget, ARGS(0, 5, 21U << 26 | 04600), 1,
                 "shmget(IPC_PRIVATE, 5, SHM_HUGETLB|21<<SHM_HUGE_SHIFT|0600) = 1");
    assert_shown(SYS_mknod, ARGS(0, 0170600, 0), 0, "mknod(NULL, 0170600) = 0");
}

/* ------------------------------------------------------------ results */

static void test_results_that_have_names(void **state) {
    (void)state;
    assert_shown(SYS_prctl, ARGS(PR_GET_SECUREBITS), 3,
                 "prctl(PR_GET_SECUREBITS) = 0x3 (SECBIT_NOROOT|SECBIT_NOROOT_LOCKED)");
    assert_shown(SYS_prctl, ARGS(PR_GET_SECUREBITS), 0x100, "prctl(PR_GET_SECUREBITS) = 0x100");
    assert_shown(SYS_prctl, ARGS(PR_GET_DUMPABLE), 2, "prctl(PR_GET_DUMPABLE) = 2 (SUID_DUMP_ROOT)");
    assert_shown(SYS_prctl, ARGS(PR_GET_DUMPABLE), 9, "prctl(PR_GET_DUMPABLE) = 9");
    assert_shown(SYS_prctl, ARGS(PR_GET_KEEPCAPS), 1, "prctl(PR_GET_KEEPCAPS) = 1");
    assert_shown(SYS_personality, ARGS(0x40000), 0, "personality(PER_LINUX|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)");
    assert_shown(SYS_personality, ARGS(UINT32_MAX), 0x40008,
                 "personality(0xffffffff) = 0x40008 (PER_LINUX32|ADDR_NO_RANDOMIZE)");
    assert_shown(SYS_membarrier, ARGS(0, 0, 0), 3,
                 "membarrier(MEMBARRIER_CMD_QUERY, 0) = 0x3 (MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED)");
    assert_shown(SYS_membarrier, ARGS(8, 1, 2), 0,
                 "membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_FLAG_CPU, 2) = 0");
    assert_shown(SYS_sched_getscheduler, ARGS(0), 1, "sched_getscheduler(0) = 1 (SCHED_FIFO)");
    assert_shown(SYS_sched_getscheduler, ARGS(0), 99, "sched_getscheduler(0) = 99");
    assert_shown(SYS_adjtimex, ARGS(0), 5, "adjtimex(NULL) = 5 (TIME_ERROR)");
}

static void test_results_by_type(void **state) {
    (void)state;
    assert_shown(SYS_poll, ARGS(0, 0, 5), 0, "poll(NULL, 0, 5) = 0 (Timeout)");
    assert_shown(SYS_poll, ARGS(0, 0, 5), -EINTR, "poll(NULL, 0, 5) = -1 EINTR (Interrupted system call)");
    assert_shown(SYS_poll, ARGS(0, 0, 5), 2, "poll(NULL, 0, 5) = 2");
    assert_shown(SYS_brk, ARGS(0), 0x1000, "brk(NULL) = 0x1000");
    assert_shown(SYS_umask, ARGS(022), 077, "umask(022) = 077");
    /* No error: more than the errors go down. */
    assert_shown(SYS_lseek, ARGS(3, 0, 1), INT64_MIN, "lseek(3, 0, SEEK_CUR) = 9223372036854775808");
}

static void test_the_time_is_shown_where_we_are(void **state) {
    (void)state;
    setenv("TZ", "UTC-1", 1);
    tzset();
    assert_shown(SYS_time, ARGS(0), 1700000000, "time(NULL) = 1700000000 (2023-11-14T23:13:20+0100)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quotas),
        cmocka_unit_test(test_priorities_of_io),
        cmocka_unit_test(test_the_operation_of_a_waking_futex),
        cmocka_unit_test(test_clocks_of_processes_and_devices),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_a_command_has_commands_of_its_own),
        cmocka_unit_test(test_the_type_of_a_comparison_is_the_third_argument),
        cmocka_unit_test(test_requests_of_ptrace),
        cmocka_unit_test(test_numbers_with_their_name_as_a_comment),
        cmocka_unit_test(test_ipc_is_many_calls_in_one),
        cmocka_unit_test(test_flags_of_newer_calls),
        cmocka_unit_test(test_a_clone_ends_with_a_signal),
        cmocka_unit_test(test_modes_with_other_bits),
        cmocka_unit_test(test_results_that_have_names),
        cmocka_unit_test(test_results_by_type),
        cmocka_unit_test(test_the_time_is_shown_where_we_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
