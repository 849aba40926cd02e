/* SPDX-License-Identifier: MIT
 *
 * What stands in a process's memory: /proc/PID/maps with the stack pointer with
 * which its program started, as the bytes of a RECORD_MAPS.
 */
#ifndef RENACER_PROGRAM_MAPS_H
#define RENACER_PROGRAM_MAPS_H

#include "record.h"

#include <stddef.h>
#include <sys/types.h>

enum {
    PROGRAM_MAPS_BOUND = sizeof(struct start_maps) + (256 << 10), /* some two thousand mappings */
};

/* Write struct start_maps and the text to `to`, which has PROGRAM_MAPS_BOUND bytes:
 * how many they are. A text that is longer is cut behind a line; of a process that
 * may not be read there is none, and the stack pointer is 0. The process should
 * stand still. */
size_t program_maps_read(pid_t pid, void *to);

#endif
