/* SPDX-License-Identifier: MIT */
#include "profile_calls.h"

#include "cleanup.h"
#include "memory_guard.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum {
    NUMBERS = 548, /* x32 has the greatest */
};

static const struct architecture {
    uint32_t token; /* libseccomp's */
    enum arch arch;
    int first; /* number */
} architectures[] = {
    {SCMP_ARCH_X86_64, ARCH_X86_64, 0},
    {SCMP_ARCH_X86, ARCH_I386, 0},
    {SCMP_ARCH_X32, ARCH_X86_64, X32_BIT},
};

/* Of calls that run through, some stop for one value of an argument: what the launcher's own filter stops for as well
 * (notify/filter.c). */
static const struct one_value {
    const char *name;
    struct profile_condition value;
} one_values[] = {
    {"ioctl", {1, PROFILE_MASKED_EQ, UINT32_MAX, USERFAULTFD_NEW}},
    {"prctl", {0, PROFILE_MASKED_EQ, UINT32_MAX, PR_SET_SECCOMP}},
};

/* The call of this name, or of this row where libseccomp knows no name; a new one if there is none. NULL: no memory. */
static struct profile_call *get_call(struct profile_calls *calls, const char *name, const char *row_name) {
    for (size_t i = 0; i < calls->count; i++) {
        struct profile_call *call = &calls->calls[i];
        if (name ? call->name && strcmp(call->name, name) == 0 : !call->name && strcmp(call->row_name, row_name) == 0) {
            return call;
        }
    }
    struct profile_call *grown = reallocarray(calls->calls, calls->count + 1, sizeof(*grown));
    if (!grown) {
        return NULL;
    }
    calls->calls = grown;
    struct profile_call *call = &grown[calls->count];
    *call = (struct profile_call){.name = name ? strdup(name) : NULL, .row_name = row_name};
    if (name && !call->name) {
        return NULL;
    }
    calls->count++;
    return call;
}

static bool is_notified(const struct filter_options *options, enum arch arch, int number,
                        const struct syscall_row *row) {
    bool by_name = !options->notify_all && row->number[ARCH_X86_64] >= 0;
    enum filter_action action =
        by_name ? filter_action(options, ARCH_X86_64, row->number[ARCH_X86_64]) : filter_action(options, arch, number);
    return action == FILTER_NOTIFY || action == FILTER_NOTIFY_TO_READ;
}

static int look_at(struct profile_calls *calls, const struct filter_options *options,
                   const struct architecture *architecture, int number) {
    const struct syscall_row *row = syscall_row(architecture->arch, number);
    if (!row) {
        return 0;
    }
    bool chosen = selection_has(options->selection, architecture->arch, number);
    bool notified = is_notified(options, architecture->arch, number, row);
    const struct one_value *one = NULL;
    for (size_t i = 0; i < sizeof(one_values) / sizeof(one_values[0]); i++) {
        one = strcmp(one_values[i].name, row->name) == 0 ? &one_values[i] : one;
    }
    if (!chosen && !notified && !one) {
        return 0;
    }
    auto_free char *name = seccomp_syscall_resolve_num_arch(architecture->token, number);
    struct profile_call *call = get_call(calls, name, row->name);
    if (!call) {
        return -ENOMEM;
    }
    call->chosen |= chosen;
    call->notified |= notified;
    if (one) {
        call->notified_for_one = true;
        call->value = one->value;
    }
    return 0;
}

/* A call that libseccomp knows on one architecture alone is known. */
static void drop_known(struct profile_calls *calls) {
    size_t kept = 0;
    for (size_t i = 0; i < calls->count; i++) {
        struct profile_call call = calls->calls[i];
        bool known = false;
        for (size_t j = 0; j < calls->count && !call.name; j++) {
            known |= calls->calls[j].name && strcmp(calls->calls[j].row_name, call.row_name) == 0;
        }
        if (!known) {
            calls->calls[kept++] = call;
        }
    }
    calls->count = kept;
}

int profile_calls_find(struct profile_calls *calls, const struct filter_options *options) {
    *calls = (struct profile_calls){0};
    for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]); i++) {
        const struct architecture *architecture = &architectures[i];
        for (int number = architecture->first; number < architecture->first + NUMBERS; number++) {
            int status = look_at(calls, options, architecture, number);
            if (status < 0) {
                return status;
            }
        }
    }
    drop_known(calls);
    return 0;
}

void profile_calls_finish(struct profile_calls *calls) {
    for (size_t i = 0; i < calls->count; i++) {
        free(calls->calls[i].name);
    }
    free(calls->calls);
    *calls = (struct profile_calls){0};
}
