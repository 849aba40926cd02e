#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs that take minutes: .ci/full. Bounded in count and time."""

import os
import resource
import shutil
import subprocess
import time
import unittest

import counts
import fixtures
import processes
from harness import RENACER, TraceTest, payload

CALLS = 10_000_000
MEMORY_KB = 32 * 1024
ROUNDS = 10
SESSIONS = 10_000
PROCESSES = 200
THREADS = 200
WAVES = 4
GRACE_KB = 1024


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

    def test_sessions_leave_nothing(self):
        """No descriptor here, no process, no file: not even after ten thousand."""
        processes.reap()
        processes.adopt_orphans(True)
        self.addCleanup(processes.adopt_orphans, False)
        self.addCleanup(processes.reap)
        before = processes.descriptors(os.getpid())
        environment = dict(os.environ, TMPDIR=self.folder)
        for number in range(SESSIONS):
            engine = ("notify", "ptrace", "notify-only")[number % 3]
            done = subprocess.run([RENACER, "--engine", engine, "-f", "--format", "jsonl", "-o", "/dev/null", "--", "/bin/true"],
                                  env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
            self.assertEqual(done.returncode, 0)
            for child in processes.children(os.getpid()):
                if processes.is_gone(child):
                    os.waitpid(child, 0)
            # Guardians go within a second.
            self.assertLess(len(processes.children(os.getpid())), 1000)

        def nothing_left():
            for child in processes.children(os.getpid()):
                if processes.is_gone(child):
                    os.waitpid(child, 0)
            return not processes.children(os.getpid())
        processes.wait_until(nothing_left, "no guardian is left")
        self.assertEqual((processes.descriptors(os.getpid()), os.listdir(self.folder)), (before, []))


class Counted(TraceTest):
    """Programs with many threads, which count their calls themselves."""

    def check(self, *options):
        # In waves: there are not as many ids at once, and the kernel goes through all that wait at every notification.
        done = subprocess.run([RENACER, "--format", "jsonl", "--profile-self", "-o", self.path("t"), *options, "--", payload("counted"),
                               str(PROCESSES // WAVES), str(THREADS), "5", str(WAVES)], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=900)
        self.assertEqual(done.returncode, 0, done.stderr)
        counters = self.counters(done.stderr)
        names, expected = counts.printed(done.stdout.decode())
        found = counts.Traced(self.path("t"), names)
        chosen = [name for name in names if "-e" not in options or name in ("access", "getppid")]
        missing, surplus, shown = counts.differences(expected, found.counts, chosen)
        made = sum(sum(thread.values()) for thread in expected.values())
        print(f"\n    {' '.join(options)}: {len(expected)} threads, {made} calls, {missing} missing, {counters['lost']} events lost")
        self.assertEqual((surplus, found.foreign(expected), found.lost, counters["tasks_left"]), (0, 0, counters["lost"], 0), shown)
        # Nothing is lost in silence: see test_ten_million_calls.
        self.assertLessEqual(missing, counters["lost"], shown)
        if "--lossless" in options or "ptrace" in options:
            self.assertEqual((missing, counters["lost"]), (0, 0))

    def test_notify(self):
        for options in (("-f",), ("-f", "--lossless"), ("-f", "--decode=full")):
            with self.subTest(options):
                self.check("--engine", "notify", *options)

    def test_ptrace(self):
        for options in (("-f",), ("-f", "-e", "trace=access,getppid")):
            with self.subTest(options):
                self.check("--engine", "ptrace", *options)


class Growth(TraceTest):
    """The supervisor and the guardian, looked at while threads, processes and programs come and go."""

    def watch(self, *options, program):
        """What both had at each look, as [(descriptors, KiB of memory of its own)], and how it ended."""
        process = subprocess.Popen([RENACER, "--format", "jsonl", "--profile-self", "-o", "/dev/null", *options, "--", *program],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        looks = []
        while process.poll() is None:
            pids = [process.pid, *processes.guardians(process.pid)]
            look = [(processes.descriptors(pid), int(processes.status(pid, "RssAnon") or 0)) for pid in pids]
            if all(map(all, look)):
                looks.append(look)
            time.sleep(0.1)
        said = process.stderr.read()
        self.assertEqual(process.returncode, 0, said)
        counters = self.counters(said)
        self.assertEqual((counters["lost"], counters["tasks_left"]), (0, 0))
        return looks

    def check_flat(self, looks, descriptors=0):
        """In the second half nothing grows any more. Buffers are used round and round, and are all there by then."""
        self.assertGreater(len(looks), 40)
        at_end = looks[-1]
        looks = looks[len(looks) // 2:]
        middle = len(looks) // 2
        for who in range(len(looks[0])):
            for what, grace in ((0, descriptors), (1, GRACE_KB)):
                early, late = (max(look[who][what] for look in part if who < len(look)) for part in (looks[:middle], looks[middle:]))
                self.assertLessEqual(late, early + grace, [look[who][what] for look in looks])
        print(f"\n    at the end (descriptors, KiB): {at_end}")

    def test_threads_and_processes(self):
        # About 50 ids a round: all that there are, and some again.
        rounds = str(min(int(processes.content("/proc/sys/kernel/pid_max")) // 40, 1000))
        for options in (("--engine", "notify", "-f"), ("--engine", "notify", "-f", "-y"), ("--engine", "notify", "-f", "--decode=full"),
                        ("--engine", "ptrace", "-f"), ("--engine", "notify-only", "-f")):
            with self.subTest(options):
                self.check_flat(self.watch(*options, program=[payload("deaths"), rounds]))

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_programs_that_must_not_be_read(self):
        hidden = self.path("hidden")
        shutil.copy("/bin/true", hidden)
        os.chmod(hidden, 0o711)
        script = f"i=0; while [ $i -lt 4000 ]; do {hidden}; i=$((i+1)); done"
        for options in ((), ("-e", "trace=openat")):
            with self.subTest(options):
                looks = self.watch("--engine", "notify", "-f", *options, program=[*fixtures.NOBODY, "/bin/sh", "-c", script])
                self.check_flat(looks, descriptors=64)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main(verbosity=2)
