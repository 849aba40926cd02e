#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The golden traces of our own payloads: what was recorded once is recorded again, on every engine."""

import json
import os
import unittest

from harness import RENACER, TraceTest, payload

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "..", "golden", "traces")


class Golden(TraceTest):
    def golden(self, name):
        with open(os.path.join(GOLDEN, name + ".json"), "rb") as file:
            return file.read()

    def test_static_hello(self):
        for engine in ("notify", "ptrace"):
            done = self.run_plain([RENACER, "--golden", "-e", "trace=!execve", "--engine", engine, "-o", self.path("trace"),
                                   payload("static_hello")])
            self.assertEqual((done.returncode, done.stderr), (3, b""))
            with open(self.path("trace"), "rb") as file:
                self.assertEqual(file.read(), self.golden("static_hello"))

    def test_other_traces_have_the_same_calls(self):
        golden = json.loads(self.golden("static_hello"))
        for options in ([], ["-f"], ["--lossless"]):
            document = self.trace([payload("static_hello")], "-e", "trace=!execve", *options, status=3)
            for call in document["syscalls"]:
                call.pop("pid", None)
                call.pop("tid", None)
            self.assertEqual(document["syscalls"], golden["syscalls"])
            self.assertEqual(document["summary"], golden["summary"])

    def test_static_hello_without_results(self):
        document = self.trace([payload("static_hello")], "-e", "trace=!execve", "--engine", "notify-only",
                              status=3, quiet=False)
        golden = json.loads(self.golden("static_hello"))
        self.assertEqual([(call["name"], call["args"]) for call in document["syscalls"]],
                         [(call["name"], call["args"]) for call in golden["syscalls"]])


if __name__ == "__main__":
    unittest.main(verbosity=2)
