#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever is given to compare: traces of users, pieces of traces, and what is none. It is compared, or refused with
status 2 and a message that says where the fault is; it never crashes."""

import base64
import json
import os
import random
import re
import subprocess
import unittest

from comparing import DIFFERENT, EQUIVALENT, MODES, UNUSABLE, CompareTest, data, run_compare
from harness import RENACER, TIMEOUT, payload

DATA = ("pair_python.json", "pair_rust.json", "trivial_cli_rust.json", "trivial_cli_rust_source.json")
SEED = 6
SMALL = "\n".join([
    '{', '  "version": "0.6.2",', '  "format": "renacer-json-v1",',
    '  "producer": {"name": "renacer-sv", "version": "0.1.0", "engine": "notify", "time": "kernel"},', '  "syscalls": [',
    '    {"name":"openat","args":["AT_FDCWD","/home/user/in","O_RDONLY"],"result":3},',
    '    {"name":"read","args":["3","0x7ffc717f4780","4096"],"result":5},',
    '    {"name":"write","args":["1","Hello\\n","6"],"result":6},',
    '    {"name":"exit_group","args":["0"],"result":null}', '  ],',
    '  "summary": {"total_syscalls": 4, "exit_code": 0, "lost": 0}', '}', ''])
HEAD = SMALL[:SMALL.index('    {"name":"openat"')]
TAIL = SMALL[SMALL.index('  ],'):]


def calls(*lines):
    return HEAD + ",\n".join(lines) + "\n" + TAIL


class InputTest(CompareTest):
    def unharmed(self, done):
        """It ended by itself, with a status of its own, and said why where it had to."""
        self.assertIn(done.returncode, (EQUIVALENT, DIFFERENT, UNUSABLE), done.stderr)
        if done.returncode == UNUSABLE:
            self.assertRegex(done.stderr, rb"\Arenacer-sv: [^\n]+\n\Z")
            self.assertEqual(done.stdout, b"")
        # Nothing of a trace reaches the terminal as a control sequence.
        self.assertNotRegex(done.stdout + done.stderr, rb"[\x00-\x08\x0b-\x1f\x7f]")

    def both(self, golden, new, *options):
        one, other = run_compare(golden, new, *options), run_compare(new, golden, *options)
        for done in (one, other):
            self.unharmed(done)
        self.assertEqual(one.returncode, other.returncode)
        return one

    def refused(self, content, place=None, saying="", mode="semantic"):
        """`place` is "line:column", of which either may be a regular expression."""
        path = self.write("refused.json", content)
        done = self.both(path, self.write("small.json", SMALL), "--mode", mode)
        self.assertEqual(done.returncode, UNUSABLE, done.stdout)
        self.assertIn(path.encode(), done.stderr)
        if place is not None:
            self.assertRegex(done.stderr.decode(), rf"refused\.json:{place}: ")
        self.assertIn(saying.lower(), done.stderr.decode().lower())

    def same(self, content, *options, other=SMALL):
        self.assert_equivalent(self.write("small.json", other), self.write("same.json", content), *options)


class Traces(InputTest):
    """What users have."""

    def test_each_in_every_mode(self):
        for golden in DATA:
            for new in DATA:
                for mode in MODES:
                    with self.subTest(golden=golden, new=new, mode=mode):
                        done = self.both(data(golden), data(new), "--mode", mode)
                        self.assertNotEqual(done.returncode, UNUSABLE, done.stderr)
                        self.assertEqual(done.stderr, b"")
                        if golden == new:
                            self.assertEqual(done.returncode, EQUIVALENT)

    def test_cut_anywhere(self):
        rng = random.Random(SEED)
        for name in DATA:
            with open(data(name), "rb") as file:
                content = file.read()
            start = content.index(b"{")
            places = [*range(0, min(len(content), start + 120), 7), *(rng.randrange(len(content)) for _ in range(20)),
                      *range(len(content) - 60, len(content), 5)]
            for place in places:
                with self.subTest(name=name, place=place):
                    path = self.write("cut.json", content[:place])
                    mode = rng.choice(MODES)
                    done = self.both(path, data(name), "--mode", mode)
                    if place > start + 200:
                        # What there is of it is compared, and that it was cut is said.
                        self.assertNotEqual(done.returncode, UNUSABLE, done.stderr)
                    if place < content.rindex(b"}") and done.returncode != UNUSABLE:
                        self.assertRegex((done.stdout + done.stderr).decode(), "(?i)cut|broken off|ends in the middle|incomplete")

    def test_cut_golden_trace(self):
        golden = self.record([payload("hello")], "--golden", output="golden.json")
        with open(golden, "rb") as file:
            content = file.read()
        for place in range(0, len(content), max(1, len(content) // 150)):
            with self.subTest(place=place):
                self.both(self.write("cut.json", content[:place]), golden)

    def test_a_cut_trace_is_not_equivalent_to_a_whole_one(self):
        """The program's end is missing, and nobody knows what else."""
        place = SMALL.index('    {"name":"write"')
        done = self.both(self.write("cut.json", SMALL[:place]), self.write("small.json", SMALL))
        self.assertEqual(done.returncode, DIFFERENT)

    def test_other_output_around(self):
        texts = ["Hello\n", "no end of line", "{", "{}\n", "[]\n", "{ not json\n", '{"a": 1}\n', '{"version": 1}\n', "\n\n\n",
                 "[renacer: DWARF debug info loaded from /x]\n", "\x1b[31mred\x1b[0m\n", "\"\n", "\r\n", "{\"name\":\"write\"}\n", "x" * 100000 + "\n"]
        for text in texts:
            with self.subTest(before=text[:30]):
                self.same(text + SMALL)
            if "{" not in text:
                with self.subTest(behind=text[:30]):
                    self.same(SMALL + text)
        self.same("one\n" * 1000 + SMALL + "two\n" * 1000)

    def test_forms_of_one_trace(self):
        document = json.loads(SMALL)
        with self.subTest("indented"):
            self.same(json.dumps(document, indent=4))
        with self.subTest("one line"):
            self.same(json.dumps(document, separators=(",", ":")))
        with self.subTest("CRLF"):
            self.same(SMALL.replace("\n", "\r\n"))
        with self.subTest("byte order mark"):
            self.same("\ufeff" + SMALL)
        with self.subTest("escapes"):
            self.same(SMALL.replace("Hello", "".join(f"\\u{ord(c):04x}" for c in "Hello")).replace("/home", "\\/home"))
        with self.subTest("bytes"):
            document["syscalls"][2]["args_b64"] = {"1": base64.b64encode(b"Hello\n").decode()}
            self.same(json.dumps(document))
        with self.subTest("members nobody knows"):
            document["later"] = {"deep": [[[{"er": None}]]]}
            document["syscalls"][0]["later"] = [1.5e300, -0.0, "x", {"syscalls": []}]
            self.same(json.dumps(document))

    def lines(self):
        document = json.loads(SMALL)
        summary, listed = document.pop("summary"), document.pop("syscalls")
        return [json.dumps(line) for line in (document, *listed, {"summary": summary})]

    def test_json_lines(self):
        lines = self.lines()
        self.same("\n".join(lines) + "\n")
        self.same("\r\n".join(lines) + "\r\n")
        self.same("Hello\n" + "\n".join(lines) + "\nbye\n")
        self.same("\n\n".join(lines))
        self.same("\nsome other output\n".join(lines) + "\n")
        # Cut off between and within lines.
        text = "\n".join(lines) + "\n"
        for place in range(0, len(text), 11):
            with self.subTest(place=place):
                self.both(self.write("cut.jsonl", text[:place]), self.write("small.json", SMALL))

    def test_recorded_json_lines(self):
        for command in ([payload("hello")], ["/bin/sh", "-c", "echo one; /bin/echo two"]):
            document = self.record(command, "--format", "json", "-f", output="t.json")
            lines = self.record(command, "--format", "jsonl", "-f", output="t.jsonl")
            self.assert_equivalent(document, lines, confidence=1)
            self.assert_equivalent(lines, document, confidence=1)
            golden = self.record(command, "--golden", "-f", output="golden.json")
            golden_lines = self.record(command, "--golden", "-f", "--format", "jsonl", output="golden.jsonl")
            for mode in MODES:
                self.assert_equivalent(golden, golden_lines, "--mode", mode)
            self.assert_equivalent(golden, document, confidence=1)

    def test_counted_traces(self):
        """-c: there are no calls to compare, but their numbers."""
        path = self.record([payload("hello")], "--format", "json", "-c", output="counted.json")
        full = self.record([payload("hello")], "--format", "json", output="full.json")
        self.assert_equivalent(path, path, "--mode", "counts")
        self.assert_equivalent(path, full, "--mode", "counts", "--tolerance", "exit_group=1")
        for mode in ("semantic", "exact"):
            done = self.both(path, full, "--mode", mode)
            self.assertEqual(done.returncode, UNUSABLE)
            self.assertIn(b"-c", done.stderr)

    def test_standard_input_and_pipes(self):
        path = self.write("small.json", SMALL)
        for mode in MODES:
            for sides in (("-", path), (path, "-")):
                done = run_compare(*sides, "--mode", mode, "-q", stdin=None, input=SMALL.encode())
                self.assertEqual((done.returncode, done.stdout, done.stderr), (EQUIVALENT, b"", b""))
        done = run_compare("-", "-", stdin=None, input=SMALL.encode())
        self.assertEqual(done.returncode, UNUSABLE)
        shell = f'{RENACER} compare --mode exact -q <(cat {path}) <(cat {path})'
        done = subprocess.run(["bash", "-c", shell], capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        self.assertEqual((done.returncode, done.stderr), (EQUIVALENT, b""))


class Hostile(InputTest):
    """What is no trace, or was made to harm."""

    def test_no_trace(self):
        for content in ("", "\n", "Hello\n", "{}", "[]", "null", "{" * 100000, "[" * 100000, "\0" * 1000, "\xff\xfe", "{\n" * 5000,
                        '{"a":' * 5000, '"' * 999, "\x7fELF\x02\x01\x01", '{"format": "har"}', '{"syscalls": []}' * 0 + "[1, 2, 3]"):
            with self.subTest(content=content[:20]):
                for mode in MODES:
                    self.refused(content, mode=mode)

    def test_other_formats(self):
        self.refused(SMALL.replace("renacer-json-v1", "renacer-json-v9"), saying="renacer-json-v9")
        self.refused('{"format":"renacer-comparison-v1","mode":"exact"}')

    def test_two_documents(self):
        self.refused(SMALL + SMALL, r"\d+:\d+")

    def test_places_of_faults(self):
        """Line and column of what is wrong; the column may be that of the member's name or of its value, or its end."""
        line = len(HEAD.splitlines()) + 1
        for call, saying in (('{"name":5,"args":[],"result":0}', "name"),
                             ('{"name":"read","args":"none","result":0}', "args"),
                             ('{"name":"read","args":{},"result":0}', "args"),
                             ('{"name":"read","args":[null],"result":0}', "argument"),
                             ('{"name":"read","args":[[]],"result":0}', "argument"),
                             ('{"name":"read","args":[],"result":"0"}', "result"),
                             ('{"name":"read","args":[],"result":1.5}', "result"),
                             ('{"name":"read","args":[],"result":99999999999999999999}', "result"),
                             ('{"name":"read","args":[],"result":true}', "result"),
                             ('{"name":"read","args":[],"result":0,"pid":"7"}', "pid"),
                             ('{"name":"write","args":["1","x","1"],"result":1,"args_b64":{"1":"%%%"}}', "args_b64"),
                             ('{"name":"read","args":[],"result":0,"cut":5}', "cut"),
                             ('{"args":[],"result":0}', "name"),
                             ('{"name":"read","args":[] "result":0}', ""),
                             ('{"name":"read","args":[],"result":0}}', ""),
                             ('{"name":"read","args":["\\ud800"],"result":01}', ""),
                             ('{"name":"read\n","args":[],"result":0}', ""),
                             ('5', ""), ('null', ""), ('"read"', "")):
            with self.subTest(call=call):
                for mode in MODES:
                    self.refused(calls('{"name":"getpid","args":[],"result":1}', call), rf"{line + 1}:\d+", saying, mode)
                self.refused("output\n" + calls('{"name":"getpid","args":[],"result":1}', call), rf"{line + 2}:\d+")

    def test_faults_elsewhere(self):
        for content in (SMALL.replace('"exit_code": 0', '"exit_code": "0"'), SMALL.replace('"lost": 0', '"lost": []'),
                        SMALL.replace('{"total_syscalls": 4, "exit_code": 0, "lost": 0}', "[]"),
                        SMALL.replace('"syscalls": [', '"syscalls": {').replace("  ],", "  },"),
                        SMALL.replace('"version": "0.6.2"', '"version": 6'), SMALL.replace("  ],", "  ]")):
            self.assertNotEqual(content, SMALL)
            with self.subTest(content=content):
                self.refused(content, r"\d+:\d+")

    def test_mutated_at_random(self):
        """Bytes changed, lost, doubled and moved in real traces, in every mode."""
        rng = random.Random(SEED)
        pieces = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\0", b"\xff", b"null", b"-1", b"1e999", b"9" * 30, b"\\u0000", b"\\ud800",
                  b'"args":[', b'"syscalls":[', b'"cut":{"1":1}', b"0xffffffffffffffff", b"-9223372036854775808", b"18446744073709551615"]
        small = self.write("small.json", SMALL)
        with open(data("pair_rust.json"), "rb") as file:
            sources = [SMALL.encode(), file.read(), "\n".join(Traces.lines(self)).encode()]
        for number in range(250):
            content = rng.choice(sources)
            for _ in range(rng.randrange(1, 5)):
                start = rng.randrange(len(content))
                end = min(len(content), start + rng.choice([0, 1, 1, 5, 40, 400]))
                content = rng.choice([content[:start] + rng.choice(pieces) + content[end:], content[:start] + content[end:],
                                      content[:end] + content[start:end] + content[end:]]) or b"{"
            with self.subTest(number=number):
                self.both(self.write("mutated.json", content), small, "--mode", rng.choice(MODES))

    def test_hostile_values(self):
        """Of the right types, and absurd."""
        numbers = ["-1", "0", "4294967295", "18446744073709551615", "-9223372036854775808", "0xffffffffffffffff", "0x", "", "NULL", "99999999999999999999999",
                   "AT_FDCWD", "7<x>", "\u0000", "\u001b[2J", "x" * 70000, "[", "[{iov_base=", '["', "{sa_family=", '{sa_family=AF_UNIX, sun_path="',
                   "[{iov_base=\"x\", iov_len=99999999999999999999}]", '"\\777\\x"', "stack+0x", "mmap#", "mmap#99999999999999999999+0x1"]
        names = ["write", "read", "openat", "open", "close", "dup", "dup2", "dup3", "fcntl", "clone", "clone3", "fork", "vfork", "execve", "execveat", "pipe2",
                 "socket", "connect", "bind", "sendto", "sendmsg", "sendmmsg", "writev", "pwrite64", "pwritev2", "lseek", "rename", "renameat2", "unlinkat", "chdir",
                 "fchdir", "mmap", "munmap", "mremap", "brk", "sendfile", "splice", "wait4", "exit_group", "kill", "unknown", "no_such_call", "", "close_range", "socketpair", "accept4"]
        rng = random.Random(SEED)
        for number in range(150):
            listed = []
            for _ in range(rng.randrange(1, 60)):
                call = {"name": rng.choice(names), "args": [rng.choice(numbers) for _ in range(rng.randrange(0, 8))],
                        "result": rng.choice([0, 0, 3, 1, 1 << 31, 1 << 62, -(1 << 63), (1 << 63) - 1, None, -2, 1024])}
                if rng.random() < 0.5:
                    call["pid"] = rng.choice([0, 1, 2, -1, 1 << 31, (1 << 63) - 1])
                    call["tid"] = rng.choice([0, 1, 2, -1, 1 << 31])
                if rng.random() < 0.2:
                    call["cut"] = {"1": rng.choice([0, 5, (1 << 63) - 1])}
                if rng.random() < 0.2:
                    call["fds"] = {"0": rng.choice(["/x", "socket:[1]", ""])}
                listed.append(json.dumps(call))
            path = self.write("hostile.json", calls(*listed))
            with self.subTest(number=number):
                mode = rng.choice(MODES)
                self.both(path, self.write("small.json", SMALL), "--mode", mode)
                self.unharmed(run_compare(path, path, "--mode", mode, "--format", "json"))

    def test_processes_that_come_late(self):
        """After the end of the one that was started, and of one that nobody has seen start."""
        for first in ("exit_group", "exit", "execve", "kill"):
            path = self.write("late.json", calls(
                json.dumps({"name": first, "args": ["0"], "result": None, "pid": 5, "tid": 5}),
                json.dumps({"name": "getuid", "args": [], "result": 0, "pid": 6, "tid": 6}),
                json.dumps({"name": "clone", "args": ["0", "NULL"], "result": 7, "pid": 5, "tid": 5}),
                json.dumps({"name": "getuid", "args": [], "result": 0, "pid": 7, "tid": 7})))
            for mode in MODES:
                with self.subTest(first=first, mode=mode):
                    done = run_compare(path, path, "--mode", mode)
                    self.assertEqual(done.returncode, EQUIVALENT, done.stderr)

    def test_control_characters_are_escaped(self):
        """A trace cannot write to the terminal of whoever reads the report."""
        one = SMALL.replace("/home/user/in", "/home/user/\\u001b[31m\\u0007\\u009b\\u202e\\r").replace("Hello", "Hello\\u001b]0;x\\u0007")
        path, small = self.write("one.json", one), self.write("small.json", SMALL)
        for mode in MODES:
            for color in ("always", "never"):
                done = run_compare(path, small, "--mode", mode, "--color", color)
                text = re.sub(rb"\x1b\[[0-9;]*m", b"", done.stdout) if color == "always" else done.stdout
                self.assertNotRegex(text.decode(), "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
            report = run_compare(path, small, "--mode", mode, "--format", "json")
            json.loads(report.stdout)
            self.assertNotRegex(report.stdout, rb"[\x00-\x08\x0b-\x1f\x7f]")

    def test_control_characters_in_messages(self):
        self.refused(SMALL.replace("renacer-json-v1", "\\u001b[31m\\n\\u0007"))
        self.refused(calls('{"name":"read","\\u001b[31m":[}'))

    def test_depth_and_length(self):
        deep = '{"name":"read","args":[],"result":0,"x":' + "[" * 100000 + "]" * 100000 + "}"
        self.refused(calls(deep), r"\d+:\d+")
        long = calls(json.dumps({"name": "write", "args": ["1", "x" * (8 << 20), str(8 << 20)], "result": 8 << 20}))
        path = self.write("long.json", long)
        for mode in MODES:
            done = run_compare(path, path, "--mode", mode, "-q")
            self.assertEqual(done.returncode, EQUIVALENT, done.stderr)
        self.both(path, self.write("small.json", SMALL))

    def test_many_targets(self):
        """A file, a process and a descriptor for each of many calls."""
        listed = []
        for number in range(20000):
            listed.append(json.dumps({"name": "openat", "args": ["AT_FDCWD", f"/home/user/{number}", "O_WRONLY|O_CREAT|O_TRUNC", "0644"],
                                      "result": number + 3, "pid": number % 700 + 1, "tid": number % 700 + 1}))
            listed.append(json.dumps({"name": "write", "args": [str(number + 3), "x", "1"], "result": 1, "pid": number % 700 + 1, "tid": number % 700 + 1}))
        path = self.write("many.json", calls(*listed))
        for mode in MODES:
            done = run_compare(path, path, "--mode", mode)
            self.assertEqual(done.returncode, EQUIVALENT, done.stderr)
        other = self.write("other.json", calls(*listed[:-1], listed[-1].replace('"x"', '"y"')))
        self.assert_different(path, other, subject="/home/user/19999")

    def test_files_that_cannot_be_read(self):
        small = self.write("small.json", SMALL)
        os.mkfifo(self.path("fifo"))
        for path, saying in ((self.path("none.json"), "No such file"), (self.folder, "directory"), ("/proc/self/mem", ""), ("/dev/null", "")):
            with self.subTest(path=path):
                done = self.both(path, small)
                self.assertEqual(done.returncode, UNUSABLE)
                self.assertIn(path, done.stderr.decode())
                self.assertIn(saying, done.stderr.decode())
        done = run_compare(small, small, stdin=None)
        self.assertEqual(done.returncode, EQUIVALENT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
