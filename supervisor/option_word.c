/* SPDX-License-Identifier: MIT */
#include "option_word.h"

#include "diag.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PROBLEM_BYTES = 512,
};

int option_word(const char *option, const char *const *words, const char *word) {
    char problem[PROBLEM_BYTES];
    int index = word_parse(option, words, word, problem, sizeof(problem));
    if (index < 0) {
        diag("%s", problem);
    }
    return index;
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
