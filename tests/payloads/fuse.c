/* SPDX-License-Identifier: MIT
 * A program that serves a file system (FUSE) to itself, maps the one file in it, and gives pages
 * of it that it has not served yet to calls: "fuse FOLDER", as root, in a mount namespace of its own.
 * The thread that serves makes calls itself. Prints what the calls say. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    PAGES = 64,
    FILE_NODE = 2,
    ROOT_NODE = 1,
};

static int device;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct fuse_attr attributes(uint64_t node) {
    struct fuse_attr attr = {.ino = node, .nlink = 1, .blksize = PAGE, .size = (uint64_t)PAGES * PAGE};
    attr.mode = node == ROOT_NODE ? S_IFDIR | 0755 : S_IFREG | 0644;
    return attr;
}

/* Each page holds what one of the calls is given. */
static size_t content(uint64_t offset, uint32_t size, uint8_t *to) {
    memset(to, 0, size);
    for (uint64_t at = 0; at < size; at += PAGE) {
        switch ((offset + at) / PAGE) {
        case 0:
            strcpy((char *)to + at, "/dev/null");
            break;
        case 20:
            strcpy((char *)to + at, "a buffer\n");
            break;
        case 40:
            *(struct timespec *)(void *)(to + at) = (struct timespec){.tv_nsec = 1000};
            break;
        default:
            break;
        }
    }
    return size;
}

static size_t answer(const struct fuse_in_header *request, const void *body, uint8_t *to, int *error) {
    const struct fuse_read_in *reading = body;
    switch (request->opcode) {
    case FUSE_INIT:
        *(struct fuse_init_out *)(void *)to =
            (struct fuse_init_out){.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = PAGE};
        return sizeof(struct fuse_init_out);
    case FUSE_LOOKUP:
        *(struct fuse_entry_out *)(void *)to =
            (struct fuse_entry_out){.nodeid = FILE_NODE, .attr = attributes(FILE_NODE)};
        return sizeof(struct fuse_entry_out);
    case FUSE_GETATTR:
        *(struct fuse_attr_out *)(void *)to = (struct fuse_attr_out){.attr = attributes(request->nodeid)};
        return sizeof(struct fuse_attr_out);
    case FUSE_OPEN:
        *(struct fuse_open_out *)(void *)to = (struct fuse_open_out){.fh = 1};
        return sizeof(struct fuse_open_out);
    case FUSE_READ:
        return content(reading->offset, reading->size, to);
    case FUSE_RELEASE:
    case FUSE_FLUSH:
        return 0;
    default:
        *error = -ENOSYS;
        return 0;
    }
}

static void *serve(void *unused) {
    static uint8_t request[1 << 16];
    static uint8_t reply[1 << 17];
    (void)unused;
    while (read(device, request, sizeof(request)) > 0) {
        const struct fuse_in_header *in = (const void *)request;
        struct fuse_out_header *out = (void *)reply;
        if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET || in->opcode == FUSE_INTERRUPT) {
            continue;
        }
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null < 0 || write(null, "a request", 9) != 9) {
            fail("/dev/null");
        }
        close(null);
        int error = 0;
        size_t size = sizeof(*out) + answer(in, in + 1, reply + sizeof(*out), &error);
        *out = (struct fuse_out_header){.len = (uint32_t)size, .error = error, .unique = in->unique};
        if (write(device, reply, size) < 0 && errno != ENOENT) {
            fail("a reply");
        }
    }
    return NULL;
}

static void say(const char *what, long result) {
    printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "works");
    fflush(stdout);
}

int main(int argc, char *argv[]) {
    char options[100];
    char path[4096];
    pthread_t thread;
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (argc < 2 || device < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0) {
        perror("no FUSE");
        return 77;
    }
    snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
    if (mount("itself", argv[1], "fuse.itself", MS_NODEV | MS_NOSUID, options) < 0 ||
        pthread_create(&thread, NULL, serve, NULL)) {
        fail("mount");
    }
    snprintf(path, sizeof(path), "%s/file", argv[1]);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *area = file < 0 ? MAP_FAILED : mmap(NULL, (size_t)PAGES * PAGE, PROT_READ, MAP_SHARED, file, 0);
    /* No reading ahead: each page is asked for when it is needed. */
    if (area == MAP_FAILED || madvise(area, (size_t)PAGES * PAGE, MADV_RANDOM) < 0) {
        fail(path);
    }
    say("open", open((char *)area, O_RDONLY | O_CLOEXEC));
    say("write", write(STDERR_FILENO, area + (size_t)20 * PAGE, 9));
    say("nanosleep", nanosleep((void *)(area + (size_t)40 * PAGE), NULL));
    say("a write to nowhere", write(-1, area + (size_t)60 * PAGE, 10));
    struct stat status;
    say("fstat", fstat(file, &status));
    say("lseek", lseek(file, 1, SEEK_SET));
    say("pread", pread(file, options, 10, 5 * PAGE));
    /* Before the thread that serves is gone: nobody would answer that the file is closed. */
    say("munmap", munmap(area, (size_t)PAGES * PAGE));
    say("close", close(file));
    say("umount", umount2(argv[1], MNT_DETACH));
    return 5;
}
