/* SPDX-License-Identifier: MIT
 *
 * The file of a container's trace, by the name of the container.
 */
#ifndef RENACER_CONTAINER_FILE_H
#define RENACER_CONTAINER_FILE_H

#include <stddef.h>

enum {
    CONTAINER_FILE_NAME = 256, /* bytes that a name takes at most, with its end */
};

/* Open the file of container `id` in `folder` for writing: ID.ENDING, or while a trace is still written there (`exec`
 * in a running container), the first of ID.2.ENDING, ID.3.ENDING, ... that does not exist. What stands in the first is
 * not touched yet. The file is locked (flock(2)) for as long as anybody has it open. Its descriptor, owned by the
 * caller, and its name in `name`, CONTAINER_FILE_NAME bytes; or -errno: -EEXIST, something that is no regular file is
 * there. */
int container_file_open(int folder, const char *id, const char *ending, char *name);

#endif
