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
