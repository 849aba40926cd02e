/* SPDX-License-Identifier: MIT
 *
 * select(2), pselect6(2) and ppoll(2), as they are shown: see shown.h.
 */
#include "shown.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>

static int ends[2];
static fd_set in, out, except;
static struct timeval time_of_select;
static struct timespec time_of_others;
static sigset_t signals;

static void reset(void) {
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&except);
    FD_SET(ends[0], &in);
    FD_SET(ends[1], &out);
    time_of_select = (struct timeval){.tv_sec = 1, .tv_usec = 500};
    time_of_others = (struct timespec){.tv_sec = 1, .tv_nsec = 7};
}

static void show_select(void) {
    int limit = ends[1] + 1;
    reset();
    syscall(SYS_select, limit, &in, &out, &except, &time_of_select);
    shown(2,
          "select(%d, [%d], [%d], [], {tv_sec=1, tv_usec=500}) = 2 (in [%d], out [%d], left {tv_sec=%ld, tv_usec=%ld})",
          limit, ends[0], ends[1], ends[0], ends[1], (long)time_of_select.tv_sec, (long)time_of_select.tv_usec);
    reset();
    syscall(SYS_select, limit, &in, &out, NULL, NULL);
    shown(2, "select(%d, [%d], [%d], NULL, NULL) = 2 (in [%d], out [%d])", limit, ends[0], ends[1], ends[0], ends[1]);
    reset();
    FD_ZERO(&in);
    FD_SET(ends[1], &in);
    time_of_select = (struct timeval){0};
    syscall(SYS_select, limit, &in, NULL, NULL, &time_of_select);
    shown(0, "select(%d, [%d], NULL, NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)", limit, ends[1]);
    reset();
    FD_SET(ends[1], &in);
    time_of_select = (struct timeval){0};
    syscall(SYS_select, limit, &in, NULL, NULL, &time_of_select);
    shown(1, "select(%d, [%d %d], NULL, NULL, {tv_sec=0, tv_usec=0}) = 1 (in [%d], left {tv_sec=0, tv_usec=0})", limit,
          ends[0], ends[1], ends[0]);
    /* Nobody looks at sets of no descriptors. */
    shown(syscall(SYS_select, 0, &in, 1, NULL, &time_of_select),
          "select(0, %p, 0x1, NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)", (void *)&in);
    shown(syscall(SYS_select, -1, &in, NULL, NULL, 8), "select(-1, %p, NULL, NULL, 0x8)", (void *)&in);
    reset();
    shown(syscall(SYS_select, limit, &in, 2, NULL, NULL), "select(%d, [%d], 0x2, NULL, NULL)", limit, ends[0]);
    time_of_select.tv_sec = -1;
    shown(syscall(SYS_select, limit, &in, NULL, NULL, &time_of_select),
          "select(%d, [%d], NULL, NULL, {tv_sec=-1, tv_usec=500})", limit, ends[0]);
}

static void show_pselect(void) {
    struct {
        const void *set;
        size_t size;
    } mask = {&signals, 8};
    int limit = ends[1] + 1;
    reset();
    syscall(SYS_pselect6, limit, &in, NULL, NULL, &time_of_others, &mask);
    shown(1,
          "pselect6(%d, [%d], NULL, NULL, {tv_sec=1, tv_nsec=7}, {sigmask=[INT], sigsetsize=8}) = 1 (in [%d], left "
          "{tv_sec=%ld, tv_nsec=%ld})",
          limit, ends[0], ends[0], (long)time_of_others.tv_sec, time_of_others.tv_nsec);
    reset();
    mask.size = 7;
    shown(syscall(SYS_pselect6, limit, &in, NULL, NULL, NULL, &mask),
          "pselect6(%d, [%d], NULL, NULL, NULL, {sigmask=%p, sigsetsize=7})", limit, ends[0], (void *)&signals);
    mask.set = (void *)8;
    mask.size = 8;
    shown(syscall(SYS_pselect6, limit, &in, NULL, NULL, NULL, &mask),
          "pselect6(%d, [%d], NULL, NULL, NULL, {sigmask=0x8, sigsetsize=8})", limit, ends[0]);
    shown(syscall(SYS_pselect6, limit, &in, NULL, NULL, 8L, 8L), "pselect6(%d, [%d], NULL, NULL, 0x8, 0x8)", limit,
          ends[0]);
    time_of_others = (struct timespec){0};
    shown(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &time_of_others, NULL),
          "pselect6(0, NULL, NULL, NULL, {tv_sec=0, tv_nsec=0}, NULL) = 0 (Timeout)");
}

static void show_ppoll(void) {
    struct pollfd one = {.fd = ends[0], .events = POLLIN};
    reset();
    syscall(SYS_ppoll, &one, 1, &time_of_others, &signals, 8);
    shown(1,
          "ppoll([{fd=%d, events=POLLIN}], 1, {tv_sec=1, tv_nsec=7}, [INT], 8) = 1 ([{fd=%d, revents=POLLIN}], left "
          "{tv_sec=%ld, tv_nsec=%ld})",
          ends[0], ends[0], (long)time_of_others.tv_sec, time_of_others.tv_nsec);
    syscall(SYS_ppoll, &one, 1, NULL, NULL, 8);
    shown(1, "ppoll([{fd=%d, events=POLLIN}], 1, NULL, NULL, 8) = 1 ([{fd=%d, revents=POLLIN}])", ends[0], ends[0]);
    time_of_others = (struct timespec){0};
    shown(syscall(SYS_ppoll, NULL, 0, &time_of_others, NULL, 0),
          "ppoll(NULL, 0, {tv_sec=0, tv_nsec=0}, NULL, 0) = 0 (Timeout)");
    shown(syscall(SYS_ppoll, &one, 1, 8, &signals, 4), "ppoll([{fd=%d, events=POLLIN}], 1, 0x8, %p, 4)", ends[0],
          (void *)&signals);
}

/* The set begins in a page and ends behind it. */
static void show_half(void) {
    long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, (size_t)page);
    char *last = pages + page - sizeof(long);
    time_of_select = (struct timeval){0};
    shown(syscall(SYS_select, 64, last, NULL, NULL, &time_of_select),
          "select(64, [], NULL, NULL, {tv_sec=0, tv_usec=0}) = 0 (Timeout)");
    shown(syscall(SYS_select, 65, last, NULL, NULL, last), "select(65, %p, NULL, NULL, %p)", (void *)last,
          (void *)last);
}

int main(void) {
    if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1) {
        return 1;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    shown_calls("select,pselect6,ppoll");
    show_select();
    show_pselect();
    show_ppoll();
    show_half();
    return 0;
}
