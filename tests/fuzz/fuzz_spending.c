/* SPDX-License-Identifier: MIT
 *
 * What any trace has spent: no sum is negative, no score above 1, and no more is told of the spenders than there was.
 */
#include "check_filter.h"
#include "fuzz.h"
#include "spending.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static char pattern[] = "/e*";
static char folder[] = "/etc/";
static char peer[] = "127.*:*";
static char *paths[] = {pattern, folder, peer};
static struct budget budgets[] = {
    {.kind = BUDGET_CALLS, .enabled = true, .limits = {[QUANTITY_BYTES] = {.has_max = true}}},
    {.kind = BUDGET_CALLS, .enabled = true, .paths = paths, .path_count = 3},
    {.kind = BUDGET_CRITICAL_PATH, .enabled = true, .limits = {[QUANTITY_TIME] = {.has_max = true}}},
    {.kind = BUDGET_MEMORY, .enabled = true},
    {.kind = BUDGET_ANTI_PATTERN, .enabled = true, .pattern = PATTERN_TIGHT_LOOP},
    {.kind = BUDGET_ANTI_PATTERN, .enabled = true, .pattern = PATTERN_GOD_PROCESS},
};

enum {
    COUNT = sizeof(budgets) / sizeof(budgets[0]),
};

static void look_at(const struct spending *spending, enum quantity quantity) {
    double most = quantity == QUANTITY_SCORE ? 1 : spending->amount[quantity];
    double named = 0;
    fuzz_assert(spending->measured[quantity] != (spending->missing[quantity] != NULL));
    fuzz_assert(spending->amount[quantity] >= 0 && spending->amount[quantity] <= most);
    for (size_t i = 0; i < spending->spender_count[quantity]; i++) {
        fuzz_assert(spending->spenders[quantity][i].what && spending->spenders[quantity][i].count >= 0);
        named += spending->spenders[quantity][i].spent;
    }
    fuzz_assert(named <= most * (1 + 1e-9));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct budget_file file = {.budgets = budgets, .count = COUNT};
    struct spending spendings[COUNT] = {0};
    struct trace_facts facts;
    struct trace_reader *reader;
    char path[32], problem[512];
    int memory = memfd_create("trace", MFD_CLOEXEC);
    fuzz_assert(memory >= 0 && write(memory, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", memory);
    fuzz_assert(trace_reader_open(&reader, path, problem, sizeof(problem)) == 0);
    int status = spending_measure(spendings, &facts, &file, reader, path, problem, sizeof(problem));
    for (size_t i = 0; i < COUNT && status == 0; i++) {
        int passage = filter_passage(&budgets[i], &facts);
        fuzz_assert(facts.filter ? passage >= 0 : passage == PASSES_ALL);
        for (enum quantity quantity = 0; quantity < QUANTITIES; quantity++) {
            look_at(&spendings[i], quantity);
        }
    }
    spending_finish(spendings, COUNT);
    trace_facts_finish(&facts);
    trace_reader_close(reader);
    return close(memory);
}
