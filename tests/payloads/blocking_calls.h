/* SPDX-License-Identifier: MIT
 * What the calls of blocking_storm share. */
#ifndef BLOCKING_CALLS_H
#define BLOCKING_CALLS_H

#include "blocking_storm.h"

enum {
    LIMIT_NS = 5000000,
    NS_PER_S = 1000000000,
    NS_PER_MS = 1000000,
};

/* What the call that is tried works on. */
extern int reading;
extern int writing;
extern int others[2];
extern char name[64];
extern int queue;
extern uint32_t word;

void must(bool good, const char *what);
long outcome(long result);
long gives(long result, long expected);
void close_all(void);
bool with_pipe(void);
bool with_sockets(void);
void put_byte(void);
void name_file(const char *what);
void remove_file(void);
bool with_semaphore(void);
void without_semaphore(void);
void no_finish(void);

#endif
