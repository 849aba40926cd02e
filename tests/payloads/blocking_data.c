/* SPDX-License-Identifier: MIT
 * Calls of blocking_storm that wait for data, or for room for data; none may be lost. */
#include "blocking_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum {
    BULK = 300000, /* more than a pipe or a socket holds */
};

/* What the call that is tried works on. */
int reading = -1;
int writing = -1;
int others[2] = {-1, -1};
char name[64];
int queue;
uint32_t word;

static char *bulk;
static size_t moved;

void must(bool good, const char *what) {
    if (!good) {
        fail(what, strerror(errno));
    }
}

long outcome(long result) {
    return result < 0 ? -errno : result;
}

/* 0 if the call gave what was expected, otherwise why not. */
long gives(long result, long expected) {
    if (result < 0) {
        return -errno;
    }
    return result == expected ? 0 : -EILSEQ;
}

static void close_one(int *file) {
    if (*file >= 0) {
        close(*file);
    }
    *file = -1;
}

void close_all(void) {
    close_one(&reading);
    close_one(&writing);
    close_one(&others[0]);
    close_one(&others[1]);
}

/* ------------------------------------------------------- one byte, by descriptors */

bool with_pipe(void) {
    int ends[2];
    must(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    reading = ends[0];
    writing = ends[1];
    return true;
}

bool with_sockets(void) {
    int ends[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    reading = ends[0];
    writing = ends[1];
    return true;
}

static bool with_limited_socket(void) {
    struct timeval limit = {20, 0};
    with_sockets();
    must(setsockopt(reading, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0, "SO_RCVTIMEO");
    return true;
}

static bool with_terminal(void) {
    must(openpty(&writing, &reading, NULL, NULL, NULL) == 0, "openpty");
    struct termios settings;
    must(tcgetattr(reading, &settings) == 0, "tcgetattr");
    cfmakeraw(&settings);
    must(tcsetattr(reading, TCSANOW, &settings) == 0, "tcsetattr");
    return true;
}

void put_byte(void) {
    must(write(writing, "x", 1) == 1, "write of the release");
}

static long by_read(void) {
    char byte = 0;
    long result = gives(read(reading, &byte, 1), 1);
    return result == 0 && byte != 'x' ? -EILSEQ : result;
}

static long by_readv(void) {
    char byte = 0;
    struct iovec piece = {&byte, 1};
    return gives(readv(reading, &piece, 1), 1);
}

static long by_recvfrom(void) {
    char byte = 0;
    return gives(recvfrom(reading, &byte, 1, 0, NULL, NULL), 1);
}

static long by_recvmsg(void) {
    char byte = 0;
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return gives(recvmsg(reading, &message, 0), 1);
}

static long by_recvmmsg(void) {
    char byte = 0;
    struct iovec piece = {&byte, 1};
    struct mmsghdr message = {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}};
    return gives(recvmmsg(reading, &message, 1, 0, NULL), 1);
}

static bool with_event(void) {
    reading = eventfd(0, EFD_CLOEXEC);
    writing = dup(reading);
    return true;
}

static void put_event(void) {
    must(eventfd_write(writing, 1) == 0, "write of an eventfd");
}

static long by_read_of_number(void) {
    uint64_t number = 0;
    long result = gives(read(reading, &number, sizeof(number)), sizeof(number));
    return result == 0 && number == 0 ? -EILSEQ : result;
}

static bool with_full_event(void) {
    with_event();
    must(eventfd_write(writing, UINT64_MAX - 1) == 0, "write of an eventfd");
    return true;
}

static void take_event(void) {
    eventfd_t value;
    must(eventfd_read(reading, &value) == 0, "read of an eventfd");
}

static long by_write_of_number(void) {
    uint64_t number = 1;
    return gives(write(writing, &number, sizeof(number)), sizeof(number));
}

static bool with_timer(void) {
    reading = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    writing = dup(reading);
    return true;
}

static void put_time(void) {
    struct itimerspec soon = {.it_value.tv_nsec = 1000};
    must(timerfd_settime(writing, 0, &soon, NULL) == 0, "timerfd_settime");
}

static void block_user(int how) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(how, &set, NULL);
}

static bool with_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    reading = signalfd(-1, &set, SFD_CLOEXEC);
    block_user(SIG_BLOCK);
    return true;
}

static void put_signal(void) {
    must(syscall(SYS_tgkill, getpid(), main_thread, SIGUSR2) == 0, "tgkill");
}

static void without_signals(void) {
    block_user(SIG_UNBLOCK);
    close_all();
}

static long by_read_of_signal(void) {
    struct signalfd_siginfo info = {0};
    long result = gives(read(reading, &info, sizeof(info)), sizeof(info));
    return result == 0 && info.ssi_signo != SIGUSR2 ? -EILSEQ : result;
}

static bool waits_for_signal(void) {
    block_user(SIG_BLOCK);
    return true;
}

static long by_sigtimedwait(void) {
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    return gives(syscall(SYS_rt_sigtimedwait, &set, &info, NULL, 8), SIGUSR2);
}

void name_file(const char *what) {
    snprintf(name, sizeof(name), "/tmp/blocking-storm.%d.%s", getpid(), what);
}

void remove_file(void) {
    close_all();
    unlink(name);
}

static void touch(void) {
    int file = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    must(file >= 0, "open of a file");
    close(file);
}

static bool with_inotify(void) {
    name_file("watched");
    touch();
    reading = inotify_init1(IN_CLOEXEC);
    must(inotify_add_watch(reading, name, IN_ATTRIB) >= 0, "inotify_add_watch");
    return true;
}

static void change_mode(void) {
    must(chmod(name, 0400) == 0, "chmod");
}

static long by_read_of_watch(void) {
    char buffer[4096];
    return gives(read(reading, buffer, sizeof(buffer)), sizeof(struct inotify_event));
}

static bool with_fifo(void) {
    name_file("fifo");
    must(mkfifo(name, 0600) == 0, "mkfifo");
    return true;
}

static void open_other_end(void) {
    writing = open(name, O_WRONLY | O_CLOEXEC);
    must(writing >= 0, "open of a fifo for writing");
}

static long by_open(void) {
    reading = open(name, O_RDONLY | O_CLOEXEC);
    return outcome(reading < 0 ? -1 : 0);
}

/* ------------------------------------------------------------------- connections */

static struct sockaddr_un address;
static socklen_t address_size;
static unsigned serial;

static bool with_listener(void) {
    memset(&address, 0, sizeof(address));
    address.sun_family = AF_UNIX;
    /* Another name each time: a child that is about to end may still have the last one. */
    int size = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "blocking-storm.%d.%u", getpid(), serial++);
    address_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size);
    reading = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(reading, (struct sockaddr *)&address, address_size) == 0, "bind");
    must(listen(reading, 0) == 0, "listen");
    writing = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return true;
}

static void connect_to_it(void) {
    must(connect(writing, (struct sockaddr *)&address, address_size) == 0, "connect");
}

static long by_accept(void) {
    others[0] = accept4(reading, NULL, NULL, SOCK_CLOEXEC);
    return outcome(others[0] < 0 ? -1 : 0);
}

static bool with_full_backlog(void) {
    with_listener();
    others[0] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(connect(others[0], (struct sockaddr *)&address, address_size) == 0, "first connect");
    return true;
}

static void accept_one(void) {
    others[1] = accept4(reading, NULL, NULL, SOCK_CLOEXEC);
    must(others[1] >= 0, "accept");
}

static long by_connect(void) {
    return outcome(connect(writing, (struct sockaddr *)&address, address_size));
}

/* ----------------------------------------------------------- much data, none lost */

static char pattern(size_t at) {
    return (char)(at % 251);
}

static void begin_bulk(void) {
    moved = 0;
    if (!bulk) {
        bulk = malloc(BULK);
        for (size_t i = 0; i < BULK; i++) {
            bulk[i] = pattern(i);
        }
    }
}

static bool with_full_pipe(void) {
    begin_bulk();
    return with_pipe();
}

static bool with_full_socket(void) {
    begin_bulk();
    return with_sockets();
}

static bool with_full_terminal(void) {
    begin_bulk();
    with_terminal();
    int master = writing;
    writing = reading;
    reading = master;
    return true;
}

static void drain(void) {
    char buffer[8192];
    size_t total = 0;
    while (total < BULK) {
        ssize_t size = read(reading, buffer, sizeof(buffer));
        if (size <= 0) {
            fail("read of much data", size ? strerror(errno) : "ended early");
            return;
        }
        for (ssize_t i = 0; i < size; i++, total++) {
            if (buffer[i] != pattern(total)) {
                fail("much data", "a byte is wrong");
                return;
            }
        }
    }
}

/* Move all of it; `piece` moves some, from where it is. */
static long move_all(ssize_t (*piece)(void)) {
    while (moved < BULK) {
        ssize_t size = piece();
        if (size < 0) {
            return -errno;
        }
        if (size == 0) {
            return -EPIPE;
        }
        moved += (size_t)size;
    }
    return 0;
}

static ssize_t write_piece(void) {
    return write(writing, bulk + moved, BULK - moved);
}

static ssize_t writev_piece(void) {
    struct iovec pieces[2] = {{bulk + moved, 1}, {bulk + moved + 1, BULK - moved - 1}};
    return writev(writing, pieces, 2);
}

static ssize_t send_piece(void) {
    return sendto(writing, bulk + moved, BULK - moved, 0, NULL, 0);
}

static ssize_t sendmsg_piece(void) {
    struct iovec piece = {bulk + moved, BULK - moved};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    return sendmsg(writing, &message, 0);
}

static ssize_t vmsplice_piece(void) {
    struct iovec piece = {bulk + moved, BULK - moved};
    return vmsplice(writing, &piece, 1, 0);
}

static ssize_t sendfile_piece(void) {
    off_t at = (off_t)moved;
    return sendfile(writing, others[0], &at, BULK - moved);
}

static ssize_t splice_file_piece(void) {
    off_t at = (off_t)moved;
    return splice(others[0], &at, writing, NULL, BULK - moved, 0);
}

static ssize_t copy_piece(void) {
    off_t from = (off_t)moved;
    off_t to = (off_t)moved;
    return copy_file_range(others[0], &from, writing, &to, BULK - moved, 0);
}

static long by_write(void) {
    return move_all(write_piece);
}

static long by_writev(void) {
    return move_all(writev_piece);
}

static long by_sendto(void) {
    return move_all(send_piece);
}

static long by_sendmsg(void) {
    return move_all(sendmsg_piece);
}

static long by_vmsplice(void) {
    return move_all(vmsplice_piece);
}

static long by_sendfile(void) {
    return move_all(sendfile_piece);
}

static long by_splice_of_file(void) {
    return move_all(splice_file_piece);
}

static void put_bulk_file(void) {
    begin_bulk();
    others[0] = memfd_create("bulk", MFD_CLOEXEC);
    for (size_t at = 0; at < BULK;) {
        ssize_t size = write(others[0], bulk + at, BULK - at);
        must(size > 0, "write of a file");
        at += (size_t)size;
    }
}

static bool with_file_and_pipe(void) {
    put_bulk_file();
    return with_pipe();
}

static bool with_two_files(void) {
    put_bulk_file();
    writing = memfd_create("copy", MFD_CLOEXEC);
    reading = dup(writing);
    return true;
}

static long by_copy(void) {
    long result = move_all(copy_piece);
    if (result == 0) {
        lseek(reading, 0, SEEK_SET);
        drain();
    }
    return result;
}

static bool with_two_pipes(void) {
    must(pipe2(others, O_CLOEXEC) == 0, "pipe2");
    return with_pipe();
}

static long by_splice(void) {
    return gives(splice(reading, NULL, others[1], NULL, 4096, 0), 1);
}

static long by_tee(void) {
    return gives(tee(reading, others[1], 4096, 0), 1);
}

const struct waiting waitings_of_data[] = {
    {"read of a pipe", RESTARTS, false, with_pipe, by_read, put_byte, close_all},
    {"readv of a pipe", RESTARTS, false, with_pipe, by_readv, put_byte, close_all},
    {"read of a socket", RESTARTS, false, with_sockets, by_read, put_byte, close_all},
    {"recvfrom", RESTARTS, false, with_sockets, by_recvfrom, put_byte, close_all},
    {"recvmsg", RESTARTS, false, with_sockets, by_recvmsg, put_byte, close_all},
    {"recvmmsg", RESTARTS, false, with_sockets, by_recvmmsg, put_byte, close_all},
    {"recv with SO_RCVTIMEO", ALWAYS, false, with_limited_socket, by_recvfrom, put_byte, close_all},
    {"read of a terminal", RESTARTS, false, with_terminal, by_read, put_byte, close_all},
    {"read of an eventfd", RESTARTS, false, with_event, by_read_of_number, put_event, close_all},
    {"write of an eventfd", RESTARTS, false, with_full_event, by_write_of_number, take_event, close_all},
    {"read of a timerfd", RESTARTS, false, with_timer, by_read_of_number, put_time, close_all},
    {"read of a signalfd", RESTARTS, false, with_signals, by_read_of_signal, put_signal, without_signals},
    {"read of inotify", RESTARTS, false, with_inotify, by_read_of_watch, change_mode, remove_file},
    {"open of a fifo", RESTARTS, false, with_fifo, by_open, open_other_end, remove_file},
    {"accept", RESTARTS, false, with_listener, by_accept, connect_to_it, close_all},
    {"connect", RESTARTS, false, with_full_backlog, by_connect, accept_one, close_all},
    {"write of a pipe", RESTARTS, false, with_full_pipe, by_write, drain, close_all},
    {"writev of a pipe", RESTARTS, false, with_full_pipe, by_writev, drain, close_all},
    {"write of a terminal", RESTARTS, false, with_full_terminal, by_write, drain, close_all},
    {"sendto", RESTARTS, false, with_full_socket, by_sendto, drain, close_all},
    {"sendmsg", RESTARTS, false, with_full_socket, by_sendmsg, drain, close_all},
    {"vmsplice", RESTARTS, false, with_full_pipe, by_vmsplice, drain, close_all},
    {"sendfile", RESTARTS, false, with_file_and_pipe, by_sendfile, drain, close_all},
    {"splice of a file", RESTARTS, false, with_file_and_pipe, by_splice_of_file, drain, close_all},
    {"splice", RESTARTS, false, with_two_pipes, by_splice, put_byte, close_all},
    {"tee", RESTARTS, false, with_two_pipes, by_tee, put_byte, close_all},
    {"copy_file_range", RESTARTS, true, with_two_files, by_copy, NULL, close_all},
    {"rt_sigtimedwait", ALWAYS, false, waits_for_signal, by_sigtimedwait, put_signal, without_signals},
    {0},
};
