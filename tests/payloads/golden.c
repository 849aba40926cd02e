/* SPDX-License-Identifier: MIT
 * Everything whose numbers differ from run to run, in a program that does the same every time: memory of all kinds,
 * ids, processes that run at once, threads, signals, pipes, a temporary file. With an argument it writes that as well.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *text) {
    if (write(STDOUT_FILENO, text, strlen(text)) < 0) {
        abort();
    }
}

static void on_signal(int number) {
    (void)number;
    say("signal\n");
}

static void memory(void) {
    char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    area = mremap(area, 8192, 1 << 20, MREMAP_MAYMOVE);
    madvise(area + 4096, 4096, MADV_DONTNEED);
    munmap(area, 1 << 20);
    char *heap = sbrk(65536);
    if (getrandom(heap + 100, 16, 0) != 16) {
        abort();
    }
    int segment = shmget(IPC_PRIVATE, 4096, 0600);
    void *shared = shmat(segment, NULL, 0);
    shmctl(segment, IPC_RMID, NULL);
    shmdt(shared);
}

static void files(void) {
    /* As mkstemp(3) does it, which asks for random numbers as often as it likes. */
    char name[] = "/tmp/renacer-golden-XXXXXX";
    unsigned char random[6];
    if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
        abort();
    }
    for (size_t i = 0; i < sizeof(random); i++) {
        name[sizeof(name) - 2 - i] = "abcdefghijklmnopqrstuvwxyzABCDEF"[random[i] % 32];
    }
    int file = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (ftruncate(file, 8192) < 0) {
        abort();
    }
    char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    msync(area, 4096, MS_SYNC);
    munmap(area, 8192);
    close(file);
    unlink(name);
}

static void *thread(void *context) {
    kill(getpid(), 0);
    tgkill(getpid(), gettid(), 0);
    return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == context ? context : NULL;
}

/* The next one begins when the one before has ended. */
static void threads(void) {
    for (int i = 0; i < 3; i++) {
        pthread_t id;
        pthread_create(&id, NULL, thread, NULL);
        pthread_join(id, NULL);
    }
}

static void child(int number) {
    for (int i = 0; i < 20 * number; i++) {
        syscall(SYS_getppid);
    }
    munmap(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
    if (number == 2) {
        execl("/bin/true", "true", NULL);
    }
    _exit(number);
}

/* Three at once, that are waited for in the other order. */
static void processes(void) {
    pid_t pids[3];
    int ends[2];
    if (pipe(ends) < 0) {
        abort();
    }
    for (int i = 0; i < 3; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            child(i);
        }
    }
    for (int i = 2; i >= 0; i--) {
        waitpid(pids[i], NULL, 0);
    }
}

int main(int argc, char *argv[]) {
    signal(SIGUSR1, on_signal);
    say("begin\n");
    memory();
    files();
    threads();
    processes();
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    kill(getpid(), SIGUSR1);
    raise(SIGUSR1);
    say(argc > 1 ? argv[1] : "end\n");
    return 0;
}
