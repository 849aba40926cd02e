/* SPDX-License-Identifier: MIT */
#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool colour_wanted(enum colour choice, int fd) {
    if (choice != COLOUR_AUTO) {
        return choice == COLOUR_ALWAYS;
    }
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(fd) && !(no_colour && no_colour[0]) && !(terminal && strcmp(terminal, "dumb") == 0);
}

const char *tint_begin(bool colour, enum tint tint) {
    static const char *const tints[] = {
        [TINT_GOOD] = "\033[1;32m", [TINT_BAD] = "\033[1;31m", [TINT_WARNING] = "\033[1;33m",
        [TINT_GOLDEN] = "\033[31m", [TINT_NEW] = "\033[32m",   [TINT_PLACE] = "\033[36m",
        [TINT_WEAK] = "\033[2m",
    };
    return colour ? tints[tint] : "";
}

const char *tint_end(bool colour) {
    return colour ? "\033[0m" : "";
}
