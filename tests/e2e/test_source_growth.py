#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""With places and stacks, memory and descriptors of the tracer do not grow with the trace, nor with a reader that is slow."""

import json
import os
import subprocess
import time
import unittest

import processes
from harness import RENACER, TIMEOUT, TraceTest, payload

GROWTH = payload("sources/growth-gcc-O2")
# Open modules, files that wait to become some (include/mapped_modules.h), and our own.
DESCRIPTORS = 96 + 128 + 64
# Of those that wait in the queue and are counted in.
DESCRIPTORS_MOST = 512 + 64
# What is remembered of stacks (64 MiB), files that are read, tables of names and stacks.
MEMORY_MOST_KB = 300 * 1024


class Growth(TraceTest):
    def start(self, options, *arguments, output="/dev/null"):
        process = subprocess.Popen([RENACER, "-f", "--profile-self", *options, "-o", output, "--", GROWTH, *map(str, arguments)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def check_end(self, process):
        said = process.stderr.read()
        self.assertEqual(process.wait(TIMEOUT), 0, said)
        counters = self.counters(said)
        self.assertEqual((counters["lost"], counters["tasks_left"]), (0, 0))
        return counters

    def watch(self, options, *arguments):
        """What it had at each look: [(descriptors, KiB of memory of its own)]."""
        process = self.start(options, *arguments)
        looks = []
        while process.poll() is None:
            look = (processes.descriptors(process.pid), int(processes.status(process.pid, "RssAnon") or 0))
            if all(look):
                looks.append(look)
            time.sleep(0.01)
        self.check_end(process)
        return looks

    def check_bounded(self, options, *arguments, descriptors):
        with self.subTest(options=options, arguments=arguments):
            looks = self.watch(options, *arguments)
            self.assertGreater(len(looks), 5)
            self.assertLessEqual(max(look[0] for look in looks), descriptors)
            self.assertLessEqual(max(look[1] for look in looks), MEMORY_MOST_KB)

    def test_processes_threads_and_programs(self):
        """Of the same few files: no more descriptors than these need, however many map them."""
        for options in (["-k"], ["-s", "--engine", "ptrace"]):
            for what, count in (("forks", 1500), ("threads", 3000), ("execs", 300)):
                self.check_bounded(options, what, count, descriptors=64)

    def test_files(self):
        for options in (["-k"], ["--folded", "--engine", "ptrace"]):
            folder = self.path("-".join(options))
            os.mkdir(folder)
            self.check_bounded(options, "maps", 1500, folder, descriptors=DESCRIPTORS_MOST)

    def test_stacks_that_are_all_different(self):
        for options in (["-k"], ["--folded"]):
            self.check_bounded(options, "stacks", 40000, descriptors=64)

    def test_files_while_nobody_reads(self):
        """Those that are mapped wait in the queue, each with its descriptor; parts of the document need some too."""
        for engine in ("notify", "ptrace"):
            with self.subTest(engine=engine):
                folder = self.path(engine)
                os.mkdir(folder)
                os.mkfifo(folder + ".fifo")
                fifo = os.open(folder + ".fifo", os.O_RDWR | os.O_NONBLOCK)
                self.addCleanup(os.close, fifo)
                process = self.start(["-s", "-e", "trace=access", "--engine", engine, "--format", "json"], "maps", 2500, folder,
                                     output=folder + ".fifo")
                # Its own end is the last file's.
                most = 0
                for _ in range(TIMEOUT * 100):
                    most = max(most, processes.descriptors(process.pid) or 0)
                    if os.path.exists(folder + "/2499") or process.poll() is not None:
                        break
                    time.sleep(0.01)
                self.assertTrue(os.path.exists(folder + "/2499"))
                self.assertIsNone(process.poll())
                text = b""
                while process.poll() is None or text[-1:] != b"\n" or b'"summary"' not in text[-4096:]:
                    most = max(most, processes.descriptors(process.pid) or 0)
                    try:
                        text += os.read(fifo, 1 << 16)
                    except BlockingIOError:
                        time.sleep(0.01)
                self.check_end(process)
                self.assertLessEqual(most, DESCRIPTORS_MOST)
                document = json.loads(text)
                places = [call["source"] for call in document["syscalls"] if call["args"][0] == "/marked"]
                self.assertEqual(len(places), 2500)
                self.assertEqual({(place["function"], os.path.basename(place["file"])) for place in places}, {("call", "growth.c")})


if __name__ == "__main__":
    unittest.main(verbosity=2)
