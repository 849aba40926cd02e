/* SPDX-License-Identifier: MIT
 * Handlers of blocking_storm that do not simply return: they jump out, change where and how the thread goes on, or
 * switch to another context, from which they return much later. */
#include "blocking_storm.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    INTERVAL_US = 150,
    DOUBLINGS = 7, /* of it, at most */
    TIMES = 60,
    COROUTINES = 12,
    TURNS = 500,
    STACK = 256 * 1024,
};

static int ends[2];

static volatile sig_atomic_t misses; /* alarms in a row after which another one had to be set */

static void arm_timer(long microseconds) {
    struct itimerval once = {{0, 0}, {0, microseconds}};
    setitimer(ITIMER_REAL, &once, NULL);
}

static void set_timer(long microseconds) {
    misses = 0;
    arm_timer(microseconds);
}

/* For the same again. With a tracer the thread may be so slow that it never got on if this came as soon each time. */
static void set_timer_again(void) {
    long microseconds = (long)INTERVAL_US << misses;
    if (misses < DOUBLINGS) {
        misses++;
    }
    arm_timer(microseconds);
}

static void block_alarm(int how) {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(how, &alarm, NULL);
}

/* No more alarms, not even one that comes meanwhile and would set the timer again. */
static void end_alarms(void) {
    block_alarm(SIG_BLOCK);
    set_timer(0);
    struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction before;
    sigaction(SIGALRM, &action, &before); /* drops it */
    sigaction(SIGALRM, &before, NULL);
    block_alarm(SIG_UNBLOCK);
}

static void handle_alarm(void (*handler)(int, siginfo_t *, void *), int flags) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGALRM, &action, NULL);
}

/* Both calls are made at the same place of the same function with the same stack, as far as a tracer can see. */
static long look(void) {
    return syscall(SYS_access, "/", F_OK);
}

static long wait_for_ever(void) {
    char byte;
    return syscall(SYS_read, ends[0], &byte, 1);
}

/* ---------------------------------------------------------------------- jumping out */

static sigjmp_buf place;
static volatile sig_atomic_t jumps;

static void jump(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    (void)context;
    if (jumps) {
        siglongjmp(place, 1);
    }
    set_timer_again();
}

static void check_jumps(void) {
    handle_alarm(jump, 0);
    for (volatile int i = 0; i < TIMES; i++) {
        goes_on();
        jumps = 1;
        if (sigsetjmp(place, 1) == 0) {
            set_timer(INTERVAL_US + i);
            while (look() == 0) {
            }
            fail("access before a jump", strerror(errno));
        }
        /* What the jump has left behind must not hide that this wait is broken off. */
        jumps = 0;
        set_timer(INTERVAL_US);
        if (wait_for_ever() != -1 || errno != EINTR) {
            fail("read after a jump", "is not broken off");
        }
        end_alarms();
        jumps = 1;
        if (sigsetjmp(place, 1) == 0) {
            set_timer(INTERVAL_US);
            wait_for_ever();
            fail("read before a jump", "has returned");
        }
    }
    end_alarms();
    jumps = 0;
}

/* ------------------------------------------------------------- changing the context */

extern const char storm_call[];
extern const char storm_after[];
extern const char storm_elsewhere[];

/* read(2), where a handler finds it; `kept` is a register that calls leave alone. */
__attribute__((noinline)) static long found_read(uint64_t *kept) {
    char byte = 0;
    long result = SYS_read;
    register uint64_t register_kept __asm__("r12") = *kept;
    __asm__ volatile(".globl storm_call, storm_after, storm_elsewhere\n"
                     "storm_call: syscall\n"
                     "storm_after: nop\n"
                     "storm_elsewhere: nop\n"
                     : "+a"(result), "+r"(register_kept)
                     : "D"(ends[0]), "S"(&byte), "d"(1)
                     : "rcx", "r11", "memory");
    *kept = register_kept;
    return result;
}

enum edit {
    EDIT_RESULT, /* another error than EINTR */
    EDIT_PLACE,  /* goes on elsewhere, with a result of its own */
    EDIT_AGAIN,  /* the call is made again, as SA_RESTART would */
    EDIT_KEPT,   /* another register, and the signals that are blocked */
    EDITS,
};

static const char *const edit_names[EDITS] = {"another result", "another place", "made again", "registers and mask"};
static volatile enum edit edit;
static volatile sig_atomic_t edits;

static void change_context(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    ucontext_t *saved = context;
    greg_t *registers = saved->uc_mcontext.gregs;
    if (registers[REG_RIP] != (greg_t)(uintptr_t)storm_after || registers[REG_RAX] != -EINTR) {
        set_timer_again();
        return;
    }
    edits++;
    set_timer_again(); /* a call that never ran comes back once more */
    switch (edit) {
    case EDIT_RESULT:
        registers[REG_RAX] = -ECANCELED;
        break;
    case EDIT_PLACE:
        registers[REG_RIP] = (greg_t)(uintptr_t)storm_elsewhere;
        registers[REG_RAX] = 12345;
        break;
    case EDIT_AGAIN:
        if (edits % 3) {
            registers[REG_RIP] = (greg_t)(uintptr_t)storm_call;
            registers[REG_RAX] = SYS_read;
        }
        break;
    default:
        registers[REG_R12] = 0x123456789abcdef0;
        sigaddset(&saved->uc_sigmask, SIGUSR2);
        break;
    }
}

static void check_edit(enum edit which) {
    static const long results[EDITS] = {-ECANCELED, 12345, -EINTR, -EINTR};
    sigset_t mask;
    uint64_t kept = 7;
    goes_on();
    edit = which;
    edits = 0;
    handle_alarm(change_context, 0);
    set_timer(INTERVAL_US);
    if (found_read(&kept) != results[which]) {
        fail("a context changed by the handler", edit_names[which]);
    }
    end_alarms();
    if (edits < (which == EDIT_AGAIN ? 3 : 1)) {
        fail("a context changed by the handler", "how often");
    }
    sigprocmask(SIG_BLOCK, NULL, &mask);
    bool changes = which == EDIT_KEPT;
    if (kept != (changes ? 0x123456789abcdef0 : 7) || sigismember(&mask, SIGUSR2) != changes) {
        fail("a context changed by the handler", "registers and mask");
    }
    sigemptyset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* ------------------------------------------------------------------ other contexts */

static struct coroutine {
    ucontext_t context;
    char stack[STACK];
    long looks;
    long waits; /* that were broken off */
} coroutines[COROUTINES];

static ucontext_t scheduler;
static struct coroutine *volatile running;

/* A scheduler that takes turns by the clock: the handler returns when it is this one's turn again. */
static void switch_away(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    (void)context;
    int error = errno;
    swapcontext(&running->context, &scheduler);
    errno = error;
}

/* A coroutine begins with SIGALRM blocked, as contexts are switched: in between, the thread would have the stack of one
 * and the signals of the other. */
static void run_coroutine(int index) {
    struct coroutine *self = &coroutines[index];
    block_alarm(SIG_UNBLOCK);
    for (;;) {
        for (int i = 0; i < 50; i++) {
            if (look() != 0) {
                fail("access in a context", strerror(errno));
            }
            self->looks++;
        }
        if (wait_for_ever() != -1 || errno != EINTR) {
            fail("read in a context", "is not broken off");
        }
        self->waits++;
    }
}

static bool all_have_waited(void) {
    for (int i = 0; i < COROUTINES; i++) {
        if (coroutines[i].waits == 0) {
            return false;
        }
    }
    return true;
}

static void check_contexts(void) {
    handle_alarm(switch_away, 0);
    block_alarm(SIG_BLOCK);
    for (int i = 0; i < COROUTINES; i++) {
        struct coroutine *coroutine = &coroutines[i];
        coroutine->looks = 0;
        coroutine->waits = 0;
        getcontext(&coroutine->context);
        coroutine->context.uc_stack.ss_sp = coroutine->stack;
        coroutine->context.uc_stack.ss_size = STACK;
        makecontext(&coroutine->context, (void (*)(void))run_coroutine, 1, i);
    }
    for (int turn = 0; turn < TURNS || !all_have_waited(); turn++) {
        goes_on();
        running = &coroutines[turn * 5 % COROUTINES];
        set_timer(50 + turn % 100 + turn);
        swapcontext(&scheduler, &running->context);
    }
    block_alarm(SIG_UNBLOCK);
}

void frames_all(int rounds) {
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fail("pipe2", strerror(errno));
    }
    for (int i = 0; i < rounds; i++) {
        check_jumps();
        for (int which = 0; which < 4 * EDITS; which++) {
            check_edit((enum edit)(which % EDITS));
        }
        check_contexts();
    }
    signal(SIGALRM, SIG_DFL);
    close(ends[0]);
    close(ends[1]);
}
