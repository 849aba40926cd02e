/* SPDX-License-Identifier: MIT
 *
 * The seccomp filter: what each call is to do, and what it really does under
 * the filter that is built. Nobody answers here, neither a listener nor a
 * ptracer: what would stop fails with ENOSYS.
 */
#include "filter.h"

#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    I386_EXIT = 1,
    I386_READ = 3,
    I386_WRITE = 4,
    I386_EXECVE = 11,
    I386_GETPID = 20,
    I386_PTRACE = 26,
    I386_GETPPID = 64,
    I386_SIGRETURN = 119,
    I386_PRCTL = 172,
    I386_RT_SIGRETURN = 173,
    I386_EXIT_GROUP = 252,
    I386_OPENAT = 295,
    I386_SECCOMP = 354,
    X32_EXECVE = X32_BIT + 520,
    X32_RT_SIGRETURN = X32_BIT + 513,
    X32_READV = X32_BIT + 515,
    UNKNOWN = 600,
};

static const struct capture_options entries = {.memory = true, .string_limit = 32};
static const struct capture_options with_outputs = {.memory = true, .outputs = true, .string_limit = 32};
static const struct capture_options with_paths = {.memory = true, .detail = DESCRIPTOR_PATHS, .string_limit = 32};
static const struct capture_options nothing = {.string_limit = 32};

/* Choose the calls of a -e expression; NULL: all. */
static void choose(struct selection *selection, const char *expression) {
    char problem[256];
    selection_init(selection);
    if (expression && selection_parse(selection, expression, problem, sizeof(problem)) < 0) {
        fail_msg("%s", problem);
    }
}

/* ---------------------------------------------------------------------- the tables */

struct row {
    enum arch arch;
    int64_t number;
    enum filter_action action;
};

static void assert_rows(const struct filter_options *base, const char *expression, const struct row *rows,
                        size_t count) {
    struct selection selection;
    struct filter_options options = *base;
    choose(&selection, expression);
    options.selection = &selection;
    for (size_t i = 0; i < count; i++) {
        enum filter_action action = filter_action(&options, rows[i].arch, rows[i].number);
        if (action != rows[i].action) {
            fail_msg("row %zu: action %d, expected %d", i, (int)action, (int)rows[i].action);
        }
    }
}

static void test_calls_notify_if_something_has_to_be_read(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_openat, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_write, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_execve, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_rt_sigreturn, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_seccomp, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_read, FILTER_PASS},
        {ARCH_X86_64, SYS_uname, FILTER_PASS},
        {ARCH_X86_64, SYS_getpid, FILTER_PASS},
        {ARCH_X86_64, SYS_exit_group, FILTER_PASS},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},
        {ARCH_X86_64, -1, FILTER_PASS},
        /* The tracepoints do not tell the architecture. */
        {ARCH_I386, I386_OPENAT, FILTER_NOTIFY},
        {ARCH_I386, I386_READ, FILTER_NOTIFY},
        {ARCH_I386, I386_GETPID, FILTER_NOTIFY},
        {ARCH_I386, I386_EXIT_GROUP, FILTER_NOTIFY},
        {ARCH_I386, UNKNOWN, FILTER_NOTIFY},
        /* Calls of x32 have none of their own. */
        {ARCH_X86_64, X32_BIT + SYS_getpid, FILTER_NOTIFY},
        {ARCH_X86_64, X32_BIT + SYS_exit_group, FILTER_NOTIFY},
        {ARCH_X86_64, X32_EXECVE, FILTER_NOTIFY},
    };
    assert_rows(&(struct filter_options){.capture = &entries}, NULL, rows, COUNT_OF(rows));
}

static void test_calls_that_were_not_chosen_pass(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_openat, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_write, FILTER_PASS},
        {ARCH_X86_64, SYS_getpid, FILTER_PASS},
        {ARCH_X86_64, SYS_exit_group, FILTER_PASS},
        {ARCH_X86_64, SYS_prctl, FILTER_PASS},
        {ARCH_X86_64, SYS_ptrace, FILTER_PASS},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},
        {ARCH_I386, I386_OPENAT, FILTER_NOTIFY},
        {ARCH_I386, SYS_openat, FILTER_PASS},
        {ARCH_I386, I386_WRITE, FILTER_PASS},
        {ARCH_I386, UNKNOWN, FILTER_PASS},
        /* But for what tracing itself needs. */
        {ARCH_X86_64, SYS_execve, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_execveat, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_rt_sigreturn, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_seccomp, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_userfaultfd, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_mount, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_fsopen, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_ioctl, FILTER_PASS}, /* of which one stops: test_effects_of_single_values() */
        {ARCH_I386, I386_EXECVE, FILTER_NOTIFY},
        {ARCH_I386, I386_SIGRETURN, FILTER_NOTIFY},
        {ARCH_I386, I386_RT_SIGRETURN, FILTER_NOTIFY},
        {ARCH_I386, I386_SECCOMP, FILTER_NOTIFY},
        {ARCH_I386, I386_EXIT, FILTER_NOTIFY},
        {ARCH_I386, I386_EXIT_GROUP, FILTER_NOTIFY},
        {ARCH_X86_64, X32_BIT + SYS_openat, FILTER_NOTIFY},
        {ARCH_X86_64, X32_BIT + SYS_getpid, FILTER_PASS},
        {ARCH_X86_64, X32_BIT + SYS_execve, FILTER_PASS},
        {ARCH_X86_64, X32_EXECVE, FILTER_NOTIFY},
        {ARCH_X86_64, X32_RT_SIGRETURN, FILTER_NOTIFY},
        {ARCH_X86_64, X32_BIT + SYS_exit, FILTER_NOTIFY},
    };
    assert_rows(&(struct filter_options){.capture = &entries}, "trace=openat", rows, COUNT_OF(rows));
}

static void test_a_regular_expression_stops_what_it_matches(void **state) {
    (void)state;
    static const struct row notified[] = {
        {ARCH_X86_64, SYS_open, FILTER_NOTIFY},  {ARCH_X86_64, SYS_open_tree, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_openat, FILTER_PASS},  {ARCH_X86_64, SYS_openat2, FILTER_PASS},
        {ARCH_X86_64, SYS_mq_open, FILTER_PASS}, {ARCH_X86_64, SYS_write, FILTER_PASS},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},     {ARCH_X86_64, SYS_execve, FILTER_NOTIFY},
        {ARCH_I386, I386_OPENAT, FILTER_PASS},   {ARCH_I386, I386_WRITE, FILTER_PASS},
        {ARCH_I386, I386_EXECVE, FILTER_NOTIFY},
    };
    static const struct row traced[] = {
        {ARCH_X86_64, SYS_open, FILTER_TRACE},  {ARCH_X86_64, SYS_open_by_handle_at, FILTER_TRACE},
        {ARCH_X86_64, SYS_openat, FILTER_PASS}, {ARCH_X86_64, SYS_mq_open, FILTER_PASS},
        {ARCH_X86_64, SYS_getpid, FILTER_PASS}, {ARCH_I386, I386_OPENAT, FILTER_PASS},
        {ARCH_I386, I386_GETPID, FILTER_PASS},
    };
    static const char expression[] = "trace=/^open.*/,!/openat/,?nosuch";
    assert_rows(&(struct filter_options){.capture = &entries}, expression, notified, COUNT_OF(notified));
    assert_rows(&(struct filter_options){.capture = &entries, .trace_only = true}, expression, traced,
                COUNT_OF(traced));
}

static void test_calls_with_outputs_stop_for_the_ptracer(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_read, FILTER_TRACE},     {ARCH_X86_64, SYS_uname, FILTER_TRACE},
        {ARCH_X86_64, SYS_pipe2, FILTER_TRACE},    {ARCH_X86_64, SYS_write, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_semop, FILTER_TRACE},    {ARCH_X86_64, SYS_io_uring_enter, FILTER_TRACE},
        {ARCH_X86_64, SYS_execve, FILTER_NOTIFY},  {ARCH_X86_64, SYS_rt_sigreturn, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_seccomp, FILTER_NOTIFY}, {ARCH_X86_64, SYS_getpid, FILTER_PASS},
        {ARCH_I386, I386_READ, FILTER_TRACE},      {ARCH_I386, I386_WRITE, FILTER_NOTIFY},
        {ARCH_I386, I386_GETPID, FILTER_NOTIFY},
    };
    static const struct row few[] = {
        {ARCH_X86_64, SYS_read, FILTER_TRACE}, {ARCH_X86_64, SYS_semop, FILTER_TRACE},
        {ARCH_X86_64, SYS_uname, FILTER_PASS}, {ARCH_I386, I386_READ, FILTER_TRACE},
        {ARCH_I386, I386_WRITE, FILTER_PASS},  {ARCH_X86_64, X32_BIT + SYS_read, FILTER_TRACE},
        {ARCH_X86_64, X32_READV, FILTER_PASS},
    };
    assert_rows(&(struct filter_options){.capture = &with_outputs}, NULL, rows, COUNT_OF(rows));
    assert_rows(&(struct filter_options){.capture = &with_outputs}, "trace=read", few, COUNT_OF(few));
}

static void test_all_chosen_calls_may_notify(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_getpid, FILTER_NOTIFY},   {ARCH_X86_64, SYS_read, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_openat, FILTER_NOTIFY},   {ARCH_X86_64, SYS_exit_group, FILTER_NOTIFY},
        {ARCH_X86_64, UNKNOWN, FILTER_NOTIFY},      {ARCH_I386, I386_GETPID, FILTER_NOTIFY},
        {ARCH_I386, I386_EXIT_GROUP, FILTER_NOTIFY}};
    static const struct row few[] = {
        {ARCH_X86_64, SYS_getpid, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_read, FILTER_PASS},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},
    };
    static const struct row outputs[] = {
        {ARCH_X86_64, SYS_getpid, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_read, FILTER_TRACE},
    };
    assert_rows(&(struct filter_options){.capture = &entries, .notify_all = true}, NULL, rows, COUNT_OF(rows));
    assert_rows(&(struct filter_options){.capture = &entries, .notify_all = true}, "trace=getpid", few, COUNT_OF(few));
    assert_rows(&(struct filter_options){.capture = &with_outputs, .notify_all = true}, NULL, outputs,
                COUNT_OF(outputs));
}

static void test_calls_that_were_not_chosen_may_notify(void **state) {
    (void)state;
    static const struct filter_options options = {.capture = &entries, .notify_all = true, .notify_unchosen = true};
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_brk, FILTER_NOTIFY},   {ARCH_X86_64, SYS_write, FILTER_NOTIFY},
        {ARCH_X86_64, X32_READV, FILTER_NOTIFY}, {ARCH_I386, I386_GETPPID, FILTER_NOTIFY},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},
    };
    assert_rows(&options, "trace=write", rows, COUNT_OF(rows));
}

static void test_what_is_not_captured_needs_no_stop(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_openat, FILTER_PASS},
        {ARCH_X86_64, SYS_write, FILTER_PASS},
        {ARCH_X86_64, SYS_execve, FILTER_NOTIFY},
        {ARCH_I386, I386_OPENAT, FILTER_NOTIFY},
    };
    assert_rows(&(struct filter_options){.capture = &nothing}, NULL, rows, COUNT_OF(rows));
}

static void test_what_changes_descriptors_is_always_seen_where_they_are_shown(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_read, FILTER_NOTIFY},       {ARCH_X86_64, SYS_close, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_dup2, FILTER_NOTIFY},       {ARCH_X86_64, SYS_rename, FILTER_NOTIFY},
        {ARCH_X86_64, SYS_exit_group, FILTER_NOTIFY}, {ARCH_X86_64, SYS_fstat, FILTER_PASS},
        {ARCH_X86_64, SYS_getpid, FILTER_PASS}};
    assert_rows(&(struct filter_options){.capture = &with_paths}, "trace=read", rows, COUNT_OF(rows));
}

static void test_for_a_ptracer_alone_chosen_calls_stop_and_few_others(void **state) {
    (void)state;
    static const struct row rows[] = {
        {ARCH_X86_64, SYS_openat, FILTER_TRACE},    {ARCH_X86_64, SYS_getpid, FILTER_TRACE},
        {ARCH_X86_64, SYS_write, FILTER_PASS},      {ARCH_X86_64, SYS_close, FILTER_PASS},
        {ARCH_X86_64, SYS_exit_group, FILTER_PASS}, {ARCH_X86_64, SYS_rt_sigreturn, FILTER_PASS},
        {ARCH_X86_64, UNKNOWN, FILTER_PASS},        {ARCH_I386, I386_OPENAT, FILTER_TRACE},
        {ARCH_I386, I386_GETPID, FILTER_TRACE},     {ARCH_I386, I386_WRITE, FILTER_PASS},
        {ARCH_I386, I386_EXIT_GROUP, FILTER_PASS},  {ARCH_I386, I386_RT_SIGRETURN, FILTER_PASS},
        {ARCH_X86_64, SYS_execve, FILTER_TRACE},    {ARCH_X86_64, SYS_execveat, FILTER_TRACE},
        {ARCH_X86_64, SYS_seccomp, FILTER_TRACE},   {ARCH_X86_64, SYS_prctl, FILTER_TRACE},
        {ARCH_X86_64, SYS_ptrace, FILTER_TRACE},    {ARCH_I386, I386_EXECVE, FILTER_TRACE},
        {ARCH_I386, I386_SECCOMP, FILTER_TRACE},    {ARCH_I386, I386_PRCTL, FILTER_TRACE},
        {ARCH_I386, I386_PTRACE, FILTER_TRACE},     {ARCH_X86_64, SYS_userfaultfd, FILTER_TRACE},
        {ARCH_X86_64, SYS_mount, FILTER_TRACE},     {ARCH_X86_64, SYS_fsopen, FILTER_TRACE},
        {ARCH_X86_64, SYS_ioctl, FILTER_PASS},
    };
    /* Whatever is captured. */
    static const struct capture_options *const captures[] = {&entries, &with_outputs, &with_paths, &nothing};
    for (size_t i = 0; i < COUNT_OF(captures); i++) {
        assert_rows(&(struct filter_options){.capture = captures[i], .trace_only = true}, "trace=openat,getpid", rows,
                    COUNT_OF(rows));
    }
}

/* --------------------------------------------------------------------- the effects */

enum {
    SECRET = 0x12345678,
    OTHER_SECRET = 0x7abcdef0,
    ATTEMPTS = 16,
};

/* A call under the filter. */
struct attempt {
    enum arch arch;
    long number;
    uint64_t args[6];
    bool stops;
};

/* What a child says of its attempts, in memory that it shares. */
struct outcome {
    atomic_bool done;
    int loaded;                /* of filter_load() */
    bool has_failed[ATTEMPTS]; /* with ENOSYS */
};

/* By int $0x80: the kernel's result. */
static long call_i386(long number, uint64_t first, uint64_t second) {
    long result = number;
    __asm__ volatile("int $0x80"
                     : "+a"(result)
                     : "b"(first), "c"(second), "d"(0), "S"(0), "D"(0)
                     : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

/* Whether the kernel runs 32-bit code: that of some virtual machines does not, and int $0x80 faults. */
static bool runs_i386(void) {
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        _exit(call_i386(I386_GETPID, 0, 0) == getpid() ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Whoever is under the filter may not even be able to exit: it ends when it is killed. */
static _Noreturn void run_attempts(const struct sock_fprog *program, const struct attempt *attempts, size_t count,
                                   struct outcome *outcome) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    outcome->loaded = filter_load(program, false);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *args = attempts[i].args;
        if (attempts[i].arch == ARCH_I386) {
            outcome->has_failed[i] = call_i386(attempts[i].number, args[0], args[1]) == -ENOSYS;
        } else {
            long result = syscall(attempts[i].number, args[0], args[1], args[2], args[3], args[4], args[5]);
            outcome->has_failed[i] = result < 0 && errno == ENOSYS;
        }
    }
    atomic_store(&outcome->done, true);
    for (;;) {
    }
}

static void assert_effects(const struct filter_options *base, const char *expression, const struct attempt *all,
                           size_t all_count) {
    struct attempt attempts[ATTEMPTS];
    size_t count = 0;
    bool with_i386 = runs_i386();
    assert_in_range(all_count, 1, ATTEMPTS);
    for (size_t i = 0; i < all_count; i++) {
        if (all[i].arch != ARCH_I386 || with_i386) {
            attempts[count++] = all[i];
        }
    }
    if (!with_i386) {
        print_message("this kernel runs no 32-bit code: %zu attempts left out\n", all_count - count);
    }
    struct selection selection;
    struct filter_options options = *base;
    struct sock_fprog program = {0};
    choose(&selection, expression);
    options.selection = &selection;
    assert_int_equal(filter_build(&options, &program), 0);
    struct outcome *outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(outcome, MAP_FAILED);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run_attempts(&program, attempts, count, outcome);
    }
    int status = 0;
    while (!atomic_load(&outcome->done) && waitpid(child, &status, WNOHANG) == 0) {
        sched_yield();
    }
    bool done = atomic_load(&outcome->done);
    if (done) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    assert_true(done);
    assert_int_equal(outcome->loaded, 0);
    for (size_t i = 0; i < count; i++) {
        if (outcome->has_failed[i] != attempts[i].stops) {
            fail_msg("attempt %zu %s", i, attempts[i].stops ? "did not stop" : "stopped");
        }
    }
    munmap(outcome, sizeof(*outcome));
    free(program.filter);
}

/* What fails quickly by itself is called with descriptors that do not exist. */
#define NO_FILE ((uint64_t)-1)

static void test_effects_where_everything_is_chosen(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_getpid, {0}, false},
        {ARCH_X86_64, SYS_read, {NO_FILE}, false},
        {ARCH_X86_64, SYS_write, {NO_FILE}, true},
        {ARCH_X86_64, SYS_execve, {0}, true},
        {ARCH_X86_64, SYS_clone, {CLONE_UNTRACED | CLONE_THREAD}, false}, /* EINVAL */
        {ARCH_I386, I386_GETPID, {0}, true},
        {ARCH_I386, I386_WRITE, {NO_FILE}, true},
    };
    assert_effects(&(struct filter_options){.capture = &entries}, NULL, attempts, COUNT_OF(attempts));
}

static void test_effects_where_there_may_be_nothing_to_read(void **state) {
    (void)state;
    enum {
        ADDRESS = 1 << 20, /* nothing is there, which the kernel says soon enough */
        BAD_COMMAND = 9999,
    };
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_rt_sigprocmask, {SIG_BLOCK, 0, 0, 8}, false},
        {ARCH_X86_64, SYS_rt_sigprocmask, {SIG_BLOCK, ADDRESS, 0, 8}, true},
        {ARCH_X86_64, SYS_poll, {0, 0, 0}, false},
        {ARCH_X86_64, SYS_poll, {1, 1, 0}, true},
        {ARCH_X86_64, SYS_poll, {UINT64_MAX, 1, 0}, true},
        /* What is an address with one command is a number with another. */
        {ARCH_X86_64, SYS_prctl, {PR_SET_NAME, (1 << 16) - 1}, false},
        {ARCH_X86_64, SYS_prctl, {PR_SET_NAME, ADDRESS}, true},
        {ARCH_X86_64, SYS_prctl, {BAD_COMMAND, ADDRESS}, true},
    };
    assert_effects(&(struct filter_options){.capture = &entries}, NULL, attempts, COUNT_OF(attempts));
    static const struct attempt all[] = {
        {ARCH_X86_64, SYS_rt_sigprocmask, {SIG_BLOCK, 0, 0, 8}, true},
        {ARCH_X86_64, SYS_poll, {0, 0, 0}, true},
    };
    assert_effects(&(struct filter_options){.capture = &entries, .notify_all = true}, NULL, all, COUNT_OF(all));
}

static void test_effects_where_few_calls_are_chosen(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_write, {NO_FILE}, true},  {ARCH_X86_64, SYS_openat, {NO_FILE}, false},
        {ARCH_X86_64, SYS_getpid, {0}, false},      {ARCH_X86_64, SYS_execve, {0}, true},
        {ARCH_I386, I386_WRITE, {NO_FILE}, true},   {ARCH_I386, I386_GETPID, {0}, false},
        {ARCH_I386, I386_OPENAT, {NO_FILE}, false}, {ARCH_I386, I386_EXECVE, {0}, true},
    };
    assert_effects(&(struct filter_options){.capture = &entries}, "trace=write", attempts, COUNT_OF(attempts));
}

/* Whatever is chosen, and whether or not something would be read. */
static void test_effects_of_single_values(void **state) {
    (void)state;
    enum {
        I386_IOCTL = 54,
        NEW = 0xAA00, /* USERFAULTFD_IOC_NEW */
    };
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_ioctl, {NO_FILE, NEW}, true},
        {ARCH_X86_64, SYS_ioctl, {NO_FILE, FIONREAD}, false},
        {ARCH_I386, I386_IOCTL, {NO_FILE, NEW}, true},
        {ARCH_X86_64, SYS_prctl, {PR_SET_SECCOMP, NO_FILE}, true},
        {ARCH_I386, I386_PRCTL, {PR_SET_SECCOMP, NO_FILE}, true},
    };
    assert_effects(&(struct filter_options){.capture = &entries}, NULL, attempts, COUNT_OF(attempts));
    assert_effects(&(struct filter_options){.capture = &entries}, "trace=write", attempts, COUNT_OF(attempts));
    assert_effects(&(struct filter_options){.capture = &with_outputs}, "trace=write", attempts, COUNT_OF(attempts));
    assert_effects(&(struct filter_options){.capture = &entries, .trace_only = true}, "trace=write", attempts,
                   COUNT_OF(attempts));
}

/* Of one architecture: these are made on kernels without i386 too. */
static void test_effects_of_a_regular_expression(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_readv, {NO_FILE}, true},    {ARCH_X86_64, SYS_preadv2, {NO_FILE}, true},
        {ARCH_X86_64, SYS_read, {NO_FILE}, false},    {ARCH_X86_64, SYS_process_vm_readv, {NO_FILE}, true},
        {ARCH_X86_64, SYS_writev, {NO_FILE}, false},  {ARCH_X86_64, SYS_getppid, {0}, false},
        {ARCH_X86_64, SYS_pwritev2, {NO_FILE}, true}, {ARCH_X86_64, SYS_close, {NO_FILE}, false},
    };
    static const char expression[] = "/readv/,/v[0-9]$/,!write,!?/nosuch/";
    assert_effects(&(struct filter_options){.capture = &entries, .trace_only = true}, expression, attempts,
                   COUNT_OF(attempts));
    assert_effects(&(struct filter_options){.capture = &entries, .notify_all = true}, expression, attempts,
                   COUNT_OF(attempts));
}

static void test_effects_where_all_notify(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_getpid, {0}, true},
        {ARCH_X86_64, SYS_exit_group, {0}, true},
        {ARCH_I386, I386_GETPID, {0}, true},
    };
    static const struct attempt few[] = {
        {ARCH_X86_64, SYS_getpid, {0}, true},
        {ARCH_X86_64, SYS_getppid, {0}, false},
        {ARCH_I386, I386_GETPID, {0}, true},
        {ARCH_I386, I386_GETPPID, {0}, false},
    };
    struct filter_options options = {.capture = &entries, .notify_all = true};
    assert_effects(&options, NULL, attempts, COUNT_OF(attempts));
    assert_effects(&options, "trace=getpid", few, COUNT_OF(few));
}

static void test_effects_of_outputs(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_read, {NO_FILE}, true},
        {ARCH_X86_64, SYS_write, {NO_FILE}, false},
        {ARCH_X86_64, SYS_clone, {CLONE_UNTRACED | CLONE_THREAD}, true},
        {ARCH_X86_64, SYS_clone, {CLONE_THREAD}, false}, /* EINVAL */
        {ARCH_I386, I386_READ, {NO_FILE}, true},
        {ARCH_I386, I386_WRITE, {NO_FILE}, false},
    };
    assert_effects(&(struct filter_options){.capture = &with_outputs}, "trace=read", attempts, COUNT_OF(attempts));
}

static void test_effects_for_a_ptracer_alone(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_getppid, {0}, true},
        {ARCH_X86_64, SYS_getpid, {0}, false},
        {ARCH_X86_64, SYS_write, {NO_FILE}, false},
        {ARCH_X86_64, SYS_prctl, {PR_GET_DUMPABLE}, true},
        {ARCH_X86_64, SYS_ptrace, {NO_FILE}, true},
        {ARCH_X86_64, SYS_execve, {0}, true},
        {ARCH_X86_64, SYS_clone, {CLONE_UNTRACED | CLONE_THREAD}, true},
        {ARCH_X86_64, SYS_clone, {CLONE_THREAD}, false},
        /* There is no secret that would have to pass. */
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET, OTHER_SECRET}, false},
        {ARCH_I386, I386_GETPPID, {0}, true},
        {ARCH_I386, I386_GETPID, {0}, false},
        {ARCH_I386, I386_PRCTL, {PR_GET_DUMPABLE}, true},
    };
    static const struct attempt vmsplice[] = {
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET, OTHER_SECRET}, true},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE}, true},
    };
    struct filter_options options = {.capture = &entries, .trace_only = true, .secret = {SECRET, OTHER_SECRET}};
    assert_effects(&options, "trace=getppid", attempts, COUNT_OF(attempts));
    assert_effects(&options, "trace=vmsplice", vmsplice, COUNT_OF(vmsplice));
}

/* Of calls that map memory those that map code stop, for whoever unwinds stacks; their arguments make no sense
 * otherwise.
 */
static void test_effects_of_new_code(void **state) {
    (void)state;
    enum {
        EXECUTABLE = PROT_READ | PROT_EXEC,
        ODD = 1, /* no address of a page */
        FIXED = MREMAP_MAYMOVE | MREMAP_FIXED,
    };
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_mmap, {0, 0, EXECUTABLE, MAP_PRIVATE | MAP_ANONYMOUS, NO_FILE}, true},
        {ARCH_X86_64, SYS_mmap, {0, 0, PROT_EXEC, MAP_PRIVATE, NO_FILE}, true},
        {ARCH_X86_64, SYS_mmap, {0, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, NO_FILE}, false},
        {ARCH_X86_64, SYS_mmap, {0, EXECUTABLE, 0, EXECUTABLE, EXECUTABLE}, false},
        {ARCH_X86_64, SYS_mprotect, {ODD, 1, EXECUTABLE}, true},
        {ARCH_X86_64, SYS_mprotect, {ODD, 1, PROT_READ}, false},
        {ARCH_X86_64, SYS_pkey_mprotect, {ODD, 1, EXECUTABLE, NO_FILE}, true},
        {ARCH_X86_64, SYS_pkey_mprotect, {ODD, 1, PROT_READ, NO_FILE}, false},
        {ARCH_X86_64, SYS_mremap, {ODD, 1, 1, FIXED, 0}, true},
        {ARCH_X86_64, SYS_mremap, {ODD, 1, 1, MREMAP_MAYMOVE}, false},
        {ARCH_X86_64, SYS_shmat, {NO_FILE, 0, SHM_EXEC}, true},
        {ARCH_X86_64, SYS_shmat, {NO_FILE, 0, SHM_RDONLY}, false},
        {ARCH_X86_64, SYS_munmap, {ODD, 1}, false},
        {ARCH_X86_64, SYS_getppid, {0}, true},
        {ARCH_X86_64, SYS_getpid, {0}, false},
    };
    struct attempt calm[COUNT_OF(attempts)];
    struct attempt all[COUNT_OF(attempts)];
    memcpy(calm, attempts, sizeof(calm));
    memcpy(all, attempts, sizeof(all));
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        calm[i].stops = attempts[i].number == SYS_getppid;
        all[i].stops = true;
    }
    struct filter_options options = {.capture = &entries, .trace_only = true, .new_code = true};
    assert_effects(&options, "trace=getppid", attempts, COUNT_OF(attempts));
    assert_effects(&options, "trace=getppid,mmap,mprotect,pkey_mprotect,mremap,shmat,munmap,getpid", all,
                   COUNT_OF(all));
    options.new_code = false;
    assert_effects(&options, "trace=getppid", calm, COUNT_OF(calm));
}

static void test_one_call_passes_if_it_knows_the_secret(void **state) {
    (void)state;
    static const struct attempt attempts[] = {
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET, OTHER_SECRET}, false},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET, OTHER_SECRET + 1}, true},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET + 1, OTHER_SECRET}, true},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, OTHER_SECRET, SECRET}, true},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE, 0, 0, 0, SECRET | UINT64_C(1) << 40, OTHER_SECRET}, true},
        {ARCH_X86_64, SYS_vmsplice, {NO_FILE}, true},
        {ARCH_X86_64, SYS_write, {NO_FILE, 0, 0, 0, SECRET, OTHER_SECRET}, true},
    };
    struct filter_options options = {.capture = &entries, .secret = {SECRET, OTHER_SECRET}};
    assert_effects(&options, NULL, attempts, COUNT_OF(attempts));
    options.notify_all = true;
    assert_effects(&options, NULL, attempts, COUNT_OF(attempts));
}

static void test_a_filter_that_makes_no_sense_is_refused(void **state) {
    (void)state;
    struct sock_filter code = {0};
    struct sock_fprog program = {.len = 0, .filter = &code};
    assert_int_equal(filter_load(&program, false), -EINVAL);
    assert_int_equal(filter_load(&program, true), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_notify_if_something_has_to_be_read),
        cmocka_unit_test(test_calls_that_were_not_chosen_pass),
        cmocka_unit_test(test_a_regular_expression_stops_what_it_matches),
        cmocka_unit_test(test_calls_with_outputs_stop_for_the_ptracer),
        cmocka_unit_test(test_all_chosen_calls_may_notify),
        cmocka_unit_test(test_calls_that_were_not_chosen_may_notify),
        cmocka_unit_test(test_what_is_not_captured_needs_no_stop),
        cmocka_unit_test(test_what_changes_descriptors_is_always_seen_where_they_are_shown),
        cmocka_unit_test(test_for_a_ptracer_alone_chosen_calls_stop_and_few_others),
        cmocka_unit_test(test_effects_where_everything_is_chosen),
        cmocka_unit_test(test_effects_where_there_may_be_nothing_to_read),
        cmocka_unit_test(test_effects_where_few_calls_are_chosen),
        cmocka_unit_test(test_effects_of_single_values),
        cmocka_unit_test(test_effects_of_a_regular_expression),
        cmocka_unit_test(test_effects_where_all_notify),
        cmocka_unit_test(test_effects_of_outputs),
        cmocka_unit_test(test_effects_for_a_ptracer_alone),
        cmocka_unit_test(test_effects_of_new_code),
        cmocka_unit_test(test_one_call_passes_if_it_knows_the_secret),
        cmocka_unit_test(test_a_filter_that_makes_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
