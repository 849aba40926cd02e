/* SPDX-License-Identifier: MIT */
#include "measured.h"

#include <errno.h>

#define ALL_LIMITS                                                                                                     \
    { [QUANTITY_COUNT] = MOST(1), [QUANTITY_ERRORS] = MOST(1), [QUANTITY_TIME] = MOST(1), [QUANTITY_BYTES] = MOST(1) }

static void test_calls_that_are_chosen(void **state) {
    (void)state;
    struct measured measured;
    struct budget budgets[] = {
        {.kind = BUDGET_CALLS, ON, .limits = {[QUANTITY_COUNT] = MOST(1)}},
        {.kind = BUDGET_CALLS, ON, .limits = {[QUANTITY_COUNT] = MOST(1)}, .calls = names_of("openat,close")},
        {.kind = BUDGET_SPAN_COUNT, ON, .span_pattern = pattern_of("^syscall:open")},
        {.kind = BUDGET_SPAN_COUNT, ON, .span_pattern = pattern_of("^s")},
        {.kind = BUDGET_SPAN_COUNT, ON, .span_pattern = pattern_of("at$")},
        {.kind = BUDGET_REQUIRED, ON, .calls = names_of("fsync")},
        {.kind = BUDGET_CALLS, .limits = {[QUANTITY_COUNT] = MOST(1)}},
        {.kind = BUDGET_INAPPLICABLE, ON},
    };
    measure(&measured,
            "openat(AT_FDCWD;/etc/passwd;O_RDONLY) = 3\n"
            "close(3) = 0\n"
            "openat(AT_FDCWD;/none;O_RDONLY) = -2\n"
            "fstatat(AT_FDCWD;/x) = 0\n"
            "stat(/x;0x1) = 0\n"
            "exit_group(0) = ?\n",
            SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    const struct spending *all = &measured.spendings[0];
    expect_amount(all, QUANTITY_COUNT, 6);
    expect_amount(all, QUANTITY_ERRORS, 1);
    expect_spender(all, QUANTITY_COUNT, 0, "openat", 2, 2, 6, 8);
    assert_int_equal(all->spender_count[QUANTITY_COUNT], 5);
    assert_string_equal(all->from, "6 of 6 calls in the trace");
    expect_amount(&measured.spendings[1], QUANTITY_COUNT, 3);
    assert_string_equal(measured.spendings[1].from, "3 of 6 calls in the trace");
    expect_amount(&measured.spendings[2], QUANTITY_COUNT, 2);
    expect_amount(&measured.spendings[3], QUANTITY_COUNT, 1);
    expect_amount(&measured.spendings[4], QUANTITY_COUNT, 4);
    expect_amount(&measured.spendings[5], QUANTITY_COUNT, 0);
    expect_missing(&measured.spendings[6], QUANTITY_COUNT, "disabled");
    expect_missing(&measured.spendings[7], QUANTITY_COUNT, "it does not apply");
    assert_string_equal(measured.facts.name, "thing");
    assert_string_equal(measured.facts.time_source, "stop");
    assert_false(measured.facts.is_golden);
    assert_false(measured.facts.is_cut);
    measured_finish(&measured);
    call_names_finish(&budgets[1].calls);
    call_names_finish(&budgets[5].calls);
    for (size_t i = 2; i < 5; i++) {
        name_pattern_destroy(budgets[i].span_pattern);
    }
}

static void test_errors(void **state) {
    (void)state;
    struct measured measured;
    struct budget budget = {.kind = BUDGET_CALLS, ON, .limits = {[QUANTITY_ERRORS] = MOST(1)}};
    /* An address may be negative, and an error may have lost its number. */
    measure(&measured,
            "close(9) = -9\n"
            "mmap(NULL;4096;0;0;-1;0) = 18446744073709 # \"error\":\"EPERM\"\n"
            "lseek(3;0;SEEK_SET) = 9\n"
            "ioctl(3) = ?\n",
            SCRIPT_PLAIN, &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_ERRORS, 2);
    expect_spender(&measured.spendings[0], QUANTITY_ERRORS, 0, "close", 1, 1, 6, 6);
    measured_finish(&measured);
    measure(&measured, "close(9) = ?\nread(3;x;1) = ?\n", SCRIPT_PLAIN, &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 2);
    expect_missing(&measured.spendings[0], QUANTITY_ERRORS,
                   "no call has a result; record with an engine that measures results (notify, ptrace)");
    measured_finish(&measured);
}

static void test_bytes_and_times(void **state) {
    (void)state;
    struct measured measured;
    struct budget budget = {.kind = BUDGET_CALLS, ON, .limits = ALL_LIMITS};
    measure(&measured,
            "openat(AT_FDCWD;in;O_RDONLY) = 3 # \"duration_ns\":100\n"
            "read(3;x;10) = 10 # \"duration_ns\":7\n"
            "write(1;x;30) = 30 # \"duration_us\":2\n"
            "read(3;x;10) = 20\n"
            "read(3;x;10) = -5\n"
            "lseek(3;99;SEEK_SET) = 99\n"
            "getdents64(3;x;99) = 99\n"
            "sendfile(1;3;NULL;5) = 5\n"
            "getrandom(x;8;0) = 8\n",
            SCRIPT_PLAIN, &budget, 1);
    const struct spending *spending = &measured.spendings[0];
    expect_amount(spending, QUANTITY_BYTES, 73);
    expect_amount(spending, QUANTITY_TIME, 2107);
    expect_spender(spending, QUANTITY_BYTES, 0, "read in", 3, 30, 7, 10);
    expect_spender(spending, QUANTITY_BYTES, 1, "write", 1, 30, 8, 8);
    expect_spender(spending, QUANTITY_BYTES, 2, "getrandom", 1, 8, 14, 14);
    expect_spender(spending, QUANTITY_BYTES, 3, "sendfile in", 1, 5, 13, 13);
    expect_spender(spending, QUANTITY_TIME, 0, "write", 1, 2000, 8, 8);
    measured_finish(&measured);
    measure(&measured, "1 read(3;x;10) = 10\n", SCRIPT_GOLDEN, &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_BYTES, 10);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "golden traces have no times");
    assert_true(measured.facts.is_golden);
    measured_finish(&measured);
}

static void test_the_longest_chain_of_calls(void **state) {
    (void)state;
    struct measured measured;
    struct budget budgets[] = {
        {.kind = BUDGET_CRITICAL_PATH, ON, .limits = {[QUANTITY_TIME] = MOST(1)}},
        {.kind = BUDGET_CRITICAL_PATH, ON, .time = TIME_WALL, .limits = {[QUANTITY_TIME] = MOST(1)}},
    };
    measure(&measured,
            "10 openat(AT_FDCWD;/a;O_RDONLY) = 3 # \"duration_ns\":100\n"
            "10 clone3(0x1;88) = 11 # \"duration_ns\":100\n"
            "10/11 read(3;x;1) = 1 # \"duration_ns\":150\n"
            "10/11 read(3;x;1) = 1 # \"duration_ns\":151\n"
            "10 futex(0x1) = 0 # \"duration_ns\":100\n"
            "10/11 exit(0) = ?\n",
            SCRIPT_PLAIN, budgets, 2);
    const struct spending *spending = &measured.spendings[0];
    expect_amount(spending, QUANTITY_TIME, 301);
    assert_string_equal(spending->whose, "thread 11");
    assert_string_equal(spending->from, "3 calls of thread 11, which spent most of 2 threads");
    assert_int_equal(spending->spender_count[QUANTITY_TIME], 1);
    expect_spender(spending, QUANTITY_TIME, 0, "read", 2, 301, 8, 9);
    expect_missing(&measured.spendings[1], QUANTITY_TIME, "the summary has no wall_time_us; record with -T");
    measured_finish(&measured);
    /* Without ids there is one thread; and the first one has none before there is a second. */
    measure(&measured, "read(3;x;1) = 1 # \"duration_ns\":5\nread(3;x;1) = 1 # \"duration_ns\":6\n", SCRIPT_PLAIN,
            budgets, 1);
    expect_amount(&measured.spendings[0], QUANTITY_TIME, 11);
    assert_null(measured.spendings[0].whose);
    assert_string_equal(measured.spendings[0].from, "2 calls of the only thread that is known");
    measured_finish(&measured);
    measure(&measured,
            "read(3;x;1) = 1 # \"duration_ns\":5\n"
            "rseq(0x1) = 0 # \"duration_ns\":8,\"tid\":11\n"
            "clone3(0x1;88) = 11 # \"duration_ns\":4,\"tid\":10\n",
            SCRIPT_PLAIN, budgets, 1);
    expect_amount(&measured.spendings[0], QUANTITY_TIME, 9);
    measured_finish(&measured);
    measure(&measured, "read(3;x;1) = 1\n", SCRIPT_PLAIN, budgets, 1);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "no call has a duration; record with -T");
    measured_finish(&measured);
}

static const char head[] =
    "{\"version\":\"0.6.2\",\"format\":\"renacer-json-v1\",\"producer\":{\"name\":\"renacer-sv\"},";

static void measure_text(struct measured *measured, const char *rest, struct budget *budgets, size_t count) {
    char *document;
    assert_true(asprintf(&document, "%s%s", head, rest) > 0);
    measure_document(measured, document, budgets, count, "trace.jsonl");
    free(document);
    assert_int_equal(measured->status, 0);
    assert_string_equal(measured->facts.name, "trace");
}

static void test_what_the_summary_tells(void **state) {
    (void)state;
    struct measured measured;
    struct budget budgets[] = {
        {.kind = BUDGET_CRITICAL_PATH, ON, .time = TIME_WALL},
        {.kind = BUDGET_MEMORY, ON, .memory = MEMORY_RSS},
    };
    measure_text(&measured,
                 "\"syscalls\":[],\"summary\":{\"total_syscalls\":0,\"wall_time_us\":1500,\"max_rss_kb\":1412,"
                 "\"lost\":3}}",
                 budgets, 2);
    expect_amount(&measured.spendings[0], QUANTITY_TIME, 1500000);
    expect_amount(&measured.spendings[1], QUANTITY_BYTES, 1412 * 1024);
    assert_string_equal(measured.spendings[1].from, "max_rss_kb in the summary of the trace");
    assert_true(measured.facts.lost == 3);
    measured_finish(&measured);
    measure_text(&measured, "\"syscalls\":[", budgets, 2);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "the trace ends before its summary");
    expect_missing(&measured.spendings[1], QUANTITY_BYTES, "the trace ends before its summary");
    assert_true(measured.facts.is_cut);
    measured_finish(&measured);
    measure_text(&measured, "\"syscalls\":[]}", budgets, 2);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "the trace has no summary");
    expect_missing(&measured.spendings[1], QUANTITY_BYTES, "the trace has no summary");
    assert_false(measured.facts.is_cut);
    measured_finish(&measured);
    measure(&measured, "1 getpid() = 1\n", SCRIPT_GOLDEN, budgets, 2);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "golden traces have no times");
    expect_missing(&measured.spendings[1], QUANTITY_BYTES, "golden traces have no max_rss_kb");
    measured_finish(&measured);
}

static void test_tables_in_place_of_calls(void **state) {
    (void)state;
    struct measured measured;
    char pattern[] = "/etc/*";
    char *path = pattern;
    static const char reason[] = "the trace was made with -c: it counts calls and does not have them";
    struct budget budgets[] = {
        {.kind = BUDGET_CALLS, ON, .limits = {[QUANTITY_COUNT] = MOST(1)}, .calls = names_of("!read")},
        {.kind = BUDGET_CRITICAL_PATH, ON},
        {.kind = BUDGET_CALLS, ON, .paths = &path, .path_count = 1},
        {.kind = BUDGET_MEMORY, ON},
        {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_TIGHT_LOOP},
        {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_GOD_PROCESS},
    };
    measure_text(&measured,
                 "\"summary\":{\"total_syscalls\":13,\"by_call\":{"
                 "\"mmap\":{\"calls\":8,\"errors\":0,\"time_us\":58,\"time_ns\":58029},\n"
                 "\"read\":{\"calls\":3,\"errors\":1,\"time_ns\":1},\n"
                 "\"access\":{\"calls\":2,\"errors\":1,\"time_us\":2}}}}",
                 budgets, COUNT_OF(budgets));
    const struct spending *spending = &measured.spendings[0];
    expect_amount(spending, QUANTITY_COUNT, 10);
    expect_amount(spending, QUANTITY_ERRORS, 1);
    expect_amount(spending, QUANTITY_TIME, 60029);
    expect_missing(spending, QUANTITY_BYTES, reason);
    expect_spender(spending, QUANTITY_COUNT, 1, "access", 2, 2, 3, 3);
    assert_string_equal(spending->from, "10 of 13 calls that the summary counts");
    expect_amount(&measured.spendings[1], QUANTITY_TIME, 60030);
    expect_missing(&measured.spendings[2], QUANTITY_COUNT, reason);
    expect_missing(&measured.spendings[3], QUANTITY_BYTES, reason);
    expect_missing(&measured.spendings[4], QUANTITY_SCORE, reason);
    expect_missing(&measured.spendings[5], QUANTITY_SCORE, reason);
    measured_finish(&measured);
    measure_text(&measured,
                 "\"summary\":{\"total_syscalls\":8,\"by_call\":{"
                 "\"mmap\":{\"calls\":8,\"errors\":null,\"time_us\":null}}}}",
                 budgets, 1);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 8);
    assert_false(measured.spendings[0].measured[QUANTITY_ERRORS]);
    expect_missing(&measured.spendings[0], QUANTITY_TIME, "no call has a duration; record with -T");
    measured_finish(&measured);
    /* With calls the table is not counted once more. */
    measure_text(&measured,
                 "\"syscalls\":[{\"name\":\"mmap\",\"args\":[],\"result\":0}],\"summary\":{\"total_syscalls\":1,"
                 "\"by_call\":{\"mmap\":{\"calls\":8,\"errors\":0}}}}",
                 budgets, 1);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 1);
    measured_finish(&measured);
    call_names_finish(&budgets[0].calls);
}

/* How many calls are on the path. */
static void expect_on(const char *script, enum script_style style, const char *pattern, double calls) {
    struct measured measured;
    char *own = strdup(pattern);
    struct budget budget = {.kind = BUDGET_CALLS, ON, .paths = &own, .path_count = 1};
    measure(&measured, script, style, &budget, 1);
    if (measured.spendings[0].amount[QUANTITY_COUNT] != calls) {
        print_error("of %s:\n%s", pattern, script);
    }
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, calls);
    measured_finish(&measured);
    free(own);
}

static void test_paths_by_descriptors(void **state) {
    (void)state;
    static const char script[] = "openat(AT_FDCWD;/etc/passwd;O_RDONLY) = 3\n"
                                 "read(3;x;1) = 1\n"
                                 "dup(3) = 4\n"
                                 "close(3) = 0\n"
                                 "openat(AT_FDCWD;/tmp/.x/y;O_RDONLY) = 3\n"
                                 "read(4;x;1) = 1\n"
                                 "mmap(NULL;4096;PROT_READ;MAP_PRIVATE;4;0) = 4096\n"
                                 "fcntl(4;F_DUPFD_CLOEXEC;10) = 10\n"
                                 "read(3;x;1) = 1\n"
                                 "dup2(3;4) = 4\n"
                                 "read(4;x;1) = 1\n"
                                 "socket(AF_INET;SOCK_STREAM;IPPROTO_TCP) = 5\n"
                                 "read(5;x;1) = 1\n"
                                 "close_range(4;9;0) = 0\n"
                                 "read(4;x;1) = -9\n"
                                 "read(10;x;1) = 1\n";
    expect_on(script, SCRIPT_PLAIN, "/etc/passwd", 9); /* dup2 is on both */
    expect_on(script, SCRIPT_PLAIN, "/etc/pass*", 9);
    expect_on(script, SCRIPT_PLAIN, "/tmp/", 4);
    expect_on(script, SCRIPT_PLAIN, "/tmp/*", 4);
    expect_on(script, SCRIPT_PLAIN, "/tmp", 0);
    expect_on(script, SCRIPT_PLAIN, "*", 12);
    expect_on(script, SCRIPT_PLAIN, "/t[a-m]p/.?/y", 4);
}

static void test_paths_across_processes(void **state) {
    (void)state;
    static const char script[] = "10 openat(AT_FDCWD;/a;O_RDONLY|O_CLOEXEC) = 3\n"
                                 "10 openat(AT_FDCWD;/a;O_RDONLY) = 4\n"
                                 "11 read(3;x;1) = 1\n"
                                 "10 fork() = 11\n"
                                 "11 close(4) = 0\n"
                                 "10 read(4;x;1) = 1\n"
                                 "11 read(4;x;1) = -9\n"
                                 "10 execve(/bin/x;[];0x1) = 0\n"
                                 "10 read(3;x;1) = 1\n"
                                 "10 read(4;x;1) = 1\n"
                                 "11 read(3;x;1) = 1\n";
    expect_on(script, SCRIPT_PLAIN, "/a", 7);
    /* What only another process has open. */
    expect_on("10 openat(AT_FDCWD;/a;O_RDONLY) = 3\n12 read(3;x;1) = 1\n", SCRIPT_PLAIN, "/a", 1);
}

static void test_paths_that_the_trace_says(void **state) {
    (void)state;
    static const char script[] =
        "openat(AT_FDCWD;b;O_RDONLY) = 3 # \"fds\":{\"0\":\"/home/a\",\"result\":\"/home/a/b\"}\n"
        "read(3;x;1) = 1 # \"fds\":{\"0\":\"/home/a/b\"}\n"
        "read(9;x;1) = 1 # \"fds\":{\"0\":\"/home/a/c (deleted)\"}\n"
        "rename(b;c) = 0\n";
    expect_on(script, SCRIPT_PLAIN, "/home/a/b", 2);
    expect_on(script, SCRIPT_PLAIN, "/home/a/c", 1);
    expect_on(script, SCRIPT_PLAIN, "b", 2);
    expect_on(script, SCRIPT_PLAIN, "c", 1);
    expect_on(script, SCRIPT_PLAIN, "/home/a", 1);
    static const char old[] = "openat(0xffffff9c;\"/etc/ld.so.cache\";0x80000) = 3\n"
                              "read(0x3;0x7ffd;0x340) = 832\n"
                              "close(0x3;0x1c21c;0x1) = 0\n"
                              "read(0x3;0x7ffd;0x340) = 832\n"
                              "access(0x7652;0x4;0x62) = -2\n";
    expect_on(old, SCRIPT_OLD, "/etc/ld.so.cache", 3);
    expect_on(old, SCRIPT_OLD, "0x7652", 0);
    expect_on("access(0x7652;R_OK) = -14\nopen(NULL;O_RDONLY) = -14\n", SCRIPT_PLAIN, "*", 0);
}

#define INET(address) "{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"" address "\")}"

static void test_addresses_of_sockets(void **state) {
    (void)state;
    static const char script[] =
        "socket(AF_UNIX;SOCK_STREAM|SOCK_CLOEXEC;0) = 3\n"
        "connect(3;{sa_family=AF_UNIX, sun_path=\"/run/x.sock\"};110) = 0\n"
        "write(3;x;1) = 1\n"
        "dup(3) = 4\n"
        "read(4;x;1) = 1\n"
        "close(3) = 0\n"
        "socket(AF_INET;SOCK_STREAM;0) = 3\n"
        "connect(3;" INET(
            "127.0.0.1") ";16) = ? # \"error\":\"EINPROGRESS\"\n"
                         "write(3;x;1) = 1\n"
                         "connect(3;" INET(
                             "10.0.0.1") ";16) = -111\n"
                                         "sendto(5;x;1;0;{sa_family=AF_INET6, sin6_port=htons(443), "
                                         "sin6_flowinfo=htonl(0), "
                                         "inet_pton(AF_INET6, \"::1\", &sin6_addr), sin6_scope_id=0};28) = 1\n"
                                         "bind(6;{sa_family=AF_UNIX, sun_path=@\"name\"};7) = 0\n"
                                         "accept4(6;{sa_family=AF_UNIX};[110 => 2];SOCK_CLOEXEC) = 7\n"
                                         "read(7;x;1) = 1\n"
                                         "accept(8;" INET(
                                             "127.0.0.2") ";[16]) = 9\n"
                                                          "read(9;x;1) = 1\n"
                                                          "connect(7;{sa_family=AF_UNSPEC, sa_data=\"\"};16) = 0\n"
                                                          "read(7;x;1) = 1\n"
                                                          "socket(AF_INET;SOCK_STREAM;0) = 9\n"
                                                          "read(9;x;1) = 1\n"
                                                          "write(1;{sa_family=AF_UNIX, sun_path=\"/run/x.sock\"};7) = "
                                                          "7\n"
                                                          "connect(10;{sa_family=AF_UNIX};2) = 0\n"
                                                          "connect(10;0x7ffd;16) = 0\n"
                                                          "connect(10;{sa_family=AF_INET, sin_port=80};16) = 0\n";
    expect_on(script, SCRIPT_PLAIN, "/run/x.sock", 5);
    expect_on(script, SCRIPT_PLAIN, "/run/", 5);
    expect_on(script, SCRIPT_PLAIN, "127.0.0.1:*", 3); /* with the second connect, by its descriptor */
    expect_on(script, SCRIPT_PLAIN, "127.0.0.1:80", 3);
    expect_on(script, SCRIPT_PLAIN, "10.0.0.1:80", 1);
    expect_on(script, SCRIPT_PLAIN, "\\[::1]:*", 1);
    expect_on(script, SCRIPT_PLAIN, "[::1]:443", 1);
    expect_on(script, SCRIPT_PLAIN, "@name", 4); /* bind, accept4, read, and the connect that takes it off */
    expect_on(script, SCRIPT_PLAIN, "127.0.0.2:80", 2);
    expect_on(script, SCRIPT_PLAIN, "{*", 0);
    expect_on(script, SCRIPT_PLAIN, "unix:*", 0);
    /* What -y says of a socket is not its address. */
    static const char named[] =
        "connect(3;{sa_family=AF_UNIX, sun_path=\"/run/x\"};110) = 0 # \"fds\":{\"0\":\"socket:[7]\"}\n"
        "write(3;x;1) = 1 # \"fds\":{\"0\":\"socket:[7]\"}\n";
    expect_on(named, SCRIPT_PLAIN, "/run/x", 2);
    expect_on(named, SCRIPT_PLAIN, "socket:\\[7]", 2);
}

static void test_peers_of_messages(void **state) {
    (void)state;
    static const char script[] =
        "sendmsg(3;{msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"10.0.0.1\")}, "
        "msg_namelen=16, msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1, msg_controllen=0, "
        "msg_flags=0};0) = 1\n"
        "recvmsg(3;{msg_name={sa_family=AF_UNIX, sun_path=\"/run/y\"}, msg_namelen=128 => 9, "
        "msg_iov=[{iov_base=\"x\", iov_len=9}], msg_iovlen=1, msg_controllen=0, msg_flags=0};0) = 1\n"
        "sendmsg(3;{msg_name=NULL, msg_namelen=0, msg_iov=[], msg_iovlen=0};0) = 0\n"
        "recvmsg(3;0x7ffd00000000;0) = 1\n";
    expect_on(script, SCRIPT_PLAIN, "10.0.0.1:53", 1);
    expect_on(script, SCRIPT_PLAIN, "/run/y", 1);
    expect_on(script, SCRIPT_PLAIN, "*", 2);
}

static void test_paths_without_results(void **state) {
    (void)state;
    struct measured measured;
    char pattern[] = "/a";
    char *path = pattern;
    struct budget budget = {.kind = BUDGET_FORBIDDEN, ON, .paths = &path, .path_count = 1};
    measure(&measured, "openat(AT_FDCWD;/a;O_RDONLY) = ?\nread(3;x;1) = ?\n", SCRIPT_PLAIN, &budget, 1);
    expect_missing(&measured.spendings[0], QUANTITY_COUNT,
                   "no call has a result, and so nothing tells what was opened; record with -y");
    measured_finish(&measured);
    measure(&measured, "openat(AT_FDCWD;/a;O_RDONLY) = ?\nread(3;x;1) = ? # \"fds\":{\"0\":\"/a\"}\n", SCRIPT_PLAIN,
            &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 2);
    measured_finish(&measured);
}

static void test_spenders_are_told_by_path(void **state) {
    (void)state;
    struct measured measured;
    char a[] = "/a";
    char b[] = "/b/";
    char *patterns[] = {a, b};
    struct budget budget = {.kind = BUDGET_CALLS, ON, .paths = patterns, .path_count = 2};
    measure(&measured,
            "stat(/b/$x;0x1) = 0\n"
            "stat(/a;0x1) = 0\n"
            "rename(/c;/a) = 0\n"
            "stat(/c;0x1) = 0\n"
            "stat(/a;0x1) = 0\n",
            SCRIPT_PLAIN, &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 4);
    expect_spender(&measured.spendings[0], QUANTITY_COUNT, 0, "stat /a", 2, 2, 7, 10);
    expect_spender(&measured.spendings[0], QUANTITY_COUNT, 1, "stat /b/\\nx", 1, 1, 6, 6);
    expect_spender(&measured.spendings[0], QUANTITY_COUNT, 2, "rename /a", 1, 1, 8, 8);
    measured_finish(&measured);
}

/* A path that is written another way, or wrong, shows. */
static void test_paths_that_nothing_is_on(void **state) {
    (void)state;
    struct measured measured;
    char wrong[] = "/etc/paswd";
    char right[] = "/etc/passwd";
    char *paths[] = {wrong, right};
    struct budget budgets[] = {
        {.kind = BUDGET_CALLS, ON, .paths = &paths[0], .path_count = 1},
        {.kind = BUDGET_CALLS, ON, .paths = &paths[0], .path_count = 2, .calls = names_of("write")},
        {.kind = BUDGET_CALLS, ON, .calls = names_of("write")},
        {.kind = BUDGET_CALLS, .paths = &paths[0], .path_count = 1},
    };
    measure(&measured, "openat(AT_FDCWD;/etc/passwd;O_RDONLY) = 3\n", SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    for (size_t i = 0; i < 3; i++) {
        expect_amount(&measured.spendings[i], QUANTITY_COUNT, 0);
    }
    assert_string_equal(measured.spendings[0].nothing, "no call is on such a path");
    /* There is one, though not of these calls. */
    assert_null(measured.spendings[1].nothing);
    assert_null(measured.spendings[2].nothing);
    assert_null(measured.spendings[3].nothing);
    measured_finish(&measured);
    call_names_finish(&budgets[1].calls);
    call_names_finish(&budgets[2].calls);
}

/* As many files as a build opens. */
static void test_many_paths(void **state) {
    (void)state;
    enum {
        PATHS = 150000,
    };
    struct text script = {0};
    for (unsigned i = 0; i < PATHS; i++) {
        text_add_string(&script, "stat(/");
        text_add_unsigned(&script, i);
        text_add_string(&script, i % 2 ? "a;0x1) = 0\n" : "b;0x1) = 0\n");
    }
    expect_on(script.bytes, SCRIPT_PLAIN, "/*a", PATHS / 2);
    text_finish(&script);
}

/* What is not followed is not told to be on no path. */
static void test_too_many_descriptors(void **state) {
    (void)state;
    enum {
        DESCRIPTORS = 262145,
    };
    struct measured measured;
    struct text script = {0};
    char path[] = "/b";
    char *paths[] = {path};
    struct budget budgets[] = {{.kind = BUDGET_CALLS, ON, .paths = paths, .path_count = 1}, {.kind = BUDGET_CALLS, ON}};
    for (unsigned i = 0; i < DESCRIPTORS; i++) {
        text_add_string(&script, "open(/a;0) = ");
        text_add_unsigned(&script, i);
        text_add_char(&script, '\n');
    }
    measure(&measured, script.bytes, SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    expect_missing(&measured.spendings[0], QUANTITY_COUNT,
                   "the trace has more than 262144 descriptors at a time; record with -y");
    expect_amount(&measured.spendings[1], QUANTITY_COUNT, DESCRIPTORS);
    measured_finish(&measured);
    text_add_string(&script, "read(1;x;1) = 1 # \"fds\":{\"0\":\"/b\"}\n");
    measure(&measured, script.bytes, SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 1);
    measured_finish(&measured);
    text_finish(&script);
}

static void test_programs_and_traces(void **state) {
    (void)state;
    struct measured measured;
    struct budget budgets[] = {
        {.kind = BUDGET_CALLS, ON, .process_pattern = pattern_of("/cc1$")},
        {.kind = BUDGET_CALLS, ON, .process_pattern = pattern_of("/rustc$")},
        {.kind = BUDGET_CALLS, ON, .trace_pattern = pattern_of("^thing$")},
        {.kind = BUDGET_CALLS, ON, .trace_pattern = pattern_of("json")},
        {.kind = BUDGET_MEMORY, ON, .process_pattern = pattern_of("/cc1$")},
    };
    measure(&measured,
            "10 execve(/usr/bin/gcc;[];0x1) = 0\n"
            "10 mmap(NULL;65536;PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1048576\n"
            "11 execve(/usr/lib/cc1;[];0x1) = 0\n"
            "11 mmap(NULL;4096;PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1048576\n"
            "10 vfork() = 11\n"
            "12 getpid() = 12\n"
            "11 fork() = 12\n"
            "10 wait4(-1;NULL;0;NULL) = 11\n",
            SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    assert_true(measured.spendings[0].applies);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 3); /* mmap, fork, and the child's getpid */
    assert_false(measured.spendings[1].applies);
    expect_missing(&measured.spendings[1], QUANTITY_COUNT,
                   "no process of the trace runs a program that matches '/rustc$'");
    assert_true(measured.spendings[2].applies);
    expect_amount(&measured.spendings[2], QUANTITY_COUNT, 8);
    assert_false(measured.spendings[3].applies);
    expect_missing(&measured.spendings[3], QUANTITY_COUNT, "the trace's name is none that trace_name_pattern matches");
    expect_amount(&measured.spendings[4], QUANTITY_BYTES, 4096);
    measured_finish(&measured);
    name_pattern_destroy(budgets[0].process_pattern);
    name_pattern_destroy(budgets[1].process_pattern);
    name_pattern_destroy(budgets[2].trace_pattern);
    name_pattern_destroy(budgets[3].trace_pattern);
    name_pattern_destroy(budgets[4].process_pattern);
}

static void test_programs_that_never_ran(void **state) {
    (void)state;
    struct measured measured;
    struct budget budgets[] = {
        {.kind = BUDGET_REQUIRED, ON, .process_pattern = pattern_of("help\ter"), .limits = {LEAST(1)}},
        {.kind = BUDGET_FORBIDDEN, ON, .process_pattern = pattern_of("helper"), .limits = {MOST(0)}},
        {.kind = BUDGET_CALLS, ON, .process_pattern = pattern_of("helper"), .limits = {LEAST(1)}},
        {.kind = BUDGET_REQUIRED, ON, .process_pattern = pattern_of("gcc"), .limits = {LEAST(1)}},
    };
    measure(&measured, "10 execve(/usr/bin/gcc;[];0x1) = 0\n10 getpid() = 10\n", SCRIPT_PLAIN, budgets,
            COUNT_OF(budgets));
    /* What has to be there is not; what must not be there is no business of this trace. */
    assert_true(measured.spendings[0].applies);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 0);
    assert_string_equal(measured.spendings[0].nothing,
                        "no process of the trace runs a program that matches 'help\\ter'");
    assert_false(measured.spendings[1].applies);
    assert_true(measured.spendings[2].applies);
    expect_amount(&measured.spendings[2], QUANTITY_COUNT, 0);
    expect_amount(&measured.spendings[3], QUANTITY_COUNT, 1);
    assert_null(measured.spendings[3].nothing);
    measured_finish(&measured);
    /* Of no program anything is known. */
    measure(&measured, "10 execve(/usr/bin/gcc;[];0x1) = -2\n10 getpid() = 10\n", SCRIPT_PLAIN, budgets,
            COUNT_OF(budgets));
    for (size_t i = 0; i < COUNT_OF(budgets); i++) {
        assert_true(measured.spendings[i].applies);
        expect_missing(&measured.spendings[i], QUANTITY_COUNT,
                       "the trace has no execve, and so nothing tells which programs its processes run");
    }
    measured_finish(&measured);
    for (size_t i = 0; i < COUNT_OF(budgets); i++) {
        name_pattern_destroy(budgets[i].process_pattern);
    }
}

/* "No match" and "too many steps to tell" are two. */
static void test_patterns_that_take_too_long(void **state) {
    (void)state;
    static const char slow[] = "^(a|a)*[bx]$";
    static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac";
    struct measured measured;
    struct text script = {0};
    struct budget budgets[] = {
        {.kind = BUDGET_CALLS, ON, .process_pattern = pattern_of(slow)},
        {.kind = BUDGET_SPAN_COUNT, ON, .span_pattern = pattern_of(slow)},
        {.kind = BUDGET_CALLS, ON, .trace_pattern = pattern_of(slow)},
        {.kind = BUDGET_CALLS, .trace_pattern = pattern_of(slow)},
        {.kind = BUDGET_CALLS, ON},
    };
    text_add_string(&script, "execve(");
    text_add_string(&script, letters);
    text_add_string(&script, ";[];0x1) = 0\n");
    text_add_string(&script, letters);
    text_add_string(&script, "() = 0\n");
    char *document = script_document(script.bytes, SCRIPT_PLAIN);
    measure_document(&measured, document, budgets, COUNT_OF(budgets), letters);
    assert_int_equal(measured.status, 0);
    static const char *const keys[] = {"process_name_pattern", "span_name_pattern", "trace_name_pattern"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        char reason[96];
        snprintf(reason, sizeof(reason), "%s takes too many steps to match: it has to be simpler", keys[i]);
        assert_true(measured.spendings[i].applies);
        expect_missing(&measured.spendings[i], QUANTITY_COUNT, reason);
    }
    expect_missing(&measured.spendings[3], QUANTITY_COUNT, "disabled");
    expect_amount(&measured.spendings[4], QUANTITY_COUNT, 2);
    measured_finish(&measured);
    free(document);
    text_finish(&script);
    name_pattern_destroy(budgets[0].process_pattern);
    name_pattern_destroy(budgets[1].span_pattern);
    name_pattern_destroy(budgets[2].trace_pattern);
    name_pattern_destroy(budgets[3].trace_pattern);
}

static void test_more_groups_than_are_kept(void **state) {
    (void)state;
    struct measured measured;
    struct text script = {0};
    struct budget budget = {.kind = BUDGET_CALLS, ON, .limits = {[QUANTITY_BYTES] = MOST(1)}};
    text_add_string(&script, "write(1;x;7) = 7\n");
    for (unsigned i = 0; i < 5000; i++) {
        text_add_string(&script, "read(3;x;1) = 2 # \"fds\":{\"0\":\"/f");
        text_add_unsigned(&script, i);
        text_add_string(&script, "\"}\n");
    }
    measure(&measured, script.bytes, SCRIPT_PLAIN, &budget, 1);
    expect_amount(&measured.spendings[0], QUANTITY_BYTES, 10007);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 0, "write", 1, 7, 6, 6);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 1, "read /f0", 1, 2, 7, 7);
    assert_true(measured.spendings[0].spenders_left_out[QUANTITY_BYTES] == 10000 - 14);
    measured_finish(&measured);
    text_finish(&script);
}

static void test_broken_traces(void **state) {
    (void)state;
    struct measured measured;
    struct budget budget = {.kind = BUDGET_CALLS, ON};
    char document[512];
    snprintf(document, sizeof(document), "%s\"syscalls\":[{\"name\":\"read\",\"args\":[],\"result\":1},\nnonsense",
             head);
    measure_document(&measured, document, &budget, 1, "x");
    assert_int_equal(measured.status, -EINVAL);
    assert_non_null(strstr(measured.problem, ":2:"));
    measured_finish(&measured);
    measure_document(&measured, "no trace", &budget, 1, "x");
    assert_int_equal(measured.status, -EINVAL);
    measured_finish(&measured);
    /* Cut off: what there was of it. */
    snprintf(document, sizeof(document), "%s\"syscalls\":[{\"name\":\"read\",\"args\":[],\"result\":1},", head);
    measure_document(&measured, document, &budget, 1, "x");
    assert_int_equal(measured.status, 0);
    assert_true(measured.facts.is_cut);
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 1);
    measured_finish(&measured);
    struct text script = {0};
    for (unsigned i = 0; i < 5000; i++) {
        text_add_string(&script, "call");
        text_add_unsigned(&script, i);
        text_add_string(&script, "x() = 0\n");
    }
    char *many = script_document(script.bytes, SCRIPT_PLAIN);
    measure_document(&measured, many, &budget, 1, "x");
    assert_int_equal(measured.status, -EINVAL);
    assert_string_equal(measured.problem, "x:4102: the trace has more than 4096 different names of calls");
    measured_finish(&measured);
    free(many);
    /* Few, but too long. */
    text_clear(&script);
    for (unsigned i = 0; i < 3 << 20; i++) {
        text_add_char(&script, 'x');
    }
    text_add_string(&script, "() = 0\n");
    many = script_document(script.bytes, SCRIPT_PLAIN);
    measure_document(&measured, many, &budget, 1, "x");
    assert_int_equal(measured.status, -EINVAL);
    assert_string_equal(measured.problem, "x:6: the names of calls in the trace are longer than 1 MiB together");
    measured_finish(&measured);
    free(many);
    text_finish(&script);
}

/* Numbers that are none, tasks that make themselves, ids that come again. */
static void test_hostile_tasks(void **state) {
    (void)state;
    struct measured measured;
    char pattern[] = "*";
    char *path = pattern;
    struct budget budgets[] = {
        {.kind = BUDGET_MEMORY, ON},
        {.kind = BUDGET_CALLS, ON, .paths = &path, .path_count = 1},
        {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_GOD_PROCESS},
        {.kind = BUDGET_CRITICAL_PATH, ON},
        {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_TIGHT_LOOP},
    };
    measure(&measured,
            "10 fork() = 10\n"
            "10 fork() = 9223372036854775807\n"
            "10 clone3(0x1;88) = 12\n"
            "12 clone(0) = 10\n"
            "12 wait4(-1;NULL;0;NULL) = 10\n"
            "12 wait4(-1;NULL;0;NULL) = 12\n"
            "13/10 fork() = 13\n"
            "10 waitid(P_PID;12;NULL;WEXITED;NULL) = 0\n"
            "12 fork() = 14\n"
            "14 fork() = 12\n"
            "14 openat(AT_FDCWD;/x;O_RDONLY) = 9223372036854775807\n"
            "14 dup2(9223372036854775807;-1) = 2\n"
            "14 close(18446744073709551615) = 0\n"
            "14 close_range(18446744073709551615;0;0) = 0\n"
            "14 fcntl() = 3\n"
            "14 execve() = 0\n"
            "12 exit_group(0) = ?\n"
            "-5 getpid() = 1\n"
            "10/-6 getpid() = 1\n",
            SCRIPT_PLAIN, budgets, COUNT_OF(budgets));
    expect_amount(&measured.spendings[0], QUANTITY_BYTES, 0);
    expect_amount(&measured.spendings[1], QUANTITY_COUNT, 1);
    assert_true(measured.spendings[2].measured[QUANTITY_SCORE]);
    expect_amount(&measured.spendings[4], QUANTITY_SCORE, 0);
    measured_finish(&measured);
}

static void test_traces_of_renacer(void **state) {
    (void)state;
    struct measured measured = {0};
    const char *folder = getenv("TRACE_DATA");
    assert_non_null(folder);
    char path[4096];
    snprintf(path, sizeof(path), "%s/trivial_cli_rust.json", folder);
    struct budget budgets[] = {
        {.kind = BUDGET_SPAN_COUNT, ON},
        {.kind = BUDGET_MEMORY, ON},
        {.kind = BUDGET_CRITICAL_PATH, ON},
        {.kind = BUDGET_ANTI_PATTERN, ON, .pattern = PATTERN_TIGHT_LOOP},
        {.kind = BUDGET_CALLS, ON, .calls = names_of("%file"), .limits = {[QUANTITY_ERRORS] = MOST(1)}},
    };
    measured.file = (struct budget_file){.budgets = budgets, .count = COUNT_OF(budgets)};
    struct trace_reader *reader;
    assert_int_equal(trace_reader_open(&reader, path, measured.problem, sizeof(measured.problem)), 0);
    assert_int_equal(spending_measure(measured.spendings, &measured.facts, &measured.file, reader, path,
                                      measured.problem, sizeof(measured.problem)),
                     0);
    trace_reader_close(reader);
    assert_string_equal(measured.facts.name, "trivial_cli_rust");
    expect_amount(&measured.spendings[0], QUANTITY_COUNT, 65);
    assert_true(measured.spendings[1].amount[QUANTITY_BYTES] > 0);
    assert_non_null(strstr(measured.spendings[1].from, "mappings that can be written to"));
    expect_missing(&measured.spendings[2], QUANTITY_TIME, "no call has a duration; record with -T");
    expect_amount(&measured.spendings[3], QUANTITY_SCORE, 0);
    assert_true(measured.spendings[4].amount[QUANTITY_ERRORS] >= 1);
    measured_finish(&measured);
    call_names_finish(&budgets[4].calls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_that_are_chosen),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_bytes_and_times),
        cmocka_unit_test(test_the_longest_chain_of_calls),
        cmocka_unit_test(test_what_the_summary_tells),
        cmocka_unit_test(test_tables_in_place_of_calls),
        cmocka_unit_test(test_paths_by_descriptors),
        cmocka_unit_test(test_paths_across_processes),
        cmocka_unit_test(test_paths_that_the_trace_says),
        cmocka_unit_test(test_addresses_of_sockets),
        cmocka_unit_test(test_peers_of_messages),
        cmocka_unit_test(test_paths_without_results),
        cmocka_unit_test(test_spenders_are_told_by_path),
        cmocka_unit_test(test_paths_that_nothing_is_on),
        cmocka_unit_test(test_many_paths),
        cmocka_unit_test(test_too_many_descriptors),
        cmocka_unit_test(test_programs_and_traces),
        cmocka_unit_test(test_programs_that_never_ran),
        cmocka_unit_test(test_patterns_that_take_too_long),
        cmocka_unit_test(test_more_groups_than_are_kept),
        cmocka_unit_test(test_broken_traces),
        cmocka_unit_test(test_hostile_tasks),
        cmocka_unit_test(test_traces_of_renacer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
