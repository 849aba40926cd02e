/* SPDX-License-Identifier: MIT
 * A program that supplies pages of its own memory (userfaultfd(2)), and gives pages that it has
 * not supplied yet to calls. The thread that supplies them makes calls itself: who reads
 * such a page for it, and has that thread wait meanwhile, waits for ever.
 *
 *   userfault          by userfaultfd(2)
 *   userfault device   by /dev/userfaultfd
 *
 * Without the right to handle faults of the kernel, calls fail with EFAULT. Prints what the calls say. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    PAGES = 16,
};

static uint8_t *area;
static uint8_t *contents; /* what each page is to hold */
static int faults;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int new_faults(int device) {
    if (!device) {
        int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
        if (fd < 0 && errno == EPERM) {
            fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
        }
        return fd;
    }
    int node = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
    int fd = node < 0 ? -1 : ioctl(node, _IO(0xAA, 0x00), O_CLOEXEC); /* USERFAULTFD_IOC_NEW */
    if (node >= 0) {
        close(node);
    }
    return fd;
}

/* Supply what is asked for, with calls that are looked at in between. */
static void *supply(void *unused) {
    (void)unused;
    struct uffd_msg message;
    while (read(faults, &message, sizeof(message)) == (ssize_t)sizeof(message)) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null < 0 || write(null, "a page", 6) != 6) {
            fail("/dev/null");
        }
        close(null);
        uint64_t page = message.arg.pagefault.address & ~(uint64_t)(PAGE - 1);
        struct uffdio_copy copy = {.dst = page, .src = (uintptr_t)contents + (page - (uintptr_t)area), .len = PAGE};
        if (ioctl(faults, UFFDIO_COPY, &copy) < 0 && errno != EEXIST) {
            fail("UFFDIO_COPY");
        }
    }
    return NULL;
}

static void *page(unsigned number) {
    return area + (size_t)number * PAGE;
}

static void *to_be(unsigned number) {
    return contents + (size_t)number * PAGE;
}

static void say(const char *what, long result) {
    printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "works");
    fflush(stdout);
}

static void prepare_contents(int socket) {
    strcpy(to_be(0), "/dev/null");
    strcpy(to_be(1), "a buffer\n");
    *(struct timespec *)to_be(2) = (struct timespec){.tv_nsec = 1000};
    *(struct iovec *)to_be(3) = (struct iovec){page(4), 5};
    strcpy(to_be(4), "told\n");
    *(struct msghdr *)to_be(5) = (struct msghdr){.msg_iov = page(3), .msg_iovlen = 1};
    char **argv = to_be(6);
    argv[0] = page(7);
    strcpy(to_be(7), "true");
    strcpy(to_be(8), "/bin/true");
    *(struct pollfd *)to_be(9) = (struct pollfd){.fd = socket, .events = POLLOUT};
    /* A string that goes on behind a page that is there. */
    memset(to_be(10), '/', PAGE);
    strcpy(to_be(11), "dev/null");
}

static void make_calls(int sockets[2]) {
    say("open", open(page(0), O_RDONLY | O_CLOEXEC));
    say("write", write(STDERR_FILENO, page(1), 9));
    say("nanosleep", nanosleep(page(2), NULL));
    say("sendmsg", sendmsg(sockets[0], page(5), 0));
    say("poll", poll(page(9), 1, 0));
    if (madvise(area, (size_t)PAGES * PAGE, MADV_DONTNEED) < 0) {
        fail("madvise");
    }
    say("writev", writev(STDERR_FILENO, page(3), 1));
    /* What no call touches is nobody's to fetch. */
    say("a write to nowhere", write(-1, page(12), 10));
    say("a read of a structure", fstat(0, page(13)));
    say("a read", recv(sockets[1], page(14), 100, MSG_DONTWAIT));
    say("a path over two pages", open((char *)page(11) - 1, O_RDONLY | O_CLOEXEC));
    pid_t child = vfork();
    if (child == 0) {
        execve(page(8), page(6), NULL);
        _exit(3);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("child: %d\n", WEXITSTATUS(status));
}

int main(int argc, char *argv[]) {
    (void)argv;
    int sockets[2];
    size_t size = (size_t)PAGES * PAGE;
    faults = new_faults(argc > 1);
    if (faults < 0) {
        printf("no userfaultfd: %s\n", strerrorname_np(errno));
        return 77;
    }
    struct uffdio_api api = {.api = UFFD_API};
    area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    contents = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct uffdio_register range = {.range = {(uintptr_t)area, size}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (area == MAP_FAILED || contents == MAP_FAILED || ioctl(faults, UFFDIO_API, &api) < 0 ||
        ioctl(faults, UFFDIO_REGISTER, &range) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0) {
        fail("preparing");
    }
    prepare_contents(sockets[0]);
    pthread_t thread;
    if (pthread_create(&thread, NULL, supply, NULL)) {
        fail("pthread_create");
    }
    make_calls(sockets);
    return 5;
}
