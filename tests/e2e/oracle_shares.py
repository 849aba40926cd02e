# SPDX-License-Identifier: MIT
"""How much of what was compared is equal to strace's text, byte for byte: per
class of arguments and per line. A difference that a rule explains is one."""

import collections
import os
import re
import subprocess
import textwrap

# Those that have to be equal, and the others.
JUDGED = ("flags", "descriptor", "number", "path", "buffer")
CLASSES = (*JUDGED, "address", "structure", "output", "result")

LABEL = re.compile(r"[a-z_]+=")
NAMED = re.compile(r"[A-Z][A-Z0-9]*_|\b(?:SIG[A-Z]+|[A-Z]+)\b|/\* \w+_\?\?\?")
COUNTED = re.compile(r"0x[0-9a-f]+ /\* \d+ ")  # the entries of a folder or an environment
NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)(?:<.*>)?", re.S)
COMMAND = re.compile(r"\w*")  # of the words "IPC_STAT|IPC_64" the first


def shape(text):
    """What strace's text of an argument looks like; None: a number, and nothing says of what."""
    if text.startswith(('"', '@"')):
        return "string"
    if text.startswith(("{", "[", "~[")):
        return "structure"
    if text == "NULL" or COUNTED.match(text):
        return "address"
    if NUMBER.fullmatch(text):
        return None
    return "flags" if NAMED.search(text) else None


# What stands there depends on other arguments: the value of a socket's option.
OF_ANY_TYPE = {("setsockopt", 3)}


class Classes:
    """The class of each argument: what our table says it is, unless strace's text cannot be that. And
    when it is known: "in", "out", or "both"."""

    def __init__(self, payloads):
        self.table = {}  # class and direction by call, place and command, which is None or its place and name
        self.places = collections.defaultdict(set)  # of the commands of each call
        listed = subprocess.run([os.path.join(payloads, "argument_classes")], capture_output=True, check=True, text=True).stdout
        for line in listed.splitlines():
            name, place, class_, direction, *command = line.split()
            key = (int(command[0]), command[1]) if command else None
            # The first row is that of x86-64, where the architectures differ.
            self.table.setdefault((name, int(place), key), (class_, direction))
            if key:
                self.places[name].add(key[0])

    def known(self, name, place, arguments):
        """What the table says, of the command among the arguments if it has any there."""
        for at in self.places[name]:
            known = at < len(arguments) and self.table.get((name, place, (at, COMMAND.match(arguments[at])[0])))
            if known:
                return known
        return self.table.get((name, place, None), (None, "in"))

    def direction(self, name, place, arguments):
        return self.known(name, place, arguments)[1]

    def of(self, name, place, text, arguments=()):
        known, _ = self.known(name, place, arguments)
        seen = shape(LABEL.sub("", text, count=1) if LABEL.match(text) else text)
        if known == "output":
            return "address" if text == "NULL" or NUMBER.fullmatch(text) else "output"
        if (name, place) in OF_ANY_TYPE:
            return "structure"
        if seen == "string":
            return known if known in ("path", "buffer") else "path"
        if seen == "structure":
            return known if known in ("path", "buffer") else "structure"
        if seen == "address":
            return known if known in ("path", "buffer", "address") else "address"
        if seen == "flags":
            return known if known == "descriptor" else "flags"
        return known or "number"


class Shares:
    """Compared and equal, by class; "line" is whole lines, "entry" lines without what only the return of the call tells."""

    def __init__(self):
        self.compared = collections.Counter()
        self.equal = collections.Counter()

    def take(self, class_, is_equal):
        self.compared[class_] += 1
        self.equal[class_] += is_equal

    def add(self, other):
        self.compared.update(other.compared)
        self.equal.update(other.equal)

    def of(self, *classes):
        """In per cent; None if there was nothing."""
        compared = sum(self.compared[class_] for class_ in classes)
        return 100 * sum(self.equal[class_] for class_ in classes) / compared if compared else None


def percent(share):
    """Never 100 if it is not all."""
    if share is None:
        return "-"
    return f"{min(share, 99.99):.2f}" if share < 100 else "100"


def wrapped(found):
    """Counts and what was counted, the most frequent first."""
    return textwrap.fill(", ".join(f"{what} {count}" for count, what in sorted(found, reverse=True)), 140,
                         initial_indent=" " * 10, subsequent_indent=" " * 10)


def together(classes):
    return (classes,) if isinstance(classes, str) else classes


def row(name, cells):
    return f"{name:<14}" + "".join(f"{cell:>11}" for cell in cells)


def table(shares_of):
    """Lines that show the shares of each name, and of all together."""
    total = Shares()
    columns = ("entry", "line", JUDGED, *CLASSES)
    yield row("equal, in %", ("entry", "lines", "judged", *CLASSES))
    for name, shares in shares_of.items():
        total.add(shares)
        yield row(name, (percent(shares.of(*together(each))) for each in columns))
    yield row("all", (percent(total.of(*together(each))) for each in columns))
    for name, counts in (("compared", total.compared), ("equal", total.equal)):
        yield row(name, (sum(counts[part] for part in together(each)) for each in columns))
    yield ("entry: lines without what only the return of a call tells: outputs, and what stands behind the number of a result\n"
           f"judged: {', '.join(JUDGED)}; outputs are what a call has left behind when it returns")
