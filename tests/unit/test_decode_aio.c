/* SPDX-License-Identifier: MIT
 *
 * Asynchronous input and output, io_uring(7).
 */
#include "decoding_world.h"

#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

enum {
    I386_IO_SUBMIT = 248,
    I386_IO_GETEVENTS = 247,
    COMMAND = WORLD_BASE + 0x100,
    OTHER_COMMAND = WORLD_BASE + 0x200,
    BUFFER = WORLD_BASE + 0x300,
    VECTOR = WORLD_BASE + 0x400,
};

static void put_pointer(struct decoding_world *world, uint64_t address, uint64_t pointer) {
    world_put(world, address, &pointer, sizeof(pointer));
}

static void put_command(struct decoding_world *world, uint64_t address, struct iocb command) {
    world_put(world, address, &command, sizeof(command));
}

/* ------------------------------------------------------------------------ commands */

static void test_write(void **state) {
    struct decoding_world *world = *state;
    put_pointer(world, WORLD_BASE, COMMAND);
    put_command(world, COMMAND,
                (struct iocb){.aio_data = 1, .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_buf = BUFFER, .aio_nbytes = 5});
    world_put_string(world, BUFFER, "hello");
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 1, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 1, [{aio_data=0x1, aio_lio_opcode=IOCB_CMD_PWRITE, aio_fildes=0, "
                       "aio_buf=\"hello\", aio_nbytes=5, aio_offset=0}]) = ? <unavailable>");
    world->options.string_limit = 3;
    world_enter(world, ARCH_I386, I386_IO_SUBMIT, ARGS(7, 1, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 1, [{aio_data=0x1, aio_lio_opcode=IOCB_CMD_PWRITE, aio_fildes=0, "
                       "aio_buf=\"hel\"..., aio_nbytes=5, aio_offset=0}]) = ? <unavailable>");
}

static void test_vectors(void **state) {
    struct decoding_world *world = *state;
    struct iovec pieces[] = {{(void *)BUFFER, 2}, {(void *)WORLD_NOWHERE, 3}};
    world_put(world, VECTOR, pieces, sizeof(pieces));
    world_put_string(world, BUFFER, "hello");
    put_pointer(world, WORLD_BASE, COMMAND);
    put_pointer(world, WORLD_BASE + 8, OTHER_COMMAND);
    put_command(world, COMMAND,
                (struct iocb){.aio_lio_opcode = IOCB_CMD_PWRITEV, .aio_buf = VECTOR, .aio_nbytes = 2, .aio_flags = 1});
    put_command(world, OTHER_COMMAND, (struct iocb){.aio_lio_opcode = 7, .aio_buf = VECTOR, .aio_nbytes = UINT64_MAX});
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 2, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 2, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PWRITEV, aio_fildes=0, "
                       "aio_buf=[{iov_base=\"he\", iov_len=2}, {iov_base=0x900000, iov_len=3}], aio_offset=0, "
                       "aio_flags=IOCB_FLAG_RESFD, aio_resfd=0}, {aio_data=0, aio_lio_opcode=IOCB_CMD_PREADV, "
                       "aio_fildes=0, aio_buf=0x10400, aio_nbytes=18446744073709551615, aio_offset=0}]) = ? "
                       "<unavailable>");
}

/* Pointers to themselves, to nothing, and to where memory ends. */
static void test_odd_pointers(void **state) {
    struct decoding_world *world = *state;
    put_pointer(world, WORLD_BASE, WORLD_HOLE - 8);
    put_pointer(world, WORLD_BASE + 8, 0);
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 2, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 2, [0x11ff8, NULL]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, INT64_MAX, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 9223372036854775807, 0x10000) = ? <unavailable>");
    put_pointer(world, WORLD_HOLE - 8, 0);
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 3, WORLD_HOLE - 8));
    world_shows(world, "io_submit(0x7, 3, [NULL, ... /* 0x12000 */]) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 0, WORLD_BASE));
    world_shows(world, "io_submit(0x7, 0, []) = ? <unavailable>");
}

/* Many commands, each with its buffer: no more is captured than there is room for. */
static void test_many_commands(void **state) {
    struct decoding_world *world = *state;
    world->options.vector_limit = 0;
    world->options.string_limit = 4000;
    put_command(world, COMMAND,
                (struct iocb){.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_buf = WORLD_BASE, .aio_nbytes = 4000});
    for (unsigned i = 0; i < 64; i++) {
        put_pointer(world, WORLD_OTHER + i * 8, COMMAND);
    }
    world_enter(world, ARCH_X86_64, SYS_io_submit, ARGS(7, 64, WORLD_OTHER));
    assert_true(world->entry_size <= capture_bound(&world->options));
}

static void test_cancel(void **state) {
    struct decoding_world *world = *state;
    struct io_event event = {1, 2, -3, -4};
    put_command(world, COMMAND, (struct iocb){.aio_lio_opcode = 300, .aio_reqprio = -3, .aio_buf = BUFFER});
    world_enter(world, ARCH_X86_64, SYS_io_cancel, ARGS(7, COMMAND, WORLD_BASE));
    world_put(world, WORLD_BASE, &event, sizeof(event));
    world_return(world, 0);
    world_shows(world, "io_cancel(0x7, {aio_data=0, aio_lio_opcode=300 /* IOCB_CMD_??? */, aio_reqprio=-3, "
                       "aio_fildes=0}, {data=0x1, obj=0x2, res=-3, res2=-4}) = 0");
    world_return(world, -EINVAL);
    world_shows(world, "io_cancel(0x7, {aio_data=0, aio_lio_opcode=300 /* IOCB_CMD_??? */, aio_reqprio=-3, "
                       "aio_fildes=0}, 0x10000) = -1 EINVAL (Invalid argument)");
}

static void test_events(void **state) {
    struct decoding_world *world = *state;
    struct io_event events[] = {{1, 2, -3, 0}, {0, 0, 0, 0}};
    world_put(world, WORLD_BASE, events, sizeof(events));
    world_enter(world, ARCH_I386, I386_IO_GETEVENTS, ARGS(7, 0, 2, WORLD_BASE, WORLD_NOWHERE));
    world_return(world, 2);
    world_shows(world, "io_getevents(0x7, 0, 2, [{data=0x1, obj=0x2, res=-3, res2=0}, {data=0, obj=0, res=0, "
                       "res2=0}], 0x900000) = 2");
    world_return(world, 0);
    world_shows(world, "io_getevents(0x7, 0, 2, [], 0x900000) = 0");
    world_return(world, INT32_MAX);
    world->options.vector_limit = 1;
    world_enter(world, ARCH_X86_64, SYS_io_getevents, ARGS(7, 0, 2, WORLD_BASE, 0));
    world_return(world, 2);
    world_shows(world, "io_getevents(0x7, 0, 2, [{data=0x1, obj=0x2, res=-3, res2=0}, ...], NULL) = 2");
}

static void test_setup(void **state) {
    struct decoding_world *world = *state;
    put_pointer(world, WORLD_BASE, 0x7000);
    world_enter(world, ARCH_X86_64, SYS_io_setup, ARGS(8, WORLD_BASE));
    world_return(world, 0);
    world_shows(world, "io_setup(8, [0x7000]) = 0");
    world_return(world, -EAGAIN);
    world_shows(world, "io_setup(8, 0x10000) = -1 EAGAIN (Resource temporarily unavailable)");
}

/* ------------------------------------------------------------------------ io_uring */

static void test_uring_setup(void **state) {
    struct decoding_world *world = *state;
    struct io_uring_params params = {.flags = IORING_SETUP_CLAMP, .sq_thread_idle = 9, .resv = {0, 0, 5}};
    world_put(world, WORLD_BASE, &params, sizeof(params));
    world_enter(world, ARCH_X86_64, SYS_io_uring_setup, ARGS(4, WORLD_BASE));
    params.sq_entries = 4;
    params.cq_entries = 8;
    params.features = IORING_FEAT_NODROP;
    params.sq_off.tail = 7;
    params.cq_off.cqes = 9;
    params.cq_off.resv1 = 6;
    world_put(world, WORLD_BASE, &params, sizeof(params));
    world_return(world, 3);
    world_shows(world,
                "io_uring_setup(4, {flags=IORING_SETUP_CLAMP, sq_thread_cpu=0, sq_thread_idle=9, resv=[0, 0, 0x5], "
                "sq_entries=4, cq_entries=8, features=IORING_FEAT_NODROP, sq_off={head=0, tail=7, ring_mask=0, "
                "ring_entries=0, flags=0, dropped=0, array=0}, cq_off={head=0, tail=0, ring_mask=0, ring_entries=0, "
                "overflow=0, cqes=9, flags=0, resv1=0x6}}) = 3");
    world_return(world, -EPERM);
    world_shows(world, "io_uring_setup(4, {flags=IORING_SETUP_CLAMP, sq_thread_cpu=0, sq_thread_idle=9, resv=[0, 0, "
                       "0x5]}) = -1 EPERM (Operation not permitted)");
    world_enter(world, ARCH_X86_64, SYS_io_uring_setup, ARGS(4, WORLD_HOLE - 8));
    world_return(world, 3);
    world_shows(world, "io_uring_setup(4, 0x11ff8) = 3");
}

static void register_with(struct decoding_world *world, unsigned operation, uint64_t address, unsigned count) {
    world_enter(world, ARCH_X86_64, SYS_io_uring_register, ARGS(3, operation, address, count));
}

static void test_uring_vectors(void **state) {
    struct decoding_world *world = *state;
    static const int fds[] = {4, -1};
    world_put(world, WORLD_BASE, fds, sizeof(fds));
    register_with(world, IORING_REGISTER_FILES, WORLD_BASE, 2);
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_FILES, [4, -1], 2) = 0");
    world_put(world, WORLD_HOLE - 4, &fds[0], sizeof(fds[0]));
    register_with(world, IORING_REGISTER_FILES, WORLD_HOLE - 4, 2);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_FILES, [4, ... /* 0x12000 */], 2) = ? <unavailable>");
    register_with(world, IORING_REGISTER_FILES, WORLD_BASE, UINT32_MAX);
    register_with(world, IORING_REGISTER_BUFFERS, WORLD_NOWHERE, 1);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_BUFFERS, 0x900000, 1) = ? <unavailable>");
    register_with(world, IORING_REGISTER_RESTRICTIONS, 0, 1);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_RESTRICTIONS, NULL, 1) = ? <unavailable>");
    register_with(world, IORING_UNREGISTER_FILES, WORLD_BASE, 1);
    world_shows(world, "io_uring_register(3, IORING_UNREGISTER_FILES, 0x10000, 1) = ? <unavailable>");
}

/* Counts that are members of what is read. */
static void test_uring_counts(void **state) {
    struct decoding_world *world = *state;
    struct io_uring_rsrc_register resources = {.nr = UINT32_MAX, .data = WORLD_HOLE - 4, .tags = WORLD_NOWHERE};
    world_put(world, WORLD_BASE, &resources, sizeof(resources));
    world_put(world, WORLD_HOLE - 4, &(int){0}, sizeof(int));
    register_with(world, IORING_REGISTER_FILES2, WORLD_BASE, sizeof(resources));
    world_shows(world, "io_uring_register(3, IORING_REGISTER_FILES2, {nr=4294967295, flags=0, data=[0, ... /* 0x12000 "
                       "*/], tags=0x900000}, 32) = ? <unavailable>");
    register_with(world, IORING_REGISTER_FILES2, WORLD_BASE, 33);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_FILES2, 0x10000, 33) = ? <unavailable>");
    struct io_uring_rsrc_update2 update = {.offset = 1, .resv = 2, .data = WORLD_BASE, .nr = 0, .resv2 = 3};
    world_put(world, WORLD_BASE, &update, sizeof(update));
    register_with(world, IORING_REGISTER_BUFFERS_UPDATE, WORLD_BASE, sizeof(update));
    world_shows(world, "io_uring_register(3, IORING_REGISTER_BUFFERS_UPDATE, {offset=1, resv=0x2, data=[], tags=NULL, "
                       "nr=0, resv2=0x3}, 32) = ? <unavailable>");
}

static void test_uring_workers(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t before[] = {3, 4};
    static const uint32_t after[] = {5, 6};
    world_put(world, WORLD_BASE, before, sizeof(before));
    register_with(world, IORING_REGISTER_IOWQ_MAX_WORKERS, WORLD_BASE, 2);
    world_put(world, WORLD_BASE, after, sizeof(after));
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_MAX_WORKERS, [[IO_WQ_BOUND]=3, [IO_WQ_UNBOUND]=4] "
                       "=> [[IO_WQ_BOUND]=5, [IO_WQ_UNBOUND]=6], 2) = 0");
    world_return(world, -EINVAL);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_MAX_WORKERS, [[IO_WQ_BOUND]=3, [IO_WQ_UNBOUND]=4] "
                       "=> 0x10000, 2) = -1 EINVAL (Invalid argument)");
    register_with(world, IORING_REGISTER_IOWQ_MAX_WORKERS, WORLD_NOWHERE, 2);
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_MAX_WORKERS, 0x900000, 2) = 0");
}

static void test_uring_probe(void **state) {
    struct decoding_world *world = *state;
    uint64_t probe[3] = {0};
    world_put(world, WORLD_BASE, probe, sizeof(probe));
    register_with(world, IORING_REGISTER_PROBE, WORLD_BASE, 1);
    memcpy(probe, &(struct io_uring_probe){.last_op = 200, .ops_len = 1}, sizeof(struct io_uring_probe));
    memcpy(&probe[2], &(struct io_uring_probe_op){.op = 1, .flags = 1}, sizeof(struct io_uring_probe_op));
    world_put(world, WORLD_BASE, probe, sizeof(probe));
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_PROBE, {last_op=200 /* IORING_OP_??? */, ops_len=1, "
                       "ops=[{op=IORING_OP_READV, flags=IO_URING_OP_SUPPORTED}]}, 1) = 0");
    register_with(world, IORING_REGISTER_PROBE, WORLD_BASE, 0);
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_PROBE, {last_op=200 /* IORING_OP_??? */, ops_len=1, "
                       "ops=[]} => {last_op=200 /* IORING_OP_??? */, ops_len=1, ops=[]}, 0) = 0");
    register_with(world, IORING_REGISTER_PROBE, WORLD_BASE, UINT32_MAX);
    world_return(world, 0);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_PROBE, 0x10000, 4294967295) = 0");
}

static void test_uring_processors(void **state) {
    struct decoding_world *world = *state;
    static const uint8_t mask[128] = {0x35, 0x80};
    world_put(world, WORLD_BASE, mask, sizeof(mask));
    register_with(world, IORING_REGISTER_IOWQ_AFF, WORLD_BASE, 2);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_AFF, [0 2 4 5 15], 2) = ? <unavailable>");
    register_with(world, IORING_REGISTER_IOWQ_AFF, WORLD_HOLE - 1, 2);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_AFF, 0x11fff, 2) = ? <unavailable>");
    register_with(world, IORING_REGISTER_IOWQ_AFF, WORLD_BASE, UINT32_MAX);
    world_shows(world, "io_uring_register(3, IORING_REGISTER_IOWQ_AFF, [0 2 4 5 15 ...], 4294967295) = ? "
                       "<unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_write),
        WORLD_TEST(test_vectors),
        WORLD_TEST(test_odd_pointers),
        WORLD_TEST(test_many_commands),
        WORLD_TEST(test_cancel),
        WORLD_TEST(test_events),
        WORLD_TEST(test_setup),
        WORLD_TEST(test_uring_setup),
        WORLD_TEST(test_uring_vectors),
        WORLD_TEST(test_uring_counts),
        WORLD_TEST(test_uring_workers),
        WORLD_TEST(test_uring_probe),
        WORLD_TEST(test_uring_processors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
