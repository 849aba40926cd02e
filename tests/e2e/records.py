# SPDX-License-Identifier: MIT
"""What a document says of a program, without what changes from run to run:
numbers of processes, addresses, and who the user is."""

import collections
import json
import re

ADDRESS = re.compile(r"0x[0-9a-f]{5,16}")
NUMBER = re.compile(r"\b\d+\b")
# Calls that take or give numbers of processes; elsewhere a number is what it is.
OF_PROCESSES = {"fork", "vfork", "clone", "clone3", "wait4", "waitid", "kill", "tkill", "tgkill"}
OF_THE_USER = {"getuid", "geteuid", "getgid", "getegid", "getuid32", "getpid", "gettid", "getppid", "set_tid_address",
               "set_robust_list"}
# Who waits for whom, and whether memory of a thread that has ended is used again, is chance.
OF_CHANCE = {"futex", "mmap", "munmap", "mprotect", "madvise", "brk", "sched_yield"}
# What the kernel does with them by default is nothing. It then tells a tracer of the ptrace kind alone.
HARMLESS = {"SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"}
ADDRESS_LEAST = 1 << 20

# A program's records: its calls by thread (the started one's are `first`), and
# its events. Lists of lists, in an order that chance does not change.
Records = collections.namedtuple("Records", "first others events exit_code")


class Normaliser:
    def __init__(self, document, results, descriptors):
        self.results = results
        self.descriptors = descriptors
        self.tids = {str(call[key]) for call in document["syscalls"] for key in ("pid", "tid") if call.get(key)}
        self.tids |= {str(event[key]) for event in document.get("events", []) for key in ("pid", "tid")}
        self.tids |= {str(call["result"]) for call in document["syscalls"]
                      if call["name"] in ("fork", "vfork", "clone", "clone3") and (call["result"] or 0) > 0}

    def text(self, name, text):
        text = ADDRESS.sub("ADDRESS", text)
        return text if name not in OF_PROCESSES else NUMBER.sub(lambda number: "PID" if number.group() in self.tids else number.group(), text)

    def result(self, call):
        if not self.results:
            return None
        if call["name"] in OF_THE_USER:
            return "ID"
        result = call["result"]
        if call["name"] in OF_PROCESSES and str(result) in self.tids:
            return "PID"
        return "ADDRESS" if isinstance(result, int) and result >= ADDRESS_LEAST else result

    def call(self, call):
        """A call as a line."""
        shown = [self.text(call["name"], argument) for argument in call["args"]]
        error = call.get("error") if self.results else None
        if not self.descriptors and call["name"] in ("openat", "write", "close"):
            return json.dumps([call["name"], shown[1:], error])
        return json.dumps([call["name"], shown, self.result(call), error, sorted(call.get("args_b64", {}).items())])

    def event(self, event):
        hidden = ("pid", "tid", "sender_pid", "former_tid", "timestamp_ns")
        return json.dumps({key: value for key, value in sorted(event.items()) if key not in hidden})

    def threads(self, items, write):
        threads = collections.defaultdict(list)
        for item in items:
            threads[item.get("tid")].append(write(item))
        return threads


def is_harmless(event):
    return event["event"] == "signal" and event.get("signal") in HARMLESS


def records(document, leave_out=(), results=True, descriptors=True):
    """A document of `-f --events`. leave_out: calls that are not looked at. Without `results` or `descriptors`,
    those are not looked at."""
    normaliser = Normaliser(document, results, descriptors)
    calls = [call for call in document["syscalls"] if call["name"] not in leave_out]
    threads = normaliser.threads(calls, normaliser.call)
    first = calls[0]["tid"] if calls else None
    events = [event for event in document["events"] if not is_harmless(event)]
    by_thread = normaliser.threads(events, normaliser.event)
    return Records(threads.pop(first, []), sorted(threads.values()), sorted(by_thread.values()),
                   document["summary"]["exit_code"])


def differences(expected, found):
    """The first places where they differ, to be read."""
    shown = []
    for field in Records._fields:
        one, two = getattr(expected, field), getattr(found, field)
        if one == two:
            continue
        if isinstance(one, list):
            at = next((i for i, pair in enumerate(zip(one, two)) if pair[0] != pair[1]), min(len(one), len(two)))
            one, two = one[at:at + 2], two[at:at + 2]
            field = f"{field}[{at}]"
        shown.append(f"{field}:\n      expected {str(one)[:1000]}\n      found    {str(two)[:1000]}")
    return shown
