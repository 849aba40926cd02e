#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names of constants: from the tables of this folder to C.

    generate.py types|sets|numbers TABLE... > FILE
    generate.py commands COMMANDS TABLE... > FILE

types: the members of enum arg_type, one for each set; sets: the constants
themselves, for emit/constants.c; commands: the rows of emit/commands.def in
the order of their numbers, for emit/arguments.c; numbers: those that C speaks of
by name.

A table is lines. '#' begins a comment; a line without indentation begins a set
or names the headers in which a test looks for what follows (lines of them in a row
are one list):

    headers linux/fs.h linux/stat.h
    enum WHENCE "SEEK_???"
        0  SEEK_SET
    flags OPEN_FLAGS "O_???" listed
        0/3   O_RDONLY
        0100  O_CREAT
        include OPEN_FLAGS_ONLY

In an enumeration each number has one name; numbers ascend. Flags are bits: a
number after '/' is the mask of the bits that a value fills, where these are
more than its own; 'all' makes it speak for the whole number. `include` puts the
constants of another set there. Flags ascend, too, unless the set is `listed`:
its names are shown in the order in which they stand here, because strace does.

Behind the set's name, each if it applies:

    "O_???"         what strace calls a number that has no name
    wide            as wide as the architecture; else 32 bits
    decimal         a number without a name is written in decimal
    group=MASK      bits that are one number, shown where its names stand, even if it has none
    apart=MASK      bits whose name stands apart: if no other bit has one, the rest is commented on
    first=SET:MASK  bits that are a number of the set SET, shown first and always
    number=MASK     bits that are a number, shown last and always, in decimal
    signal=MASK     bits that are a signal, shown last
    octal=MASK      bits that are a file's mode, shown last and always
    else=NAME       a number without a name is shown as the packed number NAME
    shift=N:NAME    a number in the bits from N on is shown as 21<<NAME
    listed          see above
    htons           the number is 16 bits in network order: htons(ETH_P_IP)
    commented       strace has the name in a comment behind the number
    stepped         a number between two names is what it is more than the first: 8*R15+4
    numbers         C speaks of its members by name: NUMBER_...
    commands        emit/commands.def speaks of its members by name
    part            there for others to include, and nothing else
    merged          what it includes is put in the order of its numbers; where two
                    parts name one number, it has both names, by the alphabet,
                    but first those of macros: "MIXER_READ(1) or MEMGETINFO".
                    A name may have several numbers: its structure has grown

Behind a command of which KIND speaks in emit/commands.def stands what it is:

    0x125f  BLKRRPART  :NONE

A packed number has other numbers in its bits. It is written as a template:

    packed QUOTA_CMD
        any                    QCMD({8+24 QUOTA_OP}, {0+8 QUOTA_TYPE})
    packed DYNAMIC_CLOCK
        0x80000003/0x80000007  FD_TO_CLOCKID({~3+29 UINT})

{8+24 ENUM} are the 24 bits from bit 8 on, by the names of an enumeration, or as
UINT or HEX; behind '~' they are inverted. {28+3 ENUM <<28} has "<<28" behind the
name, and before the comment on a number that has none. There can be several templates: the first whose
value stands in the bits of its mask is taken.
"""

import os
import re
import sys

ALL = (1 << 64) - 1
SET = re.compile(r"(enum|flags|packed) ([A-Z][A-Z0-9_]*)((?: .*)?)")
OPTION = re.compile(r'"([^"]*)"|(\S+)')
CONSTANT = re.compile(r"\s+([0-9a-fx]+)(?:/([0-9a-fx]+|all))?\s+(\S.*)")
KIND = re.compile(r"(.*?)(?:\s+:([A-Z]+))?")
INCLUDE = re.compile(r"\s+include\s+([A-Z][A-Z0-9_]*)")
# What an argument of a command is: its type, if it is not the same as the row's.
ARGUMENT = re.compile(r"ARG\(\d+, (\w+(?:\((?:[^()]|\([^()]*\))*\))?)\)|SAME\(\d+\)|RESULT\(\w+(?:\(\w+\))?\)")
TEMPLATE = re.compile(r"\s+(?:any|([0-9a-fx]+)/([0-9a-fx]+))\s+(\S.*)")
PART = re.compile(r"\{(~?)(\d+)\+(\d+) ([A-Z][A-Z0-9_]*)(?: ([^}]+))?\}")
# Where one number means two things its name has both.
BOTH = " or "


OPTIONS = ("wide", "decimal", "listed", "htons", "commented", "stepped", "commands", "numbers", "part", "merged")


class Problem(Exception):
    """What is wrong with a table, and where."""


class Constant:
    def __init__(self, name, value, mask, kind=None):
        self.name = name
        self.value = value
        self.mask = mask
        self.kind = kind  # of a command


class Template:
    """What a packed number looks like if it has `value` in the bits of `mask`."""

    def __init__(self, value, mask, text):
        self.value = value
        self.mask = mask
        pieces = PART.split(text)  # text, '~', first bit, bits, type, suffix, text, ...
        self.parts = [pieces[i : i + 6] for i in range(0, len(pieces) - 1, 6)]
        self.after = pieces[-1]


class Set:
    def __init__(self, kind, name, headers):
        self.is_enum = kind == "enum"
        self.is_packed = kind == "packed"
        self.name = name
        self.headers = headers
        self.own = []  # what stands in the set itself: constants and names of sets
        self.templates = []
        self.unknown = None
        self.options = set()
        self.masks = {"group": 0, "apart": 0, "octal": 0, "number": 0, "signal": 0}
        self.first = (None, 0)
        self.shift = (0, None)
        self.otherwise = None

    def constants(self, sets):
        """With those of the sets that it includes."""
        return merged(self.listed(sets)) if "merged" in self.options else self.listed(sets)

    def listed(self, sets):
        """The same in the order in which they stand in the tables."""
        for item in self.own:
            if isinstance(item, Constant):
                yield item
            elif item in sets:
                yield from sets[item].constants(sets)
            else:
                raise Problem(f"{self.name}: there is no set {item} to include")


def merged(constants):
    """One constant for each number, with all names that the number has."""
    of_number = {}
    for constant in constants:
        of_number.setdefault(constant.value, []).append(constant)
    for value, group in sorted(of_number.items()):
        names = [name for constant in group for name in constant.name.split(BOTH)]
        names.sort(key=lambda name: ("(" not in name, name))
        kinds = {constant.kind for constant in group if constant.kind}
        if len(kinds) > 1:
            raise Problem(f"{names[0]} is {' and '.join(sorted(kinds))}")
        yield Constant(BOTH.join(names), value, group[0].mask, kinds.pop() if kinds else None)


def number(text):
    """As in C: 0x1f is hexadecimal, 017 octal."""
    return int(text, 8) if re.fullmatch("0[0-7]+", text) else int(text, 0)


def parse_options(new, text):
    for quoted, word in OPTION.findall(text):
        key, _, value = word.partition("=")
        if not word:
            new.unknown = quoted
        elif key in new.masks:
            new.masks[key] = number(value)
        elif key == "first":
            name, mask = value.split(":")
            new.first = (name, number(mask))
        elif key == "shift":
            bits, name = value.split(":")
            new.shift = (int(bits), name)
        elif key == "else":
            new.otherwise = value
        elif word in OPTIONS:
            new.options.add(word)
        else:
            raise Problem(f"unknown option {word}")


def parse_constant(current, match):
    text, mask, name = match.groups()
    value = number(text)
    if mask is None:
        mask = ALL if current.is_enum else value
    else:
        mask = ALL if mask == "all" else number(mask)
    if value & ~mask:
        raise Problem(f"{name} has bits outside of its mask")
    if not mask:
        raise Problem(f"{name} is 0, which says nothing among flags without a mask")
    name, kind = KIND.fullmatch(name.rstrip()).groups()
    current.own.append(Constant(name, value, mask, kind))


def parse_template(current, match):
    value, mask, text = match.groups()
    current.templates.append(Template(number(value or "0"), number(mask or "0"), text))
    if "{" in PART.sub("", text):
        raise Problem(f"{text}: a part is {{first+bits TYPE}}")


def read_table(path, sets):
    headers = ()
    again = False  # the line before was of headers, too
    current = None
    with open(path, encoding="ascii") as table:
        for at, line in enumerate(table, 1):
            line = line.split("#")[0].rstrip()
            start, constant, include = SET.fullmatch(line), CONSTANT.fullmatch(line), INCLUDE.fullmatch(line)
            try:
                if not line:
                    continue
                if line.startswith("headers "):
                    headers = (headers if again else ()) + tuple(line.split()[1:])
                elif start:
                    current = Set(start.group(1), start.group(2), headers)
                    if current.name in sets:
                        raise Problem(f"a second set {current.name}")
                    parse_options(current, start.group(3))
                    sets[current.name] = current
                elif current and current.is_packed:
                    template = TEMPLATE.fullmatch(line)
                    if not template:
                        raise Problem("neither a set nor a template")
                    parse_template(current, template)
                elif include and current:
                    current.own.append(include.group(1))
                elif constant and current:
                    parse_constant(current, constant)
                else:
                    raise Problem("neither a set nor a constant")
                again = line.startswith("headers ")
            except (Problem, ValueError) as problem:
                raise Problem(f"{path}:{at}: {problem}") from None


def check_packed(one, sets):
    """Every part is of a type that there is."""
    for template in one.templates:
        for part in template.parts:
            if part[4] not in ("UINT", "HEX") and (part[4] not in sets or not sets[part[4]].is_enum):
                raise Problem(f"{one.name}: there is no enumeration {part[4]}")
    if not one.templates:
        raise Problem(f"{one.name} is empty")


def check(one, sets):
    """The order, and that nothing stands there twice."""
    if one.is_packed:
        check_packed(one, sets)
        return
    if one.otherwise and (one.otherwise not in sets or not sets[one.otherwise].is_packed):
        raise Problem(f"{one.name}: there is no packed number {one.otherwise}")
    constants = list(one.constants(sets))
    values = [constant.value for constant in constants]
    names = [constant.name for constant in constants]
    if not constants:
        raise Problem(f"{one.name} is empty")
    if one.is_enum and any(constant.mask != ALL for constant in constants):
        raise Problem(f"{one.name}: a mask in an enumeration")
    for before, name, last, value in zip(names, names[1:], values, values[1:]):
        if one.is_enum and value <= last or "listed" not in one.options and value < last:
            raise Problem(f"{one.name}: {name} does not belong behind {before}")
    if "listed" in one.options and (one.is_enum or values == sorted(values)):
        raise Problem(f"{one.name} says `listed`, but it is in the order of its numbers")
    if one.first[1] and one.first[0] not in sets:
        raise Problem(f"{one.name}: there is no set {one.first[0]} to show first")
    for name in names:
        if names.count(name) > 1 and not one.options & {"merged", "part"}:
            raise Problem(f"{one.name} has {name} twice")


def read(paths):
    """All sets, by name."""
    sets = {}
    for path in sorted(paths):
        read_table(path, sets)
    for one in sets.values():
        check(one, sets)
    return sets


def divide(sets):
    """The sets of constants that are types and the packed numbers, each with their names in order."""
    whole = {name: one for name, one in sorted(sets.items()) if "part" not in one.options}
    named = {name: one for name, one in whole.items() if not one.is_packed}
    packed = {name: one for name, one in whole.items() if one.is_packed}
    return named, packed


def write_types(sets):
    for group, what in zip(divide(sets), ("SET", "PACKED")):
        names = list(group)
        print(f"A_FIRST_{what}, A_{names[0]} = A_FIRST_{what},")
        for name in names[1:]:
            print(f"A_{name},")
        print(f"A_LAST_{what} = A_{names[-1]},")


def text(string):
    """As C has it; "??-" would be a trigraph."""
    return '"' + string.replace("?-", "\\?-") + '"' if string else "NULL"


def write_packed(packed):
    for name, one in packed.items():
        for at, template in enumerate(one.templates):
            print(f"static const struct packed_part {name.lower()}_parts_{at}[] = {{")
            for before, inverted, first, bits, kind, suffix in template.parts:
                print(f'    {{"{before}", "{suffix or ""}", A_{kind}, {first}, {bits}, {"true" if inverted else "false"}}},')
            print("};")
        print(f"static const struct packed_form {name.lower()}_forms[] = {{")
        for at, template in enumerate(one.templates):
            parts = f"{name.lower()}_parts_{at}"
            print(f'    {{{template.value:#x}, {template.mask:#x}, {parts}, COUNT({parts}), "{template.after}"}},')
        print("};")
    print("static const struct packed packed_numbers[] = {")
    for name in packed:
        forms = f"{name.lower()}_forms"
        print(f"    [A_{name} - A_FIRST_PACKED] = {{{forms}, COUNT({forms})}},")
    print("};")


def write_sets(sets):
    named, packed = divide(sets)
    write_packed(packed)
    for name, one in named.items():
        print(f"static const struct constant {name.lower()}_set[] = {{")
        for constant in one.constants(sets):
            print(f'    {{"{constant.name}", {constant.value:#x}, {constant.mask:#x}}},')
        print("};")
    print("static const struct constant_set sets[] = {")
    for name, one in named.items():
        fields = [f".constants = {name.lower()}_set", f".count = COUNT({name.lower()}_set)", f".unknown = {text(one.unknown)}"]
        fields += [f".is_{option} = true" for option in ("wide", "decimal", "htons", "commented", "stepped") if option in one.options]
        fields += [".is_enumeration = true"] if one.is_enum else []
        fields += [f".otherwise = A_{one.otherwise}"] if one.otherwise else []
        fields += [f".{key} = {mask:#x}" for key, mask in one.masks.items() if mask]
        fields += [f".first = A_{one.first[0]}, .first_bits = {one.first[1]:#x}"] if one.first[1] else []
        fields += [f".shift = {one.shift[0]}, .shift_name = {text(one.shift[1])}"] if one.shift[0] else []
        print(f"    [A_{name} - A_FIRST_SET] = {{{', '.join(fields)}}},")
    print("};")


def members(one, sets):
    """The numbers of a set by name; each of the names that one number has. None: the name has several numbers."""
    numbers = {}
    for constant in one.constants(sets):
        for name in constant.name.split(BOTH):
            numbers[name] = None if name in numbers else constant.value
    return numbers


def split_row(text):
    """The first two parts of "(type, name, the rest)", and the rest."""
    depth = 0
    commas = []
    for at, char in enumerate(text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 1:
            commas.append(at)
        if depth == 0:
            if len(commas) < 2:
                break
            return text[1 : commas[0]].strip(), text[commas[0] + 1 : commas[1]].strip(), text[commas[1] + 1 : at]
    raise Problem(f"COMMAND{text.splitlines()[0]}: not a command and its arguments")


def rows_of(path, macro):
    """The rows of one macro: the set or packed number that the command is in, name, arguments."""
    with open(path, encoding="ascii") as file:
        rows = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    for start in re.finditer(rf"^{macro}(?=\()", rows, re.M):
        argument, name, arguments = split_row(rows[start.end() :])
        arguments = " ".join(arguments.split())
        if ARGUMENT.sub("", arguments).strip(" ,"):
            raise Problem(f"{path}: {name} has an argument that is none of ARG(index, type), SAME(index), RESULT(type)")
        yield argument.removeprefix("A_"), name, arguments


def commands_in(path, sets, name):
    """The numbers of the commands of a set by name, or, of a packed number, of the enumerations in it."""
    one = sets.get(name)
    if one and one.is_packed:
        parts = [sets[part[4]] for template in one.templates for part in template.parts if part[4] in sets]
        found = [part for part in parts if "commands" in part.options]
    else:
        found = [one] if one and "commands" in one.options else []
    if not found:
        raise Problem(f"{path}: A_{name} has no commands")
    return members(found[0], sets)


def read_commands(path, sets):
    """Name and arguments of each command by its number, by the set that it is in."""
    commands = {}
    numbers = {}
    for of, name, arguments in rows_of(path, "COMMAND"):
        if of not in numbers:
            numbers[of] = commands_in(path, sets, of)
        value = numbers[of].get(name)
        if value is None:
            raise Problem(f"{path}: {of} has no {name}, or two")
        of_set = commands.setdefault(of, {})
        if value in of_set:
            raise Problem(f"{path}: {name} stands there twice")
        of_set[value] = (name, arguments)
    kinds = {(of, name): arguments for of, name, arguments in rows_of(path, "KIND")}
    for one in sets.values():
        for constant in one.constants(sets) if "commands" in one.options else []:
            if constant.kind and (one.name, constant.kind) not in kinds:
                raise Problem(f"{constant.name} is a {constant.kind}, which no row of {path} tells of")
            if constant.kind:
                row = (constant.name, kinds[one.name, constant.kind])
                commands.setdefault(one.name, {}).setdefault(constant.value, row)
    return commands


def types_of(rows):
    """The arguments that these rows have, each once, but for those that are the row's of the call."""
    return {found.group() for _, arguments in rows.values() for found in ARGUMENT.finditer(arguments) if found.group(1)}


def write_commands(sets, path):
    commands = read_commands(path, sets)
    print("static const struct command commands[] = {")
    for _, rows in sorted(commands.items()):
        for value, (name, arguments) in sorted(rows.items()):
            print(f"    {{{value:#x} /* {name} */, {{{arguments}}}}},")
    print("};")
    types = {name: sorted(types_of(rows)) for name, rows in commands.items()}
    print("static const uint32_t command_types[] = {")
    for name in sorted(commands):
        print(f"    /* {name} */ {', '.join(types[name])},")
    print("};")
    print("static const struct command_range ranges[A_LAST_PACKED - A_FIRST_SET + 1] = {")
    first = first_type = 0
    for name, rows in sorted(commands.items()):
        print(f"    [A_{name} - A_FIRST_SET] = {{{first}, {len(rows)}, {first_type}, {len(types[name])}}},")
        first += len(rows)
        first_type += len(types[name])
    print("};")


def write_numbers(sets):
    numbers = {}
    for one in sets.values():
        for constant in one.constants(sets) if "numbers" in one.options else []:
            if numbers.setdefault(constant.name, constant.value) != constant.value:
                raise Problem(f"{constant.name} has two numbers")
    for name, value in sorted(numbers.items()):
        print(f"#define NUMBER_{name} {value:#x}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    kind, *files = sys.argv[1:]
    print(f"/* Made by emit/constants/{os.path.basename(sys.argv[0])}. */")
    if kind == "types":
        write_types(read(files))
    elif kind == "sets":
        write_sets(read(files))
    elif kind == "numbers":
        write_numbers(read(files))
    elif kind == "commands":
        write_commands(read(files[1:]), files[0])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"generate.py: {problem}")
