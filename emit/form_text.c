/* SPDX-License-Identifier: MIT
 *
 * The trace in strace's notation: one complete line for each call, when it has
 * ended; signals and ends of threads between them.
 */
#include "form.h"
#include "function_time.h"
#include "source_text.h"
#include "value.h"
#include "written_stacks.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    OWNER_WIDTH = 5, /* of a thread id */
    NANOSECONDS = 1000000000,
    MICROSECOND_DIGITS = 6,
};

/* Terminal colours, or nothing. */
struct palette {
    const char *name; /* of the call */
    const char *error;
    const char *signal;
    const char *end; /* of a thread */
    const char *dim; /* who and when */
    const char *reset;
};

static const struct palette plain = {"", "", "", "", "", ""};
static const struct palette coloured = {"\033[1m", "\033[31m", "\033[33m", "\033[35m", "\033[2m", "\033[m"};

struct text_trace {
    const struct writer_options *options;
    struct output *output;
    const struct palette *palette;
    struct text line;
    size_t invisible; /* bytes of the line that take no column */
    struct tm local;  /* the second that was last converted */
    time_t local_second;
    struct written_stacks stacks;
};

static int text_create(void **state, const struct writer_options *options, struct output *output) {
    struct text_trace *trace = calloc(1, sizeof(*trace));
    if (!trace) {
        return -ENOMEM;
    }
    trace->options = options;
    trace->output = output;
    trace->palette = options->output.colour ? &coloured : &plain;
    trace->local_second = -1;
    trace->line.verbose = options->output.verbose;
    trace->line.hex = options->output.hex_strings;
    trace->line.redaction = options->output.redaction;
    *state = trace;
    return 0;
}

static void text_destroy(void *state) {
    struct text_trace *trace = state;
    if (trace) {
        text_finish(&trace->line);
        written_stacks_finish(&trace->stacks);
        free(trace);
    }
}

/* ------------------------------------------------------------- parts of a line */

static void add_colour(struct text_trace *trace, const char *sequence) {
    if (!sequence[0]) {
        return;
    }
    size_t before = trace->line.length;
    text_add_string(&trace->line, sequence);
    trace->invisible += trace->line.length - before;
}

/* printf() for a few short fields. */
__attribute__((format(printf, 2, 3))) static void add(struct text_trace *trace, const char *format, ...) {
    char field[64];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(field, sizeof(field), format, arguments);
    va_end(arguments);
    if (length > 0) {
        text_add(&trace->line, field, (size_t)length < sizeof(field) ? (size_t)length : sizeof(field) - 1);
    }
}

/* Behind what begins at `start` as many spaces as it needs to be so wide. */
static void fill_up(struct text *line, size_t start, size_t width) {
    size_t length = line->length - start;
    text_add_spaces(line, length < width ? width - length : 0);
}

/* Whose line it is: as strace, a bare id in a file of -f, "[pid N]" where several are at work. */
static void add_owner(struct text_trace *trace, const struct record *record) {
    bool follow = trace->options->output.follow;
    if (follow && trace->options->to_file) {
        size_t start = trace->line.length;
        text_add_signed(&trace->line, record->tid);
        fill_up(&trace->line, start, OWNER_WIDTH);
        text_add_char(&trace->line, ' ');
    } else if (record->several) {
        add(trace, "[pid %5d] ", record->tid);
    }
}

/* The part of a second behind the point. */
static void add_microseconds(struct text *line, uint64_t nanoseconds) {
    text_add_char(line, '.');
    text_add_zero_padded(line, nanoseconds % NANOSECONDS / 1000, MICROSECOND_DIGITS);
}

static void add_time_of_day(struct text_trace *trace, uint64_t since_epoch) {
    time_t second = (time_t)(since_epoch / NANOSECONDS);
    if (second != trace->local_second) {
        /* A time that has no calendar date is none that a clock shows. */
        if (!localtime_r(&second, &trace->local)) {
            trace->local = (struct tm){0};
        }
        trace->local_second = second;
    }
    const int parts[] = {trace->local.tm_hour, trace->local.tm_min, trace->local.tm_sec};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        text_add_string(&trace->line, i ? ":" : "");
        text_add_zero_padded(&trace->line, (unsigned)parts[i], 2);
    }
}

/* Seconds, with the microseconds behind a point. */
static void add_seconds(struct text *line, uint64_t nanoseconds) {
    text_add_unsigned(line, nanoseconds / NANOSECONDS);
    add_microseconds(line, nanoseconds);
}

/* -r: since the line before. Lines stand in the order in which calls ended, so
 * that with several threads one may have begun before its predecessor. */
static void add_relative(struct text_trace *trace, uint64_t time_ns) {
    int64_t difference = trace->output->progress.last_ns ? (int64_t)(time_ns - trace->output->progress.last_ns) : 0;
    uint64_t size = difference < 0 ? -(uint64_t)difference : (uint64_t)difference;
    char seconds[32];
    snprintf(seconds, sizeof(seconds), "%s%" PRIu64, difference < 0 ? "-" : "", size / NANOSECONDS);
    bool beside = trace->options->output.stamp != STAMP_NONE;
    add(trace, "%s%6s.%06" PRIu64 "%s ", beside ? "(+" : "", seconds, size / 1000 % 1000000, beside ? ")" : "");
    trace->output->progress.last_ns = time_ns;
}

static void add_stamps(struct text_trace *trace, uint64_t time_ns) {
    uint64_t since_epoch = trace->options->epoch_ns + time_ns;
    switch (trace->options->output.stamp) {
    case STAMP_NONE:
        break;
    case STAMP_SECONDS:
        add_time_of_day(trace, since_epoch);
        text_add_char(&trace->line, ' ');
        break;
    case STAMP_MICROSECONDS:
        add_time_of_day(trace, since_epoch);
        add_microseconds(&trace->line, since_epoch);
        text_add_char(&trace->line, ' ');
        break;
    case STAMP_EPOCH:
        add_seconds(&trace->line, since_epoch);
        text_add_char(&trace->line, ' ');
        break;
    }
    if (trace->options->output.relative_stamp) {
        add_relative(trace, time_ns);
    }
}

static void begin_line(struct text_trace *trace, const struct record *record) {
    text_clear(&trace->line);
    trace->invisible = 0;
    add_colour(trace, trace->palette->dim);
    add_owner(trace, record);
    add_stamps(trace, record->time_ns);
    if (trace->line.length == trace->invisible) {
        /* Neither who nor when. */
        text_clear(&trace->line);
        trace->invisible = 0;
    } else {
        add_colour(trace, trace->palette->reset);
    }
}

/* In one piece, so that what the program writes to the same place does not come between. */
static void end_line(struct text_trace *trace) {
    text_add_char(&trace->line, '\n');
    sink_write(trace->output->main, trace->line.bytes, trace->line.length);
}

/* --------------------------------------------------------------------- records */

/* -s and -k: behind the call, and in lines of their own. The stack is asked for first: it tells the place as well. */
static void write_origin(struct text_trace *trace, const struct record *record) {
    const struct output_options *output = &trace->options->output;
    struct text *line = &trace->line;
    const struct call_stack *stack = output->sources && output->stack ? source_map_stack(output->sources) : NULL;
    const struct frame *place = output->sources && output->source ? source_map_place(output->sources) : NULL;
    if (!place && !stack) {
        return;
    }
    add_colour(trace, trace->palette->dim);
    if (!stack || !written_stacks_add(&trace->stacks, stack->number, line)) {
        size_t start = line->length;
        source_to_text(place, " at ", line);
        if (stack) {
            stack_to_text(stack, output->source, line);
            written_stacks_keep(&trace->stacks, stack->number, line, start);
        }
    }
    if (stack) {
        stack_end_to_text(stack, record_stack(record), line);
    }
    add_colour(trace, trace->palette->reset);
}

static void write_call(struct text_trace *trace, const struct record *record) {
    struct decoded_call call;
    decode_call(record, &call);
    if (!trace->options->output.descriptors) {
        decoded_call_hide_descriptors(&call);
    }
    begin_line(trace, record);
    add_colour(trace, trace->palette->name);
    text_add_string(&trace->line, call.name);
    add_colour(trace, trace->palette->reset);
    text_add_char(&trace->line, '(');
    arguments_to_text(&call, &trace->line);
    text_add_char(&trace->line, ')');
    uint32_t column = trace->options->output.result_column;
    fill_up(&trace->line, trace->invisible, column ? column - 1 : 0);
    text_add_string(&trace->line, " = ");
    bool failed = call_failed(&record->call);
    add_colour(trace, failed ? trace->palette->error : "");
    result_to_text(record, &call, &trace->line);
    add_colour(trace, failed ? trace->palette->reset : "");
    if (trace->options->output.timing) {
        if (record->call.flags & CALL_HAS_DURATION) {
            text_add_string(&trace->line, " <");
            add_seconds(&trace->line, record->call.duration_ns);
            text_add_char(&trace->line, '>');
        } else if (!(record->call.flags & CALL_UNRETURNED)) {
            text_add_string(&trace->line, " <unavailable>");
        }
    }
    write_origin(trace, record);
    end_line(trace);
}

/* A line between "---" and "---". */
static void begin_signal(struct text_trace *trace, const struct record *record, int number) {
    begin_line(trace, record);
    add_colour(trace, trace->palette->signal);
    text_add_string(&trace->line, "--- ");
    signal_to_text((uint64_t)number, &trace->line);
    text_add_string(&trace->line, " {si_signo=");
    signal_to_text((uint64_t)number, &trace->line);
}

static void end_signal(struct text_trace *trace) {
    text_add_string(&trace->line, ", ...} ---");
    add_colour(trace, trace->palette->reset);
    end_line(trace);
}

/* The kernel's tracepoints tell of a siginfo_t the first three fields and of some
 * signals the sender; strace writes "..." for fields that it does not show. */
static void write_signal(struct text_trace *trace, const struct record *record) {
    const struct signal_record *info = &record->signal;
    begin_signal(trace, record, info->number);
    text_add_string(&trace->line, ", si_code=");
    signal_code_to_text(info->number, info->code, &trace->line);
    if (info->error) {
        text_add_string(&trace->line, ", si_errno=");
        text_add_signed(&trace->line, info->error);
    }
    if (info->sender) {
        text_add_string(&trace->line, ", si_pid=");
        text_add_signed(&trace->line, info->sender);
    }
    end_signal(trace);
    if (info->number == SIGSTOP) {
        begin_line(trace, record);
        add_colour(trace, trace->palette->signal);
        text_add_string(&trace->line, "--- stopped by SIGSTOP ---");
        add_colour(trace, trace->palette->reset);
        end_line(trace);
    }
    if (record->pid == trace->options->root) {
        trace->output->progress.root_signal = info->number;
    }
}

static void write_end(struct text_trace *trace, const struct record *record, bool core_dumped) {
    if (record->end.manner == END_EXITED && trace->options->output.quiet_ends) {
        return;
    }
    begin_line(trace, record);
    add_colour(trace, trace->palette->end);
    switch (record->end.manner) {
    case END_EXITED:
        add(trace, "+++ exited with %d +++", record->end.code);
        break;
    case END_KILLED:
        text_add_string(&trace->line, "+++ killed by ");
        if (record->end.code) {
            signal_to_text((uint64_t)record->end.code, &trace->line);
        } else {
            text_add_char(&trace->line, '?');
        }
        text_add_string(&trace->line, core_dumped ? " (core dumped) +++" : " +++");
        break;
    default:
        text_add_string(&trace->line, "+++ exited with ? +++");
        break;
    }
    add_colour(trace, trace->palette->reset);
    end_line(trace);
}

/* An exec by another thread than the leader takes over the leader's id. */
static void write_exec(struct text_trace *trace, const struct record *record) {
    if (record->exec.former_tid != record->tid) {
        begin_line(trace, record);
        add_colour(trace, trace->palette->end);
        text_add_string(&trace->line, "+++ superseded by execve in pid ");
        text_add_signed(&trace->line, record->exec.former_tid);
        text_add_string(&trace->line, " +++");
        add_colour(trace, trace->palette->reset);
        end_line(trace);
    }
}

/* Whether a signal's standard action writes a core file (signal(7)). */
static bool may_dump_core(int number) {
    static const int dumping[] = {SIGQUIT, SIGILL, SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP, SIGXCPU, SIGXFSZ, SIGSYS};
    for (size_t i = 0; i < sizeof(dumping) / sizeof(dumping[0]); i++) {
        if (dumping[i] == number) {
            return true;
        }
    }
    return false;
}

static void take_end(struct text_trace *trace, const struct record *record) {
    if (record->tid == trace->options->root) {
        /* How it ended is known for certain when it has been waited for: only then whether there is a core file. */
        if (record->end.manner == END_UNKNOWN || (record->end.manner == END_KILLED && !record->end.code) ||
            (record->end.manner == END_KILLED && may_dump_core(record->end.code))) {
            return;
        }
        trace->output->progress.root_ended = true;
    }
    write_end(trace, record, false);
}

/* Who reads on has to know that the marks are ours. */
static void write_redaction(struct text_trace *trace) {
    unsigned rules = redaction_count(trace->options->output.redaction);
    text_clear(&trace->line);
    add(trace, "+++ redacted by %u rule%s +++", rules, rules == 1 ? "" : "s");
    end_line(trace);
}

static void text_record(void *state, const struct record *record) {
    struct text_trace *trace = state;
    if (summary_is_all(trace->options->output.summary)) {
        return;
    }
    if (!trace->output->progress.begun && trace->options->output.redaction) {
        write_redaction(trace);
    }
    trace->output->progress.begun = true;
    switch (record->kind) {
    case RECORD_CALL:
        write_call(trace, record);
        break;
    case RECORD_SIGNAL:
        /* strace never sees this one coming: the end tells it. */
        if (record->signal.number != SIGKILL) {
            write_signal(trace, record);
        }
        break;
    case RECORD_EXEC:
        write_exec(trace, record);
        break;
    case RECORD_END:
        take_end(trace, record);
        break;
    default:
        break;
    }
}

static void write_root_end(struct text_trace *trace, const struct trace_summary *summary) {
    struct record record = {.kind = RECORD_END,
                            .pid = trace->options->root,
                            .tid = trace->options->root,
                            .time_ns = summary->end_ns,
                            .end = {.manner = summary->signal ? END_KILLED : END_EXITED,
                                    .code = summary->signal ? summary->signal : summary->exit_code}};
    struct record fatal = {.kind = RECORD_SIGNAL, .signal = {.number = summary->signal}};
    const struct record_filter *filter = trace->options->output.filter;
    if (summary->signal && summary->signal != SIGKILL && summary->signal != trace->output->progress.root_signal &&
        (!filter || record_filter_keeps(filter, &fatal))) {
        /* One that the kernel does not deliver, because it ends the process at once. */
        begin_signal(trace, &record, summary->signal);
        end_signal(trace);
    }
    write_end(trace, &record, summary->core_dumped);
}

static void write_incomplete(struct text_trace *trace, const char *reason) {
    text_clear(&trace->line);
    add_colour(trace, trace->palette->end);
    text_add_string(&trace->line, "+++ trace incomplete: ");
    text_add_string(&trace->line, reason);
    text_add_string(&trace->line, " +++");
    add_colour(trace, trace->palette->reset);
    end_line(trace);
}

/* The table that was asked for. */
static void write_summary(struct text_trace *trace, const struct trace_totals *totals) {
    bool measured = trace->options->time != NULL;
    text_clear(&trace->line);
    if (totals->stacks) {
        functions_to_text(totals->stacks, measured, &trace->line);
    } else if (output_has_places(&trace->options->output)) {
        places_to_text(totals->places, totals->place_count, measured, &trace->line);
    } else {
        summary_to_text(totals->rows, totals->row_count, measured, &trace->line);
    }
    sink_write(trace->output->main, trace->line.bytes, trace->line.length);
}

static void text_end(void *state, const struct trace_totals *totals) {
    struct text_trace *trace = state;
    if (!summary_is_all(trace->options->output.summary) && !trace->output->progress.root_ended &&
        !totals->summary->detached) {
        write_root_end(trace, totals->summary);
    }
    if (trace->options->output.summary != SUMMARY_NONE) {
        write_summary(trace, totals);
    }
    if (totals->summary->incomplete) {
        write_incomplete(trace, totals->summary->incomplete);
    }
}

static int text_error(const void *state) {
    const struct text_trace *trace = state;
    return trace->line.failed ? ENOMEM : 0;
}

const struct form form_text = {
    .create = text_create, .destroy = text_destroy, .record = text_record, .end = text_end, .error = text_error};
