/* SPDX-License-Identifier: MIT
 * Calls of blocking_storm that wait for locks, messages and processes; and short ones, which never fail with EINTR. */
#include "blocking_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static mqd_t messages;
static pid_t child;

/* ------------------------------------------------------------- locks and messages */

static bool with_word(void) {
    word = 0;
    return true;
}

static void change_word(void) {
    __atomic_store_n(&word, 1, __ATOMIC_RELEASE);
    must(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) >= 0, "futex");
}

static long wait_for_word(int operation, const struct timespec *limit) {
    while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0) {
        if (syscall(SYS_futex, &word, operation, 0, limit, NULL, FUTEX_BITSET_MATCH_ANY) != 0 && errno != EAGAIN) {
            return -errno;
        }
    }
    return 0;
}

static long by_futex(void) {
    return wait_for_word(FUTEX_WAIT_PRIVATE, NULL);
}

static long by_futex_with_limit(void) {
    struct timespec far = {20, 0};
    return wait_for_word(FUTEX_WAIT_PRIVATE, &far);
}

static long by_futex_until(void) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += 20;
    return wait_for_word(FUTEX_WAIT_BITSET_PRIVATE, &end);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void change_under_mutex(void) {
    pthread_mutex_lock(&mutex);
    word = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
}

static long by_condition(void) {
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (word == 0 && error == 0) {
        error = pthread_cond_wait(&condition, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    return -error;
}

static bool with_lock_file(void) {
    name_file("lock");
    reading = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    writing = open(name, O_RDWR | O_CLOEXEC);
    must(reading >= 0 && writing >= 0, "open of a lock");
    return true;
}

static bool with_flock(void) {
    with_lock_file();
    must(flock(writing, LOCK_EX) == 0, "flock");
    return true;
}

static void unlock_file(void) {
    must(flock(writing, LOCK_UN) == 0, "flock");
}

static long by_flock(void) {
    return outcome(flock(reading, LOCK_EX));
}

static long lock(int file, int command) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return outcome(fcntl(file, command, &whole));
}

static bool with_description_lock(void) {
    with_lock_file();
    must(lock(writing, F_OFD_SETLK) == 0, "F_OFD_SETLK");
    return true;
}

static void unlock_description(void) {
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    must(fcntl(writing, F_OFD_SETLK, &whole) == 0, "F_OFD_SETLK");
}

static long by_description_lock(void) {
    return lock(reading, F_OFD_SETLKW);
}

/* A child without signals, which runs `task` and ends when it may. */
static void begin_child(void (*task)(void)) {
    sigset_t all;
    sigset_t before;
    char byte;
    int ready[2];
    must(pipe2(ready, O_CLOEXEC) == 0 && pipe2(others, O_CLOEXEC) == 0, "pipe2");
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    child = fork();
    if (child == 0) {
        close(others[1]);
        if (task) {
            task();
        }
        _exit(write(ready[1], "x", 1) == 1 && read(others[0], &byte, 1) == 1 ? 7 : 1);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (read(ready[0], &byte, 1) < 0 && errno == EINTR) {
    }
    close(ready[0]);
    close(ready[1]);
}

static void let_child_go(void) {
    must(write(others[1], "x", 1) == 1, "write to the child");
}

static void lock_for_child(void) {
    if (lock(writing, F_SETLK) != 0) {
        _exit(1);
    }
}

static bool with_process_lock(void) {
    with_lock_file();
    begin_child(lock_for_child);
    return true;
}

static long by_process_lock(void) {
    return lock(reading, F_SETLKW);
}

/* With SIGCHLD ignored, children leave nothing behind. */
static long expect_status(pid_t waited, int status) {
    if (waited < 0) {
        return errno == ECHILD ? 0 : -errno;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : -EILSEQ;
}

static long wait_for_child(void) {
    int status = 0;
    pid_t waited = waitpid(child, &status, 0);
    return expect_status(waited, status);
}

static void end_child(void) {
    while (wait_for_child() == -EINTR) {
    }
    remove_file();
}

static bool with_child(void) {
    begin_child(NULL);
    return true;
}

static long by_waitid(void) {
    siginfo_t info = {0};
    if (waitid(P_PID, (id_t)child, &info, WEXITED) != 0) {
        return errno == ECHILD ? 0 : -errno;
    }
    return info.si_status == 7 && info.si_pid == child ? 0 : -EILSEQ;
}

struct text {
    long type;
    char bytes[8000];
};

static bool with_messages(void) {
    queue = msgget(IPC_PRIVATE, 0600);
    must(queue >= 0, "msgget");
    return true;
}

static void put_message(void) {
    static const struct text text = {.type = 1};
    must(msgsnd(queue, &text, sizeof(text.bytes), 0) == 0, "msgsnd");
}

static void take_message(void) {
    struct text text;
    must(msgrcv(queue, &text, sizeof(text.bytes), 0, 0) == sizeof(text.bytes), "msgrcv");
}

static bool with_full_messages(void) {
    with_messages();
    put_message();
    put_message();
    return true;
}

static long by_msgrcv(void) {
    struct text text;
    return gives(msgrcv(queue, &text, sizeof(text.bytes), 0, 0), sizeof(text.bytes));
}

static long by_msgsnd(void) {
    static const struct text text = {.type = 1};
    return outcome(msgsnd(queue, &text, sizeof(text.bytes), 0));
}

static void without_messages(void) {
    msgctl(queue, IPC_RMID, NULL);
}

bool with_semaphore(void) {
    queue = semget(IPC_PRIVATE, 1, 0600);
    must(queue >= 0, "semget");
    return true;
}

static void raise_semaphore(void) {
    struct sembuf up = {0, 1, 0};
    must(semop(queue, &up, 1) == 0, "semop");
}

static long by_semop(void) {
    struct sembuf down = {0, -1, 0};
    return outcome(syscall(SYS_semop, queue, &down, 1));
}

static long by_semtimedop(void) {
    struct sembuf down = {0, -1, 0};
    struct timespec far = {20, 0};
    return outcome(semtimedop(queue, &down, 1, &far));
}

void without_semaphore(void) {
    semctl(queue, 0, IPC_RMID);
}

static bool with_mail(void) {
    struct mq_attr limits = {.mq_maxmsg = 1, .mq_msgsize = 8};
    snprintf(name, sizeof(name), "/blocking-storm.%d", getpid());
    messages = mq_open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600, &limits);
    must(messages >= 0, "mq_open");
    return true;
}

static void put_mail(void) {
    must(mq_send(messages, "message", 8, 0) == 0, "mq_send");
}

static void take_mail(void) {
    char text[8];
    must(mq_receive(messages, text, sizeof(text), NULL) == 8, "mq_receive");
}

static bool with_full_mail(void) {
    with_mail();
    put_mail();
    return true;
}

static long by_mq_receive(void) {
    char text[8];
    return gives(mq_receive(messages, text, sizeof(text), NULL), 8);
}

static long by_mq_send(void) {
    return outcome(mq_send(messages, "message", 8, 0));
}

static void without_mail(void) {
    mq_close(messages);
    mq_unlink(name);
}

/* ---------------------------------------------------------------------- brief ones */

static bool nothing(void) {
    return true;
}

void no_finish(void) {
}

static long by_pipe2(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    long result = close(ends[0]) | close(ends[1]);
    return outcome(result);
}

static long by_openat(void) {
    int file = openat(AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC);
    char text[64];
    if (file < 0) {
        return -errno;
    }
    long result = pread(file, text, sizeof(text), 0) > 0 ? 0 : -errno;
    return close(file) ? -errno : result;
}

static long by_mmap(void) {
    char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    memory[5] = 1;
    if (mprotect(memory, 4096, PROT_READ) != 0 || madvise(memory, 65536, MADV_DONTNEED) != 0) {
        return -errno;
    }
    return outcome(munmap(memory, 65536));
}

static long by_brk(void) {
    uintptr_t end = (uintptr_t)syscall(SYS_brk, 0);
    uintptr_t next = (uintptr_t)syscall(SYS_brk, end + 4096);
    return next == end + 4096 && (uintptr_t)syscall(SYS_brk, end) == end ? 0 : -EILSEQ;
}

static long by_fsync(void) {
    name_file("synced");
    int file = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 || write(file, "x", 1) != 1 || fsync(file) != 0 || close(file) != 0) {
        return -errno;
    }
    return outcome(unlink(name));
}

static long wait_through(void) {
    long result;
    do {
        result = wait_for_child();
    } while (result == -EINTR); /* that of wait4 is meant */
    return result;
}

static long by_fork(void) {
    child = fork();
    if (child == 0) {
        _exit(7);
    }
    return child < 0 ? -errno : wait_through();
}

static long by_clone(void) {
    child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0) {
        syscall(SYS_exit_group, 7);
    }
    return child < 0 ? -errno : wait_through();
}

static long by_execve(void) {
    static char storm[] = "blocking_storm";
    static char option[] = "--exit";
    static char *const arguments[] = {storm, option, NULL};
    static char *const none[] = {NULL};
    child = vfork();
    if (child == 0) {
        execve("/proc/self/exe-is-not-here", arguments, none);
        execve("/proc/self/exe", arguments, none);
        _exit(errno == EINTR ? 3 : 4);
    }
    return child < 0 ? -errno : wait_through();
}

static void *tell(void *context) {
    return context;
}

static long by_thread(void) {
    pthread_t thread;
    void *result = NULL;
    int error = pthread_create(&thread, NULL, tell, &word);
    if (error) {
        return -error;
    }
    error = pthread_join(thread, &result);
    return error ? -error : result == &word ? 0 : -EILSEQ;
}

const struct waiting waitings_of_locks[] = {
    {"futex", RESTARTS, false, with_word, by_futex, change_word, no_finish},
    {"futex with a limit", ALWAYS, false, with_word, by_futex_with_limit, change_word, no_finish},
    {"futex until a time", ALWAYS, false, with_word, by_futex_until, change_word, no_finish},
    {"pthread_cond_wait", NEVER, false, with_word, by_condition, change_under_mutex, no_finish},
    {"flock", RESTARTS, false, with_flock, by_flock, unlock_file, remove_file},
    {"F_OFD_SETLKW", RESTARTS, false, with_description_lock, by_description_lock, unlock_description, remove_file},
    {"F_SETLKW", RESTARTS, false, with_process_lock, by_process_lock, let_child_go, end_child},
    {"wait4", RESTARTS, false, with_child, wait_for_child, let_child_go, close_all},
    {"waitid", RESTARTS, false, with_child, by_waitid, let_child_go, close_all},
    {"msgrcv", ALWAYS, false, with_messages, by_msgrcv, put_message, without_messages},
    {"msgsnd", ALWAYS, false, with_full_messages, by_msgsnd, take_message, without_messages},
    {"semop", ALWAYS, false, with_semaphore, by_semop, raise_semaphore, without_semaphore},
    {"semtimedop", ALWAYS, false, with_semaphore, by_semtimedop, raise_semaphore, without_semaphore},
    {"mq_timedreceive", RESTARTS, false, with_mail, by_mq_receive, put_mail, without_mail},
    {"mq_timedsend", RESTARTS, false, with_full_mail, by_mq_send, take_mail, without_mail},
    {"pipe2", NEVER, true, nothing, by_pipe2, NULL, no_finish},
    {"openat", NEVER, true, nothing, by_openat, NULL, no_finish},
    {"mmap", NEVER, true, nothing, by_mmap, NULL, no_finish},
    {"brk", NEVER, true, nothing, by_brk, NULL, no_finish},
    {"fsync", NEVER, true, nothing, by_fsync, NULL, no_finish},
    {"fork", NEVER, true, nothing, by_fork, NULL, no_finish},
    {"clone", NEVER, true, nothing, by_clone, NULL, no_finish},
    {"vfork and execve", NEVER, true, nothing, by_execve, NULL, no_finish},
    {"pthread_create", NEVER, true, nothing, by_thread, NULL, no_finish},
    {0},
};
