/* SPDX-License-Identifier: MIT */
#include "known_code.h"

#include <string.h>

enum {
    LOADER_START_SIZE = 64, /* from _start to the end of _dl_start_user, which calls constructors */
};

/* Of the code around a place, from the instruction pointer on, which is one byte behind the place. */
static const uint8_t *at_ip(const uint8_t *code) {
    return code + KNOWN_CODE_BEFORE + 1;
}

/* syscall; test %rax,%rax; jl ...; jz ...; ret */
static bool is_clone(const uint8_t *code) {
    const uint8_t *ip = at_ip(code);
    return ip[-2] == 0x0f && ip[-1] == 0x05 && memcmp(ip, "\x48\x85\xc0\x7c", 4) == 0 && ip[5] == 0x74 && ip[7] == 0xc3;
}

/* mov $15,%rax or %eax; syscall. As what is returned to, or behind the call that it makes itself. */
static bool is_signal_return(const uint8_t *code) {
    static const uint8_t lengthy[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
    static const uint8_t brief[] = {0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05};
    const uint8_t *ip = at_ip(code);
    return memcmp(ip, lengthy, sizeof(lengthy)) == 0 || memcmp(ip - sizeof(lengthy), lengthy, sizeof(lengthy)) == 0 ||
           memcmp(ip, brief, sizeof(brief)) == 0 || memcmp(ip - sizeof(brief), brief, sizeof(brief)) == 0;
}

/* mov %rsp,%rdi; call ... */
static bool is_loader_start(const uint8_t *start) {
    return memcmp(start, "\x48\x89\xe7\xe8", KNOWN_START_SIZE) == 0;
}

static void add(struct unwind_rule *rule, uint8_t number, enum register_rule_kind kind, int32_t offset) {
    rule->registers[rule->count++] = (struct register_rule){.number = number, .kind = (uint8_t)kind, .offset = offset};
}

static void after_return(struct unwind_rule *rule) {
    rule->cfa = (struct register_rule){.kind = REGISTER_OF, .from = STACK_REGISTER_SP, .offset = 8};
    add(rule, STACK_REGISTER_IP, REGISTER_AT_CFA, -8);
    add(rule, STACK_REGISTER_SP, REGISTER_CFA, 0);
}

/* The stack pointer is that of the kernel's ucontext (arch/x86/include/uapi/asm/sigcontext.h, struct sigcontext_64 at
 * offset 40), which makes it simplest to take that as the CFA. */
static void after_signal(struct unwind_rule *rule) {
    static const uint8_t saved[] = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16};
    rule->signal_frame = true;
    rule->cfa = (struct register_rule){.kind = REGISTER_OF, .from = STACK_REGISTER_SP, .offset = 0};
    for (size_t i = 0; i < sizeof(saved); i++) {
        add(rule, saved[i], REGISTER_AT_CFA, 40 + 8 * (int32_t)i);
    }
}

bool known_code_rule(const uint8_t code[KNOWN_CODE_SIZE], const uint8_t start[KNOWN_START_SIZE], uint64_t behind_start,
                     struct unwind_rule *rule) {
    *rule = (struct unwind_rule){0};
    if (is_clone(code)) {
        after_return(rule);
        return true;
    }
    if (is_signal_return(code)) {
        after_signal(rule);
        return true;
    }
    if (behind_start < LOADER_START_SIZE && is_loader_start(start)) {
        rule->undefined = UINT32_C(1) << STACK_REGISTER_IP;
        return true;
    }
    return false;
}
