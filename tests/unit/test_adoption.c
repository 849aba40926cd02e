/* SPDX-License-Identifier: MIT
 *
 * A process of somebody else's: waited for until it executes a program, and how it ended.
 */
#include "adoption.h"

#include "listener.h"
#include "notifying_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

enum {
    STATUS = 7,
};

static void execute_false(void) {
    static char name[] = "false";
    char *const argv[] = {name, NULL};
    access("/", F_OK);
    access("/nowhere", F_OK);
    execve("/bin/false", argv, NULL);
}

static void end_at_once(void) {
    access("/", F_OK);
}

static void test_waits_for_the_program(void **state) {
    (void)state;
    struct notifying_child child = notifying_child_start(execute_false);
    struct adoption adoption;
    char problem[256] = "";
    notifying_child_go(&child);
    assert_int_equal(adoption_await(&adoption, child.listener, -1, problem, sizeof(problem)), 0);
    assert_int_equal(adoption.pid, child.pid);
    assert_int_equal(adoption.tid, child.pid);
    assert_int_equal(adoption.exec.data.nr, SYS_execve);
    assert_int_equal(listener_continue(child.listener, adoption.exec.id), 0);
    adoption_finish(&adoption);
    /* The program does without the calls that nobody answers any more. */
    notifying_child_close(&child);
    int status;
    assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void test_nobody_is_left(void **state) {
    (void)state;
    struct notifying_child child = notifying_child_start(end_at_once);
    struct adoption adoption;
    char problem[256] = "";
    notifying_child_go(&child);
    assert_int_equal(adoption_await(&adoption, child.listener, -1, problem, sizeof(problem)), -ECHILD);
    assert_non_null(strstr(problem, "before a program was executed"));
    waitpid(child.pid, NULL, 0);
    notifying_child_close(&child);
}

static void test_is_told_to_end(void **state) {
    (void)state;
    struct notifying_child child = notifying_child_start(end_at_once);
    struct adoption adoption;
    char problem[256] = "";
    int stop = eventfd(1, EFD_CLOEXEC);
    assert_int_equal(adoption_await(&adoption, child.listener, stop, problem, sizeof(problem)), -ECANCELED);
    close(stop);
    kill(child.pid, SIGKILL);
    waitpid(child.pid, NULL, 0);
    notifying_child_close(&child);
}

/* A child that has ended, by a signal or with a status, and that nobody has waited for. */
static pid_t ended_child(int signal, int code, int *pidfd) {
    pid_t pid = fork();
    if (pid == 0) {
        if (signal) {
            raise(signal);
        }
        _exit(code);
    }
    *pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd end = {.fd = *pidfd, .events = POLLIN};
    assert_int_equal(poll(&end, 1, -1), 1);
    return pid;
}

static void check_end(int signal) {
    int pidfd;
    int status = -1;
    int waited;
    pid_t pid = ended_child(signal, STATUS, &pidfd);
    assert_true(adoption_wait_status(pidfd, pid, &status));
    assert_int_equal(waitpid(pid, &waited, 0), pid);
    assert_int_equal(status, waited);
    status = -1;
    /* Only newer kernels tell it of one that has been waited for; none tells something else. */
    if (adoption_wait_status(pidfd, pid, &status)) {
        assert_int_equal(status, waited);
    }
    close(pidfd);
}

static void test_how_it_ended(void **state) {
    (void)state;
    check_end(0);
    check_end(SIGKILL);
    check_end(SIGTERM);
}

/* Of somebody else's process the kernel shows 0, whatever it was. */
static void test_who_may_not_know_is_not_told(void **state) {
    (void)state;
    if (geteuid() != 0) {
        return;
    }
    for (int code = 0; code < 2; code++) {
        int pidfd;
        pid_t pid = ended_child(0, code, &pidfd);
        pid_t stranger = fork();
        if (stranger == 0) {
            int status;
            _exit(setgid(65534) == 0 && setuid(65534) == 0 ? adoption_wait_status(pidfd, pid, &status) : 2);
        }
        int status;
        assert_int_equal(waitpid(stranger, &status, 0), stranger);
        assert_int_equal(status, 0);
        waitpid(pid, NULL, 0);
        close(pidfd);
    }
}

static void test_of_the_living_nothing_is_told(void **state) {
    (void)state;
    int status;
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    assert_false(adoption_wait_status(pidfd, getpid(), &status));
    close(pidfd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_for_the_program),
        cmocka_unit_test(test_nobody_is_left),
        cmocka_unit_test(test_is_told_to_end),
        cmocka_unit_test(test_how_it_ended),
        cmocka_unit_test(test_who_may_not_know_is_not_told),
        cmocka_unit_test(test_of_the_living_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
