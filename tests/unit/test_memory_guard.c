/* SPDX-License-Identifier: MIT
 *
 * Memory that a program supplies itself: which pages are read once there is such
 * memory, and which calls tell that there may be. Reads go to this process's own.
 */
#include "memory_guard.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    I386_IOCTL = 54,
    I386_USERFAULTFD = 374,
};

static atomic_bool supplies;
static struct memory_guard guard;

static int set_up(void **state) {
    (void)state;
    atomic_store(&supplies, true);
    memory_guard_init(&guard, &live_memory, &supplies);
    return 0;
}

static uint8_t *map(size_t pages, int flags, int fd) {
    uint8_t *area = mmap(NULL, pages * PAGE, PROT_READ | (fd < 0 ? PROT_WRITE : 0), flags, fd, 0);
    assert_ptr_not_equal(area, MAP_FAILED);
    return area;
}

static ssize_t read_guarded(const uint8_t *from, size_t size, uint8_t *to) {
    struct iovec local = {.iov_base = to, .iov_len = size};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)from, .iov_len = size};
    return guard.memory.read(&guard.memory, getpid(), &local, &remote, 1);
}

static void test_without_such_memory_everything_is_read(void **state) {
    (void)state;
    uint8_t buffer[16];
    uint8_t *area = map(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    atomic_store(&supplies, false);
    assert_int_equal(read_guarded(area, sizeof(buffer), buffer), sizeof(buffer));
    munmap(area, PAGE);
}

static void test_only_pages_that_are_there(void **state) {
    (void)state;
    uint8_t buffer[2 * PAGE];
    uint8_t *area = map(3, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    assert_int_equal(read_guarded(area, 8, buffer), -EFAULT);
    memset(area, 'a', PAGE);
    memset(area + 2 * PAGE, 'c', PAGE);
    assert_int_equal(read_guarded(area, 8, buffer), 8);
    assert_memory_equal(buffer, "aaaaaaaa", 8);
    assert_int_equal(read_guarded(area + PAGE - 3, 8, buffer), 3);
    assert_int_equal(read_guarded(area + PAGE, 8, buffer), -EFAULT);
    assert_int_equal(read_guarded(area + 3 * PAGE - 1, 1, buffer), 1);
    area[PAGE] = 'b';
    assert_int_equal(read_guarded(area + 1, 2 * PAGE, buffer), 2 * PAGE);
    assert_int_equal(buffer[PAGE - 1], 'b');
    assert_int_equal(buffer[2 * PAGE - 1], 'c');
    madvise(area, PAGE, MADV_DONTNEED);
    assert_int_equal(read_guarded(area, 8, buffer), -EFAULT);
    munmap(area, 3 * PAGE);
    assert_int_equal(read_guarded(area, 8, buffer), -EFAULT);
}

/* Several ranges are copied in order, up to the first byte that is not there, as process_vm_readv(2) does. */
static void test_ranges_end_where_a_page_is_missing(void **state) {
    (void)state;
    uint8_t buffer[32];
    uint8_t *area = map(2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    memset(area, 'a', PAGE);
    struct iovec local[] = {{buffer, 4}, {buffer + 4, 8}, {buffer + 12, 4}};
    struct iovec remote[] = {{area, 4}, {area + PAGE - 2, 8}, {area, 4}};
    assert_int_equal(guard.memory.read(&guard.memory, getpid(), local, remote, 3), 6);
    remote[1].iov_len = local[1].iov_len = 0;
    assert_int_equal(guard.memory.read(&guard.memory, getpid(), local, remote, 3), 8);
    remote[0].iov_base = area + PAGE;
    assert_int_equal(guard.memory.read(&guard.memory, getpid(), local, remote, 3), -EFAULT);
    munmap(area, 2 * PAGE);
}

/* Constants of a program that only the kernel looks at; those of shared memory may be supplied by anybody. */
static void test_pages_of_files(void **state) {
    (void)state;
    uint8_t buffer[4];
    int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int shared = memfd_create("shared", MFD_CLOEXEC);
    assert_true(program >= 0 && shared >= 0 && write(shared, "there", 5) == 5);
    uint8_t *area = map(1, MAP_PRIVATE, program);
    assert_int_equal(read_guarded(area, sizeof(buffer), buffer), sizeof(buffer));
    assert_memory_equal(buffer, "\177ELF", 4);
    munmap(area, PAGE);
    area = map(1, MAP_SHARED, shared);
    assert_int_equal(read_guarded(area, sizeof(buffer), buffer), -EFAULT);
    assert_int_equal(area[0], 't');
    assert_int_equal(read_guarded(area, sizeof(buffer), buffer), sizeof(buffer));
    munmap(area, PAGE);
    close(program);
    close(shared);
}

static void test_writes_go_through(void **state) {
    (void)state;
    uint8_t *area = map(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    char told[] = "told";
    struct iovec local = {.iov_base = told, .iov_len = 4};
    struct iovec remote = {.iov_base = area, .iov_len = 4};
    assert_int_equal(guard.memory.write(&guard.memory, getpid(), &local, &remote, 1), 4);
    assert_memory_equal(area, "told", 4);
    munmap(area, PAGE);
}

static bool tells(enum arch arch, int64_t number, uint64_t first, uint64_t second, uint64_t third) {
    uint64_t args[SYSCALL_MAX_ARGS] = {first, second, third};
    atomic_store(&supplies, false);
    memory_guard_look_at(&supplies, arch, number, args, &guard.memory, getpid());
    return atomic_load(&supplies);
}

static void test_calls_that_tell(void **state) {
    (void)state;
    uint64_t fuse = (uintptr_t) "fuse.sshfs";
    uint64_t proc = (uintptr_t) "proc";
    assert_int_equal(USERFAULTFD_NEW, USERFAULTFD_IOC_NEW);
    assert_true(tells(ARCH_X86_64, SYS_userfaultfd, 0, 0, 0));
    assert_true(tells(ARCH_I386, I386_USERFAULTFD, 0, 0, 0));
    assert_true(tells(ARCH_X86_64, SYS_ioctl, 3, USERFAULTFD_IOC_NEW, 0));
    assert_true(tells(ARCH_I386, I386_IOCTL, 3, USERFAULTFD_IOC_NEW, 0));
    assert_true(tells(ARCH_X86_64, SYS_mount, 0, 0, fuse));
    assert_true(tells(ARCH_X86_64, SYS_fsopen, fuse, 0, 0));
    assert_false(tells(ARCH_X86_64, SYS_mount, 0, fuse, proc));
    assert_false(tells(ARCH_X86_64, SYS_mount, 0, 0, 0));
    assert_false(tells(ARCH_X86_64, SYS_mount, 0, 0, 1));
    assert_false(tells(ARCH_X86_64, SYS_fsopen, proc, 0, 0));
    assert_false(tells(ARCH_X86_64, SYS_ioctl, 3, FIONREAD, 0));
    assert_false(tells(ARCH_X86_64, SYS_openat, 0, 0, 0));
    assert_false(tells(ARCH_I386, SYS_userfaultfd, 0, 0, 0));
}

static void test_processes_that_run_already(void **state) {
    (void)state;
    assert_false(memory_is_supplied_in(getpid()));
    int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
    if (fd < 0) {
        skip(); /* refused to containers */
    }
    assert_true(memory_is_supplied_in(getpid()));
    close(fd);
    assert_false(memory_is_supplied_in(0x7ffffffe));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_without_such_memory_everything_is_read, set_up),
        cmocka_unit_test_setup(test_only_pages_that_are_there, set_up),
        cmocka_unit_test_setup(test_ranges_end_where_a_page_is_missing, set_up),
        cmocka_unit_test_setup(test_pages_of_files, set_up),
        cmocka_unit_test_setup(test_writes_go_through, set_up),
        cmocka_unit_test_setup(test_calls_that_tell, set_up),
        cmocka_unit_test_setup(test_processes_that_run_already, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
