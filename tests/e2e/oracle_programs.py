# SPDX-License-Identifier: MIT
"""The programs that the oracle runs, and the folder in which they find themselves."""

import collections
import os
import shutil

# quick: part of every run; same_output: what it prints does not change from run to run.
Program = collections.namedtuple("Program", "command quick same_output", defaults=(False, True))

PYTHON_NET = """
import os, selectors, socket, subprocess, tempfile, threading
server = socket.create_server(("127.0.0.1", 0))
def serve():
    peer, _ = server.accept()
    with peer:
        peer.sendall(peer.recv(100)[::-1])
worker = threading.Thread(target=serve)
worker.start()
with socket.create_connection(server.getsockname()) as client:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(b"hello")
    print(client.recv(100))
worker.join()
a, b = socket.socketpair()
a.sendmsg([b"x", b"yz"])
print(b.recvmsg(10)[0])
s = selectors.DefaultSelector()
s.register(b, selectors.EVENT_READ)
print(len(s.select(0.01)))
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.bind(("::1", 0))
udp.sendto(b"datagram", udp.getsockname())
print(udp.recvfrom(100)[0])
print(subprocess.run(["cat"], input=b"through", capture_output=True).stdout)
with tempfile.NamedTemporaryFile() as f:
    f.write(b"x" * 5000); f.flush(); f.seek(-10, 2); print(len(f.read())); os.truncate(f.name, 7)
"""

MAKEFILE = """all: b
a: ; @echo 1 > a
b: a ; @cat a a > b; sort b | uniq -c
"""

# They do the same in every run: two runs can be compared. --apart.
REPEATABLE = ["echo", "ls", "cat", "hello", "static_hello", "binary", "vfork", "i386", "thread_exec"]


def prepare(folder):
    """Files for the programs to work on."""
    os.makedirs(os.path.join(folder, "tree/sub"))
    for i in range(20):
        with open(os.path.join(folder, f"tree/f{i}"), "w") as file:
            file.write(f"line {i}\nhello \"world\"\t\n" * (i * 50))
    os.symlink("f1", os.path.join(folder, "tree/link"))
    os.mkfifo(os.path.join(folder, "tree/fifo"))
    with open(os.path.join(folder, "Makefile"), "w") as file:
        file.write(MAKEFILE)


def environment(folder):
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1"}


def shell(script, quick=False, same_output=True):
    return Program(["/bin/bash", "-c", script], quick, same_output)


def programs(payloads):
    def payload(name, quick=False):
        return Program([os.path.join(payloads, name)], quick)

    table = {
        "echo": Program(["/bin/echo", "hello"], True),
        "ls": Program(["/bin/ls", "-l", "/usr/include/linux"], True),
        "cat": Program(["/bin/cat", "/etc/passwd", "/nonexistent"], True),
        "dash": Program(["/bin/dash", "-c", "for i in 1 2 3 4 5; do echo a b c | tr a-z A-Z | cat; done; exit 3"], True),
        "bash": shell("for i in 1 2 3; do echo $i | cat | wc -c; done; x=$(date); kill -TERM $$", True),
        "python": Program(["/usr/bin/python3", "-c", "import json, ssl, subprocess, threading, decimal, sqlite3"]),
        "gcc": Program(["/usr/bin/gcc", "-O1", "-c", "-o", "/dev/null", os.path.join(payloads, "hello.c")]),
        "threads": payload("threads", True),
        "thread_exec": payload("thread_exec", True),
        "vfork": payload("vfork", True),
        "i386": payload("i386", True),
        "flags": payload("flags", True),
        "commands": payload("commands", True),
        "hello": payload("hello"),
        "static_hello": payload("static_hello"),
        "binary": payload("binary"),
        "network": Program(["/usr/bin/python3", "-c", PYTHON_NET], True),
        "files": shell("cp -a tree copy; mv copy/f1 copy/g; ln copy/g copy/h; chmod 600 copy/g; touch -d @0 copy/h; "
                       "mkdir -p x/y; rmdir x/y; rm -r copy; stat -c %s tree/f2; mkfifo p; ln -s a b; readlink b; "
                       "chown 0:0 tree/f3; truncate -s 5 tree/f3; sync tree/f3; df . > /dev/null", True),
        "jobs": shell("set -m; sleep 0.2 & sleep 0.1 & wait; trap 'echo usr1' USR1; kill -USR1 $$; ulimit -n; umask; "
                      "read -t 0.1 x <> tree/fifo; exec 5<tree/f2; read -u 5 l; echo $l; (exit 7); echo $?"),
        "find": shell("find tree -type f -size +1k | xargs grep -rl 'line 1' | sort"),
        "text": shell("sed -n 's/line/LINE/p' tree/f9 | awk '{ n += $2 } END { print n }'; sort -r tree/f5 | uniq -c | head -3"),
        "archive": shell("tar czf t.gz tree && tar tzf t.gz | wc -l; gzip -k tree/f7; gunzip -c tree/f7.gz | cksum; "
                         "dd if=tree/f9 of=d bs=100 count=5 seek=2 2>/dev/null; cmp d tree/f9 | head -c 10"),
        "make": Program(["/usr/bin/make", "-s", "-j2"]),
        "git": shell("git init -q . && git config user.email a@b && git config user.name a && git add tree && "
                     "git commit -qm one && git log --oneline | wc -l && git status --short | wc -l && git gc -q"),
        "perl": Program(["/usr/bin/perl", "-e", "use Socket; use POSIX; print `echo in`; $SIG{ALRM} = sub { print qq(alarm\\n) }; "
                         "alarm 1; select(undef, undef, undef, 1.5); my $p = fork; exit 3 if !$p; waitpid $p, 0; "
                         "print $? >> 8, qq(\\n); open F, '<', 'tree/f3'; flock F, 2; seek F, 10, 0; print scalar <F>"]),
        "sqlite": shell("sqlite3 db 'create table t(a); insert into t values(1),(2); select sum(a) from t; vacuum'"),
        "openssl": shell("openssl rand -hex 4 | wc -c; openssl dgst -sha256 tree/f9 | tail -c 5; "
                         "ssh-keygen -q -t ed25519 -N '' -f key; wc -l < key.pub"),
        "processes": shell("ps -o pid= -p $$ | wc -l; id -u; getent hosts localhost | wc -l; nice -n 5 true; timeout 0.1 sleep 5; "
                           "setsid true; env -i /bin/true; flock tree/f1 true; nproc > /dev/null; ip link | wc -l; "
                           "ss -tln | wc -l; mktemp -d -p . | wc -c; hostname > /dev/null; uname -a | wc -l; taskset -p 3 $$ > /dev/null"),
        "node": Program(["/usr/bin/node", "-e", "require('fs').readFile('Makefile', () => console.log('read'))"]),
        "gdb": Program(["/usr/bin/gdb", "-batch", "-ex", "run", "-ex", "bt", "/bin/true"], same_output=False),
    }
    # What is not installed cannot be compared.
    return {name: program for name, program in table.items() if shutil.which(program.command[0])}
