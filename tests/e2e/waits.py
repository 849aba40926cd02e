# SPDX-License-Identifier: MIT
"""The payload whose threads wait, and must not be disturbed."""

import subprocess

import processes
from fixtures import payload
from harness import TIMEOUT
from processes import wait_until

# The calls in which the threads of `waits` wait: read, poll, rt_sigtimedwait, futex, semtimedop, epoll_wait.
READ, POLL, SIGTIMEDWAIT, FUTEX, SEMOP, EPOLL = 0, 7, 128, 202, 220, 232
WAITING = {READ: 2, POLL: 2, FUTEX: 1, EPOLL: 1}  # how many threads at least; the others sleep now and then
WAITING_MORE = {SEMOP: 1, SIGTIMEDWAIT: 1}

UNDISTURBED = """commands: ok
epoll_wait: 1
poll: 1
read: 1
futex: 0
poll with a time: 1
nanosleep: 0
work: 0
rounds: some
"""
MORE = UNDISTURBED.replace("rounds", "sigwaitinfo: 0\nsemop: 0\nrounds")


class Waits:
    """It waits and works; with a wrapper, under a tracer."""

    def __init__(self, test, *arguments, wrapper=(), expected=UNDISTURBED):
        self.test = test
        self.expected = expected
        self.waiting = {**WAITING, **(WAITING_MORE if "--more" in arguments else {})}
        self.process = subprocess.Popen([*wrapper, payload("waits"), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        test.addCleanup(self.close)
        word, pid = self.process.stdout.readline().split()
        test.assertEqual(word, b"ready")
        self.pid = int(pid)
        wait_until(self.all_wait, "all threads wait")

    def all_wait(self):
        found = processes.calls(self.pid)
        return all(found.count(number) >= least for number, least in self.waiting.items())

    def close(self):
        """End it, whatever became of it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def say(self, command):
        self.process.stdin.write(command + b"\n")
        self.process.stdin.flush()

    def obeys(self, command):
        self.say(command)
        self.test.assertEqual(self.process.stdout.readline(), b"done\n")

    def ends_undisturbed(self):
        self.say(b"end")
        self.test.assertEqual(self.process.stdout.read().decode(), self.expected)
        self.test.assertEqual(self.process.wait(TIMEOUT), 6)

    def is_traced(self, by):
        """Whether every thread is, by a thread of that process; 0: whether none is."""
        found = processes.tracers(self.pid)
        return found == {0} if by == 0 else bool(found) and found <= set(processes.threads(by))
