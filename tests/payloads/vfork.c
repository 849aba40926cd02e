/* SPDX-License-Identifier: MIT
 * vfork: once with an exec that works, once with one that fails. */
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    static char present[] = "/bin/true";
    static char absent[] = "/nonexistent/program";
    char *const works[] = {present, NULL};
    char *const fails[] = {absent, NULL};
    for (volatile int i = 0; i < 2; i++) {
        pid_t child = vfork();
        if (child == 0) {
            execv(i ? fails[0] : works[0], i ? fails : works);
            _exit(7);
        }
        int status;
        waitpid(child, &status, 0);
        if (status != (i ? 7 << 8 : 0)) {
            return 1;
        }
    }
    return 0;
}
