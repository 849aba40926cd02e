/* SPDX-License-Identifier: MIT
 *
 * Programs that print how their own calls are shown, in strace's notation (tests/e2e/test_shown.py):
 *
 *     int main(void) {
 *         shown_calls("poll,ppoll");        // these alone are compared: -e trace=
 *         struct pollfd one = {.fd = -1};
 *         shown(syscall(SYS_poll, &one, 1, 0), "poll([{fd=-1}], 1, 0) = 0 (Timeout)");
 *         shown(syscall(SYS_poll, 1, 1, 0), "poll(0x1, 1, 0)");  // " = " and the result are added
 *     }
 *
 * Make the calls by syscall(2), so that the C library makes no others of these. The same line has to
 * come from strace itself, so that nothing is expected that it does not show.
 */
#ifndef RENACER_PAYLOADS_SHOWN_H
#define RENACER_PAYLOADS_SHOWN_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Options for both tracers: shown_options("-y"). Before everything else. */
__attribute__((unused)) static void shown_options(const char *options) {
    printf("options %s\n", options);
}

/* The calls that are compared, as -e trace= takes them. Before the first of them. */
__attribute__((unused)) static void shown_calls(const char *calls) {
    printf("trace=%s\n", calls);
}

/* The line of a call that has returned `result` (errno says why, if it is -1). `format` may end in the result. */
__attribute__((unused, format(printf, 2, 3))) static void shown(long result, const char *format, ...) {
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    if (!strstr(format, ") = ")) {
        if (result == -1) {
            printf(" = -1 %s (%s)", strerrorname_np(error), strerrordesc_np(error));
        } else {
            printf(" = %ld", result);
        }
    }
    putchar('\n');
}

#endif
