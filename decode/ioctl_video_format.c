/* SPDX-License-Identifier: MIT
 *
 * Video devices: formats, crops, sizes and rates.
 */
#include "decode_video.h"

#include <linux/videodev2.h>

/* A format by its four characters, and by its name where it has one. */
static void show_four(struct decoding *decoding, const char *name, uint64_t code, enum arg_type names) {
    const struct constant *format = constant_find(constant_set(names), code);
    show_words(decoding, name, "v4l2_fourcc(");
    decoding->needs_comma = false;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t character = (uint8_t)(code >> i * 8);
        if (character == '\'' || character == '\\') {
            show_words(decoding, NULL, "'\\%c'", character);
        } else if (character >= ' ' && character <= '~') {
            show_words(decoding, NULL, "'%c'", character);
        } else {
            show_words(decoding, NULL, "'\\x%02x'", character);
        }
    }
    show_more(decoding, ")");
    if (format) {
        show_comment(decoding, "%s", format->name);
    }
}

static void show_pixel_format(struct decoding *decoding, const char *name, uint64_t code) {
    show_four(decoding, name, code, A_V4L2_PIX_FMT);
}

static void show_radio_format(struct decoding *decoding, const char *name, uint64_t code) {
    show_four(decoding, name, code, A_V4L2_SDR_FMT);
}

static void show_meta_format(struct decoding *decoding, const char *name, uint64_t code) {
    show_four(decoding, name, code, A_V4L2_META_FMT);
}

static const struct member rectangle[] = {
    {"left", MEMBER_SIGNED, 4},
    {"top", MEMBER_SIGNED, 4},
    {"width", MEMBER_UNSIGNED, 4},
    {"height", MEMBER_UNSIGNED, 4},
};
static const struct layout rectangle_layout = LAYOUT(rectangle);

/* ----------------------------------------------------------------------------- formats */

static const struct member picture[] = {
    {"width", MEMBER_UNSIGNED, 4},
    {"height", MEMBER_UNSIGNED, 4},
    {"pixelformat", MEMBER_NUMBER, 4, .show_number = show_pixel_format},
    {"field", MEMBER_SET, 4, .set = A_V4L2_FIELD},
    {"bytesperline", MEMBER_UNSIGNED, 4},
    {"sizeimage", MEMBER_UNSIGNED, 4},
    {"colorspace", MEMBER_SET, 4, .set = A_V4L2_COLORSPACE},
};
static const struct layout picture_layout = LAYOUT(picture);

enum {
    PLANE_SIZE = sizeof(struct v4l2_plane_pix_format),
    AT_PLANES = 20,
    AT_PLANE_COUNT = AT_PLANES + VIDEO_MAX_PLANES * PLANE_SIZE,
};

static const struct member planar[] = {
    {"width", MEMBER_UNSIGNED, 4},
    {"height", MEMBER_UNSIGNED, 4},
    {"pixelformat", MEMBER_NUMBER, 4, .show_number = show_pixel_format},
    {"field", MEMBER_SET, 4, .set = A_V4L2_FIELD},
    {"colorspace", MEMBER_SET, 4, .set = A_V4L2_COLORSPACE},
};
static const struct layout planar_layout = LAYOUT(planar);

static bool show_planar(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    unsigned count = bytes[AT_PLANE_COUNT];
    show_open(decoding, name, "{");
    show_members(decoding, &planar_layout, bytes, 0);
    show_open(decoding, "plane_fmt", "[");
    for (unsigned i = 0; i < count && i < VIDEO_MAX_PLANES; i++) {
        const uint8_t *plane = bytes + AT_PLANES + (size_t)i * PLANE_SIZE;
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "sizeimage", number_in(plane, 4));
        show_unsigned(decoding, "bytesperline", number_in(plane + 4, 4));
        show_close(decoding, "}");
    }
    show_close(decoding, "]");
    show_unsigned(decoding, "num_planes", count);
    show_close(decoding, "}");
    return true;
}

static const struct member clip[] = {
    {"c", MEMBER_LAYOUT, .layout = &rectangle_layout},
    {NULL, MEMBER_HIDDEN},
};
static const struct layout clip_layout = LAYOUT(clip);

static const struct member window[] = {
    {"w", MEMBER_LAYOUT, .layout = &rectangle_layout},
    {"field", MEMBER_SET, 4, .set = A_V4L2_FIELD},
    {"chromakey", MEMBER_HEX, 4},
    {"clips", MEMBER_HIDDEN},
    {"clipcount", MEMBER_HIDDEN, 4},
    {"bitmap", MEMBER_HIDDEN},
    {"global_alpha", MEMBER_HIDDEN, 1},
};
static const struct layout window_layout = LAYOUT(window);

/* False, as strace has it: there are no clips to be seen, and what comes out is not shown. */
static bool show_window(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    unsigned word = word_bytes(decoding);
    uint64_t count = number_in(bytes + layout_offset(decoding, &window_layout, 4), 4);
    uint8_t alpha = bytes[layout_offset(decoding, &window_layout, 6)];
    show_open(decoding, name, "{");
    show_members(decoding, &window_layout, bytes, 0);
    unsigned shown = show_layouts_at(
        decoding, "clips", number_in(bytes + layout_offset(decoding, &window_layout, 3), word), count, &clip_layout);
    show_unsigned(decoding, "clipcount", count);
    show_address(decoding, "bitmap", number_in(bytes + layout_offset(decoding, &window_layout, 5), word));
    if (alpha) {
        show_hex(decoding, "global_alpha", alpha);
    }
    show_close(decoding, "}");
    return shown > 0;
}

static const struct member blanking[] = {
    {"sampling_rate", MEMBER_UNSIGNED, 4},       {"offset", MEMBER_UNSIGNED, 4},
    {"samples_per_line", MEMBER_UNSIGNED, 4},    {"sample_format", MEMBER_NUMBER, 4, .show_number = show_pixel_format},
    {"start", MEMBER_SIGNED, 4, .count = 2},     {"count", MEMBER_UNSIGNED, 4, .count = 2},
    {"flags", MEMBER_SET, 4, .set = A_V4L2_VBI},
};
static const struct layout blanking_layout = LAYOUT(blanking);

static void show_lines(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    enum {
        LINES = 24,
    };
    show_open(decoding, name, "[");
    for (unsigned field = 0; field < 2; field++) {
        show_open(decoding, NULL, "[");
        for (unsigned i = 0; i < LINES; i++) {
            show_hex(decoding, NULL, number_in(bytes + (size_t)(field * LINES + i) * 2, 2));
        }
        show_close(decoding, "]");
    }
    show_close(decoding, "]");
}

static const struct member sliced[] = {
    {"service_set", MEMBER_SET, 2, .set = A_V4L2_SLICED},
    {"service_lines", MEMBER_LAYOUT, 96, .show = show_lines},
    {NULL, MEMBER_HIDDEN, 2},
    {"io_size", MEMBER_UNSIGNED, 4},
};
/* Its lines are numbers of 16 bits. */
static const struct layout sliced_layout = {.members = sliced, .count = COUNT_OF(sliced), .is_packed = true};

static const struct member radio[] = {
    {"pixelformat", MEMBER_NUMBER, 4, .show_number = show_radio_format},
    {"buffersize", MEMBER_UNSIGNED, 4, .when = IF_SET},
};
static const struct layout radio_layout = LAYOUT(radio);

static const struct member meta[] = {
    {"dataformat", MEMBER_NUMBER, 4, .show_number = show_meta_format},
    {"buffersize", MEMBER_UNSIGNED, 4},
};
static const struct layout meta_layout = LAYOUT(meta);

enum {
    FORMAT_BYTES = 200, /* of the union behind the type of struct v4l2_format */
};

/* Which member of the union a type has; NULL: none that is known. */
static const struct format_member {
    unsigned first, second; /* types */
    const char *name;
    const struct layout *layout;
    bool (*show)(struct decoding *decoding, const char *name, const uint8_t *bytes);
} format_members[] = {
    {V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_BUF_TYPE_VIDEO_OUTPUT, "fmt.pix", &picture_layout, NULL},
    {V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, "fmt.pix_mp", NULL, show_planar},
    {V4L2_BUF_TYPE_VIDEO_OVERLAY, V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY, "fmt.win", NULL, show_window},
    {V4L2_BUF_TYPE_VBI_CAPTURE, V4L2_BUF_TYPE_VBI_OUTPUT, "fmt.vbi", &blanking_layout, NULL},
    {V4L2_BUF_TYPE_SLICED_VBI_CAPTURE, V4L2_BUF_TYPE_SLICED_VBI_OUTPUT, "fmt.sliced", &sliced_layout, NULL},
    {V4L2_BUF_TYPE_SDR_CAPTURE, V4L2_BUF_TYPE_SDR_OUTPUT, "fmt.sdr", &radio_layout, NULL},
    {V4L2_BUF_TYPE_META_CAPTURE, V4L2_BUF_TYPE_META_OUTPUT, "fmt.meta", &meta_layout, NULL},
};

static const struct format_member *format_member_of(uint64_t type) {
    for (size_t i = 0; i < COUNT_OF(format_members); i++) {
        if (format_members[i].first == type || format_members[i].second == type) {
            return &format_members[i];
        }
    }
    return NULL;
}

static bool show_format_member(struct decoding *decoding, const struct format_member *member, const uint8_t *bytes) {
    if (member->show) {
        return member->show(decoding, member->name, bytes);
    }
    show_layout(decoding, member->name, member->layout, bytes);
    return true;
}

/* The union begins at a pointer's alignment, for one of its members has some. */
static const struct member format[] = {
    {"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE},
    {NULL, MEMBER_HIDDEN},
};

static unsigned format_offset(const struct decoding *decoding) {
    static const struct layout layout = LAYOUT(format);
    return layout_offset(decoding, &layout, 1);
}

static const uint8_t *format_bytes(struct decoding *decoding, uint64_t address, bool is_exit) {
    size_t size = format_offset(decoding) + (size_t)FORMAT_BYTES;
    return is_exit ? decoding->delivered ? memory_at(decoding, address, size) : NULL
                   : entry_bytes(decoding, address, size);
}

void show_video_format(struct decoding *decoding, uint64_t address) {
    bool is_get = request_of(decoding) == VIDIOC_G_FMT;
    const uint8_t *before = format_bytes(decoding, address, false);
    if (!before) {
        show_address(decoding, NULL, address);
        return;
    }
    const struct format_member *member = format_member_of(number_in(before, 4));
    show_open(decoding, NULL, "{");
    show_set(decoding, "type", A_V4L2_BUF_TYPE, number_in(before, 4));
    bool is_whole = is_get;
    if (!is_get && member) {
        look_back(decoding, true);
        is_whole = show_format_member(decoding, member, before + format_offset(decoding)) || is_read_at_exit(decoding);
        look_back(decoding, false);
    }
    const uint8_t *after = is_whole ? format_bytes(decoding, address, true) : NULL;
    member = after ? format_member_of(number_in(after, 4)) : NULL;
    if (member && !is_get) {
        show_close(decoding, "}");
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
    }
    if (member) {
        show_format_member(decoding, member, after + format_offset(decoding));
    }
    show_close(decoding, "}");
}

/* struct v4l2_create_buffers: what is asked for, and a format. */
enum {
    CREATION_FORMAT = 12, /* where that is at least */
};

static unsigned creation_format(const struct decoding *decoding) {
    return decoding->arch == ARCH_I386 ? CREATION_FORMAT : 16;
}

static const struct layout *creation_layout(const struct decoding *decoding) {
    static const struct member none[] = {{NULL, MEMBER_DOTS}};
    static const struct layout layouts[ARCH_COUNT] = {
        [ARCH_X86_64] = {.members = none, .size = sizeof(struct v4l2_create_buffers)},
        [ARCH_I386] = {.members = none, .size = 248},
    };
    return &layouts[decoding->arch];
}

void show_video_creation(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        memory_at(decoding, address, 2 * sizeof(uint32_t));
        return;
    }
    const uint8_t *before = entry_begins(decoding, creation_layout(decoding), address);
    if (!before) {
        return;
    }
    const uint8_t *bytes = before + creation_format(decoding);
    const struct format_member *member = format_member_of(number_in(bytes, 4));
    show_unsigned(decoding, "count", number_in(before + 4, 4));
    show_set(decoding, "memory", A_V4L2_MEMORY, number_in(before + 8, 4));
    show_open(decoding, "format", "{");
    show_set(decoding, "type", A_V4L2_BUF_TYPE, number_in(bytes, 4));
    if (member) {
        show_format_member(decoding, member, bytes + format_offset(decoding));
    }
    show_close(decoding, "}");
    show_close(decoding, "}");
    entry_ends(decoding);
}

void found_video_buffers(struct decoding *decoding, uint64_t address) {
    bool is_creation = request_of(decoding) == VIDIOC_CREATE_BUFS;
    const uint8_t *after = is_creation ? memory_at(decoding, address, 2 * sizeof(uint32_t)) : NULL;
    if (after && memory_before(decoding, address, layout_size(decoding, creation_layout(decoding)))) {
        show_open(decoding, NULL, " ({");
        show_unsigned(decoding, "index", number_in(after, 4));
        show_unsigned(decoding, "count", number_in(after + 4, 4));
        show_close(decoding, "})");
    }
}

void show_video_description(struct decoding *decoding, uint64_t address) {
    static const struct member description[] = {
        {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
        {"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE, .when = AT_ENTRY},
        {"flags", MEMBER_SET, 4, .set = A_V4L2_FMT_FLAG, .when = AT_EXIT},
        {"description", MEMBER_NAME, .count = 32, .when = AT_EXIT},
        {"pixelformat", MEMBER_NUMBER, 4, .show_number = show_pixel_format, .when = AT_EXIT},
        {NULL, MEMBER_HIDDEN, 4, .count = 4},
    };
    static const struct layout layout = LAYOUT(description);
    show_joined_layout(decoding, &layout, address);
}

/* ------------------------------------------------------------------- crops, sizes, rates */

void show_video_crop(struct decoding *decoding, uint64_t address) {
    static const struct member crop[] = {
        {"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE, .when = AT_ENTRY},
        {"c", MEMBER_LAYOUT, .layout = &rectangle_layout, .when = AT_EXIT},
    };
    static const struct member limits[] = {
        {"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE, .when = AT_ENTRY},
        {"bounds", MEMBER_LAYOUT, .layout = &rectangle_layout, .when = AT_EXIT},
        {"defrect", MEMBER_LAYOUT, .layout = &rectangle_layout, .when = AT_EXIT},
        {"pixelaspect", MEMBER_LAYOUT, 8, .show = show_video_fraction, .when = AT_EXIT},
    };
    static const struct layout crop_layout = LAYOUT(crop);
    static const struct layout limits_layout = LAYOUT(limits);
    const struct layout *layout = request_of(decoding) == VIDIOC_CROPCAP ? &limits_layout : &crop_layout;
    if (request_of(decoding) == VIDIOC_S_CROP) {
        show_layout_at(decoding, NULL, layout, address);
        return;
    }
    show_joined_layout(decoding, layout, address);
}

static const struct member discrete_size[] = {
    {"width", MEMBER_UNSIGNED, 4},
    {"height", MEMBER_UNSIGNED, 4},
};
static const struct layout discrete_size_layout = LAYOUT(discrete_size);

static const struct member size_steps[] = {
    {"min_width", MEMBER_UNSIGNED, 4},  {"max_width", MEMBER_UNSIGNED, 4},  {"step_width", MEMBER_UNSIGNED, 4},
    {"min_height", MEMBER_UNSIGNED, 4}, {"max_height", MEMBER_UNSIGNED, 4}, {"step_height", MEMBER_UNSIGNED, 4},
};
static const struct layout size_steps_layout = LAYOUT(size_steps);

void show_video_sizes(struct decoding *decoding, uint64_t address) {
    enum {
        UNION = 12,
    };
    static const struct member sizes[] = {
        {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
        {"pixel_format", MEMBER_NUMBER, 4, .show_number = show_pixel_format, .when = AT_ENTRY},
        {"type", MEMBER_SET, 4, .set = A_V4L2_FRMSIZE_TYPE, .when = AT_EXIT},
    };
    static const struct layout layout = {
        .members = sizes, .count = COUNT_OF(sizes), .size = sizeof(struct v4l2_frmsizeenum)};
    if (!entry_begins(decoding, &layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &layout, address);
    if (after) {
        show_members(decoding, &layout, after, AT_EXIT);
        uint64_t type = number_in(after + 8, 4);
        if (type == V4L2_FRMSIZE_TYPE_DISCRETE) {
            show_layout(decoding, "discrete", &discrete_size_layout, after + UNION);
        } else if (type == V4L2_FRMSIZE_TYPE_STEPWISE) {
            show_layout(decoding, "stepwise", &size_steps_layout, after + UNION);
        }
    }
    show_close(decoding, "}");
}

static const struct member rate_steps[] = {
    {"min", MEMBER_LAYOUT, 8, .show = show_video_fraction},
    {"max", MEMBER_LAYOUT, 8, .show = show_video_fraction},
    {"step", MEMBER_LAYOUT, 8, .show = show_video_fraction},
};
static const struct layout rate_steps_layout = LAYOUT(rate_steps);

void show_video_intervals(struct decoding *decoding, uint64_t address) {
    enum {
        UNION = 20,
    };
    static const struct member intervals[] = {
        {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
        {"pixel_format", MEMBER_NUMBER, 4, .show_number = show_pixel_format, .when = AT_ENTRY},
        {"width", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
        {"height", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
        {"type", MEMBER_SET, 4, .set = A_V4L2_FRMIVAL_TYPE, .when = AT_EXIT},
    };
    static const struct layout layout = {
        .members = intervals, .count = COUNT_OF(intervals), .size = sizeof(struct v4l2_frmivalenum)};
    if (!entry_begins(decoding, &layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &layout, address);
    if (after) {
        show_members(decoding, &layout, after, AT_EXIT);
        uint64_t type = number_in(after + 16, 4);
        if (type == V4L2_FRMIVAL_TYPE_DISCRETE) {
            show_video_fraction(decoding, "discrete", after + UNION);
        } else if (type == V4L2_FRMIVAL_TYPE_STEPWISE || type == V4L2_FRMIVAL_TYPE_CONTINUOUS) {
            show_layout(decoding, "stepwise", &rate_steps_layout, after + UNION);
        }
    }
    show_close(decoding, "}");
}

/* struct v4l2_captureparm and v4l2_outputparm, which differ in names alone. */
static void show_rate(struct decoding *decoding, const uint8_t *bytes) {
    bool is_capture = number_in(bytes, 4) == V4L2_BUF_TYPE_VIDEO_CAPTURE;
    const uint8_t *rate = bytes + 4;
    show_open(decoding, is_capture ? "parm.capture" : "parm.output", "{");
    show_set(decoding, "capability", A_V4L2_CAP_PARM, number_in(rate, 4));
    show_set(decoding, is_capture ? "capturemode" : "outputmode", A_V4L2_MODE, number_in(rate + 4, 4));
    show_video_fraction(decoding, "timeperframe", rate + 8);
    show_hex(decoding, "extendedmode", number_in(rate + 16, 4));
    show_unsigned(decoding, is_capture ? "readbuffers" : "writebuffers", number_in(rate + 20, 4));
    show_close(decoding, "}");
}

void show_video_parameters(struct decoding *decoding, uint64_t address) {
    static const struct member parameters[] = {{"type", MEMBER_SET, 4, .set = A_V4L2_BUF_TYPE}};
    static const struct layout layout = {.members = parameters, .count = 1, .size = sizeof(struct v4l2_streamparm)};
    bool is_get = request_of(decoding) == VIDIOC_G_PARM;
    const uint8_t *before = entry_begins(decoding, &layout, address);
    if (!before) {
        return;
    }
    uint64_t type = number_in(before, 4);
    bool is_known = type == V4L2_BUF_TYPE_VIDEO_CAPTURE || type == V4L2_BUF_TYPE_VIDEO_OUTPUT;
    if (is_known && !is_get) {
        show_rate(decoding, before);
    }
    entry_ends(decoding);
    const uint8_t *after = is_known ? exit_bytes(decoding, &layout, address) : NULL;
    if (after && !is_get) {
        show_close(decoding, "}");
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
    }
    if (after) {
        show_rate(decoding, after);
    }
    show_close(decoding, "}");
}
