#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""renacer-sv golden: traces that are kept with how they were recorded."""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import threading
import time
import tomllib
import unittest

import fixtures
from harness import RENACER, TIMEOUT, TraceTest
from test_reports import ReportTest, github_commands

GOOD, DIFFERENT, UNUSABLE = range(3)
OWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "golden", "manifest.toml")
BUILD = os.environ["BUILD"]
IS_ROOT = os.geteuid() == 0
needs_root = unittest.skipUnless(IS_ROOT, "only root can become another user")


def wait_until(condition, what):
    end = time.monotonic() + TIMEOUT / 4
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain: " + what)
        time.sleep(0.01)


def processes_with(word):
    """The processes, but zombies, that have this in their command line."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                if word.encode() in file.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


class GoldenTest(TraceTest):
    def setUp(self):
        super().setUp()
        self.temporary = self.path("temporary")
        os.mkdir(self.temporary)
        self.environment = {**os.environ, "TMPDIR": self.temporary}

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def golden(self, *words, status=GOOD, said="", **keywords):
        """Run it in the test's folder: its standard output. `said` is a regular expression for standard error."""
        keywords.setdefault("cwd", self.folder)
        keywords.setdefault("env", self.environment)
        done = self.run_plain([RENACER, "golden", *words], **keywords)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertRegex(done.stderr.decode(errors="replace"), "^%s$" % said if not said else said)
        # Nothing is left behind.
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual([name for name in self.traces() if not name.endswith(".json") or name[0] == "."], [])
        return done.stdout.decode()

    def traces(self):
        folder = self.path("golden/traces")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def trace_of(self, name):
        with open(self.path("golden/traces/%s.json" % name), "rb") as file:
            return file.read()

    def manifest(self):
        with open(self.path("golden/manifest.toml"), "rb") as file:
            return tomllib.load(file)["golden"]

    def record_cat(self, *names):
        """A golden trace that changes with the file NAME.txt."""
        for name in names:
            self.write(name + ".txt", "first\n")
            self.golden("record", "--once", name, "-e", "trace=read,write", "--", "cat", name + ".txt")


class Record(GoldenTest):
    def test_what_is_kept(self):
        self.write("a.txt", "content\n")
        said = self.golden("record", "-E", "LC_ALL=C", "a", "-e", "trace=write", "--", "cat", "a.txt")
        self.assertEqual(said, "recorded a: 1 call, %d bytes, exit status 0\n" % len(self.trace_of("a")))
        self.assertEqual(self.manifest(), {"a": {"command": ["cat", "a.txt"], "options": ["-f", "-e", "trace=write"],
                                                 "pass": ["PATH"], "environment": {"LC_ALL": "C"}}})
        # The same as without us.
        self.run_plain([RENACER, "--golden", "-f", "-e", "trace=write", "-o", self.path("plain.json"), "cat", "a.txt"],
                       env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, cwd=self.folder)
        with open(self.path("plain.json"), "rb") as file:
            self.assertEqual(file.read(), self.trace_of("a"))

    def test_all_options(self):
        os.mkdir(self.path("d"))
        self.write("in.txt", "from the input\n")
        self.golden("record", "--pass", "HOME,TERM", "-E", "PATH=/bin", "-E", "A=1", "--env", "A=2", "--directory", "d",
                    "--input", "in.txt", "--mode", "semantic", "--ignore", "/etc/*", "--ignore", "/x", "--no-follow",
                    "x", "--", "sh", "-c", "cat; pwd; env")
        self.assertEqual(self.manifest()["x"], {
            "command": ["sh", "-c", "cat; pwd; env"], "options": [], "directory": "d", "input": "in.txt", "pass": ["HOME", "TERM"],
            "environment": {"PATH": "/bin", "A": "2"}, "mode": "semantic", "ignore": ["/etc/*", "/x"]})
        self.golden("record", "--mode", "counts", "--tolerance", "10%", "--tolerance=write=2", "y", "--", "true")
        self.assertEqual(self.manifest()["y"], {"command": ["true"], "options": ["-f"], "pass": ["PATH"],
                                                "mode": "counts", "tolerance": "10%,write=2"})

    def test_options_behind_the_name(self):
        os.mkdir(self.path("d"))
        self.write("in.txt", "from the input\n")
        self.write("--force", "")
        self.golden("record", "x", "--input", "in.txt", "-e", "trace=write", "--pass=HOME", "-E", "A=1", "-EB=2", "--once",
                    "-yP", "--force", "--string-limit", "10", "--directory", "d", "--no-follow", "--", "cat", "--force",
                    status=GOOD)
        self.assertEqual(self.manifest()["x"], {
            "command": ["cat", "--force"], "options": ["-e", "trace=write", "-yP", "--force", "--string-limit", "10"],
            "directory": "d", "input": "in.txt", "pass": ["PATH", "HOME"], "environment": {"A": "1", "B": "2"}})
        self.golden("record", "x", "-e", "trace=write", "--", "true", status=UNUSABLE, said="there is a golden trace 'x'")
        self.golden("record", "x", "--force", "-oe", "--", "true", status=UNUSABLE, said="-o is golden's own")
        self.golden("record", "x", "--force", "--", "true")
        self.assertIn("Usage: renacer-sv golden record", self.golden("record", "x", "-h", "--", "true"))

    def test_following_is_given_once(self):
        for given, kept in ((["-fy"], ["-fy"]), (["-y", "--follow-forks"], ["-y", "--follow-forks"]), (["-y"], ["-f", "-y"])):
            self.golden("record", "--force", "x", *given, "--", "true")
            self.assertEqual(self.manifest()["x"]["options"], kept)
        self.golden("record", "--no-follow", "x", "-fy", "--", "true", status=UNUSABLE, said="do not go together")

    def written(self, *words):
        """What the program writes, which records itself under the name w."""
        self.golden("record", "--force", *words)
        calls = json.loads(self.trace_of("w"))["syscalls"]
        return "".join(call["args"][1] for call in calls if call["name"] == "write")

    def test_what_the_program_finds(self):
        write = ["-e", "trace=write"]
        env = {**self.environment, "A": "passed", "B": "not passed", "PATH": "/usr/bin:/bin"}
        self.environment = env
        self.assertEqual(self.written("w", *write, "--", "env"), "PATH=/usr/bin:/bin\n")
        self.assertEqual(self.written("--pass", "A", "-E", "C=set", "w", *write, "--", "env"),
                         "PATH=/usr/bin:/bin\nA=passed\nC=set\n")
        self.assertEqual(self.written("-E", "PATH=/bin", "w", *write, "--", "env"), "PATH=/bin\n")
        self.assertEqual(self.written("--directory", "/usr", "w", *write, "--", "pwd"), "/usr\n")
        self.write("in.txt", "input\n")
        self.assertEqual(self.written("--input", "in.txt", "w", *write, "--", "cat"), "input\n")
        self.assertEqual(self.written("w", *write, "--", "cat"), "")
        terminals = "for i in 0 1 2; do test -t $i && echo $i; done; ls /proc/self/fd"
        self.assertEqual(self.written("w", *write, "--", "sh", "-c", terminals), "0\n1\n2\n3\n")

    def test_a_caller_of_another_kind_changes_nothing(self):
        self.golden("record", "s", "-y", "--", "sh", "-c", "trap 'echo got' INT; kill -INT $$; ls /proc/self/fd")

        def prepare():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
            os.dup2(0, 7)
        with open("/dev/null") as null:
            self.assertEqual(self.golden("verify", preexec_fn=prepare, pass_fds=[null.fileno(), 7],
                                         env={**self.environment, "HOME": "/elsewhere", "MORE": "x" * 1000}),
                             "same        s\n1 same\n")

    def test_ends_of_all_kinds(self):
        for name, program, end in (("fails", "exit 3", "exit status 3"), ("killed", "kill -9 $$", "killed by SIGKILL"),
                                   ("ours", "exit 125", "exit status 125"), ("none", "exit 127", "exit status 127")):
            self.assertIn(end, self.golden("record", name, "--", "sh", "-c", program))
        self.assertEqual(self.golden("verify").splitlines()[-1], "4 same")

    def test_much_output(self):
        self.golden("record", "much", "-e", "trace=write", "--", "sh", "-c", "head -c 20000000 /dev/zero; echo end >&2",
                    said=r"'much' is a trace of \d+\.\d MiB, which a repository keeps for good; -e .* and --string-limit")
        self.assertEqual(self.golden("verify"), "same        much\n1 same\n")

    def test_a_program_that_is_not_the_same_twice(self):
        said = r"'pid' is not the same twice; the first difference:\n@@ .*\n(.*\n)*-write\(1, .*\n\+write\(1, .*\n(.*\n)*.*docs/golden.md"
        self.golden("record", "pid", "--", "sh", "-c", "echo $$", said=said)
        self.golden("record", "--once", "pid2", "--", "sh", "-c", "echo $$")
        self.golden("verify", status=DIFFERENT)

    def test_programs_that_cannot_be_run(self):
        self.write("plain", "no program")
        os.chmod(self.path("plain"), 0o644)
        for program, reason in (("nonexistent", "cannot find a program 'nonexistent': No such file"),
                                ("./plain", "'./plain': Permission denied"), ("/", "Is a directory")):
            self.golden("record", "x", "--", program, status=UNUSABLE, said="'x' cannot be recorded: .*" + reason)
            self.assertFalse(os.path.exists(self.path("golden")))

    def test_an_existing_name(self):
        self.record_cat("a")
        before = self.content("golden/manifest.toml"), self.trace_of("a")
        self.golden("record", "a", "--", "true", status=UNUSABLE,
                    said=r"golden/manifest.toml:4: there is a golden trace 'a': renacer-sv golden update a .*--force")
        self.assertEqual((self.content("golden/manifest.toml"), self.trace_of("a")), before)
        self.golden("record", "--force", "a", "--", "true")
        self.assertEqual(self.manifest()["a"]["command"], ["true"])

    def test_names_that_are_too_long(self):
        self.golden("record", "--once", "x" * 200, "--", "true")
        before = self.content("golden/manifest.toml")
        for length in (201, 300):
            self.golden("record", "x" * length, "--", "true", status=UNUSABLE, said="is longer than 200 characters")
        self.assertEqual(self.content("golden/manifest.toml"), before)
        self.assertEqual(self.traces(), ["x" * 200 + ".json"])

    def test_trace_and_entry_are_kept_together(self):
        # The trace cannot be put in place.
        self.record_cat("a")
        before = self.content("golden/manifest.toml")
        os.makedirs(self.path("golden/traces/x.json"))
        self.golden("record", "x", "--", "true", status=UNUSABLE, said="'golden/traces/x.json' is no file that can be replaced")
        os.rmdir(self.path("golden/traces/x.json"))
        self.assertEqual((self.content("golden/manifest.toml"), self.traces()), (before, ["a.json"]))
        # The entry cannot be written.
        entry = "golden = { x = { command = ['false'] } }\n"
        self.write("golden/manifest.toml", entry)
        trace = self.trace_of("a")
        os.rename(self.path("golden/traces/a.json"), self.path("golden/traces/x.json"))
        self.golden("record", "--force", "x", "--", "true", status=UNUSABLE, said="can be changed by hand only")
        self.assertEqual((self.content("golden/manifest.toml"), self.traces()), (entry, ["x.json"]))
        self.assertEqual(self.trace_of("x"), trace)

    def test_what_was_edited_by_hand_stays(self):
        os.mkdir(self.path("golden"))
        head = "# mine\n\n[golden.first] # one\ncommand = ['true']\n\n# of x\n"
        tail = "\n# of last\n[golden.last]\n  command = [ 'true' ]  # here\nmode = 'semantic'\n"
        self.write("golden/manifest.toml", head + "[golden.x]\ncommand = [\n  'false',\n]\n# note\n" + tail)
        self.golden("record", "--force", "x", "--", "true")
        self.golden("record", "y", "--", "true")
        entry = 'command = ["true"]\noptions = ["-f"]\npass = ["PATH"]\n'
        self.assertEqual(self.content("golden/manifest.toml"),
                         head + "[golden.x]\n# note\n" + entry + tail + "\n[golden.y]\n" + entry)
        self.assertEqual(list(self.manifest()), ["first", "x", "last", "y"])

    def test_another_manifest(self):
        self.golden("record", "--manifest", "a/b/m.toml", "x", "--", "true")
        self.assertEqual(os.listdir(self.path("a/b/traces")), ["x.json"])
        self.assertEqual(self.golden("verify", "--manifest", "a/b/m.toml"), "same        x\n1 same\n")
        self.golden("verify", status=UNUSABLE, said="no manifest 'golden/manifest.toml'; renacer-sv golden record makes it")

    def test_mistakes(self):
        for words, said in (([], "takes a name, and a program behind --"), (["x"], "behind --"),
                            (["x", "--"], "no program behind --"), (["--", "true"], "takes a name"),
                            (["a/b", "--", "true"], "'a/b' is no name"), ([".x", "--", "true"], "is no name"),
                            (["x", "-c", "--", "true"], "--golden does not go with -c"),
                            (["x", "-T", "--", "true"], "no time is the same twice"),
                            (["x", "-p", "1", "--", "true"], "-p"), (["x", "--format", "csv", "--", "true"], "JSON"),
                            (["x", "-o", "y", "--", "true"], "-o is golden's own"),
                            (["x", "--golden", "--", "true"], "in any case"),
                            (["x", "y", "--", "true"], "'y' is no option of the tracer"),
                            (["x", "-P", "--", "true"], "these are no options of the tracer for it"),
                            (["x", "--input", "--", "true"], "option '--input' needs an argument"),
                            (["x", "-E", "A", "--", "true"], "-E takes NAME=VALUE"),
                            (["x", "--yes", "--", "true"], "unknown option '--yes'"),
                            (["x", "--nosuch", "--", "true"], "unknown option '--nosuch'"),
                            (["--no-follow", "x", "-f", "--", "true"], "do not go together"),
                            (["--pass", "A=1", "x", "--", "true"], "takes names of variables"),
                            (["-E", "A", "x", "--", "true"], "-E takes NAME=VALUE"),
                            (["--mode", "exacd", "x", "--", "true"], "did you mean 'exact'?"),
                            (["--ignore", "/x", "x", "--", "true"], "--ignore is for --mode semantic"),
                            (["--tolerance", "3", "x", "--", "true"], "--tolerance is for --mode counts"),
                            (["--mode", "counts", "--tolerance", "x", "x", "--", "true"], "takes a number or a share"),
                            (["--yes", "x", "--", "true"], "golden record has no option '--yes'"),
                            (["--timeout", "0", "x", "--", "true"], "--timeout takes a number"),
                            (["--input", "none", "x", "--", "true"], "cannot read the program's input 'none'"),
                            (["--directory", "none", "x", "--", "true"], "cannot change to the folder 'none'"),
                            (["x", "--", b"\xff"], "cannot find|not UTF-8"), (["--input"], "needs an argument")):
            self.golden("record", *words, status=UNUSABLE, said=re.escape(said).replace(r"\|", "|"))
            self.assertFalse(os.path.exists(self.path("golden")), words)
        self.golden("record", "x", "--", "echo", b"\xff", status=UNUSABLE, said="not UTF-8")
        self.assertFalse(os.path.exists(self.path("golden")))
        for words, said in (([], "takes record, verify, update or list"), (["recor"], "did you mean 'record'"),
                            (["list", "x"], "takes no names")):
            self.golden(*words, status=UNUSABLE, said=said)

    def test_a_full_disk(self):
        os.mkdir(self.path("golden"))
        self.write("run", """
            mount -t tmpfs -o size=64k tmpfs golden
            "$1" golden record small -e trace=write -- echo small || exit 9
            "$1" golden record big -- sh -c 'i=0; while test $i -lt 1500; do echo a line of output $i; i=$((i+1)); done' || echo "status $?"
            "$1" golden list
            ls -A golden golden/traces
        """)
        done = self.run_plain(["unshare", "-m" if IS_ROOT else "-rm", "sh", "-e", "run", RENACER], cwd=self.folder)
        self.assertEqual(done.stdout.decode().splitlines()[1:],
                         ["status 2", "small                recorded  exact     echo small", "golden:", "manifest.toml", "traces", "",
                          "golden/traces:", "small.json"], done.stderr)
        self.assertIn("No space left on device", done.stderr.decode())

    @needs_root
    def test_a_user_who_may_not(self):
        program, _ = fixtures.installed()
        done = self.run_plain([*fixtures.NOBODY, program, "golden", "record", "x", "true", "--", "true"], cwd=self.folder)
        self.assertEqual(done.returncode, UNUSABLE)
        done = self.run_plain([*fixtures.NOBODY, program, "golden", "record", "x", "--", "true"], cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr.decode()),
                         (UNUSABLE, "renacer-sv: cannot make the folder 'golden': Permission denied\n"))


class Verify(GoldenTest):
    def test_all_the_same(self):
        self.record_cat("b", "a", "c")
        self.assertEqual(self.golden("verify"), "same        b\nsame        a\nsame        c\n3 same\n")
        # In the order of the manifest, each once.
        self.assertEqual(self.golden("verify", "c", "b", "c"), "same        b\nsame        c\n2 same\n")
        self.assertEqual(self.golden("verify", "c", "-j", "1"), "same        c\n1 same\n")

    def test_differences(self):
        self.record_cat("a", "b")
        self.write("b.txt", "other\n")
        report = self.golden("verify", "--keep", "kept/here", status=DIFFERENT)
        self.assertRegex(report, r"(?s)^same        a\ndifferent   b\nits new trace: kept/here/b.json\ndifferent \(exact\): .*"
                                 r'-write\(1, "first\\n", 6\) = 6\n\+write\(1, "other\\n", 6\) = 6.*1 same, 1 different\n$')
        self.assertNotIn("time (us)", report)
        self.assertEqual(os.listdir(self.path("kept/here")), ["b.json"])
        self.assertEqual(self.run_plain([RENACER, "compare", "--mode", "exact", self.path("golden/traces/b.json"),
                                         self.path("kept/here/b.json")]).returncode, DIFFERENT)
        self.golden("update", "--yes")
        with open(self.path("kept/here/b.json"), "rb") as kept:
            self.assertEqual(kept.read(), self.trace_of("b"))

    def test_what_is_kept(self):
        self.record_cat("a", "b", "c")
        self.write("a.txt", "other\n")
        self.golden("verify", "--keep", "kept", status=DIFFERENT)
        self.write("kept/other.json", "somebody's")
        os.symlink("other.json", self.path("kept/c.json"))
        self.write("kept/b.json", "an old one")
        self.write("a.txt", "first\n")
        self.golden("verify", "--keep", "kept")
        self.assertEqual(sorted(os.listdir(self.path("kept"))), ["c.json", "other.json"])
        # What could not be told says nothing of what is there.
        self.write("kept/a.json", "an old one")
        os.unlink(self.path("golden/traces/a.json"))
        self.golden("verify", "--keep", "kept", status=UNUSABLE)
        self.assertEqual(sorted(os.listdir(self.path("kept"))), ["a.json", "c.json", "other.json"])

    def test_where_nothing_can_be_kept(self):
        self.record_cat("a")
        self.write("file", "")
        before = self.trace_of("a")
        for folder, said in (("file", "cannot make the folder 'file'"), ("file/x", "cannot make the folder 'file"),
                             ("golden/traces", "--keep 'golden/traces' is where the golden traces are"),
                             ("golden/../golden/traces/", "is where the golden traces are")):
            self.assertEqual(self.golden("verify", "--keep", folder, status=UNUSABLE, said=said), "")
        self.assertEqual(self.trace_of("a"), before)

    def test_traces_that_cannot_be_read(self):
        self.record_cat("a")
        trace = self.path("golden/traces/a.json")
        os.unlink(trace)
        os.mkfifo(trace)
        self.assertEqual(self.golden("verify", status=UNUSABLE), "error       a: its trace 'golden/traces/a.json' is no file\n1 error\n")
        os.unlink(trace)
        os.symlink("a.json", trace)
        report = self.golden("verify", "--format", "text", status=UNUSABLE, said="")
        self.assertEqual(report, "error       a: cannot read its trace 'golden/traces/a.json': "
                                 "Too many levels of symbolic links\n1 error\n")

    def test_a_golden_trace_of_which_events_were_lost(self):
        self.record_cat("a")
        trace = self.content("golden/traces/a.json")
        self.write("golden/traces/a.json", trace.replace('"lost": 0', '"lost": 3'))
        self.assertEqual(self.golden("verify", status=UNUSABLE),
                         "error       a: its trace 'golden/traces/a.json' is not whole: events were lost when it was "
                         "recorded; renacer-sv golden update a makes it\n1 error\n")
        self.golden("update", "--yes")
        self.assertEqual(self.content("golden/traces/a.json"), trace)

    def test_entries_that_were_written_by_hand(self):
        os.makedirs(self.path("golden"))
        program = "command = ['sh', '-c', 'sh -c \"echo x; :\"; :']\n"
        self.write("golden/manifest.toml", "[golden.x]\n%s[golden.y]\n%soptions = []\n" % (program, program))
        self.golden("update", "--yes")
        self.assertIn(b"echo x", self.trace_of("x"))
        self.assertIn(b'"pid":2', self.trace_of("x"))
        self.assertNotIn(b'"pid":2', self.trace_of("y"))

    def test_what_cannot_be_told_wins(self):
        self.record_cat("a", "b", "c", "d")
        self.write("b.txt", "other\n")
        os.unlink(self.path("golden/traces/c.json"))
        self.write("golden/traces/d.json", "no trace")
        report = self.golden("verify", status=UNUSABLE)
        self.assertRegex(report, r"(?m)^same        a$")
        self.assertRegex(report, r"(?m)^different   b$")
        self.assertRegex(report, r"(?m)^error       c: cannot read its trace 'golden/traces/c.json': No such .*golden update c makes it$")
        self.assertRegex(report, r"(?m)^error       d: .*golden/traces/d.json")
        self.assertEqual(report.splitlines()[-1], "1 same, 1 different, 2 errors")

    def test_json(self):
        self.record_cat("a", "b", "c")
        self.write("b.txt", "other\n")
        os.unlink(self.path("golden/traces/c.json"))
        self.golden("verify", "--format", "json", "-o", "report.json", "--keep", "kept", status=UNUSABLE)
        report = json.loads(self.content("report.json"))
        self.assertEqual(set(report), {"format", "manifest", "goldens", "counts"})
        self.assertEqual((report["format"], report["manifest"]), ("renacer-golden-v1", "golden/manifest.toml"))
        self.assertEqual(report["counts"], {"same": 1, "equivalent": 0, "different": 1, "error": 1})
        a, b, c = report["goldens"]
        self.assertEqual([(item["name"], item["verdict"]) for item in (a, b, c)],
                         [("a", "same"), ("b", "different"), ("c", "error")])
        self.assertEqual((a["comparison"], a["problem"], a["said"], a["new_trace"]), (None,) * 4)
        self.assertEqual((a["command"], a["mode"], a["trace"]), (["cat", "a.txt"], "exact", "golden/traces/a.json"))
        self.assertGreater(a["seconds"], 0)
        self.assertEqual(b["comparison"]["format"], "renacer-comparison-v1")
        self.assertEqual((b["comparison"]["mode"], b["comparison"]["verdict"]), ("exact", "different"))
        self.assertEqual(b["new_trace"], "kept/b.json")
        self.assertIn("No such file", c["problem"])
        self.assertIsNone(c["comparison"])

    def broken_and_other(self):
        """Golden traces of which one is the same, one differs and one cannot be told."""
        self.record_cat("a", "b", "c")
        self.write("b.txt", "]]>\x1b.\n")
        os.unlink(self.path("golden/traces/c.json"))

    def test_github(self):
        self.broken_and_other()
        report = self.golden("verify", "--format", "github", status=UNUSABLE)
        b, c, notice = github_commands(report)
        self.assertEqual(b[0], "error")
        self.assertEqual((b[1]["file"], b[1]["title"]), ("golden/traces/b.json", "b"))
        line = self.content("golden/traces/b.json").splitlines()[int(b[1]["line"]) - 1]
        self.assertIn('"first\\n"', line)
        self.assertIn('+write(1, "]]>\\033.\\n", 6) = 6', b[2])
        line = self.content("golden/manifest.toml").splitlines().index("[golden.c]") + 1
        self.assertEqual((c[0], c[1]), ("error", {"file": "golden/manifest.toml", "line": str(line), "title": "c"}))
        self.assertIn("No such file", c[2])
        self.assertEqual(notice, ("notice", {"title": "golden golden/manifest.toml"}, "1 same, 1 different, 1 error"))

    def test_junit(self):
        self.broken_and_other()
        self.golden("verify", "--format", "junit", "-o", "report.xml", status=UNUSABLE)
        suite, = ReportTest.junit(self, self.content("report.xml").encode())
        self.assertEqual(suite.get("name"), "golden golden/manifest.toml")
        a, b, c = suite
        self.assertEqual([(case.get("name"), [child.tag for child in case]) for case in (a, b, c)],
                         [("a", []), ("b", ["failure"]), ("c", ["error"])])
        self.assertIn('-write(1, "first', b[0].text)
        self.assertIn("No such file", c[0].get("message"))
        self.assertGreater(float(a.get("time")), 0)

    def test_modes(self):
        self.write("s.txt", "abc\n")
        program = ["--", "cat", "s.txt"]
        self.golden("record", "--mode", "semantic", "s", *program)
        self.golden("record", "--mode", "counts", "--tolerance", "5,write=0", "c", "-e", "trace=write,read", *program)
        self.golden("record", "e", *program)
        self.write("pieces", "printf a; printf b; printf 'c\\n'; exec cat s.txt >/dev/null")
        pieces = ["--", "sh", "pieces"]
        # Another program that writes the same; it reads another file.
        self.assertIn("different   s", self.golden("verify", "s", *pieces, status=DIFFERENT))
        self.golden("record", "--force", "--mode", "semantic", "--ignore", "*", "s", *program)
        self.assertEqual(self.golden("verify", "s", *pieces), "equivalent  s (semantic)\n1 equivalent\n")
        self.assertIn("different (counts)", self.golden("verify", "c", *pieces, status=DIFFERENT))
        self.assertIn("different (exact)", self.golden("verify", "e", *pieces, status=DIFFERENT))
        self.golden("verify", "s", "e", *pieces, status=UNUSABLE, said="for one golden trace")

    def test_programs_that_cannot_be_run(self):
        self.record_cat("a")
        os.rename(self.path("a.txt"), self.path("b.txt"))
        self.assertIn("different   a", self.golden("verify", status=DIFFERENT))
        report = self.golden("verify", "a", "--", "nonexistent", status=UNUSABLE)
        self.assertEqual(report, "error       a: cannot find a program 'nonexistent': No such file or directory\n1 error\n")

    def rendezvous(self):
        """Two programs, each of which waits for the other one."""
        for one, other in (("a", "b"), ("b", "a")):
            self.write(one + ".sh", "touch here-%s; while ! test -e here-%s; do sleep 0.05; done; echo met" % (one, other))
        self.write("here-a", "")
        self.write("here-b", "")
        for name in ("a", "b"):
            self.golden("record", "--mode", "counts", name, "-e", "trace=write", "--", "sh", name + ".sh")
        os.unlink(self.path("here-a"))
        os.unlink(self.path("here-b"))

    def test_at_once(self):
        self.rendezvous()
        self.assertRegex(self.golden("verify", "-j", "2"), "^(same|equivalent) +a.*\n(same|equivalent) +b.*\n")

    def test_one_after_the_other_and_a_timeout(self):
        self.rendezvous()
        report = self.golden("verify", "-j", "1", "--timeout", "3", status=UNUSABLE)
        self.assertRegex(report, r"^error       a: it did not end in 3 seconds, and was killed \(--timeout\)\n(same|equivalent) +b")
        self.assertEqual(report.splitlines()[-1][-7:], "1 error")

    def test_a_time_limit_of_its_own(self):
        self.golden("record", "--timeout", "3", "x", "--", "true")
        self.assertEqual(self.manifest()["x"]["timeout"], 3)
        late = ["x", "--", "sleep", "4"]
        report = self.golden("verify", *late, status=UNUSABLE)
        self.assertEqual(report, "error       x: it did not end in 3 seconds, and was killed (--timeout)\n1 error\n")
        self.golden("verify", "--timeout", "60", *late, status=DIFFERENT)
        self.golden("update", "--yes", "--timeout", "60", *late)
        self.assertEqual(self.manifest()["x"]["timeout"], 3)

    def test_what_a_late_program_has_started_is_killed(self):
        word = "renacer-golden-%d" % os.getpid()
        self.golden("record", "x", "-e", "trace=write", "--", "true")
        late = "echo out; echo err >&2; setsid sh -c 'sleep 1000; : %s' & sh -c 'sleep 1000; : %s'" % (word, word)
        report = self.golden("verify", "--timeout", "2", "x", "--", "sh", "-c", late, status=UNUSABLE)
        self.assertRegex(report, r"(?s)killed \(--timeout\)\n    standard output:\n      out\n    standard error:\n      err\n")
        wait_until(lambda: not processes_with(word), "all are gone")

    def test_a_late_programs_daemons_are_killed(self):
        daemon = fixtures.payload("daemon")
        for engine in ("notify", "ptrace"):
            self.golden("record", engine, "--engine", engine, "-e", "trace=getppid", "--", daemon)
            self.golden("verify", "--timeout", "1", engine, "--", daemon, "stay", status=UNUSABLE)
            wait_until(lambda: not processes_with(daemon), "all are gone")

    def test_what_daemons_find(self):
        # What their new parent is, and that somebody waits for them, whoever records; as without us.
        daemon = fixtures.payload("daemon")
        traced = ["-e", "trace=getppid,setsid"]
        self.golden("record", "x", *traced, "--", daemon)
        self.assertEqual(self.golden("verify"), "same        x\n1 same\n")
        self.run_plain([RENACER, "--golden", "-f", *traced, "-o", self.path("plain.json"), daemon])
        self.assertEqual(json.loads(self.trace_of("x"))["syscalls"], json.loads(self.content("plain.json"))["syscalls"])
        self.assertIn(b'"outside#2"', self.trace_of("x"))
        self.golden("record", "y", "--engine", "ptrace", *traced, "--", daemon)
        self.assertEqual(self.trace_of("y"), self.trace_of("x"))
        self.golden("record", "--no-follow", "z", *traced, "--", daemon)
        if IS_ROOT:
            os.chmod(self.temporary, 0o777)
            done = self.run_plain([*fixtures.NOBODY, fixtures.RENACER, "golden", "verify"], cwd=self.folder,
                                  env=self.environment)
            self.assertEqual((done.returncode, done.stdout), (GOOD, b"same        x\nsame        y\nsame        z\n3 same\n"))

    def test_inputs_that_would_have_us_wait(self):
        os.mkfifo(self.path("fifo"))
        refused = "the program's input 'fifo' is a FIFO: it has to be a file, or a device such as /dev/null"
        self.golden("record", "--input", "fifo", "x", "--", "cat", status=UNUSABLE, said=refused)
        for words in (["verify"], ["list"], ["update", "--yes"], ["record", "x", "--", "true"]):
            self.golden(words[0], "--manifest", "fifo", *words[1:], status=UNUSABLE, said="'fifo' is no file")
        self.write("in", "")
        self.golden("record", "--input", "in", "x", "-e", "trace=fcntl", "--", "sh", "-c", "cat <&0")
        os.rename(self.path("fifo"), self.path("in"))
        self.assertIn("error       x: the program's input 'in' is a FIFO", self.golden("verify", status=UNUSABLE))

    def test_reports_that_cannot_be_written(self):
        self.record_cat("a")
        self.golden("verify", "-o", "/dev/full", status=UNUSABLE, said="the report cannot be written to /dev/full")
        self.golden("verify", "-o", "none/x", status=UNUSABLE, said="the report cannot be written to none/x: No such file")
        with open("/dev/full", "w") as full:
            done = subprocess.run([RENACER, "golden", "verify"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                  timeout=TIMEOUT)
        self.assertEqual(done.returncode, UNUSABLE)
        self.assertIn(b"cannot be written", done.stderr)
        self.environment["TMPDIR"] = "/nonexistent"
        self.golden("verify", status=UNUSABLE, said="cannot make a temporary folder in '/nonexistent'")

    def test_broken_manifests(self):
        os.mkdir(self.path("golden"))
        for text, said in (("[golden.x\n", "golden/manifest.toml:1:"), ("[golden.x]\n", "1:9: .*has no command"),
                           ("[golden.x]\ncommand=['x']\noptions=['-o','y']\n", "they stand in golden/manifest.toml:1")):
            self.write("golden/manifest.toml", text)
            self.golden("verify", status=UNUSABLE, said=said)
            self.golden("update", "--yes", status=UNUSABLE, said=said)
        self.write("golden/manifest.toml", "[golden.x]\ncommand=['true']\ndirectry='/'\n")
        self.golden("update", "--yes", said="3:1: unknown key 'directry'; did you mean 'directory'?")
        self.golden("verify", "y", status=UNUSABLE, said="has no golden trace 'y'")
        self.write("golden/manifest.toml", "# none\n")
        for words in (["verify"], ["verify", "x"], ["update", "--yes"]):
            self.golden(*words, status=UNUSABLE,
                        said="no golden traces in golden/manifest.toml: renacer-sv golden record NAME -- PROGRAM makes")
        self.assertEqual(self.golden("list"), "")

    @needs_root
    def test_another_user(self):
        self.record_cat("a")
        os.chmod(self.temporary, 0o777)
        program, _ = fixtures.installed()
        done = self.run_plain([*fixtures.NOBODY, program, "golden", "verify"], cwd=self.folder, env=self.environment)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (GOOD, b"same        a\n1 same\n", b""))
        self.assertEqual(os.listdir(self.temporary), [])
        os.chmod(self.folder, 0o777)
        for words in (["record", "--manifest", "own/m.toml", "x", "--", "echo", "x"], ["verify", "--manifest", "own/m.toml"]):
            done = self.run_plain([*fixtures.NOBODY, program, "golden", *words], cwd=self.folder, env=self.environment)
            self.assertEqual((done.returncode, done.stderr), (GOOD, b""))
        # What nobody has recorded root gets as well, with another engine.
        self.assertEqual(self.golden("verify", "--manifest", "own/m.toml"), "same        x\n1 same\n")


class Terminal:
    """A command in a terminal: what it prints, and what is typed."""

    def __init__(self, test, *words):
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen([RENACER, "golden", *words], cwd=test.folder, env=test.environment, stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, 0x540E, 0))  # TIOCSCTTY
        os.close(slave)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                return
            if not piece:
                return
            self.text += piece.decode()

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, count=1):
        wait_until(lambda: len(re.findall(pattern, self.text)) >= count, pattern + " in " + repr(self.text))

    def end(self):
        status = self.process.wait(TIMEOUT)
        self.reader.join(TIMEOUT)
        os.close(self.master)
        return status


class Update(GoldenTest):
    QUESTION = r"update golden/traces/\w+.json\? \[y/N/a/q\] "

    def change(self, *names):
        for name in names:
            self.write(name + ".txt", "second\n")

    def test_what_has_not_changed_is_not_touched(self):
        self.record_cat("a")
        file = self.path("golden/traces/a.json")
        os.utime(file, (1, 1))
        before = os.stat(file)
        self.assertEqual(self.golden("update", "--yes"), "a has not changed\n")
        after = os.stat(file)
        self.assertEqual((after.st_mtime, after.st_ino), (before.st_mtime, before.st_ino))

    def test_without_a_question(self):
        self.record_cat("a", "b")
        self.change("b")
        os.chmod(self.path("golden/traces/b.json"), 0o640)
        said = self.golden("update", "--yes")
        self.assertRegex(said, r'(?s)^a has not changed\nb has changed:\ndifferent \(exact\).*\+write\(1, "second\\n", 7\).*'
                               r"updated b: 4 calls, \d+ bytes, exit status 0\n$")
        self.assertEqual(os.stat(self.path("golden/traces/b.json")).st_mode & 0o777, 0o640)
        self.assertEqual(self.golden("verify").splitlines()[-1], "2 same")

    def test_links_stay(self):
        self.record_cat("a", "b")
        os.rename(self.path("golden/traces/a.json"), self.path("elsewhere.json"))
        os.symlink("../../elsewhere.json", self.path("golden/traces/a.json"))
        before = self.content("elsewhere.json")
        self.change("a")
        self.golden("update", "--yes")
        self.assertEqual(os.readlink(self.path("golden/traces/a.json")), "../../elsewhere.json")
        self.assertNotEqual(self.content("elsewhere.json"), before)
        self.assertEqual(self.golden("verify").splitlines()[-1], "2 same")
        self.golden("record", "--force", "a", "--", "true")
        self.assertTrue(os.path.islink(self.path("golden/traces/a.json")))
        os.unlink(self.path("elsewhere.json"))
        self.golden("update", "--yes", status=UNUSABLE, said="'a' cannot be updated: cannot write 'golden/traces/a.json': No such file")

    def test_a_death_that_leaves_something(self):
        # It is not among the traces, from where it would get into version control.
        self.golden("record", "x", "--", "true")
        before = self.traces(), self.content("golden/manifest.toml")
        for words in (["record", "--force"], ["update", "--yes"]):
            process = subprocess.Popen([RENACER, "golden", *words, "x", "--", "sleep", "1000"], cwd=self.folder,
                                       env=self.environment, stdin=subprocess.DEVNULL)
            wait_until(lambda: os.listdir(self.temporary), "it records")
            process.kill()
            process.wait(TIMEOUT)
            self.assertEqual((self.traces(), self.content("golden/manifest.toml")), before)
            for name in os.listdir(self.temporary):
                self.assertTrue(name.startswith("renacer-golden."))
                shutil.rmtree(os.path.join(self.temporary, name))

    def test_no_terminal(self):
        self.record_cat("a")
        self.golden("update", status=UNUSABLE, said="asks on a terminal, and standard input is none; --yes")

    def answers(self, answers, status, updated, names=("a", "b", "c")):
        self.record_cat(*names)
        self.change(*names)
        before = {name: self.trace_of(name) for name in names}
        terminal = Terminal(self, "update")
        for count, answer in enumerate(answers, 1):
            terminal.expect(self.QUESTION, count)
            terminal.type(answer)
        self.assertEqual(terminal.end(), status, terminal.text)
        self.assertEqual([name for name in names if self.trace_of(name) != before[name]], updated, terminal.text)
        self.assertEqual(self.traces(), [name + ".json" for name in names])
        return terminal.text

    def test_yes_and_no(self):
        text = self.answers(["n\n", "y\n", "\n"], DIFFERENT, ["b"])
        self.assertIn("b has changed", text)

    def test_all_further(self):
        self.answers(["n\n", "a\n"], DIFFERENT, ["b", "c"])

    def test_all(self):
        self.answers(["a\n"], GOOD, ["a", "b", "c"])

    def test_quit(self):
        self.answers(["y\n", "q\n"], DIFFERENT, ["a"])

    def test_the_end_of_the_input(self):
        self.answers(["y\n", "\x04"], DIFFERENT, ["a"])

    def test_another_answer(self):
        self.assertIn("y: update it", self.answers(["what\n", "Y\n"], GOOD, ["a"], names=("a",)))

    def test_the_interrupt_key(self):
        self.answers(["y\n", "\x03"], -signal.SIGINT, ["a"])
        self.assertEqual(os.listdir(self.temporary), [])

    def test_another_command(self):
        self.record_cat("a")
        self.write("golden/manifest.toml", "# mine\n" + self.content("golden/manifest.toml"))
        before = self.content("golden/manifest.toml")
        terminal = Terminal(self, "update", "a", "--", "cat", "/dev/null")
        terminal.expect(self.QUESTION)
        terminal.type("n\n")
        self.assertEqual(terminal.end(), DIFFERENT)
        self.assertEqual(self.content("golden/manifest.toml"), before)
        self.golden("update", "--yes", "a", "--", "cat", "/dev/null")
        self.assertEqual(self.content("golden/manifest.toml"), before.replace('"a.txt"', '"/dev/null"'))
        self.assertEqual(self.golden("verify"), "same        a\n1 same\n")
        self.golden("update", "--yes", "--", "cat", "/dev/null", status=UNUSABLE, said="for one golden trace")

    def test_a_trace_that_is_not_there_or_broken(self):
        self.record_cat("a", "b")
        os.unlink(self.path("golden/traces/a.json"))
        self.write("golden/traces/b.json", "no trace")
        said = self.golden("update", "--yes")
        self.assertRegex(said, r"(?s)a has no trace yet: 4 calls, .*updated a: .*the traces cannot be compared: .*updated b: ")
        self.assertEqual(self.golden("verify").splitlines()[-1], "2 same")

    def test_programs_that_cannot_be_run(self):
        self.record_cat("a", "b")
        self.change("b")
        text = self.content("golden/manifest.toml").replace('["cat", "a.txt"]', '["nonexistent"]')
        self.write("golden/manifest.toml", text)
        before = self.trace_of("a")
        said = self.golden("update", "--yes", status=UNUSABLE, said="'a' cannot be updated: cannot find a program")
        self.assertIn("updated b", said)
        self.assertEqual(self.trace_of("a"), before)

    def test_two_at_once(self):
        self.record_cat("a")
        self.change("a")
        before = self.trace_of("a")
        folder = os.open(self.path("golden"), os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        updating = subprocess.Popen([RENACER, "golden", "update", "--yes"], cwd=self.folder, env=self.environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        line = updating.stderr.readline().decode()
        self.assertIn("is being changed by another renacer-sv golden; waiting", line)
        self.assertEqual(self.trace_of("a"), before)
        os.close(folder)
        out, _ = updating.communicate(timeout=TIMEOUT)
        self.assertIn(b"updated a", out)
        self.assertNotEqual(self.trace_of("a"), before)

    def test_a_manifest_that_is_not_there(self):
        self.golden("update", "--yes", status=UNUSABLE, said="there is no manifest")


class Progress(GoldenTest):
    def test_on_a_terminal(self):
        self.record_cat("a", "b")
        terminal = Terminal(self, "verify", "-j", "1")
        self.assertEqual(terminal.end(), GOOD)
        for line in ("\r[0/2] a\033[K", "\r[1/2] b\033[K", "\r[2/2] b\033[K"):
            self.assertIn(line, terminal.text)
        # It is wiped out before the report.
        self.assertRegex(terminal.text, r"\r\x1b\[K(\x1b\[[0-9;]*m)?same")

    def test_silence_elsewhere(self):
        self.record_cat("a")
        self.golden("verify", said="")


class Interrupted(GoldenTest):
    def hanging(self, *words):
        """It is at work when this returns: the process and a word in the command line of what it runs."""
        word = "renacer-golden-%d-%d" % (os.getpid(), time.monotonic_ns())
        self.golden("record", "--force", "x", "--", "true")
        before = self.traces()
        command = "sh -c 'sleep 1000; : %s' & sleep 1000; : %s" % (word, word)
        process = subprocess.Popen([RENACER, "golden", *words, "--", "sh", "-c", command], cwd=self.folder,
                                   env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        wait_until(lambda: len(processes_with(word)) >= 4, "it runs")
        return process, word, before

    def test_every_signal_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2,
                       signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGIO,
                       signal.SIGPWR, signal.SIGRTMIN, signal.SIGRTMAX):
            for words in (("verify", "x"), ("update", "--yes", "x"), ("record", "--force", "x")):
                process, word, before = self.hanging(*words)
                process.send_signal(number)
                out, _ = process.communicate(timeout=TIMEOUT)
                self.assertEqual((process.returncode, out), (-number, b""), words)
                wait_until(lambda: not processes_with(word), "all are gone")
                self.assertEqual(os.listdir(self.temporary), [])
                self.assertEqual(self.traces(), before)
                self.assertEqual(self.manifest()["x"]["command"], ["true"])

    def test_our_own_death_ends_the_program(self):
        self.golden("record", "x", "--", "true")
        time_to_sleep = "1000.%d" % os.getpid()
        process = subprocess.Popen([RENACER, "golden", "verify", "x", "--", "sleep", time_to_sleep], cwd=self.folder,
                                   env=self.environment, stdin=subprocess.DEVNULL)
        wait_until(lambda: len(processes_with("sleep\0" + time_to_sleep)) >= 3, "it runs")
        process.kill()
        process.wait(TIMEOUT)
        wait_until(lambda: not processes_with(time_to_sleep), "the program has ended, and its tracer")

    def test_check_records_in_the_same_way(self):
        daemon = fixtures.payload("daemon")
        self.write("renacer.toml", "[[assertion]]\nname = 'n'\ntype = 'span_count'\nmax_spans = 10\n")
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGKILL):
            process = subprocess.Popen([RENACER, "check", "-c", "renacer.toml", "--", daemon, "stay"], cwd=self.folder,
                                       env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            wait_until(lambda: len(processes_with(daemon + "\0stay\0")) >= 2, "the daemon runs")
            time.sleep(0.2)
            process.send_signal(number)
            self.assertEqual(process.wait(TIMEOUT), -number)
            wait_until(lambda: not processes_with(daemon), "all are gone")

    def test_the_interrupt_key(self):
        self.golden("record", "x", "--", "true")
        terminal = Terminal(self, "verify", "x", "--", "sleep", "1000")
        terminal.expect(r"\[0/1\] x")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), -signal.SIGINT)
        self.assertEqual(os.listdir(self.temporary), [])


class List(GoldenTest):
    def test_list(self):
        self.record_cat("a", "b")
        os.unlink(self.path("golden/traces/b.json"))
        self.golden("record", "--mode", "counts", "c", "--", "sh", "-c", "echo 'a  b' \"\"; : *", "")
        self.assertEqual(self.golden("list"), "a                    recorded  exact     cat a.txt\n"
                                              "b                    no trace  exact     cat b.txt\n"
                                              "c                    recorded  counts    sh -c "
                                              "'echo '\\''a  b'\\'' \"\"; : *' ''\n")
        command = self.golden("list").splitlines()[-1].split(None, 3)[3]
        done = self.run_plain(["sh", "-c", command])
        self.assertEqual(done.stdout, b"a  b \n")
        self.golden("list", "--manifest", "none.toml", status=UNUSABLE, said="no manifest")

    def test_help(self):
        for words in (["--help"], ["-h"], ["record", "--help"], ["verify", "x", "-h"]):
            self.assertIn("Usage: renacer-sv golden record", self.golden(*words))

    def test_a_program_that_is_called_golden(self):
        os.symlink("/bin/true", self.path("golden"))
        done = self.run_plain([RENACER, "-o", self.path("t"), "--", "./golden"], cwd=self.folder)
        self.assertEqual(done.returncode, 0)
        self.assertIn('execve("./golden"', self.content("t"))


class Own(GoldenTest):
    """The golden traces of our own payloads."""

    def check(self, report):
        self.assertRegex(report.splitlines()[-1], r"^\d+ same(, \d+ equivalent)?$")
        self.assertEqual(report.count("\n"), len(self.names()) + 1)

    def names(self):
        with open(OWN, "rb") as file:
            return list(tomllib.load(file)["golden"])

    def test_they_are_the_same(self):
        self.assertGreaterEqual(len(self.names()), 8)
        self.check(self.golden("verify", "--manifest", OWN, cwd=BUILD))

    @needs_root
    def test_without_privileges(self):
        program, payloads = fixtures.installed()
        place = os.path.dirname(payloads)
        for name in ("", "/.."):
            if os.path.isdir(place + name + "/tests/payloads"):
                place += name
        here = self.path("here")
        os.makedirs(here + "/tests")
        os.symlink(payloads, here + "/tests/payloads")
        os.chmod(self.temporary, 0o777)
        done = self.run_plain([*fixtures.NOBODY, program, "golden", "verify", "--manifest", OWN], cwd=here,
                              env=self.environment)
        self.assertEqual((done.returncode, done.stderr), (GOOD, b""), done.stdout)
        self.check(done.stdout.decode())


if __name__ == "__main__":
    unittest.main(verbosity=2)
