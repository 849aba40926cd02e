/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* Whether an entry "NAME=VALUE" is of the variable that `change` names. */
static bool is_same_variable(const char *entry, const char *change) {
    size_t length = strcspn(change, "=");
    return strncmp(entry, change, length) == 0 && entry[length] == '=';
}

char **environment_with(char *const *from, char *const *changes, size_t change_count) {
    size_t count = 0;
    while (from[count]) {
        count++;
    }
    char **result = calloc(count + change_count + 1, sizeof(*result));
    if (!result) {
        return NULL;
    }
    memcpy(result, from, count * sizeof(*result));
    for (size_t i = 0; i < change_count; i++) {
        size_t kept = 0;
        for (size_t j = 0; j < count; j++) {
            if (!is_same_variable(result[j], changes[i])) {
                result[kept++] = result[j];
            }
        }
        count = kept;
        if (strchr(changes[i], '=')) {
            result[count++] = changes[i];
        }
    }
    result[count] = NULL;
    return result;
}

char **environment_given(char *last_word) {
    /* The kernel puts one string behind the other: argv, the environment, the name of the file. */
    char *end = (char *)getauxval(AT_EXECFN);
    char *begin = last_word + strlen(last_word) + 1;
    size_t count = 0;
    for (char *entry = begin; entry < end; entry += strlen(entry) + 1) {
        count++;
    }
    char **result = calloc(count + 1, sizeof(*result));
    char *entry = begin;
    for (size_t i = 0; result && i < count; i++) {
        result[i] = entry;
        entry += strlen(entry) + 1;
    }
    return result;
}
