# SPDX-License-Identifier: MIT
"""Every call with every kind of argument (payloads/every_argument.c), under strace
and under renacer-sv, in a run each: what differs, by call and argument.

What was compared is counted once, however often it was met: an argument of a
call with one text of strace's and one of ours."""

import collections
import os
import re
import subprocess

import oracle_lines
import oracle_shares
import strace_log

SEALED = re.compile(r"seccomp\(SECCOMP_SET_MODE_FILTER, .* = 0")  # from here on no call is made
UNKNOWN_CALL = re.compile(r"syscall_0x[0-9a-f]+\(")
NAME = re.compile(r"[A-Z][A-Z0-9_]{2,}")
EXAMPLES = 12  # of a kind without names

# Why an argument of a class may differ here, unless it has to be equal.
REASONS = {
    "flags": "what strace 6.1 does not know beside what it knows; socket(AF_IRDA), which strace takes for CAN; bits above 32, which"
             " the kernel does not see; the shift of a tag of ARM",
    "buffer": "longer than any memory, or a vector that cannot be read to its end: we show what is there",
    "number": "keyctl(KEYCTL_WATCH_KEY) and restart_syscall, of which strace and we know different things; bits above 32",
    "descriptor": "keyctl(KEYCTL_WATCH_KEY)",
    "output": oracle_lines.WHY_PENDING["output"],
    "structure": oracle_lines.WHY_PENDING["structure"],
    "path": "strings in memory that are read where strace reads none, or the reverse",
    "address": "strace takes it for a number, or the reverse",
}


def traced(tracer, payload, log):
    """Bodies of the lines that the payload's calls make."""
    done = subprocess.run([*tracer, "-f", "-o", log, payload], capture_output=True, timeout=300)
    if done.returncode:
        raise AssertionError(f"{tracer[0]}: exit status {done.returncode}: {done.stderr[-1000:]!r}")
    sealed = False
    with open(log, errors="surrogateescape", newline="\n") as lines:
        for line in lines:
            body = line.rstrip("\n").lstrip("0123456789 ")
            if sealed and not body.startswith("+++"):
                yield body
            sealed = sealed or SEALED.match(body) is not None


def is_newer_command(mine, other):
    """Whether it is one that strace does not know: nor does it know what the rest of the call is then."""
    return other.endswith("??? */") and mine in oracle_lines.NEWER


class Comparison:
    def __init__(self, classes):
        self.classes = classes
        self.shares = oracle_shares.Shares()
        self.seen = set()
        self.kinds = collections.defaultdict(dict)  # by where: class of each pair (ours, theirs), and an example
        self.newer = collections.Counter()  # what strace does not know

    def take(self, where, class_, ours, theirs, example=None):
        if (where, ours, theirs) in self.seen:
            return
        self.seen.add((where, ours, theirs))
        if ours != theirs and oracle_lines.is_same_but_newer(ours, theirs):
            self.newer[where] += 1
            return
        self.shares.take(class_, ours == theirs)
        if ours != theirs:
            self.kinds[where][ours, theirs] = class_, example or (ours, theirs)

    def line(self, ours, theirs):
        if UNKNOWN_CALL.match(theirs) and not UNKNOWN_CALL.match(ours):
            self.newer[ours.partition("(")[0]] += 1
            return
        mine, other = (strace_log.Call(body.partition("(")[0], 0, None, body, None) for body in (ours, theirs))
        for place, pair in enumerate(zip(mine.arguments, other.arguments)):
            if is_newer_command(*pair):
                self.newer[f"{other.name}[{place}]"] += 1
                return
        self.shares.take("line", ours == theirs)
        if mine.name != other.name:
            self.take(f"{other.name}: name", "result", mine.name, other.name)
            return
        counts = len(mine.arguments), len(other.arguments)
        if counts == (0, 1):
            mine.arguments.append("")  # content that strace finds elsewhere: rt_sigreturn's frame
        elif counts[0] != counts[1]:
            self.take(f"{other.name}: number of arguments", "number", *map(str, counts), example=(ours, theirs))
        for place, pair in enumerate(zip(mine.arguments, other.arguments)):
            self.take(f"{other.name}[{place}]", self.classes.of(other.name, place, pair[1], other.arguments), *pair)
        self.take(f"{other.name}: result", "result", mine.result, other.result)

    def describe(self, where):
        """What differs there: the names that we do not have, each once, else some examples."""
        known = set()
        shown = 0
        for _, (ours, theirs) in self.kinds[where].values():
            names = set(NAME.findall(theirs)) - set(NAME.findall(ours)) - known
            shown += not names
            if names or shown <= EXAMPLES:
                known |= names
                yield f"    {ours}  |  {theirs}"


def compare(renacer, payloads, folder):
    payload = os.path.join(payloads, "every_argument")
    comparison = Comparison(oracle_shares.Classes(payloads))
    theirs = traced(["strace", "-s", "32"], payload, os.path.join(folder, "every_argument.strace"))
    ours = traced([renacer, "--engine", "ptrace"], payload, os.path.join(folder, "every_argument.txt"))
    count = 0
    distinct = set()
    for pair in zip(ours, theirs, strict=True):
        count += 1
        distinct.add(pair)
    for pair in sorted(distinct):
        comparison.line(*pair)
    print(f"{count} calls, {len(distinct)} of them different ones")
    return comparison


def report(comparison, names, least):
    """The shares, and what differs where; whether enough is equal."""
    if names:
        with open(names, "w", errors="surrogateescape") as file:
            file.write("# Made by: oracle.py --arguments --names FILE RENACER PAYLOADS.\n# What differs from strace: call[argument], how often, class. Below it: ours  |  strace's.\n")
            for where in sorted(comparison.kinds):
                found = collections.Counter(class_ for class_, _ in comparison.kinds[where].values())
                file.write(f"\n{where}: {', '.join(f'{class_} {count}' for class_, count in found.items())}\n")
                file.writelines(f"{line}\n" for line in comparison.describe(where))
    for line in oracle_shares.table({"every_argument": comparison.shares}):
        print(line)
    print(f"\n{sum(comparison.newer.values()):8}  strace 6.1 does not know it: not counted\n          "
          + ", ".join(f"{where} {count}" for where, count in sorted(comparison.newer.items())))
    by_class = collections.defaultdict(list)
    for where, pairs in sorted(comparison.kinds.items()):
        for class_, count in collections.Counter(class_ for class_, _ in pairs.values()).items():
            by_class[class_].append((count, where))
    for class_, found in by_class.items():
        why = REASONS.get(class_)
        print(f"\n{sum(count for count, _ in found):8}  {class_}: {why}")
        print(oracle_shares.wrapped(found))
    equal = comparison.shares.of(*oracle_shares.JUDGED)
    if equal < least:
        print(f"FAIL {equal:.2f} % of {', '.join(oracle_shares.JUDGED)} are equal, less than {least} %")
    return equal >= least
