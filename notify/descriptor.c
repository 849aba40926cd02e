/* SPDX-License-Identifier: MIT */
#include "descriptor.h"

#include "cleanup.h"
#include "proc.h"
#include "text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

/* PIDFD_THREAD of linux/pidfd.h, since Linux 6.9; that header does not go together with fcntl.h. */
enum {
    THREAD_PIDFD = O_EXCL
};

/* A descriptor of a traced thread, and what /proc says it links to. */
struct descriptor {
    pid_t tid;
    int fd;
    size_t length;
    char link[PATH_MAX];
    char path[48]; /* /proc/TID/fd/N */
};

/* A socket's own address or that of its peer; `size` as the kernel gave it. */
struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
        struct sockaddr_nl nl;
        struct sockaddr_un un;
        struct sockaddr_storage storage;
    };
    socklen_t size;
};

/* A copy of a traced thread's socket, and what kind it is. */
struct copied_socket {
    int fd;
    int domain;
    int type;
    int protocol;
    uint64_t inode;
};

/* ----------------------------------------------------------------- what /proc says */

/* Read the link at `path` into the PATH_MAX bytes of `link`, with a NUL: its length, or 0. */
static size_t read_link(const char *path, char *link) {
    ssize_t length = readlink(path, link, PATH_MAX);
    if (length <= 0 || length == PATH_MAX) {
        return 0;
    }
    link[length] = 0;
    return (size_t)length;
}

/* Look at a file without asking whoever serves it: it may be a FUSE server
 * that is traced and waits for us. */
static bool look_at(const char *path, int flags, struct statx *file) {
    return statx(AT_FDCWD, path, flags | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_NLINK | STATX_INO, file) == 0;
}

static bool is_same_file(const struct statx *a, const struct statx *b) {
    return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/* ----------------------------------------------------------------- files and devices */

static const char deleted_mark[] = " (deleted)";

static bool ends_with_mark(const struct descriptor *descriptor) {
    size_t mark = sizeof(deleted_mark) - 1;
    return descriptor->length > mark && strcmp(descriptor->link + descriptor->length - mark, deleted_mark) == 0;
}

/* Whether it was the kernel that put the mark behind the link, and not somebody
 * who named the file so. A file without any link is deleted; one that has some
 * may have lost just the name that it was opened by. Then the name decides,
 * where we can see it: in another mount name space, or if the file was meanwhile
 * linked to the very name with the mark, we can be wrong, as strace can. */
static bool is_deleted(const struct descriptor *descriptor, const struct statx *file) {
    struct statx named;
    return file->stx_nlink == 0 || !look_at(descriptor->link, AT_SYMLINK_NOFOLLOW, &named) ||
           !is_same_file(file, &named);
}

static void device_to_text(const struct statx *file, struct text *text) {
    text_add_char(text, 0);
    text_add_string(text, S_ISBLK(file->stx_mode) ? "<block " : "<char ");
    text_add_unsigned(text, file->stx_rdev_major);
    text_add_char(text, ':');
    text_add_unsigned(text, file->stx_rdev_minor);
    text_add_char(text, '>');
}

static void file_to_text(const struct descriptor *descriptor, enum descriptor_detail detail, struct text *text) {
    struct statx file = {0};
    bool marked = ends_with_mark(descriptor);
    bool seen = (marked || detail == DESCRIPTOR_ENDPOINTS) && look_at(descriptor->path, 0, &file);
    if (marked && is_deleted(descriptor, &file)) {
        text_add(text, descriptor->link, descriptor->length - (sizeof(deleted_mark) - 1));
        text_add(text, "\0\0(deleted)", 11);
        return;
    }
    text_add(text, descriptor->link, descriptor->length);
    if (seen && detail == DESCRIPTOR_ENDPOINTS && (S_ISCHR(file.stx_mode) || S_ISBLK(file.stx_mode))) {
        device_to_text(&file, text);
    }
}

/* The process of a pidfd; one that has been waited for is -1 in fdinfo, and not shown. */
static void pidfd_to_text(const struct descriptor *descriptor, struct text *text) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", descriptor->tid, descriptor->fd);
    pid_t pid = proc_number(path, "Pid");
    if (pid <= 0) {
        text_add(text, descriptor->link, descriptor->length);
        return;
    }
    text_add_char(text, 0);
    text_add_string(text, "pid:");
    text_add_unsigned(text, (uint64_t)pid);
}

/* -------------------------------------------------------------- the copy of a socket */

/* Before Linux 6.9 pidfds are of thread-group leaders only. Then the leader's
 * table of descriptors is looked at, which is nearly always the thread's as
 * well; copy_socket() notices if it is not (made without CLONE_FILES, or
 * unshared later). */
static int open_pidfd(pid_t tid) {
    int pidfd = (int)syscall(SYS_pidfd_open, tid, THREAD_PIDFD);
    if (pidfd >= 0 || errno == ESRCH) {
        return pidfd;
    }
    pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
    if (pidfd >= 0) {
        return pidfd;
    }
    pid_t leader = proc_process_of(tid);
    return leader > 0 ? (int)syscall(SYS_pidfd_open, leader, 0) : -1;
}

static bool has_option(int fd, int option, int *value) {
    socklen_t size = sizeof(*value);
    return getsockopt(fd, SOL_SOCKET, option, value, &size) == 0;
}

/* Copy the socket into this process, close-on-exec as pidfd_getfd(2) makes it,
 * and see what it is: false if it cannot be had, or if it is another one than
 * /proc linked to. The caller closes `fd` in either case, and at once: as long
 * as it is open, the target's close(2) does not end the connection. */
static bool copy_socket(const struct descriptor *descriptor, struct copied_socket *copy) {
    auto_fd pidfd = open_pidfd(descriptor->tid);
    copy->fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, descriptor->fd, 0);
    struct stat status;
    if (copy->fd < 0 || fstat(copy->fd, &status) < 0) {
        return false;
    }
    char expected[48];
    snprintf(expected, sizeof(expected), "socket:[%ju]", (uintmax_t)status.st_ino);
    copy->inode = status.st_ino;
    return strcmp(descriptor->link, expected) == 0 && has_option(copy->fd, SO_DOMAIN, &copy->domain) &&
           has_option(copy->fd, SO_TYPE, &copy->type) && has_option(copy->fd, SO_PROTOCOL, &copy->protocol);
}

/* getsockname(2) or getpeername(2) of the copy. */
static bool get_address(int (*get)(int, struct sockaddr *, socklen_t *), int fd, struct address *address) {
    *address = (struct address){.size = sizeof(address->storage)};
    return get(fd, &address->any, &address->size) == 0 && address->size <= sizeof(address->storage);
}

/* ------------------------------------------------------------------- Internet sockets */

struct protocol {
    const char *name;
    int type; /* 0: any */
    int protocol;
    bool has_ports; /* and so is shown with its addresses; strace has none for the others */
    bool is_odd; /* the kernel's name for IPv4 is another, which strace does not know: shown with its addresses alone */
};

/* By the names of the kernel (/proc/net/protocols), behind which IPv6 has "v6".
 * IPPROTO_IP stands for any protocol that no other row has. */
static const struct protocol protocols[] = {
    {"TCP", SOCK_STREAM, IPPROTO_TCP, true},
    {"UDP", SOCK_DGRAM, IPPROTO_UDP, true},
    {"UDPLITE", SOCK_DGRAM, IPPROTO_UDPLITE, true, .is_odd = true}, /* "UDP-Lite" */
    {"DCCP", SOCK_DCCP, IPPROTO_DCCP, true},
    {"SCTP", 0, IPPROTO_SCTP, true},
    {"PING", SOCK_DGRAM, IPPROTO_ICMP, false},
    {"PING", SOCK_DGRAM, IPPROTO_ICMPV6, false},
    {"RAW", SOCK_RAW, IPPROTO_IP, false},
};

/* NULL for a protocol that strace does not show: MPTCP and others. */
static const struct protocol *find_protocol(const struct copied_socket *copy) {
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        const struct protocol *row = &protocols[i];
        bool any = row->protocol == IPPROTO_IP;
        if ((row->type == 0 || row->type == copy->type) && (any || row->protocol == copy->protocol)) {
            return row;
        }
    }
    return NULL;
}

static in_port_t port_of(const struct address *address) {
    return ntohs(address->any.sa_family == AF_INET6 ? address->in6.sin6_port : address->in.sin_port);
}

static void endpoint_to_text(const struct address *address, struct text *text) {
    char printed[INET6_ADDRSTRLEN];
    bool is_v6 = address->any.sa_family == AF_INET6;
    const void *bytes = is_v6 ? (const void *)&address->in6.sin6_addr : &address->in.sin_addr;
    text_add_string(text, is_v6 ? "[" : "");
    text_add_string(text, inet_ntop(address->any.sa_family, bytes, printed, sizeof(printed)));
    text_add_string(text, is_v6 ? "]:" : ":");
    text_add_unsigned(text, port_of(address));
}

/* The peer, of a connection that is still being made as well, which
 * getpeername(2) would not tell. SO_PEERNAME wants the exact size. */
static bool get_inet_peer(const struct copied_socket *copy, struct address *peer) {
    bool is_v6 = copy->domain == AF_INET6;
    *peer = (struct address){.size = is_v6 ? sizeof(peer->in6) : sizeof(peer->in)};
    return getsockopt(copy->fd, SOL_SOCKET, SO_PEERNAME, &peer->storage, &peer->size) == 0;
}

/* Whether this is what remains of a TCP connection that has ended or was
 * refused. It remembers addresses, but its port may be another's by now. What
 * tells it from a socket that was bound and not yet connected is the path MTU,
 * which the kernel sets when it connects and never resets. */
static bool is_closed(const struct copied_socket *copy) {
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);
    return copy->protocol == IPPROTO_TCP && getsockopt(copy->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           info.tcpi_state == TCP_CLOSE && info.tcpi_pmtu != 0;
}

/* Append the addresses of a socket that has any. */
static bool endpoints_to_text(const struct copied_socket *copy, struct text *text) {
    struct address local;
    struct address peer;
    if (!get_address(getsockname, copy->fd, &local) || port_of(&local) == 0 || is_closed(copy)) {
        return false;
    }
    endpoint_to_text(&local, text);
    if (get_inet_peer(copy, &peer)) {
        text_add_string(text, "->");
        endpoint_to_text(&peer, text);
    }
    return true;
}

static bool inet_to_text(const struct copied_socket *copy, struct text *text) {
    const struct protocol *protocol = find_protocol(copy);
    if (!protocol) {
        return false;
    }
    size_t before = text->length;
    text_add_char(text, 0);
    text_add_string(text, protocol->name);
    text_add_string(text, copy->domain == AF_INET6 ? "v6:[" : ":[");
    if (!protocol->has_ports || !endpoints_to_text(copy, text)) {
        if (protocol->is_odd && copy->domain == AF_INET) {
            text->length = before;
            return false;
        }
        text_add_unsigned(text, copy->inode);
    }
    text_add_char(text, ']');
    return true;
}

/* ----------------------------------------------------------------------- Unix sockets */

/* The answer to a request for one socket is made before the request's send
 * returns: receiving never waits (sock_diag(7), net/unix/diag.c). */
static ssize_t ask_unix_diag(uint64_t inode, void *answer, size_t size) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req body;
    } request = {
        .header = {.nlmsg_len = sizeof(request), .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
        .body = {.sdiag_family = AF_UNIX,
                 .udiag_states = UINT32_MAX,
                 .udiag_ino = (uint32_t)inode,
                 .udiag_show = UDIAG_SHOW_PEER,
                 .udiag_cookie = {INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE}},
    };
    auto_fd fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (fd < 0 || TEMP_FAILURE_RETRY(send(fd, &request, sizeof(request), MSG_DONTWAIT)) < 0) {
        return -1;
    }
    return TEMP_FAILURE_RETRY(recv(fd, answer, size, MSG_DONTWAIT));
}

/* The inode of the socket at the other end; 0 if it has none, as before
 * accept(2) and after its close, or lives in another network name space. */
static uint32_t unix_peer(uint64_t inode) {
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } answer;
    ssize_t size = ask_unix_diag(inode, &answer, sizeof(answer));
    if (size < 0 || !NLMSG_OK(&answer.header, (size_t)size) || answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) {
        return 0;
    }
    size_t start = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(struct unix_diag_msg)));
    int left = (int)answer.header.nlmsg_len - (int)start;
    const struct rtattr *attribute = (const struct rtattr *)(const void *)(answer.bytes + start);
    for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
        uint32_t peer;
        if (attribute->rta_type == UNIX_DIAG_PEER && RTA_PAYLOAD(attribute) >= sizeof(peer)) {
            memcpy(&peer, RTA_DATA(attribute), sizeof(peer));
            return peer;
        }
    }
    return 0;
}

/* The name that the socket was bound to. As strace has it, an abstract name
 * ends at its first NUL as well, though for the kernel it does not. */
static void unix_name_to_text(const struct address *address, struct text *text) {
    size_t before = offsetof(struct sockaddr_un, sun_path);
    if (address->size <= before) {
        return;
    }
    const char *name = (const char *)&address->storage + before;
    size_t size = address->size - before;
    bool is_abstract = !name[0];
    name += is_abstract;
    size -= is_abstract;
    text_add_string(text, is_abstract ? ",@\"" : ",\"");
    text_add_escaped(text, (const uint8_t *)name, strnlen(name, size), true);
    text_add_char(text, '"');
}

static bool unix_to_text(const struct copied_socket *copy, struct text *text) {
    struct address address;
    /* The kernel's names of the protocols since Linux 5.15; before, strace said UNIX for streams as well. */
    text_add_char(text, 0);
    text_add_string(text, copy->type == SOCK_STREAM ? "UNIX-STREAM:[" : "UNIX:[");
    text_add_unsigned(text, copy->inode);
    /* Without a peer there is no need to ask for it. */
    uint32_t peer = get_address(getpeername, copy->fd, &address) ? unix_peer(copy->inode) : 0;
    if (peer) {
        text_add_string(text, "->");
        text_add_unsigned(text, peer);
    }
    if (get_address(getsockname, copy->fd, &address)) {
        unix_name_to_text(&address, text);
    }
    text_add_char(text, ']');
    return true;
}

/* -------------------------------------------------------------------- netlink sockets */

/* linux/netlink.h */
static const char *const netlink_names[] = {
    [NETLINK_ROUTE] = "ROUTE",
    [NETLINK_UNUSED] = "UNUSED",
    [NETLINK_USERSOCK] = "USERSOCK",
    [NETLINK_FIREWALL] = "FIREWALL",
    [NETLINK_SOCK_DIAG] = "SOCK_DIAG",
    [NETLINK_NFLOG] = "NFLOG",
    [NETLINK_XFRM] = "XFRM",
    [NETLINK_SELINUX] = "SELINUX",
    [NETLINK_ISCSI] = "ISCSI",
    [NETLINK_AUDIT] = "AUDIT",
    [NETLINK_FIB_LOOKUP] = "FIB_LOOKUP",
    [NETLINK_CONNECTOR] = "CONNECTOR",
    [NETLINK_NETFILTER] = "NETFILTER",
    [NETLINK_IP6_FW] = "IP6_FW",
    [NETLINK_DNRTMSG] = "DNRTMSG",
    [NETLINK_KOBJECT_UEVENT] = "KOBJECT_UEVENT",
    [NETLINK_GENERIC] = "GENERIC",
    [NETLINK_SCSITRANSPORT] = "SCSITRANSPORT",
    [NETLINK_ECRYPTFS] = "ECRYPTFS",
    [NETLINK_RDMA] = "RDMA",
    [NETLINK_CRYPTO] = "CRYPTO",
    [NETLINK_SMC] = "SMC",
};

static bool netlink_to_text(const struct copied_socket *copy, struct text *text) {
    struct address address;
    size_t protocol = (size_t)copy->protocol;
    size_t names = sizeof(netlink_names) / sizeof(netlink_names[0]);
    text_add_char(text, 0);
    text_add_string(text, "NETLINK:[");
    if (!get_address(getsockname, copy->fd, &address) || address.nl.nl_pid == 0) {
        text_add_unsigned(text, copy->inode);
    } else {
        if (protocol < names && netlink_names[protocol]) {
            text_add_string(text, netlink_names[protocol]);
        } else {
            text_add_unsigned(text, protocol);
        }
        text_add_char(text, ':');
        text_add_unsigned(text, address.nl.nl_pid);
    }
    text_add_char(text, ']');
    return true;
}

/* The kernel says the name of a socket's protocol as an attribute of the link (net/socket.c). */
static bool is_netlink(const char *path) {
    static const char netlink[] = "NETLINK";
    char name[16];
    ssize_t size = getxattr(path, "system.sockprotoname", name, sizeof(name));
    return size == sizeof(netlink) && memcmp(name, netlink, sizeof(netlink)) == 0;
}

int descriptor_netlink_protocol(pid_t tid, int fd) {
    struct descriptor descriptor = {.tid = tid, .fd = fd};
    snprintf(descriptor.path, sizeof(descriptor.path), "/proc/%d/fd/%d", tid, fd);
    if (fd < 0 || !is_netlink(descriptor.path)) {
        return NETLINK_PROTOCOL_NONE;
    }
    struct copied_socket copy = {.fd = -1};
    struct address address;
    bool is_known = read_link(descriptor.path, descriptor.link) && copy_socket(&descriptor, &copy) &&
                    copy.domain == AF_NETLINK && get_address(getsockname, copy.fd, &address) && address.nl.nl_pid;
    close_fd(&copy.fd);
    return is_known ? copy.protocol : NETLINK_PROTOCOL_UNKNOWN;
}

/* ---------------------------------------------------------------------- any descriptor */

/* Whether anything was appended: strace knows these families alone. */
static bool copy_to_text(const struct copied_socket *copy, struct text *text) {
    switch (copy->domain) {
    case AF_UNIX:
        return unix_to_text(copy, text);
    case AF_INET:
    case AF_INET6:
        return inet_to_text(copy, text);
    case AF_NETLINK:
        return netlink_to_text(copy, text);
    default:
        return false;
    }
}

static void socket_to_text(const struct descriptor *descriptor, struct text *text) {
    struct copied_socket copy;
    if (!copy_socket(descriptor, &copy) || !copy_to_text(&copy, text)) {
        text_add(text, descriptor->link, descriptor->length);
    }
    close_fd(&copy.fd);
}

static void describe(const struct descriptor *descriptor, enum descriptor_detail detail, struct text *text) {
    bool wants_details = detail == DESCRIPTOR_ENDPOINTS;
    /* What begins with a slash is a path, and nothing else does. */
    if (descriptor->link[0] == '/') {
        file_to_text(descriptor, detail, text);
    } else if (wants_details && strncmp(descriptor->link, "socket:[", 8) == 0) {
        socket_to_text(descriptor, text);
    } else if (wants_details && strcmp(descriptor->link, "anon_inode:[pidfd]") == 0) {
        pidfd_to_text(descriptor, text);
    } else {
        text_add(text, descriptor->link, descriptor->length);
    }
}

static size_t put(const char *bytes, size_t length, char *text, size_t size) {
    length = length < size ? length : size;
    if (length) {
        memcpy(text, bytes, length);
    }
    return length;
}

size_t descriptor_describe(pid_t tid, int fd, enum descriptor_detail detail, char *text, size_t size) {
    struct descriptor descriptor = {.tid = tid, .fd = fd};
    snprintf(descriptor.path, sizeof(descriptor.path), "/proc/%d/fd/%d", tid, fd);
    descriptor.length = detail == DESCRIPTOR_NONE || fd < 0 ? 0 : read_link(descriptor.path, descriptor.link);
    if (descriptor.length == 0) {
        return 0;
    }
    struct text described = {0};
    describe(&descriptor, detail, &described);
    size_t length = described.failed ? 0 : put(described.bytes, described.length, text, size);
    text_finish(&described);
    return length;
}

size_t descriptor_describe_cwd(pid_t tid, char *text, size_t size) {
    char path[48];
    char link[PATH_MAX];
    snprintf(path, sizeof(path), "/proc/%d/cwd", tid);
    return put(link, read_link(path, link), text, size);
}
