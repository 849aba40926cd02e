/* SPDX-License-Identifier: MIT */
#include "line_table.h"

#include "byte_cursor.h"
#include "cleanup.h"

#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    FORMATS_MAX = 16, /* how many kinds of content an entry has in DWARF 5 */
    ENTRIES_MAX = 1 << 20,
    ROWS_FIRST = 256,
    STRING_BYTES_MAX = 1 << 16, /* of a name that stands elsewhere, and may do so for all entries */
    UNIT_BYTES_MAX = 64 << 20,  /* of a table: it may be that of all units */
};

struct row {
    uint64_t address;
    uint32_t line;
    uint32_t file : 31;
    uint32_t end : 1; /* of a sequence: what is behind is of another one */
};

struct file_entry {
    const char *name;
    uint64_t folder;
};

struct line_table {
    unsigned version;
    const char **folders;
    size_t folder_count;
    struct file_entry *files;
    size_t file_count;
    struct row *rows; /* by address */
    size_t row_count;
};

struct header {
    const struct line_sections *sections;
    struct byte_cursor cursor;  /* what has not been read of the unit */
    struct byte_cursor program; /* the part behind the header */
    unsigned offset_size;
    unsigned address_size;
    unsigned instruction_size;
    unsigned operations; /* per instruction */
    int line_base;
    unsigned line_range;
    unsigned opcode_base;
    const uint8_t *operand_counts; /* of standard opcodes from 1 on */
};

static const char *string_at(const Elf_Data *section, uint64_t offset) {
    if (!section || offset >= section->d_size) {
        return NULL;
    }
    const uint8_t *bytes = section->d_buf;
    uint64_t left = section->d_size - offset;
    uint64_t end = offset + (left < STRING_BYTES_MAX ? left : STRING_BYTES_MAX);
    struct byte_cursor cursor = {bytes + offset, bytes + end, false};
    return cursor_string(&cursor);
}

/* Room for one more element of `size` bytes, in steps of twice as many; false without memory. */
static bool reserve(void **array, size_t count, size_t size) {
    if (count && (count < ROWS_FIRST || (count & (count - 1)))) {
        return true;
    }
    void *larger = realloc(*array, (count ? count * 2 : ROWS_FIRST) * size);
    if (larger) {
        *array = larger;
    }
    return larger;
}

static int add_folder(struct line_table *table, const char *name) {
    if (table->folder_count >= ENTRIES_MAX) {
        return -EINVAL;
    }
    if (!reserve((void **)&table->folders, table->folder_count, sizeof(*table->folders))) {
        return -ENOMEM;
    }
    table->folders[table->folder_count++] = name;
    return 0;
}

static int add_file(struct line_table *table, const char *name, uint64_t folder) {
    if (table->file_count >= ENTRIES_MAX) {
        return -EINVAL;
    }
    if (!reserve((void **)&table->files, table->file_count, sizeof(*table->files))) {
        return -ENOMEM;
    }
    table->files[table->file_count++] = (struct file_entry){name, folder};
    return 0;
}

/* Lists of DWARF 2 to 4: each ends with an empty name. */
static int read_old_entries(struct line_table *table, struct header *header) {
    struct byte_cursor *cursor = &header->cursor;
    const char *name;
    /* Number 0 is the compilation's folder, and no file. */
    int status = add_folder(table, NULL);
    while (status == 0 && (name = cursor_string(cursor)) && *name) {
        status = add_folder(table, name);
    }
    if (status == 0) {
        status = add_file(table, NULL, 0);
    }
    while (status == 0 && (name = cursor_string(cursor)) && *name) {
        uint64_t folder = cursor_unsigned(cursor);
        cursor_unsigned(cursor); /* when it was changed */
        cursor_unsigned(cursor); /* its size */
        status = add_file(table, name, folder);
    }
    return status;
}

struct format {
    uint64_t content;
    uint64_t form;
};

struct content {
    const char *string; /* NULL: it is no string, or one that is not found */
    uint64_t number;
};

/* Strings by an index have their table in the unit, and are not written here by any compiler known to us. */
static struct content read_form(struct header *header, uint64_t form) {
    struct byte_cursor *cursor = &header->cursor;
    struct content content = {NULL, 0};
    switch (form) {
    case DW_FORM_string:
        content.string = cursor_string(cursor);
        break;
    case DW_FORM_line_strp:
        content.string = string_at(header->sections->line_strings, cursor_number(cursor, header->offset_size));
        break;
    case DW_FORM_strp:
        content.string = string_at(header->sections->strings, cursor_number(cursor, header->offset_size));
        break;
    case DW_FORM_udata:
        content.number = cursor_unsigned(cursor);
        break;
    case DW_FORM_data1:
    case DW_FORM_strx1:
        content.number = cursor_number(cursor, 1);
        break;
    case DW_FORM_data2:
    case DW_FORM_strx2:
        content.number = cursor_number(cursor, 2);
        break;
    case DW_FORM_data4:
    case DW_FORM_strx4:
        content.number = cursor_number(cursor, 4);
        break;
    case DW_FORM_data8:
        content.number = cursor_number(cursor, 8);
        break;
    case DW_FORM_data16:
        cursor_skip(cursor, 16);
        break;
    case DW_FORM_block:
        cursor_skip(cursor, cursor_unsigned(cursor));
        break;
    default:
        cursor->bad = true;
    }
    return content;
}

/* One list of DWARF 5: how its entries look, how many they are, and they. */
static int read_new_entries(struct line_table *table, struct header *header, bool folders) {
    struct format formats[FORMATS_MAX];
    struct byte_cursor *cursor = &header->cursor;
    int status = 0;
    uint64_t format_count = cursor_number(cursor, 1);
    if (format_count > FORMATS_MAX) {
        return -EINVAL;
    }
    for (size_t i = 0; i < format_count; i++) {
        formats[i].content = cursor_unsigned(cursor);
        formats[i].form = cursor_unsigned(cursor);
    }
    uint64_t count = cursor_unsigned(cursor);
    /* An entry has at least one byte. */
    if (count && (!format_count || count > cursor_left(cursor))) {
        return -EINVAL;
    }
    for (uint64_t i = 0; status == 0 && i < count && !cursor->bad; i++) {
        const char *name = NULL;
        uint64_t folder = 0;
        for (size_t part = 0; part < format_count; part++) {
            struct content content = read_form(header, formats[part].form);
            if (formats[part].content == DW_LNCT_path) {
                name = content.string;
            } else if (formats[part].content == DW_LNCT_directory_index) {
                folder = content.number;
            }
        }
        status = folders ? add_folder(table, name) : add_file(table, name, folder);
    }
    return status;
}

static bool read_length(struct header *header, const struct line_sections *sections, uint64_t offset) {
    const Elf_Data *lines = sections->lines;
    if (!lines || !lines->d_buf || offset >= lines->d_size) {
        return false;
    }
    const uint8_t *bytes = lines->d_buf;
    header->sections = sections;
    header->cursor = (struct byte_cursor){bytes + offset, bytes + lines->d_size, false};
    header->offset_size = 4;
    uint64_t length = cursor_number(&header->cursor, 4);
    if (length == 0xffffffffU) {
        header->offset_size = 8;
        length = cursor_number(&header->cursor, 8);
    }
    if (header->cursor.bad || length > cursor_left(&header->cursor) || length > UNIT_BYTES_MAX) {
        return false;
    }
    header->cursor.end = header->cursor.at + length;
    return true;
}

static int read_header(struct line_table *table, struct header *header) {
    struct byte_cursor *cursor = &header->cursor;
    table->version = (unsigned)cursor_number(cursor, 2);
    if (table->version < 2 || table->version > 5) {
        return -EINVAL;
    }
    header->address_size = 8;
    if (table->version == 5) {
        header->address_size = (unsigned)cursor_number(cursor, 1);
        cursor_number(cursor, 1); /* size of segments */
    }
    header->program = *cursor;
    uint64_t length = cursor_number(&header->program, header->offset_size);
    *cursor = header->program;
    cursor_skip(&header->program, length);
    header->instruction_size = (unsigned)cursor_number(cursor, 1);
    header->operations = table->version >= 4 ? (unsigned)cursor_number(cursor, 1) : 1;
    cursor_number(cursor, 1); /* whether rows begin statements */
    unsigned line_base = (unsigned)cursor_number(cursor, 1);
    header->line_base = line_base < 128 ? (int)line_base : (int)line_base - 256;
    header->line_range = (unsigned)cursor_number(cursor, 1);
    header->opcode_base = (unsigned)cursor_number(cursor, 1);
    header->operand_counts = cursor_skip(cursor, header->opcode_base ? header->opcode_base - 1 : 0);
    if (cursor->bad || header->program.bad || !header->operations || !header->line_range || !header->opcode_base) {
        return -EINVAL;
    }
    int status;
    if (table->version == 5) {
        status = read_new_entries(table, header, true);
        if (status == 0) {
            status = read_new_entries(table, header, false);
        }
    } else {
        status = read_old_entries(table, header);
    }
    return status < 0 ? status : cursor->bad ? -EINVAL : 0;
}

/* The state of the line number program. */
struct machine {
    struct line_table *table;
    const struct header *header;
    struct byte_cursor cursor;
    size_t rows_left;
    uint64_t address;
    uint64_t operation; /* in the instruction */
    uint64_t file;
    uint64_t line;
    uint64_t sequence_start; /* index of its first row */
    bool sorted;
};

static int add_row(struct machine *machine, bool end) {
    struct line_table *table = machine->table;
    if (!machine->rows_left || table->row_count >= UINT32_MAX) {
        return -EINVAL;
    }
    if (!reserve((void **)&table->rows, table->row_count, sizeof(*table->rows))) {
        return -ENOMEM;
    }
    machine->rows_left--;
    if (table->row_count && table->rows[table->row_count - 1].address > machine->address) {
        machine->sorted = false;
    }
    table->rows[table->row_count++] = (struct row){
        .address = machine->address,
        .line = machine->line <= UINT32_MAX ? (uint32_t)machine->line : 0,
        .file = machine->file < ENTRIES_MAX ? (uint32_t)machine->file : ENTRIES_MAX,
        .end = end,
    };
    return 0;
}

static void advance(struct machine *machine, uint64_t by) {
    const struct header *header = machine->header;
    uint64_t operation = machine->operation + by;
    machine->address += header->instruction_size * (operation / header->operations);
    machine->operation = operation % header->operations;
}

static void begin_sequence(struct machine *machine) {
    machine->address = 0;
    machine->operation = 0;
    machine->file = 1;
    machine->line = 1;
    machine->sequence_start = machine->table->row_count;
}

/* The linker sets the addresses of what it drops to 0, or to the highest ones. */
static int end_sequence(struct machine *machine) {
    struct line_table *table = machine->table;
    int status = add_row(machine, true);
    uint64_t start =
        table->rows && machine->sequence_start < table->row_count ? table->rows[machine->sequence_start].address : 0;
    if (!start || start >= UINT64_MAX - 1) {
        machine->rows_left += table->row_count - machine->sequence_start;
        table->row_count = machine->sequence_start;
    }
    begin_sequence(machine);
    return status;
}

static int run_extended(struct machine *machine) {
    uint64_t size = cursor_unsigned(&machine->cursor);
    const uint8_t *bytes = cursor_skip(&machine->cursor, size);
    if (!bytes || !size) {
        return machine->cursor.bad ? -EINVAL : 0;
    }
    struct byte_cursor operands = {bytes, bytes + size, false};
    switch (cursor_number(&operands, 1)) {
    case DW_LNE_end_sequence:
        return end_sequence(machine);
    case DW_LNE_set_address:
        machine->address = cursor_number(&operands, (unsigned)(size - 1 <= 8 ? size - 1 : 0));
        machine->operation = 0;
        return operands.bad ? -EINVAL : 0;
    case DW_LNE_define_file: {
        const char *name = cursor_string(&operands);
        uint64_t folder = cursor_unsigned(&operands);
        return add_file(machine->table, name, folder);
    }
    default:
        return 0;
    }
}

static void run_standard(struct machine *machine, unsigned opcode) {
    struct byte_cursor *cursor = &machine->cursor;
    switch (opcode) {
    case DW_LNS_advance_pc:
        advance(machine, cursor_unsigned(cursor));
        break;
    case DW_LNS_advance_line:
        machine->line += (uint64_t)cursor_signed(cursor);
        break;
    case DW_LNS_set_file:
        machine->file = cursor_unsigned(cursor);
        break;
    case DW_LNS_const_add_pc:
        advance(machine, (255 - machine->header->opcode_base) / machine->header->line_range);
        break;
    case DW_LNS_fixed_advance_pc:
        machine->address += cursor_number(cursor, 2);
        machine->operation = 0;
        break;
    default: /* nothing that is of interest here */
        for (unsigned i = machine->header->operand_counts[opcode - 1]; i; i--) {
            cursor_unsigned(cursor);
        }
    }
}

static int run(struct machine *machine) {
    const struct header *header = machine->header;
    int status = 0;
    begin_sequence(machine);
    while (status == 0 && cursor_left(&machine->cursor)) {
        unsigned opcode = (unsigned)cursor_number(&machine->cursor, 1);
        if (opcode >= header->opcode_base) {
            unsigned special = opcode - header->opcode_base;
            machine->line += (uint64_t)((int)(special % header->line_range) + header->line_base);
            advance(machine, special / header->line_range);
            status = add_row(machine, false);
        } else if (opcode == 0) {
            status = run_extended(machine);
        } else if (opcode == DW_LNS_copy) {
            status = add_row(machine, false);
        } else {
            run_standard(machine, opcode);
        }
    }
    /* Rows of a sequence without an end say nothing about where it ends. */
    machine->table->row_count =
        machine->sequence_start < machine->table->row_count ? machine->sequence_start : machine->table->row_count;
    return status < 0 ? status : machine->cursor.bad ? -EINVAL : 0;
}

/* The end of a sequence comes before what begins at the same address. */
static int by_address(const struct row *one, const struct row *other) {
    if (one->address != other->address) {
        return one->address < other->address ? -1 : 1;
    }
    return (int)other->end - (int)one->end;
}

/* Sequences are in the order of the linker, rows within them in that of their addresses: what is left as it was where
 * addresses are equal is found by merging neighbours. */
static int sort_rows(struct line_table *table) {
    struct row *from = table->rows;
    struct row *spare = malloc(table->row_count * sizeof(*spare));
    struct row *to = spare;
    if (!spare) {
        return -ENOMEM;
    }
    for (size_t width = 1; width < table->row_count; width *= 2) {
        for (size_t start = 0; start < table->row_count; start += 2 * width) {
            size_t left = start;
            size_t middle = start + width < table->row_count ? start + width : table->row_count;
            size_t right = middle;
            size_t end = middle + width < table->row_count ? middle + width : table->row_count;
            for (size_t at = start; at < end; at++) {
                bool first = right >= end || (left < middle && by_address(&from[left], &from[right]) <= 0);
                to[at] = first ? from[left++] : from[right++];
            }
        }
        struct row *sorted = to;
        to = from;
        from = sorted;
    }
    table->rows = from;
    free(to);
    return 0;
}

int line_table_create(struct line_table **result, const struct line_sections *sections, uint64_t offset,
                      size_t *rows_left) {
    struct header header;
    struct line_table *table = calloc(1, sizeof(*table));
    if (!table) {
        return -ENOMEM;
    }
    int status = read_length(&header, sections, offset) ? read_header(table, &header) : -EINVAL;
    if (status == 0) {
        struct machine machine = {
            .table = table, .header = &header, .cursor = header.program, .rows_left = *rows_left, .sorted = true};
        status = run(&machine);
        if (status == 0 && !machine.sorted && table->row_count) {
            status = sort_rows(table);
        }
        *rows_left = machine.rows_left;
    }
    if (status < 0) {
        line_table_destroy(table);
        return status;
    }
    *result = table;
    return 0;
}

void line_table_destroy(struct line_table *table) {
    if (table) {
        free(table->folders);
        free(table->files);
        free(table->rows);
        free(table);
    }
}

bool line_table_find(const struct line_table *table, uint64_t address, struct source_line *line) {
    size_t low = 0;
    size_t high = table->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->rows[middle].address <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (!low || table->rows[low - 1].end) {
        return false;
    }
    *line = (struct source_line){table->rows[low - 1].file, table->rows[low - 1].line};
    return true;
}

bool line_table_file(const struct line_table *table, uint64_t number, const char **folder, const char **name) {
    if (number >= table->file_count || !table->files[number].name || !*table->files[number].name) {
        return false;
    }
    const struct file_entry *file = &table->files[number];
    *name = file->name;
    /* Folder 0 is the compilation's. */
    *folder = file->name[0] != '/' && file->folder && file->folder < table->folder_count ? table->folders[file->folder]
                                                                                         : NULL;
    return true;
}
