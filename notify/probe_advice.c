/* SPDX-License-Identifier: MIT
 *
 * What follows from the outcomes of the probes: remedies, and which engine runs.
 */
#include "probe.h"

#include "capability.h"
#include "diag.h"
#include "engine.h"
#include "registers.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[PROBES] = {
    [PROBE_LISTENER] = "seccomp_listener",
    [PROBE_WAIT_KILLABLE] = "wait_killable_recv",
    [PROBE_SYNC_WAKE_UP] = "sync_wake_up",
    [PROBE_PIDFD_GETFD] = "pidfd_getfd",
    [PROBE_MEMORY] = "process_vm_readv",
    [PROBE_PTRACE] = "ptrace",
    [PROBE_TRACEFS] = "tracefs",
    [PROBE_PERF] = "perf_tracepoints",
    [PROBE_RINGS] = "perf_rings",
    [PROBE_IO_URING] = "io_uring",
    [PROBE_PROC] = "proc",
};

const char *probe_name(enum probe probe) {
    return names[probe];
}

const char *probe_state_name(enum probe_state state) {
    static const char *const words[] = {[PROBE_OK] = "ok", [PROBE_LIMITED] = "limited", [PROBE_MISSING] = "missing"};
    return words[state];
}

/* -------------------------------------------------------------------- engines */

enum need {
    UNUSED,
    WANTED,   /* without it less is recorded, and that is said */
    REQUIRED, /* without it the engine does not start */
};

/* What each engine needs: the one place that says so. */
static const struct engine_needs {
    const char *engine;
    enum need needs[PROBES];
} engine_needs[] = {
    {"notify",
     {[PROBE_LISTENER] = REQUIRED,
      [PROBE_PIDFD_GETFD] = REQUIRED,
      [PROBE_TRACEFS] = REQUIRED,
      [PROBE_PERF] = REQUIRED,
      [PROBE_MEMORY] = REQUIRED,
      [PROBE_PROC] = REQUIRED,
      [PROBE_RINGS] = WANTED,
      [PROBE_WAIT_KILLABLE] = WANTED,
      [PROBE_SYNC_WAKE_UP] = WANTED,
      [PROBE_IO_URING] = WANTED}},
    {"ptrace", {[PROBE_PTRACE] = REQUIRED, [PROBE_MEMORY] = WANTED, [PROBE_IO_URING] = WANTED}},
    {"notify-only",
     {[PROBE_LISTENER] = REQUIRED,
      [PROBE_PIDFD_GETFD] = REQUIRED,
      [PROBE_MEMORY] = WANTED,
      [PROBE_PROC] = WANTED,
      [PROBE_WAIT_KILLABLE] = WANTED,
      [PROBE_SYNC_WAKE_UP] = WANTED,
      [PROBE_IO_URING] = WANTED}},
};

static enum need need_of(const char *engine, enum probe probe) {
    for (size_t i = 0; i < sizeof(engine_needs) / sizeof(engine_needs[0]); i++) {
        if (strcmp(engine_needs[i].engine, engine) == 0) {
            return engine_needs[i].needs[probe];
        }
    }
    return UNUSED;
}

static void append(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...) {
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
}

static const char *error_name(int error) {
    const char *name = strerrorname_np(error);
    return name ? name : "unknown error";
}

bool probe_concerns(enum probe probe, const char *engine) {
    return need_of(engine, probe) != UNUSED;
}

bool probe_engine_works(const struct probe_report *report, const char *engine, char *reason, size_t size) {
    const char *problem = machine_problem();
    bool works = true;
    snprintf(reason, size, "%s", problem ? problem : "");
    if (problem) {
        return false;
    }
    for (unsigned i = 0; i < PROBES; i++) {
        const struct probe_result *result = &report->results[i];
        if (need_of(engine, i) == REQUIRED && result->state == PROBE_MISSING) {
            append(reason, size, "%s%s is missing", works ? "" : ", ", probe_name(i));
            if (result->error) {
                append(reason, size, " (%s)", error_name(result->error));
            }
            works = false;
        }
    }
    return works;
}

const char *probe_engine(const struct probe_report *report, char *reason, size_t size) {
    reason[0] = 0;
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        char lacks[512];
        if (probe_engine_works(report, (*engine)->name, lacks, sizeof(lacks))) {
            if (!reason[0]) {
                append(reason, size, "nothing that it needs is missing");
            }
            return (*engine)->name;
        }
        append(reason, size, "%s%s: %s", reason[0] ? "; " : "", (*engine)->name, lacks);
    }
    return NULL;
}

/* ------------------------------------------------------------------- remedies */

static bool has(const struct probe_setting *setting, int capability) {
    return setting->capabilities & CAPABILITY_BIT(capability);
}

/* Whether a seccomp filter of others gave this answer: containers have EPERM or ENOSYS, services may kill. */
static bool is_filtered(const struct probe_report *report, const struct probe_result *result) {
    return result->killed || (report->setting.seccomp == 2 && (result->error == EPERM || result->error == ENOSYS));
}

/* A seccomp filter refuses `calls`: `option` is what else makes Docker's own filter allow them, or NULL. */
static void advise_filter(struct probe_result *result, const char *calls, const char *option) {
    append(result->remedy, sizeof(result->remedy),
           "we run under a seccomp filter that refuses it; in a container: docker run ");
    if (option) {
        append(result->remedy, sizeof(result->remedy), "%s, or ", option);
    }
    append(result->remedy, sizeof(result->remedy), "--security-opt seccomp=profile.json with a profile that allows %s",
           calls);
}

/* Rights over other processes as ptrace(2) has them: what refuses them for a child of ours. */
static void advise_ptrace_rights(const struct probe_report *report, struct probe_result *result, const char *calls) {
    const struct probe_setting *setting = &report->setting;
    char *text = result->remedy;
    size_t size = sizeof(result->remedy);
    if (is_filtered(report, result)) {
        advise_filter(result, calls, "--cap-add SYS_PTRACE");
    } else if (setting->ptrace_scope == 3) {
        append(text, size,
               "kernel.yama.ptrace_scope is 3, which forbids it until the next start of the system; 1 is needed");
    } else if (setting->ptrace_scope == 2 && !has(setting, CAP_SYS_PTRACE)) {
        append(text, size, "as root: sysctl kernel.yama.ptrace_scope=1 (it is 2), or run it with CAP_SYS_PTRACE");
    } else if (result->error == ENOSYS || result->error == EIO || result->error == EINVAL) {
        append(text, size, "a kernel that has %s (Linux 6.1 or newer)", calls);
    } else {
        append(text, size, "a security module refuses it: its log (dmesg, audit) has the rule");
    }
}

static void advise_listener(const struct probe_report *report, struct probe_result *result) {
    if (result->error == EBUSY) {
        append(result->remedy, sizeof(result->remedy),
               "run outside of the supervisor that is at work here (another tracer of this kind, a container runtime "
               "that listens): the kernel allows one listener for each process");
    } else if (is_filtered(report, result)) {
        advise_filter(result, "seccomp and prctl", NULL);
    } else if (result->error == EINVAL || result->error == ENOSYS) {
        append(result->remedy, sizeof(result->remedy), "a kernel with CONFIG_SECCOMP_FILTER (Linux 6.1 or newer)");
    } else {
        append(result->remedy, sizeof(result->remedy),
               "what refuses seccomp(2) here is a security module: its log has the rule");
    }
}

static const char *of_listener(const struct probe_report *report) {
    return report->results[PROBE_LISTENER].state == PROBE_MISSING ? "as for seccomp_listener" : NULL;
}

static void advise_wait_killable(const struct probe_report *report, struct probe_result *result) {
    const char *first = of_listener(report);
    append(result->remedy, sizeof(result->remedy), "%s", first ? first : "Linux 5.19 or newer");
}

static void advise_sync(const struct probe_report *report, struct probe_result *result) {
    const char *first = of_listener(report);
    append(result->remedy, sizeof(result->remedy), "%s", first ? first : "Linux 6.6 or newer");
}

static void advise_getfd(const struct probe_report *report, struct probe_result *result) {
    advise_ptrace_rights(report, result, "pidfd_open and pidfd_getfd");
}

static void advise_memory(const struct probe_report *report, struct probe_result *result) {
    advise_ptrace_rights(report, result, "process_vm_readv and process_vm_writev");
}

static void advise_ptrace(const struct probe_report *report, struct probe_result *result) {
    advise_ptrace_rights(report, result, "ptrace");
}

/* Whether files with capabilities give them to us, and nothing else is in the way. */
static bool may_use_file_capabilities(const struct probe_setting *setting) {
    return setting->user != 0 && !setting->user_namespace && !setting->no_new_privs && setting->seccomp != 2;
}

static void advise_tracefs(const struct probe_report *report, struct probe_result *result) {
    const struct probe_setting *setting = &report->setting;
    char *text = result->remedy;
    size_t size = sizeof(result->remedy);
    const char *place = setting->tracefs[0] ? setting->tracefs : "/sys/kernel/tracing";
    if (setting->user_namespace || setting->seccomp == 2) {
        append(text, size, "in a container: docker run -v /sys/kernel/tracing:/sys/kernel/tracing:ro, where ");
        if (setting->user == 0 && !setting->user_namespace) {
            append(text, size, "the host has it mounted: mount -t tracefs tracefs /sys/kernel/tracing");
        } else {
            append(text, size,
                   "the host lets a group read it that we are in: mount -o remount,gid=GROUP,mode=0750 "
                   "/sys/kernel/tracing");
        }
    } else if (setting->user == 0 && has(setting, CAP_SYS_ADMIN)) {
        append(text, size, "a kernel with CONFIG_FTRACE and CONFIG_FTRACE_SYSCALLS");
    } else if (setting->user == 0) {
        append(text, size,
               "mount -t tracefs tracefs /sys/kernel/tracing, with CAP_SYS_ADMIN; in a container: docker run -v "
               "/sys/kernel/tracing:/sys/kernel/tracing:ro");
    } else {
        append(text, size, "as root: mount %sgid=%u,mode=0750 %s%s (tracefs, readable for group %u)",
               setting->tracefs[0] ? "-o remount," : "-t tracefs -o ", setting->group,
               setting->tracefs[0] ? "" : "tracefs ", place, setting->group);
        if (may_use_file_capabilities(setting)) {
            append(text, size, "; or setcap cap_perfmon,cap_dac_read_search=ep %s%s", setting->program,
                   setting->tracefs[0] ? "" : ", with tracefs mounted in any way");
        }
    }
}

static void advise_perf(const struct probe_report *report, struct probe_result *result) {
    const struct probe_setting *setting = &report->setting;
    char *text = result->remedy;
    size_t size = sizeof(result->remedy);
    bool refused = result->error == EACCES || result->error == EPERM;
    bool perfmon = has(setting, CAP_PERFMON) || has(setting, CAP_SYS_ADMIN);
    if (result->follows) {
        append(text, size, "as for tracefs");
    } else if (is_filtered(report, result) && (perfmon || !refused || result->error == EPERM)) {
        advise_filter(result, "perf_event_open", "--cap-add PERFMON");
    } else if (refused && (!perfmon || setting->user_namespace)) {
        if (may_use_file_capabilities(setting)) {
            append(text, size, "as root: setcap cap_perfmon,cap_dac_read_search=ep %s; or ", setting->program);
        } else if (setting->seccomp == 2 && !setting->user_namespace) {
            append(text, size, "docker run --cap-add PERFMON; or, as root of the host: ");
        } else {
            append(text, size, "as root%s: ", setting->user_namespace ? " outside of this user namespace" : "");
        }
        append(text, size, "sysctl kernel.perf_event_paranoid=-1");
        if (setting->perf_event_paranoid != SETTING_UNKNOWN) {
            append(text, size, " (it is %d)", setting->perf_event_paranoid);
        }
    } else if (refused) {
        append(text, size, "kernel lockdown or a security module refuses it: its log (dmesg, audit) has the rule");
    } else {
        append(text, size, "a kernel with CONFIG_PERF_EVENTS and CONFIG_FTRACE_SYSCALLS");
    }
}

static void advise_rings(const struct probe_report *report, struct probe_result *result) {
    enum {
        PAGE_KIB = 4,
    };
    const struct probe_setting *setting = &report->setting;
    if (result->state == PROBE_MISSING) {
        append(result->remedy, sizeof(result->remedy), "as for perf_tracepoints");
        return;
    }
    size_t kib = report->ring_bytes_wanted / 1024 + PAGE_KIB;
    append(result->remedy, sizeof(result->remedy), "as root: sysctl kernel.perf_event_mlock_kb=%zu", kib);
    if (setting->perf_event_mlock_kb != SETTING_UNKNOWN) {
        append(result->remedy, sizeof(result->remedy), " (it is %d)", setting->perf_event_mlock_kb);
    }
    append(result->remedy, sizeof(result->remedy), "; or a higher limit: ulimit -l %zu; or CAP_IPC_LOCK",
           kib * report->rings);
}

static void advise_io_uring(const struct probe_report *report, struct probe_result *result) {
    const struct probe_setting *setting = &report->setting;
    char *text = result->remedy;
    size_t size = sizeof(result->remedy);
    if (result->error == EPERM && setting->io_uring_disabled > 0) {
        append(text, size, "as root: sysctl kernel.io_uring_disabled=0 (it is %d)", setting->io_uring_disabled);
        if (setting->io_uring_disabled == 1) {
            append(text, size, ", or membership in the group that kernel.io_uring_group names");
        }
    } else if (is_filtered(report, result)) {
        advise_filter(result, "io_uring_setup, io_uring_enter and io_uring_register", NULL);
    } else if (result->error == ENOSYS) {
        append(text, size, "a kernel with CONFIG_IO_URING");
    } else if (result->error == ENOMEM) {
        append(text, size, "a higher limit of locked memory: ulimit -l");
    } else {
        append(text, size, "what refuses io_uring_setup(2) here is a security module: its log has the rule");
    }
}

static void advise_proc(const struct probe_report *report, struct probe_result *result) {
    if (result->error == ENOENT) {
        append(result->remedy, sizeof(result->remedy), "mount -t proc proc /proc, as root");
        if (result->state == PROBE_LIMITED) {
            append(result->remedy, sizeof(result->remedy), ", on a kernel with CONFIG_HAVE_ARCH_TRACEHOOK");
        }
    } else {
        advise_ptrace_rights(report, result, "ptrace");
    }
}

static void (*const advices[PROBES])(const struct probe_report *, struct probe_result *) = {
    [PROBE_LISTENER] = advise_listener, [PROBE_WAIT_KILLABLE] = advise_wait_killable,
    [PROBE_SYNC_WAKE_UP] = advise_sync, [PROBE_PIDFD_GETFD] = advise_getfd,
    [PROBE_MEMORY] = advise_memory,     [PROBE_PTRACE] = advise_ptrace,
    [PROBE_TRACEFS] = advise_tracefs,   [PROBE_PERF] = advise_perf,
    [PROBE_RINGS] = advise_rings,       [PROBE_IO_URING] = advise_io_uring,
    [PROBE_PROC] = advise_proc,
};

void probe_advise(struct probe_report *report) {
    for (unsigned i = 0; i < PROBES; i++) {
        struct probe_result *result = &report->results[i];
        result->remedy[0] = 0;
        if (result->state != PROBE_OK) {
            advices[i](report, result);
        }
    }
}

bool probe_explain_engine(const char *engine) {
    struct probe_report report;
    probe_run(&report);
    bool said = false;
    for (unsigned i = 0; i < PROBES; i++) {
        const struct probe_result *result = &report.results[i];
        if (need_of(engine, i) == UNUSED || result->state != PROBE_MISSING) {
            continue;
        }
        said = true;
        diag("engine %s: %s: %s%s%s%s; what helps: %s", engine, probe_name(i), result->detail,
             result->error ? " (" : "", result->error ? error_name(result->error) : "", result->error ? ")" : "",
             result->remedy);
    }
    return said;
}
