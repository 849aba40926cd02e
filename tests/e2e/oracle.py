#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Oracle: strace and renacer-sv trace one and the same run, and must agree on
every thread's calls: in JSON on names and results, in text on whole lines.

    oracle.py [--engine notify|ptrace] [--apart] [--full] [--update] [--equal PERCENT] [--lines PERCENT]
              RENACER PAYLOADS [CASE...]
    oracle.py --arguments [--names FILE] [--equal PERCENT] RENACER PAYLOADS

With the engine ptrace, which strace cannot watch, there is a run for each of the
two, of the programs that do the same in every run; with --apart as well, and then everything that calls deliver
is decoded. --full runs all programs; without it, those that are enough for every change.
--update adds what it finds to the table of what is not decoded yet. --arguments compares
what programs rarely do, see oracle_arguments.py.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import oracle_apart
import oracle_arguments
import oracle_lines
import oracle_programs
import oracle_shares
import strace_log

PENDING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle_pending.txt")
AT_ONCE = 2  # runs
SHOWN = 3  # examples of one kind of difference
EQUAL = 99.5  # per cent of the arguments of the judged classes
LINES = 99  # per cent of the lines, as far as they are known at the entry of calls; with --decode=full, of whole lines

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
    Way("text-v", ["-v"], ["-v"]),
]
# Of two runs of a program, all that a call delivers has to be decoded: nothing of it is pending.
FULL_WAYS = [
    Way("text-full", ["--decode=full"], []),
    Way("text-full-v", ["--decode=full", "-v"], ["-v"]),
]


# Said of calls that is_held_at_entry() is about, which without strace would not be.
WITHOUT_ARGUMENTS = re.compile(rb"renacer-sv: (\d+) calls are recorded without arguments: .*\n")


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


def is_held_at_entry(mine, other):
    """Whether the thread was killed while strace held it before its call: the kernel
    lets it leave with ENOSYS without having asked any filter."""
    return isinstance(other, strace_log.Call) and other.value() is None and mine.value() == "ENOSYS"


def is_last(events, at):
    """Whether this is a call in which the thread was killed, for nothing follows it but the
    thread's end. Each tracer may miss it, and strace's result of it may be what it read
    of a thread that was no more: if only one has it, it was killed before both were told."""
    return (at < len(events) and isinstance(events[at], (JsonCall, strace_log.Call))
            and events[at].name not in oracle_lines.NEVER_RETURN
            and all(isinstance(later, strace_log.Mark) for later in events[at + 1:]))


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


def untold(call):
    """The rule for a call that we alone have."""
    return oracle_lines.DIED_AT_ENTRY if call.value() == "ENOSYS" else oracle_lines.DIED_UNTOLD


def put_back(mine, at, other, others):
    """Call `at` of ours goes to those that never returned if the thread was killed before it came back to
    the program: the kernel has a result of it, and strace none."""
    if (at + 1 < len(mine) and isinstance(mine[at], JsonCall) and not same_event(mine[at], other)
            and same_event(mine[at + 1], other)
            and any(late.value() is None and late.name == mine[at].name for late in others)):
        call = mine.pop(at)
        ends = (place for place, late in enumerate(mine) if late.value() is None)
        mine.insert(next(ends, len(mine)), call)


def pair_up(tid, mine, others):
    """Pairs of one thread's events; those of strace's that have no partner and need
    none; and the first that has none, or None."""
    pairs = []
    alone = []
    mine = list(mine)
    for at, other in enumerate(others):
        if isinstance(other, strace_log.Mark) and is_last(mine, len(pairs)):
            alone.append(untold(mine.pop(len(pairs))))
        put_back(mine, len(pairs), other, others[at:])
        if len(pairs) < len(mine) and same_event(mine[len(pairs)], other):
            pairs.append((mine[len(pairs)], other))
        elif is_strace_alone(other):
            alone.append(oracle_lines.INTERRUPTED)
        elif is_last(others, at):
            alone.append(oracle_lines.DIED_UNRECEIVED)
        else:
            have = mine[len(pairs)] if len(pairs) < len(mine) else "nothing"
            return pairs, alone, f"thread {tid}: strace has {other}\n    we have {have}\n    after {pairs[-1:]}"
    if is_last(mine, len(pairs)):  # of JSON, which has no marks
        alone.append(untold(mine.pop()))
    if len(pairs) < len(mine):
        return pairs, alone, (f"thread {tid}: we have {len(mine) - len(pairs)} more than strace, "
                              f"the first {mine[len(pairs)]}")
    return pairs, alone, None


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
        if self.is_json:
            # Those that never returned come last there: a leader's, when another thread executes a program.
            other = {tid: oracle_apart.returned_first(events) for tid, events in other.items()}
        if not other:
            return 0, ["strace saw nothing of the program"]
        problems = []
        held = 0
        for tid in sorted(set(mine) | set(other)):
            pairs, alone, problem = pair_up(tid, mine.get(tid, []), other.get(tid, []))
            problems += [problem] if problem else []
            comparison.threads += 1
            comparison.alone.update(alone)
            held += alone.count(oracle_lines.DIED_AT_ENTRY) + sum(is_held_at_entry(*pair) for pair in pairs)
            if self.is_json:
                comparison.calls += len(pairs)
            else:
                for pair in pairs:
                    comparison.line(*pair)
        without = WITHOUT_ARGUMENTS.search(self.done.stderr)
        if int(without.group(1) if without else 0) != held:
            problems.append(f"{held} calls have no arguments, but it was said: {self.done.stderr!r}")
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
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, cwd=folder,
                              env=oracle_programs.environment(folder))


def check_outcome(traced, program):
    """Whether the program noticed nothing."""
    plain = run_program(program.command)
    output = traced.stdout, WITHOUT_ARGUMENTS.sub(b"", traced.stderr)
    if program.same_output and output != (plain.stdout, plain.stderr):
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


def execute(arguments, folder, name, program, way):
    """The run, what was wrong with its outcome, and how many seconds it took."""
    start = time.monotonic()
    run = (RunApart if arguments.apart else Run)(arguments, folder, name, program.command, way)
    return run, check_outcome(run.done, program), time.monotonic() - start


def compare(run, problems, seconds, name, comparison):
    """Whether it went well."""
    comparison.program = name
    before = comparison.count()
    if not problems:
        threads, problems = run.compare(comparison)
    differences, comparison.differences = comparison.differences, []
    if not problems and not differences:
        print(f"ok   {name} ({run.way.name}): {comparison.count() - before} lines of {threads} threads, {seconds:.1f} s", flush=True)
        os.unlink(run.log)
        os.unlink(run.trace)
        return True
    print(f"FAIL {name} ({run.way.name}): {len(differences)} lines differ; {run.log} {run.trace}")
    for problem in problems:
        print(f"    {problem}")
    show_differences(differences)
    return False


def is_enough(comparison, least, what, *classes):
    share = comparison.share(*classes)
    if share is not None and share < least:
        print(f"FAIL {oracle_shares.percent(share)} % of {what} are equal, less than {least} %")
        return False
    return True


def report(comparison, update, equal, lines, way):
    """The shares, and every kind of difference with its reason; whether that is as it has to be."""
    if not comparison.count():
        return True
    print(f"\n{way}\n{comparison.calls} calls of JSON compared by name and result\n")
    for line in oracle_shares.table(comparison.shares):
        print(line)
    kinds = comparison.kinds()
    if comparison.masked:
        print(f"\n{sum(comparison.masked.values()):8}  told by the return of a call alone: not looked at in the share of the entry")
        print(oracle_shares.wrapped([(count, where) for where, count in comparison.masked.items()]))
    print("\nAll that differs, and why:")
    for reason, found in sorted(kinds.items(), key=lambda kind: -sum(count for count, _ in kind[1])):
        print(f"\n{sum(count for count, _ in found):8}  {reason or 'FAIL no reason is known'}")
        print(oracle_shares.wrapped(found))
    if update:
        comparison.pending.write(PENDING)
    is_good = None not in kinds and comparison.are_few_alone()
    if not comparison.are_few_alone():
        print("FAIL too many threads have died in a call that only one has: these were lost")
    is_good &= is_enough(comparison, equal, ", ".join(oracle_shares.JUDGED), *oracle_shares.JUDGED)
    is_good &= is_enough(comparison, lines, "lines, as far as they are known at the entry of calls,", "entry")
    # Where calls deliver all, nothing is masked.
    return is_good and (comparison.has_pending_outputs or is_enough(comparison, lines, "whole lines", "line"))


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--engine", default="notify")
    parser.add_argument("--apart", action="store_true", help="two runs; the only way with the engine ptrace")
    parser.add_argument("--arguments", action="store_true", help="every call with every kind of argument, and nothing else")
    parser.add_argument("--names", help="with --arguments: where to write what differs, in full")
    parser.add_argument("--equal", type=float, default=EQUAL, help="per cent of the judged arguments that have to be equal")
    parser.add_argument("--lines", type=float, default=LINES, help="per cent of the lines that have to be equal")
    parser.add_argument("renacer", type=os.path.abspath)
    parser.add_argument("payloads", type=os.path.abspath)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    arguments.apart |= arguments.engine == "ptrace"
    return arguments


def chosen(arguments, programs):
    """The programs to run, and the ways in which each is traced."""
    every_way = JSON_WAYS + TEXT_WAYS
    if arguments.cases:
        return {name: every_way for name in arguments.cases}
    if arguments.apart:
        # What strace can watch has been compared in one run; of two runs there is more to see.
        ways = every_way if arguments.engine == "ptrace" else []
        return {name: ways for name in oracle_programs.REPEATABLE if name in programs}
    ways = {oracle_programs.ALL: every_way, oracle_programs.ONE: TEXT_WAYS[:1], None: []}
    return {name: every_way if arguments.full else ways[program.quick] for name, program in programs.items()
            if arguments.full or program.quick}


def compare_arguments(arguments):
    with tempfile.TemporaryDirectory(prefix="renacer-oracle-") as folder:
        comparison = oracle_arguments.compare(arguments.renacer, arguments.payloads, folder)
    return oracle_arguments.report(comparison, arguments.names, arguments.equal)


def main():
    arguments = parse_arguments()
    if arguments.arguments:
        sys.exit(not compare_arguments(arguments))
    programs = oracle_programs.programs(arguments.payloads)
    runs = chosen(arguments, programs)
    if arguments.apart:
        oracle_apart.use_rare_ids()
    folder = tempfile.mkdtemp(prefix="renacer-oracle-")
    classes = oracle_shares.Classes(arguments.payloads)
    comparison = oracle_lines.Comparison(oracle_lines.Pending(PENDING, arguments.update), classes)
    strict = oracle_lines.Comparison(oracle_lines.Pending(os.devnull), classes)
    strict.pending.reasons = comparison.pending.not_delivered()
    strict.has_pending_outputs = False
    failed = len(oracle_programs.missing())
    for name in oracle_programs.missing():
        print(f"FAIL {name} is not installed")
    cases = [(name, way, comparison) for name, ways in runs.items() for way in ways]
    cases += [(name, way, strict) for name in runs for way in (FULL_WAYS if arguments.apart else [])]
    # A run is mostly waiting for the ends of both tracers.
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        executed = pool.map(lambda case: execute(arguments, folder, case[0], programs[case[0]], case[1]), cases)
        unequal = [case for case, outcome in zip(cases, executed) if not compare(*outcome, case[0], case[2])]
    # Two runs can differ by chance: the number of a process is also that of bytes, a terminal has another number. What
    # is really different is so again.
    for name, way, accounts in unequal:
        if arguments.apart:
            print(f"again: {name} ({way.name})")
        failed += not (arguments.apart and compare(*execute(arguments, folder, name, programs[name], way), name, accounts))
    failed += not report(comparison, arguments.update, arguments.equal, arguments.lines, "Calls as they are known at their entry")
    failed += not report(strict, False, arguments.equal, arguments.lines, "With --decode=full")
    # Only all programs together show that something is always decoded.
    for name, argument in comparison.pending.stale() if arguments.full and not (arguments.cases or arguments.apart or arguments.update) else []:
        failed += 1
        print(f"FAIL {name}[{argument}] is decoded: take it out of {PENDING}")
    if not failed and not unequal:
        os.rmdir(folder)
    sys.exit(1 if failed else 0)


main()
