/* SPDX-License-Identifier: MIT
 *
 * Policies of memory, pages, and memory of other processes, as they are shown: see shown.h.
 */
#include "shown.h"

#include <linux/kexec.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/uio.h>

#define SYSCTL 156 /* which the C library has no name for any more */

int main(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + 3 * page, page);
    *pages = 'x';
    unsigned char present[3];
    shown_calls("mincore,move_pages,mbind,set_mempolicy,get_mempolicy,migrate_pages,process_vm_readv,process_vm_writev,"
                "process_madvise,kexec_load,_sysctl");
    shown(syscall(SYS_mincore, pages, 2 * page + 1, present), "mincore(%p, %zu, [1, 0, 0])", (void *)pages,
          2 * page + 1);
    shown(syscall(SYS_mincore, pages + 1, page, present), "mincore(%p, %zu, %p)", (void *)(pages + 1), page,
          (void *)present);
    shown(syscall(SYS_mincore, pages, 0, present), "mincore(%p, 0, [])", (void *)pages);

    /* Nobody has this number of nodes. */
    void **addresses = (void **)(void *)(pages + 3 * page - 2 * sizeof(void *));
    addresses[0] = pages;
    addresses[1] = (void *)1;
    int nodes[] = {0, -1};
    shown(syscall(SYS_move_pages, -1, 2, addresses, nodes, 1, (long)MPOL_MF_MOVE),
          "move_pages(-1, 2, [%p, 0x1], [0, -1], 0x1, MPOL_MF_MOVE)", (void *)pages);
    shown(syscall(SYS_move_pages, -1, 3, addresses, 0, 1, 0L),
          "move_pages(-1, 3, [%p, 0x1, ... /* %p */], NULL, 0x1, 0)", (void *)pages, (void *)(pages + 3 * page));
    shown(syscall(SYS_move_pages, -1, 0, addresses, 1, NULL, 0L), "move_pages(-1, 0, [], [], NULL, 0)");

    unsigned long mask[] = {5, 0};
    shown(syscall(SYS_mbind, 1, page, MPOL_BIND, mask, 66, 0L),
          "mbind(0x1, %zu, MPOL_BIND, [0x00000000000005, 0000000000000000], 66, 0)", page);
    shown(syscall(SYS_mbind, 1, page, MPOL_BIND, mask, 1, 0L), "mbind(0x1, %zu, MPOL_BIND, %p, 1, 0)", page,
          (void *)mask);
    shown(syscall(SYS_mbind, 1, page, MPOL_BIND, mask, 0, 0L), "mbind(0x1, %zu, MPOL_BIND, [], 0, 0)", page);
    shown(syscall(SYS_set_mempolicy, 99, mask, -1L), "set_mempolicy(0x63 /* MPOL_??? */, %p, 18446744073709551615)",
          (void *)mask);
    int policy;
    long result = syscall(SYS_get_mempolicy, &policy, NULL, 0, NULL, 0);
    if (result == 0) {
        shown(result, "get_mempolicy([MPOL_DEFAULT], NULL, 0, NULL, 0)");
    } else {
        shown(result, "get_mempolicy(%p, NULL, 0, NULL, 0)", (void *)&policy);
    }
    shown(syscall(SYS_migrate_pages, -1, 10, mask, 1), "migrate_pages(-1, 10, [0x00000000000005], 0x1)");

    char buffer[8] = "";
    struct iovec local[] = {{buffer, 2}, {buffer + 2, 3}, {NULL, 0}};
    char word[] = "hello";
    struct iovec remote[] = {{word, 4}, {(void *)1, 0}};
    pid_t self = getpid();
    shown(syscall(SYS_process_vm_readv, self, local, 3, remote, 2, 0L),
          "process_vm_readv(%d, [{iov_base=\"he\", iov_len=2}, {iov_base=\"ll\", iov_len=3}, {iov_base=NULL, "
          "iov_len=0}], 3, [{iov_base=%p, iov_len=4}, {iov_base=0x1, iov_len=0}], 2, 0)",
          self, remote[0].iov_base);
    shown(syscall(SYS_process_vm_readv, self, local, 1, remote, 1, 7L),
          "process_vm_readv(%d, [{iov_base=%p, iov_len=2}], 1, [{iov_base=%p, iov_len=4}], 1, 7)", self, (void *)buffer,
          remote[0].iov_base);
    shown(syscall(SYS_process_vm_writev, self, local, 2, 1, 1, 0L),
          "process_vm_writev(%d, [{iov_base=\"he\", iov_len=2}, {iov_base=\"ll\\0\", iov_len=3}], 2, 0x1, 1, 0)", self);
    shown(syscall(SYS_process_madvise, -1, remote, 1, MADV_COLD, 0),
          "process_madvise(-1, [{iov_base=%p, iov_len=4}], 1, MADV_COLD, 0)", remote[0].iov_base);

    struct kexec_segment segment = {pages, 1, (void *)2, 3};
    shown(syscall(SYS_kexec_load, 1, 1, &segment, 1 << 30),
          "kexec_load(0x1, 1, [{buf=%p, bufsz=1, mem=0x2, memsz=3}], 0x40000000 /* KEXEC_ARCH_??? */)", (void *)pages);
    shown(syscall(SYS_kexec_load, 1, 17, &segment, 0), "kexec_load(0x1, 17, %p, KEXEC_ARCH_DEFAULT)", (void *)&segment);
    struct {
        void *name;
        int length;
        void *pointers[3];
        size_t new_length;
        unsigned long unused[4];
    } asked = {pages, 2, {NULL, NULL, NULL}, 5, {0}};
    shown(syscall(SYSCTL, &asked), "_sysctl({name=%p, nlen=2, oldval=NULL, oldlenp=NULL, newval=NULL, newlen=5})",
          (void *)pages);
    return 0;
}
