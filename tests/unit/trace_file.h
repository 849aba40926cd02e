/* SPDX-License-Identifier: MIT
 *
 * A trace made of text, for tests of what reads traces.
 */
#ifndef RENACER_TESTS_TRACE_FILE_H
#define RENACER_TESTS_TRACE_FILE_H

#include "trace_reader.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACE_BEGIN "{\"version\":\"0.6.2\",\"format\":\"renacer-json-v1\",\"producer\":{\"name\":\"renacer-sv\"}"
#define OLD_BEGIN "{\"version\":\"0.6.2\",\"format\":\"renacer-json-v1\""

/* A file with these bytes, and a reader of it. */
struct trace_file {
    char path[64];
    struct trace_reader *reader;
    struct trace_item item;
    char problem[512];
};

static inline void trace_file_open(struct trace_file *file, const char *bytes, size_t size) {
    strcpy(file->path, "/tmp/renacer-sv.test.XXXXXX");
    file->problem[0] = 0;
    int fd = mkstemp(file->path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, size), size);
    close(fd);
    assert_int_equal(trace_reader_open(&file->reader, file->path, file->problem, sizeof(file->problem)), 0);
}

static inline void trace_file_open_text(struct trace_file *file, const char *text) {
    trace_file_open(file, text, strlen(text));
}

static inline int trace_file_next(struct trace_file *file) {
    return trace_reader_next(file->reader, &file->item, file->problem, sizeof(file->problem));
}

/* The next item is one of this kind. */
static inline void expect_kind(struct trace_file *file, enum trace_item_kind kind) {
    if (trace_file_next(file) != 1) {
        fail_msg("there is no item: %s", file->problem);
    }
    assert_int_equal(file->item.kind, kind);
}

static inline const struct trace_call *expect_call(struct trace_file *file, const char *name) {
    expect_kind(file, TRACE_CALL);
    assert_string_equal(file->item.call.name.bytes, name);
    return &file->item.call;
}

static inline void expect_end(struct trace_file *file, bool was_cut) {
    int status = trace_file_next(file);
    if (status) {
        fail_msg("it does not end: %d %s", status, file->problem);
    }
    assert_int_equal(trace_reader_was_cut(file->reader), was_cut);
    assert_int_equal(trace_file_next(file), 0);
}

/* The next thing is this problem, without the file's name: "LINE:COLUMN: ..." or a sentence behind the name. */
static inline void expect_problem(struct trace_file *file, const char *expected) {
    assert_int_equal(trace_file_next(file), -EINVAL);
    char whole[600];
    snprintf(whole, sizeof(whole), "%s:%s", file->path, expected);
    assert_string_equal(file->problem, whole);
    /* It stays as it is. */
    assert_int_equal(trace_file_next(file), -EINVAL);
    assert_string_equal(file->problem, whole);
}

static inline void trace_file_close(struct trace_file *file) {
    trace_reader_close(file->reader);
    unlink(file->path);
}

static inline void expect_bytes(struct trace_bytes bytes, const char *expected) {
    if (!expected) {
        assert_null(bytes.bytes);
        return;
    }
    assert_non_null(bytes.bytes);
    assert_int_equal(bytes.size, strlen(expected));
    assert_string_equal(bytes.bytes, expected);
}

#endif
