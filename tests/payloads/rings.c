/* SPDX-License-Identifier: MIT
 * A program that does its work through io_uring: files, sockets and time, with registered files and buffers,
 * and with a thread of the kernel that looks for work (SQPOLL): "rings [poll]". Prints what came out. */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct io_uring ring;

static void say(const char *what, int result) {
    printf("%s: %s %d\n", what, result < 0 ? strerrorname_np(-result) : "works", result < 0 ? 0 : result);
    fflush(stdout);
}

/* Submit what was prepared and say how it ended. */
static int finish(const char *what) {
    struct io_uring_cqe *done;
    int status = io_uring_submit(&ring);
    while (status >= 0 && (status = io_uring_wait_cqe(&ring, &done)) == -EINTR) {
    }
    if (status < 0) {
        say("the ring", status);
        exit(1);
    }
    int result = done->res;
    io_uring_cqe_seen(&ring, done);
    say(what, result);
    return result;
}

static void use_files(const char *path) {
    static char buffer[4096];
    struct iovec vector = {buffer, sizeof(buffer)};
    io_uring_prep_openat(io_uring_get_sqe(&ring), AT_FDCWD, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int file = finish("openat") < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
    say("register_files", io_uring_register_files(&ring, &file, 1));
    say("register_buffers", io_uring_register_buffers(&ring, &vector, 1));
    strcpy(buffer, "a registered buffer");
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    io_uring_prep_write_fixed(entry, 0, buffer, 19, 0, 0);
    entry->flags |= IOSQE_FIXED_FILE;
    finish("write_fixed");
    memset(buffer, 0, sizeof(buffer));
    entry = io_uring_get_sqe(&ring);
    io_uring_prep_read_fixed(entry, 0, buffer, sizeof(buffer), 2, 0);
    entry->flags |= IOSQE_FIXED_FILE;
    finish("read_fixed");
    puts(buffer);
    io_uring_prep_fsync(io_uring_get_sqe(&ring), file, 0);
    finish("fsync");
    io_uring_prep_openat(io_uring_get_sqe(&ring), AT_FDCWD, "/no/such", O_RDONLY, 0);
    finish("openat of nothing");
    io_uring_prep_close(io_uring_get_sqe(&ring), file);
    finish("close");
}

static void use_sockets(void) {
    int ends[2];
    char buffer[16] = "";
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
        exit(1);
    }
    io_uring_prep_send(io_uring_get_sqe(&ring), ends[0], "sent", 5, 0);
    finish("send");
    io_uring_prep_recv(io_uring_get_sqe(&ring), ends[1], buffer, sizeof(buffer), 0);
    finish("recv");
    puts(buffer);
}

static void use_time(void) {
    struct __kernel_timespec moment = {.tv_nsec = 20000000};
    io_uring_prep_timeout(io_uring_get_sqe(&ring), &moment, 0, 0);
    finish("timeout");
}

int main(int argc, char *argv[]) {
    char path[] = "/tmp/renacer-rings-XXXXXX";
    int file = mkstemp(path);
    struct io_uring_params parameters = {.flags = argc > 1 && strcmp(argv[1], "poll") == 0 ? IORING_SETUP_SQPOLL : 0,
                                         .sq_thread_idle = 50};
    int status = io_uring_queue_init_params(8, &ring, &parameters);
    say("setup", status);
    if (file >= 0 && status == 0) {
        use_files(path);
        use_sockets();
        use_time();
        io_uring_queue_exit(&ring);
    }
    unlink(path);
    if (fork() == 0) {
        _exit(0);
    }
    wait(NULL);
    return 14;
}
