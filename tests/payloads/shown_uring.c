/* SPDX-License-Identifier: MIT
 *
 * io_uring(7), as it is shown: see shown.h. No ring is made: what the kernel says of itself is not the same everywhere.
 */
#include "shown.h"

#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/uio.h>

static void show_setup(void) {
    struct io_uring_params params = {.flags = IORING_SETUP_SQPOLL | IORING_SETUP_ATTACH_WQ,
                                     .sq_thread_cpu = 3,
                                     .sq_thread_idle = 9,
                                     .wq_fd = (uint32_t)-1,
                                     .resv = {0, 3, 0}};
    shown(syscall(SYS_io_uring_setup, 4, &params),
          "io_uring_setup(4, {flags=IORING_SETUP_SQPOLL|IORING_SETUP_ATTACH_WQ, sq_thread_cpu=0x3, sq_thread_idle=9, "
          "wq_fd=-1, resv=[0, 0x3, 0]})");
    shown(syscall(SYS_io_uring_setup, 4, 8), "io_uring_setup(4, 0x8)");
    shown(syscall(SYS_io_uring_setup, 4, NULL), "io_uring_setup(4, NULL)");
}

static void show_files_and_buffers(void) {
    int fds[] = {-1, -2};
    struct iovec vector[] = {{fds, 10}, {NULL, 0}};
    uint64_t tags[] = {0, 5};
    struct io_uring_files_update update = {.offset = 1, .resv = 7, .fds = (uintptr_t)fds};
    struct io_uring_rsrc_register resources = {.nr = 2, .data = (uintptr_t)vector, .tags = (uintptr_t)tags};
    struct io_uring_rsrc_update2 updates = {.offset = 1, .data = (uintptr_t)fds, .nr = 2};
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_BUFFERS, vector, 2),
          "io_uring_register(-1, IORING_REGISTER_BUFFERS, [{iov_base=%p, iov_len=10}, {iov_base=NULL, iov_len=0}], 2)",
          (void *)fds);
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_FILES, fds, 2),
          "io_uring_register(-1, IORING_REGISTER_FILES, [-1, -2], 2)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_EVENTFD, fds, 0),
          "io_uring_register(-1, IORING_REGISTER_EVENTFD, [], 0)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_FILES_UPDATE, &update, 1),
          "io_uring_register(-1, IORING_REGISTER_FILES_UPDATE, {offset=1, resv=0x7, fds=[-1]}, 1)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_BUFFERS2, &resources, sizeof(resources)),
          "io_uring_register(-1, IORING_REGISTER_BUFFERS2, {nr=2, flags=0, data=[{iov_base=%p, iov_len=10}, "
          "{iov_base=NULL, iov_len=0}], tags=[0, 0x5]}, 32)",
          (void *)fds);
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_FILES2, &resources, 31),
          "io_uring_register(-1, IORING_REGISTER_FILES2, %p, 31)", (void *)&resources);
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_FILES_UPDATE2, &updates, sizeof(updates)),
          "io_uring_register(-1, IORING_REGISTER_FILES_UPDATE2, {offset=1, data=[-1, "
          "IORING_REGISTER_FILES_SKIP], tags=NULL, nr=2}, 32)");
}

static void show_others(void) {
    struct io_uring_restriction restrictions[] = {
        {.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = IORING_UNREGISTER_BUFFERS},
        {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITEV, .resv = 1},
        {.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = 3, .resv2 = {0, 0, 9}},
        {.opcode = 9, .register_op = 5},
    };
    uint32_t workers[] = {3, 4};
    uint64_t cpus = 0x35;
    struct io_uring_rsrc_update rings[] = {{1, 0, (uint64_t)-1}, {UINT32_MAX, 2, 4}};
    /* A header without anything, and two operations. */
    uint64_t probe[2 + 2] = {0};
    memcpy(&probe[2], &(struct io_uring_probe_op){.op = IORING_OP_FSYNC}, sizeof(probe[2]));
    memcpy(&probe[3], &(struct io_uring_probe_op){.op = 200, .resv = 9}, sizeof(probe[3]));
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_RESTRICTIONS, restrictions, 4),
          "io_uring_register(-1, IORING_REGISTER_RESTRICTIONS, [{opcode=IORING_RESTRICTION_REGISTER_OP, "
          "register_op=IORING_UNREGISTER_BUFFERS}, {opcode=IORING_RESTRICTION_SQE_OP, sqe_op=IORING_OP_WRITEV, "
          "resv=0x1}, {opcode=IORING_RESTRICTION_SQE_FLAGS_ALLOWED, sqe_flags=IOSQE_FIXED_FILE|IOSQE_IO_DRAIN, "
          "resv2=[0, 0, 0x9]}, {opcode=0x9 /* IORING_RESTRICTION_??? */ /* op: 0x5 */}], 4)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_IOWQ_MAX_WORKERS, workers, 2),
          "io_uring_register(-1, IORING_REGISTER_IOWQ_MAX_WORKERS, [[IO_WQ_BOUND]=3, [IO_WQ_UNBOUND]=4] => %p, 2)",
          (void *)workers);
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_IOWQ_AFF, &cpus, 8),
          "io_uring_register(-1, IORING_REGISTER_IOWQ_AFF, [0 2 4 5], 8)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_RING_FDS, rings, 2),
          "io_uring_register(-1, IORING_REGISTER_RING_FDS, [{offset=1, data=-1}, {offset=-1, resv=0x2, data=4}], 2)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_PROBE, probe, 2),
          "io_uring_register(-1, IORING_REGISTER_PROBE, {last_op=IORING_OP_NOP, ops_len=0, ops=[{op=IORING_OP_FSYNC, "
          "flags=0}, {op=200 /* IORING_OP_??? */, resv=0x9, flags=0}]}, 2)");
    shown(syscall(SYS_io_uring_register, -1, IORING_REGISTER_PROBE, probe, 257),
          "io_uring_register(-1, IORING_REGISTER_PROBE, %p, 257)", (void *)probe);
    shown(syscall(SYS_io_uring_register, -1, IORING_UNREGISTER_FILES, 8, 1),
          "io_uring_register(-1, IORING_UNREGISTER_FILES, 0x8, 1)");
}

int main(void) {
    shown_calls("io_uring_setup,io_uring_register");
    show_setup();
    show_files_and_buffers();
    show_others();
    return 0;
}
