#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""--redact: a secret that a program has everywhere stands nowhere in its trace, in no form, on no engine."""

import base64
import json
import os
import re
import sys
import unittest

from harness import RENACER, TraceTest

SECRET = "Xk7Qz9"

# Every place that a string of a program can have in a call.
PROGRAM = r"""
import array, ctypes, fcntl, mmap, os, select, socket, sys
secret = os.environ["THE_" + "TOKEN"]
raw = secret.encode()
os.chdir(sys.argv[1])
os.mkdir("d-" + secret)
name = "d-%s/f-%s" % (secret, secret)
fd = os.open(name, os.O_RDWR | os.O_CREAT)
os.write(fd, b"a " + raw + b" b")
os.write(fd, b"\xff\0" + raw + b"\xfe")
os.writev(fd, [b"one " + raw, raw + b" two", b"\x80" + raw])
os.pread(fd, 100, 0)
os.lseek(fd, 0, 0)
os.readv(fd, [bytearray(4), bytearray(50)])
os.link(name, name + "2")
os.symlink(secret, "link")
os.readlink("link")
os.rename(name + "2", "r" + secret)
os.listdir("d-" + secret)
os.fstat(fd)
try:
    os.setxattr(name, "user." + secret, raw)
    os.getxattr(name, "user." + secret)
    os.listxattr(name)
except OSError:
    pass
os.ftruncate(fd, 4096)
mmap.mmap(fd, 4096, prot=mmap.PROT_READ).close()
left, right = socket.socketpair()
left.sendmsg([b"x " + raw, raw], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
right.recvmsg(100, 100)
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind("s" + secret)
abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
abstract.bind(b"\0abstract" + raw)
abstract.sendto(raw, "s" + secret)
server.recvfrom(100)
server.getsockname()
libc = ctypes.CDLL(None)
libc.prctl(15, ctypes.c_char_p(raw), 0, 0, 0)
libc.prctl(16, ctypes.create_string_buffer(16), 0, 0, 0)
libc.syscall(248, b"user", raw, raw, len(raw), -3)
libc.memfd_create(raw, 0)
select.select([server], [], [], 0)
os.execve("/bin/echo", ["echo", "argument", secret, "--x=" + secret], {"A": secret, "B_" + secret: "1"})
"""


def notations(secret):
    """How bytes look in a trace: as they are, or with escapes."""
    hexadecimal = "".join("\\x%02x" % byte for byte in secret.encode())
    return [secret, hexadecimal, hexadecimal.replace("\\", "\\\\")]


def exact_bytes(trace):
    """All that stands there in base64."""
    return [base64.b64decode(word) for group in re.findall(r'"args_b64": ?\{([^}]*)\}', trace)
            for word in re.findall(r'": ?"([^"]*)"', group)]


class RedactTest(TraceTest):
    def run_program(self, *options, secret=SECRET, command=None):
        work = self.path("work")
        os.mkdir(work)
        command = command or [sys.executable, "-S", "-c", PROGRAM, work]
        done = self.run_plain([RENACER, "-o", self.path("trace"), *options, "--", *command], cwd=self.folder,
                              env={"PATH": os.environ["PATH"], "THE_TOKEN": secret, "PYTHONDONTWRITEBYTECODE": "1"})
        self.run_plain(["rm", "-rf", work])
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("trace"), encoding="utf-8") as file:
            return file.read()

    def assert_hidden(self, trace, what):
        for notation in notations(SECRET):
            line = next((line for line in trace.splitlines() if notation in line), None)
            self.assertIsNone(line, what)
        self.assertEqual([found for found in exact_bytes(trace) if SECRET.encode() in found], [], what)


class Everywhere(RedactTest):
    FORMS = [["-f", "-yy"], ["-v", "-y", "-x"], ["-xx", "-yy"], ["--format", "json", "-yy", "-v"],
             ["--format", "jsonl", "-f", "-y"], ["--format", "csv", "-y"], ["--golden", "-y"], ["--golden", "-f"]]

    def test_the_program_shows_its_secret_where_nothing_is_redacted(self):
        plain = self.run_program("-yy", "-v", "--decode=full", "--string-limit", "200")
        found = {line.split("(")[0] for line in plain.splitlines() if SECRET in line}
        expected = {"execve", "mkdir", "openat", "write", "writev", "pread64", "readv", "link", "symlink", "readlink",
                    "rename", "sendmsg", "recvmsg", "bind", "sendto", "recvfrom", "getsockname", "prctl", "add_key",
                    "memfd_create", "getdents64"}
        self.assertEqual(expected - found, set())
        data = self.run_program("--format", "json")
        self.assertTrue([found for found in exact_bytes(data) if SECRET.encode() in found])

    def test_every_form_on_every_engine(self):
        for engine in ("notify", "ptrace", "notify-only"):
            for form in self.FORMS:
                if engine == "notify-only" and "--golden" in form:
                    continue
                outputs = ["--decode=full"] if engine != "notify-only" else []
                what = " ".join([engine, *form])
                with self.subTest(what):
                    trace = self.run_program("--engine", engine, "--redact", "/%s/" % SECRET, *form, *outputs,
                                             "--string-limit", "200")
                    self.assert_hidden(trace, what)
                    self.assertGreater(trace.count("<redacted>"), 20, what)

    def test_wherever_a_string_is_cut(self):
        """The first bytes of a secret are not shown either."""
        for limit in (5, 6, 7, 8, 9, 12):
            trace = self.run_program("--redact", "/%s/" % SECRET, "-v", "--string-limit", str(limit),
                                     "-e", "trace=write,writev,sendmsg,execve,add_key")
            for part in (SECRET, SECRET[:4], SECRET[:3], SECRET[:2]):
                self.assertNotIn(part, trace, limit)


class Rules(RedactTest):
    def test_environment(self):
        trace = self.run_program("-v", "--redact", "env:THE_*", "-e", "trace=execve")
        self.assertIn('"THE_TOKEN=<redacted>"', trace)
        self.assertNotIn("THE_TOKEN=" + SECRET, trace)
        self.assertIn('"PYTHONDONTWRITEBYTECODE=1"', trace)

    def test_buffers(self):
        trace = self.run_program("--redact", "buffers", "--decode=full", "-e", "trace=write,writev,pread64,sendmsg,openat")
        self.assertIn('"<redacted>", %d) ' % (len(SECRET) + 4), trace)
        self.assertIn('[{iov_base="<redacted>", iov_len=10}, {iov_base="<redacted>", iov_len=10}', trace)
        self.assertIn("f-" + SECRET, trace)
        for line in trace.splitlines():
            if line.startswith(("write", "pread", "sendmsg")):
                self.assertNotIn(SECRET, line)

    def test_contents_of_a_file_on_each_engine(self):
        secret = self.path("a.pem")
        with open(secret, "w") as file:
            file.write("TheKey")
        with open(self.path("b.txt"), "w") as file:
            file.write("TheText")
        for engine in ("notify", "ptrace"):
            for form in ("text", "json"):
                trace = self.run_program("--engine", engine, "--format", form, "--redact", "path:*.pem", "--decode=full", "-f",
                                         command=["sh", "-c", "cat a.pem; cat <a.pem; cat b.txt"])
                self.assertIn("TheText", trace, engine)
                self.assertIn("a.pem", trace, engine)
                reads = [line for line in trace.splitlines() if "read" in line and "TheKey" in line]
                self.assertEqual(reads, [], engine)
                # Nobody asked for descriptors to be shown.
                self.assertNotIn('"fds"', trace)
                self.assertNotIn("</", trace)

    def test_secrets(self):
        script = ("import os\n"
                  "os.write(1, b'POST / HTTP/1.1\\r\\nAuthorization: Bearer abcdef123456\\r\\nCookie: sid=77\\r\\nHost: h\\r\\n')\n"
                  "os.write(1, b'db_password=hunter2&n=1')\n"
                  "os.execv('/bin/true', ['true', '--token', 'tok-en-1', 'https://u:pw1@host/'])\n")
        trace = self.run_program("-v", "--redact", "secrets", "--string-limit", "300", "-e", "trace=write,execve",
                                 command=[sys.executable, "-S", "-c", script])
        for secret in ("Bearer abc", "sid=77", "hunter2", SECRET):
            self.assertNotIn(secret, trace.split("\n", 2)[2].replace(script, ""))
        self.assertIn('Authorization: <redacted>\\r\\nCookie: <redacted>\\r\\nHost: h\\r\\n', trace)
        self.assertIn('write(1, "db_password=<redacted>&n=1", 23)', trace)
        self.assertIn('["true", "--token", "<redacted>", "https://u:<redacted>@host/"]', trace)
        self.assertIn("THE_TOKEN=<redacted>", trace)

    def test_a_trace_says_that_it_is_redacted(self):
        rules = ["--redact", "/%s/" % SECRET, "--redact", "env:NOTHING"]
        text = self.run_program(*rules, command=["true"])
        self.assertEqual(text.splitlines()[0], "+++ redacted by 2 rules +++")
        document = json.loads(self.run_program(*rules, "--format", "json", "-P", "/x" + SECRET, command=["true"]))
        self.assertEqual(document["producer"]["redaction_rules"], 2)
        self.assertEqual(document["producer"]["filter"], ["path=/x<redacted>"])
        golden = json.loads(self.run_program(*rules, "--golden", command=["true"]))
        self.assertEqual(golden["golden"]["redaction_rules"], 2)
        self.assertNotIn("redaction_rules", json.loads(self.run_program("--format", "json", command=["true"]))["producer"])

    def test_golden_traces_of_different_secrets_are_the_same(self):
        traces = []
        for secret in (SECRET, "another-and-longer"):
            traces.append(self.run_program("--golden", "--redact", "/" + secret + "/", "-e", "trace=openat,execve",
                                           secret=secret, command=["sh", "-c", 'echo >"x$THE_TOKEN"']))
        self.assertEqual(*traces)
        self.assertIn("x<redacted>", traces[0])

    def test_compare_reads_redacted_traces(self):
        for name, options in (("a", []), ("b", ["--engine", "ptrace"])):
            done = self.run_plain([RENACER, "--format", "json", "-f", "-o", self.path(name), "--redact", "/hello/",
                                   *options, "--", "sh", "-c", "echo hello world"])
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_plain([RENACER, "compare", self.path("a"), self.path("b")])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn(b"hello", done.stdout)


class Files(RedactTest):
    def rules(self, text):
        with open(self.path("rules"), "w") as file:
            file.write(text)
        return ["--redact-file", self.path("rules")]

    def test_a_file_of_rules(self):
        trace = self.run_program(*self.rules("# ours\n\n /wor/i \nenv:X\n"), "--redact", "buffers",
                                 command=["echo", "World"])
        self.assertEqual(trace.splitlines()[0], "+++ redacted by 3 rules +++")
        self.assertIn('["echo", "<redacted>ld"]', trace)

    def test_a_pipe_of_rules(self):
        done = self.run_plain(["bash", "-c", '"$0" --redact-file <(echo /wor/) -e trace=write echo hello world', RENACER])
        self.assertIn(b'write(1, "hello <redacted>ld\\n"', done.stderr)

    def test_errors_say_where(self):
        for text, place, words in (("buffers\n  /a(b/\n", ":2:7: ", "parenthesis"), ("\n\nsecret\n", ":3:1: ", "a rule is"),
                                   ("/" + "x" * 5000 + "/", ":1: ", "4096")):
            done = self.run_plain([RENACER, *self.rules(text), "true"])
            self.assertEqual(done.returncode, 125)
            message = done.stderr.decode()
            self.assertIn(self.path("rules") + place, message)
            self.assertIn(words, message)
        done = self.run_plain([RENACER, "--redact-file", self.path("none"), "true"])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"No such file", done.stderr)

    def test_an_error_does_not_repeat_the_secret(self):
        done = self.run_plain([RENACER, "--redact", "/%s(/" % SECRET, "true"])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"--redact, column 9: missing closing parenthesis", done.stderr)
        self.assertNotIn(SECRET.encode(), done.stderr)


if __name__ == "__main__":
    unittest.main()
