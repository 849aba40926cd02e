#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Attaching to programs that run: they are recorded, left again, and not disturbed."""

import json
import os
import pty
import signal
import subprocess
import unittest

import fixtures
import processes
from fixtures import FIXTURES, RENACER
from harness import TIMEOUT, TraceTest
from processes import wait_until
from waits import MORE, UNDISTURBED, Waits

ALL_THREADS = 8
BROKEN_OFF = {-4, -512, -513, -514, -516}  # EINTR and the kernel's ERESTART...
class AttachTest(TraceTest):
    maxDiff = None

    def attach(self, *options, output="t.jsonl", form="jsonl", wrapper=()):
        """Attach, to everything that the options name."""
        process = subprocess.Popen([*wrapper, RENACER, "--format", form, "-o", self.path(output), *options],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def wait_for_work(self, tracer, *programs, output="t.jsonl"):
        """Until all threads are attached and calls arrive."""
        for program in programs:
            wait_until(lambda program=program: program.is_traced(tracer.pid), "all threads are attached")
        wait_until(lambda: "/work-of-waits" in self.content(output), "calls are recorded")

    def end(self, tracer):
        """It ends, and says no more than whom it attached and let go."""
        out, err = tracer.communicate(timeout=TIMEOUT)
        self.assertEqual(out, b"")
        self.assertRegex(err.decode(), r"\A(renacer-sv: process \d+ (attached|let go)\n)*\Z")

    def detach(self, tracer, number=signal.SIGINT):
        tracer.send_signal(number)
        self.end(tracer)
        # Like a program that the signal ends, or like one that has done its work.
        self.assertIn(tracer.returncode, (0, -number, 128 + number))

    def lines(self, output="t.jsonl"):
        lines = [json.loads(line) for line in self.content(output).splitlines()]
        self.assertEqual(lines[0]["producer"]["engine"], "ptrace")
        self.assertEqual(lines[-1]["summary"]["lost"], 0)
        return lines[1:-1]

    def seen(self, output="t.jsonl"):
        """Names of calls, with their paths."""
        return {(line["name"], line["args"][0] if line["name"] == "access" else "") for line in self.lines(output) if "name" in line}


class Detach(AttachTest):
    def test_the_program_goes_on_unharmed(self):
        program = Waits(self)
        tracer = self.attach("-p", str(program.pid))
        self.wait_for_work(tracer, program)
        self.assertTrue(program.is_traced(tracer.pid))
        self.detach(tracer)
        self.assertTrue(program.is_traced(0))
        self.assertIn(("access", "/work-of-waits"), self.seen())
        program.obeys(b"fork")
        program.obeys(b"thread")
        program.ends_undisturbed()

    def test_again_and_again(self):
        program = Waits(self)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) * 4:
            tracer = self.attach("-p", str(program.pid))
            self.wait_for_work(tracer, program)
            self.detach(tracer, number)
            self.assertTrue(program.is_traced(0))
            self.lines()
            os.unlink(self.path("t.jsonl"))
        program.ends_undisturbed()

    def test_the_document_is_whole(self):
        for options in ((), ("-f",), ("-c",), ("-f", "--events", "-T", "-y")):
            with self.subTest(" ".join(options)):
                program = Waits(self)
                tracer = self.attach(*options, "-p", str(program.pid), form="json", output="t.json")
                wait_until(lambda: program.is_traced(tracer.pid), "all threads are attached")
                if "-c" not in options:
                    self.wait_for_work(tracer, program, output="t.json")
                self.detach(tracer)
                document = json.loads(self.content("t.json"))
                self.assertEqual(document["producer"]["engine"], "ptrace")
                self.assertEqual(document["summary"]["lost"], 0)
                self.assertEqual("syscalls" in document, "-c" not in options)
                os.unlink(self.path("t.json"))
                program.ends_undisturbed()

    def test_few_calls(self):
        program = Waits(self)
        tracer = self.attach("-e", "trace=access", "-p", str(program.pid))
        self.wait_for_work(tracer, program)
        self.detach(tracer)
        self.assertEqual(self.seen(), {("access", "/work-of-waits")})
        program.ends_undisturbed()

    def test_a_tracer_that_is_killed_takes_nothing_with_it(self):
        for options in ((), ("-e", "trace=access")):
            program = Waits(self)
            tracer = self.attach(*options, "-p", str(program.pid))
            self.wait_for_work(tracer, program)
            tracer.kill()
            tracer.wait(TIMEOUT)
            wait_until(lambda: program.is_traced(0), "nobody traces it")
            program.obeys(b"thread")
            program.ends_undisturbed()
            os.unlink(self.path("t.jsonl"))

    def test_waits_that_every_stop_breaks(self):
        """sigwaitinfo and semop return EINTR after any stop; a program need not see that."""
        program = Waits(self, "--more", expected=MORE)
        tracer = self.attach("-p", str(program.pid))
        self.wait_for_work(tracer, program)
        self.detach(tracer)
        program.ends_undisturbed()

    def test_signals_that_the_program_ignores(self):
        """Without a tracer they are not even sent; with one they break waits off, whichever thread they find."""
        for options in ((), ("-f",)):
            program = Waits(self, "--more", expected=MORE)
            tracer = self.attach(*options, "-p", str(program.pid))
            self.wait_for_work(tracer, program)
            program.obeys(b"storm")
            self.detach(tracer)
            program.obeys(b"storm")
            program.ends_undisturbed()
            self.assertEqual([line for line in self.lines() if line.get("result", 0) in BROKEN_OFF], [])
            os.unlink(self.path("t.jsonl"))

    def test_a_stopped_program_stays_stopped(self):
        # Being stopped breaks epoll_wait, whether anybody traces or not: see signal(7).
        program = Waits(self, expected=UNDISTURBED.replace("epoll_wait: 1", "epoll_wait: -1 EINTR"))
        os.kill(program.pid, signal.SIGSTOP)
        wait_until(lambda: processes.status(program.pid, "State") == "T", "it stops")
        tracer = self.attach("-p", str(program.pid))
        wait_until(lambda: program.is_traced(tracer.pid), "all threads are attached")
        self.detach(tracer)
        wait_until(lambda: processes.status(program.pid, "State") == "T", "it is stopped as before")
        os.kill(program.pid, signal.SIGCONT)
        program.ends_undisturbed()

    def test_the_interrupt_key(self):
        """In a terminal, where the program is not."""
        program = Waits(self)
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(RENACER, [RENACER, "--format", "jsonl", "-o", self.path("t.jsonl"), "-p", str(program.pid)])
        self.addCleanup(os.close, terminal)
        wait_until(lambda: program.is_traced(pid), "all threads are attached")
        wait_until(lambda: "/work-of-waits" in self.content("t.jsonl"), "calls are recorded")
        os.write(terminal, b"\x03")
        os.waitpid(pid, 0)
        self.assertTrue(program.is_traced(0))
        self.lines()
        program.ends_undisturbed()


class Recorded(AttachTest):
    def test_all_threads(self):
        program = Waits(self)
        tracer = self.attach("-p", str(program.pid))
        self.wait_for_work(tracer, program)
        program.ends_undisturbed()
        self.end(tracer)
        names = {line["name"] for line in self.lines() if "name" in line}
        # Each thread's wait ended while it was traced; and what they did then.
        self.assertTrue({"access", "clock_nanosleep", "exit_group", "write", "exit"} <= names, names)
        self.assertEqual(len({line["tid"] for line in self.lines() if line.get("name")}), ALL_THREADS)

    def test_its_end(self):
        program = Waits(self)
        tracer = self.attach("--events", "-p", str(program.pid))
        self.wait_for_work(tracer, program)
        program.ends_undisturbed()
        self.end(tracer)
        self.assertIn(tracer.returncode, (0, 6))
        ended = [line for line in self.lines() if line.get("event") == "end" and line["tid"] == program.pid]
        self.assertEqual([event["exit_code"] for event in ended], [6])

    def test_its_death(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            program = Waits(self)
            tracer = self.attach("--events", "-p", str(program.pid))
            self.wait_for_work(tracer, program)
            os.kill(program.pid, number)
            self.end(tracer)
            self.assertEqual(program.process.wait(TIMEOUT), -number)
            ended = [line for line in self.lines() if line.get("event") == "end" and line["tid"] == program.pid]
            self.assertEqual([event["signal"] for event in ended], [signal.Signals(number).name])
            os.unlink(self.path("t.jsonl"))

    def test_several(self):
        for together in (True, False):
            programs = [Waits(self) for _ in range(3)]
            pids = [str(program.pid) for program in programs]
            options = ["-p", ",".join(pids)] if together else [word for pid in pids for word in ("-p", pid)]
            tracer = self.attach("-f", *options)
            self.wait_for_work(tracer, *programs)
            wait_until(lambda: all(f'"pid":{pid},' in self.content("t.jsonl") for pid in pids), "all are recorded")
            programs[0].ends_undisturbed()
            programs[1].process.kill()
            programs[1].process.wait(TIMEOUT)
            self.assertIsNone(tracer.poll(), "one is left")
            self.assertTrue(programs[2].is_traced(tracer.pid))
            self.detach(tracer)
            programs[2].ends_undisturbed()
            self.lines()
            os.unlink(self.path("t.jsonl"))

    def follow(self, *options):
        program = Waits(self)
        tracer = self.attach(*options, "-p", str(program.pid))
        self.wait_for_work(tracer, program)
        program.obeys(b"fork")
        program.obeys(b"thread")
        self.detach(tracer)
        program.ends_undisturbed()
        return self.seen()

    def test_new_children_and_threads(self):
        seen = self.follow("-f")
        self.assertIn(("access", "/child-of-waits"), seen)
        self.assertIn(("access", "/thread-of-waits"), seen)

    def test_new_threads_alone(self):
        seen = self.follow()
        self.assertNotIn(("access", "/child-of-waits"), seen)
        self.assertIn(("access", "/thread-of-waits"), seen)

    def test_a_user_attaches_to_what_is_their_own(self):
        os.chmod(self.folder, 0o777)
        program = Waits(self, wrapper=fixtures.NOBODY)
        tracer = self.attach("-p", str(program.pid), wrapper=fixtures.NOBODY)
        self.wait_for_work(tracer, program)
        self.detach(tracer)
        program.ends_undisturbed()


class Refused(AttachTest):
    def refused(self, command, words, fixture="root"):
        done = fixtures.run(FIXTURES[fixture], command)
        self.assertEqual((done.returncode, done.stdout), (125, b""), done.stderr)
        self.assertRegex(done.stderr.decode(), rf"\Arenacer-sv: .*({words}).*\n\Z")
        return done.stderr.decode()

    def test_no_such_process(self):
        gone = subprocess.Popen(["/bin/true"])
        gone.wait()
        self.assertIn(str(gone.pid), self.refused([RENACER, "-p", str(gone.pid)], "No such process|does not exist|no process"))

    def test_not_a_process(self):
        for word in ("abc", "-1", "0", "1,", "99999999999999999999", ""):
            self.refused([RENACER, "-p", word], "-p|process|pid")

    def test_of_another_user(self):
        program = Waits(self)
        said = self.refused([RENACER, "-p", str(program.pid)], "not permitted|another user|belongs|rights", "nobody")
        self.assertIn(str(program.pid), said)
        program.ends_undisturbed()

    def test_ourselves(self):
        self.refused(["/bin/sh", "-c", f"exec {RENACER} -p $$"], "itself|ourselves|renacer-sv")

    def test_traced_already(self):
        program = Waits(self)
        first = self.attach("-p", str(program.pid))
        self.wait_for_work(first, program)
        self.assertIn(str(program.pid), self.refused([RENACER, "-p", str(program.pid)], "traced"))
        self.detach(first)
        program.ends_undisturbed()

    def test_one_of_several(self):
        """All or nothing: what could be attached is left again."""
        gone = subprocess.Popen(["/bin/true"])
        gone.wait()
        program = Waits(self)
        self.assertIn(str(gone.pid), self.refused([RENACER, "-p", f"{program.pid},{gone.pid}"], "process"))
        self.assertTrue(program.is_traced(0))
        program.ends_undisturbed()

    def test_other_engines(self):
        program = Waits(self)
        for engine in ("notify", "notify-only"):
            self.refused([RENACER, "--engine", engine, "-p", str(program.pid)], "ptrace")
        self.refused([RENACER, "-p", str(program.pid)], "ptrace", "no-ptrace")
        program.ends_undisturbed()


if __name__ == "__main__":
    unittest.main(verbosity=2)
