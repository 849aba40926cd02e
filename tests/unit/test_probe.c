/* SPDX-License-Identifier: MIT
 *
 * Probes: which engine follows from what they found, what is said to help, and
 * the real attempts, also where a filter refuses them or kills for them.
 */
#include "probe.h"

#include "capability.h"
#include "engine.h"
#include "unit.h"

#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---------------------------------------------------------------- fake reports */

static struct probe_report everything_works(void) {
    struct probe_report report = {.setting = {.user = 1000,
                                              .group = 100,
                                              .perf_event_paranoid = 2,
                                              .perf_event_mlock_kb = 516,
                                              .ptrace_scope = SETTING_UNKNOWN,
                                              .io_uring_disabled = 0,
                                              .tracefs = "/sys/kernel/tracing",
                                              .program = "/usr/bin/renacer-sv"},
                                  .rings = 4,
                                  .ring_bytes = 1 << 22,
                                  .ring_bytes_wanted = 1 << 22};
    return report;
}

static void lacks(struct probe_report *report, enum probe probe, int error) {
    report->results[probe].state = PROBE_MISSING;
    report->results[probe].error = error;
}

/* What is said to help against this error. */
static const char *remedy(struct probe_report *report, enum probe probe, int error) {
    lacks(report, probe, error);
    probe_advise(report);
    return report->results[probe].remedy;
}

static void assert_says(const char *text, const char *part) {
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, text);
    }
}

static void assert_engine(const struct probe_report *report, const char *expected) {
    char reason[512];
    const char *engine = probe_engine(report, reason, sizeof(reason));
    if (expected) {
        assert_non_null(engine);
        assert_string_equal(engine, expected);
    } else {
        assert_null(engine);
    }
    assert_true(reason[0]);
}

static void test_each_need_of_each_engine(void **state) {
    (void)state;
    static const struct {
        enum probe probe;
        const char *engine; /* that is taken without it */
    } rows[] = {
        {PROBE_LISTENER, "ptrace"}, {PROBE_PIDFD_GETFD, "ptrace"},   {PROBE_TRACEFS, "ptrace"},
        {PROBE_PERF, "ptrace"},     {PROBE_PTRACE, "notify"},        {PROBE_MEMORY, "ptrace"},
        {PROBE_PROC, "ptrace"},     {PROBE_WAIT_KILLABLE, "notify"}, {PROBE_SYNC_WAKE_UP, "notify"},
        {PROBE_RINGS, "notify"},    {PROBE_IO_URING, "notify"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct probe_report report = everything_works();
        lacks(&report, rows[i].probe, EPERM);
        assert_engine(&report, rows[i].engine);
    }
    assert_int_equal(COUNT_OF(rows), PROBES);
}

static void test_the_best_is_taken(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    char reason[512];
    assert_string_equal(probe_engine(&report, reason, sizeof(reason)), "notify");
    assert_string_equal(reason, "nothing that it needs is missing");
    lacks(&report, PROBE_PERF, EACCES);
    lacks(&report, PROBE_PTRACE, EPERM);
    assert_engine(&report, "notify-only");
    lacks(&report, PROBE_LISTENER, EBUSY);
    assert_engine(&report, NULL);
}

static void test_the_reason_says_what_better_ones_lack(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    char reason[512];
    lacks(&report, PROBE_TRACEFS, EPERM);
    lacks(&report, PROBE_PERF, EACCES);
    assert_false(probe_engine_works(&report, "notify", reason, sizeof(reason)));
    assert_string_equal(reason, "tracefs is missing (EPERM), perf_tracepoints is missing (EACCES)");
    probe_engine(&report, reason, sizeof(reason));
    assert_says(reason, "notify: tracefs is missing (EPERM), perf_tracepoints is missing (EACCES)");
    report.results[PROBE_PERF].error = 0;
    probe_engine_works(&report, "notify", reason, sizeof(reason));
    assert_string_equal(reason, "tracefs is missing (EPERM), perf_tracepoints is missing");
}

static void test_limits_do_not_count(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    for (unsigned i = 0; i < PROBES; i++) {
        report.results[i].state = PROBE_LIMITED;
    }
    assert_engine(&report, "notify");
}

static void test_every_engine_is_in_the_table(void **state) {
    (void)state;
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        bool any = false;
        for (unsigned i = 0; i < PROBES; i++) {
            any = any || probe_concerns(i, (*engine)->name);
        }
        assert_true(any);
    }
}

/* -------------------------------------------------------------------- remedies */

static void test_nothing_helps_against_nothing(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    probe_advise(&report);
    for (unsigned i = 0; i < PROBES; i++) {
        assert_string_equal(report.results[i].remedy, "");
    }
}

static void test_everything_that_is_missing_has_a_remedy(void **state) {
    (void)state;
    static const int errors[] = {EPERM, EACCES, ENOSYS, EINVAL, EBUSY, EIO, ENOENT, 0};
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        for (unsigned probe = 0; probe < PROBES; probe++) {
            struct probe_report report = everything_works();
            assert_true(remedy(&report, probe, errors[i])[0]);
        }
    }
}

static void test_remedies_for_a_user(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    const char *text = remedy(&report, PROBE_TRACEFS, EPERM);
    assert_says(text, "mount -o remount,gid=100,mode=0750 /sys/kernel/tracing");
    assert_says(text, "setcap cap_perfmon,cap_dac_read_search=ep /usr/bin/renacer-sv");
    report.setting.tracefs[0] = 0;
    assert_says(remedy(&report, PROBE_TRACEFS, EPERM),
                "mount -t tracefs -o gid=100,mode=0750 tracefs /sys/kernel/tracing");
    text = remedy(&report, PROBE_PERF, EACCES);
    assert_says(text, "setcap cap_perfmon,cap_dac_read_search=ep /usr/bin/renacer-sv");
    assert_says(text, "kernel.perf_event_paranoid=-1 (it is 2)");
    report.setting.ptrace_scope = 2;
    assert_says(remedy(&report, PROBE_PTRACE, EPERM), "kernel.yama.ptrace_scope=1 (it is 2)");
    report.setting.ptrace_scope = 3;
    assert_says(remedy(&report, PROBE_PIDFD_GETFD, EPERM), "until the next start");
    report.setting.io_uring_disabled = 2;
    assert_says(remedy(&report, PROBE_IO_URING, EPERM), "kernel.io_uring_disabled=0 (it is 2)");
    report.results[PROBE_RINGS].state = PROBE_LIMITED;
    probe_advise(&report);
    assert_says(report.results[PROBE_RINGS].remedy, "kernel.perf_event_mlock_kb=4100 (it is 516)");
    assert_says(report.results[PROBE_RINGS].remedy, "ulimit -l 16400");
}

static void test_file_capabilities_are_not_advised_where_they_have_no_effect(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    report.setting.no_new_privs = true;
    assert_null(strstr(remedy(&report, PROBE_TRACEFS, EPERM), "setcap"));
    assert_null(strstr(remedy(&report, PROBE_PERF, EACCES), "setcap"));
    report = everything_works();
    report.setting.user_namespace = true;
    assert_null(strstr(remedy(&report, PROBE_PERF, EACCES), "setcap"));
    assert_says(report.results[PROBE_PERF].remedy, "outside of this user namespace");
}

static void test_remedies_under_a_filter(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    report.setting.user = 0;
    report.setting.seccomp = 2;
    const char *text = remedy(&report, PROBE_PIDFD_GETFD, EPERM);
    assert_says(text, "docker run --cap-add SYS_PTRACE");
    assert_says(text, "--security-opt seccomp=profile.json with a profile that allows pidfd_open and pidfd_getfd");
    assert_says(remedy(&report, PROBE_PERF, EPERM), "docker run --cap-add PERFMON");
    assert_says(remedy(&report, PROBE_PERF, EPERM), "allows perf_event_open");
    assert_says(remedy(&report, PROBE_TRACEFS, EPERM), "docker run -v /sys/kernel/tracing:/sys/kernel/tracing:ro");
    assert_says(remedy(&report, PROBE_IO_URING, EPERM), "io_uring_setup, io_uring_enter and io_uring_register");
    assert_says(remedy(&report, PROBE_LISTENER, ENOSYS), "allows seccomp and prctl");
    assert_says(remedy(&report, PROBE_LISTENER, EBUSY), "one listener for each process");
    assert_says(remedy(&report, PROBE_SYNC_WAKE_UP, EBUSY), "as for seccomp_listener");
    /* A service whose filter kills. */
    report.setting.seccomp = 0;
    report.results[PROBE_PTRACE].killed = true;
    assert_says(remedy(&report, PROBE_PTRACE, 0), "allows ptrace");
}

static void test_remedies_for_root(void **state) {
    (void)state;
    struct probe_report report = everything_works();
    report.setting.user = 0;
    report.setting.capabilities = UINT64_MAX;
    report.setting.tracefs[0] = 0;
    assert_says(remedy(&report, PROBE_TRACEFS, ENODEV), "CONFIG_FTRACE");
    assert_says(remedy(&report, PROBE_PERF, EPERM), "lockdown");
    report.setting.capabilities = 0;
    assert_says(remedy(&report, PROBE_TRACEFS, EPERM), "mount -t tracefs tracefs /sys/kernel/tracing");
    report.results[PROBE_PERF].follows = true;
    assert_string_equal(remedy(&report, PROBE_PERF, EPERM), "as for tracefs");
}

/* ------------------------------------------------------------- real attempts */

/* In a child, under a filter that answers `call` so: the report. */
static struct probe_report report_under(uint32_t action, int call) {
    struct probe_report *shared =
        mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
        /* A listener that this makes has nobody who answers. */
        if (!filter || seccomp_rule_add(filter, action, call, 0) < 0 || seccomp_load(filter) < 0) {
            _exit(1);
        }
        probe_run(shared);
        /* Neither a child nor a zombie is left. */
        _exit(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    struct probe_report report = *shared;
    munmap(shared, sizeof(*shared));
    return report;
}

static void test_as_root_everything_works(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    struct probe_report report;
    probe_run(&report);
    for (unsigned i = 0; i < PROBES; i++) {
        if (report.results[i].state != PROBE_OK) {
            print_message("%s: %s (%d)\n", probe_name(i), report.results[i].detail, report.results[i].error);
        }
        /* Kernels differ in these; Linux 6.1 has all others. */
        if (i != PROBE_SYNC_WAKE_UP && i != PROBE_IO_URING) {
            assert_int_equal(report.results[i].state, PROBE_OK);
        }
        assert_true(report.results[i].detail[0]);
    }
    assert_true(report.rings > 0 && report.ring_bytes == report.ring_bytes_wanted);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void test_what_was_set_is_left_as_it_was(void **state) {
    (void)state;
    struct probe_report report;
    struct sigaction action;
    int subreaper = -1;
    signal(SIGCHLD, SIG_IGN);
    probe_run(&report);
    sigaction(SIGCHLD, NULL, &action);
    signal(SIGCHLD, SIG_DFL);
    assert_ptr_equal(action.sa_handler, SIG_IGN);
    assert_int_equal(prctl(PR_GET_CHILD_SUBREAPER, &subreaper), 0);
    assert_int_equal(subreaper, 0);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_GET_SECCOMP), 0);
    assert_int_equal(report.results[PROBE_LISTENER].state, PROBE_OK);
}

/* What a refused call makes of each probe. */
static void test_refused_calls(void **state) {
    (void)state;
    static const struct {
        int call;
        enum probe probe;
        enum probe_state refused;
    } rows[] = {
        {SCMP_SYS(pidfd_getfd), PROBE_PIDFD_GETFD, PROBE_MISSING},
        {SCMP_SYS(process_vm_readv), PROBE_MEMORY, PROBE_MISSING},
        {SCMP_SYS(ptrace), PROBE_PTRACE, PROBE_MISSING},
        {SCMP_SYS(perf_event_open), PROBE_PERF, PROBE_MISSING},
        {SCMP_SYS(seccomp), PROBE_LISTENER, PROBE_MISSING},
        {SCMP_SYS(io_uring_setup), PROBE_IO_URING, PROBE_LIMITED},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct probe_report report = report_under(SCMP_ACT_ERRNO(EPERM), rows[i].call);
        const struct probe_result *result = &report.results[rows[i].probe];
        assert_int_equal(result->state, rows[i].refused);
        assert_int_equal(result->error, EPERM);
        assert_says(result->remedy, "seccomp");
        report = report_under(SCMP_ACT_KILL_PROCESS, rows[i].call);
        result = &report.results[rows[i].probe];
        assert_int_equal(result->state, rows[i].refused);
        assert_true(result->killed);
        assert_says(result->remedy, "profile.json");
        /* Nothing else suffers. */
        assert_int_equal(report.results[PROBE_PROC].state, PROBE_OK);
    }
}

static void test_a_call_that_hangs_and_a_listener_of_somebody_else(void **state) {
    (void)state;
    struct probe_report report = report_under(SCMP_ACT_NOTIFY, SCMP_SYS(io_uring_setup));
    assert_int_equal(report.results[PROBE_IO_URING].state, PROBE_LIMITED);
    assert_int_equal(report.results[PROBE_IO_URING].error, ETIMEDOUT);
    assert_int_equal(report.results[PROBE_LISTENER].state, PROBE_MISSING);
    assert_int_equal(report.results[PROBE_LISTENER].error, EBUSY);
    assert_int_equal(report.results[PROBE_PTRACE].state, PROBE_OK);
    assert_int_equal(report.results[PROBE_PIDFD_GETFD].state, PROBE_OK); /* another descriptor does */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_need_of_each_engine),
        cmocka_unit_test(test_the_best_is_taken),
        cmocka_unit_test(test_the_reason_says_what_better_ones_lack),
        cmocka_unit_test(test_limits_do_not_count),
        cmocka_unit_test(test_every_engine_is_in_the_table),
        cmocka_unit_test(test_nothing_helps_against_nothing),
        cmocka_unit_test(test_everything_that_is_missing_has_a_remedy),
        cmocka_unit_test(test_remedies_for_a_user),
        cmocka_unit_test(test_file_capabilities_are_not_advised_where_they_have_no_effect),
        cmocka_unit_test(test_remedies_under_a_filter),
        cmocka_unit_test(test_remedies_for_root),
        cmocka_unit_test(test_as_root_everything_works),
        cmocka_unit_test(test_what_was_set_is_left_as_it_was),
        cmocka_unit_test(test_refused_calls),
        cmocka_unit_test(test_a_call_that_hangs_and_a_listener_of_somebody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
