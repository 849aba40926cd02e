/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_BYTES = 2048,
};

static _Atomic(const struct diag_target *) redirected;

static void say(int error, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* Append the formatted text to a line, as much of it as it has room for and a newline. */
static size_t append(char *line, size_t length, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static size_t append(char *line, size_t length, const char *format, va_list arguments) {
    int printed = vsnprintf(line + length, LINE_BYTES - length - 1, format, arguments);
    length += printed > 0 ? (size_t)printed : 0;
    return length > LINE_BYTES - 2 ? LINE_BYTES - 2 : length;
}

static size_t append_error(char *line, size_t length, const char *format, ...) __attribute__((format(printf, 3, 4)));

static size_t append_error(char *line, size_t length, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    length = append(line, length, format, arguments);
    va_end(arguments);
    return length;
}

static void say(int error, const char *format, va_list arguments) {
    static const char prefix[] = "renacer-sv: ";
    int saved = errno;
    char line[LINE_BYTES];
    memcpy(line, prefix, sizeof(prefix));
    size_t length = append(line, strlen(prefix), format, arguments);
    if (error) {
        length = append_error(line, length, ": %s", strerrordesc_np(error));
    }
    const struct diag_target *target = atomic_load(&redirected);
    if (target) {
        target->say(target, line + strlen(prefix));
    } else {
        line[length++] = '\n';
        ssize_t ignored = write(STDERR_FILENO, line, length);
        (void)ignored;
    }
    errno = saved;
}

void diag_redirect(const struct diag_target *target) {
    atomic_store(&redirected, target);
}

void diag(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(0, format, arguments);
    va_end(arguments);
}

void diag_errno(int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    say(error, format, arguments);
    va_end(arguments);
}
