/* SPDX-License-Identifier: MIT */
#include "anti_patterns.h"

#include <string.h>

/* ------------------------------------------------------------------- TightLoop */

static bool is_same_step(const struct loop_step *a, const struct loop_step *b) {
    return a->name == b->name && a->descriptor == b->descriptor;
}

static bool is_same_block(const struct loop *a, const struct loop *b) {
    if (a->period != b->period) {
        return false;
    }
    for (unsigned i = 0; i < a->period; i++) {
        if (!is_same_step(&a->block[i], &b->block[i])) {
            return false;
        }
    }
    return true;
}

/* Keep it with those that are named: added to one of the same calls, or in the place of a smaller one. */
static void keep_loop(struct loop_detector *detector, const struct loop *loop) {
    size_t at = 0;
    while (at < detector->loop_count && !is_same_block(&detector->loops[at], loop)) {
        at++;
    }
    if (at < detector->loop_count) {
        detector->loops[at].calls += loop->calls;
        detector->loops[at].times += loop->times;
        detector->loops[at].last_line = loop->last_line;
    } else if (detector->loop_count < LOOPS_KEPT) {
        detector->loops[detector->loop_count++] = *loop;
    } else {
        at = LOOPS_KEPT - 1;
        if (loop->calls <= detector->loops[at].calls) {
            return;
        }
        detector->loops[at] = *loop;
    }
    for (; at > 0 && detector->loops[at].calls > detector->loops[at - 1].calls; at--) {
        struct loop larger = detector->loops[at];
        detector->loops[at] = detector->loops[at - 1];
        detector->loops[at - 1] = larger;
    }
}

/* A repetition has ended with the call before number detector->calls. */
static void end_run(struct loop_detector *detector, unsigned period) {
    struct loop_run *run = &detector->runs[period - 1];
    uint64_t end = detector->calls;
    uint64_t from = run->start > detector->covered ? run->start : detector->covered;
    uint64_t length = end - run->start;
    bool is_loop = run->repeats > 0 && length >= LOOP_CALLS_MIN;
    run->repeats = 0;
    /* A loop of one call is one of two calls as well: it counts once. Two loops can share a few calls where one goes
     * over into the other. */
    if (!is_loop || end <= from || (end - from) * 2 < length) {
        return;
    }
    detector->in_loops += end - from;
    detector->covered = end;
    detector->longest = length > detector->longest ? length : detector->longest;
    struct loop loop = {.period = period,
                        .calls = end - from,
                        .times = length / period,
                        .first_line = run->start_line,
                        .last_line = detector->lines[(end - 1) % LOOP_BLOCK_MAX]};
    for (unsigned i = 0; i < period; i++) {
        /* The block as the loop began with it, from the calls that it ended with. */
        uint64_t number = end - period + (i + period - length % period) % period;
        loop.block[i] = detector->recent[number % LOOP_BLOCK_MAX];
    }
    keep_loop(detector, &loop);
}

static void end_all_runs(struct loop_detector *detector) {
    for (unsigned period = 1; period <= LOOP_BLOCK_MAX; period++) {
        end_run(detector, period);
    }
    detector->known = 0;
}

/* Whether a call ends all repetitions. On a busy machine any call can take long: one among many does not count. */
static bool gets_on(struct loop_detector *detector, const struct loop_step *step) {
    if (!step->name) {
        return true;
    }
    if (!step->waited) {
        detector->quick++;
        return false;
    }
    bool is_one_of_many = detector->quick >= LOOP_QUICK_MIN;
    detector->quick = 0;
    return !is_one_of_many;
}

void loop_detector_call(struct loop_detector *detector, const struct loop_step *step, uint64_t line) {
    uint64_t number = detector->calls;
    if (gets_on(detector, step)) {
        end_all_runs(detector);
        detector->calls++;
        return;
    }
    for (unsigned period = 1; period <= LOOP_BLOCK_MAX; period++) {
        struct loop_run *run = &detector->runs[period - 1];
        const struct loop_step *before = &detector->recent[(number - period) % LOOP_BLOCK_MAX];
        if (period > detector->known || !is_same_step(step, before)) {
            end_run(detector, period);
            continue;
        }
        if (run->repeats++ == 0) {
            run->start = number - period;
            run->start_line = detector->lines[run->start % LOOP_BLOCK_MAX];
        }
    }
    detector->recent[number % LOOP_BLOCK_MAX] = *step;
    detector->lines[number % LOOP_BLOCK_MAX] = line;
    detector->known += detector->known < LOOP_BLOCK_MAX;
    detector->calls++;
}

void loop_detector_end(struct loop_detector *detector) {
    end_all_runs(detector);
}

double loop_detector_score(const struct loop_detector *detector) {
    if (detector->calls == 0) {
        return 0;
    }
    double length = (double)detector->longest / LOOP_CALLS_FULL;
    return (double)detector->in_loops / (double)detector->calls * (length < 1 ? length : 1);
}

/* ------------------------------------------------------------------ GodProcess */

void process_shares_add(struct process_shares *shares, const struct busy_process *process) {
    if (process->calls == 0) {
        return;
    }
    shares->processes++;
    shares->calls += process->calls;
    size_t at = shares->count;
    while (at > 0 && process->calls > shares->busiest[at - 1].calls) {
        at--;
    }
    if (at == BUSY_PROCESSES_KEPT) {
        return;
    }
    shares->count += shares->count < BUSY_PROCESSES_KEPT;
    memmove(&shares->busiest[at + 1], &shares->busiest[at], (shares->count - at - 1) * sizeof(*process));
    shares->busiest[at] = *process;
}

double process_shares_score(const struct process_shares *shares) {
    return shares->processes < 2 ? 0 : shares->busiest[0].calls / shares->calls;
}
