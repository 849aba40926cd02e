/* SPDX-License-Identifier: MIT */
#include "capability_names.h"

#include "cleanup.h"
#include "nearest.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* By number: linux/capability.h. */
static const char *const known[] = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
};

enum {
    KNOWN = sizeof(known) / sizeof(known[0]),
};

int capability_names_add_standard(struct name_list *list) {
    static const char *const standard[] = {
        "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID", "CAP_KILL",       "CAP_NET_BIND_SERVICE",
        "CAP_SETFCAP", "CAP_SETGID",       "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    };
    int status = 0;
    for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]) && status == 0; i++) {
        status = name_list_add(list, standard[i]);
    }
    return status;
}

static int add_word(struct name_list *list, const char *word, char *problem, size_t size) {
    static const char prefix[] = "CAP_";
    char name[64];
    size_t length = 0;
    if (strcasecmp(word, "none") == 0) {
        return 0;
    }
    if (strncasecmp(word, prefix, sizeof(prefix) - 1) != 0) {
        length = (size_t)snprintf(name, sizeof(name), "%s", prefix);
    }
    for (; *word && length + 1 < sizeof(name); word++) {
        name[length++] = (char)toupper((unsigned char)*word);
    }
    name[length] = 0;
    bool is_all = strcmp(name, "CAP_ALL") == 0;
    struct nearest nearest = {.word = name};
    bool found = is_all;
    for (size_t i = 0; i < KNOWN; i++) {
        bool is_one = is_all || strcmp(known[i], name) == 0;
        if (is_one && !name_list_has(list, known[i]) && name_list_add(list, known[i]) < 0) {
            return -ENOMEM;
        }
        found |= is_one;
        nearest_offer(&nearest, known[i]);
    }
    if (!found) {
        snprintf(problem, size, "--cap takes capabilities, all or none, not '%s'%s%s%s", name,
                 nearest.best ? "; did you mean '" : "", nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
    }
    return found ? 0 : -EINVAL;
}

int capability_names_add(struct name_list *list, const char *words, char *problem, size_t size) {
    auto_free char *copy = strdup(words);
    if (!copy) {
        return -ENOMEM;
    }
    int status = 0;
    char *rest = copy;
    for (char *word = strsep(&rest, ","); word && status == 0; word = strsep(&rest, ",")) {
        status = add_word(list, word, problem, size);
    }
    return status;
}
