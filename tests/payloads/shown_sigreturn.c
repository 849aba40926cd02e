/* SPDX-License-Identifier: MIT
 *
 * The return from a handler, as it is shown: see shown.h.
 */
#include "shown.h"

#include <signal.h>

static void handle(int number) {
    (void)number;
}

int main(void) {
    shown_calls("rt_sigreturn");
    signal(SIGUSR1, handle);
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    raise(SIGUSR1);
    shown(0, "rt_sigreturn({mask=[]})");
    sigaddset(&set, SIGHUP);
    sigaddset(&set, 64);
    sigprocmask(SIG_SETMASK, &set, NULL);
    kill(getpid(), SIGUSR1);
    shown(0, "rt_sigreturn({mask=[HUP RT_32]})");
    return 0;
}
