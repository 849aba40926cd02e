#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The time until notifications are received, and events that the rings cannot take."""

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


if __name__ == "__main__":
    unittest.main()
