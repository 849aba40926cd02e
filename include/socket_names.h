/* SPDX-License-Identifier: MIT
 *
 * The names of a socket's options and protocols depend on another argument.
 */
#ifndef SOCKET_NAMES_H
#define SOCKET_NAMES_H

#include "syscall_table.h"

/* The set of names for this option of this level; `is_set`: of setsockopt(2), not
 * of getsockopt(2). A_NONE: the level has no names for options. */
enum arg_type socket_option_set(uint64_t level, uint64_t option, bool is_set);

/* The set of names for protocols of this family; A_NONE: it has none. */
enum arg_type socket_protocol_set(uint64_t family);

#endif
