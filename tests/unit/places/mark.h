/* SPDX-License-Identifier: MIT
 *
 * A mark in the code that says itself where it is: an instruction, and in section
 * .marks its address, its line, the function that it stands in and the file, as
 * the compiler knows it. See tests/unit/test_debug_info.c.
 */
#ifndef RENACER_TESTS_MARK_H
#define RENACER_TESTS_MARK_H

#define MARK(function)                                                                                                 \
    __asm__ volatile("1: nop\n"                                                                                        \
                     ".pushsection .marks, \"a\"\n"                                                                    \
                     ".balign 1024\n"                                                                                  \
                     ".quad 1b - ., %c0\n"                                                                             \
                     ".asciz \"" function "\"\n"                                                                       \
                     ".asciz \"" __FILE__ "\"\n"                                                                       \
                     ".balign 1024\n"                                                                                  \
                     ".popsection"                                                                                     \
                     :                                                                                                 \
                     : "i"(__LINE__))

#endif
