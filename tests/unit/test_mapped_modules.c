/* SPDX-License-Identifier: MIT
 * What processes have mapped: areas that cut each other, forks and execs, and files that are or are not what was
 * mapped.
 */
#include "own_stack.h"

#include "mappings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* -- Areas -- */

static void set(struct mappings **mappings, uint64_t start, uint64_t end, uint64_t offset, void *of) {
    struct area area = {start, end, offset, of};
    assert_int_equal(mappings_set(mappings, &area), 0);
}

/* The same bytes, page by page. */
enum {
    PAGES = 64,
};

struct page {
    const char *of;
    uint64_t offset;
};

static void assert_pages(const struct mappings *mappings, const struct page *pages) {
    for (uint64_t i = 0; i < PAGES; i++) {
        const struct area *area = mappings_find(mappings, i);
        assert_ptr_equal(area ? area->of : NULL, pages[i].of);
        if (area) {
            assert_int_equal(area->offset + (i - area->start), pages[i].offset);
        }
    }
}

static void test_areas_are_cut(void **state) {
    (void)state;
    static char files[4];
    uint64_t random = 0x9e3779b97f4a7c15;
    for (unsigned round = 0; round < 300; round++) {
        struct mappings *mappings = mappings_create();
        struct mappings *old = NULL;
        struct page pages[PAGES] = {{NULL, 0}};
        struct page old_pages[PAGES];
        for (unsigned change = 0; change < 40; change++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            uint64_t start = random % PAGES;
            uint64_t end = start + 1 + (random >> 8) % (PAGES - start);
            char *of = random >> 20 & 7 ? &files[random >> 24 & 3] : NULL;
            set(&mappings, start, end, random >> 32, of);
            for (uint64_t i = start; i < end; i++) {
                pages[i] = (struct page){of, (random >> 32) + (i - start)};
            }
            assert_pages(mappings, pages);
            if (change == 20) {
                old = mappings_share(mappings);
                memcpy(old_pages, pages, sizeof(pages));
            }
        }
        assert_pages(old, old_pages);
        mappings_release(mappings);
        mappings_release(old);
    }
}

static void test_areas_without_sense(void **state) {
    (void)state;
    struct mappings *mappings = mappings_create();
    struct area area = {5, 5, 0, state};
    assert_int_equal(mappings_set(&mappings, &area), -EINVAL);
    area.end = 4;
    assert_int_equal(mappings_set(&mappings, &area), -EINVAL);
    assert_null(mappings_find(mappings, 5));
    mappings_release(mappings);
}

static void test_areas_are_bounded(void **state) {
    (void)state;
    struct mappings *mappings = mappings_create();
    struct area area = {0, 1, 0, mappings};
    int status = 0;
    for (size_t i = 0; i < MAPPINGS_MAX + 10 && status == 0; i++) {
        area.start = 3 * i;
        area.end = area.start + 1;
        status = mappings_set(&mappings, &area);
    }
    assert_int_equal(status, -ENOSPC);
    assert_true(mappings_count(mappings) <= MAPPINGS_MAX);
    mappings_release(mappings);
}

/* -- Processes -- */

static int set_up(void **state) {
    return module_table_create((struct module_table **)state);
}

static int tear_down(void **state) {
    module_table_destroy(*state);
    return 0;
}

static struct mapping *make(uint64_t start, uint64_t length, const char *path) {
    static uint64_t room[MAPPING_BOUND / 8];
    struct mapping *mapping = (struct mapping *)(void *)room;
    size_t size = strlen(path) + 1;
    *mapping = (struct mapping){.start = start, .length = length, .file = -1, .path_size = (uint32_t)size};
    memcpy(mapping->path, path, size);
    return mapping;
}

/* A file of the test's own: its program, copied. */
static void copy_program(const char *path) {
    char buffer[65536];
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
    ssize_t got;
    assert_true(from >= 0 && to >= 0);
    while ((got = read(from, buffer, sizeof(buffer))) > 0) {
        assert_int_equal(write(to, buffer, (size_t)got), got);
    }
    close(from);
    close(to);
}

struct copy {
    char folder[32];
    char path[64];
    uint64_t inode;
};

static void make_copy(struct copy *copy) {
    struct stat about;
    strcpy(copy->folder, "/tmp/renacer-XXXXXX");
    assert_non_null(mkdtemp(copy->folder));
    snprintf(copy->path, sizeof(copy->path), "%s/program", copy->folder);
    copy_program(copy->path);
    assert_int_equal(stat(copy->path, &about), 0);
    copy->inode = about.st_ino;
}

static void remove_copy(struct copy *copy) {
    unlink(copy->path);
    rmdir(copy->folder);
}

static struct mapped_module *find(struct module_table *table, pid_t pid, uint64_t ip) {
    uint64_t address;
    struct mapped_modules *modules = module_table_of(table, pid);
    return modules ? mapped_modules_find(modules, ip, &address) : NULL;
}

static unsigned open_descriptors(void) {
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder)) {
        count++;
    }
    closedir(folder);
    return count;
}

static void test_own_code(void **state) {
    own_mappings(*state);
    uint64_t address;
    struct mapped_modules *modules = module_table_of(*state, getpid());
    struct mapped_module *program = mapped_modules_find(modules, (uintptr_t)test_own_code, &address);
    struct mapped_module *library = mapped_modules_find(modules, (uintptr_t)getppid, &address);
    assert_non_null(program);
    assert_non_null(library);
    assert_ptr_not_equal(program, library);
    assert_int_not_equal(program->number, library->number);
    assert_non_null(strstr(library->path, "libc"));
    assert_non_null(mapped_module_open(library));
    assert_int_equal(library->error, 0);
    assert_ptr_equal(mapped_module_open(library), library->module);
    assert_null(mapped_modules_find(modules, (uintptr_t)&address, &address));
    assert_null(module_table_of(*state, 1));
}

static void test_the_vdso(void **state) {
    own_mappings(*state);
    uint64_t address = 1;
    uint64_t start = getauxval(AT_SYSINFO_EHDR);
    struct mapped_module *vdso = mapped_modules_find(module_table_of(*state, getpid()), start + 0x40, &address);
    assert_non_null(vdso);
    assert_string_equal(vdso->path, "[vdso]");
    assert_non_null(mapped_module_open(vdso));
    assert_int_equal(address, 0x40);
}

static void test_fork_and_exec_and_end(void **state) {
    module_table_map(*state, 10, make(0x1000, 0x1000, "/nowhere/a"));
    module_table_fork(*state, 11, 10);
    module_table_map(*state, 11, make(0x1000, 0x1000, "/nowhere/b"));
    assert_string_equal(find(*state, 10, 0x1000)->path, "/nowhere/a");
    assert_string_equal(find(*state, 11, 0x1fff)->path, "/nowhere/b");
    module_table_fork(*state, 12, 10);
    module_table_end(*state, 10);
    assert_null(module_table_of(*state, 10));
    assert_ptr_equal(find(*state, 12, 0x1000)->path, find(*state, 12, 0x1800)->path);
    assert_null(module_table_former(*state, 12));
    module_table_exec(*state, 12);
    assert_null(find(*state, 12, 0x1000));
    uint64_t address;
    struct mapped_modules *former = module_table_former(*state, 12);
    assert_string_equal(mapped_modules_find(former, 0x1000, &address)->path, "/nowhere/a");
    module_table_map(*state, 12, make(0x5000, 0x1000, "/nowhere/c"));
    module_table_exec(*state, 12);
    former = module_table_former(*state, 12);
    assert_null(mapped_modules_find(former, 0x1000, &address));
    assert_string_equal(mapped_modules_find(former, 0x5000, &address)->path, "/nowhere/c");
    /* Ids that nobody knows, or that are used again. */
    module_table_exec(*state, 99);
    module_table_end(*state, 99);
    module_table_fork(*state, 98, 99);
    assert_null(module_table_of(*state, 98));
    module_table_fork(*state, 12, 99);
    assert_null(module_table_of(*state, 12));
    module_table_fork(*state, 11, 11);
    assert_non_null(find(*state, 11, 0x1000));
}

static void test_what_is_no_file_replaces_files(void **state) {
    static const char *const names[] = {"//anon", "", "[stack]", "[heap]", "anon_inode:[perf_event]"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        module_table_map(*state, 10, make(0x1000, 0x3000, "/nowhere/a"));
        module_table_map(*state, 10, make(0x2000, 0x1000, names[i]));
        assert_non_null(find(*state, 10, 0x1fff));
        assert_null(find(*state, 10, 0x2000));
        assert_null(find(*state, 10, 0x2fff));
        assert_non_null(find(*state, 10, 0x3000));
    }
    /* To the end of what there is, and beyond. */
    module_table_map(*state, 10, make(UINT64_MAX - 10, 10, "/nowhere/a"));
    assert_non_null(find(*state, 10, UINT64_MAX - 1));
    module_table_map(*state, 10, make(UINT64_MAX - 10, 100, "/nowhere/b"));
    assert_string_equal(find(*state, 10, UINT64_MAX - 1)->path, "/nowhere/a");
}

static void test_identity(void **state) {
    struct mapping *mapping = make(0x1000, 0x1000, "/nowhere/a");
    mapping->inode = 5;
    module_table_map(*state, 10, mapping);
    module_table_map(*state, 11, mapping);
    mapping->inode = 6;
    module_table_map(*state, 12, mapping);
    mapping->build_id_size = 3;
    module_table_map(*state, 13, mapping);
    mapping->inode = 0;
    module_table_map(*state, 14, mapping);
    mapping->build_id[0] = 1;
    module_table_map(*state, 15, mapping);
    assert_ptr_equal(find(*state, 10, 0x1000), find(*state, 11, 0x1000));
    assert_ptr_not_equal(find(*state, 10, 0x1000), find(*state, 12, 0x1000));
    assert_ptr_not_equal(find(*state, 12, 0x1000), find(*state, 13, 0x1000));
    assert_ptr_equal(find(*state, 13, 0x1000), find(*state, 14, 0x1000));
    assert_ptr_not_equal(find(*state, 14, 0x1000), find(*state, 15, 0x1000));
}

/* -- Files -- */

static int open_error(struct module_table *table, const struct mapping *mapping) {
    module_table_map(table, 10, mapping);
    struct mapped_module *mapped = find(table, 10, mapping->start);
    assert_non_null(mapped);
    return mapped_module_open(mapped) ? 0 : mapped->error;
}

static void test_a_file_by_its_path(void **state) {
    struct copy copy;
    make_copy(&copy);
    struct mapping *mapping = make(0, 1 << 30, copy.path);
    mapping->inode = copy.inode + 1;
    assert_int_equal(open_error(*state, mapping), ESTALE);
    mapping->inode = 0; /* nothing says that it is the one */
    assert_int_equal(open_error(*state, mapping), ESTALE);
    mapping->inode = copy.inode;
    assert_int_equal(open_error(*state, mapping), 0);
    /* By build id: of any inode, but the right id. */
    size_t size;
    const uint8_t *build_id = module_build_id(find(*state, 10, 0)->module, &size);
    assert_true(build_id && size == MAPPING_BUILD_ID_MAX);
    mapping->inode = copy.inode + 1;
    mapping->build_id_size = (uint8_t)size;
    memcpy(mapping->build_id, build_id, size);
    assert_int_equal(open_error(*state, mapping), 0);
    mapping->build_id[3] ^= 1;
    assert_int_equal(open_error(*state, mapping), ESTALE);
    remove_copy(&copy);
}

static void test_what_is_no_program(void **state) {
    struct copy copy;
    struct stat about;
    make_copy(&copy);
    struct mapping *mapping = make(0, 4096, copy.folder);
    mapping->inode = copy.inode;
    assert_int_equal(open_error(*state, mapping), ENOEXEC);
    assert_int_equal(truncate(copy.path, 40), 0);
    mapping = make(0, 4096, copy.path);
    mapping->inode = copy.inode;
    assert_int_equal(open_error(*state, mapping), ENOEXEC);
    unlink(copy.path);
    mapping->inode++;
    assert_int_equal(open_error(*state, mapping), ENOENT);
    /* Nobody writes to it: opening it for reading would wait for ever. */
    assert_int_equal(mkfifo(copy.path, 0600), 0);
    assert_int_equal(stat(copy.path, &about), 0);
    mapping->inode = about.st_ino;
    mapping->offset = 4096;
    mapping->build_id_size = 1;
    assert_int_equal(open_error(*state, mapping), ENOEXEC);
    remove_copy(&copy);
}

static void test_a_deleted_file(void **state) {
    struct copy copy;
    char name[80];
    make_copy(&copy);
    int file = open(copy.path, O_RDONLY | O_CLOEXEC);
    snprintf(name, sizeof(name), "%s (deleted)", copy.path);
    /* By the descriptor that came with it, and only by that: another file has the name. */
    struct mapping *mapping = make(0, 1 << 30, name);
    mapping->inode = copy.inode;
    assert_int_equal(open_error(*state, mapping), ENOENT);
    mapping->file = file;
    assert_int_equal(open_error(*state, mapping), 0);
    struct mapped_module *mapped = find(*state, 10, 0);
    assert_true(mapped->deleted);
    assert_string_equal(mapped->path, copy.path);
    remove_copy(&copy);
}

static void test_descriptors_are_taken_over(void **state) {
    struct copy copy;
    make_copy(&copy);
    unsigned before = open_descriptors();
    for (unsigned i = 0; i < 1000; i++) {
        struct mapping *mapping = make(0, 1 << 20, copy.path);
        mapping->inode = i / 2;
        mapping->file = open(copy.path, O_RDONLY | O_CLOEXEC);
        module_table_map(*state, (pid_t)(10 + i), mapping);
    }
    assert_true(open_descriptors() <= before + MODULE_FILES_MAX);
    struct mapping *mapping = make(0, 4096, "//anon");
    mapping->file = open(copy.path, O_RDONLY | O_CLOEXEC);
    module_table_map(*state, 10, mapping);
    assert_true(open_descriptors() <= before + MODULE_FILES_MAX);
    module_table_destroy(*state);
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(module_table_create((struct module_table **)state), 0);
    remove_copy(&copy);
}

/* In a process that was forked, the numbers are those of its own files. */
static void test_another_process_goes_on(void **state) {
    struct copy copy;
    make_copy(&copy);
    struct mapping *mapping = make(0, 1 << 30, copy.path);
    mapping->inode = copy.inode;
    mapping->file = open(copy.path, O_RDONLY | O_CLOEXEC);
    int file = mapping->file;
    module_table_map(*state, 10, mapping);
    pid_t child = fork();
    if (child == 0) {
        int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(other, file);
        int status = mapped_module_open(find(*state, 10, 0)) ? 0 : 1; /* by its path */
        mapping->file = other;
        mapping->inode++;
        module_table_map(*state, 11, mapping);
        module_table_destroy(*state);
        status |= fcntl(other, F_GETFD) < 0 || fcntl(file, F_GETFD) < 0 ? 2 : 0;
        _exit(status);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    remove_copy(&copy);
}

static void test_many_open_modules(void **state) {
    enum {
        MANY = MODULES_OPEN_MAX + 20,
    };
    struct copy copies[MANY];
    unsigned before = open_descriptors();
    unsigned trimmed = 0;
    for (unsigned i = 0; i < MANY; i++) {
        make_copy(&copies[i]);
        struct mapping *mapping = make((uint64_t)i << 32, 1 << 30, copies[i].path);
        mapping->inode = copies[i].inode;
        assert_int_equal(open_error(*state, mapping), 0);
        unsigned opened = open_descriptors() - before;
        assert_int_equal(module_table_trim(*state), opened > MODULES_OPEN_MAX);
        trimmed += opened > MODULES_OPEN_MAX;
        mapped_module_open(find(*state, 10, 0)); /* is always in use */
    }
    assert_true(trimmed > 0);
    assert_true(open_descriptors() <= before + MODULES_OPEN_MAX);
    assert_non_null(find(*state, 10, 0)->module);
    /* Those that were closed are opened again, if they are still there. */
    struct mapped_module *second = find(*state, 10, UINT64_C(1) << 32);
    struct mapped_module *third = find(*state, 10, UINT64_C(2) << 32);
    assert_non_null(second);
    assert_null(second->module);
    assert_non_null(mapped_module_open(second));
    remove_copy(&copies[2]);
    assert_null(mapped_module_open(third));
    assert_int_equal(third->error, ENOENT);
    for (unsigned i = 0; i < MANY; i++) {
        remove_copy(&copies[i]);
    }
}

/* However many processes there were: those that ended take no memory. */
static void test_processes_come_and_go(void **state) {
    own_mappings(*state);
    size_t before = 0;
    for (pid_t i = 0; i < 40000; i++) {
        pid_t pid = 1000000 + i;
        module_table_fork(*state, pid, getpid());
        module_table_map(*state, pid, make(0x1000, 0x1000, "/nowhere/a"));
        module_table_exec(*state, pid);
        module_table_map(*state, pid, make(0x1000, 0x1000, "/nowhere/b"));
        module_table_end(*state, pid);
        if (i == 1000) {
            before = mallinfo2().uordblks;
        }
    }
    assert_true(mallinfo2().uordblks <= before + 4096);
}

/* A process that is forked takes next to nothing as long as it maps nothing. */
static void test_forks_share(void **state) {
    for (uint64_t i = 0; i < 1000; i++) {
        module_table_map(*state, 10, make(0x10000 * i, 0x1000, "/nowhere/a"));
    }
    size_t before = mallinfo2().uordblks;
    for (pid_t pid = 11; pid < 1011; pid++) {
        module_table_fork(*state, pid, pid - 1);
    }
    assert_true(mallinfo2().uordblks - before < (size_t)1000 * 512);
    assert_non_null(find(*state, 1010, UINT64_C(0x10000) * 999));
}

#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_areas_are_cut),
        cmocka_unit_test(test_areas_without_sense),
        cmocka_unit_test(test_areas_are_bounded),
        WITH_TABLE(test_own_code),
        WITH_TABLE(test_the_vdso),
        WITH_TABLE(test_fork_and_exec_and_end),
        WITH_TABLE(test_what_is_no_file_replaces_files),
        WITH_TABLE(test_identity),
        WITH_TABLE(test_a_file_by_its_path),
        WITH_TABLE(test_what_is_no_program),
        WITH_TABLE(test_a_deleted_file),
        WITH_TABLE(test_descriptors_are_taken_over),
        WITH_TABLE(test_another_process_goes_on),
        WITH_TABLE(test_many_open_modules),
        WITH_TABLE(test_processes_come_and_go),
        WITH_TABLE(test_forks_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
