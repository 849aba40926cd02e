/* SPDX-License-Identifier: MIT
 *
 * --redact and --redact-file.
 */
#ifndef RENACER_REDACT_OPTION_H
#define RENACER_REDACT_OPTION_H

#include "redact.h"

#include <stdbool.h>

/* Add a rule, or those of a file, to *redaction, which is made with the first. False: it is wrong, and that was said.
 */
bool redact_option(struct redaction **redaction, const char *rule);
bool redact_option_file(struct redaction **redaction, const char *path);

#endif
