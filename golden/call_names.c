/* SPDX-License-Identifier: MIT */
#include "call_names.h"

#include "selection.h"

#include <errno.h>
#include <stdlib.h>

int call_names_parse(struct call_names *names, const char *expression, char *problem, size_t size) {
    names->selection = malloc(sizeof(*names->selection));
    if (!names->selection) {
        return -ENOMEM;
    }
    selection_init(names->selection);
    return selection_parse_from(names->selection, "calls", expression, problem, size);
}

void call_names_finish(struct call_names *names) {
    free(names->selection);
    names->selection = NULL;
}

/* Whether the expression has begun with all calls: then numbers that stand for none are chosen, too. */
static bool has_unknown(const struct selection *selection) {
    for (int number = SELECTION_NUMBERS - 1; number >= 0; number--) {
        if (!syscall_row(ARCH_X86_64, number)) {
            return selection->chosen[ARCH_X86_64][number];
        }
    }
    return false;
}

bool call_names_have(const struct call_names *names, const char *name) {
    const struct selection *selection = names->selection;
    if (!selection) {
        return true;
    }
    bool is_known = false;
    for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
        size_t cursor = 0;
        const struct syscall_row *row;
        while ((row = syscall_row_named(arch, name, &cursor))) {
            if (selection->chosen[arch][row->number[arch]]) {
                return true;
            }
            is_known = true;
        }
    }
    return !is_known && has_unknown(selection);
}
