/* SPDX-License-Identifier: MIT */
#include "agent_options.h"

#include "cleanup.h"
#include "diag.h"
#include "option_table.h"
#include "option_word.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIMEOUT = 10,
    TIMEOUT_MOST = 3600,
};

enum own_option {
    OWN_LISTEN = OPTIONS_OWN,
    OWN_ALLOW_UID,
    OWN_TIMEOUT,
    OWN_UNNOTIFIED,
};

static const struct option own_options[] = {{"listen", required_argument, NULL, OWN_LISTEN},
                                            {"allow-uid", required_argument, NULL, OWN_ALLOW_UID},
                                            {"timeout", required_argument, NULL, OWN_TIMEOUT},
                                            {"unnotified", required_argument, NULL, OWN_UNNOTIFIED},
                                            {0}};

/* That of a profile; the others are the agent's. */
static const struct option *const profile_options = &own_options[3];

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv agent [OPTION]... -o DIR\n"
          "Trace containers whose runtime hands over the listener of their seccomp filter:\n"
          "each one to DIR/ID.json, where ID is its name. `renacer-sv profile` makes the\n"
          "profile that a container needs for it.\n"
          "\n"
          "  -o, --output DIR    where the documents go; made if it is not there\n"
          "  --listen SOCKET     where runtimes connect: /run/renacer-sv/agent.sock for root,\n"
          "                      $XDG_RUNTIME_DIR/renacer-sv/agent.sock for others, or the\n"
          "                      socket that systemd hands over\n"
          "  --allow-uid UID     whose runtimes are served beside our own user's; may be\n"
          "                      repeated\n"
          "  --timeout SECONDS   how long a runtime may take to tell of a container (10)\n"
          "  --engine notify|notify-only\n"
          "                      how to trace; notify-only records no results (the best that\n"
          "                      works)\n"
          "  -e, --expr EXPR     which calls are recorded, as far as the profile notifies\n"
          "                      them (all)\n"
          "  --format json|jsonl|csv|text\n"
          "                      form of the documents (json)\n"
          "  --redact RULE       what documents must not hold; may be repeated\n"
          "  -h, --help          print this help\n"
          "\n"
          "The other options that say what is recorded and how it is shown (-P, -y, -s, -c,\n"
          "--string-limit and others) work as for a program. The listenerMetadata of a\n"
          "container's profile may add to all of them. Child processes are always followed.\n"
          "See renacer-sv-agent(1).\n",
          stream);
}

static bool allow_uid(struct agent_options *options, const char *text) {
    char *end;
    errno = 0;
    unsigned long long uid = strtoull(text, &end, 10);
    if (errno || *end || text[strspn(text, "0123456789")] || end == text || uid >= UINT32_MAX) {
        diag("--allow-uid wants the number of a user, not '%s'", text);
        return false;
    }
    if (options->uid_count == AGENT_UIDS_MAX) {
        diag("more than %d options --allow-uid", AGENT_UIDS_MAX);
        return false;
    }
    options->uids[options->uid_count++] = (uid_t)uid;
    return true;
}

/* Of a profile that somebody may have written by hand. */
static bool take_unnotified(struct agent_options *options, const char *list) {
    static const char name_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789_,";
    char problem[256] = "names alone";
    auto_free struct selection *selection = malloc(sizeof(*selection));
    if (!selection) {
        diag_errno(ENOMEM, "--unnotified");
        return false;
    }
    selection_init(selection);
    if (list[strspn(list, name_bytes)] ||
        selection_parse_from(selection, "--unnotified", list, problem, sizeof(problem)) < 0) {
        diag("--unnotified wants names of calls, joined by commas, not '%s': %s", list, problem);
        return false;
    }
    options->unnotified = list;
    return true;
}

static bool take_own(void *context, int id, const char *argument) {
    struct agent_options *options = context;
    switch ((enum own_option)id) {
    case OWN_LISTEN:
        options->socket = argument;
        return true;
    case OWN_ALLOW_UID:
        return allow_uid(options, argument);
    case OWN_TIMEOUT:
        return option_number("--timeout", "a number of seconds", argument, 1, TIMEOUT_MOST, &options->timeout) == 0;
    case OWN_UNNOTIFIED:
        return take_unnotified(options, argument);
    }
    return false;
}

const char *agent_option_objection(int id) {
    switch (id) {
    case OPTION_ATTACH:
    case OPTION_USER:
    case OPTION_ENVIRONMENT:
        return "containers are started by their runtime, not by us";
    case OPTION_GOLDEN:
    case OPTION_NORMALIZE:
        return "a golden trace begins with an address space that we make";
    case OPTION_LOSSLESS:
        return "which calls stop is a matter of the container's profile";
    case OPTION_COLOUR:
        return "documents have no colours";
    case OPTION_FAIL_ON_LOST:
        return "an agent has no exit status for its containers; lost events are logged";
    case OPTION_COMPLETION:
        return "it is for the shell, without a verb";
    default:
        return NULL;
    }
}

/* What changes for the agent or its machine is the agent's matter. */
const char *profile_option_objection(int id) {
    switch (id) {
    case OPTION_OUTPUT:
    case OPTION_RING_SIZE:
    case OPTION_PROFILE_SELF:
    case OPTION_REDACT_FILE:
    case OPTION_ENGINE:
    case OPTION_HELP:
    case OPTION_VERSION:
        return "only the agent's command line may say that";
    default:
        return agent_option_objection(id);
    }
}

static const char *objection_of_agent(void *context, int id) {
    (void)context;
    return agent_option_objection(id);
}

static const char *objection_of_profile(void *context, int id) {
    (void)context;
    return profile_option_objection(id);
}

/* Options that do not go with what an agent can do. False, and that was said. */
static bool check_tracing(const struct agent_options *options) {
    const struct options *tracing = &options->tracing;
    if (tracing->engine && !tracing->engine->adopts) {
        diag("engine %s cannot take over a container's listener; notify and notify-only can", tracing->engine->name);
        return false;
    }
    if (tracing->capture.outputs) {
        diag("--decode=full needs a tracer beside the listener, which a container does not have");
        return false;
    }
    return true;
}

enum options_verdict agent_options_parse(struct agent_options *options, int argc, char *argv[], char *const *metadata,
                                         size_t count) {
    *options = (struct agent_options){.timeout = TIMEOUT};
    count = metadata ? count : 0;
    struct options_verb verb = {.word = "agent",
                                .print_help = print_help,
                                .format = FORMAT_JSON,
                                .own = own_options,
                                .context = options,
                                .take = take_own,
                                .objection = objection_of_agent};
    auto_free char **words = calloc((size_t)argc + count + 1, sizeof(char *));
    if (!words) {
        diag_errno(ENOMEM, "options");
        return OPTIONS_BAD;
    }
    if (metadata) {
        /* By themselves first, for they may say less. */
        struct options_verb profile = verb;
        profile.own = profile_options;
        profile.objection = objection_of_profile;
        words[0] = argv[0];
        memcpy(words + 1, metadata, count * sizeof(char *));
        enum options_verdict verdict = options_parse_verb(&options->tracing, (int)count + 1, words, &profile);
        options_finish(&options->tracing);
        options->tracing = (struct options){0};
        if (verdict != OPTIONS_RUN) {
            return verdict;
        }
    }
    memcpy(words, argv, (size_t)argc * sizeof(char *));
    if (metadata) {
        memcpy(words + argc, metadata, count * sizeof(char *));
    }
    words[(size_t)argc + count] = NULL;
    options->uid_count = 0;
    enum options_verdict verdict = options_parse_verb(&options->tracing, argc + (int)count, words, &verb);
    if (verdict != OPTIONS_RUN) {
        return verdict;
    }
    /* A container is all of its processes. */
    options->tracing.output.follow = true;
    return check_tracing(options) ? OPTIONS_RUN : OPTIONS_BAD;
}

void agent_options_finish(struct agent_options *options) {
    options_finish(&options->tracing);
}
