/* SPDX-License-Identifier: MIT */
#include "tracefs.h"

#include "capability.h"
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* fsopen(2) and friends: a mount that is attached nowhere. Needs CAP_SYS_ADMIN. */
static int mount_privately(void) {
    auto_fd context = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
    if (context < 0) {
        return -errno;
    }
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
        return -errno;
    }
    int mounted = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    return mounted < 0 ? -errno : mounted;
}

int tracefs_open(void) {
    auto_raised before = capability_raise(CAPABILITY_BIT(CAP_DAC_READ_SEARCH));
    static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        auto_fd mounted = open(places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (mounted >= 0 && faccessat(mounted, "events/raw_syscalls/sys_enter/id", R_OK, AT_EACCESS) == 0) {
            return steal_fd(&mounted);
        }
    }
    return mount_privately();
}

int tracefs_event_id(int tracefs, const char *name) {
    char path[128];
    snprintf(path, sizeof(path), "events/%s/id", name);
    auto_raised before = capability_raise(CAPABILITY_BIT(CAP_DAC_READ_SEARCH));
    auto_fd file = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return -errno;
    }
    char text[32];
    ssize_t length = read(file, text, sizeof(text) - 1);
    if (length <= 0) {
        return length < 0 ? -errno : -ENODATA;
    }
    text[length] = 0;
    long id = strtol(text, NULL, 10);
    return id > 0 && id < 65536 ? (int)id : -ENODATA;
}

/* The names of functions are not always those of the calls (arch/x86/entry/syscalls/syscall_64.tbl has both). */
const char *tracefs_function_of(const char *call) {
    static const struct {
        const char *call;
        const char *function;
    } names[] = {
        {"stat", "newstat"},   {"fstat", "newfstat"}, {"lstat", "newlstat"},
        {"uname", "newuname"}, {"umount2", "umount"}, {"sendfile", "sendfile64"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i].call, call) == 0) {
            return names[i].function;
        }
    }
    return call;
}

int tracefs_call_id(int tracefs, bool enter, const char *call) {
    char name[96];
    snprintf(name, sizeof(name), "syscalls/sys_%s_%s", enter ? "enter" : "exit", tracefs_function_of(call));
    return tracefs_event_id(tracefs, name);
}
