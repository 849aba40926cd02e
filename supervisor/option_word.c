/* SPDX-License-Identifier: MIT */
#include "option_word.h"

#include "diag.h"
#include "nearest.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "a, b or c" */
static void add_words(struct text *text, const char *const *words) {
    for (unsigned i = 0; words[i]; i++) {
        text_add_string(text, i == 0 ? "" : words[i + 1] ? ", " : " or ");
        text_add_string(text, words[i]);
    }
}

int option_word(const char *option, const char *const *words, const char *word) {
    struct nearest nearest = {.word = word};
    for (int index = 0; words[index]; index++) {
        if (strcmp(words[index], word) == 0) {
            return index;
        }
        nearest_offer(&nearest, words[index]);
    }
    struct text text = {0};
    if (nearest.best) {
        diag("%s has no word '%s'; did you mean '%s'?", option, word, nearest.best);
    } else {
        add_words(&text, words);
        diag("%s takes %s, not '%s'", option, text.bytes ? text.bytes : "something else", word);
    }
    text_finish(&text);
    return -EINVAL;
}

int option_number(const char *option, const char *what, const char *text, unsigned least, unsigned most,
                  unsigned *number) {
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno || value < least || value > most) {
        if (least) {
            diag("%s takes %s from %u to %u, not '%s'", option, what, least, most, text);
        } else {
            diag("%s takes %s, at most %u, not '%s'", option, what, most, text);
        }
        return -EINVAL;
    }
    *number = (unsigned)value;
    return 0;
}
