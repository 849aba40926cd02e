/* SPDX-License-Identifier: MIT
 *
 * The table of system calls against every number of the installed kernel headers.
 * Arguments: the macros of <asm/unistd_64.h>, <asm/unistd_32.h> and <asm/unistd_x32.h>.
 */
#include "syscall_table.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static const char *const *files;

/* "#define __NR_read 0" or "#define __NR_read (__X32_SYSCALL_BIT + 0)". */
static bool parse_macro(const char *line, char name[64], int *number) {
    int low;
    if (sscanf(line, "#define __NR_%63s (__X32_SYSCALL_BIT + %d)", name, &low) == 2) {
        *number = X32_BIT + low;
        return true;
    }
    return sscanf(line, "#define __NR_%63s %d", name, number) == 2;
}

/* All differences are told before the test fails. */
static void compare(enum arch arch, const char *path, unsigned at_least) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char line[256];
    unsigned known = 0;
    unsigned differences = 0;
    while (fgets(line, sizeof(line), file)) {
        char name[64];
        int number;
        if (!parse_macro(line, name, &number)) {
            assert_null(strstr(line, "define __NR_"));
            continue;
        }
        known++;
        const struct syscall_row *row = syscall_row(arch, number);
        if (!row || strcmp(row->name, name) != 0) {
            print_error("%d is %s, the table has %s\n", number, name, row ? row->name : "nothing");
            differences++;
        }
    }
    fclose(file);
    assert_int_equal(differences, 0);
    assert_in_range(known, at_least, 600);
}

static void test_x86_64(void **state) {
    (void)state;
    compare(ARCH_X86_64, files[0], 360);
}

static void test_i386(void **state) {
    (void)state;
    compare(ARCH_I386, files[1], 430);
}

static void test_x32(void **state) {
    (void)state;
    compare(ARCH_X86_64, files[2], 350);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_x86_64),
        cmocka_unit_test(test_i386),
        cmocka_unit_test(test_x32),
    };
    if (argc != 1 + 3) {
        fprintf(stderr, "usage: %s MACROS_64 MACROS_32 MACROS_X32\n", argv[0]);
        return 2;
    }
    files = (const char *const *)argv + 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
