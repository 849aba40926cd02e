#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names of constants: from the tables of this folder to C.

    generate.py types|sets|commands TABLE... > FILE

types: the members of enum arg_type, one for each set; sets: the constants
themselves, for emit/constants.c; commands: the numbers of those that C speaks
of by name.

A table is lines. '#' begins a comment; a line without indentation begins a set
or names the headers in which a test looks for what follows:

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
    commands        C speaks of its members by name: COMMAND_..., as emit/commands.def does

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
INCLUDE = re.compile(r"\s+include\s+([A-Z][A-Z0-9_]*)")
TEMPLATE = re.compile(r"\s+(?:any|([0-9a-fx]+)/([0-9a-fx]+))\s+(\S.*)")
PART = re.compile(r"\{(~?)(\d+)\+(\d+) ([A-Z][A-Z0-9_]*)(?: ([^}]+))?\}")
# Where one number means two things its name has both.
BOTH = " or "


class Problem(Exception):
    """What is wrong with a table, and where."""


class Constant:
    def __init__(self, name, value, mask):
        self.name = name
        self.value = value
        self.mask = mask


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
        for item in self.own:
            if isinstance(item, Constant):
                yield item
            elif item in sets:
                yield from sets[item].constants(sets)
            else:
                raise Problem(f"{self.name}: there is no set {item} to include")


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
        elif word in ("wide", "decimal", "listed", "htons", "commented", "commands"):
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
    current.own.append(Constant(name.rstrip(), value, mask))


def parse_template(current, match):
    value, mask, text = match.groups()
    current.templates.append(Template(number(value or "0"), number(mask or "0"), text))
    if "{" in PART.sub("", text):
        raise Problem(f"{text}: a part is {{first+bits TYPE}}")


def read_table(path, sets):
    headers = ()
    current = None
    with open(path, encoding="ascii") as table:
        for at, line in enumerate(table, 1):
            line = line.split("#")[0].rstrip()
            start, constant, include = SET.fullmatch(line), CONSTANT.fullmatch(line), INCLUDE.fullmatch(line)
            try:
                if not line:
                    continue
                if line.startswith("headers "):
                    headers = tuple(line.split()[1:])
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
        if names.count(name) > 1:
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
    """The sets of constants and the packed numbers, each with their names in order."""
    named = {name: one for name, one in sorted(sets.items()) if not one.is_packed}
    packed = {name: one for name, one in sorted(sets.items()) if one.is_packed}
    return named, packed


def write_types(sets):
    for group, what in zip(divide(sets), ("SET", "PACKED")):
        names = list(group)
        print(f"A_FIRST_{what}, A_{names[0]} = A_FIRST_{what},")
        for name in names[1:]:
            print(f"A_{name},")
        print(f"A_LAST_{what} = A_{names[-1]},")


def text(string):
    return f'"{string}"' if string else "NULL"


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
        fields += [f".is_{option} = true" for option in ("wide", "decimal", "htons", "commented") if option in one.options]
        fields += [".is_enumeration = true"] if one.is_enum else []
        fields += [f".otherwise = A_{one.otherwise}"] if one.otherwise else []
        fields += [f".{key} = {mask:#x}" for key, mask in one.masks.items() if mask]
        fields += [f".first = A_{one.first[0]}, .first_bits = {one.first[1]:#x}"] if one.first[1] else []
        fields += [f".shift = {one.shift[0]}, .shift_name = {text(one.shift[1])}"] if one.shift[0] else []
        print(f"    [A_{name} - A_FIRST_SET] = {{{', '.join(fields)}}},")
    print("};")


def write_commands(sets):
    numbers = {}
    for one in sets.values():
        for constant in one.constants(sets) if "commands" in one.options else []:
            for name in constant.name.split(BOTH):
                if numbers.setdefault(name, constant.value) != constant.value:
                    raise Problem(f"{name} has two numbers")
    for name, value in sorted(numbers.items()):
        if re.fullmatch(r"\w+", name):
            print(f"#define COMMAND_{name} {value:#x}")


def main():
    writers = {"types": write_types, "sets": write_sets, "commands": write_commands}
    if len(sys.argv) < 3 or sys.argv[1] not in writers:
        sys.exit(__doc__)
    print(f"/* Made by emit/constants/{os.path.basename(sys.argv[0])}. */")
    writers[sys.argv[1]](read(sys.argv[2:]))


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"generate.py: {problem}")
