#!/usr/bin/env python3
"""Measures a node against `fedibench world` (see docs/performance.md, which says how to start that).

    benches/fediverse.py target/release/pamphlet sqlite:///tmp/bench.sqlite ca/ca.pem
    benches/fediverse.py target/release/pamphlet postgres://... ca/ca.pem

Needs a new database, and a world that was started anew. Prints one line for each figure.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM, DATABASE, ROOTS = sys.argv[1:4]
HOSTS = int(sys.argv[4]) if len(sys.argv) > 4 else 1000
CONTROL = "http://localhost:7700"
TARGET = {"inbox": "http://blog.test/inbox", "connect": "127.0.0.1:8081"}
BLOG = "http://blog.test/users/blog"
FOLDER = tempfile.TemporaryDirectory()
ENVIRONMENT = dict(
    os.environ,
    PAMPHLET_PUBLIC_URL="http://blog.test",
    PAMPHLET_LISTEN=TARGET["connect"],
    PAMPHLET_DEVELOPMENT="1",
    PAMPHLET_EXTRA_ROOTS=os.path.abspath(ROOTS),
    PAMPHLET_DATA=FOLDER.name,
    PAMPHLET_DATABASE_URL=DATABASE,
    RUST_LOG="error",
)


def ask(path, data=None, method="POST"):
    body = b"" if data is None else json.dumps(data).encode()
    request = urllib.request.Request(
        CONTROL + path,
        data=None if method == "GET" else body,
        headers={"content-type": "application/json"},
        method=method,
    )
    answer = urllib.request.urlopen(request, timeout=600).read()
    return json.loads(answer) if answer.strip() else None


def stats():
    return ask("/stats", method="GET")


def act(kind, **more):
    return ask("/act", {"target": TARGET, "act": kind, "concurrency": 32, **more})


def command(*arguments):
    shown = subprocess.check_output([PROGRAM, *arguments, "--json"], env=ENVIRONMENT)
    return json.loads(shown)


class Node:
    def __enter__(self):
        self.process = subprocess.Popen([PROGRAM, "serve"], env=ENVIRONMENT, stdout=subprocess.DEVNULL)
        until(lambda: answers(f"http://{TARGET['connect']}/healthz"), 20)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def memory(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            kilobytes = next(line for line in status if line.startswith("VmRSS")).split()[1]
        return f"{int(kilobytes) // 1000} MB"


def answers(url):
    try:
        urllib.request.urlopen(url)
        return True
    except OSError:
        return False


def until(is_done, seconds):
    end = time.time() + seconds
    while not is_done():
        if time.time() > end:
            sys.exit(f"not done after {seconds} s")
        time.sleep(0.02)


def publish(count):
    """Publishes articles; the last one."""
    for _ in range(count):
        path = os.path.join(FOLDER.name, "article.md")
        with open(path, "w") as file:
            file.write(f"---\ntitle: Article of {time.time_ns()}\n---\n" + "Some words about it. " * 100)
        article = command("post", "publish", path)
    return article


def fan_out(name, node, articles, expected, limit=120):
    """From the first publish to the last delivery."""
    ask("/reset")
    begun = time.time()
    article = publish(articles)
    until(lambda: stats()["received"] >= expected, limit)
    seconds = time.time() - begun
    time.sleep(1)
    seen = stats()
    print(
        f"{name}: {expected / seconds:.0f}/s from publish to the last, {seen['per_second']:.0f}/s between the first "
        f"and the last; repeated {seen['repeated']}, bad {len(seen['bad'])}, memory {node.memory()}",
        flush=True,
    )
    return article, seen["seconds"]


def is_idle():
    status = command("deliveries", "status")
    return status["waiting"] == 0 and status["in_flight"] == 0


def main():
    ask("/target", TARGET)
    ask("/faults", {})
    with Node() as node:
        done = act("follow", object=BLOG, actors=HOSTS * 9)
        print(f"follows by unknown actors: {done['per_second']:.0f}/s, {done['answers']}, memory {node.memory()}", flush=True)
        until(is_idle, 120)
    with Node() as node:
        fan_out("fan-out, first contact", node, 1, HOSTS)
        article, _ = fan_out("20 articles, warm", node, 20, HOSTS * 20)
        for count in (1000, 10000):
            done = act("reply", object=article["id"], author=BLOG, actors=200, count=count)
            print(
                f"{count} replies by known actors: {done['per_second']:.0f}/s, 99 % within {done['ms_p99']:.1f} ms, {done['answers']}",
                flush=True,
            )
    with Node() as node:
        _, healthy = fan_out("fan-out in a healthy world", node, 1, HOSTS)
    down = [f"h{number}" for number in range(HOSTS * 3 // 10)]
    hanging = [f"h{number}" for number in range(HOSTS * 3 // 10, HOSTS * 35 // 100)]
    ask("/faults", {"down": down, "hang": hanging, "fail_every": 20})
    with Node() as node:
        # Every twentieth of the others fails at first, and gets it with a later try.
        living = int((HOSTS - len(down) - len(hanging)) * 0.94)
        _, troubled = fan_out("with 30 % dead, 5 % hanging, 5 % failing", node, 1, living)
        print(f"the living had theirs after {troubled / healthy:.2f} times the time of a healthy world", flush=True)
    ask("/faults", {})
    command("deliveries", "drop", "--all")
    command("deliveries", "retry")
    with Node() as node:
        ask("/reset")
        publish(10)
        begun = time.time()
        act("follow", object=BLOG, actors=1, **{"from": HOSTS * 9})
        until(lambda: stats()["by_type"].get("Accept", 0) >= 1, 30)
        print(f"an Accept during a fan-out of {HOSTS * 10}: {(time.time() - begun) * 1000:.0f} ms", flush=True)


main()
