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

void fates_send(struct fates *fates, int32_t pid, int32_t target, const struct signal_record *signal) {
    struct sent_signals *sent = &fates->sent[place_of(pid)];
    sent->each[sent->next] = (struct sent_signal){.pid = pid, .target = target, .signal = *signal};
    sent->next = (sent->next + 1) % FATES_SENT;
}

/* The oldest one on its way to the process with this number and code, or NULL. */
static struct sent_signal *find_sent(struct fates *fates, int32_t pid, int32_t number, int32_t code) {
    struct sent_signals *sent = &fates->sent[place_of(pid)];
    for (unsigned i = 0; i < FATES_SENT; i++) {
        struct sent_signal *one = &sent->each[(sent->next + i) % FATES_SENT];
        if (one->pid == pid && one->signal.number == number && one->signal.code == code) {
            return one;
        }
    }
    return NULL;
}

/* The newest fatal one on its way to the process, or NULL. */
static const struct sent_signal *find_fatal(const struct fates *fates, int32_t pid) {
    const struct sent_signals *sent = &fates->sent[place_of(pid)];
    for (unsigned i = FATES_SENT; i-- > 0;) {
        const struct sent_signal *one = &sent->each[(sent->next + i) % FATES_SENT];
        if (one->pid == pid && signal_is_fatal(one->signal.number)) {
            return one;
        }
    }
    return NULL;
}

/* Nothing is on its way to the process any more. */
static void drop_sent(struct fates *fates, int32_t pid) {
    struct sent_signals *sent = &fates->sent[place_of(pid)];
    for (unsigned i = 0; i < FATES_SENT; i++) {
        if (sent->each[i].pid == pid) {
            sent->each[i] = (struct sent_signal){0};
        }
    }
}

/* Only a signal that was sent by hand names its sender (sigaction(2)). */
static int32_t sender_by_hand(const struct signal_record *signal) {
    return signal->code == SI_USER || signal->code == SI_TKILL || signal->code == SI_QUEUE ? signal->sender : 0;
}

int32_t fates_sender(struct fates *fates, int32_t pid, int32_t number, int32_t code) {
    struct sent_signal *sent = find_sent(fates, pid, number, code);
    int32_t sender = sent ? sender_by_hand(&sent->signal) : 0;
    if (sent) {
        *sent = (struct sent_signal){0};
    }
    return sender;
}

int32_t fates_target(const struct fates *fates, int32_t pid) {
    const struct sent_signal *fatal = find_fatal(fates, pid);
    return fatal ? fatal->target : 0;
}

bool fates_kill(struct fates *fates, int32_t pid, bool here, struct signal_record *signal) {
    const struct sent_signal *fatal = find_fatal(fates, pid);
    *signal = fatal ? fatal->signal : (struct signal_record){0};
    signal->sender = sender_by_hand(signal);
    fates_decide(fates, pid, END_KILLED, signal->number);
    struct end_record end = fates_end(fates, pid);
    bool is_cause = fatal && end.manner == END_KILLED && end.code == signal->number;
    if (here || !is_cause) {
        drop_sent(fates, pid);
    }
    return here && is_cause;
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
