/* SPDX-License-Identifier: MIT
 *
 * The table of system calls: one row per call (emit/syscalls.def), looked up
 * by architecture and number or by name. Names, argument types, classes and
 * what is captured at entry come from here and nowhere else.
 */
#ifndef RENACER_SYSCALL_TABLE_H
#define RENACER_SYSCALL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SYSCALL_MAX_ARGS = 6,
};

/* The architecture of one call, which is not always that of the program:
 * `int $0x80` in a 64-bit program is an i386 call. x32 is no architecture of
 * its own, neither here nor for the kernel: its calls are those of x86-64 with
 * X32_BIT in their number, which records keep. */
enum arch {
    ARCH_X86_64,
    ARCH_I386,
    ARCH_COUNT,
};

/* What the result is, if it is not -errno. */
enum result_type {
    R_INT = 1,     /* a number */
    R_ADDR,        /* an address */
    R_HEX,         /* a number, shown in hex */
    R_FD,          /* a new descriptor */
    R_MODE,        /* octal */
    R_PID,         /* a process or thread */
    R_TIME,        /* seconds since 1970, and when that is */
    R_TICKS,       /* a time in ticks of the clock */
    R_IPC,         /* of a queue, segment or set of semaphores of System V */
    R_RESTORED,    /* that of the call that a signal interrupted */
    R_WAIT,        /* how many events came; 0: the time was up */
    R_NAMED_,      /* a number with a name in the set that stands beside the type: "1 (SCHED_FIFO)" */
    R_FLAGS_,      /* flags: "0x1 (SECBIT_NOROOT)" */
    R_FILE_FLAGS_, /* flags of a descriptor or a file: "0x8000 (flags O_RDONLY|O_LARGEFILE)" */
    R_SEALS,       /* of a memfd: "0x2 (seals F_SEAL_SHRINK)" */
    R_SIGNAL,      /* "10 (SIGUSR1)" */
    R_HANDLER,     /* of a signal */
    R_MASK,        /* a set of signals: "0x200 (mask [USR1])" */
    R_OLD_MASK,    /* "0x200 (old mask [USR1])" */
    R_CLIPPED,     /* a number of 32 bits without a sign, even if it is an error */
    R_NEVER,       /* the call does not return */
};

/* A result as a row holds it: the type, and above it the set of its names, an enum arg_type. */
enum {
    R_SET_SHIFT = 5,
    R_TYPE_MASK = (1 << R_SET_SHIFT) - 1,
};
#define R_NAMED(set) (R_NAMED_ | (set) << R_SET_SHIFT)
#define R_FLAGS(set) (R_FLAGS_ | (set) << R_SET_SHIFT)
#define R_FILE_FLAGS(set) (R_FILE_FLAGS_ | (set) << R_SET_SHIFT)

/* The type of one argument. The first group is built in; every member of the
 * second names a set of constants (emit/constants). A_BUF and A_IOVEC
 * carry the index of the argument that holds their length, as do the outputs
 * that end in _, and
 * A_SET_OPTION, A_GET_OPTION and A_SOCK_PROTOCOL that of the argument that selects their set. */
enum arg_type {
    A_NONE,
    A_INT,
    A_UINT,
    A_LONG,
    A_SIZE,   /* unsigned, as wide as the architecture */
    A_HEX,    /* bits that have no names yet, or an address */
    A_HEX32,  /* the same, 32 bits wide */
    A_SAME,   /* of a command's argument: what the call's row says */
    A_HIDDEN, /* the call has it, and nothing looks at it */
    A_OFFSET, /* shown in hex: a file offset of mmap */
    A_PAGES,  /* the same, in pages of 4 KiB: mmap2 */
    /* 64 bits of an i386 call: this argument and the next, low half first. */
    A_LONG_PAIR,
    A_SIZE_PAIR,
    A_HIGH_PAIR,       /* as A_LONG_PAIR, high half first */
    A_FAN_EVENTS_PAIR, /* events of fanotify */
    A_PTR,             /* an address; what it points to is not read */
    A_FD,
    A_DIRFD,        /* a descriptor or AT_FDCWD */
    A_PIDFD,        /* a process's descriptor or PIDFD_SELF_... */
    A_FAN_PLACE,    /* a descriptor or a name of the set FAN_DIRFD */
    A_HANDLE_PLACE, /* a descriptor or a name of the set HANDLE_ROOT */
    A_PATH,         /* NUL-terminated, names a file */
    A_STR,          /* NUL-terminated */
    A_COMM,         /* the same, and the kernel takes 15 bytes of it: the name of a thread */
    A_BUF_,         /* bytes */
    A_BLOB_,        /* bytes, shown in hex; its length is an int */
    A_ATTRIBUTE_,   /* bytes, of which a NUL at the end is not shown: an extended attribute */
    A_SIGSET_,      /* a set of signals; another argument says how large it is */
    A_ARGV,         /* NULL-terminated vector of strings */
    A_ENVP,         /* NULL-terminated vector, shown as address and count */
    A_MODE,         /* octal */
    A_UID,
    A_ERRNO,    /* an error by name */
    A_OLD_MASK, /* a set of signals, not a pointer to one */
    A_PID,
    A_IPC_ID,      /* of a queue, segment or set of semaphores of System V */
    A_WHO,         /* A_PID or another number, as the argument before it says */
    A_FUTEX_VALUE, /* A_UINT, or A_JOINED with some operations */
    A_JOINED,      /* A_UINT that is the id of a thread if somebody waits for the end of that */
    A_DEV,
    A_SOCK_PROTOCOL_, /* of the family that another argument says */
    A_SET_OPTION_,    /* a socket's, of the level that another argument says: of setsockopt */
    A_GET_OPTION_,    /* of getsockopt */
    /* Other types with each of the arguments before it: row_arguments(). */
    A_FSCONFIG_KEY,
    A_FSCONFIG_VALUE_,
    A_FSCONFIG_AUX,
    A_HOST_NAME_,
    A_MOUNT_TYPE,
    A_MOUNT_DATA,
    A_REBOOT_ARG,
    /* There only if the arguments before it ask for it. */
    A_OPEN_MODE,      /* octal: flags that create a file */
    A_NODE_DEV,       /* makedev(major, minor): the mode of a device */
    A_MREMAP_ADDRESS, /* MREMAP_MAYMOVE and MREMAP_FIXED */
    A_MEMBARRIER_CPU, /* MEMBARRIER_CMD_FLAG_CPU */
    A_READDIR_COUNT,  /* unless it is 1, as always */
    /* Always outputs, whatever their direction: what the call has left there when it returns. Without a capture each is
     * an address. */
    A_FIRST_OUTPUT,
    A_OUT_BUF_ = A_FIRST_OUTPUT, /* as many bytes as the result says */
    A_OUT_RANDOM_,               /* the same, shown in hex */
    A_OUT_ATTRIBUTE_,            /* the same, but nothing if there was no room; a NUL at the end is not shown */
    A_OUT_NAMES_,                /* the same with all NULs */
    A_OUT_PATH_,                 /* a path with its NUL, as long as the result says */
    A_OUT_DIRENTS,               /* struct linux_dirent[]: how many */
    A_OUT_DIRENTS64,
    A_OUT_CPUS,     /* a mask of as many bytes as the result says */
    A_OUT_EPOLL_,   /* struct epoll_event[], as many as the result says */
    A_MOVED_OFFSET, /* where to begin, and where the call ended */
    A_MOVED_OFFSET64,
    A_OUT_REMAINDER, /* timespec: what is left of an interrupted sleep */
    A_OUT_REMAINDER64,
    A_LAST_OUTPUT = A_OUT_REMAINDER64,
    /* Pointers to one flat structure each, see emit/structures.c: read at the entry of the call, or, OUT(), at its
     * exit. */
    A_FIRST_STRUCTURE,
    A_TO_COMM = A_FIRST_STRUCTURE, /* name of a thread */
    A_TO_ID,
    A_TO_ID32,
    A_TO_INT,
    A_TO_IO_EVENT, /* of asynchronous input or output */
    A_TO_ITIMERSPEC,
    A_TO_ITIMERSPEC64,
    A_TO_ITIMERVAL,
    A_TO_NOTIF_SIZES, /* of the structures of seccomp's notifications */
    A_MQ_ATTR,        /* of a queue that is created; there only if flags create one */
    A_TO_MQ_ATTR,     /* of a queue that there is */
    A_TO_OLD_SIGACTION,
    A_TO_OLD_SIGSET,
    A_TO_OFFSET, /* of 64 bits */
    A_TO_OLDSTAT,
    A_TO_OWNER, /* of a descriptor: struct f_owner_ex */
    A_TO_PID,   /* of a process or a group */
    A_TO_RLIMIT,
    A_TO_RLIMIT64,
    A_TO_RUSAGE,
    A_TO_RUSAGE_CHILD, /* of a child that was waited for: only if there was one */
    A_TO_SECCOMP_ACTION,
    A_TO_RW_HINT, /* how long what is written will live */
    A_TO_SIGACTION,
    A_TO_SIGSET,
    A_TO_SIZE,
    A_TO_STACK, /* stack_t */
    A_TO_STAT,
    A_TO_STAT64,
    A_TO_STATFS,
    A_TO_STATFS64,
    A_TO_STATUS, /* of a child that was waited for */
    A_TO_STATX,
    A_TO_SYSINFO,
    A_TO_TIMESPEC,
    A_TO_TIMESPEC64,
    A_TO_TIMEVAL,
    A_TO_TIMEZONE,
    A_TO_TMS,
    A_TO_U64,
    A_TO_UINT,
    A_TO_UTSNAME,
    A_TO_WINSIZE,
    A_TO_WORD, /* an address */
    A_LINGER,  /* parts of others, values of options and elements of vectors, as well */
    A_UCRED,
    A_EPOLL_DATA,
    A_EPOLL_EVENT,
    A_FSID,
    A_LAST_STRUCTURE = A_FSID,
    /* Pointers to what has pointers or a shape of its own: a function each (include/decoding.h), in families. */
    A_FIRST_DECODED,
    A_BEFORE_DECODED = A_FIRST_DECODED - 1,
#define DECODED(type, ...) type,
#include "decode/types.def"
#undef DECODED
    A_BEHIND_DECODED,
    /* One for each set of constants, from A_FIRST_SET to A_LAST_SET, and for each
     * packed number, from A_FIRST_PACKED to A_LAST_PACKED: emit/constants. */
#include "constant_types.inc"
};

/* When the memory that an argument points to is read. */
enum direction {
    DIRECTION_IN,   /* at the entry of the call */
    DIRECTION_OUT,  /* when it is about to return, if that was asked for */
    DIRECTION_BOTH, /* at both */
    /* At both, if it is read at the exit; else not at all: what stood there before says little without the answer, and
     * is no reason to make a call stop. */
    DIRECTION_CHANGED,
};

/* An argument as a row holds it: the type, above it the index of the argument
 * it refers to, and the direction. */
enum {
    A_REFERENCE_SHIFT = 16,
    A_REFERENCE_MASK = 7,
    A_DIRECTION_SHIFT = 20,
    DIRECTION_MASK = 3,
    A_TYPE_MASK = (1 << A_REFERENCE_SHIFT) - 1,
};
#define A_REFER(type, index) ((type) | (index) << A_REFERENCE_SHIFT)
#define OUT(type) ((type) | DIRECTION_OUT << A_DIRECTION_SHIFT)
#define BOTH(type) ((type) | DIRECTION_BOTH << A_DIRECTION_SHIFT)
#define CHANGED(type) ((type) | DIRECTION_CHANGED << A_DIRECTION_SHIFT)
#define A_BUF(length) A_REFER(A_BUF_, length)
#define A_BLOB(length) A_REFER(A_BLOB_, length)
#define A_ATTRIBUTE(length) A_REFER(A_ATTRIBUTE_, length)
#define A_FSCONFIG_VALUE(length) A_REFER(A_FSCONFIG_VALUE_, length)
#define A_IOVEC(count) A_REFER(A_IOVEC_, count)
#define A_SOCKADDR(length) A_REFER(A_SOCKADDR_, length)
#define A_SIGSET(size) A_REFER(A_SIGSET_, size)
#define A_SET_OPTION(level) A_REFER(A_SET_OPTION_, level)
#define A_GET_OPTION(level) A_REFER(A_GET_OPTION_, level)
#define A_SOCK_PROTOCOL(family) A_REFER(A_SOCK_PROTOCOL_, family)
#define A_OUT_BUF(size) A_REFER(A_OUT_BUF_, size)
#define A_OUT_RANDOM(size) A_REFER(A_OUT_RANDOM_, size)
#define A_OUT_ATTRIBUTE(size) A_REFER(A_OUT_ATTRIBUTE_, size)
#define A_OUT_NAMES(size) A_REFER(A_OUT_NAMES_, size)
#define A_OUT_PATH(size) A_REFER(A_OUT_PATH_, size)
#define A_OUT_IOVEC(count) OUT(A_REFER(A_OUT_IOVEC_, count))
#define A_SOCK_VALUE(length) A_REFER(A_SOCK_VALUE_, length)
#define A_OUT_EPOLL(count) A_REFER(A_OUT_EPOLL_, count)
/* The room for an address, and the length that it took. Refers to the address: without one nobody looks at the length.
 */
#define A_SOCKLEN(address) BOTH(A_REFER(A_SOCKLEN_, address))

/* Classes, as strace's -e trace=%class names them. "%%stat" and "%%statfs" are made of several. */
enum syscall_class {
    C_NONE = 0,
    C_FILE = 1 << 0,
    C_DESC = 1 << 1,
    C_MEMORY = 1 << 2,
    C_PROCESS = 1 << 3,
    C_NETWORK = 1 << 4,
    C_SIGNAL = 1 << 5,
    C_IPC = 1 << 6,
    C_CREDS = 1 << 7,
    C_CLOCK = 1 << 8,
    C_PURE = 1 << 9, /* no arguments, and never an error */
    C_STAT = 1 << 10,
    C_LSTAT = 1 << 11,
    C_FSTAT = 1 << 12,
    C_STATFS = 1 << 13,
    C_FSTATFS = 1 << 14,
    C_USTAT = 1 << 15, /* has no name: what %%statfs holds beside the two */
};

struct syscall_row {
    const char *name;
    int16_t number[ARCH_COUNT]; /* -1: the architecture does not have it */
    uint16_t classes;
    /* types[0] is a result_type with its set, the rest are arguments, A_NONE after the last. */
    uint32_t types[1 + SYSCALL_MAX_ARGS];
};

enum {
    X32_BIT = 0x40000000,
};

/* Whether the number is that of an x32 call, known or not. */
static inline bool syscall_is_x32(enum arch arch, int64_t number) {
    return arch == ARCH_X86_64 && number >= X32_BIT && number < 2 * (int64_t)X32_BIT;
}

/* Whether the call is of another kind than those of x86-64: the kernel has no
 * tracepoint of its own for it. */
static inline bool syscall_is_foreign(enum arch arch, int64_t number) {
    return arch != ARCH_X86_64 || number >= X32_BIT;
}

/* The number under which x86-64 has the same call; itself, if it is not a known call of x32. */
int64_t syscall_native_number(enum arch arch, int64_t number);

/* How the vectors and structures of the call look in memory: those of the calls that
 * x32 has numbers of its own for are as on i386. */
static inline enum arch syscall_layout(enum arch arch, int64_t number) {
    enum {
        FIRST_OWN = X32_BIT + 512,
    };
    return syscall_is_x32(arch, number) && number >= FIRST_OWN ? ARCH_I386 : arch;
}

/* The row of call `number` of `arch`, or NULL for one that is not known. */
const struct syscall_row *syscall_row(enum arch arch, int number);

/* The rows that have this name and a number on `arch`, from *cursor on
 * (start with 0); NULL after the last. */
const struct syscall_row *syscall_row_named(enum arch arch, const char *name, size_t *cursor);

/* Row `index` of the whole table, or NULL past its end. */
const struct syscall_row *syscall_row_at(size_t index);

/* The class of this name, as bits of which a call of the class has at least one; C_NONE
 * if there is none. The '%' in front may be left out where no call of x86-64 has the name. */
unsigned syscall_class_named(const char *name);

/* Name `index` of a class, with its '%', or NULL past the last. *plain (may be NULL):
 * the name without it, or NULL if that is a call. */
const char *syscall_class_name_at(size_t index, const char **plain);

static inline enum arg_type row_arg_type(const struct syscall_row *row, unsigned index) {
    return (enum arg_type)(row->types[1 + index] & A_TYPE_MASK);
}

/* The index of the argument that argument `index` refers to. */
static inline unsigned row_arg_reference(const struct syscall_row *row, unsigned index) {
    return row->types[1 + index] >> A_REFERENCE_SHIFT & A_REFERENCE_MASK;
}

static inline enum direction row_arg_direction(const struct syscall_row *row, unsigned index) {
    return (enum direction)(row->types[1 + index] >> A_DIRECTION_SHIFT & DIRECTION_MASK);
}

/* How many arguments the call has. */
unsigned row_arg_count(const struct syscall_row *row);

/* An argument that a call has, and what it means there. */
struct shown_argument {
    uint8_t index;
    uint8_t reference; /* the argument that it refers to */
    uint16_t type;     /* enum arg_type */
    uint8_t direction; /* enum direction */
};

static inline bool argument_is_output(const struct shown_argument *argument) {
    return argument->direction != DIRECTION_IN || (argument->type >= A_FIRST_OUTPUT && argument->type <= A_LAST_OUTPUT);
}

/* The arguments that a call of `row` with the values `args` really has, in the
 * order in which they are shown; returns how many. Calls such as fcntl and
 * futex have other arguments with each command (emit/commands.def). */
unsigned row_arguments(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS],
                       struct shown_argument shown[SYSCALL_MAX_ARGS]);

/* What the result of such a call is: an enum result_type with its set. */
uint32_t row_result(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS]);

/* Visit every argument that the call has by its row, and every one that it has with some command: one may be visited
 * several times. */
void row_visit(const struct syscall_row *row,
               void (*visit)(void *context, const struct shown_argument *argument, bool of_command), void *context);

/* Whether the call has, with any command, an argument of which `holds` is true. */
bool row_has_any(const struct syscall_row *row, bool (*holds)(const struct shown_argument *argument));

/* Whether the call is execve or execveat. */
bool row_is_exec(const struct syscall_row *row);

/* Whether the call makes a thread or a process. */
bool row_is_spawn(const struct syscall_row *row);

/* Whether the call's result can be a new descriptor; whether it is one with these arguments. */
bool row_may_return_descriptor(const struct syscall_row *row);
bool row_returns_descriptor(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS]);

/* Whether the call changes what a descriptor is shown as: it ends descriptors
 * (close, exec, exit), makes a number stand for another file (dup2), names files
 * anew (rename, unlink), or gives a socket an address (bind, connect). */
bool row_changes_descriptors(const struct syscall_row *row);

/* Whether the call ends the thread or the process. */
bool row_is_exit(const struct syscall_row *row);

#endif
