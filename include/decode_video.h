/* SPDX-License-Identifier: MIT
 *
 * Requests of video devices, in two files.
 */
#ifndef RENACER_DECODE_VIDEO_H
#define RENACER_DECODE_VIDEO_H

#include "decode_ioctl.h"

/* "30/1" */
void show_video_fraction(struct decoding *decoding, const char *name, const uint8_t *bytes);

void show_video_creation(struct decoding *decoding, uint64_t address);
void show_video_crop(struct decoding *decoding, uint64_t address);
void show_video_description(struct decoding *decoding, uint64_t address);
void show_video_format(struct decoding *decoding, uint64_t address);
void show_video_intervals(struct decoding *decoding, uint64_t address);
void show_video_parameters(struct decoding *decoding, uint64_t address);
void show_video_sizes(struct decoding *decoding, uint64_t address);

/* Behind the result of VIDIOC_CREATE_BUFS: " ({index=1, count=2})". */
void found_video_buffers(struct decoding *decoding, uint64_t address);

#endif
