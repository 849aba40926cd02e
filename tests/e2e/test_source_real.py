#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Places and stacks of programs that nobody wrote for it: interpreters, shells, a
build. Asking for them changes nothing but what is asked for, all forms can be
read, and nothing is lost."""

import collections
import csv
import json
import re
import shutil
import unittest

from harness import RENACER, TraceTest

C = r"""#include <stdio.h>
int main(void) { printf("%d\n", NUMBER); fflush(stdout); return 7; }
"""
BUILD = r"""for i in 1 2; do cc -g -DNUMBER=$i -o p$i p.c & done; wait; ./p1; ./p2"""
PYTHON = """
import os, threading
def work():
    for _ in range(20):
        os.stat("/etc/passwd")
threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(os.path.basename("/a/b"))
os._exit(3)
"""
# Whether each run makes the same calls.
PROGRAMS = {
    "shell": (["bash", "-c", "for i in 1 2 3; do x=$(echo $i | tr 1 2); ls / > /dev/null; done; echo $x; exit 4"], True),
    "build": (["sh", "-c", BUILD], False),
    "python": (["/usr/bin/python3", "-c", PYTHON], False),
    "perl": (["perl", "-e", 'for (1..50) { -e "/etc/passwd"; } print "done\\n"; exit 5'], True),
    "node": (["node", "-e", 'require("fs").writeFileSync("n", "x"); console.log("done"); process.exit(6)'], False),
}
HINT = re.compile(rb"(renacer-sv: [^\n]* has no debug information: [^\n]*\n|"
                  rb"renacer-sv: the stacks? of \d+ calls? (was|were) cut [^\n]*\n)?")


class RealPrograms(TraceTest):
    def setUp(self):
        super().setUp()
        with open(self.path("p.c"), "w") as file:
            file.write(C)

    def traced(self, command, native, *options):
        done = self.run_plain([RENACER, "-f", *options, "-o", self.path("t"), "--", *command], cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout), (native.returncode, native.stdout), options)
        self.assertTrue(HINT.fullmatch(done.stderr), done.stderr)
        return self.content("t")

    def names(self, calls):
        return collections.Counter(call["name"] for call in calls)

    def check_document(self, text):
        document = json.loads(text)
        self.assertEqual(document["summary"]["lost"], 0)
        calls = document["syscalls"]
        for call in calls[1:]:
            self.assertTrue(call["stack"], call)  # of the program's own exec nothing is known
        ends = collections.Counter(call.get("stack_end") for call in calls[1:])
        self.assertEqual(set(ends) - {None, "cut", "no_unwind", "unknown"}, set())
        return calls

    def check_folded(self, text):
        """As flamegraph.pl reads it."""
        self.assertTrue(text)
        for line in text.splitlines():
            found = re.fullmatch(r"(.*)\s+?(\d+(?:\.\d*)?)", line)
            self.assertTrue(found and all(found[1].split(";")), line)

    def check(self, name, engine):
        command, same = PROGRAMS[name]
        if not shutil.which(command[0]):
            self.skipTest(f"there is no {command[0]}")
        native = self.run_plain(command, cwd=self.folder)
        self.assertEqual(native.stderr, b"")
        of_engine = ("--engine", engine)
        plain = json.loads(self.traced(command, native, "--format", "json", *of_engine))["syscalls"]
        calls = self.check_document(self.traced(command, native, "-s", "-k", "--format", "json", *of_engine))
        rows = list(csv.reader(self.traced(command, native, "-s", "--format", "csv", *of_engine).splitlines()))
        self.assertEqual({len(row) for row in rows}, {4})
        if same:
            self.assertEqual(self.names(calls), self.names(plain))
            self.assertEqual(len(rows), len(plain) + 1)
        self.check_folded(self.traced(command, native, "--folded", *of_engine))
        for options in (("-c", "-s"), ("--function-time",)):
            self.assertRegex(self.traced(command, native, *options, *of_engine).splitlines()[-1], r"^100\.00 .* total$")
        return calls

    def test_programs(self):
        for name in PROGRAMS:
            for engine in ("notify", "ptrace"):
                with self.subTest(name=name, engine=engine):
                    calls = self.check(name, engine)
                    if name == "build":
                        places = [call["source"] for call in calls if call["name"] == "write" and call["source"]]
                        self.assertEqual(sum(place["file"] == "p.c" and place["line"] == 2 for place in places), 2)


if __name__ == "__main__":
    unittest.main()
