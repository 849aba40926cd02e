/* SPDX-License-Identifier: MIT
 *
 * Calls that a signal interrupts before they are received, and the frames of its handlers, where they are mended.
 */
#ifndef RENACER_TESTS_FAKE_INTERRUPTIONS_H
#define RENACER_TESTS_FAKE_INTERRUPTIONS_H

#include "fake_collector.h"
#include "handover.h"

#include <sys/syscall.h>

enum {
    FRAME = 0x7ffd0000, /* where the signal frames of mended calls lie */
};

/* Where an interrupted call would go on. */
struct place {
    uint64_t ip;
    uint64_t sp;
};

static const struct place outer = {0x401002, 0x7fff1000};
static const struct place inner = {0x402002, 0x7fff0800};

/* An exit whose result can make the call look interrupted comes with registers. */
static inline void exits_at(struct world *world, int32_t tid, uint64_t time, int64_t number, int64_t result,
                            struct place place) {
    struct kernel_event event = event_of(KERNEL_EXIT, tid, time);
    event.exit.number = number;
    event.exit.result = result;
    event.exit.has_registers = true;
    event.exit.ip = place.ip;
    event.exit.sp = place.sp;
    collector_event(world->collector, &event);
}

/* A signal hit the call before it was received. */
static inline void is_interrupted(struct world *world, int32_t tid, uint64_t time, int64_t number, struct place place) {
    exits_at(world, tid, time, number, -KERNEL_ERESTARTSYS, place);
}

/* A sigreturn waits, whose frame goes on at `place` with EINTR. Its id is its time. */
static inline void asks(struct world *world, int32_t tid, uint64_t time, struct place place) {
    if (!fake_page_of(&world->memory, FRAME)) {
        fake_map(&world->memory, FRAME, FAKE_PAGE);
    }
    fake_put_word(&world->memory, FRAME + 0x90, (uint64_t)-EINTR, 8);
    fake_put_word(&world->memory, FRAME + 0xa8, place.ip, 8);
    struct note note = note_of(tid, time, SYS_rt_sigreturn);
    note.kind = NOTE_QUESTION;
    note.frame = (struct repair_frame){.arch = ARCH_X86_64,
                                       .width = 8,
                                       .result_address = FRAME + 0x90,
                                       .ip_address = FRAME + 0xa8,
                                       .ip = place.ip,
                                       .sp = place.sp};
    hand_over(world, note, "");
}

static inline void assert_mended(struct world *world, int64_t number, struct place place) {
    assert_int_equal(fake_word(&world->memory, FRAME + 0x90, 8), number);
    assert_int_equal(fake_word(&world->memory, FRAME + 0xa8, 8), place.ip - 2);
}

static inline void assert_not_mended(struct world *world, struct place place) {
    assert_int_equal(fake_word(&world->memory, FRAME + 0x90, 8), (uint64_t)-EINTR);
    assert_int_equal(fake_word(&world->memory, FRAME + 0xa8, 8), place.ip);
    assert_int_equal(world->memory.writes, 0);
}

#endif
