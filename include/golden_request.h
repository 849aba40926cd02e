/* SPDX-License-Identifier: MIT
 *
 * The words behind `renacer-sv golden`.
 */
#ifndef RENACER_GOLDEN_REQUEST_H
#define RENACER_GOLDEN_REQUEST_H

#include "manifest.h"
#include "report_request.h"

#include <stdbool.h>
#include <stddef.h>

enum golden_verb {
    GOLDEN_RECORD,
    GOLDEN_VERIFY,
    GOLDEN_UPDATE,
    GOLDEN_LIST,
};

struct golden_request {
    enum golden_verb verb;
    const char *manifest;
    struct golden golden; /* GOLDEN_RECORD: all of it */
    bool force;           /* an entry that is there is replaced */
    bool once;            /* it is not recorded a second time */
    bool no_follow;
    unsigned jobs;    /* 0: not said */
    unsigned timeout; /* seconds; 0: not said */
    struct report_request report;
    const char *keep; /* the folder that new traces which differ are put into, or NULL */
    bool yes;         /* changes are accepted without a question */
    char *const *names;
    size_t name_count;
    char *const *command; /* in place of that in the manifest, NULL-terminated; or NULL */
};

enum golden_parsed {
    GOLDEN_PARSED,
    GOLDEN_HELPED, /* help was printed */
    GOLDEN_WRONG,  /* the reason was said */
};

/* Parse the words, argv[1] being "golden". golden_request_finish() in any case. */
enum golden_parsed golden_request_parse(struct golden_request *request, int argc, char *argv[]);
void golden_request_finish(struct golden_request *request);

#endif
