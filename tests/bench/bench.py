#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tracing costs, as ratios side by side in one run: medians of interleaved
runs with their spread. Nothing is asserted, because machines are noisy; the
goals stand beside the figures.

    meson test -C build --benchmark -v            or
    RENACER_SV=... PAYLOADS=... BENCH=... python3 tests/bench/bench.py [--runs N]
"""

import os
import statistics
import subprocess
import sys
import time

RENACER = os.environ["RENACER_SV"]
PAYLOADS = os.environ["PAYLOADS"]
BENCH = os.environ["BENCH"]
RUNS = int(sys.argv[sys.argv.index("--runs") + 1]) if "--runs" in sys.argv else 7
NOWHERE = ["--format", "json", "-o", "/dev/null", "--"]


def loop(name, rounds):
    return [os.path.join(PAYLOADS, "loop"), name, str(rounds)]


def printed(command):
    """The figure that the program prints of itself."""
    return float(subprocess.run(command, capture_output=True, check=True, timeout=300).stdout.split()[-1])


def wall(command):
    start = time.monotonic_ns()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=300)
    return float(time.monotonic_ns() - start)


def pinned(command):
    return ["taskset", "-c", "1" if os.cpu_count() > 1 else "0", *command]


STRACE = ["strace", "-f", "-o", "/dev/null"]


def measure(rows, runs):
    """rows: name -> (function, command). All of them in turn, again and again."""
    figures = {name: [] for name in rows}
    for _ in range(runs):
        for name, (function, command) in rows.items():
            figures[name].append(function(command))
    return figures


def table(title, figures, unit, scale, goals):
    """goals: (text, numerator, denominator); the ratio of each run, then its median."""
    print(f"\n{title}")
    for name, values in figures.items():
        values = sorted(value / scale for value in values)
        print(f"  {name:28} {statistics.median(values):10.2f} {unit}   ({values[0]:.2f} to {values[-1]:.2f})")
    for text, above, below in goals:
        ratios = sorted(a / b for a, b in zip(figures[above], figures[below]))
        print(f"  {above} / {below}: {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})   goal: {text}")


def main():
    print(f"median of {RUNS} interleaved runs (least to most); {os.cpu_count()} CPUs, Linux {os.uname().release}")
    figures = measure({
        "native": (printed, loop("getppid", 1_000_000)),
        "renacer-sv": (printed, [RENACER, *NOWHERE, *loop("getppid", 500_000)]),
        "renacer-sv --lossless": (printed, [RENACER, "--lossless", *NOWHERE, *loop("getppid", 50_000)]),
        "strace pinned": (printed, pinned([*STRACE, *loop("getppid", 20_000)])),
        "strace": (printed, [*STRACE, *loop("getppid", 10_000)]),
    }, RUNS)
    table("getppid: a call that does not stop", figures, "us", 1e3, [
        ("at least 8", "strace pinned", "renacer-sv"), ("", "strace", "renacer-sv"), ("", "renacer-sv", "native")])
    figures = measure({
        "native": (printed, loop("access", 500_000)),
        "bare round trip": (printed, [os.path.join(BENCH, "bare_notify"), "50000"]),
        "renacer-sv": (printed, [RENACER, *NOWHERE, *loop("access", 50_000)]),
        "strace pinned": (printed, pinned([*STRACE, *loop("access", 20_000)])),
        "strace": (printed, [*STRACE, *loop("access", 10_000)]),
    }, RUNS)
    table("access: a call that stops and is read", figures, "us", 1e3, [
        ("at most 2.8", "renacer-sv", "bare round trip"), ("at least 1.4", "strace pinned", "renacer-sv"),
        ("at least 8", "strace", "renacer-sv"), ("", "renacer-sv", "native")])
    figures = measure({
        "native": (wall, ["/bin/true"]),
        "renacer-sv": (wall, [RENACER, *NOWHERE, "/bin/true"]),
        "strace": (wall, [*STRACE, "/bin/true"]),
    }, 3 * RUNS)
    table("true: start and end", figures, "ms", 1e6, [("at most 10 ms longer", "renacer-sv", "native")])
    parallel = os.path.join(PAYLOADS, "parallel")
    # How many spins take 150 us here and now.
    spins = int(150 * 10_000 * 1_000 / min(printed([parallel, "1", "1000", "10000"]) for _ in range(3)))
    compute = [parallel, "2", "4000", str(spins)]
    figures = measure({
        "native": (printed, compute),
        "renacer-sv -f": (printed, [RENACER, "-f", *NOWHERE, *compute]),
        "strace": (printed, [*STRACE, *compute]),
    }, RUNS)
    table("two processes that compute, a call every 150 us", figures, "ms", 1e3, [
        ("at most 1.2", "renacer-sv -f", "native"), ("", "strace", "native")])


main()
