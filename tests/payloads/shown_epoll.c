/* SPDX-License-Identifier: MIT
 *
 * epoll(7), as it is shown: see shown.h.
 */
#include "shown.h"

#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

int main(void) {
    int ends[2];
    int set = epoll_create1(0);
    struct epoll_event wanted = {.events = EPOLLOUT | EPOLLERR | EPOLLRDNORM | EPOLLET, .data.u64 = 0x500000007};
    struct epoll_event found[2];
    struct timespec second = {.tv_sec = 1, .tv_nsec = 2};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    if (set < 0 || pipe(ends) < 0) {
        return 1;
    }
    shown_calls("epoll_ctl,epoll_wait,epoll_pwait,epoll_pwait2");
    shown(syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, ends[1], &wanted),
          "epoll_ctl(%d, EPOLL_CTL_ADD, %d, {events=EPOLLOUT|EPOLLERR|EPOLLRDNORM|EPOLLET, data={u32=7, "
          "u64=21474836487}})",
          set, ends[1]);
    shown(syscall(SYS_epoll_ctl, set, EPOLL_CTL_DEL, -1, &wanted), "epoll_ctl(%d, EPOLL_CTL_DEL, -1, %p)", set,
          (void *)&wanted);
    shown(syscall(SYS_epoll_ctl, set, EPOLL_CTL_MOD, ends[1], 8), "epoll_ctl(%d, EPOLL_CTL_MOD, %d, 0x8)", set,
          ends[1]);
    shown(syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, ends[0], NULL), "epoll_ctl(%d, EPOLL_CTL_ADD, %d, NULL)", set,
          ends[0]);
    shown(syscall(SYS_epoll_wait, set, found, 2, 0),
          "epoll_wait(%d, [{events=EPOLLOUT, data={u32=7, u64=21474836487}}], 2, 0)", set);
    shown(syscall(SYS_epoll_pwait, -1, found, 2, 0, &signals, 8L), "epoll_pwait(-1, %p, 2, 0, %p, 8)", (void *)found,
          (void *)&signals);
    shown(syscall(SYS_epoll_pwait2, -1, found, 2, &second, &signals, 8L), "epoll_pwait2(-1, %p, 2, %p, %p, 8)",
          (void *)found, (void *)&second, (void *)&signals);
    wanted.events = EPOLLIN;
    if (syscall(SYS_epoll_ctl, set, EPOLL_CTL_MOD, ends[1], &wanted) < 0) {
        return 1;
    }
    shown(0, "epoll_ctl(%d, EPOLL_CTL_MOD, %d, {events=EPOLLIN, data={u32=7, u64=21474836487}})", set, ends[1]);
    shown(syscall(SYS_epoll_pwait, set, found, 2, 0, &signals, 8L), "epoll_pwait(%d, [], 2, 0, [INT], 8)", set);
    return 0;
}
