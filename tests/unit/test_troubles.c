/* SPDX-License-Identifier: MIT
 *
 * Troubles: programs that ran without the rights of their bits, programs that
 * cannot be read, and what is said of all that.
 */
#include "troubles.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOBODY = 65534,
};

/* A copy of cat(1) in a folder of its own, whose bits a test sets. */
struct place {
    char folder[32];
    char program[48];
    bool in_namespace; /* it runs in a user namespace that knows nobody but its own user */
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    struct stat info;
    strcpy(place->folder, "/tmp/renacer-test-XXXXXX");
    if (!mkdtemp(place->folder) || chmod(place->folder, 0755) < 0) {
        return -1;
    }
    snprintf(place->program, sizeof(place->program), "%s/cat", place->folder);
    int from = open("/bin/cat", O_RDONLY | O_CLOEXEC);
    int to = open(place->program, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    bool copied = fstat(from, &info) == 0 && sendfile(to, from, NULL, (size_t)info.st_size) == info.st_size;
    close(from);
    close(to);
    *state = place;
    return copied ? 0 : -1;
}

static int tear_down(void **state) {
    struct place *place = *state;
    unlink(place->program);
    rmdir(place->folder);
    free(place);
    return 0;
}

/* Set-user-ID bits have no meaning here, or nobody who could become another is there. */
static bool bits_mean_nothing(const struct place *place) {
    struct statvfs filesystem;
    return geteuid() != 0 || statvfs(place->folder, &filesystem) < 0 || filesystem.f_flag & ST_NOSUID;
}

struct running {
    pid_t pid;
    int input; /* it lives until this is closed */
    int output;
};

static bool put(const char *file, const char *text) {
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* As unshare(1) does with --map-root-user. */
static bool enter_namespace(void) {
    char users[32];
    char groups[32];
    snprintf(users, sizeof(users), "0 %u 1\n", geteuid());
    snprintf(groups, sizeof(groups), "0 %u 1\n", getegid());
    /* Its files in /proc belong to who it is now. */
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return unshare(CLONE_NEWUSER) == 0 && put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", users) &&
           put("/proc/self/gid_map", groups);
}

/* The program, run by nobody (where the test is root) as one runs who is traced: without the rights of its bits. */
static struct running run(const struct place *place) {
    int input[2];
    int output[2];
    char byte;
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(output, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        bool ready = geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        ready = ready && (!place->in_namespace || enter_namespace());
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        if (ready) {
            execl(place->program, "cat", NULL);
        }
        _exit(1);
    }
    close(input[0]);
    close(output[1]);
    /* What comes back has come through it. */
    assert_int_equal(write(input[1], "x", 1), 1);
    assert_int_equal(read(output[0], &byte, 1), 1);
    return (struct running){.pid = pid, .input = input[1], .output = output[0]};
}

static void end(const struct running *running) {
    close(running->input);
    close(running->output);
    waitpid(running->pid, NULL, 0);
}

/* What a user who is not root finds out when he looks at the running program; the test's own user if `as_root`. */
static struct troubles look(const struct place *place, bool as_root) {
    struct troubles troubles = {0};
    struct running running = run(place);
    bool is_other = geteuid() == 0 && !as_root;
    if (is_other) {
        assert_int_equal(setegid(NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    troubles_look_at(&troubles, running.pid);
    if (is_other) {
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(setegid(0), 0);
    }
    end(&running);
    return troubles;
}

static void assert_counts(struct troubles troubles, unsigned privileges, unsigned unreadable) {
    assert_int_equal(troubles.privileges, privileges);
    assert_int_equal(troubles.unreadable, unreadable);
    assert_int_equal(troubles.listeners, 0);
    assert_int_equal(troubles.strict, 0);
    assert_int_equal(troubles.ptracers, 0);
}

static void test_an_ordinary_program_is_no_trouble(void **state) {
    assert_counts(look(*state, false), 0, 0);
}

static void test_a_set_user_id_program_runs_without_its_rights(void **state) {
    const struct place *place = *state;
    if (bits_mean_nothing(place)) {
        skip();
    }
    assert_int_equal(chmod(place->program, 04755), 0);
    assert_counts(look(place, false), 1, 0);
}

static void test_a_set_group_id_program_runs_without_its_rights(void **state) {
    const struct place *place = *state;
    if (bits_mean_nothing(place)) {
        skip();
    }
    assert_int_equal(chmod(place->program, 02755), 0);
    assert_counts(look(place, false), 1, 0);
    /* Both bits are one program. */
    assert_int_equal(chmod(place->program, 06755), 0);
    assert_counts(look(place, false), 1, 0);
}

static void test_bits_of_owners_whom_a_namespace_does_not_know_mean_nothing(void **state) {
    struct place *place = *state;
    if (bits_mean_nothing(place)) {
        skip();
    }
    place->in_namespace = true;
    assert_int_equal(chmod(place->program, 06755), 0);
    assert_counts(look(place, false), 0, 0);
    /* The owner is known, the group is not: no bit counts. */
    assert_int_equal(chown(place->program, NOBODY, 0), 0);
    assert_int_equal(chmod(place->program, 02755), 0);
    assert_counts(look(place, false), 0, 0);
}

static void test_a_set_group_id_bit_may_mean_something_else(void **state) {
    const struct place *place = *state;
    if (bits_mean_nothing(place)) {
        skip();
    }
    assert_int_equal(chmod(place->program, 02745), 0);
    assert_counts(look(place, false), 0, 0);
}

static void test_who_has_the_rights_already_loses_none(void **state) {
    const struct place *place = *state;
    if (geteuid() == 0) {
        assert_int_equal(chown(place->program, NOBODY, NOBODY), 0);
    }
    assert_int_equal(chmod(place->program, 06755), 0);
    assert_counts(look(place, false), 0, 0);
}

static void test_tracees_of_root_get_their_rights(void **state) {
    const struct place *place = *state;
    if (bits_mean_nothing(place)) {
        skip();
    }
    assert_int_equal(chmod(place->program, 04755), 0);
    assert_counts(look(place, true), 0, 0);
}

static void test_some_programs_cannot_be_read(void **state) {
    const struct place *place = *state;
    assert_int_equal(chmod(place->program, 0111), 0);
    assert_counts(look(place, false), 0, 1);
    if (geteuid() == 0) {
        assert_counts(look(place, true), 0, 0);
    }
}

static void test_each_program_counts(void **state) {
    const struct place *place = *state;
    struct troubles troubles = {.unreadable = 2};
    if (bits_mean_nothing(place)) {
        skip();
    }
    assert_int_equal(chmod(place->program, 04755), 0);
    struct running running = run(place);
    assert_int_equal(setegid(NOBODY), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    for (int i = 0; i < 3; i++) {
        troubles_look_at(&troubles, running.pid);
    }
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(setegid(0), 0);
    end(&running);
    assert_counts(troubles, 3, 2);
}

static void test_somebody_who_is_gone_is_no_trouble(void **state) {
    (void)state;
    struct troubles troubles = {0};
    pid_t gone = fork();
    if (gone == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)gone, &info, WEXITED | WNOWAIT), 0);
    troubles_look_at(&troubles, gone);
    waitpid(gone, NULL, 0);
    troubles_look_at(&troubles, gone);
    assert_counts(troubles, 0, 0);
}

/* ------------------------------------------------------------------- what is said */

/* What troubles_say() writes to standard error. */
static void say(const struct troubles *troubles, char *text, size_t size) {
    int saved = dup(STDERR_FILENO);
    int file = memfd_create("stderr", MFD_CLOEXEC);
    assert_true(saved >= 0 && file >= 0);
    dup2(file, STDERR_FILENO);
    troubles_say(troubles);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t length = pread(file, text, size - 1, 0);
    close(file);
    assert_true(length >= 0);
    text[length] = '\0';
}

static unsigned lines_of(const char *text) {
    unsigned lines = 0;
    for (; *text; text++) {
        lines += *text == '\n';
    }
    return lines;
}

static void test_without_troubles_nothing_is_said(void **state) {
    (void)state;
    const struct troubles troubles = {0};
    char text[2048];
    say(&troubles, text, sizeof(text));
    assert_string_equal(text, "");
}

static void test_every_trouble_has_its_line(void **state) {
    (void)state;
    static const struct {
        struct troubles troubles;
        const char *part;
    } cases[] = {
        {{.listeners = 1}, "EBUSY"},
        {{.strict = 1}, "strict mode and was refused (EINVAL)"},
        {{.ptracers = 1}, "EPERM"},
        {{.privileges = 3}, "3 set-user-ID or set-group-ID programs ran without the rights"},
        {{.unreadable = 4}, "4 programs were run that this user must not read"},
    };
    char text[2048];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        say(&cases[i].troubles, text, sizeof(text));
        assert_int_equal(lines_of(text), 1);
        if (!strstr(text, cases[i].part)) {
            fail_msg("\"%s\" is not in \"%s\"", cases[i].part, text);
        }
    }
    const struct troubles all = {.listeners = 1, .strict = 1, .ptracers = 1, .privileges = 1, .unreadable = 1};
    say(&all, text, sizeof(text));
    assert_int_equal(lines_of(text), COUNT_OF(cases));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_an_ordinary_program_is_no_trouble),
        TEST(test_a_set_user_id_program_runs_without_its_rights),
        TEST(test_a_set_group_id_program_runs_without_its_rights),
        TEST(test_bits_of_owners_whom_a_namespace_does_not_know_mean_nothing),
        TEST(test_a_set_group_id_bit_may_mean_something_else),
        TEST(test_who_has_the_rights_already_loses_none),
        TEST(test_tracees_of_root_get_their_rights),
        TEST(test_some_programs_cannot_be_read),
        TEST(test_each_program_counts),
        cmocka_unit_test(test_somebody_who_is_gone_is_no_trouble),
        cmocka_unit_test(test_without_troubles_nothing_is_said),
        cmocka_unit_test(test_every_trouble_has_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
