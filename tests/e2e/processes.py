# SPDX-License-Identifier: MIT
"""Looking at processes, and outliving those that started them."""

import ctypes
import os
import signal
import time

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 30  # seconds: for what happens at once on a machine that is not busy


def wait_until(condition, what, seconds=PATIENCE):
    """The condition's value as soon as it is true; an error if it does not become so."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.005)


def adopt_orphans(wanted):
    """Whether orphaned descendants become our children."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) != 0:
        raise OSError("PR_SET_CHILD_SUBREAPER")


def reap():
    """End and bury the children that we have: their pids."""
    found = []
    for pid in children(os.getpid()):
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            found.append(pid)
        except (ChildProcessError, ProcessLookupError):
            pass
    return found


def content(path):
    """What a file of /proc says; empty if that is gone."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def children(pid):
    """Child processes of all of its threads."""
    return [int(child) for tid in threads(pid) for child in content(f"/proc/{pid}/task/{tid}/children").split()]


def threads(pid):
    try:
        return [int(tid) for tid in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def status(pid, field, tid=None):
    """A field of a thread's status: its first word."""
    for line in content(f"/proc/{pid}/task/{tid or pid}/status").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return value.split()[0]
    return ""


def descriptors(pid):
    """How many descriptors a process has open; 0 if it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0


def guardians(pid):
    """The children of a supervisor that guard its program."""
    return [child for child in children(pid) if status(child, "Name") == "renacer-guard"]


def stays_stopped(pid):
    """Whether all of its threads stand still: not only for a moment, as at a tracer's stops."""
    for _ in range(10):
        if not {status(pid, "State", tid) for tid in threads(pid)} <= {"T", "t"}:
            return False
        time.sleep(0.01)
    return True


def tracers(pid):
    """The threads that trace its threads; {0}: nobody does."""
    return {int(status(pid, "TracerPid", tid) or 0) for tid in threads(pid)}


def calls(pid):
    """The numbers of the calls in which its threads wait."""
    found = []
    for tid in threads(pid):
        number = content(f"/proc/{pid}/task/{tid}/syscall").split(" ")[0].strip()
        if number.isdigit():
            found.append(int(number))
    return sorted(found)


def is_gone(pid):
    return status(pid, "State") in ("", "Z", "X")


def holders(pipes):
    """The processes that have one of these pipes open, and in what their threads wait: for when nobody closes it."""
    wanted = {os.readlink(f"/proc/self/fd/{pipe.fileno()}") for pipe in pipes if not pipe.closed}
    lines = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            links = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
        except OSError:
            continue
        if int(pid) == os.getpid() or not links & wanted:
            continue
        for tid in threads(pid):
            task = f"/proc/{pid}/task/{tid}"
            lines.append(" ".join((str(pid), str(tid), status(pid, "Name", tid), status(pid, "State", tid),
                                   content(f"{task}/syscall").strip(), *content(f"{task}/stack").split("\n"),
                                   "utime and stime:", *content(f"{task}/stat").rpartition(")")[2].split()[11:13])))
    return "\n".join(lines) or "nobody"
