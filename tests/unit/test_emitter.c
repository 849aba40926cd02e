/* SPDX-License-Identifier: MIT
 *
 * An emitter whose process dies, and who takes over.
 */
#include "emitter.h"

#include "fake_call.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ROOT = 100,
    BOUND = 1 << 12,
};

static const struct trace_summary broken = {.detached = true, .incomplete = "it \"died\"", .max_rss_kb = -1};

/* Descriptors of spools are inherited here: the child has opened them, so that they are not there. */
static int no_file(void *context, const struct sink *sink) {
    (void)context;
    return sink->spool ? -1 : sink->fd;
}

static struct emitter *begin_with(struct writer_options *options, const struct output_options *output) {
    *options = (struct writer_options){.output = *output,
                                       .fd = memfd_create("trace", MFD_CLOEXEC),
                                       .to_file = true,
                                       .root = ROOT,
                                       .engine = "notify",
                                       .time = "kernel"};
    options->output.result_column = RESULT_COLUMN;
    struct emitter *emitter;
    assert_int_equal(emitter_create(&emitter, options, BOUND), 0);
    return emitter;
}

static struct emitter *begin(struct writer_options *options, enum format format) {
    return begin_with(options, &(struct output_options){.format = format});
}

/* close(number) = 0 by the root. */
static void push(struct emitter *emitter, unsigned number) {
    struct fake_call call;
    fake_call_init(&call, ARCH_X86_64, SYS_close, ARGS(number), 0);
    call.record.tid = ROOT;
    emitter_push(emitter, &call.record, NULL, NULL);
}

static char *text_of(int fd) {
    struct stat info;
    assert_int_equal(fstat(fd, &info), 0);
    char *text = calloc(1, (size_t)info.st_size + 1);
    assert_true(text && pread(fd, text, (size_t)info.st_size, 0) == (ssize_t)info.st_size);
    return text;
}

/* The calls of the document, which have to be the first ones, each once, but for `left_out`: how many. */
static int count_calls(int fd, int left_out) {
    char *text = text_of(fd);
    cJSON *document = cJSON_Parse(text);
    assert_non_null(document);
    int expected = 0;
    const cJSON *call;
    cJSON_ArrayForEach(call, cJSON_GetObjectItem(document, "syscalls")) {
        expected += expected == left_out;
        int number = atoi(cJSON_GetArrayItem(cJSON_GetObjectItem(call, "args"), 0)->valuestring);
        assert_int_equal(number, expected);
        expected++;
    }
    const cJSON *summary = cJSON_GetObjectItem(document, "summary");
    assert_string_equal(cJSON_GetObjectItem(summary, "incomplete")->valuestring, broken.incomplete);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(summary, "exit_code")));
    int count = cJSON_GetArraySize(cJSON_GetObjectItem(document, "syscalls"));
    assert_int_equal(cJSON_GetObjectItem(summary, "total_syscalls")->valueint, count);
    cJSON_Delete(document);
    free(text);
    return count;
}

/* A child writes until it is killed after so many nanoseconds. */
static void run_and_kill(struct emitter *emitter, long moment) {
    pid_t child = fork();
    if (child == 0) {
        if (emitter_start(emitter) < 0) {
            _exit(1);
        }
        for (unsigned number = 0;; number++) {
            push(emitter, number);
            if (number % 64 == 0) {
                emitter_nudge(emitter);
            }
        }
    }
    struct timespec time = {.tv_nsec = moment};
    nanosleep(&time, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void test_all_that_was_handed_over_is_written_once(void **state) {
    (void)state;
    int most = 0;
    for (long round = 0; round < 60; round++) {
        struct writer_options options;
        struct emitter *emitter = begin(&options, FORMAT_JSON);
        run_and_kill(emitter, 200000 + round * 70001);
        assert_int_equal(emitter_take_over(emitter, &broken, false, no_file, NULL), 0);
        int count = count_calls(options.fd, -1);
        most = count > most ? count : most;
        emitter_destroy(emitter);
        close(options.fd);
    }
    assert_true(most > 100);
}

/* ---------------------------------------------------- killed at every instruction */

void __real_output_commit(struct output *output);
void __wrap_output_commit(struct output *output);

static bool stops; /* before a record counts, for somebody to go on instruction by instruction */

/* The linker puts it in place of output_commit(). */
void __wrap_output_commit(struct output *output) {
    if (stops) {
        stops = false;
        raise(SIGSTOP);
    }
    __real_output_commit(output);
}

/* A child that writes two records, and has stopped before the first one counts; 0: no child can be traced here. */
static pid_t start_writing(struct emitter *emitter) {
    push(emitter, 0);
    push(emitter, 1);
    pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0) {
            _exit(1);
        }
        stops = true;
        emitter_take_over(emitter, &broken, false, no_file, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        return 0;
    }
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    return child;
}

static bool step(pid_t child) {
    int status;
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, 0, 0), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSTOPPED(status);
}

/* How often the table of the document says that there was a close(). */
static int counted(int fd) {
    char *text = text_of(fd);
    cJSON *document = cJSON_Parse(text);
    const cJSON *table = cJSON_GetObjectItem(cJSON_GetObjectItem(document, "summary"), "by_call");
    int count = cJSON_GetObjectItem(cJSON_GetObjectItem(table, "close"), "calls")->valueint;
    cJSON_Delete(document);
    free(text);
    return count;
}

/* Killed so many instructions after it has begun to let the first record count; whether that had come to be. */
static bool kill_at(unsigned moment, enum summary summary, bool golden) {
    struct writer_options options;
    struct emitter *emitter =
        begin_with(&options, &(struct output_options){.format = FORMAT_JSON, .summary = summary, .golden = golden});
    pid_t child = start_writing(emitter);
    if (child == 0) {
        skip();
    }
    for (unsigned i = 0; i < moment; i++) {
        assert_true(step(child));
    }
    bool counts = emitter_has_written(emitter);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(emitter_take_over(emitter, &broken, false, no_file, NULL), 0);
    assert_int_equal(count_calls(options.fd, -1), 2);
    if (summary != SUMMARY_NONE) {
        assert_int_equal(counted(options.fd), 2);
    }
    emitter_destroy(emitter);
    close(options.fd);
    return counts;
}

static void kill_everywhere(enum summary summary, bool golden) {
    enum {
        BEHIND = 150, /* instructions until the record is out of the queue, and some more */
        MOST = 20000,
    };
    unsigned counts = 0; /* since then so many */
    unsigned moment = 0;
    while (counts < BEHIND && moment < MOST) {
        counts += kill_at(moment, summary, golden);
        moment++;
    }
    assert_int_equal(counts, BEHIND);
    assert_true(moment > BEHIND);
}

static void test_a_record_is_written_or_not(void **state) {
    (void)state;
    kill_everywhere(SUMMARY_NONE, false);
}

static void test_a_call_is_counted_or_not(void **state) {
    (void)state;
    kill_everywhere(SUMMARY_TOO, false);
}

static void test_a_record_is_in_the_journal_or_not(void **state) {
    (void)state;
    kill_everywhere(SUMMARY_NONE, true);
}

/* ------------------------------------------------------------------------ left over */

/* The records are there, and nobody has written any. */
static void take_over_unwritten(enum format format, bool golden, bool skip, struct writer_options *options) {
    struct emitter *emitter = begin_with(options, &(struct output_options){.format = format, .golden = golden});
    pid_t child = fork();
    if (child == 0) {
        for (unsigned number = 0; number < 5; number++) {
            push(emitter, number);
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(emitter_take_over(emitter, &broken, skip, no_file, NULL), 0);
    assert_true(emitter_has_written(emitter));
    emitter_destroy(emitter);
}

static void test_what_is_in_the_queue_is_written(void **state) {
    (void)state;
    struct writer_options options;
    take_over_unwritten(FORMAT_JSON, false, false, &options);
    assert_int_equal(count_calls(options.fd, -1), 5);
    close(options.fd);
}

static void test_a_record_that_kills_is_left_out(void **state) {
    (void)state;
    struct writer_options options;
    take_over_unwritten(FORMAT_JSON, false, true, &options);
    assert_int_equal(count_calls(options.fd, 0), 4);
    close(options.fd);
}

static void test_a_golden_trace_is_made_of_what_there_is(void **state) {
    (void)state;
    struct writer_options options;
    take_over_unwritten(FORMAT_JSON, true, false, &options);
    assert_int_equal(count_calls(options.fd, -1), 5);
    close(options.fd);
}

static void test_text_and_csv_say_that_they_break_off(void **state) {
    (void)state;
    struct writer_options options;
    take_over_unwritten(FORMAT_TEXT, false, false, &options);
    char *text = text_of(options.fd);
    assert_non_null(strstr(text, "close(4)"));
    assert_non_null(strstr(text, "\n+++ trace incomplete: it \"died\" +++\n"));
    free(text);
    close(options.fd);
    take_over_unwritten(FORMAT_CSV, false, false, &options);
    text = text_of(options.fd);
    assert_non_null(strstr(text, "\n+++ trace incomplete,\"it \"\"died\"\"\",\n"));
    free(text);
    close(options.fd);
}

static void test_nothing_was_recorded(void **state) {
    (void)state;
    struct writer_options options;
    struct emitter *emitter = begin(&options, FORMAT_JSON);
    /* An older trace that the dead one had not emptied yet. */
    assert_int_equal(pwrite(options.fd, "something older\n", 16, 0), 16);
    assert_int_equal(emitter_take_over(emitter, &broken, false, no_file, NULL), 0);
    assert_false(emitter_has_written(emitter));
    emitter_destroy(emitter);
    assert_int_equal(count_calls(options.fd, -1), 0);
    close(options.fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_was_handed_over_is_written_once),
        cmocka_unit_test(test_a_record_is_written_or_not),
        cmocka_unit_test(test_a_call_is_counted_or_not),
        cmocka_unit_test(test_a_record_is_in_the_journal_or_not),
        cmocka_unit_test(test_what_is_in_the_queue_is_written),
        cmocka_unit_test(test_a_record_that_kills_is_left_out),
        cmocka_unit_test(test_a_golden_trace_is_made_of_what_there_is),
        cmocka_unit_test(test_text_and_csv_say_that_they_break_off),
        cmocka_unit_test(test_nothing_was_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
