/* SPDX-License-Identifier: MIT
 *
 * Descriptors of this process, of a child and of threads, as strace -y and -yy
 * show them. Every test begins in an empty directory of its own.
 */
#include "descriptor.h"

#include "cleanup.h"
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct world {
    char directory[PATH_MAX];
    int first_free; /* the lowest descriptor number that is not open */
};

static int lowest_free(void) {
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 0);
    close(fd);
    return fd;
}

static int set_up(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    char directory[] = "/tmp/descriptor-XXXXXX";
    if (!world || !mkdtemp(directory) || !realpath(directory, world->directory) || chdir(world->directory) < 0) {
        free(world);
        return -1;
    }
    world->first_free = lowest_free();
    *state = world;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *ftw) {
    (void)status;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* A test closes what it opened, so what is left open was left by the module. */
static int tear_down(void **state) {
    struct world *world = *state;
    int leaked = lowest_free() != world->first_free;
    int failed = chdir("/") < 0 || nftw(world->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0;
    free(world);
    return leaked || failed ? -1 : 0;
}

/* ------------------------------------------------------------------------- assertions */

static void assert_text(struct text *text, const char *expected) {
    const char *shown = text->bytes ? text->bytes : "";
    assert_false(text->failed);
    if (strcmp(shown, expected) != 0) {
        fail_msg("shown    %s\nexpected %s", shown, expected);
    }
    text_finish(text);
}

static void assert_described(pid_t tid, int fd, enum descriptor_detail detail, const char *expected) {
    char described[DESCRIPTOR_TEXT_MAX];
    struct text text = {0};
    size_t size = descriptor_describe(tid, fd, detail, described, sizeof(described));
    descriptor_to_text(described, size, &text);
    assert_text(&text, expected);
}

/* -y and -yy show the same. */
static void assert_both(int fd, const char *expected) {
    assert_described(getpid(), fd, DESCRIPTOR_PATHS, expected);
    assert_described(getpid(), fd, DESCRIPTOR_ENDPOINTS, expected);
}

__attribute__((format(printf, 2, 3))) static void assert_endpoints(int fd, const char *format, ...) {
    char expected[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(expected, sizeof(expected), format, arguments);
    va_end(arguments);
    assert_described(getpid(), fd, DESCRIPTOR_ENDPOINTS, expected);
}

/* A file of the test's directory, both for -y and -yy. */
static void assert_file(const struct world *world, int fd, const char *name, const char *behind) {
    char expected[PATH_MAX + 64];
    snprintf(expected, sizeof(expected), "<%s/%s>%s", world->directory, name, behind);
    assert_both(fd, expected);
}

static uint64_t inode_of(int fd) {
    struct stat status;
    assert_return_code(fstat(fd, &status), errno);
    return status.st_ino;
}

/* -y shows no more of a socket than this. */
static void assert_plain_socket(int fd) {
    char expected[64];
    snprintf(expected, sizeof(expected), "<socket:[%ju]>", (uintmax_t)inode_of(fd));
    assert_described(getpid(), fd, DESCRIPTOR_PATHS, expected);
}

static int opened(int fd) {
    assert_return_code(fd, errno);
    return fd;
}

static int create(const char *name) {
    return opened(open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
}

/* A child that does not outlive a test that fails. */
static pid_t fork_child(void) {
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    }
    return child;
}

/* --------------------------------------------------------------------- nothing to say */

static void test_not_asked_for(void **state) {
    (void)state;
    assert_described(getpid(), STDERR_FILENO, DESCRIPTOR_NONE, "");
}

static void test_not_open(void **state) {
    (void)state;
    auto_fd fd = create("file");
    int number = fd;
    close_fd(&fd);
    assert_both(number, "");
    assert_both(-1, "");
    assert_both(AT_FDCWD, "");
    assert_both(INT32_MAX, "");
}

static void test_a_process_that_is_gone(void **state) {
    (void)state;
    auto_fd fd = opened(socket(AF_INET, SOCK_STREAM, 0));
    pid_t child = fork_child();
    if (child == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_return_code(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), errno);
    assert_described(child, fd, DESCRIPTOR_ENDPOINTS, ""); /* a zombie has no descriptors */
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_described(child, fd, DESCRIPTOR_ENDPOINTS, "");
    assert_described(-1, fd, DESCRIPTOR_ENDPOINTS, "");
}

/* ------------------------------------------------------------------------------ files */

static void test_a_file(void **state) {
    auto_fd fd = create("file");
    assert_file(*state, fd, "file", "");
}

static void test_the_path_is_stored_raw(void **state) {
    struct world *world = *state;
    char described[DESCRIPTOR_TEXT_MAX];
    char expected[PATH_MAX + 16];
    auto_fd fd = create("a<\n>");
    snprintf(expected, sizeof(expected), "%s/a<\n>", world->directory);
    size_t size = descriptor_describe(getpid(), fd, DESCRIPTOR_PATHS, described, sizeof(described));
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(described, expected, size);
}

static void test_the_path_is_escaped_when_it_is_printed(void **state) {
    auto_fd fd = create("a<b>1<2\"c\\d\ne\t\x01\x7f\xff"
                        "7>");
    assert_file(*state, fd, "a\\74b\\0761\\0742\\\"c\\\\d\\ne\\t\\1\\177\\3777\\76", "");
}

static void test_a_directory(void **state) {
    struct world *world = *state;
    auto_fd fd = opened(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto_fd root = opened(open("/", O_PATH | O_CLOEXEC));
    char expected[PATH_MAX + 8];
    snprintf(expected, sizeof(expected), "<%s>", world->directory);
    assert_both(fd, expected);
    assert_both(root, "</>");
}

static void test_a_symbolic_link_itself(void **state) {
    assert_return_code(symlink("nowhere", "link"), errno);
    auto_fd fd = opened(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC));
    assert_file(*state, fd, "link", "");
}

static void test_a_deleted_file(void **state) {
    auto_fd fd = create("file");
    assert_return_code(unlink("file"), errno);
    assert_file(*state, fd, "file", "(deleted)");
    /* Another file of that name is another file. */
    auto_fd other = create("file");
    assert_file(*state, fd, "file", "(deleted)");
    assert_file(*state, other, "file", "");
}

static void test_a_deleted_directory(void **state) {
    assert_return_code(mkdir("sub", 0700), errno);
    auto_fd fd = opened(open("sub", O_RDONLY | O_CLOEXEC));
    assert_return_code(rmdir("sub"), errno);
    assert_file(*state, fd, "sub", "(deleted)");
}

static void test_a_file_that_is_just_named_deleted(void **state) {
    auto_fd fd = create("file (deleted)");
    assert_file(*state, fd, "file (deleted)", "");
    assert_return_code(unlink("file (deleted)"), errno);
    assert_file(*state, fd, "file (deleted)", "(deleted)");
}

static void test_deleted_beside_a_file_that_is_named_so(void **state) {
    auto_fd decoy = create("file (deleted)");
    auto_fd fd = create("file");
    assert_return_code(link("file", "kept"), errno);
    assert_return_code(unlink("file"), errno);
    assert_file(*state, fd, "file", "(deleted)");
    assert_file(*state, decoy, "file (deleted)", "");
}

static void test_deleted_with_a_link_left(void **state) {
    auto_fd fd = create("file");
    assert_return_code(link("file", "other"), errno);
    assert_return_code(unlink("file"), errno);
    assert_file(*state, fd, "file", "(deleted)");
}

static void test_a_path_longer_than_the_kernel_tells(void **state) {
    (void)state;
    char name[256] = {0};
    memset(name, 'x', sizeof(name) - 1);
    unsigned depth = PATH_MAX / sizeof(name);
    for (unsigned i = 0; i < depth; i++) {
        assert_return_code(mkdir(name, 0700), errno);
        assert_return_code(chdir(name), errno);
    }
    auto_fd fd = create("file");
    assert_both(fd, "");
    /* Too long for the teardown as well. */
    assert_return_code(unlink("file"), errno);
    for (unsigned i = 0; i < depth; i++) {
        assert_return_code(chdir(".."), errno);
        assert_return_code(rmdir(name), errno);
    }
}

static void test_a_memfd(void **state) {
    (void)state;
    auto_fd fd = opened(memfd_create("a (deleted)", MFD_CLOEXEC));
    assert_both(fd, "</memfd:a (deleted)>(deleted)");
}

/* ---------------------------------------------------------------------------- devices */

static void test_a_character_device(void **state) {
    (void)state;
    auto_fd fd = opened(open("/dev/null", O_RDWR | O_CLOEXEC));
    assert_described(getpid(), fd, DESCRIPTOR_PATHS, "</dev/null>");
    assert_described(getpid(), fd, DESCRIPTOR_ENDPOINTS, "</dev/null<char 1:3>>");
}

static void test_a_terminal(void **state) {
    (void)state;
    auto_fd master = opened(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    assert_return_code(unlockpt(master), errno);
    char name[64];
    assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
    auto_fd fd = opened(open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
    struct stat status;
    assert_return_code(fstat(fd, &status), errno);
    assert_endpoints(fd, "<%s<char 136:%u>>", name, minor(status.st_rdev));
}

static void test_a_block_device(void **state) {
    struct world *world = *state;
    assert_return_code(mknod("block", S_IFBLK | 0600, makedev(259, 70000)), errno);
    auto_fd fd = opened(open("block", O_PATH | O_CLOEXEC));
    assert_endpoints(fd, "<%s/block<block 259:70000>>", world->directory);
    /* strace does not look at deleted ones. */
    assert_return_code(unlink("block"), errno);
    assert_endpoints(fd, "<%s/block>(deleted)", world->directory);
}

/* ------------------------------------------------------------------ what has no path */

static void test_a_pipe(void **state) {
    (void)state;
    int ends[2];
    char expected[64];
    assert_return_code(pipe(ends), errno);
    snprintf(expected, sizeof(expected), "<pipe:[%ju]>", (uintmax_t)inode_of(ends[0]));
    assert_both(ends[0], expected);
    assert_both(ends[1], expected);
    close(ends[0]);
    close(ends[1]);
}

static void test_anonymous_inodes(void **state) {
    (void)state;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    auto_fd event = opened(eventfd(0, EFD_CLOEXEC));
    auto_fd poll_fd = opened(epoll_create1(EPOLL_CLOEXEC));
    auto_fd signal_fd = opened(signalfd(-1, &signals, SFD_CLOEXEC));
    assert_both(event, "<anon_inode:[eventfd]>");
    assert_both(poll_fd, "<anon_inode:[eventpoll]>");
    assert_both(signal_fd, "<anon_inode:[signalfd]>"); /* later versions of strace show its signals */
}

static void test_a_pidfd(void **state) {
    (void)state;
    pid_t child = fork_child();
    if (child == 0) {
        pause();
        _exit(0);
    }
    auto_fd fd = opened((int)syscall(SYS_pidfd_open, child, 0));
    assert_described(getpid(), fd, DESCRIPTOR_PATHS, "<anon_inode:[pidfd]>");
    assert_endpoints(fd, "<pid:%d>", child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_endpoints(fd, "<anon_inode:[pidfd]>");
}

/* ------------------------------------------------------------------- Internet sockets */

/* Both families in one notation: `host` is as it is printed. */
struct family {
    int domain;
    const char *suffix;
    const char *host;
    const char *any;
};

static const struct family families[] = {
    {AF_INET, "", "127.0.0.1", "0.0.0.0"},
    {AF_INET6, "v6", "[::1]", "[::]"},
};

static socklen_t loopback(const struct family *family, unsigned port, struct sockaddr_storage *address) {
    *address = (struct sockaddr_storage){.ss_family = (sa_family_t)family->domain};
    if (family->domain == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)address;
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        in->sin_port = htons((uint16_t)port);
        return sizeof(*in);
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)address;
    in6->sin6_addr = in6addr_loopback;
    in6->sin6_port = htons((uint16_t)port);
    return sizeof(*in6);
}

static unsigned port_of(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    assert_return_code(getsockname(fd, (struct sockaddr *)&address, &size), errno);
    return ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)(void *)&address)->sin_port
                                              : ((struct sockaddr_in6 *)(void *)&address)->sin6_port);
}

static int bound(const struct family *family, int type) {
    struct sockaddr_storage address;
    socklen_t size = loopback(family, 0, &address);
    int fd = opened(socket(family->domain, type | SOCK_CLOEXEC, 0));
    assert_return_code(bind(fd, (struct sockaddr *)&address, size), errno);
    return fd;
}

static int listening(const struct family *family, int backlog) {
    int fd = bound(family, SOCK_STREAM);
    assert_return_code(listen(fd, backlog), errno);
    return fd;
}

static void connect_to(const struct family *family, int fd, unsigned port) {
    struct sockaddr_storage address;
    socklen_t size = loopback(family, port, &address);
    int status = connect(fd, (struct sockaddr *)&address, size);
    assert_true(status == 0 || errno == EINPROGRESS);
}

static int connected(const struct family *family, int type, unsigned port) {
    int fd = opened(socket(family->domain, type | SOCK_CLOEXEC, 0));
    connect_to(family, fd, port);
    return fd;
}

static void test_tcp_without_an_address(void **state) {
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        auto_fd fd = opened(socket(families[i].domain, SOCK_STREAM, 0));
        assert_endpoints(fd, "<TCP%s:[%ju]>", families[i].suffix, (uintmax_t)inode_of(fd));
        assert_plain_socket(fd);
    }
}

static void test_tcp_bound_and_listening(void **state) {
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        const struct family *family = &families[i];
        auto_fd fd = bound(family, SOCK_STREAM);
        assert_endpoints(fd, "<TCP%s:[%s:%u]>", family->suffix, family->host, port_of(fd));
        assert_return_code(listen(fd, 1), errno);
        assert_endpoints(fd, "<TCP%s:[%s:%u]>", family->suffix, family->host, port_of(fd));
        assert_plain_socket(fd);
        /* Listening without having been bound is listening everywhere. */
        auto_fd everywhere = opened(socket(family->domain, SOCK_STREAM, 0));
        assert_return_code(listen(everywhere, 1), errno);
        assert_endpoints(everywhere, "<TCP%s:[%s:%u]>", family->suffix, family->any, port_of(everywhere));
    }
}

static void test_tcp_connected(void **state) {
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        const struct family *family = &families[i];
        auto_fd listener = listening(family, 1);
        auto_fd client = connected(family, SOCK_STREAM, port_of(listener));
        auto_fd server = opened(accept(listener, NULL, NULL));
        unsigned here = port_of(client);
        unsigned there = port_of(listener);
        assert_endpoints(client, "<TCP%s:[%s:%u->%s:%u]>", family->suffix, family->host, here, family->host, there);
        assert_endpoints(server, "<TCP%s:[%s:%u->%s:%u]>", family->suffix, family->host, there, family->host, here);
        assert_plain_socket(client);
    }
}

static void test_tcp_after_its_end_has_no_address(void **state) {
    (void)state;
    struct linger reset = {.l_onoff = 1};
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        const struct family *family = &families[i];
        auto_fd listener = listening(family, 1);
        auto_fd client = connected(family, SOCK_STREAM, port_of(listener));
        auto_fd server = opened(accept(listener, NULL, NULL));
        assert_return_code(setsockopt(server, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), errno);
        close_fd(&server);
        struct pollfd end = {.fd = client, .events = POLLIN};
        assert_int_equal(poll(&end, 1, 5000), 1);
        assert_endpoints(client, "<TCP%s:[%ju]>", family->suffix, (uintmax_t)inode_of(client));
    }
}

static void test_tcp_refused_has_no_address(void **state) {
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        auto_fd deaf = bound(&families[i], SOCK_STREAM);
        auto_fd client = opened(socket(families[i].domain, SOCK_STREAM, 0));
        struct sockaddr_storage address;
        socklen_t size = loopback(&families[i], port_of(deaf), &address);
        assert_int_equal(connect(client, (struct sockaddr *)&address, size), -1);
        assert_int_equal(errno, ECONNREFUSED);
        assert_endpoints(client, "<TCP%s:[%ju]>", families[i].suffix, (uintmax_t)inode_of(client));
    }
}

/* A listener whose queue is full does not answer. */
static void test_tcp_connecting(void **state) {
    (void)state;
    const struct family *family = &families[0];
    auto_fd listener = listening(family, 0);
    auto_fd accepted = connected(family, SOCK_STREAM, port_of(listener));
    auto_fd waiting = connected(family, SOCK_STREAM | SOCK_NONBLOCK, port_of(listener));
    struct pollfd ready = {.fd = waiting, .events = POLLOUT};
    assert_int_equal(poll(&ready, 1, 50), 0);
    assert_endpoints(waiting, "<TCP:[127.0.0.1:%u->127.0.0.1:%u]>", port_of(waiting), port_of(listener));
}

static void test_udp(void **state) {
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(families); i++) {
        const struct family *family = &families[i];
        auto_fd fresh = opened(socket(family->domain, SOCK_DGRAM, 0));
        auto_fd server = bound(family, SOCK_DGRAM);
        auto_fd client = connected(family, SOCK_DGRAM, port_of(server));
        assert_endpoints(fresh, "<UDP%s:[%ju]>", family->suffix, (uintmax_t)inode_of(fresh));
        assert_endpoints(server, "<UDP%s:[%s:%u]>", family->suffix, family->host, port_of(server));
        assert_endpoints(client, "<UDP%s:[%s:%u->%s:%u]>", family->suffix, family->host, port_of(client), family->host,
                         port_of(server));
        assert_plain_socket(client);
    }
}

static void test_mapped_addresses(void **state) {
    (void)state;
    auto_fd server = bound(&families[0], SOCK_DGRAM);
    auto_fd client = opened(socket(AF_INET6, SOCK_DGRAM, 0));
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port_of(server))};
    assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr), 1);
    assert_return_code(connect(client, (struct sockaddr *)&address, sizeof(address)), errno);
    assert_endpoints(client, "<UDPv6:[[::ffff:127.0.0.1]:%u->[::ffff:127.0.0.1]:%u]>", port_of(client),
                     port_of(server));
}

static void test_raw_sockets_have_no_addresses(void **state) {
    (void)state;
    auto_fd fd = opened(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    auto_fd v6 = opened(socket(AF_INET6, SOCK_RAW, 200));
    connect_to(&families[0], fd, 0);
    assert_endpoints(fd, "<RAW:[%ju]>", (uintmax_t)inode_of(fd));
    assert_endpoints(v6, "<RAWv6:[%ju]>", (uintmax_t)inode_of(v6));
}

/* ----------------------------------------------------------------------- Unix sockets */

/* Bind or connect a Unix socket to a name of `size` bytes, NULs among them for abstract ones. */
static void unix_named(int (*call)(int, const struct sockaddr *, socklen_t), int fd, const char *name, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_in_range(size, 0, sizeof(address.sun_path));
    memcpy(address.sun_path, name, size);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    assert_return_code(call(fd, (struct sockaddr *)&address, length), errno);
}

static void assert_bound_as(int type, const char *name, size_t size, const char *shown) {
    auto_fd fd = opened(socket(AF_UNIX, type, 0));
    unix_named(bind, fd, name, size);
    assert_endpoints(fd, "<%s:[%ju,%s]>", type == SOCK_STREAM ? "UNIX-STREAM" : "UNIX", (uintmax_t)inode_of(fd), shown);
    assert_plain_socket(fd);
}

static void assert_pair(int type, const char *protocol) {
    int ends[2];
    assert_return_code(socketpair(AF_UNIX, type, 0, ends), errno);
    uintmax_t first = inode_of(ends[0]);
    uintmax_t second = inode_of(ends[1]);
    assert_endpoints(ends[0], "<%s:[%ju->%ju]>", protocol, first, second);
    assert_endpoints(ends[1], "<%s:[%ju->%ju]>", protocol, second, first);
    assert_plain_socket(ends[0]);
    close(ends[1]);
    assert_endpoints(ends[0], "<%s:[%ju]>", protocol, first);
    close(ends[0]);
}

static void test_unix_pairs(void **state) {
    (void)state;
    assert_pair(SOCK_STREAM, "UNIX-STREAM");
    assert_pair(SOCK_DGRAM, "UNIX");
    assert_pair(SOCK_SEQPACKET, "UNIX");
}

static void test_unix_without_a_name(void **state) {
    (void)state;
    auto_fd fd = opened(socket(AF_UNIX, SOCK_STREAM, 0));
    assert_endpoints(fd, "<UNIX-STREAM:[%ju]>", (uintmax_t)inode_of(fd));
    assert_plain_socket(fd);
}

static void test_names_of_unix_sockets(void **state) {
    (void)state;
    static const char longest[109] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    char shown[128];
    assert_bound_as(SOCK_STREAM, "name", 4, "\"name\"");
    assert_bound_as(SOCK_DGRAM, "with NUL", 9, "\"with NUL\"");
    assert_bound_as(SOCK_STREAM, "o<d>\"\n\xff", 7, "\"o<d>\\\"\\n\\377\"");
    assert_bound_as(SOCK_SEQPACKET, "\0descriptor test", 16, "@\"descriptor test\"");
    assert_bound_as(SOCK_STREAM, "\0descriptor\0test", 16, "@\"descriptor\"");
    snprintf(shown, sizeof(shown), "\"%s\"", longest);
    assert_bound_as(SOCK_DGRAM, longest, 108, shown);
}

static void test_unix_connections(void **state) {
    (void)state;
    auto_fd listener = opened(socket(AF_UNIX, SOCK_STREAM, 0));
    unix_named(bind, listener, "server", 6);
    assert_return_code(listen(listener, 1), errno);
    auto_fd client = opened(socket(AF_UNIX, SOCK_STREAM, 0));
    unix_named(connect, client, "server", 6);
    uintmax_t client_inode = inode_of(client);
    assert_endpoints(client, "<UNIX-STREAM:[%ju]>", client_inode); /* nobody has the other end yet */
    auto_fd server = opened(accept(listener, NULL, NULL));
    uintmax_t server_inode = inode_of(server);
    assert_endpoints(client, "<UNIX-STREAM:[%ju->%ju]>", client_inode, server_inode);
    assert_endpoints(server, "<UNIX-STREAM:[%ju->%ju,\"server\"]>", server_inode, client_inode);
    assert_endpoints(listener, "<UNIX-STREAM:[%ju,\"server\"]>", (uintmax_t)inode_of(listener));
}

/* --------------------------------------------------------------------- other families */

static void test_netlink(void **state) {
    (void)state;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_pid = 4000000000};
    auto_fd fresh = opened(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
    auto_fd route = opened(socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE));
    auto_fd event = opened(socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT));
    assert_return_code(bind(route, (struct sockaddr *)&address, sizeof(address)), errno);
    assert_return_code(bind(event, (struct sockaddr *)&address, sizeof(address)), errno);
    assert_endpoints(fresh, "<NETLINK:[%ju]>", (uintmax_t)inode_of(fresh));
    assert_endpoints(route, "<NETLINK:[ROUTE:4000000000]>");
    assert_endpoints(event, "<NETLINK:[KOBJECT_UEVENT:4000000000]>");
    assert_plain_socket(route);
}

static void test_other_families_stay_plain(void **state) {
    (void)state;
    auto_fd fd = opened(socket(AF_PACKET, SOCK_RAW, 0));
    assert_plain_socket(fd);
    assert_endpoints(fd, "<socket:[%ju]>", (uintmax_t)inode_of(fd));
}

/* -------------------------------------------------------------------- other processes */

static void test_a_child(void **state) {
    struct world *world = *state;
    int ready[2];
    char expected[PATH_MAX + 64];
    assert_return_code(pipe2(ready, O_CLOEXEC), errno);
    auto_fd listener = listening(&families[0], 1);
    auto_fd file = create("file");
    pid_t child = fork_child();
    if (child == 0) {
        /* Its numbers are not ours: it swaps the two. */
        int spare = dup(file);
        char byte = dup2(listener, file) < 0 || dup2(spare, listener) < 0;
        if (write(ready[1], &byte, 1) == 1) {
            pause();
        }
        _exit(1);
    }
    char byte = 1;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 0);
    snprintf(expected, sizeof(expected), "<%s/file>", world->directory);
    assert_described(child, listener, DESCRIPTOR_ENDPOINTS, expected);
    snprintf(expected, sizeof(expected), "<TCP:[127.0.0.1:%u]>", port_of(listener));
    assert_described(child, file, DESCRIPTOR_ENDPOINTS, expected);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ready[0]);
    close(ready[1]);
}

/* Whatever state it is caught in: the whole, the link alone, or nothing. */
static void test_a_child_that_dies_meanwhile(void **state) {
    (void)state;
    auto_fd fd = listening(&families[0], 1);
    char whole[64];
    char plain[64];
    snprintf(whole, sizeof(whole), "<TCP:[127.0.0.1:%u]>", port_of(fd));
    snprintf(plain, sizeof(plain), "<socket:[%ju]>", (uintmax_t)inode_of(fd));
    for (unsigned i = 0; i < 50; i++) {
        pid_t child = fork_child();
        if (child == 0) {
            usleep(20 * i);
            _exit(0);
        }
        size_t size = 1;
        while (size) {
            char described[DESCRIPTOR_TEXT_MAX];
            struct text text = {0};
            size = descriptor_describe(child, fd, DESCRIPTOR_ENDPOINTS, described, sizeof(described));
            descriptor_to_text(described, size, &text);
            bool is_known = size == 0 || strcmp(text.bytes, whole) == 0 || strcmp(text.bytes, plain) == 0;
            text_finish(&text);
            assert_true(is_known);
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
}

/* ---------------------------------------------------------------------------- threads */

/* A thread that says its tid and stays until it is told to go. */
struct visitor {
    pthread_t thread;
    bool own_table; /* has a table of descriptors of its own, in which `fd` is `replacement` */
    int fd;
    int replacement;
    _Atomic pid_t tid;
    atomic_bool may_go;
};

static void *visit(void *argument) {
    struct visitor *visitor = argument;
    if (visitor->own_table && (unshare(CLONE_FILES) < 0 || dup2(visitor->replacement, visitor->fd) < 0)) {
        visitor->tid = -1;
        return NULL;
    }
    visitor->tid = gettid();
    while (!visitor->may_go) {
        usleep(1000);
    }
    return NULL;
}

static void start_visitor(struct visitor *visitor) {
    assert_int_equal(pthread_create(&visitor->thread, NULL, visit, visitor), 0);
    while (visitor->tid == 0) {
        usleep(1000);
    }
    assert_return_code(visitor->tid, 0);
}

static void stop_visitor(struct visitor *visitor) {
    visitor->may_go = true;
    pthread_join(visitor->thread, NULL);
}

static void test_a_thread_that_is_not_the_leader(void **state) {
    (void)state;
    auto_fd fd = listening(&families[0], 1);
    struct visitor visitor = {0};
    char expected[64];
    snprintf(expected, sizeof(expected), "<TCP:[127.0.0.1:%u]>", port_of(fd));
    start_visitor(&visitor);
    assert_described(visitor.tid, fd, DESCRIPTOR_ENDPOINTS, expected);
    stop_visitor(&visitor);
}

/* Kernels before 6.9 give no copy of its socket, but never may the leader's be shown. */
static void test_a_thread_with_its_own_table(void **state) {
    (void)state;
    auto_fd fd = listening(&families[0], 1);
    auto_fd replacement = listening(&families[0], 1);
    struct visitor visitor = {.own_table = true, .fd = fd, .replacement = replacement};
    char described[DESCRIPTOR_TEXT_MAX];
    struct text text = {0};
    char whole[64];
    char plain[64];
    snprintf(whole, sizeof(whole), "<TCP:[127.0.0.1:%u]>", port_of(replacement));
    snprintf(plain, sizeof(plain), "<socket:[%ju]>", (uintmax_t)inode_of(replacement));
    start_visitor(&visitor);
    size_t size = descriptor_describe(visitor.tid, fd, DESCRIPTOR_ENDPOINTS, described, sizeof(described));
    descriptor_to_text(described, size, &text);
    stop_visitor(&visitor);
    assert_non_null(text.bytes);
    assert_text(&text, strcmp(text.bytes, plain) == 0 ? plain : whole);
}

/* Two ends of a pair, asked for by several threads at once. */
struct asker {
    pthread_t thread;
    int fd;
    char expected[64];
    unsigned wrong;
};

static void *ask(void *argument) {
    struct asker *asker = argument;
    for (unsigned i = 0; i < 200; i++) {
        char described[DESCRIPTOR_TEXT_MAX];
        struct text text = {0};
        size_t size = descriptor_describe(getpid(), asker->fd, DESCRIPTOR_ENDPOINTS, described, sizeof(described));
        descriptor_to_text(described, size, &text);
        asker->wrong += !text.bytes || strcmp(text.bytes, asker->expected) != 0;
        text_finish(&text);
    }
    return NULL;
}

static void test_several_threads_ask_at_once(void **state) {
    (void)state;
    int ends[2];
    struct asker askers[8] = {0};
    assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), errno);
    for (unsigned i = 0; i < COUNT_OF(askers); i++) {
        askers[i].fd = ends[i % 2];
        snprintf(askers[i].expected, sizeof(askers[i].expected), "<UNIX-STREAM:[%ju->%ju]>",
                 (uintmax_t)inode_of(ends[i % 2]), (uintmax_t)inode_of(ends[1 - i % 2]));
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (unsigned i = 0; i < COUNT_OF(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].wrong, 0);
    }
    close(ends[0]);
    close(ends[1]);
}

/* ---------------------------------------------------------------- the current directory */

static void assert_cwd(pid_t tid, const char *directory, const char *behind) {
    char described[DESCRIPTOR_TEXT_MAX];
    char expected[PATH_MAX + 64];
    size_t size = descriptor_describe_cwd(tid, described, sizeof(described));
    snprintf(expected, sizeof(expected), "%s%s", directory, behind);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(described, expected, size);
}

static void test_the_current_directory(void **state) {
    struct world *world = *state;
    assert_cwd(getpid(), world->directory, "");
    assert_return_code(mkdir("sub", 0700), errno);
    assert_return_code(chdir("sub"), errno);
    assert_cwd(getpid(), world->directory, "/sub");
    assert_return_code(rmdir("../sub"), errno);
    assert_cwd(getpid(), world->directory, "/sub (deleted)");
    assert_cwd(-1, "", "");
}

/* ------------------------------------------------------------------------- the fields */

static void test_a_text_is_cut_at_its_size(void **state) {
    (void)state;
    static const char whole[] = "/dev/null\0<char 1:3>";
    auto_fd fd = opened(open("/dev/null", O_RDWR | O_CLOEXEC));
    for (size_t size = 0; size < 40; size++) {
        char described[48];
        memset(described, '#', sizeof(described));
        size_t length = descriptor_describe(getpid(), fd, DESCRIPTOR_ENDPOINTS, described, size);
        assert_int_equal(length, size < sizeof(whole) - 1 ? size : sizeof(whole) - 1);
        assert_memory_equal(described, whole, length);
        assert_int_equal(described[length], '#');
        memset(described, '#', sizeof(described));
        length = descriptor_describe_cwd(getpid(), described, size < 3 ? size : 3);
        assert_int_equal(length, size < 3 ? size : 3);
        assert_int_equal(described[length], '#');
    }
}

static void assert_printed(const char *described, size_t size, const char *expected) {
    struct text text = {0};
    descriptor_to_text(described, size, &text);
    assert_text(&text, expected);
}

#define BYTES(string) string, sizeof(string) - 1

static void test_the_fields_in_print(void **state) {
    (void)state;
    assert_printed(BYTES(""), "");
    assert_printed(BYTES("/x"), "</x>");
    assert_printed(BYTES("/dev/null\0<char 1:3>"), "</dev/null<char 1:3>>");
    assert_printed(BYTES("\0TCP:[127.0.0.1:80]"), "<TCP:[127.0.0.1:80]>");
    assert_printed(BYTES("/x\0\0(deleted)"), "</x>(deleted)");
    assert_printed(BYTES("/x\0inner\0outer"), "</xinner>outer");
    assert_printed(BYTES("\0"), "<>");
    assert_printed(BYTES("/x\0\0"), "</x>");
    assert_printed(BYTES("/x\0\0outer\0more"), "</x>outer");
    assert_printed(BYTES("<"), "<\\74>");
    assert_printed(BYTES("\1<7>8"), "<\\1\\0747\\768>");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_not_asked_for),
        TEST(test_not_open),
        TEST(test_a_process_that_is_gone),
        TEST(test_a_file),
        TEST(test_the_path_is_stored_raw),
        TEST(test_the_path_is_escaped_when_it_is_printed),
        TEST(test_a_directory),
        TEST(test_a_symbolic_link_itself),
        TEST(test_a_deleted_file),
        TEST(test_a_deleted_directory),
        TEST(test_a_file_that_is_just_named_deleted),
        TEST(test_deleted_beside_a_file_that_is_named_so),
        TEST(test_deleted_with_a_link_left),
        TEST(test_a_path_longer_than_the_kernel_tells),
        TEST(test_a_memfd),
        TEST(test_a_character_device),
        TEST(test_a_terminal),
        TEST(test_a_block_device),
        TEST(test_a_pipe),
        TEST(test_anonymous_inodes),
        TEST(test_a_pidfd),
        TEST(test_tcp_without_an_address),
        TEST(test_tcp_bound_and_listening),
        TEST(test_tcp_connected),
        TEST(test_tcp_after_its_end_has_no_address),
        TEST(test_tcp_refused_has_no_address),
        TEST(test_tcp_connecting),
        TEST(test_udp),
        TEST(test_mapped_addresses),
        TEST(test_raw_sockets_have_no_addresses),
        TEST(test_unix_pairs),
        TEST(test_unix_without_a_name),
        TEST(test_names_of_unix_sockets),
        TEST(test_unix_connections),
        TEST(test_netlink),
        TEST(test_other_families_stay_plain),
        TEST(test_a_child),
        TEST(test_a_child_that_dies_meanwhile),
        TEST(test_a_thread_that_is_not_the_leader),
        TEST(test_a_thread_with_its_own_table),
        TEST(test_several_threads_ask_at_once),
        TEST(test_the_current_directory),
        TEST(test_a_text_is_cut_at_its_size),
        TEST(test_the_fields_in_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
