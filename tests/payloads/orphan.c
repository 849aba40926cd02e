/* SPDX-License-Identifier: MIT
 * Leaves a child behind that goes on making calls that stop, and proves that
 * they worked:  orphan FILE */
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    if (argc < 2) {
        return 2;
    }
    if (fork() == 0) {
        setsid();
        for (int fd = 0; fd < 3; fd++) {
            close(fd);
        }
        usleep(200000);
        for (int i = 0; i < 100; i++) {
            if (access("/", F_OK) != 0) {
                _exit(1);
            }
        }
        int file = open(argv[1], O_WRONLY | O_CREAT, 0644);
        if (write(file, "alive\n", 6) != 6) {
            _exit(1);
        }
        _exit(0);
    }
    return 0;
}
