/* SPDX-License-Identifier: MIT
 *
 * Files and directories with all their members (-v), as they are shown: see shown.h.
 */
#include "shown.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

struct entry64 {
    uint64_t d_ino;
    int64_t d_off;
    uint16_t d_reclen;
    uint8_t d_type;
    char d_name[];
};

/* When that is, as a comment; it lives for three more calls. */
static const char *date(int64_t seconds, uint64_t nanoseconds) {
    static char comments[4][64];
    static unsigned next;
    char *comment = comments[next++ % 4];
    char when[32];
    char zone[8];
    char fraction[16] = "";
    struct tm parts;
    time_t time = seconds;
    comment[0] = 0;
    if ((seconds || nanoseconds) && localtime_r(&time, &parts)) {
        strftime(when, sizeof(when), "%FT%T", &parts);
        strftime(zone, sizeof(zone), "%z", &parts);
        if (nanoseconds) {
            snprintf(fraction, sizeof(fraction), ".%09u", (unsigned)nanoseconds);
        }
        snprintf(comment, sizeof(comments[0]), " /* %s%s%s */", when, fraction, zone);
    }
    return comment;
}

static void show_stat(const char *path, const char *mode) {
    struct stat file;
    if (syscall(SYS_stat, path, &file) < 0) {
        exit(1);
    }
    printf("stat(\"%s\", {st_dev=makedev(%#x, %s%x), st_ino=%lu, st_mode=%s|%#03o, st_nlink=%lu, st_uid=%u, st_gid=%u, "
           "st_blksize=%lu, st_blocks=%lu, ",
           path, major(file.st_dev), minor(file.st_dev) ? "0x" : "", minor(file.st_dev), (unsigned long)file.st_ino,
           mode, file.st_mode & 0777, (unsigned long)file.st_nlink, file.st_uid, file.st_gid,
           (unsigned long)file.st_blksize, (unsigned long)file.st_blocks);
    if (S_ISCHR(file.st_mode)) {
        printf("st_rdev=makedev(%#x, %#x), ", major(file.st_rdev), minor(file.st_rdev));
    } else {
        printf("st_size=%lu, ", (unsigned long)file.st_size);
    }
    printf(
        "st_atime=%ld%s, st_atime_nsec=%ld, st_mtime=%ld%s, st_mtime_nsec=%ld, st_ctime=%ld%s, st_ctime_nsec=%ld}) = "
        "0\n",
        file.st_atim.tv_sec, date(file.st_atim.tv_sec, (uint64_t)file.st_atim.tv_nsec), file.st_atim.tv_nsec,
        file.st_mtim.tv_sec, date(file.st_mtim.tv_sec, (uint64_t)file.st_mtim.tv_nsec), file.st_mtim.tv_nsec,
        file.st_ctim.tv_sec, date(file.st_ctim.tv_sec, (uint64_t)file.st_ctim.tv_nsec), file.st_ctim.tv_nsec);
}

static const char *type_name(unsigned type) {
    return type == DT_REG ? "DT_REG" : type == DT_DIR ? "DT_DIR" : "DT_UNKNOWN";
}

static void show_entries(int directory) {
    uint64_t bytes[128];
    long size = syscall(SYS_getdents64, directory, bytes, sizeof(bytes));
    printf("getdents64(%d, [", directory);
    for (long at = 0; at < size;) {
        const struct entry64 *entry = (const void *)((const char *)bytes + at);
        printf("%s{d_ino=%lu, d_off=%ld, d_reclen=%u, d_type=%s, d_name=\"%s\"}", at ? ", " : "",
               (unsigned long)entry->d_ino, (long)entry->d_off, entry->d_reclen, type_name(entry->d_type),
               entry->d_name);
        at += entry->d_reclen;
    }
    printf("], %zu) = %ld\n", sizeof(bytes), size);
    shown(syscall(SYS_getdents64, directory, bytes, sizeof(bytes)), "getdents64(%d, [], %zu)", directory,
          sizeof(bytes));
    shown(syscall(SYS_getdents64, -1, bytes, 5), "getdents64(-1, %p, 5)", (void *)bytes);
}

int main(void) {
    char path[] = "shown_stat.XXXXXX";
    if (!mkdtemp(path)) {
        return 1;
    }
    int directory = open(path, O_RDONLY | O_DIRECTORY);
    int file = openat(directory, "a-name-that-is-longer-than-what-a-string-is-cut-to", O_RDWR | O_CREAT, 0640);
    const struct timespec times[] = {{-1, 5}, {1700000000, 0}};
    if (directory < 0 || file < 0 || futimens(file, times) < 0) {
        return 1;
    }
    printf("options -v\n");
    shown_calls("stat,getdents64");
    struct stat nowhere;
    shown(syscall(SYS_stat, "/nowhere", &nowhere), "stat(\"/nowhere\", %p)", (void *)&nowhere);
    show_entries(directory);
    if (fchdir(directory) < 0) {
        return 1;
    }
    show_stat("a-name-that-is-longer-than-what-a-string-is-cut-to", "S_IFREG");
    show_stat(".", "S_IFDIR");
    show_stat("/dev/null", "S_IFCHR");
    unlink("a-name-that-is-longer-than-what-a-string-is-cut-to");
    if (chdir("..") < 0 || rmdir(path) < 0) {
        return 1;
    }
    return 0;
}
