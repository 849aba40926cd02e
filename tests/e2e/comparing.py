# SPDX-License-Identifier: MIT
"""Traces are recorded, changed and compared."""

import json
import os
import socket
import subprocess
import threading

from harness import RENACER, TIMEOUT, TraceTest

EQUIVALENT, DIFFERENT, UNUSABLE = range(3)
MODES = ("semantic", "exact", "counts")
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")


def data(name):
    return os.path.join(DATA, name)


def run_compare(golden, new, *options, **keywords):
    keywords.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run([RENACER, "compare", *options, golden, new], capture_output=True, timeout=TIMEOUT, **keywords)


class Peer:
    """Listens, and reads what it is sent."""

    def __init__(self):
        self.listener = socket.create_server(("0.0.0.0", 0))
        self.port = self.listener.getsockname()[1]
        self.lines = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                while line := connection.recv(4096):
                    self.lines.append(line)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class CompareTest(TraceTest):
    def write(self, name, document):
        """A document, or the text or bytes of one, in the test's folder: its path."""
        if isinstance(document, dict):
            document = json.dumps(document)
        if isinstance(document, str):
            document = document.encode()
        with open(self.path(name), "wb") as file:
            file.write(document)
        return self.path(name)

    def compare(self, golden, new, *options):
        """The report of a comparison that has to be possible."""
        done = run_compare(golden, new, "--format", "json", *options)
        self.assertIn(done.returncode, (EQUIVALENT, DIFFERENT), done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["verdict"], "different" if done.returncode else "equivalent")
        self.assertEqual(report["divergent"] == 0, done.returncode == EQUIVALENT)
        self.assertEqual(report["first_divergence"] is None, done.returncode == EQUIVALENT)
        return report

    def assert_equivalent(self, golden, new, *options, confidence=None):
        report = self.compare(golden, new, *options)
        self.assertEqual(report["verdict"], "equivalent", json.dumps(report["differences"][:3], indent=1))
        if confidence is not None:
            self.assertEqual(report["confidence"], confidence)
        return report

    def assert_different(self, golden, new, *options, subject=None):
        """`subject` is a regular expression for that of the first divergence and of all others."""
        report = self.compare(golden, new, *options)
        self.assertEqual(report["verdict"], "different")
        if subject is not None:
            for difference in [report["first_divergence"], *report["differences"]]:
                self.assertRegex(difference["subject"], subject)
        return report

    def record(self, command, *options, status=0, output, **keywords):
        """A trace that is written to a file: its path. Nothing may be lost."""
        file = self.path(output)
        done = self.run_plain([RENACER, *options, "-o", file, "--", *command], **keywords)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertNotIn(b"renacer-sv:", done.stderr)
        return file
