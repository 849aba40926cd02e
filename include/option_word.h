/* SPDX-License-Identifier: MIT
 *
 * Options of our verbs, and the words that they take.
 */
#ifndef RENACER_OPTION_WORD_H
#define RENACER_OPTION_WORD_H

#include <getopt.h>

/* What there is to do behind a verb. */
enum verb_parsed {
    VERB_RUN,
    VERB_HELP, /* --help was given: options behind it were not looked at */
    VERB_BAD,  /* the reason was said */
};

/* Parse the options of a verb, which is argv[1], and leave optind at the first word that is none. `letters` as for
 * getopt_long(3), beginning with ":"; -h is for help. `take` gets each option with its argument in optarg: 0, or
 * negative and the reason was said. */
enum verb_parsed verb_parse_options(int argc, char *argv[], const char *letters, const struct option *options,
                                    int (*take)(void *request, int id), void *request);

/* The index of `word` in the NULL-terminated list. -EINVAL if it is none, and what `option` takes was said. */
int option_word(const char *option, const char *const *words, const char *word);

/* A number from `least` to `most`, in decimal: `what` says of what ("a number of runs"). 0, or -EINVAL and that was
 * said. */
int option_number(const char *option, const char *what, const char *text, unsigned least, unsigned most,
                  unsigned *number);

#endif
