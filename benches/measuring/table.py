"""The figures of all rounds, and the table that shows them."""

import datetime
import os
import statistics

# Each figure with its description and unit. HOSTS is the number of servers, MANY ten times as many.
ROWS = [
    ("follows", "MANY follows by unknown actors, each fetched over TLS, 32 at once", "/s"),
    ("follows, p99", "the same: 99 % within", "ms"),
    ("follows, processor", "the same: processor time of the node for each", "µs"),
    ("first contact", "one article to HOSTS shared inboxes, first contact, from publishing to the last delivery", "/s"),
    ("warm", "20 articles to HOSTS shared inboxes, with open connections, from publishing to the last delivery", "/s"),
    ("warm, between", "the same, between the first and the last delivery", "/s"),
    ("warm, processor", "the same: processor time of the node for each delivery", "µs"),
    ("replies", "MANY replies with different texts from HOSTS known actors, 32 at once", "/s"),
    ("replies, p99", "the same: 99 % within", "ms"),
    ("replies, processor", "the same: processor time of the node for each", "µs"),
    ("replies, steady", "the same at 80 % of that rate: 99 % within", "ms"),
    ("likes", "MANY likes by known actors, 32 at once", "/s"),
    ("likes, p99", "the same: 99 % within", "ms"),
    ("likes, processor", "the same: processor time of the node for each", "µs"),
    ("page", "the page of an article with 100 comments, over plain HTTP, 64 connections", "/s"),
    ("page, p99", "the same: 99 % within", "ms"),
    ("page, rendered", "the same page rendered again each time, one after the other: half of them within", "ms"),
    ("page, rendered, p99", "the same: 99 % within", "ms"),
    ("accept", "an `Accept` to a new follower during a fan-out of MANY", "ms"),
    (
        "faults",
        "one article with 30 % of the servers dead, 5 % hanging and 5 % failing: time until the others have it, "
        "relative to a healthy fediverse",
        "times",
    ),
    ("one node", "MANY such replies to one node on one core, 32 at once", "/s"),
    ("two nodes", "MANY such replies to each of two nodes on a core each, 32 at once for each", "/s"),
    ("memory, idle", "resident memory, idle", "MB"),
    ("memory, follows", "the same after the follows", "MB"),
    ("memory, fan-outs", "the same during the fan-outs, at most", "MB"),
]


class Figures:
    """Values by column and figure, in the order of the rounds."""

    def __init__(self):
        self.values = {}
        self.complaints = []
        self.deliveries = {"received": 0, "http2": 0, "verified": 0}

    def record(self, column, name, value):
        self.values.setdefault(column, {}).setdefault(name, []).append(value)

    def count_deliveries(self, stats):
        """Adds up what the inboxes counted during fan-outs."""
        for name in self.deliveries:
            self.deliveries[name] += stats[name]

    def checks(self):
        """What was checked on the way, and what was wrong."""
        lines = [f"- {complaint}" for complaint in self.complaints]
        if not lines:
            lines = ["No signature was bad, no delivery came twice, and no activity was refused."]
        received, http2, verified = self.deliveries.values()
        lines.append(f"{received:,} deliveries of articles, {http2:,} over HTTP/2, {verified:,} signatures verified.")
        return "\n".join(lines)

    def add_ratios(self, column, numerator, denominator):
        """Adds a column of ratios, each of two values of the same round."""
        for name, above in self.values.get(numerator, {}).items():
            for one, other in zip(above, self.values.get(denominator, {}).get(name, [])):
                self.record(column, name, one / other)

    def table(self, columns, ratios, hosts):
        """The table in Markdown. `ratios` are the columns whose values have no unit."""
        lines = [f"| measurement | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
        for name, description, unit in ROWS:
            cells = []
            for column in columns:
                values = self.values.get(column, {}).get(name, [])
                cells.append(cell(values, "" if column in ratios else unit))
            if any(cells):
                description = description.replace("HOSTS", f"{hosts:,}").replace("MANY", f"{hosts * 10:,}")
                lines.append(f"| {description} | {' | '.join(cells)} |")
        return "\n".join(lines)


def cell(values, unit):
    """The median, and the least and greatest value. A ratio has no unit."""
    if not values:
        return ""
    median, least, most = statistics.median(values), min(values), max(values)
    digits = 2 if unit in ("", "times") else 1 if median < 20 else 0
    unit = f" {unit}" if unit and unit != "/s" else unit
    spread = f" ({least:,.{digits}f} to {most:,.{digits}f})" if len(values) > 1 else ""
    return f"{median:,.{digits}f}{unit}{spread}"


def machine():
    """The date, the processor, its cores, and the memory."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    processor = lines[0] if lines else os.uname().machine
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return [str(datetime.date.today()), processor, f"{cores} cores", f"{memory:.0f} GiB of memory"]
