/* SPDX-License-Identifier: MIT
 *
 * listenerMetadata: the line of options by which a seccomp profile tells the agent
 * what to record, so that it and the calls that stop agree. The agent splits it as a
 * shell would (metadata_words.h).
 */
#ifndef RENACER_PROFILE_METADATA_H
#define RENACER_PROFILE_METADATA_H

#include "profile_notify.h"
#include "text.h"

enum {
    PROFILE_METADATA_MAX = 4096, /* bytes that the agent takes */
};

/* Append an option of ours, in its letter if it has one, with its argument, if it takes one. 0; -EINVAL: the argument
 * has control characters in it, or is no UTF-8. Memory is the text's matter. */
int profile_metadata_add(struct text *line, int option, const char *argument);

/* Append which chosen calls are not notified, for a document in which they are missing. Of those that are denied all or
 * none: *denied_left_out says that there was no room. 0; -E2BIG: there is none for the others either. */
int profile_metadata_add_unnotified(struct text *line, const struct unnotified *unnotified, bool *denied_left_out);

#endif
