/* SPDX-License-Identifier: MIT
 *
 * Output arguments: what was captured at the exit of a call, in strace's
 * notation and in that of JSON.
 */
#include "value.h"

#include "shown_call.h"
#include "unit.h"

#include <errno.h>
#include <linux/stat.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>

enum {
    AT = 0x1000, /* where the output is */
    I386_STAT64 = 195,
    I386_STAT = 106,
    I386_CLOCK_GETTIME = 265,
    I386_SYSINFO = 116,
    I386_GETRLIMIT = 191,
    I386_SIGACTION = 174,
};

static struct fake_call call;

static void call_returns(int number, const uint64_t *args, int64_t result) {
    fake_call_init(&call, ARCH_X86_64, number, args, result);
}

static void output_is(unsigned arg, const void *bytes, size_t size) {
    fake_call_capture(&call, arg, CAPTURE_OUTPUT, CAPTURE_WHOLE, bytes, size, size);
}

static void assert_text(const char *expected) {
    assert_line_shown(&call, expected);
}

static void assert_content(unsigned index, const char *expected) {
    struct text text = {0};
    struct decoded_call decoded;
    decode_call(&call.record, &decoded);
    value_to_text(&decoded.values[index], NOTATION_CONTENT, &text);
    assert_string_equal(text.bytes ? text.bytes : "", expected);
    text_finish(&text);
}

/* A call with one output alone, as its argument `arg`; the others are 3. */
static void assert_output(int number, unsigned arg, const void *bytes, size_t size, const char *expected) {
    uint64_t args[SYSCALL_MAX_ARGS] = {3, 3, 3, 3, 3, 3};
    args[arg] = AT;
    call_returns(number, args, 1);
    output_is(arg, bytes, size);
    assert_content(arg, expected);
}

static void assert_output_i386(int number, unsigned arg, const void *bytes, size_t size, const char *expected) {
    uint64_t args[SYSCALL_MAX_ARGS] = {3, 3, 3, 3, 3, 3};
    args[arg] = AT;
    fake_call_init(&call, ARCH_I386, number, args, 0);
    output_is(arg, bytes, size);
    assert_content(arg, expected);
}

/* ----------------------------------------------------------------------------- strings */

static void test_buffers(void **state) {
    (void)state;
    call_returns(SYS_read, ARGS(3, AT, 100), 6);
    output_is(1, "a \"b\"\n", 6);
    assert_text("read(3, \"a \\\"b\\\"\\n\", 100) = 6");
    assert_content(1, "a \"b\"\\n");
    call_returns(SYS_read, ARGS(3, AT, 100), 50);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_CUT, "ab", 2, 50);
    assert_text("read(3, \"ab\"..., 100) = 50");
    call_returns(SYS_read, ARGS(3, AT, 100), 0);
    output_is(1, "", 0);
    assert_text("read(3, \"\", 100) = 0");
}

static void test_random_bytes(void **state) {
    (void)state;
    call_returns(SYS_getrandom, ARGS(AT, 3, 0), 3);
    output_is(0, "a\0\xff", 3);
    assert_text("getrandom(\"\\x61\\x00\\xff\", 3, 0) = 3");
    assert_content(0, "a\\0\\377");
    call_returns(SYS_getrandom, ARGS(AT, 30, 0), 30);
    fake_call_capture(&call, 0, CAPTURE_OUTPUT, CAPTURE_CUT, "a", 1, 30);
    assert_text("getrandom(\"\\x61\"..., 30, 0) = 30");
}

static void test_without_a_capture_outputs_are_addresses(void **state) {
    (void)state;
    call_returns(SYS_read, ARGS(3, AT, 100), 6);
    assert_text("read(3, 0x1000, 100) = 6");
    call_returns(SYS_read, ARGS(3, AT, 100), 6);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_UNREADABLE, "half", 4, 6);
    assert_text("read(3, 0x1000, 100) = 6");
    call_returns(SYS_read, ARGS(3, 0, 0), 0);
    assert_text("read(3, NULL, 0) = 0");
    call_returns(SYS_getsockname, ARGS(3, AT, 0x2000), 0);
    assert_text("getsockname(3, 0x1000, 0x2000) = 0");
    call_returns(SYS_poll, ARGS(AT, 2, 0), 1);
    assert_text("poll(0x1000, 2, 0) = 1");
    call_returns(SYS_readv, ARGS(3, AT, 2), 1);
    assert_text("readv(3, 0x1000, 2) = 1");
    call_returns(SYS_read, ARGS(3, AT, 100), 6);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_UNREADABLE, "", 0, 6);
    assert_text("read(3, 0x1000, 100) = 6");
    call_returns(SYS_read, ARGS(3, AT, 100), 6);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_UNREADABLE, "half", 4, 6);
    assert_text("read(3, 0x1000, 100) = 6");
    call_returns(SYS_fstat, ARGS(3, AT), 0);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_UNREADABLE, "part", 4, 144);
    assert_text("fstat(3, 0x1000) = 0");
}

static void test_attributes(void **state) {
    (void)state;
    assert_output(SYS_listxattr, 1, "user.a\0user.b\0", 14, "user.a\\0user.b\\0");
    call_returns(SYS_fgetxattr, ARGS(3, 0, AT, 100), 4);
    output_is(2, "val\0", 4);
    assert_text("fgetxattr(3, NULL, \"val\", 100) = 4");
    call_returns(SYS_fgetxattr, ARGS(3, 0, AT, 100), 9);
    fake_call_capture(&call, 2, CAPTURE_OUTPUT, CAPTURE_CUT, "val\0", 4, 9);
    assert_text("fgetxattr(3, NULL, \"val\", 100) = 9");
}

/* ----------------------------------------------------------------------------- vectors */

static void test_events(void **state) {
    (void)state;
    static const struct epoll_event events[] = {{.events = EPOLLIN, .data.u64 = 0x500000001},
                                                {.events = EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u64 = 7}};
    assert_output(SYS_epoll_wait, 1, events, sizeof(events),
                  "[{events=EPOLLIN, data={u32=1, u64=21474836481}}, {events=EPOLLOUT|EPOLLRDHUP|EPOLLET, "
                  "data={u32=7, u64=7}}]");
    assert_output(SYS_epoll_wait, 1, "", 0, "[]");
}

static void test_processors(void **state) {
    (void)state;
    assert_output(SYS_sched_getaffinity, 2, "\x03\x80", 2, "[0 1 15]");
    assert_output(SYS_sched_getaffinity, 2, "\0\0", 2, "[]");
}

static void test_directory_entries(void **state) {
    (void)state;
    call_returns(SYS_getdents64, ARGS(3, AT, 32768), 120);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_WHOLE, "", 0, 5);
    assert_text("getdents64(3, 0x1000 /* 5 entries */, 32768) = 120");
    call_returns(SYS_getdents64, ARGS(3, AT, 32768), 0);
    fake_call_capture(&call, 1, CAPTURE_OUTPUT, CAPTURE_WHOLE, "", 0, 0);
    assert_text("getdents64(3, 0x1000 /* 0 entries */, 32768) = 0");
}

/* ------------------------------------------------------------------------ changed */

static void test_offsets(void **state) {
    (void)state;
    uint64_t before = 10;
    uint64_t now = 15;
    call_returns(SYS_sendfile, ARGS(3, 4, AT, 5), 5);
    fake_call_whole(&call, 2, &before, sizeof(before));
    output_is(2, &now, sizeof(now));
    assert_text("sendfile(3, 4, [10] => [15], 5) = 5");
    call_returns(SYS_sendfile, ARGS(3, 4, AT, 5), -EBADF);
    fake_call_whole(&call, 2, &before, sizeof(before));
    assert_text("sendfile(3, 4, [10], 5) = -1 EBADF (Bad file descriptor)");
    before = UINT64_MAX - 6;
    call_returns(SYS_sendfile, ARGS(3, 4, AT, 5), -EINVAL);
    fake_call_whole(&call, 2, &before, sizeof(before));
    assert_text("sendfile(3, 4, [18446744073709551609], 5) = -1 EINVAL (Invalid argument)");
}

/* ------------------------------------------------------------------------------ numbers */

static void test_numbers(void **state) {
    (void)state;
    static const int32_t pair[] = {3, 4};
    static const uint32_t nobody = UINT32_MAX;
    assert_output(SYS_getresuid, 1, pair, 4, "[3]");
    assert_output(SYS_getresuid, 1, &nobody, 4, "[-1]");
    call_returns(SYS_prctl, ARGS(16, AT), 0); /* PR_GET_NAME */
    output_is(1, "thread\0?????????", 16);
    assert_text("prctl(PR_GET_NAME, \"thread\") = 0");
}

static void assert_status(int status, const char *expected) {
    assert_output(SYS_wait4, 1, &status, sizeof(status), expected);
}

static void test_statuses(void **state) {
    (void)state;
    assert_status(3 << 8, "[{WIFEXITED(s) && WEXITSTATUS(s) == 3}]");
    assert_status(15, "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}]");
    assert_status(11 | 0x80, "[{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}]");
    assert_status(19 << 8 | 0x7f, "[{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]");
    assert_status(0xffff, "[{WIFCONTINUED(s)}]");
}

static void test_sets_of_signals(void **state) {
    (void)state;
    uint64_t set = 1 << 16 | 1 << 9;
    assert_output(SYS_rt_sigprocmask, 2, &set, 8, "[USR1 CHLD]");
    set = 0;
    assert_output(SYS_rt_sigprocmask, 2, &set, 8, "[]");
    set = ~(uint64_t)(1 << 8 | 1 << 18);
    assert_output(SYS_rt_sigprocmask, 2, &set, 8, "~[KILL STOP]");
    set = UINT64_MAX;
    assert_output(SYS_rt_sigprocmask, 2, &set, 8, "~[]");
    set = (uint64_t)5 << 31;
    assert_output(SYS_rt_sigprocmask, 2, &set, 8, "[RTMIN RT_2]");
}

/* --------------------------------------------------------------------------- structures */

static void test_stat(void **state) {
    (void)state;
    struct stat status = {.st_mode = S_IFREG | 0644, .st_size = 123};
    assert_output(SYS_fstat, 1, &status, sizeof(status), "{st_mode=S_IFREG|0644, st_size=123, ...}");
    status = (struct stat){.st_mode = S_IFCHR | 0666, .st_rdev = makedev(1, 3)};
    assert_output(SYS_newfstatat, 2, &status, sizeof(status), "{st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}");
    status = (struct stat){.st_mode = S_IFDIR | S_ISVTX | 0777};
    assert_output(SYS_stat, 1, &status, sizeof(status), "{st_mode=S_IFDIR|S_ISVTX|0777, st_size=0, ...}");
    status = (struct stat){.st_mode = 0600};
    assert_output(SYS_lstat, 1, &status, sizeof(status), "{st_mode=0600, st_size=0, ...}");
}

static void test_stat_on_i386(void **state) {
    (void)state;
    uint8_t bytes[96] = {0};
    uint16_t mode = S_IFREG | 0755;
    uint32_t size = 4711;
    memcpy(bytes + 8, &mode, 2);
    memcpy(bytes + 20, &size, 4);
    assert_output_i386(I386_STAT, 1, bytes, 64, "{st_mode=S_IFREG|0755, st_size=4711, ...}");
    mode = S_IFBLK | 0660;
    uint32_t device = 0x801;
    memcpy(bytes + 8, &mode, 2);
    memcpy(bytes + 16, &device, 4);
    assert_output_i386(I386_STAT, 1, bytes, 64, "{st_mode=S_IFBLK|0660, st_rdev=makedev(0x8, 0x1), ...}");
    memset(bytes, 0, sizeof(bytes));
    mode = S_IFREG | 0755;
    uint64_t large = 5000000000;
    memcpy(bytes + 16, &mode, 2);
    memcpy(bytes + 44, &large, 8);
    assert_output_i386(I386_STAT64, 1, bytes, 96, "{st_mode=S_IFREG|0755, st_size=5000000000, ...}");
}

static void test_statx(void **state) {
    (void)state;
    struct statx status = {.stx_mask = STATX_BASIC_STATS | STATX_MNT_ID,
                           .stx_attributes = STATX_ATTR_MOUNT_ROOT,
                           .stx_mode = S_IFDIR | 0755,
                           .stx_size = 4096};
    assert_output(SYS_statx, 4, &status, sizeof(status),
                  "{stx_mask=STATX_BASIC_STATS|STATX_MNT_ID, stx_attributes=STATX_ATTR_MOUNT_ROOT, "
                  "stx_mode=S_IFDIR|0755, stx_size=4096, ...}");
}

static void test_statfs(void **state) {
    (void)state;
    struct statfs status = {.f_type = 0xef53, .f_bsize = 4096, .f_blocks = 100, .f_namelen = 255, .f_flags = 0x1020};
    status.f_fsid.__val[0] = 0xf;
    assert_output(SYS_statfs, 1, &status, sizeof(status),
                  "{f_type=EXT2_SUPER_MAGIC, f_bsize=4096, f_blocks=100, f_bfree=0, f_bavail=0, f_files=0, f_ffree=0, "
                  "f_fsid={val=[0xf, 0]}, f_namelen=255, f_frsize=0, f_flags=ST_VALID|ST_RELATIME}");
}

static void test_times(void **state) {
    (void)state;
    struct timespec time = {-1, 999};
    int32_t time32[] = {-5, 7};
    assert_output(SYS_clock_gettime, 1, &time, sizeof(time), "{tv_sec=-1, tv_nsec=999}");
    assert_output_i386(I386_CLOCK_GETTIME, 1, time32, sizeof(time32), "{tv_sec=-5, tv_nsec=7}");
    assert_output(SYS_gettimeofday, 0, &time, sizeof(time), "{tv_sec=-1, tv_usec=999}");
    struct itimerspec timer = {{1, 2}, {3, 4}};
    assert_output(SYS_timerfd_gettime, 1, &timer, sizeof(timer),
                  "{it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, tv_nsec=4}}");
    struct rusage usage = {.ru_utime = {1, 2}, .ru_stime = {3, 4}};
    assert_output(SYS_getrusage, 1, &usage, sizeof(usage),
                  "{ru_utime={tv_sec=1, tv_usec=2}, ru_stime={tv_sec=3, tv_usec=4}, ...}");
}

static void test_limits(void **state) {
    (void)state;
    struct rlimit limit = {8192 * 1024, RLIM_INFINITY};
    uint32_t limit32[] = {1024, UINT32_MAX};
    assert_output(SYS_prlimit64, 3, &limit, sizeof(limit), "{rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}");
    assert_output_i386(I386_GETRLIMIT, 1, limit32, sizeof(limit32), "{rlim_cur=1024, rlim_max=RLIM_INFINITY}");
}

static void test_system(void **state) {
    (void)state;
    struct utsname name = {.sysname = "Linux", .nodename = "a\"b"};
    assert_output(SYS_uname, 0, &name, sizeof(name), "{sysname=\"Linux\", nodename=\"a\\\"b\", ...}");
    struct sysinfo info = {.uptime = 5, .loads = {1, 2, 3}, .totalram = 6, .procs = 7, .mem_unit = 1};
    assert_output(SYS_sysinfo, 0, &info, sizeof(info),
                  "{uptime=5, loads=[1, 2, 3], totalram=6, freeram=0, sharedram=0, bufferram=0, totalswap=0, "
                  "freeswap=0, procs=7, totalhigh=0, freehigh=0, mem_unit=1}");
    uint32_t info32[16] = {5, 1, 2, 3, 6, [10] = 7, [13] = 1};
    assert_output_i386(I386_SYSINFO, 0, info32, sizeof(info32),
                       "{uptime=5, loads=[1, 2, 3], totalram=6, freeram=0, sharedram=0, bufferram=0, totalswap=0, "
                       "freeswap=0, procs=7, totalhigh=0, freehigh=0, mem_unit=1}");
}

static void test_signal_actions(void **state) {
    (void)state;
    uint64_t action[] = {0x5555, 0x04000000 | 0x10000000, 0x7777, 1 << 9};
    assert_output(SYS_rt_sigaction, 2, action, sizeof(action),
                  "{sa_handler=0x5555, sa_mask=[USR1], sa_flags=SA_RESTORER|SA_RESTART, sa_restorer=0x7777}");
    memset(action, 0, sizeof(action));
    assert_output(SYS_rt_sigaction, 2, action, sizeof(action), "{sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}");
    uint32_t action32[] = {1, 0x04000000, 0x7777, 1 << 9, 0};
    assert_output_i386(I386_SIGACTION, 2, action32, sizeof(action32),
                       "{sa_handler=SIG_IGN, sa_mask=[USR1], sa_flags=SA_RESTORER, sa_restorer=0x7777}");
}

/* Whatever bytes a call leaves, they have a text. */
static void test_any_bytes_can_be_shown(void **state) {
    (void)state;
    static const uint8_t fillings[] = {0, 0xff, 0xaa, 'a'};
    struct text text = {0};
    for (unsigned type = A_FIRST_STRUCTURE; type <= A_LAST_STRUCTURE; type++) {
        for (unsigned i = 0; i < 2 * COUNT_OF(fillings); i++) {
            enum arch arch = i % 2 ? ARCH_I386 : ARCH_X86_64;
            size_t size = structure_of(type)->size[arch];
            uint8_t *bytes = malloc(size); /* exactly, so that a sanitizer sees what is read behind them */
            assert_non_null(bytes);
            memset(bytes, fillings[i / 2], size);
            text_clear(&text);
            structure_to_text(structure_of(type), arch, bytes, &text);
            assert_in_range(text.length, 1, 2000);
            free(bytes);
        }
    }
    text_finish(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffers),
        cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_without_a_capture_outputs_are_addresses),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_processors),
        cmocka_unit_test(test_directory_entries),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_sets_of_signals),
        cmocka_unit_test(test_stat),
        cmocka_unit_test(test_stat_on_i386),
        cmocka_unit_test(test_statx),
        cmocka_unit_test(test_statfs),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_signal_actions),
        cmocka_unit_test(test_any_bytes_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
