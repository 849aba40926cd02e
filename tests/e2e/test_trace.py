#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The trace itself: what is recorded, where it goes, and what the options do."""

import base64
import json
import os
import resource
import subprocess
import unittest

from harness import RENACER, TraceTest, needs_32_bit, payload

ECHO = '{"name":"write","args":["1","Hello, GoldenTest!\\n","19"],"result":19}'


class Document(TraceTest):
    def test_the_golden_line(self):
        with open(self.path("t.json"), "wb") as trace:
            done = subprocess.run([RENACER, "--format", "json", "--", "/bin/echo", "Hello, GoldenTest!"],
                                  stdout=trace, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0)
        # The program's own output goes to standard error, and nothing else does.
        self.assertEqual(done.stderr, b"Hello, GoldenTest!\n")
        read = self.run_plain(["jq", "-c", '.syscalls[]|select(.name=="write")', self.path("t.json")])
        self.assertEqual(read.stdout.decode(), ECHO + "\n")
        with open(self.path("t.json")) as trace:
            self.assertIn(ECHO, trace.read())

    def test_head_and_summary(self):
        document = self.trace(["/bin/true"])
        self.assertEqual(document["version"], "0.6.2")
        self.assertEqual(document["format"], "renacer-json-v1")
        self.assertEqual(document["producer"]["engine"], "notify")
        self.assertEqual(document["producer"]["time"], "kernel")
        self.assertEqual(document["summary"],
                         {"total_syscalls": len(document["syscalls"]), "exit_code": 0, "lost": 0})
        self.assertEqual(document["syscalls"][0]["name"], "execve")
        self.assertEqual(document["syscalls"][-1], {"name": "exit_group", "args": ["0"], "result": None})

    def test_one_call_a_line(self):
        document = self.trace(["/bin/true"])
        with open(self.path("t.json")) as trace:
            lines = [line for line in trace if line.startswith('    {"name":')]
        self.assertEqual(len(lines), len(document["syscalls"]))

    def test_output_option_leaves_standard_output_alone(self):
        done, document = self.run_traced(["/bin/echo", "out"])
        self.assertEqual((done.stdout, done.stderr), (b"out\n", b""))
        self.assertEqual(len(self.calls(document, "write")), 1)

    def test_json_lines(self):
        done = self.run_plain([RENACER, "--format", "jsonl", "--", "/bin/echo", "x"])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[0]["format"], "renacer-json-v1")
        self.assertEqual(lines[-1]["summary"]["total_syscalls"], len(lines) - 2)
        self.assertEqual(lines[-2]["name"], "exit_group")

    def test_content_that_is_not_text(self):
        document = self.trace([payload("binary")])
        binary, text, large, wrong = self.calls(document, "write")
        self.assertEqual(base64.b64decode(binary["args_b64"]["1"]), b"\0\1\377A")
        self.assertEqual(binary["args"][1], "\\0\\1\\377A")
        self.assertEqual(text["args"][1], "gr\u00fcn")
        self.assertNotIn("args_b64", text)
        self.assertEqual(large["cut"], {"1": 70000})
        self.assertEqual(len(large["args"][1]), 4096)
        self.assertEqual((wrong["args"][1], wrong["error"]), ("0x10", "EFAULT"))
        self.assertEqual(self.calls(document, "writev")[0]["args"][1],
                         '[{iov_base="ab", iov_len=2}, {iov_base="cde", iov_len=3}]')

    def test_string_limit(self):
        document = self.trace([payload("binary")], "--string-limit", "100000")
        self.assertEqual(len(self.calls(document, "write")[2]["args"][1]), 70000)
        document = self.trace([payload("binary")], "--string-limit", "3")
        self.assertEqual(self.calls(document, "write")[2]["args"][1], "xxx")
        # Paths are names, not content.
        self.assertIn("/etc/ld.so.cache", [call["args"][1] for call in self.calls(document, "openat")])

    def test_exact_integers(self):
        document = self.trace([payload("binary")])
        self.assertEqual(self.calls(document, "lseek")[-1]["args"][1], str(1 << 62))
        with open(self.path("t.json")) as trace:
            self.assertNotRegex(trace.read(), r'"result":-?\d+(\.|[eE])')

    def test_timing(self):
        document = self.trace(["/bin/sleep", "0.05"], "-T")
        slept = self.calls(document, "clock_nanosleep")[0]
        self.assertGreaterEqual(slept["duration_ns"], 50_000_000)
        self.assertEqual(slept["duration_us"], slept["duration_ns"] // 1000)
        summary = document["summary"]
        total = sum(call.get("duration_ns") or 0 for call in document["syscalls"])
        self.assertEqual(summary["total_time_us"], total // 1000)
        self.assertGreaterEqual(summary["wall_time_us"], summary["total_time_us"])
        self.assertGreater(summary["max_rss_kb"], 100)
        self.assertIsNone(document["syscalls"][-1]["duration_ns"])
        # All others were measured, the very first included.
        self.assertEqual([call for call in document["syscalls"][:-1] if not call["duration_ns"]], [])

    def test_not_asked_for_not_there(self):
        for call in self.trace(["/bin/true"])["syscalls"]:
            self.assertEqual(set(call) - {"error"}, {"name", "args", "result"})

    def test_thread_ids_from_the_second_thread_on(self):
        calls = self.trace([payload("threads")])["syscalls"]
        self.assertNotIn("tid", calls[0])
        self.assertIn("tid", calls[-1])
        self.assertEqual(len({call["tid"] for call in calls if "tid" in call}), 9)

    def test_events(self):
        document = self.trace(["/bin/sh", "-c", "/bin/true; :"], "-f", "--events")
        kinds = [event["event"] for event in document["events"]]
        self.assertEqual(kinds.count("exec"), 2)
        self.assertEqual(kinds.count("end"), 2)
        self.assertIn("SIGCHLD", [event.get("signal") for event in document["events"]])


class Selection(TraceTest):
    def names(self, *options):
        return {call["name"] for call in self.trace(["/bin/cat", "/etc/passwd"], *options)["syscalls"]}

    def test_names(self):
        self.assertEqual(self.names("-e", "trace=openat,close"), {"openat", "close"})
        self.assertEqual(self.names("-e", "read"), {"read"})

    def test_exclusion(self):
        self.assertNotIn("openat", self.names("-e", "trace=!openat,close"))
        self.assertIn("read", self.names("-e", "trace=!openat,close"))

    def test_classes(self):
        names = self.names("-e", "trace=file,!openat")
        self.assertIn("execve", names)
        self.assertTrue(names.isdisjoint({"openat", "close", "read", "mmap"}))

    def test_the_same_calls_as_without(self):
        everything = [call for call in self.trace(["/bin/cat", "/etc/passwd"])["syscalls"] if call["name"] == "read"]
        chosen = self.trace(["/bin/cat", "/etc/passwd"], "-e", "trace=read")["syscalls"]
        self.assertEqual([call["result"] for call in chosen], [call["result"] for call in everything])

    @needs_32_bit
    def test_threads_and_32_bit_programs(self):
        document = self.trace([payload("i386")], "-e", "trace=open,access", status=5)
        self.assertEqual([call["name"] for call in document["syscalls"]], ["access", "open"])

    @needs_32_bit
    def test_32_bit_programs_have_results_too(self):
        # Few calls are watched by tracepoints of their own, which know 64-bit calls only.
        script = f"{payload('i386')}; /bin/echo 64; {payload('i386')}"
        document = self.trace(["/bin/sh", "-c", script], "-f", "-T", "-e", "trace=write,execve", status=5)
        shown = [(call["name"], call["result"]) for call in document["syscalls"]]
        once = [("execve", 0), ("write", 8)]
        self.assertEqual(shown, [("execve", 0), *once, ("execve", 0), ("write", 3), *once])
        for call in self.calls(document, "write"):
            self.assertIsInstance(call["duration_ns"], int)

    def test_what_is_not_selected_is_not_looked_at(self):
        for options in (["-e", "trace=openat"], ["-e", "trace=none"]):
            file = self.path("t.json")
            done = self.run_plain([RENACER, "--format", "json", "--profile-self", "-o", file, *options, "--",
                                   payload("loop"), "getppid", "10000"])
            self.assertLess(self.counters(done.stderr)["events"], 100)

    def test_nothing_selected_is_a_document(self):
        self.assertEqual(self.trace(["/bin/true"], "-e", "trace=mount")["syscalls"], [])


class FollowForks(TraceTest):
    SCRIPT = ["/bin/sh", "-c", "/bin/echo one; /bin/echo two"]

    def test_with(self):
        document = self.trace(self.SCRIPT, "-f")
        self.assertEqual(len(self.calls(document, "execve")), 3)
        self.assertEqual(len({call["pid"] for call in document["syscalls"]}), 3)

    def test_without(self):
        document = self.trace(self.SCRIPT)
        self.assertEqual(len(self.calls(document, "execve")), 1)
        self.assertNotIn("pid", document["syscalls"][0])

    def test_the_last_ends_are_told(self):
        """They come a moment after that of the listener: seldom too late, so it is looked at often."""
        script = "for i in 1 2 3 4; do sleep 0.02 & done"
        for _ in range(60):
            document = self.trace(["/bin/sh", "-c", script], "-f", "--events")
            ends = {event["tid"] for event in document["events"] if event["event"] == "end"}
            self.assertEqual({call["tid"] for call in document["syscalls"]}, ends)

    def test_a_second_run_is_the_same(self):
        one, two = (self.trace(["/bin/ls", "/usr/include"])["syscalls"] for _ in range(2))
        self.assertEqual([call["name"] for call in one], [call["name"] for call in two])


class Modes(TraceTest):
    def same(self, *options):
        default = self.trace(["/bin/ls", "/usr/include"])["syscalls"]
        other = self.trace(["/bin/ls", "/usr/include"], *options)["syscalls"]
        self.assertEqual([(call["name"], call.get("error")) for call in default],
                         [(call["name"], call.get("error")) for call in other])

    def test_lossless(self):
        self.same("--lossless")

    def test_poll_instead_of_io_uring(self):
        done, document = self.run_traced(["/bin/ls"], "--profile-self",
                                         env=dict(os.environ, RENACER_SV_POLL="1"))
        self.assertEqual(self.counters(done.stderr)["loop"], "poll")
        self.assertGreater(len(document["syscalls"]), 30)
        done, _ = self.run_traced(["/bin/ls"], "--profile-self")
        self.assertEqual(self.counters(done.stderr)["loop"], "io_uring")

    def test_a_program_that_does_nothing_costs_nothing(self):
        """Not much of a processor's time, whatever there is to wait for."""
        for variables in ({}, {"RENACER_SV_POLL": "1"}):
            for engine in ("notify", "notify-only", "ptrace"):
                with self.subTest(engine=engine, variables=variables):
                    before = resource.getrusage(resource.RUSAGE_CHILDREN)
                    self.run_traced(["/bin/sleep", "2"], "--engine", engine, "-f", env=dict(os.environ, **variables))
                    after = resource.getrusage(resource.RUSAGE_CHILDREN)
                    self.assertLess(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1)

    def test_calls_that_need_no_memory_do_not_stop(self):
        done, document = self.run_traced([payload("threads")], "--profile-self")
        counters = self.counters(done.stderr)
        self.assertEqual(len(self.calls(document, "getppid")), 800)
        self.assertLess(counters["notifications"], counters["calls"] - 1600)
        done, _ = self.run_traced([payload("threads")], "--profile-self", "--lossless")
        counters = self.counters(done.stderr)
        self.assertGreaterEqual(counters["notifications"] + 1, counters["calls"])

    def test_notify_only_says_that_it_has_no_results(self):
        done, document = self.run_traced(["/bin/true"], "--engine", "notify-only", "-T")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertIn(b"notify-only", done.stderr)
        self.assertEqual(document["producer"]["engine"], "notify-only")
        self.assertIsNone(document["producer"]["time"])
        self.assertEqual({call["result"] for call in document["syscalls"]}, {None})
        self.assertIsNone(document["summary"]["total_time_us"])
        names = [call["name"] for call in document["syscalls"]]
        self.assertEqual(names, [call["name"] for call in self.trace(["/bin/true"])["syscalls"]])


class OtherFilters(TraceTest):
    def test_calls_that_the_program_filters_itself(self):
        done, document = self.run_traced([payload("own_filter")])
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.calls(document, "mkdir"),
                         [{"name": "mkdir", "args": ["?", "?"], "result": -25, "error": "ENOTTY"}])
        self.assertEqual(self.calls(document, "getpgid")[0]["error"], "EXDEV")
        self.assertIsNone(self.calls(document, "rmdir")[0]["result"])
        self.assertIn(b"3 calls are recorded without arguments", done.stderr)

    def test_a_supervisor_within_a_supervisor(self):
        inner = [RENACER, "--format", "json", "-o", self.path("inner")]
        done, _ = self.run_traced([*inner, "--engine", "notify", "/bin/true"], "-f")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"listener already", done.stderr)
        done, _ = self.run_traced([*inner, "/bin/true"], "-f")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(self.content("inner"))["producer"]["engine"], "ptrace")


if __name__ == "__main__":
    unittest.main(verbosity=2)
