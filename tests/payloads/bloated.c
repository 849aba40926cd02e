/* SPDX-License-Identifier: MIT
 *
 * Spends what it is told to, for tests of budgets:
 *
 *     bloated [calls N] [map MIB] [sleep MS] [fail N] [read FILE] [child]
 *
 * calls: N bytes to standard output, one at a time. map: that much memory, which is touched and kept. fail: N
 * files that are not there. read: a file, byte by byte. child: what follows is done by a child.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void write_bytes(long count) {
    for (long i = 0; i < count; i++) {
        if (write(STDOUT_FILENO, "x", 1) != 1) {
            exit(1);
        }
    }
}

static void map_memory(long mebibytes) {
    size_t size = (size_t)mebibytes << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        exit(1);
    }
    memset(memory, 1, size);
}

static void sleep_for(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void fail_often(long count) {
    for (long i = 0; i < count; i++) {
        if (open("/nonexistent", O_RDONLY) >= 0) {
            exit(1);
        }
    }
}

static void read_bytes(const char *path) {
    int file = open(path, O_RDONLY);
    char byte;
    while (file >= 0 && read(file, &byte, 1) == 1) {
    }
    close(file);
}

static void become_child(void) {
    pid_t pid = fork();
    if (pid > 0) {
        int status;
        waitpid(pid, &status, 0);
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
}

int main(int argc, char *argv[]) {
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : "0";
        if (strcmp(argv[i], "child") == 0) {
            become_child();
            continue;
        }
        if (strcmp(argv[i], "read") == 0) {
            read_bytes(next);
        } else if (strcmp(argv[i], "calls") == 0) {
            write_bytes(atol(next));
        } else if (strcmp(argv[i], "map") == 0) {
            map_memory(atol(next));
        } else if (strcmp(argv[i], "sleep") == 0) {
            sleep_for(atol(next));
        } else if (strcmp(argv[i], "fail") == 0) {
            fail_often(atol(next));
        } else {
            fprintf(stderr, "bloated: what is %s?\n", argv[i]);
            return 2;
        }
        i++;
    }
    return 0;
}
