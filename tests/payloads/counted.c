/* SPDX-License-Identifier: MIT
 * Processes with threads that count the calls they make:
 *
 *     counted PROCESSES THREADS ROUNDS [WAVES]
 *
 * All threads of a wave live at the same time before the first of them counts. Prints what is counted, and for each
 * thread its process, its id and how often it made each of these calls, in the order of their names. The path of each
 * access(2) says who calls, and for which time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STACK_BYTES = 65536,
};

/* Calls of both kinds: with memory that is read at the entry, and without. None is made by libraries in threads. */
enum counted {
    ACCESS,
    DUP,
    GETPGID,
    GETPPID,
    READLINK,
    TRUNCATE,
    COUNTED,
};

static const char *const names[COUNTED] = {"access", "dup", "getpgid", "getppid", "readlink", "truncate"};

struct thread {
    pid_t pid;
    pid_t tid;
    unsigned counts[COUNTED];
};

struct shared {
    pthread_barrier_t barrier;
    struct thread threads[];
};

static struct shared *shared;
static long rounds;

static long count(struct thread *thread, enum counted which, long result) {
    thread->counts[which]++;
    return result;
}

static int make_calls(struct thread *thread, unsigned *seed) {
    char path[64];
    char target[8];
    snprintf(path, sizeof(path), "/nonexistent/%d/%d/%u", thread->pid, thread->tid, thread->counts[ACCESS]);
    int good = count(thread, ACCESS, syscall(SYS_access, path, F_OK)) == -1 && errno == ENOENT;
    good = count(thread, GETPPID, syscall(SYS_getppid)) > 0 && good;
    /* Not the same in every thread. */
    if (rand_r(seed) % 3 == 0) {
        good = count(thread, READLINK, syscall(SYS_readlink, "/", target, sizeof(target))) == -1 && good;
    }
    if (rand_r(seed) % 3 == 0) {
        good = count(thread, TRUNCATE, syscall(SYS_truncate, path, 0)) == -1 && good;
    }
    for (int i = rand_r(seed) % 4; i > 0; i--) {
        good = count(thread, GETPGID, syscall(SYS_getpgid, 0)) > 0 && good;
    }
    if (rand_r(seed) % 3 == 0) {
        good = count(thread, DUP, syscall(SYS_dup, -1)) == -1 && errno == EBADF && good;
    }
    return good;
}

static void *work(void *context) {
    struct thread *thread = context;
    thread->pid = getpid();
    thread->tid = (pid_t)syscall(SYS_gettid);
    unsigned seed = (unsigned)(thread - shared->threads);
    pthread_barrier_wait(&shared->barrier);
    for (long i = 0; i < rounds; i++) {
        if (!make_calls(thread, &seed)) {
            abort();
        }
    }
    return NULL;
}

static void must(int error) {
    if (error) {
        fprintf(stderr, "counted: %s\n", strerror(error));
        kill(0, SIGKILL);
    }
}

/* The leader counts too. */
static void run_process(struct thread *own, long threads) {
    pthread_t *all = calloc((size_t)threads, sizeof(*all));
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    must(all ? 0 : ENOMEM);
    for (long i = 1; i < threads; i++) {
        must(pthread_create(&all[i], &attributes, work, &own[i]));
    }
    work(own);
    for (long i = 1; i < threads; i++) {
        pthread_join(all[i], NULL);
    }
    _exit(0);
}

static int run_wave(long processes, long threads) {
    int good = 0;
    for (long i = 0; i < processes; i++) {
        pid_t child = fork();
        must(child < 0 ? errno : 0);
        if (child == 0) {
            run_process(&shared->threads[i * threads], threads);
        }
    }
    for (long i = 0; i < processes; i++) {
        int status;
        good += wait(&status) > 0 && status == 0;
    }
    return good == processes;
}

static void print_wave(long all) {
    for (long i = 0; i < all; i++) {
        const struct thread *thread = &shared->threads[i];
        printf("%d %d", thread->pid, thread->tid);
        for (int j = 0; j < COUNTED; j++) {
            printf(" %u", thread->counts[j]);
        }
        putchar('\n');
    }
}

int main(int argc, char *argv[]) {
    if (argc < 4) {
        return 2;
    }
    long processes = atol(argv[1]);
    long threads = atol(argv[2]);
    long waves = argc > 4 ? atol(argv[4]) : 1;
    rounds = atol(argv[3]);
    /* Whoever fails ends all: they are a group. */
    setpgid(0, 0);
    size_t bytes = sizeof(*shared) + (size_t)(processes * threads) * sizeof(struct thread);
    for (int i = 0; i < COUNTED; i++) {
        printf("%s%c", names[i], i + 1 < COUNTED ? ' ' : '\n');
    }
    for (long i = 0; i < waves; i++) {
        shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED) {
            return 1;
        }
        pthread_barrierattr_t attributes;
        pthread_barrierattr_init(&attributes);
        pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_barrier_init(&shared->barrier, &attributes, (unsigned)(processes * threads));
        fflush(stdout);
        if (!run_wave(processes, threads)) {
            return 1;
        }
        print_wave(processes * threads);
        munmap(shared, bytes);
    }
    return 0;
}
