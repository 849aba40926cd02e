/* SPDX-License-Identifier: MIT
 *
 * An input of tests/fuzz/fuzz_decode.c: a call, and behind it the pieces of its memory. With
 * FUZZ_SEEDS=FOLDER in the environment the unit tests of decoders keep each of their calls there.
 */
#ifndef RENACER_TESTS_SEED_H
#define RENACER_TESTS_SEED_H

#include "any_call.h"

#include <stdio.h>

enum {
    SEED_FILL = 0xee,       /* all memory in which nothing else stands, as in tests/unit/fake_memory.h */
    SEED_GAP = 16,          /* so many such bytes end a piece */
    SEED_LIMIT_LARGE = 255, /* of strings: SEED_LARGE bytes */
    SEED_LARGE = 3 * ANY_PAGE,
    SEED_ANY_NUMBER = 1 << 0, /* the call's number itself; else that of a row */
    SEED_VERBOSE = 1 << 1,
    SEED_NO_OUTPUTS = 1 << 2,
};

struct seed {
    uint8_t arch;
    uint8_t flags;
    uint8_t string_limit;
    uint8_t vector_limit;
    int32_t number;
    int64_t result;
    uint64_t args[SYSCALL_MAX_ARGS];
    uint16_t names[SYSCALL_MAX_ARGS]; /* not 0: which of its constants an argument is instead */
    uint32_t zero;
};

/* Its bytes follow. */
struct seed_piece {
    uint16_t place; /* in any_memory's bytes */
    uint8_t is_of_exit;
    uint8_t size;
};

/* Write the pieces of `bytes` that are not as in `other`, or, without one, not the fill. */
static inline void seed_write_pieces(FILE *file, const uint8_t *bytes, const uint8_t *other) {
    enum {
        SIZE = ANY_PAGES * ANY_PAGE,
    };
    for (size_t at = 0; at < SIZE; at++) {
        size_t end = at;
        for (size_t next = at; next < SIZE && next - at < UINT8_MAX && next < end + SEED_GAP; next++) {
            end = bytes[next] != (other ? other[next] : SEED_FILL) ? next + 1 : end;
        }
        /* A piece begins with a byte of its own. */
        if (bytes[at] != (other ? other[at] : SEED_FILL)) {
            struct seed_piece piece = {.place = (uint16_t)at, .is_of_exit = other != NULL, .size = (uint8_t)(end - at)};
            fwrite(&piece, sizeof(piece), 1, file);
            fwrite(bytes + at, piece.size, 1, file);
            at = end - 1;
        }
    }
}

/* Keep the call, if that was asked for. The name of its file is made of what is in it. */
static inline void seed_keep(const struct any_call *call) {
    const char *folder = getenv("FUZZ_SEEDS");
    struct seed seed = {.arch = (uint8_t)call->arch,
                        .flags = SEED_ANY_NUMBER | (call->options.verbose ? SEED_VERBOSE : 0),
                        .string_limit = (uint8_t)call->options.string_limit,
                        .vector_limit = (uint8_t)call->options.vector_limit,
                        .number = call->number,
                        .result = call->result};
    char *bytes = NULL;
    size_t size = 0;
    char path[512];
    uint64_t hash = 0xcbf29ce484222325;
    FILE *memory = folder ? open_memstream(&bytes, &size) : NULL;
    if (!memory) {
        return;
    }
    memcpy(seed.args, call->args, sizeof(seed.args));
    fwrite(&seed, sizeof(seed), 1, memory);
    seed_write_pieces(memory, call->entry->bytes, NULL);
    seed_write_pieces(memory, call->exit->bytes, call->entry->bytes);
    fclose(memory);
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3;
    }
    snprintf(path, sizeof(path), "%s/%016llx", folder, (unsigned long long)hash);
    FILE *file = fopen(path, "w");
    if (file) {
        fwrite(bytes, size, 1, file);
        fclose(file);
    }
    free(bytes);
}

#endif
