/* SPDX-License-Identifier: MIT
 *
 * Recording a program from within one of our verbs: the trace is taken by
 * another process of this very program, so that several can be taken at once
 * and nothing of the tracing touches the verb.
 */
#ifndef RENACER_RECORDER_H
#define RENACER_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where the program's standard output and error go. */
enum recorder_output {
    RECORDER_KEEP,  /* into memory, to be shown if something goes wrong */
    RECORDER_ERROR, /* both to our standard error */
};

struct recorder_request {
    char *const *options;     /* of the tracer, NULL-terminated; without -o, which is ours */
    char *const *command;     /* the program and its arguments, NULL-terminated */
    char *const *environment; /* of the program; NULL: ours */
    const char *directory;    /* it runs there; NULL: where we are */
    const char *input;        /* its standard input is this file or character device; NULL: /dev/null */
    const char *trace;        /* path of the file that the trace is written to, relative to where we are */
    enum recorder_output output;
};

struct recorder;

/* Begin. The tracer and the program are in a process group of their own, with no descriptors but the standard ones and
 * no signals ignored or blocked, whatever the caller has; if the calling thread ends, they are killed, with what they
 * have started. The file of the trace is emptied. 0 or -errno with a sentence in `problem`: -EINVAL if the input is
 * neither a file nor a character device. */
int recorder_start(struct recorder **result, const struct recorder_request *request, char *problem, size_t size);

/* A descriptor that becomes readable when it has ended: a pidfd. */
int recorder_fd(const struct recorder *recorder);

/* Wait for the end. 0: the trace is complete, and *wait_status is the program's own, as wait(2) has it. -EIO with a
 * sentence in `problem` (what the tracer said, if it said anything) if there is no complete trace: it cannot be read to
 * its summary, has lost events, or does not tell the exit status of the tracer. An empty file is removed then. */
int recorder_wait(struct recorder *recorder, int *wait_status, char *problem, size_t size);

/* With RECORDER_KEEP, after the end: the last of what the program wrote to its standard output or error, and what the
 * tracer said: at most a few KiB of text, valid until recorder_destroy(). */
const char *recorder_said(struct recorder *recorder);

/* If it has not ended, kills the tracer, the program and what that has started, daemons as well. NULL is fine. */
void recorder_destroy(struct recorder *recorder);

#endif
