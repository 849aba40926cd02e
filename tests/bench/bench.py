#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tracing costs: every workload natively, under renacer-sv, strace and perf
trace, in interleaved runs, and how fast the emitter is by itself. Nothing is
asserted, because machines are noisy; the goals stand beside the figures (report.py).

    meson test -C build --benchmark -v            or
    RENACER_SV=... PAYLOADS=... BENCH=... python3 tests/bench/bench.py [OPTION]...

    --runs N           interleaved runs of each workload (5)
    --workloads A,B    only these; "emitter" is the emitter alone
    --quick            one run with tiny counts: shows that it works, and no figures
    --json FILE        keep the figures; report.py makes docs/performance.md of them

A tracer that is not there, or does not trace here, is named with the reason and
not measured. All figures are kept in nanoseconds.
"""

import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Callable, NamedTuple

import report

RENACER = os.environ["RENACER_SV"]
PAYLOADS = os.environ["PAYLOADS"]
BENCH = os.environ["BENCH"]
TIMEOUT = 300
# The process that keeps our tracepoints in place for a moment after a trace, and how long that may take.
GUARDIAN = "renacer-guard"
PATIENCE = 10
IMPORTS = "import asyncio, decimal, http.client, json, ssl, unittest"


# ------------------------------------------------------------------ tracers

class Place(NamedTuple):
    """Where a command runs, as far as its tracer wants to know."""
    folder: str
    forks: bool

    def log(self):
        return os.path.join(self.folder, "perf.log")


class Tracer(NamedTuple):
    key: str
    label: str
    pace: str  # which of a workload's counts it gets
    prefix: Callable  # Place -> what stands before the program
    where: tuple = ()  # workloads; empty: all of them


def ours(*options):
    def prefix(place):
        follow = ["-f"] if place.forks else []
        return [RENACER, *follow, *options, "-o", "/dev/null", "--"]
    return prefix


def strace(*options):
    return lambda place: ["strace", "-f", *options, "-o", "/dev/null"]


def pinned(prefix):
    """The tracer and its program on one CPU, where the wake-ups of strace are cheapest."""
    cpu = str(max(os.sched_getaffinity(0)))
    return lambda place: ["taskset", "-c", cpu, *prefix(place)]


JSON = ("--format", "json")
OPENAT = ("-e", "trace=openat")
PTRACE = ("--engine", "ptrace")
SOURCE = ("-s", *JSON)
STACKS = ("-k", "-s", *JSON)
BY_LINE = ("sources", "sources-whole")
# In the order in which they are measured. Ours stand together at the end: see rest().
TRACERS = [
    Tracer("native", "native", "free", lambda place: []),
    Tracer("bare", "bare RECV+SEND", "stopping", None),
    Tracer("strace-pinned", "strace, pinned", "strace pinned", pinned(strace())),
    Tracer("strace", "strace", "strace", strace()),
    Tracer("strace-c-pinned", "strace -c, pinned", "strace pinned", pinned(strace("-c"))),
    Tracer("strace-c", "strace -c", "strace", strace("-c")),
    Tracer("strace-bpf-pinned", "strace --seccomp-bpf -e trace=openat, pinned", "free",
           pinned(strace("--seccomp-bpf", *OPENAT))),
    Tracer("strace-bpf", "strace --seccomp-bpf -e trace=openat", "free", strace("--seccomp-bpf", *OPENAT)),
    Tracer("strace-k-pinned", "strace -k, pinned", "strace -k", pinned(strace("-k")), BY_LINE),
    Tracer("strace-k", "strace -k", "strace -k", strace("-k"), BY_LINE),
    Tracer("ptrace-stacks-pinned", "renacer-sv --engine ptrace -k -s, pinned", "strace",
           pinned(ours(*PTRACE, *STACKS)), BY_LINE),
    Tracer("ptrace-stacks", "renacer-sv --engine ptrace -k -s", "strace", ours(*PTRACE, *STACKS), BY_LINE),
    Tracer("ptrace-pinned", "renacer-sv --engine ptrace, pinned", "strace pinned", pinned(ours(*PTRACE, *JSON))),
    Tracer("ptrace", "renacer-sv --engine ptrace", "strace", ours(*PTRACE, *JSON)),
    Tracer("ptrace-selected", "renacer-sv --engine ptrace -e trace=openat", "free", ours(*PTRACE, *OPENAT, *JSON)),
    Tracer("perf", "perf trace", "perf", lambda place: ["perf", "trace", "-o", place.log(), "--"]),
    Tracer("ours", "renacer-sv", "ours", ours(*JSON)),
    Tracer("lossless", "renacer-sv --lossless", "stopping", ours("--lossless", *JSON)),
    Tracer("summary", "renacer-sv -c", "ours", ours("-c")),
    Tracer("ours-pinned", "renacer-sv, pinned", "ours", pinned(ours(*JSON)), BY_LINE),
    Tracer("source", "renacer-sv -s", "ours", ours(*SOURCE), BY_LINE),
    Tracer("source-pinned", "renacer-sv -s, pinned", "ours", pinned(ours(*SOURCE)), BY_LINE),
    Tracer("stacks", "renacer-sv -k -s", "ours", ours(*STACKS), BY_LINE),
    Tracer("stacks-pinned", "renacer-sv -k -s, pinned", "ours", pinned(ours(*STACKS)), BY_LINE),
    Tracer("selected", "renacer-sv -e trace=openat", "free", ours(*OPENAT, *JSON)),
]
# Those that use tracepoints.
OURS = ("ours", "lossless", "summary", "ours-pinned", "source", "source-pinned", "stacks", "stacks-pinned", "selected")


# ---------------------------------------------------------------- workloads

class Workload(NamedTuple):
    name: str
    title: str
    unit: str  # us or ms
    command: Callable  # (count, quick, folder) -> the program
    printed: float = 0  # the program prints its figure, in this many nanoseconds; 0: wall time
    counts: dict = {}  # pace -> calls; the figure is one of them
    forks: bool = False
    rounds: int = 1  # times the number of runs
    bare: bool = False  # the bare round trip is measured as well
    only: tuple = ()  # tracers; empty: all of them
    one_cpu: bool = True  # it may be pinned: it is not about several CPUs
    cold: bool = False  # no tracepoint is in place when ours starts


def loop(name):
    return lambda count, quick, folder: [os.path.join(PAYLOADS, "loop"), name, str(count)]


def lines(count, quick, folder):
    return [os.path.join(PAYLOADS, "sources", "lines"), str(count)]


def fixed(*command):
    return lambda count, quick, folder: list(command)


def copy_bytes(count, quick, folder):
    return ["dd", "if=/dev/zero", "of=/dev/null", "bs=1", "status=none", f"count={count}"]


def find(count, quick, folder):
    return ["find", "/usr/share/doc", *(["-maxdepth", "1"] if quick else [])]


def compile_hello(count, quick, folder):
    return ["gcc", "-o", os.path.join(folder, "hello"), os.path.join(PAYLOADS, "hello.c")]


def compute(count, quick, folder):
    """Calls that are 150 us apart, whatever the machine."""
    parallel = os.path.join(PAYLOADS, "parallel")
    if not hasattr(compute, "spins"):
        probes = [float(run([parallel, "1", "1000", "10000"]).stdout) for _ in range(3)]
        compute.spins = int(150 * 10_000 * 1_000 / min(probes))
    return [parallel, "2", "40" if quick else "4000", str(compute.spins)]


OF_LINES = {"free": 1_000_000, "ours": 50_000, "stopping": 50_000, "strace": 10_000, "strace pinned": 20_000,
            "strace -k": 500}
WITHOUT_CHOICE = ("native", "strace-pinned", "strace", "strace-k-pinned", "strace-k", "ptrace-pinned", "ptrace",
                  "ptrace-stacks-pinned", "ptrace-stacks", "ours", "lossless", "ours-pinned", "source", "source-pinned",
                  "stacks", "stacks-pinned")
WORKLOADS = [
    Workload("getppid", "a call that does not stop", "us", loop("getppid"), printed=1,
             counts={"free": 1_000_000, "ours": 500_000, "stopping": 50_000, "strace pinned": 20_000,
                     "strace": 10_000, "perf": 50_000}),
    Workload("access", "a call that stops and is read", "us", loop("access"), printed=1, bare=True,
             counts={"free": 500_000, "ours": 50_000, "stopping": 50_000, "strace pinned": 20_000,
                     "strace": 10_000, "perf": 50_000}),
    Workload("poll", "a call with a structure", "us", loop("poll"), printed=1,
             counts={"free": 500_000, "ours": 50_000, "stopping": 30_000, "strace pinned": 10_000,
                     "strace": 5_000, "perf": 50_000}),
    Workload("sendmsg", "a call whose structures lead to others", "us", loop("sendmsg"), printed=1,
             counts={"free": 500_000, "ours": 50_000, "stopping": 30_000, "strace pinned": 10_000,
                     "strace": 5_000, "perf": 50_000}),
    Workload("sources", "a call from each of 20 lines, ten frames deep", "us", lines, printed=1, counts=OF_LINES,
             only=WITHOUT_CHOICE),
    Workload("sources-whole", "the same until the tracer has ended, its start included", "us", lines, counts=OF_LINES,
             only=WITHOUT_CHOICE),
    Workload("dd", "dd bs=1, a byte that is read and written", "us", copy_bytes,
             counts={"free": 500_000, "ours": 50_000, "stopping": 30_000, "strace pinned": 10_000,
                     "strace": 5_000, "perf": 20_000}),
    Workload("find", "find /usr/share/doc", "ms", find),
    Workload("ls", "ls -l /usr/bin", "ms", fixed("ls", "-l", "/usr/bin")),
    Workload("python", f"python3 -c '{IMPORTS}'", "ms", fixed(sys.executable, "-c", IMPORTS)),
    Workload("gcc", "gcc hello.c", "ms", compile_hello, forks=True),
    Workload("true", "start and end", "ms", fixed("true"), rounds=3),
    Workload("true-cold", "the same, and no tracepoint was in place", "ms", fixed("true"), only=("native", "ours"),
             cold=True),
    Workload("parallel", "two processes that compute, a call every 150 us", "ms", compute, printed=1e3, forks=True,
             one_cpu=False),
]


def takes(workload, tracer):
    if tracer.key == "bare":
        return workload.bare
    if tracer.key.endswith("-pinned") and not workload.one_cpu:
        return False
    if tracer.where and workload.name not in tracer.where:
        return False
    return not workload.only or tracer.key in workload.only


# ---------------------------------------------------------------- measuring

def run(command):
    """Run a command that has to succeed; its standard output goes to a pipe."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
    if done.returncode:
        raise SystemExit(f"bench: status {done.returncode} of {' '.join(command)}\n{done.stderr.decode()}")
    return done


def wall(command):
    """Nanoseconds from start to end, and what it said on standard error."""
    start = time.monotonic_ns()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=TIMEOUT)
    nanoseconds = float(time.monotonic_ns() - start)
    if done.returncode:
        raise SystemExit(f"bench: status {done.returncode} of {' '.join(command)}\n{done.stderr.decode()}")
    return nanoseconds, done.stderr


def lost_by_perf(stream):
    """perf trace writes a line for every time that it lost events."""
    return sum(int(match[1]) for line in stream if (match := re.search(rb"LOST (\d+) events!", line)))


def lost_by_us(said):
    match = re.search(rb"(\d+) events were lost", said)
    return int(match[1]) if match else 0


def count_lost(tracer, place, said):
    """Events that the tracer itself says are missing; None for one that stops at every call."""
    if tracer.key == "perf":
        with open(place.log(), "rb") as stream:
            return lost_by_perf(stream)
    return lost_by_us(said) if tracer.key in report.OURS else None


def command_of(tracer, workload, place, quick):
    count = workload.counts.get(tracer.pace, 0)
    if quick:
        count = max(count // 200, 50)
    if tracer.key == "bare":
        return [os.path.join(BENCH, "bare_notify"), str(count)], count
    return [*tracer.prefix(place), *workload.command(count, quick, place.folder)], count


def measure_once(tracer, workload, place, quick):
    """One figure in nanoseconds, and the lost events or None."""
    command, count = command_of(tracer, workload, place, quick)
    if workload.printed:
        done = run(command)
        return float(done.stdout.split()[-1]) * workload.printed, count_lost(tracer, place, done.stderr)
    nanoseconds, said = wall(command)
    return nanoseconds / (count if workload.counts else 1), count_lost(tracer, place, said)


def guardian_lives():
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            with open(path) as stream:
                if stream.read().strip() == GUARDIAN:
                    return True
        except OSError:
            pass  # it has ended since
    return False


def rest():
    """Wait until our tracepoints are gone: they make the calls of every process a little slower."""
    end = time.monotonic() + PATIENCE
    while guardian_lives() and time.monotonic() < end:
        time.sleep(0.05)


def measure(workload, tracers, runs, quick, folder):
    """All tracers in turn, again and again: {tracer: [figure]}, {tracer: [lost]}."""
    figures = {tracer.key: [] for tracer in tracers}
    lost = {}
    place = Place(folder, workload.forks)
    run(workload.command(50, quick, folder))  # its files are in the cache from now on
    for _ in range(runs * (1 if quick else workload.rounds)):
        prepared = workload.cold
        for tracer in tracers:
            if tracer.key == "selected" and not quick:
                # What it leaves alone must not pay for tracepoints that another trace has left in place.
                rest()
                prepared = workload.cold
            if tracer.key in OURS and not prepared:
                run([*tracer.prefix(place), "true"])
                prepared = True
            figure, missing = measure_once(tracer, workload, place, quick)
            figures[tracer.key].append(round(figure, 1))
            if missing is not None:
                lost.setdefault(tracer.key, []).append(missing)
        if not quick:
            rest()
    return {"name": workload.name, "title": workload.title, "unit": workload.unit, "figures": figures, "lost": lost}


# ------------------------------------------------------------- the emitter alone

class Emission(NamedTuple):
    """A form of the trace: the options that decide what is recorded, and those that it is written with."""
    recorded: str
    options: str


EMISSIONS = [
    Emission("--format text -f", "--format text -f"),
    Emission("--format text -f", "--format text -f -T -tt"),
    Emission("--format text -f -y", "--format text -f -y"),
    Emission("--format text -f --decode full", "--format text -f --decode full"),
    Emission("--format json -f", "--format json -f"),
    Emission("--format json -f", "--format json -f -T"),
    Emission("--format json -f -y", "--format json -f -y"),
    Emission("--format json -f --decode full", "--format json -f --decode full"),
    Emission("--format json -f", "--format jsonl -f"),
    Emission("--format json -f", "--format csv -f -T"),
]
EMITTED = 500_000  # records in a round, at least
EMIT_BENCH = os.path.join(BENCH, "emit_bench")


def make_repository(folder):
    """A small repository of git, with some history: its folder."""
    place = os.path.join(folder, "repository")
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    run(["git", "init", "--quiet", place])
    for commit in range(8):
        with open(os.path.join(place, f"file{commit}"), "w") as stream:
            stream.writelines(f"{line}\n" for line in range(200))
        run(["git", "-C", place, "add", "."])
        run(["git", "-C", place, *author, "commit", "--quiet", "--message", f"commit {commit}"])
    return place


def recorded_programs(folder, quick):
    """Everyday programs with calls of all kinds: what is shown of each, and its command."""
    repository = make_repository(folder)
    programs = {
        "git status": ["git", "-C", repository, "status"],
        "git log --stat": ["git", "-C", repository, "log", "--stat"],
        "find": ["find", "/usr/share/doc", "-maxdepth", "2", "-name", "lib*"],
        "tar czf": ["tar", "czf", os.path.join(folder, "archive.tar.gz"), "-C", repository, "."],
        "python3": [sys.executable, "-c", "import json, ssl, unittest"],
        "bash": ["bash", "-c", "for i in 1 2 3; do echo $i | cat; ls -l /etc; done"],
        "gcc": compile_hello(0, quick, folder),
    }
    return dict(list(programs.items())[:2]) if quick else programs


def measure_emitter(runs, quick, folder):
    """Nanoseconds that a record takes, of all emissions in turn, again and again. It says for itself where that was,
    because it can be measured without the rest."""
    programs = recorded_programs(folder, quick)
    files = {recorded: os.path.join(folder, f"records-{number}")
             for number, recorded in enumerate(dict.fromkeys(emission.recorded for emission in EMISSIONS))}
    for recorded, file in files.items():
        for command in programs.values():
            run([EMIT_BENCH, "record", file, *recorded.split(), "--", *command])
    figures = {emission.options: [] for emission in EMISSIONS}
    for _ in range(runs):
        for emission in EMISSIONS:
            done = run([EMIT_BENCH, "play", files[emission.recorded], "1", "1000" if quick else str(EMITTED),
                        *emission.options.split()])
            figures[emission.options].append(float(done.stdout))
    return {"runs": runs, "machine": about_the_machine(), "programs": list(programs), "figures": figures}


# ------------------------------------------------------------------ the whole

def why_unavailable(tracer, folder):
    """None if the tracer traces `true`; otherwise the reason why not."""
    if tracer.key == "bare":
        command = [os.path.join(BENCH, "bare_notify"), "1"]
    else:
        command = [*tracer.prefix(Place(folder, False)), "true"]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except OSError as error:
        return f"{os.path.basename(command[0])}: {error.strerror}"
    except subprocess.TimeoutExpired:
        return "does not end"
    if done.returncode == 0:
        return None
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return said[0] if said else f"exit status {done.returncode}"


def version(program):
    """The last word of the first line of `--version`."""
    if not shutil.which(program):
        return "(missing)"
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    return (done.stdout.partition("\n")[0].split() or ["unknown"])[-1]


def about_the_machine():
    return {"cpus": len(os.sched_getaffinity(0)), "kernel": os.uname().release,
            "renacer-sv": version(RENACER), "strace": version("strace"), "perf": version("perf")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--workloads", type=lambda names: names.split(","))
    parser.add_argument("--json")
    given = parser.parse_args()
    known = [*(workload.name for workload in WORKLOADS), "emitter"]
    unknown = set(given.workloads or []) - set(known)
    if unknown:
        parser.error(f"no workload {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    given.runs = (1 if given.quick else 5) if given.runs is None else given.runs
    if given.runs < 1:
        parser.error("--runs: at least 1")
    return given


def main():
    given = arguments()
    data = {"format": 1, "quick": given.quick, "runs": given.runs, "machine": about_the_machine(),
            "tracers": [], "workloads": []}
    with tempfile.TemporaryDirectory(prefix="renacer-bench-") as folder:
        available = []
        for tracer in TRACERS:
            reason = why_unavailable(tracer, folder)
            data["tracers"].append({"key": tracer.key, "label": tracer.label, "unavailable": reason})
            if reason is None:
                available.append(tracer)
        print(report.heading(data), flush=True)
        for workload in WORKLOADS:
            if given.workloads and workload.name not in given.workloads:
                continue
            tracers = [tracer for tracer in available if takes(workload, tracer)]
            result = measure(workload, tracers, given.runs, given.quick, folder)
            data["workloads"].append(result)
            print(report.text(data, result), flush=True)
        if not given.workloads or "emitter" in given.workloads:
            data["emitter"] = measure_emitter(given.runs, given.quick, folder)
            print(report.emitter_text(data["emitter"]), flush=True)
    if given.json:
        with open(given.json, "w") as stream:
            json.dump(data, stream, indent=1)
            stream.write("\n")


if __name__ == "__main__":
    main()
