/* SPDX-License-Identifier: MIT */
#include "verb_completion.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* What an option's argument is. */
enum kind {
    NOTHING, /* it has none */
    WORDS,
    A_FILE,
    A_FOLDER,
    OTHER,
};

struct verb_option {
    const char *letter; /* or NULL */
    const char *name;
    enum kind kind;
    const char *argument; /* of WORDS: the words, with spaces between; else what to call it */
    const char *help;     /* without characters that zsh or the shell's quotes take for something else */
    bool repeats;
    const char *only; /* words behind the verb that have it; NULL: all */
};

struct verb {
    const char *word;
    const struct verb_option *options; /* the last one has no name */
    const char *operand;               /* what files it takes besides; NULL: none */
    bool runs;                         /* behind -- it takes a program */
    const char *const *actions;        /* words that it takes first, NULL-terminated; NULL: none. Of golden, whose other
                                        * words are names in the manifest */
};

static const struct verb_option agent_options[] = {
    {"-o", "--output", A_FOLDER, "folder", "where documents go", false, NULL},
    {NULL, "--listen", A_FILE, "socket", "where runtimes connect", false, NULL},
    {NULL, "--allow-uid", OTHER, "user", "whose runtimes are served", true, NULL},
    {NULL, "--timeout", OTHER, "seconds", "how long a runtime may take", false, NULL},
    {"-e", "--expr", OTHER, "expression", "which calls are recorded", true, NULL},
    {NULL, "--format", WORDS, "json jsonl csv text", "form of the documents", false, NULL},
    {NULL, "--engine", WORDS, "auto notify notify-only", "how to trace", false, NULL},
    {NULL, "--redact", OTHER, "rule", "what documents must not hold", true, NULL},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const struct verb_option check_options[] = {
    {"-c", "--config", A_FILE, "file", "the budgets", false, NULL},
    {NULL, "--golden", A_FILE, "trace", "what limits are relative to", false, NULL},
    {NULL, "--runs", OTHER, "number", "run the program so often", false, NULL},
    {NULL, "--explain", NOTHING, NULL, "say from which calls it was measured", false, NULL},
    {NULL, "--format", WORDS, "text json junit github", "form of the report", false, NULL},
    {"-o", "--output", A_FILE, "file", "where the report goes", false, NULL},
    {NULL, "--color", WORDS, "auto always never", "colours", false, NULL},
    {NULL, "--keep", A_FOLDER, "folder", "where the traces of the program are kept", false, NULL},
    {"-q", "--quiet", NOTHING, NULL, "exit status alone", false, NULL},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const struct verb_option compare_options[] = {
    {NULL, "--mode", WORDS, "semantic exact counts", "what is compared", false, NULL},
    {NULL, "--format", WORDS, "text json junit github", "form of the report", false, NULL},
    {"-o", "--output", A_FILE, "file", "where the report goes", false, NULL},
    {NULL, "--color", WORDS, "auto always never", "colours", false, NULL},
    {"-q", "--quiet", NOTHING, NULL, "exit status alone", false, NULL},
    {"-U", "--context", OTHER, "number", "calls around a difference", false, NULL},
    {NULL, "--tolerance", OTHER, "limit", "by how much counts may differ", true, NULL},
    {NULL, "--ignore", OTHER, "pattern", "what does not count", true, NULL},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const struct verb_option doctor_options[] = {
    {NULL, "--format", WORDS, "text json", "form of the report", false, NULL},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const struct verb_option golden_options[] = {
    {NULL, "--manifest", A_FILE, "file", "where golden traces are listed", false, NULL},
    {NULL, "--timeout", OTHER, "seconds", "how long a program may run", false, "record verify update"},
    {NULL, "--pass", OTHER, "names", "variables of the caller", true, "record"},
    {"-E", "--env", OTHER, "assignment", "a variable that is set", true, "record"},
    {NULL, "--directory", A_FOLDER, "folder", "where the program runs", false, "record"},
    {NULL, "--input", A_FILE, "file", "its standard input", false, "record"},
    {NULL, "--mode", WORDS, "exact semantic counts", "how it is compared", false, "record"},
    {NULL, "--ignore", OTHER, "pattern", "what does not count", true, "record"},
    {NULL, "--tolerance", OTHER, "limit", "by how much counts may differ", true, "record"},
    {NULL, "--force", NOTHING, NULL, "replace an entry", false, "record"},
    {NULL, "--no-follow", NOTHING, NULL, "without child processes", false, "record"},
    {NULL, "--once", NOTHING, NULL, "do not record twice", false, "record"},
    {"-j", "--jobs", OTHER, "number", "how many at a time", false, "verify update"},
    {NULL, "--color", WORDS, "auto always never", "colours", false, "verify update"},
    {NULL, "--format", WORDS, "text json junit github", "form of the report", false, "verify"},
    {"-o", "--output", A_FILE, "file", "where the report goes", false, "verify"},
    {NULL, "--keep", A_FOLDER, "folder", "for new traces that differ", false, "verify"},
    {"-y", "--yes", NOTHING, NULL, "do not ask", false, "update"},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const struct verb_option profile_options[] = {
    {NULL, "--base", A_FILE, "profile", "what stays denied", false, NULL},
    {NULL, "--cap", OTHER, "capabilities", "what the container has", true, NULL},
    {NULL, "--runtime", WORDS, "any crun runc", "what the profile is for", false, NULL},
    {NULL, "--listen", A_FILE, "socket", "where the agent listens", false, NULL},
    {NULL, "--engine", WORDS, "notify notify-only", "what has to notify", false, NULL},
    {"-e", "--expr", OTHER, "expression", "which calls are recorded", true, NULL},
    {"-q", "--quiet", NOTHING, NULL, "without explanations", false, NULL},
    {"-h", "--help", NOTHING, NULL, "print its help", false, NULL},
    {0},
};

static const char *const golden_actions[] = {"record", "verify", "update", "list", NULL};

static const struct verb verbs[] = {
    {"agent", agent_options, NULL, false, NULL},
    {"check", check_options, "trace", true, NULL},
    {"compare", compare_options, "trace", false, NULL},
    {"doctor", doctor_options, NULL, false, NULL},
    {"golden", golden_options, NULL, true, golden_actions},
    {"profile", profile_options, NULL, false, NULL},
};

enum {
    VERBS = sizeof(verbs) / sizeof(verbs[0]),
};

void verbs_print_words(FILE *stream) {
    for (size_t i = 0; i < VERBS; i++) {
        fprintf(stream, "%s%s", i ? " " : "", verbs[i].word);
    }
}

/* ------------------------------------------------------------------------- bash */

/* "-o | --output", as a pattern of case. */
static void print_pattern(FILE *stream, const struct verb_option *option) {
    fprintf(stream, "        %s%s%s)", option->letter ? option->letter : "", option->letter ? " | " : "", option->name);
}

static void print_bash_option(FILE *stream, const struct verb_option *option) {
    if (option->kind == NOTHING) {
        return;
    }
    print_pattern(stream, option);
    switch (option->kind) {
    case WORDS:
        fprintf(stream, " letters='%s' ;;\n", option->argument);
        break;
    case A_FILE:
        fputs(" _renacer_sv_files -f ;;\n", stream);
        break;
    case A_FOLDER:
        fputs(" _renacer_sv_files -d ;;\n", stream);
        break;
    default:
        fputs(" return ;;\n", stream);
        break;
    }
}

/* Behind "--" stands the program, which completes itself. */
static void print_bash_program(FILE *stream) {
    fputs("        for ((word = 2; word < last; word++)); do\n"
          "            [[ ${words[word]} == -- ]] && break\n"
          "        done\n"
          "        if ((word < last)); then\n"
          "            value=$cur word=$((word + 1))\n"
          "            _renacer_sv_program\n"
          "            return\n"
          "        fi\n",
          stream);
}

static bool has_word(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *at = list; at && (at = strstr(at, word)); at += length) {
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length])) {
            return true;
        }
    }
    return false;
}

/* The names of the options, of those that `action` has if there is one. */
static void print_names(FILE *stream, const struct verb *verb, const char *action) {
    const char *space = "";
    for (const struct verb_option *option = verb->options; option->name; option++) {
        if (!action || !option->only || has_word(option->only, action)) {
            fprintf(stream, "%s%s", space, option->name);
            space = " ";
        }
    }
}

/* What is no argument of an option: options, and files if the verb takes any. */
static void print_bash_words(FILE *stream, const struct verb *verb) {
    fprintf(stream, "        *)\n            if [[ %s ]]; then letters='", verb->operand ? "$cur == -*" : "1");
    print_names(stream, verb, NULL);
    fprintf(stream, "'; else %s; fi\n            ;;\n        esac\n", verb->operand ? "_renacer_sv_files -f" : ":");
}

/* The same where a word says what is to be done; then come names of the manifest. */
static void print_bash_actions(FILE *stream, const struct verb *verb) {
    fprintf(stream, "        %s) letters='", verb->word);
    for (const char *const *action = verb->actions; *action; action++) {
        fprintf(stream, "%s%s", action == verb->actions ? "" : " ", *action);
    }
    fputs("' ;;\n        *)\n            case ${words[2]} in\n", stream);
    for (const char *const *action = verb->actions; *action; action++) {
        fprintf(stream, "            %s) letters='", *action);
        print_names(stream, verb, *action);
        fputs("' ;;\n", stream);
    }
    fputs(
        "            esac\n"
        "            if [[ $cur != -* ]]; then\n"
        "                letters=\n"
        "                local manifest=golden/manifest.toml\n"
        "                for ((i = 2; i < last; i++)); do\n"
        "                    if [[ ${words[i]} == --manifest=* ]]; then manifest=${words[i]#*=}; fi\n"
        "                    if [[ ${words[i]} == --manifest ]]; then manifest=${words[i + 1]}; fi\n"
        "                done\n"
        "                [[ ${words[2]} == verify || ${words[2]} == update ]] && letters=$(\n"
        "                    sed -n 's/^ *\\[ *golden\\.\"\\{0,1\\}\\([A-Za-z0-9_.-]*\\)\"\\{0,1\\} *\\].*/\\1/p' \\\n"
        "                        \"$manifest\" 2>/dev/null)\n"
        "            fi\n"
        "            ;;\n"
        "        esac\n",
        stream);
}

static void print_bash_verb(FILE *stream, const struct verb *verb) {
    fprintf(stream, "    if [[ ${words[1]} == %s ]] && ((last > 1)); then\n", verb->word);
    if (verb->runs) {
        print_bash_program(stream);
    }
    fputs("        option=${words[last - 1]} value=$cur\n"
          "        if [[ $cur == --*=* ]]; then\n"
          "            option=${cur%%=*} lead=${cur%%=*}= value=${cur#*=}\n"
          "        fi\n"
          "        case $option in\n",
          stream);
    for (const struct verb_option *option = verb->options; option->name; option++) {
        print_bash_option(stream, option);
    }
    (verb->actions ? print_bash_actions : print_bash_words)(stream, verb);
    fputs("        if [[ $letters ]]; then\n"
          "            mapfile -t COMPREPLY < <(compgen -W \"$letters\" -- \"$value\")\n"
          "        fi\n"
          "        COMPREPLY=(\"${COMPREPLY[@]/#/$lead}\")\n"
          "        COMPREPLY=(\"${COMPREPLY[@]#\"$prefix\"}\")\n"
          "        return\n"
          "    fi\n",
          stream);
}

void verbs_print_bash(FILE *stream) {
    for (size_t i = 0; i < VERBS; i++) {
        print_bash_verb(stream, &verbs[i]);
    }
}

/* -------------------------------------------------------------------------- zsh */

static void print_zsh_option(FILE *stream, const struct verb_option *option) {
    fputs(" \\\n    ", stream);
    if (option->repeats) {
        fputs("'*'", stream);
    }
    if (option->letter && !option->repeats) {
        fprintf(stream, "'(%s %s)'", option->letter, option->name);
    }
    if (option->letter) {
        fprintf(stream, "{%s,%s}", option->letter, option->name);
    } else {
        fprintf(stream, "'%s'", option->name);
    }
    fprintf(stream, "'[%s]", option->help);
    switch (option->kind) {
    case NOTHING:
        break;
    case WORDS:
        fprintf(stream, ":%s:(%s)", option->name + 2, option->argument);
        break;
    case A_FILE:
        fprintf(stream, ":%s:_files", option->argument);
        break;
    case A_FOLDER:
        fprintf(stream, ":%s:_files -/", option->argument);
        break;
    case OTHER:
        fprintf(stream, ":%s:", option->argument);
        break;
    }
    fputs("'", stream);
}

void verbs_print_zsh(FILE *stream) {
    for (size_t i = 0; i < VERBS; i++) {
        const struct verb *verb = &verbs[i];
        fprintf(stream, "if [[ $words[2] == %s ]] && ((CURRENT > 2)); then\n  _arguments -S '1:verb:(%s)'", verb->word,
                verb->word);
        for (const struct verb_option *option = verb->options; option->name; option++) {
            print_zsh_option(stream, option);
        }
        if (verb->actions) {
            fputs(" \\\n    '2:what:(", stream);
            for (const char *const *action = verb->actions; *action; action++) {
                fprintf(stream, "%s%s", action == verb->actions ? "" : " ", *action);
            }
            fputs(")' '*:name or program:_files'", stream);
        }
        if (verb->operand) {
            fprintf(stream, " \\\n    '*:%s:_files'", verb->operand);
        }
        fputs("\n  return\nfi\n", stream);
    }
}
