/* SPDX-License-Identifier: MIT */
#include "shield.h"

#include <sys/prctl.h>

void shield_raise(void) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void shield_lower(void) {
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
