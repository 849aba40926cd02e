/* SPDX-License-Identifier: MIT */
#include "ending_signals.h"

#include "cleanup.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Whether it would end us, but for those that cannot wait (SIGKILL), those that say that we are at fault, which end us
 * where that is, and SIGPIPE. */
static bool is_ending(int number) {
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGCONT:
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGPIPE:
    case SIGILL:
    case SIGTRAP:
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGSEGV:
    case SIGSYS:
        return false;
    default:
        /* Between the two are signals of the C library's own. */
        return number < __SIGRTMIN || number >= SIGRTMIN;
    }
}

int ending_signals_begin(struct ending_signals *signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int number = 1; number <= SIGRTMAX; number++) {
        struct sigaction old;
        /* What our caller has us ignore stays ignored. */
        if (is_ending(number) && sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaddset(&set, number);
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
