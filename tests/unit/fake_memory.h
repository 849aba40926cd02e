/* SPDX-License-Identifier: MIT
 *
 * The memory of a thread that is not there: pages by address, everything
 * between them unmapped. It copies as process_vm_readv(2) does: in order, up
 * to the first byte that is not there, and -EFAULT if that is the very first.
 */
#ifndef RENACER_TESTS_FAKE_MEMORY_H
#define RENACER_TESTS_FAKE_MEMORY_H

#include "memory.h"
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
    FAKE_PAGE = 4096,
    FAKE_PAGES = 16,
    FAKE_TID = 4711,
};

struct fake_page {
    uint64_t address;
    uint8_t bytes[FAKE_PAGE];
};

struct fake_memory {
    struct memory functions; /* first, so that a struct memory pointer is one of these */
    pid_t tid;               /* whose memory it is */
    unsigned reads;          /* calls of functions.read */
    unsigned writes;
    bool read_only;
    unsigned page_count;
    struct fake_page pages[FAKE_PAGES];
};

static inline struct fake_page *fake_page_of(struct fake_memory *fake, uint64_t address) {
    for (unsigned i = 0; i < fake->page_count; i++) {
        if (fake->pages[i].address == address / FAKE_PAGE * FAKE_PAGE) {
            return &fake->pages[i];
        }
    }
    return NULL;
}

/* Copy between the ranges byte by byte: slow, but without a case of its own for any border. */
static inline ssize_t fake_copy(struct fake_memory *fake, const struct iovec *local, const struct iovec *remote,
                                unsigned count, bool to_remote) {
    ssize_t copied = 0;
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(local[i].iov_len, remote[i].iov_len);
        for (size_t offset = 0; offset < remote[i].iov_len; offset++) {
            uint64_t address = (uint64_t)(uintptr_t)remote[i].iov_base + offset;
            struct fake_page *page = fake_page_of(fake, address);
            if (!page || (to_remote && fake->read_only)) {
                return copied ? copied : -EFAULT;
            }
            uint8_t *there = &page->bytes[address % FAKE_PAGE];
            uint8_t *here = (uint8_t *)local[i].iov_base + offset;
            if (to_remote) {
                *there = *here;
            } else {
                *here = *there;
            }
            copied++;
        }
    }
    return copied;
}

static inline ssize_t fake_read(const struct memory *memory, pid_t tid, const struct iovec *local,
                                const struct iovec *remote, unsigned count) {
    struct fake_memory *fake = (struct fake_memory *)(uintptr_t)memory;
    assert_int_equal(tid, fake->tid);
    fake->reads++;
    return fake_copy(fake, local, remote, count, false);
}

static inline ssize_t fake_write(const struct memory *memory, pid_t tid, const struct iovec *local,
                                 const struct iovec *remote, unsigned count) {
    struct fake_memory *fake = (struct fake_memory *)(uintptr_t)memory;
    assert_int_equal(tid, fake->tid);
    fake->writes++;
    return fake_copy(fake, local, remote, count, true);
}

static inline void fake_memory_init(struct fake_memory *fake) {
    memset(fake, 0, sizeof(*fake));
    fake->tid = FAKE_TID;
    fake->functions = (struct memory){.read = fake_read, .write = fake_write};
}

/* Map the pages that `size` bytes at `address` touch, filled with 0xee. */
static inline void fake_map(struct fake_memory *fake, uint64_t address, size_t size) {
    for (uint64_t page = address / FAKE_PAGE * FAKE_PAGE; page < address + size; page += FAKE_PAGE) {
        if (!fake_page_of(fake, page)) {
            assert_in_range(fake->page_count, 0, FAKE_PAGES - 1);
            struct fake_page *fresh = &fake->pages[fake->page_count++];
            fresh->address = page;
            memset(fresh->bytes, 0xee, sizeof(fresh->bytes));
        }
    }
}

/* Write bytes there, which must be mapped. */
static inline void fake_put(struct fake_memory *fake, uint64_t address, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        struct fake_page *page = fake_page_of(fake, address + i);
        assert_non_null(page);
        page->bytes[(address + i) % FAKE_PAGE] = ((const uint8_t *)bytes)[i];
    }
}

static inline void fake_put_string(struct fake_memory *fake, uint64_t address, const char *string) {
    fake_put(fake, address, string, strlen(string) + 1);
}

/* A number of `width` bytes. */
static inline void fake_put_word(struct fake_memory *fake, uint64_t address, uint64_t word, unsigned width) {
    fake_put(fake, address, &word, width);
}

static inline uint64_t fake_word(struct fake_memory *fake, uint64_t address, unsigned width) {
    uint64_t word = 0;
    for (unsigned i = 0; i < width; i++) {
        struct fake_page *page = fake_page_of(fake, address + i);
        assert_non_null(page);
        ((uint8_t *)&word)[i] = page->bytes[(address + i) % FAKE_PAGE];
    }
    return word;
}

#endif
