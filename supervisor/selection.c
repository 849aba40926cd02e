/* SPDX-License-Identifier: MIT */
#include "selection.h"

#include "cleanup.h"
#include "name_pattern.h"
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

/* ----------------------------------------------------------------------- expressions */

/* A part of the list between commas. */
struct item {
    const char *text; /* a name, or the inside of a regular expression: not terminated */
    size_t length;
    bool excluded; /* an odd number of '!' in front */
    bool optional; /* '?' in front: it may be that there is no such call */
    bool is_pattern;
};

/* What an item stands for: one of these. */
struct wanted_calls {
    char *name; /* owned */
    unsigned class;
    struct name_pattern *pattern; /* owned */
};

/* 1 or 0, or -ELOOP. */
static int is_wanted(const struct wanted_calls *wanted, const struct syscall_row *row) {
    if (wanted->pattern) {
        return name_pattern_matches(wanted->pattern, row->name);
    }
    if (wanted->class != C_NONE) {
        return (row->classes & wanted->class) != 0;
    }
    return strcmp(row->name, wanted->name) == 0;
}

/* How many rows it stands for, or -ELOOP. */
static int set_calls(struct selection *selection, const struct wanted_calls *wanted, bool value) {
    int found = 0;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        int status = is_wanted(wanted, row);
        if (status < 0) {
            return status;
        }
        for (enum arch arch = 0; status && arch < ARCH_COUNT; arch++) {
            if (row->number[arch] >= 0) {
                selection->chosen[arch][row->number[arch]] = value;
            }
        }
        found += status;
    }
    return found;
}

static int unknown_name(const char *name, const char *origin, char *problem, size_t size) {
    struct nearest nearest = {.word = name};
    bool is_class = name[0] == '%';
    const char *class;
    const char *plain;
    for (size_t i = 0; (class = syscall_class_name_at(i, &plain)); i++) {
        const char *offered = is_class ? class : plain;
        if (offered) {
            nearest_offer(&nearest, offered);
        }
    }
    const struct syscall_row *row;
    for (size_t i = 0; !is_class && (row = syscall_row_at(i)); i++) {
        nearest_offer(&nearest, row->name);
    }
    const char *kind = is_class ? "class" : "system call";
    if (nearest.best) {
        snprintf(problem, size, "unknown %s '%s' in %s; did you mean '%s'?", kind, name, origin, nearest.best);
    } else {
        snprintf(problem, size, "unknown %s '%s' in %s", kind, name, origin);
    }
    return -EINVAL;
}

static int apply_pattern(struct selection *selection, const struct item *item, const char *origin, char *problem,
                         size_t size) {
    char reason[256] = "";
    struct wanted_calls wanted = {0};
    int status = name_pattern_create(&wanted.pattern, item->text, item->length, reason, sizeof(reason));
    if (status < 0) {
        if (status == -EINVAL) {
            snprintf(problem, size, "wrong regular expression in %s: %s", origin, reason);
        }
        return status;
    }
    int found = set_calls(selection, &wanted, !item->excluded);
    name_pattern_destroy(wanted.pattern);
    if (found < 0) {
        snprintf(problem, size, "regular expression '%.*s' in %s takes too long", (int)item->length, item->text,
                 origin);
        return -EINVAL;
    }
    if (!found && !item->optional) {
        snprintf(problem, size, "no system call matches '%.*s' in %s", (int)item->length, item->text, origin);
        return -EINVAL;
    }
    return 0;
}

static int apply_item(struct selection *selection, const struct item *item, const char *origin, char *problem,
                      size_t size) {
    if (item->is_pattern) {
        return apply_pattern(selection, item, origin, problem, size);
    }
    auto_free char *name = strndup(item->text, item->length);
    if (!name) {
        return -ENOMEM;
    }
    if (strcmp(name, "all") == 0 || strcmp(name, "none") == 0) {
        memset(selection->chosen, (name[0] == 'a') != item->excluded, sizeof(selection->chosen));
        return 0;
    }
    /* Classes first: "ipc" and "signal" are also calls, of i386 alone. */
    struct wanted_calls wanted = {.name = name, .class = syscall_class_named(name)};
    int found = set_calls(selection, &wanted, !item->excluded);
    return found || item->optional ? 0 : unknown_name(name, origin, problem, size);
}

/* The first of these characters that no backslash stands before and no bracket is
 * around, or the end. */
static const char *find_bare(const char *text, const char *characters) {
    unsigned depth = 0;
    for (; *text; text++) {
        if (*text == '\\' && text[1]) {
            text++;
        } else if (depth == 0 && strchr(characters, *text)) {
            break;
        } else if (strchr("([{", *text)) {
            depth++;
        } else if (depth && strchr(")]}", *text)) {
            depth--;
        }
    }
    return text;
}

/* The end of the regular expression that begins here, behind its slash. It has a slash at
 * its end, or none, as in strace: then a comma ends it. No name has a slash in it,
 * so one that nothing or a comma follows is an end. */
static const char *find_pattern_end(const char *text, bool *has_slash) {
    const char *slash = text;
    while (*slash && *slash != '/') {
        slash += slash[0] == '\\' && slash[1] ? 2 : 1;
    }
    *has_slash = *slash == '/' && (slash[1] == ',' || !slash[1]);
    return *has_slash ? slash : find_bare(text, ",");
}

/* Take the first item out of the list at *rest, which is NULL behind the last one. */
static void take_item(const char **rest, struct item *item) {
    const char *at = *rest;
    *item = (struct item){0};
    for (; *at == '!'; at++) {
        item->excluded = !item->excluded;
    }
    for (; *at == '?'; at++) {
        item->optional = true;
    }
    bool has_slash = false;
    const char *end;
    if (*at == '/') {
        item->is_pattern = true;
        at++;
        end = find_pattern_end(at, &has_slash);
    } else {
        end = at + strcspn(at, ",");
    }
    item->text = at;
    item->length = (size_t)(end - at);
    end += has_slash;
    *rest = *end ? end + 1 : NULL;
}

const char *selection_list(const char *expression) {
    /* In front of a regular expression, which may have any character in it. */
    size_t length = strcspn(expression, "=,/!?%");
    return expression[length] == '=' ? expression + length + 1 : expression;
}

/* The list behind "trace=", or the expression itself if it has no qualifier; NULL for another one. */
static const char *find_list(const char *expression, const char *origin, char *problem, size_t size) {
    const char *list = selection_list(expression);
    size_t length = (size_t)(list - expression);
    if (length && strncmp(expression, "trace=", length) != 0 && strncmp(expression, "t=", length) != 0) {
        snprintf(problem, size, "unknown qualifier '%.*s' in %s; use trace=NAME,...", (int)length - 1, expression,
                 origin);
        return NULL;
    }
    return list;
}

int selection_parse_from(struct selection *selection, const char *origin, const char *expression, char *problem,
                         size_t size) {
    const char *rest = find_list(expression, origin, problem, size);
    if (!rest) {
        return -EINVAL;
    }
    /* strace: "!a,b" excludes both. renacer: "a,!b" excludes b alone. */
    bool all_excluded = false;
    for (; *rest == '!'; rest++) {
        all_excluded = !all_excluded;
    }
    /* Each -e replaces what an earlier one said, as in strace. */
    memset(selection->chosen, all_excluded, sizeof(selection->chosen));
    selection->all = false;
    while (rest) {
        struct item item;
        take_item(&rest, &item);
        item.excluded = item.excluded || all_excluded;
        if (!item.length && !item.is_pattern) {
            snprintf(problem, size, "empty name in %s %s", origin, expression);
            return -EINVAL;
        }
        if (item.text[0] == '!' && !item.is_pattern) {
            snprintf(problem, size, "'!' stands in front of '?', not behind it, in %s %s", origin, expression);
            return -EINVAL;
        }
        int status = apply_item(selection, &item, origin, problem, size);
        if (status < 0) {
            return status;
        }
    }
    return 0;
}

int selection_parse(struct selection *selection, const char *expression, char *problem, size_t size) {
    return selection_parse_from(selection, "-e", expression, problem, size);
}

/* ------------------------------------------------------------------------ questions */

void selection_add(struct selection *selection, const char *name) {
    for (unsigned arch = 0; arch < ARCH_COUNT; arch++) {
        size_t cursor = 0;
        const struct syscall_row *row;
        while ((row = syscall_row_named((enum arch)arch, name, &cursor))) {
            selection->chosen[arch][row->number[arch]] = true;
        }
    }
}

bool selection_has(const struct selection *selection, enum arch arch, int64_t number) {
    if (selection->all) {
        return true;
    }
    number = syscall_native_number(arch, number);
    return number >= 0 && number < SELECTION_NUMBERS && selection->chosen[arch][number];
}

bool selection_is_everything(const struct selection *selection) {
    for (enum arch arch = 0; arch < ARCH_COUNT && !selection->all; arch++) {
        if (memchr(selection->chosen[arch], false, sizeof(selection->chosen[arch]))) {
            return false;
        }
    }
    return true;
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
    /* A run takes up to 22 bytes of the expression, and 36 what joins it with another. */
    RUNS_MAX = SELECTION_FILTER_BYTES / (22 + 36),
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

/* Two neighbours become one, with the ids between them. */
static void close_least_gap(struct id_run *runs, unsigned count) {
    unsigned least = 0;
    for (unsigned i = 1; i + 1 < count; i++) {
        if (runs[i + 1].first - runs[i].last < runs[least + 1].first - runs[least].last) {
            least = i;
        }
    }
    runs[least].last = runs[least + 1].last;
    memmove(runs + least + 1, runs + least + 2, (count - least - 2) * sizeof(*runs));
}

/* The wanted ids as runs in ascending order: how many. The kernel takes a page of
 * an expression: where it would be longer, some ids pass that are not wanted. */
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
    while (count > RUNS_MAX) {
        close_least_gap(runs, count--);
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
    /* The few programs of x32 are not worth a tree of their own. */
    char x32[32];
    snprintf(x32, sizeof(x32), " || id >= %d", X32_BIT);
    text_add_string(&text, x32);
    if (!text.failed && text.length < size) {
        memcpy(filter, text.bytes, text.length + 1);
    }
    text_finish(&text);
}

void selection_kernel_ids(const struct selection *selection, bool passes[SELECTION_NUMBERS]) {
    bool wanted[IDS];
    struct id_run runs[IDS];
    find_wanted_ids(selection, wanted);
    unsigned count = find_runs(wanted, runs);
    memset(passes, 0, SELECTION_NUMBERS * sizeof(bool));
    for (unsigned i = 0; i < count; i++) {
        for (int id = runs[i].first < 0 ? 0 : runs[i].first; id <= runs[i].last; id++) {
            passes[id] = true;
        }
    }
}
