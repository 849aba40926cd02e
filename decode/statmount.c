/* SPDX-License-Identifier: MIT
 *
 * statmount(2), listmount(2): which mount is asked for, and what is known of it.
 */
#include "decode_files.h"

#include <string.h>

enum {
    REQUEST_SIZE = 24,       /* of the first version of struct mnt_id_req, MNT_ID_REQ_SIZE_VER0 */
    REQUEST_SIZE_SPACE = 32, /* of the second, with the name space */
    STATMOUNT_SIZE = 512,    /* struct statmount, without the strings behind it */
    STRINGS_MAX = 3 * 4096,  /* bytes of strings that are looked at */
    MOUNT_ID_SIZE = 8,
};

/* Parts of struct statmount that are there if they were asked for. */
enum {
    PART_SUPER_BLOCK = 0x1,
    PART_MOUNT = 0x2,
    PART_PROPAGATION = 0x4,
    PART_ROOT = 0x8,
    PART_POINT = 0x10,
    PART_TYPE = 0x20,
    PART_SPACE = 0x40,
    PART_OPTIONS = 0x80,
    PART_SUBTYPE = 0x100,
    PART_SOURCE = 0x200,
};

/* A request; the mount's id and what is asked for are shown by `show`. */
static void show_request(struct decoding *decoding, uint64_t address,
                         void (*show)(struct decoding *decoding, uint64_t mount, uint64_t parameter)) {
    const uint8_t *bytes = memory_at(decoding, address, sizeof(uint32_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    uint32_t size = (uint32_t)number_in(bytes, sizeof(size));
    uint32_t known = size < REQUEST_SIZE_SPACE ? REQUEST_SIZE : REQUEST_SIZE_SPACE;
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "size", size);
    bytes = size >= REQUEST_SIZE ? memory_at(decoding, address, known) : NULL;
    if (bytes) {
        struct members members = members_of(decoding, bytes + sizeof(size));
        uint32_t spare = take_u32(&members);
        members = members_of(decoding, bytes + 2 * sizeof(size));
        if (spare) {
            show_hex(decoding, "spare", spare);
        }
        uint64_t mount = take_u64(&members);
        show(decoding, mount, take_u64(&members));
        if (known == REQUEST_SIZE_SPACE) {
            show_hex(decoding, "mnt_ns_id", take_u64(&members));
        }
        show_rest(decoding, address, REQUEST_SIZE_SPACE, size);
    } else if (size >= REQUEST_SIZE) {
        show_words(decoding, NULL, "???");
    }
    show_close(decoding, "}");
}

static void show_what_is_known(struct decoding *decoding, uint64_t mount, uint64_t parameter) {
    show_hex(decoding, "mnt_id", mount);
    show_set(decoding, "param", A_STATMOUNT, parameter);
}

/* The id of the root of the name space has a name; the parameter is the last mount that is known already. */
static void show_where_to_begin(struct decoding *decoding, uint64_t mount, uint64_t parameter) {
    if (mount == UINT64_MAX) {
        show_words(decoding, "mnt_id", "LSMT_ROOT");
    } else {
        show_hex(decoding, "mnt_id", mount);
    }
    show_hex(decoding, "param", parameter);
}

void decode_statmount_request(struct decoding *decoding, uint64_t address) {
    show_request(decoding, address, show_what_is_known);
}

void decode_listmount(struct decoding *decoding, uint64_t address) {
    show_request(decoding, address, show_where_to_begin);
}

static void show_mount_id(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_hex(decoding, NULL, number_in(element, MOUNT_ID_SIZE));
}

void decode_mount_ids(struct decoding *decoding, uint64_t address) {
    uint64_t room = referenced(decoding);
    uint64_t count = (uint64_t)decoding->result < room ? (uint64_t)decoding->result : room;
    show_vector(decoding, NULL, address, count, MOUNT_ID_SIZE, show_mount_id, NULL);
}

/* The strings behind the structure. */
struct strings {
    const uint8_t *bytes;
    uint32_t size;
};

/* The one whose place stands in the next member, if it was asked for. */
static void show_string_of(struct decoding *decoding, const char *name, struct members *members,
                           const struct strings *strings, bool is_there) {
    uint32_t offset = take_u32(members);
    if (is_there && offset >= strings->size) {
        show_hex(decoding, name, offset);
    } else if (is_there) {
        const uint8_t *bytes = strings->bytes + offset;
        uint32_t left = strings->size - offset;
        show_characters(decoding, name, bytes, left);
        show_more(decoding, "%s", memchr(bytes, 0, left) ? "" : "...");
    }
}

static void show_id_of(struct decoding *decoding, const char *name, struct members *members, bool is_there) {
    uint64_t id = take_u64(members);
    if (is_there) {
        show_hex(decoding, name, id);
    }
}

static void show_super_block(struct decoding *decoding, struct members *members, bool is_there) {
    uint32_t major = take_u32(members);
    uint32_t minor = take_u32(members);
    uint64_t magic = take_u64(members);
    uint32_t flags = take_u32(members);
    if (is_there) {
        show_unsigned(decoding, "sb_dev_major", major);
        show_unsigned(decoding, "sb_dev_minor", minor);
        show_set(decoding, "sb_magic", A_FS_MAGIC, magic);
        show_set(decoding, "sb_flags", A_MOUNT_BITS, flags);
    }
}

static void show_mount(struct decoding *decoding, struct members *members, bool is_there) {
    uint64_t id = take_u64(members);
    uint64_t parent = take_u64(members);
    uint32_t old_id = take_u32(members);
    uint32_t old_parent = take_u32(members);
    uint64_t attributes = take_u64(members);
    uint64_t propagation = take_u64(members);
    uint64_t peers = take_u64(members);
    uint64_t master = take_u64(members);
    if (is_there) {
        show_hex(decoding, "mnt_id", id);
        show_hex(decoding, "mnt_parent_id", parent);
        show_hex(decoding, "mnt_id_old", old_id);
        show_hex(decoding, "mnt_parent_id_old", old_parent);
        show_set(decoding, "mnt_attr", A_MOUNT_ATTR, attributes);
        show_set(decoding, "mnt_propagation", A_MOUNT_BITS, propagation);
        show_hex(decoding, "mnt_peer_group", peers);
        show_hex(decoding, "mnt_master", master);
    }
}

static void show_parts(struct decoding *decoding, const uint8_t *bytes, const struct strings *strings) {
    struct members members = members_of(decoding, bytes);
    show_unsigned(decoding, "size", take_u32(&members));
    struct members options = members;
    take_u32(&members);
    uint64_t parts = take_u64(&members);
    show_string_of(decoding, "mnt_opts", &options, strings, parts & PART_OPTIONS);
    show_set(decoding, "mask", A_STATMOUNT, parts);
    show_super_block(decoding, &members, parts & PART_SUPER_BLOCK);
    show_string_of(decoding, "fs_type", &members, strings, parts & PART_TYPE);
    show_mount(decoding, &members, parts & PART_MOUNT);
    show_id_of(decoding, "propagate_from", &members, parts & PART_PROPAGATION);
    show_string_of(decoding, "mnt_root", &members, strings, parts & PART_ROOT);
    show_string_of(decoding, "mnt_point", &members, strings, parts & PART_POINT);
    show_id_of(decoding, "mnt_ns_id", &members, parts & PART_SPACE);
    show_string_of(decoding, "fs_subtype", &members, strings, parts & PART_SUBTYPE);
    show_string_of(decoding, "sb_source", &members, strings, parts & PART_SOURCE);
}

void decode_statmount(struct decoding *decoding, uint64_t address) {
    uint64_t room = referenced(decoding);
    size_t known = room < STATMOUNT_SIZE ? (size_t)room : STATMOUNT_SIZE;
    uint32_t size;
    const uint8_t *bytes = known >= sizeof(size) ? memory_at(decoding, address, known) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    /* What there was no room for is 0. */
    uint8_t whole[STATMOUNT_SIZE] = {0};
    memcpy(whole, bytes, known);
    size = (uint32_t)number_in(whole, sizeof(size));
    struct strings strings = {0};
    if (size > STATMOUNT_SIZE && size <= room) {
        bool cut;
        strings.bytes =
            memory_some(decoding, address + STATMOUNT_SIZE, size - STATMOUNT_SIZE, STRINGS_MAX, &strings.size, &cut);
    }
    show_open(decoding, NULL, "{");
    show_parts(decoding, whole, &strings);
    show_close(decoding, "}");
}
