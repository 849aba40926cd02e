# SPDX-License-Identifier: MIT
"""What a container runtime does for an agent, without a runtime: a process under a filter whose listener is handed
over, and connections that say other things than they should."""

import array
import ctypes
import errno
import json
import os
import signal
import socket
import struct
import traceback

from harness import TIMEOUT
from processes import wait_until

SECCOMP = 317
SET_MODE_FILTER, NEW_LISTENER = 1, 1 << 3
NO_NEW_PRIVS = 38
ALLOW, NOTIFY = 0x7FFF0000, 0x7FC00000
NOT_EXECUTED = 99  # the exit status of a container whose program does not begin
EXECVE, OPENAT, EXIT_GROUP = 59, 257, 231


class FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def notifying_filter(numbers):
    """BPF: notify these calls, allow all others."""
    code = [(0x20, 0, 0, 0)]
    for left, number in zip(range(len(numbers), 0, -1), numbers):
        code.append((0x15, left, 0, number))
    code += [(0x06, 0, 0, ALLOW), (0x06, 0, 0, NOTIFY)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def listen_to_itself(numbers):
    """Put this process under such a filter: the descriptor of its listener."""
    libc = ctypes.CDLL(None, use_errno=True)
    code = notifying_filter(numbers)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")
    listener = libc.syscall(SECCOMP, SET_MODE_FILTER, NEW_LISTENER, ctypes.byref(FilterProgram(len(code) // 8, code)))
    if listener < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return listener


class Container:
    """A process that waits under a filter, and executes a program when it is told to."""

    def __init__(self, test, command, numbers=(EXECVE, OPENAT, EXIT_GROUP), uid=None):
        self.test = test
        ours, theirs = socket.socketpair()
        out, output = os.pipe()
        input_, into = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(input_, 0)
                os.dup2(output, 1)
                os.dup2(theirs.fileno(), 3)
                os.closerange(4, 65536)  # the ends of other containers' pipes
                line = socket.socket(fileno=3)
                if uid is not None:
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                listener = listen_to_itself(numbers)
                socket.send_fds(line, [b"listener"], [listener])
                # Or nobody would ever be told that whoever listened is gone.
                os.close(listener)
                line.recv(1)
                os.execv(command[0], command)
            except OSError as error:
                # There is nobody who answers.
                if error.errno != errno.ENOSYS:
                    traceback.print_exc()
            finally:
                os._exit(NOT_EXECUTED)
        theirs.close()
        os.close(output)
        os.close(input_)
        self.output = open(out, "rb")
        self.input = open(into, "wb", buffering=0)
        self.line = ours
        self.status = None
        test.addCleanup(self.close)
        _, fds, _, _ = socket.recv_fds(ours, 16, 1)
        self.listener = fds[0]

    def let_go_of_listener(self):
        if self.listener >= 0:
            os.close(self.listener)
        self.listener = -1

    def go(self):
        self.line.send(b"g")

    def wait(self):
        """Its exit status, or minus the signal that has ended it."""
        if self.status is None:
            self.input.close()
            _, status = wait_until(self.buried, "the container's process ends")
            self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def buried(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return pid and (pid, status)

    def close(self):
        self.let_go_of_listener()
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.input.close()
        self.output.close()
        self.line.close()

    def state(self, container, metadata=None, **changes):
        """The message of its runtime."""
        state = {"ociVersion": "1.0.2", "fds": ["seccompFd"], "pid": self.pid,
                 "state": {"ociVersion": "1.0.2", "id": container, "status": "creating", "pid": self.pid,
                           "bundle": "/nowhere"}}
        if metadata is not None:
            state["metadata"] = metadata
        state.update(changes)
        return state


def connect(path):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(TIMEOUT)
    peer.connect(path)
    return peer


def send(peer, data, fds=()):
    """All the bytes; descriptors go with the first."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    sent = peer.sendmsg([data], rights)
    if data[sent:]:
        peer.sendall(data[sent:])


def tell(path, state, fds=()):
    """All that a runtime has to say, in one connection."""
    with connect(path) as peer:
        send(peer, state if isinstance(state, bytes) else json.dumps(state).encode(), fds)


def is_closed(peer):
    """Whether the agent has closed the connection: waits until it does."""
    try:
        return peer.recv(1) == b""
    except ConnectionResetError:
        return True
