#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long notifications wait to be received while there is other work: the figures of --profile-self.

    RENACER_SV=... PAYLOADS=... python3 tests/bench/receive_bench.py [--other BINARY] [--rounds N] [--json FILE] [LOAD...]

With --other a second build is measured in turn. Each figure is the median of all rounds; nothing is asserted.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time

RENACER = os.environ["RENACER_SV"]
PAYLOADS = os.environ["PAYLOADS"]
CPUS = len(os.sched_getaffinity(0))

PROGRAMS = {
    "one thread": [os.path.join(PAYLOADS, "loop"), "access", "20000"],
    "processes": [os.path.join(PAYLOADS, "parallel"), "4", "1500", "3000"],  # that compute between their calls
    "8 threads": [os.path.join(PAYLOADS, "threads")],
    "large writes": ["dd", "if=/dev/zero", "of=/dev/null", "bs=64K", "count=100", "status=none"],
}
OPTIONS = {"large writes": ["--string-limit", "65536"]}
HEADS = ("receive_median_ns", "receive_p99_ns", "receive_max_ns")


@contextlib.contextmanager
def hogs(count):
    """So many processes that compute."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def read_all(fd, slow):
    """If slow, 16 MB a second: the emitter waits for it, and then all that stands behind it."""
    with os.fdopen(fd, "rb", buffering=0) as stream:
        while stream.read(1 << 16):
            time.sleep(0.004 if slow else 0)


def measure(binary, program, slow):
    """The three figures in us, and milliseconds of all."""
    reading, writing = os.pipe()
    reader = threading.Thread(target=read_all, args=(reading, slow))
    reader.start()
    start = time.monotonic()
    done = subprocess.run([binary, "--profile-self", "-f", "--format", "jsonl", *OPTIONS.get(program, []),
                           "-o", f"/dev/fd/{writing}", "--", *PROGRAMS[program]],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          pass_fds=(writing,))
    seconds = time.monotonic() - start
    os.close(writing)
    reader.join()
    if done.returncode:
        sys.exit(f"{binary} ended with {done.returncode}: {done.stderr}")
    counters = dict(word.split("=") for line in done.stderr.splitlines() if line.startswith("renacer-sv: profile: ")
                    for word in line.split()[2:])
    return [int(counters[head]) / 1000 for head in HEADS] + [seconds * 1000]


LOADS = {"quiet": (0, False), "hogs": (2 * CPUS, False), "slow output": (0, True)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--other", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json")
    parser.add_argument("loads", nargs="*", metavar="LOAD", help=", ".join(LOADS))
    options = parser.parse_args()
    builds = [RENACER, *options.other]
    print("%-12s %-13s %10s %10s %10s %9s   us, and ms of all" % ("load", "program", "median", "p99", "max", "all"))
    figures = []
    for load in options.loads or LOADS:
        count, slow = LOADS[load]
        for program in PROGRAMS:
            with hogs(count):
                rounds = [[measure(build, program, slow) for build in builds] for _ in range(options.rounds)]
            for build, measured in zip(builds, zip(*rounds)):
                medians = [statistics.median(column) for column in zip(*measured)]
                print("%-12s %-13s %10.1f %10.1f %10.0f %9.0f %s" % (load, program, *medians, build if options.other else ""),
                      flush=True)
                figures.append({"load": load, "program": program, "build": build,
                                **dict(zip(("median_us", "p99_us", "max_us", "all_ms"), medians))})
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
