# SPDX-License-Identifier: MIT
"""Marked calls (tests/payloads/sources/marks.h): what a program says of them, where they are in a trace, and whether
the trace has the same place."""

import json
import os
import re
import subprocess

from harness import PAYLOADS, TIMEOUT

SOURCES = os.path.join(PAYLOADS, "sources")

# As in tests/payloads/sources/meson.build.
PLAIN = ("gcc-O0", "gcc-O2", "clang-O0", "clang-O2")
# Every way of which inlined functions can be known.
KINDS = (*PLAIN, "gcc-O3", "gcc-Os", "gcc-g1", "gcc-O0-nopie", "gcc-O2-nopie", "gcc-O2-pie", "gcc-O2-static",
         "gcc-O2-static-pie", "gcc-O0-dwarf4", "gcc-O2-dwarf4", "gcc-O2-dwarf5", "gcc-O0-split", "gcc-O2-split",
         "gcc-O2-split-dwarf4", "gcc-O2-omit", "gcc-O2-keep", "gcc-O2-compressed", "gcc-O2-lto", "gcc-O2-debug-frame",
         "gcc-O2-one-segment", "gcc-O2-sections", "gcc-O2-mapped", "clang-O2-dwarf4", "clang-O2-split",
         "clang-O2-static", "clang-O2-keep")
PROGRAMS = {"calls": KINDS,
            "processes": PLAIN,
            "code": PLAIN,
            "deleted": PLAIN,
            "libraries": PLAIN,
            "classes": ("gcc-O0", "gcc-O2", "gcc-O2-dwarf4", "gcc-O2-split", "gcc-O2-static", "clang-O0", "clang-O2"),
            "rust": ("O0", "O2", "O2-frame"),
            "go": ("O0", "O2", "O2-pie", "O2-trimpath")}
# How many marks each of them has.
COUNTS = {"calls": 27, "processes": 11, "code": 6, "deleted": 2, "libraries": 7, "classes": 18, "rust": 14, "go": 15,
          "cgo": 2}


def program(name, folder=SOURCES):
    return os.path.join(folder, name)


def names(family=None):
    """All that should have been built: calls-gcc-O0, ..."""
    return [f"{name}-{kind}" for name, kinds in PROGRAMS.items() for kind in kinds if family in (None, name)]


def command(name, folder, sources=SOURCES):
    """One needs a folder to copy itself into."""
    return [program(name, sources), *([folder] if name.startswith("deleted") else [])]


def said(output):
    """The marks that a program has printed, by number."""
    marks = [json.loads(line) for line in output.decode().splitlines() if line.startswith('{"mark"')]
    numbered = {mark["mark"]: mark for mark in marks}
    if len(numbered) != len(marks):
        raise AssertionError(f"a mark stands there twice: {output}")
    return numbered


def expected_count(name):
    return COUNTS[name.partition("-")[0]]


def is_mark(call, mark):
    """Whether a call of the trace is the one of this mark."""
    if "call" in mark:
        return call["name"] == mark["call"] and ("argument" not in mark or call["args"][0] == mark["argument"])
    number = mark["mark"]
    if call["name"] == "close":
        return call["args"][0] == str(-1000 - number)
    return any(isinstance(text, str) and (text == f"mark {number}\n" or text.endswith(f"/mark {number}"))
               for text in call["args"])


def call_of(calls, mark):
    """The marked call itself: there has to be exactly one."""
    found = [call for call in calls if is_mark(call, mark)]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} calls are this one: {mark}")
    return found[0]


def function_of(name):
    """Of several notations for the same function, by the way in which compilers name it, one."""
    if not name:
        return name
    if name.startswith(("rust::", "<rust::")):
        # Newer names have types.
        name = re.sub(r"^<([\w:]+)>", r"\1", re.sub(r"(::)?<[^<>]*>$", "", name))
        name = re.sub(r"\{closure#\d+\}", "{{closure}}", name)
    # Of a lambda some only know the function that it is in.
    return re.sub(r"(\(\))?::(\{lambda(?:\([^)]*\)#\d+)?\}|\$_\d+)::", "::", name)


def file_of(name):
    """Go says ./go.go of what it writes down as go.go."""
    return name and re.sub(r"^\./", "", name)


def place_problem(call, mark):
    """How the place in the trace differs from the one that the program says; None: it does not."""
    source = call["source"]
    if mark["file"] is None and mark["function"] is None:
        return None if source is None else f"{source} of {mark}"
    if source is None:
        return f"no place of {mark}"
    found = (file_of(source["file"]), source["line"], function_of(source["function"]))
    if found != (file_of(mark["file"]), mark["line"], function_of(mark["function"])):
        return f"{source} of {mark}"
    if mark["file"] is None and not (isinstance(source["offset"], int) and os.path.isabs(source["module"])):
        return f"{source} has no offset and module"
    return None


def stack_problem(call, mark):
    """The same of its stack: the functions that are known are in it, in this order."""
    stack = call["stack"]
    end = call.get("stack_end")
    if mark.get("end", "outermost") not in (end or "outermost", None):
        return f"the stack ends with {end}, of {mark}: {stack}"
    if mark["function"] is None:
        return None if len(stack) == 1 and stack[0]["module"] is None else f"{stack} of {mark}"
    functions = [function_of(frame["function"]) for frame in stack]
    place = 0
    for name in map(function_of, (mark["function"], *mark["callers"])):
        if name not in functions[place:]:
            return f"{name} is not where it should be in {functions}, of {mark}"
        place = functions.index(name, place) + 1
    frame = stack[functions.index(function_of(mark["function"]))]
    if (file_of(frame.get("file")), frame.get("line")) != (file_of(mark["file"]), mark["line"]):
        return f"{frame} of {mark}"
    return inlined_problem(stack, functions, mark)


def inlined_problem(stack, functions, mark):
    """A function that has to be inlined stands before the one that it is in, at the same address."""
    if not mark.get("inlined"):
        return None
    first = functions.index(function_of(mark["function"]))
    if not stack[first].get("inlined"):
        return f"not inlined: {mark}"
    if functions[first + 1] != mark["callers"][0] or stack[first + 1]["address"] != stack[first]["address"]:
        return f"{stack[first + 1]} is not around {stack[first]}"
    return None


def problems(calls, marks, stacks=False):
    """Of all marks."""
    found = []
    for mark in marks.values():
        try:
            call = call_of(calls, mark)
        except AssertionError as error:
            found.append(str(error))
            continue
        found += [problem for problem in (place_problem(call, mark), stacks and stack_problem(call, mark)) if problem]
    return found


def run(arguments, **options):
    """A tool that has to succeed."""
    return subprocess.run(arguments, check=True, capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL, **options)
