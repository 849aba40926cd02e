/* SPDX-License-Identifier: MIT
 * Programs that do their best to confuse whoever looks for the places of their calls; each then makes the call
 * close(-1001), and exits with 0:
 *
 *     hostile plain
 *     hostile sp VALUE           with this stack pointer ("middle": in a stack of garbage)
 *     hostile handler VALUE      the same in a signal handler with a stack of its own
 *     hostile frame KIND         with frame pointers that lead nowhere, or round in circles
 *     hostile rules KIND         in a function whose unwind information does
 *     hostile become KIND        when its own file has been replaced by something else
 *     hostile library FILE KIND  called by a library (libfirst.so) whose file something has happened to */
#define _GNU_SOURCE
#include "marks.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const char *kind;
static const char *library;

static void check(int wrong) {
    if (wrong) {
        perror(kind);
        _exit(2);
    }
}

static APART void called(void) {
    MARK_IN(1, "at the end", "main", CLOSE(1));
}

/* -- Stacks -- */

static uint64_t garbage[1024];

static APART void with_pointer(uint64_t sp) {
    long result = 3;
    __asm__ volatile("mov %%rsp, %%r12\n\tmov %2, %%rsp\n\tsyscall\n\tmov %%r12, %%rsp"
                     : "+a"(result)
                     : "D"(-1001L), "r"(sp)
                     : "rcx", "r11", "r12", "memory");
}

static APART void with_frame(const void *rbp) {
    long result = 3;
    __asm__ volatile("mov %%rbp, %%r12\n\tmov %2, %%rbp\n\tsyscall\n\tmov %%r12, %%rbp"
                     : "+a"(result)
                     : "D"(-1001L), "r"(rbp)
                     : "rcx", "r11", "r12", "memory");
}

static void fill_garbage(void) {
    uint64_t state = 1;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407U;
        garbage[i] = i % 3 == 0   ? (uint64_t)(uintptr_t)with_frame + state % 64
                     : i % 3 == 1 ? (uint64_t)(uintptr_t)&garbage[state % 1024]
                                  : state;
    }
}

static uint64_t pointer_of(const char *value) {
    return strcmp(value, "middle") == 0 ? (uint64_t)(uintptr_t)&garbage[500] : strtoull(value, NULL, 0);
}

static void handler(int number) {
    (void)number;
    with_pointer(pointer_of(kind));
}

static void in_handler(void) {
    static char own[1 << 16];
    stack_t stack = {.ss_sp = own, .ss_size = sizeof(own)};
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
    check(sigaltstack(&stack, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0 || raise(SIGUSR1) != 0);
}

static void frames(void) {
    /* Two frames: where the caller's is, and where it goes on. */
    uint64_t frame[4];
    uint64_t inside = (uint64_t)(uintptr_t)with_frame + 16;
    const void *rbp = frame;
    frame[0] = (uint64_t)(uintptr_t)frame;
    frame[1] = frame[3] = inside;
    frame[2] = (uint64_t)(uintptr_t)frame;
    if (strcmp(kind, "circle") == 0) {
        frame[0] = (uint64_t)(uintptr_t)&frame[2];
    } else if (strcmp(kind, "nowhere") == 0) {
        frame[0] = UINT64_C(0x8000000000000000);
        frame[1] = UINT64_C(0xdead000000000000);
    } else if (strcmp(kind, "end") == 0) {
        rbp = (const void *)(UINTPTR_MAX - 7);
    } else if (strcmp(kind, "garbage") == 0) {
        rbp = &garbage[300];
    } else if (strcmp(kind, "zero") == 0) {
        rbp = NULL;
    }
    with_frame(rbp);
}

/* -- Rules -- */

#define RULES(name, rules)                                                                                             \
    void name(void);                                                                                                   \
    __asm__(".text\n.type " #name ",@function\n" #name ":\n\t.cfi_startproc\n" rules                                   \
            "\tmov $3, %eax\n\tmov $-1001, %rdi\n\tlea " #name "+8(%rip), %rdx\n\tsyscall\n\tret\n"                    \
            "\t.cfi_endproc\n.size " #name ", .-" #name "\n")

/* The caller is the same place with the same stack; ... */
RULES(rules_same, "\t.cfi_def_cfa 7, 0\n\t.cfi_same_value 16\n");
/* ... with 8 bytes less of it. */
RULES(rules_climb, "\t.cfi_def_cfa 7, 8\n\t.cfi_register 16, 1\n");
/* Programs that jump back to where they are: of the return address, and of the frame's address. */
RULES(rules_jump, "\t.cfi_def_cfa 7, 8\n\t.cfi_escape 0x16, 16, 3, 0x2f, 0xfd, 0xff\n");
RULES(rules_jump_cfa, "\t.cfi_escape 0x0f, 3, 0x2f, 0xfd, 0xff\n");
/* More than a stack of numbers holds, and less than nothing. */
RULES(rules_push, "\t.cfi_escape 0x0f, 5, 0x30, 0x12, 0x12, 0x2f, 0xfc\n");
RULES(rules_pop, "\t.cfi_escape 0x0f, 3, 0x22, 0x22, 0x06\n");

static void rules(void) {
    static const struct {
        const char *name;
        void (*function)(void);
    } all[] = {{"same", rules_same},         {"climb", rules_climb}, {"jump", rules_jump},
               {"jump_cfa", rules_jump_cfa}, {"push", rules_push},   {"pop", rules_pop}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(kind, all[i].name) == 0) {
            all[i].function();
        }
    }
}

/* -- Files -- */

static void become(void) {
    char path[PATH_MAX] = "";
    check(readlink("/proc/self/exe", path, sizeof(path) - 1) < 0 || unlink(path) != 0);
    if (strcmp(kind, "fifo") == 0) {
        check(mkfifo(path, 0600) != 0);
    } else if (strcmp(kind, "folder") == 0) {
        check(mkdir(path, 0700) != 0);
    } else if (strcmp(kind, "device") == 0) {
        check(mknod(path, S_IFCHR | 0600, makedev(1, 5)) != 0);
    } else if (strcmp(kind, "itself") == 0) {
        check(symlink(path, path) != 0);
    }
    called();
}

/* What is behind all that is loaded of the library is overwritten. */
static void overwrite(int file) {
    static char ones[4096];
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    struct stat about;
    off_t end = 0;
    memset(ones, 0xff, sizeof(ones));
    check(pread(file, &header, sizeof(header), 0) != sizeof(header) || fstat(file, &about) != 0);
    for (unsigned i = 0; i < header.e_phnum; i++) {
        off_t at = (off_t)(header.e_phoff + i * sizeof(segment));
        check(pread(file, &segment, sizeof(segment), at) != sizeof(segment));
        off_t behind = (off_t)(segment.p_offset + segment.p_filesz);
        end = segment.p_type == PT_LOAD && behind > end ? behind : end;
    }
    for (; end < about.st_size; end += (off_t)sizeof(ones)) {
        check(pwrite(file, ones, sizeof(ones), end) != sizeof(ones));
    }
}

static APART void called_by_library(void) {
    int file = open(library, O_RDWR | O_CLOEXEC);
    check(file < 0);
    if (strcmp(kind, "truncate") == 0) {
        check(ftruncate(file, 0) != 0);
    } else if (strcmp(kind, "half") == 0) {
        check(ftruncate(file, lseek(file, 0, SEEK_END) / 2) != 0);
    } else if (strcmp(kind, "overwrite") == 0) {
        overwrite(file);
    } else if (strcmp(kind, "replace") == 0) {
        check(unlink(library) != 0 || symlink("/proc/self/exe", library) != 0);
    }
    CLOSE(1);
    STAYS();
    /* There may be nothing left to return to. */
    _exit(0);
}

static void in_library(void) {
    void *handle = dlopen(library, RTLD_NOW);
    void (*calls)(void (*)(void));
    *(void **)&calls = handle ? dlsym(handle, "first_calls") : NULL;
    check(!calls);
    calls(called_by_library);
}

int main(int argc, char *argv[]) {
    const char *action = argc > 1 ? argv[1] : "";
    kind = argc > 2 ? argv[argc - 1] : "";
    library = argc > 3 ? argv[2] : "";
    fill_garbage();
    if (strcmp(action, "plain") == 0) {
        called();
    } else if (strcmp(action, "sp") == 0) {
        with_pointer(pointer_of(kind));
    } else if (strcmp(action, "handler") == 0) {
        in_handler();
    } else if (strcmp(action, "frame") == 0) {
        frames();
    } else if (strcmp(action, "rules") == 0) {
        rules();
    } else if (strcmp(action, "become") == 0) {
        become();
    } else if (strcmp(action, "library") == 0) {
        in_library();
    } else {
        return 2;
    }
    return 0;
}
