#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What -e chooses: the same calls as strace's, of a program that makes every call there
is; and what is not chosen never stops."""

import re
import shutil
import unittest

from harness import RENACER, TIMEOUT, TraceTest, payload

CALL = re.compile(r"^(\w+)\(", re.M)
# A call that this strace does not know.
UNNAMED = re.compile(r"syscall_0x")
PLAIN_CLASSES = ["file", "desc", "memory", "process", "network", "signal", "ipc"]
CLASSES = [f"%{name}" for name in (*PLAIN_CLASSES, "net", "creds", "clock", "pure", "stat", "lstat", "fstat", "%stat", "statfs",
                                   "fstatfs", "%statfs")]
# Expressions that mean the same to both.
COMMON = [
    # Names, and names that are classes only with a percent sign.
    "all", "none", "read", "read,write,openat", "stat,lstat,fstat,statfs,fstatfs",
    # One '!' in front of the list is for all of it, and two are none.
    "!all", "!none", "!file", "!%file,close", "!%desc,%file,read", "!read,write", "!!read", "!!!read,%file",
    # POSIX and Perl agree on these. strace's have no slash at the end.
    "/open", "/^open", "/^open,close", "/^(open|close)$,%creds", "/^[a-m].*[0-9]$,/^get[ug]id", "!/^[^_]", "/", "/64$",
    "/statv?fs|fsstat|ustat", "/^(.*_)?statv?fs",
    # What need not exist.
    "?nosuch", "!?nosuch", "read,?nosuch,?/^nosuch", "?read,?%file", "!?read,?nosuch", "??read", "?%nosuch,write",
]
REFUSED = ["nosuch", "%nosuch", "/nosuch", "read,nosuch", "!nosuch", "nosuch=read", "", "!", "%", "file,%%file", "read,/(",
           "net", "clock"]
# "net" and "clock" are classes for us without '%' too, as "file" is.
OURS = {"net": "%net", "clock": "%clock"}


@unittest.skipUnless(shutil.which("strace"), "needs strace")
class LikeStrace(TraceTest):
    """Calls are compared one by one and in their order, the start of the program included."""
    maxDiff = None
    command = [payload("every_call")]

    def names(self, program, *options):
        done = self.run_plain([*program, "-o", self.path("trace"), *options, *self.command])
        self.assertEqual(done.returncode, 0, (options, done.stderr))
        return CALL.findall(self.content("trace"))

    def of_strace(self, *options):
        return [name for name in self.names(["strace", "-qq"], *options) if not UNNAMED.match(name)]

    def setUp(self):
        super().setUp()
        self.known = self.of_strace()

    def of_ours(self, engine, *options):
        return [name for name in self.names([RENACER, "--engine", engine], *options, "--") if name in self.known]

    def check(self, *options, expected=None, engine="ptrace"):
        expected = self.of_strace(*options) if expected is None else expected
        with self.subTest(" ".join((engine, *options))):
            self.assertEqual(self.of_ours(engine, *options), expected)
        return expected

    def test_all_calls_have_strace_names(self):
        self.check()
        self.assertGreater(len(set(self.known)), 350)

    def test_classes(self):
        chosen = {name: self.check("-e", f"trace={name}") for name in CLASSES}
        for name, calls in chosen.items():
            self.assertTrue(calls, name)
        for name in PLAIN_CLASSES:
            self.assertEqual(self.check("-e", f"trace={name}"), chosen[f"%{name}"])
        for name in ("net", "creds", "clock", "pure"):
            self.check("-e", f"trace={name}", expected=chosen[f"%{name}"])

    def test_classes_by_notify(self):
        # With execve: a thread's first event may not be the end of a call that a filter answered.
        for name in CLASSES:
            self.check("-e", f"trace={name},execve", engine="notify")

    def test_expressions(self):
        for expression in COMMON:
            self.check("-e", f"trace={expression}")

    def test_qualifiers(self):
        for options in (["-e", "file"], ["-e", "t=file"], ["-e", "trace=file"], ["--trace=file"], ["--trace", "%file"],
                        ["-e", "!file"], ["-e", "/^open"]):
            self.check(*options)

    def test_expr_is_long_for_e(self):
        self.check("--expr=file", expected=self.of_strace("-e", "file"))

    def test_of_several_the_last_counts(self):
        for options in (["-e", "file", "-e", "close"], ["-e", "trace=close", "--trace=%memory"], ["-e", "!file", "-e", "t=read"],
                        ["-e", "none", "-e", "!read"]):
            self.check(*options)

    def test_qualifiers_go_together(self):
        for options in (["-e", "trace=%creds", "-e", "status=failed"], ["-e", "status=failed", "-e", "signal=none", "-e", "/open"],
                        ["-e", "trace=%memory", "--status=successful", "--signal=none"], ["-e", "%memory", "-Z", "-e", "s=none"]):
            self.check(*options)

    def test_an_item_is_taken_out_as_in_renacer(self):
        of = {name: set(self.of_strace("-e", f"trace={name}")) for name in ("%file", "%desc", "/^open", "/openat")}
        everything = set(self.known)
        for expression, names in {
                "file,!close": of["%file"], "desc,!close": of["%desc"] - {"close"}, "%file,!%desc": of["%file"] - of["%desc"],
                "/^open.*/,!/openat/": of["/^open"] - of["/openat"], "all,!read": everything - {"read"},
                "all,!%file,openat": everything - of["%file"] | {"openat"}, "!%file,!close": everything - of["%file"] - {"close"},
                "/^(open|close){1,2}$/": {"open", "close"}, "/^(open|close){1,2}$/,!?nosuch,!/en$/": {"close"},
                "read,none,write": {"write"}}.items():
            self.check("-e", f"trace={expression}", expected=[name for name in self.known if name in names])

    def test_refused(self):
        for expression in REFUSED:
            with self.subTest(expression):
                done = self.run_plain(["strace", "-o", self.path("trace"), "-e", f"trace={expression}", "true"])
                self.assertNotEqual(done.returncode, 0)
                done = self.run_plain([RENACER, "-e", f"trace={expression}", "--", "true"])
                if expression in OURS:
                    self.assertEqual(done.returncode, 0, done.stderr)
                else:
                    self.assertEqual(done.returncode, 125)
                    self.assertRegex(done.stderr.decode(), r"\Arenacer-sv: .* in -e.*\n\Z")


class NeverStops(TraceTest):
    """The counters of a program that makes many calls, and of one that makes few."""
    rounds = (100, 20000)

    def counts(self, engine, call, expression, counter):
        values = []
        for rounds in self.rounds:
            done = self.run_plain([RENACER, "--profile-self", "--engine", engine, "-o", self.path("trace"), "-e", expression, "--",
                                   payload("loop"), call, str(rounds)])
            self.assertEqual(done.returncode, 0, done.stderr)
            counters = self.counters(done.stderr)
            self.assertEqual(counters["engine"], engine)
            values.append(counters[counter])
        return values

    def check_same(self, engine, call, expression, counter):
        with self.subTest(" ".join((engine, call, expression, counter))):
            few, many = self.counts(engine, call, expression, counter)
            # What else there is, such as the program's start, is not always the same: a timer of any process of
            # the machine that expires while the program runs is an event (signal:signal_generate) of the program's.
            self.assertLess(abs(many - few), (self.rounds[1] - self.rounds[0]) // 4)

    def check_more(self, engine, call, expression, counter):
        with self.subTest(" ".join((engine, call, expression, counter))):
            few, many = self.counts(engine, call, expression, counter)
            self.assertGreaterEqual(many - few, self.rounds[1] - self.rounds[0])

    def test_notify(self):
        for expression in ("trace=/^openat$/", "!/^(access|getppid)$/", "file,!/cc/", "/[^dps]$/,!?nosuch", "none"):
            for call in ("access", "getppid"):
                self.check_same("notify", call, expression, "notifications")
        self.check_more("notify", "access", "trace=/^acc.ss$/", "notifications")

    def test_notify_sees_nothing_of_them(self):
        """The tracepoints are filtered in the kernel, for a few calls and for many. They tell the number of a
        call and not the architecture: mount and iopl have on i386 those of access and getppid."""
        for expression in ("trace=/^openat$/", "!/^(access|getppid|mount|iopl)$/", "/[^dlpst]$/"):
            for call in ("access", "getppid"):
                self.check_same("notify", call, expression, "events")
        self.check_more("notify", "getppid", "trace=/^getp+id$/", "events")

    def test_ptrace(self):
        for expression in ("trace=/^openat$/", "!/^(access|getppid)$/", "file,!/cc/", "none"):
            for call in ("access", "getppid"):
                self.check_same("ptrace", call, expression, "stops")
        self.check_more("ptrace", "getppid", "trace=/^getp+id$/", "stops")


if __name__ == "__main__":
    unittest.main(verbosity=2)
