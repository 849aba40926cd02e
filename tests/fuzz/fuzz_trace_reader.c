/* SPDX-License-Identifier: MIT
 *
 * The reader of traces on any bytes: every call must be the same when it is
 * read again at its place, and everything when it is read from the start.
 */
#include "fuzz.h"
#include "trace_reader.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct trace_item item, again; /* large */

/* All items: how many, and what came last. */
static unsigned long read_all(struct trace_reader *reader, bool look_again, int *status) {
    char problem[512];
    unsigned long count = 0;
    while ((*status = trace_reader_next(reader, &item, problem, sizeof(problem))) > 0) {
        count++;
        if (look_again && item.kind == TRACE_CALL && count < 64) {
            fuzz_assert(trace_reader_call_at(reader, item.offset, &again, problem, sizeof(problem)) == 1);
            fuzz_assert(again.line == item.line && again.call.argument_count == item.call.argument_count);
        }
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char path[32], problem[512];
    int first, second, file = memfd_create("trace", MFD_CLOEXEC);
    fuzz_assert(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    struct trace_reader *reader;
    fuzz_assert(trace_reader_open(&reader, path, problem, sizeof(problem)) == 0);
    unsigned long count = read_all(reader, true, &first);
    fuzz_assert(trace_reader_rewind(reader) == 0 && read_all(reader, false, &second) == count && second == first);
    trace_reader_close(reader);
    return close(file);
}
