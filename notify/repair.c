/* SPDX-License-Identifier: MIT */
#include "repair.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    NR_RT_SIGRETURN = 15,
    NR_I386_SIGRETURN = 119,
    NR_I386_RT_SIGRETURN = 173,
    NR_X32_RT_SIGRETURN = X32_BIT + 513,
    STOP_YIELDS = 200,     /* looks in quick succession, */
    STOP_ATTEMPTS = 20000, /* then two seconds of patience */
    INSTRUCTION = 2,       /* `syscall` and `int $0x80` are two bytes each */
};

/* Offsets from the stack pointer of the sigreturn call to the saved registers. */
struct frame_layout {
    enum arch arch;
    int number;
    unsigned width;
    unsigned result;
    unsigned sp;
    unsigned ip;
};

static const struct frame_layout layouts[] = {
    /* The return address is popped: sp points to the ucontext (40 bytes, then r8...). */
    {ARCH_X86_64, NR_RT_SIGRETURN, 8, 144, 160, 168},
    /* The same, but the ucontext begins with 24 bytes (struct ucontext_x32). */
    {ARCH_X86_64, NR_X32_RT_SIGRETURN, 8, 128, 144, 152},
    /* sp points behind the return address: sig, pinfo, puc, siginfo (128), ucontext (20, then gs...). */
    {ARCH_I386, NR_I386_RT_SIGRETURN, 4, 140 + 20 + 44, 140 + 20 + 28, 140 + 20 + 56},
    /* The return address and sig are popped: sp points to the sigcontext. */
    {ARCH_I386, NR_I386_SIGRETURN, 4, 44, 28, 56},
};

static const struct frame_layout *layout_of(enum arch arch, int64_t number) {
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (layouts[i].arch == arch && layouts[i].number == number) {
            return &layouts[i];
        }
    }
    return NULL;
}

bool repair_is_sigreturn(enum arch arch, int64_t number) {
    return layout_of(arch, number) != NULL;
}

static uint64_t saved_word(const uint8_t *frame, unsigned offset, unsigned width) {
    uint64_t value = 0;
    memcpy(&value, frame + offset, width);
    return value;
}

/* The number of the sigreturn that the code before `ip` makes, or -1. `code`
 * holds the nine bytes before ip: a move of the number into rax or eax, and the call. */
static int sigreturn_before(const uint8_t code[9], enum arch arch) {
    static const uint8_t move_rax[] = {0x48, 0xc7, 0xc0};
    static const uint8_t move_eax = 0xb8;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        uint64_t number = saved_word(code, 3, sizeof(uint32_t));
        bool moves = code[2] == move_eax || (arch == ARCH_X86_64 && memcmp(code, move_rax, sizeof(move_rax)) == 0);
        if (layouts[i].arch == arch && moves && number == (uint64_t)layouts[i].number) {
            return layouts[i].number;
        }
    }
    return -1;
}

/* Whether the instruction before the frame's ip is a system call, and of which architecture. */
static bool is_call_instruction(const uint8_t instruction[INSTRUCTION], enum arch *arch) {
    static const uint8_t syscall_[] = {0x0f, 0x05};
    static const uint8_t int80[] = {0xcd, 0x80};
    if (memcmp(instruction, syscall_, INSTRUCTION) == 0) {
        *arch = ARCH_X86_64;
        return true;
    }
    *arch = ARCH_I386;
    return memcmp(instruction, int80, INSTRUCTION) == 0;
}

/* Read the nine bytes before `ip`, or as many as there are where the code
 * begins at the start of a mapping; the others stay as they are. */
static bool read_code(const struct memory *memory, pid_t tid, uint64_t ip, uint8_t code[9]) {
    static const size_t sizes[] = {9, 7, INSTRUCTION}; /* with either form of the move before it, or alone */
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (memory_read_exact(memory, tid, ip - sizes[i], code + 9 - sizes[i], sizes[i]) == 0) {
            return true;
        }
    }
    return false;
}

enum repair_need repair_inspect(const struct memory *memory, pid_t tid, enum arch arch, int64_t number, uint64_t sp,
                                struct repair_frame *frame, int *resume_number) {
    const struct frame_layout *layout = layout_of(arch, number);
    uint8_t saved[256];
    if (!layout || memory_read_exact(memory, tid, sp, saved, layout->ip + layout->width) < 0) {
        return REPAIR_NONE;
    }
    uint64_t result = saved_word(saved, layout->result, layout->width);
    uint64_t interrupted = layout->width == 8 ? (uint64_t)-EINTR : (uint32_t)-EINTR;
    if (result != interrupted) {
        return REPAIR_NONE;
    }
    *frame = (struct repair_frame){.width = layout->width,
                                   .result_address = sp + layout->result,
                                   .ip_address = sp + layout->ip,
                                   .ip = saved_word(saved, layout->ip, layout->width),
                                   .sp = saved_word(saved, layout->sp, layout->width)};
    uint8_t code[9] = {0};
    if (!read_code(memory, tid, frame->ip, code)) {
        return REPAIR_NONE;
    }
    if (!is_call_instruction(code + 7, &frame->arch)) {
        return REPAIR_NONE;
    }
    *resume_number = sigreturn_before(code, frame->arch);
    return *resume_number >= 0 ? REPAIR_SIGRETURN : REPAIR_MAYBE;
}

int repair_stack_pointer(pid_t tid, uint64_t *sp) {
    static const struct timespec moment = {.tv_nsec = 100000};
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
    auto_fd file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -errno;
    }
    for (int attempt = 0; attempt < STOP_ATTEMPTS; attempt++) {
        char text[256];
        ssize_t length = pread(file, text, sizeof(text) - 1, 0);
        if (length <= 0) {
            return length < 0 ? -errno : -ENODATA;
        }
        text[length] = 0;
        if (sscanf(text, "%*d %*x %*x %*x %*x %*x %*x %" SCNx64, sp) == 1) {
            return 0;
        }
        /* "running": it has announced its call and is still on its way to sleep. */
        if (attempt < STOP_YIELDS) {
            sched_yield();
        } else {
            nanosleep(&moment, NULL);
        }
    }
    return -EAGAIN;
}

int repair_apply(const struct memory *memory, pid_t tid, const struct repair_frame *frame, int number) {
    uint64_t result = (uint64_t)number;
    uint64_t ip = frame->ip - INSTRUCTION;
    struct iovec local[2] = {{&result, frame->width}, {&ip, frame->width}};
    struct iovec remote[2] = {{(void *)(uintptr_t)frame->result_address, frame->width},
                              {(void *)(uintptr_t)frame->ip_address, frame->width}};
    ssize_t written = memory->write(memory, tid, local, remote, 2);
    if (written < 0) {
        return (int)written;
    }
    return (size_t)written == 2 * (size_t)frame->width ? 0 : -EFAULT;
}
