/* SPDX-License-Identifier: MIT
 *
 * poll(2), as it is shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

int main(void) {
    int ends[2];
    if (pipe(ends) < 0 || write(ends[1], "x", 1) != 1) {
        return 1;
    }
    shown_calls("poll");
    struct pollfd fds[] = {{.fd = ends[0], .events = POLLIN | POLLPRI}, {.fd = ends[1], .events = POLLOUT}, {.fd = -1}};
    shown(
        syscall(SYS_poll, fds, 3, 0),
        "poll([{fd=%d, events=POLLIN|POLLPRI}, {fd=%d, events=POLLOUT}, {fd=-1}], 3, 0) = 2 ([{fd=%d, revents=POLLIN}, "
        "{fd=%d, revents=POLLOUT}])",
        ends[0], ends[1], ends[0], ends[1]);
    shown(syscall(SYS_poll, &fds[2], 1, 0), "poll([{fd=-1}], 1, 0) = 0 (Timeout)");
    shown(syscall(SYS_poll, NULL, 0, 0), "poll(NULL, 0, 0) = 0 (Timeout)");
    shown(syscall(SYS_poll, 1, 1, 0), "poll(0x1, 1, 0)");
    /* The second element is behind the end of memory. */
    long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + page, (size_t)page);
    struct pollfd *last = (void *)(pages + page - sizeof(fds[0]));
    *last = fds[0];
    shown(syscall(SYS_poll, last, 2, 0), "poll([{fd=%d, events=POLLIN|POLLPRI}, ... /* %p */], 2, 0)", ends[0],
          (void *)(last + 1));
    return 0;
}
