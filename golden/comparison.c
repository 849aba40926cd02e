/* SPDX-License-Identifier: MIT */
#include "comparison.h"

#include "printable.h"
#include "text.h"
#include "trace_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int copy_string(char **to, const char *from) {
    *to = from ? strdup(from) : NULL;
    return from && !*to ? -ENOMEM : 0;
}

static void difference_finish(struct difference *difference) {
    free(difference->subject);
    free(difference->hunk);
    for (enum side side = 0; side < SIDES; side++) {
        free(difference->detail[side]);
    }
}

int comparison_add(struct comparison *comparison, const struct difference *difference) {
    if (comparison->difference_count == DIFFERENCES_MAX) {
        comparison->differences_left_out++;
        return 0;
    }
    if (!comparison->differences) {
        comparison->differences = calloc(DIFFERENCES_MAX, sizeof(*comparison->differences));
        if (!comparison->differences) {
            return -ENOMEM;
        }
    }
    struct difference *kept = &comparison->differences[comparison->difference_count];
    *kept = *difference;
    int status = copy_string(&kept->subject, difference->subject);
    int hunk_copied = copy_string(&kept->hunk, difference->hunk);
    status = status < 0 ? status : hunk_copied;
    for (enum side side = 0; side < SIDES; side++) {
        int copied = copy_string(&kept->detail[side], difference->detail[side]);
        status = status < 0 ? status : copied;
    }
    if (status < 0) {
        difference_finish(kept);
        return status;
    }
    comparison->difference_count++;
    return 0;
}

int comparison_take_end(struct comparison *comparison, enum side side, const struct trace_reader *reader) {
    const struct trace_bytes *filter = &trace_reader_head(reader)->filter;
    comparison->cut[side] = trace_reader_was_cut(reader);
    comparison->lost[side] = trace_reader_lost(reader);
    if (!filter->bytes) {
        return 0;
    }
    struct text shown = {0};
    printable_add(&shown, filter->bytes, filter->size, false);
    free(comparison->filter[side]);
    comparison->filter[side] = shown.failed ? NULL : shown.bytes;
    if (shown.failed) {
        text_finish(&shown);
        return -ENOMEM;
    }
    return 0;
}

bool comparison_same_filter(const struct comparison *comparison) {
    const char *golden = comparison->filter[SIDE_GOLDEN];
    const char *new = comparison->filter[SIDE_NEW];
    return golden && new ? strcmp(golden, new) == 0 : golden == new;
}

static bool is_named(const struct trace_call *call, const char *name) {
    return call->name.bytes && strcmp(call->name.bytes, name) == 0;
}

/* The end of the heap that brk has returned: an address, or in a golden trace "heap+0x21000". */
static bool heap_end(const struct trace_call *call, uint64_t *end) {
    if (call->has_result) {
        *end = (uint64_t)call->result;
        return call->result > 0;
    }
    static const char heap[] = "heap";
    const char *name = call->result_ref.bytes;
    if (!name || strncmp(name, heap, sizeof(heap) - 1) != 0) {
        return false;
    }
    const char *offset = name + sizeof(heap) - 1;
    *end = (uint64_t)1 + (*offset == '+' ? strtoull(offset + 1, NULL, 16) : 0);
    return true;
}

static uint64_t heap_growth(struct trace_cost *cost, const struct trace_call *call) {
    uint64_t end;
    if (!heap_end(call, &end)) {
        return 0;
    }
    size_t place = (uint64_t)call->pid % COST_PROCESSES;
    bool is_known = cost->heaps[place].end && cost->heaps[place].pid == call->pid;
    uint64_t before = cost->heaps[place].end;
    cost->heaps[place].pid = call->pid;
    cost->heaps[place].end = end;
    return is_known && end > before ? end - before : 0;
}

/* A new program has a heap of its own, somewhere else. */
static void forget_heap(struct trace_cost *cost, const struct trace_call *call) {
    size_t place = (uint64_t)call->pid % COST_PROCESSES;
    if (cost->heaps[place].pid == call->pid) {
        cost->heaps[place].end = 0;
    }
}

void trace_cost_add(struct trace_cost *cost, const struct trace_call *call) {
    cost->calls++;
    if (call->has_duration) {
        cost->has_time = true;
        cost->time_ns += call->duration_ns;
    }
    bool failed = call->error.bytes || (call->has_result && call->result < 0 && call->result >= -4095);
    uint64_t length;
    uint64_t before;
    if (failed) {
        return;
    }
    if ((is_named(call, "mmap") || is_named(call, "mmap2")) && trace_number(call, 1, &length)) {
        cost->mapped_bytes += length;
    } else if (is_named(call, "mremap") && trace_number(call, 1, &before) && trace_number(call, 2, &length)) {
        cost->mapped_bytes += length > before ? length - before : 0;
    } else if (is_named(call, "brk")) {
        cost->mapped_bytes += heap_growth(cost, call);
    } else if (is_named(call, "execve") || is_named(call, "execveat")) {
        forget_heap(cost, call);
    }
}

const char *difference_group_name(enum difference_group group) {
    static const char *const names[] = {[DIFFERENCE_OUTPUT] = "output",
                                        [DIFFERENCE_WRITES] = "writes",
                                        [DIFFERENCE_FILES] = "files",
                                        [DIFFERENCE_OTHER] = "other"};
    return names[group];
}

void comparison_finish(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->difference_count; i++) {
        difference_finish(&comparison->differences[i]);
    }
    for (enum side side = 0; side < SIDES; side++) {
        free(comparison->filter[side]);
        comparison->filter[side] = NULL;
    }
    free(comparison->differences);
    comparison->differences = NULL;
    comparison->difference_count = 0;
}
