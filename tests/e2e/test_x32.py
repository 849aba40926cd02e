#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls of x32 against strace, and what finds them."""

import re
import unittest

from harness import RENACER, TraceTest, payload

PROGRAM = [payload("x32")]
ENGINES = ("notify", "ptrace")
MODE = re.compile(r"\[ Process PID=\d+ runs in .* mode\. \]")
VOLATILE = re.compile(r"^(getp+id\(\) += )\d+$|0x[0-9a-f]+ (?=/\* \d+ vars)")


class X32(TraceTest):
    maxDiff = None

    def lines(self, command):
        done = self.run_plain([*command, *PROGRAM])
        self.assertEqual(done.returncode, 3, done.stderr)
        lines = [line for line in done.stderr.decode().splitlines() if not MODE.fullmatch(line)]
        return [VOLATILE.sub(r"\1...", line) for line in lines]

    def test_text_as_strace_writes_it(self):
        expected = self.lines(["strace"])
        self.assertTrue(any("hello from x32" in line for line in expected))
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.assertEqual(self.lines([RENACER, "--engine", engine]), expected)

    def test_structures_of_other_layouts_are_not_read(self):
        """With --decode=full nothing else is read of calls that fail."""
        expected = self.lines(["strace"])
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.assertEqual(self.lines([RENACER, "--engine", engine, "--decode=full"]), expected)

    def test_a_name_selects_them_with_those_of_x86_64(self):
        """A few calls by their own tracepoints, which x32 does not have, or by ptrace."""
        for engine in ENGINES:
            for names, expected in (("getppid", ["getppid"] * 2), ("openat,writev", ["openat", "writev"]),
                                    ("!file,desc,memory,network,signal", None)):
                with self.subTest(engine=engine, names=names):
                    document = self.trace(PROGRAM, "--engine", engine, "-e", f"trace={names}", status=3)
                    calls = document["syscalls"]
                    self.assertTrue(all(isinstance(call["result"], int) for call in calls
                                        if call["name"] != "exit_group"), calls)
                    if expected:
                        self.assertEqual([call["name"] for call in calls], expected)
                    else:
                        self.assertEqual([call["name"] for call in calls].count("getpid"), 1)

    def test_they_are_counted_by_name(self):
        document = self.trace(PROGRAM, "-c", status=3)
        counts = document["summary"]["by_call"]
        self.assertEqual((counts["getppid"]["calls"], counts["writev"]["calls"]), (2, 1))


if __name__ == "__main__":
    unittest.main()
