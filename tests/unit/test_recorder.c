/* SPDX-License-Identifier: MIT
 *
 * The recorder executes its own program: here that is this test, which plays a
 * tracer of all kinds.
 */
#include "recorder.h"

#include "cleanup.h"
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char whole[] = "{\"version\":\"0.6.2\",\"format\":\"renacer-json-v1\",\"syscalls\":[\n"
                            "{\"name\":\"close\",\"args\":[\"3\"],\"result\":0}],\n"
                            "\"summary\":{\"total_syscalls\":1,\"exit_code\":%d,\"lost\":%d}}\n";

/* ------------------------------------------------------------------------ the tracer */

static int count_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

/* What the program would see of where it runs: to standard output. */
static void describe(void) {
    char word[16] = "";
    ssize_t length = read(STDIN_FILENO, word, sizeof(word) - 1);
    auto_free char *here = getcwd(NULL, 0);
    struct sigaction interrupt;
    sigaction(SIGINT, NULL, &interrupt);
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    printf("read %zd %s\nin %s\nhas %d\ntty %d\nleads %d\ndefault %d\nblocked %d\nA=%s HOME=%s\n", length, word, here,
           count_descriptors(), isatty(1), getpgrp() == getpid(), interrupt.sa_handler == SIG_DFL,
           sigismember(&blocked, SIGTERM), getenv("A"), getenv("HOME"));
}

/* With a child and a daemon that lead sessions of their own, of which it says the ids. */
static void hang(void) {
    pid_t child = fork();
    if (child == 0) {
        setsid();
        pause();
    }
    int ends[2];
    pid_t daemon = 0;
    if (pipe(ends) < 0) {
        return;
    }
    pid_t parent = fork();
    if (parent == 0) {
        daemon = fork();
        if (daemon == 0) {
            setsid();
            pause();
        }
        _exit(write(ends[1], &daemon, sizeof(daemon)) != sizeof(daemon));
    }
    if (waitpid(parent, NULL, 0) == parent && read(ends[0], &daemon, sizeof(daemon)) == sizeof(daemon)) {
        printf("ready %d %d %d.\n", getpid(), child, daemon);
    }
    fflush(stdout);
    pause();
}

/* argv: renacer-sv KIND -o TRACE -- program */
static int play_tracer(const char *kind, const char *trace) {
    FILE *file = fopen(trace, "we");
    if (!file) {
        return 125;
    }
    if (strcmp(kind, "whole") == 0) {
        describe();
        fprintf(file, whole, 7, 0);
    } else if (strcmp(kind, "lost") == 0) {
        fprintf(file, whole, 7, 3);
    } else if (strcmp(kind, "other") == 0) {
        fprintf(file, whole, 8, 0);
    } else if (strcmp(kind, "cut") == 0) {
        fprintf(file, "%.*s", 110, whole);
    } else if (strcmp(kind, "says") == 0) {
        fputs("renacer-sv: not this one\nrenacer-sv: cannot find it\nand \033[31mmore\n", stderr);
    } else if (strcmp(kind, "killed") == 0) {
        fprintf(file, whole, 128 + SIGKILL, 0);
        fclose(file);
        raise(SIGKILL);
    } else if (strcmp(kind, "dies") == 0) {
        raise(SIGKILL);
    } else if (strcmp(kind, "hangs") == 0) {
        hang();
    }
    fclose(file);
    return 7;
}

/* ------------------------------------------------------------------------- the tests */

struct place {
    char folder[64];
    char trace[128];
    char problem[512];
};

static int begin(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->folder, "/tmp/unit-recorder-XXXXXX");
    if (!mkdtemp(place->folder)) {
        return -1;
    }
    snprintf(place->trace, sizeof(place->trace), "%s/t.json", place->folder);
    *state = place;
    return 0;
}

static int end(void **state) {
    struct place *place = *state;
    unlink(place->trace);
    rmdir(place->folder);
    free(place);
    return 0;
}

static struct recorder *start(struct place *place, char *kind) {
    char *options[] = {kind, NULL};
    char program[] = "program";
    char *command[] = {program, NULL};
    char variable[] = "A=1";
    char *environment[] = {variable, NULL};
    struct recorder_request request = {.options = options,
                                       .command = command,
                                       .environment = environment,
                                       .directory = "/",
                                       .input = "/proc/sys/kernel/ostype",
                                       .trace = place->trace};
    struct recorder *recorder = NULL;
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), 0);
    return recorder;
}

static int finish(struct place *place, struct recorder *recorder, int *wait_status) {
    struct pollfd ended = {.fd = recorder_fd(recorder), .events = POLLIN};
    assert_int_equal(poll(&ended, 1, 60000), 1);
    return recorder_wait(recorder, wait_status, place->problem, sizeof(place->problem));
}

static void test_what_the_program_finds(void **state) {
    struct place *place = *state;
    /* None of this reaches it. */
    auto_fd leaked = open("/dev/null", O_RDONLY);
    signal(SIGINT, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    char kind[] = "whole";
    struct recorder *recorder = start(place, kind);
    int status;
    assert_int_equal(finish(place, recorder, &status), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    /* The trace is one more descriptor while it is written. */
    assert_string_equal(recorder_said(recorder), "standard output:\n"
                                                 "  read 6 Linux\n"
                                                 "  \n"
                                                 "  in /\n"
                                                 "  has 4\n"
                                                 "  tty 0\n"
                                                 "  leads 1\n"
                                                 "  default 1\n"
                                                 "  blocked 0\n"
                                                 "  A=1 HOME=(null)\n");
    recorder_destroy(recorder);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGINT, SIG_DFL);
}

static void test_killed_program(void **state) {
    struct place *place = *state;
    char kind[] = "killed";
    struct recorder *recorder = start(place, kind);
    int status;
    assert_int_equal(finish(place, recorder, &status), 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    recorder_destroy(recorder);
}

static void test_no_complete_trace(void **state) {
    struct place *place = *state;
    static const struct {
        const char *kind;
        const char *problem;
        bool leaves_a_file;
    } cases[] = {
        {"lost", "the trace is not complete: 3 events were lost", true},
        {"other", "the trace is not complete: the tracer ended with 7 and the program with 8", true},
        {"cut", "the trace is not complete: the trace ends before its end", true},
        {"says", "cannot find it", false},
        {"dies", "there is no trace: the tracer was killed by SIGKILL", false},
        {"nothing", "there is no trace: the tracer ended with exit status 7", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        /* What was there before is not taken for the trace. */
        FILE *old = fopen(place->trace, "we");
        assert_non_null(old);
        fprintf(old, whole, 7, 0);
        fclose(old);
        char kind[16];
        snprintf(kind, sizeof(kind), "%s", cases[i].kind);
        struct recorder *recorder = start(place, kind);
        int status;
        assert_int_equal(finish(place, recorder, &status), -EIO);
        assert_string_equal(place->problem, cases[i].problem);
        assert_int_equal(access(place->trace, F_OK) == 0, cases[i].leaves_a_file);
        if (strcmp(kind, "says") == 0) {
            assert_string_equal(recorder_said(recorder), "standard error:\n"
                                                         "  renacer-sv: not this one\n"
                                                         "  renacer-sv: cannot find it\n"
                                                         "  and \\033[31mmore\n");
        }
        recorder_destroy(recorder);
    }
}

/* Gone, or a zombie until somebody takes it. */
static bool has_ended(pid_t pid) {
    char path[64];
    char line[256] = "";
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    bool is_there = file && fgets(line, sizeof(line), file);
    if (file) {
        fclose(file);
    }
    return !is_there || strstr(line, ") Z ");
}

/* The tracer, and processes with sessions of their own: a child of it, and one whose parent has ended. */
static void test_destroying_ends_everything(void **state) {
    struct place *place = *state;
    char kind[] = "hangs";
    struct recorder *recorder = start(place, kind);
    const char *said = NULL;
    for (int i = 0; i < 6000 && (!said || !strchr(said, '.')); i++) {
        usleep(10000);
        said = strstr(recorder_said(recorder), "ready");
    }
    pid_t pids[3] = {0};
    assert_non_null(said);
    assert_int_equal(sscanf(said, "ready %d %d %d.", &pids[0], &pids[1], &pids[2]), COUNT_OF(pids));
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        assert_true(pids[i] > 1);
        assert_false(has_ended(pids[i]));
    }
    recorder_destroy(recorder);
    for (size_t i = 0; i < COUNT_OF(pids); i++) {
        for (int j = 0; j < 1000 && !has_ended(pids[i]); j++) {
            usleep(10000);
        }
        assert_true(has_ended(pids[i]));
    }
}

/* Both outputs to our standard error, from which the reason cannot be taken. */
static void test_output_that_is_not_kept(void **state) {
    struct place *place = *state;
    char kind[] = "says";
    char *options[] = {kind, NULL};
    char program[] = "program";
    char *command[] = {program, NULL};
    struct recorder_request request = {
        .options = options, .command = command, .trace = place->trace, .output = RECORDER_ERROR};
    struct recorder *recorder = NULL;
    auto_file FILE *seen = tmpfile();
    assert_non_null(seen);
    auto_fd ours = dup(STDERR_FILENO);
    dup2(fileno(seen), STDERR_FILENO);
    int started = recorder_start(&recorder, &request, place->problem, sizeof(place->problem));
    dup2(ours, STDERR_FILENO);
    assert_int_equal(started, 0);
    int status;
    assert_int_equal(finish(place, recorder, &status), -EIO);
    assert_string_equal(place->problem, "there is no trace: the tracer ended with exit status 7");
    assert_string_equal(recorder_said(recorder), "");
    char text[256] = "";
    rewind(seen);
    assert_true(fread(text, 1, sizeof(text) - 1, seen) > 0);
    assert_string_equal(text, "renacer-sv: not this one\nrenacer-sv: cannot find it\nand \033[31mmore\n");
    recorder_destroy(recorder);
}

static void test_bad_requests(void **state) {
    struct place *place = *state;
    char program[] = "program";
    char *command[] = {program, NULL};
    struct recorder *recorder = NULL;
    struct recorder_request request = {.command = command, .trace = place->trace, .input = "/nonexistent"};
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), -ENOENT);
    assert_string_equal(place->problem, "cannot read the program's input '/nonexistent': No such file or directory");
    /* What would have us wait. */
    char fifo[128];
    char said[256];
    snprintf(fifo, sizeof(fifo), "%s/fifo", place->folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    request.input = fifo;
    snprintf(said, sizeof(said),
             "the program's input '%s' is a FIFO: it has to be a file, or a device such as /dev/null", fifo);
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), -EINVAL);
    assert_string_equal(place->problem, said);
    unlink(fifo);
    request.input = "/";
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), -EINVAL);
    assert_non_null(strstr(place->problem, "'/' is a folder: "));
    request = (struct recorder_request){.command = command, .trace = "/nonexistent/t.json"};
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), -ENOENT);
    assert_string_equal(place->problem, "cannot write to '/nonexistent/t.json': No such file or directory");
    request = (struct recorder_request){.command = command, .trace = place->trace, .directory = "/nonexistent"};
    assert_int_equal(recorder_start(&recorder, &request, place->problem, sizeof(place->problem)), 0);
    int status;
    assert_int_equal(finish(place, recorder, &status), -EIO);
    assert_string_equal(place->problem, "cannot change to the folder '/nonexistent': No such file or directory");
    recorder_destroy(recorder);
}

int main(int argc, char *argv[]) {
    if (argc == 6 && strcmp(argv[0], "renacer-sv") == 0) {
        return play_tracer(argv[1], argv[3]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_the_program_finds, begin, end),
        cmocka_unit_test_setup_teardown(test_killed_program, begin, end),
        cmocka_unit_test_setup_teardown(test_no_complete_trace, begin, end),
        cmocka_unit_test_setup_teardown(test_destroying_ends_everything, begin, end),
        cmocka_unit_test_setup_teardown(test_output_that_is_not_kept, begin, end),
        cmocka_unit_test_setup_teardown(test_bad_requests, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
