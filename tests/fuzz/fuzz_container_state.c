/* SPDX-License-Identifier: MIT
 *
 * What strangers send to the agent's socket: a container's state from any bytes, in pieces of any size, and the
 * options in its metadata, or in the bytes themselves.
 */
#include "cleanup.h"
#include "container_state.h"
#include "fuzz.h"
#include "metadata_words.h"
#include "object_end.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

/* Words in quotation marks are split into themselves. */
static void check_again(char **words, size_t count, size_t length) {
    char problem[128];
    char **again;
    size_t count_again;
    /* No word is longer than what it was made of, but for a ' that takes four bytes, and two marks and a blank. */
    auto_free char *line = malloc(4 * length + 3 * count + 1);
    char *to = line;
    fuzz_assert(line);
    for (size_t i = 0; i < count; i++) {
        *to++ = '\'';
        for (const char *from = words[i]; *from; from++) {
            to = *from == '\'' ? stpcpy(to, "'\\''") : (*to = *from, to + 1);
        }
        to = stpcpy(to, "' ");
    }
    *to = 0;
    fuzz_assert(metadata_split(line, &again, &count_again, problem, sizeof(problem)) == 0);
    fuzz_assert(count_again == count);
    for (size_t i = 0; i < count; i++) {
        fuzz_assert(strcmp(again[i], words[i]) == 0);
    }
    free(again);
}

static void split(const char *line) {
    char problem[128] = "";
    char **words;
    size_t count;
    int status = metadata_split(line, &words, &count, problem, sizeof(problem));
    if (status == 0) {
        fuzz_assert(count <= METADATA_WORDS_MAX && !words[count]);
        check_again(words, count, strlen(line));
        free(words);
    } else {
        fuzz_assert(status == -EINVAL && problem[0]);
    }
}

static bool is_text(const char *string) {
    return !string || !u8_check((const uint8_t *)string, strlen(string));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const char *text = (const char *)bytes;
    struct container_state state;
    struct object_end end = {0};
    struct object_end bytewise = {0};
    char problem[256] = "";
    object_end_feed(&end, text, size);
    for (size_t i = 0; i < size; i++) {
        object_end_feed(&bytewise, text + i, 1);
    }
    fuzz_assert(end.state == bytewise.state);
    int status = container_state_parse(&state, text, size, problem, sizeof(problem));
    if (status == 0) {
        fuzz_assert(end.state == OBJECT_ENDED);
        fuzz_assert(state.listener < state.fd_count && state.fd_count <= CONTAINER_FDS_MAX);
        fuzz_assert(state.process_pid >= 0 && state.pid >= 0);
        fuzz_assert(state.id[0] && state.id[0] != '.' && !strchr(state.id, '/') &&
                    strlen(state.id) <= CONTAINER_ID_MAX);
        fuzz_assert(is_text(state.bundle) && is_text(state.version) && is_text(state.metadata));
        split(state.metadata ? state.metadata : "");
    } else {
        fuzz_assert(status == -EINVAL && problem[0] && !state.id && is_text(problem));
    }
    container_state_finish(&state);
    auto_free char *line = strndup(text, size);
    fuzz_assert(line);
    split(line);
    return 0;
}
