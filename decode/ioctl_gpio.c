/* SPDX-License-Identifier: MIT
 *
 * Lines of general purpose (linux/gpio.h, in both versions), and counters (linux/counter.h).
 */
#include "decode_ioctl.h"

#include <linux/counter.h>
#include <linux/gpio.h>

enum {
    NAME_SIZE = GPIO_MAX_NAME_SIZE,
    HANDLES = GPIOHANDLES_MAX,
    LINES = GPIO_V2_LINES_MAX,
    ATTRIBUTES = GPIO_V2_LINE_NUM_ATTRS_MAX,
    LINE_ATTRIBUTE = sizeof(struct gpio_v2_line_attribute),
    CONFIG_ATTRIBUTE = sizeof(struct gpio_v2_line_config_attribute),
    CONFIG_SIZE = sizeof(struct gpio_v2_line_config),
};

/* ------------------------------------------------------------------------- version one */

static const struct member chip[] = {
    {"name", MEMBER_NAME, .count = NAME_SIZE},
    {"label", MEMBER_NAME, .count = NAME_SIZE},
    {"lines", MEMBER_UNSIGNED, 4},
};
static const struct layout chip_layout = LAYOUT(chip);

static const struct member old_line[] = {
    {"line_offset", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"flags", MEMBER_SET, 4, .set = A_GPIOLINE, .when = AT_EXIT},
    {"name", MEMBER_NAME, .count = NAME_SIZE, .when = AT_EXIT},
    {"consumer", MEMBER_NAME, .count = NAME_SIZE, .when = AT_EXIT},
};
static const struct layout old_line_layout = LAYOUT(old_line);

static const struct member unwatched[] = {{"offset", MEMBER_UNSIGNED, 4}};
static const struct layout unwatched_layout = LAYOUT(unwatched);

static const struct member event[] = {
    {"lineoffset", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"handleflags", MEMBER_SET, 4, .set = A_GPIOHANDLE, .when = AT_ENTRY},
    {"eventflags", MEMBER_SET, 4, .set = A_GPIOEVENT, .when = AT_ENTRY},
    {"consumer_label", MEMBER_NAME, .count = NAME_SIZE, .when = AT_ENTRY},
    {"fd", MEMBER_DESCRIPTOR, 4, .when = AT_EXIT},
};
static const struct layout event_layout = LAYOUT(event);

/* The array is all that there is, so that it must not be read as a whole before a part of it is. */
static void show_values(struct decoding *decoding, uint64_t address) {
    static const struct member value[] = {{NULL, MEMBER_UNSIGNED, 1}};
    static const struct layout one = NAKED_LAYOUT(value);
    if (!memory_at(decoding, address, 1) || !memory_at(decoding, address + HANDLES - 1, 1)) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_layouts_at(decoding, "values", address, HANDLES, &one);
    show_close(decoding, "}");
}

static const struct member handle_config[] = {
    {"flags", MEMBER_SET, 4, .set = A_GPIOHANDLE},
    {"default_values", MEMBER_UNSIGNED, 1, .count = HANDLES},
    {NULL, MEMBER_HIDDEN, 4, .count = 4},
};
static const struct layout handle_config_layout = LAYOUT(handle_config);

static const struct member handle[] = {
    {"lineoffsets", MEMBER_HIDDEN, 4, .count = HANDLES},    {"flags", MEMBER_HIDDEN, 4},
    {"default_values", MEMBER_HIDDEN, 1, .count = HANDLES}, {"consumer_label", MEMBER_HIDDEN, 1, .count = NAME_SIZE},
    {"lines", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},        {"fd", MEMBER_DESCRIPTOR, 4, .when = AT_EXIT},
};
static const struct layout handle_layout = LAYOUT(handle);

static void show_numbers(struct decoding *decoding, const uint8_t *element, void *context) {
    show_unsigned(decoding, NULL, number_in(element, *(const unsigned *)context));
}

/* Up to `most` of the numbers that stand there. */
static void show_array_of(struct decoding *decoding, const char *name, uint64_t address, uint64_t count, unsigned most,
                          unsigned size) {
    show_vector(decoding, name, address, count < most ? count : most, size, show_numbers, &size);
}

static void show_handle(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &handle_layout, address);
    if (!before) {
        return;
    }
    unsigned defaults = layout_offset(decoding, &handle_layout, 2);
    uint64_t lines = number_in(before + layout_offset(decoding, &handle_layout, 4), 4);
    show_array_of(decoding, "lineoffsets", address, lines, HANDLES, 4);
    show_set(decoding, "flags", A_GPIOHANDLE, number_in(before + layout_offset(decoding, &handle_layout, 1), 4));
    show_array_of(decoding, "default_values", address + defaults, lines, HANDLES, 1);
    show_name(decoding, "consumer_label", before + layout_offset(decoding, &handle_layout, 3), NAME_SIZE);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &handle_layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_members(decoding, &handle_layout, after, AT_EXIT);
        show_close(decoding, "}");
    }
}

/* ------------------------------------------------------------------------- version two */

/* The number of an attribute says what it is; one with something in its padding is shown as it is. */
static void show_attribute(struct decoding *decoding, const uint8_t *bytes, bool is_named) {
    uint32_t id = (uint32_t)number_in(bytes, 4);
    uint64_t padding = number_in(bytes + 4, 4);
    if (!padding && id == GPIO_V2_LINE_ATTR_ID_FLAGS) {
        show_set(decoding, "flags", A_GPIO_V2_LINE, number_in(bytes + 8, 8));
    } else if (!padding && id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES) {
        show_hex(decoding, "values", number_in(bytes + 8, 8));
    } else if (!padding && id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE) {
        show_unsigned(decoding, "debounce_period_us", number_in(bytes + 8, 4));
    } else {
        if (is_named) {
            show_open(decoding, "attr", "{");
        }
        show_unsigned(decoding, "id", id);
        if (padding) {
            show_hex(decoding, "padding", padding);
        }
        show_hex(decoding, "data", number_in(bytes + 8, 8));
        if (is_named) {
            show_close(decoding, "}");
        }
    }
}

static void show_padding(struct decoding *decoding, const uint8_t *bytes, unsigned count) {
    if (is_filled_with_zeros(bytes, count * sizeof(uint32_t))) {
        return;
    }
    show_open(decoding, "padding", "[");
    for (unsigned i = 0; i < count; i++) {
        show_hex(decoding, NULL, number_in(bytes + i * sizeof(uint32_t), 4));
    }
    show_close(decoding, "]");
}

static uint64_t at_most(uint64_t count, uint64_t most) {
    return count < most ? count : most;
}

static void show_config(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    uint64_t count = number_in(bytes + 8, 4);
    show_open(decoding, name, "{");
    show_set(decoding, "flags", A_GPIO_V2_LINE, number_in(bytes, 8));
    show_unsigned(decoding, "num_attrs", count);
    show_padding(decoding, bytes + 12, 5);
    if (count) {
        show_open(decoding, "attrs", "[");
        for (unsigned i = 0; i < at_most(count, ATTRIBUTES); i++) {
            const uint8_t *one = bytes + 32 + (size_t)i * CONFIG_ATTRIBUTE;
            show_open(decoding, NULL, "{");
            show_attribute(decoding, one, true);
            show_hex(decoding, "mask", number_in(one + LINE_ATTRIBUTE, 8));
            show_close(decoding, "}");
        }
        show_close(decoding, "]");
    }
    show_close(decoding, "}");
}

static const struct member config[] = {{NULL, MEMBER_LAYOUT, CONFIG_SIZE, .show = show_config}};
static const struct layout config_layout = NAKED_LAYOUT(config);

static const struct member line[] = {
    {"name", MEMBER_NAME, .count = NAME_SIZE, .when = AT_EXIT},
    {"consumer", MEMBER_NAME, .count = NAME_SIZE, .when = AT_EXIT},
    {"offset", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"num_attrs", MEMBER_HIDDEN, 4},
    {"flags", MEMBER_SET, 8, .set = A_GPIO_V2_LINE, .when = AT_EXIT},
    {"attrs", MEMBER_HIDDEN, LINE_ATTRIBUTE, .count = ATTRIBUTES},
    {"padding", MEMBER_HIDDEN, 4, .count = 4},
};
static const struct layout line_layout = LAYOUT(line);

static void show_line(struct decoding *decoding, uint64_t address) {
    enum {
        AT_COUNT = 2 * NAME_SIZE + 4,
        AT_ATTRIBUTES = AT_COUNT + 12,
    };
    if (!entry_begins(decoding, &line_layout, address)) {
        return;
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &line_layout, address);
    if (!after) {
        return;
    }
    uint64_t count = number_in(after + AT_COUNT, 4);
    show_arrow(decoding);
    show_open(decoding, NULL, "{");
    show_members(decoding, &line_layout, after, AT_EXIT);
    show_unsigned(decoding, "num_attrs", count);
    if (count) {
        show_open(decoding, "attrs", "[");
        for (unsigned i = 0; i < at_most(count, ATTRIBUTES); i++) {
            show_open(decoding, NULL, "{");
            show_attribute(decoding, after + AT_ATTRIBUTES + (size_t)i * LINE_ATTRIBUTE, false);
            show_close(decoding, "}");
        }
        show_close(decoding, "]");
    }
    show_padding(decoding, after + AT_ATTRIBUTES + (size_t)ATTRIBUTES * LINE_ATTRIBUTE, 4);
    show_close(decoding, "}");
}

static const struct member line_request[] = {
    {"offsets", MEMBER_HIDDEN, 4, .count = LINES},
    {"consumer", MEMBER_HIDDEN, 1, .count = NAME_SIZE},
    {"config", MEMBER_HIDDEN, 1, .count = CONFIG_SIZE},
    {"num_lines", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"event_buffer_size", MEMBER_HIDDEN, 4},
    {"padding", MEMBER_HIDDEN, 4, .count = 5},
    {"fd", MEMBER_DESCRIPTOR, 4, .when = AT_EXIT},
};
static const struct layout line_request_layout = LAYOUT(line_request);

static void show_line_request(struct decoding *decoding, uint64_t address) {
    enum {
        AT_CONSUMER = 4 * LINES,
        AT_CONFIG = AT_CONSUMER + NAME_SIZE,
        AT_LINES = AT_CONFIG + CONFIG_SIZE,
    };
    const uint8_t *before = entry_begins(decoding, &line_request_layout, address);
    if (!before) {
        return;
    }
    uint64_t room = number_in(before + AT_LINES + 4, 4);
    show_array_of(decoding, "offsets", address, number_in(before + AT_LINES, 4), LINES, 4);
    show_name(decoding, "consumer", before + AT_CONSUMER, NAME_SIZE);
    show_config(decoding, "config", before + AT_CONFIG);
    if (room) {
        show_unsigned(decoding, "event_buffer_size", room);
    }
    show_padding(decoding, before + AT_LINES + 8, 5);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &line_request_layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_members(decoding, &line_request_layout, after, AT_EXIT);
        show_close(decoding, "}");
    }
}

static const struct member line_values[] = {
    {"bits", MEMBER_HEX, 8, .when = AT_EXIT},
    {"mask", MEMBER_HEX, 8, .when = AT_ENTRY},
};
static const struct layout line_values_layout = LAYOUT(line_values);

static const struct ioctl_form line_forms[] = {
    {GPIOHANDLE_GET_LINE_VALUES_IOCTL, FORM_OWN, .show = show_values},
    {GPIOHANDLE_SET_CONFIG_IOCTL, FORM_ONE_WAY, &handle_config_layout},
    {GPIOHANDLE_SET_LINE_VALUES_IOCTL, FORM_OWN, .show = show_values},
    {GPIO_GET_CHIPINFO_IOCTL, FORM_ONE_WAY, &chip_layout},
    {GPIO_GET_LINEEVENT_IOCTL, FORM_ARROW, &event_layout},
    {GPIO_GET_LINEHANDLE_IOCTL, FORM_OWN, .show = show_handle},
    {GPIO_GET_LINEINFO_IOCTL, FORM_ARROW, &old_line_layout},
    {GPIO_GET_LINEINFO_UNWATCH_IOCTL, FORM_ONE_WAY, &unwatched_layout},
    {GPIO_GET_LINEINFO_WATCH_IOCTL, FORM_ARROW, &old_line_layout},
    {GPIO_V2_GET_LINEINFO_IOCTL, FORM_OWN, .show = show_line},
    {GPIO_V2_GET_LINEINFO_WATCH_IOCTL, FORM_OWN, .show = show_line},
    {GPIO_V2_GET_LINE_IOCTL, FORM_OWN, .show = show_line_request},
    {GPIO_V2_LINE_GET_VALUES_IOCTL, FORM_ARROW, &line_values_layout},
    {GPIO_V2_LINE_SET_CONFIG_IOCTL, FORM_ONE_WAY, &config_layout},
    {GPIO_V2_LINE_SET_VALUES_IOCTL, FORM_ONE_WAY, &line_values_layout},
};

void decode_gpio(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, line_forms, COUNT_OF(line_forms));
}

/* ---------------------------------------------------------------------------- counters */

static const struct member component[] = {
    {"type", MEMBER_SET, 1, .set = A_COUNTER_COMPONENT},
    {"scope", MEMBER_SET, 1, .set = A_COUNTER_SCOPE},
    {"parent", MEMBER_UNSIGNED, 1},
    {"id", MEMBER_UNSIGNED, 1},
};
static const struct layout component_layout = LAYOUT(component);

static const struct member watch[] = {
    {"component", MEMBER_LAYOUT, .layout = &component_layout},
    {"event", MEMBER_SET, 1, .set = A_COUNTER_EVENT},
    {"channel", MEMBER_UNSIGNED, 1},
};
static const struct layout watch_layout = LAYOUT(watch);

static const struct ioctl_form counter_forms[] = {
    {COUNTER_ADD_WATCH_IOCTL, FORM_ONE_WAY, &watch_layout},
};

void decode_counter(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, counter_forms, COUNT_OF(counter_forms));
}
