# SPDX-License-Identifier: MIT
"""multiprocessing in its three ways of starting: pools, queues, pipes, shared memory, locks, and children that are
killed. Prints what came out, which is the same in every run. Usage: processes.py [METHOD...]"""

import multiprocessing
import multiprocessing.shared_memory
import os
import signal
import sys
import time


def square(number):
    return number * number


def fail(number):
    raise ValueError(f"no {number}")


def count(value, times):
    for _ in range(times):
        with value.get_lock():
            value.value += 1


def relay(source, target):
    for item in iter(source.get, None):
        target.put(item * 2)
    target.put(None)


def fill(name, start, length):
    memory = multiprocessing.shared_memory.SharedMemory(name=name)
    for index in range(start, start + length):
        memory.buf[index] = index % 251
    memory.close()


def answer(connection):
    while True:
        try:
            connection.send_bytes(connection.recv_bytes()[::-1])
        except EOFError:
            break


def wait_for_death(started):
    started.set()
    time.sleep(600)


def pools(context):
    with context.Pool(4) as pool:
        print("pool", sum(pool.imap_unordered(square, range(200), 3)))
        try:
            pool.apply(fail, (7,))
        except ValueError as error:
            print("pool raises", error)
        pool.close()
        pool.join()


def counters(context):
    value = context.Value("i", 0)
    workers = [context.Process(target=count, args=(value, 100)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("counter", value.value, [worker.exitcode for worker in workers])


def queues(context):
    source, target = context.Queue(3), context.Queue()
    worker = context.Process(target=relay, args=(source, target))
    worker.start()
    for number in range(200):
        source.put(number)
    source.put(None)
    print("queue", sum(iter(target.get, None)))
    worker.join()


def shared(context):
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
    workers = [context.Process(target=fill, args=(memory.name, start, 1024)) for start in range(0, 4096, 1024)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("shared memory", bytes(memory.buf[:4096]) == bytes(index % 251 for index in range(4096)))
    memory.close()
    memory.unlink()


def pipes(context):
    ours, theirs = context.Pipe()
    worker = context.Process(target=answer, args=(theirs,))
    worker.start()
    theirs.close()
    right = 0
    for size in (1, 100, 65536, 1_000_000):
        data = os.urandom(size)
        ours.send_bytes(data)
        right += ours.recv_bytes() == data[::-1]
    ours.close()
    worker.join()
    print("pipe", right, worker.exitcode)


def deaths(context):
    codes = []
    for number in (signal.SIGTERM, signal.SIGKILL):
        started = context.Event()
        worker = context.Process(target=wait_for_death, args=(started,))
        worker.start()
        started.wait()
        os.kill(worker.pid, number)
        worker.join()
        codes.append(worker.exitcode)
    print("killed", codes)


def main():
    for method in sys.argv[1:] or multiprocessing.get_all_start_methods():
        print("==", method)
        context = multiprocessing.get_context(method)
        for part in (pools, counters, queues, shared, deaths):
            part(context)
            sys.stdout.flush()
        if method != "fork":  # there the child has a copy of our end, and never meets its end of file
            pipes(context)


if __name__ == "__main__":
    main()
