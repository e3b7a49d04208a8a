"""Write the calls of the DuckDB file DATABASE as the CSV file TARGET, every column in table order, for psql's \\copy.

Usage: ready_csv.py DATABASE TARGET
"""

from __future__ import annotations

import sys

import duckdb


def main(database: str, target: str) -> None:
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute(f"COPY (SELECT * FROM metrics) TO '{target}' (FORMAT csv, HEADER false)")


if __name__ == "__main__":
    main(*sys.argv[1:])
