#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a program that is traced can do to who traces it: the points of SECURITY.md, each tried."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import unittest

import fixtures
from harness import RENACER, TraceTest

ENGINES = ("notify", "ptrace", "notify-only")
needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root to become somebody else")

# Control characters of ASCII and Unicode, what ends a line or looks like one of a trace, what formulas begin with.
NASTY = ["\033[31m\033]0;title\007", "\x9b31m\x7f", "a\n+++ exited with 9 +++\nb", "c\r\tx", "=1+1", "@x", "::error::y",
         "\"quoted\\\"", "</a>]]>", "\u202egnp"]


class Descriptors(TraceTest):
    LIST = "import os; print(sorted(int(fd) for fd in os.listdir('/proc/self/fd')))"

    def test_the_program_has_none_of_ours(self):
        command = [sys.executable, "-c", self.LIST + "; import subprocess, sys; "
                   "subprocess.run([sys.executable, '-c', %r], close_fds=False)" % self.LIST]
        plain = self.run_plain(command).stdout
        self.assertEqual(plain.count(b"\n"), 2)
        for engine in ENGINES:
            for options in ([], ["--format", "json"], ["--golden"] if engine != "notify-only" else ["-c"]):
                done = self.run_plain([RENACER, "--engine", engine, "-f", *options, "-o", self.path("t"), "--", *command])
                self.assertEqual(done.stdout, plain, engine)

    def test_the_program_shares_no_memory_with_us(self):
        shared = "import re; print([line.split()[1:] for line in open('/proc/self/maps') if re.match(r'\\S+ ...s ', line)])"
        for engine in ENGINES:
            done = self.run_plain([RENACER, "--engine", engine, "-o", self.path("t"), "--", sys.executable, "-c", shared])
            self.assertEqual(done.stdout, self.run_plain([sys.executable, "-c", shared]).stdout, engine)


# Tries to get at a process of the same user in every way that reads or changes it: prints what succeeded.
ATTACK = r"""
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
def name(pid):
    with open("/proc/%d/comm" % pid) as file:
        return file.read().strip()
def attempts(pid):
    def ptrace(request):
        if libc.ptrace(request, pid, None, None) < 0:
            raise OSError(ctypes.get_errno(), "ptrace")
        os.waitpid(pid, 0x40000000) if request == 16 else None
        libc.ptrace(17, pid, None, None)
    def memory():
        buffer = ctypes.create_string_buffer(8)
        class Iovec(ctypes.Structure):
            _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
        with open("/proc/self/maps") as file:
            address = int(file.readline().split("-")[0], 16)
        here = Iovec(ctypes.cast(buffer, ctypes.c_void_p), 8)
        there = Iovec(address, 8)
        # EFAULT: it would have been allowed.
        if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) < 0 and ctypes.get_errno() != 14:
            raise OSError(ctypes.get_errno(), "process_vm_readv")
    def descriptor():
        pidfd = os.pidfd_open(pid)
        if libc.syscall(438, pidfd, 0, 0) < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
    yield "seize", lambda: ptrace(0x4206)
    yield "mem", lambda: os.close(os.open("/proc/%d/mem" % pid, os.O_RDWR))
    yield "maps", lambda: open("/proc/%d/maps" % pid).read(1)
    yield "environ", lambda: open("/proc/%d/environ" % pid).read(1)
    yield "fd", lambda: os.listdir("/proc/%d/fd" % pid)
    yield "open 0", lambda: os.close(os.open("/proc/%d/fd/0" % pid, os.O_RDONLY))
    yield "vm", memory
    yield "pidfd_getfd", descriptor
def attack(pid):
    for what, attempt in attempts(pid):
        try:
            attempt()
            print(name(pid), what)
        except OSError:
            print(name(pid), "refuses", what)
sleep = os.fork()
if sleep == 0:
    os.execvp("sleep", ["sleep", "60"])
while name(sleep) != "sleep":
    pass
attack(sleep)
os.kill(sleep, 9)
supervisor = os.getppid()
attack(supervisor)
for pid in [int(pid) for pid in os.listdir("/proc") if pid.isdigit()]:
    try:
        with open("/proc/%d/status" % pid) as file:
            status = dict(line.split(":", 1) for line in file)
    except OSError:
        continue
    if int(status["PPid"]) == supervisor and status["Name"].strip() == "renacer-guard":
        attack(pid)
"""


class Attacks(TraceTest):
    WAYS = ["seize", "mem", "maps", "environ", "fd", "open 0", "vm", "pidfd_getfd"]

    @needs_root
    def test_a_program_of_the_same_user_cannot_get_at_us(self):
        script = self.path("attack.py")
        with open(script, "w") as file:
            file.write(ATTACK)
        os.chmod(self.folder, 0o777)
        for engine, processes in (("ptrace", ["renacer-guard", "renacer-sv"]), ("notify-only", ["renacer-guard", "renacer-sv"])):
            done = self.run_plain([*fixtures.NOBODY, fixtures.RENACER, "--engine", engine, "-o", self.path(engine), "--",
                                   "/usr/bin/python3", script])
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = done.stdout.decode().splitlines()
            # That these ways are open to it otherwise: a process of the same user, its own child, refuses none.
            self.assertEqual([line for line in lines if line.startswith("sleep")], ["sleep " + way for way in self.WAYS])
            others = sorted({line.split()[0] for line in lines} - {"sleep"})
            self.assertEqual(others, processes, lines)
            self.assertEqual(sorted(line for line in lines if not line.startswith("sleep")),
                             sorted("%s refuses %s" % (name, way) for name in processes for way in self.WAYS))

    @needs_root
    def test_our_file_is_refused_with_set_user_id(self):
        copy = self.path("suid")
        self.run_plain(["cp", fixtures.RENACER, copy])
        os.chmod(copy, 0o4755)
        done = self.run_plain([*fixtures.NOBODY, copy, "true"])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"refuses to run setuid", done.stderr)


# Names and contents that are meant for whoever reads the trace.
NASTY_PROGRAM = r"""
import ctypes, json, os, socket, sys
os.chdir(sys.argv[1])
libc = ctypes.CDLL(None)
for index, nasty in enumerate(json.loads(sys.argv[2])):
    name = os.fsencode(nasty.replace("/", "_")) + b"\x9b\xff"
    fd = os.open(name, os.O_RDWR | os.O_CREAT)
    os.write(fd, nasty.encode() + b"\x1b\x9b\0")
    os.write(fd, nasty.encode())
    os.fstat(fd)
    try:
        os.setxattr(name, b"user." + name, name)
        os.listxattr(name)
    except OSError:
        pass
    libc.prctl(15, ctypes.c_char_p(name[:15]), 0, 0, 0)
    libc.memfd_create(name, 0)
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    unix.bind(b"\0" + name)
    unix.getsockname()
    os.rename(name, b"x" + name)
    folder = b"d" + name
    os.mkdir(folder)
    inside = os.open(folder, os.O_RDONLY)
    os.listdir(inside)
    os.symlink("/bin/true", folder + b"/" + name)
    if os.fork() == 0:
        os.execve(folder + b"/" + name, [name], {b"A" + name.replace(b"=", b""): name})
    os.wait()
"""


class Terminals(TraceTest):
    """Whatever names a program makes up, a trace is plain: no byte of them is obeyed by a terminal, or makes a line."""

    def run_nasty(self, *options, output="t"):
        work = self.path("work")
        os.mkdir(work)
        done = self.run_plain([RENACER, "-o", self.path(output), "-f", *options, "--", sys.executable, "-c", NASTY_PROGRAM,
                               work, json.dumps(NASTY)])
        self.run_plain(["rm", "-rf", work])
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path(output), "rb") as file:
            return file.read()

    def assert_ascii(self, trace, what):
        self.assertIsNone(re.search(rb"[^ -~\n]", trace), what)

    def test_text(self):
        for engine in ("notify", "ptrace"):
            for options in (["-yy", "-v", "--decode=full", "--string-limit", "200"], ["-y", "-x"], ["-c"]):
                trace = self.run_nasty("--engine", engine, *options)
                self.assert_ascii(trace, (engine, options))
                if "-c" not in options:
                    # Those of the program and its children, and none that they wrote.
                    lines = trace.decode().splitlines()
                    self.assertEqual([line for line in lines if not re.match(r"\d+ +(\w+\(|\+\+\+ |--- )", line)], [])
                    self.assertEqual(len([line for line in lines if "+++ exited with 0 +++" in line]), len(NASTY) + 1)

    def test_json(self):
        for options in (["--format", "json", "-yy", "-v", "--decode=full"], ["--format", "jsonl", "-y"],
                        ["--golden", "-y"]):
            trace = self.run_nasty(*options)
            text = trace.decode()
            self.assertIsNone(re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", text), options)
            if "jsonl" in options:
                for line in text.splitlines():
                    json.loads(line)
            else:
                document = json.loads(text)
                written = [call["args"][1] for call in self.calls(document, "write")]
                for nasty in NASTY:
                    self.assertIn(nasty, written, options)

    def test_csv(self):
        trace = self.run_nasty("--format", "csv", "-y")
        self.assert_ascii(trace, "csv")
        rows = list(csv.reader(io.StringIO(trace.decode())))
        self.assertEqual({len(row) for row in rows}, {3})
        for row in rows[1:]:
            self.assertRegex(row[0], r"^[a-z0-9_]+$")
            # A spreadsheet takes a cell for a formula if it begins so.
            self.assertNotRegex(row[1], r"^(?:[=+@\t\r|%]|-(?!\d))")
            self.assertRegex(row[2], r"^(-?\d+)?$")

    def test_what_is_said_and_reported_of_such_a_trace(self):
        self.run_nasty("--format", "json", output="a")
        done = self.run_plain([RENACER, "--format", "json", "-f", "-o", self.path("b"), "--", "true"])
        self.assertEqual(done.returncode, 0)
        for form in ("text", "json", "junit", "github"):
            for mode in ("semantic", "exact", "counts"):
                done = self.run_plain([RENACER, "compare", "--mode", mode, "--format", form, self.path("a"), self.path("b")])
                self.assertEqual(done.returncode, 1, done.stderr)
                text = done.stdout.decode() + done.stderr.decode()
                indented = text.replace("\t", "") if form == "json" else text
                self.assertIsNone(re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]", indented), (form, mode))
                commands = [line for line in text.splitlines() if line.startswith("::")]
                ours = r"::(?:error|notice|warning) (?:title=compare |file=)[^:]*::(?!error)" if form == "github" else "(?!)"
                self.assertEqual([line for line in commands if not re.match(ours, line)], [], mode)


class Files(TraceTest):
    def test_a_program_cannot_lead_the_trace_elsewhere(self):
        """The file was opened before the program ran; what the program puts in its place is not written."""
        other = self.path("other")
        with open(other, "w") as file:
            file.write("kept")
        for form in ("text", "json"):
            trace = self.path("t")
            done = self.run_plain([RENACER, "--format", form, "-o", trace, "--", "ln", "-sf", other, trace])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(os.path.islink(trace))
            self.assertEqual(self.content("other"), "kept")
            os.unlink(trace)

    def test_modes(self):
        for mask, mode in ((0o022, 0o644), (0o077, 0o600)):
            trace = self.path("m%o" % mask)
            self.run_plain([RENACER, "-o", trace, "true"], umask=mask)
            self.assertEqual(os.stat(trace).st_mode & 0o7777, mode)

    def test_what_waits_is_in_no_folder(self):
        """JSON to standard output waits until the end, in a file without a name that nobody else can open."""
        folder = self.path("tmp")
        os.mkdir(folder)
        command = ["sh", "-c", 'for i in $(seq 3000); do echo "$0" >/dev/null; done; ls -A "$0"', folder]
        done = self.run_plain([RENACER, "--format", "json", "--", *command], env={**os.environ, "TMPDIR": folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len(done.stdout), 200000)
        self.assertEqual(os.listdir(folder), [])
        # The program has listed it while it ran: its output is on our standard error.
        self.assertEqual(done.stderr, b"")


class Memory(TraceTest):
    CHANGING = r"""
import ctypes, os, threading
libc = ctypes.CDLL(None)
names = [b"/nowhere/" + letter * 200 for letter in (b"A", b"B")]
buffer = ctypes.create_string_buffer(names[0], 300)
ends = False
def change():
    while not ends:
        for name in names:
            ctypes.memmove(buffer, name, len(name))
thread = threading.Thread(target=change)
thread.start()
for i in range(2000):
    libc.open(buffer, 0)
ends = True
thread.join()
"""

    def test_what_another_thread_changes(self):
        """The trace shows what was read once, before the call ran: bytes that stood there, perhaps of both."""
        for engine in ("notify", "ptrace"):
            document = self.trace([sys.executable, "-c", self.CHANGING], "--engine", engine)
            paths = [call["args"][1] for call in self.calls(document, "openat") if "/nowhere/" in call["args"][1]]
            self.assertEqual(len(paths), 2000)
            for path in paths:
                self.assertRegex(path, r"^/nowhere/[AB]{200}$")

    def test_arguments_beyond_all_measure(self):
        script = ("import ctypes, os\n"
                  "libc = ctypes.CDLL(None)\n"
                  "for count in (2**31, 2**32 - 1, 2**63, 2**64 - 1):\n"
                  "    libc.syscall(20, 1, ctypes.c_void_p(0x1000), ctypes.c_size_t(count))\n"
                  "    libc.syscall(1, 1, ctypes.c_char_p(b'x'), ctypes.c_size_t(2**64 - count))\n"
                  "os.execv('/bin/true', ['true'] + ['x' * 1000] * 1500)\n")
        limit = 1 << 20
        document = self.trace([sys.executable, "-c", script], "-v", "--decode=full", "--string-limit", str(limit))
        self.assertEqual(document["summary"]["exit_code"], 0)
        # What stands in memory behind the one byte is of any kind; a byte takes six characters at most.
        written = [call["args"][1] for call in self.calls(document, "write") if int(call["args"][2]) > 1]
        self.assertEqual(len(written), 3)
        for argument in written:
            self.assertLess(len(json.dumps(argument)), 6 * limit + 100)
        (arguments,) = (call["args"][1] for call in self.calls(document, "execve") if "true" in call["args"][0])
        self.assertLess(len(json.dumps(arguments)), 2 << 20)

    def test_the_disk_is_full(self):
        for form in ("text", "json", "jsonl", "csv"):
            done = self.run_plain([RENACER, "--format", form, "-o", "/dev/full", "sh", "-c", "echo done; exit 3"])
            self.assertEqual((done.stdout, done.returncode), (b"done\n", 125), form)
            self.assertIn(b"No space left on device", done.stderr)
            self.assertEqual(done.stderr.count(b"\n"), 1)


if __name__ == "__main__":
    unittest.main()
