#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that know how their own calls are shown (payloads/shown_*.c): strace shows them so, and so do we."""

import glob
import os
import re
import subprocess
import unittest

from harness import PAYLOADS, RENACER, TIMEOUT, TraceTest

PROGRAMS = sorted(os.path.basename(path) for path in glob.glob(os.path.join(PAYLOADS, "shown_*")) if os.path.isfile(path))
STRACE = {"strace": ["strace"]}
FULL = {"notify": [RENACER, "--engine", "notify", "--decode=full"], "ptrace": [RENACER, "--engine", "ptrace", "--decode=full"]}


def calls_of(log):
    """The calls of a trace, with the result behind one space."""
    lines = [line for line in log.splitlines() if not line.startswith(("+++", "---"))]
    return [re.sub(r"\) += ", ") = ", line, count=1) if ") " in line else line for line in lines]


class Shown(TraceTest):
    def expectation(self, output):
        """The options that the program wants, and its lines."""
        options, lines = [], []
        for line in output.decode().splitlines():
            if line.startswith("options "):
                options += line.split()[1:]
            elif line.startswith("trace="):
                options += ["-e", line]
            else:
                lines.append(line)
        return options, lines

    def check(self, program, tracer, command):
        path = os.path.join(PAYLOADS, program)
        plain = subprocess.run([path], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT, cwd=self.folder)
        self.assertEqual(plain.returncode, 0, plain.stderr)
        options, _ = self.expectation(plain.stdout)
        file = self.path(f"{program}.{tracer}")
        done = subprocess.run([*command, *options, "-o", file, path], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        _, expected = self.expectation(done.stdout)
        self.assertGreater(len(expected), 0)
        self.maxDiff = None
        with open(file, errors="surrogateescape") as log:
            self.assertListEqual(calls_of(log.read()), expected, f"{program}, {tracer}")


for tracer, command in {**STRACE, **FULL}.items():
    for program in PROGRAMS:
        setattr(Shown, f"test_{program}_{tracer}",
                lambda self, program=program, tracer=tracer, command=command: self.check(program, tracer, command))

if __name__ == "__main__":
    unittest.main()
