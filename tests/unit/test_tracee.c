/* SPDX-License-Identifier: MIT
 *
 * The tracer's table, and what is done to the registers of real tracees.
 */
#include "tracee.h"

#include "traced_child.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/user.h>

enum {
    LEADER = 100,
    THREAD = 101,
    OTHER = 200,
    I386_READ = 3,
    I386_PRCTL = 172,
    I386_SECCOMP = 354,
};

static const uint64_t no_args[SYSCALL_MAX_ARGS];

/* ---------------------------------------------------------------------- the table */

static void test_the_table_finds_who_was_added(void **state) {
    (void)state;
    struct tracee *table = NULL;
    assert_int_equal(tracee_count(table), 0);
    assert_null(tracee_find(table, LEADER));
    struct tracee *leader = tracee_add(&table, LEADER, LEADER);
    struct tracee *thread = tracee_add(&table, THREAD, LEADER);
    assert_ptr_equal(tracee_find(table, LEADER), leader);
    assert_ptr_equal(tracee_find(table, THREAD), thread);
    assert_null(tracee_find(table, OTHER));
    assert_int_equal(thread->tid, THREAD);
    assert_int_equal(thread->pid, LEADER);
    assert_false(thread->in_call);
    assert_int_equal(tracee_count(table), 2);
    tracee_remove(&table, leader);
    assert_null(tracee_find(table, LEADER));
    assert_ptr_equal(tracee_find(table, THREAD), thread);
    assert_int_equal(tracee_count(table), 1);
    tracee_remove(&table, thread);
    assert_null(table);
}

static void test_the_table_can_be_walked_while_it_shrinks(void **state) {
    (void)state;
    struct tracee *table = NULL;
    for (pid_t tid = 1; tid <= 1000; tid++) {
        tracee_add(&table, tid, tid);
    }
    pid_t seen = 0;
    for (struct tracee *tracee = table, *next; tracee; tracee = next) {
        next = tracee_next(tracee);
        assert_int_equal(tracee->tid, ++seen);
        if (tracee->tid % 2) {
            tracee_remove(&table, tracee);
        }
    }
    assert_int_equal(seen, 1000);
    assert_int_equal(tracee_count(table), 500);
    assert_null(tracee_find(table, 501));
    assert_non_null(tracee_find(table, 502));
    while (table) {
        tracee_remove(&table, table);
    }
}

static void test_all_threads_of_a_process_stop_at_all_calls(void **state) {
    (void)state;
    struct tracee *table = NULL;
    const struct tracee *leader = tracee_add(&table, LEADER, LEADER);
    const struct tracee *other = tracee_add(&table, OTHER, OTHER);
    const struct tracee *thread = tracee_add(&table, THREAD, LEADER);
    tracee_stop_at_all(table, LEADER);
    assert_true(leader->all_calls);
    assert_true(thread->all_calls);
    assert_false(other->all_calls);
    while (table) {
        tracee_remove(&table, table);
    }
}

/* -------------------------------------------------------------------------- calls */

static void test_a_call_of_either_architecture_begins(void **state) {
    (void)state;
    static const uint64_t args[SYSCALL_MAX_ARGS] = {1, 2, 3, 4, 5, UINT64_MAX};
    struct tracee tracee = {.tid = LEADER};
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, SYS_read, args);
    assert_true(tracee.in_call);
    assert_int_equal(tracee.arch, ARCH_X86_64);
    assert_int_equal(tracee.number, SYS_read);
    assert_string_equal(tracee.row->name, "read");
    assert_memory_equal(tracee.args, args, sizeof(args));
    tracee_begin_call(&tracee, AUDIT_ARCH_I386, I386_READ, no_args);
    assert_int_equal(tracee.arch, ARCH_I386);
    assert_int_equal(tracee.number, I386_READ);
    assert_string_equal(tracee.row->name, "read");
    assert_memory_equal(tracee.args, no_args, sizeof(no_args));
}

static void test_a_call_may_be_unknown(void **state) {
    (void)state;
    struct tracee tracee = {.tid = LEADER};
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, 100000, no_args);
    assert_int_equal(tracee.number, 100000);
    assert_null(tracee.row);
    /* The kernel takes the register's lower half for an int. */
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, UINT64_MAX, no_args);
    assert_int_equal(tracee.number, -1);
    assert_null(tracee.row);
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, UINT32_MAX, no_args);
    assert_int_equal(tracee.number, -1);
}

static void test_a_call_is_made_again_as_itself_or_by_restart_syscall(void **state) {
    (void)state;
    struct tracee tracee = {.tid = LEADER};
    tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, SYS_nanosleep, no_args);
    assert_true(tracee_makes_again(&tracee, AUDIT_ARCH_X86_64, SYS_nanosleep));
    assert_true(tracee_makes_again(&tracee, AUDIT_ARCH_X86_64, SYS_restart_syscall));
    assert_false(tracee_makes_again(&tracee, AUDIT_ARCH_X86_64, SYS_read));
    assert_false(tracee_makes_again(&tracee, AUDIT_ARCH_X86_64, 100000));
    assert_false(tracee_makes_again(&tracee, AUDIT_ARCH_I386, SYS_nanosleep));
    tracee_begin_call(&tracee, AUDIT_ARCH_I386, I386_READ, no_args);
    assert_true(tracee_makes_again(&tracee, AUDIT_ARCH_I386, 0));
}

static void test_the_leader_takes_over_the_call_of_who_executes(void **state) {
    (void)state;
    static const uint64_t args[SYSCALL_MAX_ARGS] = {10, 20, 30};
    struct tracee leader = {.tid = LEADER, .pid = LEADER, .begun = true};
    struct tracee caller = {.tid = THREAD, .pid = LEADER, .recorded = true};
    tracee_begin_call(&leader, AUDIT_ARCH_I386, I386_READ, no_args);
    tracee_begin_call(&caller, AUDIT_ARCH_X86_64, SYS_execve, args);
    tracee_take_over(&leader, &caller);
    assert_int_equal(leader.tid, LEADER);
    assert_true(leader.begun);
    assert_true(leader.in_call);
    assert_true(leader.recorded);
    assert_int_equal(leader.arch, ARCH_X86_64);
    assert_int_equal(leader.number, SYS_execve);
    assert_string_equal(leader.row->name, "execve");
    assert_memory_equal(leader.args, args, sizeof(args));
}

static void test_which_calls_install_a_filter(void **state) {
    (void)state;
    static const struct {
        uint32_t arch;
        uint64_t number;
        uint64_t first;
        uint64_t second;
        int64_t result;
        bool installs;
    } calls[] = {
        {AUDIT_ARCH_X86_64, SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, true},
        {AUDIT_ARCH_X86_64, SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, -EACCES, false},
        {AUDIT_ARCH_X86_64, SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, false},
        {AUDIT_ARCH_X86_64, SYS_prctl, PR_GET_SECCOMP, SECCOMP_MODE_FILTER, 2, false},
        {AUDIT_ARCH_X86_64, SYS_prctl, PR_SET_DUMPABLE, 2, 0, false},
        {AUDIT_ARCH_X86_64, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, 0, true},
        {AUDIT_ARCH_X86_64, SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, 7, true},
        {AUDIT_ARCH_X86_64, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, -EFAULT, false},
        {AUDIT_ARCH_X86_64, SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0, false},
        {AUDIT_ARCH_X86_64, SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, 0, false},
        {AUDIT_ARCH_X86_64, SYS_read, SECCOMP_SET_MODE_FILTER, 0, 0, false},
        {AUDIT_ARCH_X86_64, 100000, SECCOMP_SET_MODE_FILTER, 0, 0, false},
        {AUDIT_ARCH_I386, I386_PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, true},
        {AUDIT_ARCH_I386, I386_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, 0, true},
        {AUDIT_ARCH_I386, I386_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, -EINVAL, false},
        {AUDIT_ARCH_I386, SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, false},
        /* The kernel takes these arguments for 32 bits wide. */
        {AUDIT_ARCH_X86_64, SYS_seccomp, UINT64_C(0xdead00000001), 0, 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct tracee tracee = {.tid = LEADER};
        const uint64_t args[SYSCALL_MAX_ARGS] = {calls[i].first, calls[i].second};
        tracee_begin_call(&tracee, calls[i].arch, calls[i].number, args);
        if (tracee_has_installed_filter(&tracee, calls[i].result) != calls[i].installs) {
            fail_msg("row %zu", i);
        }
    }
}

static void test_who_wants_strict_mode(void **state) {
    (void)state;
    static const struct {
        uint64_t number;
        uint64_t first;
        uint64_t second;
        bool wants;
    } calls[] = {
        {SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, true},
        {SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, false},
        {SYS_prctl, PR_GET_SECCOMP, SECCOMP_MODE_STRICT, false},
        {SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, true},
        {SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, false},
        {SYS_getpid, SECCOMP_SET_MODE_STRICT, 0, false},
        {100000, SECCOMP_SET_MODE_STRICT, 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        struct tracee tracee = {.tid = LEADER};
        const uint64_t args[SYSCALL_MAX_ARGS] = {calls[i].first, calls[i].second};
        tracee_begin_call(&tracee, AUDIT_ARCH_X86_64, calls[i].number, args);
        if (tracee_wants_strict_mode(&tracee) != calls[i].wants) {
            fail_msg("row %zu", i);
        }
    }
}

/* --------------------------------------------------------------- untraced children */

enum {
    UNTRACED = CLONE_UNTRACED | SIGCHLD,
    GRANDCHILD = 42,
    FLAGS_CHANGED = 1,
};

/* Make a child that is not to be traced, as fork() would; both look whether their flags are still what they were. */
static int make_untraced(void) {
    uint64_t flags = UNTRACED;
    long pid = SYS_clone;
    register uint64_t tls __asm__("r8") = 0;
    register uint64_t child_tid __asm__("r10") = 0;
    __asm__ volatile("syscall"
                     : "+a"(pid), "+D"(flags)
                     : "S"(0), "d"(0), "r"(child_tid), "r"(tls)
                     : "rcx", "r11", "memory");
    if (flags != UNTRACED) {
        _exit(FLAGS_CHANGED);
    }
    if (pid == 0) {
        _exit(GRANDCHILD);
    }
    int status;
    waitpid((pid_t)pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void test_an_untraced_child_is_traced_and_nobody_sees_it(void **state) {
    (void)state;
    pid_t tid = traced_start(make_untraced, PTRACE_O_TRACEFORK);
    struct __ptrace_syscall_info call = traced_to_call(tid, SYS_clone);
    struct tracee parent = {.tid = tid};
    tracee_begin_call(&parent, call.arch, call.entry.nr, (const uint64_t *)call.entry.args);
    tracee_strip_untraced(&parent);
    assert_true(parent.stripped);
    assert_int_equal(parent.args[0], UNTRACED);
    assert_int_equal(traced_go_on(tid, PTRACE_SYSCALL), event_status(PTRACE_EVENT_FORK));
    unsigned long child_tid = 0;
    assert_int_equal(traced_request(PTRACE_GETEVENTMSG, tid, 0, (uintptr_t)&child_tid), 0);
    struct tracee child = {.tid = (pid_t)child_tid, .stripped = true, .args = {parent.args[0]}};
    assert_int_equal(traced_wait(child.tid), event_status(PTRACE_EVENT_STOP));
    tracee_give_back_untraced(&child);
    assert_false(child.stripped);
    assert_int_equal(traced_finish(child.tid), GRANDCHILD);
    int status = traced_go_on(tid, PTRACE_SYSCALL); /* clone returns */
    assert_int_equal(WSTOPSIG(status), SIGTRAP | 0x80);
    tracee_give_back_untraced(&parent);
    assert_false(parent.stripped);
    assert_int_equal(traced_request(PTRACE_CONT, tid, 0, 0), 0);
    do {
        status = traced_wait(tid);
        if (WIFSTOPPED(status)) { /* of its child's end */
            assert_int_equal(status >> 8, SIGCHLD);
            assert_int_equal(traced_request(PTRACE_CONT, tid, 0, SIGCHLD), 0);
        }
    } while (WIFSTOPPED(status));
    assert_int_equal(WEXITSTATUS(status), GRANDCHILD);
}

static void test_other_calls_keep_their_flags(void **state) {
    (void)state;
    static const struct {
        uint32_t arch;
        uint64_t number;
        uint64_t flags;
    } calls[] = {
        {AUDIT_ARCH_X86_64, SYS_clone, SIGCHLD},
        {AUDIT_ARCH_X86_64, SYS_clone3, UNTRACED},
        {AUDIT_ARCH_X86_64, SYS_read, UNTRACED},
        {AUDIT_ARCH_I386, SYS_clone, UNTRACED},
    };
    pid_t tid = traced_start(make_untraced, 0);
    traced_to_call(tid, SYS_clone);
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        const uint64_t args[SYSCALL_MAX_ARGS] = {calls[i].flags};
        struct tracee tracee = {.tid = tid, .stripped = true};
        tracee_begin_call(&tracee, calls[i].arch, calls[i].number, args);
        tracee_strip_untraced(&tracee);
        assert_false(tracee.stripped);
        tracee_give_back_untraced(&tracee);
        uint64_t flags;
        assert_true(traced_request(PTRACE_PEEKUSER, tid, offsetof(struct user, regs.rdi), (uintptr_t)&flags) >= 0);
        assert_int_equal(flags, UNTRACED);
    }
    traced_kill(tid);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_finds_who_was_added),
        cmocka_unit_test(test_the_table_can_be_walked_while_it_shrinks),
        cmocka_unit_test(test_all_threads_of_a_process_stop_at_all_calls),
        cmocka_unit_test(test_a_call_of_either_architecture_begins),
        cmocka_unit_test(test_a_call_may_be_unknown),
        cmocka_unit_test(test_a_call_is_made_again_as_itself_or_by_restart_syscall),
        cmocka_unit_test(test_the_leader_takes_over_the_call_of_who_executes),
        cmocka_unit_test(test_which_calls_install_a_filter),
        cmocka_unit_test(test_who_wants_strict_mode),
        cmocka_unit_test(test_an_untraced_child_is_traced_and_nobody_sees_it),
        cmocka_unit_test(test_other_calls_keep_their_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
