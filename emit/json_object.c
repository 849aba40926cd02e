/* SPDX-License-Identifier: MIT */
#include "json_object.h"

#include "cleanup.h"

#include <inttypes.h>
#include <math.h>

static struct json_node node_of(cJSON *node, bool *failed) {
    *failed |= !node;
    return (struct json_node){node, failed};
}

struct json_node json_document(bool *failed) {
    return node_of(cJSON_CreateObject(), failed);
}

/* Add what was made, or NULL without memory; it belongs to the object from now on, whatever happens. */
static void add(struct json_node object, const char *name, cJSON *item) {
    if (!item || !cJSON_AddItemToObject(object.node, name, item)) {
        cJSON_Delete(item);
        *object.failed = true;
    }
}

struct json_node json_add_object(struct json_node object, const char *name) {
    return node_of(cJSON_AddObjectToObject(object.node, name), object.failed);
}

struct json_node json_add_array(struct json_node object, const char *name) {
    return node_of(cJSON_AddArrayToObject(object.node, name), object.failed);
}

static struct json_node append(struct json_node array, cJSON *item) {
    if (item && !cJSON_AddItemToArray(array.node, item)) {
        cJSON_Delete(item);
        item = NULL;
    }
    return node_of(item, array.failed);
}

struct json_node json_append_object(struct json_node array) {
    return append(array, cJSON_CreateObject());
}

void json_append_string(struct json_node array, const char *string) {
    append(array, cJSON_CreateString(string));
}

void json_add_unsigned(struct json_node object, const char *name, uint64_t number) {
    char digits[24];
    snprintf(digits, sizeof(digits), "%" PRIu64, number);
    add(object, name, cJSON_CreateRaw(digits));
}

void json_add_number(struct json_node object, const char *name, double number) {
    char digits[48];
    if (number == floor(number) && fabs(number) < 1e15) {
        snprintf(digits, sizeof(digits), "%.0f", number);
        add(object, name, cJSON_CreateRaw(digits));
    } else {
        add(object, name, cJSON_CreateNumber(number));
    }
}

void json_add_null(struct json_node object, const char *name) {
    add(object, name, cJSON_CreateNull());
}

void json_add_string(struct json_node object, const char *name, const char *string) {
    add(object, name, string ? cJSON_CreateString(string) : cJSON_CreateNull());
}

void json_add_bool(struct json_node object, const char *name, bool value) {
    add(object, name, cJSON_CreateBool(value));
}

void json_add_line(struct json_node object, const char *name, uint64_t line) {
    if (line) {
        json_add_unsigned(object, name, line);
    } else {
        json_add_null(object, name);
    }
}

bool json_write(struct json_node document, FILE *stream) {
    auto_free char *text = *document.failed ? NULL : cJSON_Print(document.node);
    cJSON_Delete(document.node);
    if (text) {
        fprintf(stream, "%s\n", text);
    }
    return text != NULL;
}
