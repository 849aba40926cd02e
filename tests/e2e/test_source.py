#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Places in the source: every marked call is exactly where its program says that
it is, in every language, however it was built and whoever traces it; its stack
has the functions that are around it."""

import atexit
import collections
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import fixtures
import marks
import processes
from fixtures import FIXTURES
from harness import RENACER, TIMEOUT, TraceTest
from processes import wait_until

# What prints its place also has the calls that print.
SELECTED = "trace=close,write,access,openat,execve,exit_group,tgkill"
# Who traces, and how: (user, options).
CELLS = {
    "notify": ("root", ["--engine", "notify"]),
    "lossless": ("root", ["--engine", "notify", "--lossless"]),
    "full": ("root", ["--engine", "notify", "--decode", "full"]),
    "selected": ("root", ["--engine", "notify", "-e", SELECTED]),
    "ptrace": ("root", ["--engine", "ptrace"]),
    "ptrace full": ("root", ["--engine", "ptrace", "--decode", "full"]),
    "ptrace selected": ("root", ["--engine", "ptrace", "-e", SELECTED]),
    "nobody": ("nobody", ["--engine", "ptrace"]),
}
ENGINES = ("notify", "ptrace")
# What is said of stacks that are meant to be too large.
CUT = rb"renacer-sv: the stacks? of \d+ calls? (were|was) cut after \d+ bytes; --stack-limit copies up to 64512\n"


def reachable_sources():
    """The programs where everybody can execute them, with the libraries beside them."""
    if fixtures.is_reachable(marks.program("calls-gcc-O0")):
        return marks.SOURCES
    folder = tempfile.mkdtemp(prefix="renacer-e2e-sources-")
    atexit.register(shutil.rmtree, folder)
    os.chmod(folder, 0o755)
    for file in glob.glob(os.path.join(marks.SOURCES, "*")):
        if os.path.isfile(file):
            os.chmod(shutil.copy(file, folder), 0o755)
    return folder


REACHABLE = reachable_sources()


class SourceTest(TraceTest):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)

    def traced(self, command, *options, cell="notify", status=0, quiet=True):
        """The trace of a program, in JSON, and the marks that it has printed."""
        user, chosen = CELLS[cell]
        file = tempfile.mktemp(dir=self.folder)
        done = fixtures.run(FIXTURES[user], [fixtures.RENACER, "-f", "--format", "json", "-o", file, *chosen, *options,
                                             "--", *command])
        self.assertEqual(done.returncode, status, done.stderr)
        if quiet:
            self.assertEqual(re.sub(CUT, b"", done.stderr), b"")
        with open(file) as stream:
            document = json.load(stream)
        self.assertEqual(document["summary"]["lost"], 0)
        return document, marks.said(done.stdout)

    def check(self, name, cell, stacks, sources=None):
        """Trace one of the programs: all its marks are where they should be."""
        options = ["-s", "-k"] if stacks else ["-s"]
        folder = tempfile.mkdtemp(dir=self.folder)
        os.chmod(folder, 0o777)
        document, said = self.traced(marks.command(name, folder, sources or REACHABLE), *options, cell=cell)
        if name == "go-O0":
            del said[7]["inlined"]  # nothing is
        self.assertEqual(len(said), marks.expected_count(name))
        self.assertEqual(marks.problems(document["syscalls"], said, stacks), [])
        return document

    def debug_folder(self):
        return tempfile.mkdtemp(dir=self.folder)


class EveryProgram(SourceTest):
    """Each program in each way that it is built, with both engines."""

    def check_family(self, family):
        for name in marks.names(family):
            for engine in ENGINES:
                with self.subTest(program=name, engine=engine):
                    self.check(name, engine, stacks=True)

    def test_calls(self):
        self.check_family("calls")

    def test_processes(self):
        self.check_family("processes")

    def test_code_without_information(self):
        self.check_family("code")

    def test_deleted_programs(self):
        self.check_family("deleted")

    def test_libraries(self):
        self.check_family("libraries")

    def test_classes(self):
        self.check_family("classes")

    def test_rust(self):
        self.check_family("rust")

    def test_go(self):
        self.check_family("go")

    def test_c_in_go(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.check("cgo", engine, stacks=True)


class EveryEngine(SourceTest):
    """Some programs, with every engine and what changes its way of working."""
    PROGRAMS = ("calls-gcc-O0", "calls-gcc-O2", "processes-gcc-O2", "libraries-gcc-O2", "classes-gcc-O2", "rust-O2", "go-O2",
                "deleted-gcc-O2", "code-gcc-O2")

    def test_places(self):
        for cell in CELLS:
            for name in self.PROGRAMS:
                with self.subTest(program=name, cell=cell):
                    self.check(name, cell, stacks=False)

    def test_stacks(self):
        for cell in CELLS:
            for name in ("calls-gcc-O2", "classes-gcc-O2"):
                with self.subTest(program=name, cell=cell):
                    self.check(name, cell, stacks=True)

    def test_only_what_was_chosen_is_shown(self):
        for engine in ENGINES:
            document, said = self.traced([marks.program("libraries-gcc-O2")], "-s", "-e", "trace=close", cell=engine)
            self.assertEqual({call["name"] for call in document["syscalls"]}, {"close"}, engine)
            self.assertEqual(marks.problems(document["syscalls"], said), [], engine)

    def test_the_same_in_every_engine(self):
        """Not only the marked calls: all calls of a program without threads. The kernel's tracepoints copy no page of a
        stack that was never touched, so that stacks may end there, and say so."""
        found = {}
        for cell in ("ptrace", "notify", "lossless"):
            document, _ = self.traced([marks.program("libraries-gcc-O2")], "-s", "-k", cell=cell)
            found[cell] = document["syscalls"][1:]  # of the exec nothing is known, or it was the tracer's
        self.assertGreater(len(found["ptrace"]), 50)
        for cell in ("notify", "lossless"):
            self.assertEqual(len(found[cell]), len(found["ptrace"]))
            short = 0
            for call, whole in zip(found[cell], copy.deepcopy(found["ptrace"])):
                self.assertEqual((call["name"], call["source"]), (whole["name"], whole["source"]))
                if call.get("stack_end") == "cut" and "stack_end" not in whole:
                    short += 1
                    del whole["stack"][len(call["stack"]):]
                else:
                    self.assertEqual(call.get("stack_end"), whole.get("stack_end"))
                self.assertEqual(self.frames(call), self.frames(whole))
            self.assertLess(short, 5)

    def frames(self, call):
        return [(frame["module"], frame["function"], frame["offset"], frame["line"], frame.get("inlined"))
                for frame in call["stack"] or []]


class DebugFiles(SourceTest):
    """Debug information that is not in the program."""

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        self.program = shutil.copy(marks.program("calls-gcc-O2"), self.path("calls"))
        self.debug = self.path("calls.debug")
        marks.run(["objcopy", "--only-keep-debug", self.program, self.debug])

    def strip(self, *options):
        marks.run(["objcopy", "--strip-all", *options, self.program], cwd=self.folder)
        os.chmod(self.program, 0o755)
        sections = marks.run(["readelf", "-SW", self.program]).stdout.decode()
        self.assertNotIn(".debug_info", sections)
        self.assertNotIn(".symtab", sections)

    def all_places(self, **keywords):
        for engine in ENGINES:
            document, said = self.traced([self.program], "-s", "-k", cell=engine, **keywords)
            self.assertEqual(len(said), marks.expected_count("calls"))
            self.assertEqual(marks.problems(document["syscalls"], said, True), [], engine)

    def no_place(self):
        document, said = self.traced([self.program], "-s", quiet=False)
        of_program = [call["source"] for call in document["syscalls"] if call["source"] and call["source"]["file"]]
        self.assertEqual((of_program, len(said)), ([], marks.expected_count("calls")))

    def test_beside_the_program(self):
        self.strip("--add-gnu-debuglink=calls.debug")
        self.all_places()

    def test_in_the_debug_folder(self):
        self.strip("--add-gnu-debuglink=calls.debug")
        os.mkdir(self.path(".debug"))
        os.rename(self.debug, self.path(".debug/calls.debug"))
        self.all_places()

    def test_by_build_id(self):
        notes = marks.run(["readelf", "-n", self.program]).stdout.decode()
        build_id = re.search(r"Build ID: ([0-9a-f]+)", notes)[1]
        self.strip()
        self.no_place()
        folder = f"/usr/lib/debug/.build-id/{build_id[:2]}"
        made = not os.path.exists(folder)
        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, f"{build_id[2:]}.debug")
        self.addCleanup(lambda: made and os.rmdir(folder))
        self.addCleanup(os.unlink, target)
        shutil.copy(self.debug, target)
        self.all_places()

    def test_a_file_of_another_program_is_not_believed(self):
        self.strip("--add-gnu-debuglink=calls.debug")
        marks.run(["objcopy", "--only-keep-debug", marks.program("calls-gcc-O3"), self.debug])
        self.no_place()

    def test_a_file_that_is_broken(self):
        self.strip("--add-gnu-debuglink=calls.debug")
        with open(self.debug, "r+b") as file:
            file.truncate(os.path.getsize(self.debug) // 2)
        self.no_place()

    def compile_split(self, *options):
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "payloads", "sources", "calls.c")
        marks.run(["gcc", "-std=gnu17", "-g", "-O2", "-gsplit-dwarf", "-pthread", *options, "-o", "calls",
                   source], cwd=self.folder)
        parts = glob.glob(self.path("*.dwo"))
        self.assertEqual(len(parts), 1)
        return parts[0]

    def lines(self):
        """File and line of each mark; its function may be the one that it is inlined into."""
        document, said = self.traced([self.program], "-s", quiet=False)
        found = {}
        for number, mark in said.items():
            source = marks.call_of(document["syscalls"], mark)["source"]
            found[number] = (source["file"], source["line"]) if source else None
        self.assertEqual(found, {number: (mark["file"], mark["line"]) for number, mark in said.items()})

    def test_split_information_is_missing(self):
        os.unlink(self.compile_split())
        self.lines()

    def test_split_information_in_a_package(self):
        part = self.compile_split("-gdwarf-4")  # dwp of binutils 2.40 dies of newer ones
        marks.run(["dwp", "-e", self.program, "-o", self.path("calls.dwp")], cwd=self.folder)
        os.unlink(part)
        self.lines()


INLINED = ("innermost_inlined", "outer_inlined")


class WithoutDebugInformation(SourceTest):
    def hints(self, done):
        return re.sub(CUT, b"", done.stderr).decode().splitlines()

    def run_text(self, program, *options):
        return self.run_plain([RENACER, "-f", *options, "-o", self.path("t.txt"), "--", program])

    def test_functions_are_known_by_symbols(self):
        document, said = self.traced([marks.program("calls-gcc-nodebug")], "-s", "-k", quiet=False)
        for mark in said.values():
            source = marks.call_of(document["syscalls"], mark)["source"]
            function = next(name for name in (mark["function"], *mark["callers"]) if name not in INLINED)
            self.assertEqual((source["file"], source["line"], source["function"], source["module"]),
                             (None, None, function, marks.program("calls-gcc-nodebug")), mark)
            self.assertGreater(source["offset"], 0)

    def test_offsets_are_those_of_the_symbols(self):
        program = marks.program("calls-gcc-nodebug")
        symbols = {line.split()[2]: int(line.split()[0], 16) for line in marks.run(["nm", program]).stdout.decode().splitlines()
                   if len(line.split()) == 3}
        document, _ = self.traced([program], "-s", "-k", quiet=False)
        checked = 0
        for call in document["syscalls"]:
            for frame in call["stack"] or []:
                if frame["module"] == program and frame["function"]:
                    self.assertEqual(int(frame["address"], 16), symbols[frame["function"]] + frame["offset"], frame)
                    checked += 1
        self.assertGreater(checked, 50)

    def test_one_hint(self):
        stripped = self.path("stripped")
        marks.run(["objcopy", "--strip-all", marks.program("calls-gcc-O2"), stripped])
        os.chmod(stripped, 0o755)
        for program in (stripped, marks.program("calls-gcc-nodebug")):
            for options in (["-s"], ["-s", "-k"], ["-s", "-c"], ["-s", "--format", "json"]):
                done = self.run_text(program, *options)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(len(self.hints(done)), 1, done.stderr)
                self.assertIn("debug information", self.hints(done)[0])

    def test_no_hint_where_there_is_nothing_to_say(self):
        for options in (["-s"], ["-s", "-k"], ["-s", "-c"], ["-k"], ["--folded"], ["--function-time"]):
            done = self.run_text(marks.program("calls-gcc-O2"), *options)
            self.assertEqual((done.returncode, re.sub(CUT, b"", done.stderr)), (0, b""), options)


class Hints(SourceTest):
    """One line on standard error, where something would help, and what it says is true."""

    def hint(self, program, *options):
        done = self.run_plain([RENACER, "-f", *options, "-o", self.path("t"), "--", *program])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr.decode()

    def compile(self, name, source, *options):
        with open(self.path(name + ".c"), "w") as file:
            file.write(source)
        marks.run(["gcc", "-O1", "-o", self.path(name), self.path(name + ".c"), *options])
        return self.path(name)

    def assert_none_is_bare(self, hint, program):
        self.assertEqual(hint.count("\n"), 1, hint)
        self.assertTrue(hint.startswith(f"renacer-sv: {program} has no debug information"), hint)

    CALLS = "#include <unistd.h>\nint main(void) { for (int i = 0; i < COUNT; i++) close(-1); return 0; }\n"

    def test_that_of_most_calls_is_named(self):
        """Not the one that came first."""
        many = self.compile("many", self.CALLS, "-DCOUNT=3000")
        few = self.compile("few", self.CALLS, "-DCOUNT=3")
        for options in (("-s",), ("-s", "-k"), ("-c", "-s")):
            hint = self.hint(["sh", "-c", f"{few}; {many}; {few}"], *options)
            self.assert_none_is_bare(hint, many)

    def test_a_name_is_one_line(self):
        bare = self.compile("bare", self.CALLS, "-DCOUNT=3")
        os.rename(bare, self.path("two\n\33[31mlines"))
        self.assert_none_is_bare(self.hint([self.path("two\n\33[31mlines")], "-s"), self.path(r"two\n\33[31mlines"))

    def test_none_where_most_have_lines(self):
        with_lines = self.compile("with", self.CALLS, "-g", "-DCOUNT=3000")
        bare = self.compile("bare", self.CALLS, "-DCOUNT=3")
        command = ["sh", "-c", f"{bare}; {with_lines}; {bare}"]
        self.assertEqual(self.hint(command, "-s"), "")
        self.assertNotEqual(self.hint(["sh", "-c", f"{bare}; {bare}"], "-s"), "")

    def test_a_library_that_has_lines_is_not_enough(self):
        """What the program calls itself is in a place without a line still."""
        library = self.compile("libonce.so", "#include <unistd.h>\nvoid once(void) { close(-2); close(-3); }\n",
                               "-g", "-shared", "-fPIC")
        program = self.compile("caller", "void once(void);\n" + self.CALLS.replace("{ for", "{ once(); for"),
                               "-DCOUNT=50", library)
        self.assert_none_is_bare(self.hint([program], "-s"), program)

    def test_none_of_what_only_the_loader_calls(self):
        silent = self.compile("silent", "int main(void) { return 0; }\n", "-g")
        for options in (("-s",), ("-s", "-k"), ("-k",), ("--folded",), ("-c", "-s")):
            self.assertEqual(self.hint([silent], *options), "", options)

    def test_of_stacks_where_functions_have_no_name(self):
        named = self.compile("named", self.CALLS, "-DCOUNT=100")
        marks.run(["strip", "-o", self.path("stripped"), named])
        for option in ("-k", "--folded"):
            self.assertEqual(self.hint([named], option), "", option)
            self.assert_none_is_bare(self.hint([self.path("stripped")], option), self.path("stripped"))

    def test_of_stacks_that_were_cut(self):
        program = self.compile("deep", """
#include <unistd.h>
int main(void) {
    volatile char room[30000];
    for (unsigned i = 0; i < sizeof(room); i++) {
        room[i] = 0;
    }
    close(-1);
    getppid();
    getppid();
    return room[1];
}
""", "-g")
        cut = "cut after 16384 bytes; --stack-limit copies up to 64512\n"
        self.assertEqual(self.hint([program], "-k", "-e", "trace=none"), "")
        only = ("-e", "trace=close")
        self.assertEqual(self.hint([program], "-k", *only), f"renacer-sv: the stack of 1 call was {cut}")
        self.assertEqual(self.hint([program], "-k", "-e", "trace=getppid"),
                         f"renacer-sv: the stacks of 2 calls were {cut}")
        self.assertEqual(self.hint([program], "-s", *only), "")  # the place was found
        self.assertEqual(self.hint([program], "-k", "--stack-limit", "63K", *only), "")
        self.assertEqual(self.hint([program], "-k", "-q", *only), "")
        self.assertIn(" calls were cut after 512 bytes", self.hint([program], "-k", "--stack-limit", "512"))

    def test_none_of_what_no_option_would_copy(self):
        """The stack that a signal interrupted while its handler has a larger one than is copied."""
        program = self.compile("apart", """
#include <signal.h>
#include <unistd.h>
static void handle(int number) { (void)number; close(-1); }
int main(void) {
    static char room[1 << 18];
    stack_t stack = {.ss_sp = room, .ss_size = 1 << 17};
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    return 0;
}
""", "-g")
        for engine in ("notify", "ptrace"):
            self.assertEqual(self.hint([program], "-k", "-e", "trace=close", "--engine", engine), "")
            text = self.content("t")
            self.assertIn("(handle+", text)
            self.assertIn(" > (the rest of the stack is elsewhere, and was not copied)\n", text)


class Forms(SourceTest):
    """The same places in text, and what is summed up over them."""
    PROGRAM = "classes-gcc-O2"

    def setUp(self):
        super().setUp()
        self.program = marks.program(self.PROGRAM)

    def written(self, *options, form="text"):
        done = self.run_plain([RENACER, "-f", *options, "-o", self.path("written"), "--", self.program])
        self.assertEqual((done.returncode, re.sub(CUT, b"", done.stderr)), (0, b""))
        # Compilers have several names for a lambda.
        said = {number: mark for number, mark in marks.said(done.stdout).items() if mark["how"] != "lambda"}
        self.assertEqual(len(said), marks.expected_count(self.PROGRAM) - 1)
        return self.content("written"), said

    def test_text(self):
        text, said = self.written("-s")
        for mark in said.values():
            place = f" at {mark['file']}:{mark['line']} ({mark['function']})"
            lines = [line for line in text.splitlines() if line.endswith(place)]
            wanted = (f"close({-1000 - mark['mark']})", f'"mark {mark["mark"]}\\n"')
            self.assertEqual(sum(any(words in line for words in wanted) for line in lines), 1, (mark, lines))

    def test_text_with_times(self):
        text, said = self.written("-s", "-T")
        for mark in said.values():
            place = f" at {mark['file']}:{mark['line']} ({mark['function']})"
            self.assertRegex(text, r"<\d+\.\d+>" + re.escape(place) + "\n")

    def test_text_with_stacks(self):
        """Each frame that is known has a line of its own below its call."""
        text, said = self.written("-s", "-k")
        below = None
        blocks = []
        for line in text.splitlines():
            if line.startswith(" > "):
                below.append(line)
            else:
                below = []
                blocks.append((line, below))
        for mark in said.values():
            place = f" at {mark['file']}:{mark['line']}"
            stack = next(frames for line, frames in blocks if line.endswith(f"{place} ({mark['function']})"))
            nearest = next(number for number, frame in enumerate(stack) if frame.endswith(place))
            self.assertIn(mark["function"], stack[nearest])
            for caller in mark["callers"]:
                self.assertTrue(any(caller in frame for frame in stack[nearest + 1:]), (mark, stack))

    def test_lines_of_json(self):
        text, said = self.written("-s", "-k", "--format", "jsonl")
        calls = [line for line in map(json.loads, text.splitlines()) if "args" in line and "name" in line]
        self.assertEqual(marks.problems(calls, said, True), [])

    def test_csv(self):
        text, said = self.written("-s", "--format", "csv")
        for mark in said.values():
            self.assertRegex(text, rf"{re.escape(mark['file'])}:{mark['line']}\b")

    def place(self, source):
        return f"{source['file']}:{source['line']} ({source['function']})"

    def test_summary_by_line(self):
        text, said = self.written("-c", "-s")
        rows = {}
        for line in text.splitlines():
            found = re.match(r" *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\S.*)$", line)
            if found:
                rows[found[2]] = int(found[1])
        document, _ = self.traced([self.program], "-s")
        calls = collections.Counter(self.place(call["source"]) for call in document["syscalls"] if call["source"])
        for mark in said.values():
            place = self.place(mark)
            self.assertIn(place, rows)
            self.assertEqual(rows[place], calls[place], mark)
        self.assertEqual(text.splitlines()[-1].split()[-1], "total")
        self.assertEqual(sum(count for place, count in rows.items() if place != "total"), rows["total"])

    def test_summary_by_line_in_json(self):
        document, said = self.traced([self.program], "-C", "-s")
        del said[16]  # of a lambda compilers have several names
        rows = {(row["file"], row["line"], row["function"]): row for row in document["summary"]["by_source"]}
        for mark in said.values():
            self.assertGreaterEqual(rows[mark["file"], mark["line"], mark["function"]]["calls"], 1)
        self.assertEqual(sum(row["calls"] for row in rows.values()),
                         sum(row["calls"] for row in document["summary"]["by_call"].values()))

    def test_folded(self):
        start = time.monotonic_ns()
        text, said = self.written("--folded")
        longest = time.monotonic_ns() - start
        stacks = {}
        for line in text.splitlines():
            found = re.fullmatch(r"(\S.*) (\d+)", line)
            self.assertIsNotNone(found, line)
            self.assertNotIn(found[1], stacks)
            stacks[found[1]] = int(found[2])
        self.assertEqual(list(stacks), sorted(stacks))
        # Two threads at most, in the time that all of it took.
        self.assertTrue(0 < sum(stacks.values()) < 2 * longest, sum(stacks.values()))
        for mark in said.values():
            wanted = [*reversed(mark["callers"]), mark["function"]]
            self.assertTrue(any(self.is_along(stack, wanted) for stack in stacks), (mark, text))
        # Its own exec is a call of what was there before.
        programs = {stack.split(";")[0] for stack in stacks if not stack.endswith(";execve")}
        self.assertEqual(programs, {self.PROGRAM})

    def is_along(self, stack, functions):
        """Whether the frames of a folded stack have these functions, in this order, and end with a marked call."""
        frames = [re.sub(r"_\[i\]$", "", frame) for frame in stack.split(";")]
        place = 0
        for function in functions:
            if function not in frames[place:]:
                return False
            place = frames.index(function, place) + 1
        return frames[-1] in ("close", "write")

    def test_folded_has_all_the_time(self):
        """What is in the stacks is the time that the kernel took for the calls: of the same order as in another run."""
        text, _ = self.written("--folded")
        folded = sum(int(line.rpartition(" ")[2]) for line in text.splitlines())
        document, _ = self.traced([self.program], "-T")
        measured = sum(call["duration_us"] for call in document["syscalls"] if call.get("duration_us")) * 1000
        self.assertGreater(folded, measured / 20)
        self.assertLess(folded, measured * 20)

    def test_function_time(self):
        text, said = self.written("--function-time")
        for mark in said.values():
            self.assertRegex(text, rf"(?m)(^|\s){re.escape(mark['function'])}(\s|$)")
        self.assertIn("total", text.splitlines()[-1])

    def test_skip(self):
        """What is skipped is not the place: the caller is."""
        document, said = self.traced([marks.program("libraries-gcc-O2")], "-s", "--source-skip", "libdebug.so")
        source = marks.call_of(document["syscalls"], said[3])["source"]
        self.assertEqual((source["file"], source["function"]), (said[4]["file"], "main"))
        document, said = self.traced([self.program], "-s", "--source-skip", "shapes::within")
        source = marks.call_of(document["syscalls"], said[11])["source"]
        self.assertEqual((source["file"], source["function"]), (said[11]["file"], "shapes::around"))

    def test_a_short_sample_says_that_it_is_cut(self):
        document, said = self.traced([marks.program("calls-gcc-O2")], "-s", "-k", "--stack-limit", "512")
        call = marks.call_of(document["syscalls"], said[15])
        self.assertEqual(call["stack_end"], "cut")
        self.assertIsNone(marks.place_problem(call, said[15]))
        self.assertLess(len(call["stack"]), 40)

    def test_a_long_sample_has_what_is_behind_a_large_frame(self):
        document, said = self.traced([marks.program("calls-gcc-O2")], "-s", "-k", "--stack-limit", "60K")
        self.assertEqual(marks.call_of(document["syscalls"], said[18])["stack_end"], "cut")  # it is larger than that


class Attached(SourceTest):
    """A program that runs already: what it has mapped is known all the same."""

    def test_attach(self):
        program = subprocess.Popen([marks.program("libraries-gcc-O2"), "wait"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: program.poll() is None and program.kill())
        before = b""
        while not before.endswith(b"ready\n"):
            line = program.stdout.readline()
            self.assertTrue(line, before)
            before += line
        tracer = subprocess.Popen([RENACER, "-s", "-k", "--format", "json", "-o", self.path("t.json"), "-p", str(program.pid)],
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(tracer.stderr.close)
        self.addCleanup(lambda: tracer.poll() is None and tracer.kill())
        wait_until(lambda: processes.tracers(program.pid) <= set(processes.threads(tracer.pid)), "it is attached")
        output, _ = program.communicate(b"x", timeout=TIMEOUT)
        self.assertEqual(program.returncode, 0)
        said = marks.said(output)
        self.assertEqual(set(said), {5, 6, 7, 8})
        _, problems = tracer.communicate(timeout=TIMEOUT)
        self.assertEqual(tracer.returncode, 0, problems)
        with open(self.path("t.json")) as stream:
            self.assertEqual(marks.problems(json.load(stream)["syscalls"], said, True), [])


if __name__ == "__main__":
    unittest.main()
