#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Processes and threads that die, execute, multiply and leave at odd moments: none of them sees a difference, and
what is recorded is theirs."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import time
import unittest

import counts
import fixtures
import processes
from fixtures import FIXTURES
from harness import RENACER, TIMEOUT, TraceTest, payload
from processes import wait_until

FEW = ("-e", "trace=access,writev")
NOTIFY = {
    "notify": ("--engine", "notify"),
    "notify -f": ("--engine", "notify", "-f"),
    "notify -f -y": ("--engine", "notify", "-f", "-y"),
    "notify -f --lossless": ("--engine", "notify", "-f", "--lossless"),
    "notify -f --decode=full": ("--engine", "notify", "-f", "--decode=full"),
    "notify -f few": ("--engine", "notify", "-f", *FEW),
}
PTRACE = {
    "ptrace": ("--engine", "ptrace"),
    "ptrace -f": ("--engine", "ptrace", "-f"),
    "ptrace -f few": ("--engine", "ptrace", "-f", *FEW),
}
ONLY = {"notify-only -f": ("--engine", "notify-only", "-f")}
WAYS = {**NOTIFY, **PTRACE, **ONLY}
MARK = re.compile(r"/nonexistent/(\d+)/(\d+)")
ONLY_SAYS = re.compile(rb"renacer-sv: engine notify-only records no results and times[^\n]*\n")


class OddTest(TraceTest):
    maxDiff = None

    def run_way(self, way, command, *options, nobody=False):
        """Traced to t.jsonl, with or without rights: the finished process, and what --profile-self said of it."""
        os.chmod(self.folder, 0o777)
        if os.path.exists(self.path("t.jsonl")):
            os.unlink(self.path("t.jsonl"))
        traced = [fixtures.RENACER if nobody else RENACER, "--format", "jsonl", "--profile-self", "-o", self.path("t.jsonl"),
                  *way, *options, "--", *command]
        done = fixtures.run(FIXTURES["nobody"], traced) if nobody else self.run_plain(traced)
        said = b"".join(line for line in done.stderr.splitlines(keepends=True) if b" profile: " not in line)
        done.said = ONLY_SAYS.sub(b"", said)
        done.counters = self.counters(done.stderr)
        return done

    def items(self):
        with open(self.path("t.jsonl")) as lines:
            for line in lines:
                yield json.loads(line)

    def unnoticed(self, command, ways=None, look=None, nobody=("ptrace -f", "notify-only -f")):
        """Output and end are those without a tracer, nothing is said, nothing lost, and no thread is remembered."""
        plain = self.run_plain(command)
        without = fixtures.run(FIXTURES["nobody"], command)
        for name, way in (ways or WAYS).items():
            for rights in (False, True) if name in nobody else (False,):
                with self.subTest(name, nobody=rights):
                    done = self.run_way(way, command, nobody=rights)
                    expected = without if rights else plain
                    self.assertEqual(done.stdout.decode(), expected.stdout.decode())
                    self.assertEqual((done.returncode, done.said), (expected.returncode, expected.stderr))
                    self.assertEqual((done.counters["lost"], done.counters["tasks_left"]), (0, 0))
                    if look:
                        look(way)


class Deaths(OddTest):
    ROUNDS = 10

    def check_marks(self, way):
        """What calls point to is that of the thread that makes them, or was not read at all."""
        marked = 0
        for item in self.items():
            if item.get("name") in ("access", "writev"):
                text = "".join(item["args"])
                ids = set(MARK.findall(text))
                if ids:
                    marked += 1
                    self.assertEqual(ids, {(str(item["pid"]), str(item["tid"]))}, item)
        self.assertEqual(marked > 300, "-f" in way, f"{marked} calls")

    def test_in_the_middle_of_a_call(self):
        """Killed, at the end of the process, by another thread's execve, by fatal signals, with the parent."""
        self.unnoticed([fixtures.payload("deaths"), str(self.ROUNDS)], look=self.check_marks)


class Executions(OddTest):
    def test_beside_other_threads(self):
        self.unnoticed([fixtures.payload("executions"), "3", "2"])

    def test_beside_hundreds_of_threads(self):
        self.unnoticed([fixtures.payload("executions"), "400", "1", "1"])


class Swarms(OddTest):
    COUNT = 80

    def check_same_id(self, way):
        """Processes with one id, one after the other: each has its call, once and in order."""
        if "-f" not in way:
            return
        paths = [(item["pid"], item["args"][0]) for item in self.items()
                 if item.get("name") == "access" and item["args"][0].startswith("/nonexistent/same/")]
        self.assertLessEqual(len({pid for pid, _ in paths}), 1)
        self.assertEqual([path for _, path in paths], [f"/nonexistent/same/{i}" for i in range(len(paths))])

    def test_short_lives_and_odd_ones(self):
        self.unnoticed([fixtures.payload("swarm"), str(self.COUNT)], look=self.check_same_id)


class Counts(OddTest):
    """Programs that count their calls themselves: none is missing, none too many, of any thread."""

    def check(self, way, *size, nobody=False):
        done = self.run_way(way, [fixtures.payload("counted"), *map(str, size)], nobody=nobody)
        self.assertEqual((done.returncode, done.said), (0, b""))
        names, expected = counts.printed(done.stdout.decode())
        # Calls that were not chosen are not there, all others are.
        chosen = [name for name in names if "-e" not in way or name in ("access", "getppid")]
        found = counts.Traced(self.path("t.jsonl"), names)
        self.assertEqual(len(expected), size[0] * size[1] * size[3])
        self.assertGreater(sum(sum(thread.values()) for thread in expected.values()), size[0] * size[1] * size[2])
        self.assertEqual(counts.differences(expected, found.counts, chosen), (0, 0, []))
        self.assertEqual((found.foreign(expected), found.lost, done.counters["tasks_left"]), (0, 0, 0))

    def test_of_each_thread(self):
        few = ("-e", "trace=access,getppid")
        for way in (("--engine", "notify", "-f"), ("--engine", "notify", "-f", "--lossless"), ("--engine", "notify", "-f", "--decode=full"),
                    ("--engine", "notify", "-f", *few), ("--engine", "ptrace", "-f"), ("--engine", "ptrace", "-f", *few)):
            with self.subTest(way):
                self.check(way, 8, 8, 10, 2)
        for way in (("--engine", "ptrace", "-f"), ("--engine", "ptrace", "-f", *few)):
            with self.subTest(way, nobody=True):
                self.check(way, 8, 8, 10, 2, nobody=True)


class Daemons(OddTest):
    COUNT = 3

    def setUp(self):
        super().setUp()
        processes.reap()
        processes.adopt_orphans(True)
        self.addCleanup(processes.adopt_orphans, False)
        self.addCleanup(processes.reap)
        os.chmod(self.folder, 0o777)

    def start(self, way, nobody=False):
        """The supervisor, and its program's daemons, when all of them are there."""
        if os.path.exists(self.path("t.jsonl")):
            os.unlink(self.path("t.jsonl"))
        command = [fixtures.RENACER if nobody else RENACER, "--format", "jsonl", "-o", self.path("t.jsonl"), *way, "--",
                   fixtures.payload("daemons"), str(self.COUNT), self.folder]
        process = subprocess.Popen([*FIXTURES["nobody"].wrapper, *command] if nobody else command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        daemons = [int(process.stdout.readline()) for _ in range(self.COUNT)]
        return process, daemons

    def let_go(self):
        with open(self.path("go"), "w"):
            pass

    def check_ended(self, daemons, killed=()):
        """All did as they should, and nothing is left, neither of them nor of us."""
        wait_until(lambda: all(map(processes.is_gone, daemons)), "the daemons have ended")
        for daemon in daemons:
            self.assertEqual(self.content(str(daemon)), "" if daemon in killed else "good")
            _, status = os.waitpid(daemon, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), -signal.SIGKILL if daemon in killed else 0)

        def nothing_left():
            for child in processes.children(os.getpid()):
                if processes.is_gone(child):
                    os.waitpid(child, 0)
            return not processes.children(os.getpid())
        wait_until(nothing_left, "no process of ours is left")
        for name in ["go", *map(str, daemons)]:
            if os.path.exists(self.path(name)):
                os.unlink(self.path(name))

    def check_left_behind(self, way, nobody=False):
        """Not followed, they go on after us as if nobody had been there."""
        process, daemons = self.start(way, nobody)
        ended = time.monotonic()
        self.assertEqual((process.wait(TIMEOUT), process.stderr.read()), (0, b""))
        self.assertLess(time.monotonic() - ended, 5, "the end of the trace waits for nobody")
        self.assertFalse(any(map(processes.is_gone, daemons)))
        os.kill(daemons[0], signal.SIGKILL)
        self.let_go()
        self.check_ended(daemons, killed=daemons[:1])

    def test_left_behind(self):
        for way in (("--engine", "notify"), ("--engine", "notify", "--lossless"), ("--engine", "ptrace"), ("--engine", "notify", *FEW)):
            with self.subTest(way):
                self.check_left_behind(way)
        with self.subTest("nobody"):
            self.check_left_behind(("--engine", "ptrace"), nobody=True)

    def check_followed(self, way, nobody=False):
        """Followed, they are waited for, and what they did is recorded."""
        process, daemons = self.start(way, nobody)
        os.kill(daemons[0], signal.SIGKILL)
        time.sleep(0.1)
        self.assertIsNone(process.poll(), "it waits")
        self.let_go()
        self.assertEqual((process.wait(TIMEOUT), ONLY_SAYS.sub(b"", process.stderr.read())), (0, b""))
        self.check_ended(daemons, killed=daemons[:1])
        seen = {item["pid"] for item in self.items() if item.get("name") == "access" and item["args"][0] == self.path("go")}
        self.assertEqual(seen | {daemons[0]}, set(daemons))

    def test_followed(self):
        for way in (("--engine", "notify", "-f"), ("--engine", "notify", "-f", "--decode=full"), ("--engine", "ptrace", "-f"),
                    ("--engine", "ptrace", "-f", *FEW), ("--engine", "notify-only", "-f")):
            with self.subTest(way):
                self.check_followed(way)
        with self.subTest("nobody"):
            self.check_followed(("--engine", "ptrace", "-f"), nobody=True)


class HiddenPrograms(OddTest):
    """Programs that must not be read lose their events, and get new ones."""
    COUNT = 60

    def test_their_descriptors_go_with_them(self):
        hidden = self.path("hidden")
        shutil.copy("/bin/true", hidden)
        os.chmod(hidden, 0o711)
        os.chmod(self.folder, 0o755)
        script = f"i=0; while [ $i -lt {self.COUNT} ]; do {hidden}; i=$((i+1)); done; echo done; read line; exit 4"
        for options in ((), ("-e", "trace=openat"), ("--decode=full",)):
            with self.subTest(options):
                process = subprocess.Popen(
                    [RENACER, "--engine", "notify", "-f", "--profile-self", "--format", "jsonl", "-o", self.path("t.jsonl"), *options, "--",
                     *fixtures.NOBODY, "/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertEqual(process.stdout.readline(), b"done\n")
                guardian, = processes.guardians(process.pid)
                # Each has seven or more, and it is not worth a look until there are 64.
                self.assertLess(processes.descriptors(process.pid), 3 * self.COUNT)
                self.assertLess(processes.descriptors(guardian), self.COUNT)
                _, said = process.communicate(b"\n", timeout=TIMEOUT)
                self.assertEqual(process.returncode, 4)
                counters = self.counters(said)
                self.assertEqual((counters["reopened"], counters["lost"], counters["tasks_left"]), (self.COUNT, 0, 0))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unittest.main(verbosity=2)
