/* SPDX-License-Identifier: MIT
 *
 * What the tracer tells of stacks and of mapped code. The programs are this one itself,
 * executed with the name of what it is to do; they make their calls with values in
 * registers and on the stack that the test knows.
 */
#include "tracer_bench.h"

#include "code_maps.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/wait.h>

enum {
    PAGE = 4096,
};

/* ----------------------------------------------------------------------- programs */

/* Make call `number` of the first argument 0 with known values in all registers that a call leaves alone. */
long marked_call(long number);
extern const char behind_marked_call[];
__asm__(".text\n"
        ".globl marked_call\n"
        "marked_call:\n"
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
        "mov %rdi, %rax\n"
        "mov $0x1003, %ebx\n mov $0x1006, %ebp\n"
        "mov $0x1001, %edx\n mov $0x1004, %esi\n"
        "mov $0x1008, %r8d\n mov $0x1009, %r9d\n mov $0x100a, %r10d\n"
        "mov $0x100c, %r12d\n mov $0x100d, %r13d\n mov $0x100e, %r14d\n mov $0x100f, %r15d\n"
        "push $0x2222\n push $0x1111\n"
        "xor %edi, %edi\n"
        "syscall\n"
        ".globl behind_marked_call\n"
        "behind_marked_call:\n"
        "add $16, %rsp\n"
        "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n"
        "ret\n");

static int run_marked(void) {
    marked_call(SYS_getsid);
    return 0;
}

static void *mark(void *context) {
    marked_call(SYS_getsid);
    return context;
}

static int run_threads(void) {
    pthread_t thread;
    marked_call(SYS_getsid);
    pthread_create(&thread, NULL, mark, NULL);
    pthread_join(thread, NULL);
    return 0;
}

static int run_forks(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        marked_call(SYS_getsid);
        syscall(SYS_exit_group, 0);
    }
    waitpid(child, &status, 0);
    execl("/proc/self/exe", "test", "marked", NULL);
    return 1;
}

/* All ways to new code, and some that lead to none. What is told of them stands in expected_code. */
static int run_code(void) {
    enum {
        RW = PROT_READ | PROT_WRITE,
        RX = PROT_READ | PROT_EXEC,
        PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS,
    };
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    size_t page = PAGE;
    marked_call(SYS_getsid);
    (void)mmap(NULL, page, RX, MAP_PRIVATE, self, PAGE);                                       /* 1 */
    (void)mmap(NULL, page, PROT_READ, MAP_PRIVATE, self, PAGE);                                /* no code */
    (void)mmap(NULL, page, RX, MAP_PRIVATE, -1, 0);                                            /* an error */
    uint8_t *data = mmap(NULL, 16 * page, RW, PRIVATE, -1, 0);                                 /* no code */
    mprotect(data, page, PROT_READ);                                                           /* no code */
    mprotect(data + 2 * page, 2 * page, RX);                                                   /* 2 */
    (void)mremap(data + 2 * page, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, data + 8 * page); /* 3 */
    int segment = shmget(IPC_PRIVATE, page, 0600);
    shmdt(shmat(segment, NULL, SHM_EXEC));   /* 4 */
    shmdt(shmat(segment, NULL, SHM_RDONLY)); /* no code */
    shmctl(segment, IPC_RMID, NULL);
    if (syscall(SYS_pkey_mprotect, data + 12 * page, page, RX, -1) < 0) { /* 5 */
        mprotect(data + 12 * page, page, RX);                             /* a kernel without keys */
    }
    munmap(data, 16 * page);
    marked_call(SYS_getsid);
    return 0;
}

static int run_floods(void) {
    for (;;) {
        void *code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(code, PAGE);
    }
    return 0;
}

static const struct program {
    const char *name;
    int (*run)(void);
} programs[] = {
    {"marked", run_marked}, {"threads", run_threads}, {"forks", run_forks}, {"code", run_code}, {"floods", run_floods},
};

static int run_program(const char *name) {
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        if (strcmp(programs[i].name, name) == 0) {
            syscall(SYS_exit_group, programs[i].run());
        }
    }
    return 99;
}

/* ---------------------------------------------------------------------------- helpers */

static void start_with(struct bench *bench, const char *name, const char *expression, size_t stack_bytes) {
    bench->options.stack_bytes = stack_bytes;
    bench->options.signals = false;
    choose(bench, expression);
    start(bench, name);
    let_execute(bench);
    drain_to_end(bench);
}

/* The next event of this kind; NULL: there is none any more. */
static const struct kept *find(struct bench *bench, enum kernel_event_kind kind) {
    while (bench->read < bench->count) {
        const struct kept *kept = &bench->kept[bench->read++];
        if (kept->event.kind == kind) {
            return kept;
        }
    }
    return NULL;
}

static unsigned count_of(const struct bench *bench, enum kernel_event_kind kind) {
    unsigned count = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        count += bench->kept[i].event.kind == kind;
    }
    return count;
}

/* The last mapping before `kept` at this address of its process. */
static const struct kept *mapping_at(const struct bench *bench, const struct kept *kept, uint64_t address) {
    for (const struct kept *at = kept; at-- > bench->kept;) {
        if (at->event.kind == KERNEL_MAPPING && at->event.pid == kept->event.pid &&
            address - at->mapping.start < at->mapping.length) {
            return at;
        }
    }
    return NULL;
}

struct own_code {
    uint64_t address;
    uint64_t offset;
    uint64_t inode;
};

static void find_own(void *context, const struct mapping *mapping) {
    struct own_code *own = context;
    if (own->address - mapping->start < mapping->length) {
        own->offset = own->address - mapping->start + mapping->offset;
        own->inode = mapping->inode;
    }
}

/* Where the instruction behind the marked call stands in our own file. */
static struct own_code own_code(void) {
    struct own_code own = {.address = (uintptr_t)behind_marked_call};
    assert_int_equal(code_maps_read(getpid(), CODE_ANYWHERE, false, find_own, &own), 0);
    assert_true(own.offset > 0);
    return own;
}

static void assert_marked_registers(const struct stack_sample *stack) {
    static const struct {
        unsigned number;
        uint64_t value;
    } marks[] = {
        {1, 0x1001},  {3, 0x1003},  {4, 0x1004},  {5, 0},       {STACK_REGISTER_BP, 0x1006},
        {8, 0x1008},  {9, 0x1009},  {10, 0x100a}, {12, 0x100c}, {13, 0x100d},
        {14, 0x100e}, {15, 0x100f},
    };
    for (size_t i = 0; i < COUNT_OF(marks); i++) {
        assert_int_equal(stack->registers[marks[i].number], marks[i].value);
    }
    assert_false(stack->is_32_bit);
}

/* The next call is the marked one, with its registers, its stack, and an ip that leads to our own file. */
static const struct kept *next_marked(struct bench *bench, size_t stack_bytes) {
    struct own_code own = own_code();
    const struct kept *kept = find(bench, KERNEL_ENTER);
    assert_non_null(kept);
    assert_int_equal(kept->event.enter.number, SYS_getsid);
    assert_non_null(kept->event.enter.stack);
    assert_marked_registers(&kept->stack);
    assert_in_range(kept->stack.size, 16, stack_bytes);
    assert_int_equal(kept->stack.cut, kept->stack.size == stack_bytes);
    assert_int_equal(kept->words[0], 0x1111);
    assert_int_equal(kept->words[1], 0x2222);
    uint64_t ip = kept->stack.registers[STACK_REGISTER_IP];
    const struct kept *code = mapping_at(bench, kept, ip);
    assert_non_null(code);
    assert_int_equal(code->mapping.inode, own.inode);
    assert_int_equal(ip - code->mapping.start + code->mapping.offset, own.offset);
    return kept;
}

/* ----------------------------------------------------------------------------- stacks */

static void test_a_call_has_its_registers_and_its_stack(void **state) {
    struct bench *bench = *state;
    start_with(bench, "marked", "trace=execve,getsid", STACK_SAMPLE_MOST);
    /* The first execve is not the program's own. */
    const struct kept *kept = find(bench, KERNEL_ENTER);
    assert_int_equal(kept->event.enter.number, SYS_execve);
    assert_null(kept->event.enter.stack);
    kept = next_marked(bench, STACK_SAMPLE_MOST);
    /* Up to its very end, where the kernel has put a word of zeros. */
    assert_false(kept->stack.cut);
    assert_int_equal(kept->last_word, 0);
    assert_int_equal((kept->stack.registers[STACK_REGISTER_SP] + kept->stack.size) % PAGE, 0);
}

static void test_a_stack_is_cut_where_no_more_was_asked_for(void **state) {
    struct bench *bench = *state;
    start_with(bench, "marked", "trace=getsid", STACK_SAMPLE_LEAST);
    find(bench, KERNEL_ENTER); /* the execve */
    assert_int_equal(next_marked(bench, STACK_SAMPLE_LEAST)->stack.size, STACK_SAMPLE_LEAST);
}

static void test_calls_that_are_not_shown_have_no_stack(void **state) {
    struct bench *bench = *state;
    bench->options.follow = true;
    start_with(bench, "forks", "trace=getsid", STACK_SAMPLE_DEFAULT);
    unsigned execs = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        const struct kernel_event *event = &bench->kept[i].event;
        bool exec = event->kind == KERNEL_ENTER && event->enter.number == SYS_execve;
        execs += exec;
        assert_true(!exec || !event->enter.stack);
    }
    assert_int_equal(execs, 2);
}

static void test_an_exec_that_is_shown_has_the_stack_of_who_called_it(void **state) {
    struct bench *bench = *state;
    bench->options.follow = true;
    start_with(bench, "forks", "trace=execve", STACK_SAMPLE_DEFAULT);
    find(bench, KERNEL_ENTER);
    const struct kept *kept = find(bench, KERNEL_ENTER);
    assert_int_equal(kept->event.enter.number, SYS_execve);
    assert_non_null(kept->event.enter.stack);
    const struct kept *code = mapping_at(bench, kept, kept->stack.registers[STACK_REGISTER_IP]);
    assert_non_null(code);
    assert_non_null(strstr(code->path, "libc"));
}

static void test_every_thread_has_its_own_stack(void **state) {
    struct bench *bench = *state;
    start_with(bench, "threads", "trace=getsid", 8192);
    find(bench, KERNEL_ENTER);
    const struct kept *leader = next_marked(bench, 8192);
    const struct kept *thread = next_marked(bench, 8192);
    assert_int_equal(leader->event.tid, bench->pid);
    assert_true(thread->event.tid != bench->pid);
    assert_true(leader->stack.registers[STACK_REGISTER_SP] - thread->stack.registers[STACK_REGISTER_SP] > 8192);
}

static void test_nothing_is_told_that_nobody_wants(void **state) {
    struct bench *bench = *state;
    start_with(bench, "marked", "trace=getsid", 0);
    assert_int_equal(count_of(bench, KERNEL_MAPPING), 0);
    find(bench, KERNEL_ENTER);
    const struct kept *kept = find(bench, KERNEL_ENTER);
    assert_int_equal(kept->event.enter.number, SYS_getsid);
    assert_null(kept->event.enter.stack);
}

/* --------------------------------------------------------------------------- mappings */

static void test_an_exec_tells_the_code_of_its_program(void **state) {
    struct bench *bench = *state;
    bench->options.follow = true;
    start_with(bench, "forks", "trace=getsid", STACK_SAMPLE_DEFAULT);
    uint64_t inode = own_code().inode;
    for (unsigned round = 0; round < 2; round++) {
        const struct kept *kept = find(bench, KERNEL_EXEC);
        assert_non_null(kept);
        bool own = false;
        bool vdso = false;
        while ((++kept)->event.kind == KERNEL_MAPPING) {
            vdso = vdso || strcmp(kept->path, "[vdso]") == 0;
            own = own || kept->mapping.inode == inode;
            /* Each file is handed over once. */
            bool opened = round == 0 && kept->mapping.inode;
            assert_int_equal(kept->opened, opened ? kept->mapping.inode : 0);
        }
        assert_true(own && vdso);
        assert_int_equal(kept->event.kind, KERNEL_EXIT);
    }
    /* A child has the code of its parent. */
    for (unsigned i = 0; i < bench->count; i++) {
        const struct kernel_event *event = &bench->kept[i].event;
        assert_true(event->kind != KERNEL_MAPPING || event->pid == bench->pid);
    }
}

static const struct {
    uint64_t length;
    bool has_file;
} expected_code[] = {{PAGE, true}, {2 * (uint64_t)PAGE, false}, {PAGE, false}, {PAGE, true}, {PAGE, false}};

static void assert_code(struct bench *bench) {
    uint64_t inode = own_code().inode;
    next_marked(bench, STACK_SAMPLE_DEFAULT);
    for (size_t i = 0; i < COUNT_OF(expected_code); i++) {
        const struct kept *kept = find(bench, KERNEL_MAPPING);
        assert_non_null(kept);
        assert_int_equal(kept->event.pid, bench->pid);
        assert_int_equal(kept->mapping.length, expected_code[i].length);
        assert_int_equal(kept->path[0] != 0, expected_code[i].has_file);
        assert_true(i > 0 || (kept->mapping.inode == inode && kept->mapping.offset == PAGE));
    }
    const struct kept *last = &bench->kept[bench->read];
    next_marked(bench, STACK_SAMPLE_DEFAULT);
    for (; last < &bench->kept[bench->count]; last++) {
        assert_int_not_equal(last->event.kind, KERNEL_MAPPING);
    }
}

static void test_calls_that_map_code_tell_it(void **state) {
    struct bench *bench = *state;
    start_with(bench, "code", "trace=getsid", STACK_SAMPLE_DEFAULT);
    find(bench, KERNEL_ENTER);
    assert_code(bench);
}

static void test_so_they_do_under_a_filter_and_are_not_shown(void **state) {
    struct bench *bench = *state;
    struct sock_fprog program = {0};
    choose(bench, "trace=getsid");
    struct filter_options filter = {
        .selection = &bench->selection, .capture = &bench->capture, .trace_only = true, .new_code = true};
    assert_int_equal(filter_build(&filter, &program), 0);
    make_child(bench, "code", &program);
    free(program.filter);
    bench->options.filtered = true;
    bench->options.stack_bytes = STACK_SAMPLE_DEFAULT;
    create(bench);
    let_execute(bench);
    drain_to_end(bench);
    unsigned enters = 0;
    for (unsigned i = 0; i < bench->count; i++) {
        const struct kernel_event *event = &bench->kept[i].event;
        enters += event->kind == KERNEL_ENTER;
        assert_true(event->kind != KERNEL_ENTER || event->enter.number == SYS_getsid ||
                    event->enter.number == SYS_execve);
    }
    assert_int_equal(enters, 3);
    find(bench, KERNEL_ENTER);
    assert_code(bench);
}

static void test_files_are_not_opened_of_who_may_supply_them(void **state) {
    struct bench *bench = *state;
    atomic_store(&bench->supplies, true);
    start_with(bench, "marked", "trace=getsid", STACK_SAMPLE_DEFAULT);
    assert_true(count_of(bench, KERNEL_MAPPING) > 2);
    for (unsigned i = 0; i < bench->count; i++) {
        assert_int_equal(bench->kept[i].opened, 0);
    }
}

static void test_an_attachment_tells_the_code_before_anything_else(void **state) {
    struct bench *bench = *state;
    int go[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    bench->pid = fork();
    if (bench->pid == 0) {
        char byte;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(go[1]);
        _exit(read(go[0], &byte, 1) == 0 ? run_threads() : 1);
    }
    close(go[0]);
    bench->options.attach = true;
    bench->options.stack_bytes = STACK_SAMPLE_DEFAULT;
    choose(bench, "trace=getsid");
    create(bench);
    close(go[1]);
    drain_to_end(bench);
    assert_int_equal(bench->kept[0].event.kind, KERNEL_FORK);
    assert_int_equal(bench->kept[1].event.kind, KERNEL_MAPPING);
    next_marked(bench, STACK_SAMPLE_DEFAULT);
    next_marked(bench, STACK_SAMPLE_DEFAULT);
}

static unsigned open_files(void) {
    DIR *directory = opendir("/proc/self/fd");
    unsigned count = 0;
    assert_non_null(directory);
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

static void test_files_that_nobody_took_are_closed(void **state) {
    struct bench *bench = *state;
    unsigned before = open_files();
    bench->options.stack_bytes = STACK_SAMPLE_MOST;
    choose(bench, "trace=getsid");
    start(bench, "floods");
    let_execute(bench);
    while (!tracer_is_urgent(bench->tracer)) {
        sched_yield();
    }
    assert_true(open_files() > before + 1);
    tracer_destroy(bench->tracer);
    bench->tracer = NULL;
    assert_int_equal(open_files(), before);
    kill(bench->pid, SIGKILL);
    assert_int_equal(waitpid(bench->pid, NULL, 0), bench->pid);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_call_has_its_registers_and_its_stack),
        TEST(test_a_stack_is_cut_where_no_more_was_asked_for),
        TEST(test_calls_that_are_not_shown_have_no_stack),
        TEST(test_an_exec_that_is_shown_has_the_stack_of_who_called_it),
        TEST(test_every_thread_has_its_own_stack),
        TEST(test_nothing_is_told_that_nobody_wants),
        TEST(test_an_exec_tells_the_code_of_its_program),
        TEST(test_calls_that_map_code_tell_it),
        TEST(test_so_they_do_under_a_filter_and_are_not_shown),
        TEST(test_files_are_not_opened_of_who_may_supply_them),
        TEST(test_an_attachment_tells_the_code_before_anything_else),
        TEST(test_files_that_nobody_took_are_closed),
    };
    return argc > 1 ? run_program(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
