#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs that take minutes: .ci/full. Bounded in count and time."""

import os
import resource
import subprocess
import unittest

from harness import RENACER, TraceTest, payload

CALLS = 10_000_000
MEMORY_KB = 32 * 1024
ROUNDS = 10


class LongRuns(TraceTest):
    def long_trace(self, *options, program):
        """Trace to a file without reading it back whole: stderr, output, and the peak of our own memory in KiB."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(writing, 2)
            os.execv(RENACER, [RENACER, "--profile-self", "-o", self.path("long"), *options, "--", *program])
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            text = stream.read()
        _, status, usage = os.wait4(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, text)
        return text, usage.ru_maxrss

    def test_ten_million_calls(self):
        text, peak = self.long_trace("--format", "jsonl", program=[payload("loop"), "getppid", str(CALLS)])
        counters = self.counters(text)
        print(f"\n    {counters['calls']} calls, {counters['lost']} events lost, peak {peak} KiB")
        self.assertLess(peak, MEMORY_KB)
        lines = int(subprocess.run(["grep", "-c", '"name":"getppid"', self.path("long")],
                                   capture_output=True, check=True).stdout)
        # Nothing is lost in silence: what is not there was counted. A lost event costs at most its call.
        self.assertLessEqual(lines, CALLS)
        self.assertGreaterEqual(lines + counters["lost"], CALLS)
        if counters["lost"] == 0:
            self.assertEqual(lines, CALLS)

    def check_calls_that_stop(self, *options, calls):
        text, peak = self.long_trace("--format", "json", *options, program=[payload("loop"), "access", str(calls)])
        self.assertEqual(self.counters(text)["lost"], 0)
        self.assertLess(peak, MEMORY_KB)
        count = subprocess.run(["jq", '[.syscalls[]|select(.name=="access")]|length', self.path("long")],
                               capture_output=True, check=True).stdout
        self.assertEqual(int(count), calls + 1)  # and one of the dynamic loader

    def test_a_million_calls_that_stop(self):
        self.check_calls_that_stop(calls=1_000_000)

    def test_a_million_stops(self):
        self.check_calls_that_stop("--engine", "ptrace", calls=500_000)

    def test_pipelines(self):
        script = "i=0; while [ $i -lt 1000 ]; do echo $i | tr 0-9 a-j | cat; i=$((i+1)); done"
        plain = self.run_plain(["/bin/dash", "-c", script])
        failures = 0
        for options, rounds in ((["-f"], ROUNDS), (["-f", "--lossless"], ROUNDS), ([], ROUNDS),
                                (["-f", "--decode=full"], 2), (["-f", "--engine", "ptrace"], 3),
                                (["-f", "--engine", "ptrace", "-e", "trace=openat"], 3)):
            for _ in range(rounds):
                done = subprocess.run([RENACER, "--format", "json", "-o", self.path("t"), *options, "--",
                                       "/bin/dash", "-c", script], capture_output=True, timeout=600,
                                      stdin=subprocess.DEVNULL)
                failures += (done.returncode, done.stdout, done.stderr) != (0, plain.stdout, b"")
        self.assertEqual(failures, 0)

    def test_storms(self):
        for interval in ("1000", "300", "150", "80"):
            for options in ([], ["--lossless"], ["-f"]):
                done = self.run_plain([RENACER, "--format", "json", "-o", self.path("t"), "--profile-self", *options,
                                       "--", payload("storm"), "10000", interval])
                self.assertEqual((done.returncode, done.stdout), (0, b"wrong: 0\n"), done.stderr)
                counters = self.counters(done.stderr)
                self.assertEqual(counters["repaired"], counters["interrupted"], done.stderr)
            for options in (["--engine", "ptrace"], ["--engine", "ptrace", "-f", "--decode=full"]):
                done = self.run_plain([RENACER, "--format", "json", "-o", self.path("t"), *options,
                                       "--", payload("storm"), "2000", interval])
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"wrong: 0\n", b""))

    def test_no_descriptor_or_process_is_left(self):
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(200):
            self.run_traced(["/bin/true"])
        self.assertEqual(len(os.listdir("/proc/self/fd")), before)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main(verbosity=2)
