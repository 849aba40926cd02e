/* SPDX-License-Identifier: MIT
 *
 * A process as systemd starts it: descriptor 3 and variables. Each case is a child of its own.
 */
#include "unit.h"

#include "activation.h"
#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GIVEN = 3,
};

struct given {
    int (*make)(void); /* the socket; NULL: descriptor 3 is closed */
    const char *pid;   /* NULL: the process's own; "": the variable is missing */
    const char *count; /* NULL: the variable is missing */
};

static int make_stream_listener(void) {
    static const struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    /* With no name the kernel makes an abstract one. */
    return bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) == 0 && listen(fd, 1) == 0 ? fd : -1;
}

static int make_sequenced_listener(void) {
    static const struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    return bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) == 0 && listen(fd, 1) == 0 ? fd : -1;
}

static int make_internet_listener(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return listen(fd, 1) == 0 ? fd : -1;
}

static int make_stream(void) {
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int make_file(void) {
    return open("/dev/null", O_RDONLY);
}

/* In the child: what activation_socket() returned must be right; 0 if so. */
static int check_given(const struct given *given, int expected, const char *words) {
    char problem[256] = "";
    char own[16];
    int fd = given->make ? given->make() : -1;
    if (given->make && fd < 0) {
        return 10;
    }
    if (fd >= 0 && fd != GIVEN) {
        dup2(fd, GIVEN);
    } else if (fd < 0) {
        close(GIVEN);
    }
    snprintf(own, sizeof(own), "%d", (int)getpid());
    const char *pid = given->pid ? given->pid : own;
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    if (pid[0]) {
        setenv("LISTEN_PID", pid, 1);
    }
    if (given->count) {
        setenv("LISTEN_FDS", given->count, 1);
    }
    setenv("LISTEN_FDNAMES", "agent", 1);
    int result = activation_socket(problem, sizeof(problem));
    if (result != expected || !strstr(problem, words)) {
        return 11;
    }
    if (getenv("LISTEN_PID") || getenv("LISTEN_FDS") || getenv("LISTEN_FDNAMES")) {
        return 12;
    }
    if (result >= 0 && fcntl(result, F_GETFD) != FD_CLOEXEC) {
        return 13;
    }
    return activation_socket(problem, sizeof(problem)) == -ENOENT ? 0 : 14;
}

static void assert_given(struct given given, int expected, const char *words) {
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(check_given(&given, expected, words));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_a_socket(void **state) {
    (void)state;
    assert_given((struct given){make_stream_listener, NULL, "1"}, GIVEN, "");
}

static void test_none(void **state) {
    (void)state;
    assert_given((struct given){NULL, "", NULL}, -ENOENT, "");
    assert_given((struct given){make_stream_listener, "", "1"}, -ENOENT, "");
    assert_given((struct given){make_stream_listener, NULL, NULL}, -ENOENT, "");
    assert_given((struct given){make_stream_listener, "1", "1"}, -ENOENT, ""); /* of another process */
    static const char *const counts[] = {"0", "", "-1", " 1", "1x", "x", "99999999999999999999", "4294967297"};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        assert_given((struct given){make_stream_listener, NULL, counts[i]}, -ENOENT, "");
    }
}

static void test_wrong_ones(void **state) {
    (void)state;
    assert_given((struct given){make_stream_listener, NULL, "2"}, -EINVAL, "has 2 sockets");
    assert_given((struct given){NULL, NULL, "1"}, -EINVAL, "not open");
    assert_given((struct given){make_file, NULL, "1"}, -EINVAL, "not a listening Unix stream socket");
    assert_given((struct given){make_stream, NULL, "1"}, -EINVAL, "not a listening Unix stream socket");
    assert_given((struct given){make_sequenced_listener, NULL, "1"}, -EINVAL, "not a listening Unix stream socket");
    assert_given((struct given){make_internet_listener, NULL, "1"}, -EINVAL, "not a listening Unix stream socket");
}

/* ------------------------------------------------------------------------ notifications */

/* A manager's socket of this name. */
static int manage(const char *name, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    auto_fd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(address.sun_path, name, size);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)),
                     0);
    return steal_fd(&fd);
}

static void assert_heard(int manager, const char *variable) {
    char heard[128];
    setenv("NOTIFY_SOCKET", variable, 1);
    errno = EXDEV;
    activation_notify("READY=1\nSTATUS=listening");
    assert_int_equal(errno, EXDEV);
    ssize_t size = read(manager, heard, sizeof(heard));
    assert_int_equal(size, strlen("READY=1\nSTATUS=listening"));
    assert_memory_equal(heard, "READY=1\nSTATUS=listening", (size_t)size);
    assert_int_equal(read(manager, heard, sizeof(heard)), -1);
}

static void test_notifications(void **state) {
    (void)state;
    char folder[] = "/tmp/renacer-activation-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/notify", folder);
    auto_fd named = manage(path, strlen(path));
    assert_heard(named, path);
    char name[64];
    path[0] = 0; /* abstract: another one that is as unique */
    auto_fd abstract = manage(path, strlen(folder) + strlen("/notify"));
    snprintf(name, sizeof(name), "@%s/notify", folder + 1);
    assert_heard(abstract, name);
    snprintf(path, sizeof(path), "%s/notify", folder);
    unlink(path);
    rmdir(folder);
}

/* Nobody hears it, and nothing happens; no descriptor stays open. */
static void test_nobody_to_notify(void **state) {
    (void)state;
    char long_name[200];
    memset(long_name, 'x', sizeof(long_name));
    long_name[0] = '/';
    long_name[sizeof(long_name) - 1] = 0;
    const char *const names[] = {
        NULL, "", "/", "@", "relative", "vsock:2:1234", "/nonexistent/notify", "@nobody-is-there", long_name};
    int before = dup(STDIN_FILENO);
    close(before);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unsetenv("NOTIFY_SOCKET");
        if (names[i]) {
            setenv("NOTIFY_SOCKET", names[i], 1);
        }
        errno = EXDEV;
        activation_notify("READY=1");
        assert_int_equal(errno, EXDEV);
    }
    int after = dup(STDIN_FILENO);
    close(after);
    assert_int_equal(after, before);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_socket),         cmocka_unit_test(test_none),
        cmocka_unit_test(test_wrong_ones),       cmocka_unit_test(test_notifications),
        cmocka_unit_test(test_nobody_to_notify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
