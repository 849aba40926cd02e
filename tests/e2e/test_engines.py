#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every engine, as root and as nobody: it works, or it says why it does not."""

import json
import re
import unittest

import fixtures
import records
from fixtures import FIXTURES, RENACER, payload
from harness import TraceTest

NO_RESULTS = "no results"


class Cells(TraceTest):
    maxDiff = None

    def run_cell(self, user, engine, *options, command=("/bin/cat", "/etc/passwd", "/nonexistent")):
        done = fixtures.run(FIXTURES[user], [RENACER, "--format", "json", "--engine", engine, *options, "--", *command])
        return done, json.loads(done.stdout) if done.stdout else None

    def good(self, user, engine, *options, **keywords):
        done, document = self.run_cell(user, engine, "-f", "--events", *options, **keywords)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(document["producer"]["engine"], engine)
        self.assertEqual(document["summary"]["lost"], 0)
        self.assertEqual(document["summary"]["exit_code"], 1)
        return [line for line in done.stderr.decode().splitlines() if line.startswith("renacer-sv: ")], document

    def check_same(self, document, results=True):
        _, expected = self.good("root", "notify")
        one, two = (records.records(each, results=results) for each in (expected, document))
        two = two if results else two._replace(events=one.events)
        self.assertEqual("\n".join(records.differences(one, two)), "")

    def check_measured(self, document, time):
        """Every call that returned has its time, from the source that is named."""
        self.assertEqual(document["producer"]["time"], time)
        for call in document["syscalls"]:
            if call["result"] is not None:
                self.assertIsInstance(call["duration_ns"], int, call)
        self.assertEqual([call["name"] for call in document["syscalls"] if call["result"] is None], ["exit_group"])

    def test_root_notify(self):
        said, document = self.good("root", "notify", "-T")
        self.assertEqual(said, [])
        self.check_measured(document, "kernel")

    def check_ptrace(self, user):
        said, document = self.good(user, "ptrace", "-T")
        self.assertEqual(said, [])
        self.check_measured(document, "stop")
        self.check_same(document)

    def test_root_ptrace(self):
        self.check_ptrace("root")

    def test_nobody_ptrace(self):
        self.check_ptrace("nobody")

    def check_notify_only(self, user):
        said, document = self.good(user, "notify-only", "-T")
        self.assertEqual(len(said), 1, said)
        self.assertIn(NO_RESULTS, said[0])
        self.assertIsNone(document["producer"]["time"])
        self.assertEqual({call["result"] for call in document["syscalls"]}, {None})
        self.assertEqual({call["duration_ns"] for call in document["syscalls"]}, {None})
        self.check_same(document, results=False)

    def test_root_notify_only(self):
        self.check_notify_only("root")

    def test_nobody_notify_only(self):
        self.check_notify_only("nobody")

    def test_notify_only_sees_no_stacks(self):
        for options in (["-s"], ["-k"], ["-s", "-k", "-q"]):
            said, document = self.good("root", "notify-only", *options)
            self.assertEqual(len(said), 2, said)
            self.assertIn("engine notify-only sees no stacks", said[1])
            for call in document["syscalls"]:
                for option, member in (("-s", "source"), ("-k", "stack")):
                    self.assertEqual((member in call, call.get(member)), (option in options, None))

    def test_nobody_notify_is_refused(self):
        done, document = self.run_cell("nobody", "notify")
        self.assertEqual((done.returncode, document), (125, None))
        self.assertRegex(done.stderr.decode(), r"\A(renacer-sv: .*\n)+\Z")
        self.assertRegex(done.stderr.decode(), "engine notify: tracefs: .*; what helps: ")


class AllForms(TraceTest):
    """The engine makes no difference to what is written, whatever the form."""
    maxDiff = None

    def written(self, engine, *options, command=(payload("static_hello"),)):
        done = fixtures.run(FIXTURES["root"], [RENACER, "--engine", engine, *options, "--", *command])
        self.assertEqual(done.returncode, 3, done.stderr)
        text = records.ADDRESS.sub("ADDRESS", (done.stdout + done.stderr).decode())
        text = re.sub(r'"engine":( ?)"\w+", ?"time":( ?)"\w+"', "ENGINE", text)
        # Times differ, also those of a table.
        text = re.sub(r'"(time_us|time_ns)": ?\d+', "TIME", text)
        return re.sub(r"^ *[\d.]+ +\d+\.\d{6} +\d*", "", text, flags=re.M)

    def check(self, *options, **keywords):
        with self.subTest(" ".join(options)):
            self.assertEqual(self.written("ptrace", *options, **keywords), self.written("notify", *options, **keywords))

    def test_forms_and_options(self):
        for form in ("text", "json", "jsonl", "csv"):
            self.check("--format", form)
            self.check("--format", form, "-c")
        for options in (["-y"], ["-yy"], ["-z"], ["-Z"], ["-P", "/dev/null"], ["-e", "status=failed"], ["-e", "trace=openat,close"],
                        ["-e", "trace=file"], ["-e", "trace=!write"], ["-e", "trace=none"], ["--string-limit", "4"], ["-C"]):
            self.check("--format", "text", *options)
            self.check("--format", "json", *options)

    def test_lossless_changes_nothing(self):
        self.check("--format", "json", "--lossless")

    def test_times_and_stamps_have_their_shape(self):
        for engine in ("notify", "ptrace"):
            for line in self.written(engine, "-tt", "-T").splitlines():
                if "exit_group" not in line and not line.endswith("+++"):
                    self.assertRegex(line, r"^\d\d:\d\d:\d\d\.\d{6} \w+\(.*\) += .* <\d+\.\d{6}>$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
