/* SPDX-License-Identifier: MIT
 *
 * A record: one thing that happened to a tracee, as the collector hands it to
 * the emitter. A plain tagged struct; the captured bytes of a call follow it.
 */
#ifndef RENACER_RECORD_H
#define RENACER_RECORD_H

#include "align.h"
#include "stack_sample.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum record_kind {
    RECORD_CALL,
    RECORD_SIGNAL, /* a signal was delivered */
    RECORD_EXEC,   /* a process runs another program now */
    RECORD_END,    /* a thread ended */
    /* Only where they were asked for (session_options.births, .maps, .stacks): */
    RECORD_START,   /* a thread was created; before all other records of it */
    RECORD_MAPS,    /* what a process had in its memory when its program started; before that program's first call */
    RECORD_MAPPING, /* a process has mapped code */
};

enum end_manner {
    END_UNKNOWN, /* what would have told was not seen */
    END_EXITED,
    END_KILLED,
};

enum call_flags {
    CALL_HAS_ARGS = 1 << 0,     /* args were seen; without it only number and result are known */
    CALL_HAS_RESULT = 1 << 1,   /* a source measured the result */
    CALL_HAS_DURATION = 1 << 2, /* a source measured the time */
    CALL_UNRETURNED = 1 << 3,   /* the call never came back: exit, execve of a killed thread, ... */
};

struct call_record {
    int32_t number;
    uint32_t flags; /* enum call_flags */
    uint64_t args[6];
    int64_t result;       /* the kernel's value; negative errno on error */
    uint64_t duration_ns; /* in the kernel, without the observer */
    uint32_t captures_size;
    uint32_t stack_size; /* of the struct stack_sample with its stack, behind the captures; 0: there is none */
};

struct signal_record {
    int32_t number;
    int32_t code; /* si_code */
    int32_t error;
    int32_t sender; /* process; 0: not known, as of those that are not traced */
};

struct exec_record {
    int32_t former_tid; /* the thread that called execve; another than tid if it was not the leader */
};

struct end_record {
    uint8_t manner; /* enum end_manner */
    int32_t code;   /* exit code, or signal; signal 0: not known which */
};

struct start_record {
    int32_t parent_pid; /* process that created it */
    int32_t parent_tid; /* and its thread; both are ids of that moment */
};

/* `size` bytes follow the record. RECORD_MAPS: struct start_maps, then the text of /proc/PID/maps. RECORD_MAPPING:
 * struct mapping. */
struct maps_record {
    uint32_t size;
};

struct start_maps {
    uint64_t stack; /* the stack pointer with which the program started; 0: not known */
};

struct record {
    uint8_t kind;     /* enum record_kind */
    uint8_t arch;     /* enum arch */
    uint8_t threaded; /* the process had a second thread by then */
    uint8_t several;  /* more than one thread is traced at the moment */
    int32_t pid;      /* process (thread group) */
    int32_t tid;      /* thread */
    uint64_t time_ns; /* CLOCK_MONOTONIC: entry of a call, else when it happened */
    union {
        struct call_record call;
        struct signal_record signal;
        struct exec_record exec;
        struct end_record end;
        struct start_record start;
        struct maps_record maps;
    };
    /* call: captures_size bytes of captures (include/capture.h) follow, padded, and then stack_size bytes */
};

/* Whether the kernel said that the call failed: MAX_ERRNO of include/linux/err.h. */
static inline bool call_failed(const struct call_record *call) {
    return call->flags & CALL_HAS_RESULT && call->result < 0 && call->result >= -4095;
}

/* Whether the record is of something that everybody is told of, other than a call. */
static inline bool record_is_event(const struct record *record) {
    return record->kind == RECORD_SIGNAL || record->kind == RECORD_EXEC || record->kind == RECORD_END;
}

/* How many bytes follow the record, but for a stack. */
static inline uint32_t record_payload(const struct record *record) {
    if (record->kind == RECORD_CALL) {
        return record->call.captures_size;
    }
    return record->kind == RECORD_MAPS || record->kind == RECORD_MAPPING ? record->maps.size : 0;
}

static inline const void *record_captures(const struct record *record) {
    return record + 1;
}

/* Of a call: its stack, or NULL. */
static inline const struct stack_sample *record_stack(const struct record *record) {
    const uint8_t *payload = record_captures(record);
    return record->kind == RECORD_CALL && record->call.stack_size
               ? (const struct stack_sample *)(const void *)(payload + padded(record->call.captures_size))
               : NULL;
}

/* How many bytes a record is with all that follows it. */
static inline size_t record_size(const struct record *record) {
    size_t payload = record_payload(record);
    bool has_stack = record->kind == RECORD_CALL && record->call.stack_size;
    return sizeof(*record) + (has_stack ? padded(payload) + record->call.stack_size : payload);
}

/* Write a record with what follows it to `to`, which has room for record_size(): its captures, and its stack if it has
 * any. */
static inline void record_store(void *to, const struct record *record, const void *captures,
                                const struct stack_sample *stack) {
    struct record *copy = to;
    *copy = *record;
    if (record_payload(record)) {
        memcpy(copy + 1, captures, record_payload(record));
    }
    if (record->kind == RECORD_CALL && record->call.stack_size) {
        memcpy((uint8_t *)(copy + 1) + padded(record_payload(record)), stack, record->call.stack_size);
    }
}

#endif
