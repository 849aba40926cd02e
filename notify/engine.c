/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <string.h>

const struct engine *const *engine_all(void) {
    static const struct engine *const engines[] = {&notify_engine, &ptrace_engine, &notify_only_engine, NULL};
    return engines;
}

const struct engine *engine_named(const char *name) {
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        if (strcmp((*engine)->name, name) == 0) {
            return *engine;
        }
    }
    return NULL;
}
