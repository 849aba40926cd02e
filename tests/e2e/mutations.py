# SPDX-License-Identifier: MIT
"""Changes of a recorded trace: such as can be observed of the program, and such as cannot.

Each takes a parsed document, which it may change, and a source of random numbers; it gives back whether the
document has a place for it."""

import json
import re

WRITES = ("write", "sendto", "send")
OPENS = ("openat", "open", "creat")
# Calls whose first argument is a descriptor.
BY_DESCRIPTOR = ("read", "write", "close", "fstat", "lseek", "pread64", "connect", "sendto", "ioctl", "getsockopt", "setsockopt",
                 "getpeername", "getsockname", "shutdown", "newfstatat", "poll", "fcntl", "dup2", "statx", "readlinkat", "writev")
GIVE_DESCRIPTOR = ("openat", "open", "socket", "creat", "dup", "epoll_create1")
LOADED = ("/lib/", "/lib64/", "/usr/", "/etc/ld.so", "/proc/", "/sys/", "/dev/")


def succeeded(call):
    return isinstance(call.get("result"), int) and call["result"] >= 0


def pid(call):
    return call.get("pid", 0)


def tid(call):
    return call.get("tid", pid(call))


class Model:
    """What the descriptors of each process are: a name for each target. Enough for programs that open, connect and
    close, and whose children inherit what is open when they appear."""

    def __init__(self, document):
        self.calls = document["syscalls"]
        self.targets = [None] * len(self.calls)  # what a call on a descriptor is made on
        self.writes = []
        self.opened = []  # calls that opened a file of the program's own, to read it
        tables = {}
        root = pid(self.calls[0])
        for index, call in enumerate(self.calls):
            if pid(call) not in tables:
                tables[pid(call)] = dict(tables.get(root, {"0": "stdin", "1": "stdout", "2": "stderr"}))
            self.follow(index, call, tables[pid(call)])

    def follow(self, index, call, table):
        name, args = call["name"], call["args"]
        if name in BY_DESCRIPTOR:
            self.targets[index] = table.get(args[0])
        # Those that were done in full: the content that they show is what was written.
        if name in WRITES and succeeded(call) and call["result"] == len(args[1].encode()) > 0 and self.targets[index]:
            self.writes.append(index)
        if not succeeded(call):
            return
        if name in OPENS:
            path = args[1] if name == "openat" else args[0]
            table[str(call["result"])] = path
            self.targets[index] = path
            if "O_RDONLY" in args[2 if name == "openat" else 1] and not path.startswith(LOADED):
                self.opened.append(index)
        elif name == "socket":
            table[str(call["result"])] = f"socket {index}"
            self.targets[index] = f"socket {index}"
        elif name == "close":
            table.pop(args[0], None)


def pick(rng, items):
    """One of them, None if there is none."""
    return rng.choice(items) if items else None


def number(call, argument, value):
    call["args"][argument] = str(value)


def set_content(call, text):
    """What a write wrote, with its number of bytes."""
    call["args"][1] = text
    number(call, 2, len(text.encode()))
    call["result"] = len(text.encode())


# ---- What can be observed


def change_byte(document, rng):
    call = document["syscalls"][rng.choice(Model(document).writes)]
    text = call["args"][1]
    place = rng.randrange(len(text))
    other = rng.choice([c for c in "abcXYZ019 .\n" if c != text[place]])
    set_content(call, text[:place] + other + text[place + 1:])
    return True


def lose_byte(document, rng):
    call = document["syscalls"][rng.choice(Model(document).writes)]
    text = call["args"][1]
    place = rng.randrange(len(text))
    set_content(call, text[:place] + text[place + 1:])
    return True


def repeat_byte(document, rng):
    call = document["syscalls"][rng.choice(Model(document).writes)]
    text = call["args"][1]
    place = rng.randrange(len(text))
    set_content(call, text[:place] + text[place] + text[place:])
    return True


def lose_write(document, rng):
    del document["syscalls"][rng.choice(Model(document).writes)]
    return True


def repeat_write(document, rng):
    index = rng.choice(Model(document).writes)
    document["syscalls"].insert(index, json.loads(json.dumps(document["syscalls"][index])))
    return True


def fail_write(document, rng):
    call = document["syscalls"][rng.choice(Model(document).writes)]
    call["result"], call["error"] = -28, "ENOSPC"
    return True


def other_stream(document, rng):
    """Standard output to standard error, or the other way round."""
    model = Model(document)
    index = pick(rng, [i for i in model.writes if model.targets[i] in ("stdout", "stderr")])
    if index is None:
        return False
    number(model.calls[index], 0, 2 if model.targets[index] == "stdout" else 1)
    return True


def swap_writes(document, rng):
    """Two writes of one task to one target, one after the other."""
    model = Model(document)
    pairs = [(a, b) for a in model.writes for b in model.writes
             if a < b and model.targets[a] == model.targets[b] and tid(model.calls[a]) == tid(model.calls[b])
             and model.calls[a]["args"][1] + model.calls[b]["args"][1] != model.calls[b]["args"][1] + model.calls[a]["args"][1]
             and not any(model.targets[i] == model.targets[a] for i in model.writes if a < i < b)]
    if not pairs:
        return False
    first, second = (model.calls[i] for i in rng.choice(pairs))
    texts = first["args"][1], second["args"][1]
    set_content(first, texts[1])
    set_content(second, texts[0])
    return True


def cut_pair(document, rng):
    """One write becomes two in the wrong order."""
    model = Model(document)
    index = rng.choice(model.writes)
    call = model.calls[index]
    text = call["args"][1]
    places = [i for i in range(1, len(text)) if text[i:] + text[:i] != text]
    if not places:
        return False
    place = rng.choice(places)
    other = json.loads(json.dumps(call))
    set_content(call, text[place:])
    set_content(other, text[:place])
    model.calls.insert(index + 1, other)
    return True


def lose_read(document, rng):
    """A file is not read: all calls on it go."""
    model = Model(document)
    index = pick(rng, model.opened)
    if index is None:
        return False
    path = model.targets[index]
    document["syscalls"] = [call for i, call in enumerate(model.calls) if model.targets[i] != path]
    return True


def fail_read(document, rng):
    """A file is not there."""
    model = Model(document)
    index = pick(rng, model.opened)
    if index is None:
        return False
    path = model.targets[index]
    model.calls[index]["result"], model.calls[index]["error"] = -2, "ENOENT"
    document["syscalls"] = [call for i, call in enumerate(model.calls) if i == index or model.targets[i] != path]
    return True


def other_path(document, rng):
    """Another file, in all calls alike."""
    model = Model(document)
    paths = sorted({model.targets[i] for i, call in enumerate(model.calls)
                    if call["name"] in OPENS and succeeded(call) and not model.targets[i].startswith(LOADED)})
    path = rng.choice(paths)
    other = path + rng.choice(["2", ".old", "~"])
    for call in model.calls:
        call["args"] = [other if argument == path else argument for argument in call["args"]]
    return True


def added_file(document, rng):
    """A file is read, or made."""
    calls = document["syscalls"]
    place = rng.randrange(len(calls) // 2, len(calls) - 1)
    who = {key: calls[0][key] for key in ("pid", "tid") if key in calls[0]}
    calls[place:place] = rng.choice([
        [{"name": "openat", "args": ["AT_FDCWD", "/home/user/notes.txt", "O_RDONLY|O_CLOEXEC"], "result": 77, **who},
         {"name": "read", "args": ["77", "0x7ffc717f4780", "4096"], "result": 12, **who},
         {"name": "close", "args": ["77"], "result": 0, **who}],
        [{"name": "openat", "args": ["AT_FDCWD", "/home/user/made", "O_WRONLY|O_CREAT|O_EXCL", "0644"], "result": 77, **who},
         {"name": "close", "args": ["77"], "result": 0, **who}],
        [{"name": "mkdir", "args": ["/home/user/folder", "0755"], "result": 0, **who}],
        [{"name": "unlink", "args": ["/home/user/gone"], "result": 0, **who}],
        [{"name": "unlinkat", "args": ["AT_FDCWD", "/home/user/gone", "AT_REMOVEDIR"], "result": 0, **who}],
        [{"name": "symlink", "args": ["/home/user/a", "/home/user/b"], "result": 0, **who}],
        [{"name": "link", "args": ["/home/user/a", "/home/user/b"], "result": 0, **who}],
        [{"name": "rename", "args": ["/home/user/a", "/home/user/b"], "result": 0, **who}],
        [{"name": "chmod", "args": ["/home/user/a", "0600"], "result": 0, **who}],
        [{"name": "truncate", "args": ["/home/user/a", "0"], "result": 0, **who}],
    ])
    return True


def other_status(document, rng):
    """Of the program that was started: its last call, and what the summary says."""
    value = (document["summary"]["exit_code"] + rng.randrange(1, 255)) % 256
    document["summary"]["exit_code"] = value
    root = pid(document["syscalls"][0])
    for call in document["syscalls"]:
        if call["name"] == "exit_group" and pid(call) == root:
            number(call, 0, value)
    for event in document.get("events", []):
        if event.get("pid", root) == root and "exit_code" in event:
            event["exit_code"] = value
    return True


def killed(document, rng):
    name, code = rng.choice([("SIGSEGV", 139), ("SIGTERM", 143)])
    root = pid(document["syscalls"][0])
    document["syscalls"] = [call for call in document["syscalls"] if call["name"] != "exit_group" or pid(call) != root]
    document["summary"].update(exit_code=code, signal=name)
    for event in document.get("events", []):
        if event.get("pid", root) == root and "exit_code" in event:
            del event["exit_code"]
            event["signal"] = name
    return True


def connects(document):
    return [call for call in document["syscalls"] if call["name"] == "connect" and "sin_addr" in call["args"][1]]


def other_port(document, rng):
    calls = connects(document)
    if calls:
        call = rng.choice(calls)
        call["args"][1] = re.sub(r"htons\((\d+)\)", lambda match: f"htons({int(match[1]) ^ 5})", call["args"][1])
    return bool(calls)


def other_address(document, rng):
    calls = connects(document)
    if calls:
        call = rng.choice(calls)
        call["args"][1] = call["args"][1].replace("127.0.0.1", rng.choice(["127.0.0.2", "10.0.0.1", "192.168.1.1"]))
    return bool(calls)


def added_peer(document, rng):
    calls = document["syscalls"]
    place = rng.randrange(len(calls) // 2, len(calls) - 1)
    who = {key: calls[0][key] for key in ("pid", "tid") if key in calls[0]}
    peer = rng.choice(['{sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("93.184.216.34")}',
                       '{sa_family=AF_UNIX, sun_path="/run/service.sock"}'])
    calls[place:place] = [
        {"name": "socket", "args": ["AF_INET" if "INET" in peer else "AF_UNIX", "SOCK_STREAM", "0"], "result": 78, **who},
        {"name": "connect", "args": ["78", peer, "16"], "result": 0, **who},
        {"name": "close", "args": ["78"], "result": 0, **who}]
    return True


def children(document):
    root = pid(document["syscalls"][0])
    return [call for call in document["syscalls"] if call["name"] == "execve" and succeeded(call) and pid(call) != root]


def other_argument(document, rng):
    calls = children(document)
    if calls:
        call = rng.choice(calls)
        call["args"][1] = rng.choice([call["args"][1].replace('"]', '2"]'), call["args"][1].replace('"]', '", "more"]'),
                                      re.sub(r', "[^"]*"\]', "]", call["args"][1])])
    return bool(calls)


def other_program(document, rng):
    calls = children(document)
    if calls:
        rng.choice(calls)["args"][0] = "/usr/bin/other"
    return bool(calls)


def by_name(document, rng, name, change):
    calls = [call for call in document["syscalls"] if call["name"] == name and succeeded(call)]
    if calls:
        change(rng.choice(calls))
    return bool(calls)


def other_rename(document, rng):
    def change(call):
        call["args"][1] += ".other"
    return by_name(document, rng, "rename", change)


def lose_rename(document, rng):
    return by_name(document, rng, "rename", document["syscalls"].remove)


def lose_unlink(document, rng):
    return by_name(document, rng, "unlink", document["syscalls"].remove)


def fail_unlink(document, rng):
    def change(call):
        call["result"], call["error"] = -13, "EACCES"
    return by_name(document, rng, "unlink", change)


OBSERVABLE = [change_byte, lose_byte, repeat_byte, lose_write, repeat_write, fail_write, other_stream, swap_writes, cut_pair,
              lose_read, fail_read, other_path, added_file, other_status, killed, other_port, other_address, added_peer,
              other_argument, other_program, other_rename, lose_rename, lose_unlink, fail_unlink]

# ---- What cannot be observed

NOISE = [
    {"name": "mmap", "args": ["NULL", "262144", "PROT_READ|PROT_WRITE", "MAP_PRIVATE|MAP_ANONYMOUS", "-1", "0"], "result": 140047080198144},
    {"name": "munmap", "args": ["0x7f5f407b4000", "262144"], "result": 0},
    {"name": "brk", "args": ["0x5627b00c3000"], "result": 94728457302016},
    {"name": "mprotect", "args": ["0x7f5f407b4000", "8192", "PROT_READ"], "result": 0},
    {"name": "madvise", "args": ["0x7f5f407b4000", "8192", "MADV_DONTNEED"], "result": 0},
    {"name": "futex", "args": ["0x7f2e6903fa4c", "FUTEX_WAKE_PRIVATE", "1"], "result": 0},
    {"name": "clock_gettime", "args": ["CLOCK_REALTIME", "0x7ffc717f4780"], "result": 0},
    {"name": "nanosleep", "args": ["0x7ffc717f4780", "NULL"], "result": 0},
    {"name": "sched_yield", "args": [], "result": 0},
    {"name": "getpid", "args": [], "result": 4711},
    {"name": "geteuid", "args": [], "result": 0},
    {"name": "getcwd", "args": ["0x7ffc717f4780", "4096"], "result": 12},
    {"name": "getrandom", "args": ["0x7f5f40766478", "8", "GRND_NONBLOCK"], "result": 8},
    {"name": "rt_sigaction", "args": ["SIGINT", "0x7f5f40778d20", "NULL", "8"], "result": 0},
    {"name": "rt_sigprocmask", "args": ["SIG_SETMASK", "[]", "NULL", "8"], "result": 0},
    {"name": "sigaltstack", "args": ["0x7ffc717f4780", "NULL"], "result": 0},
    {"name": "prlimit64", "args": ["0", "RLIMIT_NOFILE", "NULL", "0x7ffc717f7df0"], "result": 0},
    {"name": "sched_getaffinity", "args": ["0", "8192", "0x7ffc717f4780"], "result": 8},
    {"name": "poll", "args": ["0x7ffc717f4780", "1", "0"], "result": 0},
    {"name": "ioctl", "args": ["1", "TCGETS", "0x7ffc717f48b0"], "result": -25, "error": "ENOTTY"},
    {"name": "newfstatat", "args": ["1", "", "0x7ffc717f4950", "AT_EMPTY_PATH"], "result": 0},
    {"name": "lseek", "args": ["1", "0", "SEEK_CUR"], "result": -29, "error": "ESPIPE"},
    {"name": "openat", "args": ["AT_FDCWD", "/etc/report.conf", "O_RDONLY|O_CLOEXEC"], "result": -2, "error": "ENOENT"},
    {"name": "access", "args": ["/home/user/.reportrc", "R_OK"], "result": -2, "error": "ENOENT"},
    {"name": "stat", "args": ["/home/user/.reportrc", "0x7ffc717f4950"], "result": -2, "error": "ENOENT"},
    {"name": "unlink", "args": ["/home/user/none"], "result": -2, "error": "ENOENT"},
    {"name": "mkdir", "args": ["/home/user", "0755"], "result": -17, "error": "EEXIST"},
    {"name": "write", "args": ["1", "", "0"], "result": 0},
    {"name": "write", "args": ["1", "again", "5"], "result": -11, "error": "EAGAIN"},
    {"name": "close", "args": ["99"], "result": -9, "error": "EBADF"},
]
REMOVABLE = ("mprotect", "brk", "munmap", "futex", "rt_sigaction", "rt_sigprocmask", "prlimit64", "getrandom", "sigaltstack", "rseq",
             "set_robust_list", "arch_prctl", "set_tid_address", "poll", "sched_getaffinity", "getpid", "access")
LIBRARIES = ["/lib/x86_64-linux-gnu/libm.so.6", "/usr/lib/x86_64-linux-gnu/libffi.so.8", "/etc/ld.so.cache",
             "/usr/lib/locale/locale-archive", "/usr/lib/x86_64-linux-gnu/gconv/UTF-16.so",
             "/usr/share/zoneinfo/Europe/Berlin", "/proc/self/maps", "/proc/self/cgroup",
             "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "/usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache"]


def like(call, noise):
    """The noise as a call of the same thread."""
    return {**noise, "args": list(noise["args"]), **{key: call[key] for key in ("pid", "tid") if key in call}}


def more_noise(document, rng):
    calls = document["syscalls"]
    for _ in range(rng.randrange(1, 20)):
        # Not before execve, the first call.
        place = rng.randrange(1, len(calls))
        calls.insert(place, like(calls[place - 1], rng.choice(NOISE)))
    return True


def less_noise(document, rng):
    share = rng.random()
    document["syscalls"] = [call for call in document["syscalls"] if call["name"] not in REMOVABLE or rng.random() > share]
    return True


def other_addresses(document, rng):
    shift = rng.randrange(1, 1000) << 20
    for call in document["syscalls"]:
        call["args"] = [f"{int(a, 16) + shift:#x}" if re.fullmatch("0x[0-9a-f]{8,}", a) else a for a in call["args"]]
        if isinstance(call["result"], int) and call["result"] > 1 << 32:
            call["result"] += shift
    return True


def other_sizes(document, rng):
    for call in document["syscalls"]:
        if call["name"] == "mmap" and "MAP_ANONYMOUS" in call["args"][3] and "MAP_FIXED" not in call["args"][3]:
            number(call, 1, int(call["args"][1]) * rng.randrange(1, 5))
    return True


def other_descriptors(document, rng):
    """All descriptors but the standard ones."""
    shift = rng.randrange(1, 200)

    def other(text):
        return str(int(text) + shift) if text.isdigit() and int(text) > 2 else text
    for call in document["syscalls"]:
        name, args = call["name"], call["args"]
        if name in BY_DESCRIPTOR or name in ("epoll_ctl", "epoll_pwait"):
            args[0] = other(args[0])
        if name == "mmap" or name == "epoll_ctl":
            place = 4 if name == "mmap" else 2
            args[place] = other(args[place])
        if name in GIVE_DESCRIPTOR and succeeded(call):
            call["result"] = int(other(str(call["result"])))
    return True


def split_writes(document, rng):
    calls = []
    model = Model(document)
    for index, call in enumerate(model.calls):
        pieces = [call]
        if index in model.writes and rng.random() < 0.7:
            text = call["args"][1]
            places = sorted({0, len(text), *(rng.randrange(len(text)) for _ in range(rng.randrange(1, 5)))})
            pieces = []
            for start, end in zip(places, places[1:]):
                pieces.append(json.loads(json.dumps(call)))
                set_content(pieces[-1], text[start:end])
        calls += pieces
    document["syscalls"] = calls
    return True


def short_write(document, rng):
    """A write that was not done in full, and the rest after it."""
    model = Model(document)
    index = rng.choice(model.writes)
    call = model.calls[index]
    text = call["args"][1]
    if not text.isascii() or len(text) < 2:
        return False
    rest = json.loads(json.dumps(call))
    call["result"] = rng.randrange(1, len(text))
    set_content(rest, text[call["result"]:])
    model.calls.insert(index + 1, rest)
    return True


def merge_writes(document, rng):
    """Writes to one target with nothing but other tasks and noise between them."""
    model = Model(document)
    for index in reversed(model.writes):
        for before in range(index - 1, -1, -1):
            if model.targets[before] == model.targets[index] or tid(model.calls[before]) != tid(model.calls[index]):
                break
        call, target = model.calls[before], model.targets[before]
        if before in model.writes and target == model.targets[index] and tid(call) == tid(model.calls[index]):
            set_content(call, call["args"][1] + model.calls[index]["args"][1])
            del model.calls[index]
            return True
    return False


def vector_write(document, rng):
    """writev in place of write."""
    model = Model(document)
    indices = [i for i in model.writes if model.calls[i]["name"] == "write"
               and re.fullmatch(r"[\w .:\n]*", model.calls[i]["args"][1], re.ASCII) and len(model.calls[i]["args"][1]) > 1]
    if not indices:
        return False
    call = model.calls[rng.choice(indices)]
    text = call["args"][1]
    place = rng.randrange(1, len(text))
    pieces = [json.dumps(piece) for piece in (text[:place], text[place:])]
    call["name"] = "writev"
    call["args"] = [call["args"][0], "[" + ", ".join(
        f"{{iov_base={piece}, iov_len={length}}}" for piece, length in zip(pieces, (place, len(text) - place))) + "]", "2"]
    return True


def split_reads(document, rng):
    calls = []
    for call in document["syscalls"]:
        calls.append(call)
        if call["name"] == "read" and succeeded(call) and call["result"] > 1 and rng.random() < 0.7:
            first = rng.randrange(1, call["result"])
            calls.append({**call, "args": list(call["args"]), "result": call["result"] - first})
            call["result"] = first
    document["syscalls"] = calls
    return True


def durations(document, rng):
    for call in document["syscalls"]:
        call["duration_ns"] = rng.randrange(1000000)
        call["duration_us"] = call["duration_ns"] // 1000
    return True


def other_pids(document, rng):
    shift = rng.randrange(1000, 30000)
    pids = {value for call in document["syscalls"] for value in (call.get("pid"), call.get("tid")) if value}
    for call in document["syscalls"]:
        for key in ("pid", "tid"):
            if key in call:
                call[key] += shift
        if call["name"] in ("clone", "clone3", "fork", "vfork", "wait4", "set_tid_address", "getpid", "gettid") and call["result"] in pids:
            call["result"] += shift
        if call["name"] == "wait4" and call["args"][0].isdigit() and int(call["args"][0]) in pids:
            number(call, 0, int(call["args"][0]) + shift)
    for event in document.get("events", []):
        for key in ("pid", "tid", "sender_pid", "former_tid"):
            if event.get(key, 0) in pids:
                event[key] += shift
    return True


def more_libraries(document, rng):
    calls = document["syscalls"]
    place = rng.randrange(1, min(20, len(calls)))
    path = rng.choice(LIBRARIES)
    calls[place:place] = [like(calls[0], noise) for noise in (
        {"name": "openat", "args": ["AT_FDCWD", path, "O_RDONLY|O_CLOEXEC"], "result": 97},
        {"name": "read", "args": ["97", "0x7ffc717f7418", "832"], "result": 832},
        {"name": "newfstatat", "args": ["97", "", "0x7ffc717f4950", "AT_EMPTY_PATH"], "result": 0},
        {"name": "mmap", "args": ["NULL", "899984", "PROT_READ", "MAP_PRIVATE|MAP_DENYWRITE", "97", "0"], "result": 140047078178816},
        {"name": "close", "args": ["97"], "result": 0})]
    return True


def other_targets_order(document, rng):
    """Writes to different targets change places: which of two buffers is emptied first."""
    model = Model(document)
    pairs = [(a, b) for a, b in zip(model.writes, model.writes[1:])
             if model.targets[a] != model.targets[b]
             # Both are open at both times, and nothing is opened, closed or renamed in between.
             and all(model.targets[i] is None and call["name"] not in ("rename", "unlink", "clone", "clone3", "vfork", "wait4")
                     for i, call in enumerate(model.calls[a + 1:b], a + 1))]
    if not pairs:
        return False
    first, second = rng.choice(pairs)
    model.calls[first], model.calls[second] = model.calls[second], model.calls[first]
    return True


def other_members(document, rng):
    """The order of the members of an object means nothing; new ones may come."""
    def mixed(members):
        keys = list(members)
        rng.shuffle(keys)
        return {key: members[key] for key in keys}
    document["syscalls"] = [mixed({**call, "later": {"a": [1, {"b": None}]}}) for call in document["syscalls"]]
    document["summary"] = mixed(document["summary"])
    document["more"] = [True, {"syscalls": 1}]
    return True


UNOBSERVABLE = [more_noise, less_noise, other_addresses, other_sizes, other_descriptors, split_writes, short_write, merge_writes,
                vector_write, split_reads, durations, other_pids, more_libraries, other_targets_order, other_members]
