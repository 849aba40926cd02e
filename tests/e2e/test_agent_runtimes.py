#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Containers of crun and runc, as root and as somebody who is not: what is recorded of them, and that they do what
they do without us. A runtime that is not installed fails."""

import concurrent.futures
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import unittest

import fixtures
import marks
import processes
import records
from agents import Agent
from containers import Runtime
from harness import RENACER, TraceTest

SCRIPT = "echo hello; cat /etc/motd; cat /missing; (cd /tmp; : > made; rm made); sh -c 'exit 5' | true; exit 3"
PRINTED = "hello\nin the container\n"
# What a runtime without cgroups and we outside give a program differs in this alone.
ENVIRONMENT = re.compile(r"/\* \d+ vars? \*/")
# Prints what failed, which is nothing.
STORM = """n=0; trap 'n=$((n+1))' USR1
(while kill -USR1 1; do :; done) 2>/dev/null &
i=0; while [ $i -lt 150 ]; do i=$((i+1))
  : > /tmp/file || echo failed to open; read word < /etc/motd || echo failed to read
  [ $((i % 10)) = 0 ] && { cat /etc/motd > /dev/null || echo cat failed; }
done
kill $!; [ $n -gt 10 ] && echo $i rounds"""
SHARED_CPU = 60  # seconds: for what takes less than one on a machine that is not busy


def all_calls():
    with open("/usr/include/x86_64-linux-gnu/asm/unistd_64.h") as file:
        return set(re.findall(r"#define __NR_(\w+) ", file.read()))


def unnotified(profile):
    """Calls of which the profile says that it does not notify them: where there are no results they are missing."""
    words = [word for word in shlex.split(profile["listenerMetadata"]) if word.startswith("--unnotified=")]
    return {name for word in words for name in word.partition("=")[2].split(",")}


class World:
    """What the tests of one kind of runtime and user have."""

    runtime_name = None
    rootless = None

    def setUp(self):
        super().setUp()
        self.runtime = Runtime(self, self.runtime_name, self.rootless)
        self.agent = self.start_agent()

    def start_agent(self):
        return Agent(self, uid=self.runtime.uid)

    def profile(self, *options, **keywords):
        return self.agent.profile("--runtime", self.runtime_name, *options, **keywords)

    @property
    def has_results(self):
        return not self.rootless

    def run_container(self, name, script, *options, status=0, args=None, **keywords):
        """A container to its end: its document, and what it printed."""
        done = self.runtime.run(name, args or ["/bin/sh", "-c", script], self.profile(*options), **keywords)
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr, self.agent.text()))
        return self.agent.document(name), done.stdout.decode()

    def start_container(self, name, script, *options, **keywords):
        """One that goes on; after it has said that it is ready."""
        process = self.runtime.start(name, ["/bin/sh", "-c", f"echo ready; {script}"], self.profile(*options), **keywords)
        self.assertEqual(process.stdout.readline(), b"ready\n", self.agent.text())
        return process

    def assert_goes_on(self, process):
        """One that copies its input."""
        process.stdin.write(b"word\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), b"word\n")

    def assert_ends(self, process, status=0):
        process.stdin.close()
        process.stdin = None
        self.assertEqual(process.wait(SHARED_CPU), status, process.stderr.read())

    def first_path(self, document):
        """What the container's execve names. Nobody but root can read that of crun, which nobody may look into."""
        first = document["syscalls"][0]
        self.assertEqual(first["name"], "execve")
        if self.runtime_name == "crun" and self.rootless and not first["args"][0].startswith("/"):
            return None
        return first["args"][0]

    # ------------------------------------------------------------------ documents

    def outside(self, script):
        """The same without a container: the calls from its execve on."""
        file = self.path("outside.json")
        setup = 'cd "$1"; mount -t proc proc proc; mount -t tmpfs tmpfs dev; shift; exec env -i PATH=/bin "$@"'
        engine = "notify" if self.has_results else "notify-only"
        done = self.run_plain(["unshare", "--mount", "--propagation", "private", "sh", "-c", setup, "sh", self.runtime.root,
                               RENACER, "-f", "--format", "json", "--engine", engine, "-o", file, "--",
                               "/usr/sbin/chroot", self.runtime.root, "/bin/sh", "-c", script])
        self.assertEqual(done.returncode, 3, done.stderr)
        with open(file) as stream:
            document = json.load(stream)
        start = next(i for i, call in enumerate(document["syscalls"])
                     if call["name"] == "execve" and call["args"][0] == "/bin/sh")
        document["syscalls"] = document["syscalls"][start:]
        return document

    def comparable(self, document, leave_out):
        document = json.loads(ENVIRONMENT.sub("/* vars */", json.dumps(document)))
        document["events"] = []
        if self.first_path(document) is None:
            document["syscalls"][0]["args"] = ["/bin/sh", '["/bin/sh", "-c", %s]' % json.dumps(SCRIPT), "ADDRESS /* vars */"]
        return records.records(document, leave_out, results=self.has_results)

    def check_document(self, name, **keywords):
        document, printed = self.run_container(name, SCRIPT, "-T", status=3, **keywords)
        self.assertEqual(printed, PRINTED)
        self.assertIn(self.first_path(document), ("/bin/sh", None))
        self.assertEqual(document["producer"]["engine"], "notify" if self.has_results else "notify-only")
        self.assertEqual(document["summary"]["exit_code"], 3)
        missing = next(call for call in document["syscalls"] if "/missing" in call["args"])
        if self.has_results:
            self.assertEqual((missing["result"], missing["error"]), (-2, "ENOENT"))
            self.assertGreater(missing["duration_ns"], 0)
        else:
            self.assertEqual({call["result"] for call in document["syscalls"]}, {None})
        names = {call["name"] for call in document["syscalls"]}
        leave_out = unnotified(self.profile()) if self.runtime_name == "runc" else set()
        self.assertEqual("write" in names, self.has_results or "write" not in leave_out, names)
        # When children end, and so handlers, is chance.
        leave_out |= {"rt_sigreturn"}
        self.assertEqual(records.differences(self.comparable(self.outside(SCRIPT), leave_out),
                                             self.comparable(document, leave_out)), [])

    def test_a_document_is_that_of_the_program(self):
        self.check_document("plain", no_new_privileges=False)

    def test_without_new_privileges(self):
        self.check_document("safe", no_new_privileges=True)

    def test_created_and_started_later(self):
        output = os.path.join(self.folder, "output")
        bundle = self.runtime.bundle("later", ["/bin/cat", "/etc/motd"], self.profile())
        with open(output, "wb") as stream:
            done = subprocess.run(self.runtime.command("create", "--bundle", bundle, "later"), stdin=subprocess.DEVNULL,
                                  stdout=stream, stderr=stream, timeout=SHARED_CPU)
        self.assertEqual(done.returncode, 0, self.content("output"))
        self.assertEqual(self.runtime.state("later")["status"], "created")
        self.assertEqual(self.content("output"), "")
        self.runtime.check("start", "later")
        document = self.agent.document("later")
        self.assertIn(self.first_path(document), ("/bin/cat", None))
        self.assertEqual(self.content("output"), "in the container\n")
        self.assertEqual(self.runtime.state("later")["status"], "stopped")

    def test_many_at_once(self):
        names = [f"many{number}" for number in range(8)]
        for name in names:
            with open(os.path.join(self.runtime.root, "tmp", name), "w") as file:
                file.write(name)
        with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
            found = dict(zip(names, pool.map(lambda name: self.run_container(name, f"cat /tmp/{name}; cat /tmp/{name}"), names)))
        for name, (document, printed) in found.items():
            self.assertEqual(printed, 2 * name)
            paths = {argument for call in document["syscalls"] if call["name"] == "openat" for argument in call["args"]}
            self.assertEqual({path for path in paths if "many" in path}, {f"/tmp/{name}"})
        self.assertEqual(sorted(os.listdir(self.agent.documents)), [f"{name}.json" for name in names])

    def test_another_process_in_a_container(self):
        container = self.start_container("busy", "exec cat")
        done = self.runtime.call("exec", "busy", "/bin/sh", "-c", "cat /etc/motd; exit 4")
        if done.returncode == 255 and b"SYS_PIDFD_GETFD" in done.stderr and self.rootless:
            # runc 1.1 cannot fetch that listener itself.
            self.assertEqual(self.runtime_name, "runc")
        else:
            self.assertEqual((done.returncode, done.stdout), (4, b"in the container\n"), done.stderr)
            document = self.agent.document("busy", "busy.2.json")
            self.assertIn(self.first_path(document), ("/bin/sh", None))
            self.assertEqual(document["summary"]["exit_code"], 4)
        self.assert_goes_on(container)
        self.assert_ends(container)
        self.agent.document("busy")

    def test_a_container_that_is_killed(self):
        container = self.start_container("killed", "exec cat")
        self.runtime.check("kill", "killed", "KILL")
        self.assertEqual(container.wait(SHARED_CPU), 128 + signal.SIGKILL)
        document = self.agent.document("killed")
        self.assertIn(self.first_path(document), ("/bin/sh", None))
        self.assertEqual(document["summary"]["exit_code"], 128 + signal.SIGKILL)

    def test_signals_interrupt_nothing(self):
        if "rt_sigreturn" in unnotified(self.profile()):
            # With runc nothing can be mended, which the profile says.
            self.assertEqual(self.runtime_name, "runc")
            return
        if not self.has_results:
            # Nor can this engine, which is said.
            self.run_container("calm", "echo hello")
            [said] = self.agent.events("diagnostic", container="calm")
            self.assertIn("cannot repair calls that a signal interrupts", said["message"])
            return
        document, printed = self.run_container("storm", STORM)
        self.assertEqual(printed, "150 rounds\n")
        self.assertEqual([call for call in document["syscalls"]
                          if call["name"] in ("openat", "execve", "close", "dup2") and call.get("error") == "EINTR"], [])
        opened = [call for call in document["syscalls"] if call["name"] == "openat" and "/tmp/file" in call["args"]]
        self.assertGreaterEqual(len(opened), 150)

    def test_paths_of_descriptors(self):
        document, _ = self.run_container("paths", "cat /etc/motd", "-y")
        sent = [call for call in document["syscalls"] if call["name"] == "sendfile"]
        self.assertTrue(sent)
        self.assertEqual({call["fds"]["1"] for call in sent}, {"/etc/motd"})

    def test_options_of_the_profile(self):
        document, _ = self.run_container("chosen", "cat /etc/motd", "-e", "trace=openat,execve")
        self.assertEqual({call["name"] for call in document["syscalls"]}, {"openat", "execve"})

    # -------------------------------------------------------------------- sandboxes

    def test_what_a_profile_denies_is_denied(self):
        base = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
                             {"names": ["rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}
        script = "mkdir /tmp/new; rmdir /etc; touch /tmp/touched && echo touched"
        plain = self.runtime.run("plain", ["/bin/sh", "-c", script], base)
        self.assertIn(b"No space left on device", plain.stderr)
        self.assertIn(b"Permission denied", plain.stderr)
        done = self.runtime.run("traced", ["/bin/sh", "-c", script], self.profile(base=base))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (plain.returncode, plain.stdout, plain.stderr))
        self.assertFalse(os.path.exists(os.path.join(self.runtime.root, "tmp", "new")))
        self.agent.document("traced")

    def test_a_profile_that_denies_by_default(self):
        base = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "architectures": ["SCMP_ARCH_X86_64"],
                "syscalls": [{"names": sorted(all_calls() - {"chown", "lchown", "fchownat"}), "action": "SCMP_ACT_ALLOW"}]}
        script = "echo hello; chown 0:0 /tmp; ls /etc"
        plain = self.runtime.run("plain", ["/bin/sh", "-c", script], base)
        self.assertIn(b"Operation not permitted", plain.stderr)
        done = self.runtime.run("traced", ["/bin/sh", "-c", script], self.profile(base=base))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (plain.returncode, plain.stdout, plain.stderr))
        names = {call["name"] for call in self.agent.document("traced")["syscalls"]}
        self.assertLessEqual({"execve", "openat"}, names)

    def test_metadata_that_nobody_understands(self):
        began = time.monotonic()
        done = self.runtime.run("odd", ["/bin/echo", "hello"], {**self.profile(), "listenerMetadata": "--frobnicate"})
        self.assertLess(time.monotonic() - began, 20)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"")
        self.assertIn("--frobnicate", self.agent.wait_for("failed", container="odd")["reason"])
        self.assertEqual(self.run_container("plain", "echo hello")[1], "hello\n")

    # ------------------------------------------------------------------------- ends

    def test_without_an_agent(self):
        profile = self.profile()
        self.agent.stop()
        began = time.monotonic()
        done = self.runtime.run("alone", ["/bin/echo", "hello"], profile)
        self.assertLess(time.monotonic() - began, 20)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b"")
        self.assertIn(self.agent.socket.encode(), done.stderr)

    def test_the_agent_ends_and_comes_back(self):
        for end in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(signal=end):
                name = f"stays-{end}"
                first = self.agent
                container = self.start_container(name, "exec cat")
                first.process.send_signal(end)
                first.process.wait()
                self.assert_goes_on(container)
                self.agent = self.start_agent()
                _, printed = self.run_container("next", "echo traced")
                self.assertEqual(printed, "traced\n")
                self.assert_goes_on(container)
                self.assert_ends(container)
                document = first.document(name)
                self.assertEqual(document["summary"]["exit_code"], 0)

    def test_who_traces_is_killed(self):
        container = self.start_container("orphan", "while read word; do cat /etc/motd >/dev/null && echo $word; done")
        [victim] = processes.children(self.agent.pid)
        os.kill(victim, signal.SIGKILL)
        self.agent.wait_for("died", container="orphan", signal=int(signal.SIGKILL))
        for _ in range(3):
            self.assert_goes_on(container)
        self.assert_ends(container)

    def test_who_traces_is_told_to_end(self):
        container = self.start_container("left", "while read word; do cat /etc/motd >/dev/null && echo $word; done")
        self.assert_goes_on(container)
        [tracer] = processes.children(self.agent.pid)
        os.kill(tracer, signal.SIGTERM)
        self.assertIn("ends before the container", self.agent.wait_for("ended", container="left")["message"])
        for _ in range(3):
            self.assert_goes_on(container)
        self.assert_ends(container)
        summary = self.agent.document("left")["summary"]
        self.assertIsNone(summary["exit_code"])
        self.assertNotIn("incomplete", summary)


DOCUMENTATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "containers.md")
UNIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "systemd", "system.service.in")


class Documented(TraceTest):
    def test_five_commands_from_nothing_to_a_traced_container(self):
        with open(DOCUMENTATION) as file:
            block = file.read().split("as a user without rights\n")[1].split("\n    ", 1)[1].split("\n\n")[0]
        install, *commands = (line.strip() for line in block.splitlines())
        self.assertTrue(install.startswith("sudo apt-get install "))
        self.assertEqual(len(commands), 4)
        runtime = Runtime(self, "crun", True)
        folder = os.path.join(runtime.folder, "home")
        # Whoever types them has a terminal, and is asked for nothing; the agent ends with them.
        script = "\n".join(["set -e", "cd", *commands[:2], "agent=$!", "while [ ! -S agent.sock ]; do sleep 0.1; done",
                            *commands[2:], "kill $agent"])
        script = script.replace("renacer-sv agent", f"{fixtures.RENACER} agent --listen $PWD/agent.sock")
        script = script.replace("renacer-sv profile", f"{fixtures.RENACER} profile --listen $PWD/agent.sock")
        words = runtime.command("x")
        inner = [*words[:words.index("crun")], "bash", "-c", script]
        done = self.run_plain(["script", "-qec", shlex.join(inner), "/dev/null"], stdin=None, input=b"echo in the box; exit\n")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn(b"in the box\r\n", done.stdout)
        with open(os.path.join(folder, "box", "traces", "first.json")) as file:
            document = json.load(file)
        self.assertTrue([call for call in document["syscalls"] if call["name"] == "write" and "in the box\n" in call["args"]])


class OfOthers(TraceTest):
    def test_roots_agent_has_results_of_a_users_containers(self):
        for name in ("crun", "runc"):
            with self.subTest(runtime=name):
                runtime = Runtime(self, name, True)
                agent = Agent(self, "--allow-uid", str(runtime.uid), folder=self.path(f"agent-{name}"))
                done = runtime.run("theirs", ["/bin/sh", "-c", "cat /etc/motd /missing"], agent.profile("--runtime", name))
                self.assertEqual(done.returncode, 1, (done.stderr, agent.text()))
                document = agent.document("theirs")
                self.assertEqual(document["producer"]["engine"], "notify")
                self.assertEqual(document["syscalls"][0]["args"][0], "/bin/sh")
                opened = {call["args"][1]: call["result"] for call in document["syscalls"] if call["name"] == "openat"}
                self.assertEqual((opened["/etc/motd"], opened["/missing"]), (3, -2))
                self.assertEqual(document["summary"]["exit_code"], 1)


class OfSystemd(World, TraceTest):
    """The rights that the unit of the system leaves to the agent are enough for everything."""

    runtime_name, rootless = "crun", False

    def start_agent(self):
        with open(UNIT) as file:
            [names] = re.findall(r"^CapabilityBoundingSet=(.*)$", file.read(), re.M)
        rights = ",".join("+" + name.removeprefix("CAP_").lower() for name in names.split())
        return Agent(self, wrapper=["setpriv", f"--bounding-set=-all,{rights}", "--no-new-privs"])


def add_source(case):
    def test_places_in_the_source(self):
        program = "calls-gcc-O2-static"
        shutil.copy(marks.program(program), os.path.join(self.runtime.root, program))
        os.chmod(os.path.join(self.runtime.root, program), 0o755)
        document, printed = self.run_container("places", None, "-s", "-k", args=[f"/{program}"])
        said = marks.said(printed.encode())
        self.assertEqual(len(said), marks.expected_count(program))
        found = {mark: said[mark] for mark in said
                 if self.runtime_name == "crun" or any(marks.is_mark(call, said[mark]) for call in document["syscalls"])}
        # Those that runc does not let us read are marked by what they write.
        self.assertGreaterEqual(len(found), len(said) - 5)
        self.assertEqual(marks.problems(document["syscalls"], found, stacks=True), [])
    case.test_places_in_the_source = test_places_in_the_source
    return case


add_source(OfSystemd)


@add_source
class CrunRoot(World, TraceTest):
    runtime_name, rootless = "crun", False


class CrunRootless(World, TraceTest):
    runtime_name, rootless = "crun", True


@add_source
class RuncRoot(World, TraceTest):
    runtime_name, rootless = "runc", False


class RuncRootless(World, TraceTest):
    runtime_name, rootless = "runc", True


if __name__ == "__main__":
    unittest.main()
