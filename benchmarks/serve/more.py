"""Somebody ingests while others look."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass

import calls
import duckdb
import timing
from bench import Bench
from timing import Broken

#: How many calls come.
MORE = 1000


@dataclass(frozen=True)
class Ingested:
    """Seconds it took, when it ended (seconds since 1970), and why it failed, if it did."""

    seconds: float
    ended: float
    problem: str = ""


class More:
    """A few calls more, ingested once into a copy of the DuckDB file that nobody looks at."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._log = bench.folder / "more.jsonl"
        calls.write(self._log, MORE, "lines")
        copy = bench.folder / "copy.duckdb"
        shutil.copy(bench.database.removeprefix("duckdb:///"), copy)
        self.quiet = self._ingest(f"duckdb:///{copy}")
        with duckdb.connect(str(copy), read_only=True) as connection:
            #: How many calls are there afterwards.
            (self.calls,) = connection.execute("SELECT count(*) FROM metrics").fetchone() or (0,)

    def meanwhile(self, after: float) -> Ingested:
        """Ingest them into the file itself, so many seconds from now."""
        time.sleep(after)
        began = time.monotonic()
        try:
            return self._ingest(self._bench.database)
        except Broken as problem:
            return Ingested(time.monotonic() - began, time.time(), " ".join(f"{problem}".split("\n")[2:]))

    def _ingest(self, database: str) -> Ingested:
        run = timing.run(self._bench.ours("ingest", self._log, "--database", database))
        return Ingested(run.seconds, time.time())
