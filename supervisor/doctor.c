/* SPDX-License-Identifier: MIT */
#include "doctor.h"

#include "diag.h"
#include "engine.h"
#include "json_object.h"
#include "version.h"

#include <getopt.h>
#include <string.h>
#include <sys/utsname.h>

enum {
    STATUS_WORKS = 0,
    STATUS_NO_ENGINE = 1,
    STATUS_BAD = 125,
    REASON_BYTES = 1024,
};

enum report_form {
    REPORT_TEXT,
    REPORT_JSON,
};

/* ----------------------------------------------------------------------- text */

static void print_probe(const struct probe_report *report, enum probe probe, FILE *stream) {
    const struct probe_result *result = &report->results[probe];
    const char *error = result->error ? strerrorname_np(result->error) : NULL;
    fprintf(stream, "%-18s  %-7s  %s", probe_name(probe), probe_state_name(result->state), result->detail);
    fprintf(stream, error ? " (%s)\n" : "\n", error);
}

static void print_engines(const struct probe_report *report, FILE *stream) {
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        char reason[REASON_BYTES];
        bool works = probe_engine_works(report, (*engine)->name, reason, sizeof(reason));
        fprintf(stream, "%-18s  %-7s  %s\n", (*engine)->name, works ? "works" : "no",
                works ? "nothing that it needs is missing" : reason);
    }
}

void doctor_print_text(const struct probe_report *report, FILE *stream) {
    char reason[REASON_BYTES];
    for (unsigned i = 0; i < PROBES; i++) {
        print_probe(report, i, stream);
    }
    fputc('\n', stream);
    print_engines(report, stream);
    const char *engine = probe_engine(report, reason, sizeof(reason));
    fprintf(stream, "\nengine: %s (%s)\n", engine ? engine : "none", reason);
    bool headed = false;
    for (unsigned i = 0; i < PROBES; i++) {
        if (report->results[i].remedy[0]) {
            fprintf(stream, "%s  %s: %s\n", headed ? "" : "\nwhat helps:\n", probe_name(i), report->results[i].remedy);
            headed = true;
        }
    }
}

/* ----------------------------------------------------------------------- JSON */

/* `text`, or null if it is empty or NULL. */
static void add_text(struct json_node object, const char *name, const char *text) {
    json_add_string(object, name, text && text[0] ? text : NULL);
}

static void add_setting(struct json_node object, const char *name, int value) {
    if (value == SETTING_UNKNOWN) {
        json_add_null(object, name);
    } else {
        json_add_number(object, name, value);
    }
}

static void add_system(struct json_node document, const struct probe_setting *setting) {
    struct json_node system = json_add_object(document, "system");
    char capabilities[24];
    struct utsname kernel;
    snprintf(capabilities, sizeof(capabilities), "0x%llx", (unsigned long long)setting->capabilities);
    add_text(system, "kernel", uname(&kernel) == 0 ? kernel.release : NULL);
    json_add_number(system, "uid", setting->user);
    json_add_string(system, "capabilities", capabilities);
    json_add_bool(system, "user_namespace", setting->user_namespace);
    json_add_bool(system, "no_new_privs", setting->no_new_privs);
    json_add_bool(system, "seccomp_filter", setting->seccomp == 2);
    add_setting(system, "perf_event_paranoid", setting->perf_event_paranoid);
    add_setting(system, "perf_event_mlock_kb", setting->perf_event_mlock_kb);
    add_setting(system, "ptrace_scope", setting->ptrace_scope);
    add_setting(system, "io_uring_disabled", setting->io_uring_disabled);
    add_text(system, "tracefs", setting->tracefs);
}

static void add_probes(struct json_node document, const struct probe_report *report) {
    struct json_node probes = json_add_array(document, "probes");
    for (unsigned i = 0; i < PROBES; i++) {
        const struct probe_result *result = &report->results[i];
        struct json_node probe = json_append_object(probes);
        json_add_string(probe, "name", probe_name(i));
        json_add_string(probe, "state", probe_state_name(result->state));
        add_text(probe, "error", result->error ? strerrorname_np(result->error) : NULL);
        json_add_string(probe, "detail", result->detail);
        add_text(probe, "remedy", result->remedy);
    }
}

static void add_engines(struct json_node document, const struct probe_report *report) {
    struct json_node engines = json_add_array(document, "engines");
    char reason[REASON_BYTES];
    for (const struct engine *const *engine = engine_all(); *engine; engine++) {
        struct json_node item = json_append_object(engines);
        json_add_string(item, "name", (*engine)->name);
        json_add_bool(item, "works", probe_engine_works(report, (*engine)->name, reason, sizeof(reason)));
        add_text(item, "reason", reason);
    }
    add_text(document, "engine", probe_engine(report, reason, sizeof(reason)));
    json_add_string(document, "reason", reason);
}

static void add_rings(struct json_node document, const struct probe_report *report) {
    struct json_node rings = json_add_object(document, "rings");
    json_add_number(rings, "count", (double)report->rings);
    json_add_number(rings, "bytes", (double)report->ring_bytes);
    json_add_number(rings, "bytes_wanted", (double)report->ring_bytes_wanted);
}

bool doctor_print_json(const struct probe_report *report, FILE *stream) {
    bool failed = false;
    struct json_node document = json_document(&failed);
    json_add_string(document, "format", "renacer-doctor-v1");
    struct json_node producer = json_add_object(document, "producer");
    json_add_string(producer, "name", "renacer-sv");
    json_add_string(producer, "version", RENACER_SV_VERSION);
    add_system(document, &report->setting);
    add_probes(document, report);
    add_rings(document, report);
    add_engines(document, report);
    return json_write(document, stream);
}

/* --------------------------------------------------------------- the command */

static void print_help(FILE *stream) {
    fputs("Usage: renacer-sv doctor [--format text|json]\n"
          "Try what tracing needs, say what works and what would help where something does\n"
          "not, and which engine a trace would use.\n"
          "\n"
          "  --format text|json  form of the report (text)\n"
          "  -h, --help          print this help\n"
          "\n"
          "The exit status is 0 if there is an engine that works, 1 if there is none, 125\n"
          "for a mistake in the command. A program that is called doctor is traced with\n"
          "renacer-sv -- doctor. See renacer-sv(1).\n",
          stream);
}

static int report(enum report_form form) {
    struct probe_report report;
    char reason[REASON_BYTES];
    probe_run(&report);
    bool written = true;
    if (form == REPORT_JSON) {
        written = doctor_print_json(&report, stdout);
    } else {
        doctor_print_text(&report, stdout);
    }
    if (fflush(stdout) != 0 || !written) {
        diag("the report cannot be written");
        return STATUS_BAD;
    }
    return probe_engine(&report, reason, sizeof(reason)) ? STATUS_WORKS : STATUS_NO_ENGINE;
}

int doctor_run(int argc, char *argv[]) {
    static const struct option options[] = {
        {"format", required_argument, NULL, 'F'}, {"help", no_argument, NULL, 'h'}, {0}};
    enum report_form form = REPORT_TEXT;
    int id;
    optind = 2; /* behind the verb */
    opterr = 0;
    while ((id = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
        if (id == 'h') {
            print_help(stdout);
            return fflush(stdout) == 0 ? STATUS_WORKS : STATUS_BAD;
        }
        if (id == ':') {
            diag("option '%s' needs an argument", argv[optind - 1]);
            return STATUS_BAD;
        }
        if (id != 'F') {
            diag("doctor has no option '%s'; see renacer-sv doctor --help", argv[optind - 1]);
            return STATUS_BAD;
        }
        if (strcmp(optarg, "text") != 0 && strcmp(optarg, "json") != 0) {
            diag("--format takes text or json here, not '%s'", optarg);
            return STATUS_BAD;
        }
        form = strcmp(optarg, "json") == 0 ? REPORT_JSON : REPORT_TEXT;
    }
    if (optind < argc) {
        diag("doctor takes no word '%s'; to trace a program of that name: renacer-sv -- doctor", argv[optind]);
        return STATUS_BAD;
    }
    return report(form);
}
