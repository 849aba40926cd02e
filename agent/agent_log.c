/* SPDX-License-Identifier: MIT */
#include "agent_log.h"

#include "json.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_BYTES = PIPE_BUF,
    MESSAGE_BYTES = 2000, /* of the line, as JSON */
    MEMBER_BYTES = 1000,  /* of a member's text, as JSON */
    TIME_BYTES = 40,
    HEAD_BYTES = 256,
};

static const char cut_member[] = ",\"cut\":true";
static const char dots[] = "...";

/* Up to `size` bytes of a string, without the beginning of a character whose end would be missing. */
static size_t whole_characters(const char *string, size_t size) {
    size_t whole = size;
    while (whole && ((unsigned char)string[whole] & 0xc0) == 0x80) {
        whole--;
    }
    /* No character has more than three such bytes: this is no text, and any place is as good. */
    return size - whole <= 3 ? whole : size;
}

/* Append a string in quotation marks, as much of it as `limit` bytes hold; those are enough for "...". */
static void add_text(struct text *line, const char *string, size_t limit) {
    size_t start = line->length;
    size_t most = limit - strlen(dots);
    size_t size = strlen(string);
    bool is_cut = size > limit;
    size = is_cut ? whole_characters(string, most) : size;
    for (;;) {
        json_add_quoted(line, string, size);
        size_t length = line->length - start;
        if (line->failed || length <= (is_cut ? most : limit)) {
            break;
        }
        /* Escapes made it longer: less of it, in proportion, which is at least a byte less. */
        is_cut = true;
        line->length = start;
        size = whole_characters(string, size * most / length);
    }
    if (is_cut && !line->failed) {
        line->length--;
        text_add_string(line, dots);
        text_add_char(line, '"');
    }
}

/* False: there is no room for it. */
static bool add_member(struct text *line, const struct log_member *member) {
    enum {
        NUMBER_BYTES = 20,
        TEXT_BYTES_MIN = 40,
        BEHIND_BYTES = sizeof(cut_member) - 1 + sizeof("}\n") - 1, /* what comes behind all of them */
    };
    size_t needed =
        strlen(",\"\":") + strlen(member->name) + (member->text ? TEXT_BYTES_MIN : NUMBER_BYTES) + BEHIND_BYTES;
    if (line->length + needed > LINE_BYTES) {
        return false;
    }
    text_add_string(line, ",\"");
    text_add_string(line, member->name);
    text_add_string(line, "\":");
    if (member->text) {
        size_t room = LINE_BYTES - BEHIND_BYTES - line->length;
        add_text(line, member->text, room < MEMBER_BYTES ? room : MEMBER_BYTES);
    } else {
        text_add_signed(line, member->number);
    }
    return true;
}

/* In UTC. */
static void print_time(char *to, size_t size) {
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t length = strftime(to, size, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(to + length, size - length, ".%03ldZ", now.tv_nsec / 1000000);
}

static void write_line(const char *bytes, size_t size) {
    ssize_t written;
    do {
        written = write(STDERR_FILENO, bytes, size);
    } while (written < 0 && errno == EINTR);
}

void agent_log(enum log_level level, const char *event, const struct log_member *members, size_t count,
               const char *message_format, ...) {
    static const char *const levels[] = {
        [LOG_LEVEL_INFO] = "info", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_ERROR] = "error"};
    int saved = errno;
    char head[HEAD_BYTES];
    char now[TIME_BYTES];
    char message[2 * MESSAGE_BYTES]; /* more than is shown: what does not fit here is cut there as well */
    va_list arguments;
    va_start(arguments, message_format);
    vsnprintf(message, sizeof(message), message_format, arguments);
    va_end(arguments);
    print_time(now, sizeof(now));
    snprintf(head, sizeof(head), "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"message\":", now, levels[level],
             event);

    struct text line = {0};
    bool is_cut = false;
    text_add_string(&line, head);
    add_text(&line, message, MESSAGE_BYTES);
    for (size_t i = 0; i < count; i++) {
        is_cut |= !add_member(&line, &members[i]);
    }
    text_add_string(&line, is_cut ? cut_member : "");
    text_add_string(&line, "}\n");
    if (!line.failed) {
        write_line(line.bytes, line.length);
    } else {
        size_t length = strlen(head);
        snprintf(head + length, sizeof(head) - length, "\"there is no memory to say more\"}\n");
        write_line(head, strlen(head));
    }
    text_finish(&line);
    errno = saved;
}

static void say(const struct diag_target *target, const char *message) {
    const struct diagnostic_log *log = (const struct diagnostic_log *)target; /* its first member */
    struct log_member member = {"container", log->container, 0};
    agent_log(LOG_LEVEL_WARNING, "diagnostic", &member, log->container != NULL, "%s", message);
}

void agent_log_diagnostics(struct diagnostic_log *log, const char *container) {
    log->target.say = say;
    log->container = container;
    diag_redirect(&log->target);
}
