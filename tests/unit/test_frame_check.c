/* SPDX-License-Identifier: MIT
 * Sections of CFI that libdw may have, and those that it may not: each of them would make it take a lot of memory, or
 * believe what leads nowhere. */
#include "unit.h"

#include "frame_check.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char ident[EI_NIDENT] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};

enum {
    FRAMES_ADDRESS = 0x1000,
    HEADER_ADDRESS = 0x800,
};

struct section {
    uint8_t bytes[4096];
    size_t size;
    size_t fde; /* where the last one begins */
};

static void put(struct section *section, const void *bytes, size_t size) {
    assert_true(section->size + size <= sizeof(section->bytes));
    memcpy(section->bytes + section->size, bytes, size);
    section->size += size;
}

static void put_u32(struct section *section, uint32_t value) {
    put(section, &value, sizeof(value));
}

/* What follows its length; padded with DW_CFA_nop. */
static void put_entry(struct section *section, uint32_t id, const void *head, size_t head_size, const char *code,
                      size_t code_size) {
    size_t size = (4 + head_size + code_size + 3) / 8 * 8 + 4;
    static const uint8_t nothing[16] = {0};
    put_u32(section, (uint32_t)size);
    put_u32(section, id);
    put(section, head, head_size);
    put(section, code, code_size);
    put(section, nothing, size - 4 - head_size - code_size);
}

/* One CIE. */
static void begin(struct section *section, const char *code, size_t size) {
    static const char head[] = "\1zR\0\1\x78\x10\1\x1b";
    section->size = 0;
    put_entry(section, 0, head, sizeof(head) - 1, code, size);
}

static void add_fde(struct section *section, const char *code, size_t size) {
    static const char head[9] = {0, 0, 0, 0, 16, 0, 0, 0, 0};
    section->fde = section->size;
    put_entry(section, (uint32_t)section->size + 4, head, sizeof(head), code, size);
}

static bool passes(struct section *section, const struct frame_header *header) {
    /* Exactly as large, so that sanitizers see what is read behind it. */
    void *copy = malloc(section->size + 1);
    memcpy(copy, section->bytes, section->size);
    Elf_Data data = {.d_buf = copy, .d_size = section->size, .d_type = ELF_T_BYTE, .d_version = EV_CURRENT};
    bool right = frame_check_section(ident, &data, true, header);
    free(copy);
    return right;
}

/* A CIE and an FDE of these instructions. */
static bool code_passes(const char *code, size_t size) {
    static struct section section;
    begin(&section, "\x0c\7\x08\x90\1", 5);
    add_fde(&section, code, size);
    bool in_fde = passes(&section, NULL);
    begin(&section, code, size);
    add_fde(&section, "", 0);
    assert_int_equal(passes(&section, NULL), in_fde);
    return in_fde;
}

#define CODE_PASSES(code) code_passes(code, sizeof(code) - 1)

static void test_usual_code(void **state) {
    (void)state;
    assert_true(CODE_PASSES(""));
    assert_true(CODE_PASSES("\x41\x0e\x10\x86\2\x43\x0d\6\x5a\x0c\7\x08"));
    assert_true(CODE_PASSES("\x0f\3\x77\xa0\1\x10\x10\2\x77\x08\x16\6\1\x30")); /* expressions */
    assert_true(CODE_PASSES("\x0a\x0b\x0a\x0b\x2e\x10\x07\x10\x09\x10\5"));
    assert_true(CODE_PASSES("\2\1\3\1\2\4\1\2\3\4\1\1\2\3\4"));
}

static void test_registers_that_do_not_exist(void **state) {
    (void)state;
    assert_true(CODE_PASSES("\5\xff\1\1"));
    assert_false(CODE_PASSES("\5\x80\2\1"));                 /* DW_CFA_offset_extended of register 256 */
    assert_false(CODE_PASSES("\5\xff\xff\xff\xff\x07\1"));   /* of 2^31 - 1 */
    assert_false(CODE_PASSES("\7\x80\x80\x80\x20"));         /* DW_CFA_undefined */
    assert_false(CODE_PASSES("\x08\x80\x80\x80\x20"));       /* DW_CFA_same_value */
    assert_false(CODE_PASSES("\x09\1\x80\x80\x80\x20"));     /* DW_CFA_register */
    assert_false(CODE_PASSES("\x10\x80\x80\x80\x20\1\x30")); /* DW_CFA_expression */
    assert_false(CODE_PASSES("\x16\x80\x80\x80\x20\1\x30")); /* DW_CFA_val_expression */
    assert_false(CODE_PASSES("\x0d\x80\x80\x80\x20"));       /* DW_CFA_def_cfa_register */
    assert_false(CODE_PASSES("\x14\x80\x80\x80\x20\1"));     /* DW_CFA_val_offset */
    assert_false(CODE_PASSES("\5\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\1")); /* of more than 64 bits */
}

static void test_states_without_end(void **state) {
    (void)state;
    char code[200];
    memset(code, 0x0a, sizeof(code));
    assert_true(code_passes(code, 40));
    assert_false(code_passes(code, sizeof(code)));
    for (size_t i = 1; i < sizeof(code); i += 2) {
        code[i] = 0x0b;
    }
    assert_true(code_passes(code, sizeof(code)));
}

static void test_code_that_is_cut(void **state) {
    (void)state;
    assert_false(CODE_PASSES("\x0f\x7f\x30")); /* an expression longer than the entry */
    assert_false(CODE_PASSES("\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"));
    assert_false(CODE_PASSES("\0\0\0\0\0\0\x0e\x80\x80\x80\x80\x80\x80\x80\x80")); /* a number without end */
    assert_false(CODE_PASSES("\x3a"));                                             /* no instruction */
}

/* Wherever the section ends. */
static void test_sections_that_are_cut(void **state) {
    (void)state;
    static struct section section;
    begin(&section, "\x0c\7\x08\x90\1", 5);
    add_fde(&section, "\x41\x0e\x10\x86\2", 5);
    size_t all = section.size;
    size_t fde = section.fde;
    assert_true(passes(&section, NULL));
    for (section.size = 0; section.size < all; section.size++) {
        /* A length alone, or less than that, is as if it were not there. */
        bool whole = section.size <= 4 ? section.size > 0 : section.size - fde <= 4;
        assert_int_equal(passes(&section, NULL), whole);
    }
}

static void test_an_fde_without_cie(void **state) {
    (void)state;
    static struct section section;
    begin(&section, "", 0);
    add_fde(&section, "", 0);
    add_fde(&section, "", 0);
    assert_true(passes(&section, NULL));
    uint32_t pointer = (uint32_t)section.fde + 4 - 4; /* into the CIE */
    memcpy(section.bytes + section.fde + 4, &pointer, sizeof(pointer));
    assert_false(passes(&section, NULL));
    pointer = 24; /* to the first FDE, or into it */
    memcpy(section.bytes + section.fde + 4, &pointer, sizeof(pointer));
    assert_false(passes(&section, NULL));
}

/* .eh_frame_hdr with one entry. */
static bool header_passes(struct section *section, uint64_t offset, uint32_t count, uint8_t encoding) {
    uint8_t bytes[20] = {1, 0x1b, 3, encoding};
    struct frame_header header = {bytes, sizeof(bytes), HEADER_ADDRESS, FRAMES_ADDRESS, false};
    int32_t pointer = FRAMES_ADDRESS - HEADER_ADDRESS - 4;
    int32_t entry = (int32_t)(FRAMES_ADDRESS + offset - HEADER_ADDRESS);
    uint64_t found = 0;
    memcpy(bytes + 4, &pointer, 4);
    memcpy(bytes + 8, &count, 4);
    memcpy(bytes + 16, &entry, 4);
    assert_true(frame_check_pointer(bytes, sizeof(bytes), HEADER_ADDRESS, &found));
    assert_int_equal(found, FRAMES_ADDRESS);
    return passes(section, &header);
}

static void test_headers(void **state) {
    (void)state;
    static struct section section;
    uint64_t found;
    begin(&section, "", 0);
    add_fde(&section, "", 0);
    assert_true(header_passes(&section, section.fde, 1, 0x3b));
    assert_true(header_passes(&section, 0, 0, 0x3b));
    assert_true(header_passes(&section, 0, 1, 0xff)); /* it has no table */
    assert_false(header_passes(&section, section.fde, 2, 0x3b));
    assert_false(header_passes(&section, section.fde, UINT32_MAX, 0x3b));
    assert_false(header_passes(&section, section.fde + 4, 1, 0x3b)); /* into the FDE */
    assert_false(header_passes(&section, 0, 1, 0x3b));               /* the CIE */
    assert_false(header_passes(&section, section.size, 1, 0x3b));
    assert_false(header_passes(&section, (uint64_t)-4, 1, 0x3b));
    assert_false(header_passes(&section, section.fde, 1, 0x1b)); /* as nobody writes it */
    assert_false(frame_check_pointer((const uint8_t *)"\2\x1b\3\x3b\0\0\0\0", 8, 0, &found));
    assert_false(frame_check_pointer((const uint8_t *)"\1\x1b\3\x3b\0\0\0\0", 7, 0, &found));
    assert_false(frame_check_pointer((const uint8_t *)"\1\x03\3\x3b\0\0\0\0", 8, 0, &found));
}

/* Of a file without sections nobody knows where .eh_frame ends, but by its last entry. */
static void test_what_is_behind_the_end(void **state) {
    (void)state;
    static struct section section;
    uint8_t bytes[8] = {1, 0x1b, 0xff, 0xff};
    struct frame_header header = {bytes, sizeof(bytes), HEADER_ADDRESS, FRAMES_ADDRESS, true};
    begin(&section, "", 0);
    add_fde(&section, "", 0);
    put_u32(&section, 0);
    assert_true(passes(&section, NULL));
    put(&section, "something else", 14);
    assert_true(passes(&section, &header));
    header.is_all = false;
    assert_false(passes(&section, &header));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_code),
        cmocka_unit_test(test_registers_that_do_not_exist),
        cmocka_unit_test(test_states_without_end),
        cmocka_unit_test(test_code_that_is_cut),
        cmocka_unit_test(test_sections_that_are_cut),
        cmocka_unit_test(test_an_fde_without_cie),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_what_is_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
