/* SPDX-License-Identifier: MIT */
#include "kick.h"

#include <errno.h>
#include <signal.h>

static void on_kick(int number) {
    (void)number;
}

int kick_install(void) {
    struct sigaction action = {.sa_handler = on_kick}; /* without SA_RESTART, which is the point */
    return sigaction(SIGRTMIN, &action, NULL) < 0 ? -errno : 0;
}

void kick_accept(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void kick_thread(pthread_t thread) {
    pthread_kill(thread, SIGRTMIN);
}
