/* SPDX-License-Identifier: MIT
 *
 * Landlock: what a ruleset handles, and its rules.
 */
#include "constant_numbers.inc"
#include "decode_files.h"

enum {
    ACCESS_SIZE = 8,   /* the first member of each structure: a set of rights */
    BENEATH_SIZE = 12, /* struct landlock_path_beneath_attr, which is packed */
    PORT_SIZE = 16,    /* struct landlock_net_port_attr */
};

/* Members behind the first are later than strace's. */
void decode_landlock_ruleset(struct decoding *decoding, uint64_t address) {
    uint64_t size = referenced(decoding);
    const uint8_t *bytes = size >= ACCESS_SIZE ? memory_at(decoding, address, ACCESS_SIZE) : NULL;
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    show_set(decoding, "handled_access_fs", A_LANDLOCK_ACCESS_FS, number_in(bytes, ACCESS_SIZE));
    if (size > ACCESS_SIZE) {
        show_dots(decoding);
    }
    show_close(decoding, "}");
}

static void show_beneath(struct decoding *decoding, const uint8_t *bytes) {
    show_open(decoding, NULL, "{");
    show_set(decoding, "allowed_access", A_LANDLOCK_ACCESS_FS, number_in(bytes, ACCESS_SIZE));
    show_descriptor(decoding, "parent_fd", (int32_t)number_in(bytes + ACCESS_SIZE, sizeof(int32_t)));
    show_close(decoding, "}");
}

static void show_port(struct decoding *decoding, const uint8_t *bytes) {
    show_open(decoding, NULL, "{");
    show_set(decoding, "allowed_access", A_LANDLOCK_ACCESS_NET, number_in(bytes, ACCESS_SIZE));
    show_unsigned(decoding, "port", number_in(bytes + ACCESS_SIZE, sizeof(uint64_t)));
    show_close(decoding, "}");
}

void decode_landlock_rule(struct decoding *decoding, uint64_t address) {
    uint32_t type = (uint32_t)referenced(decoding);
    const uint8_t *bytes = NULL;
    if (type == NUMBER_LANDLOCK_RULE_PATH_BENEATH && (bytes = memory_at(decoding, address, BENEATH_SIZE))) {
        show_beneath(decoding, bytes);
    } else if (type == NUMBER_LANDLOCK_RULE_NET_PORT && (bytes = memory_at(decoding, address, PORT_SIZE))) {
        show_port(decoding, bytes);
    } else {
        show_address(decoding, NULL, address);
    }
}
