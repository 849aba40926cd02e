/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include "cleanup.h"
#include "nearest.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What tracing needs whatever is chosen: exec moves records between threads,
 * rt_sigreturn ends as call -1, and exit tells how a thread ends. */
static const struct {
    enum arch arch;
    const char *name;
} needed[] = {
    {ARCH_X86_64, "execve"},     {ARCH_X86_64, "execveat"}, {ARCH_X86_64, "rt_sigreturn"}, {ARCH_I386, "execve"},
    {ARCH_I386, "execveat"},     {ARCH_I386, "sigreturn"},  {ARCH_I386, "rt_sigreturn"},   {ARCH_X86_64, "exit"},
    {ARCH_X86_64, "exit_group"}, {ARCH_I386, "exit"},       {ARCH_I386, "exit_group"},
};

void selection_init(struct selection *selection) {
    memset(selection, 0, sizeof(*selection));
    selection->all = true;
}

static bool set_name(struct selection *selection, const char *name, bool value) {
    bool found = false;
    for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
        size_t cursor = 0;
        const struct syscall_row *row;
        while ((row = syscall_row_named(arch, name, &cursor))) {
            selection->chosen[arch][row->number[arch]] = value;
            found = true;
        }
    }
    return found;
}

static void set_class(struct selection *selection, unsigned class, bool value) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            if (row->classes & class && row->number[arch] >= 0) {
                selection->chosen[arch][row->number[arch]] = value;
            }
        }
    }
}

static int unknown_name(const char *name, char *problem, size_t size) {
    struct nearest nearest = {.word = name};
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        nearest_offer(&nearest, row->name);
    }
    if (nearest.best) {
        snprintf(problem, size, "unknown system call '%s' in -e; did you mean '%s'?", name, nearest.best);
    } else {
        snprintf(problem, size, "unknown system call '%s' in -e", name);
    }
    return -EINVAL;
}

static int apply_item(struct selection *selection, const char *item, bool value, char *problem, size_t size) {
    if (strcmp(item, "all") == 0 || strcmp(item, "none") == 0) {
        memset(selection->chosen, (item[0] == 'a') == value, sizeof(selection->chosen));
        return 0;
    }
    /* Classes first: "ipc" and "signal" are also calls, of i386 alone. */
    unsigned class = syscall_class_named(item);
    if (class != C_NONE) {
        set_class(selection, class, value);
        return 0;
    }
    if (set_name(selection, item, value)) {
        return 0;
    }
    return unknown_name(item, problem, size);
}

int selection_parse(struct selection *selection, const char *expression, char *problem, size_t size) {
    const char *list = expression;
    const char *equals = strchr(expression, '=');
    if (equals) {
        if (strncmp(expression, "trace=", 6) != 0 && strncmp(expression, "t=", 2) != 0) {
            snprintf(problem, size, "unknown qualifier '%.*s' in -e; use -e trace=NAME,...", (int)(equals - expression),
                     expression);
            return -EINVAL;
        }
        list = equals + 1;
    }
    auto_free char *copy = strdup(list);
    if (!copy) {
        return -ENOMEM;
    }
    /* Each -e replaces what an earlier one said, as in strace. */
    memset(selection->chosen, list[0] == '!', sizeof(selection->chosen));
    selection->all = false;
    char *rest = copy;
    /* strace: "!a,b" excludes both. renacer: "a,!b" excludes b alone. */
    bool all_excluded = rest[0] == '!';
    if (all_excluded) {
        rest++;
    }
    bool any = false;
    char *item;
    while ((item = strsep(&rest, ","))) {
        bool excluded = all_excluded;
        if (item[0] == '!') {
            item++;
            excluded = true;
        }
        if (!item[0]) {
            snprintf(problem, size, "empty name in -e %s", expression);
            return -EINVAL;
        }
        int status = apply_item(selection, item, !excluded, problem, size);
        if (status < 0) {
            return status;
        }
        any = true;
    }
    return any ? 0 : -EINVAL;
}

bool selection_has(const struct selection *selection, enum arch arch, int64_t number) {
    if (selection->all) {
        return true;
    }
    return number >= 0 && number < SELECTION_NUMBERS && selection->chosen[arch][number];
}

int selection_few(const struct selection *selection, enum arch arch, const struct syscall_row **chosen, int max) {
    if (selection->all) {
        return -1;
    }
    int count = 0;
    for (int number = 0; number < SELECTION_NUMBERS; number++) {
        if (!selection->chosen[arch][number]) {
            continue;
        }
        const struct syscall_row *row = syscall_row(arch, number);
        if (!row || count == max) {
            return -1;
        }
        chosen[count++] = row;
    }
    return count;
}

/* -------------------------------------------------------------- the kernel's filter */

/* Ids from the first to the last that all pass. */
struct id_run {
    int first;
    int last;
};

enum {
    IDS = 1 + SELECTION_NUMBERS, /* from -1 on */
};

/* Which ids have to pass, [0] standing for -1. The tracepoints do not tell the
 * architecture: an id passes if either's call of that number is wanted. */
static void find_wanted_ids(const struct selection *selection, bool wanted[IDS]) {
    wanted[0] = true;
    for (int id = 0; id < SELECTION_NUMBERS; id++) {
        wanted[1 + id] = selection->all || selection->chosen[ARCH_X86_64][id] || selection->chosen[ARCH_I386][id];
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        size_t cursor = 0;
        const struct syscall_row *row = syscall_row_named(needed[i].arch, needed[i].name, &cursor);
        if (row) {
            wanted[1 + row->number[needed[i].arch]] = true;
        }
    }
}

/* The wanted ids as runs in ascending order: how many. */
static unsigned find_runs(const bool wanted[IDS], struct id_run runs[IDS]) {
    unsigned count = 0;
    for (int id = -1; id < SELECTION_NUMBERS; id++) {
        if (!wanted[1 + id]) {
            continue;
        }
        if (count && runs[count - 1].last == id - 1) {
            runs[count - 1].last = id;
        } else {
            runs[count++] = (struct id_run){id, id};
        }
    }
    return count;
}

/* The kernel goes through an expression from the left and leaves it as soon as
 * it is decided: a tree of comparisons takes few steps at each call, where a list
 * would take one for each run. */
static void add_runs(struct text *filter, const struct id_run *runs, unsigned count) {
    char piece[64];
    if (count == 1) {
        if (runs->first == runs->last) {
            snprintf(piece, sizeof(piece), "id == %d", runs->first);
        } else {
            snprintf(piece, sizeof(piece), "id >= %d && id <= %d", runs->first, runs->last);
        }
        text_add_string(filter, piece);
        return;
    }
    unsigned half = count / 2;
    snprintf(piece, sizeof(piece), "(id < %d && (", runs[half].first);
    text_add_string(filter, piece);
    add_runs(filter, runs, half);
    snprintf(piece, sizeof(piece), ")) || (id >= %d && (", runs[half].first);
    text_add_string(filter, piece);
    add_runs(filter, runs + half, count - half);
    text_add_string(filter, "))");
}

void selection_kernel_filter(const struct selection *selection, char *filter, size_t size) {
    filter[0] = 0;
    if (selection->all) {
        return;
    }
    bool wanted[IDS];
    struct id_run runs[IDS];
    struct text text = {0};
    find_wanted_ids(selection, wanted);
    add_runs(&text, runs, find_runs(wanted, runs));
    if (!text.failed && text.length < size) {
        memcpy(filter, text.bytes, text.length + 1);
    }
    text_finish(&text);
}

void selection_kernel_ids(const struct selection *selection, bool passes[SELECTION_NUMBERS]) {
    bool wanted[IDS];
    find_wanted_ids(selection, wanted);
    memcpy(passes, wanted + 1, SELECTION_NUMBERS * sizeof(bool));
}
