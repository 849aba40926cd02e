/* SPDX-License-Identifier: MIT */
#include "syscall_table.h"

#include <fcntl.h>
#include <string.h>

static const struct syscall_row rows[] = {
#define SYSCALL(name, x86_64, i386, classes, ...) {#name, {x86_64, i386}, classes, {__VA_ARGS__}},
#include "syscalls.def"
#undef SYSCALL
};

enum {
    ROW_COUNT = sizeof(rows) / sizeof(rows[0]),
    NUMBER_LIMIT = 512,
};

#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
/* A row's name here is the line that it stands on. */
#define ROW_HERE PASTE(ROW_OF_LINE_, __LINE__)

enum {
#define SYSCALL(name, x86_64, i386, classes, ...) ROW_HERE,
#include "syscalls.def"
#undef SYSCALL
};

/* Number to row, filled in by the compiler from the same rows: index + 1, so
 * that 0 means none. */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#endif
/* Slot 0 takes the rows without a number and is never read. */
static const uint16_t by_number[ARCH_COUNT][1 + NUMBER_LIMIT] = {
    [ARCH_X86_64] =
        {
#define SYSCALL(name, x86_64, i386, classes, ...) [1 + (x86_64)] = 1 + ROW_HERE,
#include "syscalls.def"
#undef SYSCALL
        },
    [ARCH_I386] =
        {
#define SYSCALL(name, x86_64, i386, classes, ...) [1 + (i386)] = 1 + ROW_HERE,
#include "syscalls.def"
#undef SYSCALL
        },
};
#pragma GCC diagnostic pop

/* ------------------------------------------------------------------------- x32 */

enum {
    X32_FIRST = 512, /* of the numbers that x86-64 does not have */
};

static const struct x32_call {
    int16_t native;         /* the number of the same call of x86-64 */
    struct syscall_row own; /* without a name: the row of that one serves */
} x32_calls[] = {
#define SHARED(number, x86_64, name) [(number)-X32_FIRST] = {.native = (x86_64)},
#define OWN(number, x86_64, name, classes, ...)                                                                        \
    [(number)-X32_FIRST] = {(x86_64), {#name, {-1, -1}, classes, {__VA_ARGS__}}},
#define ABSENT(x86_64, name)
#include "syscalls_x32.def"
#undef SHARED
#undef OWN
#undef ABSENT
};

enum {
    X32_COUNT = sizeof(x32_calls) / sizeof(x32_calls[0]),
};

/* The numbers of x86-64 that mean nothing with the bit. */
static const bool is_not_x32[NUMBER_LIMIT] = {
#define SHARED(number, x86_64, name) [x86_64] = true,
#define OWN(number, x86_64, name, classes, ...) [x86_64] = true,
#define ABSENT(x86_64, name) [x86_64] = true,
#include "syscalls_x32.def"
#undef SHARED
#undef OWN
#undef ABSENT
};

int64_t syscall_native_number(enum arch arch, int64_t number) {
    if (!syscall_is_x32(arch, number)) {
        return number;
    }
    int64_t low = number - X32_BIT;
    if (low >= X32_FIRST) {
        return low < X32_FIRST + X32_COUNT ? x32_calls[low - X32_FIRST].native : number;
    }
    return is_not_x32[low] ? number : low;
}

static const struct syscall_row *x32_own_row(int number) {
    int64_t own = (int64_t)number - X32_BIT - X32_FIRST;
    return own >= 0 && own < X32_COUNT && x32_calls[own].own.name ? &x32_calls[own].own : NULL;
}

/* ------------------------------------------------------------------------ look-up */

const struct syscall_row *syscall_row(enum arch arch, int number) {
    if (syscall_is_x32(arch, number)) {
        const struct syscall_row *own = x32_own_row(number);
        if (own) {
            return own;
        }
        number = (int)syscall_native_number(arch, number);
    }
    if (number < 0 || number >= NUMBER_LIMIT || by_number[arch][1 + number] == 0) {
        return NULL;
    }
    return &rows[by_number[arch][1 + number] - 1];
}

const struct syscall_row *syscall_row_at(size_t index) {
    return index < ROW_COUNT ? &rows[index] : NULL;
}

const struct syscall_row *syscall_row_named(enum arch arch, const char *name, size_t *cursor) {
    while (*cursor < ROW_COUNT) {
        const struct syscall_row *row = &rows[(*cursor)++];
        if (row->number[arch] >= 0 && strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static const struct {
    const char *name;
    unsigned class;
    bool is_call; /* the name without its '%' */
} classes[] = {
    {"%file", C_FILE, false},
    {"%desc", C_DESC, false},
    {"%memory", C_MEMORY, false},
    {"%process", C_PROCESS, false},
    {"%network", C_NETWORK, false},
    {"%net", C_NETWORK, false},
    /* These two are calls of i386, and without '%' classes for strace too. */
    {"%signal", C_SIGNAL, false},
    {"%ipc", C_IPC, false},
    {"%creds", C_CREDS, false},
    {"%clock", C_CLOCK, false},
    {"%pure", C_PURE, false},
    {"%stat", C_STAT, true},
    {"%lstat", C_LSTAT, true},
    {"%fstat", C_FSTAT, true},
    {"%%stat", C_STAT | C_LSTAT | C_FSTAT, true},
    {"%statfs", C_STATFS, true},
    {"%fstatfs", C_FSTATFS, true},
    {"%%statfs", C_STATFS | C_FSTATFS | C_USTAT, true},
};

enum {
    CLASS_COUNT = sizeof(classes) / sizeof(classes[0]),
};

unsigned syscall_class_named(const char *name) {
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        if (strcmp(classes[i].name, name) == 0 || (!classes[i].is_call && strcmp(classes[i].name + 1, name) == 0)) {
            return classes[i].class;
        }
    }
    return C_NONE;
}

const char *syscall_class_name_at(size_t index, const char **plain) {
    if (index >= CLASS_COUNT) {
        return NULL;
    }
    if (plain) {
        *plain = classes[index].is_call ? NULL : classes[index].name + 1;
    }
    return classes[index].name;
}

unsigned row_arg_count(const struct syscall_row *row) {
    unsigned count = 0;
    while (count < SYSCALL_MAX_ARGS && row_arg_type(row, count) != A_NONE) {
        count++;
    }
    return count;
}

static bool is_one_of(const struct syscall_row *row, const char *const *names) {
    while (*names && strcmp(row->name, *names) != 0) {
        names++;
    }
    return *names != NULL;
}

bool row_is_exec(const struct syscall_row *row) {
    static const char *const names[] = {"execve", "execveat", NULL};
    return is_one_of(row, names);
}

bool row_is_spawn(const struct syscall_row *row) {
    static const char *const names[] = {"fork", "vfork", "clone", "clone3", NULL};
    return is_one_of(row, names);
}

bool row_is_exit(const struct syscall_row *row) {
    return row->types[0] == R_NEVER;
}

static bool is_fcntl(const struct syscall_row *row) {
    static const char *const names[] = {"fcntl", "fcntl64", NULL};
    return is_one_of(row, names);
}

bool row_may_return_descriptor(const struct syscall_row *row) {
    return row->types[0] == R_FD || is_fcntl(row);
}

bool row_returns_descriptor(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS]) {
    if (is_fcntl(row)) {
        return args[1] == F_DUPFD || args[1] == F_DUPFD_CLOEXEC;
    }
    if (strcmp(row->name, "landlock_create_ruleset") == 0) {
        /* With flags it tells the version. */
        return args[2] == 0;
    }
    return row->types[0] == R_FD;
}

bool row_changes_descriptors(const struct syscall_row *row) {
    static const char *const names[] = {"close",  "close_range", "dup2",       "dup3",      "unlink", "unlinkat",
                                        "rmdir",  "rename",      "renameat",   "renameat2", "bind",   "connect",
                                        "listen", "shutdown",    "socketcall", NULL};
    return is_one_of(row, names) || row_is_exec(row) || row_is_exit(row);
}
