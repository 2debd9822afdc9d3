"""A mail server that delivers nothing: `PORT=0 .venv/bin/python smtp.py`.

Prints `READY 127.0.0.1:PORT` once it listens, then each mail that it took as one line of JSON. Whose
address begins with `nobody` is refused for ever (550), with `later` at the first try (451). Ends when
its standard input is closed.
"""

import asyncio
import json
import os
import socket
import sys
import threading
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP


class Handler:
    """Answers recipients by their address, and prints what it takes."""

    def __init__(self) -> None:
        self.put_off: set[str] = set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address.startswith("nobody"):
            return f"550 5.1.1 <{address}> is no user here"
        if address.startswith("later") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "headers": [[name.lower(), str(value)] for name, value in message.items()],
            "text": message.get_content(),
            "raw": envelope.content.decode("utf-8", "replace"),
        }
        print(json.dumps(mail), flush=True)
        return "250 OK: taken"


async def serve() -> None:
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT", "0"))))
    handler = Handler()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, hostname="mail.test"), sock=listener
    )
    print(f"READY 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    await server.serve_forever()


def end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=end_with_stdin, daemon=True).start()
    asyncio.run(serve())
