#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the doctor says is what a trace does: as root, as nobody, under filters that
refuse calls, and as nobody with the capabilities of the file."""

import json
import os
import re
import shutil
import subprocess
import unittest

from harness import RENACER, TraceTest, needs_32_bit, payload

NOBODY = 65534
# setpriv itself still may raise what root has: only what a program of nobody executes is as in life.
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--", "env"]
PROBES = ["seccomp_listener", "wait_killable_recv", "sync_wake_up", "pidfd_getfd", "process_vm_readv", "ptrace",
          "tracefs", "perf_tracepoints", "perf_rings", "io_uring", "proc"]
TRACING = "/sys/kernel/tracing"


class DoctorTest(TraceTest):
    def setUp(self):
        super().setUp()
        # Where nobody can execute it.
        self.program = self.path("renacer-sv")
        shutil.copy(RENACER, self.program)
        os.chmod(self.program, 0o755)
        os.mkdir(self.path("traces"))
        os.chmod(self.path("traces"), 0o777)

    def doctor(self, *before, status=0):
        """The report as an object, of a doctor behind these words."""
        done = self.run_plain([*before, self.program, "doctor", "--format", "json"])
        self.assertEqual((done.returncode, done.stderr), (status, b""), done.stdout)
        report = json.loads(done.stdout)
        self.assertEqual([probe["name"] for probe in report["probes"]], PROBES)
        return report

    def states(self, report):
        return {probe["name"]: probe["state"] for probe in report["probes"]}

    def trace_behind(self, *before, command=("/bin/true",), options=()):
        """Trace behind these words: the finished process and the document, None without one."""
        file = os.path.join(self.path("traces"), "t.json")
        if os.path.exists(file):
            os.unlink(file)
        done = self.run_plain([*before, self.program, "--format", "json", "-o", file, *options, "--", *command])
        if not os.path.exists(file) or not os.path.getsize(file):
            return done, None
        with open(file) as trace:
            return done, json.load(trace)

    def assert_agreed(self, report, *before):
        """The engine that the doctor names is the one of a trace."""
        done, document = self.trace_behind(*before)
        if report["engine"] is None:
            self.assertEqual(done.returncode, 125, done.stderr)
        else:
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(document["producer"]["engine"], report["engine"])


class Report(DoctorTest):
    def test_as_root(self):
        report = self.doctor()
        states = self.states(report)
        for name in set(PROBES) - {"sync_wake_up", "io_uring"}:  # kernels and settings differ in these
            self.assertEqual(states[name], "ok", report)
        self.assertEqual(report["engine"], "notify")
        self.assert_agreed(report)
        self.assertEqual(report["rings"]["bytes"], report["rings"]["bytes_wanted"])
        self.assertTrue(all(engine["works"] for engine in report["engines"]))

    def test_as_nobody(self):
        report = self.doctor(*AS_NOBODY)
        self.assert_agreed(report, *AS_NOBODY)
        states = self.states(report)
        for name in ("seccomp_listener", "pidfd_getfd", "process_vm_readv", "proc"):
            self.assertEqual(states[name], "ok", report)
        for probe in report["probes"]:
            self.assertEqual(probe["remedy"] is None, probe["state"] == "ok", probe)
        if states["tracefs"] == "missing":
            self.assertNotEqual(report["engine"], "notify")
            self.assertIn("notify: tracefs is missing", report["reason"])
            self.assertIn("setcap cap_perfmon,cap_dac_read_search=ep " + self.program,
                          next(probe["remedy"] for probe in report["probes"] if probe["name"] == "tracefs"))

    def test_text_says_what_json_says(self):
        for before in ([], AS_NOBODY):
            report = self.doctor(*before)
            done = self.run_plain([*before, self.program, "doctor"])
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            text = done.stdout.decode()
            for probe in report["probes"]:
                self.assertRegex(text, r"(?m)^%s +%s  " % (probe["name"], probe["state"]))
                if probe["remedy"]:
                    self.assertIn("  %s: %s\n" % (probe["name"], probe["remedy"]), text)
            self.assertIn("\nengine: %s (%s)\n" % (report["engine"], report["reason"]), text)
            self.assertEqual("what helps:" in text, any(probe["remedy"] for probe in report["probes"]))

    def test_members(self):
        report = self.doctor()
        self.assertEqual(list(report), ["format", "producer", "system", "probes", "rings", "engines", "engine", "reason"])
        self.assertEqual(report["format"], "renacer-doctor-v1")
        self.assertEqual(set(report["probes"][0]), {"name", "state", "error", "detail", "remedy"})
        with open(os.path.join(os.environ["MANUALS"], "renacer-sv.1")) as file:
            part = file.read().split(".Sh DOCTOR\n")[1].split("\n.Sh ")[0]
        described = {name for names in re.findall(r"^\.It Li (.+)$", part, re.M) for name in names.split(" , ")}
        self.assertEqual(described, {*report, *report["system"], *report["probes"][0], *report["rings"],
                                     *report["engines"][0], *report["producer"]})

    def test_usage(self):
        for words, status in [(["--help"], 0), (["-h"], 0), (["--format", "csv"], 125), (["--format"], 125),
                              (["--nonsense"], 125), (["who"], 125), (["--format=json"], 0), (["--format", "text"], 0)]:
            done = self.run_plain([RENACER, "doctor", *words])
            self.assertEqual(done.returncode, status, words)
            self.assertEqual(bool(done.stdout), status == 0, words)
            self.assertEqual(bool(done.stderr), status != 0, words)
        done = self.run_plain(["sh", "-c", '"$0" doctor >/dev/full', RENACER])
        self.assertEqual(done.returncode, 125)

    def test_a_program_of_that_name_can_be_traced(self):
        with open(self.path("doctor"), "w") as file:
            file.write("#!/bin/sh\nexit 7\n")
        os.chmod(self.path("doctor"), 0o755)
        environment = {**os.environ, "PATH": self.folder + ":" + os.environ["PATH"]}
        for words in (["--"], ["-c"], ["-f", "--"]):
            done = self.run_plain([RENACER, *words, "doctor"], env=environment)
            self.assertEqual(done.returncode, 7, done.stderr)

    def test_nothing_is_left_behind(self):
        script = '"$0" doctor >/dev/null; "$0" doctor >/dev/null; cat /proc/mounts; ps -o stat=,comm= --ppid $$'
        before = self.run_plain(["cat", "/proc/mounts"]).stdout
        done = self.run_plain(["sh", "-c", script, self.program])
        self.assertTrue(done.stdout.startswith(before))
        self.assertNotIn(b"renacer", done.stdout[len(before):])


class Refusals(DoctorTest):
    """Filters as containers and services have them: every way, doctor and trace agree."""

    def refusing(self, *words):
        # The leak checker of a sanitized build would trace itself.
        options = "ASAN_OPTIONS=%s:detect_leaks=0" % os.environ.get("ASAN_OPTIONS", "")
        return ["env", options, payload("refuse"), *words, "--"]

    def test_single_calls(self):
        for call in ("perf_event_open", "pidfd_getfd", "seccomp", "ptrace", "process_vm_readv", "io_uring_setup"):
            for answer in ("1", "38"):
                with self.subTest(call=call, answer=answer):
                    before = self.refusing(answer, call)
                    done = self.run_plain([*before, self.program, "doctor", "--format", "json"])
                    report = json.loads(done.stdout)
                    self.assertEqual(done.returncode, 0 if report["engine"] else 1)
                    self.assert_agreed(report, *before)

    def test_answered_with_death(self):
        before = self.refusing("kill", "perf_event_open", "io_uring_setup", "ptrace")
        report = self.doctor(*before)
        states = self.states(report)
        self.assertEqual([states[name] for name in ("perf_tracepoints", "io_uring", "ptrace")],
                         ["missing", "limited", "missing"])
        self.assertEqual(report["engine"], "notify-only")

    def test_no_engine_at_all(self):
        before = self.refusing("1", "seccomp", "ptrace")
        report = self.doctor(*before, status=1)
        self.assertIsNone(report["engine"])
        self.assert_agreed(report, *before)

    def test_the_filter_is_named(self):
        report = self.doctor(*self.refusing("1", "perf_event_open"))
        remedy = next(probe["remedy"] for probe in report["probes"] if probe["name"] == "perf_tracepoints")
        self.assertIn("docker run --cap-add PERFMON", remedy)
        self.assertTrue(report["system"]["seccomp_filter"])


def in_mounts(script):
    """Words that run what follows them in mounts of its own, which this script prepares."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-c", "set -e; %s; exec \"$@\"" % script, "sh"]


MOUNTED = in_mounts("mountpoint -q %s || mount -t tracefs tracefs %s" % (TRACING, TRACING))
NOT_MOUNTED = in_mounts("while umount %s 2>/dev/null; do :; done" % TRACING)


@unittest.skipUnless(shutil.which("setcap", path=os.environ["PATH"] + ":/usr/sbin"), "setcap is not there")
class FileCapabilities(DoctorTest):
    ENVIRONMENT = {"LD_LIBRARY_PATH": "/nowhere", "TMPDIR": "/var/tmp", "MALLOC_CHECK_": "0"}

    def give(self, capabilities):
        setcap = shutil.which("setcap", path=os.environ["PATH"] + ":/usr/sbin")
        subprocess.run([setcap, capabilities + "=ep", self.program], check=True)

    def essence(self, document):
        """What two runs of a program have in common."""
        own = ("brk", "mmap", "set_tid_address", "getpid", "getppid", "gettid", "fork", "vfork", "clone", "clone3", "wait4")
        return [(call["name"], call["result"] and call["name"] not in own and call["result"])
                for call in document["syscalls"]]

    def assert_as_root(self, *before):
        """The notify engine as nobody sees what root sees."""
        for command in ([payload("static_hello")], ["/bin/ls", "/usr"], [payload("vfork")]):
            plain, expected = self.trace_behind(command=command, options=["-u", "nobody", "-f"])
            done, document = self.trace_behind(*before, *AS_NOBODY, command=command, options=["-f"])
            self.assertEqual((done.returncode, done.stderr), (plain.returncode, plain.stderr))
            self.assertNotIn(b"renacer-sv:", done.stderr)
            self.assertEqual(document["producer"]["engine"], "notify")
            self.assertEqual(document["summary"]["lost"], 0)
            if "vfork" in command[0]:  # two processes, in either order
                self.assertEqual(sorted(map(str, self.essence(document))), sorted(map(str, self.essence(expected))))
            else:
                self.assertEqual(self.essence(document), self.essence(expected))

    def test_numbers_by_a_capability(self):
        self.give("cap_perfmon,cap_dac_read_search")
        report = self.doctor(*MOUNTED, *AS_NOBODY)
        self.assertEqual(set(self.states(report).values()) - {"limited"}, {"ok"}, report)
        self.assertEqual(report["engine"], "notify")
        self.assert_as_root(*MOUNTED)

    def test_numbers_by_a_group(self):
        self.give("cap_perfmon")
        options = subprocess.run([*MOUNTED, "findmnt", "-n", "-o", "OPTIONS", "-M", TRACING],
                                 capture_output=True, text=True, check=True).stdout
        gid = re.search(r"\bgid=(\d+)", options)
        mode = re.search(r"\bmode=(\d+)", options)
        # One file system, wherever it is mounted: it gets back what it had.
        self.addCleanup(subprocess.run, [*MOUNTED, "mount", "-o", "remount,gid=%s,mode=%s" % (
            gid.group(1) if gid else 0, mode.group(1) if mode else "0700"), TRACING], check=True)
        self.assertNotEqual(self.doctor(*MOUNTED, *AS_NOBODY)["engine"], "notify")
        subprocess.run([*MOUNTED, "mount", "-o", "remount,gid=%d,mode=0750" % NOBODY, TRACING], check=True)
        self.assertEqual(self.doctor(*MOUNTED, *AS_NOBODY)["engine"], "notify")
        self.assert_as_root(*MOUNTED)

    def test_without_tracefs_doctor_and_trace_agree(self):
        for capabilities in ("cap_perfmon", "cap_perfmon,cap_dac_read_search", "cap_dac_read_search"):
            self.give(capabilities)
            report = self.doctor(*NOT_MOUNTED, *AS_NOBODY)
            self.assertNotEqual(report["engine"], "notify")
            self.assert_agreed(report, *NOT_MOUNTED, *AS_NOBODY)
        self.give("cap_dac_read_search")
        self.assert_agreed(self.doctor(*MOUNTED, *AS_NOBODY), *MOUNTED, *AS_NOBODY)

    @needs_32_bit
    def test_few_calls(self):
        self.give("cap_perfmon,cap_dac_read_search")
        done, document = self.trace_behind(*MOUNTED, *AS_NOBODY, command=[payload("i386")], options=["-e", "trace=write,open"])
        self.assertEqual(done.stderr, b"")
        _, expected = self.trace_behind(command=[payload("i386")], options=["-e", "trace=write,open"])
        self.assertEqual(self.essence(document), self.essence(expected))

    def test_little_memory_may_be_locked(self):
        self.give("cap_perfmon,cap_dac_read_search")
        before = [*MOUNTED, "prlimit", "--memlock=65536:65536"]
        report = self.doctor(*before, *AS_NOBODY)
        with open("/proc/sys/kernel/perf_event_paranoid") as file:
            limited = int(file.read()) > -1
        if limited:
            self.assertEqual(self.states(report)["perf_rings"], "limited")
            self.assertLess(report["rings"]["bytes"], report["rings"]["bytes_wanted"])
        self.assert_as_root(*before)

    def test_the_program_gets_the_environment_and_no_capabilities(self):
        self.give("cap_perfmon,cap_dac_read_search,cap_ipc_lock,cap_sys_admin")
        words = ["env", *("%s=%s" % pair for pair in self.ENVIRONMENT.items())]
        done, document = self.trace_behind(*MOUNTED, *AS_NOBODY, *words, command=["/bin/sh", "-c", "env; cat /proc/self/status"])
        self.assertEqual(document["producer"]["engine"], "notify")
        lines = done.stdout.decode().splitlines()
        for pair in self.ENVIRONMENT.items():
            self.assertIn("%s=%s" % pair, lines)
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertIn(name + ":\t" + 16 * "0", lines)
        # Without it a setuid program would run under a filter of its user's choice.
        self.assertIn("NoNewPrivs:\t1", lines)

    def test_files_are_opened_with_the_users_rights(self):
        self.give("cap_perfmon,cap_dac_read_search")
        os.mkdir(self.path("closed"), 0o700)
        shutil.copy("/bin/true", self.path("closed/true"))
        with open(self.path("closed/trace"), "w") as file:
            os.chmod(file.name, 0o666)
        done = self.run_plain([*MOUNTED, *AS_NOBODY, self.program, "-o", self.path("closed/trace"), "true"])
        self.assertEqual(done.returncode, 125, done.stderr)
        self.assertIn(b"Permission denied", done.stderr)
        done = self.run_plain([*MOUNTED, *AS_NOBODY, self.program, self.path("closed/true")])
        self.assertEqual(done.returncode, 126, done.stderr)

    def test_a_program_that_must_not_be_read(self):
        self.give("cap_perfmon,cap_dac_read_search")
        shutil.copy("/bin/true", self.path("unreadable"))
        os.chmod(self.path("unreadable"), 0o711)
        done, document = self.trace_behind(*MOUNTED, *AS_NOBODY, command=[self.path("unreadable")])
        self.assertEqual(done.returncode, 0)
        self.assertEqual(document["producer"]["engine"], "notify")
        self.assertEqual(document["syscalls"][0]["name"], "execve")
        self.assertIn(b"1 programs were executed that must not be read, and only root may see", done.stderr)

    def test_nothing_is_kept_while_the_program_runs(self):
        self.give("cap_perfmon,cap_dac_read_search")
        script = 'for file in /proc/$PPID/task/*/status; do grep Cap.[rf] "$file"; done'
        done, _ = self.trace_behind(*MOUNTED, *AS_NOBODY, command=["/bin/sh", "-c", script])
        sets = [line.split() for line in done.stdout.decode().splitlines()]
        self.assertGreaterEqual(len(sets), 4)
        self.assertEqual({words[0] for words in sets}, {"CapPrm:", "CapEff:"})
        self.assertEqual({words[1] for words in sets}, {16 * "0"})

    def test_setuid_is_refused(self):
        os.chmod(self.program, 0o4755)
        for words in (["/bin/true"], ["doctor"], ["--help"]):
            done = self.run_plain([*AS_NOBODY, self.program, *words])
            self.assertEqual((done.returncode, done.stdout), (125, b""))
            self.assertIn(b"setuid", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
