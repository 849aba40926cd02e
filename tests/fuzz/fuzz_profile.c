/* SPDX-License-Identifier: MIT
 *
 * Seccomp profiles from any bytes: what is read is written, and read again as the same; what is not says why.
 */
#include "cleanup.h"
#include "fuzz.h"
#include "profile_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was read, as text; NULL if nothing was. */
static char *read_and_write(const char *text, size_t size) {
    char admin[] = "CAP_SYS_ADMIN";
    char *capabilities[] = {admin};
    const struct name_list list = {.names = capabilities, .count = 1};
    const struct profile_target target = {.capabilities = &list, .kernel = {6, 1}};
    struct seccomp_profile profile = {0};
    struct profile_dependence dependence;
    char problem[256] = "";
    char *written = NULL;
    size_t length = 0;
    int status = profile_read(&profile, text, size, &target, &dependence, problem, sizeof(problem));
    fuzz_assert(status == 0 || ((status == -EINVAL || status == -ENOTSUP) && problem[0]));
    for (size_t i = 0; status == 0 && i < profile.rule_count; i++) {
        const struct profile_rule *rule = &profile.rules[i];
        fuzz_assert(rule->names.count && rule->action != PROFILE_NOTIFY);
        fuzz_assert(rule->condition_count <= PROFILE_CONDITIONS_MAX);
        for (size_t j = 0; j < rule->condition_count; j++) {
            fuzz_assert(rule->conditions[j].index < PROFILE_ARGUMENTS);
        }
    }
    if (status == 0) {
        FILE *stream = open_memstream(&written, &length);
        fuzz_assert(stream && seccomp_profile_write(&profile, stream) == 0 && fclose(stream) == 0);
    }
    seccomp_profile_finish(&profile);
    return written;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    auto_free char *text = malloc(size + 1);
    fuzz_assert(text != NULL);
    memcpy(text, bytes, size);
    text[size] = 0;
    auto_free char *first = read_and_write(text, size);
    auto_free char *second = first ? read_and_write(first, strlen(first)) : NULL;
    fuzz_assert(!first || (second && strcmp(first, second) == 0));
    return 0;
}
