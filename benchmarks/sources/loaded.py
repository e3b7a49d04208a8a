"""Fail unless a DuckDB file holds one ingest by this source, of so many records and calls, with nothing rejected.

Usage: loaded.py DATABASE SOURCE RECORDS CALLS
"""

from __future__ import annotations

import sys

import duckdb


def main(database: str, source: str, records: str, calls: str) -> None:
    with duckdb.connect(database, read_only=True) as connection:
        found = connection.sql("SELECT source, read, loaded, rejected FROM ingests").fetchall()
    if found != [(source, int(records), int(calls), 0)]:
        sys.exit(f"source, records, calls, rejected: {found}, but should be {source}, {records}, {calls}, 0")


if __name__ == "__main__":
    main(*sys.argv[1:])
