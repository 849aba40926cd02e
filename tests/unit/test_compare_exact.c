/* SPDX-License-Identifier: MIT
 *
 * The exact comparison: what calls look like after normalisation, and what a
 * report shows of two traces.
 */
#include "compare_exact.h"
#include "normaliser.h"

#include "trace_script.h"

/* All calls of the trace, with the number of their thread in front. */
static void assert_normal(const char *script, enum script_style style, const char *expected) {
    char *document = script_document(script, style);
    struct trace_reader *reader = open_document(document);
    struct normaliser *normaliser;
    struct text lines = {0};
    struct text line = {0};
    struct trace_item item;
    char problem[256];
    int status;
    assert_int_equal(normaliser_create(&normaliser), 0);
    while ((status = trace_reader_next(reader, &item, problem, sizeof(problem))) > 0) {
        int64_t task;
        if (item.kind == TRACE_HEAD) {
            normaliser_head(normaliser, &item.head);
        } else if (item.kind == TRACE_CALL) {
            assert_int_equal(normaliser_call(normaliser, &item.call, &line, &task), 0);
            text_add_signed(&lines, task);
            text_add_char(&lines, ' ');
            text_add_string(&lines, line.bytes);
            text_add_char(&lines, '\n');
        }
    }
    assert_int_equal(status, 0);
    assert_string_equal(lines.bytes, expected);
    text_finish(&lines);
    text_finish(&line);
    normaliser_destroy(normaliser);
    trace_reader_close(reader);
    free(document);
}

static void test_addresses_are_named_by_their_mappings(void **state) {
    (void)state;
    assert_normal("brk(NULL) = 94000445390848\n"
                  "brk(0x557e2f2a1000) = 94000445526016\n"
                  "openat(AT_FDCWD;/lib/libx.so.1;O_RDONLY) = 3\n"
                  "mmap(NULL;8192;PROT_READ;MAP_PRIVATE;3;0) = 139637976727552\n"
                  "close(3) = 0\n"
                  "mmap(NULL;4096;PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 139637976760320\n"
                  "read(0;0x7f0000000010;100) = 5\n"
                  "mprotect(0x7f0000008000;4096;PROT_NONE) = 0\n"
                  "munmap(0x12345678000;4096) = 0\n",
                  SCRIPT_PLAIN,
                  "1 brk(NULL) = heap\n"
                  "1 brk(heap+0x21000) = heap+0x21000\n"
                  "1 openat(AT_FDCWD, \"/lib/libx.so.1\", O_RDONLY) = 3\n"
                  "1 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0) = libx.so.1\n"
                  "1 close(3) = 0\n"
                  "1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = mmap#1\n"
                  "1 read(0, libx.so.1+0x10, 100) = 5\n"
                  "1 mprotect(mmap#1, 4096, PROT_NONE) = 0\n"
                  "1 munmap(addr, 4096) = 0\n");
}

/* As golden traces have it: what ld.so puts into the area that it has mapped for a library is that library's. */
static void test_parts_of_areas_keep_their_names(void **state) {
    (void)state;
    assert_normal("openat(AT_FDCWD;/lib/libx.so.1;O_RDONLY) = 3\n"
                  "mmap(NULL;32768;PROT_READ;MAP_PRIVATE;3;0) = 139637976727552\n"
                  "mmap(0x7f0000002000;8192;PROT_READ|PROT_EXEC;MAP_PRIVATE|MAP_FIXED;3;0x2000) = 139637976735744\n"
                  "mmap(0x7f0000006000;8192;PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS;-1;0) = "
                  "139637976752128\n"
                  "close(3) = 0\n"
                  "mmap(0x7f0000007000;8192;PROT_NONE;MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS;-1;0) = 139637976756224\n"
                  "munmap(0x7f0000006010;1) = 0\n"
                  "munmap(0x7f0000007010;1) = 0\n",
                  SCRIPT_PLAIN,
                  "1 openat(AT_FDCWD, \"/lib/libx.so.1\", O_RDONLY) = 3\n"
                  "1 mmap(NULL, 32768, PROT_READ, MAP_PRIVATE, 3, 0) = libx.so.1\n"
                  "1 mmap(libx.so.1+0x2000, 8192, PROT_READ|PROT_EXEC, MAP_PRIVATE|MAP_FIXED, 3, 0x2000) = "
                  "libx.so.1+0x2000\n"
                  "1 mmap(libx.so.1+0x6000, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = "
                  "libx.so.1+0x6000\n"
                  "1 close(3) = 0\n"
                  "1 mmap(libx.so.1+0x7000, 8192, PROT_NONE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = mmap#1\n"
                  "1 munmap(libx.so.1+0x6010, 1) = 0\n"
                  "1 munmap(mmap#1+0x10, 1) = 0\n");
}

static void test_processes_are_numbered_as_they_appear(void **state) {
    (void)state;
    assert_normal("700 getpid() = 700\n"
                  "700 fork() = 720\n"
                  "720 getppid() = 700\n"
                  "700 wait4(720;NULL;0;NULL) = 720\n"
                  "700 rt_sigreturn() = 720\n"
                  "700 rt_sigreturn() = 721\n",
                  SCRIPT_PLAIN,
                  "1 getpid() = 1\n"
                  "1 fork() = 2\n"
                  "2 getppid() = 1\n"
                  "1 wait4(2, NULL, 0, NULL) = 2\n"
                  "1 rt_sigreturn() = 2\n"
                  "1 rt_sigreturn() = 721\n");
}

static void test_golden_calls_stay_as_they_are(void **state) {
    (void)state;
    assert_normal("mmap(NULL;4096;PROT_READ;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = ? # \"result_ref\":\"mmap#7\"\n"
                  "munmap(mmap#7;4096) = 0\n",
                  SCRIPT_GOLDEN,
                  "1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = mmap#7\n"
                  "1 munmap(mmap#7, 4096) = 0\n");
}

static void test_registers_of_renacer(void **state) {
    (void)state;
    assert_normal("close(0x3;0x1c21c;0x1) = 0\n"
                  "openat(0xffffff9c;\"/etc/x\";0x80000) = -2\n",
                  SCRIPT_OLD,
                  "1 close(0x3) = 0\n"
                  "1 openat(0xffffff9c, \"/etc/x\", 0x80000) = -2 ENOENT\n");
}

/* ------------------------------------------------------------------------ hunks */

static void compare(const char *golden, const char *new, unsigned context, struct comparison *comparison) {
    char *documents[SIDES] = {script_document(golden, SCRIPT_PLAIN), script_document(new, SCRIPT_PLAIN)};
    struct trace_reader *readers[SIDES] = {open_document(documents[SIDE_GOLDEN]), open_document(documents[SIDE_NEW])};
    struct exact_options options = {.context = context};
    char problem[256] = "";
    *comparison = (struct comparison){.mode = COMPARE_EXACT};
    assert_int_equal(compare_exact(comparison, readers, &options, problem, sizeof(problem)), 0);
    for (enum side side = 0; side < SIDES; side++) {
        trace_reader_close(readers[side]);
        free(documents[side]);
    }
}

/* `first` and those behind it, one lseek each. */
static void add_calls(struct text *script, unsigned first, unsigned count) {
    for (unsigned i = first; i < first + count; i++) {
        text_add_string(script, "lseek(3;");
        text_add_unsigned(script, i);
        text_add_string(script, ";SEEK_SET) = ");
        text_add_unsigned(script, i);
        text_add_char(script, '\n');
    }
}

static void assert_hunk(const struct comparison *comparison, size_t index, enum difference_kind kind,
                        const char *expected) {
    assert_true(index < comparison->difference_count);
    const struct difference *difference = &comparison->differences[index];
    const char *lines = strchr(difference->hunk, '\n');
    assert_int_equal(difference->kind, kind);
    assert_non_null(lines);
    assert_string_equal(lines + 1, expected);
}

static void test_repeated_blocks_are_folded(void **state) {
    (void)state;
    struct text golden = {0};
    struct text new = {0};
    struct comparison comparison;
    add_calls(&golden, 0, 6);
    add_calls(&new, 0, 3);
    for (int i = 0; i < 50; i++) {
        text_add_string(&new, "getuid() = 0\ngetgid() = 0\n");
    }
    add_calls(&new, 3, 3);
    compare(golden.bytes, new.bytes, 1, &comparison);
    assert_int_equal(comparison.divergent, 100);
    assert_int_equal(comparison.difference_count, 1);
    assert_hunk(&comparison, 0, DIFFERENCE_ADDED,
                " lseek(3, 2, SEEK_SET) = 2\n"
                "+getuid() = 0\n"
                "+getgid() = 0\n"
                "+... the same 2 lines, 49 more times\n"
                " lseek(3, 3, SEEK_SET) = 3");
    comparison_finish(&comparison);
    text_finish(&golden);
    text_finish(&new);
}

static void test_moved_blocks_are_folded(void **state) {
    (void)state;
    struct text golden = {0};
    struct text new = {0};
    struct comparison comparison;
    add_calls(&golden, 0, 40);
    add_calls(&new, 0, 5);
    add_calls(&new, 15, 15);
    add_calls(&new, 5, 10);
    add_calls(&new, 30, 10);
    compare(golden.bytes, new.bytes, 0, &comparison);
    assert_int_equal(comparison.divergent, 20);
    assert_int_equal(comparison.difference_count, 2);
    /* The documents of the scripts have their first call on line 6. */
    assert_hunk(&comparison, 0, DIFFERENCE_MOVED,
                "-lseek(3, 5, SEEK_SET) = 5\n-... and 9 more, moved to line 26 of the new trace");
    assert_hunk(&comparison, 1, DIFFERENCE_MOVED,
                "+lseek(3, 5, SEEK_SET) = 5\n+... and 9 more, moved from line 11 of the golden trace");
    comparison_finish(&comparison);
    text_finish(&golden);
    text_finish(&new);
}

static void test_threads_are_compared_one_by_one(void **state) {
    (void)state;
    struct comparison comparison;
    compare("1 getuid() = 0\n2 getgid() = 0\n1 geteuid() = 0\n2 getegid() = 0\n",
            "1 getuid() = 0\n1 geteuid() = 0\n2 getgid() = 0\n2 getegid() = 0\n", 3, &comparison);
    assert_int_equal(comparison.divergent, 0);
    comparison_finish(&comparison);
    compare("1 getuid() = 0\n2 getgid() = 0\n2 getegid() = 0\n", "1 getuid() = 0\n2 getegid() = 0\n2 getgid() = 0\n", 3,
            &comparison);
    assert_int_equal(comparison.divergent, 2);
    comparison_finish(&comparison);
}

static void test_the_end_of_the_program(void **state) {
    (void)state;
    struct comparison comparison;
    compare("getuid() = 0\n!status 3\n", "getuid() = 0\n!status 4\n", 3, &comparison);
    assert_int_equal(comparison.divergent, 1);
    assert_string_equal(comparison.differences[0].subject, "exit status");
    comparison_finish(&comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_named_by_their_mappings),
        cmocka_unit_test(test_parts_of_areas_keep_their_names),
        cmocka_unit_test(test_processes_are_numbered_as_they_appear),
        cmocka_unit_test(test_golden_calls_stay_as_they_are),
        cmocka_unit_test(test_registers_of_renacer),
        cmocka_unit_test(test_repeated_blocks_are_folded),
        cmocka_unit_test(test_moved_blocks_are_folded),
        cmocka_unit_test(test_threads_are_compared_one_by_one),
        cmocka_unit_test(test_the_end_of_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
