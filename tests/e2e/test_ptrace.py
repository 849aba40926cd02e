#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that would notice a clumsy tracer: each is run without one and with
the engines, and must not see a difference."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import unittest

import fixtures
import processes
from fixtures import FIXTURES
from harness import RENACER, RUNS_32_BIT, TIMEOUT, TraceTest, needs_32_bit, payload
from processes import wait_until
from waits import MORE, Waits

ALL = ("--engine", "ptrace")
# All calls, or few of them, which are then the only ones that stop; with children and without.
WAYS = (ALL, (*ALL, "-f"), (*ALL, "-f", "-e", "trace=openat"), (*ALL, "-e", "trace=openat"))
NOTIFY = ("--engine", "notify", "-f")


class PtraceTest(TraceTest):
    maxDiff = None

    def command(self, way, command, *options):
        return [RENACER, "--format", "json", "-o", self.path("t.json"), *way, *options, "--", *command]

    def document(self, engine=None):
        document = json.loads(self.content("t.json"))
        if engine:
            self.assertEqual(document["producer"]["engine"], engine)
        self.assertEqual(document["summary"]["lost"], 0)
        return document

    def unnoticed(self, command, ways=(NOTIFY, *WAYS), **options):
        """Output and end are those of an untraced run, and nothing is said. The documents."""
        plain = self.run_plain(command, **options)
        documents = []
        for way in ways:
            with self.subTest(" ".join(way)):
                done = self.run_plain(self.command(way, command), **options)
                self.assertEqual(done.stdout.decode(), plain.stdout.decode())
                self.assertEqual((done.returncode, done.stderr), (plain.returncode, plain.stderr))
                documents.append(self.document(way[1]))
        return documents


class Signals(PtraceTest):
    def test_group_stops(self):
        # It makes calls so fast that the kernel's rings may overflow: each has to stop.
        self.unnoticed([payload("group_stop")], ((*NOTIFY, "--lossless"), *WAYS))

    def test_delivery(self):
        self.unnoticed([payload("signals")])

    def test_ignored_signals_have_no_effect(self):
        self.unnoticed([payload("ignored")])

    def test_ignored_signals_break_nothing_off(self):
        """They are not sent without a tracer: no wait ends early, and no engine records that one did."""
        waits = ("epoll_wait", "poll", "read", "rt_sigtimedwait", "semop", "wait4")
        seen = []
        for way in (NOTIFY, *WAYS[:2]):
            for _ in range(3):
                program = Waits(self, "--more", wrapper=self.command(way, []), expected=MORE)
                program.obeys(b"storm")
                program.ends_undisturbed()
                calls = [call for call in self.document(way[1])["syscalls"] if call["name"] in waits]
                seen.append(sorted((call["name"], 0 if call["name"] == "wait4" else call["result"]) for call in calls))
        for other in seen[1:]:
            self.assertEqual(seen[0], other)

    def test_what_a_stop_of_the_process_breaks_off(self):
        """epoll_wait, sigwaitinfo and semop do not go on after SIGCONT, whether anybody traces or not."""
        expected = "".join(line if line.split(":")[0] not in ("epoll_wait", "sigwaitinfo", "semop") else
                           line.split(":")[0] + ": -1 EINTR\n" for line in MORE.splitlines(keepends=True))
        for way in (None, (*NOTIFY, "-e", "trace=openat,epoll_wait"), *WAYS):
            with self.subTest(way):
                program = Waits(self, "--more", wrapper=self.command(way, []) if way else (), expected=expected)
                os.kill(program.pid, signal.SIGSTOP)
                wait_until(lambda program=program: processes.stays_stopped(program.pid), "all threads have stopped")
                os.kill(program.pid, signal.SIGCONT)
                program.obeys(b"thread")
                program.ends_undisturbed()

    @needs_32_bit
    def test_ignored_signals_in_a_32_bit_program(self):
        for document in self.unnoticed([payload("i386_wait")], (NOTIFY, *WAYS[:2])):
            self.assertEqual([call["result"] for call in self.calls(document, "epoll_wait")], [1])
        self.unnoticed([payload("i386_wait")], WAYS[2:])

    def test_a_program_that_is_stopped_by_its_child(self):
        self.unnoticed([payload("self_stop")], start_new_session=True)

    def test_signals_to_the_whole_group(self):
        self.unnoticed([payload("group_signal")], start_new_session=True)

    def test_signal_storm(self):
        self.unnoticed([payload("storm"), "3000", "150"])


class Outputs(PtraceTest):
    SERVER = ("import socket; s = socket.create_server(('127.0.0.1', 0)); s.getsockname(); "
              "c = socket.create_connection(s.getsockname()); p, _ = s.accept(); c.getpeername(); "
              "p.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE); u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); "
              "u.bind(('127.0.0.1', 0)); u.sendto(b'x', u.getsockname()); u.recvfrom(10)")

    def test_addresses_and_options_of_sockets(self):
        """What they are depends on how much room the caller had when the call began."""
        address = r"\{sa_family=AF_INET, sin_port=htons\(\d+\), sin_addr=inet_addr\(\"127\.0\.0\.1\"\)\}, \[16\]"
        for way in (NOTIFY, WAYS[1]):
            with self.subTest(" ".join(way)):
                self.run_plain([RENACER, *way, "--decode=full", "-o", self.path("t.txt"), "--", "/usr/bin/python3", "-c", self.SERVER])
                text = self.content("t.txt")
                for call in ("getsockname", "getpeername", "accept4", "recvfrom"):
                    self.assertRegex(text, call + r"\(.*" + address)
                self.assertRegex(text, r"getsockopt\(\d+, SOL_SOCKET, SO_TYPE, \[1\], \[4\]\)")


class Families(PtraceTest):
    def test_all_ways_to_make_and_end_processes(self):
        self.unnoticed([payload("clones"), payload("i386") if RUNS_32_BIT else payload("static_hello")])

    def test_exec_by_another_thread(self):
        for document in self.unnoticed([payload("thread_exec")], (NOTIFY, WAYS[1])):
            executed = self.calls(document, "execve")
            self.assertEqual([call["result"] for call in executed], [0, 0])
            self.assertEqual(executed[0]["tid"], executed[1]["tid"], "exec gives the caller the leader's number")

    @needs_32_bit
    def test_32_bits(self):
        documents = self.unnoticed([payload("i386")], (NOTIFY, WAYS[1]))
        self.assertEqual(*[[(call["name"], call["args"][1:], call["result"]) for call in document["syscalls"][1:]
                            if call["name"] != "getpid"] for document in documents])

    def test_a_child_of_whom_we_become_the_parent(self):
        """CLONE_PARENT by the started program itself: its child is ours, and no business of ours."""
        script = ("import ctypes, os\n"
                  "pid = ctypes.CDLL(None).syscall(56, 0x8000 | 17, 0, 0, 0, 0)\n"
                  "os._exit(44 if pid == 0 else 45)\n")
        for way in (NOTIFY, *WAYS):
            with self.subTest(" ".join(way)):
                done = self.run_plain(self.command(way, ["/usr/bin/python3", "-c", script]))
                self.assertEqual((done.returncode, done.stderr), (45, b""))
                self.assertEqual(self.document()["summary"]["exit_code"], 45)

    def test_what_it_sees_of_itself(self):
        for way in (*WAYS[:2], NOTIFY):
            self.unnoticed([payload("inspect")], (way,))

    def test_few_calls_are_those_of_all(self):
        """Whether a call stops alone or among all others."""
        command = ["/bin/sh", "-c", f"/bin/cat /etc/passwd /nonexistent; {payload('i386') if RUNS_32_BIT else '/bin/cat /'}; exit 3"]
        seen = []
        for options in (("-e", "trace=openat,open,close"), ()):
            self.run_plain(self.command((*ALL, "-f"), command, *options))
            document = self.document("ptrace")
            seen.append([(call["name"], call["args"], call["result"]) for call in document["syscalls"]
                         if call["name"] in ("openat", "open", "close")])
        self.assertEqual(*seen)
        self.assertGreater(len(seen[0]), 10)


class Ends(PtraceTest):
    def test_exit_status(self):
        for status in (0, 1, 42, 127, 255):
            document, *_ = self.unnoticed(["/bin/sh", "-c", f"exit {status}"], WAYS[1:3])
            self.assertEqual(document["summary"]["exit_code"], status)

    def test_death_by_signal(self):
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM,
                       signal.SIGTRAP, signal.SIGUSR1, signal.SIGXCPU, signal.SIGRTMIN, signal.SIGRTMAX - 1):
            for document in self.unnoticed(["/bin/sh", "-c", f"kill -{int(number)} $$"], WAYS[1:3]):
                self.assertEqual(document["summary"]["exit_code"], 128 + number)

    def test_core_files(self):
        """The program's core file is where it always is, and there is none of ours."""
        def cores(command):
            folder = self.path("cores")
            os.mkdir(folder)
            limit = resource.getrlimit(resource.RLIMIT_CORE)
            # A sanitizer would forbid core files, and the program would inherit that.
            environment = dict(os.environ)
            for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
                environment[name] = os.environ.get(name, "") + ":disable_coredump=0"
            done = self.run_plain(command, cwd=folder, env=environment, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_CORE, (min(limit[1], 1 << 24) if limit[1] >= 0 else 1 << 24, limit[1])))
            names = os.listdir(folder)
            shutil.rmtree(folder)
            return done.returncode, len(names)
        command = ["/bin/sh", "-c", "kill -SEGV $$"]
        plain = cores(command)
        for way in (WAYS[1], WAYS[2]):
            self.assertEqual(cores([RENACER, *way, "-o", self.path("text"), "--", *command]), plain)
            ended = "+++ killed by SIGSEGV (core dumped) +++" if plain[1] else "+++ killed by SIGSEGV"
            self.assertIn(ended, self.content("text"))

    def test_interrupt_of_the_terminal(self):
        """SIGINT to the whole group, as the terminal sends it: the same end and the same records."""
        seen = []
        for way in (NOTIFY, *WAYS[:2]):
            process = subprocess.Popen(self.command(way, ["/bin/sleep", "100"]), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
            wait_until(lambda: any(230 in processes.calls(child) for child in processes.children(process.pid)), "sleep sleeps")
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=TIMEOUT)
            self.assertEqual((process.returncode, out, err), (-signal.SIGINT, b"", b""), way)
            document = self.document()
            self.assertEqual(document["summary"]["signal"], "SIGINT")
            self.assertEqual(document["syscalls"][-1]["name"], "clock_nanosleep")
            seen.append([call["name"] for call in document["syscalls"]])
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])

    def test_standard_output_is_untouched(self):
        self.unnoticed(["/bin/sh", "-c", "echo out; echo err >&2; cat; exit 3"], input=b"through\n", stdin=None)


class Killed(PtraceTest):
    """SIGKILL at any moment: nothing hangs, nothing is left, and the end is told."""

    def setUp(self):
        super().setUp()
        processes.reap()
        processes.adopt_orphans(True)
        self.addCleanup(processes.adopt_orphans, False)
        self.addCleanup(processes.reap)

    def start(self, way, command, **options):
        process = subprocess.Popen(self.command(way, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def start_waits(self, way):
        """The payload that waits and works: its supervisor and its pid."""
        process = self.start(way, [payload("waits")])
        word, pid = process.stdout.readline().split()
        self.assertEqual(word, b"ready")
        return process, int(pid)

    def test_by_its_parent(self):
        for way, rounds in ((WAYS[1], 2400), (WAYS[2], 1200), (WAYS[0], 600)):
            with self.subTest(" ".join(way)):
                done = self.run_plain(self.command(way, [payload("kill_storm"), str(rounds)]))
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"%d killed, none left\n" % rounds, b""))
                self.document("ptrace")
                self.assertEqual(processes.children(os.getpid()), [])

    def test_by_an_outsider(self):
        chance = random.Random(1)
        for round_number in range(60):
            way = WAYS[round_number % len(WAYS)]
            process, pid = self.start_waits(way)
            processes.time.sleep(chance.random() / 50)
            os.kill(pid, signal.SIGKILL)
            self.assertEqual(process.wait(TIMEOUT), -signal.SIGKILL)
            self.assertEqual(process.stderr.read(), b"")
            self.assertTrue(processes.is_gone(pid))
            summary = self.document()["summary"]
            self.assertEqual((summary["exit_code"], summary["signal"]), (128 + signal.SIGKILL, "SIGKILL"))
        self.assertEqual(processes.children(os.getpid()), [])

    def test_while_it_is_started(self):
        """Whatever there is of it by then: it ends, and what is written is whole."""
        chance = random.Random(2)
        for round_number in range(40):
            if os.path.exists(self.path("t.json")):
                os.unlink(self.path("t.json"))
            process = self.start(WAYS[round_number % len(WAYS)], ["/bin/sleep", "0.2"])
            wait_until(lambda: processes.children(process.pid) or process.poll() is not None, "there is a child")
            processes.time.sleep(chance.random() / 100)
            for child in processes.children(process.pid)[:1]:
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.assertIn(process.wait(TIMEOUT), (-signal.SIGKILL, 125, 0))
            if self.content("t.json"):
                self.document()

    def test_the_supervisor_leaves_a_program_of_which_all_calls_are_traced(self):
        for way in WAYS[:2]:
            with self.subTest(" ".join(way)):
                process, pid = self.start_waits(way)
                process.kill()
                process.wait(TIMEOUT)
                wait_until(lambda: processes.tracers(pid) == {0}, "nobody traces it")
                process.stdin.write(b"fork\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), b"done\n")
                process.stdin.write(b"end\n")
                process.stdin.flush()
                said = process.stdout.read().decode()
                self.assertNotIn("-1", said)
                self.assertIn("epoll_wait: 1\n", said)
                _, status = os.waitpid(pid, 0)
                self.assertEqual(os.waitstatus_to_exitcode(status), 6)

    def test_the_supervisor_takes_a_program_with_it_whose_calls_need_it(self):
        process, pid = self.start_waits(WAYS[2])
        process.kill()
        process.wait(TIMEOUT)
        wait_until(lambda: processes.is_gone(pid), "it dies too")
        _, status = os.waitpid(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), -signal.SIGKILL)


class OtherTracers(PtraceTest):
    """Programs that want for themselves what an engine needs."""

    def check_words(self, way, command, *words):
        """The program ends somehow, and our one line names the engine that can."""
        done = self.run_plain(self.command(way, command))
        said = [line for line in done.stderr.decode().splitlines() if line.startswith("renacer-sv: ")]
        self.assertEqual(len(said), 1, done.stderr)
        for word in words:
            self.assertIn(word, said[0])
        self.document(way[1])
        return done

    def test_a_filter_of_its_own(self):
        for way in WAYS:
            with self.subTest(" ".join(way)):
                done = self.run_plain(self.command(way, [payload("own_filter")]))
                self.assertEqual(done.returncode, 0, done.stderr)
                if "-e" not in way:
                    document = self.document("ptrace")
                    self.assertEqual(self.calls(document, "mkdir")[0]["error"], "ENOTTY")
                    self.assertEqual(self.calls(document, "getpgid")[0]["error"], "EXDEV")

    def test_a_listener_of_its_own(self):
        self.unnoticed([payload("own_listener")], WAYS)
        done = self.check_words(NOTIFY, [payload("own_listener")], "listener", "--engine ptrace")
        self.assertEqual((done.returncode, done.stdout), (1, b"no listener: EBUSY\n"))

    GDB = ["/usr/bin/gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "break main", "-ex", "run", "-ex", "bt",
           "-ex", "continue", "--args", payload("hello")]

    def gdb(self, way=None):
        """What gdb says of the program, without addresses."""
        done = self.run_plain(self.command(way, self.GDB) if way else self.GDB)
        return done, [line for line in done.stdout.decode().splitlines() if line.startswith(("#0", "hello", "[Inferior"))]

    def test_a_debugger(self):
        def without_pid(lines):
            return [line.split(" (process")[0] for line in lines]
        plain, expected = self.gdb()
        self.assertEqual(len(expected), 3, plain.stdout + plain.stderr)
        done, found = self.gdb(NOTIFY)
        self.assertEqual((done.returncode, without_pid(found)), (plain.returncode, without_pid(expected)))
        self.assertEqual(done.stderr, plain.stderr)
        self.check_words(WAYS[1], self.GDB, "ptrace", "--engine notify")

    def test_a_leak_detector(self):
        environment = dict(os.environ, LSAN_OPTIONS="exitcode=23")
        plain = self.run_plain([payload("leak")], env=environment)
        self.assertEqual(plain.returncode, 23, plain.stderr)
        self.assertIn(b"detected memory leaks", plain.stderr)
        done = self.run_plain(self.command(NOTIFY, [payload("leak")]), env=environment)
        self.assertEqual(done.returncode, 23, done.stderr)
        self.assertIn(b"detected memory leaks", done.stderr)
        self.check_words(WAYS[1], [payload("leak")], "ptrace", "--engine notify")


class Rights(PtraceTest):
    """Programs with other rights than their caller: set-user-ID, and not readable."""

    def setUp(self):
        super().setUp()
        self.setuid = self.copy("/usr/bin/id", "setuid", 0o4755, 1)
        self.hidden = self.copy("/bin/cat", "hidden", 0o111, 0)

    def copy(self, program, name, mode, owner):
        shutil.copy(program, self.path(name))
        os.chown(self.path(name), owner, owner)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def traced(self, engine, *command, user=("-u", "nobody")):
        options = ("-f", *user)
        done = self.run_plain(self.command(("--engine", engine), command, *options))
        return done, self.document(engine) if self.content("t.json") else None

    def test_root_sees_a_setuid_program_run_with_its_rights(self):
        plain = self.run_plain([*fixtures.NOBODY, self.setuid, "-u"])
        self.assertEqual(plain.stdout, b"1\n", "the folder allows set-user-ID")
        for engine in ("ptrace", "notify"):
            for command in ([self.setuid, "-u"], ["/bin/sh", "-c", f"{self.setuid} -u; exit 0"]):
                with self.subTest(f"{engine} {command[0]}"):
                    done, document = self.traced(engine, *command)
                    self.assertEqual((done.returncode, done.stdout), (0, b"1\n"), done.stderr)
                    executed = [call for call in self.calls(document, "execve") if call["args"][0] == self.setuid]
                    self.assertEqual([call["result"] for call in executed], [0])
                    if engine == "ptrace":
                        self.assertEqual(done.stderr, b"")
                        written = [call for call in self.calls(document, "write") if call["args"][0] == "1"]
                        self.assertEqual([(call["args"][1], call["result"]) for call in written], [("1\n", 2)])

    def test_root_sees_a_hidden_program(self):
        for engine in ("ptrace", "notify"):
            for command in ([self.hidden, "/etc/hostname"], ["/bin/sh", "-c", f"{self.hidden} /etc/hostname; exit 0"]):
                with self.subTest(f"{engine} {command[0]}"):
                    done, document = self.traced(engine, *command)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    with open("/etc/hostname", "rb") as file:
                        self.assertEqual(done.stdout, file.read())
                    if engine == "ptrace":
                        self.assertEqual(done.stderr, b"")
                        opened = [call for call in self.calls(document, "openat") if call["args"][1] == "/etc/hostname"]
                        self.assertEqual(len(opened), 1)

    def test_nobody_is_told_what_would_help(self):
        """The kernel lets nobody's tracer have a program with more rights only without these rights."""
        os.chmod(self.folder, 0o777)
        for name, command in (("set-user-ID", [self.setuid, "-u"]), ("hidden", [self.hidden, "/etc/hostname"])):
            with self.subTest(name):
                done = fixtures.run(FIXTURES["nobody"], [fixtures.RENACER, "--engine", "ptrace", "-o", self.path("text"), "--", *command])
                said = [line for line in done.stderr.decode().splitlines() if line.startswith("renacer-sv: ")]
                self.assertEqual(len(said), 1, done.stderr)
                self.assertRegex(said[0], "notify|root|-u ")


if __name__ == "__main__":
    unittest.main(verbosity=2)
