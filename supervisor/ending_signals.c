/* SPDX-License-Identifier: MIT */
#include "ending_signals.h"

#include "cleanup.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

int ending_signals_begin(struct ending_signals *signals) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
        struct sigaction old;
        /* What our caller has us ignore stays ignored. */
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaddset(&set, ending[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    /* A report that nobody reads is an error like others. */
    signal(SIGPIPE, SIG_IGN);
    signals->got = 0;
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return signals->fd < 0 ? -errno : 0;
}

bool ending_signals_came(struct ending_signals *signals) {
    struct signalfd_siginfo info;
    while (read(signals->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        signals->got = signals->got ? signals->got : (int)info.ssi_signo;
    }
    return signals->got != 0;
}

void ending_signals_end(struct ending_signals *signals) {
    ending_signals_came(signals);
    close_fd(&signals->fd);
    if (signals->got) {
        signal(signals->got, SIG_DFL);
        raise(signals->got);
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signals->got);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
}
