/* SPDX-License-Identifier: MIT */
#include "comparison_findings.h"

#include "cleanup.h"
#include "memory_stream.h"
#include "printable.h"
#include "report.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
    DETAILS_BYTES = 64 << 10,
};

/* What was written: the caller's; NULL without memory. */
static char *take(struct memory_stream *memory) {
    if (memory_stream_close(memory) < 0) {
        return NULL;
    }
    return memory->text.bytes ? memory->text.bytes : strdup("");
}

static char *verdict_sentence(const struct comparison *comparison) {
    struct memory_stream memory;
    if (memory_stream_open(&memory) < 0) {
        return NULL;
    }
    report_verdict(comparison, memory.stream);
    return take(&memory);
}

/* Not more of it than CI systems can show: whole lines, unless that would leave out a line that is most of it. */
static char *cut(char *details) {
    size_t size = strlen(details);
    if (size <= DETAILS_BYTES) {
        return details;
    }
    const char *end = memrchr(details + DETAILS_BYTES / 2, '\n', DETAILS_BYTES / 2);
    size_t kept = end ? (size_t)(end + 1 - details) : printable_cut(details, size, DETAILS_BYTES);
    struct text text = {0};
    text_add(&text, details, kept);
    text_add_string(&text, end ? "... " : "\n... ");
    text_add_unsigned(&text, size - kept);
    text_add_string(&text, " bytes more, see the report as text\n");
    free(details);
    if (text.failed) {
        text_finish(&text);
        return NULL;
    }
    return text.bytes;
}

static char *differences_text(const struct comparison *comparison) {
    struct memory_stream memory;
    if (memory_stream_open(&memory) < 0) {
        return NULL;
    }
    report_differences(comparison, memory.stream);
    char *details = take(&memory);
    return details ? cut(details) : NULL;
}

int comparison_add_finding(const struct comparison *comparison, const struct finding *finding,
                           struct findings *findings) {
    bool differ = !comparison_equivalent(comparison);
    auto_free char *reason = verdict_sentence(comparison);
    auto_free char *details = differ ? differences_text(comparison) : NULL;
    if (!reason || (differ && !details)) {
        return -ENOMEM;
    }
    struct finding whole = *finding;
    whole.status = differ ? FINDING_FAILED : FINDING_PASSED;
    whole.reason = reason;
    whole.details = details;
    return findings_add(findings, &whole);
}

static int add_difference(const struct difference *difference, const char *const path[SIDES],
                          struct findings *findings) {
    static const char *const reasons[] = {[DIFFERENCE_MISSING] = "the new trace does not have it",
                                          [DIFFERENCE_ADDED] = "the golden trace does not have it",
                                          [DIFFERENCE_CHANGED] = "the traces do not agree",
                                          [DIFFERENCE_MOVED] = "in another order"};
    struct memory_stream memory;
    if (memory_stream_open(&memory) < 0) {
        return -ENOMEM;
    }
    report_details(difference, memory.stream);
    auto_free char *details = take(&memory);
    if (!details) {
        return -ENOMEM;
    }
    enum side side = !difference->line[SIDE_GOLDEN] && difference->line[SIDE_NEW] ? SIDE_NEW : SIDE_GOLDEN;
    const struct finding finding = {.status = FINDING_FAILED,
                                    .name = difference->subject,
                                    .reason = reasons[difference->kind],
                                    .details = details,
                                    .file = path[side],
                                    .line = difference->line[side],
                                    .seconds = -1};
    return findings_add(findings, &finding);
}

static int add_rest(uint64_t count, const char *path, struct findings *findings) {
    char reason[64];
    snprintf(reason, sizeof(reason), "there are %" PRIu64 " more differences", count);
    const struct finding finding = {
        .status = FINDING_FAILED, .name = "more differences", .reason = reason, .file = path, .seconds = -1};
    return findings_add(findings, &finding);
}

int comparison_add_differences(const struct comparison *comparison, const char *const path[SIDES], size_t most,
                               struct findings *findings) {
    if (comparison_equivalent(comparison)) {
        const struct finding finding = {
            .status = FINDING_PASSED, .name = compare_mode_name(comparison->mode), .seconds = -1};
        return findings_add(findings, &finding);
    }
    uint64_t all = comparison->difference_count + comparison->differences_left_out;
    uint64_t told = all > most ? most - 1 : all;
    told = told < comparison->difference_count ? told : comparison->difference_count;
    int status = 0;
    for (size_t i = 0; i < told && status == 0; i++) {
        status = add_difference(&comparison->differences[i], path, findings);
    }
    return status < 0 || told == all ? status : add_rest(all - told, path[SIDE_GOLDEN], findings);
}

int comparison_conclude(const struct comparison *comparison, struct findings *findings) {
    auto_free char *sentence = verdict_sentence(comparison);
    return sentence ? findings_conclude(findings, sentence) : -ENOMEM;
}
