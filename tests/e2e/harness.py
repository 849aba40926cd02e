# SPDX-License-Identifier: MIT
"""What the end-to-end tests share. RENACER_SV is the program under test,
PAYLOADS the folder of the compiled payloads; both come from the build."""

import errno
import json
import os
import signal
import subprocess
import tempfile
import unittest

RENACER = os.environ["RENACER_SV"]
PAYLOADS = os.environ["PAYLOADS"]
TIMEOUT = 240

# Whoever starts the tests in the background of a script ignores some signals, and the
# programs under test would inherit that.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def payload(name):
    return os.path.join(PAYLOADS, name)


def runs_32_bit():
    """Whether the kernel runs 32-bit programs: that of some virtual machines does not."""
    try:
        subprocess.run([payload("i386")], stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        return False
    return True


RUNS_32_BIT = runs_32_bit()
needs_32_bit = unittest.skipUnless(RUNS_32_BIT, "this kernel runs no 32-bit programs")


class TraceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="renacer-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def content(self, name):
        """The text of a file in the test's folder; empty if there is none."""
        if not os.path.exists(self.path(name)):
            return ""
        with open(self.path(name)) as file:
            return file.read()

    def run_plain(self, command, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(command, capture_output=True, timeout=TIMEOUT, **options)

    def run_traced(self, command, *options, output="t.json", **keywords):
        """Trace with -o; returns the finished process and the document, None without one."""
        file = self.path(output)
        done = self.run_plain([RENACER, "--format", "json", "-o", file, *options, "--", *command], **keywords)
        document = None
        if os.path.exists(file) and os.path.getsize(file):
            with open(file) as trace:
                document = json.load(trace)
        return done, document

    def trace(self, command, *options, status=0, quiet=True, **keywords):
        """A trace that has to succeed without a word: the document."""
        done, document = self.run_traced(command, *options, **keywords)
        self.assertEqual(done.returncode, status, done.stderr)
        if quiet:
            self.assertNotIn(b"renacer-sv:", done.stderr)
        self.assertEqual(document["summary"]["lost"], 0)
        return document

    def calls(self, document, name):
        return [call for call in document["syscalls"] if call["name"] == name]

    def counters(self, stderr):
        """What --profile-self printed."""
        pairs = {}
        for line in stderr.decode().splitlines():
            if line.startswith("renacer-sv: profile: "):
                for word in line[len("renacer-sv: profile: "):].split():
                    key, value = word.split("=")
                    pairs[key] = int(value) if value.isdigit() else value
        return pairs
