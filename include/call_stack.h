/* SPDX-License-Identifier: MIT
 *
 * The stack of a call, as it is shown: functions from the one that made the call
 * to the outermost.
 */
#ifndef RENACER_CALL_STACK_H
#define RENACER_CALL_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a stack ends where it ends. */
enum stack_end {
    STACK_END_NONE,      /* nothing is known: there was no sample of the stack */
    STACK_END_OUTERMOST, /* nothing has called the last frame */
    STACK_END_CUT,       /* the part that was copied ends here */
    STACK_END_ELSEWHERE, /* the caller is on another stack, of which nothing was copied */
    STACK_END_UNKNOWN,   /* the last frame's code is in no file: made at run time (JIT), or what maps it was not seen */
    STACK_END_NO_UNWIND, /* the file of the last frame says nothing about unwinding from there */
    STACK_END_BROKEN,    /* what it says leads nowhere */
    STACK_END_TOO_DEEP,  /* there are more frames than are shown */
    STACK_END_FOREIGN,   /* code of another architecture */
};

struct frame {
    const char *module;   /* path, as the program mapped it; NULL: in no file */
    const char *function; /* demangled; NULL: not known */
    const char *file;     /* in the source, as the compiler was given it; NULL: not known */
    unsigned line;        /* 0: not known */
    uint64_t offset;  /* from the beginning of the function (of an inlined one: of what it is in); 0 without function */
    uint64_t address; /* in the module, as it was linked (what addr2line takes); without module in memory. Where it goes
                         on */
    bool inlined;     /* in the next frame */
    bool user;        /* by the rule of include/user_frame.h */
    bool stand_in;    /* without a line, but may stand for one of the user's where there is none, */
    bool bare;        /* and so is all of its module, which has no debug information */
};

/* Innermost first. */
struct call_stack {
    const struct frame *frames;
    size_t count;
    enum stack_end end;
    /* Another stack never has the same number, in all of the trace: what was made of these frames and their end need
     * not be made again. 0: nobody has numbered it. */
    uint64_t number;
};

#endif
