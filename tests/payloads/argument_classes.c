/* SPDX-License-Identifier: MIT
 *
 * Not traced: what our table of system calls says of each argument, for the
 * oracle to count by. A line for each argument: call, place, class.
 */
#include "syscall_table.h"

#include <stdio.h>

static const char *class_of(enum arg_type type) {
    if (type >= A_FIRST_SET) {
        return "flags";
    }
    if (type >= A_FIRST_OUTPUT) {
        return "output";
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

int main(void) {
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        unsigned place = 0;
        for (unsigned index = 0; index < row_arg_count(row); index++) {
            enum arg_type type = row_arg_type(row, index);
            if (type != A_HIDDEN) {
                printf("%s %u %s\n", row->name, place++, class_of(type));
            }
        }
    }
    return 0;
}
