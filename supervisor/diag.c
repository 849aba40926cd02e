/* SPDX-License-Identifier: MIT */
#include "diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void write_line(int error, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void write_line(int error, const char *format, va_list arguments) {
    int saved = errno;
    char line[2048] = "renacer-sv: ";
    size_t length = strlen(line);
    int printed = vsnprintf(line + length, sizeof(line) - length - 1, format, arguments);
    if (printed > 0) {
        length += (size_t)printed;
    }
    if (length > sizeof(line) - 2) {
        length = sizeof(line) - 2;
    }
    if (error) {
        printed = snprintf(line + length, sizeof(line) - length - 1, ": %s", strerrordesc_np(error));
        if (printed > 0) {
            length += (size_t)printed;
        }
        if (length > sizeof(line) - 2) {
            length = sizeof(line) - 2;
        }
    }
    line[length++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, length);
    (void)ignored;
    errno = saved;
}

void diag(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(0, format, arguments);
    va_end(arguments);
}

void diag_errno(int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(error, format, arguments);
    va_end(arguments);
}
