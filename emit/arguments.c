/* SPDX-License-Identifier: MIT
 *
 * Which arguments a call really has.
 */
#include "syscall_table.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/input.h>
#include <linux/ioprio.h>
#include <linux/membarrier.h>
#include <linux/mount.h>
#include <linux/quota.h>
#include <linux/reboot.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* A command: the arguments that a call has with it, A_NONE behind the last; among
 * them can stand what its result is. */
struct command {
    uint32_t number;
    uint32_t arguments[SYSCALL_MAX_ARGS + 1]; /* as in a row, with the index above: ARG() */
};

enum {
    INDEX_SHIFT = 24,
    RESULT_INDEX = SYSCALL_MAX_ARGS, /* not an argument: the result */
};

/* The commands of one type of argument, in the order of their numbers, and which types their arguments have. */
struct command_range {
    uint16_t first;
    uint16_t count;
    uint16_t first_type;
    uint16_t type_count;
};

#define ARG(at, is) ((is) | (at) << INDEX_SHIFT)

/* As the row says. */
#define SAME(at) ARG(at, A_SAME)

#define RESULT(is) ((is) | RESULT_INDEX << INDEX_SHIFT)

/* commands[], which are the rows of emit/commands.def, command_types[], and ranges[], one for each set of constants. */
#include "constant_commands.inc"

static unsigned index_in(uint32_t argument) {
    return argument >> INDEX_SHIFT;
}

static struct shown_argument unpacked(uint32_t argument) {
    return (struct shown_argument){.index = (uint8_t)index_in(argument),
                                   .type = argument & A_TYPE_MASK,
                                   .reference = argument >> A_REFERENCE_SHIFT & A_REFERENCE_MASK,
                                   .direction = argument >> A_DIRECTION_SHIFT & DIRECTION_MASK};
}

/* The commands of arguments of this type; none for nearly all types. */
static struct command_range commands_of(enum arg_type type) {
    return type < A_FIRST_SET ? (struct command_range){0} : ranges[type - A_FIRST_SET];
}

/* The bits of an argument that are the command. */
static uint32_t command_bits(enum arg_type type) {
    switch (type) {
    case A_FUTEX:
        return FUTEX_CMD_MASK & INT8_MAX;
    case A_IPC_CALL:
        return UINT16_MAX; /* above it is a version */
    case A_QUOTA_CMD:
        return UINT32_MAX << SUBCMDSHIFT;
    default:
        return UINT32_MAX;
    }
}

/* No call has its command behind its third argument. */
enum {
    LAST_PLACE = 2,
};

static const struct command *find_in_range(struct command_range range, uint32_t number) {
    unsigned first = range.first;
    unsigned end = first + range.count;
    while (first < end) {
        unsigned middle = first + (end - first) / 2;
        if (commands[middle].number < number) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first < (unsigned)range.first + range.count && commands[first].number == number ? &commands[first] : NULL;
}

/* Requests of input devices that have a length in their number, or are one for each kind of event: a request that
 * stands for all of them. Any other number is itself. */
static uint32_t known_request(uint32_t request) {
    unsigned number = _IOC_NR(request);
    if (_IOC_TYPE(request) != 'E') {
        return request;
    }
    if (_IOC_DIR(request) == _IOC_WRITE && number >= _IOC_NR(EVIOCSABS(0))) {
        return EVIOCSFF;
    }
    bool is_of_any_length = (number >= _IOC_NR(EVIOCGNAME(0)) && number <= _IOC_NR(EVIOCGMTSLOTS(0))) ||
                            (number >= _IOC_NR(EVIOCGKEY(0)) && number <= _IOC_NR(EVIOCGSW(0))) ||
                            (number >= _IOC_NR(EVIOCGBIT(0, 0)) && number <= _IOC_NR(EVIOCGABS(ABS_MAX)));
    return _IOC_DIR(request) == _IOC_READ && is_of_any_length ? EVIOCGID : request;
}

static const struct command *command_numbered(enum arg_type type, uint64_t argument) {
    uint32_t number = (uint32_t)argument & command_bits(type);
    if (type == A_IOCTL) {
        number = known_request(number);
    }
    return find_in_range(commands_of(type), type == A_QUOTA_CMD ? number >> SUBCMDSHIFT : number);
}

/* A command can have commands of its own: prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, ...). */
static const struct command *find_subcommand(enum arg_type type, const struct command *command, const uint64_t *args) {
    const struct command *found = NULL;
    for (const uint32_t *one = command->arguments; !found && *one; one++) {
        if ((*one & A_TYPE_MASK) != type && index_in(*one) != RESULT_INDEX) {
            found = command_numbered((enum arg_type)(*one & A_TYPE_MASK), args[index_in(*one)]);
        }
    }
    return found ? found : command;
}

static const struct command *find_command(const struct syscall_row *row, const uint64_t *args) {
    for (unsigned place = 0; place <= LAST_PLACE; place++) {
        enum arg_type type = row_arg_type(row, place);
        const struct command *command = command_numbered(type, args[place]);
        if (command) {
            return find_subcommand(type, command, args);
        }
    }
    return NULL;
}

static bool has_all(uint64_t number, uint64_t bits) {
    return (number & bits) == bits;
}

/* Whether the call has argument `index`, which is of this type. */
static bool has_argument(enum arg_type type, const uint64_t *args, unsigned index) {
    uint64_t before = index ? args[index - 1] : 0;
    switch (type) {
    case A_OPEN_MODE:
        return before & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
    case A_MQ_ATTR:
        return args[index - 2] & O_CREAT;
    case A_NODE_DEV:
        return S_ISCHR(before) || S_ISBLK(before);
    case A_MREMAP_ADDRESS:
        return has_all(before, MREMAP_MAYMOVE | MREMAP_FIXED);
    case A_MEMBARRIER_CPU:
        return before & MEMBARRIER_CMD_FLAG_CPU;
    case A_READDIR_COUNT:
        return (uint32_t)args[index] != 1;
    case A_TO_FRAME:
    case A_TO_OLD_FRAME:
        return args[index]; /* else nobody knows where it is */
    case A_HIDDEN:
    case A_NONE:
        return false;
    default:
        return true;
    }
}

/* fsconfig: what the value is with this command. */
static enum arg_type fsconfig_value(uint64_t command) {
    switch ((uint32_t)command) {
    case FSCONFIG_SET_STRING:
        return A_STR;
    case FSCONFIG_SET_BINARY:
        return A_BLOB_;
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY:
        return A_PATH;
    default:
        return A_PTR;
    }
}

static enum arg_type fsconfig_aux(uint64_t command) {
    switch ((uint32_t)command) {
    case FSCONFIG_SET_PATH:
    case FSCONFIG_SET_PATH_EMPTY:
        return A_DIRFD;
    case FSCONFIG_SET_FD:
        return A_FD;
    default:
        return A_INT;
    }
}

/* mount: the kernel looks at the type of a file system where it makes one, and at data
 * there and where it changes one. Old programs have a magic number in the upper half of the flags. */
static enum arg_type mount_string(uint64_t flags, bool is_read_at_remount) {
    if ((flags & MS_MGC_MSK) == MS_MGC_VAL) {
        flags &= ~(uint64_t)MS_MGC_MSK;
    }
    bool is_read = flags & MS_REMOUNT
                       ? is_read_at_remount
                       : !(flags & (MS_BIND | MS_MOVE | MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE));
    return is_read ? A_STR : A_PTR;
}

/* waitid: what the argument behind its first one is. */
static enum arg_type waited_for(uint64_t selector) {
    switch ((uint32_t)selector) {
    case P_PID:
    case P_PGID:
        return A_PID;
    case P_PIDFD:
        return A_FD;
    default:
        return A_INT;
    }
}

/* Whether `selector`, an argument of type `set`, says that the argument behind it is a process or a group. */
static bool selects_process(enum arg_type set, uint64_t selector) {
    switch (set) {
    case A_IOPRIO_WHO:
        return (uint32_t)selector == IOPRIO_WHO_PROCESS || (uint32_t)selector == IOPRIO_WHO_PGRP;
    default:
        return (uint32_t)selector == PRIO_PROCESS || (uint32_t)selector == PRIO_PGRP;
    }
}

/* The kernel clears the id of a thread that ends, and wakes whoever waits there, with a futex that is not private
 * (mm_release() in kernel/fork.c): pthread_join(3) waits so, and locks do not. */
static bool waits_for_thread(uint64_t operation) {
    uint32_t command = (uint32_t)operation & FUTEX_CMD_MASK;
    return !(operation & FUTEX_PRIVATE_FLAG) && (command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET);
}

enum {
    HOST_NAME_LENGTH_MAX = 64, /* of which the kernel reads more from nobody: __NEW_UTS_LEN in linux/utsname.h */
};

/* What the argument is with these values; what the row says, for most. */
static enum arg_type meaning(const struct syscall_row *row, unsigned index, const uint64_t args[SYSCALL_MAX_ARGS]) {
    enum arg_type type = row_arg_type(row, index);
    switch (type) {
    case A_FSCONFIG_KEY:
        return (uint32_t)args[index - 1] <= FSCONFIG_SET_FD ? A_STR : A_PTR;
    case A_FSCONFIG_VALUE_:
        return fsconfig_value(args[index - 2]);
    case A_FSCONFIG_AUX:
        return fsconfig_aux(args[index - 3]);
    case A_HOST_NAME_:
        return (uint32_t)args[row_arg_reference(row, index)] <= HOST_NAME_LENGTH_MAX ? A_BUF_ : A_PTR;
    case A_MOUNT_TYPE:
        return mount_string(args[index + 1], false);
    case A_MOUNT_DATA:
        return mount_string(args[index - 1], true);
    case A_FUTEX_VALUE:
        return waits_for_thread(args[index - 1]) ? A_JOINED : A_UINT;
    case A_WHO:
        if (row_arg_type(row, index - 1) == A_IDTYPE) {
            return waited_for(args[index - 1]);
        }
        return selects_process(row_arg_type(row, index - 1), args[index - 1]) ? A_PID : A_INT;
    case A_REBOOT_ARG:
        return (uint32_t)args[index - 1] == LINUX_REBOOT_CMD_RESTART2 ? A_STR : A_HIDDEN;
    default:
        return type;
    }
}

static struct shown_argument argument_of_row(const struct syscall_row *row, unsigned index, const uint64_t *args) {
    return (struct shown_argument){.index = (uint8_t)index,
                                   .type = (uint16_t)meaning(row, index, args),
                                   .reference = (uint8_t)row_arg_reference(row, index),
                                   .direction = (uint8_t)row_arg_direction(row, index)};
}

/* Append the argument if the call has it. */
static unsigned show(struct shown_argument argument, const uint64_t *args, struct shown_argument *shown,
                     unsigned count) {
    shown[count] = argument;
    return has_argument((enum arg_type)argument.type, args, argument.index) ? count + 1 : count;
}

unsigned row_arguments(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS],
                       struct shown_argument shown[SYSCALL_MAX_ARGS]) {
    const struct command *command = find_command(row, args);
    unsigned count = 0;
    if (command) {
        for (const uint32_t *one = command->arguments; *one; one++) {
            unsigned index = index_in(*one);
            if (index != RESULT_INDEX) {
                bool is_same = (*one & A_TYPE_MASK) == A_SAME;
                count = show(is_same ? argument_of_row(row, index, args) : unpacked(*one), args, shown, count);
            }
        }
        return count;
    }
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS && row_arg_type(row, i) != A_NONE; i++) {
        count = show(argument_of_row(row, i, args), args, shown, count);
    }
    return count;
}

uint32_t row_result(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS]) {
    const struct command *command = find_command(row, args);
    for (const uint32_t *one = command ? command->arguments : NULL; one && *one; one++) {
        if (index_in(*one) == RESULT_INDEX) {
            return *one & ((1U << INDEX_SHIFT) - 1);
        }
    }
    return row->types[0];
}

void row_visit(const struct syscall_row *row,
               void (*visit)(void *context, const struct shown_argument *argument, bool of_command), void *context) {
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS && row_arg_type(row, i) != A_NONE; i++) {
        struct shown_argument argument = unpacked(row->types[1 + i]);
        argument.index = (uint8_t)i;
        visit(context, &argument, false);
    }
    for (unsigned place = 0; place <= LAST_PLACE; place++) {
        struct command_range range = commands_of(row_arg_type(row, place));
        for (unsigned i = 0; i < range.type_count; i++) {
            const struct shown_argument argument = unpacked(command_types[range.first_type + i]);
            visit(context, &argument, true);
        }
    }
}

struct search {
    bool (*holds)(const struct shown_argument *argument);
    bool found;
};

static void search_in(void *context, const struct shown_argument *argument, bool of_command) {
    struct search *search = context;
    (void)of_command;
    search->found = search->found || search->holds(argument);
}

bool row_has_any(const struct syscall_row *row, bool (*holds)(const struct shown_argument *argument)) {
    struct search search = {.holds = holds};
    row_visit(row, search_in, &search);
    return search.found;
}
