#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Language runtimes and a server do the same traced as untraced: what they print, what they leave, how they end. With
REAL_ROUNDS=N that is looked at N times, and in more ways."""

import collections
import glob
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from fixtures import NOBODY, RENACER
from harness import TIMEOUT, TraceTest

BUILT = os.environ["RUNTIMES"]
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "runtimes")
ROUNDS = int(os.environ.get("REAL_ROUNDS", "1"))
PYTHON = "/usr/bin/python3"  # of all there may be on a machine, everybody can execute this one
NOBODY_ID = 65534

POSTGRES = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[-2]))
# What each test needs, and where it is not.
NEEDED = {
    "go": os.path.join(BUILT, "runtime_go"),
    "rust": os.path.join(BUILT, "runtime_rust"),
    "node": shutil.which("node") or "node",
    "java": shutil.which("java") or "java",
    "postgresql": os.path.join(POSTGRES[-1], "postgres") if POSTGRES else "postgres",
}
MISSING = [name for name, path in NEEDED.items() if not os.path.exists(path)]

# Who traces, and how.
Way = collections.namedtuple("Way", "name engine nobody options")
WAYS = [
    Way("notify", "notify", False, []),
    Way("notify, all outputs", "notify", False, ["--decode=full"]),
    Way("ptrace, unprivileged", "ptrace", True, []),
]
MORE_WAYS = [
    Way("ptrace", "ptrace", False, []),
    Way("ptrace, all outputs", "ptrace", True, ["--decode=full"]),
    Way("ptrace, few calls", "ptrace", True, ["-e", "trace=%process,openat,kill,tgkill"]),
    Way("notify, few calls", "notify", False, ["-e", "trace=openat,kill,tgkill"]),
    Way("notify, every call stops", "notify", False, ["--lossless"]),
]


def needs(name):
    return unittest.skipIf(name in MISSING, f"there is no {NEEDED[name]}")


# What can be seen of a run from outside.
Outcome = collections.namedtuple("Outcome", "status output errors files")


class RuntimeTest(TraceTest):
    @classmethod
    def setUpClass(cls):
        """All that is run lies where everybody can read it."""
        folder = tempfile.TemporaryDirectory(prefix="renacer-runtimes-")
        cls.addClassCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        cls.programs = folder.name
        for path in glob.glob(os.path.join(SOURCES, "*")) + [NEEDED["go"], NEEDED["rust"]]:
            if os.path.isfile(path):
                os.chmod(shutil.copy(path, folder.name), 0o755)

    def program(self, name):
        return os.path.join(self.programs, name)

    def command(self, name, *amounts):
        return lambda _work: [self.program(name), *map(str, amounts)]

    def script(self, name, *words):
        """In Python; FOLDER stands for its folder."""
        return lambda work: [PYTHON, "-I", self.program(name), *(str(word).replace("FOLDER", work) for word in words)]

    def java(self, *amounts):
        # The compiler is in the modules of Debian's headless runtime as well: no development kit is needed.
        subprocess.run([NEEDED["java"], "-m", "jdk.compiler/com.sun.tools.javac.Main", "-d", self.path("classes"),
                        self.program("Runtime.java")], check=True, timeout=TIMEOUT)
        return lambda work: [NEEDED["java"], "-Xmx64m", "-XX:-UsePerfData", "-cp", self.path("classes"), "Runtime",
                             work, *map(str, amounts)]

    def node(self, *amounts):
        return lambda work: [NEEDED["node"], self.program("runtime.js"), work, *map(str, amounts)]

    def fresh_folder(self):
        work = self.path("work")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        os.chmod(work, 0o755)
        os.chown(work, NOBODY_ID, NOBODY_ID)
        return work

    def files(self):
        """Names, sizes and modes; not those of the server, which says itself that its files are good."""
        work = self.path("work")
        return sorted((entry.name, entry.stat().st_mode, entry.stat().st_size if entry.is_file() else 0)
                      for entry in os.scandir(work) if entry.name not in ("data", "log", "initdb"))

    def outcome(self, command, before=()):
        """Of a run in a new folder."""
        work = self.fresh_folder()
        done = subprocess.run([*before, *command(work)], stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=TIMEOUT, cwd=work, check=False)
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode(), self.files())

    def traced(self, way, command, user=None):
        """The outcome, and the trace, which has to be whole."""
        trace = self.path("trace.json")
        with open(trace, "w", encoding="utf-8"):
            os.chmod(trace, 0o666)
        before = [RENACER, "--engine", way.engine, "-f", "--events", *way.options, "--format", "json", "-o", trace]
        if way.nobody:
            before = [*NOBODY, *before]
        elif user:
            before += ["-u", user]
        outcome = self.outcome(command, [*before, "--"])
        with open(trace, encoding="utf-8") as file:
            document = json.load(file)
        self.assertEqual(document["producer"]["engine"], way.engine)
        self.assertEqual(document["summary"]["lost"], 0)
        self.assertEqual(document["summary"]["total_syscalls"], len(document["syscalls"]))
        return outcome, document

    def look(self, document, exact, at_least):
        """Who makes calls has an end; signals that the program counts itself were told."""
        ends = {event["tid"] for event in document["events"] if event["event"] == "end"}
        self.assertLessEqual({call["tid"] for call in document["syscalls"]}, ends)
        signals = collections.Counter(event["signal"] for event in document["events"] if event["event"] == "signal")
        self.assertEqual({name: signals[name] for name in exact}, exact)
        for name, number in at_least.items():
            self.assertGreaterEqual(signals[name], number, name)

    def check(self, command, *, status=0, user=None, signals=None, more_signals=None):
        """Untraced, then in all ways. `signals` are delivered that often, `more_signals` at least that often."""
        expected = self.outcome(command, NOBODY if user else ())
        self.assertEqual(expected.status, status, expected.errors)
        self.assertTrue(expected.output)
        for round_number in range(ROUNDS):
            for way in WAYS + (MORE_WAYS if ROUNDS > 1 else []):
                with self.subTest(way=way.name, round=round_number):
                    outcome, document = self.traced(way, command, user)
                    self.assertEqual(outcome, expected)
                    self.look(document, signals or {}, more_signals or {})


class Python(RuntimeTest):
    def test_processes(self):
        """fork, spawn and forkserver: pools, queues, shared memory, deaths."""
        self.check(self.script("processes.py"), signals={"SIGTERM": 3})

    def test_events(self):
        self.check(self.script("events.py", 40, 30, 60, 300), signals={"SIGUSR1": 60, "SIGTERM": 1})

    def test_threads_with_a_database_and_children(self):
        self.check(self.script("threads.py", "FOLDER/database", 30, 10), more_signals={"SIGALRM": 10})


class Compiled(RuntimeTest):
    @needs("go")
    def test_go(self):
        # SIGURG is how a goroutine that calls nothing is preempted.
        self.check(self.command("runtime_go", 10, 200, 300, 20, 15, 60, 100),
                   signals={"SIGUSR1": 60, "SIGSEGV": 100}, more_signals={"SIGURG": 10})

    @needs("rust")
    def test_rust(self):
        self.check(self.command("runtime_rust", 500, 20, 15))


class Machines(RuntimeTest):
    @needs("node")
    def test_node(self):
        self.check(self.node(3, 24, 40), signals={"SIGUSR2": 30})

    @needs("java")
    def test_java(self):
        self.check(self.java(10, 20, 12), status=3, signals={"SIGFPE": 500}, more_signals={"SIGSEGV": 100})


class Attached(RuntimeTest):
    """Tracers come and go while a program is at work."""

    def attach(self, process, trace):
        """Attach for a moment, in one way or another."""
        options = self.chance.choice(([], ["-f"], ["--decode=full"], ["-f", "--decode=full"]))
        tracer = subprocess.Popen([RENACER, *options, "-o", trace, "-p", str(process.pid)], stderr=subprocess.PIPE)
        end = time.monotonic() + 0.02 + self.chance.random() / 10
        while tracer.poll() is None and process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        said = tracer.communicate(timeout=TIMEOUT)[1].decode()
        return "attached" in said

    def check_attached(self, command, status=0):
        expected = self.outcome(command)
        self.assertEqual(expected.status, status)
        self.chance = random.Random(1)
        for _ in range(ROUNDS):
            work = self.fresh_folder()
            with open(self.path("output"), "w+b") as output, open(self.path("errors"), "w+b") as errors:
                process = subprocess.Popen(command(work), stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                           cwd=work)
                attached = 0
                while process.poll() is None:
                    attached += self.attach(process, self.path("trace"))
            outcome = Outcome(process.wait(TIMEOUT), self.content("output"), self.content("errors"), self.files())
            self.assertEqual(outcome, expected)
            self.assertGreater(attached, 3)

    @needs("go")
    def test_attached_go(self):
        self.check_attached(self.command("runtime_go", 5, 200, 300, 20, 15, 60, 100))

    def test_attached_python(self):
        self.check_attached(self.script("events.py", 80, 60, 100, 600))

    @needs("java")
    @needs("node")
    def test_attached_others(self):
        if ROUNDS > 1:
            self.check_attached(self.script("processes.py"))
            self.check_attached(self.node(6, 48, 100))
            self.check_attached(self.java(20, 40, 24), status=3)


class Server(RuntimeTest):
    @needs("postgresql")
    def test_postgresql(self):
        """From initdb to a clean end, over a crash; its log is that of an untraced server."""
        self.check(lambda work: ["/bin/sh", self.program("database.sh"), POSTGRES[-1], work, "50"],
                   user="nobody", more_signals={"SIGALRM": 2, "SIGINT": 1, "SIGUSR1": 10})


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    # 77 is a skipped test for meson.
    sys.exit(1 if not result.wasSuccessful() else 77 if MISSING else 0)
