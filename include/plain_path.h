/* SPDX-License-Identifier: MIT
 *
 * Paths as they are written, without a look at any file.
 */
#ifndef RENACER_PLAIN_PATH_H
#define RENACER_PLAIN_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* `folder`/`name`, or `name` alone if it is absolute or there is no folder (NULL). False: longer than `size`. */
bool path_join(char *path, size_t size, const char *folder, const char *name);

/* Take "." and "x/.." out, in place, as if there were no symbolic links. */
void path_simplify(char *path);

/* What is behind the last slash. */
const char *path_base(const char *path);

#endif
