#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever an environment permits: the best engine that works there is taken,
`doctor` names the same one, and the records are those of root's own trace."""

import collections
import json
import unittest

import fixtures
import records
from fixtures import FIXTURES, RENACER, payload
from harness import RUNS_32_BIT, TraceTest

SQL = "create table t(a, b); insert into t values (1, 'x'), (2, 'y'); select sum(a), max(b) from t; drop table t;"

# Whether a child ends before its parent waits for it.
WAITING = ("wait4", "rt_sigreturn")
# Programs that do the same in every run, but for the calls in `leave_out` and the numbers of descriptors.
Program = collections.namedtuple("Program", "command status leave_out descriptors", defaults=(0, (), True))
PROGRAMS = {
    "hello": Program([payload("hello")]),
    "static_hello": Program([payload("static_hello")], 3),
    "binary": Program([payload("binary")]),
    "i386": Program([payload("i386")], 5),
    "threads": Program([payload("threads")], 0, records.OF_CHANCE, False),
    "vfork": Program([payload("vfork")]),
    "cat": Program(["/bin/cat", "/etc/passwd", "/nonexistent"], 1),
    "shell": Program(["/bin/sh", "-c", "/bin/echo one; /bin/cat /etc/passwd >/dev/null; cd /nonexistent; echo two; exit 3"],
                     3, WAITING),
    "pipeline": Program(["/bin/sh", "-c", "/bin/echo a | /bin/cat; exit 4"], 4, (*WAITING, "read", "write")),
    "sqlite": Program(["/usr/bin/sqlite3", "-init", "/dev/null", ":memory:", SQL]),
}


if not RUNS_32_BIT:
    del PROGRAMS["i386"]


def trace(fixture, command, *options):
    """A finished process, and the document that it wrote to standard output; None without one."""
    done = fixtures.run(fixture, [RENACER, "--format", "json", *options, "--", *command])
    return done, json.loads(done.stdout) if done.stdout else None


class Fixtures(TraceTest):
    """The environments themselves."""

    def test_each_is_what_it_says(self):
        for name, fixture in FIXTURES.items():
            with self.subTest(name):
                self.assertEqual(fixtures.problems(fixture), [])

    def test_a_fixture_that_restricts_nothing_is_found_out(self):
        nothing = FIXTURES["root"]
        for name, fixture in FIXTURES.items():
            if fixture.refused or fixture.holds != nothing.holds:
                with self.subTest(name):
                    self.assertNotEqual(fixtures.problems(fixture._replace(wrapper=[])), [])


class Engine(TraceTest):
    def test_auto_takes_the_best_that_works(self):
        for name, fixture in FIXTURES.items():
            with self.subTest(name):
                done, document = trace(fixture, [payload("hello")])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(document["producer"]["engine"], fixtures.engines(fixture), done.stderr)
                lines = done.stderr.decode().splitlines()
                said = [line for line in lines if line.startswith("renacer-sv: ")]
                # One line says what is missing; nothing is missing with the other engines.
                self.assertEqual(len(said), document["producer"]["engine"] == "notify-only", said)
                self.assertEqual([line for line in lines if line not in said], ["hello"])

    def test_the_doctor_names_the_same_engine(self):
        for name, fixture in FIXTURES.items():
            with self.subTest(name):
                done = fixtures.run(fixture, [RENACER, "doctor", "--format", "json"])
                self.assertEqual(done.stderr, b"")
                named = json.loads(done.stdout)["engine"]
                self.assertIn(named, fixtures.engines(fixture))
                _, document = trace(fixture, [payload("hello")])
                self.assertEqual(named, document["producer"]["engine"])

    def test_every_engine_that_is_not_there_says_what_is_missing(self):
        for name, engine, words in (
                ("nobody", "notify", "tracefs"),
                ("no-perf", "notify", "perf_event_open"),
                ("no-ptrace", "ptrace", "ptrace"),
                ("no-seccomp", "notify", "seccomp"),
                ("no-seccomp", "notify-only", "seccomp"),
                ("container", "notify", "perf_event_open"),
                ("container", "notify-only", "pidfd_getfd"),
                ("no-proc", "notify", "proc")):
            if name not in FIXTURES:
                continue
            with self.subTest(f"{name}, {engine}"):
                done, document = trace(FIXTURES[name], [payload("hello")], "--engine", engine)
                self.assertEqual((done.returncode, document), (125, None), done.stderr)
                self.assertRegex(done.stderr.decode(), r"\A(renacer-sv: .*\n)+\Z")
                # What is missing is named, and what would help.
                self.assertRegex(done.stderr.decode(), rf"engine {engine}: .*({words}).*; what helps: ")

    def test_without_seccomp_a_few_calls_can_be_chosen(self):
        for name in ("no-seccomp", "no-seccomp-nobody"):
            with self.subTest(name):
                done, document = trace(FIXTURES[name], PROGRAMS["cat"].command, "-e", "trace=openat,close")
                self.assertEqual(done.returncode, 1, done.stderr)
                _, expected = trace(FIXTURES["root"], PROGRAMS["cat"].command, "-e", "trace=openat,close", "--engine", "notify")
                self.assertEqual(document["syscalls"], expected["syscalls"])


class Records(TraceTest):
    """The same records everywhere."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.expected = {}
        for name, program in PROGRAMS.items():
            done, document = trace(FIXTURES["root"], program.command, "-f", "--events", "--engine", "notify")
            assert done.returncode == program.status, (name, done.returncode, done.stderr)
            cls.expected[name] = document

    def compare(self, fixture, name):
        program = PROGRAMS[name]
        done, document = trace(fixture, program.command, "-f", "--events")
        self.assertEqual(done.returncode, program.status, done.stderr)
        self.assertEqual(document["summary"]["lost"], 0)
        results = document["producer"]["engine"] != "notify-only"
        # Where there is no clone3, the C library uses clone.
        leave_out = (*program.leave_out, *(("clone", "clone3") if "clone3" in fixture.refused else ()))
        expected, found = (records.records(one, leave_out, results, program.descriptors)
                           for one in (self.expected[name], document))
        if not results:
            # It sees neither signals nor ends; those that it tells of must be right.
            self.assertEqual({call["result"] for call in document["syscalls"]}, {None})
            found = found._replace(events=expected.events)
        self.assertEqual("\n".join(records.differences(expected, found)), "")
        self.assertGreater(len(found.first), 5)


def add_tests():
    """A test for each environment, so that its name is seen."""
    def test(fixture):
        def compare_all(self):
            for name in PROGRAMS:
                with self.subTest(name):
                    self.compare(fixture, name)
        return compare_all
    for name, fixture in FIXTURES.items():
        setattr(Records, "test_" + name.replace("-", "_"), test(fixture))


add_tests()

if __name__ == "__main__":
    unittest.main(verbosity=2)
