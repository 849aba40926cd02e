/* SPDX-License-Identifier: MIT
 *
 * Where a process has code: this one's own, by what the kernel is asked for and by the
 * text of its maps; and which calls change it.
 */
#include "code_maps.h"

#include "unit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MOST = 256,
    PAGE = 4096,
};

struct told {
    unsigned count;
    struct mapping *each[MOST];
};

static void take(void *context, const struct mapping *mapping) {
    struct told *told = context;
    size_t size = offsetof(struct mapping, path) + mapping->path_size;
    assert_in_range(told->count, 0, MOST - 1);
    assert_in_range(mapping->path_size, 1, MAPPING_PATH_MAX);
    assert_int_equal(mapping->path[mapping->path_size - 1], 0);
    struct mapping *copy = malloc(size < sizeof(*copy) ? sizeof(*copy) : size);
    assert_non_null(copy);
    told->each[told->count++] = memcpy(copy, mapping, size);
}

static void forget(struct told *told) {
    while (told->count) {
        free(told->each[--told->count]);
    }
}

static void take_text(const char *text, struct code_range range, struct told *told) {
    char *copy = strdup(text);
    assert_non_null(copy);
    FILE *stream = fmemopen(copy, strlen(copy) + 1, "r");
    assert_non_null(stream);
    code_maps_read_text(stream, range, take, told);
    fclose(stream);
    free(copy);
}

static const struct mapping *at(const struct told *told, const void *address) {
    for (unsigned i = 0; i < told->count; i++) {
        const struct mapping *mapping = told->each[i];
        if ((uintptr_t)address - mapping->start < mapping->length) {
            return mapping;
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------------- this process */

static void test_own_code_is_found(void **state) {
    (void)state;
    struct told told = {0};
    struct stat status;
    assert_int_equal(code_maps_read(getpid(), CODE_ANYWHERE, false, take, &told), 0);
    const struct mapping *own = at(&told, (const void *)(uintptr_t)test_own_code_is_found);
    assert_non_null(own);
    assert_int_equal(stat("/proc/self/exe", &status), 0);
    assert_int_equal(own->inode, status.st_ino);
    assert_int_equal(own->file, -1);
    assert_int_equal(own->build_id_size, 0);
    char path[MAPPING_PATH_MAX] = "";
    assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
    assert_string_equal(own->path, path);
    const struct mapping *library = at(&told, (const void *)(uintptr_t)getpid);
    assert_non_null(library);
    assert_true(library->inode && library->inode != own->inode);
    for (unsigned i = 1; i < told.count; i++) {
        assert_true(told.each[i]->start >= told.each[i - 1]->start + told.each[i - 1]->length);
    }
    /* Data is not code. */
    assert_null(at(&told, &told));
    assert_null(at(&told, told.each[0]));
    forget(&told);
}

/* As the kernel writes it, whatever code_maps_read() has asked for. */
static void test_the_text_says_the_same(void **state) {
    (void)state;
    struct told asked = {0};
    struct told read = {0};
    FILE *text = fopen("/proc/self/maps", "re");
    assert_non_null(text);
    code_maps_read_text(text, CODE_ANYWHERE, take, &read);
    fclose(text);
    assert_int_equal(code_maps_read(getpid(), CODE_ANYWHERE, false, take, &asked), 0);
    assert_true(asked.count > 2);
    assert_int_equal(asked.count, read.count);
    for (unsigned i = 0; i < asked.count; i++) {
        assert_int_equal(asked.each[i]->start, read.each[i]->start);
        assert_int_equal(asked.each[i]->length, read.each[i]->length);
        assert_int_equal(asked.each[i]->offset, read.each[i]->offset);
        assert_int_equal(asked.each[i]->inode, read.each[i]->inode);
        assert_string_equal(asked.each[i]->path, read.each[i]->path);
    }
    forget(&asked);
    forget(&read);
}

static void test_build_ids_only_where_they_are_wanted(void **state) {
    (void)state;
    struct told told = {0};
    assert_int_equal(code_maps_read(getpid(), CODE_ANYWHERE, true, take, &told), 0);
    const struct mapping *library = at(&told, (const void *)(uintptr_t)getpid);
    assert_non_null(library);
    /* 0: a kernel that does not tell it. */
    assert_true(library->build_id_size == 0 || library->build_id_size == MAPPING_BUILD_ID_MAX);
    forget(&told);
}

static void test_a_part_of_the_addresses(void **state) {
    (void)state;
    struct told told = {0};
    uint8_t *pages = mmap(NULL, (size_t)3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + PAGE, PAGE, PROT_READ | PROT_EXEC), 0);
    uint64_t start = (uintptr_t)pages;
    const struct {
        struct code_range range;
        unsigned count;
    } cases[] = {
        {{start, start + 3 * (uint64_t)PAGE}, 1},
        {{start, start + PAGE}, 0},
        {{start, start + PAGE + 1}, 1},
        {{start + PAGE, start + PAGE + 1}, 1},
        {{start + 2 * (uint64_t)PAGE - 1, start + 2 * (uint64_t)PAGE}, 1},
        {{start + 2 * (uint64_t)PAGE, start + 3 * (uint64_t)PAGE}, 0},
        {{start, start}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(code_maps_read(getpid(), cases[i].range, false, take, &told), 0);
        assert_int_equal(told.count, cases[i].count);
        if (told.count) {
            assert_int_equal(told.each[0]->start, start + PAGE);
            assert_int_equal(told.each[0]->length, PAGE);
            assert_int_equal(told.each[0]->inode, 0);
            assert_string_equal(told.each[0]->path, "");
        }
        forget(&told);
        FILE *text = fopen("/proc/self/maps", "re");
        assert_non_null(text);
        code_maps_read_text(text, cases[i].range, take, &told);
        fclose(text);
        assert_int_equal(told.count, cases[i].count);
        forget(&told);
    }
    munmap(pages, (size_t)3 * PAGE);
}

static void test_a_process_that_does_not_exist(void **state) {
    (void)state;
    struct told told = {0};
    assert_int_equal(code_maps_read(0x7ffffff0, CODE_ANYWHERE, false, take, &told), -ENOENT);
    assert_int_equal(told.count, 0);
}

/* -------------------------------------------------------------------------------- texts */

static void test_lines_that_are_not_understood_are_left_out(void **state) {
    (void)state;
    struct told told = {0};
    take_text("\n"
              "nonsense\n"
              "1000-2000\n"
              "1000-2000 r-\n"
              "1000-2000 r-xp\n"
              "1000-2000 r-xp 00000000 fe:01\n"
              "2000-1000 r-xp 00000000 fe:01 12 /backwards\n"
              "1000-2000 r--p 00000000 fe:01 12 /data\n"
              "3000-5000 r-xp 0002000 fe:01 12                      /with a space (deleted)\n"
              "6000-7000 rwxp 00000000 00:00 0 \n"
              "7000-8000 r-xp 00000000 00:00 0                      [vdso]\n"
              "9000-a000 --xp 00000000 00:00 3 /line\\012end\\011\n"
              "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n"
              "b000-c000 r-xp 00000000 00:00 0                      /cut",
              CODE_ANYWHERE, &told);
    assert_int_equal(told.count, 5);
    assert_int_equal(told.each[0]->start, 0x3000);
    assert_int_equal(told.each[0]->length, 0x2000);
    assert_int_equal(told.each[0]->offset, 0x2000);
    assert_int_equal(told.each[0]->inode, 12);
    assert_int_equal(told.each[0]->file, -1);
    assert_string_equal(told.each[0]->path, "/with a space (deleted)");
    assert_string_equal(told.each[1]->path, "");
    assert_int_equal(told.each[1]->path_size, 1);
    assert_string_equal(told.each[2]->path, "[vdso]");
    assert_string_equal(told.each[3]->path, "/line\nend\\011");
    assert_string_equal(told.each[4]->path, "/cut");
    forget(&told);
}

static void test_a_path_that_is_too_long_is_cut(void **state) {
    (void)state;
    struct told told = {0};
    char line[2 * MAPPING_PATH_MAX] = "1000-2000 r-xp 00000000 fe:01 12 /";
    size_t size = strlen(line);
    memset(line + size, 'y', sizeof(line) - size - 2);
    take_text(line, CODE_ANYWHERE, &told);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.each[0]->path_size, MAPPING_PATH_MAX);
    forget(&told);
}

/* -------------------------------------------------------------------------------- calls */

static void test_which_calls_change_the_code(void **state) {
    (void)state;
    enum {
        RX = PROT_READ | PROT_EXEC,
    };
    static const struct {
        int64_t number;
        uint64_t args[6];
        int64_t result;
        struct code_range range; /* 0 to 0: it changes nothing */
    } cases[] = {
        {SYS_mmap, {0, 100, RX}, 0x10000, {0x10000, 0x11000}},
        {SYS_mmap, {0x5000, 0x2000, PROT_EXEC}, 0x5000, {0x5000, 0x7000}},
        {SYS_mmap, {0, 100, PROT_READ}, 0x10000, {0, 0}},
        {SYS_mmap, {0, 100, RX}, -ENOMEM, {0, 0}},
        {SYS_mmap, {0, UINT64_MAX, RX}, 0x10000, {0x10000, UINT64_MAX}},
        {SYS_mprotect, {0x5000, 0x1001, RX}, 0, {0x5000, 0x7000}},
        {SYS_mprotect, {0x5000, 0x1001, PROT_READ}, 0, {0, 0}},
        {SYS_mprotect, {0x5000, 0x1001, RX}, -EACCES, {0, 0}},
        {SYS_pkey_mprotect, {0x5000, 0x1000, RX, 1}, 0, {0x5000, 0x6000}},
        {SYS_mremap, {0x5000, 0x1000, 0x2000, MREMAP_MAYMOVE}, 0x90000, {0x90000, 0x92000}},
        {SYS_mremap, {0x5000, 0x1000, 0x2000, 0}, -ENOMEM, {0, 0}},
        {SYS_shmat, {7, 0, SHM_EXEC}, 0x90000, {0x90000, 0x91000}},
        {SYS_shmat, {7, 0, 0}, 0x90000, {0, 0}},
        {SYS_munmap, {0x5000, 0x1000, RX}, 0, {0, 0}},
        {SYS_read, {0, 0, RX}, 0, {0, 0}},
        {-1, {0, 0, RX}, 0, {0, 0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct code_range range = {0, 0};
        bool changed = code_maps_changed(cases[i].number, cases[i].args, cases[i].result, &range);
        assert_int_equal(changed, cases[i].range.end != 0);
        if (changed) {
            assert_int_equal(range.start, cases[i].range.start);
            assert_int_equal(range.end, cases[i].range.end);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_code_is_found),
        cmocka_unit_test(test_the_text_says_the_same),
        cmocka_unit_test(test_build_ids_only_where_they_are_wanted),
        cmocka_unit_test(test_a_part_of_the_addresses),
        cmocka_unit_test(test_a_process_that_does_not_exist),
        cmocka_unit_test(test_lines_that_are_not_understood_are_left_out),
        cmocka_unit_test(test_a_path_that_is_too_long_is_cut),
        cmocka_unit_test(test_which_calls_change_the_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
