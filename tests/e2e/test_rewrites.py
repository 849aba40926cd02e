#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program and its rewrites in other languages are equivalent, and nothing else is; nor is the order in which
independent threads run a difference."""

import itertools
import json
import os
import random
import re
import shutil
import sys
import tempfile
import unittest

from comparing import CompareTest, Peer
from harness import payload

REWRITES = os.environ["REWRITES"]
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "rewrites")
PROGRAMS = {
    # What the machine adds to every program in Python is not part of this one.
    "python": [sys.executable, "-I", "-S", os.path.join(SOURCES, "report.py")],
    "c": [os.path.join(REWRITES, "report_c")],
    "go": [os.path.join(REWRITES, "report_go")],
    "rust": [os.path.join(REWRITES, "report_rust")],
}
MISSING = [name for name, command in PROGRAMS.items() if not os.path.exists(command[-1])]
ENGINES = ("notify", "ptrace")
FORMS = {
    "golden": ["--golden", "-f"],
    # More than any of the four writes at once.
    "json": ["--format", "json", "-f", "--string-limit", "1000000"],
}
STATUS = 3  # the input has a line that begins with ERROR

# What a change is found as: of all differences, nothing else may be one.
CHANGES = {
    "output-byte": "standard output",
    "report-byte": r"report\.txt",
    "peer-byte": r"127\.0\.0\.1",
    "message": "standard error",
    "order": r"report\.txt",
    "no-report": r"report\.txt",
    "in-place": r"report\.txt",
    "no-read": r"skip\.txt",
    "no-lock": "lock",
    "keep-lock": "lock",
    "extra-peer": r"127\.0\.0\.2",
    "extra-child": "/bin/true",
    "child-argument": "/bin/echo|standard output",
    "status": "exit",
}


def write_input(path):
    """Some 100 KB: more than a pipe, or any of the four languages, keeps."""
    words = random.Random(6)
    with open(path, "w", encoding="utf-8") as file:
        for number in range(2000):
            file.write(" ".join(f"wörd{words.randrange(500)}" for _ in range(words.randrange(14))) + "\n")
            if number == 1000:
                file.write("ERROR in the middle\n")
        file.write("no end of line")


class RewritesTest(CompareTest):
    @classmethod
    def setUpClass(cls):
        if MISSING:
            return
        folder = tempfile.TemporaryDirectory(prefix="renacer-rewrites-")
        cls.addClassCleanup(folder.cleanup)
        cls.shared = folder.name
        cls.peer = Peer()
        cls.addClassCleanup(cls.peer.close)
        cls.input = os.path.join(cls.shared, "input.txt")
        write_input(cls.input)
        cls.recorded = {}

    def setUp(self):
        super().setUp()
        if MISSING:
            # 77 is that of the whole file, see below.
            self.skipTest("no " + ", ".join(MISSING))

    def program(self, language, change=""):
        """The command; its folder is new, and always the same one."""
        work = os.path.join(self.shared, "work")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        with open(os.path.join(work, "skip.txt"), "w", encoding="utf-8") as file:
            file.write("absent\n")
        return [*PROGRAMS[language], self.input, work, str(self.peer.port), *([change] if change else [])]

    def trace_of(self, language, form, engine="notify", change="", again=0):
        """The path of a trace, which is recorded when it is first asked for."""
        key = "-".join((language, form, engine, change, str(again)))
        if key not in self.recorded:
            status = STATUS + (1 if change == "status" else 0)
            self.recorded[key] = self.record(self.program(language, change), *FORMS[form], "--engine", engine,
                                             status=status, output=os.path.join(self.shared, key))
        return self.recorded[key]


class Rewrites(RewritesTest):
    def test_they_do_the_same(self):
        """What is compared below is the same in truth."""
        results = []
        for language in PROGRAMS:
            done = self.run_plain(self.program(language))
            with open(os.path.join(self.shared, "work", "report.txt"), "rb") as file:
                results.append((done.returncode, done.stdout, done.stderr, file.read(),
                                sorted(os.listdir(os.path.join(self.shared, "work")))))
        self.assertEqual(results[0][0], STATUS, results[0][2])
        self.assertGreater(len(results[0][1]), 65536)
        for result in results[1:]:
            self.assertEqual(result, results[0])

    def test_each_is_equivalent_to_each(self):
        for form, engine in itertools.product(FORMS, ENGINES):
            for golden, new in itertools.permutations(PROGRAMS, 2):
                with self.subTest(form=form, engine=engine, golden=golden, new=new):
                    report = self.assert_equivalent(self.trace_of(golden, form, engine),
                                                    self.trace_of(new, form, engine), confidence=1)
                    self.assertEqual(report["rests_on"]["length_only_bytes"], 0)
                    self.assertGreater(report["rests_on"]["content_bytes"], 65536)

    def test_forms_and_engines_are_no_difference(self):
        traces = [self.trace_of("rust", form, engine) for form, engine in itertools.product(FORMS, ENGINES)]
        for golden, new in itertools.combinations(traces, 2):
            with self.subTest(golden=golden, new=new):
                self.assert_equivalent(golden, new, confidence=1)

    def test_golden_traces_are_the_same_twice(self):
        """Go's scheduler is a reason why they cannot be."""
        for language in ("c", "rust", "python"):
            with self.subTest(language=language):
                with open(self.trace_of(language, "golden"), "rb") as file:
                    first = file.read()
                for engine, again in (("notify", 1), ("ptrace", 0)):
                    with open(self.trace_of(language, "golden", engine, again=again), "rb") as file:
                        self.assertEqual(file.read().splitlines(), first.splitlines())

    def test_costs(self):
        for form in FORMS:
            golden, new = self.trace_of("python", form), self.trace_of("c", form)
            report = self.compare(golden, new)
            for side, path in (("golden", golden), ("new", new)):
                with open(path) as file:
                    document = json.load(file)
                cost = report["cost"][side]
                self.assertEqual(cost["calls"], len(document["syscalls"]))
                self.assertIsNone(cost["time_us"])
                mapped = sum(int(call["args"][1]) for call in document["syscalls"]
                             if call["name"] == "mmap" and not call.get("error") and call["args"][1] != "size")
                # brk is counted too, and small here.
                self.assertGreaterEqual(cost["mapped_bytes"], mapped)
                self.assertLess(cost["mapped_bytes"], mapped + (64 << 20))
            ratio = report["cost"]["golden"]["calls"] / report["cost"]["new"]["calls"]
            self.assertGreater(ratio, 1.5)
            self.assertTrue(any(abs(report["cost"]["ratio"]["calls"] - either) < 0.01 * either
                                for either in (ratio, 1 / ratio)), report["cost"])
            self.assertIsNone(report["cost"]["ratio"]["time"])

    def test_cost_in_time(self):
        path = self.record(self.program("c"), *FORMS["json"], "-T", status=STATUS, output="timed")
        with open(path) as file:
            document = json.load(file)
        report = self.compare(path, path)
        measured = sum(call.get("duration_ns") or 0 for call in document["syscalls"]) / 1000
        self.assertAlmostEqual(report["cost"]["golden"]["time_us"], measured, delta=1)
        self.assertEqual(report["cost"]["ratio"]["time"], 1)

    def found(self, language, other, form):
        for change, subject in CHANGES.items():
            with self.subTest(change=change, form=form, golden=language, new=other):
                golden = self.trace_of(language, form)
                new = self.trace_of(other, form, change=change)
                there = self.assert_different(golden, new, subject=subject)
                back = self.assert_different(new, golden, subject=subject)
                self.assertEqual((there["matched"], there["divergent"]), (back["matched"], back["divergent"]))
                self.assertEqual(there["confidence"], 1)
                kinds = {"extra-peer": "added", "extra-child": "added", "no-read": "missing"}
                if change in kinds:
                    self.assertEqual({difference["kind"] for difference in there["differences"]}, {kinds[change]})

    def test_changes_are_found_in_c(self):
        self.found("python", "c", "json")

    def test_changes_are_found_in_go(self):
        self.found("rust", "go", "golden")

    def test_changes_are_found_in_rust(self):
        self.found("go", "rust", "json")

    def test_changes_are_found_in_python(self):
        self.found("c", "python", "golden")

    def test_changes_are_found_in_the_same_program(self):
        for form in FORMS:
            self.found("c", "c", form)

    def test_a_lost_word_is_shown_where_it_is(self):
        """Text for people names the place of the first different byte."""
        golden, new = self.trace_of("python", "json"), self.trace_of("c", "json", change="report-byte")
        done = self.run_plain([os.environ["RENACER_SV"], "compare", golden, new])
        self.assertEqual(done.returncode, 1, done.stderr)
        text = done.stdout.decode()
        self.assertIn("different", text.splitlines()[0].lower())
        self.assertRegex(text, r"\b10\b")  # "Words by n": the byte at offset 10 is another
        self.assertIn("name", text)
        self.assertIn("neme", text)

    def test_ignored_targets_do_not_count(self):
        golden, new = self.trace_of("c", "golden"), self.trace_of("c", "golden", change="report-byte")
        self.assert_different(golden, new)
        self.assert_equivalent(golden, new, "--ignore", "*/report.txt*")
        self.assert_different(golden, new, "--ignore", "*/skip.txt")


ORDERS = ("ababab", "bababa", "aabbab", "aaabbb", "bbbaaa")


class Threads(CompareTest):
    """payloads/turns.c: two threads that write in an order that is given."""

    def turns(self, form, first, second, turns, *swap):
        name = "-".join((form, first, second, turns, *swap))
        if not os.path.exists(self.path(name)):
            files = [self.path(first), self.path(second)]
            self.record([payload("turns"), *files, turns, *swap], *FORMS[form], output=name)
            with open(files[0]) as file:
                lines = file.read().split()
            if first == second:
                self.assertEqual("".join(line[0] for line in lines), turns)
            self.assertEqual([line for line in lines if line[0] == "a"], ["a2", "a1", "a3"] if swap else ["a1", "a2", "a3"])
        return self.path(name)

    def check(self, form, first, second):
        for golden, new in itertools.permutations(ORDERS, 2):
            with self.subTest(golden=golden, new=new):
                self.assert_equivalent(self.turns(form, first, second, golden),
                                       self.turns(form, first, second, new), confidence=1)
                report = self.assert_different(self.turns(form, first, second, golden),
                                               self.turns(form, first, second, new, "swap"), subject=re.escape(first))
                self.assertIn(report["first_divergence"]["kind"], ("changed", "moved"))

    def test_files_of_their_own(self):
        for form in FORMS:
            self.check(form, "one", "two")

    def test_one_file(self):
        for form in FORMS:
            self.check(form, "both", "both")

    def test_golden_traces_do_not_depend_on_the_order(self):
        """Who writes first is not to be seen where each thread does its own work; futexes are."""
        traces = []
        for order in ("ababab", "bababa"):
            path = self.path("golden-" + order)
            self.record([payload("turns"), self.path("one"), self.path("two"), order], *FORMS["golden"],
                        "-e", "trace=openat,write,exit", output="golden-" + order)
            with open(path) as file:
                traces.append(file.read().replace(order, "ORDER"))
        self.assertEqual(traces[0], traces[1])


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    # 77 is a skipped test for meson.
    sys.exit(1 if not result.wasSuccessful() else 77 if MISSING else 0)
