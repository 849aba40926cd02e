/* SPDX-License-Identifier: MIT
 *
 * Which arguments a call really has.
 */
#include "syscall_table.h"

#include "constant_commands.inc"

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A command: the arguments that a call has with it, A_NONE behind the last. */
struct command {
    uint16_t type; /* of the argument that holds it */
    uint32_t number;
    struct shown_argument arguments[SYSCALL_MAX_ARGS];
};

#define ARG(at, is)                                                                                                    \
    { .index = (at), .type = (is) }

static const struct command commands[] = {
#define COMMAND(type, name, ...) {type, COMMAND_##name, {__VA_ARGS__}},
#include "commands.def"
#undef COMMAND
};

/* The bits of an argument of this type that are the command; 0: none of its bits are. */
static uint32_t command_bits(enum arg_type type) {
    switch (type) {
    case A_FUTEX:
        return FUTEX_CMD_MASK & INT8_MAX;
    case A_ARCH_PRCTL:
    case A_FCNTL:
    case A_IOCTL:
    case A_PRCTL:
    case A_PTRACE:
        return UINT32_MAX;
    default:
        return 0;
    }
}

/* No call has its command behind its second argument. */
enum {
    LAST_PLACE = 1,
};

static const struct command *find_command(const struct syscall_row *row, const uint64_t *args) {
    for (unsigned place = 0; place <= LAST_PLACE; place++) {
        enum arg_type type = row_arg_type(row, place);
        uint32_t bits = command_bits(type);
        for (size_t i = 0; bits && i < sizeof(commands) / sizeof(commands[0]); i++) {
            if (commands[i].type == type && commands[i].number == ((uint32_t)args[place] & bits)) {
                return &commands[i];
            }
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
    case A_HIDDEN:
    case A_NONE:
        return false;
    default:
        return true;
    }
}

static unsigned arguments_of_command(const struct command *command, struct shown_argument *shown) {
    unsigned count = 0;
    while (count < SYSCALL_MAX_ARGS && command->arguments[count].type != A_NONE) {
        shown[count] = command->arguments[count];
        count++;
    }
    return count;
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

enum arg_type row_arg_meaning(const struct syscall_row *row, unsigned index, const uint64_t args[SYSCALL_MAX_ARGS]) {
    enum arg_type type = row_arg_type(row, index);
    switch (type) {
    case A_FSCONFIG_KEY:
        return (uint32_t)args[index - 1] <= FSCONFIG_SET_FD ? A_STR : A_PTR;
    case A_FSCONFIG_VALUE_:
        return fsconfig_value(args[index - 2]);
    case A_FSCONFIG_AUX:
        return fsconfig_aux(args[index - 3]);
    case A_MOUNT_TYPE:
        return mount_string(args[index + 1], false);
    case A_MOUNT_DATA:
        return mount_string(args[index - 1], true);
    case A_REBOOT_ARG:
        return (uint32_t)args[index - 1] == LINUX_REBOOT_CMD_RESTART2 ? A_STR : A_HIDDEN;
    default:
        return type;
    }
}

unsigned row_arguments(const struct syscall_row *row, const uint64_t args[SYSCALL_MAX_ARGS],
                       struct shown_argument shown[SYSCALL_MAX_ARGS]) {
    const struct command *command = find_command(row, args);
    if (command) {
        return arguments_of_command(command, shown);
    }
    unsigned count = 0;
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        enum arg_type type = row_arg_meaning(row, i, args);
        if (has_argument(type, args, i)) {
            shown[count++] = (struct shown_argument){
                .index = (uint8_t)i, .type = (uint16_t)type, .reference = (uint8_t)row_arg_reference(row, i)};
        }
    }
    return count;
}

static bool command_has_any(const struct command *command, bool (*holds)(enum arg_type type)) {
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        if (holds(command->arguments[i].type)) {
            return true;
        }
    }
    return false;
}

bool row_has_any(const struct syscall_row *row, bool (*holds)(enum arg_type type)) {
    for (unsigned i = 0; i < SYSCALL_MAX_ARGS; i++) {
        if (holds(row_arg_type(row, i))) {
            return true;
        }
    }
    for (unsigned place = 0; place <= LAST_PLACE; place++) {
        enum arg_type type = row_arg_type(row, place);
        for (size_t i = 0; command_bits(type) && i < sizeof(commands) / sizeof(commands[0]); i++) {
            if (commands[i].type == type && command_has_any(&commands[i], holds)) {
                return true;
            }
        }
    }
    return false;
}
