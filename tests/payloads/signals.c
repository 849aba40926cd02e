/* SPDX-License-Identifier: MIT
 * Everything that a program can see of the delivery of signals. Prints a line
 * for each thing, the same in every run. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    VALUE = 4711,
    NOWHERE = 16, /* an address */
    TRACE_MAX = 64,
    ALTERNATE_BYTES = 65536,
};

static siginfo_t last;
static volatile sig_atomic_t taken;
static char trace[TRACE_MAX];
static int ends[2];
static sigjmp_buf back;

static void check(const char *what, int good) {
    printf("%s: %s\n", what, good ? "ok" : "WRONG");
}

static void note(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    last = *info;
    taken++;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *), int flags, int mask_all) {
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO};
    if (mask_all) {
        sigfillset(&action.sa_mask);
    }
    sigaction(number, &action, NULL);
    taken = 0;
    memset(&last, 0, sizeof(last));
}

static void mark(const char *text) {
    strncat(trace, text, sizeof(trace) - strlen(trace) - 1);
}

static sigset_t set_of(int number) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    return set;
}

static void who_sent_it(void) {
    handle(SIGUSR1, note, 0, 0);
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = VALUE});
    check("sigqueue to oneself", taken == 1 && last.si_code == SI_QUEUE && last.si_pid == getpid() &&
                                     last.si_uid == getuid() && last.si_value.sival_int == VALUE);
    kill(getpid(), SIGUSR1);
    check("kill of oneself",
          taken == 2 && last.si_code == SI_USER && last.si_pid == getpid() && last.si_uid == getuid());
    pthread_kill(pthread_self(), SIGUSR1);
    check("tgkill", taken == 3 && last.si_code == SI_TKILL && last.si_pid == getpid());
    siginfo_t own = {.si_code = -70};
    own.si_value.sival_int = VALUE;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR1, &own);
    check("si_code of one's own", taken == 4 && last.si_code == -70 && last.si_value.sival_int == VALUE);
    pid_t child = fork();
    if (child == 0) {
        sigqueue(getppid(), SIGUSR1, (union sigval){.sival_int = VALUE + 1});
        _exit(0);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    check("sigqueue by a child", taken == 5 && last.si_pid == child && last.si_value.sival_int == VALUE + 1);
}

static void ends_of_children(void) {
    handle(SIGCHLD, note, SA_RESTART, 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(9);
    }
    waitpid(child, NULL, 0);
    check("SIGCHLD of an exit", last.si_code == CLD_EXITED && last.si_status == 9 && last.si_pid == child);
    child = fork();
    if (child == 0) {
        raise(SIGTERM);
    }
    waitpid(child, NULL, 0);
    check("SIGCHLD of a death", last.si_code == CLD_KILLED && last.si_status == SIGTERM && last.si_pid == child);
    signal(SIGCHLD, SIG_IGN);
    child = fork();
    if (child == 0) {
        _exit(1);
    }
    int status;
    check("ignored children are not waited for", waitpid(child, &status, 0) == -1 && errno == ECHILD);
    signal(SIGCHLD, SIG_DFL);
}

static void jump(int number, siginfo_t *info, void *context) {
    note(number, info, context);
    siglongjmp(back, number);
}

static int faulted(int number, void (*fault)(void)) {
    handle(number, jump, 0, 0);
    int jumped = sigsetjmp(back, 1);
    if (jumped == 0) {
        fault();
    }
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    return jumped == number && last.si_signo == number && !sigismember(&now, number);
}

static void fault_memory(void) {
    int *volatile nowhere = (int *)NOWHERE;
    *nowhere = 1;
}

static void fault_number(void) {
    volatile int zero = 0;
    volatile int result = 7 / zero; /* of 1 the compiler would make a comparison */
    (void)result;
}

static void fault_instruction(void) {
    __asm__ volatile("ud2");
}

static void fault_breakpoint(void) {
    __asm__ volatile("int3");
}

static void fault_trap(void) {
    raise(SIGTRAP);
}

static void faults(void) {
    check("SIGSEGV",
          faulted(SIGSEGV, fault_memory) && last.si_code == SEGV_MAPERR && (uintptr_t)last.si_addr == NOWHERE);
    check("SIGFPE", faulted(SIGFPE, fault_number) && last.si_code == FPE_INTDIV);
    check("SIGILL", faulted(SIGILL, fault_instruction) && last.si_code == ILL_ILLOPN);
    check("int3", faulted(SIGTRAP, fault_breakpoint) && last.si_code == SI_KERNEL);
    check("SIGTRAP sent", faulted(SIGTRAP, fault_trap) && last.si_code == SI_TKILL);
    signal(SIGSEGV, SIG_DFL);
}

static void inner(int number, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    mark(number == SIGUSR2 ? "[2]" : "[?]");
}

static void outer(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)info;
    (void)context;
    mark("(");
    raise(SIGUSR2);
    mark(")");
}

static int depth;

static void again(int number, siginfo_t *info, void *context) {
    (void)info;
    (void)context;
    mark("<");
    if (++depth < 3) {
        raise(number);
    }
    mark(">");
}

static void nesting(void) {
    trace[0] = '\0';
    handle(SIGUSR2, inner, 0, 0);
    handle(SIGUSR1, outer, 0, 0);
    raise(SIGUSR1);
    printf("nested: %s\n", trace);
    trace[0] = '\0';
    handle(SIGUSR1, outer, 0, 1);
    raise(SIGUSR1);
    printf("masked: %s\n", trace);
    trace[0] = '\0';
    handle(SIGUSR1, again, SA_NODEFER, 0);
    raise(SIGUSR1);
    printf("not deferred: %s\n", trace);
    trace[0] = '\0';
    depth = 0;
    handle(SIGUSR1, again, 0, 0);
    raise(SIGUSR1);
    printf("deferred: %s\n", trace);
}

static void in_order(int number, siginfo_t *info, void *context) {
    (void)context;
    char text[16];
    snprintf(text, sizeof(text), " %d:%d", number - SIGRTMIN, info->si_value.sival_int);
    mark(text);
}

static void pending(void) {
    sigset_t all;
    sigset_t old;
    sigset_t waiting;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &old);
    trace[0] = '\0';
    for (int i = 1; i <= 3; i++) {
        handle(SIGRTMIN + i, in_order, 0, 1);
    }
    for (int i = 0; i < 2; i++) {
        for (int j = 3; j > 0; j--) {
            sigqueue(getpid(), SIGRTMIN + j, (union sigval){.sival_int = i});
        }
    }
    handle(SIGUSR1, note, 0, 1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    sigpending(&waiting);
    check("pending", sigismember(&waiting, SIGUSR1) && sigismember(&waiting, SIGRTMIN + 2) &&
                         !sigismember(&waiting, SIGRTMIN + 4) && taken == 0);
    sigprocmask(SIG_SETMASK, &old, NULL);
    check("a standard signal is pending once", taken == 1);
    printf("real-time order:%s\n", trace);
}

static void waited_for(void) {
    sigset_t set = set_of(SIGRTMIN);
    siginfo_t info;
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = VALUE});
    check("sigwaitinfo",
          sigwaitinfo(&set, &info) == SIGRTMIN && info.si_value.sival_int == VALUE && info.si_pid == getpid());
    struct timespec short_time = {0, 1000000};
    check("sigtimedwait", sigtimedwait(&set, &info, &short_time) == -1 && errno == EAGAIN);
    int file = signalfd(-1, &set, SFD_CLOEXEC);
    struct signalfd_siginfo read_info;
    pid_t child = fork();
    if (child == 0) {
        usleep(5000);
        sigqueue(getppid(), SIGRTMIN, (union sigval){.sival_int = VALUE + 2});
        _exit(0);
    }
    check("signalfd", read(file, &read_info, sizeof(read_info)) == sizeof(read_info) &&
                          read_info.ssi_signo == (uint32_t)SIGRTMIN && read_info.ssi_pid == (uint32_t)child &&
                          read_info.ssi_int == VALUE + 2);
    waitpid(child, NULL, 0);
    close(file);
    sigset_t empty;
    sigemptyset(&empty);
    handle(SIGRTMIN, note, 0, 0);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 1});
    check("sigsuspend", taken == 0 && sigsuspend(&empty) == -1 && errno == EINTR && taken == 1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void on_alternate(int number, siginfo_t *info, void *context) {
    note(number, info, context);
    stack_t now;
    sigaltstack(NULL, &now);
    char here;
    last.si_errno =
        (now.ss_flags & SS_ONSTACK) && &here >= (char *)now.ss_sp && &here < (char *)now.ss_sp + now.ss_size;
}

static void stacks_and_resets(void) {
    stack_t alternate = {.ss_sp = malloc(ALTERNATE_BYTES), .ss_size = ALTERNATE_BYTES};
    sigaltstack(&alternate, NULL);
    handle(SIGUSR1, on_alternate, SA_ONSTACK, 0);
    raise(SIGUSR1);
    check("alternate stack", taken == 1 && last.si_errno == 1);
    alternate.ss_flags = SS_DISABLE;
    sigaltstack(&alternate, NULL);
    free(alternate.ss_sp);
    pid_t child = fork();
    if (child == 0) {
        handle(SIGUSR1, note, (int)SA_RESETHAND, 0);
        raise(SIGUSR1);
        raise(taken == 1 ? SIGUSR1 : SIGKILL);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    check("a handler for one time", WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
}

static void feed(int number, siginfo_t *info, void *context) {
    note(number, info, context);
    if (write(ends[1], "x", 1) != 1) {
        abort();
    }
}

/* SIGALRM every few milliseconds, so that none can come too early. */
static void alarms(int milliseconds) {
    struct itimerval timer = {{0, milliseconds * 1000}, {0, milliseconds * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static int is_interrupted(long result) {
    return result == -1 && errno == EINTR && taken > 0;
}

static void interruptions(int flags) {
    const char *kind = flags ? "with SA_RESTART" : "without SA_RESTART";
    char name[64];
    char byte;
    if (pipe(ends) != 0) {
        exit(1);
    }
    handle(SIGALRM, flags ? feed : note, flags, 0);
    alarms(5);
    long result = read(ends[0], &byte, 1);
    snprintf(name, sizeof(name), "read %s", kind);
    check(name, flags ? result == 1 && byte == 'x' : is_interrupted(result));
    alarms(0);
    handle(SIGALRM, note, flags, 0);
    alarms(5);
    struct timespec hour = {3600, 0};
    struct timespec rest = {0, 0};
    result = nanosleep(&hour, &rest);
    snprintf(name, sizeof(name), "nanosleep %s", kind);
    check(name, is_interrupted(result) && rest.tv_sec >= 3590 && rest.tv_sec < 3600);
    int set = epoll_create1(0);
    struct epoll_event event;
    result = epoll_wait(set, &event, 1, -1);
    snprintf(name, sizeof(name), "epoll_wait %s", kind);
    check(name, is_interrupted(result));
    struct pollfd none = {-1, POLLIN, 0};
    result = poll(&none, 1, -1);
    snprintf(name, sizeof(name), "poll %s", kind);
    check(name, is_interrupted(result));
    result = select(0, NULL, NULL, NULL, NULL);
    snprintf(name, sizeof(name), "select %s", kind);
    check(name, is_interrupted(result));
    result = pause();
    snprintf(name, sizeof(name), "pause %s", kind);
    check(name, is_interrupted(result));
    alarms(0);
    close(set);
    close(ends[0]);
    close(ends[1]);
}

static void timers(void) {
    handle(SIGRTMIN + 5, note, 0, 0);
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 5};
    event.sigev_value.sival_int = VALUE;
    struct itimerspec soon = {{0, 0}, {0, 2000000}};
    sigset_t set = set_of(SIGRTMIN + 5);
    sigset_t empty;
    sigemptyset(&empty);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &soon, NULL);
    sigsuspend(&empty);
    check("timer", taken == 1 && last.si_code == SI_TIMER && last.si_value.sival_int == VALUE);
    timer_delete(timer);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    who_sent_it();
    ends_of_children();
    faults();
    nesting();
    pending();
    waited_for();
    stacks_and_resets();
    interruptions(0);
    interruptions(SA_RESTART);
    timers();
    return 0;
}
