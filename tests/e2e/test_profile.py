#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""renacer-sv profile: seccomp profiles that notify, for containers that are traced."""

import json
import os
import shlex
import unittest

from harness import RENACER, TraceTest

NOBODY = 65534
ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
KNOWN = {"defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata", "syscalls"}
# What runtimes themselves do not take.
RULE_MEMBERS = {"names", "action", "errnoRet", "args"}


def rule(names, action, *args, **more):
    return {"names": names.split(), "action": "SCMP_ACT_" + action, "args": list(args), **more}


def arg(index, op, value, two=0):
    return {"index": index, "op": "SCMP_CMP_" + op, "value": value, "valueTwo": two}


class ProfileTest(TraceTest):
    def run_profile(self, *options, base=None, **keywords):
        if base is not None:
            with open(self.path("base.json"), "w") as file:
                file.write(base if isinstance(base, str) else json.dumps(base))
            options = ("--base", self.path("base.json"), *options)
        return self.run_plain([RENACER, "profile", *options], **keywords)

    def profile(self, *options, base=None):
        """The profile, and what was said of it."""
        done = self.run_profile(*options, base=base)
        self.assertEqual(done.returncode, 0, done.stderr)
        profile = json.loads(done.stdout)
        self.assertLessEqual(set(profile), KNOWN)
        for item in profile["syscalls"]:
            self.assertLessEqual(set(item), RULE_MEMBERS)
            # crun refuses it with any other.
            self.assertLessEqual("errnoRet" in item, item["action"] in ("SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"))
        return profile, done.stderr.decode()

    def refused(self, *options, base=None, **keywords):
        done = self.run_profile(*options, base=base, **keywords)
        self.assertEqual((done.returncode, done.stdout), (125, b""))
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        return lines[0]

    def rules_of(self, profile, name):
        """[(action, conditions)] of a call, in their order; conditions as (index, op, value)."""
        return [(item["action"][9:], [(a["index"], a["op"][9:], a["value"]) for a in item.get("args", [])])
                for item in profile["syscalls"] if name in item["names"]]

    def unnotified(self, profile):
        words = [word for word in shlex.split(profile["listenerMetadata"]) if word.startswith("--unnotified=")]
        self.assertLessEqual(len(words), 1)
        return words[0].split("=")[1].split(",") if words else []


class WithoutBase(ProfileTest):
    def test_everything_is_allowed_and_notified_but_for_what_runc_calls(self):
        profile, said = self.profile()
        self.assertEqual((profile["defaultAction"], profile["architectures"]), ("SCMP_ACT_ALLOW", ARCHITECTURES))
        self.assertEqual(profile["listenerPath"], "/run/renacer-sv/agent.sock")
        self.assertNotIn("flags", profile)
        for name in ("pread64", "openat", "execve", "sigreturn", "exit", "_llseek", "waitpid", "clone3"):
            self.assertEqual(self.rules_of(profile, name), [("NOTIFY", [])], name)
        for name in ("write", "read", "futex", "rt_sigreturn", "exit_group"):
            self.assertEqual(self.rules_of(profile, name), [], name)
            self.assertIn(name, self.unnotified(profile))
        self.assertRegex(said, r"not notified, for runc itself makes them [^\n]*: read, write, close, ")
        self.assertIn("as rt_sigreturn is not notified, calls that a signal interrupts", said)
        names = [name for item in profile["syscalls"] for name in item["names"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(names), 400)

    def test_for_crun_alone_write_is_notified_and_no_call_interrupted(self):
        profile, said = self.profile("--runtime", "crun")
        for name in ("write", "read", "futex", "rt_sigreturn", "exit_group"):
            self.assertEqual(self.rules_of(profile, name), [("NOTIFY", [])], name)
        self.assertEqual(profile["flags"], ["SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"])
        self.assertNotIn("runc", said)
        profile, said = self.profile("--runtime=runc")
        self.assertEqual(self.rules_of(profile, "write"), [])
        self.assertNotIn("--runtime", said)

    def test_what_is_chosen_is_notified_and_what_tracing_needs(self):
        profile, said = self.profile("--runtime", "crun", "-e", "trace=openat,getpid")
        names = {name for item in profile["syscalls"] for name in item["names"] if not item.get("args")}
        self.assertLessEqual({"openat", "getpid", "execve", "execveat", "rt_sigreturn", "sigreturn", "seccomp"}, names)
        self.assertFalse({"read", "close", "getppid", "futex", "ioctl", "prctl"} & names)
        self.assertEqual(self.rules_of(profile, "ioctl"), [("NOTIFY", [(1, "MASKED_EQ", 0xffffffff)])])
        self.assertEqual(profile["listenerMetadata"], "-e trace=openat,getpid")
        self.assertEqual(said, "")

    def test_an_engine_that_sees_results_needs_few_stops(self):
        profile, said = self.profile("--engine", "notify", "-e", "trace=openat,getpid,read")
        self.assertEqual(self.rules_of(profile, "openat"), [("NOTIFY", [])])
        self.assertEqual(self.rules_of(profile, "getpid"), [])
        self.assertCountEqual(self.unnotified(profile), ["getpid", "read"])
        self.assertIn("not notified, for perf sees them: read, getpid", said)
        self.assertIn("32-bit", said)
        self.assertNotIn("--engine", profile["listenerMetadata"])
        # And all of them, whose names have to fit.
        profile, _ = self.profile("--engine", "notify")
        self.assertIn("getpid", self.unnotified(profile))
        self.assertLessEqual(len(profile["listenerMetadata"]), 4096)

    def test_options_of_tracing_are_for_the_agent(self):
        profile, _ = self.profile("-yy", "-P", "/a b/it's", "--string-limit=64", "-c", "--format", "csv", "-e", "trace=!write")
        words = shlex.split(profile["listenerMetadata"])
        self.assertEqual([word for word in words if not word.startswith("--unnotified")],
                         ["-y", "-y", "-P", "/a b/it's", "--string-limit", "64", "-c", "--format", "csv", "-e", "trace=!write"])
        self.assertNotIn("write", self.unnotified(profile))

    def test_the_socket_is_the_users(self):
        done = self.run_profile("--listen", "/tmp/ä.sock", "-q")
        self.assertEqual(json.loads(done.stdout)["listenerPath"], "/tmp/ä.sock")
        os.chmod(self.folder, 0o755)
        program = self.copy_for_nobody()
        command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", program, "profile", "-q"]
        done = self.run_plain(command, env={"XDG_RUNTIME_DIR": "/run/user/5"})
        self.assertEqual(json.loads(done.stdout)["listenerPath"], "/run/user/5/renacer-sv/agent.sock")
        done = self.run_plain(command, env={})
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"--listen SOCKET", done.stderr)

    def copy_for_nobody(self):
        program = self.path("renacer-sv")
        with open(RENACER, "rb") as source, open(program, "wb") as copy:
            copy.write(source.read())
        os.chmod(program, 0o755)
        return program


class WithBase(ProfileTest):
    DENYING = {
        "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
        "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
        "syscalls": [
            rule("read write execve openat personality2", "ALLOW"),
            rule("personality", "ALLOW", arg(0, "EQ", 0)), rule("personality", "ALLOW", arg(0, "EQ", 8)),
            rule("clone", "ALLOW", arg(0, "MASKED_EQ", 2114060288), excludes={"caps": ["CAP_SYS_ADMIN"]}),
            rule("clone mount", "ALLOW", includes={"caps": ["CAP_SYS_ADMIN"]}),
            rule("ptrace", "ALLOW", includes={"minKernel": "4.8"}),
            rule("uname", "LOG"), rule("kexec_load", "KILL_PROCESS"), rule("bpf", "ERRNO", errnoRet=1)]}

    def test_what_is_allowed_notifies_on_the_same_conditions(self):
        profile, said = self.profile(base=self.DENYING)
        self.assertEqual((profile["defaultAction"], profile["defaultErrnoRet"]), ("SCMP_ACT_ERRNO", 38))
        self.assertEqual(profile["architectures"], ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])
        self.assertEqual(self.rules_of(profile, "openat"), [("NOTIFY", [])])
        self.assertEqual(self.rules_of(profile, "write"), [("ALLOW", [])])
        self.assertEqual(self.rules_of(profile, "personality"), [("NOTIFY", [(0, "EQ", 0)]), ("NOTIFY", [(0, "EQ", 8)])])
        self.assertEqual(self.rules_of(profile, "clone"), [("NOTIFY", [(0, "MASKED_EQ", 2114060288)])])
        self.assertEqual(self.rules_of(profile, "ptrace"), [("NOTIFY", [])])
        self.assertEqual(self.rules_of(profile, "uname"), [("LOG", [])])
        self.assertEqual(self.rules_of(profile, "kexec_load"), [("KILL_PROCESS", [])])
        self.assertEqual([item["errnoRet"] for item in profile["syscalls"] if "bpf" in item["names"]], [1])
        for name in ("mount", "close", "rt_sigreturn"):
            self.assertEqual(self.rules_of(profile, name), [], name)
        # Too many are denied to name them.
        self.assertEqual({"write", "uname", "mount", "close"} & set(self.unnotified(profile)), {"write", "uname", "close"})
        self.assertIn("will not say which calls the base denies", said)
        few, _ = self.profile("-e", "trace=write,uname,mount,close,kexec_load,openat", base=self.DENYING)
        self.assertEqual(set(self.unnotified(few)), {"write", "uname", "mount", "close", "kexec_load"})
        self.assertIn("not notified, for the base has them logged: uname\n", said)
        self.assertRegex(said, "not notified, for the base denies them: .* more\n")
        self.assertRegex(said, "capabilities are those for a container with CAP_CHOWN, .*CAP_SYS_CHROOT; --cap says others\n")
        self.assertRegex(said, r"kernel are those for Linux \d+\.\d+, which runs here\n")

    def test_capabilities_are_those_of_the_container(self):
        profile, said = self.profile("--cap", "sys_admin", base=self.DENYING)
        self.assertEqual(self.rules_of(profile, "clone"), [("NOTIFY", [])])
        self.assertEqual(self.rules_of(profile, "mount"), [("NOTIFY", [])])
        self.assertIn("a container with CAP_SYS_ADMIN\n", said)
        _, said = self.profile("--cap", "none", base=self.DENYING)
        self.assertIn("a container with none\n", said)

    def test_of_conditional_denials_the_rest_notifies(self):
        base = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHITECTURES, "syscalls": [
            rule("keyctl", "ERRNO", errnoRet=13), rule("personality", "ERRNO", arg(0, "GE", 8)),
            rule("clone", "ERRNO", arg(0, "MASKED_EQ", 1 << 28, 1 << 28)),
            rule("mkdir", "ERRNO", arg(0, "EQ", 1), arg(1, "EQ", 1)), rule("socket", "ERRNO", arg(0, "EQ", 16))]}
        profile, said = self.profile(base=base)
        self.assertEqual(self.rules_of(profile, "keyctl"), [("ERRNO", [])])
        self.assertEqual(self.rules_of(profile, "personality"), [("ERRNO", [(0, "GE", 8)]), ("NOTIFY", [(0, "LT", 8)])])
        clones = [item["args"] for item in profile["syscalls"] if "clone" in item["names"]]
        self.assertEqual([(args[0]["value"], args[0]["valueTwo"]) for args in clones], [(1 << 28, 1 << 28), (1 << 28, 0)])
        self.assertEqual(self.rules_of(profile, "mkdir"), [("ERRNO", [(0, "EQ", 1), (1, "EQ", 1)])])
        self.assertEqual(self.rules_of(profile, "socket"), [("ERRNO", [(0, "EQ", 16)])])
        self.assertEqual(self.rules_of(profile, "pread64"), [("NOTIFY", [])])
        self.assertIn("mkdir", said.split("on conditions")[1].splitlines()[0])
        self.assertLessEqual({"keyctl", "mkdir", "socket"}, set(self.unnotified(profile)))

    def test_numbers_are_exact(self):
        base = {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
            rule("execve", "ALLOW"), rule("lseek", "ALLOW", arg(1, "MASKED_EQ", 2**64 - 1, 2**53 + 1))]}
        done = self.run_profile(base=base)
        self.assertIn(b"18446744073709551615", done.stdout)
        self.assertIn(b"9007199254740993", done.stdout)

    def test_flags_stay_but_for_one(self):
        base = {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG"]}
        profile, said = self.profile(base=base)
        self.assertEqual(profile["flags"], ["SECCOMP_FILTER_FLAG_LOG"])
        self.assertNotIn("architectures", profile)
        self.assertIn("SECCOMP_FILTER_FLAG_TSYNC is left out", said)
        self.assertIn("the base has flags, which runc takes from version 1.2 on", said)

    def test_quiet_is_quiet(self):
        loud, said = self.profile(base=self.DENYING)
        quiet, nothing = self.profile("-q", base=self.DENYING)
        self.assertTrue(said)
        self.assertEqual((quiet, nothing), (loud, ""))

    def test_the_base_may_come_from_a_pipe(self):
        done = self.run_plain(["sh", "-c", 'echo "$1" | "$0" profile -q --base /dev/stdin', RENACER, json.dumps(self.DENYING)])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), self.profile("-q", base=self.DENYING)[0])


class Mistakes(ProfileTest):
    def test_bases_that_cannot_be_used(self):
        allowing = {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHITECTURES}
        contradiction = [rule("socket", "ERRNO", arg(0, "EQ", 16), arg(2, "EQ", 9)), rule("socket", "LOG", arg(0, "NE", 16))]
        for base, problem in (
                ("", "base.json': it is not JSON"), ("{}", "'defaultAction' is missing"),
                ({**allowing, "listenerPath": "/x"}, "a container has one listener"),
                ({**allowing, "syscalls": [rule("read", "NOTIFY")]}, "syscalls[0]: the profile notifies an agent of its own"),
                ({**allowing, "syscalls": [rule("read", "ERNO")]}, "did you mean 'SCMP_ACT_ERRNO'?"),
                ({**allowing, "syscalls": [rule("read", "ERRNO", arg(0, "GTE", 1))]}, "did you mean 'SCMP_CMP_G"),
                ({**allowing, "syscalls": [rule("execve", "LOG")]}, "let the profile allow it"),
                ({"defaultAction": "SCMP_ACT_KILL"}, "without its notification no container is traced"),
                ({**allowing, "syscalls": contradiction}, "a rule for socket, which contradicts another one"),
                ({**allowing, "architectures": ["SCMP_ARCH_PDP11"]}, "'SCMP_ARCH_PDP11', which it does not know"),
                (" " * ((1 << 20) + 1), "is no profile: it has more than 1048576 bytes")):
            with self.subTest(problem=problem):
                self.assertIn(problem, self.refused(base=base))
        self.assertIn("cannot read profile '/missing': No such file", self.refused("--base", "/missing"))
        self.assertIn("cannot read profile '/': Is a directory", self.refused("--base", "/"))
        self.assertIn("more than 1048576 bytes", self.refused("--base", "/dev/zero"))

    def test_options_that_are_wrong(self):
        for options, problem in (
                (["--bas", "x", "--runtme", "crun"], "unknown option '--runtme'; did you mean '--runtime'?"),
                (["--runtime", "crum"], "did you mean 'crun'?"), (["--base"], "option '--base' needs an argument"),
                (["--listen", "agent.sock"], "--listen wants the whole path of a socket"),
                (["--listen", "/" + "x" * 108], "at most 107 bytes"), (["--listen", "/\udcff"], "it is not in UTF-8"),
                (["--cap", "CAP_KILL"], "use it with --base"), (["--cap", "SYS_ADMINN"], "did you mean 'CAP_SYS_ADMIN'?"),
                (["-e", "trace=opennat"], "did you mean 'openat'?"), (["--engine", "ptrace"], "engine ptrace has no use for a profile"),
                (["-o", "x"], "--output: the profile goes to standard output"), (["-p", "1"], "--attach: containers are started"),
                (["--golden"], "--golden: "), (["--lossless"], "--lossless: "), (["--decode", "full"], "--decode: "),
                (["--redact-file", "/etc/passwd"], "--redact-file: only the agent's command line"),
                (["-P", "a\nb"], "UTF-8 without control characters"), (["/bin/true"], "takes options alone, not '/bin/true'")):
            with self.subTest(options=options):
                self.assertIn(problem, self.refused(*options))

    def test_too_much_for_the_metadata_is_refused(self):
        paths = [word for i in range(60) for word in ("-P", "/%060d" % i)]
        self.assertIn("do not fit into listenerMetadata", self.refused(*paths, "-P", "/" + "x" * 400))

    def test_a_profile_that_cannot_be_written_is_none(self):
        done = self.run_plain(["sh", "-c", '"$0" profile -q > /dev/full', RENACER])
        self.assertEqual(done.returncode, 125)
        self.assertIn(b"cannot write the profile", done.stderr)


if __name__ == "__main__":
    unittest.main()
