/* SPDX-License-Identifier: MIT */
#include "module.h"

#include "cleanup.h"
#include "debug_file.h"
#include "frame_check.h"
#include "known_code.h"
#include "libdw_memory.h"

#include <dwarf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

enum {
    PROGRAM_HEADERS_MAX = 256,
    SECTIONS_MAX = 16384, /* linked files have some forty */
    NAMES_MAX = 4 << 20,  /* bytes of the names of sections */
    VDSO_MAX = 1 << 20,
    UNSECTIONED_MAX = 64 << 20, /* of a file without sections, what libdw reads to find CFI: all of it */
};

struct module {
    int file; /* -1: of memory */
    void *image;
    uint64_t size;  /* of the file */
    uint64_t start; /* where the kernel starts it */
    Elf *elf;
    char *path;
    struct module_segment segments[MODULE_SEGMENTS_MAX];
    size_t segment_count;
    uint8_t build_id[BUILD_ID_MAX];
    size_t build_id_size;
    bool has_eh_frame; /* was looked for */
    Dwarf_CFI *eh_frame;
    bool has_debug_info; /* was opened, or cannot be */
    struct debug_info *debug_info;
};

/* libelf makes room for every section that the header tells of, before it looks for them. */
static int check_header(const Elf64_Ehdr *header) {
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_ident[EI_VERSION] != EV_CURRENT ||
        header->e_machine != EM_X86_64 || header->e_version != EV_CURRENT ||
        (header->e_type != ET_EXEC && header->e_type != ET_DYN)) {
        return -ENOEXEC;
    }
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 || header->e_phnum > PROGRAM_HEADERS_MAX) {
        return -ENOEXEC;
    }
    /* e_shnum 0 with a table: how many they are stands in the first section, which is for files with tens of thousands.
     */
    bool has_sections = header->e_shoff != 0;
    return has_sections && (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shnum == 0 ||
                            header->e_shnum > SECTIONS_MAX || header->e_shstrndx >= header->e_shnum)
               ? -ENOEXEC
               : 0;
}

static int read_segments(struct module *module, bool executable) {
    size_t count;
    if (elf_getphdrnum(module->elf, &count) != 0) {
        return -ENOEXEC;
    }
    for (size_t i = 0; i < count && i < PROGRAM_HEADERS_MAX; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(module->elf, (int)i, &header)) {
            return -ENOEXEC;
        }
        if (header.p_type != PT_LOAD || (header.p_flags & PF_X) != (executable ? PF_X : 0) || header.p_filesz == 0 ||
            header.p_offset >= module->size) {
            continue;
        }
        uint64_t rest = module->size - header.p_offset;
        uint64_t size = header.p_filesz < rest ? header.p_filesz : rest;
        if (module->segment_count == MODULE_SEGMENTS_MAX || header.p_vaddr + size < header.p_vaddr) {
            return -ENOEXEC;
        }
        module->segments[module->segment_count++] = (struct module_segment){header.p_offset, size, header.p_vaddr};
    }
    return 0;
}

/* After `elf` was opened. */
static int understand(struct module *module, const char *path) {
    module->path = strdup(path);
    if (!module->path) {
        return -ENOMEM;
    }
    if (!module->elf || elf_kind(module->elf) != ELF_K_ELF) {
        return -ENOEXEC;
    }
    GElf_Ehdr header;
    module->start = gelf_getehdr(module->elf, &header) ? header.e_entry : 0;
    int status = read_segments(module, true);
    if (status == 0) {
        status = read_segments(module, false);
    }
    if (status == 0) {
        module->build_id_size = elf_loaded_build_id(module->elf, module->build_id);
    }
    return status;
}

static int open_file(struct module *module, const char *path) {
    struct stat about;
    Elf64_Ehdr header;
    if (fstat(module->file, &about) != 0) {
        return -errno;
    }
    if (!S_ISREG(about.st_mode)) {
        return -ENOEXEC;
    }
    ssize_t got = pread(module->file, &header, sizeof(header), 0);
    if (got < 0) {
        return -errno;
    }
    int status = got == (ssize_t)sizeof(header) ? check_header(&header) : -ENOEXEC;
    if (status < 0) {
        return status;
    }
    module->size = (uint64_t)about.st_size;
    elf_version(EV_CURRENT);
    module->elf = elf_begin(module->file, ELF_C_READ, NULL);
    return understand(module, path);
}

int module_open(struct module **result, int file, const char *path) {
    auto_fd owned = file;
    struct module *module = calloc(1, sizeof(*module));
    if (!module) {
        return -ENOMEM;
    }
    module->file = steal_fd(&owned);
    int status = open_file(module, path);
    if (status < 0) {
        module_close(module);
        return status;
    }
    *result = module;
    return 0;
}

/* The kernel made it: its headers tell no lies. */
static size_t vdso_size(const Elf64_Ehdr *header) {
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)((const char *)header + header->e_phoff);
    uint64_t size = header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        uint64_t end = segment[i].p_offset + segment[i].p_filesz;
        size = end > size ? end : size;
    }
    return size <= VDSO_MAX ? size : 0;
}

static int open_vdso(struct module *module) {
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
    if (!header) {
        return -ENOENT;
    }
    int status = check_header(header);
    size_t size = status == 0 ? vdso_size(header) : 0;
    if (size == 0) {
        return -ENOEXEC;
    }
    module->image = malloc(size);
    if (!module->image) {
        return -ENOMEM;
    }
    memcpy(module->image, header, size);
    module->size = size;
    elf_version(EV_CURRENT);
    module->elf = elf_memory(module->image, size);
    return understand(module, "[vdso]");
}

int module_open_vdso(struct module **result) {
    struct module *module = calloc(1, sizeof(*module));
    if (!module) {
        return -ENOMEM;
    }
    module->file = -1;
    int status = open_vdso(module);
    if (status < 0) {
        module_close(module);
        return status;
    }
    *result = module;
    return 0;
}

void module_close(struct module *module) {
    if (!module) {
        return;
    }
    debug_info_close(module->debug_info);
    if (module->eh_frame) {
        dwarf_cfi_end(module->eh_frame);
    }
    elf_end(module->elf);
    close_fd(&module->file);
    free(module->image);
    free(module->path);
    free(module);
}

const uint8_t *module_build_id(const struct module *module, size_t *size) {
    *size = module->build_id_size;
    return module->build_id_size ? module->build_id : NULL;
}

const struct module_segment *module_segments(const struct module *module, size_t *count) {
    *count = module->segment_count;
    return module->segments;
}

bool module_segment_address(const struct module_segment *segments, size_t count, uint64_t file_offset,
                            uint64_t *address) {
    for (size_t i = 0; i < count; i++) {
        if (file_offset - segments[i].offset < segments[i].size) {
            *address = segments[i].address + (file_offset - segments[i].offset);
            return true;
        }
    }
    return false;
}

/* -- CFI -- */

static bool read_section(Elf_Scn *section, const GElf_Shdr *header, Elf_Data **data) {
    bool usual = header->sh_type == SHT_PROGBITS || header->sh_type == SHT_X86_64_UNWIND;
    *data = usual && header->sh_size > 0 && header->sh_size <= FRAME_SECTION_MAX ? elf_rawdata(section, NULL) : NULL;
    return *data && (*data)->d_buf;
}

/* Whether the sections' names may be read. */
static bool has_names(Elf *elf, size_t *index) {
    GElf_Shdr header;
    return elf_getshdrstrndx(elf, index) == 0 && *index != SHN_UNDEF &&
           gelf_getshdr(elf_getscn(elf, *index), &header) && header.sh_type == SHT_STRTAB &&
           header.sh_size <= NAMES_MAX;
}

/* The first .eh_frame, and the last .eh_frame_hdr before it, which are what libdw takes. False: there is none. */
static bool find_frame_sections(Elf *elf, size_t names, Elf_Scn **frames, Elf_Scn **frame_header) {
    Elf_Scn *section = NULL;
    *frame_header = NULL;
    while ((section = elf_nextscn(elf, section))) {
        GElf_Shdr header;
        const char *name = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;
        if (name && strcmp(name, ".eh_frame_hdr") == 0) {
            *frame_header = section;
        } else if (name && strcmp(name, ".eh_frame") == 0) {
            *frames = section;
            return true;
        }
    }
    return false;
}

static bool check_frame_section(const struct module *module, Elf_Scn *section, Elf_Scn *header_section) {
    const char *ident = elf_getident(module->elf, NULL);
    GElf_Shdr about;
    GElf_Shdr header_about;
    Elf_Data *data;
    Elf_Data *header_data;
    if (!ident || !gelf_getshdr(section, &about) || !read_section(section, &about, &data)) {
        return false;
    }
    struct frame_header header = {.frames_address = about.sh_addr};
    if (!header_section) {
        return frame_check_section((const unsigned char *)ident, data, true, NULL);
    }
    if (!gelf_getshdr(header_section, &header_about) || !read_section(header_section, &header_about, &header_data)) {
        return false;
    }
    header.bytes = header_data->d_buf;
    header.size = header_data->d_size;
    header.address = header_about.sh_addr;
    return frame_check_section((const unsigned char *)ident, data, true, &header);
}

/* Without sections, the segment of .eh_frame_hdr leads to .eh_frame, which may reach until the end of the file. */
static bool check_frame_segment(const struct module *module, const GElf_Phdr *segment) {
    const char *ident = elf_getident(module->elf, NULL);
    if (!ident || module->size > UNSECTIONED_MAX || segment->p_offset > module->size ||
        segment->p_filesz > module->size - segment->p_offset) {
        return false;
    }
    Elf_Data *data = elf_getdata_rawchunk(module->elf, (int64_t)segment->p_offset, segment->p_filesz, ELF_T_BYTE);
    if (!data || !data->d_buf) {
        return false;
    }
    struct frame_header header = {
        .bytes = data->d_buf, .size = data->d_size, .address = segment->p_vaddr, .is_all = true};
    if (!frame_check_pointer(header.bytes, header.size, header.address, &header.frames_address)) {
        return false;
    }
    uint64_t offset = header.frames_address - segment->p_vaddr + segment->p_offset;
    if (offset >= module->size) {
        return false;
    }
    uint64_t size = offset < segment->p_offset ? segment->p_offset - offset : module->size - offset;
    Elf_Data *frames = elf_getdata_rawchunk(module->elf, (int64_t)offset, size, ELF_T_BYTE);
    return frames && frame_check_section((const unsigned char *)ident, frames, true, &header);
}

static bool check_frames(const struct module *module) {
    Elf_Scn *frames;
    Elf_Scn *header;
    size_t names = 0;
    size_t sections;
    size_t count = 0;
    if (elf_getshdrnum(module->elf, &sections) != 0 || (sections > 0 && !has_names(module->elf, &names))) {
        return false;
    }
    /* If there are sections, but none of CFI, libdw looks at the segments too: it then reads the whole file, after
     * which libelf does not free the sections that were read before. Nobody makes such files. */
    if (sections > 0) {
        return find_frame_sections(module->elf, names, &frames, &header) && check_frame_section(module, frames, header);
    }
    elf_getphdrnum(module->elf, &count);
    for (size_t i = 0; i < count && i < PROGRAM_HEADERS_MAX; i++) {
        GElf_Phdr segment;
        if (gelf_getphdr(module->elf, (int)i, &segment) && segment.p_type == PT_GNU_EH_FRAME) {
            return check_frame_segment(module, &segment);
        }
    }
    return false;
}

static Dwarf_CFI *eh_frame(struct module *module) {
    if (!module->has_eh_frame) {
        module->has_eh_frame = true;
        module->eh_frame = check_frames(module) ? dwarf_getcfi_elf(module->elf) : NULL;
    }
    return module->eh_frame;
}

struct rule_question {
    Dwarf_CFI *frames;
    uint64_t address;
    struct unwind_rule *rule;
    bool right;
};

static void compile_rule(void *data) {
    struct rule_question *question = data;
    Dwarf_Frame *frame = NULL;
    if (dwarf_cfi_addrframe(question->frames, question->address, &frame) == 0) {
        question->right = unwind_rule_compile(question->rule, frame);
        free(frame);
    }
}

static bool rule_of(Dwarf_CFI *frames, uint64_t address, struct unwind_rule *rule) {
    struct rule_question question = {frames, address, rule, false};
    return frames && libdw_memory_try(compile_rule, &question) && question.right;
}

/* What the file has at an address; 0 where it has nothing. */
static void read_code(const struct module *module, uint64_t address, uint8_t *code, size_t size) {
    memset(code, 0, size);
    for (size_t i = 0; i < module->segment_count; i++) {
        const struct module_segment *segment = &module->segments[i];
        uint64_t behind = address - segment->address;
        if (behind >= segment->size) {
            continue;
        }
        size = size < segment->size - behind ? size : segment->size - behind;
        if (module->image) {
            memcpy(code, (const uint8_t *)module->image + segment->offset + behind, size);
        } else if (pread(module->file, code, size, (off_t)(segment->offset + behind)) != (ssize_t)size) {
            memset(code, 0, size);
        }
        return;
    }
}

static bool known_rule(const struct module *module, uint64_t address, struct unwind_rule *rule) {
    uint8_t code[KNOWN_CODE_SIZE];
    uint8_t start[KNOWN_START_SIZE];
    read_code(module, address - KNOWN_CODE_BEFORE, code, sizeof(code));
    read_code(module, module->start, start, sizeof(start));
    return known_code_rule(code, start, address - module->start, rule);
}

bool module_unwind_rule(struct module *module, uint64_t address, struct unwind_rule *rule) {
    if (rule_of(eh_frame(module), address, rule) || known_rule(module, address, rule)) {
        return true;
    }
    struct debug_info *info = module_debug_info(module);
    return info && rule_of(debug_info_frames(info), address, rule);
}

struct debug_info *module_debug_info(struct module *module) {
    if (!module->has_debug_info) {
        module->has_debug_info = true;
        if (debug_info_open(&module->debug_info, module->elf, module->path) < 0) {
            module->debug_info = NULL;
        }
    }
    return module->debug_info;
}
