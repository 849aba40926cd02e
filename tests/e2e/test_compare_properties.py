#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What has to hold for every comparison: a trace equals itself, the verdict does not depend on the sides, every change
that can be observed of a program is found, and none that cannot. Real traces are changed at random, with a fixed seed."""

import json
import os
import random
import shutil
import tempfile
import unittest

from comparing import DIFFERENT, EQUIVALENT, MODES, CompareTest, Peer, data, run_compare
from harness import payload
from mutations import NOISE, OBSERVABLE, UNOBSERVABLE

SEED = int(os.environ.get("PROPERTIES_SEED", "6"))
ROUNDS = int(os.environ.get("PROPERTIES_ROUNDS", "3"))
REWRITES = os.environ["REWRITES"]
DATA = ("pair_python.json", "pair_rust.json", "trivial_cli_rust.json", "trivial_cli_rust_source.json")
FORMS = {"golden": ["--golden", "-f"], "json": ["--format", "json", "-f"]}


def verdict(report):
    return report["verdict"], report["matched"], report["divergent"]


class Properties(CompareTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="renacer-properties-")
        cls.addClassCleanup(folder.cleanup)
        cls.shared = folder.name
        cls.peer = Peer()
        cls.addClassCleanup(cls.peer.close)
        cls.texts = {}

    def bases(self):
        """Traces of programs that do all that can be observed, as text by name."""
        if not self.texts:
            work = os.path.join(self.shared, "work")
            source = os.path.join(self.shared, "input.txt")
            with open(source, "w") as file:
                file.write("one line and another\nERROR one\nlast one\n")
            for language in ("c", "rust"):
                program = os.path.join(REWRITES, "report_" + language)
                for name, options in FORMS.items():
                    if not os.path.exists(program):
                        continue
                    os.makedirs(work, exist_ok=True)
                    with open(os.path.join(work, "skip.txt"), "w") as file:
                        file.write("and\n")
                    path = self.record([program, source, work, str(self.peer.port)], *options, status=3,
                                       output=os.path.join(self.shared, f"{language}-{name}"))
                    with open(path) as file:
                        self.texts[f"{language}-{name}"] = file.read()
            # Two files that are written in turns.
            files = [os.path.join(self.shared, name) for name in ("one", "two")]
            path = self.record([payload("turns"), *files, "abbaab"], *FORMS["json"], output="turns")
            with open(path) as file:
                self.texts["turns"] = file.read()
        return self.texts

    def changed(self, text, change, rng):
        """The document with the change in it, or None where it has no place for that."""
        document = json.loads(text)
        return document if change(document, rng) else None

    def each(self, changes, check):
        """check(path of the original, path of the changed one) for every base, every change, some rounds."""
        for name, text in self.bases().items():
            golden = self.write(name, text)
            for change in changes:
                places = 0
                for number in range(ROUNDS):
                    # Not of the hash of a string, which is another in each run.
                    rng = random.Random(f"{SEED} {name} {change.__name__} {number}")
                    document = self.changed(text, change, rng)
                    if document is not None:
                        places += 1
                        with self.subTest(base=name, change=change.__name__, round=number):
                            new = self.write("new.json", document)
                            try:
                                check(golden, new)
                            except AssertionError:
                                self.keep(f"{name}-{change.__name__}-{number}", new)
                                raise
                self.used[change.__name__] = self.used.get(change.__name__, 0) + places

    def setUp(self):
        super().setUp()
        self.used = {}

    def tearDown(self):
        # A change for which no trace has a place proves nothing.
        self.assertEqual([name for name, count in self.used.items() if count == 0], [])

    @staticmethod
    def keep(name, path):
        """What failed, where it can be looked at: in the folder PROPERTIES_KEEP."""
        folder = os.environ.get("PROPERTIES_KEEP")
        if folder:
            shutil.copy(path, os.path.join(folder, name + ".json"))

    def test_each_equals_itself(self):
        paths = [data(name) for name in DATA] + [self.write(name, text) for name, text in self.bases().items()]
        for path in paths:
            for mode in MODES:
                with self.subTest(path=path, mode=mode):
                    report = self.assert_equivalent(path, path, "--mode", mode)
                    self.assertGreater(report["matched"], 0)
                    self.assertEqual(report["differences"], [])
                    self.assertEqual(report["cost"]["golden"], report["cost"]["new"])
                    if mode == "semantic" and path not in map(data, DATA):
                        self.assertEqual(report["confidence"], 1)

    def found(self, golden, new):
        there = self.assert_different(golden, new)
        self.assertEqual(verdict(self.compare(new, golden)), verdict(there))

    def not_found(self, golden, new):
        there = self.assert_equivalent(golden, new, confidence=1)
        self.assertEqual(verdict(self.compare(new, golden)), verdict(there))

    def test_observable_changes_are_found(self):
        self.each(OBSERVABLE, self.found)

    def test_unobservable_changes_are_not(self):
        self.each(UNOBSERVABLE, self.not_found)

    def test_several_unobservable_changes_are_not(self):
        def several(document, rng):
            for change in rng.sample(UNOBSERVABLE, 4):
                change(document, rng)
            return True
        self.each([several], self.not_found)

    def test_observable_changes_are_found_among_others(self):
        def both(document, rng):
            found = rng.choice(OBSERVABLE)(document, rng)
            for change in rng.sample(UNOBSERVABLE, 2):
                change(document, rng)
            return found
        self.each([both], self.found)

    def test_every_difference_is_one_to_exact(self):
        """A call that is there once more is one call, wherever it stands."""
        for base, text in self.bases().items():
            golden = self.write(base, text)
            matched = self.compare(golden, golden, "--mode", "exact")["matched"]
            self.assertGreaterEqual(matched, len(json.loads(text)["syscalls"]))
            for number in range(ROUNDS):
                rng = random.Random(f"{SEED} {base} {number}")
                document = json.loads(text)
                calls = document["syscalls"]
                place = rng.randrange(1, len(calls))
                extra = {"name": "umask", "args": ["077"], "result": 18}
                extra.update({key: calls[place - 1][key] for key in ("pid", "tid") if key in calls[place - 1]})
                calls.insert(place, extra)
                new = self.write("new.json", document)
                for one, other, kind in ((golden, new, "added"), (new, golden, "missing")):
                    with self.subTest(base=base, round=number, kind=kind):
                        report = self.assert_different(one, other, "--mode", "exact")
                        self.assertEqual((report["divergent"], report["matched"]), (1, matched))
                        self.assertEqual(report["first_divergence"]["kind"], kind)
                        self.assertIn("umask(077)", json.dumps(report["first_divergence"]))

    def test_counts_are_counted(self):
        for base, text in self.bases().items():
            golden = self.write(base, text)
            for number in range(ROUNDS):
                rng = random.Random(f"{SEED} {base} {number}")
                document = json.loads(text)
                name = rng.choice(NOISE)["name"]
                before = sum(call["name"] == name for call in document["syscalls"])
                more = rng.randrange(1, 9)
                document["syscalls"][1:1] = [{"name": name, "args": [], "result": 0}] * more
                new = self.write("new.json", document)
                with self.subTest(base=base, name=name, before=before, more=more):
                    report = self.assert_different(golden, new, "--mode", "counts", subject=rf"\b{name}\b")
                    self.assertEqual(report["divergent"], 1)
                    self.assert_different(new, golden, "--mode", "counts", subject=rf"\b{name}\b")
                    self.assert_equivalent(golden, new, "--mode", "counts", "--tolerance", f"{name}={more}")
                    self.assert_different(golden, new, "--mode", "counts", "--tolerance", f"{name}={more - 1}")
                    if before:
                        share = -(-100 * more // before)
                        self.assert_equivalent(golden, new, "--mode", "counts", "--tolerance", f"{name}={share}%")
                        self.assert_equivalent(golden, new, "--mode", "counts", "--tolerance", f"{share}%")


def old_documents():
    """Traces of renacer 0.6, with what stands before them."""
    for name in DATA:
        with open(data(name)) as file:
            text = file.read()
        start = text.index("{")
        yield name, text[:start], json.loads(text[start:])


def write_of(document, rng):
    return rng.choice([call for call in document["syscalls"] if call["name"] == "write" and call["result"] > 1])


class OldTraces(CompareTest):
    """Traces of renacer 0.6: three registers, no content, no descriptor's name."""

    def each(self, changes, check):
        for name, before, document in old_documents():
            for number in range(ROUNDS):
                rng = random.Random(f"{SEED} {name} {number}")
                for change in changes:
                    copy = json.loads(json.dumps(document))
                    change(copy, rng)
                    with self.subTest(name=name, change=change.__name__, round=number):
                        check(data(name), self.write("new.json", before + json.dumps(copy, indent=2)))

    def test_observable(self):
        def length(document, rng):
            call = write_of(document, rng)
            call["result"] -= 1

        def lost(document, rng):
            document["syscalls"].remove(write_of(document, rng))

        def status(document, rng):
            document["summary"]["exit_code"] = rng.randrange(1, 256)

        def stream(document, rng):
            write_of(document, rng)["args"][0] = "0x2"

        def file(document, rng):
            place = len(document["syscalls"]) - 1
            document["syscalls"][place:place] = [
                {"name": "openat", "args": ["0xffffff9c", '"/home/user/notes.txt"', "0x80000"], "result": 77},
                {"name": "read", "args": ["0x4d", "0x7ffc717f7418", "0x1000"], "result": 12},
                {"name": "close", "args": ["0x4d", "0x7ffc717f7418", "0x1000"], "result": 0}]

        def created(document, rng):
            place = len(document["syscalls"]) - 1
            document["syscalls"][place:place] = [
                {"name": "openat", "args": ["0xffffff9c", '"/home/user/made.txt"', "0x80241"], "result": 77},
                {"name": "write", "args": ["0x4d", "0x7ffc717f7418", "0xc"], "result": 12},
                {"name": "close", "args": ["0x4d", "0x7ffc717f7418", "0xc"], "result": 0}]

        def check(golden, new):
            there = self.assert_different(golden, new)
            self.assertEqual(verdict(self.compare(new, golden)), verdict(there))

        self.each([length, lost, status, stream, file, created], check)

    def test_unobservable(self):
        def noise(document, rng):
            for _ in range(10):
                document["syscalls"].insert(rng.randrange(len(document["syscalls"])), rng.choice([
                    {"name": "brk", "args": ["0x0", "0x7ffd2afc69ac", "0x0"], "result": 104178151321600},
                    {"name": "mmap", "args": ["0x0", "0x2000", "0x3"], "result": 137039441969152},
                    {"name": "openat", "args": ["0xffffff9c", '"/home/user/none"', "0x80000"], "result": -2},
                    {"name": "unknown", "args": ["0x0", "0x0", "0x0"], "result": 0},
                    {"name": "write", "args": ["0x1", "0x7ffd2afc69ac", "0x5"], "result": -11}]))

        def split(document, rng):
            call = write_of(document, rng)
            first = rng.randrange(1, call["result"])
            rest = {"name": "write", "args": [call["args"][0], "0x55", hex(call["result"] - first)], "result": call["result"] - first}
            document["syscalls"].insert(document["syscalls"].index(call) + 1, rest)
            call["args"][2], call["result"] = hex(first), first

        def library(document, rng):
            place = rng.randrange(10)
            document["syscalls"][place:place] = [
                {"name": "openat", "args": ["0xffffff9c", '"/lib/x86_64-linux-gnu/libm.so.6"', "0x80000"], "result": 77},
                {"name": "read", "args": ["0x4d", "0x7ffc717f7418", "0x340"], "result": 832},
                {"name": "close", "args": ["0x4d", "0x7ffc717f7418", "0x340"], "result": 0}]

        def check(golden, new):
            there = self.assert_equivalent(golden, new)
            self.assertLess(there["confidence"], 1)
            self.assertEqual(verdict(self.compare(new, golden)), verdict(there))

        self.each([noise, split, library], check)

    def test_a_program_and_its_rewrite(self):
        golden, new = data("pair_python.json"), data("pair_rust.json")
        for one, other in ((golden, new), (new, golden)):
            report = self.assert_equivalent(one, other)
            self.assertGreater(report["confidence"], 0)
            self.assertLess(report["confidence"], 1)
            self.assertEqual(report["rests_on"]["content_bytes"], 0)
            self.assertEqual(report["rests_on"]["length_only_bytes"], 20)
        report = self.compare(golden, new)
        self.assertEqual((report["cost"]["golden"]["calls"], report["cost"]["new"]["calls"]), (1220, 65))
        self.assertEqual(run_compare(golden, new, "--mode", "exact", "-q").returncode, DIFFERENT)
        self.assertEqual(run_compare(golden, new, "--mode", "counts", "-q").returncode, DIFFERENT)
        self.assertEqual(run_compare(golden, new, "-q").returncode, EQUIVALENT)


class Exact(CompareTest):
    """Every call, after normalisation: of traces that are not golden, recorded with addresses at random."""

    def recorded(self, name, command):
        path = self.record(command, "--format", "json", output=name)
        with open(path) as file:
            return path, json.load(file)

    def lines(self, golden, new, *options):
        """The changed lines, without the head of the report, of hunks and the table of costs."""
        done = run_compare(golden, new, "--mode", "exact", *options)
        self.assertEqual(done.returncode, DIFFERENT, done.stderr)
        return [line for line in done.stdout.decode().splitlines()
                if line.startswith(("+", "-", "...")) and not line.startswith(("+++", "---"))]

    def spread(self, calls, context):
        """A document with one call on each line, as a trace has it."""
        return json.dumps({**context, "syscalls": []}).replace('"syscalls": []', '"syscalls": [\n' + ",\n".join(
            map(json.dumps, calls)) + "\n]")

    def test_the_same_program_twice(self):
        for number, command in enumerate(([payload("hello")], ["/bin/cat", data("pair_rust.json")], ["/bin/ls", "/"],
                                          [payload("static_hello")])):
            with self.subTest(command=command):
                status = 3 if "static" in command[0] else 0
                golden, new = (self.record(command, "--format", "json", status=status, output=f"{number}-{side}",
                                           env={**os.environ, "SIDE": "x" * (97 * side)}) for side in range(2))
                report = self.assert_equivalent(golden, new, "--mode", "exact")
                with open(golden) as one, open(new) as other:
                    documents = json.load(one), json.load(other)
                if number == 0:
                    # Addresses are at random, or this says nothing.
                    self.assertNotEqual(documents[0]["syscalls"], documents[1]["syscalls"])
                self.assertGreaterEqual(report["matched"], len(documents[0]["syscalls"]))

    def test_a_different_argument_is_two_lines(self):
        traces = [self.record([payload("turns"), self.path("one"), self.path("two"), order], "--format", "json", "-e", "trace=write",
                              output=order + str(number)) for number, order in enumerate(("aaabbb", "aaabbb"))]
        with open(traces[1]) as file:
            text = file.read()
        new = self.write("new.json", text.replace("b2", "b7"))
        changed = self.lines(traces[0], new)
        self.assertEqual([line[0] for line in changed], ["-", "+"], changed)
        self.assertIn("b2", changed[0])
        self.assertIn("b7", changed[1])

    def test_inserted_moved_and_repeated(self):
        golden, document = self.recorded("golden.json", [payload("turns"), self.path("one"), self.path("two"), "abbaab"])
        calls = document.pop("syscalls")
        place = next(i for i, call in enumerate(calls) if call["name"] == "openat" and call["args"][1] == self.path("one"))
        main = {key: calls[place][key] for key in ("pid", "tid") if key in calls[place]}
        block = [{"name": "umask", "args": [f"0{mask}"], "result": 18, **main} for mask in (11, 22, 33, 44, 55, 66)]
        with self.subTest("one call more"):
            new = self.write("new.json", self.spread(calls[:place] + block[:1] + calls[place:], document))
            self.assertEqual(self.lines(golden, new), ["+umask(011) = 18"])
            self.assertEqual(self.lines(new, golden), ["-umask(011) = 18"])
        with self.subTest("context"):
            for context in (0, 1, 5):
                done = run_compare(golden, new, "--mode", "exact", "-U", str(context))
                hunk = done.stdout.decode().split("@@")[-1].split("\n\n")[0].splitlines()[1:]
                self.assertEqual([line[0] for line in hunk], [" "] * context + ["+"] + [" "] * context)
        with self.subTest("repeated"):
            new = self.write("new.json", self.spread(calls[:place] + block[:3] * 120 + calls[place:], document))
            changed = self.lines(golden, new)
            self.assertLessEqual(len(changed), 5, changed)
            self.assertIn("+umask(011) = 18", changed)
            self.assertRegex("\n".join(changed), "the same 3 lines, (119|120)( more)? times")
            self.assertEqual(self.compare(golden, new, "--mode", "exact")["divergent"], 360)
        with self.subTest("moved"):
            one = self.write("one.json", self.spread(calls[:5] + block + calls[5:], document))
            other = self.write("other.json", self.spread(calls[:place] + block + calls[place:], document))
            changed = self.lines(one, other)
            self.assertLess(len(changed), 2 * len(block), changed)
            self.assertRegex("\n".join(changed), "moved")
            self.assertRegex(json.dumps(self.compare(one, other, "--mode", "exact")["differences"]), "moved")


if __name__ == "__main__":
    unittest.main(verbosity=2)
