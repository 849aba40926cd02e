#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The time until notifications are received, and events that the rings cannot take."""

import json
import os
import signal
import subprocess
import time
import unittest

from harness import RENACER, TIMEOUT, TraceTest, payload

STOPS = 10
STOP_MS = 50
LONG_US = 32768  # a power of two, well below a stop


def below(counters):
    """The histogram of --profile-self: {upper end of each part in us: how many}."""
    return {int(key[len("receive_below_"):-len("us")]): value for key, value in counters.items()
            if key.startswith("receive_below_")}


class ReceiveTimes(TraceTest):
    def profile(self, *options):
        return self.counters(self.run_plain([RENACER, "--profile-self", "-o", self.path("trace"), *options, "--",
                                             payload("threads")]).stderr)

    def test_every_notification_is_counted(self):
        for options in ((), ("-e", "trace=openat,write"), ("--lossless",), ("--decode=full",)):
            counters = self.profile(*options)
            self.assertEqual(counters["receive_count"] + counters["receive_unmeasured"], counters["notifications"])
            self.assertEqual(counters["receive_unmeasured"], 0, counters)
            self.assertEqual(sum(below(counters).values()), counters["receive_count"])
            self.assertLessEqual(counters["receive_median_ns"], counters["receive_p99_ns"])
            self.assertLessEqual(counters["receive_p99_ns"], counters["receive_max_ns"])
            self.assertLess(counters["receive_max_ns"], max(below(counters)) * 1000)

    def test_other_engines_do_not_measure(self):
        for engine in ("notify-only", "ptrace"):
            counters = self.profile("--engine", engine)
            self.assertEqual(counters["receive"], "unmeasured")
            self.assertNotIn("receive_count", counters)

    def test_a_tracer_that_is_stopped_is_seen_in_the_histogram(self):
        # The program measures its calls itself. Whatever else slows a call down, its wait is a part of its time; and
        # a call that the tracer's stop made long has waited for nothing else.
        with subprocess.Popen([RENACER, "--profile-self", "-o", self.path("trace"), "--", payload("late"), "2000"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tracer:
            self.assertEqual(tracer.stdout.readline(), b"ready\n")
            for _ in range(STOPS):
                time.sleep(0.05)
                tracer.send_signal(signal.SIGSTOP)
                time.sleep(STOP_MS / 1000)
                tracer.send_signal(signal.SIGCONT)
            output, stderr = tracer.communicate(timeout=TIMEOUT)
        self.assertEqual(tracer.returncode, 0, stderr)
        taken = [int(line) for line in output.split()]
        counters = self.counters(stderr)
        long = sum(count for end, count in below(counters).items() if end > LONG_US)
        # A stop may fall between receiving and answering: once in sixty times, as the program works between its calls.
        self.assertGreaterEqual(long, STOPS - 3, counters)
        # Calls before and after, which it does not measure, may wait for a busy machine.
        self.assertLessEqual(long, sum(ns >= LONG_US * 1000 for ns in taken) + 3)
        self.assertGreater(counters["receive_max_ns"], (STOP_MS - 5) * 1_000_000)
        self.assertLess(counters["receive_median_ns"], sorted(taken)[len(taken) // 2])


class Eagerness(TraceTest):
    """Receivers run before others, and nobody else does: nice values by /proc/PID/stat."""

    def nice_values(self, *wrap):
        """{thread name: nice values} of the tracer, and what the program's children print of their own."""
        script = "read line; nice; /bin/true | /bin/true; nice"
        with subprocess.Popen([*wrap, RENACER, "-f", "--engine", "notify", "-o", self.path("trace"), "--",
                               "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as tracer:
            values = {}
            end = time.monotonic() + TIMEOUT
            while "renacer-recv" not in values and time.monotonic() < end:
                values = {}
                for thread in os.listdir(f"/proc/{tracer.pid}/task"):
                    with open(f"/proc/{tracer.pid}/task/{thread}/stat") as file:
                        name, fields = file.read().partition("(")[2].rsplit(") ", 1)
                    values.setdefault(name, set()).add(int(fields.split()[16]))
                time.sleep(0.01)
            output, stderr = tracer.communicate(b"\n", timeout=TIMEOUT)
        self.assertEqual(stderr, b"")
        return values, output.split()

    def check_nice(self, receivers, program, *wrap):
        values, output = self.nice_values(*wrap)
        self.assertEqual(values.pop("renacer-recv"), {receivers})
        self.assertEqual(set().union(*values.values()), {program}, values)
        self.assertEqual(output, [str(program).encode()] * 2)

    def test_receivers_alone_have_a_higher_priority(self):
        self.check_nice(-5, 0)

    def test_it_is_relative_to_what_the_user_wanted(self):
        self.check_nice(2, 7, "nice", "-n", "7")
        self.check_nice(-20, -18, "nice", "-n", "-18")

    def test_without_the_right_to_it_nothing_changes(self):
        self.check_nice(3, 3, "nice", "-n", "3", "setpriv", "--bounding-set", "-sys_nice", "--inh-caps", "-sys_nice")

    def test_policies_of_the_user_stay(self):
        self.check_nice(0, 0, "chrt", "--idle", "0")


class Losses(TraceTest):
    """A tracer that is stopped takes nothing out of its rings."""

    CALLS = 20000
    WORDS = "events were lost: the kernel's rings were full; a larger --ring-size takes more, and --lossless stops"

    def overflow(self, *options, end="goes-on", **keywords):
        """The trace of a program that overflows a small ring while its tracer is stopped; the tracer goes on when the
        program has ended, or before."""
        with subprocess.Popen([RENACER, "--ring-size", "64K", *options, "-o", self.path("trace"), "--",
                               payload("overflow"), str(self.CALLS), *([end] if end else [])],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              **keywords) as tracer:
            if not end:
                os.waitid(os.P_PID, tracer.pid, os.WSTOPPED)
                self.wait_until_still(tracer.pid)
                tracer.send_signal(signal.SIGCONT)
            output, stderr = tracer.communicate(timeout=TIMEOUT)
        self.assertEqual(output, b"over\n" if end else b"")
        return tracer.returncode, stderr.decode()

    def wait_until_still(self, tracer):
        """Until all calls of the program were made: it has ended, or waits for an answer."""
        with open(f"/proc/{tracer}/task/{tracer}/children") as file:
            children = file.read().split()
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            states = []
            for child in children:
                with open(f"/proc/{child}/stat") as file:
                    line = file.read()
                if "overflow" in line:
                    states.append(line.rpartition(")")[2].split()[0])
            if states and "R" not in states:
                return
            time.sleep(0.01)
        self.fail("the program does not end")

    def document(self):
        with open(self.path("trace")) as file:
            return json.load(file)

    def check_lost(self, document, stderr):
        """Each event that is lost costs at most its call; and the number is said."""
        lost = document["summary"]["lost"]
        recorded = len(self.calls(document, "getppid"))
        self.assertGreater(lost, 0)
        self.assertLess(recorded, self.CALLS)
        self.assertGreaterEqual(recorded + lost, self.CALLS)
        self.assertIn(f"renacer-sv: {lost} {self.WORDS}", stderr)

    def test_what_is_lost_is_counted_and_said(self):
        status, stderr = self.overflow("--format", "json")
        self.assertEqual(status, 0)
        document = self.document()
        self.check_lost(document, stderr)
        self.assertEqual(document["summary"]["exit_code"], 0)
        # A call that stops is there in any case; its result may be among what was lost.
        self.assertIn(self.calls(document, "write")[-1]["result"], (5, None))

    def test_what_is_lost_at_the_end(self):
        status, stderr = self.overflow("--format", "json", end=None)
        self.assertEqual(status, 0)
        self.check_lost(self.document(), stderr)

    def test_a_loss_can_be_a_failure(self):
        for options in (("--format", "json"), ("--format", "jsonl"), ("--format", "csv"), (), ("-c",)):
            status, stderr = self.overflow("--fail-on-lost", *options)
            self.assertEqual(status, 125, options)
            self.assertIn(self.WORDS, stderr)
            text = self.content("trace")
            if "json" in options:
                self.check_lost(json.loads(text), stderr)
            elif "jsonl" in options:
                self.assertGreater(json.loads(text.splitlines()[-1])["summary"]["lost"], 0)
            elif "-c" in options:
                self.assertRegex(text, r" total\n\Z")
            elif "csv" in options:
                self.assertIn("\nwrite,", text)
            else:
                self.assertIn("+++ exited with 0 +++", text.splitlines()[-1])

    def test_without_a_loss_it_is_none(self):
        for size in ("64K", "1M"):
            document = self.trace([payload("hello")], "--ring-size", size, "--fail-on-lost")
            self.assertGreater(len(document["syscalls"]), 20)
        for engine in ("ptrace", "notify-only"):
            done, _ = self.run_traced([payload("hello")], "--engine", engine, "--ring-size", "4K", "--fail-on-lost")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_larger_ring_takes_all(self):
        # As the message says. Two events a call, of which each takes at most 128 bytes.
        status, stderr = self.overflow("--ring-size", str(self.CALLS * 256), "--format", "json", "--fail-on-lost")
        self.assertEqual((status, stderr), (0, ""))
        self.assertEqual(len(self.calls(self.document(), "getppid")), self.CALLS + 1)  # it asks who its tracer is

    def test_lossless_needs_no_room(self):
        # Every call waits until its events have room, in the least of rings.
        for options in ((), ("-f",), ("--golden", "-f")):
            for program in (["loop", "access", "3000"], ["threads"]):
                document = self.trace([payload(program[0]), *program[1:]], "--lossless", "--ring-size", "4K",
                                      "--fail-on-lost", *options)
                self.assertEqual(document["summary"]["lost"], 0)

    def test_reports_on_a_trace_with_losses(self):
        self.overflow("--format", "json")
        trace = self.path("trace")
        self.assertIn("is not whole", self.run_plain([RENACER, "compare", trace, trace]).stdout.decode())
        with open(self.path("renacer.toml"), "w") as file:
            file.write('[[budget]]\nname = "w"\nmax_count = 100000000\n')
        done = self.run_plain([RENACER, "check", "--config", self.path("renacer.toml"), trace])
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("calls were lost", done.stdout.decode())


if __name__ == "__main__":
    unittest.main()
