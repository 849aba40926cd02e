/* SPDX-License-Identifier: MIT
 *
 * Every call and every command of both architectures, with hostile arguments and memory: captures
 * stay within their bound, what is shown is valid, and none of it takes long.
 */
#include "any_call.h"
#include "constants.h"
#include "unit.h"

#include <time.h>

enum {
    COMMAND_PLACES = 3, /* a command is one of the first arguments */
    CONSTANTS_FEW = 96, /* of larger sets only those that have arguments of their own are tried */
    SECONDS_MAX = 2,    /* of processor time for one call, sanitizers and all */
};

/* What one argument is while the others are ordinary. */
static const uint64_t values[] = {0,
                                  1,
                                  ANY_NOWHERE,
                                  ANY_HOLE - 1,
                                  ANY_HOLE - 8,
                                  ANY_HOLE - 20,
                                  ANY_BASE + ANY_PAGE - 4,
                                  ANY_OTHER + 3,
                                  UINT32_MAX,
                                  UINT64_MAX,
                                  (uint64_t)INT64_MIN,
                                  UINT64_MAX - 8};

static void fill_zeros(struct any_memory *memory) {
    memset(memory->bytes, 0, sizeof(memory->bytes));
}

static void fill_ones(struct any_memory *memory) {
    memset(memory->bytes, 0xff, sizeof(memory->bytes));
}

/* Whatever is followed leads back, and every count is large. */
static void fill_cycles(struct any_memory *memory) {
    for (size_t at = 0; at < sizeof(memory->bytes); at += sizeof(uint64_t)) {
        const uint64_t word = at % 24 ? ANY_BASE : ANY_OTHER + at % ANY_PAGE;
        memcpy(memory->bytes + at, &word, sizeof(word));
    }
}

static void fill_cycles_i386(struct any_memory *memory) {
    for (size_t at = 0; at < sizeof(memory->bytes); at += sizeof(uint32_t)) {
        const uint32_t word = ANY_BASE + at % ANY_PAGE;
        memcpy(memory->bytes + at, &word, sizeof(word));
    }
}

/* Small numbers and pointers by turns: counts that can be, of what is there. */
static void fill_mixed(struct any_memory *memory) {
    for (size_t at = 0; at < sizeof(memory->bytes); at += sizeof(uint64_t)) {
        const uint64_t word = at % 16 ? ANY_OTHER + at % 512 : at / 16 % 7;
        memcpy(memory->bytes + at, &word, sizeof(word));
    }
}

static void fill_random(struct any_memory *memory) {
    uint64_t state = 0x9e3779b97f4a7c15;
    for (size_t at = 0; at < sizeof(memory->bytes); at++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memory->bytes[at] = (uint8_t)state;
    }
}

static void (*const fills[])(struct any_memory *memory) = {fill_zeros,       fill_ones,  fill_cycles,
                                                           fill_cycles_i386, fill_mixed, fill_random};

static struct any_memory memories[COUNT_OF(fills)];

static int set_up(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fills); i++) {
        memories[i].functions = (struct memory){.read = any_read};
        fills[i](&memories[i]);
    }
    return 0;
}

static void check(const struct any_call *call) {
    clock_t start = clock();
    any_problem problem = any_call_problem(call);
    if (problem || clock() - start > SECONDS_MAX * CLOCKS_PER_SEC) {
        fail_msg("%s(%#llx, %#llx, %#llx, %#llx, %#llx, %#llx) = %lld, architecture %d, memory %td, %s: %s",
                 syscall_row(call->arch, call->number)->name, (unsigned long long)call->args[0],
                 (unsigned long long)call->args[1], (unsigned long long)call->args[2],
                 (unsigned long long)call->args[3], (unsigned long long)call->args[4],
                 (unsigned long long)call->args[5], (long long)call->result, (int)call->arch, call->entry - memories,
                 call->options.verbose ? "verbose" : "brief", problem ? problem : "it takes too long");
    }
}

/* One call with each of its arguments odd in turn, but for `fixed` of the first ones. */
static void check_call(struct any_call *call, const struct syscall_row *row, unsigned command) {
    static const int64_t results[] = {0, 1, 24, INT64_MAX, -22, -512};
    static unsigned turn;
    uint64_t args[SYSCALL_MAX_ARGS];
    memcpy(args, call->args, sizeof(args));
    for (unsigned index = 0; index < row_arg_count(row); index++) {
        for (unsigned i = 0; i < COUNT_OF(values) && index != command; i++) {
            call->args[index] = values[i];
            /* All of these go through all of their values, but not every one with every other. */
            call->entry = &memories[turn % COUNT_OF(memories)];
            call->exit = &memories[turn / 5 % COUNT_OF(memories)];
            call->result = results[turn / 7 % COUNT_OF(results)];
            call->options.verbose = turn % 11 < 3;
            call->options.string_limit = turn % 83 ? 32 : 8192;
            turn++;
            check(call);
        }
        call->args[index] = args[index];
    }
}

/* Whether the call has other arguments with this command. */
static bool is_own(const struct syscall_row *row, const uint64_t *args, const uint64_t *other) {
    struct shown_argument shown[2][SYSCALL_MAX_ARGS] = {0};
    unsigned count = row_arguments(row, args, shown[0]);
    return count != row_arguments(row, other, shown[1]) || memcmp(shown[0], shown[1], count * sizeof(shown[0][0])) != 0;
}

static void check_commands(struct any_call *call, const struct syscall_row *row) {
    const struct any_call plain = *call;
    struct any_call last = plain; /* command with arguments of its own: many have the same ones */
    for (unsigned place = 0; place < COMMAND_PLACES; place++) {
        enum arg_type type = row_arg_type(row, place);
        const struct constant_set *set = type >= A_FIRST_SET && type < A_FIRST_PACKED ? constant_set(type) : NULL;
        for (unsigned i = 0; set && set->is_enumeration && i < set->count; i++) {
            *call = plain;
            call->args[place] = set->constants[i].value;
            if (set->count <= CONSTANTS_FEW ||
                (is_own(row, call->args, plain.args) && is_own(row, call->args, last.args))) {
                last = *call;
                check_call(call, row, place);
            }
        }
    }
}

/* Every row of the table; the ordinary arguments are `first`, and one more each. */
static void check_rows(enum arch arch, uint64_t first, uint64_t step, bool has_commands) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        struct any_call call = {.arch = arch,
                                .number = row->number[arch],
                                .options = {.memory = true, .outputs = true, .string_limit = 32, .vector_limit = 32}};
        for (unsigned index = 0; index < SYSCALL_MAX_ARGS; index++) {
            call.args[index] = first + index * step;
        }
        if (call.number < 0) {
            continue;
        }
        check_call(&call, row, SYSCALL_MAX_ARGS);
        if (has_commands) {
            check_commands(&call, row);
        }
    }
}

static void test_pointers(void **state) {
    (void)state;
    check_rows(ARCH_X86_64, ANY_BASE, 512, true);
}

static void test_pointers_of_i386(void **state) {
    (void)state;
    check_rows(ARCH_I386, ANY_BASE, 512, true);
}

static void test_numbers(void **state) {
    (void)state;
    check_rows(ARCH_X86_64, 3, 1, false);
    check_rows(ARCH_I386, 3, 1, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_pointers_of_i386),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
