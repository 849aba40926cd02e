#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Stacks as gdb sees them: it stops at the same calls, and finds the same frames
with the same functions, inlined ones included. What the payloads say of
themselves is held against it as well."""

import itertools
import json
import os
import re
import subprocess
import unittest

import marks
from harness import TIMEOUT, TraceTest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gdb_frames.py")
NUMBERS = {"write": 1, "close": 3, "mmap": 9, "brk": 12, "getdents64": 217, "exit_group": 231, "tgkill": 234,
           "openat": 257, "newfstatat": 262}
# Programs of the system, and the calls at which they are looked at. What they do is the same in each run.
SYSTEM = {
    "true": (["/usr/bin/true"], ("close", "exit_group", "mmap")),
    "cat": (["/usr/bin/cat", "/etc/hostname"], ("openat", "write", "close", "mmap", "brk", "newfstatat")),
    "ls": (["/usr/bin/ls", "-l", "/usr/bin/true"], ("openat", "write", "close", "newfstatat")),
    "sort": (["/usr/bin/sort", "/etc/passwd"], ("openat", "write", "close", "mmap")),
    "sed": (["/usr/bin/sed", "-n", "s/root/x/p", "/etc/passwd"], ("openat", "write", "close")),
    "date": (["/usr/bin/date", "-d", "2001-02-03", "+%A"], ("openat", "write", "close", "newfstatat")),
    "uname": (["/usr/bin/uname", "-a"], ("openat", "write", "close", "mmap", "exit_group")),
}
PROGRAMS = [f"calls-{kind}" for kind in ("gcc-O0", "gcc-O2", "gcc-O3", "gcc-O2-nopie", "gcc-O2-static",
                                         "gcc-O2-static-pie", "gcc-O0-dwarf4", "gcc-O2-dwarf4", "gcc-O2-split",
                                         "gcc-O2-lto", "gcc-O2-debug-frame", "clang-O0", "clang-O2", "clang-O2-split")]
PROGRAMS += marks.names("classes") + marks.names("code") + marks.names("libraries") + marks.names("processes")
# Of these, frames of the language's own library have names that gdb writes in its own way.
MARKED = PROGRAMS + marks.names("rust") + marks.names("go") + ["cgo"]
# gdb stays with the parent: these are the marks of children.
OF_CHILDREN = {"processes": {1, 2, 4, 6, 7, 8, 9, 10}}


class GdbTest(TraceTest):
    maxDiff = None

    def environment(self):
        """The same for both."""
        return {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}

    def gdb_frames(self, command, *calls):
        """What the program printed, and the calls at which gdb has stopped."""
        file = self.path("frames")
        numbers = ",".join(str(NUMBERS[name]) for name in calls)
        done = subprocess.run(["gdb", "-nx", "-batch", "-x", SCRIPT, "--args", *command], capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=False,
                              env={**self.environment(), "GDB_FRAMES": file, "GDB_CALLS": numbers})
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(file) as stream:
            stops = [json.loads(line) for line in stream]
        # gdb writes there as well, and does not always begin a line of its own.
        return b"\n".join(re.findall(rb'\{"mark".*\}', done.stdout)), stops

    def gdb_marks(self, name):
        """Of a payload: its marks as it prints them, and gdb's frames at each of them, by number."""
        output, stops = self.gdb_frames([marks.program(name)], "exit_group", "tgkill")
        said = {number: mark for number, mark in marks.said(output).items()
                if number not in OF_CHILDREN.get(name.partition("-")[0], ())}
        self.assertEqual(len(said) + len(OF_CHILDREN.get(name.partition("-")[0], ())), marks.expected_count(name))
        frames = {}
        for number, mark in said.items():
            found = [stop["frames"] for stop in stops if self.is_stop(stop, mark)]
            self.assertEqual(len(found), 1, mark)
            frames[number] = found[0]
        return said, frames

    def is_stop(self, stop, mark):
        if "call" not in mark:
            return stop["mark"] == mark["mark"]
        return stop["call"] == NUMBERS[mark["call"]] and mark.get("argument") in (None, str(stop["argument"]))

    def traced(self, command, *options, engine="notify"):
        return self.trace(command, "--engine", engine, "-s", "-k", *options, quiet=False,
                          env=self.environment())["syscalls"]


def without_groups(name, opening, closing):
    """A name without what stands between brackets."""
    depth, kept = 0, []
    for letter in name:
        depth += letter == opening
        if depth == 0:
            kept.append(letter)
        depth -= letter == closing
    return "".join(kept)


def simple(name):
    """The name without arguments of templates, parameters and results: gdb, compilers and mangled names have each their
    own way to write them. Of a call of an object, such as a lambda, nothing else is left."""
    if not name:
        return name
    name = re.sub(r"\.(part|isra|constprop|cold|lto_priv)(\.\d+)*$", "", marks.function_of(name))
    name = re.sub(r"\bstd::(ostream|istream|iostream|string)\b", r"std::basic_\1", name)
    if re.search(r"\boperator\(\)(\(.*\))?( const)?$", name):
        return "operator()"
    name = name.replace("(anonymous namespace)", "{anonymous}")
    name = re.sub(r"operator([<>=!+*/&|-]+)", lambda found: "operator{" + found[1].translate({60: "L", 62: "G"}) + "}", name)
    name = without_groups(without_groups(name, "<", ">"), "(", ")")
    return re.sub(r"( const)?$", "", name.strip(), count=1).rpartition(" ")[2]


class Symbols:
    """Which names are those of the same place: libc has several for most of its functions."""

    def __init__(self):
        self.known = {}

    def of(self, module):
        if module not in self.known:
            places = {}
            for file in (module, self.debug_file(module)):
                for option in ([], ["-D"]):
                    done = subprocess.run(["nm", *option, file], capture_output=True, check=False, text=True)
                    for words in (line.split() for line in done.stdout.splitlines()):
                        if len(words) == 3:
                            places.setdefault(words[2].partition("@")[0], set()).add(int(words[0], 16))
            self.known[module] = places
        return self.known[module]

    def debug_file(self, module):
        notes = subprocess.run(["readelf", "-n", module], capture_output=True, check=False, text=True).stdout
        found = re.search(r"Build ID: ([0-9a-f]{2})([0-9a-f]+)", notes)
        return f"/usr/lib/debug/.build-id/{found[1]}/{found[2]}.debug" if found else "/nonexistent"

    def are_same(self, module, one, other):
        if simple(one) == simple(other):
            return True
        if None in (module, one, other):
            return False
        places = self.of(module)
        return bool(places.get(one, set()) & places.get(other, set()))


SYMBOLS = Symbols()


def addr2line_agrees(frame):
    """A second opinion: of the rows of one address in a line table, gdb may prefer another one than the last."""
    debug = SYMBOLS.debug_file(frame["module"])
    file = debug if os.path.exists(debug) else frame["module"]
    done = subprocess.run(["addr2line", "-i", "-e", file, hex(int(frame["address"], 16) - 1)], capture_output=True,
                          check=False, text=True)
    return f"{base(frame['file'])}:{frame['line']}" in [base(line).split(" ")[0] for line in done.stdout.splitlines()]


def base(file):
    return os.path.basename(file) if file else file


def without_inlined_first(frames):
    while len(frames) > 1 and (frames[0].get("inlined") or frames[0].get("kind") == "inlined"):
        frames = frames[1:]
    return frames


def stack_difference(ours, end, theirs, lines=True):
    """The first difference between our stack and gdb's. gdb also shows frames of functions that have left theirs for
    another one (tail calls), which no stack has; it goes on guessing where nothing is known."""
    theirs = [frame for frame in theirs if frame["kind"] != "tail call"]
    # Of the innermost, gdb looks at what follows the call, which may not be of the same inlined function.
    ours, theirs = without_inlined_first(ours), without_inlined_first(theirs)
    for number, (our, their) in enumerate(itertools.zip_longest(ours, theirs)):
        if our is None:
            guessed = their["module"] is None
            return None if guessed or end not in (None, "outermost") else f"frame {number} is missing: {their}"
        if their is None:
            return f"frame {number} is not there: {our}"
        is_elsewhere = our["module"] and int(our["address"], 16) != their["address"]
        if is_elsewhere or our["module"] != their["module"]:
            return f"frame {number}: {our}, {their}"
        if our.get("inlined", False) != (their["kind"] == "inlined"):
            return f"frame {number}, inlined: {our}, {their}"
        if not SYMBOLS.are_same(our["module"], our["function"], their["function"]):
            return f"frame {number}, function: {our}, {their}"
        # Of the innermost, gdb takes the line behind the call.
        is_other = (our["line"], base(our["file"])) != (their["line"], base(their["file"]))
        if lines and their["line"] and number > 0 and is_other and not addr2line_agrees(our):
            return f"frame {number}, line: {our}, {their}"
    return None


class Payloads(GdbTest):
    def test_gdb_has_the_places_that_the_payloads_say(self):
        """The proof of the proof: it does not need the program under test."""
        for name in MARKED:
            with self.subTest(program=name):
                said, frames = self.gdb_marks(name)
                for number, mark in said.items():
                    self.check_mark(mark, frames[number])

    def check_mark(self, mark, frames):
        if mark["file"] is None:
            self.assertEqual(frames[0]["function"], mark["function"], frames)
            return
        nearest = next((frame for frame in frames if base(frame["file"]) == base(mark["file"])
                        and frame["kind"] != "tail call"), None)
        self.assertIsNotNone(nearest, (mark, frames))
        if nearest is not frames[0]:
            self.assertEqual(nearest["line"], mark["line"], (mark, frames[:4]))
        self.assertEqual(simple(nearest["function"]), simple(mark["function"]), mark)
        names = [simple(frame["function"]) for frame in frames[frames.index(nearest) + 1:]]
        for caller in map(simple, mark["callers"]):
            self.assertIn(caller, names, mark)
            names = names[names.index(caller) + 1:]

    def test_stacks(self):
        for name in PROGRAMS:
            for engine in ("notify", "ptrace"):
                with self.subTest(program=name, engine=engine):
                    said, frames = self.gdb_marks(name)
                    calls = self.traced([marks.program(name)], "-f", engine=engine)
                    differences = []
                    for number, mark in said.items():
                        call = marks.call_of(calls, mark)
                        # Of inlined functions in split information gdb has other lines than of the same without.
                        found = stack_difference(call["stack"], call.get("stack_end"), frames[number], "split" not in name)
                        differences += [f"{mark['how']}: {found}"] if found else []
                    self.assertEqual(differences, [])


class SystemPrograms(GdbTest):
    """Stripped programs with symbols of the C library alone."""

    def test_stacks(self):
        for name, (command, chosen) in SYSTEM.items():
            for engine in ("notify", "ptrace"):
                with self.subTest(program=name, engine=engine):
                    output, stops = self.gdb_frames(command, *chosen)
                    calls = [call for call in self.traced(command, engine=engine) if call["name"] in chosen]
                    stops = [stop for stop in stops if stop["call"] in {NUMBERS[call] for call in chosen}]
                    self.assertEqual([NUMBERS[call["name"]] for call in calls], [stop["call"] for stop in stops], output)
                    self.assertGreater(len(calls), 1)
                    found = [stack_difference(call["stack"], call.get("stack_end"), stop["frames"])
                             for call, stop in zip(calls, stops)]
                    self.assertEqual([difference for difference in found if difference], [])


if __name__ == "__main__":
    unittest.main()
