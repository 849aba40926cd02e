/* SPDX-License-Identifier: MIT
 * Marked calls (marks.h) from code that nothing is known of: made at run time, or written in assembler without
 * what an unwinder needs. A stack ends there, or it would be guessed. */
#define _GNU_SOURCE
#include "marks.h"

#include <stdint.h>
#include <sys/mman.h>

typedef void simple(void);

/* Where no line of the compiler's reaches. */
__asm__(".pushsection .text.assembler, \"ax\", @progbits\n"
        ".type bare_close, @function\n"
        "bare_close:\n"
        "    mov $3, %eax\n"
        "    syscall\n"
        "    ret\n"
        ".size bare_close, . - bare_close\n"
        ".type bare_caller, @function\n"
        "bare_caller:\n"
        "    push %rbx\n"
        "    call *%rdi\n"
        "    pop %rbx\n"
        "    ret\n"
        ".size bare_caller, . - bare_caller\n"
        ".type told_close, @function\n"
        "told_close:\n"
        "    .cfi_startproc\n"
        "    push %rbx\n"
        "    .cfi_adjust_cfa_offset 8\n"
        "    mov $3, %eax\n"
        "    syscall\n"
        "    pop %rbx\n"
        "    .cfi_adjust_cfa_offset -8\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size told_close, . - told_close\n"
        ".popsection\n");

void bare_close(long descriptor);
void bare_caller(simple *function);
void told_close(long descriptor);

static void called_by_bare(void) {
    MARK_MORE(1, "called by assembler without rules", "", ", \"end\": \"no_unwind\"", CLOSE(1));
}

static void called_by_made(void) {
    MARK_MORE(2, "called by code made at run time", "", ", \"end\": \"unknown\"", CLOSE(2));
}

APART static void assembled(void) {
    mark_say(3, NULL, 0, "bare_close", "assembler without rules", "", ", \"end\": \"no_unwind\"");
    bare_close(-1003);
    MARK_IN(4, "assembler with rules", "main", told_close(-1004));
    bare_caller(called_by_bare);
    STAYS();
}

/* Copies the code, and makes it executable as a JIT compiler does. */
APART static simple *make(const uint8_t *code, size_t size) {
    uint8_t *place = (uint8_t *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place == MAP_FAILED) {
        abort();
    }
    memcpy(place, code, size);
    if (mprotect(place, 4096, PROT_READ | PROT_EXEC)) {
        abort();
    }
    return (simple *)place;
}

APART static void made(void) {
    /* mov $-1005, %rdi; mov $3, %eax; syscall; ret */
    static const uint8_t closing[] = {0x48, 0xc7, 0xc7, 0x13, 0xfc, 0xff, 0xff, 0xb8, 0x03, 0, 0, 0, 0x0f, 0x05, 0xc3};
    /* push %rbp; mov %rsp, %rbp; movabs $FUNCTION, %rax; call *%rax; pop %rbp; ret */
    uint8_t calling[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xd0, 0x5d, 0xc3};
    simple *function = called_by_made;
    memcpy(calling + 6, &function, sizeof(function));
    mark_say(5, NULL, 0, NULL, "code made at run time", "", ", \"end\": \"unknown\"");
    make(closing, sizeof(closing))();
    make(calling, sizeof(calling))();
    STAYS();
}

int main(void) {
    assembled();
    made();
    MARK(6, "behind all of it", CLOSE(6));
    return 0;
}
