#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Oracle: strace and renacer-sv trace one and the same run, and must agree on
every thread's calls: in JSON on names and results, in text on whole lines.

    oracle.py [--engine notify|ptrace] [--full] [--update] RENACER PAYLOADS [CASE...]

With the engine ptrace, which strace cannot watch, there is a run for each of the
two, of the programs that do the same in every run. --full runs all programs; without it, those that are enough for every change.
--update adds what it finds to the table of what is not decoded yet.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile

import oracle_apart
import oracle_lines
import oracle_programs
import strace_log

PENDING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle_pending.txt")
SHOWN = 3  # examples of one kind of difference

# A way to trace: its name, our options, and strace's that mean the same.
Way = collections.namedtuple("Way", "name ours theirs")
JSON_WAYS = [
    Way("json", ["--format", "json"], []),
    Way("json-lossless", ["--format", "json", "--lossless"], []),
]
TEXT_WAYS = [
    Way("text", [], []),
    Way("text-y-tt", ["-y", "-tt"], ["-y", "-tt"]),
    Way("text-yy", ["-yy"], ["-yy"]),
]
# Of two runs of a program, all that a call delivers has to be decoded: nothing of it is pending.
FULL_WAY = Way("text-full", ["--decode=full"], [])


class JsonCall:
    """A call of renacer-json-v1, of which name and result are compared."""

    def __init__(self, call):
        self.tid = call["tid"]
        self.name = call["name"]
        self.result = call.get("error", call["result"])
        self.text = json.dumps(call)

    def value(self):
        return self.result

    def __repr__(self):
        return f"{self.tid} {self.text[:300]}"


def same_value(mine, other):
    """One result, which strace shows as signed or as unsigned, and of 32-bit calls as 32 bits."""
    if isinstance(mine, int) and isinstance(other, int):
        return (mine - other) % (1 << (32 if mine < 0 else 64)) == 0
    # strace has no result of a call that its thread never returned from, though the kernel may have.
    return mine == other or other is None


def same_event(mine, other):
    """Whether two events are the same one, however they are written."""
    if isinstance(other, strace_log.Call):
        return getattr(mine, "name", None) == other.name and same_value(mine.value(), other.value())
    if isinstance(other, strace_log.Signal):
        return isinstance(mine, strace_log.Signal) and mine.name == other.name
    return isinstance(mine, strace_log.Mark)


def is_strace_alone(event):
    """Interrupted before it was received, a call never ran: it runs again after the handler, if at all."""
    return isinstance(event, strace_log.Call) and event.value() in oracle_lines.RESTART


def by_thread(events):
    threads = collections.defaultdict(list)
    for event in events:
        threads[event.tid].append(event)
    return threads


def of_program(events, tids, program):
    """strace's events of the threads that we saw, from the program's exec on."""
    started = False
    for event in events:
        is_call = isinstance(event, strace_log.Call)
        started = started or (is_call and event.name == "execve" and event.value() == 0
                              and event.arguments[0] == json.dumps(program))
        if started and event.tid in tids:
            yield event


def pair_up(tid, mine, others):
    """Pairs of one thread's events, and the first that has no partner, or None."""
    pairs = []
    for other in others:
        if len(pairs) < len(mine) and same_event(mine[len(pairs)], other):
            pairs.append((mine[len(pairs)], other))
        elif not is_strace_alone(other):
            have = mine[len(pairs)] if len(pairs) < len(mine) else "nothing"
            return pairs, f"thread {tid}: strace has {other}\n    we have {have}\n    after {pairs[-1:]}"
    if len(pairs) < len(mine):
        return pairs, f"thread {tid}: we have {len(mine) - len(pairs)} more than strace, the first {mine[len(pairs)]}"
    return pairs, None


class Run:
    """A program traced twice at once."""

    def __init__(self, arguments, folder, name, command, way):
        self.way = way
        self.command = command
        self.is_json = way in JSON_WAYS
        base = os.path.join(folder, f"{name}.{way.name}")
        self.log = base + ".strace"
        self.trace = base + (".json" if self.is_json else ".txt")
        self.done = self.run(["strace", "-f", *way.theirs, "-s", "32", "-o", self.log],
                             [arguments.renacer, "--engine", arguments.engine, "-f", *way.ours, "-o", self.trace, "--"])

    def run(self, strace, renacer):
        return run_program([*strace, *renacer, *self.command])

    def theirs(self, tids):
        """strace's events of the threads that we saw."""
        return of_program(strace_log.read(self.log), tids, self.command[0])

    def ours(self):
        if not self.is_json:
            return strace_log.read(self.trace)
        with open(self.trace) as trace:
            document = json.load(trace)
        if document["summary"]["lost"]:
            raise AssertionError(f"{document['summary']['lost']} events lost")
        return [JsonCall(call) for call in document["syscalls"]]

    def compare(self, comparison):
        """Compare everything that has a partner: the number of threads, and what has none."""
        mine = by_thread(self.ours())
        other = by_thread(event for event in self.theirs(mine.keys())
                          if isinstance(event, strace_log.Call) or not self.is_json)
        if not other:
            return 0, ["strace saw nothing of the program"]
        problems = []
        for tid in sorted(set(mine) | set(other)):
            pairs, problem = pair_up(tid, mine.get(tid, []), other.get(tid, []))
            problems += [problem] if problem else []
            if self.is_json:
                comparison.calls += len(pairs)
            else:
                for pair in pairs:
                    comparison.line(*pair)
        return len(mine), problems


class RunApart(Run):
    """A program run twice, once under each tracer."""

    def run(self, strace, renacer):
        run_program([*strace, *self.command])
        return run_program([*renacer, *self.command])

    def ours(self):
        if self.is_json:
            return oracle_apart.returned_first(oracle_apart.comparable_calls(super().ours()))
        return oracle_apart.comparable(super().ours())

    def theirs(self, tids):
        events = oracle_apart.comparable(strace_log.read(self.log))
        if self.is_json:
            return oracle_apart.returned_first(event for event in events if isinstance(event, strace_log.Call))
        return events


def run_program(command):
    """Run it in an empty folder with the program's files."""
    with tempfile.TemporaryDirectory(prefix="renacer-oracle-cwd-") as folder:
        oracle_programs.prepare(folder)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, cwd=folder,
                              env=oracle_programs.environment(folder))


def check_outcome(traced, program):
    """Whether the program noticed nothing."""
    plain = run_program(program.command)
    if program.same_output and (traced.stdout, traced.stderr) != (plain.stdout, plain.stderr):
        return [f"the output differs: {traced.stdout!r} {traced.stderr!r} instead of {plain.stdout!r} {plain.stderr!r}"]
    if traced.returncode not in (plain.returncode, 128 - plain.returncode):
        return [f"exit status {traced.returncode} instead of {plain.returncode}"]
    return []


def show_differences(differences):
    """Those of one kind together."""
    kinds = collections.defaultdict(list)
    for where, ours, theirs in differences:
        kinds[where].append((ours, theirs))
    for where, examples in sorted(kinds.items(), key=lambda kind: -len(kind[1])):
        print(f"    {where}: {len(examples)} times")
        for ours, theirs in examples[:SHOWN]:
            print(f"        ours    {ours}\n        strace  {theirs}")


def run_way(arguments, folder, name, program, way, comparison):
    """Whether it went well."""
    before = comparison.lines + comparison.calls
    run = (RunApart if arguments.apart else Run)(arguments, folder, name, program.command, way)
    problems = check_outcome(run.done, program)
    if not problems:
        threads, problems = run.compare(comparison)
    differences, comparison.differences = comparison.differences, []
    if not problems and not differences:
        print(f"ok   {name} ({way.name}): {comparison.lines + comparison.calls - before} lines of {threads} threads")
        os.unlink(run.log)
        os.unlink(run.trace)
        return True
    print(f"FAIL {name} ({way.name}): {len(differences)} lines differ; {run.log} {run.trace}")
    for problem in problems:
        print(f"    {problem}")
    show_differences(differences)
    return False


def report(comparison, update):
    print(f"{comparison.calls} calls compared by name and result; {comparison.lines} lines compared, "
          f"{comparison.equal} of them the same")
    for rule, count in sorted(comparison.rules.items()):
        print(f"{count:8}  {rule}")
    for (name, argument), count in sorted(comparison.pending.seen.items()):
        print(f"{count:8}  not decoded: {name}[{argument}]")
    if update:
        comparison.pending.write(PENDING)


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--engine", default="notify")
    parser.add_argument("--apart", action="store_true", help="two runs; the only way with the engine ptrace")
    parser.add_argument("renacer", type=os.path.abspath)
    parser.add_argument("payloads", type=os.path.abspath)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    arguments.apart |= arguments.engine == "ptrace"
    return arguments


def chosen(arguments, programs):
    """The names of the programs to run."""
    if arguments.cases:
        return arguments.cases
    if arguments.apart:
        return [name for name in oracle_programs.REPEATABLE if name in programs]
    return [name for name in programs if arguments.full or programs[name].quick]


def decodes_fully(renacer):
    return b"--decode " in subprocess.run([renacer, "--help"], capture_output=True, check=True).stdout


def main():
    arguments = parse_arguments()
    programs = oracle_programs.programs(arguments.payloads)
    names = chosen(arguments, programs)
    folder = tempfile.mkdtemp(prefix="renacer-oracle-")
    comparison = oracle_lines.Comparison(oracle_lines.Pending(PENDING, arguments.update))
    strict = oracle_lines.Comparison(oracle_lines.Pending(os.devnull))
    strict.pending.known = oracle_apart.GIVEN
    failed = 0
    for name in names:
        for way in JSON_WAYS + TEXT_WAYS:
            failed += not run_way(arguments, folder, name, programs[name], way, comparison)
        if arguments.apart and decodes_fully(arguments.renacer):
            failed += not run_way(arguments, folder, name, programs[name], FULL_WAY, strict)
    report(comparison, arguments.update)
    report(strict, False)
    # Only all programs together show that something is always decoded.
    for name, argument in comparison.pending.stale() if arguments.full and not (arguments.cases or arguments.apart) else []:
        failed += 1
        print(f"FAIL {name}[{argument}] is decoded: take it out of {PENDING}")
    if not failed:
        os.rmdir(folder)
    sys.exit(1 if failed else 0)


main()
