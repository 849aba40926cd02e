/* SPDX-License-Identifier: MIT
 * The unwinder: on the stacks of the test itself, as the C library's own unwinder sees them, and on stacks that are cut
 * or lead nowhere. */
#include "own_stack.h"

#include "unwinder.h"

#include <alloca.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

struct world {
    struct module_table *table;
    struct unwinder *unwinder;
    struct own_sample own;
    uint64_t stack_end;
    uint32_t most;
};

static struct world *world; /* signal handlers and qsort() callbacks get at it nowhere else */

static int set_up(void **state) {
    world = calloc(1, sizeof(*world));
    assert_non_null(world);
    assert_int_equal(module_table_create(&world->table), 0);
    assert_int_equal(unwinder_create(&world->unwinder), 0);
    own_mappings(world->table);
    world->stack_end = own_stack_end();
    world->most = STACK_SAMPLE_MOST;
    *state = world;
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unwinder_destroy(world->unwinder);
    module_table_destroy(world->table);
    free(world);
    return 0;
}

struct chain {
    struct unwound_frame frames[UNWIND_FRAMES_MAX];
    size_t count;
    enum stack_end end;
};

static void unwind(const struct stack_sample *sample, struct chain *chain) {
    chain->count = 0;
    if (unwinder_begin(world->unwinder, module_table_of(world->table, getpid()), sample)) {
        while (unwinder_next(world->unwinder, &chain->frames[chain->count])) {
            chain->count++;
            assert_true(chain->count <= UNWIND_FRAMES_MAX);
        }
    }
    chain->end = unwinder_end(world->unwinder);
}

/* The first `count` frames are those of backtrace(3), but that the first one's place is a little earlier. */
static void assert_frames(const struct chain *chain, const struct own_sample *own, size_t count) {
    assert_true(chain->count >= count);
    for (size_t i = 1; i < count; i++) {
        assert_int_equal(chain->frames[i].ip, (uintptr_t)own->expected[i]);
        assert_non_null(chain->frames[i].module);
    }
}

/* All of them. */
static void assert_as_expected(const struct own_sample *own) {
    static struct chain chain;
    unwind(&own->sample, &chain);
    assert_true(own->expected_count > 3);
    assert_int_equal(chain.count, own->expected_count);
    assert_frames(&chain, own, chain.count);
    assert_int_equal(chain.end, STACK_END_OUTERMOST);
}

static void take(void) {
    own_take(&world->own, world->stack_end, world->most);
}

__attribute__((noinline)) static int nested(int depth) {
    if (depth == 0) {
        take();
        return 1;
    }
    int result = nested(depth - 1);
    __asm__ volatile("" : "+r"(result)); /* not a tail call */
    return result + depth;
}

static void test_nested_functions(void **state) {
    (void)state;
    nested(20);
    assert_as_expected(&world->own);
    assert_true(world->own.expected_count > 22);
}

/* The stack pointer moves by what is only known here, so the frame is found from rbp. */
__attribute__((noinline)) static void moves_its_stack(size_t size) {
    volatile char *room = alloca(size);
    room[0] = 1;
    take();
    room[size - 1] = room[0];
}

static void test_a_frame_of_unknown_size(void **state) {
    (void)state;
    for (size_t size = 1; size < 3000; size += 777) {
        moves_its_stack(size);
        assert_as_expected(&world->own);
    }
}

static int compare(const void *a, const void *b) {
    take();
    return *(const int *)a - *(const int *)b;
}

static void test_through_the_c_library(void **state) {
    (void)state;
    int numbers[] = {3, 1};
    qsort(numbers, 2, sizeof(*numbers), compare);
    assert_as_expected(&world->own);
}

static void *run_thread(void *unused) {
    (void)unused;
    world->stack_end = own_stack_end();
    nested(3);
    return NULL;
}

static void test_a_thread(void **state) {
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_as_expected(&world->own);
}

static void on_signal(int number) {
    (void)number;
    take();
}

static size_t interrupted_frame(const struct chain *chain) {
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->frames[i].interrupted) {
            return i;
        }
    }
    fail_msg("no frame was interrupted");
    return 0;
}

static void test_a_signal_handler(void **state) {
    (void)state;
    static struct chain chain;
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;
    assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &old, NULL);
    assert_as_expected(&world->own);
    unwind(&world->own.sample, &chain);
    /* Before it is the trampoline, and the handler, which calls this last. */
    assert_in_range(interrupted_frame(&chain), 2, 4);
}

/* Where the first instruction of a function is interrupted, the byte before it is of another function. */
__asm__(".pushsection .text\n"
        ".type stops_at_once, @function\n"
        "stops_at_once:\n"
        "\t.cfi_startproc\n"
        "\tud2\n"
        "\tret\n"
        "\t.cfi_endproc\n"
        ".size stops_at_once, . - stops_at_once\n"
        ".popsection");
void stops_at_once(void);

static void skip_instruction(int number, siginfo_t *about, void *context) {
    (void)number;
    (void)about;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
    take();
}

static void test_a_signal_at_the_first_instruction(void **state) {
    (void)state;
    static struct chain chain;
    struct sigaction action = {.sa_sigaction = skip_instruction, .sa_flags = SA_SIGINFO};
    struct sigaction old;
    assert_int_equal(sigaction(SIGILL, &action, &old), 0);
    stops_at_once();
    sigaction(SIGILL, &old, NULL);
    /* The handler has moved it by one instruction, behind which nothing has changed. */
    assert_as_expected(&world->own);
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.frames[interrupted_frame(&chain)].ip, (uintptr_t)stops_at_once + 2);
}

static void test_a_handler_with_its_own_stack(void **state) {
    (void)state;
    static struct chain chain;
    static char room[65536];
    stack_t stack = {.ss_sp = room, .ss_size = sizeof(room)};
    stack_t old_stack;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
    struct sigaction old;
    assert_int_equal(sigaltstack(&stack, &old_stack), 0);
    assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
    world->stack_end = (uint64_t)(uintptr_t)(room + sizeof(room));
    raise(SIGUSR1);
    sigaction(SIGUSR1, &old, NULL);
    sigaltstack(&old_stack, NULL);
    unwind(&world->own.sample, &chain);
    /* What was interrupted is known; what called that is on the stack that was not copied. */
    assert_int_equal(interrupted_frame(&chain), chain.count - 1);
    assert_frames(&chain, &world->own, chain.count);
    assert_int_equal(chain.end, STACK_END_ELSEWHERE);
    /* So it is where more of the handler's stack could have been copied. */
    world->own.sample.cut = true;
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.end, STACK_END_ELSEWHERE);
}

/* The copy ends anywhere between the handler and the outermost frame, on the stack of both. */
static void test_a_handler_on_a_cut_stack(void **state) {
    (void)state;
    static struct chain chain;
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;
    assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &old, NULL);
    world->own.sample.cut = true;
    unsigned cut = 0;
    for (uint32_t size = world->own.sample.size; size >= 8; size -= 8) {
        world->own.sample.size = size;
        unwind(&world->own.sample, &chain);
        cut += chain.end == STACK_END_CUT;
        assert_true(chain.end == STACK_END_CUT || (cut == 0 && chain.end == STACK_END_OUTERMOST));
    }
    assert_true(cut > 10);
}

/* However little of a stack was copied: the frames that there are are right, and the end says so. */
static void test_every_size_of_a_stack(void **state) {
    (void)state;
    static struct chain chain;
    static struct own_sample cut;
    nested(5);
    uint32_t all = world->own.sample.size;
    size_t before = 0;
    cut = world->own;
    for (uint32_t size = 0; size < all; size += 8) {
        cut.sample.size = size;
        cut.sample.cut = true;
        unwind(&cut.sample, &chain);
        assert_true(chain.count >= before);
        assert_frames(&chain, &world->own, chain.count);
        if (chain.end != STACK_END_OUTERMOST) {
            assert_int_equal(chain.end, STACK_END_CUT);
        } else {
            /* What is above the outermost frame is not needed. */
            assert_int_equal(chain.count, world->own.expected_count);
        }
        before = chain.count;
        cut.sample.cut = false;
        unwind(&cut.sample, &chain);
        assert_true(chain.end == STACK_END_BROKEN || chain.end == STACK_END_OUTERMOST);
    }
    assert_int_equal(before, world->own.expected_count);
}

/* Bytes of a stack may be anything. */
static void test_broken_stacks(void **state) {
    (void)state;
    static struct chain chain;
    static struct own_sample broken;
    uint64_t random = 88172645463325252;
    nested(5);
    for (unsigned round = 0; round < 20000; round++) {
        broken = world->own;
        broken.sample.size = broken.sample.size < 4096 ? broken.sample.size : 4096;
        for (unsigned change = 0; change < 3; change++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            uint64_t value =
                random >> 32 & 1 ? broken.sample.registers[STACK_REGISTER_SP] + (random >> 40) % 4096 : random;
            memcpy(broken.stack + random % (broken.sample.size / 8) * 8, &value, sizeof(value));
            if (random >> 60 == 0) {
                broken.sample.registers[random >> 55 & 15] = value;
            }
        }
        unwind(&broken.sample, &chain);
        assert_int_not_equal(chain.end, STACK_END_NONE);
    }
}

static void test_an_endless_recursion(void **state) {
    (void)state;
    static struct chain chain;
    world->stack_end = own_stack_end();
    nested(700);
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.count, UNWIND_FRAMES_MAX);
    assert_frames(&chain, &world->own, OWN_FRAMES_MAX);
    assert_int_equal(chain.end, STACK_END_TOO_DEEP);
}

static void test_code_in_no_file(void **state) {
    (void)state;
    static struct chain chain;
    nested(1);
    world->own.sample.registers[STACK_REGISTER_IP] = 0x1000;
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.count, 1);
    assert_null(chain.frames[0].module);
    assert_int_equal(chain.end, STACK_END_UNKNOWN);
}

static void test_other_architectures(void **state) {
    (void)state;
    static struct chain chain;
    nested(1);
    world->own.sample.is_32_bit = true;
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.count, 0);
    assert_int_equal(chain.end, STACK_END_FOREIGN);
}

static void test_nothing_known(void **state) {
    (void)state;
    nested(1);
    assert_false(unwinder_begin(world->unwinder, NULL, &world->own.sample));
    assert_int_equal(unwinder_end(world->unwinder), STACK_END_NONE);
    assert_false(unwinder_begin(world->unwinder, module_table_of(world->table, getpid()), NULL));
    assert_int_equal(unwinder_end(world->unwinder), STACK_END_NONE);
}

/* Functions without CFI are not guessed at, whatever they look like. */
__asm__(".pushsection .text\n"
        ".type says_nothing, @function\n"
        "says_nothing:\n"
        "\tpush %rbp\n"
        "\tmov %rsp, %rbp\n"
        "\tcall *%rdi\n"
        "\tpop %rbp\n"
        "\tret\n"
        ".size says_nothing, . - says_nothing\n"
        ".popsection");
void says_nothing(void (*callback)(void));

static void test_code_without_cfi(void **state) {
    (void)state;
    static struct chain chain;
    says_nothing(take);
    unwind(&world->own.sample, &chain);
    assert_int_equal(chain.end, STACK_END_NO_UNWIND);
    const struct unwound_frame *last = &chain.frames[chain.count - 1];
    assert_true(last->ip > (uintptr_t)says_nothing && last->ip < (uintptr_t)says_nothing + 16);
}

static void test_more_places_than_are_kept(void **state) {
    (void)state;
    static struct chain chain;
    nested(3);
    struct stack_sample *sample = &world->own.sample;
    uint64_t ip = sample->registers[STACK_REGISTER_IP];
    for (uint64_t i = 0; i < 10000; i++) {
        sample->registers[STACK_REGISTER_IP] = (uintptr_t)qsort + i;
        unwind(sample, &chain);
    }
    sample->registers[STACK_REGISTER_IP] = ip;
    assert_as_expected(&world->own);
}

static void report_speed(void **state) {
    (void)state;
    static struct chain chain;
    struct timespec before;
    struct timespec after;
    enum {
        ROUNDS = 1000,
        TIMES = 30,
    };
    double best = 1e9;
    nested(10);
    unwind(&world->own.sample, &chain);
    for (unsigned time = 0; time < TIMES; time++) {
        clock_gettime(CLOCK_MONOTONIC, &before);
        for (unsigned i = 0; i < ROUNDS; i++) {
            unwind(&world->own.sample, &chain);
        }
        clock_gettime(CLOCK_MONOTONIC, &after);
        double ns = (double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec);
        ns /= ROUNDS * (double)chain.count;
        best = ns < best ? ns : best;
    }
    print_message("%.1f ns a frame, of stacks of %zu\n", best, chain.count);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_WORLD(test_nested_functions),
        WITH_WORLD(test_a_frame_of_unknown_size),
        WITH_WORLD(test_through_the_c_library),
        WITH_WORLD(test_a_thread),
        WITH_WORLD(test_a_signal_handler),
        WITH_WORLD(test_a_signal_at_the_first_instruction),
        WITH_WORLD(test_a_handler_with_its_own_stack),
        WITH_WORLD(test_a_handler_on_a_cut_stack),
        WITH_WORLD(test_every_size_of_a_stack),
        WITH_WORLD(test_broken_stacks),
        WITH_WORLD(test_an_endless_recursion),
        WITH_WORLD(test_code_in_no_file),
        WITH_WORLD(test_other_architectures),
        WITH_WORLD(test_nothing_known),
        WITH_WORLD(test_code_without_cfi),
        WITH_WORLD(test_more_places_than_are_kept),
        WITH_WORLD(report_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
