/* SPDX-License-Identifier: MIT
 *
 * Terminals: struct termios in its three sizes (asm-generic/termbits.h), and plain numbers of other requests.
 */
#include "decode_ioctl.h"

void decode_u16(struct decoding *decoding, uint64_t address) {
    static const struct member number[] = {{NULL, MEMBER_UNSIGNED, 2}};
    static const struct layout layout = BARE_LAYOUT(number);
    show_layout_at(decoding, NULL, &layout, address);
}

/* The bits of a set that are one number of several bits each. */
static uint64_t groups_of(const struct constant_set *set) {
    uint64_t groups = 0;
    for (unsigned i = 0; i < set->count; i++) {
        const struct constant *constant = &set->constants[i];
        groups |= constant->value == constant->mask ? 0 : constant->mask;
    }
    return groups;
}

/* Groups of bits, a bar, and the flags, of which there may be none. */
static void show_flags(struct decoding *decoding, const char *name, enum arg_type set, uint64_t number) {
    uint64_t groups = groups_of(constant_set(set));
    if (!groups && !number) {
        show_words(decoding, name, "%s", "");
        return;
    }
    show_set(decoding, name, set, number);
    if (groups && !(number & ~groups)) {
        show_more(decoding, "|");
    }
}

enum {
    FLAGS = 4, /* words of flags that each of the structures begins with */
    NCCS = 19, /* characters of struct termios */
    NCC = 8,   /* of struct termio */
};

/* In the order of their numbers. */
static const char *const characters[] = {"VINTR",    "VQUIT",    "VERASE",  "VKILL",  "VEOF",  "VTIME",
                                         "VMIN",     "VSWTC",    "VSTART",  "VSTOP",  "VSUSP", "VEOL",
                                         "VREPRINT", "VDISCARD", "VWERASE", "VLNEXT", "VEOL2"};

static void show_characters_of(struct decoding *decoding, const uint8_t *bytes, unsigned count) {
    show_open(decoding, "c_cc", "[");
    for (unsigned i = 0; i < count; i++) {
        if (i < COUNT_OF(characters)) {
            show_words(decoding, NULL, "[%s]=", characters[i]);
        } else {
            show_words(decoding, NULL, "[%u]=", i);
        }
        show_more(decoding, bytes[i] ? "%#x" : "%x", bytes[i]);
    }
    show_close(decoding, "]");
}

/* The flags are of `flag_size` bytes each; `size` is that of all. */
static const uint8_t *show_terminal(struct decoding *decoding, uint64_t address, unsigned size, unsigned flag_size,
                                    unsigned count) {
    static const struct {
        const char *name;
        enum arg_type set;
    } flags[FLAGS] = {
        {"c_iflag", A_TERMIOS_I}, {"c_oflag", A_TERMIOS_O}, {"c_cflag", A_TERMIOS_C}, {"c_lflag", A_TERMIOS_L}};
    const uint8_t *bytes = memory_at(decoding, address, size);
    if (!bytes) {
        show_address(decoding, NULL, address);
        return NULL;
    }
    show_open(decoding, NULL, "{");
    for (unsigned i = 0; i < FLAGS; i++) {
        show_flags(decoding, flags[i].name, flags[i].set, number_in(bytes + (size_t)i * flag_size, flag_size));
    }
    const uint8_t *behind = bytes + (size_t)FLAGS * flag_size;
    if (decoding->verbose) {
        show_set(decoding, "c_line", A_LDISC, behind[0]);
        show_characters_of(decoding, behind + 1, count);
    } else {
        show_dots(decoding);
    }
    return bytes;
}

void decode_termio(struct decoding *decoding, uint64_t address) {
    if (show_terminal(decoding, address, 18, sizeof(uint16_t), NCC)) {
        show_close(decoding, "}");
    }
}

void decode_termios(struct decoding *decoding, uint64_t address) {
    if (show_terminal(decoding, address, 36, sizeof(uint32_t), NCCS)) {
        show_close(decoding, "}");
    }
}

void decode_termios2(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = show_terminal(decoding, address, 44, sizeof(uint32_t), NCCS);
    if (!bytes) {
        return;
    }
    if (decoding->verbose) {
        show_unsigned(decoding, "c_ispeed", number_in(bytes + 36, sizeof(uint32_t)));
        show_unsigned(decoding, "c_ospeed", number_in(bytes + 40, sizeof(uint32_t)));
    }
    show_close(decoding, "}");
}
