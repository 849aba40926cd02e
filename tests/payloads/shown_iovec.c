/* SPDX-License-Identifier: MIT
 *
 * Vectors of buffers, as they are shown: see shown.h.
 */
#include "shown.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

static char *end_of_memory;

static int make_end(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    end_of_memory = pages + page;
    return pages == MAP_FAILED ? -1 : munmap(end_of_memory, page);
}

static void show_writing(int null) {
    char bytes[] = "0123456789012345678901234567890123456789";
    char odd[] = "a\0\n";
    struct iovec vector[] = {{bytes, 3}, {odd, 3}, {bytes, 40}, {bytes, 0}, {NULL, 0}};
    shown(syscall(SYS_writev, null, vector, 5),
          "writev(%d, [{iov_base=\"012\", iov_len=3}, {iov_base=\"a\\0\\n\", iov_len=3}, {iov_base=\"%.32s\"..., "
          "iov_len=40}, {iov_base=\"\", iov_len=0}, {iov_base=NULL, iov_len=0}], 5)",
          null, bytes);
    shown(syscall(SYS_writev, null, vector, 0), "writev(%d, [], 0)", null);
    shown(syscall(SYS_writev, null, NULL, 0), "writev(%d, NULL, 0)", null);
    shown(syscall(SYS_writev, null, 8, 2), "writev(%d, 0x8, 2)", null);
    shown(syscall(SYS_writev, null, vector, -1L), "writev(%d, %p, 18446744073709551615)", null, (void *)vector);
    shown(syscall(SYS_pwritev, null, vector, 1, 5, 0), "pwritev(%d, [{iov_base=\"012\", iov_len=3}], 1, 5)", null);
    shown(syscall(SYS_pwritev2, null, vector, 1, 5, 0, 1L),
          "pwritev2(%d, [{iov_base=\"012\", iov_len=3}], 1, 5, RWF_HIPRI)", null);
    shown(syscall(SYS_vmsplice, null, vector, 1, SPLICE_F_GIFT),
          "vmsplice(%d, [{iov_base=\"012\", iov_len=3}], 1, SPLICE_F_GIFT)", null);
    vector[0] = (struct iovec){end_of_memory - 33, 50};
    vector[1] = (struct iovec){end_of_memory - 32, 50};
    vector[2] = (struct iovec){end_of_memory - 3, 4};
    memset(end_of_memory - 33, 'x', 33);
    shown(syscall(SYS_writev, -1, vector, 3),
          "writev(-1, [{iov_base=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., iov_len=50}, {iov_base=%p, iov_len=50}, "
          "{iov_base=%p, iov_len=4}], 3)",
          vector[1].iov_base, vector[2].iov_base);
    struct iovec *last = (void *)(end_of_memory - 24);
    *last = (struct iovec){bytes, 1};
    shown(syscall(SYS_writev, -1, last, 2), "writev(-1, [{iov_base=\"0\", iov_len=1}, ... /* %p */], 2)",
          (void *)(last + 1));
    struct iovec many[33];
    for (unsigned i = 0; i < 33; i++) {
        many[i] = (struct iovec){bytes, 1};
    }
    char expected[33 * sizeof("{iov_base=\"0\", iov_len=1}, ")] = "";
    for (unsigned i = 0; i < 32; i++) {
        strcat(expected, "{iov_base=\"0\", iov_len=1}, ");
    }
    shown(syscall(SYS_writev, -1, many, 33), "writev(-1, [%s...], 33)", expected);
}

static void show_reading(int file, int null) {
    char room[3][8];
    struct iovec vector[] = {{room[0], 4}, {room[1], 8}, {room[2], 8}, {NULL, 0}};
    shown(syscall(SYS_preadv, file, vector, 4, 0, 0),
          "preadv(%d, [{iov_base=\"0123\", iov_len=4}, {iov_base=\"456789\", iov_len=8}, {iov_base=\"\", iov_len=8}, "
          "{iov_base=NULL, iov_len=0}], 4, 0)",
          file);
    shown(syscall(SYS_readv, null, vector, 1), "readv(%d, [{iov_base=\"\", iov_len=4}], 1)", null);
    shown(syscall(SYS_readv, -1, vector, 2), "readv(-1, [{iov_base=%p, iov_len=4}, {iov_base=%p, iov_len=8}], 2)",
          (void *)room[0], (void *)room[1]);
    shown(syscall(SYS_readv, -1, vector, 0), "readv(-1, [], 0)");
    shown(syscall(SYS_readv, null, 8, 1), "readv(%d, 0x8, 1)", null);
    struct iovec *last = (void *)(end_of_memory - sizeof(*last));
    *last = vector[0];
    shown(syscall(SYS_readv, -1, last, 2), "readv(-1, [{iov_base=%p, iov_len=4}, ... /* %p */], 2)", (void *)room[0],
          (void *)(last + 1));
    shown(syscall(SYS_preadv2, file, vector, 1, 1, 0, 0L), "preadv2(%d, [{iov_base=\"1234\", iov_len=4}], 1, 1, 0)",
          file);
}

int main(void) {
    int null = open("/dev/null", O_RDWR);
    int file = memfd_create("file", 0);
    if (null < 0 || file < 0 || write(file, "0123456789", 10) != 10 || make_end() < 0) {
        return 1;
    }
    shown_calls("readv,preadv,preadv2,writev,pwritev,pwritev2,vmsplice");
    show_writing(null);
    show_reading(file, null);
    return 0;
}
