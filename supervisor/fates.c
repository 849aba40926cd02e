/* SPDX-License-Identifier: MIT */
#include "fates.h"

#include <signal.h>

static uint32_t place_of(int32_t pid) {
    return (uint32_t)pid % FATES_MAX;
}

bool fates_decide(struct fates *fates, int32_t pid, enum end_manner manner, int32_t code) {
    struct fate *fate = &fates->fates[place_of(pid)];
    if (fate->pid == pid) {
        return false;
    }
    *fate = (struct fate){.pid = pid, .end = {.manner = (uint8_t)manner, .code = code}};
    return true;
}

struct end_record fates_end(const struct fates *fates, int32_t pid) {
    const struct fate *fate = &fates->fates[place_of(pid)];
    return fate->pid == pid ? fate->end : (struct end_record){.manner = END_UNKNOWN};
}

void fates_forget(struct fates *fates, int32_t pid) {
    struct fate *fate = &fates->fates[place_of(pid)];
    if (fate->pid == pid) {
        *fate = (struct fate){0};
    }
}

void fates_send(struct fates *fates, int32_t pid, const struct signal_record *signal) {
    fates->sent[place_of(pid)] = (struct sent_signal){.pid = pid, .signal = *signal};
}

/* Take the signal out that is on its way to the process, if it is known. */
static struct signal_record take_sent(struct fates *fates, int32_t pid) {
    struct sent_signal *sent = &fates->sent[place_of(pid)];
    struct signal_record signal = {0};
    if (sent->pid == pid) {
        signal = sent->signal;
        *sent = (struct sent_signal){0};
    }
    return signal;
}

/* Only a signal that was sent by hand names its sender (sigaction(2)). */
static int32_t sender_by_hand(const struct signal_record *signal) {
    return signal->code == SI_USER || signal->code == SI_TKILL || signal->code == SI_QUEUE ? signal->sender : 0;
}

int32_t fates_sender(struct fates *fates, int32_t pid, int32_t number, int32_t code) {
    const struct sent_signal *sent = &fates->sent[place_of(pid)];
    if (sent->pid != pid || sent->signal.number != number || sent->signal.code != code) {
        return 0;
    }
    struct signal_record signal = take_sent(fates, pid);
    return sender_by_hand(&signal);
}

bool fates_kill(struct fates *fates, int32_t pid, struct signal_record *signal) {
    *signal = take_sent(fates, pid);
    bool known = signal->number && signal_is_fatal(signal->number);
    bool decided = fates_decide(fates, pid, END_KILLED, known ? signal->number : 0);
    signal->sender = sender_by_hand(signal);
    return decided && known;
}

bool signal_is_fatal(int32_t number) {
    switch (number) {
    case SIGCHLD:
    case SIGURG:
    case SIGWINCH:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return false;
    default:
        return true;
    }
}
