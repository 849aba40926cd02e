/* SPDX-License-Identifier: MIT
 *
 * smoke ROUNDS FILE...: a harness on the files of its corpus, and on ROUNDS
 * mutations of them, the same in every run. What libFuzzer does better takes
 * clang and minutes; this stands in the suite.
 */
#include "cleanup.h"
#include "fuzz.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    INPUT_BYTES_MAX = 1 << 20,
    CHANGES_MAX = 4, /* of one input */
};

struct input {
    uint8_t *bytes;
    size_t size;
};

/* Marsaglia's xorshift: good enough, and the same everywhere. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static size_t below(uint64_t *state, size_t limit) {
    return limit ? (size_t)(next_random(state) % limit) : 0;
}

/* Take `count` bytes out at `at`, and put `more` in. */
static void splice(struct input *input, size_t at, size_t count, const uint8_t *more, size_t size) {
    count = count > input->size - at ? input->size - at : count;
    if (input->size - count + size > INPUT_BYTES_MAX) {
        return;
    }
    memmove(input->bytes + at + size, input->bytes + at + count, input->size - at - count);
    memcpy(input->bytes + at, more, size);
    input->size += size - count;
}

static void change(struct input *input, const struct input *other, uint64_t *state) {
    static const char *const words[] = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        "\"",
                                        ",",
                                        "\n",
                                        "\\u0000",
                                        "null",
                                        "-1",
                                        "1e9",
                                        "\"0\":",
                                        "{\"name\":",
                                        "\"args\":[",
                                        "\xff",
                                        "\\",
                                        "{\"version\":\"1\",\"format\":\"renacer-json-v1\"}\n",
                                        "9223372036854775808",
                                        "[[budget]]\nname = 'a'\n",
                                        "\nmax_count = ",
                                        "\ncalls = ['read', '!%file']\n"};
    size_t at = below(state, input->size);
    switch (next_random(state) % 6) {
    case 0: /* cut off */
        input->size = at;
        break;
    case 1: /* take out */
        splice(input, at, 1 + below(state, 64), (const uint8_t *)"", 0);
        break;
    case 2: /* another byte */
        if (input->size) {
            input->bytes[at] = (uint8_t)next_random(state);
        }
        break;
    case 3: { /* a word */
        const char *word = words[below(state, sizeof(words) / sizeof(words[0]))];
        splice(input, at, below(state, 3), (const uint8_t *)word, strlen(word));
        break;
    }
    case 4: { /* a piece of another input */
        size_t from = below(state, other->size);
        size_t size = below(state, other->size - from < 400 ? other->size - from : 400);
        splice(input, at, 0, other->bytes + from, size);
        break;
    }
    default: { /* a piece once more */
        uint8_t copy[256];
        size_t from = below(state, input->size);
        size_t size = input->size - from < sizeof(copy) ? input->size - from : sizeof(copy);
        memcpy(copy, input->bytes + from, size);
        splice(input, at, 0, copy, size);
        break;
    }
    }
}

static int read_input(struct input *input, const char *path) {
    auto_file FILE *file = fopen(path, "r");
    input->bytes = malloc(INPUT_BYTES_MAX);
    if (!file || !input->bytes) {
        return -errno;
    }
    input->size = fread(input->bytes, 1, INPUT_BYTES_MAX, file);
    return ferror(file) ? -EIO : 0;
}

static int run(struct input *inputs, size_t count, unsigned long rounds, char **paths) {
    auto_free uint8_t *bytes = malloc(INPUT_BYTES_MAX);
    if (!bytes) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        int status = read_input(&inputs[i], paths[i]);
        if (status < 0) {
            fprintf(stderr, "cannot read %s: %s\n", paths[i], strerror(-status));
            return status;
        }
        LLVMFuzzerTestOneInput(inputs[i].bytes, inputs[i].size);
    }
    uint64_t state = 0x9e3779b97f4a7c15;
    for (unsigned long round = 0; round < rounds; round++) {
        const struct input *from = &inputs[below(&state, count)];
        struct input mutation = {bytes, from->size};
        memcpy(bytes, from->bytes, from->size);
        for (size_t changes = 1 + below(&state, CHANGES_MAX); changes; changes--) {
            change(&mutation, &inputs[below(&state, count)], &state);
        }
        LLVMFuzzerTestOneInput(mutation.bytes, mutation.size);
    }
    return 0;
}

int main(int argument_count, char **arguments) {
    if (argument_count < 3) {
        fprintf(stderr, "usage: smoke ROUNDS FILE...\n");
        return 2;
    }
    size_t count = (size_t)argument_count - 2;
    auto_free struct input *inputs = calloc(count, sizeof(*inputs));
    int status = inputs ? run(inputs, count, strtoul(arguments[1], NULL, 10), arguments + 2) : -ENOMEM;
    for (size_t i = 0; inputs && i < count; i++) {
        free(inputs[i].bytes);
    }
    return status < 0;
}
