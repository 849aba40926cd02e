/* SPDX-License-Identifier: MIT
 *
 * Files of budgets from any bytes: what is read limits something, and what is not says where.
 */
#include "budgets.h"
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void check(const struct budget *budget) {
    unsigned limits = budget->kind == BUDGET_INAPPLICABLE;
    for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
        const struct limit *limit = &budget->limits[quantity];
        limits += limit->has_max + limit->has_min + limit->increase.is_set;
        fuzz_assert(limit->max >= 0 && limit->max <= 0x1p53 && limit->min >= 0 && limit->min <= 0x1p53);
        fuzz_assert(limit->increase.amount >= 0 && limit->increase.amount <= 0x1p53);
    }
    fuzz_assert(limits && budget->name[0] && budget->type && budget->line);
    fuzz_assert(budget->calls.selection || call_names_have(&budget->calls, "unknown"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct budget_file budgets;
    char path[32], problem[256] = "";
    int file = memfd_create("budgets", MFD_CLOEXEC);
    fuzz_assert(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    int status = budget_file_read(&budgets, path, problem, sizeof(problem));
    fuzz_assert(status == 0 || (status == -EINVAL && strncmp(problem, path, strlen(path)) == 0));
    fuzz_assert(status < 0 || budgets.count || budgets.equivalence.is_set);
    for (size_t i = 0; status == 0 && i < budgets.count; i++) {
        check(&budgets.budgets[i]);
    }
    budget_file_finish(&budgets);
    return close(file);
}
