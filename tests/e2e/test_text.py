#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The trace as people read it: strace's notation, tables and CSV, and the options that go with them."""

import collections
import csv
import io
import json
import os
import pty
import pwd
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest

from harness import RENACER, TIMEOUT, TraceTest, payload

CALL = re.compile(r"(?:syscall_0x[0-9a-f]+|[a-z_][a-z0-9_]*)\(.*\) += "
                  r"(?:-?\d+.*|0x[0-9a-f]+.*|\?|\? <unavailable>|\? ERESTART.*|-1 E[A-Z0-9]+ \(.*\))")
SIGNAL = re.compile(r"--- (SIG[A-Z0-9_]+ \{si_signo=.*\}|stopped by SIG[A-Z]+) ---")
END = re.compile(r"\+\+\+ .* \+\+\+")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class TextTest(TraceTest):
    def text(self, command, *options, status=0, **keywords):
        """The lines of a trace to standard error, by a program that writes nothing there."""
        done = self.run_plain([RENACER, *options, "--", *command], **keywords)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn(b"renacer-sv:", done.stderr)
        return done.stderr.decode().splitlines()

    def filed(self, command, *options, status=0, name="t.txt", **keywords):
        """The same with -o."""
        done = self.run_plain([RENACER, "-o", self.path(name), *options, "--", *command], **keywords)
        self.assertEqual((done.returncode, done.stderr), (status, b""))
        return self.content(name).splitlines()

    def only(self, lines, beginning):
        """The one line that begins so."""
        found = [line for line in lines if line.startswith(beginning)]
        self.assertEqual(len(found), 1, "\n".join(lines))
        return found[0]


class Where(TextTest):
    def test_the_trace_on_standard_error_the_program_on_standard_output(self):
        done = self.run_plain([RENACER, "/bin/echo", "out"])
        self.assertEqual(done.stdout, b"out\n")
        lines = done.stderr.decode().splitlines()
        self.assertTrue(lines[0].startswith('execve("/bin/echo", ["/bin/echo", "out"], 0x'), lines[0])
        self.assertTrue(lines[0].endswith(" vars */) = 0"), lines[0])
        self.assertIn('write(1, "out\\n", 4)                    = 4', lines)
        self.assertEqual(lines[-2:], ["exit_group(0)                           = ?", "+++ exited with 0 +++"])

    def test_into_a_file(self):
        done = self.run_plain([RENACER, "-o", self.path("t"), "/bin/sh", "-c", "echo out; echo err >&2; exit 3"])
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, b"out\n", b"err\n"))
        lines = self.content("t").splitlines()
        self.assertIn('write(1, "err\\n", 4)                    = 4', lines)
        self.assertEqual(lines[-1], "+++ exited with 3 +++")

    def test_every_line_is_a_call_a_signal_or_an_end(self):
        script = "import os,signal,subprocess; signal.signal(10,lambda *a:0); os.kill(os.getpid(),10); os.stat('/')"
        for line in self.filed([sys.executable, "-c", script]):
            self.assertTrue(CALL.fullmatch(line) or SIGNAL.fullmatch(line) or END.fullmatch(line), line)

    def test_results_stand_in_one_column(self):
        for line in self.filed(["/bin/ls", "/usr"]):
            if line[:40].rstrip().endswith(")"):
                self.assertEqual(line[39:42], " = ", line)

    def test_lines_of_program_and_trace_do_not_mix(self):
        script = "i=0; while [ $i -lt 200 ]; do echo program >&2; i=$((i+1)); done"
        done = self.run_plain([RENACER, "/bin/sh", "-c", script])
        lines = done.stderr.decode().splitlines()
        self.assertEqual(lines.count("program"), 200)
        self.assertEqual(lines.count('write(2, "program\\n", 8)                = 8') +
                         lines.count('write(1, "program\\n", 8)                = 8'), 200)

    def test_strings_are_cut_at_32_bytes(self):
        long = "0123456789" * 4
        self.assertIn('write(1, "01234567890123456789012345678901"..., 41) = 41', self.filed(["/bin/echo", long]))
        self.assertIn('write(1, "012"..., 41)                  = 41',
                      self.filed(["/bin/echo", long], "--string-limit", "3"))
        self.assertIn(f'write(1, "{long}\\n", 41) = 41', self.filed(["/bin/echo", long], "--string-limit", "41"))

    @unittest.skipUnless(shutil.which("strace"), "needs strace")
    def test_lines_are_strace_s_own(self):
        calls = "trace=execve,access,openat,close,mmap,mprotect,munmap,write,lseek,dup2,fcntl,umask,exit_group,getpid,kill"
        script = ("umask 027; exec 7</etc/passwd; exec 7<&-; echo 'quoted \"text\"\t' >&2; exec 2>/dev/null;"
                  " : </nonexistent; kill -0 $$; exit 9")
        command = ["/bin/bash", "--norc", "-c", script]
        ours = self.normal(command, [RENACER, "-e", calls, "-o", self.path("ours")], "ours")
        theirs = self.normal(command, ["strace", "-e", calls, "-o", self.path("theirs")], "theirs")
        self.assertEqual(ours, theirs)
        self.assertGreater(len(ours), 30)

    def normal(self, command, tracer, name):
        done = self.run_plain([*tracer, *command], env={"LC_ALL": "C"})
        self.assertEqual(done.returncode, 9, done.stderr)
        pid = re.search(r"getpid\(\) += (\d+)", self.content(name)).group(1)
        text = re.sub(r"0x[0-9a-f]+", "ADDRESS", self.content(name))
        return re.sub(rf"\b{pid}\b", "PID", text).splitlines()


class Summary(TextTest):
    HEAD = ["% time     seconds  usecs/call     calls    errors syscall",
            "------ ----------- ----------- --------- --------- ----------------"]
    ROW = re.compile(r"( *\d+\.\d\d) ( *\d+\.\d{6}) ( *\d+) ( *\d+) ( *\d*) (\w+)")

    def rows(self, lines):
        """The table that the lines end with: (name, calls, errors, seconds) each, and the total."""
        start = lines.index(self.HEAD[0])
        self.assertEqual(lines[start:start + 2], self.HEAD)
        self.assertEqual(lines[-2], self.HEAD[1])
        rows = []
        for line in lines[start + 2:-2] + lines[-1:]:
            match = self.ROW.fullmatch(line)
            self.assertTrue(match, line)
            self.assertEqual([len(field) for field in match.groups()[:5]], [6, 11, 11, 9, 9], line)
            rows.append((match[6], int(match[4]), int(match[5].strip() or 0), float(match[2])))
        self.assertEqual(rows[-1][0], "total")
        return rows[:-1], rows[-1]

    def counted(self, command, *options):
        document = self.trace(command, *options)
        return collections.Counter(call["name"] for call in document["syscalls"] if call["name"] != "exit_group")

    def test_table_in_place_of_the_calls(self):
        lines = self.text(["/bin/ls", "/usr"], "-c")
        self.assertEqual(lines[0], self.HEAD[0])
        rows, total = self.rows(lines)
        self.assertEqual({name: calls for name, calls, _, _ in rows}, dict(self.counted(["/bin/ls", "/usr"])))
        self.assertEqual(total[1], sum(row[1] for row in rows))
        self.assertEqual(total[2], sum(row[2] for row in rows))
        self.assertAlmostEqual(total[3], sum(row[3] for row in rows), delta=1e-6 * len(rows))

    def test_table_behind_the_calls(self):
        lines = self.filed(["/bin/true"], "-C")
        start = lines.index(self.HEAD[0])
        self.assertEqual(lines[start - 1], "+++ exited with 0 +++")
        rows, total = self.rows(lines)
        returned = [line for line in lines[:start] if CALL.fullmatch(line) and not line.startswith("exit_group(")]
        self.assertEqual(total[1], len(returned))
        self.assertEqual(total[2], len([line for line in returned if " = -1 E" in line]))

    def test_orders(self):
        keys = {"calls": lambda row: (-row[1], row[0]), "errors": lambda row: (-row[2], row[0]),
                "name": lambda row: row[0]}
        for order, key in keys.items():
            rows, _ = self.rows(self.text(["/bin/ls", "/usr"], "-c", "-S", order))
            self.assertEqual(rows, sorted(rows, key=key), order)
        rows, _ = self.rows(self.text(["/bin/sleep", "0.05"], "-c", "-S", "time"))
        self.assertEqual(rows[0][0], "clock_nanosleep")
        self.assertGreaterEqual(rows[0][3], 0.05)
        self.assertEqual([row[3] for row in rows], sorted((row[3] for row in rows), reverse=True))

    def test_the_same_rows_in_the_same_order_every_time(self):
        def names():
            return [row[:3] for row in self.rows(self.text(["/bin/ls", "/usr"], "-c"))[0]]
        self.assertEqual(names(), names())

    def test_of_children_too_into_a_file(self):
        lines = self.filed(["/bin/sh", "-c", "/bin/true; /bin/true"], "-c", "-f")
        rows, _ = self.rows(lines)
        self.assertEqual(dict((row[0], row[1]) for row in rows)["execve"], 3)

    def test_of_what_is_selected(self):
        rows, total = self.rows(self.text(["/bin/true"], "-c", "-e", "trace=openat,access", "-e", "status=failed"))
        self.assertEqual([row[:3] for row in rows], [("access", 1, 1)])
        rows, total = self.rows(self.text(["/bin/true"], "-c", "-e", "trace=mount"))
        self.assertEqual((rows, total[1]), ([], 0))

    def test_without_results(self):
        done = self.run_plain([RENACER, "-c", "--engine", "notify-only", "-o", self.path("t"), "/bin/true"])
        self.assertEqual(done.returncode, 0)
        last = self.content("t").splitlines()[-1]
        self.assertRegex(last, r"^     -           -           -  +\d+         - total$")

    def test_in_a_document(self):
        document = self.trace(["/bin/ls", "/usr"], "-c", "-T")
        self.assertNotIn("syscalls", document)
        by_call = document["summary"]["by_call"]
        calls = self.trace(["/bin/ls", "/usr"], "-C", "-T")
        counted = collections.Counter(call["name"] for call in calls["syscalls"] if call["result"] is not None)
        self.assertEqual({name: row["calls"] for name, row in by_call.items()}, dict(counted))
        self.assertEqual({name: row["calls"] for name, row in calls["summary"]["by_call"].items()}, dict(counted))
        self.assertEqual(list(by_call), sorted(by_call, key=lambda name: (-by_call[name]["calls"], name)))
        for name, row in calls["summary"]["by_call"].items():
            of_name = [call for call in calls["syscalls"] if call["name"] == name and call["result"] is not None]
            self.assertEqual(row["errors"], sum("error" in call for call in of_name))
            self.assertEqual(row["time_ns"], sum(call["duration_ns"] for call in of_name))
            self.assertEqual(row["time_us"], row["time_ns"] // 1000)

    def sourced(self, *options):
        """What is written of ls; standard error may have a hint about debug information."""
        done = self.run_plain([RENACER, *options, "-o", self.path("t"), "/bin/ls", "/usr"])
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.content("t")

    def test_by_source_and_by_function(self):
        """Whatever is known of places and stacks, no call is lost and none counted twice."""
        document = json.loads(self.sourced("--format", "json", "-C", "-s", "-T"))
        by_call, by_source = document["summary"]["by_call"].values(), document["summary"]["by_source"]
        for member in ("calls", "errors", "time_ns"):
            self.assertEqual(sum(row[member] for row in by_source), sum(row[member] for row in by_call), member)
        self.assertEqual(len({(row["file"], row["line"], row["function"], row.get("module")) for row in by_source}),
                         len(by_source))
        lines = self.sourced("-c", "-s").splitlines()
        self.assertRegex(lines[0], r"errors source$")
        self.assertRegex(lines[-1], r"^100\.00 .* total$")
        self.assertEqual(sum(int(line[31:40]) for line in lines[2:-2]), int(lines[-1].split()[3]))
        lines = self.sourced("--function-time").splitlines()
        self.assertRegex(lines[0], r" function +callers$")
        self.assertRegex(lines[-1], r"^100\.00 .* total$")
        document = json.loads(self.sourced("--format", "json", "--function-time"))
        self.assertNotIn("syscalls", document)
        total = sum(row["calls"] for row in document["summary"]["by_call"].values())
        self.assertLessEqual(max(row["calls"] for row in document["summary"]["functions"]), total)
        done = self.run_plain([RENACER, "compare", self.path("t"), self.path("t")])
        self.assertEqual(done.returncode, 2, done.stdout)

    def test_folded(self):
        counted = self.counted(["/bin/ls", "/usr"])
        lines = self.sourced("--folded").splitlines()
        self.assertEqual(lines, sorted(lines))
        parts = [re.fullmatch(r"(\S.*);([^;]+) (\d+)", line).groups() for line in lines]
        self.assertEqual({call for _, call, _ in parts}, set(counted) | {"exit_group"})
        self.assertTrue(all((weight == "0") == (call == "exit_group") for _, call, weight in parts), lines)
        self.assertEqual(len({line.rsplit(" ", 1)[0] for line in lines}), len(lines))
        done = self.run_plain([RENACER, "--folded", "--engine", "notify-only", "/bin/true"])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"measures no time", done.stderr)

    def test_in_json_lines(self):
        done = self.run_plain([RENACER, "--format", "jsonl", "-c", "/bin/true"])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[0]["format"], "renacer-json-v1")
        self.assertEqual(lines[1]["summary"]["by_call"]["execve"]["calls"], 1)


class Stamps(TextTest):
    def stamps(self, options, pattern):
        """What `pattern` finds in front of every line, in order."""
        found = []
        for line in self.text(["/bin/true"], *options):
            match = re.fullmatch(pattern + r" ((?:[a-z_0-9]+\(|\+\+\+ ).*)", line)
            self.assertTrue(match, line)
            found.append(match[1])
        return found

    def test_time_of_day(self):
        clock = r"((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)"
        self.stamps(["-t"], clock)
        times = self.stamps(["-tt"], clock[:-1] + r"\.\d{6})")
        self.assertEqual(times, sorted(times))

    def test_time_of_day_is_local(self):
        def hour(zone):
            return int(self.text(["/bin/true"], "-t", env={"TZ": zone})[0][:2])
        self.assertIn((hour("XYZ-5") - hour("XYZ0")) % 24, (5, 6))

    def test_epoch(self):
        before = time.time()
        times = [float(stamp) for stamp in self.stamps(["-ttt"], r"(\d{10,}\.\d{6})")]
        self.assertEqual(times, sorted(times))
        self.assertGreaterEqual(times[0], before - 0.01)
        self.assertLessEqual(times[-1], time.time() + 0.01)

    def test_relative(self):
        times = [float(stamp) for stamp in self.stamps(["-r"], r" {5}(\d\.\d{6})")]
        self.assertEqual(times[0], 0)
        self.assertGreater(sum(times), 0)
        self.assertLess(sum(times), 10)

    def test_relative_beside_absolute(self):
        self.stamps(["-r", "-tt"], r"(\d\d:\d\d:\d\d\.\d{6} \(\+     \d\.\d{6}\))")

    def test_time_in_calls(self):
        lines = self.text(["/bin/sleep", "0.05"], "-T")
        self.assertEqual(lines[-2], "exit_group(0)                           = ?")
        for line in lines[:-2]:
            self.assertRegex(line, r" = .* <\d+\.\d{6}>$")
        slept = self.only(lines, "clock_nanosleep(")
        self.assertGreaterEqual(float(re.search(r"<(.*)>$", slept)[1]), 0.05)


class FollowForks(TextTest):
    SCRIPT = ["/bin/sh", "-c", "/bin/true; exit 4"]

    def test_children_are_named_while_they_live(self):
        lines = self.text(self.SCRIPT, "-f", status=4)
        child = [line for line in lines if "/bin/true" in line and "execve" in line][-1]
        prefix = re.match(r"\[pid +\d+\] ", child)[0]
        self.assertGreaterEqual(len(prefix), len("[pid 12345] "))
        self.assertIn(prefix + "+++ exited with 0 +++", lines)
        self.assertFalse(lines[0].startswith("[pid"))
        self.assertEqual(lines[-2:], ["exit_group(4)                           = ?", "+++ exited with 4 +++"])

    def test_in_a_file_every_line_has_a_bare_id(self):
        lines = self.filed(self.SCRIPT, "-f", status=4)
        matches = [re.fullmatch(r"(\d+) +((?:[a-z_0-9]+\(|\+\+\+ |--- ).*)", line) for line in lines]
        self.assertTrue(all(matches), lines)
        self.assertEqual(len({match[1] for match in matches}), 2)
        ends = [match[2] for match in matches if match[2].startswith("+++")]
        self.assertEqual(ends, ["+++ exited with 0 +++", "+++ exited with 4 +++"])

    def test_without_it_children_are_not_there(self):
        lines = self.text(self.SCRIPT, status=4)
        self.assertEqual([line for line in lines if line.startswith("[pid")], [])
        self.assertEqual(len([line for line in lines if line.startswith("execve(")]), 1)

    def test_the_end_of_every_thread(self):
        lines = self.text([payload("threads")])
        ends = [line for line in lines if line.endswith("+++ exited with 0 +++")]
        self.assertEqual(len(ends), 9)
        self.assertEqual(len(set(ends)), 9)
        self.assertEqual(lines[-1], "+++ exited with 0 +++")

    def test_a_program_that_a_thread_executes(self):
        lines = self.text([payload("thread_exec")], "-f")
        superseded = [line for line in lines if "+++ superseded by execve in pid " in line]
        self.assertEqual(len(superseded), 1, lines)
        self.assertEqual(lines[-1], "+++ exited with 0 +++")


class Ends(TextTest):
    @staticmethod
    def no_core_file():
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

    def test_killed(self):
        for name in ("SEGV", "QUIT", "KILL"):
            lines = self.text(["/bin/sh", "-c", f"kill -{name} $$"], status=-getattr(signal, "SIG" + name),
                              preexec_fn=self.no_core_file)
            self.assertEqual(lines[-1], f"+++ killed by SIG{name} +++")
            if name != "KILL":
                self.assertRegex(lines[-2],
                                 rf"^--- SIG{name} {{si_signo=SIG{name}, si_code=SI_USER, si_pid=\d+, \.\.\.}} ---$")

    def test_killed_children(self):
        script = "/bin/sh -c 'kill -KILL $$'; /bin/sh -c 'kill -SEGV $$'; /bin/sh -c 'exit 7'; exit 0"
        done = self.run_plain([RENACER, "-f", "-o", self.path("t"), "/bin/sh", "-c", script],
                              preexec_fn=self.no_core_file)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(re.findall(r"\+\+\+ .* \+\+\+", self.content("t")),
                         ["+++ killed by SIGKILL +++", "+++ killed by SIGSEGV +++", "+++ exited with 7 +++",
                          "+++ exited with 0 +++"])

    def test_killed_without_a_core_file(self):
        for name in ("TERM", "HUP", "PIPE", "ALRM", "USR1"):
            done = self.run_plain([RENACER, "-f", "-o", self.path("t"), "/bin/sh", "-c",
                                   f"/bin/sh -c 'kill -{name} $$'; kill -{name} $$"])
            self.assertEqual(done.returncode, -getattr(signal, "SIG" + name))
            self.assertEqual(re.findall(r"\+\+\+ .* \+\+\+", self.content("t")),
                             [f"+++ killed by SIG{name} +++"] * 2)
            self.assertEqual(len(re.findall(rf"--- SIG{name} ", self.content("t"))), 2)

    def test_a_program_that_a_thread_executed_is_killed(self):
        source = ("import os, threading, time\n"
                  "threading.Thread(target=os.execv, args=('/bin/sh', ['sh', '-c', 'kill -SEGV $$'])).start()\n"
                  "time.sleep(10)")
        lines = self.text([sys.executable, "-c", source], status=-signal.SIGSEGV, preexec_fn=self.no_core_file)
        self.assertEqual(lines[-1], "+++ killed by SIGSEGV +++")
        self.assertEqual([line for line in lines if line.endswith("+++ exited with 0 +++")], [])

    def test_core_dumped(self):
        command = ["/bin/sh", "-c", f"cd {self.folder} && ulimit -c unlimited && kill -ABRT $$"]
        # Whether there is one depends on the machine.
        pid = os.posix_spawn(command[0], command, os.environ)
        dumped = os.WCOREDUMP(os.waitpid(pid, 0)[1])
        lines = self.text(command, status=-signal.SIGABRT)
        self.assertEqual(lines[-1], "+++ killed by SIGABRT" + (" (core dumped)" if dumped else "") + " +++")

    def test_signals_that_are_handled(self):
        lines = self.text(["/bin/sh", "-c", "trap 'exit 5' USR1; kill -USR1 $$; exit 6"], status=5)
        pid = next(line for line in lines if line.startswith("getpid()")).split("= ")[1]
        self.assertIn(f"--- SIGUSR1 {{si_signo=SIGUSR1, si_code=SI_USER, si_pid={pid}, ...}} ---", lines)
        self.assertEqual(lines[-1], "+++ exited with 5 +++")


class Descriptors(TextTest):
    SCRIPT = """
import os, socket
os.chdir({folder!r})
gone = os.open("gone", os.O_CREAT | os.O_RDWR); os.unlink("gone"); os.write(gone, b"gone")
odd = os.open("a <b>", os.O_CREAT | os.O_RDWR); os.write(odd, b"odd")
null = os.open("/dev/null", os.O_RDWR); os.write(null, b"null")
again = os.dup(null); os.write(again, b"again")
reading, writing = os.pipe(); os.write(writing, b"pipe")
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(1)
client = socket.create_connection(server.getsockname()); other, _ = server.accept()
os.write(client.fileno(), b"tcp"); os.write(other.fileno(), b"pct")
one, two = socket.socketpair(); os.write(one.fileno(), b"unix")
named = socket.socket(socket.AF_UNIX); named.bind("socket"); named.listen(1)
caller = socket.socket(socket.AF_UNIX); caller.connect("socket"); called, _ = named.accept()
os.write(caller.fileno(), b"caller"); os.write(called.fileno(), b"called")
print(server.getsockname()[1], client.getsockname()[1])
"""

    def lines(self, *options):
        """The trace of the script, and the ports of its server and client."""
        done = self.run_plain([RENACER, *options, "-o", self.path("t.txt"), "-e", "trace=write,openat,fcntl,close", "--",
                               sys.executable, "-c", self.SCRIPT.format(folder=self.folder)])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        for name in ("a <b>", "socket"):
            os.unlink(self.path(name))
        return self.content("t.txt").splitlines(), [int(port) for port in done.stdout.split()]

    def written(self, lines, content):
        """What stands behind the descriptor where `content` was written."""
        match = [re.fullmatch(rf'write\(\d+(.*), "{content}", \d+\) += \d+', line) for line in lines]
        found = [found[1] for found in match if found]
        self.assertEqual(len(found), 1, content)
        return found[0]

    def test_paths(self):
        lines, _ = self.lines("-y")
        self.assertEqual(self.written(lines, "gone"), f"<{self.path('gone')}>(deleted)")
        self.assertEqual(self.written(lines, "odd"), rf"<{self.folder}/a \74b\76>")
        self.assertEqual(self.written(lines, "null"), "</dev/null>")
        self.assertEqual(self.written(lines, "again"), "</dev/null>")
        self.assertRegex(self.written(lines, "pipe"), r"^<pipe:\[\d+\]>$")
        self.assertRegex(self.written(lines, "tcp"), r"^<socket:\[\d+\]>$")
        self.assertRegex(self.written(lines, "unix"), r"^<socket:\[\d+\]>$")
        # What was opened is known although it was unlinked right away.
        opened = self.only(lines, f'openat(AT_FDCWD<{self.folder}>, "gone", ')
        self.assertRegex(opened, rf" = \d+<{re.escape(self.path('gone'))}>(\(deleted\))?$")
        copied = [line for line in lines if re.fullmatch(
            r"fcntl\(\d+</dev/null>, F_DUPFD_CLOEXEC, 0\) = \d+</dev/null>", line)]
        self.assertEqual(len(copied), 1, lines)

    def test_results_without_the_calls_that_close(self):
        lines = self.filed(["/bin/cat", "/etc/passwd", "/etc/group"], "-y", "-e", "trace=openat")
        for path in ("/etc/passwd", "/etc/group"):
            self.assertTrue(any(line.endswith(f"= 3<{path}>") for line in lines), lines)

    def test_endpoints(self):
        lines, (server, client) = self.lines("-yy")
        self.assertEqual(self.written(lines, "null"), "</dev/null<char 1:3>>")
        self.assertEqual(self.written(lines, "tcp"), f"<TCP:[127.0.0.1:{client}->127.0.0.1:{server}]>")
        self.assertEqual(self.written(lines, "pct"), f"<TCP:[127.0.0.1:{server}->127.0.0.1:{client}]>")
        self.assertRegex(self.written(lines, "unix"), r"^<UNIX-STREAM:\[\d+->\d+\]>$")
        caller = re.fullmatch(r"<UNIX-STREAM:\[(\d+)->(\d+)\]>", self.written(lines, "caller"))
        self.assertEqual(self.written(lines, "called"), f'<UNIX-STREAM:[{caller[2]}->{caller[1]},"socket"]>')
        self.assertEqual(self.written(lines, "gone"), f"<{self.path('gone')}>(deleted)")

    def test_not_asked_for(self):
        lines, _ = self.lines()
        self.assertEqual([self.written(lines, word) for word in ("gone", "null", "tcp")], ["", "", ""])

    def test_with_all_threads_stopping(self):
        lines, _ = self.lines("-y", "--lossless")
        self.assertEqual(self.written(lines, "gone"), f"<{self.path('gone')}>(deleted)")


class Filters(TextTest):
    def names(self, lines):
        return [line.split("(")[0] for line in lines if CALL.fullmatch(line)]

    def test_paths(self):
        for named, wanted in (("/etc/passwd", "/etc/passwd"), ("/etc/passwd", "/etc/../etc/passwd"),
                              ("/etc/../etc/passwd", "/etc/passwd")):
            names = self.names(self.filed(["/usr/bin/head", "-n1", named], "-P", wanted))
            # It is named, or it is what a descriptor stands for; what a call returns is not looked at.
            self.assertEqual("openat" in names, named == "/etc/passwd")
            self.assertTrue({"read", "close"} <= set(names), names)
            self.assertTrue({"execve", "mmap", "write"}.isdisjoint(names), names)
        lines = self.filed(["/bin/sh", "-c", "cat < /etc/passwd >/dev/null; : < /etc/group"], "-f", "-P", "/etc/group")
        self.assertEqual(len([line for line in lines if "/etc/group" in line and "open" in line]), 1)
        self.assertEqual([line for line in lines if "passwd" in line], [])

    def test_paths_that_are_not_there(self):
        self.assertEqual(self.text(["/bin/true"], "-P", "/nonexistent"), ["+++ exited with 0 +++"])

    def test_paths_of_links(self):
        os.symlink("/etc/passwd", self.path("link"))
        names = self.names(self.filed(["/bin/cat", "/etc/passwd"], "-P", self.path("link")))
        self.assertIn("openat", names)
        self.assertIn("close", names)

    def test_successful_and_failed(self):
        command = ["/bin/sh", "-c", ": </etc/passwd; cd /; exec /bin/ls /nonexistent 2>/dev/null"]
        everything = self.filed(command, status=2)
        failed = self.filed(command, "-Z", status=2)
        successful = self.filed(command, "-z", status=2)
        self.assertEqual(self.names(failed), self.names([line for line in everything if " = -1 E" in line]))
        self.assertEqual(self.names(successful),
                         self.names([line for line in everything if " = -1 E" not in line and " = ?" not in line]))
        self.assertEqual(self.names(self.filed(command, "-e", "status=unfinished", status=2)), ["exit_group"])
        self.assertEqual(self.names(self.filed(command, "-e", "status=!failed,successful", status=2)), ["exit_group"])
        self.assertEqual(self.names(self.filed(command, "-e", "status=failed,successful", status=2)) + ["exit_group"],
                         self.names(everything))

    def test_a_document_holds_what_passes(self):
        document = self.trace(["/bin/true"], "-Z")
        self.assertEqual([call["error"] for call in document["syscalls"]], ["ENOENT"] * len(document["syscalls"]))
        self.assertEqual(document["summary"]["total_syscalls"], len(document["syscalls"]))

    def test_signals(self):
        command = ["/bin/sh", "-c", "trap : USR1 USR2; kill -USR1 $$; kill -USR2 $$"]

        def signals(*options):
            return re.findall(r"^--- (SIG\w+) ", "\n".join(self.filed(command, *options)), re.M)
        self.assertEqual(signals(), ["SIGUSR1", "SIGUSR2"])
        self.assertEqual(signals("-e", "signal=usr1"), ["SIGUSR1"])
        self.assertEqual(signals("-e", "signal=!USR1"), ["SIGUSR2"])
        self.assertEqual(signals("-e", "signal=12"), ["SIGUSR2"])
        self.assertEqual(signals("-e", "signal=none"), [])
        self.assertEqual(signals("-e", "signal=all", "-e", "trace=none"), ["SIGUSR1", "SIGUSR2"])


class Users(TextTest):
    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_another_user(self):
        account = pwd.getpwnam("nobody")
        groups = os.getgrouplist("nobody", account.pw_gid)
        for options in ([], ["-f"], ["--lossless"]):
            done = self.run_plain([RENACER, "-u", "nobody", *options, "-o", self.path("t"), "/bin/cat",
                                   "/proc/self/status"], cwd="/")
            self.assertEqual(done.returncode, 0, done.stderr)
            status = dict(re.findall(r"^(\w+):\s*(.*?)\s*$", done.stdout.decode(), re.M))
            self.assertEqual(status["Uid"].split(), [str(account.pw_uid)] * 4)
            self.assertEqual(status["Gid"].split(), [str(account.pw_gid)] * 4)
            self.assertEqual(sorted(status["Groups"].split()), sorted(str(group) for group in groups))
            self.assertEqual(status["CapEff"], "0" * 16)
            self.assertEqual(os.stat(self.path("t")).st_uid, 0, "the file is ours, not the program's")

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_supplementary_groups_of_ours_are_given_up(self):
        done = self.run_plain([RENACER, "-u", "nobody", "-o", self.path("t"), "/usr/bin/id", "-G"], cwd="/",
                              preexec_fn=lambda: os.setgroups([0, 1, 2]))
        self.assertEqual(done.stdout.decode().split(), [str(group) for group in os.getgrouplist(
            "nobody", pwd.getpwnam("nobody").pw_gid)])

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_what_that_user_may_not_execute(self):
        shutil.copy("/bin/true", self.path("secret"))
        os.chmod(self.path("secret"), 0o700)
        done = self.run_plain([RENACER, "-u", "nobody", self.path("secret")], cwd="/")
        self.assertEqual(done.returncode, 126, done.stderr)
        self.assertIn(b"Permission denied", done.stderr)

    def test_nobody_of_that_name(self):
        done = self.run_plain([RENACER, "-u", "no-such-user", "/bin/true"])
        self.assertEqual(done.returncode, 125)
        if os.geteuid() == 0:
            self.assertEqual(done.stderr, b"renacer-sv: there is no user 'no-such-user'\n")


class Environment(TextTest):
    def variables(self, *options):
        done = self.run_plain([RENACER, "-o", self.path("t"), *options, "/usr/bin/env"], env={"A": "1", "B": "2"})
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return sorted(done.stdout.decode().splitlines())

    def test_changes(self):
        self.assertEqual(self.variables(), ["A=1", "B=2"])
        self.assertEqual(self.variables("-E", "A=3", "-E", "C=x=y"), ["A=3", "B=2", "C=x=y"])
        self.assertEqual(self.variables("-E", "A", "-E", "B="), ["B="])

    def test_the_program_is_looked_for_in_our_path(self):
        done = self.run_plain([RENACER, "-o", self.path("t"), "-E", "PATH=/nonexistent", "env"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"PATH=/nonexistent\n", done.stdout)


class Colour(TextTest):
    def in_terminal(self, *options, **changes):
        """What is written to a terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            environment = {**os.environ, "TERM": "xterm", **changes}
            environment = {name: value for name, value in environment.items() if value is not None}
            os.execve(RENACER, [RENACER, *options, "--", "/bin/true"], environment)
        text = b""
        while True:
            try:
                more = os.read(terminal, 65536)
            except OSError:
                break
            if not more:
                break
            text += more
        os.close(terminal)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        text = text.decode().replace("\r\n", "\n")
        self.assertIn("exited with 0", text)
        return text

    def test_always_and_never(self):
        plain = self.filed(["/bin/true"], "-e", "trace=openat,access,close")
        never = self.filed(["/bin/true"], "-e", "trace=openat,access,close", "--color=never")
        always = self.filed(["/bin/true"], "-e", "trace=openat,access,close", "--color=always")
        self.assertEqual(plain, never)
        self.assertNotIn("\x1b", "\n".join(plain))
        self.assertEqual([ESCAPE.sub("", line) for line in always], plain)
        self.assertTrue(all("\x1b[" in line for line in always))

    def test_on_a_terminal(self):
        self.assertIn("\x1b[", self.in_terminal(NO_COLOR=None))
        self.assertIn("\x1b[", self.in_terminal(NO_COLOR=""))
        self.assertNotIn("\x1b", self.in_terminal(NO_COLOR="1"))
        self.assertNotIn("\x1b", self.in_terminal("--color=never", NO_COLOR=None))
        self.assertIn("\x1b[", self.in_terminal("--color=always", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.in_terminal(NO_COLOR=None, TERM="dumb"))

    def test_a_file_and_a_table_have_none(self):
        self.assertNotIn("\x1b", "".join(self.text(["/bin/true"], "-c", "--color=always")))
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.pop("NO_COLOR", None)
            os.execv(RENACER, [RENACER, "-o", self.path("t"), "/bin/true"])
        os.waitpid(pid, 0)
        os.close(terminal)
        self.assertIn("exited with 0", self.content("t"))
        self.assertNotIn("\x1b", self.content("t"))


class Csv(TextTest):
    ODD = 'a,"b"\nc'

    def rows(self, *options, command=None):
        done = self.run_plain([RENACER, "--format", "csv", *options, "--", *(command or ["/bin/echo", self.ODD])])
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"renacer-sv:", done.stderr)
        return list(csv.reader(io.StringIO(done.stdout.decode(), newline=""), strict=True))

    def test_calls(self):
        rows = self.rows()
        self.assertEqual(rows[0], ["syscall", "arguments", "result"])
        self.assertEqual({len(row) for row in rows}, {3})
        self.assertIn(["write", '1, "a,\\"b\\"\\nc\\n", 8', "8"], rows)
        self.assertEqual(rows[-1], ["exit_group", "0", ""])
        document = self.trace(["/bin/echo", self.ODD])
        self.assertEqual([(row[0], row[2]) for row in rows[1:-1] if row[0] not in ("brk", "mmap", "set_tid_address")],
                         [(call["name"], str(call["result"])) for call in document["syscalls"][:-1]
                          if call["name"] not in ("brk", "mmap", "set_tid_address")])

    def test_times(self):
        rows = self.rows("-T")
        self.assertEqual(rows[0], ["syscall", "arguments", "result", "duration"])
        for row in rows[1:-1]:
            self.assertRegex(row[3], r"^\d+us$")
        self.assertEqual(rows[-1][2:], ["", ""])

    def test_summary(self):
        rows = self.rows("-c")
        self.assertEqual(rows[0], ["syscall", "calls", "errors"])
        self.assertIn(["execve", "1", "0"], rows)
        self.assertIn(["access", "1", "1"], rows)
        rows = self.rows("-c", "-T", "-S", "name")
        self.assertEqual(rows[0], ["syscall", "calls", "errors", "total_time"])
        self.assertEqual([row[0] for row in rows[1:]], sorted(row[0] for row in rows[1:]))
        self.assertTrue(all(re.fullmatch(r"\d+us", row[3]) for row in rows[1:]))

    def test_into_a_file(self):
        done = self.run_plain([RENACER, "--format", "csv", "-o", self.path("t.csv"), "/bin/echo", "out"])
        self.assertEqual((done.stdout, done.stderr), (b"out\n", b""))
        with open(self.path("t.csv"), newline="") as file:
            rows = list(csv.reader(file, strict=True))
        self.assertIn(["write", '1, "out\\n", 4', "4"], rows)


class Completion(TextTest):
    def script(self, shell):
        done = self.run_plain([RENACER, "--completion", shell])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        with open(self.path("completion"), "wb") as file:
            file.write(done.stdout)
        return self.path("completion")

    def complete(self, *words):
        """What bash offers for the last of these words."""
        quoted = " ".join(f"'{word}'" for word in ("renacer-sv", *words))
        done = self.run_plain(["bash", "--norc", "-c", f". {self.script('bash')}; COMP_WORDS=({quoted}); "
                               f"COMP_CWORD={len(words)}; _renacer_sv; printf '%s\\n' \"${{COMPREPLY[@]}}\""])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return set(done.stdout.decode().split())

    def test_bash(self):
        done = self.run_plain(["bash", "-n", self.script("bash")])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.complete("--form"), {"--format"})
        self.assertEqual(self.complete("--format", ""), {"text", "json", "jsonl", "csv"})
        self.assertEqual(self.complete("--format", "js"), {"json", "jsonl"})
        self.assertEqual(self.complete("-S", "t"), {"time"})
        self.assertIn("root", self.complete("-u", "roo"))
        self.assertIn("/etc/passwd", self.complete("-f", "-o", "/etc/passw"))
        self.assertTrue({"-f", "-T", "--timing", "--summary", "--help"} <= self.complete("-f", "-"))

    def test_bash_offers_every_option_of_the_help(self):
        printed = self.run_plain([RENACER, "--help"]).stdout.decode()
        options = set(re.findall(r"^ {2,6}(?:-., )?(--[a-z-]+)", printed, re.M))
        self.assertGreater(len(options), 20)
        self.assertEqual({word for word in self.complete("--") if word != "--"}, options)

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh(self):
        done = self.run_plain(["zsh", "-n", self.script("zsh")])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        # What zsh would be asked to offer for a list of calls.
        done = self.run_plain(["zsh", "-fc", f"compset() {{}}; _arguments() {{ _renacer_sv_calls }}; compadd() {{ print -l - $@ }}; "
                               f"words=(renacer-sv -e '') CURRENT=3; . {self.script('zsh')}"])
        self.assertTrue({"%%stat", "%file", "openat", "all"} <= set(done.stdout.decode().split("\n")), done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
