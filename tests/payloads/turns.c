/* SPDX-License-Identifier: MIT
 * Two threads, each of which writes three lines in an order of its own, and takes its turns when it is told to.
 *
 *     turns FIRST SECOND TURNS [swap]
 *
 * The first thread, a, writes "a1", "a2", "a3" to the file FIRST, the second, b, likewise to SECOND, which may be the
 * same file. TURNS says who writes next: "aabbab". With "swap" thread a writes its second line before its first. */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LINES = 3,
    LINE_LENGTH = 3,
    THREADS = 2,
};

struct writer {
    const char *lines[LINES];
    int fd;
    sem_t turn;
    sem_t *done;
};

static void *work(void *context) {
    struct writer *writer = context;
    for (int i = 0; i < LINES; i++) {
        sem_wait(&writer->turn);
        if (write(writer->fd, writer->lines[i], LINE_LENGTH) != LINE_LENGTH) {
            abort();
        }
        sem_post(writer->done);
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    struct writer writers[THREADS] = {{.lines = {"a1\n", "a2\n", "a3\n"}}, {.lines = {"b1\n", "b2\n", "b3\n"}}};
    if (argc > 4 && strcmp(argv[4], "swap") == 0) {
        writers[0].lines[0] = "a2\n";
        writers[0].lines[1] = "a1\n";
    }
    sem_t done;
    pthread_t threads[THREADS];
    sem_init(&done, 0, 0);
    /* Opened once, so that it is one file to both. */
    for (int i = 0; i < THREADS; i++) {
        writers[i].done = &done;
        writers[i].fd = i == 1 && strcmp(argv[1], argv[2]) == 0 ? writers[0].fd
                                                                : open(argv[1 + i], O_WRONLY | O_CREAT | O_TRUNC, 0644);
        sem_init(&writers[i].turn, 0, 0);
        if (writers[i].fd < 0 || pthread_create(&threads[i], NULL, work, &writers[i]) != 0) {
            return 1;
        }
    }
    for (const char *turn = argv[3]; *turn; turn++) {
        sem_post(&writers[*turn == 'b'].turn);
        sem_wait(&done);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
