/* SPDX-License-Identifier: MIT
 *
 * Decoding: what each argument of a call looks like.
 */
#include "value.h"

#include "descriptor.h"

#include "shown_call.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/hdreg.h>
#include <linux/input.h>
#include <linux/ipc.h>
#include <linux/kd.h>
#include <linux/netlink.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

enum {
    I386_OPEN = 5,
    I386_LSEEK = 19,
    I386_WRITE = 4,
    I386_CHOWN32 = 212,
    PIDFD_GET_INFO = (int)0xc058ff0b, /* since Linux 6.13 */
};

static struct fake_call call;

static void call_is(int number, const uint64_t *args) {
    fake_call_init(&call, ARCH_X86_64, number, args, 0);
}

static void call_is_i386(int number, const uint64_t *args) {
    fake_call_init(&call, ARCH_I386, number, args, 0);
}

/* The call as "name(arg, arg)". */
static void assert_shown(const char *expected) {
    assert_call_shown(&call, NOTATION_CONTENT, expected);
}

/* --------------------------------------------------------------------------- numbers */

static void test_a_call_without_arguments(void **state) {
    (void)state;
    call_is(SYS_getpid, ARGS(1, 2, 3));
    assert_shown("getpid()");
}

static void test_descriptors_are_ints(void **state) {
    (void)state;
    call_is(SYS_close, ARGS(3));
    assert_shown("close(3)");
    call_is(SYS_close, ARGS(UINT64_MAX));
    assert_shown("close(-1)");
    call_is(SYS_close, ARGS(0xffffffff)); /* the kernel ignores what is above */
    assert_shown("close(-1)");
    call_is(SYS_close, ARGS(0xdead00000003));
    assert_shown("close(3)");
}

static void test_addresses_and_sizes(void **state) {
    (void)state;
    call_is(SYS_read, ARGS(0, 0x7f0012345678, UINT64_MAX));
    assert_shown("read(0, 0x7f0012345678, 18446744073709551615)");
    call_is(SYS_read, ARGS(0, 0, 0));
    assert_shown("read(0, NULL, 0)");
}

static void test_longs_have_a_sign(void **state) {
    (void)state;
    call_is(SYS_lseek, ARGS(3, (uint64_t)-5, SEEK_CUR));
    assert_shown("lseek(3, -5, SEEK_CUR)");
    call_is(SYS_lseek, ARGS(3, 0xffffffff, SEEK_SET));
    assert_shown("lseek(3, 4294967295, SEEK_SET)");
}

static void test_i386_arguments_have_32_bits(void **state) {
    (void)state;
    call_is_i386(I386_LSEEK, ARGS(3, 0xfffffffb, SEEK_CUR));
    assert_shown("lseek(3, -5, SEEK_CUR)");
    call_is_i386(I386_WRITE, ARGS(0xffffffffffffffff, 0xffffffffdeadbeef, 0xffffffffffffffff));
    assert_shown("write(-1, 0xdeadbeef, 4294967295)");
}

static void test_the_number_means_another_call_on_i386(void **state) {
    (void)state;
    call_is_i386(I386_OPEN, ARGS(0x1000, O_RDONLY));
    fake_call_string(&call, 0, "/x");
    assert_shown("open(/x, O_RDONLY)");
    call_is(I386_OPEN, ARGS(3, 0x1000));
    assert_shown("fstat(3, 0x1000)");
}

static void test_user_ids(void **state) {
    (void)state;
    call_is(SYS_fchown, ARGS(3, 1000, UINT32_MAX));
    assert_shown("fchown(3, 1000, -1)");
    call_is(SYS_fchown, ARGS(3, 4294967294, UINT64_MAX));
    assert_shown("fchown(3, 4294967294, -1)");
}

static void test_unknown_calls(void **state) {
    (void)state;
    call_is(500, ARGS(1, 0, 0xffffffffffffffff, 4, 5, 6));
    assert_shown("syscall_0x1f4(0x1, 0, 0xffffffffffffffff, 0x4, 0x5, 0x6)");
    call_is(X32_BIT + SYS_ioctl, ARGS(0)); /* x32 has another number for it */
    assert_shown("syscall_0x40000010(0, 0, 0, 0, 0, 0)");
}

static void test_calls_of_x32(void **state) {
    (void)state;
    call_is(X32_BIT + SYS_close, ARGS(3));
    assert_shown("close(3)");
    call_is(X32_BIT + 514, ARGS(3, 0x5401, 0x1000));
    assert_shown("ioctl(3, TCGETS, 0x1000)");
    /* An offset is one argument. */
    call_is(X32_BIT + 546, ARGS(3, 0x1000, 1, UINT64_C(1) << 40, 1));
    assert_shown("preadv2(3, 0x1000, 1, 1099511627776, RWF_HIPRI)");
}

static void test_arguments_that_nobody_saw(void **state) {
    (void)state;
    call_is(SYS_openat, ARGS(1, 2, 3, 4));
    call.record.call.flags = CALL_HAS_RESULT;
    assert_shown("openat(?, ?, ?, ?)");
    call_is(500, ARGS(1));
    call.record.call.flags = CALL_HAS_RESULT;
    assert_shown("syscall_0x1f4(?, ?, ?, ?, ?, ?)");
}

/* ----------------------------------------------------------------------------- flags */

static void assert_open_flags(uint64_t flags, const char *expected) {
    char line[256];
    call_is(SYS_openat, ARGS((uint64_t)AT_FDCWD, 0x1000, flags));
    fake_call_string(&call, 1, "f");
    snprintf(line, sizeof(line), "openat(AT_FDCWD, f, %s)", expected);
    assert_shown(line);
}

static void test_open_flags(void **state) {
    (void)state;
    assert_open_flags(O_RDONLY, "O_RDONLY");
    assert_open_flags(O_RDONLY | O_CLOEXEC, "O_RDONLY|O_CLOEXEC");
    assert_open_flags(O_WRONLY | O_TRUNC, "O_WRONLY|O_TRUNC");
    assert_open_flags(O_RDWR | O_NONBLOCK | O_DIRECTORY, "O_RDWR|O_NONBLOCK|O_DIRECTORY");
    assert_open_flags(O_WRONLY | O_SYNC, "O_WRONLY|O_SYNC");
    assert_open_flags(O_WRONLY | O_DSYNC, "O_WRONLY|O_DSYNC");
    assert_open_flags(O_RDONLY | 0100000, "O_RDONLY|O_LARGEFILE");
}

static void test_unknown_bits_keep_their_number(void **state) {
    (void)state;
    assert_open_flags(O_RDONLY | O_CLOEXEC | 0x40000000, "O_RDONLY|O_CLOEXEC|0x40000000");
    assert_open_flags(3, "O_ACCMODE");
    assert_open_flags(3 | O_CLOEXEC, "O_ACCMODE|O_CLOEXEC");
    call_is(SYS_mmap, ARGS(0, 0, PROT_READ, 5 | MAP_FIXED, (uint64_t)-1, 0));
    assert_shown("mmap(NULL, 0, PROT_READ, 0x5|MAP_FIXED, -1, 0)");
    call_is(SYS_mremap, ARGS(0x1000, 0, 0, UINT64_MAX << 4 | MREMAP_MAYMOVE));
    assert_shown("mremap(0x1000, 0, 0, MREMAP_MAYMOVE|0xfffffffffffffff0)");
}

static void test_the_mode_is_there_only_if_a_file_is_created(void **state) {
    (void)state;
    call_is(SYS_openat, ARGS((uint64_t)AT_FDCWD, 0, O_WRONLY | O_CREAT | O_EXCL, 0644));
    assert_shown("openat(AT_FDCWD, NULL, O_WRONLY|O_CREAT|O_EXCL, 0644)");
    call_is(SYS_openat, ARGS((uint64_t)AT_FDCWD, 0, O_WRONLY, 0644));
    assert_shown("openat(AT_FDCWD, NULL, O_WRONLY)");
    call_is(SYS_openat, ARGS(5, 0, O_RDWR | O_TMPFILE, 0600));
    assert_shown("openat(5, NULL, O_RDWR|O_TMPFILE, 0600)");
    call_is(SYS_openat, ARGS(5, 0, O_RDONLY | O_DIRECTORY, 0600));
    assert_shown("openat(5, NULL, O_RDONLY|O_DIRECTORY)");
    call_is(SYS_open, ARGS(0, O_RDWR | O_CREAT, 0));
    assert_shown("open(NULL, O_RDWR|O_CREAT, 000)");
}

static void test_the_working_directory_has_a_name_even_as_32_bits(void **state) {
    (void)state;
    call_is(SYS_openat, ARGS(0xffffff9c, 0, O_RDONLY));
    assert_shown("openat(AT_FDCWD, NULL, O_RDONLY)");
    call_is(SYS_openat, ARGS((uint64_t)-1, 0, O_RDONLY));
    assert_shown("openat(-1, NULL, O_RDONLY)");
}

static void test_memory_flags(void **state) {
    (void)state;
    call_is(SYS_mmap, ARGS(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, (uint64_t)-1, 0));
    assert_shown("mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
    call_is(SYS_mmap, ARGS(0x10000, 4096, PROT_NONE, MAP_SHARED | MAP_FIXED, 3, 0x2000));
    assert_shown("mmap(0x10000, 4096, PROT_NONE, MAP_SHARED|MAP_FIXED, 3, 0x2000)");
}

static void test_the_third_argument_of_fcntl(void **state) {
    (void)state;
    call_is(SYS_fcntl, ARGS(3, F_GETFD, 99));
    assert_shown("fcntl(3, F_GETFD)");
    call_is(SYS_fcntl, ARGS(3, F_GETFL, 99));
    assert_shown("fcntl(3, F_GETFL)");
    call_is(SYS_fcntl, ARGS(3, F_SETFD, FD_CLOEXEC));
    assert_shown("fcntl(3, F_SETFD, FD_CLOEXEC)");
    call_is(SYS_fcntl, ARGS(3, F_SETFL, O_RDWR | O_NONBLOCK));
    assert_shown("fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK)");
    call_is(SYS_fcntl, ARGS(3, F_DUPFD_CLOEXEC, 10));
    assert_shown("fcntl(3, F_DUPFD_CLOEXEC, 10)");
    call_is(SYS_fcntl, ARGS(3, F_SETLK, 0x7ffd0000));
    assert_shown("fcntl(3, F_SETLK, 0x7ffd0000)");
}

static void test_futex_has_the_arguments_of_its_operation(void **state) {
    (void)state;
    call_is(SYS_futex, ARGS(0x1000, FUTEX_WAKE_PRIVATE, INT32_MAX, 1, 2, 3));
    assert_shown("futex(0x1000, FUTEX_WAKE_PRIVATE, 2147483647)");
    call_is(SYS_futex, ARGS(0x1000, FUTEX_WAIT, 2, 0, 0x2000, 3));
    assert_shown("futex(0x1000, FUTEX_WAIT, 2, NULL)");
    call_is(SYS_futex, ARGS(0x1000, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 2, 0, 0x2000, UINT32_MAX));
    assert_shown("futex(0x1000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 2, NULL, FUTEX_BITSET_MATCH_ANY)");
    call_is(SYS_futex, ARGS(0x1000, FUTEX_CMP_REQUEUE, 1, 2, 0x3000, 4));
    assert_shown("futex(0x1000, FUTEX_CMP_REQUEUE, 1, 2, 0x3000, 4)");
    call_is(SYS_futex, ARGS(0x1000, FUTEX_LOCK_PI, 1, 0x2000));
    assert_shown("futex(0x1000, FUTEX_LOCK_PI, 0x2000)");
    call_is(SYS_futex, ARGS(0x1000, 99, 1, 2, 3, 4));
    assert_shown("futex(0x1000, 0x63, 1, 0x2, 0x3, 0x4)");
}

static void test_ioctl(void **state) {
    (void)state;
    call_is(SYS_ioctl, ARGS(3, FIOCLEX, 99));
    assert_shown("ioctl(3, FIOCLEX)");
    call_is(SYS_ioctl, ARGS(3, TCGETS, 0));
    assert_shown("ioctl(3, TCGETS, NULL)");
    call_is(SYS_ioctl, ARGS(3, FICLONE, 4)); /* strace: BTRFS_IOC_CLONE or FICLONE */
    assert_shown("ioctl(3, FICLONE, 4)");
    call_is(SYS_ioctl, ARGS(3, HDIO_GETGEO, 0));
    assert_shown("ioctl(3, HDIO_GETGEO, NULL)");
    call_is(SYS_ioctl, ARGS(3, FIGETBSZ, 0)); /* strace does not look at what the argument points to */
    assert_shown("ioctl(3, FIGETBSZ, 0)");
    call_is(SYS_ioctl, ARGS(3, BLKRASET, UINT64_MAX));
    assert_shown("ioctl(3, BLKRASET, 18446744073709551615)");
    call_is(SYS_ioctl, ARGS(3, KDSKBMODE, 1));
    assert_shown("ioctl(3, KDSKBMODE, K_XLATE)");
    call_is(SYS_ioctl, ARGS(3, TCSETS, 0)); /* strace: SNDCTL_TMR_START or TCSETS */
    assert_shown("ioctl(3, TCSETS, NULL)");
    call_is(SYS_ioctl, ARGS(3, PIDFD_GET_INFO, 16));
    assert_shown("ioctl(3, PIDFD_GET_INFO, 0x10)");
    call_is(SYS_ioctl, ARGS(3, EVIOCGBIT(EV_KEY, 96), 16));
    assert_shown("ioctl(3, EVIOCGBIT(EV_KEY, 96), 0x10)");
    call_is(SYS_ioctl, ARGS(3, _IOC(_IOC_READ | _IOC_WRITE, 0x56, 0x78, 0x1234), 0));
    assert_shown("ioctl(3, _IOC(_IOC_READ|_IOC_WRITE, 0x56, 0x78, 0x1234), 0)");
}

static void test_prctl_has_the_arguments_of_its_option(void **state) {
    (void)state;
    call_is(SYS_prctl, ARGS(PR_GET_DUMPABLE, 1, 2, 3, 4));
    assert_shown("prctl(PR_GET_DUMPABLE)");
    call_is(SYS_prctl, ARGS(PR_CAPBSET_READ, 21, 2, 3, 4));
    assert_shown("prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN)");
    call_is(SYS_prctl, ARGS(PR_SET_PDEATHSIG, SIGKILL));
    assert_shown("prctl(PR_SET_PDEATHSIG, SIGKILL)");
    call_is(SYS_prctl, ARGS(PR_SET_PTRACER, UINT64_MAX));
    assert_shown("prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)");
    call_is(SYS_prctl, ARGS(99999, 1, 0, 3, 4));
    assert_shown("prctl(0x1869f, 0x1, 0, 0x3, 0x4)");
}

static void test_nodes(void **state) {
    (void)state;
    call_is(SYS_mknod, ARGS(0, S_IFIFO | 0600, 7));
    assert_shown("mknod(NULL, S_IFIFO|0600)");
    call_is(SYS_mknod, ARGS(0, S_IFCHR | S_ISUID | 0644, makedev(1, 3)));
    assert_shown("mknod(NULL, S_IFCHR|S_ISUID|0644, makedev(0x1, 0x3))");
    call_is(SYS_mknod, ARGS(0, 0, 0));
    assert_shown("mknod(NULL, 000)");
    call_is(SYS_mknod, ARGS(0, 0160644, 0));
    assert_shown("mknod(NULL, 0160644)");
    call_is(SYS_umask, ARGS(UINT64_MAX));
    assert_shown("umask(0177777)");
    call_is(SYS_shmget, ARGS(IPC_PRIVATE, 4096, IPC_CREAT | 0600));
    assert_shown("shmget(IPC_PRIVATE, 4096, IPC_CREAT|0600)");
}

static void test_arguments_that_nothing_looks_at(void **state) {
    (void)state;
    call_is(SYS_preadv2, ARGS(3, 0x1000, 2, 5, 6, RWF_SYNC));
    assert_shown("preadv2(3, 0x1000, 2, 5, RWF_SYNC)");
    call_is(SYS_mremap, ARGS(0x1000, 1, 2, MREMAP_MAYMOVE, 0x4000));
    assert_shown("mremap(0x1000, 1, 2, MREMAP_MAYMOVE)");
    call_is(SYS_mremap, ARGS(0x1000, 1, 2, MREMAP_MAYMOVE | MREMAP_FIXED, 0x4000));
    assert_shown("mremap(0x1000, 1, 2, MREMAP_MAYMOVE|MREMAP_FIXED, 0x4000)");
}

static void test_huge_pages(void **state) {
    (void)state;
    call_is(SYS_mmap, ARGS(0, 0, 0, MAP_PRIVATE | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT, (uint64_t)-1, 0));
    assert_shown("mmap(NULL, 0, PROT_NONE, MAP_PRIVATE|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, -1, 0)");
}

static void test_signals(void **state) {
    (void)state;
    call_is(SYS_kill, ARGS(100, SIGTERM));
    assert_shown("kill(100, SIGTERM)");
    call_is(SYS_kill, ARGS((uint64_t)-1, 32));
    assert_shown("kill(-1, SIGRTMIN)");
    call_is(SYS_kill, ARGS(0, 37));
    assert_shown("kill(0, SIGRT_5)");
    call_is(SYS_kill, ARGS(0, 0));
    assert_shown("kill(0, 0)");
}

static void test_names_of_errors(void **state) {
    (void)state;
    assert_string_equal(errno_name(ENOENT), "ENOENT");
    assert_string_equal(errno_name(512), "ERESTARTSYS");
    assert_string_equal(errno_name(516), "ERESTART_RESTARTBLOCK");
    assert_null(errno_name(0));
    assert_null(errno_name(4000));
    assert_null(errno_name(-2));
    assert_null(errno_name(INT64_MAX));
}

/* --------------------------------------------------------------- what was captured */

static void test_strings(void **state) {
    (void)state;
    call_is(SYS_unlink, ARGS(0x1000));
    fake_call_string(&call, 0, "/tmp/a \"b\"\\c\n");
    assert_shown("unlink(/tmp/a \"b\"\\\\c\\n)");
    call_is(SYS_unlink, ARGS(0x1000));
    fake_call_string(&call, 0, "");
    assert_shown("unlink()");
}

static void test_what_cannot_be_read_is_an_address(void **state) {
    (void)state;
    call_is(SYS_unlink, ARGS(0));
    assert_shown("unlink(NULL)");
    call_is(SYS_unlink, ARGS(0xbad));
    fake_call_capture(&call, 0, 0, CAPTURE_UNREADABLE, "", 0, CAPTURE_LENGTH_UNKNOWN);
    assert_shown("unlink(0xbad)");
    call_is(SYS_unlink, ARGS(0x1000)); /* not captured at all */
    assert_shown("unlink(0x1000)");
    call_is(SYS_write, ARGS(1, 0xbad, 5));
    fake_call_capture(&call, 1, 0, CAPTURE_UNREADABLE, "", 0, 5);
    assert_shown("write(1, 0xbad, 5)");
    call_is(SYS_write, ARGS(1, 0x1000, 50));
    fake_call_capture(&call, 1, 0, CAPTURE_UNREADABLE, "half", 4, 50);
    assert_shown("write(1, half, 50)");
}

static void test_escapes(void **state) {
    (void)state;
    struct text text = {0};
    static const uint8_t bytes[] = {'a', '"', '\\', '\t', '\n', '\v', '\f', '\r', 0, 1, 033, 0177, 0377, 'z'};
    text_add_escaped(&text, bytes, sizeof(bytes), true);
    assert_string_equal(text.bytes, "a\\\"\\\\\\t\\n\\v\\f\\r\\0\\1\\33\\177\\377z");
    text_clear(&text);
    text_add_escaped(&text, bytes, 2, false);
    assert_string_equal(text.bytes, "a\"");
    text_clear(&text);
    /* A digit behind an escape would become part of it. */
    text_add_escaped(&text,
                     (const uint8_t *)"\0"
                                      "0"
                                      "\1"
                                      "7"
                                      "\1"
                                      "8"
                                      "\33"
                                      "4",
                     8, true);
    assert_string_equal(text.bytes, "\\0000\\0017\\18\\0334");
    text_finish(&text);
}

static void test_strings_in_hexadecimal(void **state) {
    (void)state;
    struct text text = {.hex = HEX_STRINGS_NOT_ASCII};
    text_add_escaped(&text, (const uint8_t *)"a \t\r\"", 5, true);
    text_add_escaped(&text, (const uint8_t *)"a\0", 2, true);
    text_add_escaped(&text, (const uint8_t *)"\303\251~", 3, true);
    text_add_escaped(&text, (const uint8_t *)"", 0, true);
    assert_string_equal(text.bytes, "a \\t\\r\\\"\\x61\\x00\\xc3\\xa9\\x7e");
    text_clear(&text);
    text.hex = HEX_STRINGS_ALL;
    text_add_escaped(&text, (const uint8_t *)"a b", 3, true);
    assert_string_equal(text.bytes, "\\x61\\x20\\x62");
    text_clear(&text);
    descriptor_to_text("/a<\0b\0c", 7, &text);
    assert_string_equal(text.bytes, "<\\x2f\\x61\\x3cb>c");
    text_finish(&text);
}

static void test_argv(void **state) {
    (void)state;
    call_is(SYS_execve, ARGS(0x1000, 0x2000, 0x3000));
    fake_call_string(&call, 0, "/bin/echo");
    fake_call_capture(&call, 1, 0, CAPTURE_WHOLE, "", 0, 3);
    fake_call_capture(&call, 1, 1, CAPTURE_WHOLE, "echo", 4, 4);
    fake_call_capture(&call, 1, 2, CAPTURE_WHOLE, "a \"b\"", 5, 5);
    fake_call_capture(&call, 1, 3, CAPTURE_CUT, "long", 4, CAPTURE_LENGTH_UNKNOWN);
    fake_call_capture(&call, 2, 0, CAPTURE_WHOLE, "", 0, 25);
    assert_shown("execve(/bin/echo, [\"echo\", \"a \\\"b\\\"\", \"long\"...], 0x3000 /* 25 vars */)");
}

static void test_odd_argv(void **state) {
    (void)state;
    call_is(SYS_execve, ARGS(0, 0x2000, 0x3000));
    fake_call_capture(&call, 1, 0, CAPTURE_WHOLE, "", 0, 0);
    fake_call_capture(&call, 2, 0, CAPTURE_WHOLE, "", 0, 1);
    assert_shown("execve(NULL, [], 0x3000 /* 1 var */)");
    call_is(SYS_execve, ARGS(0, 0xbad, 0));
    fake_call_capture(&call, 1, 0, CAPTURE_UNREADABLE, "", 0, 0);
    assert_shown("execve(NULL, 0xbad, NULL)");
    call_is(SYS_execve, ARGS(0, 0x2000, 0));
    fake_call_capture(&call, 1, 0, CAPTURE_CUT, "", 0, 64);
    fake_call_capture(&call, 1, 1, CAPTURE_WHOLE, "a", 1, 1);
    assert_shown("execve(NULL, [\"a\", ...], NULL)");
}

static void test_every_call_can_be_shown(void **state) {
    (void)state;
    static const uint64_t values[] = {0, 1, UINT64_MAX, 0x7fffffff, 0xaaaaaaaaaaaaaaaa};
    const struct syscall_row *row;
    struct text text = {0};
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (unsigned j = 0; j < COUNT_OF(values); j++) {
            uint64_t v = values[j];
            enum arch arch = row->number[ARCH_X86_64] >= 0 ? ARCH_X86_64 : ARCH_I386;
            struct decoded_call decoded;
            fake_call_init(&call, arch, row->number[arch], ARGS(v, v, v, v, v, v), 0);
            decode_call(&call.record, &decoded);
            assert_string_equal(decoded.name, row->name);
            for (unsigned k = 0; k < decoded.count; k++) {
                text_clear(&text);
                value_to_text(&decoded.values[k], NOTATION_CONTENT, &text);
                assert_in_range(text.length, 1, 1000);
            }
        }
    }
    text_finish(&text);
}

static void test_a_set_of_signals_that_is_given(void **state) {
    (void)state;
    uint64_t set = 1 << (SIGCHLD - 1);
    call_is(SYS_rt_sigprocmask, ARGS(SIG_BLOCK, 0x1000, 0, 8));
    fake_call_whole(&call, 1, &set, sizeof(set));
    assert_shown("rt_sigprocmask(SIG_BLOCK, [CHLD], NULL, 8)");
    /* Of another size than the kernel's it is nothing. */
    call_is(SYS_rt_sigprocmask, ARGS(SIG_BLOCK, 0x1000, 0, 16));
    fake_call_capture(&call, 1, 0, CAPTURE_CUT, &set, sizeof(set), 16);
    assert_shown("rt_sigprocmask(SIG_BLOCK, 0x1000, NULL, 16)");
    call_is(SYS_rt_sigprocmask, ARGS(SIG_BLOCK, 0x1000, 0, 4));
    fake_call_whole(&call, 1, &set, 4);
    assert_shown("rt_sigprocmask(SIG_BLOCK, 0x1000, NULL, 4)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_without_arguments),
        cmocka_unit_test(test_descriptors_are_ints),
        cmocka_unit_test(test_addresses_and_sizes),
        cmocka_unit_test(test_longs_have_a_sign),
        cmocka_unit_test(test_a_set_of_signals_that_is_given),
        cmocka_unit_test(test_i386_arguments_have_32_bits),
        cmocka_unit_test(test_the_number_means_another_call_on_i386),
        cmocka_unit_test(test_user_ids),
        cmocka_unit_test(test_unknown_calls),
        cmocka_unit_test(test_calls_of_x32),
        cmocka_unit_test(test_arguments_that_nobody_saw),
        cmocka_unit_test(test_open_flags),
        cmocka_unit_test(test_unknown_bits_keep_their_number),
        cmocka_unit_test(test_the_mode_is_there_only_if_a_file_is_created),
        cmocka_unit_test(test_the_working_directory_has_a_name_even_as_32_bits),
        cmocka_unit_test(test_memory_flags),
        cmocka_unit_test(test_the_third_argument_of_fcntl),
        cmocka_unit_test(test_futex_has_the_arguments_of_its_operation),
        cmocka_unit_test(test_ioctl),
        cmocka_unit_test(test_prctl_has_the_arguments_of_its_option),
        cmocka_unit_test(test_nodes),
        cmocka_unit_test(test_arguments_that_nothing_looks_at),
        cmocka_unit_test(test_huge_pages),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_names_of_errors),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_what_cannot_be_read_is_an_address),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_strings_in_hexadecimal),
        cmocka_unit_test(test_argv),
        cmocka_unit_test(test_odd_argv),
        cmocka_unit_test(test_every_call_can_be_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
