/* SPDX-License-Identifier: MIT
 * What README says, in C. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    STATUS_ERROR_LINES = 3,
    STATUS_FAILED = 2,
    PATH_SIZE = 4096,
    MESSAGE_SIZE = 128,
    WORDS_MAX = 1000, /* in a line */
};

struct word {
    char *text;
    unsigned count;
};

struct words {
    struct word *items;
    size_t count;
    size_t room;
};

struct report {
    const char *folder;
    const char *change;
    unsigned lines;
    unsigned words;
    bool has_errors;
    struct words counted;
    struct words skipped;
};

static void fail(const char *what) {
    fprintf(stderr, "report: %s: %s\n", what, strerror(errno));
    exit(STATUS_FAILED);
}

static bool changed(const struct report *report, const char *change) {
    return strcmp(report->change, change) == 0;
}

static const char *in_folder(const struct report *report, const char *name, char path[PATH_SIZE]) {
    snprintf(path, PATH_SIZE, "%s/%s", report->folder, name);
    return path;
}

/* Where the word is, or where it has to be put to keep them sorted. */
static size_t place_of(const struct words *words, const char *text, bool *is_there) {
    size_t low = 0;
    size_t high = words->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(words->items[middle].text, text);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *is_there = false;
    return low;
}

static void add_word(struct words *words, const char *text) {
    bool is_there;
    size_t place = place_of(words, text, &is_there);
    if (!is_there) {
        if (words->count == words->room) {
            words->room = words->room ? 2 * words->room : 64;
            words->items = realloc(words->items, words->room * sizeof(*words->items));
            if (!words->items) {
                fail("words");
            }
        }
        memmove(&words->items[place + 1], &words->items[place], (words->count - place) * sizeof(*words->items));
        words->items[place] = (struct word){.text = strdup(text)};
        words->count++;
    }
    words->items[place].count++;
}

static void free_words(struct words *words) {
    for (size_t i = 0; i < words->count; i++) {
        free(words->items[i].text);
    }
    free(words->items);
}

static void take_lock(const struct report *report) {
    char path[PATH_SIZE];
    int fd = open(in_folder(report, "lock", path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, "report\n", 7) != 7) {
        fail(path);
    }
    close(fd);
}

static void read_skipped(struct report *report) {
    char path[PATH_SIZE];
    FILE *file = fopen(in_folder(report, "skip.txt", path), "re");
    if (!file) {
        if (errno == ENOENT) {
            return;
        }
        fail(path);
    }
    char word[256];
    while (fscanf(file, "%255s", word) == 1) {
        add_word(&report->skipped, word);
    }
    fclose(file);
}

static void report_line(struct report *report, char *line) {
    char *words[WORDS_MAX];
    size_t count = 0;
    report->lines++;
    if (strncmp(line, "ERROR", 5) == 0) {
        report->has_errors = true;
    }
    for (char *word = strtok(line, " \t\r\n"); word && count < WORDS_MAX; word = strtok(NULL, " \t\r\n")) {
        bool is_skipped;
        words[count++] = word;
        place_of(&report->skipped, word, &is_skipped);
        if (!is_skipped) {
            report->words++;
            add_word(&report->counted, word);
        }
    }
    printf("%u:", report->lines);
    while (count > 0) {
        printf(" %s", words[--count]);
    }
    putchar('\n');
}

static void read_input(struct report *report, const char *path) {
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    if (!file) {
        fail(path);
    }
    while (getline(&line, &size, file) >= 0) {
        report_line(report, line);
    }
    free(line);
    fclose(file);
    printf("%s %u lines, %u words, %zu different\n", changed(report, "output-byte") ? "Total" : "total", report->lines,
           report->words, report->counted.count);
    fflush(stdout);
}

static void write_report(const struct report *report) {
    char temporary[PATH_SIZE];
    char path[PATH_SIZE];
    in_folder(report, changed(report, "in-place") ? "report.txt" : "report.txt.tmp", temporary);
    FILE *file = fopen(temporary, "we");
    if (!file) {
        fail(temporary);
    }
    if (!changed(report, "order")) {
        fprintf(file, "%s\n", changed(report, "report-byte") ? "Words by neme" : "Words by name");
    }
    for (size_t i = 0; i < report->counted.count; i++) {
        fprintf(file, "%u %s\n", report->counted.items[i].count, report->counted.items[i].text);
    }
    if (changed(report, "order")) {
        fprintf(file, "Words by name\n");
    }
    if (fclose(file)) {
        fail(temporary);
    }
    if (!changed(report, "in-place") && rename(temporary, in_folder(report, "report.txt", path))) {
        fail(path);
    }
}

static void tell_peer(const struct report *report, const char *address, uint16_t port) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    char line[MESSAGE_SIZE];
    int length = snprintf(line, sizeof(line), "%u %s %u words\n", report->lines,
                          changed(report, "peer-byte") ? "Lines" : "lines", report->words);
    inet_pton(AF_INET, address, &peer.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)) || send(fd, line, (size_t)length, 0) != length) {
        fail(address);
    }
    close(fd);
}

static void run(const char *const arguments[]) {
    pid_t child;
    errno = posix_spawn(&child, arguments[0], NULL, NULL, (char *const *)arguments, environ);
    if (errno || waitpid(child, NULL, 0) < 0) {
        fail(arguments[0]);
    }
}

static void run_children(const struct report *report) {
    char lines[MESSAGE_SIZE];
    snprintf(lines, sizeof(lines), "%u", report->lines);
    run((const char *[]){"/bin/echo", changed(report, "child-argument") ? "did" : "done", lines, NULL});
    if (changed(report, "extra-child")) {
        run((const char *[]){"/bin/true", "extra", NULL});
    }
}

int main(int argc, char **argv) {
    struct report report = {.change = argc == 5 ? argv[4] : ""};
    char path[PATH_SIZE];
    if (argc < 4) {
        fprintf(stderr, "usage: report INPUT FOLDER PORT [CHANGE]\n");
        return STATUS_FAILED;
    }
    report.folder = argv[2];
    uint16_t port = (uint16_t)atoi(argv[3]);
    if (!changed(&report, "no-lock")) {
        take_lock(&report);
    }
    if (!changed(&report, "no-read")) {
        read_skipped(&report);
    }
    read_input(&report, argv[1]);
    if (!changed(&report, "no-report")) {
        write_report(&report);
    }
    if (port) {
        tell_peer(&report, "127.0.0.1", port);
    }
    if (port && changed(&report, "extra-peer")) {
        tell_peer(&report, "127.0.0.2", port);
    }
    run_children(&report);
    fprintf(stderr, "report: %u lines%s\n", report.lines, changed(&report, "message") ? "!" : "");
    if (!changed(&report, "no-lock") && !changed(&report, "keep-lock") && unlink(in_folder(&report, "lock", path))) {
        fail(path);
    }
    free_words(&report.counted);
    free_words(&report.skipped);
    return (report.has_errors ? STATUS_ERROR_LINES : 0) + (changed(&report, "status") ? 1 : 0);
}
