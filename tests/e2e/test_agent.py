#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The agent without a runtime: who is served, what is refused and why, and that nothing of it stays behind."""

import fcntl
import json
import os
import resource
import signal
import socket
import stat
import struct
import time
import unittest

import processes
from agents import NOBODY, Agent
from harness import RENACER, TIMEOUT, TraceTest
from peers import NOT_EXECUTED, Container, connect, is_closed, send, tell
from processes import wait_until

needs_root = unittest.skipUnless(os.geteuid() == 0, "needs root to become somebody else")
MESSAGE_MOST = 1 << 20
CONNECTIONS = 1000
FAILED = 125


class AgentTest(TraceTest):
    def hand_over(self, agent, name, container, metadata=None):
        """As a runtime does: then the container's program is executed."""
        tell(agent.socket, container.state(name, metadata), [container.listener])
        container.let_go_of_listener()
        container.go()

    def running(self, agent, name, file=None):
        """A container that copies its input, and is traced."""
        container = Container(self, ["/bin/cat"])
        self.hand_over(agent, name, container)
        agent.wait_for("tracing", container=name, file=file or f"{name}.json")
        self.assert_answers(container)
        return container

    def assert_answers(self, container):
        container.input.write(b"word\n")
        self.assertEqual(container.output.readline(), b"word\n")

    def traced(self, agent, name="c", command=("/bin/true",), metadata=None, **keywords):
        """A container's document."""
        container = Container(self, list(command), **keywords)
        self.hand_over(agent, name, container, metadata)
        self.assertEqual(container.wait(), 0, agent.text())
        return agent.document(name)

    def assert_refused(self, agent, reason, count=1, uid=None):
        """The last of so many refusals is logged with its reason, a regular expression, and with who it was."""
        entry = agent.wait_for("refused", count)
        self.assertRegex(entry["reason"], reason or ".")
        self.assertIn(entry["reason"], entry["message"])
        self.assertEqual(entry["uid"], os.geteuid() if uid is None else uid)
        self.assertGreater(entry["pid"], 0)
        self.assertEqual(entry["level"], "warning")

    def holdings(self, agent):
        return processes.descriptors(agent.pid), sorted(processes.children(agent.pid))

    def assert_holds(self, agent, before):
        """Not a descriptor and not a process more than before."""
        wait_until(lambda: self.holdings(agent) == before, f"nothing is left over: {before}, now {self.holdings(agent)}")

    def fails(self, *words, **keywords):
        """What the agent says that cannot begin."""
        done = self.run_plain([RENACER, "agent", *words], **keywords)
        self.assertEqual(done.returncode, FAILED, done.stderr)
        return done.stderr.decode()


class Service(AgentTest):
    def test_a_container_is_traced(self):
        agent = Agent(self)
        document = self.traced(agent, "one")
        first = document["syscalls"][0]
        self.assertEqual((first["name"], first["args"][0]), ("execve", "/bin/true"))
        self.assertEqual(document["summary"]["exit_code"], 0)
        tracing = agent.events("tracing")[0]
        self.assertEqual((tracing["container"], tracing["file"], tracing["pid"]), ("one", "one.json", first["pid"]))
        self.assertEqual(stat.S_IMODE(os.stat(agent.file("one.json")).st_mode), 0o600)
        self.assertEqual(agent.events("ended")[0]["exit_code"], 0)

    def test_nothing_stays_in_the_agent(self):
        agent = Agent(self)
        before = self.holdings(agent)
        for name in "abc":
            self.traced(agent, name)
        self.assert_holds(agent, before)

    def test_a_finished_document_is_replaced(self):
        agent = Agent(self)
        self.traced(agent, "c")
        again = self.traced(agent, "c", ["/bin/echo", "again"])
        self.assertEqual(again["syscalls"][0]["args"][0], "/bin/echo")
        self.assertEqual(os.listdir(agent.documents), ["c.json"])

    def test_one_that_is_written_is_not(self):
        agent = Agent(self)
        first, second, third = (self.running(agent, "c", name) for name in ("c.json", "c.2.json", "c.3.json"))
        for container, name in ((second, "c.2.json"), (first, "c.json"), (third, "c.3.json")):
            self.assertEqual(container.wait(), 0)
            self.assertEqual(agent.document("c", name)["syscalls"][0]["pid"], container.pid)

    def test_the_format_names_the_file(self):
        agent = Agent(self, "--format", "csv")
        container = Container(self, ["/bin/true"])
        self.hand_over(agent, "c", container)
        self.assertEqual(container.wait(), 0)
        agent.wait_for("ended", file="c.csv")
        with open(agent.file("c.csv")) as file:
            self.assertIn("execve", file.read())

    def test_other_descriptors_are_closed(self):
        agent = Agent(self)
        container = Container(self, ["/bin/true"])
        ours, theirs = socket.socketpair()
        tell(agent.socket, container.state("c", fds=["other", "seccompFd"]), [theirs.fileno(), container.listener])
        theirs.close()
        container.let_go_of_listener()
        container.go()
        self.assertEqual(container.wait(), 0)
        ours.settimeout(TIMEOUT)
        self.assertEqual(ours.recv(1), b"")
        ours.close()
        agent.document("c")

    def test_a_runtime_may_stay_connected(self):
        # As crun does.
        agent = Agent(self)
        container = Container(self, ["/bin/true"])
        with connect(agent.socket) as peer:
            send(peer, json.dumps(container.state("c")).encode(), [container.listener])
            container.let_go_of_listener()
            container.go()
            self.assertEqual(container.wait(), 0)
            agent.document("c")

    def test_a_state_may_come_in_pieces(self):
        agent = Agent(self)
        container = Container(self, ["/bin/true"])
        data = json.dumps(container.state("c", padding="x" * 5000)).encode()
        with connect(agent.socket) as peer:
            send(peer, data[:1], [container.listener])
            for at in range(1, len(data), 97):
                peer.sendall(data[at:at + 97])
        container.let_go_of_listener()
        container.go()
        self.assertEqual(container.wait(), 0)
        agent.document("c")

    def test_the_version_is_not_trusted(self):
        agent = Agent(self)
        for version in ("0.2.0", "99.0.0-dev", ""):
            container = Container(self, ["/bin/true"])
            tell(agent.socket, container.state("c", ociVersion=version), [container.listener])
            container.let_go_of_listener()
            container.go()
            self.assertEqual(container.wait(), 0)
            agent.document("c")


class Metadata(AgentTest):
    def test_options_of_the_profile_are_used(self):
        agent = Agent(self)
        document = self.traced(agent, metadata="-T  -e 'trace=openat'")
        self.assertEqual({call["name"] for call in document["syscalls"]}, {"openat"})
        self.assertTrue(all(call["args"][1].startswith("/") for call in document["syscalls"]))
        self.assertTrue(all(call["duration_ns"] > 0 for call in document["syscalls"]), document["syscalls"])

    def test_options_of_the_agent_stay(self):
        agent = Agent(self, "-e", "trace=openat")
        for metadata in (None, "", "  ", "-q"):
            with self.subTest(metadata=metadata):
                document = self.traced(agent, metadata=metadata)
                self.assertEqual({call["name"] for call in document["syscalls"]}, {"openat"})

    def test_others_refuse_the_container(self):
        agent = Agent(self)
        before = self.holdings(agent)
        wrong = ["--frobnicate", "-o elsewhere", "--listen /tmp/x", "-e trace=nonsense", "'open", "-q -- /bin/sh", "word",
                 "--engine notify", "--allow-uid 0", "--help", "-e"]
        for number, metadata in enumerate(wrong):
            with self.subTest(metadata=metadata):
                name = f"c{number}"
                container = Container(self, ["/bin/true"])
                self.hand_over(agent, name, container, metadata)
                # Its execve fails.
                self.assertEqual(container.wait(), NOT_EXECUTED)
                entry = agent.wait_for("failed", container=name)
                self.assertIn("listenerMetadata", entry["reason"])
                self.assertEqual(entry["level"], "error")
                self.assertFalse(os.path.exists(agent.file(f"{name}.json")))
        self.assert_holds(agent, before)


class Refusals(AgentTest):
    """Each is logged, leaves nothing, and disturbs nobody."""

    def setUp(self):
        super().setUp()
        self.agent = Agent(self, "--timeout", "1")
        self.other = self.running(self.agent, "other")
        self.before = self.holdings(self.agent)

    def tearDown(self):
        self.assert_holds(self.agent, self.before)
        self.assert_answers(self.other)
        self.assertEqual(self.other.wait(), 0)
        self.agent.document("other")
        self.assertEqual([entry for entry in self.agent.log() if entry["event"] == "failed"], [])

    def listener(self):
        return Container(self, ["/bin/true"])

    def refused(self, state, reason, fds=None, count=1):
        container = self.listener()
        with connect(self.agent.socket) as peer:
            data = state if isinstance(state, bytes) else json.dumps({**container.state("c"), **state}).encode()
            send(peer, data, [container.listener] if fds is None else fds)
            peer.shutdown(socket.SHUT_WR)
            self.assertTrue(is_closed(peer))
        self.assert_refused(self.agent, reason, count)
        # Whoever refuses has closed the listener: the program hears it at once.
        container.let_go_of_listener()
        container.go()
        self.assertEqual(container.wait(), NOT_EXECUTED)

    def test_malformed_states(self):
        inner = self.listener().state("c")["state"]
        wrong = [(b"{", "end"), (b"[]", "object"), (b"nonsense", ""), (b"{}", ""), (b"\x00", ""),
                 (b'{"fds": ["seccompFd"]} more', ""), (b"\xff\xfe", ""), ({"fds": "seccompFd"}, "fds"), ({"fds": [1]}, "fds"),
                 ({"fds": []}, "seccompFd"), ({"fds": ["other"]}, "seccompFd"), ({"state": []}, "state"), ({"state": {}}, "id"),
                 ({"pid": "1"}, "pid"), ({"metadata": 7}, "metadata"), ({"metadata": "x" * 10000}, "metadata")]
        wrong += [({"state": {**inner, "id": name}}, "id")
                  for name in ("", ".hidden", "a/b", "..", "x" * 201, "new\nline", "\u00e9", "nul\0", 5)]
        for count, (state, reason) in enumerate(wrong, 1):
            with self.subTest(state=state):
                self.refused(state, reason, count=count)

    def test_nothing_at_all(self):
        connect(self.agent.socket).close()
        self.assertEqual(self.agent.wait_for("closed")["uid"], os.geteuid())
        self.assertEqual(self.agent.events("refused"), [])

    def test_an_oversized_state(self):
        container = self.listener()
        with connect(self.agent.socket) as peer:
            try:
                send(peer, b'{"fds": ["' + b"x" * (2 * MESSAGE_MOST), [container.listener])
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.assertTrue(is_closed(peer))
        self.assert_refused(self.agent, "large|long|more than|bytes")

    def test_descriptors_that_do_not_agree_with_their_names(self):
        spare = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, spare)
        container = self.listener()
        self.refused({}, "descriptor", fds=[], count=1)
        self.refused({}, "descriptor", fds=[container.listener, spare], count=2)
        self.refused({"fds": ["seccompFd", "other"]}, "descriptor", count=3)
        self.refused({"fds": ["seccompFd", "seccompFd"]}, "seccompFd", fds=[container.listener, spare], count=4)
        self.refused({}, "listener", fds=[spare], count=5)
        self.refused({"fds": ["other", "seccompFd"]}, "listener", fds=[container.listener, spare], count=6)
        self.refused({}, "descriptor", fds=[spare] * 253, count=7)

    def test_descriptors_that_come_late(self):
        container = self.listener()
        data = json.dumps(container.state("c")).encode()
        with connect(self.agent.socket) as peer:
            send(peer, data[:10])
            time.sleep(0.1)
            send(peer, data[10:], [container.listener])
            self.assertTrue(is_closed(peer))
        self.assert_refused(self.agent, "descriptor")

    def test_a_runtime_that_stalls(self):
        container = self.listener()
        began = time.monotonic()
        with connect(self.agent.socket) as peer, connect(self.agent.socket) as silent:
            send(peer, b'{"fds": ["seccompFd"', [container.listener])
            # Others are served meanwhile.
            self.traced(self.agent, "meanwhile")
            self.assertLess(time.monotonic() - began, 1)
            self.assertTrue(is_closed(peer))
            self.assertTrue(is_closed(silent))
        self.assertGreater(time.monotonic() - began, 0.9)
        self.assert_refused(self.agent, "after 1 second", 2)

    def test_a_runtime_that_goes_away(self):
        container = self.listener()
        peer = connect(self.agent.socket)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        send(peer, b'{"fds": ["seccompFd"', [container.listener])
        peer.close()
        self.assert_refused(self.agent, "end")

    def test_a_thousand_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8 * CONNECTIONS), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        spare = os.open("/dev/null", os.O_RDONLY)
        self.addCleanup(os.close, spare)
        peers = []
        try:
            for _ in range(CONNECTIONS):
                peers.append(connect(self.agent.socket))
                send(peers[-1], b"{", [spare] * 20)
            # Whoever has something to say comes through.
            self.traced(self.agent, "meanwhile")
            self.assertLess(processes.descriptors(self.agent.pid), 2 * CONNECTIONS)
        finally:
            for peer in peers:
                peer.close()
        self.agent.wait_for("refused", CONNECTIONS)
        self.assertEqual(len(self.agent.events("refused")), CONNECTIONS)

    def test_a_listener_whose_processes_are_gone(self):
        container = self.listener()
        tell(self.agent.socket, container.state("gone"), [container.listener])
        os.kill(container.pid, signal.SIGKILL)
        container.let_go_of_listener()
        self.assertEqual(container.wait(), -signal.SIGKILL)
        self.agent.wait_for("untraced", container="gone")


@needs_root
class Users(AgentTest):
    def socket_of(self, uid, path):
        """A connection that another user makes: whether that is possible, and what comes of it."""
        script = ("import socket, sys; peer = socket.socket(socket.AF_UNIX); peer.connect(sys.argv[1]); peer.settimeout(60); "
                  "peer.send(b'{'); print(peer.recv(1))")
        return self.run_plain(["/usr/bin/python3", "-c", script, path], user=uid, group=uid, extra_groups=[])

    def test_others_cannot_connect(self):
        agent = Agent(self)
        self.assertIn(b"PermissionError", self.socket_of(NOBODY, agent.socket).stderr)

    def test_who_is_not_allowed_is_refused(self):
        agent = Agent(self, "--allow-uid", "12345")
        self.socket_of(NOBODY, agent.socket)
        self.assert_refused(agent, "not allowed.*--allow-uid", uid=NOBODY)

    def test_who_is_allowed_is_served(self):
        agent = Agent(self, "--allow-uid", "12345", "--allow-uid", str(NOBODY))
        container = Container(self, ["/bin/true"], uid=NOBODY)
        message = os.path.join(self.folder, "state")
        with open(message, "w") as file:
            json.dump(container.state("c"), file)
        os.set_inheritable(container.listener, True)
        script = ("import array, socket, sys; peer = socket.socket(socket.AF_UNIX); peer.connect(sys.argv[1]); "
                  "peer.sendmsg([open(sys.argv[2], 'rb').read()], [(1, 1, array.array('i', [int(sys.argv[3])]))])")
        done = self.run_plain(["/usr/bin/python3", "-c", script, agent.socket, message, str(container.listener)], user=NOBODY,
                              group=NOBODY, extra_groups=[], pass_fds=[container.listener])
        self.assertEqual(done.returncode, 0, done.stderr)
        container.let_go_of_listener()
        container.go()
        self.assertEqual(container.wait(), 0)
        self.assertEqual(agent.document("c")["syscalls"][0]["name"], "execve")

    def test_an_agent_without_rights(self):
        agent = Agent(self, uid=NOBODY)
        self.socket_of(os.geteuid(), agent.socket)
        self.assert_refused(agent, "not allowed")
        self.assertEqual(os.lstat(agent.socket).st_uid, NOBODY)

    def test_the_default_socket_of_a_user(self):
        run = self.path("run")
        os.mkdir(run)
        os.chown(run, NOBODY, NOBODY)
        agent = Agent(self, uid=NOBODY, listen=False, env={**os.environ, "XDG_RUNTIME_DIR": run})
        self.assertEqual(agent.events("listening")[0]["socket"], f"{run}/renacer-sv/agent.sock")
        self.assertTrue(stat.S_ISSOCK(os.lstat(f"{run}/renacer-sv/agent.sock").st_mode))


class Sockets(AgentTest):
    def test_one_agent_at_a_socket(self):
        agent = Agent(self)
        said = self.fails("--listen", agent.socket, "-o", self.path("d"))
        self.assertIn(f"another agent listens at '{agent.socket}'", said)
        self.traced(agent)

    def test_a_socket_that_was_left_is_taken_over(self):
        agent = Agent(self)
        agent.process.kill()
        agent.process.wait()
        self.assertTrue(os.path.lexists(agent.socket))
        self.traced(Agent(self))

    def test_other_files_are_left_alone(self):
        with open(self.path("file"), "w") as file:
            file.write("mine")
        self.assertIn("is no socket", self.fails("--listen", self.path("file"), "-o", self.path("d")))
        self.assertEqual(self.content("file"), "mine")

    def test_folders_that_cannot_be(self):
        with open(self.path("file"), "w"):
            pass
        self.assertIn("no folder", self.fails("--listen", self.path("s")))
        self.assertIn(self.path("file"), self.fails("--listen", self.path("s"), "-o", self.path("file")))
        self.assertIn("too long", self.fails("--listen", self.path("s" * 120), "-o", self.path("d")))
        self.assertFalse(os.path.lexists(self.path("s")))

    def test_options_that_cannot_be(self):
        place = ["--listen", self.path("s"), "-o", self.path("d")]
        for words, said in ((["--allow-uid", "root"], "--allow-uid"), (["--timeout", "0"], "--timeout"),
                            (["--engine", "ptrace"], "ptrace"), (["-p", "1"], "runtime"), (["--alow-uid", "1"], "--allow-uid"),
                            (["program"], "program")):
            with self.subTest(words=words):
                self.assertIn(said, self.fails(*place, *words))
        self.assertFalse(os.path.lexists(self.path("s")))


class Activation(AgentTest):
    """What systemd does for a service with a socket."""

    HANDED = 'export LISTEN_PID=${PID:-$$} LISTEN_FDS=%d; exec "$@" %s'

    def listening(self, name, kind=socket.SOCK_STREAM):
        sock = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(sock.close)
        sock.bind(self.path(name))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        return sock

    def handing(self, *socks):
        """The words before a command that gets these sockets, and the keywords of its start."""
        fds = [fcntl.fcntl(sock, fcntl.F_DUPFD, 100) for sock in socks]  # above those that they become
        for fd in fds:
            self.addCleanup(os.close, fd)
        order = " ".join(f"{3 + at}<&{fd}" for at, fd in enumerate(fds))
        return ["bash", "-c", self.HANDED % (len(socks), order), "bash"], {"pass_fds": fds}

    def test_a_socket_is_handed_over(self):
        sock = self.listening("s")
        wrapper, keywords = self.handing(sock)
        agent = Agent(self, listen=False, wrapper=wrapper, **keywords)
        agent.socket = self.path("s")
        self.traced(agent)
        self.assertEqual(agent.stop(), 0)
        # It is systemd's: runtimes that come before the next agent wait for it.
        self.assertTrue(os.path.lexists(self.path("s")))
        container = Container(self, ["/bin/true"])
        self.hand_over(agent, "waits", container)
        again = Agent(self, listen=False, wrapper=wrapper, **keywords)
        self.assertEqual(container.wait(), 0)
        again.document("waits")

    def test_one_of_somebody_else_is_not_taken(self):
        wrapper, keywords = self.handing(self.listening("s"))
        agent = Agent(self, wrapper=["env", "PID=1", *wrapper], **keywords)
        self.assertEqual(agent.events("listening")[0]["socket"], agent.socket)
        self.traced(agent)

    def test_what_cannot_be_one(self):
        for socks, words in (((self.listening("a"), self.listening("b")), []),
                             ((self.listening("datagrams", socket.SOCK_DGRAM),), []),
                             ((self.listening("e"),), ["--listen", self.path("own")])):
            wrapper, keywords = self.handing(*socks)
            done = self.run_plain([*wrapper, RENACER, "agent", "-o", self.path("d"), *words], **keywords)
            self.assertEqual(done.returncode, FAILED, done.stderr)
            self.assertRegex(done.stderr, b"systemd|LISTEN_FDS")

    def test_states_are_told(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(self.path("manager"))
            manager.settimeout(TIMEOUT)
            agent = Agent(self, env={**os.environ, "NOTIFY_SOCKET": self.path("manager")})
            self.assertIn(b"READY=1", manager.recv(4096))
            agent.stop()
            self.assertIn(b"STOPPING=1", manager.recv(4096))


class Ends(AgentTest):
    """A container goes on, whatever becomes of those who trace it."""

    def goes_on(self, container):
        self.assert_answers(container)
        self.assertEqual(container.wait(), 0)

    def test_the_agent_is_told_to_end(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signal=number):
                agent = Agent(self)
                container = self.running(agent, "c")
                agent.process.send_signal(number)
                self.assertEqual(agent.process.wait(TIMEOUT), 0)
                self.assertEqual(agent.events("stopping")[0]["traces"], 1)
                self.goes_on(container)
                self.assertEqual(agent.document("c")["summary"]["exit_code"], 0)

    def test_the_agent_is_killed_and_started_again(self):
        agent = Agent(self)
        container = self.running(agent, "c")
        agent.process.kill()
        agent.process.wait()
        again = Agent(self)
        self.assert_answers(container)
        # Its document is still written.
        other = self.running(again, "c", "c.2.json")
        self.goes_on(other)
        self.goes_on(container)
        self.assertEqual(agent.document("c", "c.json")["syscalls"][0]["pid"], container.pid)
        self.assertEqual(again.document("c", "c.2.json")["syscalls"][0]["pid"], other.pid)

    def test_a_process_that_traces_is_killed(self):
        agent = Agent(self)
        container, other = self.running(agent, "c"), self.running(agent, "other")
        victim = self.tracing_process(agent, container)
        os.kill(victim, signal.SIGKILL)
        died = agent.wait_for("died")
        self.assertEqual((died["container"], died["signal"]), ("c", signal.SIGKILL))
        self.goes_on(container)
        self.goes_on(other)
        agent.document("other")

    def test_a_process_that_traces_is_told_to_end(self):
        agent = Agent(self)
        container = self.running(agent, "c")
        os.kill(self.tracing_process(agent, container), signal.SIGTERM)
        self.assertNotIn("exit_code", agent.wait_for("ended"))
        document = agent.document("c")
        self.assertEqual(document["syscalls"][0]["name"], "execve")
        self.goes_on(container)

    def tracing_process(self, agent, container):
        """Which of them: the one whose document it is."""
        name = next(entry["file"] for entry in agent.events("tracing") if entry["pid"] == container.pid)
        for pid in processes.children(agent.pid):
            for fd in os.listdir(f"/proc/{pid}/fd"):
                if os.readlink(f"/proc/{pid}/fd/{fd}").endswith(f"/{name}"):
                    return pid
        raise AssertionError(f"nobody traces {name}")


if __name__ == "__main__":
    unittest.main()
