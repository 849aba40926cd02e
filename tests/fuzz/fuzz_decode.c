/* SPDX-License-Identifier: MIT
 *
 * Any call with any memory: what is captured of it stays within its bound, and what is
 * shown of that is valid. (tests/unit/any_call.h, which says where the pages are)
 */
#include "../unit/seed.h"
#include "constants.h"
#include "fuzz.h"

static struct any_memory entry = {.functions = {.read = any_read}};
static struct any_memory after = {.functions = {.read = any_read}};

/* As the input says, or that of a row. */
static int call_number(const struct seed *seed) {
    size_t rows = 1;
    while (syscall_row_at(rows)) {
        rows++;
    }
    const struct syscall_row *row = syscall_row_at((uint32_t)seed->number % rows);
    return seed->flags & SEED_ANY_NUMBER ? seed->number : row->number[seed->arch % ARCH_COUNT];
}

/* Where an argument has names, the input can choose among them. */
static uint64_t argument(const struct any_call *call, unsigned index, const struct seed *seed) {
    const struct syscall_row *row = syscall_row(call->arch, call->number);
    enum arg_type type = row ? row_arg_type(row, index) : A_NONE;
    const struct constant_set *set = type >= A_FIRST_SET && type < A_FIRST_PACKED ? constant_set(type) : NULL;
    if (!seed->names[index] || !set || !set->count) {
        return seed->args[index];
    }
    return set->constants[(seed->names[index] - 1U) % set->count].value;
}

static void put(struct any_memory *memory, size_t place, const uint8_t *bytes, size_t size) {
    place %= sizeof(memory->bytes);
    size_t room = sizeof(memory->bytes) - place;
    memcpy(memory->bytes + place, bytes, size < room ? size : room);
}

static void put_pieces(const uint8_t *bytes, size_t size) {
    struct seed_piece piece;
    memset(entry.bytes, SEED_FILL, sizeof(entry.bytes));
    memset(after.bytes, SEED_FILL, sizeof(after.bytes));
    while (size > sizeof(piece)) {
        memcpy(&piece, bytes, sizeof(piece));
        bytes += sizeof(piece);
        size -= sizeof(piece);
        size_t length = piece.size < size ? piece.size : size;
        put(&after, piece.place, bytes, length);
        if (!(piece.is_of_exit & 1)) {
            put(&entry, piece.place, bytes, length);
        }
        bytes += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct seed seed;
    if (size < sizeof(seed)) {
        return 0;
    }
    memcpy(&seed, bytes, sizeof(seed));
    struct any_call call = {
        .arch = seed.arch % ARCH_COUNT,
        .number = call_number(&seed),
        .result = seed.result,
        .options = {.memory = true,
                    .outputs = !(seed.flags & SEED_NO_OUTPUTS),
                    .verbose = seed.flags & SEED_VERBOSE,
                    .string_limit = seed.string_limit == SEED_LIMIT_LARGE ? SEED_LARGE : seed.string_limit,
                    .vector_limit = seed.vector_limit % (CAPTURE_VECTOR_MAX + 1)},
        .entry = &entry,
        .exit = &after};
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        call.args[i] = argument(&call, i, &seed);
    }
    put_pieces(bytes + sizeof(seed), size - sizeof(seed));
    any_problem problem = any_call_problem(&call);
    if (problem) {
        fuzz_fail(problem, __FILE__, __LINE__);
    }
    return 0;
}
