#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interactive shells at a pseudo terminal, traced and untraced, show the same; and renacer-sv is a job like others.

Whoever types waits for what a command shows before the next is typed, as people do: what a shell shows while nobody waits
for it comes at any time."""

import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import termios
import time
import tty
import unittest

import fixtures
import untraced
from untraced import FULL, NOBODY, NOTIFY, PTRACE, ROUNDS, WAYS, UntracedTest

PROMPT = "next> "
SECONDS = 30

# It tells of what it is told, and ends with ^C.
WORKER = r"""#!/usr/bin/perl
$| = 1;
$SIG{CONT} = sub { print "continued\n" };
$SIG{WINCH} = sub { print "window ", `stty size`; };
$SIG{USR1} = sub { print "usr1\n" };
print "working\n";
# Not for long: perl runs handlers between its own steps, and one that comes before a sleep would wait for its end.
select undef, undef, undef, 0.05 while 1;
"""

STOP, INTERRUPT, QUIT, END = KEYS = "\x1a", "\x03", "\x1c", "\x04"


class Conversation:
    """A terminal of its own, with a program in it: what is typed, and what it shows."""

    def __init__(self, command, folder, environment):
        self.shown = ""
        # The shell is a child of another, so that it leads no session, traced or not.
        self.leader, terminal = os.openpty()
        attributes = termios.tcgetattr(terminal)
        attributes[tty.LFLAG] &= ~termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)
        self.resize(24, 80)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
                for number in range(3):
                    os.dup2(terminal, number)
                os.closerange(3, 1000)
                os.chdir(folder)
                os.execve("/bin/sh", ["sh", "-c", '"$@"; exit $?', "sh", *command], environment)
            finally:
                os._exit(99)
        os.close(terminal)

    def resize(self, lines, columns):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def type(self, text):
        os.write(self.leader, text.encode())

    def read(self, seconds):
        """What is shown next; empty at the end, None if nothing comes."""
        if not select.select([self.leader], [], [], seconds)[0]:
            return None
        try:
            return os.read(self.leader, 4096).decode(errors="replace")
        except OSError:
            return ""

    def wait_for(self, start, *wanted):
        """The prompt, or whole lines: a key that sends a signal drops what the terminal has not shown yet."""
        end = time.monotonic() + SECONDS
        forms = [re.escape(text) + ("" if text in ("", PROMPT) else r"[^\n]*\n") for text in wanted]
        while not all(re.search(form, self.shown[start:]) for form in forms):
            text = self.read(end - time.monotonic()) if time.monotonic() < end else None
            if not text:
                raise AssertionError(f"{wanted} were not shown but:\n{self.shown}")
            self.shown += text

    def wait_for_foreground(self, shells_group):
        """A key means the job only when that has the terminal."""
        end = time.monotonic() + SECONDS
        while os.tcgetpgrp(self.leader) == shells_group:
            if time.monotonic() > end:
                raise AssertionError(f"the shell kept the terminal:\n{self.shown}")
            time.sleep(0.005)

    def close(self):
        """The exit status; whoever still works at the terminal is hung up."""
        end = time.monotonic() + SECONDS
        while (text := self.read(max(0, end - time.monotonic()))):
            self.shown += text
        os.close(self.leader)
        if text is None:
            os.kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def hold(command, shell, steps, folder, environment):
    """A conversation: (what was shown, exit status). A step is (what to type, what to wait for); the wait is for the
    prompt if nothing is said, and a pair of numbers resizes the terminal. If several things are waited for, they and what
    else is shown come in any order, and are sorted by line."""
    conversation = Conversation([*command, *shell], folder, environment)
    shown = []
    try:
        conversation.wait_for(0, PROMPT)
        shells_group = os.tcgetpgrp(conversation.leader)
        for typed, wanted in steps:
            start = len(conversation.shown)
            if isinstance(typed, tuple) or typed in KEYS:
                conversation.wait_for_foreground(shells_group)
            if isinstance(typed, tuple):
                conversation.resize(*typed)
            else:
                conversation.type(typed)
            if isinstance(wanted, tuple):
                conversation.wait_for(start, *wanted)
                lines = conversation.shown[start:].replace(PROMPT, "\n").splitlines()
                text = "".join(f"{each}\n" for each in sorted(lines))
            else:
                conversation.wait_for(start, wanted)
                text = conversation.shown[start:]
            shown.append(text)
        start = len(conversation.shown)
        conversation.type("exit 7\n")
    finally:
        status = conversation.close()
    text = "".join([*shown, conversation.shown[start:]]).replace("\r", "")
    return comparable(text), status


# Whether a shell tells of the end of a job in the background depends on whether it ended before the shell waited for it.
CHANCE = re.compile(r"^(\[\d\] ?[+-]? +)?(Terminated|Exit \d|Done\(\d\))( .*)?\n|^.*cat; echo never.*\n", re.M)


def comparable(text):
    """Without what differs untraced: process numbers, when a prompt is shown between other lines, and CHANCE."""
    text = re.sub(r"(\[\d\]\S? +)\d{2,}\b", r"\1PID", text.replace(PROMPT, ""))
    return re.sub(r"^\n", "", CHANCE.sub("", text), flags=re.M)


def line(text, wanted=PROMPT):
    return text + "\n", wanted


def together(text, *wanted):
    """What the shell and its jobs show at the same time, in any order."""
    return text + "\n", (*wanted, PROMPT)


BASH = ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"]
DASH = ["/bin/dash", "-i"]

# The shell has noticed that no job is left, and has nothing more to say of any.
ALL_GONE = "until jobs > jobs; ! test -s jobs; do sleep 0.01; done"

JOBS = [
    line("./worker", "working"), ((30, 90), "window 30 90"), (STOP, PROMPT), line("jobs"), line("fg", "continued"),
    (INTERRUPT, PROMPT), line("echo status $?"),
    together("./worker &", "working"), line("jobs"), together("kill -USR1 %1", "usr1"),
    together("kill %1; wait %1; echo ended", "ended"),
    line("./worker", "working"), (STOP, PROMPT), together("bg", "continued"), line("jobs"),
    together("kill %1; wait %1; echo status $?", "status 143"), line("jobs"), line("echo"),
    line("./worker", "working"), (QUIT, PROMPT), line("echo status $?"), line("stty size"),
    line("./worker", "working"), (STOP, PROMPT), line("./worker", "working"), (STOP, PROMPT), line("jobs"),
    line("fg %1", "continued"), (INTERRUPT, PROMPT), line("fg", "continued"), (INTERRUPT, PROMPT), line("jobs"),
]

PIPELINES = [
    line("./worker | cat", "working"), (STOP, PROMPT), line("jobs"), line("fg", "continued"), (INTERRUPT, PROMPT),
    line("echo status $?"),
    together("./worker | cat &", "working"), line(f"kill %1; {ALL_GONE}"), line("echo"),
    together("(sleep 0.1; exit 3) & wait $!; echo status $?", "status 3"), line("echo"),
    line("cat", ""), ("text\n", "text"), (END, PROMPT),
    # Who reads the terminal in the background is stopped.
    line("(cat; echo never) & until jobs > jobs; grep -q Stopped jobs; do sleep 0.01; done"),
    line(f"kill %1; kill -CONT %1; {ALL_GONE}"), line("echo"),
]

TRAPS = [
    together("trap 'echo trapped' USR1; kill -USR1 $$; echo after", "after"), line("trap 'echo interrupted' INT"),
    together("kill -INT $$; echo on", "on"), line("./worker", "working"), (INTERRUPT, PROMPT), line("trap - INT; echo"),
    together("trap 'echo child' CHLD; /bin/true; echo after", "after"), line("trap - CHLD"), line("trap 'echo leaving' EXIT"),
]

DISOWNING = [
    together("./worker & disown; jobs", "working"), line("kill $!; jobs"), together("./worker & disown -h", "working"),
    line("jobs"), together("kill %1; wait; echo gone", "gone"), line("echo"),
]

# Of jobs that are renacer-sv with what it traces, where they run traced.
OURS = [
    line("$TRACER ./worker", "working"), ((30, 90), "window 30 90"), (STOP, PROMPT), line("jobs"), line("fg", "continued"),
    (INTERRUPT, PROMPT), line("echo status $?"),
    together("$TRACER ./worker &", "working"), line("jobs"),
    together("kill %1; wait %1; echo ended", "ended"),
    line("$TRACER ./worker", "working"), (STOP, PROMPT), together("bg", "continued"), line("jobs"),
    together("kill %1; wait %1; echo status $?", "status 143"), line("echo"),
    line("$TRACER ./worker", "working"), (QUIT, PROMPT), line("echo status $?"),
    line("$TRACER ./worker | cat", "working"), (STOP, PROMPT), line("fg", "continued"), (STOP, PROMPT),
    line("fg", "continued"), (INTERRUPT, PROMPT), line("$TRACER sh -c 'exit 3'"), line("echo status $?"), line("jobs"),
]


class Shells(UntracedTest):
    def talk(self, shell, steps, user="root", tracer=(), job=()):
        shutil.rmtree(self.path("work"), ignore_errors=True)
        os.mkdir(self.path("work"))
        os.chmod(self.path("work"), 0o777)
        worker = self.path("work/worker")
        with open(worker, "w") as file:
            file.write(WORKER)
        os.chmod(worker, 0o755)
        environment = fixtures.environment() | {"PS1": PROMPT, "TRACER": " ".join(job), "HISTFILE": "", "TERM": "dumb"}
        return hold([*untraced.wrapper(user), *tracer], shell, steps, self.path("work"), environment)

    def tracer(self, way, name="traces/t.json"):
        return [fixtures.RENACER, "--format", "json", "-o", self.path(name), *way.options, "--"]

    def forget_trace(self):
        """The next is perhaps another user's."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path("traces/t.json"))

    def check_shell(self, shell, steps, ways=WAYS):
        """What the terminal shows of a shell that is traced with all its jobs."""
        for user in dict.fromkeys(way.user for way in ways):
            expected = self.talk(shell, steps, user)
            self.assertEqual(expected[1], 7, expected[0])
            for way in [way for way in ways if way.user == user] * ROUNDS:
                with self.subTest(shell=shell[0], way=way.name):
                    self.forget_trace()
                    shown, status = self.talk(shell, steps, user, self.tracer(way))
                    ours = [text for text in shown.splitlines() if text.startswith("renacer-sv: ")]
                    self.assertEqual(len(ours), 1 if way.says else 0, ours)
                    shown = "".join(text for text in shown.splitlines(keepends=True) if text.rstrip() not in ours)
                    self.assertEqual((shown, status), expected)
                    self.check_document(self.path("traces/t.json"), way, status)

    def check_job(self, shell, ways=(NOTIFY, PTRACE, FULL, NOBODY)):
        """What it shows of a shell whose jobs are renacer-sv and what that traces."""
        for user in dict.fromkeys(way.user for way in ways):
            expected = self.talk(shell, OURS, user)
            for way in [way for way in ways if way.user == user] * ROUNDS:
                with self.subTest(shell=shell[0], way=way.name):
                    self.forget_trace()
                    self.assertEqual(self.talk(shell, OURS, user, job=self.tracer(way)), expected)

    def test_jobs(self):
        for shell in (BASH, DASH):
            self.check_shell(shell, JOBS)

    def test_pipelines(self):
        for shell in (BASH, DASH):
            self.check_shell(shell, PIPELINES)

    def test_traps(self):
        for shell in (BASH, DASH):
            self.check_shell(shell, TRAPS)

    def test_disowned(self):
        self.check_shell(BASH, DISOWNING)

    def test_renacer_is_a_job(self):
        for shell in (BASH, DASH):
            self.check_job(shell)


if __name__ == "__main__":
    unittest.main()
