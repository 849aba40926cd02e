#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The traces of `allocate` that the unit tests of budgets of memory read are those that are recorded today."""

import json
import os
import unittest

from harness import RENACER, TraceTest, payload

DATA = os.path.join(os.path.dirname(__file__), "..", "data")
CHOSEN = ["-f", "-e", "trace=!execve"]  # its path is that of the build


class Allocate(TraceTest):
    def test_golden(self):
        with open(os.path.join(DATA, "allocate_golden.json"), "rb") as file:
            golden = file.read()
        for engine in ("notify", "ptrace"):
            done = self.run_plain([RENACER, "--golden", *CHOSEN, "--engine", engine, "-o", self.path("trace"),
                                   payload("allocate")])
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            with open(self.path("trace"), "rb") as file:
                self.assertEqual(file.read(), golden)

    def test_plain(self):
        """Addresses are others each time, and parent and child are not in step."""
        for engine in ("notify", "ptrace"):
            with open(os.path.join(DATA, "allocate_%s.json" % engine), encoding="utf-8") as file:
                kept = json.load(file)
            document = self.trace([payload("allocate")], *CHOSEN, "--engine", engine)
            self.assertEqual(self.without_numbers(document), self.without_numbers(kept))

    @staticmethod
    def without_numbers(document):
        return sorted((call["name"], [argument for argument in call["args"] if not argument.startswith("0x")
                                      and not call["name"] == "wait4"], call.get("error", ""))
                      for call in document["syscalls"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
