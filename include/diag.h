/* SPDX-License-Identifier: MIT
 *
 * Diagnostics: one line on standard error, prefixed "renacer-sv: ". They are
 * never part of a trace and never disturb errno.
 */
#ifndef RENACER_DIAG_H
#define RENACER_DIAG_H

/* Write one line; a newline is added. Safe in any thread: one write(2). */
void diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As diag(), followed by ": " and the text of `error`, a positive errno. */
void diag_errno(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
