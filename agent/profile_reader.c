/* SPDX-License-Identifier: MIT */
#include "profile_reader.h"

#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yajl/yajl_tree.h>

enum {
    DEPTH_MAX = 32, /* of a document: a real one has 6 */
    ERRNO_MAX = 4095,
    TRACE_MAX = UINT16_MAX, /* of what a tracer is told */
    WHERE_BYTES = 48,
};

/* What is being read; and where, for messages. */
struct reader {
    struct seccomp_profile *profile;
    const struct profile_target *target;
    struct profile_dependence *dependence;
    char *problem;
    size_t size;
    char where[WHERE_BYTES]; /* "" or "syscalls[3]: " */
};

static int __attribute__((format(printf, 2, 3))) refuse(struct reader *reader, const char *format, ...) {
    int length = snprintf(reader->problem, reader->size, "%s", reader->where);
    va_list arguments;
    va_start(arguments, format);
    if (length >= 0 && (size_t)length < reader->size) {
        vsnprintf(reader->problem + length, reader->size - (size_t)length, format, arguments);
    }
    va_end(arguments);
    return -EINVAL;
}

/* ------------------------------------------------------------------ members of JSON */

/* The member of this name, NULL in *value if there is none or it is null. Go, in which most runtimes are written,
 * takes one whose name has other case, and the last of two. */
static int find_member(struct reader *reader, yajl_val object, const char *name, yajl_val *value) {
    *value = NULL;
    bool found = false;
    for (size_t i = 0; i < object->u.object.len; i++) {
        const char *key = object->u.object.keys[i];
        if (strcasecmp(key, name) != 0) {
            continue;
        }
        if (strcmp(key, name) != 0) {
            return refuse(reader, "'%s' is to be written '%s'", key, name);
        }
        if (found) {
            return refuse(reader, "'%s' stands there twice", name);
        }
        found = true;
        *value = YAJL_IS_NULL(object->u.object.values[i]) ? NULL : object->u.object.values[i];
    }
    return 0;
}

static int find_array(struct reader *reader, yajl_val object, const char *name, yajl_val *value) {
    int status = find_member(reader, object, name, value);
    if (status == 0 && *value && !YAJL_IS_ARRAY(*value)) {
        return refuse(reader, "'%s' has to be an array", name);
    }
    return status;
}

static int find_object(struct reader *reader, yajl_val object, const char *name, yajl_val *value) {
    int status = find_member(reader, object, name, value);
    if (status == 0 && *value && !YAJL_IS_OBJECT(*value)) {
        return refuse(reader, "'%s' has to be an object", name);
    }
    return status;
}

/* NULL in *string if there is none. */
static int find_string(struct reader *reader, yajl_val object, const char *name, const char **string) {
    yajl_val value = NULL;
    int status = find_member(reader, object, name, &value);
    *string = status == 0 && value && YAJL_IS_STRING(value) ? value->u.string : NULL;
    if (status == 0 && value && !*string) {
        return refuse(reader, "'%s' has to be a string", name);
    }
    return status;
}

/* Exactly, which no double is: 1 if there is one, 0 if there is none, or -EINVAL. */
static int find_unsigned(struct reader *reader, yajl_val object, const char *name, uint64_t most, uint64_t *number) {
    yajl_val value = NULL;
    int status = find_member(reader, object, name, &value);
    if (status < 0 || !value) {
        return status;
    }
    const char *digits = YAJL_IS_NUMBER(value) ? value->u.number.r : "";
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(digits, &end, 10);
    if (!isdigit((unsigned char)digits[0]) || *end || errno || parsed > most) {
        return refuse(reader, "'%s' has to be a number from 0 to %" PRIu64, name, most);
    }
    *number = parsed;
    return 1;
}

/* Append all strings of the array, NULL: none. */
static int add_strings(struct reader *reader, yajl_val array, const char *name, struct name_list *list) {
    for (size_t i = 0; array && i < array->u.array.len; i++) {
        yajl_val value = array->u.array.values[i];
        if (!YAJL_IS_STRING(value) || !value->u.string[0]) {
            return refuse(reader, "'%s' has to be an array of names", name);
        }
        if (name_list_add(list, value->u.string) < 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

/* -------------------------------------------------------------- conditions on rules */

/* How many of the array's strings the list has. */
static size_t count_known(yajl_val array, const struct name_list *list) {
    size_t known = 0;
    for (size_t i = 0; array && i < array->u.array.len; i++) {
        yajl_val value = array->u.array.values[i];
        known += YAJL_IS_STRING(value) && name_list_has(list, value->u.string);
    }
    return known;
}

/* Whether an array of architectures, by the names of Go, has ours. */
static bool has_our_architecture(yajl_val array) {
    for (size_t i = 0; i < array->u.array.len; i++) {
        yajl_val value = array->u.array.values[i];
        if (YAJL_IS_STRING(value) && strcmp(value->u.string, "amd64") == 0) {
            return true;
        }
    }
    return false;
}

/* "4.8": whether the kernel is that one or newer; -EINVAL. */
static int is_new_enough(struct reader *reader, const char *version) {
    char *end;
    unsigned long major = strtoul(version, &end, 10);
    unsigned long minor = *end == '.' && isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10) : ULONG_MAX;
    if (!isdigit((unsigned char)version[0]) || *end || minor == ULONG_MAX) {
        return refuse(reader, "'minKernel' has to be a version such as 4.8, not '%s'", version);
    }
    const unsigned *kernel = reader->target->kernel;
    reader->dependence->kernel = true;
    return kernel[0] > major || (kernel[0] == major && kernel[1] >= minor);
}

/* Whether a rule counts for this container, as docker and podman have it: `includes` demands all capabilities, any
 * architecture and the kernel, any of `excludes` leaves the rule out. 1, 0 or -EINVAL. */
static int is_included(struct reader *reader, yajl_val rule, const char *name, bool excludes) {
    yajl_val object = NULL;
    yajl_val capabilities = NULL;
    yajl_val architectures = NULL;
    const char *kernel = NULL;
    int status = find_object(reader, rule, name, &object);
    if (status < 0 || !object) {
        return status < 0 ? status : 1;
    }
    status = find_array(reader, object, "caps", &capabilities);
    status = status < 0 ? status : find_array(reader, object, "arches", &architectures);
    status = status < 0 ? status : find_string(reader, object, "minKernel", &kernel);
    if (status < 0) {
        return status;
    }
    bool holds = true;
    if (capabilities && capabilities->u.array.len) {
        size_t known = count_known(capabilities, reader->target->capabilities);
        reader->dependence->capabilities = true;
        holds = excludes ? known == 0 : known == capabilities->u.array.len;
    }
    if (architectures && architectures->u.array.len) {
        holds = holds && has_our_architecture(architectures) != excludes;
    }
    if (kernel && kernel[0]) {
        status = is_new_enough(reader, kernel);
        holds = holds && (status > 0) != excludes;
    }
    return status < 0 ? status : holds;
}

/* --------------------------------------------------------------------------- rules */

static int parse_name(struct reader *reader, const char *what, const char *const *names, const char *name) {
    char problem[512];
    int index = word_parse(what, names, name, problem, sizeof(problem));
    return index < 0 ? refuse(reader, "%s", problem) : index;
}

static int read_action(struct reader *reader, yajl_val object, const char *name, enum profile_action *action) {
    const char *word = NULL;
    int status = find_string(reader, object, name, &word);
    if (status < 0) {
        return status;
    }
    if (!word) {
        return refuse(reader, "'%s' is missing", name);
    }
    char what[64];
    snprintf(what, sizeof(what), "'%s'", name);
    int index = parse_name(reader, what, profile_action_names, word);
    if (index == PROFILE_NOTIFY) {
        refuse(reader, "the profile notifies an agent of its own (SCMP_ACT_NOTIFY), and a container has one listener");
        return -ENOTSUP;
    }
    *action = (enum profile_action)index;
    return index < 0 ? index : 0;
}

/* The number of an error, by `number` or by its name in `word` (podman: "EPERM"), which counts more: 1, 0 if there is
 * none, or -EINVAL. */
static int read_errno(struct reader *reader, yajl_val object, const char *number, const char *word, uint64_t most,
                      uint32_t *value) {
    uint64_t parsed = 0;
    const char *name = NULL;
    int status = find_unsigned(reader, object, number, most, &parsed);
    int named = find_string(reader, object, word, &name);
    if (status < 0 || named < 0) {
        return status < 0 ? status : named;
    }
    for (int error = 1; name && name[0] && error <= ERRNO_MAX; error++) {
        const char *known = strerrorname_np(error);
        if (known && strcmp(known, name) == 0) {
            *value = (uint32_t)error;
            return 1;
        }
    }
    if (name && name[0]) {
        return refuse(reader, "'%s' is no name of an error: '%s'", word, name);
    }
    *value = (uint32_t)parsed;
    return status;
}

static bool takes_errno(enum profile_action action) {
    return action == PROFILE_ERRNO || action == PROFILE_TRACE;
}

static int read_condition(struct reader *reader, yajl_val object, struct profile_rule *rule) {
    if (!YAJL_IS_OBJECT(object)) {
        return refuse(reader, "'args' has to be an array of objects");
    }
    uint64_t index = 0;
    struct profile_condition condition = {0};
    const char *word = NULL;
    int status = find_unsigned(reader, object, "index", PROFILE_ARGUMENTS - 1, &index);
    status = status < 0 ? status : find_unsigned(reader, object, "value", UINT64_MAX, &condition.value);
    status = status < 0 ? status : find_unsigned(reader, object, "valueTwo", UINT64_MAX, &condition.value_two);
    status = status < 0 ? status : find_string(reader, object, "op", &word);
    if (status < 0) {
        return status;
    }
    int comparison =
        word ? parse_name(reader, "'op'", profile_comparison_names, word) : refuse(reader, "'op' is missing in 'args'");
    if (comparison < 0) {
        return comparison;
    }
    condition.index = (unsigned)index;
    condition.comparison = (enum profile_comparison)comparison;
    return profile_rule_add_condition(rule, &condition);
}

static int read_names(struct reader *reader, yajl_val object, struct name_list *list) {
    const char *name = NULL;
    yajl_val names = NULL;
    int status = find_string(reader, object, "name", &name);
    status = status < 0 ? status : find_array(reader, object, "names", &names);
    if (status < 0) {
        return status;
    }
    if (name && name[0] && names && names->u.array.len) {
        return refuse(reader, "it has both 'name' and 'names'");
    }
    return name && name[0] ? name_list_add(list, name) : add_strings(reader, names, "names", list);
}

static int read_rule(struct reader *reader, yajl_val object) {
    if (!YAJL_IS_OBJECT(object)) {
        return refuse(reader, "it has to be an object");
    }
    enum profile_action action = PROFILE_KILL_PROCESS;
    yajl_val conditions = NULL;
    int status = read_action(reader, object, "action", &action);
    status = status < 0 ? status : find_array(reader, object, "args", &conditions);
    if (status < 0) {
        return status;
    }
    /* Both are looked at, so that a mistake in one that does not count is found as well. */
    int included = is_included(reader, object, "includes", false);
    int excluded = included < 0 ? included : is_included(reader, object, "excludes", true);
    if (excluded < 0) {
        return excluded;
    }
    struct profile_rule *rule = seccomp_profile_add_rule(reader->profile, action);
    if (!rule) {
        return -ENOMEM;
    }
    status = read_errno(reader, object, "errnoRet", "errno", action == PROFILE_TRACE ? TRACE_MAX : ERRNO_MAX,
                        &rule->errno_value);
    /* With another action crun refuses it, and the others do not look at it. */
    rule->has_errno = status > 0 && takes_errno(action);
    status = status < 0 ? status : read_names(reader, object, &rule->names);
    size_t count = conditions ? conditions->u.array.len : 0;
    if (status == 0 && count > PROFILE_CONDITIONS_MAX) {
        return refuse(reader, "it has more than %d conditions", PROFILE_CONDITIONS_MAX);
    }
    for (size_t i = 0; i < count && status == 0; i++) {
        status = read_condition(reader, conditions->u.array.values[i], rule);
    }
    if (status == 0 && (!included || !excluded || !rule->names.count)) {
        seccomp_profile_drop_rule(reader->profile);
    }
    return status;
}

/* ------------------------------------------------------------------------ the whole */

/* Of podman's map: ours, and those that run beside it. */
static int read_arch_map(struct reader *reader, yajl_val map) {
    struct name_list *list = &reader->profile->architectures;
    for (size_t i = 0; i < map->u.array.len; i++) {
        yajl_val entry = map->u.array.values[i];
        const char *name = NULL;
        yajl_val others = NULL;
        if (!YAJL_IS_OBJECT(entry)) {
            return refuse(reader, "'archMap' has to be an array of objects");
        }
        int status = find_string(reader, entry, "architecture", &name);
        status = status < 0 ? status : find_array(reader, entry, "subArchitectures", &others);
        if (status < 0) {
            return status;
        }
        if (!name || strcmp(name, "SCMP_ARCH_X86_64") != 0) {
            continue;
        }
        return name_list_add(list, name) < 0 ? -ENOMEM : add_strings(reader, others, "subArchitectures", list);
    }
    return 0;
}

static int read_architectures(struct reader *reader, yajl_val document) {
    yajl_val list = NULL;
    yajl_val map = NULL;
    int status = find_array(reader, document, "architectures", &list);
    status = status < 0 ? status : find_array(reader, document, "archMap", &map);
    if (status < 0) {
        return status;
    }
    if (list && list->u.array.len && map && map->u.array.len) {
        return refuse(reader, "it has both 'architectures' and 'archMap'");
    }
    status = add_strings(reader, list, "architectures", &reader->profile->architectures);
    return status < 0 || !map ? status : read_arch_map(reader, map);
}

static int read_flags(struct reader *reader, yajl_val document) {
    yajl_val flags = NULL;
    int status = find_array(reader, document, "flags", &flags);
    reader->profile->has_flags = status == 0 && flags;
    return status < 0 ? status : add_strings(reader, flags, "flags", &reader->profile->flags);
}

static int check_listener(struct reader *reader, yajl_val document) {
    const char *path = NULL;
    int status = find_string(reader, document, "listenerPath", &path);
    if (status == 0 && path && path[0]) {
        refuse(reader, "the profile has an agent of its own ('listenerPath'), and a container has one listener");
        return -ENOTSUP;
    }
    return status;
}

static int read_document(struct reader *reader, yajl_val document) {
    if (!YAJL_IS_OBJECT(document)) {
        return refuse(reader, "a profile is an object with 'defaultAction' and 'syscalls'");
    }
    struct seccomp_profile *profile = reader->profile;
    yajl_val rules = NULL;
    int status = check_listener(reader, document);
    status = status < 0 ? status : read_action(reader, document, "defaultAction", &profile->default_action);
    if (status == 0) {
        status = read_errno(reader, document, "defaultErrnoRet", "defaultErrno",
                            profile->default_action == PROFILE_TRACE ? TRACE_MAX : ERRNO_MAX, &profile->default_errno);
        profile->has_default_errno = status > 0 && takes_errno(profile->default_action);
    }
    status = status < 0 ? status : read_architectures(reader, document);
    status = status < 0 ? status : read_flags(reader, document);
    status = status < 0 ? status : find_array(reader, document, "syscalls", &rules);
    for (size_t i = 0; status == 0 && rules && i < rules->u.array.len; i++) {
        snprintf(reader->where, sizeof(reader->where), "syscalls[%zu]: ", i);
        status = read_rule(reader, rules->u.array.values[i]);
    }
    return status;
}

/* What the parser's tree would not tell, or not survive: a string that ends early for others, and nesting, for a tree
 * is freed by recursion. */
static int check_text(struct reader *reader, const char *text, size_t size) {
    if (memchr(text, 0, size) || strstr(text, "\\u0000")) {
        return refuse(reader, "it has a NUL in it");
    }
    unsigned depth = 0;
    bool in_string = false;
    for (const char *at = text; *at && depth <= DEPTH_MAX; at++) {
        if (in_string && *at == '\\' && at[1]) {
            at++;
        } else if (*at == '"') {
            in_string = !in_string;
        } else if (!in_string && (*at == '{' || *at == '[')) {
            depth++;
        } else if (!in_string && (*at == '}' || *at == ']')) {
            depth -= depth > 0;
        } else if (!in_string && *at == '/') {
            /* The parser takes comments, in which quotes and brackets mean nothing; runtimes do not. */
            return refuse(reader, "it has a comment in it, which JSON does not have");
        }
    }
    return depth > DEPTH_MAX ? refuse(reader, "it is nested too deeply") : 0;
}

int profile_read(struct seccomp_profile *profile, const char *text, size_t size, const struct profile_target *target,
                 struct profile_dependence *dependence, char *problem, size_t problem_size) {
    struct reader reader = {
        .profile = profile, .target = target, .dependence = dependence, .problem = problem, .size = problem_size};
    *dependence = (struct profile_dependence){0};
    int status = check_text(&reader, text, size);
    if (status < 0) {
        return status;
    }
    char reason[1024] = "";
    yajl_val document = yajl_tree_parse(text, reason, sizeof(reason));
    if (!document) {
        /* Its first line says what is wrong, the others show the place. */
        reason[strcspn(reason, "\n")] = 0;
        return refuse(&reader, "it is not JSON%s%s", reason[0] ? ": " : "", reason);
    }
    status = read_document(&reader, document);
    yajl_tree_free(document);
    return status;
}
