/* SPDX-License-Identifier: MIT
 *
 * Files whose debug information would take minutes to read, though it is small: looking up an address ends soon, and
 * what can be known is.
 */
#include "unit.h"

#include "cleanup.h"
#include "debug_info.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum {
    CODE = 0x1000,
    CODE_SIZE = 0x10000,
    SECONDS_MAX = 8, /* of this process's own time; at most some 5 are used */
    ROOM = 8,
    LOOKUPS = 16,
};

/* Bytes that are written one after the other. */
struct bytes {
    uint8_t *all;
    size_t size;
    size_t room;
};

static void put(struct bytes *bytes, const void *more, size_t size) {
    if (!size) {
        return;
    }
    if (bytes->size + size > bytes->room) {
        bytes->room = 2 * (bytes->size + size);
        bytes->all = realloc(bytes->all, bytes->room);
        assert_non_null(bytes->all);
    }
    memcpy(bytes->all + bytes->size, more, size);
    bytes->size += size;
}

static void put_number(struct bytes *bytes, uint64_t number, size_t size) {
    put(bytes, &number, size);
}

static void put_times(struct bytes *bytes, uint8_t byte, size_t count) {
    for (size_t i = 0; i < count; i++) {
        put(bytes, &byte, 1);
    }
}

static void put_uleb(struct bytes *bytes, uint64_t number) {
    for (; number >= 0x80; number >>= 7) {
        put_number(bytes, (number & 0x7f) | 0x80, 1);
    }
    put_number(bytes, number, 1);
}

enum section {
    NOTHING,
    TEXT,
    INFO,
    ABBREVIATIONS,
    RANGES,
    LINES,
    LINE_STRINGS,
    SYMBOLS,
    STRINGS,
    NAMES,
    SECTIONS,
};

struct file {
    struct bytes sections[SECTIONS];
    int file;
    Elf *elf;
    struct debug_info *info;
};

static const char *const section_names[SECTIONS] = {
    "",        ".text",   ".debug_info", ".debug_abbrev", ".debug_ranges", ".debug_line", ".debug_line_str",
    ".symtab", ".strtab", ".shstrtab"};

static void describe(Elf64_Shdr *header, enum section section) {
    header->sh_type = section == SYMBOLS                       ? SHT_SYMTAB
                      : section == STRINGS || section == NAMES ? SHT_STRTAB
                      : section == NOTHING                     ? SHT_NULL
                                                               : SHT_PROGBITS;
    if (section == TEXT) {
        header->sh_type = SHT_NOBITS;
        header->sh_addr = CODE;
        header->sh_size = CODE_SIZE;
        header->sh_flags = SHF_ALLOC | SHF_EXECINSTR;
    } else if (section == SYMBOLS) {
        header->sh_link = STRINGS;
        header->sh_entsize = sizeof(Elf64_Sym);
    }
}

static void write_all(int file, const struct bytes *bytes) {
    for (size_t at = 0; at < bytes->size;) {
        ssize_t written = write(file, bytes->all + at, bytes->size - at);
        assert_true(written > 0);
        at += (size_t)written;
    }
}

/* The ELF file with these sections, opened. */
static void open_sections(struct file *file) {
    struct bytes whole = {0};
    Elf64_Shdr headers[SECTIONS] = {0};
    Elf64_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                         .e_type = ET_EXEC,
                         .e_machine = EM_X86_64,
                         .e_version = EV_CURRENT,
                         .e_ehsize = sizeof(Elf64_Ehdr),
                         .e_shentsize = sizeof(Elf64_Shdr),
                         .e_shnum = SECTIONS,
                         .e_shstrndx = NAMES};
    put(&whole, &header, sizeof(header));
    for (unsigned i = 0; i < SECTIONS; i++) {
        headers[i].sh_name = (Elf64_Word)file->sections[NAMES].size;
        put(&file->sections[NAMES], section_names[i], strlen(section_names[i]) + 1);
    }
    for (unsigned i = 0; i < SECTIONS; i++) {
        headers[i].sh_offset = whole.size;
        headers[i].sh_size = file->sections[i].size;
        headers[i].sh_addralign = 1;
        describe(&headers[i], i);
        put(&whole, file->sections[i].all, file->sections[i].size);
        free(file->sections[i].all);
    }
    put_times(&whole, 0, -whole.size % 8);
    header.e_shoff = whole.size;
    memcpy(whole.all, &header, sizeof(header));
    put(&whole, headers, sizeof(headers));
    file->file = memfd_create("hostile", MFD_CLOEXEC);
    assert_true(file->file >= 0);
    write_all(file->file, &whole);
    free(whole.all);
    elf_version(EV_CURRENT);
    file->elf = elf_begin(file->file, ELF_C_READ, NULL);
    assert_non_null(file->elf);
    assert_int_equal(debug_info_open(&file->info, file->elf, "/nowhere/hostile"), 0);
}

static void close_file(struct file *file) {
    debug_info_close(file->info);
    elf_end(file->elf);
    close(file->file);
}

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Several addresses are looked up soon. In *first: what is known of the first one's innermost frame. */
static size_t look_up(struct file *file, struct debug_place *first) {
    struct debug_place places[ROOM];
    double start = seconds();
    size_t count = debug_info_places(file->info, CODE + 1, places, ROOM);
    *first = places[0];
    for (unsigned i = 1; i < LOOKUPS; i++) {
        debug_info_places(file->info, CODE + 1 + i, places, ROOM);
    }
    double took = seconds() - start;
    if (took > SECONDS_MAX) {
        fail_msg("%g seconds", took);
    }
    return count;
}

/* -- DWARF -- */

enum code {
    UNIT = 1,
    LEAF,
    SPACE,
    FUNCTION,
    BLOCK,
    INLINED,
};

static void put_abbreviation(struct file *file, enum code code, unsigned tag, bool children, const unsigned *pairs,
                             size_t count) {
    struct bytes *bytes = &file->sections[ABBREVIATIONS];
    put_uleb(bytes, code);
    put_uleb(bytes, tag);
    put_number(bytes, children, 1);
    for (size_t i = 0; i < count; i++) {
        put_uleb(bytes, pairs[i]);
    }
    put_number(bytes, 0, 2);
}

/* The beginning of a unit of C++ with all code, up to its first child; LEAF and NOTHING's end are for the caller. */
static void begin_unit(struct file *file) {
    static const unsigned unit[] = {DW_AT_low_pc,   DW_FORM_addr,  DW_AT_high_pc,   DW_FORM_data8,
                                    DW_AT_language, DW_FORM_data1, DW_AT_stmt_list, DW_FORM_sec_offset};
    static const unsigned function[] = {DW_AT_name,   DW_FORM_string, DW_AT_low_pc,
                                        DW_FORM_addr, DW_AT_high_pc,  DW_FORM_data8};
    static const unsigned inlined[] = {DW_AT_ranges, DW_FORM_sec_offset};
    *file = (struct file){.file = -1};
    put_abbreviation(file, UNIT, DW_TAG_compile_unit, true, unit, 8);
    put_abbreviation(file, SPACE, DW_TAG_namespace, true, NULL, 0);
    put_abbreviation(file, FUNCTION, DW_TAG_subprogram, true, function, 6);
    put_abbreviation(file, BLOCK, DW_TAG_lexical_block, true, NULL, 0);
    put_abbreviation(file, INLINED, DW_TAG_inlined_subroutine, false, inlined, 2);
    struct bytes *info = &file->sections[INFO];
    put_number(info, 0, 4); /* its length */
    put_number(info, 4, 2);
    put_number(info, 0, 4);
    put_number(info, 8, 1);
    put_number(info, UNIT, 1);
    put_number(info, CODE, 8);
    put_number(info, CODE_SIZE, 8);
    put_number(info, DW_LANG_C_plus_plus, 1);
    put_number(info, 0, 4);
}

static void put_function(struct file *file) {
    struct bytes *info = &file->sections[INFO];
    put_number(info, FUNCTION, 1);
    put(info, "made", sizeof("made"));
    put_number(info, CODE, 8);
    put_number(info, CODE_SIZE, 8);
}

static void put_leaf(struct file *file) {
    put_abbreviation(file, LEAF, DW_TAG_variable, false, NULL, 0);
}

static void open_unit(struct file *file) {
    put_number(&file->sections[ABBREVIATIONS], 0, 1);
    put_number(&file->sections[INFO], 0, 1);
    uint32_t length = (uint32_t)(file->sections[INFO].size - 4);
    memcpy(file->sections[INFO].all, &length, sizeof(length));
    open_sections(file);
}

static void test_a_list_of_ranges_for_all(void **state) {
    enum {
        LIST = 60000,
        ENTRIES = 1 << 17
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    put_leaf(&file);
    put_function(&file);
    for (unsigned i = 0; i < ENTRIES; i++) {
        put_number(&file.sections[INFO], INLINED, 1);
        put_number(&file.sections[INFO], 0, 4);
    }
    put_times(&file.sections[INFO], 0, 1);
    for (unsigned i = 0; i < LIST; i++) {
        put_number(&file.sections[RANGES], 0x1000000 + 16 * i, 8);
        put_number(&file.sections[RANGES], 0x1000001 + 16 * i, 8);
    }
    put_times(&file.sections[RANGES], 0, 16);
    open_unit(&file);
    assert_int_equal(look_up(&file, &place), 1);
    assert_string_equal(place.function, "made");
    close_file(&file);
}

static void test_blocks_in_each_other(void **state) {
    enum {
        DEPTH = 100,
        ENTRIES = 24 << 20
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    put_leaf(&file);
    put_function(&file);
    put_times(&file.sections[INFO], BLOCK, DEPTH);
    put_times(&file.sections[INFO], LEAF, ENTRIES);
    put_times(&file.sections[INFO], 0, DEPTH + 1);
    open_unit(&file);
    assert_int_equal(look_up(&file, &place), 1);
    assert_string_equal(place.function, "made");
    close_file(&file);
}

static void test_a_unit_that_goes_deep(void **state) {
    enum {
        ENTRIES = 32 << 20
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    put_leaf(&file);
    put_function(&file);
    put_times(&file.sections[INFO], 0, 1);
    put_times(&file.sections[INFO], SPACE, ENTRIES);
    open_unit(&file);
    assert_int_equal(look_up(&file, &place), 1);
    assert_string_equal(place.function, "made");
    close_file(&file);
}

/* What is around the function is not known then; it may be nothing. */
static void test_a_function_behind_too_much(void **state) {
    enum {
        DEPTH = 30,
        ENTRIES = 14 << 20
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    put_leaf(&file);
    put_times(&file.sections[INFO], SPACE, DEPTH);
    put_times(&file.sections[INFO], LEAF, ENTRIES);
    put_times(&file.sections[INFO], 0, DEPTH);
    put_function(&file);
    put_times(&file.sections[INFO], 0, 1);
    open_unit(&file);
    look_up(&file, &place);
    close_file(&file);
}

static void test_entries_of_many_attributes(void **state) {
    enum {
        ATTRIBUTES = 1 << 19,
        ENTRIES = 1 << 18
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    struct bytes *abbreviations = &file.sections[ABBREVIATIONS];
    put_uleb(abbreviations, LEAF);
    put_uleb(abbreviations, DW_TAG_variable);
    put_number(abbreviations, 0, 1);
    for (unsigned i = 0; i < ATTRIBUTES; i++) {
        put_uleb(abbreviations, DW_AT_external);
        put_uleb(abbreviations, DW_FORM_flag_present);
    }
    put_number(abbreviations, 0, 2);
    put_times(&file.sections[INFO], LEAF, ENTRIES);
    open_unit(&file);
    assert_int_equal(look_up(&file, &place), 0);
    close_file(&file);
}

/* -- Lines -- */

/* A list of files, each of which has the same long name. */
static void test_a_long_name_for_all_files(void **state) {
    enum {
        FILES = 1 << 20,
        LENGTH = 4 << 20
    };
    struct file file;
    struct debug_place place;
    (void)state;
    begin_unit(&file);
    put_leaf(&file);
    struct bytes *lines = &file.sections[LINES];
    put_number(lines, 0, 4); /* length */
    put_number(lines, 5, 2);
    put_number(lines, 8, 2);
    put_number(lines, 0, 4); /* of the header */
    put(lines, "\1\1\1\0\1\1", 6);
    put_number(lines, 0, 2); /* no folders */
    put_number(lines, 1, 1);
    put_uleb(lines, DW_LNCT_path);
    put_uleb(lines, DW_FORM_line_strp);
    put_uleb(lines, FILES);
    put_times(lines, 0, (size_t)4 * FILES);
    uint32_t length = (uint32_t)(lines->size - 4);
    memcpy(lines->all, &length, sizeof(length));
    length -= 8;
    memcpy(lines->all + 8, &length, sizeof(length));
    put_times(&file.sections[LINE_STRINGS], 'a', LENGTH);
    put_times(&file.sections[LINE_STRINGS], 0, 1);
    open_unit(&file);
    assert_int_equal(look_up(&file, &place), 0);
    close_file(&file);
}

/* -- Symbols -- */

/* All of the same address; `ended`: the names end with a NUL. */
static void begin_symbols(struct file *file, unsigned count, size_t length, bool ended) {
    *file = (struct file){.file = -1};
    struct bytes *strings = &file->sections[STRINGS];
    put_times(strings, 0, 1);
    put_times(strings, 'a', length);
    strings->all[1 + length / 2] = 0;
    if (ended) {
        put_times(strings, 0, 1);
    }
    for (unsigned i = 0; i < count; i++) {
        Elf64_Sym symbol = {.st_name = 1 + i % (unsigned)(length / 2),
                            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                            .st_shndx = TEXT,
                            .st_value = CODE,
                            .st_size = CODE_SIZE};
        put(&file->sections[SYMBOLS], &symbol, sizeof(symbol));
    }
    open_sections(file);
}

static void test_long_names_of_symbols(void **state) {
    struct file file;
    struct debug_place place;
    (void)state;
    begin_symbols(&file, 1 << 17, 16 << 20, true);
    assert_int_equal(look_up(&file, &place), 1);
    assert_int_equal(place.function[0], 'a');
    close_file(&file);
}

static void test_names_without_an_end(void **state) {
    struct file file;
    struct debug_place place;
    (void)state;
    begin_symbols(&file, 1 << 19, 16 << 20, false);
    assert_int_equal(look_up(&file, &place), 0);
    close_file(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_list_of_ranges_for_all),   cmocka_unit_test(test_blocks_in_each_other),
        cmocka_unit_test(test_a_unit_that_goes_deep),      cmocka_unit_test(test_a_function_behind_too_much),
        cmocka_unit_test(test_entries_of_many_attributes), cmocka_unit_test(test_a_long_name_for_all_files),
        cmocka_unit_test(test_long_names_of_symbols),      cmocka_unit_test(test_names_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
