/* SPDX-License-Identifier: MIT
 *
 * ioctl(2) on terminals, files and pipes, as it is shown: see shown.h.
 */
#include "shown.h"

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <stdint.h>
#include <sys/mman.h>

#define TIOCSPTLCK 0x40045431
#define TIOCGPTN 0x80045430
#define TCGETS 0x5401
#define TCSETS 0x5402
#define TCSETSW 0x5403
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
#define TIOCMSET 0x5418
#define FIONREAD 0x541b
#define TIOCPKT 0x5420
#define FIONBIO 0x5421
#define TIOCSETD 0x5423
#define FIOASYNC 0x5452
#define TIOCSTI 0x5412

struct window {
    unsigned short rows, columns, width, height;
};

static void terminal(int fd) {
    int zero = 0;
    struct termios modes;
    struct window window = {24, 80, 0, 0};
    shown(syscall(SYS_ioctl, fd, TIOCSPTLCK, &zero), "ioctl(%d, TIOCSPTLCK, [0])", fd);
    int number = -1;
    long result = syscall(SYS_ioctl, fd, TIOCGPTN, &number);
    shown(result, "ioctl(%d, TIOCGPTN, [%d])", fd, number);
    shown(syscall(SYS_ioctl, fd, TIOCSWINSZ, &window),
          "ioctl(%d, TIOCSWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0})", fd);
    shown(syscall(SYS_ioctl, fd, TIOCGWINSZ, &window),
          "ioctl(%d, TIOCGWINSZ, {ws_row=24, ws_col=80, ws_xpixel=0, ws_ypixel=0})", fd);
    shown(syscall(SYS_ioctl, fd, TCGETS, &modes),
          "ioctl(%d, TCGETS, {c_iflag=ICRNL|IXON, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|OPOST|ONLCR, "
          "c_cflag=B38400|CS8|CREAD, "
          "c_lflag=ISIG|ICANON|ECHO|ECHOE|ECHOK|IEXTEN|ECHOCTL|ECHOKE, ...})",
          fd);
    modes.c_lflag = 0;
    modes.c_oflag = 0;
    modes.c_iflag = IUTF8;
    shown(syscall(SYS_ioctl, fd, TCSETS, &modes),
          "ioctl(%d, SNDCTL_TMR_START or TCSETS, {c_iflag=IUTF8, c_oflag=NL0|CR0|TAB0|BS0|VT0|FF0|, "
          "c_cflag=B38400|CS8|CREAD, c_lflag=, ...})",
          fd);
    shown(syscall(SYS_ioctl, fd, TCSETSW, 1), "ioctl(%d, SNDCTL_TMR_STOP or TCSETSW, 0x1)", fd);
    shown(syscall(SYS_ioctl, fd, TIOCPKT, &zero), "ioctl(%d, TIOCPKT, [0])", fd);
    shown(syscall(SYS_ioctl, fd, TIOCSETD, NULL), "ioctl(%d, TIOCSETD, NULL)", fd);
}

static void files(int fd, int other) {
    int flags = FS_APPEND_FL | FS_NODUMP_FL;
    struct file_clone_range range = {.src_fd = other, .src_offset = 4096, .src_length = 1, .dest_offset = 2};
    struct fstrim_range trim = {.start = 1, .len = UINT64_MAX, .minlen = 3};
    shown(syscall(SYS_ioctl, fd, FS_IOC_SETFLAGS, &flags), "ioctl(%d, FS_IOC_SETFLAGS, [FS_APPEND_FL|FS_NODUMP_FL])",
          fd);
    shown(syscall(SYS_ioctl, fd, FICLONERANGE, &range),
          "ioctl(%d, BTRFS_IOC_CLONE_RANGE or FICLONERANGE, {src_fd=%d, src_offset=4096, src_length=1, dest_offset=2})",
          fd, other);
    shown(syscall(SYS_ioctl, fd, FITRIM, &trim), "ioctl(%d, FITRIM, {start=0x1, len=18446744073709551615, minlen=3})",
          fd);
    shown(syscall(SYS_ioctl, fd, BLKGETSIZE64, &flags), "ioctl(%d, BLKGETSIZE64, %p)", fd, (void *)&flags);
    struct loop_info64 info = {.lo_offset = 512, .lo_flags = LO_FLAGS_AUTOCLEAR, .lo_file_name = "image"};
    shown(syscall(SYS_ioctl, fd, LOOP_SET_STATUS64, &info),
          "ioctl(%d, LOOP_SET_STATUS64, {lo_offset=0x200, lo_number=0, lo_flags=LO_FLAGS_AUTOCLEAR, "
          "lo_file_name=\"image\", ...})",
          fd);
}

int main(void) {
    int ends[2];
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    int file = memfd_create("file", 0);
    if (fd < 0 || file < 0 || pipe(ends) < 0 || write(ends[1], "abc", 3) != 3) {
        return 1;
    }
    shown_calls("ioctl");
    terminal(fd);
    files(file, ends[0]);
    int one = 1;
    int left = 0;
    shown(syscall(SYS_ioctl, ends[0], FIONREAD, &left), "ioctl(%d, FIONREAD, [3])", ends[0]);
    shown(syscall(SYS_ioctl, ends[0], FIONBIO, &one), "ioctl(%d, FIONBIO, [1])", ends[0]);
    shown(syscall(SYS_ioctl, ends[0], FIOASYNC, &one), "ioctl(%d, FIOASYNC, [1])", ends[0]);
    return 0;
}
