/* SPDX-License-Identifier: MIT
 *
 * renacer-sv profile: the command line, and what is said of the profile.
 */
#include "profile_command.h"

#include "agent_options.h"
#include "agent_socket.h"
#include "capability_names.h"
#include "cleanup.h"
#include "diag.h"
#include "filter.h"
#include "option_table.h"
#include "option_word.h"
#include "options.h"
#include "profile_metadata.h"
#include "profile_notify.h"
#include "profile_program.h"
#include "profile_reader.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <unistr.h>

enum {
    EXIT_OURS = 125,
    PROBLEM_BYTES = 1024,
    BASE_BYTES_MAX = 1 << 20,
    NAMES_SHOWN = 8, /* of calls, in one line */
};

enum own_option {
    OWN_BASE = OPTIONS_OWN,
    OWN_RUNTIME,
    OWN_LISTEN,
    OWN_CAPABILITY,
};

static const struct option own_options[] = {{"base", required_argument, NULL, OWN_BASE},
                                            {"runtime", required_argument, NULL, OWN_RUNTIME},
                                            {"listen", required_argument, NULL, OWN_LISTEN},
                                            {"cap", required_argument, NULL, OWN_CAPABILITY},
                                            {0}};

struct request {
    struct options tracing;
    const char *base;
    const char *listen;
    enum profile_runtime runtime;
    struct name_list capabilities;
    bool has_capabilities; /* --cap */
    struct text metadata;
    bool wrong_argument; /* of an option of tracing: it cannot stand in listenerMetadata */
};

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv profile [OPTION]...\n"
          "Print the seccomp profile that a container needs to be traced by renacer-sv agent:\n"
          "the object linux.seccomp of an OCI config.json, which is also what podman\n"
          "(--security-opt seccomp=FILE) and Kubernetes (localhostProfile) take.\n"
          "\n"
          "  --base FILE         the profile that the container would have otherwise: what it\n"
          "                      denies stays denied. Without, everything is allowed\n"
          "  --cap CAP[,CAP]...  the container's capabilities, all or none, for rules of the\n"
          "                      base that depend on them (those that podman gives)\n"
          "  --runtime any|crun|runc\n"
          "                      what the profile is for: with crun alone it can notify what\n"
          "                      runc calls itself, and mend calls that a signal interrupts\n"
          "                      (any)\n"
          "  --listen SOCKET     where the agent listens: /run/renacer-sv/agent.sock for root,\n"
          "                      $XDG_RUNTIME_DIR/renacer-sv/agent.sock for others\n"
          "  --engine notify     notify only what the agent has to read, and leave the rest to\n"
          "                      perf: faster, but without perf those calls are missing\n"
          "  -e, --expr EXPR     which calls are recorded, and so notified (all)\n"
          "  -q, --quiet         do not say what is not notified, and why\n"
          "  -h, --help          print this help\n"
          "\n"
          "Options of tracing that say what is recorded and how it is shown (-e, -P, -y, -s,\n"
          "-c, --format, --string-limit and others) are passed to the agent in\n"
          "listenerMetadata. See renacer-sv-profile(1).\n",
          stream);
}

/* ------------------------------------------------------------------- the options */

static bool take_capabilities(struct request *request, const char *words) {
    char problem[PROBLEM_BYTES] = "out of memory";
    request->has_capabilities = true;
    if (capability_names_add(&request->capabilities, words, problem, sizeof(problem)) < 0) {
        diag("%s", problem);
        return false;
    }
    return true;
}

static bool take_listen(struct request *request, const char *path) {
    const struct sockaddr_un *address = NULL;
    if (path[0] != '/' || strlen(path) >= sizeof(address->sun_path)) {
        diag("--listen wants the whole path of a socket, at most %zu bytes, not '%s'", sizeof(address->sun_path) - 1,
             path);
        return false;
    }
    request->listen = path;
    return true;
}

static bool take_own(void *context, int id, const char *argument) {
    static const char *const runtimes[] = {"any", "crun", "runc", NULL};
    struct request *request = context;
    switch ((enum own_option)id) {
    case OWN_BASE:
        request->base = argument;
        return true;
    case OWN_RUNTIME: {
        int index = option_word("--runtime", runtimes, argument);
        request->runtime = (enum profile_runtime)index;
        return index >= 0;
    }
    case OWN_LISTEN:
        return take_listen(request, argument);
    case OWN_CAPABILITY:
        return take_capabilities(request, argument);
    }
    return false;
}

/* Options of tracing: those that an agent takes from a container's profile are kept for it. */
static const char *look_at_tracing(void *context, int id) {
    struct request *request = context;
    switch (id) {
    case OPTION_HELP:
    case OPTION_VERSION:
    case OPTION_QUIET:  /* ours */
    case OPTION_ENGINE: /* says which calls are notified; the agent has its own */
        return NULL;
    case OPTION_OUTPUT:
        return "the profile goes to standard output, and traces into the agent's folder";
    case OPTION_LOSSLESS:
        return "a profile notifies all chosen calls unless --engine notify is given";
    case OPTION_DECODE:
        return "output arguments need a tracer beside the listener, which a container does not have";
    default:
        break;
    }
    const char *objection = profile_option_objection(id);
    if (!objection) {
        request->wrong_argument |= profile_metadata_add(&request->metadata, id, optarg) < 0;
    }
    return objection;
}

static enum options_verdict parse(struct request *request, int argc, char *argv[]) {
    const struct options_verb verb = {.word = "profile",
                                      .print_help = print_help,
                                      .format = FORMAT_JSON,
                                      .own = own_options,
                                      .context = request,
                                      .take = take_own,
                                      .objection = look_at_tracing};
    enum options_verdict verdict = options_parse_verb(&request->tracing, argc, argv, &verb);
    if (verdict != OPTIONS_RUN) {
        return verdict;
    }
    if (request->wrong_argument) {
        diag("the agent takes options in plain text alone: UTF-8 without control characters");
        return OPTIONS_BAD;
    }
    if (request->tracing.engine == &ptrace_engine) {
        diag(
            "engine ptrace has no use for a profile: it needs no notifications, and containers cannot be traced by it");
        return OPTIONS_BAD;
    }
    if (request->has_capabilities && !request->base) {
        diag("--cap is for rules of a profile: use it with --base");
        return OPTIONS_BAD;
    }
    return OPTIONS_RUN;
}

/* ---------------------------------------------------------------------- the base */

/* All of the file, which may be a pipe, with a NUL behind it; malloc'd. NULL, and the reason was said. */
static char *read_file(const char *path, size_t *size) {
    auto_file FILE *file = fopen(path, "re");
    auto_free char *bytes = malloc(BASE_BYTES_MAX + 1);
    if (!file || !bytes) {
        diag_errno(errno, "cannot read profile '%s'", path);
        return NULL;
    }
    *size = fread(bytes, 1, BASE_BYTES_MAX + 1, file);
    if (ferror(file)) {
        diag_errno(errno, "cannot read profile '%s'", path);
        return NULL;
    }
    if (*size > BASE_BYTES_MAX) {
        diag("'%s' is no profile: it has more than %d bytes", path, BASE_BYTES_MAX);
        return NULL;
    }
    bytes[*size] = 0;
    char *result = bytes;
    bytes = NULL;
    return result;
}

static void find_kernel(unsigned version[2]) {
    struct utsname names;
    if (uname(&names) < 0 || sscanf(names.release, "%u.%u", &version[0], &version[1]) != 2) {
        version[0] = 0;
        version[1] = 0;
    }
}

static void say_dependence(const struct request *request, const struct profile_dependence *dependence,
                           const struct profile_target *target) {
    if (dependence->capabilities) {
        struct text list = {0};
        for (size_t i = 0; i < target->capabilities->count; i++) {
            text_add_string(&list, i ? ", " : "");
            text_add_string(&list, target->capabilities->names[i]);
        }
        diag("rules that depend on capabilities are those for a container with %s%s", list.length ? list.bytes : "none",
             request->has_capabilities ? "" : "; --cap says others");
        text_finish(&list);
    }
    if (dependence->kernel) {
        diag("rules that depend on the kernel are those for Linux %u.%u, which runs here", target->kernel[0],
             target->kernel[1]);
    }
}

/* What the container would have otherwise: the base, or a profile that allows everything. 0, or negative and the
 * reason was said. */
static int make_base(struct request *request, struct seccomp_profile *profile) {
    static const char *const architectures[] = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
    int status = 0;
    if (!request->base) {
        for (size_t i = 0; i < sizeof(architectures) / sizeof(architectures[0]) && status == 0; i++) {
            status = name_list_add(&profile->architectures, architectures[i]);
        }
        return status;
    }
    size_t size = 0;
    auto_free char *text = read_file(request->base, &size);
    if (!text) {
        return -EIO;
    }
    if (!request->has_capabilities && capability_names_add_standard(&request->capabilities) < 0) {
        return -ENOMEM;
    }
    struct profile_target target = {.capabilities = &request->capabilities};
    struct profile_dependence dependence;
    char problem[PROBLEM_BYTES] = "out of memory";
    find_kernel(target.kernel);
    status = profile_read(profile, text, size, &target, &dependence, problem, sizeof(problem));
    if (status < 0) {
        diag("profile '%s': %s", request->base, problem);
    } else if (!request->tracing.quiet) {
        say_dependence(request, &dependence, &target);
    }
    return status;
}

/* ------------------------------------------------------------- what is not notified */

/* "read, write and 3 more" */
static void say_calls(const char *what, const struct name_list *calls) {
    struct text list = {0};
    for (size_t i = 0; i < calls->count && i < NAMES_SHOWN; i++) {
        text_add_string(&list, i ? ", " : "");
        text_add_string(&list, calls->names[i]);
    }
    if (calls->count > NAMES_SHOWN) {
        char more[48];
        snprintf(more, sizeof(more), " and %zu more", calls->count - NAMES_SHOWN);
        text_add_string(&list, more);
    }
    if (list.length) {
        diag("not notified, %s: %s", what, list.bytes);
    }
    text_finish(&list);
}

static void say_unnotified(const struct request *request, const struct seccomp_profile *profile,
                           const struct unnotified *unnotified) {
    static const char *const reasons[UNNOTIFIED_REASONS] = {
        [UNNOTIFIED_RUNTIME] = "for runc itself makes them when it starts a container (--runtime crun notifies them)",
        [UNNOTIFIED_UNKNOWN] = "for libseccomp does not know them",
        [UNNOTIFIED_LOGGED] = "for the base has them logged",
        [UNNOTIFIED_CONDITIONS] = "for the base denies them on conditions that leave over what no rule can say",
        [UNNOTIFIED_SEEN] = "for perf sees them",
        [UNNOTIFIED_DENIED] = "for the base denies them",
    };
    for (unsigned i = 0; i < UNNOTIFIED_REASONS; i++) {
        say_calls(i == UNNOTIFIED_RUNTIME && request->runtime == RUNTIME_RUNC
                      ? "for runc itself makes them when it starts a container"
                      : reasons[i],
                  &unnotified->calls[i]);
    }
    if (request->runtime != RUNTIME_CRUN) {
        diag("as rt_sigreturn is not notified, calls that a signal interrupts before the agent has read them fail with "
             "EINTR where the program's handler was not set with SA_RESTART");
    }
    if (unnotified->no_tsync) {
        diag("SECCOMP_FILTER_FLAG_TSYNC is left out: the kernel does not take it together with a listener");
    }
    if (profile->flags.count && request->runtime != RUNTIME_CRUN) {
        diag("the base has flags, which runc takes from version 1.2 on");
    }
    if (request->tracing.engine == &notify_engine) {
        diag("perf does not tell calls of 32-bit programs from others: leave out --engine notify for containers that "
             "have such programs");
    }
}

/* ------------------------------------------------------------------------ the command */

/* Where the agent listens. 0, or negative and the reason was said. */
static int set_listener(const struct request *request, struct seccomp_profile *profile) {
    profile->listener_path = request->listen ? strdup(request->listen) : agent_socket_default();
    if (!profile->listener_path) {
        diag(errno == ENOENT ? "XDG_RUNTIME_DIR is not set: say where the agent listens with --listen SOCKET"
                             : "out of memory");
        return -EINVAL;
    }
    const char *path = profile->listener_path;
    bool is_plain = u8_check((const uint8_t *)path, strlen(path)) == NULL;
    for (; *path; path++) {
        is_plain = is_plain && (unsigned char)*path >= ' ';
    }
    if (!is_plain) {
        diag("the socket's path cannot stand in a profile: it is not in UTF-8, or has control characters");
        return -EINVAL;
    }
    return 0;
}

static int set_metadata(struct request *request, struct seccomp_profile *profile, const struct unnotified *unnotified) {
    bool denied_left_out = false;
    int status = profile_metadata_add_unnotified(&request->metadata, unnotified, &denied_left_out);
    if (status < 0 || request->metadata.length > PROFILE_METADATA_MAX) {
        diag("the agent's options with the names of calls that are not notified do not fit into listenerMetadata, %d "
             "bytes: choose fewer calls with -e",
             PROFILE_METADATA_MAX);
        return -E2BIG;
    }
    if (denied_left_out && !request->tracing.quiet) {
        diag("a document without perf's results will not say which calls the base denies: their names do not fit into "
             "listenerMetadata");
    }
    if (request->metadata.failed) {
        return -ENOMEM;
    }
    if (request->metadata.length) {
        profile->listener_metadata = request->metadata.bytes;
        request->metadata = (struct text){0};
    }
    return 0;
}

/* Let the profile notify. 0, or negative and the reason was said. */
static int notify(struct request *request, struct seccomp_profile *profile) {
    const struct options *tracing = &request->tracing;
    const struct filter_options filter = {
        .selection = &tracing->traced, .capture = &tracing->capture, .notify_all = tracing->engine != &notify_engine};
    struct profile_calls calls = {0};
    struct unnotified unnotified = {0};
    char problem[PROBLEM_BYTES] = "";
    int status = profile_calls_find(&calls, &filter);
    if (status == 0) {
        status = profile_notify(profile, &calls, request->runtime, &unnotified, problem, sizeof(problem));
    }
    if (status == -ENOTSUP) {
        diag("profile '%s': %s", request->base, problem);
    }
    status = status < 0 ? status : set_listener(request, profile);
    status = status < 0 ? status : set_metadata(request, profile, &unnotified);
    if (status == 0 && !tracing->quiet) {
        say_unnotified(request, profile, &unnotified);
    }
    unnotified_finish(&unnotified);
    profile_calls_finish(&calls);
    return status;
}

/* The same, and make sure that all denials are still there, of what the runtime will make of it as well. */
static int notify_and_check(struct request *request, struct seccomp_profile *profile) {
    struct profile_program before = {0};
    struct profile_program after = {0};
    char problem[PROBLEM_BYTES] = "";
    int status = profile_program_make(&before, profile, problem, sizeof(problem));
    if (status == -EINVAL) {
        diag("profile '%s': %s", request->base, problem);
    }
    status = status < 0 ? status : notify(request, profile);
    if (status == 0) {
        status = profile_program_make(&after, profile, problem, sizeof(problem));
        const char *weaker = status == 0 ? profile_program_find_weaker(&before, &after, profile) : NULL;
        if (status == -EINVAL) {
            diag("with notification, %s; choose other calls with -e", problem);
        } else if (weaker) {
            diag("with notification, libseccomp would make a filter that denies less of %s than the base does; choose "
                 "other calls with -e",
                 weaker);
            status = -EPERM;
        }
    }
    profile_program_finish(&before);
    profile_program_finish(&after);
    return status;
}

static int print_profile(struct request *request) {
    struct seccomp_profile profile = {0};
    int status = make_base(request, &profile);
    status = status < 0 ? status : notify_and_check(request, &profile);
    status = status < 0 ? status : seccomp_profile_write(&profile, stdout);
    seccomp_profile_finish(&profile);
    if (status == -ENOMEM) {
        diag("out of memory");
    } else if (status == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
        diag_errno(errno, "cannot write the profile");
        status = -EIO;
    }
    return status < 0 ? EXIT_OURS : 0;
}

int profile_run(int argc, char *argv[]) {
    struct request request = {0};
    int status = EXIT_OURS;
    switch (parse(&request, argc - 1, argv + 1)) {
    case OPTIONS_RUN:
        status = print_profile(&request);
        break;
    case OPTIONS_DONE:
        status = fflush(stdout) == 0 ? 0 : EXIT_OURS;
        break;
    case OPTIONS_BAD:
        break;
    }
    options_finish(&request.tracing);
    name_list_finish(&request.capabilities);
    text_finish(&request.metadata);
    return status;
}
