/* SPDX-License-Identifier: MIT */
#include "filter.h"

#include "cleanup.h"
#include "interruption.h"
#include "memory_guard.h"
#include "repair.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static bool is_named(enum arch arch, int64_t number, const char *name) {
    const struct syscall_row *row = syscall_row(arch, (int)number);
    return row && strcmp(row->name, name) == 0;
}

/* Calls by which programs get hold of memory that must not be read as any other. Of ioctl it is one request. */
static bool always_supplies(enum arch arch, int64_t number) {
    return memory_is_supplied_by(arch, number) && !is_named(arch, number, "ioctl");
}

static bool always_notified(const struct filter_options *options, enum arch arch, int64_t number) {
    const struct syscall_row *row = syscall_row(arch, (int)number);
    /* What earlier results stand for is looked at before it changes. */
    if (row && options->capture->detail != DESCRIPTOR_NONE && row_changes_descriptors(row)) {
        return true;
    }
    if (row && strcmp(row->name, "seccomp") == 0) {
        /* For a listener beside ours, of which the user should know. */
        return true;
    }
    if (always_supplies(arch, number)) {
        return true;
    }
    /* exec: the supervisor follows it. sigreturn: interrupted calls are mended there.
     * exit of another architecture: the tracepoints do not tell which call its number means, or there are none. */
    return (row && (row_is_exec(row) || (syscall_is_foreign(arch, number) && row_is_exit(row)))) ||
           repair_is_sigreturn(arch, number);
}

static enum filter_action notify_action(const struct filter_options *options, enum arch arch, int64_t number) {
    int64_t native = syscall_native_number(arch, number);
    if (native < 0 || native >= SELECTION_NUMBERS) {
        /* Unknown numbers stop only where the tracepoints could not tell the architecture. */
        return options->selection->all && (options->notify_all || arch != ARCH_X86_64) ? FILTER_NOTIFY : FILTER_PASS;
    }
    if (always_notified(options, arch, number)) {
        return FILTER_NOTIFY;
    }
    const struct syscall_row *row = syscall_row(arch, (int)number);
    if (row && options->capture->outputs && interruption_is_silent(row)) {
        return FILTER_TRACE;
    }
    if (!selection_has(options->selection, arch, number)) {
        return options->notify_unchosen ? FILTER_NOTIFY : FILTER_PASS;
    }
    if (row && capture_has_outputs(row, options->capture)) {
        return FILTER_TRACE;
    }
    if (options->notify_all || syscall_is_foreign(arch, number)) {
        return FILTER_NOTIFY;
    }
    if (!row || !capture_needed(row, options->capture)) {
        return FILTER_PASS;
    }
    return capture_trigger_of(row, options->capture).arguments ? FILTER_NOTIFY_TO_READ : FILTER_NOTIFY;
}

/* A filter of the program's own would hide calls from this one; and who uses ptrace is in our way. */
static bool concerns_tracer(const struct syscall_row *row) {
    return strcmp(row->name, "seccomp") == 0 || strcmp(row->name, "prctl") == 0 || strcmp(row->name, "ptrace") == 0;
}

static enum filter_action trace_action(const struct filter_options *options, enum arch arch, int64_t number) {
    const struct syscall_row *row = syscall_row(arch, (int)number);
    bool stops = selection_has(options->selection, arch, number) ||
                 (row && (row_is_exec(row) || concerns_tracer(row))) || always_supplies(arch, number);
    return stops ? FILTER_TRACE : FILTER_PASS;
}

enum filter_action filter_action(const struct filter_options *options, enum arch arch, int64_t number) {
    return options->trace_only ? trace_action(options, arch, number) : notify_action(options, arch, number);
}

static uint32_t seccomp_action(enum filter_action action) {
    switch (action) {
    case FILTER_NOTIFY:
    case FILTER_NOTIFY_TO_READ:
        return SCMP_ACT_NOTIFY;
    case FILTER_TRACE:
        return SCMP_ACT_TRACE(0);
    case FILTER_PASS:
        break;
    }
    return SCMP_ACT_ALLOW;
}

/* Whether some calls stop for a ptracer. */
static bool traces(const struct filter_options *options) {
    return options->trace_only || options->capture->outputs;
}

/* A child that the program does not want to be traced would be left alone with the filter. */
static int add_untraced_rule(scmp_filter_ctx context) {
    return seccomp_rule_add_exact(context, SCMP_ACT_TRACE(0), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_UNTRACED, CLONE_UNTRACED));
}

/* Calls by which a program gets new code stop for the bits of the argument that say so, as far as there are such:
 * code that is moved (mremap) goes where the program says. No stack of another architecture's code is unwound. */
static int add_code_rule(scmp_filter_ctx context, int number) {
    static const struct code_call {
        int number;
        unsigned argument;
        uint64_t bits;
    } calls[] = {
        {SCMP_SYS(mmap), 2, PROT_EXEC},          {SCMP_SYS(mprotect), 2, PROT_EXEC},
        {SCMP_SYS(pkey_mprotect), 2, PROT_EXEC}, {SCMP_SYS(mremap), 3, MREMAP_FIXED},
        {SCMP_SYS(shmat), 2, SHM_EXEC},
    };
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        if (calls[i].number == number) {
            return seccomp_rule_add_exact(
                context, SCMP_ACT_TRACE(0), number, 1,
                SCMP_CMP64(calls[i].argument, SCMP_CMP_MASKED_EQ, calls[i].bits, calls[i].bits));
        }
    }
    return 0;
}

/* Of calls that run through, some stop for one value of an argument: ioctl for a new userfaultfd, prctl for what our
 * filter does not let it do (PR_SET_SECCOMP). */
static int add_value_rule(scmp_filter_ctx context, const struct filter_options *options, enum arch arch, int number) {
    enum filter_action action = filter_action(options, arch, number);
    bool runs = action == FILTER_PASS || action == FILTER_NOTIFY_TO_READ;
    uint32_t stop = options->trace_only ? SCMP_ACT_TRACE(0) : SCMP_ACT_NOTIFY;
    if (runs && is_named(arch, number, "ioctl")) {
        return seccomp_rule_add(context, stop, SCMP_SYS(ioctl), 1,
                                SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, USERFAULTFD_NEW));
    }
    if (runs && is_named(arch, number, "prctl")) {
        return seccomp_rule_add(context, stop, SCMP_SYS(prctl), 1,
                                SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, PR_SET_SECCOMP));
    }
    return 0;
}

/* Only calls for which something is there to be read. */
static int add_reading_rules(scmp_filter_ctx context, const struct filter_options *options, int number) {
    struct capture_trigger trigger = capture_trigger_of(syscall_row(ARCH_X86_64, number), options->capture);
    int status = 0;
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS && status == 0; i++) {
        if (trigger.arguments >> i & 1) {
            status =
                seccomp_rule_add_exact(context, SCMP_ACT_NOTIFY, number, 1, SCMP_CMP64(i, SCMP_CMP_GE, trigger.least));
        }
    }
    return status;
}

/* Rules for x86-64; libseccomp takes native numbers as they are. */
static int add_native_rules(scmp_filter_ctx context, const struct filter_options *options) {
    int vmsplice = SCMP_SYS(vmsplice);
    for (int number = 0; number < SELECTION_NUMBERS; number++) {
        enum filter_action what = filter_action(options, ARCH_X86_64, number);
        uint32_t action = seccomp_action(what);
        bool maps_code = options->trace_only && options->new_code && what == FILTER_PASS;
        bool only_untraced = number == SCMP_SYS(clone) && action == SCMP_ACT_ALLOW && traces(options);
        int status = add_value_rule(context, options, ARCH_X86_64, number);
        if (status == 0 && maps_code) {
            status = add_code_rule(context, number);
        }
        if (status < 0) {
            return status;
        }
        if (action == SCMP_ACT_ALLOW && !only_untraced) {
            continue;
        }
        if (only_untraced) {
            status = add_untraced_rule(context);
        } else if (what == FILTER_NOTIFY_TO_READ && number != vmsplice) {
            status = add_reading_rules(context, options, number);
        } else if (number != vmsplice || options->trace_only) {
            status = seccomp_rule_add_exact(context, action, number, 0);
        } else { /* the supervisor's own runs through, whatever else is read of it */
            status = seccomp_rule_add_exact(context, action, number, 1, SCMP_A4(SCMP_CMP_NE, options->secret[0]));
            if (status == 0) {
                status = seccomp_rule_add_exact(context, action, number, 2, SCMP_A4(SCMP_CMP_EQ, options->secret[0]),
                                                SCMP_A5(SCMP_CMP_NE, options->secret[1]));
            }
        }
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

/* Another architecture that the filter is for. */
struct foreign_arch {
    uint32_t token; /* libseccomp's */
    enum arch arch;
    int first; /* number */
};

static const struct foreign_arch foreign_archs[] = {
    {SCMP_ARCH_X86, ARCH_I386, 0},
    {SCMP_ARCH_X32, ARCH_X86_64, X32_BIT},
};

/* Rules by name: libseccomp translates native numbers, and gives calls that only
 * the other architecture has numbers of its own. */
static int add_foreign_rules(scmp_filter_ctx context, const struct foreign_arch *foreign,
                             const struct filter_options *options) {
    enum {
        NUMBERS = 548, /* x32 has the greatest */
    };
    for (int number = foreign->first; number < foreign->first + NUMBERS; number++) {
        uint32_t action = seccomp_action(filter_action(options, foreign->arch, number));
        int status = add_value_rule(context, options, foreign->arch, number);
        if (status < 0 && status != -EEXIST) {
            return status;
        }
        if (action == SCMP_ACT_ALLOW) {
            continue;
        }
        auto_free char *name = seccomp_syscall_resolve_num_arch(foreign->token, number);
        int native = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;
        /* A call that is newer than the library is not filtered here. */
        if (native == __NR_SCMP_ERROR) {
            continue;
        }
        status = seccomp_rule_add(context, action, native, 0);
        if (status < 0 && status != -EEXIST) {
            return status;
        }
    }
    return 0;
}

/* A context of its own for what no rule of another one covers. */
static scmp_filter_ctx new_context(uint32_t foreign) {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    /* A binary tree: calls that pass pay for few comparisons. */
    if (context && (seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, foreign) < 0 ||
                    seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)) {
        seccomp_release(context);
        return NULL;
    }
    return context;
}

static int add_foreign_arch(scmp_filter_ctx context, const struct foreign_arch *foreign, uint32_t others,
                            const struct filter_options *options) {
    scmp_filter_ctx rules = new_context(others);
    if (!rules) {
        return -ENOMEM;
    }
    int status = seccomp_arch_add(rules, foreign->token);
    if (status == 0) {
        status = seccomp_arch_remove(rules, SCMP_ARCH_NATIVE);
    }
    if (status == 0) {
        status = add_foreign_rules(rules, foreign, options);
    }
    if (status == 0) {
        status = seccomp_merge(context, rules);
    }
    if (status < 0) {
        seccomp_release(rules);
    }
    return status;
}

static int build_context(const struct filter_options *options, scmp_filter_ctx *result) {
    /* Where all calls are wanted, those of other architectures need no rules. */
    uint32_t others = options->selection->all ? SCMP_ACT_NOTIFY : SCMP_ACT_ALLOW;
    scmp_filter_ctx context = new_context(others);
    *result = context;
    if (!context) {
        return -ENOMEM;
    }
    int status = add_native_rules(context, options);
    if (options->selection->all && !options->capture->outputs) {
        return status;
    }
    for (size_t i = 0; status == 0 && i < sizeof(foreign_archs) / sizeof(foreign_archs[0]); i++) {
        status = add_foreign_arch(context, &foreign_archs[i], others, options);
    }
    return status;
}

/* A socket takes what the library writes, for a file could not hold it where RLIMIT_FSIZE is low: no
 * program has more instructions than BPF_MAXINSNS, 32 KiB, which are far below what a socket keeps. */
static int export_program(scmp_filter_ctx context, struct sock_fprog *program) {
    enum {
        BYTES_MAX = (BPF_MAXINSNS + 1) * sizeof(struct sock_filter),
    };
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        return -errno;
    }
    auto_fd from = ends[0];
    auto_fd to = ends[1];
    int status = seccomp_export_bpf(context, to);
    if (status < 0) {
        return status;
    }
    auto_free struct sock_filter *instructions = malloc(BYTES_MAX);
    if (!instructions) {
        return -ENOMEM;
    }
    ssize_t bytes = recv(from, instructions, BYTES_MAX, MSG_DONTWAIT);
    if (bytes <= 0 || bytes % (ssize_t)sizeof(*instructions) || bytes == BYTES_MAX) {
        return -EIO;
    }
    program->len = (unsigned short)((size_t)bytes / sizeof(*instructions));
    program->filter = instructions;
    instructions = NULL;
    return 0;
}

int filter_build(const struct filter_options *options, struct sock_fprog *program) {
    scmp_filter_ctx context = NULL;
    int status = build_context(options, &context);
    if (status == 0) {
        status = export_program(context, program);
    }
    if (context) {
        seccomp_release(context);
    }
    return status;
}

int filter_load(const struct sock_fprog *program, bool listens) {
    /* SPEC_ALLOW: the filter must not switch speculation mitigations on for the program.
     * WAIT_KILLABLE_RECV (Linux 5.19): once received, a call cannot be interrupted any more. */
    unsigned flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (!listens) {
        return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program) < 0 ? -errno : 0;
    }
    flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
    long listener =
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program);
    if (listener < 0 && errno == EINVAL) {
        listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
    }
    return listener < 0 ? -errno : (int)listener;
}
