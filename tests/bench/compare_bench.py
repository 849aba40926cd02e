#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What comparing traces costs: pairs of generated traces in every mode, with the
time of `wc -l` and `diff` on the same files beside it. Nothing is asserted; the goals
stand beside the figures.

    RENACER_SV=... python3 tests/bench/compare_bench.py [OPTION]...

    --calls N       calls of each trace (1000000)
    --pairs A,B     only these
    --modes A,B     only these
    --json FILE     keep the figures

Calls a second are those of both traces together, by processor time (user and
system), which other work on the machine changes least. A peak is never below that of
the Python that measures, some 14 MiB.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Callable, NamedTuple

RENACER = os.environ["RENACER_SV"]
GOAL_CALLS = 200_000
GOAL_BYTES = 64 << 20
MODES = ("semantic", "exact", "counts")
LOOP = 8  # calls that belong to a file


# ------------------------------------------------------------------- traces

def line(name, arguments, result):
    return '    {"name":"%s","args":[%s],"result":%s}' % (name, ",".join('"%s"' % word for word in arguments), result)


def calls(count, flavour=""):
    """`count` lines of calls of a program that opens, maps, reads and writes, each loop on a file of its own. `flavour`
    makes all of them others."""
    made = 0
    turn = 0
    while made < count:
        path = "/data/%s%d" % (flavour, turn % 100_000)
        size = 1 + (turn * 7919 + len(flavour)) % 4096
        address = 0x7f0000000000 + turn % 500 * 0x10000
        turn += 1
        loop = (line("openat", ["AT_FDCWD", path, "O_RDWR|O_CREAT", "0644"], 3),
                line("read", ["3", "%#x" % (address + 16), str(size)], size),
                line("lseek", ["3", str(turn), "SEEK_SET"], turn),
                line("write", ["3", "%srecord %d" % (flavour, turn), str(7 + len(flavour) + len(str(turn)))],
                     7 + len(flavour) + len(str(turn))),
                line("mmap", ["NULL", "65536", "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", "-1", "0"], address),
                line("munmap", ["%#x" % address, "65536"], 0),
                line("write", ["1", "%s%d\\n" % (flavour, turn), str(1 + len(flavour) + len(str(turn)))],
                     1 + len(flavour) + len(str(turn))),
                line("close", ["3"], 0))
        yield from loop[:count - made]
        made += LOOP


def changed(count):
    """Each hundredth call is another one."""
    for index, call in enumerate(calls(count)):
        yield line("write", ["1", "changed %d" % index, str(8 + len(str(index)))], 8 + len(str(index))) \
            if index % 100 == 50 else call


def moved(count):
    """A quarter of all is done at the end."""
    kept = []
    for index, call in enumerate(calls(count)):
        if index < count // 4:
            kept.append(call)
        else:
            yield call
    yield from kept


def shuffled(count):
    """The same calls, in no order."""
    everything = list(calls(count))
    step = 7919
    while count % step == 0:
        step += 2
    for index in range(count):
        yield everything[index * step % count]


def doubled(count):
    """Each call twice, of half of them."""
    for call in calls((count + 1) // 2):
        for _ in range(min(2, count)):
            count -= 1
            yield call


def threads(count):
    """Of a thousand threads, each of which does with a file what is to be done."""
    for index, call in enumerate(calls(count)):
        yield '%s,"pid":%d,"tid":%d}' % (call[:-1], 1000, 1000 + index // LOOP % 1000)


class Pair(NamedTuple):
    name: str
    title: str
    golden: Callable
    new: Callable


PAIRS = [
    Pair("equal", "equal", calls, calls),
    Pair("changed", "1 % changed", calls, changed),
    Pair("different", "nothing in common", calls, lambda count: calls(count, "other ")),
    Pair("moved", "a quarter moved", calls, moved),
    Pair("shuffled", "in another order", calls, shuffled),
    Pair("doubled", "each call twice", calls, doubled),
    Pair("threads", "a thousand threads", threads, threads),
]


def write_trace(path, lines, count):
    """In a process of its own: what that needs would count as the peak of all that is started after it."""
    pid = os.fork()
    if pid == 0:
        try:
            write_lines(path, lines(count), count)
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        sys.exit("the traces cannot be written")


def write_lines(path, lines, count):
    with open(path, "w") as file:
        file.write('{\n  "version": "0.6.2",\n  "format": "renacer-json-v1",\n'
                   '  "producer": {"name": "renacer-sv", "version": "0", "engine": "notify", "time": "kernel"},\n'
                   '  "syscalls": [\n')
        for index, call in enumerate(lines):
            file.write(",\n" + call if index else call)
        file.write('\n  ],\n  "summary": {"total_syscalls": %d, "exit_code": 0, "lost": 0}\n}\n' % count)


# ----------------------------------------------------------------- measuring

class Usage(NamedTuple):
    status: int
    seconds: float  # of the processor
    wall: float
    peak: int  # bytes


def measure(command):
    """Run it, with nothing kept of what it prints."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Usage(process.returncode, usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024)


def measure_pair(pair, modes, count, folder):
    golden, new = (os.path.join(folder, "%s-%s.json" % (pair.name, side)) for side in ("golden", "new"))
    write_trace(golden, pair.golden, count)
    write_trace(new, pair.new, count)
    figures = {"bytes": os.path.getsize(golden) + os.path.getsize(new),
               "wc": measure(["wc", "-l", golden, new])._asdict(),
               "diff": measure(["diff", golden, new])._asdict(),
               "modes": {}}
    for mode in modes:
        usage = measure([RENACER, "compare", "--mode", mode, golden, new])
        if usage.status not in (0, 1):
            sys.exit("compare --mode %s of '%s' ended with status %d" % (mode, pair.name, usage.status))
        figures["modes"][mode] = {**usage._asdict(), "calls_per_second": 2 * count / max(usage.seconds, 1e-9)}
    os.unlink(golden)
    os.unlink(new)
    return figures


HEAD = "%-20s %-9s %-10s %8s %10s %9s %8s %8s" % ("traces", "mode", "verdict", "s", "calls/s", "peak MiB", "/ wc -l",
                                                  "/ diff")


def row(pair, mode, figures):
    usage = figures["modes"][mode]
    ratio = [usage["seconds"] / max(figures[name]["seconds"], 1e-3) for name in ("wc", "diff")]
    return "%-20s %-9s %-10s %8.2f %10d %9.1f %8.1f %8.2f" % (
        pair.title, mode, ("equivalent", "different")[usage["status"]], usage["seconds"], usage["calls_per_second"],
        usage["peak"] / (1 << 20), *ratio)


def chosen(words, known, what):
    names = words.split(",") if words else list(known)
    for name in names:
        if name not in known:
            sys.stderr.write("there is no %s %s\n" % (what, name))
            sys.exit(2)
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--pairs")
    parser.add_argument("--modes")
    parser.add_argument("--json")
    options = parser.parse_args()
    names = chosen(options.pairs, [pair.name for pair in PAIRS], "pair")
    modes = chosen(options.modes, MODES, "mode")
    print("%d calls a trace; goals: %d calls a second, %d MiB\n%s" % (options.calls, GOAL_CALLS, GOAL_BYTES >> 20, HEAD))
    data = {"calls": options.calls, "pairs": {}}
    with tempfile.TemporaryDirectory(prefix="renacer-compare-bench-") as folder:
        for pair in PAIRS:
            if pair.name in names:
                data["pairs"][pair.name] = figures = measure_pair(pair, modes, options.calls, folder)
                for mode in modes:
                    print(row(pair, mode, figures), flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(data, file, indent=1)


if __name__ == "__main__":
    main()
