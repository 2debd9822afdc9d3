"""What is measured: one pass over an empty database, and one of the bare loop."""

import os
import re
import subprocess
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from fediverse import Fediverse, until
from node import BLOG, SECOND_LISTEN, SECOND_TARGET, TARGET, Node, ProcessorTime, settle

GROUPS = ["follows", "first-contact", "warm", "replies", "likes", "pages", "accept", "faults", "memory", "nodes"]
IDLE_CONNECTIONS = 64
# Of a host's actors, ten follow.
FOLLOWERS_OF_HOST = 10
ARTICLES = 20


class Pass:
    """All measurements with one program on one database, which go to a column of the figures."""

    def __init__(self, site, fediverse, groups, figures, column):
        self.site = site
        self.fediverse = fediverse
        self.groups = groups
        self.figures = figures
        self.column = column
        self.hosts = fediverse.hosts

    def run(self):
        with Node(self.site) as node:
            self.measure_follows(node)
        with Node(self.site) as node:
            healthy = self.measure_fan_outs(node)
            if "replies" in self.groups:
                self.measure_replies(node)
            if "likes" in self.groups:
                self.measure_likes(node)
            if "pages" in self.groups:
                self.measure_pages()
            if "accept" in self.groups:
                self.measure_accept()
        if "faults" in self.groups:
            with Node(self.site):
                self.measure_faults(healthy)
        if "nodes" in self.groups and self.site.takes_many_nodes:
            self.measure_nodes()

    def note(self, group, name, value):
        if group in self.groups:
            self.figures.record(self.column, name, value)

    def complain(self, text):
        self.figures.complaints.append(f"{self.column}: {text}")

    def act(self, kind, **more):
        """Makes actors act, and complains if the node refused anything."""
        outcome = self.fediverse.act(kind, **more)
        if set(outcome["statuses"]) - {"200", "202"}:
            self.complain(f"{kind}: {outcome['statuses']} {outcome['refusal']}")
        return outcome

    def measure_follows(self, node):
        """Every other measurement needs the followers, so this one is never left out."""
        settle()
        self.note("memory", "memory, idle", node.memory())
        count = self.hosts * FOLLOWERS_OF_HOST
        with ProcessorTime(node, count) as cost:
            outcome = self.act("follow", object=BLOG, actors=count)
        self.note("follows", "follows", outcome["per_second"])
        self.note("follows", "follows, p99", outcome["ms_p99"])
        self.note("follows", "follows, processor", cost.each)
        self.note("memory", "memory, follows", node.memory())
        self.site.wait_until_idle()

    def measure_fan_outs(self, node):
        """Returns how long the first contact took, from the first to the last delivery."""
        node.forget_peak()
        (self.article, rate, seconds, _) = self.fan_out(node, 1)
        self.note("first-contact", "first contact", rate)
        if {"warm", "memory", "replies", "likes"} & set(self.groups):
            settle()
            (self.article, rate, between, each) = self.fan_out(node, ARTICLES)
            self.note("warm", "warm", rate)
            self.note("warm", "warm, between", self.hosts * ARTICLES / between)
            self.note("warm", "warm, processor", each)
            self.note("memory", "memory, fan-outs", node.memory("VmHWM"))
        return seconds

    def fan_out(self, node, articles):
        """Publishes articles. Returns the last of them, the rate from publishing to the last delivery, the seconds
        between the first and the last delivery, and the node's processor time for each."""
        expected = self.hosts * articles
        self.fediverse.reset()
        begin = time.time()
        with ProcessorTime(node, expected) as cost:
            article = self.site.publish(articles)
            until(lambda: self.fediverse.stats()["received"] >= expected, 300, pause=0.05)
        settle()
        stats = self.fediverse.stats()
        if stats["bad"] or stats["repeated"] or stats["received"] != expected:
            self.complain(f"fan-out: {stats['received']} of {expected}, repeated {stats['repeated']}, bad {stats['bad']}")
        self.figures.count_deliveries(stats)
        arrivals = stats["by_type"]["Create"]
        return article, expected / (arrivals["last"] - begin), arrivals["last"] - arrivals["first"], cost.each

    def measure_replies(self, node):
        count = self.hosts * 10
        order = {"object": self.article["id"], "author": BLOG, "actors": self.hosts, "count": count}
        with ProcessorTime(node, count) as cost:
            outcome = self.act("reply", **order)
        self.note("replies", "replies", outcome["per_second"])
        self.note("replies", "replies, p99", outcome["ms_p99"])
        self.note("replies", "replies, processor", cost.each)
        settle()
        # Open loop: as many connections as one address may have, so that no request waits for another's.
        order.update(count=count // 2, per_second=outcome["per_second"] * 0.8, concurrency=200)
        self.note("replies", "replies, steady", self.act("reply", **order)["ms_p99"])

    def measure_likes(self, node):
        count = self.hosts * FOLLOWERS_OF_HOST
        with ProcessorTime(node, count) as cost:
            outcome = self.act("like", object=self.article["id"], actors=count)
        self.note("likes", "likes", outcome["per_second"])
        self.note("likes", "likes, p99", outcome["ms_p99"])
        self.note("likes", "likes, processor", cost.each)

    def measure_pages(self):
        self.fediverse.reset()
        article = self.site.publish(1)
        until(lambda: self.fediverse.stats()["received"] >= self.hosts, 60, pause=0.2)
        self.act("reply", object=article["id"], author=BLOG, actors=min(100, self.hosts), count=100)
        settle()
        path = urllib.parse.urlsplit(article["url"]).path
        outcome = self.fediverse.read(path, connections=IDLE_CONNECTIONS, accept="text/html")
        self.note("pages", "page", outcome["per_second"])
        self.note("pages", "page, p99", outcome["ms_p99"])
        outcome = self.fediverse.read(path, accept="text/html", **{"cache-control": "no-cache"})
        self.note("pages", "page, rendered", outcome["ms_p50"])
        self.note("pages", "page, rendered, p99", outcome["ms_p99"])

    def measure_accept(self):
        self.fediverse.reset()
        self.site.publish(10)
        new = self.hosts * FOLLOWERS_OF_HOST
        began = self.act("follow", object=BLOG, actors=1, **{"from": new})["began"]
        until(lambda: "Accept" in self.fediverse.stats()["by_type"], 60, pause=0.05)
        accepted = self.fediverse.stats()["by_type"]["Accept"]["first"]
        self.note("accept", "accept", (accepted - began) * 1000)
        until(lambda: self.fediverse.stats()["received"] > self.hosts * 10, 120, pause=0.2)

    def measure_nodes(self):
        """Replies to one node on the first core, then to two nodes on a core each."""
        cores = sorted(os.sched_getaffinity(0))
        if len(cores) < 2:
            return
        with Node(self.site, core=cores[0]):
            # It learns the actors' keys.
            self.reply_to([TARGET])
            self.note("nodes", "one node", self.reply_to([TARGET]))
            with Node(self.site, SECOND_LISTEN, cores[1]):
                # It learns the actors' keys, as the first has.
                self.reply_to([SECOND_TARGET])
                self.note("nodes", "two nodes", self.reply_to([TARGET, SECOND_TARGET]))

    def reply_to(self, targets):
        """Sends replies to all targets at the same time, 32 at once to each. Returns how many they took in a second."""
        order = {"object": self.article["id"], "author": BLOG, "actors": self.hosts, "count": self.hosts * 10}
        with ThreadPoolExecutor() as threads:
            outcomes = threads.map(lambda target: self.act("reply", target=target, **order), targets)
            return sum(outcome["per_second"] for outcome in outcomes)

    def measure_faults(self, healthy):
        """How much longer the healthy servers wait when others are in trouble."""
        down, hang = self.hosts * 30 // 100, self.hosts * 5 // 100
        self.fediverse.faults(down=down, hang=hang, fail_every=20)
        self.fediverse.reset()
        self.site.publish(1)
        # Every twentieth of the others fails at first, and gets it with a later try.
        expected = int((self.hosts - down - hang) * 0.94)
        until(lambda: self.fediverse.stats()["received"] >= expected, 300, pause=0.01)
        arrivals = self.fediverse.stats()["by_type"]["Create"]
        self.note("faults", "faults", (arrivals["last"] - arrivals["first"]) / healthy)


def run_bare_loop(program, fediverse_program, authority, hosts, figures, column):
    """The node's HTTP client and signer in a loop, without a database."""
    environment = dict(os.environ, PAMPHLET_EXTRA_ROOTS=os.path.join(authority, "ca.pem"))
    # The loop's key is nobody's.
    with Fediverse(fediverse_program, authority, hosts, TARGET, verify_every=0):
        output = subprocess.check_output([program, str(hosts)], env=environment, text=True)
    for name, rate in re.findall(r"^(.*): (\d+) deliveries/s", output, re.MULTILINE):
        figures.record(column, name, float(rate))
