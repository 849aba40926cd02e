/* SPDX-License-Identifier: MIT
 *
 * Input devices (linux/input.h). Many requests have a length in their number.
 */
#include "decode_ioctl.h"

#include <linux/input.h>

enum {
    AXES_GET = _IOC_NR(EVIOCGABS(0)),
    AXES_SET = _IOC_NR(EVIOCSABS(0)),
    EVENTS = _IOC_NR(EVIOCGBIT(0, 0)),
    WITHOUT_RESOLUTION = 20, /* bytes of struct input_absinfo as it once was */
    WITH_RESOLUTION = 24,
    BITS_SHOWN = 4, /* without -v */
};

/* ---------------------------------------------------------------------- sets of bits */

/* What a request for bits is about. */
struct bit_names {
    unsigned number; /* of the event, or of the request */
    enum arg_type set;
    unsigned most; /* bits */
};

static const struct bit_names events[] = {
    {0, A_INPUT_EVENT, EV_MAX},
    {EV_KEY, A_KEYCODE, KEY_MAX},
    {EV_REL, A_REL, REL_MAX},
    {EV_ABS, A_ABS, ABS_MAX},
    {EV_MSC, A_MSC, MSC_MAX},
    {EV_SW, A_SWITCH, SW_MAX},
    {EV_LED, A_INPUT_LED, LED_MAX},
    {EV_SND, A_INPUT_SND, SND_MAX},
    {EV_REP, A_REP, REP_MAX},
    {EV_FF, A_FF, FF_MAX},
    {EV_FF_STATUS, A_FF_STATUS, FF_STATUS_MAX},
};

static const struct bit_names states[] = {
    {_IOC_NR(EVIOCGPROP(0)), A_INPUT_PROP, INPUT_PROP_MAX},
    {_IOC_NR(EVIOCGKEY(0)), A_KEYCODE, KEY_MAX},
    {_IOC_NR(EVIOCGLED(0)), A_INPUT_LED, LED_MAX},
    {_IOC_NR(EVIOCGSND(0)), A_INPUT_SND, SND_MAX},
    {_IOC_NR(EVIOCGSW(0)), A_SWITCH, SW_MAX},
};

static const struct bit_names *names_of(const struct bit_names *names, size_t count, unsigned number) {
    for (size_t i = 0; i < count; i++) {
        if (names[i].number == number) {
            return &names[i];
        }
    }
    return NULL;
}

/* The result says how many bytes there are. */
static void show_bits(struct decoding *decoding, uint64_t address, const struct bit_names *names) {
    uint64_t result = (uint64_t)decoding->result;
    unsigned bits = result > names->most / 8 ? names->most : (unsigned)result * 8;
    unsigned word = word_bytes(decoding);
    unsigned size = ((bits + 7) / 8 + word - 1) / word * word;
    const uint8_t *bytes = decoding->delivered && size ? memory_at(decoding, address, size) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    unsigned shown = 0;
    show_open(decoding, NULL, "[");
    for (unsigned bit = 0; bit < bits; bit++) {
        if (!(bytes[bit / 8] >> bit % 8 & 1)) {
            continue;
        }
        /* strace separates them by spaces. */
        show_more(decoding, "%s", shown ? " " : "");
        decoding->needs_comma = false;
        if (shown++ == BITS_SHOWN && !decoding->verbose) {
            show_dots(decoding);
            break;
        }
        show_set(decoding, NULL, names->set, bit);
    }
    show_close(decoding, "]");
}

static void show_number(struct decoding *decoding, uint64_t address) {
    static const struct member number[] = {{NULL, MEMBER_SIGNED, 4}};
    static const struct layout layout = BARE_LAYOUT(number);
    show_layout_at(decoding, NULL, &layout, address);
}

static void show_event_bits(struct decoding *decoding, uint64_t address) {
    unsigned event = _IOC_NR(request_of(decoding)) & EV_MAX;
    const struct bit_names *names = names_of(events, COUNT_OF(events), event);
    if (names) {
        show_bits(decoding, address, names);
    } else if (event == EV_PWR) {
        show_number(decoding, address);
    } else {
        show_address(decoding, NULL, address);
    }
}

/* ------------------------------------------------------------------- other structures */

static const struct member identity[] = {
    {"bustype", MEMBER_UNSIGNED, 2},
    {"vendor", MEMBER_UNSIGNED, 2},
    {"product", MEMBER_UNSIGNED, 2},
    {"version", MEMBER_UNSIGNED, 2},
};
static const struct layout identity_layout = LAYOUT(identity);

static const struct member repetition[] = {
    {NULL, MEMBER_UNSIGNED, 4},
    {NULL, MEMBER_UNSIGNED, 4},
};
static const struct layout repetition_layout = BARE_LAYOUT(repetition);

static const struct member keycode[] = {
    {NULL, MEMBER_UNSIGNED, 4},
    {NULL, MEMBER_SET, 4, .set = A_KEYCODE},
};
static const struct layout keycode_layout = BARE_LAYOUT(keycode);

static const struct member keymap_entry[] = {
    {"flags", MEMBER_UNSIGNED, 1},
    {"len", MEMBER_UNSIGNED, 1},
    {"index", MEMBER_UNSIGNED, 2, .when = IN_DETAIL},
    {"keycode", MEMBER_SET, 4, .set = A_KEYCODE, .when = IN_DETAIL},
    {"scancode", MEMBER_HEX, 1, .count = 32, .when = IN_DETAIL},
    {NULL, MEMBER_DOTS},
};
static const struct layout keymap_entry_layout = LAYOUT(keymap_entry);

static const struct member version[] = {{NULL, MEMBER_HEX, 4}};
static const struct layout version_layout = BARE_LAYOUT(version);
static const struct member count[] = {{NULL, MEMBER_UNSIGNED, 4}};
static const struct layout count_layout = BARE_LAYOUT(count);

/* Of as many bytes as the request says, which may be fewer or more than the structure has. */
static void show_axis(struct decoding *decoding, uint64_t address) {
    static const char *const names[] = {"value", "minimum", "maximum", "fuzz", "flat", "resolution"};
    unsigned size = _IOC_SIZE(request_of(decoding));
    unsigned read = size < WITH_RESOLUTION ? size : WITH_RESOLUTION;
    if (size < WITHOUT_RESOLUTION) {
        show_hex(decoding, NULL, address);
        return;
    }
    const uint8_t *bytes = memory_at(decoding, address, read);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    unsigned members = decoding->verbose ? read / 4 : 2;
    show_open(decoding, NULL, "{");
    for (unsigned i = 0; i < members; i++) {
        show_unsigned(decoding, names[i], number_in(bytes + (size_t)i * sizeof(uint32_t), 4));
    }
    if (!decoding->verbose || (size > WITHOUT_RESOLUTION && size != WITH_RESOLUTION)) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static void show_slots(struct decoding *decoding, uint64_t address) {
    static const struct member value[] = {{NULL, MEMBER_SIGNED, 4}};
    static const struct layout layout = NAKED_LAYOUT(value);
    unsigned slots = _IOC_SIZE(request_of(decoding)) / 4;
    const uint8_t *bytes = slots ? memory_at(decoding, address, 4) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_set(decoding, "code", A_ABS_MT, number_in(bytes, 4));
    show_layouts_at(decoding, "values", address + 4, slots - 1, &layout);
    show_close(decoding, "}");
}

/* ------------------------------------------------------------------------ force feedback */

static const struct member trigger[] = {
    {"button", MEMBER_UNSIGNED, 2},
    {"interval", MEMBER_UNSIGNED, 2},
};
static const struct layout trigger_layout = LAYOUT(trigger);
static const struct member replay[] = {
    {"length", MEMBER_UNSIGNED, 2},
    {"delay", MEMBER_UNSIGNED, 2},
};
static const struct layout replay_layout = LAYOUT(replay);

static const struct member envelope[] = {
    {"attack_length", MEMBER_UNSIGNED, 2},
    {"attack_level", MEMBER_UNSIGNED, 2},
    {"fade_length", MEMBER_UNSIGNED, 2},
    {"fade_level", MEMBER_HEX, 2},
};
static const struct layout envelope_layout = LAYOUT(envelope);

static const struct member constant[] = {
    {"level", MEMBER_SIGNED, 2},
    {"envelope", MEMBER_LAYOUT, .layout = &envelope_layout},
};
static const struct layout constant_layout = LAYOUT(constant);

static const struct member ramp[] = {
    {"start_level", MEMBER_SIGNED, 2},
    {"end_level", MEMBER_SIGNED, 2},
    {"envelope", MEMBER_LAYOUT, .layout = &envelope_layout},
};
static const struct layout ramp_layout = LAYOUT(ramp);

static const struct member periodic[] = {
    {"waveform", MEMBER_UNSIGNED, 2},   {"period", MEMBER_UNSIGNED, 2},
    {"magnitude", MEMBER_SIGNED, 2},    {"offset", MEMBER_SIGNED, 2},
    {"phase", MEMBER_UNSIGNED, 2},      {"envelope", MEMBER_LAYOUT, .layout = &envelope_layout},
    {"custom_len", MEMBER_UNSIGNED, 4}, {"custom_data", MEMBER_ADDRESS},
};
static const struct layout periodic_layout = LAYOUT(periodic);

static const struct member rumble[] = {
    {"strong_magnitude", MEMBER_UNSIGNED, 2},
    {"weak_magnitude", MEMBER_UNSIGNED, 2},
};
static const struct layout rumble_layout = LAYOUT(rumble);

static const struct member effect[] = {
    {"type", MEMBER_SET, 2, .set = A_FF},
    {"id", MEMBER_SIGNED, 2},
    {"direction", MEMBER_UNSIGNED, 2},
    {"trigger", MEMBER_LAYOUT, .layout = &trigger_layout, .when = IN_DETAIL},
    {"replay", MEMBER_LAYOUT, .layout = &replay_layout, .when = IN_DETAIL},
    {NULL, MEMBER_DOTS},
    {NULL, MEMBER_LAYOUT, .layout = &periodic_layout, .when = AT_EXIT}, /* the largest of them */
};
static const struct layout effect_layout = LAYOUT(effect);

static void show_effect(struct decoding *decoding, uint64_t address) {
    static const struct {
        unsigned type;
        const char *name;
        const struct layout *layout;
    } kinds[] = {
        {FF_CONSTANT, "constant", &constant_layout},
        {FF_RAMP, "ramp", &ramp_layout},
        {FF_PERIODIC, "periodic", &periodic_layout},
        {FF_RUMBLE, "rumble", &rumble_layout},
    };
    const uint8_t *bytes = entry_begins(decoding, &effect_layout, address);
    if (!bytes) {
        return;
    }
    for (size_t i = 0; decoding->verbose && i < COUNT_OF(kinds); i++) {
        if (kinds[i].type == number_in(bytes, 2)) {
            show_layout(decoding, kinds[i].name, kinds[i].layout,
                        bytes + layout_offset(decoding, &effect_layout, COUNT_OF(effect) - 1));
        }
    }
    show_close(decoding, "}");
    entry_ends(decoding);
}

static const struct ioctl_form forms[] = {
    {EVIOCGEFFECTS, FORM_ONE_WAY, &count_layout},   {EVIOCGID, FORM_ONE_WAY, &identity_layout},
    {EVIOCGKEYCODE, FORM_ONE_WAY, &keycode_layout}, {EVIOCGKEYCODE_V2, FORM_ONE_WAY, &keymap_entry_layout},
    {EVIOCGREP, FORM_ONE_WAY, &repetition_layout},  {EVIOCGVERSION, FORM_ONE_WAY, &version_layout},
    {EVIOCSCLOCKID, FORM_ONE_WAY, &count_layout},   {EVIOCSFF, FORM_OWN, .show = show_effect},
    {EVIOCSKEYCODE, FORM_ONE_WAY, &keycode_layout}, {EVIOCSKEYCODE_V2, FORM_ONE_WAY, &keymap_entry_layout},
    {EVIOCSREP, FORM_ONE_WAY, &repetition_layout},
};

static bool has_form(uint32_t request) {
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].request == request) {
            return true;
        }
    }
    return false;
}

/* Requests to read that have any length. */
static void show_of_any_length(struct decoding *decoding, uint64_t address) {
    unsigned number = _IOC_NR(request_of(decoding));
    const struct bit_names *names = names_of(states, COUNT_OF(states), number);
    if (number == _IOC_NR(EVIOCGMTSLOTS(0))) {
        show_slots(decoding, address);
    } else if (number == _IOC_NR(EVIOCGNAME(0)) || number == _IOC_NR(EVIOCGPHYS(0)) ||
               number == _IOC_NR(EVIOCGUNIQ(0))) {
        show_buffer_at(decoding, NULL, address, (uint64_t)decoding->result);
    } else if (names) {
        show_bits(decoding, address, names);
    } else if ((number & ~(unsigned)ABS_MAX) == AXES_GET) {
        show_axis(decoding, address);
    } else if ((number & ~(unsigned)EV_MAX) == EVENTS) {
        show_event_bits(decoding, address);
    } else {
        show_hex(decoding, NULL, address);
    }
}

void decode_input_device(struct decoding *decoding, uint64_t address) {
    uint32_t request = request_of(decoding);
    if (has_form(request)) {
        show_form(decoding, address, forms, COUNT_OF(forms));
    } else if (_IOC_DIR(request) == _IOC_READ) {
        show_of_any_length(decoding, address);
    } else if ((_IOC_NR(request) & ~(unsigned)ABS_MAX) == AXES_SET) {
        show_axis(decoding, address);
    } else {
        show_hex(decoding, NULL, address);
    }
}
