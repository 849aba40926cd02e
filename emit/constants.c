/* SPDX-License-Identifier: MIT
 *
 * Names of constants, one set for each argument type that has them, and numbers
 * packed of several. They stand in the tables of emit/constants.
 */
#include "constants.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#include "constant_sets.inc"

const struct constant_set *constant_set(enum arg_type type) {
    return &sets[type - A_FIRST_SET];
}

const struct packed *packed_number(enum arg_type type) {
    return &packed_numbers[type - A_FIRST_PACKED];
}

const struct constant *constant_find(const struct constant_set *set, uint64_t number) {
    unsigned first = 0;
    unsigned end = set->count;
    while (first < end) {
        unsigned middle = first + (end - first) / 2;
        if (set->constants[middle].value < number) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first < set->count && set->constants[first].value == number ? &set->constants[first] : NULL;
}
