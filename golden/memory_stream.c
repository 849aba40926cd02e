/* SPDX-License-Identifier: MIT */
#include "memory_stream.h"

#include <errno.h>
#include <stdbool.h>

static ssize_t take(void *cookie, const char *bytes, size_t size) {
    struct text *text = cookie;
    text_add(text, bytes, size);
    return text->failed ? 0 : (ssize_t)size;
}

int memory_stream_open(struct memory_stream *memory) {
    *memory = (struct memory_stream){0};
    memory->stream = fopencookie(&memory->text, "w", (cookie_io_functions_t){.write = take});
    return memory->stream ? 0 : -ENOMEM;
}

int memory_stream_close(struct memory_stream *memory) {
    bool failed = ferror(memory->stream);
    failed = fclose(memory->stream) != 0 || failed || memory->text.failed;
    memory->stream = NULL;
    if (failed) {
        text_finish(&memory->text);
    }
    return failed ? -ENOMEM : 0;
}
