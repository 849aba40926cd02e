/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "capability.h"
#include "cleanup.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/* The number in a file below /proc/sys/kernel. */
static int read_setting(const char *name) {
    char path[96];
    int value = SETTING_UNKNOWN;
    snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
    auto_file FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%d", &value) != 1) {
        value = SETTING_UNKNOWN;
    }
    return value;
}

/* In the first user namespace every number stands for itself. */
static bool is_in_user_namespace(void) {
    unsigned long inside = 0;
    unsigned long outside = 0;
    unsigned long count = 0;
    auto_file FILE *file = fopen("/proc/self/uid_map", "re");
    if (!file || fscanf(file, "%lu %lu %lu", &inside, &outside, &count) != 3) {
        return false;
    }
    return inside != 0 || outside != 0 || count < UINT32_MAX;
}

static const char *place_of_tracefs(void) {
    static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct statfs info;
        if (statfs(places[i], &info) == 0 && info.f_type == TRACEFS_MAGIC) {
            return places[i];
        }
    }
    return "";
}

void probe_setting_read(struct probe_setting *setting) {
    *setting = (struct probe_setting){.user = geteuid(),
                                      .group = getegid(),
                                      .capabilities = capability_effective() | capability_permitted(),
                                      .user_namespace = is_in_user_namespace(),
                                      .no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
                                      .seccomp = prctl(PR_GET_SECCOMP),
                                      .perf_event_paranoid = read_setting("perf_event_paranoid"),
                                      .perf_event_mlock_kb = read_setting("perf_event_mlock_kb"),
                                      .ptrace_scope = read_setting("yama/ptrace_scope"),
                                      .io_uring_disabled = read_setting("io_uring_disabled")};
    strncpy(setting->tracefs, place_of_tracefs(), sizeof(setting->tracefs) - 1);
    if (readlink("/proc/self/exe", setting->program, sizeof(setting->program) - 1) < 0) {
        strcpy(setting->program, "renacer-sv");
    }
}
