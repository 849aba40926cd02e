# SPDX-License-Identifier: MIT
"""Whether a line of ours equals strace's line of the same event. Differences
that are allowed have a name each, and are counted under it."""

import collections
import re

import strace_log

RESULT_COLUMN = 40  # strace's: where "= " stands at the earliest
NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)")
CONTENT = ('"', "[", "~[", "{")  # what is written of memory begins so
DAY = 24 * 3600
CLOCK_TOLERANCE = 60  # seconds: the two clocks are one, but a call may be under way for long

# Results that a call has inside the kernel only.
RESTART = ("ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK")

NEVER_RETURN = ("exit", "exit_group")


class Pending:
    """The arguments that are not decoded yet, by call and index; "result" is what strace adds to a result."""

    def __init__(self, path, learning=False):
        self.path = path
        self.learning = learning  # nothing is a surprise
        self.known = set()
        self.seen = collections.Counter()
        self.decoded = set()  # seen as strace shows them
        with open(path) as table:
            for line in table:
                name, *arguments = line.split("#")[0].split() or [None]
                self.known.update((name, argument) for argument in arguments)

    def take(self, name, argument):
        """An argument that strace decodes and we do not: whether that is known."""
        self.seen[name, str(argument)] += 1
        return self.learning or (name, str(argument)) in self.known

    def stale(self):
        """What is listed, but always decoded."""
        return sorted((self.known & self.decoded) - set(self.seen))

    def write(self, path):
        """The table with what was seen."""
        by_name = collections.defaultdict(list)
        for name, argument in sorted((self.known | set(self.seen)) - set(self.stale())):
            by_name[name].append(argument)
        with open(self.path) as table:
            head = [line for line in table if line.startswith("#")]
        with open(path, "w") as table:
            table.writelines(head)
            table.writelines(f"{name} {' '.join(by_name[name])}\n" for name in sorted(by_name))


class Comparison:
    """Compares lines, and keeps the accounts."""

    def __init__(self, pending):
        self.pending = pending
        self.rules = collections.Counter()
        self.calls = 0  # compared by name and result
        self.lines = 0  # compared as text
        self.equal = 0  # of them, without any difference
        self.differences = []  # (where, ours, theirs)

    def line(self, ours, theirs):
        """Note how two lines of the same event differ."""
        self.lines += 1
        before = sum(self.rules.values()) + len(self.differences)
        self.prefix(ours, theirs)
        if isinstance(ours, strace_log.Call):
            self.call(ours, theirs)
        elif isinstance(ours, strace_log.Signal):
            self.signal(ours, theirs)
        elif ours.body != theirs.body:
            self.differ("line", ours, theirs)
        self.equal += before == sum(self.rules.values()) + len(self.differences)

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
            self.rules["signal: fields that the kernel's tracepoints do not tell"] += 1

    def call(self, ours, theirs):
        self.shape(ours)
        count = len(theirs.arguments) if theirs.entry_only else max(len(ours.arguments), len(theirs.arguments))
        if theirs.entry_only and count != len(ours.arguments):
            # The thread died in the call; strace prints output arguments only when a call comes back.
            self.rules["died in the call: strace has its first arguments only"] += 1
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
        if mine == other:
            if other.startswith(CONTENT):
                self.pending.decoded.add((ours.name, str(i)))
        elif is_undecoded(mine, other):
            self.undecoded(i, ours, theirs)
        elif is_same_but_newer(mine, other):
            self.rules["name that this strace does not know"] += 1
        elif is_stale_peer(mine, other):
            self.rules["peer of a Unix socket that is gone"] += 1
        else:
            self.differ(f"{ours.name}[{i}]", ours, theirs)

    def undecoded(self, place, ours, theirs):
        self.rules["not decoded yet"] += 1
        if not self.pending.take(ours.name, place):
            self.differ(f"{ours.name}[{place}]: not decoded, and not listed as pending", ours, theirs)

    def result(self, ours, theirs):
        mine, other = ours.result, theirs.result or "?"
        if mine == other:
            return
        if other == "?" and ours.name not in NEVER_RETURN:
            # The kernel has a result for the call, which the thread, killed there, never saw.
            self.rules["died in the call: strace has no result"] += 1
        elif is_detailed(mine, other):
            self.undecoded("result", ours, theirs)
        elif is_newer_result(mine, other):
            self.rules["name that this strace does not know"] += 1
        elif is_stale_peer(mine, other):
            self.rules["peer of a Unix socket that is gone"] += 1
        else:
            self.differ(f"{ours.name}: result", ours, theirs)


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


def is_detailed(mine, other):
    """A result of which strace says more than its number: what poll(2) found, for example."""
    number, bracket, _ = other.partition(" (")
    return bool(bracket and NUMBER.fullmatch(mine) and NUMBER.fullmatch(number) and int(mine, 0) == int(number, 0))


# What strace 6.1 has no names for.
NEWER = {
    "F_GET_RW_HINT": 0x40B, "F_SET_RW_HINT": 0x40C, "F_GET_FILE_RW_HINT": 0x40D, "F_SET_FILE_RW_HINT": 0x40E,
    "MFD_NOEXEC_SEAL": 0x8, "MFD_EXEC": 0x10, "PIDFD_THREAD": 0x80,
    "AT_EXECVE_CHECK": 0x10000, "AT_HANDLE_MNT_ID_UNIQUE": 0x1, "AT_HANDLE_CONNECTABLE": 0x2, "AT_HANDLE_FID": 0x200,
    "BPF_TOKEN_CREATE": 0x24, "BPF_PROG_STREAM_READ_BY_FD": 0x25,
    "F_SEAL_EXEC": 0x20, "FALLOC_FL_WRITE_ZEROES": 0x80,
    "FAN_MNT_ATTACH": 0x1000000, "FAN_MNT_DETACH": 0x2000000, "FAN_PRE_ACCESS": 0x100000,
    "FAN_REPORT_FD_ERROR": 0x2000, "FAN_REPORT_MNT": 0x4000,
    "IORING_ENTER_ABS_TIMER": 0x20, "IORING_ENTER_EXT_ARG_REG": 0x40, "IORING_ENTER_NO_IOWAIT": 0x80,
    "KEXEC_CRASH_HOTPLUG_SUPPORT": 0x8, "KEXEC_UPDATE_ELFCOREHDR": 0x4,
    "KEXEC_FILE_DEBUG": 0x8, "KEXEC_FILE_FORCE_DTB": 0x20, "KEXEC_FILE_NO_CMA": 0x10,
    "LANDLOCK_CREATE_RULESET_ERRATA": 0x2, "LANDLOCK_RULE_NET_PORT": 0x2,
    "MAP_ABOVE4G": 0x80, "MOUNT_ATTR_IDMAP": 0x100000, "MOUNT_ATTR_NOSYMFOLLOW": 0x200000, "MOVE_MOUNT_BENEATH": 0x200,
    "MPOL_WEIGHTED_INTERLEAVE": 0x6,
    "RWF_ATOMIC": 0x40, "RWF_DONTCACHE": 0x80, "RWF_NOAPPEND": 0x20, "RWF_NOSIGNAL": 0x100,
    "STATX_DIO_READ_ALIGN": 0x20000, "STATX_MNT_ID_UNIQUE": 0x4000, "STATX_SUBVOL": 0x8000, "STATX_WRITE_ATOMIC": 0x10000,
    "PIDFD_SIGNAL_THREAD": 0x1, "PIDFD_SIGNAL_THREAD_GROUP": 0x2, "PIDFD_SIGNAL_PROCESS_GROUP": 0x4,
    "RSEQ_FLAG_UNREGISTER": 0x1, "SCHED_EXT": 0x7, "QFMT_SHMEM": 0x5, "MEMBARRIER_CMD_GET_REGISTRATIONS": 0x200,
}


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
    if newer_number(mine) is not None:
        return other.startswith(f"{newer_number(mine):#x} /* ")
    words = mine.split("|")
    number = sum(NEWER[word] for word in words if word in NEWER)
    if not number:
        return False
    rest = [word for word in words if word not in NEWER]
    shifted = [rest.pop()] if rest and "<<" in rest[-1] else []
    if rest and rest[-1].startswith("0x"):
        number += int(rest.pop(), 16)
    return "|".join(rest + [hex(number)] + shifted) == re.sub(r" /\* \S+ \*/$", "", other)


def is_newer_result(mine, other):
    """The same of the names behind a result."""
    (number, _, names), (same, _, others) = mine.partition(" ("), other.partition(" (")
    return number == same and is_same_but_newer(names.removesuffix(")"), others.removesuffix(")"))


def is_stale_peer(mine, other):
    """strace keeps the peer that it once found for a Unix socket, also when
    that has been closed: [1->2] for [1]."""
    without = re.sub(r"(<UNIX[^<>]*:\[\d+)->\d+", r"\1", other)
    return without != other and mine == without
