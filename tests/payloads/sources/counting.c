/* Writes the numbers from 0 on, one write() each, even and odd ones in two lines, until there is a file "stop" or they
 * are as many as the argument says. Then it prints both lines. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int lines[2];

__attribute__((noinline)) static void write_even(const char *text, size_t size) {
    lines[0] = __LINE__ + 1;
    if (write(STDOUT_FILENO, text, size) < 0) {
        exit(1);
    }
}

__attribute__((noinline)) static void write_odd(const char *text, size_t size) {
    lines[1] = __LINE__ + 1;
    if (write(STDOUT_FILENO, text, size) < 0) {
        exit(1);
    }
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : -1;
    int output = dup(STDOUT_FILENO);
    int null = open("/dev/null", O_WRONLY);
    if (output < 0 || dup2(null, STDOUT_FILENO) < 0) {
        return 1;
    }
    for (long i = 0; i != count && access("stop", F_OK) != 0; i++) {
        char text[32];
        int size = snprintf(text, sizeof(text), "%ld\n", i);
        (i % 2 ? write_odd : write_even)(text, (size_t)size);
    }
    dprintf(output, "lines %d %d\n", lines[0], lines[1]);
    return 0;
}
