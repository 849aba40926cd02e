/* SPDX-License-Identifier: MIT
 *
 * The completions of bash and zsh, out of the table of options.
 */
#include "option_table.h"

#include "golden_rules.h"
#include "syscall_table.h"
#include "verb_completion.h"

#include <string.h>

/* The words of "a|b|c" with spaces between. */
static void print_words(FILE *stream, const char *words) {
    for (; *words; words++) {
        fputc(*words == '|' ? ' ' : *words, stream);
    }
}

static bool is_first_of_its_name(size_t index) {
    const char *name = syscall_row_at(index)->name;
    size_t first = 0;
    while (strcmp(syscall_row_at(first)->name, name) != 0) {
        first++;
    }
    return first == index;
}

/* What may stand in a list of calls. */
static void print_calls(FILE *stream) {
    const char *class;
    for (size_t i = 0; (class = syscall_class_name_at(i, NULL)); i++) {
        fprintf(stream, "%s ", class);
    }
    const struct syscall_row *row;
    for (size_t i = 0; (row = syscall_row_at(i)); i++) {
        if (is_first_of_its_name(i)) {
            fprintf(stream, "%s ", row->name);
        }
    }
    fputs("all none", stream);
}

/* What may stand in a list of rules. */
static void print_rules(FILE *stream) {
    const char *rule;
    for (size_t i = 0; (rule = golden_rule_name(i)); i++) {
        fprintf(stream, "%s ", rule);
    }
    fputs("all none", stream);
}

/* One case per option that takes an argument: what that argument can be. */
static void print_bash_case(FILE *stream, const struct option_row *row) {
    fputs("    ", stream);
    if (option_has_letter(row)) {
        fprintf(stream, "-%c | ", row->id);
    }
    fprintf(stream, "--%s) ", row->name);
    switch (row->kind) {
    case ARGUMENT_WORDS:
        fputs("mapfile -t COMPREPLY < <(compgen -W '", stream);
        print_words(stream, row->argument);
        fputs("' -- \"$value\") ;;\n", stream);
        break;
    case ARGUMENT_FILE:
        fputs("_renacer_sv_files -f ;;\n", stream);
        break;
    case ARGUMENT_USER:
        fputs("mapfile -t COMPREPLY < <(compgen -u -- \"$value\") ;;\n", stream);
        break;
    case ARGUMENT_CALLS:
        fputs("_renacer_sv_calls ;;\n", stream);
        break;
    case ARGUMENT_RULES:
        fputs("_renacer_sv_rules ;;\n", stream);
        break;
    case ARGUMENT_OTHER:
        fputs(";;\n", stream);
        break;
    }
}

/* The options that take an argument: the letters as the inside of a set, the names as a pattern. */
static void print_bash_takers(FILE *stream, bool letters) {
    const char *bar = "";
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (!option_rows[i].argument) {
            continue;
        }
        if (!letters) {
            fprintf(stream, "%s--%s", bar, option_rows[i].name);
            bar = " | ";
        } else if (option_has_letter(&option_rows[i])) {
            fputc(option_rows[i].id, stream);
        }
    }
}

/* Put together what bash takes apart at "=" and ":". Words of which no blank is in between belong to one. */
static const char bash_words[] = "    local line=${COMP_LINE:-${COMP_WORDS[*]}} words=() starts=() i\n"
                                 "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
                                 "        if ((i == 0)) || [[ $line == [[:space:]]* ]]; then\n"
                                 "            words+=(\"${COMP_WORDS[i]}\") starts+=(\"$i\")\n"
                                 "        else\n"
                                 "            words[-1]+=${COMP_WORDS[i]}\n"
                                 "        fi\n"
                                 "        line=${line#\"${line%%[![:space:]]*}\"}\n"
                                 "        line=${line#\"${COMP_WORDS[i]}\"}\n"
                                 "    done\n"
                                 "    local last=$((${#words[@]} - 1)) raw=${COMP_WORDS[COMP_CWORD]}\n"
                                 "    local cur=${words[last]} prefix\n"
                                 "    prefix=${cur%\"$raw\"}\n"
                                 "    [[ $prefix && $raw != *[!=:]* ]] && prefix=$cur\n";

/* The first word that is no option is the program, which completes itself. */
static const char bash_program[] = "    if ((word < last)) || [[ $ended && $word == \"$last\" ]]; then\n"
                                   "        value=$cur\n"
                                   "        _renacer_sv_program\n"
                                   "        return\n"
                                   "    fi\n"
                                   "    if ((word > last)); then\n"
                                   "        value=$cur\n"
                                   "    elif [[ $cur == --*=* ]]; then\n"
                                   "        option=${cur%%=*} value=${cur#*=} lead=${cur%%=*}=\n"
                                   "    else\n"
                                   "        option= value=$cur\n"
                                   "    fi\n";

/* What completes files, programs, calls and rules. */
static void print_bash_helpers(FILE *stream) {
    fputs("# Completion of renacer-sv for bash; made by renacer-sv --completion bash.\n"
          "_renacer_sv_files() {\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    mapfile -t COMPREPLY < <(compgen \"$@\" -- \"$value\")\n"
          "}\n"
          "_renacer_sv_program() {\n"
          "    if declare -F _command_offset >/dev/null; then\n"
          "        _command_offset \"${starts[word]}\"\n"
          "    elif ((word < last)); then\n"
          "        _renacer_sv_files -f\n"
          "    else\n"
          "        _renacer_sv_files -c -f\n"
          "    fi\n"
          "}\n"
          "_renacer_sv_calls() {\n"
          "    local item=${value##*[=,!?]}\n"
          "    mapfile -t COMPREPLY < <(compgen -P \"${value%\"$item\"}\" -W '",
          stream);
    print_calls(stream);
    fputs("' -- \"$item\")\n"
          "}\n"
          "_renacer_sv_rules() {\n"
          "    local item=${value##*,}\n"
          "    item=${item#[-!]}\n"
          "    mapfile -t COMPREPLY < <(compgen -P \"${value%\"$item\"}\" -W '",
          stream);
    print_rules(stream);
    fputs("' -- \"$item\")\n"
          "}\n",
          stream);
}

void options_print_bash(FILE *stream) {
    print_bash_helpers(stream);
    fputs("_renacer_sv_words() {\n"
          "    COMPREPLY=()\n",
          stream);
    fputs(bash_words, stream);
    fputs("    local word=1 ended= option= value= lead= letters\n", stream);
    verbs_print_bash(stream);
    fputs("    while ((word < last)); do\n"
          "        option=${words[word]}\n"
          "        case $option in\n"
          "        --) word=$((word + 1)) ended=yes; break ;;\n"
          "        ",
          stream);
    print_bash_takers(stream, false);
    fputs(") word=$((word + 1)) ;;\n"
          "        --*) ;;\n"
          "        -?*)\n"
          "            letters=${option#-}\n"
          "            letters=${letters#\"${letters%%[",
          stream);
    print_bash_takers(stream, true);
    fputs("]*}\"}\n"
          "            if ((${#letters} == 1)); then option=-$letters word=$((word + 1)); fi\n"
          "            ;;\n"
          "        *) break ;;\n"
          "        esac\n"
          "        word=$((word + 1))\n"
          "    done\n",
          stream);
    fputs(bash_program, stream);
    fputs("    case $option in\n", stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_rows[i].argument) {
            print_bash_case(stream, &option_rows[i]);
        }
    }
    fputs("    *)\n"
          "        if [[ $value == -* ]]; then\n"
          "            mapfile -t COMPREPLY < <(compgen -W '",
          stream);
    for (unsigned i = 0; i < OPTION_ROWS; i++) {
        if (option_has_letter(&option_rows[i])) {
            fprintf(stream, "-%c ", option_rows[i].id);
        }
        if (option_is_one(&option_rows[i])) {
            fprintf(stream, "--%s ", option_rows[i].name);
        }
    }
    fputs("' -- \"$value\")\n"
          "        elif [[ ! $lead ]]; then\n"
          "            _renacer_sv_files -c -f\n"
          "            for word in ",
          stream);
    verbs_print_words(stream);
    fputs("; do\n"
          "                if ((last == 1)) && [[ $word == \"$value\"* ]]; then COMPREPLY+=(\"$word\"); fi\n"
          "            done\n"
          "        fi\n"
          "        ;;\n"
          "    esac\n"
          "    COMPREPLY=(\"${COMPREPLY[@]/#/$lead}\")\n"
          "    COMPREPLY=(\"${COMPREPLY[@]#\"$prefix\"}\")\n"
          "}\n"
          /* Commands stand in several folders, and are files as well. */
          "_renacer_sv() {\n"
          "    _renacer_sv_words \"$@\"\n"
          "    local -A seen=()\n"
          "    local word words=()\n"
          "    for word in \"${COMPREPLY[@]}\"; do\n"
          "        [[ ${seen[\"x$word\"]} ]] || words+=(\"$word\")\n"
          "        seen[\"x$word\"]=1\n"
          "    done\n"
          "    COMPREPLY=(\"${words[@]}\")\n"
          "}\n"
          "complete -F _renacer_sv renacer-sv\n",
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
        } else if (row->kind == ARGUMENT_CALLS) {
            fputs("_renacer_sv_calls", stream);
        } else if (row->kind == ARGUMENT_RULES) {
            fputs("_renacer_sv_rules", stream);
        }
    }
    fputs("' \\\n", stream);
}

void options_print_zsh(FILE *stream) {
    fputs("#compdef renacer-sv\n"
          "# Completion of renacer-sv for zsh; made by renacer-sv --completion zsh.\n"
          "_renacer_sv_calls() {\n"
          "  compset -P '*[=,!?]'\n"
          "  compadd -- ",
          stream);
    print_calls(stream);
    fputs("\n"
          "}\n"
          "_renacer_sv_rules() {\n"
          "  compset -P '*[,!]' || compset -P '-'\n"
          "  compadd -- ",
          stream);
    print_rules(stream);
    fputs("\n}\n", stream);
    verbs_print_zsh(stream);
    fputs("((CURRENT == 2)) && compadd ", stream);
    verbs_print_words(stream);
    fputs("\n_arguments -S -s \\\n", stream);
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
