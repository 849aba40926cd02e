/* SPDX-License-Identifier: MIT
 * Marked calls (marks.h) in and through shared libraries: one with debug information and one without that are
 * linked, and two that are loaded, one after the other where the first has been:
 *
 *     libraries         all of it
 *     libraries wait    and waits for a byte on standard input before the loaded ones are called */
#define _GNU_SOURCE
#include "marks.h"

#include <dlfcn.h>
#include <limits.h>

void debug_says(int number);
void debug_calls(void (*function)(void));
void plain_closes(int number);
void plain_calls(void (*function)(void));

static void called_by_debug(void) {
    MARK_IN(1, "called by a library", "debug_calls main", CLOSE(1));
}

static void called_by_plain(void) {
    MARK_IN(2, "called by a library without debug information", "plain_calls main", CLOSE(2));
}

/* A function of a library beside the program, which is closed by dlclose(*handle). */
APART static void *load(const char *name, const char *function, void **handle) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 64);
    if (length < 0) {
        abort();
    }
    path[length] = '\0';
    strcpy(strrchr(path, '/') + 1, name);
    *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *found = *handle ? dlsym(*handle, function) : NULL;
    if (!found) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return found;
}

/* For somebody who attaches in the meantime. */
APART static void wait_for_byte(void) {
    char byte;
    printf("ready\n");
    fflush(stdout);
    if (read(0, &byte, 1) != 1) {
        abort();
    }
}

int main(int argc, char *argv[]) {
    void *handle;
    (void)argv;
    debug_says(3);
    MARK(4, "through a library without debug information", plain_closes(4));
    debug_calls(called_by_debug);
    plain_calls(called_by_plain);
    void (*first)(int) = (void (*)(int))load("libfirst.so", "first_says", &handle);
    if (argc > 1) {
        wait_for_byte();
        MARK(8, "behind an attach", CLOSE(8));
    }
    first(5);
    dlclose(handle);
    void (*second)(int) = (void (*)(int))load("libsecond.so", "second_says", &handle);
    second(6);
    if (first != second) {
        fprintf(stderr, "the second library is not where the first was\n");
        return 2;
    }
    dlclose(handle);
    MARK(7, "behind the libraries", CLOSE(7));
    return 0;
}
