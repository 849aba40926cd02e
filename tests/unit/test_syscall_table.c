/* SPDX-License-Identifier: MIT
 *
 * The table of system calls against libseccomp's.
 */
#include "capture.h"
#include "syscall_table.h"

#include "decoding.h"

#include "unit.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

enum {
    NUMBERS = 512,
    X32_NUMBERS = 548,
};

static const uint32_t tokens[ARCH_COUNT] = {[ARCH_X86_64] = SCMP_ARCH_X86_64, [ARCH_I386] = SCMP_ARCH_X86};

/* libseccomp and the kernel's tables call some calls differently from strace, whose names users know. */
static bool is_alias(const char *ours, const char *theirs) {
    static const char *const pairs[][2] = {
        {"umount2", "umount"},
        {"umount", "oldumount"},
    };
    for (unsigned i = 0; i < COUNT_OF(pairs); i++) {
        if (strcmp(ours, pairs[i][0]) == 0 && strcmp(theirs, pairs[i][1]) == 0) {
            return true;
        }
    }
    return false;
}

/* Report all differences before failing: one look then suffices to mend the table. */
static void compare_with_libseccomp(enum arch arch, unsigned at_least) {
    unsigned differences = 0;
    unsigned known = 0;
    for (int number = 0; number < NUMBERS; number++) {
        char *name = seccomp_syscall_resolve_num_arch(tokens[arch], number);
        const struct syscall_row *row = syscall_row(arch, number);
        if (name) {
            known++;
        }
        if (name && (!row || (strcmp(row->name, name) != 0 && !is_alias(row->name, name)))) {
            print_error("%d is %s, the table has %s\n", number, name, row ? row->name : "nothing");
            differences++;
        }
        free(name);
    }
    assert_int_equal(differences, 0);
    assert_in_range(known, at_least, NUMBERS);
}

static void test_x86_64_numbers_and_names_agree_with_libseccomp(void **state) {
    (void)state;
    compare_with_libseccomp(ARCH_X86_64, 350);
}

static void test_i386_numbers_and_names_agree_with_libseccomp(void **state) {
    (void)state;
    compare_with_libseccomp(ARCH_I386, 420);
}

/* libseccomp 2.5.4 does not know these numbers yet. */
static bool is_new(int number) {
    return number == 335 || number == 336 || number >= 450;
}

/* x32 in both directions: a call that libseccomp does not have must be new. */
static void test_x32_numbers_and_names_agree_with_libseccomp(void **state) {
    (void)state;
    unsigned differences = 0;
    unsigned known = 0;
    for (int low = 0; low < X32_NUMBERS; low++) {
        int number = X32_BIT + low;
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X32, number);
        const struct syscall_row *row = syscall_row(ARCH_X86_64, number);
        known += name != NULL;
        bool agree = !name && (!row || (is_new(low) && low < NUMBERS));
        if (name && row) {
            agree = strcmp(row->name, name) == 0 || is_alias(row->name, name);
        }
        if (!agree) {
            print_error("%d is %s, the table has %s\n", low, name ? name : "nothing", row ? row->name : "nothing");
            differences++;
        }
        free(name);
    }
    assert_int_equal(differences, 0);
    assert_in_range(known, 350, X32_NUMBERS);
}

/* The same name means the same call: -e chooses both. */
static void test_x32_calls_have_the_native_number_of_their_name(void **state) {
    (void)state;
    unsigned own = 0;
    for (int low = 0; low < X32_NUMBERS; low++) {
        int64_t native = syscall_native_number(ARCH_X86_64, X32_BIT + low);
        const struct syscall_row *row = syscall_row(ARCH_X86_64, X32_BIT + low);
        if (!row) {
            assert_null(syscall_row(ARCH_X86_64, (int)native));
            continue;
        }
        const struct syscall_row *native_row = syscall_row(ARCH_X86_64, (int)native);
        assert_non_null(native_row);
        assert_string_equal(native_row->name, row->name);
        assert_int_equal(native_row->classes, row->classes);
        assert_int_equal(native_row->types[0], row->types[0]);
        assert_int_equal(syscall_layout(ARCH_X86_64, X32_BIT + low), low < NUMBERS ? ARCH_X86_64 : ARCH_I386);
        own += row != native_row;
    }
    assert_in_range(own, 1, X32_NUMBERS - NUMBERS);
    assert_int_equal(syscall_native_number(ARCH_X86_64, 39), 39);
    assert_int_equal(syscall_native_number(ARCH_X86_64, -1), -1);
    assert_int_equal(syscall_native_number(ARCH_I386, X32_BIT + 39), X32_BIT + 39);
}

static void test_which_calls_are_foreign(void **state) {
    (void)state;
    assert_true(syscall_is_x32(ARCH_X86_64, X32_BIT));
    assert_true(syscall_is_x32(ARCH_X86_64, INT32_MAX));
    assert_false(syscall_is_x32(ARCH_X86_64, X32_BIT - 1));
    assert_false(syscall_is_x32(ARCH_X86_64, -1));
    assert_false(syscall_is_x32(ARCH_X86_64, (int64_t)2 * X32_BIT));
    assert_false(syscall_is_x32(ARCH_I386, X32_BIT));
    assert_true(syscall_is_foreign(ARCH_X86_64, X32_BIT + 39));
    assert_true(syscall_is_foreign(ARCH_I386, 39));
    assert_false(syscall_is_foreign(ARCH_X86_64, 39));
    assert_false(syscall_is_foreign(ARCH_X86_64, -1));
}

/* Rows that libseccomp does not know are newer than it; names that it knows have its number. */
static void test_no_row_has_a_name_that_libseccomp_numbers_otherwise(void **state) {
    (void)state;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            int number = seccomp_syscall_resolve_name_arch(tokens[arch], row->name);
            if (row->number[arch] >= 0 && number >= 0 && number != row->number[arch]) {
                fail_msg("%s is %d, the table has %d", row->name, number, row->number[arch]);
            }
        }
    }
}

static void test_no_number_has_two_rows(void **state) {
    (void)state;
    const struct syscall_row *owner[ARCH_COUNT][NUMBERS] = {{NULL}};
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        assert_true(row->number[ARCH_X86_64] >= 0 || row->number[ARCH_I386] >= 0);
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            int number = row->number[arch];
            if (number < 0) {
                assert_int_equal(number, -1);
                continue;
            }
            assert_in_range(number, 0, NUMBERS - 1);
            if (owner[arch][number]) {
                fail_msg("%d is %s and %s", number, owner[arch][number]->name, row->name);
            }
            owner[arch][number] = row;
            assert_ptr_equal(syscall_row(arch, number), row);
        }
    }
    for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
        for (int number = 0; number < NUMBERS; number++) {
            assert_ptr_equal(syscall_row(arch, number), owner[arch][number]);
        }
    }
}

static void test_no_name_has_two_rows_on_one_architecture(void **state) {
    (void)state;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (enum arch arch = 0; arch < ARCH_COUNT; arch++) {
            size_t cursor = 0;
            if (row->number[arch] >= 0) {
                assert_ptr_equal(syscall_row_named(arch, row->name, &cursor), row);
                assert_null(syscall_row_named(arch, row->name, &cursor));
            }
        }
    }
}

static void test_numbers_out_of_range_have_no_row(void **state) {
    (void)state;
    static const int numbers[] = {-1, -2, NUMBERS, NUMBERS + 1, INT32_MAX, INT32_MIN, X32_BIT + X32_NUMBERS};
    for (unsigned i = 0; i < COUNT_OF(numbers); i++) {
        assert_null(syscall_row(ARCH_X86_64, numbers[i]));
        assert_null(syscall_row(ARCH_I386, numbers[i]));
    }
    assert_null(syscall_row_at(SIZE_MAX));
}

/* ------------------------------------------------------------------------- arguments */

static bool refers(enum arg_type type) {
    return type == A_BUF_ || type == A_HOST_NAME_ || type == A_ATTRIBUTE_ || type == A_SET_OPTION_ ||
           type == A_GET_OPTION_ || type == A_SOCK_PROTOCOL_ || type == A_OUT_BUF_ || type == A_OUT_RANDOM_ ||
           type == A_OUT_ATTRIBUTE_ || type == A_OUT_NAMES_ || type == A_OUT_PATH_ || type == A_OUT_EPOLL_ ||
           type == A_FSCONFIG_VALUE_ || type == A_SIGSET_ || decoded_type_of(type);
}

static void test_references_name_other_arguments_of_the_call(void **state) {
    (void)state;
    const struct syscall_row *row;
    unsigned references = 0;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (unsigned arg = 0; arg < SYSCALL_MAX_ARGS; arg++) {
            unsigned reference = row_arg_reference(row, arg);
            bool may_refer = refers(row_arg_type(row, arg));
            if (!may_refer || (decoded_type_of(row_arg_type(row, arg)) && reference == 0)) {
                assert_int_equal(reference, 0);
            } else if (reference >= row_arg_count(row) || reference == arg) {
                fail_msg("%s: argument %u refers to %u", row->name, arg, reference);
            } else {
                references++;
            }
        }
    }
    assert_in_range(references, 20, 200);
}

/* A length has to be a number. */
static void test_lengths_are_numbers(void **state) {
    (void)state;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        for (unsigned arg = 0; arg < SYSCALL_MAX_ARGS; arg++) {
            enum arg_type type = row_arg_type(row, arg);
            bool is_read = row_arg_direction(row, arg) == DIRECTION_IN;
            if (type == A_BUF_ || type == A_IOVEC_ || (type == A_SOCKADDR_ && is_read)) {
                enum arg_type length = row_arg_type(row, row_arg_reference(row, arg));
                if (length != A_SIZE && length != A_INT && length != A_UINT && length != A_LONG) {
                    fail_msg("%s: the length of argument %u is no number", row->name, arg);
                }
            }
        }
    }
}

static void test_types_are_in_range_and_without_gaps(void **state) {
    (void)state;
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        assert_in_range(row->types[0] & R_TYPE_MASK, R_INT, R_NEVER);
        assert_in_range(row->types[0] >> R_SET_SHIFT, A_NONE, A_LAST_PACKED);
        for (unsigned arg = 0; arg < SYSCALL_MAX_ARGS; arg++) {
            assert_in_range(row_arg_type(row, arg), A_NONE, A_LAST_PACKED);
            if (arg >= row_arg_count(row)) {
                assert_int_equal(row_arg_type(row, arg), A_NONE);
            }
        }
    }
}

static const struct syscall_row *named(const char *name) {
    size_t cursor = 0;
    const struct syscall_row *row = syscall_row_named(ARCH_X86_64, name, &cursor);
    assert_non_null(row);
    return row;
}

static void test_which_calls_have_to_stop(void **state) {
    (void)state;
    static const struct capture_options memory = {.memory = true};
    static const char *const stop[] = {"write", "openat", "execve", "sendto", "writev", "connect", "rename"};
    static const char *const run[] = {"read", "close", "mmap", "fork", "pipe2", "lseek", "exit_group"};
    for (unsigned i = 0; i < COUNT_OF(stop); i++) {
        assert_true(capture_needed(named(stop[i]), &memory));
    }
    for (unsigned i = 0; i < COUNT_OF(run); i++) {
        assert_false(capture_needed(named(run[i]), &memory));
    }
}

static void test_counts_of_arguments(void **state) {
    (void)state;
    assert_int_equal(row_arg_count(named("getpid")), 0);
    assert_int_equal(row_arg_count(named("close")), 1);
    assert_int_equal(row_arg_count(named("openat")), 4);
    assert_int_equal(row_arg_count(named("mmap")), 6);
    assert_int_equal(named("exit_group")->types[0], R_NEVER);
}

static void test_class_names(void **state) {
    (void)state;
    assert_int_equal(syscall_class_named("file"), C_FILE);
    assert_int_equal(syscall_class_named("%file"), C_FILE);
    assert_int_equal(syscall_class_named("%network"), C_NETWORK);
    assert_int_equal(syscall_class_named("%net"), C_NETWORK);
    assert_int_equal(syscall_class_named("%stat"), C_STAT);
    assert_int_equal(syscall_class_named("%%stat"), C_STAT | C_LSTAT | C_FSTAT);
    assert_int_equal(syscall_class_named("%%file"), C_NONE);
    assert_int_equal(syscall_class_named(""), C_NONE);
    assert_int_equal(syscall_class_named("%"), C_NONE);
    assert_int_equal(syscall_class_named("files"), C_NONE);
    assert_int_equal(syscall_class_named("stat"), C_NONE);     /* a call */
    assert_int_equal(syscall_class_named("signal"), C_SIGNAL); /* of i386 alone */
}

/* Whatever a class may be called without its '%', no call of x86-64 has that name; and the other way round. */
static void test_no_class_hides_a_call(void **state) {
    (void)state;
    const char *plain;
    const char *name;
    size_t count = 0;
    for (; (name = syscall_class_name_at(count, &plain)); count++) {
        assert_int_equal(name[0], '%');
        assert_int_not_equal(syscall_class_named(name), C_NONE);
        const char *word = strrchr(name, '%') + 1;
        size_t cursor = 0;
        const struct syscall_row *call = syscall_row_named(ARCH_X86_64, word, &cursor);
        if (plain) {
            assert_string_equal(plain, word);
            assert_null(call);
            assert_int_equal(syscall_class_named(plain), syscall_class_named(name));
        } else {
            assert_non_null(call);
            assert_int_equal(syscall_class_named(word), C_NONE);
        }
        assert_ptr_equal(syscall_class_name_at(count, NULL), name);
    }
    assert_int_equal(count, 18);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x86_64_numbers_and_names_agree_with_libseccomp),
        cmocka_unit_test(test_i386_numbers_and_names_agree_with_libseccomp),
        cmocka_unit_test(test_x32_numbers_and_names_agree_with_libseccomp),
        cmocka_unit_test(test_x32_calls_have_the_native_number_of_their_name),
        cmocka_unit_test(test_which_calls_are_foreign),
        cmocka_unit_test(test_no_row_has_a_name_that_libseccomp_numbers_otherwise),
        cmocka_unit_test(test_no_number_has_two_rows),
        cmocka_unit_test(test_no_name_has_two_rows_on_one_architecture),
        cmocka_unit_test(test_numbers_out_of_range_have_no_row),
        cmocka_unit_test(test_references_name_other_arguments_of_the_call),
        cmocka_unit_test(test_lengths_are_numbers),
        cmocka_unit_test(test_types_are_in_range_and_without_gaps),
        cmocka_unit_test(test_which_calls_have_to_stop),
        cmocka_unit_test(test_counts_of_arguments),
        cmocka_unit_test(test_class_names),
        cmocka_unit_test(test_no_class_hides_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
