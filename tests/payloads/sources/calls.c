/* SPDX-License-Identifier: MIT
 * Marked calls (marks.h) of every kind that one program without libraries of its own can make. */
#define _GNU_SOURCE
#include "marks.h"

#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <ucontext.h>

enum {
    LARGE = 80 * 1024,
    DEPTH = 40
};

static FILE *sink;
static ucontext_t here, there;
static pthread_key_t key;

__attribute__((constructor)) static void before_main(void) {
    MARK(1, "constructor", CLOSE(1));
}

static void at_exit(void) {
    MARK(2, "atexit", CLOSE(2));
}

APART static void direct(void) {
    MARK(3, "direct", CLOSE(3));
    MARK(4, "direct, the next line", CLOSE(4));
    MARK(5, "through syscall()", syscall(SYS_close, -1005));
    MARK(6, "instruction", INSTRUCTION(6));
    MARK(7, "path", access("/nonexistent/mark 7", F_OK));
}

/* Without a buffer it is the call itself that writes, otherwise the one that empties the buffer. */
APART static void through_stdio(void) {
    static char buffer[4096];
    setvbuf(sink, NULL, _IONBF, 0);
    MARK(8, "fputs without a buffer", fputs("mark 8\n", sink));
    MARK(9, "fprintf without a buffer", fprintf(sink, "mark %d\n", 9));
    setvbuf(sink, buffer, _IOFBF, sizeof(buffer));
    fputs("mark 10\n", sink);
    MARK(10, "fflush", fflush(sink));
    fputs("mark 11\n", sink);
    MARK(11, "fclose", fclose(sink));
}

WITHIN void innermost_inlined(void) {
    MARK_MORE(12, "inlined twice", "outer_inlined with_inlined main", INLINED, CLOSE(12));
}

WITHIN void outer_inlined(void) {
    innermost_inlined();
    MARK_MORE(13, "inlined", "with_inlined main", INLINED, CLOSE(13));
}

APART static void with_inlined(void) {
    outer_inlined();
    MARK_IN(14, "behind what was inlined", "main", CLOSE(14));
}

APART static int recursion(int depth) {
    if (depth == 0) {
        MARK_IN(15, "recursion", "recursion recursion recursion main", CLOSE(15));
        return 1;
    }
    int below = recursion(depth - 1);
    STAYS();
    return below + 1;
}

/* The frame has no size that is known: it is found from rbp. */
APART static void variable_frame(size_t size) {
    volatile char *room = (volatile char *)alloca(size);
    room[0] = room[size - 1] = 1;
    MARK_IN(16, "alloca", "main", CLOSE(16));
}

/* And here from neither register directly. */
APART static void aligned_frame(size_t size) {
    _Alignas(128) volatile char aligned[128];
    volatile char *room = (volatile char *)alloca(size);
    aligned[0] = room[0] = 1;
    (void)aligned[0];
    MARK_IN(17, "aligned and alloca", "main", CLOSE(17));
}

APART static void large_frame(void) {
    char large[LARGE];
    __asm__ volatile("" : : "r"(large) : "memory");
    MARK_MORE(18, "a frame larger than any sample", "", CUT, CLOSE(18));
}

static int compare(const void *left, const void *right) {
    static bool done;
    if (!done) {
        done = true;
        MARK_IN(19, "called by qsort", "with_callback main", CLOSE(19));
    }
    return *(const int *)left - *(const int *)right;
}

APART static void with_callback(void) {
    int numbers[] = {3, 1, 2};
    qsort(numbers, 3, sizeof(int), compare);
    STAYS();
}

APART static void in_thread(void) {
    MARK_IN(20, "thread", "thread", CLOSE(20));
}

static void of_thread(void *value) {
    MARK(21, "destructor of a thread's value", CLOSE(21));
    free(value);
}

static void *thread(void *nothing) {
    pthread_setspecific(key, malloc(1));
    in_thread();
    STAYS();
    return nothing;
}

APART static void in_threads(void) {
    pthread_t id;
    pthread_key_create(&key, of_thread);
    if (pthread_create(&id, NULL, thread, NULL)) {
        abort();
    }
    pthread_join(id, NULL);
}

static void handler(int signal) {
    (void)signal;
    MARK_IN(22, "signal handler", "in_handlers main", CLOSE(22));
}

static void handler_apart(int signal) {
    (void)signal;
    MARK_MORE(23, "signal handler on its own stack", "", ELSEWHERE, CLOSE(23));
}

static void *interrupted;

/* It has interrupted the first instruction of a line, not one behind a call. */
static void handler_of_fault(int signal, siginfo_t *info, void *context) {
    (void)info;
    MARK_IN(24, "handler of a fault", "faulting in_handlers main", CLOSE(24));
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = (greg_t)interrupted;
    (void)signal;
}

APART static void faulting(void) {
    __asm__ volatile("leaq 1f(%%rip), %%rax\n\tmovq %%rax, %0\n\tud2\n1:" : "=m"(interrupted) : : "rax", "memory");
    STAYS();
}

APART static void in_handlers(void) {
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    stack_t stack = {.ss_size = 65536, .ss_sp = malloc(65536)};
    sigaltstack(&stack, NULL);
    action = (struct sigaction){.sa_handler = handler_apart, .sa_flags = SA_ONSTACK};
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    action = (struct sigaction){.sa_sigaction = handler_of_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGILL, &action, NULL);
    faulting();
    STAYS();
}

static void coroutine(void) {
    MARK_MORE(25, "coroutine", "", ANY_END, CLOSE(25));
}

APART static void in_coroutine(void) {
    static char stack[65536];
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof(stack);
    there.uc_link = &here;
    makecontext(&there, coroutine, 0);
    swapcontext(&here, &there);
    STAYS();
}

int main(void) {
    atexit(at_exit);
    sink = fopen("/dev/null", "w");
    if (!sink) {
        return 1;
    }
    MARK(26, "main", CLOSE(26));
    direct();
    through_stdio();
    with_inlined();
    recursion(DEPTH);
    variable_frame(4000);
    aligned_frame(300);
    large_frame();
    with_callback();
    in_threads();
    in_handlers();
    in_coroutine();
    MARK_MORE(27, "does not return", "", CALLS("exit_group", 0), exit(0));
    return 0;
}
