/* SPDX-License-Identifier: MIT
 *
 * Video devices: buffers, controls, tuners, inputs (linux/videodev2.h); decode/ioctl_video_format.c has formats.
 */
#include "decode_video.h"

#include <linux/videodev2.h>

/* ---------------------------------------------------------------------- the device */

static void show_kernel_version(struct decoding *decoding, const char *name, uint64_t version) {
    show_words(decoding, name, "KERNEL_VERSION(%u, %u, %u)", (unsigned)version >> 16, (unsigned)version >> 8 & 0xff,
               (unsigned)version & 0xff);
}

static const struct member capability[] = {
    {"driver", MEMBER_NAME, .count = 16},
    {"card", MEMBER_NAME, .count = 32},
    {"bus_info", MEMBER_NAME, .count = 32},
    {"version", MEMBER_NUMBER, 4, .show_number = show_kernel_version},
    {"capabilities", MEMBER_SET, 4, .set = A_V4L2_CAP},
    {"device_caps", MEMBER_SET, 4, .set = A_V4L2_CAP, .when = IF_SET},
    {NULL, MEMBER_HIDDEN, 4, .count = 3},
};
static const struct layout capability_layout = LAYOUT(capability);

void show_video_fraction(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    show_words(decoding, name, "%u/%u", (unsigned)number_in(bytes, 4), (unsigned)number_in(bytes + 4, 4));
}

static const struct member standard[] = {
    {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {NULL, MEMBER_HIDDEN, 8},
    {"name", MEMBER_NAME, .count = 24, .when = AT_EXIT},
    {"frameperiod", MEMBER_LAYOUT, 8, .show = show_video_fraction, .when = AT_EXIT},
    {"framelines", MEMBER_UNSIGNED, 4, .when = AT_EXIT},
    {NULL, MEMBER_HIDDEN, 4, .count = 4},
};
static const struct layout standard_layout = LAYOUT(standard);

static const struct member input[] = {
    {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"name", MEMBER_NAME, .count = 32, .when = AT_EXIT},
    {"type", MEMBER_SET, 4, .set = A_V4L2_INPUT_TYPE, .when = AT_EXIT},
};
static const struct layout input_layout = {
    .members = input, .count = COUNT_OF(input), .size = sizeof(struct v4l2_input)};

static const struct member tuner[] = {
    {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"name", MEMBER_NAME, .count = 32},
    {"type", MEMBER_SET, 4, .set = A_V4L2_TUNER},
    {"capability", MEMBER_SET, 4, .set = A_V4L2_TUNER_CAP},
    {"rangelow", MEMBER_UNSIGNED, 4},
    {"rangehigh", MEMBER_UNSIGNED, 4},
    {"rxsubchans", MEMBER_SET, 4, .set = A_V4L2_TUNER_SUB},
    {"audmode", MEMBER_SET, 4, .set = A_V4L2_TUNER_MODE},
    {"signal", MEMBER_SIGNED, 4},
    {"afc", MEMBER_SIGNED, 4},
    {NULL, MEMBER_HIDDEN, 4, .count = 4},
};
static const struct layout tuner_layout = LAYOUT(tuner);

static void show_tuner(struct decoding *decoding, uint64_t address) {
    static const struct layout asked = {.members = tuner, .count = 1, .size = sizeof(struct v4l2_tuner)};
    if (!entry_begins(decoding, &asked, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &tuner_layout, address);
    if (after) {
        show_members(decoding, &tuner_layout, after, AT_EXIT);
    }
    show_close(decoding, "}");
}

static const struct member standards[] = {{NULL, MEMBER_HEX, 8}};
static const struct layout standards_layout = BARE_LAYOUT(standards);

static const struct member frame_buffer[] = {
    {"capability", MEMBER_HEX, 4},
    {"flags", MEMBER_HEX, 4},
    {"base", MEMBER_ADDRESS},
    {NULL, MEMBER_HIDDEN, 4, .count = 8},
};
static const struct layout frame_buffer_layout = LAYOUT(frame_buffer);

/* ---------------------------------------------------------------------------- buffers */

static const struct member buffer_type[] = {{NULL, MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE}};
static const struct layout buffer_type_layout = BARE_LAYOUT(buffer_type);

static const struct member buffers_asked[] = {
    {"count", MEMBER_HIDDEN, 4},
    {"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE},
    {"memory", MEMBER_SET, 4, .set = A_V4L2_MEMORY},
    {NULL, MEMBER_HIDDEN, 4, .count = 2},
};
static const struct layout buffers_asked_layout = LAYOUT(buffers_asked);

static void show_buffers_asked(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &buffers_asked_layout, address);
    if (!before) {
        return;
    }
    uint64_t count = number_in(before, 4);
    show_unsigned(decoding, "count", count);
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &buffers_asked_layout, address);
    if (after) {
        show_arrow(decoding);
        show_unsigned(decoding, NULL, number_in(after, 4));
    }
    show_close(decoding, "}");
}

static void show_buffer_flags(struct decoding *decoding, uint64_t number) {
    uint64_t type = number & V4L2_BUF_FLAG_TIMESTAMP_MASK;
    uint64_t source = number & V4L2_BUF_FLAG_TSTAMP_SRC_MASK;
    uint64_t flags = number - type - source;
    if (flags) {
        show_set(decoding, "flags", A_V4L2_BUF_FLAG, flags);
        show_more(decoding, "|");
        decoding->needs_comma = false;
    }
    show_set(decoding, flags ? NULL : "flags", A_V4L2_TIMESTAMP, type);
    show_more(decoding, "|");
    decoding->needs_comma = false;
    show_set(decoding, NULL, A_V4L2_TSTAMP_SRC, source);
}

/* struct v4l2_buffer, of 64-bit programs and of those with times of 32 bits. */
static const struct member buffer[] = {
    {"index", MEMBER_UNSIGNED, 4},
    {"type", MEMBER_SET, 4},
    {"bytesused", MEMBER_UNSIGNED, 4},
    {"flags", MEMBER_HEX, 4},
    {"field", MEMBER_HIDDEN, 4},
    {"tv_sec", MEMBER_SIGNED},
    {"tv_usec", MEMBER_SIGNED},
    {"timecode", MEMBER_HIDDEN, 4, .count = 4},
    {"sequence", MEMBER_HIDDEN, 4},
    {"memory", MEMBER_HIDDEN, 4},
    {"m", MEMBER_HIDDEN},
    {"length", MEMBER_HIDDEN, 4},
    {NULL, MEMBER_HIDDEN, 4},
    {NULL, MEMBER_HIDDEN, 4},
};

enum buffer_member {
    BUFFER_INDEX,
    BUFFER_TYPE,
    BUFFER_USED,
    BUFFER_FLAGS,
    BUFFER_SECONDS = 5,
    BUFFER_MICROSECONDS,
    BUFFER_MEMORY = 9,
    BUFFER_PLACE,
    BUFFER_LENGTH,
    BUFFER_MEMBERS = 14,
};

/* Nothing of it is shown by itself. */
static const struct layout buffer_layout = {.members = buffer, .count = BUFFER_MEMBERS};

static uint64_t buffer_number(const struct decoding *decoding, const uint8_t *bytes, enum buffer_member index) {
    unsigned size = buffer[index].size ? buffer[index].size : word_bytes(decoding);
    return number_in(bytes + layout_offset(decoding, &buffer_layout, index), size);
}

static void show_filled_buffer(struct decoding *decoding, const uint8_t *bytes, bool is_dequeued) {
    uint64_t memory = buffer_number(decoding, bytes, BUFFER_MEMORY);
    uint64_t place = buffer_number(decoding, bytes, BUFFER_PLACE);
    unsigned word = word_bytes(decoding);
    if (is_dequeued) {
        show_unsigned(decoding, "index", buffer_number(decoding, bytes, BUFFER_INDEX));
    }
    show_set(decoding, "memory", A_V4L2_MEMORY, memory);
    if (memory == V4L2_MEMORY_MMAP) {
        show_hex(decoding, "m.offset", (uint32_t)place);
    } else if (memory == V4L2_MEMORY_USERPTR) {
        show_address(decoding, "m.userptr", place);
    }
    show_unsigned(decoding, "length", buffer_number(decoding, bytes, BUFFER_LENGTH));
    show_unsigned(decoding, "bytesused", buffer_number(decoding, bytes, BUFFER_USED));
    show_buffer_flags(decoding, buffer_number(decoding, bytes, BUFFER_FLAGS));
    if (is_dequeued) {
        show_open(decoding, "timestamp", "{");
        show_signed(decoding, "tv_sec",
                    signed_in(bytes + layout_offset(decoding, &buffer_layout, BUFFER_SECONDS), word));
        show_unsigned(decoding, "tv_usec", buffer_number(decoding, bytes, BUFFER_MICROSECONDS));
        show_close(decoding, "}");
    }
    show_dots(decoding);
}

static void show_buffer(struct decoding *decoding, uint64_t address) {
    bool is_dequeued = request_of(decoding) == VIDIOC_DQBUF;
    unsigned size = layout_size(decoding, &buffer_layout);
    const uint8_t *before = entry_bytes(decoding, address, size);
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_set(decoding, "type", A_V4L2_BUF_TYPE, buffer_number(decoding, before, BUFFER_TYPE));
    if (!is_dequeued) {
        show_unsigned(decoding, "index", buffer_number(decoding, before, BUFFER_INDEX));
    }
    const uint8_t *after = exit_bytes(decoding, &buffer_layout, address);
    if (after) {
        show_filled_buffer(decoding, after, is_dequeued);
    }
    show_close(decoding, "}");
}

/* --------------------------------------------------------------------------- controls */

/* The number of a control by its name, or by its class and the rest. */
static void show_control_id(struct decoding *decoding, const char *name, uint64_t id) {
    static const uint32_t class_bits = 0xffff0000;
    const struct constant *control = constant_find(constant_set(A_V4L2_CID), id);
    const struct constant *class = constant_find(constant_set(A_V4L2_CTRL_CLASS), id & class_bits);
    if (!control && class) {
        show_words(decoding, name, id & ~class_bits ? "%s+%#x" : "%s+%x", class->name, (unsigned)id & ~class_bits);
    } else {
        show_set(decoding, name, A_V4L2_CID, id);
    }
}

/* The same, as it is asked for: with flags that ask for the next one. */
static void show_control_asked(struct decoding *decoding, uint64_t id) {
    uint64_t next = id & (V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND);
    if (next) {
        show_set(decoding, "id", A_V4L2_NEXT, next);
        show_more(decoding, "|");
        decoding->needs_comma = false;
    }
    show_control_id(decoding, next ? NULL : "id", id - next);
}

static const struct member control[] = {
    {"id", MEMBER_NUMBER, 4, .show_number = show_control_id},
    {"value", MEMBER_SIGNED, 4, .when = AT_EXIT},
};
static const struct layout control_layout = LAYOUT(control);

static void show_control(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &control_layout, address);
    bool is_set = request_of(decoding) == VIDIOC_S_CTRL;
    if (!before) {
        return;
    }
    if (is_set) {
        show_signed(decoding, "value", signed_in(before + 4, 4));
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &control_layout, address);
    if (after && is_set) {
        show_arrow(decoding);
    }
    if (after) {
        show_signed(decoding, is_set ? NULL : "value", signed_in(after + 4, 4));
    }
    show_close(decoding, "}");
}

static const struct member control_query[] = {
    {NULL, MEMBER_HIDDEN, 4},
    {"type", MEMBER_SET, 4, .set = A_V4L2_CTRL_TYPE},
    {"name", MEMBER_NAME, .count = 32},
    {"minimum", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"maximum", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"step", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"default_value", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"flags", MEMBER_SET, 4, .set = A_V4L2_CTRL_FLAG, .when = IN_DETAIL},
    {"reserved", MEMBER_HEX, 4, .count = 2, .when = IN_DETAIL | IF_SET},
    {NULL, MEMBER_DOTS},
};
static const struct layout control_query_layout = LAYOUT(control_query);

static const struct member extended_query[] = {
    {NULL, MEMBER_HIDDEN, 4},
    {"type", MEMBER_SET, 4, .set = A_V4L2_CTRL_TYPE},
    {"name", MEMBER_NAME, .count = 32},
    {"minimum", MEMBER_SIGNED, 8, .when = IN_DETAIL},
    {"maximum", MEMBER_SIGNED, 8, .when = IN_DETAIL},
    {"step", MEMBER_UNSIGNED, 8, .when = IN_DETAIL},
    {"default_value", MEMBER_SIGNED, 8, .when = IN_DETAIL},
    {"flags", MEMBER_SET, 4, .set = A_V4L2_CTRL_FLAG, .when = IN_DETAIL},
    {"elem_size", MEMBER_UNSIGNED, 4, .when = IN_DETAIL},
    {"elems", MEMBER_UNSIGNED, 4, .when = IN_DETAIL},
    {"nr_of_dims", MEMBER_UNSIGNED, 4, .when = IN_DETAIL},
    {NULL, MEMBER_DOTS},
};
static const struct layout extended_query_layout = {
    .members = extended_query, .count = COUNT_OF(extended_query), .size = sizeof(struct v4l2_query_ext_ctrl)};

static void show_numbers(struct decoding *decoding, const char *name, const uint8_t *bytes, unsigned count,
                         void (*show)(struct decoding *decoding, const char *name, uint64_t number)) {
    show_open(decoding, name, "[");
    for (unsigned i = 0; i < count; i++) {
        show(decoding, NULL, number_in(bytes + (size_t)i * 4, 4));
    }
    show_close(decoding, "]");
}

/* What stands behind the other members of the longer structure: as many dimensions as it says, and numbers that are
 * reserved. */
static void show_dimensions(struct decoding *decoding, const uint8_t *bytes) {
    const uint8_t *dimensions = bytes + offsetof(struct v4l2_query_ext_ctrl, dims);
    const uint8_t *reserved = bytes + offsetof(struct v4l2_query_ext_ctrl, reserved);
    uint64_t count = number_in(bytes + offsetof(struct v4l2_query_ext_ctrl, nr_of_dims), 4);
    show_numbers(decoding, "dims", dimensions, count < V4L2_CTRL_MAX_DIMS ? (unsigned)count : V4L2_CTRL_MAX_DIMS,
                 show_unsigned);
    if (!is_filled_with_zeros(reserved, sizeof(((struct v4l2_query_ext_ctrl *)NULL)->reserved))) {
        show_numbers(decoding, "reserved", reserved, 32, show_hex);
    }
}

static void show_query(struct decoding *decoding, uint64_t address) {
    bool is_extended = request_of(decoding) == VIDIOC_QUERY_EXT_CTRL;
    const struct layout *layout = is_extended ? &extended_query_layout : &control_query_layout;
    const uint8_t *before = entry_bytes(decoding, address, layout_size(decoding, layout));
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    uint64_t id = number_in(before, 4);
    show_open(decoding, NULL, "{");
    show_control_asked(decoding, id);
    const uint8_t *after = exit_bytes(decoding, layout, address);
    if (after) {
        if (number_in(after, 4) != id) {
            show_arrow(decoding);
            show_control_id(decoding, NULL, number_in(after, 4));
        }
        show_members(decoding, layout, after, 0);
        if (is_extended && decoding->verbose) {
            show_dimensions(decoding, after);
        }
    }
    show_close(decoding, "}");
}

static const struct member many_controls[] = {
    {"ctrl_class", MEMBER_SET, 4, .set = A_V4L2_CTRL_CLASS},
    {"count", MEMBER_UNSIGNED, 4},
    {"error_idx", MEMBER_HIDDEN, 4},
    {NULL, MEMBER_HIDDEN, 4, .count = 2},
    {"controls", MEMBER_HIDDEN},
};
static const struct layout many_controls_layout = LAYOUT(many_controls);

enum {
    EXTENDED_CONTROL = 20, /* bytes; it is packed */
};

static void show_extended_control(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    uint64_t size = number_in(element + 4, 4);
    show_open(decoding, NULL, "{");
    show_set(decoding, "id", A_V4L2_CID, number_in(element, 4));
    show_unsigned(decoding, "size", size);
    if (size) {
        show_buffer_at(decoding, "string", number_in(element + 12, word_bytes(decoding)), size);
    } else {
        show_signed(decoding, "value", signed_in(element + 12, 4));
        show_signed(decoding, "value64", signed_in(element + 12, 8));
    }
    show_close(decoding, "}");
}

static unsigned show_controls_at(struct decoding *decoding, const uint8_t *bytes) {
    uint64_t at = number_in(bytes + layout_offset(decoding, &many_controls_layout, 4), word_bytes(decoding));
    return show_vector(decoding, "controls", at, number_in(bytes + 4, 4), EXTENDED_CONTROL, show_extended_control,
                       NULL);
}

/* What the call has found, or, if it has failed, which of the controls is to blame: strace looks there again. */
static void show_controls_found(struct decoding *decoding, const uint8_t *bytes, bool is_get) {
    if (!is_get) {
        show_close(decoding, "}");
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
    }
    show_controls_at(decoding, bytes);
    if (decoding->result < 0) {
        show_unsigned(decoding, "error_idx", number_in(bytes + 8, 4));
    }
}

static void show_many_controls(struct decoding *decoding, uint64_t address) {
    bool is_get = request_of(decoding) == VIDIOC_G_EXT_CTRLS;
    const uint8_t *before = entry_begins(decoding, &many_controls_layout, address);
    if (!before) {
        return;
    }
    uint64_t count = number_in(before + 4, 4);
    /* At the exit nothing is known of the controls at the entry, and what comes out is captured in any case. */
    bool is_whole = is_get || !count || show_controls_at(decoding, before) > 0 || is_read_at_exit(decoding);
    if (count && is_whole && shows_failure(decoding)) {
        show_controls_found(decoding, before, is_get);
    }
    entry_ends(decoding);
    const uint8_t *after = count ? exit_bytes(decoding, &many_controls_layout, address) : NULL;
    if (after && is_whole) {
        show_controls_found(decoding, after, is_get);
    }
    show_close(decoding, "}");
}

static const struct ioctl_form forms[] = {
    {VIDIOC_CREATE_BUFS, FORM_OWN, .show = show_video_creation},
    {VIDIOC_CROPCAP, FORM_OWN, .show = show_video_crop},
    {VIDIOC_DQBUF, FORM_OWN, .show = show_buffer},
    {VIDIOC_ENUMINPUT, FORM_JOINED, &input_layout},
    {VIDIOC_ENUMSTD, FORM_JOINED, &standard_layout},
    {VIDIOC_ENUM_FMT, FORM_OWN, .show = show_video_description},
    {VIDIOC_ENUM_FRAMEINTERVALS, FORM_OWN, .show = show_video_intervals},
    {VIDIOC_ENUM_FRAMESIZES, FORM_OWN, .show = show_video_sizes},
    {VIDIOC_G_CROP, FORM_OWN, .show = show_video_crop},
    {VIDIOC_G_CTRL, FORM_OWN, .show = show_control},
    {VIDIOC_G_EXT_CTRLS, FORM_OWN, .show = show_many_controls},
    {VIDIOC_G_FBUF, FORM_ONE_WAY, &frame_buffer_layout},
    {VIDIOC_G_FMT, FORM_OWN, .show = show_video_format},
    {VIDIOC_G_PARM, FORM_OWN, .show = show_video_parameters},
    {VIDIOC_G_STD, FORM_ONE_WAY, &standards_layout},
    {VIDIOC_G_TUNER, FORM_OWN, .show = show_tuner},
    {VIDIOC_QBUF, FORM_OWN, .show = show_buffer},
    {VIDIOC_QUERYBUF, FORM_OWN, .show = show_buffer},
    {VIDIOC_QUERYCAP, FORM_ONE_WAY, &capability_layout},
    {VIDIOC_QUERYCTRL, FORM_OWN, .show = show_query},
    {VIDIOC_QUERY_EXT_CTRL, FORM_OWN, .show = show_query},
    {VIDIOC_REQBUFS, FORM_OWN, .show = show_buffers_asked},
    {VIDIOC_STREAMOFF, FORM_ONE_WAY, &buffer_type_layout},
    {VIDIOC_STREAMON, FORM_ONE_WAY, &buffer_type_layout},
    {VIDIOC_S_CROP, FORM_OWN, .show = show_video_crop},
    {VIDIOC_S_CTRL, FORM_OWN, .show = show_control},
    {VIDIOC_S_EXT_CTRLS, FORM_OWN, .show = show_many_controls},
    {VIDIOC_S_FBUF, FORM_ONE_WAY, &frame_buffer_layout},
    {VIDIOC_S_FMT, FORM_OWN, .show = show_video_format},
    {VIDIOC_S_PARM, FORM_OWN, .show = show_video_parameters},
    {VIDIOC_S_STD, FORM_ONE_WAY, &standards_layout},
    {VIDIOC_S_TUNER, FORM_ARROW, &tuner_layout},
    {VIDIOC_TRY_EXT_CTRLS, FORM_OWN, .show = show_many_controls},
    {VIDIOC_TRY_FMT, FORM_OWN, .show = show_video_format},
};

void decode_video(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, forms, COUNT_OF(forms));
}
