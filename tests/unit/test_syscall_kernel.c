/* SPDX-License-Identifier: MIT
 *
 * How many arguments each call has, against the running kernel: the tracepoint of a
 * call has a field for each argument of the kernel's function. Needs tracefs.
 */
#include "syscall_table.h"

#include "cleanup.h"
#include "tracefs.h"
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
    SKIPPED = 77,
    NO_TRACEPOINT = -1,
    TEXT_MAX = 4096,
};

static int tracefs = -1;

/* Calls of i386 alone whose function is that of the native call of another name. */
static const struct {
    const char *call;
    const char *function;
} functions[] = {
    {"mmap2", "mmap"},
    {"_newselect", "select"},
    {"clock_getres_time64", "clock_getres"},
};

/* Calls of i386 that share no more than their name with the native one. */
static const struct {
    const char *call;
    const char *reason;
} others[] = {
    {"mmap", "takes the address of its arguments (sys_ia32_mmap)"},
    {"select", "takes the address of its arguments (compat_sys_old_select)"},
    {"umount", "has no flags (sys_oldumount)"},
    {"truncate64", "takes a length of 64 bits where a word has 32 (sys_ia32_truncate64)"},
    {"ftruncate64", "the same (sys_ia32_ftruncate64)"},
    {"statfs64", "takes the size of its structure (compat_sys_statfs64)"},
    {"fstatfs64", "the same (compat_sys_fstatfs64)"},
};

static bool is_other(const char *call) {
    for (unsigned i = 0; i < COUNT_OF(others); i++) {
        if (strcmp(others[i].call, call) == 0) {
            return true;
        }
    }
    return false;
}

/* The name of an i386 call without what tells the width of ids and times: "chown32", "futex_time64". */
static void native_name(const char *call, char name[64]) {
    static const char *const endings[] = {"_time64", "64", "32"};
    snprintf(name, 64, "%s", call);
    for (unsigned i = 0; i < COUNT_OF(functions); i++) {
        if (strcmp(functions[i].call, call) == 0) {
            snprintf(name, 64, "%s", functions[i].function);
            return;
        }
    }
    size_t cursor = 0;
    size_t length = strlen(call);
    for (unsigned i = 0; i < COUNT_OF(endings) && !syscall_row_named(ARCH_X86_64, call, &cursor); i++) {
        size_t size = strlen(endings[i]);
        if (length > size && strcmp(call + length - size, endings[i]) == 0) {
            name[length - size] = 0;
            return;
        }
    }
}

/* Whether the field is a number of 64 bits whatever the width of a word: i386 passes it in two registers. */
static bool is_wide(const char *field) {
    static const char *const types[] = {"loff_t ", "u64 ", "__u64 "};
    for (unsigned i = 0; i < COUNT_OF(types); i++) {
        if (strncmp(field, types[i], strlen(types[i])) == 0 && !strchr(field, '*')) {
            return true;
        }
    }
    return false;
}

/* How many arguments the kernel's function of a native call takes. */
static int count_fields(const char *call, bool splits) {
    char path[128];
    char text[TEXT_MAX];
    snprintf(path, sizeof(path), "events/syscalls/sys_enter_%s/format", tracefs_function_of(call));
    auto_fd file = openat(tracefs, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return NO_TRACEPOINT;
    }
    ssize_t length = read(file, text, sizeof(text) - 1);
    assert_in_range(length, 1, sizeof(text) - 2);
    text[length] = 0;
    /* The arguments stand behind the call's number. */
    const char *at = strstr(text, "__syscall_nr;");
    assert_non_null(at);
    int count = 0;
    while ((at = strstr(at, "\tfield:"))) {
        at += strlen("\tfield:");
        char field[128];
        assert_int_equal(sscanf(at, "%127[^;]", field), 1);
        count += splits && is_wide(field) ? 2 : 1;
    }
    return count;
}

static unsigned differences;

/* How many registers the call takes: a sigreturn's argument stands on the stack. */
static unsigned count_registers(const struct syscall_row *row) {
    enum arg_type first = row_arg_type(row, 0);
    return first == A_TO_FRAME || first == A_TO_OLD_FRAME ? 0 : row_arg_count(row);
}

/* Whether the kernel has something to compare with; a difference is told. */
static bool compare(const struct syscall_row *row, const char *arch, int fields) {
    if (fields != NO_TRACEPOINT && (int)count_registers(row) != fields) {
        print_error("%s of %s has %d arguments, the table has %u\n", row->name, arch, fields, count_registers(row));
        differences++;
    }
    return fields != NO_TRACEPOINT;
}

static void test_calls_of_x86_64(void **state) {
    (void)state;
    differences = 0;
    unsigned compared = 0;
    for (int number = 0; number < 512; number++) {
        const struct syscall_row *row = syscall_row(ARCH_X86_64, number);
        compared += row && compare(row, "x86-64", count_fields(row->name, false));
    }
    assert_int_equal(differences, 0);
    assert_in_range(compared, 300, 512);
}

static void test_calls_of_i386(void **state) {
    (void)state;
    differences = 0;
    unsigned compared = 0;
    for (int number = 0; number < 512; number++) {
        const struct syscall_row *row = syscall_row(ARCH_I386, number);
        char name[64];
        if (row && !is_other(row->name)) {
            native_name(row->name, name);
            compared += compare(row, "i386", count_fields(name, true));
        }
    }
    assert_int_equal(differences, 0);
    assert_in_range(compared, 300, 512);
}

/* With the number of x86-64 it is the same function; with one of its own it has as many arguments,
 * but for an offset, which x86-64 has in two (compat_sys_preadv64 and its like). */
static void test_calls_of_x32(void **state) {
    (void)state;
    differences = 0;
    unsigned compared = 0;
    for (int number = X32_BIT; number < X32_BIT + 548; number++) {
        const struct syscall_row *row = syscall_row(ARCH_X86_64, number);
        if (!row) {
            continue;
        }
        int fields = count_fields(row->name, false);
        bool has_one_less = strncmp(row->name, "preadv", 6) == 0 || strncmp(row->name, "pwritev", 7) == 0;
        compared += compare(row, "x32", fields != NO_TRACEPOINT && has_one_less ? fields - 1 : fields);
    }
    assert_int_equal(differences, 0);
    assert_in_range(compared, 300, 548);
}

/* Whether a call of some architecture is this function of the kernel. */
static bool is_known_function(const char *function) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        if (strcmp(tracefs_function_of(row->name), function) == 0) {
            return true;
        }
    }
    return false;
}

/* Every call of the kernel is in the table, up to the version that the table is for. */
static void test_the_table_has_every_call_of_this_kernel(void **state) {
    (void)state;
    enum {
        MAJOR = 6,
        MINOR = 18,
    };
    static const char prefix[] = "sys_enter_";
    struct utsname kernel;
    unsigned major;
    unsigned minor;
    assert_int_equal(uname(&kernel), 0);
    assert_int_equal(sscanf(kernel.release, "%u.%u", &major, &minor), 2);
    if (major > MAJOR || (major == MAJOR && minor > MINOR)) {
        skip();
    }
    DIR *events = fdopendir(openat(tracefs, "events/syscalls", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    assert_non_null(events);
    unsigned known = 0;
    unsigned unknown = 0;
    const struct dirent *entry;
    while ((entry = readdir(events))) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) {
            continue;
        }
        if (is_known_function(entry->d_name + strlen(prefix))) {
            known++;
        } else {
            print_error("the table does not have %s\n", entry->d_name + strlen(prefix));
            unknown++;
        }
    }
    closedir(events);
    assert_int_equal(unknown, 0);
    assert_in_range(known, 300, 512);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_of_x86_64),
        cmocka_unit_test(test_calls_of_i386),
        cmocka_unit_test(test_calls_of_x32),
        cmocka_unit_test(test_the_table_has_every_call_of_this_kernel),
    };
    tracefs = tracefs_open();
    if (tracefs < 0) {
        fprintf(stderr, "skipped: tracefs cannot be read: %s\n", strerror(-tracefs));
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
