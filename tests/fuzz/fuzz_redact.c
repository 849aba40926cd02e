/* SPDX-License-Identifier: MIT
 *
 * Files of rules from any bytes, and what such rules do to any string: what is replaced lies within it, in order.
 * The string is what stands behind the last empty line.
 */
#include "fuzz.h"
#include "redact.h"

#include <errno.h>

static void check(struct redaction *redaction, const struct shown_bytes *shown) {
    size_t count;
    size_t at = 0;
    const struct redact_range *ranges = redaction_find(redaction, shown, &count);
    for (size_t i = 0; i < count; i++) {
        fuzz_assert(ranges[i].start < ranges[i].end && ranges[i].end <= shown->size);
        fuzz_assert(i == 0 || ranges[i].start > at);
        at = ranges[i].end;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct redaction *redaction;
    struct redact_problem problem;
    size_t rules = size;
    while (rules > 1 && !(bytes[rules - 1] == '\n' && bytes[rules - 2] == '\n')) {
        rules--;
    }
    fuzz_assert(redaction_create(&redaction) == 0);
    int status = redaction_add_lines(redaction, (const char *)bytes, rules, &problem);
    fuzz_assert(status == 0 || (status == -EINVAL && problem.line && problem.words[0]));
    for (unsigned i = 0; i < 6; i++) {
        struct shown_bytes shown = {bytes + rules, size - rules, (enum bytes_kind)(i % 3), i >= 3};
        check(redaction, &shown);
        redaction_hides_next(redaction, shown.bytes, shown.size);
    }
    redaction_destroy(redaction);
    return 0;
}
