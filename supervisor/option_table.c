/* SPDX-License-Identifier: MIT */
#include "option_table.h"

#include <string.h>

const struct option_row option_rows[OPTION_ROWS] = {
    {OPTION_HEADING, "What is written:", NULL, 0, NULL},
    {OPTION_FORMAT, "format", "text|json|jsonl|csv", ARGUMENT_WORDS,
     "form of the trace: strace's notation (text, the default), one JSON document, one JSON object a line, CSV"},
    {OPTION_OUTPUT, "output", "FILE", ARGUMENT_FILE, "write the trace to FILE; the program keeps its standard output"},
    {OPTION_SUMMARY, "summary", NULL, 0, "count calls, errors and time, and print a table in place of the calls"},
    {OPTION_SUMMARY_TOO, "with-summary", NULL, 0, "print the calls, and the table behind them"},
    {OPTION_SORT, "summary-sort-by", "calls|time|errors|name", ARGUMENT_WORDS, "order of the table (calls)"},
    {OPTION_FOLDED, "folded", NULL, 0,
     "one line for each stack, weighted by time in the kernel, in place of the calls: for flame graphs"},
    {OPTION_FUNCTION_TIME, "function-time", NULL, 0,
     "a table of functions in place of the calls: calls in and below each, time, and callers"},
    {OPTION_TIMING, "timing", NULL, 0, "time that each call took in the kernel"},
    {OPTION_STAMP, "absolute-timestamps", NULL, 0,
     "time of day of each call; -tt with microseconds, -ttt in seconds since 1970"},
    {OPTION_RELATIVE, "relative-timestamps", NULL, 0, "time since the line before"},
    {OPTION_DESCRIPTORS, "decode-fds", NULL, 0, "paths of descriptors; -yy: endpoints of sockets and devices as well"},
    {OPTION_VERBOSE, "no-abbrev", NULL, 0, "structures with all their members, and vectors with all their elements"},
    {OPTION_HEX, "hex-strings", NULL, 0,
     "strings that are not plain ASCII in hexadecimal; -xx: all strings (text and CSV)"},
    {OPTION_COLUMN, "columns", "N", ARGUMENT_OTHER, "results in this column of text, or behind a longer call (40)"},
    {OPTION_SOURCE, "source", NULL, 0, "file, line and function of your own code that made each call"},
    {OPTION_STACK, "stack-trace", NULL, 0, "the whole stack of each call; with -s files and lines too"},
    {OPTION_SOURCE_SKIP, "source-skip", "PATTERN[,PATTERN]...", ARGUMENT_OTHER,
     "with -s: modules, files or functions that are not your own code; !PATTERN: that are; may be repeated"},
    {OPTION_STACK_LIMIT, "stack-limit", "BYTES", ARGUMENT_OTHER,
     "with -s, -k: how much of the stack is copied at each call, with K for 1024 (16384)"},
    {OPTION_EVENTS, "events", NULL, 0, "signals, execs and ends of threads in JSON; text always has them"},
    {OPTION_QUIET, "quiet", NULL, 0,
     "no hints about places in the source (-s); -qq: no lines about threads that exit either"},
    {OPTION_STRING_LIMIT, "string-limit", "N", ARGUMENT_OTHER,
     "bytes of a string or buffer that are recorded (text 32, else 4096)"},
    {OPTION_DECODE, "decode", "entry|full", ARGUMENT_WORDS,
     "entry: what arguments point to when the call begins (the default); full: output arguments as well"},
    {OPTION_GOLDEN, "golden", NULL, 0,
     "a document that is the same in every run: JSON, lossless, with addresses and ids by name and without times"},
    {OPTION_NORMALIZE, "normalize", "RULE[,RULE]...", ARGUMENT_RULES,
     "with --golden: what is named or left out (all); none, or -RULE for all but that"},
    {OPTION_REDACT, "redact", "RULE", ARGUMENT_OTHER,
     "replace what the trace must not hold: secrets, buffers, env:GLOB, path:GLOB, fd:N, /REGEX/; may be repeated"},
    {OPTION_REDACT_FILE, "redact-file", "FILE", ARGUMENT_FILE, "rules of --redact from FILE, one in each line"},
    {OPTION_COLOUR, "color", "auto|always|never", ARGUMENT_WORDS,
     "colours in text (auto: on a terminal, unless NO_COLOR is set)"},
    {OPTION_HEADING, "What is traced:", NULL, 0, NULL},
    {OPTION_FOLLOW, "follow-forks", NULL, 0, "child processes too"},
    {OPTION_ATTACH, "attach", "PID[,PID]...", ARGUMENT_OTHER,
     "trace processes that run already, with all their threads, until they end or until Ctrl-C lets them go"},
    {OPTION_EXPRESSION, "expr", "EXPR", ARGUMENT_CALLS,
     "trace=CALL,... only these calls, classes (%file) or /regular expressions/, '!' excludes; "
     "status=successful,... only calls that end so; signal=SIGNAL,... only these signals"},
    {OPTION_TRACE, "trace", "CALL[,CALL]...", ARGUMENT_CALLS, "as -e trace="},
    {OPTION_STATUS, "status", "STATUS[,STATUS]...", ARGUMENT_OTHER, "as -e status="},
    {OPTION_SIGNAL, "signal", "SIGNAL[,SIGNAL]...", ARGUMENT_OTHER, "as -e signal="},
    {OPTION_PATH, "trace-path", "PATH", ARGUMENT_FILE, "only calls that touch PATH; may be repeated"},
    {OPTION_SUCCESSFUL, "successful-only", NULL, 0, "only calls that succeed"},
    {OPTION_FAILED, "failed-only", NULL, 0, "only calls that fail"},
    {OPTION_HEADING, "How it runs:", NULL, 0, NULL},
    {OPTION_USER, "user", "USER", ARGUMENT_USER, "run the program as USER, with the groups of that account"},
    {OPTION_ENVIRONMENT, "env", "VAR[=VAL]", ARGUMENT_OTHER, "set VAR in the program's environment, or remove it"},
    {OPTION_ENGINE, "engine", "auto|notify|ptrace|notify-only", ARGUMENT_WORDS,
     "how to trace; notify-only records no results"},
    {OPTION_LOSSLESS, "lossless", NULL, 0, "stop at every traced call, so that none can be lost"},
    {OPTION_RING_SIZE, "ring-size", "SIZE", ARGUMENT_OTHER,
     "bytes for each CPU's events, with K, M or G; rounded up to a power of two"},
    {OPTION_FAIL_ON_LOST, "fail-on-lost", NULL, 0, "exit with 125 if events were lost"},
    {OPTION_PROFILE_SELF, "profile-self", NULL, 0, "print counters of the tracing itself at the end"},
    {OPTION_HEADING, "Other:", NULL, 0, NULL},
    {OPTION_COMPLETION, "completion", "bash|zsh", ARGUMENT_WORDS, "print the shell's completion for renacer-sv"},
    {OPTION_HELP, "help", NULL, 0, "print this help"},
    {OPTION_VERSION, "version", NULL, 0, "print the version"},
};

/* Print `text` in lines of the right column. */
static void print_wrapped(FILE *stream, const char *text, unsigned indent, unsigned width) {
    while (strlen(text) > width) {
        unsigned length = width;
        while (length && text[length] != ' ') {
            length--;
        }
        if (!length) {
            break;
        }
        fprintf(stream, "%.*s\n%*s", (int)length, text, (int)indent, "");
        text += length + 1;
    }
    fprintf(stream, "%s\n", text);
}

static void print_row(FILE *stream, const struct option_row *row) {
    enum {
        LEFT = 38, /* columns of the left side */
        WIDTH = 42,
    };
    char left[96];
    char letter[8] = "    ";
    if (option_has_letter(row)) {
        snprintf(letter, sizeof(letter), "-%c, ", row->id);
    }
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    fprintf(stream, "  %-*s%s", LEFT - 2, left,
            strlen(left) > LEFT - 3 ? "\n                                      " : "");
    print_wrapped(stream, row->help, LEFT, WIDTH);
}

void options_print_help(FILE *stream) {
    fputs("Usage: renacer-sv [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
          "       renacer-sv [OPTION]... -p PID\n"
          "       renacer-sv compare [OPTION]... GOLDEN NEW\n"
          "       renacer-sv check [OPTION]... TRACE... | -- PROGRAM [ARGUMENT]...\n"
          "       renacer-sv golden record|verify|update|list [OPTION]... [NAME]...\n"
          "       renacer-sv agent [OPTION]... -o DIR\n"
          "       renacer-sv profile [--base FILE] [OPTION]...\n"
          "       renacer-sv doctor [--format text|json]\n"
          "Run PROGRAM and record every system call that it makes. compare says whether two\n"
          "traces are of programs that do the same, check whether budgets are kept, golden\n"
          "keeps golden traces and verifies them, agent traces containers, profile makes\n"
          "their seccomp profiles, doctor says what this machine allows.\n",
          stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].id == OPTION_HEADING) {
            fprintf(stream, "\n%s\n", option_rows[i].name);
        } else {
            print_row(stream, &option_rows[i]);
        }
    }
    fputs("\nText and tables go to standard error, JSON and CSV to standard output (then the\n"
          "program's own output goes to standard error), with -o everything to the file.\n"
          "The exit status is PROGRAM's own; 125 if renacer-sv itself failed, 126 if\n"
          "PROGRAM cannot be executed, 127 if it is not found. See renacer-sv(1).\n",
          stream);
}

void options_print_hint(FILE *stream) {
    fputs("renacer-sv runs a program and records every system call that it makes.\n"
          "\n"
          "  renacer-sv PROGRAM [ARGUMENT]...              calls as strace writes them, to standard error\n"
          "  renacer-sv -c PROGRAM                         a table: calls, errors, time in the kernel\n"
          "  renacer-sv -f -o FILE PROGRAM                 child processes too, into a file\n"
          "  renacer-sv -e trace=file,!close PROGRAM       some calls only\n"
          "  renacer-sv -y -T -tt PROGRAM                  paths of descriptors, durations, time stamps\n"
          "  renacer-sv --format json -o FILE PROGRAM      for other programs to read\n"
          "\n"
          "All options: renacer-sv --help, or the manual page renacer-sv(1).\n",
          stream);
}
