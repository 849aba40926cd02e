#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What users read and install: manual pages, help and completions say the same
as the program does, and `meson install` puts them in place."""

import json
import os
import re
import shlex
import shutil
import subprocess
import time
import unittest

from harness import RENACER, TraceTest, payload

MANUALS = os.environ["MANUALS"]
BUILD = os.environ["BUILD"]
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"


def page(name):
    with open(os.path.join(MANUALS, name)) as file:
        return file.read()


def options_of_help():
    """(letter or "", name, argument or "") of each option in --help."""
    text = subprocess.run([RENACER, "--help"], capture_output=True, text=True, check=True).stdout
    return {match.groups("") for match in re.finditer(r"^ +(?:-(\w), )?--([\w-]+)(?: (\S+))?(?:  |$)", text, re.M)}


def options_of_manual():
    """The same of renacer-sv(1): .It Fl o Ar FILE , Fl -output Ar FILE"""
    options = set()
    for item in re.findall(r"^\.It (Fl .*)$", page("renacer-sv.1"), re.M):
        parts = [re.fullmatch(r"Fl (-?)(\S+)(?: (?:Ar|Cm) (\S+))?", part).groups("") for part in item.split(" , ")]
        letters = [name for dash, name, _ in parts if not dash]
        names = [name for dash, name, _ in parts if dash]
        arguments = {argument for _, _, argument in parts}
        assert len(names) == 1 and len(letters) <= 1 and len(arguments) == 1, item
        options.add((letters[0] if letters else "", names[0], arguments.pop()))
    return options


def spellings(options):
    return {"--" + name for _, name, _ in options} | {"-" + letter for letter, _, _ in options if letter}


class Options(TraceTest):
    def test_the_manual_has_the_options_of_the_help(self):
        self.assertGreater(len(options_of_help()), 20)
        self.assertEqual(options_of_manual(), options_of_help())

    def test_the_manual_names_no_option_that_does_not_exist(self):
        # strace's options are named for comparison.
        foreign = {"-w", "-p", "-tt", "-ttt", "-yy", "-xx", "-ff"}
        text = page("renacer-sv.1")
        named = {"-" + name for name in re.findall(r"\bFl (-?[\w-]+)", text)} - {"--"}
        self.assertEqual(named - foreign - spellings(options_of_help()), set())

    def test_commands_in_the_examples_are_accepted(self):
        examples = re.findall(r'^\.Dl "?(renacer-sv [^|\n"]*)', page("renacer-sv.1") + page("renacer-json-v1.5"), re.M)
        self.assertGreater(len(examples), 5)
        for example in examples:
            words = example.replace("2>/dev/null", "").split()[1:]
            program = next(i for i, word in enumerate(words) if word in ("ls", "make", "./prog", "./test", "./login-test"))
            with self.subTest(example=example):
                command = [RENACER, *words[:program], "/bin/true"]
                self.assertEqual(self.run_plain(command, cwd=self.folder).returncode, 0)

    def test_the_version_is_the_manuals_example(self):
        version = self.run_plain([RENACER, "--version"]).stdout.decode().split()[1]
        self.assertIn('"version": "%s"' % version, page("renacer-json-v1.5"))


class Verbs(TraceTest):
    def options(self, verb):
        text = self.run_plain([RENACER, verb, "--help"]).stdout.decode()
        named = set(re.findall(r"^ {2,4}(?:-\w, )?--([\w-]+)", text, re.M))
        self.assertGreater(len(named), 1)
        return named

    def test_the_manuals_have_the_options_of_the_help(self):
        for verb in ("agent", "check", "compare", "golden", "profile"):
            items = "\n".join(re.findall(r"^\.It (.*)$", page("renacer-sv-%s.1" % verb), re.M))
            self.assertEqual(set(re.findall(r"Fl -([\w-]+)", items)), self.options(verb), verb)

    def test_the_shells_complete_the_options_of_the_help(self):
        bash = self.run_plain([RENACER, "--completion", "bash"]).stdout.decode()
        zsh = self.run_plain([RENACER, "--completion", "zsh"]).stdout.decode()
        for verb in ("agent", "check", "compare", "doctor", "golden", "profile"):
            names = {"--" + name for name in self.options(verb)}
            part = bash.split("${words[1]} == %s ]]" % verb)[1].split("\n    fi\n")[0]
            self.assertEqual(set(re.findall(r"(?<![\w-])--[a-z][\w-]*", part)), names, verb)
            part = zsh.split("$words[2] == %s ]]" % verb)[1].split("\nfi\n")[0]
            self.assertEqual(set(re.findall(r"(?<![\w-])--[a-z][\w-]*", part)), names, verb)

    def test_commands_in_the_examples_of_profiles_are_accepted(self):
        examples = re.findall(r"^\.Dl (renacer-sv profile .*)$", page("renacer-sv-profile.1"), re.M)
        self.assertGreater(len(examples), 3)
        with open(self.path("seccomp.json"), "w") as file:
            json.dump({"defaultAction": "SCMP_ACT_ALLOW"}, file)
        for example in examples:
            with self.subTest(example=example):
                command = example.split(" > ")[0].replace("/usr/share/containers/", "")
                done = self.run_plain([RENACER, *shlex.split(command)[1:]], cwd=self.folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(json.loads(done.stdout)["syscalls"])

    def test_commands_in_the_examples_are_accepted(self):
        for name in ("golden.json", "new.json", "python.json", "rust.json"):
            self.run_plain([RENACER, "--format", "json", "-o", self.path(name), "/bin/true"])
        examples = re.findall(r"^\.Dl (renacer-sv compare .*)$", page("renacer-sv-compare.1"), re.M)
        self.assertGreater(len(examples), 3)
        for example in examples:
            with self.subTest(example=example):
                done = self.run_plain([RENACER, *shlex.split(example)[1:]], cwd=self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, b""))


class Golden(TraceTest):
    def test_commands_in_the_examples_are_accepted(self):
        examples = re.findall(r"^\.Dl (renacer-sv golden .*)$", page("renacer-sv-golden.1"), re.M)
        self.assertGreater(len(examples), 4)
        for example in examples:
            with self.subTest(example=example):
                done = self.run_plain([RENACER, *shlex.split(example)[1:]], cwd=self.folder)
                self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_the_members_of_the_report_are_described(self):
        self.run_plain([RENACER, "golden", "record", "x", "--", "/bin/true"], cwd=self.folder)
        done = self.run_plain([RENACER, "golden", "verify", "--format", "json"], cwd=self.folder)
        report = json.loads(done.stdout)
        part = page("renacer-sv-golden.1").split("JSON is one object.")[1].split(".Sh ")[0]
        described = set(re.findall(r"^(?:\.It |\.Pq .*|)\.?Li (\w+)", part, re.M)) | set(re.findall(r"^\.It Li (\w+)", part, re.M))
        self.assertEqual(set(report) | set(report["goldens"][0]) | set(report["counts"]), described - {"null"})


class Pages(TraceTest):
    PAGES = ["renacer-sv.1", "renacer-sv-agent.1", "renacer-sv-check.1", "renacer-sv-compare.1", "renacer-sv-golden.1",
             "renacer-sv-profile.1", "renacer-json-v1.5"]

    def test_groff_has_no_complaints(self):
        for name in self.PAGES:
            done = self.run_plain(["groff", "-mandoc", "-ww", "-z", "-Tutf8", os.path.join(MANUALS, name)])
            self.assertEqual((done.returncode, done.stderr), (0, b""), name)

    def test_mandoc_has_no_complaints(self):
        for name in self.PAGES:
            # Below a warning it is about what else is installed.
            done = self.run_plain(["mandoc", "-T", "lint", "-W", "warning", os.path.join(MANUALS, name)])
            self.assertEqual((done.returncode, done.stdout), (0, b""), name)


class Members(TraceTest):
    """Every member of a trace is described where it belongs, with its type, and every one described exists."""

    KINDS = {"string": str, "integer": int, "null": type(None), "object": dict, "array": list,
             "array of strings": list, "boolean": bool}

    def described(self, heading):
        """{name: type or None} in a part of renacer-json-v1(5)."""
        part = page("renacer-json-v1.5").split(".Ss %s\n" % heading)[1]
        part = re.split(r"^\.S[hs] ", part, flags=re.M)[0]
        members = {}
        for names, kind in re.findall(r"^\.It Li ([\w ,]+?)(?: No \((.*)\))?$", part, re.M):
            for name in names.split(" , "):
                members.setdefault(name, kind or None)  # a nested one may have the same name
        return members

    def check(self, heading, objects, nested=()):
        described = self.described(heading)
        seen = set()
        for item in objects:
            for name, value in item.items():
                seen.add(name)
                self.assertIn(name, described, heading)
                kinds = described[name].split(" or ") if described[name] else []
                if name not in nested:
                    self.assertTrue(any(type(value) is self.KINDS[kind] for kind in kinds),
                                    "%s: %s is %r, described as %s" % (heading, name, value, described[name]))
        self.assertEqual(set(described) - set(nested) - seen, set(), "described, but never seen: " + heading)

    def traces(self):
        bytes_and_more = r"printf '\377\0ab'; echo a longer line; /bin/true; cat /nonexistent; kill -SEGV $$"
        everything = ["-f", "-T", "-t", "-yy", "-s", "--events", "-C", "--string-limit", "5"]
        for command, options in [
                (["/bin/sh", "-c", bytes_and_more], everything),
                ([payload("threads")], ["-C"]),
                ([payload("sources/calls-gcc-O2")], ["-s", "-k", "--stack-limit", "512"]),
                ([payload("thread_exec")], ["-r", "--events"]),
                (["/bin/true"], ["-c", "-T"]),
                (["/bin/true"], ["--function-time"]),
                (["/bin/true"], ["-T", "--engine", "notify-only"])]:
            _, document = self.run_traced(command, *options)
            self.assertIsNotNone(document, command)
            yield document
        _, document = self.run_traced(["/bin/true"], "-e", "trace=write", "-z", "-P", "/etc", "--redact", "buffers")
        yield document
        # One that breaks off.
        file = self.path("killed.json")
        killed = subprocess.Popen([RENACER, "--format", "json", "-o", file, "--", "/bin/sh", "-c", "kill -9 $PPID"],
                                  stderr=subprocess.DEVNULL)
        killed.wait()
        for _ in range(1000):
            if self.content("killed.json").endswith("}\n"):
                break
            time.sleep(0.01)
        yield json.loads(self.content("killed.json"))
        for options in ([], ["-e", "trace=write"]):
            done = self.run_plain([RENACER, "--golden", *options, "--", "/bin/true"])
            yield json.loads(done.stdout)

    def test_members(self):
        documents = list(self.traces())
        producers = [document["producer"] for document in documents if "producer" in document]
        heads = [document["golden"] for document in documents if "golden" in document]
        always = {"name", "version", "engine", "time"}
        self.assertEqual([set(head) for head in heads], [{"rules"}, {"rules", "filter"}])
        self.assertEqual({frozenset(producer) for producer in producers}, {frozenset(always), frozenset(always | {"filter", "redaction_rules"})})
        self.check("Of the document", documents, nested=("name", "engine", "time", "rules", "filter", "redaction_rules"))
        frames = ("module", "function", "offset", "address", "file", "line", "inlined")
        calls = [call for document in documents for call in document.get("syscalls", [])]
        self.check("Of a call", calls, nested=frames)
        for name in frames:
            self.assertIn(name, self.described("Of a call"))
        for call in calls:
            self.assertLessEqual(set(call.get("source") or ()), {"file", "line", "function", "offset", "module", "address"})
            for frame in call.get("stack") or ():
                self.assertLessEqual(set(frame), set(frames))
        # Each is seen somewhere, not only allowed.
        self.assertEqual({name for call in calls for name in call.get("source") or ()}, set(frames) - {"inlined"})
        self.assertEqual({name for call in calls for frame in call.get("stack") or () for name in frame}, set(frames))
        self.check("Of an event", [event for document in documents for event in document.get("events", [])])
        rows = ("calls", "errors", "time_us", "time_ns")
        place = ("file", "line", "function")
        function = ("function", "module", "calls", "time_us", "time_ns", "self_time_us", "self_time_ns", "callers")
        self.check("Of the summary", [document["summary"] for document in documents], nested=rows + place + function)
        for document in documents:
            summary = document["summary"]
            for row in summary.get("by_call", {}).values():
                self.assertEqual(set(row), set(rows))
            for row in summary.get("by_source", []):
                self.assertEqual(set(row) - {"module"}, set(rows + place))
            for row in summary.get("functions", []):
                self.assertEqual(set(row), set(function))
                for caller in row["callers"]:
                    self.assertEqual(set(caller), {"function", "module", "calls"})
        self.assertTrue(any(document["summary"].get("by_source") for document in documents))
        self.assertTrue(any(document["summary"].get("functions") for document in documents))
        for name in ("name", "engine", "time", "rules", "filter", "redaction_rules"):
            self.assertIn(name, self.described("Of the document"))
        for name in rows + place + function:
            self.assertIn(name, self.described("Of the summary"))

    def test_the_rules_of_golden_traces_are_described(self):
        document = json.loads(self.run_plain([RENACER, "--golden", "--", "/bin/true"]).stdout)
        part = page("renacer-sv.1").split(".Sh GOLDEN TRACES\n")[1].split(".Sh ")[0]
        self.assertEqual(re.findall(r"^\.It Cm ([\w-]+)$", part, re.M), document["golden"]["rules"])
        with open(os.path.join(MANUALS, "..", "docs", "golden.md")) as file:
            self.assertEqual(re.findall(r"^\| `([a-z-]+)` \|", file.read(), re.M)[:len(document["golden"]["rules"])],
                             document["golden"]["rules"])

    def test_json_lines_have_the_same_members(self):
        done = self.run_plain([RENACER, "--format", "jsonl", "--", "/bin/true"])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(set(lines[0]), {"version", "format", "producer"})
        self.assertEqual(set(lines[-1]), {"summary"})

    def test_times_of_calls_are_of_the_wall_clock(self):
        before = time.time_ns()
        document = self.trace(["/bin/true"], "-t")
        stamps = [call["timestamp_ns"] for call in document["syscalls"]]
        self.assertTrue(before - 10**9 < min(stamps) <= max(stamps) < time.time_ns() + 10**9, stamps)


class Bash(TraceTest):
    def setUp(self):
        super().setUp()
        with open(self.path("completion"), "wb") as file:
            subprocess.run([RENACER, "--completion", "bash"], stdout=file, check=True)
        os.mkdir(self.path("here"))
        for name in ("trace.json", "name with blanks"):
            open(os.path.join(self.path("here"), name), "w").close()

    def complete(self, line, prepare=""):
        """What is offered behind this line, whose words stand as bash takes them apart."""
        words = re.findall(r"[=:]+|[^\s=:]+", line)
        if line[-1:].isspace():
            words.append("")
        script = prepare + """
            . "$1"; COMP_LINE=$2; COMP_POINT=${#2}; COMP_TYPE=9 COMP_KEY=9; shift 2
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            _renacer_sv renacer-sv "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>"$ERRORS"
            printf '%s\\n' "${COMPREPLY[@]}"
        """
        done = self.run_plain(["bash", "--norc", "-c", script, "bash", self.path("completion"), line, *words],
                              cwd=self.path("here"), env={**os.environ, "ERRORS": self.path("errors")})
        self.assertEqual((done.returncode, done.stderr), (0, b""), line)
        return [word for word in done.stdout.decode().split("\n") if word]

    def test_options(self):
        self.assertEqual(self.complete("renacer-sv --fo"), ["--format", "--folded", "--follow-forks"])
        self.assertEqual(set(self.complete("renacer-sv -")), spellings(options_of_help()))
        self.assertEqual(set(self.complete("renacer-sv -f -o x -e trace=open --")),
                         {"--" + name for _, name, _ in options_of_help()})
        self.assertEqual(self.content("errors"), "")

    def test_words_of_every_option_that_has_some(self):
        self.assertEqual(self.complete("renacer-sv --engine no"), ["notify", "notify-only"])
        for letter, name, argument in options_of_help():
            if "|" in argument:
                words = argument.split("|")
                self.assertEqual(self.complete("renacer-sv --%s " % name), words)
                self.assertEqual(self.complete("renacer-sv --%s=" % name), words)
                self.assertEqual(self.complete("renacer-sv --%s=%s" % (name, words[1][:2])),
                                 [word for word in words if word.startswith(words[1][:2])])
                if letter:
                    self.assertEqual(self.complete("renacer-sv -%s " % letter), words)
                    self.assertEqual(self.complete("renacer-sv -f%s " % letter), words)

    def test_rules(self):
        self.assertEqual(self.complete("renacer-sv --normalize te"), ["temporary-files"])
        self.assertEqual(self.complete("renacer-sv --normalize=all,-te"), ["all,-temporary-files"])
        self.assertEqual(self.complete("renacer-sv --normalize !ti"), ["!times"])
        self.assertEqual(self.content("errors"), "")

    def test_files_and_users(self):
        for option in ("-o ", "--output ", "--output=", "-P ", "-fo "):
            self.assertEqual(self.complete("renacer-sv %str" % option), ["trace.json"], option)
        self.assertEqual(self.complete("renacer-sv -o na"), ["name with blanks"])
        self.assertEqual(self.complete("renacer-sv -u roo"), ["root"])
        self.assertEqual(self.complete("renacer-sv -E "), [])

    def test_calls_and_classes(self):
        statfs = ["%statfs", "%%statfs"]
        for option in ("-e ", "-e trace=", "--trace ", "--trace=", "-fe "):
            self.assertEqual(self.complete(f"renacer-sv {option}renamea"), ["renameat", "renameat2"], option)
            self.assertEqual(self.complete(f"renacer-sv {option}%cl"), ["%clock"], option)
            self.assertEqual(self.complete(f"renacer-sv {option}%file,!?mmap"), ["%file,!?mmap", "%file,!?mmap2"], option)
        self.assertEqual(self.complete("renacer-sv -e !no"), ["!none"])
        # Rows of the table that have the same name are one.
        self.assertEqual(self.complete("renacer-sv -e clone"), ["clone", "clone3"])
        self.assertEqual([word for word in self.complete("renacer-sv -e %") if word.endswith("%statfs")], statfs)
        self.assertEqual(self.complete("renacer-sv --status "), [])
        self.assertEqual(self.content("errors"), "")

    def test_the_program(self):
        for options in ("", "-f ", "-e trace=file ", "--format=json ", "-otrace ", "-co out ", "-E A= ", "-- "):
            self.assertIn("env", self.complete("renacer-sv %sen" % options), options)
            self.assertEqual(self.complete("renacer-sv %scat tr" % options), ["trace.json"], options)

    def test_the_doctor(self):
        self.assertIn("doctor", self.complete("renacer-sv doct"))
        self.assertIn("doctor", self.complete("renacer-sv "))
        self.assertNotIn("doctor", self.complete("renacer-sv -f doct"))
        self.assertEqual(self.complete("renacer-sv doctor "), ["--format", "--help"])
        self.assertEqual(self.complete("renacer-sv doctor --fo"), ["--format"])
        self.assertEqual(self.complete("renacer-sv doctor --format "), ["text", "json"])
        self.assertEqual(self.complete("renacer-sv doctor --format=j"), ["json"])
        # With an option before it, it is a program.
        self.assertEqual(self.complete("renacer-sv -f doctor tr"), ["trace.json"])
        self.assertEqual(self.content("errors"), "")

    def test_compare(self):
        self.assertIn("compare", self.complete("renacer-sv comp"))
        self.assertNotIn("compare", self.complete("renacer-sv -f comp"))
        self.assertEqual(self.complete("renacer-sv compare --m"), ["--mode"])
        self.assertEqual(self.complete("renacer-sv compare --mode "), ["semantic", "exact", "counts"])
        self.assertEqual(self.complete("renacer-sv compare --mode=e"), ["exact"])
        self.assertEqual(self.complete("renacer-sv compare tr"), ["trace.json"])
        self.assertEqual(self.complete("renacer-sv compare -q --mode exact tr"), ["trace.json"])
        self.assertEqual(self.complete("renacer-sv compare --tolerance "), [])
        self.assertEqual(self.content("errors"), "")

    def test_golden(self):
        self.assertIn("golden", self.complete("renacer-sv gold"))
        self.assertNotIn("golden", self.complete("renacer-sv -f gold"))
        self.assertEqual(self.complete("renacer-sv golden "), ["record", "verify", "update", "list"])
        self.assertEqual(self.complete("renacer-sv golden up"), ["update"])
        self.assertEqual(self.complete("renacer-sv golden record --m"), ["--manifest", "--mode"])
        self.assertEqual(self.complete("renacer-sv golden verify --m"), ["--manifest"])
        self.assertEqual(self.complete("renacer-sv golden list --"), ["--manifest", "--help"])
        self.assertEqual(self.complete("renacer-sv golden record --mode=c"), ["counts"])
        self.assertEqual(self.complete("renacer-sv golden verify --format "), ["text", "json", "junit", "github"])
        self.assertEqual(self.complete("renacer-sv golden verify --manifest tr"), ["trace.json"])
        self.assertEqual(self.complete("renacer-sv golden verify "), [])
        here = self.path("here")
        self.run_plain([RENACER, "golden", "record", "first", "--", "/bin/true"], cwd=here)
        self.run_plain([RENACER, "golden", "record", "second.x", "--", "/bin/true"], cwd=here)
        self.assertEqual(self.complete("renacer-sv golden verify "), ["first", "second.x"])
        self.assertEqual(self.complete("renacer-sv golden update first se"), ["second.x"])
        self.assertEqual(self.complete("renacer-sv golden verify first -- cat tr"), ["trace.json"])
        self.assertEqual(self.content("errors"), "")

    def test_every_word_once(self):
        for folder in ("bin", "bin2"):
            os.mkdir(self.path(folder))
            for name in ("aprogram", "a]$(b"):
                with open(self.path(folder + "/" + name), "w") as file:
                    os.chmod(file.fileno(), 0o755)
        path = "PATH=%s:%s:$PATH;" % (self.path("bin"), self.path("bin2"))
        for name in ("aprogram", "golden2"):
            os.chmod(shutil.copy(self.path("bin/aprogram"), self.path("here/" + name)), 0o755)
        prepared = [path]
        if os.path.exists(BASH_COMPLETION):
            prepared.append(path + ". %s;" % BASH_COMPLETION)
        for prepare in prepared:
            self.assertEqual(self.complete("renacer-sv aprog", prepare), ["aprogram"])
            self.assertEqual(self.complete("renacer-sv a]", prepare), ["a]$(b"])
            self.assertEqual(self.complete("renacer-sv golden verify x -- ./aprog", prepare), ["./aprogram"])
            words = self.complete("renacer-sv go", prepare)
            self.assertEqual(sorted(set(words)), sorted(words))

    def test_the_programs_own_completion(self):
        # bash-completion's function gets the index of the program's word.
        offset = '_command_offset() { COMPREPLY=("$1 ${COMP_WORDS[$1]}"); }'
        self.assertEqual(self.complete("renacer-sv -e trace=file ls --al", offset), ["5 ls"])
        self.assertEqual(self.complete("renacer-sv -f -- ls --al", offset), ["3 ls"])
        self.assertEqual(self.complete("renacer-sv --color=never ls ", offset), ["4 ls"])
        if os.path.exists(BASH_COMPLETION):
            real = '. %s; complete -W "alpha beta" someprogram;' % BASH_COMPLETION
            self.assertEqual(self.complete("renacer-sv -f -e file someprogram al", real), ["alpha"])


class Zsh(TraceTest):
    def test_options(self):
        text = self.run_plain([RENACER, "--completion", "zsh"]).stdout.decode()
        self.assertTrue(text.startswith("#compdef renacer-sv\n"))
        named = {match.rstrip("=+") for match in re.findall(r"^  '\*(-[^\[]+)\[", text, re.M)}
        self.assertEqual(named, spellings(options_of_help()))
        for _, name, argument in options_of_help():
            if "|" in argument:
                spec = next(line for line in text.splitlines() if "--%s=[" % name in line)
                self.assertIn(":(%s)'" % argument.replace("|", " "), spec)
        if shutil.which("zsh"):
            with open(self.path("_renacer-sv"), "w") as file:
                file.write(text)
            done = self.run_plain(["zsh", "-n", self.path("_renacer-sv")])
            self.assertEqual((done.returncode, done.stderr), (0, b""))


class Install(TraceTest):
    def test_everything_is_put_in_place_and_runs(self):
        root = self.path("root")
        done = self.run_plain(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", root])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        files = {os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, names in os.walk(root) for name in names}
        prefix = os.path.commonpath(files)
        self.assertEqual({os.path.relpath(file, prefix) for file in files},
                         {"bin/renacer-sv", "share/man/man1/renacer-sv.1", "share/man/man1/renacer-sv-agent.1",
                          "share/man/man1/renacer-sv-check.1", "share/man/man1/renacer-sv-compare.1",
                          "share/man/man1/renacer-sv-golden.1", "share/man/man1/renacer-sv-profile.1",
                          *(f"lib/systemd/{manager}/renacer-sv-agent.{kind}"
                            for manager in ("system", "user") for kind in ("service", "socket")),
                          "share/man/man5/renacer-json-v1.5",
                          "share/bash-completion/completions/renacer-sv", "share/zsh/site-functions/_renacer-sv"})
        place = os.path.join(root, prefix)
        installed = os.path.join(place, "bin/renacer-sv")
        for shell, file in (("bash", "bash-completion/completions/renacer-sv"), ("zsh", "zsh/site-functions/_renacer-sv")):
            with open(os.path.join(place, "share", file), "rb") as completion:
                self.assertEqual(completion.read(), self.run_plain([installed, "--completion", shell]).stdout)
        # By another name too, for scripts that call renacer.
        os.symlink(installed, self.path("renacer"))
        done = self.run_plain([self.path("renacer"), "-c", "/bin/true"])
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr.decode().splitlines()[-1], r"^100\.00 .* total$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
