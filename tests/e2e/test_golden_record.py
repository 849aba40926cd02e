#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Golden traces: two runs of a program that does the same give the same bytes, on both engines and as any user."""

import difflib
import json
import os
import re
import shutil
import subprocess
import unittest

from harness import RENACER, TraceTest, payload

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root to become somebody else")
# What cannot be the same twice otherwise: docs/golden.md.
STEADY = {"PYTHONHASHSEED": "0", "PERL_HASH_SEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "GIT_OPTIONAL_LOCKS": "0"}


class GoldenTest(TraceTest):
    def record(self, command, *options, engine=None, prefix=(), environment=None, status=0, suffix="json", quiet=True):
        """The bytes of a golden trace."""
        engine = ["--engine", engine] if engine else []
        done = self.run_plain([*prefix, RENACER, "--golden", *engine, *options, "--", *command], cwd=self.folder,
                              env={**os.environ, **STEADY, **(environment or {})})
        self.assertEqual(done.returncode, status, done.stderr)
        if quiet:
            self.assertNotIn(b"renacer-sv:", done.stderr)
        return done.stdout

    def assert_same(self, first, second, what):
        if first != second:
            lines = difflib.unified_diff(first.decode().splitlines(), second.decode().splitlines(), lineterm="", n=1)
            self.fail("%s:\n%s" % (what, "\n".join(list(lines)[:30])))

    def assert_golden(self, command, *options, **keywords):
        """The same twice on each engine, and on both: the document."""
        first = self.record(command, *options, engine="notify", **keywords)
        for engine in ("notify", "ptrace", "ptrace"):
            self.assert_same(first, self.record(command, *options, engine=engine, **keywords), engine)
        return first if "jsonl" in options else json.loads(first)


class Programs(GoldenTest):
    def test_static_hello(self):
        for options in ([], ["-f"], ["-y"]):
            document = self.assert_golden([payload("static_hello")], *options, status=3)
            self.assertEqual(document["summary"], {"total_syscalls": 9, "exit_code": 3, "lost": 0})

    def test_cat(self):
        document = self.assert_golden(["cat", "/etc/passwd"])
        mapped = [call for call in self.calls(document, "mmap") if "MAP_ANONYMOUS" not in call["args"][3]]
        self.assertIn("libc.so.6", {call["result_ref"].split("+")[0] for call in mapped})
        self.assertEqual({call["result"] for call in self.calls(document, "mmap")}, {None})
        # Nothing is left that looks like an address.
        self.assertIsNone(re.search(r'"0x[0-9a-f]{7,}"', json.dumps(document["syscalls"]).replace("0x53053053", "")))

    def test_ls_with_everything(self):
        self.assert_golden(["ls", "-l", "/usr"], "-f", "-y", "--decode=full")

    def test_json_lines(self):
        lines = self.assert_golden(["dash", "-c", "ls / | cat"], "-f", "--format", "jsonl").splitlines()
        objects = [json.loads(line) for line in lines]
        self.assertIn("golden", objects[0])
        self.assertIn("summary", objects[-1])

    def test_a_pipeline(self):
        document = self.assert_golden(["dash", "-c", "cat /etc/passwd | sort -r | head -n 3"], "-f", "-y")
        self.assertEqual({call["pid"] for call in document["syscalls"]}, {1, 2, 3, 4})

    def test_a_shell_that_does_one_thing_after_the_other(self):
        self.assert_golden(["dash", "-c", "ls / >/dev/null; (exit 3); echo $?; cat /etc/hostname"], "-f")

    @unittest.skipUnless(os.path.exists("/usr/bin/python3"), "needs python3")
    def test_python(self):
        script = "import json, tempfile; file = tempfile.NamedTemporaryFile(); print(file.name, json.dumps([1]))"
        document = self.assert_golden(["/usr/bin/python3", "-c", script], "-f")
        # The first one is Python's own, with which it looks whether it can write there.
        self.assertIn("/tmp/tmp#2", [call["args"][1] for call in self.calls(document, "write")])

    @unittest.skipUnless(shutil.which("git"), "needs git")
    def test_git(self):
        repository = self.path("repository")
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "init", "-q", repository], check=True)
        with open(os.path.join(repository, "file"), "w") as file:
            file.write("content\n")
        subprocess.run(["git", "-C", repository, "add", "."], check=True)
        subprocess.run(["git", "-C", repository, *identity, "commit", "-qm", "first"], check=True)
        os.utime(os.path.join(repository, "file"), (0, 0))
        subprocess.run(["git", "-C", repository, "update-index", "--refresh"], check=True)
        self.assert_golden(["git", "-C", repository, "status"], "-f")

    @unittest.skipUnless(shutil.which("sqlite3"), "needs sqlite3")
    def test_sqlite(self):
        self.assert_golden([shutil.which("sqlite3"), ":memory:", "create table a(b); insert into a values(1); select * from a;"],
                           "-f")

    @unittest.skipUnless(shutil.which("perl"), "needs perl")
    def test_perl(self):
        self.assert_golden(["perl", "-e", 'print "hello\n"; open(F, "</etc/passwd"); while (<F>) {}'], "-f")

    def test_everything_that_differs(self):
        for options in (["-f"], [], ["-f", "--decode=full", "-y"]):
            with self.subTest(options=options):
                document = self.assert_golden([payload("golden")], "-e", "trace=!futex", *options)
                text = json.dumps(document)
                for name in ("mmap#1", "heap+", "stack+", "shm#1", "tmp#1", "outside#1"):
                    # With all outputs no address is left of what the calls point to.
                    if name not in (("outside#1", "stack+") if "--decode=full" in options else ("outside#1",)):
                        self.assertIn(name, text)

    def test_descriptors_with_yy(self):
        script = ("import os, socket; p = os.pidfd_open(os.getpid()); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
                  "t = socket.socket(); n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); n.bind((0, 0)); "
                  "a, b = socket.socketpair(); a.send(b'x'); [s.close() for s in (u, t, n, a, b)]; os.close(p)")
        document = self.assert_golden(["/usr/bin/python3", "-sS", "-c", script], "-yy", "-e", "trace=%desc,%network,pidfd_open")
        files = {file for call in document["syscalls"] for file in call.get("fds", {}).values()}
        # Inodes are numbered as they appear; standard output may have been the first.
        self.assertLessEqual({"pid:1", "NETLINK:[ROUTE:1]", "UDP:[2]", "TCP:[3]"}, files)

    def test_calls_that_were_not_chosen_are_known(self):
        document = self.assert_golden([payload("golden")], "-f", "-e", "trace=munmap,madvise,write")
        self.assertEqual({call["name"] for call in document["syscalls"]}, {"munmap", "madvise", "write"})
        self.assertEqual(document["summary"]["total_syscalls"], len(document["syscalls"]))
        for call in self.calls(document, "munmap"):
            self.assertRegex(call["args"][0], r"^(mmap#|tmp#|ld\.so\.cache)")


class Circumstances(GoldenTest):
    def test_the_size_of_the_environment_does_not_count(self):
        for command in (["cat", "/etc/passwd"], [payload("static_hello")], [payload("golden")]):
            status = 3 if "hello" in command[0] else 0
            traces = [self.record(command, "-f", "-e", "trace=!futex", status=status, environment=more)
                      for more in ({}, {"A": "1", "MUCH": "x" * 1000, "B": "2"})]
            self.assert_same(*traces, command[0])

    @needs_root
    def test_what_else_is_installed_does_not_count(self):
        # Every library that is installed makes the loader's cache larger: one that is, in a mount namespace.
        shutil.copy("/etc/ld.so.cache", self.path("cache"))
        with open(self.path("cache"), "ab") as file:
            file.write(b"\0" * 400)
        script = 'mount --bind "$1" /etc/ld.so.cache && shift && exec "$@"'
        larger = ["unshare", "--mount", "sh", "-c", script, "sh", self.path("cache")]
        for options in ([], ["-y", "--decode=full"]):
            first = self.record(["/bin/cat", "/dev/null"], *options)
            self.assertIn(b'"ld.so.cache","size"', first)
            self.assert_same(first, self.record(["/bin/cat", "/dev/null"], *options, prefix=larger), options)
        named = self.record(["/bin/cat", "/dev/null"], "--normalize", "-loader-cache")
        self.assertNotEqual(named, self.record(["/bin/cat", "/dev/null"], "--normalize", "-loader-cache", prefix=larger))

    def test_an_unprivileged_user(self):
        os.chmod(self.folder, 0o777)
        for command in (["cat", "/etc/passwd"], ["dash", "-c", "ls / | cat"], [payload("golden")]):
            first = self.record(command, "-f", "-e", "trace=!futex", prefix=NOBODY)
            self.assert_same(first, self.record(command, "-f", "-e", "trace=!futex", prefix=NOBODY), command[0])

    def test_where_it_is_written_does_not_count(self):
        first = self.record(["cat", "/etc/passwd"])
        self.assertEqual(self.record(["cat", "/etc/passwd"], "-o", self.path("trace")).count(b"syscalls"), 0)
        with open(self.path("trace"), "rb") as file:
            self.assert_same(first, file.read(), "-o")

    def test_a_diff_shows_what_changed_and_nothing_else(self):
        traces = [self.record([payload("golden"), word], "-f", "-e", "trace=!futex") for word in ("one!\n", "two!\n")]
        changed = [line for line in difflib.ndiff(*(trace.decode().splitlines() for trace in traces)) if line[0] in "+-"]
        self.assertEqual(len(changed), 4, changed)
        self.assertEqual({json.loads(line[2:].strip().rstrip(","))["name"] for line in changed}, {"execve", "write"})

    def test_rules_can_be_taken_out(self):
        document = json.loads(self.record([payload("golden")], "-f", "--normalize", "-addresses,-environment"))
        self.assertNotIn("addresses", document["golden"]["rules"])
        self.assertNotIn("result_ref", json.dumps(self.calls(document, "mmap")))
        self.assertRegex(self.calls(document, "execve")[0]["args"][2], r"^0x[0-9a-f]+ /\* \d+ vars \*/$")
        document = json.loads(self.record([payload("golden")], "--normalize", "none"))
        self.assertEqual(document["golden"]["rules"], [])

    def test_no_room_for_the_calls(self):
        done = self.run_plain([RENACER, "--golden", "-o", self.path("trace"), "--", payload("loop"), "access", "60000"],
                              env={**os.environ, "TMPDIR": "/nonexistent"})
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn(b"cannot write the trace", done.stderr)

    def test_it_says_what_it_does_not_go_with(self):
        for options in (["-T"], ["-c"], ["--format", "text"], ["-p", "1"]):
            done = self.run_plain([RENACER, "--golden", *options, *([] if "-p" in options else ["true"])])
            self.assertEqual(done.returncode, 125)
            self.assertIn(b"--golden does not go with", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
