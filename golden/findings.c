/* SPDX-License-Identifier: MIT */
#include "findings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int findings_begin(struct findings *findings, const char *suite) {
    *findings = (struct findings){.suite = strdup(suite)};
    return findings->suite ? 0 : -ENOMEM;
}

/* The strings are the finding's own, though they are not to be changed. */
static void free_strings(const struct finding *finding) {
    free((char *)finding->name);
    free((char *)finding->reason);
    free((char *)finding->details);
    free((char *)finding->file);
}

/* Put a copy in the place of what it is a copy of; false without memory. */
static bool copy(const char **string) {
    bool has_any = *string != NULL;
    *string = has_any ? strdup(*string) : NULL;
    return !has_any || *string;
}

/* Room for one more: it grows twofold, whenever the count is a power of two. */
static bool reserve(struct findings *findings) {
    size_t count = findings->count;
    if (count & (count - 1)) {
        return true;
    }
    struct finding *each = reallocarray(findings->each, count ? count * 2 : 1, sizeof(*each));
    findings->each = each ? each : findings->each;
    return each != NULL;
}

int findings_add(struct findings *findings, const struct finding *finding) {
    if (!reserve(findings)) {
        return -ENOMEM;
    }
    struct finding kept = *finding;
    bool copied = copy(&kept.name);
    copied = copy(&kept.reason) && copied;
    copied = copy(&kept.details) && copied;
    copied = copy(&kept.file) && copied;
    if (!copied) {
        free_strings(&kept);
        return -ENOMEM;
    }
    findings->each[findings->count++] = kept;
    return 0;
}

int findings_conclude(struct findings *findings, const char *conclusion) {
    char *kept = strdup(conclusion);
    if (!kept) {
        return -ENOMEM;
    }
    free(findings->conclusion);
    findings->conclusion = kept;
    return 0;
}

void findings_finish(struct findings *findings) {
    for (size_t i = 0; i < findings->count; i++) {
        free_strings(&findings->each[i]);
    }
    free(findings->each);
    free(findings->suite);
    free(findings->conclusion);
    *findings = (struct findings){0};
}
