#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every name of the tables against the headers that are installed here.

COMPILER is the command of the compiler; it comes from the build. Under each `headers` line of a table stand names that these headers define, or
newer ones will. A program that includes them tells the number of each name; one
that differs from the table's fails. What no header has is counted and listed.
"""

import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

from generator import FOLDER, generate

# At least this part of all names must be in the headers; else nothing was tested. The rest is newer
# than the headers, of the kernel's own headers, or of graphics, which Debian has in another package.
LEAST_SHARE = 0.7
# With what makes it complain of all names, if it would stop after some.
COMPILER = os.environ["COMPILER"].split()
CONFLICT_LINES = 10
WORD = 0xFFFFFFFF
MACRO = re.compile(r"#define (\w+)")


class Name:
    """One name, or an expression of names, of a table."""

    def __init__(self, one, text, value):
        self.one = one
        self.text = text
        self.value = value

    def is_number(self, number):
        return number == self.value if "wide" in self.one.options else number & WORD == self.value & WORD

    def identifiers(self):
        return re.findall(r"\b[A-Za-z_]\w*", self.text)


def names_of(sets):
    """The names that a table has itself, by table and headers."""
    found = collections.defaultdict(list)
    for one in sets.values():
        for item in one.own:
            if isinstance(item, generate.Constant):
                for text in item.name.split(generate.BOTH):
                    found[one.headers].append(Name(one, text, item.value))
    return found


class Headers:
    """Headers that are included together, and what they say of names."""

    def __init__(self, folder, headers):
        self.program = os.path.join(folder, "program")
        self.start = "".join(f"#if __has_include(<{header}>)\n#include <{header}>\n#endif\n" for header in headers)
        self.start += "#include <stdio.h>\n"

    def compile(self, text, *options):
        with open(self.program + ".c", "w", encoding="ascii") as file:
            file.write(text)
        return subprocess.run([*COMPILER, "-D_GNU_SOURCE", "-w", *options, self.program + ".c"],
                              capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})

    def conflict(self):
        """How the compiler begins to complain of the headers alone; empty where it takes them."""
        return "\n".join(self.compile(self.start, "-fsyntax-only").stderr.splitlines()[:CONFLICT_LINES])

    def macros(self):
        return set(MACRO.findall(self.compile(self.start, "-E", "-dM").stdout))

    def without_number(self, names):
        """Those that are no number with these headers. Each has a line of its own for the compiler to complain of."""
        body = [f"unsigned long long n{at} = (unsigned long long)({name.text});" for at, name in enumerate(names)]
        done = self.compile(self.start + "\n".join(body) + "\n", "-fsyntax-only")
        first = self.start.count("\n") + 1
        lines = re.findall(r"^[^\s:]*program\.c:(\d+):\d+: error", done.stderr, re.MULTILINE)
        # The compiler complains of an identifier once, wherever else it stands.
        gone = set(re.findall(r"error: (?:use of )?undeclared identifier '(\w+)'|error: '(\w+)' undeclared", done.stderr))
        gone = {identifier for pair in gone for identifier in pair}
        missing = {names[int(line) - first] for line in lines}
        return missing | {name for name in names if gone.intersection(name.identifiers())}

    def numbers(self, names):
        lines = [f'    printf("%llu\\n", (unsigned long long)({name.text}));' for name in names]
        body = "int main(void) {\n" + "\n".join(lines) + "\n    return 0;\n}\n"
        done = self.compile(self.start + body, "-o", self.program)
        if done.returncode:
            sys.exit(done.stderr)
        told = subprocess.run([self.program], capture_output=True, text=True, check=True)
        return [int(line) for line in told.stdout.split()]


def hold(headers, names):
    """What is wrong, and the names that the headers do not have."""
    conflict = headers.conflict()
    if conflict:
        return [f"{names[0].one.name} and what follows: headers that do not go together\n{conflict}"], names
    missing = headers.without_number(names)
    macros = headers.macros()
    wrong = [f"{name.one.name}: {name.text} is defined, but the headers that give it a number are missing"
             for name in missing if macros.issuperset(name.identifiers())]
    held = [name for name in names if name not in missing]
    for name, number in zip(held, headers.numbers(held), strict=True):
        if not name.is_number(number):
            wrong.append(f"{name.one.name}: {name.text} is {name.value:#x} here, {number:#x} in the headers")
    return wrong, [name for name in names if name in missing]


def check_table(path, sets):
    """Returns what is wrong, and how many names were held and how many are not in any header."""
    wrong = []
    unknown = []
    count = 0
    with tempfile.TemporaryDirectory(prefix="renacer-constants-") as folder:
        for headers, names in names_of(sets).items():
            count += len(names)
            bad, missing = hold(Headers(folder, headers), names)
            wrong += bad
            unknown += missing
    print(f"{os.path.basename(path)}: {count - len(unknown)} names held against the headers, {len(unknown)} not there")
    for name in unknown:
        print(f"    {name.one.name}: {name.text}")
    return wrong, count - len(unknown), len(unknown)


def main():
    wrong = []
    held = unknown = 0
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.tbl"))):
        sets = {}
        generate.read_table(path, sets)
        bad, known, rest = check_table(path, sets)
        wrong += bad
        held += known
        unknown += rest
    print(f"{held} names held, {unknown} not in the headers")
    if held < LEAST_SHARE * (held + unknown):
        wrong.append(f"the headers have {held} names of {held + unknown} only")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
