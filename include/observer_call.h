/* SPDX-License-Identifier: MIT
 *
 * One call of a trace as an observer takes it: who makes it, what its
 * arguments mean. Shared by the files golden/observer*.c.
 */
#ifndef RENACER_OBSERVER_CALL_H
#define RENACER_OBSERVER_CALL_H

#include "notation.h"
#include "observer.h"
#include "text.h"

struct call_rule;

/* What is known of the whole trace so far. */
struct observer_state {
    bool has_begun;    /* something was changed or sent: what is executed from now on was asked for */
    bool has_executed; /* a program other than the one that was started */
    unsigned launches; /* scripts that did nothing but find the program that they put in their place */
    bool chose_ports;  /* the system has chosen a port to listen on */
};

/* A call that was successful, as far as is known. */
struct observed_call {
    const struct trace_call *call;
    const struct call_rule *rule;
    struct observations *observations;
    struct process_model *model;
    struct process *process;
    struct occasion occasion;
    const char *start_directory;
    bool by_registers; /* renacer 0.6: three registers in hex, strings in quotation marks */
    struct observer_state *state;
    struct text *path; /* for paths, reused from call to call */
    struct text *other;
    struct text *bytes;
};

enum {
    NO_ARGUMENT = -1,
    BY_DESCRIPTOR = -2, /* in place of a directory: the file is not given by a path */
    HERE = -100,        /* AT_FDCWD */
};

/* What an observer does with a call of this name. Indices of arguments, or NO_ARGUMENT; which of them a function looks
 * at, stands with it. */
struct call_rule {
    const char *name;
    int (*observe)(const struct observed_call *o);
    int directory; /* descriptor of it; none: the current one */
    int place;     /* path, or descriptor */
    int value;
    int extra;
    const char *what; /* in words */
};

/* The rules of each file, in no order. */
extern const struct call_rule file_rules[];
extern const size_t file_rule_count;
extern const struct call_rule stream_rules[];
extern const size_t stream_rule_count;
extern const struct call_rule process_rules[];
extern const size_t process_rule_count;

/* ------------------------------------------------------------------ arguments */

bool call_number(const struct observed_call *o, int index, uint64_t *number);
bool call_descriptor(const struct observed_call *o, int index, int *descriptor);
/* The same without AT_FDCWD. */
bool call_open_descriptor(const struct observed_call *o, int index, int *descriptor);
/* Whether a flag is among those of an argument, by its name or, where they are a number, by its bits. */
bool call_has_flag(const struct observed_call *o, int index, const char *name, uint64_t bits);
/* The text of an argument, if it is shown otherwise than as a number or a register. NULL: it is not. */
const struct trace_bytes *call_text(const struct observed_call *o, int index);
/* What the call returned: a number of 0 or more. */
bool call_result(const struct observed_call *o, uint64_t *result);

/* A path, relative to where the program was started if it is below that, in `path`. False if it was not recorded. */
bool call_path(const struct observed_call *o, int directory, int index, struct text *path);
/* The same of a path that is text already. */
bool call_path_of(const struct observed_call *o, int directory, const char *text, size_t size, struct text *path);

/* What a descriptor stands for; one that the model does not know is what "fds" says of it, or unknown from now on.
 * NULL: no memory. */
struct open_file *call_open_file(const struct observed_call *o, int index, int descriptor);

/* N of /dev/fd/N and the like; -1: the path is none. */
int call_descriptor_path(const char *path);

#endif
