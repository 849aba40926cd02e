#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that do odd things with memory, rights, limits and descriptors: each is run
without a tracer and with every engine, as root and as nobody, and must not see a difference."""

import json
import os
import resource
import shutil
import subprocess
import unittest

import fixtures
from fixtures import FIXTURES, NOBODY, RENACER, payload
from harness import TraceTest

# What may not take long: a program that waits for its tracer waits for ever.
SECONDS = 60
WAYS = (("notify",), ("notify", "-f", "--decode=full", "-yy"), ("notify", "-f", "--lossless"), ("notify", "-f", "-e", "openat"),
        ("ptrace", "-f", "--decode=full", "-y"), ("ptrace", "-f", "-e", "openat"), ("notify-only", "-f"))
NOBODYS_WAYS = (("ptrace", "-f", "-y"), ("ptrace", "-f", "-e", "openat"), ("notify-only", "-f"))
# Said of programs with other rights than their caller, and of an engine: as it should be.
EXPECTED = ("programs were executed that must not be read", "notify-only records no results")


class Odd(TraceTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o1777)
        self.count = 0

    def run_it(self, command, wrapper=(), **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([*wrapper, *command], capture_output=True, timeout=SECONDS, cwd="/", env=fixtures.environment(),
                              check=False, **options)

    def traced(self, way, command, wrapper=(), **options):
        """What it did, what we said, and the document."""
        engine, *more = way
        self.count += 1
        trace = self.path(f"trace{self.count}")
        done = self.run_it([RENACER, "--format", "json", "-o", trace, "--engine", engine, *more, "--", *command], wrapper, **options)
        lines = done.stderr.splitlines(keepends=True)
        said = [line.decode() for line in lines if line.startswith(b"renacer-sv:")]
        done.stderr = b"".join(line for line in lines if not line.startswith(b"renacer-sv:"))
        document = None
        if os.path.exists(trace) and os.path.getsize(trace):
            with open(trace) as file:
                document = json.load(file)
        return done, said, document

    def unnoticed(self, command, status, ways=WAYS, wrapper=()):
        """Output and end are those of an untraced run; by way the documents."""
        plain = self.run_it(command, wrapper)
        self.assertEqual(plain.returncode, status, plain)
        documents = {}
        for way in ways:
            with self.subTest(" ".join(way)):
                done, said, document = self.traced(way, command, wrapper)
                self.assertEqual(done.stdout.decode(errors="replace"), plain.stdout.decode(errors="replace"))
                self.assertEqual((done.returncode, done.stderr), (status, plain.stderr))
                self.assertEqual([line for line in said if not any(words in line for words in EXPECTED)], [])
                self.assertEqual((document["producer"]["engine"], document["summary"]["lost"]), (way[0], 0))
                documents[way] = document
        return documents

    def by_both(self, name, status, nobodys=None):
        self.unnoticed([payload("odd"), name], status)
        self.unnoticed([payload("odd"), name], nobodys or status, NOBODYS_WAYS, NOBODY)


class Memory(Odd):
    """Memory of arguments."""

    def check_supplied(self, documents):
        """What is there is shown as ever, what is not as an address."""
        calls = documents[WAYS[0]]["syscalls"]
        self.assertIn("/dev/null", [call["args"][1] for call in calls if call["name"] == "openat"])
        nowhere = [call for call in calls if call["name"] == "write" and call["args"][0] == "-1"]
        self.assertRegex(nowhere[0]["args"][1], "^0x[0-9a-f]+$")

    def test_that_the_program_supplies_itself(self):
        self.check_supplied(self.unnoticed([payload("userfault")], 5))
        self.unnoticed([payload("userfault")], 5, NOBODYS_WAYS, NOBODY)

    @unittest.skipUnless(os.path.exists("/dev/userfaultfd"), "this kernel has no /dev/userfaultfd (Linux 6.1)")
    def test_that_the_program_supplies_by_the_device(self):
        self.check_supplied(self.unnoticed([payload("userfault"), "device"], 5))

    @unittest.skipUnless(os.path.exists("/dev/fuse"), "there is no FUSE here")
    def test_of_a_file_system_of_its_own(self):
        os.mkdir(self.path("mounted"))
        self.check_supplied(self.unnoticed([payload("fuse"), self.path("mounted")], 5))

    def test_of_many_kinds(self):
        self.by_both("memory", 3)

    def test_that_is_taken_away(self):
        self.by_both("taken", 4)


class Rights(Odd):
    def test_not_dumpable(self):
        self.by_both("undumpable", 5)

    def test_strict_mode(self):
        """Beside a filter of ours the kernel does not allow it, and that is said."""
        command = [payload("odd"), "strict"]
        self.unnoticed(command, 15, [("ptrace", "-f")])
        self.unnoticed(command, 15, [("ptrace",)], NOBODY)
        for way in WAYS:
            if way[0] != "ptrace" or "-e" in way:
                with self.subTest(" ".join(way)):
                    done, said, _ = self.traced(way, command)
                    self.assertEqual((done.returncode, done.stdout), (15, b"strict: EINVAL\nwrite: works\n"))
                    self.assertIn("strict mode and was refused (EINVAL)", "".join(said))

    def test_names_and_parents(self):
        self.by_both("names", 6)

    def test_becoming_somebody_else(self):
        self.unnoticed([payload("odd"), "becoming"], 7)

    def test_namespaces_and_roots(self):
        self.unnoticed([payload("odd"), "spaces"], 8)


class Limits(Odd):
    def test_lowered_by_the_program(self):
        self.by_both("limits", 9)

    def test_what_it_sees_of_itself(self):
        self.by_both("itself", 13)

    def limited(self, way, which, value, command):
        def lower():
            resource.setrlimit(which, (value, value))
        return self.run_it(command, preexec_fn=lower), *self.traced(way, command, preexec_fn=lower)

    def test_of_ours(self):
        """It works, and the program has the same limit."""
        command = ["/bin/sh", "-c", "ulimit -a; exit 3"]
        for which, value in ((resource.RLIMIT_NOFILE, 32), (resource.RLIMIT_MEMLOCK, 0), (resource.RLIMIT_STACK, 1 << 16),
                             (resource.RLIMIT_CORE, 0), (resource.RLIMIT_SIGPENDING, 0)):
            for way in WAYS[1], WAYS[4], WAYS[6]:
                with self.subTest(f"{which} {way}"):
                    plain, done, said, document = self.limited(way, which, value, command)
                    self.assertEqual((done.returncode, done.stdout.decode()), (3, plain.stdout.decode()), said)
                    self.assertEqual(document["summary"]["lost"], 0)

    def test_too_few_descriptors(self):
        """Then nothing is run, and it is said why."""
        for way in WAYS[0], WAYS[6]:
            _, done, said, _ = self.limited(way, resource.RLIMIT_NOFILE, 12, ["/bin/echo", "run"])
            self.assertEqual((done.returncode, done.stdout), (125, b""))
            self.assertIn("Too many open files", said[0])

    def test_a_trace_that_is_longer_than_files_may_be(self):
        for way in WAYS:
            with self.subTest(" ".join(way)):
                def lower():
                    resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
                done = self.run_it([RENACER, "-o", self.path("t"), "--engine", *way, "--", "/bin/cat", "/etc/hostname"],
                                   preexec_fn=lower)
                with open("/etc/hostname", "rb") as file:
                    self.assertEqual(done.stdout, file.read(), done.stderr)
                self.assertEqual(done.returncode, 125)
                self.assertIn(b"cannot write the trace; the program goes on: File too large", done.stderr)
                self.assertLessEqual(os.path.getsize(self.path("t")), 50)


class Descriptors(Odd):
    def test_all_closed(self):
        self.by_both("closing", 10)


class Rings(Odd):
    """io_uring: the trace has the calls that hand work over and wait for it, not the work."""

    def check(self, *arguments):
        documents = self.unnoticed([payload("rings"), *arguments], 14)
        names = {call["name"] for call in documents[WAYS[2]]["syscalls"]}
        self.assertLessEqual({"io_uring_setup", "io_uring_enter", "io_uring_register"}, names)
        opened = [call["args"][1] for call in documents[WAYS[2]]["syscalls"] if call["name"] == "openat"]
        self.assertNotIn("/no/such", opened, "the kernel does that by itself")
        self.unnoticed([payload("rings"), *arguments], 14, NOBODYS_WAYS, NOBODY)

    def test_files_sockets_and_time(self):
        self.check()

    def test_with_a_thread_of_the_kernel(self):
        self.check("poll")


class Executions(Odd):
    def test_that_fail(self):
        self.by_both("executions", 12)

    def test_of_programs_that_cannot_be_read(self):
        hidden = shutil.copy(payload("odd"), self.path("hidden"))
        os.chmod(hidden, 0o111)
        self.unnoticed([hidden, "executions"], 12)


if __name__ == "__main__":
    unittest.main(verbosity=2)
