# SPDX-License-Identifier: MIT
"""What the payload `counted` says of its calls, held against a trace of it in JSON Lines."""

import collections
import json


def printed(text):
    """The names of what is counted, and what each thread has counted: {(pid, tid): {name: count}}. Of ids that came
    again in a later wave the sum."""
    head, *lines = text.splitlines()
    names = head.split()
    counts = collections.defaultdict(collections.Counter)
    for line in lines:
        pid, tid, *numbers = map(int, line.split())
        counts[pid, tid].update(dict(zip(names, numbers)))
    return names, counts


class Traced:
    """The same of a trace, and what was lost."""

    def __init__(self, file, names):
        self.counts = collections.defaultdict(collections.Counter)
        self.others = collections.Counter()
        self.lost = None
        names = set(names)
        with open(file) as lines:
            for line in lines:
                item = json.loads(line)
                if "summary" in item:
                    self.lost = item["summary"]["lost"]
                elif item.get("name") in names:
                    self.take(item)

    def take(self, call):
        key = call["pid"], call.get("tid")
        self.counts[key][call["name"]] += 1
        if call["name"] in ("access", "truncate"):
            self.others[key] += not call["args"][0].startswith("/nonexistent/%s/%s/" % key)

    def foreign(self, threads):
        """How many paths of these threads are not those that they passed."""
        return sum(self.others[key] for key in threads)


def differences(expected, found, names):
    """Of the threads that count: how many calls are missing, how many too many, and the first of both, to be read."""
    missing = surplus = 0
    shown = []
    for key, counts in expected.items():
        for name in names:
            difference = found[key][name] - counts[name]
            missing += max(-difference, 0)
            surplus += max(difference, 0)
            if difference and len(shown) < 5:
                shown.append(f"{key} {name}: {counts[name]} made, {found[key][name]} traced")
    return missing, surplus, shown
