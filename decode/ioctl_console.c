/* SPDX-License-Identifier: MIT
 *
 * Consoles and their keyboards (linux/kd.h, linux/keyboard.h), and what terminals have but their struct termios.
 */
#include "decode_ioctl.h"

#include <asm/ioctls.h>
#include <linux/kd.h>
#include <linux/keyboard.h>
#include <linux/tty.h>

enum {
    SCREEN_MAP = 256, /* characters */
    FONT_BYTES = 8192,
    COLOUR_BYTES = 3 * 16,
    DIACRITICS = 256,
    FONT_WIDTH = 32, /* the most that the kernel takes */
    FONT_ROWS = 32,
    FONT_COUNT = 512,
};

/* ------------------------------------------------------------------------- keyboard */

/* As strace has a character: 'x', '\n', '\x1b'. */
static void show_character(struct decoding *decoding, const char *name, uint64_t character) {
    static const char spaces[] = "tnvfr";
    uint8_t what = (uint8_t)character;
    if (what >= '\t' && what <= '\r') {
        show_words(decoding, name, "'\\%c'", spaces[what - '\t']);
    } else if (what == '\'' || what == '\\') {
        show_words(decoding, name, "'\\%c'", what);
    } else if (what >= ' ' && what <= '~') {
        show_words(decoding, name, "'%c'", what);
    } else {
        show_words(decoding, name, "'\\x%02x'", what);
    }
}

static void show_key_table(struct decoding *decoding, const char *name, uint64_t table) {
    enum arg_type set = constant_find(constant_set(A_KEY_TABLE), table) ? A_KEY_TABLE : A_KEY_MODIFIERS;
    show_set(decoding, name, set, table);
}

static void show_key_value(struct decoding *decoding, const char *name, uint64_t value) {
    unsigned type = KTYP(value);
    show_hex(decoding, name, value);
    const struct constant *key = constant_find(constant_set(A_KEY_VALUE), value);
    const struct constant *kind = constant_find(constant_set(A_KT), type);
    if (key) {
        show_comment(decoding, "%s", key->name);
        return;
    }
    if (kind) {
        show_more(decoding, " /* K(%s, ", kind->name);
    } else {
        show_more(decoding, " /* K(%#x, ", type);
    }
    decoding->needs_comma = false;
    if (type == KT_LATIN || type == KT_META || type == KT_LETTER || type == KT_DEAD2) {
        show_character(decoding, NULL, KVAL(value));
    } else {
        show_hex(decoding, NULL, KVAL(value));
    }
    show_more(decoding, ") */");
}

static void show_key_function(struct decoding *decoding, const char *name, uint64_t number) {
    const struct constant *function = constant_find(constant_set(A_KEY_VALUE), KT_FN << 8 | number);
    show_words(decoding, name, "KVAL(%s)", function ? function->name : "K_???");
}

static const struct member key_entry[] = {
    {"kb_table", MEMBER_NUMBER, 1, .show_number = show_key_table, .when = AT_ENTRY},
    {"kb_index", MEMBER_UNSIGNED, 1, .when = AT_ENTRY},
    {"kb_value", MEMBER_NUMBER, 2, .show_number = show_key_value, .when = AT_EXIT},
};
static const struct layout key_entry_layout = LAYOUT(key_entry);

static const struct member diacritic[] = {
    {"diacr", MEMBER_NUMBER, 1, .show_number = show_character},
    {"base", MEMBER_NUMBER, 1, .show_number = show_character},
    {"result", MEMBER_NUMBER, 1, .show_number = show_character},
};
static const struct layout diacritic_layout = LAYOUT(diacritic);

static const struct member diacritic_unicode[] = {
    {"diacr", MEMBER_HEX, 4},
    {"base", MEMBER_HEX, 4},
    {"result", MEMBER_HEX, 4},
};
static const struct layout diacritic_unicode_layout = LAYOUT(diacritic_unicode);

/* A count, and as many of them, of which there is room for 256. */
static void show_diacritics(struct decoding *decoding, uint64_t address) {
    uint32_t request = request_of(decoding);
    bool is_unicode = request == KDGKBDIACRUC || request == KDSKBDIACRUC;
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint32_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    uint32_t count = (uint32_t)number_in(bytes, sizeof(uint32_t));
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "kb_cnt", count);
    show_layouts_at(decoding, is_unicode ? "kbdiacruc" : "kbdiacr", address + sizeof(uint32_t),
                    count < DIACRITICS ? count : DIACRITICS,
                    is_unicode ? &diacritic_unicode_layout : &diacritic_layout);
    show_close(decoding, "}");
}

/* What a key of functions stands for: a string behind its number. */
static void show_key_string(struct decoding *decoding, uint64_t address) {
    static const struct member function[] = {{"kb_func", MEMBER_NUMBER, 1, .show_number = show_key_function}};
    static const struct layout layout = LAYOUT(function);
    bool is_output = request_of(decoding) == KDGKBSENT;
    if (!entry_begins(decoding, &layout, address)) {
        return;
    }
    if (!is_output) {
        show_string_at(decoding, "kb_string", address + 1);
    }
    entry_ends(decoding);
    if (is_output && decoding->delivered) {
        show_string_at(decoding, "kb_string", address + 1);
    }
    show_close(decoding, "}");
}

static const struct member key_code[] = {
    {"scancode", MEMBER_HEX, 4},
    {"keycode", MEMBER_HEX, 4},
};
static const struct layout key_code_layout = LAYOUT(key_code);

static void show_key_code(struct decoding *decoding, uint64_t address) {
    if (!entry_begins(decoding, &key_code_layout, address)) {
        return;
    }
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &key_code_layout, address);
    if (after) {
        show_arrow(decoding);
        show_hex(decoding, NULL, number_in(after + sizeof(uint32_t), sizeof(uint32_t)));
    }
    show_close(decoding, "}");
}

static const struct member repetition[] = {
    {"delay", MEMBER_SIGNED, 4},
    {"period", MEMBER_SIGNED, 4},
};
static const struct layout repetition_layout = LAYOUT(repetition);

static const struct member led[] = {{NULL, MEMBER_SET, 1, .set = A_KD_LED}};
static const struct layout led_layout = BARE_LAYOUT(led);
static const struct member default_led[] = {{NULL, MEMBER_SET, 1, .set = A_KD_DEFAULT_LED}};
static const struct layout default_led_layout = BARE_LAYOUT(default_led);
static const struct member keyboard_type[] = {{NULL, MEMBER_SET, 1, .set = A_KB_TYPE}};
static const struct layout keyboard_type_layout = BARE_LAYOUT(keyboard_type);
static const struct member keyboard_mode[] = {{NULL, MEMBER_SET, 4, .set = A_K_MODE}};
static const struct layout keyboard_mode_layout = BARE_LAYOUT(keyboard_mode);
static const struct member meta_mode[] = {{NULL, MEMBER_SET, 4, .set = A_K_META}};
static const struct layout meta_mode_layout = BARE_LAYOUT(meta_mode);

/* ----------------------------------------------------------------- screen and fonts */

static const struct member screen_mode[] = {{NULL, MEMBER_SET, 4, .set = A_KD_MODE}};
static const struct layout screen_mode_layout = BARE_LAYOUT(screen_mode);

/* Bytes in hex, as many as the request has. */
static void show_table(struct decoding *decoding, uint64_t address) {
    uint32_t request = request_of(decoding);
    bool is_map = request == GIO_SCRNMAP || request == PIO_SCRNMAP;
    bool is_font = request == GIO_FONT || request == PIO_FONT;
    show_hex_buffer_at(decoding, NULL, address, is_map ? SCREEN_MAP : is_font ? FONT_BYTES : COLOUR_BYTES);
}

static void show_code(struct decoding *decoding, const uint8_t *element, void *context) {
    enum {
        DIRECT_BASE = 0xf000, /* UNI_DIRECT_BASE of the kernel's linux/consolemap.h */
        DIRECT_MASK = 0x1ff,
    };
    (void)context;
    unsigned code = (unsigned)number_in(element, sizeof(uint16_t));
    if ((code & ~DIRECT_MASK) == DIRECT_BASE) {
        show_words(decoding, NULL, code & DIRECT_MASK ? "UNI_DIRECT_BASE+%#x" : "UNI_DIRECT_BASE+%x",
                   code & DIRECT_MASK);
    } else {
        show_hex(decoding, NULL, code);
    }
}

static void show_unicode_map(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, SCREEN_MAP, sizeof(uint16_t), show_code, NULL);
}

static const struct member map_hints[] = {
    {"advised_hashsize", MEMBER_UNSIGNED, 2},
    {"advised_hashstep", MEMBER_UNSIGNED, 2},
    {"advised_hashlevel", MEMBER_UNSIGNED, 2},
};
static const struct layout map_hints_layout = LAYOUT(map_hints);

static const struct member map_entry[] = {
    {"unicode", MEMBER_HEX, 2},
    {"fontpos", MEMBER_HEX, 2},
};
static const struct layout map_entry_layout = LAYOUT(map_entry);

static const struct member map_header[] = {
    {"entry_ct", MEMBER_UNSIGNED, 2, .when = AT_ENTRY},
    {"entries", MEMBER_HIDDEN},
};
static const struct layout map_header_layout = LAYOUT(map_header);

static uint64_t map_entries(const struct decoding *decoding, const uint8_t *bytes) {
    return number_in(bytes + layout_offset(decoding, &map_header_layout, 1), word_bytes(decoding));
}

static void show_map(struct decoding *decoding, uint64_t address) {
    bool is_output = request_of(decoding) == GIO_UNIMAP;
    const uint8_t *before = entry_begins(decoding, &map_header_layout, address);
    if (!before) {
        return;
    }
    if (!is_output) {
        show_layouts_at(decoding, "entries", map_entries(decoding, before), number_in(before, 2), &map_entry_layout);
    }
    entry_ends(decoding);
    const uint8_t *after = is_output ? exit_bytes(decoding, &map_header_layout, address) : NULL;
    if (after) {
        show_arrow(decoding);
        show_unsigned(decoding, NULL, number_in(after, 2));
        show_layouts_at(decoding, "entries", map_entries(decoding, after), number_in(before, 2), &map_entry_layout);
    } else if (is_output) {
        /* strace looks there again if the call has failed. */
        if (decoding->result < 0) {
            show_more(decoding, " => %u", (unsigned)number_in(before, 2));
        }
        show_address(decoding, "entries", map_entries(decoding, before));
    }
    show_close(decoding, "}");
}

static const struct member old_font[] = {
    {"charcount", MEMBER_UNSIGNED, 2},
    {"charheight", MEMBER_UNSIGNED, 2},
    {"chardata", MEMBER_HIDDEN},
};
static const struct layout old_font_layout = LAYOUT(old_font);

static void show_old_font_data(struct decoding *decoding, const uint8_t *bytes, bool is_address) {
    uint64_t count = number_in(bytes, 2);
    uint64_t data = number_in(bytes + layout_offset(decoding, &old_font_layout, 2), word_bytes(decoding));
    if (is_address) {
        show_address(decoding, "chardata", data);
    } else {
        show_hex_buffer_at(decoding, "chardata", data, (count < FONT_COUNT ? count : FONT_COUNT) * FONT_ROWS);
    }
}

static void show_old_font(struct decoding *decoding, uint64_t address) {
    bool is_output = request_of(decoding) == GIO_FONTX;
    const uint8_t *before = entry_begins(decoding, &old_font_layout, address);
    if (!before) {
        return;
    }
    show_old_font_data(decoding, before, is_output);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = is_output ? exit_bytes(decoding, &old_font_layout, address) : NULL;
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "charcount", number_in(after, 2));
        show_unsigned(decoding, "charheight", number_in(after + 2, 2));
        show_old_font_data(decoding, after, false);
        show_close(decoding, "}");
    }
}

/* struct console_font_op: the operation says which members count. */
struct font {
    uint32_t operation, flags, width, height, count;
    uint64_t data;
};

static struct font font_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    struct font font;
    font.operation = take_u32(&members);
    font.flags = take_u32(&members);
    font.width = take_u32(&members);
    font.height = take_u32(&members);
    font.count = take_u32(&members);
    font.data = take_word(&members);
    return font;
}

static const struct member font_members[] = {
    {NULL, MEMBER_HIDDEN, 4, .count = 5},
    {NULL, MEMBER_HIDDEN},
};
static const struct layout font_layout = LAYOUT(font_members);

static void show_glyphs(struct decoding *decoding, const struct font *font) {
    uint32_t width = font->width < FONT_WIDTH ? font->width : FONT_WIDTH;
    uint32_t count = font->count < FONT_COUNT ? font->count : FONT_COUNT;
    show_hex_buffer_at(decoding, "data", font->data, (uint64_t)(width + 7) / 8 * FONT_ROWS * count);
}

static void show_font_size(struct decoding *decoding, const struct font *font) {
    if (font->operation != KD_FONT_OP_COPY) {
        show_unsigned(decoding, "width", font->width);
    }
    show_unsigned(decoding, "height", font->height);
    if (font->operation != KD_FONT_OP_COPY && font->operation != KD_FONT_OP_SET_DEFAULT) {
        show_unsigned(decoding, "charcount", font->count);
    }
}

static void show_font_asked(struct decoding *decoding, const struct font *font) {
    show_set(decoding, "op", A_KD_FONT_OP, font->operation);
    if (font->operation != KD_FONT_OP_COPY && font->operation != KD_FONT_OP_SET_DEFAULT) {
        show_set(decoding, "flags", A_KD_FONT_FLAG, font->flags);
    }
    show_font_size(decoding, font);
    switch (font->operation) {
    case KD_FONT_OP_SET:
        show_glyphs(decoding, font);
        break;
    case KD_FONT_OP_SET_DEFAULT:
        show_string_at(decoding, "data", font->data);
        break;
    case KD_FONT_OP_COPY:
        break;
    default:
        show_address(decoding, "data", font->data);
        break;
    }
}

static void show_font_got(struct decoding *decoding, const struct font *font) {
    show_arrow(decoding);
    show_open(decoding, NULL, "{");
    show_font_size(decoding, font);
    if (font->operation == KD_FONT_OP_GET) {
        show_glyphs(decoding, font);
    } else if (font->operation != KD_FONT_OP_SET_DEFAULT) {
        show_address(decoding, "data", font->data);
    }
    show_close(decoding, "}");
}

static void show_font(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_begins(decoding, &font_layout, address);
    if (!before) {
        return;
    }
    struct font font = font_in(decoding, before);
    show_font_asked(decoding, &font);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &font_layout, address);
    if (after && font.operation != KD_FONT_OP_SET && font.operation != KD_FONT_OP_COPY) {
        font = font_in(decoding, after);
        show_font_got(decoding, &font);
    }
}

/* ------------------------------------------------------------------------ terminals */

static const struct member modem[] = {{NULL, MEMBER_SET, 4, .set = A_TIOCM}};
static const struct layout modem_layout = BARE_LAYOUT(modem);

static void show_byte(struct decoding *decoding, uint64_t address) {
    show_buffer_at(decoding, NULL, address, 1);
}

static const struct ioctl_form forms[] = {
    {GIO_CMAP, FORM_OWN, .show = show_table},
    {GIO_FONT, FORM_OWN, .show = show_table},
    {GIO_FONTX, FORM_OWN, .show = show_old_font},
    {GIO_SCRNMAP, FORM_OWN, .show = show_table},
    {GIO_UNIMAP, FORM_OWN, .show = show_map},
    {GIO_UNISCRNMAP, FORM_OWN, .show = show_unicode_map},
    {KDFONTOP, FORM_OWN, .show = show_font},
    {KDGETKEYCODE, FORM_OWN, .show = show_key_code},
    {KDGETLED, FORM_ONE_WAY, &led_layout},
    {KDGETMODE, FORM_ONE_WAY, &screen_mode_layout},
    {KDGKBDIACR, FORM_OWN, .show = show_diacritics},
    {KDGKBDIACRUC, FORM_OWN, .show = show_diacritics},
    {KDGKBENT, FORM_JOINED, &key_entry_layout},
    {KDGKBLED, FORM_ONE_WAY, &default_led_layout},
    {KDGKBMETA, FORM_ONE_WAY, &meta_mode_layout},
    {KDGKBMODE, FORM_ONE_WAY, &keyboard_mode_layout},
    {KDGKBSENT, FORM_OWN, .show = show_key_string},
    {KDGKBTYPE, FORM_ONE_WAY, &keyboard_type_layout},
    {KDKBDREP, FORM_ARROW, &repetition_layout},
    {KDSETKEYCODE, FORM_ONE_WAY, &key_code_layout},
    {KDSKBDIACR, FORM_OWN, .show = show_diacritics},
    {KDSKBDIACRUC, FORM_OWN, .show = show_diacritics},
    {KDSKBENT, FORM_ONE_WAY, &key_entry_layout},
    {KDSKBSENT, FORM_OWN, .show = show_key_string},
    {PIO_CMAP, FORM_OWN, .show = show_table},
    {PIO_FONT, FORM_OWN, .show = show_table},
    {PIO_FONTX, FORM_OWN, .show = show_old_font},
    {PIO_SCRNMAP, FORM_OWN, .show = show_table},
    {PIO_UNIMAP, FORM_OWN, .show = show_map},
    {PIO_UNIMAPCLR, FORM_ONE_WAY, &map_hints_layout},
    {PIO_UNISCRNMAP, FORM_OWN, .show = show_unicode_map},
    {TIOCMBIC, FORM_ONE_WAY, &modem_layout},
    {TIOCMBIS, FORM_ONE_WAY, &modem_layout},
    {TIOCMGET, FORM_ONE_WAY, &modem_layout},
    {TIOCMSET, FORM_ONE_WAY, &modem_layout},
    {TIOCSTI, FORM_OWN, .show = show_byte},
};

void decode_console(struct decoding *decoding, uint64_t address) {
    show_form(decoding, address, forms, COUNT_OF(forms));
}
