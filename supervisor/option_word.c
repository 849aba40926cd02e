/* SPDX-License-Identifier: MIT */
#include "option_word.h"

#include "diag.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PROBLEM_BYTES = 512,
};

enum verb_parsed verb_parse_options(int argc, char *argv[], const char *letters, const struct option *options,
                                    int (*take)(void *request, int id), void *request) {
    int id;
    optind = 2; /* behind the verb */
    opterr = 0;
    while ((id = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        if (id == 'h') {
            return VERB_HELP;
        }
        if (id == ':') {
            diag("option '%s' needs an argument", argv[optind - 1]);
            return VERB_BAD;
        }
        if (id == '?') {
            diag("%s has no option '%s'; see renacer-sv %s --help", argv[1], argv[optind - 1], argv[1]);
            return VERB_BAD;
        }
        if (take(request, id) < 0) {
            return VERB_BAD;
        }
    }
    return VERB_RUN;
}

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
