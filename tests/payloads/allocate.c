/* SPDX-License-Identifier: MIT
 * Memory by known amounts: maps, unmaps, moves and protects it, lets the heap
 * grow and shrink, makes a child that has more than itself, and prints the
 * most bytes that a process of it had at a time. It has no C library, which
 * would map memory of its own. */

static long call(long number, long a, long b, long c, long d, long e, long f) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

enum {
    NR_WRITE = 1,
    NR_OPEN = 2,
    NR_MMAP = 9,
    NR_MPROTECT = 10,
    NR_MUNMAP = 11,
    NR_BRK = 12,
    NR_MREMAP = 25,
    NR_FORK = 57,
    NR_WAIT4 = 61,
    NR_EXIT_GROUP = 231,

    PAGE = 4096,
    NONE = 0,
    READ = 1,
    WRITE = 2,
    PRIVATE = 2,
    FIXED = 16,
    ANONYMOUS = 32,
    MAY_MOVE = 1,
};

static long has;  /* bytes that this process has */
static long most; /* that any has had */

static void change(long pages) {
    has += pages * PAGE;
    most = has > most ? has : most;
}

static long map(long address, long pages, long protection, long flags) {
    return call(NR_MMAP, address, pages * PAGE, protection, PRIVATE | ANONYMOUS | flags, -1, 0);
}

static void print(long number) {
    char text[24];
    char *at = text + sizeof(text);
    *--at = '\n';
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    call(NR_WRITE, 1, (long)at, text + sizeof(text) - at, 0, 0, 0);
}

static void use_mappings(void) {
    long area = map(0, 16, READ | WRITE, 0);
    change(16);
    call(NR_MUNMAP, area + 4 * PAGE, 4 * PAGE, 0, 0, 0, 0);
    change(-4);
    /* Over two pages that are there and two that are not. */
    map(area + 2 * PAGE, 4, READ | WRITE, FIXED);
    change(2);
    /* A file over one of them. */
    long file = call(NR_OPEN, (long)"/proc/self/exe", 0, 0, 0, 0, 0);
    call(NR_MMAP, area, PAGE, READ, PRIVATE | FIXED, file, 0);
    change(-1);
    /* Reserved, then a part of it used, then less again. */
    long reserved = map(0, 1024, NONE, 0);
    call(NR_MPROTECT, reserved + PAGE, 8 * PAGE, READ | WRITE, 0, 0, 0);
    change(8);
    call(NR_MPROTECT, reserved + 4 * PAGE, PAGE, NONE, 0, 0, 0);
    change(-1);
    /* Larger, smaller, and refused. */
    long moved = map(0, 2, READ | WRITE, 0);
    change(2);
    moved = call(NR_MREMAP, moved, 2 * PAGE, 64 * PAGE, MAY_MOVE, 0, 0);
    change(62);
    moved = call(NR_MREMAP, moved, 64 * PAGE, 8 * PAGE, MAY_MOVE, 0, 0);
    change(-56);
    call(NR_MUNMAP, moved + 1, PAGE, 0, 0, 0, 0);
    call(NR_MMAP, 0, 0, READ, PRIVATE | ANONYMOUS, -1, 0);
}

static void use_heap(void) {
    long heap = call(NR_BRK, 0, 0, 0, 0, 0, 0);
    call(NR_BRK, heap + 10 * PAGE + 5, 0, 0, 0, 0, 0);
    change(11);
    call(NR_BRK, heap + PAGE, 0, 0, 0, 0, 0);
    change(-10);
    call(NR_BRK, heap + 21 * PAGE, 0, 0, 0, 0, 0);
    change(20);
}

void _start(void);

void _start(void) {
    use_mappings();
    use_heap();
    /* A child has what its parent has, and what it maps itself; the parent goes on with what it had. */
    long child = call(NR_FORK, 0, 0, 0, 0, 0, 0);
    if (child == 0) {
        map(0, 50, READ | WRITE, 0);
        call(NR_EXIT_GROUP, 0, 0, 0, 0, 0, 0);
    }
    change(50);
    change(-50);
    call(NR_WAIT4, child, 0, 0, 0, 0, 0);
    map(0, 49, READ | WRITE, 0);
    change(49);
    print(most);
    call(NR_EXIT_GROUP, 0, 0, 0, 0, 0, 0);
    for (;;) {
    }
}
