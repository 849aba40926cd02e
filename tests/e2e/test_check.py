#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command `check`: budgets of users and our own on fresh traces and on kept ones."""

import json
import os
import pty
import subprocess
import unittest

from harness import RENACER, TIMEOUT, TraceTest, payload

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
USERS = os.path.join(DATA, "renacer.toml")
KEPT, VIOLATED, UNKNOWN = range(3)


def write_call(text, **more):
    return {"name": "write", "args": ["1", text, str(len(text))], "result": len(text), **more}


class CheckTest(TraceTest):
    def file(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text if isinstance(text, str) else json.dumps(text))
        return self.path(name)

    def document(self, name, calls, **summary):
        return self.file(name, {"version": "0.6.2", "format": "renacer-json-v1", "syscalls": calls,
                                "summary": {"total_syscalls": len(calls), "exit_code": 0, **summary}})

    def budgets(self, text):
        return self.file("renacer.toml", text)

    def record(self, name, *command, options=("-T", "-f")):
        done = self.run_plain([RENACER, "--format", "json", "-o", self.path(name), *options, "--", *command])
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return self.path(name)

    def check(self, *arguments, status=KEPT, **options):
        options.setdefault("cwd", self.folder)
        done = self.run_plain([RENACER, "check", *arguments], **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def results(self, *arguments, status=KEPT, **options):
        """{name: result} of the only trace."""
        done = self.check("--format", "json", *arguments, status=status, **options)
        report = json.loads(done.stdout)
        self.assertEqual(report["format"], "renacer-check-v1")
        self.assertEqual(report["verdict"], ["kept", "violated", "unknown"][status])
        only, = report["checks"]
        words = [result["status"] for result in only["results"]]
        self.assertEqual({word: words.count(word) for word in only["tally"]}, only["tally"])
        return {result["name"]: result for result in only["results"]}

    def statuses(self, *arguments, status=KEPT, **options):
        return {name: result["status"] for name, result in self.results(*arguments, status=status, **options).items()}

    def error(self, *arguments, **options):
        """What is said on standard error when there is no report."""
        done = self.check(*arguments, status=UNKNOWN, **options)
        self.assertEqual(done.stdout, b"")
        self.assertRegex(done.stderr.decode(), r"\Arenacer-sv: [^\n]*\n\Z")
        return done.stderr.decode()


    def unusable(self, *arguments, **options):
        """The report that says why nothing can be checked."""
        text = self.check(*arguments, status=UNKNOWN, **options).stdout.decode()
        self.assertRegex(text, r"\A[^\n]*: cannot be checked\n  UNKNOWN   [^\n]*\n\Z")
        report = json.loads(self.check("--format", "json", *arguments, status=UNKNOWN, **options).stdout)
        self.assertEqual((report["verdict"], report["checks"][-1]["results"]), ("unknown", []))
        self.assertIn(report["checks"][-1]["problem"], text)
        return text


class UsersFile(CheckTest):
    """The budgets that a user of renacer has, on programs that are recorded now."""

    SKIPPED = dict.fromkeys(("ultra_strict_latency", "semantic_equivalence", "expected_speedup_min",
                             "expected_speedup_max", "expected_memory_reduction_min"), "skipped")

    def test_a_fast_program(self):
        statuses = self.statuses("-c", USERS, "--runs", "5", "--", payload("bloated"))
        self.assertEqual(statuses, {**self.SKIPPED, "cli_startup_latency": "kept", "max_syscall_budget": "kept",
                                    "memory_allocation_budget": "kept", "prevent_god_process": "kept",
                                    "detect_tight_loops": "kept"})

    def test_a_bloated_program(self):
        trace = self.record("bloated.json", payload("bloated"), "calls", "5000", "map", "20", "sleep", "60")
        results = self.results("-c", USERS, trace, status=VIOLATED)
        self.assertEqual({name: result["status"] for name, result in results.items()},
                         {**self.SKIPPED, "cli_startup_latency": "violated", "max_syscall_budget": "violated",
                          "memory_allocation_budget": "violated", "prevent_god_process": "kept",
                          "detect_tight_loops": "warning"})
        first = {name: result["spent_by"][0] for name, result in results.items() if result["spent_by"]}
        self.assertIn("nanosleep", first["cli_startup_latency"]["what"])
        self.assertGreater(first["cli_startup_latency"]["amount"], 60e6)
        self.assertIn("write", first["max_syscall_budget"]["what"])
        self.assertEqual(first["max_syscall_budget"]["calls"], 5000)
        self.assertIn("mmap", first["memory_allocation_budget"]["what"])
        self.assertIn("write", first["detect_tight_loops"]["what"])
        with open(trace) as file:
            lines = file.read().splitlines()
        for spender in first.values():
            name = spender["what"].split()[0]
            self.assertIn('"name":"%s"' % name, lines[spender["first_line"] - 1])
            self.assertIn('"name":"%s"' % name, lines[spender["last_line"] - 1])
        self.assertGreaterEqual(results["max_syscall_budget"]["measured"], 5000)
        self.assertEqual(results["max_syscall_budget"]["limit"], 150)
        self.assertGreaterEqual(results["memory_allocation_budget"]["measured"], 20 << 20)

    def test_each_assertion_alone(self):
        for arguments, violated in ((("calls", "500"), "max_syscall_budget"), (("map", "11"), "memory_allocation_budget"),
                                    (("sleep", "40"), "cli_startup_latency")):
            trace = self.record("one.json", payload("bloated"), *arguments)
            statuses = self.statuses("-c", USERS, trace, status=VIOLATED)
            if violated != "cli_startup_latency":
                statuses.pop("cli_startup_latency")  # a busy machine may spend that as well
            self.assertEqual([name for name, status in statuses.items() if status == "violated"], [violated])

    def test_both_engines(self):
        for engine in ("notify", "ptrace"):
            trace = self.record("t.json", payload("bloated"), "calls", "2000", "map", "20", options=("-T", "-f", "--engine", engine))
            results = self.results("-c", USERS, trace, status=VIOLATED)
            self.assertEqual(results["memory_allocation_budget"]["status"], "violated")
            self.assertEqual(results["detect_tight_loops"]["status"], "warning")

    def test_a_god_process(self):
        trace = self.record("god.json", payload("bloated"), "child", "calls", "900")
        result = self.results("-c", USERS, trace, status=VIOLATED)["prevent_god_process"]
        self.assertEqual(result["status"], "warning")
        self.assertGreater(result["measured"], 0.8)

    def test_what_does_not_apply_is_said_in_a_line_each(self):
        trace = self.record("t.json", "/bin/true")
        done = self.check("-c", USERS, trace)
        lines = done.stderr.decode().splitlines()
        for key in ("rust_trace_dir", "lamport_clock", "compression", "otlp", "export_format", "export_path", "compare_with_baseline"):
            self.assertEqual(len([line for line in lines if key in line]), 1, lines)
        for line in lines:
            self.assertRegex(line, r"\Arenacer-sv: .*renacer\.toml:\d+: ")
        report = json.loads(self.check("-c", USERS, "--format", "json", trace).stdout)
        self.assertEqual(len(report["notes"]), len(lines))
        self.assertEqual(self.check("-q", "-c", USERS, trace).stderr, b"")

    def test_traces_of_renacer(self):
        for name in ("trivial_cli_rust.json", "pair_rust.json"):
            results = self.results("-c", USERS, os.path.join(DATA, name), status=UNKNOWN)
            self.assertEqual(results["max_syscall_budget"]["status"], "kept")
            self.assertEqual(results["cli_startup_latency"]["status"], "unmeasured")
        self.assertEqual(self.results("-c", USERS, os.path.join(DATA, "pair_python.json"),
                                      status=VIOLATED)["max_syscall_budget"]["measured"], 1220)


class OurBudgets(CheckTest):
    def test_counts_errors_and_bytes_by_call_class_and_path(self):
        data = self.file("data.txt", "x" * 100)
        trace = self.record("t.json", payload("bloated"), "calls", "30", "fail", "7", "read", data)
        self.budgets('''
            [[budget]]
            name = "calls"
            calls = "write"
            max_count = 29
            [[budget]]
            name = "errors"
            calls = "%%file"
            max_errors = 6
            [[budget]]
            name = "bytes"
            path = "%s"
            max_bytes = 99
            [[budget]]
            name = "reads"
            calls = ["read", "pread64"]
            path = "*/data.txt"
            max_count = 101
            min_count = 101
            [[forbidden]]
            calls = "/^open/"
            path = "/nonexistent"
            [[forbidden]]
            name = "network"
            calls = "%%network"
            [[required]]
            name = "the data"
            path = "%s"
            [[required]]
            name = "sync"
            calls = "fsync"
            ''' % (data, data))
        results = self.results(trace, status=VIOLATED)
        measured = {name: (result["status"], result["measured"]) for name, result in results.items()}
        self.assertEqual(measured["calls"], ("violated", 30))
        self.assertEqual(measured["errors"][0], "violated")
        self.assertGreaterEqual(measured["errors"][1], 7)
        self.assertEqual(measured["bytes"], ("violated", 100))
        self.assertEqual(measured["reads"], ("kept", 101))
        self.assertEqual(measured["network"], ("kept", 0))
        self.assertEqual(measured["the data"][0], "kept")
        self.assertEqual(measured["sync"], ("violated", 0))
        unnamed, = [result for name, result in results.items() if name.startswith("forbidden")]
        self.assertEqual((unnamed["status"], unnamed["measured"]), ("violated", 7))
        self.assertIn("/nonexistent", unnamed["spent_by"][0]["what"])

    def test_limits_relative_to_a_golden_trace(self):
        golden = self.document("golden.json", [write_call("x")] * 100)
        new = self.document("new.json", [write_call("x")] * 115)
        text = '[[budget]]\nname = "w"\ncalls = "write"\nmax_increase = "%s"\n'
        self.budgets(text % "10%")
        result = self.results("--golden", golden, new, status=VIOLATED)["w"]
        self.assertEqual((result["measured"], result["golden"], result["limit"]), (115, 100, 110))
        self.budgets(text % "15%")
        self.check("--golden", golden, new)
        self.check(new, status=UNKNOWN)

    def test_the_golden_trace_of_the_same_name(self):
        self.document("base/prog.json", [write_call("x")] * 100)
        new = self.document("prog.json", [write_call("x")] * 101)
        self.budgets('[semantic_equivalence]\nbaseline_dir = "base"\n'
                     '[[budget]]\nname = "w"\nmax_increase = 0\n')
        results = self.results(new, status=VIOLATED)
        self.assertEqual(results["w"]["status"], "violated")
        self.assertEqual(results["semantic_equivalence"]["status"], "violated")
        self.assertIn("standard output", results["semantic_equivalence"]["details"])

    def test_warnings_do_not_fail(self):
        trace = self.document("t.json", [write_call("x")] * 3)
        self.budgets('[[budget]]\nname = "w"\nmax_count = 2\nfail_on_violation = false\n')
        done = self.check(trace)
        self.assertIn(b"warning", done.stdout)
        self.assertIn(b"write: 3 calls", done.stdout)

    def test_the_median_of_several_runs(self):
        traces = [self.document("%d.json" % time, [write_call("x", duration_ns=time * 1000000)]) for time in (1, 50, 2)]
        self.budgets('[[assertion]]\nname = "t"\ntype = "critical_path"\nmax_duration_ms = 3\n')
        result = self.results("--runs", "3", *traces)["t"]
        self.assertEqual((result["measured"], result["limit"]), (2000000, 3000000))
        self.check(traces[1], status=VIOLATED)

    def test_what_cannot_be_used_does_not_hide_the_rest(self):
        bad = self.document("bad.json", [write_call("x")] * 9)
        broken = self.file("broken.json", "{}")
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        for traces in ((bad, broken), (broken, bad)):
            report = json.loads(self.check("--format", "json", *traces, status=UNKNOWN).stdout)
            by_subject = {check["subject"]: check for check in report["checks"]}
            self.assertEqual(by_subject[bad]["results"][0]["status"], "violated")
            self.assertIn("broken.json", by_subject[broken]["problem"])

    def test_names_are_text_for_people(self):
        trace = self.document("t.json", [write_call("x")] * 9)
        self.budgets('[[budget]]\nname = "w\\n::error::x\\u001b[31m"\nmax_count = 5\n')
        text = self.check(trace, status=VIOLATED).stdout.decode()
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\n::error", text)

    def test_several_traces(self):
        good = self.document("good.json", [write_call("x")])
        bad = self.document("bad.json", [write_call("x")] * 9)
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        report = json.loads(self.check("--format", "json", bad, good, status=VIOLATED).stdout)
        self.assertEqual([check["subject"] for check in report["checks"]], [bad, good])
        self.budgets('[ci]\nfail_fast = true\n[[budget]]\nname = "w"\nmax_count = 5\n')
        done = self.check("--format", "json", bad, good, good, status=VIOLATED)
        self.assertEqual(len(json.loads(done.stdout)["checks"]), 1)
        self.assertIn(b"2 more traces", done.stderr)

    def test_what_was_not_recorded_is_not_kept(self):
        trace = self.record("golden.json", "/bin/true", options=("--golden",))
        self.budgets('[[assertion]]\nname = "t"\ntype = "critical_path"\nmax_duration_ms = 1000\n')
        result = self.results(trace, status=UNKNOWN)["t"]
        self.assertEqual((result["status"], result["measured"]), ("unmeasured", None))
        self.assertIn("golden", result["reason"])

    def test_a_trace_that_is_cut_off(self):
        with open(self.document("t.json", [write_call("x")] * 20)) as file:
            text = file.read()
        trace = self.file("cut.json", text[:len(text) // 2])
        self.budgets('[[budget]]\nname = "w"\nmax_count = 100\n')
        self.assertIn("cut off", self.results(trace, status=UNKNOWN)["w"]["reason"])
        self.budgets('[[budget]]\nname = "w"\nmax_count = 2\n')
        self.check(trace, status=VIOLATED)

    def test_children_that_were_not_followed(self):
        command = [payload("bloated"), "child", "calls", "20"]
        self.budgets('[[budget]]\nname = "w"\ncalls = "write"\nmax_count = 5\n'
                     '[[forbidden]]\nname = "reads"\ncalls = "socket"\n'
                     '[[assertion]]\nname = "spans"\ntype = "span_count"\nmax_spans = 1000\n')
        alone = self.record("alone.json", *command, options=("-T",))
        results = self.results(alone, status=UNKNOWN)
        self.assertEqual({name: result["status"] for name, result in results.items()},
                         {"w": "unmeasured", "reads": "unmeasured", "spans": "kept"})
        self.assertIn("1 of its children was not recorded (-f)", results["w"]["reason"])
        self.assertIn("1 child of the program was not recorded", self.check(alone, status=UNKNOWN).stdout.decode())
        self.assertEqual(self.statuses(self.record("all.json", *command), status=VIOLATED)["w"], "violated")
        # Threads are recorded in any case.
        self.assertEqual(self.statuses(self.record("threads.json", payload("threads"), options=("-T",)), status=VIOLATED)["reads"], "kept")

    def test_a_program_that_was_killed_or_let_go(self):
        self.budgets('[[budget]]\nname = "w"\nmax_count = 50000\n')
        killed = self.document("killed.json", [write_call("x")], exit_code=139, signal="SIGSEGV")
        self.assertIn("killed by SIGSEGV", self.check(killed).stdout.decode())
        report = json.loads(self.check("--format", "json", killed).stdout)
        self.assertEqual(report["checks"][0]["traces"][0]["signal"], "SIGSEGV")
        let_go = self.document("let_go.json", [write_call("x")], exit_code=None)
        self.assertIn("not the end of the program", self.results(let_go, status=UNKNOWN)["w"]["reason"])

    def test_a_golden_trace_that_is_cut_off(self):
        with open(self.document("golden.json", [write_call("x")] * 20)) as file:
            text = file.read()
        golden = self.file("cut.json", text[:len(text) // 2])
        new = self.document("new.json", [write_call("x")] * 20)
        self.budgets('[[budget]]\nname = "w"\nmax_increase = "10%"\n')
        self.assertIn("golden trace is not whole", self.results("--golden", golden, new, status=UNKNOWN)["w"]["reason"])

    def test_peers_of_programs_that_are_run(self):
        script = ("import socket, threading\n"
                  "listener = socket.create_server(('127.0.0.1', 0))\n"
                  "peer = socket.create_connection(listener.getsockname())\n"
                  "listener.accept()[0].send(b'x' * 5000)\n")
        self.budgets('[[budget]]\nname = "peers"\npath = "127.0.0.1:*"\nmax_bytes = 100\n')
        result = self.results("--", "/usr/bin/python3", "-I", "-S", "-c", script, status=VIOLATED)["peers"]
        self.assertGreaterEqual(result["measured"], 5000)

    def test_lost_calls(self):
        trace = self.document("t.json", [write_call("x")], lost=3)
        self.budgets('[[budget]]\nname = "w"\nmax_count = 100\n')
        self.assertIn("3 calls were lost", self.results(trace, status=UNKNOWN)["w"]["reason"])

    def test_minima_of_a_trace_that_is_not_whole(self):
        with open(self.document("t.json", [write_call("x")] * 20)) as file:
            text = file.read()
        cut = self.file("cut.json", text[:len(text) // 2])
        lost = self.document("lost.json", [write_call("x")], lost=3)
        self.budgets('[[required]]\ncalls = "fsync"\n')
        result = self.results(cut, status=UNKNOWN)["required: fsync"]
        self.assertEqual((result["status"], result["reason"]), (
            "unmeasured", "no call of fsync, at least 1 required, but the trace is cut off before its end"))
        result = self.results(lost, status=UNKNOWN)["required: fsync"]
        self.assertEqual(result["reason"], "no call of fsync, at least 1 required, but 3 calls were lost")
        self.budgets('[[required]]\ncalls = "fsync"\nfail_on_violation = false\n')
        self.assertEqual(self.statuses(lost), {"required: fsync": "unmeasured"})
        # A maximum that is violated beside it stays so.
        self.budgets('[[budget]]\nname = "w"\nmin_count = 90\nmax_bytes = 0\n')
        self.check(cut, lost, status=VIOLATED)

    def test_addresses_of_sockets(self):
        program = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
client.send(b"12345")
path = socket.socket(socket.AF_UNIX)
path.bind(sys.argv[1])
path.listen()
other = socket.socket(socket.AF_UNIX)
other.connect(sys.argv[1])
other.send(b"123")
"""
        self.budgets('''
            [[forbidden]]
            name = "peer"
            calls = ["connect", "sendto"]
            path = "127.0.0.1:*"
            [[forbidden]]
            name = "socket"
            calls = "connect"
            path = "%s"
            [[budget]]
            name = "bytes"
            calls = "sendto"
            path = "%s/"
            max_bytes = 2
            ''' % (self.path("x.sock"), self.folder))
        for options in ((), ("--engine", "ptrace"), ("-y",), ("-yy",), ("--golden",)):
            if os.path.exists(self.path("x.sock")):
                os.unlink(self.path("x.sock"))
            trace = self.record("t.json", "/usr/bin/python3", "-c", program, self.path("x.sock"), options=options)
            results = self.results(trace, status=VIOLATED)
            self.assertEqual({name: (result["status"], result["measured"]) for name, result in results.items()},
                             {"peer": ("violated", 2), "socket": ("violated", 1), "bytes": ("violated", 3)}, options)

    def test_reasons_of_several_limits_and_of_wrong_paths(self):
        data = self.file("data.txt", "x" * 100)
        trace = self.record("t.json", payload("bloated"), "calls", "30", "read", data)
        self.budgets('''
            [[budget]]
            name = "both"
            path = "%s"
            max_count = 5
            max_bytes = 50
            [[budget]]
            name = "wrong"
            path = "%s/other.txt"
            max_bytes = 50
            ''' % (data, self.folder))
        results = self.results(trace, status=VIOLATED)
        both = results["both"]
        self.assertEqual(both["reason"], "%d calls, 5 allowed; 100 bytes transferred, 50 bytes allowed" % both["measured"])
        self.assertEqual((both["unit"], both["limit"]), ("calls", 5))
        self.assertEqual((results["wrong"]["status"], results["wrong"]["reason"]), (
            "kept", "0 bytes transferred, 50 bytes allowed: no call is on such a path"))

    def test_programs_that_never_ran(self):
        trace = self.record("t.json", "/bin/true")
        budget = '[[%s]]\ncalls = "execve"\nprocess_name_pattern = "/helper$"\n'
        why = "no process of the trace runs a program that matches '/helper$'"
        self.budgets(budget % "required")
        result, = self.results(trace, status=VIOLATED).values()
        self.assertEqual(result["reason"], "no call of execve, at least 1 required: " + why)
        self.budgets(budget % "forbidden")
        result, = self.results(trace).values()
        self.assertEqual((result["status"], result["reason"]), ("skipped", why))
        self.budgets(budget % "forbidden")
        result, = self.results(self.document("p.json", [write_call("x")]), status=UNKNOWN).values()
        self.assertIn("has no execve", result["reason"])


class Equivalence(CheckTest):
    def section(self, **keys):
        lines = ["[semantic_equivalence]", 'python_trace_dir = "python"', 'baseline_dir = "base"']
        return self.budgets("\n".join(lines + ["%s = %s" % pair for pair in keys.items()]) + "\n")

    def test_the_pair_of_users(self):
        os.makedirs(self.path("python"))
        os.symlink(os.path.join(DATA, "pair_python.json"), self.path("python/pair.json"))
        rust = self.path("pair.json")
        os.symlink(os.path.join(DATA, "pair_rust.json"), rust)
        self.section(min_confidence="0.7")
        self.assertEqual(self.statuses(rust), {"semantic_equivalence": "kept"})
        self.section(min_confidence="0.9", expected_memory_reduction_min="2.0", expected_speedup_min="3.0")
        results = self.results(rust, status=VIOLATED)
        self.assertIn("confidence 0.75, 0.90 required", results["semantic_equivalence"]["reason"])
        self.assertEqual(results["expected_memory_reduction_min"]["status"], "kept")
        self.assertEqual(results["expected_speedup_min"]["status"], "unmeasured")

    def test_what_is_checked(self):
        path = self.path("out.txt")
        calls = [{"name": "openat", "args": ["AT_FDCWD", path, "O_WRONLY|O_CREAT|O_TRUNC", "0644"], "result": 3},
                 {"name": "write", "args": ["3", "a", "1"], "result": 1}]
        self.document("python/t.json", calls)
        changed = self.document("t.json", [calls[0], {**calls[1], "args": ["3", "b", "1"]}])
        missing = self.document("python/u.json", [{"name": "unlink", "args": [path], "result": 0}])
        other = self.document("u.json", [])
        self.section()
        self.check(changed, status=VIOLATED)
        self.check(other, status=VIOLATED)
        self.section(check_write_patterns="false")
        self.check(changed)
        output = self.document("v.json", [write_call("x")])
        self.document("python/v.json", [write_call("y")])
        self.check(output, status=VIOLATED)
        self.section(check_output_correctness="false")
        self.check(output)
        self.check(changed, status=VIOLATED)
        self.section(check_write_patterns="false")
        self.check(other, status=VIOLATED)
        self.section(check_file_operations="false")
        self.check(changed, status=VIOLATED)
        self.check(other)
        self.assertTrue(missing)

    def test_what_was_not_recorded_is_not_compared(self):
        command = ["/bin/sh", "-c", "echo hello"]
        os.makedirs(self.path("python"))
        self.record("python/t.json", *command)
        self.section(expected_speedup_min="0.001")
        self.assertEqual(self.statuses(self.record("t.json", *command)),
                         {"semantic_equivalence": "kept", "expected_speedup_min": "kept"})
        for options in (("-T", "-f", "-e", "trace=write,exit_group"), ("-T", "-f", "-z")):
            results = self.results(self.record("t.json", *command, options=options), status=UNKNOWN)
            self.assertEqual({result["status"] for result in results.values()}, {"unmeasured"})
            self.assertIn("-e", results["semantic_equivalence"]["reason"])
        with open(self.path("python/t.json")) as file:
            text = file.read()
        self.file("python/t.json", text[:len(text) // 2])
        self.assertIn("cut off", self.results(self.record("t.json", *command), status=UNKNOWN)["semantic_equivalence"]["reason"])

    def test_speed(self):
        slow = write_call("x", duration_ns=40000000)
        self.document("python/t.json", [slow])
        new = self.document("t.json", [{**slow, "duration_ns": 10000000}])
        self.section(expected_speedup_min="3.0", expected_speedup_max="20")
        self.assertEqual(self.statuses(new), {"semantic_equivalence": "kept", "expected_speedup_min": "kept",
                                              "expected_speedup_max": "kept"})
        self.section(expected_speedup_min="5.0")
        self.assertEqual(self.statuses(new, status=VIOLATED),
                         {"semantic_equivalence": "kept", "expected_speedup_min": "violated"})
        self.section(expected_speedup_max="3.0")
        self.assertEqual(self.statuses(new), {"semantic_equivalence": "kept", "expected_speedup_max": "warning"})

    def test_without_a_partner_and_disabled(self):
        trace = self.document("t.json", [write_call("x")])
        self.section()
        self.assertEqual(self.statuses(trace), {"semantic_equivalence": "skipped"})
        self.section(enabled="false")
        self.assertEqual(self.results(trace)["semantic_equivalence"]["reason"], "disabled")
        self.document("python/t.json", [write_call("y")])
        self.section()
        self.check(trace, status=VIOLATED)


class Programs(CheckTest):
    BUDGET = '[[budget]]\nname = "w"\ncalls = "write"\nmax_count = 5\n'

    def test_a_program_is_run(self):
        self.budgets(self.BUDGET)
        done = self.check("--", payload("bloated"), "calls", "3")
        self.assertIn(b"xxx", done.stderr)
        self.assertIn(b"write", self.check("--", payload("bloated"), "calls", "6", status=VIOLATED).stdout)

    def test_children_count(self):
        self.budgets(self.BUDGET)
        self.check("--", payload("bloated"), "child", "calls", "6", status=VIOLATED)

    def test_traces_are_kept_on_request(self):
        self.budgets(self.BUDGET)
        self.check("--runs", "2", "--keep", "kept", "--", payload("bloated"), "calls", "3")
        self.assertEqual(sorted(os.listdir(self.path("kept"))), ["bloated-1.json", "bloated-2.json"])
        for name in os.listdir(self.path("kept")):
            self.check(os.path.join("kept", name))

    def test_nothing_is_left_behind(self):
        self.budgets(self.BUDGET)
        os.makedirs(self.path("tmp"))
        environment = {**os.environ, "TMPDIR": self.path("tmp")}
        self.check("--runs", "2", "--", payload("bloated"), env=environment)
        self.check("--", "/nonexistent", status=UNKNOWN, env=environment)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    def test_programs_that_fail(self):
        self.budgets(self.BUDGET)
        self.assertIn("/nonexistent", self.unusable("--", "/nonexistent"))
        self.assertIn("SEGV", self.unusable("--", "/bin/sh", "-c", "kill -SEGV $$"))
        # Any of several runs, not the last one alone.
        second = "test -e %s && exit 4; touch %s; kill -KILL $$"
        for script, said in ((second, b"killed by SIGKILL (run 1)"), ("test -e %s || { touch %s; exit 5; }", b"status 5 (run 1)")):
            mark = self.path("mark")
            done = self.run_plain([RENACER, "check", "--format", "json", "--runs", "2", "--", "/bin/sh", "-c",
                                   script % (mark, mark)], cwd=self.folder)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.returncode, UNKNOWN if b"killed" in said else KEPT)
            os.unlink(mark)
        done = self.check("--", "/bin/sh", "-c", "exit 3")
        self.assertIn(b"exit status 3", done.stderr)


class Mistakes(CheckTest):
    def test_in_the_command(self):
        trace = self.document("t.json", [])
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        self.assertIn("takes a trace", self.error())
        self.assertIn("behind --", self.error("--"))
        self.assertIn("not both", self.error(trace, "--", "/bin/true"))
        self.assertIn("'--colour'", self.error("--colour", trace))
        self.assertIn("needs an argument", self.error("-c"))
        self.assertIn("did you mean 'junit'", self.error("--format", "junti", trace))
        self.assertIn("--runs", self.error("--runs", "0", trace))
        self.assertIn("2 traces", self.error("--runs", "2", trace))
        self.assertIn("--keep", self.error("--keep", "x", trace))
        self.assertIn("/nonexistent.json", self.unusable("/nonexistent.json"))

    def test_reports_that_would_overwrite_what_they_are_about(self):
        trace = self.document("t.json", [write_call("x")])
        budgets = self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        for path in (trace, budgets):
            self.assertIn("file of its own", self.error("-o", path, trace))
            self.assertGreater(os.path.getsize(path), 0)
        self.assertIn("--quiet", self.error("-q", "-o", "report", trace))

    def test_in_the_file(self):
        trace = self.document("t.json", [write_call("x")])
        self.assertIn("renacer.toml", self.error(trace))
        self.assertIn("/nonexistent.toml", self.error("-c", "/nonexistent.toml", trace))
        self.budgets('[[budget]]\nname = "w"\nmax_count = \n')
        self.assertRegex(self.error(trace), r"renacer\.toml:3:\d+: ")
        self.budgets('[[budget]]\nname = "w"\nmax_count = "many"\n')
        self.assertRegex(self.error(trace), r"renacer\.toml:3:\d+: ")
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\nmax_cuont = 6\n')
        done = self.check(trace)
        self.assertRegex(done.stderr.decode(), r"\Arenacer-sv: renacer\.toml:4: .*max_cuont.*max_count")

    def test_a_report_that_cannot_be_written(self):
        trace = self.document("t.json", [write_call("x")])
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        for form in ("text", "json", "junit", "github"):
            with open("/dev/full", "w") as full:
                done = subprocess.run([RENACER, "check", "--format", form, trace], cwd=self.folder, stdout=full,
                                      stderr=subprocess.PIPE, timeout=TIMEOUT)
            self.assertEqual(done.returncode, UNKNOWN)
            self.assertIn(b"cannot", done.stderr)
            self.assertIn("/nonexistent", self.error("--format", form, "-o", "/nonexistent/report", trace))


class Reports(CheckTest):
    def test_explain(self):
        trace = self.record("t.json", payload("bloated"), "calls", "40")
        text = self.check("-c", USERS, "--explain", trace).stdout.decode()
        self.assertIn("times are those in the kernel", text)
        self.assertGreaterEqual(text.count("measured from"), 5)
        self.assertRegex(text, r"\n +write: 40 calls \(lines \d+ to \d+\)\n")

    def test_the_file_and_standard_output_are_the_same(self):
        trace = self.document("t.json", [write_call("x")] * 9)
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        for form in ("text", "json", "junit", "github"):
            printed = self.check("--format", form, trace, status=VIOLATED).stdout
            done = self.check("--format", form, "-o", "report", trace, status=VIOLATED)
            self.assertEqual(done.stdout, b"")
            with open(self.path("report"), "rb") as file:
                self.assertEqual(file.read(), printed)
        self.assertEqual(self.check("-q", trace, status=VIOLATED).stdout, b"")

    def test_colours(self):
        trace = self.document("t.json", [write_call("x")] * 9)
        self.budgets('[[budget]]\nname = "w"\nmax_count = 5\n')
        self.assertNotIn(b"\033", self.check(trace, status=VIOLATED).stdout)
        self.assertIn(b"\033[1;31mVIOLATED", self.check("--color", "always", trace, status=VIOLATED).stdout)
        leader, follower = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        subprocess.run([RENACER, "check", trace], cwd=self.folder, stdout=follower, timeout=TIMEOUT, env=environment)
        os.close(follower)
        self.assertIn(b"\033[1;31mVIOLATED", os.read(leader, 65536))
        os.close(leader)

    def test_help(self):
        self.assertIn(b"--explain", self.check("--help").stdout)

    def test_a_program_of_that_name_is_traced_behind_dashes(self):
        os.symlink("/bin/true", self.path("check"))
        done = self.run_plain([RENACER, "--", "check"], env={**os.environ, "PATH": self.folder})
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"exited with 0", done.stderr)


class Filtered(CheckTest):
    """What was not recorded has not been measured."""

    BUDGETS = """
        [[forbidden]]
        calls = "openat"
        [[required]]
        calls = "write"
        [[required]]
        calls = ["openat", "open"]
        [[budget]]
        name = "all"
        max_count = 1000
        [[budget]]
        name = "writes"
        calls = "write"
        max_count = 10
        [[budget]]
        name = "writes, too many"
        calls = "write"
        max_count = 0
        [[budget]]
        name = "on a path"
        calls = "write"
        path = "/nonexistent"
        max_count = 0
        [[assertion]]
        name = "resident"
        type = "memory_usage"
        tracking_mode = "rss"
        max_bytes = 1000000000
        [[assertion]]
        name = "mapped"
        type = "memory_usage"
        max_bytes = 1000000000
        [[assertion]]
        name = "wall"
        type = "critical_path"
        clock = "wall"
        max_duration_ms = 60000
        [[assertion]]
        name = "in calls"
        type = "critical_path"
        max_duration_ms = 60000
        [[assertion]]
        name = "loop"
        type = "anti_pattern"
        pattern = "TightLoop"
        threshold = 0.5
    """

    def traces(self, *options):
        for form in ("json", "jsonl"):
            for more in ((), ("-c",)):
                path = self.record("t." + form, "/bin/echo", "hello", options=("-T", "--format", form, *options, *more))
                yield path, bool(more)

    def test_by_name(self):
        self.budgets(self.BUDGETS)
        for trace, is_table in self.traces("-e", "trace=write"):
            with self.subTest(trace=trace, is_table=is_table):
                results = self.results(trace, status=VIOLATED)
                statuses = {name: result["status"] for name, result in results.items()}
                self.assertEqual(statuses, {
                    **{name: "unmeasured" for name in statuses}, "required: write": "kept", "writes": "kept",
                    "writes, too many": "violated", "resident": "kept", "wall": "kept"})
                self.assertEqual(len(statuses), 12)
                self.assertEqual(results["forbidden: openat"]["reason"],
                                 "no call of openat, but the trace was recorded with trace=write alone")
                self.assertEqual(results["all"]["reason"],
                                 "1 call, 1000 allowed, but the trace was recorded with trace=write alone")

    def test_by_what_is_not_a_name(self):
        self.budgets(self.BUDGETS)
        for options, word in ((["-z"], "status=successful"), (["-Z"], "status=failed"), (["-P", "/x"], "path=/x"),
                              (["-e", "status=failed,unfinished"], "status=failed,unfinished")):
            for trace, _ in self.traces(*options):
                with self.subTest(trace=trace, word=word):
                    done = self.run_plain([RENACER, "check", "--format", "json", trace], cwd=self.folder)
                    self.assertIn(done.returncode, (VIOLATED, UNKNOWN))
                    results = {result["name"]: result for result in json.loads(done.stdout)["checks"][0]["results"]}
                    for name in ("all", "writes", "mapped", "in calls", "loop"):
                        self.assertEqual(results[name]["status"], "unmeasured", name)
                    for name in ("resident", "wall"):
                        self.assertEqual(results[name]["status"], "kept", name)
                    self.assertIn("but the trace was recorded with %s alone" % word, results["writes"]["reason"])

    def test_a_filter_that_lets_through_what_is_measured(self):
        self.budgets("""
            [[forbidden]]
            calls = ["connect", "socket"]
            [[required]]
            calls = "openat"
            [[budget]]
            name = "on a path"
            calls = "openat"
            path = "/nonexistent"
            max_count = 0
        """)
        for options in (("-e", "trace=%network,openat"), ("-e", "trace=!read"), ("-e", "trace=all"), ("-e", "signal=none")):
            for trace, is_table in self.traces(*options, "-y"):
                if not is_table:
                    self.assertEqual(set(self.statuses(trace).values()), {"kept"}, options)

    def test_what_descriptors_are_may_be_recorded(self):
        self.budgets('[[budget]]\nname = "w"\ncalls = "write"\npath = "/nonexistent"\nmax_count = 0\n')
        self.statuses(self.record("without", "/bin/echo", "x", options=("-e", "trace=write")), status=UNKNOWN)
        self.statuses(self.record("with", "/bin/echo", "x", options=("-e", "trace=write", "-y")))

    def test_golden_traces(self):
        self.budgets("""
            [[budget]]
            name = "all"
            max_increase = "10%"
            [[budget]]
            name = "writes"
            calls = "write"
            max_increase = "10%"
        """)
        everything = self.record("all", "/bin/echo", "x")
        some = self.record("some", "/bin/echo", "x", options=("-e", "trace=write"))
        golden = self.path("golden")
        self.run_plain([RENACER, "--golden", "-e", "trace=write", "-o", golden, "--", "/bin/echo", "x"])
        for traces, status in (((some, some), KEPT), ((everything, everything), KEPT), ((golden, some), KEPT),
                               ((some, everything), UNKNOWN), ((everything, some), UNKNOWN)):
            with self.subTest(traces=traces):
                results = self.results("--golden", *traces, status=status)
                self.assertEqual(results["writes"]["status"], "kept")
                self.assertEqual(results["all"]["status"], "kept" if status == KEPT else "unmeasured")
        self.assertEqual(self.results("--golden", some, everything, status=UNKNOWN)["all"]["reason"],
                         "of the golden trace: it was recorded with trace=write alone, the new one with all calls")


if __name__ == "__main__":
    unittest.main(verbosity=2)
