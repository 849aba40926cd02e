/* SPDX-License-Identifier: MIT */
#include "metadata_words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct splitting {
    const char *from;
    char *to;
    char **words;
    size_t count;
};

static bool is_blank(char character) {
    return character == ' ' || character == '\t';
}

/* What follows a backslash in "...": the backslash goes if it quotes something there. */
static bool is_quoted_inside(char character) {
    return character && strchr("\"\\$`", character);
}

/* What stands between quotation marks; splitting->from is behind the first one. False: there is no other. */
static bool copy_quotation(struct splitting *splitting, char mark) {
    while (*splitting->from && *splitting->from != mark) {
        if (mark == '"' && *splitting->from == '\\' && is_quoted_inside(splitting->from[1])) {
            splitting->from++;
        }
        *splitting->to++ = *splitting->from++;
    }
    return *splitting->from++ == mark;
}

/* One word, of which there is a first character. NULL, or what is wrong with it. */
static const char *copy_word(struct splitting *splitting) {
    while (*splitting->from && !is_blank(*splitting->from)) {
        char character = *splitting->from++;
        if (character == '\'' || character == '"') {
            if (!copy_quotation(splitting, character)) {
                return "a quotation mark has no other one that ends it";
            }
        } else if (character == '\\' && !*splitting->from) {
            return "there is nothing behind the backslash at its end";
        } else {
            *splitting->to++ = character == '\\' ? *splitting->from++ : character;
        }
    }
    *splitting->to++ = 0;
    return NULL;
}

static const char *split(struct splitting *splitting) {
    for (const char *each = splitting->from; *each; each++) {
        if (((uint8_t)*each < ' ' && *each != '\t') || *each == 0x7f) {
            return "there is a control character in it";
        }
    }
    for (;;) {
        while (is_blank(*splitting->from)) {
            splitting->from++;
        }
        if (!*splitting->from) {
            splitting->words[splitting->count] = NULL;
            return NULL;
        }
        if (splitting->count == METADATA_WORDS_MAX) {
            return "it has too many words";
        }
        splitting->words[splitting->count++] = splitting->to;
        const char *wrong = copy_word(splitting);
        if (wrong) {
            return wrong;
        }
    }
}

int metadata_split(const char *text, char ***words, size_t *count, char *problem, size_t size) {
    /* Each word has as many bytes as here, or fewer, and its NUL the place of the blank behind it. */
    size_t length = strlen(text);
    size_t most = length / 2 + 1; /* each but the last has a blank behind it */
    most = most > METADATA_WORDS_MAX ? METADATA_WORDS_MAX : most;
    char **all = malloc((most + 1) * sizeof(*all) + length + 1);
    if (!all) {
        snprintf(problem, size, "there is no memory for its words");
        return -ENOMEM;
    }
    struct splitting splitting = {.from = text, .to = (char *)(all + most + 1), .words = all};
    const char *wrong = split(&splitting);
    if (wrong) {
        snprintf(problem, size, "%s", wrong);
        free(all);
        return -EINVAL;
    }
    *words = all;
    *count = splitting.count;
    return 0;
}
