/* SPDX-License-Identifier: MIT
 *
 * Processes, credentials, scheduling and memory policies, from fake memory to their lines.
 */
#include "decoding_world.h"

#include <asm/ldt.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum {
    I386_SETGROUPS = 81,
    I386_CLONE = 120,
    I386_SET_THREAD_AREA = 243,
    I386_GET_THREAD_AREA = 244,
    I386_MBIND = 274,
    I386_SETRLIMIT = 75,
    I386_EXECVE = 11,
};

/* ---------------------------------------------------------------------------- clones */

static void test_clone3(void **state) {
    struct decoding_world *world = *state;
    struct clone_args args = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
                              .pidfd = WORLD_OTHER,
                              .parent_tid = WORLD_OTHER + 4,
                              .exit_signal = SIGCHLD};
    world_put(world, WORLD_BASE, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, sizeof(args)));
    world_shows(world, "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=0x50000, parent_tid=0x50004, "
                       "exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88) = ? <unavailable>");
    world_put(world, WORLD_OTHER, (int[]){5, 77}, 2 * sizeof(int));
    world_return(world, 77);
    world_shows(world, "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=0x50000, parent_tid=0x50004, "
                       "exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {pidfd=[5], parent_tid=[77]}, 88) = 77");
    args.pidfd = 1;
    args.parent_tid = WORLD_NOWHERE;
    world_put(world, WORLD_BASE, &args, sizeof(args));
    world_enter(world, ARCH_I386, SYS_clone3, ARGS(WORLD_BASE, CLONE_ARGS_SIZE_VER0));
    world_return(world, 77);
    world_shows(world, "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=0x1, parent_tid=0x900000, "
                       "exit_signal=SIGCHLD, stack=NULL, stack_size=0} => {pidfd=0x1, parent_tid=0x900000}, 64) = 77");
    world_return(world, -EINVAL);
    world_shows(world, "clone3({flags=CLONE_PIDFD|CLONE_PARENT_SETTID, pidfd=0x1, parent_tid=0x900000, "
                       "exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 64) = -1 EINVAL (Invalid argument)");
}

static void test_odd_sizes_of_clone3(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint8_t[2 * FAKE_PAGE]){0}, 2 * FAKE_PAGE);
    struct clone_args args = {.exit_signal = SIGCHLD};
    world_put(world, WORLD_BASE, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, 63));
    world_shows(world, "clone3(0x10000, 63) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, UINT64_MAX));
    world_shows(world, "clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 18446744073709551615) = ? "
                       "<unavailable>");
    world_put(world, WORLD_BASE + 90, "\1", 1);
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, 92));
    world_shows(world, "clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, /* bytes 88..91 */ "
                       "\"\\x00\\x00\\x01\\x00\"}, 92) = ? <unavailable>");
    world->options.string_limit = 3;
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, 92));
    world_shows(world, "clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, /* bytes 88..91 */ "
                       "\"\\x00\\x00\\x01\"...}, 92) = ? <unavailable>");
    world_put(world, WORLD_HOLE - 90, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_HOLE - 90, 100));
    world_shows(world, "clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0, ???}, 100) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_HOLE - 64, 88));
    world_shows(world, "clone3(0x11fc0, 88) = ? <unavailable>");
    /* The structure crosses the border of a page. */
    world_put(world, WORLD_BASE + FAKE_PAGE - 40, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE + FAKE_PAGE - 40, sizeof(args)));
    world_shows(world, "clone3({flags=0, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88) = ? <unavailable>");
}

static void test_ids_of_clone3(void **state) {
    struct decoding_world *world = *state;
    struct clone_args args = {.flags = CLONE_SETTLS, .tls = 1, .set_tid = WORLD_HOLE - 4, .set_tid_size = 2};
    world_put(world, WORLD_HOLE - 4, &(int){9}, 4);
    world_put(world, WORLD_BASE, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, sizeof(args)));
    world_shows(world, "clone3({flags=CLONE_SETTLS, exit_signal=0, stack=NULL, stack_size=0, tls=0x1, set_tid=[9, ... "
                       "/* 0x12000 */], set_tid_size=2}, 88) = ? <unavailable>");
    args = (struct clone_args){.flags = CLONE_INTO_CGROUP, .set_tid_size = UINT64_MAX, .exit_signal = UINT64_MAX};
    world_put(world, WORLD_BASE, &args, sizeof(args));
    world_enter(world, ARCH_X86_64, SYS_clone3, ARGS(WORLD_BASE, sizeof(args)));
    world_shows(world, "clone3({flags=CLONE_INTO_CGROUP, exit_signal=18446744073709551615, stack=NULL, stack_size=0, "
                       "set_tid=NULL, set_tid_size=18446744073709551615, cgroup=0}, 88) = ? <unavailable>");
}

static void test_clone(void **state) {
    struct decoding_world *world = *state;
    world_enter(world, ARCH_X86_64, SYS_clone, ARGS(CLONE_PARENT_SETTID | SIGCHLD, 0, WORLD_BASE, 0, 0));
    world_put(world, WORLD_BASE, &(int){77}, 4);
    world_return(world, 77);
    world_shows(world, "clone(child_stack=NULL, flags=CLONE_PARENT_SETTID|SIGCHLD, parent_tid=[77]) = 77");
    struct user_desc entry = {.entry_number = -1U, .limit = 0xfffff, .limit_in_pages = 1};
    world_put(world, WORLD_BASE, &entry, sizeof(entry));
    world_enter(world, ARCH_I386, I386_CLONE, ARGS(CLONE_SETTLS, 0, 0, WORLD_BASE, 0));
    world_return(world, 77);
    world_shows(world, "clone(child_stack=NULL, flags=CLONE_SETTLS, tls={entry_number=-1, base_addr=00000000, "
                       "limit=0x0fffff, seg_32bit=0, contents=0, read_exec_only=0, limit_in_pages=1, "
                       "seg_not_present=0, useable=0}) = 77");
}

static void test_thread_areas(void **state) {
    struct decoding_world *world = *state;
    struct user_desc entry = {.entry_number = -1U, .base_addr = 0x1000, .useable = 1};
#define DESCRIBED                                                                                                      \
    "base_addr=0x001000, limit=00000000, seg_32bit=0, contents=0, read_exec_only=0, limit_in_pages=0, "                \
    "seg_not_present=0, useable=1})"
    world_put(world, WORLD_BASE, &entry, sizeof(entry));
    world_enter(world, ARCH_I386, I386_SET_THREAD_AREA, ARGS(WORLD_BASE));
    world_put(world, WORLD_BASE, &(int){12}, 4);
    world_return(world, 0);
    world_shows(world, "set_thread_area({entry_number=-1, " DESCRIBED " = 0 (entry_number=12)");
    world_enter(world, ARCH_I386, I386_GET_THREAD_AREA, ARGS(WORLD_BASE));
    world_return(world, -EINVAL);
    world_shows(world, "get_thread_area({entry_number=12, ...}) = -1 EINVAL (Invalid argument)");
    world_return(world, 0);
    world_shows(world, "get_thread_area({entry_number=12, " DESCRIBED " = 0");
    world_put(world, WORLD_BASE, &(int){13}, 4);
    world_return(world, 0);
    world_shows(world, "get_thread_area({entry_number=12 => 13, " DESCRIBED " = 0");
    world_enter(world, ARCH_I386, I386_GET_THREAD_AREA, ARGS(1));
    world_shows(world, "get_thread_area(0x1) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_modify_ldt, ARGS(1, WORLD_NOWHERE, 16));
    world_return(world, (uint32_t)-EFAULT);
    world_shows(world, "modify_ldt(1, 0x900000, 16) = 4294967282 EFAULT (Bad address)");
}

/* -------------------------------------------------------------------------- programs */

static void test_programs(void **state) {
    struct decoding_world *world = *state;
    uint64_t vector[] = {WORLD_OTHER, 1, 0};
    uint32_t vector_i386[] = {WORLD_OTHER, 1};
    world_put_string(world, WORLD_OTHER, "A=1");
    world_put(world, WORLD_BASE, vector, sizeof(vector));
    world_enter(world, ARCH_X86_64, SYS_execve, ARGS(WORLD_OTHER, WORLD_BASE, WORLD_BASE));
    world_shows(world, "execve(\"A=1\", [\"A=1\", 0x1], 0x10000 /* 2 vars */) = ? <unavailable>");
    world->options.verbose = true;
    world_enter(world, ARCH_X86_64, SYS_execve, ARGS(WORLD_OTHER, WORLD_BASE, WORLD_BASE));
    world_shows(world, "execve(\"A=1\", [\"A=1\", 0x1], [\"A=1\", 0x1]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_execve, ARGS(WORLD_OTHER, WORLD_BASE + 16, WORLD_BASE + 16));
    world_shows(world, "execve(\"A=1\", [], []) = ? <unavailable>");
    world_put(world, WORLD_HOLE - sizeof(vector_i386), vector_i386, sizeof(vector_i386));
    world_enter(world, ARCH_I386, I386_EXECVE, ARGS(WORLD_OTHER, WORLD_HOLE - 8, WORLD_NOWHERE));
    world_shows(world, "execve(\"A=1\", [\"A=1\", 0x1, ... /* 0x12000 */], 0x900000) = ? <unavailable>");
    world->options.verbose = false;
    world_enter(world, ARCH_I386, I386_EXECVE, ARGS(WORLD_OTHER, WORLD_NOWHERE, WORLD_HOLE - 8));
    world_shows(world, "execve(\"A=1\", 0x900000, 0x11ff8 /* 2 vars, unterminated */) = ? <unavailable>");
}

/* More strings than there is room for: what there is of them is shown. */
static void test_many_strings(void **state) {
    struct decoding_world *world = *state;
    world->options.verbose = true;
    world_put_string(world, WORLD_OTHER, "0123456789012345678901234567890");
    for (unsigned i = 0; i < 2 * FAKE_PAGE / 8 - 1; i++) {
        world_put(world, WORLD_BASE + 8 * i, &(uint64_t){WORLD_OTHER}, 8);
    }
    world_put(world, WORLD_HOLE - 8, &(uint64_t){0}, 8);
    world_enter(world, ARCH_X86_64, SYS_execve, ARGS(0, WORLD_BASE, WORLD_BASE));
    struct decoded_call decoded;
    struct text text = {.verbose = true};
    decode_call(&world->call.record, &decoded);
    arguments_to_text(&decoded, &text);
    assert_non_null(strstr(text.bytes, "901234567890\", ...], [...]"));
    text_finish(&text);
}

/* ----------------------------------------------------------------------- credentials */

static void test_groups(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_HOLE - 8, (uint32_t[]){1, UINT32_MAX}, 8);
    world_enter(world, ARCH_X86_64, SYS_setgroups, ARGS(2, WORLD_HOLE - 8));
    world_shows(world, "setgroups(2, [1, -1]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_setgroups, ARGS(3, WORLD_HOLE - 8));
    world_shows(world, "setgroups(3, [1, -1, ... /* 0x12000 */]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_setgroups, ARGS(-1, WORLD_BASE));
    world_shows(world, "setgroups(-1, 0x10000) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_setgroups, ARGS(0, WORLD_NOWHERE));
    world_shows(world, "setgroups(0, []) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_SETGROUPS, ARGS(4, WORLD_HOLE - 8));
    world_shows(world, "setgroups(4, [1, 0, -1, -1]) = ? <unavailable>");
    world->options.vector_limit = 1;
    world_enter(world, ARCH_X86_64, SYS_getgroups, ARGS(5, WORLD_HOLE - 8));
    world_shows(world, "getgroups(5, 0x11ff8) = ? <unavailable>");
    world_return(world, 2);
    world_shows(world, "getgroups(5, [1, ...]) = 2");
    world_return(world, 0);
    world_shows(world, "getgroups(5, []) = 0");
}

static void test_capabilities(void **state) {
    struct decoding_world *world = *state;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{1, 0, 0}, {1, 0x80000000, 0}};
    world_put(world, WORLD_BASE, &header, sizeof(header));
    world_put(world, WORLD_OTHER, data, sizeof(data));
    world_enter(world, ARCH_X86_64, SYS_capset, ARGS(WORLD_BASE, WORLD_OTHER));
    world_shows(world, "capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, "
                       "{effective=1<<CAP_CHOWN|1<<CAP_MAC_OVERRIDE, permitted=0x80000000 /* CAP_??? */, "
                       "inheritable=0}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_capget, ARGS(WORLD_BASE, WORLD_HOLE - sizeof(data[0])));
    world_put(world, WORLD_HOLE - sizeof(data[0]), data, sizeof(data[0]));
    world_return(world, 0);
    world_shows(world, "capget({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, 0x11ff4) = 0");
    header.version = _LINUX_CAPABILITY_VERSION_1;
    world_put(world, WORLD_BASE, &header, sizeof(header));
    world_enter(world, ARCH_X86_64, SYS_capget, ARGS(WORLD_BASE, WORLD_HOLE - sizeof(data[0])));
    world_return(world, 0);
    world_shows(world, "capget({version=_LINUX_CAPABILITY_VERSION_1, pid=0}, {effective=1<<CAP_CHOWN, permitted=0, "
                       "inheritable=0}) = 0");
    world_enter(world, ARCH_X86_64, SYS_capset, ARGS(WORLD_NOWHERE, WORLD_OTHER));
    world_shows(world, "capset(0x900000, 0x50000) = ? <unavailable>");
}

static void test_limits(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint64_t[]){2048, UINT64_MAX}, 16);
    world_enter(world, ARCH_X86_64, SYS_setrlimit, ARGS(4, WORLD_BASE));
    world_shows(world, "setrlimit(RLIMIT_CORE, {rlim_cur=2*1024, rlim_max=RLIM64_INFINITY}) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_SETRLIMIT, ARGS(4, WORLD_BASE));
    world_shows(world, "setrlimit(RLIMIT_CORE, {rlim_cur=2*1024, rlim_max=0}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_prlimit64, ARGS(0, 4, WORLD_HOLE - 8, 0));
    world_shows(world, "prlimit64(0, RLIMIT_CORE, 0x11ff8, NULL) = ? <unavailable>");
}

/* ------------------------------------------------------------------------ scheduling */

static void test_attributes(void **state) {
    struct decoding_world *world = *state;
    uint32_t attr[14] = {0, SCHED_BATCH, 1, 0, -1U};
#define PARAMETERS "sched_nice=-1, sched_priority=0, sched_runtime=0, sched_deadline=0, sched_period=0"
    world_put(world, WORLD_BASE, attr, sizeof(attr));
    world_enter(world, ARCH_X86_64, SYS_sched_setattr, ARGS(0, WORLD_BASE, 0));
    world_return(world, 0);
    world_shows(world,
                "sched_setattr(0, {size=0, sched_policy=SCHED_BATCH, sched_flags=SCHED_FLAG_RESET_ON_FORK, " PARAMETERS
                "}, 0) = 0");
    world_put(world, WORLD_BASE, &(uint32_t){UINT32_MAX}, 4);
    world_enter(world, ARCH_X86_64, SYS_sched_setattr, ARGS(0, WORLD_BASE, 0));
    world_put(world, WORLD_BASE, &(uint32_t){56}, 4);
    world_return(world, -E2BIG);
    world_shows(world,
                "sched_setattr(0, {size=4294967295, sched_policy=SCHED_BATCH, "
                "sched_flags=SCHED_FLAG_RESET_ON_FORK, " PARAMETERS
                ", sched_util_min=0, sched_util_max=0, ...} => {size=56}, 0) = -1 E2BIG (Argument list too long)");
    world_put(world, WORLD_HOLE - 4, &(uint32_t){47}, 4);
    world_enter(world, ARCH_X86_64, SYS_sched_setattr, ARGS(0, WORLD_HOLE - 4, 0));
    world_shows(world, "sched_setattr(0, {size=47}, 0) = ? <unavailable>");
    world_put(world, WORLD_HOLE - 4, &(uint32_t){48}, 4);
    world_enter(world, ARCH_X86_64, SYS_sched_setattr, ARGS(0, WORLD_HOLE - 4, 0));
    world_shows(world, "sched_setattr(0, 0x11ffc, 0) = ? <unavailable>");
    world_put(world, WORLD_BASE, &(uint32_t){48}, 4);
    world_enter(world, ARCH_X86_64, SYS_sched_getattr, ARGS(0, WORLD_BASE, UINT32_MAX, 0));
    world_return(world, 0);
    world_shows(world,
                "sched_getattr(0, {size=48, sched_policy=SCHED_BATCH, sched_flags=SCHED_FLAG_RESET_ON_FORK, " PARAMETERS
                "}, 4294967295, 0) = 0");
    world_enter(world, ARCH_X86_64, SYS_sched_getattr, ARGS(0, WORLD_BASE, 4, 0));
    world_return(world, 0);
    world_shows(world, "sched_getattr(0, {size=48, sched_policy=SCHED_OTHER, sched_flags=0, sched_nice=0, "
                       "sched_priority=0, sched_runtime=0, sched_deadline=0, sched_period=0}, 4, 0) = 0");
}

static void test_processors(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint8_t[128]){0}, 128);
    world_put(world, WORLD_HOLE - 2, "\x81\x02", 2);
    world_enter(world, ARCH_X86_64, SYS_sched_setaffinity, ARGS(0, 2, WORLD_HOLE - 2));
    world_shows(world, "sched_setaffinity(0, 2, [0 7 9]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_sched_setaffinity, ARGS(0, 3, WORLD_HOLE - 2));
    world_shows(world, "sched_setaffinity(0, 3, 0x11ffe) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_sched_setaffinity, ARGS(0, UINT32_MAX, WORLD_BASE));
    world_shows(world, "sched_setaffinity(0, 4294967295, [...]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_sched_setaffinity, ARGS(0, 0, WORLD_NOWHERE));
    world_shows(world, "sched_setaffinity(0, 0, []) = ? <unavailable>");
}

/* ---------------------------------------------------------------------------- memory */

static void test_nodes(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint64_t[]){5, 0}, 16);
    world_enter(world, ARCH_X86_64, SYS_mbind, ARGS(0, 1, 2, WORLD_BASE, 66, 0));
    world_shows(world, "mbind(NULL, 1, MPOL_BIND, [0x00000000000005, 0000000000000000], 66, 0) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_MBIND, ARGS(0, 1, 2, WORLD_BASE, 34, 0));
    world_shows(world, "mbind(NULL, 1, MPOL_BIND, [0x000005, 00000000], 34, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mbind, ARGS(0, 1, 2, WORLD_BASE, UINT64_MAX, 0));
    world_shows(world, "mbind(NULL, 1, MPOL_BIND, 0x10000, 18446744073709551615, 0) = ? <unavailable>");
    world_enter(world, ARCH_I386, I386_MBIND, ARGS(0, 1, 2, WORLD_BASE, UINT32_MAX, 0));
    world_shows(world, "mbind(NULL, 1, MPOL_BIND, 0x10000, 4294967295, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_mbind, ARGS(0, 1, 2, WORLD_BASE, 1, 0));
    world_shows(world, "mbind(NULL, 1, MPOL_BIND, 0x10000, 1, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_get_mempolicy, ARGS(WORLD_OTHER, WORLD_BASE, 2, 0, 0));
    world_put(world, WORLD_OTHER, &(int){9}, 4);
    world_return(world, 0);
    world_shows(world, "get_mempolicy([0x9 /* MPOL_??? */], [0x00000000000005], 2, NULL, 0) = 0");
}

static void test_pages(void **state) {
    struct decoding_world *world = *state;
    world_put(world, WORLD_BASE, (uint64_t[]){0x1000, 0}, 16);
    world_put(world, WORLD_OTHER, (int[]){-ENOENT, 3}, 8);
    world_enter(world, ARCH_X86_64, SYS_move_pages, ARGS(0, 2, WORLD_BASE, 0, WORLD_OTHER, 2));
    world_shows(world, "move_pages(0, 2, [0x1000, NULL], NULL, 0x50000, MPOL_MF_MOVE) = ? <unavailable>");
    world_return(world, 0);
    world_shows(world, "move_pages(0, 2, [0x1000, NULL], NULL, [-ENOENT, 3], MPOL_MF_MOVE) = 0");
    world_enter(world, ARCH_X86_64, SYS_move_pages, ARGS(0, UINT64_MAX / 4, WORLD_BASE, WORLD_OTHER, 0, 0));
    world_shows(world, "move_pages(0, 4611686018427387903, 0x10000, 0x50000, NULL, 0) = ? <unavailable>");
    world_put(world, WORLD_HOLE - 2, "\3\2", 2);
    world_enter(world, ARCH_X86_64, SYS_mincore, ARGS(0, 3 * 4096 - 1, WORLD_HOLE - 2));
    world_return(world, 0);
    world_shows(world, "mincore(NULL, 12287, [1, 0, ... /* 0x12000 */]) = 0");
}

static void test_pieces(void **state) {
    struct decoding_world *world = *state;
    struct iovec pieces[] = {{(void *)(uintptr_t)WORLD_OTHER, 3}, {(void *)1, 5}};
    world_put(world, WORLD_BASE, pieces, sizeof(pieces));
    world_put_string(world, WORLD_OTHER, "abcdef");
    world_enter(world, ARCH_X86_64, SYS_process_vm_readv, ARGS(7, WORLD_BASE, 2, WORLD_BASE, 1, 0));
    world_shows(world, "process_vm_readv(7, [{iov_base=0x50000, iov_len=3}, {iov_base=0x1, iov_len=5}], 2, "
                       "[{iov_base=0x50000, iov_len=3}], 1, 0) = ? <unavailable>");
    world_return(world, 2);
    world_shows(world, "process_vm_readv(7, [{iov_base=\"ab\", iov_len=3}, {iov_base=\"\", iov_len=5}], 2, "
                       "[{iov_base=0x50000, iov_len=3}], 1, 0) = 2");
    world_enter(world, ARCH_X86_64, SYS_process_vm_writev, ARGS(7, WORLD_BASE, 2, WORLD_NOWHERE, 1, 0));
    world_shows(world,
                "process_vm_writev(7, [{iov_base=\"abc\", iov_len=3}, {iov_base=0x1, iov_len=5}], 2, 0x900000, 1, "
                "0) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_clone3),        WORLD_TEST(test_odd_sizes_of_clone3),
        WORLD_TEST(test_ids_of_clone3), WORLD_TEST(test_clone),
        WORLD_TEST(test_thread_areas),  WORLD_TEST(test_programs),
        WORLD_TEST(test_many_strings),  WORLD_TEST(test_groups),
        WORLD_TEST(test_capabilities),  WORLD_TEST(test_limits),
        WORLD_TEST(test_attributes),    WORLD_TEST(test_processors),
        WORLD_TEST(test_nodes),         WORLD_TEST(test_pages),
        WORLD_TEST(test_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
