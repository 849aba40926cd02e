/* SPDX-License-Identifier: MIT */
#include "libdw_memory.h"

#include <setjmp.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    SPARE_BYTES = 8 << 20, /* more than the tables of abbreviations of usual units take */
    WORKS_AT_ONCE = 16,    /* until it is looked again whether memory is left: that takes as long as a short one */
};

static _Thread_local jmp_buf *way_out; /* of the innermost work */
static _Thread_local unsigned works_left;

static void __attribute__((noreturn)) leave(void) {
    if (!way_out) {
        abort();
    }
    longjmp(*way_out, 1);
}

void libdw_memory_watch(Dwarf *dwarf) {
    dwarf_new_oom_handler(dwarf, leave);
}

bool libdw_memory_is_left(void) {
    void *spare = mmap(NULL, SPARE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return spare != MAP_FAILED && munmap(spare, SPARE_BYTES) == 0;
}

bool libdw_memory_try(void (*work)(void *data), void *data) {
    jmp_buf here;
    jmp_buf *volatile outer = way_out;
    if (!works_left && !libdw_memory_is_left()) {
        return false;
    }
    works_left = works_left ? works_left - 1 : WORKS_AT_ONCE - 1;
    if (setjmp(here)) {
        way_out = outer;
        return false;
    }
    way_out = &here;
    work(data);
    way_out = outer;
    return true;
}
