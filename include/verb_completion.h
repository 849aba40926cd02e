/* SPDX-License-Identifier: MIT
 *
 * What shells offer behind the verbs: parts of the completions of bash and zsh
 * (supervisor/completion.c), out of one table.
 */
#ifndef RENACER_VERB_COMPLETION_H
#define RENACER_VERB_COMPLETION_H

#include <stdio.h>

/* The words of the verbs, with spaces between. */
void verbs_print_words(FILE *stream);

/* What handles a line whose first word is a verb, and returns. For bash it uses `words`, `starts`, `last`, `cur`,
 * `prefix` and sets the other variables of _renacer_sv. */
void verbs_print_bash(FILE *stream);
void verbs_print_zsh(FILE *stream);

#endif
