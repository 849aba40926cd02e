/* SPDX-License-Identifier: MIT
 *
 * What a traced thread's file descriptors refer to, as strace 6.1 shows it
 * between < and > with -y and -yy.
 *
 * A description is up to three fields with a NUL between each two; empty ones
 * at the end are left out together with their NUL:
 *
 *     path NUL inner NUL outer
 *
 * `path` is raw bytes, for whoever prints it to escape; it holds no NUL. `inner`
 * stands behind it, before the closing bracket, and `outer` behind that bracket;
 * both are printed as they are.
 *
 *     /tmp/x                                  </tmp/x>
 *     pipe:[5]                                <pipe:[5]>
 *     /dev/null NUL <char 1:3>                </dev/null<char 1:3>>
 *     NUL TCP:[127.0.0.1:80]                  <TCP:[127.0.0.1:80]>
 *     /tmp/x NUL NUL (deleted)                </tmp/x>(deleted)
 *
 * All functions may be called from several threads at once. They keep nothing,
 * least of all an open descriptor, from one call to the next.
 */
#ifndef RENACER_DESCRIPTOR_H
#define RENACER_DESCRIPTOR_H

#include "text.h"

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct redaction;

enum descriptor_detail {
    DESCRIPTOR_NONE,      /* not asked for */
    DESCRIPTOR_PATHS,     /* -y: what /proc/TID/fd/N links to */
    DESCRIPTOR_ENDPOINTS, /* -yy: protocols and addresses of sockets, device numbers, pids of pidfds as well */
};

enum {
    /* No description is longer. Paths have fewer than PATH_MAX bytes, for the
     * kernel makes the link's text in one page; details that stand behind a
     * path take 30, and those that stand alone are at most 500: the escaped
     * name of a Unix socket. */
    DESCRIPTOR_TEXT_MAX = PATH_MAX + 256,
};

/* Describe descriptor `fd` of thread `tid`: write at most `size` bytes to
 * `text`, without a NUL at the end, and return how many. A longer description
 * is cut, which DESCRIPTOR_TEXT_MAX rules out.
 *
 * 0 if there is nothing to say: not asked for, `fd` is not open, the thread is
 * gone or out of reach (ptrace rights are needed, as in proc_pid_fd(5)), or the
 * path is longer than the kernel can say. A detail that cannot be had, for the
 * thread may die at any moment, is left out: of a socket, "socket:[inode]" is
 * what remains.
 *
 * Meant for a thread that stands still: if another thread of its process closes
 * and opens `fd` at that time, either the old or the new one is described, or
 * "socket:[inode]". A socket is held open for the microseconds that this
 * takes; if its last owner closes it just then, the close that ends it is ours,
 * and it is we who wait for the time of SO_LINGER, if it has any. Nothing else
 * here waits, unless a path ends in " (deleted)" and its file system takes its
 * time to look the name up. */
size_t descriptor_describe(pid_t tid, int fd, enum descriptor_detail detail, char *text, size_t size);

/* The same for the thread's current directory, AT_FDCWD. As strace has it, it
 * is one field: that the directory was deleted is said within the brackets. */
size_t descriptor_describe_cwd(pid_t tid, char *text, size_t size);

enum {
    NETLINK_PROTOCOL_NONE = -2,    /* it is no socket of netlink */
    NETLINK_PROTOCOL_UNKNOWN = -1, /* nobody knows: it has no address yet, as before its first message */
};

/* The protocol of a socket of netlink, as far as strace finds it out; or one of the above. Of other descriptors
 * this is one call of the system. */
int descriptor_netlink_protocol(pid_t tid, int fd);

/* Append a description of `size` bytes with its brackets and what stands behind
 * them, the path escaped as strace does; nothing for an empty one. It need not
 * come from above: any bytes are safe. (emit/descriptor_text.c) */
void descriptor_to_text(const char *text, size_t size, struct text *output);

/* Append a description in which what is to be hidden is replaced. (emit/descriptor_text.c) */
void descriptor_redact(struct redaction *redaction, const uint8_t *bytes, size_t size, struct text *output);

#endif
