/* SPDX-License-Identifier: MIT
 *
 * What holds of every semantic comparison, tried with traces that are drawn at
 * random: a trace equals itself; sides can be changed; any change of
 * what can be observed is found; how it was done is not.
 */
#include "compare_semantic.h"
#include "observer_call.h"

#include "trace_script.h"

/* The same numbers in every run. */
static unsigned next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(*seed >> 33);
}

static unsigned below(uint64_t *seed, unsigned limit) {
    return next(seed) % limit;
}

static void compare_documents(const char *golden, const char *new, struct comparison *comparison) {
    static const struct semantic_options none;
    char problem[256] = "";
    struct trace_reader *readers[SIDES] = {open_document(golden), open_document(new)};
    *comparison = (struct comparison){0};
    int status = compare_semantic(comparison, readers, &none, problem, sizeof(problem));
    if (status < 0) {
        print_error("%s\n%s\n%s\n", problem, golden, new);
    }
    assert_int_equal(status, 0);
    trace_reader_close(readers[SIDE_GOLDEN]);
    trace_reader_close(readers[SIDE_NEW]);
}

static void compare_scripts(const char *golden, const char *new, struct comparison *comparison) {
    char *documents[SIDES] = {script_document(golden, SCRIPT_PLAIN), script_document(new, SCRIPT_PLAIN)};
    compare_documents(documents[SIDE_GOLDEN], documents[SIDE_NEW], comparison);
    free(documents[SIDE_GOLDEN]);
    free(documents[SIDE_NEW]);
}

/* --------------------------------------------------------- programs that do something */

enum kind {
    DO_PRINT,
    DO_COMPLAIN,
    DO_SAVE, /* a whole file */
    DO_READ,
    DO_RENAME,
    DO_REMOVE,
    DO_SEND,
    DO_EXECUTE,
    DO_MAKE_DIRECTORY,
    DO_APPEND,
    KINDS,
};

struct action {
    enum kind kind;
    unsigned number; /* unlike that of all others */
    char text[40];   /* that is written, or the argument */
    bool changed;    /* its target is another one */
};

enum {
    ACTIONS = 14,
};

struct program {
    struct action actions[ACTIONS];
    unsigned count;
    int status;
};

static void draw(struct program *program, uint64_t *seed) {
    program->count = 3 + below(seed, ACTIONS - 3);
    program->status = (int)below(seed, 4);
    for (unsigned i = 0; i < program->count; i++) {
        struct action *action = &program->actions[i];
        *action = (struct action){.kind = below(seed, KINDS), .number = i};
        snprintf(action->text, sizeof(action->text), "text %u %x$", i, next(seed));
    }
}

/* How it is done: none of this is to matter. */
struct manner {
    uint64_t seed;
    int descriptor; /* the next one to be used */
};

static void add_noise(struct text *script, struct manner *manner) {
    static const char *const noise[] = {
        "mmap(NULL;%u;PROT_READ;MAP_PRIVATE|MAP_ANONYMOUS;-1;0) = 4096\n",
        "brk(0x%x000) = 8192\n",
        "futex(0x7f%x;FUTEX_WAKE_PRIVATE;1) = 0\n",
        "clock_gettime(CLOCK_MONOTONIC;0x7ff%x) = 0 # \"duration_ns\":77\n",
        "openat(AT_FDCWD;/lib/lib%u.so.6;O_RDONLY|O_CLOEXEC) = 900\nread(900;0x7f00;832) = 832\nclose(900) = 0\n",
        "openat(AT_FDCWD;/nowhere/%u;O_RDONLY) = -2\n",
        "stat(/some/file%u;0x7ff00) = 0\n",
        "getpid() = %u\n",
        "write(1;never written %u;20) = -11\n",
    };
    char line[200];
    for (unsigned i = below(&manner->seed, 3); i; i--) {
        const char *form = noise[below(&manner->seed, COUNT_OF(noise))];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(line, sizeof(line), form, 1 + below(&manner->seed, 99));
#pragma GCC diagnostic pop
        text_add_string(script, line);
    }
}

static void add_line(struct text *script, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_line(struct text *script, const char *format, ...) {
    char line[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    text_add_string(script, line);
}

/* The text, in one call or in several, of one kind or another. */
static void add_writes(struct text *script, struct manner *manner, int descriptor, const char *text) {
    unsigned left = (unsigned)strlen(text);
    while (left) {
        unsigned size = 1 + below(&manner->seed, left);
        if (below(&manner->seed, 4) == 0 && !memchr(text, '$', size)) {
            unsigned half = size / 2;
            add_line(script, "writev(%d;[{iov_base=\"%.*s\", iov_len=%u}, {iov_base=\"%.*s\", iov_len=%u}];2) = %u\n",
                     descriptor, (int)half, text, half, (int)(size - half), text + half, size - half, size);
        } else {
            add_line(script, "write(%d;%.*s;%u) = %u\n", descriptor, (int)size, text, size, size);
        }
        text += size;
        left -= size;
        if (below(&manner->seed, 3) == 0) {
            add_noise(script, manner);
        }
    }
}

static void add_file(struct text *script, struct manner *manner, const struct action *action, const char *flags) {
    int descriptor = manner->descriptor;
    add_line(script, "openat(AT_FDCWD;%sfile%u%s;%s;0644) = %d\n", below(&manner->seed, 2) ? "./" : "", action->number,
             action->changed ? "x" : "", flags, descriptor);
    if (below(&manner->seed, 3) == 0) {
        add_line(script, "dup(%d) = %d\nclose(%d) = 0\n", descriptor, descriptor + 1, descriptor);
        descriptor++;
    }
    add_writes(script, manner, descriptor, action->text);
    add_line(script, "close(%d) = 0\n", descriptor);
}

static void render_action(struct text *script, struct manner *manner, const struct action *action) {
    int descriptor = manner->descriptor;
    unsigned target = action->number * 2 + action->changed;
    switch (action->kind) {
    case DO_PRINT:
        add_writes(script, manner, action->changed ? 2 : 1, action->text);
        break;
    case DO_COMPLAIN:
        add_writes(script, manner, action->changed ? 1 : 2, action->text);
        break;
    case DO_SAVE:
        add_file(script, manner, action, "O_WRONLY|O_CREAT|O_TRUNC");
        break;
    case DO_APPEND:
        add_file(script, manner, action, "O_WRONLY|O_APPEND");
        break;
    case DO_READ:
        add_line(script, "openat(AT_FDCWD;data%u;O_RDONLY) = %d\nread(%d;0x7f00;99) = 5\nclose(%d) = 0\n", target,
                 descriptor, descriptor, descriptor);
        break;
    case DO_RENAME:
        add_line(script, "rename(old%u;new%u) = 0\n", action->number, target);
        break;
    case DO_REMOVE:
        add_line(script, "unlink(gone%u) = 0\n", target);
        break;
    case DO_SEND:
        add_line(script,
                 "socket(AF_INET;SOCK_STREAM;IPPROTO_IP) = %d\nconnect(%d;{sa_family=AF_INET, sin_port=htons(%u), "
                 "sin_addr=inet_addr(\"10.0.0.1\")};16) = 0\n",
                 descriptor, descriptor, 1000 + target);
        add_writes(script, manner, descriptor, action->text);
        add_line(script, "close(%d) = 0\n", descriptor);
        break;
    case DO_EXECUTE:
        add_line(script, "execve(/bin/tool%u;[\"tool\", \"%.*s\"];0x1 /* 4 vars */) = 0\n", target,
                 (int)strcspn(action->text, "$"), action->text);
        break;
    case DO_MAKE_DIRECTORY:
        add_line(script, "mkdir(dir%u;0777) = 0\n", target);
        break;
    case KINDS:
        break;
    }
}

/* The script of the program, done in some manner; the caller's. */
static char *render(const struct program *program, uint64_t seed) {
    struct text script = {0};
    struct manner manner = {.seed = seed};
    manner.descriptor = 3 + (int)below(&manner.seed, 20);
    text_add_string(&script, "write(2;begin;5) = 5\n");
    for (unsigned i = 0; i < program->count; i++) {
        add_noise(&script, &manner);
        render_action(&script, &manner, &program->actions[i]);
        manner.descriptor += 2 * (int)below(&manner.seed, 2);
    }
    add_line(&script, "!status %d\n", program->status);
    return script.bytes;
}

static void test_the_manner_does_not_matter(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (unsigned round = 0; round < 150; round++) {
        struct program program;
        struct comparison comparison;
        draw(&program, &seed);
        char *golden = render(&program, next(&seed));
        char *new = render(&program, next(&seed));
        compare_scripts(golden, new, &comparison);
        if (comparison.divergent) {
            print_error("%s: %s / %s\n%s\n----\n%s\n", comparison.differences[0].subject,
                        comparison.differences[0].detail[SIDE_GOLDEN], comparison.differences[0].detail[SIDE_NEW],
                        golden, new);
        }
        assert_int_equal(comparison.divergent, 0);
        assert_true(comparison.confidence == 1.0);
        assert_true(comparison.matched > 0);
        comparison_finish(&comparison);
        free(golden);
        free(new);
    }
}

static bool has_text(enum kind kind) {
    return kind == DO_PRINT || kind == DO_COMPLAIN || kind == DO_SAVE || kind == DO_APPEND || kind == DO_SEND ||
           kind == DO_EXECUTE;
}

/* Change something that can be observed. */
static const char *mutate(struct program *program, uint64_t *seed) {
    struct action *action = &program->actions[below(seed, program->count)];
    switch (below(seed, 6)) {
    case 0:
        if (has_text(action->kind)) {
            unsigned place = below(seed, (unsigned)strcspn(action->text, "$"));
            action->text[place] = action->text[place] == '#' ? '%' : '#';
            return "a byte";
        }
        break;
    case 1:
        program->count--;
        memmove(action, action + 1, (size_t)(program->actions + program->count - action) * sizeof(*action));
        return "an action is missing";
    case 2:
        for (unsigned i = 0; i + 1 < program->count; i++) {
            /* Writing to one target is ordered. */
            if (program->actions[i].kind == program->actions[i + 1].kind && program->actions[i].kind <= DO_COMPLAIN) {
                struct action swapped = program->actions[i];
                program->actions[i] = program->actions[i + 1];
                program->actions[i + 1] = swapped;
                return "order";
            }
        }
        break;
    case 3:
        program->status++;
        return "exit status";
    case 4:
        if (has_text(action->kind)) {
            action->text[strlen(action->text) - 1] = 0;
            action->text[strlen(action->text) - 1] = 0;
            return "less is written";
        }
        break;
    default:
        break;
    }
    action->changed = true;
    return "target";
}

static void test_every_change_is_found(void **state) {
    (void)state;
    uint64_t seed = 2;
    for (unsigned round = 0; round < 300; round++) {
        struct program program;
        struct comparison there;
        struct comparison back;
        draw(&program, &seed);
        char *golden = render(&program, next(&seed));
        const char *what = mutate(&program, &seed);
        char *new = render(&program, next(&seed));
        compare_scripts(golden, new, &there);
        compare_scripts(new, golden, &back);
        if (!there.divergent) {
            print_error("%s\n%s\n----\n%s\n", what, golden, new);
        }
        assert_true(there.divergent > 0);
        assert_int_equal(there.divergent, back.divergent);
        assert_int_equal(there.matched, back.matched);
        assert_true(there.difference_count == there.divergent);
        assert_true(there.confidence == back.confidence);
        comparison_finish(&there);
        comparison_finish(&back);
        free(golden);
        free(new);
    }
}

/* ---------------------------------------------------------------- traces without sense */

/* An argument of any kind, of which some fit. */
static void add_argument(struct text *script, uint64_t *seed) {
    static const char *const arguments[] = {
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "-1",
        "AT_FDCWD",
        "f",
        "g",
        "d/f",
        "/",
        "..",
        "",
        ".",
        "/tmp/a1B2c3",
        "NULL",
        "0x7f00",
        "18446744073709551615",
        "9223372036854775807",
        "2147483647",
        "O_WRONLY|O_CREAT|O_TRUNC",
        "O_RDWR|O_CREAT|O_EXCL",
        "O_RDONLY",
        "O_APPEND|O_WRONLY",
        "O_TMPFILE|O_RDWR",
        "0600",
        "SIGCHLD",
        "CLONE_FILES|CLONE_THREAD",
        "[3, 4]",
        "[-1, 9]",
        "[\"a\", \"b\"]",
        "[\"a",
        "[",
        "{",
        "{sa_family=AF_INET}",
        "{sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr(\"1.2.3.4\")}",
        "{sa_family=AF_UNIX, sun_path=@\"x\"}",
        "{sa_family=AF_INET6, sin6_port=htons(9), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \"::1\", &sin6_addr)}",
        "[{iov_base=\"ab\", iov_len=2}]",
        "[{iov_base=\"ab\", iov_len=99999999999999999999}, {iov_base=0x1, iov_len=1}]",
        "[{iov_base=\"a",
        "{msg_name={sa_family=AF_INET}, msg_iov=[{iov_base=\"x\"}]}",
        "SOCK_DGRAM",
        "AF_INET",
        "P_PID",
        "F_DUPFD",
        "F_SETFD",
        "F_SETFL",
        "RENAME_EXCHANGE",
        "PROT_EXEC",
        "/dev/fd/1",
        "/proc/self/fd/3",
        "WUNTRACED",
        "text that is written$",
        "\\",
        "\"",
        "/usr/bin/python3",
        "CLOSE_RANGE_UNSHARE",
    };
    text_add_string(script, arguments[below(seed, COUNT_OF(arguments))]);
}

static void add_call(struct text *script, uint64_t *seed) {
    const struct {
        const struct call_rule *rules;
        size_t count;
    } all[] = {{file_rules, file_rule_count}, {stream_rules, stream_rule_count}, {process_rules, process_rule_count}};
    static const char *const results[] = {"0", "1", "2", "3", "4", "5", "-2", "-115", "?", "9223372036854775807"};
    unsigned file = below(seed, COUNT_OF(all));
    if (below(seed, 2)) {
        add_line(script, "%u ", 1 + below(seed, 6));
    }
    text_add_string(script, all[file].rules[below(seed, (unsigned)all[file].count)].name);
    text_add_char(script, '(');
    unsigned count = below(seed, 7);
    for (unsigned i = count; i; i--) {
        add_argument(script, seed);
        text_add_string(script, i > 1 ? ";" : "");
    }
    text_add_string(script, ") = ");
    text_add_string(script, results[below(seed, COUNT_OF(results))]);
    text_add_string(script,
                    count < 3 || below(seed, 8) ? "\n" : " # \"cut\":{\"1\":100},\"fds\":{\"0\":\"/x/y (deleted)\"}\n");
}

static void test_any_trace_equals_itself(void **state) {
    (void)state;
    uint64_t seed = 3;
    for (unsigned round = 0; round < 400; round++) {
        struct text scripts[SIDES] = {{0}, {0}};
        struct comparison comparison[4];
        enum script_style style = below(&seed, 3);
        for (enum side side = 0; side < SIDES; side++) {
            for (unsigned i = 1 + below(&seed, 120); i; i--) {
                add_call(&scripts[side], &seed);
            }
        }
        char *documents[SIDES] = {script_document(scripts[0].bytes, style), script_document(scripts[1].bytes, style)};
        for (int i = 0; i < 4; i++) {
            compare_documents(documents[i & 1], documents[i >> 1], &comparison[i]);
        }
        if (comparison[0].divergent) {
            print_error("%s\n%s: %s / %s\n", documents[0], comparison[0].differences[0].subject,
                        comparison[0].differences[0].detail[0], comparison[0].differences[0].detail[1]);
        }
        assert_int_equal(comparison[0].divergent, 0);
        assert_int_equal(comparison[3].divergent, 0);
        assert_int_equal(comparison[1].divergent, comparison[2].divergent);
        assert_int_equal(comparison[1].matched, comparison[2].matched);
        for (int i = 0; i < 4; i++) {
            comparison_finish(&comparison[i]);
        }
        for (enum side side = 0; side < SIDES; side++) {
            free(documents[side]);
            text_finish(&scripts[side]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_manner_does_not_matter),
        cmocka_unit_test(test_every_change_is_found),
        cmocka_unit_test(test_any_trace_equals_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
