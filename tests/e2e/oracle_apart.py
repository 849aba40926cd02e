# SPDX-License-Identifier: MIT
"""Logs of two runs of one program, made comparable: one tracer of the ptrace
kind cannot trace what another one traces. Processes get numbers by their place
in the family, and addresses are all the same. Only programs that do the same in
every run can be compared so."""

import re

import oracle_lines
import strace_log

ONE_ADDRESS = "0x7f0000000000"
# What changes from run to run, wherever it stands.
CHANGES = [
    (re.compile(r"\b0x[0-9a-f]{9,16}\b"), ONE_ADDRESS),
    (re.compile(r":\[\d+"), ":[1"),  # inodes of pipes and sockets
    (re.compile(r"->\d+\]"), "->1]"),
    (re.compile(r"\b(NETLINK:\[\w+):\d+\]"), r"\1:1]"),  # the port is the process's id
    (re.compile(r"\b(si_[us]time)=\d+"), r"\1=0"),
    (re.compile(r"(?<=<NETLINK:\[)([A-Z_0-9]+):-?\d+(?=\])"), r"\1:1"),
    (re.compile(r"/proc/\d+"), "/proc/1"),
    (re.compile(r"/dev/pts/\d+"), "/dev/pts/1"),
    (re.compile(r"\bchar 136:\d+"), "char 136:1"),  # the same terminals
    (re.compile(r"(?<=TIOCGPTN, )\[\d+\]"), "[1]"),
    (re.compile(r"renacer-oracle-cwd-\w{1,8}"), "renacer-oracle-cwd-abcdefgh"),  # cut off as well
    # With -v: what is new of a file in every run, and of what a process has spent.
    (re.compile(r"\b(stx?_ino|d_ino)=\d+"), r"\1=1"),
    (re.compile(r"\b(st_[acm]time)=-?\d+( /\* [^*]+ \*/)?"), r"\1=1"),
    (re.compile(r"\b(st_[acm]time_nsec)=\d+"), r"\1=1"),
    (re.compile(r"\b(stx_[abcm]time)=\{[^}]*\}"), r"\1={}"),
    (re.compile(r"\b(ru_\w+)=(?:\{[^}]*\}|\d+)"), r"\1=1"),
    (re.compile(r"(S_ISVTX\|0777, st_nlink)=\d+"), r"\1=1"),  # of /tmp
    (re.compile(r"\b(nlmsg_seq)=\d+"), r"\1=1"),
]
# Whether a child has ended before its parent looks is chance, and so is where
# its signal comes. The started program's parent is not in the logs.
CHANCE = ("SIGCHLD", "rt_sigreturn", "getppid")
FORKS = ("fork", "vfork", "clone", "clone3")
# Calls whose numbers may be those of processes.
OF_PROCESSES = (*FORKS, "wait4", "waitid", "kill", "tkill", "tgkill", "getpid", "gettid", "getppid", "getpgrp", "getpgid",
                "getsid", "setpgid", "setsid", "set_tid_address", "prlimit64", "pidfd_open", "sched_getaffinity",
                "sched_setaffinity", "ioctl", "write", "read", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_vm_readv", "futex",
                "capget", "capset", "sched_setscheduler", "sched_setparam", "get_robust_list", "kcmp", "ptrace", "pidfd_getfd", "fcntl", "bind", "getsockname", "sendto", "sendmsg", "recvfrom", "recvmsg", "getsockopt", "pidfd_send_signal")
OF_BYTES = ("read", "write")  # their results are numbers of bytes
FIRST = 4_000_000  # beyond any number that a process has

# What such calls deliver is new in every run: that it is shown is compared, not what.
BYTES = re.compile(r'(?<=[( ])"(?:[^"\\]|\\.)*"'), '"bytes"'
NEW = {"getrandom": BYTES, "brk": (re.compile(r"0x[0-9a-f]+"), ONE_ADDRESS), "clock_nanosleep": (re.compile(r"(?<=TIMER_ABSTIME, )\{[^}]*\}"), "{}"),
       "sysinfo": (re.compile(r"\{uptime=.*\}"), "{}"),
       **dict.fromkeys(("statfs", "fstatfs"), (re.compile(r"\b(f_bfree|f_bavail|f_ffree)=\d+"), r"\1=1"))}


LAST_PID = "/proc/sys/kernel/ns_last_pid"
RARE = 100_000  # numbers above it are seldom anything but processes


def use_rare_ids():
    """Have new processes get numbers that are no sizes or counts of the trace, where the kernel lets us choose."""
    try:
        with open("/proc/sys/kernel/pid_max") as limit, open(LAST_PID, "r+") as last:
            if int(last.read()) < RARE < int(limit.read()) // 2:
                last.seek(0)
                last.write(str(RARE))
    except OSError:
        pass


def family(events, root):
    """The number of each thread: FIRST for the root, then in the order in which parents made their children."""
    made = {}
    for event in events:
        if isinstance(event, strace_log.Call) and event.name in FORKS and isinstance(event.value(), int) and event.value() > 0:
            made.setdefault(event.tid, []).append(event.value())
    numbers = {}

    def name(tid):
        if tid not in numbers:
            numbers[tid] = FIRST + len(numbers)
            for child in made.get(tid, ()):
                name(child)
    name(root)
    return numbers


RANDOM = re.compile(r'"/dev/u?random"')


class Normaliser:
    def __init__(self, numbers):
        self.numbers = numbers
        self.random = set()  # descriptors from which whatever is read is new; of programs with one process
        self.known = re.compile(r"\b(?:" + "|".join(str(number) for number in sorted(numbers, reverse=True)) + r")\b")

    def body(self, name, body):
        for pattern, same in CHANGES:
            body = pattern.sub(same, body)
        if name in NEW:
            body = re.sub(*NEW[name], body)
        if name == "read" and body.partition("(")[2].partition(",")[0].partition("<")[0] in self.random:
            body = re.sub(*BYTES, body)
        if name is None or name in OF_PROCESSES:
            body = self.known.sub(lambda found: str(self.numbers[int(found.group())]), body)
        return body

    def line(self, event):
        """A line of the log that would be the same in another run, but for its time."""
        name = event.name if isinstance(event, strace_log.Call) else None
        if name == "openat":
            (self.random.add if RANDOM.match(event.arguments[1]) else self.random.discard)(str(event.value()))
        body = self.body(name, event.body)
        line = f"{self.numbers.get(event.tid, event.tid):<5} {event.time or ''}{body}"
        if name is not None and event.result is not None:
            # The result stands where it would with these numbers.
            result = f"= {self.body(name, event.result)}"
            line = f"{line.removesuffix(result).rstrip():<{oracle_lines.RESULT_COLUMN - 1}} {result}"
        return line


def parse(lines):
    reader = strace_log.Reader()
    for line in lines:
        reader.take(line)
    return reader.events + list(reader.open.values())


def comparable(events):
    """The events with numbers and addresses that do not depend on the run."""
    normaliser = Normaliser(family(events, events[0].tid))
    return parse(normaliser.line(event) for event in events if getattr(event, "name", None) not in CHANCE)


def comparable_calls(calls):
    """The same of calls of JSON, of which names and results are compared."""
    class Fork(strace_log.Call):
        def __init__(self, call):
            self.tid, self.name, self.number = call.tid, call.name, call.result

        def value(self):
            return self.number

    numbers = family([Fork(call) for call in calls], calls[0].tid)
    calls = [call for call in calls if call.name not in CHANCE]
    for call in calls:
        call.tid = numbers.get(call.tid, call.tid)
        if call.name in OF_PROCESSES and call.name not in OF_BYTES and isinstance(call.result, int):
            call.result = numbers.get(call.result, call.result)
        elif isinstance(call.result, int) and call.result > 0xFFFFF:
            call.result = int(ONE_ADDRESS, 16)
    return calls


def returned_first(calls):
    """In the order of JSON, in which calls that never returned come last."""
    return sorted(calls, key=lambda call: call.value() is None)
