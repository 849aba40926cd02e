/* SPDX-License-Identifier: MIT
 *
 * Where a trace begins in a file that has other output as well: the object
 * whose "format" is renacer-json-v1.
 */
#ifndef RENACER_TRACE_HEAD_H
#define RENACER_TRACE_HEAD_H

#include "text.h"
#include "trace_arena.h"
#include "trace_reader.h"

enum {
    TRACE_HEAD_BYTES = 65536, /* the members of the head stand in as many first bytes of the object */
};

#define TRACE_FORMAT "renacer-json-v1"

enum head_kind {
    HEAD_NONE,  /* no JSON, or an object without a format */
    HEAD_OTHER, /* an object of another format */
    HEAD_CUT,   /* the bytes end before its format */
    HEAD_FOUND,
};

struct head_probe {
    struct trace_arena strings; /* what `head` points to */
    struct text rules;
    struct text filter;
    struct trace_head head;
    struct trace_bytes format;
    bool has_content; /* calls, events or a summary: it is a document, not the first line of JSON Lines */
    bool is_whole;    /* the object ends within the bytes */
    size_t size;      /* if so: its length */
};

/* Whether the bytes, which begin with '{', can be the beginning of a trace: its first member has to be one that
 * documents have. Cheap. */
bool trace_head_may_begin(const char *bytes, size_t size);

/* Look at the object with which the bytes begin. An enum head_kind, or -ENOMEM. Zero-initialised before the first
 * time; valid until the next time. */
int trace_head_probe(struct head_probe *probe, const char *bytes, size_t size);

void head_probe_finish(struct head_probe *probe);

#endif
