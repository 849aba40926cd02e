/* SPDX-License-Identifier: MIT
 *
 * --folded and --function-time: what they go together with.
 */
#ifndef RENACER_STACK_SUMMARY_H
#define RENACER_STACK_SUMMARY_H

#include "options.h"

/* Why what was asked for of stacks does not go with the other options: a static sentence; NULL: it does. */
const char *stack_summary_problem(const struct options *options);

#endif
