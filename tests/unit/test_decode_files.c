/* SPDX-License-Identifier: MIT
 *
 * Decoding: names in calls about files, file systems, events and memory, and arguments
 * that are something else with each value of another one.
 */
#include "shown_call.h"

#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

enum {
    I386_LLSEEK = 140,
    I386_PREAD64 = 180,
    I386_MMAP2 = 192,
    I386_TRUNCATE64 = 193,
    I386_FALLOCATE = 324,
    I386_FANOTIFY_MARK = 339,
    POINTER = 0x1000,
    /* Calls that the C library's headers may not know. */
    NR_FCHMODAT2 = 452,
    NR_MAP_SHADOW_STACK = 453,
};

static struct fake_call call;

static void call_is(int number, const uint64_t *args) {
    fake_call_init(&call, ARCH_X86_64, number, args, 0);
}

static void assert_shown(const char *expected) {
    assert_call_shown(&call, NOTATION_STRACE, expected);
}

static void assert_call(int number, const uint64_t *args, const char *expected) {
    call_is(number, args);
    assert_shown(expected);
}

static void assert_i386(int number, const uint64_t *args, const char *expected) {
    fake_call_init(&call, ARCH_I386, number, args, 0);
    assert_shown(expected);
}

/* ----------------------------------------------------- numbers beside flags */

static void test_a_number_that_stands_before_flags(void **state) {
    (void)state;
    assert_call(SYS_fanotify_init, ARGS(0, O_RDWR), "fanotify_init(FAN_CLASS_NOTIF, O_RDWR)");
    assert_call(SYS_fanotify_init, ARGS(0x5, 0), "fanotify_init(FAN_CLASS_CONTENT|FAN_CLOEXEC, O_RDONLY)");
    assert_call(SYS_fanotify_init, ARGS(0x80000, 0), "fanotify_init(FAN_CLASS_NOTIF|0x80000 /* FAN_??? */, O_RDONLY)");
    assert_call(SYS_fanotify_init, ARGS(0x8000e, 0),
                "fanotify_init(0xc /* FAN_CLASS_??? */|FAN_NONBLOCK|0x80000, O_RDONLY)");
    assert_call(SYS_kexec_load, ARGS(0, 0, 0, 0x3e0001), "kexec_load(NULL, 0, NULL, KEXEC_ARCH_X86_64|KEXEC_ON_CRASH)");
    assert_call(SYS_kexec_load, ARGS(0, 0, 0, 0x10000), "kexec_load(NULL, 0, NULL, 0x10000 /* KEXEC_ARCH_??? */)");
}

static void test_a_number_that_stands_behind_flags(void **state) {
    (void)state;
    assert_call(SYS_swapon, ARGS(POINTER, 0), "swapon(0x1000, 0)");
    assert_call(SYS_swapon, ARGS(POINTER, 0x8005), "swapon(0x1000, SWAP_FLAG_PREFER|5)");
    assert_call(SYS_swapon, ARGS(POINTER, 0x100010), "swapon(0x1000, 0x100000 /* SWAP_FLAG_??? */|16)");
}

static void test_modes_of_memory_policies(void **state) {
    (void)state;
    assert_call(SYS_set_mempolicy, ARGS(0, 0, 0), "set_mempolicy(MPOL_DEFAULT, NULL, 0)");
    assert_call(SYS_set_mempolicy, ARGS(0x8002, 0, 0), "set_mempolicy(MPOL_BIND|MPOL_F_STATIC_NODES, NULL, 0)");
    assert_call(SYS_set_mempolicy, ARGS(0x4000, 0, 0), "set_mempolicy(MPOL_DEFAULT|MPOL_F_RELATIVE_NODES, NULL, 0)");
    assert_call(SYS_set_mempolicy, ARGS(0x2000000077, 0, 0), "set_mempolicy(0x77 /* MPOL_??? */, NULL, 0)");
    assert_call(SYS_mbind, ARGS(0, 0, 0x2000000000008001, 0, 0, 0x6),
                "mbind(NULL, 0, MPOL_F_STATIC_NODES|0x2000000000000001, NULL, 0, MPOL_MF_MOVE|MPOL_MF_MOVE_ALL)");
}

static void test_operations_of_io_uring(void **state) {
    (void)state;
    assert_call(SYS_io_uring_register, ARGS(3, 0, 0, 0), "io_uring_register(3, IORING_REGISTER_BUFFERS, NULL, 0)");
    assert_call(SYS_io_uring_register, ARGS(0, 0x80000023, POINTER, 1),
                "io_uring_register(0, IORING_REGISTER_USE_REGISTERED_RING|IORING_REGISTER_QUERY, 0x1000, 1)");
    assert_call(SYS_io_uring_register, ARGS(0, 0x7777, 0, 0),
                "io_uring_register(0, 0x7777 /* IORING_REGISTER_??? */, NULL, 0)");
}

/* ---------------------------------------------------------- names of places */

static void test_names_that_are_no_descriptors(void **state) {
    (void)state;
    assert_call(SYS_fanotify_mark, ARGS(3, 1, 2, (uint64_t)AT_FDCWD, 0),
                "fanotify_mark(3, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD, NULL)");
    assert_call(SYS_fanotify_mark, ARGS(3, 0x110, 0x100000000000001, UINT32_MAX, 0),
                "fanotify_mark(3, FAN_MARK_MNTNS, FAN_ACCESS|0x100000000000000, FAN_NOFD, NULL)");
    assert_call(SYS_open_by_handle_at, ARGS((uint64_t)-10003, 0, 0), "open_by_handle_at(FD_NSFS_ROOT, NULL, O_RDONLY)");
    assert_call(SYS_open_by_handle_at, ARGS(5, 0, 0), "open_by_handle_at(5, NULL, O_RDONLY)");
}

static void test_names_of_new_calls(void **state) {
    (void)state;
    assert_call(NR_FCHMODAT2, ARGS((uint64_t)AT_FDCWD, 0, 0644, AT_SYMLINK_NOFOLLOW),
                "fchmodat2(AT_FDCWD, NULL, 0644, AT_SYMLINK_NOFOLLOW)");
    assert_call(NR_MAP_SHADOW_STACK, ARGS(0, 4096, 1), "map_shadow_stack(NULL, 4096, SHADOW_STACK_SET_TOKEN)");
}

/* ------------------------------------------ arguments that depend on others */

static void mount_with(uint64_t flags, const char *expected) {
    char line[256];
    call_is(SYS_mount, ARGS(POINTER, POINTER, POINTER, flags, POINTER));
    fake_call_string(&call, 0, "/dev/sda");
    fake_call_string(&call, 1, "/mnt");
    fake_call_string(&call, 2, "ext4");
    fake_call_string(&call, 4, "ro");
    snprintf(line, sizeof(line), "mount(\"/dev/sda\", \"/mnt\", %s)", expected);
    assert_shown(line);
}

static void test_mount_reads_strings_where_the_kernel_does(void **state) {
    (void)state;
    mount_with(0, "\"ext4\", 0, \"ro\"");
    mount_with(MS_REMOUNT | MS_BIND, "0x1000, MS_REMOUNT|MS_BIND, \"ro\"");
    mount_with(MS_BIND | MS_REC, "0x1000, MS_BIND|MS_REC, 0x1000");
    mount_with(MS_PRIVATE, "0x1000, MS_PRIVATE, 0x1000");
    /* The magic number has bits of MS_PRIVATE and others. */
    mount_with(0xc0ed0000 | MS_NODEV, "\"ext4\", MS_MGC_VAL|MS_NODEV, \"ro\"");
    mount_with(0xc0ed0000 | MS_MOVE, "0x1000, MS_MGC_VAL|MS_MOVE, 0x1000");
}

static void fsconfig_with(uint64_t command, uint64_t aux, const char *expected) {
    char line[256];
    call_is(SYS_fsconfig, ARGS(3, command, POINTER, POINTER, aux));
    fake_call_string(&call, 2, "key");
    fake_call_whole(&call, 3, "a\0b", 3);
    snprintf(line, sizeof(line), "fsconfig(3, %s)", expected);
    assert_shown(line);
}

static void test_fsconfig_has_the_arguments_of_its_command(void **state) {
    (void)state;
    fsconfig_with(0, 0, "FSCONFIG_SET_FLAG, \"key\", 0x1000, 0");
    fsconfig_with(1, 0, "FSCONFIG_SET_STRING, \"key\", \"a\\0b\", 0");
    fsconfig_with(2, 3, "FSCONFIG_SET_BINARY, \"key\", \"\\x61\\x00\\x62\", 3");
    fsconfig_with(2, UINT64_MAX, "FSCONFIG_SET_BINARY, \"key\", 0x1000, -1");
    fsconfig_with(3, (uint64_t)AT_FDCWD, "FSCONFIG_SET_PATH, \"key\", \"a\\0b\", AT_FDCWD");
    fsconfig_with(5, 7, "FSCONFIG_SET_FD, \"key\", 0x1000, 7");
    fsconfig_with(6, (uint64_t)AT_FDCWD, "FSCONFIG_CMD_CREATE, 0x1000, 0x1000, -100");
    fsconfig_with(99, 0, "0x63 /* FSCONFIG_??? */, 0x1000, 0x1000, 0");
}

static void test_reboot_has_a_string_with_one_command(void **state) {
    (void)state;
    call_is(SYS_reboot, ARGS(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_CMD_RESTART2, POINTER));
    fake_call_string(&call, 3, "now");
    assert_shown("reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_CMD_RESTART2, \"now\")");
    assert_call(SYS_reboot, ARGS(1, 2, 0, POINTER),
                "reboot(0x1 /* LINUX_REBOOT_MAGIC_??? */, 0x2 /* LINUX_REBOOT_MAGIC_??? */, LINUX_REBOOT_CMD_CAD_OFF)");
}

static void test_the_third_argument_of_fcntl_by_type(void **state) {
    (void)state;
    assert_call(SYS_fcntl, ARGS(3, F_DUPFD, 0x80000000), "fcntl(3, F_DUPFD, 2147483648)");
    assert_call(SYS_fcntl, ARGS(3, 0x403, 0xffffffff), "fcntl(3, F_DUPFD_QUERY, -1)");
    assert_call(SYS_fcntl, ARGS(3, 0x404, 5), "fcntl(3, F_CREATED_QUERY)");
    assert_call(SYS_fcntl, ARGS(3, F_GET_RW_HINT, 0), "fcntl(3, F_GET_RW_HINT, NULL)");
    assert_call(SYS_fcntl, ARGS(3, 17, 0), "fcntl(3, F_GETOWNER_UIDS, 0)");
}

/* --------------------------------------------------------------------- i386 */

static void test_two_arguments_of_i386_are_one_number(void **state) {
    (void)state;
    assert_i386(I386_PREAD64, ARGS(3, 0, 5, 0xfffffffe, 0xffffffff), "pread64(3, NULL, 5, -2)");
    assert_i386(I386_PREAD64, ARGS(3, 0, 5, 1, 2), "pread64(3, NULL, 5, 8589934593)");
    assert_i386(I386_TRUNCATE64, ARGS(0, 0xffffffff, 0xffffffff), "truncate64(NULL, 18446744073709551615)");
    assert_i386(I386_LLSEEK, ARGS(3, 1, 2, 0, SEEK_END), "_llseek(3, 4294967298, NULL, SEEK_END)");
    assert_i386(I386_FALLOCATE, ARGS(3, 1, 1, 1, 2, 0), "fallocate(3, FALLOC_FL_KEEP_SIZE, 4294967297, 2)");
    assert_i386(I386_FANOTIFY_MARK, ARGS(3, 1, 1, 1, (uint64_t)AT_FDCWD, 0),
                "fanotify_mark(3, FAN_MARK_ADD, FAN_ACCESS|0x100000000, AT_FDCWD, NULL)");
}

static void test_an_offset_in_pages_is_shown_in_bytes(void **state) {
    (void)state;
    assert_i386(I386_MMAP2, ARGS(0, 1, 0, 2, 3, 0xfffff), "mmap2(NULL, 1, PROT_NONE, MAP_PRIVATE, 3, 0xfffff000)");
    assert_i386(I386_MMAP2, ARGS(0, 1, 0, 2, 3, 0x100000), "mmap2(NULL, 1, PROT_NONE, MAP_PRIVATE, 3, 0x100000000)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_that_stands_before_flags),
        cmocka_unit_test(test_a_number_that_stands_behind_flags),
        cmocka_unit_test(test_modes_of_memory_policies),
        cmocka_unit_test(test_operations_of_io_uring),
        cmocka_unit_test(test_names_that_are_no_descriptors),
        cmocka_unit_test(test_names_of_new_calls),
        cmocka_unit_test(test_mount_reads_strings_where_the_kernel_does),
        cmocka_unit_test(test_fsconfig_has_the_arguments_of_its_command),
        cmocka_unit_test(test_reboot_has_a_string_with_one_command),
        cmocka_unit_test(test_the_third_argument_of_fcntl_by_type),
        cmocka_unit_test(test_two_arguments_of_i386_are_one_number),
        cmocka_unit_test(test_an_offset_in_pages_is_shown_in_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
