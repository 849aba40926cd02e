# SPDX-License-Identifier: MIT
"""Environments in which less is permitted than root may do. Each proves that
it is in effect before anything is believed of it: what cannot be made here, or
restricts nothing, is a failure."""

import atexit
import collections
import os
import shutil
import subprocess
import tempfile

import harness

# setpriv itself still may raise what root has: only what a program of nobody executes is as in life.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", "env"]

# What a container has that was given nothing more: the rights that its root keeps, ...
CONTAINER_RIGHTS = ["setpriv", "--bounding-set=-all,+" + ",+".join((
    "chown", "dac_override", "fsetid", "fowner", "mknod", "net_raw", "setgid", "setuid", "setfcap", "setpcap",
    "net_bind_service", "sys_chroot", "kill", "audit_write")), "--"]

# ... and the calls that nobody in it may make.
CONTAINER_DENIES = (
    "acct,add_key,bpf,clock_adjtime,clock_settime,delete_module,fanotify_init,finit_module,fsconfig,fsmount,fsopen,"
    "fspick,init_module,io_uring_enter,io_uring_register,io_uring_setup,ioperm,iopl,kcmp,kexec_file_load,kexec_load,"
    "keyctl,lookup_dcookie,mount,mount_setattr,move_mount,name_to_handle_at,open_by_handle_at,open_tree,"
    "perf_event_open,pidfd_getfd,pivot_root,process_madvise,quotactl,reboot,request_key,setdomainname,sethostname,"
    "setns,settimeofday,swapoff,swapon,syslog,umount2,unshare,userfaultfd,vhangup")


def is_reachable(file):
    return subprocess.run([*NOBODY, "/usr/bin/test", "-x", file], check=False).returncode == 0


def installed():
    """Program and payloads where everybody can execute them: (program, folder of the payloads)."""
    if is_reachable(harness.RENACER) and is_reachable(harness.payload("hello")):
        return harness.RENACER, harness.PAYLOADS
    folder = tempfile.mkdtemp(prefix="renacer-e2e-programs-")
    atexit.register(shutil.rmtree, folder)
    os.chmod(folder, 0o755)
    copied = [harness.RENACER] + [entry.path for entry in os.scandir(harness.PAYLOADS)
                                  if entry.is_file() and os.access(entry.path, os.X_OK)]
    for file in copied:
        os.chmod(shutil.copy(file, folder), 0o755)
    return os.path.join(folder, os.path.basename(harness.RENACER)), folder


RENACER, PAYLOADS = installed()


def payload(name):
    return os.path.join(PAYLOADS, name)


def is_sanitized():
    """Whether the program was built with a sanitizer, which for its own work needs /proc and ptrace."""
    with open(RENACER, "rb") as file:
        content = file.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def environment():
    """The same for every user, and without the sanitizer's hunt for leaks, which uses ptrace."""
    options = os.environ.get("ASAN_OPTIONS", "")
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C", "PWD": "/", "TMPDIR": "/var/tmp",
            "ASAN_OPTIONS": f"{options}:detect_leaks=0" if options else "detect_leaks=0",
            "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "")}


def deny(names, errno=1):
    return [payload("refuse"), str(errno), *names.split(","), "--"]


def own_mounts(script):
    """A mount namespace of its own, changed by a script."""
    return ["unshare", "--mount", "sh", "-ec", script + '; exec "$@"', "sh"]


WITHOUT_TRACEFS = own_mounts(
    "awk '$3 == \"tracefs\" || $3 == \"debugfs\" { print $2 }' /proc/mounts | sort -ru | xargs -r -n 1 umount -l")
WITHOUT_PROC = own_mounts("umount -l /proc")

# wrapper: what stands in front of a command; engine: what `auto` takes there;
# refused: calls and how they fail there; permitted: calls that nothing in there
# refuses; holds: what a shell has to find true.
Fixture = collections.namedtuple("Fixture", "wrapper engine refused permitted holds",
                                 defaults=({}, (), "true"))

BUBBLEWRAP = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/var/tmp", "--"]

IS_ROOT = "test $(id -u) = 0"
IS_NOBODY = "test $(id -u) = 65534 && test -z \"$(find /etc/shadow -readable 2>&1)\""
PERF = "perf_event_open"
LISTING = ("perf_event_open", "ptrace", "process_vm_readv", "seccomp", "pidfd_getfd", "clone3")


def refusing(names, engine, nobody_engine, error="EPERM", number=1):
    """Root and nobody, with some calls refused."""
    refused = {name: error for name in names.split(",")}
    permitted = tuple(name for name in LISTING if name not in refused)
    return (Fixture(deny(names, number), engine, refused, permitted, IS_ROOT),
            Fixture(deny(names, number) + NOBODY, nobody_engine, refused, permitted, IS_NOBODY))


def fixtures():
    container = deny("clone3", 38) + deny(CONTAINER_DENIES)
    in_container = {name: "EPERM" for name in CONTAINER_DENIES.split(",")} | {"clone3": "ENOSYS"}
    outside = ("ptrace", "process_vm_readv", "seccomp")
    table = {
        "root": Fixture([], "notify", {}, (*LISTING, "fsopen"), IS_ROOT),
        "nobody": Fixture(NOBODY, "ptrace", {"fsopen": "EPERM"}, LISTING, IS_NOBODY),
        "container": Fixture(container + CONTAINER_RIGHTS, "ptrace", in_container, outside,
                             IS_ROOT + " && grep -q '^CapEff:.00000000a80425fb' /proc/self/status"),
        "container-nobody": Fixture(container + CONTAINER_RIGHTS + NOBODY, "ptrace", in_container, outside, IS_NOBODY),
        "no-tracefs": Fixture(WITHOUT_TRACEFS + deny("fsopen"), "ptrace", {"fsopen": "EPERM"}, LISTING,
                              IS_ROOT + " && ! grep -e tracefs -e debugfs /proc/mounts"),
        "no-proc": Fixture(WITHOUT_PROC, "ptrace", {}, LISTING, IS_ROOT + " && test ! -e /proc/self"),
        "no-proc-nobody": Fixture(WITHOUT_PROC + NOBODY, "ptrace", {}, LISTING, IS_NOBODY + " && test ! -e /proc/self"),
        "user-namespace": Fixture(["unshare", "--user", "--map-root-user"], "ptrace", {}, LISTING,
                                  IS_ROOT + " && test $(readlink /proc/self/ns/user) != " + os.readlink("/proc/self/ns/user")),
        "bubblewrap": Fixture(BUBBLEWRAP, "notify", {}, LISTING, IS_ROOT + " && test ! -w /tmp"),
        "bubblewrap-nobody": Fixture(NOBODY + BUBBLEWRAP, "ptrace", {}, LISTING, IS_NOBODY + " && test ! -w /tmp"),
    }
    for name, pair in {
            "no-perf": refusing(PERF, "ptrace", "ptrace"),
            "no-ptrace": refusing("ptrace", "notify", "notify-only"),
            "no-ptrace-no-perf": refusing("ptrace," + PERF, "notify-only", "notify-only"),
            # Memory can be read in other ways.
            "no-process_vm_readv": refusing("process_vm_readv", ("notify", "ptrace"), "ptrace"),
            "no-seccomp": refusing("seccomp", "ptrace", "ptrace"),
    }.items():
        table[name], table[name + "-nobody"] = pair
    if is_sanitized():
        # A sanitizer does not start without /proc.
        del table["no-proc"], table["no-proc-nobody"]
    return table


FIXTURES = fixtures()


def engines(fixture):
    """Those that `auto` may take."""
    return (fixture.engine,) if isinstance(fixture.engine, str) else fixture.engine


def run(fixture, command, **options):
    """Run a command in there."""
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("env", environment())
    return subprocess.run([*fixture.wrapper, *command], capture_output=True, timeout=harness.TIMEOUT, cwd="/",
                          check=False, **options)


def problems(fixture):
    """Why the fixture is not what it says; empty if it is."""
    found = []
    done = run(fixture, ["sh", "-c", fixture.holds])
    if done.returncode != 0:
        found.append(f"{fixture.holds}: {done.returncode} {done.stdout} {done.stderr}")
    names = [*fixture.refused, *fixture.permitted]
    done = run(fixture, [payload("attempt"), *names])
    outcomes = dict(line.split() for line in done.stdout.decode().splitlines())
    if done.returncode != 0 or set(outcomes) != set(names):
        found.append(f"cannot run: {done.returncode} {done.stdout} {done.stderr}")
    found += [f"{name}: {outcomes.get(name)}" for name, error in fixture.refused.items() if outcomes.get(name) != error]
    found += [f"{name} is refused" for name in fixture.permitted if outcomes.get(name) in ("EPERM", "ENOSYS", "worked")]
    return found
