/* SPDX-License-Identifier: MIT
 *
 * A child of the test that is traced by the test's own thread with ptrace(2).
 * It runs a function, and stops where the test wants it to.
 */
#ifndef RENACER_TESTS_TRACED_CHILD_H
#define RENACER_TESTS_TRACED_CHILD_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static inline long traced_request(long what, pid_t tid, uintptr_t address, uintptr_t data) {
    return syscall(SYS_ptrace, what, tid, address, data);
}

/* The status of its next stop or end. */
static inline int traced_wait(pid_t tid) {
    int status;
    assert_int_equal(waitpid(tid, &status, __WALL), tid);
    return status;
}

/* A stop as PTRACE_EVENT_... have it: SIGTRAP and the event. */
static inline int event_status(int event) {
    return (SIGTRAP | event << 8) << 8 | 0x7f;
}

/* The child ends with what `run` returns. It has stopped, and has not begun yet. */
static inline pid_t traced_start(int (*run)(void), uintptr_t options) {
    int go[2];
    assert_int_equal(pipe2(go, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char byte;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(go[1]);
        _exit(read(go[0], &byte, 1) == 0 ? run() : 99);
    }
    close(go[0]);
    options |= PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    assert_int_equal(traced_request(PTRACE_SEIZE, pid, 0, options), 0);
    assert_int_equal(traced_request(PTRACE_INTERRUPT, pid, 0, 0), 0);
    assert_int_equal(traced_wait(pid), event_status(PTRACE_EVENT_STOP));
    close(go[1]);
    return pid;
}

/* Let it go on, with PTRACE_CONT or PTRACE_SYSCALL, until it stops or ends. */
static inline int traced_go_on(pid_t tid, long how) {
    assert_int_equal(traced_request(how, tid, 0, 0), 0);
    return traced_wait(tid);
}

/* Let it go on until it is about to make, or has made, call `number`: `op` as PTRACE_GET_SYSCALL_INFO tells it. */
static inline struct __ptrace_syscall_info traced_to_call(pid_t tid, uint64_t number) {
    struct __ptrace_syscall_info info;
    do {
        int status = traced_go_on(tid, PTRACE_SYSCALL);
        assert_true(WIFSTOPPED(status));
        assert_int_equal(WSTOPSIG(status), SIGTRAP | 0x80);
        assert_true(traced_request(PTRACE_GET_SYSCALL_INFO, tid, sizeof(info), (uintptr_t)&info) > 0);
    } while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != number);
    return info;
}

/* Let it run to its end: what it returns. */
static inline int traced_finish(pid_t tid) {
    int status = traced_go_on(tid, PTRACE_CONT);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static inline void traced_kill(pid_t tid) {
    kill(tid, SIGKILL);
    assert_true(WIFSIGNALED(traced_wait(tid)));
}

#endif
