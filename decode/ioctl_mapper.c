/* SPDX-License-Identifier: MIT
 *
 * The device mapper: struct dm_ioctl, and what stands behind it in the same buffer (linux/dm-ioctl.h).
 */
#include "decode_ioctl.h"

#include <linux/dm-ioctl.h>
#include <linux/ioctl.h>
#include <string.h>

enum {
    VERSION = 4, /* of the interface that is known */
    DEVICE_NAME = 128,
    DEVICE_UUID = 129,
    HEADER_SIZE = offsetof(struct dm_ioctl, data),
    LEAST_SIZE = offsetof(struct dm_ioctl, data_size), /* less is no header at all */
    TARGET_SIZE = sizeof(struct dm_target_spec),
    DEPENDENCY_SIZE = sizeof(uint64_t),
    MOST_SHOWN = 4096, /* elements of a list, each of which says where the next is */
    HAS_EVENTS = 37,   /* minor version from which on names have the number of their events */
};

struct mapping {
    uint32_t version[3];
    uint32_t size, start;
    uint32_t targets;
    int32_t opened;
    uint32_t flags, event;
    uint64_t device;
    const uint8_t *name, *uuid;
};

static struct mapping mapping_in(const struct decoding *decoding, const uint8_t *bytes) {
    struct members members = members_of(decoding, bytes);
    struct mapping mapping;
    for (unsigned i = 0; i < 3; i++) {
        mapping.version[i] = take_u32(&members);
    }
    mapping.size = take_u32(&members);
    mapping.start = take_u32(&members);
    mapping.targets = take_u32(&members);
    mapping.opened = take_i32(&members);
    mapping.flags = take_u32(&members);
    mapping.event = take_u32(&members);
    take_u32(&members);
    mapping.device = take_u64(&members);
    mapping.name = take_bytes(&members, DEVICE_NAME);
    mapping.uuid = take_bytes(&members, DEVICE_UUID);
    return mapping;
}

/* What strace says where a structure does not lie within the buffer. */
static void show_misplaced(struct decoding *decoding, const char *what) {
    show_words(decoding, NULL, "???");
    show_comment(decoding, "misplaced %s", what);
}

/* Whether `size` bytes at an offset are in the buffer; *end is where they end. */
static bool is_inside(const struct mapping *mapping, uint32_t offset, uint32_t size, uint32_t *end) {
    *end = offset + size;
    return *end > offset && *end <= mapping->size;
}

/* ------------------------------------------------------------------ behind the header */

static void show_targets(struct decoding *decoding, uint64_t address, const struct mapping *mapping, bool is_exit) {
    uint32_t offset = mapping->start;
    uint32_t end = 0;
    if (!decoding->verbose) {
        if (mapping->targets) {
            show_dots(decoding);
        }
        return;
    }
    for (uint32_t i = 0; i < mapping->targets && i < MOST_SHOWN; i++) {
        bool is_placed = !i || offset > end;
        if (!is_placed || !is_inside(mapping, offset, TARGET_SIZE, &end)) {
            show_misplaced(decoding, "struct dm_target_spec");
            return;
        }
        const uint8_t *bytes = memory_at(decoding, address + offset, TARGET_SIZE);
        if (!bytes) {
            show_address(decoding, NULL, address + offset);
            return;
        }
        struct members members = members_of(decoding, bytes);
        show_open(decoding, NULL, "{");
        show_unsigned(decoding, "sector_start", take_u64(&members));
        show_unsigned(decoding, "length", take_u64(&members));
        int32_t status = take_i32(&members);
        uint32_t next = take_u32(&members);
        if (is_exit) {
            show_signed(decoding, "status", status);
        }
        show_name(decoding, "target_type", take_bytes(&members, DM_MAX_TYPE_NAME), DM_MAX_TYPE_NAME);
        show_string_at(decoding, "string", address + end);
        show_close(decoding, "}");
        offset = is_exit ? mapping->start + next : offset + next;
    }
}

static void show_dependency(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_device(decoding, NULL, number_in(element, DEPENDENCY_SIZE));
}

static void show_dependencies(struct decoding *decoding, uint64_t address, const struct mapping *mapping) {
    enum {
        HEADER = 8,
    };
    uint32_t end;
    if (mapping->start == mapping->size) {
        return;
    }
    if (!decoding->verbose) {
        show_dots(decoding);
        return;
    }
    bool is_placed = is_inside(mapping, mapping->start, HEADER, &end);
    const uint8_t *bytes = is_placed ? memory_at(decoding, address + mapping->start, HEADER) : NULL;
    if (is_placed && !bytes) {
        show_address(decoding, NULL, address + mapping->start);
        return;
    }
    uint64_t count = bytes ? number_in(bytes, sizeof(uint32_t)) : 0;
    if (!is_placed || count > (mapping->size - end) / DEPENDENCY_SIZE) {
        show_misplaced(decoding, "struct dm_target_deps");
        return;
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "count", count);
    show_vector(decoding, "deps", address + end, count, DEPENDENCY_SIZE, show_dependency, NULL);
    show_close(decoding, "}");
}

/* The number of its events, which stands aligned behind the name of a device, if there is room for it. */
static void show_events(struct decoding *decoding, uint64_t name, uint64_t behind) {
    uint32_t have;
    bool cut;
    const uint8_t *bytes = memory_some(decoding, name, DEVICE_NAME, UINT32_MAX, &have, &cut);
    const uint8_t *nul = bytes ? memchr(bytes, 0, have) : NULL;
    uint64_t at = nul ? (name + (uint64_t)(nul - bytes) + 1 + 7) & ~UINT64_C(7) : 0;
    const uint8_t *event = at && at + sizeof(uint32_t) <= behind ? memory_at(decoding, at, sizeof(uint32_t)) : NULL;
    if (event) {
        show_unsigned(decoding, "event_nr", number_in(event, sizeof(uint32_t)));
    }
}

/* A list of names: of devices, or of targets with their versions. */
struct name_list {
    const char *structure;
    unsigned header; /* bytes before the name */
    bool is_of_devices;
};

static void show_listed(struct decoding *decoding, const struct mapping *mapping, const struct name_list *list,
                        const uint8_t *bytes, uint64_t at) {
    uint64_t name = at + list->header;
    show_open(decoding, NULL, "{");
    if (list->is_of_devices) {
        show_device(decoding, "dev", number_in(bytes, sizeof(uint64_t)));
        show_string_at(decoding, "name", name);
        if (mapping->version[1] >= HAS_EVENTS) {
            show_events(decoding, name, at + number_in(bytes + 8, sizeof(uint32_t)));
        }
    } else {
        show_string_at(decoding, "name", name);
        show_open(decoding, "version", "[");
        for (unsigned i = 0; i < 3; i++) {
            show_unsigned(decoding, NULL, number_in(bytes + 4 + i * sizeof(uint32_t), sizeof(uint32_t)));
        }
        show_close(decoding, "]");
    }
    show_close(decoding, "}");
}

static void show_names(struct decoding *decoding, uint64_t address, const struct mapping *mapping,
                       const struct name_list *list) {
    uint32_t offset = mapping->start;
    uint32_t end = 0;
    if (mapping->start == mapping->size) {
        return;
    }
    if (!decoding->verbose) {
        show_dots(decoding);
        return;
    }
    for (unsigned i = 0; i < MOST_SHOWN; i++) {
        bool is_placed = !i || offset > end;
        if (!is_placed || !is_inside(mapping, offset, list->header, &end)) {
            show_misplaced(decoding, list->structure);
            return;
        }
        const uint8_t *bytes = memory_at(decoding, address + offset, 16);
        if (!bytes) {
            show_address(decoding, NULL, address + offset);
            return;
        }
        uint32_t next = (uint32_t)number_in(bytes + (list->is_of_devices ? 8 : 0), sizeof(uint32_t));
        show_listed(decoding, mapping, list, bytes, address + offset);
        if (!next) {
            return;
        }
        offset += next;
    }
}

static void show_message(struct decoding *decoding, uint64_t address, const struct mapping *mapping) {
    uint32_t end;
    if (mapping->start == mapping->size) {
        return;
    }
    if (!decoding->verbose) {
        show_dots(decoding);
        return;
    }
    if (!is_inside(mapping, mapping->start, sizeof(uint64_t), &end)) {
        show_misplaced(decoding, "struct dm_target_msg");
        return;
    }
    const uint8_t *bytes = memory_at(decoding, address + mapping->start, sizeof(uint64_t));
    if (!bytes) {
        show_address(decoding, NULL, address + mapping->start);
        return;
    }
    show_open(decoding, NULL, "{");
    show_unsigned(decoding, "sector", number_in(bytes, sizeof(uint64_t)));
    show_string_at(decoding, "message", address + end);
    show_close(decoding, "}");
}

static void show_text(struct decoding *decoding, uint64_t address, const struct mapping *mapping) {
    if (!decoding->verbose) {
        show_dots(decoding);
    } else if (mapping->start <= mapping->size) {
        show_open(decoding, NULL, "{");
        show_string_at(decoding, "string", address + mapping->start);
        show_close(decoding, "}");
    } else {
        show_misplaced(decoding, "string");
    }
}

static void show_data(struct decoding *decoding, uint64_t address, const struct mapping *mapping, bool is_exit) {
    static const struct name_list devices = {"struct dm_name_list", 12, true};
    static const struct name_list versions = {"struct dm_target_versions", 16, false};
    switch (request_of(decoding)) {
    case DM_TABLE_LOAD:
        if (!is_exit) {
            show_targets(decoding, address, mapping, is_exit);
        }
        break;
    case DM_DEV_WAIT:
    case DM_TABLE_STATUS:
        if (is_exit) {
            show_targets(decoding, address, mapping, is_exit);
        }
        break;
    case DM_TABLE_DEPS:
        if (is_exit) {
            show_dependencies(decoding, address, mapping);
        }
        break;
    case DM_LIST_DEVICES:
    case DM_LIST_VERSIONS:
        if (is_exit) {
            show_names(decoding, address, mapping, request_of(decoding) == DM_LIST_DEVICES ? &devices : &versions);
        }
        break;
    case DM_TARGET_MSG:
        if (!is_exit) {
            show_message(decoding, address, mapping);
        } else if (mapping->flags & DM_DATA_OUT_FLAG) {
            show_text(decoding, address, mapping);
        }
        break;
    case DM_DEV_RENAME:
    case DM_DEV_SET_GEOMETRY:
        if (!is_exit) {
            show_text(decoding, address, mapping);
        }
        break;
    default:
        break;
    }
}

/* ------------------------------------------------------------------------- the header */

static bool has_data(uint32_t request) {
    switch (request) {
    case DM_VERSION:
    case DM_REMOVE_ALL:
    case DM_DEV_CREATE:
    case DM_DEV_REMOVE:
    case DM_DEV_SUSPEND:
    case DM_DEV_STATUS:
    case DM_TABLE_CLEAR:
    case DM_DEV_ARM_POLL:
        return false;
    default:
        return true;
    }
}

static void show_mapped_device(struct decoding *decoding, const struct mapping *mapping) {
    uint32_t request = request_of(decoding);
    if (request == DM_REMOVE_ALL || request == DM_LIST_DEVICES || request == DM_LIST_VERSIONS) {
        return;
    }
    if (mapping->device) {
        show_device(decoding, "dev", mapping->device);
    }
    if (mapping->name[0]) {
        show_name(decoding, "name", mapping->name, DEVICE_NAME);
    }
    if (mapping->uuid[0]) {
        show_name(decoding, "uuid", mapping->uuid, DEVICE_UUID);
    }
}

static void show_asked(struct decoding *decoding, const struct mapping *mapping) {
    switch (request_of(decoding)) {
    case DM_TABLE_LOAD:
        show_unsigned(decoding, "target_count", mapping->targets);
        break;
    case DM_DEV_SUSPEND:
        if (mapping->flags & DM_SUSPEND_FLAG) {
            break;
        }
        /* fallthrough */
    case DM_DEV_RENAME:
    case DM_DEV_REMOVE:
    case DM_DEV_WAIT:
        show_unsigned(decoding, "event_nr", mapping->event);
        break;
    default:
        break;
    }
}

static void show_found(struct decoding *decoding, const struct mapping *mapping) {
    switch (request_of(decoding)) {
    case DM_DEV_CREATE:
    case DM_DEV_RENAME:
    case DM_DEV_SUSPEND:
    case DM_DEV_STATUS:
    case DM_DEV_WAIT:
    case DM_TABLE_LOAD:
    case DM_TABLE_CLEAR:
    case DM_TABLE_DEPS:
    case DM_TABLE_STATUS:
    case DM_TARGET_MSG:
        show_unsigned(decoding, "target_count", mapping->targets);
        show_unsigned(decoding, "open_count", (uint32_t)mapping->opened);
        show_unsigned(decoding, "event_nr", mapping->event);
        break;
    default:
        break;
    }
}

/* False: nothing more is known of it. */
static bool show_header(struct decoding *decoding, const struct mapping *mapping, bool is_exit) {
    show_open(decoding, "version", "[");
    for (unsigned i = 0; i < 3; i++) {
        show_unsigned(decoding, NULL, mapping->version[i]);
    }
    show_close(decoding, "]");
    if (mapping->version[0] != VERSION) {
        show_comment(decoding, "unsupported device mapper ABI version");
        return false;
    }
    show_unsigned(decoding, "data_size", mapping->size);
    if (mapping->size < HEADER_SIZE) {
        show_comment(decoding, "data_size too small");
        return false;
    }
    if (has_data(request_of(decoding))) {
        show_unsigned(decoding, "data_start", mapping->start);
    }
    show_mapped_device(decoding, mapping);
    if (is_exit) {
        show_found(decoding, mapping);
    } else {
        show_asked(decoding, mapping);
    }
    show_set(decoding, "flags", A_DM_FLAGS, mapping->flags);
    return true;
}

/* The header and what stands behind it are a list. */
static void show_mapping(struct decoding *decoding, uint64_t address, const struct mapping *mapping, bool is_exit) {
    show_open(decoding, NULL, "[");
    show_open(decoding, NULL, "{");
    bool is_known = show_header(decoding, mapping, is_exit);
    show_close(decoding, "}");
    if (is_known) {
        show_data(decoding, address, mapping, is_exit);
    }
    show_close(decoding, "]");
}

void decode_mapper(struct decoding *decoding, uint64_t address) {
    const uint8_t *before = entry_bytes(decoding, address, HEADER_SIZE);
    struct mapping mapping = {0};
    if (before) {
        mapping = mapping_in(decoding, before);
    }
    if (!before || mapping.size < LEAST_SIZE) {
        show_address(decoding, NULL, address);
        return;
    }
    look_back(decoding, true);
    show_mapping(decoding, address, &mapping, false);
    look_back(decoding, false);
    const uint8_t *after = decoding->delivered ? memory_at(decoding, address, HEADER_SIZE) : NULL;
    if (after) {
        mapping = mapping_in(decoding, after);
        if (mapping.size >= LEAST_SIZE) {
            show_arrow(decoding);
            show_mapping(decoding, address, &mapping, true);
        }
    }
}
