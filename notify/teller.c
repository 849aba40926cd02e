/* SPDX-License-Identifier: MIT */
#include "teller.h"

#include "clock.h"
#include "program_maps.h"
#include "record.h"
#include "registers.h"

#include <string.h>
#include <sys/wait.h>

/* An event of this thread, to be completed and committed; NULL if nobody listens. */
static struct feed_entry *tell(struct teller *teller, const struct tracee *tracee, enum kernel_event_kind kind,
                               uint64_t time) {
    if (teller->notes_only || tracee->silent || !teller->awake) {
        return NULL;
    }
    struct feed_entry *entry = feed_reserve(&teller->feed);
    if (entry) {
        entry->event = (struct kernel_event){.kind = kind, .pid = tracee->pid, .tid = tracee->tid, .time = time};
    }
    return entry;
}

static void add_note(struct feed_entry *entry, enum note_kind kind, const struct tracee *tracee) {
    entry->has_note = true;
    entry->note = (struct note){.kind = (uint8_t)kind,
                                .arch = (uint8_t)tracee->arch,
                                .tid = tracee->tid,
                                .pid = tracee->pid,
                                .number = tracee->number,
                                .id = tracee->id};
    memcpy(entry->note.args, tracee->args, sizeof(tracee->args));
}

static enum arch layout_of(const struct tracee *tracee) {
    return syscall_layout(tracee->arch, tracee->number);
}

static bool wants_outputs(const struct teller *teller, const struct tracee *tracee) {
    const struct capture_options *capture = teller->capture;
    return tracee->row && (capture_has_outputs(tracee->row, capture) || capture_needs_result(tracee->row, capture));
}

/* With what it takes to unwind it. 32-bit code is not unwound. */
static void add_stack(const struct teller *teller, const struct tracee *tracee, struct feed_entry *entry) {
    struct registers registers;
    if (!registers_read(tracee->tid, &registers)) {
        return;
    }
    struct stack_sample *sample = feed_tail(entry);
    *sample = (struct stack_sample){.is_32_bit = registers_are_32_bit(&registers)};
    registers_for_unwinding(&registers, sample->registers);
    struct iovec local = {.iov_base = sample + 1, .iov_len = teller->stack_bytes};
    struct iovec remote = {.iov_base = (void *)(uintptr_t)sample->registers[STACK_REGISTER_SP],
                           .iov_len = teller->stack_bytes};
    ssize_t copied = sample->is_32_bit ? 0 : teller->memory->read(teller->memory, tracee->tid, &local, &remote, 1);
    sample->size = copied > 0 ? (uint32_t)copied & ~UINT32_C(7) : 0;
    sample->cut = copied > 0 && (size_t)copied == teller->stack_bytes;
    entry->tail_size = (uint32_t)stack_sample_size(sample);
}

void teller_enter(struct teller *teller, struct tracee *tracee, bool stack) {
    const struct capture_options *capture = teller->capture;
    struct feed_entry *entry = feed_reserve(&teller->feed);
    if (!entry) {
        return;
    }
    bool outputs = wants_outputs(teller, tracee);
    tracee->kept_size = 0;
    if (teller->notes_only || outputs || tracee->arch != ARCH_X86_64 ||
        (tracee->row && capture_needed(tracee->row, capture))) {
        add_note(entry, NOTE_CALL, tracee);
        entry->note.more = outputs;
        if (tracee->row) {
            entry->note.captures_size =
                (uint32_t)capture_call(tracee->row, layout_of(tracee), tracee->args, teller->memory, tracee->tid,
                                       capture, feed_captures(entry));
            tracee->kept_size = (uint32_t)capture_keep(tracee->row, tracee->args, feed_captures(entry),
                                                       entry->note.captures_size, tracee->kept);
        }
    }
    entry->event = (struct kernel_event){
        .kind = KERNEL_ENTER, .pid = tracee->pid, .tid = tracee->tid, .enter = {.number = tracee->number}};
    memcpy(entry->event.enter.args, tracee->args, sizeof(tracee->args));
    if (stack && teller->stack_bytes) {
        add_stack(teller, tracee, entry);
    }
    /* The call's own time begins when it goes on; and a note is older than its call. */
    entry->event.time = monotonic_now();
    entry->note.time = entry->event.time - 1;
    feed_commit(&teller->feed, entry);
}

void teller_exit(struct teller *teller, const struct tracee *tracee, int64_t result, uint64_t now) {
    const struct capture_options *capture = teller->capture;
    bool outputs = wants_outputs(teller, tracee);
    struct feed_entry *entry = !teller->notes_only || outputs ? feed_reserve(&teller->feed) : NULL;
    if (!entry) {
        return;
    }
    if (outputs) {
        add_note(entry, NOTE_OUTPUTS, tracee);
        entry->note.time = now;
        void *captures = feed_captures(entry);
        size_t size = capture_outputs(tracee->row, layout_of(tracee), tracee->args, result, teller->memory, tracee->tid,
                                      capture, tracee->kept, tracee->kept_size, captures, 0);
        if (result >= 0 && capture_needs_result(tracee->row, capture) &&
            row_returns_descriptor(tracee->row, tracee->args)) {
            size = capture_add_descriptor(captures, size, CAPTURE_RESULT, tracee->tid, (int)result, capture->detail);
        }
        entry->note.captures_size = (uint32_t)size;
    }
    entry->event = (struct kernel_event){.kind = KERNEL_EXIT,
                                         .pid = tracee->pid,
                                         .tid = tracee->tid,
                                         .time = now,
                                         .exit = {.number = tracee->number, .result = result}};
    feed_commit(&teller->feed, entry);
}

void teller_birth(struct teller *teller, const struct tracee *tracee, const struct tracee *parent) {
    struct feed_entry *entry = tell(teller, tracee, KERNEL_FORK, monotonic_now());
    if (entry) {
        entry->event.fork.parent_pid = parent ? parent->pid : 0;
        entry->event.fork.parent_tid = parent ? parent->tid : 0;
        feed_commit(&teller->feed, entry);
    }
}

void teller_exec(struct teller *teller, const struct tracee *tracee) {
    bool told = !tracee->silent && teller->awake && (teller->maps || !teller->notes_only);
    struct feed_entry *entry = told ? feed_reserve(&teller->feed) : NULL;
    if (!entry) {
        return;
    }
    entry->event =
        (struct kernel_event){.kind = KERNEL_EXEC, .pid = tracee->pid, .tid = tracee->tid, .time = monotonic_now()};
    if (teller->maps) {
        entry->has_note = true;
        entry->note = (struct note){
            .kind = NOTE_MAPS, .arch = ARCH_X86_64, .tid = tracee->tid, .pid = tracee->pid, .time = entry->event.time};
        entry->note.captures_size = (uint32_t)program_maps_read(tracee->pid, feed_captures(entry));
    }
    feed_commit(&teller->feed, entry);
}

struct code_telling {
    struct teller *teller;
    const struct tracee *tracee;
    uint64_t time;
    bool opens;
};

static void tell_mapping(void *context, const struct mapping *mapping) {
    const struct code_telling *telling = context;
    struct teller *teller = telling->teller;
    struct feed_entry *entry = tell(teller, telling->tracee, KERNEL_MAPPING, telling->time);
    if (!entry) {
        return;
    }
    struct mapping *copy = feed_tail(entry);
    memcpy(copy, mapping, offsetof(struct mapping, path) + mapping->path_size);
    copy->file = telling->opens ? mapped_file_open(teller->seen, telling->tracee->tid, copy) : -1;
    entry->tail_size = (uint32_t)mapping_size(copy);
    feed_commit(&teller->feed, entry);
}

void teller_code(struct teller *teller, const struct tracee *tracee, struct code_range range) {
    if (!teller->stack_bytes || tracee->silent || !teller->awake) {
        return;
    }
    bool opens = !atomic_load_explicit(teller->supplies, memory_order_relaxed);
    struct code_telling telling = {.teller = teller, .tracee = tracee, .time = monotonic_now(), .opens = opens};
    /* What cannot be read is not known: frames there have no file. */
    (void)code_maps_read(tracee->tid, range, opens, tell_mapping, &telling);
}

/* The thread was killed, perhaps before the call has run of which its note tells. */
static void cancel_call(struct teller *teller, const struct tracee *tracee) {
    struct feed_entry *entry = tracee->in_call && tracee->recorded ? feed_reserve(&teller->feed) : NULL;
    if (entry) {
        add_note(entry, NOTE_CANCELLED, tracee);
        entry->event = (struct kernel_event){.kind = KERNEL_END, .pid = tracee->pid, .tid = tracee->tid};
        feed_commit(&teller->feed, entry);
    }
}

void teller_end(struct teller *teller, const struct tracee *tracee, int status) {
    if (teller->notes_only) {
        cancel_call(teller, tracee);
        return;
    }
    struct feed_entry *entry = tell(teller, tracee, KERNEL_END, monotonic_now());
    if (entry) {
        bool killed = WIFSIGNALED(status);
        entry->event.end.manner = killed ? END_KILLED : END_EXITED;
        entry->event.end.code = killed ? WTERMSIG(status) : WEXITSTATUS(status);
        feed_commit(&teller->feed, entry);
    }
}

void teller_signal(struct teller *teller, const struct tracee *tracee, const siginfo_t *info, uint64_t handler) {
    struct feed_entry *entry = tell(teller, tracee, KERNEL_SIGNAL, monotonic_now());
    if (!entry) {
        return;
    }
    bool by_hand = info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE;
    entry->event.signal.number = info->si_signo;
    entry->event.signal.error = info->si_errno;
    entry->event.signal.code = info->si_code;
    entry->event.signal.handler = handler;
    entry->event.signal.sender = by_hand ? info->si_pid : 0;
    feed_commit(&teller->feed, entry);
}
