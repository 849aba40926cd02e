/* SPDX-License-Identifier: MIT
 *
 * JSON objects of reports, by cJSON, whose functions drop in silence what there
 * is no memory for: here that fails the whole document.
 */
#ifndef RENACER_JSON_OBJECT_H
#define RENACER_JSON_OBJECT_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* An object or array of a document. */
struct json_node {
    cJSON *node;  /* NULL: no memory */
    bool *failed; /* of the document: something is missing in it */
};

/* The document, to be written or freed. `failed` is false, and stays the caller's. */
struct json_node json_document(bool *failed);

struct json_node json_add_object(struct json_node object, const char *name);
struct json_node json_add_array(struct json_node object, const char *name);
/* A new object at the end of an array. */
struct json_node json_append_object(struct json_node array);

void json_append_string(struct json_node array, const char *string);

/* Exactly: a cJSON number is a double. */
void json_add_unsigned(struct json_node object, const char *name, uint64_t number);
/* Whole ones without a fraction. */
void json_add_number(struct json_node object, const char *name, double number);
void json_add_null(struct json_node object, const char *name);
/* NULL becomes null. */
void json_add_string(struct json_node object, const char *name, const char *string);
void json_add_bool(struct json_node object, const char *name, bool value);
/* null for 0, of which there is no line. */
void json_add_line(struct json_node object, const char *name, uint64_t line);

/* Write the document, indented, with a newline, and free it. False without memory; whether it could be written is the
 * stream's error. */
bool json_write(struct json_node document, FILE *stream);

#endif
