/* SPDX-License-Identifier: MIT
 *
 * Asynchronous input and output of the kernel: what is to be done, and what is done.
 */
#include "decode_waiting.h"

#include <linux/aio_abi.h>

struct command {
    uint64_t data;
    uint32_t key;
    uint32_t rw_flags;
    uint16_t opcode;
    int16_t priority;
    int32_t fd;
    uint64_t buffer;
    uint64_t bytes;
    int64_t offset;
    uint32_t flags;
    int32_t event_fd;
};

static struct command command_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    struct command command = {.data = take_u64(&members),
                              .key = take_u32(&members),
                              .rw_flags = take_u32(&members),
                              .opcode = take_u16(&members),
                              .priority = (int16_t)take_u16(&members),
                              .fd = take_i32(&members),
                              .buffer = take_u64(&members),
                              .bytes = take_u64(&members),
                              .offset = take_i64(&members)};
    take_u64(&members);
    command.flags = take_u32(&members);
    command.event_fd = take_i32(&members);
    return command;
}

/* What every command has. */
static void show_head(struct decoding *decoding, const struct command *command) {
    show_hex(decoding, "aio_data", command->data);
    if (command->key) {
        show_unsigned(decoding, "aio_key", command->key);
    }
    if (command->rw_flags) {
        show_set(decoding, "aio_rw_flags", A_RWF_FLAGS, command->rw_flags);
    }
    show_set(decoding, "aio_lio_opcode", A_IOCB_CMD, command->opcode);
    if (command->flags & IOCB_FLAG_IOPRIO) {
        show_set(decoding, "aio_reqprio", A_IOPRIO, (uint16_t)command->priority);
    } else if (command->priority) {
        show_signed(decoding, "aio_reqprio", command->priority);
    }
    show_descriptor(decoding, "aio_fildes", command->fd);
}

static void show_buffer(struct decoding *decoding, const struct command *command) {
    if (command->opcode == IOCB_CMD_PWRITE && (int64_t)command->bytes >= 0) {
        show_buffer_at(decoding, "aio_buf", command->buffer, command->bytes);
    } else {
        show_hex(decoding, "aio_buf", command->buffer);
    }
    show_unsigned(decoding, "aio_nbytes", command->bytes);
}

static void show_buffers(struct decoding *decoding, const struct command *command) {
    if ((int64_t)command->bytes < 0) {
        show_hex(decoding, "aio_buf", command->buffer);
        show_unsigned(decoding, "aio_nbytes", command->bytes);
    } else if (command->opcode == IOCB_CMD_PWRITEV) {
        show_iovec_at(decoding, "aio_buf", command->buffer, command->bytes, UINT64_MAX);
    } else {
        show_iovec_addresses(decoding, "aio_buf", command->buffer, command->bytes);
    }
}

static void show_command(struct decoding *decoding, const uint8_t *bytes, bool is_whole) {
    enum {
        PREADV = 7, /* IOCB_CMD_PREADV of include/uapi/linux/aio_abi.h */
    };
    struct command command = command_in(decoding, bytes);
    bool has_offset = true;
    show_open(decoding, NULL, "{");
    show_head(decoding, &command);
    switch (is_whole ? command.opcode : IOCB_CMD_NOOP) {
    case IOCB_CMD_PREAD:
    case IOCB_CMD_PWRITE:
        show_buffer(decoding, &command);
        break;
    case PREADV:
    case IOCB_CMD_PWRITEV:
        show_buffers(decoding, &command);
        break;
    case IOCB_CMD_POLL:
        show_set(decoding, "aio_buf", A_POLL_EVENTS, command.buffer);
        has_offset = false;
        break;
    default:
        show_close(decoding, "}");
        return;
    }
    if (has_offset) {
        show_signed(decoding, "aio_offset", command.offset);
    }
    if (command.flags) {
        show_set(decoding, "aio_flags", A_IOCB_FLAGS, command.flags);
    }
    if (command.flags & IOCB_FLAG_RESFD) {
        show_descriptor(decoding, "aio_resfd", command.event_fd);
    } else if (command.event_fd) {
        show_hex(decoding, "aio_resfd", (uint32_t)command.event_fd);
    }
    show_close(decoding, "}");
}

static void show_command_at(struct decoding *decoding, uint64_t address, bool is_whole) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(struct iocb));
    if (bytes) {
        show_command(decoding, bytes, is_whole);
    } else {
        show_address(decoding, NULL, address);
    }
}

static void show_pointer(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_command_at(decoding, number_in(element, word_bytes(decoding)), true);
}

void decode_iocbs(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, referenced(decoding), word_bytes(decoding), show_pointer, NULL);
}

void decode_iocb(struct decoding *decoding, uint64_t address) {
    show_command_at(decoding, address, false);
}

static void show_event(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_structure(decoding, NULL, A_TO_IO_EVENT, element);
}

void decode_io_events(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, (uint64_t)decoding->result, sizeof(struct io_event), show_event, NULL);
}

void show_iovec_addresses(struct decoding *decoding, const char *name, uint64_t address, uint64_t count) {
    show_ranges_at(decoding, name, address, count);
}
