/* SPDX-License-Identifier: MIT
 * Modules: ELF files made by hand and by compilers, what they say of addresses, and what is refused. */
#include "unit.h"

#include "known_code.h"
#include "module.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- Files that are there -- */

static struct module *open_path(const char *path) {
    struct module *module = NULL;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(module_open(&module, file, path), 0);
    return module;
}

/* The address of a function of a loaded file, as it was linked. */
static uint64_t linked(const void *function) {
    Dl_info about;
    struct link_map *map;
    assert_int_not_equal(dladdr1(function, &about, (void **)&map, RTLD_DL_LINKMAP), 0);
    return (uintptr_t)function - map->l_addr;
}

static const struct register_rule *rule_of(const struct unwind_rule *rule, uint8_t number) {
    for (unsigned i = 0; i < rule->count; i++) {
        if (rule->registers[i].number == number) {
            return &rule->registers[i];
        }
    }
    return NULL;
}

static bool address_of(const struct module *module, uint64_t file_offset, uint64_t *address) {
    size_t count;
    const struct module_segment *segments = module_segments(module, &count);
    return module_segment_address(segments, count, file_offset, address);
}

static void test_the_c_library(void **state) {
    (void)state;
    Dl_info about;
    struct unwind_rule rule;
    assert_int_not_equal(dladdr((void *)(uintptr_t)qsort, &about), 0);
    struct module *module = open_path(about.dli_fname);
    /* Before the first instruction, the return address is on top of the stack. */
    assert_true(module_unwind_rule(module, linked((void *)(uintptr_t)qsort), &rule));
    assert_int_equal(rule.cfa.kind, REGISTER_OF);
    assert_int_equal(rule.cfa.from, STACK_REGISTER_SP);
    assert_int_equal(rule.cfa.offset, 8);
    assert_int_equal(rule_of(&rule, STACK_REGISTER_IP)->kind, REGISTER_AT_CFA);
    assert_int_equal(rule_of(&rule, STACK_REGISTER_IP)->offset, -8);
    assert_int_equal(rule_of(&rule, STACK_REGISTER_SP)->kind, REGISTER_CFA);
    assert_null(rule_of(&rule, STACK_REGISTER_BP));
    assert_false(rule.signal_frame);
    unwind_rule_finish(&rule);
    assert_false(module_unwind_rule(module, UINT64_MAX, &rule));
    assert_false(module_unwind_rule(module, 0, &rule));
    module_close(module);
}

static void test_the_vdso(void **state) {
    (void)state;
    struct module *module = NULL;
    uint64_t address = 0;
    size_t size;
    assert_int_equal(module_open_vdso(&module), 0);
    assert_true(address_of(module, 64, &address));
    assert_int_equal(address, 64);
    assert_non_null(module_build_id(module, &size));
    struct unwind_rule rule;
    bool found = false;
    /* Somewhere in it is a function. */
    for (uint64_t at = 0; at < 16384 && !found; at++) {
        found = module_unwind_rule(module, at, &rule);
    }
    assert_true(found);
    unwind_rule_finish(&rule);
    module_close(module);
}

/* -- Files that are made -- */

static int file_of(const void *bytes, size_t size) {
    int file = memfd_create("module", MFD_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    return file;
}

struct small_file {
    Elf64_Ehdr header;
    Elf64_Phdr segments[4];
    uint8_t note[36];
    uint8_t code[64];
};

static void make_small(struct small_file *small) {
    *small = (struct small_file){0};
    memcpy(small->header.e_ident, ELFMAG, SELFMAG);
    small->header.e_ident[EI_CLASS] = ELFCLASS64;
    small->header.e_ident[EI_DATA] = ELFDATA2LSB;
    small->header.e_ident[EI_VERSION] = EV_CURRENT;
    small->header.e_type = ET_EXEC;
    small->header.e_machine = EM_X86_64;
    small->header.e_version = EV_CURRENT;
    small->header.e_phoff = offsetof(struct small_file, segments);
    small->header.e_ehsize = sizeof(Elf64_Ehdr);
    small->header.e_phentsize = sizeof(Elf64_Phdr);
    small->header.e_phnum = 3;
    /* The one with code is found first, although both have its first bytes. */
    small->segments[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = 0x400000, .p_filesz = 400};
    small->segments[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                                      .p_flags = PF_R | PF_X,
                                      .p_offset = offsetof(struct small_file, code),
                                      .p_vaddr = 0x601000 + offsetof(struct small_file, code),
                                      .p_filesz = sizeof(small->code)};
    small->segments[2] = (Elf64_Phdr){.p_type = PT_NOTE,
                                      .p_offset = offsetof(struct small_file, note),
                                      .p_filesz = sizeof(small->note),
                                      .p_align = 4};
    Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = 20, .n_type = NT_GNU_BUILD_ID};
    memcpy(small->note, &note, sizeof(note));
    memcpy(small->note + 12, "GNU", 4);
    memset(small->note + 16, 0xab, 20);
}

static int try_small(const struct small_file *small, struct module **module) {
    int file = file_of(small, sizeof(*small));
    *module = NULL;
    int status = module_open(module, file, "small");
    /* Taken over, whatever happened. */
    assert_int_equal(fcntl(file, F_GETFD) >= 0, status == 0);
    return status;
}

static void test_addresses(void **state) {
    (void)state;
    struct small_file small;
    struct module *module;
    uint64_t address;
    size_t size;
    uint64_t code = offsetof(struct small_file, code);
    make_small(&small);
    assert_int_equal(try_small(&small, &module), 0);
    assert_true(address_of(module, code, &address));
    assert_int_equal(address, 0x601000 + code);
    assert_true(address_of(module, code - 1, &address));
    assert_int_equal(address, 0x400000 + code - 1);
    assert_false(address_of(module, sizeof(small), &address)); /* it ends before its segments do */
    assert_false(address_of(module, UINT64_MAX, &address));
    const uint8_t *build_id = module_build_id(module, &size);
    assert_int_equal(size, 20);
    assert_int_equal(build_id[19], 0xab);
    module_close(module);
}

static void assert_refused(void (*change)(struct small_file *)) {
    struct small_file small;
    struct module *module;
    make_small(&small);
    change(&small);
    assert_int_equal(try_small(&small, &module), -ENOEXEC);
    assert_null(module);
}

static void no_magic(struct small_file *small) {
    small->header.e_ident[0] = '#';
}

static void of_32_bits(struct small_file *small) {
    small->header.e_ident[EI_CLASS] = ELFCLASS32;
}

static void of_another_machine(struct small_file *small) {
    small->header.e_machine = EM_AARCH64;
}

static void an_object(struct small_file *small) {
    small->header.e_type = ET_REL;
}

static void without_segments(struct small_file *small) {
    small->header.e_phnum = 0;
}

static void with_too_many_segments(struct small_file *small) {
    small->header.e_phnum = PN_XNUM;
}

static void with_sections_by_number(struct small_file *small) {
    small->header.e_shoff = 64;
    small->header.e_shentsize = sizeof(Elf64_Shdr);
}

static void with_too_many_sections(struct small_file *small) {
    with_sections_by_number(small);
    small->header.e_shnum = 60000;
}

static void test_what_is_refused(void **state) {
    (void)state;
    struct module *module = NULL;
    assert_refused(no_magic);
    assert_refused(of_32_bits);
    assert_refused(of_another_machine);
    assert_refused(an_object);
    assert_refused(without_segments);
    assert_refused(with_too_many_segments);
    assert_refused(with_sections_by_number);
    assert_refused(with_too_many_sections);
    assert_int_equal(module_open(&module, file_of("", 0), "empty"), -ENOEXEC);
    assert_int_equal(module_open(&module, open("/", O_RDONLY | O_CLOEXEC), "/"), -ENOEXEC);
    assert_int_equal(module_open(&module, open("/dev/null", O_RDONLY | O_CLOEXEC), "null"), -ENOEXEC);
    assert_int_equal(module_open(&module, -1, "none"), -EBADF);
    assert_null(module);
    module_close(NULL);
}

/* Whoever owns a file may cut it while it is open. */
static void test_a_file_that_shrinks(void **state) {
    (void)state;
    static uint8_t bytes[8 << 20];
    struct module *module = NULL;
    struct unwind_rule rule;
    int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ssize_t size = read(program, bytes, sizeof(bytes));
    close(program);
    assert_true(size > 4096);
    for (off_t left = size - 1; left > 0; left /= 2) {
        int file = file_of(bytes, (size_t)size);
        int again = dup(file);
        assert_int_equal(module_open(&module, file, "shrinks"), 0);
        assert_int_equal(ftruncate(again, left), 0);
        if (module_unwind_rule(module, linked((void *)(uintptr_t)test_a_file_that_shrinks), &rule)) {
            unwind_rule_finish(&rule);
        }
        module_close(module);
        close(again);
    }
}

/* -- Code that is known -- */

static bool known(const char *code, size_t size, size_t before, struct unwind_rule *rule) {
    struct small_file small;
    struct module *module;
    make_small(&small);
    memset(small.code, 0x90, sizeof(small.code));
    memcpy(small.code + 16, code, size);
    assert_int_equal(try_small(&small, &module), 0);
    bool found =
        module_unwind_rule(module, small.segments[1].p_vaddr + 16 + before - 1, rule); /* of the return address - 1 */
    module_close(module);
    return found;
}

static void test_clone(void **state) {
    (void)state;
    struct unwind_rule rule;
    static const char code[] = "\x0f\x05\x48\x85\xc0\x7c\x13\x74\x01\xc3";
    assert_true(known(code, 10, 2, &rule));
    assert_int_equal(rule.cfa.offset, 8);
    assert_int_equal(rule_of(&rule, STACK_REGISTER_IP)->offset, -8);
    assert_false(rule.signal_frame);
    assert_false(known(code, 9, 2, &rule));  /* no ret */
    assert_false(known(code, 10, 3, &rule)); /* elsewhere in it */
}

static void test_signal_returns(void **state) {
    (void)state;
    struct unwind_rule rule;
    static const char code[] = "\x48\xc7\xc0\x0f\0\0\0\x0f\x05";
    assert_true(known(code, 9, 0, &rule));
    assert_true(rule.signal_frame);
    assert_int_equal(rule.count, STACK_REGISTERS);
    assert_true(known(code, 9, 9, &rule)); /* the call itself */
    assert_true(rule.signal_frame);
    assert_true(known("\xb8\x0f\0\0\0\x0f\x05", 7, 0, &rule));
    assert_false(known("\xb8\x10\0\0\0\x0f\x05", 7, 0, &rule));
    assert_false(known("\x55\x48\x89\xe5\xff\xd0", 6, 6, &rule)); /* a prologue says nothing */
}

/* -- Rules -- */

struct tiny_sample {
    struct stack_sample sample;
    uint64_t words[4];
};

static const uint64_t base = 0x7ffc00001000;

static struct tiny_sample tiny(void) {
    struct tiny_sample tiny = {.sample = {.size = 32}, .words = {11, 0x7ffc00001018, 0x401000, base + 8}};
    for (size_t i = 0; i < STACK_REGISTERS; i++) {
        tiny.sample.registers[i] = 1000 + i;
    }
    tiny.sample.registers[STACK_REGISTER_SP] = base;
    return tiny;
}

static struct unwind_registers registers_of(const struct tiny_sample *tiny) {
    struct unwind_registers registers = {.known = (UINT32_C(1) << STACK_REGISTERS) - 1};
    memcpy(registers.values, tiny->sample.registers, sizeof(registers.values));
    return registers;
}

static struct unwind_rule plain_rule(int32_t cfa) {
    struct unwind_rule rule = {.count = 3, .cfa = {.kind = REGISTER_OF, .from = STACK_REGISTER_SP, .offset = cfa}};
    rule.registers[0] = (struct register_rule){.number = STACK_REGISTER_IP, .kind = REGISTER_AT_CFA, .offset = -8};
    rule.registers[1] = (struct register_rule){.number = STACK_REGISTER_SP, .kind = REGISTER_CFA};
    rule.registers[2] = (struct register_rule){.number = STACK_REGISTER_BP, .kind = REGISTER_AT_CFA, .offset = -16};
    return rule;
}

static void test_a_plain_rule(void **state) {
    (void)state;
    struct tiny_sample sample = tiny();
    struct unwind_registers registers = registers_of(&sample);
    struct unwind_rule rule = plain_rule(24);
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_DONE);
    assert_int_equal(registers.values[STACK_REGISTER_IP], 0x401000);
    assert_int_equal(registers.values[STACK_REGISTER_SP], base + 24);
    assert_int_equal(registers.values[STACK_REGISTER_BP], 0x7ffc00001018);
    assert_int_equal(registers.values[3], 1003);
}

static void test_rules_that_lead_nowhere(void **state) {
    (void)state;
    struct tiny_sample sample = tiny();
    struct unwind_registers registers = registers_of(&sample);
    struct unwind_rule rule = plain_rule(48);
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_ABOVE);
    rule = plain_rule(0); /* the stack does not grow */
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_BROKEN);
    rule = plain_rule(-8);
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_BROKEN);
    rule = plain_rule(8); /* 11 is no code */
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_OUTERMOST);
    rule = plain_rule(24);
    rule.undefined = UINT32_C(1) << STACK_REGISTER_IP;
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_OUTERMOST);
    /* What failed has changed nothing. */
    assert_int_equal(registers.values[STACK_REGISTER_SP], base);
    /* A register that is not known is no way to go on; if it is not needed, it does no harm. */
    rule = plain_rule(24);
    rule.registers[2].offset = -160;
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_DONE);
    assert_int_equal(registers.known >> STACK_REGISTER_BP & 1, 0);
    rule.cfa.from = STACK_REGISTER_BP;
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_BROKEN);
}

/* As vfork() of glibc does it. */
static void test_a_return_address_in_a_register(void **state) {
    (void)state;
    struct tiny_sample sample = tiny();
    sample.sample.registers[5] = 0x402000;
    struct unwind_registers registers = registers_of(&sample);
    struct unwind_rule rule = plain_rule(0);
    rule.count = 2;
    rule.registers[0] = (struct register_rule){.number = STACK_REGISTER_IP, .kind = REGISTER_OF, .from = 5};
    assert_int_equal(unwind_rule_apply(&rule, &sample.sample, &registers), UNWIND_STEP_DONE);
    assert_int_equal(registers.values[STACK_REGISTER_IP], 0x402000);
    assert_int_equal(registers.values[STACK_REGISTER_SP], base);
}

/* The CFA by an expression: `words` of it give its value. */
static enum unwind_step evaluate(struct unwind_operation *operations, uint8_t count, uint64_t *value) {
    struct tiny_sample sample = tiny();
    struct unwind_registers registers = registers_of(&sample);
    struct unwind_rule rule = plain_rule(24);
    rule.operations = operations;
    rule.operation_count = count;
    rule.registers[2] = (struct register_rule){.number = 3, .kind = REGISTER_VALUE, .length = count};
    rule.registers[3] =
        (struct register_rule){.number = STACK_REGISTER_BP, .kind = REGISTER_EXPRESSION, .length = count};
    rule.count = 4;
    enum unwind_step step = unwind_rule_apply(&rule, &sample.sample, &registers);
    *value = registers.values[3];
    return step == UNWIND_STEP_DONE && !(registers.known >> 3 & 1) ? UNWIND_STEP_BROKEN : step;
}

enum {
    BREG7 = 0x77,
    BREG16 = 0x80,
    DEREF = 0x06,
    PLUS_UCONST = 0x23,
    LIT3 = 0x33,
    LIT11 = 0x3b,
    LIT15 = 0x3f,
    AND = 0x1a,
    GE = 0x2a,
    SHL = 0x24,
    PLUS = 0x22,
    DROP = 0x13,
    CALL_FRAME_CFA = 0x9c,
};

static void test_expressions(void **state) {
    (void)state;
    uint64_t value;
    /* As linkers write it for the PLT: 1016 & 15 is 8, which is not >= 11. */
    struct unwind_operation plt[] = {{BREG7, 8, 0}, {BREG16, 0, 0}, {LIT15, 0, 0}, {AND, 0, 0}, {LIT11, 0, 0},
                                     {GE, 0, 0},    {LIT3, 0, 0},   {SHL, 0, 0},   {PLUS, 0, 0}};
    assert_int_equal(evaluate(plt, COUNT_OF(plt), &value), UNWIND_STEP_DONE);
    assert_int_equal(value, base + 8);
    plt[4].atom = LIT3;
    assert_int_equal(evaluate(plt, COUNT_OF(plt), &value), UNWIND_STEP_DONE);
    assert_int_equal(value, base + 16);
    struct unwind_operation deref[] = {{CALL_FRAME_CFA, 0, 0}, {DEREF, 0, 0}, {DEREF, 0, 0}, {PLUS_UCONST, 5, 0}};
    assert_int_equal(evaluate(deref, COUNT_OF(deref), &value), UNWIND_STEP_DONE);
    assert_int_equal(value, 0x7ffc00001018 + 5);
    struct unwind_operation below[] = {{BREG7, (uint64_t)-8, 0}, {DEREF, 0, 0}};
    assert_int_equal(evaluate(below, COUNT_OF(below), &value), UNWIND_STEP_BROKEN);
    struct unwind_operation empty[] = {{LIT3, 0, 0}, {DROP, 0, 0}};
    assert_int_equal(evaluate(empty, COUNT_OF(empty), &value), UNWIND_STEP_BROKEN);
    struct unwind_operation too_few[] = {{LIT3, 0, 0}, {PLUS, 0, 0}};
    assert_int_equal(evaluate(too_few, COUNT_OF(too_few), &value), UNWIND_STEP_BROKEN);
    struct unwind_operation too_many[40];
    for (size_t i = 0; i < COUNT_OF(too_many); i++) {
        too_many[i] = (struct unwind_operation){LIT3, 0, 0};
    }
    assert_int_equal(evaluate(too_many, COUNT_OF(too_many), &value), UNWIND_STEP_BROKEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_c_library),
        cmocka_unit_test(test_the_vdso),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_a_file_that_shrinks),
        cmocka_unit_test(test_clone),
        cmocka_unit_test(test_signal_returns),
        cmocka_unit_test(test_a_plain_rule),
        cmocka_unit_test(test_rules_that_lead_nowhere),
        cmocka_unit_test(test_a_return_address_in_a_register),
        cmocka_unit_test(test_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
