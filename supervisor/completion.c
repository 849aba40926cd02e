/* SPDX-License-Identifier: MIT
 *
 * The completions of bash and zsh, out of the table of options.
 */
#include "option_table.h"

#include <string.h>

/* The words of "a|b|c" with spaces between. */
static void print_words(FILE *stream, const char *words) {
    for (; *words; words++) {
        fputc(*words == '|' ? ' ' : *words, stream);
    }
}

static void print_bash_case(FILE *stream, const struct option_row *row) {
    fputs("    ", stream);
    if (option_has_letter(row)) {
        fprintf(stream, "-%c | ", row->id);
    }
    fprintf(stream, "--%s)\n", row->name);
    switch (row->kind) {
    case ARGUMENT_WORDS:
        fputs("        COMPREPLY=($(compgen -W '", stream);
        print_words(stream, row->argument);
        fputs("' -- \"$cur\"))\n", stream);
        break;
    case ARGUMENT_FILE:
        fputs("        COMPREPLY=($(compgen -f -- \"$cur\"))\n", stream);
        break;
    case ARGUMENT_USER:
        fputs("        COMPREPLY=($(compgen -u -- \"$cur\"))\n", stream);
        break;
    case ARGUMENT_OTHER:
        fputs("        COMPREPLY=()\n", stream);
        break;
    }
    fputs("        return\n        ;;\n", stream);
}

/* The first word that is no option is the program, which completes itself. */
void options_print_bash(FILE *stream) {
    fputs("# Completion of renacer-sv for bash; made by renacer-sv --completion bash.\n"
          "_renacer_sv() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} word=1\n"
          "    while ((word < COMP_CWORD)); do\n"
          "        case ${COMP_WORDS[word]} in\n"
          "        --) ((word++)); break ;;\n        ",
          stream);
    const char *bar = "";
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].argument) {
            if (option_has_letter(&option_rows[i])) {
                fprintf(stream, "%s-%c", bar, option_rows[i].id);
                bar = " | ";
            }
            fprintf(stream, "%s--%s", bar, option_rows[i].name);
            bar = " | ";
        }
    }
    fputs(") ((word += 2)) ;;\n"
          "        -*) ((word++)) ;;\n"
          "        *) break ;;\n"
          "        esac\n"
          "    done\n"
          "    if ((word < COMP_CWORD)) || [[ ${COMP_WORDS[COMP_CWORD-1]} == -- ]]; then\n"
          "        _command_offset $word 2>/dev/null || COMPREPLY=($(compgen -c -f -- \"$cur\"))\n"
          "        return\n"
          "    fi\n"
          "    case ${COMP_WORDS[COMP_CWORD-1]} in\n",
          stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].argument) {
            print_bash_case(stream, &option_rows[i]);
        }
    }
    fputs("    esac\n"
          "    if [[ $cur == -* ]]; then\n"
          "        COMPREPLY=($(compgen -W '",
          stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_has_letter(&option_rows[i])) {
            fprintf(stream, "-%c ", option_rows[i].id);
        }
        if (option_is_one(&option_rows[i])) {
            fprintf(stream, "--%s ", option_rows[i].name);
        }
    }
    fputs("' -- \"$cur\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -c -f -- \"$cur\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _renacer_sv renacer-sv\n",
          stream);
}

/* In zsh's specifications these characters mean something. */
static void print_zsh_text(FILE *stream, const char *text) {
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", stream);
        } else {
            if (strchr("[]:\\", *text)) {
                fputc('\\', stream);
            }
            fputc(*text, stream);
        }
    }
}

static void print_zsh_spec(FILE *stream, const struct option_row *row, const char *option, const char *repeat) {
    fprintf(stream, "  '%s%s[", repeat, option);
    print_zsh_text(stream, row->help);
    fputc(']', stream);
    if (row->argument) {
        fputc(':', stream);
        print_zsh_text(stream, row->kind == ARGUMENT_WORDS ? row->name : row->argument);
        fputc(':', stream);
        if (row->kind == ARGUMENT_WORDS) {
            fputc('(', stream);
            print_words(stream, row->argument);
            fputc(')', stream);
        } else if (row->kind == ARGUMENT_FILE) {
            fputs("_files", stream);
        } else if (row->kind == ARGUMENT_USER) {
            fputs("_users", stream);
        }
    }
    fputs("' \\\n", stream);
}

void options_print_zsh(FILE *stream) {
    fputs("#compdef renacer-sv\n"
          "# Completion of renacer-sv for zsh; made by renacer-sv --completion zsh.\n"
          "_arguments -S -s \\\n",
          stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        char option[64];
        if (option_has_letter(&option_rows[i])) {
            snprintf(option, sizeof(option), "-%c%s", option_rows[i].id, option_rows[i].argument ? "+" : "");
            print_zsh_spec(stream, &option_rows[i], option, "*");
        }
        if (option_is_one(&option_rows[i])) {
            snprintf(option, sizeof(option), "--%s%s", option_rows[i].name, option_rows[i].argument ? "=" : "");
            print_zsh_spec(stream, &option_rows[i], option, "*");
        }
    }
    fputs("  '(-):program:_command_names -e' \\\n"
          "  '*::argument:_normal'\n",
          stream);
}
