/* SPDX-License-Identifier: MIT
 *
 * Requests of btrfs, in two files.
 */
#ifndef RENACER_DECODE_BTRFS_H
#define RENACER_DECODE_BTRFS_H

#include "decode_ioctl.h"

/* UINT64_MAX by name, as it means that there is no limit. */
void show_btrfs_limit(struct decoding *decoding, const char *name, uint64_t number);

/* The id of an object of a tree, by name where it has one. */
void show_btrfs_object(struct decoding *decoding, const char *name, uint64_t number);

void show_btrfs_lookup(struct decoding *decoding, uint64_t address);
void show_btrfs_owners(struct decoding *decoding, uint64_t address);
void show_btrfs_paths(struct decoding *decoding, uint64_t address);
void show_btrfs_search(struct decoding *decoding, uint64_t address);
void show_btrfs_sending(struct decoding *decoding, uint64_t address);
void show_btrfs_space(struct decoding *decoding, uint64_t address);

#endif
