/* SPDX-License-Identifier: MIT
 *
 * ptrace(2), prctl(2) and quotactl(2), from fake memory to their lines.
 */
#include "decoding_world.h"

#include <elf.h>
#include <linux/ptrace.h>
#include <linux/quota.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum {
    I386_PTRACE = 26,
    I386_QUOTACTL = 131,
    PEEKUSER = 3,
    GETREGS = 12,
    SETREGS = 13,
    GETFPREGS = 14,
};

static void put_regset(struct decoding_world *world, uint64_t base, uint64_t length) {
    world_put(world, WORLD_BASE, (uint64_t[]){base, length}, 16);
}

static void test_registers(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint32_t[17]){1, 2, 0, -1U}, 17 * sizeof(uint32_t));
    world_enter(world, ARCH_I386, I386_PTRACE, ARGS(SETREGS, 5, 0, WORLD_BASE));
    world_shows(world,
                "ptrace(PTRACE_SETREGS, 5, {ebx=0x1, ecx=0x2, edx=0, esi=0xffffffff, edi=0, ebp=0, eax=0, xds=0, "
                "xes=0, xfs=0, xgs=0, orig_eax=0, eip=0, xcs=0, eflags=0, esp=0, xss=0}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(GETREGS, 5, 0, WORLD_HOLE - 8));
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_GETREGS, 5, 0x11ff8) = 0");
    world_put(world, WORLD_OTHER, (uint8_t[512]){0}, 512);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(GETFPREGS, 5, 0, WORLD_OTHER));
    world_shows(world, "ptrace(PTRACE_GETFPREGS, 5, 0x50000) = ? <unavailable>");
    world_return(world, 0);
    struct text text = {0};
    struct decoded_call decoded;
    decode_call(&world->call.record, &decoded);
    arguments_to_text(&decoded, &text);
    assert_non_null(strstr(text.bytes, "mxcr_mask=0, st_space=[0, "));
    assert_non_null(strstr(text.bytes, ", 0, ...], padding=[0, "));
    text_finish(&text);
}

static void test_sets_of_registers(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_OTHER, (uint64_t[]){1, 2}, 16);
    put_regset(world, WORLD_OTHER, 16);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SETREGSET, 5, NT_PRSTATUS, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_PRSTATUS, {iov_base={r15=0x1, r14=0x2}, iov_len=16}) = ? "
                       "<unavailable>");
    put_regset(world, WORLD_OTHER, 8);
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_PRSTATUS, {iov_base={r15=0x1, r14=0x2}, iov_len=16 => 8}) = 0");
    put_regset(world, WORLD_OTHER, UINT64_MAX);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_GETREGSET, 5, NT_PRSTATUS, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_GETREGSET, 5, NT_PRSTATUS, {iov_base=0x50000, iov_len=18446744073709551615}) = ? "
                       "<unavailable>");
    put_regset(world, WORLD_OTHER, 16);
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_GETREGSET, 5, NT_PRSTATUS, {iov_base={r15=0x1, r14=0x2}, "
                       "iov_len=18446744073709551615 => 16}) = 0");
    put_regset(world, WORLD_NOWHERE, 216);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SETREGSET, 5, NT_FPREGSET, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_FPREGSET, {iov_base=0x900000, iov_len=216}) = ? <unavailable>");
    put_regset(world, WORLD_OTHER, 12);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SETREGSET, 5, NT_PRSTATUS, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_PRSTATUS, {iov_base=0x50000, iov_len=12}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SETREGSET, 5, NT_X86_XSTATE, WORLD_HOLE - 8));
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_X86_XSTATE, 0x11ff8) = ? <unavailable>");
    world_put(world, WORLD_BASE, (uint32_t[]){WORLD_OTHER, 12}, 8);
    world_enter(world, ARCH_I386, I386_PTRACE, ARGS(PTRACE_SETREGSET, 5, NT_PRSTATUS, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SETREGSET, 5, NT_PRSTATUS, {iov_base={ebx=0x1, ecx=0, edx=0x2}, iov_len=12}) = ? "
                       "<unavailable>");
}

static void test_what_is_told_of_calls(void **state) {
    struct decoding_world *world = *state;
    uint64_t info[11] = {1 | 0xc000003eULL << 32, 0x1000, 0x2000, 110, 1, 2, 3, 4, 5, 6, 7};
#define BEGINNING(op)                                                                                                  \
    "{op=PTRACE_SYSCALL_INFO_" op ", arch=AUDIT_ARCH_X86_64, instruction_pointer=0x1000, stack_pointer=0x2000"
    world_put(world, WORLD_BASE, info, sizeof(info));
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_GET_SYSCALL_INFO, 5, UINT64_MAX, WORLD_BASE));
    world_return(world, 80);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 18446744073709551615, " BEGINNING(
                           "ENTRY") ", entry={nr=__NR_getppid, args=[0x1, 0x2, 0x3, 0x4, 0x5, 0x6]}}) = 80");
    world_enter(world, ARCH_I386, I386_PTRACE, ARGS(PTRACE_GET_SYSCALL_INFO, 5, 47, WORLD_BASE));
    world_return(world, 80);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 47, " BEGINNING(
                           "ENTRY") ", entry={nr=110 /* getppid */, args=[0x1]}}) = 80");
    info[0] = 3 | 0xc000003eULL << 32;
    info[3] = UINT64_MAX;
    world_put(world, WORLD_BASE, info, sizeof(info));
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_GET_SYSCALL_INFO, 5, 88, WORLD_BASE));
    world_return(world, 84);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 88, " BEGINNING(
                           "SECCOMP") ", seccomp={nr=18446744073709551615, args=[0x1, 0x2, 0x3, 0x4, 0x5, 0x6], "
                                      "ret_data=7}}) = 84");
    info[0] = 2 | 0xc000003eULL << 32;
    info[3] = (uint64_t)-ENOSYS;
    world_put(world, WORLD_BASE, info, sizeof(info));
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_GET_SYSCALL_INFO, 5, 88, WORLD_BASE));
    world_return(world, 33);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 88, " BEGINNING("EXIT") ", exit={rval=-ENOSYS, "
                                                                                   "is_error=1}}) = 33");
    world_return(world, 32);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 88, " BEGINNING("EXIT") ", exit={rval=-38}}) = 32");
    world_return(world, 1);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 88, {op=PTRACE_SYSCALL_INFO_EXIT}) = 1");
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_GET_SYSCALL_INFO, 5, 88, 0x10000) = 0");
}

static void test_signals_and_filters(void **state) {
    struct decoding_world *world = *state;
    siginfo_t info = {.si_signo = SIGUSR1};
    info.si_pid = 7;
    world_put(world, WORLD_OTHER, &info, sizeof(info));
    world_put(world, WORLD_BASE, &(struct ptrace_peeksiginfo_args){1, 1, 2}, 16);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_PEEKSIGINFO, 5, WORLD_BASE, WORLD_OTHER));
    world_return(world, 1);
    world_shows(world, "ptrace(PTRACE_PEEKSIGINFO, 5, {off=1, flags=PTRACE_PEEKSIGINFO_SHARED, nr=2}, "
                       "[{si_signo=SIGUSR1, si_code=SI_USER, si_pid=7, si_uid=0}]) = 1");
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_PEEKSIGINFO, 5, {off=1, flags=PTRACE_PEEKSIGINFO_SHARED, nr=2}, []) = 0");
    world_put(world, WORLD_BASE, (uint64_t[]){9, 2}, 16);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SECCOMP_GET_METADATA, 5, 16, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SECCOMP_GET_METADATA, 5, 16, {filter_off=9}) = ? <unavailable>");
    world_return(world, 16);
    world_shows(world,
                "ptrace(PTRACE_SECCOMP_GET_METADATA, 5, 16, {filter_off=9, flags=SECCOMP_FILTER_FLAG_LOG}) = 16");
    world_return(world, 12);
    world_shows(world, "ptrace(PTRACE_SECCOMP_GET_METADATA, 5, 16, {filter_off=9, ???}) = 12");
    world_return(world, 8);
    world_shows(world, "ptrace(PTRACE_SECCOMP_GET_METADATA, 5, 16, {filter_off=9}) = 8");
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PTRACE_SECCOMP_GET_METADATA, 5, 4, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_SECCOMP_GET_METADATA, 5, 4, 0x10000) = ? <unavailable>");
}

static void test_words(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, &(uint64_t){0x1234}, 8);
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PEEKUSER, 5, 8 * 15 + 1, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "ptrace(PTRACE_PEEKUSER, 5, 8*ORIG_RAX+1, [0x1234]) = 0");
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PEEKUSER, 5, 912, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_PEEKUSER, 5, sizeof(struct user), 0x10000) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_ptrace, ARGS(PEEKUSER, 5, UINT64_MAX, WORLD_BASE));
    world_shows(world, "ptrace(PTRACE_PEEKUSER, 5, 0xffffffffffffffff, 0x10000) = ? <unavailable>");
    world_put(world, WORLD_BASE, &(uint64_t){SIGUSR1}, 8);
    world_enter(world, ARCH_X86_64, SYS_prctl, ARGS(PR_GET_PDEATHSIG, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "prctl(PR_GET_PDEATHSIG, [SIGUSR1]) = 0");
    world_enter(world, ARCH_X86_64, SYS_prctl, ARGS(PR_SCHED_CORE, 0, 0, 0, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0 /* PIDTYPE_PID */, [0xa]) = 0");
    world_put(world, WORLD_BASE, &(uint64_t){0xe7}, 8);
    world_enter(world, ARCH_X86_64, SYS_arch_prctl, ARGS(0x1021, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "arch_prctl(ARCH_GET_XCOMP_SUPP, [0xe7 /* "
                       "XFEATURE_MASK_FPSSE|XFEATURE_MASK_YMM|XFEATURE_MASK_AVX512 */]) = 0");
}

/* Of a user's quota; as QCMD(), which shifts into the sign. */
#define COMMAND(command) ((uint32_t)(command) << SUBCMDSHIFT | USRQUOTA)

static void test_quotas(void **state) {
    struct decoding_world *world = *state;
    uint64_t numbers[14] = {1, 2, 3, 4, 5, 6, 7, 8, 0x3f | 9ULL << 32};
    world_put(world, WORLD_BASE, numbers, sizeof(numbers));
    world_enter(world, ARCH_I386, I386_QUOTACTL, ARGS(COMMAND(Q_GETNEXTQUOTA), 0, 5, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "quotactl(QCMD(Q_GETNEXTQUOTA, USRQUOTA), NULL, 5, {dqb_bhardlimit=1, dqb_bsoftlimit=2, "
                       "dqb_curspace=3, dqb_ihardlimit=4, dqb_isoftlimit=5, dqb_curinodes=6, dqb_id=9, ...}) = 0");
    world->options.verbose = true;
    world_enter(world, ARCH_X86_64, SYS_quotactl, ARGS(COMMAND(0x5805), 0, 5, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "quotactl(QCMD(Q_XGETQSTAT, USRQUOTA), NULL, {qs_version=1, qs_flags=0, qs_uquota={qfs_ino=2, "
                       "qfs_nblks=3, qfs_nextents=4}, qs_gquota={qfs_ino=5, qfs_nblks=6, qfs_nextents=7}, "
                       "qs_incoredqs=8, qs_btimelimit=0, qs_itimelimit=63, qs_rtbtimelimit=9, qs_bwarnlimit=0, "
                       "qs_iwarnlimit=0}) = 0");
    world_enter(world, ARCH_X86_64, SYS_quotactl, ARGS(COMMAND(0x5808), 0, 5, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "quotactl(QCMD(Q_XGETQSTATV, USRQUOTA), NULL, {qs_version=1, qs_flags=0, qs_incoredqs=0, "
                       "qs_uquota={qfs_ino=2, qfs_nblks=3, qfs_nextents=4}, qs_gquota={qfs_ino=5, qfs_nblks=6, "
                       "qfs_nextents=7}, qs_pquota={qfs_ino=8, qfs_nblks=38654705727, qfs_nextents=0}, "
                       "qs_btimelimit=0, qs_itimelimit=0, qs_rtbtimelimit=0, qs_bwarnlimit=0, qs_iwarnlimit=0}) = 0");
    world_enter(world, ARCH_X86_64, SYS_quotactl, ARGS(COMMAND(Q_SETQUOTA), 0, 5, WORLD_HOLE - 60));
    world_shows(world, "quotactl(QCMD(Q_SETQUOTA, USRQUOTA), NULL, 5, 0x11fc4) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_registers),
        WORLD_TEST(test_sets_of_registers),
        WORLD_TEST(test_what_is_told_of_calls),
        WORLD_TEST(test_signals_and_filters),
        WORLD_TEST(test_words),
        WORLD_TEST(test_quotas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
