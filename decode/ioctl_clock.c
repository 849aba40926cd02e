/* SPDX-License-Identifier: MIT
 *
 * Clocks: of the machine (linux/rtc.h) and of network devices (linux/ptp_clock.h).
 */
#include "decode_ioctl.h"

#include <linux/ptp_clock.h>
#include <linux/rtc.h>

/* ---------------------------------------------------------------- clock of the machine */

static const struct member date[] = {
    {"tm_sec", MEMBER_SIGNED, 4},
    {"tm_min", MEMBER_SIGNED, 4},
    {"tm_hour", MEMBER_SIGNED, 4},
    {"tm_mday", MEMBER_SIGNED, 4},
    {"tm_mon", MEMBER_SIGNED, 4},
    {"tm_year", MEMBER_SIGNED, 4},
    {NULL, MEMBER_DOTS},
    {"tm_wday", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"tm_yday", MEMBER_SIGNED, 4, .when = IN_DETAIL},
    {"tm_isdst", MEMBER_SIGNED, 4, .when = IN_DETAIL},
};
static const struct layout date_layout = LAYOUT(date);

static const struct member alarm_time[] = {
    {"enabled", MEMBER_UNSIGNED, 1},
    {"pending", MEMBER_UNSIGNED, 1},
    {"time", MEMBER_LAYOUT, .layout = &date_layout},
};
static const struct layout alarm_layout = LAYOUT(alarm_time);

static const struct member phase_loop[] = {
    {"pll_ctrl", MEMBER_SIGNED, 4}, {"pll_value", MEMBER_SIGNED, 4},   {"pll_max", MEMBER_SIGNED, 4},
    {"pll_min", MEMBER_SIGNED, 4},  {"pll_posmult", MEMBER_SIGNED, 4}, {"pll_negmult", MEMBER_SIGNED, 4},
    {"pll_clock", MEMBER_SIGNED},
};
static const struct layout phase_loop_layout = LAYOUT(phase_loop);

static const struct member rate[] = {{NULL, MEMBER_UNSIGNED}};
static const struct layout rate_layout = BARE_LAYOUT(rate);
static const struct member voltage[] = {{NULL, MEMBER_SET, 4, .set = A_RTC_VL}};
static const struct layout voltage_layout = BARE_LAYOUT(voltage);

/* struct rtc_param; strace shows its value last where it is set, and as it comes out where it is asked for. */
static void show_parameter(struct decoding *decoding, uint64_t address) {
    static const struct member whole[] = {{NULL, MEMBER_HIDDEN, 8}, {NULL, MEMBER_HIDDEN, 8}, {NULL, MEMBER_HIDDEN, 8}};
    static const struct layout layout = LAYOUT(whole);
    bool is_get = request_of(decoding) == RTC_PARAM_GET;
    const uint8_t *before = entry_begins(decoding, &layout, address);
    if (!before) {
        return;
    }
    show_set(decoding, "param", A_RTC_PARAM, number_in(before, 8));
    if (!is_get) {
        show_hex(decoding, "uvalue", number_in(before + 8, 8));
    }
    show_unsigned(decoding, "index", number_in(before + 16, 4));
    if (number_in(before + 20, 4)) {
        show_hex(decoding, "__pad", number_in(before + 20, 4));
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = is_get ? exit_bytes(decoding, &layout, address) : NULL;
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_hex(decoding, "uvalue", number_in(after + 8, 8));
        if (number_in(after + 20, 4)) {
            show_hex(decoding, "__pad", number_in(after + 20, 4));
        }
        show_close(decoding, "}");
    } else if (is_get && decoding->result < 0) {
        show_arrow(decoding);
        show_address(decoding, NULL, address);
    }
}

static const struct ioctl_form clock_forms[] = {
    {RTC_ALM_READ, FORM_ONE_WAY, &date_layout},        {RTC_ALM_SET, FORM_ONE_WAY, &date_layout},
    {RTC_EPOCH_READ, FORM_ONE_WAY, &rate_layout},      {RTC_IRQP_READ, FORM_ONE_WAY, &rate_layout},
    {RTC_PARAM_GET, FORM_OWN, .show = show_parameter}, {RTC_PARAM_SET, FORM_OWN, .show = show_parameter},
    {RTC_PLL_GET, FORM_ONE_WAY, &phase_loop_layout},   {RTC_PLL_SET, FORM_ONE_WAY, &phase_loop_layout},
    {RTC_RD_TIME, FORM_ONE_WAY, &date_layout},         {RTC_SET_TIME, FORM_ONE_WAY, &date_layout},
    {RTC_VL_READ, FORM_ONE_WAY, &voltage_layout},      {RTC_WKALM_RD, FORM_ONE_WAY, &alarm_layout},
    {RTC_WKALM_SET, FORM_ONE_WAY, &alarm_layout},
};

void decode_rtc(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, clock_forms, COUNT_OF(clock_forms));
}

/* ----------------------------------------------------------- clocks of network devices */

enum {
    TIME_SIZE = sizeof(struct ptp_clock_time),
    MOST_SAMPLES = PTP_MAX_SAMPLES,
};

static void show_span(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    show_open(decoding, name, "{");
    show_signed(decoding, "sec", take_i64(&members));
    show_unsigned(decoding, "nsec", take_u32(&members));
    uint32_t reserved = take_u32(&members);
    if (reserved) {
        show_hex(decoding, "reserved", reserved);
    }
    show_close(decoding, "}");
}

static void show_time(struct decoding *decoding, const char *name, const uint8_t *bytes) {
    show_span(decoding, name, bytes);
    show_when(decoding, signed_in(bytes, 8), (uint32_t)number_in(bytes + 8, 4));
}

static const struct member capabilities[] = {
    {"max_adj", MEMBER_SIGNED, 4},
    {"n_alarm", MEMBER_SIGNED, 4},
    {"n_ext_ts", MEMBER_SIGNED, 4},
    {"n_per_out", MEMBER_SIGNED, 4},
    {"pps", MEMBER_SIGNED, 4},
    {"n_pins", MEMBER_SIGNED, 4},
    {"cross_timestamping", MEMBER_SIGNED, 4},
    {"adjust_phase", MEMBER_SIGNED, 4},
    {"rsv", MEMBER_HEX, 4, .count = 12, .when = IF_SET},
};
static const struct layout capabilities_layout = LAYOUT(capabilities);

static const struct member stamps[] = {
    {"index", MEMBER_UNSIGNED, 4},
    {"flags", MEMBER_SET, 4, .set = A_PTP_EXTTS_FLAGS},
    {"rsv", MEMBER_HEX, 4, .count = 2, .when = IF_SET},
};
/* The first version of each request has no reserved numbers that anybody looks at. */
static const struct layout stamps_layout = {.members = stamps, .count = 2, .size = sizeof(struct ptp_extts_request)};
static const struct layout stamps2_layout = LAYOUT(stamps);

/* Two of its members are there twice, under other names: the flags say which. */
static void show_output(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, 2 * TIME_SIZE + 24);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    const uint8_t *behind = bytes + (size_t)2 * TIME_SIZE;
    uint32_t flags = (uint32_t)number_in(behind + 4, 4);
    show_open(decoding, NULL, "{");
    if (flags & PTP_PEROUT_PHASE) {
        show_span(decoding, "phase", bytes);
    } else {
        show_time(decoding, "start", bytes);
    }
    show_span(decoding, "period", bytes + TIME_SIZE);
    show_unsigned(decoding, "index", number_in(behind, 4));
    show_set(decoding, "flags", A_PTP_PEROUT_FLAGS, flags);
    if (flags & PTP_PEROUT_DUTY_CYCLE) {
        show_span(decoding, "on", behind + 8);
    } else if (request_of(decoding) == PTP_PEROUT_REQUEST2 && !is_filled_with_zeros(behind + 8, 16)) {
        show_open(decoding, "rsv", "[");
        for (unsigned i = 0; i < 4; i++) {
            show_hex(decoding, NULL, number_in(behind + 8 + i * sizeof(uint32_t), 4));
        }
        show_close(decoding, "]");
    }
    show_close(decoding, "}");
}

static const struct member pin_asked[] = {
    {"name", MEMBER_HIDDEN, 1, .count = 64},
    {"index", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"func", MEMBER_SET, 4, .set = A_PTP_PF, .when = AT_EXIT},
    {"chan", MEMBER_UNSIGNED, 4, .when = AT_EXIT},
    {"rsv", MEMBER_HEX, 4, .count = 5, .when = AT_ENTRY | IF_SET},
};
static const struct layout pin_asked_layout = {.members = pin_asked, .count = 4, .size = sizeof(struct ptp_pin_desc)};
static const struct layout pin_asked2_layout = LAYOUT(pin_asked);

static void show_pin(struct decoding *decoding, uint64_t address) {
    bool is_first = request_of(decoding) == PTP_PIN_GETFUNC;
    const struct layout *layout = is_first ? &pin_asked_layout : &pin_asked2_layout;
    if (!entry_begins(decoding, layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, layout, address);
    if (after) {
        show_name(decoding, "name", after, 64);
        show_members(decoding, layout, after, AT_EXIT);
    }
    show_close(decoding, "}");
}

static const struct member pin_set[] = {
    {NULL, MEMBER_HIDDEN, 1, .count = 64},
    {"index", MEMBER_UNSIGNED, 4},
    {"func", MEMBER_SET, 4, .set = A_PTP_PF},
    {"chan", MEMBER_UNSIGNED, 4},
    {"rsv", MEMBER_HEX, 4, .count = 5, .when = IF_SET},
};
static const struct layout pin_set_layout = {.members = pin_set, .count = 4, .size = sizeof(struct ptp_pin_desc)};
static const struct layout pin_set2_layout = LAYOUT(pin_set);

static const struct member samples[] = {
    {"n_samples", MEMBER_UNSIGNED, 4, .when = AT_ENTRY},
    {"rsv", MEMBER_HEX, 4, .count = 3, .when = AT_ENTRY | IF_SET},
};
static const struct layout samples_layout = LAYOUT(samples);

static void show_sample(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_time(decoding, NULL, element);
}

static void show_three(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_open(decoding, NULL, "[");
    for (unsigned i = 0; i < 3; i++) {
        show_time(decoding, NULL, element + (size_t)i * TIME_SIZE);
    }
    show_close(decoding, "]");
}

static void show_samples(struct decoding *decoding, uint64_t address) {
    uint32_t request = request_of(decoding);
    bool is_extended = request == PTP_SYS_OFFSET_EXTENDED || request == PTP_SYS_OFFSET_EXTENDED2;
    if (!entry_begins(decoding, &samples_layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &samples_layout, address);
    if (after) {
        uint64_t count = number_in(after, 4);
        uint64_t most = MOST_SAMPLES;
        uint64_t at = address + layout_size(decoding, &samples_layout);
        count = count < most ? count : most;
        if (is_extended) {
            show_vector(decoding, "ts", at, count, 3 * TIME_SIZE, show_three, NULL);
        } else {
            show_vector(decoding, "ts", at, 2 * count + 1, TIME_SIZE, show_sample, NULL);
        }
    }
    show_close(decoding, "}");
}

static const struct member precise[] = {
    {"device", MEMBER_LAYOUT, TIME_SIZE, .show = show_time},
    {"sys_realtime", MEMBER_LAYOUT, TIME_SIZE, .show = show_time},
    {"sys_monoraw", MEMBER_LAYOUT, TIME_SIZE, .show = show_span},
    {"rsv", MEMBER_HEX, 4, .count = 4, .when = IF_SET},
};
static const struct layout precise_layout = LAYOUT(precise);

static const struct ioctl_form network_forms[] = {
    {PTP_CLOCK_GETCAPS, FORM_ONE_WAY, &capabilities_layout},
    {PTP_CLOCK_GETCAPS2, FORM_ONE_WAY, &capabilities_layout},
    {PTP_EXTTS_REQUEST, FORM_ONE_WAY, &stamps_layout},
    {PTP_EXTTS_REQUEST2, FORM_ONE_WAY, &stamps2_layout},
    {PTP_PEROUT_REQUEST, FORM_OWN, .show = show_output},
    {PTP_PEROUT_REQUEST2, FORM_OWN, .show = show_output},
    {PTP_PIN_GETFUNC, FORM_OWN, .show = show_pin},
    {PTP_PIN_GETFUNC2, FORM_OWN, .show = show_pin},
    {PTP_PIN_SETFUNC, FORM_ONE_WAY, &pin_set_layout},
    {PTP_PIN_SETFUNC2, FORM_ONE_WAY, &pin_set2_layout},
    {PTP_SYS_OFFSET, FORM_OWN, .show = show_samples},
    {PTP_SYS_OFFSET2, FORM_OWN, .show = show_samples},
    {PTP_SYS_OFFSET_EXTENDED, FORM_OWN, .show = show_samples},
    {PTP_SYS_OFFSET_EXTENDED2, FORM_OWN, .show = show_samples},
    {PTP_SYS_OFFSET_PRECISE, FORM_ONE_WAY, &precise_layout},
    {PTP_SYS_OFFSET_PRECISE2, FORM_ONE_WAY, &precise_layout},
};

void decode_ptp(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, network_forms, COUNT_OF(network_forms));
}
