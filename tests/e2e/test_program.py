#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program that is traced must not notice, and what happens to it must be told."""

import json
import os
import pty
import pwd
import select
import signal
import subprocess
import sys
import time
import unittest

from harness import RENACER, TIMEOUT, TraceTest, payload


def wait_until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


class Unnoticed(TraceTest):
    def inspect(self, prefix, **options):
        report = self.path("report")
        done = subprocess.run([*prefix, payload("inspect"), report], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(report) as lines:
            return lines.read().splitlines()

    def compare(self, **options):
        plain = self.inspect([], **options)
        for extra in ([], ["--lossless"], ["-f", "-T"]):
            traced = self.inspect([RENACER, "--format", "json", "-o", self.path("t"), *extra, "--"], **options)
            self.assertEqual(plain, traced)
        traced = self.inspect([RENACER, "--format", "json", "--"], **options)
        self.assertEqual(plain, traced)

    def test_as_it_is(self):
        self.compare()

    def test_masks_and_dispositions(self):
        def prepare():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGALRM})
            for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
        self.compare(preexec_fn=prepare, restore_signals=False)

    def test_other_folder_environment_and_descriptors(self):
        extra = os.open("/dev/null", os.O_RDONLY)
        try:
            self.compare(cwd="/usr", env={"ONLY": "this"}, pass_fds=(extra,), umask=0o77)
        finally:
            os.close(extra)


class Ends(TraceTest):
    def test_exit_status(self):
        self.assertEqual(self.trace(["/bin/sh", "-c", "exit 42"], status=42)["summary"]["exit_code"], 42)

    def test_killed(self):
        document = self.trace(["/bin/sh", "-c", "kill -SEGV $$"], status=-signal.SIGSEGV)
        self.assertEqual(document["summary"]["exit_code"], 128 + signal.SIGSEGV)
        self.assertEqual(document["summary"]["signal"], "SIGSEGV")

    def test_no_core_file_of_ours(self):
        self.trace(["/bin/sh", "-c", "ulimit -c 0; kill -QUIT $$"], status=-signal.SIGQUIT, cwd=self.folder)
        self.assertEqual([name for name in os.listdir(self.folder) if "core" in name], [])

    def start(self, command, *options):
        return subprocess.Popen([RENACER, "--format", "json", "-o", self.path("t.json"), *options, "--", *command],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_signals_to_us_are_passed_on(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            script = "trap 'echo got; exit 9' TERM HUP INT; echo ready; while :; do sleep 0.05; done"
            process = self.start(["/bin/sh", "-c", script])
            self.assertEqual(process.stdout.readline(), b"ready\n")
            process.send_signal(number)
            out, _ = process.communicate(timeout=TIMEOUT)
            self.assertEqual((process.returncode, out), (9, b"got\n"))
            with open(self.path("t.json")) as trace:
                self.assertEqual(json.load(trace)["summary"]["exit_code"], 9)

    def child_sleeps(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children") as children:
            for child in children.read().split():
                try:
                    with open(f"/proc/{child}/wchan") as where:
                        if "nanosleep" in where.read():
                            return True
                except OSError:
                    pass  # gone
        return False

    def test_terminated_with_a_complete_document(self):
        process = self.start(["/bin/sleep", "60"])
        # What is recorded is written at once, for those who read along.
        self.assertTrue(wait_until(lambda: "munmap" in self.content("t.json")))
        self.assertTrue(wait_until(lambda: self.child_sleeps(process.pid)))
        process.terminate()
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, -signal.SIGTERM)
        with open(self.path("t.json")) as trace:
            document = json.load(trace)
        self.assertEqual(document["summary"]["signal"], "SIGTERM")
        self.assertEqual(document["syscalls"][-1]["name"], "clock_nanosleep")

    def test_a_pipe_is_not_kept_open(self):
        started = time.monotonic()
        done = subprocess.run(["/bin/sh", "-c", f"x=$({RENACER} --format json -o /dev/null /bin/echo hi); echo $x"],
                              capture_output=True, timeout=TIMEOUT)
        self.assertEqual(done.stdout, b"hi\n")
        self.assertLess(time.monotonic() - started, 20)


class Terminal(TraceTest):
    def in_terminal(self, script):
        """Run a shell script in the foreground of a new terminal: the pid and the terminal."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp("/bin/bash", ["/bin/bash", "-c", script])
        return pid, terminal

    def read_until(self, terminal, wanted, seconds=20):
        text = b""
        end = time.monotonic() + seconds
        while wanted not in text and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    text += os.read(terminal, 4096)
                except OSError:
                    break
        self.assertIn(wanted, text)
        return text

    def test_interrupt_key_reaches_the_program_once(self):
        count = ("import signal,time,sys\n"
                 "n=0\n"
                 "def f(*a):\n global n\n n+=1\n"
                 "signal.signal(signal.SIGINT,f)\n"
                 "print('ready',flush=True)\n"
                 "end=time.time()+1.5\n"
                 "while time.time()<end: time.sleep(0.05)\n"
                 "print('count',n,'done',flush=True)\n")
        script = self.path("count.py")
        with open(script, "w") as file:
            file.write(count)
        pid, terminal = self.in_terminal(f"exec {RENACER} --format json -o {self.path('t.json')} {sys.executable} {script}")
        self.read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        self.read_until(terminal, b"count 1 done")
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        self.assertEqual(status, 0)
        with open(self.path("t.json")) as trace:
            json.load(trace)

    def test_stop_and_continue(self):
        script = (f"set -m; {RENACER} --format json -o {self.path('t.json')} /bin/sh -c 'echo ready; sleep 0.5; echo finished'; "
                  "echo stopped $?; fg >/dev/null; echo status $?")
        pid, terminal = self.in_terminal(script)
        self.read_until(terminal, b"ready")
        time.sleep(0.2)
        os.write(terminal, b"\x1a")
        self.read_until(terminal, b"stopped 1")
        self.read_until(terminal, b"status 0")
        os.waitpid(pid, 0)
        os.close(terminal)


class SignalsOfItsOwn(TraceTest):
    def test_a_program_that_stops_itself_is_continued_by_its_child(self):
        for options in ([], ["-f"]):
            done, _ = self.run_traced([payload("self_stop")], *options, start_new_session=True)
            self.assertEqual((done.returncode, done.stdout), (0, b"continued\n"), options)

    def test_signals_to_the_whole_group_arrive_once(self):
        for options in ([], ["-f"], ["-f", "--lossless"]):
            done, _ = self.run_traced([payload("group_signal")], *options, start_new_session=True)
            self.assertEqual(done.stdout, b"30\n", options)


class StandardDescriptors(TraceTest):
    LIST = "ls -l /proc/self/fd >{}.all; grep -o '[0-9]* -> .*' {}.all | grep -v -e /proc/ -e list.all >{}\n"

    def script(self):
        """A program that writes to the file `list` which descriptors it finds open."""
        file = self.path("script")
        with open(file, "w") as script:
            script.write(self.LIST.format(*[self.path("list")] * 3))
        return f"/bin/sh {file}"

    def shell(self, closing, *options):
        return self.run_plain(["/bin/sh", "-c", f"{RENACER} --format json {' '.join(options)} -- {self.script()} {closing}"])

    def test_closed_ones_stay_closed_and_are_not_ours(self):
        for closing in ("2>&-", "0<&-", "0<&- 2>&-"):
            plain = self.run_plain(["/bin/sh", "-c", f"{self.script()} {closing}"])
            expected = self.content("list").splitlines()
            self.assertEqual(self.shell(closing, "-o", self.path("t.json")).returncode, plain.returncode)
            self.assertEqual([line.split()[0] for line in self.content("list").splitlines()],
                             [line.split()[0] for line in expected])
            self.assertNotIn("anon_inode", self.content("list"))
            json.loads(self.content("t.json"))

    def test_diagnostics_never_get_into_the_trace(self):
        self.shell("2>&-", "--engine", "notify-only", "-o", self.path("t.json"))
        json.loads(self.content("t.json"))

    def test_a_trace_to_a_closed_standard_output_is_refused(self):
        done = self.shell(">&-")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"standard output is closed", done.stderr)
        self.assertEqual(self.content("list"), "")


class Refused(TraceTest):
    def refused(self, command, status, *words):
        done = self.run_plain(command)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith(b"renacer-sv: "))
        for word in words:
            self.assertIn(word.encode(), done.stderr)
        self.assertEqual(done.stdout, b"")

    def test_program(self):
        self.refused([RENACER, "--format", "json", "no-such-program"], 127, "no-such-program", "No such file")
        self.refused([RENACER, "--format", "json", "/etc/passwd"], 126, "Permission denied")
        self.refused([RENACER, "--format", "json", "/etc"], 126, "Is a directory")
        script = self.path("no-interpreter")
        with open(script, "w") as file:
            file.write("#!/nonexistent/shell\n")
        os.chmod(script, 0o755)
        self.refused([RENACER, "--format", "json", script], 127, "No such file")
        with open(script, "w") as file:
            file.write("not a program\n")
        self.refused([RENACER, "--format", "json", script], 126, "Exec format error")

    def test_a_failed_start_leaves_an_old_trace_alone(self):
        with open(self.path("old"), "w") as file:
            file.write("precious")
        script = self.path("program")
        with open(script, "w") as file:
            file.write("#!/nonexistent/shell\n")
        os.chmod(script, 0o755)
        self.refused([RENACER, "--format", "json", "-o", self.path("old"), "nosuch"], 127)
        self.refused([RENACER, "--format", "json", "-o", self.path("old"), script], 127, "cannot execute")
        self.assertEqual(self.content("old"), "precious")
        self.refused([RENACER, "--format", "json", "-o", self.path("old"), "-e", "nosuch", "true"], 125)

    def test_options(self):
        self.refused([RENACER, "--formta", "json", "true"], 125, "--format")
        self.refused([RENACER, "-Q", "true"], 125, "-Q")
        self.refused([RENACER, "--format", "xml", "true"], 125, "xml")
        self.refused([RENACER, "--format"], 125, "argument")
        self.refused([RENACER, "--format", "json", "--engine", "notfy", "true"], 125, "notify")
        self.refused([RENACER, "--format", "json", "--string-limit", "many", "true"], 125, "many")
        self.refused([RENACER, "--format", "json", "-e", "trace=opneat", "true"], 125, "opneat", "openat")
        self.refused([RENACER, "--format", "json", "-e", "colour=red", "true"], 125, "colour")
        self.refused([RENACER, "--format", "json", "-o", "/nonexistent/t", "true"], 125, "/nonexistent/t")

    def test_no_arguments_help_in_ten_lines(self):
        done = self.run_plain([RENACER])
        self.assertEqual((done.returncode, done.stdout), (125, b""))
        self.assertEqual(done.stderr.count(b"\n"), 10)
        self.assertIn(b"--help", done.stderr)

    def test_help_and_version(self):
        done = self.run_plain([RENACER, "--version"])
        self.assertRegex(done.stdout.decode(), r"^renacer-sv \d+\.\d+\.\d+\n$")
        done = self.run_plain([RENACER, "--help"])
        self.assertIn(b"--lossless", done.stdout)
        self.assertEqual(done.returncode, 0)


class BrokenOutput(TraceTest):
    def test_full_disk(self):
        done = self.run_plain([RENACER, "--format", "json", "-o", "/dev/full", "/bin/sh", "-c", "ls /usr/bin >/dev/null; echo fine"])
        self.assertEqual((done.returncode, done.stdout), (125, b"fine\n"))
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertIn(b"No space left", done.stderr)

    def test_closed_pipe(self):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run([RENACER, "--format", "json", "/bin/echo", "fine"], stdout=writing,
                              stderr=subprocess.PIPE, timeout=TIMEOUT)
        os.close(writing)
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"fine\n", done.stderr)
        self.assertIn(b"Broken pipe", done.stderr)


class LeftBehind(TraceTest):
    def test_children_of_an_ended_trace_go_on(self):
        proof = self.path("proof")
        self.trace([payload("orphan"), proof])
        self.assertFalse(os.path.exists(proof), "it ended with the program, not with its child")
        self.assertTrue(wait_until(lambda: self.content("proof") == "alive\n"))

    def test_followed_children_keep_the_trace_going(self):
        proof = self.path("proof")
        document = self.trace([payload("orphan"), proof], "-f")
        self.assertTrue(os.path.exists(proof))
        self.assertEqual(len(self.calls(document, "access")), 101)

    def test_guardians_end(self):
        def guardians():
            found = set()
            for entry in os.listdir("/proc"):
                try:
                    with open(f"/proc/{entry}/comm") as name:
                        if name.read() == "renacer-guard\n":
                            found.add(entry)
                except OSError:
                    pass
            return found
        before = guardians()
        self.trace(["/bin/true"])
        ours = guardians() - before
        self.assertTrue(wait_until(lambda: not ours & guardians()))


class Users(TraceTest):
    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_programs_that_must_not_be_read(self):
        hidden = self.path("hidden")
        with open("/bin/true", "rb") as source, open(hidden, "wb") as copy:
            copy.write(source.read())
        os.chmod(hidden, 0o711)
        done, document = self.run_traced(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/bin/sh", "-c", f"{hidden}; {hidden}; exit 4"],
            "-f", "--profile-self")
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertEqual(self.counters(done.stderr)["reopened"], 2)
        executed = [call for call in self.calls(document, "execve") if call["args"][0] == hidden]
        self.assertEqual([call["result"] for call in executed], [0, 0])
        pids = {call["pid"] for call in executed}
        self.assertIn(b"2 programs were executed that must not be read", done.stderr)
        after = [call for call in document["syscalls"] if call["pid"] in pids and call["name"] == "exit_group"]
        self.assertEqual(len(after), 2, "their last calls are seen again")

    @unittest.skipIf(os.geteuid() != 0, "needs root to become another user")
    def test_without_rights_another_engine_does_it(self):
        nobody = pwd.getpwnam("nobody")
        os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

        def drop():
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        done, document = self.run_traced(["/bin/echo", "hi"], preexec_fn=drop)
        self.assertEqual((done.returncode, done.stdout), (0, b"hi\n"), done.stderr)
        self.assertEqual(document["producer"]["engine"], "ptrace")
        self.assertEqual(document["producer"]["time"], "stop")
        self.assertEqual(done.stderr, b"", "it has all that notify has")
        self.assertIn("hi\n", self.calls(document, "write")[0]["args"])
        done, document = self.run_traced(["/bin/true"], "--engine", "notify", preexec_fn=drop, output="other")
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"cannot trace", done.stderr)


class Interrupted(TraceTest):
    def storm(self, *options, exact=True):
        done, document = self.run_traced([payload("storm"), "3000", "150"], "--profile-self", *options)
        self.assertEqual((done.returncode, done.stdout), (0, b"wrong: 0\n"), done.stderr)
        counters = self.counters(done.stderr)
        self.assertGreater(counters["repaired"], 0)
        if exact:
            self.assertEqual(counters["repaired"], counters["interrupted"])
        else:
            self.assertGreaterEqual(counters["repaired"], counters["interrupted"])
        for name in ("pipe2", "pipe", "openat", "write", "access", "close"):
            for call in self.calls(document, name):
                self.assertNotIn(call.get("error"), ("EINTR", "ERESTARTSYS"), call)
        self.assertEqual(len(self.calls(document, "write")), 3001)
        genuine = [call for call in self.calls(document, "read") if call.get("error") == "ERESTARTSYS"]
        self.assertEqual(len(genuine), 20)

    def test_storm(self):
        self.storm()

    def test_storm_followed(self):
        self.storm("-f")

    def test_storm_with_tracepoints_of_a_few_calls(self):
        # The tracepoints do not tell that a sigreturn was interrupted; it is mended all the same.
        self.storm("-e", "trace=pipe2,pipe,openat,write,access,close,read", exact=False)

    def test_storm_lossless(self):
        self.storm("--lossless")

    def test_pipelines(self):
        script = "i=0; while [ $i -lt 100 ]; do echo $i | tr 0-9 a-j | cat; i=$((i+1)); done"
        plain = self.run_plain(["/bin/dash", "-c", script])
        for options in ([], ["-f"], ["--lossless"], ["-f", "--lossless"]):
            for _ in range(5):
                done, _ = self.run_traced(["/bin/dash", "-c", script], *options)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, plain.stdout, b""), options)


if __name__ == "__main__":
    unittest.main(verbosity=2)
