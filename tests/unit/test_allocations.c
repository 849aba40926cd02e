/* SPDX-License-Identifier: MIT */
#include "measured.h"

#include <stdio.h>

#define KIB 1024.0
#define RW "PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0"
#define FIXED "PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS;-1;0"

static struct budget memory = {.kind = BUDGET_MEMORY, ON, .limits = {[QUANTITY_BYTES] = MOST(0)}};

/* The peak of the script, in KiB. */
static double peak_of(const char *script, enum script_style style, struct measured *measured) {
    measure(measured, script, style, &memory, 1);
    const struct spending *spending = &measured->spendings[0];
    if (!spending->measured[QUANTITY_BYTES]) {
        fail_msg("%s", spending->missing[QUANTITY_BYTES]);
    }
    expect_amount(spending, QUANTITY_BYTES, spending->amount[QUANTITY_BYTES]);
    return spending->amount[QUANTITY_BYTES] / KIB;
}

static void expect_peak_in(const char *script, enum script_style style, double kib) {
    struct measured measured;
    double peak = peak_of(script, style, &measured);
    if (peak != kib) {
        fail_msg("the peak is %g KiB, not %g:\n%s", peak, kib, script);
    }
    measured_finish(&measured);
}

static void expect_peak(const char *script, double kib) {
    expect_peak_in(script, SCRIPT_PLAIN, kib);
}

static void test_mappings_without_files_count(void **state) {
    (void)state;
    expect_peak("getpid() = 4\n", 0);
    expect_peak("mmap(NULL;8192;" RW ") = 1048576\n", 8);
    /* By whole pages. */
    expect_peak("mmap(NULL;1;" RW ") = 1048576\n", 4);
    expect_peak("mmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_PRIVATE;3;0) = 1048576\n", 0);
    expect_peak("mmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_SHARED|MAP_ANONYMOUS;-1;0) = 1048576\n", 8);
    expect_peak("mmap(NULL;8192;" RW ") = -12\n", 0);
}

static void test_what_is_unmapped_is_given_back(void **state) {
    (void)state;
    expect_peak("mmap(NULL;8192;" RW ") = 1048576\n"
                "munmap(0x100000;8192) = 0\n"
                "mmap(NULL;4096;" RW ") = 1048576\n",
                8);
    /* The middle of three pages, and what was there before; then two more. */
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "munmap(0x101000;4096) = 0\n"
                "mmap(NULL;8192;" RW ") = 2097152\n",
                16);
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "munmap(0xff000;8192) = 0\n"
                "munmap(0x102000;65536) = 0\n"
                "mmap(NULL;12288;" RW ") = 2097152\n",
                16);
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "munmap(0x100000;12288) = -22\n"
                "mmap(NULL;4096;" RW ") = 2097152\n",
                16);
}

static void test_mappings_over_others(void **state) {
    (void)state;
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "mmap(0x101000;4096;" FIXED ") = 1052672\n",
                12);
    /* A file in the middle, then two pages elsewhere. */
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "mmap(0x101000;4096;PROT_READ;MAP_PRIVATE|MAP_FIXED;3;0) = 1052672\n"
                "mmap(NULL;8192;" RW ") = 2097152\n",
                16);
    expect_peak("mmap(NULL;8192;PROT_READ;MAP_PRIVATE;3;0) = 1048576\n"
                "mmap(0x101000;8192;" FIXED ") = 1052672\n",
                8);
}

static void test_the_heap(void **state) {
    (void)state;
    expect_peak("brk(NULL) = 4194304\n", 0);
    expect_peak("brk(NULL) = 4194304\nbrk(0x421000) = 4329472\n", 132);
    /* Not a whole page, and back. */
    expect_peak("brk(NULL) = 4194304\nbrk(0x400001) = 4194305\nbrk(0x400000) = 4194304\nbrk(0x401000) = 4198400\n", 4);
    /* Refused: where it was. */
    expect_peak("brk(NULL) = 4194304\nbrk(0x421000) = 4194304\n", 0);
    expect_peak("brk(NULL) = 4194304\nbrk(0x410000) = 4259840\nbrk(0x404000) = 4210688\n"
                "mmap(NULL;32768;" RW ") = 1048576\n",
                64);
    /* Where the heap began is not known: only what it grew by since. */
    expect_peak("brk(0x410000) = 4259840\nbrk(0x411000) = 4263936\n", 4);
}

static void test_mremap(void **state) {
    (void)state;
    /* In place, then elsewhere, then smaller. */
    expect_peak("mmap(NULL;4096;" RW ") = 1048576\n"
                "mremap(0x100000;4096;12288;0) = 1048576\n",
                12);
    expect_peak("mmap(NULL;4096;" RW ") = 1048576\n"
                "mremap(0x100000;4096;12288;MREMAP_MAYMOVE) = 2097152\n"
                "munmap(0x100000;4096) = 0\n"
                "mmap(NULL;4096;" RW ") = 3145728\n",
                16);
    expect_peak("mmap(NULL;16384;" RW ") = 1048576\n"
                "mremap(0x100000;16384;4096;MREMAP_MAYMOVE) = 1048576\n"
                "mmap(NULL;16384;" RW ") = 3145728\n",
                20);
    /* Of a file it is none. */
    expect_peak("mmap(NULL;4096;PROT_READ;MAP_PRIVATE;3;0) = 1048576\n"
                "mremap(0x100000;4096;12288;MREMAP_MAYMOVE) = 2097152\n",
                0);
    /* The old place stays. */
    expect_peak("mmap(NULL;4096;" RW ") = 1048576\n"
                "mremap(0x100000;4096;4096;MREMAP_MAYMOVE|MREMAP_DONTUNMAP) = 2097152\n",
                8);
    expect_peak("mmap(NULL;4096;" RW ") = 1048576\n"
                "mremap(0x100000;4096;4096;0x5) = 2097152\n"
                "munmap(0x100000;4096) = 0\n"
                "mmap(NULL;8192;" RW ") = 3145728\n",
                12);
    /* A second mapping of the same memory: of its own length, whatever lies behind the first one. */
    expect_peak("mmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_SHARED|MAP_ANONYMOUS;-1;0) = 1048576\n"
                "mmap(NULL;16384;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1056768\n"
                "mremap(0x100000;0;16384;MREMAP_MAYMOVE) = 2097152\n",
                24);
    expect_peak("mmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_SHARED|MAP_ANONYMOUS;-1;0) = 1048576\n"
                "mremap(0x101000;0;4096;MREMAP_MAYMOVE) = 2097152\n"
                "munmap(0x100000;8192) = 0\n"
                "mmap(NULL;4096;" RW ") = 3145728\n",
                12);
    expect_peak("mmap(NULL;8192;PROT_READ;MAP_SHARED;3;0) = 1048576\n"
                "mmap(NULL;8192;" RW ") = 2097152\n"
                "mremap(0x100000;0;8192;MREMAP_MAYMOVE|MREMAP_FIXED;0x200000) = 2097152\n"
                "mmap(NULL;4096;" RW ") = 3145728\n",
                8);
    /* Over something else. */
    expect_peak("mmap(NULL;4096;" RW ") = 1048576\n"
                "mmap(NULL;8192;" RW ") = 2097152\n"
                "mremap(0x100000;4096;4096;MREMAP_MAYMOVE|MREMAP_FIXED;0x200000) = 2097152\n"
                "mmap(NULL;8192;" RW ") = 3145728\n",
                16);
}

static void test_reserved_memory(void **state) {
    (void)state;
    expect_peak("mmap(NULL;1048576;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE;-1;0) = 1048576\n", 0);
    expect_peak("mmap(NULL;1048576;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1048576\n"
                "mprotect(0x101000;8192;PROT_READ|PROT_WRITE) = 0\n"
                "mprotect(0x102000;8192;PROT_READ) = 0\n",
                12);
    /* It is not there any more when it may not be touched. */
    expect_peak("mmap(NULL;12288;" RW ") = 1048576\n"
                "mprotect(0x101000;4096;PROT_NONE) = 0\n"
                "mmap(NULL;8192;" RW ") = 2097152\n",
                16);
    expect_peak("mmap(NULL;8192;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1048576\n"
                "mprotect(0x100000;8192;PROT_READ|PROT_WRITE) = -12\n",
                0);
    /* What grows piece by piece is one call. */
    struct measured measured;
    assert_true(peak_of("mmap(NULL;1048576;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 1048576\n"
                        "mprotect(0x100000;4096;PROT_READ|PROT_WRITE) = 0\n"
                        "mprotect(0x102000;4096;PROT_READ|PROT_WRITE) = 0\n"
                        "mprotect(0x101000;4096;PROT_READ|PROT_WRITE) = 0\n",
                        SCRIPT_PLAIN, &measured) == 12);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 0, "mmap of 12 KiB", 1, 12 * KIB, 6, 6);
    measured_finish(&measured);
}

static void test_the_names_of_golden_traces(void **state) {
    (void)state;
    static const char script[] =
        "1 brk(NULL) = ? # \"result_ref\":\"heap\"\n"
        "1 brk(heap+0x21000) = ? # \"result_ref\":\"heap+0x21000\"\n"
        "1 mmap(NULL;1048576;PROT_NONE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = ? # \"result_ref\":\"mmap#1\"\n"
        "1 mprotect(mmap#1+0x1000;8192;PROT_READ|PROT_WRITE) = 0\n"
        "1 mmap(NULL;1974096;PROT_READ;MAP_PRIVATE|MAP_DENYWRITE;3;0) = ? # \"result_ref\":\"libc.so.6\"\n"
        "1 mmap(libc.so.6+0x1d5000;53072;" FIXED ") = ? # \"result_ref\":\"libc.so.6+0x1d5000\"\n"
        "1 munmap(mmap#1+0x2000;4096) = 0\n"
        "1 mremap(mmap#1+0x1000;4096;4096;MREMAP_MAYMOVE) = ? # \"result_ref\":\"mmap#1+0x1000\"\n"
        "1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"mmap#2\"\n";
    /* 132 of the heap, 8 and 52 pages' worth of KiB; then 4 go and 4 come. */
    expect_peak_in(script, SCRIPT_GOLDEN, 132 + 8 + 52);
    /* Memory that is there twice, by one name; each place is given back by itself. */
    for (unsigned i = 0; i < 2; i++) {
        char *twice;
        assert_true(asprintf(&twice,
                             "1 mmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_SHARED|MAP_ANONYMOUS;-1;0) = ? # "
                             "\"result_ref\":\"mmap#1\"\n"
                             "1 mremap(mmap#1;%s;8192;%s) = ? # \"result_ref\":\"mmap#1\"\n"
                             "1 munmap(mmap#1;8192) = 0\n"
                             "1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"mmap#2\"\n"
                             "1 munmap(mmap#1;8192) = 0\n"
                             "1 mmap(NULL;%u;" RW ") = ? # \"result_ref\":\"mmap#3\"\n",
                             i ? "8192" : "0", i ? "MREMAP_MAYMOVE|MREMAP_DONTUNMAP" : "MREMAP_MAYMOVE",
                             i ? 16384 : 4096) > 0);
        expect_peak_in(twice, SCRIPT_GOLDEN, i ? 20 : 16);
        free(twice);
    }
    expect_peak_in("1 mmap(NULL;8192;PROT_READ;MAP_SHARED;3;0) = ? # \"result_ref\":\"data\"\n"
                   "1 mremap(data;0;8192;MREMAP_MAYMOVE) = ? # \"result_ref\":\"data\"\n",
                   SCRIPT_GOLDEN, 0);
    /* Another mapping of the same file does not end the first one. */
    expect_peak_in("1 mmap(NULL;65536;PROT_READ;MAP_PRIVATE;3;0) = ? # \"result_ref\":\"data\"\n"
                   "1 mmap(data+0x1000;4096;" FIXED ") = ? # \"result_ref\":\"data+0x1000\"\n"
                   "1 mmap(NULL;65536;PROT_READ;MAP_PRIVATE;3;0) = ? # \"result_ref\":\"data\"\n"
                   "1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"mmap#1\"\n",
                   SCRIPT_GOLDEN, 8);
    /* What is put over a part of an area has another name from then on. */
    expect_peak_in("1 mmap(NULL;16384;" RW ") = ? # \"result_ref\":\"mmap#1\"\n"
                   "1 mmap(mmap#1+0x1000;8192;PROT_READ;MAP_PRIVATE|MAP_FIXED;3;0) = ? # \"result_ref\":\"data\"\n"
                   "1 mmap(NULL;12288;" RW ") = ? # \"result_ref\":\"mmap#2\"\n",
                   SCRIPT_GOLDEN, 20);
}

static void test_registers_of_renacer(void **state) {
    (void)state;
    expect_peak_in("brk(0x0;0x7ffd;0x0) = 4194304\n"
                   "mmap(0x0;0x2000;0x3) = 130097848594432\n"
                   "mmap(0x0;0x1c21c;0x1) = 130097848475648\n"
                   "mmap(0x0;0x100000;0x0) = 1048576\n"
                   "mprotect(0x100000;0x1000;0x3) = 0\n"
                   "brk(0x421000;0x7ffd;0x0) = 4329472\n"
                   "munmap(0x7652c40f3000;0x2000;0x3) = -22\n",
                   SCRIPT_OLD, 8 + 4 + 132);
}

static void test_processes_have_their_own(void **state) {
    (void)state;
    /* The child has what its parent had when it was made, and what it maps itself. */
    static const char script[] = "10 mmap(NULL;16384;" RW ") = 1048576\n"
                                 "11 mmap(NULL;8192;" RW ") = 2097152\n"
                                 "10 fork() = 11\n"
                                 "10 munmap(0x100000;16384) = 0\n"
                                 "11 mmap(NULL;4096;" RW ") = 3145728\n"
                                 "11 munmap(0x100000;16384) = 0\n"
                                 "10 mmap(NULL;24576;" RW ") = 2097152\n";
    struct measured measured;
    assert_true(peak_of(script, SCRIPT_PLAIN, &measured) == 28);
    assert_string_equal(measured.spendings[0].whose, "peak of process 11");
    measured_finish(&measured);
    /* vfork: the same memory, until another program is executed. */
    expect_peak("10 mmap(NULL;16384;" RW ") = 1048576\n"
                "11 munmap(0x100000;16384) = 0\n"
                "11 mmap(NULL;8192;" RW ") = 1048576\n"
                "11 execve(/bin/true;[];0x1) = 0\n"
                "11 mmap(NULL;12288;" RW ") = 1048576\n"
                "10 vfork() = 11\n"
                "10 mmap(NULL;12288;" RW ") = 2097152\n",
                20);
    /* A thread is no process. */
    expect_peak("10 mmap(NULL;16384;" RW ") = 1048576\n"
                "10 clone3(0x7ffd;88) = 11\n"
                "10/11 mmap(NULL;4096;" RW ") = 2097152\n"
                "10 munmap(0x100000;16384) = 0\n",
                20);
    /* An id that is used again. */
    expect_peak("10 mmap(NULL;4096;" RW ") = 1048576\n"
                "10 fork() = 11\n"
                "11 mmap(NULL;8192;" RW ") = 2097152\n"
                "10 wait4(-1;NULL;0;NULL) = 11\n"
                "10 fork() = 11\n"
                "11 mmap(NULL;4096;" RW ") = 2097152\n"
                "10 wait4(-1;NULL;0;NULL) = 11\n"
                "11 exit_group(0) = ?\n",
                12);
    /* Of one whose parent is not in the trace nothing is known. */
    expect_peak("10 mmap(NULL;4096;" RW ") = 1048576\n12 mmap(NULL;8192;" RW ") = 1048576\n", 8);
}

static void test_execve_gives_all_back(void **state) {
    (void)state;
    expect_peak("10 mmap(NULL;16384;" RW ") = 1048576\n"
                "10 execve(/bin/true;[];0x1) = 0\n"
                "10 mmap(NULL;8192;" RW ") = 2097152\n",
                16);
    expect_peak("10 mmap(NULL;16384;" RW ") = 1048576\n"
                "10 execve(/bin/true;[];0x1) = -2\n"
                "10 mmap(NULL;8192;" RW ") = 2097152\n",
                24);
}

static void test_who_has_it_at_the_peak(void **state) {
    (void)state;
    struct measured measured;
    /* Lines begin with 6. Gone before the peak: the first one. The heap grows twice. */
    assert_true(peak_of("mmap(NULL;65536;" RW ") = 1048576\n"
                        "brk(NULL) = 4194304\n"
                        "munmap(0x100000;65536) = 0\n"
                        "brk(0x401000) = 4198400\n"
                        "mmap(NULL;1048576;" RW ") = 2097152\n"
                        "brk(0x402000) = 4202496\n"
                        "mmap(NULL;4096;" RW ") = 16777216\n"
                        "mmap(NULL;4096;" RW ") = 20971520\n"
                        "munmap(0x200000;1048576) = 0\n"
                        "mmap(NULL;524288;" RW ") = 2097152\n",
                        SCRIPT_PLAIN, &measured) == 1024 + 8 + 8);
    const struct spending *spending = &measured.spendings[0];
    assert_int_equal(spending->spender_count[QUANTITY_BYTES], 3);
    expect_spender(spending, QUANTITY_BYTES, 0, "mmap of 1.0 MiB", 1, 1024 * KIB, 10, 10);
    expect_spender(spending, QUANTITY_BYTES, 1, "brk", 2, 8 * KIB, 9, 11);
    expect_spender(spending, QUANTITY_BYTES, 2, "mmap", 2, 8 * KIB, 12, 13);
    assert_string_equal(spending->from,
                        "peak: what brk, mmap, mremap and mprotect gave without a file, less what was given back");
    measured_finish(&measured);
}

static void test_the_largest_are_named(void **state) {
    (void)state;
    struct text script = {0};
    struct measured measured;
    /* Sixty of growing size, of which the last four are named; one of them is cut in two. */
    for (unsigned i = 1; i <= 60; i++) {
        text_add_string(&script, "mmap(NULL;");
        text_add_unsigned(&script, (uint64_t)i * i * 4096);
        text_add_string(&script, ";" RW ") = ");
        text_add_unsigned(&script, (uint64_t)i << 32);
        text_add_char(&script, '\n');
    }
    text_add_string(&script, "munmap(0x3a00001000;4096) = 0\n"
                             "mmap(NULL;8192;" RW ") = 4096\n");
    double pages = 0;
    for (unsigned i = 1; i <= 60; i++) {
        pages += i * i;
    }
    assert_true(peak_of(script.bytes, SCRIPT_PLAIN, &measured) == (pages + 1) * 4);
    /* The largest is less than a sixteenth of all: 3600 of 73810 pages. */
    assert_int_equal(measured.spendings[0].spender_count[QUANTITY_BYTES], 1);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 0, "mmap", 61, (pages + 1) * 4 * KIB, 6, 67);
    measured_finish(&measured);
    text_clear(&script);
    for (unsigned i = 1; i <= 6; i++) {
        text_add_string(&script, "mmap(NULL;");
        text_add_unsigned(&script, (uint64_t)i * 65536);
        text_add_string(&script, ";" RW ") = ");
        text_add_unsigned(&script, (uint64_t)i << 32);
        text_add_char(&script, '\n');
    }
    text_add_string(&script, "munmap(0x600000000;393216) = 0\n"
                             "mmap(NULL;524288;" RW ") = 25769803776\n");
    assert_true(peak_of(script.bytes, SCRIPT_PLAIN, &measured) == 15 * 64 + 512);
    assert_int_equal(measured.spendings[0].spender_count[QUANTITY_BYTES], 5);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 0, "mmap of 512 KiB", 1, 512 * KIB, 13, 13);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 1, "mmap of 320 KiB", 1, 320 * KIB, 10, 10);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 3, "mmap", 2, 192 * KIB, 6, 7);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 4, "mmap of 192 KiB", 1, 192 * KIB, 8, 8);
    measured_finish(&measured);
    text_finish(&script);
}

/* Neither those of the large ones before and behind, nor of what is gone. */
static void test_lines_of_the_rest(void **state) {
    (void)state;
    struct measured measured;
    assert_true(peak_of("mmap(NULL;1048576;" RW ") = 1048576\n" /* 6 */
                        "mmap(NULL;4096;" RW ") = 16777216\n"   /* gone */
                        "mmap(NULL;8192;" RW ") = 20971520\n"   /* 8 */
                        "mmap(NULL;4096;" RW ") = 25165824\n"   /* 9 */
                        "mmap(NULL;4096;" RW ") = 29360128\n"   /* gone */
                        "munmap(0x1000000;4096) = 0\n"
                        "munmap(0x1c00000;4096) = 0\n"
                        "mremap(0x1400000;8192;8192;MREMAP_MAYMOVE|MREMAP_FIXED;0x2000000) = 33554432\n"
                        "mmap(NULL;2097152;" RW ") = 67108864\n" /* 14 */
                        "munmap(0x4000000;4096) = 0\n"
                        "mmap(NULL;4096;" RW ") = 16777216\n"
                        "munmap(0x1000000;4096) = 0\n",
                        SCRIPT_PLAIN, &measured) == 3072 + 12);
    const struct spending *spending = &measured.spendings[0];
    assert_int_equal(spending->spender_count[QUANTITY_BYTES], 3);
    expect_spender(spending, QUANTITY_BYTES, 0, "mmap of 2.0 MiB", 1, 2048 * KIB, 14, 14);
    expect_spender(spending, QUANTITY_BYTES, 1, "mmap of 1.0 MiB", 1, 1024 * KIB, 6, 6);
    expect_spender(spending, QUANTITY_BYTES, 2, "mmap", 2, 12 * KIB, 8, 9);
    measured_finish(&measured);
    /* A child has them from its parent. */
    assert_true(peak_of("10 mmap(NULL;65536;" RW ") = 1048576\n"
                        "10 mmap(NULL;4096;" RW ") = 16777216\n"
                        "10 fork() = 11\n"
                        "11 mmap(NULL;4096;" RW ") = 33554432\n",
                        SCRIPT_PLAIN, &measured) == 72);
    expect_spender(&measured.spendings[0], QUANTITY_BYTES, 1, "mmap", 2, 8 * KIB, 7, 9);
    measured_finish(&measured);
}

static void test_hostile_numbers(void **state) {
    (void)state;
    expect_peak("mmap(NULL;18446744073709551615;" RW ") = 1048576\n"
                "mmap(NULL;8192;" RW ") = 9223372036854775807\n"
                "mmap() = 1048576\n"
                "mmap(NULL;zero;" RW ") = 1048576\n"
                "munmap(0xffffffffffffffff;18446744073709551615) = 0\n"
                "munmap(-1;-1) = 0\n"
                "mprotect(0xfffffffffffff000;99999;PROT_READ) = 0\n"
                "mremap(0x100000;0;18446744073709551615;0) = 5\n"
                "mremap(-5;99;3;0) = 9223372036854775807\n"
                "brk(0xffffffffffffffff) = -9223372036854775808\n"
                "mmap(NULL;4096;" RW ") = 1048576\n",
                4);
    /* Names of golden traces: offsets that are none. */
    expect_peak_in("1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"mmap#1+0xffffffffffffffff\"\n"
                   "1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"+0x\"\n"
                   "1 mmap(NULL;4096;" RW ") = ? # \"result_ref\":\"\"\n"
                   "1 munmap(;4096) = 0\n",
                   SCRIPT_GOLDEN, 0);
}

static void test_too_many_pieces(void **state) {
    (void)state;
    struct text script = {0};
    for (uint64_t i = 0; i <= 65536; i++) {
        text_add_string(&script, "mmap(NULL;4096;" RW ") = ");
        text_add_unsigned(&script, 1048576 + i * 8192);
        text_add_char(&script, '\n');
    }
    struct measured measured;
    measure(&measured, script.bytes, SCRIPT_PLAIN, &memory, 1);
    expect_missing(&measured.spendings[0], QUANTITY_BYTES, "the trace has more than 65536 pieces of memory at a time");
    measured_finish(&measured);
    text_finish(&script);
}

static void test_without_results(void **state) {
    (void)state;
    struct measured measured;
    measure(&measured, "mmap(NULL;8192;" RW ") = ?\n", SCRIPT_PLAIN, &memory, 1);
    expect_missing(&measured.spendings[0], QUANTITY_BYTES,
                   "no call has a result, and so nothing tells what was mapped");
    measured_finish(&measured);
}

/* A map of pages, one by one, that calls at random are done to. */
enum {
    PAGES = 64,
    FIRST = 256, /* number of the first page */
    OPERATIONS = 80,
};

struct page_map {
    char pages[PAGES]; /* 'f' a file or nothing, 'r' reserved, 'a' accessible */
    unsigned seed;
    double most;
    struct text script;
};

static unsigned draw(struct page_map *map, unsigned below) {
    map->seed = map->seed * 1103515245 + 12345;
    return (map->seed >> 16) % below;
}

__attribute__((format(printf, 2, 3))) static void add_line(struct page_map *map, const char *format, ...) {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    text_add_string(&map->script, line);
}

static void set_pages(struct page_map *map, unsigned first, unsigned count, char from, char to) {
    for (unsigned i = first; i < first + count; i++) {
        map->pages[i] = !from || map->pages[i] == from ? to : map->pages[i];
    }
}

static void move_pages(struct page_map *map, unsigned from, unsigned count) {
    unsigned size = 1 + draw(map, 8);
    unsigned to = draw(map, PAGES - size);
    bool apart = to + size <= from || from + count <= to;
    for (unsigned i = from; i < from + count; i++) {
        apart &= map->pages[i] == map->pages[from];
    }
    if (!apart || map->pages[from] == 'f') {
        return;
    }
    add_line(map, "mremap(%#x;%u;%u;MREMAP_MAYMOVE|MREMAP_FIXED;%#x) = %u\n", (FIRST + from) * 4096, count * 4096,
             size * 4096, (FIRST + to) * 4096, (FIRST + to) * 4096);
    char kind = map->pages[from];
    set_pages(map, from, count, 0, 'f');
    set_pages(map, to, size, 0, kind);
}

static void do_something(struct page_map *map) {
    unsigned count = 1 + draw(map, 12);
    unsigned first = draw(map, PAGES - count);
    unsigned address = (FIRST + first) * 4096;
    switch (draw(map, 6)) {
    case 0:
        add_line(map, "munmap(%#x;%u) = 0\n", address, count * 4096);
        set_pages(map, first, count, 0, 'f');
        break;
    case 1:
        add_line(map, "mmap(%#x;%u;PROT_READ;MAP_PRIVATE|MAP_FIXED;3;0) = %u\n", address, count * 4096, address);
        set_pages(map, first, count, 0, 'f');
        break;
    case 2:
        add_line(map, "mmap(%#x;%u;PROT_NONE;MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS;-1;0) = %u\n", address, count * 4096,
                 address);
        set_pages(map, first, count, 0, 'r');
        break;
    case 3:
        add_line(map, "mprotect(%#x;%u;PROT_READ|PROT_WRITE) = 0\n", address, count * 4096);
        set_pages(map, first, count, 'r', 'a');
        break;
    case 4:
        add_line(map, "mprotect(%#x;%u;PROT_NONE) = 0\n", address, count * 4096);
        set_pages(map, first, count, 'a', 'r');
        break;
    default:
        if (draw(map, 2)) {
            move_pages(map, first, count);
            break;
        }
        add_line(map, "mmap(%#x;%u;" FIXED ") = %u\n", address, count * 4096, address);
        set_pages(map, first, count, 0, 'a');
        break;
    }
}

static void test_like_a_map_of_pages(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 150; seed++) {
        struct page_map map = {.seed = seed};
        memset(map.pages, 'f', sizeof(map.pages));
        for (unsigned i = 0; i < OPERATIONS; i++) {
            do_something(&map);
            double now = 0;
            for (unsigned page = 0; page < PAGES; page++) {
                now += map.pages[page] == 'a' ? 4 : 0;
            }
            map.most = now > map.most ? now : map.most;
        }
        expect_peak(map.script.bytes, map.most);
        text_finish(&map.script);
    }
}

/* What the payload `allocate` has printed as its peak, by its own reckoning, is what its traces tell. */
static void expect_as_printed(const char *folder, const char *name) {
    char path[4096];
    struct measured measured = {.file = {.budgets = &memory, .count = 1}};
    struct trace_item item;
    struct trace_reader *reader;
    double printed = -1;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (trace_reader_open(&reader, path, measured.problem, sizeof(measured.problem)) < 0) {
        fail_msg("%s", measured.problem);
    }
    while (trace_reader_next(reader, &item, measured.problem, sizeof(measured.problem)) > 0) {
        if (item.kind == TRACE_CALL && strcmp(item.call.name.bytes, "write") == 0) {
            printed = strtod(item.call.arguments[1].text.bytes, NULL);
        }
    }
    assert_true(printed > 0);
    assert_int_equal(trace_reader_rewind(reader), 0);
    assert_int_equal(spending_measure(measured.spendings, &measured.facts, &measured.file, reader, path,
                                      measured.problem, sizeof(measured.problem)),
                     0);
    trace_reader_close(reader);
    expect_amount(&measured.spendings[0], QUANTITY_BYTES, printed);
    measured_finish(&measured);
}

static void test_a_real_program(void **state) {
    (void)state;
    const char *folder = getenv("TRACE_DATA");
    assert_non_null(folder);
    expect_as_printed(folder, "allocate_notify.json");
    expect_as_printed(folder, "allocate_ptrace.json");
    expect_as_printed(folder, "allocate_golden.json");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mappings_without_files_count),
        cmocka_unit_test(test_what_is_unmapped_is_given_back),
        cmocka_unit_test(test_mappings_over_others),
        cmocka_unit_test(test_the_heap),
        cmocka_unit_test(test_mremap),
        cmocka_unit_test(test_reserved_memory),
        cmocka_unit_test(test_the_names_of_golden_traces),
        cmocka_unit_test(test_registers_of_renacer),
        cmocka_unit_test(test_processes_have_their_own),
        cmocka_unit_test(test_execve_gives_all_back),
        cmocka_unit_test(test_who_has_it_at_the_peak),
        cmocka_unit_test(test_the_largest_are_named),
        cmocka_unit_test(test_lines_of_the_rest),
        cmocka_unit_test(test_hostile_numbers),
        cmocka_unit_test(test_too_many_pieces),
        cmocka_unit_test(test_without_results),
        cmocka_unit_test(test_like_a_map_of_pages),
        cmocka_unit_test(test_a_real_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
