/* SPDX-License-Identifier: MIT */
#include "trace_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int trace_words_find(struct trace_words *words, const char *text, size_t size, struct trace_word **word) {
    HASH_FIND(hh, words->table, text, size, *word);
    if (*word) {
        return 0;
    }
    if (HASH_COUNT(words->table) >= words->words_max || words->bytes_max - words->bytes < size) {
        words->is_full = true;
        return 0;
    }
    *word = calloc(1, sizeof(**word) + words->notes + size + 1);
    if (!*word) {
        return -ENOMEM;
    }
    (*word)->size = size;
    (*word)->text = (char *)(*word)->notes + words->notes;
    memcpy((*word)->text, text, size);
    words->bytes += size;
    HASH_ADD_KEYPTR(hh, words->table, (*word)->text, size, *word);
    return 0;
}

void trace_words_finish(struct trace_words *words) {
    struct trace_word *word;
    struct trace_word *next;
    HASH_ITER(hh, words->table, word, next) {
        HASH_DEL(words->table, word);
        free(word);
    }
    words->bytes = 0;
}
