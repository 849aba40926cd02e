#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Language runtimes and a server do the same traced as untraced. With REAL_ROUNDS=N that is looked at N times, and in
more ways."""

import collections
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from fixtures import RENACER
from harness import TIMEOUT
from untraced import NOBODY_ID, ROUNDS, Program, Seen, UntracedTest, Way, environment, files_in

BUILT = os.environ["RUNTIMES"]
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "runtimes")
PYTHON = "/usr/bin/python3"  # of all there may be on a machine, everybody can execute this one

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


def way(name, user, engine, *options):
    return Way(name, user, ["--engine", engine, "-f", "--events", *options])


WAYS = [
    way("notify", "root", "notify"),
    way("notify, all outputs", "root", "notify", "--decode=full"),
    way("ptrace of nobody", "nobody", "ptrace"),
]
MORE_WAYS = [
    way("ptrace", "root", "ptrace"),
    way("ptrace of nobody, all outputs", "nobody", "ptrace", "--decode=full"),
    way("ptrace of nobody, few calls", "nobody", "ptrace", "-e", "trace=%process,openat,kill,tgkill"),
    way("notify, few calls", "root", "notify", "-e", "trace=openat,kill,tgkill"),
    way("notify, every call stops", "root", "notify", "--lossless"),
]


def needs(name):
    return unittest.skipIf(name in MISSING, f"there is no {NEEDED[name]}")


def normal(name, content):
    """A database is not the same twice, nor what else its server keeps; both say themselves whether they are good."""
    if name.split("/")[0] in ("data", "log", "initdb"):
        return None
    return b"" if name == "database" else content


class RuntimeTest(UntracedTest):
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

    def command(self, *words, status=0):
        return Program([str(word) for word in words], status=status, normal=normal)

    def compiled(self, name, *amounts):
        return self.command(self.program(name), *amounts)

    def script(self, name, *words):
        return self.command(PYTHON, "-I", self.program(name), *words)

    def node(self, *amounts):
        return self.command(NEEDED["node"], self.program("runtime.js"), self.path("work"), *amounts)

    def java(self, *amounts):
        # The compiler is in the modules of Debian's headless runtime as well: no development kit is needed.
        subprocess.run([NEEDED["java"], "-m", "jdk.compiler/com.sun.tools.javac.Main", "-d", self.path("classes"),
                        self.program("Runtime.java")], check=True, timeout=TIMEOUT)
        return self.command(NEEDED["java"], "-Xmx64m", "-XX:-UsePerfData", "-cp", self.path("classes"), "Runtime",
                            self.path("work"), *amounts, status=3)

    def check_document(self, path, way, status):
        """Who makes calls has an end; signals that the program counts itself were told."""
        document = super().check_document(path, way, status)
        ends = {event["tid"] for event in document["events"] if event["event"] == "end"}
        self.assertLessEqual({call["tid"] for call in document["syscalls"]}, ends)
        signals = collections.Counter(event["signal"] for event in document["events"] if event["event"] == "signal")
        self.assertEqual({name: signals[name] for name in self.signals}, self.signals)
        for name, number in self.more_signals.items():
            self.assertGreaterEqual(signals[name], number, name)
        return document

    def check(self, program, signals=None, more_signals=None, ways=tuple(WAYS + (MORE_WAYS if ROUNDS > 1 else []))):
        """The program does the same in all ways. `signals` are delivered that often, `more_signals` at least."""
        self.signals = signals or {}
        self.more_signals = more_signals or {}
        self.check_same(program, ways)
        self.assertTrue(all(seen.stdout for seen in self.untraced.values()))


class Python(RuntimeTest):
    def test_processes(self):
        """fork, spawn and forkserver: pools, queues, shared memory, deaths."""
        self.check(self.script("processes.py"), signals={"SIGTERM": 3})

    def test_events(self):
        self.check(self.script("events.py", 40, 30, 60, 300), signals={"SIGUSR1": 60, "SIGTERM": 1})

    def test_threads_with_a_database_and_children(self):
        self.check(self.script("threads.py", self.path("work/database"), 30, 10), more_signals={"SIGALRM": 10})


class Compiled(RuntimeTest):
    @needs("go")
    def test_go(self):
        # SIGURG is how a goroutine that calls nothing is preempted.
        self.check(self.compiled("runtime_go", 10, 200, 300, 20, 15, 60, 100),
                   signals={"SIGUSR1": 60, "SIGSEGV": 100}, more_signals={"SIGURG": 10})

    @needs("rust")
    def test_rust(self):
        self.check(self.compiled("runtime_rust", 500, 20, 15))


class Machines(RuntimeTest):
    @needs("node")
    def test_node(self):
        self.check(self.node(3, 24, 40), signals={"SIGUSR2": 30})

    @needs("java")
    def test_java(self):
        self.check(self.java(10, 20, 12), signals={"SIGFPE": 500}, more_signals={"SIGSEGV": 100})


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

    def run_attached(self, program):
        """What there is to be seen of it, and how often it was attached to."""
        folder = self.fresh_folder(program, "root")
        attached = 0
        with open(self.path("stdout"), "w+b") as stdout, open(self.path("stderr"), "w+b") as stderr:
            process = subprocess.Popen(program.command, cwd=folder, env=environment(program),
                                       stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
            while process.poll() is None:
                attached += self.attach(process, self.path("trace"))
        return Seen(process.wait(TIMEOUT), self.content("stdout").encode(), self.content("stderr").encode(),
                    files_in(folder, program.normal)), attached

    def check_attached(self, program):
        self.chance = random.Random(1)
        for _ in range(ROUNDS):
            seen, attached = self.run_attached(program)
            self.assertEqual(seen, self.plain(program, "root"))
            self.assertGreater(attached, 3)

    @needs("go")
    def test_attached_go(self):
        self.check_attached(self.compiled("runtime_go", 5, 200, 300, 20, 15, 60, 100))

    def test_attached_python(self):
        self.check_attached(self.script("events.py", 80, 60, 100, 600))

    @needs("java")
    @needs("node")
    def test_attached_others(self):
        if ROUNDS > 1:
            self.check_attached(self.script("processes.py"))
            self.check_attached(self.node(6, 48, 100))
            self.check_attached(self.java(20, 40, 24))


class Server(RuntimeTest):
    """PostgreSQL refuses to run as root: root traces a server of nobody."""

    def plain(self, program, user):
        return super().plain(program, "nobody")

    @needs("postgresql")
    def test_postgresql(self):
        """From initdb to a clean end, over a crash; its log is that of an untraced server."""
        program = self.command("/bin/sh", self.program("database.sh"), POSTGRES[-1], self.path("work"), 50)
        program = program._replace(prepare=lambda folder: os.chown(folder, NOBODY_ID, NOBODY_ID))
        ways = [each._replace(options=each.options + (["-u", "nobody"] if each.user == "root" else []))
                for each in WAYS + (MORE_WAYS if ROUNDS > 1 else [])]
        self.check(program, more_signals={"SIGALRM": 2, "SIGINT": 1, "SIGUSR1": 10}, ways=ways)


if __name__ == "__main__":
    result = unittest.main(verbosity=2, exit=False).result
    # 77 is a skipped test for meson.
    sys.exit(1 if not result.wasSuccessful() else 77 if MISSING else 0)
