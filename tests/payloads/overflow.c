/* SPDX-License-Identifier: MIT
 * Calls that do not stop, while the tracer does:
 *
 *     overflow CALLS [goes-on]
 *
 * stops its parent, calls getppid(2) so often, and ends, or first lets its parent go on and says "over". Nothing
 * between needs an answer. */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    static const char over[] = "over\n";
    if (argc < 2) {
        return 2;
    }
    long calls = atol(argv[1]);
    pid_t tracer = getppid();
    kill(tracer, SIGSTOP);
    for (long i = 0; i < calls; i++) {
        syscall(SYS_getppid);
    }
    if (argc > 2) {
        kill(tracer, SIGCONT);
        return write(STDOUT_FILENO, over, sizeof(over) - 1) < 0;
    }
    return 0;
}
