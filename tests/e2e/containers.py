# SPDX-License-Identifier: MIT
"""Containers of real runtimes, from a root file system of busybox and a bundle
to what `create`, `start`, `run`, `exec`, `kill` and `delete` say.

Runtimes see a cgroup2 at /sys/fs/cgroup that is mounted for them alone:
neither of them works rootless where version 1 is mounted beside it. crun is
told to leave cgroups alone, for which a container's user has no rights."""

import json
import os
import shutil
import subprocess

from agents import NOBODY, become
from harness import TIMEOUT

LONGEST = 60  # seconds: for a command of a runtime, which takes less than one

BUSYBOX = "/bin/busybox"
CGROUP2 = 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup || exit 99; exec "$@"'
NAMESPACES = ("pid", "ipc", "uts", "mount")


def make_root(folder):
    """A root file system in which busybox is every program."""
    for name in ("bin", "dev", "etc", "proc", "tmp"):
        os.makedirs(os.path.join(folder, name))
    os.chmod(os.path.join(folder, "tmp"), 0o1777)
    shutil.copy(BUSYBOX, os.path.join(folder, "bin", "busybox"))
    applets = subprocess.run([BUSYBOX, "--list"], stdout=subprocess.PIPE, text=True, check=True, timeout=TIMEOUT).stdout
    for applet in set(applets.split()) - {"busybox"}:
        os.symlink("busybox", os.path.join(folder, "bin", applet))
    with open(os.path.join(folder, "etc", "motd"), "w") as file:
        file.write("in the container\n")


def configuration(root, args, seccomp=None, cgroup=None, rootless_uid=None, no_new_privileges=True, env=(), namespaces=NAMESPACES,
                  mounts=()):
    """config.json of a container: its user is root in it; with rootless_uid, that is this user outside."""
    linux = {"namespaces": [{"type": kind} for kind in namespaces]}
    if rootless_uid is not None:
        linux["namespaces"].append({"type": "user"})
        mapping = [{"containerID": 0, "hostID": rootless_uid, "size": 1}]
        linux.update(uidMappings=mapping, gidMappings=mapping)
    if seccomp:
        linux["seccomp"] = seccomp
    if cgroup:
        linux["cgroupsPath"] = cgroup
    return {
        "ociVersion": "1.0.2",
        "hostname": "container",
        "root": {"path": root},
        "process": {"user": {"uid": 0, "gid": 0}, "args": list(args), "env": ["PATH=/bin", *env], "cwd": "/",
                    "noNewPrivileges": no_new_privileges, "terminal": False},
        "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                   {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]}, *mounts],
        "linux": linux,
    }


class Runtime:
    """crun or runc, as root or as somebody who is not, with a root file system of its own."""

    def __init__(self, test, name, rootless, folder=None):
        self.test = test
        self.name = name
        self.rootless = rootless
        self.uid = (NOBODY if os.geteuid() == 0 else os.geteuid()) if rootless else 0
        self.folder = folder or os.path.join(test.folder, f"{name}-{self.uid}")
        self.root = os.path.join(self.folder, "root")
        for place in ("state", "home", "run", "bundles"):
            os.makedirs(os.path.join(self.folder, place))
            shutil.chown(os.path.join(self.folder, place), self.uid, self.uid)
        make_root(self.root)
        subprocess.run(["chown", "-R", f"{self.uid}:{self.uid}", self.folder], check=True, timeout=TIMEOUT)

    @property
    def kind(self):
        return f"{self.name} {'rootless' if self.rootless else 'rootful'}"

    def command(self, *words):
        home, run = (os.path.join(self.folder, name) for name in ("home", "run"))
        flags = ["--cgroup-manager=disabled"] if self.name == "crun" else []
        world = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CGROUP2, "sh"] if os.geteuid() == 0 else []
        return [*world, *become(self.uid), "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", f"HOME={home}",
                f"XDG_RUNTIME_DIR={run}", self.name, *flags, "--root", os.path.join(self.folder, "state"), *words]

    def call(self, *words, **keywords):
        """A command of the runtime, to its end."""
        keywords.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(self.command(*words), capture_output=True, timeout=LONGEST, **keywords)

    def check(self, *words, status=0, **keywords):
        """The same, which has to end so: what it printed."""
        done = self.call(*words, **keywords)
        self.test.assertEqual(done.returncode, status, (self.kind, words, done.stdout, done.stderr))
        return done.stdout.decode()

    def bundle(self, container, args, seccomp, **options):
        """A bundle for a container of this name, which is deleted when the test has ended."""
        folder = os.path.join(self.folder, "bundles", container)
        os.makedirs(folder, exist_ok=True)
        if self.rootless:
            options["rootless_uid"] = self.uid
        elif self.name == "runc":
            # It makes one, by the container's name if it is not told another, which other tests may have as well.
            options["cgroup"] = f"/renacer-{os.path.basename(self.test.folder)}-{container}"
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(configuration(self.root, args, seccomp, **options), file)
        self.test.addCleanup(self.call, "delete", "--force", container)
        return folder

    def run(self, container, args, seccomp, stdin=subprocess.DEVNULL, **options):
        """A container from its start to its end."""
        bundle = self.bundle(container, args, seccomp, **options)
        return self.call("run", "--bundle", bundle, container, stdin=stdin)

    def start(self, container, args, seccomp, **options):
        """A container that goes on: the process of `run` in the foreground, whose output is read by whoever likes to."""
        bundle = self.bundle(container, args, seccomp, **options)
        process = subprocess.Popen(self.command("run", "--bundle", bundle, container), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.test.addCleanup(self.end, container, process)
        return process

    def end(self, container, process):
        """The container first: it has the pipes too."""
        if process.poll() is None:
            self.call("delete", "--force", container)
            process.kill()
        process.communicate(timeout=TIMEOUT)

    def state(self, container):
        return json.loads(self.check("state", container))
