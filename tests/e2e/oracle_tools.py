# SPDX-License-Identifier: MIT
"""Programs for the oracle whose calls have structures in their arguments: of networks, signals, times, processes,
descriptors, file systems, terminals."""

PYTHON_MESSAGES = """
import array, os, socket, struct
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
b.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
b.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 1, 500000))
b.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 2))
print(b.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
fds = array.array("i", [0, 1])
a.sendmsg([b"one", b"", b"two" * 30], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
data, control, flags, peer = b.recvmsg(20, socket.CMSG_SPACE(8) + socket.CMSG_SPACE(12))
print(data, len(control), flags)
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("iii", os.getpid(), 0, 0))], socket.MSG_DONTWAIT)
print(len(b.recvmsg_into([bytearray(5), bytearray(5)], 100)[1]))
try:
    b.recvmsg(10, 10, socket.MSG_DONTWAIT)
except BlockingIOError:
    print("nothing")
for family, place in (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"):
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.bind((place, 0))
    if family == socket.AF_INET:
        udp.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO
        udp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.1.1.1") + socket.inet_aton("127.0.0.1"))
    else:
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 3)
    udp.sendmsg([b"datagram"], [], 0, udp.getsockname())
    print(udp.recvmsg(100, 100)[0])
try:
    a.sendmsg([b"y"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [-1]))])
except OSError as error:
    print(error)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
netlink.bind((0, 0))
netlink.send(struct.pack("IHHII", 20, 18, 0x301, 1, 0) + struct.pack("BBHi", 0, 0, 0, 0)[:4])
print(len(netlink.recv(65536)) > 0)
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
client.sendall(b"q" * 100)
print(len(peer.recv(50, socket.MSG_PEEK)), len(peer.recv(100)))
print(len(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)))
peer.shutdown(socket.SHUT_RDWR)
"""

PYTHON_WAITING = """
import os, select, signal, socket, subprocess, threading, time
a, b = socket.socketpair()
print(select.select([a, b], [a], [], 0.01), select.select([], [], [], 0.001), select.select([0], [], [0, 1], 0))
poll = select.poll()
poll.register(a, select.POLLIN | select.POLLPRI)
poll.register(b, select.POLLOUT)
print(len(poll.poll(10)))
poll.unregister(b)
print(poll.poll(1))
epoll = select.epoll()
epoll.register(a, select.EPOLLIN | select.EPOLLET)
epoll.register(b, select.EPOLLOUT | select.EPOLLONESHOT)
epoll.modify(a, select.EPOLLOUT)
print(len(epoll.poll(0.1, 5)))
epoll.unregister(a)
event = os.eventfd(1)
print(os.eventfd_read(event))
pid = os.posix_spawn("/bin/true", ["true"], {}, setsigmask=[signal.SIGUSR1], setsigdef=[signal.SIGINT])
pidfd = os.pidfd_open(pid)
select.select([pidfd], [], [])
print(os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT).si_status, os.wait4(pid, 0)[1])
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwaitinfo([signal.SIGUSR1, signal.SIGUSR2]).si_signo)
print(signal.sigtimedwait([signal.SIGUSR2], 0.01))
signal.setitimer(signal.ITIMER_REAL, 0.01, 5.5)
print(signal.sigwait([signal.SIGALRM]))
signal.setitimer(signal.ITIMER_REAL, 0)
print(signal.getitimer(signal.ITIMER_PROF))
signal.signal(signal.SIGHUP, lambda number, frame: None)
signal.siginterrupt(signal.SIGHUP, False)
signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
time.sleep(0.001)
lock = threading.Lock()
lock.acquire()
print(lock.acquire(timeout=0.01))
print(subprocess.run(["cat"], input=b"x" * 100000, capture_output=True).stdout == b"x" * 100000)
"""

# What it prints is the same in every run.
PYTHON_SYSTEM = """
import ctypes, fcntl, mmap, os, resource, struct, sys, termios, time
libc = ctypes.CDLL(None, use_errno=True)
print(resource.prlimit(0, resource.RLIMIT_CORE, (0, 4096)), resource.getrlimit(resource.RLIMIT_STACK)[0] > 0)
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 300))
resource.getrusage(resource.RUSAGE_SELF)
os.sched_setaffinity(0, {0})
print(os.sched_getaffinity(0), os.sched_getscheduler(0), os.sched_getparam(0).sched_priority)
os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
os.sched_rr_get_interval(0)
f = os.open("tree/f3", os.O_RDWR)
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5)
print(fcntl.fcntl(f, fcntl.F_GETLK, struct.pack("hhllii", fcntl.F_WRLCK, 0, 0, 0, 0, 0))[:4])
fcntl.fcntl(f, 15, struct.pack("ii", 1, os.getpid()))  # F_SETOWN_EX
fcntl.fcntl(f, 16, bytes(8))
os.utime(f, ns=(1, 2000000003))
os.utime("tree/f4")
print(os.preadv(f, [bytearray(3), bytearray(4)], 2), os.pwritev(f, [b"ab", b"", b"cde"], 0))
g = os.open("new", os.O_RDWR | os.O_CREAT, 0o644)
print(os.copy_file_range(f, g, 20, 3, 0), os.sendfile(g, f, 5, 10))
r, w = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
print(os.splice(f, w, 12, offset_src=1), struct.unpack("i", fcntl.ioctl(r, termios.FIONREAD, bytes(4))))
os.setxattr("new", "user.name", b"val")
print(os.getxattr("new", "user.name"), os.listxattr("new"))
os.statvfs("tree")
os.stat("new")
os.posix_fallocate(g, 0, 100)
m = os.memfd_create("memory", os.MFD_ALLOW_SEALING)
os.ftruncate(m, 5000)
fcntl.fcntl(m, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
fcntl.flock(g, fcntl.LOCK_SH)
leader, follower = os.openpty()
attributes = termios.tcgetattr(follower)
attributes[3] &= ~termios.ECHO
termios.tcsetattr(follower, termios.TCSANOW, attributes)
fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
print(os.get_terminal_size(follower))
print(len(fcntl.ioctl(g, 0x80086601, bytes(8))))  # FS_IOC_GETFLAGS
time.clock_getres(time.CLOCK_MONOTONIC)
time.clock_gettime(time.CLOCK_BOOTTIME)
libc.nanosleep((ctypes.c_long * 2)(0, 1000), None)
libc.mincore(ctypes.c_void_p(0x1000), 1, None)
libc.prctl(15, b"renamed", 0, 0, 0)
name = ctypes.create_string_buffer(16)
libc.prctl(16, name, 0, 0, 0)
print(name.value, os.getgroups() is None, os.getresuid())
os.setgroups([0, 5])
os.sync_file_range(g, 0, 0, 0) if hasattr(os, "sync_file_range") else None
"""

PYTHON_HTTP = """
import functools, http.server, subprocess, threading
class Handler(http.server.SimpleHTTPRequestHandler):
    log_message = lambda *_: None
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory="tree"))
threading.Thread(target=server.serve_forever).start()
base = "http://127.0.0.1:%d/" % server.server_port
print(subprocess.run(["curl", "-s", base + "f3"], capture_output=True).stdout[:9])
print(subprocess.run(["wget", "-q", "-O", "-", base + "f4"], capture_output=True).stdout[:9])
server.shutdown()
"""

# Scripts of bash by name; True: what is printed is the same in every run.
SCRIPTS = {
    "ip": ("ip -d link; ip addr; ip route; ip -6 route; ip rule; ip neigh; ip maddr; ip netconf; ip -s link show lo", False),
    "ss": ("ss -tlnp; ss -xa; ss -un; ss -s; ss -0", False),
    "getent": ("getent hosts localhost; getent passwd root; getent services ssh; getent ahosts 127.0.0.1", True),
    "timers": ("timeout 0.1 sleep 5; sleep 0.01; timeout -s INT 5 true; timeout -k 0.1 0.1 sh -c 'trap : TERM; sleep 1; sleep 1'; true", False),
    "terminal": ("script -qec 'stty -a; stty raw; stty sane; stty size; stty rows 30 cols 70' /dev/null < /dev/null", False),
    "scheduling": ("nice -n 3 ionice -c 2 -n 5 true; ionice -p $$ > /dev/null; chrt -b 0 true; chrt -m; chrt -p $$ > /dev/null; "
                   "taskset 1 true; taskset -cp $$ > /dev/null; prlimit --nofile=100:200 true; prlimit > /dev/null; "
                   "setpriv --dump; setpriv --reuid 65534 --clear-groups --inh-caps=-all id; flock -w 1 tree/f1 true; "
                   "ulimit -a > /dev/null; setsid -w true; renice -n 1 $$ > /dev/null", True),
    "capabilities": ("cp /bin/true f; setcap cap_net_raw+ep f; getcap f; setcap -r f; getcap -r tree; getpcaps $$ 2> /dev/null; "
                     "capsh --print > /dev/null", False),
    "ipc": ("unshare -i bash -c 'ipcmk -Q; ipcmk -M 100; ipcmk -S 2; ipcs -a; ipcs -l; ipcs -u; ipcs -q -i 0; ipcs -s -i 0; ipcrm --all'", False),
    "disks": ("losetup -a; losetup; lsblk; findmnt; mount -l; df; swapon; blkid -p tree/f1; stat -f tree; lsattr -d tree", False),
    "namespaces": ("unshare -mpfu --mount-proc bash -c 'mount -t tmpfs -o size=1m none tree && mkdir tree/sub && mount --bind tree tree/sub; "
                   "mount -o remount,ro tree; umount -R tree; hostname name; ls /proc | wc -l > /dev/null'; "
                   "nsenter -t $$ -n true; unshare -U true", False),
    "sandbox": ("bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --unshare-pid --unshare-uts --unshare-ipc --hostname box "
                "--setenv A B true", False),
    "copying": ("dd if=/dev/zero of=d bs=4k count=8 conv=fsync oflag=direct; dd if=d of=e bs=1000 iflag=fullblock; cp --sparse=always d s; "
                "cp --reflink=auto d r; fallocate -l 5000 a; fallocate -p -o 0 -l 4096 a; truncate -s 1M t; shred -u -n 1 e; "
                "touch -d @5.5 d; ln d h; mv h i; install -m 600 d j; mkfifo k; mknod l c 1 3; chattr +i d; chattr -i d", False),
    "sorting": ("seq 2000 | sort -n --parallel=2 -S 100K | xargs -n 500 -P 2 echo | wc -w; seq 300 | shuf --random-source=tree/f9 | split -l 100; "
                "tee a b < tree/f3 | tail -n 1; yes | head -n 1000 | uniq -c; comm a b | wc -l", True),
    "cryptography": ("openssl dgst -sha256 tree/f9; openssl enc -aes-128-cbc -k x -in tree/f1 -out c 2> /dev/null; openssl genpkey -algorithm ED25519 "
                     "> /dev/null; ssh-keygen -q -t ed25519 -N '' -f key; ssh-keygen -y -f key | wc -l; sha1sum tree/f2", True),
    "tracing": ("strace -o t true; strace -f -c true; gdb -batch -ex run /bin/true; true", False),
    "rust": ("echo 'fn main() {}' > a.rs && /usr/bin/rustc -o a a.rs && ./a", True),
    "go_tool": ("echo 'package a' > a.go; go version > /dev/null; gofmt -l a.go; go env > /dev/null", False),
}

# Programs by name, whose calls do not depend on where memory is.
PROGRAMS = {
    "messages": ["/usr/bin/python3", "-c", PYTHON_MESSAGES],
    "waiting": ["/usr/bin/python3", "-c", PYTHON_WAITING],
    "system": ["/usr/bin/python3", "-c", PYTHON_SYSTEM],
    "http": ["/usr/bin/python3", "-c", PYTHON_HTTP],
}

# They do the same in every run.
ALONE = {
    "system_alone": ["/usr/bin/setarch", "-R", "/usr/bin/python3", "-sS", "-c", PYTHON_SYSTEM],
    "ip_alone": ["/usr/sbin/ip", "link"],
    "getent_alone": ["/usr/bin/getent", "passwd", "root"],
    "dd_alone": ["/usr/bin/dd", "if=tree/f9", "of=d", "bs=100", "seek=1", "status=none"],
    "sort_alone": ["/usr/bin/sort", "-r", "tree/f5"],
    "sleep_alone": ["/usr/bin/sleep", "0.01"],
    "ionice_alone": ["/usr/bin/ionice", "-c", "3", "/usr/bin/chrt", "-i", "0", "/usr/bin/taskset", "1", "/usr/bin/nice", "/bin/true"],
    "prlimit_alone": ["/usr/bin/prlimit", "--nofile=100:200", "--core=0"],
    "setpriv_alone": ["/usr/bin/setpriv", "--dump"],
    "ipcs_alone": ["/usr/bin/unshare", "-i", "/usr/bin/ipcs", "-a"],
    "losetup_alone": ["/usr/sbin/losetup", "-a"],
    "stty_alone": ["/usr/bin/stty", "-F", "/dev/ptmx", "rows", "30"],
    "openssl_alone": ["/usr/bin/openssl", "dgst", "-sha256", "tree/f9"],
    "flock_alone": ["/usr/bin/flock", "-w", "1", "tree/f1", "-c", "exit 3"],
    "df_alone": ["/usr/bin/df", "--output=target", "tree"],
}
