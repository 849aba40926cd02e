#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What holding a trace against budgets costs: generated traces with budgets of every
kind, with the time of `wc -l` and `jq` on the same file beside it. Nothing is asserted.

    RENACER_SV=... python3 tests/bench/check_bench.py [--calls N] [--json FILE]

Times are those of the processor.
"""

import argparse
import json
import os
import sys
import tempfile

from compare_bench import calls, line, measure, write_trace

RENACER = os.environ["RENACER_SV"]

KINDS = """
[[assertion]]
name = "time {0}"
type = "critical_path"
max_duration_ms = 1_000_000
[[assertion]]
name = "memory {0}"
type = "memory_usage"
max_bytes = 1_000_000_000
[[assertion]]
name = "loops {0}"
type = "anti_pattern"
pattern = "TightLoop"
threshold = 1.0
[[budget]]
name = "names {0}"
calls = ["%file", "/^read/", "write"]
max_count = 100_000_000
max_errors = 1
[[budget]]
name = "paths {0}"
path = ["/data/*{0}", "/etc/"]
max_bytes = 1_000_000_000_000
"""


def timed(count):
    for call in calls(count):
        yield call[:-1] + ',"duration_ns":1500}'


def families(count):
    """Of eight processes, seven of which the first has started."""
    for child in range(1, 8):
        yield line("fork", [], 1000 + child)[:-1] + ',"pid":1000,"tid":1000}'
    for index, call in enumerate(timed(count - 7)):
        pid = 1000 + index // 64 % 8
        yield '%s,"pid":%d,"tid":%d}' % (call[:-1], pid, pid)


TRACES = {"one process": timed, "eight processes": families}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--json")
    options = parser.parse_args()
    data = {"calls": options.calls, "traces": {}}
    print("%d calls a trace\n%-16s %7s %8s %10s %9s %8s %6s" % (options.calls, "trace", "budgets", "s", "calls/s",
                                                               "peak MiB", "/ wc -l", "/ jq"))
    with tempfile.TemporaryDirectory(prefix="renacer-check-bench-") as folder:
        trace, budgets = os.path.join(folder, "trace.json"), os.path.join(folder, "renacer.toml")
        for name, lines in TRACES.items():
            write_trace(trace, lines, options.calls)
            beside = {"wc": measure(["wc", "-l", trace]), "jq": measure(["jq", ".syscalls | length", trace])}
            figures = {tool: usage._asdict() for tool, usage in beside.items()}
            for count in (1, 4):
                with open(budgets, "w") as file:
                    file.write("".join(KINDS.format(i) for i in range(count)))
                usage = measure([RENACER, "check", "-c", budgets, trace])
                if usage.status != 0:
                    sys.exit("check of '%s' ended with status %d" % (name, usage.status))
                print("%-16s %7d %8.2f %10d %9.1f %8.1f %6.2f" % (
                    name, 5 * count, usage.seconds, options.calls / max(usage.seconds, 1e-9), usage.peak / (1 << 20),
                    *(usage.seconds / max(other.seconds, 1e-3) for other in beside.values())), flush=True)
                figures["%d budgets" % (5 * count)] = usage._asdict()
            data["traces"][name] = figures
    if options.json:
        with open(options.json, "w") as file:
            json.dump(data, file, indent=1)


if __name__ == "__main__":
    main()
