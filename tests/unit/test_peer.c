/* SPDX-License-Identifier: MIT
 *
 * Connections of all kinds of peers. After each of them as many descriptors are open as before.
 */
#include "unit.h"

#include "cleanup.h"
#include "clock.h"
#include "container_state.h"
#include "notifying_child.h"
#include "peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FAR_S = 600,
};

static const char object[] = "{\"a\":\"}\"}";
static char problem[256];
static size_t open_before;

/* How many descriptors are open, that of the folder among them. */
static size_t count_open(void) {
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder)) {
        count++;
    }
    closedir(folder);
    return count;
}

struct connection {
    int other; /* the peer's end */
    struct peer *peer;
};

static struct connection connect_until(int64_t deadline_ns) {
    int ends[2];
    struct connection connection;
    open_before = count_open();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    connection.other = ends[0];
    assert_int_equal(peer_create(&connection.peer, ends[1], deadline_ns), 0);
    return connection;
}

static struct connection connect_peer(void) {
    return connect_until((int64_t)monotonic_now() + INT64_C(1000000000) * FAR_S);
}

static void end(struct connection *connection) {
    peer_destroy(connection->peer);
    close_fd(&connection->other);
    assert_int_equal(count_open(), open_before);
}

static enum peer_verdict read_peer(struct connection *connection) {
    problem[0] = 0;
    return peer_read(connection->peer, problem, sizeof(problem));
}

static void send_bytes(struct connection *connection, const char *bytes, size_t size) {
    assert_int_equal(send(connection->other, bytes, size, MSG_NOSIGNAL), size);
}

static void send_string(struct connection *connection, const char *string) {
    send_bytes(connection, string, strlen(string));
}

/* With `count` descriptors of /dev/null. */
static void send_fds(struct connection *connection, const char *string, size_t count) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(CONTAINER_FDS_MAX * sizeof(int))];
    } control = {0};
    auto_fd null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct iovec bytes = {(char *)string, strlen(string)};
    struct msghdr message = {
        .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header =
        (struct cmsghdr){.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    for (size_t i = 0; i < count; i++) {
        memcpy(CMSG_DATA(header) + i * sizeof(null), &null, sizeof(null));
    }
    assert_int_equal(sendmsg(connection->other, &message, MSG_NOSIGNAL), bytes.iov_len);
}

static void assert_message(const struct connection *connection, const char *expected) {
    size_t size;
    const char *bytes = peer_bytes(connection->peer, &size);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size);
}

/* It is refused with these words, for good, and its descriptors are closed at once. */
static void assert_refused(struct connection *connection, const char *words) {
    assert_int_equal(read_peer(connection), PEER_REFUSED);
    assert_non_null(strstr(problem, words));
    assert_int_equal(peer_fd_count(connection->peer), 0);
    assert_int_equal(count_open(), open_before + (connection->other >= 0 ? 2 : 1));
    assert_int_equal(read_peer(connection), PEER_REFUSED);
    assert_non_null(strstr(problem, words));
}

/* ------------------------------------------------------------------------ messages */

static void test_a_whole_message(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    assert_int_equal(read_peer(&connection), PEER_MORE);
    send_fds(&connection, object, 2);
    /* Its sender keeps the connection open. */
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    assert_message(&connection, object);
    assert_int_equal(peer_fd_count(connection.peer), 2);
    auto_fd taken = peer_take_fd(connection.peer, 1);
    assert_true(taken >= 0);
    assert_int_equal(fcntl(taken, F_GETFD), FD_CLOEXEC);
    assert_int_equal(peer_take_fd(connection.peer, 1), -ENOENT);
    assert_int_equal(peer_take_fd(connection.peer, 2), -ENOENT);
    assert_int_equal(peer_take_fd(connection.peer, SIZE_MAX), -ENOENT);
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    close_fd(&taken);
    end(&connection);
}

static void test_who_it_is(void **state) {
    (void)state;
    struct connection connection = connect_until(17);
    assert_int_equal(peer_uid(connection.peer), geteuid());
    assert_int_equal(peer_gid(connection.peer), getegid());
    assert_int_equal(peer_pid(connection.peer), getpid());
    assert_int_equal(peer_deadline(connection.peer), 17);
    assert_true(peer_socket(connection.peer) >= 0);
    end(&connection);
}

static void test_closed_behind_it(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, object, 1);
    close_fd(&connection.other);
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    assert_message(&connection, object);
    assert_int_equal(peer_fd_count(connection.peer), 1);
    end(&connection);
}

static void test_bytewise(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, " ", 1);
    assert_int_equal(read_peer(&connection), PEER_MORE);
    for (size_t i = 0; object[i]; i++) {
        send_bytes(&connection, object + i, 1);
        assert_int_equal(read_peer(&connection), object[i + 1] ? PEER_MORE : PEER_COMPLETE);
    }
    assert_int_equal(peer_fd_count(connection.peer), 1);
    end(&connection);
}

/* What stands behind the object is the parser's to refuse. */
static void test_more_behind_it(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_string(&connection, object);
    send_string(&connection, "\n");
    send_string(&connection, "{");
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    assert_message(&connection, "{\"a\":\"}\"}\n{");
    end(&connection);
}

static void test_nothing(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    close_fd(&connection.other);
    assert_int_equal(read_peer(&connection), PEER_EMPTY);
    assert_int_equal(read_peer(&connection), PEER_EMPTY);
    size_t size;
    assert_non_null(peer_bytes(connection.peer, &size));
    assert_int_equal(size, 0);
    assert_int_equal(peer_take_fd(connection.peer, 0), -ENOENT);
    end(&connection);
}

static void test_cut_off(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, "{\"fds\":", 3);
    close_fd(&connection.other);
    assert_refused(&connection, "before its JSON object had ended");
    end(&connection);
}

static void test_no_object(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, "GET / HTTP/1.1\r\n", 1);
    assert_refused(&connection, "not a JSON object");
    end(&connection);
}

/* It wrote what we have sent and is gone without having read it: the stream ends with ECONNRESET. */
static void test_reset(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    assert_int_equal(send(peer_socket(connection.peer), "x", 1, MSG_NOSIGNAL), 1);
    send_fds(&connection, "{", 1);
    assert_int_equal(read_peer(&connection), PEER_MORE);
    close_fd(&connection.other);
    assert_refused(&connection, strerrordesc_np(ECONNRESET));
    end(&connection);
}

static void test_late(void **state) {
    (void)state;
    struct connection connection = connect_until((int64_t)monotonic_now());
    send_fds(&connection, "{\"fds\"", 2);
    assert_refused(&connection, "in time, only 6 bytes");
    end(&connection);
    /* It was in time if it is whole when somebody looks. */
    connection = connect_until((int64_t)monotonic_now());
    send_string(&connection, object);
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    end(&connection);
}

/* ------------------------------------------------------------------------ descriptors */

static void test_as_many_as_possible(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, object, CONTAINER_FDS_MAX);
    assert_int_equal(read_peer(&connection), PEER_COMPLETE);
    assert_int_equal(peer_fd_count(connection.peer), CONTAINER_FDS_MAX);
    assert_int_equal(count_open(), open_before + 2 + CONTAINER_FDS_MAX);
    end(&connection);
}

/* The kernel takes 253 with a message: 300 are two of them. */
static void test_too_many(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, "{", CONTAINER_FDS_MAX);
    send_fds(&connection, "}", 300 - CONTAINER_FDS_MAX);
    assert_refused(&connection, "with a later message");
    end(&connection);
}

static void test_descriptors_later(void **state) {
    (void)state;
    /* Seen at once, later, and behind the object. */
    struct connection connection = connect_peer();
    send_string(&connection, "{");
    send_fds(&connection, "}", 1);
    assert_refused(&connection, "with a later message");
    end(&connection);
    connection = connect_peer();
    send_fds(&connection, "{", 1);
    assert_int_equal(read_peer(&connection), PEER_MORE);
    send_fds(&connection, "}", 1);
    assert_refused(&connection, "with a later message");
    end(&connection);
    connection = connect_peer();
    send_fds(&connection, object, 1);
    send_fds(&connection, " ", 1);
    assert_refused(&connection, "with a later message");
    end(&connection);
}

/* Nobody reads them: they go with the connection. */
static void test_descriptors_unread(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    send_fds(&connection, object, 9);
    end(&connection);
}

static void test_no_room_for_descriptors(void **state) {
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    struct connection connection = connect_peer();
    send_fds(&connection, object, 9);
    /* The lowest that is free, and room for two more. */
    auto_fd lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct rlimit few = {(rlim_t)lowest + 3, before.rlim_max};
    close_fd(&lowest);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    enum peer_verdict verdict = read_peer(&connection);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(verdict, PEER_REFUSED);
    assert_non_null(strstr(problem, "too many open here"));
    assert_int_equal(peer_fd_count(connection.peer), 0);
    end(&connection);
}

/* ------------------------------------------------------------------------ sizes */

/* Send `size` bytes of a string that is never closed, and read in between; the last verdict. */
static enum peer_verdict flood(struct connection *connection, size_t size, const char *last) {
    char filler[4096];
    memset(filler, 'x', sizeof(filler));
    enum peer_verdict verdict = PEER_MORE;
    send_fds(connection, "{\"", 5);
    for (size_t sent = 2; verdict == PEER_MORE && sent < size;) {
        size_t count = size - sent < sizeof(filler) ? size - sent : sizeof(filler);
        send_bytes(connection, filler, count);
        sent += count;
        verdict = read_peer(connection);
    }
    if (verdict == PEER_MORE) {
        send_string(connection, last);
        while ((verdict = read_peer(connection)) == PEER_MORE) {
        }
    }
    return verdict;
}

static void test_the_longest(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    size_t size;
    assert_int_equal(flood(&connection, PEER_BYTES_MAX - 2, "\"}"), PEER_COMPLETE);
    peer_bytes(connection.peer, &size);
    assert_int_equal(size, PEER_BYTES_MAX);
    assert_int_equal(peer_fd_count(connection.peer), 5);
    end(&connection);
}

static void test_too_long(void **state) {
    (void)state;
    struct connection connection = connect_peer();
    assert_int_equal(flood(&connection, PEER_BYTES_MAX - 1, "\"}"), PEER_REFUSED);
    assert_non_null(strstr(problem, "longer than 1024 KiB"));
    assert_refused(&connection, "longer than 1024 KiB");
    end(&connection);
}

/* Whoever sends without end does not keep the reader from its other peers. */
static void test_a_read_ends(void **state) {
    (void)state;
    enum {
        SENT = 200000, /* socket buffers have room for it */
    };
    struct connection connection = connect_peer();
    auto_free char *blanks = malloc(SENT);
    assert_non_null(blanks);
    memset(blanks, ' ', SENT);
    int size = 1 << 20;
    setsockopt(connection.other, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    ssize_t sent = send(connection.other, blanks, SENT, MSG_DONTWAIT | MSG_NOSIGNAL);
    assert_true(sent > 0);
    size_t read = 0;
    unsigned rounds = 0;
    while (read < (size_t)sent) {
        size_t before = read;
        assert_int_equal(read_peer(&connection), PEER_MORE);
        peer_bytes(connection.peer, &read);
        assert_true(read > before);
        rounds++;
    }
    assert_in_range(rounds, 2, 100);
    end(&connection);
}

/* ------------------------------------------------------------------------ others */

static void test_not_a_socket(void **state) {
    (void)state;
    struct peer *peer = NULL;
    size_t before = count_open();
    assert_int_equal(peer_create(&peer, open("/dev/null", O_RDWR | O_CLOEXEC), 0), -ENOTSOCK);
    assert_null(peer);
    assert_int_equal(peer_create(&peer, -1, 0), -EBADF);
    assert_int_equal(count_open(), before);
    peer_destroy(NULL);
}

static void do_nothing(void) {
}

static void test_listeners(void **state) {
    (void)state;
    struct notifying_child child = notifying_child_start(do_nothing);
    assert_int_equal(peer_check_listener(child.listener), 0);
    notifying_child_go(&child);
    waitpid(child.pid, NULL, 0);
    notifying_child_close(&child);
    auto_fd null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(peer_check_listener(null), -EINVAL);
    assert_int_equal(peer_check_listener(-1), -ENOENT);
    /* A file of that name has a path before it. */
    char folder[] = "/tmp/renacer-peer-XXXXXX";
    char path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/anon_inode:seccomp notify", folder);
    auto_fd file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(peer_check_listener(file), -EINVAL);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_message),
        cmocka_unit_test(test_who_it_is),
        cmocka_unit_test(test_closed_behind_it),
        cmocka_unit_test(test_bytewise),
        cmocka_unit_test(test_more_behind_it),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_no_object),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_as_many_as_possible),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_descriptors_later),
        cmocka_unit_test(test_descriptors_unread),
        cmocka_unit_test(test_no_room_for_descriptors),
        cmocka_unit_test(test_the_longest),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_a_read_ends),
        cmocka_unit_test(test_not_a_socket),
        cmocka_unit_test(test_listeners),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
