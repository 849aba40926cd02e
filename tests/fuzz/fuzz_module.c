/* SPDX-License-Identifier: MIT
 *
 * ELF files from any bytes: what they say of addresses and unwinding, and what a stack of any bytes comes to by that.
 */
#include "fuzz.h"
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    PLACES = 24,       /* in each segment */
    STACK_BYTES = 512, /* of the sample */
    STEPS = 16,
};

struct any_sample {
    struct stack_sample sample;
    uint8_t stack[STACK_BYTES];
};

/* The end of the file is the stack: the beginning has to be ELF. */
static void make_sample(struct any_sample *any, const uint8_t *bytes, size_t size) {
    size_t used = size < STACK_BYTES ? size : STACK_BYTES;
    memset(any, 0, sizeof(*any));
    any->sample.size = STACK_BYTES;
    any->sample.cut = size & 1;
    memcpy(any->stack, bytes + size - used, used);
    for (size_t i = 0; i < STACK_REGISTERS; i++) {
        any->sample.registers[i] = UINT64_C(0x7fff00000000) + 8 * i;
    }
    any->sample.registers[STACK_REGISTER_SP] = UINT64_C(0x7fff00000000);
}

static void check_rule(const struct unwind_rule *rule, const struct any_sample *any) {
    struct unwind_registers registers = {.known = (UINT32_C(1) << STACK_REGISTERS) - 1};
    memcpy(registers.values, any->sample.registers, sizeof(registers.values));
    fuzz_assert(rule->count <= STACK_REGISTERS);
    for (unsigned i = 0; i < STEPS; i++) {
        uint64_t sp = registers.values[STACK_REGISTER_SP];
        enum unwind_step step = unwind_rule_apply(rule, &any->sample, &registers);
        fuzz_assert(step <= UNWIND_STEP_BROKEN);
        if (step != UNWIND_STEP_DONE) {
            fuzz_assert(registers.values[STACK_REGISTER_SP] == sp);
            break;
        }
    }
}

static void check_places(struct module *module, const struct module_segment *segment, const struct any_sample *any) {
    size_t count;
    const struct module_segment *segments = module_segments(module, &count);
    uint64_t step = segment->size / PLACES + 1;
    for (uint64_t offset = 0; offset < segment->size && offset / step < PLACES; offset += step) {
        uint64_t address;
        struct unwind_rule rule;
        fuzz_assert(module_segment_address(segments, count, segment->offset + offset, &address));
        if (module_unwind_rule(module, address, &rule)) {
            check_rule(&rule, any);
            unwind_rule_finish(&rule);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static struct any_sample any;
    struct module *module = NULL;
    size_t count;
    int file = memfd_create("module", MFD_CLOEXEC);
    fuzz_assert(file >= 0);
    fuzz_assert(write(file, bytes, size) == (ssize_t)size);
    int status = module_open(&module, file, "/nowhere/module");
    fuzz_assert(fcntl(file, F_GETFD) >= 0 || errno == EBADF);
    if (status < 0) {
        fuzz_assert(status == -ENOEXEC && fcntl(file, F_GETFD) < 0);
        return 0;
    }
    make_sample(&any, bytes, size);
    const struct module_segment *segments = module_segments(module, &count);
    fuzz_assert(count <= MODULE_SEGMENTS_MAX);
    for (size_t i = 0; i < count && i < 4; i++) {
        check_places(module, &segments[i], &any);
    }
    module_build_id(module, &count);
    module_close(module);
    return 0;
}
