# SPDX-License-Identifier: MIT
"""asyncio: subprocesses, sockets, signals and timers at the same time. Prints what came out, which is the same in
every run. Usage: events.py CHILDREN CLIENTS SIGNALS TIMERS"""

import asyncio
import os
import signal
import sys


async def children(wanted):
    limit = asyncio.Semaphore(8)

    async def child(number):
        async with limit:
            program = f'read line; echo "$line"{number}; echo e{number} >&2; exit {number % 7}'
            process = await asyncio.create_subprocess_exec(
                "/bin/sh", "-c", program, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE)
            output, errors = await process.communicate(b"in\n")
            return (output, errors, process.returncode) == (b"in%d\n" % number, b"e%d\n" % number, number % 7)

    return "children", sum(await asyncio.gather(*map(child, range(wanted))))


async def killed():
    process = await asyncio.create_subprocess_exec("/bin/sleep", "600")
    try:
        await asyncio.wait_for(process.wait(), 0.05)
    except asyncio.TimeoutError:
        process.terminate()
    return "killed", await process.wait()


async def sockets(wanted):
    async def serve(reader, writer):
        while data := await reader.read(4096):
            writer.write(data.swapcase())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def client(number):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        data = (b"abcdefgh%d" % number) * 2000
        writer.write(data)
        writer.write_eof()
        got = await reader.read()
        writer.close()
        await writer.wait_closed()
        return got == data.swapcase()

    result = sum(await asyncio.gather(*map(client, range(wanted))))
    server.close()
    await server.wait_closed()
    return "clients", result


async def signals(wanted):
    seen = 0
    arrived = asyncio.Event()

    def handler():
        nonlocal seen
        seen += 1
        arrived.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, handler)
    for _ in range(wanted):
        arrived.clear()
        os.kill(os.getpid(), signal.SIGUSR1)
        await arrived.wait()
    loop.remove_signal_handler(signal.SIGUSR1)
    return "signals", seen


async def timers(wanted):
    loop = asyncio.get_running_loop()
    early = 0
    left = wanted
    done = asyncio.Event()

    def fire(due):
        nonlocal early, left
        # As asyncio itself does it: a timer is due within the clock's resolution.
        early += loop.time() + 0.002 < due
        left -= 1
        if not left:
            done.set()

    for number in range(wanted):
        due = loop.time() + number * 7919 % 300 / 1000
        loop.call_at(due, fire, due)
    await done.wait()
    return "timers", wanted - left, "early", early


async def main():
    amounts = [int(word) for word in sys.argv[1:]]
    parts = await asyncio.gather(children(amounts[0]), sockets(amounts[1]), signals(amounts[2]), timers(amounts[3]),
                                 killed())
    for part in parts:
        print(*part)


asyncio.run(main())
