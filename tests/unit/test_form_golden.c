/* SPDX-License-Identifier: MIT
 *
 * Golden traces: the order of tasks, their numbers, and names in place of what
 * differs from run to run.
 */
#include "fake_trace.h"
#include "golden_rules.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/wait.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>

enum {
    OTHER_CHILD = 102,
    GRANDCHILD = 103,
};

static const char maps[] = "400000-401000 r-xp 00000000 00:00 1 /bin/prog\n"
                           "7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0 [stack]\n";
#define STACK UINT64_C(0x7fffffffe000)

static int set_up(void **state) {
    if (fake_trace_set_up(state, FORMAT_JSONL) < 0) {
        return -1;
    }
    struct fake_trace *trace = *state;
    trace->options.output.golden = true;
    trace->options.output.golden_rules = GOLDEN_ALL_RULES;
    trace->options.output.events = true;
    trace->options.output.follow = true;
    return 0;
}

static void record_of(struct fake_trace *trace, int32_t pid, int32_t tid, int number, const uint64_t *args,
                      int64_t result) {
    fake_call_init(&trace->call, ARCH_X86_64, number, args, result);
    trace->call.record.pid = pid;
    trace->call.record.tid = tid;
}

static void call_of(struct fake_trace *trace, int32_t pid, int number, const uint64_t *args, int64_t result) {
    record_of(trace, pid, pid, number, args, result);
    fake_trace_call(trace);
}

static void close_of(struct fake_trace *trace, int32_t pid, int fd) {
    call_of(trace, pid, SYS_close, ARGS((uint64_t)fd), 0);
}

static void start_of(struct fake_trace *trace, int32_t pid, int32_t tid, int32_t parent) {
    struct record record = {.kind = RECORD_START, .pid = pid, .tid = tid, .start = {parent, parent}};
    fake_trace_record(trace, &record);
}

static void end_of(struct fake_trace *trace, int32_t pid) {
    struct record record = {.kind = RECORD_END, .pid = pid, .tid = pid, .end = {.manner = END_EXITED}};
    fake_trace_record(trace, &record);
}

static void signal_of(struct fake_trace *trace, int32_t pid, int number, int32_t sender) {
    struct record record = {
        .kind = RECORD_SIGNAL, .pid = pid, .tid = pid, .signal = {.number = number, .sender = sender}};
    fake_trace_record(trace, &record);
}

static void maps_of(struct fake_trace *trace, int32_t pid, uint64_t stack, uint64_t time) {
    struct start_maps start = {.stack = stack};
    memset(&trace->call, 0, sizeof(trace->call));
    trace->call.record = (struct record){.kind = RECORD_MAPS,
                                         .pid = pid,
                                         .tid = pid,
                                         .time_ns = time,
                                         .maps = {.size = sizeof(start) + sizeof(maps) - 1}};
    memcpy(trace->call.captures, &start, sizeof(start));
    memcpy((uint8_t *)trace->call.captures + sizeof(start), maps, sizeof(maps) - 1);
    fake_trace_record(trace, &trace->call.record);
}

/* End the trace. The lines are these, between head and summary, without the two members that all have. */
static void assert_lines(struct fake_trace *trace, const char *expected) {
    fake_trace_end(trace);
    char *text = trace->text;
    fake_trace_text(trace);
    char *first = strchr(text, '\n');
    assert_non_null(first);
    static const char head[] = "{\"version\":\"0.6.2\",\"format\":\"renacer-json-v1\",\"golden\":{\"rules\":[";
    assert_memory_equal(text, head, sizeof(head) - 1);
    char *last = strstr(first, "\n{\"summary\":{\"total_syscalls\":");
    assert_non_null(last);
    last[1] = 0;
    if (strcmp(first + 1, expected) != 0) {
        fail_msg("lines\n%s\nexpected\n%s", first + 1, expected);
    }
}

/* --------------------------------------------------------------------------- order */

static void test_a_child_that_is_waited_for_stands_before_the_wait(void **state) {
    struct fake_trace *trace = *state;
    start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
    close_of(trace, FAKE_CHILD, 7);
    call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_CHILD);
    close_of(trace, FAKE_ROOT, 8);
    close_of(trace, FAKE_CHILD, 9);
    end_of(trace, FAKE_CHILD);
    call_of(trace, FAKE_ROOT, SYS_wait4, ARGS((uint64_t)-1, 0, 0, 0), FAKE_CHILD);
    close_of(trace, FAKE_ROOT, 10);
    assert_lines(trace,
                 "{\"name\":\"fork\",\"args\":[],\"result\":2,\"pid\":1,\"tid\":1}\n"
                 "{\"name\":\"close\",\"args\":[\"8\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
                 "{\"name\":\"close\",\"args\":[\"7\"],\"result\":0,\"pid\":2,\"tid\":2}\n"
                 "{\"name\":\"close\",\"args\":[\"9\"],\"result\":0,\"pid\":2,\"tid\":2}\n"
                 "{\"name\":\"wait4\",\"args\":[\"-1\",\"NULL\",\"0\",\"NULL\"],\"result\":2,\"pid\":1,\"tid\":1}\n"
                 "{\"name\":\"close\",\"args\":[\"10\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
                 "{\"event\":\"end\",\"pid\":2,\"tid\":2,\"exit_code\":0}\n");
}

/* A family of four, of which one is waited for, in an order that a scheduler can choose. */
static void play_family(struct fake_trace *trace, bool other_order) {
    if (other_order) {
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_CHILD);
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), OTHER_CHILD);
        start_of(trace, OTHER_CHILD, OTHER_CHILD, FAKE_ROOT);
        close_of(trace, OTHER_CHILD, 5);
        start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
        start_of(trace, GRANDCHILD, GRANDCHILD, FAKE_CHILD);
        close_of(trace, GRANDCHILD, 6);
        call_of(trace, FAKE_CHILD, SYS_vfork, ARGS(0), GRANDCHILD);
        call_of(trace, FAKE_ROOT, SYS_wait4, ARGS(OTHER_CHILD, 0, 0, 0), OTHER_CHILD);
    } else {
        start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
        start_of(trace, GRANDCHILD, GRANDCHILD, FAKE_CHILD);
        call_of(trace, FAKE_CHILD, SYS_vfork, ARGS(0), GRANDCHILD);
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_CHILD);
        start_of(trace, OTHER_CHILD, OTHER_CHILD, FAKE_ROOT);
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), OTHER_CHILD);
        close_of(trace, OTHER_CHILD, 5);
        call_of(trace, FAKE_ROOT, SYS_wait4, ARGS(OTHER_CHILD, 0, 0, 0), OTHER_CHILD);
        close_of(trace, GRANDCHILD, 6);
    }
}

#define FAMILY                                                                                                         \
    "{\"name\":\"fork\",\"args\":[],\"result\":2,\"pid\":1,\"tid\":1}\n"                                               \
    "{\"name\":\"fork\",\"args\":[],\"result\":4,\"pid\":1,\"tid\":1}\n"                                               \
    "{\"name\":\"close\",\"args\":[\"5\"],\"result\":0,\"pid\":4,\"tid\":4}\n"                                         \
    "{\"name\":\"wait4\",\"args\":[\"4\",\"NULL\",\"0\",\"NULL\"],\"result\":4,\"pid\":1,\"tid\":1}\n"                 \
    "{\"name\":\"vfork\",\"args\":[],\"result\":3,\"pid\":2,\"tid\":2}\n"                                              \
    "{\"name\":\"close\",\"args\":[\"6\"],\"result\":0,\"pid\":3,\"tid\":3}\n"

static void test_the_order_does_not_depend_on_the_scheduler(void **state) {
    play_family(*state, false);
    assert_lines(*state, FAMILY);
}

static void test_the_order_does_not_depend_on_the_scheduler_either(void **state) {
    play_family(*state, true);
    assert_lines(*state, FAMILY);
}

static void test_waits_for_any_child_are_in_the_order_of_births(void **state) {
    struct fake_trace *trace = *state;
    for (int i = 0; i < 3; i++) {
        start_of(trace, FAKE_CHILD + i, FAKE_CHILD + i, FAKE_ROOT);
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_CHILD + i);
    }
    static const int order[] = {2, 0, 1};
    for (int i = 0; i < 3; i++) {
        call_of(trace, FAKE_ROOT, SYS_wait4, ARGS((uint64_t)-1, 0, 0, 0), FAKE_CHILD + order[i]);
    }
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    for (int i = 0; i < 3; i++) {
        char wait[] = "\"wait4\",\"args\":[\"-1\",\"NULL\",\"0\",\"NULL\"],\"result\":2";
        wait[sizeof(wait) - 2] = (char)('2' + i);
        text = strstr(text, wait);
        assert_non_null(text);
    }
}

static void test_of_two_waits_the_last_one_counts(void **state) {
    struct fake_trace *trace = *state;
    start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
    call_of(trace, FAKE_ROOT, SYS_wait4, ARGS(FAKE_CHILD, 0, WUNTRACED, 0), FAKE_CHILD); /* it was stopped */
    close_of(trace, FAKE_CHILD, 5);
    call_of(trace, FAKE_ROOT, SYS_waitid, ARGS(P_PID, FAKE_CHILD, 0, WEXITED | WNOWAIT, 0), 0);
    call_of(trace, FAKE_ROOT, SYS_waitid, ARGS(P_PID, FAKE_CHILD, 0, WEXITED, 0), 0);
    assert_lines(
        trace, "{\"name\":\"wait4\",\"args\":[\"2\",\"NULL\",\"WSTOPPED\",\"NULL\"],\"result\":2,\"pid\":1,\"tid\":1}\n"
               "{\"name\":\"waitid\",\"args\":[\"P_PID\",\"2\",\"NULL\",\"WEXITED|WNOWAIT\",\"NULL\"],\"result\":0,"
               "\"pid\":1,\"tid\":1}\n"
               "{\"name\":\"close\",\"args\":[\"5\"],\"result\":0,\"pid\":2,\"tid\":2}\n"
               "{\"name\":\"waitid\",\"args\":[\"P_PID\",\"2\",\"NULL\",\"WEXITED\",\"NULL\"],\"result\":0,"
               "\"pid\":1,\"tid\":1}\n");
}

/* A tracer can wait for its own ancestor: nobody is written twice, and everybody once. */
static void test_waits_that_go_in_a_circle(void **state) {
    struct fake_trace *trace = *state;
    start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
    start_of(trace, GRANDCHILD, GRANDCHILD, FAKE_CHILD);
    call_of(trace, GRANDCHILD, SYS_wait4, ARGS(FAKE_CHILD, 0, 0, 0), FAKE_CHILD);
    close_of(trace, FAKE_CHILD, 5);
    close_of(trace, FAKE_ROOT, 6);
    assert_lines(trace,
                 "{\"name\":\"close\",\"args\":[\"6\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
                 "{\"name\":\"close\",\"args\":[\"5\"],\"result\":0,\"pid\":2,\"tid\":2}\n"
                 "{\"name\":\"wait4\",\"args\":[\"2\",\"NULL\",\"0\",\"NULL\"],\"result\":2,\"pid\":3,\"tid\":3}\n");
}

static void test_the_thread_is_named_if_there_is_a_second_one(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = false;
    close_of(trace, FAKE_ROOT, 5);
    start_of(trace, FAKE_ROOT, FAKE_CHILD, FAKE_ROOT);
    record_of(trace, FAKE_ROOT, FAKE_CHILD, SYS_gettid, ARGS(0), FAKE_CHILD);
    fake_trace_call(trace);
    assert_lines(trace, "{\"name\":\"close\",\"args\":[\"5\"],\"result\":0,\"tid\":1}\n"
                        "{\"name\":\"gettid\",\"args\":[],\"result\":2,\"tid\":2}\n");
}

static void test_a_single_thread_is_not_named(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = false;
    call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_CHILD); /* which is not traced */
    call_of(trace, FAKE_ROOT, SYS_wait4, ARGS((uint64_t)-1, 0, 0, 0), FAKE_CHILD);
    assert_lines(trace, "{\"name\":\"fork\",\"args\":[],\"result\":2}\n"
                        "{\"name\":\"wait4\",\"args\":[\"-1\",\"NULL\",\"0\",\"NULL\"],\"result\":2}\n");
}

/* ------------------------------------------------------------------------------- ids */

static void test_ids_of_others(void **state) {
    struct fake_trace *trace = *state;
    call_of(trace, FAKE_ROOT, SYS_getppid, ARGS(0), 4711);
    call_of(trace, FAKE_ROOT, SYS_kill, ARGS(4711, SIGTERM), 0);
    call_of(trace, FAKE_ROOT, SYS_kill, ARGS((uint64_t)-FAKE_ROOT, SIGTERM), 0);
    call_of(trace, FAKE_ROOT, SYS_kill, ARGS(4712, 0), -ESRCH);
    call_of(trace, FAKE_ROOT, SYS_tgkill, ARGS(FAKE_ROOT, FAKE_ROOT, SIGTERM), 0);
    signal_of(trace, FAKE_ROOT, SIGTERM, FAKE_ROOT);
    assert_lines(
        trace,
        "{\"name\":\"getppid\",\"args\":[],\"result\":null,\"result_ref\":\"outside#1\",\"pid\":1,\"tid\":1}\n"
        "{\"name\":\"kill\",\"args\":[\"outside#1\",\"SIGTERM\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
        "{\"name\":\"kill\",\"args\":[\"-1\",\"SIGTERM\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
        "{\"name\":\"kill\",\"args\":[\"outside#2\",\"0\"],\"result\":-3,\"error\":\"ESRCH\",\"pid\":1,\"tid\":1}\n"
        "{\"name\":\"tgkill\",\"args\":[\"1\",\"1\",\"SIGTERM\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
        "{\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGTERM\",\"code\":0,\"sender_pid\":1}\n");
}

static void test_ids_in_paths(void **state) {
    struct fake_trace *trace = *state;
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_chdir, ARGS(0x1000), 0);
    fake_call_string(&trace->call, 0, "/proc/100/task/100/fd/100/proc/1000/\x01\x02");
    fake_trace_call(trace);
    assert_lines(trace,
                 "{\"name\":\"chdir\",\"args\":[\"/proc/1/task/1/fd/100/proc/1000/\\u0001\\u0002\"],\"result\":0,"
                 "\"pid\":1,\"tid\":1}\n");
}

static void test_a_wait_for_the_end_of_a_thread(void **state) {
    struct fake_trace *trace = *state;
    start_of(trace, FAKE_ROOT, FAKE_CHILD, FAKE_ROOT);
    call_of(trace, FAKE_ROOT, SYS_futex, ARGS(0, FUTEX_WAIT, FAKE_CHILD, 0), 0);
    call_of(trace, FAKE_ROOT, SYS_futex, ARGS(0, FUTEX_WAIT_PRIVATE, FAKE_CHILD, 0), 0);
    assert_lines(
        trace,
        "{\"name\":\"futex\",\"args\":[\"NULL\",\"FUTEX_WAIT\",\"2\",\"NULL\"],\"result\":0,\"pid\":1,\"tid\":1}\n"
        "{\"name\":\"futex\",\"args\":[\"NULL\",\"FUTEX_WAIT_PRIVATE\",\"101\",\"NULL\"],\"result\":0,"
        "\"pid\":1,\"tid\":1}\n");
}

static void test_without_the_rule_ids_are_as_they_were(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.golden_rules &= ~(1U << RULE_IDS);
    call_of(trace, FAKE_ROOT, SYS_getpid, ARGS(0), FAKE_ROOT);
    assert_lines(trace, "{\"name\":\"getpid\",\"args\":[],\"result\":100,\"pid\":100,\"tid\":100}\n");
}

/* --------------------------------------------------------------------------- addresses */

static void test_addresses(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = false;
    maps_of(trace, FAKE_ROOT, STACK, 10);
    call_of(trace, FAKE_ROOT, SYS_brk, ARGS(0), 0x500000);
    call_of(trace, FAKE_ROOT, SYS_brk, ARGS(0x521000), 0x521000);
    call_of(trace, FAKE_ROOT, SYS_mmap, ARGS(0, 4096, 3, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0), 0x7ffff0000000);
    call_of(trace, FAKE_ROOT, SYS_munmap, ARGS(0x7ffff0000000, 4096), 0);
    call_of(trace, FAKE_ROOT, SYS_set_tid_address, ARGS(STACK - 8), FAKE_ROOT);
    call_of(trace, FAKE_ROOT, SYS_pipe, ARGS(STACK + 100), -EFAULT);
    call_of(trace, FAKE_ROOT, SYS_pipe, ARGS(0x123456789), -EFAULT);
    call_of(trace, FAKE_ROOT, SYS_pipe, ARGS(0x400010), -EFAULT);
    assert_lines(
        trace,
        "{\"name\":\"brk\",\"args\":[\"NULL\"],\"result\":null,\"result_ref\":\"heap\"}\n"
        "{\"name\":\"brk\",\"args\":[\"heap+0x21000\"],\"result\":null,\"result_ref\":\"heap+0x21000\"}\n"
        "{\"name\":\"mmap\",\"args\":[\"NULL\",\"4096\",\"PROT_READ|PROT_WRITE\",\"MAP_PRIVATE|MAP_ANONYMOUS\",\"-1\","
        "\"0\"],\"result\":null,\"result_ref\":\"mmap#1\"}\n"
        "{\"name\":\"munmap\",\"args\":[\"mmap#1\",\"4096\"],\"result\":0}\n"
        "{\"name\":\"set_tid_address\",\"args\":[\"stack+0x8\"],\"result\":1}\n"
        "{\"name\":\"pipe\",\"args\":[\"args\"],\"result\":-14,\"error\":\"EFAULT\"}\n"
        "{\"name\":\"pipe\",\"args\":[\"0x123456789\"],\"result\":-14,\"error\":\"EFAULT\"}\n"
        "{\"name\":\"pipe\",\"args\":[\"prog+0x10\"],\"result\":-14,\"error\":\"EFAULT\"}\n");
}

static void test_mappings_are_numbered_by_who_made_them(void **state) {
    struct fake_trace *trace = *state;
    static const uint64_t flags = MAP_PRIVATE | MAP_ANONYMOUS;
    start_of(trace, FAKE_CHILD, FAKE_CHILD, FAKE_ROOT);
    call_of(trace, FAKE_CHILD, SYS_mmap, ARGS(0, 4096, 0, flags, UINT64_MAX, 0), 0x7ffff0000000);
    call_of(trace, FAKE_ROOT, SYS_mmap, ARGS(0, 4096, 0, flags, UINT64_MAX, 0), 0x7ffff0000000);
    call_of(trace, FAKE_ROOT, SYS_munmap, ARGS(0x7ffff0000010, 1), 0);
    call_of(trace, FAKE_CHILD, SYS_munmap, ARGS(0x7ffff0000010, 1), 0);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(strstr(text, "\"munmap\",\"args\":[\"mmap#1+0x10\",\"1\"],\"result\":0,\"pid\":1"));
    assert_non_null(strstr(text, "\"munmap\",\"args\":[\"mmap#2.1+0x10\",\"1\"],\"result\":0,\"pid\":2"));
}

static void test_the_arguments_of_an_execve_are_those_of_the_old_program(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.golden_rules &= ~(1U << RULE_ENVIRONMENT);
    trace->options.output.follow = false;
    maps_of(trace, FAKE_ROOT, STACK, 10);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_execve, ARGS(0, 0, 0x55550000), 0); /* ours: no program ran before */
    fake_call_capture(&trace->call, 2, 0, CAPTURE_WHOLE, "", 0, 7);
    fake_trace_call(trace);
    maps_of(trace, FAKE_ROOT, STACK + 0x40, 5000);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_execve, ARGS(0, 0, STACK - 0x10), 0);
    fake_call_capture(&trace->call, 2, 0, CAPTURE_WHOLE, "", 0, 7);
    fake_trace_call(trace);
    call_of(trace, FAKE_ROOT, SYS_pipe, ARGS(STACK - 0x10), -EFAULT);
    assert_lines(trace, "{\"name\":\"execve\",\"args\":[\"NULL\",\"NULL\",\"renacer-sv /* 7 vars */\"],\"result\":0}\n"
                        "{\"name\":\"execve\",\"args\":[\"NULL\",\"NULL\",\"stack+0x10 /* 7 vars */\"],\"result\":0}\n"
                        "{\"name\":\"pipe\",\"args\":[\"stack+0x50\"],\"result\":-14,\"error\":\"EFAULT\"}\n");
}

static void test_without_the_rule_addresses_are_as_they_were(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.golden_rules &= ~(1U << RULE_ADDRESSES);
    trace->options.output.follow = false;
    maps_of(trace, FAKE_ROOT, STACK, 10);
    call_of(trace, FAKE_ROOT, SYS_brk, ARGS(0x400000), 0x500000);
    assert_lines(trace, "{\"name\":\"brk\",\"args\":[\"0x400000\"],\"result\":5242880}\n");
}

static void test_mappings_of_files(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = false;
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_openat,
              ARGS((uint64_t)AT_FDCWD, 0x1000, O_RDWR | O_CREAT | O_EXCL, 0600), 3);
    fake_call_string(&trace->call, 1, "/tmp/fileAb12Cd");
    fake_trace_call(trace);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_mmap, ARGS(0, 4096, 0, MAP_PRIVATE, 3, 0), 0x7ffff0000000);
    fake_call_capture(&trace->call, 4, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/tmp/fileAb12Cd", 15, 15);
    fake_trace_call(trace);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_mmap, ARGS(0, 4096, 0, MAP_PRIVATE, 3, 0), 0x7fffe0000000);
    fake_call_capture(&trace->call, 4, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/a/\"b\x01", 6, 6);
    fake_trace_call(trace);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_non_null(
        strstr(text, "\"args\":[\"AT_FDCWD\",\"/tmp/tmp#1\",\"O_RDWR|O_CREAT|O_EXCL\",\"0600\"],\"result\":3}"));
    assert_non_null(strstr(text, "\"result\":null,\"result_ref\":\"tmp#1\"}"));
    assert_non_null(strstr(text, "\"result\":null,\"result_ref\":\"\\\"b\\\\1\"}"));
}

/* -------------------------------------------------------------------------- other rules */

static void test_inodes_are_numbered(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.descriptors = true;
    trace->options.output.follow = false;
    static const char *const descriptors[] = {"pipe:[4711]", "socket:[12]", "pipe:[4711]", "/x[5]"};
    for (size_t i = 0; i < 4; i++) {
        record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_close, ARGS(3), 0);
        size_t length = strlen(descriptors[i]);
        fake_call_capture(&trace->call, 0, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, descriptors[i], length, length);
        fake_trace_call(trace);
    }
    assert_lines(trace, "{\"name\":\"close\",\"args\":[\"3\"],\"result\":0,\"fds\":{\"0\":\"pipe:[1]\"}}\n"
                        "{\"name\":\"close\",\"args\":[\"3\"],\"result\":0,\"fds\":{\"0\":\"socket:[2]\"}}\n"
                        "{\"name\":\"close\",\"args\":[\"3\"],\"result\":0,\"fds\":{\"0\":\"pipe:[1]\"}}\n"
                        "{\"name\":\"close\",\"args\":[\"3\"],\"result\":0,\"fds\":{\"0\":\"/x[5]\"}}\n");
}

static void play_times(struct fake_trace *trace) {
    trace->options.output.follow = false;
    call_of(trace, FAKE_ROOT, SYS_time, ARGS(0), 1700000000);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_clock_gettime, ARGS(0, 0x1000), 0);
    int64_t now[2] = {1700000000, 5};
    fake_call_capture(&trace->call, 1, CAPTURE_OUTPUT, CAPTURE_WHOLE, now, sizeof(now), sizeof(now));
    fake_trace_call(trace);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_getrandom, ARGS(0x1000, 2, 0), 2);
    fake_call_capture(&trace->call, 0, CAPTURE_OUTPUT, CAPTURE_WHOLE, "\x80z", 2, 2);
    fake_trace_call(trace);
    record_of(trace, FAKE_ROOT, FAKE_ROOT, SYS_read, ARGS(3, 0x1000, 2), 2);
    fake_call_capture(&trace->call, 0, CAPTURE_DESCRIPTOR, CAPTURE_WHOLE, "/dev/urandom", 12, 12);
    fake_call_capture(&trace->call, 1, CAPTURE_OUTPUT, CAPTURE_WHOLE, "xy", 2, 2);
    fake_trace_call(trace);
}

static void test_times_and_random_bytes(void **state) {
    struct fake_trace *trace = *state;
    play_times(trace);
    assert_lines(trace, "{\"name\":\"time\",\"args\":[\"NULL\"],\"result\":null,\"result_ref\":\"time\"}\n"
                        "{\"name\":\"clock_gettime\",\"args\":[\"CLOCK_REALTIME\",\"{...}\"],\"result\":0}\n"
                        "{\"name\":\"getrandom\",\"args\":[\"random\",\"2\",\"0\"],\"result\":2}\n"
                        "{\"name\":\"read\",\"args\":[\"3\",\"random\",\"2\"],\"result\":2}\n");
}

static void test_without_rules_nothing_is_left_out(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.golden_rules = 0;
    play_times(trace);
    assert_lines(trace, "{\"name\":\"time\",\"args\":[\"NULL\"],\"result\":1700000000}\n"
                        "{\"name\":\"clock_gettime\",\"args\":[\"CLOCK_REALTIME\",\"{tv_sec=1700000000, tv_nsec=5}\"],"
                        "\"result\":0}\n"
                        "{\"name\":\"getrandom\",\"args\":[\"\\\\200z\",\"2\",\"0\"],\"result\":2,"
                        "\"args_b64\":{\"0\":\"gHo=\"}}\n"
                        "{\"name\":\"read\",\"args\":[\"3\",\"xy\",\"2\"],\"result\":2}\n");
}

static void test_signals_of_children(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.follow = false;
    signal_of(trace, FAKE_ROOT, SIGUSR1, 0);
    signal_of(trace, FAKE_ROOT, SIGCHLD, 0); /* in the other one's handler */
    call_of(trace, FAKE_ROOT, SYS_rt_sigreturn, ARGS(0), 0);
    call_of(trace, FAKE_ROOT, SYS_rt_sigreturn, ARGS(0), 5);
    assert_lines(trace, "{\"name\":\"rt_sigreturn\",\"args\":[],\"result\":5}\n"
                        "{\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGUSR1\",\"code\":0}\n");
}

/* ------------------------------------------------------------------------ the document */

static void test_a_document(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.format = FORMAT_JSON;
    trace->options.output.golden_rules = 1U << RULE_ADDRESSES | 1U << RULE_IDS;
    trace->options.output.follow = false;
    signal_of(trace, FAKE_ROOT, SIGCHLD, 0);
    call_of(trace, FAKE_ROOT, SYS_rt_sigreturn, ARGS(0), 0);
    fake_trace_close(trace, 3);
    end_of(trace, FAKE_ROOT);
    fake_trace_end(trace);
    assert_written(trace, "{\n"
                          "  \"version\": \"0.6.2\",\n"
                          "  \"format\": \"renacer-json-v1\",\n"
                          "  \"golden\": {\"rules\": [\"addresses\", \"ids\"]},\n"
                          "  \"syscalls\": [\n"
                          "    {\"name\":\"rt_sigreturn\",\"args\":[],\"result\":0},\n"
                          "    {\"name\":\"close\",\"args\":[\"3\"],\"result\":0}\n"
                          "  ],\n"
                          "  \"events\": [\n"
                          "    {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGCHLD\",\"code\":0},\n"
                          "    {\"event\":\"end\",\"pid\":1,\"tid\":1,\"exit_code\":0}\n"
                          "  ],\n"
                          "  \"summary\": {\"total_syscalls\": 2, \"exit_code\": 0, \"lost\": 0}\n"
                          "}\n");
}

static void test_an_empty_document(void **state) {
    struct fake_trace *trace = *state;
    trace->options.output.format = FORMAT_JSON;
    fake_trace_end(trace);
    cJSON *parsed = cJSON_Parse(fake_trace_text(trace));
    assert_non_null(parsed);
    cJSON_Delete(parsed);
}

static void test_calls_that_are_not_shown_are_known(void **state) {
    struct fake_trace *trace = *state;
    static struct selection selection;
    char problem[64];
    selection_init(&selection);
    assert_int_equal(selection_parse(&selection, "trace=munmap", problem, sizeof(problem)), 0);
    trace->options.output.selection = &selection;
    trace->options.output.follow = false;
    call_of(trace, FAKE_ROOT, SYS_mmap, ARGS(0, 4096, 0, MAP_PRIVATE | MAP_ANONYMOUS, UINT64_MAX, 0), 0x7ffff0000000);
    call_of(trace, FAKE_ROOT, SYS_munmap, ARGS(0x7ffff0000000, 4096), 0);
    fake_trace_end(trace);
    const char *text = fake_trace_text(trace);
    assert_null(strstr(text, "\"mmap\""));
    assert_non_null(strstr(text, "\"munmap\",\"args\":[\"mmap#1\",\"4096\"]"));
    assert_non_null(strstr(text, "\"total_syscalls\":1,"));
}

static void test_many_tasks_and_calls(void **state) {
    struct fake_trace *trace = *state;
    enum {
        TASKS = 1000,
        CALLS = 300
    };
    trace->options.fd = open("/dev/null", O_WRONLY);
    for (int i = 1; i < TASKS; i++) {
        start_of(trace, FAKE_ROOT + i, FAKE_ROOT + i, FAKE_ROOT);
        call_of(trace, FAKE_ROOT, SYS_fork, ARGS(0), FAKE_ROOT + i);
    }
    for (int call = 0; call < CALLS; call++) {
        for (int i = 0; i < TASKS; i++) {
            close_of(trace, FAKE_ROOT + i, call);
        }
    }
    fake_trace_end(trace);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, fake_trace_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_child_that_is_waited_for_stands_before_the_wait),
        TEST(test_the_order_does_not_depend_on_the_scheduler),
        TEST(test_the_order_does_not_depend_on_the_scheduler_either),
        TEST(test_waits_for_any_child_are_in_the_order_of_births),
        TEST(test_of_two_waits_the_last_one_counts),
        TEST(test_waits_that_go_in_a_circle),
        TEST(test_the_thread_is_named_if_there_is_a_second_one),
        TEST(test_a_single_thread_is_not_named),
        TEST(test_ids_of_others),
        TEST(test_ids_in_paths),
        TEST(test_a_wait_for_the_end_of_a_thread),
        TEST(test_without_the_rule_ids_are_as_they_were),
        TEST(test_addresses),
        TEST(test_mappings_are_numbered_by_who_made_them),
        TEST(test_the_arguments_of_an_execve_are_those_of_the_old_program),
        TEST(test_without_the_rule_addresses_are_as_they_were),
        TEST(test_mappings_of_files),
        TEST(test_inodes_are_numbered),
        TEST(test_times_and_random_bytes),
        TEST(test_without_rules_nothing_is_left_out),
        TEST(test_signals_of_children),
        TEST(test_a_document),
        TEST(test_an_empty_document),
        TEST(test_calls_that_are_not_shown_are_known),
        TEST(test_many_tasks_and_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
