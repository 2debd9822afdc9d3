"""The fediverse as a process, and its control port (see benches/fediverse/)."""

import json
import subprocess
import time
import urllib.error
import urllib.request

CONTROL = "http://127.0.0.1:7700"
# The actors of each host, of whom the first ten follow.
USERS = 11


class Fediverse:
    """A fediverse of its own for one pass, so that none remembers the keys or connections of another."""

    def __init__(self, program, authority, hosts, target, verify_every=10):
        self.hosts = hosts
        self.target = target
        self.command = [program, "serve", "--authority", authority, "--hosts", str(hosts), "--users", str(USERS)]
        self.command += ["--dns", "127.0.0.53:53", "--verify-every", str(verify_every)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        # It generates its actors' keys when it runs for the first time.
        until(self.responds, 180)
        self.ask("/target", self.target)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def responds(self):
        if self.process.poll() is not None:
            raise SystemExit("the fediverse ended")
        try:
            return self.stats() is not None
        except OSError:
            return False

    def ask(self, path, data=None):
        """POSTs JSON to the control port."""
        body = b"" if data is None else json.dumps(data).encode()
        request = urllib.request.Request(CONTROL + path, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=600) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.read().decode()}") from error
        return json.loads(text) if text.strip() else None

    def stats(self):
        """What the inboxes counted since the last reset."""
        with urllib.request.urlopen(CONTROL + "/stats", timeout=60) as response:
            return json.load(response)

    def reset(self):
        self.ask("/reset")

    def act(self, kind, **more):
        """Makes actors act, 32 at once."""
        return self.ask("/act", {"target": self.target, "act": kind, "concurrency": 32} | more)

    def read(self, path, connections=1, seconds=3, **headers):
        """Asks the target for a page, again and again."""
        order = {"connect": self.target["connect"], "host": self.target["host"], "path": path, "headers": headers}
        return self.ask("/read", {**order, "connections": connections, "seconds": seconds})

    def faults(self, **faults):
        self.ask("/faults", faults)


def until(is_done, seconds, pause=0.02):
    """Waits until something is done."""
    end = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > end:
            raise SystemExit(f"not done after {seconds} s")
        time.sleep(pause)
