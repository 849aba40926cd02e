#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command `compare`: its options, exit statuses, reports and errors."""

import json
import os
import pty
import subprocess
import unittest

from harness import RENACER, TraceTest

DATA = os.path.join(os.path.dirname(__file__), "..", "data")
PYTHON = os.path.join(DATA, "pair_python.json")
RUST = os.path.join(DATA, "pair_rust.json")


def write_call(text, result=None):
    return {"name": "write", "args": ["1", text, str(len(text))], "result": len(text) if result is None else result}


class Compare(TraceTest):
    def document(self, name, calls, **summary):
        document = {"version": "0.6.2", "format": "renacer-json-v1", "syscalls": calls,
                    "summary": {"total_syscalls": len(calls), "exit_code": 0, **summary}}
        with open(self.path(name), "w") as file:
            json.dump(document, file)
        return self.path(name)

    def compare(self, *arguments, status=0, **options):
        done = subprocess.run([RENACER, "compare", *arguments], capture_output=True, timeout=60, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        if status < 2:
            self.assertEqual(done.stderr, b"")
        else:
            self.assertEqual(done.stdout, b"")
            self.assertRegex(done.stderr.decode(), r"\Arenacer-sv: .*\n\Z")
        return done.stdout.decode() if status < 2 else done.stderr.decode()

    def report(self, *arguments, status=0):
        return json.loads(self.compare("--format", "json", *arguments, status=status))


class Verdicts(Compare):
    def test_the_pair_of_users(self):
        report = self.report(PYTHON, RUST)
        self.assertEqual((report["format"], report["mode"], report["verdict"]),
                         ("renacer-comparison-v1", "semantic", "equivalent"))
        self.assertTrue(0 < report["confidence"] < 1)
        self.assertEqual(report["rests_on"], {"content_bytes": 0, "length_only_bytes": 20, "signals": False})
        self.assertEqual((report["cost"]["golden"]["calls"], report["cost"]["new"]["calls"]), (1220, 65))
        self.assertEqual(report["cost"]["ratio"]["calls"], 65 / 1220)
        self.assertIsNone(report["cost"]["golden"]["time_us"])
        self.assertIsNone(report["first_divergence"])

    def test_a_trace_equals_itself_in_all_modes(self):
        for path in (PYTHON, RUST, os.path.join(DATA, "trivial_cli_rust_source.json")):
            for mode in ("semantic", "exact", "counts"):
                report = self.report("--mode", mode, path, path)
                self.assertEqual((report["verdict"], report["divergent"]), ("equivalent", 0))
                self.assertGreater(report["matched"], 0)

    def test_places_in_the_source_make_no_difference(self):
        place = {"file": "src/main.c", "line": 42, "function": "main"}
        frame = {"module": "/bin/prog", "function": "main", "offset": 29, "address": "0x1161", "inlined": True, **place}
        placed = [{**write_call("ab"), "source": place, "stack": [frame, frame], "stack_end": "cut"},
                  {**write_call("c"), "source": None, "stack": None},
                  {**write_call("d"), "stack": [], "source": {"file": None, "line": None, "function": "f", "offset": 29,
                                                              "module": None}}]
        golden = self.document("golden", [write_call("ab"), write_call("c"), write_call("d")])
        new = self.document("new", placed)
        for mode in ("semantic", "exact", "counts"):
            self.assertEqual(self.report("--mode", mode, golden, new)["verdict"], "equivalent")

    def test_semantic_is_the_default(self):
        golden = self.document("golden", [write_call("ab"), write_call("c")])
        new = self.document("new", [write_call("abc")])
        self.compare(golden, new)
        self.compare("--mode", "exact", golden, new, status=1)
        self.compare("--mode", "counts", golden, new, status=1)

    def test_a_changed_byte(self):
        golden = self.document("golden", [write_call("hello\n")])
        new = self.document("new", [write_call("hallo\n")])
        report = self.report(golden, new, status=1)
        self.assertEqual((report["verdict"], report["confidence"], report["divergent"]), ("different", 1, 1))
        self.assertEqual(report["first_divergence"], report["differences"][0])
        self.assertIn("standard output", report["first_divergence"]["subject"])
        self.assertIn("hallo", report["first_divergence"]["new"])

    def test_a_document_that_was_cut_off(self):
        with open(RUST) as file:
            text = file.read()
        with open(self.path("cut"), "w") as file:
            file.write(text[:len(text) // 2])
        report = self.report("--mode", "counts", RUST, self.path("cut"), status=1)
        self.assertEqual(report["cut_off"], {"golden": False, "new": True})
        self.assertIn("the new trace is cut off", self.compare("--mode", "counts", RUST, self.path("cut"), status=1))

    def test_a_trace_of_which_events_were_lost(self):
        one = self.document("one", [write_call("x")], lost=0)
        two = self.document("two", [write_call("x")], lost=7)
        for mode in ("semantic", "exact", "counts"):
            self.assertEqual(self.report("--mode", mode, one, two)["lost"], {"golden": 0, "new": 7})
            self.assertEqual(self.report("--mode", mode, two, one)["lost"], {"golden": 7, "new": 0})
            self.assertIn("the new trace is not whole: 7 events were lost", self.compare("--mode", mode, one, two))
            self.assertIn("the golden trace is not whole: 7 events were lost", self.compare("--mode", mode, two, one))
            self.assertNotIn("lost", self.compare("--mode", mode, one, one))


class Counts(Compare):
    def setUp(self):
        super().setUp()
        self.golden = self.document("golden", [write_call("x")] * 10 + [{"name": "close", "args": ["3"], "result": 0}])
        self.new = self.document("new", [write_call("x")] * 11 + [{"name": "close", "args": ["3"], "result": 0}] * 2)

    def counts(self, *options, status):
        return self.report("--mode", "counts", *options, self.golden, self.new, status=status)

    def test_differences(self):
        report = self.counts(status=1)
        self.assertEqual((report["matched"], report["divergent"]), (0, 2))
        self.assertEqual([item["subject"] for item in report["differences"]], ["calls of write", "calls of close"])
        self.assertEqual(report["differences"][0]["golden"], "10 calls")
        self.assertEqual(report["differences"][0]["new"], "11 calls (+10 %)")

    def test_tolerances(self):
        for options, status in ((["--tolerance", "1"], 0), (["--tolerance", "10%"], 1), (["--tolerance", "100%"], 0),
                                (["--tolerance", "10%,close=1"], 0), (["--tolerance", "close=1"], 1),
                                (["--tolerance", "write=9.9%,close=1"], 1), (["--tolerance=1", "--tolerance=write=0"], 1),
                                (["--tolerance=write=0", "--tolerance=1"], 1), (["--tolerance=write=0,write=1,close=1"], 0)):
            with self.subTest(options=options):
                self.counts(*options, status=status)

    def test_a_call_that_only_one_side_makes(self):
        self.new = self.document("new", [write_call("x")] * 10)
        report = self.counts(status=1)
        self.assertEqual([(item["kind"], item["golden"], item["new"]) for item in report["differences"]],
                         [("missing", "1 call", None)])

    def test_tables_in_place_of_calls(self):
        for name in ("one", "two"):
            self.run_plain([RENACER, "--format", "json", "-c", "-o", self.path(name), "/bin/true"])
        report = self.report("--mode", "counts", self.path("one"), self.path("two"))
        self.assertGreater(report["matched"], 5)
        self.assertGreater(report["cost"]["golden"]["calls"], 10)

    def test_a_table_and_calls(self):
        # Neither exit_group nor anything else that does not return is in a table.
        for name, option in (("table", "-c"), ("calls", "-T"), ("both", "-C")):
            self.run_plain([RENACER, "--format", "json", option, "-o", self.path(name), "/bin/true"])
        for other in ("calls", "both"):
            for golden, new in (("table", other), (other, "table")):
                report = self.report("--mode", "counts", self.path(golden), self.path(new))
                self.assertEqual((report["verdict"], report["divergent"]), ("equivalent", 0))
                self.assertGreater(report["matched"], 5)
        with open(self.path("calls")) as file:
            document = json.load(file)
        document["syscalls"] = [call for call in document["syscalls"] if call["name"] != "exit_group"]
        shorter = self.document("shorter", document["syscalls"])
        report = self.report("--mode", "counts", self.path("calls"), shorter, status=1)
        self.assertEqual([item["subject"] for item in report["differences"]], ["calls of exit_group"])

    def test_mistakes(self):
        for value, words in (("x", "takes a number or a share"), ("-1", "takes a number"), ("1e9999", "takes a number"),
                             ("nan", "takes a number"), ("10%%", "takes a number"), ("", "takes a number"),
                             ("writ=3", "did you mean 'write'?"), ("=3", "no system call ''")):
            with self.subTest(value=value):
                self.assertIn(words, self.compare("--mode", "counts", "--tolerance", value, RUST, RUST, status=2))


class Exact(Compare):
    def calls(self):
        return [{"name": "lseek", "args": ["3", str(i), "SEEK_SET"], "result": i} for i in range(30)]

    def test_an_added_call_is_one_line(self):
        calls = self.calls()
        golden = self.document("golden", calls)
        new = self.document("new", calls[:15] + [write_call("hello")] + calls[15:])
        report = self.report("--mode", "exact", golden, new, status=1)
        self.assertEqual((report["divergent"], len(report["differences"])), (1, 1))
        self.assertEqual(report["differences"][0]["kind"], "added")
        for context in (0, 1, 3):
            text = self.compare("--mode", "exact", "-U", str(context), golden, new, status=1)
            hunk = text.split("@@ calls of task 1\n")[1].split("\n\n")[0].splitlines()
            self.assertEqual([line for line in hunk if line[0] != " "], ['+write(1, "hello", 5) = 5'])
            self.assertEqual(len(hunk), 2 * context + 1)

    def test_times_and_ids_do_not_count(self):
        one = [dict(call, duration_us=5, duration_ns=5123, timestamp_ns=7, pid=100, tid=101) for call in self.calls()]
        two = [dict(call, duration_us=6, duration_ns=6123, timestamp_ns=9, pid=200, tid=201) for call in self.calls()]
        self.compare("--mode", "exact", self.document("one", one), self.document("two", two))

    def test_a_result_counts(self):
        calls = self.calls()
        changed = self.calls()
        changed[20]["result"] = -22
        report = self.report("--mode", "exact", self.document("one", calls), self.document("two", changed), status=1)
        self.assertEqual([item["kind"] for item in report["differences"]], ["changed"])

    def test_a_real_program_twice(self):
        for name in ("one", "two"):
            self.run_plain([RENACER, "--format", "json", "-o", self.path(name), "/bin/cat", "/etc/hostname"])
        self.compare("--mode", "exact", self.path("one"), self.path("two"))


class Reports(Compare):
    def test_text(self):
        golden = self.document("golden", [write_call("hello\n")])
        new = self.document("new", [write_call("hallo\n")])
        text = self.compare(golden, new, status=1)
        self.assertTrue(text.startswith("different (semantic): "), text)
        self.assertIn("confidence 1.00", text.splitlines()[0])
        self.assertRegex(text, r"(?m)^calls +1 +1 +1\.00$")
        self.assertNotIn("\033", text)

    def test_certainty_is_not_rounded_up(self):
        cut = {"name": "write", "args": ["1", "x" * 9999, "10000"], "cut": {"1": 10000}, "result": 10000}
        text = self.compare(self.document("one", [cut]), self.document("two", [cut]))
        self.assertIn("confidence 0.99", text)

    def test_colours(self):
        golden = self.document("golden", [write_call("hello\n")])
        new = self.document("new", [write_call("hallo\n")])
        self.assertIn("\033[", self.compare("--color", "always", golden, new, status=1))
        for environment, coloured in (({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False),
                                      ({"TERM": "xterm", "NO_COLOR": "1"}, False)):
            controller, terminal = pty.openpty()
            subprocess.run([RENACER, "compare", golden, new], stdout=terminal, env=environment, timeout=60)
            os.close(terminal)
            self.assertEqual(b"\033[" in os.read(controller, 65536), coloured)
            os.close(controller)

    def test_nothing_of_a_trace_reaches_the_terminal(self):
        evil = "\033]0;owned\a\r\u202e\u009b"
        with open(self.path("filtered"), "w") as file:
            json.dump({"format": "renacer-json-v1", "producer": {"name": "p", "filter": [evil]}, "syscalls": [],
                       "summary": {"total_syscalls": 0}}, file)
        golden = self.document("golden", [write_call(evil), {"name": "openat", "args": ["AT_FDCWD", "/x" + evil, "O_RDONLY"],
                                                             "result": 3}])
        new = self.document("new", [write_call("x"), {"name": evil, "args": [evil], "result": 1}])
        for mode in ("semantic", "exact", "counts"):
            text = self.compare("--mode", mode, golden, new, status=1)
            text += self.compare("--mode", mode, golden, self.path("filtered"), status=1)
            self.assertIn("all calls, the new one with ", text)
            for character in "\033\a\r\u202e\u009b":
                self.assertNotIn(character, text)

    def test_filters(self):
        def record(name, *options):
            subprocess.run([RENACER, "--format", "json", "-o", self.path(name), *options, "--", "/bin/echo", "x"],
                           stdout=subprocess.DEVNULL, check=True, timeout=60)
            return self.path(name)
        everything, some = record("all"), record("some", "-e", "trace=write", "-z")
        for mode in ("semantic", "exact", "counts"):
            with self.subTest(mode=mode):
                words = "the golden trace was recorded with %s, the new one with %s\n"
                filtered = "trace=write; status=successful"
                # What else a trace of all calls has, the linker's reading of libraries, counts only if it is not exact.
                status = 0 if mode == "semantic" else 1
                self.assertIn(words % (filtered, "all calls"), self.compare("--mode", mode, some, everything, status=status))
                self.assertIn(words % ("all calls", filtered), self.compare("--mode", mode, everything, some, status=status))
                for same in (some, everything):
                    self.assertNotIn("recorded with", self.compare("--mode", mode, same, same))
                self.assertEqual(self.report("--mode", mode, everything, some, status=status)["filter"],
                                 {"golden": None, "new": filtered})

    def test_quiet(self):
        self.assertEqual(self.compare("-q", PYTHON, RUST), "")
        self.assertEqual(self.compare("--quiet", "--mode", "counts", PYTHON, RUST, status=1), "")

    def test_a_report_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([RENACER, "compare", PYTHON, RUST], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stderr),
                         (2, b"renacer-sv: the report cannot be written: No space left on device\n"))


class Inputs(Compare):
    def test_pipes(self):
        with open(PYTHON, "rb") as file:
            self.compare("-", RUST, stdin=file)
        both = "exec %s compare <(cat %s) <(cat %s)" % (RENACER, PYTHON, RUST)
        self.assertEqual(subprocess.run(["bash", "-c", both], stdout=subprocess.DEVNULL, timeout=60).returncode, 0)

    def test_errors(self):
        with open(self.path("broken"), "w") as file:
            file.write('{"format": "renacer-json-v1",\n "syscalls": [{"name": 5}]}')
        open(self.path("empty"), "w").close()
        for path, words in ((self.path("missing"), "No such file"), (self.folder, "directory"),
                            (self.path("empty"), "no trace"), (self.path("broken"), "broken:2:")):
            with self.subTest(path=path):
                self.assertIn(words, self.compare(path, RUST, status=2))
                self.assertIn(words, self.compare(RUST, path, status=2))

    def test_mistakes_in_the_command(self):
        for arguments, words in (([], "takes two traces"), ([RUST], "takes two traces"), ([RUST] * 3, "takes two traces"),
                                 (["-", "-"], "standard input"), (["--mode", "exacd", RUST, RUST], "did you mean 'exact'?"),
                                 (["--mode"], "needs an argument"), (["--bogus", RUST, RUST], "no option '--bogus'"),
                                 (["-U", "x", RUST, RUST], "takes a number"), (["-U", "1", RUST, RUST], "for --mode exact"),
                                 (["--tolerance", "1", RUST, RUST], "for --mode counts"),
                                 (["--mode", "exact", "--ignore", "x", RUST, RUST], "for --mode semantic"),
                                 (["--format", "xml", RUST, RUST], "--format takes text, json, junit or github")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.compare(*arguments, status=2))

    def test_help(self):
        self.assertIn("--tolerance", self.compare("--help"))

    def test_a_program_of_that_name(self):
        os.symlink("/bin/true", self.path("compare"))
        done = subprocess.run([RENACER, "--", "compare"], capture_output=True, timeout=60,
                              env=dict(os.environ, PATH=self.folder))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"execve(", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
