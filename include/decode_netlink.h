/* SPDX-License-Identifier: MIT
 *
 * Messages of netlink: decode/netlink.def, and buffers of other arguments that hold them.
 */
#ifndef RENACER_DECODE_NETLINK_H
#define RENACER_DECODE_NETLINK_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/netlink.def"
#undef DECODED

/* Show `length` bytes at `address` as messages of the socket that argument 0 of the call is. strace does so with every
 * buffer of a struct msghdr whose msg_name is of AF_NETLINK, even if the descriptor is another one: then the messages
 * are of no known protocol. Of a struct msghdr that has no such name it shows bytes, even if the socket is one of
 * netlink. */
void show_netlink_messages(struct decoding *decoding, const char *name, uint64_t address, uint64_t length);

#endif
