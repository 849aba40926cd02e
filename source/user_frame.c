/* SPDX-License-Identifier: MIT */
#include "user_frame.h"

#include "plain_path.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pattern {
    char *text;
    bool bare;  /* without a slash: the last part of a path is enough */
    bool users; /* what it matches is the user's */
};

struct user_rule {
    struct pattern *patterns;
    size_t count;
};

struct user_rule *user_rule_create(void) {
    return calloc(1, sizeof(struct user_rule));
}

void user_rule_destroy(struct user_rule *rule) {
    for (size_t i = 0; rule && i < rule->count; i++) {
        free(rule->patterns[i].text);
    }
    if (rule) {
        free(rule->patterns);
    }
    free(rule);
}

static int add(struct user_rule *rule, const char *text, size_t size) {
    bool users = text[0] == '!';
    struct pattern *larger = realloc(rule->patterns, (rule->count + 1) * sizeof(*larger));
    if (!larger) {
        return -ENOMEM;
    }
    rule->patterns = larger;
    char *copy = strndup(text + users, size - users);
    if (!copy) {
        return -ENOMEM;
    }
    larger[rule->count++] = (struct pattern){copy, !strchr(copy, '/'), users};
    return 0;
}

/* How long the first pattern is: up to a comma, unless that has a backslash before it. */
static size_t pattern_size(const char *patterns) {
    size_t size = 0;
    while (patterns[size] && patterns[size] != ',') {
        size += patterns[size] == '\\' && patterns[size + 1] ? 2 : 1;
    }
    return size;
}

int user_rule_add(struct user_rule *rule, const char *patterns, char *problem, size_t size) {
    size_t before = rule->count;
    int status = 0;
    for (bool more = true; status == 0 && more;) {
        size_t length = pattern_size(patterns);
        if (!length || (length == 1 && patterns[0] == '!')) {
            snprintf(problem, size, "there is an empty pattern");
            status = -EINVAL;
        } else {
            status = add(rule, patterns, length);
            if (status < 0) {
                snprintf(problem, size, "%s", strerror(-status));
            }
        }
        more = patterns[length] == ',';
        patterns += length + more;
    }
    while (status < 0 && rule->count > before) {
        free(rule->patterns[--rule->count].text);
    }
    return status;
}

static bool matches_path(const struct pattern *pattern, const char *path) {
    if (!path) {
        return false;
    }
    /* Compilers are given relative names: what is wanted of "any/where/vendor/x.c" is wanted of "vendor/x.c". */
    bool anywhere = strncmp(pattern->text, "*/", 2) == 0;
    return fnmatch(pattern->text, path, 0) == 0 || (anywhere && fnmatch(pattern->text + 2, path, 0) == 0) ||
           (pattern->bare && fnmatch(pattern->text, path_base(path), 0) == 0);
}

static bool matches(const struct pattern *pattern, const struct frame *frame) {
    return matches_path(pattern, frame->module) || matches_path(pattern, frame->file) ||
           (frame->function && fnmatch(pattern->text, frame->function, 0) == 0);
}

/* What the patterns say of the frame, else whether it is neither of a library nor in a system module. */
static bool is_users(const struct user_rule *rule, const struct frame *frame, bool of_library) {
    for (size_t i = rule->count; i-- > 0;) {
        if (matches(&rule->patterns[i], frame)) {
            return rule->patterns[i].users;
        }
    }
    return !of_library && !(frame->module && user_rule_is_system_module(frame->module));
}

bool user_rule_has(const struct user_rule *rule, const struct frame *frame, bool of_library) {
    return frame->file && frame->line && is_users(rule, frame, of_library);
}

bool user_rule_lets_stand_in(const struct user_rule *rule, const struct frame *frame) {
    return frame->module && !frame->file && is_users(rule, frame, false);
}

bool user_rule_passes_over(const struct user_rule *rule, const char *module) {
    for (size_t i = 0; i < rule->count; i++) {
        if (rule->patterns[i].users) {
            return false;
        }
    }
    return user_rule_is_system_module(module);
}

bool user_rule_is_system_module(const char *path) {
    static const char *const patterns[] = {
        /* glibc, musl and what belongs to them; "libc-2.31.so" is how glibc was called before 2.34 */
        "libc.so*", "libc-[0-9]*.so", "libc.musl-*", "ld-linux*", "ld64.so*", "ld.so*", "ld-[0-9]*.so", "ld-musl-*",
        "libpthread.so*", "libpthread-[0-9]*.so", "libm.so*", "libm-[0-9]*.so", "libmvec.so*", "libmvec-[0-9]*.so",
        "librt.so*", "librt-[0-9]*.so", "libdl.so*", "libdl-[0-9]*.so", "libresolv.so*", "libresolv-[0-9]*.so",
        "libnsl.so*", "libnsl-[0-9]*.so", "libutil.so*", "libutil-[0-9]*.so", "libanl.so*", "libanl-[0-9]*.so",
        "libnss_compat*.so*", "libnss_dns*.so*", "libnss_files*.so*", "libnss_hesiod*.so*", "libc_malloc_debug.so*",
        /* runtimes of languages that compilers bring */
        "libstdc++.so*", "libc++.so*", "libc++abi.so*", "libgcc_s.so*", "libgcc_s-*.so*", "libunwind.so*", "libgo.so*",
        "libgfortran.so*", "libquadmath.so*", "libgomp.so*", "libatomic.so*", "libitm.so*", "libobjc.so*",
        "libgnat-*.so*", "libgnarl-*.so*", "libgphobos.so*", "libgdruntime.so*", "libphobos2-*.so*",
        "libdruntime-*.so*", "libstd-*.so", "libasan.so*", "libhwasan.so*", "libubsan.so*", "libtsan.so*",
        "liblsan.so*", "libclang_rt.*",
        /* of the kernel */
        "\\[vdso]", "\\[vsyscall]"};
    const char *name = path_base(path);
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        if (fnmatch(patterns[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}
