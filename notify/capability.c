/* SPDX-License-Identifier: MIT */
#include "capability.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a file may usefully give us: the tracepoints, their numbers, room for the rings. */
#define USEFUL (CAPABILITY_BIT(CAP_PERFMON) | CAPABILITY_BIT(CAP_DAC_READ_SEARCH) | CAPABILITY_BIT(CAP_IPC_LOCK))

struct sets {
    uint64_t effective;
    uint64_t permitted;
    uint64_t inheritable;
};

/* Those of the calling thread; none if they cannot be asked for. */
static struct sets get_sets(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{0}};
    int saved = errno;
    if (syscall(SYS_capget, &header, data) < 0) {
        errno = saved;
        return (struct sets){0};
    }
    return (struct sets){.effective = data[0].effective | (uint64_t)data[1].effective << 32,
                         .permitted = data[0].permitted | (uint64_t)data[1].permitted << 32,
                         .inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32};
}

static int set_sets(const struct sets *sets) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = (uint32_t)sets->effective,
                                              .permitted = (uint32_t)sets->permitted,
                                              .inheritable = (uint32_t)sets->inheritable},
                                             {.effective = (uint32_t)(sets->effective >> 32),
                                              .permitted = (uint32_t)(sets->permitted >> 32),
                                              .inheritable = (uint32_t)(sets->inheritable >> 32)}};
    int saved = errno;
    int status = syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
    errno = saved;
    return status;
}

uint64_t capability_effective(void) {
    return get_sets().effective;
}

uint64_t capability_permitted(void) {
    return get_sets().permitted;
}

bool capability_has(int number) {
    return capability_effective() & CAPABILITY_BIT(number);
}

bool capability_is_from_file(void) {
    /* The kernel says so to the dynamic linker, for its own purposes (getauxval(3)). */
    return getauxval(AT_SECURE) != 0;
}

int capability_begin(void) {
    if (getuid() != geteuid() || getgid() != getegid()) {
        return -EPERM;
    }
    if (!capability_is_from_file()) {
        return 0;
    }
    struct sets sets = get_sets();
    sets = (struct sets){.permitted = sets.permitted & USEFUL, .inheritable = sets.inheritable};
    int status = set_sets(&sets);
    if (status == 0 && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) {
        status = -errno;
    }
    return status;
}

int capability_drop(void) {
    if (!capability_is_from_file()) {
        return 0;
    }
    struct sets sets = {.inheritable = get_sets().inheritable};
    return set_sets(&sets);
}

uint64_t capability_raise(uint64_t wanted) {
    struct sets sets = get_sets();
    uint64_t before = sets.effective;
    uint64_t missing = wanted & sets.permitted & ~sets.effective;
    if (missing) {
        sets.effective |= missing;
        set_sets(&sets);
    }
    return before;
}

void capability_restore(const uint64_t *before) {
    struct sets sets = get_sets();
    /* Not what has been dropped meanwhile. */
    uint64_t effective = *before & sets.permitted;
    if (effective != sets.effective) {
        sets.effective = effective;
        set_sets(&sets);
    }
}
