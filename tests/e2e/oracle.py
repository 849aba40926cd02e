#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Oracle: strace and renacer-sv trace one and the same run, and every thread's
calls must agree, name by name and result by result.

    oracle.py RENACER PAYLOADS [CASE...]
"""

import json
import os
import subprocess
import sys
import tempfile

import strace_log

# Results that a call has inside the kernel only: strace calls an interrupted
# call of a thread that never came back "?".
RESTART = {"ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK"}


def cases(payloads):
    return {
        "echo": ["/bin/echo", "hello"],
        "ls": ["/bin/ls", "-l", "/usr/include/linux"],
        "cat": ["/bin/cat", "/etc/passwd", "/nonexistent"],
        "dash": ["/bin/dash", "-c", "for i in 1 2 3 4 5; do echo a b c | tr a-z A-Z | cat; done; exit 3"],
        "bash": ["/bin/bash", "-c", "for i in 1 2 3; do echo $i | cat | wc -c; done; x=$(date); kill -TERM $$"],
        "python": ["/usr/bin/python3", "-c", "import json, ssl, subprocess, threading, decimal, sqlite3"],
        "gcc": ["/usr/bin/gcc", "-O1", "-c", "-o", "/dev/null", os.path.join(payloads, "hello.c")],
        "threads": [os.path.join(payloads, "threads")],
        "thread_exec": [os.path.join(payloads, "thread_exec")],
        "vfork": [os.path.join(payloads, "vfork")],
        "i386": [os.path.join(payloads, "i386")],
    }


def ours(path):
    with open(path) as trace:
        document = json.load(trace)
    threads = {}
    for call in document["syscalls"]:
        result = call.get("error", call["result"])
        threads.setdefault(call["tid"], []).append((call["name"], result, call["args"]))
    return document, threads


def theirs(path, tids, program):
    """strace's calls of the threads that we saw, from the program's exec on."""
    threads = {}
    started = False
    for call in strace_log.read(path):
        if call.tid not in tids:
            continue
        if not started:
            started = call.name == "execve" and call.result == 0 and call.text.startswith('"' + program)
            if not started:
                continue
        threads.setdefault(call.tid, []).append(call)
    return threads


def agree(mine, call):
    name, result, _ = mine
    if name != call.name:
        return False
    if result == call.result:
        return True
    if isinstance(result, int) and isinstance(call.result, int):
        return (result - call.result) % (1 << 32) == 0 if result < 0 else result % (1 << 64) == call.result % (1 << 64)
    # strace has no result of a call that its thread never returned from.
    return call.result is None and (result is None or result in RESTART)


def compare_thread(tid, mine, calls):
    """The number of calls that agree, and the first difference or None."""
    i = 0
    for call in calls:
        if i < len(mine) and agree(mine[i], call):
            i += 1
        elif call.result in RESTART:
            # Interrupted before it was received: it never ran, and runs again after the handler.
            continue
        else:
            have = mine[i] if i < len(mine) else "nothing"
            before = mine[i - 1] if i else "nothing"
            return i, f"thread {tid}, call {i}: strace has {call!r}\n    we have {have}\n    after {before}"
    if i < len(mine):
        return i, f"thread {tid}: we have {len(mine) - i} calls more, the first {mine[i]}"
    return i, None


def run_case(renacer, name, command, folder, extra):
    log = os.path.join(folder, name + ".strace")
    trace = os.path.join(folder, name + ".json")
    traced = subprocess.run(
        ["strace", "-f", "-o", log, renacer, "--engine", "notify", "-f", "--format", "json", "-o", trace]
        + extra + ["--"] + command,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    plain = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    if name not in ("ls",) and (traced.stdout, traced.stderr) != (plain.stdout, plain.stderr):
        return f"the output differs: {traced.stdout!r} {traced.stderr!r} instead of {plain.stdout!r} {plain.stderr!r}"
    if traced.returncode != plain.returncode and not (traced.returncode == 128 - plain.returncode):
        return f"exit status {traced.returncode} instead of {plain.returncode}"
    document, mine = ours(trace)
    if document["summary"]["lost"]:
        return f"{document['summary']['lost']} events lost"
    their = theirs(log, mine.keys(), command[0])
    total = 0
    for tid in sorted(set(mine) | set(their)):
        count, difference = compare_thread(tid, mine.get(tid, []), their.get(tid, []))
        if difference:
            return difference
        total += count
    if total == 0:
        return "strace saw nothing of the program"
    print(f"ok   {name}: {total} calls of {len(mine)} threads agree")
    return None


def main():
    renacer, payloads = sys.argv[1], sys.argv[2]
    chosen = cases(payloads)
    wanted = sys.argv[3:] or list(chosen)
    failed = 0
    folder = tempfile.mkdtemp(prefix="renacer-oracle-")
    for name in wanted:
        for extra in ([], ["--lossless"]):
            problem = run_case(renacer, name, chosen[name], folder, extra)
            if problem:
                failed += 1
                print(f"FAIL {name} {' '.join(extra)}: {problem}\n    files are in {folder}")
    sys.exit(1 if failed else 0)


main()
