/* SPDX-License-Identifier: MIT
 * Sessions on real programs: with a fake engine that plays events, and two of
 * them on one event loop. Needs no privileges. */
#include "unit.h"

#include "clock.h"
#include "event_loop.h"
#include "session.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const unsigned long ask_personality = 0xffffffff;

enum {
    FAKE_RESULT = 4242,
    FAKE_DURATION = 1500,
};

/* ------------------------------------------------------------- the fake engine */

/* notify-only, which says besides of the program that it made one getppid, with a result of our own. */
static struct {
    unsigned played;
    bool started;
    uint64_t time;
} fake;

static int fake_start(void *state, char *problem, size_t size) {
    fake.started = true;
    fake.time = monotonic_now();
    return notify_only_engine.start(state, problem, size);
}

static bool fake_next(void *state, uint64_t before, struct kernel_event *event) {
    if (!fake.started || fake.played == 2 || fake.time + FAKE_DURATION >= before) {
        return false;
    }
    pid_t root = notify_only_engine.root(state);
    *event = (struct kernel_event){.kind = fake.played ? KERNEL_EXIT : KERNEL_ENTER,
                                   .pid = root,
                                   .tid = root,
                                   .time = fake.time + (fake.played ? FAKE_DURATION : 0)};
    if (fake.played) {
        event->exit.number = 110; /* getppid */
        event->exit.result = FAKE_RESULT;
    } else {
        event->enter.number = 110;
    }
    fake.played++;
    return true;
}

static uint64_t fake_lost(const void *state) {
    (void)state;
    return 7;
}

static struct engine fake_engine(void) {
    struct engine engine = notify_only_engine;
    engine.name = "fake";
    engine.has_events = true;
    engine.start = fake_start;
    engine.next = fake_next;
    engine.lost = fake_lost;
    return engine;
}

static int refused_prepare(void **state, const struct engine *engine, const struct engine_options *options,
                           char *problem, size_t size) {
    (void)engine;
    (void)options;
    *state = NULL;
    snprintf(problem, size, "refused by the test");
    return -EPERM;
}

/* ------------------------------------------------------------------- the tests */

struct run {
    struct session *session;
    int output;
    bool fixed_addresses; /* asked for */
    struct session_result result;
    cJSON *document;
};

static void start(struct run *run, struct event_loop *loop, const struct engine *const *engines,
                  const struct selection *selection, char *const *argv) {
    static sigset_t mask;
    static const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigemptyset(&mask);
    run->output = memfd_create("trace", MFD_CLOEXEC);
    struct session_options options = {.path = argv[0],
                                      .argv = argv,
                                      .mask = &mask,
                                      .sigpipe = &standard,
                                      .sigchld = &standard,
                                      .engines = engines,
                                      .envp = environ,
                                      .capture = {.memory = true, .string_limit = 4096},
                                      .selection = selection,
                                      .output = {.format = FORMAT_JSON, .timing = true},
                                      .fixed_addresses = run->fixed_addresses,
                                      .fd = run->output};
    char problem[512] = "";
    assert_int_equal(session_start(&run->session, loop, &options, problem, sizeof(problem)), 0);
}

static void finish(struct run *run) {
    session_finish(run->session, &run->result);
    session_destroy(run->session);
    struct stat info;
    fstat(run->output, &info);
    char *text = calloc(1, (size_t)info.st_size + 1);
    assert_int_equal(pread(run->output, text, (size_t)info.st_size, 0), info.st_size);
    run->document = cJSON_Parse(text);
    assert_non_null(run->document);
    free(text);
    close(run->output);
}

static void run_to_the_end(struct event_loop *loop, struct run *runs, unsigned count) {
    bool ended = false;
    while (!ended) {
        int64_t patience = 1000000000;
        for (unsigned i = 0; i < count; i++) {
            int64_t one = session_patience(runs[i].session);
            patience = one < patience ? one : patience;
        }
        assert_int_equal(event_loop_run(loop, patience), 0);
        ended = true;
        for (unsigned i = 0; i < count; i++) {
            session_round(runs[i].session);
            ended = ended && session_ended(runs[i].session);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        finish(&runs[i]);
    }
}

/* /bin/true from start to end; the document is the caller's. */
static struct run trace_true(const struct engine *const *engines) {
    static char program[] = "/bin/true";
    char *const argv[] = {program, NULL};
    struct selection selection;
    selection_init(&selection);
    struct event_loop *loop;
    struct run run = {0};
    assert_int_equal(event_loop_create(&loop, false), 0);
    start(&run, loop, engines, &selection, argv);
    run_to_the_end(loop, &run, 1);
    event_loop_destroy(loop);
    return run;
}

static const cJSON *call_named(const cJSON *document, const char *name) {
    const cJSON *call;
    cJSON_ArrayForEach(call, cJSON_GetObjectItem(document, "syscalls")) {
        if (strcmp(cJSON_GetObjectItem(call, "name")->valuestring, name) == 0) {
            return call;
        }
    }
    return NULL;
}

static void test_results_come_from_the_engine(void **state) {
    (void)state;
    struct engine engine = fake_engine();
    const struct engine *const engines[] = {&engine, NULL};
    struct run run = trace_true(engines);
    const cJSON *call = call_named(run.document, "getppid");
    assert_non_null(call);
    assert_int_equal(cJSON_GetObjectItem(call, "result")->valueint, FAKE_RESULT);
    assert_int_equal(cJSON_GetObjectItem(call, "duration_ns")->valueint, FAKE_DURATION);
    /* Calls that stopped and of which the engine said nothing are there without a result. */
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(call_named(run.document, "execve"), "result")));
    const cJSON *summary = cJSON_GetObjectItem(run.document, "summary");
    assert_int_equal(cJSON_GetObjectItem(summary, "lost")->valueint, 7);
    assert_int_equal(run.result.wait_status, 0);
    cJSON_Delete(run.document);
}

static void test_the_next_engine_is_taken(void **state) {
    (void)state;
    struct engine refused = notify_only_engine;
    refused.prepare = refused_prepare;
    refused.name = "refused";
    const struct engine *const engines[] = {&refused, engine_named("notify-only"), NULL};
    struct run run = trace_true(engines);
    const cJSON *producer = cJSON_GetObjectItem(run.document, "producer");
    assert_string_equal(cJSON_GetObjectItem(producer, "engine")->valuestring, "notify-only");
    /* Every call is there: the filter of the second engine notifies all. */
    assert_non_null(call_named(run.document, "exit_group"));
    cJSON_Delete(run.document);
}

static void test_two_sessions_on_one_loop(void **state) {
    (void)state;
    const struct engine *const engines[] = {engine_named("notify-only"), NULL};
    static char shell[] = "/bin/sh";
    static char option[] = "-c";
    static char one[] = "i=0; while [ $i -lt 300 ]; do test -e /one; i=$((i+1)); done; exit 1";
    static char two[] = "i=0; while [ $i -lt 300 ]; do test -e /two; i=$((i+1)); done; exit 2";
    char *const first[] = {shell, option, one, NULL};
    char *const second[] = {shell, option, two, NULL};
    struct selection selection;
    selection_init(&selection);
    for (int use_poll = 0; use_poll < 2; use_poll++) {
        struct event_loop *loop;
        struct run runs[2] = {0};
        assert_int_equal(event_loop_create(&loop, use_poll), 0);
        start(&runs[0], loop, engines, &selection, first);
        start(&runs[1], loop, engines, &selection, second);
        run_to_the_end(loop, runs, 2);
        event_loop_destroy(loop);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(WEXITSTATUS(runs[i].result.wait_status), i + 1);
            unsigned mine = 0;
            const cJSON *call;
            cJSON_ArrayForEach(call, cJSON_GetObjectItem(runs[i].document, "syscalls")) {
                char *text = cJSON_PrintUnformatted(call);
                mine += strstr(text, i ? "\"/two\"" : "\"/one\"") != NULL;
                assert_null(strstr(text, i ? "\"/one\"" : "\"/two\""));
                free(text);
            }
            assert_int_equal(mine, 300);
            cJSON_Delete(runs[i].document);
        }
    }
}

/* ------------------------------------------------------------------ fixed addresses */

/* A shell that exits with 0 if its addresses are fixed. */
static struct run trace_fixed(const char *engine) {
    static char shell[] = "/bin/sh";
    static char option[] = "-c";
    static char script[] = "read p < /proc/self/personality; [ $((0x$p & 0x40000)) -ne 0 ]";
    char *const argv[] = {shell, option, script, NULL};
    const struct engine *const engines[] = {engine_named(engine), NULL};
    struct selection selection;
    selection_init(&selection);
    struct event_loop *loop;
    struct run run = {.fixed_addresses = true};
    assert_int_equal(event_loop_create(&loop, false), 0);
    start(&run, loop, engines, &selection, argv);
    run_to_the_end(loop, &run, 1);
    event_loop_destroy(loop);
    cJSON_Delete(run.document);
    return run;
}

static void test_addresses_are_fixed(void **state) {
    (void)state;
    static const char *const engines[] = {"notify-only", "ptrace"};
    int before = personality(ask_personality);
    for (size_t i = 0; i < COUNT_OF(engines); i++) {
        assert_int_equal(trace_fixed(engines[i]).result.wait_status, 0);
    }
    assert_int_equal(personality(ask_personality), before);
}

/* Refuse personality(2) to this process and its children. */
static void refuse_personality(void) {
    static struct sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_personality, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    static const struct sock_fprog program = {.len = COUNT_OF(instructions), .filter = instructions};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void test_without_personality_the_program_runs_all_the_same(void **state) {
    (void)state;
    int said = memfd_create("said", MFD_CLOEXEC);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        refuse_personality();
        dup2(said, STDERR_FILENO);
        int status = trace_fixed("ptrace").result.wait_status;
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 1 << 8);
    char text[1024] = "";
    assert_true(pread(said, text, sizeof(text) - 1, 0) > 0);
    close(said);
    assert_string_equal(text, "renacer-sv: the program's addresses are not the same in every run: "
                              "personality(ADDR_NO_RANDOMIZE) is refused: Operation not permitted\n");
}

int main(void) {
    /* As the supervisor: signals are not for its threads. */
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_come_from_the_engine),
        cmocka_unit_test(test_the_next_engine_is_taken),
        cmocka_unit_test(test_two_sessions_on_one_loop),
        cmocka_unit_test(test_addresses_are_fixed),
        cmocka_unit_test(test_without_personality_the_program_runs_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
