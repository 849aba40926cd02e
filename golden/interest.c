/* SPDX-License-Identifier: MIT */
#include "interest.h"

#include <ctype.h>
#include <string.h>

/* How a pattern is held against a path. */
enum place {
    BEGINS, /* the path begins with it */
    ENDS,   /* ends with it */
    HAS,    /* has it somewhere */
    IS,     /* is it */
};

struct pattern {
    enum place place;
    const char *text;
};

/* Why reading these is no observation:
 * - the loader and the C library read them for every program, or for none when it is linked statically;
 * - what the kernel says of itself and of the process depends on the machine, not on the program. */
static const struct pattern of_the_system[] = {
    {BEGINS, "/etc/ld.so."},      /* cache, preload and configuration of the loader */
    {HAS, ".so."},                /* libraries, by version */
    {ENDS, ".so"},                /* and without */
    {BEGINS, "/usr/lib/locale/"}, /* setlocale() */
    {BEGINS, "/usr/share/locale/"},
    {BEGINS, "/usr/share/i18n/"},
    {HAS, "/gconv/"}, /* iconv() */
    {IS, "/etc/locale.alias"},
    {BEGINS, "/usr/share/zoneinfo/"}, /* localtime() */
    {BEGINS, "/usr/lib/zoneinfo/"},
    {IS, "/etc/localtime"},
    {IS, "/etc/timezone"},
    {IS, "/etc/nsswitch.conf"}, /* names of users and hosts: getpwnam(), getaddrinfo() */
    {IS, "/etc/resolv.conf"},
    {IS, "/etc/host.conf"},
    {IS, "/etc/gai.conf"},
    {BEGINS, "/run/nscd/"},
    {BEGINS, "/var/run/nscd/"},
    {BEGINS, "/proc/"}, /* the kernel */
    {BEGINS, "/sys/"},
    {BEGINS, "/dev/null"},
    {BEGINS, "/dev/zero"},
    {BEGINS, "/dev/random"},
    {BEGINS, "/dev/urandom"},
    {BEGINS, "/dev/tty"}, /* terminals: what is typed is not the program's */
    {BEGINS, "/dev/pts/"},
    {BEGINS, "/usr/share/terminfo/"}, /* what terminals can do */
    {BEGINS, "/lib/terminfo/"},
    {BEGINS, "/etc/terminfo/"},
    /* Configuration of cryptographic libraries, and the certificates that the system trusts: runtimes read them
     * before a program asks for anything. */
    {BEGINS, "/etc/ssl/openssl.cnf"},
    {BEGINS, "/etc/ssl/certs/"},
    {BEGINS, "/etc/pki/"},
    {BEGINS, "/etc/ca-certificates"},
    {BEGINS, "/usr/share/ca-certificates/"},
    {BEGINS, "/usr/local/share/ca-certificates/"},
    {BEGINS, "/usr/lib/ssl/openssl.cnf"},
};

/* Changing these has no effect that anyone sees, or is the interpreter's own cache. */
static const struct pattern without_effect[] = {
    {IS, "/dev/null"}, {IS, "/dev/zero"}, {IS, "/dev/full"}, {HAS, "__pycache__"}, {ENDS, ".pyc"},
};

enum {
    PATTERNS_MAX = 12,
    PROGRAMS_MAX = 6,
};

struct interpreter {
    const char *programs[PROGRAMS_MAX]; /* its programs begin so, with nothing but a version behind */
    const char *shown_by[PROGRAMS_MAX]; /* a path that has this belongs to it, and shows that it runs */
    struct pattern code[PATTERNS_MAX];  /* what it reads as code, or to find code */
};

static const struct interpreter all_interpreters[] = {
    {{"python", "pypy"},
     {"/lib/python2", "/lib/python3", "/lib64/python3", "/libpython", "/lib/pypy", "pyvenv.cfg"},
     {{ENDS, ".py"},
      {ENDS, ".pyc"},
      {ENDS, ".pyi"},
      {ENDS, ".pth"},
      {ENDS, "pyvenv.cfg"},
      {ENDS, "pybuilddir.txt"},
      {ENDS, "._pth"},
      {HAS, "__pycache__"},
      {HAS, "/site-packages/"},
      {HAS, "/dist-packages/"},
      {HAS, ".dist-info/"}}},
    {{"perl"}, {"/perl5/", "/perl-base/", "/share/perl/", "/lib/perl/", "/libperl."}, {{ENDS, ".pl"}, {ENDS, ".pm"}}},
    {{"ruby"}, {"/lib/ruby/", "/libruby", "/ruby/vendor_ruby/"}, {{ENDS, ".rb"}, {ENDS, ".gemspec"}, {HAS, "/gems/"}}},
    {{"node", "nodejs", "bun", "deno"},
     {"/libnode."},
     {{ENDS, ".js"}, {ENDS, ".mjs"}, {ENDS, ".cjs"}, {ENDS, ".ts"}, {HAS, "node_modules/"}, {ENDS, "package.json"}}},
    {{"java"}, {"/libjvm.so", "/jvm/"}, {{ENDS, ".jar"}, {ENDS, ".class"}, {HAS, "/lib/modules"}, {ENDS, ".jsa"}}},
    {{"php"}, {"/etc/php", "/lib/php"}, {{ENDS, ".php"}, {ENDS, "php.ini"}, {HAS, "/conf.d/"}}},
    {{"lua", "luajit"}, {"/share/lua/", "/liblua"}, {{ENDS, ".lua"}}},
    {{"sh", "bash", "dash", "zsh", "ksh", "busybox"}, {NULL}, {{ENDS, ".sh"}, {ENDS, ".bashrc"}, {IS, "/etc/profile"}}},
    {{"tclsh", "wish"}, {"/tcltk/"}, {{ENDS, ".tcl"}, {ENDS, "tclIndex"}}},
    {{"Rscript", "R"}, {"/lib/R/"}, {{ENDS, ".R"}, {ENDS, ".rds"}, {ENDS, ".rdb"}, {ENDS, ".rdx"}}},
};

enum {
    INTERPRETERS = sizeof(all_interpreters) / sizeof(all_interpreters[0]),
};

static bool ends_with(const char *path, const char *end) {
    size_t length = strlen(path);
    size_t size = strlen(end);
    return length >= size && memcmp(path + length - size, end, size) == 0;
}

static bool matches(const struct pattern *pattern, const char *path) {
    switch (pattern->place) {
    case BEGINS:
        return strncmp(path, pattern->text, strlen(pattern->text)) == 0;
    case ENDS:
        return ends_with(path, pattern->text);
    case HAS:
        return strstr(path, pattern->text) != NULL;
    case IS:
        return strcmp(path, pattern->text) == 0;
    }
    return false;
}

static bool any_matches(const struct pattern *patterns, size_t count, const char *path) {
    for (size_t i = 0; i < count && patterns[i].text; i++) {
        if (matches(&patterns[i], path)) {
            return true;
        }
    }
    return false;
}

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "python" is a name of it, and so are "python3" and "python3.13". */
static bool is_version_of(const char *name, const char *program) {
    size_t size = strlen(program);
    return strncmp(name, program, size) == 0 && name[size + strspn(name + size, "0123456789.-")] == 0;
}

interpreters interpreters_of_program(const char *path) {
    interpreters found = 0;
    const char *name = file_name(path);
    for (size_t i = 0; i < INTERPRETERS; i++) {
        for (size_t j = 0; j < PROGRAMS_MAX && all_interpreters[i].programs[j]; j++) {
            if (is_version_of(name, all_interpreters[i].programs[j])) {
                found |= 1U << i;
            }
        }
    }
    return found;
}

interpreters interpreters_shown_by(const char *path) {
    interpreters found = 0;
    for (size_t i = 0; i < INTERPRETERS; i++) {
        for (size_t j = 0; j < PROGRAMS_MAX && all_interpreters[i].shown_by[j]; j++) {
            if (strstr(path, all_interpreters[i].shown_by[j])) {
                found |= 1U << i;
            }
        }
    }
    return found;
}

bool interest_in_reading(const char *path, interpreters running) {
    if (any_matches(of_the_system, sizeof(of_the_system) / sizeof(of_the_system[0]), path)) {
        return false;
    }
    for (size_t i = 0; i < INTERPRETERS; i++) {
        const struct interpreter *interpreter = &all_interpreters[i];
        if (!(running >> i & 1)) {
            continue;
        }
        if (any_matches(interpreter->code, PATTERNS_MAX, path)) {
            return false;
        }
        for (size_t j = 0; j < PROGRAMS_MAX && interpreter->shown_by[j]; j++) {
            if (strstr(path, interpreter->shown_by[j])) {
                return false;
            }
        }
    }
    return true;
}

bool interest_in_changing(const char *path) {
    return !any_matches(without_effect, sizeof(without_effect) / sizeof(without_effect[0]), path);
}

/* ------------------------------------------------------------- temporary names */

enum {
    RANDOM_MIN = 6, /* mkstemp() draws six letters, others eight and more */
};

/* Where a run of letters that may be drawn stands in a name. */
struct run {
    char *at;
    size_t size;
};

/* A word could be drawn as well, but is no likely draw: a digit among letters, or both cases. */
static bool looks_random(const struct run *run) {
    bool digit = false;
    bool upper = false;
    bool lower = false;
    for (size_t i = 0; i < run->size; i++) {
        digit |= isdigit((unsigned char)run->at[i]) != 0;
        upper |= isupper((unsigned char)run->at[i]) != 0;
        lower |= islower((unsigned char)run->at[i]) != 0;
    }
    return (digit && (upper || lower)) || (upper && lower);
}

/* The next run that is long enough, from `at` on; `others`: letters besides those of the alphabet and digits. */
static bool next_run(char *at, const char *others, struct run *run) {
    while (*at) {
        size_t size = 0;
        while (at[size] && (isalnum((unsigned char)at[size]) || strchr(others, at[size]))) {
            size++;
        }
        if (size >= RANDOM_MIN) {
            *run = (struct run){at, size};
            return true;
        }
        at += size ? size : 1;
    }
    return false;
}

static bool says_temporary(const char *name) {
    return name[0] == '.' || strcasestr(name, "tmp") || strcasestr(name, "temp");
}

bool interest_mask_random(char *path, bool is_private) {
    char *name = path + (file_name(path) - path);
    if (!is_private && !says_temporary(name)) {
        return false;
    }
    struct run best = {0};
    struct run run;
    for (char *at = name; next_run(at, is_private ? "_" : "", &run); at = run.at + run.size) {
        bool likely = looks_random(&run) || (is_private && strncmp(run.at, "tmp", 3) == 0);
        if (likely || (is_private && !best.at)) {
            best = run;
        }
    }
    if (!best.at) {
        return false;
    }
    *best.at = '*';
    memmove(best.at + 1, best.at + best.size, strlen(best.at + best.size) + 1);
    return true;
}
