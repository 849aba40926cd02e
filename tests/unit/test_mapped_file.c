/* SPDX-License-Identifier: MIT
 *
 * Which files of a program are opened: those that are mapped, once, and nothing else.
 */
#include "mapped_file.h"

#include "unit.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BYTES = 4096,
};

static const uint8_t build_id[MAPPING_BUILD_ID_MAX] = {0xab, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

struct world {
    struct mapped_files *seen;
    struct mapping *mapping;
    char folder[32];
    char path[64];
};

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    world->seen = mapped_files_create();
    world->mapping = calloc(1, MAPPING_BOUND);
    strcpy(world->folder, "/tmp/mapped-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof(world->path), "%s/file", world->folder);
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    struct world *world = *state;
    unlink(world->path);
    rmdir(world->folder);
    mapped_files_destroy(world->seen);
    free(world->mapping);
    free(world);
    return 0;
}

/* An ELF file with that build id in its second note. */
static void write_elf(const char *path, const uint8_t id[MAPPING_BUILD_ID_MAX], uint8_t class) {
    static const Elf64_Nhdr other = {.n_namesz = 3, .n_descsz = 1, .n_type = NT_GNU_BUILD_ID};
    static const Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = MAPPING_BUILD_ID_MAX, .n_type = NT_GNU_BUILD_ID};
    static const uint8_t magic[] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};
    enum {
        NOTES = 1024,
        SIZE = sizeof(other) + 4 + 4 + sizeof(note) + 4 + MAPPING_BUILD_ID_MAX,
    };
    uint8_t bytes[BYTES] = {0};
    if (class == ELFCLASS64) {
        Elf64_Ehdr head = {.e_phoff = 512, .e_phnum = 2};
        Elf64_Phdr segments[2] = {{.p_type = PT_LOAD}, {.p_type = PT_NOTE, .p_offset = NOTES, .p_filesz = SIZE}};
        memcpy(bytes, &head, sizeof(head));
        memcpy(bytes + 512, segments, sizeof(segments));
    } else {
        Elf32_Ehdr head = {.e_phoff = 512, .e_phnum = 2};
        Elf32_Phdr segments[2] = {{.p_type = PT_LOAD}, {.p_type = PT_NOTE, .p_offset = NOTES, .p_filesz = SIZE}};
        memcpy(bytes, &head, sizeof(head));
        memcpy(bytes + 512, segments, sizeof(segments));
    }
    memcpy(bytes, magic, sizeof(magic));
    bytes[EI_CLASS] = class;
    uint8_t *notes = bytes + NOTES;
    memcpy(notes, &other, sizeof(other));
    memcpy(notes + sizeof(other), "Go", 3);
    notes += sizeof(other) + 8;
    memcpy(notes, &note, sizeof(note));
    memcpy(notes + sizeof(note), "GNU", 4);
    memcpy(notes + sizeof(note) + 4, id, MAPPING_BUILD_ID_MAX);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
    assert_int_equal(write(file, bytes, sizeof(bytes)), sizeof(bytes));
    close(file);
}

/* The mapping of the world's file at no address that is really mapped. */
static void describe(struct world *world, const char *path) {
    struct stat status = {0};
    stat(path, &status);
    *world->mapping = (struct mapping){
        .start = 0x1000, .length = BYTES, .inode = status.st_ino, .file = -1, .path_size = (uint32_t)strlen(path) + 1};
    strcpy(world->mapping->path, path);
}

static void give_build_id(struct mapping *mapping) {
    mapping->inode = 0;
    mapping->build_id_size = MAPPING_BUILD_ID_MAX;
    memcpy(mapping->build_id, build_id, sizeof(build_id));
}

/* Whether it is opened, for this process. */
static bool opens_for(struct world *world, pid_t pid) {
    int file = mapped_file_open(world->seen, pid, world->mapping);
    if (file < 0) {
        return false;
    }
    struct stat status;
    assert_int_equal(fstat(file, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_int_equal(fcntl(file, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(file, F_GETFL) & O_ACCMODE, O_RDONLY);
    assert_int_equal(lseek(file, 0, SEEK_CUR), 0);
    close(file);
    return true;
}

static bool opens(struct world *world) {
    return opens_for(world, getpid());
}

static void test_a_file_is_opened_once(void **state) {
    struct world *world = *state;
    write_elf(world->path, build_id, ELFCLASS64);
    describe(world, world->path);
    assert_true(opens(world));
    assert_false(opens(world));
    /* What is somewhere else is another file. */
    struct stat status;
    assert_int_equal(stat("/proc/self/exe", &status), 0);
    char path[512] = "";
    assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
    describe(world, path);
    assert_true(opens(world));
    assert_false(opens(world));
}

/* Whoever is slow to take files over leaves some descriptors to others. */
static void test_there_is_an_end_of_descriptors(void **state) {
    struct world *world = *state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit few = {.rlim_cur = 100, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    mapped_files_destroy(world->seen);
    world->seen = mapped_files_create();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    write_elf(world->path, build_id, ELFCLASS64);
    describe(world, world->path);
    int held[64];
    size_t count = 0;
    do {
        held[count] = dup(STDERR_FILENO);
        assert_true(held[count] >= 0);
    } while (held[count++] < 50 - 2 && count < 64);
    assert_false(opens(world));
    int free_number = dup(STDERR_FILENO);
    close(free_number);
    for (size_t i = 0; i < count; i++) {
        close(held[i]);
    }
    /* The path and the file itself are open at the same time, and nothing else is any more after it was refused. */
    assert_int_equal(free_number, held[count - 1] + 1);
    assert_true(opens(world));
    assert_false(opens(world));
}

static void test_a_file_by_its_build_id(void **state) {
    struct world *world = *state;
    static const uint8_t classes[] = {ELFCLASS64, ELFCLASS32};
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        struct mapped_files *seen = world->seen;
        world->seen = mapped_files_create();
        write_elf(world->path, build_id, classes[i]);
        describe(world, world->path);
        give_build_id(world->mapping);
        assert_true(opens(world));
        assert_false(opens(world));
        /* Under another name it is the same. */
        world->mapping->path[world->mapping->path_size - 2] = 'x';
        assert_false(opens(world));
        mapped_files_destroy(world->seen);
        world->seen = seen;
    }
}

static void test_another_file_is_not_opened(void **state) {
    struct world *world = *state;
    uint8_t other[MAPPING_BUILD_ID_MAX] = {0};
    write_elf(world->path, other, ELFCLASS64);
    describe(world, world->path);
    world->mapping->inode++;
    assert_false(opens(world));
    give_build_id(world->mapping);
    assert_false(opens(world));
    /* That did not count as seen. */
    write_elf(world->path, build_id, ELFCLASS64);
    assert_true(opens(world));
}

static void test_what_is_no_file(void **state) {
    static const char *const names[] = {"", "[vdso]", "[heap]", "//anon", "/", "/dev/null", "/nothing (deleted)"};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        describe(world, names[i]);
        assert_false(opens(world));
        world->mapping->inode = 0;
        assert_false(opens(world));
    }
    /* To open it would wait for a writer. */
    assert_int_equal(mkfifo(world->path, 0600), 0);
    describe(world, world->path);
    assert_false(opens(world));
}

static void test_notes_that_are_broken(void **state) {
    struct world *world = *state;
    describe(world, world->path);
    give_build_id(world->mapping);
    /* Each word of the headers and the notes once as large as can be. */
    for (off_t at = 0; at < 1200; at += 4) {
        write_elf(world->path, build_id, ELFCLASS64);
        int file = open(world->path, O_WRONLY | O_CLOEXEC);
        assert_int_equal(pwrite(file, "\377\377\377\377", 4, at), 4);
        close(file);
        struct mapped_files *seen = world->seen;
        world->seen = mapped_files_create();
        opens(world);
        mapped_files_destroy(world->seen);
        world->seen = seen;
    }
    assert_int_equal(truncate(world->path, 1060), 0);
    assert_false(opens(world));
    assert_int_equal(truncate(world->path, 10), 0);
    assert_false(opens(world));
}

static void test_a_process_that_is_gone(void **state) {
    struct world *world = *state;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    write_elf(world->path, build_id, ELFCLASS64);
    describe(world, world->path);
    assert_true(opens_for(world, pid));
}

static void test_a_file_that_is_deleted(void **state) {
    struct world *world = *state;
    if (geteuid() != 0) {
        skip(); /* map_files are for root */
    }
    write_elf(world->path, build_id, ELFCLASS64);
    int file = open(world->path, O_RDONLY | O_CLOEXEC);
    void *mapped = mmap(NULL, BYTES, PROT_READ, MAP_PRIVATE, file, 0);
    assert_ptr_not_equal(mapped, MAP_FAILED);
    close(file);
    describe(world, world->path);
    world->mapping->start = (uint64_t)(uintptr_t)mapped;
    strcat(world->mapping->path, " (deleted)");
    world->mapping->path_size = (uint32_t)strlen(world->mapping->path) + 1;
    unlink(world->path);
    bool opened = opens(world);
    munmap(mapped, BYTES);
    assert_true(opened);
}

/* A copy of this program, executed and deleted, which waits: its process. */
static pid_t start_deleted(struct world *world, struct stat *status) {
    char command[2 * sizeof(world->path) + 64];
    int waits[2];
    snprintf(command, sizeof(command), "cp /proc/%d/exe %s", getpid(), world->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(stat(world->path, status), 0);
    assert_int_equal(pipe(waits), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(waits[1], STDOUT_FILENO);
        if (getuid() != 0 || setuid(1) == 0) {
            execl(world->path, world->path, "wait", NULL);
        }
        _exit(99);
    }
    char byte;
    assert_int_equal(read(waits[0], &byte, 1), 1); /* it runs */
    close(waits[0]);
    close(waits[1]);
    assert_int_equal(unlink(world->path), 0);
    return pid;
}

/* Who has no privileges cannot open a mapped file that is gone, but the program itself. */
static void test_a_program_that_is_deleted(void **state) {
    struct world *world = *state;
    struct stat status;
    assert_int_equal(chmod(world->folder, 0755), 0);
    pid_t program = start_deleted(world, &status);
    char path[sizeof(world->path) + 16];
    snprintf(path, sizeof(path), "%s (deleted)", world->path);
    describe(world, "/proc/self/exe");
    world->mapping->inode = status.st_ino;
    world->mapping->path_size = (uint32_t)snprintf(world->mapping->path, MAPPING_PATH_MAX, "%s", path) + 1;
    pid_t child = fork();
    if (child == 0) {
        bool ready = getuid() != 0 || setuid(1) == 0;
        bool found = opens_for(world, program);
        world->mapping->inode++; /* a library that is gone */
        bool other = opens_for(world, program);
        _exit(ready && found && !other ? 0 : 1);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    kill(program, SIGKILL);
    assert_int_equal(waitpid(program, NULL, 0), program);
    assert_int_equal(result, 0);
}

static void test_what_is_seen_is_bounded(void **state) {
    enum {
        FILES = 5000,
    };
    struct world *world = *state;
    write_elf(world->path, build_id, ELFCLASS64);
    for (unsigned i = 0; i < FILES; i++) {
        /* The same file under names that are not: a binary number of slashes and of "/." */
        char path[sizeof(world->path) + 32];
        size_t at = (size_t)snprintf(path, sizeof(path), "%s", world->folder);
        for (unsigned bits = i | 1U << 13; bits > 1; bits /= 2) {
            at += (size_t)snprintf(path + at, sizeof(path) - at, bits % 2 ? "/." : "/");
        }
        snprintf(path + at, sizeof(path) - at, "/file");
        describe(world, path);
        assert_true(opens(world));
        assert_false(opens(world));
    }
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        assert_int_equal(write(STDOUT_FILENO, "!", 1), 1);
        pause();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_file_is_opened_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_there_is_an_end_of_descriptors, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_by_its_build_id, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_file_is_not_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_notes_that_are_broken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_process_that_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_deleted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_program_that_is_deleted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_seen_is_bounded, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
