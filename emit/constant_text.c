/* SPDX-License-Identifier: MIT
 *
 * Numbers by the names of a set of constants.
 */
#include "constants.h"
#include "value.h"

#include <string.h>

static void separate(struct text *text, size_t start) {
    if (text->length > start) {
        text_add_char(text, '|');
    }
}

/* Where a request's number means two things, strace has both names ("A or B"); the last is the usual one. */
static void name_to_text(const char *name, enum notation notation, struct text *text) {
    static const char separator[] = " or ";
    const char *last = notation == NOTATION_STRACE ? NULL : strstr(name, separator);
    text_add_string(text, last ? last + sizeof(separator) - 1 : name);
}

static void comment_to_text(const char *comment, enum notation notation, struct text *text) {
    if (notation == NOTATION_STRACE && comment) {
        text_add_string(text, " /* ");
        text_add_string(text, comment);
        text_add_string(text, " */");
    }
}

/* A number that the set has no name for, as strace comments on it. */
static void unknown_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                            struct text *text) {
    if (set->is_decimal) {
        text_add_signed(text, set->is_wide ? (int64_t)number : (int32_t)number);
    } else {
        text_add_hex_number(text, number);
    }
    comment_to_text(set->unknown, notation, text);
}

/* Whether the constant stands for the whole number, not for bits of it. */
static bool is_whole(const struct constant *constant) {
    return constant->mask == UINT64_MAX;
}

/* Whether the constant is in `number`, of which `rest` has not been named yet. */
static bool applies(const struct constant *constant, uint64_t number, uint64_t rest) {
    if (is_whole(constant)) {
        return number == constant->value;
    }
    if (!constant->value) { /* a member of a group: none of its other members applies */
        return constant->mask && !(number & constant->mask);
    }
    return (rest & constant->mask) == constant->value;
}

/* Append the names of what is in `rest` of the number, joined with '|' since
 * `start`; returns the bits that have none. */
static uint64_t names_to_text(const struct constant_set *set, uint64_t number, uint64_t rest, size_t start,
                              enum notation notation, struct text *text) {
    if (set->is_enumeration) {
        const struct constant *constant = constant_find(set, number);
        if (constant) {
            name_to_text(constant->name, notation, text);
        }
        return constant ? 0 : rest;
    }
    for (unsigned i = 0; i < set->count; i++) {
        const struct constant *constant = &set->constants[i];
        if (applies(constant, number, rest)) {
            separate(text, start);
            name_to_text(constant->name, notation, text);
            rest &= is_whole(constant) ? 0 : ~constant->mask;
        }
    }
    return rest;
}

/* The number in the bits of the set's group, if that has no name; else 0. */
static uint64_t unnamed_in_group(const struct constant_set *set, uint64_t number) {
    uint64_t grouped = number & set->group;
    for (unsigned i = 0; i < set->count; i++) {
        if (set->constants[i].mask == set->group && set->constants[i].value == grouped) {
            return 0;
        }
    }
    return grouped;
}

static void shifted_to_text(const struct constant_set *set, uint64_t shifted, size_t start, struct text *text) {
    if (shifted) {
        separate(text, start);
        text_add_unsigned(text, shifted);
        text_add_string(text, "<<");
        text_add_string(text, set->shift_name);
    }
}

/* A number that has a file's mode in it; all of it in octal if it is of a type that has no name. */
static void mode_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t shifted = set->shift ? number >> set->shift : 0;
    uint64_t flags = (number & ~(uint64_t)set->octal) - (shifted << set->shift);
    uint64_t rest = names_to_text(set, flags, flags, start, notation, text);
    if (rest & set->group) {
        text->length = start;
        text_add_octal(text, number);
        return;
    }
    if (rest) {
        separate(text, start);
        text_add_hex(text, rest);
    }
    shifted_to_text(set, shifted, start, text);
    separate(text, start);
    text_add_octal(text, number & set->octal);
}

/* Whether the set's group is what it begins with. */
static bool begins_with_group(const struct constant_set *set) {
    const struct constant *first = set->constants;
    while (first < set->constants + set->count && is_whole(first)) {
        first++;
    }
    return first < set->constants + set->count && first->mask == set->group;
}

static void bits_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t shifted = set->shift ? number >> set->shift : 0;
    uint64_t rest = (number & ~(uint64_t)set->signal) - (shifted << set->shift);
    uint64_t unnamed = unnamed_in_group(set, rest);
    bool is_first = begins_with_group(set);
    if (unnamed && is_first) {
        unknown_to_text(set, unnamed, notation, text);
    }
    rest = names_to_text(set, number, rest - unnamed, start, notation, text);
    if (unnamed && !is_first) {
        separate(text, start);
        unknown_to_text(set, unnamed, notation, text);
    }
    bool is_nameless = text->length == start;
    if (is_nameless && (rest || set->is_enumeration)) {
        unknown_to_text(set, rest, notation, text);
    } else if (rest) {
        bool is_commented = set->apart && !(number & ~rest & ~(uint64_t)set->apart);
        separate(text, start);
        text_add_hex_number(text, rest);
        comment_to_text(is_commented ? set->unknown : NULL, notation, text);
    } else if (is_nameless && !shifted && !(number & set->signal)) {
        text_add_char(text, '0');
    }
    shifted_to_text(set, shifted, start, text);
    if (number & set->signal) {
        separate(text, start);
        signal_to_text(number & set->signal, text);
    }
}

/* Flags with what stands before and behind them, each written as if it were alone; flags that are not there are not
 * written where something else is. */
static void flags_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    size_t start = text->length;
    uint64_t flags = number & ~((uint64_t)set->first_bits | set->number);
    if (set->first_bits) {
        bits_to_text(constant_set(set->first), number & set->first_bits, notation, text);
    }
    if (flags || (!set->first_bits && !set->number)) {
        separate(text, start);
        bits_to_text(set, flags, notation, text);
    }
    if (set->number) {
        separate(text, start);
        text_add_unsigned(text, number & set->number);
    }
}

bool constants_have_name(const struct constant_set *set, uint64_t number) {
    if (set->is_enumeration) {
        return constant_find(set, number) != NULL;
    }
    for (unsigned i = 0; i < set->count; i++) {
        if (applies(&set->constants[i], number, number)) {
            return true;
        }
    }
    return false;
}

/* A number of which strace has the name in a comment behind it. */
static void commented_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                              struct text *text) {
    if (!constants_have_name(set, number) || notation != NOTATION_STRACE) {
        flags_to_text(set, number, notation, text);
        return;
    }
    if (set->is_decimal) {
        text_add_signed(text, (int32_t)number);
    } else {
        text_add_hex_number(text, number);
    }
    text_add_string(text, " /* ");
    flags_to_text(set, number, notation, text);
    text_add_string(text, " */");
}

/* A number that is more than a constant and less than the next; false if it is not. */
static bool stepped_to_text(const struct constant_set *set, uint64_t number, struct text *text) {
    for (unsigned i = 0; i + 1 < set->count; i++) {
        const struct constant *constant = &set->constants[i];
        if (number > constant->value && number < constant[1].value) {
            text_add_string(text, constant->name);
            text_add_char(text, '+');
            text_add_unsigned(text, number - constant->value);
            return true;
        }
    }
    return false;
}

static void part_to_text(const struct packed_part *part, uint64_t number, enum notation notation, struct text *text) {
    uint64_t bits = (part->is_inverted ? ~number : number) >> part->first & ((UINT64_C(1) << part->bits) - 1);
    const struct constant_set *set = part->type < A_FIRST_SET ? NULL : constant_set(part->type);
    const struct constant *constant = set ? constant_find(set, bits) : NULL;
    text_add_string(text, part->before);
    if (constant) {
        text_add_string(text, constant->name);
    } else if (part->type == A_UINT) {
        text_add_unsigned(text, bits);
    } else {
        text_add_hex_number(text, bits);
    }
    text_add_string(text, part->suffix);
    if (set && !constant) {
        comment_to_text(set->unknown, notation, text);
    }
}

/* False if the number has none of the forms. */
bool packed_to_text(const struct packed *packed, uint64_t number, enum notation notation, struct text *text) {
    for (unsigned i = 0; i < packed->count; i++) {
        const struct packed_form *form = &packed->forms[i];
        if ((number & form->mask) == form->value) {
            for (unsigned part = 0; part < form->count; part++) {
                part_to_text(&form->parts[part], number, notation, text);
            }
            text_add_string(text, form->after);
            return true;
        }
    }
    return false;
}

/* A number without a name that is made of parts. */
static bool otherwise_to_text(const struct constant_set *set, uint64_t number, enum notation notation,
                              struct text *text) {
    return set->otherwise != A_NONE && !constant_find(set, number) &&
           packed_to_text(packed_number(set->otherwise), number, notation, text);
}

void constants_to_text(const struct constant_set *set, uint64_t number, enum notation notation, struct text *text) {
    if (set == constant_set(A_SIGNO)) {
        signal_to_text(number, text);
    } else if (set->octal) {
        mode_to_text(set, number, notation, text);
    } else if (set->is_commented) {
        commented_to_text(set, number, notation, text);
    } else if (set->is_htons) {
        text_add_string(text, "htons(");
        flags_to_text(set, number, notation, text);
        text_add_char(text, ')');
    } else if (!(set->is_stepped && stepped_to_text(set, number, text)) &&
               !otherwise_to_text(set, number, notation, text)) {
        flags_to_text(set, number, notation, text);
    }
}
