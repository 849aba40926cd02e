/* SPDX-License-Identifier: MIT
 *
 * Whole documents, read back from a file and parsed.
 */
#include "writer.h"

#include "fake_call.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct trace_summary summary = {.exit_code = 3, .lost = 4, .wall_time_us = 1234, .max_rss_kb = 5678};

static const struct trace_summary killed = {.exit_code = 137, .signal = 9, .max_rss_kb = -1};

struct world {
    struct writer_options options;
    struct writer *writer;
    struct fake_call call;
    char *text; /* the document */
    cJSON *document;
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (!world) {
        return -1;
    }
    world->options = (struct writer_options){.output = {.format = FORMAT_JSON},
                                             .fd = memfd_create("trace", MFD_CLOEXEC),
                                             .engine = "notify",
                                             .time = "kernel"};
    *state = world;
    return world->options.fd < 0 ? -1 : 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    writer_destroy(world->writer);
    cJSON_Delete(world->document);
    close(world->options.fd);
    free(world->text);
    free(world);
    return 0;
}

static void start(struct world *world) {
    assert_int_equal(writer_create(&world->writer, &world->options, NULL), 0);
}

/* ------------------------------------------------------------------------- records */

static void write_call(struct world *world, const char *bytes) {
    size_t size = strlen(bytes);
    fake_call_init(&world->call, ARCH_X86_64, SYS_write, ARGS(1, 0x1000, size), (int64_t)size);
    fake_call_whole(&world->call, 1, bytes, size);
    world->call.record.call.duration_ns = 1500;
    writer_record(world->writer, &world->call.record);
}

static void write_exit(struct world *world) {
    fake_call_init(&world->call, ARCH_X86_64, SYS_exit_group, ARGS(0), 0);
    world->call.record.call.flags = CALL_HAS_ARGS | CALL_UNRETURNED;
    writer_record(world->writer, &world->call.record);
}

static void write_event(struct world *world, enum record_kind kind) {
    struct record record = {.kind = (uint8_t)kind, .pid = 100, .tid = 101};
    if (kind == RECORD_SIGNAL) {
        record.signal.number = 10;
    }
    writer_record(world->writer, &record);
}

/* ------------------------------------------------------------------------- reading */

static size_t written(const struct world *world) {
    struct stat status;
    assert_int_equal(fstat(world->options.fd, &status), 0);
    return (size_t)status.st_size;
}

static void end(struct world *world, const struct trace_summary *how) {
    writer_end(world->writer, how);
    assert_int_equal(writer_error(world->writer), 0);
    size_t size = written(world);
    world->text = malloc(size + 1);
    assert_non_null(world->text);
    assert_int_equal(pread(world->options.fd, world->text, size, 0), size);
    world->text[size] = 0;
    assert_int_equal(strlen(world->text), size);
}

static void end_document(struct world *world, const struct trace_summary *how) {
    end(world, how);
    world->document = cJSON_Parse(world->text);
    if (!world->document) {
        fail_msg("not JSON: %s", world->text);
    }
}

static const cJSON *calls(const struct world *world) {
    const cJSON *list = cJSON_GetObjectItem(world->document, "syscalls");
    assert_true(cJSON_IsArray(list));
    return list;
}

static const char *string_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItem(object, key);
    assert_true(cJSON_IsString(item));
    return item->valuestring;
}

static void assert_number(const cJSON *object, const char *key, int expected) {
    const cJSON *item = cJSON_GetObjectItem(object, key);
    assert_true(cJSON_IsNumber(item));
    assert_int_equal(item->valueint, expected);
}

static const char *name_of_call(const struct world *world, int index) {
    return string_of(cJSON_GetArrayItem(calls(world), index), "name");
}

/* Content of the write that is call `index`. */
static const char *content(const struct world *world, int index) {
    return cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetArrayItem(calls(world), index), "args"), 1)->valuestring;
}

static const cJSON *summary_of(const struct world *world) {
    const cJSON *object = cJSON_GetObjectItem(world->document, "summary");
    assert_true(cJSON_IsObject(object));
    return object;
}

/* ----------------------------------------------------------------------- documents */

static void test_a_document(void **state) {
    struct world *world = *state;
    start(world);
    write_call(world, "one");
    write_exit(world);
    write_call(world, "two");
    end_document(world, &summary);
    assert_string_equal(string_of(world->document, "version"), "0.6.2");
    assert_string_equal(string_of(world->document, "format"), "renacer-json-v1");
    const cJSON *producer = cJSON_GetObjectItem(world->document, "producer");
    assert_string_equal(string_of(producer, "name"), "renacer-sv");
    assert_string_equal(string_of(producer, "engine"), "notify");
    assert_string_equal(string_of(producer, "time"), "kernel");
    assert_int_equal(cJSON_GetArraySize(calls(world)), 3);
    assert_string_equal(content(world, 0), "one");
    assert_string_equal(content(world, 1), "two");
    assert_string_equal(name_of_call(world, 2), "exit_group"); /* it never returned */
    assert_number(summary_of(world), "total_syscalls", 3);
    assert_number(summary_of(world), "exit_code", 3);
    assert_number(summary_of(world), "lost", 4);
    assert_null(cJSON_GetObjectItem(summary_of(world), "signal"));
    assert_null(cJSON_GetObjectItem(summary_of(world), "total_time_us"));
    assert_null(cJSON_GetObjectItem(world->document, "events"));
}

static void test_each_call_has_a_line_of_its_own(void **state) {
    struct world *world = *state;
    start(world);
    write_call(world, "one");
    write_call(world, "two");
    write_exit(world);
    end(world, &summary);
    assert_non_null(strstr(world->text, "  \"syscalls\": [\n"
                                        "    {\"name\":\"write\",\"args\":[\"1\",\"one\",\"3\"],\"result\":3},\n"
                                        "    {\"name\":\"write\",\"args\":[\"1\",\"two\",\"3\"],\"result\":3},\n"
                                        "    {\"name\":\"exit_group\",\"args\":[\"0\"],\"result\":null}\n"
                                        "  ],\n"));
}

static void test_a_document_without_calls(void **state) {
    struct world *world = *state;
    start(world);
    end_document(world, &summary);
    assert_int_equal(cJSON_GetArraySize(calls(world)), 0);
    assert_number(summary_of(world), "total_syscalls", 0);
}

static void test_a_document_of_a_call_that_never_returned(void **state) {
    struct world *world = *state;
    start(world);
    write_exit(world);
    end_document(world, &summary);
    assert_int_equal(cJSON_GetArraySize(calls(world)), 1);
    assert_string_equal(name_of_call(world, 0), "exit_group");
}

static void test_a_program_that_a_signal_ended(void **state) {
    struct world *world = *state;
    start(world);
    end_document(world, &killed);
    assert_number(summary_of(world), "exit_code", 137);
    assert_string_equal(string_of(summary_of(world), "signal"), "SIGKILL");
}

static void test_times_are_summed_up(void **state) {
    struct world *world = *state;
    world->options.output.timing = true;
    start(world);
    write_call(world, "one");
    write_call(world, "two");
    write_exit(world);
    end_document(world, &summary);
    assert_number(summary_of(world), "total_time_us", 3);
    assert_number(summary_of(world), "wall_time_us", 1234);
    assert_number(summary_of(world), "max_rss_kb", 5678);
    assert_number(cJSON_GetArrayItem(calls(world), 0), "duration_ns", 1500);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetArrayItem(calls(world), 2), "duration_us")));
}

static void test_times_that_nothing_measured_are_null(void **state) {
    struct world *world = *state;
    world->options.output.timing = true;
    world->options.time = NULL;
    start(world);
    end_document(world, &killed);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(world->document, "producer"), "time")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(summary_of(world), "total_time_us")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(summary_of(world), "max_rss_kb")));
}

static void test_records_name_their_thread_as_soon_as_there_are_several(void **state) {
    struct world *world = *state;
    start(world);
    write_call(world, "one");
    world->call.record.threaded = 1;
    writer_record(world->writer, &world->call.record);
    end_document(world, &summary);
    const cJSON *first = cJSON_GetArrayItem(calls(world), 0);
    const cJSON *second = cJSON_GetArrayItem(calls(world), 1);
    assert_null(cJSON_GetObjectItem(first, "tid"));
    assert_number(second, "tid", 101);
    assert_null(cJSON_GetObjectItem(second, "pid"));
}

static void test_records_name_process_and_thread_when_children_are_followed(void **state) {
    struct world *world = *state;
    world->options.output.follow = true;
    start(world);
    write_call(world, "one");
    end_document(world, &summary);
    assert_number(cJSON_GetArrayItem(calls(world), 0), "pid", 100);
    assert_number(cJSON_GetArrayItem(calls(world), 0), "tid", 101);
}

static void test_events_are_a_list_of_their_own(void **state) {
    struct world *world = *state;
    world->options.output.events = true;
    start(world);
    write_event(world, RECORD_SIGNAL);
    write_call(world, "one");
    write_event(world, RECORD_END);
    end_document(world, &summary);
    const cJSON *events = cJSON_GetObjectItem(world->document, "events");
    assert_int_equal(cJSON_GetArraySize(events), 2);
    assert_string_equal(string_of(cJSON_GetArrayItem(events, 0), "event"), "signal");
    assert_string_equal(string_of(cJSON_GetArrayItem(events, 1), "event"), "end");
    assert_int_equal(cJSON_GetArraySize(calls(world)), 1);
    assert_number(summary_of(world), "total_syscalls", 1);
}

/* What is written of one call, with births and maps beside it or without; the caller frees it. */
static char *text_with(struct world *world, bool births) {
    assert_int_equal(ftruncate(world->options.fd, 0), 0);
    assert_int_equal(lseek(world->options.fd, 0, SEEK_SET), 0);
    start(world);
    if (births) {
        write_event(world, RECORD_START);
        write_event(world, RECORD_MAPS);
    }
    write_call(world, "one");
    end(world, &summary);
    char *text = world->text;
    world->text = NULL;
    writer_destroy(world->writer);
    world->writer = NULL;
    return text;
}

static void test_births_and_maps_are_no_events(void **state) {
    struct world *world = *state;
    static const enum format formats[] = {FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV, FORMAT_TEXT};
    world->options.output.events = true;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        world->options.output.format = formats[i];
        char *without = text_with(world, false);
        char *with = text_with(world, true);
        assert_true(strlen(without) > 0);
        assert_string_equal(with, without);
        free(without);
        free(with);
    }
}

static void test_no_events_are_an_empty_list(void **state) {
    struct world *world = *state;
    world->options.output.events = true;
    start(world);
    end_document(world, &summary);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(world->document, "events")), 0);
}

static void test_events_are_left_out_unless_asked_for(void **state) {
    struct world *world = *state;
    start(world);
    write_event(world, RECORD_SIGNAL);
    write_event(world, RECORD_END);
    end_document(world, &summary);
    assert_null(cJSON_GetObjectItem(world->document, "events"));
}

/* ------------------------------------------------------------------------ JSON Lines */

static void test_json_lines(void **state) {
    struct world *world = *state;
    world->options.output.format = FORMAT_JSONL;
    world->options.output.events = true;
    start(world);
    write_exit(world);
    write_call(world, "one");
    write_event(world, RECORD_END);
    end(world, &summary);
    static const char *const keys[] = {"version", "name", "event", "name", "summary"};
    char *rest = world->text;
    for (unsigned i = 0; i < COUNT_OF(keys); i++) {
        char *line = strsep(&rest, "\n");
        assert_non_null(rest); /* each line ends */
        cJSON *object = cJSON_Parse(line);
        assert_true(cJSON_IsObject(object));
        assert_string_equal(object->child->string, keys[i]);
        if (i == 3) {
            assert_string_equal(string_of(object, "name"), "exit_group");
        }
        cJSON_Delete(object);
    }
    assert_string_equal(rest, "");
}

static void test_json_lines_without_calls(void **state) {
    struct world *world = *state;
    world->options.output.format = FORMAT_JSONL;
    start(world);
    end(world, &summary);
    assert_non_null(strstr(world->text, "}}\n{\"summary\":{\"total_syscalls\":0,\"exit_code\":3,\"lost\":4}}\n"));
}

/* ---------------------------------------------------------------- where the bytes are */

static void test_a_flush_shows_what_is_there(void **state) {
    struct world *world = *state;
    world->options.output.format = FORMAT_JSONL;
    start(world);
    write_call(world, "one");
    writer_flush(world->writer);
    assert_in_range(written(world), 100, 1000);
}

static void test_a_document_that_is_held_is_written_at_the_end(void **state) {
    struct world *world = *state;
    world->options.hold = true;
    start(world);
    write_exit(world);
    write_call(world, "one");
    writer_flush(world->writer);
    assert_int_equal(written(world), 0);
    end_document(world, &summary);
    assert_string_equal(content(world, 0), "one");
    assert_string_equal(name_of_call(world, 1), "exit_group");
}

/* More than any buffer holds, so that everything takes the way over temporary files. */
static void write_much(struct world *world, unsigned count) {
    char bytes[1001];
    memset(bytes, 'x', 1000);
    bytes[1000] = 0;
    for (unsigned i = 0; i < count; i++) {
        snprintf(bytes, sizeof(bytes), "%u", i);
        bytes[strlen(bytes)] = 'x';
        write_call(world, bytes);
        write_exit(world);
    }
}

static void assert_much(struct world *world, int count) {
    int index = 0;
    const cJSON *each;
    assert_int_equal(cJSON_GetArraySize(calls(world)), 2 * count);
    cJSON_ArrayForEach(each, calls(world)) {
        if (index < count) {
            assert_int_equal(atoi(cJSON_GetArrayItem(cJSON_GetObjectItem(each, "args"), 1)->valuestring), index);
        } else {
            assert_string_equal(string_of(each, "name"), "exit_group");
        }
        index++;
    }
}

static void test_a_large_document(void **state) {
    struct world *world = *state;
    start(world);
    write_much(world, 3000);
    end_document(world, &summary);
    assert_much(world, 3000);
}

static void test_a_large_document_that_is_held(void **state) {
    struct world *world = *state;
    world->options.hold = true;
    start(world);
    write_much(world, 3000);
    end_document(world, &summary);
    assert_much(world, 3000);
}

static void test_a_large_document_of_calls_that_never_returned(void **state) {
    struct world *world = *state;
    start(world);
    for (unsigned i = 0; i < 3000; i++) {
        write_exit(world);
    }
    end_document(world, &summary);
    assert_int_equal(cJSON_GetArraySize(calls(world)), 3000);
}

/* --------------------------------------------------------------------------- errors */

static void use_full_device(struct world *world) {
    close(world->options.fd);
    world->options.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(world->options.fd >= 0);
}

static void test_a_full_device_is_reported(void **state) {
    struct world *world = *state;
    use_full_device(world);
    start(world);
    write_call(world, "one");
    assert_int_equal(writer_error(world->writer), 0); /* nothing was written yet */
    writer_flush(world->writer);
    assert_int_equal(writer_error(world->writer), ENOSPC);
    write_call(world, "two");
    writer_end(world->writer, &summary);
    assert_int_equal(writer_error(world->writer), ENOSPC);
}

static void test_a_full_device_is_reported_at_the_end(void **state) {
    struct world *world = *state;
    use_full_device(world);
    world->options.hold = true;
    start(world);
    write_call(world, "one");
    writer_end(world->writer, &summary);
    assert_int_equal(writer_error(world->writer), ENOSPC);
}

static void test_the_first_error_is_kept(void **state) {
    struct world *world = *state;
    use_full_device(world);
    start(world);
    write_much(world, 200);
    assert_int_equal(writer_error(world->writer), ENOSPC);
    /* The descriptor is another now, and takes everything: the beginning is missing all the same. */
    int other = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(dup2(other, world->options.fd), world->options.fd);
    close(other);
    writer_end(world->writer, &summary);
    assert_int_equal(writer_error(world->writer), ENOSPC);
    assert_int_equal(written(world), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_document),
        TEST(test_each_call_has_a_line_of_its_own),
        TEST(test_a_document_without_calls),
        TEST(test_a_document_of_a_call_that_never_returned),
        TEST(test_a_program_that_a_signal_ended),
        TEST(test_times_are_summed_up),
        TEST(test_times_that_nothing_measured_are_null),
        TEST(test_records_name_their_thread_as_soon_as_there_are_several),
        TEST(test_records_name_process_and_thread_when_children_are_followed),
        TEST(test_events_are_a_list_of_their_own),
        TEST(test_births_and_maps_are_no_events),
        TEST(test_no_events_are_an_empty_list),
        TEST(test_events_are_left_out_unless_asked_for),
        TEST(test_json_lines),
        TEST(test_json_lines_without_calls),
        TEST(test_a_flush_shows_what_is_there),
        TEST(test_a_document_that_is_held_is_written_at_the_end),
        TEST(test_a_large_document),
        TEST(test_a_large_document_that_is_held),
        TEST(test_a_large_document_of_calls_that_never_returned),
        TEST(test_a_full_device_is_reported),
        TEST(test_a_full_device_is_reported_at_the_end),
        TEST(test_the_first_error_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
