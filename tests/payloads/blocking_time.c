/* SPDX-License-Identifier: MIT
 * Calls of blocking_storm that wait for one of many descriptors, for signals, and for a time limit. */
#include "blocking_calls.h"

#include <errno.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int64_t deadline;

/* --------------------------------------------------------------- many descriptors */

static long by_poll(void) {
    struct pollfd file = {reading, POLLIN, 0};
    return gives(syscall(SYS_poll, &file, 1, -1), 1);
}

static long by_ppoll(void) {
    struct pollfd file = {reading, POLLIN, 0};
    return gives(ppoll(&file, 1, NULL, NULL), 1);
}

/* A time far away that the kernel cannot write back. */
static long by_ppoll_with_constant(void) {
    static const struct timespec far = {20, 0};
    struct pollfd file = {reading, POLLIN, 0};
    return gives(syscall(SYS_ppoll, &file, 1, &far, NULL, 8), 1);
}

static long by_select(void) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(reading, &set);
    return gives(syscall(SYS_select, reading + 1, &set, NULL, NULL, NULL), 1);
}

static long by_pselect(void) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(reading, &set);
    return gives(pselect(reading + 1, &set, NULL, NULL, NULL, NULL), 1);
}

static bool with_epoll(void) {
    with_pipe();
    others[0] = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    must(epoll_ctl(others[0], EPOLL_CTL_ADD, reading, &event) == 0, "epoll_ctl");
    return true;
}

static long by_epoll_wait(void) {
    struct epoll_event event;
    return gives(syscall(SYS_epoll_wait, others[0], &event, 1, -1), 1);
}

static long by_epoll_pwait(void) {
    struct epoll_event event;
    sigset_t set;
    sigemptyset(&set);
    return gives(epoll_pwait(others[0], &event, 1, -1, &set), 1);
}

static long by_epoll_pwait2(void) {
    struct epoll_event event;
    return gives(syscall(SYS_epoll_pwait2, others[0], &event, 1, NULL, NULL, 8), 1);
}

static aio_context_t requests;

static bool with_requests(void) {
    with_pipe();
    requests = 0;
    must(syscall(SYS_io_setup, 1, &requests) == 0, "io_setup");
    struct iocb request = {.aio_lio_opcode = IOCB_CMD_POLL, .aio_fildes = (uint32_t)reading, .aio_buf = POLLIN};
    struct iocb *list[] = {&request};
    must(syscall(SYS_io_submit, requests, 1, list) == 1, "io_submit");
    return true;
}

static long by_getevents(void) {
    struct io_event event;
    return gives(syscall(SYS_io_getevents, requests, 1, 1, &event, NULL), 1);
}

static long by_pgetevents(void) {
    struct io_event event;
    return gives(syscall(SYS_io_pgetevents, requests, 1, 1, &event, NULL, NULL), 1);
}

static void without_requests(void) {
    syscall(SYS_io_destroy, requests);
    close_all();
}

/* The ring and what its request waits for stay open. When a ring is closed, or a request of it gets ready, a task of
 * the kernel asks the thread to do the rest, which breaks off its next call without a signal. */
static void leave_ring(void) {
    reading = writing = others[0] = -1;
}

/* A ring with one request: to tell when the pipe can be read. */
static bool with_ring(void) {
    struct io_uring_params ring = {0};
    with_pipe();
    others[0] = (int)syscall(SYS_io_uring_setup, 1, &ring);
    if (others[0] < 0) {
        close_all();
        return false; /* it can be forbidden */
    }
    size_t size = ring.sq_off.array + ring.sq_entries * sizeof(uint32_t);
    char *heads = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, others[0], IORING_OFF_SQ_RING);
    struct io_uring_sqe *request =
        mmap(NULL, sizeof(*request), PROT_READ | PROT_WRITE, MAP_SHARED, others[0], IORING_OFF_SQES);
    must(heads != MAP_FAILED && request != MAP_FAILED, "mmap of a ring");
    memset(request, 0, sizeof(*request));
    request->opcode = IORING_OP_POLL_ADD;
    request->fd = reading;
    request->poll32_events = POLLIN;
    *(uint32_t *)(heads + ring.sq_off.array) = 0;
    __atomic_store_n((uint32_t *)(heads + ring.sq_off.tail), 1, __ATOMIC_RELEASE);
    must(syscall(SYS_io_uring_enter, others[0], 1, 0, 0, NULL, 0) == 1, "io_uring_enter");
    munmap(request, sizeof(*request));
    munmap(heads, size);
    return true;
}

static long by_uring_enter(void) {
    return gives(syscall(SYS_io_uring_enter, others[0], 0, 1, IORING_ENTER_GETEVENTS, NULL, 0), 0);
}

/* ------------------------------------------------------------------- signals, time */

static int wakes_before;
static volatile bool is_woken;

static bool waits_for_waker(void) {
    wakes_before = wakes;
    is_woken = false;
    return true;
}

/* Again and again, for it may come before the wait has begun; but not so fast that the thread does nothing else than
 * handle it, however slow a tracer makes that. */
static void wake(void) {
    struct timespec moment = {0, NS_PER_MS};
    while (!is_woken) {
        must(syscall(SYS_tgkill, getpid(), main_thread, WAKER) == 0, "tgkill");
        nanosleep(&moment, NULL);
        moment.tv_nsec += moment.tv_nsec < 50 * NS_PER_MS ? moment.tv_nsec / 2 : 0;
    }
}

static long woken(void) {
    is_woken = wakes != wakes_before;
    return is_woken ? 0 : -EINTR;
}

/* Waits again only if it was woken by another signal: that is what makes it EINTR here. */
static long by_pause(void) {
    if (wakes == wakes_before) {
        must(pause() == -1 && errno == EINTR, "pause");
    }
    return woken();
}

static long by_sigsuspend(void) {
    sigset_t set;
    sigemptyset(&set);
    if (wakes == wakes_before) {
        must(sigsuspend(&set) == -1 && errno == EINTR, "sigsuspend");
    }
    return woken();
}

static bool with_limit(void) {
    with_epoll();
    deadline = now_ns() + LIMIT_NS;
    return true;
}

static bool with_limit_of_socket(void) {
    with_sockets();
    deadline = now_ns() + LIMIT_NS;
    return true;
}

/* What is left of the limit; of a call that is made too late, the shortest. */
static struct timespec left(void) {
    int64_t rest = deadline - now_ns();
    rest = rest > 0 ? rest : 1;
    return (struct timespec){rest / NS_PER_S, rest % NS_PER_S};
}

/* 0 when it is over: a millisecond is more than there is between two signals. */
static int left_ms(void) {
    int64_t rest = deadline - now_ns();
    return rest > 0 ? (int)((rest + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

/* A wait has said that its time is over: neither too early, nor much too late. */
static long is_over(long result, long expected) {
    if (result != expected) {
        return result < 0 ? result : -EILSEQ;
    }
    int64_t late = now_ns() - deadline;
    if (late < 0) {
        fail("a time limit", "ends early");
    } else if (!is_handled() && late > 5LL * NS_PER_S) { /* with a handler it is made again by us */
        fail("a time limit", "is stretched");
    }
    return 0;
}

static long by_nanosleep(void) {
    struct timespec asked = left();
    struct timespec rest = {-1, -1};
    int64_t before = deadline - now_ns();
    long result = outcome(syscall(SYS_nanosleep, &asked, &rest));
    int64_t after = deadline - now_ns();
    int64_t told = rest.tv_sec * (int64_t)NS_PER_S + rest.tv_nsec;
    if (result == -EINTR && before > NS_PER_MS && (told < after - 1000 || told > before + NS_PER_MS)) {
        fail("nanosleep", "the rest is wrong");
    }
    return is_over(result, 0);
}

static long by_clock_nanosleep(void) {
    struct timespec asked = left();
    return is_over(-clock_nanosleep(CLOCK_MONOTONIC, 0, &asked, NULL), 0);
}

static long by_clock_nanosleep_until(void) {
    struct timespec end = {deadline / NS_PER_S, deadline % NS_PER_S};
    return is_over(-clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL), 0);
}

static long by_limit_of_poll(void) {
    struct pollfd file = {reading, POLLIN, 0};
    return is_over(outcome(syscall(SYS_poll, &file, 1, left_ms())), 0);
}

static long by_limit_of_ppoll(void) {
    struct pollfd file = {reading, POLLIN, 0};
    struct timespec rest = left();
    return is_over(outcome(syscall(SYS_ppoll, &file, 1, &rest, NULL, 8)), 0);
}

static long by_limit_of_select(void) {
    struct timespec rest = left();
    struct timeval limit = {rest.tv_sec, rest.tv_nsec / 1000 + 1};
    return is_over(outcome(syscall(SYS_select, 0, NULL, NULL, NULL, &limit)), 0);
}

static long by_limit_of_pselect(void) {
    struct timespec rest = left();
    return is_over(outcome(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &rest, NULL)), 0);
}

static long by_limit_of_epoll_wait(void) {
    struct epoll_event event;
    return is_over(outcome(syscall(SYS_epoll_wait, others[0], &event, 1, left_ms())), 0);
}

static long by_limit_of_epoll_pwait2(void) {
    struct epoll_event event;
    struct timespec rest = left();
    return is_over(outcome(syscall(SYS_epoll_pwait2, others[0], &event, 1, &rest, NULL, 8)), 0);
}

static long by_limit_of_futex(void) {
    struct timespec rest = left();
    word = 0;
    return is_over(outcome(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &rest, NULL, 0)), -ETIMEDOUT);
}

static long by_limit_of_signal(void) {
    sigset_t set;
    struct timespec rest = left();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    return is_over(outcome(syscall(SYS_rt_sigtimedwait, &set, NULL, &rest, 8)), -EAGAIN);
}

static bool with_limit_of_semaphore(void) {
    deadline = now_ns() + LIMIT_NS;
    return with_semaphore();
}

static long by_limit_of_semaphore(void) {
    struct sembuf down = {0, -1, 0};
    struct timespec rest = left();
    return is_over(outcome(semtimedop(queue, &down, 1, &rest)), -EAGAIN);
}

static bool with_limit_of_requests(void) {
    with_requests();
    deadline = now_ns() + LIMIT_NS;
    return true;
}

static long by_limit_of_getevents(void) {
    struct io_event event;
    struct timespec rest = left();
    return is_over(outcome(syscall(SYS_io_getevents, requests, 1, 1, &event, &rest)), 0);
}

static long by_limit_of_pgetevents(void) {
    struct io_event event;
    struct timespec rest = left();
    return is_over(outcome(syscall(SYS_io_pgetevents, requests, 1, 1, &event, &rest, NULL)), 0);
}

static bool with_limit_of_ring(void) {
    bool good = with_ring();
    deadline = now_ns() + LIMIT_NS;
    return good;
}

static long by_limit_of_ring(void) {
    struct timespec rest = left();
    struct io_uring_getevents_arg more = {.ts = (uintptr_t)&rest};
    return is_over(outcome(syscall(SYS_io_uring_enter, others[0], 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
                                   &more, sizeof(more))),
                   -ETIME);
}

/* The kernel counts a socket's limit in ticks, and rounds up. */
static long by_limit_of_recv(void) {
    struct timespec rest = left();
    struct timeval limit = {rest.tv_sec, rest.tv_nsec / 1000 + 1};
    char byte;
    must(setsockopt(reading, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0, "SO_RCVTIMEO");
    long result = outcome(recv(reading, &byte, 1, 0));
    /* A tick is more than there is between two signals. */
    return result == -EINTR && now_ns() >= deadline ? 0 : is_over(result, -EAGAIN);
}

const struct waiting waitings_of_time[] = {
    {"poll", ALWAYS, false, with_pipe, by_poll, put_byte, close_all},
    {"ppoll", ALWAYS, false, with_pipe, by_ppoll, put_byte, close_all},
    {"ppoll with a constant", ALWAYS, false, with_pipe, by_ppoll_with_constant, put_byte, close_all},
    {"select", ALWAYS, false, with_pipe, by_select, put_byte, close_all},
    {"pselect6", ALWAYS, false, with_pipe, by_pselect, put_byte, close_all},
    {"epoll_wait", ALWAYS, false, with_epoll, by_epoll_wait, put_byte, close_all},
    {"epoll_pwait", ALWAYS, false, with_epoll, by_epoll_pwait, put_byte, close_all},
    {"epoll_pwait2", ALWAYS, false, with_epoll, by_epoll_pwait2, put_byte, close_all},
    {"io_getevents", ALWAYS, false, with_requests, by_getevents, put_byte, without_requests},
    {"io_pgetevents", ALWAYS, false, with_requests, by_pgetevents, put_byte, without_requests},
    {"pause", ALWAYS, false, waits_for_waker, by_pause, wake, no_finish},
    {"rt_sigsuspend", ALWAYS, false, waits_for_waker, by_sigsuspend, wake, no_finish},
    {"nanosleep", ALWAYS, true, with_limit, by_nanosleep, NULL, close_all},
    {"clock_nanosleep", ALWAYS, true, with_limit, by_clock_nanosleep, NULL, close_all},
    {"clock_nanosleep until", ALWAYS, true, with_limit, by_clock_nanosleep_until, NULL, close_all},
    {"limit of poll", ALWAYS, true, with_limit, by_limit_of_poll, NULL, close_all},
    {"limit of ppoll", ALWAYS, true, with_limit, by_limit_of_ppoll, NULL, close_all},
    {"limit of select", ALWAYS, true, with_limit, by_limit_of_select, NULL, close_all},
    {"limit of pselect6", ALWAYS, true, with_limit, by_limit_of_pselect, NULL, close_all},
    {"limit of epoll_wait", ALWAYS, true, with_limit, by_limit_of_epoll_wait, NULL, close_all},
    {"limit of epoll_pwait2", ALWAYS, true, with_limit, by_limit_of_epoll_pwait2, NULL, close_all},
    {"limit of epoll_pwait2, at the same place", ALWAYS, true, with_limit, by_limit_of_epoll_pwait2, NULL, close_all},
    {"limit of futex", ALWAYS, true, with_limit, by_limit_of_futex, NULL, close_all},
    {"limit of rt_sigtimedwait", ALWAYS, true, with_limit, by_limit_of_signal, NULL, close_all},
    {"limit of semtimedop", ALWAYS, true, with_limit_of_semaphore, by_limit_of_semaphore, NULL, without_semaphore},
    {"limit of io_getevents", ALWAYS, true, with_limit_of_requests, by_limit_of_getevents, NULL, without_requests},
    {"limit of io_pgetevents", ALWAYS, true, with_limit_of_requests, by_limit_of_pgetevents, NULL, without_requests},
    {"limit of recv", ALWAYS, true, with_limit_of_socket, by_limit_of_recv, NULL, close_all},
    {"io_uring_enter", ALWAYS, false, with_ring, by_uring_enter, put_byte, leave_ring},
    {"limit of io_uring_enter", ALWAYS, true, with_limit_of_ring, by_limit_of_ring, NULL, leave_ring},
    {0},
};
