/* SPDX-License-Identifier: MIT
 * Every kind of call in which a thread can wait, and short ones, under storms of signals, with every way to
 * handle them. Knows what signal(7) says of each, and looks whether it is so; prints what is not.
 *
 *     blocking_storm ROUNDS [FIRST]
 *
 * In a round all calls are made once for each way to handle the signals; which signals these are changes with the
 * round, whose first number is FIRST. */
#include "blocking_storm.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    INTERVAL_NS = 300000, /* between two signals of a storm, as long as calls get on with it */
    STANDSTILL_MS = 100,  /* and twice as long whenever none has got on for this time */
    LONGEST_INTERVAL_NS = 40 * INTERVAL_NS,
    RELEASE_NS = 800000, /* a call waits so long for what it waits for */
    PATIENCE_S = 40,     /* of the watchdog */
    STACK = 256 * 1024,
    DEEPEST = 3,
    COMPLAINTS = 40,
};

/* Where the signals of a storm come from. */
enum source {
    FROM_TIMER,
    FROM_THREAD,
    FROM_PROCESS,
    FROM_CHILDREN, /* that end */
    FROM_WINDOW,   /* of the terminal, whose size changes */
    SOURCES,
};

static const char *const source_names[SOURCES] = {"a timer", "a thread", "a process", "children", "a window"};

enum handling {
    DEFAULT, /* which does nothing; only of signals of which that is so */
    IGNORED,
    RESTARTING,
    PLAIN,
    NESTED, /* on a stack of its own, while the same signal may come; makes calls, and gets signals of its own */
    NESTED_RESTARTING,
    HANDLINGS,
};

static const char *const handling_names[HANDLINGS] = {"default",       "ignored", "SA_RESTART",
                                                      "no SA_RESTART", "nested",  "nested with SA_RESTART"};

/* What the sender, which may be another process, and the handler both see. */
struct shared {
    atomic_long sent;
    atomic_long handled;
    atomic_bool stop;
    atomic_long interval_ns; /* between two signals: who needs longer for one than this never gets on */
};

static struct shared *shared;
static int number; /* the storm's signal */
static enum source source;
static enum handling handling;
static const char *current = "";
static atomic_int wrong;
static atomic_long progress;
static int master = -1; /* of our own terminal */
static timer_t timer;
static pid_t our_pid;
static int private_pipe[2];
static int depth;

pid_t main_thread;
volatile int wakes;

int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void nap(long ns) {
    struct timespec time = {0, ns};
    nanosleep(&time, NULL);
}

void fail(const char *what, const char *detail) {
    if (wrong++ < COMPLAINTS) {
        printf("%s, SIG%s from %s, %s: %s: %s\n", current,
               number ? sigdescr_np(number) ? sigabbrev_np(number) : "RT" : "none", source_names[source],
               handling_names[handling], what, detail);
    }
}

void goes_on(void) {
    progress++;
}

bool is_handled(void) {
    return handling != DEFAULT && handling != IGNORED;
}

/* ------------------------------------------------------------------------ handlers */

static bool is_as_sent(const siginfo_t *info) {
    bool ours = info->si_pid == our_pid;
    if (number == SIGCHLD && info->si_code == CLD_EXITED) {
        return info->si_pid > 0; /* the calls have children, too */
    }
    switch (source) {
    case FROM_TIMER:
        return info->si_code == SI_TIMER && info->si_value.sival_int == 4711;
    case FROM_THREAD:
        return info->si_code == SI_TKILL && ours;
    case FROM_PROCESS:
        return number >= SIGRTMIN ? info->si_code == SI_QUEUE && info->si_value.sival_int == 4711
                                  : info->si_code == SI_USER && !ours && info->si_pid > 0;
    case FROM_WINDOW:
        return info->si_code == SI_KERNEL;
    default:
        return false;
    }
}

static void arm_timer(long interval) {
    struct itimerspec soon = {{0, interval}, {0, shared->interval_ns}};
    timer_settime(timer, 0, &soon, NULL);
}

/* Ready at once, and so never broken off; and a signal within. */
static void be_busy(void) {
    char byte = 0;
    if (write(private_pipe[1], "h", 1) != 1 || read(private_pipe[0], &byte, 1) != 1 || byte != 'h') {
        fail("a call in the handler", strerror(errno));
    }
    if (access("/", F_OK) != 0) {
        fail("access in the handler", strerror(errno));
    }
    syscall(SYS_tgkill, our_pid, main_thread, SIGUSR1);
    nap(20000);
}

static void on_storm(int received, siginfo_t *info, void *context) {
    (void)context;
    int error = errno;
    if (getpid() != our_pid) {
        return; /* a child of ours, in the same group */
    }
    if (received != number || info->si_signo != number || !is_as_sent(info)) {
        fail("siginfo", "is not what was sent");
    }
    bool nests = handling >= NESTED && depth < DEEPEST && source != FROM_TIMER;
    depth++;
    if (nests) {
        shared->handled++; /* the next may come */
    }
    if (handling >= NESTED) {
        be_busy();
    }
    depth--;
    if (source == FROM_TIMER && !shared->stop) {
        shared->sent++;
        arm_timer(0);
    }
    if (!nests) {
        shared->handled++;
    }
    errno = error;
}

static void on_user(int received) {
    (void)received;
    int error = errno;
    if (access("/", F_OK) != 0) {
        fail("access in the inner handler", strerror(errno));
    }
    errno = error;
}

static void on_waker(int received) {
    (void)received;
    wakes++;
}

static void handle(int signal_number, enum handling how) {
    struct sigaction action = {.sa_sigaction = on_storm, .sa_flags = SA_SIGINFO};
    if (how == RESTARTING || how == NESTED_RESTARTING) {
        action.sa_flags |= SA_RESTART;
    }
    if (how >= NESTED) {
        action.sa_flags |= SA_ONSTACK | SA_NODEFER;
    }
    if (how == DEFAULT || how == IGNORED) {
        action = (struct sigaction){.sa_handler = how == IGNORED ? SIG_IGN : SIG_DFL};
    }
    sigaction(signal_number, &action, NULL);
    /* The one inside restarts what the one outside restarts. */
    struct sigaction inner = {.sa_handler = on_user, .sa_flags = SA_ONSTACK | (action.sa_flags & SA_RESTART)};
    sigaction(SIGUSR1, &inner, NULL);
}

/* ------------------------------------------------------------------------- senders */

static void send_one(void) {
    union sigval value = {4711};
    struct winsize size = {.ws_row = (unsigned short)(20 + shared->sent % 2), .ws_col = 80};
    pid_t child;
    switch (source) {
    case FROM_THREAD:
        syscall(SYS_tgkill, our_pid, main_thread, number);
        break;
    case FROM_PROCESS:
        if (number >= SIGRTMIN) {
            while (sigqueue(our_pid, number, value) != 0 && errno == EAGAIN) {
                nap(INTERVAL_NS);
            }
        } else {
            kill(our_pid, number);
        }
        break;
    case FROM_CHILDREN:
        child = fork();
        if (child == 0) {
            _exit(0);
        }
        waitpid(child, NULL, 0);
        break;
    case FROM_WINDOW:
        ioctl(master, TIOCSWINSZ, &size);
        break;
    default:
        break;
    }
}

/* Signals one after the other: each has been handled before the next one is sent. */
static void *send_all(void *context) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    if (!is_handled()) {
        /* The kernel ignores nothing that is blocked by who is told of it: that is the thread with the children. */
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    }
    while (!shared->stop) {
        long before = shared->handled;
        shared->sent++;
        send_one();
        nap(shared->interval_ns);
        while (is_handled() && !shared->stop && shared->handled == before) {
            nap(INTERVAL_NS / 8);
        }
    }
    return context;
}

struct sender {
    pthread_t thread;
    pid_t process;
};

static void begin_storm(struct sender *sender) {
    sigset_t all;
    sigset_t before;
    *shared = (struct shared){.interval_ns = INTERVAL_NS};
    handle(number, handling);
    if (source == FROM_TIMER) {
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = number, .sigev_value = {4711}};
        timer_create(CLOCK_MONOTONIC, &event, &timer);
        shared->sent++;
        arm_timer(is_handled() ? 0 : shared->interval_ns);
        return;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    if (source == FROM_PROCESS) {
        sender->process = fork();
        if (sender->process == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody handles what it would wait for */
            send_all(NULL);
            _exit(0);
        }
    } else {
        pthread_create(&sender->thread, NULL, send_all, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_storm(struct sender *sender) {
    shared->stop = true;
    if (source == FROM_PROCESS) {
        while (waitpid(sender->process, NULL, 0) < 0 && errno == EINTR) {
        }
    } else if (source != FROM_TIMER) {
        pthread_join(sender->thread, NULL);
    }
    /* Children of other calls have sent more. */
    for (int i = 0; is_handled() && number != SIGCHLD && shared->handled != shared->sent && i < 5000; i++) {
        nap(1000000);
    }
    if (source == FROM_TIMER) {
        timer_delete(timer);
    }
    current = "at the end";
    if (is_handled() && number != SIGCHLD && shared->handled != shared->sent) {
        char detail[64];
        snprintf(detail, sizeof(detail), "%ld sent, %ld handled", shared->sent, shared->handled);
        fail("signals", detail);
    }
    signal(number, SIG_IGN);
    signal(number, SIG_DFL);
}

/* -------------------------------------------------------------------------- helper */

/* The thread that lets calls go on. */
static const struct waiting *released;
static sem_t asked;
static sem_t done;

static void *help(void *context) {
    for (;;) {
        sem_wait(&asked);
        nap(RELEASE_NS);
        released->release();
        sem_post(&done);
    }
    return context;
}

/* A tracer that takes longer for a signal than until the next one would never let a call through. */
static void slow_down(void) {
    if (shared->interval_ns < LONGEST_INTERVAL_NS) {
        shared->interval_ns = shared->interval_ns * 2;
    }
    if (source == FROM_TIMER && !is_handled()) {
        arm_timer(shared->interval_ns);
    }
}

static void *watch(void *context) {
    long seen = -1;
    for (int idle = 0; idle < PATIENCE_S * 1000; idle += STANDSTILL_MS) {
        if (seen != progress) {
            seen = progress;
            idle = 0;
        } else {
            slow_down();
        }
        nap(STANDSTILL_MS * 1000000L);
    }
    printf("%s, SIG%d from %s, %s: hangs; %ld sent, %ld handled\n", current, number, source_names[source],
           handling_names[handling], shared->sent, shared->handled);
    fflush(stdout);
    _exit(2);
    return context;
}

/* ----------------------------------------------------------------------- all calls */

static bool may_break(enum breaking breaking) {
    switch (breaking) {
    case RESTARTS:
        return handling == PLAIN || handling == NESTED;
    case ALWAYS:
        return is_handled();
    default:
        return false;
    }
}

static void ask(const struct waiting *waiting) {
    released = waiting;
    sem_post(&asked);
}

/* Make the call until it has what it waits for. Where it has to be broken off, that comes only then. */
static void try_one(const struct waiting *waiting, bool says_what_is_missing) {
    bool breaks = may_break(waiting->breaking);
    bool is_asked = false;
    current = waiting->name;
    goes_on();
    if (!waiting->prepare()) {
        if (says_what_is_missing) {
            printf("not here: %s\n", waiting->name);
        }
        return;
    }
    if (!waiting->brief && !breaks) {
        ask(waiting);
        is_asked = true;
    }
    long result;
    while ((result = waiting->make()) == -EINTR) {
        if (!breaks) {
            fail("the call", "EINTR");
        }
        if (!waiting->brief && !is_asked) {
            ask(waiting);
            is_asked = true;
        }
    }
    if (result != 0) {
        fail("the call", strerror((int)-result));
    }
    if (!waiting->brief && !is_asked) {
        fail("the call", "no EINTR");
        ask(waiting);
        is_asked = true;
    }
    while (is_asked && sem_wait(&done) != 0) {
    }
    waiting->finish();
}

static void all_calls(bool says_what_is_missing) {
    static const struct waiting *const tables[] = {waitings_of_data, waitings_of_locks, waitings_of_time};
    struct sender sender = {0};
    begin_storm(&sender);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (const struct waiting *waiting = tables[i]; waiting->name; waiting++) {
            try_one(waiting, says_what_is_missing);
        }
    }
    end_storm(&sender);
}

static void one_round(int round) {
    const struct {
        int number;
        enum source source;
    } storms[] = {
        {SIGALRM, FROM_TIMER},   {SIGCHLD, FROM_CHILDREN},   {SIGWINCH, FROM_WINDOW},      {SIGURG, FROM_THREAD},
        {SIGURG, FROM_PROCESS},  {SIGWINCH, FROM_TIMER},     {SIGRTMIN + 2, FROM_PROCESS}, {SIGCHLD, FROM_THREAD},
        {SIGALRM, FROM_PROCESS}, {SIGRTMIN + 2, FROM_TIMER}, {SIGWINCH, FROM_THREAD},
    };
    enum {
        STORMS = sizeof(storms) / sizeof(storms[0]),
    };
    for (int i = 0; i < HANDLINGS; i++) {
        size_t chosen = (size_t)(round + i) % STORMS;
        number = storms[chosen].number;
        source = storms[chosen].source;
        handling = (enum handling)i;
        if (handling == DEFAULT && (number == SIGALRM || number >= SIGRTMIN)) {
            handling = IGNORED;
        }
        all_calls(round == 0 && i == 0);
    }
}

static void take_terminal(void) {
    int slave;
    setsid(); /* fails if we lead a session already */
    if (openpty(&master, &slave, NULL, NULL, NULL) != 0 || ioctl(slave, TIOCSCTTY, 0) != 0) {
        fail("terminal", strerror(errno));
    }
}

static void prepare(void) {
    static char stack[STACK];
    sigset_t all;
    sigset_t before;
    pthread_t thread;
    our_pid = getpid();
    main_thread = (pid_t)syscall(SYS_gettid);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    take_terminal();
    stack_t other = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigaltstack(&other, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct sigaction waker = {.sa_handler = on_waker};
    sigaction(WAKER, &waker, NULL);
    if (pipe2(private_pipe, O_CLOEXEC) != 0) {
        fail("pipe2", strerror(errno));
    }
    sem_init(&asked, 0, 0);
    sem_init(&done, 0, 0);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_create(&thread, NULL, help, NULL);
    pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int main(int argc, char *argv[]) {
    if (argc > 1 && strcmp(argv[1], "--exit") == 0) {
        return 7;
    }
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    int first = argc > 2 ? atoi(argv[2]) : 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    prepare();
    for (int i = 0; i < rounds; i++) {
        one_round(first + i);
        current = "frames";
        frames_all(1);
    }
    printf("wrong: %d\n", (int)wrong);
    return wrong != 0;
}
