# SPDX-License-Identifier: MIT
"""What README says, in Python."""

import os
import socket
import subprocess
import sys
from collections import Counter


class Report:
    def __init__(self, folder, change):
        self.folder = folder
        self.change = change
        self.lines = 0
        self.words = Counter()
        self.skipped = set()
        self.has_errors = False

    def path(self, name):
        return os.path.join(self.folder, name)

    def take_lock(self):
        with open(self.path("lock"), "x") as lock:
            lock.write("report\n")

    def read_skipped(self):
        try:
            with open(self.path("skip.txt"), "rb") as file:
                self.skipped = set(file.read().split())
        except FileNotFoundError:
            pass

    def read_input(self, path):
        output = sys.stdout.buffer
        with open(path, "rb") as file:
            for line in file:
                self.lines += 1
                self.has_errors |= line.startswith(b"ERROR")
                words = line.split()
                self.words.update(word for word in words if word not in self.skipped)
                output.write(b" ".join([b"%d:" % self.lines, *reversed(words)]) + b"\n")
        output.write(b"%s %d lines, %d words, %d different\n" % (
            b"Total" if self.change == "output-byte" else b"total", self.lines, self.words.total(), len(self.words)))
        output.flush()

    def write_report(self):
        in_place = self.change == "in-place"
        temporary = self.path("report.txt" if in_place else "report.txt.tmp")
        with open(temporary, "wb") as file:
            if self.change != "order":
                file.write(b"Words by neme\n" if self.change == "report-byte" else b"Words by name\n")
            for word in sorted(self.words):
                file.write(b"%d %s\n" % (self.words[word], word))
            if self.change == "order":
                file.write(b"Words by name\n")
        if not in_place:
            os.rename(temporary, self.path("report.txt"))

    def tell_peer(self, address, port):
        with socket.create_connection((address, port)) as peer:
            peer.sendall(b"%d %s %d words\n" % (
                self.lines, b"Lines" if self.change == "peer-byte" else b"lines", self.words.total()))

    def run_children(self):
        subprocess.run(["/bin/echo", "did" if self.change == "child-argument" else "done", str(self.lines)], check=True)
        if self.change == "extra-child":
            subprocess.run(["/bin/true", "extra"], check=True)


def main(path, folder, port, change=""):
    report = Report(folder, change)
    port = int(port)
    if change != "no-lock":
        report.take_lock()
    if change != "no-read":
        report.read_skipped()
    report.read_input(path)
    if change != "no-report":
        report.write_report()
    if port:
        report.tell_peer("127.0.0.1", port)
    if port and change == "extra-peer":
        report.tell_peer("127.0.0.2", port)
    report.run_children()
    print(f"report: {report.lines} lines{'!' if change == 'message' else ''}", file=sys.stderr)
    if change not in ("no-lock", "keep-lock"):
        os.unlink(report.path("lock"))
    return (3 if report.has_errors else 0) + (1 if change == "status" else 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
