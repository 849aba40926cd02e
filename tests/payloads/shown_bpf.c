/* SPDX-License-Identifier: MIT
 *
 * bpf(2), as it is shown: see shown.h. Descriptors are wrong and programs empty, so that little depends on what the
 * kernel allows.
 */
#include "shown.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <sys/mman.h>

static union bpf_attr attributes;

static long bpf(int command, unsigned size) {
    return syscall(SYS_bpf, command, &attributes, size);
}

static void clear(void) {
    memset(&attributes, 0, sizeof(attributes));
}

static void show_maps(void) {
    clear();
    attributes.map_type = UINT32_MAX;
    attributes.map_flags = BPF_F_NUMA_NODE;
    attributes.inner_map_fd = (uint32_t)-1;
    attributes.numa_node = UINT32_MAX;
    strcpy(attributes.map_name, "abcdefghi");
    shown(bpf(BPF_MAP_CREATE, 16), "bpf(BPF_MAP_CREATE, {map_type=0xffffffff /* BPF_MAP_TYPE_??? */, key_size=0, "
                                   "value_size=0, max_entries=0}, 16)");
    shown(bpf(BPF_MAP_CREATE, 33),
          "bpf(BPF_MAP_CREATE, {map_type=0xffffffff /* BPF_MAP_TYPE_??? */, key_size=0, value_size=0, max_entries=0, "
          "map_flags=BPF_F_NUMA_NODE, inner_map_fd=-1, numa_node=4294967295 /* NUMA_NO_NODE */, map_name=\"abcd\"...}, "
          "33)");
    attributes.map_extra = 7;
    shown(
        bpf(BPF_MAP_CREATE, 72),
        "bpf(BPF_MAP_CREATE, {map_type=0xffffffff /* BPF_MAP_TYPE_??? */, key_size=0, value_size=0, max_entries=0, "
        "map_flags=BPF_F_NUMA_NODE, inner_map_fd=-1, numa_node=4294967295 /* NUMA_NO_NODE */, map_name=\"abcdefghi\", "
        "map_ifindex=0, btf_fd=0, btf_key_type_id=0, btf_value_type_id=0, btf_vmlinux_value_type_id=0, map_extra=7}, "
        "72)");
    clear();
    attributes.map_fd = (uint32_t)-1;
    attributes.key = 8;
    attributes.flags = BPF_NOEXIST;
    shown(bpf(BPF_MAP_UPDATE_ELEM, 32),
          "bpf(BPF_MAP_UPDATE_ELEM, {map_fd=-1, key=0x8, value=NULL, flags=BPF_NOEXIST}, 32)");
    attributes.flags = BPF_F_LOCK | 1;
    shown(bpf(BPF_MAP_LOOKUP_ELEM, 32),
          "bpf(BPF_MAP_LOOKUP_ELEM, {map_fd=-1, key=0x8, value=NULL, flags=BPF_F_LOCK|0x1}, 32)");
    shown(bpf(BPF_MAP_DELETE_ELEM, 32), "bpf(BPF_MAP_DELETE_ELEM, {map_fd=-1, key=0x8, ...}, 32)");
    shown(bpf(BPF_MAP_FREEZE, 3), "bpf(BPF_MAP_FREEZE, {map_fd=16777215}, 3)");
}

static void show_programs(void) {
    char log[40] = "hello";
    struct bpf_insn instructions[2] = {{.code = 0xb7}, {.code = 0x95}};
    clear();
    attributes.prog_type = UINT32_MAX;
    attributes.insns = (uintptr_t)instructions;
    attributes.insn_cnt = 2;
    attributes.license = (uintptr_t) "a license that is longer than the 32 characters";
    attributes.log_buf = (uintptr_t)log;
    attributes.log_size = 40;
    attributes.kern_version = 0x010203;
    shown(bpf(BPF_PROG_LOAD, 48),
          "bpf(BPF_PROG_LOAD, {prog_type=0xffffffff /* BPF_PROG_TYPE_??? */, insn_cnt=2, insns=%p, license=\"a license "
          "that is longer than th\"..., log_level=0, log_size=40, log_buf=\"hello\", kern_version=KERNEL_VERSION(1, "
          "2, 3), prog_flags=0}, 48)",
          (void *)instructions);
    attributes.log_size = 3;
    attributes.license = 8;
    shown(bpf(BPF_PROG_LOAD, 40),
          "bpf(BPF_PROG_LOAD, {prog_type=0xffffffff /* BPF_PROG_TYPE_??? */, insn_cnt=2, insns=%p, license=0x8, "
          "log_level=0, log_size=3, log_buf=\"hel\"...}, 40)",
          (void *)instructions);
    clear();
    attributes.target_fd = attributes.attach_bpf_fd = attributes.replace_bpf_fd = (uint32_t)-1;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = BPF_F_REPLACE;
    shown(bpf(BPF_PROG_ATTACH, 20),
          "bpf(BPF_PROG_ATTACH, {target_fd=-1, attach_bpf_fd=-1, attach_type=BPF_CGROUP_DEVICE, "
          "attach_flags=BPF_F_REPLACE, replace_bpf_fd=-1}, 20)");
    clear();
    attributes.test.prog_fd = (uint32_t)-1;
    shown(bpf(BPF_PROG_TEST_RUN, 40),
          "bpf(BPF_PROG_TEST_RUN, {test={prog_fd=-1, retval=0, data_size_in=0, data_size_out=0, data_in=NULL, "
          "data_out=NULL, repeat=0, duration=0}}, 40)");
    clear();
    attributes.query.target_fd = (uint32_t)-1;
    attributes.query.prog_ids = (uintptr_t)log;
    shown(bpf(BPF_PROG_QUERY, 32),
          "bpf(BPF_PROG_QUERY, {query={target_fd=-1, attach_type=BPF_CGROUP_INET_INGRESS, query_flags=0, "
          "attach_flags=0, prog_ids=[], prog_cnt=0}}, 32)");
    attributes.query.prog_cnt = 2;
    shown(bpf(BPF_PROG_QUERY, 32),
          "bpf(BPF_PROG_QUERY, {query={target_fd=-1, attach_type=BPF_CGROUP_INET_INGRESS, query_flags=0, "
          "attach_flags=0, prog_ids=%p, prog_cnt=2}}, 32)",
          (void *)log);
}

static void show_others(void) {
    clear();
    attributes.pathname = (uintptr_t) "/nonexistent/object";
    shown(bpf(BPF_OBJ_GET, 16), "bpf(BPF_OBJ_GET, {pathname=\"/nonexistent/object\", bpf_fd=0, file_flags=0}, 16)");
    clear();
    attributes.start_id = UINT32_MAX;
    shown(bpf(BPF_PROG_GET_NEXT_ID, 12),
          "bpf(BPF_PROG_GET_NEXT_ID, {start_id=4294967295, next_id=0, open_flags=0}, 12)");
    clear();
    if (bpf(BPF_BTF_GET_NEXT_ID, 12) < 0) {
        shown(-1, "bpf(BPF_BTF_GET_NEXT_ID, {start_id=0, next_id=0, open_flags=0}, 12)");
    } else {
        shown(0, "bpf(BPF_BTF_GET_NEXT_ID, {start_id=0, next_id=0 => %u, open_flags=0}, 12)", attributes.next_id);
    }
    clear();
    attributes.link_update.flags = BPF_F_REPLACE;
    attributes.link_update.link_fd = attributes.link_update.old_prog_fd = (uint32_t)-1;
    shown(bpf(BPF_LINK_UPDATE, 16),
          "bpf(BPF_LINK_UPDATE, {link_update={link_fd=-1, new_prog_fd=0, flags=BPF_F_REPLACE, old_prog_fd=-1}}, 16)");
    clear();
    attributes.link_create.prog_fd = (uint32_t)-1;
    attributes.link_create.attach_type = BPF_TRACE_ITER;
    attributes.link_create.iter_info_len = 1;
    shown(bpf(BPF_LINK_CREATE, 28),
          "bpf(BPF_LINK_CREATE, {link_create={prog_fd=-1, target_fd=0, attach_type=BPF_TRACE_ITER, flags=0, "
          "iter_info=NULL, iter_info_len=1}}, 28)");
    shown(syscall(SYS_bpf, BPF_MAP_CREATE, 8, 48), "bpf(BPF_MAP_CREATE, 0x8, 48)");
    shown(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, 4097), "bpf(BPF_MAP_CREATE, %p, 4097)", (void *)&attributes);
    shown(bpf(BPF_ITER_CREATE, 12), "bpf(BPF_ITER_CREATE, %p, 12)", (void *)&attributes);
}

int main(void) {
    shown_calls("bpf");
    show_maps();
    show_programs();
    show_others();
    return 0;
}
