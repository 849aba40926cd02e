/* SPDX-License-Identifier: MIT */
#include "function_name.h"

#include "die.h"

#include <dwarf.h>
#include <string.h>

enum {
    REFERENCES_MAX = 16, /* from an instance to what it is one of; they may lead in circles */
    DEPTH_MAX = 32,      /* of namespaces and types around a function */
    NESTED_MAX = 8,      /* functions around one that is in a function's type */
};

static bool follow(Dwarf_Die *die) {
    Dwarf_Attribute attribute;
    Dwarf_Die other;
    if ((!dwarf_attr(die, DW_AT_abstract_origin, &attribute) && !dwarf_attr(die, DW_AT_specification, &attribute)) ||
        !dwarf_formref_die(&attribute, &other)) {
        return false;
    }
    *die = other;
    return true;
}

void function_name_find(struct function_name *name, Dwarf_Die *function) {
    Dwarf_Die die = *function;
    *name = (struct function_name){.die = die};
    for (unsigned i = 0; i < REFERENCES_MAX; i++) {
        if (!name->linked) {
            name->linked = die_string(&die, DW_AT_linkage_name, DW_AT_MIPS_linkage_name);
        }
        if (!name->written) {
            name->written = die_string(&die, DW_AT_name, 0);
            name->die = die;
        }
        if ((name->linked && name->written) || !follow(&die)) {
            break;
        }
        if (!name->written) {
            name->die = die;
        }
    }
    if (name->linked && !*name->linked) {
        name->linked = NULL;
    }
    if (name->written && !*name->written) {
        name->written = NULL;
    }
}

static bool has_namespaces(unsigned language) {
    switch (language) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case 0x2a: /* DW_LANG_C_plus_plus_17, which headers may not know yet, and DW_LANG_C_plus_plus_20 */
    case 0x2b:
    case DW_LANG_ObjC_plus_plus:
    case DW_LANG_Rust:
        return true;
    default:
        return false;
    }
}

/* Of a function that is being named. */
struct naming {
    const char *written; /* its name without what is around */
    struct die_walk *walk;
    char *shown;
    size_t size;
    size_t length;
};

static bool put_scopes(struct naming *naming, Dwarf_Die *target, unsigned nested);

/* What stands for a scope without a name; NULL: nothing. */
static const char *name_of_nameless(const struct naming *naming, int tag) {
    if (tag == DW_TAG_namespace) {
        return "(anonymous namespace)";
    }
    bool lambda = tag != DW_TAG_subprogram && strncmp(naming->written, "operator()", strlen("operator()")) == 0;
    return lambda ? "{lambda}" : NULL;
}

/* "name::", if what is around has one; false: there is no more room. */
static bool put_scope(struct naming *naming, Dwarf_Die *scope, unsigned nested) {
    int tag = dwarf_tag(scope);
    bool type = tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
    if (!type && tag != DW_TAG_namespace && tag != DW_TAG_subprogram) {
        return true;
    }
    struct function_name name = {.written = die_string(scope, DW_AT_name, 0)};
    if (tag == DW_TAG_subprogram) {
        function_name_find(&name, scope);
        /* What is around it is around its declaration. */
        if (name.written && dwarf_dieoffset(&name.die) != dwarf_dieoffset(scope)) {
            naming->length = 0;
            if (nested == NESTED_MAX || !put_scopes(naming, &name.die, nested + 1)) {
                return false;
            }
        }
    }
    const char *text = name.written ? name.written : name_of_nameless(naming, tag);
    size_t text_size = text ? strlen(text) : 0;
    if (text_size + 2 >= naming->size - naming->length) {
        return false;
    }
    if (text) {
        strcpy(stpcpy(naming->shown + naming->length, text), "::");
        naming->length += text_size + 2;
    }
    return true;
}

/* A DIE lies below the last sibling that begins before it: so the way to it is found without looking into the others.
 */
static bool put_scopes(struct naming *naming, Dwarf_Die *target, unsigned nested) {
    Dwarf_Off wanted = dwarf_dieoffset(target);
    Dwarf_Die level;
    Dwarf_Die unit;
    struct die_walk *walk = naming->walk;
    if (!dwarf_diecu(target, &unit, NULL, NULL) || !die_walk_may_enter(walk, target)) {
        return false;
    }
    for (unsigned depth = 0; depth < DEPTH_MAX && dwarf_child(&unit, &level) == 0; depth++) {
        Dwarf_Die next = level;
        while (die_walk_next(walk, &next) && dwarf_dieoffset(&next) <= wanted) {
            level = next;
        }
        if (dwarf_dieoffset(&level) == wanted) {
            return true;
        }
        if (dwarf_dieoffset(&level) > wanted || !put_scope(naming, &level, nested)) {
            return false;
        }
        unit = level;
    }
    return false;
}

bool function_name_qualify(struct function_name *name, unsigned language, struct die_walk *walk, char *shown,
                           size_t size) {
    struct naming naming = {.written = name->written, .walk = walk, .shown = shown, .size = size};
    if (!name->written) {
        return false;
    }
    if (has_namespaces(language) && !put_scopes(&naming, &name->die, 0)) {
        naming.length = 0;
    }
    size_t written = strlen(name->written);
    if (written >= size - naming.length) {
        return false;
    }
    memcpy(shown + naming.length, name->written, written + 1);
    return true;
}
