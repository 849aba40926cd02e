/* SPDX-License-Identifier: MIT
 *
 * SCSI: generic commands in both versions of their structure (scsi/sg.h, linux/bsg.h).
 */
#include "decode_ioctl.h"

#include <scsi/sg.h>

static const struct member identity[] = {
    {"host_no", MEMBER_SIGNED, 4},       {"channel", MEMBER_SIGNED, 4},        {"scsi_id", MEMBER_HEX, 4},
    {"lun", MEMBER_SIGNED, 4},           {"scsi_type", MEMBER_HEX, 4},         {"h_cmd_per_lun", MEMBER_SIGNED, 2},
    {"d_queue_depth", MEMBER_SIGNED, 2}, {NULL, MEMBER_HIDDEN, 4, .count = 2},
};
static const struct layout identity_layout = LAYOUT(identity);

static const struct member request_info[] = {
    {"req_state", MEMBER_SIGNED, 1},  {"orphan", MEMBER_SIGNED, 1},  {"sg_io_owned", MEMBER_SIGNED, 1},
    {"problem", MEMBER_SIGNED, 1},    {"pack_id", MEMBER_SIGNED, 4}, {"usr_ptr", MEMBER_ADDRESS},
    {"duration", MEMBER_UNSIGNED, 4}, {NULL, MEMBER_HIDDEN, 4},
};
static const struct layout request_info_layout = LAYOUT(request_info);

enum {
    NO_ESCALATION = 0x100, /* SG_SCSI_RESET_NO_ESCALATE of the kernel's scsi/sg.h */
};

static void show_reset(struct decoding *decoding, const char *name, uint64_t number) {
    if (number & NO_ESCALATION) {
        show_words(decoding, name, "SG_SCSI_RESET_NO_ESCALATE|");
        decoding->needs_comma = false;
    }
    show_set(decoding, name, A_SG_SCSI_RESET, number & ~(uint64_t)NO_ESCALATION);
}

static const struct member reset[] = {{NULL, MEMBER_NUMBER, 4, .show_number = show_reset}};
static const struct layout reset_layout = BARE_LAYOUT(reset);

/* Bytes in hex, or in a vector of as many buffers as `count` says. */
static void show_data(struct decoding *decoding, const char *name, uint64_t address, uint64_t size, uint32_t count) {
    if (count) {
        show_iovec_at(decoding, name, address, count, size);
    } else {
        show_hex_buffer_at(decoding, name, address, size);
    }
}

static uint32_t transferred(uint32_t length, int32_t rest) {
    return rest > 0 && (uint32_t)rest <= length ? length - (uint32_t)rest : length;
}

/* -------------------------------------------------------------------------- version 3 */

struct request {
    uint32_t interface;
    int32_t direction;
    uint8_t command_length, sense_room;
    uint16_t buffers;
    uint32_t length;
    uint64_t data, command, sense;
    uint32_t timeout, flags;
    /* Outputs. */
    uint8_t status, masked_status, message_status, sense_length;
    uint16_t host_status, driver_status;
    int32_t rest;
    uint32_t duration, info;
};

static struct request request_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    struct request request;
    request.interface = take_u32(&members);
    request.direction = take_i32(&members);
    request.command_length = take_u8(&members);
    request.sense_room = take_u8(&members);
    request.buffers = take_u16(&members);
    request.length = take_u32(&members);
    request.data = take_word(&members);
    request.command = take_word(&members);
    request.sense = take_word(&members);
    request.timeout = take_u32(&members);
    request.flags = take_u32(&members);
    take_i32(&members);  /* the caller's number for it */
    take_word(&members); /* and pointer */
    request.status = take_u8(&members);
    request.masked_status = take_u8(&members);
    request.message_status = take_u8(&members);
    request.sense_length = take_u8(&members);
    request.host_status = take_u16(&members);
    request.driver_status = take_u16(&members);
    request.rest = take_i32(&members);
    request.duration = take_u32(&members);
    request.info = take_u32(&members);
    return request;
}

static bool writes(const struct request *request) {
    return request->direction == SG_DXFER_TO_DEV || request->direction == SG_DXFER_TO_FROM_DEV;
}

static void show_request(struct decoding *decoding, const struct request *request) {
    show_set(decoding, "dxfer_direction", A_SG_DXFER, (uint32_t)request->direction);
    show_unsigned(decoding, "cmd_len", request->command_length);
    show_data(decoding, "cmdp", request->command, request->command_length, 0);
    show_unsigned(decoding, "mx_sb_len", request->sense_room);
    show_unsigned(decoding, "iovec_count", request->buffers);
    show_unsigned(decoding, "dxfer_len", request->length);
    show_unsigned(decoding, "timeout", request->timeout);
    show_set(decoding, "flags", A_SG_FLAGS, request->flags);
    if (writes(request)) {
        show_data(decoding, "dxferp", request->data, request->length, request->buffers);
    }
}

static void show_response(struct decoding *decoding, const struct request *request) {
    uint32_t length = transferred(request->length, request->rest);
    if (request->direction == SG_DXFER_FROM_DEV) {
        show_data(decoding, "dxferp", request->data, length, request->buffers);
    } else if (request->direction == SG_DXFER_TO_FROM_DEV && length) {
        show_arrow(decoding);
        show_data(decoding, "dxferp", request->data, length, request->buffers);
    }
    show_hex(decoding, "status", request->status);
    show_hex(decoding, "masked_status", request->masked_status);
    show_hex(decoding, "msg_status", request->message_status);
    show_unsigned(decoding, "sb_len_wr", request->sense_length);
    show_data(decoding, "sbp", request->sense, request->sense_length, 0);
    show_hex(decoding, "host_status", request->host_status);
    show_hex(decoding, "driver_status", request->driver_status);
    show_signed(decoding, "resid", request->rest);
    show_unsigned(decoding, "duration", request->duration);
    show_set(decoding, "info", A_SG_INFO, request->info);
}

static unsigned request_size(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? 64 : 88;
}

/* Whatever of it is there is shown behind what is known: its first number. False: not all of it was. */
static bool show_version_3(struct decoding *decoding, uint64_t address) {
    show_open(decoding, NULL, "{");
    show_words(decoding, "interface_id", "'S'");
    const uint8_t *before = entry_bytes(decoding, address, request_size(decoding));
    if (!before) {
        show_address(decoding, NULL, address + 4);
        return false;
    }
    struct request request = request_in(decoding, before);
    look_back(decoding, true);
    show_request(decoding, &request);
    if (shows_failure(decoding)) {
        show_response(decoding, &request);
    }
    look_back(decoding, false);
    return true;
}

static void end_version_3(struct decoding *decoding, uint64_t address) {
    const uint8_t *after = decoding->delivered ? memory_at(decoding, address, request_size(decoding)) : NULL;
    if (!after) {
        return;
    }
    struct request request = request_in(decoding, after);
    if (request.interface == 'S') {
        show_response(decoding, &request);
    } else {
        show_arrow(decoding);
        show_unsigned(decoding, "interface_id", request.interface);
    }
}

/* -------------------------------------------------------------------------- version 4 */

enum {
    MESSAGE_SIZE = 160, /* struct sg_io_v4, on all architectures */
};

/* Members that are looked at out of their order. */
enum {
    AT_REQUEST_LENGTH = 12,
    AT_REQUEST = 16,
    AT_RESPONSE = 48,
    AT_DOUT_COUNT = 56,
    AT_DOUT_LENGTH = 60,
    AT_DIN_COUNT = 64,
    AT_DIN_LENGTH = 68,
    AT_DOUT = 72,
    AT_DIN = 80,
    AT_RESPONSE_LENGTH = 132,
    AT_DIN_REST = 136,
};

static const struct member message_start[] = {
    {"guard", MEMBER_HIDDEN, 4},
    {"protocol", MEMBER_SET, 4, .set = A_BSG_PROTOCOL},
    {"subprotocol", MEMBER_SET, 4, .set = A_BSG_SUB_PROTOCOL},
    {"request_len", MEMBER_UNSIGNED, 4},
};
static const struct layout message_start_layout = LAYOUT(message_start);

static const struct member message_middle[] = {
    {"request_tag", MEMBER_HEX, 8},           {"request_attr", MEMBER_UNSIGNED, 4},
    {"request_priority", MEMBER_UNSIGNED, 4}, {"request_extra", MEMBER_UNSIGNED, 4},
    {"max_response_len", MEMBER_UNSIGNED, 4}, {"response", MEMBER_HIDDEN, 8},
    {"dout_iovec_count", MEMBER_UNSIGNED, 4}, {"dout_xfer_len", MEMBER_UNSIGNED, 4},
    {"din_iovec_count", MEMBER_UNSIGNED, 4},  {"din_xfer_len", MEMBER_UNSIGNED, 4},
};
static const struct layout message_middle_layout = LAYOUT(message_middle);

static const struct member message_end[] = {
    {"timeout", MEMBER_UNSIGNED, 4},
    {"flags", MEMBER_SET, 4, .set = A_BSG_FLAGS},
    {"usr_ptr", MEMBER_HEX, 8},
};
static const struct layout message_end_layout = LAYOUT(message_end);

static const struct member message_status[] = {
    {"driver_status", MEMBER_HEX, 4},     {"transport_status", MEMBER_HEX, 4},       {"device_status", MEMBER_HEX, 4},
    {"retry_delay", MEMBER_UNSIGNED, 4},  {"info", MEMBER_SET, 4, .set = A_SG_INFO}, {"duration", MEMBER_UNSIGNED, 4},
    {"response_len", MEMBER_UNSIGNED, 4}, {"din_resid", MEMBER_SIGNED, 4},           {"dout_resid", MEMBER_SIGNED, 4},
    {"generated_tag", MEMBER_HEX, 8},
};
static const struct layout message_status_layout = LAYOUT(message_status);

enum {
    AT_MIDDLE = 24,
    AT_END = 88,
    AT_STATUS = 108,
};

static uint32_t u32_at(const uint8_t *bytes, unsigned at) {
    return (uint32_t)number_in(bytes + at, sizeof(uint32_t));
}

static void show_answer(struct decoding *decoding, const uint8_t *bytes) {
    uint32_t response = u32_at(bytes, AT_RESPONSE_LENGTH);
    uint32_t length = transferred(u32_at(bytes, AT_DIN_LENGTH), (int32_t)u32_at(bytes, AT_DIN_REST));
    show_unsigned(decoding, "response_len", response);
    show_data(decoding, "response", number_in(bytes + AT_RESPONSE, 8), response, 0);
    show_data(decoding, "din_xferp", number_in(bytes + AT_DIN, 8), length, u32_at(bytes, AT_DIN_COUNT));
    show_members(decoding, &message_status_layout, bytes + AT_STATUS, 0);
}

static bool show_version_4(struct decoding *decoding, uint64_t address) {
    show_open(decoding, NULL, "{");
    show_words(decoding, "guard", "'Q'");
    const uint8_t *before = entry_bytes(decoding, address, MESSAGE_SIZE);
    if (!before) {
        show_address(decoding, NULL, address + 4);
        return false;
    }
    look_back(decoding, true);
    show_members(decoding, &message_start_layout, before, 0);
    show_data(decoding, "request", number_in(before + AT_REQUEST, 8), u32_at(before, AT_REQUEST_LENGTH), 0);
    show_members(decoding, &message_middle_layout, before + AT_MIDDLE, 0);
    show_data(decoding, "dout_xferp", number_in(before + AT_DOUT, 8), u32_at(before, AT_DOUT_LENGTH),
              u32_at(before, AT_DOUT_COUNT));
    show_members(decoding, &message_end_layout, before + AT_END, 0);
    if (shows_failure(decoding)) {
        show_answer(decoding, before);
    }
    look_back(decoding, false);
    return true;
}

static void end_version_4(struct decoding *decoding, uint64_t address) {
    const uint8_t *after = decoding->delivered ? memory_at(decoding, address, MESSAGE_SIZE) : NULL;
    if (!after) {
        return;
    }
    if (u32_at(after, 0) != 'Q') {
        show_arrow(decoding);
        show_unsigned(decoding, "guard", u32_at(after, 0));
        return;
    }
    show_answer(decoding, after);
}

/* The first number says what it is. */
static void show_command(struct decoding *decoding, uint64_t address) {
    const uint8_t *first = entry_bytes(decoding, address, sizeof(uint32_t));
    uint32_t interface = first ? u32_at(first, 0) : 0;
    if (!first) {
        show_address(decoding, NULL, address);
    } else if (interface != 'S' && interface != 'Q') {
        show_open(decoding, NULL, "[");
        show_unsigned(decoding, NULL, interface);
        show_close(decoding, "]");
    } else {
        bool is_whole = interface == 'S' ? show_version_3(decoding, address) : show_version_4(decoding, address);
        if (is_whole && interface == 'S') {
            end_version_3(decoding, address);
        } else if (is_whole) {
            end_version_4(decoding, address);
        }
        show_close(decoding, "}");
    }
}

static const struct ioctl_form forms[] = {
    {SG_GET_REQUEST_TABLE, FORM_ONE_WAY, &request_info_layout},
    {SG_GET_SCSI_ID, FORM_ONE_WAY, &identity_layout},
    {SG_IO, FORM_OWN, .show = show_command},
    {SG_SCSI_RESET, FORM_ONE_WAY, &reset_layout},
};

void decode_scsi(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, forms, COUNT_OF(forms));
}
