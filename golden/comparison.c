/* SPDX-License-Identifier: MIT */
#include "comparison.h"

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

static bool is_named(const struct trace_call *call, const char *name) {
    return call->name.bytes && strcmp(call->name.bytes, name) == 0;
}

void trace_cost_add(struct trace_cost *cost, const struct trace_call *call) {
    cost->calls++;
    if (call->has_duration) {
        cost->has_time = true;
        cost->time_ns += call->duration_ns;
    }
    bool failed = call->has_result && call->result < 0 && call->result >= -4095;
    uint64_t length;
    if ((is_named(call, "mmap") || is_named(call, "mmap2")) && !failed && trace_number(call, 1, &length)) {
        cost->mapped_bytes += length;
    }
}

void comparison_finish(struct comparison *comparison) {
    for (size_t i = 0; i < comparison->difference_count; i++) {
        difference_finish(&comparison->differences[i]);
    }
    free(comparison->differences);
    comparison->differences = NULL;
    comparison->difference_count = 0;
}
