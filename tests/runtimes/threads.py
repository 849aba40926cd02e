# SPDX-License-Identifier: MIT
"""Threads with sqlite3 on one file, and threads that start programs, while a timer interrupts. Prints what came out,
which is the same in every run. Usage: threads.py DATABASE TRANSACTIONS CHILDREN"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

THREADS = 6
ticks = 0


def tick(_number, _frame):
    global ticks
    ticks += 1


def in_threads(work):
    """What `work` returned in each thread."""
    results = [None] * THREADS

    def run(number):
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def transactions(path, wanted):
    def work(number):
        database = sqlite3.connect(path, timeout=60, isolation_level=None)
        for turn in range(wanted):
            database.execute("begin immediate")
            database.execute("update account set balance = balance - ? where id = ?", (turn, number))
            database.execute("update account set balance = balance + ? where id = ?", (turn, (number + 1) % THREADS))
            database.execute("insert into history values (?, ?)", (number, turn))
            database.execute("commit")
        database.close()
        return wanted

    return in_threads(work)


def children(wanted):
    def work(number):
        right = 0
        for turn in range(wanted):
            # With and without vfork, and with a program that is not there.
            session = bool(turn % 2)
            done = subprocess.run(["/bin/sh", "-c", f"cat; exit {turn % 5}"], input=b"%d-%d" % (number, turn),
                                  capture_output=True, start_new_session=session, check=False)
            right += (done.stdout, done.stderr, done.returncode) == (b"%d-%d" % (number, turn), b"", turn % 5)
            try:
                subprocess.run(["/nonexistent"], check=False)
            except FileNotFoundError:
                right += 1
        return right

    return in_threads(work)


def main():
    path, wanted, programs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    database.execute("create table account (id integer primary key, balance integer)")
    database.execute("create table history (thread integer, turn integer)")
    database.executemany("insert into account values (?, 1000)", [(number,) for number in range(THREADS)])
    database.commit()
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
    print("transactions", transactions(path, wanted))
    print("children", children(programs))
    before = time.monotonic()
    time.sleep(0.05)
    slept = time.monotonic() - before
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("slept", slept >= 0.05, "ticks", ticks > 10)
    print("accounts", database.execute("select id, balance from account order by id").fetchall())
    print("history", database.execute("select thread, count(*), sum(turn) from history group by thread").fetchall())
    print("integrity", database.execute("pragma integrity_check").fetchone())
    database.close()
    print("files", sorted(os.listdir(os.path.dirname(path))))


main()
