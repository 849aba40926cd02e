/* SPDX-License-Identifier: MIT */
#include "demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

struct output {
    char *at;
    size_t left; /* with the NUL */
    jmp_buf full;
};

/* A few bytes of a name may stand for exponentially many: whoever prints them is not waited for. What libiberty calls
 * us from keeps its state on the stack; of Rust's names with other letters than ASCII, one buffer of a word is lost. */
static void put(const char *text, size_t size, void *data) {
    struct output *output = data;
    if (size >= output->left) {
        longjmp(output->full, 1);
    }
    memcpy(output->at, text, size);
    output->at += size;
    output->left -= size;
}

typedef int demangler(const char *, int, demangle_callbackref, void *);

static bool run(demangler *with, const char *name, char *shown, size_t size) {
    struct output output = {.at = shown, .left = size};
    if (setjmp(output.full)) {
        return false;
    }
    /* The limit of recursion is that of the name's length: theirs would refuse names of half of it. */
    if (!with(name, DMGL_ANSI | DMGL_NO_RECURSE_LIMIT, put, &output) || output.at == shown) {
        return false;
    }
    *output.at = '\0';
    return true;
}

bool demangle(const char *name, char *shown, size_t size) {
    if (!size) {
        return false;
    }
    /* "_Z" of C++ and of Rust's older scheme, "_R" of its newer one. */
    bool mangled = name[0] == '_' && (name[1] == 'Z' || name[1] == 'R') &&
                   strnlen(name, DEMANGLE_INPUT_MAX + 1) <= DEMANGLE_INPUT_MAX;
    if (mangled && (run(rust_demangle_callback, name, shown, size) ||
                    (name[1] == 'Z' && run(cplus_demangle_v3_callback, name, shown, size)))) {
        return true;
    }
    *shown = '\0';
    return false;
}
