# SPDX-License-Identifier: MIT
"""The programs that the oracle runs, and the folder in which they find themselves."""

import collections
import os
import shutil
import subprocess

import oracle_tools

# quick: part of every run, in ALL ways or in one; same_output: what it prints does not change from run to run.
Program = collections.namedtuple("Program", "command quick same_output", defaults=(None, True))
ALL = "all ways"
ONE = "one way"

# What has to be installed for them: without one of them the shares would say less than they seem to.
REQUIRED = {"git": "git", "sqlite": "sqlite3", "perl": "perl", "tar": "xz", "find": "find", "bash": "bash", "make": "make",
            "go": "fzf", "asyncio": "python3", "node": "node"}

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

PYTHON_ASYNCIO = """
import asyncio, os, signal, sys, time

async def serve(reader, writer):
    writer.write((await reader.readline())[::-1])
    await writer.drain()
    writer.close()

async def ask(port, text):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text + b"\\n")
    answer = await reader.read()
    writer.close()
    return answer

async def main():
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, told.set)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(*(ask(port, b"%d" % i) for i in range(5))))
    child = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    print(await child.communicate(b"through"))
    print(await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.01 * i) for i in range(4))))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.05)
    except asyncio.TimeoutError:
        print("late")
    os.kill(os.getpid(), signal.SIGUSR1)
    await told.wait()
    server.close()
    print(await loop.getaddrinfo("127.0.0.1", 80))

asyncio.run(main())
"""

NODE = """
const fs = require("fs"), net = require("net"), { execFile } = require("child_process"), { Worker } = require("worker_threads");
fs.promises.readdir("tree").then(names => Promise.all(names.filter(name => /^f\\d/.test(name))
    .map(name => fs.promises.readFile("tree/" + name)))).then(all => console.log(all.reduce((sum, one) => sum + one.length, 0)));
const server = net.createServer(peer => peer.pipe(peer)).listen(0, "127.0.0.1", () => {
    const client = net.connect(server.address().port, "127.0.0.1", () => client.end("hello"));
    client.on("data", data => fs.writeFileSync("answer", data)).on("close", () => server.close());
});
execFile("cat", ["Makefile"], (error, out) => fs.appendFileSync("out", out));
new Worker("require('fs').writeFileSync('worker', 'here')", { eval: true });
setTimeout(() => fs.unlinkSync("tree/link"), 20);
"""

MAKEFILE = """all: b
a: ; @echo 1 > a
b: a ; @cat a a > b; sort b | uniq -c
"""

# They do the same in every run: two runs can be compared. --apart.
REPEATABLE = ["echo", "ls", "cat", "hello", "static_hello", "binary", "vfork", "i386", "thread_exec", "find_alone", "tar_alone",
              "sqlite_alone", "perl_alone", "git_alone", "bash_alone", "make_alone", "python_alone", *oracle_tools.ALONE]

# Of those that use structures: part of every run.
QUICK = ["ip", "ss", "timers", "messages", "waiting", "system", "scheduling", "ipc"]


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
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
            # The same order of hashes in every run.
            "PYTHONHASHSEED": "0", "PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0"}


def shell(script, quick=None, same_output=True):
    return Program(["/bin/bash", "-c", script], quick, same_output)


def missing():
    """The required programs that are not installed."""
    path = environment("")["PATH"]
    return [f"{name} ({needed})" for name, needed in REQUIRED.items() if not shutil.which(needed, path=path)]


def same_addresses(*command):
    """Programs whose calls depend on where the kernel puts their memory."""
    return Program(["/usr/bin/setarch", "-R", *command])


def is_installed(program):
    return shutil.which(program.command[0]) is not None


def runs_32_bits(payloads):
    """Kernels can be made, or started, without that."""
    try:
        subprocess.run([os.path.join(payloads, "i386")], capture_output=True)
    except OSError:
        print("left out: this kernel runs no 32-bit programs")
        return False
    return True


def programs(payloads):
    def payload(name, quick=None):
        return Program([os.path.join(payloads, name)], quick)

    table = {
        "echo": Program(["/bin/echo", "hello"], ONE),
        "ls": Program(["/bin/ls", "-l", "/usr/include/linux"], ONE),
        "cat": Program(["/bin/cat", "/etc/passwd", "/nonexistent"], ONE),
        "dash": Program(["/bin/dash", "-c", "for i in 1 2 3 4 5; do echo a b c | tr a-z A-Z | cat; done; exit 3"], ONE),
        "bash": shell("for i in 1 2 3; do echo $i | cat | wc -c; done; x=$(date); kill -TERM $$", ALL),
        "python": Program(["/usr/bin/python3", "-c", "import json, ssl, subprocess, threading, decimal, sqlite3"]),
        "gcc": Program(["/usr/bin/gcc", "-O1", "-c", "-o", "/dev/null", os.path.join(payloads, "hello.c")]),
        "threads": payload("threads", ALL),
        "thread_exec": payload("thread_exec", ALL),
        "vfork": payload("vfork", ONE),
        "i386": payload("i386", ALL),
        "flags": payload("flags", ALL),
        "commands": payload("commands", ALL),
        "hello": payload("hello"),
        "static_hello": payload("static_hello"),
        "binary": payload("binary"),
        "network": Program(["/usr/bin/python3", "-c", PYTHON_NET], ALL),
        "files": shell("cp -a tree copy; mv copy/f1 copy/g; ln copy/g copy/h; chmod 600 copy/g; touch -d @0 copy/h; "
                       "mkdir -p x/y; rmdir x/y; rm -r copy; stat -c %s tree/f2; mkfifo p; ln -s a b; readlink b; "
                       "chown 0:0 tree/f3; truncate -s 5 tree/f3; sync tree/f3; df . > /dev/null", ALL),
        "jobs": shell("set -m; sleep 0.2 & sleep 0.1 & wait; trap 'echo usr1' USR1; kill -USR1 $$; ulimit -n; umask; "
                      "read -t 0.1 x <> tree/fifo; exec 5<tree/f2; read -u 5 l; echo $l; (exit 7); echo $?"),
        "find": shell("find tree -type f -size +1k | xargs grep -rl 'line 1' | sort", ONE),
        "text": shell("sed -n 's/line/LINE/p' tree/f9 | awk '{ n += $2 } END { print n }'; sort -r tree/f5 | uniq -c | head -3"),
        "tar": shell("tar czf t.gz tree && tar tzf t.gz | wc -l; tar cJf t.xz tree && tar xJf t.xz -O tree/f9 | cksum", ONE),
        "archive": shell("gzip -k tree/f7; gunzip -c tree/f7.gz | cksum; command -v zstd && tar cf t.zst --zstd tree && "
                         "tar tf t.zst | wc -l; dd if=tree/f9 of=d bs=100 count=5 seek=2 2>/dev/null; cmp d tree/f9 | head -c 10"),
        "make": Program(["/usr/bin/make", "-s", "-j2"], ONE),
        "git": shell("git init -q . && git config user.email a@b && git config user.name a && git add tree && "
                     "git commit -qm one && git log --oneline | wc -l && git status --short | wc -l", ONE),
        "git_gc": shell("git init -q . && git config user.email a@b && git config user.name a && git add tree && "
                        "git commit -qm one && git gc -q && git fsck"),
        "perl": Program(["/usr/bin/perl", "-e", "use Socket; use POSIX; print `echo in`; $SIG{ALRM} = sub { print qq(alarm\\n) }; "
                         "alarm 1; select(undef, undef, undef, 1.2); my $p = fork; exit 3 if !$p; waitpid $p, 0; "
                         "print $? >> 8, qq(\\n); open F, '<', 'tree/f3'; flock F, 2; seek F, 10, 0; print scalar <F>"], ONE),
        "sqlite": shell("sqlite3 db 'create table t(a); insert into t values(1),(2); select sum(a) from t; vacuum'", ONE),
        "go": shell("find tree -name 'f*' | fzf --filter 'f1 !f12' | sort", ONE),
        "asyncio": Program(["/usr/bin/python3", "-c", PYTHON_ASYNCIO], ONE),
        "node": Program(["/usr/bin/node", "-e", NODE], ONE),
        "openssl": shell("openssl rand -hex 4 | wc -c; openssl dgst -sha256 tree/f9 | tail -c 5; "
                         "ssh-keygen -q -t ed25519 -N '' -f key; wc -l < key.pub"),
        "processes": shell("ps -o pid= -p $$ | wc -l; id -u; getent hosts localhost | wc -l; nice -n 5 true; timeout 0.1 sleep 5; "
                           "setsid true; env -i /bin/true; flock tree/f1 true; nproc > /dev/null; ip link | wc -l; "
                           "ss -tln | wc -l; mktemp -d -p . | wc -c; hostname > /dev/null; uname -a | wc -l; taskset -p 3 $$ > /dev/null"),
        "find_alone": Program(["/usr/bin/find", "tree", "-type", "f", "-size", "+1k", "-newer", "Makefile"]),
        "tar_alone": Program(["/bin/tar", "cf", "t.tar", "tree"]),
        "sqlite_alone": Program(["/usr/bin/sqlite3", ":memory:", "create table t(a); insert into t values(1),(2); select sum(a) from t"]),
        "perl_alone": same_addresses(
            "/usr/bin/perl", "-e", "use Socket; use POSIX; open F, '<', 'tree/f3'; flock F, 2; seek F, 10, 0; print scalar <F>; "
            "opendir D, 'tree'; print scalar(() = readdir D), qq(\\n); rename 'tree/f1', 'g'; "
            "socketpair A, B, AF_UNIX, SOCK_STREAM, 0; syswrite A, 'abc'; sysread B, $x, 9; print $x, qq(\\n)"),
        "git_alone": Program(["/usr/bin/git", "diff", "--no-index", "--stat", "tree/f1", "tree/f2"]),
        "bash_alone": shell("x=0; for i in tree/*; do [[ -f $i ]] && ((x++)); done; echo $x; read l < tree/f2; echo $l > n; "
                            "umask 77; ulimit -n 100; cd tree; pwd -P > /dev/null; exec 5<f3; exec 5<&-; trap : USR1; kill -USR1 $$"),
        "make_alone": Program(["/usr/bin/make", "-n"]),
        "python_alone": same_addresses(
            "/usr/bin/python3", "-sS", "-c", "import os, json, select, signal, socket, time; os.mkdir('n'); "
            "print(len(os.listdir('tree'))); a, b = socket.socketpair(); a.sendall(b'x'); print(b.recv(9)); "
            "signal.setitimer(signal.ITIMER_REAL, 50); time.sleep(0.001); os.uname(); "
            "s = socket.socket(socket.AF_UNIX); s.bind('s'); s.listen(); e = select.epoll(); e.register(s, 1); e.poll(0); "
            "print(os.getgroups() is None, select.select([s], [], [], 0)); os.statvfs('/'); os.readlink('tree/link')"),
        "gdb": Program(["/usr/bin/gdb", "-batch", "-ex", "run", "-ex", "bt", "/bin/true"], same_output=False),
    }
    for name, (script, same_output) in oracle_tools.SCRIPTS.items():
        table[name] = shell(script, ONE if name in QUICK else None, same_output)
    for name, command in (oracle_tools.PROGRAMS | oracle_tools.ALONE).items():
        table[name] = Program(command, ONE if name in QUICK else None)
    if not runs_32_bits(payloads):
        del table["i386"]
    # What is not installed cannot be compared, and need not be.
    return {name: program for name, program in table.items() if is_installed(program)}
