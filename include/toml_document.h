/* SPDX-License-Identifier: MIT
 *
 * A TOML document (https://toml.io, version 1.0) as a tree, with the place of
 * everything in its file. Read by toml++; nothing of C++ shows here.
 */
#ifndef RENACER_TOML_DOCUMENT_H
#define RENACER_TOML_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TOML_BYTES_MAX = 16 << 20, /* of a file */
};

enum toml_kind {
    TOML_TABLE,
    TOML_ARRAY,
    TOML_STRING,
    TOML_INTEGER,
    TOML_FLOAT,
    TOML_BOOLEAN,
    TOML_DATE, /* a date, a time, or both: its value is not kept */
};

struct toml_string {
    const char *bytes; /* UTF-8; a NUL stands behind them, and may stand in them */
    size_t size;
};

struct toml_node {
    enum toml_kind kind;
    const char *key; /* in its table; NULL: an element of an array, or the document itself */
    unsigned line;   /* of the key or, where there is none, of the value: from 1 */
    unsigned column; /* in characters, from 1 */
    size_t count;    /* of a table or an array: how many children */
    union {
        struct toml_node *children; /* in the order of the file */
        struct toml_string string;
        int64_t integer;
        double number;
        bool truth;
    };
};

struct toml_document;

/* Parse the text, which need not outlive it. `name` is what the file is called in `problem`. 0; -ENOMEM; -EINVAL with
 * a sentence in `problem` that begins with name, line and column ("renacer.toml:3:9: ...") if it is not TOML. */
int toml_document_parse(struct toml_document **result, const char *text, size_t size, const char *name, char *problem,
                        size_t problem_size);

/* Read and parse a file; "-" is standard input. As above, or -errno with a sentence if it cannot be read; -EFBIG if it
 * has more than TOML_BYTES_MAX bytes. */
int toml_document_read(struct toml_document **result, const char *path, char *problem, size_t problem_size);

/* The table that the document is. Valid, as are all nodes and strings, until it is destroyed. */
const struct toml_node *toml_document_root(const struct toml_document *document);

void toml_document_destroy(struct toml_document *document); /* NULL is fine */

/* The member of a table; NULL: there is none, or `table` is none. */
const struct toml_node *toml_member(const struct toml_node *table, const char *key);

/* "a string", "a table": for messages. */
const char *toml_kind_name(enum toml_kind kind);

#ifdef __cplusplus
}
#endif

#endif
