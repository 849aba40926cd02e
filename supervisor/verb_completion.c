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
};

struct verb {
    const char *word;
    const struct verb_option *options; /* the last one has no name */
    const char *operand;               /* what files it takes besides; NULL: none */
    bool runs;                         /* behind -- it takes a program */
};

static const struct verb_option check_options[] = {
    {"-c", "--config", A_FILE, "file", "the budgets", false},
    {NULL, "--golden", A_FILE, "trace", "what limits are relative to", false},
    {NULL, "--runs", OTHER, "number", "run the program so often", false},
    {NULL, "--explain", NOTHING, NULL, "say from which calls it was measured", false},
    {NULL, "--format", WORDS, "text json junit github", "form of the report", false},
    {"-o", "--output", A_FILE, "file", "where the report goes", false},
    {NULL, "--color", WORDS, "auto always never", "colours", false},
    {NULL, "--keep", A_FOLDER, "folder", "where the traces of the program are kept", false},
    {"-q", "--quiet", NOTHING, NULL, "exit status alone", false},
    {"-h", "--help", NOTHING, NULL, "print its help", false},
    {0},
};

static const struct verb_option compare_options[] = {
    {NULL, "--mode", WORDS, "semantic exact counts", "what is compared", false},
    {NULL, "--format", WORDS, "text json junit github", "form of the report", false},
    {"-o", "--output", A_FILE, "file", "where the report goes", false},
    {NULL, "--color", WORDS, "auto always never", "colours", false},
    {"-q", "--quiet", NOTHING, NULL, "exit status alone", false},
    {"-U", "--context", OTHER, "number", "calls around a difference", false},
    {NULL, "--tolerance", OTHER, "limit", "by how much counts may differ", true},
    {NULL, "--ignore", OTHER, "pattern", "what does not count", true},
    {"-h", "--help", NOTHING, NULL, "print its help", false},
    {0},
};

static const struct verb_option doctor_options[] = {
    {NULL, "--format", WORDS, "text json", "form of the report", false},
    {"-h", "--help", NOTHING, NULL, "print its help", false},
    {0},
};

static const struct verb verbs[] = {
    {"check", check_options, "trace", true},
    {"compare", compare_options, "trace", false},
    {"doctor", doctor_options, NULL, false},
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

static void print_bash_verb(FILE *stream, const struct verb *verb) {
    fprintf(stream, "    if [[ ${words[1]} == %s ]] && ((last > 1)); then\n", verb->word);
    if (verb->runs) {
        /* Behind "--" stands the program, which completes itself. */
        fputs("        for ((word = 2; word < last; word++)); do\n"
              "            [[ ${words[word]} == -- ]] && break\n"
              "        done\n"
              "        if ((word < last)); then\n"
              "            value=$cur word=$((word + 1))\n"
              "            if declare -F _command_offset >/dev/null; then\n"
              "                _command_offset \"${starts[word]}\"\n"
              "            elif ((word < last)); then\n"
              "                _renacer_sv_files -f\n"
              "            else\n"
              "                _renacer_sv_files -c -f\n"
              "            fi\n"
              "            return\n"
              "        fi\n",
              stream);
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
    fprintf(stream, "        *)\n            if [[ %s ]]; then letters='", verb->operand ? "$cur == -*" : "1");
    for (const struct verb_option *option = verb->options; option->name; option++) {
        fprintf(stream, "%s%s", option == verb->options ? "" : " ", option->name);
    }
    fprintf(stream, "'; else %s; fi\n            ;;\n        esac\n", verb->operand ? "_renacer_sv_files -f" : ":");
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
        if (verb->operand) {
            fprintf(stream, " \\\n    '*:%s:_files'", verb->operand);
        }
        fputs("\n  return\nfi\n", stream);
    }
}
