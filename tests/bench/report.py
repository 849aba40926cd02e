#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the figures that bench.py kept and makes docs/performance.md of them: the
part between the two marker lines, and the plot beside it. The same figures
always make the same document.

    report.py [--json FILE] [--document FILE] [--plot FILE | --no-plot]
    report.py --check      is the document made of these figures?
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, "..", "..", "docs")
BEGIN = "<!-- made by tests/bench/report.py: begin -->"
END = "<!-- made by tests/bench/report.py: end -->"
SCALES = {"us": 1e3, "ms": 1e6}
OURS = ("ours", "lossless", "summary", "selected", "ptrace-pinned", "ptrace", "ptrace-selected", "source",
        "source-pinned", "stacks", "stacks-pinned", "ptrace-stacks-pinned", "ptrace-stacks")
# Those that do the same work as ours; the document compares all with all.
COUNTERPARTS = {"ours": ("strace-pinned", "strace", "perf"), "lossless": ("strace-pinned", "strace", "perf"),
                "summary": ("strace-c-pinned", "strace-c"), "selected": ("strace-bpf-pinned", "strace-bpf"),
                "ptrace-pinned": ("strace-pinned",), "ptrace": ("strace",), "ptrace-selected": ("strace-bpf",),
                "source": ("strace-k-pinned", "strace-k"), "source-pinned": ("strace-k-pinned",),
                "stacks": ("strace-k-pinned", "strace-k"), "stacks-pinned": ("strace-k-pinned",),
                "ptrace-stacks-pinned": ("strace-k-pinned",), "ptrace-stacks": ("strace-k",)}
# What is looked at as a difference: so much more each call takes for the traced program.
LONGER = {"source": "ours", "stacks": "ours", "source-pinned": "ours-pinned", "stacks-pinned": "ours-pinned",
          "ptrace-stacks": "ptrace", "ptrace-stacks-pinned": "ptrace-pinned"}


class Goal(NamedTuple):
    """What a figure should be, as a ratio, or as a difference in `longer`."""
    workload: str
    above: str
    below: str
    most: bool  # at most, otherwise at least
    limit: float
    longer: str = ""  # ms or us


GOALS = [
    Goal("getppid", "strace-pinned", "ours", False, 8),
    Goal("getppid", "selected", "native", True, 1.7),
    Goal("access", "ours", "bare", True, 2.8),
    Goal("access", "strace-pinned", "ours", False, 1.4),
    Goal("access", "strace", "ours", False, 8),
    Goal("true", "ours", "native", True, 10, longer="ms"),
    Goal("parallel", "ours", "native", True, 1.2),
    Goal("sources", "source", "ours", True, 15, longer="us"),
    Goal("sources", "stacks", "ours", True, 15, longer="us"),
    *(Goal(name, tracer, own, False, 50) for name in ("sources", "sources-whole")
      for tracer, own in (("strace-k-pinned", "stacks-pinned"), ("strace-k", "stacks"))),
    *(Goal(name, "strace-pinned", "ptrace-pinned", False, 1)
      for name in ("getppid", "access", "dd", "find", "ls", "python", "gcc", "true")),
    *(Goal(name, "strace", "ptrace", False, 1)
      for name in ("getppid", "access", "dd", "find", "ls", "python", "gcc", "true", "parallel")),
    Goal("getppid", "strace-bpf", "ptrace-selected", False, 1),
]
# Records a second that the emitter should write by itself, in every form.
EMITTER_GOAL = 500_000


# ------------------------------------------------------------------- figures

class Spread(NamedTuple):
    median: float
    least: float
    most: float


def spread(values):
    return Spread(statistics.median(values), min(values), max(values))


def ratio(workload, above, below):
    """The ratio of each run, then their spread; None if one of the two was not measured."""
    figures = workload["figures"]
    if above not in figures or below not in figures:
        return None
    return spread([a / b for a, b in zip(figures[above], figures[below])])


def difference(workload, above, below, unit):
    """The difference of each run in this unit, as above."""
    figures = workload["figures"]
    if above not in figures or below not in figures:
        return None
    return spread([(a - b) / SCALES[unit] for a, b in zip(figures[above], figures[below])])


def achieved(workload, goal):
    if not goal.longer:
        return ratio(workload, goal.above, goal.below)
    return difference(workload, goal.above, goal.below, goal.longer)


def a_second(nanoseconds):
    """Of what takes this long each time: how many there are in a second."""
    return spread([1e9 / value for value in nanoseconds])


def is_met(goal, median):
    return median <= goal.limit if goal.most else median >= goal.limit


def find_workload(data, name):
    return next((workload for workload in data["workloads"] if workload["name"] == name), None)


def goals(data):
    """Those of tracers that there were when the figures were measured."""
    names = labels(data)
    return [goal for goal in GOALS if goal.above in names and goal.below in names]


def labels(data):
    return {tracer["key"]: tracer["label"] for tracer in data["tracers"]}


def available(data):
    return [tracer["key"] for tracer in data["tracers"] if tracer["unavailable"] is None]


def rivals(data):
    return [key for key in available(data) if key.startswith("strace") or key == "perf"]


# ---------------------------------------------------------------------- words

def digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def with_spread(values):
    if values.least == values.most:
        return digits(values.median)
    return f"{digits(values.median)} ({digits(values.least)} to {digits(values.most)})"


def thousands(values):
    """A spread of large numbers."""
    median, least, most = (f"{round(value, -3):,.0f}".replace(",", " ") for value in values)
    return median if least == most else f"{median} ({least} to {most})"


def goal_words(goal, names):
    compared = f"{names[goal.above]} {'over' if goal.longer else '/'} {names[goal.below]}"
    return compared, f"at {'most' if goal.most else 'least'} {goal.limit:g}{f' {goal.longer}' if goal.longer else ''}"


def circumstances(data):
    """How often was measured and where."""
    machine = data["machine"]
    return (f"Median of {data['runs']} interleaved runs (least to most); {machine['cpus']} CPUs, "
            f"Linux {machine['kernel']}")


def heading(data):
    machine = data["machine"]
    lines = [f"{circumstances(data)}; renacer-sv {machine['renacer-sv']}, strace {machine['strace']}, "
             f"perf {machine['perf']}."]
    if data["quick"]:
        lines.append("A quick run with tiny counts: these are no figures.")
    for tracer in data["tracers"]:
        if tracer["unavailable"] is not None:
            lines.append(f"Not available and not measured: `{tracer['label']}` ({tracer['unavailable']}).")
    return "\n".join(lines)


# ----------------------------------------------------------- for the terminal

def text(data, workload):
    """One workload, as bench.py shows it."""
    names = labels(data)
    lines = ["", f"{workload['name']}: {workload['title']}"]
    for key, values in workload["figures"].items():
        scaled = spread([value / SCALES[workload["unit"]] for value in values])
        line = f"  {names[key]:46} {with_spread(scaled)} {workload['unit']}"
        if key != "native":
            line += f", native x {with_spread(ratio(workload, key, 'native'))}"
        if key == "perf" or any(workload["lost"].get(key, [])):
            line += f", lost events: {sum(workload['lost'][key])}"
        lines.append(line)
    for key, counterparts in COUNTERPARTS.items():
        for counterpart in counterparts:
            values = ratio(workload, counterpart, key)
            if values:
                lines.append(f"  {names[counterpart]} / {names[key]}: {with_spread(values)}")
    for longer, shorter in LONGER.items():
        values = difference(workload, longer, shorter, workload["unit"])
        if values:
            lines.append(f"  {names[longer]} over {names[shorter]}: {with_spread(values)} {workload['unit']} more")
    for goal in goals(data):
        values = achieved(workload, goal) if goal.workload == workload["name"] else None
        if values:
            compared, wanted = goal_words(goal, names)
            lines.append(f"  goal: {compared} {wanted}: {with_spread(values)}")
    return "\n".join(lines)


def emitter_text(emitter):
    """The emitter alone, as bench.py shows it."""
    lines = ["", f"emitter: records a second, of {', '.join(emitter['programs'])}"]
    for options, values in emitter["figures"].items():
        lines.append(f"  {options:46} {thousands(a_second(values))}")
    lines.append(f"  goal: at least {EMITTER_GOAL} everywhere")
    return "\n".join(lines)


# ----------------------------------------------------------- for the document

def markdown_table(header, rows):
    """Columns of equal width, so that it reads well as plain text too."""
    rows = [header, *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(header))]

    def line(cells):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows[1:])])


def by_tracer(data, workloads, keys, cell):
    """A table with a row for each tracer and a column for each workload; empty where nothing was measured."""
    names = labels(data)
    rows = []
    for key in keys:
        cells = [cell(workload, key) or "" for workload in workloads]
        if any(cells):
            rows.append([names[key], *cells])
    return rows


def figures_table(data, unit, what):
    workloads = [workload for workload in data["workloads"] if workload["unit"] == unit]
    if not workloads:
        return ""

    def cell(workload, key):
        values = workload["figures"].get(key)
        return values and with_spread(spread([value / SCALES[unit] for value in values]))
    return markdown_table([what, *(workload["name"] for workload in workloads)],
                          by_tracer(data, workloads, available(data), cell)) + "\n\n"


def native_table(data):
    def cell(workload, key):
        values = ratio(workload, key, "native")
        return values and with_spread(values)
    keys = [key for key in available(data) if key != "native"]
    return markdown_table(["times native", *(workload["name"] for workload in data["workloads"])],
                          by_tracer(data, data["workloads"], keys, cell))


def rival_tables(data):
    """For each of ours: how many times as long every other tracer takes."""
    tables = []
    for own in [key for key in OURS if key in available(data)]:
        def cell(workload, key):
            values = ratio(workload, key, own)
            return values and digits(values.median)
        workloads = [workload for workload in data["workloads"] if workload["name"] != "true-cold"]
        tables.append(markdown_table([f"times {labels(data)[own]}", *(workload["name"] for workload in workloads)],
                                     by_tracer(data, workloads, rivals(data), cell)))
    return "\n\n".join(tables)


def goals_table(data):
    names = labels(data)
    rows = []
    for goal in goals(data):
        workload = find_workload(data, goal.workload)
        values = achieved(workload, goal) if workload else None
        compared, wanted = goal_words(goal, names)
        rows.append([goal.workload, compared, wanted, with_spread(values) if values else "not measured",
                     ("yes" if is_met(goal, values.median) else "no") if values else ""])
    return markdown_table(["workload", "compared", "goal", "measured", "met"], rows)


def lost_table(data):
    def cell(workload, key):
        values = workload["lost"].get(key)
        return values and str(sum(values))
    return markdown_table(["lost events, all runs", *(workload["name"] for workload in data["workloads"])],
                          by_tracer(data, data["workloads"], available(data), cell))


def emitter_section(data):
    """The emitter alone; nothing where it was not measured."""
    emitter = data.get("emitter")
    if not emitter:
        return ""
    rows = []
    for options, values in emitter["figures"].items():
        speed = a_second(values)
        rows.append([f"`{options}`", with_spread(spread(values)), thousands(speed),
                     "yes" if speed.median >= EMITTER_GOAL else "no"])
    table = markdown_table(["written with", "ns a record", "records a second", "goal met"], rows)
    programs = ", ".join(f"`{name}`" for name in emitter["programs"])
    goal = thousands(spread([EMITTER_GOAL]))
    return ("## The emitter alone\n\n"
            f"Records of {programs}, which\nwere traced before with the same options, decoded, rendered and written to "
            f"`/dev/null` by one thread;\nCPU time. The goal is at least {goal} records a second.\n"
            f"{circumstances(emitter)}.\n\n{table}\n\n")


def markdown(data):
    titles = "\n".join(f"- `{workload['name']}`: {workload['title']}" for workload in data["workloads"])
    return (f"{heading(data)}\n\n{titles}\n\n"
            f"## Goals\n\n{goals_table(data)}\n\n"
            f"## Figures\n\n{figures_table(data, 'us', 'us a call, of dd a byte')}"
            f"{figures_table(data, 'ms', 'ms, start to end')}"
            f"## Compared with no tracer\n\n![times native](performance.svg)\n\n{native_table(data)}\n\n"
            f"## Compared with the others\n\n{rival_tables(data)}\n\n"
            f"{emitter_section(data)}"
            f"## Lost events\n\n{lost_table(data)}\n")


def replace_generated(document, generated):
    """The document with its generated part replaced; everything else stays."""
    if document.count(BEGIN) != 1 or document.count(END) != 1 or document.index(BEGIN) > document.index(END):
        raise SystemExit("report: the document needs the two marker lines, once and in their order")
    before, rest = document.split(BEGIN)
    return f"{before}{BEGIN}\n\n{generated}\n{END}{rest.split(END)[1]}"


# --------------------------------------------------------------------- the plot

# Oranges and reds for strace, grey for perf, blues and greens for ours.
COLOURS = {"strace-pinned": "#fdbe85", "strace": "#fd8d3c", "strace-c-pinned": "#fcae91", "strace-c": "#de2d26",
           "strace-bpf-pinned": "#d4b9da", "strace-bpf": "#c994c7", "perf": "#969696", "ours": "#08519c",
           "lossless": "#4292c6", "summary": "#238b45", "selected": "#74c476"}


def plotted(data):
    return [key for key in available(data) if key in COLOURS]


def plot_rows(data):
    """Tab separated: a row for each workload, a column for each tracer, `?` where nothing was measured."""
    names = labels(data)
    keys = plotted(data)
    lines = ["\t".join(["workload", *(names[key] for key in keys)])]
    for workload in data["workloads"]:
        if workload["name"] != "true-cold":
            ratios = [ratio(workload, key, "native") for key in keys]
            cells = [f"{values.median:.4g}" if values else "?" for values in ratios]
            lines.append("\t".join([workload["name"], *cells]))
    return "\n".join(lines) + "\n"


def plot(data, path):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as table:
        table.write(plot_rows(data))
        table.flush()
        try:
            subprocess.run(["gnuplot", "-c", os.path.join(HERE, "plot.gp"), table.name, path,
                            " ".join(COLOURS[key] for key in plotted(data))], check=True)
        except OSError as error:
            raise SystemExit(f"report: gnuplot: {error.strerror} (Debian: gnuplot-nox)") from error


# -------------------------------------------------------------------- the whole

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", default=os.path.join(DOCS, "performance.json"))
    parser.add_argument("--document", default=os.path.join(DOCS, "performance.md"))
    parser.add_argument("--plot", default=os.path.join(DOCS, "performance.svg"))
    parser.add_argument("--no-plot", action="store_true")
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def main():
    given = arguments()
    with open(given.json) as stream:
        data = json.load(stream)
    with open(given.document) as stream:
        before = stream.read()
    after = replace_generated(before, markdown(data))
    if given.check:
        sys.exit(0 if before == after else "report: the document is not what the figures make")
    with open(given.document, "w") as stream:
        stream.write(after)
    if not given.no_plot:
        plot(data, given.plot)


if __name__ == "__main__":
    main()
