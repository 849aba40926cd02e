# SPDX-License-Identifier: MIT
"""Reading what `strace -f -o FILE` wrote: the calls of each thread, in order."""

import re

CALL = re.compile(r"^(\d+) +(\w+)\((.*)$", re.S)
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$", re.S)
RESULT = re.compile(r"\) += (.*?)$", re.S)
SUPERSEDED = re.compile(r"^(\d+) +\+\+\+ superseded by execve in pid (\d+) \+\+\+")


class Call:
    def __init__(self, tid, name, text):
        self.tid = tid
        self.name = name
        self.text = text
        self.result = None  # int, name of an errno, or None where strace says "?"

    def close(self, text):
        self.text += text
        matches = list(RESULT.finditer(self.text))
        if matches:
            self.result = parse_result(matches[-1].group(1))

    def __repr__(self):
        return f"{self.tid} {self.name}({self.text[:120]} -> {self.result}"


def parse_result(text):
    words = text.split()
    if words[0] == "?":
        return words[1] if len(words) > 1 and words[1].startswith("E") else None
    if words[0] == "-1" and len(words) > 1 and words[1].startswith("E"):
        return words[1]
    match = re.match(r"-?(0x[0-9a-f]+|\d+)", words[0])
    return int(words[0].split("<")[0], 0) if match else None


def read(path):
    """All calls in the order of the log."""
    calls = []
    open_calls = {}
    with open(path, errors="surrogateescape") as log:
        for line in log:
            line = line.rstrip("\n")
            resumed = RESUMED.match(line)
            if resumed:
                call = open_calls.pop(int(resumed.group(1)), None)
                if call:
                    call.tid = int(resumed.group(1))
                    call.close(resumed.group(3))
                    calls.append(call)
                continue
            superseded = SUPERSEDED.match(line)
            if superseded:
                # exec by another thread: its call goes on under the leader's id.
                leader, caller = int(superseded.group(1)), int(superseded.group(2))
                if leader in open_calls:
                    calls.append(open_calls.pop(leader))
                if caller in open_calls:
                    open_calls[leader] = open_calls.pop(caller)
                continue
            match = CALL.match(line)
            if not match:
                continue
            call = Call(int(match.group(1)), match.group(2), match.group(3))
            if "<unfinished ...>" in line:
                earlier = open_calls.pop(call.tid, None)
                if earlier:
                    calls.append(earlier)
                # exit_group is "unfinished" and never resumes; killed calls likewise.
                if line.rstrip().endswith("= ?"):
                    call.close("")
                    calls.append(call)
                else:
                    open_calls[call.tid] = call
            else:
                call.close("")
                calls.append(call)
    calls.extend(open_calls.values())
    return calls
