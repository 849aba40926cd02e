/* SPDX-License-Identifier: MIT
 *
 * What the harnesses of foreign bytes share: libFuzzer calls them, and so does
 * smoke.c in the normal suite.
 */
#ifndef RENACER_TESTS_FUZZ_H
#define RENACER_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What must hold whatever the bytes are, also where assert() is compiled out. */
#define fuzz_assert(condition) ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

#endif
