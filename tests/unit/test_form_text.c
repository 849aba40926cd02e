/* SPDX-License-Identifier: MIT
 *
 * The trace in strace's notation. Lines that strace 6.1 writes as well were
 * taken from it; "..." and addresses stand for the structures that we do not read.
 */
#include "fake_trace.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

enum {
    I386_CLONE = 120,
    I386_MMAP2 = 192,
    I386_FCNTL64 = 221,
};

static int set_up(void **state) {
    return fake_trace_set_up(state, FORMAT_TEXT);
}

static int tear_down(void **state) {
    return fake_trace_tear_down(state);
}

static void call(struct fake_trace *trace, int number, const uint64_t *args, int64_t result) {
    fake_trace_next(trace, number, args, result);
    fake_trace_call(trace);
}

/* A call whose argument `arg` is a string. */
static void call_named(struct fake_trace *trace, int number, const uint64_t *args, int64_t result, unsigned arg,
                       const char *string) {
    fake_trace_next(trace, number, args, result);
    fake_call_string(&trace->call, arg, string);
    fake_trace_call(trace);
}

/* ---------------------------------------------------------------- where "= " stands */

static void test_results_stand_in_column_40(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_close(trace, 3);
    assert_written(trace, "close(3)                                = 0\n");
    call_named(trace, SYS_access, ARGS(0x1000, R_OK), -ENOENT, 0, "/etc/ld.so.preload");
    assert_written(trace, "access(\"/etc/ld.so.preload\", R_OK)      = -1 ENOENT (No such file or directory)\n");
}

static void test_a_call_that_just_fits_and_longer_ones(void **state) {
    struct fake_trace *trace = *state;
    call_named(trace, SYS_unlink, ARGS(0x1000), 0, 0, "234567890123456789012345678");
    assert_written(trace, "unlink(\"234567890123456789012345678\")   = 0\n");
    call_named(trace, SYS_unlink, ARGS(0x1000), 0, 0, "234567890123456789012345678901");
    assert_written(trace, "unlink(\"234567890123456789012345678901\") = 0\n");
    call_named(trace, SYS_unlink, ARGS(0x1000), 0, 0, "2345678901234567890123456789012345");
    assert_written(trace, "unlink(\"2345678901234567890123456789012345\") = 0\n");
}

static void test_the_prefix_counts(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = true;
    fake_trace_next(trace, SYS_close, ARGS(3), 0);
    trace->call.record.several = true;
    fake_trace_call(trace);
    assert_written(trace, "[pid   100] close(3)                    = 0\n");
}

/* ------------------------------------------------------------------------- results */

static void test_errors(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_close, ARGS(9), -EBADF);
    assert_written(trace, "close(9)                                = -1 EBADF (Bad file descriptor)\n");
    call(trace, SYS_close, ARGS(9), -4095);
    assert_written(trace, "close(9)                                = -1 (errno 4095)\n");
}

static void test_interrupted_calls(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_pause, ARGS(0), -512);
    call(trace, SYS_pause, ARGS(0), -513);
    call(trace, SYS_pause, ARGS(0), -514);
    call(trace, SYS_pause, ARGS(0), -516);
    assert_written(trace,
                   "pause()                                 = ? ERESTARTSYS (To be restarted if SA_RESTART is set)\n"
                   "pause()                                 = ? ERESTARTNOINTR (To be restarted)\n"
                   "pause()                                 = ? ERESTARTNOHAND (To be restarted if no handler)\n"
                   "pause()                                 = ? ERESTART_RESTARTBLOCK (Interrupted by signal)\n");
}

static void test_results_that_are_not_there(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_exit_group, ARGS(300), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    assert_written(trace, "exit_group(300)                         = ?\n");
    fake_trace_next(trace, SYS_close, ARGS(3), 5)->flags = CALL_HAS_ARGS;
    fake_trace_call(trace);
    assert_written(trace, "close(3)                                = ? <unavailable>\n");
    fake_trace_next(trace, SYS_close, ARGS(3), -EBADF)->flags = CALL_HAS_RESULT;
    fake_trace_call(trace);
    assert_written(trace, "close(?)                                = -1 EBADF (Bad file descriptor)\n");
}

static void test_addresses(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_brk, ARGS(0), 0x555555559000);
    assert_written(trace, "brk(NULL)                               = 0x555555559000\n");
    fake_trace_next(trace, I386_MMAP2, ARGS(0, 4096, PROT_READ, MAP_PRIVATE, 3, 0), (int64_t)0xfffffffff7fc0000);
    trace->call.record.arch = ARCH_I386;
    fake_trace_call(trace);
    assert_written(trace, "mmap2(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = 0xf7fc0000\n");
}

static void test_umask_is_octal(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_umask, ARGS(022), 0);
    call(trace, SYS_umask, ARGS(07777), 022);
    assert_written(trace, "umask(022)                              = 000\n"
                          "umask(07777)                            = 022\n");
}

static void test_results_that_have_names(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_fcntl, ARGS(3, F_GETFL), 0x8002);
    call(trace, SYS_fcntl, ARGS(3, F_GETFD), 0);
    call(trace, SYS_fcntl, ARGS(3, F_GETFD), FD_CLOEXEC);
    call(trace, SYS_fcntl, ARGS(3, F_GETFL), -EBADF);
    call(trace, SYS_fcntl, ARGS(3, F_DUPFD, 100), 100);
    call(trace, SYS_sched_getscheduler, ARGS(0), 0);
    call(trace, SYS_fcntl, ARGS(3, F_GET_SEALS), 0);
    call(trace, SYS_fcntl, ARGS(3, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_WRITE);
    call(trace, SYS_fcntl, ARGS(3, F_GETSIG), 0);
    call(trace, SYS_fcntl, ARGS(3, F_GETSIG), 10);
    assert_written(trace, "fcntl(3, F_GETFL)                       = 0x8002 (flags O_RDWR|O_LARGEFILE)\n"
                          "fcntl(3, F_GETFD)                       = 0\n"
                          "fcntl(3, F_GETFD)                       = 0x1 (flags FD_CLOEXEC)\n"
                          "fcntl(3, F_GETFL)                       = -1 EBADF (Bad file descriptor)\n"
                          "fcntl(3, F_DUPFD, 100)                  = 100\n"
                          "sched_getscheduler(0)                   = 0 (SCHED_OTHER)\n"
                          "fcntl(3, F_GET_SEALS)                   = 0\n"
                          "fcntl(3, F_GET_SEALS)                   = 0x9 (seals F_SEAL_SEAL|F_SEAL_WRITE)\n"
                          "fcntl(3, F_GETSIG)                      = 0\n"
                          "fcntl(3, F_GETSIG)                      = 10 (SIGUSR1)\n");
    fake_trace_next(trace, I386_FCNTL64, ARGS(3, F_GETFL), 0x8002);
    trace->call.record.arch = ARCH_I386;
    fake_trace_call(trace);
    assert_written(trace, "fcntl64(3, F_GETFL)                     = 0x8002 (flags O_RDWR|O_LARGEFILE)\n");
}

static void test_results_of_unknown_commands_have_no_names(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_fcntl, ARGS(3, F_GETFL), 0x8002)->flags = CALL_HAS_RESULT;
    fake_trace_call(trace);
    assert_written(trace, "fcntl(?, ?, ?)                          = 32770\n");
}

static void test_descriptors_have_their_paths_behind_them(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.descriptors = true;
    fake_trace_next(trace, SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDONLY), 3);
    fake_call_capture(&trace->call, 0, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/tmp", 4, 4);
    fake_call_string(&trace->call, 1, "x");
    fake_call_capture(&trace->call, CAPTURE_RESULT, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/tmp/x", 6, 6);
    fake_trace_call(trace);
    assert_written(trace, "openat(AT_FDCWD</tmp>, \"x\", O_RDONLY)   = 3</tmp/x>\n");
}

/* ----------------------------------------------------------------------- arguments */

static void test_strings_that_were_cut(void **state) {
    struct fake_trace *trace = *state;
    static const char a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, 33), 33);
    fake_call_capture(&trace->call, 1, 0, CAPTURE_CUT, a, 32, 33);
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, 32), 32);
    fake_call_capture(&trace->call, 1, 0, CAPTURE_WHOLE, a, 32, 32);
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, 5), 5);
    fake_call_capture(&trace->call, 1, 0, CAPTURE_CUT, "", 0, 5);
    fake_trace_call(trace);
    assert_written(trace, "write(3, \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"..., 33) = 33\n"
                          "write(3, \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", 32) = 32\n"
                          "write(3, \"\"..., 5)                      = 5\n");
}

static void test_content_is_escaped(void **state) {
    struct fake_trace *trace = *state;
    static const char bytes[] = "aaa\n\0012\377\"\\\t\0339\0337";
    fake_trace_next(trace, SYS_write, ARGS(3, 0x1000, sizeof(bytes) - 1), 13);
    fake_call_whole(&trace->call, 1, bytes, sizeof(bytes) - 1);
    fake_trace_call(trace);
    assert_written(trace, "write(3, \"aaa\\n\\0012\\377\\\"\\\\\\t\\339\\0337\", 14) = 13\n");
}

static void test_execve(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_execve, ARGS(0x1000, 0x2000, 0x3000), 0);
    fake_call_string(&trace->call, 0, "/bin/echo");
    fake_call_capture(&trace->call, 1, 0, CAPTURE_WHOLE, "", 0, 2);
    fake_call_capture(&trace->call, 1, 1, CAPTURE_WHOLE, "echo", 4, 4);
    fake_call_capture(&trace->call, 1, 2, CAPTURE_CUT, "h", 1, CAPTURE_LENGTH_UNKNOWN);
    fake_call_capture(&trace->call, 2, 0, CAPTURE_WHOLE, "", 0, 38);
    fake_trace_call(trace);
    assert_written(trace, "execve(\"/bin/echo\", [\"echo\", \"h\"...], 0x3000 /* 38 vars */) = 0\n");
}

static void test_unknown_numbers_have_comments(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_lseek, ARGS(3, 0, 99), -EINVAL);
    call(trace, SYS_socket, ARGS(99, 77, 5), -EINVAL);
    call(trace, SYS_madvise, ARGS(0, 0, 99), -EINVAL);
    call(trace, SYS_unshare, ARGS(1), -EINVAL);
    call_named(trace, SYS_access, ARGS(0x1000, 0xff), -EINVAL, 0, "/x");
    assert_written(trace, "lseek(3, 0, 0x63 /* SEEK_??? */)        = -1 EINVAL (Invalid argument)\n"
                          "socket(0x63 /* AF_??? */, 0x4d /* SOCK_??? */, 5) = -1 EINVAL (Invalid argument)\n"
                          "madvise(NULL, 0, 0x63 /* MADV_??? */)   = -1 EINVAL (Invalid argument)\n"
                          "unshare(0x1 /* CLONE_??? */)            = -1 EINVAL (Invalid argument)\n"
                          "access(\"/x\", R_OK|W_OK|X_OK|0xf8)       = -1 EINVAL (Invalid argument)\n");
}

static void test_unknown_calls(void **state) {
    struct fake_trace *trace = *state;
    call(trace, 9999, ARGS(1, 2, 3, 4, 5, 6), -ENOSYS);
    assert_written(trace, "syscall_0x270f(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function not implemented)\n");
}

static void test_the_arguments_of_clone_have_names(void **state) {
    struct fake_trace *trace = *state;
    call(trace, SYS_clone, ARGS(SIGCHLD, 0, 0x10, 0x20, 0x30), 7);
    assert_written(trace, "clone(child_stack=NULL, flags=SIGCHLD)  = 7\n");
    call(trace, SYS_clone, ARGS(CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD, 0, 0x10, 0x20, 0x30), 7);
    assert_written(trace, "clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, "
                          "child_tidptr=0x20) = 7\n");
    call(trace, SYS_clone,
         ARGS(CLONE_VM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, 0x1000, 0x10, 0x20, 0x30), 7);
    assert_written(trace, "clone(child_stack=0x1000, flags=CLONE_VM|CLONE_SETTLS|CLONE_PARENT_SETTID|"
                          "CLONE_CHILD_CLEARTID, parent_tid=0x10, tls=0x30, child_tidptr=0x20) = 7\n");
}

/* Of i386 the fourth argument is the TLS, the fifth the child's. */
static void test_the_arguments_of_clone_in_another_order(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, I386_CLONE, ARGS(CLONE_SETTLS | CLONE_CHILD_SETTID | SIGCHLD, 0, 0x10, 0x30, 0x20), 7);
    trace->call.record.arch = ARCH_I386;
    fake_trace_call(trace);
    assert_written(trace, "clone(child_stack=NULL, flags=CLONE_SETTLS|CLONE_CHILD_SETTID|SIGCHLD, tls=0x30, "
                          "child_tidptr=0x20) = 7\n");
}

static void test_a_clone_that_nobody_saw(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_next(trace, SYS_clone, ARGS(SIGCHLD), 7)->flags = CALL_HAS_RESULT;
    fake_trace_call(trace);
    assert_written(trace, "clone(?, ?, ?, ?, ?)                    = 7\n");
}

/* --------------------------------------------------------------------- whose line */

static void close_as(struct fake_trace *trace, int32_t tid, bool several) {
    fake_trace_next(trace, SYS_close, ARGS(3), 0);
    trace->call.record.tid = tid;
    trace->call.record.several = several;
    fake_trace_call(trace);
}

static void test_threads_are_named_while_there_are_several(void **state) {
    struct fake_trace *trace = *state;
    close_as(trace, 100, false);
    close_as(trace, 101, true);
    close_as(trace, 4194304, true);
    close_as(trace, 100, false);
    assert_written(trace, "close(3)                                = 0\n"
                          "[pid   101] close(3)                    = 0\n"
                          "[pid 4194304] close(3)                  = 0\n"
                          "close(3)                                = 0\n");
}

static void test_in_a_file_of_its_own_every_line_has_a_bare_id(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = true;
    trace->options.to_file = true;
    close_as(trace, 100, false);
    close_as(trace, 101, true);
    close_as(trace, 4194304, true);
    fake_trace_end(trace);
    assert_written(trace, "100   close(3)                          = 0\n"
                          "101   close(3)                          = 0\n"
                          "4194304 close(3)                        = 0\n"
                          "100   +++ exited with 0 +++\n");
}

static void test_a_file_without_following(void **state) {
    struct fake_trace *trace = *state;
    trace->options.to_file = true;
    close_as(trace, 100, false);
    close_as(trace, 101, true);
    assert_written(trace, "close(3)                                = 0\n"
                          "[pid   101] close(3)                    = 0\n");
}

/* ---------------------------------------------------------------------- time stamps */

/* 2001-09-09 01:46:40 UTC */
#define EPOCH 1000000000000000000

static void stamp(struct fake_trace *trace, enum time_stamp stamp, bool relative) {
    trace->options.epoch_ns = EPOCH;
    trace->options.output.stamp = stamp;
    trace->options.output.relative_stamp = relative;
}

static void close_at(struct fake_trace *trace, uint64_t time_ns) {
    fake_trace_next(trace, SYS_close, ARGS(3), 0);
    trace->call.record.time_ns = time_ns;
    fake_trace_call(trace);
}

static void test_time_of_day(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_SECONDS, false);
    close_at(trace, 1);
    close_at(trace, 999999999);
    close_at(trace, 1000000000);
    close_at(trace, 80000000000000);
    close_at(trace, 1000000000); /* calls stand in the order in which they ended */
    assert_written(trace, "03:16:40 close(3)                       = 0\n"
                          "03:16:40 close(3)                       = 0\n"
                          "03:16:41 close(3)                       = 0\n"
                          "01:30:00 close(3)                       = 0\n"
                          "03:16:41 close(3)                       = 0\n");
}

static void test_time_of_day_with_microseconds(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_MICROSECONDS, false);
    close_at(trace, 999);
    close_at(trace, 1000999);
    close_at(trace, 1999999999);
    assert_written(trace, "03:16:40.000000 close(3)                = 0\n"
                          "03:16:40.001000 close(3)                = 0\n"
                          "03:16:41.999999 close(3)                = 0\n");
}

static void test_seconds_since_1970(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_EPOCH, false);
    close_at(trace, 1000);
    close_at(trace, 2000001000);
    assert_written(trace, "1000000000.000001 close(3)              = 0\n"
                          "1000000002.000001 close(3)              = 0\n");
}

static void test_time_since_the_line_before(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_NONE, true);
    close_at(trace, 5000000000);
    close_at(trace, 5000014999);
    close_at(trace, 17345678999);
    close_at(trace, 17345675999); /* began before its predecessor, which ended first */
    close_at(trace, 15345675999);
    close_at(trace, 15345675999);
    assert_written(trace, "     0.000000 close(3)                  = 0\n"
                          "     0.000014 close(3)                  = 0\n"
                          "    12.345664 close(3)                  = 0\n"
                          "    -0.000003 close(3)                  = 0\n"
                          "    -2.000000 close(3)                  = 0\n"
                          "     0.000000 close(3)                  = 0\n");
}

static void test_both_stamps(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_MICROSECONDS, true);
    close_at(trace, 1000);
    close_at(trace, 20000);
    assert_written(trace, "03:16:40.000001 (+     0.000000) close(3) = 0\n"
                          "03:16:40.000020 (+     0.000019) close(3) = 0\n");
}

static void test_who_comes_before_when(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_SECONDS, false);
    fake_trace_next(trace, SYS_close, ARGS(3), 0);
    trace->call.record.several = true;
    trace->call.record.time_ns = 1;
    fake_trace_call(trace);
    assert_written(trace, "[pid   100] 03:16:40 close(3)           = 0\n");
}

static void test_every_line_has_its_stamp(void **state) {
    struct fake_trace *trace = *state;
    stamp(trace, STAMP_SECONDS, false);
    struct record record = {
        .kind = RECORD_SIGNAL, .pid = 100, .tid = 100, .time_ns = 1, .signal = {.number = SIGUSR1, .code = SI_USER}};
    fake_trace_record(trace, &record);
    trace->summary = (struct trace_summary){.end_ns = 1000000000};
    fake_trace_end(trace);
    assert_written(trace, "03:16:40 --- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_USER, ...} ---\n"
                          "03:16:41 +++ exited with 0 +++\n");
}

static void test_time_in_the_call(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.timing = true;
    static const uint64_t times[] = {0, 999, 1000, 1999, 12345678901};
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        fake_trace_next(trace, SYS_close, ARGS(3), 0)->duration_ns = times[i];
        fake_trace_call(trace);
    }
    fake_trace_next(trace, SYS_close, ARGS(3), -EBADF)->duration_ns = 1000;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_close, ARGS(3), 0)->flags = CALL_HAS_ARGS | CALL_HAS_RESULT;
    fake_trace_call(trace);
    fake_trace_next(trace, SYS_exit, ARGS(3), 0)->flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    fake_trace_call(trace);
    assert_written(trace, "close(3)                                = 0 <0.000000>\n"
                          "close(3)                                = 0 <0.000000>\n"
                          "close(3)                                = 0 <0.000001>\n"
                          "close(3)                                = 0 <0.000001>\n"
                          "close(3)                                = 0 <12.345678>\n"
                          "close(3)                                = -1 EBADF (Bad file descriptor) <0.000001>\n"
                          "close(3)                                = 0 <unavailable>\n"
                          "exit(3)                                 = ?\n");
}

/* -------------------------------------------------------------------------- signals */

static void signal_arrives(struct fake_trace *trace, int number, int code, int error) {
    struct record record = {.kind = RECORD_SIGNAL,
                            .pid = 100,
                            .tid = 100,
                            .time_ns = 1,
                            .signal = {.number = number, .code = code, .error = error}};
    fake_trace_record(trace, &record);
}

static void test_signals(void **state) {
    struct fake_trace *trace = *state;
    signal_arrives(trace, SIGUSR1, SI_TKILL, 0);
    signal_arrives(trace, SIGCHLD, CLD_EXITED, 0);
    signal_arrives(trace, SIGSEGV, SEGV_MAPERR, 0);
    signal_arrives(trace, SIGSEGV, SI_KERNEL, 0);
    signal_arrives(trace, SIGALRM, 77, 0);
    signal_arrives(trace, 37, SI_QUEUE, 0);
    signal_arrives(trace, SIGSYS, 1, 5);
    assert_written(trace, "--- SIGUSR1 {si_signo=SIGUSR1, si_code=SI_TKILL, ...} ---\n"
                          "--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, ...} ---\n"
                          "--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, ...} ---\n"
                          "--- SIGSEGV {si_signo=SIGSEGV, si_code=SI_KERNEL, ...} ---\n"
                          "--- SIGALRM {si_signo=SIGALRM, si_code=0x4d, ...} ---\n"
                          "--- SIGRT_5 {si_signo=SIGRT_5, si_code=SI_QUEUE, ...} ---\n"
                          "--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_errno=5, ...} ---\n");
}

static void test_sigstop_stops(void **state) {
    struct fake_trace *trace = *state;
    signal_arrives(trace, SIGSTOP, SI_USER, 0);
    assert_written(trace, "--- SIGSTOP {si_signo=SIGSTOP, si_code=SI_USER, ...} ---\n"
                          "--- stopped by SIGSTOP ---\n");
}

static void test_sigkill_is_told_by_the_end(void **state) {
    struct fake_trace *trace = *state;
    signal_arrives(trace, SIGKILL, SI_USER, 0);
    assert_written(trace, "");
}

/* ----------------------------------------------------------------------------- ends */

static void ends(struct fake_trace *trace, int32_t tid, enum end_manner manner, int32_t code) {
    struct record record = {.kind = RECORD_END,
                            .pid = 100,
                            .tid = tid,
                            .several = tid != 100,
                            .time_ns = 1,
                            .end = {.manner = (uint8_t)manner, .code = code}};
    fake_trace_record(trace, &record);
}

static void test_ends_of_threads(void **state) {
    struct fake_trace *trace = *state;
    ends(trace, 101, END_EXITED, 7);
    ends(trace, 102, END_KILLED, SIGTERM);
    ends(trace, 103, END_UNKNOWN, 0);
    ends(trace, 104, END_KILLED, 37);
    assert_written(trace, "[pid   101] +++ exited with 7 +++\n"
                          "[pid   102] +++ killed by SIGTERM +++\n"
                          "[pid   103] +++ exited with ? +++\n"
                          "[pid   104] +++ killed by SIGRT_5 +++\n");
}

static void test_the_end_of_the_program_is_told_once(void **state) {
    struct fake_trace *trace = *state;
    ends(trace, 100, END_EXITED, 3);
    assert_written(trace, "+++ exited with 3 +++\n");
    trace->summary = (struct trace_summary){.exit_code = 3};
    fake_trace_end(trace);
    assert_written(trace, "");
}

static void test_an_end_that_was_not_seen_is_told_at_last(void **state) {
    struct fake_trace *trace = *state;
    fake_trace_close(trace, 3);
    ends(trace, 100, END_UNKNOWN, 0);
    trace->summary = (struct trace_summary){.exit_code = 44};
    fake_trace_end(trace);
    assert_written(trace, "close(3)                                = 0\n+++ exited with 44 +++\n");
}

static void test_killed(void **state) {
    struct fake_trace *trace = *state;
    ends(trace, 100, END_KILLED, SIGTERM);
    assert_written(trace, "+++ killed by SIGTERM +++\n");
    trace->summary = (struct trace_summary){.exit_code = 143, .signal = SIGTERM};
    fake_trace_end(trace);
    assert_written(trace, "");
}

/* Whether there is a core file is known when the program has been waited for. */
static void test_killed_with_a_core_file(void **state) {
    struct fake_trace *trace = *state;
    ends(trace, 100, END_KILLED, SIGSEGV);
    assert_written(trace, "");
    trace->summary = (struct trace_summary){.exit_code = 139, .signal = SIGSEGV, .core_dumped = true};
    fake_trace_end(trace);
    /* Its delivery was not seen, but it ended the program. */
    assert_written(trace, "--- SIGSEGV {si_signo=SIGSEGV, ...} ---\n+++ killed by SIGSEGV (core dumped) +++\n");
}

static void test_killed_without_a_core_file(void **state) {
    struct fake_trace *trace = *state;
    ends(trace, 100, END_KILLED, SIGSEGV);
    trace->summary = (struct trace_summary){.exit_code = 139, .signal = SIGSEGV};
    fake_trace_end(trace);
    assert_written(trace, "--- SIGSEGV {si_signo=SIGSEGV, ...} ---\n+++ killed by SIGSEGV +++\n");
}

static void execs(struct fake_trace *trace, int32_t former_tid) {
    struct record record = {
        .kind = RECORD_EXEC, .pid = 100, .tid = 100, .time_ns = 1, .exec = {.former_tid = former_tid}};
    fake_trace_record(trace, &record);
}

static void test_an_exec_by_another_thread_takes_over_the_leaders_id(void **state) {
    struct fake_trace *trace = *state;
    execs(trace, 100);
    assert_written(trace, "");
    execs(trace, 102);
    assert_written(trace, "+++ superseded by execve in pid 102 +++\n");
}

/* --------------------------------------------------------------------------- colour */

/* Take out the escape sequences "ESC [ ... m"; returns how many there were. */
static unsigned strip(char *text) {
    unsigned count = 0;
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\033') {
            from = strchr(from, 'm');
            assert_non_null(from);
            count++;
        } else {
            *to++ = *from;
        }
    }
    *to = 0;
    return count;
}

/* One line of each sort. */
static void write_all_sorts(struct fake_trace *trace) {
    trace->options.output.stamp = STAMP_EPOCH;
    trace->options.output.timing = true;
    fake_trace_close(trace, 3);
    call(trace, SYS_close, ARGS(9), -EBADF);
    close_as(trace, 101, true);
    signal_arrives(trace, SIGUSR1, SI_USER, 0);
    execs(trace, 102);
    ends(trace, 101, END_EXITED, 0);
    ends(trace, 100, END_KILLED, SIGTERM);
    fake_trace_end(trace);
}

/* What is written of one line of each sort; the caller's. */
static char *all_sorts(bool colour) {
    void *state = NULL;
    assert_int_equal(set_up(&state), 0);
    struct fake_trace *trace = state;
    trace->options.output.colour = colour;
    write_all_sorts(trace);
    char *text = strdup(fake_trace_text(trace));
    assert_non_null(text);
    fake_trace_tear_down(&state);
    return text;
}

static void test_colours_move_nothing(void **state) {
    (void)state;
    char *plain = all_sorts(false);
    char *coloured = all_sorts(true);
    assert_null(strchr(plain, '\033'));
    assert_true(strip(coloured) > 10);
    assert_string_equal(coloured, plain);
    free(plain);
    free(coloured);
}

static void test_every_coloured_line_ends_without_colour(void **state) {
    (void)state;
    char *text = all_sorts(true);
    unsigned lines = 0;
    char *rest = text;
    const char *line;
    while ((line = strsep(&rest, "\n")) && *line) {
        const char *last = strrchr(line, '\033');
        assert_non_null(last);
        assert_memory_equal(last, "\033[m", 3);
        lines++;
    }
    assert_int_equal(lines, 7);
    free(text);
}

static void test_errors_are_red(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.colour = true;
    call(trace, SYS_close, ARGS(9), -EBADF);
    assert_non_null(strstr(fake_trace_text(trace), "= \033[31m-1 EBADF (Bad file descriptor)\033[m\n"));
    fake_trace_close(trace, 3);
    assert_null(strstr(fake_trace_text(trace), "\033[31m"));
}

/* -------------------------------------------------------------------------- summary */

static void test_a_summary_in_place_of_the_calls(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    fake_trace_close(trace, 3);
    signal_arrives(trace, SIGUSR1, SI_USER, 0);
    ends(trace, 100, END_EXITED, 3);
    fake_trace_end(trace);
    assert_written(trace, "% time     seconds  usecs/call     calls    errors syscall\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "  0.00    0.000000           0         1           close\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "100.00    0.000000           0         1           total\n");
}

static void test_a_summary_behind_the_calls(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_TOO;
    fake_trace_next(trace, SYS_close, ARGS(3), 0)->duration_ns = 3000;
    fake_trace_call(trace);
    trace->summary = (struct trace_summary){.exit_code = 3};
    fake_trace_end(trace);
    assert_written(trace, "close(3)                                = 0\n"
                          "+++ exited with 3 +++\n"
                          "% time     seconds  usecs/call     calls    errors syscall\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "100.00    0.000003           3         1           close\n"
                          "------ ----------- ----------- --------- --------- ----------------\n"
                          "100.00    0.000003           3         1           total\n");
}

static void test_a_summary_that_nothing_timed(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.summary = SUMMARY_ONLY;
    trace->options.time = NULL;
    fake_trace_close(trace, 3);
    fake_trace_end(trace);
    assert_non_null(strstr(fake_trace_text(trace), "\n     -           -           -         1         - close\n"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    /* An hour and a half ahead of UTC, where nobody lives. */
    setenv("TZ", "XYZ-1:30", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        TEST(test_results_stand_in_column_40),
        TEST(test_a_call_that_just_fits_and_longer_ones),
        TEST(test_the_prefix_counts),
        TEST(test_errors),
        TEST(test_interrupted_calls),
        TEST(test_results_that_are_not_there),
        TEST(test_addresses),
        TEST(test_umask_is_octal),
        TEST(test_results_that_have_names),
        TEST(test_results_of_unknown_commands_have_no_names),
        TEST(test_descriptors_have_their_paths_behind_them),
        TEST(test_strings_that_were_cut),
        TEST(test_content_is_escaped),
        TEST(test_execve),
        TEST(test_unknown_numbers_have_comments),
        TEST(test_unknown_calls),
        TEST(test_the_arguments_of_clone_have_names),
        TEST(test_the_arguments_of_clone_in_another_order),
        TEST(test_a_clone_that_nobody_saw),
        TEST(test_threads_are_named_while_there_are_several),
        TEST(test_in_a_file_of_its_own_every_line_has_a_bare_id),
        TEST(test_a_file_without_following),
        TEST(test_time_of_day),
        TEST(test_time_of_day_with_microseconds),
        TEST(test_seconds_since_1970),
        TEST(test_time_since_the_line_before),
        TEST(test_both_stamps),
        TEST(test_who_comes_before_when),
        TEST(test_every_line_has_its_stamp),
        TEST(test_time_in_the_call),
        TEST(test_signals),
        TEST(test_sigstop_stops),
        TEST(test_sigkill_is_told_by_the_end),
        TEST(test_ends_of_threads),
        TEST(test_the_end_of_the_program_is_told_once),
        TEST(test_an_end_that_was_not_seen_is_told_at_last),
        TEST(test_killed),
        TEST(test_killed_with_a_core_file),
        TEST(test_killed_without_a_core_file),
        TEST(test_an_exec_by_another_thread_takes_over_the_leaders_id),
        TEST(test_colours_move_nothing),
        TEST(test_every_coloured_line_ends_without_colour),
        TEST(test_errors_are_red),
        TEST(test_a_summary_in_place_of_the_calls),
        TEST(test_a_summary_behind_the_calls),
        TEST(test_a_summary_that_nothing_timed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
