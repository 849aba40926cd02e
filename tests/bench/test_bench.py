#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark itself: that it runs what it says, and that its figures become
the document. How fast anything is, is not looked at."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import bench
import compare_bench
import report

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT = 300


def script(name, *arguments, **environment):
    return subprocess.run([sys.executable, os.path.join(HERE, name), *arguments], capture_output=True, text=True,
                          timeout=TIMEOUT, env={**os.environ, **environment})


class BenchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="renacer-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "w") as stream:
            stream.write(content)
        return self.path(name)

    def content(self, name):
        with open(self.path(name)) as stream:
            return stream.read()

    def stand_in(self, name, body):
        path = self.write(name, f"#!/bin/sh\n{body}\n")
        os.chmod(path, 0o755)
        return path

    def measured(self, *options, **environment):
        """Run the benchmark: its data, and what it printed."""
        done = script("bench.py", "--quick", "--json", self.path("figures.json"), *options, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(self.content("figures.json")), done.stdout


class QuickRun(BenchTest):
    def test_everything_that_is_there_is_measured(self):
        data, printed = self.measured()
        why = {tracer["key"]: tracer["unavailable"] for tracer in data["tracers"]}
        self.assertEqual([tracer.key for tracer in bench.TRACERS], list(why))
        # perf is not needed for the suite, and -c is there when the help says so.
        optional = {"perf"}
        helps = subprocess.run([bench.RENACER, "--help"], capture_output=True, text=True, check=True).stdout
        if "  -c" not in helps:
            optional.add("summary")
        self.assertEqual({key for key, reason in why.items() if reason is not None} - optional, set(), why)
        self.assertNotIn("", why.values())
        self.assertEqual([workload["name"] for workload in data["workloads"]], [w.name for w in bench.WORKLOADS])
        for workload, declared in zip(data["workloads"], bench.WORKLOADS):
            expected = [t.key for t in bench.TRACERS if why[t.key] is None and bench.takes(declared, t)]
            self.assertEqual(list(workload["figures"]), expected, workload["name"])
            for key, values in workload["figures"].items():
                self.assertEqual(len(values), 1, (workload["name"], key))
                self.assertGreater(min(values), 0, (workload["name"], key))
            self.assertIn(declared.title, printed)
        self.check_emitter(data["emitter"], printed)
        self.check_document(data)

    def check_emitter(self, emitter, printed):
        self.assertEqual(list(emitter["figures"]), [emission.options for emission in bench.EMISSIONS])
        for options, values in emitter["figures"].items():
            self.assertEqual(len(values), 1, options)
            self.assertGreater(min(values), 0, options)
            self.assertIn(options, printed)

    def check_document(self, data):
        before, after = "# Title\n\nprose\n\n", "\n\n## Notes\n"
        document = self.write("page.md", f"{before}{report.BEGIN}\nold\n{report.END}{after}")
        options = ("--json", self.path("figures.json"), "--document", document, "--no-plot")
        self.assertNotEqual(script("report.py", *options, "--check").returncode, 0)
        for _ in range(2):  # the second time changes nothing
            done = script("report.py", *options)
            self.assertEqual(done.returncode, 0, done.stderr)
            made = self.content("page.md")
            self.assertEqual(made, f"{before}{report.BEGIN}\n\n{report.markdown(data)}\n{report.END}{after}")
        self.assertEqual(script("report.py", *options, "--check").returncode, 0)
        self.assertIn("these are no figures", made)
        for tracer in data["tracers"]:
            self.assertIn(f"`{tracer['label']}`" if tracer["unavailable"] else f"| {tracer['label']} ", made)


class Emitter(BenchTest):
    """What emit_bench records is what renacer-sv would have written."""

    def emit(self, *arguments):
        return subprocess.run([bench.EMIT_BENCH, *arguments], capture_output=True, text=True, timeout=TIMEOUT)

    def test_a_recorded_program_is_shown_and_played(self):
        file = self.path("records")
        payload = os.path.join(bench.PAYLOADS, "loop")
        for count in ("3", "4"):  # the second is appended
            done = self.emit("record", file, "--format", "text", "--", payload, "access", count)
            self.assertEqual(done.returncode, 0, done.stderr)
        shown = self.emit("show", file, "--format", "text").stdout
        self.assertEqual(sum(line.startswith("execve(") for line in shown.splitlines()), 2, shown)
        self.assertEqual(shown.count("access(\"/\", F_OK)"), 7, shown)
        document = json.loads(self.emit("show", file, "--format", "json").stdout)
        self.assertEqual(document["syscalls"][0]["name"], "execve")
        played = self.emit("play", file, "3", "1000", "--format", "json").stdout.split()
        self.assertEqual(len(played), 3)
        self.assertGreater(min(map(float, played)), 0)

    def test_what_failed_is_no_record(self):
        done = self.emit("record", self.path("records"), "--", "false")
        self.assertNotEqual(done.returncode, 0)
        for way in (("play", self.path("none"), "1", "1"), ("show", self.path("none")), ("nonsense",)):
            self.assertNotEqual(self.emit(*way).returncode, 0, way)


class Comparing(BenchTest):
    """Comparisons of generated traces: every pair in every mode, and each is what its name says."""

    def test_every_pair(self):
        done = script("compare_bench.py", "--calls", "800", "--json", self.path("figures.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        pairs = json.loads(self.content("figures.json"))["pairs"]
        self.assertEqual(list(pairs), [pair.name for pair in compare_bench.PAIRS])
        verdicts = {name: {mode: figures["modes"][mode]["status"] for mode in figures["modes"]}
                    for name, figures in pairs.items()}
        same = dict.fromkeys(compare_bench.MODES, 0)
        self.assertEqual(verdicts, {"equal": same, "threads": same, "changed": dict.fromkeys(compare_bench.MODES, 1),
                                    "different": {"semantic": 1, "exact": 1, "counts": 0},
                                    "moved": {"semantic": 1, "exact": 1, "counts": 0},
                                    "shuffled": {"semantic": 1, "exact": 1, "counts": 0},
                                    "doubled": {"semantic": 1, "exact": 1, "counts": 0}})
        for pair in compare_bench.PAIRS:
            self.assertEqual(done.stdout.count(pair.title + " "), len(compare_bench.MODES))
            for usage in (pairs[pair.name]["wc"], pairs[pair.name]["diff"], *pairs[pair.name]["modes"].values()):
                self.assertGreater(usage["peak"], 0)
                self.assertGreater(usage["wall"], 0)

    def test_traces_have_as_many_calls_as_asked_for(self):
        for pair in compare_bench.PAIRS:
            for count in (1, 7, 8, 100):
                for lines in (pair.golden, pair.new):
                    calls = [json.loads(call) for call in lines(count)]
                    self.assertEqual(len(calls), count, pair.name)
                    for call in calls:
                        if call["name"] == "write":
                            self.assertEqual(len(call["args"][1]), call["result"])

    def test_budgets(self):
        done = script("check_bench.py", "--calls", "800", "--json", self.path("figures.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        traces = json.loads(self.content("figures.json"))["traces"]
        self.assertEqual(list(traces), ["one process", "eight processes"])
        for name, figures in traces.items():
            self.assertEqual(list(figures), ["wc", "jq", "5 budgets", "20 budgets"])
            self.assertEqual([usage["status"] for usage in figures.values()], [0, 0, 0, 0])
            self.assertEqual(done.stdout.count(name + " "), 2)

    def test_mistakes(self):
        for option in ("--pairs", "--modes"):
            done = script("compare_bench.py", option, "nothing")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("there is no", done.stderr)
        broken = self.stand_in("renacer-sv", "exit 3")
        done = script("compare_bench.py", "--calls", "8", RENACER_SV=broken)
        self.assertIn("ended with status 3", done.stderr)
        self.assertEqual(done.returncode, 1)


class WithStandIns(BenchTest):
    """renacer-sv and others replaced by scripts that write down how they were called."""

    def test_order_and_options(self):
        tracer = self.stand_in("renacer-sv", f'echo "$@" >>{self.path("calls")}\n'
                               'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
        self.measured("--workloads", "gcc", "--runs", "2", RENACER_SV=tracer)
        calls = self.content("calls").replace(self.folder, "").splitlines()
        options = [call.partition(" --")[0] if call.startswith("--version") else call.rpartition(" -- ")[0]
                   for call in calls]
        programs = [call.rpartition(" -- ")[2].split()[0] for call in calls]
        json_options = "--format json -o /dev/null"
        stops = [f"--engine ptrace {words}{json_options}" for words in ("", "", "-e trace=openat ")]
        ours = [f"{json_options}", f"--lossless {json_options}", "-c -o /dev/null", f"-e trace=openat {json_options}"]
        # These are asked whether they work, but measured with other programs.
        stacks = [f"--engine ptrace -k -s {json_options}"] * 2
        by_line = [json_options, *[f"-s {json_options}"] * 2, *[f"-k -s {json_options}"] * 2]
        asked = [*stacks, *stops, *ours[:-1], *by_line, ours[-1]]
        followed = [f"-f {words}" for words in ours]
        # Those that use tracepoints are preceded by a trace that is not measured.
        a_run = [*(f"-f {words}" for words in stops), followed[0], *followed]
        self.assertEqual([words for words in options if words != "--version"], [*asked, *a_run, *a_run])
        self.assertEqual(programs, ["--version", *["true"] * len(asked), *([*["gcc"] * 3, "true", *["gcc"] * 4] * 2)])

    def test_absent_tracers_are_named_and_not_measured(self):
        tracer = self.stand_in("renacer-sv", "echo 'cannot trace here' >&2; exit 125")
        tools = self.path("tools")
        os.mkdir(tools)
        for tool in ("true", "taskset", "gcc"):
            os.symlink(shutil.which(tool), os.path.join(tools, tool))
        data, printed = self.measured("--workloads", "true", RENACER_SV=tracer, PATH=tools)
        self.assertEqual(list(data["workloads"][0]["figures"]), ["native"])
        why = {tracer["key"]: tracer["unavailable"] for tracer in data["tracers"]}
        for key in report.OURS:
            self.assertEqual(why[key], "cannot trace here")
        self.assertIn("No such file", why["perf"])
        self.assertIn("No such file", why["strace"])
        self.assertIn("`strace, pinned`", printed)
        self.assertIn("not measured", report.goals_table(data))

    def test_a_failing_workload_ends_the_benchmark(self):
        tracer = self.stand_in("renacer-sv", 'case "$*" in *"-- true"|--version) ;; *) echo broken >&2; exit 9;; esac')
        done = script("bench.py", "--quick", "--workloads", "ls", "--json", self.path("none"), RENACER_SV=tracer)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("status 9", done.stderr)
        self.assertIn("broken", done.stderr)
        self.assertFalse(os.path.exists(self.path("none")))

    def test_unknown_workloads_are_refused(self):
        done = script("bench.py", "--workloads", "getppid,nothing")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no workload nothing", done.stderr)


class Counting(unittest.TestCase):
    def test_events_that_perf_lost(self):
        log = [b"     0.086 ( 0.017 ms): loop/1 brk() = 0x1\n", b"LOST 5 events!\n", b"\x1b[31mLOST 37 events!\x1b[m\n"]
        self.assertEqual(bench.lost_by_perf(log), 42)
        self.assertEqual(bench.lost_by_perf(log[:1]), 0)

    def test_events_that_we_lost(self):
        self.assertEqual(bench.lost_by_us(b"renacer-sv: 12 events were lost: the kernel's rings were full\n"), 12)
        self.assertEqual(bench.lost_by_us(b""), 0)


def made_up(figures, unit="us", name="getppid"):
    return {"format": 1, "quick": False, "runs": 3,
            "machine": {"cpus": 2, "kernel": "6", "renacer-sv": "0", "strace": "1", "perf": "2"},
            "tracers": [{"key": tracer.key, "label": f"label {tracer.key}",
                         "unavailable": None if tracer.key in figures else "why not"} for tracer in bench.TRACERS],
            "workloads": [{"name": name, "title": "title", "unit": unit, "figures": figures,
                           "lost": {"ours": [2, 7, 0]}}]}


def cells(text):
    """The cells of all tables in a document, row by row."""
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in text.splitlines() if row.startswith("|")]


class Reading(unittest.TestCase):
    FIGURES = {"native": [1000, 2000, 4000], "ours": [2000, 2000, 40000], "strace": [40000, 10000, 80000],
               "selected": [1800, 3600, 6400]}

    def test_ratios_are_taken_within_a_run(self):
        workload = made_up(self.FIGURES)["workloads"][0]
        self.assertEqual(report.ratio(workload, "ours", "native"), (2, 1, 10))
        self.assertEqual(report.ratio(workload, "strace", "ours"), (5, 2, 20))
        self.assertIsNone(report.ratio(workload, "summary", "native"))

    def test_goals(self):
        rows = cells(report.goals_table(made_up(self.FIGURES)))
        self.assertIn(["getppid", "label selected / label native", "at most 1.7", "1.80 (1.60 to 1.80)", "no"], rows)
        self.assertIn(["access", "label ours / label bare", "at most 2.8", "not measured", ""], rows)

    def test_a_difference_is_in_milliseconds(self):
        workload = made_up({"native": [1e6, 2e6, 3e6], "ours": [5e6, 7e6, 13e6]}, "ms", "true")["workloads"][0]
        goal = next(goal for goal in report.GOALS if goal.longer == "ms")
        self.assertEqual(report.achieved(workload, goal), (5, 4, 10))
        self.assertTrue(report.is_met(goal, 10))
        self.assertFalse(report.is_met(goal, 10.1))

    def test_a_difference_in_microseconds(self):
        data = made_up({"native": [1e3, 1e3, 1e3], "ours": [5e3, 7e3, 9e3], "source": [9e3, 27e3, 11e3]}, name="sources")
        self.assertIn(["sources", "label source over label ours", "at most 15 us", "4.00 (2.00 to 20.0)", "yes"],
                      cells(report.goals_table(data)))
        self.assertIn("label source over label ours: 4.00 (2.00 to 20.0) us more", report.text(data, data["workloads"][0]))

    def test_goals_of_tracers_that_were_not_there_are_not_mentioned(self):
        data = made_up(self.FIGURES)
        data["tracers"] = [tracer for tracer in data["tracers"] if tracer["key"] != "stacks"]
        self.assertNotIn("label stacks ", report.goals_table(data))
        self.assertIn("label source", report.goals_table(data))

    def test_tables(self):
        text = report.markdown(made_up(self.FIGURES))
        rows = cells(text)
        self.assertIn(["label ours", "2.00 (2.00 to 40.0)"], rows)
        self.assertIn(["label ours", "2.00 (1.00 to 10.0)"], rows)
        self.assertIn(["label strace", "5.00"], rows)
        self.assertIn(["label ours", "9"], rows)
        self.assertIn("Not available and not measured: `label summary` (why not).", text)
        self.assertNotIn("label summary", [row[0] for row in rows])

    def test_the_emitter(self):
        data = made_up(self.FIGURES)
        self.assertNotIn("The emitter alone", report.markdown(data))
        data["emitter"] = {"runs": 3, "machine": {"cpus": 2, "kernel": "7"}, "programs": ["git"],
                           "figures": {"--format text": [1000, 500, 2000], "--format csv": [2500, 2001, 4000]}}
        rows = cells(report.markdown(data))
        self.assertIn(["`--format text`", "1000 (500 to 2000)", "1 000 000 (500 000 to 2 000 000)", "yes"], rows)
        self.assertIn(["`--format csv`", "2500 (2001 to 4000)", "400 000 (250 000 to 500 000)", "no"], rows)

    def test_rows_of_the_plot(self):
        self.assertEqual(report.plot_rows(made_up(self.FIGURES)).splitlines(),
                         ["workload\tlabel strace\tlabel ours\tlabel selected", "getppid\t20\t2\t1.8"])

    def test_markers(self):
        for document in ("nothing", report.END + report.BEGIN, report.BEGIN, report.BEGIN * 2 + report.END):
            with self.assertRaises(SystemExit):
                report.replace_generated(document, "text")


class Published(unittest.TestCase):
    def test_the_document_is_made_of_the_figures_beside_it(self):
        done = script("report.py", "--check")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_figures_are_figures(self):
        with open(os.path.join(report.DOCS, "performance.json")) as stream:
            self.assertFalse(json.load(stream)["quick"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
