"""The node that is measured: its process, its commands, and what they cost."""

import json
import os
import subprocess
import time
import urllib.request

from fediverse import until

HOST = "blog.test"
LISTEN = "127.0.0.1:8081"
BLOG = f"http://{HOST}/users/blog"
TARGET = {"host": HOST, "inbox": "/inbox", "connect": LISTEN}
# A second node of the same publication.
SECOND_LISTEN = "127.0.0.1:8082"
SECOND_TARGET = {**TARGET, "connect": SECOND_LISTEN}
TICKS = os.sysconf("SC_CLK_TCK")


class Site:
    """A publication on a database of its own, which a program serves."""

    def __init__(self, program, database_url, authority, folder):
        self.program = program
        self.folder = folder
        self.published = 0
        self.takes_many_nodes = database_url.startswith("postgres")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PAMPHLET_")}
        self.environment.update(
            PAMPHLET_PUBLIC_URL=f"http://{HOST}",
            PAMPHLET_LISTEN=LISTEN,
            PAMPHLET_DEVELOPMENT="1",
            PAMPHLET_EXTRA_ROOTS=os.path.join(authority, "ca.pem"),
            PAMPHLET_DATA=folder,
            PAMPHLET_DATABASE_URL=database_url,
            RUST_LOG="error",
        )

    def command(self, *arguments):
        """Runs a command of the node, and returns its JSON."""
        command = [self.program, *arguments, "--json"]
        done = subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)

    def publish(self, count):
        """Publishes articles with one command. Returns the last one."""
        files = []
        for _ in range(count):
            self.published += 1
            files.append(os.path.join(self.folder, f"article-{self.published}.md"))
            with open(files[-1], "w", encoding="utf-8") as file:
                file.write(f"---\ntitle: Article {self.published}\n---\n" + "Some words about it. " * 100)
        articles = self.command("post", "publish", *files)
        return articles[-1] if isinstance(articles, list) else articles

    def wait_until_idle(self):
        """Waits until no delivery is left."""

        def is_idle():
            status = self.command("deliveries", "status")
            return status["waiting"] == 0 and status["in_flight"] == 0

        until(is_idle, 180, pause=0.5)


class Node:
    """A running `pamphlet serve`, on one core if it is given."""

    def __init__(self, site, listen=LISTEN, core=None):
        self.site = site
        self.listen = listen
        self.core = core

    def __enter__(self):
        arguments = [self.site.program, "serve"]
        if self.core is not None:
            arguments = ["taskset", "--cpu-list", str(self.core), *arguments]
        environment = {**self.site.environment, "PAMPHLET_LISTEN": self.listen}
        self.process = subprocess.Popen(arguments, env=environment, cwd=self.site.folder, stdout=subprocess.DEVNULL)
        until(self.responds, 60)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def responds(self):
        if self.process.poll() is not None:
            raise SystemExit("the node ended")
        try:
            with urllib.request.urlopen(f"http://{self.listen}/healthz", timeout=5):
                return True
        except OSError:
            return False

    def memory(self, which="VmRSS"):
        """Megabytes of resident memory: now, or the most (`VmHWM`) since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            kibibytes = next(line for line in status if line.startswith(which)).split()[1]
        return int(kibibytes) * 1024 / 1e6

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def processor_seconds(self):
        """Processor time that the node has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            user, system = stat.read().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS


class ProcessorTime:
    """The node's processor time for something that is done `count` times, in microseconds each."""

    def __init__(self, node, count):
        self.node = node
        self.count = count

    def __enter__(self):
        self.before = self.node.processor_seconds()
        return self

    def __exit__(self, *_):
        self.each = (self.node.processor_seconds() - self.before) / self.count * 1e6


def settle():
    """A pause in which what was just done comes to rest."""
    time.sleep(1)
