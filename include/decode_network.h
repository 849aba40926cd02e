/* SPDX-License-Identifier: MIT
 *
 * Functions that decode: sockets (decode/network.def), and what others have in them.
 */
#ifndef RENACER_DECODE_NETWORK_H
#define RENACER_DECODE_NETWORK_H

#include "decoding.h"

#define DECODED(type, x86_64, i386, flatness, function) void function(struct decoding *decoding, uint64_t address);
#include "decode/network.def"
#undef DECODED

/* A struct sockaddr of `size` bytes, which are there; at least 2, of which strace looks at 128. */
void show_sockaddr(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);

/* The struct sockaddr of `length` bytes at `address`: its address if it cannot be read or is no address of a socket.
 * Returns its family, -1 if that is not known. */
int show_sockaddr_at(struct decoding *decoding, const char *name, uint64_t address, int32_t length);

/* The 4 or 16 bytes of an address of AF_INET or AF_INET6: `name=inet_addr("...")`, `inet_pton(AF_INET6, "...", &name)`.
 * Without a name only the call is shown, without its last argument. */
void show_internet_address(struct decoding *decoding, const char *name, int family, const uint8_t *bytes);

/* htons(80) of a port in network order. */
void show_port_number(struct decoding *decoding, const char *name, uint16_t port);

/* The number of an interface: if_nametoindex("lo"), or the number if none has it. */
void show_interface(struct decoding *decoding, const char *name, uint32_t index);

/* 02:42:ac:11:00:02 */
void show_mac(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size);

/* The hardware address in a field of `size` bytes: as many of them as an address of that type (ARPHRD_...) has. */
void show_hardware_address(struct decoding *decoding, const char *name, const uint8_t *bytes, size_t size,
                           uint32_t type);

/* The control messages of struct msghdr: `length` bytes at `address`. */
void show_control_messages(struct decoding *decoding, uint64_t address, uint64_t length);

/* What recvmmsg(2) has left of its timeout: " (left {tv_sec=0, tv_nsec=1})". */
void found_time_left(struct decoding *decoding, uint64_t address);

#endif
