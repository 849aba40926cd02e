/* SPDX-License-Identifier: MIT */
#include "seccomp_profile.h"

#include "json_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const profile_action_names[] = {
    [PROFILE_ALLOW] = "SCMP_ACT_ALLOW",
    [PROFILE_LOG] = "SCMP_ACT_LOG",
    [PROFILE_NOTIFY] = "SCMP_ACT_NOTIFY",
    [PROFILE_ERRNO] = "SCMP_ACT_ERRNO",
    [PROFILE_TRACE] = "SCMP_ACT_TRACE",
    [PROFILE_TRAP] = "SCMP_ACT_TRAP",
    [PROFILE_KILL] = "SCMP_ACT_KILL",
    [PROFILE_KILL_THREAD] = "SCMP_ACT_KILL_THREAD",
    [PROFILE_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
    NULL,
};

const char *const profile_comparison_names[] = {
    [PROFILE_NE] = "SCMP_CMP_NE",
    [PROFILE_LT] = "SCMP_CMP_LT",
    [PROFILE_LE] = "SCMP_CMP_LE",
    [PROFILE_EQ] = "SCMP_CMP_EQ",
    [PROFILE_GE] = "SCMP_CMP_GE",
    [PROFILE_GT] = "SCMP_CMP_GT",
    [PROFILE_MASKED_EQ] = "SCMP_CMP_MASKED_EQ",
    NULL,
};

int name_list_add(struct name_list *list, const char *name) {
    char **names = reallocarray(list->names, list->count + 1, sizeof(*names));
    if (!names) {
        return -ENOMEM;
    }
    list->names = names;
    names[list->count] = strdup(name);
    if (!names[list->count]) {
        return -ENOMEM;
    }
    list->count++;
    return 0;
}

bool name_list_has(const struct name_list *list, const char *name) {
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void name_list_finish(struct name_list *list) {
    for (size_t i = 0; i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    *list = (struct name_list){0};
}

struct profile_rule *seccomp_profile_add_rule(struct seccomp_profile *profile, enum profile_action action) {
    struct profile_rule *rules = reallocarray(profile->rules, profile->rule_count + 1, sizeof(*rules));
    if (!rules) {
        return NULL;
    }
    profile->rules = rules;
    struct profile_rule *rule = &rules[profile->rule_count++];
    *rule = (struct profile_rule){.action = action};
    return rule;
}

static void finish_rule(struct profile_rule *rule) {
    name_list_finish(&rule->names);
    free(rule->conditions);
}

void seccomp_profile_drop_rule(struct seccomp_profile *profile) {
    finish_rule(&profile->rules[--profile->rule_count]);
}

int profile_rule_add_condition(struct profile_rule *rule, const struct profile_condition *condition) {
    struct profile_condition *conditions =
        reallocarray(rule->conditions, rule->condition_count + 1, sizeof(*conditions));
    if (!conditions) {
        return -ENOMEM;
    }
    rule->conditions = conditions;
    conditions[rule->condition_count++] = *condition;
    return 0;
}

void seccomp_profile_finish(struct seccomp_profile *profile) {
    for (size_t i = 0; i < profile->rule_count; i++) {
        finish_rule(&profile->rules[i]);
    }
    free(profile->rules);
    name_list_finish(&profile->architectures);
    name_list_finish(&profile->flags);
    free(profile->listener_path);
    free(profile->listener_metadata);
    *profile = (struct seccomp_profile){0};
}

/* ------------------------------------------------------------------------ as JSON */

static void add_names(struct json_node object, const char *name, const struct name_list *list) {
    struct json_node array = json_add_array(object, name);
    for (size_t i = 0; i < list->count; i++) {
        json_append_string(array, list->names[i]);
    }
}

static void add_conditions(struct json_node object, const struct profile_rule *rule) {
    struct json_node array = json_add_array(object, "args");
    for (size_t i = 0; i < rule->condition_count; i++) {
        const struct profile_condition *condition = &rule->conditions[i];
        struct json_node of = json_append_object(array);
        json_add_unsigned(of, "index", condition->index);
        json_add_unsigned(of, "value", condition->value);
        if (condition->comparison == PROFILE_MASKED_EQ) {
            json_add_unsigned(of, "valueTwo", condition->value_two);
        }
        json_add_string(of, "op", profile_comparison_names[condition->comparison]);
    }
}

int seccomp_profile_write(const struct seccomp_profile *profile, FILE *stream) {
    bool failed = false;
    struct json_node document = json_document(&failed);
    json_add_string(document, "defaultAction", profile_action_names[profile->default_action]);
    if (profile->has_default_errno) {
        json_add_unsigned(document, "defaultErrnoRet", profile->default_errno);
    }
    if (profile->architectures.count) {
        add_names(document, "architectures", &profile->architectures);
    }
    if (profile->has_flags) {
        add_names(document, "flags", &profile->flags);
    }
    if (profile->listener_path) {
        json_add_string(document, "listenerPath", profile->listener_path);
    }
    if (profile->listener_metadata) {
        json_add_string(document, "listenerMetadata", profile->listener_metadata);
    }
    struct json_node rules = json_add_array(document, "syscalls");
    for (size_t i = 0; i < profile->rule_count; i++) {
        const struct profile_rule *rule = &profile->rules[i];
        struct json_node object = json_append_object(rules);
        add_names(object, "names", &rule->names);
        json_add_string(object, "action", profile_action_names[rule->action]);
        if (rule->has_errno) {
            json_add_unsigned(object, "errnoRet", rule->errno_value);
        }
        if (rule->condition_count) {
            add_conditions(object, rule);
        }
    }
    return json_write(document, stream) ? 0 : -ENOMEM;
}
