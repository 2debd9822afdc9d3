"""Starts the Python peer: `PORT=0 .venv/bin/python main.py`.

Prints `READY http://localhost:PORT` once it listens, and ends when its standard input is closed,
so that a killed test run leaves no server behind.
"""

import asyncio
import os
import socket
import sys
import threading

from aiohttp import web

# bovine opens a cache file in the working directory when it is imported: let that be the venv.
os.chdir(sys.prefix)

from control import add_control  # noqa: E402
from peer import Peer  # noqa: E402


async def serve() -> None:
    # Bound before anything else, since the actor's ids contain the port.
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    origin = f"http://localhost:{listener.getsockname()[1]}"

    app = web.Application(client_max_size=4 * 1024 * 1024)
    peer = await Peer.start(origin, app)
    add_control(peer, app)

    runner = web.AppRunner(app)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    print(f"READY {origin}", flush=True)
    await asyncio.Event().wait()


def end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_stdin, daemon=True).start()
    asyncio.run(serve())
