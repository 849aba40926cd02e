#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The scripts of those who come from a tool named renacer, to the letter: ours answers under that name."""

import json
import os
import subprocess
import unittest

from harness import RENACER, TIMEOUT, TraceTest

CLI = """#!/bin/sh
echo 'Hello, GoldenTest!'
exec /usr/bin/test -e /nonexistent/settings
"""


class Scripts(TraceTest):
    """Each runs in a folder with ./cli, which prints one line and fails, and with `renacer` in its PATH."""

    def setUp(self):
        super().setUp()
        programs = self.path("bin")
        os.mkdir(programs)
        os.symlink(RENACER, os.path.join(programs, "renacer"))
        self.environment = dict(os.environ, PATH=programs + ":" + os.environ["PATH"])
        with open(self.path("cli"), "w") as file:
            file.write(CLI)
        os.chmod(self.path("cli"), 0o755)

    def script(self, text, shell="sh", status=0):
        """What it prints; it must not say anything else."""
        done = subprocess.run([shell, "-c", text], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
                              cwd=self.folder, env=self.environment)
        self.assertEqual((done.returncode, done.stderr), (status, b""), text)
        return done.stdout.decode()

    def document(self, name="t.json"):
        document = json.loads(self.content(name))
        self.assertEqual((document["version"], document["format"]), ("0.6.2", "renacer-json-v1"))
        return document


class Json(Scripts):
    def test_the_programs_line_cut_out(self):
        for shell in ("sh", "bash"):
            self.script("renacer --format json -- ./cli 2>&1 | grep -v '^Hello' > t.json", shell)
            document = self.document()
            self.assertEqual([call["result"] for call in self.calls(document, "write")], [19])
            self.assertEqual(self.calls(document, "write")[0]["args"], ["1", "Hello, GoldenTest!\n", "19"])
            missing = [call for call in document["syscalls"] if "/nonexistent/settings" in call["args"]]
            self.assertEqual([(call["result"], call["error"]) for call in missing], [(-2, "ENOENT")])
            self.assertEqual(document["summary"]["exit_code"], 1)

    def test_standard_output_alone(self):
        self.script("renacer --format json -- ./cli > t.json 2> program.txt", status=1)
        self.assertEqual(len(self.calls(self.document(), "write")), 1)
        self.assertEqual(self.content("program.txt"), "Hello, GoldenTest!\n")

    def test_read_by_jq(self):
        self.script("renacer --format json -- ./cli 2>&1 | grep -v '^Hello' > t.json")
        self.assertEqual(self.script("jq -r '.syscalls[] | select(.name == \"write\") | .result' t.json"), "19\n")
        self.assertEqual(self.script("jq '.summary.total_syscalls == (.syscalls | length)' t.json"), "true\n")
        self.assertEqual(self.script("jq -r '.syscalls | map(select(.result != null and .result < 0)) | .[-1].error' t.json"), "ENOENT\n")

    def test_with_source(self):
        done = subprocess.run(["sh", "-c", "renacer -s --format json -- ./cli 2>messages >t.json"],
                              cwd=self.folder, env=self.environment, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 1)
        messages = self.content("messages").splitlines()
        self.assertEqual(messages.count("Hello, GoldenTest!"), 1)
        said = [line for line in messages if line.startswith("renacer-sv: ")]
        self.assertEqual(len(said), 1)
        self.assertIn("debug information", said[0])  # of the shell that runs it
        for call in self.document()["syscalls"]:
            self.assertIn("source", call)


class Summary(Scripts):
    AWK = "tail -n 1 summary.txt | awk '{ print $2, $4 }'"

    def test_seconds_and_calls_of_the_last_line(self):
        for shell in ("sh", "bash"):
            self.script("renacer --summary --timing -- ./cli 2>&1 | tail -n +2 > summary.txt", shell)
            seconds, calls = self.script(self.AWK, shell).split()
            self.assertRegex(seconds, r"^\d+\.\d{6}$")
            self.assertGreater(float(seconds), 0)
            lines = self.content("summary.txt").splitlines()
            self.assertTrue(lines[0].startswith("% time     seconds  usecs/call     calls    errors syscall"), lines[0])
            rows = [line.split() for line in lines[2:-2]]
            self.assertEqual(sum(int(row[3]) for row in rows), int(calls))
            self.assertAlmostEqual(sum(float(row[1]) for row in rows), float(seconds), delta=1e-6 * len(rows))
            self.assertEqual(lines[-1].split()[-1], "total")

    def test_calls_are_those_of_the_document(self):
        self.script("renacer --summary --timing -- ./cli 2>&1 | tail -n +2 > summary.txt")
        self.script("renacer --format json -- ./cli 2>&1 | grep -v '^Hello' > t.json")
        calls = int(self.script(self.AWK).split()[1])
        self.assertEqual(calls + 1, self.document()["summary"]["total_syscalls"], "all but exit_group")

    def test_a_table_of_errors(self):
        self.script("renacer -c -S errors -- ./cli 2>&1 | tail -n +2 > summary.txt")
        first = self.content("summary.txt").splitlines()[2].split()
        self.assertEqual(len(first), 6, "the call with the most errors comes first")
        self.assertGreaterEqual(int(first[4]), 1)


class Others(Scripts):
    def test_version(self):
        version = self.script("renacer --version | cut -d' ' -f2")
        self.assertRegex(version, r"^\d+\.\d+\.\d+\n$")

    def test_exclusion_in_bash(self):
        for shell in ("sh", "bash"):
            self.script("renacer -e trace=file,!close --format json -o t.json -- ./cli > /dev/null", shell, status=1)
            names = {call["name"] for call in self.document()["syscalls"]}
            self.assertTrue({"execve", "openat", "access", "newfstatat"} <= names, names)
            self.assertTrue({"close", "read", "mmap"}.isdisjoint(names), names)

    def test_exclusion_alone(self):
        self.script("renacer -e 'trace=!mmap,!close' --format json -o t.json -- ./cli > /dev/null", "bash", status=1)
        names = {call["name"] for call in self.document()["syscalls"]}
        self.assertTrue({"mmap", "close"}.isdisjoint(names), names)
        self.assertIn("openat", names)

    def test_csv_for_a_spreadsheet(self):
        self.script("renacer --format csv -T -- ./cli 2>/dev/null > t.csv", status=1)
        self.assertEqual(self.script("head -n 1 t.csv"), "syscall,arguments,result,duration\n")
        self.assertEqual(self.script("grep -c '^write,' t.csv"), "1\n")

    def test_failed_calls_of_the_text(self):
        found = self.script("renacer -- ./cli 2>&1 >/dev/null | grep -c ENOENT")
        self.assertGreaterEqual(int(found), 1)

    def test_no_calls_are_missed_by_a_reader_that_leaves(self):
        self.assertTrue(self.script("renacer -- ./cli 2>&1 >/dev/null | head -n 1").startswith('execve("./cli", ["./cli"], '))


if __name__ == "__main__":
    unittest.main(verbosity=2)
