/* SPDX-License-Identifier: MIT
 *
 * The options of an agent: those of tracing, as far as they make sense for a
 * container, and its own.
 */
#ifndef RENACER_AGENT_OPTIONS_H
#define RENACER_AGENT_OPTIONS_H

#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
    AGENT_UIDS_MAX = 64,
};

/* Why an option of tracing makes no sense for containers, and why a container's profile may not say it either, to stand
 * behind its name; NULL: it does, and may. */
const char *agent_option_objection(int id);
const char *profile_option_objection(int id);

struct agent_options {
    struct options tracing; /* its `file` is the folder for documents */
    const char *socket;     /* --listen; NULL: not given */
    uid_t uids[AGENT_UIDS_MAX];
    size_t uid_count;       /* --allow-uid */
    unsigned timeout;       /* --timeout: seconds that a runtime has to tell of a container */
    const char *unnotified; /* of a container's profile: calls that it could not notify, joined by commas; NULL: none */
};

/* Parse the agent's command line, whose argv[0] is the verb. With `metadata` not NULL the options of a container's
 * profile as well, as if they stood behind the others: such as say what is recorded, and how it is shown. Those strings
 * have to outlive the options, until agent_options_finish(), which is to be called whatever the verdict. */
enum options_verdict agent_options_parse(struct agent_options *options, int argc, char *argv[], char *const *metadata,
                                         size_t count);
void agent_options_finish(struct agent_options *options);

#endif
