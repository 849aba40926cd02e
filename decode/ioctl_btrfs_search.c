/* SPDX-License-Identifier: MIT
 *
 * Requests of btrfs that look for something, and what they find.
 */
#include "decode_btrfs.h"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>

enum {
    PATH_NAME = BTRFS_INO_LOOKUP_PATH_MAX,
    KEY_SIZE = sizeof(struct btrfs_ioctl_search_key),
    BUFFER = sizeof(((struct btrfs_ioctl_search_args *)NULL)->buf),
    FOUND_SIZE = sizeof(struct btrfs_ioctl_search_header),
    FOUND_SHOWN = 33, /* as many as strace shows: -s and one more */
    CONTAINER = 16,   /* struct btrfs_data_container without its values */
};

void show_btrfs_object(struct decoding *decoding, const char *name, uint64_t number) {
    const struct constant *object = constant_find(constant_set(A_BTRFS_OBJECTID), number);
    if (object) {
        show_words(decoding, name, "%s", object->name);
    } else {
        show_btrfs_limit(decoding, name, number);
    }
}

static void show_key_type(struct decoding *decoding, const char *name, uint64_t number) {
    const struct constant *type = constant_find(constant_set(A_BTRFS_KEY), number);
    if (type) {
        show_words(decoding, name, "%s", type->name);
    } else if (number == UINT32_MAX) {
        show_words(decoding, name, "UINT32_MAX");
    } else {
        show_unsigned(decoding, name, number);
    }
}

/* ----------------------------------------------------------------------------- lookups */

void show_btrfs_lookup(struct decoding *decoding, uint64_t address) {
    static const struct member lookup[] = {
        {"treeid", MEMBER_NUMBER, 8, .show_number = show_btrfs_object, .when = AT_ENTRY},
        {"objectid", MEMBER_NUMBER, 8, .show_number = show_btrfs_object, .when = AT_ENTRY},
        {"name", MEMBER_NAME, .count = PATH_NAME, .when = AT_EXIT},
    };
    static const struct layout layout = LAYOUT(lookup);
    /* Only the numbers are looked at before the call: its name is a page long. */
    static const struct layout asked = {.members = lookup, .count = 2};
    const uint8_t *before = entry_begins(decoding, &asked, address);
    if (!before) {
        return;
    }
    bool asks_for_tree = !number_in(before, 8);
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, &layout, address);
    if (after) {
        show_arrow(decoding);
        show_open(decoding, NULL, "{");
        if (asks_for_tree) {
            show_btrfs_object(decoding, "treeid", number_in(after, 8));
        }
        show_members(decoding, &layout, after, AT_EXIT);
        show_close(decoding, "}");
    }
}

static void show_owner(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "inum", number_in(element, 8));
    show_unsigned(decoding, "offset", number_in(element + 8, 8));
    show_unsigned(decoding, "root", number_in(element + 16, 8));
    show_close(decoding, "}");
}

static void show_path(struct decoding *decoding, const uint8_t *element, void *context) {
    show_path_at(decoding, NULL, *(const uint64_t *)context + number_in(element, 8));
}

/* struct btrfs_data_container: counts, and as many values, each of `numbers` numbers. */
static void show_container(struct decoding *decoding, const char *name, uint64_t address, unsigned numbers) {
    static const struct member header[] = {
        {"bytes_left", MEMBER_UNSIGNED, 4},
        {"bytes_missing", MEMBER_UNSIGNED, 4},
        {"elem_cnt", MEMBER_UNSIGNED, 4},
        {"elem_missed", MEMBER_UNSIGNED, 4},
    };
    static const struct layout layout = LAYOUT(header);
    const uint8_t *bytes = memory_at(decoding, address, CONTAINER);
    if (!bytes) {
        show_address(decoding, name, address);
        return;
    }
    uint64_t values = address + CONTAINER;
    show_open(decoding, name, "{");
    show_members(decoding, &layout, bytes, 0);
    if (decoding->verbose) {
        show_vector(decoding, "val", values, number_in(bytes + 8, 4) / numbers, numbers * 8,
                    numbers == 1 ? show_path : show_owner, &values);
    } else {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

void show_btrfs_paths(struct decoding *decoding, uint64_t address) {
    static const struct member paths[] = {
        {"inum", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
        {"size", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
        {NULL, MEMBER_HIDDEN, 8, .count = 4},
        {"fspath", MEMBER_ADDRESS, 8, .when = AT_ENTRY},
    };
    static const struct layout layout = LAYOUT(paths);
    const uint8_t *after = answer_begins(decoding, &layout, address);
    if (after) {
        show_container(decoding, "fspath", number_in(after + 48, 8), 1);
        show_close(decoding, "}");
    }
}

void show_btrfs_owners(struct decoding *decoding, uint64_t address) {
    static const struct member owners[] = {
        {"logical", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
        {"size", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
        {"reserved", MEMBER_HEX, 8, .count = 3, .when = AT_ENTRY | IF_SET},
        {"flags", MEMBER_SET, 8, .set = A_BTRFS_LOGICAL_INO, .when = AT_ENTRY},
        {"inodes", MEMBER_ADDRESS, 8, .when = AT_ENTRY},
    };
    static const struct layout layout = LAYOUT(owners);
    const uint8_t *after = answer_begins(decoding, &layout, address);
    if (after) {
        show_container(decoding, "inodes", number_in(after + 48, 8), 3);
        show_close(decoding, "}");
    }
}

static const struct member space[] = {
    {"flags", MEMBER_SET, 8, .set = A_BTRFS_BLOCK_GROUP},
    {"total_bytes", MEMBER_UNSIGNED, 8},
    {"used_bytes", MEMBER_UNSIGNED, 8},
};
static const struct layout space_layout = LAYOUT(space);

void show_btrfs_space(struct decoding *decoding, uint64_t address) {
    static const struct member spaces[] = {
        {"space_slots", MEMBER_UNSIGNED, 8, .when = AT_ENTRY},
        {"total_spaces", MEMBER_UNSIGNED, 8, .when = AT_EXIT},
    };
    static const struct layout layout = LAYOUT(spaces);
    const uint8_t *after = answer_begins(decoding, &layout, address);
    if (!after) {
        return;
    }
    uint64_t count = number_in(after + 8, 8);
    bool has_room = number_in(after, 8) != 0;
    show_members(decoding, &layout, after, AT_EXIT);
    if (has_room || !count) {
        if (decoding->verbose) {
            show_layouts_at(decoding, "spaces", address + layout_size(decoding, &layout), count, &space_layout);
        } else {
            show_dots(decoding);
        }
    }
    show_close(decoding, "}");
}

static void show_source(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_btrfs_object(decoding, NULL, number_in(element, 8));
}

void show_btrfs_sending(struct decoding *decoding, uint64_t address) {
    static const struct member sending[] = {
        {"send_fd", MEMBER_DESCRIPTOR, 8},
        {"clone_sources_count", MEMBER_UNSIGNED, 8},
        {NULL, MEMBER_HIDDEN},
        {"parent_root", MEMBER_HIDDEN, 8},
        {"flags", MEMBER_HIDDEN, 8},
        {NULL, MEMBER_HIDDEN, 4},
        {NULL, MEMBER_HIDDEN, 1, .count = 28},
    };
    static const struct layout layout = LAYOUT(sending);
    const uint8_t *bytes = entry_begins(decoding, &layout, address);
    if (!bytes) {
        return;
    }
    uint64_t sources = number_in(bytes + layout_offset(decoding, &layout, 2), word_bytes(decoding));
    if (decoding->verbose) {
        show_vector(decoding, "clone_sources", sources, number_in(bytes + 8, 8), 8, show_source, NULL);
    } else {
        show_address(decoding, "clone_sources", sources);
    }
    show_btrfs_object(decoding, "parent_root", number_in(bytes + layout_offset(decoding, &layout, 3), 8));
    show_set(decoding, "flags", A_BTRFS_SEND, number_in(bytes + layout_offset(decoding, &layout, 4), 8));
    show_close(decoding, "}");
    entry_ends(decoding);
}

/* ------------------------------------------------------------------------------ search */

static void show_key(struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    show_open(decoding, "key", "{");
    show_btrfs_object(decoding, "tree_id", take_u64(&members));
    uint64_t least = take_u64(&members);
    uint64_t most = take_u64(&members);
    if (decoding->verbose || least != BTRFS_FIRST_FREE_OBJECTID) {
        show_btrfs_object(decoding, "min_objectid", least);
    }
    if (decoding->verbose || most != BTRFS_LAST_FREE_OBJECTID) {
        show_btrfs_object(decoding, "max_objectid", most);
    }
    show_btrfs_limit(decoding, "min_offset", take_u64(&members));
    show_btrfs_limit(decoding, "max_offset", take_u64(&members));
    show_btrfs_limit(decoding, "min_transid", take_u64(&members));
    show_btrfs_limit(decoding, "max_transid", take_u64(&members));
    show_key_type(decoding, "min_type", take_u32(&members));
    show_key_type(decoding, "max_type", take_u32(&members));
    show_unsigned(decoding, "nr_items", take_u32(&members));
    show_close(decoding, "}");
}

/* Each of them says how long it is. */
static void show_found(struct decoding *decoding, uint64_t address, uint64_t size, uint64_t count) {
    uint64_t offset = 0;
    if (!decoding->verbose) {
        show_dots(decoding);
        return;
    }
    show_open(decoding, "buf", "[");
    for (unsigned i = 0; i < count; i++) {
        uint64_t at = address + offset;
        if (at < address || offset + FOUND_SIZE > size || i >= FOUND_SHOWN) {
            show_dots(decoding);
            break;
        }
        const uint8_t *bytes = memory_at(decoding, at, FOUND_SIZE);
        if (!bytes) {
            show_dots(decoding);
            show_comment(decoding, "%#llx", (unsigned long long)at);
            break;
        }
        struct members members = members_of(decoding, bytes);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "transid", take_u64(&members));
        show_btrfs_object(decoding, "objectid", take_u64(&members));
        show_unsigned(decoding, "offset", take_u64(&members));
        show_key_type(decoding, "type", take_u32(&members));
        uint32_t length = take_u32(&members);
        show_unsigned(decoding, "len", length);
        show_close(decoding, "}");
        offset += FOUND_SIZE + (uint64_t)length;
    }
    show_close(decoding, "]");
}

void show_btrfs_search(struct decoding *decoding, uint64_t address) {
    static const struct layout first = {.size = KEY_SIZE};
    static const struct layout second = {.size = sizeof(struct btrfs_ioctl_search_args_v2)};
    bool is_second = request_of(decoding) == BTRFS_IOC_TREE_SEARCH_V2;
    const struct layout *layout = is_second ? &second : &first;
    const uint8_t *before = entry_begins(decoding, layout, address);
    if (!before) {
        return;
    }
    show_key(decoding, before);
    if (is_second) {
        show_unsigned(decoding, "buf_size", number_in(before + KEY_SIZE, 8));
    }
    show_close(decoding, "}");
    entry_ends(decoding);
    const uint8_t *after = exit_bytes(decoding, layout, address);
    if (!after) {
        return;
    }
    uint64_t count = number_in(after + offsetof(struct btrfs_ioctl_search_key, nr_items), 4);
    uint64_t size = is_second ? number_in(after + KEY_SIZE, 8) : BUFFER;
    show_arrow(decoding);
    show_open(decoding, NULL, "{");
    show_open(decoding, "key", "{");
    show_unsigned(decoding, "nr_items", count);
    show_close(decoding, "}");
    if (is_second) {
        show_unsigned(decoding, "buf_size", size);
    }
    show_found(decoding, address + layout->size, size, count);
    show_close(decoding, "}");
}
