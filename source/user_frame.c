/* SPDX-License-Identifier: MIT
 *
 * Only what the options need to be linked: the rule itself is made in another branch.
 */
#include "user_frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct user_rule {
    size_t patterns;
};

struct user_rule *user_rule_create(void) {
    return calloc(1, sizeof(struct user_rule));
}

void user_rule_destroy(struct user_rule *rule) {
    free(rule);
}

int user_rule_add(struct user_rule *rule, const char *patterns, char *problem, size_t size) {
    if (!patterns[0]) {
        snprintf(problem, size, "a pattern is empty");
        return -EINVAL;
    }
    rule->patterns++;
    return 0;
}
