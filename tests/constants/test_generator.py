#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator of emit/constants: what it makes of a table, and which tables it refuses."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest

from generator import PATH, generate
from test_headers import check_table


class TableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="renacer-generator-")
        self.addCleanup(folder.cleanup)
        self.table = os.path.join(folder.name, "a.tbl")


class GeneratorTest(TableTest):

    def read(self, text):
        with open(self.table, "w", encoding="ascii") as file:
            file.write(text)
        return generate.read([self.table])

    def refused(self, text, message, line=None):
        """The table is refused with these words, and with the line where one line is to blame."""
        with self.assertRaises(generate.Problem) as caught:
            self.read(text)
        told = str(caught.exception)
        self.assertIn(message, told)
        if line:
            self.assertTrue(told.startswith(f"{self.table}:{line}: "), told)

    def run_generator(self, kind, text):
        with open(self.table, "w", encoding="ascii") as file:
            file.write(text)
        return subprocess.run([sys.executable, PATH, kind, self.table], capture_output=True, text=True, check=False)

    def test_an_enumeration(self):
        one = self.read('# about it\nheaders a.h b/c.h\nenum SEEK "SEEK_???" decimal  # more\n'
                        "    0  SEEK_SET\n    0x1f  SEEK_HEX\n    010000  SEEK_OCTAL\n")["SEEK"]
        self.assertTrue(one.is_enum)
        self.assertEqual(one.headers, ("a.h", "b/c.h"))
        self.assertEqual(one.unknown, "SEEK_???")
        self.assertEqual(one.options, {"decimal"})
        self.assertEqual([(constant.name, constant.value) for constant in one.constants({})],
                         [("SEEK_SET", 0), ("SEEK_HEX", 31), ("SEEK_OCTAL", 4096)])

    def test_flags_have_masks(self):
        one = self.read("flags F group=0xf octal=0777 shift=4:SHIFT\n    0/3  A\n    0x10  B\n    0x20/all  C\n")["F"]
        self.assertEqual([constant.mask for constant in one.constants({})], [3, 0x10, generate.ALL])
        self.assertEqual((one.masks, one.shift), ({"group": 15, "apart": 0, "octal": 511, "number": 0, "signal": 0}, (4, "SHIFT")))

    def test_a_set_holds_those_that_it_includes(self):
        sets = self.read("flags A\n    1  ONE\n    include  B\nflags B\n    2  TWO\n")
        self.assertEqual([constant.name for constant in sets["A"].constants(sets)], ["ONE", "TWO"])

    def test_numbers_out_of_order_are_refused(self):
        self.refused("enum E\n    2  TWO\n    1  ONE\n", "E: ONE does not belong behind TWO")
        self.refused("enum E\n    1  ONE\n    1  UNO\n", "E: UNO does not belong behind ONE")
        self.refused("flags F\n    2  TWO\n    1  ONE\n", "F: ONE does not belong behind TWO")

    def test_listed_is_for_what_is_not_in_order(self):
        self.read("flags F listed\n    2  TWO\n    1  ONE\n")
        self.refused("flags F listed\n    1  ONE\n    2  TWO\n", "F says `listed`, but it is in the order")
        self.refused("enum E listed\n    1  ONE\n", "E says `listed`")

    def test_a_name_stands_in_a_set_once(self):
        self.refused("enum E\n    1  ONE\n    2  ONE\n", "E has ONE twice")
        self.refused("flags A\n    1  ONE\n    include  B\nflags B\n    2  ONE\n", "A has ONE twice")

    def test_a_set_has_members(self):
        self.refused("enum E\n", "E is empty")

    def test_a_set_stands_there_once(self):
        self.refused("enum E\n    1  ONE\nenum E\n    2  TWO\n", "a second set E", line=3)

    def test_masks_are_checked(self):
        self.refused("flags F\n    4/3  A\n", "A has bits outside of its mask", line=2)
        self.refused("flags F\n    0  A\n", "A is 0, which says nothing", line=2)
        self.refused("enum E\n    0/3  A\n", "E: a mask in an enumeration")

    def test_what_is_not_known_is_refused(self):
        self.refused("enum E big\n    1  ONE\n", "unknown option big", line=1)
        self.refused("enum E colour=1\n    1  ONE\n", "unknown option colour=1", line=1)
        self.refused("set E\n    1  ONE\n", "neither a set nor a constant", line=1)
        self.refused("enum E\n1  ONE\n", "neither a set nor a constant", line=2)
        self.refused("    1  ONE\n", "neither a set nor a constant", line=1)
        self.refused("enum E\n    08  EIGHT\n", "08", line=2)
        self.refused("flags F shift=4\n    1  ONE\n", "", line=1)
        self.refused("flags A\n    1  ONE\n    include  B\n", "A: there is no set B to include")

    def test_parts_are_merged(self):
        sets = self.read("enum A merged\n    include  B\n    include  C\nenum B part\n    1  UNO\n    3  FIRST(1)\n    4  GROWN\n"
                         "enum C part\n    1  EIN or ONE  :NONE\n    2  TWO  :INT\n    3  AFTER\n    5  GROWN\n")
        self.assertEqual([(constant.value, constant.name, constant.kind) for constant in sets["A"].constants(sets)],
                         [(1, "EIN or ONE or UNO", "NONE"), (2, "TWO", "INT"), (3, "FIRST(1) or AFTER", None),
                          (4, "GROWN", None), (5, "GROWN", None)])
        self.refused("enum A merged\n    include  B\n    include  C\nenum B part\n    1  UNO  :INT\nenum C part\n    1  ONE  :NONE\n",
                     "ONE is INT and NONE")
        told = self.run_generator("types", "enum A merged\n    include  B\nenum B part\n    1  UNO\n").stdout
        self.assertNotIn("A_B", told)

    def test_a_number_has_one_name(self):
        done = self.run_generator("numbers", "enum A numbers\n    1  ONE\nenum B numbers\n    1  ONE\n    2  TWO\nenum C\n    3  THREE\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[1:], ["#define NUMBER_ONE 0x1", "#define NUMBER_TWO 0x2"])
        done = self.run_generator("numbers", "enum A numbers\n    1  ONE\nenum B numbers\n    2  ONE\n")
        self.assertEqual((done.returncode, done.stderr), (1, "generate.py: ONE has two numbers\n"))

    def test_headers_in_a_row_are_one_list(self):
        sets = self.read("headers a.h\nheaders b.h\nenum A\n    1  ONE\nheaders c.h\nenum B\n    1  ONE\n")
        self.assertEqual((sets["A"].headers, sets["B"].headers), (("a.h", "b.h"), ("c.h",)))

    def commands(self, rows, text):
        """What is made of these rows of commands: its lines, and what is wrong with them."""
        with open(self.table, "w", encoding="ascii") as file:
            file.write(text)
        path = os.path.join(os.path.dirname(self.table), "commands.def")
        with open(path, "w", encoding="ascii") as file:
            file.write(rows)
        done = subprocess.run([sys.executable, PATH, "commands", path, self.table], capture_output=True, text=True, check=False)
        return [line.strip() for line in done.stdout.splitlines()[1:]], done.stderr.removeprefix(f"generate.py: {path}: ")

    def test_commands_ascend_within_their_set(self):
        lines, _ = self.commands("/* COMMAND(A_B, NOT, ARG(0, A_INT)) */\nCOMMAND(A_B, TWO, ARG(0, A_B),\n        ARG(1, A_FD))\n"
                                 "COMMAND(A_B, UNO, ARG(0, A_B))\nCOMMAND(A_A, FIVE, ARG(1, A_A))\n",
                                 "enum A commands\n    5  FIVE\nenum B commands\n    1  ONE or UNO\n    2  TWO\n")
        self.assertEqual(lines, ["static const struct command commands[] = {",
                                 "{0x5 /* FIVE */, {ARG(1, A_A)}},", "{0x1 /* UNO */, {ARG(0, A_B)}},",
                                 "{0x2 /* TWO */, {ARG(0, A_B), ARG(1, A_FD)}},", "};",
                                 "static const uint32_t command_types[] = {", "/* A */ ARG(1, A_A),",
                                 "/* B */ ARG(0, A_B), ARG(1, A_FD),", "};",
                                 "static const struct command_range ranges[A_LAST_PACKED - A_FIRST_SET + 1] = {",
                                 "[A_A - A_FIRST_SET] = {0, 1, 0, 1},", "[A_B - A_FIRST_SET] = {1, 2, 1, 2},", "};"])

    def test_commands_of_a_kind_share_a_row(self):
        lines, _ = self.commands("KIND(A_A, NONE, ARG(0, A_A))\nCOMMAND(A_A, TWO, ARG(1, A_FD))\n",
                                 "enum A commands\n    1  ONE  :NONE\n    2  TWO  :NONE\n    3  THREE\n")
        self.assertEqual(lines[1:4], ["{0x1 /* ONE */, {ARG(0, A_A)}},", "{0x2 /* TWO */, {ARG(1, A_FD)}},", "};"])

    def test_rows_of_commands_that_are_wrong_are_refused(self):
        text = "enum A commands\n    1  ONE or UNO\n    2  TWO\nenum B\n    1  ONE\n"
        row = "COMMAND(A_A, ONE, ARG(0, A_A))\n"
        self.assertEqual(self.commands(row.replace("ONE", "TEN"), text)[1], "A has no TEN, or two\n")
        self.assertEqual(self.commands(row.replace("A_A,", "A_B,"), text)[1], "A_B has no commands\n")
        self.assertEqual(self.commands(row + row.replace("ONE", "UNO"), text)[1], "UNO stands there twice\n")
        self.assertIn("ONE has an argument that is none of ARG", self.commands(row.replace("ARG", "REFER"), text)[1])
        self.assertIn("not a command and its arguments", self.commands("COMMAND(A_A)\n", text)[1])
        self.assertIn("TWO is a NONE, which no row", self.commands(row, text.replace("TWO", "TWO  :NONE"))[1])

    def test_what_a_set_says_of_itself_is_in_c(self):
        text = ("enum A htons commented stepped decimal\n    1  ONE\nflags B group=3 apart=0xf octal=0777 shift=5:SHIFT\n"
                "    1  ONE\n")
        told = self.run_generator("sets", text).stdout
        self.assertIn(".is_decimal = true, .is_htons = true, .is_commented = true, .is_stepped = true, .is_enumeration = true}", told)
        self.assertIn('.group = 0x3, .apart = 0xf, .octal = 0x1ff, .shift = 5, .shift_name = "SHIFT"}', told)

    def test_types_and_sets(self):
        text = 'enum B "B_???" wide\n    7  SEVEN\nflags A\n    1/3  ONE\n'
        self.assertEqual(self.run_generator("types", text).stdout.split()[-5:],
                         ["A_FIRST_SET,", "A_B,", "A_LAST_SET", "=", "A_B,"])
        told = self.run_generator("sets", text).stdout
        self.assertIn('{"SEVEN", 0x7, 0xffffffffffffffff}', told)
        self.assertIn('{"ONE", 0x1, 0x3}', told)
        self.assertIn("[A_B - A_FIRST_SET] = {.constants = b_set, .count = COUNT(b_set), "
                      '.unknown = "B_???", .is_wide = true, .is_enumeration = true},', told)

    def test_a_bad_table_ends_the_generator_with_its_place(self):
        done = self.run_generator("sets", "flags F\n    4/3  A\n")
        self.assertEqual((done.returncode, done.stdout.count("\n")), (1, 1))
        self.assertEqual(done.stderr, f"generate.py: {self.table}:2: A has bits outside of its mask\n")

class HeadersTest(TableTest):
    """What test_headers.py says of a table that differs from the headers."""

    def check(self, text):
        sets = {}
        with open(self.table, "w", encoding="ascii") as file:
            file.write(text)
        generate.read_table(self.table, sets)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            return check_table(self.table, sets), told.getvalue()

    def test_names_that_differ_are_told(self):
        (wrong, held, unknown), told = self.check("headers linux/fs.h\nenum A\n    0  SEEK_SET\n    2  SEEK_CUR\n"
                                                  "    3  SEEK_END or SEEK_NOT\n    4  SEEK_DATA|SEEK_HOLE\n")
        self.assertEqual(wrong, ["A: SEEK_CUR is 0x2 here, 0x1 in the headers", "A: SEEK_END is 0x3 here, 0x2 in the headers",
                                 "A: SEEK_DATA|SEEK_HOLE is 0x4 here, 0x7 in the headers"])
        self.assertEqual((held, unknown), (4, 1))
        self.assertEqual(told, "a.tbl: 4 names held against the headers, 1 not there\n    A: SEEK_NOT\n")

    def test_a_set_is_as_wide_as_it_says(self):
        (wrong, _, _), _ = self.check("headers linux/fcntl.h\nenum A\n    0xffffff9c  AT_FDCWD\nenum B wide\n"
                                      "    0xffffff9c  AT_FDCWD\nenum C wide\n    0xffffffffffffff9c  AT_FDCWD\n")
        self.assertEqual(wrong, ["B: AT_FDCWD is 0xffffff9c here, 0xffffffffffffff9c in the headers"])

    def test_headers_that_give_no_number_are_told(self):
        (wrong, _, _), _ = self.check("headers asm/ioctls.h no/such.h\nenum A\n    0x802c542a  TCGETS2\n")
        self.assertEqual(wrong, ["A: TCGETS2 is defined, but the headers that give it a number are missing"])
        (wrong, held, _), _ = self.check("headers linux/fs.h fcntl.h asm/fcntl.h\nenum A\n    1  O_WRONLY\n")
        self.assertEqual((len(wrong), held), (1, 0))
        self.assertIn("headers that do not go together", wrong[0])


if __name__ == "__main__":
    unittest.main()
