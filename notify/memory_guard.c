/* SPDX-License-Identifier: MIT */
#include "memory_guard.h"

#include "cleanup.h"
#include "syscall_table.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    ENTRIES = 64, /* of pagemap, that are read at once */
};

/* ------------------------------------------------------- which pages can be read */

/* An entry of pagemap (Documentation/admin-guide/mm/pagemap.rst). A marker of write protection
 * stands in for a page that may have to be supplied, and counts as swapped. */
static bool is_there(uint64_t entry) {
    static const uint64_t present = UINT64_C(1) << 63;
    static const uint64_t swapped = UINT64_C(1) << 62;
    static const uint64_t write_protected = UINT64_C(1) << 57;
    return entry & present || (entry & swapped && !(entry & write_protected));
}

static FILE *open_of(pid_t tid, const char *name) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
    return fopen(path, "re");
}

/* Whether the type of a file system, as mountinfo has it, is one whose pages come from a disk. */
static bool is_type_of_disk(const char *type, unsigned major) {
    static const char *const without_device[] = {"bcachefs", "btrfs", "overlay", "zfs"};
    if (strncmp(type, "fuse", 4) == 0) { /* fuse, fuse.sshfs, fuseblk */
        return false;
    }
    for (size_t i = 0; i < sizeof(without_device) / sizeof(without_device[0]); i++) {
        if (strcmp(type, without_device[i]) == 0) {
            return true;
        }
    }
    return major != 0;
}

/* Whether a mapped file's pages come from a disk. Its file system is not asked: it might be the one that waits. */
static bool is_on_disk(pid_t tid, unsigned major, unsigned minor) {
    auto_file FILE *mounts = open_of(tid, "mountinfo");
    auto_free char *line = NULL;
    size_t size = 0;
    while (mounts && getline(&line, &size, mounts) > 0) {
        unsigned at_major;
        unsigned at_minor;
        const char *behind = strstr(line, " - ");
        char type[64];
        if (behind && sscanf(line, "%*u %*u %u:%u", &at_major, &at_minor) == 2 && at_major == major &&
            at_minor == minor && sscanf(behind, " - %63s", type) == 1) {
            return is_type_of_disk(type, major);
        }
    }
    return major != 0;
}

/* Whether a page that is not there would come from a disk. */
static bool comes_from_disk(pid_t tid, uint64_t address) {
    auto_file FILE *maps = open_of(tid, "maps");
    auto_free char *line = NULL;
    size_t size = 0;
    while (maps && getline(&line, &size, maps) > 0) {
        uint64_t start;
        uint64_t end;
        unsigned major;
        unsigned minor;
        unsigned long inode;
        if (sscanf(line, "%lx-%lx %*s %*x %x:%x %lu", &start, &end, &major, &minor, &inode) == 5 && start <= address &&
            address < end) {
            return inode != 0 && is_on_disk(tid, major, minor);
        }
    }
    return false;
}

/* How many of the bytes at `address` can be read without anybody having to supply them. */
static size_t readable(int pagemap, pid_t tid, uint64_t address, size_t size) {
    size_t done = 0;
    while (done < size) {
        uint64_t entries[ENTRIES];
        uint64_t page = (address + done) / PAGE;
        size_t count = (address + size - 1) / PAGE - page + 1;
        count = count < ENTRIES ? count : ENTRIES;
        ssize_t bytes = pread(pagemap, entries, count * sizeof(entries[0]), (off_t)(page * sizeof(entries[0])));
        if (bytes < (ssize_t)sizeof(entries[0])) {
            return done;
        }
        for (size_t i = 0; i < (size_t)bytes / sizeof(entries[0]) && done < size; i++) {
            if (!is_there(entries[i]) && !comes_from_disk(tid, address + done)) {
                return done;
            }
            size_t piece = PAGE - (address + done) % PAGE;
            done += piece < size - done ? piece : size - done;
        }
    }
    return done;
}

/* ------------------------------------------------------------------------ the guard */

static ssize_t guarded_read(const struct memory *memory, pid_t tid, const struct iovec *local,
                            const struct iovec *remote, unsigned count) {
    const struct memory_guard *guard = (const struct memory_guard *)(const void *)memory;
    if (!atomic_load_explicit(guard->supplies, memory_order_relaxed)) {
        return guard->inner->read(guard->inner, tid, local, remote, count);
    }
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/pagemap", tid);
    auto_fd pagemap = open(path, O_RDONLY | O_CLOEXEC);
    if (pagemap < 0) {
        return -EFAULT;
    }
    ssize_t total = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t address = (uint64_t)(uintptr_t)remote[i].iov_base;
        size_t size = remote[i].iov_len;
        struct iovec there = {.iov_base = remote[i].iov_base, .iov_len = readable(pagemap, tid, address, size)};
        struct iovec to = {.iov_base = local[i].iov_base, .iov_len = there.iov_len};
        ssize_t copied = there.iov_len || !size ? guard->inner->read(guard->inner, tid, &to, &there, 1) : -EFAULT;
        if (copied < 0) {
            return total ? total : copied;
        }
        total += copied;
        if ((size_t)copied < size) {
            break;
        }
    }
    return total;
}

static ssize_t guarded_write(const struct memory *memory, pid_t tid, const struct iovec *local,
                             const struct iovec *remote, unsigned count) {
    const struct memory_guard *guard = (const struct memory_guard *)(const void *)memory;
    return guard->inner->write(guard->inner, tid, local, remote, count);
}

void memory_guard_init(struct memory_guard *guard, const struct memory *inner, const atomic_bool *supplies) {
    *guard = (struct memory_guard){
        .memory = {.read = guarded_read, .write = guarded_write}, .inner = inner, .supplies = supplies};
}

/* ----------------------------------------------------------- who has such memory */

/* The calls by which a program gets hold of it, and the argument that says whether this one does. */
enum {
    ANY = -1,
};

static const struct supplying_call {
    const char *name;
    int number[ARCH_COUNT]; /* asm/unistd_64.h, asm/unistd_32.h */
    int argument;
} supplying_calls[] = {
    {"userfaultfd", {323, 374}, ANY},
    {"ioctl", {16, 54}, 1},
    {"mount", {165, 21}, 2},
    {"fsopen", {430, 430}, 0},
};

static const struct supplying_call *find_call(enum arch arch, int64_t number) {
    for (size_t i = 0; i < sizeof(supplying_calls) / sizeof(supplying_calls[0]); i++) {
        if (supplying_calls[i].number[arch] == number) {
            return &supplying_calls[i];
        }
    }
    return NULL;
}

bool memory_is_supplied_by(enum arch arch, int64_t number) {
    return find_call(arch, syscall_native_number(arch, number)) != NULL;
}

void memory_guard_look_at(atomic_bool *supplies, enum arch arch, int64_t number, const uint64_t *args,
                          const struct memory *memory, pid_t tid) {
    const struct supplying_call *call = find_call(arch, syscall_native_number(arch, number));
    if (!call || atomic_load_explicit(supplies, memory_order_relaxed)) {
        return;
    }
    bool does = call->argument == ANY;
    char type[4];
    if (strcmp(call->name, "ioctl") == 0) {
        does = (uint32_t)args[1] == USERFAULTFD_NEW;
    } else if (call->argument != ANY) {
        does = args[call->argument] && memory_read_exact(memory, tid, args[call->argument], type, sizeof(type)) == 0 &&
               memcmp(type, "fuse", sizeof(type)) == 0;
    }
    if (does) {
        atomic_store(supplies, true);
    }
}

bool memory_is_supplied_in(pid_t pid) {
    char path[48];
    snprintf(path, sizeof(path), "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool supplied = false;
    while (folder && !supplied && (entry = readdir(folder))) {
        char link[64];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);
        link[length > 0 ? length : 0] = 0;
        supplied = strcmp(link, "anon_inode:[userfaultfd]") == 0 || strcmp(link, "/dev/fuse") == 0;
    }
    if (folder) {
        closedir(folder);
    }
    return supplied;
}
