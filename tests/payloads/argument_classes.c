/* SPDX-License-Identifier: MIT
 *
 * Not traced: what our table of system calls says of each argument, for the
 * oracle to count by. A line for each argument: call, place, class, and when it is known: "in", at the
 * entry of the call, "out", when it returns, "both", a part of it at each. Where a command has arguments
 * of its own, lines with the command's place and name behind that.
 */
#include "constants.h"
#include "syscall_table.h"

#include <stdio.h>
#include <string.h>

enum {
    COMMAND_PLACES = 3, /* a command is one of the first arguments */
};

/* Offsets are there before the call as well, whatever their row says; so is what a call changes, though nobody reads
 * it then. */
static enum direction direction_of(const struct shown_argument *argument) {
    switch (argument->direction) {
    case DIRECTION_BOTH:
    case DIRECTION_CHANGED:
        return DIRECTION_BOTH;
    default:
        break;
    }
    if (argument->type == A_MOVED_OFFSET || argument->type == A_MOVED_OFFSET64) {
        return DIRECTION_BOTH;
    }
    return argument_is_output(argument) ? DIRECTION_OUT : DIRECTION_IN;
}

static const char *class_of(const struct shown_argument *argument) {
    enum arg_type type = argument->type;
    if (direction_of(argument) == DIRECTION_OUT) {
        return "output";
    }
    if (type >= A_FIRST_SET) {
        return "flags";
    }
    switch (type) {
    case A_FD:
    case A_DIRFD:
    case A_PIDFD:
    case A_FAN_PLACE:
    case A_HANDLE_PLACE:
        return "descriptor";
    case A_PATH:
    case A_STR:
    case A_COMM:
    case A_FSCONFIG_KEY:
    case A_FSCONFIG_VALUE_:
    case A_MOUNT_TYPE:
    case A_MOUNT_DATA:
    case A_REBOOT_ARG:
    case A_ARGV:
        return "path";
    case A_BUF_:
    case A_BLOB_:
    case A_IOVEC_:
        return "buffer";
    case A_PTR:
    case A_ENVP:
    case A_MREMAP_ADDRESS:
        return "address";
    case A_INT:
    case A_UINT:
    case A_LONG:
    case A_SIZE:
    case A_HEX:
    case A_HEX32:
    case A_PAGES:
    case A_LONG_PAIR:
    case A_SIZE_PAIR:
    case A_HIGH_PAIR:
    case A_FSCONFIG_AUX:
    case A_ERRNO:
    case A_OFFSET:
    case A_MODE:
    case A_UID:
    case A_PID:
    case A_DEV:
    case A_OPEN_MODE:
    case A_NODE_DEV:
    case A_MEMBARRIER_CPU:
        return "number";
    case A_FAN_EVENTS_PAIR:
    case A_SOCK_PROTOCOL_:
    case A_SET_OPTION_:
    case A_GET_OPTION_:
        return "flags";
    default:
        return "structure";
    }
}

static void print(const struct syscall_row *row, const struct shown_argument *shown, unsigned count, unsigned command,
                  const char *name) {
    static const char *const directions[] = {"in", "out", "both"};
    for (unsigned place = 0; place < count; place++) {
        printf("%s %u %s %s", row->name, place, class_of(&shown[place]), directions[direction_of(&shown[place])]);
        if (name) {
            printf(" %u %s", command, name);
        }
        putchar('\n');
    }
}

/* Every argument that the row has, whatever asks for it. */
static void print_row(const struct syscall_row *row) {
    struct shown_argument shown[SYSCALL_MAX_ARGS] = {0};
    unsigned count = 0;
    for (unsigned index = 0; index < row_arg_count(row); index++) {
        shown[count] = (struct shown_argument){.index = (uint8_t)index,
                                               .type = (uint16_t)row_arg_type(row, index),
                                               .direction = (uint8_t)row_arg_direction(row, index)};
        count += shown[count].type != A_HIDDEN;
    }
    print(row, shown, count, 0, NULL);
}

static bool are_same(const struct shown_argument *one, const struct shown_argument *other, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (one[i].index != other[i].index || one[i].type != other[i].type || one[i].direction != other[i].direction) {
            return false;
        }
    }
    return true;
}

/* Those of the commands that have others than the call has without any. */
static void print_commands(const struct syscall_row *row, unsigned place) {
    enum arg_type type = row_arg_type(row, place);
    const struct constant_set *set = type >= A_FIRST_SET && type < A_FIRST_PACKED ? constant_set(type) : NULL;
    struct shown_argument plain[SYSCALL_MAX_ARGS], shown[SYSCALL_MAX_ARGS];
    uint64_t args[SYSCALL_MAX_ARGS];
    memset(args, UINT8_MAX, sizeof(args));
    unsigned plain_count = row_arguments(row, args, plain);
    for (unsigned i = 0; set && i < set->count; i++) {
        args[place] = set->constants[i].value;
        unsigned count = row_arguments(row, args, shown);
        if (count != plain_count || !are_same(shown, plain, count)) {
            print(row, shown, count, place, set->constants[i].name);
        }
    }
}

int main(void) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        print_row(row);
        for (unsigned place = 0; place < COMMAND_PLACES && place < row_arg_count(row); place++) {
            print_commands(row, place);
        }
    }
    return 0;
}
