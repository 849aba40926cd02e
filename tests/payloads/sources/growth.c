/* Does one thing again and again, with a marked call in each: makes processes, or threads, executes itself, maps files
 * as code (in the folder that is named), or makes calls whose stacks are all different.
 *
 *     growth forks|threads|execs|maps|stacks COUNT [FOLDER] */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    AT_ONCE = 8,
    DEPTH = 20,
    PAGE = 4096,
};

__attribute__((noinline)) static int call(void) {
    return access("/marked", F_OK) + 1;
}

static void end(const char *problem) {
    perror(problem);
    exit(1);
}

static void make_processes(long count) {
    for (long i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0) {
            end("fork");
        }
        if (child == 0) {
            _exit(call());
        }
        while (i % AT_ONCE == AT_ONCE - 1 && wait(NULL) > 0) {
        }
    }
    while (wait(NULL) > 0) {
    }
}

static void *run_thread(void *context) {
    call();
    return context;
}

static void make_threads(long count) {
    pthread_t threads[AT_ONCE];
    for (long i = 0; i < count; i += AT_ONCE) {
        for (int j = 0; j < AT_ONCE; j++) {
            if (pthread_create(&threads[j], NULL, run_thread, NULL) != 0) {
                end("pthread_create");
            }
        }
        for (int j = 0; j < AT_ONCE; j++) {
            pthread_join(threads[j], NULL);
        }
    }
}

static void execute(char **argv, long count) {
    char left[32];
    call();
    if (count > 0) {
        snprintf(left, sizeof(left), "%ld", count - 1);
        argv[2] = left;
        execv("/proc/self/exe", argv);
        end("execv");
    }
}

static void map_files(const char *folder, long count) {
    char path[4096];
    for (long i = 0; i < count; i++) {
        snprintf(path, sizeof(path), "%s/%ld", folder, i);
        int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
        if (file < 0 || ftruncate(file, PAGE) < 0) {
            end(path);
        }
        void *mapped = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
        if (mapped == MAP_FAILED) {
            end("mmap");
        }
        call();
        munmap(mapped, PAGE);
        close(file);
    }
}

static int descend(unsigned long path, int depth);

__attribute__((noinline)) static int left(unsigned long path, int depth) {
    return descend(path, depth) + 1;
}

__attribute__((noinline)) static int right(unsigned long path, int depth) {
    return descend(path, depth) + 2;
}

__attribute__((noinline)) static int descend(unsigned long path, int depth) {
    if (depth == 0) {
        return call();
    }
    return (path & 1 ? left : right)(path >> 1, depth - 1) + 1;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    long count = atol(argv[2]);
    if (strcmp(argv[1], "forks") == 0) {
        make_processes(count);
    } else if (strcmp(argv[1], "threads") == 0) {
        make_threads(count);
    } else if (strcmp(argv[1], "execs") == 0) {
        execute(argv, count);
    } else if (strcmp(argv[1], "maps") == 0 && argc > 3) {
        map_files(argv[3], count);
    } else if (strcmp(argv[1], "stacks") == 0) {
        for (long i = 0; i < count; i++) {
            descend((unsigned long)i, DEPTH);
        }
    } else {
        return 2;
    }
    return 0;
}
