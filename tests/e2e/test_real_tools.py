#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tools and shells as people use them do the same traced as untraced: output, exit status and what they leave behind.
REAL_ROUNDS in the environment runs all of it more often and with more work, to find races (.ci/full)."""

import glob
import os
import re
import shutil
import unittest

from fixtures import payload
from untraced import FULL, NOBODY, NOBODY_NOTIFY_ONLY, NOTIFY, NOTIFY_ONLY, PTRACE, WAYS, Program, UntracedTest

SOURCE = os.path.dirname(os.environ["MANUALS"])
GENERATED = os.path.join(os.environ["BUILD"], "emit/constants")
THOROUGH = "REAL_ROUNDS" in os.environ
LONG_AGO = 1_000_000_000  # a time for files: what has the times of files in it, an archive say, is the same in each run


def shell(script, prepare=None, name="/bin/dash", **more):
    return Program([name, "-c", script], prepare, **more)


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


def tree(folder):
    """Some files of many sizes."""
    for number in range(40):
        write(folder, f"tree/{number % 7}/{number}.txt", f"line {number}\n" * (number * number * 3))
    for parent, folders, names in os.walk(folder, topdown=False):
        for name in folders + names:
            os.utime(os.path.join(parent, name), (LONG_AGO, LONG_AGO))


def without(*names):
    """Files that are not the same in any two runs are left out."""
    return lambda name, content: None if any(re.search(each, name) for each in names) else content


def replacing(pattern, replacement=b"N"):
    return lambda name, content: re.sub(pattern, replacement, content)


class Small(UntracedTest):
    """Programs that run other programs, and change what these are given."""

    def test_timeout(self):
        self.check_same(shell("""timeout 0.2 sleep 20; echo $?
            timeout -s KILL 0.2 sleep 20; echo $?
            timeout --foreground 20 sh -c 'exit 3'; echo $?
            timeout --preserve-status 0.2 sh -c 'trap "exit 7" TERM; while :; do :; done'; echo $?
            timeout -k 0.1 0.1 sh -c 'trap "" TERM; sleep 20'; echo $?
            timeout 20 sh -c 'kill -SEGV $$'; echo $?"""))

    def test_nohup(self):
        self.check_same(shell("""nohup sh -c 'kill -HUP $$; echo alive; echo error >&2'; echo $?
            nohup /nonexistent; echo $?
            nohup sh -c 'sleep 0.1; echo later' & kill -HUP $$; echo not here""", status=-1))

    def test_setsid(self):
        session = "cut -d' ' -f6 /proc/$$/stat"
        self.check_same(shell(f"""setsid -w sh -c 'exit 5'; echo $?
            setsid sh -c 'test $$ = $({session}) && echo leader'
            sh -c 'test $$ = $({session}) || echo member'
            setsid -w sh -c 'exec 2>&1; (echo > /dev/tty) || echo no terminal' | grep -o 'no terminal'
            setsid -f sh -c 'sleep 0.2; echo daemon; echo done > daemon.txt'"""))

    def test_xargs(self):
        self.check_same(shell("""seq 200 | xargs -P 4 -n 5 sh -c 'echo $# $4' | sort
            seq 20 | xargs -P 4 -I{} sh -c 'exit $(({} % 2))'; echo $?
            seq 5 | xargs -n 1 sh -c 'test $0 != 3 || exit 255; echo $0'; echo $?
            seq 5 | xargs -n 1 sh -c 'test $0 != 3 || kill -TERM $$; echo $0'; echo $?"""))

    def test_find(self):
        self.check_same(shell("""find tree -type f -exec wc -c {} + | sort
            find tree -name '*5.txt' -exec sh -c 'echo "$1"' sh {} ';' | sort
            find tree -name '1*.txt' -execdir cp {} {}.copy ';' -printf '%m %s %f\\n' | sort
            find tree -name '2*.txt' -delete; find tree | sort""", tree))

    def test_tar(self):
        self.check_same(shell("""tar -c --sort=name -J -f tree.tar.xz tree && mkdir out && tar -x -f tree.tar.xz -C out
            diff -r tree out/tree && echo same
            tar -c --sort=name tree | xz -T2 -1 | xz -dc | tar -t
            tar -c --sort=name --to-stdout tree | gzip -n | gunzip | sha1sum
            tar -x -f tree.tar.xz --to-command='wc -c' tree/1 | sort""", tree))

    def test_flock(self):
        self.check_same(shell("""echo 0 > count
            for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                flock lock sh -c 'read n < count; echo $((n + 1)) > count' &
            done
            wait; cat count
            flock -x lock sh -c 'flock -n -E 9 lock true; echo $?; flock -w 0.1 lock true; echo $?'
            (flock -s 9; flock -s -n lock echo shared) 9> lock"""))

    def test_env(self):
        self.check_same(shell("""env -i A=1 B='2 3' /usr/bin/env; env -i /bin/sh -c 'export -p'
            env -u HOME sh -c 'echo ${HOME-none}'; env -C / pwd; env -S'printf %s.%s a b'
            env --ignore-signal=TERM sh -c 'kill $$; echo alive'; env --block-signal=USR1 --list-signal-handling true
            env /nonexistent; echo $?; env /; echo $?; env | sort"""))

    def test_priorities(self):
        self.check_same(shell("""nice; nice -n 5 nice; nice -n 5 nice -n 3 nice; ionice -c 2 -n 6 ionice; ionice -c 3 ionice
            chrt -b 0 sh -c 'chrt -p $$ | cut -d: -f2'; taskset -c 0 nproc; taskset -c 0 sh -c 'taskset -p $$ | cut -d: -f2'
            (ulimit -n 50; ulimit -n); prlimit --nofile=33 sh -c 'ulimit -n'; (umask 027; mkdir folder; : > folder/file)
            nice -n 1 sh -c 'exit 3'; echo $?"""))

    def test_stdbuf(self):
        self.check_same(shell("""stdbuf -oL sed s/a/b/ tree/1/1.txt tree/1/8.txt | head -3
            yes | stdbuf -o0 head -2; seq 3 | stdbuf -i0 sh -c 'read a; echo $a; cat'; stdbuf -oL sh -c 'exit 4'; echo $?""",
                              tree))

    def test_script(self):
        self.check_same(shell("""script -q -e -c 'tty | tr -d 0-9; stty size; echo text; exit 4' typescript; echo $?
            script -q -e -c 'kill -TERM $$' /dev/null; echo $?""",
                              normal=replacing(rb'(?m)^Script (started|done).*$|\[COMMAND.*\]')))

    def test_unshare(self):
        self.check_same(shell("""unshare --user --map-root-user id -u; unshare --user id -u
            unshare --user --map-root-user --pid --fork --mount-proc sh -c 'echo $$; sh -c "echo \\$PPID"; ls -d /proc/[0-9]*'
            unshare --user --map-root-user --net sh -c 'ip -br link | cut -c 1-3'
            unshare --user --map-root-user --uts sh -c 'hostname inside; hostname'
            unshare --user --map-root-user --mount sh -c 'mkdir m; mount -t tmpfs none m && : > m/file; ls m'; ls m""",
                              normal=replacing(rb"[^\n]*/proc/\d\d+")))

    def test_the_first_of_a_namespace_dies(self):
        """And all that are in it."""
        self.check_same(shell("""unshare --user --map-root-user --pid --fork --kill-child sh -c 'sleep 20 & exit 3'; echo $?"""),
                        (NOTIFY, PTRACE, NOBODY))

    def test_setpriv(self):
        self.check_same(shell("""setpriv --reuid=65534 --regid=65534 --clear-groups sh -c 'id; cat /etc/shadow; : > file'
            setpriv --reuid=1 --regid=1 --init-groups sh -c 'id; kill -0 $PPID'; runuser -u nobody -- id
            su -s /bin/sh nobody -c 'id -un; exit 5'; echo $?; setpriv --inh-caps=-all --bounding-set=-all id -u
            setpriv --reuid=65534 --regid=65534 --clear-groups unshare --user --map-root-user id -u
            chroot / id -u"""), (NOTIFY, PTRACE, FULL))

    def test_without_results(self):
        """The engine notify-only mends no interrupted calls: programs without handlers of signals."""
        for command in (["find", "tree", "-name", "*5.txt", "-exec", "wc", "-c", "{}", ";"],
                        ["xargs", "-a", "tree/1/1.txt", "-P", "3", "-n", "2", "printf", "%s%s\\n"],
                        ["tar", "-c", "--sort=name", "-J", "-f", "tree.tar.xz", "tree"], ["setsid", "-w", "id", "-u"],
                        ["env", "-i", "A=1", "stdbuf", "-oL", "env"], ["nice", "-n", "3", "ionice", "-c", "3", "nice"]):
            self.check_same(Program(command, tree), (NOTIFY_ONLY, NOBODY_NOTIFY_ONLY))

    def test_gdb(self):
        """A debugger is a ptracer, which leaves the engine that is none."""
        command = ["/usr/bin/gdb", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "catch syscall write",
                   "-ex", "run",
                   "-ex", "info signals SIGINT", "-ex", "continue", "-ex", "continue", "--args", payload("hello")]
        self.check_same(Program(command, normal=replacing(rb"process \d+|0x[0-9a-f]+")), (NOTIFY,))


class Work(UntracedTest):
    """Tools that work for a while with many processes and files."""

    def sources(self, folder):
        """Files of this project to compile, where everybody can read them."""
        for name in ("decode", "emit", "include"):
            shutil.copytree(os.path.join(SOURCE, name), os.path.join(folder, name),
                            ignore=shutil.ignore_patterns("constants", "form_json.c"))
        for generated in glob.glob("*.inc", root_dir=GENERATED):
            shutil.copy(os.path.join(GENERATED, generated), os.path.join(folder, "include"))
        sources = sorted(name for name in os.listdir(os.path.join(folder, "emit")) if name.endswith(".c"))
        objects = " ".join(name[:-2] + ".o" for name in (sources if THOROUGH else sources[:4]))
        write(folder, "Makefile", f"all.a: {objects}\n\trm -f $@\n\tar -rcD $@ $^\n"
              "%.o: emit/%.c\n\t@gcc -std=gnu17 -D_GNU_SOURCE -O1 -g -I. -Iinclude -Iemit -c -o $@ $< && echo $@\n")

    def test_make(self):
        program = shell("""set -e; make -j4 all.a > made; sort made; rm made
            set +e; make -q all.a; echo $?; make -j4 missing; echo $?""", self.sources)
        self.check_same(program, WAYS if THOROUGH else (NOTIFY, PTRACE, NOBODY))

    def pipelines(self, name, count):
        script = f"""i=0
            while [ $i -lt {count} ]; do
                echo $i | tr 0-9 a-j | cat
                x=$(echo $i | cat) || echo failed; test "$x" = $i || echo wrong $x
                i=$((i + 2))
            done; wait"""
        return shell(script, name=name)

    def test_pipelines(self):
        """10 000 of them when thorough, in several runs, for a document of all would be too long to read at once."""
        for name in ("/bin/dash", "/bin/bash"):
            self.check_same(self.pipelines(name, 500 if THOROUGH else 100), WAYS, rounds=20 if THOROUGH else 1)

    def test_git(self):
        script = """exec 2>&1; export GIT_CONFIG_NOSYSTEM=1
            git init -q -b main one; cd one; cp -r ../tree .
            git add . && git commit -q -m first
            git checkout -q -b other; for f in tree/1/*; do sed -i s/line/other/ $f; done; git commit -q -a -m other
            git checkout -q main; for f in tree/2/*; do echo more >> $f; git commit -q -a -m "$f"; done
            git merge -q other -m merged; git diff --stat main~1
            cd ..; git clone -q --no-local one two; cd two
            git -c gc.auto=0 checkout -q -b third origin/other; git gc -q; git fsck --full --strict; git log --stat --graph
            git checkout main; echo conflict > tree/1/1.txt; git commit -q -a -m conflict; git checkout -q third
            echo other > tree/1/1.txt; git commit -q -a -m theirs; git merge main; echo $?; git merge --abort; git stash list
            git rebase -q -X theirs main; git status --short; git rev-parse HEAD 'HEAD^{tree}'; git for-each-ref
            git archive HEAD | tar -t | sort; git repack -a -d -q; git count-objects -v | grep -v size; git fsck"""
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
               for key, value in (("NAME", "A U Thor"), ("EMAIL", "author@example.org"), ("DATE", "1000000000 +0000"))}
        # The index has times and numbers of files in it; a pack by several threads is not the same twice.
        program = shell(script, tree, environment=who, normal=without(r"\.git/index$", r"objects/pack/"))
        self.check_same(program)

    def test_sqlite(self):
        turns = 300 if THOROUGH else 20
        script = f"""sqlite3 db 'pragma journal_mode=wal; create table t(who, n, text); create index i on t(n)'
            work() {{
                {{ echo .timeout 60000; i=0
                while [ $i -lt {turns} ]; do
                    echo "begin immediate; insert into t values('$1', $i, hex(zeroblob(500))); update t set n=n+1 where who='$1'; commit;"
                    i=$((i + 1)); test $((i % 8)) != 0 || echo 'pragma wal_checkpoint;'
                done; }} | sqlite3 db > out.$1; echo $1 $?
            }}
            work a > a.txt & work b > b.txt & wait; cat a.txt b.txt
            sqlite3 db 'select who, count(*), sum(n) from t group by who; pragma integrity_check'
            sqlite3 db .dump | sort | sha1sum; sqlite3 db 'insert into missing values(1)'; echo $?; rm -f db-*"""
        self.check_same(shell(script, normal=without(r"^db", r"^out\.")), WAYS)


if __name__ == "__main__":
    unittest.main()
