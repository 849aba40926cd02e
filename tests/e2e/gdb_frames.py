# SPDX-License-Identifier: MIT
"""Inside of gdb: runs a program to its end and writes one line of JSON for each
marked call (tests/payloads/source_marks.h) and each call whose number was given: what it
is, and its frames from the innermost one. `gdb_frames` in test_source_gdb.py
starts it.

    GDB_FRAMES=FILE GDB_CALLS=231,234 gdb -nx -batch -x gdb_frames.py --args PROGRAM
"""

import json
import os
import re
import struct

import gdb

ENTRY = -38  # -ENOSYS is in rax before the kernel has done anything
MARKED = (1, 3, 21, 59, 257)  # write, close, access, execve, openat
SEGMENT_LOAD = 1


def value(register):
    """Signed, whatever the language of the code is."""
    number = int(gdb.newest_frame().read_register(register)) & (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def text(address, size=64):
    """Up to the end of a string, or of what can be read."""
    try:
        content = bytes(gdb.selected_inferior().read_memory(address, size))
    except gdb.error:
        return ""
    return content.split(b"\0")[0].decode(errors="replace")


def mark():
    """The number of the mark that the call is; None: it is none."""
    first = struct.unpack("i", struct.pack("I", value("rdi") & 0xffffffff))[0]
    number, second = value("orig_rax"), value("rsi")
    if number == 3 and first <= -1000:
        return -1000 - first
    if number == 1 and (found := re.fullmatch(r"mark (\d+)\n", text(second, value("rdx")) if value("rdx") < 20 else "")):
        return int(found[1])
    path = {21: value("rdi"), 59: value("rdi"), 257: second}.get(number)
    found = path and re.search(r"/mark (\d+)$", text(path))
    return int(found[1]) if found else None


def segments(path, seen={}):
    """(file offset, size in the file, address) of what is loaded of an ELF file of 64 bits."""
    if path not in seen:
        seen[path] = []
        try:
            with open(path, "rb") as file:
                header = file.read(64)
                place, = struct.unpack_from("<Q", header, 32)
                size, count = struct.unpack_from("<HH", header, 54)
                for index in range(count):
                    file.seek(place + index * size)
                    kind, _, offset, address, _, length = struct.unpack("<IIQQQQ", file.read(40))
                    if kind == SEGMENT_LOAD:
                        seen[path].append((offset, length, address))
        except (OSError, struct.error):
            pass
    return seen[path]


def in_module(pc):
    """The file that a place in memory is of, and the place as it was linked there."""
    with open(f"/proc/{gdb.selected_inferior().pid}/maps") as maps:
        for line in maps:
            words = line.split(None, 5)
            start, end = (int(word, 16) for word in words[0].split("-"))
            if start <= pc < end and len(words) == 6 and words[5].startswith("/"):
                path = words[5].strip()
                offset = pc - start + int(words[2], 16)
                for begin, size, address in segments(path):
                    if begin <= offset < begin + size:
                        return path, offset - begin + address
    return None, pc


KINDS = {gdb.INLINE_FRAME: "inlined", gdb.TAILCALL_FRAME: "tail call", gdb.SIGTRAMP_FRAME: "signal"}


def frames():
    found = []
    frame = gdb.newest_frame()
    while frame is not None:
        place = frame.find_sal()
        module, address = in_module(frame.pc())
        found.append({"function": frame.name(), "file": place.symtab.filename if place.symtab else None,
                      "line": place.line if place.symtab else None, "module": module, "address": address,
                      "kind": KINDS.get(frame.type(), "plain")})
        try:
            frame = frame.older()
        except gdb.error:
            break
    return found


def settings():
    for setting in ("debuginfod enabled off", "confirm off", "pagination off", "backtrace past-main on",
                    "print inferior-events off", "startup-with-shell off", "backtrace limit 600"):
        gdb.execute(f"set {setting}")
    gdb.execute("handle all nostop noprint pass")
    for name in ("LINES", "COLUMNS"):
        gdb.execute(f"unset environment {name}")


def main():
    numbers = [int(number) for number in os.environ["GDB_CALLS"].split(",")]
    settings()
    gdb.execute(f"catch syscall {' '.join(str(number) for number in sorted({*MARKED, *numbers}))}", to_string=True)
    with open(os.environ["GDB_FRAMES"], "w") as output:
        gdb.execute("run", to_string=True)
        while gdb.selected_inferior().pid and gdb.selected_thread():
            if value("rax") == ENTRY:
                number, call = mark(), value("orig_rax")
                if number is not None or call in numbers:
                    json.dump({"mark": number, "call": call, "argument": value("rdi"), "frames": frames()}, output)
                    output.write("\n")
            gdb.execute("continue", to_string=True)


main()
