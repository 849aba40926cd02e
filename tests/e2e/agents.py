# SPDX-License-Identifier: MIT
"""`renacer-sv agent` for tests: started, looked at through its log and its documents, and ended."""

import collections
import json
import os
import shutil
import subprocess

import fixtures
from harness import RENACER, TIMEOUT
from processes import wait_until

NOBODY = 65534


def become(uid):
    """The words before a command that make it another user's, without the rights of root."""
    return [] if uid == os.geteuid() else ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


def program_of(uid):
    """renacer-sv where this user can execute it."""
    return RENACER if uid == os.geteuid() else fixtures.RENACER


class Agent:
    """An agent in a folder of its own, that of the test by default. Another one that is started in the same folder
    goes on with the same log, socket and documents."""

    def __init__(self, test, *options, folder=None, uid=None, listen=True, wrapper=(), **keywords):
        self.test = test
        self.uid = os.geteuid() if uid is None else uid
        self.folder = folder or os.path.join(test.folder, f"agent-{self.uid}")
        os.makedirs(self.folder, exist_ok=True)
        shutil.chown(self.folder, self.uid, self.uid)
        self.socket = os.path.join(self.folder, "agent.sock")
        self.documents = os.path.join(self.folder, "traces")
        self.documents_seen = collections.Counter()
        place = ["--listen", self.socket] if listen else []
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.seen = log.tell()
            self.process = subprocess.Popen(
                [*wrapper, *become(self.uid), program_of(self.uid), "agent", *place, "-o", self.documents, *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, **keywords)
        test.addCleanup(self.stop)
        if not wait_until(lambda: self.events("listening") or self.process.poll() is not None, "the agent listens"):
            raise AssertionError(self.text())
        if self.process.poll() is not None:
            raise AssertionError(f"the agent has ended: {self.text()}")

    @property
    def pid(self):
        return self.process.pid

    def text(self):
        """What it, and those that trace for it, have logged since it was started."""
        with open(os.path.join(self.folder, "log"), "rb") as log:
            log.seek(self.seen)
            return log.read().decode()

    def log(self):
        """The lines as objects: each has to be one, with what every line has."""
        lines = []
        for line in self.text().splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # is just being written
            entry = json.loads(line)
            self.test.assertRegex(entry["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.test.assertIn(entry["level"], ("debug", "info", "warning", "error"))
            self.test.assertRegex(entry["event"], r"^[a-z]+$")
            self.test.assertTrue(entry["message"])
            lines.append(entry)
        return lines

    def events(self, name, **members):
        return [entry for entry in self.log()
                if entry["event"] == name and all(entry.get(key) == value for key, value in members.items())]

    def wait_for(self, name, count=1, **members):
        """The last of so many events, as soon as there are."""
        def found():
            events = self.events(name, **members)
            return events[count - 1:] and events
        try:
            return wait_until(found, f"{count} x {name} {members}")[-1]
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.text()}") from None

    def file(self, name):
        return os.path.join(self.documents, name)

    def document(self, container, name=None):
        """The whole document of a container's process: its first by default. Each is asked for once."""
        name = name or f"{container}.json"
        self.documents_seen[name] += 1
        self.wait_for("ended", self.documents_seen[name], container=container, file=name)
        with open(self.file(name)) as file:
            document = json.load(file)
        self.test.assertEqual(document["summary"]["lost"], 0)
        return document

    def stop(self):
        """End it, if nobody has; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait(TIMEOUT)

    def profile(self, *options, base=None):
        """What `renacer-sv profile` prints for containers of this agent: linux.seccomp."""
        if base is not None:
            file = os.path.join(self.folder, "base.json")
            with open(file, "w") as stream:
                json.dump(base, stream)
            options = ("--base", file, *options)
        done = subprocess.run([RENACER, "profile", "--listen", self.socket, *options], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=TIMEOUT)
        self.test.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)
