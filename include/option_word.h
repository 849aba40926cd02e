/* SPDX-License-Identifier: MIT
 *
 * Words that options of our verbs take.
 */
#ifndef RENACER_OPTION_WORD_H
#define RENACER_OPTION_WORD_H

/* The index of `word` in the NULL-terminated list. -EINVAL if it is none, and what `option` takes was said. */
int option_word(const char *option, const char *const *words, const char *word);

/* A number from `least` to `most`, in decimal: `what` says of what ("a number of runs"). 0, or -EINVAL and that was
 * said. */
int option_number(const char *option, const char *what, const char *text, unsigned least, unsigned most,
                  unsigned *number);

#endif
