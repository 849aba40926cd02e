/* SPDX-License-Identifier: MIT
 *
 * Names as people wrote them, and names that are made to hurt whoever demangles them.
 */
#include "unit.h"

#include "demangle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_names(void **state) {
    (void)state;
    static const struct {
        const char *linked;
        const char *shown;
    } names[] = {
        {"_Z3fooi", "foo"},
        {"_ZN2ns5Class6methodEPKc", "ns::Class::method"},
        {"_ZN3BoxIiE3getEi", "Box<int>::get"},
        {"_Z3addIiET_S0_S0_", "add<int>"},
        {"_ZN5ClassC2Ei", "Class::Class"},
        {"_ZN5ClassplERKS_", "Class::operator+"},
        {"_ZN12_GLOBAL__N_16hiddenEi", "(anonymous namespace)::hidden"},
        {"_ZZ4mainENKUliE_clEi", "main::{lambda(int)#1}::operator()"},
        {"_Z3fooi.part.0", "foo"},
        {"_ZN4core3fmt5write17h05af221e174051e9E", "core::fmt::write"},
        {"_ZN5crate6module4func17h00a1b2c3d4e5f678E", "crate::module::func"},
        {"_ZN53_$LT$payload..Thing$u20$as$u20$core..fmt..Display$GT$3fmt17h05af221e174051e9E",
         "<payload::Thing as core::fmt::Display>::fmt"},
        {"_RNvCskwGfYPst2Cb_7mycrate7example", "mycrate::example"},
        {"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"},
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char shown[DEMANGLE_OUTPUT_MAX];
        assert_true(demangle(names[i].linked, shown, sizeof(shown)));
        assert_string_equal(shown, names[i].shown);
    }
}

static void test_other_names(void **state) {
    (void)state;
    static const char *const names[] = {"",
                                        "_",
                                        "_Z",
                                        "_R",
                                        "main",
                                        "main.main",
                                        "_start",
                                        "_ZN",
                                        "_ZN3fo",
                                        "_RNv",
                                        "Z3fooi",
                                        "__libc_start_main",
                                        "_ZN4294967295fooE"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char shown[DEMANGLE_OUTPUT_MAX] = "x";
        assert_false(demangle(names[i], shown, sizeof(shown)));
        assert_string_equal(shown, "");
    }
}

static void test_room(void **state) {
    (void)state;
    char shown[sizeof("ns::Class::method")];
    assert_true(demangle("_ZN2ns5Class6methodEv", shown, sizeof(shown)));
    assert_false(demangle("_ZN2ns5Class6methodEv", shown, sizeof(shown) - 1));
    assert_string_equal(shown, "");
    assert_false(demangle("_Z3foov", shown, 1));
    assert_false(demangle("_Z3foov", shown, 0));
}

static char *repeated(const char *start, const char *part, size_t count, const char *end) {
    char *name = malloc(strlen(start) + strlen(part) * count + strlen(end) + 1);
    assert_non_null(name);
    char *to = stpcpy(name, start);
    for (size_t i = 0; i < count; i++) {
        to = stpcpy(to, part);
    }
    strcpy(to, end);
    return name;
}

/* Deep ones, long ones, and short ones that stand for more than any memory holds. */
static void test_hostile(void **state) {
    (void)state;
    static const struct {
        const char *start;
        const char *part;
        const char *end;
    } shapes[] = {
        {"_Z1fI", "P", "iEvv"},   {"_Z1fI", "1AI", ""},          {"_ZN", "1aI", "E"},      {"_Z", "L", ""},
        {"_ZN", "3abc", "E"},     {"_Z1fIXcv", "cv", "iEE"},     {"_Z1fDpDv", "T_", ""},   {"_RINv", "INv", "E"},
        {"_RC", "R", ""},         {"_RNv", "Nv", "C1a1b"},       {"_RIC1a", "TTT", "E"},   {"_RYB", "_B", "_"},
        {"_Z1fILi", "0", "EEvv"}, {"_Z1fI1AIiES0_", "S0_", "E"}, {"_ZN4core", "17h", "E"}, {"_Z1fIJ", "J", "EE"},
        {"_Z1fM", "M", "ii"},     {"_RNvC6_", "u", "0"},         {"_RMC0F", "KCF", "E"},   {"_Z1fU", "U1a", "i"},
    };
    static const size_t counts[] = {1, 10, 100, 500, 1000, 2000, 100000};
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        for (size_t j = 0; j < COUNT_OF(counts); j++) {
            char shown[DEMANGLE_OUTPUT_MAX];
            char *name = repeated(shapes[i].start, shapes[i].part, counts[j], shapes[i].end);
            if (demangle(name, shown, sizeof(shown))) {
                assert_in_range(strlen(shown), 1, sizeof(shown) - 1);
            }
            free(name);
        }
    }
}

/* Each argument is a pair of the one before: the last one would be 2^30 names long. */
static void test_growing(void **state) {
    (void)state;
    char name[1024] = "_Z1fI1aE1bIS_S_E";
    char shown[DEMANGLE_OUTPUT_MAX];
    strcpy(name, "_Z1f1a");
    strcat(name, "1bIS_S_E");
    strcat(name, "S0_IS1_S1_E");
    for (unsigned i = 2; i < 30; i++) {
        char part[32];
        const char *digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        snprintf(part, sizeof(part), "S0_IS%c_S%c_E", digits[i], digits[i]);
        strcat(name, part);
    }
    demangle(name, shown, sizeof(shown));
    assert_in_range(strlen(shown), 0, sizeof(shown) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_other_names), cmocka_unit_test(test_room),
        cmocka_unit_test(test_hostile), cmocka_unit_test(test_growing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
