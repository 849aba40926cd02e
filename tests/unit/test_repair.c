/* SPDX-License-Identifier: MIT
 *
 * Repair, on hand-made signal frames and code, and once on a real one.
 */
#include "repair.h"

#include "fake_memory.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    STACK = 0x7ffd1000,
    CODE = 0x401000,
    IP = CODE + 0x100,
    SP = 0x7fff2000,
    RT_SIGRETURN = 15,
    I386_SIGRETURN = 119,
    I386_RT_SIGRETURN = 173,
    X32_RT_SIGRETURN = X32_BIT + 513,
};

/* struct ucontext_x32 (arch/x86/include/uapi/asm/sigcontext.h): flags, link, stack_t and padding
 * of 24 bytes before the registers, where the native one has 40. */
enum {
    X32_SHORTER = 40 - 24,
};

/* Registers as struct sigcontext_32 has them, four bytes each (uapi/asm/sigcontext.h). */
enum {
    I386_GS,
    I386_FS,
    I386_ES,
    I386_DS,
    I386_DI,
    I386_SI,
    I386_BP,
    I386_SP,
    I386_BX,
    I386_DX,
    I386_CX,
    I386_AX,
    I386_TRAP,
    I386_ERROR,
    I386_IP,
};

/* sig, pinfo, puc, siginfo; flags, link and stack_t of the ucontext (struct rt_sigframe_ia32). */
enum {
    I386_RT_CONTEXT = 3 * 4 + 128 + 4 + 4 + 12,
};

static const uint8_t syscall_instruction[] = {0x0f, 0x05};
static const uint8_t int80_instruction[] = {0xcd, 0x80};

/* The world of one test: code is filled with 0xee, which is no call. */
static struct fake_memory *new_world(void **state) {
    struct fake_memory *fake = *state;
    fake_memory_init(fake);
    fake_map(fake, CODE, FAKE_PAGE);
    fake_map(fake, STACK, FAKE_PAGE);
    return fake;
}

static int set_up(void **state) {
    *state = calloc(1, sizeof(struct fake_memory));
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    free(*state);
    return 0;
}

static void put_code_before(struct fake_memory *fake, uint64_t ip, const void *code, size_t size) {
    fake_put(fake, ip - size, code, size);
}

static void put_native_frame(struct fake_memory *fake, uint64_t at, int64_t ax, uint64_t ip) {
    fake_put_word(fake, at + offsetof(ucontext_t, uc_mcontext.gregs[REG_RAX]), (uint64_t)ax, 8);
    fake_put_word(fake, at + offsetof(ucontext_t, uc_mcontext.gregs[REG_RSP]), SP, 8);
    fake_put_word(fake, at + offsetof(ucontext_t, uc_mcontext.gregs[REG_RIP]), ip, 8);
}

static void put_i386_frame(struct fake_memory *fake, uint64_t context, int32_t ax, uint32_t ip) {
    fake_put_word(fake, context + 4 * I386_AX, (uint32_t)ax, 4);
    fake_put_word(fake, context + 4 * I386_SP, SP, 4);
    fake_put_word(fake, context + 4 * I386_IP, ip, 4);
}

static enum repair_need inspect_native(struct fake_memory *fake, struct repair_frame *frame, int *resume) {
    return repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, RT_SIGRETURN, STACK, frame, resume);
}

/* What is made of a frame with this ax and this code before its ip. */
static enum repair_need need_for(void **state, int64_t ax, const void *code, size_t size, int *resume) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    put_native_frame(fake, STACK, ax, IP);
    put_code_before(fake, IP, code, size);
    return inspect_native(fake, &frame, resume);
}

static void assert_frame(const struct repair_frame *frame, enum arch arch, unsigned width) {
    assert_int_equal(frame->arch, arch);
    assert_int_equal(frame->width, width);
    assert_int_equal(frame->ip, IP);
    assert_int_equal(frame->sp, SP);
}

/* ------------------------------------------------------------------------- frames */

static void test_sigreturns_are_known_by_architecture(void **state) {
    (void)state;
    assert_true(repair_is_sigreturn(ARCH_X86_64, RT_SIGRETURN));
    assert_true(repair_is_sigreturn(ARCH_I386, I386_SIGRETURN));
    assert_true(repair_is_sigreturn(ARCH_I386, I386_RT_SIGRETURN));
    assert_false(repair_is_sigreturn(ARCH_I386, RT_SIGRETURN));
    assert_false(repair_is_sigreturn(ARCH_X86_64, I386_SIGRETURN));
    assert_false(repair_is_sigreturn(ARCH_X86_64, I386_RT_SIGRETURN));
    assert_false(repair_is_sigreturn(ARCH_X86_64, -1));
    assert_true(repair_is_sigreturn(ARCH_X86_64, X32_RT_SIGRETURN));
    assert_false(repair_is_sigreturn(ARCH_X86_64, X32_BIT + RT_SIGRETURN));
}

static void test_the_native_frame(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_native_frame(fake, STACK, -EINTR, IP);
    put_code_before(fake, IP, syscall_instruction, 2);
    assert_int_equal(inspect_native(fake, &frame, &resume), REPAIR_MAYBE);
    assert_frame(&frame, ARCH_X86_64, 8);
    assert_int_equal(frame.result_address, STACK + offsetof(ucontext_t, uc_mcontext.gregs[REG_RAX]));
    assert_int_equal(frame.ip_address, STACK + offsetof(ucontext_t, uc_mcontext.gregs[REG_RIP]));
}

static void test_the_x32_frame(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_native_frame(fake, STACK, -EINTR, IP);
    put_code_before(fake, IP, syscall_instruction, 2);
    uint64_t sp = STACK + X32_SHORTER;
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, X32_RT_SIGRETURN, sp, &frame, &resume),
                     REPAIR_MAYBE);
    assert_frame(&frame, ARCH_X86_64, 8);
    assert_int_equal(frame.result_address, STACK + offsetof(ucontext_t, uc_mcontext.gregs[REG_RAX]));
    assert_int_equal(frame.ip_address, STACK + offsetof(ucontext_t, uc_mcontext.gregs[REG_RIP]));
}

static void test_the_i386_rt_frame(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_i386_frame(fake, STACK + I386_RT_CONTEXT, -EINTR, IP);
    put_code_before(fake, IP, int80_instruction, 2);
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_I386, I386_RT_SIGRETURN, STACK, &frame, &resume),
                     REPAIR_MAYBE);
    assert_frame(&frame, ARCH_I386, 4);
    assert_int_equal(frame.result_address, STACK + I386_RT_CONTEXT + 4 * I386_AX);
    assert_int_equal(frame.ip_address, STACK + I386_RT_CONTEXT + 4 * I386_IP);
}

static void test_the_old_i386_frame(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_i386_frame(fake, STACK, -EINTR, IP);
    put_code_before(fake, IP, int80_instruction, 2);
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_I386, I386_SIGRETURN, STACK, &frame, &resume),
                     REPAIR_MAYBE);
    assert_frame(&frame, ARCH_I386, 4);
    assert_int_equal(frame.result_address, STACK + 4 * I386_AX);
    assert_int_equal(frame.ip_address, STACK + 4 * I386_IP);
}

static void test_a_frame_across_pages(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    uint64_t sp = STACK + FAKE_PAGE - 160; /* between ax and sp of the frame */
    fake_map(fake, STACK + FAKE_PAGE, FAKE_PAGE);
    put_native_frame(fake, sp, -EINTR, IP);
    put_code_before(fake, IP, syscall_instruction, 2);
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, RT_SIGRETURN, sp, &frame, &resume),
                     REPAIR_MAYBE);
    assert_frame(&frame, ARCH_X86_64, 8);
}

static void test_a_frame_that_cannot_be_read_is_left_alone(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    uint64_t nowhere = STACK + 5 * FAKE_PAGE;
    uint64_t half = STACK + FAKE_PAGE - 160;
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, RT_SIGRETURN, nowhere, &frame, &resume),
                     REPAIR_NONE);
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, RT_SIGRETURN, half, &frame, &resume),
                     REPAIR_NONE);
}

static void test_other_calls_have_no_frame(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_native_frame(fake, STACK, -EINTR, IP);
    put_code_before(fake, IP, syscall_instruction, 2);
    assert_int_equal(repair_inspect(&fake->functions, FAKE_TID, ARCH_X86_64, SYS_read, STACK, &frame, &resume),
                     REPAIR_NONE);
}

/* ------------------------------------------------------------------ what is mended */

static void test_only_eintr_is_asked_about(void **state) {
    static const int64_t results[] = {0, 1, EINTR, -EAGAIN, -512, -514, (int64_t)UINT32_MAX - EINTR + 1};
    int resume;
    assert_int_equal(need_for(state, -EINTR, syscall_instruction, 2, &resume), REPAIR_MAYBE);
    for (unsigned i = 0; i < COUNT_OF(results); i++) {
        assert_int_equal(need_for(state, results[i], syscall_instruction, 2, &resume), REPAIR_NONE);
    }
}

static void test_only_behind_a_call_instruction(void **state) {
    static const uint8_t others[][2] = {{0x0f, 0x0b}, {0x05, 0x0f}, {0xcd, 0x03}, {0x0f, 0x34}, {0, 0}};
    int resume;
    for (unsigned i = 0; i < COUNT_OF(others); i++) {
        assert_int_equal(need_for(state, -EINTR, others[i], 2, &resume), REPAIR_NONE);
    }
}

static void test_a_32_bit_call_of_a_64_bit_program(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    int resume;
    put_native_frame(fake, STACK, -EINTR, IP);
    put_code_before(fake, IP, int80_instruction, 2);
    assert_int_equal(inspect_native(fake, &frame, &resume), REPAIR_MAYBE);
    assert_frame(&frame, ARCH_I386, 8);
}

static void test_a_sigreturn_itself_is_mended_without_asking(void **state) {
    /* mov $15,%rax; syscall, as in the C library; mov $15,%eax; syscall, as in others. */
    static const uint8_t long_move[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05};
    static const uint8_t short_move[] = {0xb8, 15, 0, 0, 0, 0x0f, 0x05};
    static const uint8_t i386_rt[] = {0xb8, 173, 0, 0, 0, 0xcd, 0x80};
    static const uint8_t i386_old[] = {0xb8, 119, 0, 0, 0, 0xcd, 0x80};
    static const uint8_t x32_move[] = {0x48, 0xc7, 0xc0, 0x01, 0x02, 0, 0x40, 0x0f, 0x05};
    int resume = -1;
    assert_int_equal(need_for(state, -EINTR, x32_move, sizeof(x32_move), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, X32_RT_SIGRETURN);
    assert_int_equal(need_for(state, -EINTR, long_move, sizeof(long_move), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, RT_SIGRETURN);
    resume = -1;
    assert_int_equal(need_for(state, -EINTR, short_move, sizeof(short_move), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, RT_SIGRETURN);
    assert_int_equal(need_for(state, -EINTR, i386_rt, sizeof(i386_rt), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, I386_RT_SIGRETURN);
    assert_int_equal(need_for(state, -EINTR, i386_old, sizeof(i386_old), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, I386_SIGRETURN);
    assert_int_equal(need_for(state, 0, long_move, sizeof(long_move), &resume), REPAIR_NONE);
}

static void test_other_numbers_are_no_sigreturn(void **state) {
    static const uint8_t read_[] = {0x48, 0xc7, 0xc0, 0, 0, 0, 0, 0x0f, 0x05};
    static const uint8_t large[] = {0xb8, 15, 1, 0, 0, 0x0f, 0x05};
    static const uint8_t i386_number[] = {0xb8, 173, 0, 0, 0, 0x0f, 0x05};  /* ioperm */
    static const uint8_t native_number[] = {0xb8, 15, 0, 0, 0, 0xcd, 0x80}; /* chmod */
    int resume;
    assert_int_equal(need_for(state, -EINTR, read_, sizeof(read_), &resume), REPAIR_MAYBE);
    assert_int_equal(need_for(state, -EINTR, large, sizeof(large), &resume), REPAIR_MAYBE);
    assert_int_equal(need_for(state, -EINTR, i386_number, sizeof(i386_number), &resume), REPAIR_MAYBE);
    assert_int_equal(need_for(state, -EINTR, native_number, sizeof(native_number), &resume), REPAIR_MAYBE);
}

/* The need for a frame that goes on at CODE + size, the code being all that is mapped before it. */
static enum repair_need need_at_start(void **state, const uint8_t *code, size_t size, int *resume) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame;
    put_native_frame(fake, STACK, -EINTR, CODE + size);
    fake_put(fake, CODE, code, size);
    return inspect_native(fake, &frame, resume);
}

static void test_code_at_the_start_of_a_mapping(void **state) {
    int resume;
    assert_int_equal(need_at_start(state, syscall_instruction, 2, &resume), REPAIR_MAYBE);
    static const uint8_t nothing[] = {0x90, 0x90};
    assert_int_equal(need_at_start(state, nothing, 2, &resume), REPAIR_NONE);
}

static void test_a_sigreturn_at_the_start_of_a_mapping(void **state) {
    static const uint8_t long_move[] = {0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05};
    static const uint8_t short_move[] = {0xb8, 15, 0, 0, 0, 0x0f, 0x05};
    int resume = -1;
    assert_int_equal(need_at_start(state, long_move, sizeof(long_move), &resume), REPAIR_SIGRETURN);
    assert_int_equal(need_at_start(state, short_move, sizeof(short_move), &resume), REPAIR_SIGRETURN);
    assert_int_equal(resume, RT_SIGRETURN);
}

static void test_code_that_cannot_be_read_is_left_alone(void **state) {
    static const uint64_t places[] = {0, 1, 0x900000, UINT64_MAX};
    for (unsigned i = 0; i < COUNT_OF(places); i++) {
        struct fake_memory *fake = new_world(state);
        struct repair_frame frame;
        int resume;
        put_native_frame(fake, STACK, -EINTR, places[i]);
        assert_int_equal(inspect_native(fake, &frame, &resume), REPAIR_NONE);
    }
}

/* ------------------------------------------------------------------------ the mend */

static void assert_applied(void **state, unsigned width, uint64_t untouched) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame = {
        .arch = ARCH_X86_64, .width = width, .result_address = STACK + 64, .ip_address = STACK + 96, .ip = IP};
    fake_put_word(fake, STACK + 64, (uint64_t)-EINTR, width);
    fake_put_word(fake, STACK + 96, IP, width);
    assert_int_equal(repair_apply(&fake->functions, FAKE_TID, &frame, SYS_pipe2), 0);
    assert_int_equal(fake_word(fake, STACK + 64, width), SYS_pipe2);
    assert_int_equal(fake_word(fake, STACK + 96, width), IP - 2);
    const uint64_t around[] = {STACK + 56, STACK + 64 + width, STACK + 88, STACK + 96 + width};
    for (unsigned i = 0; i < COUNT_OF(around); i++) {
        assert_int_equal(fake_word(fake, around[i], 8 - width % 8), untouched);
    }
}

static void test_the_mend_has_the_width_of_the_frame(void **state) {
    assert_applied(state, 8, UINT64_C(0xeeeeeeeeeeeeeeee));
    assert_applied(state, 4, 0xeeeeeeee);
}

static void test_a_mend_that_fails_says_so(void **state) {
    struct fake_memory *fake = new_world(state);
    struct repair_frame frame = {
        .width = 8, .result_address = STACK + FAKE_PAGE - 8, .ip_address = STACK + FAKE_PAGE, .ip = IP};
    assert_int_equal(repair_apply(&fake->functions, FAKE_TID, &frame, SYS_pipe2), -EFAULT); /* half of it */
    fake->read_only = true;
    assert_int_equal(repair_apply(&fake->functions, FAKE_TID, &frame, SYS_pipe2), -EFAULT);
}

/* ---------------------------------------------------------------------- for real */

static struct {
    enum repair_need need;
    int applied;
    bool done;
} real;

/* In a handler the frame that its sigreturn will take lies at the ucontext. */
static void on_alarm(int number, siginfo_t *information, void *context) {
    (void)number;
    (void)information;
    struct repair_frame frame;
    int resume;
    pid_t tid = (pid_t)syscall(SYS_gettid);
    real.need =
        repair_inspect(&live_memory, tid, ARCH_X86_64, SYS_rt_sigreturn, (uint64_t)(uintptr_t)context, &frame, &resume);
    real.applied = repair_apply(&live_memory, tid, &frame, SYS_getpid);
    real.done = true;
}

static void test_a_mended_frame_makes_the_call(void **state) {
    (void)state;
    struct sigaction action = {.sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct itimerval soon = {.it_value.tv_usec = 20000};
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    char byte;
    /* Interrupted, it would say EINTR; mended it is another call. */
    long result = syscall(SYS_read, ends[0], &byte, (size_t)1);
    assert_true(real.done);
    assert_int_equal(real.need, REPAIR_MAYBE);
    assert_int_equal(real.applied, 0);
    assert_int_equal(result, getpid());
    close(ends[0]);
    close(ends[1]);
}

static void test_the_stack_pointer_of_a_thread_in_a_call(void **state) {
    (void)state;
    uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        pause();
        _exit(1);
    }
    uint64_t sp = 0;
    int status;
    /* It may still be on its way to its call. */
    for (unsigned attempt = 0; (status = repair_stack_pointer(child, &sp)) == -EAGAIN && attempt < 1000; attempt++) {
        usleep(1000);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(status, 0);
    assert_in_range(sp, here - (1 << 16), here);
    assert_true(repair_stack_pointer(child, &sp) < 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_sigreturns_are_known_by_architecture),
        TEST(test_the_native_frame),
        TEST(test_the_x32_frame),
        TEST(test_the_i386_rt_frame),
        TEST(test_the_old_i386_frame),
        TEST(test_a_frame_across_pages),
        TEST(test_a_frame_that_cannot_be_read_is_left_alone),
        TEST(test_other_calls_have_no_frame),
        TEST(test_only_eintr_is_asked_about),
        TEST(test_only_behind_a_call_instruction),
        TEST(test_a_32_bit_call_of_a_64_bit_program),
        TEST(test_a_sigreturn_itself_is_mended_without_asking),
        TEST(test_other_numbers_are_no_sigreturn),
        TEST(test_code_at_the_start_of_a_mapping),
        TEST(test_a_sigreturn_at_the_start_of_a_mapping),
        TEST(test_code_that_cannot_be_read_is_left_alone),
        TEST(test_the_mend_has_the_width_of_the_frame),
        TEST(test_a_mend_that_fails_says_so),
        TEST(test_a_mended_frame_makes_the_call),
        TEST(test_the_stack_pointer_of_a_thread_in_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
