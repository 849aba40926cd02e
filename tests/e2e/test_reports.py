#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reports for CI systems, read by readers that are not ours: xmllint and Python for
JUnit, with Jenkins' schema (junit-10.xsd) and a narrower one of ours, jq for JSON."""

import json
import os
import re
import stat
import subprocess
import unittest
import xml.etree.ElementTree

from comparing import DIFFERENT, EQUIVALENT, UNUSABLE, CompareTest, data, run_compare
from harness import RENACER, TIMEOUT

PYTHON, RUST = data("pair_python.json"), data("pair_rust.json")
FORMATS = ("text", "json", "junit", "github")
HOSTILE = "\x01\x1b[31m\r\n]]><![CDATA[&amp;\"'%41,:::error::\u202e\ufffe\u00e9"
# What must not get through: control characters, what changes the direction, what XML forbids.
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def write_call(text):
    return {"name": "write", "args": ["1", text, str(len(text))], "result": len(text)}


def github_value(text, is_property):
    """Undo the escapes of a workflow command, as GitHub documents them: %25 comes last."""
    escapes = [("%0D", "\r"), ("%0A", "\n")] + [("%3A", ":"), ("%2C", ",")] * is_property + [("%25", "%")]
    for escaped, character in escapes:
        text = text.replace(escaped, character)
    return text


def github_commands(text):
    """Workflow commands, a line each: ::NAME PROPERTY=VALUE,PROPERTY=VALUE::MESSAGE. A list of name, properties,
    message."""
    commands = []
    if not text.endswith("\n"):
        raise ValueError("the last line does not end")
    for line in text[:-1].split("\n"):
        head, marker, message = line[2:].partition("::")
        if not line.startswith("::") or not marker:
            raise ValueError(f"no command: {line!r}")
        name, _, rest = head.partition(" ")
        properties = {}
        for pair in rest.split(",") if rest else []:
            key, equals, value = pair.partition("=")
            if not equals or key in properties:
                raise ValueError(f"no property: {pair!r} in {line!r}")
            if re.search("[:\r]|%(?!25|0D|0A|3A|2C)", value):
                raise ValueError(f"not escaped: {value!r}")
            properties[key] = github_value(value, True)
        if re.search("\r|%(?!25|0D|0A)", message):
            raise ValueError(f"not escaped: {message!r}")
        commands.append((name, properties, github_value(message, False)))
    return commands


class ReportTest(CompareTest):
    def junit(self, document):
        """A report that xmllint takes: the suites, with what their counts have to say being right."""
        for schema in (data("junit-10.xsd"), data("junit.xsd")):
            done = self.run_plain(["xmllint", "--noout", "--schema", schema, "-"], stdin=None, input=document)
            self.assertEqual(done.returncode, 0, done.stderr.decode() + document.decode()[:2000])
        root = xml.etree.ElementTree.fromstring(document)
        suites = list(root)
        for element, tests in [(root, list(root.iter("testcase")))] + [(suite, list(suite)) for suite in suites]:
            self.assertEqual(int(element.get("tests")), len(tests))
            for counter, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                if counter != "skipped" or element is not root:
                    self.assertEqual(int(element.get(counter)), sum(test.find(outcome) is not None for test in tests))
        for element in root.iter():
            for text in [element.text or "", *element.attrib.values()]:
                self.assertNotRegex(text, FORBIDDEN)
        return suites

    def jq(self, program, document):
        done = self.run_plain(["jq", "-er", program], stdin=None, input=document)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().splitlines()

    def report(self, form, golden, new, *options, status):
        done = run_compare(golden, new, "--format", form, *options)
        self.assertEqual((done.returncode, done.stderr), (status, b""))
        return done.stdout

    def document(self, name, calls):
        return self.write(name, {"version": "0.6.2", "format": "renacer-json-v1", "syscalls": calls,
                                 "summary": {"total_syscalls": len(calls), "exit_code": 0}})

    def names(self, name, count):
        """A trace that removes so many files."""
        return self.document(name, [{"name": "unlink", "args": [f"{name}-{i}"], "result": 0} for i in range(count)])


class Grammar(unittest.TestCase):
    def test_what_the_reader_of_commands_rejects(self):
        self.assertEqual(github_commands("::error file=a%2Cb,line=1::x%250A%0Ay: ::\n"),
                         [("error", {"file": "a,b", "line": "1"}, "x%0A\ny: ::")])
        self.assertEqual(github_commands("::notice::\n"), [("notice", {}, "")])
        for line in ("", "error::x\n", "::error title=a:b::x\n", "::error title::x\n", "::error a=1,a=2::x\n",
                     "::error title=%41::x\n", "::error::100%\n", "::error::x", "x\n::error::x\n", "::error::a\nb\n"):
            with self.assertRaises(ValueError, msg=line):
                github_commands(line)


class Junit(ReportTest):
    def test_equivalent(self):
        suite, = self.junit(self.report("junit", PYTHON, RUST, status=EQUIVALENT))
        test, = suite
        self.assertEqual((suite.get("name"), test.get("name")), (f"compare {PYTHON} {RUST}", "semantic"))
        self.assertEqual([element.tag for element in test], ["system-out"])
        self.assertIn("equivalent (semantic): 2 observations agree; confidence 0.75", test[0].text)
        self.assertNotIn(".", test.get("classname"))

    def test_different_in_all_modes(self):
        for mode in ("semantic", "exact", "counts"):
            golden = self.document("golden", [write_call("a"), write_call("b")])
            new = self.document("new", [write_call("c")])
            suite, = self.junit(self.report("junit", golden, new, "--mode", mode, status=DIFFERENT))
            failure = suite[0].find("failure")
            text = self.report("text", golden, new, "--mode", mode, status=DIFFERENT).decode()
            verdict, rest = text.split("\n\n", 1)
            self.assertEqual((suite[0].get("name"), failure.get("message")), (mode, verdict))
            self.assertEqual(failure.text, f"{golden}: {verdict}\n" + rest[:rest.index("\ncost")])

    def test_a_long_report_is_cut(self):
        calls = [{"name": f"call_{i}_" + "x" * 1000, "args": [], "result": 0} for i in range(300)]
        golden, new = self.document("golden", calls), self.document("new", [])
        suite, = self.junit(self.report("junit", golden, new, "--mode", "counts", status=DIFFERENT))
        text = suite[0].find("failure").text
        self.assertTrue(60 << 10 < len(text.encode()) < 66 << 10, len(text))
        last = text.splitlines()[-1]
        more = re.fullmatch(r"\.\.\. ([0-9]+) bytes more, see the report as text", last)
        whole = self.report("text", golden, new, "--mode", "counts", status=DIFFERENT).decode()
        whole = whole[whole.index("--- golden"):whole.index("\ncost")]
        shown = text[text.index("--- golden"):-len(last) - 1]
        self.assertTrue(whole.startswith(shown) and shown.endswith("\n"))
        self.assertEqual(len(shown.encode()) + int(more[1]), len(whole.encode()))

    def test_one_long_line_is_cut_in_a_character(self):
        golden = self.document("golden", [{"name": "é" * 100000, "args": [], "result": 0}])
        suite, = self.junit(self.report("junit", golden, self.document("new", []), "--mode", "counts",
                                        status=DIFFERENT))
        self.assertRegex(suite[0].find("failure").text, r"é\n\.\.\. [0-9]+ bytes more, see the report as text\n\Z")

    def test_standard_input_is_no_file(self):
        with open(PYTHON, "rb") as file:
            done = run_compare("-", RUST, "--format", "junit", stdin=file)
        suite, = self.junit(done.stdout)
        self.assertTrue(suite[0][0].text.startswith("equivalent"))


class Github(ReportTest):
    def commands(self, golden, new, *options, status):
        return github_commands(self.report("github", golden, new, *options, status=status).decode())

    def test_equivalent(self):
        self.assertEqual(self.commands(PYTHON, RUST, status=EQUIVALENT),
                         [("notice", {"title": f"compare {PYTHON} {RUST}"},
                           "equivalent (semantic): 2 observations agree; confidence 0.75")])

    def test_an_annotation_for_each_difference(self):
        golden = self.document("golden", [write_call("hello\n"), {"name": "unlink", "args": ["gone"], "result": 0}])
        new = self.document("new", [write_call("hallo\n"), {"name": "unlink", "args": ["new"], "result": 0}])
        report = self.compare(golden, new)
        *errors, notice = self.commands(golden, new, status=DIFFERENT)
        self.assertEqual(len(errors), len(report["differences"]))
        for (name, properties, message), difference in zip(errors, report["differences"]):
            has_golden = difference["golden_line"] is not None
            line = difference["golden_line"] if has_golden else difference["new_line"]
            self.assertEqual((name, properties), ("error", {"file": golden if has_golden else new, "line": str(line),
                                                            "title": difference["subject"]}))
            for side in ("golden", "new"):
                self.assertIn(difference[side] or "", message)
        self.assertEqual([properties["file"] for _, properties, _ in errors], [golden, golden, new])
        self.assertEqual(notice[:2], ("notice", {"title": f"compare {golden} {new}"}))
        self.assertRegex(notice[2], r"^different \(semantic\): 3 observations differ, 1 agrees")

    def test_the_lines_are_those_of_the_traces(self):
        golden = self.record(["/bin/cat"], "--golden", output="golden.json", stdin=None, input=b"one\n")
        new = self.record(["/bin/cat"], "--golden", output="new.json", stdin=None, input=b"two\n")
        for mode in ("semantic", "exact"):
            error, _ = self.commands(golden, new, "--mode", mode, status=DIFFERENT)
            with open(error[1]["file"]) as file:
                line = file.read().splitlines()[int(error[1]["line"]) - 1]
            self.assertEqual(json.loads(line.strip().rstrip(","))["name"], "write", line)

    def test_ten_are_shown(self):
        new = self.names("new", 0)
        for count in (9, 10, 11, 12, 200, 250):
            golden = self.names("golden", count)
            *errors, _ = self.commands(golden, new, status=DIFFERENT)
            self.assertEqual(len(errors), min(count, 10))
            if count <= 10:
                self.assertNotIn("more differences", errors[-1][2])
            else:
                self.assertEqual(errors[-1], ("error", {"file": golden, "title": "more differences"},
                                              f"there are {count - 9} more differences"))

    def test_long_ones_are_cut(self):
        golden = self.document("golden", [{"name": f"call_{i}", "args": [], "result": 0} for i in range(300)])
        error, _ = self.commands(golden, self.document("new", []), "--mode", "exact", status=DIFFERENT)
        self.assertLessEqual(len(error[2].splitlines()), 17)
        self.assertRegex(error[2], r"\n\.\.\. [0-9]+ more lines\Z")

    def test_standard_input_is_no_file(self):
        golden = self.document("golden", [write_call("a")])
        with open(golden, "rb") as file:
            done = run_compare("-", self.document("new", [write_call("b")]), "--format", "github", stdin=file)
        self.assertEqual(list(github_commands(done.stdout.decode())[0][1]), ["title"])


class Json(ReportTest):
    def test_groups(self):
        golden = self.document("golden", [write_call("a"), {"name": "unlink", "args": ["gone"], "result": 0}])
        new = self.document("new", [write_call("b")])
        document = self.report("json", golden, new, status=DIFFERENT)
        self.assertEqual(self.jq(".differences[].group", document), ["output", "files"])
        self.assertEqual(self.jq(".divergent_by_group | to_entries[] | \"\\(.key) \\(.value)\"", document),
                         ["output 1", "writes 0", "files 1", "other 0"])
        self.assertEqual(self.jq("(.divergent_by_group | add) == .divergent", document), ["true"])
        for mode in ("exact", "counts"):
            document = self.report("json", golden, new, "--mode", mode, status=DIFFERENT)
            self.assertEqual(self.jq(".divergent_by_group == null and all(.differences[]; .group == null)", document),
                             ["true"])


class Hostile(ReportTest):
    """Names of files, calls and paths that try to get out of the report."""

    def test_in_traces_and_their_names(self):
        calls = [{"name": HOSTILE, "args": [HOSTILE], "result": 1}, {"name": "unlink", "args": [HOSTILE], "result": 0},
                 write_call(HOSTILE)]
        golden = self.document("golden\n::error::%41,]]>&\x1b.json", calls)
        new = self.document(b"new\xff\xfe:,.json".decode(errors="surrogateescape"), [write_call("x")])
        for mode in ("semantic", "exact", "counts"):
            suite, = self.junit(self.report("junit", golden, new, "--mode", mode, status=DIFFERENT))
            self.assertIn("\\n::error::%41,]]>&\\033.json", suite.get("name"))
            self.assertIn("new\\377\\376:,.json", suite.get("name"))
            text = self.report("github", golden, new, "--mode", mode, status=DIFFERENT).decode()
            self.assertNotRegex(text, FORBIDDEN)
            *errors, notice = github_commands(text)
            self.assertEqual({name for name, _, _ in errors}, {"error"})
            self.assertEqual(notice[1]["title"], suite.get("name"))
            self.jq(".verdict", self.report("json", golden, new, "--mode", mode, status=DIFFERENT))


class Files(ReportTest):
    def setUp(self):
        super().setUp()
        self.golden = self.document("golden", [write_call("a")])
        self.new = self.document("new", [write_call("b")])
        self.file = self.path("report")

    def assert_refused(self, done, reason):
        self.assertEqual((done.returncode, done.stdout), (UNUSABLE, b""))
        self.assertRegex(done.stderr.decode(), rf"\Arenacer-sv: .*{reason}.*\n\Z")

    def test_the_report_goes_to_the_file(self):
        for form in FORMATS:
            for option in (["-o", self.file], [f"-o{self.file}"], ["--output", self.file], [f"--output={self.file}"]):
                expected = self.report(form, self.golden, self.new, status=DIFFERENT)
                self.assertEqual(self.report(form, self.golden, self.new, *option, status=DIFFERENT), b"")
                with open(self.file, "rb") as file:
                    self.assertEqual(file.read(), expected)
                self.assertEqual(sorted(os.listdir(self.folder)), ["golden", "new", "report"])
                os.remove(self.file)

    def test_standard_output_by_name(self):
        for name in ("-", "/dev/stdout"):
            self.assertEqual(self.report("json", self.golden, self.new, "-o", name, status=DIFFERENT),
                             self.report("json", self.golden, self.new, status=DIFFERENT))

    def test_no_colours_in_a_file(self):
        self.report("text", self.golden, self.new, "--color", "always", "-o", self.file, status=DIFFERENT)
        self.assertNotIn("\033", self.content("report"))
        self.assertIn(b"\033", self.report("text", self.golden, self.new, "--color", "always", status=DIFFERENT))

    def test_what_was_there_is_replaced(self):
        self.write("report", "old")
        os.chmod(self.file, 0o604)
        self.report("json", self.golden, self.new, "-o", self.file, status=DIFFERENT)
        json.loads(self.content("report"))
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o604)

    def test_errors_leave_it(self):
        self.write("report", "old")
        done = run_compare(self.golden, self.path("none"), "-o", self.file)
        self.assert_refused(done, "none")
        self.assertEqual(self.content("report"), "old")
        # Files may not grow beyond 16 bytes, which a full disk looks like as well.
        limited = ["prlimit", "--fsize=16", "--", RENACER, "compare", "-o", self.file, self.golden, self.new]
        for form in FORMATS:
            done = self.run_plain([*limited, "--format", form], preexec_fn=ignore_file_size)
            self.assert_refused(done, "report cannot be written to .*report: File too large")
            self.assertEqual(self.content("report"), "old")
            self.assertEqual(sorted(os.listdir(self.folder)), ["golden", "new", "report"])

    def test_a_full_disk(self):
        for form in FORMATS:
            done = run_compare(self.golden, self.new, "--format", form, "-o", "/dev/full")
            self.assert_refused(done, "report cannot be written to /dev/full: No space left on device")
            with open("/dev/full", "wb") as full:
                done = subprocess.run([RENACER, "compare", "--format", form, self.golden, self.new], stdout=full,
                                      stderr=subprocess.PIPE, timeout=TIMEOUT)
            self.assertEqual((done.returncode, done.stderr),
                             (UNUSABLE, b"renacer-sv: the report cannot be written: No space left on device\n"))
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))

    def test_a_long_report_on_a_full_disk(self):
        for form in FORMATS:
            done = run_compare(PYTHON, RUST, "--mode", "exact", "--format", form, "-o", "/dev/full")
            self.assert_refused(done, "report cannot be written to /dev/full: No space left on device")

    def test_where_no_file_can_be(self):
        for path, reason in ((self.folder, "Is a directory"), (self.path("none/report"), "No such file or directory"),
                             (os.path.join(self.golden, "report"), "Not a directory"), ("", "No such file")):
            self.assert_refused(run_compare(self.golden, self.new, "-o", path), reason)

    def test_the_traces_are_not_overwritten(self):
        os.symlink("new", self.path("link"))
        before = self.content("golden"), self.content("new")
        for path in (self.golden, self.new, self.path("link")):
            self.assert_refused(run_compare(self.golden, self.new, "-o", path), "is one of the files")
        self.assertEqual((self.content("golden"), self.content("new")), before)

    def test_options_that_do_not_go_together(self):
        self.assert_refused(run_compare(self.golden, self.new, "-q", "-o", self.file), "--quiet")
        self.assert_refused(run_compare(self.golden, self.new, "--format", "xml"),
                            "takes text, json, junit or github, not 'xml'")
        self.assert_refused(run_compare(self.golden, self.new, "--format", "junti"), "did you mean 'junit'")


def ignore_file_size():
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


class Check(ReportTest):
    """Reports of `check`, of a trace that keeps, violates, cannot tell and has nothing to do with a budget."""

    BUDGETS = ('[[budget]]\nname = "kept"\ncalls = "write"\nmax_count = 9\n'
               '[[budget]]\nname = "too, many: 100%\\n]]>"\ncalls = "write"\nmax_count = 2\n'
               '[[budget]]\nname = "warning"\nmax_count = 2\nfail_on_violation = false\n'
               '[[assertion]]\nname = "time"\ntype = "critical_path"\nmax_duration_ms = 1\n'
               '[[budget]]\nname = "disabled"\nmax_count = 2\nenabled = false\n')

    def check(self, form):
        trace = self.document("t.json", [write_call("x")] * 3)
        budgets = self.write("renacer.toml", self.BUDGETS)
        done = self.run_plain([RENACER, "check", "-c", budgets, "--format", form, trace])
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        return budgets, trace, done.stdout

    def test_junit(self):
        budgets, trace, report = self.check("junit")
        suite, = self.junit(report)
        self.assertEqual(suite.get("name"), f"{budgets} on {trace}")
        outcomes = [[element.tag for element in test] for test in suite]
        self.assertEqual(outcomes, [["system-out"], ["failure"], ["system-out"], ["error"], ["skipped"]])
        failure = suite[1].find("failure")
        self.assertEqual(failure.get("message"), "3 calls, 2 allowed")
        self.assertIn("write: 3 calls", failure.text)
        self.assertIn(f"{budgets}:8:", failure.text)

    def test_github(self):
        budgets, _, report = self.check("github")
        commands = github_commands(report.decode())
        self.assertEqual([(name, properties.get("line")) for name, properties, _ in commands],
                         [("error", "8"), ("warning", "11"), ("error", "16"), ("notice", None)])
        for name, properties, message in commands[:2]:
            self.assertEqual(properties["file"], budgets)
            self.assertIn("3 calls, 2 allowed", message)
            self.assertIn("write: 3 calls", message)

    def test_json(self):
        _, _, report = self.check("json")
        self.assertEqual(self.jq(".verdict, (.checks[0].results[] | .status)", report),
                         ["violated", "kept", "violated", "warning", "unmeasured", "skipped"])
        self.assertEqual(self.jq('.checks[0].results[1].spent_by[0] | "\(.what) \(.calls)"', report), ["write 3"])


class Golden(ReportTest):
    """Reports of `golden verify`, of a program that does the same, one that does not, and one that is gone."""

    def verify(self, form):
        for name in ("same", "other", "gone"):
            script = self.write(name, "#!/bin/sh\necho %s\n" % name)
            os.chmod(script, 0o755)
            done = self.run_plain([RENACER, "golden", "record", "--mode", "semantic", name, "--", "./" + name], cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.write("other", "#!/bin/sh\necho another\n")
        os.unlink(self.path("gone"))
        done = self.run_plain([RENACER, "golden", "verify", "--format", form], cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (2, b""))
        return done.stdout

    def test_junit(self):
        suite, = self.junit(self.verify("junit"))
        self.assertEqual([test.get("name") for test in suite], ["same", "other", "gone"])
        self.assertIsNone(suite[0].find("failure"))
        self.assertIn("another", suite[1].find("failure").text)
        self.assertIn("gone", suite[2].find("error").get("message"))
        for test in suite:
            self.assertGreater(float(test.get("time")), 0 if test.get("name") != "gone" else -1)

    def test_github(self):
        commands = github_commands(self.verify("github").decode())
        self.assertEqual([name for name, _, _ in commands], ["error", "error", "notice"])
        self.assertIn("golden/traces/other.json", commands[0][1]["file"])

    def test_json(self):
        self.assertEqual(self.jq(".goldens[] | .verdict", self.verify("json")), ["same", "different", "error"])


if __name__ == "__main__":
    unittest.main()
