#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Storms of signals against every kind of call that waits. The payload knows what signal(7) says of each, and
checks it by itself, so that it has to be content without a tracer and with every engine. STORM_ROUNDS: how many
rounds each engine has to stand; every round has other signals from other sources."""

import os
import unittest

from harness import RENACER, TraceTest, payload

ROUNDS = int(os.environ.get("STORM_ROUNDS", "0"))
FEW = ("-e", "trace=openat,read,poll,epoll_wait")
WAYS = (
    (),
    ("--engine", "notify"),
    ("--engine", "notify", "-f"),
    ("--engine", "notify", "-f", "--decode=full"),
    ("--engine", "notify", "-f", "--lossless"),
    ("--engine", "notify", "-yy"),
    ("--engine", "notify", *FEW),
    ("--engine", "ptrace", "-f"),
    ("--engine", "ptrace", "--decode=full"),
    ("--engine", "ptrace", *FEW),
)


class Storms(TraceTest):
    def storm(self, way, rounds, first):
        command = [payload("blocking_storm"), str(rounds), str(first)]
        if way:
            command = [RENACER, "--format", "jsonl", "-o", self.path("t.jsonl"), *way, "--", *command]
        done = self.run_plain(command, start_new_session=True)
        self.assertEqual((done.returncode, done.stdout.decode(), done.stderr), (0, "wrong: 0\n", b""))

    def test_every_call_that_waits(self):
        for turn, way in enumerate(WAYS):
            with self.subTest(" ".join(way) or "without a tracer"):
                if ROUNDS:
                    for first in range(ROUNDS):
                        self.storm(way, 1, first)
                else:
                    self.storm(way, 1, turn * 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
