/* SPDX-License-Identifier: MIT
 *
 * Memory: where its pages are or shall be, and pieces of that of other processes.
 */
#include "decode_processes.h"
#include "value.h"

enum {
    PAGE_SIZE = 4096,
    INT_SIZE = 4,
};

/* ----------------------------------------------------------------------------- nodes */

/* A word of a mask: as many digits as it can have. */
static void show_mask(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    unsigned size = word_bytes(decoding);
    show_words(decoding, NULL, "%#0*llx", (int)(2 * size), (unsigned long long)number_in(element, size));
}

/* The kernel takes one node less than the program says. */
void decode_nodes(struct decoding *decoding, uint64_t address) {
    uint64_t nodes = referenced(decoding);
    uint64_t limit = decoding->arch == ARCH_I386 ? UINT32_MAX : UINT64_MAX;
    unsigned bits = 8 * word_bytes(decoding);
    uint64_t count = ((nodes + bits - 2) & limit) / bits;
    if (count < nodes / bits || (nodes && !count)) {
        show_address(decoding, NULL, address);
    } else {
        show_vector(decoding, NULL, address, count, word_bytes(decoding), show_mask, NULL);
    }
}

void decode_memory_policy(struct decoding *decoding, uint64_t address) {
    show_one(decoding, address, A_MPOL_POLICY);
}

/* ----------------------------------------------------------------------------- pages */

static void show_page(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_address(decoding, NULL, number_in(element, word_bytes(decoding)));
}

void decode_pages(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, referenced(decoding), word_bytes(decoding), show_page, NULL);
}

static void show_node(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_signed(decoding, NULL, signed_in(element, INT_SIZE));
}

void decode_page_nodes(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, referenced(decoding), INT_SIZE, show_node, NULL);
}

/* The node that the page is on, or why it is on none. */
static void show_status(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    int64_t status = signed_in(element, INT_SIZE);
    const char *error = status < 0 ? errno_name(-status) : NULL;
    if (error) {
        show_words(decoding, NULL, "-%s", error);
    } else {
        show_signed(decoding, NULL, status);
    }
}

void decode_page_status(struct decoding *decoding, uint64_t address) {
    show_vector(decoding, NULL, address, referenced(decoding), INT_SIZE, show_status, NULL);
}

static void show_resident(struct decoding *decoding, const uint8_t *element, void *context) {
    (void)context;
    show_unsigned(decoding, NULL, *element & 1);
}

/* mincore(2): a byte for each page. */
void decode_residence(struct decoding *decoding, uint64_t address) {
    uint64_t length = referenced(decoding);
    uint64_t count = length / PAGE_SIZE + (length % PAGE_SIZE != 0);
    show_vector(decoding, NULL, address, count, 1, show_resident, NULL);
}

/* ---------------------------------------------------------------------------- pieces */

/* struct iovec[] of which only the addresses are of interest. */
void decode_ranges(struct decoding *decoding, uint64_t address) {
    show_ranges_at(decoding, NULL, address, referenced(decoding));
}

/* What is given to another process. */
void decode_pieces(struct decoding *decoding, uint64_t address) {
    show_iovec_at(decoding, NULL, address, referenced(decoding), UINT64_MAX);
}

/* What was got from another process. */
void decode_filled_pieces(struct decoding *decoding, uint64_t address) {
    if (decoding->delivered) {
        show_iovec_at(decoding, NULL, address, referenced(decoding), (uint64_t)decoding->result);
    } else {
        decode_ranges(decoding, address);
    }
}

/* ------------------------------------------------------------------------- the cache */

static void show_numbers(struct decoding *decoding, uint64_t address, const char *const *names, unsigned count) {
    const uint8_t *bytes = memory_at(decoding, address, count * sizeof(uint64_t));
    if (!bytes) {
        show_address(decoding, NULL, address);
        return;
    }
    show_open(decoding, NULL, "{");
    for (unsigned i = 0; i < count; i++) {
        show_unsigned(decoding, names[i], number_in(bytes + i * sizeof(uint64_t), sizeof(uint64_t)));
    }
    show_close(decoding, "}");
}

void decode_cache_range(struct decoding *decoding, uint64_t address) {
    static const char *const names[] = {"off", "len"};
    show_numbers(decoding, address, names, sizeof(names) / sizeof(names[0]));
}

void decode_cache_stat(struct decoding *decoding, uint64_t address) {
    static const char *const names[] = {"nr_cache", "nr_dirty", "nr_writeback", "nr_evicted", "nr_recently_evicted"};
    show_numbers(decoding, address, names, sizeof(names) / sizeof(names[0]));
}
