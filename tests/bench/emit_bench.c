/* SPDX-License-Identifier: MIT
 * The emitter alone: records of real programs, kept once and then written again and again.
 *
 *     emit_bench record FILE [OPTION]... PROGRAM [ARGUMENT]...
 *     emit_bench play FILE ROUNDS RECORDS [OPTION]...
 *     emit_bench show FILE [OPTION]...
 *
 * The options are renacer-sv's. "record" traces the program as renacer-sv does and appends the records to FILE. "play"
 * writes all of FILE again and again to /dev/null, at least RECORDS records in each round, and prints for each round
 * the nanoseconds of CPU time that a record took: decoding, rendering and the buffered write. "show" writes the trace
 * of FILE to standard output. The file holds structures as they are in memory: only the same build can read it. */
#include "cleanup.h"
#include "clock.h"
#include "diag.h"
#include "emitter.h"
#include "event_loop.h"
#include "launcher.h"
#include "options.h"
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* ------------------------------------------------------------------- recording */

/* This program has an emitter of its own, which the session finds in place of the library's: it writes the records
 * themselves to where the trace would go. */
struct emitter {
    FILE *stream;
};

int emitter_create(struct emitter **result, const struct writer_options *options, size_t record_bound) {
    (void)record_bound;
    *result = NULL;
    int fd = fcntl(options->fd, F_DUPFD_CLOEXEC, 0);
    struct emitter *emitter = calloc(1, sizeof(*emitter));
    if (emitter) {
        emitter->stream = fd < 0 ? NULL : fdopen(fd, "a");
    }
    if (!emitter || !emitter->stream) {
        close_fd(&fd);
        free(emitter);
        return -ENOMEM;
    }
    *result = emitter;
    return 0;
}

int emitter_start(struct emitter *emitter) {
    (void)emitter;
    return 0;
}

size_t emitter_spools(struct emitter *emitter, struct sink *spools[EMITTER_SPOOLS]) {
    (void)emitter;
    (void)spools;
    return 0;
}

int emitter_take_over(struct emitter *emitter, const struct trace_summary *summary, bool skip,
                      int (*file)(void *context, const struct sink *sink), void *context) {
    (void)emitter;
    (void)summary;
    (void)skip;
    (void)file;
    (void)context;
    return ENOTSUP;
}

bool emitter_has_written(const struct emitter *emitter) {
    (void)emitter;
    return false;
}

void emitter_push(struct emitter *emitter, const struct record *record, const void *captures,
                  const struct stack_sample *stack) {
    (void)stack;
    fwrite(record, sizeof(*record), 1, emitter->stream);
    if (record->kind == RECORD_CALL && record->call.captures_size) {
        fwrite(captures, record->call.captures_size, 1, emitter->stream);
    }
}

void emitter_nudge(struct emitter *emitter) {
    (void)emitter;
}

int emitter_end(struct emitter *emitter, const struct trace_summary *summary) {
    (void)summary;
    return fflush(emitter->stream) == 0 ? 0 : errno;
}

void emitter_destroy(struct emitter *emitter) {
    if (emitter) {
        fclose(emitter->stream);
        free(emitter);
    }
}

/* 0 or -errno. */
static int run_session(const struct session_options *options, struct session_result *result) {
    struct event_loop *loop;
    struct session *session;
    char problem[512] = "";
    int error = event_loop_create(&loop, false);
    if (error < 0) {
        return error;
    }
    error = session_start(&session, loop, options, problem, sizeof(problem));
    if (error < 0) {
        diag_errno(-error, "cannot trace '%s': %s", options->path, problem);
        event_loop_destroy(loop);
        return error;
    }
    while (error >= 0 && !session_ended(session)) {
        error = event_loop_run(loop, session_patience(session));
        session_round(session);
    }
    session_finish(session, result);
    session_destroy(session);
    event_loop_destroy(loop);
    return error;
}

static int record(const char *file, const struct options *options) {
    int status;
    auto_free char *path = launcher_find(options->program[0], &status);
    auto_fd fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (!path || fd < 0) {
        diag_errno(errno, "cannot record '%s' to '%s'", options->program[0], file);
        return 1;
    }
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    const struct engine *const wanted[] = {options->engine, NULL};
    struct session_options session = {.path = path,
                                      .argv = options->program,
                                      .envp = environ,
                                      .mask = &mask,
                                      .sigpipe = &standard,
                                      .sigchld = &standard,
                                      .engines = wanted[0] ? wanted : NULL,
                                      .lossless = options->lossless,
                                      .capture = options->capture,
                                      .selection = &options->selection,
                                      .output = options->output,
                                      .fd = fd};
    struct session_result result;
    return run_session(&session, &result) < 0 || result.exec_error || result.write_error || result.wait_status;
}

/* --------------------------------------------------------------------- playing */

struct corpus {
    const uint8_t *bytes;
    size_t size;
};

static bool read_corpus(struct corpus *corpus, const char *file) {
    auto_fd fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) < 0 || info.st_size == 0) {
        diag_errno(errno, "nothing is recorded in '%s'", file);
        return false;
    }
    corpus->size = (size_t)info.st_size;
    corpus->bytes = mmap(NULL, corpus->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    return corpus->bytes != MAP_FAILED;
}

/* Write all records once; returns how many there are. */
static uint64_t write_corpus(const struct corpus *corpus, struct writer *writer) {
    uint64_t count = 0;
    const uint8_t *end = corpus->bytes + corpus->size;
    for (const uint8_t *at = corpus->bytes; at < end; count++) {
        const struct record *record = (const struct record *)(const void *)at;
        writer_record(writer, record);
        at += sizeof(*record) + (record->kind == RECORD_CALL ? record->call.captures_size : 0);
    }
    return count;
}

/* Write a trace of at least `least` records, in whole repetitions of the corpus, to `fd`: how many it has; 0, and that
 * was said, if it could not be written. */
static uint64_t write_trace(const struct corpus *corpus, const struct options *options, int fd, uint64_t least) {
    struct writer_options writer_options = {
        .output = options->output, .fd = fd, .to_file = true, .engine = "recorded", .time = "kernel"};
    struct trace_summary summary = {.max_rss_kb = -1};
    struct writer *writer;
    uint64_t count = 0;
    if (writer_create(&writer, &writer_options, NULL) < 0) {
        diag("out of memory");
        return 0;
    }
    do {
        count += write_corpus(corpus, writer);
    } while (count < least);
    writer_end(writer, &summary);
    if (writer_error(writer)) {
        diag_errno(writer_error(writer), "cannot write the trace");
        count = 0;
    }
    writer_destroy(writer);
    return count;
}

static int show(const struct corpus *corpus, const struct options *options) {
    return write_trace(corpus, options, STDOUT_FILENO, 1) == 0;
}

/* On one CPU. */
static void stay_here(void) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(sched_getcpu(), &cpus);
    sched_setaffinity(0, sizeof(cpus), &cpus);
}

static int play(const struct corpus *corpus, const struct options *options, unsigned rounds, uint64_t least) {
    auto_fd nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    stay_here();
    for (unsigned round = 0; round < rounds; round++) {
        uint64_t start = clock_now(CLOCK_THREAD_CPUTIME_ID);
        uint64_t count = write_trace(corpus, options, nowhere, least);
        if (count == 0) {
            return 1;
        }
        printf("%.1f\n", (double)(clock_now(CLOCK_THREAD_CPUTIME_ID) - start) / (double)count);
        fflush(stdout);
    }
    return 0;
}

/* ------------------------------------------------------------------------ main */

static int usage(void) {
    fputs("usage: emit_bench record FILE [OPTION]... PROGRAM [ARGUMENT]...\n"
          "       emit_bench play FILE ROUNDS RECORDS [OPTION]...\n"
          "       emit_bench show FILE [OPTION]...\n",
          stderr);
    return 2;
}

/* The corpus in argv[2] under the options that follow `skipped` other words; they name no program. */
static int run_on_corpus(int argc, char *argv[], int skipped) {
    static char nothing[] = "true";
    int first = 3 + skipped;
    int count = argc - first;
    auto_free char **words = calloc((size_t)count + 3, sizeof(*words));
    struct corpus corpus;
    struct options options;
    if (!words || !read_corpus(&corpus, argv[2])) {
        return 1;
    }
    words[0] = argv[0];
    memcpy(words + 1, argv + first, (size_t)count * sizeof(*words));
    words[1 + count] = nothing;
    int status = 2;
    if (options_parse(&options, count + 2, words) == OPTIONS_RUN) {
        status = skipped ? play(&corpus, &options, (unsigned)atoi(argv[3]), strtoull(argv[4], NULL, 10))
                         : show(&corpus, &options);
    }
    options_finish(&options);
    return status;
}

int main(int argc, char *argv[]) {
    if (argc >= 4 && strcmp(argv[1], "record") == 0) {
        struct options options;
        int status = options_parse(&options, argc - 2, argv + 2) == OPTIONS_RUN ? record(argv[2], &options) : 2;
        options_finish(&options);
        return status;
    }
    if (argc >= 5 && strcmp(argv[1], "play") == 0) {
        return run_on_corpus(argc, argv, 2);
    }
    if (argc >= 3 && strcmp(argv[1], "show") == 0) {
        return run_on_corpus(argc, argv, 0);
    }
    return usage();
}
