"""Measures a node on both databases, and the bare loop beside it. benches/run.sh starts this in a network of its own."""

import argparse
import os
import signal
import sys
import tempfile
import time

from databases import Postgres, Sqlite
from fediverse import Fediverse
from measurements import GROUPS, Pass, run_bare_loop
from node import TARGET, Site
from table import Figures, machine

BARE_LOOP = "bare loop"


def groups(text):
    names = text.split(",")
    for name in names:
        if name not in GROUPS:
            raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(GROUPS)}")
    return names


def read_options():
    parser = argparse.ArgumentParser(prog="benches/run.sh")
    parser.add_argument("--program", required=True)
    parser.add_argument("--compare")
    parser.add_argument("--fediverse", required=True)
    parser.add_argument("--bare-loop")
    parser.add_argument("--authority", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--postgres", metavar="SOCKET FOLDER")
    parser.add_argument("--no-sqlite", action="store_true")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--hosts", type=int, required=True)
    parser.add_argument("--only", type=groups, default=GROUPS)
    return parser.parse_args()


def main():
    options = read_options()
    # A terminated run ends the node and the fediverse too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    databases = [] if options.no_sqlite else [Sqlite()]
    if options.postgres:
        databases.append(Postgres(options.postgres))
    versions = [f"PostgreSQL {database.version}" for database in databases if database.name == "PostgreSQL"]
    figures = Figures()
    columns, ratios = [], []
    passes = []
    for database in databases:
        columns.append(database.name)
        passes.append((database.name, options.program, database))
        if options.compare:
            compared = f"{database.name}, compared"
            passes.append((compared, options.compare, database))
            ratios.append(f"{database.name}, ratio")
            columns += [compared, ratios[-1]]
    if options.bare_loop and {"first-contact", "warm"} & set(options.only):
        columns.append(BARE_LOOP)
        passes.append((BARE_LOOP, None, None))
    try:
        for number in range(options.rounds):
            # Every other round runs backwards, so that a machine that becomes slower favours none.
            for column, program, database in passes if number % 2 == 0 else reversed(passes):
                run(options, figures, number, column, program, database)
    finally:
        for ratio in ratios:
            name = ratio.removesuffix(", ratio")
            figures.add_ratios(ratio, name, f"{name}, compared")
        print(", ".join([*machine(), *versions]))
        print(f"{describe(options.rounds)} Node and fediverse share the processors.\n")
        print(f"{figures.table(columns, ratios, options.hosts)}\n\n{figures.checks()}")


def run(options, figures, number, column, program, database):
    begin = time.monotonic()
    if database is None:
        run_bare_loop(options.bare_loop, options.fediverse, options.authority, options.hosts, figures, column)
    else:
        with (
            tempfile.TemporaryDirectory(dir=options.folder) as folder,
            database.empty(folder) as url,
            Fediverse(options.fediverse, options.authority, options.hosts, TARGET) as fediverse,
        ):
            site = Site(program, url, options.authority, folder)
            Pass(site, fediverse, options.only, figures, column).run()
    print(f"round {number + 1}, {column}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)


def describe(rounds):
    return "One round." if rounds == 1 else f"Median of {rounds} rounds (least to greatest)."


if __name__ == "__main__":
    main()
