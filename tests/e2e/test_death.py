#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The supervisor is killed, or its guardian: the program does not notice, and what was recorded can be read."""

import contextlib
import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import tempfile
import time
import unittest

import processes
from harness import RENACER, TIMEOUT, TraceTest, payload

# Numbers in order, one write each; what is recorded of them has to be the first N, each once.
COUNTING = "exec 3>/dev/null; i=0; while [ ! -e stop ]; do echo $i >&3; i=$((i+1)); done; echo finished"
PIPELINES = "i=0; while [ $i -lt 150 ]; do echo $i | tr 0-9 a-j | cat; i=$((i+1)); done; echo finished"
REASON = "renacer-sv was killed by SIGKILL"
PATIENCE = 120  # seconds, for what takes one where nobody is in the way
ENGINES = ("notify", "ptrace", "notify-only")
# The same numbers, from two lines in turn, which it prints.
PLACED = payload("sources/counting-gcc-O2")
PLACED_FILE = "counting.c"


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def comm(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def state(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return None


def guardian_of(pid):
    """The living guardian of a supervisor, or None."""
    for child in children(pid):
        if comm(child) == "renacer-guard" and state(child) != "Z":
            return child
    return None


def wait_while_busy(pid):
    """Until the process has used no processor for a second: it waits for somebody."""
    used, since = None, time.monotonic()
    while time.monotonic() - since < 1:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            now = stat.read().rsplit(")", 1)[1].split()[11:13]
        if now != used:
            used, since = now, time.monotonic()
        time.sleep(0.05)


class DeathTest(TraceTest):
    def start(self, command, *options, output="t", **keywords):
        """Trace in the background."""
        keywords.setdefault("stdout", subprocess.PIPE)
        keywords.setdefault("stderr", subprocess.PIPE)
        keywords.setdefault("cwd", self.folder)
        if os.path.exists(self.path("stop")):
            os.unlink(self.path("stop"))
        target = ["-o", self.path(output)] if output else []
        if output and os.path.isfile(self.path(output)):
            os.unlink(self.path(output))
        done = subprocess.Popen([RENACER, *options, *target, "--", *command], stdin=subprocess.DEVNULL, **keywords)
        self.addCleanup(self.end, done)
        return done

    def start_counting(self, *options, output="t"):
        """The same, and it has come to some number: of forms that stand nowhere until the end."""
        started = self.path("started")
        if os.path.exists(started):
            os.unlink(started)
        script = COUNTING.replace("i=$((i+1))", f"i=$((i+1)); if [ $i = 300 ]; then : >{started}; fi")
        process = self.start(["/bin/dash", "-c", script], *options, output=output)
        self.wait_for(lambda: os.path.exists(started))
        return process

    def end(self, process):
        if process.poll() is None:
            process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=PATIENCE)

    def wait_for(self, condition):
        for _ in range(TIMEOUT * 100):
            result = condition()
            if result:
                return result
            time.sleep(0.01)
        self.fail("it did not come to that")

    def wait_for_records(self, output="t", least=80000):
        self.wait_for(lambda: os.path.exists(self.path(output)) and os.path.getsize(self.path(output)) > least)

    def check_numbers(self, text, form):
        numbers = read_numbers(text, form)
        self.assertEqual(numbers, list(range(len(numbers))))
        self.assertEqual(reason_of(text, form), REASON)
        return len(numbers)

    def kill(self, process):
        """Kill the supervisor alone: what its program printed, and what was said."""
        process.kill()
        time.sleep(0.05)
        self.stop()
        return self.finish(process)

    def finish(self, process):
        """What a process and whoever has its pipes from it still say, until the last one has closed them."""
        try:
            return process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe]
            self.fail(f"{process.args}: nobody closes its pipes, which these have:\n{processes.holders(pipes)}")

    def stop(self):
        """What a program that counts waits for."""
        with open(self.path("stop"), "w"):
            pass


def is_number(call):
    return call.get("name") == "write" and call["args"][1].strip().isdigit()


def read_numbers(text, form):
    """The numbers whose writes are in the document, which has to be complete."""
    if form == "json":
        calls = json.loads(text)["syscalls"]
        return [int(call["args"][1]) for call in calls if is_number(call)]
    if form == "jsonl":
        lines = [json.loads(line) for line in text.splitlines()]
        return [int(call["args"][1]) for call in lines if is_number(call)]
    if form == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert {len(row) for row in rows} == {3}, rows[-1]
        found = [re.fullmatch(r'1, "(\d+)\\n", \d+', row[1]) for row in rows if row[0] == "write"]
        return [int(number[1]) for number in found if number]
    return [int(number) for number in re.findall(r'^write\(1, "(\d+)\\n"', text, re.MULTILINE)]


def reason_of(text, form):
    if form == "json":
        return json.loads(text)["summary"]["incomplete"]
    if form == "jsonl":
        return json.loads(text.splitlines()[-1])["summary"]["incomplete"]
    if form == "csv":
        return list(csv.reader(io.StringIO(text)))[-1][1]
    return re.fullmatch(r"\+\+\+ trace incomplete: (.*) \+\+\+", text.splitlines()[-1])[1]


class Document(DeathTest):
    def check_form(self, engine, form):
        process = self.start(["/bin/dash", "-c", COUNTING], "--engine", engine, "--format", form)
        self.wait_for_records()
        stdout, stderr = self.kill(process)
        self.assertEqual(stdout, b"finished\n")
        self.assertEqual(stderr.decode().count(REASON), 1)
        self.assertIn(b"the program goes on", stderr)
        count = self.check_numbers(self.content("t"), form)
        self.assertGreater(count, 100)

    def test_every_form_on_every_engine(self):
        for engine in ENGINES:
            for form in ("json", "jsonl", "csv", "text"):
                with self.subTest(engine=engine, form=form):
                    self.check_form(engine, form)

    def test_at_any_moment(self):
        chance = random.Random(9)
        for form in ("json", "text") * 4:
            with self.subTest(form=form):
                process = self.start(["/bin/dash", "-c", COUNTING], "--format", form)
                time.sleep(chance.uniform(0, 0.2))
                started = guardian_of(process.pid)
                stdout, _ = self.kill(process)
                # Before the execve the child dies with us, and there is no trace of it.
                if stdout or started:
                    self.assertIn(stdout, (b"finished\n", b""))
                if stdout:
                    self.check_numbers(self.content("t"), form)
                if os.path.exists(self.path("t")):
                    os.unlink(self.path("t"))

    def test_standard_output_that_had_to_wait_for_the_end(self):
        process = self.start_counting("--format", "json", "-c", output=None)
        time.sleep(0.1)
        stdout, _ = self.kill(process)
        self.assertEqual(json.loads(stdout)["summary"]["incomplete"], REASON)
        process = self.start_counting("--format", "json", output=None)
        time.sleep(0.3)
        stdout, stderr = self.kill(process)
        # The program's own output is on standard error then.
        self.assertIn(b"finished\n", stderr)
        self.assertGreater(self.check_numbers(stdout.decode(), "json"), 100)

    def test_lists_that_stand_behind_the_calls(self):
        """Events and calls that never returned are in files of their own until the end."""
        script = "i=0; while [ $i -lt 3000 ]; do /bin/true; i=$((i+1)); done"
        process = self.start(["/bin/dash", "-c", script], "--format", "json", "-f", "--events")
        self.wait_for_records(least=4_000_000)
        process.kill()
        self.finish(process)
        document = json.loads(self.content("t"))
        exits = self.calls(document, "exit_group")
        ends = [event for event in document["events"] if event["event"] == "end"]
        self.assertGreater(len(exits), 10)
        self.assertLessEqual(abs(len(exits) - len(ends)), 2)
        self.assertEqual(document["summary"]["total_syscalls"], len(document["syscalls"]))

    def test_a_pipe_that_nobody_reads(self):
        """Calls wait in our queues when it happens, and the document ends when somebody reads."""
        os.mkfifo(self.path("fifo"))
        fifo = os.open(self.path("fifo"), os.O_RDWR | os.O_NONBLOCK)
        # The program has to wait for us before it has ended.
        process = self.start(["/bin/dash", "-c", COUNTING.replace("! -e stop", "$i -lt 60000")], "--format", "text",
                             "--lossless", output="fifo")
        wait_while_busy(process.pid)
        self.assertEqual(process.poll(), None)
        process.kill()
        self.assertEqual(process.stdout.read(9), b"finished\n")
        text = b""
        while not text.endswith(b" +++\n") or b"incomplete" not in text[-200:]:
            try:
                text += os.read(fifo, 1 << 16)
            except BlockingIOError:
                time.sleep(0.01)
        os.close(fifo)
        count = self.check_numbers(text.decode(), "text")
        self.assertGreater(count, 2000)

    def test_tables_and_golden_traces(self):
        for options in (["-c"], ["--format", "csv", "-c"], ["--golden"], ["--golden", "--format", "jsonl"]):
            with self.subTest(options=options):
                process = self.start_counting(*options)
                time.sleep(0.3)
                stdout, _ = self.kill(process)
                self.assertEqual(stdout, b"finished\n")
                text = self.content("t")
                self.assertIn(REASON, text.splitlines()[-1] + text.splitlines()[-2])
                if "--golden" in options:
                    form = "jsonl" if "jsonl" in options else "json"
                    self.assertGreater(self.check_numbers(text, form), 100)
                else:
                    row = re.search(r"^write,(\d+)|(\d+) +write$", text, re.MULTILINE)
                    self.assertGreater(int(row[1] or row[2]), 100)

    def lost_calls(self, text, options):
        """What the table says was counted by a tracer that died."""
        if "json" in options:
            document = json.loads(text)
            self.assertEqual(document["summary"]["incomplete"], REASON)
            rows = document["summary"]["functions" if "--function-time" in options else "by_source"]
            lost = [row["calls"] for row in rows if row["function"] == "[lost]"]
        elif "csv" in options:
            rows = list(csv.reader(io.StringIO(text)))
            self.assertEqual(rows[-1][:2], ["+++ trace incomplete", REASON])
            lost = [int(row[1]) for row in rows if row[0] == "[lost]"]
        elif "--folded" in options:
            # Nanoseconds, and nothing but lines of stacks.
            lost = [int(line.split()[1]) for line in text.splitlines() if line.startswith("[lost] ")]
        else:
            self.assertIn(REASON, text.splitlines()[-1])
            lost = [int(line.split()[3]) for line in text.splitlines() if line.endswith(" [lost]")]
        self.assertLessEqual(len(lost), 1, text[-2000:])
        return sum(lost)

    def test_tables_of_sources(self):
        """What was counted by place and by stack died with the tracer: the rest has all that was counted by call."""
        for engine in ("notify", "ptrace"):
            for options in (["-c", "-s"], ["-c", "-s", "--format", "json"], ["-c", "-s", "--format", "csv"], ["-C", "-s"],
                            ["--function-time"], ["--function-time", "--format", "json"], ["--folded"]):
                with self.subTest(engine=engine, options=options):
                    lost = 0
                    # How long it reads debug information first is not known.
                    for delay in (0.1, 0.5, 2, 5):
                        if lost <= 100:
                            process = self.start_counting("--engine", engine, *options)
                            time.sleep(delay)
                            stdout, stderr = self.kill(process)
                            self.assertEqual(stdout, b"finished\n")
                            self.assertEqual(stderr.decode().count(REASON), 1)
                            lost = self.lost_calls(self.content("t"), options)
                    self.assertGreater(lost, 100)

    def test_who_reads_it_is_told(self):
        process = self.start(["/bin/dash", "-c", COUNTING], "--format", "json")
        self.wait_for_records()
        self.kill(process)
        done = self.run_plain([RENACER, "compare", self.path("t"), self.path("t")])
        self.assertIn(b"cut off", done.stdout + done.stderr)
        with open(self.path("renacer.toml"), "w") as file:
            file.write('[[budget]]\nname = "calls"\nmax_calls = 10000000\n')
        done = self.run_plain([RENACER, "check", "--config", self.path("renacer.toml"), self.path("t")])
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)

    def test_the_reason_is_known_whether_or_not_somebody_waits_for_us(self):
        process = self.start(["/bin/dash", "-c", COUNTING], "--format", "json")
        self.wait_for_records()
        process.kill()
        self.stop()
        # A zombie, until communicate() at the end of the test.
        self.wait_for(lambda: REASON in self.content("t"))
        self.assertEqual(state(process.pid), "Z")


class Places(DeathTest):
    """With stacks: what is written after the death has no places, for what was mapped died with the tracer."""

    def places(self, text, form):
        """Of each number: the line, or the innermost function in the program, or None."""
        if form == "text":
            found = re.findall(r'^write\(1, "\d+\\n", \d+\) += \d+(?: at \S+?(\d+) \((\w+)\))?\n((?: > .*\n| \(.*\n)*)', text,
                               re.MULTILINE)
            return [(int(line) if line else None, function or None, re.findall(r"[(](\w+)\+0x", stack))
                    for line, function, stack in found]
        calls = json.loads(text)["syscalls"] if form == "json" else [json.loads(line) for line in text.splitlines()]
        places = []
        for call in filter(is_number, calls):
            source = call.get("source") or {}
            stack = [frame["function"] for frame in call.get("stack") or ()]
            places.append((source.get("line"), source.get("function"), stack))
        return places

    def check_places(self, text, form, options, lines):
        """The number of calls that have their places, and of those that have none."""
        self.check_numbers(text, form)
        places = self.places(text, form)
        self.assertEqual(len(places), len(read_numbers(text, form)))
        known = 0
        while known < len(places) and places[known] != (None, None, []):
            line, function, stack = places[known]
            name = ("write_even", "write_odd")[known % 2]
            if "-s" in options:
                self.assertEqual((line, function), (lines[known % 2], name))
            if "-k" in options:
                self.assertEqual(stack[1:3], [name, "main"])
            known += 1
        self.assertEqual([place for place in places[known:] if place != (None, None, [])], [])
        return known, len(places) - known

    def lines(self, stdout):
        return [int(word) for word in re.fullmatch(rb"lines (\d+) (\d+)\n", stdout).groups()]

    def test_every_form_on_every_engine(self):
        for engine in ("notify", "ptrace"):
            for form in ("json", "jsonl", "text"):
                for options in (["-s"], ["-k"], ["-s", "-k"]):
                    with self.subTest(engine=engine, form=form, options=options):
                        process = self.start([PLACED], "--engine", engine, "--format", form, *options)
                        self.wait_for_records(least=200000)
                        stdout, stderr = self.kill(process)
                        self.assertEqual(stderr.decode().count(REASON), 1)
                        known, _ = self.check_places(self.content("t"), form, options, self.lines(stdout))
                        self.assertGreater(known, 50)

    def test_at_any_moment(self):
        chance = random.Random(23)
        for options in (["-s"], ["-k"]) * 6:
            with self.subTest(options=options):
                process = self.start([PLACED], "--format", "json", *options)
                time.sleep(chance.uniform(0.02, 0.3))
                stdout, _ = self.kill(process)
                # Before the execve the child dies with us, and there is no trace of it.
                if stdout:
                    self.check_places(self.content("t"), "json", options, self.lines(stdout))

    def test_in_csv(self):
        process = self.start([PLACED], "--format", "csv", "-s")
        self.wait_for_records()
        stdout, _ = self.kill(process)
        rows = list(csv.reader(io.StringIO(self.content("t"))))
        lines = self.lines(stdout)
        self.assertEqual({len(row) for row in rows}, {4})
        self.assertEqual(rows[-1][:2], ["+++ trace incomplete", REASON])
        numbers = [row for row in rows if row[0] == "write" and row[1].startswith('1, "')]
        places = [os.path.basename(row[3]) for row in numbers if row[3]]
        self.assertEqual([row[3] for row in numbers[len(places):]], [""] * (len(numbers) - len(places)))
        self.assertEqual(places, [f"{PLACED_FILE}:{lines[i % 2]}" for i in range(len(places))])
        self.assertGreater(len(places), 50)

    def test_a_pipe_that_nobody_reads(self):
        """What waits in our queue then has its stack, but nobody knows any more what they mean."""
        for form, options in (("text", ["-k"]), ("jsonl", ["-s"])):
            with self.subTest(form=form, options=options):
                os.mkfifo(self.path(form))
                fifo = os.open(self.path(form), os.O_RDWR | os.O_NONBLOCK)
                self.addCleanup(os.close, fifo)
                process = self.start([PLACED, "60000"], "--format", form, *options, output=form)
                time.sleep(1.5)
                self.assertIsNone(process.poll())
                process.kill()
                stdout = process.stdout.read()
                text = b""
                while b"incomplete" not in text[-200:] or not text.endswith(b"\n"):
                    try:
                        text += os.read(fifo, 1 << 16)
                    except BlockingIOError:
                        time.sleep(0.01)
                known, unknown = self.check_places(text.decode(), form, options, self.lines(stdout))
                self.assertGreater(known, 20)
                # Two calls a number, 16 KiB each.
                self.assertGreater(unknown, 1000)
                process.communicate()


class Program(DeathTest):
    def check_pipelines(self, *options, delay, program=("/bin/dash", "-c", PIPELINES)):
        plain = self.run_plain(program)
        process = self.start(list(program), *options)
        self.wait_for_records(least=0)
        time.sleep(delay)
        guardian = guardian_of(process.pid)
        stdout, stderr = self.kill(process)
        self.assertEqual(stdout, plain.stdout)
        lines = [line for line in stderr.splitlines() if not line.startswith(b"renacer-sv:")]
        self.assertEqual(b"\n".join(lines), plain.stderr)
        # And then nobody is left.
        self.wait_for(lambda: state(guardian) in (None, "Z"))

    def test_pipelines(self):
        for options in (["-f"], [], ["-f", "--lossless"], ["-f", "-yy"], ["-f", "--engine", "ptrace"],
                        ["-f", "-e", "trace=openat,execve"]):
            for delay in (0, 0.1):
                with self.subTest(options=options, delay=delay):
                    self.check_pipelines("--format", "json", *options, delay=delay)

    def test_signals_that_hit_calls_afterwards(self):
        for options in ([], ["-f"], ["--lossless"]):
            with self.subTest(options=options):
                process = self.start([payload("storm"), "6000", "150"], *options)
                self.wait_for_records(least=0)
                time.sleep(0.1)
                stdout, _ = self.kill(process)
                self.assertEqual(stdout, b"wrong: 0\n")

    def test_calls_that_wait_for_a_supervisor_that_stands_still(self):
        """Some were received and not answered, others were not received."""
        script = "for j in $(seq 24); do (i=0; while [ $i -lt 200 ]; do echo $i >/dev/null; i=$((i+1)); done; " \
                 "/bin/true; echo $j) & done; wait"
        for options in (["-f"], ["-f", "-yy"], ["-f", "--lossless"]):
            with self.subTest(options=options):
                process = self.start(["/bin/bash", "-c", script], *options)
                self.wait_for_records(least=0)
                time.sleep(0.1)
                os.kill(process.pid, signal.SIGSTOP)
                time.sleep(0.3)
                stdout, _ = self.kill(process)
                self.assertEqual(sorted(map(int, stdout.split())), list(range(1, 25)))

    def test_what_stops_for_a_ptracer_ends_with_it(self):
        """Its calls would fail otherwise; unless all of them stop in another way."""
        for options, expected in (([], b""), (["--lossless"], b"finished\n")):
            with self.subTest(options=options):
                process = self.start(["/bin/dash", "-c", COUNTING], "--engine", "ptrace", "-e", "trace=write", *options)
                self.wait_for_records()
                stdout, _ = self.kill(process)
                self.assertEqual(stdout, expected)
                self.assertEqual(reason_of(self.content("t"), "text"), REASON)

    def test_a_daemon_lives_on(self):
        script = f"(setsid /bin/dash -c 'sleep 0.5; {PIPELINES}' >{self.path('told')} 2>&1 &) ; sleep 0.2"
        for options in ([], ["-f"]):
            with self.subTest(options=options):
                process = self.start(["/bin/dash", "-c", script], *options)
                self.wait_for_records(least=0)
                time.sleep(0.05)
                self.kill(process)
                self.wait_for(lambda: self.content("told").endswith("finished\n"))
                self.assertEqual(self.content("told").count("\n"), 151)
                os.unlink(self.path("told"))

    def test_attached(self):
        program = subprocess.Popen(["/bin/dash", "-c", PIPELINES.replace("150", "500")], stdout=subprocess.PIPE)
        supervisor = subprocess.Popen([RENACER, "-f", "-o", self.path("t"), "-p", str(program.pid)],
                                      stderr=subprocess.PIPE)
        self.addCleanup(self.end, supervisor)
        self.wait_for_records()
        supervisor.kill()
        _, stderr = self.finish(supervisor)
        stdout, _ = self.finish(program)
        self.assertEqual((program.returncode, stdout.count(b"\n")), (0, 501))
        self.assertIn(REASON.encode(), stderr)
        self.assertEqual(reason_of(self.content("t"), "text"), REASON)


class Unfollowed(DeathTest):
    """Without -f: processes that are not recorded, and such that live on when the trace has ended."""

    def test_their_calls_are_mended(self):
        for options in ([], ["--lossless"], ["-e", "trace=openat"]):
            with self.subTest(options=options):
                done = self.run_plain([RENACER, *options, "-o", self.path("t"), "--", "/bin/sh", "-c",
                                       f"{payload('storm')} 2000 150; true"])
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"wrong: 0\n", b""))
                self.assertNotIn("[pid", self.content("t"))

    def daemon(self, rounds):
        return f"(setsid {payload('storm')} {rounds} 150 >{self.path('told')} 2>&1 &)"

    def check_daemon(self):
        self.wait_for(lambda: "wrong" in self.content("told"))
        self.assertEqual(self.content("told"), "wrong: 0\n")
        os.unlink(self.path("told"))

    def test_so_are_those_of_daemons(self):
        for options in (["--engine", "notify"], ["--engine", "ptrace"], ["-s"], ["-k", "--engine", "ptrace"]):
            for moment in (0.01, 0.02, 0.03, 0.05, 0.1):
                with self.subTest(options=options, moment=moment):
                    done = self.run_plain([RENACER, *options, "-q", "-o", self.path("t"), "--", "/bin/dash", "-c",
                                           f"{self.daemon(2000)}; sleep {moment}"])
                    self.assertEqual((done.returncode, done.stderr), (0, b""))
                    self.check_daemon()

    def test_so_they_are_while_nobody_reads_the_document(self):
        os.mkfifo(self.path("t"))
        # With stacks there is room for fewer calls.
        for options, count in ((["--engine", "notify"], 3000), (["--engine", "ptrace"], 3000), (["-s"], 300),
                               (["-k"], 300), (["-k", "--engine", "ptrace"], 300)):
            script = f"{self.daemon(4000)}; i=0; while [ $i -lt {count} ]; do : </dev/null; i=$((i+1)); done"
            with self.subTest(options=options):
                reader = os.open(self.path("t"), os.O_RDONLY | os.O_NONBLOCK)
                process = subprocess.Popen([RENACER, *options, "-q", "-o", self.path("t"), "--", "/bin/dash", "-c", script],
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                self.check_daemon()
                self.assertIsNone(process.poll())
                os.set_blocking(reader, True)
                with open(reader, "rb") as trace:
                    self.assertGreater(trace.read().count(b"/dev/null"), count - 1)
                self.assertEqual((self.finish(process), process.returncode), ((b"", None), 0))


class Guardian(DeathTest):
    def test_another_one_takes_its_place(self):
        for engine in ("notify", "ptrace"):
            with self.subTest(engine=engine):
                script = "i=0; while [ ! -e stop ]; do i=$((i+1)); done; echo $i"
                process = self.start(["/bin/dash", "-c", script], "--engine", engine, "--format", "json",
                                     "--profile-self")
                self.wait_for_records()
                seen = set()
                for _ in range(5):
                    guardian = self.wait_for(lambda: guardian_of(process.pid))
                    seen.add(guardian)
                    os.kill(guardian, signal.SIGKILL)
                    self.wait_for(lambda: guardian_of(process.pid) not in (None, guardian))
                self.assertEqual(len(seen), 5)
                self.stop()
                stdout, stderr = self.finish(process)
                self.assertEqual(process.returncode, 0, stderr)
                document = json.loads(self.content("t"))
                self.assertNotIn("incomplete", document["summary"])
                looks = [call for call in document["syscalls"] if call["args"][:1] == ["stop"] or "stop" in call["args"]]
                self.assertEqual(len(looks), int(stdout) + 1)
                self.assertEqual(self.counters(stderr)["guardians"], 5)

    def test_the_next_one_knows_all_that_the_first_one_did(self):
        script = "i=0; while [ $i -lt 1500 ]; do /bin/true; i=$((i+1)); done; echo finished"
        process = self.start(["/bin/dash", "-c", script], "--format", "json", "-f", "--events")
        self.wait_for_records(least=3_000_000)
        guardian = guardian_of(process.pid)
        os.kill(guardian, signal.SIGKILL)
        self.wait_for(lambda: guardian_of(process.pid) not in (None, guardian))
        time.sleep(0.1)
        stdout, _ = self.kill(process)
        self.assertEqual(stdout, b"finished\n")
        document = json.loads(self.content("t"))
        self.assertEqual(document["summary"]["incomplete"], REASON)
        self.assertGreater(len(document["events"]), 100)
        self.assertEqual(document["summary"]["total_syscalls"], len(document["syscalls"]))

    def test_it_keeps_no_output_open(self):
        """Whoever reads our output to its end does not wait for the guardian."""
        with tempfile.TemporaryFile() as said:
            script = f"x=$({RENACER} -o /dev/null /bin/echo out 2>&1 | cat); echo \"$x\""
            done = subprocess.run(["/bin/dash", "-c", script], stdout=said, timeout=20)
            self.assertEqual(done.returncode, 0)
            said.seek(0)
            self.assertEqual(said.read(), b"out\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
