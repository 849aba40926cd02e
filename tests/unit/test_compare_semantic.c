/* SPDX-License-Identifier: MIT
 *
 * What counts and what does not when two traces are compared by what they do.
 */
#include "compare_semantic.h"

#include "trace_script.h"

static void compare(const char *golden, const char *new, const struct semantic_options *options,
                    struct comparison *comparison) {
    char problem[256] = "";
    struct trace_reader *readers[SIDES] = {open_document(golden), open_document(new)};
    *comparison = (struct comparison){0};
    int status = compare_semantic(comparison, readers, options, problem, sizeof(problem));
    if (status < 0) {
        print_error("%s\n", problem);
    }
    assert_int_equal(status, 0);
    trace_reader_close(readers[SIDE_GOLDEN]);
    trace_reader_close(readers[SIDE_NEW]);
}

static void compare_scripts(const char *golden, enum script_style golden_style, const char *new,
                            enum script_style new_style, struct comparison *comparison) {
    static const struct semantic_options none;
    char *documents[SIDES] = {script_document(golden, golden_style), script_document(new, new_style)};
    compare(documents[SIDE_GOLDEN], documents[SIDE_NEW], &none, comparison);
    free(documents[SIDE_GOLDEN]);
    free(documents[SIDE_NEW]);
}

static void explain(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->difference_count; i++) {
        const struct difference *difference = &comparison->differences[i];
        print_error("%s: %s / %s\n", difference->subject, difference->detail[SIDE_GOLDEN],
                    difference->detail[SIDE_NEW]);
    }
}

/* Both ways round, and each with itself. */
static void assert_same(const char *golden, const char *new) {
    const char *scripts[SIDES] = {golden, new};
    for (int i = 0; i < 4; i++) {
        struct comparison comparison;
        compare_scripts(scripts[i & 1], SCRIPT_PLAIN, scripts[i >> 1], SCRIPT_PLAIN, &comparison);
        if (comparison.divergent) {
            print_error("not the same:\n%s\nand\n%s\n", scripts[i & 1], scripts[i >> 1]);
            explain(&comparison);
        }
        assert_int_equal(comparison.divergent, 0);
        comparison_finish(&comparison);
    }
}

/* Each difference is of one group, and each of those that are kept of one that was counted. */
static void assert_groups_add_up(const struct comparison *comparison) {
    uint64_t counted = 0;
    uint64_t kept[DIFFERENCE_GROUPS] = {0};
    for (size_t i = 0; i < comparison->difference_count; i++) {
        kept[comparison->differences[i].group]++;
    }
    for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
        counted += comparison->divergent_group[group];
        if (comparison->differences_left_out == 0) {
            assert_int_equal(kept[group], comparison->divergent_group[group]);
        }
        assert_true(kept[group] <= comparison->divergent_group[group]);
    }
    assert_int_equal(counted, comparison->divergent);
}

static void assert_differ(const char *golden, const char *new, const char *subject) {
    struct comparison there;
    struct comparison back;
    assert_same(golden, golden);
    assert_same(new, new);
    compare_scripts(golden, SCRIPT_PLAIN, new, SCRIPT_PLAIN, &there);
    compare_scripts(new, SCRIPT_PLAIN, golden, SCRIPT_PLAIN, &back);
    if (there.divergent == 0) {
        print_error("not different:\n%s\nand\n%s\n", golden, new);
    }
    assert_true(there.divergent > 0);
    assert_groups_add_up(&there);
    assert_groups_add_up(&back);
    assert_memory_equal(there.divergent_group, back.divergent_group, sizeof(there.divergent_group));
    assert_int_equal(there.divergent, back.divergent);
    assert_int_equal(there.matched, back.matched);
    assert_true(there.confidence == back.confidence);
    assert_true(there.difference_count > 0);
    if (!strstr(there.differences[0].subject, subject)) {
        explain(&there);
    }
    assert_non_null(strstr(there.differences[0].subject, subject));
    comparison_finish(&there);
    comparison_finish(&back);
}

#define OPEN(path, flags, fd) "openat(AT_FDCWD;" path ";" flags ";0644) = " fd "\n"
#define NEW_FILE "O_WRONLY|O_CREAT|O_TRUNC"

/* ------------------------------------------------------------------------ bytes */

static void test_how_bytes_are_cut_into_calls(void **state) {
    (void)state;
    assert_same("write(1;hello$;6) = 6\n", "write(1;hel;3) = 3\nwrite(1;lo$;3) = 3\n");
    assert_same("write(1;hello$;6) = 6\n",
                "writev(1;[{iov_base=\"he\", iov_len=2}, {iov_base=\"llo\\n\", iov_len=4}];2) = 6\n");
    /* What was asked for and not written does not count; what failed neither. */
    assert_same("write(1;hello$;6) = 6\n", "write(1;hello$;6) = 4\nwrite(1;xx;2) = -4\nwrite(1;o$;2) = 2\n");
    assert_differ("write(1;hello$;6) = 6\n", "write(1;hellO$;6) = 6\n", "standard output");
    assert_differ("write(1;hello$;6) = 6\n", "write(1;hello$;6) = 5\n", "standard output");
    assert_differ("write(1;a;1) = 1\nwrite(1;b;1) = 1\n", "write(1;b;1) = 1\nwrite(1;a;1) = 1\n", "standard output");
    assert_differ("write(1;a;1) = 1\n", "write(2;a;1) = 1\n", "standard output");
    assert_differ("writev(1;[{iov_base=\"he\", iov_len=2}];1) = 2\n",
                  "writev(1;[{iov_base=\"hi\", iov_len=2}];1) = 2\n", "standard output");
}

static void test_targets_are_not_ordered(void **state) {
    (void)state;
    assert_same(OPEN("a", NEW_FILE, "3")
                    OPEN("b", NEW_FILE, "4") "write(3;1;1) = 1\nwrite(4;2;1) = 1\nwrite(1;3;1) = 1\n",
                OPEN("b", NEW_FILE, "3") "write(1;3;1) = 1\nwrite(3;2;1) = 1\nclose(3) = 0\n" OPEN(
                    "a", NEW_FILE, "3") "write(3;1;1) = 1\n");
    assert_differ(OPEN("a", NEW_FILE, "3") "write(3;1;1) = 1\n", OPEN("b", NEW_FILE, "3") "write(3;1;1) = 1\n",
                  "file a");
}

static void test_descriptors(void **state) {
    (void)state;
    static const char direct[] = OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n";
    assert_same(direct, OPEN("f", NEW_FILE, "3") "dup2(3;1) = 1\nclose(3) = 0\nwrite(1;ab;2) = 2\n");
    assert_same(direct,
                OPEN("f", NEW_FILE, "3") "fcntl(3;F_DUPFD_CLOEXEC;10) = 10\nclose(3) = 0\nwrite(10;ab;2) = 2\n");
    assert_same(direct,
                OPEN("f", NEW_FILE, "7") "dup(7) = 3\ndup3(3;9;O_CLOEXEC) = 9\nwrite(9;a;1) = 1\nwrite(7;b;1) = 1\n");
    assert_same("write(1;x;1) = 1\n", "dup(1) = 5\nwrite(5;x;1) = 1\n");
    assert_same("write(1;x;1) = 1\n", "openat(AT_FDCWD;/dev/stdout;O_WRONLY) = 5\nwrite(5;x;1) = 1\n");
    /* A number that was closed and is used again stands for the new file. */
    assert_same(
        OPEN("f", NEW_FILE, "3") "write(3;1;1) = 1\nclose(3) = 0\n" OPEN("g", NEW_FILE, "3") "write(3;2;1) = 1\n",
        OPEN("f", NEW_FILE, "3") OPEN("g", NEW_FILE, "4") "write(3;1;1) = 1\nwrite(4;2;1) = 1\n");
}

static void test_positions_in_a_file(void **state) {
    (void)state;
    static const char plain[] = OPEN("f", NEW_FILE, "3") "write(3;abcd;4) = 4\n";
    assert_same(plain, OPEN("f", NEW_FILE, "3") "pwrite64(3;ab;2;0) = 2\npwrite64(3;cd;2;2) = 2\n");
    assert_same(plain, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nlseek(3;0;SEEK_CUR) = 2\nwrite(3;cd;2) = 2\n");
    assert_same(plain, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nclose(3) = 0\n" OPEN("f", "O_WRONLY|O_APPEND",
                                                                                         "3") "write(3;cd;2) = 2\n");
    assert_differ(plain, OPEN("f", NEW_FILE, "3") "pwrite64(3;ab;2;0) = 2\npwrite64(3;cd;2;3) = 2\n", "file f");
    assert_differ(plain, OPEN("f", NEW_FILE, "3") "lseek(3;1;SEEK_SET) = 1\nwrite(3;abcd;4) = 4\n", "file f");
    assert_differ(OPEN("f", "O_WRONLY|O_APPEND", "3") "write(3;ab;2) = 2\n",
                  OPEN("f", "O_WRONLY", "3") "write(3;ab;2) = 2\n", "file f");
    assert_differ(plain, OPEN("f", "O_WRONLY", "3") "write(3;abcd;4) = 4\n", "file f");
    assert_differ(plain, OPEN("f", NEW_FILE, "3") "write(3;abcd;4) = 4\nftruncate(3;2) = 0\n", "file f");
    assert_same(plain, OPEN("f", NEW_FILE, "3") "write(3;abcd;4) = 4\nftruncate(3;4) = 0\n");
}

static void test_content_that_is_cut(void **state) {
    (void)state;
    struct comparison comparison;
    static const char cut[] = "write(1;ab;4) = 4 # \"cut\":{\"1\":4}\nwrite(1;ef;2) = 2\n";
    assert_same(cut, "write(1;abcdef;6) = 6\n");
    assert_same(cut, "write(1;abXYe;5) = 5\nwrite(1;f;1) = 1\n");
    assert_differ(cut, "write(1;aXcdef;6) = 6\n", "standard output");
    assert_differ(cut, "write(1;abcdeX;6) = 6\n", "standard output");
    compare_scripts(cut, SCRIPT_PLAIN, "write(1;abcdef;6) = 6\n", SCRIPT_PLAIN, &comparison);
    assert_int_equal(comparison.content_bytes, 4);
    assert_int_equal(comparison.length_bytes, 2);
    /* Output (4 of 6 bytes, and half of the other two) and exit status. */
    assert_true(comparison.confidence > 0.916 && comparison.confidence < 0.917);
    comparison_finish(&comparison);
}

static void test_the_first_difference_is_shown(void **state) {
    (void)state;
    struct comparison comparison;
    compare_scripts("write(1;the quick fox;13) = 13\n", SCRIPT_PLAIN, "write(1;the quicK;9) = 9\nwrite(1; fox;4) = 4\n",
                    SCRIPT_PLAIN, &comparison);
    assert_int_equal(comparison.divergent, 1);
    assert_int_equal(comparison.difference_count, 1);
    assert_int_equal(comparison.differences[0].kind, DIFFERENCE_CHANGED);
    assert_string_equal(comparison.differences[0].subject, "bytes written to standard output");
    assert_string_equal(comparison.differences[0].detail[SIDE_GOLDEN],
                        "13 bytes written; from byte 8 on \"the quick fox\"");
    assert_string_equal(comparison.differences[0].detail[SIDE_NEW], "13 bytes written; from byte 8 on \"the quicK\"");
    assert_true(comparison.differences[0].line[SIDE_GOLDEN] > 0);
    assert_true(comparison.confidence == 1.0);
    comparison_finish(&comparison);
}

/* ------------------------------------------------------------------------ files */

static void test_what_is_done_to_a_file_is_ordered(void **state) {
    (void)state;
    static const char golden[] = OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nclose(3) = 0\nrename(f;g) = 0\n";
    assert_same(golden, OPEN("./f", NEW_FILE,
                             "5") "write(5;a;1) = 1\nwrite(5;b;1) = 1\nrenameat2(AT_FDCWD;f;AT_FDCWD;x/../g;0) = 0\n");
    assert_differ(golden, OPEN("f", NEW_FILE, "3") "write(3;a;1) = 1\nrename(f;g) = 0\nwrite(3;b;1) = 1\n", "file f");
    assert_differ(golden, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nclose(3) = 0\nrename(f;h) = 0\n", "file f");
    assert_differ(golden, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nclose(3) = 0\n", "file f");
    assert_differ("unlink(f) = 0\n", "unlink(g) = 0\n", "file f");
    assert_same("unlink(f) = 0\n", "unlink(nothing) = -2\nunlinkat(AT_FDCWD;f;0) = 0\n");
    assert_same("unlink(f) = 0\nmkdir(d;0777) = 0\n", "mkdirat(AT_FDCWD;d;0755) = 0\nunlink(f) = 0\n");
    assert_differ("mkdir(d;0777) = 0\nrmdir(d) = 0\n", "mkdir(d;0777) = 0\n", "file d");
    assert_differ("symlink(a;l) = 0\n", "symlink(b;l) = 0\n", "file l");
    assert_same("symlink(a;l) = 0\n", "symlinkat(a;AT_FDCWD;l) = 0\n");
    assert_differ("link(a;l) = 0\n", "link(a;m) = 0\n", "file a");
    assert_differ("chmod(a;0644) = 0\n", "chmod(a;0600) = 0\n", "file a");
    assert_same("chmod(a;0644) = 0\n", OPEN("a", "O_RDONLY", "3") "fchmod(3;0644) = 0\n");
    assert_differ("truncate(a;5) = 0\n", "truncate(a;6) = 0\n", "file a");
    assert_differ("setxattr(a;user.x;1;1;0) = 0\n", "setxattr(a;user.x;2;1;0) = 0\n", "file a");
    assert_differ("chown(a;1;2) = 0\n", "chown(a;1;3) = 0\n", "file a");
}

static void test_one_name_stands_for_one_file_after_the_other(void **state) {
    (void)state;
    static const char golden[] = OPEN("f", NEW_FILE, "3") "write(3;1;1) = 1\nclose(3) = 0\nunlink(f) = 0\n" OPEN(
        "f", NEW_FILE, "3") "write(3;2;1) = 1\n";
    assert_same(golden, golden);
    assert_differ(golden,
                  OPEN("f", NEW_FILE, "3") "write(3;2;1) = 1\nclose(3) = 0\nunlink(f) = 0\n" OPEN(
                      "f", NEW_FILE, "3") "write(3;1;1) = 1\n",
                  "file f");
}

static void test_paths(void **state) {
    (void)state;
    static const char golden[] = OPEN("d/f", NEW_FILE, "3") "write(3;1;1) = 1\n";
    assert_same(golden, "chdir(d) = 0\n" OPEN("f", NEW_FILE, "3") "write(3;1;1) = 1\n");
    assert_same(golden, OPEN("d", "O_RDONLY|O_DIRECTORY", "4") "openat(4;f;" NEW_FILE ";0644) = 3\nwrite(3;1;1) = 1\n");
    assert_same(golden, OPEN("d", "O_RDONLY|O_DIRECTORY", "4") "fchdir(4) = 0\nopen(f;" NEW_FILE
                                                               ";0644) = 3\nwrite(3;1;1) = 1\n");
    assert_same(golden, "chdir(d/e) = 0\n" OPEN("..//./f", NEW_FILE, "3") "write(3;1;1) = 1\n");
    /* Where a trace says the directory that it was started in, paths are relative to it. */
    assert_same(golden,
                "openat(AT_FDCWD;/home/x/d/f;" NEW_FILE ";0644) = 3 # \"fds\":{\"0\":\"/home/x\"}\nwrite(3;1;1) = 1\n");
    assert_same("openat(AT_FDCWD;/a/f;" NEW_FILE ";0644) = 3 # \"fds\":{\"0\":\"/a\"}\n",
                "openat(AT_FDCWD;/b/f;" NEW_FILE ";0644) = 3 # \"fds\":{\"0\":\"/b\"}\n");
    assert_differ(golden, OPEN("f", NEW_FILE, "3") "write(3;1;1) = 1\n", "file d/f");
}

static void test_files_that_are_read(void **state) {
    (void)state;
    static const char golden[] = OPEN("data", "O_RDONLY", "3") "read(3;0x7f00;4096) = 10\nread(3;0x7f00;4096) = 0\n";
    assert_same(golden, OPEN("data", "O_RDONLY", "3") "mmap(NULL;10;PROT_READ;MAP_PRIVATE;3;0) = 4096\n");
    assert_same(golden, OPEN("other", "O_RDONLY", "3") "close(3) = 0\n" OPEN("data", "O_RDONLY",
                                                                             "3") "pread64(3;0x7f00;10;0) = 10\n");
    assert_differ(golden, OPEN("date", "O_RDONLY", "3") "read(3;0x7f00;4096) = 10\n", "file read: data");
    assert_differ(golden, "", "file read: data");
    /* What is seen of the content counts. */
    assert_differ(OPEN("data", "O_RDONLY", "3") "read(3;abc;9) = 3\nread(3;;9) = 0\n",
                  OPEN("data", "O_RDONLY", "3") "read(3;abd;9) = 3\nread(3;;9) = 0\n", "file read: data");
    assert_same(OPEN("data", "O_RDONLY", "3") "read(3;abc;9) = 3\nread(3;;9) = 0\n",
                OPEN("data", "O_RDONLY", "3") "read(3;ab;2) = 2\nread(3;c;2) = 1\nread(3;;2) = 0\n");
    assert_same(OPEN("data", "O_RDONLY", "3") "read(3;abc;9) = 3\nread(3;;9) = 0\n", golden);
}

static void test_temporary_names(void **state) {
    (void)state;
#define TEMPORARY(name) "openat(AT_FDCWD;/tmp/" name ";O_RDWR|O_CREAT|O_EXCL;0600) = 3\nwrite(3;1;1) = 1\n"
    assert_same(TEMPORARY("tmpabcdefgh") "unlink(/tmp/tmpabcdefgh) = 0\n",
                TEMPORARY("tmp12xy_zab") "unlink(/tmp/tmp12xy_zab) = 0\n");
    assert_same(TEMPORARY("sed1A2b3C") "rename(/tmp/sed1A2b3C;f) = 0\n",
                TEMPORARY("sedXyZ123") "rename(/tmp/sedXyZ123;f) = 0\n");
    assert_differ(TEMPORARY("tmpabcdefgh"), TEMPORARY("tmpabcdefgh") TEMPORARY("tmpabcdefgi"), "file /tmp/*");
    /* In a directory of such a name. */
    assert_same("mkdir(/tmp/tmpabcdefgh;0700) = 0\n" OPEN("/tmp/tmpabcdefgh/f", NEW_FILE, "3"),
                "mkdir(/tmp/tmp01234567;0700) = 0\n" OPEN("/tmp/tmp01234567/f", NEW_FILE, "3"));
    assert_differ("mkdir(/tmp/tmpabcdefgh;0700) = 0\n" OPEN("/tmp/tmpabcdefgh/f", NEW_FILE, "3"),
                  "mkdir(/tmp/tmp01234567;0700) = 0\n" OPEN("/tmp/tmp01234567/g", NEW_FILE, "3"), "file /tmp/*/f");
}

/* ---------------------------------------------------------------------- network */

#define SOCKET(type, fd) "socket(AF_INET;" type ";IPPROTO_IP) = " fd "\n"
#define INET(address, port) "{sa_family=AF_INET, sin_port=htons(" port "), sin_addr=inet_addr(\"" address "\")}"

static void test_peers(void **state) {
    (void)state;
    static const char golden[] =
        SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n"
                                                                       "sendto(3;GET /;5;0;NULL;0) = 5\n";
    assert_same(golden, SOCKET("SOCK_STREAM|SOCK_CLOEXEC",
                               "9") "connect(9;" INET("10.0.0.1", "80") ";16) = 0\n"
                                                                        "write(9;GET ;4) = 4\nwrite(9;/;1) = 1\n");
    assert_differ(golden,
                  SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "81") ";16) = 0\n"
                                                                                 "sendto(3;GET /;5;0;NULL;0) = 5\n",
                  "connection to 10.0.0.1:80");
    assert_differ(golden,
                  SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n"
                                                                                 "sendto(3;PUT /;5;0;NULL;0) = 5\n",
                  "connection to 10.0.0.1:80");
    assert_differ("", SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n",
                  "connection to 10.0.0.1:80");
    /* Asking for the way to a peer sends nothing. */
    assert_same("", SOCKET("SOCK_DGRAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n");
    assert_same("", "socket(AF_NETLINK;SOCK_RAW;NETLINK_ROUTE) = 3\nsendto(3;xx;2;0;NULL;0) = 2\n");
    assert_differ("", SOCKET("SOCK_DGRAM", "3") "sendto(3;xx;2;0;" INET("10.0.0.1", "53") ";16) = 2\n",
                  "connection to 10.0.0.1:53");
    /* Each datagram is one of its own. */
    assert_differ(SOCKET("SOCK_DGRAM", "3") "sendto(3;xx;2;0;" INET("10.0.0.1", "53") ";16) = 2\n",
                  SOCKET("SOCK_DGRAM", "3") "sendto(3;x;1;0;" INET("10.0.0.1", "53") ";16) = 1\n"
                                                                                     "sendto(3;x;1;0;" INET(
                                                                                         "10.0.0.1", "53") ";16) = 1\n",
                  "connection to 10.0.0.1:53");
    assert_differ(SOCKET("SOCK_STREAM", "3") "bind(3;" INET("0.0.0.0", "80") ";16) = 0\nlisten(3;5) = 0\n",
                  SOCKET("SOCK_STREAM", "3") "bind(3;" INET("0.0.0.0", "81") ";16) = 0\nlisten(3;5) = 0\n",
                  "listening on 0.0.0.0:80");
}

static void test_a_port_that_the_system_chose(void **state) {
    (void)state;
#define SERVER(port)                                                                                                   \
    SOCKET("SOCK_STREAM", "3")                                                                                         \
    "bind(3;" INET("127.0.0.1", "0") ";16) = 0\nlisten(3;5) = 0\n" SOCKET("SOCK_STREAM", "4") "connect(4;" INET(       \
        "127.0.0.1", port) ";16) = 0\naccept4(3;NULL;NULL;0) = 5\nwrite(5;x;1) = 1\n"
    assert_same(SERVER("40000"), SERVER("40001"));
    assert_differ(SERVER("40000"), SERVER("80"), "connection to 127.0.0.1");
}

/* ---------------------------------------------------------------------- processes */

#define START "1 execve(/bin/prog;[\"prog\"];0x1 /* 3 vars */) = 0\n"

static void test_programs_that_are_executed(void **state) {
    (void)state;
    static const char golden[] = START "2 execve(/bin/ls;[\"ls\", \"-l\"];0x1 /* 3 vars */) = 0\n1 vfork() = 2\n"
                                       "1 wait4(2;NULL;0;NULL) = 2\n";
    assert_same(golden, "1 execve(/bin/other;[\"other\", \"x\"];0x1 /* 3 vars */) = 0\n1 clone(SIGCHLD;NULL) = 7\n"
                        "7 execve(/usr/bin/ls;[\"ls\", \"-l\"];0x1 /* 3 vars */) = -2\n"
                        "7 execve(/bin/ls;[\"ls\", \"-l\"];0x1 /* 4 vars */) = 0\n");
    assert_differ(golden, START "2 execve(/bin/ls;[\"ls\", \"-a\"];0x1 /* 3 vars */) = 0\n1 vfork() = 2\n",
                  "program executed: /bin/ls");
    assert_differ(golden, START, "program executed: /bin/ls");
    assert_differ(golden,
                  START "2 execve(/bin/ls;[\"ls\", \"-l\"];0x1) = 0\n1 vfork() = 2\n"
                        "3 execve(/bin/ls;[\"ls\", \"-l\"];0x1) = 0\n1 vfork() = 3\n",
                  "program executed: /bin/ls");
    assert_same(golden, START "2 execve(/bin/ls;[\"ls\", \"-\"...];0x1 /* 3 vars */) = 0\n1 vfork() = 2\n");
    /* A child that only ends, and a launcher. */
    assert_same(START, START "1 fork() = 2\n2 exit_group(0) = ?\n");
    assert_same(START, "1 execve(/usr/bin/env;[\"env\", \"prog\"];0x1) = 0\n" START);
}

/* What a script does to find the program that it puts in its place says nothing of the program; what it does beside
 * that does. */
static void test_scripts_that_launch(void **state) {
    (void)state;
#define SEARCH                                                                                                         \
    "1 execve(/usr/bin/bash;[\"bash\", \"/shims/prog\"];0x1) = 0\n1 openat(AT_FDCWD;/shims/prog;O_RDONLY) = 3\n"       \
    "1 read(3;0x7f00;4096) = 100\n2 execve(/usr/bin/which;[\"which\", \"prog\"];0x1) = 0\n1 fork() = 2\n"              \
    "1 openat(AT_FDCWD;/home/version;O_RDONLY) = 4\n1 read(4;0x7f00;10) = 10\n"                                        \
    "1 openat(AT_FDCWD;/dev/null;" NEW_FILE ";0666) = 5\n1 write(5;x;1) = 1\n"
#define REAL "1 execve(/opt/bin/prog;[\"prog\"];0x1) = 0\n1 write(1;ab;2) = 2\n"
    assert_same(START "1 write(1;ab;2) = 2\n", "1 execve(/shims/prog;[\"prog\"];0x1) = 0\n" SEARCH REAL);
    assert_same(START "1 write(1;ab;2) = 2\n", "1 execve(/shims/prog;[\"prog\"];0x1) = 0\n" SEARCH SEARCH REAL);
    assert_differ(START "1 write(1;ab;2) = 2\n",
                  "1 execve(/shims/prog;[\"prog\"];0x1) = 0\n" SEARCH "1 write(2;no;2) = 2\n" REAL,
                  "program executed: /usr/bin/which");
    assert_differ(START "1 write(1;ab;2) = 2\n",
                  "1 execve(/shims/prog;[\"prog\"];0x1) = 0\n" SEARCH "1 write(1;ab;2) = 2\n",
                  "program executed: /usr/bin/which");
}

static void test_children_have_their_parents_descriptors(void **state) {
    (void)state;
    static const char golden[] = START "1 openat(AT_FDCWD;f;" NEW_FILE ";0644) = 3\n1 write(3;ab;2) = 2\n";
    assert_same(golden, START "1 openat(AT_FDCWD;f;" NEW_FILE
                              ";0644) = 3\n1 fork() = 2\n1 close(3) = 0\n2 write(3;ab;2) = 2\n");
    /* The child's first calls may stand before the one that made it. */
    assert_same(golden,
                START "1 openat(AT_FDCWD;f;" NEW_FILE ";0644) = 3\n2 dup2(3;1) = 1\n2 close(3) = 0\n1 vfork() = 2\n"
                      "1 close(3) = 0\n2 write(1;ab;2) = 2\n");
    /* Closed at exec: the number stands for the new file. */
    assert_same(golden, START "1 openat(AT_FDCWD;f;" NEW_FILE ";0644) = 3\n1 write(3;ab;2) = 2\n1 close(3) = 0\n"
                              "1 openat(AT_FDCWD;/etc/ld.so.cache;O_RDONLY|O_CLOEXEC) = 3\n");
    /* What goes through a pipe is seen at its end. */
    assert_same(START "1 write(1;ab;2) = 2\n", START "1 pipe2([3, 4];O_CLOEXEC) = 0\n1 fork() = 2\n2 write(4;ab;2) = "
                                                     "2\n1 read(3;0x7f00;2) = 2\n1 write(1;ab;2) = 2\n");
    assert_same(START "1 write(1;ab;2) = 2\n", START
                "1 pipe2(0x7ff00;0) = 0\n1 fork() = 2\n2 dup2(4;1) = 1\n2 write(1;ab;2) = 2\n1 write(1;ab;2) = 2\n");
    assert_same(START, START "1 eventfd2(0;0) = 3\n1 write(3;xxxxxxxx;8) = 8\n");
}

static void test_threads_come_in_any_order(void **state) {
    (void)state;
#define THREAD(text, tid) "write(1;" text ";2) = 2 # \"pid\":1,\"tid\":" tid "\n"
    assert_same(THREAD("a$", "1") THREAD("b$", "2") THREAD("c$", "3") THREAD("d$", "2"),
                THREAD("a$", "1") THREAD("b$", "2") THREAD("d$", "2") THREAD("c$", "3"));
    assert_same(THREAD("a$", "1") THREAD("b$", "2"), THREAD("b$", "2") THREAD("a$", "1"));
    assert_differ(THREAD("a$", "1") THREAD("b$", "2") THREAD("c$", "3") THREAD("d$", "2"),
                  THREAD("a$", "1") THREAD("d$", "2") THREAD("b$", "2") THREAD("c$", "3"), "standard output");
    assert_differ(THREAD("a$", "1") THREAD("b$", "2") THREAD("c$", "3"),
                  THREAD("a$", "1") THREAD("b$", "2") THREAD("e$", "3"), "standard output");
}

/* Children that are waited for one after another are ordered, those side by side are not. */
static void test_children_are_ordered_by_waiting(void **state) {
    (void)state;
#define CHILD(pid, text) "1 fork() = " pid "\n" pid " write(1;" text ";2) = 2\n1 wait4(" pid ";NULL;0;NULL) = " pid "\n"
    assert_differ(START CHILD("2", "x$") CHILD("3", "y$"), START CHILD("2", "y$") CHILD("3", "x$"), "standard output");
    assert_differ(START CHILD("2", "x$") "1 write(1;z$;2) = 2\n", START "1 write(1;z$;2) = 2\n" CHILD("2", "x$"),
                  "standard output");
    assert_same(START "1 fork() = 2\n1 fork() = 3\n2 write(1;x$;2) = 2\n3 write(1;y$;2) = 2\n"
                      "1 wait4(-1;NULL;0;NULL) = 2\n1 wait4(-1;NULL;0;NULL) = 3\n",
                START "1 fork() = 2\n1 fork() = 3\n3 write(1;y$;2) = 2\n2 write(1;x$;2) = 2\n"
                      "1 wait4(-1;NULL;0;NULL) = 3\n1 wait4(-1;NULL;0;NULL) = 2\n");
    /* Side by side first, then one behind. */
    assert_differ(START "1 fork() = 2\n1 fork() = 3\n2 write(1;x$;2) = 2\n3 write(1;y$;2) = 2\n"
                        "1 wait4(-1;NULL;0;NULL) = 2\n1 wait4(-1;NULL;0;NULL) = 3\n" CHILD("4", "z$"),
                  START CHILD("4", "z$") "1 fork() = 2\n1 fork() = 3\n2 write(1;x$;2) = 2\n3 write(1;y$;2) = 2\n"
                                         "1 wait4(-1;NULL;0;NULL) = 2\n1 wait4(-1;NULL;0;NULL) = 3\n",
                  "standard output");
}

/* ------------------------------------------------------------------------- the end */

static void test_exit_status_and_signals(void **state) {
    (void)state;
    assert_differ("!status 0\n", "!status 3\n", "exit status");
    static const char with[] = "!event {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGTERM\",\"code\":0}\n";
    static const char other[] = "!event {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGINT\",\"code\":0}\n";
    static const char child[] = "!event {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGCHLD\",\"code\":1}\n";
    static const char started[] = "!event {\"event\":\"exec\",\"pid\":1,\"tid\":1}\n";
    assert_differ(with, other, "SIG");
    assert_differ(with, child, "signal received: SIGTERM");
    assert_same(child, started);
    assert_same(with, ""); /* not recorded */
}

/* ------------------------------------------------------------------- what does not count */

static void test_what_does_not_count(void **state) {
    (void)state;
    static const char golden[] = "write(1;x;1) = 1\n";
    assert_same(
        golden,
        "brk(NULL) = 4096\nmmap(NULL;8192;PROT_READ|PROT_WRITE;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 4096\n"
        "munmap(0x1000;8192) = 0\nfutex(0x1000;FUTEX_WAKE_PRIVATE;1) = 0\nclock_gettime(CLOCK_MONOTONIC;0x1) = 0\n"
        "getpid() = 5\naccess(/etc/ld.so.preload;R_OK) = -2\nioctl(1;TCGETS;0x1) = 0\nwrite(1;x;1) = 1\n");
    static const char *const dull[] = {
        "/etc/ld.so.cache",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib/locale/locale-archive",
        "/etc/localtime",
        "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache",
        "/proc/self/maps",
        "/dev/urandom",
        "/etc/nsswitch.conf",
        "/usr/lib/python3.11/os.py",
        "/usr/lib/python3.11/__pycache__/os.cpython-311.pyc",
        "/opt/plugin.so",
    };
    for (size_t i = 0; i < COUNT_OF(dull); i++) {
        char script[256];
        snprintf(script, sizeof(script), "openat(AT_FDCWD;%s;O_RDONLY|O_CLOEXEC) = 3\nread(3;0x7f00;832) = 832\n%s",
                 dull[i], golden);
        assert_same(golden, script);
    }
    assert_same(golden, "openat(AT_FDCWD;/dev/null;O_WRONLY) = 3\nwrite(3;yy;2) = 2\nwrite(1;x;1) = 1\n");
    assert_same(golden, "openat(AT_FDCWD;plugin;O_RDONLY) = 3\nread(3;0x7f00;832) = 832\n"
                        "mmap(NULL;10;PROT_READ|PROT_EXEC;MAP_PRIVATE;3;0) = 4096\nwrite(1;x;1) = 1\n");
}

static void test_the_code_of_an_interpreter(void **state) {
    (void)state;
#define READ(path) "1 openat(AT_FDCWD;" path ";O_RDONLY) = 3\n1 read(3;0x7f00;100) = 100\n"
    assert_same(START,
                "1 execve(/usr/bin/python3.11;[\"python3\", \"-u\", \"tool\"];0x1) = 0\n" READ("tool") READ("lib.py"));
    assert_same(START, "1 execve(./script;[\"./script\"];0x1) = 0\n" READ("./script"));
    /* The same files, read by a program that is none. */
    assert_differ(START, START READ("lib.py"), "file read: lib.py");
    assert_differ(START,
                  "1 execve(/usr/bin/python3.11;[\"python3\", \"tool\"];0x1) = 0\n" READ("tool") READ("data.txt"),
                  "file read: data.txt");
}

static void test_targets_that_are_ignored(void **state) {
    (void)state;
    static const char *const patterns[] = {"/var/log/*", "*.tmp", "10.0.0.1:*"};
    const struct semantic_options options = {patterns, COUNT_OF(patterns)};
    char *golden = script_document("write(1;x;1) = 1\n", SCRIPT_PLAIN);
    char *new = script_document(
        "write(1;x;1) = 1\n" OPEN("/var/log/app/x", NEW_FILE, "3") "write(3;y;1) = 1\n" OPEN(
            "a.tmp", NEW_FILE,
            "4") "rename(a.tmp;b) = 0\n" SOCKET("SOCK_STREAM", "5") "connect(5;" INET("10.0.0.1", "80") ";16) = 0\n",
        SCRIPT_PLAIN);
    struct comparison comparison;
    compare(golden, new, &options, &comparison);
    assert_int_equal(comparison.divergent, 0);
    assert_int_equal(comparison.matched, 2);
    comparison_finish(&comparison);
    free(golden);
    free(new);
}

/* ----------------------------------------------------------------------- groups */

/* How many differences are of which group, both ways round. */
static void assert_groups(const char *golden, const char *new, uint64_t output, uint64_t writes, uint64_t files,
                          uint64_t other) {
    const uint64_t expected[DIFFERENCE_GROUPS] = {output, writes, files, other};
    const char *scripts[SIDES] = {golden, new};
    for (enum side side = 0; side < SIDES; side++) {
        struct comparison comparison;
        compare_scripts(scripts[side], SCRIPT_PLAIN, scripts[!side], SCRIPT_PLAIN, &comparison);
        for (enum difference_group group = 0; group < DIFFERENCE_GROUPS; group++) {
            if (comparison.divergent_group[group] != expected[group]) {
                print_error("%s:\n%s\nand\n%s\n", difference_group_name(group), golden, new);
                explain(&comparison);
            }
            assert_int_equal(comparison.divergent_group[group], expected[group]);
        }
        assert_groups_add_up(&comparison);
        comparison_finish(&comparison);
    }
}

static void test_groups_of_output_and_writes(void **state) {
    (void)state;
    assert_groups("write(1;a;1) = 1\n", "write(1;a;1) = 1\n", 0, 0, 0, 0);
    assert_groups("write(1;a;1) = 1\n", "write(1;b;1) = 1\n", 1, 0, 0, 0);
    assert_groups("write(1;a;1) = 1\n", "write(2;a;1) = 1\n", 2, 0, 0, 0);
    assert_groups("write(1;a;1) = 1\n", "", 1, 0, 0, 0);
    assert_groups("write(0;a;1) = 1\n", "", 0, 1, 0, 0);
    /* Seen in part, so that only looking again tells. */
    assert_groups("write(1;ab;4) = 4 # \"cut\":{\"1\":4}\n", "write(1;aXcd;4) = 4\n", 1, 0, 0, 0);
    assert_groups(OPEN("f", NEW_FILE, "3") "write(3;ab;4) = 4 # \"cut\":{\"1\":4}\n",
                  OPEN("f", NEW_FILE, "3") "write(3;aXcd;4) = 4\n", 0, 1, 0, 0);
    assert_groups(OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n", OPEN("f", NEW_FILE, "3") "write(3;ax;2) = 2\n", 0, 1,
                  0, 0);
    assert_groups(OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n", OPEN("f", NEW_FILE, "3"), 0, 1, 0, 0);
    /* A file that only one side has written, and what one has renamed as well. */
    assert_groups(OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n", "", 0, 1, 0, 0);
    assert_groups(OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n",
                  OPEN("f", NEW_FILE, "3") "write(3;ax;2) = 2\nrename(f;g) = 0\n", 0, 1, 0, 0);
    static const char peer[] = SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n";
    char sends[SIDES][512];
    snprintf(sends[0], sizeof(sends[0]), "%swrite(3;GET;3) = 3\n", peer);
    snprintf(sends[1], sizeof(sends[1]), "%swrite(3;PUT;3) = 3\n", peer);
    assert_groups(sends[0], sends[1], 0, 1, 0, 0);
    assert_groups(sends[0], peer, 0, 1, 0, 0);
    assert_groups(sends[0], "", 0, 1, 0, 0);
}

static void test_groups_of_files(void **state) {
    (void)state;
    static const char written[] = OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\n";
    assert_groups(OPEN("f", NEW_FILE, "3"), "", 0, 0, 1, 0);
    assert_groups(written, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nrename(f;g) = 0\n", 0, 0, 1, 0);
    assert_groups(written, OPEN("f", NEW_FILE, "3") "write(3;ab;2) = 2\nftruncate(3;1) = 0\n", 0, 0, 1, 0);
    assert_groups(written, OPEN("f", NEW_FILE, "3") "lseek(3;1;SEEK_SET) = 1\nwrite(3;ab;2) = 2\n", 0, 0, 1, 0);
    assert_groups("unlink(f) = 0\n", "unlink(g) = 0\n", 0, 0, 2, 0);
    assert_groups("chmod(a;0644) = 0\n", "chmod(a;0600) = 0\n", 0, 0, 1, 0);
    assert_groups(OPEN("f", "O_RDONLY", "3") "read(3;0x7f00;10) = 10\n", "", 0, 0, 1, 0);
    assert_groups(OPEN("f", "O_RDONLY", "3") "read(3;abc;9) = 3\nread(3;;9) = 0\n",
                  OPEN("f", "O_RDONLY", "3") "read(3;abd;9) = 3\nread(3;;9) = 0\n", 0, 0, 1, 0);
    /* Read by one side, and written alike by both. */
    assert_groups(OPEN("f", "O_RDWR", "3") "read(3;0x7f00;2) = 2\nwrite(3;ab;2) = 2\n",
                  OPEN("f", "O_RDWR", "3") "lseek(3;2;SEEK_SET) = 2\nwrite(3;ab;2) = 2\n", 0, 0, 1, 0);
}

static void test_groups_of_the_rest(void **state) {
    (void)state;
    assert_groups("!status 0\n", "!status 3\n", 0, 0, 0, 1);
    assert_groups(START "2 execve(/bin/ls;[\"ls\"];0x1) = 0\n1 vfork() = 2\n", START, 0, 0, 0, 1);
    assert_groups(START "2 execve(/bin/ls;[\"ls\"];0x1) = 0\n1 vfork() = 2\n",
                  START "2 execve(/bin/ls;[\"ls\", \"-l\"];0x1) = 0\n1 vfork() = 2\n", 0, 0, 0, 1);
    assert_groups(SOCKET("SOCK_STREAM", "3") "connect(3;" INET("10.0.0.1", "80") ";16) = 0\n", "", 0, 0, 0, 1);
    assert_groups("!event {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGTERM\",\"code\":0}\n",
                  "!event {\"event\":\"signal\",\"pid\":1,\"tid\":1,\"signal\":\"SIGINT\",\"code\":0}\n", 0, 0, 0, 2);
    assert_groups("write(1;a;1) = 1\nunlink(f) = 0\n" OPEN("g", NEW_FILE, "3") "write(3;x;1) = 1\n!status 0\n",
                  "write(1;b;1) = 1\nunlink(h) = 0\n" OPEN("g", NEW_FILE, "3") "write(3;y;1) = 1\n!status 1\n", 1, 1, 2,
                  1);
}

/* Those that are not told are counted as well. */
static void test_groups_of_many(void **state) {
    (void)state;
    struct text script = {0};
    for (unsigned i = 0; i < 3 * DIFFERENCES_MAX; i++) {
        char line[64];
        snprintf(line, sizeof(line), "unlink(f%u) = 0\n", i);
        text_add_string(&script, line);
    }
    assert_groups(script.bytes, "write(1;a;1) = 1\n", 1, 0, 3ULL * DIFFERENCES_MAX, 0);
    text_finish(&script);
}

/* -------------------------------------------------------------------- other traces */

static void test_traces_of_renacer_0_6(void **state) {
    (void)state;
    struct comparison comparison;
    static const char old[] =
        "openat(0xffffff9c;\"out\";0x241) = 3\nwrite(0x3;0x7f0011;0x5) = 5\nclose(0x3;0x0;0x0) = 0\n"
        "unknown(0x1;0x2;0x3) = 0\nwrite(0x1;0x7f0011;0x2) = 2\n";
    static const char new[] = OPEN("out", NEW_FILE, "3") "write(3;hello;5) = 5\nwrite(1;x$;2) = 2\n";
    compare_scripts(old, SCRIPT_OLD, new, SCRIPT_PLAIN, &comparison);
    explain(&comparison);
    assert_int_equal(comparison.divergent, 0);
    assert_int_equal(comparison.content_bytes, 0);
    assert_int_equal(comparison.length_bytes, 7);
    assert_true(comparison.confidence > 0.66 && comparison.confidence < 0.67);
    comparison_finish(&comparison);
    compare_scripts(old, SCRIPT_OLD, OPEN("out", NEW_FILE, "3") "write(3;hell;4) = 4\nwrite(1;x$;2) = 2\n",
                    SCRIPT_PLAIN, &comparison);
    assert_int_equal(comparison.divergent, 1);
    assert_true(comparison.confidence == 0.5);
    comparison_finish(&comparison);
}

/* A golden trace has each thread's calls together. */
static void test_golden_traces(void **state) {
    (void)state;
    struct comparison comparison;
    static const char golden[] =
        "openat(AT_FDCWD;f;" NEW_FILE ";0644) = 3 # \"pid\":1,\"tid\":1\n"
        "clone3(stack+0x10;88) = 2 # \"pid\":1,\"tid\":1\nclose(3) = 0 # \"pid\":1,\"tid\":1\n"
        "openat(AT_FDCWD;g;" NEW_FILE ";0644) = 3 # \"pid\":1,\"tid\":1\nwrite(3;g;1) = 1 # \"pid\":1,\"tid\":1\n"
        "write(3;f;1) = 1 # \"pid\":1,\"tid\":2\n";
    static const char plain[] =
        "openat(AT_FDCWD;f;" NEW_FILE ";0644) = 3 # \"pid\":11,\"tid\":11\n"
        "clone3(0x7f0010;88) = 12 # \"pid\":11,\"tid\":11\nwrite(3;f;1) = 1 # \"pid\":11,\"tid\":12\n"
        "close(3) = 0 # \"pid\":11,\"tid\":11\nopenat(AT_FDCWD;g;" NEW_FILE ";0644) = 3 # \"pid\":11,\"tid\":11\n"
        "write(3;g;1) = 1 # \"pid\":11,\"tid\":11\n";
    compare_scripts(golden, SCRIPT_GOLDEN, plain, SCRIPT_PLAIN, &comparison);
    explain(&comparison);
    assert_int_equal(comparison.divergent, 0);
    assert_true(comparison.confidence == 1.0);
    comparison_finish(&comparison);
}

static void test_what_a_side_costs(void **state) {
    (void)state;
    struct comparison comparison;
    compare_scripts(
        "mmap(NULL;8192;PROT_READ;MAP_PRIVATE;-1;0) = 4096 # \"duration_ns\":100\n"
        "mmap(NULL;8192;PROT_READ;MAP_PRIVATE;-1;0) = -12 # \"duration_ns\":11\n"
        "mremap(0x1000;8192;12288;MREMAP_MAYMOVE) = 4096\nmremap(0x1000;12288;4096;0) = 4096\n"
        "1 brk(NULL) = 1048576\n1 brk(0x102000) = 1056768\n2 brk(NULL) = 77\n1 brk(0x101000) = 1052672\n"
        "1 execve(/x;[\"x\"];0x1) = 0\n1 brk(NULL) = 9000000\n",
        SCRIPT_PLAIN,
        "brk(NULL) = ? # \"result_ref\":\"heap\"\nbrk(heap+0x21000) = ? # \"result_ref\":\"heap+0x21000\"\n",
        SCRIPT_GOLDEN, &comparison);
    assert_int_equal(comparison.cost[SIDE_GOLDEN].calls, 10);
    assert_true(comparison.cost[SIDE_GOLDEN].has_time);
    assert_int_equal(comparison.cost[SIDE_GOLDEN].time_ns, 111);
    assert_int_equal(comparison.cost[SIDE_GOLDEN].mapped_bytes, 8192 + 4096 + 8192);
    assert_int_equal(comparison.cost[SIDE_NEW].mapped_bytes, 0x21000);
    assert_false(comparison.cost[SIDE_NEW].has_time);
    comparison_finish(&comparison);
}

static void test_the_pair(void **state) {
    (void)state;
    const char *directory = getenv("TRACE_DATA");
    char paths[SIDES][512];
    char problem[256] = "";
    struct trace_reader *readers[SIDES];
    struct comparison comparison = {0};
    static const struct semantic_options none;
    static const char *const names[SIDES] = {"pair_python.json", "pair_rust.json"};
    assert_non_null(directory);
    for (enum side side = 0; side < SIDES; side++) {
        snprintf(paths[side], sizeof(paths[side]), "%s/%s", directory, names[side]);
        assert_int_equal(trace_reader_open(&readers[side], paths[side], problem, sizeof(problem)), 0);
    }
    assert_int_equal(compare_semantic(&comparison, readers, &none, problem, sizeof(problem)), 0);
    explain(&comparison);
    assert_int_equal(comparison.divergent, 0);
    assert_int_equal(comparison.matched, 2);
    assert_true(comparison.confidence == 0.75);
    assert_int_equal(comparison.length_bytes, 20);
    assert_int_equal(comparison.cost[SIDE_GOLDEN].calls, 1220);
    assert_int_equal(comparison.cost[SIDE_NEW].calls, 65);
    comparison_finish(&comparison);
    trace_reader_close(readers[SIDE_GOLDEN]);
    trace_reader_close(readers[SIDE_NEW]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_bytes_are_cut_into_calls),
        cmocka_unit_test(test_targets_are_not_ordered),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_positions_in_a_file),
        cmocka_unit_test(test_content_that_is_cut),
        cmocka_unit_test(test_the_first_difference_is_shown),
        cmocka_unit_test(test_what_is_done_to_a_file_is_ordered),
        cmocka_unit_test(test_one_name_stands_for_one_file_after_the_other),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_files_that_are_read),
        cmocka_unit_test(test_temporary_names),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_a_port_that_the_system_chose),
        cmocka_unit_test(test_programs_that_are_executed),
        cmocka_unit_test(test_scripts_that_launch),
        cmocka_unit_test(test_children_have_their_parents_descriptors),
        cmocka_unit_test(test_threads_come_in_any_order),
        cmocka_unit_test(test_children_are_ordered_by_waiting),
        cmocka_unit_test(test_exit_status_and_signals),
        cmocka_unit_test(test_what_does_not_count),
        cmocka_unit_test(test_the_code_of_an_interpreter),
        cmocka_unit_test(test_targets_that_are_ignored),
        cmocka_unit_test(test_groups_of_output_and_writes),
        cmocka_unit_test(test_groups_of_files),
        cmocka_unit_test(test_groups_of_the_rest),
        cmocka_unit_test(test_groups_of_many),
        cmocka_unit_test(test_traces_of_renacer_0_6),
        cmocka_unit_test(test_golden_traces),
        cmocka_unit_test(test_what_a_side_costs),
        cmocka_unit_test(test_the_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
