#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What docs/ci.md tells people to put into their CI: every command of it runs, in a project as it describes."""

import os
import pty
import re
import shutil
import subprocess
import unittest

from harness import RENACER, TIMEOUT, TraceTest

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "ci.md")
# What is not ours: packages, compilers, version control.
FOREIGN = re.compile(r"apt-get |make |git ")


def budgets():
    """The file of budgets that the page has."""
    with open(PAGE) as file:
        text, = re.findall(r"^```toml\n(.*?)^```", file.read(), re.M | re.S)
    return text


def blocks():
    """{heading: commands} of the page, of its YAML and of its indented lines."""
    with open(PAGE) as file:
        parts = re.split(r"^## (.*)\n", file.read(), flags=re.M)
    commands = {}
    for heading, text in zip(parts[1::2], parts[2::2]):
        lines = []
        for yaml in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
            lines += re.findall(r"^ +(?:run: |- (?!uses|name|image))?((?:apt-get|make|env|renacer-sv) .*)$", yaml, re.M)
        lines += [line.split("  #")[0].strip() for line in re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)]
        commands[heading] = lines
    return commands


class Page(TraceTest):
    def setUp(self):
        super().setUp()
        tools = self.path("bin")
        os.makedirs(tools)
        os.symlink(RENACER, os.path.join(tools, "renacer-sv"))
        self.project = self.path("project")
        os.makedirs(self.project)
        shutil.copy("/bin/echo", os.path.join(self.project, "prog"))
        with open(os.path.join(self.project, "renacer.toml"), "w") as file:
            file.write(budgets())
        self.environment = {**os.environ, "PATH": tools + ":" + os.environ["PATH"]}

    def run_line(self, line):
        """On a terminal, where some commands ask."""
        leader, follower = pty.openpty()
        try:
            return subprocess.run(["/bin/sh", "-c", line], cwd=self.project, env=self.environment, capture_output=True,
                                  stdin=follower, timeout=TIMEOUT)
        finally:
            os.close(leader)
            os.close(follower)

    def run_lines(self, lines, statuses=(0,)):
        ours = [line for line in lines if not FOREIGN.match(line)]
        self.assertTrue(ours, lines)
        for line in ours:
            done = self.run_line(line)
            self.assertIn(done.returncode, statuses, (line, done.stdout, done.stderr))

    def test_every_part_of_the_page(self):
        parts = blocks()
        self.run_lines(parts.pop("Once, by hand"))
        for heading in ("GitHub Actions", "GitLab", "Any other"):
            with self.subTest(heading):
                self.run_lines(parts.pop(heading))
        for name in ("golden.xml", "budgets.xml", "budgets.json"):
            self.assertGreater(os.path.getsize(os.path.join(self.project, name)), 0, name)
        update = [line for line in parts.pop("Changes that are meant") if "update" in line]
        self.run_lines(update)
        self.assertEqual({heading for heading, lines in parts.items() if lines}, set())


if __name__ == "__main__":
    unittest.main(verbosity=2)
