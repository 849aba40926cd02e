/* SPDX-License-Identifier: MIT
 *
 * What is known of addresses in programs that say themselves what is true of them (tests/unit/places): with DWARF 4
 * and 5, compressed, split, in a debug file, and with symbols alone. And that addr2line(1) says the same.
 *
 * unit_debug_info KIND:PATH...: see `kinds`.
 */
#include "unit.h"

#include "cleanup.h"
#include "debug_info.h"
#include "plain_path.h"
#include "symbols.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM = 16,
    MARK_BYTES = 1024,
    MARKS_MIN = 5,
    CHAINS_MAX = 4096,
};

static char **programs;
static int program_count;

struct opened {
    int file;
    Elf *elf;
    struct debug_info *info;
};

static void open_program(struct opened *opened, const char *path) {
    elf_version(EV_CURRENT);
    opened->file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(opened->file >= 0);
    opened->elf = elf_begin(opened->file, ELF_C_READ, NULL);
    assert_non_null(opened->elf);
    assert_int_equal(debug_info_open(&opened->info, opened->elf, path), 0);
}

static void close_program(struct opened *opened) {
    debug_info_close(opened->info);
    elf_end(opened->elf);
    close(opened->file);
}

struct mark {
    uint64_t address;
    uint64_t line;
    const char *function;
    const char *file;
};

static Elf_Scn *section_named(Elf *elf, const char *wanted, GElf_Shdr *header) {
    size_t names;
    Elf_Scn *section = NULL;
    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    while ((section = elf_nextscn(elf, section))) {
        assert_non_null(gelf_getshdr(section, header));
        if (strcmp(elf_strptr(elf, names, header->sh_name), wanted) == 0) {
            return section;
        }
    }
    fail_msg("no section %s", wanted);
    return NULL;
}

static size_t mark_count(Elf *elf) {
    GElf_Shdr header;
    section_named(elf, ".marks", &header);
    assert_int_equal(header.sh_size % MARK_BYTES, 0);
    assert_true(header.sh_size / MARK_BYTES >= MARKS_MIN);
    return header.sh_size / MARK_BYTES;
}

static struct mark mark_at(Elf *elf, size_t index) {
    GElf_Shdr header;
    Elf_Data *data = elf_rawdata(section_named(elf, ".marks", &header), NULL);
    assert_non_null(data);
    const char *bytes = (const char *)data->d_buf + index * MARK_BYTES;
    int64_t distance;
    struct mark mark;
    memcpy(&distance, bytes, sizeof(distance));
    memcpy(&mark.line, bytes + 8, sizeof(mark.line));
    mark.address = header.sh_addr + index * MARK_BYTES + (uint64_t)distance;
    mark.function = bytes + 16;
    mark.file = mark.function + strlen(mark.function) + 1;
    return mark;
}

/* The symbol of the physical function, read without what is tested. */
static uint64_t symbol_start(Elf *elf, uint64_t address) {
    GElf_Shdr header;
    Elf_Data *data = elf_getdata(section_named(elf, ".symtab", &header), NULL);
    for (int i = 0; i < (int)(data->d_size / sizeof(Elf64_Sym)); i++) {
        GElf_Sym symbol;
        assert_non_null(gelf_getsym(data, i, &symbol));
        if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_value <= address &&
            address < symbol.st_value + symbol.st_size) {
            return symbol.st_value;
        }
    }
    fail_msg("no symbol at %#llx", (unsigned long long)address);
    return 0;
}

static void check_chain(const struct debug_place *places, size_t count) {
    assert_in_range(count, 1, ROOM);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(places[i].inlined, i + 1 < count);
        assert_false(places[i].of_library);
        assert_int_equal(places[i].offset, places[0].offset);
    }
}

/* Nothing of it may be missing, and which program it was is said. */
static void check_place(const char *path, const struct debug_place *place, const struct mark *mark) {
    bool same = place->has_debug && place->function && strcmp(place->function, mark->function) == 0 && place->file &&
                strcmp(place->file, mark->file) == 0 && place->line == mark->line;
    if (!same) {
        fail_msg("%s %#llx: %s %s:%u, not %s %s:%llu", path, (unsigned long long)mark->address, place->function,
                 place->file, place->line, mark->function, mark->file, (unsigned long long)mark->line);
    }
}

static void check_marks(const char *path, bool has_symbols) {
    struct opened opened;
    struct debug_place places[ROOM];
    struct debug_place fewer[2];
    open_program(&opened, path);
    assert_true(debug_info_has_lines(opened.info));
    for (size_t i = 0; i < mark_count(opened.elf); i++) {
        struct mark mark = mark_at(opened.elf, i);
        size_t count = debug_info_places(opened.info, mark.address, places, ROOM);
        check_chain(places, count);
        check_place(path, &places[0], &mark);
        if (has_symbols) {
            assert_int_equal(places[0].offset, mark.address - symbol_start(opened.elf, mark.address));
        }
        /* With less room the last one is still the function. */
        size_t all = count;
        count = debug_info_places(opened.info, mark.address, fewer, 1);
        assert_int_equal(count, 1);
        assert_false(fewer[0].inlined);
        assert_string_equal(fewer[0].function, places[all - 1].function);
        assert_int_equal(fewer[0].line, places[all - 1].line);
        count = debug_info_places(opened.info, mark.address, fewer, 2);
        assert_int_equal(count, all < 2 ? all : 2);
        assert_string_equal(fewer[0].function, all < 2 ? places[all - 1].function : places[0].function);
    }
    close_program(&opened);
}

/* Symbols alone: the physical function, and how far into it. */
static void check_symbols(const char *path) {
    struct opened opened;
    struct debug_place places[ROOM];
    open_program(&opened, path);
    assert_false(debug_info_has_lines(opened.info));
    for (size_t i = 0; i < mark_count(opened.elf); i++) {
        struct mark mark = mark_at(opened.elf, i);
        assert_int_equal(debug_info_places(opened.info, mark.address, places, ROOM), 1);
        assert_false(places[0].has_debug || places[0].inlined || places[0].file || places[0].line);
        assert_int_equal(places[0].offset, mark.address - symbol_start(opened.elf, mark.address));
    }
    assert_int_equal(debug_info_places(opened.info, 0, places, ROOM), 0);
    assert_int_equal(debug_info_places(opened.info, UINT64_MAX, places, ROOM), 0);
    close_program(&opened);
}

/* Neither symbols nor DWARF: of another file than it was made for, a debug file is none. */
static void check_nothing(const char *path) {
    struct opened opened;
    struct debug_place places[ROOM];
    open_program(&opened, path);
    assert_false(debug_info_has_lines(opened.info));
    assert_null(debug_info_frames(opened.info));
    assert_int_equal(debug_info_places(opened.info, mark_at(opened.elf, 0).address, places, ROOM), 0);
    close_program(&opened);
}

/* Without its .dwo file, a skeleton has lines, and the symbols name functions. */
static void check_skeleton(const char *path) {
    struct opened opened;
    struct debug_place places[ROOM];
    open_program(&opened, path);
    assert_true(debug_info_has_lines(opened.info));
    for (size_t i = 0; i < mark_count(opened.elf); i++) {
        struct mark mark = mark_at(opened.elf, i);
        assert_int_equal(debug_info_places(opened.info, mark.address, places, ROOM), 1);
        assert_true(places[0].has_debug);
        assert_non_null(places[0].function);
        assert_string_equal(places[0].file, mark.file);
        assert_int_equal(places[0].line, mark.line);
    }
    close_program(&opened);
}

/* What the program's C library would be is not the program's own, and the rest is. */
static void check_libc(const char *path) {
    struct opened opened;
    struct debug_place places[ROOM];
    unsigned of_library = 0;
    size_t count = 0;
    open_program(&opened, path);
    for (size_t i = 0; i < mark_count(opened.elf); i++) {
        struct mark mark = mark_at(opened.elf, i);
        count = debug_info_places(opened.info, mark.address, places, ROOM);
        assert_in_range(count, 1, ROOM);
        check_place(path, &places[0], &mark);
        assert_int_equal(places[count - 1].of_library, strcmp(mark.function, "of_libc") == 0);
        of_library += places[0].of_library;
    }
    assert_int_equal(of_library, 1);
    close_program(&opened);
}

/* One address as text: "function file:line" for each place. */
static void put_chain(FILE *text, struct debug_info *info, uint64_t address) {
    struct debug_place places[ROOM];
    size_t count = debug_info_places(info, address, places, ROOM);
    for (size_t i = 0; i < count; i++) {
        fprintf(text, "%s %s:%u\n", places[i].function, path_base(places[i].file), places[i].line);
    }
}

/* As `addr2line -fi` says it; one line of it names the function, the next one its place. */
static void put_expected(FILE *text, FILE *lines) {
    char function[4096];
    char place[4096];
    while (fgets(function, sizeof(function), lines) && function[0] != '\n' && fgets(place, sizeof(place), lines)) {
        function[strcspn(function, "\n")] = '\0';
        place[strcspn(place, " \n")] = '\0'; /* behind it is a discriminator */
        fprintf(text, "%s %s\n", function, path_base(place));
    }
}

static void check_addr2line(const char *path) {
    struct opened opened;
    char command[4096];
    char address_line[64];
    open_program(&opened, path);
    for (size_t i = 0; i < mark_count(opened.elf); i++) {
        uint64_t address = mark_at(opened.elf, i).address;
        auto_free char *ours = NULL;
        auto_free char *theirs = NULL;
        size_t size;
        snprintf(command, sizeof(command), "addr2line -fie '%s' %#llx", path, (unsigned long long)address);
        FILE *lines = popen(command, "r");
        assert_non_null(lines);
        FILE *text = open_memstream(&theirs, &size);
        put_expected(text, lines);
        fclose(text);
        assert_int_equal(pclose(lines), 0);
        text = open_memstream(&ours, &size);
        put_chain(text, opened.info, address);
        fclose(text);
        snprintf(address_line, sizeof(address_line), "%#llx", (unsigned long long)address);
        if (strcmp(ours, theirs) != 0) {
            print_error("%s %s:\n%sbut addr2line:\n%s", path, address_line, ours, theirs);
        }
        assert_string_equal(ours, theirs);
    }
    close_program(&opened);
}

static const struct {
    const char *name;
    bool marks;
    bool symbols; /* in the file itself */
    bool addr2line;
    void (*check)(const char *path);
} kinds[] = {
    {"full", true, true, true, NULL},
    {"full-alone", true, true, false, NULL}, /* what addr2line does not know how to read */
    {"linked", true, false, false, NULL},
    {"symbols", false, false, false, check_symbols},
    {"nothing", false, false, false, check_nothing},
    {"skeleton", false, false, false, check_skeleton},
    {"libc", false, false, false, check_libc},
};

static void test_programs(void **state) {
    (void)state;
    unsigned checked[COUNT_OF(kinds)] = {0};
    assert_true(program_count > 0);
    for (int i = 0; i < program_count; i++) {
        size_t length = strcspn(programs[i], ":");
        const char *path = programs[i] + length + 1;
        size_t kind = 0;
        while (kind < COUNT_OF(kinds) &&
               (strlen(kinds[kind].name) != length || strncmp(kinds[kind].name, programs[i], length) != 0)) {
            kind++;
        }
        assert_true(kind < COUNT_OF(kinds));
        checked[kind]++;
        if (kinds[kind].marks) {
            check_marks(path, kinds[kind].symbols);
        } else {
            kinds[kind].check(path);
        }
        if (kinds[kind].addr2line) {
            check_addr2line(path);
        }
    }
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        assert_true(checked[i]);
    }
}

/* Of ourselves: functions of the library at their beginning, by the table of symbols. */
static void test_symbols(void **state) {
    (void)state;
    struct opened opened;
    struct symbols *symbols;
    open_program(&opened, "/proc/self/exe");
    assert_int_equal(symbols_create(&symbols, opened.elf, SHT_SYMTAB), 0);
    GElf_Shdr header;
    Elf_Data *data = elf_getdata(section_named(opened.elf, ".symtab", &header), NULL);
    unsigned found = 0;
    for (int i = 0; i < (int)(data->d_size / sizeof(Elf64_Sym)); i++) {
        GElf_Sym symbol;
        assert_non_null(gelf_getsym(data, i, &symbol));
        if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !symbol.st_size || !symbol.st_shndx) {
            continue;
        }
        const struct symbol *first = symbols_find(symbols, symbol.st_value);
        const struct symbol *last = symbols_find(symbols, symbol.st_value + symbol.st_size - 1);
        assert_non_null(first);
        assert_non_null(last);
        assert_int_equal(first->start, symbol.st_value);
        found++;
    }
    assert_true(found > 100);
    assert_null(symbols_find(symbols, 0));
    assert_null(symbols_find(symbols, UINT64_MAX));
    symbols_destroy(symbols);
    close_program(&opened);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_symbols),
    };
    programs = arguments + 1;
    program_count = count - 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
