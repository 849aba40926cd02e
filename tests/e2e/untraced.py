# SPDX-License-Identifier: MIT
"""A program without a tracer and with one: what it writes, how it ends and what it leaves behind have to be the same.

Both run in a folder of the same name, made anew for each, so that names in what they write are the same too. What differs
between two runs without a tracer is no difference: `Program.normal` takes it out of what was written and left."""

import collections
import hashlib
import json
import os
import shutil
import stat
import subprocess

import fixtures
import harness

NOBODY_ID = 65534

# In how many rounds everything is run; a race may need many.
ROUNDS = int(os.environ.get("REAL_ROUNDS", "1"))

# user: whose program it is, traced and untraced; options: how it is traced; says: what renacer-sv itself has to say then.
Way = collections.namedtuple("Way", "name user options says", defaults=(b"",))

NOTIFY = Way("notify", "root", ["--engine", "notify", "-f"])
PTRACE = Way("ptrace", "root", ["--engine", "ptrace", "-f"])
FULL = Way("notify full", "root", ["--engine", "notify", "-f", "--decode=full"])
# It repairs no calls that a signal interrupts, and says so: not for programs with handlers.
NOTIFY_ONLY = Way("notify-only", "root", ["--engine", "notify-only", "-f"], b"no results")
NOBODY = Way("ptrace of nobody", "nobody", ["--engine", "ptrace", "-f"])
NOBODY_NOTIFY_ONLY = Way("notify-only of nobody", "nobody", ["--engine", "notify-only", "-f"], b"no results")
WAYS = (NOTIFY, PTRACE, FULL, NOBODY)

# command: what runs, in the folder; prepare(folder): what is there before, made by root and given to the user;
# environment: what it has besides that of the fixtures; status: how the program has to end;
# normal(name, content): what is the same in every run. A name is that of a file, "stdout" or "stderr" (then content is
# what was written), and None as the answer leaves the file out.
Program = collections.namedtuple("Program", "command prepare environment status normal",
                                 defaults=(None, {}, 0, lambda name, content: content))

# What one can see of a run from outside; files: (mode, owner, what is in it) by name.
Seen = collections.namedtuple("Seen", "status stdout stderr files")


def environment(program):
    return fixtures.environment() | program.environment


def wrapper(user):
    return fixtures.NOBODY if user == "nobody" else []


def content_of(path, mode):
    if stat.S_ISLNK(mode):
        return os.readlink(path).encode()
    if stat.S_ISREG(mode):
        with open(path, "rb") as file:
            return file.read()
    return b""


def files_in(folder, normal):
    """Everything in a folder: (mode with type, owner, content or its hash if that is long) by name."""
    files = {}
    for parent, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(parent, name)
            status = os.lstat(path)
            relative = os.path.relpath(path, folder)
            content = normal(relative, content_of(path, status.st_mode))
            if content is not None:
                shown = content if len(content) < 200 else hashlib.sha256(content).hexdigest()
                files[relative] = (oct(status.st_mode), status.st_uid, shown)
    return files


class UntracedTest(harness.TraceTest):
    maxDiff = 4000

    def setUp(self):
        super().setUp()
        self.untraced = {}
        os.mkdir(self.path("traces"))
        os.chmod(self.path("traces"), 0o777)

    def fresh_folder(self, program, user):
        folder = self.path("work")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        if program.prepare:
            program.prepare(folder)
        if user == "nobody":
            for parent, _, names in os.walk(folder):
                for path in (parent, *(os.path.join(parent, name) for name in names)):
                    os.chown(path, NOBODY_ID, NOBODY_ID, follow_symlinks=False)
        return folder

    def see(self, program, user, tracer=()):
        """Run it: what there is to be seen. Whoever holds its output open, a daemon say, is waited for too."""
        folder = self.fresh_folder(program, user)
        command = [*wrapper(user), *tracer, *program.command]
        with subprocess.Popen(command, cwd=folder, env=environment(program), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                stdout, stderr = process.communicate(timeout=harness.TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.stdout.close()
                process.stderr.close()
                raise
        return Seen(process.returncode, program.normal("stdout", stdout), program.normal("stderr", stderr),
                    files_in(folder, program.normal))

    def plain(self, program, user):
        """Without a tracer; it is run once for a user, and has to end as it should."""
        key = (tuple(program.command), user)
        if key not in self.untraced:
            seen = self.see(program, user)
            self.assertEqual(seen.status, program.status, (seen.stdout[-2000:], seen.stderr[-2000:]))
            self.untraced[key] = seen
        return self.untraced[key]

    def check_document(self, path, way, status):
        with open(path) as file:
            document = json.load(file)
        self.assertEqual(document["producer"]["engine"], way.options[way.options.index("--engine") + 1])
        self.assertEqual(document["summary"]["lost"], 0)
        if status >= 0:
            self.assertEqual(document["summary"]["exit_code"], status)
        return document

    def split_stderr(self, stderr, way):
        """What the program wrote; of ours there has to be what the way says, and nothing else."""
        lines = stderr.splitlines(keepends=True)
        ours = [line for line in lines if line.startswith(b"renacer-sv: ")]
        self.assertEqual(len(ours), 1 if way.says else 0, ours)
        for line in ours:
            self.assertIn(way.says, line)
        return b"".join(line for line in lines if line not in ours)

    def traced(self, program, way):
        """With the tracer: (what there is to be seen, the document)."""
        path = self.path("traces/t.json")
        if os.path.exists(path):
            os.unlink(path)
        seen = self.see(program, way.user, [fixtures.RENACER, "--format", "json", "-o", path, *way.options, "--"])
        seen = seen._replace(stderr=self.split_stderr(seen.stderr, way))
        return seen, self.check_document(path, way, seen.status)

    def check_same(self, program, ways=WAYS, rounds=ROUNDS):
        """The program does the same untraced and traced in each of the ways; the last document."""
        document = None
        for number in range(rounds):
            for way in ways:
                with self.subTest(program=program.command, way=way.name, round=number):
                    expected = self.plain(program, way.user)
                    seen, document = self.traced(program, way)
                    self.assertEqual(seen.stderr.decode(errors="replace"), expected.stderr.decode(errors="replace"))
                    self.assertEqual(seen.status, expected.status)
                    self.assertEqual(seen.stdout.decode(errors="replace"), expected.stdout.decode(errors="replace"))
                    self.assertEqual(seen.files, expected.files)
        return document
