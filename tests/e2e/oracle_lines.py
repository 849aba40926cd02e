# SPDX-License-Identifier: MIT
"""Whether a line of ours equals strace's line of the same event. Differences
that are allowed have a name each, and are counted under it."""

import collections
import glob
import importlib
import os
import re
import shutil
import sys

import oracle_shares
import strace_log

RESULT_COLUMN = 40  # strace's: where "= " stands at the earliest
DEVICE = re.compile(r"<(?:char|block) \d+:\d+>(?=>)")
CONNECTION = re.compile(r"<\w+:\[[^<>]*->[^<>]*\]>")
NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)")
GROUP = re.compile(r"(?P<before>(?:\w+=)?[{\[])(?P<members>.*)[}\]]", re.S)
CONTENT = ('"', "[", "~[", "{")  # what is written of memory begins so
DAY = 24 * 3600
CLOCK_TOLERANCE = 60  # seconds: the two clocks are one, but a call may be under way for long

# Results that a call has inside the kernel only.
RESTART = ("ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK")

NEVER_RETURN = ("exit", "exit_group")
FEW = 20  # one of so many threads, at most, dies in a call of which only one tracer is told


# Differences that are allowed wherever they are met, and why.
SIGNAL_FIELDS = "fields of a signal"
DIED_ARGUMENTS = "arguments of a call in which the thread died"
DIED_RESULT = "result of a call in which the thread died"
DIED_AT_ENTRY = "call before which strace held the thread that died"
DIED_UNTOLD = "call that we alone have, in which the thread died"
DIED_DESCRIPTOR = "descriptor of a process that died"
INTERRUPTED = "call that strace alone has, interrupted"
DIED_UNRECEIVED = "call that strace alone has, in which the thread died"
NEWER_NAME = "newer name"
STALE_PEER = "peer of a Unix socket"
GONE_CONNECTION = "connection that is over"
RESUMED = "what restart_syscall resumes"
UNSEEN_DEVICE = "device in another mount namespace"
STALE_NAME = "name in /proc/net"
RULES = {
    SIGNAL_FIELDS: "the kernel's tracepoints tell of siginfo_t its first fields only",
    DIED_ARGUMENTS: "strace writes those behind the first output only when the call comes back",
    DIED_RESULT: "the kernel has one, which the thread, killed there, never saw",
    DIED_AT_ENTRY: "the kernel says ENOSYS of it and asks no filter: its arguments are not known",
    DIED_UNTOLD: "strace was not told of it",
    DIED_DESCRIPTOR: "the process had none any more when we looked",
    INTERRUPTED: "it never ran: hit before it was received, it runs again after the handler, if at all",
    DIED_UNRECEIVED: "it never ran: the thread was killed before it was received",
    NEWER_NAME: "strace 6.1 does not know it",
    STALE_PEER: "strace keeps the peer that it once found, also when that has been closed",
    GONE_CONNECTION: "strace keeps the addresses that it once found; the kernel tells them no more, but we have shown them too",
    RESUMED: "strace remembers which call a stop of its own has interrupted",
    UNSEEN_DEVICE: "strace looks for it under its name, where it is not; we look at the descriptor",
    STALE_NAME: "whoever looks a second time there finds another entry, and the one that was opened deleted",
}

# Why an argument of this class is not decoded, unless the table says something else.
WHY_PENDING = {
    "output": "delivered by the call: decoded with --decode=full, which reads it when the call has returned",
    "changed": "input and output: read with --decode=full alone, when the call has returned",
    "structure": "a structure or vector that is not decoded yet",
    "flags": "names that are not in the tables yet",
    "result": "what a result says besides its number",
}


class Pending:
    """The arguments that are not decoded, by call and index, with the reason;
    "result" is what strace adds to a result."""

    def __init__(self, path, learning=False):
        self.path = path
        self.learning = learning  # nothing is a surprise
        self.reasons = {}
        self.seen = collections.Counter()
        self.decoded = set()  # seen as strace shows them
        reason = None
        with open(path) as table:
            for line in table:
                if line.startswith(": "):
                    reason = line[2:].strip()
                else:
                    name, *arguments = line.split("#")[0].split() or [None]
                    self.reasons.update({(name, argument): reason for argument in arguments})

    def take(self, name, argument, class_):
        """An argument that strace decodes and we do not: whether that is known."""
        key = name, str(argument)
        # Written by hand, a reason stays.
        if self.learning and self.reasons.get(key, WHY_PENDING["output"]) in WHY_PENDING.values():
            self.reasons[key] = WHY_PENDING.get(class_, f"{class_}: not decoded yet")
        self.seen[key] += 1
        return self.reasons.get(key) is not None

    def not_delivered(self):
        """The reasons of all but those that --decode=full decodes."""
        return {key: reason for key, reason in self.reasons.items() if reason not in (WHY_PENDING["output"], WHY_PENDING["changed"])}

    def stale(self):
        """What is listed, but always decoded."""
        return sorted((self.reasons.keys() & self.decoded) - set(self.seen))

    def write(self, path):
        """The table with what was seen, and without what always was decoded."""
        stale = set(self.stale())
        by_reason = collections.defaultdict(lambda: collections.defaultdict(list))
        for (name, argument), reason in sorted(self.reasons.items()):
            if (name, argument) not in stale:
                by_reason[reason][name].append(argument)
        with open(self.path) as table:
            head = [line for line in table if line.startswith("#")]
        with open(path, "w") as table:
            table.writelines(head)
            for reason, names in sorted(by_reason.items()):
                table.write(f": {reason}\n")
                table.writelines(f"{name} {' '.join(arguments)}\n" for name, arguments in names.items())


class Comparison:
    """Compares lines, and keeps the accounts."""

    def __init__(self, pending, classes):
        self.pending = pending
        self.classes = classes
        self.rules = collections.Counter()
        self.calls = 0  # compared by name and result
        self.shares = collections.defaultdict(oracle_shares.Shares)  # by program
        self.connections = set()  # that both have shown
        self.has_pending_outputs = True  # what calls deliver is not decoded
        self.threads = 0
        self.alone = collections.Counter()  # calls that strace alone has, by rule
        self.program = None
        self.masked = collections.Counter()  # what only the return of a call tells, and we were not told, by where
        self.differences = []  # (where, ours, theirs)

    def count(self):
        """Everything that was compared."""
        return self.calls + sum(shares.compared["line"] for shares in self.shares.values())

    def are_few_alone(self):
        """A call in which a thread died may have been lost just as well, but not often."""
        return self.alone[DIED_UNRECEIVED] + self.alone[DIED_UNTOLD] <= 2 + self.threads / FEW

    def share(self, *classes):
        """Of these classes of all programs together, in per cent; None if there was nothing."""
        total = oracle_shares.Shares()
        for shares in self.shares.values():
            total.add(shares)
        return total.of(*classes)

    def line(self, ours, theirs):
        """Note how two lines of the same event differ."""
        before = self.different()
        masked = sum(self.masked.values())
        self.prefix(ours, theirs)
        if isinstance(ours, strace_log.Call):
            self.call(ours, theirs)
        elif isinstance(ours, strace_log.Signal):
            self.signal(ours, theirs)
        elif ours.body != theirs.body:
            self.differ("line", ours, theirs)
        different = self.different() - before
        self.shares[self.program].take("line", not different)
        self.shares[self.program].take("entry", different == sum(self.masked.values()) - masked)

    def different(self):
        """How many parts of lines have differed, for whatever reason."""
        return sum(self.rules.values()) + sum(self.pending.seen.values()) + len(self.differences)

    def differ(self, where, ours, theirs):
        self.differences.append((where, repr(ours), repr(theirs)))

    def prefix(self, ours, theirs):
        """Thread and time: the same shape, and times that are not far apart."""
        time = ours.time or ""
        if not ours.line.startswith(f"{ours.tid:<5} {time}{ours.body}") or bool(time) != bool(theirs.time):
            self.differ("prefix", ours, theirs)
        elif time and CLOCK_TOLERANCE < abs(seconds(time) - seconds(theirs.time)) < DAY - CLOCK_TOLERANCE:
            self.differ("time", ours, theirs)

    def signal(self, ours, theirs):
        """The kernel's tracepoints tell of a siginfo_t its first fields only, and of some who sent it: ours ends there."""
        known, dots, rest = ours.fields.partition(", ...")
        if not dots or rest or not theirs.fields.startswith(known):
            self.differ("signal", ours, theirs)
        elif ours.fields != theirs.fields:
            self.rules[SIGNAL_FIELDS] += 1

    def call(self, ours, theirs):
        self.shape(ours)
        if theirs.value() is None and ours.value() == "ENOSYS" and set(ours.arguments) <= {"?"}:
            self.rules[DIED_AT_ENTRY] += 1
            return
        count = len(theirs.arguments) if theirs.entry_only else max(len(ours.arguments), len(theirs.arguments))
        if theirs.entry_only and count != len(ours.arguments):
            # The thread died in the call; strace prints output arguments only when a call comes back.
            self.rules[DIED_ARGUMENTS] += 1
        if ours.name == "restart_syscall" and not ours.arguments and theirs.arguments[0].startswith("<... resuming"):
            self.rules[RESUMED] += 1
            count = 0
        for i in range(count):
            if i >= len(theirs.arguments) or (i >= len(ours.arguments) and not theirs.arguments[i].startswith(CONTENT)):
                self.differ(f"{ours.name}: number of arguments", ours, theirs)
                break
            self.argument(ours, theirs, i)
        self.result(ours, theirs)

    def shape(self, ours):
        """One complete line, with the result where strace puts it."""
        tail = f"= {ours.result}"
        head = ours.line.removesuffix(tail)
        if head == ours.line or len(head) != max(RESULT_COLUMN, len(head.rstrip(" ")) + 1):
            self.differ(f"{ours.name}: shape", ours, ours)

    def argument(self, ours, theirs, i):
        # An argument that we do not have at all is content that strace finds elsewhere: rt_sigreturn's frame.
        mine, other = ours.arguments[i] if i < len(ours.arguments) else "", theirs.arguments[i]
        class_ = self.classes.of(ours.name, i, other, theirs.arguments)
        direction = self.classes.direction(ours.name, i, theirs.arguments)
        self.shares[self.program].take(class_, mine == other)
        if mine == other:
            self.connections.update(CONNECTION.findall(mine) if class_ == "descriptor" else ())
            if class_ in WHY_PENDING:
                self.pending.decoded.add((ours.name, str(i)))
        elif direction == "both" and is_entry_part(mine, other):
            self.masked[f"{ours.name}[{i}], but for what it is at the entry"] += 1
            self.undecoded(i, "output", ours, theirs)
        elif is_undecoded(mine, other):
            self.masked.update([f"{ours.name}[{i}]"] if direction == "out" else ())
            self.undecoded(i, "changed" if direction == "both" else class_, ours, theirs)
        elif is_same_but_newer(mine, other):
            self.rules[NEWER_NAME] += 1
        elif is_stale_peer(mine, other):
            self.rules[STALE_PEER] += 1
        elif is_gone_connection(mine, other, self.connections):
            self.rules[GONE_CONNECTION] += 1
        elif other_file(mine, other):
            self.rules[other_file(mine, other)] += 1
        elif class_ == "descriptor" and theirs.value() is None and mine == other.partition("<")[0]:
            self.rules[DIED_DESCRIPTOR] += 1
        else:
            self.differ(f"{ours.name}[{i}]", ours, theirs)

    def undecoded(self, place, class_, ours, theirs):
        if not self.pending.take(ours.name, place, class_):
            self.differ(f"{ours.name}[{place}]: not decoded, and not listed as pending", ours, theirs)

    def result(self, ours, theirs):
        mine, other = ours.result, theirs.result or "?"
        self.shares[self.program].take("result", mine == other)
        if mine == other:
            return
        if other in ("?", "? <unavailable>") and ours.name not in NEVER_RETURN:
            self.rules[DIED_RESULT] += 1
        elif is_detailed(mine, other):
            self.masked[f"{ours.name}[result]"] += 1
            self.undecoded("result", "result", ours, theirs)
        elif is_newer_result(mine, other):
            self.rules[NEWER_NAME] += 1
        elif is_stale_peer(mine, other):
            self.rules[STALE_PEER] += 1
        elif other_file(mine, other):
            self.rules[other_file(mine, other)] += 1
        else:
            self.differ(f"{ours.name}: result", ours, theirs)

    def kinds(self):
        """Every kind of difference that is allowed: how often it was met, what it is, and why."""
        by_reason = collections.defaultdict(list)
        for (name, argument), count in sorted(self.pending.seen.items()):
            by_reason[self.pending.reasons.get((name, argument))].append((count, f"{name}[{argument}]"))
        for rule, count in (self.rules + self.alone).items():
            by_reason[RULES.get(rule)].append((count, rule))
        return by_reason


def seconds(time):
    hours, minutes, rest = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def is_undecoded(mine, other):
    """Memory of which we show the address or the bytes, and strace what stands
    there; or a number whose bits or values have names that we do not know at
    all. Sets of which we know some names are not meant: they have to be equal."""
    label = re.match(r"\w+=", mine)
    if label and other.startswith(label.group()):
        mine, other = mine[label.end():], other[label.end():]
    if not NUMBER.fullmatch(mine):
        return mine == "" and other.startswith(CONTENT) or mine.startswith('"') and other.startswith(("[", "{"))
    return other.startswith(CONTENT) or other.startswith(mine + " /*") or bool(re.match(r"~?[A-Z][A-Z0-9]*[_(]", other))


def is_entry_part(mine, other):
    """Whether ours is what strace's text says of the entry of the call: what stands in front of arrows, and of a
    structure those members that were there by then."""
    other = before_arrow(other)
    if mine == other:
        return True
    groups = [GROUP.fullmatch(text) for text in (mine, other)]
    if not all(groups) or len({group["before"] for group in groups}) > 1:
        return False
    members, others = (strace_log.split_arguments(group["members"] + ")", 0)[0] for group in groups)
    if groups[0]["before"].endswith("["):
        return len(members) == len(others) and all(map(is_entry_part, members, others))
    rest = iter(others)  # in their order
    return bool(members) and all(any(is_entry_part(member, one) for one in rest) for member in members)


def before_arrow(text):
    """Without " => " at the top level, and what is behind it."""
    scanner = strace_log.Scanner()
    at = 0
    while at < len(text):
        if not scanner.closing and text.startswith(" => ", at):
            return text[:at]
        at = scanner.step(text, at)
    return text


def is_detailed(mine, other):
    """A result of which strace says more than its number: what poll(2) found, for example."""
    number, bracket, _ = other.partition(" (")
    return bool(bracket and NUMBER.fullmatch(mine) and NUMBER.fullmatch(number) and int(mine, 0) == int(number, 0))


# What strace 6.1 has no names for.
class StraceNames:
    """What strace's program has as a string, or as the end of one: linkers store those once."""

    def __init__(self):
        with open(shutil.which("strace"), "rb") as program:
            self.program = program.read()
        self.words = set(self.program.split(b"\0"))

    def __contains__(self, name):
        return name.encode() in self.words or name.encode() + b"\0" in self.program


def named_numbers():
    """The names in our tables, and the numbers that each has."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../emit/constants")
    sys.path.insert(0, folder)
    generate = importlib.import_module("generate")
    sets = generate.read(glob.glob(os.path.join(folder, "*.tbl")))
    numbers = collections.defaultdict(set)
    for one in sets.values():
        for constant in [] if one.is_packed else one.constants(sets):
            numbers[constant.name].add(constant.value)
    return numbers


STRACE_NAMES = StraceNames()
NUMBERS = named_numbers()
# Names that strace has for one call, but not for another.
ELSEWHERE = {"MOUNT_ATTR_IDMAP", "MOUNT_ATTR_NOSYMFOLLOW"}
NEWER = {name: min(numbers) for name, numbers in NUMBERS.items() if name not in STRACE_NAMES or name in ELSEWHERE}
# A number that is in none of a set's names, and what those are called together.
NAMELESS = re.compile(r"(0x[0-9a-f]+|\d+) /\* (\w+\?\?\?) \*/")


# Clocks of descriptors, processes and threads: strace knows them where it was built with the kernel's own headers.
CPU_CLOCK = re.compile(r"(?:MAKE_(PROCESS|THREAD)_CPUCLOCK\((\d+), (\w+).*|FD_TO_CLOCKID\((\d+))\)")
CPU_CLOCKS = {"CPUCLOCK_PROF": 0, "CPUCLOCK_VIRT": 1, "CPUCLOCK_SCHED": 2, "0x3": 3}
# Policies together with SCHED_RESET_ON_FORK.
POLICIES = {"SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_IDLE": 5, "SCHED_DEADLINE": 6}


def newer_number(mine):
    """The number of a name that strace does not have; None for anything else."""
    clock = CPU_CLOCK.fullmatch(mine)
    policy = mine.removeprefix("SCHED_RESET_ON_FORK|")
    if clock and clock[4]:
        return (~int(clock[4]) << 3 | 3) & 0xFFFFFFFF
    if clock:
        return (~int(clock[2]) << 3 | (clock[1] == "THREAD") << 2 | CPU_CLOCKS[clock[3]]) & 0xFFFFFFFF
    if policy != mine and policy in POLICIES:
        return 0x40000000 | POLICIES[policy]
    return None


def is_same_but_newer(mine, other):
    """Whether ours is strace's once the names that it does not know are numbers again."""
    nameless = NAMELESS.fullmatch(mine)
    if NUMBER.fullmatch(other) and (nameless or mine in NUMBERS):
        # strace has no set of names there, or it would say that the number is none of them.
        return int(other, 0) in ({int(nameless[1], 0)} if nameless else NUMBERS[mine])
    if newer_number(mine) is not None:
        return other.startswith(f"{newer_number(mine):#x} /* ")
    words = mine.split("|")
    number = sum(NEWER[word] for word in words if word in NEWER)
    if not number:
        return False
    rest = [word for word in words if word not in NEWER]
    shifted = [rest.pop()] if rest and "<<" in rest[-1] else []
    if rest and re.fullmatch("0x[0-9a-f]+", rest[-1]):
        number |= int(rest.pop(), 16)
    return "|".join(rest + [hex(number)] + shifted) == re.sub(r" /\* \S+ \*/$", "", other)


def is_newer_result(mine, other):
    """The same of the names behind a result."""
    (number, _, names), (same, _, others) = mine.partition(" ("), other.partition(" (")
    return number == same and is_same_but_newer(names.removesuffix(")"), others.removesuffix(")"))


def other_file(mine, other):
    """The rule for a file's name of which we know more than strace, if there is one."""
    if mine != other and DEVICE.sub("", mine) == other:
        return UNSEEN_DEVICE
    return STALE_NAME if "/net/" in other and mine.replace(">(deleted)", ">") == other else None


def is_stale_peer(mine, other):
    """strace keeps the peer that it once found for a Unix socket, also when
    that has been closed: [1->2] for [1]."""
    without = re.sub(r"(<UNIX[^<>]*:\[\d+)->\d+", r"\1", other)
    return without != other and mine == without


def is_gone_connection(mine, other, known):
    """Whether ours is strace's once the connection, which both have shown before, is the number of its socket."""
    shown = CONNECTION.search(other)
    if not shown or shown.group() not in known:
        return False
    kind = shown.group().partition("[")[0]
    return re.fullmatch(re.escape(other[:shown.start()] + kind) + r"\[\d+\]>" + re.escape(other[shown.end():]), mine) is not None
