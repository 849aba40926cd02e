# SPDX-License-Identifier: MIT
"""Reading strace's notation, whoever wrote it: the calls, signals and ends of
each thread, in the order of the log. Calls that strace split into
"unfinished" and "resumed" are one again."""

import re

LINE = re.compile(r"(?P<tid>\d+) +(?P<time>\d\d:\d\d:\d\d\.\d{6} )?(?P<body>.*)", re.S)
CALL = re.compile(r"(\w+)\((.*)", re.S)
RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)", re.S)
SIGNAL = re.compile(r"--- (\w+) \{(.*)\} ---")
SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (\d+) \+\+\+")
ERROR = re.compile(r"(?:-1|\?) (E\w+)")
NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)")
UNREAD = ("???(", "<... ??? resumed>")  # strace came too late to read the call of a thread that was killed
UNFINISHED = " <unfinished ...>"


class Event:
    """Something that a thread did or that happened to it."""

    def __init__(self, tid, time, body, line):
        self.tid = tid
        self.time = time  # "HH:MM:SS.uuuuuu " or None
        self.body = body
        self.line = line  # as it stands in the log; None for a joined call

    def __repr__(self):
        return f"{self.tid} {self.body[:300]}"


class Signal(Event):
    def __init__(self, match, *event):
        super().__init__(*event)
        self.name = match.group(1)
        self.fields = match.group(2)


class Mark(Event):
    """A line that is a word about the thread: it exited, was killed, superseded, stopped."""


class Call(Event):
    def __init__(self, name, *event):
        super().__init__(*event)
        self.name = name
        self.arguments = []
        self.result = None  # the text behind "= "; None: the log ends before
        self.entry_only = False  # the call never came back: the arguments that strace prints before are all there are
        self.parse()

    def parse(self):
        start = self.body.index("(") + 1
        text = self.body
        if UNFINISHED + ")" in text:  # the thread died in the call
            text = text.replace(UNFINISHED + ")", ")")
            self.entry_only = True
        elif text.endswith(UNFINISHED):
            text = text[:-len(UNFINISHED)]
        self.arguments, end = split_arguments(text, start)
        if self.arguments and not self.arguments[-1]:  # strace was about to read what the call would deliver
            self.arguments.pop()
            self.entry_only = True
        _, equals, result = text[end:].partition("= ")
        self.result = result if equals else None

    def join(self, rest):
        """The call came back: what strace wrote then."""
        self.body = self.body[:-len(UNFINISHED)] + rest
        self.line = None
        self.parse()

    def value(self):
        """The result: a number, the name of an errno, or None where strace says "?"."""
        error = ERROR.match(self.result or "?")
        if error:
            return error.group(1)
        number = NUMBER.match(self.result or "?")
        if not number:
            return None
        text = number.group()
        return int(text, 8) if re.fullmatch("0[0-7]+", text) else int(text, 0)


class Scanner:
    """Finds the ends of arguments: commas and the last bracket at the top level."""

    def __init__(self):
        self.closing = []  # of the brackets that are open

    def step(self, text, at):
        """Go over one character, or a whole string: where the next one is."""
        character = text[at]
        if self.closing and self.closing[-1] == ">":  # a descriptor's path; "->" is between two endpoints
            if character == ">" and text[at - 1] != "-":
                self.closing.pop()
            elif character == "<":
                self.closing.append(">")
        elif character == '"':
            return self.skip_string(text, at + 1)
        elif text.startswith("/*", at):
            end = text.find("*/", at)
            return end + 2 if end > 0 else len(text)
        elif character in "([{":
            self.closing.append({"(": ")", "[": "]", "{": "}"}[character])
        elif character == "<" and text[at - 1].isalnum() and text[at + 1:at + 2] != "<":
            self.closing.append(">")
        elif self.closing and character == self.closing[-1]:
            self.closing.pop()
        return at + 1

    @staticmethod
    def skip_string(text, at):
        while at < len(text) and text[at] != '"':
            at += 2 if text[at] == "\\" else 1
        return at + 1


def split_arguments(text, start):
    """The arguments from `start` on, and where the bracket behind them is."""
    scanner = Scanner()
    arguments = []
    begin = at = start
    while at < len(text) and (scanner.closing or text[at] != ")"):
        if not scanner.closing and text.startswith(", ", at):
            arguments.append(text[begin:at])
            begin = at = at + 2
        else:
            at = scanner.step(text, at)
    if text[start:at].strip():
        arguments.append(text[begin:at])
    return [argument.strip() for argument in arguments], at


class Reader:
    def __init__(self):
        self.events = []
        self.open = {}  # by thread: the call whose end has not come yet

    def supersede(self, leader, caller):
        """exec by another thread: its call goes on under the leader's id, and that of the leader never ends."""
        if leader in self.open:
            self.events.append(self.open.pop(leader))
        if caller in self.open:
            self.open[leader] = self.open.pop(caller)
            self.open[leader].tid = leader

    def take_call(self, call):
        if call.body.endswith(UNFINISHED):
            if call.tid in self.open:
                self.events.append(self.open.pop(call.tid))
            self.open[call.tid] = call
        else:
            self.events.append(call)

    def take(self, line):
        match = LINE.fullmatch(line)
        if not match or match["body"].startswith(UNREAD):
            return
        event = int(match["tid"]), match["time"], match["body"], line
        resumed = RESUMED.fullmatch(match["body"])
        call = CALL.fullmatch(match["body"])
        signal = SIGNAL.fullmatch(match["body"])
        superseded = SUPERSEDED.fullmatch(match["body"])
        if resumed:
            finished = self.open.pop(event[0], None)
            if finished:
                finished.join(resumed.group(2))
                self.events.append(finished)
        elif call:
            self.take_call(Call(call.group(1), *event))
        elif signal:
            self.events.append(Signal(signal, *event))
        else:
            self.take_mark(Mark(*event), superseded)

    def take_mark(self, mark, superseded):
        if superseded:
            self.supersede(mark.tid, int(superseded.group(1)))
        elif mark.body.startswith("+++") and mark.tid in self.open:
            self.events.append(self.open.pop(mark.tid))
        self.events.append(mark)


def read(path):
    reader = Reader()
    with open(path, errors="surrogateescape", newline="\n") as log:
        for line in log:
            reader.take(line.rstrip("\n"))
    return reader.events + list(reader.open.values())
