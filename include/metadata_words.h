/* SPDX-License-Identifier: MIT
 *
 * listenerMetadata is a line of options, quoted as in a shell.
 */
#ifndef RENACER_METADATA_WORDS_H
#define RENACER_METADATA_WORDS_H

#include <stddef.h>

enum {
    METADATA_WORDS_MAX = 256,
};

/* Split a line into words: blanks (spaces, tabs) separate; '...' stands for itself; in "..." a backslash quotes `"`,
 * `\`, `$` and `` ` ``; elsewhere it quotes any character. Nothing is expanded. 0, and *words is an array with NULL at
 * its end, which one free() releases with its strings. -EINVAL: a quotation that does not end, a control character, too
 * many words; -ENOMEM; `problem` says so in a sentence. */
int metadata_split(const char *text, char ***words, size_t *count, char *problem, size_t size);

#endif
