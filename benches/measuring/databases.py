"""Empty databases for the node."""

import contextlib
import os
import subprocess


class Sqlite:
    """Databases in files."""

    name = "SQLite"

    @contextlib.contextmanager
    def empty(self, folder):
        """The URL of an empty database."""
        yield f"sqlite://{os.path.join(folder, 'bench.sqlite')}"


class Postgres:
    """Databases of a cluster that listens on a Unix socket."""

    name = "PostgreSQL"

    def __init__(self, socket_folder):
        self.socket_folder = socket_folder
        self.version = self.sql("SHOW server_version").split()[0]

    def sql(self, statement):
        command = ["psql", "--host", self.socket_folder, "--username=pamphlet", "--dbname=postgres", "--no-psqlrc"]
        command += ["--quiet", "--tuples-only", "--no-align", "--command", statement]
        return subprocess.check_output(command, text=True)

    @contextlib.contextmanager
    def empty(self, _folder):
        """The URL of an empty database."""
        self.sql("CREATE DATABASE bench")
        # Each pass begins with a clean write-ahead log.
        self.sql("CHECKPOINT")
        try:
            yield f"postgres:///bench?host={self.socket_folder}&user=pamphlet"
        finally:
            self.sql("DROP DATABASE bench WITH (FORCE)")
