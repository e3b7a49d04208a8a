"""The yardstick: the statements of a view, one after the other on one connection that is open already.

The database's URL is the argument, addresses come as a JSON list on stdin; the seconds of each go to stdout, and
those of processor time of all together.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import sqlalchemy as sa

from logreport.call import Call
from logreport.plugins import load_plugins
from logreport.report import ingest_lines, make_report
from logreport.serve.address import asked
from logreport.store import Store, open_store


class Clock:
    """Adds up what is spent while the database has a statement: what is made of its answers is not counted."""

    def __init__(self, store: Store) -> None:
        self.seconds = self.cpu = 0.0
        sa.event.listen(store.database.engine, "before_cursor_execute", self._begin)
        sa.event.listen(store.database.engine, "after_cursor_execute", self._end)

    def _begin(self, *_: Any) -> None:
        self._began = time.perf_counter(), time.process_time()

    def _end(self, *_: Any) -> None:
        self.seconds += time.perf_counter() - self._began[0]
        self.cpu += time.process_time() - self._began[1]


def main() -> None:
    metrics = [(offer.value, offer.plugin) for offer in load_plugins().metrics]
    seconds, cpu = [], 0.0
    with open_store(sys.argv[1], read_only=True) as store:
        clock = Clock(store)
        newest = store.rows(sa.select(sa.func.max(Call.created).label("newest")))[0]["newest"]
        for search in json.load(sys.stdin):
            window, bucket = asked(search).window("UTC", newest)
            clock.seconds = clock.cpu = 0.0
            store.version()
            make_report(store, metrics, window, title="", bucket=bucket, ingests=ingest_lines(store, window))
            seconds.append(clock.seconds)
            cpu += clock.cpu
        # A server's own work is not in the time of this process.
        ours = store.database.engine.dialect.name == "duckdb"
    json.dump({"seconds": seconds, "cpu": cpu if ours else float("nan")}, sys.stdout)


if __name__ == "__main__":
    main()
