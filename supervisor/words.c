/* SPDX-License-Identifier: MIT */
#include "words.h"

#include "nearest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    LIST_BYTES = 256,
};

/* "a, b or c" */
static void list_words(char *list, size_t size, const char *const *words) {
    size_t length = 0;
    list[0] = 0;
    for (size_t i = 0; words[i] && length < size; i++) {
        const char *between = i == 0 ? "" : words[i + 1] ? ", " : " or ";
        int printed = snprintf(list + length, size - length, "%s%s", between, words[i]);
        length += printed > 0 ? (size_t)printed : 0;
    }
}

int word_parse(const char *name, const char *const *words, const char *word, char *problem, size_t size) {
    struct nearest nearest = {.word = word};
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
        nearest_offer(&nearest, words[i]);
    }
    char list[LIST_BYTES];
    list_words(list, sizeof(list), words);
    if (nearest.best) {
        snprintf(problem, size, "%s has no word '%s'; did you mean '%s'?", name, word, nearest.best);
    } else {
        snprintf(problem, size, "%s takes %s, not '%s'", name, list, word);
    }
    return -EINVAL;
}
