#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the third argument of each request of ioctl(2) points to: we show it as strace does.

A program (payloads/every_ioctl.c) has a filter answer all requests that strace knows, with memory that we know, so that
no device is needed: what calls read is shown at their entry, and what they write as if they had succeeded.
"""

import glob
import os
import re
import subprocess
import sys
import unittest

from harness import PAYLOADS, RENACER, TIMEOUT, TraceTest

TABLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "emit", "constants")
FAILS = "33"  # EDOM
MEMORY = ("0", "1", "2", "3", "0x100", "0x80000000", "count", "ones", "text", "nowhere")

# What is not shown alike, and why.
DIFFERS = {
    r"SIOC|BRADDBR": "requests of network interfaces have tests of their own",
    r"PERF_EVENT": "of performance events as well",
    r"KIOCSOUND|KDMKTONE": "strace says what the number sounds like",
    r"KDSETLED|KDSKBLED": "strace leaves out bits that are none of the argument",
    r"KD[GS]KBSENT": "strace says ??? of a string that ends where memory does",
}
# Requests of disks are not for 32-bit programs, and some numbers mean something else there.
DIFFERS_I386 = {
    r"HDIO_SET|HDIO_UNREGISTER": "strace does not look at these of 32-bit programs",
    r"MTRRIOC|MEMWRITEOOB": "one number is two requests there",
}
ARGUMENT = re.compile(r"^ioctl\(-1, (.*)\) += (.*)$")


def numbers():
    """All requests that the tables name, and some of those that have a length or a number in theirs."""
    sys.path.insert(0, TABLES)
    import generate
    sets = generate.read(glob.glob(os.path.join(TABLES, "*.tbl")))
    found = {constant.value for constant in sets["IOCTL"].constants(sets)}
    for template in sets["IOC"].templates:
        for size in (0, 1, 8, 32, 100) if template.mask and not template.mask & 0x3fff0000 else ():
            found.update(template.value | size << 16 | low & ~template.mask & 0xff for low in (0, 1, 5, 0x12, 0x1f))
    return sorted(found)


class Arguments(TraceTest):
    def lines(self, command, words, requests):
        file = self.path("log")
        subprocess.run([*command, "-e", "trace=ioctl", "-o", file, os.path.join(PAYLOADS, "every_ioctl"), *words],
                       input="\n".join(f"{request:x}" for request in requests).encode(), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=TIMEOUT, cwd=self.folder, check=False)
        with open(file, errors="surrogateescape") as log:
            return [match.groups() for match in map(ARGUMENT.match, log) if match]

    def compare(self, *options, words, known):
        requests = numbers()
        theirs = self.lines(["strace", *options], words, requests)
        ours = self.lines([RENACER, "--engine", "ptrace", "--decode=full", *options], words, requests)
        self.assertEqual(len(theirs), len(requests))
        self.assertEqual(len(ours), len(requests))
        # A number that strace has no name for is not compared: we may have one.
        wrong = [f"strace {one}\nours   {other}" for one, other in zip(theirs, ours)
                 if one != other and not one[0].startswith("_IOC(")
                 and not any(re.search(name, one[0].split(",")[0]) for name in known)]
        self.assertListEqual(wrong[:20], [], f"{len(wrong)} requests with {words}")
        return theirs

    def test_at_entry(self):
        for memory in MEMORY:
            self.compare(words=[FAILS, memory], known=DIFFERS)

    def test_at_exit(self):
        for memory in MEMORY:
            shown = self.compare(words=["0", memory], known=DIFFERS)
        self.assertGreater(len(shown), 3000)

    def test_all_members(self):
        for answer in ("0", FAILS):
            for memory in ("0", "1", "count"):
                self.compare("-v", words=[answer, memory],
                             known={**DIFFERS, "BTRFS_IOC_SPACE_INFO": "what is captured of a call is limited"})

    def test_end_of_memory(self):
        for answer in ("0", FAILS):
            self.compare(words=[answer, "end"], known=DIFFERS)

    def test_requests_of_32_bit_programs(self):
        named = re.compile("HDIO|LOOP|KD|[GP]IO_|TC[SG]ET|BLK|RTC|VIDIOC|BTRFS|EVIOC|DM_|SG_")
        for answer in ("0", FAILS):
            for memory in ("0", "count"):
                words = [answer, memory, "i386"]
                requests = numbers()
                theirs = self.lines(["strace"], words, requests)
                ours = self.lines([RENACER, "--engine", "ptrace", "--decode=full"], words, requests)
                # Many requests have other numbers there, and no name of ours.
                wrong = [f"strace {one}\nours   {other}" for one, other in zip(theirs, ours, strict=True)
                         if one != other and named.match(one[0]) and one[0].split(",")[0] == other[0].split(",")[0]
                         and not any(re.search(name, one[0].split(",")[0]) for name in {**DIFFERS, **DIFFERS_I386})]
                self.assertListEqual(wrong[:20], [], f"{len(wrong)} requests with {words}")


if __name__ == "__main__":
    unittest.main()
