/* SPDX-License-Identifier: MIT
 *
 * struct user_desc, of modify_ldt(2), set_thread_area(2) and get_thread_area(2).
 */
#include "decode_processes.h"

enum {
    SIZE = 16, /* of the structure */
    NUMBER_SIZE = 4,
};

static void show_entry_number(struct decoding *decoding, const uint8_t *bytes) {
    show_id(decoding, "entry_number", (uint32_t)number_in(bytes, NUMBER_SIZE));
}

/* What stands behind the number of the entry. */
static void show_description(struct decoding *decoding, const uint8_t *bytes) {
    static const struct {
        const char *name;
        unsigned first;
        unsigned bits;
    } parts[] = {{"seg_32bit", 0, 1},
                 {"contents", 1, 2},
                 {"read_exec_only", 3, 1},
                 {"limit_in_pages", 4, 1},
                 {"seg_not_present", 5, 1},
                 {"useable", 6, 1},
                 {"lm", 7, 1}};
    struct members members = members_of(decoding, bytes);
    take_u32(&members);
    show_words(decoding, "base_addr", "%#08x", take_u32(&members));
    show_words(decoding, "limit", "%#08x", take_u32(&members));
    uint32_t flags = take_u32(&members);
    unsigned count = sizeof(parts) / sizeof(parts[0]) - (decoding->arch == ARCH_I386);
    for (unsigned i = 0; i < count; i++) {
        show_unsigned(decoding, parts[i].name, flags >> parts[i].first & ((1U << parts[i].bits) - 1));
    }
}

void show_user_desc_at(struct decoding *decoding, const char *name, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, SIZE);
    if (!bytes) {
        show_address(decoding, name, address);
        return;
    }
    show_open(decoding, name, "{");
    show_entry_number(decoding, bytes);
    show_description(decoding, bytes);
    show_close(decoding, "}");
}

void decode_user_desc(struct decoding *decoding, uint64_t address) {
    show_user_desc_at(decoding, NULL, address);
}

/* modify_ldt reads or writes as many bytes as it is told, which are one entry or who knows what. */
void decode_ldt_entry(struct decoding *decoding, uint64_t address) {
    if (referenced(decoding) == SIZE) {
        show_user_desc_at(decoding, NULL, address);
    } else {
        show_address(decoding, NULL, address);
    }
}

void decode_set_thread_area(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        memory_at(decoding, address, NUMBER_SIZE);
        return;
    }
    look_back(decoding, true);
    show_user_desc_at(decoding, NULL, address);
    look_back(decoding, false);
}

void found_thread_area(struct decoding *decoding, uint64_t address) {
    const uint8_t *bytes = memory_at(decoding, address, NUMBER_SIZE);
    if (bytes) {
        show_words(decoding, NULL, " (entry_number=%u)", (unsigned)number_in(bytes, NUMBER_SIZE));
    }
}

void decode_get_thread_area(struct decoding *decoding, uint64_t address) {
    if (is_read_at_exit(decoding)) {
        memory_at(decoding, address, SIZE);
        return;
    }
    const uint8_t *asked = memory_before(decoding, address, NUMBER_SIZE);
    if (!asked) {
        show_address(decoding, NULL, address);
        return;
    }
    uint64_t number = number_in(asked, NUMBER_SIZE);
    const uint8_t *bytes = decoding->delivered ? memory_at(decoding, address, SIZE) : NULL;
    show_open(decoding, NULL, "{");
    show_entry_number(decoding, asked);
    if (!bytes) {
        show_dots(decoding);
    } else {
        if (number_in(bytes, NUMBER_SIZE) != number) {
            show_change(decoding);
            show_id(decoding, NULL, (uint32_t)number_in(bytes, NUMBER_SIZE));
        }
        show_description(decoding, bytes);
    }
    show_close(decoding, "}");
}
