/* SPDX-License-Identifier: MIT */
#include "death.h"

#include "unit.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is said of a process that ends so, before (a zombie) or after somebody has waited for it. */
static void describe(int number, int status, bool reaped, char text[96]) {
    pid_t child = fork();
    if (child == 0) {
        if (number) {
            signal(number, SIG_DFL);
            raise(number);
        }
        _exit(status);
    }
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    if (reaped) {
        waitpid(child, NULL, 0);
    }
    death_describe(pidfd, child, text, 96);
    close(pidfd);
    if (!reaped) {
        waitpid(child, NULL, 0);
    }
}

static void test_a_zombie_tells(void **state) {
    (void)state;
    char text[96];
    describe(SIGKILL, 0, false, text);
    assert_string_equal(text, "renacer-sv was killed by SIGKILL");
    describe(0, 3, false, text);
    assert_string_equal(text, "renacer-sv ended early with status 3");
}

static void test_a_pidfd_tells_where_the_kernel_can(void **state) {
    (void)state;
    char text[96];
    describe(SIGKILL, 0, true, text);
    /* Before Linux 6.15 nobody knows. */
    if (strcmp(text, "renacer-sv died") != 0) {
        assert_string_equal(text, "renacer-sv was killed by SIGKILL");
    }
}

static void test_nothing_is_made_up(void **state) {
    (void)state;
    char text[96];
    death_describe(-1, getpid(), text, sizeof(text));
    assert_string_equal(text, "renacer-sv died");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_zombie_tells),
        cmocka_unit_test(test_a_pidfd_tells_where_the_kernel_can),
        cmocka_unit_test(test_nothing_is_made_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
