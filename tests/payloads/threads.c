/* SPDX-License-Identifier: MIT
 * Eight threads that make calls of both kinds at once: calls that stop and calls that do not. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    THREADS = 8,
    ROUNDS = 100,
};

static void *work(void *context) {
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        syscall(SYS_getppid);
        if (access("/", R_OK) != 0) {
            abort();
        }
        int fd = open("/dev/null", O_WRONLY);
        if (write(fd, "abc", 3) != 3) {
            abort();
        }
        close(fd);
    }
    return NULL;
}

int main(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
