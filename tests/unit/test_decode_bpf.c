/* SPDX-License-Identifier: MIT
 *
 * Filters of seccomp(2), bpf(2), perf_event_open(2).
 */
#include "decoding_world.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

enum {
    I386_SECCOMP = 354,
    FILTER = WORLD_BASE + 0x100,
    TEXT = WORLD_BASE + 0x800,
};

static void put_program(struct decoding_world *world, unsigned count, uint64_t filter) {
    world_put(world, WORLD_BASE, &(struct sock_fprog){(unsigned short)count, (void *)(uintptr_t)filter},
              sizeof(struct sock_fprog));
}

/* ------------------------------------------------------------------------- filters */

static void test_filter(void **state) {
    struct decoding_world *world = *state;
    static const struct sock_filter filter[] = {
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 2),
    };
    put_program(world, 2, FILTER);
    world_put(world, FILTER, filter, sizeof(filter));
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=0x10100}) = ? <unavailable>");
    world->options.verbose = true;
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=[BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x5, 0, "
                       "0x1), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x2)]}) = ? <unavailable>");
    struct {
        uint16_t count;
        uint32_t filter;
    } program_i386 = {1, FILTER};
    world_put(world, WORLD_BASE, &program_i386, sizeof(program_i386));
    world_enter(world, ARCH_I386, I386_SECCOMP, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=1, filter=[BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0x5, 0, "
                       "0x1)]}) = ? <unavailable>");
}

static void test_filter_odd(void **state) {
    struct decoding_world *world = *state;
    world->options.verbose = true;
    put_program(world, 2, WORLD_HOLE - 8);
    world_put(world, WORLD_HOLE - 8, &(uint64_t){0}, 8);
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=2, filter=[BPF_STMT(BPF_LD|BPF_W|BPF_IMM, 0), ... /* "
                       "0x12000 */]}) = ? <unavailable>");
    put_program(world, 0, WORLD_NOWHERE);
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=0, filter=[]}) = ? <unavailable>");
    put_program(world, UINT16_MAX, 0);
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=65535, filter=NULL}) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_HOLE - 8));
    world_shows(world, "seccomp(SECCOMP_SET_MODE_FILTER, 0, 0x11ff8) = ? <unavailable>");
    /* As large as can be, of itself. */
    put_program(world, UINT16_MAX, WORLD_BASE);
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_SET_MODE_FILTER, 0, WORLD_BASE));
    assert_true(world->entry_size <= capture_bound(&world->options));
}

static void test_action(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t action = SECCOMP_RET_TRACE | 1;
    world_put(world, WORLD_BASE, &action, sizeof(action));
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_GET_ACTION_AVAIL, 0, WORLD_BASE));
    world_shows(world, "seccomp(SECCOMP_GET_ACTION_AVAIL, 0, [0x7ff00001 /* SECCOMP_RET_??? */]) = ? <unavailable>");
    static const uint16_t sizes[] = {80, 24, 64};
    world_enter(world, ARCH_X86_64, SYS_seccomp, ARGS(SECCOMP_GET_NOTIF_SIZES, 0, WORLD_BASE));
    world_put(world, WORLD_BASE, sizes, sizeof(sizes));
    world_return(world, 0);
    world_shows(world, "seccomp(SECCOMP_GET_NOTIF_SIZES, 0, {seccomp_notif=80, seccomp_notif_resp=24, "
                       "seccomp_data=64}) = 0");
}

/* ----------------------------------------------------------------------------- bpf */

static void enter_bpf(struct decoding_world *world, unsigned command, union bpf_attr attributes, unsigned size) {
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(command, WORLD_BASE, size));
}

static void test_map(void **state) {
    struct decoding_world *world = *state;
    union bpf_attr attributes = {.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .map_name = "name"};
    enter_bpf(world, BPF_MAP_CREATE, attributes, 2);
    world_shows(world, "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=0, value_size=0, max_entries=0}, 2) "
                       "= ? <unavailable>");
    enter_bpf(world, BPF_MAP_CREATE, attributes, 29);
    world_shows(world, "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=0, max_entries=0, "
                       "map_flags=0, inner_map_fd=0, map_name=\"\"...}, 29) = ? <unavailable>");
    enter_bpf(world, BPF_MAP_CREATE, attributes, 44);
    world_shows(world, "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=0, max_entries=0, "
                       "map_flags=0, inner_map_fd=0, map_name=\"name\"}, 44) = ? <unavailable>");
}

static void test_extra(void **state) {
    struct decoding_world *world = *state;
    static const uint8_t bytes[] = {0, 0, 0, 0, 0, 1};
    world_put(world, WORLD_BASE, bytes, sizeof(bytes));
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_BASE, 6));
    world_shows(world, "bpf(BPF_MAP_FREEZE, {map_fd=0, ...}, 6) = ? <unavailable>");
    world->options.verbose = true;
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_BASE, 6));
    world_shows(world, "bpf(BPF_MAP_FREEZE, {map_fd=0, extra_data=\"\\x00\\x01\" /* bytes 4..5 */}, 6) = ? "
                       "<unavailable>");
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_BASE, 5));
    world_shows(world, "bpf(BPF_MAP_FREEZE, {map_fd=0}, 5) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_BASE, 4097));
    world_shows(world, "bpf(BPF_MAP_FREEZE, 0x10000, 4097) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_BASE, 0));
    world_shows(world, "bpf(BPF_MAP_FREEZE, 0x10000, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(BPF_MAP_FREEZE, WORLD_HOLE - 3, 4));
    world_shows(world, "bpf(BPF_MAP_FREEZE, 0x11ffd, 4) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_bpf, ARGS(UINT32_MAX, WORLD_BASE, 4));
    world_shows(world, "bpf(0xffffffff /* BPF_??? */, 0x10000, 4) = ? <unavailable>");
}

static void test_program(void **state) {
    struct decoding_world *world = *state;
    static const struct bpf_insn instruction = {.code = 0xb7, .dst_reg = 1, .off = -1, .imm = -1};
    union bpf_attr attributes = {.prog_type = 1, .insn_cnt = 1, .insns = FILTER, .license = TEXT, .log_buf = TEXT};
    attributes.log_size = 2;
    world_put(world, FILTER, &instruction, sizeof(instruction));
    world_put_string(world, TEXT, "GPL");
    enter_bpf(world, BPF_PROG_LOAD, attributes, 40);
    world_shows(world, "bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=1, insns=0x10100, "
                       "license=\"GPL\", log_level=0, log_size=2, log_buf=\"GP\"...}, 40) = ? <unavailable>");
    world->options.verbose = true;
    world_put(world, WORLD_HOLE - 8, &(uint64_t){0}, 8);
    attributes.insn_cnt = UINT32_MAX;
    attributes.insns = WORLD_HOLE - sizeof(instruction);
    attributes.license = WORLD_NOWHERE;
    attributes.log_size = 0;
    enter_bpf(world, BPF_PROG_LOAD, attributes, 40);
    world_shows(world, "bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=4294967295, "
                       "insns=[{code=BPF_LD|BPF_W|BPF_IMM, dst_reg=BPF_REG_0, src_reg=BPF_REG_0, off=0, imm=0}, ... /* "
                       "0x12000 */], license=0x900000, log_level=0, log_size=0, log_buf=\"\"}, 40) = ? <unavailable>");
}

static void test_ids(void **state) {
    struct decoding_world *world = *state;
    union bpf_attr attributes = {.start_id = 1, .next_id = 2};
    enter_bpf(world, BPF_PROG_GET_NEXT_ID, attributes, 12);
    attributes.next_id = 7;
    world_put(world, WORLD_BASE, &attributes, 12);
    world_return(world, 0);
    world_shows(world, "bpf(BPF_PROG_GET_NEXT_ID, {start_id=1, next_id=2 => 7, open_flags=0}, 12) = 0");
    world_return(world, -ENOENT);
    world_shows(world, "bpf(BPF_PROG_GET_NEXT_ID, {start_id=1, next_id=2, open_flags=0}, 12) = -1 ENOENT (No such file "
                       "or directory)");
}

static void test_query(void **state) {
    struct decoding_world *world = *state;
    static const uint32_t ids[] = {5, 6};
    union bpf_attr attributes = {.query = {.target_fd = 3, .prog_ids = FILTER, .prog_cnt = 4}};
    world_put(world, FILTER, ids, sizeof(ids));
    enter_bpf(world, BPF_PROG_QUERY, attributes, 32);
    attributes.query.prog_cnt = 2;
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_return(world, 0);
    world_shows(world, "bpf(BPF_PROG_QUERY, {query={target_fd=3, attach_type=BPF_CGROUP_INET_INGRESS, query_flags=0, "
                       "attach_flags=0, prog_ids=[5, 6], prog_cnt=4 => 2}}, 32) = 0");
    world_return(world, -EPERM);
    world_shows(world, "bpf(BPF_PROG_QUERY, {query={target_fd=3, attach_type=BPF_CGROUP_INET_INGRESS, query_flags=0, "
                       "attach_flags=0, prog_ids=0x10100, prog_cnt=4}}, 32) = -1 EPERM (Operation not permitted)");
}

static void test_link(void **state) {
    struct decoding_world *world = *state;
    union bpf_attr attributes = {.link_create = {.attach_type = 42}};
    attributes.link_create.kprobe_multi.cnt = UINT32_MAX;
    attributes.link_create.kprobe_multi.syms = WORLD_HOLE - 8;
    world_put(world, WORLD_HOLE - 8, &(uint64_t){0}, 8);
    attributes.link_create.kprobe_multi.addrs = WORLD_NOWHERE;
    enter_bpf(world, BPF_LINK_CREATE, attributes, 48);
    world_shows(world, "bpf(BPF_LINK_CREATE, {link_create={prog_fd=0, target_fd=0, attach_type=BPF_TRACE_KPROBE_MULTI, "
                       "flags=0, kprobe_multi={flags=0, cnt=4294967295, syms=[NULL, ... /* 0x12000 */], "
                       "addrs=0x900000, cookies=NULL}}}, 48) = ? <unavailable>");
    attributes = (union bpf_attr){.link_create = {.attach_type = 1}};
    attributes.link_create.target_btf_id = 3;
    enter_bpf(world, BPF_LINK_CREATE, attributes, 20);
    world_shows(world, "bpf(BPF_LINK_CREATE, {link_create={prog_fd=0, target_fd=0, "
                       "attach_type=BPF_CGROUP_INET_EGRESS, flags=0}, ...}, 20) = ? <unavailable>");
}

/* ---------------------------------------------------------------------------- perf */

static void test_perf(void **state) {
    struct decoding_world *world = *state;
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE, .size = 64, .config = 99, .exclude_hv = 1};
    attributes.watermark = 1;
    attributes.wakeup_watermark = 5;
    attributes.config1 = 6;
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_enter(world, ARCH_X86_64, SYS_perf_event_open, ARGS(WORLD_BASE, 0, -1U, -1U, 0));
    world_shows(world, "perf_event_open({type=PERF_TYPE_SOFTWARE, size=PERF_ATTR_SIZE_VER0, config=0x63 /* "
                       "PERF_COUNT_SW_??? */, sample_period=0, sample_type=0, read_format=0, exclude_hv=1, "
                       "watermark=1, precise_ip=0 /* arbitrary skid */, ...}, 0, -1, -1, 0) = ? <unavailable>");
}

static void test_perf_size(void **state) {
    struct decoding_world *world = *state;
    struct perf_event_attr attributes = {.size = 63};
    world_put(world, WORLD_BASE, &attributes, sizeof(attributes));
    world_enter(world, ARCH_X86_64, SYS_perf_event_open, ARGS(WORLD_BASE, 0, -1U, -1U, 0));
    world_shows(world, "perf_event_open(0x10000, 0, -1, -1, 0) = ? <unavailable>");
    world_enter(world, ARCH_X86_64, SYS_perf_event_open, ARGS(WORLD_HOLE - 47, 0, -1U, -1U, 0));
    world_shows(world, "perf_event_open(0x11fd1, 0, -1, -1, 0) = ? <unavailable>");
    /* It says that it is larger than memory. */
    attributes.size = UINT32_MAX;
    world->options.verbose = true;
    world_put(world, WORLD_HOLE - 64, &attributes, 64);
    world_enter(world, ARCH_X86_64, SYS_perf_event_open, ARGS(WORLD_HOLE - 64, 0, -1U, -1U, 0));
    world_shows(world, "perf_event_open(0x11fc0, 0, -1, -1, 0) = ? <unavailable>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(test_filter), WORLD_TEST(test_filter_odd), WORLD_TEST(test_action),    WORLD_TEST(test_map),
        WORLD_TEST(test_extra),  WORLD_TEST(test_program),    WORLD_TEST(test_ids),       WORLD_TEST(test_query),
        WORLD_TEST(test_link),   WORLD_TEST(test_perf),       WORLD_TEST(test_perf_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
