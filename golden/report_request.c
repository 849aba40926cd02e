/* SPDX-License-Identifier: MIT */
#include "report_request.h"

#include "cleanup.h"
#include "diag.h"
#include "option_word.h"
#include "report_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int report_take_format(struct report_request *request, const char *word) {
    static const char *const formats[] = {"text", "json", "junit", "github", NULL};
    int index = option_word("--format", formats, word);
    request->format = index < 0 ? REPORT_TEXT : (enum report_format)index;
    return index < 0 ? index : 0;
}

int report_take_colour(struct report_request *request, const char *word) {
    static const char *const colours[] = {"auto", "always", "never", NULL};
    int index = option_word("--color", colours, word);
    request->colour = index < 0 ? COLOUR_AUTO : (enum colour)index;
    return index < 0 ? index : 0;
}

int report_check_output(const struct report_request *request, bool quiet, const char *const *inputs, size_t count) {
    struct stat output;
    struct stat input;
    if (request->output && quiet) {
        diag("--quiet writes no report, so that --output has nothing to write");
        return -EINVAL;
    }
    if (!request->output || stat(request->output, &output) < 0 || !S_ISREG(output.st_mode)) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (inputs[i] && stat(inputs[i], &input) == 0 && input.st_dev == output.st_dev &&
            input.st_ino == output.st_ino) {
            diag("--output %s is one of the files that it would tell of; the report needs a file of its own",
                 request->output);
            return -EINVAL;
        }
    }
    return 0;
}

/* False without memory. */
static bool write_findings(const struct report_request *request, const struct report_forms *forms, const void *of,
                           size_t count, FILE *stream) {
    auto_free struct findings *suites = calloc(count, sizeof(*suites));
    bool made = suites && forms->findings(of, request->format, suites) == 0;
    if (made && request->format == REPORT_JUNIT) {
        made = report_junit(suites, count, stream);
    } else if (made) {
        made = report_github(suites, count, stream);
    }
    for (size_t i = 0; suites && i < count; i++) {
        findings_finish(&suites[i]);
    }
    return made;
}

static bool write_report(const struct report_request *request, const struct report_forms *forms, const void *of,
                         size_t suites, const struct report_file *file) {
    switch (request->format) {
    case REPORT_TEXT:
        forms->text(of, !file->is_file && colour_wanted(request->colour, STDOUT_FILENO), file->stream);
        return true;
    case REPORT_JSON:
        return forms->json(of, file->stream);
    default:
        return write_findings(request, forms, of, suites, file->stream);
    }
}

int report_put(const struct report_request *request, const struct report_forms *forms, const void *of, size_t suites) {
    struct report_file file;
    int status = report_file_begin(&file, request->output);
    if (status == 0 && !write_report(request, forms, of, suites, &file)) {
        report_file_abandon(&file);
        status = -ENOMEM;
    } else if (status == 0) {
        status = report_file_finish(&file);
    }
    if (status < 0) {
        diag_errno(-status, "the report cannot be written%s%s", request->output ? " to " : "",
                   request->output ? request->output : "");
    }
    return status;
}
