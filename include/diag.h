/* SPDX-License-Identifier: MIT
 *
 * Diagnostics: one line on standard error, prefixed "renacer-sv: ", or what
 * diag_redirect() makes of it. They are never part of a trace and never disturb
 * errno.
 */
#ifndef RENACER_DIAG_H
#define RENACER_DIAG_H

/* Say one message. Written, it is a line by one write(2). Safe in any thread. */
void diag(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As diag(), followed by ": " and the text of `error`, a positive errno. */
void diag_errno(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Who takes diagnostics in place of standard error. */
struct diag_target {
    /* One message, without prefix and newline. Called in any thread, also in several at once. */
    void (*say)(const struct diag_target *target, const char *message);
};

/* From now on messages go to the target, in this process and in those that are forked from it; NULL: to standard error
 * again. It is borrowed for as long as anybody may say something. This is the one thing that every module shares
 * without being given it: diagnostics may be said anywhere. */
void diag_redirect(const struct diag_target *target);

#endif
