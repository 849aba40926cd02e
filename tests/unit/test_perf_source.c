/* SPDX-License-Identifier: MIT
 *
 * Real rings: the stacks and mappings of a child, compared with what it knows itself.
 */
#include "perf_source.h"

#include "clock.h"
#include "unit.h"

#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    RING = 1 << 19,
    STACK = 8192,
    MARKS = 64,
    CALLS = 2000,
    BATCH = 100, /* calls that the child makes for each byte; a ring has room for more */
};

static const uint64_t MARK = 0x6d61726b00000000;
static const struct timespec moment = {.tv_nsec = 1000000};

/* A child that waits for a byte before it begins, and before each further batch of calls. */
struct world {
    struct perf_source *source;
    pid_t pid;
    int start;
};

/* What the child does. The marks are on its stack, above the stack pointer of the call; below them, `depth` bytes. */
__attribute__((noinline)) static void call_with_marks(int start, unsigned calls, size_t depth) {
    volatile uint64_t *marks = alloca(MARKS * sizeof(*marks));
    volatile uint8_t *deep = alloca(depth + 1);
    memset((uint8_t *)deep, 0, depth);
    for (uint64_t i = 0; i < MARKS; i++) {
        marks[i] = MARK | i;
    }
    for (unsigned i = 0; i < calls; i++) {
        char byte;
        if (i && i % BATCH == 0 && read(start, &byte, 1) != 1) {
            return;
        }
        syscall(SYS_getppid);
    }
    __asm__ volatile("" ::"r"(marks), "r"(deep) : "memory");
}

static void map_code(void) {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
    (void)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    (void)mmap(NULL, 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    close(file);
}

static void start(struct world *world, const struct perf_options *options, unsigned calls, size_t depth) {
    int ends[2];
    char problem[200] = "";
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    world->pid = fork();
    if (world->pid == 0) {
        char byte;
        close(ends[1]);
        if (read(ends[0], &byte, 1) == 1) {
            call_with_marks(ends[0], calls, depth);
            map_code();
        }
        _exit(0);
    }
    close(ends[0]);
    world->start = ends[1];
    int status = perf_source_create(&world->source, world->pid, options, problem, sizeof(problem));
    if (status < 0) {
        print_message("%s: %s\n", problem, strerror(-status));
        close(world->start);
        waitpid(world->pid, NULL, 0);
        skip();
    }
    assert_int_equal(perf_source_enable(world->source), 0);
    assert_int_equal(write(world->start, "", 1), 1);
}

static void finish(struct world *world) {
    close(world->start);
    waitpid(world->pid, NULL, 0);
    perf_source_destroy(world->source);
}

/* The child's next event of this kind; false: it has ended. */
static bool next(struct world *world, enum kernel_event_kind kind, struct kernel_event *event) {
    for (int i = 0; i < 5000; i++) {
        uint64_t before = monotonic_now();
        while (perf_source_next(world->source, before, event)) {
            if (event->kind == kind && event->pid == world->pid) {
                return true;
            }
            if (event->kind == KERNEL_END && event->tid == world->pid) {
                return false;
            }
        }
        perf_source_release(world->source);
        nanosleep(&moment, NULL);
    }
    fail_msg("the child did not end");
    return false;
}

static bool next_getppid(struct world *world, struct kernel_event *event) {
    while (next(world, KERNEL_ENTER, event)) {
        if (event->enter.number == SYS_getppid) {
            return true;
        }
    }
    return false;
}

/* Where the marks begin in a stack, in bytes; negative: nowhere. */
static long marks_in(const struct stack_sample *stack) {
    for (size_t at = 0; at + MARKS * sizeof(uint64_t) <= stack->size; at += sizeof(uint64_t)) {
        uint64_t words[MARKS];
        memcpy(words, stack_sample_bytes(stack) + at, sizeof(words));
        uint64_t i = 0;
        while (i < MARKS && words[i] == (MARK | i)) {
            i++;
        }
        if (i == MARKS) {
            return (long)at;
        }
    }
    return -1;
}

static struct perf_options options_with(size_t stack_bytes) {
    return (struct perf_options){.ring_bytes = RING, .stack_bytes = stack_bytes};
}

static void test_the_stack_of_a_call(void **state) {
    (void)state;
    struct world world;
    struct kernel_event event;
    struct perf_options options = options_with(STACK);
    start(&world, &options, CALLS / 100, 256);
    assert_int_equal(perf_source_stack_bytes(world.source), STACK);
    unsigned calls = 0;
    while (next_getppid(&world, &event)) {
        const struct stack_sample *stack = event.enter.stack;
        assert_non_null(stack);
        assert_true(marks_in(stack) >= 256);
        assert_false(stack->is_32_bit);
        /* The child is a copy of us: its code is where ours is. syscall() has put the number there. */
        assert_int_equal(stack->registers[2], stack->registers[STACK_REGISTER_IP]);
        uint8_t instruction[2];
        memcpy(instruction, (const void *)(uintptr_t)(stack->registers[STACK_REGISTER_IP] - 2), sizeof(instruction));
        assert_memory_equal(instruction, "\x0f\x05", sizeof(instruction));
        calls++;
    }
    assert_int_equal(calls, CALLS / 100);
    assert_int_equal(perf_source_lost(world.source), 0);
    finish(&world);
}

/* With 2048 bytes below them the marks are not in the first 512, and in the first 4096. */
static void test_a_part_of_the_stack(void **state) {
    (void)state;
    static const struct {
        size_t bytes;
        bool has_marks;
    } cases[] = {{STACK_SAMPLE_LEAST, false}, {4096, true}, {STACK_SAMPLE_MOST, true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        struct kernel_event event;
        struct perf_options options = options_with(cases[i].bytes);
        start(&world, &options, 1, 2048);
        assert_true(next_getppid(&world, &event));
        const struct stack_sample *stack = event.enter.stack;
        assert_non_null(stack);
        assert_int_equal(stack->cut, stack->size == perf_source_stack_bytes(world.source));
        assert_true(stack->cut || stack->size > 4096);
        assert_int_equal(marks_in(stack) >= 0, cases[i].has_marks);
        assert_true(marks_in(stack) < 0 || marks_in(stack) >= 2048);
        finish(&world);
    }
}

/* So many that the ring's end is crossed at all sorts of places. */
static void test_rounds_of_the_ring(void **state) {
    (void)state;
    struct world world;
    struct kernel_event event;
    struct perf_options options = options_with(STACK_SAMPLE_LEAST);
    start(&world, &options, CALLS, 1024);
    for (unsigned calls = 1; calls <= CALLS; calls++) {
        assert_true(next_getppid(&world, &event));
        const struct stack_sample *stack = event.enter.stack;
        assert_non_null(stack);
        assert_int_equal(stack->size, STACK_SAMPLE_LEAST);
        assert_int_equal(stack->registers[2], stack->registers[STACK_REGISTER_IP]);
        if (calls % BATCH == 0 && calls < CALLS) {
            assert_int_equal(write(world.start, "", 1), 1);
        }
    }
    assert_false(next_getppid(&world, &event));
    assert_int_equal(perf_source_lost(world.source), 0);
    finish(&world);
}

static void test_a_ring_that_is_small(void **state) {
    (void)state;
    static const size_t rings[] = {PERF_RING_BYTES_LEAST, 1 << 13, 1 << 14, 1 << 16};
    for (size_t i = 0; i < COUNT_OF(rings); i++) {
        struct world world;
        struct kernel_event event;
        struct perf_options options = options_with(STACK_SAMPLE_MOST);
        options.ring_bytes = rings[i];
        start(&world, &options, 1, 1 << 14);
        size_t bytes = perf_source_stack_bytes(world.source);
        assert_true(bytes >= STACK_SAMPLE_LEAST && bytes <= options.ring_bytes / 8);
        assert_int_equal(bytes % 8, 0);
        assert_true(next_getppid(&world, &event));
        assert_non_null(event.enter.stack);
        assert_int_equal(event.enter.stack->size, bytes);
        assert_true(event.enter.stack->cut);
        finish(&world);
    }
}

static void test_stacks_of_few_calls(void **state) {
    (void)state;
    static const struct perf_call calls[] = {{.name = "getppid", .exit = true}};
    struct world world;
    struct kernel_event event;
    struct perf_options options = options_with(STACK);
    options.calls = calls;
    options.call_count = COUNT_OF(calls);
    start(&world, &options, 1, 64);
    assert_true(perf_source_is_narrow(world.source));
    assert_true(next_getppid(&world, &event));
    assert_non_null(event.enter.stack);
    assert_true(marks_in(event.enter.stack) >= 64);
    assert_true(next(&world, KERNEL_EXIT, &event));
    assert_int_equal(event.exit.result, getpid());
    assert_true(event.exit.has_registers);
    assert_true(next(&world, KERNEL_MAPPING, &event));
    finish(&world);
}

static void test_mappings_of_code(void **state) {
    (void)state;
    char name[512] = "";
    struct stat status;
    struct world world;
    struct kernel_event event;
    assert_true(readlink("/proc/self/exe", name, sizeof(name) - 1) > 0);
    assert_int_equal(stat(name, &status), 0);
    struct perf_options options = options_with(STACK);
    start(&world, &options, 0, 0);
    assert_true(next(&world, KERNEL_MAPPING, &event));
    assert_string_equal(event.mapping->path, name);
    assert_int_equal(event.mapping->length, 4096);
    assert_int_equal(event.mapping->offset, 0);
    assert_int_equal(event.mapping->file, -1);
    assert_true(event.mapping->build_id_size || event.mapping->inode == status.st_ino);
    /* The one that is not executable is not told. */
    assert_true(next(&world, KERNEL_MAPPING, &event));
    assert_string_equal(event.mapping->path, "//anon");
    assert_int_equal(event.mapping->length, 8192);
    assert_false(next(&world, KERNEL_MAPPING, &event));
    finish(&world);
}

/* Whoever goes on maps the rings again, when the process that had them is gone, and they with it. */
static void go_on(struct world *world) {
    struct kernel_event event;
    if (perf_source_map_again(world->source) < 0) {
        _exit(1);
    }
    perf_source_inherit(world->source);
    if (write(world->start, "", 1) != 1) {
        _exit(2);
    }
    for (unsigned i = 0; i < BATCH; i++) {
        if (!next_getppid(world, &event) || !event.enter.stack || marks_in(event.enter.stack) < 64) {
            _exit(3);
        }
        if (!next(world, KERNEL_EXIT, &event) || event.exit.number != SYS_getppid) {
            _exit(5);
        }
    }
    _exit(0);
}

static void map_again(bool read_before) {
    struct world world;
    struct kernel_event event;
    struct perf_options options = options_with(4096);
    options.ring_bytes = 1 << 20;
    start(&world, &options, 2 * BATCH, 64);
    for (unsigned i = 0; read_before && i < BATCH; i++) {
        assert_true(next_getppid(&world, &event));
    }
    perf_source_release(world.source);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t successor = fork();
    if (successor == 0) {
        char byte;
        close(ends[1]);
        alarm(60);
        /* Until the other end is closed. */
        if (read(ends[0], &byte, 1) == 0) {
            go_on(&world);
        }
        _exit(4);
    }
    perf_source_destroy(world.source);
    world.source = NULL;
    close(ends[0]);
    close(ends[1]);
    int status;
    assert_int_equal(waitpid(successor, &status, 0), successor);
    finish(&world);
    assert_int_equal(status, 0);
}

static void test_rings_that_are_mapped_again(void **state) {
    (void)state;
    map_again(true);
}

/* As those of processors on which the program had not been before. */
static void test_unread_rings_that_are_mapped_again(void **state) {
    (void)state;
    map_again(false);
}

static void test_neither_where_nobody_asks(void **state) {
    (void)state;
    struct world world;
    struct kernel_event event;
    struct perf_options options = options_with(0);
    start(&world, &options, 1, 0);
    assert_true(next_getppid(&world, &event));
    assert_null(event.enter.stack);
    assert_false(next(&world, KERNEL_MAPPING, &event));
    finish(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_stack_of_a_call),         cmocka_unit_test(test_a_part_of_the_stack),
        cmocka_unit_test(test_rounds_of_the_ring),          cmocka_unit_test(test_a_ring_that_is_small),
        cmocka_unit_test(test_stacks_of_few_calls),         cmocka_unit_test(test_mappings_of_code),
        cmocka_unit_test(test_rings_that_are_mapped_again), cmocka_unit_test(test_unread_rings_that_are_mapped_again),
        cmocka_unit_test(test_neither_where_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
