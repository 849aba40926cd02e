/* SPDX-License-Identifier: MIT
 *
 * Samples of the stack of the test itself, and its own mappings.
 */
#ifndef RENACER_TESTS_OWN_STACK_H
#define RENACER_TESTS_OWN_STACK_H

#include "unit.h"

#include "mapped_modules.h"
#include "stack_sample.h"

#include <execinfo.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    OWN_FRAMES_MAX = 128,
};

struct own_sample {
    struct stack_sample sample; /* with its stack behind it */
    uint8_t stack[STACK_SAMPLE_MOST];
    void *expected[OWN_FRAMES_MAX]; /* what backtrace(3) says at the same place; the first one is a little later */
    int expected_count;
};

/* Where the stack of this thread ends. */
static inline uint64_t own_stack_end(void) {
    pthread_attr_t attributes;
    void *start;
    size_t size;
    assert_int_equal(pthread_getattr_np(pthread_self(), &attributes), 0);
    assert_int_equal(pthread_attr_getstack(&attributes, &start, &size), 0);
    pthread_attr_destroy(&attributes);
    return (uint64_t)(uintptr_t)start + size;
}

/* Not memcpy(): AddressSanitizer would see that it reads what is between the variables. */
__attribute__((no_sanitize("address"))) static inline void own_copy(uint64_t *to, uint64_t from, size_t size) {
    const volatile uint64_t *word = (const volatile uint64_t *)(uintptr_t)from;
    for (size_t i = 0; i < size / 8; i++) {
        to[i] = word[i];
    }
}

/* As a call made here would be sampled; `end` is that of the stack, `most` how much of it is copied. */
__attribute__((noinline, unused, no_sanitize("address"))) static void own_take(struct own_sample *own, uint64_t end,
                                                                               uint32_t most) {
    uint64_t registers[STACK_REGISTERS] = {0};
    __asm__ volatile("movq %%rax, 0(%0)\n\tmovq %%rdx, 8(%0)\n\tmovq %%rcx, 16(%0)\n\tmovq %%rbx, 24(%0)\n\t"
                     "movq %%rsi, 32(%0)\n\tmovq %%rdi, 40(%0)\n\tmovq %%rbp, 48(%0)\n\tmovq %%rsp, 56(%0)\n\t"
                     "movq %%r8, 64(%0)\n\tmovq %%r9, 72(%0)\n\tmovq %%r10, 80(%0)\n\tmovq %%r11, 88(%0)\n\t"
                     "movq %%r12, 96(%0)\n\tmovq %%r13, 104(%0)\n\tmovq %%r14, 112(%0)\n\tmovq %%r15, 120(%0)\n\t"
                     "leaq 0(%%rip), %%rax\n\tmovq %%rax, 128(%0)"
                     :
                     : "r"(registers)
                     : "rax", "memory");
    uint64_t all = end - registers[STACK_REGISTER_SP];
    uint32_t size = (uint32_t)(all < most ? all : most) & ~7U;
    own->sample = (struct stack_sample){.size = size, .cut = all > size};
    for (size_t i = 0; i < STACK_REGISTERS; i++) {
        own->sample.registers[i] = registers[i];
    }
    own_copy((uint64_t *)(void *)own->stack, registers[STACK_REGISTER_SP], size);
    own->expected_count = backtrace(own->expected, OWN_FRAMES_MAX);
    /* Sanitizers have a frame of their own before this one. */
    while (own->expected_count > 1 && own->expected[1] != __builtin_return_address(0)) {
        own->expected_count--;
        memmove(own->expected, own->expected + 1, (size_t)own->expected_count * sizeof(void *));
    }
}

/* One line of /proc/PID/maps; false: it is not of code. */
static inline bool own_mapping(const char *line, struct mapping *mapping) {
    uint64_t start;
    uint64_t end;
    uint64_t offset;
    uint64_t inode;
    char access[5];
    int path = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %" SCNu64 " %n", &start, &end, access, &offset,
               &inode, &path) < 5 ||
        access[2] != 'x') {
        return false;
    }
    *mapping = (struct mapping){.start = start, .length = end - start, .offset = offset, .inode = inode, .file = -1};
    size_t length = strcspn(line + path, "\n");
    memcpy(mapping->path, line + path, length);
    mapping->path[length] = '\0';
    mapping->path_size = (uint32_t)length + 1;
    return true;
}

/* Each mapping of code that this process has. */
static inline void own_each_mapping(void (*take)(void *context, const struct mapping *mapping), void *context) {
    static uint64_t room[MAPPING_BOUND / 8];
    struct mapping *mapping = (struct mapping *)(void *)room;
    char line[MAPPING_PATH_MAX];
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        if (own_mapping(line, mapping)) {
            take(context, mapping);
        }
    }
    fclose(maps);
}

static inline void own_take_mapping(void *table, const struct mapping *mapping) {
    module_table_map(table, getpid(), mapping);
}

/* Tell of what this process has mapped. */
static inline void own_mappings(struct module_table *table) {
    own_each_mapping(own_take_mapping, table);
}

#endif
