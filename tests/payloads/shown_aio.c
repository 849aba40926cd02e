/* SPDX-License-Identifier: MIT
 *
 * Asynchronous input and output of the kernel, and futex_waitv(2), as they are shown: see shown.h. No call of these
 * does anything: their context is none.
 */
#include "shown.h"

#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/uio.h>
#include <time.h>

static void show_commands(void) {
    char buffer[] = "hello";
    char first[] = "abc";
    char second[] = "defgh";
    struct iovec vector[] = {{first, 3}, {second, 5}};
    struct iocb read_one = {
        .aio_data = 1, .aio_fildes = -1, .aio_buf = (uintptr_t)buffer, .aio_nbytes = 5, .aio_offset = -2};
    struct iocb write_one = {.aio_data = 0x1111,
                             .aio_key = 7,
                             .aio_rw_flags = 2,
                             .aio_lio_opcode = IOCB_CMD_PWRITE,
                             .aio_reqprio = 0x4005,
                             .aio_fildes = -1,
                             .aio_buf = (uintptr_t)buffer,
                             .aio_nbytes = 5,
                             .aio_flags = IOCB_FLAG_RESFD | IOCB_FLAG_IOPRIO,
                             .aio_resfd = (uint32_t)-1};
    struct iocb read_many = {.aio_lio_opcode = 7, .aio_fildes = -1, .aio_buf = (uintptr_t)vector, .aio_nbytes = 2};
    struct iocb write_many = {.aio_lio_opcode = IOCB_CMD_PWRITEV,
                              .aio_fildes = -1,
                              .aio_buf = (uintptr_t)vector,
                              .aio_nbytes = 2,
                              .aio_resfd = 3};
    struct iocb wait = {
        .aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = -1, .aio_buf = POLLIN | POLLOUT, .aio_reqprio = -3};
    struct iocb other = {.aio_lio_opcode = 99, .aio_fildes = -1, .aio_flags = 1};
    struct iocb *all[] = {&read_one, &write_one, (void *)8, &wait, NULL, &other};
    struct iocb *vectors[] = {&read_many, &write_many};
    shown(
        syscall(SYS_io_submit, 0x7000, 6, all),
        "io_submit(0x7000, 6, [{aio_data=0x1, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=-1, aio_buf=%p, aio_nbytes=5, "
        "aio_offset=-2}, {aio_data=0x1111, aio_key=7, aio_rw_flags=RWF_DSYNC, aio_lio_opcode=IOCB_CMD_PWRITE, "
        "aio_reqprio=IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 5), aio_fildes=-1, aio_buf=\"hello\", aio_nbytes=5, "
        "aio_offset=0, aio_flags=IOCB_FLAG_RESFD|IOCB_FLAG_IOPRIO, aio_resfd=-1}, 0x8, {aio_data=0, "
        "aio_lio_opcode=IOCB_CMD_POLL, aio_reqprio=-3, aio_fildes=-1, aio_buf=POLLIN|POLLOUT}, NULL, {aio_data=0, "
        "aio_lio_opcode=99 /* IOCB_CMD_??? */, aio_fildes=-1}])",
        (void *)buffer);
    shown(syscall(SYS_io_submit, 0x7000, 2, vectors),
          "io_submit(0x7000, 2, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREADV, aio_fildes=-1, aio_buf=[{iov_base=%p, "
          "iov_len=3}, {iov_base=%p, iov_len=5}], aio_offset=0}, {aio_data=0, aio_lio_opcode=IOCB_CMD_PWRITEV, "
          "aio_fildes=-1, aio_buf=[{iov_base=\"abc\", iov_len=3}, {iov_base=\"defgh\", iov_len=5}], aio_offset=0, "
          "aio_resfd=0x3}])",
          vector[0].iov_base, vector[1].iov_base);
    shown(syscall(SYS_io_submit, 0x7000, 0, all), "io_submit(0x7000, 0, [])");
    shown(syscall(SYS_io_submit, 0x7000, 1, 8), "io_submit(0x7000, 1, 0x8)");
    shown(syscall(SYS_io_cancel, 0x7000, &other, 8),
          "io_cancel(0x7000, {aio_data=0, aio_lio_opcode=99 /* IOCB_CMD_??? */, aio_fildes=-1}, 0x8)");
    shown(syscall(SYS_io_cancel, 0x7000, 8, NULL), "io_cancel(0x7000, 0x8, NULL)");
}

static void show_events(void) {
    aio_context_t context = 0;
    struct io_event events[2];
    struct timespec time = {.tv_nsec = 5};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    struct {
        const void *set;
        size_t size;
    } mask = {&signals, 8};
    shown(syscall(SYS_io_setup, 0, &context), "io_setup(0, %p)", (void *)&context);
    shown(syscall(SYS_io_getevents, 0x7000, 0, 2, events, &time),
          "io_getevents(0x7000, 0, 2, %p, {tv_sec=0, tv_nsec=5})", (void *)events);
    shown(syscall(SYS_io_pgetevents, 0x7000, 0, 2, 8, 8, &mask),
          "io_pgetevents(0x7000, 0, 2, 0x8, 0x8, {sigmask=[INT], sigsetsize=8})");
    if (syscall(SYS_io_setup, 1, &context) < 0) {
        shown(-1, "io_setup(1, %p)", (void *)&context);
        return;
    }
    shown(0, "io_setup(1, [0x%llx])", (unsigned long long)context);
    shown(syscall(SYS_io_getevents, context, 0, 1, events, &time),
          "io_getevents(0x%llx, 0, 1, [], {tv_sec=0, tv_nsec=5})", (unsigned long long)context);
}

static void show_waiters(void) {
    struct futex_waitv waiters[] = {{1, 0x1000, 2, 0}, {0xffffffffff, 0, 0x83, 7}};
    struct timespec time = {.tv_sec = 1, .tv_nsec = 2};
    shown(syscall(449, waiters, 2, 1, &time, 1),
          "futex_waitv([{val=0x1, uaddr=0x1000, flags=FUTEX_32}, {val=0xffffffffff, uaddr=NULL, "
          "flags=FUTEX_32|FUTEX_PRIVATE_FLAG|0x1, __reserved=0x7}], 2, 0x1, {tv_sec=1, tv_nsec=2}, CLOCK_MONOTONIC)");
    shown(syscall(449, waiters, 0, 1, 8, 0), "futex_waitv([], 0, 0x1, 0x8, CLOCK_REALTIME)");
    shown(syscall(449, 8, 1, 1, NULL, -1), "futex_waitv(0x8, 1, 0x1, NULL, 0xffffffff /* CLOCK_??? */)");
}

int main(void) {
    shown_calls("io_setup,io_submit,io_cancel,io_getevents,io_pgetevents,futex_waitv");
    show_commands();
    show_events();
    show_waiters();
    return 0;
}
