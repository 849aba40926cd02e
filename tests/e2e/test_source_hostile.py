#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files that lie about their places, and stacks that lead nowhere: the program runs on as it would, its trace is whole,
and no place is shown that is not one."""

import contextlib
import errno
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

import fixtures
import marks
from harness import RENACER, TIMEOUT, TraceTest

ENGINES = ("notify", "ptrace")
HOSTILE = marks.program("hostile")
SYMBOLS_ONLY = marks.program("hostile-symbols")
SELECTED = "trace=close,write,openat,execve,exit_group"
ROUNDS = int(os.environ.get("HOSTILE_ROUNDS", "3"))  # of each kind of damage, for each program
GIB = 1 << 30
SECTION = struct.Struct("<IIQQQQIIQQ")
SHT_NOBITS = 8
SHF_ALLOC = 2
WATCHED = 60  # seconds: for what takes one


class Elf:
    """The sections of an ELF file, to be damaged."""

    def __init__(self, content):
        self.content = bytearray(content)
        self.table, = struct.unpack_from("<Q", self.content, 0x28)
        self.count, self.names = struct.unpack_from("<HH", self.content, 0x3c)
        self.sections = [SECTION.unpack_from(self.content, self.header(i)) for i in range(self.count)]

    def header(self, index):
        return self.table + index * SECTION.size

    def name(self, index):
        start = self.sections[self.names][4] + self.sections[index][0]
        return bytes(self.content[start:self.content.index(0, start)]).decode()

    def find(self, *names):
        """Indexes of the sections with one of these beginnings of names, that have contents."""
        return [i for i in range(1, self.count) if self.sections[i][1] != SHT_NOBITS and self.sections[i][5]
                and self.name(i).startswith(names)]

    def behind_what_is_loaded(self):
        return max(section[4] + section[5] for section in self.sections
                   if section[2] & SHF_ALLOC and section[1] != SHT_NOBITS)

    def set_size(self, index, size):
        struct.pack_into("<Q", self.content, self.header(index) + 32, size)

    def set_offset(self, index, offset):
        struct.pack_into("<Q", self.content, self.header(index) + 24, offset)


def some_bytes(elf, chance, start, size):
    """Some of these bytes become others."""
    for _ in range(chance.choice((1, 3, 10, 100, 1000))):
        at = start + chance.randrange(size)
        elf.content[at] = chance.choice((0, 1, 0x7f, 0x80, 0xff, chance.randrange(256)))


def damage_sections(elf, chance, names):
    for index in chance.sample(elf.find(*names), min(3, len(elf.find(*names)))):
        some_bytes(elf, chance, elf.sections[index][4], elf.sections[index][5])


def damage_debug(elf, chance):
    damage_sections(elf, chance, (".debug_", ".zdebug_"))


def damage_unwinding(elf, chance):
    damage_sections(elf, chance, (".eh_frame", ".debug_frame"))


def damage_symbols(elf, chance):
    damage_sections(elf, chance, (".symtab", ".strtab", ".shstrtab"))


def damage_notes(elf, chance):
    damage_sections(elf, chance, (".note.gnu.build-id", ".note.ABI-tag", ".note.go.buildid", ".comment"))


def damage_headers(elf, chance):
    """Sections' headers, and what the file's header says of them."""
    some_bytes(elf, chance, elf.table, elf.count * SECTION.size)
    if chance.random() < 0.3:
        some_bytes(elf, chance, 0x28, 8)
        some_bytes(elf, chance, 0x3a, 6)


def damage_sizes(elf, chance):
    for _ in range(4):
        index = chance.randrange(1, elf.count)
        change = chance.choice((elf.set_size, elf.set_offset))
        change(index, chance.choice((0, 1, 1 << 20, 1 << 31, 1 << 40, 1 << 60, (1 << 64) - 1, (1 << 63) + 8)))


def cut_off(elf, chance):
    """The end of the file, behind what is loaded of it."""
    start = elf.behind_what_is_loaded()
    del elf.content[start + chance.randrange(max(len(elf.content) - start, 1)):]


DAMAGES = (damage_debug, damage_unwinding, damage_symbols, damage_notes, damage_headers, damage_sizes, cut_off)


class HostileTest(TraceTest):
    def traced(self, command, *options, engine="notify", status=0, form="json", **keywords):
        """The trace of a program that ends in time, with this status, and whose tracer has nothing to complain of."""
        file = tempfile.mktemp(dir=self.folder)
        done = subprocess.run([RENACER, "-f", "--engine", engine, "--format", form, "-o", file, *options, "--", *command],
                              capture_output=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL, **keywords)
        self.assertEqual(done.returncode, status, (command, done.stderr))
        self.assertNotIn(b"killed by", done.stderr)
        self.assertNotIn(b"Sanitizer", done.stderr)
        with open(file, "rb") as stream:
            content = stream.read()
        if form != "json":
            return content, done
        document = json.loads(content.decode())
        self.assertEqual(document["summary"]["lost"], 0)
        self.assertNotIn("incomplete", document["summary"])
        return document, done

    def run_tool(self, *command):
        subprocess.run(command, check=True, timeout=TIMEOUT)

    def marked(self, document):
        """The call that the payload makes at last."""
        found = [call for call in document["syscalls"] if call["name"] == "close" and call["args"][0] == "-1001"]
        self.assertEqual(len(found), 1)
        self.assertEqual(found[0]["result"], -errno.EBADF)
        return found[0]

    def copy(self, program, name=None):
        return shutil.copy(program, self.path(name or os.path.basename(program)))

    def assert_place(self, call, function):
        self.assertEqual((os.path.basename(call["source"]["file"]), call["source"]["function"]), ("hostile.c", function))


class DamagedFiles(HostileTest):
    """Whatever stands in the parts of a file that are not needed to run it."""

    def check_program(self, name, target=None):
        """Damage the program, or a library (`target`) beside it."""
        for file in ("libdebug.so", "libplain.so", "libfirst.so", "libsecond.so"):
            self.copy(marks.program(file))
        program = self.copy(marks.program(name))
        self.damage_each(program, self.path(target or name), DAMAGES)

    def damage_each(self, program, damaged, damages):
        chance = random.Random(os.path.basename(damaged))
        with open(damaged, "rb") as file:
            whole = file.read()
        for damage in damages:
            for number in range(ROUNDS):
                elf = Elf(whole)
                damage(elf, chance)
                os.unlink(damaged)  # it may still be mapped, or be executed
                with open(damaged, "wb") as file:
                    file.write(elf.content)
                os.chmod(damaged, 0o755)
                with self.subTest(damage=damage.__name__, number=number):
                    self.check_run(program, ENGINES[number % 2])

    def check_run(self, program, engine):
        plain = self.run_plain([program])
        document, done = self.traced([program], "-s", "-k", "-e", SELECTED, engine=engine,
                                     status=plain.returncode)
        self.assertEqual(marks.said(done.stdout), marks.said(plain.stdout))
        self.assertGreater(len(document["syscalls"]), 10)

    def test_c(self):
        self.check_program("calls-gcc-O2-dwarf5")

    def test_c_dwarf_4(self):
        self.check_program("calls-gcc-O0-dwarf4")

    def test_clang(self):
        self.check_program("calls-clang-O2")

    def test_cpp(self):
        self.check_program("classes-gcc-O2-dwarf4")

    def test_compressed(self):
        self.check_program("calls-gcc-O2-compressed")

    def test_rust(self):
        self.check_program("rust-O2")

    def test_go(self):
        self.check_program("go-O2")

    def test_a_debug_file(self):
        whole = marks.program("calls-gcc-O2")
        self.run_tool("objcopy", "--only-keep-debug", whole, self.path("calls.debug"))
        stripped = self.path("calls-stripped")
        self.run_tool("objcopy", "--strip-all", f"--add-gnu-debuglink={self.path('calls.debug')}", whole, stripped)
        self.damage_each(stripped, self.path("calls.debug"), (damage_debug, damage_symbols, damage_headers, damage_sizes))

    def test_a_library(self):
        self.check_program("libraries-gcc-O2", "libdebug.so")


class DebugFiles(HostileTest):
    """What is found where a debug file should be."""

    def check_debug_file(self, make):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                program = self.copy(HOSTILE, f"linked-{engine}")
                link = program + ".debug"
                self.run_tool("objcopy", "--only-keep-debug", program, link)
                self.run_tool("objcopy", "--strip-all", "--remove-section=.note.gnu.build-id",
                              f"--add-gnu-debuglink={link}", program)
                os.unlink(link)
                make(link)
                start = time.monotonic()
                document, _ = self.traced([program, "plain"], "-s", "-k", engine=engine)
                self.assertLess(time.monotonic() - start, WATCHED)
                source = self.marked(document)["source"]
                self.assertEqual((source["file"], source["module"]), (None, program))

    def test_fifo(self):
        self.check_debug_file(os.mkfifo)

    def test_folder(self):
        self.check_debug_file(os.mkdir)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes devices")
    def test_device(self):
        self.check_debug_file(lambda path: os.mknod(path, 0o20600, os.makedev(1, 5)))

    def test_terminal(self):
        self.check_debug_file(lambda path: os.symlink("/dev/tty", path))

    def test_link_to_itself(self):
        self.check_debug_file(lambda path: os.symlink(path, path))

    def test_the_program_itself(self):
        self.check_debug_file(lambda path: os.symlink(path[:-len(".debug")], path))

    def test_endless(self):
        self.check_debug_file(lambda path: os.symlink("/proc/self/mem", path))

    def test_garbage(self):
        def make(path):
            with open(path, "wb") as file:
                file.write(random.Random(1).randbytes(1 << 20))
        self.check_debug_file(make)

    def test_huge(self):
        def make(path):
            shutil.copy(HOSTILE, path)
            os.truncate(path, 9 * GIB)
        self.check_debug_file(make)


class HugeFiles(HostileTest):
    def check_huge(self, change, engine, size=None):
        """The hostile program, changed and made large; it still runs."""
        with open(HOSTILE, "rb") as file:
            elf = Elf(file.read())
        change(elf)
        path = self.path(f"huge-{engine}")
        with open(path, "wb") as file:
            file.write(elf.content)
        os.chmod(path, 0o755)
        if size:
            os.truncate(path, size)
        start = time.monotonic()
        document, _ = self.traced([path, "plain"], "-s", "-k", engine=engine)
        self.assertLess(time.monotonic() - start, WATCHED)
        return self.marked(document)

    def test_sparse(self):
        """What is behind the sections is not looked at."""
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.assert_place(self.check_huge(lambda elf: None, engine, 8 * GIB), "called")

    def test_sections_of_the_whole_file(self):
        for name in (".debug_info", ".debug_str", ".debug_line", ".symtab", ".strtab", ".shstrtab", ".eh_frame"):
            for size in (7 * GIB, 1 << 60):
                with self.subTest(name=name, size=size):
                    def change(elf, name=name, size=size):
                        index, = elf.find(name + "\0") or [i for i in elf.find(name) if elf.name(i) == name]
                        elf.set_size(index, size)
                    call = self.check_huge(change, ENGINES[size == 1 << 60], 8 * GIB)
                    self.assertIn(call["source"] and call["source"]["function"], (None, "called"))


    @unittest.skipIf(fixtures.is_sanitized(), "sanitizers need memory of their own")
    def test_many(self):
        """Each of them could be read; not all together."""
        self.copy(marks.program("libplain.so"))
        for name in ("libdebug.so", "libfirst.so", "libsecond.so", "libraries-gcc-O2"):
            path = self.copy(marks.program(name))
            with open(path, "rb") as file:
                elf = Elf(file.read())
            index, = (i for i in elf.find(".debug_info") if elf.name(i) == ".debug_info")
            elf.set_size(index, 1900 << 20)
            with open(path, "wb") as file:
                file.write(elf.content)
            os.truncate(path, 2 * GIB)
        tracer = subprocess.Popen([RENACER, "-s", "-k", "-o", self.path("t.txt"), "--", path], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(tracer.pid, 0)
        tracer.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(tracer.returncode, 0)
        self.assertLess(used.ru_maxrss, 4 << 20)


class Changing(HostileTest):
    """Files that change, or become something else, while they are mapped."""

    def test_the_program_becomes_something_else(self):
        kinds = ["fifo", "folder", "nothing", "itself"] + (["device"] if os.geteuid() == 0 else [])
        for kind in kinds:
            for engine in ENGINES:
                with self.subTest(kind=kind, engine=engine):
                    folder = tempfile.mkdtemp(dir=self.folder)
                    program = shutil.copy(HOSTILE, folder)
                    document, _ = self.traced([program, "become", kind], "-s", "-k", engine=engine)
                    self.assert_place(self.marked(document), "called")

    def test_a_library_changes(self):
        for kind in ("truncate", "half", "overwrite", "replace"):
            for engine in ENGINES:
                with self.subTest(kind=kind, engine=engine):
                    folder = tempfile.mkdtemp(dir=self.folder)
                    library = shutil.copy(marks.program("libfirst.so"), folder)
                    document, _ = self.traced([HOSTILE, "library", library, kind], "-s", "-k", engine=engine)
                    call = self.marked(document)
                    self.assert_place(call, "called_by_library")
                    self.assertEqual(call["stack"][2]["module"], library)
                    self.assertIn(call["stack"][2]["function"], ("first_calls", None))

    def test_somebody_else_truncates_it(self):
        """Over and over, while calls are made through it."""
        for engine in ENGINES:
            with self.subTest(engine=engine):
                folder = tempfile.mkdtemp(dir=self.folder)
                for file in ("libdebug.so", "libplain.so", "libfirst.so", "libsecond.so"):
                    shutil.copy(marks.program(file), folder)
                program = shutil.copy(marks.program("libraries-gcc-O2"), folder)
                library = os.path.join(folder, "libsecond.so")
                with open(library, "rb") as file:
                    whole = file.read()
                loaded = Elf(whole).behind_what_is_loaded()
                tracer = subprocess.Popen([RENACER, "-f", "-s", "-k", "--engine", engine, "--format", "json", "-o",
                                           self.path(f"{engine}.json"), "--", program], stdout=subprocess.PIPE,
                                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
                with contextlib.closing(tracer.stdout), contextlib.closing(tracer.stderr):
                    while tracer.poll() is None:
                        os.truncate(library, loaded)
                        with open(library, "r+b") as file:
                            file.seek(loaded)
                            file.write(whole[loaded:])
                    self.assertEqual(tracer.returncode, 0, tracer.stderr.read())
                with open(self.path(f"{engine}.json")) as file:
                    self.assertEqual(json.load(file)["summary"]["lost"], 0)


class Stacks(HostileTest):
    """Stack pointers, frame pointers and rules that lead anywhere: nothing outside of the copied stack is read, and no
    way is gone twice."""

    def check_stack(self, arguments, function, ends, most=4):
        for engine in ENGINES:
            with self.subTest(arguments=arguments, engine=engine):
                document, _ = self.traced([HOSTILE, *arguments], "-s", "-k", engine=engine)
                call = self.marked(document)
                self.assertEqual(call["source"]["function"], function)
                self.assertLessEqual(len(call["stack"]), most)
                self.assertIn(call.get("stack_end"), ends)

    def test_stack_pointers(self):
        for value in ("0", "8", "0x7ffffffffff8", "0x7fffffffffff", "0x800000000000", "0xffff800000000000",
                      "0xfffffffffffffff8", "0xffffffffffffffff", "0x4141414141414141", "middle"):
            for action in ("sp", "handler"):
                self.check_stack([action, value], "with_pointer", ("broken", "cut"))

    def test_frame_pointers(self):
        for kind in ("loop", "circle", "nowhere", "end", "garbage", "zero"):
            self.check_stack(["frame", kind], "with_frame", ("broken", "cut", "unknown"))

    def test_rules(self):
        for kind in ("same", "climb", "jump", "jump_cfa", "push", "pop"):
            self.check_stack(["rules", kind], f"rules_{kind}", ("broken", "no_unwind", "unknown", "too_deep", "cut"), 512)


class Names(HostileTest):
    """Names that are no names."""

    # As long as what they stand for.
    ODD = {b"called_by_library\0":
           b"c\n\x1b[31m\xff\xfe\"\\\x7f;\xc3(\x01\r\t\0",
           b"hostile.c\0": b"\xe2\x80\n\x1b\"\\\xff.\0"}

    def odd_program(self):
        with open(HOSTILE, "rb") as file:
            content = file.read()
        for name, odd in self.ODD.items():
            odd = odd[:-1].ljust(len(name) - 1, b"_")[:len(name) - 1] + b"\0"
            self.assertIn(name, content)
            content = content.replace(name, odd)
        path = self.path("odd")
        with open(path, "wb") as file:
            file.write(content)
        os.chmod(path, 0o755)
        library = self.copy(marks.program("libfirst.so"))
        return [path, "library", library, "nothing"]

    def assert_plain(self, text):
        """Text of lines, each a call or a frame."""
        for line in text.decode().splitlines():
            self.assertRegex(line, r"^([a-z0-9_]+\(| > |\[?\w+ ?\d*\]? |\+\+\+|---)", text)
            self.assertTrue(all(character.isprintable() for character in line), line)

    def test_control_characters(self):
        command = self.odd_program()
        for engine in ENGINES:
            with self.subTest(engine=engine):
                document, _ = self.traced(command, "-s", "-k", engine=engine)
                call = self.marked(document)
                self.assertIn(r"\n\33[31m", call["source"]["function"])
                self.assertIn(r"\33", call["source"]["file"])
                text, _ = self.traced(command, "-s", "-k", engine=engine, form="text")
                self.assert_plain(text)
                lines, _ = self.traced(command, "-s", "-k", engine=engine, form="jsonl")
                for line in lines.decode().splitlines():
                    json.loads(line)

    def test_control_characters_in_tables(self):
        command = self.odd_program()
        for options in (["-c", "-s"], ["--folded"], ["--function-time"]):
            with self.subTest(options=options):
                text, _ = self.traced(command, *options, form="text")
                self.assertTrue(all(character.isprintable() or character == "\n" for character in text.decode()), text)
        text, _ = self.traced(command, "--folded", form="text")
        for line in text.decode().splitlines():
            self.assertRegex(line, r"^[^ ].* \d+$")
        csv, _ = self.traced(command, "-s", form="csv")
        csv.decode()

    def test_a_symbol_of_a_megabyte(self):
        program = self.path("long")
        with open(self.path("names"), "w") as file:
            file.write("called " + "x" * (1 << 20) + "\n")
        self.run_tool("objcopy", f"--redefine-syms={self.path('names')}", SYMBOLS_ONLY, program)
        for engine in ENGINES:
            with self.subTest(engine=engine):
                document, _ = self.traced([program, "plain"], "-s", "-k", engine=engine)
                self.assertRegex(self.marked(document)["source"]["function"], r"^x{100,}$")
                text, _ = self.traced([program, "plain"], "-s", "-k", engine=engine, form="text")
                self.assert_plain(text)

    def test_symbols_of_several_lines(self):
        program = self.path("lines")
        odd = b"one\ntwo\xff\x1b[2J(\xe2\x80\xa8)"
        self.run_tool("objcopy", b"--redefine-sym=called=" + odd, SYMBOLS_ONLY, program)
        document, _ = self.traced([program, "plain"], "-s", "-k")
        self.assertIn(r"one\ntwo", self.marked(document)["source"]["function"])
        text, _ = self.traced([program, "plain"], "-s", "-k", form="text")
        self.assert_plain(text)


class LittleMemory(HostileTest):
    """With less and less of it there are fewer places, until there is no trace at all and that is said."""

    @unittest.skipIf(fixtures.is_sanitized(), "sanitizers need memory of their own")
    def test_address_space(self):
        for engine in ENGINES:
            complete = False
            for size in (48, 56, 60, 64, 72, 80, 96, 112, 120, 136, 160, 200, 300, 500):
                with self.subTest(engine=engine, size=size):
                    file = self.path(f"{engine}-{size}.json")
                    limit = size << 20
                    done = self.run_plain([RENACER, "-s", "-k", "--engine", engine, "--format", "json", "-o", file, "--",
                                           HOSTILE, "plain"],
                                          preexec_fn=lambda limit=limit:
                                          resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
                    self.assertNotIn(b"killed by", done.stderr)
                    if done.returncode != 0:
                        self.assertEqual(done.returncode, 125, done.stderr)
                        self.assertIn(b"cannot trace", done.stderr)
                        self.assertFalse(complete)
                        continue
                    with open(file) as stream:
                        call = self.marked(json.load(stream))
                    complete = bool(call["source"] and call["source"]["file"])
            self.assertTrue(complete)


if __name__ == "__main__":
    unittest.main()
