/* SPDX-License-Identifier: MIT
 *
 * What strace tells behind the result of a call, by the type of an argument.
 */
#include "decode_network.h"
#include "decode_processes.h"
#include "decode_video.h"
#include "decode_waiting.h"
#include "value.h"

static const struct {
    enum arg_type type;
    void (*show)(struct decoding *decoding, uint64_t address);
} found[] = {
    {A_SET_THREAD_AREA, found_thread_area},
    {A_TO_POLLFDS, found_pollfds},
    {A_TIME_LEFT, found_time_left},
    {A_TIME_LEFT64, found_time_left},
    {A_TO_PPOLLFDS, found_pollfds},
    {A_TO_FD_SET, found_fd_set},
    {A_TO_SELECT_ARGUMENTS, found_select_arguments},
    {A_TO_WAIT_TIMEVAL, found_wait_timeval},
    {A_TO_WAIT_TIMESPEC, found_wait_timespec},
    {A_TO_WAIT_TIMESPEC64, found_wait_timespec64},
    {A_TO_VIDEO, found_video_buffers},
};

void decoded_found_to_text(const struct value *value, struct text *text) {
    struct decoding decoding = decoding_of(value, text);
    for (size_t i = 0; value->delivered && i < sizeof(found) / sizeof(found[0]); i++) {
        if (found[i].type == value->type) {
            found[i].show(&decoding, value->number);
        }
    }
}
