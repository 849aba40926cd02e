/* SPDX-License-Identifier: MIT
 *
 * A writer whose output goes to a file in memory, and what a test reads of it.
 */
#ifndef RENACER_TESTS_FAKE_TRACE_H
#define RENACER_TESTS_FAKE_TRACE_H

#include "fake_call.h"
#include "writer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    FAKE_TRACE_TEXT = 1 << 16,
    FAKE_ROOT = 100,
    FAKE_CHILD = 101,
};

struct fake_trace {
    struct writer_options options;
    struct trace_summary summary;
    struct writer *writer;
    struct fake_call call;
    off_t read; /* bytes that the test has looked at */
    char text[FAKE_TRACE_TEXT];
};

static inline int fake_trace_set_up(void **state, enum format format) {
    struct fake_trace *trace = calloc(1, sizeof(*trace));
    if (!trace) {
        return -1;
    }
    trace->options = (struct writer_options){.output = {.format = format, .result_column = RESULT_COLUMN},
                                             .fd = memfd_create("trace", MFD_CLOEXEC),
                                             .root = FAKE_ROOT,
                                             .engine = "notify",
                                             .time = "kernel"};
    *state = trace;
    return trace->options.fd < 0 ? -1 : 0;
}

static inline int fake_trace_tear_down(void **state) {
    struct fake_trace *trace = *state;
    writer_destroy(trace->writer);
    close(trace->options.fd);
    free(trace);
    return 0;
}

/* A call by the root; the test changes it and hands it to fake_trace_call(). */
static inline struct call_record *fake_trace_next(struct fake_trace *trace, int number, const uint64_t *args,
                                                  int64_t result) {
    fake_call_init(&trace->call, ARCH_X86_64, number, args, result);
    trace->call.record.tid = FAKE_ROOT;
    return &trace->call.record.call;
}

/* Hand a record to the writer, which is made with the options as they are at the first one. */
static inline void fake_trace_record(struct fake_trace *trace, const struct record *record) {
    if (!trace->writer) {
        assert_int_equal(writer_create(&trace->writer, &trace->options, NULL), 0);
    }
    writer_record(trace->writer, record);
}

static inline void fake_trace_call(struct fake_trace *trace) {
    fake_trace_record(trace, &trace->call.record);
}

/* close(fd) = 0: the shortest call with an argument. */
static inline void fake_trace_close(struct fake_trace *trace, int fd) {
    fake_trace_next(trace, SYS_close, ARGS((uint64_t)fd), 0);
    fake_trace_call(trace);
}

static inline void fake_trace_end(struct fake_trace *trace) {
    if (!trace->writer) {
        assert_int_equal(writer_create(&trace->writer, &trace->options, NULL), 0);
    }
    writer_end(trace->writer, &trace->summary);
    assert_int_equal(writer_error(trace->writer), 0);
}

/* What has been written since the test last looked. */
static inline const char *fake_trace_text(struct fake_trace *trace) {
    writer_flush(trace->writer);
    ssize_t length = pread(trace->options.fd, trace->text, sizeof(trace->text) - 1, trace->read);
    assert_in_range(length, 0, sizeof(trace->text) - 2);
    trace->text[length] = 0;
    trace->read += length;
    return trace->text;
}

/* Exactly this has been written since the test last looked. */
static inline void assert_written(struct fake_trace *trace, const char *expected) {
    assert_string_equal(fake_trace_text(trace), expected);
}

#endif
